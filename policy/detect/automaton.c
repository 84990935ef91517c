/*
 * The DFA of all patterns, of which only those states are made that a text
 * leads to: a walk begins in the state of all beginnings, and each byte leads
 * on or to the dead state.  A walk is over where every pattern is, so that it
 * takes at most as many steps as the longest pattern; most words are over after
 * a few letters.
 *
 * A text made to need ever new states costs the making of one state a byte, and
 * no more; whoever walks forgets them when they are too many.
 */

#include "policy/detect/pattern_internal.h"

#include <string.h>

#include "keys/base/mem.h"

/* A state is called by where its row of transitions begins, so that a step is
 * one look into memory; AUTOMATON_UNKNOWN and AUTOMATON_DEAD have no row. */
#define UNKNOWN AUTOMATON_UNKNOWN
#define DEAD AUTOMATON_DEAD
#define FIRST 2u	 /* the number of the first state that has one */
#define ENDS 0x80000000u /* in a name: it has ends (automaton_ends()) */

struct state {
	uint32_t first, n;     /* its nodes, in pool; only BYTES */
	uint32_t which, nends; /* the patterns that end here, in pool */
	uint32_t hash, next;   /* chain of one bucket */
};

struct automaton {
	const struct net *net;
	uint8_t class_of[256];
	uint8_t byte_of[256]; /* one of each class */
	size_t nclasses;
	bool begins[256];

	uint32_t *to; /* nstates * nclasses */
	struct state *states;
	size_t nstates, states_room;
	uint32_t *pool;
	size_t pooled, pool_room;
	uint32_t *buckets;
	size_t nbuckets; /* a power of two */

	/* A set being made: which nodes are in it. */
	uint32_t *mark, *list, *stack;
	uint32_t round;
	size_t listed;
};

/* ---- Classes of bytes that no pattern tells apart ---- */

static void
make_classes(struct automaton *a)
{
	bool cut[257] = { [0] = true };
	size_t n = 0;

	for (size_t i = 0; i < a->net->n; i++)
		if (a->net->nodes[i].kind == NODE_BYTES) {
			cut[a->net->nodes[i].lo] = true;
			cut[a->net->nodes[i].hi + 1] = true;
		}
	for (size_t b = 0; b < 256; b++) {
		if (cut[b])
			a->byte_of[n++] = (uint8_t)b;
		a->class_of[b] = (uint8_t)(n - 1);
	}
	a->nclasses = n;
}

/* ---- Sets of nodes ---- */

static void
set_begin(struct automaton *a)
{
	if (++a->round == 0) {
		memset(a->mark, 0, a->net->n * sizeof(*a->mark));
		a->round = 1;
	}
	a->listed = 0;
}

/* A node and all that are reached from it without a byte.  Each is on the
 * stack at most once a set, since it is marked when it is put there. */
static void
set_add(struct automaton *a, uint32_t node)
{
	size_t n = 0;

	if (a->mark[node] == a->round)
		return;
	a->mark[node] = a->round;
	a->stack[n++] = node;
	while (n > 0) {
		const struct node *at;

		node = a->stack[--n];
		at = &a->net->nodes[node];
		if (at->kind != NODE_SPLIT) {
			a->list[a->listed++] = node;
			continue;
		}
		if (a->mark[at->alt] != a->round) {
			a->mark[at->alt] = a->round;
			a->stack[n++] = at->alt;
		}
		if (a->mark[at->out] != a->round) {
			a->mark[at->out] = a->round;
			a->stack[n++] = at->out;
		}
	}
}

/* ---- States ---- */

static int
grow(void **p, size_t *room, size_t need, size_t size, struct fault *f)
{
	size_t to = *room == 0 ? 256 : *room;
	void *more;

	if (need <= *room)
		return 0;
	while (to < need)
		to *= 2;
	if ((more = mem_resize(*p, to * size)) == NULL)
		return fault_memory(f);
	*p = more;
	*room = to;
	return 0;
}

static int
rehash(struct automaton *a, struct fault *f)
{
	size_t n = a->nbuckets == 0 ? 1024 : 2 * a->nbuckets;
	uint32_t *b = mem_array(n, sizeof(*b));

	if (b == NULL)
		return fault_memory(f);
	for (size_t s = FIRST; s < a->nstates; s++) {
		uint32_t *at = &b[a->states[s].hash & (n - 1)];

		a->states[s].next = *at;
		*at = (uint32_t)s;
	}
	mem_free(a->buckets);
	a->buckets = b;
	a->nbuckets = n;
	return 0;
}

