/*
 * Decimal numbers, exact: what people write in tables and policies, never a
 * binary approximation of it, so that 0.3 is in the bin that begins at 0.3.
 */

#include <inttypes.h>

#include "policy/transform/transform_internal.h"

#define PLACES 18	 /* digits of parts, and of whole */
#define EXPONENT_MAX 400 /* a double has 308; bounds the loop below */

/* The digits of a number and where its point stands, still in its text. */
struct digits {
	const uint8_t *at;
	size_t len;   /* of the digits with the point between them */
	size_t point; /* index of the point in at, or len */
	bool minus;
	int exponent;
};

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool
read_exponent(int *out, const uint8_t *p, size_t len)
{
	bool minus = len > 0 && p[0] == '-';
	int v = 0;
	size_t i = len > 0 && (p[0] == '-' || p[0] == '+') ? 1 : 0;

	if (i == len)
		return false;
	for (; i < len; i++) {
		if (!is_digit(p[i]))
			return false;
		if (v <= EXPONENT_MAX)
			v = v * 10 + (p[i] - '0');
	}
	if (v > EXPONENT_MAX)
		return false;
	*out = minus ? -v : v;
	return true;
}

/* The grammar; no arithmetic yet. */
static bool
split(struct digits *d, const uint8_t *p, size_t len)
{
	size_t digits = 0, i = 0;

	while (len > 0 && (*p == ' ' || *p == '\t'))
		p++, len--;
	while (len > 0 && (p[len - 1] == ' ' || p[len - 1] == '\t'))
		len--;
	*d = (struct digits){ .minus = len > 0 && *p == '-' };
	if (len > 0 && (*p == '-' || *p == '+'))
		p++, len--;
	d->at = p;
	d->point = SIZE_MAX;
	for (; i < len && (is_digit(p[i]) || p[i] == '.'); i++) {
		if (p[i] != '.')
			digits++;
		else if (d->point != SIZE_MAX)
			return false;
		else
			d->point = i;
	}
	d->len = i;
	if (d->point == SIZE_MAX)
		d->point = i;
	if (digits == 0)
		return false;
	if (i == len)
		return true;
	return (p[i] == 'e' || p[i] == 'E') &&
	       read_exponent(&d->exponent, p + i + 1, len - i - 1);
}

/* The digit whose weight is 10^power. */
static unsigned
digit_at(const struct digits *d, int power)
{
	/* weights fall from left to right; the point takes no place */
	int64_t i = (int64_t)d->point + d->exponent - 1 - power;

	if (i >= (int64_t)d->point)
		i++;
	if (i < 0 || i >= (int64_t)d->len)
		return 0;
	return (unsigned)(d->at[i] - '0');
}

bool
decimal_read(struct decimal *out, const void *p, size_t len, bool *exact)
{
	struct digits d;
	uint64_t whole = 0, parts = 0;
	bool rest = false;

	if (len > 65536 || !split(&d, p, len))
		return false;
	/* a digit over the 18th place makes it too large, one below the last
	 * is rounded away */
	for (size_t i = 0; i < d.len; i++) {
		int64_t power = (int64_t)d.point - 1 - (int64_t)i + d.exponent;

		if (i > d.point)
			power++;
		if (i == d.point || d.at[i] == '0')
			continue;
		if (power >= PLACES)
			return false;
		if (power < -PLACES)
			rest = true;
	}
	for (int power = PLACES - 1; power >= 0; power--)
		whole = whole * 10 + digit_at(&d, power);
	for (int power = -1; power >= -PLACES; power--)
		parts = parts * 10 + digit_at(&d, power);
	if (d.minus && rest && ++parts == DECIMAL_ONE) {
		parts = 0;
		whole++;
	}
	out->whole = d.minus ? -(int64_t)whole : (int64_t)whole;
	out->parts = parts;
	if (d.minus && parts != 0) {
		out->whole--;
		out->parts = DECIMAL_ONE - parts;
	}
	if (exact != NULL)
		*exact = !rest;
	return out->whole > -(int64_t)DECIMAL_ONE || out->parts > 0;
}

int
decimal_compare(const struct decimal *a, const struct decimal *b)
{
	if (a->whole != b->whole)
		return a->whole < b->whole ? -1 : 1;
	if (a->parts != b->parts)
		return a->parts < b->parts ? -1 : 1;
	return 0;
}

int
decimal_print(struct bytes *out, const struct decimal *d, struct fault *f)
{
	int64_t whole = d->whole;
	uint64_t parts = d->parts;
	int places = PLACES;
	bool minus = whole < 0;

	if (minus) {
		whole = -whole;
		if (parts != 0) {
			whole--;
			parts = DECIMAL_ONE - parts;
		}
	}
	if (parts == 0)
		return bytes_addf(
		    out, f, "%s%" PRId64, minus ? "-" : "", whole);
	while (parts % 10 == 0) {
		parts /= 10;
		places--;
	}
	return bytes_addf(out, f, "%s%" PRId64 ".%0*" PRIu64, minus ? "-" : "",
	    whole, places, parts);
}
