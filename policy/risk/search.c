/*
 * Which level vector meets the thresholds and loses least.
 *
 * Best first: nodes wait in a heap by a lower bound of what they and all
 * coarser ones lose, and the search ends when the best found loses no more
 * than the bound of the next.  For granularity and entropy the bound is the
 * node's own loss without suppression, known before its classes are; for
 * discernibility the sum of squares of the class sizes of a finer node.  Where
 * a node is hopeless every finer one is (risk_search() in risk.h says when
 * that holds), so that from a node that waits a chain is climbed to the top
 * and halved until the border between hopeless and not is found, which is the
 * idea of Flash (Kohlmayer, Prasser et al., SocialCom 2012).
 *
 * A search that looks at too many nodes ends with the best it has, and says
 * that it is not exact.
 */

#include <math.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/risk/nodes_internal.h"

/* Nodes that may wait, for each that may be looked at. */
#define SEEN_FACTOR 8u
/* Hopeless nodes remembered; forgetting one costs time alone. */
#define HOPELESS_MAX 16384u
#define CHAIN_MAX (RISK_QUASI_MAX * (RISK_LEVELS_MAX - 1) + 1)

/* What is known of a node; bits. */
#define SEEN 1u
#define WAITED 2u
#define LOOKED 4u
#define HOPELESS 8u

struct seen {
	uint64_t node; /* four bits a level */
	double bound;
	uint8_t state;
};

struct waiting {
	double bound;
	uint64_t node;
};

struct search {
	const struct risk_lattice *x;
	const struct risk_goal *goal;
	struct risk_nodes *nodes;
	size_t nquasi;
	uint8_t top[RISK_QUASI_MAX];
	uint64_t looks_left;
	struct seen *seen; /* open addressing */
	size_t seen_slots, nseen, seen_max;
	struct waiting *heap;
	size_t nheap;
	uint64_t *hopeless;
	size_t nhopeless;
	bool found, dropped, spent;
	double best;
	struct risk_choice choice;
};

static uint64_t
pack(const uint8_t *levels, size_t n)
{
	uint64_t node = 0;

	for (size_t q = 0; q < n; q++)
		node |= (uint64_t)levels[q] << (4 * q);
	return node;
}

static void
unpack(uint8_t *levels, uint64_t node, size_t n)
{
	for (size_t q = 0; q < n; q++)
		levels[q] = (uint8_t)(node >> (4 * q) & 15);
}

/* Is each level of a at most that of b?  Four-bit lanes, even and odd ones
 * apart, each with a spare bit that a borrow would take. */
static bool
at_or_below(uint64_t a, uint64_t b)
{
	const uint64_t lanes = 0x0f0f0f0f0f0f0f0fu;
	const uint64_t spare = 0x1010101010101010u;
	uint64_t even = ((b & lanes) | spare) - (a & lanes);
	uint64_t odd = ((b >> 4 & lanes) | spare) - (a >> 4 & lanes);

	return (even & odd & spare) == spare;
}

/* The entry of a node, made if there is none; NULL when full. */
static struct seen *
see(struct search *s, uint64_t node)
{
	uint64_t h = node * 0x9e3779b97f4a7c15u;
	size_t i = (size_t)(h >> 32) & (s->seen_slots - 1);

	for (; s->seen[i].state != 0; i = (i + 1) & (s->seen_slots - 1))
		if (s->seen[i].node == node)
			return &s->seen[i];
	if (s->nseen == s->seen_max) {
		s->dropped = true;
		return NULL;
	}
	s->nseen++;
	s->seen[i] = (struct seen){ .node = node, .state = SEEN };
	return &s->seen[i];
}

static bool
before(const struct waiting *a, const struct waiting *b)
{
	/* not before or after by rounding: the same order everywhere */
	return a->bound < b->bound ||
	       (!(b->bound < a->bound) && a->node < b->node);
}

static void
heap_push(struct search *s, struct waiting w)
{
	size_t i = s->nheap++;

	for (; i > 0 && before(&w, &s->heap[(i - 1) / 2]); i = (i - 1) / 2)
		s->heap[i] = s->heap[(i - 1) / 2];
	s->heap[i] = w;
}

static struct waiting
heap_pop(struct search *s)
{
	struct waiting first = s->heap[0], last = s->heap[--s->nheap];
	size_t i = 0;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < s->nheap &&
		    before(&s->heap[child + 1], &s->heap[child]))
			child++;
		if (child >= s->nheap || !before(&s->heap[child], &last))
			break;
		s->heap[i] = s->heap[child];
		i = child;
	}
	s->heap[i] = last;
	return first;
}

