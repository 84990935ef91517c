/* CSV in: what is kept is kept to the byte, the rest is gone. */

#include "tests/support/mask_plan.h"

#define OPEN(text) trial_open(&b, TYPE_CSV, text, sizeof(text) - 1)

/* The source with every column kept is the source. */
static void
assert_same(const char *text, size_t len)
{
	struct trial b;
	struct fault f;

	trial_open(&b, TYPE_CSV, text, len);
	assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
	assert_ok(trial_mask(&b, &f));
	assert_int_equal(b.out.len, len);
	assert_memory_equal(b.out.at, text, len);
	assert_int_equal(b.change.nchanges, 0);
	trial_close(&b);
}
#define ASSERT_SAME(text) assert_same(text, sizeof(text) - 1)

static void
assert_bad(const char *text, size_t len, const char *where)
{
	struct trial b;
	struct fault f = { 0 };
	int rc;

	trial_open(&b, TYPE_CSV, text, len);
	rc = trial_all(&b, TRANSFORM_KEEP, &f);
	if (rc == 0)
		rc = trial_mask(&b, &f);
	if (rc == 0 || f.kind != FAULT_INPUT || strstr(f.text, where) == NULL)
		fail_msg("\"%s\": %d %d \"%s\", not \"%s\"", text, rc,
		    (int)f.kind, f.text, where);
	trial_close(&b);
}
#define ASSERT_BAD(text, where) assert_bad(text, sizeof(text) - 1, where)

static void
all_kept_is_the_source(void **state)
{
	(void)state;
	ASSERT_SAME("a,b\n1,2\n");
	ASSERT_SAME("a,b\n1,2");
	ASSERT_SAME("a,b\r\n1,2\r\n3,4");
	ASSERT_SAME("a,b\r\n1,2\n3,4\r\n");
	ASSERT_SAME("a;b\n1;2\n");
	ASSERT_SAME("a\tb\n1\t2\n");
	ASSERT_SAME("a|b\n1|2\n");
	ASSERT_SAME("a,b\r1,2\r");
	ASSERT_SAME("\xef\xbb\xbf"
		    "a,b\n1,2\n");
	ASSERT_SAME("a\n1\n2\n");
	ASSERT_SAME("a\n\n\n");
	ASSERT_SAME("a,b\n");
	ASSERT_SAME("a,b");
	ASSERT_SAME("a,b\n,\n,");
	ASSERT_SAME("a,\n1,2\n");
	ASSERT_SAME("\"a\",\"b \"\"x\"\"\"\n\"1,\"\"\",\"\n\r\n\"\n");
	ASSERT_SAME("a,b\n37'8\"N,\"\"\n");
	ASSERT_SAME("a,b\n \xc3\xa4 , 2 \n");
}

static void
what_two_readers_would_read_differently_is_refused(void **state)
{
	(void)state;
	ASSERT_BAD("", "empty");
	ASSERT_BAD("\xef\xbb\xbf", "empty");
	ASSERT_BAD("a,b\n1,2\n1\n", "dir/in: record 2: 1 fields");
	ASSERT_BAD("a,b\n1,2,3\n", "record 1: 3 fields, and the header has 2");
	ASSERT_BAD("a,b\n1,\"2\n3,4\n", "column \"b\" (p.yaml:2): a quote");
	ASSERT_BAD("a,b\n1,\"2\"x\n", "text behind a closing quote");
	ASSERT_BAD("a,b\n1,\"2\" \n", "text behind a closing quote");
	ASSERT_BAD("a,b\n1, \"2\"\n", "spaces before a quote");
	ASSERT_BAD("a,b\n1,\r2\n", "a bare carriage return");
	ASSERT_BAD("a,b\n1,2\r", "a bare carriage return");
	ASSERT_BAD("a,b\r1,\n2\r", "a bare line feed");
	ASSERT_BAD("a,b\n1,\0\n", "NUL");
	ASSERT_BAD("a,b\n1,2\n\xff,4\n", "record 2: column \"a\" (p.yaml:1): ");
	ASSERT_BAD("a,b\n1,2\n3,\xc3\n", "record 2: column \"b\" (p.yaml:2): ");
	ASSERT_BAD("a\xff,b\n1,2\n", "not UTF-8");
	ASSERT_BAD("a,\"b\n", "the first record: a quote");
	ASSERT_BAD("_item,b\n1,2\n", "_item");
	ASSERT_BAD("a,\"_item\"\n1,2\n", "_item");
}

/* The same among so many records that whole blocks of bytes are read at once,
 * at every place in a block. */
