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
};

struct measuring {
	struct measured *columns;
	size_t n;
	bool subjects, search;
	struct risk_table *sent, *found;
	struct names names; /* of keys of this run */
	struct transform_key **keys;
};

#endif
