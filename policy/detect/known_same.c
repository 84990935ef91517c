/*
 * Whom a find names, as one text for all the ways in which he is written: the
 * words that the dictionary has, in the order of the alphabet.  Of a record's
 * own person that is his whole name, whichever part of it the text says.
 */

#include "policy/detect/known_internal.h"

#include <stdlib.h>
#include <string.h>

#include "keys/base/wire.h"

#define SAID_MAX 8u /* words of one find; a longer one is what it says */
#define SAME_MAX (SAID_MAX + DETECT_OWN_MAX)

/* A word of the find, and what it may be. */
struct said {
	char key[DICT_KEY_MAX];
	size_t n;
	uint32_t id[KNOWN_KEYS];
	size_t nids;
	bool own; /* id[0] is of the record */
};

struct same {
	const struct detect_scan *s;
	const struct dictionary *d;
	bool sure; /* the dictionary found it: it may be misspelt */
	struct said said[SAID_MAX];
	size_t nsaid;
	struct slice words[SAME_MAX];
	size_t n;
};

/* The record's own word that a key is, or may be a case or misspelling of. */
static const struct own_key *
own_word(const struct known_scan *k, const struct said *w, bool sure)
{
	const struct own_key *near = NULL;

	for (size_t i = 0; i < k->nown; i++) {
		const struct own_key *o = &k->own[i];

		if (o->kind != D_NAME)
			continue;
		if (o->n == w->n && memcmp(o->key, w->key, w->n) == 0)
			return o;
		if (near == NULL &&
		    (ending_is(w->key, w->n, o->key, o->n) ||
			(sure && dict_is_near(w->key, w->n, o->key, o->n))))
			near = o;
	}
	return near;
}

static void
look_up(const struct same *x, struct said *w)
{
	const struct own_key *own = own_word(x->s->known, w, x->sure);
	uint32_t id = own != NULL ? dict_find(x->d, own->key, own->n)
				  : dict_find(x->d, w->key, w->n);

	w->own = own != NULL && id != DICT_NONE;
	if (id != DICT_NONE && (x->d->keys[id].kinds & D_NAME) != 0)
		w->id[w->nids++] = id;
	if (w->nids == 0)
		w->nids = ending_find(x->d, w->key, w->n, w->id, KNOWN_KEYS);
	if (w->nids == 0 && x->sure)
		w->nids = dict_near(x->d, w->key, w->n, w->id, KNOWN_KEYS);
}

/* The words of the find; false when they are too many, or some other rule
 * found it and the dictionary does not have them all. */
static bool
read_words(struct same *x, const uint8_t *p, size_t len)
{
	for (size_t at = 0, end; at < len; at = end) {
		struct said *w = &x->said[x->nsaid];

		for (end = at; end < len && letters_word(p, end, len);)
			end += dict_char((const char *)p, end, len);
		if (end == at) {
			end++;
			continue;
		}
		if (x->nsaid == SAID_MAX)
			return false;
		w->n = dict_word_key(w->key, p + at, end - at, DICTIONARY_NAME);
		if (dict_letters(w->key, w->n) < 2)
			continue; /* an initial tells nobody */
		look_up(x, w);
		if (w->nids == 0 && !x->sure)
			return false;
		x->nsaid++;
	}
	return x->nsaid > 0;
}

/* Which of several words is meant: one that stands beside another of them. */
static void
choose(const struct same *x, struct said *w)
{
	for (size_t i = 0; i < w->nids; i++)
		for (size_t k = 0; k < x->nsaid; k++) {
			const struct said *o = &x->said[k];

			if (o == w || o->nids == 0 ||
			    !dict_pair(x->d, PAIRS_NAME, w->id[i], o->id[0]))
				continue;
			w->id[0] = w->id[i];
			return;
		}
}

static void
add(struct same *x, const char *key, size_t n)
{
	for (size_t i = 0; i < x->n; i++)
		if (x->words[i].len == n && memcmp(x->words[i].at, key, n) == 0)
			return;
	if (x->n < SAME_MAX)
		x->words[x->n++] = (struct slice){ (const uint8_t *)key, n };
}

/* The record's person is all that his name is. */
static void
add_whole(struct same *x, uint32_t id)
{
	const struct known_scan *k = x->s->known;

	for (size_t i = 0; i < k->nown; i++) {
		const struct own_key *o = &k->own[i];
		uint32_t other = o->kind == D_NAME
				     ? dict_find(x->d, o->key, o->n)
				     : DICT_NONE;

		if (other != DICT_NONE &&
		    dict_pair(x->d, PAIRS_NAME, id, other))
			add(x, o->key, o->n);
	}
}

static void
add_said(struct same *x)
{
	for (size_t i = 0; i < x->nsaid; i++) {
		struct said *w = &x->said[i];
		const struct dict_key *key;

		if (w->nids == 0)
			continue; /* a title, a name that is not in the table */
		choose(x, w);
		key = &x->d->keys[w->id[0]];
		add(x, x->d->text + key->at, key->len);
		if (w->own)
			add_whole(x, w->id[0]);
	}
}

static int
by_text(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	size_t n = x->len < y->len ? x->len : y->len;
	int c = memcmp(x->at, y->at, n);

	return c != 0 ? c : x->len < y->len ? -1 : x->len > y->len;
}

static size_t
join(const struct same *x, char *out, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < x->n; i++) {
		size_t more = x->words[i].len + (i > 0);

		if (n + more > room)
			break;
		if (i > 0)
			out[n++] = ' ';
		memcpy(out + n, x->words[i].at, x->words[i].len);
		n += x->words[i].len;
	}
	return n;
}

size_t
detect_same(const struct detect_scan *s, const struct detect_span *span,
    const void *text, char *out, size_t room)
{
	const uint8_t *p = (const uint8_t *)text + span->start;
	size_t len = span->end - span->start, n = 0;
	struct same x = { .s = s, .d = s->d->dictionary };
	char key[DICT_KEY_MAX];

	if (x.d == NULL)
		return detect_fold(out, room, p, len);
	x.sure =
	    span->list != NULL && (strcmp(span->list, "dictionary") == 0 ||
				      strcmp(span->list, "own record") == 0);
	if (strcmp(span->entity, known_entities[KNOWN_PERSON]) == 0) {
		if (!read_words(&x, p, len))
			return detect_fold(out, room, p, len);
		add_said(&x);
		if (x.n == 0)
			return detect_fold(out, room, p, len);
		qsort(x.words, x.n, sizeof(x.words[0]), by_text);
		return join(&x, out, room);
	}
	if (x.sure && strcmp(span->entity, known_entities[KNOWN_PHONE]) == 0)
		n = dict_phone_key(key, p, len);
	if (x.sure && strcmp(span->entity, known_entities[KNOWN_ID]) == 0)
		n = dict_id_key(key, p, len);
	if (n == 0 || n > room)
		return detect_fold(out, room, p, len);
	memcpy(out, key, n);
	return n;
}
