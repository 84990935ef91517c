/* gateway/flow: what batches hold, merged by person. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/flow/holders_internal.h"
#include "keys/base/files.h"

#define N CATALOG_SUBJECT_BYTES

/* One batch: attributes by name ('!' in front of sensitive ones), and persons
 * "a0x" with attribute 0's value x. */
struct list {
	const char *attributes[3];
	const char *items[12]; /* person, attribute, value */
};

static void
put_list(struct bytes *out, const struct list *l)
{
	uint8_t run[N];
	struct fault f = { 0 };
	struct bytes b;
	uint16_t n = 0;

	bytes_init(&b, 65536);
	while (n < 3 && l->attributes[n] != NULL)
		n++;
	assert_ok(put_u16(&b, n, &f));
	for (uint16_t i = 0; i < n; i++) {
		bool sensitive = l->attributes[i][0] == '!';

		assert_ok(put_text(&b, l->attributes[i] + sensitive, &f));
		assert_ok(put_u8(&b, sensitive, &f));
		assert_ok(put_u8(&b, (uint8_t)i, &f));
	}
	for (size_t i = 0; i < 12 && l->items[i] != NULL;) {
		size_t to = i;

		while (to < 12 && l->items[to] != NULL &&
		       l->items[to][0] == l->items[i][0])
			to++;
		memset(run, l->items[i][0], N);
		assert_ok(bytes_add(&b, run, N, &f));
		assert_ok(put_u16(&b, (uint16_t)(to - i), &f));
		for (; i < to; i++) {
			memset(run, l->items[i][2], N);
			assert_ok(
			    put_u8(&b, (uint8_t)(l->items[i][1] - '0'), &f));
			assert_ok(bytes_add(&b, run, CATALOG_HELD_BYTES, &f));
		}
	}
	assert_ok(put_u64(out, b.len, &f));
	assert_ok(bytes_add(out, b.at, b.len, &f));
	bytes_free(&b);
}

static int
file_of(const struct list *lists, size_t n, size_t cut)
{
	int fd = memfd_create("held", MFD_CLOEXEC);
	struct fault f = { 0 };
	struct bytes out;

	bytes_init(&out, 1u << 20);
	for (size_t i = 0; i < n; i++)
		put_list(&out, &lists[i]);
	assert_true(fd != -1);
	assert_ok(file_write(fd, out.at, out.len - cut, &f));
	bytes_free(&out);
	return fd;
}

static const struct list two[] = {
	{ { "born", "!ill" }, { "a0x", "a1y", "c0z", "c1y" } },
	{ { "zip", "born" }, { "a0p", "b1q", "c0r", "c1s" } },
};

/* "a:born.0=x;" and so on; skip names what is passed over. */
static int
told(int fd, const char *skipped, char *out, size_t room, struct fault *f)
{
	bool skip[RISK_ATTRIBUTES_MAX] = { false }, more = true;
	struct held_names names = { NULL, 0 };
	struct risk_held item;
	const void *subject;
	struct holders h;
	size_t at = 0;
	int rc = holders_open(&h, fd, &names, f);

	out[0] = '\0';
	for (size_t i = 0; rc == 0 && i < names.n; i++)
		skip[i] = strcmp(names.at[i].name, skipped) == 0;
	holders_skip(&h, skip);
	while (rc == 0 && more) {
		rc = holders_next(&h, &subject, &item, &more, f);
		if (rc == 0 && more)
			at += (size_t)snprintf(out + at, room - at,
			    "%c:%s.%d=%c;", *(const char *)subject,
			    names.at[item.attribute].name, item.level,
			    *(const char *)item.value);
	}
	holders_free(&h);
	held_names_free(&names);
	return rc;
}

static void
batches_are_merged_by_person_and_columns_by_name(void **state)
{
	int fd = file_of(two, 2, 0);
	struct fault f = { 0 };
	char out[512];

	(void)state;
	assert_ok(told(fd, "", out, sizeof(out), &f));
	assert_string_equal(out,
	    "a:born.0=x;a:ill.1=y;a:zip.0=p;b:born.1=q;c:born.0=z;c:ill.1=y;"
	    "c:zip.0=r;c:born.1=s;");
	assert_ok(told(fd, "born", out, sizeof(out), &f));
	assert_string_equal(out, "a:ill.1=y;a:zip.0=p;c:ill.1=y;c:zip.0=r;");
	file_close(&fd);
}

