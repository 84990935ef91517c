/*
 * Every shard of a batch: handed to the workers piece by piece, settled, and
 * logged.
 *
 *     identity (keeper) --> lane: PLANS? BEGIN FILES|ROWS ... END --> settler
 *         --> logged (keeper): from here on the shard is done, for good
 *
 * A lane is what one worker is at.  Up to POOL_DEPTH requests of a lane are on
 * their way, so that a worker has the next descriptors while it masks the last
 * ones.  A worker that dies costs its shard's attempt; a source that changed
 * or will not be masked stops the export.
 */

#include <string.h>
#include <unistd.h>

#include "gateway/flow/export_internal.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

#define SETTLING_MAX 4u /* shards that wait for the disk */
#define PLANS_BYTES ((size_t)4 << 20)

enum step { STEP_PLANS, STEP_BEGIN, STEP_UNITS, STEP_END, STEP_WAIT };

struct lane {
	struct settling *work; /* NULL: idle */
	enum step next;
	uint32_t at, end; /* units, in the layout's order */
	uint32_t file;	  /* of the unit at at */
	bool failed, died;
	struct fault why;
	uint8_t *knows; /* plans, as of that start of the worker */
	uint64_t start;
};

struct sealing {
	struct export *x;
	struct pool *pool;
	struct settler *settler;
	struct lane *lanes;
	size_t nlanes;
	uint32_t next; /* shard to look at next */
	uint8_t *attempts;
	struct export_spares spares;
	uint32_t *again; /* shards whose worker died */
	size_t nagain, settling;
	bool stop;
	struct fault why; /* of what stopped it */
	uint64_t units;	  /* that are logged */
	struct pool_result result;
};

/* -- What a lane's worker is sent next ----------------------------------- */

static const struct plan_unit *
unit_of(const struct export *x, uint32_t at)
{
	return &x->plan->units[x->layout.order[at]];
}

/* The plans of a unit's files that the worker does not know, counted in *n. */
static int
put_unit_plans(struct sealing *s, struct lane *l, const struct plan_unit *u,
    struct bytes *list, uint32_t *n, struct fault *f)
{
	const struct plan *p = s->x->plan;

	for (uint32_t i = 0;
	     i < plan_unit_files(p, u) && list->len < PLANS_BYTES; i++) {
		uint32_t plan = p->scan.files[plan_unit_file(p, u, i)].plan;

		if (l->knows[plan])
			continue;
		if (put_u32(list, plan, f) != 0 ||
		    file_plan_put(list, &p->plans[plan].plan, f) != 0)
			return -1;
		l->knows[plan] = 1;
		(*n)++;
	}
	return 0;
}

/* Plans of the shard that the worker does not know, as many as fit. */
static int
put_plans(struct sealing *s, struct lane *l, struct message *m, uint32_t *n,
    struct fault *f)
{
	struct bytes list;
	int rc = -1;

	*n = 0;
	bytes_init(&list, MESSAGE_MAX);
	for (uint32_t i = l->at; i < l->end && list.len < PLANS_BYTES; i++)
		if (put_unit_plans(s, l, unit_of(s->x, i), &list, n, f) != 0)
			goto out;
	if (ask_begin(m, WORKER_PLANS, f) == 0 && put_u32(&m->body, *n, f) == 0)
		rc = bytes_add(&m->body, list.at, list.len, f);
out:
	bytes_free(&list);
	return rc;
}

