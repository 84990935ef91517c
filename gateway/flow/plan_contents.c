/*
 * What the files of a dataset hold, as SHA-256 of each.
 *
 * A plan is known by its digest.  Size and time of a file can be given back
 * after its content was exchanged; where somebody stands for the plan
 * (plan: approved), or it counts as the one that exposure was measured for
 * (risk), the digest is over the contents too.  Elsewhere it only finds an
 * export that was interrupted, and a second reading of all is not worth it.
 */

#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"

/* A request ends before it has more than so many bytes to read, so that the
 * workers finish together. */
#define RUN_BYTES ((uint64_t)64 << 20)

/* Does it leave, or is it where names come from? */
static unsigned
counts(const struct plan *p, uint32_t file)
{
	const struct detection *d = &p->policy->detection;

	if (p->plans[p->scan.files[file].plan].plan.exclude == NULL)
		return 1;
	for (size_t i = 0; i < d->ndictionary; i++)
		if (glob_matches(
			d->dictionary[i].file, scan_path(&p->scan, file)))
			return 1;
	return 0;
}

static int
begin(struct message *m, unsigned kind, struct fault *f)
{
	(void)kind;
	return ask_begin(m, WORKER_CONTENTS, f);
}

static int
take(struct plan *p, uint32_t file, struct reader *r, struct fault *f)
{
	return take_bytes(r, p->contents[file], DIGEST_BYTES, f);
}

int
plan_contents(struct plan *p, struct pool *pool,
    const struct flow_progress *progress, struct fault *f)
{
	const struct crew_files how = { p, pool, progress, "reading contents",
		RUN_BYTES, counts, begin, take };

	if (!p->policy->plan_approved && p->policy->nrisks == 0)
		return 0;
	p->contents = mem_array(p->scan.n, sizeof(*p->contents));
	return p->contents == NULL ? fault_memory(f) : crew_ask_files(&how, f);
}
