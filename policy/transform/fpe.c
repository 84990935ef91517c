/*
 * Format-preserving encryption of text: which characters are digits of FF1,
 * which stay where they are, and a check digit that stays right.
 *
 *     4929-1234 5678 9012   --> the digits but those kept --> FF1 --> back into
 *                               their places, the rest as it stands
 *
 * With a check digit the result is encrypted again until it is right (cycle
 * walking: Black and Rogaway, "Ciphers with Arbitrary Finite Domains", CT-RSA
 * 2002), ten times on average; that is a permutation of the right ones.
 */

#include <stdlib.h>
#include <string.h>

#include "keys/base/text.h"
#include "policy/transform/transform_internal.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

const char *const transform_alphabets[] = { "digits", "lower", "upper", "alnum",
	NULL };
static const char *const alphabets[] = { DIGITS, LOWER, UPPER,
	DIGITS UPPER LOWER };

/* A walk is longer with a chance of less than 10^-400. */
#define WALK_MAX 10000u

const char *
transform_alphabet(const char *name)
{
	for (size_t i = 0; transform_alphabets[i] != NULL; i++)
		if (strcmp(name, transform_alphabets[i]) == 0)
			return alphabets[i];
	return NULL;
}

const char *
letters_name(const char *text)
{
	for (size_t i = 0; transform_alphabets[i] != NULL; i++)
		if (strcmp(text, alphabets[i]) == 0)
			return transform_alphabets[i];
	return NULL;
}

size_t
letters_read(uint32_t *out, size_t room, const char *text)
{
	size_t len = strlen(text), n = 0, used;

	for (size_t i = 0; i < len && n < room; i += used) {
		int32_t c = utf8_next(text + i, len - i, &used);

		must(c >= 0);
		out[n++] = (uint32_t)c;
	}
	return n;
}

/* A value in work. */
struct spelled {
	uint32_t letters[TRANSFORM_LETTERS_MAX];
	uint32_t radix;
	uint16_t digits[FF1_DIGITS_MAX];
	size_t n;
	uint8_t tweak[FF1_TWEAK_MAX];
	size_t tweak_len;
};

/* Index in the alphabet, or its size. */
static uint32_t
letter(const struct spelled *s, uint32_t c)
{
	uint32_t i = 0;

	while (i < s->radix && s->letters[i] != c)
		i++;
	return i;
}

static bool
stands_between(const struct transform *t, const uint8_t *c, size_t len)
{
	const char *p = t->between;
	size_t left = strlen(p), used;

	for (; left > 0; p += used, left -= used) {
		must(utf8_next(p, left, &used) >= 0);
		if (used == len && memcmp(p, c, len) == 0)
			return true;
	}
	return false;
}

static int
spell(struct spelled *s, const struct transform *t, const struct slice *value,
    struct fault *f)
{
	size_t used;

	s->radix =
	    (uint32_t)letters_read(s->letters, TRANSFORM_LETTERS_MAX, t->text);
	for (size_t i = 0; i < value->len; i += used) {
		int32_t c = utf8_next(value->at + i, value->len - i, &used);
		uint32_t digit;

		if (c < 0)
			return fault_set(f, FAULT_INPUT, "not UTF-8 text");
		if ((digit = letter(s, (uint32_t)c)) == s->radix) {
			if (stands_between(t, value->at + i, used))
				continue;
			(void)fault_set(f, FAULT_INPUT,
			    "a character that is not in the alphabet");
			return fault_hint(f,
			    "characters that may stay are named: "
			    "separators: \" -\"");
		}
		if (s->n == FF1_DIGITS_MAX)
			return fault_set(f, FAULT_INPUT,
			    "more than %u characters to encrypt",
			    FF1_DIGITS_MAX);
		s->digits[s->n++] = (uint16_t)digit;
	}
	return 0;
}

/* ISO/IEC 7812-1, annex B: from the right, every second digit doubled. */
static bool
luhn_right(const struct spelled *s)
{
	unsigned sum = 0;

	for (size_t i = 0; i < s->n; i++) {
		unsigned d = s->digits[s->n - 1 - i];

		if (i % 2 == 1)
			d = d < 5 ? 2 * d : 2 * d - 9;
		sum += d;
	}
	return sum % 10 == 0;
}

/* The domain and, so that equal middles of different values differ, what is
 * kept around. */
static void
make_tweak(struct spelled *s, const struct transform *t)
{
	size_t n = strlen(t->domain);

	memcpy(s->tweak, t->domain, n);
	for (size_t i = 0; i < s->n; i++) {
		if (i >= t->first && i + t->last < s->n)
			continue;
		s->tweak[n++] = 0;
		s->tweak[n++] = (uint8_t)(s->digits[i] >> 8);
		s->tweak[n++] = (uint8_t)s->digits[i];
	}
	s->tweak_len = n;
}

static int
check_length(
    const struct spelled *s, const struct transform *t, struct fault *f)
{
	size_t kept = (size_t)t->first + t->last;
	size_t least = ff1_digits_min(s->radix) + t->luhn;

	if (s->n >= kept + least)
		return 0;
	return fault_set(f, FAULT_INPUT,
	    "too short to be encrypted: %zu characters%s out of an alphabet of "
	    "%u have fewer than a million values; %zu are needed%s",
	    s->n > kept ? s->n - kept : 0, t->luhn ? " with a check digit" : "",
	    s->radix, least, kept > 0 ? " beside those that are kept" : "");
}

static int
encrypt(struct spelled *s, const struct transform *t, struct ff1 *ff1,
    bool back, struct fault *f)
{
	struct ff1_text text = { .radix = s->radix,
		.tweak = s->tweak,
		.tweak_len = s->tweak_len,
		.digits = s->digits + t->first,
		.n = s->n - t->first - t->last };

	if (t->luhn && !luhn_right(s))
		return fault_set(
		    f, FAULT_INPUT, "its check digit (Luhn) is wrong");
	for (unsigned i = 0; i < WALK_MAX; i++) {
		if ((back ? ff1_decrypt(ff1, &text, f)
			  : ff1_encrypt(ff1, &text, f)) != 0)
			return -1;
		if (!t->luhn || luhn_right(s))
			return 0;
	}
	return fault_set(f, FAULT_SYSTEM, "FF1 does not come to an end");
}

/* The digits back into the places of letters. */
static int
write_back(const struct spelled *s, const struct slice *value,
    struct bytes *out, struct fault *f)
{
	size_t n = 0, used;

	for (size_t i = 0; i < value->len; i += used) {
		int32_t c = utf8_next(value->at + i, value->len - i, &used);
		int rc;

		if (letter(s, (uint32_t)c) == s->radix)
			rc = bytes_add(out, value->at + i, used, f);
		else
			rc = utf8_add(out, s->letters[s->digits[n++]], f);
		if (rc != 0)
			return -1;
	}
	must(n == s->n);
	return 0;
}

int
value_fpe(const struct transform *t, const struct transform_site *site,
    const struct slice *value, bool back, struct bytes *out, struct fault *f)
{
	struct spelled s;
	int rc = -1;

	must(site->key != NULL && site->key->use == KEY_FPE);
	s.n = 0;
	if (spell(&s, t, value, f) != 0 || check_length(&s, t, f) != 0)
		goto out;
	make_tweak(&s, t);
	if (encrypt(&s, t, site->key->ff1, back, f) == 0)
		rc = write_back(&s, value, out, f);
out:
	secret_wipe(s.digits, s.n * sizeof(s.digits[0]));
	return rc;
}