static int
put_begin(struct sealing *s, struct lane *l, struct message *m, struct fault *f)
{
	char recipient[RECIPIENT_ROOM];
	const struct export *x = s->x;
	uint32_t shard = l->work->shard;

	/* One that is sealed again gets an identity of its own. */
	if (export_recipient(x, &s->spares, shard, s->attempts[shard] > 1,
		recipient, f) != 0 ||
	    ask_begin(m, WORKER_BEGIN, f) != 0 ||
	    put_u16(&m->body, 1, f) != 0 ||
	    put_text(&m->body, recipient, f) != 0 ||
	    put_u16(&m->body, x->recovery != NULL ? 2 : 1, f) != 0 ||
	    put_text(&m->body, x->returns, f) != 0 ||
	    (x->recovery != NULL && put_text(&m->body, x->recovery, f) != 0) ||
	    put_u8(&m->body, x->plan->refs != -1, f) != 0)
		return -1;
	for (size_t i = 0; i < DRAFTS; i++)
		if (draft_new(&l->work->drafts[i], x->drafts, f) != 0 ||
		    message_add_fd(m, l->work->drafts[i].fd, f) != 0)
			return -1;
	return x->plan->refs == -1 ? 0 : message_add_fd(m, x->plan->refs, f);
}

/* Whole files from a place of the lane on, as many as go into one message:
 * counted, or put into m as well. */
static int
put_files(const struct export *x, const struct lane *from, struct lane *to,
    struct message *m, uint16_t *n, struct fault *f)
{
	struct lane l = *from;

	for (*n = 0; *n < WORKER_FILES_MAX && l.at < l.end; (*n)++) {
		const struct plan_unit *u = unit_of(x, l.at);

		if (u->part != PLAN_WHOLE)
			break;
		if (m != NULL && (export_put_file(x, u, l.file, m, f) != 0))
			return -1;
		if (++l.file == plan_unit_files(x->plan, u)) {
			l.file = 0;
			l.at++;
		}
	}
	to->at = l.at;
	to->file = l.file;
	return 0;
}

/* One part of a row file, or a run of whole files. */
static int
put_units(struct sealing *s, struct lane *l, struct message *m, struct fault *f)
{
	const struct export *x = s->x;
	const struct plan_unit *u = unit_of(x, l->at);
	struct lane counted = *l;
	uint16_t n;

	if (u->part != PLAN_WHOLE) {
		l->at++;
		if (ask_begin(m, WORKER_ROWS, f) != 0 ||
		    export_put_source(x, u, 0, m, f) != 0)
			return -1;
		return worker_put_part(&m->body, &x->plan->parts[u->part], f);
	}
	if (put_files(x, l, &counted, NULL, &n, f) != 0 ||
	    ask_begin(m, WORKER_FILES, f) != 0 || put_u16(&m->body, n, f) != 0)
		return -1;
	return put_files(x, l, l, m, &n, f);
}

/* The lane's next request into m; *any is false when it has none now. */
static int
put_next(struct sealing *s, struct lane *l, struct message *m, bool *any,
    struct fault *f)
{
	uint32_t n = 0;

	*any = l->work != NULL && !l->failed && l->next != STEP_WAIT;
	if (!*any)
		return 0;
	if (l->next == STEP_PLANS) {
		if (put_plans(s, l, m, &n, f) != 0)
			return -1;
		if (n > 0)
			return 0;
		l->next = STEP_BEGIN;
	}
	if (l->next == STEP_BEGIN) {
		l->next = STEP_UNITS;
		return put_begin(s, l, m, f);
	}
	if (l->next == STEP_UNITS && l->at < l->end)
		return put_units(s, l, m, f);
	l->next = STEP_WAIT;
	return ask_begin(m, WORKER_END, f);
}

/* -- Lanes --------------------------------------------------------------- */

static void
stop_for(struct sealing *s, const struct fault *why)
{
	if (!s->stop)
		s->why = *why;
	s->stop = true;
}

/* Which shard is next?  False when there is none, or it is over. */
static bool
next_shard(struct sealing *s, uint32_t *shard)
{
	const struct export *x = s->x;

	if (s->stop || s->settling >= SETTLING_MAX)
		return false;
	if (s->nagain > 0) {
		*shard = s->again[--s->nagain];
		return true;
	}
	while (s->next < x->layout.nshards && x->done[s->next])
		s->next++;
	if (s->next == x->layout.nshards)
		return false;
	*shard = s->next++;
	return true;
}

