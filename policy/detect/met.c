/*
 * Words met before.  Texts repeat their words, so that what is known of one is
 * worked out when it is met first and found again by its bytes: how it is
 * written, what it means, what it is a cue of, and whether any pattern that
 * begins with it goes on behind it, which hardly ever one does.
 *
 * The hash of a word's bytes is the place of two, the last one met first; it
 * stays until two others were met there.
 */

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/detect/known_internal.h"

#define WORD_BYTES_MAX 40u /* longer is no name */

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* ---- How it is written ---- */

/* Is the character of two or more bytes at p a capital?  Latin, Greek and
 * Cyrillic, by where they are. */
static bool
is_capital(int32_t c)
{
	if (c < 0x80)
		return c >= 'A' && c <= 'Z';
	if (c < 0xdf)
		return c >= 0xc0 && c != 0xd7;
	if (c >= 0x100 && c < 0x138)
		return c % 2 == 0;
	if (c >= 0x139 && c < 0x149)
		return c % 2 == 1;
	if (c >= 0x14a && c < 0x178)
		return c % 2 == 0;
	if (c >= 0x178 && c < 0x17f)
		return c == 0x178 || c % 2 == 1;
	if (c >= 0x386 && c < 0x3ac)
		return c != 0x390;
	return (c >= 0x400 && c < 0x430) ||
	       (c >= 0x1e00 && c < 0x1f00 && c % 2 == 0);
}

static void
measure(const uint8_t *p, size_t len, struct met *m)
{
	size_t capitals = 0, digits = 0, letters = 0, used;
	bool first = false;

	for (size_t i = 0; i < len; i += used) {
		int32_t c = utf8_next(p + i, len - i, &used);

		if (is_digit(p[i]))
			digits++;
		else if (is_capital(c)) {
			capitals++;
			first = first || i == 0;
		}
		letters++;
	}
	m->len = (uint32_t)len;
	m->letters = letters > 255 ? 255 : (uint8_t)letters;
	m->shape = digits > 0 ? is_digit(p[0]) ? S_NUMBER : S_MIXED
		   : capitals == letters && letters > 1 ? S_CAPITALS
		   : first				? S_CAPITAL
							: S_LOWER;
}

/* ---- What it means ---- */

struct suffix {
	const char *end, *instead;
	uint8_t n, ninstead;
};
#define END(end, instead)                                          \
	{                                                          \
		end, instead, sizeof(end) - 1, sizeof(instead) - 1 \
	}

/* Does w[0..n) end so, with so many letters before it? */
static bool
ends_in(const char *w, size_t n, const struct suffix *x, size_t before)
{
	return n >= x->n + before && w[n - 1] == x->end[x->n - 1] &&
	       memcmp(w + n - x->n, x->end, x->n) == 0;
}

/* Inflected English words are in the list by their stem. */
static bool
is_common(const struct words *lexicon, const char *w, size_t n)
{
	static const struct suffix ends[] = { END("s", ""), END("es", ""),
		END("ed", ""), END("ed", "e"), END("ing", ""), END("ing", "e"),
		END("ly", ""), END("er", ""), END("er", "e"), END("ies", "y"),
		END("ied", "y"), END("ness", "") };
	char stem[WORD_BYTES_MAX + 2];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		const struct suffix *x = &ends[i];
		const uint32_t *v;

		if (!ends_in(w, n, x, 3))
			continue;
		memcpy(stem, w, n - x->n);
		memcpy(stem + n - x->n, x->instead, x->ninstead);
		v = words_find(lexicon, stem, n - x->n + x->ninstead);
		if (v != NULL && (*v & W_COMMON) != 0)
			return true;
	}
	return false;
}

/* Is it a street's word at the end of a longer one?  Hauptstrasse. */
static bool
is_compound(const char *w, size_t n)
{
	static const struct suffix ends[] = { END("strasse", ""),
		END("str", ""), END("weg", ""), END("gasse", ""),
		END("platz", ""), END("allee", ""), END("ufer", ""),
		END("straat", ""), END("laan", ""), END("plein", ""),
		END("gracht", ""), END("dreef", ""), END("gatan", ""),
		END("vagen", ""), END("vej", ""), END("veien", ""),
		END("vegen", ""), END("gade", ""), END("gate", ""),
		END("gata", ""), END("alleen", ""), END("tie", ""),
		END("katu", ""), END("kuja", ""), END("utca", ""),
		END("stasse", ""), END("steig", ""), END("damm", ""),
		END("plantsoen", ""), END("singel", ""), END("hof", ""),
		END("haugen", ""), END("brautin", "") };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_in(w, n, &ends[i], 2))
			return true;
	return false;
}

static void
look_up(const struct words *lexicon, const uint8_t *p, struct met *m)
{
	char folded[WORD_BYTES_MAX];
	const uint32_t *v;
	size_t n;

	if (m->len > WORD_BYTES_MAX || m->shape == S_NUMBER)
		return;
	n = letters_fold(folded, sizeof(folded), p, m->len);
	v = words_find(lexicon, folded, n);
	if (v != NULL)
		m->means = *v;
	else if (is_common(lexicon, folded, n))
		m->means = W_COMMON;
	if (m->letters >= 6 && is_compound(folded, n))
		m->is |= MET_COMPOUND;
}

/* Which rules over words are to ask what begins with it: all of a word that has
 * a capital or a digit, or leads to something; of words in small letters, where
 * there are no others, also those of the lists and those that nobody knows. */
