/*
 * Evidence.  Two words of one value beside each other are certain, even if one
 * is misspelt; a word alone must be written as a name where no sentence begins,
 * and be no everyday word, or stand behind a title, or be said elsewhere in the
 * text in a way that is certain.  Words of the text's own record need less.
 */

#include "policy/detect/known_internal.h"

#include <string.h>

#include "keys/base/mem.h"

#define ALONE_LETTERS 4u

#define SCORE_EXACT 100u
#define SCORE_INFLECTED 95u
#define SCORE_NEAR 90u
#define SCORE_TITLE 85u
#define SCORE_SAID 80u /* and said for certain elsewhere in the text */
#define SCORE_ALONE 70u
#define SCORE_WEAK 30u /* below DETECT_MIN_SCORE: may begin a sentence only */

const char *const known_entities[KNOWN_ENTITIES] = { "PERSON", "ADDRESS",
	"LOCATION", "PHONE_NUMBER", "ID_NUMBER" };

void
known_look(
    struct detect_scan *s, const struct token *t, bool near, struct look *out)
{
	out->t = t;
	known_word(s, t, near, &out->word);
	out->capital = t->shape == S_CAPITAL || t->shape == S_CAPITALS;
	out->own = NULL;
	if (s->known->nown > 0)
		out->own = known_own(
		    s->known, &out->word, out->capital, &out->own_how);
	out->common = (out->word.n > 0 || out->own != NULL) &&
		      known_common(t, &out->word);
}

int
known_found(
    struct detect_scan *s, const struct known_report *r, struct fault *f)
{
	struct detect_span span = { .entity = known_entities[r->entity],
		.start = r->start,
		.end = r->end,
		.score = r->score,
		.list = r->own ? "own record" : "dictionary",
		.context = r->why,
		.country = "",
		.source = "values of the dataset" };

	return s->d->known[r->entity] ? scan_found(s, &span, false, f) : 0;
}

/* ---- What this text is sure of ---- */

static size_t
seen_slot(const struct known_scan *k, uint32_t id)
{
	size_t at = (id * 2654435761u) & (k->seen_room - 1);

	while (k->seen[at].text == k->text && k->seen[at].id != id)
		at = (at + 1) & (k->seen_room - 1);
	return at;
}

static bool
is_seen(const struct known_scan *k, uint32_t id)
{
	return k->nseen > 0 && k->seen[seen_slot(k, id)].text == k->text;
}

static int
grow_seen(struct known_scan *k, struct fault *f)
{
	size_t room = k->seen_room == 0 ? 256 : 2 * k->seen_room;
	size_t old_room = k->seen_room;
	void *old = k->seen, *more = mem_array(room, sizeof(*k->seen));
	struct {
		uint32_t id, text;
	} const *from = old;

	if (more == NULL)
		return fault_memory(f);
	k->seen = more;
	k->seen_room = room;
	for (size_t i = 0; i < old_room; i++)
		if (from[i].text == k->text)
			memcpy(&k->seen[seen_slot(k, from[i].id)], &from[i],
			    sizeof(from[i]));
	mem_free(old);
	return 0;
}

int
known_see(struct known_scan *k, uint32_t id, struct fault *f)
{
	size_t at;

	if (2 * k->nseen >= k->seen_room && grow_seen(k, f) != 0)
		return -1;
	at = seen_slot(k, id);
	if (k->seen[at].text == k->text)
		return 0;
	k->seen[at].id = id;
	k->seen[at].text = k->text;
	k->nseen++;
	return 0;
}

/* ---- A word alone ---- */

/* Words before a name that the lexicon has only in their first case. */
static const char titles[] =
    " pana panu panem panią paní herrn patienten patientin pacienta pacientka "
    "pacientky pacjenta pacjentki pacjentke hasta hastanin sayin name "
    "surname vorname nachname nazwisko potilas potilaan pasient pasienten ";

static bool
behind_title(const struct detect_scan *s, const struct word_scan *w, size_t i)
{
	char word[DICT_KEY_MAX + 2];
	const struct token *t;
	size_t n;

	if (i == 0 ||
	    (w->t[i].gap & ~(uint16_t)(G_BLANK | G_STOP | G_COLON)) != 0)
		return false;
	t = &w->t[i - 1];
	if ((t->means & W_TITLE) != 0)
		return true;
	if ((w->t[i].gap & G_STOP) != 0 || t->len > DICT_KEY_MAX)
		return false;
	if ((t->means & W_ROLE) != 0)
		return true;
	n = letters_fold(word + 1, DICT_KEY_MAX, s->text + t->start, t->len);
	word[0] = word[n + 1] = ' ';
	return memmem(titles, sizeof(titles) - 1, word, n + 2) != NULL;
}

