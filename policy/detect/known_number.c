/*
 * Telephone numbers and ids, compared by their digits and letters alone: what
 * is written in groups is read as one from each group on that may be its first.
 */

#include "policy/detect/known_internal.h"

#include <string.h>

#define NUMBER_BYTES_MAX 48u /* as written, signs included */
#define GROUPS_MAX 8u
#define PHONE_DIGITS_MIN 7u
#define PHONE_DIGITS_MAX 15u /* E.164, 6.1 */
#define ID_SURE 6u	     /* shorter is found only as the record's own */
#define OWN_ID_MIN 3u

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* The record's own number with this key. */
static bool
is_own(const struct known_scan *k, unsigned kind, const char *key, size_t n)
{
	for (size_t i = 0; i < k->nown; i++)
		if (k->own[i].kind == kind && k->own[i].n == n &&
		    memcmp(k->own[i].key, key, n) == 0)
			return true;
	return false;
}

static bool
is_in(const struct dictionary *d, unsigned kind, const char *key, size_t n)
{
	uint32_t id = dict_find(d, key, n);

	return id != DICT_NONE && (d->keys[id].kinds & kind) != 0;
}

static bool
all_digits(const char *key, size_t n)
{
	return strspn(key, "0123456789") >= n;
}

/* Is text[at..end) the telephone number of a value?  By the last nine digits;
 * behind a country's code a national number may have fewer. */
static bool
is_phone(const struct detect_scan *s, size_t at, size_t end, bool *own)
{
	const uint8_t *p = s->text + at;
	char key[DICT_KEY_MAX + 1] = { 0 };
	size_t n = dict_phone_key(key, p, end - at), all = 0, least = n;
	bool abroad;

	for (size_t i = at; i < end; i++)
		all += is_digit(s->text[i]);
	if (all < PHONE_DIGITS_MIN || all > PHONE_DIGITS_MAX)
		return false;
	abroad = (at > 0 && p[-1] == '+') || (p[0] == '0' && p[1] == '0');
	if (abroad && n > PHONE_DIGITS_MIN)
		least = PHONE_DIGITS_MIN;
	for (size_t k = n; k >= least; k--) {
		const char *tail = key + n - k;

		if (is_own(s->known, D_PHONE, tail, k)) {
			*own = true;
			return true;
		}
		if (s->d->dictionary->has_phones &&
		    (s->d->dictionary->dense_phones >> k & 1) == 0 &&
		    is_in(s->d->dictionary, D_PHONE, tail, k))
			return true;
	}
	return false;
}

static bool
is_id(const struct detect_scan *s, const char *key, size_t n, bool *own)
{
	const struct dictionary *d = s->d->dictionary;

	if (n >= OWN_ID_MIN && is_own(s->known, D_ID, key, n)) {
		*own = true;
		return true;
	}
	if (!d->has_ids || n < ID_SURE || !is_in(d, D_ID, key, n))
		return false;
	return !all_digits(key, n) || n >= 16 || (d->dense_ids >> n & 1) == 0;
}

/* May text[at] be between two groups? */
static size_t
sign_at(const uint8_t *p, size_t at, size_t len)
{
	size_t n = 0;

	while (n < 3 && at + n < len && strchr(" .-/_()", p[at + n]) != NULL &&
	       p[at + n] != '\0')
		n++;
	return n;
}

/* The longest number from at on; false: none. */
static bool
read_number(const struct detect_scan *s, size_t at, struct known_report *out)
{
	const uint8_t *p = s->text;
	char key[NUMBER_BYTES_MAX + 1] = { 0 };
	size_t n = 0, end = at;
	bool letters = false, any = false;

	for (size_t g = 0; g < GROUPS_MAX; g++) {
		bool own = false;

		while (end < s->len && end - at < NUMBER_BYTES_MAX &&
		       p[end] < 0x80 && letters_word(p, end, s->len)) {
			letters = letters || !is_digit(p[end]);
			key[n++] =
			    (char)(p[end] >= 'A' && p[end] <= 'Z' ? p[end] + 32
								  : p[end]);
			end++;
		}
		if (!letters_cut(p, end, s->len))
			break;
		if (!letters && is_phone(s, at, end, &own))
			*out = (struct known_report){ KNOWN_PHONE, at, end, 100,
				own, "the digits of a telephone number" };
		else if (n <= DICT_KEY_MAX && is_id(s, key, n, &own))
			*out = (struct known_report){ KNOWN_ID, at, end, 100,
				own, "the signs of an id" };
		any = any || out->end == end;
		end += sign_at(p, end, s->len);
		if (end >= s->len || p[end] >= 0x80 ||
		    !letters_word(p, end, s->len))
			break;
	}
	return any;
}

int
known_number(
    struct detect_scan *s, const struct word_scan *w, size_t i, struct fault *f)
{
	const struct token *t = &w->t[i];
	struct known_report r = { .end = 0 };
	bool number = t->shape == S_NUMBER || t->shape == S_MIXED;

	if (!number &&
	    (t->letters > 4 || i + 1 >= w->n || w->t[i + 1].shape != S_NUMBER))
		return 0;
	if (t->start < s->known->numbers_to || !read_number(s, t->start, &r))
		return 0;
	s->known->numbers_to = r.end;
	if (r.entity == KNOWN_PHONE)
		while (r.start > 0 &&
		       strchr("+(", s->text[r.start - 1]) != NULL &&
		       s->text[r.start - 1] != '\0')
			r.start--;
	return known_found(s, &r, f);
}
