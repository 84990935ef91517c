/*
 * Do several globs together match all that another matches?
 *
 * Globs are regular: each becomes a small automaton, and the question is one of
 * inclusion.  The one glob is followed character by character, together with
 * the set of all places that the others could then be in (the subset
 * construction, made as far as it is reached).  Where the one can end and none
 * of the others can, there is a path that only it matches.
 *
 * Only characters that some glob spells out are told apart; all others behave
 * alike and are one.  The sets could be many, so there is a budget: past it the
 * answer is "not known", which is said as no.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/rules/rules_internal.h"

#define PLACES_MAX 2048u /* of all globs */
#define SYMBOLS_MAX 128u
#define PAIRS_MAX 4096u
#define SET_WORDS (PLACES_MAX / 64)

/* What a place of an automaton waits for. */
enum waits {
	WAITS_CHAR,    /* one character, '/' too */
	WAITS_ONE,     /* '?' */
	WAITS_MANY,    /* '*': stays, or goes on without */
	WAITS_DEEP,    /* "**" and a slash: goes on without */
	WAITS_DEEP_IN, /* in a segment that it takes */
	WAITS_LAST,    /* "**" at the end */
	WAITS_LAST_IN, /* in a segment that it takes: may end here */
	WAITS_NOTHING  /* the end */
};

struct place {
	enum waits waits;
	int32_t c;
};

struct set {
	uint64_t bits[SET_WORDS];
};

/* The glob at place at, the others at set; the path so far ends in a slash or
 * is nothing (fresh). */
struct pair {
	size_t at;
	bool fresh;
	uint64_t hash;
	struct set set;
};

struct covering {
	struct place *places; /* of the others, then of the one */
	size_t n, one;
	int32_t symbols[SYMBOLS_MAX]; /* the first: '/', then any other */
	size_t nsymbols;
	struct pair *pairs;
	size_t npairs;
	uint64_t *budget;
	bool full; /* a ceiling was met: nothing is known */
};

#define SYMBOL_OTHER INT32_MIN

/* A character, or a byte that is none as a number of its own. */
static int32_t
char_at(const char *p, size_t *used)
{
	int32_t c = utf8_next(p, strlen(p), used);

	if (c >= 0)
		return c;
	*used = 1;
	return 0x110000 + (uint8_t)*p;
}

static void
add_place(struct covering *v, enum waits waits, int32_t c)
{
	size_t i = 0;

	if (v->n == PLACES_MAX) {
		v->full = true;
		return;
	}
	v->places[v->n++] = (struct place){ waits, c };
	if (waits != WAITS_CHAR)
		return;
	while (i < v->nsymbols && v->symbols[i] != c)
		i++;
	if (i < v->nsymbols)
		return;
	if (v->nsymbols == SYMBOLS_MAX)
		v->full = true;
	else
		v->symbols[v->nsymbols++] = c;
}

static void
compile(struct covering *v, const char *glob)
{
	size_t used;

	for (const char *p = glob; *p != '\0'; p += used) {
		int32_t c = char_at(p, &used);

		if (strcmp(p, "**") == 0 && (p == glob || p[-1] == '/')) {
			add_place(v, WAITS_LAST, 0);
			add_place(v, WAITS_LAST_IN, 0);
			used = 2;
		} else if (strncmp(p, "**/", 3) == 0 &&
			   (p == glob || p[-1] == '/')) {
			add_place(v, WAITS_DEEP, 0);
			add_place(v, WAITS_DEEP_IN, 0);
			used = 3;
		} else if (c == '*') {
			add_place(v, WAITS_MANY, 0);
		} else {
			add_place(v, c == '?' ? WAITS_ONE : WAITS_CHAR, c);
		}
	}
	add_place(v, WAITS_NOTHING, 0);
}

/* Add a place to a set, and those that need no character to be reached. */
static void
enter(const struct covering *v, struct set *s, size_t at)
{
	for (;;) {
		s->bits[at / 64] |= (uint64_t)1 << at % 64;
		switch (v->places[at].waits) {
		case WAITS_MANY:
			at++;
			break;
		case WAITS_DEEP:
			at += 2;
			break;
		case WAITS_LAST_IN:
			at++;
			break;
		default:
			return;
		}
	}
}

