/* DICOM attributes that stay: what they may hold. */

#include "gateway/mask/dicom_mask_internal.h"
#include "tests/support/dicom_bytes.h"

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))
#define ANY 0x00181030u

static bool
fits(uint32_t tag, const char *vr, const char *text, size_t len)
{
	const struct slice s = { (const uint8_t *)text, len };

	return dicom_kept_fits(tag, vr, &s);
}

static void
values_in_their_form_stay(void **state)
{
	static const struct {
		const char *vr, *text;
	} good[] = { { "DS", "" }, { "DS", " -1.5E-3\\0.123456789012345678 " },
		{ "IS", "-12\\+3 " }, { "DA", "20200229" },
		{ "DA", "2020.02.29\\19000101" }, { "TM", "10" },
		{ "TM", "101112.123456" }, { "TM", "10:11:12" },
		{ "DT", "20200229101112.000000+0100" }, { "DT", "2020" },
		{ "AS", "045Y" }, { "UI", "1.2.3\\1.2.4" },
		{ "CS", "ORIGINAL\\PRIMARY\\M_SE" }, { "CS", "Head-Neck " },
		{ "LO", "two\\of them" }, { "SH", "b\x1b$B" },
		{ "LT", "lines\r\n\\ and signs" }, { "UT", "" } };

	(void)state;
	for (size_t i = 0; i < ROWS(good); i++)
		if (!fits(ANY, good[i].vr, good[i].text, strlen(good[i].text)))
			fail_msg("%s: %s", good[i].vr, good[i].text);
	/* padding */
	assert_true(fits(ANY, "UI", "1.2.3\0", 6));
	assert_true(fits(ANY, "LO", "a\0", 2));
}

static void
what_is_something_else_does_not(void **state)
{
	static const struct {
		const char *vr, *text;
	} bad[] = { { "DS", "Doe" }, { "DS", "1\\Jane" }, { "DS", "1 2" },
		{ "IS", "1.5" }, { "DA", "2020" }, { "DA", "202002" },
		{ "DA", "20200229Doe" }, { "DA", "Jane^Doe" },
		/* a day in a time of day */
		{ "TM", "20200315101112" }, { "TM", "20200315" }, { "TM", "1" },
		{ "TM", "noon" }, { "DT", "202" }, { "DT", "20200229 Doe" },
		{ "DT", "20200229.19800203" }, { "DT", "20200229101112." },
		{ "DT", "20200229101112.0000001" }, { "DT", "2020+01" },
		{ "AS", "old" }, { "AS", "0045Y" }, { "UI", "1.2.Doe" },
		{ "UI", "1.02" }, { "CS", "Doe^Jane" },
		{ "CS", "LONGER THAN A CODE" }, { "CS", "\x1b$B" } };
	char longer[64 * 8 + 2];

	(void)state;
	for (size_t i = 0; i < ROWS(bad); i++)
		if (fits(ANY, bad[i].vr, bad[i].text, strlen(bad[i].text)))
			fail_msg("%s: %s", bad[i].vr, bad[i].text);
	/* hidden behind a NUL */
	assert_false(fits(ANY, "CS", "CT\0\0Doe^John", 12));
	assert_false(fits(ANY, "LT", "CT\0\0Doe^John", 12));
	assert_false(fits(ANY, "LO", "CT\0\0", 4));
	memset(longer, 'x', sizeof(longer));
	assert_true(fits(ANY, "LO", longer, sizeof(longer) - 2));
	assert_false(fits(ANY, "LO", longer, sizeof(longer)));
}

static void
character_sets_are_terms_of_the_standard(void **state)
{
	static const char *const good[] = { "", "ISO_IR 100", "ISO_IR 192",
		"\\ISO 2022 IR 87\\ISO 2022 IR 159 ", "GB18030", "GBK " };
	static const char *const bad[] = { "Doe", "ISO_IR 1000", "ISO_IR ",
		"ISO_IR 100\\Doe", "ISO_IR x" };
	char many[300];

	(void)state;
	for (size_t i = 0; i < ROWS(good); i++)
		assert_true(
		    fits(TAG_CHARACTER_SET, "CS", good[i], strlen(good[i])));
	for (size_t i = 0; i < ROWS(bad); i++)
		assert_false(
		    fits(TAG_CHARACTER_SET, "CS", bad[i], strlen(bad[i])));
	memset(many, '\\', sizeof(many));
	assert_true(fits(TAG_CHARACTER_SET, "CS", many, 256));
	assert_false(fits(TAG_CHARACTER_SET, "CS", many, 257));
}

static void
numbers_are_whole(void **state)
{
	static const char bytes[16];

	(void)state;
	assert_true(fits(ANY, "US", bytes, 4));
	assert_false(fits(ANY, "US", bytes, 3));
	assert_false(fits(ANY, "FL", bytes, 6));
	assert_false(fits(ANY, "FD", bytes, 12));
	assert_true(fits(ANY, "FD", bytes, 16));
	assert_true(fits(ANY, "OB", bytes, 3));
}

/* The last byte is padding, whatever it is. */
static void
long_values_are_looked_at_in_parts(void **state)
{
	static const struct {
		const char *vr;
		char fill, odd;
		bool stays;
	} rows[] = { { "DS", '1', '1', true }, { "DS", '1', 'D', false },
		{ "UT", 'x', 'y', true }, { "UT", 'x', '\0', false },
		{ "LT", 'x', 'y', false } };
	struct fault f = { 0 };
	struct made m;
	struct trial t;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char *text = mem_new(400000);

		assert_non_null(text);
		memset(text, rows[i].fill, 400000);
		text[300001] = rows[i].odd;
		made_image(&m, IMPLICIT);
		made_bytes(&m,
		    strcmp(rows[i].vr, "DS") == 0   ? 0x00280030
		    : strcmp(rows[i].vr, "LT") == 0 ? 0x00204000
						    : 0x00321066,
		    "", text, 400000);
		made_keep_all(&m, &t);
		if (rows[i].stays)
			assert_ok(trial_mask(&t, &f));
		else
			assert_refused(trial_mask(&t, &f), FAULT_INPUT);
		made_done(&m, &t);
		mem_free(text);
	}
}

/* By the standard's VR, and not by that which the file says it has. */
static void
a_code_is_a_code_whatever_the_file_calls_it(void **state)
{
	static const char *const vrs[] = { "UT", "PN", "ST", "LO" };
	struct fault f = { 0 };
	struct made m;
	struct trial t;

	(void)state;
	for (size_t i = 0; i < ROWS(vrs); i++) {
		made_start(&m, EXPLICIT);
		made_text(&m, TAG_SOP_CLASS, "UI", CT_CLASS);
		made_text(&m, TAG_SOP_INSTANCE, "UI", "1.2.3.4");
		made_text(&m, 0x00180015, vrs[i], "Doe^Jane");
		made_keep_all(&m, &t);
		assert_refused(trial_mask(&t, &f), FAULT_INPUT);
		assert_non_null(strstr(f.text, "BodyPartExamined"));
		assert_non_null(strstr(f.hint, "BodyPartExamined: drop"));
		made_done(&m, &t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_in_their_form_stay),
		cmocka_unit_test(what_is_something_else_does_not),
		cmocka_unit_test(character_sets_are_terms_of_the_standard),
		cmocka_unit_test(numbers_are_whole),
		cmocka_unit_test(long_values_are_looked_at_in_parts),
		cmocka_unit_test(a_code_is_a_code_whatever_the_file_calls_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
