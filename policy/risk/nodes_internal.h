#ifndef POLICY_RISK_NODES_INTERNAL_H
#define POLICY_RISK_NODES_INTERNAL_H

#include "policy/risk/risk_internal.h"

/*
 * The nodes of a generalisation lattice, looked at one by one: what its
 * classes are, whether they meet the thresholds and what that loses.
 */
struct risk_nodes;

struct risk_outcome {
	bool met;
	bool hopeless; /* and so is every finer node */
	uint64_t suppressed;
	double loss[RISK_METRICS];
	double discernibility_bound; /* no coarser node loses less */
};

/* x and goal are borrowed until risk_nodes_free(). */
NEED int risk_nodes_new(struct risk_nodes **out, const struct risk_lattice *x,
    const struct risk_goal *goal, struct fault *f);
void risk_nodes_free(struct risk_nodes *s);

/* Look at one node, at or above goal->lowest. */
NEED int risk_nodes_look(struct risk_nodes *s, const uint8_t *levels,
    struct risk_outcome *out, struct fault *f);

#endif
