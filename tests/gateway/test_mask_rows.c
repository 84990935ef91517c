/* CSV as rows: ids, parts for parallel workers, and no memory. */

#include "tests/support/mask_plan.h"

#define OPEN(text) trial_open(&b, TYPE_CSV, text, sizeof(text) - 1)

static void
rows_carry_item_ids_made_of_path_and_value(void **state)
{
	char token[TOKEN_CHARS + 1], want[128];
	struct mask_rows *m;
	struct mask_row row;
	struct trial b;
	struct fault f;
	bool end = false;

	(void)state;
	OPEN("\xef\xbb\xbfid,b\n\"7\",2\n8,3");
	b.keys.item = b.item;
	(void)trial_field(&b, "id", TRANSFORM_DROP);
	(void)trial_field(&b, "b", TRANSFORM_KEEP);
	b.plan.item = b.plan.subject = 0;
	assert_ok(mask_rows_open(&m, &b.src, NULL, NULL, &f));
	assert_ok(mask_rows_header(m, &b.out, &f));
	assert_out(&b, "_item,b\n");
	bytes_reset(&b.out);
	assert_ok(mask_rows_next(m, &row, &b.out, &end, &f));
	assert_false(end);
	assert_int_equal(row.number, 1);
	assert_int_equal(row.at, 8);
	assert_int_equal(row.len, 6);
	assert_int_equal(row.id.len, 8);
	assert_memory_equal(row.id.at, "dir/in#7", 8);
	assert_int_equal(row.subject.len, 1);
	token_make(b.item, "dir/in#7", 8, token);
	assert_int_equal(row.item_at, 0);
	(void)snprintf(want, sizeof(want), "%s,2\n", token);
	assert_int_equal(b.out.len, strlen(want));
	assert_memory_equal(b.out.at, want, b.out.len);
	bytes_reset(&b.out);
	assert_ok(mask_rows_next(m, &row, NULL, &end, &f));
	assert_memory_equal(row.id.at, "dir/in#8", 8);
	assert_ok(mask_rows_next(m, &row, &b.out, &end, &f));
	assert_true(end);
	assert_int_equal(b.out.len, 0);
	mask_rows_close(m);
	trial_close(&b);
}

/* Values of up to 90 bytes, some empty, some that come again. */
static void
add_record(struct bytes *text, size_t k, size_t columns, bool json)
{
	static const char value[] =
	    "a name, or a line that is longer than what a block of the hash "
	    "takes with its padding ...";
	struct fault f;

	for (size_t c = 0; c < columns; c++) {
		int len = (int)(k * (c + 1) % sizeof(value));

		if (json)
			assert_ok(bytes_addf(text, &f, "%s\"c%zu\":\"%.*s\"",
			    c == 0 ? "{" : ",", c, len, value));
		else
			assert_ok(bytes_addf(text, &f, "%s\"%.*s\"",
			    c == 0 ? "" : ",", len, value));
	}
	assert_ok(bytes_add_text(text, json ? "}\n" : "\n", &f));
}

static void
tokens_gathered_over_records_are_those_of_each_alone(void **state)
{
	static const size_t columns[] = { 1, 5, 100 };

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		bool json = i % 2 == 1;
		struct bytes text, alone;
		struct trial b;
		struct fault f;

		bytes_init(&text, 1 << 24);
		for (size_t k = 0; k < 300; k++)
			add_record(&text, k, columns[i / 2], json);
		trial_open(&b, json ? TYPE_JSONL : TYPE_CSV, text.at, text.len);
		b.plan.header = false;
		b.plan.delimiter = ',';
		b.keys.item = b.item;
		assert_ok(trial_all(&b, TRANSFORM_TOKEN, &f));
		bytes_reset(&b.out);
		trial_take(&b, NULL, false);
		alone = b.out;
		bytes_init(&b.out, 1 << 24);
		trial_take(&b, NULL, true);
		assert_int_equal(b.out.len, alone.len);
		assert_memory_equal(b.out.at, alone.at, alone.len);
		assert_null(memmem(b.out.at, b.out.len, "----", 4));
		bytes_free(&alone);
		trial_close(&b);
		bytes_free(&text);
	}
}

