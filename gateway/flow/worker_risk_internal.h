#ifndef GATEWAY_FLOW_WORKER_RISK_INTERNAL_H
#define GATEWAY_FLOW_WORKER_RISK_INTERNAL_H

#include "gateway/flow/risk_internal.h"

/* What a worker measures, between RISK_BEGIN and RISK_END. */
struct measured {
	char *name;
	enum risk_role role;
	enum risk_distance distance;
	struct transform *levels;
	size_t nlevels;
	unsigned usual;	    /* the form of the file's first value, or 0 */
	struct bytes apart; /* a value and how it is spelt */
};

struct measuring {
	struct measured *columns;
	size_t n;
	bool subjects, search;
	bool spelt;    /* a quasi-identifier was spelt in several ways */
	uint64_t file; /* of which usual is, and 1 */
	struct risk_table *sent, *found;
	struct names names; /* of keys of this run */
	struct transform_key **keys;
};

/* The run's keys of a plan's fields, in their order; *out is the caller's to
 * mem_free(). */
NEED int measuring_keys(struct measuring *m, const struct file_plan *plan,
    const struct transform_key ***out, struct fault *f);

#endif
