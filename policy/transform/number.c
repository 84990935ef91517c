/*
 * Numbers to bins.  Every edge and every value is a decimal (decimal.c), and
 * a bin is half open: [a,b) holds a and does not hold b.
 */

#include "policy/transform/transform_internal.h"

static int
no_number(struct fault *f)
{
	return fault_set(f, FAULT_INPUT,
	    "not a number that generalise reads (digits, a decimal point, "
	    "below 10^18)");
}

static int
print_bin(struct bytes *out, const struct decimal *from,
    const struct decimal *to, struct fault *f)
{
	if (bytes_add_text(out, "[", f) != 0 ||
	    decimal_print(out, from, f) != 0 ||
	    bytes_add_text(out, ",", f) != 0 || decimal_print(out, to, f) != 0)
		return -1;
	return bytes_add_text(out, ")", f);
}

int
generalise_bins(const struct transform *t, const uint8_t *value, size_t len,
    struct bytes *out, struct fault *f)
{
	struct decimal v;
	size_t low = 0, high = t->nedges;

	if (!decimal_read(&v, value, len, NULL))
		return no_number(f);
	/* the number of edges at or below v */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (decimal_compare(&t->edges[middle], &v) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low > 0 && low < t->nedges)
		return print_bin(out, &t->edges[low - 1], &t->edges[low], f);
	if (bytes_add_text(out, low == 0 ? "<" : ">=", f) != 0)
		return -1;
	return decimal_print(out, &t->edges[low == 0 ? 0 : low - 1], f);
}

/* As one integer of parts, which 128 bits hold: 10^36 is less than 2^127. */
static __int128
to_parts(const struct decimal *d)
{
	return (__int128)d->whole * (__int128)DECIMAL_ONE + d->parts;
}

static struct decimal
of_parts(__int128 v)
{
	const __int128 one = (__int128)DECIMAL_ONE;
	__int128 whole = v / one, parts = v % one;

	if (parts < 0) {
		whole--;
		parts += one;
	}
	return (struct decimal){ (int64_t)whole, (uint64_t)parts };
}

int
generalise_width(const struct transform *t, const uint8_t *value, size_t len,
    struct bytes *out, struct fault *f)
{
	struct decimal v, from, to;
	__int128 width = to_parts(&t->edges[0]), n, rest;

	if (!decimal_read(&v, value, len, NULL))
		return no_number(f);
	n = to_parts(&v);
	rest = n % width;
	if (rest < 0)
		rest += width;
	from = of_parts(n - rest);
	to = of_parts(n - rest + width);
	return print_bin(out, &from, &to, f);
}
