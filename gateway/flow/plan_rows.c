/*
 * Row files: a worker counts their records, cuts them into parts, and sees to
 * it that no item id comes twice and that the ids that are wanted are there.
 */

#include <stdlib.h>
#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"

/* A wanted id, and the file that it may be a row of. */
struct asked_for {
	uint32_t file;
	uint32_t id; /* index into wanted */
};

struct cutting {
	struct plan *p;
	struct pool *pool;
	const struct plan_wanted *wanted;
	struct asked_for *asked; /* by file */
	uint32_t nasked, asked_room;
	uint32_t *flying; /* by ticket: the file, or PLAN_NONE */
	size_t nflying;
	struct pool_result result;
	const struct flow_progress *progress;
	uint64_t done;
};

/* -- Which file may have a wanted id ------------------------------------- */

static uint32_t
find_file(const struct scan *s, const char *path, size_t len)
{
	uint32_t low = 0, high = s->n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		const char *at = scan_path(s, mid);
		int order = strncmp(at, path, len);

		if (order == 0 && at[len] == '\0')
			return mid;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return PLAN_NONE;
}

static bool
leaves(const struct plan *p, uint32_t file, bool rows)
{
	const struct file_plan *plan;

	if (file == PLAN_NONE)
		return false;
	plan = &p->plans[p->scan.files[file].plan].plan;
	return plan->exclude == NULL && !plan_is_several(plan) &&
	       mask_has_rows(plan) == rows;
}

static int
by_asked_file(const void *x, const void *y)
{
	const struct asked_for *a = x, *b = y;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

/* A whole file is found here; a row only by reading, wherever the path in
 * front of a '#' is a row file. */
static int
place_wanted(struct cutting *c, uint32_t id, struct fault *f)
{
	const char *text = c->wanted->ids[id];
	struct plan *p = c->p;

	uint32_t whole = find_file(&p->scan, text, strlen(text));

	p->wanted[id].file = PLAN_NONE;
	if (plan_bundle_find(p, text, &whole) || leaves(p, whole, false)) {
		p->wanted[id] = (struct plan_place){ whole, 0 };
		return 0;
	}
	for (const char *hash = strchr(text, '#'); hash != NULL;
	     hash = strchr(hash + 1, '#')) {
		uint32_t file =
		    find_file(&p->scan, text, (size_t)(hash - text));

		if (!leaves(p, file, true))
			continue;
		if (plan_grow((void **)&c->asked, c->nasked, &c->asked_room,
			sizeof(*c->asked), f) != 0)
			return -1;
		c->asked[c->nasked++] = (struct asked_for){ file, id };
	}
	return 0;
}

static int
place_all(struct cutting *c, struct fault *f)
{
	if (c->wanted == NULL)
		return 0;
	c->p->wanted = mem_array(c->wanted->n, sizeof(*c->p->wanted));
	if (c->p->wanted == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < c->wanted->n; i++)
		if (place_wanted(c, (uint32_t)i, f) != 0)
			return -1;
	if (c->nasked > 0)
		qsort(c->asked, c->nasked, sizeof(*c->asked), by_asked_file);
	return 0;
}

/* Those of one file: asked[*from, *to). */
static void
asked_of(const struct cutting *c, uint32_t file, uint32_t *from, uint32_t *to)
{
	uint32_t low = 0, high = c->nasked;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (c->asked[mid].file < file)
			low = mid + 1;
		else
			high = mid;
	}
	*from = low;
	while (low < c->nasked && c->asked[low].file == file)
		low++;
	*to = low;
}

/* -- To the workers and back --------------------------------------------- */

