/* DICOM files: which series one is a part of, and whom it is about. */

#include "tests/support/dicom_bytes.h"

static void
the_series_is_told(void **state)
{
	static const struct {
		const char *text;
		uint32_t want;
	} numbers[] = { { "7", 7 }, { " +007 ", 7 }, { "0", 0 }, { "", 0 },
		{ "-3", 0 }, { "4294967295", 4294967295u }, { "4294967296", 0 },
		{ "1\\2", 0 }, { "12345678901234567890", 0 } };
	struct fault f = { 0 };
	struct mask_series got;
	struct made m;
	struct trial t;

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		made_start(&m, i % 2 == 0 ? EXPLICIT : IMPLICIT);
		made_open(&m, 0x00081115, "SQ", true);
		made_open(&m, TAG_ITEM, "", true);
		made_text(&m, TAG_SERIES, "UI", "9.9.9");
		made_end(&m);
		made_end(&m);
		made_text(&m, TAG_STUDY, "UI", "1.2.3");
		made_text(&m, TAG_SERIES, "UI", "1.2.3.10");
		made_text(&m, TAG_INSTANCE_NUMBER, "IS", numbers[i].text);
		made_pixels(&m);
		made_open_trial(&m, &t);
		assert_ok(mask_series(&t.src, &got, &f));
		assert_string_equal(got.study, "1.2.3");
		assert_string_equal(got.series, "1.2.3.10");
		assert_int_equal(got.instance, numbers[i].want);
		trial_close(&t);
		bytes_free(&m.b);
	}
}

static void
a_series_without_a_valid_uid_is_refused(void **state)
{
	static const char *const wrong[] = { "1.2.840.10008.5.1.4.19800101", "",
		"1.2.x", "1..2", "1.2.", ".1", "1.02", "1.2\\1.3",
		"1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23."
		"24.25" };
	struct mask_series got = { .study = "" };
	struct fault f = { 0 };
	struct made m;
	struct trial t;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		for (unsigned k = 0; k < 2; k++) {
			made_start(&m, EXPLICIT);
			made_text(&m, TAG_STUDY, "UI", k ? wrong[i] : "1.0");
			made_text(&m, TAG_SERIES, "UI", k ? "1.0" : wrong[i]);
			made_open_trial(&m, &t);
			assert_refused(
			    mask_series(&t.src, &got, &f), FAULT_INPUT);
			assert_non_null(strstr(f.text,
			    k ? "StudyInstanceUID" : "SeriesInstanceUID"));
			assert_non_null(strstr(f.text, "dir/in: "));
			assert_string_equal(got.study, "");
			trial_close(&t);
			bytes_free(&m.b);
		}
}

static void
the_subject_is_read_at_the_top(void **state)
{
	struct fault f = { 0 };
	struct bytes out;
	struct made m;
	struct trial t;

	(void)state;
	bytes_init(&out, 100);
	made_image(&m, EXPLICIT);
	made_open_trial(&m, &t);
	(void)trial_field(&t, "PatientID", TRANSFORM_DROP);
	assert_false(mask_names_subject(&t.plan));
	t.plan.subject = 0;
	assert_true(mask_names_subject(&t.plan));
	assert_ok(mask_subject(&t.src, &out, &f));
	assert_int_equal(out.len, 6);
	assert_memory_equal(out.at, "P-4711", 6);
	bytes_free(&out);
	trial_close(&t);
	bytes_free(&m.b);
}

static void
a_subject_is_one_text_to_every_reader(void **state)
{
	static const struct {
		const char *id, *why;
		size_t len;
	} ids[] = {
		{ "M\xfcller", "a character set that is not read", 6 },
		{ "Jane\0\0x ", "more values than one", 8 },
		{ "Jane\\Bob", "more values than one", 8 },
		{ "Jane\x1b$", "characters that steer", 6 },
		{ "M\xc3\xbcller ", NULL, 8 },
		{ "Jane\0", NULL, 5 },
	};
	struct fault f = { 0 };
	struct bytes out;
	struct made m;
	struct trial t;

	(void)state;
	bytes_init(&out, 100);
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		made_start(&m, EXPLICIT);
		made_bytes(&m, 0x00100020, "LO", ids[i].id,
		    ids[i].len + ids[i].len % 2);
		made_open_trial(&m, &t);
		(void)trial_field(&t, "PatientID", TRANSFORM_DROP);
		t.plan.subject = 0;
		if (ids[i].why == NULL)
			assert_ok(mask_subject(&t.src, &out, &f));
		else {
			assert_refused(
			    mask_subject(&t.src, &out, &f), FAULT_INPUT);
			assert_non_null(strstr(f.text, ids[i].why));
		}
		trial_close(&t);
		bytes_free(&m.b);
	}
	bytes_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_series_is_told),
		cmocka_unit_test(a_series_without_a_valid_uid_is_refused),
		cmocka_unit_test(the_subject_is_read_at_the_top),
		cmocka_unit_test(a_subject_is_one_text_to_every_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