/* Ahmet Bey, Ayse Hanim. */
static bool
before_title(const struct detect_scan *s, const struct word_scan *w, size_t i)
{
	const uint8_t *p = s->text;

	if (i + 1 >= w->n || w->t[i + 1].gap != G_BLANK)
		return false;
	return (w->t[i + 1].len == 3 &&
		   memcmp(p + w->t[i + 1].start, "Bey", 3) == 0) ||
	       (w->t[i + 1].len == 6 &&
		   memcmp(p + w->t[i + 1].start, "Han\xc4\xb1m", 6) == 0);
}

static int
wait_for(struct known_scan *k, size_t found, uint32_t id, struct fault *f)
{
	if (k->npending == k->pending_room) {
		size_t room = k->pending_room == 0 ? 64 : 2 * k->pending_room;
		struct known_pending *more =
		    mem_resize(k->pending, room * sizeof(*more));

		if (more == NULL)
			return fault_memory(f);
		k->pending = more;
		k->pending_room = room;
	}
	k->pending[k->npending++] = (struct known_pending){ found, id };
	return 0;
}

/* How sure a word of the record is, alone; 0: not at all. */
static unsigned
judge_own(const struct look *x)
{
	bool name = x->own->kind == D_NAME;
	unsigned letters = x->t->letters;

	if (letters < 2 || (x->t->means & W_PARTICLE) != 0)
		return 0;
	if (!name && (x->own_how != EXACT || x->common || letters < 4 ||
			 x->t->shape == S_NUMBER))
		return 0;
	if (x->own_how == NEAR)
		return x->common || letters < 5 ? 0 : SCORE_NEAR;
	if (x->capital)
		return SCORE_EXACT;
	return letters >= 3 && !x->common ? SCORE_INFLECTED : 0;
}

static int
try_own(
    struct detect_scan *s, const struct look *x, bool *done, struct fault *f)
{
	unsigned score = x->own == NULL ? 0 : judge_own(x);
	struct known_report r = { .start = x->t->start,
		.end = x->t->start + x->t->len,
		.score = (uint8_t)score,
		.own = true,
		.why = "a word of the record" };

	*done = score > 0;
	if (!*done)
		return 0;
	r.entity = x->own->kind == D_NAME ? KNOWN_PERSON : KNOWN_LOCATION;
	return known_found(s, &r, f);
}

/* The key that a token alone would be of these kinds, not misspelt. */
static uint32_t
alone_key(const struct detect_scan *s, const struct look *x, unsigned kinds)
{
	for (size_t i = 0; i < x->word.n; i++)
		if (x->word.how[i] != NEAR &&
		    (s->d->dictionary->keys[x->word.id[i]].kinds & kinds) != 0)
			return x->word.id[i];
	return DICT_NONE;
}

/* A name alone: how sure, and why; 0: not at all. */
static unsigned
judge_alone(const struct detect_scan *s, const struct word_scan *w, size_t i,
    const struct look *x, const char **why)
{
	uint32_t means = x->t->means;

	*why = "behind a title";
	if (!x->capital)
		return 0;
	if (x->t->letters > 1 &&
	    (behind_title(s, w, i) || before_title(s, w, i)))
		return SCORE_TITLE;
	*why = "written as a name";
	if (x->t->letters < ALONE_LETTERS || x->common)
		return 0;
	if (x->t->shape == S_CAPITALS && i + 1 < w->n &&
	    w->t[i + 1].shape == S_CAPITALS && (means & W_SURNAME) == 0)
		return SCORE_WEAK;
	if (!token_starts_sentence(w, i) ||
	    (means & (W_GIVEN | W_SURNAME)) != 0)
		return SCORE_ALONE;
	return SCORE_WEAK;
}

