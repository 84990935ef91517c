/*
 * What was probably meant: the nearest of some names, by the number of letters
 * added, left out, replaced or exchanged with their neighbour (Damerau 1964,
 * in the restricted form in which no letter is touched twice).
 */

#include <string.h>

#include "keys/base/near.h"

#define NEAR_MAX 48 /* bytes compared; longer names are told, not guessed */

static unsigned
least(unsigned a, unsigned b, unsigned c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

static unsigned char
lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static unsigned
distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned rows[3][NEAR_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *now = rows[2], *swap;

	for (unsigned j = 0; j <= nb; j++)
		last[j] = j;
	for (size_t i = 1; i <= na; i++) {
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned char ca = lower(a[i - 1]),
				      cb = lower(b[j - 1]);

			now[j] = least(last[j] + 1, now[j - 1] + 1,
			    last[j - 1] + (ca != cb));
			if (i > 1 && j > 1 && ca == lower(b[j - 2]) &&
			    cb == lower(a[i - 2]) && before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
		swap = before;
		before = last;
		last = now;
		now = swap;
	}
	return last[nb];
}

unsigned
near_distance(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);
	size_t longer = na > nb ? na : nb, shorter = na > nb ? nb : na;
	unsigned d, most = longer > 8 ? 3 : longer > 4 ? 2 : 1;

	if (longer > NEAR_MAX || longer - shorter > most)
		return NEAR_NOT;
	d = distance(a, na, b, nb);
	return d <= most && d < longer ? d : NEAR_NOT;
}

const char *
near_word(const char *word, const char *const *words)
{
	const char *best = NULL;
	unsigned least_so_far = NEAR_NOT;

	for (size_t i = 0; words[i] != NULL; i++) {
		unsigned d = near_distance(word, words[i]);

		if (d < least_so_far) {
			least_so_far = d;
			best = words[i];
		}
	}
	return best;
}