/* Room for one more state and its row of transitions. */
static int
more_states(struct automaton *a, struct fault *f)
{
	size_t room = a->states_room;
	void *to = a->to;

	if (a->nstates + 1 > a->nbuckets && rehash(a, f) != 0)
		return -1;
	if (a->nstates < room)
		return 0;
	if (grow(&to, &room, a->nstates + 1, a->nclasses * sizeof(*a->to), f) !=
	    0)
		return -1;
	a->to = to;
	to = a->states;
	room = a->states_room;
	if (grow(&to, &room, a->nstates + 1, sizeof(*a->states), f) != 0)
		return -1;
	a->states = to;
	a->states_room = room;
	return 0;
}

/* The number of the state of the set in list: one that is there, or a new
 * one. */
static int
set_state(struct automaton *a, uint32_t *out, struct fault *f)
{
	uint32_t hash = 2166136261u, n = 0;
	struct state *s;
	void *pool = a->pool;

	for (size_t i = 0; i < a->listed; i++)
		hash = (hash ^ a->list[i]) * 16777619u;
	hash ^= hash >> 15;
	for (uint32_t at =
		 a->nbuckets == 0 ? 0 : a->buckets[hash & (a->nbuckets - 1)];
	     at != 0; at = s->next) {
		s = &a->states[at];
		if (s->hash == hash && s->n == a->listed &&
		    memcmp(a->pool + s->first, a->list,
			a->listed * sizeof(*a->list)) == 0) {
			*out = at;
			return 0;
		}
	}
	if (more_states(a, f) != 0 ||
	    grow(&pool, &a->pool_room, a->pooled + 2 * a->listed + 1,
		sizeof(*a->pool), f) != 0)
		return -1;
	a->pool = pool;
	s = &a->states[a->nstates];
	*s = (struct state){ .first = (uint32_t)a->pooled,
		.n = (uint32_t)a->listed,
		.hash = hash };
	memcpy(a->pool + a->pooled, a->list, a->listed * sizeof(*a->list));
	a->pooled += a->listed;
	s->which = (uint32_t)a->pooled;
	for (size_t i = 0; i < a->listed; i++)
		if (a->net->nodes[a->list[i]].kind == NODE_END)
			a->pool[a->pooled + n++] =
			    a->net->nodes[a->list[i]].out;
	s->nends = n;
	a->pooled += n;
	memset(
	    a->to + a->nstates * a->nclasses, 0, a->nclasses * sizeof(*a->to));
	s->next = a->buckets[hash & (a->nbuckets - 1)];
	a->buckets[hash & (a->nbuckets - 1)] = (uint32_t)a->nstates;
	*out = (uint32_t)a->nstates++;
	return 0;
}

/* Where a byte of a class leads from a state. */
static int
make_step(struct automaton *a, uint32_t from, size_t class, uint32_t *to,
    struct fault *f)
{
	const struct state *s = &a->states[from / a->nclasses];
	uint8_t byte = a->byte_of[class];
	uint32_t got;

	set_begin(a);
	for (uint32_t i = 0; i < s->n; i++) {
		const struct node *at = &a->net->nodes[a->pool[s->first + i]];

		if (at->kind == NODE_BYTES && byte >= at->lo && byte <= at->hi)
			set_add(a, at->out);
	}
	*to = DEAD;
	if (a->listed > 0) {
		if (set_state(a, &got, f) != 0)
			return -1;
		*to = got * (uint32_t)a->nclasses;
		if (a->states[got].nends > 0)
			*to |= ENDS;
	}
	a->to[from + class] = *to;
	return 0;
}

int
automaton_forget(struct automaton *a, struct fault *f)
{
	uint32_t first;

	a->nstates = FIRST;
	a->pooled = 0;
	if (a->nbuckets > 0)
		memset(a->buckets, 0, a->nbuckets * sizeof(*a->buckets));
	set_begin(a);
	for (size_t i = 0; i < a->net->nstarts; i++)
		set_add(a, a->net->starts[i]);
	return set_state(a, &first, f);
}