static int
lane_start(struct sealing *s, size_t i, uint32_t shard, struct fault *f)
{
	const struct package_layout *o = &s->x->layout;
	struct lane *l = &s->lanes[i];

	if ((l->work = mem_new(sizeof(*l->work))) == NULL)
		return fault_memory(f);
	for (size_t d = 0; d < DRAFTS; d++)
		draft_none(&l->work->drafts[d]);
	l->work->shard = shard;
	l->at = shard == 0 ? 0 : o->end[shard - 1];
	l->end = o->end[shard];
	l->file = 0;
	l->next = STEP_PLANS;
	l->failed = l->died = false;
	fault_clear(&l->why);
	s->attempts[shard]++;
	if (l->start != pool_starts(s->pool, i))
		memset(l->knows, 0, s->x->plan->nplans);
	l->start = pool_starts(s->pool, i);
	return 0;
}

/* Send what the lane can be sent. */
static int
lane_feed(struct sealing *s, size_t i, struct fault *f)
{
	struct lane *l = &s->lanes[i];
	struct message m;
	bool any = true;
	int rc = 0;

	message_init(&m, MESSAGE_MAX);
	while (rc == 0 && any && pool_jobs(s->pool, i) < POOL_DEPTH) {
		rc = put_next(s, l, &m, &any, f);
		if (rc == 0 && any &&
		    (rc = pool_give_to(s->pool, i, &m, 0, f)) != 0)
			l->died = true; /* as it was started */
		message_reset(&m);
	}
	message_free(&m);
	return rc;
}

/* Its requests have all been answered: what became of the shard? */
static void
lane_end(struct sealing *s, struct lane *l)
{
	struct settling *work = l->work;

	l->work = NULL;
	if (!l->failed) {
		s->settling++;
		settler_give(s->settler, work);
		return;
	}
	if (l->died && s->attempts[work->shard] < EXPORT_ATTEMPTS)
		s->again[s->nagain++] = work->shard;
	else
		stop_for(s, &l->why);
	settling_free(work);
}

static int
take_result(struct sealing *s, struct fault *f)
{
	struct pool_result *r = &s->result;
	struct lane *l;

	if (pool_take(s->pool, r, f) != 0)
		return -1;
	l = &s->lanes[r->worker];
	if (r->fault.kind != FAULT_NONE && !l->failed) {
		l->failed = true;
		/* One that was started anew meanwhile knows nothing. */
		l->died =
		    r->died || (r->fault.kind == FAULT_SYSTEM &&
				   l->start != pool_starts(s->pool, r->worker));
		l->why = r->fault;
	}
	if (pool_jobs(s->pool, r->worker) > 0 ||
	    (!l->failed && l->next != STEP_WAIT))
		return 0;
	if (!l->failed &&
	    (package_made_take(&r->body, &l->work->made, &l->why) != 0 ||
		take_end(&r->body, &l->why) != 0))
		l->failed = true;
	lane_end(s, l);
	return 0;
}

/* -- Logged -------------------------------------------------------------- */

static int
log_shard(struct sealing *s, const struct settling *work, struct fault *f)
{
	const struct package_made *m = &work->made;
	const int give[] = { work->drafts[DRAFT_SENT].fd,
		work->drafts[DRAFT_PERSONS].fd };
	struct keeper_fds fds = { .give = give,
		.ngive = m->persons > 0 ? 2 : 1 };
	struct export *x = s->x;

	if (work->why.kind != FAULT_NONE) {
		*f = work->why;
		return fault_at(f, "shard %u", (unsigned)work->shard);
	}
	if (keeper_ask_fds(x->keeper, KEEPER_SHARD_SEALED,
		json_pack("{s:s,s:I,s:o,s:I,s:I,s:o,s:I,s:o,s:I,s:I,s:b}",
		    "batch", x->batch, "n", (json_int_t)work->shard, "object",
		    export_hex(m->shard.sha256), "bytes",
		    (json_int_t)m->shard.bytes, "items", (json_int_t)m->items,
		    "index", export_hex(m->index.sha256), "index_bytes",
		    (json_int_t)m->index.bytes, "join",
		    export_hex(m->join.sha256), "join_bytes",
		    (json_int_t)m->join.bytes, "persons",
		    (json_int_t)m->persons, "sent", 1),
		&fds, NULL, f) != 0)
		return -1;
	settled(x->drafts, m);
	x->done[work->shard] = true;
	s->units += x->layout.end[work->shard] -
		    (work->shard == 0 ? 0 : x->layout.end[work->shard - 1]);
	if (x->progress.tell != NULL)
		x->progress.tell(
		    x->progress.arg, "sealing files", s->units, x->layout.n);
	return 0;
}

