/*
 * t-closeness: the Earth Mover's Distance between the values of a class and
 * those of the whole table (Li, Li, Venkatasubramanian: t-Closeness, ICDE
 * 2007, section 3.1, formulas for the equal and the ordered distance).
 *
 *     equal      1/2 sum |p - q|, which is the sum of p - q where p > q
 *     ordered    1/(m - 1) sum over i of |(p1 - q1) + ... + (pi - qi)|
 *
 * Both cost what the class has values, not what the table has: outside the
 * class's values p is 0 and its running sum stands still, so that the stretch
 * between two of them follows from running sums of the table's.
 */

#include <math.h>

#include "keys/base/mem.h"
#include "policy/risk/risk_internal.h"

static double
equal_distance(const struct risk_runs *r, const struct risk_ranks *k)
{
	double sum = 0;

	for (size_t i = 0; i < r->n; i++) {
		double p = (double)r->count[i] / (double)r->total;
		double over = p - k->share[r->value[i]];

		if (over > 0)
			sum += over;
	}
	return sum;
}

/* The sum of |p - sum[i]| for i from a up to b, not included. */
static double
stretch(const struct risk_ranks *k, uint32_t a, uint32_t b, double p)
{
	uint32_t low = a, high = b;

	/* sums rise: those before low are below p, the others are not */
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (k->sum[mid] < p)
			low = mid + 1;
		else
			high = mid;
	}
	return p * (double)(low - a) - (k->area[low] - k->area[a]) +
	       (k->area[b] - k->area[low]) - p * (double)(b - low);
}

static double
ordered_distance(const struct risk_runs *r, const struct risk_ranks *k)
{
	uint32_t last = k->nvalues - 1, from = 0;
	uint64_t count = 0;
	double sum = 0;

	if (last == 0)
		return 0;
	for (size_t i = 0; i < r->n; i++) {
		double p = (double)count / (double)r->total;

		sum += stretch(k, from, r->value[i], p);
		from = r->value[i];
		count += r->count[i];
	}
	sum += stretch(k, from, last, 1.0);
	return sum > 0 ? sum / (double)last : 0;
}

double
risk_closeness(const struct risk_runs *r, const struct risk_ranks *k)
{
	return k->distance == RISK_ORDERED ? ordered_distance(r, k)
					   : equal_distance(r, k);
}