/* What the node loses at least, whatever is suppressed. */
static double
bound_of(const struct search *s, const uint8_t *levels)
{
	double loss[RISK_METRICS] = { 0 };

	risk_loss_base(loss, s->x, levels);
	risk_loss_scale(loss, s->x);
	return s->goal->metric == RISK_DISCERNIBILITY ? 0
						      : loss[s->goal->metric];
}

/* Let a node wait for its turn, once. */
static void
wait_for(struct search *s, const uint8_t *levels, double at_least)
{
	uint64_t node = pack(levels, s->nquasi);
	struct seen *e = see(s, node);
	double bound = bound_of(s, levels);

	if (e == NULL || (e->state & WAITED) != 0)
		return;
	e->state |= WAITED;
	bound = at_least > bound ? at_least : bound;
	e->bound = bound > e->bound ? bound : e->bound;
	heap_push(s, (struct waiting){ e->bound, node });
}

static bool
is_hopeless(const struct search *s, uint64_t node)
{
	/* the latest are the coarsest, and say most */
	for (size_t i = s->nhopeless; i-- > 0;)
		if (at_or_below(node, s->hopeless[i]))
			return true;
	return false;
}

static void
add_hopeless(struct search *s, uint64_t node)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->nhopeless; i++)
		if (!at_or_below(s->hopeless[i], node))
			s->hopeless[kept++] = s->hopeless[i];
	s->nhopeless = kept;
	if (kept < HOPELESS_MAX)
		s->hopeless[s->nhopeless++] = node;
}

/* Look at a node unless that was done; is it hopeless? */
static int
look(struct search *s, const uint8_t *levels, bool *hopeless, struct fault *f)
{
	uint64_t node = pack(levels, s->nquasi);
	struct seen *e = see(s, node);
	struct risk_outcome o;
	double loss;

	*hopeless = e == NULL || (e->state & HOPELESS) != 0;
	if (e == NULL || (e->state & LOOKED) != 0)
		return 0;
	if (s->looks_left == 0) {
		s->spent = true;
		return 0;
	}
	s->looks_left--;
	s->choice.looked++;
	if (risk_nodes_look(s->nodes, levels, &o, f) != 0)
		return -1;
	e->state |= LOOKED;
	if (s->goal->metric == RISK_DISCERNIBILITY &&
	    o.discernibility_bound > e->bound)
		e->bound = o.discernibility_bound;
	if (o.hopeless) {
		e->state |= HOPELESS;
		*hopeless = true;
		add_hopeless(s, node);
	}
	loss = o.loss[s->goal->metric];
	if (!o.met || (s->found && !(loss < s->best)))
		return 0;
	s->found = true;
	s->best = loss;
	memcpy(s->choice.levels, levels, s->nquasi);
	memcpy(s->choice.loss, o.loss, sizeof(o.loss));
	s->choice.suppressed = o.suppressed;
	return 0;
}

/* From a node upwards, always the step that costs least, as long as something
 * better than the best could be found. */
static size_t
climb(const struct search *s, uint64_t from, uint64_t chain[CHAIN_MAX])
{
	uint8_t levels[RISK_QUASI_MAX];
	size_t n = 0;

	unpack(levels, from, s->nquasi);
	for (;;) {
		size_t step = s->nquasi;
		double least = INFINITY;

		chain[n++] = pack(levels, s->nquasi);
		for (size_t q = 0; q < s->nquasi; q++) {
			double bound;

			if (levels[q] == s->top[q])
				continue;
			levels[q]++;
			bound = bound_of(s, levels);
			levels[q]--;
			if (bound < least) {
				least = bound;
				step = q;
			}
		}
		if (step == s->nquasi || (s->found && !(least < s->best)))
			return n;
		levels[step]++;
	}
}

/* Halve the chain from a node until the border between hopeless and not is
 * found; while nothing is found at all, go on to what meets the thresholds. */
static int
probe(struct search *s, uint64_t node, struct fault *f)
{
	uint64_t chain[CHAIN_MAX];
	uint8_t levels[RISK_QUASI_MAX] = { 0 };
	size_t low = 0, n = climb(s, node, chain), high = n;
	bool hopeless = false;

	while (low < high && !s->spent) {
		size_t mid = low + (high - low) / 2;

		unpack(levels, chain[mid], s->nquasi);
		if (is_hopeless(s, chain[mid]))
			hopeless = true;
		else if (look(s, levels, &hopeless, f) != 0)
			return -1;
		if (hopeless)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < n && !s->found && !s->spent; low++) {
		unpack(levels, chain[low], s->nquasi);
		if (look(s, levels, &hopeless, f) != 0)
			return -1;
	}
	return 0;
}