static void class(struct met *m)
{
	const uint32_t leads = W_STREET | W_TITLE | W_ROLE | W_NAME,
		       names = W_GIVEN | W_SURNAME | W_PLACE | W_COUNTRY |
			       W_ORG | W_UNIT | W_ARMY,
		       others = W_SPANISH | W_GERMAN | W_OTHER;

	if (m->shape != S_LOWER || (m->means & leads) != 0)
		m->is |= MET_FIRST | MET_SMALL;
	if (m->means == 0 || (m->means & names) != 0)
		m->is |= MET_SMALL;
	if ((m->means & (W_STREET_END | W_ORG_END | W_ORG)) != 0 ||
	    (m->is & MET_COMPOUND) != 0)
		m->is |= MET_AHEAD;
	m->tongue = (m->means & W_ENGLISH) != 0 ? 1
		    : (m->means & others) != 0	? -1
						: 0;
}

/* All but what is told when it is asked for. */
static void
meet(const struct detect_scan *s, const uint8_t *p, size_t len, struct met *m)
{
	*m = (struct met){ .chains = { UNASKED } };
	measure(p, len, m);
	look_up(&s->d->lexicon, p, m);
	class(m);
	if (letters_joined(p, len))
		m->is |= MET_JOINED;
}

/* ---- The same bytes again ---- */

/* Where a word of at most 16 bytes is: the best bits of a product are in its
 * middle. */
static inline size_t
place(uint64_t a, uint64_t b)
{
	uint64_t h = a * 0x9e3779b97f4a7c15u + b * 0xd6e8feb86659fd93u;

	return h >> 40 & (MET_WORDS - 2);
}

static bool
is_that(const struct met *m, const uint64_t w[MET_BYTES / 8])
{
	return ((m->bytes[0] ^ w[0]) | (m->bytes[1] ^ w[1]) |
		   (m->bytes[2] ^ w[2]) | (m->bytes[3] ^ w[3])) == 0;
}

/* Any word: one that was met second last in its place, or is met now, too. */
static struct met *
find_or_meet(struct detect_scan *s, const uint8_t *p, size_t len)
{
	uint64_t w[MET_BYTES / 8] = { 0 };
	struct met *m, other;

	/* Numbers are hardly ever the same, and mean nothing. */
	if (len > MET_BYTES || is_digit(*p)) {
		meet(s, p, len, &s->unmet);
		return &s->unmet;
	}
	memcpy(w, p, len);
	m = &s->met[place(w[0] ^ w[2] * 0xff51afd7ed558ccdu,
	    w[1] ^ w[3] * 0xc4ceb9fe1a85ec53u)];
	if (is_that(m, w))
		return m;
	other = m[1];
	m[1] = m[0];
	m[0] = other;
	if (!is_that(m, w)) {
		meet(s, p, len, m);
		memcpy(m->bytes, w, sizeof(w));
	}
	return m;
}

struct met *
met_word(struct detect_scan *s, size_t at, size_t len)
{
	return find_or_meet(s, s->text + at, len);
}

/* ---- The next word ---- */

#ifdef __SSE2__
/* The bits of those that are letters and digits of ASCII. */
static inline unsigned
word_bits(__m128i c)
{
	__m128i small = _mm_or_si128(c, _mm_set1_epi8(0x20));
	__m128i letter = _mm_sub_epi8(small, _mm_set1_epi8('a'));
	__m128i digit = _mm_sub_epi8(c, _mm_set1_epi8('0'));

	/* unsigned, x <= k where the smaller of both is x */
	letter =
	    _mm_cmpeq_epi8(letter, _mm_min_epu8(letter, _mm_set1_epi8(25)));
	digit = _mm_cmpeq_epi8(digit, _mm_min_epu8(digit, _mm_set1_epi8(9)));
	return (unsigned)_mm_movemask_epi8(_mm_or_si128(letter, digit));
}
#endif

static size_t
word_len(const uint8_t *p, size_t len)
{
	size_t n = 0;

#ifdef __SSE2__
	for (unsigned is; len - n >= 16; n += 16) {
		is = word_bits(_mm_loadu_si128((const void *)(p + n)));
		if (is != 0xffff) {
			n += (unsigned)__builtin_ctz(~is);
			return p[n] >= 0x80 ? letters_run(p, n, len) : n;
		}
	}
#endif
	while (n < len && letters_ascii[p[n]])
		n++;
	return n < len && p[n] >= 0x80 ? letters_run(p, n, len) : n;
}

struct met *
met_next(struct detect_scan *s, size_t at, size_t *len)
{
	const uint8_t *p = s->text + at;
#ifdef __SSE2__
	/* Most words are short, of ASCII, and the one that was met last. */
	static const uint8_t mask[32] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	if (s->len - at >= 16) {
		__m128i word = _mm_loadu_si128((const void *)p), high;
		size_t n = (unsigned)__builtin_ctz(~word_bits(word));
		struct met *m;

		word = _mm_and_si128(
		    word, _mm_loadu_si128((const void *)(mask + 16 - n)));
		high = _mm_unpackhi_epi64(word, word);
		m = &s->met[place((uint64_t)_mm_cvtsi128_si64(word),
		    (uint64_t)_mm_cvtsi128_si64(high))];
		*len = n;
		if (n < 16 && p[n] < 0x80 && m->len == n &&
		    _mm_movemask_epi8(_mm_cmpeq_epi8(word,
			_mm_load_si128((const void *)m->bytes))) == 0xffff)
			return m;
	}
#endif
	*len = word_len(p, s->len - at);
	return find_or_meet(s, p, *len);
}
