/*
 * Every item that leaves so far, as keyed hashes out of the workers: of its
 * original id, and of its subject or another field.
 *
 * Parts of row files are read by workers, paths of whole files are hashed there
 * too, since the key may be one that this process must not have.
 */

#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"

/* Paths in one message. */
#define PATHS_MAX 2048u

#define NO_UNIT UINT32_MAX

struct flight {
	uint32_t unit;	/* the first, or NO_UNIT: nothing is on its way */
	uint32_t count; /* of whole files; 0: a part */
	uint32_t from;	/* place in it */
};

struct hashes {
	struct plan *p;
	struct pool *pool;
	const struct plan_hashing *how;
	const struct flow_progress *progress;
	struct flight *flying; /* by ticket */
	size_t nflying;
	uint64_t done; /* units */
	struct pool_result result;
};

/* -- Answers ------------------------------------------------------------- */

static int
take_hash(struct reader *r, const uint8_t **out, struct fault *f)
{
	*out = r->at;
	if (reader_left(r) < WORKER_HASH_BYTES)
		return fault_set(f, FAULT_PEER, "too few hashes");
	r->at += WORKER_HASH_BYTES;
	return 0;
}

/* Those of one item. */
static int
take_hashes(
    struct hashes *h, struct plan_seen *seen, uint8_t empty, struct fault *f)
{
	struct reader *r = &h->result.body;

	if ((h->how->of & WORKER_OF_ITEM) != 0 &&
	    take_hash(r, &seen->item, f) != 0)
		return -1;
	if ((h->how->of & WORKER_OF_SUBJECT) != 0 &&
	    take_hash(r, &seen->subject, f) != 0)
		return -1;
	if ((empty & WORKER_OF_SUBJECT) != 0)
		seen->subject = NULL;
	return 0;
}

static int
take_paths(struct hashes *h, const struct flight *fl, struct fault *f)
{
	struct plan_seen seen = { .unit = fl->unit, .place = 0 };
	struct reader *r = &h->result.body;
	const uint8_t *empty;
	uint8_t more;
	uint32_t n;

	if (take_u8(r, &more, f) != 0 || take_u32(r, &n, f) != 0)
		return -1;
	if (n != fl->count || reader_left(r) < n)
		return fault_set(f, FAULT_PEER, "too few hashes");
	empty = r->end - n;
	for (uint32_t i = 0; i < n; seen.unit++) {
		/* those that stayed, or are parts, were not sent */
		if (h->p->units[seen.unit].part != PLAN_WHOLE ||
		    !plan_leaves(h->p, seen.unit, 0))
			continue;
		if (take_hashes(h, &seen, empty[i], f) != 0 ||
		    h->how->see(h->how->arg, &seen, f) != 0)
			return -1;
		i++;
	}
	return 0;
}

/* The records of an answer, each at its place. */
static int
take_records(struct hashes *h, struct flight *fl, uint32_t n, struct fault *f)
{
	struct reader *r = &h->result.body;
	struct plan_seen seen = { .unit = fl->unit, .place = fl->from };
	uint64_t all = plan_unit_all(h->p, fl->unit);
	const uint8_t *empty = r->end - n;

	for (uint32_t i = 0; i < n; i++) {
		while (seen.place < all &&
		       !plan_leaves(h->p, fl->unit, seen.place))
			seen.place++;
		if (seen.place == all)
			return fault_set(f, FAULT_PEER, "too many records");
		if (take_hashes(h, &seen, empty[i], f) != 0 ||
		    h->how->see(h->how->arg, &seen, f) != 0)
			return -1;
		seen.place++;
	}
	fl->from = (uint32_t)seen.place;
	return 0;
}

static int send_part(
    struct hashes *h, size_t worker, const struct flight *fl, struct fault *f);

static int
take_part(struct hashes *h, struct flight *fl, struct fault *f)
{
	struct reader *r = &h->result.body;
	size_t worker = h->result.worker;
	uint8_t more;
	uint32_t n;

	if (take_u8(r, &more, f) != 0 || take_u32(r, &n, f) != 0)
		return -1;
	if (n > WORKER_HASHES_MAX || reader_left(r) < n)
		return fault_set(f, FAULT_PEER, "too few hashes");
	if (take_records(h, fl, n, f) != 0)
		return -1;
	return more != 0 ? send_part(h, worker, fl, f) : 0;
}

