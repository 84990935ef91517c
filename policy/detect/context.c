/*
 * The words around a match.  "SSN 078-05-1120" is more of a social security
 * number than "order 078-05-1120" is: a word of the rule's context nearby
 * raises the score, one that numbers of trade have beside them lowers it.
 *
 * A cue is found as a word or phrase, whatever its case and accents; one of
 * five letters or more also where a longer word begins or ends with it
 * ("Steuernummern", "Personalausweisnummer").  Words that were met before are
 * remembered with what they are cues of.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/detect/detect_internal.h"

#define RAISE 35u	 /* per cent that a cue adds */
#define RAISED_LEAST 40u /* and what a match with a cue has at least */
#define DISCOUNT 25u	 /* what a word of trade takes */
#define ALONE_MOST 30u	 /* needs_context, and there is none */
#define PART_LEAST 5u	 /* letters of a cue that may be a part of a word */
#define PHRASE_MAX 64u

/* Numbers beside these are of goods and papers, not of people. */
static const char *const trade[] = { "order", "invoice", "ticket", "version",
	"model", "part", "serial", "sku", "isbn", "issn", "doi", "pmid",
	"build", "release", "chapter", "page", "figure", "table", "lot",
	"batch", "tracking", "pedido", "factura", "bestellung", "bestellnummer",
	"rechnung", "rechnungsnummer", "commande", "facture", "fattura",
	"ordine", "zamowienie", "faktura", NULL };
#define TRADE UINT32_MAX /* a cue's rule: these */

/* ---- Making ---- */

static int
add_cue(struct detector *d, const char *phrase, size_t len, uint32_t rule,
    struct fault *f)
{
	const char *blank = memchr(phrase, ' ', len);
	uint32_t *first;

	if (d->ncues == d->cues_room) {
		size_t room = d->cues_room == 0 ? 1024 : 2 * d->cues_room;
		struct cue *more = mem_resize(d->cues, room * sizeof(*more));

		if (more == NULL)
			return fault_memory(f);
		d->cues = more;
		d->cues_room = room;
	}
	first = words_put(&d->cue_words, phrase,
	    blank == NULL ? len : (size_t)(blank - phrase), f);
	if (first == NULL)
		return -1;
	d->cues[d->ncues] = (struct cue){ phrase, (uint32_t)len, rule, *first };
	*first = (uint32_t)++d->ncues;
	return 0;
}

/* A folded copy of a cue, kept by the detector. */
static int
fold_cue(struct detector *d, const char *word, const char **out, size_t *len,
    struct fault *f)
{
	char folded[PHRASE_MAX], *copy;

	if (d->nfolded == d->folded_room) {
		size_t room = d->folded_room == 0 ? 1024 : 2 * d->folded_room;
		char **more = mem_resize(d->folded, room * sizeof(*more));

		if (more == NULL)
			return fault_memory(f);
		d->folded = more;
		d->folded_room = room;
	}
	*len = letters_fold(folded, sizeof(folded), word, strlen(word));
	if ((copy = mem_text(folded, *len)) == NULL)
		return fault_memory(f);
	d->folded[d->nfolded++] = copy;
	*out = copy;
	return 0;
}

int
context_add(struct detector *d, uint32_t rule, const char *const *words,
    struct fault *f)
{
	if (d->ncues == 0)
		for (size_t i = 0; trade[i] != NULL; i++)
			if (add_cue(d, trade[i], strlen(trade[i]), TRADE, f) !=
			    0)
				return -1;
	for (; words != NULL && *words != NULL; words++) {
		const char *phrase = NULL;
		size_t len = 0;

		if (fold_cue(d, *words, &phrase, &len, f) != 0)
			return -1;
		if (len > 0 && add_cue(d, phrase, len, rule, f) != 0)
			return -1;
	}
	return 0;
}

/* ---- Looking ---- */

static uint32_t
chain_of(const struct detector *d, const char *at, size_t len)
{
	const uint32_t *v = words_find(&d->cue_words, at, len);

	return v == NULL ? 0 : *v;
}

/* What a word is a cue of: as it is, and by the longest that it begins with, or
 * ends with. */
static void
look_up(const struct detector *d, const char *w, size_t len, uint32_t chains[2])
{
	chains[0] = chain_of(d, w, len);
	chains[1] = 0;
	for (size_t n = len; chains[1] == 0 && n-- > PART_LEAST;)
		chains[1] = chain_of(d, w, n);
	for (size_t n = len; chains[1] == 0 && n-- > PART_LEAST;)
		chains[1] = chain_of(d, w + len - n, n);
}

