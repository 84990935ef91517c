/* keys/base/doc: strict reading, canonical writing (RFC 8785). */

#include "tests/support/test.h"

#include <string.h>

#include "keys/base/doc.h"
#include "keys/base/mem.h"

/* text -> document -> canonical form. */
static void
assert_canonical(const char *text, const char *want)
{
	struct fault f = { 0 };
	struct bytes out;
	json_t *doc;

	bytes_init(&out, 1 << 20);
	assert_ok(doc_read(&doc, text, strlen(text), &f));
	assert_ok(doc_write(&out, doc, &f));
	assert_ok(bytes_end_text(&out, &f));
	assert_string_equal((char *)out.at, want);
	json_decref(doc);
	bytes_free(&out);
}

static void
the_vectors_of_the_standard_come_out_as_they_say(void **state)
{
	static const char *const names[] = { "arrays", "french", "structures",
		"unicode", "values", "weird" };
	char folder[512], path[600];

	(void)state;
	test_shared(folder, sizeof(folder), "vectors/crypto/jcs");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct bytes in, want, out;
		struct fault f = { 0 };
		json_t *doc;

		(void)snprintf(
		    path, sizeof(path), "%s/input/%s.json", folder, names[i]);
		test_read_file(path, &in);
		(void)snprintf(
		    path, sizeof(path), "%s/output/%s.json", folder, names[i]);
		test_read_file(path, &want);
		bytes_init(&out, 1 << 20);
		assert_ok(doc_read(&doc, in.at, in.len, &f));
		assert_ok(doc_write(&out, doc, &f));
		if (out.len != want.len ||
		    memcmp(out.at, want.at, out.len) != 0)
			fail_msg("%s: %.*s", names[i], (int)out.len, out.at);
		json_decref(doc);
		bytes_free(&in);
		bytes_free(&want);
		bytes_free(&out);
	}
}

/* RFC 8785, appendix B: the bits of a double, and its text or ERROR. */
static void
numbers_are_written_as_javascript_writes_them(void **state)
{
	char path[512];
	struct bytes text;
	unsigned count = 0;

	(void)state;
	test_shared(path, sizeof(path), "vectors/crypto/jcs/jcs_numbers.tsv");
	test_read_file(path, &text);
	for (char *line = strtok((char *)text.at, "\n"); line != NULL;
	     line = strtok(NULL, "\n"), count++) {
		uint64_t bits = strtoull(line, NULL, 16);
		const char *want = strchr(line, '\t') + 1;
		json_t *real = json_real(0);
		struct fault f = { 0 };
		struct bytes out;
		double v;

		memcpy(&v, &bits, sizeof(v));
		bytes_init(&out, 64);
		if (strcmp(want, "ERROR") == 0) {
			assert_int_equal(json_real_set(real, v), -1);
			json_decref(real);
			continue;
		}
		assert_int_equal(json_real_set(real, v), 0);
		assert_ok(doc_write(&out, real, &f));
		assert_ok(bytes_end_text(&out, &f));
		assert_string_equal((char *)out.at, want);
		json_decref(real);
		bytes_free(&out);
	}
	assert_true(count >= 26);
	bytes_free(&text);
}

static void
members_are_sorted_and_text_is_escaped_as_little_as_can_be(void **state)
{
	(void)state;
	assert_canonical(" { \"b\" : 1 , \"a\" : [ ] } ", "{\"a\":[],\"b\":1}");
	assert_canonical("{\"aa\":1,\"a\":2,\"\":3,\"A\":4}",
	    "{\"\":3,\"A\":4,\"a\":2,\"aa\":1}");
	/* UTF-16 order: a surrogate pair before U+FB33. */
	assert_canonical("{\"\\ufb33\":1,\"\\ud83d\\ude02\":2}",
	    "{\"\xf0\x9f\x98\x82\":2,\"\xef\xac\xb3\":1}");
	assert_canonical(
	    "\"\\u0000\\u001f\\b\\t\\n\\f\\r\\u000b\\/\\u007f\\\"\"",
	    "\"\\u0000\\u001f\\b\\t\\n\\f\\r\\u000b/\x7f\\\"\"");
	assert_canonical("[true,false,null,0,-0,-0.0,1.0,1e2,-5]",
	    "[true,false,null,0,0,0,1,100,-5]");
	assert_canonical("9007199254740991", "9007199254740991");
}