bool
automaton_full(const struct automaton *a)
{
	return a->nstates *
		       (sizeof(*a->states) + a->nclasses * sizeof(*a->to)) +
		   a->pooled * sizeof(*a->pool) >
	       AUTOMATON_BYTES_MAX;
}

uint32_t
automaton_start(const struct automaton *a)
{
	return FIRST * (uint32_t)a->nclasses;
}

int
automaton_new(struct automaton **out, const struct net *net, struct fault *f)
{
	struct automaton *a = mem_new(sizeof(*a));
	uint32_t to;

	if (a == NULL)
		return fault_memory(f);
	a->net = net;
	make_classes(a);
	a->mark = mem_array(net->n + 1, sizeof(*a->mark));
	a->list = mem_array(net->n + 1, sizeof(*a->list));
	a->stack = mem_array(net->n + 1, sizeof(*a->stack));
	if (a->mark == NULL || a->list == NULL || a->stack == NULL) {
		(void)fault_memory(f);
		goto fail;
	}
	if (automaton_forget(a, f) != 0)
		goto fail;
	for (size_t b = 0; b < 256; b++) {
		if (make_step(a, automaton_start(a), a->class_of[b], &to, f) !=
		    0)
			goto fail;
		a->begins[b] = to != DEAD;
	}
	*out = a;
	return 0;
fail:
	automaton_free(a);
	return -1;
}

void
automaton_free(struct automaton *a)
{
	if (a == NULL)
		return;
	mem_free(a->to);
	mem_free(a->states);
	mem_free(a->pool);
	mem_free(a->buckets);
	mem_free(a->mark);
	mem_free(a->list);
	mem_free(a->stack);
	mem_free(a);
}

const bool *
automaton_begins(const struct automaton *a)
{
	return a->begins;
}

int
automaton_step(struct automaton *a, uint32_t *state, const uint8_t *p,
    size_t len, struct fault *f)
{
	for (size_t i = 0; i < len && *state != DEAD; i++) {
		size_t class = a->class_of[p[i]];
		uint32_t from = *state & ~ENDS;

		*state = a->to[from + class];
		if (*state == UNKNOWN &&
		    make_step(a, from, class, state, f) != 0)
			return -1;
	}
	return 0;
}

/* Of a ring that got so many the last, in order; how many those are. */
static size_t
newest(struct ending out[ENDINGS_MAX], size_t got)
{
	struct ending old[ENDINGS_MAX];
	size_t first = got % ENDINGS_MAX;

	if (got <= ENDINGS_MAX)
		return got;
	memcpy(old, out, sizeof(old));
	memcpy(out, old + first, (ENDINGS_MAX - first) * sizeof(*out));
	memcpy(out + ENDINGS_MAX - first, old, first * sizeof(*out));
	return ENDINGS_MAX;
}

bool
automaton_dies(
    const struct automaton *a, uint32_t state, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len && !automaton_ends(state); i++) {
		state = a->to[state + a->class_of[p[i]]];
		if (state <= DEAD)
			return state == DEAD;
	}
	return false;
}

int
automaton_walk(struct automaton *a, uint32_t state, const uint8_t *p, size_t at,
    size_t len, bool (*ends)(const uint8_t *p, size_t at, size_t len),
    struct ending out[ENDINGS_MAX], size_t *n, struct fault *f)
{
	size_t got = 0;

	for (; state != DEAD; at++) {
		uint32_t from = state & ~ENDS;
		size_t class;

		if (from != state && ends(p, at, len)) {
			out[got++ % ENDINGS_MAX] =
			    (struct ending){ at, NULL, from };
		}
		if (at == len)
			break;
		class = a->class_of[p[at]];
		state = a->to[from + class];
		if (state == UNKNOWN) {
			uint32_t made;

			if (make_step(a, from, class, &made, f) != 0)
				return -1;
			state = made;
		}
	}
	got = newest(out, got);
	/* Only now does the pool stay where it is. */
	for (size_t i = 0; i < got; i++) {
		const struct state *end = &a->states[out[i].n / a->nclasses];

		out[i].which = a->pool + end->which;
		out[i].n = end->nends;
	}
	*n = got;
	return 0;
}
