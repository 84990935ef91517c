#ifndef GATEWAY_FLOW_PLAN_INTERNAL_H
#define GATEWAY_FLOW_PLAN_INTERNAL_H

#include "gateway/flow/flow.h"
#include "gateway/flow/scan_internal.h"
#include "gateway/flow/worker_internal.h"
#include "gateway/mask/mask.h"
#include "gateway/process/process.h"
#include "keys/sign/sign.h"
#include "policy/rules/rules.h"

/* Files of one shape under one rule share a plan. */
struct plan_one {
	struct file_plan plan;
	uint32_t rule;	  /* index into policy->files */
	uint32_t subject; /* index into policy->subjects, or their number */
	uint32_t example; /* a file that has it */
	uint64_t files, bytes, items;
	uint8_t shape[DIGEST_BYTES];  /* of rule, subject and shape */
	uint8_t digest[DIGEST_BYTES]; /* of the plan's bytes */
};

/* scan_file.plan until it is known, and for a file that was refused. */
#define PLAN_NONE UINT32_MAX

/* What is packed as one: a whole file, or a part of a row file. */
#define PLAN_WHOLE UINT32_MAX
struct plan_unit {
	uint32_t file;
	uint32_t part; /* index into parts, or PLAN_WHOLE */
};

/* A row file's parts, as they came. */
struct plan_cut {
	uint32_t file, first, n;
};

struct plan {
	struct policy *policy;
	struct bytes text; /* of the policy, as given */
	struct scan scan;
	struct plan_one *plans;
	uint32_t nplans, room;
	uint32_t *map; /* by shape: plan and 1, or 0; open addressing */
	uint32_t map_room;
	struct plan_cut *cuts;
	uint32_t ncuts, cuts_room;
	struct mask_part *parts;
	uint32_t nparts, parts_room;
	struct plan_unit *units;
	uint32_t nunits;
	uint64_t files, bytes, items; /* that leave */
	uint64_t excluded;
	uint8_t digest[DIGEST_BYTES];
};

/* The worker with the fewest jobs, and whether it can take another. */
size_t crew_least(const struct pool *p, bool *room);

/* Add item to a growing array.  FAULT_INPUT at 2^32 of them. */
NEED int plan_grow(
    void **at, uint32_t n, uint32_t *room, size_t size, struct fault *f);

/* plan_shapes.c: every file's plan; refusals into r, FAULT_POLICY if any. */
NEED int plan_shapes(struct plan *p, struct pool *pool, struct refusals *r,
    const struct flow_progress *progress, struct fault *f);

/* plan_rows.c: every row file's parts, and which of the wanted ids are there.
 */
NEED int plan_rows(struct plan *p, struct pool *pool,
    const struct plan_wanted *wanted, const struct flow_progress *progress,
    struct fault *f);

#endif