static int
take_answer(struct hashes *h, struct fault *f)
{
	struct flight fl;

	if (pool_take(h->pool, &h->result, f) != 0)
		return -1;
	fl = h->flying[h->result.ticket];
	h->flying[h->result.ticket].unit = NO_UNIT;
	h->nflying--;
	if (h->result.fault.kind != FAULT_NONE) {
		*f = h->result.fault;
		return -1;
	}
	h->done += fl.count == 0 ? fl.from == 0 : fl.count;
	if (h->progress->tell != NULL)
		h->progress->tell(
		    h->progress->arg, h->how->doing, h->done, h->p->nunits);
	return fl.count > 0 ? take_paths(h, &fl, f) : take_part(h, &fl, f);
}

/* -- Requests ------------------------------------------------------------ */

static int
give(struct hashes *h, size_t worker, const struct message *m,
    const struct flight *fl, struct fault *f)
{
	size_t ticket = 0;

	while (h->flying[ticket].unit != NO_UNIT)
		ticket++;
	if (pool_give_to(h->pool, worker, m, ticket, f) != 0)
		return -1;
	h->flying[ticket] = *fl;
	h->nflying++;
	return 0;
}

static int
put_how(struct hashes *h, struct message *m, uint16_t ask, struct fault *f)
{
	const struct plan_hashing *how = h->how;

	if (ask_begin(m, ask, f) != 0 || put_u8(&m->body, how->of, f) != 0 ||
	    put_u8(&m->body, how->key == NULL, f) != 0)
		return -1;
	return how->key == NULL
		   ? 0
		   : put_slice(&m->body, how->key, SIP_KEY_BYTES, f);
}

/* The plan, with the field in question in its subject's place. */
static int
put_plan(struct hashes *h, const struct plan_one *one, struct message *m,
    struct fault *f)
{
	struct file_plan plan = one->plan; /* borrowed, but for its list */
	int rc;

	if (h->how->field == NULL)
		return file_plan_put(&m->body, &plan, f);
	plan.fields = mem_array(plan.nfields, sizeof(*plan.fields));
	if (plan.fields == NULL)
		return fault_memory(f);
	plan.subject = PLAN_NO_FIELD;
	for (size_t i = 0; i < plan.nfields; i++) {
		plan.fields[i] = one->plan.fields[i];
		plan.fields[i].is_subject = false;
		if (strcmp(plan.fields[i].name, h->how->field) == 0)
			plan.subject = i;
	}
	rc = file_plan_put(&m->body, &plan, f);
	mem_free(plan.fields);
	return rc;
}

static int
send_part(
    struct hashes *h, size_t worker, const struct flight *fl, struct fault *f)
{
	const struct plan_unit *u = &h->p->units[fl->unit];
	struct worker_file wf = plan_file(h->p, u->file);
	struct message m;
	int fd, rc = -1;

	if (h->how->field != NULL) /* in its place */
		wf.subject = (struct slice){ NULL, 0 };
	message_init(&m, MESSAGE_MAX);
	if (put_how(h, &m, WORKER_HASHES, f) == 0 &&
	    put_u32(&m.body, fl->from, f) == 0 &&
	    scan_open(&h->p->scan, u->file, &fd, f) == 0 &&
	    message_give_fd(&m, fd, f) == 0 &&
	    worker_put_file(&m.body, &wf, f) == 0 &&
	    put_plan(h, &h->p->plans[wf.plan], &m, f) == 0 &&
	    worker_put_part(&m.body, &h->p->parts[u->part], f) == 0)
		rc = give(h, worker, &m, fl, f);
	message_free(&m);
	return rc;
}

/* What is hashed of a whole file. */
static int
put_whole(const struct hashes *h, const struct plan_unit *u, struct bytes *list,
    struct fault *f)
{
	struct slice subject = { NULL, 0 }, id = plan_unit_original(h->p, u);