static void
an_integer_that_doubles_cannot_hold_is_refused(void **state)
{
	static const char *const wrong[] = { "9007199254740992",
		"-9007199254740992", "9223372036854775807" };
	struct fault f = { 0 };
	struct bytes out;

	(void)state;
	bytes_init(&out, 64);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		json_t *doc;

		assert_ok(doc_read(&doc, wrong[i], strlen(wrong[i]), &f));
		assert_refused(doc_write(&out, doc, &f), FAULT_INPUT);
		json_decref(doc);
	}
	bytes_free(&out);
}

static void
what_is_not_one_document_is_refused(void **state)
{
	static const char *const wrong[] = { "", " ", "{", "{}{}", "{} x",
		"{\"a\":1,\"a\":2}", "{\"a\":1,}", "[1,]", "{a:1}", "'a'", "01",
		"1.", ".5", "+1", "NaN", "Infinity", "1e999",
		"18446744073709551616", "\"\t\"", "\"\\x\"", "\"\\ud800\"",
		"\"\xff\"", "\"\xed\xa0\x80\"", "\xef\xbb\xbf{}", "// c\n1",
		"nul", "{\"\\u0000\":1}" };
	struct fault f = { 0 };
	json_t *doc;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		f = (struct fault){ 0 };
		if (doc_read(&doc, wrong[i], strlen(wrong[i]), &f) == 0)
			fail_msg("%s is read", wrong[i]);
		assert_int_equal(f.kind, FAULT_INPUT);
	}
	/* The place is told, the value is not. */
	assert_refused(
	    doc_read(&doc, "{\"a\":\n secret}", 14, &f), FAULT_INPUT);
	assert_memory_equal(f.text, "line 2:", 7);
	assert_null(strstr(f.text, "secret"));
}

