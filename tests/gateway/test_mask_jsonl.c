/* JSON lines: each record an item with its id in front. */

#include "tests/support/mask_plan.h"

#define OPEN(text) trial_open(&b, TYPE_JSONL, text, sizeof(text) - 1)

static void
assert_same(const char *text)
{
	struct trial b;
	struct fault f;

	trial_open(&b, TYPE_JSONL, text, strlen(text));
	assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
	assert_ok(trial_mask(&b, &f));
	assert_int_equal(b.out.len, strlen(text));
	if (b.out.len > 0)
		assert_memory_equal(b.out.at, text, b.out.len);
	assert_int_equal(b.change.nchanges, 0);
	assert_int_equal(b.change.sent_bytes, b.out.len);
	trial_close(&b);
}

static void
all_kept_is_the_source(void **state)
{
	(void)state;
	assert_same("");
	assert_same("{\"a\":1}\n{\"b\":[{\"c\":null}]}\n");
	assert_same(" { } \r\n[1,2]\n\"x\"\n3");
}

static void
blank_lines_and_a_byte_order_mark_are_left_out(void **state)
{
	struct trial b;
	struct fault f;

	(void)state;
	OPEN("\xef\xbb\xbf\n{\"a\":1}\n \t\r\n\n{\"a\":2}\n\n");
	assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
	assert_ok(trial_mask(&b, &f));
	assert_out(&b, "{\"a\":1}\n{\"a\":2}\n");
	assert_int_equal(b.change.records, 2);
	assert_int_equal(b.change.cut, 3 + 1 + 4 + 1 + 1);
	assert_int_equal(b.change.source_bytes - b.change.cut, b.out.len);
	trial_close(&b);
}

/* One record masked with an item id must come out as want, where the id itself
 * is written as 26 times '#'. */
static void
assert_item(const char *text, const char *want, const char *id)
{
	char token[TOKEN_CHARS + 1];
	struct trial b;
	struct fault f;
	char *at;

	trial_open(&b, TYPE_JSONL, text, strlen(text));
	b.keys.item = b.item;
	(void)trial_field(&b, "drop", TRANSFORM_DROP);
	(void)trial_field(&b, "id", TRANSFORM_KEEP);
	(void)trial_field(&b, "keep", TRANSFORM_KEEP);
	b.plan.fields[0].whole = b.plan.fields[2].whole = true;
	if (strcmp(id, "dir/in#1") != 0)
		b.plan.item = 1;
	assert_ok(trial_mask(&b, &f));
	token_make(b.item, id, strlen(id), token);
	trial_check_record(&b, text);
	assert_ok(bytes_end_text(&b.out, &f));
	at = strstr((char *)b.out.at, token);
	assert_non_null(at);
	memset(at, '#', TOKEN_CHARS);
	assert_string_equal((char *)b.out.at, want);
	trial_close(&b);
}
#define ITEM "\"_item\":\"##########################\""

static void
the_item_id_is_the_first_member(void **state)
{
	(void)state;
	assert_item("{}", "{" ITEM "}\n", "dir/in#1");
	assert_item(" { }\r\n", " {" ITEM " }\r\n", "dir/in#1");
	assert_item(
	    "{\"keep\":[1]}\n", "{" ITEM ",\"keep\":[1]}\n", "dir/in#1");
	assert_item("{ \"keep\":1, \"id\":\"x\\u0079\"}\n",
	    "{" ITEM ", \"keep\":1, \"id\":\"x\\u0079\"}\n", "dir/in#xy");
	assert_item("{\"id\":7}", "{" ITEM ",\"id\":7}\n", "dir/in#7");
	assert_item("{\"drop\":{\"a\":[]}}\n", "{" ITEM "}\n", "dir/in#1");
	assert_item("{\"drop\":0 , \"keep\":{\"id\":1}}\n",
	    "{" ITEM ", \"keep\":{\"id\":1}}\n", "dir/in#1");
}

