/* Text: kept to the byte, or refused. */

#include "tests/support/mask_plan.h"

static void
assert_kept(const char *text, size_t len)
{
	struct trial b;
	struct fault f;

	trial_open(&b, TYPE_TEXT, text, len);
	assert_ok(trial_mask(&b, &f));
	assert_int_equal(b.out.len, len);
	if (len > 0)
		assert_memory_equal(b.out.at, text, len);
	assert_int_equal(b.change.source_bytes, len);
	assert_int_equal(b.change.nedits, 0);
	assert_true(b.change.has_kept);
	trial_close(&b);
}

static void
assert_no_text(const char *text, size_t len)
{
	struct trial b;
	struct fault f;

	trial_open(&b, TYPE_TEXT, text, len);
	assert_refused(trial_mask(&b, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "dir/in: not UTF-8"));
	trial_close(&b);
}

static void
utf8_is_kept_to_the_byte(void **state)
{
	(void)state;
	assert_kept("", 0);
	assert_kept("a\r\nb\n\n", 6);
	assert_kept("\xef\xbb\xbf\xf0\x9f\x98\x80", 7);
	assert_kept("a\0b", 3);
}

static void
other_encodings_are_refused(void **state)
{
	(void)state;
	assert_no_text("J\xfcrgen", 6);
	assert_no_text("\xff\xfe"
		       "a\0",
	    4);
	assert_no_text("\xed\xa0\x80", 3);
	assert_no_text("ab\xe2\x82", 4);
}

/* Longer than the window, with a character over every edge. */
static void
a_character_may_lie_anywhere(void **state)
{
	static const char *const letters[] = { "\xc3\xa4", "\xe2\x82\xac",
		"\xf0\x9f\x98\x80" };
	struct bytes text;
	struct fault f;

	(void)state;
	for (size_t k = 0; k < 3; k++)
		for (size_t shift = 0; shift < 4; shift++) {
			bytes_init(&text, 1 << 20);
			assert_ok(bytes_add(&text, "xxxx", shift, &f));
			while (text.len < 600000)
				assert_ok(
				    bytes_add_text(&text, letters[k], &f));
			assert_kept((const char *)text.at, text.len);
			assert_no_text((const char *)text.at, text.len - 1);
			text.at[text.len / 2] = 0xff;
			assert_no_text((const char *)text.at, text.len);
			bytes_free(&text);
		}
}

static void
a_file_that_shrinks_is_refused(void **state)
{
	struct trial b;
	struct fault f;

	(void)state;
	trial_open(&b, TYPE_TEXT, "some text", 9);
	b.src.size = 10;
	assert_refused(trial_mask(&b, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "became shorter"));
	trial_close(&b);
}

static void
a_change_record_travels_and_prints(void **state)
{
	static const uint8_t zero[32];
	struct mask_change c, d;
	struct bytes b;
	struct reader r;
	struct fault f;
	json_t *o;

	(void)state;
	mask_change_init(&c, true);
	c.source_bytes = 100;
	c.sent_bytes = 90;
	c.has_kept = true;
	memset(c.kept, 0xab, sizeof(c.kept));
	c.view = (struct mask_view){ 6, true, 40, 30, 30, 40, 77 };
	bytes_init(&b, 1 << 20);
	assert_ok(mask_change_put(&b, &c, &f));
	for (size_t n = 0; n < b.len; n++) {
		r = reader_of(b.at, n);
		memset(&d, 0x5a, sizeof(d));
		assert_refused(mask_change_take(&r, &d, &f), FAULT_INPUT);
		assert_int_equal(d.nedits, (size_t)0x5a5a5a5a5a5a5a5a);
	}
	r = reader_of(b.at, b.len);
	assert_ok(mask_change_take(&r, &d, &f));
	assert_ok(take_end(&r, &f));
	assert_int_equal(d.sent_bytes, 90);
	assert_int_equal(d.view.sent_height, 40);
	assert_int_equal(d.view.chars, 77);
	assert_true(d.view.upright);
	assert_memory_not_equal(d.kept, zero, sizeof(zero));
	assert_ok(mask_change_json(&o, &d, &f));
	assert_int_equal(
	    json_integer_value(json_object_get(o, "sent_bytes")), 90);
	assert_non_null(json_object_get(o, "kept_sha256"));
	assert_int_equal(json_integer_value(json_object_get(
			     json_object_get(o, "view"), "orientation")),
	    6);
	json_decref(o);
	mask_change_free(&c);
	mask_change_free(&d);
	bytes_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_is_kept_to_the_byte),
		cmocka_unit_test(other_encodings_are_refused),
		cmocka_unit_test(a_character_may_lie_anywhere),
		cmocka_unit_test(a_file_that_shrinks_is_refused),
		cmocka_unit_test(a_change_record_travels_and_prints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
