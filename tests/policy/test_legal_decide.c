/* policy/legal: may data go to a vendor, before and after every date that the
 * answer depends on. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "keys/base/clock.h"
#include "keys/base/mem.h"
#include "policy/legal/legal.h"
#include "tests/policy/legal_story.h"

static void
allowed(struct story *s, enum legal_tool tool)
{
	assert_ok(legal_decide(&s->d, &s->q, &f));
	assert_int_equal(s->d.tool, tool);
	assert_null(s->d.rule);
}

static void
refused(struct story *s, const char *rule, const char *says)
{
	assert_refused(legal_decide(&s->d, &s->q, &f), FAULT_POLICY);
	if (strstr(f.text, says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", f.text, says);
	assert_string_equal(s->d.rule, rule);
}

static void
within_the_area_a_policy_without_legal_needs_its_own_agreements_alone(
    void **state)
{
	static char nda[] = "nda", dpa[] = "dpa";
	static char *const both[] = { nda, dpa };
	struct story s;

	(void)state;
	story_begin(&s, "NL");
	memset(&s.terms, 0, sizeof(s.terms));
	s.q.nagreements = 0;
	allowed(&s, LEGAL_NO_TRANSFER);
	s.q.required = both;
	s.q.nrequired = 2;
	refused(&s, "agreement-missing",
	    "no agreement \"nda\", which the policy requires");
	s.q.nagreements = 2;
	allowed(&s, LEGAL_NO_TRANSFER);
	assert_int_equal(s.d.ntypes, 2);
	assert_string_equal(s.d.types[0], "dpa");
	s.papers[0].fact.until = s.q.at;
	refused(&s, "agreement-missing", "agreement \"dpa\" ended on");
	story_end(&s);
}

static void
every_member_of_the_area_is_in_it_and_nobody_else(void **state)
{
	static const char all[] =
	    "AT AX BE BG CY CZ DE DK EE ES FI FR GF GP GR HR HU IE IS IT LI LT "
	    "LU LV MF MQ MT NL NO PL PT RE RO SE SI SK YT";
	struct story s;
	unsigned n = 0;

	(void)state;
	story_begin(&s, "NL");
	memset(&s.terms, 0, sizeof(s.terms));
	for (char a = 'A'; a <= 'Z'; a++)
		for (char b = 'A'; b <= 'Z'; b++) {
			char code[] = { a, b, '\0' };

			if (legal_country(code) == NULL)
				continue;
			s.q.country = code;
			f = (struct fault){ 0 };
			if (legal_decide(&s.d, &s.q, &f) != 0 ||
			    s.d.tool != LEGAL_NO_TRANSFER)
				continue;
			if (strstr(all, code) == NULL)
				fail_msg("%s is not in the area", code);
			n++;
		}
	assert_int_equal(n, 37);
	story_end(&s);
}

/* The last day before it is refused, the first day is allowed. */
static void
decisions_hold_from_their_day_and_through_their_last(void **state)
{
	static const struct {
		const char *country, *first, *last;
	} rows[] = {
		{ "AD", "2010-10-19", NULL },
		{ "AR", "2003-06-30", NULL },
		{ "BR", "2026-01-27", NULL },
		{ "CA", "2001-12-20", NULL },
		{ "CH", "2000-07-26", NULL },
		{ "FO", "2010-03-05", NULL },
		{ "GB", "2021-06-28", "2031-12-27" },
		{ "GG", "2003-11-21", NULL },
		{ "IL", "2011-01-31", NULL },
		{ "IM", "2004-04-28", NULL },
		{ "JE", "2008-05-08", NULL },
		{ "JP", "2019-01-23", NULL },
		{ "KR", "2021-12-17", NULL },
		{ "NZ", "2012-12-19", NULL },
		{ "US", "2023-07-10", NULL },
		{ "UY", "2012-08-21", NULL },
	};
	struct story s;

	(void)state;
	story_begin(&s, "NL");
	memset(&s.terms, 0, sizeof(s.terms));
	put_paper(&s.terms, LEGAL_COVERED);
	s.terms.papers[LEGAL_COVERED].date = day("1990-01-01");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s.q.country = rows[i].country;
		s.q.at = day(rows[i].first) - 1;
		refused(&s, "no-transfer", "third country");
		s.q.at++;
		allowed(&s, LEGAL_BY_DECISION);
		if (rows[i].last == NULL) {
			s.q.at = day("2099-01-01");
			allowed(&s, LEGAL_BY_DECISION);
			continue;
		}
		s.q.at = day(rows[i].last) + 86399;
		allowed(&s, LEGAL_BY_DECISION);
		assert_int_equal(s.d.until, s.q.at + 1);
		assert_string_equal(s.d.why, "adequacy");
		s.q.at++;
		refused(&s, "no-transfer", "third country since 2031-12-27");
	}
	story_end(&s);
}

static void
the_united_kingdom_was_covered_without_a_gap(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, "GB");
	memset(&s.terms, 0, sizeof(s.terms));
	for (s.q.at = day("2025-12-15"); s.q.at < day("2026-01-05");
	     s.q.at += 43200)
		allowed(&s, LEGAL_BY_DECISION);
	story_end(&s);
}