static void
a_last_record_without_line_end_gets_the_files(void **state)
{
	struct trial b;
	struct fault f;

	(void)state;
	OPEN("a,b\r\n1,2");
	b.keys.item = b.item;
	assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
	assert_ok(trial_mask(&b, &f));
	assert_memory_equal(b.out.at + b.out.len - 5, "1,2\r\n", 5);
	trial_close(&b);
}

static void
a_row_without_its_id_is_refused(void **state)
{
	struct trial b;
	struct fault f;

	(void)state;
	OPEN("a,b\n1,\n");
	assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
	b.plan.item = 1;
	assert_refused(trial_mask(&b, &f), FAULT_INPUT);
	assert_string_equal(f.text,
	    "dir/in: record 1: column \"b\" (p.yaml:2): has no value to be "
	    "known by");
	trial_close(&b);
}

/* A table whose fields need every care, of about len bytes. */
static void
make_table(struct bytes *to, size_t len)
{
	static const char *const cells[] = { "x", "\"a\nb\"", "37'8\"N", "",
		"\"\"\"\"", "\xc3\xa4\xe2\x82\xac", "\"1,2\r\n3\"", "\"\"",
		"a longer text that fills a block of sixty-four bytes and on" };
	struct fault f;
	unsigned n = 1;

	bytes_init(to, 2 * len + 4096);
	assert_ok(bytes_add_text(to, "n,a,b\n", &f));
	for (uint32_t seed = 1; to->len < len; n++) {
		assert_ok(bytes_addf(to, &f, "%u", n));
		for (int k = 0; k < 2; k++) {
			seed = seed * 1664525 + 1013904223;
			assert_ok(
			    bytes_addf(to, &f, ",%s", cells[seed % 7919 % 9]));
		}
		assert_ok(bytes_add_text(to, n % 3 ? "\n" : "\r\n", &f));
	}
}

/* A table of so many bytes, cut into parts of so many and more. */
static void
check_parts(size_t bytes, uint64_t target)
{
	struct bytes table, whole;
	struct mask_cuts cuts;
	struct trial b;
	struct fault f;

	make_table(&table, bytes);
	trial_open(&b, TYPE_CSV, table.at, table.len);
	b.keys.item = b.item;
	assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
	b.plan.fields[1].how.action = TRANSFORM_TOKEN;
	b.plan.fields[0].how.action = TRANSFORM_DROP;
	b.plan.item = 0;
	assert_ok(trial_mask(&b, &f));
	whole = b.out;
	bytes_init(&b.out, (size_t)1 << 28);
	for (; target < 1000000; target = target * 50 + 7) {
		uint64_t at = 6;

		assert_ok(mask_rows_cut(&b.src, target, &cuts, &f));
		assert_int_equal(cuts.records, b.change.records);
		bytes_reset(&b.out);
		for (size_t i = 0; i < cuts.nparts; i++) {
			struct mask_rows *m;
			struct mask_row row;
			bool end = false;

			assert_int_equal(cuts.parts[i].from, at);
			at = cuts.parts[i].to;
			assert_ok(mask_rows_open(
			    &m, &b.src, &cuts.parts[i], NULL, &f));
			if (i == 0)
				assert_ok(mask_rows_header(m, &b.out, &f));
			while (!end)
				assert_ok(
				    mask_rows_next(m, &row, &b.out, &end, &f));
			mask_rows_close(m);
		}
		assert_int_equal(at, table.len);
		assert_int_equal(b.out.len, whole.len);
		assert_memory_equal(b.out.at, whole.at, whole.len);
		mask_cuts_free(&cuts);
	}
	trial_close(&b);
	bytes_free(&table);
	bytes_free(&whole);
}

static void
parts_hold_the_rows_of_the_whole(void **state)
{
	(void)state;
	check_parts(20000, 1); /* each row by itself */
	check_parts(700000, 2857);
}

/* Which of a part's records stay, out of its first and a seed. */
static void
choose_left(uint8_t *left, const struct mask_part *part, uint32_t seed)
{
	memset(left, 0, (size_t)MASK_LEFT_BYTES(part->records));
	for (uint64_t i = 0; i < part->records; i++) {
		seed = seed * 1664525 + 1013904223;
		if (seed >> 29 & 1)
			left[i / 8] |= (uint8_t)(1u << i % 8);
	}
}

