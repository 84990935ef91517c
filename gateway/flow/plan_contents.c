/*
 * What the files of a dataset hold, as SHA-256 of each.
 *
 * A plan is known by its digest.  Size and time of a file can be given back
 * after its content was exchanged; where somebody stands for the plan
 * (plan: approved), or it counts as the one that exposure was measured for
 * (risk), the digest is over the contents too.  Elsewhere it only finds an
 * export that was interrupted, and a second reading of all is not worth it.
 */

#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* A request ends before it has more than so many bytes to read, so that the
 * workers finish together. */
#define RUN_BYTES ((uint64_t)64 << 20)

struct run {
	uint32_t files[WORKER_FILES_MAX];
	uint16_t n;
};

struct reading {
	struct plan *p;
	struct pool *pool;
	struct run *flying; /* by ticket */
	size_t nflying;
	uint64_t done;
	struct pool_result result;
	const struct flow_progress *progress;
};

/* Does it leave, or is it where names come from? */
static bool
counts(const struct plan *p, uint32_t file)
{
	const struct detection *d = &p->policy->detection;

	if (p->plans[p->scan.files[file].plan].plan.exclude == NULL)
		return true;
	for (size_t i = 0; i < d->ndictionary; i++)
		if (glob_matches(
			d->dictionary[i].file, scan_path(&p->scan, file)))
			return true;
	return false;
}

static int
take_answer(struct reading *r, struct fault *f)
{
	struct run *run;

	if (pool_take(r->pool, &r->result, f) != 0)
		return -1;
	run = &r->flying[r->result.ticket];
	if (r->result.fault.kind != FAULT_NONE) {
		*f = r->result.fault;
		return r->result.died
			   ? fault_at(
				 f, "%s", scan_path(&r->p->scan, run->files[0]))
			   : -1;
	}
	for (uint16_t i = 0; i < run->n; i++)
		if (take_bytes(&r->result.body, r->p->contents[run->files[i]],
			DIGEST_BYTES, f) != 0)
			return -1;
	if (take_end(&r->result.body, f) != 0)
		return -1;
	r->done += run->n;
	run->n = 0;
	r->nflying--;
	if (r->progress->tell != NULL)
		r->progress->tell(r->progress->arg, "reading contents", r->done,
		    r->p->scan.n);
	return 0;
}

static int
put_run(struct message *m, const struct plan *p, const struct run *run,
    struct fault *f)
{
	int fd;

	if (ask_begin(m, WORKER_CONTENTS, f) != 0 ||
	    put_u16(&m->body, run->n, f) != 0)
		return -1;
	for (uint16_t i = 0; i < run->n; i++) {
		struct worker_file file = { .plan = PLAN_NONE };

		file.path = scan_path(&p->scan, run->files[i]);
		file.size = p->scan.files[run->files[i]].size;
		if (scan_open(&p->scan, run->files[i], &fd, f) != 0 ||
		    message_give_fd(m, fd, f) != 0 ||
		    worker_put_file(&m->body, &file, f) != 0)
			return -1;
	}
	return 0;
}

static int
send(struct reading *r, const struct run *run, struct fault *f)
{
	struct message m;
	size_t worker, ticket = 0;
	bool room;
	int rc = -1;

	for (;;) {
		worker = crew_least(r->pool, &room);
		if (room)
			break;
		if (take_answer(r, f) != 0)
			return -1;
	}
	while (r->flying[ticket].n != 0)
		ticket++;
	message_init(&m, MESSAGE_MAX);
	if (put_run(&m, r->p, run, f) == 0 &&
	    pool_give_to(r->pool, worker, &m, ticket, f) == 0) {
		r->flying[ticket] = *run;
		r->nflying++;
		rc = 0;
	}
	message_free(&m);
	return rc;
}

static int
read_all(struct reading *r, struct fault *f)
{
	const struct plan *p = r->p;
	struct run run = { .n = 0 };
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < p->scan.n; i++) {
		if (!counts(p, i))
			continue;
		run.files[run.n++] = i;
		bytes += p->scan.files[i].size;
		if (run.n < WORKER_FILES_MAX && bytes < RUN_BYTES)
			continue;
		if (send(r, &run, f) != 0)
			return -1;
		run.n = 0;
		bytes = 0;
	}
	if (run.n > 0 && send(r, &run, f) != 0)
		return -1;
	while (r->nflying > 0)
		if (take_answer(r, f) != 0)
			return -1;
	return 0;
}

int
plan_contents(struct plan *p, struct pool *pool,
    const struct flow_progress *progress, struct fault *f)
{
	struct reading r = { .p = p, .pool = pool, .progress = progress };
	int rc = -1;

	if (!p->policy->plan_approved && p->policy->nrisks == 0)
		return 0;
	pool_result_init(&r.result, MESSAGE_MAX);
	p->contents = mem_array(p->scan.n, sizeof(*p->contents));
	r.flying =
	    mem_array(pool_workers(pool) * POOL_DEPTH, sizeof(*r.flying));
	if (p->contents == NULL || r.flying == NULL)
		(void)fault_memory(f);
	else
		rc = read_all(&r, f);
	mem_free(r.flying);
	pool_result_free(&r.result);
	return rc;
}