static void
assert_bad(const char *text, enum fault_kind kind, const char *what)
{
	struct trial b;
	struct fault f;

	trial_open(&b, TYPE_JSONL, text, strlen(text));
	b.keys.item = b.item;
	(void)trial_field(&b, "a", TRANSFORM_KEEP);
	(void)trial_field(&b, "id", TRANSFORM_KEEP);
	b.plan.item = 1;
	assert_refused(trial_mask(&b, &f), kind);
	if (strstr(f.text, what) == NULL)
		fail_msg("%s: \"%s\", not \"%s\"", text, f.text, what);
	trial_close(&b);
}

static void
records_that_cannot_be_sent_are_refused(void **state)
{
	char text[MASK_ID_MAX + 16];

	(void)state;
	assert_bad("{\"id\":1}\n{\"id\":\n", FAULT_INPUT,
	    "dir/in: record 2: byte 16: expected a value");
	assert_bad("{\"id\":1}{\"id\":2}\n", FAULT_INPUT, "text behind");
	assert_bad("{\"id\":1,\n\"a\":2}\n", FAULT_INPUT, "record 1");
	assert_bad("{\"a\":1}\n", FAULT_INPUT,
	    "record 1: path \"id\" (p.yaml:2): has no value to be known by");
	assert_bad("{\"id\":null}\n", FAULT_INPUT, "no value to be known by");
	assert_bad("{\"id\":\"\"}\n", FAULT_INPUT, "no value to be known by");
	assert_bad("{\"id\":1}\n{\"id\":\"a\\u0000b\"}\n", FAULT_INPUT,
	    "dir/in: record 2: path \"id\" (p.yaml:2): has a value to be "
	    "known by that holds a NUL");
	(void)snprintf(text, sizeof(text), "{\"id\":\"%*d\"}\n",
	    (int)MASK_ID_MAX + 1 - (int)strlen("dir/in#"), 1);
	assert_bad(text, FAULT_INPUT, "has a value too long to be known by");
	assert_bad("{\"id\":1,\"x\":2}\n", FAULT_POLICY,
	    "record 1: path \"x\": no decision in the plan");
	assert_bad("{\"_item\":1,\"id\":2}\n", FAULT_INPUT, "\"_item\"");
	assert_bad("{\"\\u005fitem\":1,\"id\":2}\n", FAULT_INPUT, "\"_item\"");
	assert_bad("{\"id\":1,\"id\":1}\n", FAULT_INPUT, "twice in one object");
}

static void
a_record_that_is_no_object_has_no_place_for_an_id(void **state)
{
	static const char *const texts[] = { "[1]", "1", "null", "[]" };
	struct trial b;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		trial_open(&b, TYPE_JSONL, texts[i], strlen(texts[i]));
		assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
		b.keys.item = b.item;
		assert_refused(trial_mask(&b, &f), FAULT_INPUT);
		assert_non_null(strstr(f.text, "record 1: not an object"));
		trial_close(&b);
	}
}

static void
a_key_in_an_array_may_be_there_once(void **state)
{
	struct mask_rows *m;
	struct mask_row row;
	struct trial b;
	struct fault f;
	bool end;

	(void)state;
	OPEN("{\"p\":[{\"id\":\"x\"}]}\n{\"p\":[{\"id\":1},{\"id\":2}]}\n");
	trial_field(&b, "p", TRANSFORM_DROP)->whole = true;
	trial_field(&b, "p[*].id", TRANSFORM_DROP)->inside = true;
	b.plan.item = b.plan.subject = 1;
	assert_ok(mask_rows_open(&m, &b.src, NULL, NULL, &f));
	assert_ok(mask_rows_next(m, &row, &b.out, &end, &f));
	assert_out(&b, "{}\n");
	assert_int_equal(row.id.len, 8);
	assert_memory_equal(row.id.at, "dir/in#x", 8);
	assert_int_equal(row.subject.len, 1);
	assert_refused(mask_rows_next(m, &row, &b.out, &end, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "there more than once"));
	mask_rows_close(m);
	trial_close(&b);
}

