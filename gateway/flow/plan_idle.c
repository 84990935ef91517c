/*
 * Rules under risk and subject that have no file.
 *
 * A pattern that is mistyped would turn what it asks for off, and nothing
 * would look different: rows would leave unmeasured, or as nobody's.  So a
 * rule must have a file, as a rule's columns must be in the file, unless it
 * says missing: allow.  One that others take every file from is a mistake in
 * any case.
 */

#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/near.h"

/* What both kinds of rules have. */
struct naming {
	const char *kind, *file, *without;
	uint32_t line;
	bool may_miss;
	const void *rule;
	const void *(*taker)(
	    const struct policy *p, const char *path, uint32_t *line);
};

static const char *
nearest(const struct scan *s, const char *file)
{
	unsigned least = NEAR_NOT;
	const char *best = NULL;

	for (uint32_t i = 0; i < s->n; i++) {
		unsigned far = near_distance(file, scan_path(s, i));

		if (far < least) {
			least = far;
			best = scan_path(s, i);
		}
	}
	return best;
}

static int
no_file(const struct plan *p, const struct naming *r, struct fault *f)
{
	const char *near = nearest(&p->scan, r->file);

	(void)fault_set(f, FAULT_POLICY, "%s:%u: %s: no file matches \"%s\"%s",
	    p->policy->name, (unsigned)r->line, r->kind, r->file, r->without);
	if (near != NULL)
		return fault_hint(f, "did you mean %s?", near);
	return fault_hint(f,
	    "paths count from the top of the dataset; where such a file may "
	    "be absent:   missing: allow");
}

static int
taken(
    const struct plan *p, const struct naming *r, uint32_t by, struct fault *f)
{
	(void)fault_set(f, FAULT_POLICY,
	    "%s:%u: %s: line %u takes every file that \"%s\" matches%s",
	    p->policy->name, (unsigned)r->line, r->kind, (unsigned)by, r->file,
	    r->without);
	return fault_hint(f, "the first that matches wins: put it in front");
}

static int
look_at(const struct plan *p, const struct naming *r, struct fault *f)
{
	uint32_t other = 0;

	for (uint32_t i = 0; i < p->scan.n; i++) {
		const char *path = scan_path(&p->scan, i);
		uint32_t line = 0;
		const void *by;

		if (!glob_matches(r->file, path))
			continue;
		by = r->taker(p->policy, path, &line);
		if (by == r->rule)
			return 0;
		other = other == 0 ? line : other;
	}
	if (other != 0)
		return taken(p, r, other, f);
	return r->may_miss ? 0 : no_file(p, r, f);
}

static const void *
risk_taker(const struct policy *y, const char *path, uint32_t *line)
{
	const struct risk_rule *r = risk_match(y, path);

	*line = r == NULL ? 0 : r->line;
	return r;
}

static const void *
subject_taker(const struct policy *y, const char *path, uint32_t *line)
{
	struct slice key;
	const struct subject_rule *s = policy_subject(y, path, &key);

	*line = s == NULL ? 0 : s->line;
	return s;
}

static void
keep(struct refusals *to, const struct fault *why, struct fault *first)
{
	if (first->kind == FAULT_NONE)
		*first = *why;
	to->total++;
	if (to->n < to->max)
		to->at[to->n++] = *why;
}

int
plan_idle(const struct plan *p, struct refusals *refusals, struct fault *f)
{
	const struct policy *y = p->policy;
	struct fault first = { 0 };

	for (size_t i = 0; i < y->nsubjects; i++) {
		const struct subject_rule *s = &y->subjects[i];
		const struct naming r = { "subject", s->file,
			": whom rows are about would not be known", s->line,
			s->may_miss, s, subject_taker };
		struct fault why = { 0 };

		if (look_at(p, &r, &why) != 0)
			keep(refusals, &why, &first);
	}
	for (size_t i = 0; i < y->nrisks; i++) {
		const struct risk_rule *x = &y->risks[i];
		const struct naming r = { "risk", x->file,
			": nothing would be measured", x->line, x->may_miss, x,
			risk_taker };
		struct fault why = { 0 };

		if (look_at(p, &r, &why) != 0)
			keep(refusals, &why, &first);
	}
	if (first.kind == FAULT_NONE)
		return 0;
	*f = first;
	return -1;
}