static void
it_is_refused_wherever_it_stands(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} bad[] = { { "1,\0", 3 }, { "1,\r2", 4 }, { "1,\"2\"x", 6 },
		{ "1, \"2\"", 6 }, { "1,\xc3", 3 }, { "1,2,3", 5 },
		{ "1", 1 } };
	struct trial b;
	struct bytes text;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < 64 * sizeof(bad) / sizeof(bad[0]); i++) {
		bytes_init(&text, 1 << 20);
		assert_ok(bytes_add_text(&text, "a,b\n", &f));
		for (unsigned k = 0; k < 40; k++)
			assert_ok(bytes_addf(&text, &f, "%.*s,yyy\n",
			    k == 0 ? (int)(i % 64) : 3,
			    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			    "xxxxxxxxxxxxxx"));
		assert_ok(
		    bytes_add(&text, bad[i / 64].text, bad[i / 64].len, &f));
		for (unsigned k = 0; k < 40; k++)
			assert_ok(bytes_add_text(&text, "\nxxx,yyy", &f));
		trial_open(&b, TYPE_CSV, text.at, text.len);
		assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
		assert_refused(trial_mask(&b, &f), FAULT_INPUT);
		if (strstr(f.text, "dir/in: record 41: ") == NULL)
			fail_msg("%zu: %s", i, f.text);
		trial_close(&b);
		bytes_free(&text);
	}
}

static void
empty_lines_are_no_records(void **state)
{
	struct trial b;
	struct fault f;

	(void)state;
	OPEN("a,b\n\n1,2\n\r\n\n3,4\n\n");
	assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
	assert_ok(trial_mask(&b, &f));
	assert_out(&b, "a,b\n1,2\n3,4\n");
	assert_int_equal(b.change.records, 2);
	assert_int_equal(b.change.cut, 5);
	trial_close(&b);
}

static void
dropped_columns_vanish_with_one_delimiter_each(void **state)
{
	static const char *const want[8] = { "a,b,c\n1,2,3\n", "b,c\n2,3\n",
		"a,c\n1,3\n", "c\n3\n", "a,b\n1,2\n", "b\n2\n", "a\n1\n",
		"\"\"\n\"\"\n" };
	struct fault f;

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		struct trial b;

		OPEN("a,b,c\n1,2,3\n");
		for (unsigned k = 0; k < 3; k++)
			(void)trial_field(&b,
			    (const char *[]){ "a", "b", "c" }[k],
			    i >> k & 1 ? TRANSFORM_DROP : TRANSFORM_KEEP);
		assert_ok(trial_mask(&b, &f));
		assert_int_equal(b.out.len, strlen(want[i]));
		assert_memory_equal(b.out.at, want[i], b.out.len);
		trial_close(&b);
	}
}

static void
changed_values_keep_their_quotes_or_get_what_they_need(void **state)
{
	struct trial b;
	struct fault f;

	(void)state;
	OPEN("a,b\n1,\"2\"\n\"\"\"\"\"xyz\",q\n");
	(void)trial_field(&b, "a", TRANSFORM_TRUNCATE);
	(void)trial_field(&b, "b", TRANSFORM_CONSTANT);
	assert_ok(trial_mask(&b, &f));
	assert_out(&b, "a,b\n1,\"x,y\"\n\"\"\"\"\"\",\"x,y\"\n");
	trial_close(&b);

	OPEN("a;b\n1;\"2\"\n3;\n");
	(void)trial_field(&b, "a", TRANSFORM_CONSTANT);
	(void)trial_field(&b, "b", TRANSFORM_TRUNCATE);
	assert_ok(trial_mask(&b, &f));
	assert_out(&b, "a;b\nx,y;\"2\"\nx,y;\n");
	trial_close(&b);
}

static void
tokens_are_the_keys_of_the_text_meant(void **state)
{
	char token[TOKEN_CHARS + 1], want[128];
	struct trial b;
	struct fault f;

	(void)state;
	OPEN("a,b\n\"x\"\"y\",1\nx\"y,\n");
	(void)trial_field(&b, "a", TRANSFORM_TOKEN);
	(void)trial_field(&b, "b", TRANSFORM_TOKEN);
	assert_ok(trial_mask(&b, &f));
	token_make(b.domain, "x\"y", 3, token);
	/* without quotes, which would tell how the value was spelt */
	(void)snprintf(want, sizeof(want), "a,b\n%s,", token);
	assert_memory_equal(b.out.at, want, strlen(want));
	(void)snprintf(want, sizeof(want), "\n%s,\n", token);
	assert_memory_equal(
	    b.out.at + b.out.len - strlen(want), want, strlen(want));
	trial_close(&b);
}

