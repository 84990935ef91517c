/*
 * Words that are beside each other in a value and in the text: names in any
 * order, with initials and with what stands between; addresses in theirs.
 */

#include "policy/detect/known_internal.h"

#include <string.h>

#define LINK_MAX 8u /* tokens of one name */
#define REACH 3u    /* tokens from one word of a name to the next */
#define GAP_MAX 4u  /* bytes between two words of one name */

/* What may be between them, U+2019 by its bytes. */
#define JOINING " ,.-_\t\r\n'/+\xe2\x80\x99"

#define SCORE_EXACT 100u
#define SCORE_INFLECTED 95u
#define SCORE_NEAR 90u

/* ---- Names of several words ---- */

/* Is between two tokens only what may be between two words of a name? */
static bool
gap_joins(const uint8_t *p, const struct token *a, const struct token *b)
{
	size_t at = a->start + a->len, n = b->start - at;

	if (n == 0 || n > GAP_MAX)
		return n == 0;
	/* A full stop ends a sentence, or abbreviates. */
	if ((b->gap & G_STOP) != 0 && n > 1 && a->letters > 3 &&
	    b->shape != S_NUMBER && (a->means & W_TITLE) == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (p[at + i] == '\0' || strchr(JOINING, p[at + i]) == NULL)
			return false;
	return true;
}

/* Can it bear a part of the evidence? */
static bool
bears(const struct look *x)
{
	return x->capital || (x->t->letters >= 3 && x->t->shape == S_LOWER &&
				 (x->t->means & W_PARTICLE) == 0);
}

/* Do two words say enough?  Everyday ones only if both are written as names;
 * one in small letters only beside a rarer one in small letters. */
static bool
suffice(const struct look *a, const struct look *b)
{
	if (a->t->letters < 3 && b->t->letters < 3)
		return false;
	if (a->common && b->common)
		return a->capital && b->capital;
	if (a->common && !a->capital)
		return !b->capital && b->t->letters > 4;
	if (b->common && !b->capital)
		return !a->capital && a->t->letters > 4;
	return true;
}

struct link {
	uint32_t a, b; /* keys; DICT_NONE: an initial, or of the record */
	unsigned how;  /* the sum of both */
	bool own;
};

bool
known_initial(const struct look *x)
{
	return x->t->letters == 1 && x->capital;
}

static bool
link_initial(const struct dictionary *d, const struct look *a,
    const struct look *initial, uint32_t *id)
{
	if (!known_initial(initial) || !a->capital || a->t->letters < 3 ||
	    a->common)
		return false;
	for (size_t i = 0; i < a->word.n; i++)
		if (a->word.how[i] != NEAR &&
		    dict_initial(d, a->word.id[i], initial->word.key,
			initial->word.nkey)) {
			*id = a->word.id[i];
			return true;
		}
	return false;
}

/* Words of one value, as well written as possible. */
static bool
link_words(const struct dictionary *d, enum dict_pairs which,
    const struct look *a, const struct look *b, struct link *out)
{
	bool any = false;

	for (size_t i = 0; i < a->word.n; i++)
		for (size_t k = 0; k < b->word.n; k++) {
			unsigned how = a->word.how[i] + b->word.how[k];

			if ((any && how >= out->how) ||
			    !dict_pair(d, which, a->word.id[i], b->word.id[k]))
				continue;
			if ((a->word.how[i] == NEAR &&
				(a->common || !a->capital)) ||
			    (b->word.how[k] == NEAR &&
				(b->common || !b->capital)))
				continue;
			*out = (struct link){ a->word.id[i], b->word.id[k], how,
				false };
			any = true;
		}
	return any;
}

static bool
link_names(const struct dictionary *d, const struct look *a,
    const struct look *b, struct link *out)
{
	if (a->own != NULL && b->own != NULL && a->own != b->own &&
	    a->own->kind == D_NAME && b->own->kind == D_NAME &&
	    (bears(a) || bears(b))) {
		*out = (struct link){ DICT_NONE, DICT_NONE,
			a->own_how + b->own_how, true };
		return true;
	}
	*out = (struct link){ DICT_NONE, DICT_NONE, INFLECTED, false };
	if (known_initial(a) || known_initial(b))
		return link_initial(d, a, b, &out->a) ||
		       link_initial(d, b, a, &out->b);
	if (!bears(a) || !bears(b) || !link_words(d, PAIRS_NAME, a, b, out))
		return false;
	return suffice(a, b);
}

/* May token t stand between two words of a name that it is not of? */
static bool
is_glue(const struct token *t)
{
	return t->letters == 1 || (t->means & W_PARTICLE) != 0 ||
	       t->shape == S_CAPITAL;
}

/* A name from token i on; *end is behind its last token.  0 tokens: none. */
static size_t
chain_names(struct detect_scan *s, const struct word_scan *w, size_t i,
    struct look *first, struct link *total, uint32_t ids[2 * LINK_MAX],
    size_t *nids)
{
	struct look a = *first, b;
	size_t last = i, words = 1;

	*nids = 0;
	*total = (struct link){ DICT_NONE, DICT_NONE, 0, false };
	for (size_t k = last + 1;
	     words < LINK_MAX && k < w->n && k <= last + REACH; k++) {
		struct link l;

		if (!gap_joins(s->text, &w->t[k - 1], &w->t[k]))
			break;
		known_look(s, &w->t[k], true, &b);
		if (link_names(s->d->dictionary, &a, &b, &l) &&
		    (*nids == 0 || l.own || l.b == DICT_NONE ||
			dict_pair(s->d->dictionary, PAIRS_NAME, ids[0], l.b))) {
			if (l.a != DICT_NONE)
				ids[(*nids)++] = l.a;
			if (l.b != DICT_NONE)
				ids[(*nids)++] = l.b;
			total->how = l.how > total->how ? l.how : total->how;
			total->own = total->own || l.own;
			last = k;
			words++;
			a = b;
		} else if (!is_glue(&w->t[k]))
			break;
	}
	return words > 1 ? last + 1 - i : 0;
}

static unsigned
score_of(unsigned how)
{
	return how == EXACT	  ? SCORE_EXACT
	       : how == INFLECTED ? SCORE_INFLECTED
				  : SCORE_NEAR;
}

int
known_names(struct detect_scan *s, const struct word_scan *w, size_t i,
    struct look *first, size_t *used, struct fault *f)
{
	uint32_t ids[2 * LINK_MAX], others[2 * LINK_MAX];
	struct link total;
	size_t nids, nothers,
	    n = chain_names(s, w, i, first, &total, ids, &nids);
	struct known_report r;

	*used = n;
	if (n == 0)
		return 0;
	if (nids <= 2 && first->common && !total.own) {
		/* "May Anna Smith": of two names that share a word, the one
		 * without the everyday word. */
		struct link other;
		struct look next;

		known_look(s, &w->t[i + 1], true, &next);
		if (!next.common && chain_names(s, w, i + 1, &next, &other,
					others, &nothers) > 0) {
			*used = 0;
			return 0;
		}
	}
	r = (struct known_report){ KNOWN_PERSON, w->t[i].start,
		w->t[i + n - 1].start + w->t[i + n - 1].len,
		(uint8_t)(total.own ? SCORE_EXACT : score_of(total.how)),
		total.own, "words of one name" };
	for (size_t k = 0; k < nids; k++)
		if (known_see(s->known, ids[k], f) != 0)
			return -1;
	return known_found(s, &r, f);
}

/* ---- Addresses ---- */

static bool
link_places(const struct dictionary *d, const struct look *a,
    const struct look *b, bool *own)
{
	struct link l;

	if (a->own != NULL && b->own != NULL && a->own->kind == D_PLACE &&
	    b->own == a->own + 1) {
		*own = true;
		return true;
	}
	return link_words(d, PAIRS_PLACE, a, b, &l) && l.how <= NEAR;
}

/* Consecutive words of an address, a number among them; or of a place's name,
 * as it is written. */
int
known_places(struct detect_scan *s, const struct word_scan *w, size_t i,
    struct look *first, size_t *used, struct fault *f)
{
	struct look a = *first, b;
	size_t last = i, letters = 0, numbers = 0, names = 0;
	struct known_report r = { .why = "words of one address" };

	*used = 0;
	for (size_t k = i;; k++) {
		bool number = a.t->shape == S_NUMBER || a.t->shape == S_MIXED;

		numbers += number;
		letters += number ? 0 : a.t->letters;
		names += a.capital && !number;
		if (k + 1 >= w->n || k + 1 - i >= LINK_MAX ||
		    !gap_joins(s->text, &w->t[k], &w->t[k + 1]))
			break;
		known_look(s, &w->t[k + 1], true, &b);
		if (!link_places(s->d->dictionary, &a, &b, &r.own))
			break;
		last = k + 1;
		a = b;
	}
	if (last == i || letters < 3 || names == 0 ||
	    (numbers == 0 && (names < 2 || letters < 8)))
		return 0;
	*used = last + 1 - i;
	r.entity = numbers > 0 ? KNOWN_ADDRESS : KNOWN_LOCATION;
	r.start = w->t[i].start;
	r.end = w->t[last].start + w->t[last].len;
	r.score = SCORE_EXACT;
	return known_found(s, &r, f);
}
