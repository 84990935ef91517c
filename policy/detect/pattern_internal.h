#ifndef POLICY_DETECT_PATTERN_INTERNAL_H
#define POLICY_DETECT_PATTERN_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/fault.h"

/*
 * Many patterns as one automaton.
 *
 *     text --> pattern.c: a tree --> emit.c: Thompson's NFA
 *          --> automaton.c: a DFA, made state by state as text needs it
 *
 * Each pattern says where it ends by its number.  Everything is bounded: a
 * pattern's length, its nodes, the states that are kept.
 */

/* Why: longer than any number, address or URL that tells somebody apart; and
 * each word of a text may cost as many steps. */
#define PATTERN_REPEAT_MAX 1024u
#define PATTERN_REPEAT_OPEN 128u /* what * and + stop at */
#define PATTERN_NODES_MAX 32768u /* of one pattern */
#define PATTERN_DEPTH_MAX 32u	 /* of brackets */
#define PATTERN_CHARS_MAX 4096u

/* ---- The tree of one pattern (pattern.c) ---- */

enum tree_kind { TREE_EMPTY, TREE_SET, TREE_CAT, TREE_ALT, TREE_REPEAT };

struct range {
	uint32_t lo, hi;
};

struct tree {
	enum tree_kind kind;
	uint32_t a, b;	   /* children, by index; of TREE_REPEAT: a */
	uint32_t min, max; /* TREE_REPEAT */
	uint32_t first, n; /* TREE_SET: its ranges of code points */
};

struct pattern {
	struct tree *trees;
	size_t ntrees, trees_room;
	struct range *ranges;
	size_t nranges, ranges_room;
	uint32_t root;
};

/* Read one pattern.  FAULT_INPUT says at which character it is not of the
 * language.  pattern_free() it, failed or not. */
NEED int pattern_read(struct pattern *p, const char *text, struct fault *f);
void pattern_free(struct pattern *p);

/* ---- The NFA of all (emit.c) ---- */

enum node_kind { NODE_BYTES, NODE_SPLIT, NODE_END };

struct node {
	uint8_t kind;
	uint8_t lo, hi;	   /* NODE_BYTES: one of these */
	uint32_t out, alt; /* next; NODE_SPLIT: alt as well; NODE_END: which */
};

struct net {
	struct node *nodes;
	size_t n, room;
	uint32_t *starts; /* where each pattern begins */
	size_t nstarts, starts_room;
};

/* Add a pattern that ends with number which.  FAULT_INPUT when it is too large.
 */
NEED int net_add(
    struct net *net, const struct pattern *p, uint32_t which, struct fault *f);
void net_free(struct net *net);

/* ---- The DFA (automaton.c) ---- */

/* Bytes of states that are kept: when a text needs more, all are forgotten and
 * made again. */
#define AUTOMATON_BYTES_MAX ((size_t)24 << 20)

/* States by their names, which are good until all are forgotten. */
#define AUTOMATON_UNKNOWN 0u /* none */
#define AUTOMATON_DEAD 1u    /* no pattern goes on */

struct automaton;

/* The net must outlive the automaton.  One automaton a thread. */
NEED int automaton_new(
    struct automaton **out, const struct net *net, struct fault *f);
void automaton_free(struct automaton *a);

/* Have the states grown past AUTOMATON_BYTES_MAX?  Forget all but the first. */
NEED bool automaton_full(const struct automaton *a);
NEED int automaton_forget(struct automaton *a, struct fault *f);

/* For each byte, may a match begin with it? */
const bool *automaton_begins(const struct automaton *a);

/* Is it one in which a pattern ends? */
static inline bool
automaton_ends(uint32_t state)
{
	return state >> 31 != 0;
}

/* The state of all beginnings. */
NEED uint32_t automaton_start(const struct automaton *a);

/* Go from *state to that behind p[0..len). */
NEED int automaton_step(struct automaton *a, uint32_t *state, const uint8_t *p,
    size_t len, struct fault *f);

/* The patterns that end somewhere. */
struct ending {
	size_t end; /* offset behind the last byte */
	const uint32_t *which;
	size_t n;
};
#define ENDINGS_MAX 48u

/* Does p[0..len) lead from a state, in which none ends, to where no pattern
 * goes on, past none that ends?  False also where that is not known yet. */
NEED bool automaton_dies(
    const struct automaton *a, uint32_t state, const uint8_t *p, size_t len);

/*
 * Walk p[at..len) on from a state.  The ends of matches, at itself among them,
 * at which ends() agrees go to out, shortest first, at most ENDINGS_MAX: of
 * more the longest.  *which is valid until the next walk.
 */
NEED int automaton_walk(struct automaton *a, uint32_t state, const uint8_t *p,
    size_t at, size_t len,
    bool (*ends)(const uint8_t *p, size_t at, size_t len),
    struct ending out[ENDINGS_MAX], size_t *n, struct fault *f);

#endif
