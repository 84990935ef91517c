/*
 * Classes against thresholds: how large each is, how its sensitive values are
 * spread, and what of that is not enough.
 *
 * One counting sort by class behind units already sorted by value gives the
 * runs of every class at once, so a sensitive column costs time in rows and
 * not in rows times values.
 */

#include <math.h>
#include <string.h>

#include "policy/risk/risk_internal.h"

int
risk_thresholds_check(const struct risk_thresholds *w, struct fault *f)
{
	if (!(w->l_entropy >= 0) || !(w->recursive_c >= 0) || !(w->t >= 0) ||
	    !(w->suppress_share >= 0) || w->suppress_share > 1)
		return fault_set(f, FAULT_USAGE, "a threshold out of range");
	if ((w->recursive_c > 0) != (w->recursive_l > 0))
		return fault_set(
		    f, FAULT_USAGE, "recursive diversity needs both c and l");
	if (w->recursive_l > 64)
		return fault_set(
		    f, FAULT_USAGE, "recursive diversity with l over 64");
	return 0;
}

uint64_t
risk_may_suppress(const struct risk_thresholds *w, size_t n)
{
	uint64_t share = (uint64_t)floor(w->suppress_share * (double)n);

	return share > w->suppress_rows ? share : w->suppress_rows;
}

bool
risk_asks_values(const struct risk_thresholds *w)
{
	return w->l_distinct > 1 || w->l_entropy > 0 || w->recursive_l > 0 ||
	       w->t > 0;
}

/* Rows of each class, and where each begins in order. */
static void
count_rows(struct risk_verdict *v, const struct risk_units *u,
    const struct risk_classes *c)
{
	memset(v->rows, 0, c->n * sizeof(*v->rows));
	memset(v->fill, 0, (c->n + 1) * sizeof(*v->fill));
	for (size_t i = 0; i < u->n; i++) {
		v->rows[c->of[i]] += u->weight != NULL ? u->weight[i] : 1;
		v->fill[c->of[i] + 1]++;
	}
	for (size_t k = 0; k < c->n; k++)
		v->fill[k + 1] += v->fill[k];
}

/* Fill order with units by class, those of a class as in from, or by number.
 * Moves each fill[k] from the beginning of class k to its end. */
static void
order_by_class(struct risk_verdict *v, const struct risk_units *u,
    const struct risk_classes *c, const uint32_t *from)
{
	for (size_t i = 0; i < u->n; i++) {
		uint32_t unit = from != NULL ? from[i] : (uint32_t)i;

		v->order[v->fill[c->of[unit]]++] = unit;
	}
}

/* And each fill[k] back to the beginning. */
static void
rewind_fill(struct risk_verdict *v, size_t n)
{
	for (size_t k = n; k > 0; k--)
		v->fill[k] = v->fill[k - 1];
	v->fill[0] = 0;
}

static void
count_class_persons(struct risk_verdict *v, const struct risk_units *u,
    const struct risk_classes *c)
{
	size_t i = 0;

	if (u->person == NULL) {
		memcpy(v->persons, v->rows, c->n * sizeof(*v->rows));
		return;
	}
	risk_verdict_stamps(v, u);
	order_by_class(v, u, c, NULL);
	for (size_t k = 0; k < c->n; k++) {
		v->persons[k] = 0;
		v->stamp++;
		for (; i < v->fill[k]; i++) {
			uint32_t p = u->person[v->order[i]];

			v->persons[k] += v->mark[p] != v->stamp;
			v->mark[p] = v->stamp;
		}
	}
	rewind_fill(v, c->n);
}

/* One class's values against the thresholds; the worst goes to s. */
static uint8_t
judge_runs(struct risk_spread *s, const struct risk_runs *r,
    const struct risk_ranks *k, const struct risk_thresholds *want, bool all)
{
	uint32_t l = want->recursive_l > 0 ? want->recursive_l : 2;
	unsigned fails = 0;
	double d;

	if (r->n < s->distinct)
		s->distinct = (uint32_t)r->n;
	if (r->n < want->l_distinct)
		fails |= RISK_FAILS_DISTINCT;
	if (all || want->l_entropy > 0) {
		d = risk_effective(r);
		s->entropy = d < s->entropy ? d : s->entropy;
		if (d < want->l_entropy - RISK_CLOSE)
			fails |= RISK_FAILS_ENTROPY;
	}
	if (all || want->recursive_l > 0) {
		d = risk_recursive(r, l);
		s->recursive = d > s->recursive ? d : s->recursive;
		if (want->recursive_l > 0 && !(d < want->recursive_c))
			fails |= RISK_FAILS_RECURSIVE;
	}
	if (all || want->t > 0) {
		d = risk_closeness(r, k);
		s->closeness = d > s->closeness ? d : s->closeness;
		if (want->t > 0 && d > want->t + RISK_CLOSE)
			fails |= RISK_FAILS_T;
	}
	return (uint8_t)fails;
}

static void
judge_values(struct risk_verdict *v, const struct risk_units *u,
    const struct risk_classes *c, const struct risk_ranks *ranks,
    const struct risk_thresholds *want)
{
	for (size_t s = 0; s < u->nvalue; s++) {
		struct risk_spread *worst = &v->spread[s];
		size_t from = 0;

		*worst = (struct risk_spread){ .distinct = UINT32_MAX,
			.entropy = INFINITY };
		risk_verdict_stamps(v, u);
		order_by_class(v, u, c, u->by_value[s]);
		for (size_t k = 0; k < c->n; k++) {
			struct risk_runs r = risk_runs_of(
			    v, u, s, v->order + from, v->fill[k] - from);

			v->fails[k] |=
			    judge_runs(worst, &r, &ranks[s], want, u->all);
			from = v->fill[k];
		}
		rewind_fill(v, c->n);
	}
}

int
risk_judge(struct risk_verdict *v, const struct risk_lattice *x,
    const struct risk_units *u, const struct risk_classes *c,
    const struct risk_thresholds *want, struct fault *f)
{
	if (risk_verdict_room(v, u, c->n, f) != 0)
		return -1;
	v->nclasses = c->n;
	count_rows(v, u, c);
	count_class_persons(v, u, c);
	for (size_t k = 0; k < c->n; k++)
		v->fails[k] = v->persons[k] < want->k ? RISK_FAILS_K : 0;
	judge_values(v, u, c, x->ranks, want);
	return 0;
}
