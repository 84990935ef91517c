/* policy/rules: every file of the YAML test suite is refused as a policy, with
 * a place, and one wrapped in a policy changes nothing it should not. */

#include "tests/support/test.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "policy/rules/rules.h"

static struct fault f;

static void
assert_no_policy(const char *name, const void *p, size_t len)
{
	struct policy *got = NULL;
	unsigned line, column;

	f = (struct fault){ 0 };
	if (policy_read(&got, "policy.yaml", p, len, &f) == 0)
		fail_msg("%s is a policy", name);
	assert_int_equal(f.kind, FAULT_INPUT);
	if (sscanf(f.text, "policy.yaml:%u:%u: ", &line, &column) != 2)
		fail_msg("%s: no place in: %s", name, f.text);
}

/* The document as the value of a key of a good policy. */
static void
assert_no_value(const char *name, const struct bytes *doc)
{
	struct bytes text;

	bytes_init(&text, 1 << 20);
	assert_ok(bytes_add_text(&text,
	    "handoff: 1\nproject: p\npurpose: q\nrecipients: [a]\n"
	    "retention: 1d\nagreements: []\nfiles: [{match: a, exclude: b}]\n"
	    "labels:\n  ",
	    &f));
	for (size_t i = 0; i < doc->len; i++) {
		assert_ok(bytes_add(&text, doc->at + i, 1, &f));
		if (doc->at[i] == '\n')
			assert_ok(bytes_add_text(&text, "  ", &f));
	}
	assert_no_policy(name, text.at, text.len);
	bytes_free(&text);
}

static void
no_file_of_the_yaml_suite_is_a_policy(void **state)
{
	char folder[4096];
	struct dirent *e;
	unsigned count = 0;
	DIR *d;

	(void)state;
	test_shared(folder, sizeof(folder), "vectors/input/yaml");
	assert_non_null(d = opendir(folder));
	while ((e = readdir(d)) != NULL) {
		char path[4608];
		struct bytes text;

		if (strstr(e->d_name, ".yaml") == NULL)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		test_read_file(path, &text);
		assert_no_policy(e->d_name, text.at, text.len);
		assert_no_value(e->d_name, &text);
		bytes_free(&text);
		count++;
	}
	(void)closedir(d);
	print_message("%u files\n", count);
	assert_true(count >= 400);
}

/* Inputs that make a careless reader slow or deep. */
static void
hostile_yaml_is_refused_quickly(void **state)
{
	static const struct {
		const char *begin;
		const char *again;
		size_t times;
	} rows[] = {
		{ "", "[", 200000 },
		{ "", "{a: ", 200000 },
		{ "", "- ", 200000 },
		{ "", "? ", 200000 },
		{ "a: &a [x]\n", "b: [*a, *a]\n", 50000 },
		{ "handoff: 1\nrecipients:\n", "  - a\n", 150000 },
		{ "", "a: 1\n", 200000 },
		{ "\"", "x", 1000000 },
		{ "# ", "x", 1000000 },
		{ "|\n", " x\n", 300000 },
		{ "handoff: 1\nproject: ", "[a, ", 1000 },
		{ "", "\xef\xbb\xbf", 300000 },
		{ "", "---\n", 200000 },
		{ "", "!!str ", 100000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct policy *p = NULL;
		struct bytes text;

		bytes_init(&text, 2 << 20);
		assert_ok(bytes_add_text(&text, rows[i].begin, &f));
		for (size_t k = 0; k < rows[i].times; k++)
			assert_ok(bytes_add_text(&text, rows[i].again, &f));
		assert_refused(
		    policy_read(&p, "p", text.at, text.len, &f), FAULT_INPUT);
		bytes_free(&text);
	}
}

static void
a_policy_of_more_than_a_megabyte_is_refused(void **state)
{
	static char text[POLICY_BYTES_MAX + 1];
	struct policy *p = NULL;

	(void)state;
	memset(text, '\n', sizeof(text));
	assert_refused(
	    policy_read(&p, "p", text, sizeof(text), &f), FAULT_INPUT);
	assert_string_equal(f.text, "p: more than 1048576 bytes");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_file_of_the_yaml_suite_is_a_policy),
		cmocka_unit_test(hostile_yaml_is_refused_quickly),
		cmocka_unit_test(a_policy_of_more_than_a_megabyte_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
