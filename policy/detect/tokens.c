/*
 * Text as words and numbers, each with what it means, how it is written and
 * what is between it and the one before.
 */

#include <string.h>

#include "keys/base/text.h"
#include "policy/detect/word_internal.h"

#define WORD_BYTES_MAX 40u /* longer is no name */

static uint16_t
gap_of(const uint8_t *p, size_t at, size_t len, uint16_t so_far)
{
	/* the marks of quoted lines */
	if ((so_far & G_LINE) != 0 && (p[at] == '>' || p[at] == '?'))
		return G_BLANK;
	switch (p[at]) {
	case ' ':
	case '\t':
	case '\r':
		return G_BLANK;
	case '\n':
		return (so_far & G_LINE) != 0 ? G_LINES : G_LINE;
	case '.':
	case '!':
	case '?':
		return G_STOP;
	case ',':
		return G_COMMA;
	case ':':
		return G_COLON;
	case '-':
		return G_HYPHEN;
	case '\'':
		return G_QUOTE;
	case '/':
		return G_SLASH;
	default:
		break;
	}
	/* a typographic apostrophe */
	if (p[at] == 0xe2 && at + 2 < len && p[at + 1] == 0x80 &&
	    p[at + 2] == 0x99)
		return G_QUOTE;
	return G_OTHER;
}

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

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

/* The word at p[at]: its length, its letters, its shape. */
static void
measure(const uint8_t *p, size_t at, size_t len, struct token *t)
{
	size_t capitals = 0, digits = 0, letters = 0, i = at;
	bool first = false;

	while (i < len && letters_word(p, i, len)) {
		size_t used = 1;
		int32_t c =
		    p[i] < 0x80 ? p[i] : utf8_next(p + i, len - i, &used);

		if (is_digit(p[i]))
			digits++;
		else if (is_capital(c)) {
			capitals++;
			first = first || i == at;
		}
		letters++;
		i += used;
	}
	t->len = (uint32_t)(i - at);
	t->letters = letters > 255 ? 255 : (uint8_t)letters;
	t->shape = digits > 0 ? is_digit(p[at]) ? S_NUMBER : S_MIXED
		   : capitals == letters && letters > 1 ? S_CAPITALS
		   : first				? S_CAPITAL
							: S_LOWER;
}

/* Inflected English words are in the list by their stem. */
static bool
is_common(const struct words *lexicon, const char *w, size_t n)
{
	static const struct {
		const char *end, *instead;
	} ends[] = { { "s", "" }, { "es", "" }, { "ed", "" }, { "ed", "e" },
		{ "ing", "" }, { "ing", "e" }, { "ly", "" }, { "er", "" },
		{ "er", "e" }, { "ies", "y" }, { "ied", "y" }, { "ness", "" } };
	char stem[WORD_BYTES_MAX + 2];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t k = strlen(ends[i].end), m = strlen(ends[i].instead);
		const uint32_t *v;

		if (n < k + 3 || memcmp(w + n - k, ends[i].end, k) != 0)
			continue;
		memcpy(stem, w, n - k);
		memcpy(stem + n - k, ends[i].instead, m);
		v = words_find(lexicon, stem, n - k + m);
		if (v != NULL && (*v & W_COMMON) != 0)
			return true;
	}
	return false;
}

static uint32_t
look_up(const struct words *lexicon, const uint8_t *p, const struct token *t)
{
	char folded[WORD_BYTES_MAX];
	const uint32_t *v;
	size_t n;

	if (t->len > WORD_BYTES_MAX || t->shape == S_NUMBER)
		return 0;
	n = letters_fold(folded, sizeof(folded), p + t->start, t->len);
	v = words_find(lexicon, folded, n);
	if (v != NULL)
		return *v;
	return is_common(lexicon, folded, n) ? W_COMMON : 0;
}

/* The bytes of the word at p[at]; a word is mostly ASCII. */
static size_t
word_len(const uint8_t *p, size_t at, size_t len)
{
	size_t i = at, used;

	while (i < len) {
		used = 1;
		if (p[i] >= 0x80 && utf8_next(p + i, len - i, &used) < 0)
			break;
		if (!letters_word(p, i, len))
			break;
		i += used;
	}
	return i - at;
}

