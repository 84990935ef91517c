/*
 * Agreements in force.  The question is asked at plan, at export and again at
 * every release, each time with the facts and the clock of that moment, so
 * that a paper that lapsed yesterday stops what it would have allowed.
 */

#include <string.h>

#include "keys/base/clock.h"
#include "policy/legal/legal_internal.h"

const char *const legal_usual_types[] = { "nda", "dpa", "scc", "baa", "tia",
	"dpia", "undertaking", "sub-processors", NULL };

bool
legal_in_force(const struct legal_fact *fact, int64_t at)
{
	return fact->from <= at && (fact->until == 0 || at < fact->until) &&
	       (fact->ended == 0 || at < fact->ended);
}

int64_t
legal_stopped(const struct legal_fact *fact)
{
	if (fact->until == 0 || fact->ended == 0)
		return fact->until + fact->ended;
	return fact->until < fact->ended ? fact->until : fact->ended;
}

/* Of those of the type, the one that tells most: the last to have stopped. */
static const struct legal_fact *
nearest(const char *type, const struct legal_fact *facts, size_t nfacts)
{
	const struct legal_fact *best = NULL;

	for (size_t i = 0; i < nfacts; i++)
		if (strcmp(facts[i].type, type) == 0 &&
		    (best == NULL ||
			legal_stopped(&facts[i]) > legal_stopped(best)))
			best = &facts[i];
	return best;
}

static int
missing(const char *type, const struct legal_fact *facts, size_t nfacts,
    int64_t at, const char *vendor, struct fault *f)
{
	const struct legal_fact *was = nearest(type, facts, nfacts);
	char date[CLOCK_DATE_CHARS + 1];

	if (was == NULL) {
		(void)fault_set(f, FAULT_POLICY,
		    "vendor %s: no agreement \"%s\", which the policy requires",
		    vendor, type);
	} else if (was->from > at) {
		clock_write_date(date, was->from);
		(void)fault_set(f, FAULT_POLICY,
		    "vendor %s: agreement \"%s\" is in force only from %s",
		    vendor, type, date);
	} else {
		clock_write_date(date, legal_stopped(was));
		(void)fault_set(f, FAULT_POLICY,
		    "vendor %s: agreement \"%s\" ended on %s", vendor, type,
		    date);
	}
	return fault_hint(f,
	    "handoff agreement add %s %s FILE --from YYYY-MM-DD", vendor, type);
}

int
legal_agreements(char *const *required, size_t nrequired,
    const struct legal_fact *facts, size_t nfacts, int64_t at,
    const char *vendor, struct fault *f)
{
	for (size_t i = 0; i < nrequired; i++) {
		bool found = false;

		for (size_t k = 0; k < nfacts && !found; k++)
			found = strcmp(facts[k].type, required[i]) == 0 &&
				legal_in_force(&facts[k], at);
		if (!found)
			return missing(
			    required[i], facts, nfacts, at, vendor, f);
	}
	return 0;
}

#define RETENTION_MAX (100 * 365 * (int64_t)86400)

bool
legal_retention(int64_t *out, const char *text)
{
	size_t len = strlen(text);
	int64_t span;

	if (len == 0 || strchr("dwy", text[len - 1]) == NULL ||
	    !clock_read_span(&span, text, len) || span <= 0 ||
	    span > RETENTION_MAX)
		return false;
	*out = span;
	return true;
}
