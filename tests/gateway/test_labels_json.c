/* gateway/labels: JSON tokens, judged by the minefield; exact decimals. */

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/labels/json_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "tests/support/test.h"

/* Every token of a document, to its end. */
static int
drain(struct labels_json *j, struct fault *f)
{
	do {
		if (labels_json_next(j, f) != 0)
			return -1;
		if (j->token == TOKEN_NAN)
			return fault_set(f, FAULT_INPUT, "not a number");
	} while (j->token != TOKEN_END);
	return 0;
}

static int
drain_bytes(const void *p, size_t len, struct fault *f)
{
	struct labels_json j;
	int rc;

	labels_json_of(&j, p, len, 1);
	rc = drain(&j, f);
	labels_json_free(&j);
	return rc;
}

static int
drain_fd(const void *p, size_t len, struct fault *f)
{
	int fd = memfd_create("json", MFD_CLOEXEC), rc = -1;
	struct labels_json j;

	if (file_write(fd, p, len, f) == 0 && lseek(fd, 0, SEEK_SET) == 0 &&
	    labels_json_open(&j, fd, 1 << 20, f) == 0) {
		rc = drain(&j, f);
		labels_json_free(&j);
	}
	file_close(&fd);
	return rc;
}

static void
the_minefield_is_answered_rightly(void **state)
{
	char path[512], name[512];
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	(void)state;
	test_shared(path, sizeof(path), "vectors/input/json/test_parsing");
	(void)snprintf(name, sizeof(name), "%s", path);
	if ((d = opendir(name)) == NULL)
		fail_msg("%s: cannot read", name);
	while ((e = readdir(d)) != NULL) {
		char file[2048];
		struct fault f = { 0 };
		struct bytes b;
		int rc;

		if (strlen(e->d_name) < 3 || e->d_name[1] != '_')
			continue;
		(void)snprintf(file, sizeof(file), "%s/%s", name, e->d_name);
		test_read_file(file, &b);
		rc = drain_bytes(b.at, b.len, &f);
		if (e->d_name[0] == 'y' && rc != 0)
			fail_msg("%s: refused: %s", e->d_name, f.text);
		if (e->d_name[0] == 'n' && rc == 0)
			fail_msg("%s: accepted", e->d_name);
		bytes_free(&b);
		n++;
	}
	(void)closedir(d);
	assert_true(n >= 318);
}

static void
good_documents_are_read(void **state)
{
	static const char *const good[] = { "0", "-0.5e+10", "\"\"", "[]", "{}",
		" [1 , \"a\" ,null,true,false] ", "{\"a\":{\"b\":[{}]}}",
		"\"\\u00e9\\ud83d\\ude00\\n\"", "[[[[]]],1]\r\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct fault f = { 0 };

		assert_ok(drain_bytes(good[i], strlen(good[i]), &f));
		assert_ok(drain_fd(good[i], strlen(good[i]), &f));
	}
}

static void
malformed_documents_are_refused(void **state)
{
	static const char *const bad[] = { "", " ", "[", "]", "{", "}", "[1",
		"[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
		"{,}", "{1:2}", "{a:1}", "[1}", "{\"a\":1]", "01", "-", "+1",
		".5", "1.", "1e", "1e+", "0x1", "tru", "nul", "True", "'a'",
		"\"", "\"\\", "\"\\x\"", "\"\\u12g4\"", "\"\\ud800\"",
		"\"\\ud800\\u0041\"", "\"\\udc00\"", "\"a\nb\"", "\"\x80\"",
		"\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "1 2", "[] []", "{}x",
		"[1],", ":", ",", "{\"a\":1:2}", "\xef\xbb\xbf[]" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fault f = { 0 };

		if (drain_bytes(bad[i], strlen(bad[i]), &f) == 0)
			fail_msg("accepted: %s", bad[i]);
		assert_int_equal(f.kind, FAULT_INPUT);
	}
}

static void
a_byte_order_mark_may_begin_a_file_only(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_ok(drain_fd("\xef\xbb\xbf[]", 5, &f));
	assert_refused(
	    drain_fd("\xef\xbb\xbf\xef\xbb\xbf[]", 8, &f), FAULT_INPUT);
	assert_refused(drain_fd("\xef\xbb[]", 4, &f), FAULT_INPUT);
}

