/* gateway/mask: every value of a file is shown once, at its field, as the text
 * that a transform would get; and what cannot be read is refused, not shown. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/mask/mask.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "policy/rules/rules.h"

static struct fault f;
static char seen[4096];

static int
see(void *arg, uint32_t field, const void *value, size_t len, struct fault *g)
{
	size_t at = strlen(seen);

	(void)arg;
	(void)g;
	(void)snprintf(seen + at, sizeof(seen) - at, "%u=%.*s|", field,
	    (int)len, (const char *)value);
	return 0;
}

static struct mask_values *
opened(enum file_type type, bool header)
{
	const struct mask_reading as = { .type = type,
		.header = header,
		.delimiter = type == TYPE_CSV ? ',' : 0 };
	const struct mask_viewer to = { .see = see };
	struct mask_values *v = NULL;

	seen[0] = '\0';
	assert_ok(mask_values_open(&v, &as, &to, &f));
	return v;
}

static int
show(struct mask_values *v, const char *text)
{
	struct mask_source src = { .path = "a", .size = strlen(text) };
	int rc;

	src.fd = memfd_create("a", 0);
	assert_true(src.fd >= 0);
	assert_ok(file_write(src.fd, text, strlen(text), &f));
	rc = mask_values_file(v, &src, &f);
	(void)close(src.fd);
	return rc;
}

/* "0 name 1 name ..." and what each holds. */
static void
assert_names(struct mask_values *v, const char *want)
{
	uint32_t *numbers = NULL;
	struct shape shape;
	char got[512] = "";

	shape_init(&shape, TYPE_JSON);
	assert_ok(mask_values_names(v, &shape, &numbers, &f));
	for (size_t i = 0; i < shape.nfields; i++)
		(void)snprintf(got + strlen(got), sizeof(got) - strlen(got),
		    "%u=%s:%u|", numbers[i], shape.fields[i].name,
		    shape.fields[i].holds);
	assert_string_equal(got, want);
	mem_free(numbers);
	shape_free(&shape);
}

static void
a_table_shows_its_fields_unquoted(void **state)
{
	struct mask_values *v = opened(TYPE_CSV, true);

	(void)state;
	assert_ok(show(v, "a,\"b \"\"c\"\"\"\n1,\"x\ny\"\n\n,\"\"\n"));
	assert_string_equal(seen, "0=1|1=x\ny|0=|1=|");
	assert_int_equal(mask_values_records(v), 2);
	/* the next file has the same columns, or is refused */
	assert_ok(show(v, "a,\"b \"\"c\"\"\"\n2,3\n"));
	assert_int_equal(mask_values_records(v), 3);
	assert_refused(show(v, "a,c\n4,5\n"), FAULT_POLICY);
	assert_null(strstr(seen, "=4|"));
	assert_names(v, "0=a:1|1=b \"c\":1|");
	mask_values_close(v);
	v = opened(TYPE_CSV, false);
	assert_ok(show(v, "1,2\n3,4"));
	assert_string_equal(seen, "0=1|1=2|0=3|1=4|");
	assert_names(v, "0=1:1|1=2:1|");
	mask_values_close(v);
}

static void
documents_show_their_values_at_places(void **state)
{
	struct mask_values *v = opened(TYPE_JSON, true);

	(void)state;
	assert_ok(show(v, "{\"a\":[{\"b\":\"x\\u0041\"},{\"b\":2.50}],"
			  "\"n\":null,\"e\":{}}"));
	assert_non_null(strstr(seen, "=xA|"));
	assert_non_null(strstr(seen, "=2.50|"));
	assert_null(strstr(seen, "null"));
	assert_ok(show(v, "{\"n\":true}"));
	assert_non_null(strstr(seen, "=true|"));
	assert_int_equal(mask_values_records(v), 2);
	mask_values_close(v);
}

static void
lines_are_records_and_a_bad_one_says_which(void **state)
{
	struct mask_values *v = opened(TYPE_JSONL, true);

	(void)state;
	assert_ok(show(v, "{\"a\":1}\n\n{\"a\":2}\n"));
	assert_int_equal(mask_values_records(v), 2);
	assert_refused(show(v, "{\"a\":3}\n{\"a\":4,\"a\":5}\n"), FAULT_INPUT);
	assert_non_null(strstr(f.text, "record 2"));
	assert_refused(show(v, "{\"_item\":3}\n"), FAULT_INPUT);
	mask_values_close(v);
	mask_values_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_shows_its_fields_unquoted),
		cmocka_unit_test(documents_show_their_values_at_places),
		cmocka_unit_test(lines_are_records_and_a_bad_one_says_which),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
