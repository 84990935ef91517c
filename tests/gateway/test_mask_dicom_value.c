/* One value of a DICOM file: each of several, in its form, or refused. */

#include "gateway/mask/dicom_mask_internal.h"
#include "tests/support/dicom_bytes.h"

struct value {
	const char *vr;
	enum transform_action action;
	const char *in, *want; /* want NULL: refused */
	enum transform_grain grain;
	bool utf8;
};

static int
change(const struct value *v, struct bytes *out, struct fault *f)
{
	struct plan_field field = { .how = { .action = v->action,
					.grain = v->grain } };
	const struct slice in = slice_of_text(v->in);
	struct transform_site site = { .path = "dir/in",
		.field = "x",
		.subject = { (const uint8_t *)"p1", 2 } };
	uint64_t nth = 0;
	const struct dicom_change c = { &field, &site, v->vr, v->utf8, &nth };
	struct trial t;
	int rc;

	trial_open(&t, TYPE_DICOM, "", 0);
	trial_key(&t, v->action == TRANSFORM_SHIFT ? "shift:"
		      : v->action == TRANSFORM_UID ? "uid:"
						   : "token:x");
	site.key = t.field;
	field.how.domain = mem_text("x", 1);
	if (v->action == TRANSFORM_CONSTANT)
		field.how.text = mem_text(v->want, strlen(v->want));
	field.how.first = v->action == TRANSFORM_SHIFT ? 100 : 2;
	rc = dicom_change_value(out, &c, &in, f);
	transform_free(&field.how);
	trial_close(&t);
	return rc;
}

static void
becomes(const struct value *v)
{
	struct fault f = { 0 };
	struct bytes out;

	bytes_init(&out, 65536);
	assert_ok(change(v, &out, &f));
	assert_ok(bytes_end_text(&out, &f));
	assert_string_equal((const char *)out.at, v->want);
	bytes_free(&out);
}

