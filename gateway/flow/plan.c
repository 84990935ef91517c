/*
 * The plan of a dataset: policy met with real shapes, one decision for every
 * file, column, path and metadata block.
 *
 *     walk --> shapes (workers) --> decisions --> parts of row files (workers)
 *          --> units, in the order of the files --> whose they are (workers)
 *          --> what stays --> one digest over it all
 *          --> references between them looked up (workers)
 *
 * What is not in the plan does not leave, and what was changed since stops the
 * shard it is in.  The coordinator reads no file: a worker does.
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "gateway/flow/risk_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

size_t
crew_least(const struct pool *p, bool *room)
{
	size_t best = 0;

	for (size_t i = 1; i < pool_workers(p); i++)
		if (pool_jobs(p, i) < pool_jobs(p, best))
			best = i;
	*room = pool_jobs(p, best) < POOL_DEPTH;
	return best;
}

int
plan_grow(void **at, uint32_t n, uint32_t *room, size_t size, struct fault *f)
{
	uint32_t more = *room == 0 ? 64 : 2 * *room;
	void *p;

	if (n < *room)
		return 0;
	if (n >= UINT32_MAX / 2)
		return fault_set(f, FAULT_INPUT, "too many parts");
	if ((p = mem_resize(*at, more * size)) == NULL)
		return fault_memory(f);
	*at = p;
	*room = more;
	return 0;
}

static int
read_policy(struct plan *p, const struct plan_options *o, struct fault *f)
{
	if (policy_load(&p->policy, o->policy, &p->text, f) != 0)
		return -1;
	return o->vendor == NULL ? 0 : policy_permits(p->policy, o->vendor, f);
}

/* Those that were asked for by their ids, and leave. */
static void
note_found(const struct plan *p, const struct plan_wanted *wanted)
{
	for (size_t i = 0; i < wanted->n; i++) {
		uint32_t unit;
		uint64_t place;

		wanted->found[i] = plan_find(p, &p->wanted[i], &unit, &place) &&
				   plan_leaves(p, unit, place);
	}
}

int
plan_new(struct plan **out, struct fault *f)
{
	struct plan *p;

	if ((p = mem_new(sizeof(*p))) == NULL)
		return fault_memory(f);
	p->scan.root = p->refs = p->dictionary.fd = -1;
	bytes_init(&p->text, POLICY_BYTES_MAX);
	bytes_init(&p->scan.names, 0);
	bytes_init(&p->persons, SIZE_MAX);
	bytes_init(&p->uids, SIZE_MAX);
	*out = p;
	return 0;
}

int
plan_rest(struct plan *p, struct pool *pool, const struct plan_options *o,
    struct fault *f)
{
	if (plan_series(p, pool, &o->progress, f) != 0 ||
	    plan_bundles(p, f) != 0 ||
	    plan_dictionary(p, pool, &o->progress, f) != 0 ||
	    plan_rows(p, pool, o->wanted, &o->progress, f) != 0 ||
	    plan_units(p, f) != 0 ||
	    plan_whose(p, pool, &o->progress, f) != 0 ||
	    plan_suppressed(p, pool, o->suppressed, &o->progress, f) != 0 ||
	    plan_choose(p, pool, o, f) != 0 ||
	    plan_risk(p, pool, o->search, &o->progress, f) != 0)
		return -1;
	if (o->wanted != NULL)
		note_found(p, o->wanted);
	if (plan_contents(p, pool, &o->progress, f) != 0 ||
	    plan_settle(p, f) != 0)
		return -1;
	return plan_refs(p, pool, &o->progress, f);
}

int
plan_make(struct plan **out, const struct plan_options *o, struct fault *f)
{
	struct pool_options crew = { .role = "worker",
		.ready = plan_hand_names };
	struct pool *pool = NULL;
	struct plan *p;
	int rc = -1;

	if (plan_new(&p, f) != 0)
		return -1;
	crew.state = p;
	if (read_policy(p, o, f) != 0 ||
	    scan_dataset(&p->scan, o->dataset, f) != 0 ||
	    pool_new(&pool, &crew, f) != 0 ||
	    plan_shapes(p, pool, o->refusals, &o->progress, f) != 0 ||
	    plan_idle(p, o->refusals, f) != 0 || plan_rest(p, pool, o, f) != 0)
		goto out;
	*out = p;
	p = NULL;
	rc = 0;
out:
	pool_free(pool);
	plan_free(p);
	return rc;
}

bool
plan_nothing_new(const struct plan *p, uint64_t *had)
{
	*had = p->stay[PLAN_SENT];
	return p->items == 0 && *had > 0;
}

void
plan_free(struct plan *p)
{
	if (p == NULL)
		return;
	for (uint32_t i = 0; i < p->nplans; i++)
		file_plan_free(&p->plans[i].plan);
	mem_free(p->plans);
	mem_free(p->map);
	mem_free(p->cuts);
	mem_free(p->parts);
	mem_free(p->units);
	mem_free(p->members);
	mem_free(p->bundles);
	mem_free(p->series);
	bytes_free(&p->uids);
	mem_free(p->whose);
	bytes_free(&p->persons);
	mem_free(p->wanted);
	mem_free(p->kept);
	mem_free(p->contents);
	plan_left_free(p);
	plan_risk_free(p);
	file_close(&p->refs);
	file_close(&p->dictionary.fd);
	scan_free(&p->scan);
	policy_free(p->policy);
	bytes_free(&p->text);
	mem_free(p);
}