static void
records_that_stay_are_as_if_they_were_not_there(void **state)
{
	static uint8_t left[1 << 16];
	struct bytes table, want;
	struct mask_cuts cuts;
	struct trial b;
	struct fault f;

	(void)state;
	make_table(&table, 300000);
	trial_open(&b, TYPE_CSV, table.at, table.len);
	b.keys.item = b.item;
	assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
	b.plan.item = 0;
	bytes_init(&want, (size_t)1 << 28);
	assert_ok(mask_rows_cut(&b.src, 50000, &cuts, &f));
	assert_in_range(cuts.nparts, 3, 9);
	for (size_t i = 0; i < cuts.nparts; i++) {
		struct mask_part *part = &cuts.parts[i];
		uint64_t kept = 0, stay = 0;

		choose_left(left, part, (uint32_t)i);
		for (int without = 0; without < 2; without++) {
			struct mask_rows *m;
			struct mask_row row;
			bool end = false;

			part->left = without ? left : NULL;
			assert_ok(mask_rows_open(&m, &b.src, part, NULL, &f));
			bytes_reset(without ? &b.out : &want);
			for (;;) {
				size_t was = want.len;

				assert_ok(mask_rows_next(m, &row,
				    without ? &b.out : &want, &end, &f));
				if (end)
					break;
				if (mask_left_has(
					left, row.number - part->first)) {
					assert_int_equal(without, 0);
					want.len = was;
					stay++;
				}
				kept += without != 0;
			}
			mask_rows_close(m);
		}
		assert_int_equal(kept + stay, part->records);
		assert_true(stay > 0 && kept > 0);
		assert_int_equal(b.out.len, want.len);
		assert_memory_equal(b.out.at, want.at, want.len);
	}
	mask_cuts_free(&cuts);
	trial_close(&b);
	bytes_free(&table);
	bytes_free(&want);
}

static void
a_file_changed_after_it_was_cut_is_refused(void **state)
{
	struct mask_rows *m;
	struct mask_cuts cuts;
	struct mask_row row;
	struct trial b;
	struct fault f;
	bool end = false;

	(void)state;
	OPEN("a,b\n1,2\n3,4\n");
	assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
	assert_ok(mask_rows_cut(&b.src, 1, &cuts, &f));
	assert_int_equal(cuts.nparts, 2);
	assert_int_equal(pwrite(b.src.fd, "1,23", 4, 4), 4);
	assert_ok(mask_rows_open(&m, &b.src, &cuts.parts[0], NULL, &f));
	assert_refused(mask_rows_next(m, &row, &b.out, &end, &f), FAULT_INPUT);
	mask_rows_close(m);
	assert_int_equal(ftruncate(b.src.fd, 9), 0);
	assert_refused(
	    mask_rows_open(&m, &b.src, &cuts.parts[1], NULL, &f), FAULT_INPUT);
	mask_cuts_free(&cuts);
	trial_close(&b);

	/* as long as it was, and other records */
	OPEN("a\n12\n");
	assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
	assert_ok(mask_rows_cut(&b.src, 100, &cuts, &f));
	assert_int_equal(pwrite(b.src.fd, "\n", 1, 3), 1);
	assert_ok(mask_rows_open(&m, &b.src, &cuts.parts[0], NULL, &f));
	assert_ok(mask_rows_next(m, &row, &b.out, &end, &f));
	assert_ok(mask_rows_next(m, &row, &b.out, &end, &f));
	assert_false(end);
	assert_refused(mask_rows_next(m, &row, &b.out, &end, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "changed after it was cut"));
	mask_rows_close(m);
	mask_cuts_free(&cuts);
	trial_close(&b);
}

static void
a_cut_refuses_what_the_rows_would(void **state)
{
	struct mask_cuts cuts;
	struct trial b;
	struct fault f;

	(void)state;
	OPEN("a,b\n1,2\n3,\"4\n");
	assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
	assert_refused(mask_rows_cut(&b.src, 100, &cuts, &f), FAULT_INPUT);
	assert_string_equal(
	    f.text, "dir/in: record 2: a quote that is never closed");
	trial_close(&b);
}

