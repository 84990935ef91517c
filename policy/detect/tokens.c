/*
 * Text as words and numbers, each with what it means, how it is written and
 * what is between it and the one before.
 */

#include <string.h>

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

/* What the words say about the language and about small letters. */
struct said {
	int32_t tongue;
	uint32_t shapes; /* bits of enum shape */
};

/* Hear token i, and say that it is ahead of those before it. */
static inline void
hear(struct said *x, struct word_scan *w, size_t i)
{
	const struct token *t = &w->t[i];

	x->tongue += t->tongue;
	x->shapes |= 1u << t->shape;
	if (i % AHEAD_TOKENS == 0)
		w->ahead[i / AHEAD_TOKENS] = 0;
	w->ahead[i / AHEAD_TOKENS] |= t->is;
}

static void
judge(struct word_scan *w, const struct said *x)
{
	uint32_t words = 1u << S_LOWER | 1u << S_CAPITAL | 1u << S_CAPITALS;

	w->ahead[(w->n + AHEAD_TOKENS - 1) / AHEAD_TOKENS] = 0;
	w->english = x->tongue >= 0;
	w->lower =
	    (x->shapes & words) != 0 && (x->shapes & 1u << S_CAPITAL) == 0;
}

int
tokens_fill(struct detect_scan *s, size_t *at, struct fault *f)
{
	struct word_scan *w = s->words;
	const uint8_t *p = s->text;
	const bool *begins = s->begins;
	uint16_t gap = *at == 0 ? G_START : 0;
	struct said said = { 0 };
	size_t i = *at, len = s->len, count = w->n, n;

	for (size_t k = 0; k < count; k++)
		hear(&said, w, k);
	while (i < len && count < TOKENS) {
		struct met *m;

		if (!letters_word(p, i, len)) {
			gap |= p[i] == ' ' ? G_BLANK : gap_of(p, i, len, gap);
			if (begins[p[i]] && scan_sign(s, i, f) != 0)
				return -1;
			i++;
			continue;
		}
		m = met_next(s, i, &n);
		if (s->known != NULL && (m->is & MET_SOUGHT) == 0)
			known_meet(s, m, i);
		w->t[count] = (struct token){ .start = i,
			.len = m->len,
			.means = m->means,
			.shape = m->shape,
			.letters = m->letters,
			.is = m->is,
			.tongue = m->tongue,
			.gap = gap };
		hear(&said, w, count++);
		gap = 0;
		if ((m->chains[0] | m->chains[1]) != 0 &&
		    context_hear(s, m, i, f) != 0)
			return -1;
		i += n;
		if (i + 1 < len && p[i] == ' ' && met_over(m, p[i + 1])) {
			/* and no pattern begins with the blank */
			gap = begins[' '] ? 0 : G_BLANK;
			i += gap != 0;
		} else if (scan_word(s, m, i - n, f) != 0)
			return -1;
	}
	*at = i;
	w->n = count;
	w->end = i >= len;
	judge(w, &said);
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