/* The ids of all lines, or of those up to a fault. */
static int
read_ids(struct trial *b, bool mask, char *ids, struct fault *f)
{
	struct mask_rows *m;
	struct mask_row row;
	bool end = false;
	int rc = 0;

	*ids = '\0';
	bytes_reset(&b->out);
	if (mask_rows_open(&m, &b->src, NULL, NULL, f) != 0)
		return -1;
	while ((rc = mask_rows_next(m, &row, mask ? &b->out : NULL, &end, f)) ==
		   0 &&
	       !end) {
		strncat(ids, (const char *)row.id.at, row.id.len);
		if (row.subject.len > 0)
			strncat(
			    ids, (const char *)row.subject.at, row.subject.len);
		strcat(ids, " ");
	}
	mask_rows_close(m);
	return rc;
}

static void
where_only_keys_are_wanted_the_rest_of_a_line_is_not_read(void **state)
{
	/* the third line is none: what is behind its keys is refused only by
	 * who reads it */
	static const char text[] =
	    "{\"a\":{\"id\":1,\"x\":[1]},\"who\":\"w\"}\n"
	    "{\"who\":\"v\",\"a\":{\"x\":[2],\"id\":\"2\"}}\n"
	    "{\"a\":{\"id\":3},\"who\":\"u\",\"a\":}\n";
	struct trial b;
	struct fault f;
	char ids[128];

	(void)state;
	trial_open(&b, TYPE_JSONL, text, sizeof(text) - 1);
	(void)trial_field(&b, "a.id", TRANSFORM_KEEP);
	(void)trial_field(&b, "a.x[*]", TRANSFORM_KEEP);
	(void)trial_field(&b, "who", TRANSFORM_KEEP);
	b.plan.item = 0;
	b.plan.subject = 2;
	assert_ok(read_ids(&b, false, ids, &f));
	assert_string_equal(ids, "dir/in#1w dir/in#2v dir/in#3u ");
	assert_refused(read_ids(&b, true, ids, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "record 3: path \"a\": twice in one"));
	assert_string_equal(ids, "dir/in#1w dir/in#2v ");
	trial_close(&b);
}

/* A key that may come again is looked for to the end. */
static void
a_key_in_an_array_is_refused_when_it_is_there_twice(void **state)
{
	static const char text[] = "{\"a\":[{\"id\":1}],\"b\":2}\n"
				   "{\"a\":[{\"id\":2},{\"id\":3}],\"b\":2}\n";
	struct trial b;
	struct fault f;
	char ids[128];

	(void)state;
	for (int mask = 0; mask < 2; mask++) {
		trial_open(&b, TYPE_JSONL, text, sizeof(text) - 1);
		(void)trial_field(&b, "a[*].id", TRANSFORM_KEEP);
		(void)trial_field(&b, "b", TRANSFORM_KEEP);
		b.plan.item = 0;
		assert_refused(read_ids(&b, mask == 1, ids, &f), FAULT_INPUT);
		assert_non_null(strstr(f.text, "there more than once"));
		assert_string_equal(ids, "dir/in#1 ");
		trial_close(&b);
	}
}

static void
parts_hold_the_rows_of_the_whole(void **state)
{
	struct bytes text, whole;
	struct mask_cuts cuts;
	struct trial b;
	struct fault f;

	(void)state;
	bytes_init(&text, 1 << 22);
	assert_ok(bytes_add_text(&text, "\xef\xbb\xbf", &f));
	for (unsigned i = 0; text.len < 800000; i++)
		assert_ok(bytes_addf(&text, &f,
		    "{\"t\":\"value %u\",\"d\":\"%*s\"}%s\n%s", i,
		    (int)(i * 7919 % 200), "", i % 3 ? "" : "\r",
		    i % 5 ? "" : "\n"));
	trial_open(&b, TYPE_JSONL, text.at, text.len - 1);
	b.keys.item = b.item;
	(void)trial_field(&b, "d", TRANSFORM_DROP);
	(void)trial_field(&b, "t", TRANSFORM_TOKEN);
	b.plan.item = 1;
	assert_ok(trial_mask(&b, &f));
	trial_check_record(&b, text.at);
	whole = b.out;
	bytes_init(&b.out, 1 << 24);
	for (uint64_t target = 1; target < 1000000; target = target * 50 + 7) {
		assert_ok(mask_rows_cut(&b.src, target, &cuts, &f));
		assert_int_equal(cuts.records, b.change.records);
		bytes_reset(&b.out);
		for (size_t i = 0; i < cuts.nparts; i++) {
			struct mask_rows *m;
			struct mask_row row;
			bool end = false;

			assert_ok(mask_rows_open(
			    &m, &b.src, &cuts.parts[i], NULL, &f));
			while (!end)
				assert_ok(
				    mask_rows_next(m, &row, &b.out, &end, &f));
			mask_rows_close(m);
		}
		assert_int_equal(b.out.len, whole.len);
		assert_memory_equal(b.out.at, whole.at, whole.len);
		mask_cuts_free(&cuts);
	}
	trial_close(&b);
	bytes_free(&text);
	bytes_free(&whole);
}

