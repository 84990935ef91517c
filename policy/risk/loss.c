/*
 * What generalising loses, in the three measures of enum risk_metric.
 *
 * Granularity and entropy are sums over quasi-identifiers of what each loses
 * at its own level, so without suppression they are known before any class
 * is; a suppressed row adds what is missing to "*" in each.  Discernibility
 * needs the classes.
 */

#include <math.h>

#include "policy/risk/risk_internal.h"

/* (M' - 1) / (M - 1) of a value with leaves under it. */
static double
width(uint32_t leaves, uint32_t all)
{
	return all > 1 ? (double)(leaves - 1) / (double)(all - 1) : 0;
}

void
risk_loss_prepare(struct risk_lattice *x, size_t q)
{
	const struct risk_table *t = x->t;
	const struct risk_coded *c = &t->columns[t->quasi[q]];
	struct risk_ladder *ladder = &x->quasi[q];
	double finest = 0;

	for (unsigned l = 0; l <= ladder->top; l++) {
		struct risk_rung *r = &ladder->rungs[l];
		double width_sum = 0, log_sum = 0;

		for (size_t i = 0; i < t->n; i++)
			r->rows[r->up[c->rows[i]]]++;
		for (uint32_t g = 0; g < r->ncodes; g++) {
			double n = (double)r->rows[g];

			if (n > 0) {
				width_sum +=
				    n * width(r->leaves[g], ladder->leaves);
				log_sum += n * log(n);
			}
		}
		/* sum over rows of log n(x') - log n(x) */
		if (l == 0)
			finest = log_sum;
		r->granularity = width_sum;
		r->entropy = log_sum > finest ? log_sum - finest : 0;
	}
}

void
risk_loss_base(double loss[RISK_METRICS], const struct risk_lattice *x,
    const uint8_t *levels)
{
	loss[RISK_GRANULARITY] = loss[RISK_ENTROPY] = 0;
	for (size_t q = 0; q < x->t->nquasi; q++) {
		const struct risk_rung *r = &x->quasi[q].rungs[levels[q]];

		loss[RISK_GRANULARITY] += r->granularity;
		loss[RISK_ENTROPY] += r->entropy;
	}
}

void
risk_loss_rest(double rest[RISK_METRICS], const struct risk_lattice *x,
    const uint8_t *levels, const uint32_t *code)
{
	double n = log((double)x->t->n);

	rest[RISK_GRANULARITY] = rest[RISK_ENTROPY] = 0;
	for (size_t q = 0; q < x->t->nquasi; q++) {
		const struct risk_ladder *l = &x->quasi[q];
		const struct risk_rung *r = &l->rungs[levels[q]];
		uint32_t g = r->up[code[q]];

		rest[RISK_GRANULARITY] += 1 - width(r->leaves[g], l->leaves);
		rest[RISK_ENTROPY] += n - log((double)r->rows[g]);
	}
}

void
risk_loss_scale(double loss[RISK_METRICS], const struct risk_lattice *x)
{
	double n = (double)x->t->n, most = 0;

	for (size_t q = 0; q < x->t->nquasi; q++)
		most += x->quasi[q].rungs[x->quasi[q].top].entropy;
	loss[RISK_GRANULARITY] /= n * (double)x->t->nquasi;
	loss[RISK_DISCERNIBILITY] /= n * n;
	loss[RISK_ENTROPY] = most > 0 ? loss[RISK_ENTROPY] / most : 0;
}