/* Longer than the window's first size, and longer than anything may be. */
static void
a_record_has_a_largest_size(void **state)
{
	static const size_t sizes[] = { 300000, MASK_RECORD_MAX - 100,
		MASK_RECORD_MAX };
	struct bytes text;
	struct trial b;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		bytes_init(&text, MASK_RECORD_MAX + 100);
		assert_ok(bytes_add_text(&text, "a,b\n1,\"", &f));
		assert_ok(bytes_reserve(&text, sizes[i] + 20, &f));
		memset(text.at + text.len, '\n', sizes[i]);
		text.len += sizes[i];
		assert_ok(bytes_add_text(&text, "\"\n2,x\n", &f));
		trial_open(&b, TYPE_CSV, text.at, text.len);
		assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
		if (i < 2) {
			assert_ok(trial_mask(&b, &f));
			assert_int_equal(b.out.len, text.len);
			assert_memory_equal(b.out.at, text.at, text.len);
		} else {
			assert_refused(trial_mask(&b, &f), FAULT_INPUT);
			assert_string_equal(
			    f.text, "dir/in: record 1: longer than 16 MiB");
		}
		trial_close(&b);
		bytes_free(&text);
	}
}

static void
a_table_has_a_largest_width(void **state)
{
	struct bytes text;
	struct trial b;
	struct fault f;

	(void)state;
	for (unsigned extra = 0; extra < 2; extra++) {
		bytes_init(&text, 1 << 24);
		for (unsigned i = 0; i < MASK_NAMES_MAX + extra; i++)
			assert_ok(bytes_addf(
			    &text, &f, "%sc%u", i > 0 ? ";" : "", i));
		assert_ok(bytes_add_text(&text, "\n", &f));
		for (unsigned i = 0; i < MASK_NAMES_MAX; i++)
			assert_ok(bytes_addf(&text, &f, "%u%s", i,
			    i + 1 < MASK_NAMES_MAX ? ";" : "\n"));
		trial_open(&b, TYPE_CSV, text.at, text.len);
		if (extra == 0) {
			assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
			assert_ok(trial_mask(&b, &f));
			assert_int_equal(b.out.len, text.len);
			assert_memory_equal(b.out.at, text.at, text.len);
		} else
			assert_refused(
			    trial_all(&b, TRANSFORM_KEEP, &f), FAULT_INPUT);
		trial_close(&b);
		bytes_free(&text);
	}
	/* and a record of far more fields than the header is refused early */
	bytes_init(&text, 1 << 24);
	assert_ok(bytes_add_text(&text, "a,b\n", &f));
	for (unsigned i = 0; i < 100000; i++)
		assert_ok(bytes_add_text(&text, ",", &f));
	trial_open(&b, TYPE_CSV, text.at, text.len);
	assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
	assert_refused(trial_mask(&b, &f), FAULT_INPUT);
	trial_close(&b);
	bytes_free(&text);
}

static void
memory_may_run_out_anywhere(void **state)
{
	struct trial b;
	struct fault f = { 0 };
	int rc = -1;

	(void)state;
	OPEN("k,a\n1,\"2\"\"3\"\n");
	b.keys.item = b.item;
	(void)trial_field(&b, "k", TRANSFORM_TOKEN);
	(void)trial_field(&b, "a", TRANSFORM_CONSTANT);
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
		cmocka_unit_test(rows_carry_item_ids_made_of_path_and_value),
		cmocka_unit_test(
		    tokens_gathered_over_records_are_those_of_each_alone),
		cmocka_unit_test(a_last_record_without_line_end_gets_the_files),
		cmocka_unit_test(a_row_without_its_id_is_refused),
		cmocka_unit_test(parts_hold_the_rows_of_the_whole),
		cmocka_unit_test(
		    records_that_stay_are_as_if_they_were_not_there),
		cmocka_unit_test(a_file_changed_after_it_was_cut_is_refused),
		cmocka_unit_test(a_cut_refuses_what_the_rows_would),
		cmocka_unit_test(a_record_has_a_largest_size),
		cmocka_unit_test(a_table_has_a_largest_width),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