static void
nesting_has_a_limit(void **state)
{
	struct fault f = { 0 };
	char text[200];
	json_t *doc;

	(void)state;
	for (int depth = 31; depth <= 33; depth++) {
		memset(text, '[', (size_t)depth);
		memset(text + depth, ']', (size_t)depth);
		if (depth <= 32) {
			assert_ok(doc_read(&doc, text, (size_t)depth * 2, &f));
			json_decref(doc);
		} else {
			assert_refused(
			    doc_read(&doc, text, (size_t)depth * 2, &f),
			    FAULT_INPUT);
		}
	}
	/* Brackets in text are text. */
	(void)snprintf(text, sizeof(text), "\"\\\"%.60s\"",
	    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[");
	assert_ok(doc_read(&doc, text, strlen(text), &f));
	json_decref(doc);
}

static void
members_have_their_type_or_are_refused_by_name(void **state)
{
	static const char text[] =
	    "{\"t\":\"x\",\"n\":7,\"b\":true,\"o\":{},"
	    "\"l\":[],\"h\":\"00ff\",\"nul\":\"a\\u0000\","
	    "\"when\":\"2026-11-23T20:20:00Z\",\"r\":1.5}";
	struct fault f = { 0 };
	const char *t;
	json_t *doc, *v;
	uint64_t n;
	int64_t at;
	uint8_t h[2];
	bool b;

	(void)state;
	assert_ok(doc_read(&doc, text, sizeof(text) - 1, &f));
	assert_ok(doc_text(doc, "t", &t, &f));
	assert_string_equal(t, "x");
	assert_ok(doc_number(doc, "n", 7, &n, &f));
	assert_ok(doc_bool(doc, "b", &b, &f));
	assert_true(n == 7 && b);
	assert_ok(doc_object(doc, "o", &v, &f));
	assert_ok(doc_list(doc, "l", &v, &f));
	assert_ok(doc_hex(doc, "h", h, 2, &f));
	assert_memory_equal(h, "\x00\xff", 2);
	assert_ok(doc_time(doc, "when", &at, &f));
	assert_int_equal(at, 1795465200);

	assert_refused(doc_text(doc, "n", &t, &f), FAULT_INPUT);
	assert_string_equal(f.text, "member \"n\": needs text");
	assert_refused(doc_text(doc, "none", &t, &f), FAULT_INPUT);
	assert_refused(doc_text(doc, "nul", &t, &f), FAULT_INPUT);
	assert_refused(
	    doc_text(json_object_get(doc, "l"), "t", &t, &f), FAULT_INPUT);
	assert_refused(doc_number(doc, "n", 6, &n, &f), FAULT_INPUT);
	assert_refused(doc_number(doc, "r", 6, &n, &f), FAULT_INPUT);
	assert_refused(doc_number(doc, "t", 6, &n, &f), FAULT_INPUT);
	assert_refused(doc_bool(doc, "n", &b, &f), FAULT_INPUT);
	assert_refused(doc_object(doc, "l", &v, &f), FAULT_INPUT);
	assert_refused(doc_list(doc, "o", &v, &f), FAULT_INPUT);
	assert_refused(doc_hex(doc, "h", h, 1, &f), FAULT_INPUT);
	assert_refused(doc_hex(doc, "t", h, 1, &f), FAULT_INPUT);
	assert_refused(doc_time(doc, "t", &at, &f), FAULT_INPUT);
	json_decref(doc);
}

static void
only_the_members_named_may_be_there(void **state)
{
	struct fault f = { 0 };
	json_t *doc;

	(void)state;
	assert_ok(doc_read(&doc, "{\"kind\":1,\"at\":2}", 17, &f));
	assert_ok(doc_only(doc, "at kind more", &f));
	assert_refused(doc_only(doc, "at kin kindly", &f), FAULT_INPUT);
	assert_string_equal(f.text, "unknown member \"kind\"");
	assert_refused(doc_only(doc, "", &f), FAULT_INPUT);
	json_decref(doc);
	assert_ok(doc_read(&doc, "{\"\":1}", 6, &f));
	assert_refused(doc_only(doc, "a b", &f), FAULT_INPUT);
	json_decref(doc);
	assert_ok(doc_read(&doc, "{\"a b\":1}", 9, &f));
	assert_refused(doc_only(doc, "a b", &f), FAULT_INPUT);
	json_decref(doc);
	assert_ok(doc_read(&doc, "[]", 2, &f));
	assert_refused(doc_only(doc, "a", &f), FAULT_INPUT);
	json_decref(doc);
}

static void
every_allocation_may_fail(void **state)
{
	static const char text[] = "{\"b\":[1,2,{\"x\":\"y\"}],\"a\":1.5}";
	struct fault f = { 0 };
	json_t *doc;
	int done = 0;

	(void)state;
	assert_ok(doc_read(&doc, text, sizeof(text) - 1, &f));
	for (long n = 0; !done; n++) {
		struct bytes out;

		f = (struct fault){ 0 };
		bytes_init(&out, 4096);
		mem_fail_after(n);
		done = doc_write(&out, doc, &f) == 0;
		mem_fail_after(-1);
		if (!done)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		bytes_free(&out);
		assert_true(n < 100);
	}
	json_decref(doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_vectors_of_the_standard_come_out_as_they_say),
		cmocka_unit_test(numbers_are_written_as_javascript_writes_them),
		cmocka_unit_test(
		    members_are_sorted_and_text_is_escaped_as_little_as_can_be),
		cmocka_unit_test(
		    an_integer_that_doubles_cannot_hold_is_refused),
		cmocka_unit_test(what_is_not_one_document_is_refused),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(
		    members_have_their_type_or_are_refused_by_name),
		cmocka_unit_test(only_the_members_named_may_be_there),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests_name("base doc", tests, NULL, NULL);
}
