/*
 * The series and study that DICOM files are of, where these are the items:
 * workers read the UIDs, and each file's number in its series.
 *
 * UIDs are here as paths are: as they stand in the dataset.
 */

#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"

struct run {
	uint32_t files[WORKER_FILES_MAX];
	uint16_t n;
};

struct asking {
	struct plan *p;
	struct pool *pool;
	struct run *flying; /* by ticket */
	size_t nflying;
	uint64_t done;
	struct pool_result result;
	const struct flow_progress *progress;
};

static enum item_unit
unit_of(const struct plan *p, uint32_t file)
{
	const struct file_plan *plan = &p->plans[p->scan.files[file].plan].plan;

	return plan->exclude == NULL ? plan->unit : ITEM_EACH;
}

static bool
asks(const struct plan *p, uint32_t file)
{
	return unit_of(p, file) == ITEM_SERIES ||
	       unit_of(p, file) == ITEM_STUDY;
}

struct slice
plan_series_uid(const struct plan *p, uint32_t file)
{
	const char *text;

	must(p->series != NULL && p->series[file].uid != 0);
	text = (const char *)p->uids.at + p->series[file].uid - 1;
	return slice_of_text(text);
}

uint32_t
plan_series_number(const struct plan *p, uint32_t file)
{
	return p->series == NULL ? 0 : p->series[file].number;
}

static int
take_one(struct asking *a, uint32_t file, struct fault *f)
{
	struct plan_series *to = &a->p->series[file];
	struct reader *r = &a->result.body;
	char uid[MASK_UID_CHARS + 1];
	size_t at = a->p->uids.len;

	if (take_text(r, uid, sizeof(uid), f) != 0 ||
	    take_u32(r, &to->number, f) != 0 ||
	    bytes_add(&a->p->uids, uid, strlen(uid) + 1, f) != 0)
		return -1;
	if (at >= UINT32_MAX)
		return fault_set(f, FAULT_INPUT, "more than 4 GiB of UIDs");
	to->uid = (uint32_t)at + 1;
	return 0;
}

static int
take_answer(struct asking *a, struct fault *f)
{
	struct run *run;

	if (pool_take(a->pool, &a->result, f) != 0)
		return -1;
	run = &a->flying[a->result.ticket];
	if (a->result.fault.kind != FAULT_NONE) {
		*f = a->result.fault;
		return a->result.died
			   ? fault_at(
				 f, "%s", scan_path(&a->p->scan, run->files[0]))
			   : -1;
	}
	for (uint16_t i = 0; i < run->n; i++)
		if (take_one(a, run->files[i], f) != 0)
			return -1;
	if (take_end(&a->result.body, f) != 0)
		return -1;
	a->done += run->n;
	run->n = 0;
	a->nflying--;
	if (a->progress->tell != NULL)
		a->progress->tell(
		    a->progress->arg, "reading series", a->done, a->p->scan.n);
	return 0;
}

static int
put_run(struct message *m, const struct plan *p, const struct run *run,
    struct fault *f)
{
	int fd;

	if (ask_begin(m, WORKER_SERIES, f) != 0 ||
	    put_u8(&m->body, unit_of(p, run->files[0]) == ITEM_STUDY, f) != 0 ||
	    put_u16(&m->body, run->n, f) != 0)
		return -1;
	for (uint16_t i = 0; i < run->n; i++) {
		const struct worker_file file = plan_file(p, run->files[i]);

		if (scan_open(&p->scan, run->files[i], &fd, f) != 0 ||
		    message_give_fd(m, fd, f) != 0 ||
		    worker_put_file(&m->body, &file, f) != 0)
			return -1;
	}
	return 0;
}

static int
send(struct asking *a, struct run *run, struct fault *f)
{
	struct message m;
	size_t worker, ticket = 0;
	bool room;
	int rc = -1;

	for (;;) {
		worker = crew_least(a->pool, &room);
		if (room)
			break;
		if (take_answer(a, f) != 0)
			return -1;
	}
	while (a->flying[ticket].n != 0)
		ticket++;
	message_init(&m, MESSAGE_MAX);
	if (put_run(&m, a->p, run, f) == 0 &&
	    pool_give_to(a->pool, worker, &m, ticket, f) == 0) {
		a->flying[ticket] = *run;
		a->nflying++;
		run->n = 0;
		rc = 0;
	}
	message_free(&m);
	return rc;
}

static int
ask_all(struct asking *a, struct fault *f)
{
	const struct plan *p = a->p;
	struct run run = { .n = 0 };

	for (uint32_t i = 0; i < p->scan.n; i++) {
		if (!asks(p, i))
			continue;
		/* one request is about series, or about studies */
		if (run.n > 0 &&
		    (run.n == WORKER_FILES_MAX ||
			unit_of(p, run.files[0]) != unit_of(p, i)) &&
		    send(a, &run, f) != 0)
			return -1;
		run.files[run.n++] = i;
	}
	if (run.n > 0 && send(a, &run, f) != 0)
		return -1;
	while (a->nflying > 0)
		if (take_answer(a, f) != 0)
			return -1;
	return 0;
}

int
plan_series(struct plan *p, struct pool *pool,
    const struct flow_progress *progress, struct fault *f)
{
	struct asking a = { .p = p, .pool = pool, .progress = progress };
	bool any = false;
	int rc = -1;

	for (uint32_t i = 0; i < p->scan.n && !any; i++)
		any = asks(p, i);
	if (!any)
		return 0;
	pool_result_init(&a.result, MESSAGE_MAX);
	p->series = mem_array(p->scan.n, sizeof(*p->series));
	a.flying =
	    mem_array(pool_workers(pool) * POOL_DEPTH, sizeof(*a.flying));
	if (p->series == NULL || a.flying == NULL)
		(void)fault_memory(f);
	else
		rc = ask_all(&a, f);
	mem_free(a.flying);
	pool_result_free(&a.result);
	return rc;
}