	if ((h->how->of & WORKER_OF_ITEM) != 0 &&
	    put_slice(list, id.at, id.len, f) != 0)
		return -1;
	if ((h->how->of & WORKER_OF_SUBJECT) == 0)
		return 0;
	if (h->how->field == NULL)
		subject = plan_unit_subject(h->p, u);
	return put_slice(list, subject.at, subject.len, f);
}

/* A run of whole files that leave, from *next on; those between are passed
 * over. */
static int
send_paths(struct hashes *h, size_t worker, uint32_t *next, struct fault *f)
{
	struct flight fl = { .unit = *next };
	const struct plan *p = h->p;
	struct bytes list;
	struct message m;
	uint32_t i = *next;
	int rc = -1;

	bytes_init(&list, MESSAGE_MAX / 2);
	message_init(&m, MESSAGE_MAX);
	for (; i < p->nunits && fl.count < PATHS_MAX; i++) {
		const struct plan_unit *u = &p->units[i];

		if (u->part != PLAN_WHOLE)
			break;
		if (!plan_leaves(p, i, 0))
			continue;
		if (list.len > MESSAGE_MAX / 2 - PACKAGE_ORIGINAL_MAX -
				   WORKER_SUBJECT_MAX - 16)
			break;
		if (put_whole(h, u, &list, f) != 0)
			goto out;
		fl.count++;
	}
	*next = i;
	if (fl.count == 0) {
		rc = 0;
		goto out;
	}
	if (put_how(h, &m, WORKER_PATHS, f) == 0 &&
	    put_u32(&m.body, fl.count, f) == 0 &&
	    bytes_add(&m.body, list.at, list.len, f) == 0)
		rc = give(h, worker, &m, &fl, f);
out:
	bytes_free(&list);
	message_free(&m);
	return rc;
}

static int
send_next(struct hashes *h, uint32_t *next, struct fault *f)
{
	struct flight fl = { .unit = *next };
	size_t worker;
	bool room;

	for (;;) {
		worker = crew_least(h->pool, &room);
		if (room)
			break;
		if (take_answer(h, f) != 0)
			return -1;
	}
	if (h->p->units[*next].part == PLAN_WHOLE)
		return send_paths(h, worker, next, f);
	(*next)++;
	if (plan_unit_items(h->p, fl.unit) == 0)
		return 0;
	return send_part(h, worker, &fl, f);
}

int
plan_hashes(struct plan *p, struct pool *pool, const struct plan_hashing *how,
    const struct flow_progress *progress, struct fault *f)
{
	struct hashes h = {
		.p = p, .pool = pool, .how = how, .progress = progress
	};
	size_t slots = pool_workers(pool) * POOL_DEPTH;
	int rc = -1;

	pool_result_init(&h.result, MESSAGE_MAX);
	if ((h.flying = mem_array(slots, sizeof(*h.flying))) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	memset(h.flying, 0xff, slots * sizeof(*h.flying));
	for (uint32_t next = 0; next < p->nunits;)
		if (send_next(&h, &next, f) != 0)
			goto out;
	while (h.nflying > 0)
		if (take_answer(&h, f) != 0)
			goto out;
	rc = 0;
out:
	mem_free(h.flying);
	pool_result_free(&h.result);
	return rc;
}

int
plan_hashes_sent(
    struct pool *pool, struct keeper *k, json_t *about, struct fault *f)
{
	struct pool_result result;
	struct message m;
	int fd, rc = -1;

	pool_result_init(&result, 4096);
	message_init(&m, 4096);
	for (size_t i = 0; i < pool_workers(pool); i++) {
		message_reset(&m);
		if (keeper_peer(k, KEEPER_WORKER, json_incref(about), &fd, f) !=
			0 ||
		    ask_begin(&m, WORKER_SENT, f) != 0 ||
		    message_give_fd(&m, fd, f) != 0 ||
		    pool_give_to(pool, i, &m, 0, f) != 0 ||
		    pool_take(pool, &result, f) != 0)
			goto out;
		if (result.fault.kind != FAULT_NONE) {
			*f = result.fault;
			goto out;
		}
	}
	rc = 0;
out:
	json_decref(about);
	message_free(&m);
	pool_result_free(&result);
	return rc;
}
