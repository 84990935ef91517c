/*
 * Persons on the suppression list stay behind, with every record that is about
 * them: workers say where such records are, and know who they are by keyed
 * hashes that this process never sees.
 *
 * A record or whole file is about whom its policy's subject: says.  Files
 * without one cannot be looked through; how many there are is told.
 */

#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"

struct search {
	struct plan *p;
	struct pool *pool;
	const struct flow_progress *progress;
	struct pool_result result;
	uint64_t done;
};

/* ---- Answers ---- */

static int send_part(struct search *s, size_t worker, uint32_t unit,
    uint64_t from, struct fault *f);

static int
take_answer(struct search *s, struct fault *f)
{
	struct reader *r = &s->result.body;
	uint32_t unit, n, place = 0;
	uint8_t more;

	if (pool_take(s->pool, &s->result, f) != 0)
		return -1;
	unit = (uint32_t)s->result.ticket;
	if (s->result.fault.kind != FAULT_NONE) {
		*f = s->result.fault;
		return -1;
	}
	if (take_u8(r, &more, f) != 0 || take_u32(r, &n, f) != 0)
		return -1;
	while (n-- > 0) {
		if (take_u32(r, &place, f) != 0)
			return -1;
		if (place >= plan_unit_all(s->p, unit))
			return fault_set(f, FAULT_PEER, "no such record");
		if (plan_leave(s->p, unit, place, PLAN_SUPPRESSED, f) != 0)
			return -1;
	}
	if (take_end(r, f) != 0)
		return -1;
	if (more != 0)
		return send_part(
		    s, s->result.worker, unit, (uint64_t)place + 1, f);
	s->done++;
	if (s->progress->tell != NULL)
		s->progress->tell(s->progress->arg,
		    "leaving out who is suppressed", s->done, s->p->nunits);
	return 0;
}

/* ---- Requests ---- */

static int
send_part(struct search *s, size_t worker, uint32_t unit, uint64_t from,
    struct fault *f)
{
	const struct plan_unit *u = &s->p->units[unit];
	const struct worker_file wf = plan_file(s->p, u->file);
	struct message m;
	int fd, rc = -1;

	message_init(&m, MESSAGE_MAX);
	if (ask_begin(&m, WORKER_SUPPRESSED, f) == 0 &&
	    scan_open(&s->p->scan, u->file, &fd, f) == 0 &&
	    message_give_fd(&m, fd, f) == 0 &&
	    worker_put_file(&m.body, &wf, f) == 0 &&
	    file_plan_put(&m.body, &s->p->plans[wf.plan].plan, f) == 0 &&
	    worker_put_part(&m.body, &s->p->parts[u->part], f) == 0 &&
	    put_u64(&m.body, from, f) == 0)
		rc = pool_give_to(s->pool, worker, &m, unit, f);
	message_free(&m);
	return rc;
}

/* Every worker gets a channel to the keeper, for this. */
static int
introduce(struct search *s, struct keeper *k, struct fault *f)
{
	struct message m;
	int fd, rc = 0;

	message_init(&m, 4096);
	for (size_t i = 0; rc == 0 && i < pool_workers(s->pool); i++) {
		message_reset(&m);
		rc = -1;
		if (keeper_peer(k, KEEPER_WORKER,
			json_pack("{s:b}", "suppressed", 1), &fd, f) != 0 ||
		    ask_begin(&m, WORKER_SUPPRESSING, f) != 0 ||
		    message_give_fd(&m, fd, f) != 0 ||
		    pool_give_to(s->pool, i, &m, 0, f) != 0 ||
		    pool_take(s->pool, &s->result, f) != 0)
			break;
		if (s->result.fault.kind != FAULT_NONE)
			*f = s->result.fault;
		else
			rc = 0;
	}
	message_free(&m);
	return rc;
}