static void
records_that_stay_are_not_even_read(void **state)
{
	const uint8_t left[] = { 1u << 0 | 1u << 2 };
	struct mask_rows *m;
	struct mask_cuts cuts;
	struct mask_row row;
	struct trial b;
	struct fault f;
	bool end = false;

	(void)state;
	OPEN("{\"a\":1}\n\n{\"a\":2}\n{\"a\":3}\n{\"a\":4}\n");
	assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
	assert_ok(mask_rows_cut(&b.src, 1000, &cuts, &f));
	assert_int_equal(cuts.records, 4);
	assert_int_equal(pwrite(b.src.fd, "?", 1, 0), 1);
	cuts.parts[0].left = left;
	assert_ok(mask_rows_open(&m, &b.src, &cuts.parts[0], NULL, &f));
	assert_ok(mask_rows_next(m, &row, &b.out, &end, &f));
	assert_int_equal(row.number, 2);
	assert_ok(mask_rows_next(m, &row, &b.out, &end, &f));
	assert_int_equal(row.number, 4);
	assert_ok(mask_rows_next(m, &row, &b.out, &end, &f));
	assert_true(end);
	assert_out(&b, "{\"a\":2}\n{\"a\":4}\n");
	mask_rows_close(m);
	mask_cuts_free(&cuts);
	trial_close(&b);
}

static void
a_shape_is_over_all_records(void **state)
{
	struct trial b;
	struct shape s;
	struct fault f;

	(void)state;
	OPEN("{\"a\":null}\n\n{\"a\":1,\"b\":[{}]}\n");
	assert_ok(trial_shape(&b, &s, &f));
	assert_int_equal(s.nfields, 2);
	assert_string_equal(s.fields[0].name, "a");
	assert_int_equal(s.fields[0].holds, HOLDS_NULL | HOLDS_VALUE);
	assert_string_equal(s.fields[1].name, "b[*]");
	assert_int_equal(s.fields[1].holds, HOLDS_EMPTY);
	shape_free(&s);
	trial_close(&b);
	OPEN("{\"a\":1}\n{\"_item\":1}\n");
	assert_refused(trial_shape(&b, &s, &f), FAULT_INPUT);
	shape_free(&s);
	trial_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_kept_is_the_source),
		cmocka_unit_test(
		    blank_lines_and_a_byte_order_mark_are_left_out),
		cmocka_unit_test(the_item_id_is_the_first_member),
		cmocka_unit_test(records_that_cannot_be_sent_are_refused),
		cmocka_unit_test(
		    a_record_that_is_no_object_has_no_place_for_an_id),
		cmocka_unit_test(a_key_in_an_array_may_be_there_once),
		cmocka_unit_test(
		    where_only_keys_are_wanted_the_rest_of_a_line_is_not_read),
		cmocka_unit_test(
		    a_key_in_an_array_is_refused_when_it_is_there_twice),
		cmocka_unit_test(parts_hold_the_rows_of_the_whole),
		cmocka_unit_test(records_that_stay_are_not_even_read),
		cmocka_unit_test(a_shape_is_over_all_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
