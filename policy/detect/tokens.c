/*
 * Text as words and numbers, each with what it means, how it is written and
 * what is between it and the one before.
 */

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "keys/base/text.h"
#include "policy/detect/known_internal.h"

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

/* How many letters and digits of ASCII p[0..len) begins with. */
static size_t
ascii_run(const uint8_t *p, size_t len)
{
	size_t n = 0;

#ifdef __SSE2__
	for (; len - n >= 16; n += 16) {
		__m128i c = _mm_loadu_si128((const void *)(p + n));
		__m128i small = _mm_or_si128(c, _mm_set1_epi8(0x20));
		__m128i letter = _mm_sub_epi8(small, _mm_set1_epi8('a'));
		__m128i digit = _mm_sub_epi8(c, _mm_set1_epi8('0'));
		unsigned is;

		/* unsigned, x <= k where the smaller of both is x */
		letter = _mm_cmpeq_epi8(
		    letter, _mm_min_epu8(letter, _mm_set1_epi8(25)));
		digit = _mm_cmpeq_epi8(
		    digit, _mm_min_epu8(digit, _mm_set1_epi8(9)));
		is = (unsigned)_mm_movemask_epi8(_mm_or_si128(letter, digit));
		if (is != 0xffff)
			return n + (unsigned)__builtin_ctz(~is);
	}
#endif
	while (n < len && letters_ascii[p[n]])
		n++;
	return n;
}

static size_t
word_len(const uint8_t *p, size_t len)
{
	size_t n = ascii_run(p, len);

	return n < len && p[n] >= 0x80 ? letters_run(p, n, len) : n;
}

/* What the words say about the language and about small letters; and what is
 * ahead of each. */
static void
judge(struct word_scan *w)
{
	size_t english = 0, others = 0, capitals = 0, words = 0;

	memset(w->ahead, 0, (w->n / AHEAD_TOKENS + 2) * sizeof(w->ahead[0]));
	for (size_t i = 0; i < w->n; i++) {
		const struct token *t = &w->t[i];
		uint32_t m = t->means;

		english += (m & W_ENGLISH) != 0;
		others += (m & (W_SPANISH | W_GERMAN | W_OTHER)) != 0 &&
			  (m & W_ENGLISH) == 0;
		capitals += t->shape == S_CAPITAL;
		words += t->shape <= S_CAPITALS;
		w->ahead[i / AHEAD_TOKENS] |=
		    m | ((t->is & MET_COMPOUND) != 0 ? W_STREET_END : 0);
	}
	w->english = english >= others;
	w->lower = words > 0 && capitals == 0;
}

int
tokens_fill(struct detect_scan *s, size_t *at, struct fault *f)
{
	struct word_scan *w = s->words;
	const uint8_t *p = s->text;
	uint16_t gap = *at == 0 ? G_START : 0;
	size_t i = *at;

	while (i < s->len && w->n < TOKENS) {
		struct met *m;
		size_t n;

		if (!letters_word(p, i, s->len)) {
			gap |=
			    p[i] == ' ' ? G_BLANK : gap_of(p, i, s->len, gap);
			if (s->begins[p[i]] && scan_sign(s, i, f) != 0)
				return -1;
			i++;
			continue;
		}
		n = word_len(p + i, s->len - i);
		m = met_word(s, i, n);
		if (s->known != NULL && (m->is & MET_SOUGHT) == 0)
			known_meet(s, m, i);
		w->t[w->n++] = (struct token){ .start = i,
			.len = (uint32_t)n,
			.means = m->means,
			.gap = gap,
			.shape = m->shape,
			.letters = m->letters,
			.is = m->is };
		gap = 0;
		if ((m->chains[0] | m->chains[1]) != 0 &&
		    context_hear(s, m, i, f) != 0)
			return -1;
		if (scan_word(s, m, i, f) != 0)
			return -1;
		i += n;
	}
	*at = i;
	w->end = i >= s->len;
	judge(w);
	return 0;
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
