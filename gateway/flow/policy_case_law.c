/* A case's vendor, held against recipients:, agreements: and legal:, as export
 * and every release do with what the home knows. */

#include <string.h>

#include "gateway/flow/policy_test_internal.h"
#include "keys/base/mem.h"

static const char *
vendor_of(const struct testing *t, const struct policy_case *c)
{
	return c->vendor != NULL ? c->vendor : t->tests->vendor;
}

/* The papers with that vendor; the caller mem_free()s *out. */
static int
papers(const struct testing *t, const char *vendor,
    struct legal_agreement **out, size_t *n, struct fault *f)
{
	const struct policy_tests *all = t->tests;

	*n = 0;
	if ((*out = mem_array(all->nfacts, sizeof(**out))) == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < all->nfacts; i++) {
		const struct test_fact *x = &all->facts[i];
		struct legal_agreement *a = &(*out)[*n];

		if (strcmp(x->vendor, vendor) != 0)
			continue;
		*a = (struct legal_agreement){ .fact = { .type = x->type,
						   .from = x->from,
						   .until = x->until },
			.id = "",
			.known = x->known };
		memcpy(a->sha256, x->sha256, sizeof(a->sha256));
		(*n)++;
	}
	return 0;
}

static int
agreements_alone(const struct testing *t, const struct legal_agreement *all,
    size_t n, const char *vendor, int64_t at, struct fault *got)
{
	struct legal_fact *facts = mem_array(n, sizeof(*facts));
	int rc;

	if (facts == NULL)
		return fault_memory(got);
	for (size_t i = 0; i < n; i++)
		facts[i] = all[i].fact;
	rc = legal_agreements(t->policy->agreements.at, t->policy->agreements.n,
	    facts, n, at, vendor, got);
	mem_free(facts);
	return rc;
}

static int
by_law(const struct testing *t, const struct legal_agreement *all, size_t n,
    const char *vendor, int64_t at, struct fault *got)
{
	struct legal_question q = { .terms = &t->policy->legal,
		.countries = &t->countries,
		.vendor = vendor,
		.required = t->policy->agreements.at,
		.nrequired = t->policy->agreements.n,
		.agreements = all,
		.nagreements = n,
		.at = at };
	struct legal_decision decision;
	size_t i = 0;

	while (i < t->tests->nvendors &&
	       strcmp(t->tests->vendors[i].name, vendor) != 0)
		i++;
	if (i == t->tests->nvendors)
		return fault_set(got, FAULT_POLICY,
		    "vendor %s: is not among the tests' vendors", vendor);
	q.country = t->tests->vendors[i].country;
	q.crowd = t->tests->vendors[i].crowd;
	return legal_decide(&decision, &q, got);
}

int
policy_case_vendor(
    const struct testing *t, const struct policy_case *c, struct fault *got)
{
	const char *vendor = vendor_of(t, c);
	int64_t at = c->date != INT64_MIN ? c->date : t->tests->date;
	struct legal_agreement *all = NULL;
	size_t n;
	int rc;

	if (policy_permits(t->policy, vendor, got) != 0)
		return -1;
	if (!t->tests->judges_facts)
		return 0;
	rc = papers(t, vendor, &all, &n, got);
	if (rc == 0)
		rc = t->tests->nvendors > 0
			 ? by_law(t, all, n, vendor, at, got)
			 : agreements_alone(t, all, n, vendor, at, got);
	mem_free(all);
	return rc;
}