static void
of_a_decision_with_a_scope_only_who_is_shown_to_be_covered_has_it(void **state)
{
	static const char *const countries[] = { "US", "CA" };
	struct story s;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		story_begin(&s, countries[i]);
		s.terms.papers[LEGAL_SCC].given = false;
		allowed(&s, LEGAL_BY_DECISION);
		assert_true(s.d.needs[LEGAL_COVERED]);
		s.terms.papers[LEGAL_COVERED].until = day("2027-01-01");
		allowed(&s, LEGAL_BY_DECISION);
		assert_int_equal(s.d.until, day("2027-01-01"));
		s.q.at = day("2027-01-01");
		refused(&s, "no-transfer", "is covered");
		s.q.at--;
		s.terms.papers[LEGAL_COVERED].given = false;
		refused(&s, "no-transfer", "is covered");
		assert_non_null(strstr(f.hint, "covered: {sha256"));
		/* With clauses it is a third country like others. */
		s.terms.papers[LEGAL_SCC].given = true;
		allowed(&s, LEGAL_BY_CLAUSES);
		story_end(&s);
	}
}

static void
a_third_country_needs_clauses_and_an_assessment_of_the_transfer(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, "IN");
	allowed(&s, LEGAL_BY_CLAUSES);
	assert_int_equal(s.d.ntypes, 2); /* dpa, scc */
	assert_true(s.d.needs[LEGAL_TIA] && s.d.needs[LEGAL_SCC]);
	s.terms.papers[LEGAL_TIA].given = false;
	refused(&s, "terms-missing", "policy.yaml:14: ");
	assert_non_null(strstr(f.text, "\"tia\""));
	assert_non_null(strstr(f.hint, "tia: {sha256: DIGEST, date: "));
	put_paper(&s.terms, LEGAL_TIA);
	s.terms.papers[LEGAL_SCC].given = false;
	refused(&s, "no-transfer", "India is a third country");
	assert_non_null(strstr(f.hint, "scc: {module: 2"));
	put_paper(&s.terms, LEGAL_SCC);
	s.q.nagreements = 2; /* the clauses are not in force */
	refused(&s, "agreement-missing", "\"scc\"");
	assert_string_equal(
	    f.hint, "handoff agreement add acme scc FILE --from YYYY-MM-DD");
	s.q.nagreements = 3;
	s.papers[2].sha256[0] ^= 1;
	refused(&s, "terms-missing", "not those that the policy names");
	assert_non_null(strstr(f.hint, "sha256: 02030303"));
	s.papers[2].known = false; /* erased: nobody can tell */
	refused(&s, "terms-missing", "not those that the policy names");
	story_end(&s);
}

static void
a_lapsed_agreement_stops_what_a_policy_did_not_even_require(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, "IN");
	s.papers[0].fact.until = day("2026-11-02");
	allowed(&s, LEGAL_BY_CLAUSES);
	assert_int_equal(s.d.until, day("2026-11-02"));
	assert_string_equal(s.d.why, "agreements");
	s.q.at = day("2026-11-02");
	refused(&s, "agreement-missing", "\"dpa\"");
	s.papers[0].fact.until = 0;
	s.papers[2].fact.ended = day("2026-11-01");
	refused(&s, "agreement-missing", "\"scc\"");
	story_end(&s);
}

/* Without any of these nothing leaves for a crowd, however near. */
static void
a_crowd_needs_every_fact_and_both_agreements(void **state)
{
	static const enum legal_paper needs[] = { LEGAL_DPIA,
		LEGAL_SUB_PROCESSORS, LEGAL_UNDERTAKING };
	struct story s;
	char name[40];

	(void)state;
	story_begin(&s, "NL");
	s.q.crowd = true;
	allowed(&s, LEGAL_NO_TRANSFER);
	assert_int_equal(s.d.ntypes, 2); /* dpa, nda */
	for (size_t i = 0; i < 3; i++) {
		s.terms.papers[needs[i]].given = false;
		(void)snprintf(name, sizeof(name),
		    "a crowd needs the fact \"%s\"",
		    legal_paper_name(needs[i]));
		refused(&s, "terms-missing", name);
		put_paper(&s.terms, needs[i]);
	}
	s.terms.controller = NULL;
	refused(&s, "terms-missing", "\"controller\"");
	story_end(&s);
	story_begin(&s, "NL");
	s.q.crowd = true;
	s.terms.dpo = NULL;
	refused(&s, "terms-missing", "\"dpo\"");
	memset(&s.terms, 0, sizeof(s.terms));
	refused(&s, "terms-missing", "\"legal:\"");
	story_end(&s);
	story_begin(&s, "NL");
	s.q.crowd = true;
	s.papers[1].fact.ended = day("2026-10-01");
	refused(&s, "agreement-missing", "\"nda\"");
	story_end(&s);
}