static void
nothing_is_held_by_nobody(void **state)
{
	int fd = file_of(two, 0, 0);
	struct fault f = { 0 };
	char out[16];

	(void)state;
	assert_ok(told(fd, "", out, sizeof(out), &f));
	assert_string_equal(out, "");
	file_close(&fd);
}

static void
who_holds_a_column_and_whether_all_call_it_sensitive_is_known(void **state)
{
	static const struct list lists[] = { { { "!ill", "!pay" }, { "a0x" } },
		{ { "!ill", "pay" }, { "a0x" } } };
	struct held_names names = { NULL, 0 };
	struct fault f = { 0 };
	struct holders h;
	int fd = file_of(lists, 2, 0);

	(void)state;
	assert_ok(holders_open(&h, fd, &names, &f));
	assert_int_equal(names.n, 2);
	assert_string_equal(names.at[0].name, "ill");
	assert_true(names.at[0].sensitive);
	assert_int_equal(names.at[0].holders, 2);
	assert_false(names.at[1].sensitive);
	holders_free(&h);
	held_names_free(&names);
	file_close(&fd);
}

static void
what_was_cut_is_refused(void **state)
{
	struct fault f = { 0 };
	char out[512];

	(void)state;
	for (size_t cut = 1; cut < 60; cut++) {
		int fd = file_of(two, 2, cut);

		assert_int_equal(told(fd, "", out, sizeof(out), &f), -1);
		fault_clear(&f);
		file_close(&fd);
	}
}

/* More persons than a buffer has room for. */
static void
a_long_list_is_read_piece_by_piece(void **state)
{
	int fd = memfd_create("held", MFD_CLOEXEC);
	bool skip[RISK_ATTRIBUTES_MAX] = { false }, more = true;
	struct held_names names = { NULL, 0 };
	struct fault f = { 0 };
	struct risk_held item;
	const void *subject;
	struct holders h;
	struct bytes b, all;
	uint8_t who[N] = { 0 };
	size_t n = 0;

	(void)state;
	bytes_init(&b, 1u << 24);
	bytes_init(&all, 1u << 24);
	assert_ok(put_u16(&b, 1, &f));
	assert_ok(put_text(&b, "x", &f));
	assert_ok(put_u16(&b, 0, &f)); /* two bytes of 0 */
	for (unsigned i = 0; i < 20000; i++) {
		who[0] = (uint8_t)(i >> 8);
		who[1] = (uint8_t)i;
		assert_ok(bytes_add(&b, who, N, &f));
		assert_ok(put_u16(&b, 1, &f));
		assert_ok(put_u8(&b, 0, &f));
		assert_ok(bytes_add(&b, who, CATALOG_HELD_BYTES, &f));
	}
	assert_ok(put_u64(&all, b.len, &f));
	assert_ok(bytes_add(&all, b.at, b.len, &f));
	assert_ok(file_write(fd, all.at, all.len, &f));
	assert_ok(holders_open(&h, fd, &names, &f));
	holders_skip(&h, skip);
	for (;; n++) {
		assert_ok(holders_next(&h, &subject, &item, &more, &f));
		if (!more)
			break;
		assert_memory_equal(subject, item.value, 2);
		assert_int_equal(((const uint8_t *)subject)[0] << 8 |
				     ((const uint8_t *)subject)[1],
		    n);
	}
	assert_int_equal(n, 20000);
	holders_free(&h);
	held_names_free(&names);
	bytes_free(&b);
	bytes_free(&all);
	file_close(&fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    batches_are_merged_by_person_and_columns_by_name),
		cmocka_unit_test(nothing_is_held_by_nobody),
		cmocka_unit_test(
		    who_holds_a_column_and_whether_all_call_it_sensitive_is_known),
		cmocka_unit_test(what_was_cut_is_refused),
		cmocka_unit_test(a_long_list_is_read_piece_by_piece),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
