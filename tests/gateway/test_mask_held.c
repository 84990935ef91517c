/* Row sources whose parts are read once, where they are cut. */

#include "tests/support/mask_plan.h"

/* Sources that do not go well into pieces of one size: long records, many
 * members, blank lines, other line ends, no last one. */
enum odd { LONG, WIDE, BLANKS, CARRIAGE, BARE, ODDS };

static void
add_odd_record(struct bytes *text, enum odd kind, size_t i, bool json)
{
	size_t chars = kind == LONG && i % 9 == 4 ? 100000 + 30000 * i : i % 50;
	size_t members = kind == WIDE ? 16000 : 2;
	const char *end = kind == CARRIAGE && !json ? "\r" : "\n";
	struct fault f;

	if (kind == BLANKS && i % 3 == 1)
		assert_ok(bytes_add_text(text, "\n\r\n", &f));
	assert_ok(bytes_add_text(text, json ? "{\"a\":\"" : "\"", &f));
	for (size_t k = 0; k < chars; k++)
		assert_ok(bytes_add_text(text, json ? "," : "\n", &f));
	assert_ok(bytes_add_text(text, "\"", &f));
	for (size_t k = 1; k < members; k++)
		assert_ok(json ? bytes_addf(text, &f, ",\"%zu\":1", k)
			       : bytes_add_text(text, ",", &f));
	assert_ok(bytes_add_text(text, json ? "}" : "", &f));
	if (kind != BARE || i < 19)
		assert_ok(bytes_add_text(text, end, &f));
}

static void
what_is_read_once_is_masked_as_what_is_read_by_records(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2 * ODDS; i++) {
		bool json = i % 2 == 1;
		bool end = false;
		struct bytes text, out;
		struct mask_rows *m;
		struct mask_row row;
		struct trial b;
		struct fault f;

		bytes_init(&text, 1 << 28);
		if (i / 2 == BARE)
			assert_ok(bytes_add_text(&text, "\xef\xbb\xbf", &f));
		for (size_t k = 0; k < 20; k++)
			add_odd_record(&text, (enum odd)(i / 2), k, json);
		trial_open(&b, json ? TYPE_JSONL : TYPE_CSV, text.at, text.len);
		b.plan.header = false;
		b.plan.delimiter = ',';
		assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
		b.plan.fields[0].how.action = TRANSFORM_TOKEN;
		assert_ok(trial_mask(&b, &f));
		assert_int_equal(b.change.records, 20);
		trial_check_record(&b, text.at);
		bytes_init(&out, 1 << 28);
		assert_ok(mask_rows_open(&m, &b.src, NULL, NULL, &f));
		assert_ok(mask_rows_header(m, &out, &f));
		while (!end)
			assert_ok(mask_rows_next(m, &row, &out, &end, &f));
		mask_rows_close(m);
		assert_int_equal(b.out.len, out.len);
		assert_memory_equal(b.out.at, out.at, out.len);
		bytes_free(&out);
		trial_close(&b);
		bytes_free(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_read_once_is_masked_as_what_is_read_by_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