static void
is_refused(const struct value *v, enum fault_kind kind, const char *why)
{
	struct fault f = { 0 };
	struct bytes out;

	bytes_init(&out, 65536);
	if (change(v, &out, &f) == 0)
		fail_msg("a %s is taken: %s", v->vr, v->in);
	f = (struct fault){ 0 };
	assert_refused(change(v, &out, &f), kind);
	if (strstr(f.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", f.text, why);
	bytes_free(&out);
}

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static void
each_of_several_values_is_changed_without_its_padding(void **state)
{
	static const struct value values[] = {
		{ "LO", TRANSFORM_TRUNCATE, "abcd\\ efgh \\\\i ", "ab\\ef\\\\i",
		    GRAIN_YEAR, false },
		{ "LO", TRANSFORM_TRUNCATE, "", "", GRAIN_YEAR, false },
		{ "LO", TRANSFORM_TRUNCATE, "  ", "", GRAIN_YEAR, false },
		/* in texts of one value it is a character */
		{ "LT", TRANSFORM_TRUNCATE, "a\\cd ", "a\\", GRAIN_YEAR,
		    false },
		{ "PN", TRANSFORM_TRUNCATE, "Doe^Jane", "Do", GRAIN_YEAR,
		    false },
		{ "CS", TRANSFORM_CONSTANT, "A\\B", "X", GRAIN_YEAR, false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(values); i++)
		becomes(&values[i]);
}

static void
equal_values_have_equal_tokens(void **state)
{
	static const struct value two = { "LO", TRANSFORM_TOKEN,
		"P-4711\\P-4711 ", NULL, GRAIN_YEAR, false };
	struct fault f = { 0 };
	struct bytes out;

	(void)state;
	bytes_init(&out, 100);
	assert_ok(change(&two, &out, &f));
	assert_int_equal(out.len, 26 + 1 + 26);
	assert_int_equal(out.at[26], '\\');
	assert_memory_equal(out.at, out.at + 27, 26);
	bytes_free(&out);
}

static void
a_token_that_does_not_fit_is_refused_and_not_cut(void **state)
{
	static const struct value values[] = {
		{ "SH", TRANSFORM_TOKEN, "A1", NULL, GRAIN_YEAR, false },
		{ "CS", TRANSFORM_TOKEN, "A1", NULL, GRAIN_YEAR, false },
		{ "DA", TRANSFORM_TOKEN, "20200229", NULL, GRAIN_YEAR, false },
		{ "UI", TRANSFORM_TOKEN, "1.2", NULL, GRAIN_YEAR, false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(values); i++)
		is_refused(&values[i], FAULT_POLICY,
		    "what becomes of it is no value of VR");
}

static void
dates_stay_dates(void **state)
{
	static const struct value values[] = {
		{ "DA", TRANSFORM_DATE, "20200229", "20200101", GRAIN_YEAR,
		    false },
		{ "DA", TRANSFORM_DATE, "20200229", "20200201", GRAIN_MONTH,
		    false },
		{ "DA", TRANSFORM_DATE, "20200229", "20200101", GRAIN_QUARTER,
		    false },
		{ "DA", TRANSFORM_DATE, "20200401", "20200401", GRAIN_QUARTER,
		    false },
		{ "DA", TRANSFORM_DATE, "20200930", "20200701", GRAIN_QUARTER,
		    false },
		{ "DA", TRANSFORM_DATE, "20201231\\20190101",
		    "20201001\\20190101", GRAIN_QUARTER, false },
		{ "DA", TRANSFORM_DATE, "2020.02.29", "20200101", GRAIN_YEAR,
		    false },
		{ "DA", TRANSFORM_DATE, " ", "", GRAIN_YEAR, false },
		/* of a time nothing is left but its day */
		{ "DT", TRANSFORM_DATE, "20200229235959.5+0100", "20200201",
		    GRAIN_MONTH, false },
		{ "DT", TRANSFORM_DATE, "2020", "20200101", GRAIN_YEAR, false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(values); i++)
		becomes(&values[i]);
}

static void
a_shift_moves_the_day_and_keeps_the_time(void **state)
{
	static const char *const ins[] = { "20200229", "20200229235959.5+0100",
		"20200229\\20200301" };
	struct bytes day, time, two;
	struct fault f = { 0 };
	struct value v = { "DA", TRANSFORM_SHIFT, ins[0], NULL, GRAIN_YEAR,
		false };

	(void)state;
	bytes_init(&day, 100);
	bytes_init(&time, 100);
	bytes_init(&two, 100);
	assert_ok(change(&v, &day, &f));
	assert_int_equal(day.len, 8);
	assert_memory_not_equal(day.at, ins[0], 8);
	v.in = ins[2];
	assert_ok(change(&v, &two, &f));
	assert_int_equal(two.len, 17);
	assert_memory_equal(two.at, day.at, 8);
	v.vr = "DT";
	v.in = ins[1];
	assert_ok(change(&v, &time, &f));
	assert_int_equal(time.len, strlen(ins[1]));
	assert_memory_equal(time.at, day.at, 8);
	assert_memory_equal(time.at + 8, ins[1] + 8, time.len - 8);
	/* another day behind it */
	v.in = "20200229.19800203";
	is_refused(&v, FAULT_POLICY, "no value of VR DT");
	v.in = "202002";
	is_refused(&v, FAULT_INPUT, "");
	v.in = "Doe^Jane";
	is_refused(&v, FAULT_INPUT, "");
	bytes_free(&day);
	bytes_free(&time);
	bytes_free(&two);
}

static void
constants_are_held_against_the_representation(void **state)
{
	static const struct value good[] = {
		{ "AS", TRANSFORM_CONSTANT, "", "045Y", GRAIN_YEAR, false },
		{ "DS", TRANSFORM_CONSTANT, "", "-1.5E3", GRAIN_YEAR, false },
		{ "IS", TRANSFORM_CONSTANT, "", "-12", GRAIN_YEAR, false },
		{ "TM", TRANSFORM_CONSTANT, "", "1200", GRAIN_YEAR, false },
		{ "UI", TRANSFORM_CONSTANT, "", "1.2", GRAIN_YEAR, false },
		{ "LT", TRANSFORM_CONSTANT, "", "two\r\nlines", GRAIN_YEAR,
		    false },
		{ "PN", TRANSFORM_CONSTANT, "", "M\xc3\xbcller", GRAIN_YEAR,
		    true },
	};
	static const struct value bad[] = {
		{ "AS", TRANSFORM_CONSTANT, "", "45", GRAIN_YEAR, false },
		{ "DA", TRANSFORM_CONSTANT, "", "in May", GRAIN_YEAR, false },
		{ "DS", TRANSFORM_CONSTANT, "", "a", GRAIN_YEAR, false },
		{ "DS", TRANSFORM_CONSTANT, "", "12345678901234567", GRAIN_YEAR,
		    false },
		{ "IS", TRANSFORM_CONSTANT, "", "1.5", GRAIN_YEAR, false },
		{ "TM", TRANSFORM_CONSTANT, "", "noon", GRAIN_YEAR, false },
		{ "UI", TRANSFORM_CONSTANT, "", "1.02", GRAIN_YEAR, false },
		{ "CS", TRANSFORM_CONSTANT, "", "low", GRAIN_YEAR, false },
		{ "LO", TRANSFORM_CONSTANT, "", "a\\b", GRAIN_YEAR, false },
		{ "LO", TRANSFORM_CONSTANT, "", "a\nb", GRAIN_YEAR, false },
		{ "LT", TRANSFORM_CONSTANT, "", "a\x1b$B", GRAIN_YEAR, false },
	};
	static const struct value umlaut = { "PN", TRANSFORM_CONSTANT, "",
		"M\xc3\xbcller", GRAIN_YEAR, false };

	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++)
		becomes(&good[i]);
	for (size_t i = 0; i < LENGTH(bad); i++)
		is_refused(&bad[i], FAULT_POLICY, "no value of VR");
	is_refused(&umlaut, FAULT_POLICY, "character set");
}

static void
only_uids_of_the_standard_stay(void **state)
{
	static const struct value stay = { "UI", TRANSFORM_UID,
		"1.2.840.10008.5.1.4.1.1.88.11\\1.2.840.10008.6.1.1328",
		"1.2.840.10008.5.1.4.1.1.88.11\\1.2.840.10008.6.1.1328",
		GRAIN_YEAR, false };
	static const struct value made[] = {
		{ "UI", TRANSFORM_UID,
		    "1.2.840.10008.5.1.4.1.1.2.19800101.4711", NULL, GRAIN_YEAR,
		    false },
		{ "UI", TRANSFORM_UID,
		    "1.2.840.10008.5.1.4.1.1.2.1980.1.1.4711", NULL, GRAIN_YEAR,
		    false },
	};

	(void)state;
	becomes(&stay);
	is_refused(&made[0], FAULT_INPUT, "standard's own root");
	is_refused(&made[1], FAULT_INPUT, "standard's own root");
}

static void
sixty_four_characters_may_be_more_bytes(void **state)
{
	char text[2 * 65 + 1] = "";
	struct value v = { "LO", TRANSFORM_CONSTANT, "", text, GRAIN_YEAR,
		true };

	(void)state;
	for (unsigned i = 0; i < 64; i++)
		memcpy(text + 2 * (size_t)i, "\xc3\xbc", 3);
	becomes(&v);
	memcpy(text + 128, "x", 2);
	is_refused(&v, FAULT_POLICY, "no value of VR LO");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_of_several_values_is_changed_without_its_padding),
		cmocka_unit_test(equal_values_have_equal_tokens),
		cmocka_unit_test(
		    a_token_that_does_not_fit_is_refused_and_not_cut),
		cmocka_unit_test(dates_stay_dates),
		cmocka_unit_test(a_shift_moves_the_day_and_keeps_the_time),
		cmocka_unit_test(constants_are_held_against_the_representation),
		cmocka_unit_test(only_uids_of_the_standard_stay),
		cmocka_unit_test(sixty_four_characters_may_be_more_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