/* Where the place goes with symbol c; SIZE_MAX: nowhere. */
static size_t
step(const struct covering *v, size_t at, int32_t c)
{
	const struct place *p = &v->places[at];
	bool slash = c == '/';

	switch (p->waits) {
	case WAITS_CHAR:
		return c == p->c ? at + 1 : SIZE_MAX;
	case WAITS_ONE:
		return slash ? SIZE_MAX : at + 1;
	case WAITS_MANY:
		return slash ? SIZE_MAX : at;
	case WAITS_DEEP:
	case WAITS_LAST:
		return slash ? SIZE_MAX : at + 1;
	case WAITS_DEEP_IN:
	case WAITS_LAST_IN:
		return slash ? at - 1 : at;
	case WAITS_NOTHING:
		break;
	}
	return SIZE_MAX;
}

static bool
holds(const struct set *s, size_t at)
{
	return (s->bits[at / 64] >> at % 64 & 1) != 0;
}

/* Can one of the others end here? */
static bool
ends(const struct covering *v, const struct set *s)
{
	for (size_t i = 0; i < v->one; i++)
		if (v->places[i].waits == WAITS_NOTHING && holds(s, i))
			return true;
	return false;
}

static void
advance(
    const struct covering *v, const struct set *from, int32_t c, struct set *to)
{
	memset(to, 0, sizeof(*to));
	for (size_t w = 0; w * 64 < v->one; w++)
		for (uint64_t left = from->bits[w]; left != 0;
		     left &= left - 1) {
			size_t at = w * 64 + (size_t)__builtin_ctzll(left);
			size_t next = step(v, at, c);

			if (next != SIZE_MAX)
				enter(v, to, next);
		}
}

/* Note the pairs of a set and each place that the glob reaches with it. */
static void
add_pair(struct covering *v, size_t at, bool fresh, const struct set *s)
{
	uint64_t hash = at * 2 + fresh;

	for (size_t i = 0; i < SET_WORDS; i++)
		hash = (hash ^ s->bits[i]) * 0x9e3779b97f4a7c15u;
	for (size_t i = 0; i < v->npairs; i++) {
		const struct pair *p = &v->pairs[i];

		if (p->hash == hash && p->at == at && p->fresh == fresh &&
		    memcmp(&p->set, s, sizeof(*s)) == 0)
			return;
	}
	if (v->npairs == PAIRS_MAX) {
		v->full = true;
		return;
	}
	v->pairs[v->npairs++] = (struct pair){ at, fresh, hash, *s };
}

static void
add_pairs(struct covering *v, size_t at, bool fresh, const struct set *s)
{
	struct set reached = { { 0 } };

	enter(v, &reached, at);
	for (size_t i = v->one; i < v->n; i++)
		if (holds(&reached, i))
			add_pair(v, i, fresh, s);
}

/* Is there a path that only the one matches? */
static bool
finds_other(struct covering *v)
{
	for (size_t i = 0; i < v->npairs && !v->full; i++) {
		const struct pair p = v->pairs[i];

		if (v->places[p.at].waits == WAITS_NOTHING && !p.fresh &&
		    !ends(v, &p.set))
			return true;
		for (size_t k = 0; k < v->nsymbols; k++) {
			int32_t c = v->symbols[k];
			size_t next = step(v, p.at, c);
			struct set s;

			/* no path has an empty segment */
			if (next == SIZE_MAX || (c == '/' && p.fresh))
				continue;
			if (*v->budget < v->one / 64 + 1) {
				v->full = true;
				break;
			}
			*v->budget -= v->one / 64 + 1;
			advance(v, &p.set, c, &s);
			add_pairs(v, next, c == '/', &s);
		}
	}
	return false;
}

bool
globs_cover(
    const char *const *globs, size_t n, const char *glob, uint64_t *budget)
{
	struct covering v = { .symbols = { '/', SYMBOL_OTHER },
		.nsymbols = 2,
		.budget = budget };
	struct set start = { { 0 } };
	bool covered = false;

	/* Before it is filled: whoever asks has thousands of them. */
	if (n >= PLACES_MAX ||
	    (v.places = mem_array(PLACES_MAX, sizeof(*v.places))) == NULL)
		goto out;
	for (size_t i = 0; i < n && !v.full; i++)
		compile(&v, globs[i]);
	v.one = v.n;
	if (!v.full)
		compile(&v, glob);
	if (v.full ||
	    (v.pairs = mem_array(PAIRS_MAX, sizeof(*v.pairs))) == NULL)
		goto out;
	for (size_t i = 0; i < v.one; i++)
		if (i == 0 || v.places[i - 1].waits == WAITS_NOTHING)
			enter(&v, &start, i);
	add_pairs(&v, v.one, true, &start);
	covered = !finds_other(&v) && !v.full;
out:
	mem_free(v.places);
	mem_free(v.pairs);
	return covered;
}
