/*
 * Whom a find names, as one text for all the ways in which he is written: the
 * words that the dictionary has, in the order of the alphabet.  Of a record's
 * own person that is his whole name, whichever part of it the text says; of
 * another who is named in full in the text, as much as is said there.  Without
 * a dictionary, or where it does not know the name, a part of one name alone
 * that the text names in full is that name.
 */

#include "policy/detect/known_internal.h"

#include <string.h>

#define SAID_MAX 8u /* words of one find; a longer one is what it says */
#define SAME_MAX (SAID_MAX + DETECT_OWN_MAX)

/* Keys of a dictionary are fewer. */
#define PLAIN 0x80000000u

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
	uint32_t ids[SAME_MAX]; /* in the order of the alphabet, as keys are */
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

/* The next word from *at on, behind which it is moved. */
static bool
next_word(const uint8_t *p, size_t len, size_t *at, struct said *w)
{
	size_t from;

	while (*at < len && !letters_word(p, *at, len))
		++*at;
	from = *at;
	while (*at < len && letters_word(p, *at, len))
		*at += dict_char((const char *)p, *at, len);
	if (from == *at)
		return false;
	*w = (struct said){ .n = 0 };
	w->n = dict_word_key(w->key, p + from, *at - from, DICTIONARY_NAME);
	return true;
}

/* The words of the find; false when they are too many, or some other rule
 * found it and the dictionary does not have them all. */
static bool
read_words(struct same *x, const uint8_t *p, size_t len)
{
	struct said w;
	size_t at = 0;

	while (next_word(p, len, &at, &w)) {
		if (x->nsaid == SAID_MAX)
			return false;
		if (dict_letters(w.key, w.n) < 2)
			continue; /* an initial tells nobody */
		look_up(x, &w);
		if (w.nids == 0 && !x->sure)
			return false;
		x->said[x->nsaid++] = w;
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

/* Keep ids ascending, each once. */
static void
add(struct same *x, uint32_t id)
{
	size_t at = x->n;

	while (at > 0 && x->ids[at - 1] > id)
		at--;
	if ((at > 0 && x->ids[at - 1] == id) || x->n == SAME_MAX)
		return;
	memmove(x->ids + at + 1, x->ids + at, (x->n - at) * sizeof(x->ids[0]));
	x->ids[at] = id;
	x->n++;
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
			add(x, other);
	}
}

static void
add_said(struct same *x)
{
	for (size_t i = 0; i < x->nsaid; i++) {
		struct said *w = &x->said[i];

		if (w->nids == 0)
			continue; /* a title, a name that is not in the table */
		choose(x, w);
		add(x, w->id[0]);
		if (w->own)
			add_whole(x, w->id[0]);
	}
}

/* Whom a find names; false when the dictionary knows nobody of that name. */
static bool
read_person(struct same *x, const uint8_t *p, const struct detect_span *span)
{
	x->sure =
	    span->list != NULL && (strcmp(span->list, "dictionary") == 0 ||
				      strcmp(span->list, "own record") == 0);
	if (strcmp(span->entity, known_entities[KNOWN_PERSON]) != 0 ||
	    !read_words(x, p + span->start, span->end - span->start))
		return false;
	add_said(x);
	return x->n > 0;
}

/* A word that no dictionary has: FNV-1a, and no key of a dictionary. */
static uint32_t
plain_id(const struct said *w)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < w->n; i++)
		h = (h ^ (uint8_t)w->key[i]) * 16777619u;
	return h | PLAIN;
}

/* A person's name by its letters alone; false with an initial in it, which may
 * be another's. */
static bool
read_plain(struct same *x, const uint8_t *p, const struct detect_span *span)
{
	size_t len = span->end - span->start, at = 0;
	struct said w;

	if (strcmp(span->entity, known_entities[KNOWN_PERSON]) != 0)
		return false;
	x->n = 0;
	while (next_word(p + span->start, len, &at, &w)) {
		if (dict_letters(w.key, w.n) < 2 || x->n == SAID_MAX)
			return false;
		add(x, plain_id(&w));
	}
	return x->n > 0;
}

static size_t
join(
    const struct same *x, const struct known_name *name, char *out, size_t room)
{
	size_t n = 0;

	for (size_t i = 0; i < name->n; i++) {
		const struct dict_key *key = &x->d->keys[name->ids[i]];
		size_t more = key->len + (size_t)(i > 0);

		if (n + more > room)
			break;
		if (i > 0)
			out[n++] = ' ';
		memcpy(out + n, x->d->text + key->at, key->len);
		n += key->len;
	}
	return n;
}

int
detect_named(struct detect_scan *s, const struct detect_spans *spans,
    const void *text, struct fault *f)
{
	for (size_t i = 0; i < spans->n; i++) {
		const struct detect_span *span = &spans->at[i];
		struct same x = { .s = s, .d = s->d->dictionary };
		struct known_name name = { x.ids, 0, span->start,
			span->end - span->start };

		if ((x.d == NULL || !read_person(&x, text, span)) &&
		    !read_plain(&x, text, span))
			continue;
		name.n = x.n;
		if (known_name_add(s->named, &name, f) != 0)
			return -1;
	}
	return 0;
}

/* A number, as the dictionary compares it; 0: none of its own. */
static size_t
same_number(const struct same *x, const struct detect_span *span,
    const uint8_t *p, char key[DICT_KEY_MAX])
{
	size_t len = span->end - span->start;

	if (x->sure && strcmp(span->entity, known_entities[KNOWN_PHONE]) == 0)
		return dict_phone_key(key, p, len);
	if (x->sure && strcmp(span->entity, known_entities[KNOWN_ID]) == 0)
		return dict_id_key(key, p, len);
	return 0;
}

size_t
detect_same(const struct detect_scan *s, const struct detect_span *span,
    const void *text, char *out, size_t room)
{
	const uint8_t *all = text, *p = all + span->start;
	struct same x = { .s = s, .d = s->d->dictionary };
	struct known_name name = { x.ids, 0, 0, 0 }, whole;
	char key[DICT_KEY_MAX];
	size_t n;

	if (x.d != NULL && read_person(&x, text, span)) {
		name.n = x.n;
		return join(&x,
		    known_named(s->named, &name, &whole) ? &whole : &name, out,
		    room);
	}
	n = same_number(&x, span, p, key);
	if (n > 0 && n <= room) {
		memcpy(out, key, n);
		return n;
	}
	if (read_plain(&x, text, span)) {
		name.n = x.n;
		if (known_named(s->named, &name, &whole))
			return detect_fold(
			    out, room, all + whole.start, whole.len);
	}
	return detect_fold(out, room, p, span->end - span->start);
}
