/* JSON documents: what RFC 8259 has is read, and nothing else; what is not
 * touched is not touched by a byte. */

#include <dirent.h>

#include "tests/support/mask_plan.h"

static void
open_text(struct trial *b, const char *text)
{
	trial_open(b, TYPE_JSON, text, strlen(text));
}

/* 0 and the same bytes, or -1. */
static int
pass_through(const void *p, size_t len, struct fault *f)
{
	struct trial b;
	int rc;

	trial_open(&b, TYPE_JSON, p, len);
	rc = trial_all(&b, TRANSFORM_KEEP, f);
	if (rc == 0)
		rc = trial_mask(&b, f);
	if (rc == 0) {
		assert_int_equal(b.out.len, len);
		assert_memory_equal(b.out.at, p, len);
		assert_int_equal(b.change.nchanges, 0);
	}
	trial_close(&b);
	return rc;
}

static void
assert_json(const char *text)
{
	struct fault f;

	assert_ok(pass_through(text, strlen(text), &f));
}

static void
assert_no_json(const char *text, const char *what)
{
	struct fault f;

	assert_refused(pass_through(text, strlen(text), &f), FAULT_INPUT);
	if (strstr(f.text, what) == NULL)
		fail_msg("%s: \"%s\", not \"%s\"", text, f.text, what);
}

static void
documents_pass_as_they_stand(void **state)
{
	(void)state;
	assert_json("null");
	assert_json(" \r\n\t1.50E+3 ");
	assert_json(
	    "{ \"a\" : [ 1 , { } , [ ] , \"\\u00e9\\ud83d\\ude00\" ] }");
	assert_json("[[[[{\"a\":-0}]]]]");
	assert_json("{\"a\":1e999999,\"\":\"\",\"a.b\":{\"[*]\":[null]}}");
	assert_json("\xef\xbb\xbf{\"\xc3\xa4\":\"\xe2\x82\xac\x7f\"}");
}

static void
what_is_no_json_is_refused_with_its_byte(void **state)
{
	(void)state;
	assert_no_json("", "dir/in: byte 0: expected a value");
	assert_no_json("[1,]", "byte 3: expected a value");
	assert_no_json("[1 2]", "byte 3: expected a comma or ]");
	assert_no_json("{\"a\":1,}", "byte 7: expected a name");
	assert_no_json("{\"a\" 1}", "byte 5: expected a colon");
	assert_no_json("{\"a\":1", "byte 6: expected a comma or }");
	assert_no_json("[1] x", "byte 4: text behind the value");
	assert_no_json("01", "byte 1: text behind the value");
	assert_no_json("1.", "byte 2: a number that ends too soon");
	assert_no_json("-", "a number that ends too soon");
	assert_no_json("1e+", "a number that ends too soon");
	assert_no_json("nul", "byte 0: expected a value");
	assert_no_json("\"a", "byte 2: a string without end");
	assert_no_json("\"a\tb\"", "byte 2: a control character");
	assert_no_json("\"\\x\"", "no such escape");
	assert_no_json("\"\\u12g4\"", "no such escape");
	assert_no_json("\"\\ud800\"", "half of a surrogate pair");
	assert_no_json("\"\\udc00\\ud800\"", "half of a surrogate pair");
	assert_no_json("\"\\ud800\\u0041\"", "half of a surrogate pair");
	assert_no_json("\"\xff\"", "byte 0: a string that is not UTF-8");
	assert_no_json("[\"\xed\xa0\x80\"]", "not UTF-8");
}

static void
an_object_has_a_name_once(void **state)
{
	(void)state;
	assert_no_json("{\"a\":1,\"a\":1}", "path \"a\": twice in one object");
	assert_no_json("{\"a\":1,\"b\":2,\"\\u0061\":1}", "twice");
	assert_no_json("[{\"b\":{\"a\":[],\"a\":{}}}]", "path \"[*].b.a\"");
	assert_json("{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}");
	assert_json("[{\"a\":1},{\"a\":1}]");
	/* NFC and NFD are two names */
	assert_json("{\"\xc3\xa9\":1,\"e\xcc\x81\":2}");
}

static void
nesting_ends_somewhere(void **state)
{
	char text[2 * 513 + 1];
	struct fault f;

	(void)state;
	memset(text, '[', 513);
	memset(text + 513, ']', 513);
	assert_ok(pass_through(text + 1, 1024, &f));
	assert_refused(pass_through(text, 1026, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "nested too deep"));
}

/* -- The minefield (nst/JSONTestSuite) ------------------------------------ */

/* Of the cases that RFC 8259 leaves open, those that are read here: numbers are
 * not computed with, and a byte order mark is passed over. */
