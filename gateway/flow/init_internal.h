#ifndef GATEWAY_FLOW_INIT_INTERNAL_H
#define GATEWAY_FLOW_INIT_INTERNAL_H

#include "gateway/flow/flow.h"
#include "gateway/flow/scan_internal.h"
#include "gateway/flow/worker_internal.h"
#include "policy/propose/propose.h"

/* One `policy init`. */
struct initing {
	const struct policy_init *o;
	struct scan scan;
	struct pool *pool;
	struct look *looks; /* of scan's files */
	struct look_rules rules;
	struct draft_group *groups;
	struct guesses guesses;
	uint32_t *order; /* files by group: order[start[g], start[g + 1]) */
	uint32_t *start;
	struct pool_result result;
	uint64_t done;
};

/* Why a file stays behind: a fault's words, fit to stand in a policy.  Lives as
 * long as n. */
NEED int init_why(
    struct initing *n, uint32_t file, const struct fault *why, struct fault *f);

/* What makes of it something that is read here, in words fit for a comment;
 * NULL where nobody knows.  The caller mem_free()s *out. */
NEED int init_convert(
    const struct initing *n, uint32_t file, char **out, struct fault *f);

/* init_look.c: what every file is; then they are grouped. */
NEED int init_look(struct initing *n, struct fault *f);

/* init_count.c: every value of the tables and documents.  *again is set when
 * files could not be read to their end: they are now unknown, and the groups
 * have to be made anew. */
NEED int init_count(struct initing *n, bool *again, struct fault *f);

#endif