static void
data_of_article_9_needs_an_exception_and_goes_to_no_crowd(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, "DE");
	s.terms.data.at[0] = dpv_find(DPV_DATA, "pd:MedicalHealth");
	assert_true(legal_special(&s.terms));
	refused(&s, "terms-missing", "data of Art. 9 needs \"exception\"");
	s.terms.exception = dpv_find(DPV_EXCEPTION, "eu-gdpr:A9-2-j");
	allowed(&s, LEGAL_NO_TRANSFER);
	s.terms.papers[LEGAL_DPIA].given = false;
	refused(&s, "terms-missing", "\"dpia\" (Art. 35)");
	put_paper(&s.terms, LEGAL_DPIA);
	s.q.crowd = true;
	refused(&s, "terms-missing", "gets no data of Art. 9 or 10");
	s.terms.special_to_crowd = true;
	allowed(&s, LEGAL_NO_TRANSFER);
	story_end(&s);
}

static void
data_of_article_10_needs_the_law_that_permits_it(void **state)
{
	struct story s;

	(void)state;
	story_begin(&s, "DE");
	s.terms.data.at[0] = dpv_find(DPV_DATA, "pd:CriminalConviction");
	assert_true(legal_criminal(&s.terms));
	allowed(&s, LEGAL_NO_TRANSFER);
	s.terms.papers[LEGAL_AUTHORITY].given = false;
	refused(&s, "terms-missing", "\"authority\" (Art. 10)");
	/* whatever else is declared, it is called what it is */
	s.terms.exception = dpv_find(DPV_EXCEPTION, "eu-gdpr:A9-2-j");
	refused(&s, "terms-missing", "data of Art. 10 needs the fact");
	story_end(&s);
	story_begin(&s, "IN");
	s.terms.data.at[0] = dpv_find(DPV_DATA, "pd:MedicalHealth");
	refused(&s, "terms-missing", "data of Art. 9 needs \"exception\"");
	story_end(&s);
}

static void
a_document_counts_from_its_date_and_through_its_last_day(void **state)
{
	struct story s;

	(void)state;
	for (unsigned p = 0; p < LEGAL_PAPERS; p++) {
		story_begin(&s, "IN");
		if (p == LEGAL_COVERED || p == LEGAL_AUTHORITY) {
			story_end(&s);
			continue; /* not asked for here */
		}
		s.terms.papers[p].until = day("2026-12-01");
		s.q.at = day("2026-12-01") - 1;
		allowed(&s, LEGAL_BY_CLAUSES);
		assert_int_equal(s.d.until, day("2026-12-01"));
		assert_string_equal(
		    s.d.why, legal_paper_name((enum legal_paper)p));
		s.q.at++;
		refused(&s, "terms-over", "held until 2026-11-30");
		assert_non_null(strstr(f.text, "policy.yaml:2"));
		s.terms.papers[p].until = 0;
		s.terms.papers[p].date = s.q.at + 1;
		refused(&s, "terms-over", "is to come");
		story_end(&s);
	}
}

static void
a_file_goes_before_the_table(void **state)
{
	static const char text[] = "date,2026-10-01\n"
				   "country,status,from,until,scope,reference\n"
				   "US,third,,,,annulled\n"
				   "IN,adequate,2026-09-01,,,Decision X\n";
	struct story s;

	(void)state;
	story_begin(&s, "US");
	s.terms.papers[LEGAL_SCC].given = false;
	allowed(&s, LEGAL_BY_DECISION);
	legal_countries_free(&s.countries);
	assert_ok(legal_countries_read(
	    &s.countries, "countries.csv", text, strlen(text), &f));
	refused(&s, "no-transfer", "third country");
	s.q.country = "IN";
	allowed(&s, LEGAL_BY_DECISION);
	assert_string_equal(s.d.row->reference, "Decision X");
	s.q.country = "JP"; /* the file has no word about it */
	allowed(&s, LEGAL_BY_DECISION);
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    within_the_area_a_policy_without_legal_needs_its_own_agreements_alone),
		cmocka_unit_test(
		    every_member_of_the_area_is_in_it_and_nobody_else),
		cmocka_unit_test(
		    decisions_hold_from_their_day_and_through_their_last),
		cmocka_unit_test(the_united_kingdom_was_covered_without_a_gap),
		cmocka_unit_test(
		    of_a_decision_with_a_scope_only_who_is_shown_to_be_covered_has_it),
		cmocka_unit_test(
		    a_third_country_needs_clauses_and_an_assessment_of_the_transfer),
		cmocka_unit_test(
		    a_lapsed_agreement_stops_what_a_policy_did_not_even_require),
		cmocka_unit_test(a_crowd_needs_every_fact_and_both_agreements),
		cmocka_unit_test(
		    data_of_article_9_needs_an_exception_and_goes_to_no_crowd),
		cmocka_unit_test(
		    data_of_article_10_needs_the_law_that_permits_it),
		cmocka_unit_test(
		    a_document_counts_from_its_date_and_through_its_last_day),
		cmocka_unit_test(a_file_goes_before_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
