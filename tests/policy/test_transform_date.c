/* policy/transform: which dates are read, as what, and which are refused. */

#include "tests/support/test.h"

#include <string.h>

#include "policy/transform/transform.h"

static struct fault f;

static const char *
apply(const struct transform *t, const char *value)
{
	static char text[64];
	struct bytes out;

	bytes_init(&out, sizeof(text) - 1);
	f = (struct fault){ 0 };
	if (transform_apply(t, NULL, value, strlen(value), &out, &f) != 0) {
		assert_int_equal(f.kind, FAULT_INPUT);
		assert_int_equal(out.len, 0);
		bytes_free(&out);
		return NULL;
	}
	memcpy(text, out.at, out.len);
	text[out.len] = '\0';
	bytes_free(&out);
	return text;
}

static void
assert_month(enum transform_order order, const char *value, const char *want)
{
	struct transform t = {
		.action = TRANSFORM_DATE, .grain = GRAIN_MONTH, .order = order
	};
	const char *got = apply(&t, value);

	if (want == NULL ? got != NULL : got == NULL || strcmp(got, want) != 0)
		fail_msg("\"%s\" gave %s, not %s", value,
		    got == NULL ? "a refusal" : got,
		    want == NULL ? "a refusal" : want);
}

static void
dates_of_every_documented_form_are_read(void **state)
{
	static const char *const same[] = { "1980-03-04", "1980/03/04",
		"1980/3/4", "1980.03.04", "19800304", "1980-03", "04.03.1980",
		"4.3.1980", "4 Mar 1980", "04 March 1980", "4-Mar-1980",
		"4. march 1980", "4 MAR 1980", "Mar 4, 1980", "March 4 1980",
		"Mar. 04, 1980", "31/03/1980", "03/31/1980", "03-31-1980",
		"03/03/1980", "1980-03-04T12:30", "1980-03-04 12:30:59",
		"1980-03-04T12:30:60.123456Z", "1980-03-04T12:30:59,5+01:00",
		"1980-03-04 12:30:59 +0100", "19800304T123059Z",
		"19800304T123059.25-0330", "1980-03-04T23:59:59+05",
		"04.03.1980 08:15", "31/03/1980 08:15:00", " 1980-03-04\t",
		"4 Mar 1980 10:00", "1980-03-04t12:30:00z" };

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct transform year = { .action = TRANSFORM_DATE };

		assert_month(ORDER_EITHER, same[i], "1980-03");
		assert_non_null(apply(&year, same[i]));
		assert_string_equal(apply(&year, same[i]), "1980");
	}
}

static void
what_is_not_a_date_is_refused(void **state)
{
	static const char *const bad[] = { "x", "80-03-04", "4 Mar 80",
		"04.03.80", "1980-13-01", "1980-02-30", "1900-02-29",
		"1980-00-01", "1980-01-00", "0000-01-01", "1980-3-4", "198003",
		"1980/03", "1980-03/04", "1980.03-04", "19800230",
		"1980-03-04x", "1980-03-04 ", "1980-03-04T", "1980-03-04T24:00",
		"1980-03-04T12", "1980-03-04T12:60", "1980-03-04T12:30:61",
		"1980-03-04T12:30:00.", "1980-03-04T12:30:00Z+01",
		"1980-03-04T12:30:00+24:00", "1980-03-04T12:30:00+1",
		"1980-03-04T12:30:00+01:", "1980-03-04T12:30:00 UTC",
		"1980-03-04T1230", "32.01.1980", "31.04.1980", "1.13.1980",
		"13/13/1980", "0/1/1980", "1/1/1980/", "1/1-1980", "1//1980",
		"4 Mrz 1980", "4 Marc 1980", "4Mar1980", "Mar 1980", "Mar41980",
		"4 Mar 1980x", "4-Mar 1980", "Tuesday 4 March 1980",
		"-1980-03-04", "+1980-03-04", "1980-03-04-05", "19800304 1",
		"1980-W10-2", "1980-064", "12345", "123456789", "1", "/", "-",
		"....", "\xd9\xa1\xd9\xa9\xd9\xa8\xd9\xa0",
		"1980\xe2\x80\x93" };
	struct transform year = { .action = TRANSFORM_DATE };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (bad[i][strlen(bad[i]) - 1] == ' ')
			continue; /* blanks around are allowed */
		if (apply(&year, bad[i]) != NULL)
			fail_msg("\"%s\" was read", bad[i]);
		assert_month(ORDER_EITHER, bad[i], NULL);
	}
}

static void
a_year_alone_has_no_month(void **state)
{
	struct transform year = { .action = TRANSFORM_DATE };

	(void)state;
	assert_string_equal(apply(&year, "1980"), "1980");
	assert_string_equal(apply(&year, "0980"), "0980");
	assert_null(apply(&year, "0000"));
	assert_month(ORDER_EITHER, "1980", NULL);
}

static void
day_and_month_that_can_be_exchanged_need_an_order(void **state)
{
	struct transform year = { .action = TRANSFORM_DATE };

	(void)state;
	assert_string_equal(apply(&year, "03/04/1980"), "1980");
	assert_month(ORDER_EITHER, "03/04/1980", NULL);
	assert_string_equal(
	    f.text, "a date whose day and month can be exchanged");
	assert_non_null(strstr(f.hint, "order: dmy"));
	assert_month(ORDER_DMY, "03/04/1980", "1980-04");
	assert_month(ORDER_MDY, "03/04/1980", "1980-03");
	assert_month(ORDER_DMY, "03-04-1980", "1980-04");
	assert_month(ORDER_DMY, "03/31/1980", NULL);
	assert_month(ORDER_MDY, "31/03/1980", NULL);
	/* points mean day first, whatever the order of the others */
	assert_month(ORDER_MDY, "03.04.1980", "1980-04");
}

static void
leap_days_are_days_in_leap_years(void **state)
{
	(void)state;
	assert_month(ORDER_EITHER, "2000-02-29", "2000-02");
	assert_month(ORDER_EITHER, "2024-02-29", "2024-02");
	assert_month(ORDER_EITHER, "2100-02-29", NULL);
	assert_month(ORDER_EITHER, "29.02.2023", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_of_every_documented_form_are_read),
		cmocka_unit_test(what_is_not_a_date_is_refused),
		cmocka_unit_test(a_year_alone_has_no_month),
		cmocka_unit_test(
		    day_and_month_that_can_be_exchanged_need_an_order),
		cmocka_unit_test(leap_days_are_days_in_leap_years),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