static int
log_settled(struct sealing *s, bool wait, struct fault *f)
{
	struct settling *work;
	int rc = 0;

	while (rc == 0 && (work = settler_take(s->settler, wait)) != NULL) {
		s->settling--;
		rc = log_shard(s, work, f);
		settling_free(work);
		wait = false;
	}
	return rc;
}

/* -- All of it ----------------------------------------------------------- */

/* Give idle lanes a shard, and every lane what it can be sent. */
static int
feed_all(struct sealing *s, struct fault *f)
{
	for (size_t i = 0; i < s->nlanes; i++) {
		struct fault why = { 0 };
		uint32_t shard;

		if (s->lanes[i].work == NULL && next_shard(s, &shard) &&
		    lane_start(s, i, shard, f) != 0)
			return -1;
		if (s->lanes[i].work == NULL || s->lanes[i].failed ||
		    lane_feed(s, i, &why) == 0)
			continue;
		/* A source that changed, or no worker to be had. */
		s->lanes[i].failed = true;
		s->lanes[i].why = why;
		if (pool_jobs(s->pool, i) == 0)
			lane_end(s, &s->lanes[i]);
	}
	return 0;
}

static int
seal_all(struct sealing *s, struct fault *f)
{
	for (;;) {
		bool busy = false;

		if (log_settled(s, false, f) != 0 || feed_all(s, f) != 0)
			return -1;
		for (size_t i = 0; i < s->nlanes; i++)
			busy = busy || pool_jobs(s->pool, i) > 0;
		if (busy) {
			if (take_result(s, f) != 0)
				return -1;
		} else if (s->settling > 0) {
			if (log_settled(s, true, f) != 0)
				return -1;
		} else if (s->stop || (s->nagain == 0 &&
					  s->next == s->x->layout.nshards)) {
			break;
		}
	}
	if (!s->stop)
		return 0;
	*f = s->why;
	return -1;
}

static int
sealing_new(struct sealing *s, struct fault *f)
{
	const struct export *x = s->x;

	pool_result_init(&s->result, 65536);
	s->nlanes = pool_workers(s->pool);
	s->lanes = mem_array(s->nlanes, sizeof(*s->lanes));
	s->attempts = mem_array(x->layout.nshards, 1);
	s->again = mem_array(s->nlanes, sizeof(*s->again));
	if (s->lanes == NULL || s->attempts == NULL || s->again == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < s->nlanes; i++) {
		s->lanes[i].knows = mem_array(x->plan->nplans, 1);
		if (s->lanes[i].knows == NULL)
			return fault_memory(f);
	}
	for (uint32_t i = 0; i < x->layout.nshards; i++)
		if (x->done[i])
			s->units += x->layout.end[i] -
				    (i == 0 ? 0 : x->layout.end[i - 1]);
	return settler_new(&s->settler, x->home, x->drafts, f);
}

int
export_shards(struct export *x, struct pool *pool, struct fault *f)
{
	struct sealing s = { .x = x, .pool = pool };
	int rc = -1;

	if (sealing_new(&s, f) == 0)
		rc = seal_all(&s, f);
	settler_free(s.settler);
	for (size_t i = 0; s.lanes != NULL && i < s.nlanes; i++) {
		settling_free(s.lanes[i].work);
		mem_free(s.lanes[i].knows);
	}
	mem_free(s.lanes);
	mem_free(s.attempts);
	mem_free(s.again);
	pool_result_free(&s.result);
	return rc;
}
