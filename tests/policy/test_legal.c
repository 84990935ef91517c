/* policy/legal: agreements in force on a day, countries, retention. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "keys/base/clock.h"
#include "policy/legal/legal.h"

static struct fault f;

static int64_t
day(const char *date)
{
	int64_t at;

	assert_true(clock_read_date(&at, date, strlen(date)));
	return at;
}

static char nda[] = "nda", dpa[] = "dpa";
static char *const both[] = { nda, dpa };

static void
a_fact_is_in_force_from_its_first_second_to_before_its_last(void **state)
{
	struct legal_fact fact = { "nda", 100, 200, 0 };

	(void)state;
	assert_false(legal_in_force(&fact, 99));
	assert_true(legal_in_force(&fact, 100));
	assert_true(legal_in_force(&fact, 199));
	assert_false(legal_in_force(&fact, 200));
	fact.ended = 150;
	assert_true(legal_in_force(&fact, 149));
	assert_false(legal_in_force(&fact, 150));
	fact.until = 0;
	assert_false(legal_in_force(&fact, 150));
	fact.ended = 0;
	assert_true(legal_in_force(&fact, INT64_MAX));
}

static void
every_required_agreement_must_be_in_force(void **state)
{
	const struct legal_fact facts[] = {
		{ "nda", day("2026-01-01"), 0, 0 },
		{ "dpa", day("2025-01-01"), day("2026-01-01"), 0 },
		{ "dpa", day("2026-03-01"), day("2027-01-01"), 0 },
	};

	(void)state;
	assert_ok(
	    legal_agreements(both, 2, facts, 3, day("2026-03-01"), "acme", &f));
	assert_ok(legal_agreements(both, 0, facts, 0, 0, "acme", &f));
	assert_refused(
	    legal_agreements(both, 2, facts, 3, day("2026-02-28"), "acme", &f),
	    FAULT_POLICY);
	assert_string_equal(f.text,
	    "vendor acme: agreement \"dpa\" is in force only from 2026-03-01");
	assert_refused(
	    legal_agreements(both, 2, facts, 3, day("2027-01-01"), "acme", &f),
	    FAULT_POLICY);
	assert_string_equal(
	    f.text, "vendor acme: agreement \"dpa\" ended on 2027-01-01");
	assert_refused(
	    legal_agreements(both, 2, facts, 1, day("2026-06-01"), "acme", &f),
	    FAULT_POLICY);
	assert_string_equal(f.text,
	    "vendor acme: no agreement \"dpa\", which the policy requires");
	assert_string_equal(
	    f.hint, "handoff agreement add acme dpa FILE --from YYYY-MM-DD");
}

static void
an_agreement_ended_early_is_not_in_force(void **state)
{
	const struct legal_fact fact = { "nda", day("2026-01-01"),
		day("2028-01-01"), day("2026-05-05") };

	(void)state;
	assert_ok(
	    legal_agreements(both, 1, &fact, 1, day("2026-05-04"), "acme", &f));
	assert_refused(
	    legal_agreements(both, 1, &fact, 1, day("2026-05-05"), "acme", &f),
	    FAULT_POLICY);
	assert_string_equal(
	    f.text, "vendor acme: agreement \"nda\" ended on 2026-05-05");
}

static void
countries_are_known_by_their_two_letters(void **state)
{
	(void)state;
	assert_string_equal(legal_country("NO"), "Norway");
	assert_string_equal(legal_country("DE"), "Germany");
	assert_string_equal(legal_country("AD"), "Andorra");
	assert_string_equal(legal_country("ZW"), "Zimbabwe");
	assert_null(legal_country("de"));
	assert_null(legal_country("UK"));
	assert_null(legal_country("EU"));
	assert_null(legal_country(""));
	assert_null(legal_country("DEU"));
}

/* The C library's own list, where the system has it. */
static void
all_countries_of_the_system_are_known(void **state)
{
	FILE *list = fopen("/usr/share/zoneinfo/iso3166.tab", "r");
	char line[200];
	unsigned system = 0, ours = 0;

	(void)state;
	if (list == NULL) {
		print_message("not here, so not run: iso3166.tab\n");
		skip();
	}
	while (fgets(line, sizeof(line), list) != NULL) {
		if (line[0] == '#')
			continue;
		line[2] = '\0';
		if (legal_country(line) == NULL)
			fail_msg("no country %s", line);
		system++;
	}
	(void)fclose(list);
	for (char a = 'A'; a <= 'Z'; a++)
		for (char b = 'A'; b <= 'Z'; b++) {
			char code[] = { a, b, '\0' };

			ours += legal_country(code) != NULL;
		}
	assert_int_equal(ours, system);
}

static void
retention_is_days_weeks_or_years(void **state)
{
	static const char *const bad[] = { "", "d", "90", "6m", "1h", "0d",
		"090d", "-1d", "1.5y", "90 d", "90D", "101y", "36501d",
		"99999999999d", "d90", "1y6d" };
	int64_t span;

	(void)state;
	assert_true(legal_retention(&span, "90d"));
	assert_int_equal(span, 90 * 86400);
	assert_true(legal_retention(&span, "2w"));
	assert_int_equal(span, 14 * 86400);
	assert_true(legal_retention(&span, "100y"));
	assert_int_equal(span, (int64_t)36500 * 86400);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (legal_retention(&span, bad[i]))
			fail_msg("%s is read", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_fact_is_in_force_from_its_first_second_to_before_its_last),
		cmocka_unit_test(every_required_agreement_must_be_in_force),
		cmocka_unit_test(an_agreement_ended_early_is_not_in_force),
		cmocka_unit_test(countries_are_known_by_their_two_letters),
		cmocka_unit_test(all_countries_of_the_system_are_known),
		cmocka_unit_test(retention_is_days_weeks_or_years),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