/* Is it said of its records, or of all of it, whom they are about? */
static bool
is_known(const struct plan *p, const struct plan_unit *u)
{
	if (u->part == PLAN_WHOLE)
		return plan_unit_subject(p, u).len > 0;
	return p->plans[p->scan.files[u->file].plan].plan.subject !=
		   PLAN_NO_FIELD ||
	       plan_subject(p, u->file).len > 0;
}

/* Whole files whose persons go into one message. */
#define WHOLE_MAX 1024u

/* Those of a run of whole files that a worker says are of such persons. */
static int
ask_whole(struct search *s, const uint32_t *units, uint32_t n, struct fault *f)
{
	struct message m;
	int rc = -1;

	message_init(&m, MESSAGE_MAX);
	if (ask_begin(&m, WORKER_SUPPRESSED_KEYS, f) != 0 ||
	    put_u32(&m.body, n, f) != 0)
		goto out;
	for (uint32_t i = 0; i < n; i++) {
		struct slice key =
		    plan_unit_subject(s->p, &s->p->units[units[i]]);

		if (put_slice(&m.body, key.at, key.len, f) != 0)
			goto out;
	}
	if (pool_give_to(s->pool, 0, &m, 0, f) != 0 ||
	    pool_take(s->pool, &s->result, f) != 0)
		goto out;
	if (s->result.fault.kind != FAULT_NONE) {
		*f = s->result.fault;
		goto out;
	}
	for (uint32_t i = 0; i < n; i++) {
		uint8_t yes;

		if (take_u8(&s->result.body, &yes, f) != 0 ||
		    (yes != 0 &&
			plan_leave(s->p, units[i], 0, PLAN_SUPPRESSED, f) != 0))
			goto out;
	}
	s->done += n;
	rc = take_end(&s->result.body, f);
out:
	message_free(&m);
	return rc;
}

static int
search_whole(struct search *s, struct fault *f)
{
	uint32_t units[WHOLE_MAX], n = 0;

	for (uint32_t i = 0; i < s->p->nunits; i++) {
		if (s->p->units[i].part == PLAN_WHOLE &&
		    is_known(s->p, &s->p->units[i]))
			units[n++] = i;
		if (n == WHOLE_MAX) {
			if (ask_whole(s, units, n, f) != 0)
				return -1;
			n = 0;
		}
	}
	return n == 0 ? 0 : ask_whole(s, units, n, f);
}

static int
search_parts(struct search *s, struct fault *f)
{
	const struct plan *p = s->p;
	size_t worker;
	bool room;

	for (uint32_t i = 0; i < p->nunits; i++) {
		const struct plan_unit *u = &p->units[i];

		if (u->part == PLAN_WHOLE || !is_known(p, u))
			continue;
		for (;;) {
			worker = crew_least(s->pool, &room);
			if (room)
				break;
			if (take_answer(s, f) != 0)
				return -1;
		}
		if (send_part(s, worker, i, 0, f) != 0)
			return -1;
	}
	for (size_t i = 0; i < pool_workers(s->pool); i++)
		while (pool_jobs(s->pool, i) > 0)
			if (take_answer(s, f) != 0)
				return -1;
	return 0;
}

/* Files that leave and name no person. */
static void
count_unmatched(struct plan *p)
{
	uint32_t last = PLAN_NONE;

	for (uint32_t i = 0; i < p->nunits; i++) {
		uint32_t file = p->units[i].file;

		if (file == last)
			continue;
		last = file;
		p->unmatched += !is_known(p, &p->units[i]);
	}
}

int
plan_suppressed(struct plan *p, struct pool *pool, struct keeper *k,
    const struct flow_progress *progress, struct fault *f)
{
	struct search s = { .p = p, .pool = pool, .progress = progress };
	int rc = -1;

	if (k == NULL)
		return 0;
	p->suppressing = true;
	count_unmatched(p);
	pool_result_init(&s.result, MESSAGE_MAX);
	if (introduce(&s, k, f) == 0 && search_whole(&s, f) == 0)
		rc = search_parts(&s, f);
	pool_result_free(&s.result);
	return rc;
}