static void
nesting_has_an_end(void **state)
{
	char deep[200];
	struct fault f = { 0 };

	(void)state;
	memset(deep, '[', 64);
	memset(deep + 64, ']', 64);
	assert_ok(drain_bytes(deep, 128, &f));
	memset(deep, '[', 65);
	memset(deep + 65, ']', 65);
	assert_refused(drain_bytes(deep, 130, &f), FAULT_INPUT);
}

static void
tokens_may_lie_across_reads_and_long_text_is_passed_over(void **state)
{
	size_t len = 3 * 65536 + 7;
	char *text = mem_new(len);
	struct labels_json j;
	struct fault f = { 0 };
	int fd = memfd_create("json", MFD_CLOEXEC);

	(void)state;
	memset(text, 'x', len);
	text[0] = '[';
	text[1] = '"';
	memcpy(text + len - 6, "\",true", 6);
	assert_ok(file_write(fd, text, len, &f));
	assert_ok(file_write(fd, "]", 1, &f));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_ok(labels_json_open(&j, fd, 1 << 20, &f));
	assert_ok(labels_json_next(&j, &f));
	assert_ok(labels_json_next(&j, &f));
	assert_int_equal(j.token, TOKEN_TEXT);
	assert_true(j.cut);
	assert_refused(labels_json_text(&j, 1 << 20, true, &f), FAULT_INPUT);
	assert_ok(labels_json_next(&j, &f));
	assert_int_equal(j.token, TOKEN_TRUE);
	labels_json_free(&j);

	/* and a file may not be larger than was said */
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_ok(labels_json_open(&j, fd, 1000, &f));
	assert_refused(drain(&j, &f), FAULT_INPUT);
	labels_json_free(&j);
	file_close(&fd);
	mem_free(text);
}

static void
decimals_are_kept_to_the_last_digit(void **state)
{
	static const struct {
		const char *text;
		int64_t value;
		bool rounded;
	} cases[] = {
		{ "0", 0, false },
		{ "-0", 0, false },
		{ "1", 1000000000, false },
		{ "-1.5", -1500000000, false },
		{ "0.000000001", 1, false },
		{ "0.0000000005", 1, true },
		{ "0.0000000004", 0, true },
		{ "-0.0000000005", -1, true },
		{ "473.07000000000005", 473070000000, true },
		{ "1e3", 1000000000000, false },
		{ "1.25E-2", 12500000, false },
		{ "12345e-3", 12345000000, false },
		{ "0.1e1", 1000000000, false },
		{ "1e-400", 0, true },
		{ "0e999999999999", 0, false },
		{ "1.10", 1100000000, false },
		{ "2147483647.999999999", 2147483647999999999, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool rounded = false;
		int64_t v = 7;

		if (!labels_decimal_read(
			&v, cases[i].text, strlen(cases[i].text), &rounded) ||
		    v != cases[i].value || rounded != cases[i].rounded)
			fail_msg("%s: %lld", cases[i].text, (long long)v);
	}
}

static void
decimals_out_of_range_are_refused(void **state)
{
	static const char *const bad[] = { "1e10", "4611686018.427387905",
		"99999999999999999999", "1e400", "1e999999999999", "-1e11" };
	bool rounded = false;
	int64_t v;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (labels_decimal_read(&v, bad[i], strlen(bad[i]), &rounded))
			fail_msg("accepted: %s", bad[i]);
}

static void
decimals_are_written_as_they_are_read(void **state)
{
	static const char *const same[] = { "0", "1", "-1", "0.5",
		"-0.000000001", "100", "4611686018.427387904", "12.34", "0.1" };
	char out[LABELS_DECIMAL_CHARS + 1];
	bool rounded = false;
	int64_t v;

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_true(labels_decimal_read(
		    &v, same[i], strlen(same[i]), &rounded));
		labels_decimal_write(out, v);
		assert_string_equal(out, same[i]);
	}
	labels_decimal_write(out, INT64_MIN);
	assert_string_equal(out, "-9223372036.854775808");
	assert_false(rounded);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_minefield_is_answered_rightly),
		cmocka_unit_test(good_documents_are_read),
		cmocka_unit_test(malformed_documents_are_refused),
		cmocka_unit_test(a_byte_order_mark_may_begin_a_file_only),
		cmocka_unit_test(nesting_has_an_end),
		cmocka_unit_test(
		    tokens_may_lie_across_reads_and_long_text_is_passed_over),
		cmocka_unit_test(decimals_are_kept_to_the_last_digit),
		cmocka_unit_test(decimals_out_of_range_are_refused),
		cmocka_unit_test(decimals_are_written_as_they_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