static int
try_alone(struct detect_scan *s, const struct word_scan *w, size_t i,
    const struct look *x, struct fault *f)
{
	struct known_report r = { .start = x->t->start,
		.end = x->t->start + x->t->len };
	uint32_t id = alone_key(s, x, D_NAME);

	if (id == DICT_NONE) {
		id = alone_key(s, x, D_TOWN);
		if (id == DICT_NONE || !x->capital ||
		    x->t->letters < ALONE_LETTERS ||
		    token_starts_sentence(w, i) ||
		    (x->common && (x->t->means & W_PLACE) == 0))
			return 0;
		r.entity = KNOWN_LOCATION;
		r.score = SCORE_ALONE;
		r.why = "a place's whole name";
		return known_found(s, &r, f);
	}
	r.score = (uint8_t)judge_alone(s, w, i, x, &r.why);
	if (r.score == 0)
		return 0;
	if (r.score > SCORE_WEAK && known_see(s->known, id, f) != 0)
		return -1;
	if (r.score == SCORE_WEAK && s->d->known[KNOWN_PERSON] &&
	    wait_for(s->known, s->nfound, id, f) != 0)
		return -1;
	return known_found(s, &r, f);
}

/* ---- A text ---- */

static int
try_token(struct detect_scan *s, const struct word_scan *w, size_t i,
    size_t *used, struct fault *f)
{
	struct look x, next;
	bool done = false;

	*used = 1;
	if (known_number(s, w, i, f) != 0)
		return -1;
	known_look(s, &w->t[i], false, &x);
	if (x.word.n == 0 && x.capital && i + 1 < w->n) {
		/* Misspelt, beside a word that is not? */
		known_look(s, &w->t[i + 1], false, &next);
		if (next.word.n > 0 || next.own != NULL || next.t->letters == 1)
			known_look(s, &w->t[i], true, &x);
	}
	if (x.word.n == 0 && x.own == NULL && !known_initial(&x))
		return 0;
	if (known_names(s, w, i, &x, used, f) != 0)
		return -1;
	if (*used > 0)
		return 0;
	if (known_places(s, w, i, &x, used, f) != 0)
		return -1;
	if (*used > 0)
		return 0;
	*used = 1;
	if (try_own(s, &x, &done, f) != 0)
		return -1;
	return done ? 0 : try_alone(s, w, i, &x, f);
}

static bool
may_own(const struct detect_scan *s, const struct token *t)
{
	return s->known->nown > 0 &&
	       known_may_own(s->known, t, s->text + t->start);
}

/* May a token be a part of a name that began before it, or stand in one?  One
 * in small letters that neither dictionary nor record has may not. */
static bool
goes_on(const struct detect_scan *s, const struct token *t)
{
	return t->shape != S_LOWER || t->letters == 1 ||
	       (t->is & MET_KNOWN) != 0 || (t->means & W_PARTICLE) != 0 ||
	       may_own(s, t);
}

/* Is nothing found that begins with token i?  Not of a word that neither
 * dictionary nor record has and that is not misspelt; not of one of the
 * dictionary in small letters alone; and no number. */
static bool
is_nothing(const struct detect_scan *s, const struct word_scan *w, size_t i)
{
	const struct token *t = &w->t[i];
	const struct token *next = i + 1 < w->n ? t + 1 : NULL;

	if (t->shape >= S_NUMBER ||
	    (next != NULL && t->letters <= 4 && next->shape == S_NUMBER) ||
	    may_own(s, t))
		return false;
	if (t->shape == S_LOWER)
		return (t->is & MET_KNOWN) == 0 || next == NULL ||
		       !goes_on(s, next);
	return (t->is & MET_KNOWN) == 0 && t->letters > 1 &&
	       (next == NULL || ((next->is & MET_KNOWN) == 0 &&
				    next->letters > 1 && !may_own(s, next)));
}

int
known_tokens(struct detect_scan *s, const struct word_scan *w, size_t until,
    struct fault *f)
{
	struct known_scan *k = s->known;
	size_t used;

	for (; k->at < until; k->at += used) {
		used = 1;
		if (is_nothing(s, w, k->at))
			continue;
		if (try_token(s, w, k->at, &used, f) != 0)
			return -1;
	}
	return 0;
}

int
known_begin(struct detect_scan *s, struct fault *f)
{
	struct known_scan *k = s->known;

	k->at = k->numbers_to = k->npending = k->nseen = 0;
	if (++k->text == 0) {
		memset(k->seen, 0, k->seen_room * sizeof(*k->seen));
		k->text = 1;
	}
	return k->seen_room == 0 ? grow_seen(k, f) : 0;
}

void
known_end(struct detect_scan *s)
{
	struct known_scan *k = s->known;

	for (size_t i = 0; i < k->npending; i++)
		if (is_seen(k, k->pending[i].id)) {
			struct detect_span *x =
			    &s->found[k->pending[i].found].span;

			x->score = SCORE_SAID;
			x->context = "a name elsewhere in the text";
		}
}
