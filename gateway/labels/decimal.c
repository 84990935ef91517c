/*
 * Coordinates as exact decimals.
 *
 * A double would do for pictures, but not for the promise that a box carried
 * to the original and back is the same box: width - (x + w) in binary loses
 * the last digit of what was written.  Whole numbers of 10^-9 pixel do not.
 */

#include <string.h>

#include "gateway/labels/json_internal.h"

#define SCALE 9
#define EXPONENT_MAX 400

/* The exponent behind 'e', cut to +-EXPONENT_MAX. */
static int
read_exponent(const char *p, const char *end)
{
	int n = 0;
	bool minus = p != end && *p == '-';

	if (p != end && (*p == '-' || *p == '+'))
		p++;
	for (; p != end; p++)
		if (n < EXPONENT_MAX)
			n = n * 10 + (*p - '0');
	if (n > EXPONENT_MAX)
		n = EXPONENT_MAX;
	return minus ? -n : n;
}

/* v * 10 + digit; false when it leaves 62 bits. */
static bool
push_digit(uint64_t *v, unsigned digit)
{
	if (*v > (((uint64_t)1 << 62) - digit) / 10)
		return false;
	*v = *v * 10 + digit;
	return true;
}

bool
labels_decimal_read(int64_t *out, const char *text, size_t len, bool *rounded)
{
	const char *end = text + len, *p = text, *e;
	bool minus = len > 0 && *text == '-', up = false, cut = false;
	uint64_t v = 0;
	long places; /* digits still to take, up to 10^-9 */
	size_t whole;

	if (minus)
		p++;
	for (e = p; e != end && *e != 'e' && *e != 'E'; e++)
		;
	for (whole = 0; p + whole != e && p[whole] != '.'; whole++)
		;
	places =
	    (long)whole + SCALE + (e != end ? read_exponent(e + 1, end) : 0);
	for (; p != e; p++) {
		if (*p == '.')
			continue;
		if (places > 0) {
			if (!push_digit(&v, (unsigned)(*p - '0')))
				return false;
		} else {
			up = up || (places == 0 && *p >= '5');
			cut = cut || *p != '0';
		}
		places--;
	}
	for (; places > 0 && v != 0; places--)
		if (!push_digit(&v, 0))
			return false;
	if (up)
		v++;
	if (cut)
		*rounded = true;
	*out = minus ? -(int64_t)v : (int64_t)v;
	return true;
}

void
labels_decimal_write(char out[LABELS_DECIMAL_CHARS + 1], int64_t v)
{
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	unsigned fraction = (unsigned)(u % 1000000000u);
	size_t n;

	(void)snprintf(out, LABELS_DECIMAL_CHARS + 1, "%s%llu.%09u",
	    v < 0 ? "-" : "", (unsigned long long)(u / 1000000000u), fraction);
	n = strlen(out);
	while (out[n - 1] == '0')
		out[--n] = '\0';
	if (out[n - 1] == '.')
		out[n - 1] = '\0';
}
