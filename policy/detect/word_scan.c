/*
 * The rules over words, applied to a text from its beginning to its end; what
 * one of them has found, the others leave alone.
 */

#include "keys/base/mem.h"
#include "policy/detect/generic_internal.h"
#include "policy/detect/known_internal.h"

static const char *const none[] = { NULL };

#define ROW(entity, why)                                         \
	{                                                        \
		entity, "", none, NULL, NULL, 60, 60, false, why \
	}

/* In the order of enum word_rule: what the rules report as. */
const struct recogniser recognisers_words[] = {
	ROW("PERSON", "lists and rules of words"),
	ROW("LOCATION", "lists and rules of words"),
	ROW("ADDRESS", "UPU S42, forms of postal addresses"),
	ROW("ORGANIZATION", "legal forms of companies"),
	ROW("ID_NUMBER", "labels of forms"),
	ROW("GENDER", "labels of forms"),
	ROW("AGE", "labels of forms"),
};
const size_t recognisers_words_count =
    sizeof(recognisers_words) / sizeof(recognisers_words[0]);

static bool (*const finders[])(const struct word_scan *w, const uint8_t *p,
    size_t i, struct find *out) = { find_field, find_address, find_organisation,
	find_person, find_place };

static int
report(struct detect_scan *s, const struct word_scan *w, const struct find *x,
    struct fault *f)
{
	const struct recogniser *row = &recognisers_words[x->rule];
	const struct token *last = &w->t[x->to - 1];
	struct detect_span span = { .entity = row->entity,
		.start = w->t[x->from].start,
		.end = last->start + last->len,
		.score = x->score,
		.list = x->list,
		.country = row->country,
		.source = row->source };

	if (!s->d->word_rules[x->rule])
		return 0;
	return scan_found(s, &span, false, f);
}

/* May anything be found at token i?  What it may be itself met.c knows; else it
 * takes a label, or in a text of small letters alone a word ahead that ends a
 * street or a company. */
static inline bool
may_begin(const struct word_scan *w, size_t i)
{
	const struct token *t = &w->t[i];

	if ((t->is & (w->lower ? MET_SMALL : MET_FIRST)) != 0 ||
	    (t->gap & G_COLON) != 0)
		return true;
	return w->lower && token_leads(w, i);
}

static bool
find(const struct word_scan *w, const uint8_t *p, size_t i, struct find *out)
{
	*out = (struct find){ 0 };
	for (size_t k = 0; k < sizeof(finders) / sizeof(finders[0]); k++)
		if (finders[k](w, p, i, out) && out->to != 0)
			return true;
	return false;
}

/* The tokens up to until. */
static int
scan_tokens(struct detect_scan *s, const struct word_scan *w, size_t *at,
    size_t until, struct fault *f)
{
	while (*at < until) {
		struct find best;

		if (!may_begin(w, *at) || !find(w, s->text, *at, &best)) {
			++*at;
			continue;
		}
		if (report(s, w, &best, f) != 0)
			return -1;
		*at = best.to > *at ? best.to : *at + 1;
	}
	return 0;
}

int
words_scan(struct detect_scan *s, struct fault *f)
{
	struct word_scan *w = s->words;
	size_t byte = 0, at = 0;

	w->n = 0;
	w->labels = &s->d->labels;
	if (s->known != NULL && known_begin(s, f) != 0)
		return -1;
	for (;;) {
		size_t until, keep;

		if (tokens_fill(s, &byte, f) != 0)
			return -1;
		until = w->end ? w->n : w->n - TOKENS_AHEAD;
		if (!s->d->any_words && s->known == NULL)
			at = until;
		else if (scan_tokens(s, w, &at, until, f) != 0)
			return -1;
		keep = at;
		if (s->known != NULL) {
			if (known_tokens(s, w, until, f) != 0)
				return -1;
			keep = s->known->at < keep ? s->known->at : keep;
		}
		if (w->end)
			break;
		/* Some that were looked at stay, for what looks back. */
		keep = keep > TOKENS_AHEAD ? keep - TOKENS_AHEAD : 0;
		for (size_t i = keep; i < w->n; i++)
			w->t[i - keep] = w->t[i];
		w->n -= keep;
		at -= keep;
		if (s->known != NULL)
			s->known->at -= keep;
	}
	if (s->known != NULL)
		known_end(s);
	return 0;
}
