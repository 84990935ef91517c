/* The record that a text belongs to: its words and numbers, as keys. */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/detect/known_internal.h"

int
known_new(struct known_scan **out, struct fault *f)
{
	struct known_scan *k = mem_new(sizeof(*k));

	if (k == NULL)
		return fault_memory(f);
	if ((k->memo = mem_array(KNOWN_MEMO, sizeof(*k->memo))) == NULL) {
		mem_free(k);
		return fault_memory(f);
	}
	*out = k;
	return 0;
}

void
known_free(struct known_scan *k)
{
	if (k == NULL)
		return;
	mem_free(k->memo);
	mem_free(k->seen);
	mem_free(k->pending);
	mem_free(k);
}

/* ---- The sieve ---- */

/* Letters that ae, oe and ue may have lost as a key: of no meaning here. */
#define LOST (1u << ('e' - 'a'))

static uint8_t
small(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/* Which of a to z are in p[0..n); *ascii: nothing else but digits is. */
static uint32_t
letter_bits(const uint8_t *p, size_t n, bool *ascii)
{
	uint32_t bits = 0;
	uint8_t all = 0;

	for (size_t i = 0; i < n; i++) {
		uint8_t c = (uint8_t)(small(p[i]) - 'a');

		all |= p[i];
		bits |= c < 26 ? 1u << c : 0;
	}
	*ascii = all < 0x80;
	return bits & ~LOST;
}

/* A number for the first three bytes of the key that dict_word_key() makes of
 * the word p[0..n), or of what is a key already, whose vowels are joined (of
 * Saeed it is saed); false where they are not all of ASCII. */
static bool
begin_of(const uint8_t *p, size_t n, bool key, uint8_t *out)
{
	unsigned h = 0;

	for (size_t i = 0, k = 0; i < n && k < 3; i++, k++) {
		uint8_t c = small(p[i]);

		if (c >= 0x80)
			return false;
		h = h * 31 + c;
		if (!key && (c == 'a' || c == 'o' || c == 'u') && i + 1 < n &&
		    small(p[i + 1]) == 'e')
			i++;
	}
	*out = (uint8_t)h;
	return true;
}

static void
sift(struct known_scan *k)
{
	struct own_sieve *v = &k->sieve;
	bool ascii;

	memset(v->firsts, 0, sizeof(v->firsts));
	memset(v->begins, 0, sizeof(v->begins));
	v->near = v->near_small = UINT8_MAX;
	for (size_t i = 0; i < k->nown; i++) {
		const struct own_key *o = &k->own[i];
		const uint8_t *key = (const uint8_t *)o->key;
		uint8_t begin;

		v->letters[i] = letter_bits(key, o->n, &ascii);
		if ((o->kind & D_WORD) == 0)
			continue;
		if (begin_of(key, o->n, true, &begin)) {
			v->firsts[key[0] / 64] |= (uint64_t)1 << key[0] % 64;
			v->begins[begin / 64] |= (uint64_t)1 << begin % 64;
		}
		if (o->letters >= OWN_NEAR_LETTERS && o->letters < v->near)
			v->near = o->letters;
		if (o->letters >= OWN_SMALL_LETTERS &&
		    o->letters < v->near_small)
			v->near_small = o->letters;
	}
}

/* One letter put in, left out or changed makes two letters different at most.
 */
static bool
is_near_any(const struct known_scan *k, uint32_t bits, uint8_t least)
{
	for (size_t i = 0; i < k->nown; i++)
		if ((k->own[i].kind & D_WORD) != 0 &&
		    k->own[i].letters >= least &&
		    __builtin_popcount(k->sieve.letters[i] ^ bits) <= 2)
			return true;
	return false;
}

/* May the key of p[0..n) begin as one of the record does? */
static bool
may_begin(const struct own_sieve *v, const uint8_t *p, size_t n)
{
	uint8_t first = small(p[0]), begin;

	if (first < 0x80 && (v->firsts[first / 64] >> first % 64 & 1) == 0)
		return false;
	return !begin_of(p, n, false, &begin) ||
	       (v->begins[begin / 64] >> begin % 64 & 1) != 0;
}

bool
known_may_own(
    const struct known_scan *k, const struct token *t, const uint8_t *p)
{
	const struct own_sieve *v = &k->sieve;
	uint8_t least = t->shape != S_LOWER ? v->near : v->near_small;
	uint32_t bits;
	bool ascii;

	if (may_begin(v, p, t->len))
		return true;
	if (t->letters != t->len) /* not ASCII alone */
		return true;
	if (t->letters + 1u < least)
		return false;
	bits = letter_bits(p, t->len, &ascii);
	return !ascii || is_near_any(k, bits, least);
}

/* ---- The record ---- */

static void
add(struct known_scan *k, unsigned kind, const char *key, size_t n)
{
	struct own_key *o;

	if (n == 0 || k->nown == DETECT_OWN_MAX)
		return;
	o = &k->own[k->nown++];
	memcpy(o->key, key, n);
	o->n = (uint8_t)n;
	o->letters = (uint8_t)dict_letters(key, n);
	o->kind = (uint8_t)kind;
}

static void
add_value(struct known_scan *k, const struct detect_value *v)
{
	char seen[DICTIONARY_VALUE_MAX], key[DICT_KEY_MAX] = { 0 };
	size_t len = fold_into(seen, sizeof(seen), v->text, v->len);
	const uint8_t *p = (const uint8_t *)seen;

	if (v->kind == DICTIONARY_PHONE) {
		add(k, D_PHONE, key, dict_phone_key(key, p, len));
		return;
	}
	if (v->kind == DICTIONARY_ID) {
		add(k, D_ID, key, dict_id_key(key, p, len));
		return;
	}
	for (size_t at = 0, end; at < len; at = end) {
		for (end = at; end < len && letters_word(p, end, len);)
			end += dict_char(seen, end, len);
		if (end == at)
			end++;
		else
			add(k, v->kind == DICTIONARY_NAME ? D_NAME : D_PLACE,
			    key, dict_word_key(key, p + at, end - at, v->kind));
	}
}

/* Its values, and what the dictionary has of its subject. */
static void
add_record(struct known_scan *k, const struct dictionary *d,
    const struct detect_record *r)
{
	const uint32_t *owned = NULL;
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		add_value(k, &r->values[i]);
	if (r->subject != NULL)
		owned = dict_owned(d, r->subject, &n);
	for (size_t i = 0; owned != NULL && i < n; i++) {
		const struct dict_key *key = &d->keys[owned[i] >> 4];

		add(k, owned[i] & 0xf, d->text + key->at, key->len);
	}
}

int
detect_scan_record(
    struct detect_scan *s, const struct detect_record *r, struct fault *f)
{
	const struct dictionary *d = s->d->dictionary;

	if (d == NULL)
		return fault_set(f, FAULT_USAGE,
		    "a record is of a dictionary, and there is none");
	s->known->nown = 0;
	if (r == NULL)
		return 0;
	add_record(s->known, d, r);
	sift(s->known);
	return 0;
}
