#ifndef TESTS_POLICY_LEGAL_STORY_H
#define TESTS_POLICY_LEGAL_STORY_H

/* A question to the law that has the answer yes, for tests to take away from.
 */

#include "tests/support/test.h"

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

/* A vendor with NDA, DPA and clauses in force, and a policy that names every
 * fact; tests take away what they are about. */
struct story {
	struct legal_terms terms;
	struct legal_countries countries;
	struct legal_agreement papers[3];
	struct legal_question q;
	struct legal_decision d;
};

static void
put_paper(struct legal_terms *t, enum legal_paper p)
{
	t->papers[p] = (struct legal_document){ .given = true,
		.line = 20 + (uint32_t)p,
		.date = day("2026-01-10"),
		.module = p == LEGAL_SCC ? 2 : 0 };
	memset(t->papers[p].sha256, (int)p + 1, 32);
}

static void
story_begin(struct story *s, const char *country)
{
	static char policy[] = "policy.yaml", who[] = "Clinic, +31 20 5550100",
		    dpo[] = "dpo@clinic.example";
	static const char *const types[] = { "dpa", "nda", "scc" };

	memset(s, 0, sizeof(*s));
	s->terms.given = true;
	s->terms.policy = policy;
	s->terms.line = 14;
	s->terms.controller = who;
	s->terms.dpo = dpo;
	s->terms.basis = dpv_find(DPV_BASIS, "eu-gdpr:A6-1-e");
	s->terms.purposes.at[0] =
	    dpv_find(DPV_PURPOSE, "dpv:ScientificResearch");
	s->terms.purposes.n = 1;
	s->terms.data.at[0] = dpv_find(DPV_DATA, "pd:Name");
	s->terms.data.n = 1;
	s->terms.recipients.at[0] =
	    dpv_find(DPV_RECIPIENT, "dpv:DataProcessor");
	s->terms.recipients.n = 1;
	for (unsigned p = 0; p < LEGAL_PAPERS; p++)
		put_paper(&s->terms, (enum legal_paper)p);
	assert_ok(legal_countries_read(&s->countries, "countries", "", 0, &f));
	for (size_t i = 0; i < 3; i++) {
		s->papers[i] = (struct legal_agreement){
			.fact = { types[i], day("2026-01-01"), 0, 0 },
			.id = "a-x",
			.known = true
		};
		memset(s->papers[i].sha256, LEGAL_SCC + 1, 32);
	}
	s->q = (struct legal_question){ .terms = &s->terms,
		.countries = &s->countries,
		.vendor = "acme",
		.country = country,
		.agreements = s->papers,
		.nagreements = 3,
		.at = day("2026-11-01") };
}

static void
story_end(struct story *s)
{
	legal_countries_free(&s->countries);
}

#endif