static int
take_parts(struct cutting *c, uint32_t file, struct fault *f)
{
	struct plan *p = c->p;
	struct plan_cut cut = { .file = file, .first = p->nparts };
	struct reader *r = &c->result.body;
	uint64_t records, record;
	uint32_t from, to;

	if (take_u64(r, &records, f) != 0 || take_u32(r, &cut.n, f) != 0 ||
	    plan_grow((void **)&p->cuts, p->ncuts, &p->cuts_room,
		sizeof(*p->cuts), f) != 0)
		return -1;
	for (uint32_t i = 0; i < cut.n; i++) {
		if (plan_grow((void **)&p->parts, p->nparts, &p->parts_room,
			sizeof(*p->parts), f) != 0 ||
		    worker_take_part(r, &p->parts[p->nparts], f) != 0)
			return -1;
		p->nparts++;
	}
	p->cuts[p->ncuts++] = cut;
	asked_of(c, file, &from, &to);
	for (uint32_t i = from; i < to; i++) {
		if (take_u64(r, &record, f) != 0)
			return -1;
		if (record > 0)
			p->wanted[c->asked[i].id] =
			    (struct plan_place){ file, record };
	}
	return take_end(r, f);
}

static int
take_cut(struct cutting *c, struct fault *f)
{
	uint32_t file;

	if (pool_take(c->pool, &c->result, f) != 0)
		return -1;
	file = c->flying[c->result.ticket];
	c->flying[c->result.ticket] = PLAN_NONE;
	c->nflying--;
	if (c->result.fault.kind != FAULT_NONE) {
		*f = c->result.fault;
		if (c->result.died)
			(void)fault_at(f, "%s", scan_path(&c->p->scan, file));
		return -1;
	}
	c->done += c->p->scan.files[file].size;
	if (c->progress->tell != NULL)
		c->progress->tell(c->progress->arg, "counting records, MiB",
		    c->done >> 20, 0);
	return take_parts(c, file, f);
}

static int
put_cut(struct cutting *c, uint32_t file, struct message *m, struct fault *f)
{
	const struct worker_file wf = plan_file(c->p, file);
	uint32_t from, to;
	int fd;

	asked_of(c, file, &from, &to);
	if (ask_begin(m, WORKER_CUT, f) != 0 ||
	    scan_open(&c->p->scan, file, &fd, f) != 0 ||
	    message_give_fd(m, fd, f) != 0 ||
	    worker_put_file(&m->body, &wf, f) != 0 ||
	    file_plan_put(&m->body, &c->p->plans[wf.plan].plan, f) != 0 ||
	    put_u32(&m->body, to - from, f) != 0)
		return -1;
	for (uint32_t i = from; i < to; i++)
		if (put_text(&m->body, c->wanted->ids[c->asked[i].id], f) != 0)
			return -1;
	return 0;
}

static int
send_cut(struct cutting *c, uint32_t file, struct fault *f)
{
	size_t worker, ticket = 0;
	struct message m;
	bool room;
	int rc = -1;

	for (;;) {
		worker = crew_least(c->pool, &room);
		if (room)
			break;
		if (take_cut(c, f) != 0)
			return -1;
	}
	while (c->flying[ticket] != PLAN_NONE)
		ticket++;
	message_init(&m, MESSAGE_MAX);
	if (put_cut(c, file, &m, f) == 0 &&
	    pool_give_to(c->pool, worker, &m, ticket, f) == 0) {
		c->flying[ticket] = file;
		c->nflying++;
		rc = 0;
	}
	message_free(&m);
	return rc;
}

static int
cut_all(struct cutting *c, struct fault *f)
{
	for (uint32_t i = 0; i < c->p->scan.n; i++)
		if (leaves(c->p, i, true) && send_cut(c, i, f) != 0)
			return -1;
	while (c->nflying > 0)
		if (take_cut(c, f) != 0)
			return -1;
	return 0;
}

int
plan_rows(struct plan *p, struct pool *pool, const struct plan_wanted *wanted,
    const struct flow_progress *progress, struct fault *f)
{
	struct cutting c = {
		.p = p, .pool = pool, .wanted = wanted, .progress = progress
	};
	size_t slots = pool_workers(pool) * POOL_DEPTH;
	int rc = -1;

	pool_result_init(&c.result, MESSAGE_MAX);
	if ((c.flying = mem_array(slots, sizeof(*c.flying))) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	memset(c.flying, 0xff, slots * sizeof(*c.flying));
	if (place_all(&c, f) == 0 && cut_all(&c, f) == 0)
		rc = 0;
out:
	mem_free(c.asked);
	mem_free(c.flying);
	pool_result_free(&c.result);
	return rc;
}