static void
the_change_record_leads_from_source_to_delivered(void **state)
{
	static const char text[] = "\xef\xbb\xbf"
				   "k,a,b,c,d\r\n"
				   "0,1,2,\"3\",4\r\n\r\n0,,\"\"\"\",5,6";
	struct trial b;
	struct fault f;

	(void)state;
	for (int item = 0; item < 2; item++) {
		trial_open(&b, TYPE_CSV, text, sizeof(text) - 1);
		if (item)
			b.keys.item = b.item;
		(void)trial_field(&b, "k", TRANSFORM_DROP);
		(void)trial_field(&b, "a", TRANSFORM_TOKEN);
		(void)trial_field(&b, "b", TRANSFORM_KEEP);
		(void)trial_field(&b, "c", TRANSFORM_CONSTANT);
		(void)trial_field(&b, "d", TRANSFORM_DROP);
		assert_ok(trial_mask(&b, &f));
		trial_check_record(&b, text);
		trial_close(&b);
	}
}

static void
columns_that_are_not_the_plans_are_refused(void **state)
{
	static const char *const headers[] = { "a,c\n", "b,a\n", "a\n",
		"a,b,c\n", "a,B\n", "a;b\n", "\"a,b\"\n" };
	struct trial b;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		trial_open(&b, TYPE_CSV, headers[i], strlen(headers[i]));
		(void)trial_field(&b, "a", TRANSFORM_KEEP);
		(void)trial_field(&b, "b", TRANSFORM_KEEP);
		b.plan.delimiter = ',';
		assert_refused(trial_mask(&b, &f), FAULT_POLICY);
		trial_close(&b);
	}
}

static void
a_field_of_no_decision_stops_the_file(void **state)
{
	struct trial b;
	struct fault f;

	(void)state;
	OPEN("a,b\n1,2\n");
	(void)trial_field(&b, "a", TRANSFORM_KEEP);
	(void)trial_field(&b, "b", TRANSFORM_REFUSE);
	assert_refused(trial_mask(&b, &f), FAULT_POLICY);
	assert_non_null(strstr(f.text, "record 1: column \"b\" (p.yaml:2)"));
	trial_close(&b);
}

static void
without_a_header_columns_have_numbers(void **state)
{
	struct trial b;
	struct fault f;

	(void)state;
	OPEN("1,x\n2,y\n");
	b.plan.header = false;
	b.plan.delimiter = ',';
	assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
	assert_int_equal(b.plan.nfields, 2);
	assert_string_equal(b.plan.fields[1].name, "2");
	b.plan.fields[0].how.action = TRANSFORM_DROP;
	assert_ok(trial_mask(&b, &f));
	assert_out(&b, "x\ny\n");
	assert_int_equal(b.change.records, 2);
	trial_close(&b);
}

static void
the_delimiter_is_the_one_seen_most_or_the_one_given(void **state)
{
	struct trial b;
	struct shape s;
	struct fault f;

	(void)state;
	OPEN("a;\"b,c,d\";e,f\n");
	assert_ok(trial_shape(&b, &s, &f));
	assert_int_equal(s.delimiter, ';');
	assert_int_equal(s.nfields, 3);
	assert_string_equal(s.fields[1].name, "b,c,d");
	shape_free(&s);
	b.plan.delimiter = '|';
	assert_ok(trial_shape(&b, &s, &f));
	assert_int_equal(s.nfields, 1);
	shape_free(&s);
	trial_close(&b);
}

static void
two_delimiters_seen_as_often_are_refused(void **state)
{
	struct trial b;
	struct shape s;
	struct fault f;

	(void)state;
	OPEN("name;price, EUR\nAnna;72,5\n");
	assert_refused(trial_shape(&b, &s, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "can be comma or semicolon"));
	assert_non_null(strstr(f.hint, "delimiter: comma"));
	shape_free(&s);
	b.plan.delimiter = ';';
	assert_ok(trial_shape(&b, &s, &f));
	assert_int_equal(s.nfields, 2);
	shape_free(&s);
	trial_close(&b);
}

/* Its columns are called 1 and 2 whatever is guessed, so that a column that is
 * dropped would leave in part: `Amsterdam;72`. */
static void
without_a_header_nothing_is_guessed(void **state)
{
	struct trial b;
	struct shape s;
	struct fault f;

	(void)state;
	OPEN("Amsterdam;72,5\nParis;80,1\n");
	b.plan.header = false;
	assert_refused(trial_shape(&b, &s, &f), FAULT_INPUT);
	shape_free(&s);
	b.plan.delimiter = ';';
	assert_ok(trial_shape(&b, &s, &f));
	assert_int_equal(s.delimiter, ';');
	shape_free(&s);
	trial_close(&b);
}

