/*
 * Fingerprints as people read them out.
 *
 * Proquints (D. S. Wilkerson, "A Proposal for Proquints: Identifiers that are
 * Readable, Spellable, and Pronounceable", arXiv 0901.4016): 16 bits as
 * consonant, vowel, consonant, vowel, consonant of 4, 2, 4, 2, 4 bits.
 */

#include <string.h>

#include "keys/ring/ring_internal.h"

#define GROUPS (FINGERPRINT_BYTES / 2)

static const char consonants[] = "bdfghjklmnprstvz";
static const char vowels[] = "aiou";

_Static_assert(FINGERPRINT_HEX_CHARS == GROUPS * 5 - 1, "with spaces");
_Static_assert(FINGERPRINT_WORDS_CHARS == GROUPS * 6 - 1, "with spaces");

void
fingerprint_spell(
    struct fingerprint *out, const uint8_t bits[FINGERPRINT_BYTES])
{
	char *hex = out->hex, *word = out->words;

	for (size_t i = 0; i < GROUPS; i++) {
		unsigned v = (unsigned)bits[2 * i] << 8 | bits[2 * i + 1];

		hex_write(hex, bits + 2 * i, 2);
		hex[4] = ' ';
		hex += 5;
		word[0] = consonants[v >> 12];
		word[1] = vowels[v >> 10 & 3];
		word[2] = consonants[v >> 6 & 15];
		word[3] = vowels[v >> 4 & 3];
		word[4] = consonants[v & 15];
		word[5] = ' ';
		word += 6;
	}
	hex[-1] = '\0';
	word[-1] = '\0';
}

/* Is typed, without spaces and hyphens and in lower case, spelt so? */
static bool
same(const char *spelt, const char *typed)
{
	for (;;) {
		char c;

		spelt += strspn(spelt, " ");
		typed += strspn(typed, " -");
		c = *typed;
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (c != *spelt)
			return false;
		if (c == '\0')
			return true;
		spelt++;
		typed++;
	}
}

bool
fingerprint_same(const struct fingerprint *a, const char *typed)
{
	return same(a->hex, typed) || same(a->words, typed);
}

bool
fingerprint_formed(const char *typed)
{
	size_t n = 0, digits = 0, letters = 0;

	for (; typed[strspn(typed, " -")] != '\0'; n++) {
		char c;

		typed += strspn(typed, " -");
		c = *typed++;
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		digits += strchr("0123456789abcdef", c) != NULL;
		letters +=
		    strchr(n % 5 % 2 == 0 ? consonants : vowels, c) != NULL;
	}
	return (n == 2 * FINGERPRINT_BYTES && digits == n) ||
	       (n == 5 * GROUPS && letters == n);
}