static const char *const open_cases[] = { "i_number_double_huge_neg_exp.json",
	"i_number_huge_exp.json", "i_number_neg_int_huge_exp.json",
	"i_number_pos_double_huge_exp.json", "i_number_real_neg_overflow.json",
	"i_number_real_pos_overflow.json", "i_number_real_underflow.json",
	"i_number_too_big_neg_int.json", "i_number_too_big_pos_int.json",
	"i_number_very_big_negative_int.json",
	"i_structure_500_nested_arrays.json",
	"i_structure_UTF-8_BOM_empty_object.json" };

/* RFC 8259 allows a name twice; we do not. */
static const char *const twice_cases[] = { "y_object_duplicated_key.json",
	"y_object_duplicated_key_and_value.json" };

static bool
is_among(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}
#define IS_AMONG(name, list) \
	is_among(name, list, sizeof(list) / sizeof((list)[0]))

/* Of the 22 cases of what parsers change on the way, which have no letter in
 * front: text passes unchanged, and no name twice. */
static bool
is_right(const char *name)
{
	if (strncmp(name, "y_", 2) == 0)
		return !IS_AMONG(name, twice_cases);
	if (name[1] == '_')
		return name[0] == 'i' && IS_AMONG(name, open_cases);
	return strstr(name, "same_key") == NULL &&
	       strstr(name, "invalid_codepoint") == NULL;
}

static unsigned
judge_folder(const char *name)
{
	char folder[256], path[640];
	struct dirent *e;
	unsigned n = 0;
	DIR *dir;

	test_shared(folder, sizeof(folder), name);
	dir = opendir(folder);
	assert_non_null(dir);
	while ((e = readdir(dir)) != NULL) {
		struct fault f = { 0 };
		struct bytes text;
		bool got;

		if (strstr(e->d_name, ".json") == NULL)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		test_read_file(path, &text);
		got = pass_through(text.at, text.len, &f) == 0;
		if (got != is_right(e->d_name) ||
		    (!got && f.kind != FAULT_INPUT))
			fail_msg("%s: %s", e->d_name, got ? "read" : f.text);
		bytes_free(&text);
		n++;
	}
	(void)closedir(dir);
	return n;
}

static void
every_case_of_the_minefield_is_answered_rightly(void **state)
{
	(void)state;
	assert_true(judge_folder("vectors/input/json/test_parsing") >= 318);
	assert_true(judge_folder("vectors/input/json/test_transform") >= 22);
}

/* -- Masking --------------------------------------------------------------- */

static struct plan_field *
whole(struct trial *b, const char *name, enum transform_action action)
{
	struct plan_field *field = trial_field(b, name, action);

	field->whole = true;
	return field;
}

static void
dropped_members_take_one_comma_along(void **state)
{
	static const char *const want[8] = { "{ \"a\":1 , \"b\":2 , \"c\":3 }",
		"{ \"b\":2 , \"c\":3 }", "{ \"a\":1 , \"c\":3 }", "{ \"c\":3 }",
		"{ \"a\":1 , \"b\":2  }", "{ \"b\":2  }", "{ \"a\":1  }",
		"{ }" };
	struct fault f;

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		struct trial b;

		open_text(&b, want[0]);
		for (unsigned k = 0; k < 3; k++)
			(void)trial_field(&b,
			    (const char *[]){ "a", "b", "c" }[k],
			    i >> k & 1 ? TRANSFORM_DROP : TRANSFORM_KEEP);
		assert_ok(trial_mask(&b, &f));
		if (b.out.len != strlen(want[i]) ||
		    memcmp(b.out.at, want[i], b.out.len) != 0)
			fail_msg("%u: %.*s", i, (int)b.out.len,
			    (const char *)b.out.at);
		trial_close(&b);
	}
}

static void
values_are_changed_where_they_stand(void **state)
{
	struct trial b;
	struct fault f;

	(void)state;
	open_text(&b, "{\"a\" : [ \"x\\\"y\", 123, true, null, [] ],\n"
		      " \"b\":{\"c\":\"d\"}, \"e\" : { \"f\" : [1, {}] } }");
	(void)trial_field(&b, "a[*]", TRANSFORM_TRUNCATE);
	(void)trial_field(&b, "b.c", TRANSFORM_CONSTANT);
	(void)whole(&b, "e", TRANSFORM_CONSTANT);
	assert_ok(trial_mask(&b, &f));
	assert_out(&b, "{\"a\" : [ \"x\\\"\", \"12\", \"tr\", null, [] ],\n"
		       " \"b\":{\"c\":\"x,y\"}, \"e\" : \"x,y\" }");
	trial_close(&b);
}