static void
recall(const struct detector *d, struct around *a, const char *w, size_t len,
    uint32_t chains[2])
{
	struct memo *m;
	uint32_t h = 2166136261u;

	if (len > MEMO_CHARS) {
		chains[0] = chain_of(d, w, len);
		chains[1] = 0;
		return;
	}
	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)w[i]) * 16777619u;
	m = &a->memo[(h ^ h >> 15) & (MEMO_WORDS - 1)];
	if (m->len != len || memcmp(m->text, w, len) != 0) {
		look_up(d, w, len, m->chains);
		m->len = (uint8_t)len;
		memcpy(m->text, w, len);
	}
	chains[0] = m->chains[0];
	chains[1] = m->chains[1];
}

/* A cue whose first word is there: is the rest?  Words are one blank apart
 * here. */
static bool
goes_on(const struct cue *c, const char *text, size_t len, bool part)
{
	const char *blank = memchr(c->phrase, ' ', c->len);
	const char *after = memchr(text, ' ', len);
	size_t rest;

	if (blank == NULL)
		return true;
	rest = c->len - (size_t)(blank - c->phrase);
	return !part && after != NULL && len - (size_t)(after - text) >= rest &&
	       memcmp(after, blank, rest) == 0;
}

static void
add_chain(const struct detector *d, struct around *a, uint32_t chain,
    const char *text, size_t len, bool part)
{
	for (; chain != 0; chain = d->cues[chain - 1].next) {
		const struct cue *c = &d->cues[chain - 1];

		if (!goes_on(c, text, len, part))
			continue;
		if (c->rule == TRADE)
			a->discount = a->discount || !part;
		else if (a->ncues < AROUND_CUES)
			a->cues[a->ncues++] = chain - 1;
	}
}

/* Is this byte of folded text a part of a word? */
static bool
in_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       (uint8_t)c >= 0x80;
}

/* Words out of text, one blank apart, into out; where each begins. */
static size_t
split(char *out, const char *text, size_t len, size_t *starts, size_t most)
{
	size_t n = 0, to = 0;

	for (size_t i = 0; i < len && n < most; i++) {
		if (!in_word(text[i]))
			continue;
		starts[n++] = to;
		while (i < len && in_word(text[i]))
			out[to++] = text[i++];
		out[to++] = ' ';
	}
	starts[n] = to;
	return n;
}

#define WORDS_MAX AROUND_BYTES

static void
add_words(const struct detector *d, struct around *a, const uint8_t *p,
    size_t len, bool before)
{
	char folded[2 * AROUND_BYTES], text[2 * AROUND_BYTES + 2];
	size_t starts[WORDS_MAX + 1], first = 0, n;

	n = letters_fold(folded, sizeof(folded), p, len);
	n = split(text, folded, n, starts, WORDS_MAX);
	if (before && n > AROUND_WORDS)
		first = n - AROUND_WORDS;
	else if (!before && n > AROUND_WORDS / 3)
		n = AROUND_WORDS / 3;
	for (size_t i = first; i < n; i++) {
		size_t size = starts[i + 1] - starts[i] - 1;
		const char *at = text + starts[i];
		uint32_t chains[2];

		recall(d, a, at, size, chains);
		add_chain(
		    d, a, chains[0], at, starts[n] - starts[i] - 1, false);
		add_chain(d, a, chains[1], at, starts[n] - starts[i] - 1, true);
	}
}

static void
look_around(const struct detector *d, struct around *a, const uint8_t *p,
    size_t len, size_t start, size_t end)
{
	size_t from = start > AROUND_BYTES ? start - AROUND_BYTES : 0;
	size_t to = len - end > AROUND_BYTES / 2 ? end + AROUND_BYTES / 2 : len;

	a->ncues = 0;
	a->discount = false;
	a->start = start;
	a->end = end;
	a->fresh = true;
	while (from > 0 && from < start && !letters_cut(p, from, len))
		from++;
	while (to < len && to > end && !letters_cut(p, to, len))
		to--;
	add_words(d, a, p + from, start - from, true);
	add_words(d, a, p + end, to - end, false);
}

void
context_judge(const struct detector *d, struct around *a, const uint8_t *p,
    size_t len, struct found *found)
{
	struct detect_span *x = &found->span;
	const struct recogniser *row;
	unsigned score = x->score;

	if (found->rule == NO_RULE)
		return;
	row = d->rules[found->rule].row;
	if (x->score >= 100)
		return;
	if (!a->fresh || a->start != x->start || a->end != x->end)
		look_around(d, a, p, len, x->start, x->end);
	for (size_t i = 0; i < a->ncues && x->context == NULL; i++)
		if (d->cues[a->cues[i]].rule == found->rule)
			x->context = d->cues[a->cues[i]].phrase;
	if (x->context != NULL) {
		score = score + RAISE > 100 ? 100 : score + RAISE;
		score = score < RAISED_LEAST ? RAISED_LEAST : score;
	} else {
		if (a->discount && !x->proven)
			score = score > DISCOUNT ? score - DISCOUNT : 1;
		if (row->needs_context && score > ALONE_MOST)
			score = ALONE_MOST;
	}
	x->score = (uint8_t)score;
}
