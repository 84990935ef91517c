/*
 * Something that is asked of many whole files, some in a request, of all
 * workers at a time; what a worker answers of each is taken as it comes.
 */

#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"

struct run {
	uint32_t files[WORKER_FILES_MAX];
	uint16_t n;
	unsigned kind;
	uint64_t bytes;
};

struct asking {
	const struct crew_files *how;
	struct run *flying; /* by ticket */
	size_t nflying;
	uint64_t done;
	struct pool_result result;
};

static int
take_answer(struct asking *a, struct fault *f)
{
	const struct crew_files *how = a->how;
	const struct scan *scan = &how->p->scan;
	struct run *run;

	if (pool_take(how->pool, &a->result, f) != 0)
		return -1;
	run = &a->flying[a->result.ticket];
	if (a->result.fault.kind != FAULT_NONE) {
		*f = a->result.fault;
		return a->result.died
			   ? fault_at(f, "%s", scan_path(scan, run->files[0]))
			   : -1;
	}
	for (uint16_t i = 0; i < run->n; i++)
		if (how->take(how->p, run->files[i], &a->result.body, f) != 0)
			return -1;
	if (take_end(&a->result.body, f) != 0)
		return -1;
	a->done += run->n;
	run->n = 0;
	a->nflying--;
	if (how->progress->tell != NULL)
		how->progress->tell(
		    how->progress->arg, how->doing, a->done, scan->n);
	return 0;
}

static int
put_run(const struct crew_files *how, struct message *m, const struct run *run,
    struct fault *f)
{
	const struct scan *scan = &how->p->scan;
	int fd;

	if (how->begin(m, run->kind, f) != 0 ||
	    put_u16(&m->body, run->n, f) != 0)
		return -1;
	for (uint16_t i = 0; i < run->n; i++) {
		const struct worker_file file = {
			.path = scan_path(scan, run->files[i]),
			.size = scan->files[run->files[i]].size,
			.plan = PLAN_NONE,
		};

		if (scan_open(scan, run->files[i], &fd, f) != 0 ||
		    message_give_fd(m, fd, f) != 0 ||
		    worker_put_file(&m->body, &file, f) != 0)
			return -1;
	}
	return 0;
}

static int
send(struct asking *a, struct run *run, struct fault *f)
{
	struct pool *pool = a->how->pool;
	struct message m;
	size_t worker, ticket = 0;
	bool room;
	int rc = -1;

	for (;;) {
		worker = crew_least(pool, &room);
		if (room)
			break;
		if (take_answer(a, f) != 0)
			return -1;
	}
	while (a->flying[ticket].n != 0)
		ticket++;
	message_init(&m, MESSAGE_MAX);
	if (put_run(a->how, &m, run, f) == 0 &&
	    pool_give_to(pool, worker, &m, ticket, f) == 0) {
		a->flying[ticket] = *run;
		a->nflying++;
		*run = (struct run){ .n = 0 };
		rc = 0;
	}
	message_free(&m);
	return rc;
}

static int
ask_all(struct asking *a, struct fault *f)
{
	const struct plan *p = a->how->p;
	struct run run = { .n = 0 };
	unsigned kind;

	for (uint32_t i = 0; i < p->scan.n; i++) {
		if ((kind = a->how->kind(p, i)) == 0)
			continue;
		if (run.n > 0 &&
		    (run.n == WORKER_FILES_MAX || run.kind != kind ||
			run.bytes >= a->how->most) &&
		    send(a, &run, f) != 0)
			return -1;
		run.kind = kind;
		run.files[run.n++] = i;
		run.bytes += p->scan.files[i].size;
	}
	if (run.n > 0 && send(a, &run, f) != 0)
		return -1;
	while (a->nflying > 0)
		if (take_answer(a, f) != 0)
			return -1;
	return 0;
}

int
crew_ask_files(const struct crew_files *how, struct fault *f)
{
	struct asking a = { .how = how };
	int rc;

	pool_result_init(&a.result, MESSAGE_MAX);
	a.flying =
	    mem_array(pool_workers(how->pool) * POOL_DEPTH, sizeof(*a.flying));
	rc = a.flying == NULL ? fault_memory(f) : ask_all(&a, f);
	mem_free(a.flying);
	pool_result_free(&a.result);
	return rc;
}