/* A word's meaning and shape, remembered by its bytes. */
static void
know(struct word_scan *w, const struct words *lexicon, const uint8_t *p,
    size_t len, struct token *t)
{
	size_t n = word_len(p, t->start, len);
	const uint8_t *at = p + t->start;
	struct known *k;
	uint32_t h = 2166136261u;

	if (n > KNOWN_BYTES || is_digit(*at)) {
		measure(p, t->start, len, t);
		t->means = look_up(lexicon, p, t);
		return;
	}
	for (size_t i = 0; i < n; i++)
		h = (h ^ at[i]) * 16777619u;
	k = &w->known[(h ^ h >> 15) & (KNOWN_WORDS - 1)];
	if (k->len != n || memcmp(k->text, at, n) != 0) {
		measure(p, t->start, len, t);
		*k = (struct known){ .means = look_up(lexicon, p, t),
			.shape = t->shape,
			.letters = t->letters,
			.len = (uint8_t)n };
		memcpy(k->text, at, n);
	}
	t->len = (uint32_t)n;
	t->means = k->means;
	t->shape = k->shape;
	t->letters = k->letters;
}

/* What the words say about the language and about small letters. */
static void
judge(struct word_scan *w)
{
	size_t english = 0, others = 0, capitals = 0, words = 0;

	for (size_t i = 0; i < w->n; i++) {
		uint32_t m = w->t[i].means;

		english += (m & W_ENGLISH) != 0;
		others += (m & (W_SPANISH | W_GERMAN | W_OTHER)) != 0 &&
			  (m & W_ENGLISH) == 0;
		capitals += w->t[i].shape == S_CAPITAL;
		words += w->t[i].shape <= S_CAPITALS;
	}
	w->english = english >= others;
	w->lower = words > 0 && capitals == 0;
}

void
tokens_fill(struct word_scan *w, const struct words *lexicon, const uint8_t *p,
    size_t len, size_t *at)
{
	uint16_t gap = *at == 0 ? G_START : 0;
	size_t i = *at;

	while (i < len && w->n < TOKENS) {
		struct token *t = &w->t[w->n];

		if (!letters_word(p, i, len)) {
			gap |= gap_of(p, i, len, gap);
			i++;
			continue;
		}
		t->start = i;
		know(w, lexicon, p, len, t);
		t->gap = gap;
		gap = 0;
		i += t->len;
		w->n++;
	}
	*at = i;
	w->end = i >= len;
	judge(w);
}

bool
token_ends(const uint8_t *p, const struct token *t, const char *with)
{
	char folded[WORD_BYTES_MAX];
	size_t n, k = strlen(with);

	if (t->len > WORD_BYTES_MAX)
		return false;
	n = letters_fold(folded, sizeof(folded), p + t->start, t->len);
	return n >= k + 2 && memcmp(folded + n - k, with, k) == 0;
}

bool
token_starts_sentence(const struct word_scan *w, size_t i)
{
	const struct token *t = w->t + i;

	if ((t->gap & (G_START | G_STOP | G_LINE | G_LINES | G_COLON | G_OTHER |
			  G_HYPHEN)) == 0)
		return false;
	if (i == 0 || (t->gap & (G_STOP | G_BLANK)) == 0 ||
	    (t->gap & ~(uint16_t)(G_STOP | G_BLANK)) != 0)
		return true;
	return (t[-1].means & W_TITLE) == 0 && t[-1].letters != 1;
}

/* May it be a part of a name, by how it is written? */
bool
token_is_name(const struct word_scan *w, size_t i)
{
	const struct token *t = &w->t[i];

	if (t->shape == S_CAPITAL)
		return (t->means & (W_TIME | W_PEOPLE)) == 0;
	if (t->shape == S_CAPITALS)
		return (t->means & (W_GIVEN | W_SURNAME)) != 0 &&
		       (t->means & (W_AMBIGUOUS | W_COMMON)) == 0;
	return t->shape == S_LOWER && w->lower && t->letters > 2 &&
	       (t->means & (W_TIME | W_PEOPLE)) == 0 &&
	       ((t->means & (W_GIVEN | W_SURNAME)) != 0 || t->means == 0);
}