/* -- csv-spectrum --------------------------------------------------------- */

/* The text of one cell, by making its column the subject's. */
static void
assert_cell(struct trial *b, size_t column, size_t record, const char *want)
{
	struct mask_rows *m;
	struct mask_row row;
	struct fault f;
	bool end;

	b->plan.subject = column;
	assert_ok(mask_rows_open(&m, &b->src, NULL, NULL, &f));
	for (size_t i = 0; i <= record; i++) {
		assert_ok(mask_rows_next(m, &row, NULL, &end, &f));
		assert_false(end);
	}
	if (row.subject.len != strlen(want) ||
	    (want[0] != '\0' &&
		memcmp(row.subject.at, want, row.subject.len) != 0))
		fail_msg("record %zu: \"%.*s\", not \"%s\"", record,
		    (int)row.subject.len, (const char *)row.subject.at, want);
	mask_rows_close(m);
}

/* Copies of the *_crlf files lose their CRs on the way through some tools. */
static void
restore_crlf(struct bytes *b)
{
	struct bytes to;
	struct fault f;

	bytes_init(&to, 1 << 20);
	for (size_t i = 0; i < b->len; i++) {
		if (b->at[i] == '\n' && (i == 0 || b->at[i - 1] != '\r'))
			assert_ok(bytes_add_text(&to, "\r", &f));
		assert_ok(bytes_add(&to, b->at + i, 1, &f));
	}
	bytes_free(b);
	*b = to;
}

static void
assert_spectrum(const char *name)
{
	char path[256], csv[512], json[512];
	struct bytes source;
	struct trial b;
	struct fault f;
	json_error_t error;
	json_t *root, *row, *value;
	const char *key;
	size_t i;

	(void)snprintf(
	    path, sizeof(path), "vectors/input/csv-spectrum/csvs/%s.csv", name);
	test_shared(csv, sizeof(csv), path);
	(void)snprintf(path, sizeof(path),
	    "vectors/input/csv-spectrum/json/%s.json", name);
	test_shared(json, sizeof(json), path);
	test_read_file(csv, &source);
	if (strstr(name, "_crlf") != NULL)
		restore_crlf(&source);
	trial_open(&b, TYPE_CSV, source.at, source.len);
	assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
	root = json_load_file(json, 0, &error);
	assert_non_null(root);
	if (json_is_object(root)) {
		row = root;
		root = json_pack("[o]", row);
	}
	json_array_foreach(root, i, row)
	{
		size_t column = 0;

		json_object_foreach(row, key, value)
		{
			assert_string_equal(b.plan.fields[column].name, key);
			/* one file says two things of its telephone number */
			if (strcmp(key, "Contact Phone Number") != 0)
				assert_cell(
				    &b, column, i, json_string_value(value));
			column++;
		}
		assert_int_equal(column, b.plan.nfields);
	}
	assert_ok(trial_mask(&b, &f));
	assert_int_equal(b.change.records, json_array_size(root));
	json_decref(root);
	trial_close(&b);
	bytes_free(&source);
}

static void
the_csv_spectrum_has_the_values_it_says(void **state)
{
	static const char *const names[] = { "comma_in_quotes", "empty",
		"empty_crlf", "escaped_quotes", "json", "location_coordinates",
		"newlines", "newlines_crlf", "quotes_and_newlines", "simple",
		"simple_crlf", "utf8" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_spectrum(names[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_kept_is_the_source),
		cmocka_unit_test(
		    what_two_readers_would_read_differently_is_refused),
		cmocka_unit_test(it_is_refused_wherever_it_stands),
		cmocka_unit_test(empty_lines_are_no_records),
		cmocka_unit_test(
		    dropped_columns_vanish_with_one_delimiter_each),
		cmocka_unit_test(
		    changed_values_keep_their_quotes_or_get_what_they_need),
		cmocka_unit_test(tokens_are_the_keys_of_the_text_meant),
		cmocka_unit_test(
		    the_change_record_leads_from_source_to_delivered),
		cmocka_unit_test(columns_that_are_not_the_plans_are_refused),
		cmocka_unit_test(a_field_of_no_decision_stops_the_file),
		cmocka_unit_test(without_a_header_columns_have_numbers),
		cmocka_unit_test(
		    the_delimiter_is_the_one_seen_most_or_the_one_given),
		cmocka_unit_test(two_delimiters_seen_as_often_are_refused),
		cmocka_unit_test(without_a_header_nothing_is_guessed),
		cmocka_unit_test(the_csv_spectrum_has_the_values_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
