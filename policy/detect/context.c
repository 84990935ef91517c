/*
 * The words around a match.  "SSN 078-05-1120" is more of a social security
 * number than "order 078-05-1120" is: a word of the rule's context nearby
 * raises the score, one that numbers of trade have beside them lowers it.
 *
 * A cue is found as a word or phrase, whatever its case and accents; one of
 * five letters or more also where a longer word begins or ends with it
 * ("Steuernummern", "Personalausweisnummer").  What a word is a cue of is
 * looked up when it is near a match.
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
#define AROUND_BYTES 72u  /* looked at before a match; a third of it behind */
#define CUE_BYTES_MAX 27u /* of a word: no cue in it is longer */

/* Numbers beside these are of goods and papers, not of people. */
static const char *const trade_words[] = { "order", "invoice", "ticket",
	"version", "model", "part", "serial", "sku", "isbn", "issn", "doi",
	"pmid", "build", "release", "chapter", "page", "figure", "table", "lot",
	"batch", "tracking", "pedido", "factura", "bestellung", "bestellnummer",
	"rechnung", "rechnungsnummer", "commande", "facture", "fattura",
	"ordine", "zamowienie", "faktura", NULL };
#define TRADE UINT32_MAX /* a cue's rule: these */

/* ---- Making ---- */

/* Rules share bits, so that a chain without the bit of a rule has no cue of it.
 * Words of trade have one of their own. */
static uint64_t
cue_bit(uint32_t rule)
{
	return (uint64_t)1 << (rule == TRADE ? 63 : rule % 63);
}

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
	d->cues[d->ncues] = (struct cue){ phrase, (uint32_t)len, rule, *first,
		cue_bit(rule) | (*first == 0 ? 0 : d->cues[*first - 1].rules) };
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
		for (size_t i = 0; trade_words[i] != NULL; i++)
			if (add_cue(d, trade_words[i], strlen(trade_words[i]),
				TRADE, f) != 0)
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

/* The chains of a word. */
static void
recall(const struct detector *d, struct met *m, const uint8_t *w)
{
	char folded[2 * CUE_BYTES_MAX];
	size_t n;

	m->chains[0] = m->chains[1] = 0;
	if (m->len > CUE_BYTES_MAX)
		return;
	n = letters_fold(folded, sizeof(folded), w, m->len);
	look_up(d, folded, n, m->chains);
}

int
context_hear(
    struct detect_scan *s, const struct met *m, size_t at, struct fault *f)
{
	struct around *a = &s->around;

	if (a->nheard == a->heard_room) {
		size_t room = a->heard_room == 0 ? 1024 : 2 * a->heard_room;
		struct heard *more = mem_resize(a->heard, room * sizeof(*more));

		if (more == NULL)
			return fault_memory(f);
		a->heard = more;
		a->heard_room = room;
	}
	a->heard[a->nheard++] =
	    (struct heard){ at, at + m->len, { m->chains[0], m->chains[1] } };
	return 0;
}

/* The i-th word that may be a cue, with what it is one of. */
static const struct heard *
heard(struct detect_scan *s, size_t i)
{
	struct heard *h = &s->around.heard[i];

	if (h->chains[0] == UNASKED) {
		struct met *m = met_word(s, h->start, h->end - h->start);

		if (m->chains[0] == UNASKED)
			recall(s->d, m, s->text + h->start);
		h->chains[0] = m->chains[0];
		h->chains[1] = m->chains[1];
	}
	return h;
}

/* ---- Judging ---- */

/* Are the words of a cue behind its first there, one sign or more apart? */
static bool
goes_on(const struct cue *c, const uint8_t *p, size_t at, size_t len)
{
	const char *rest = memchr(c->phrase, ' ', c->len);
	const char *end = c->phrase + c->len;

	while (rest != NULL) {
		const char *stop;
		char folded[PHRASE_MAX];
		size_t begun, n;

		rest++;
		stop = memchr(rest, ' ', (size_t)(end - rest));
		stop = stop == NULL ? end : stop;
		for (begun = at;
		     at < len && at - begun < 4 && !letters_word(p, at, len);
		     at++)
			;
		for (begun = at;
		     at < len && at - begun < PHRASE_MAX &&
		     (letters_word(p, at, len) || (p[at] & 0xc0) == 0x80);
		     at++)
			;
		n = letters_fold(folded, sizeof(folded), p + begun, at - begun);
		if (n != (size_t)(stop - rest) || memcmp(folded, rest, n) != 0)
			return false;
		rest = stop == end ? NULL : stop;
	}
	return true;
}

/* The rule's cue among the chains of one word, or NULL; *trade is set where it
 * is a word of trade. */
static const char *
cue_of(const struct detector *d, const struct heard *h, uint32_t rule,
    const uint8_t *p, size_t len, bool *trade)
{
	uint64_t either = cue_bit(rule) | cue_bit(TRADE);

	for (size_t part = 0; part < 2; part++)
		for (uint32_t chain = h->chains[part]; chain != 0;
		     chain = d->cues[chain - 1].next) {
			const struct cue *c = &d->cues[chain - 1];

			if ((c->rules & either) == 0)
				break;
			if (c->rule == TRADE)
				*trade = *trade || part == 0;
			else if (c->rule == rule &&
				 (memchr(c->phrase, ' ', c->len) == NULL ||
				     (part == 0 && goes_on(c, p, h->end, len))))
				return c->phrase;
		}
	return NULL;
}

unsigned
context_judge(struct detect_scan *s, const struct match *m, const char **word)
{
	const struct detector *d = s->d;
	struct around *a = &s->around;
	size_t from = m->start > AROUND_BYTES ? m->start - AROUND_BYTES : 0;
	size_t to = m->end + AROUND_BYTES / 3;
	uint32_t rule = d->patterns[m->pattern].rule;
	unsigned score = m->score;
	bool trade = false;

	*word = NULL;
	if (score >= 100)
		return score;
	while (a->at < a->nheard && a->heard[a->at].start < from)
		a->at++;
	for (size_t i = a->at;
	     i < a->nheard && a->heard[i].start < to && *word == NULL; i++)
		if (a->heard[i].end <= m->start || a->heard[i].start >= m->end)
			*word = cue_of(
			    d, heard(s, i), rule, s->text, s->len, &trade);
	if (*word != NULL) {
		score = score + RAISE > 100 ? 100 : score + RAISE;
		return score < RAISED_LEAST ? RAISED_LEAST : score;
	}
	if (trade && !m->proven)
		score = score > DISCOUNT ? score - DISCOUNT : 1;
	if (d->rules[rule].row->needs_context && score > ALONE_MOST)
		score = ALONE_MOST;
	return score;
}