static int
run(struct search *s, struct fault *f)
{
	uint8_t levels[RISK_QUASI_MAX] = { 0 };

	memcpy(levels, s->goal->lowest, s->nquasi);
	wait_for(s, levels, 0);
	while (s->nheap > 0 && !s->spent) {
		struct waiting w = heap_pop(s);
		const struct seen *e;
		double bound;

		if (s->found && !(w.bound < s->best))
			break;
		if (!is_hopeless(s, w.node) && probe(s, w.node, f) != 0)
			return -1;
		if ((e = see(s, w.node)) == NULL)
			continue;
		bound = e->bound > w.bound ? e->bound : w.bound;
		if (s->found && !(bound < s->best))
			continue;
		unpack(levels, w.node, s->nquasi);
		for (size_t q = 0; q < s->nquasi; q++) {
			if (levels[q] == s->top[q])
				continue;
			levels[q]++;
			wait_for(s, levels, bound);
			levels[q]--;
		}
	}
	s->choice.exact = !s->spent && !s->dropped;
	return 0;
}

static int
read_goal(struct search *s, struct fault *f)
{
	const struct risk_goal *g = s->goal;
	uint64_t nodes = 1;

	if (risk_thresholds_check(&g->want, f) != 0 ||
	    risk_levels_check(s->x, g->lowest, f) != 0 ||
	    risk_levels_check(s->x, g->highest, f) != 0)
		return -1;
	if ((unsigned)g->metric >= RISK_METRICS)
		return fault_set(f, FAULT_USAGE, "no such measure of loss");
	for (size_t q = 0; q < s->nquasi; q++) {
		s->top[q] = g->fixed[q] ? g->lowest[q]
			    : g->highest[q] > 0
				? g->highest[q]
				: (uint8_t)risk_lattice_levels(s->x, q);
		if (s->top[q] < g->lowest[q])
			return fault_set(f, FAULT_USAGE,
			    "column \"%s\": highest level below the lowest",
			    s->x->t->columns[s->x->t->quasi[q]].name);
		/* at most 16 to the 16th, which is one too many */
		if (__builtin_mul_overflow(
			nodes, s->top[q] - g->lowest[q] + 1u, &nodes))
			nodes = UINT64_MAX;
	}
	s->choice.nodes = nodes;
	s->looks_left = g->nodes_max > 0 && g->nodes_max < RISK_SEARCH_NODES
			    ? g->nodes_max
			    : RISK_SEARCH_NODES;
	return 0;
}

static int
make_room(struct search *s, struct fault *f)
{
	uint64_t most = SEEN_FACTOR * s->looks_left;

	s->seen_max = (size_t)(s->choice.nodes < most ? s->choice.nodes : most);
	for (s->seen_slots = 64; s->seen_slots < 2 * s->seen_max;)
		s->seen_slots *= 2;
	s->seen = mem_array(s->seen_slots, sizeof(*s->seen));
	s->heap = mem_array(s->seen_max + 1, sizeof(*s->heap));
	s->hopeless = mem_array(HOPELESS_MAX, sizeof(*s->hopeless));
	if (s->seen == NULL || s->heap == NULL || s->hopeless == NULL)
		return fault_memory(f);
	return 0;
}

int
risk_search(struct risk_choice *out, const struct risk_lattice *x,
    const struct risk_goal *goal, struct fault *f)
{
	struct search s = { .x = x, .goal = goal, .nquasi = x->t->nquasi };
	int rc = -1;

	*out = (struct risk_choice){ 0 };
	if (read_goal(&s, f) != 0 || make_room(&s, f) != 0 ||
	    risk_nodes_new(&s.nodes, x, goal, f) != 0 || run(&s, f) != 0)
		goto out;
	if (!s.found) {
		(void)fault_set(f, FAULT_POLICY,
		    s.choice.exact ? "no generalisation meets the thresholds"
				   : "no generalisation that was looked at "
				     "meets the thresholds");
		goto out;
	}
	*out = s.choice;
	rc = 0;
out:
	risk_nodes_free(s.nodes);
	mem_free(s.seen);
	mem_free(s.heap);
	mem_free(s.hopeless);
	return rc;
}
