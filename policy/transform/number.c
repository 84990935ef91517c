/*
 * Numbers to bins, multiples and neighbours.  Every edge and every value is a
 * decimal (decimal.c), and a bin is half open: [a,b) holds a and does not hold
 * b.
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

__int128
decimal_to_parts(const struct decimal *d)
{
	return (__int128)d->whole * (__int128)DECIMAL_ONE + d->parts;
}

struct decimal
decimal_of_parts(__int128 v)
{
	const __int128 one = (__int128)DECIMAL_ONE;
	__int128 whole = v / one, parts = v % one;

	if (parts < 0) {
		whole--;
		parts += one;
	}
	return (struct decimal){ (int64_t)whole, (uint64_t)parts };
}

/* "<18" or ">=90" for what lies at an end that is not told apart; false for
 * all between. */
static bool
at_end(const struct transform *t, const struct decimal *v,
    const struct decimal **edge, const char **mark)
{
	const struct decimal *e = t->edges + (t->action != TRANSFORM_ENDS);

	if (t->ends & ENDS_BOTTOM) {
		*edge = e++;
		*mark = "<";
		if (decimal_compare(v, *edge) < 0)
			return true;
	}
	*edge = e;
	*mark = ">=";
	return (t->ends & ENDS_TOP) && decimal_compare(v, e) >= 0;
}

static int
print_end(struct bytes *out, const struct decimal *edge, const char *mark,
    struct fault *f)
{
	if (bytes_add_text(out, mark, f) != 0)
		return -1;
	return decimal_print(out, edge, f);
}

/* The largest multiple of step at or below v. */
static __int128
floor_to(__int128 v, __int128 step)
{
	__int128 rest = v % step;

	return rest < 0 ? v - rest - step : v - rest;
}

int
generalise_width(const struct transform *t, const uint8_t *value, size_t len,
    struct bytes *out, struct fault *f)
{
	struct decimal v, from, to;
	const struct decimal *edge;
	const char *mark;
	__int128 width = decimal_to_parts(&t->edges[0]), low;

	if (!decimal_read(&v, value, len, NULL))
		return no_number(f);
	if (at_end(t, &v, &edge, &mark))
		return print_end(out, edge, mark, f);
	low = floor_to(decimal_to_parts(&v), width);
	from = decimal_of_parts(low);
	to = decimal_of_parts(low + width);
	return print_bin(out, &from, &to, f);
}

/* The nearest multiple; of two as near, the one farther from 0. */
static __int128
nearest(__int128 v, __int128 step)
{
	__int128 low = floor_to(v, step), below = v - low;

	if (2 * below == step)
		return v < 0 ? low : low + step;
	return 2 * below < step ? low : low + step;
}

/* Is it a number as decimal_read() has them? */
static bool
in_range(__int128 v)
{
	const __int128 most = (__int128)DECIMAL_ONE * (__int128)DECIMAL_ONE;

	return v > -most && v < most;
}

int
generalise_round(const struct transform *t, const uint8_t *value, size_t len,
    struct bytes *out, struct fault *f)
{
	const struct decimal *edge;
	struct decimal v;
	const char *mark;
	__int128 to;

	if (!decimal_read(&v, value, len, NULL))
		return no_number(f);
	to = nearest(decimal_to_parts(&v), decimal_to_parts(&t->edges[0]));
	if (!in_range(to))
		return no_number(f);
	v = decimal_of_parts(to);
	if (at_end(t, &v, &edge, &mark))
		return print_end(out, edge, mark, f);
	return decimal_print(out, &v, f);
}

int
generalise_ends(const struct transform *t, const uint8_t *value, size_t len,
    struct bytes *out, struct fault *f)
{
	const struct decimal *edge;
	struct decimal v;
	const char *mark;

	if (!decimal_read(&v, value, len, NULL))
		return no_number(f);
	if (at_end(t, &v, &edge, &mark))
		return print_end(out, edge, mark, f);
	return decimal_print(out, &v, f);
}

int
generalise_grid(const struct transform *t, const uint8_t *value, size_t len,
    struct bytes *out, struct fault *f)
{
	struct decimal v;

	if (!decimal_read(&v, value, len, NULL) || v.whole < -180 ||
	    v.whole > 180 || (v.whole == 180 && v.parts > 0))
		return fault_set(f, FAULT_INPUT,
		    "not a coordinate in degrees (-180 to 180, with a decimal "
		    "point)");
	v = decimal_of_parts(
	    floor_to(decimal_to_parts(&v), decimal_to_parts(&t->edges[0])));
	return decimal_print(out, &v, f);
}

/*
 * One of the multiples of the step that lie within the bound around the value,
 * each as likely as any other: the value's own last digits show nothing, and
 * the bound holds exactly.
 */
int
add_noise(const struct transform *t, const struct transform_site *site,
    const struct slice *value, struct bytes *out, struct fault *f)
{
	__int128 within = decimal_to_parts(&t->edges[0]);
	__int128 step = decimal_to_parts(&t->edges[1]), low, high, v;
	struct decimal d;
	uint64_t random;

	if (!decimal_read(&d, value->at, value->len, NULL))
		return no_number(f);
	if (place_number(site, "noise", &random, f) != 0)
		return -1;
	v = decimal_to_parts(&d);
	low = -floor_to(within - v, step); /* the first at or over v - within */
	high = floor_to(v + within, step);
	v = low +
	    (__int128)(random % (uint64_t)((high - low) / step + 1)) * step;
	if (!in_range(v))
		return no_number(f);
	d = decimal_of_parts(v);
	return decimal_print(out, &d, f);
}
