/*
 * l-diversity of one class: how many values of a sensitive column it has, and
 * how evenly (Machanavajjhala, Kifer, Gehrke, Venkitasubramaniam: l-Diversity,
 * ACM TKDD 1(1), 2007).
 */

#include <math.h>

#include "policy/risk/risk_internal.h"

double
risk_effective(const struct risk_runs *r)
{
	double n = (double)r->total, sum = 0;

	/* H = log n - (sum of c log c) / n */
	for (size_t i = 0; i < r->n; i++) {
		double c = (double)r->count[i];

		if (c > 1)
			sum += c * log(c);
	}
	return exp(log(n) - sum / n);
}

/* The sum of the largest most counts, by keeping them sorted, least first. */
static uint64_t
largest(const struct risk_runs *r, uint32_t most)
{
	uint32_t kept[64], n = 0;
	uint64_t sum = 0;

	must(most <= 64);
	for (size_t i = 0; i < r->n; i++) {
		uint32_t c = r->count[i], at;

		if (n == most && (most == 0 || c <= kept[0]))
			continue;
		if (n < most) {
			at = n++;
			for (; at > 0 && kept[at - 1] > c; at--)
				kept[at] = kept[at - 1];
		} else {
			at = 0;
			for (; at + 1 < n && kept[at + 1] < c; at++)
				kept[at] = kept[at + 1];
		}
		kept[at] = c;
	}
	for (uint32_t i = 0; i < n; i++)
		sum += kept[i];
	return sum;
}

double
risk_recursive(const struct risk_runs *r, uint32_t l)
{
	uint64_t tail = r->total - largest(r, l - 1);

	if (r->n < l || tail == 0)
		return INFINITY;
	return (double)largest(r, 1) / (double)tail;
}