static void
tokens_are_of_the_text_meant(void **state)
{
	char token[TOKEN_CHARS + 1], want[96];
	struct trial b;
	struct fault f;

	(void)state;
	open_text(&b, "[\"\\u0061\\ud83d\\ude00\\n\"]");
	(void)trial_field(&b, "[*]", TRANSFORM_TOKEN);
	assert_ok(trial_mask(&b, &f));
	token_make(b.domain, "a\xf0\x9f\x98\x80\n", 6, token);
	(void)snprintf(want, sizeof(want), "[\"%s\"]", token);
	assert_int_equal(b.out.len, strlen(want));
	assert_memory_equal(b.out.at, want, b.out.len);
	trial_close(&b);
}

static void
a_whole_place_goes_or_stays_with_all_that_is_in_it(void **state)
{
	struct trial b;
	struct fault f;

	(void)state;
	open_text(&b, "{\"a\":{\"x\":[1,{\"y\":2}]},\"b\":[3,{\"z\":null}]}");
	(void)whole(&b, "a", TRANSFORM_DROP);
	(void)whole(&b, "b", TRANSFORM_KEEP);
	assert_ok(trial_mask(&b, &f));
	assert_out(&b, "{\"b\":[3,{\"z\":null}]}");
	trial_close(&b);

	open_text(&b, "{\"a\":{\"x\":1,\"x\":2}}");
	(void)whole(&b, "a", TRANSFORM_DROP);
	assert_refused(trial_mask(&b, &f), FAULT_INPUT);
	trial_close(&b);
}

static void
what_the_plan_does_not_have_stops_the_file(void **state)
{
	static const char *const texts[] = { "{\"a\":{\"b\":1},\"c\":1}",
		"{\"a\":{\"b\":1,\"x\":{\"y\":1}}}", "{\"a\":1}", "[1]", "1",
		"{\"a\":{\"b\":{\"c\":1}}}", "{\"a\":{\"B\":1}}",
		"{\"a\":[{\"b\":1}]}", "{\"a.b\":1}", "{\"c\":null}",
		"{\"a\":{\"b\":[]},\"d\":[]}", "{\"h\":1}", "{\"h\":[1]}" };
	struct trial b;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		open_text(&b, texts[i]);
		(void)trial_field(&b, "a.b", TRANSFORM_KEEP);
		trial_field(&b, "h", TRANSFORM_KEEP)->hollow = true;
		if (trial_mask(&b, &f) == 0)
			fail_msg("%s was masked", texts[i]);
		assert_refused(trial_mask(&b, &f), FAULT_POLICY);
		assert_non_null(strstr(f.text, "dir/in: path \""));
		assert_true(f.hint[0] != '\0');
		trial_close(&b);
	}
	open_text(&b, "{\"a\":null,\"h\":{}}");
	(void)trial_field(&b, "a.b", TRANSFORM_KEEP);
	trial_field(&b, "h", TRANSFORM_KEEP)->hollow = true;
	assert_ok(trial_mask(&b, &f));
	trial_close(&b);
}

static void
shapes_name_every_place_in_canonical_form(void **state)
{
	static const struct {
		const char *name;
		uint8_t holds;
	} want[] = { { "a", HOLDS_NULL }, { "b[*]", HOLDS_VALUE | HOLDS_EMPTY },
		{ "b[*].c", HOLDS_VALUE }, { "[\"x.y\"][*][*]", HOLDS_VALUE },
		{ "[\"\"]", HOLDS_EMPTY } };
	struct trial b;
	struct shape s;
	struct fault f;

	(void)state;
	open_text(&b, "{\"a\":null,\"b\":[1,{\"c\":\"\"},{}],"
		      "\"x.y\":[[true]],\"\":[]}");
	assert_ok(trial_shape(&b, &s, &f));
	assert_int_equal(s.nfields, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_string_equal(s.fields[i].name, want[i].name);
		assert_int_equal(s.fields[i].holds, want[i].holds);
	}
	shape_free(&s);
	trial_close(&b);
}

/* Longer than the window many times, with a value over every edge; dropped,
 * changed and kept ones in turn. */
static void
a_document_need_not_fit_in_memory(void **state)
{
	struct bytes text, want;
	struct trial b;
	struct fault f;

	(void)state;
	bytes_init(&text, 1 << 24);
	bytes_init(&want, 1 << 24);
	assert_ok(bytes_add_text(&text, "[", &f));
	assert_ok(bytes_add_text(&want, "[", &f));
	for (unsigned i = 0; i < 20000; i++) {
		int pad = (int)(i * 7919 % 97);

		assert_ok(bytes_addf(&text, &f,
		    "%s{\"d\":\"%*s\",%*s\"k\": %u,\"t\":\"ab%u\"}",
		    i > 0 ? "," : "", pad, "", 97 - pad, "", i, i));
		assert_ok(bytes_addf(&want, &f, "%s{%*s\"k\": %u,\"t\":\"ab\"}",
		    i > 0 ? "," : "", 97 - pad, "", i));
	}
	assert_ok(bytes_add_text(&text, "]", &f));
	assert_ok(bytes_add_text(&want, "]", &f));
	assert_true(text.len > 2000000);
	trial_open(&b, TYPE_JSON, text.at, text.len);
	(void)trial_field(&b, "[*].d", TRANSFORM_DROP);
	(void)trial_field(&b, "[*].k", TRANSFORM_KEEP);
	(void)trial_field(&b, "[*].t", TRANSFORM_TRUNCATE);
	assert_ok(trial_mask(&b, &f));
	assert_int_equal(b.out.len, want.len);
	assert_memory_equal(b.out.at, want.at, want.len);
	trial_check_record(&b, text.at);
	trial_close(&b);
	bytes_free(&text);
	bytes_free(&want);
}

