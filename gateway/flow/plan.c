/*
 * The plan of a dataset: policy met with real shapes, one decision for every
 * file, column, path and metadata block.
 *
 *     walk --> shapes (workers) --> decisions --> parts of row files (workers)
 *          --> units, in the order of the files --> one digest over it all
 *
 * What is not in the plan does not leave, and what was changed since stops the
 * shard it is in.  The coordinator reads no file: a worker does.
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "gateway/flow/plan_internal.h"
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
	return policy_permits(p->policy, o->vendor, f);
}

static int
by_file(const void *x, const void *y)
{
	const struct plan_cut *a = x, *b = y;

	return a->file < b->file ? -1 : a->file > b->file;
}

static void
count_unit(struct plan *p, uint32_t file, uint64_t items)
{
	struct plan_one *one = &p->plans[p->scan.files[file].plan];

	one->items += items;
	p->items += items;
}

/* Units in the order of the files, and what is counted of them. */
static int
make_units(struct plan *p, struct fault *f)
{
	uint32_t next = 0;
	size_t most = (size_t)p->scan.n + p->nparts;

	if (most > WORKER_UNITS_MAX)
		return fault_set(f, FAULT_INPUT,
		    "more than %u files and parts of files; export it in "
		    "several batches",
		    WORKER_UNITS_MAX);
	if (p->ncuts > 0)
		qsort(p->cuts, p->ncuts, sizeof(*p->cuts), by_file);
	if ((p->units = mem_array(most, sizeof(*p->units))) == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < p->scan.n; i++) {
		struct plan_one *one = &p->plans[p->scan.files[i].plan];

		if (one->files == 0)
			one->example = i; /* whoever was looked at first */
		one->files++;
		one->bytes += p->scan.files[i].size;
		if (one->plan.exclude != NULL) {
			p->excluded++;
			continue;
		}
		p->files++;
		p->bytes += p->scan.files[i].size;
		if (!mask_has_rows(&one->plan)) {
			p->units[p->nunits++] =
			    (struct plan_unit){ i, PLAN_WHOLE };
			count_unit(p, i, 1);
			continue;
		}
		must(next < p->ncuts && p->cuts[next].file == i);
		for (uint32_t j = 0; j < p->cuts[next].n; j++) {
			uint32_t part = p->cuts[next].first + j;

			p->units[p->nunits++] = (struct plan_unit){ i, part };
			count_unit(p, i, p->parts[part].records);
		}
		next++;
	}
	return 0;
}

/* Over all that decides what the shards hold: the policy, the files as they
 * looked, their plans and parts. */
static int
take_digest(struct plan *p, struct fault *f)
{
	struct digest *d;
	struct bytes b;
	int rc = -1;

	if (digest_new(&d, f) != 0)
		return -1;
	bytes_init(&b, 2 * PACKAGE_ORIGINAL_MAX);
	digest_add(d, p->policy->digest, sizeof(p->policy->digest));
	for (uint32_t i = 0; i < p->scan.n; i++) {
		const struct scan_file *file = &p->scan.files[i];

		bytes_reset(&b);
		if (put_text(&b, scan_path(&p->scan, i), f) != 0 ||
		    put_u64(&b, file->size, f) != 0 ||
		    put_u64(&b, (uint64_t)file->mtime, f) != 0 ||
		    bytes_add(
			&b, p->plans[file->plan].digest, DIGEST_BYTES, f) != 0)
			goto out;
		digest_add(d, b.at, b.len);
	}
	for (uint32_t i = 0; i < p->nunits; i++) {
		if (p->units[i].part == PLAN_WHOLE)
			continue;
		bytes_reset(&b);
		if (put_u32(&b, p->units[i].file, f) != 0 ||
		    worker_put_part(&b, &p->parts[p->units[i].part], f) != 0)
			goto out;
		digest_add(d, b.at, b.len);
	}
	digest_end(d, p->digest);
	rc = 0;
out:
	bytes_free(&b);
	digest_free(d);
	return rc;
}

int
plan_make(struct plan **out, const struct plan_options *o, struct fault *f)
{
	struct pool_options crew = { .role = "worker" };
	struct pool *pool = NULL;
	struct plan *p;
	int rc = -1;

	if ((p = mem_new(sizeof(*p))) == NULL)
		return fault_memory(f);
	p->scan.root = -1;
	bytes_init(&p->text, POLICY_BYTES_MAX);
	bytes_init(&p->scan.names, 0);
	if (read_policy(p, o, f) != 0 ||
	    scan_dataset(&p->scan, o->dataset, f) != 0 ||
	    pool_new(&pool, &crew, f) != 0 ||
	    plan_shapes(p, pool, o->refusals, &o->progress, f) != 0 ||
	    plan_rows(p, pool, o->wanted, &o->progress, f) != 0 ||
	    make_units(p, f) != 0 || take_digest(p, f) != 0)
		goto out;
	*out = p;
	p = NULL;
	rc = 0;
out:
	pool_free(pool);
	plan_free(p);
	return rc;
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
	scan_free(&p->scan);
	policy_free(p->policy);
	bytes_free(&p->text);
	mem_free(p);
}