/* White space behind what is dropped that is longer than the window. */
static void
a_dropped_member_ends_where_it_ends(void **state)
{
	static const char *const want[] = { "{\"b\":2}", "{\"b\":2}",
		"{\"a\":0,\"b\":2}", "{\"a\":0}" };
	static const char *const parts[4][2] = { { "{\"d\":1", ",\"b\":2}" },
		{ "{\"d\":", "1,\"b\":2}" },
		{ "{\"a\":0,\"d\":1", ",\"b\":2}" },
		{ "{\"a\":0,\"d\":1", "}" } };
	struct bytes text;
	struct trial b;
	struct fault f;
	json_t *left, *right;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		bytes_init(&text, 1 << 20);
		assert_ok(bytes_addf(&text, &f, "%s%*s%s", parts[i][0], 700000,
		    "", parts[i][1]));
		trial_open(&b, TYPE_JSON, text.at, text.len);
		(void)trial_field(&b, "a", TRANSFORM_KEEP);
		(void)trial_field(&b, "b", TRANSFORM_KEEP);
		(void)trial_field(&b, "d", TRANSFORM_DROP);
		assert_ok(trial_mask(&b, &f));
		trial_check_record(&b, text.at);
		left = json_loadb((const char *)b.out.at, b.out.len, 0, NULL);
		right = json_loads(want[i], 0, NULL);
		assert_true(json_equal(left, right));
		json_decref(left);
		json_decref(right);
		trial_close(&b);
		bytes_free(&text);
	}
}

static void
a_value_has_a_largest_size(void **state)
{
	struct bytes text;
	struct fault f;

	(void)state;
	for (size_t extra = 0; extra < 2; extra++) {
		size_t n = MASK_RECORD_MAX - 100 + 100 * extra;

		bytes_init(&text, MASK_RECORD_MAX + 100);
		assert_ok(bytes_add_text(&text, "[ \"", &f));
		assert_ok(bytes_reserve(&text, n + 20, &f));
		memset(text.at + text.len, 'x', n);
		text.len += n;
		assert_ok(bytes_add_text(&text, "\" ]", &f));
		if (extra == 0)
			assert_ok(pass_through(text.at, text.len, &f));
		else {
			assert_refused(
			    pass_through(text.at, text.len, &f), FAULT_INPUT);
			assert_string_equal(
			    f.text, "dir/in: byte 1: longer than 16 MiB");
		}
		bytes_free(&text);
	}
}

static void
memory_may_run_out_anywhere(void **state)
{
	struct trial b;
	struct fault f = { 0 };
	int rc = -1;

	(void)state;
	open_text(&b, "{\"a\":[\"\\u0061\",1],\"b\":{\"c\":2}}");
	(void)trial_field(&b, "a[*]", TRANSFORM_TOKEN);
	(void)whole(&b, "b", TRANSFORM_CONSTANT);
	for (long n = 0; rc != 0; n++) {
		f = (struct fault){ 0 };
		bytes_free(&b.out);
		mem_fail_after(n);
		rc = trial_mask(&b, &f);
		mem_fail_after(-1);
		if (rc != 0)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		assert_true(n < 1000);
	}
	trial_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_pass_as_they_stand),
		cmocka_unit_test(what_is_no_json_is_refused_with_its_byte),
		cmocka_unit_test(an_object_has_a_name_once),
		cmocka_unit_test(nesting_ends_somewhere),
		cmocka_unit_test(
		    every_case_of_the_minefield_is_answered_rightly),
		cmocka_unit_test(dropped_members_take_one_comma_along),
		cmocka_unit_test(values_are_changed_where_they_stand),
		cmocka_unit_test(tokens_are_of_the_text_meant),
		cmocka_unit_test(
		    a_whole_place_goes_or_stays_with_all_that_is_in_it),
		cmocka_unit_test(what_the_plan_does_not_have_stops_the_file),
		cmocka_unit_test(shapes_name_every_place_in_canonical_form),
		cmocka_unit_test(a_document_need_not_fit_in_memory),
		cmocka_unit_test(a_dropped_member_ends_where_it_ends),
		cmocka_unit_test(a_value_has_a_largest_size),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
