/*
 * `policy init`: the values of tables and documents are counted.
 *
 * A group is counted by one worker, from its first file to its last, so that
 * distinct values are distinct over all of it; groups are spread over workers.
 */

#include <string.h>

#include "gateway/flow/init_internal.h"
#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"

/* Files whose names are told to the counters, to see what refers to them; a
 * message has to hold them. */
#define TOLD_FILES 100000u
#define TOLD_BYTES ((size_t)8 << 20)

#define NO_GROUP UINT32_MAX

/* A message under way. */
struct job {
	bool used, last;
	uint32_t group, from, n; /* files order[from, from + n) */
};

/* What one worker is at. */
struct turn {
	uint32_t group; /* or NO_GROUP */
	uint32_t next;	/* index into order */
};

struct counting {
	struct initing *n;
	struct turn *turns; /* by worker */
	struct job *jobs;   /* by ticket */
	size_t njobs;
	uint32_t next; /* group to be given out */
	bool failed;
};

static bool
is_counted(const struct initing *n, uint32_t group)
{
	const struct look *l;

	if (n->start[group] == n->start[group + 1])
		return false;
	l = &n->looks[n->order[n->start[group]]];
	return l->known && l->type <= TYPE_JSONL;
}

/* -- To a worker --------------------------------------------------------- */

/* Can values refer to it?  It leaves as an item of its own. */
static bool
is_referable(const struct initing *n, uint32_t file)
{
	const struct look *l = &n->looks[file];

	return l->known && (l->type == TYPE_JSON || l->type == TYPE_DICOM ||
			       ((l->type == TYPE_JPEG || l->type == TYPE_PNG) &&
				   n->o->profile != PROFILE_HIPAA));
}

static int
put_begin(struct counting *c, const struct look *l, struct message *m,
    struct fault *f)
{
	const struct scan *s = &c->n->scan;
	bool tell = s->n <= TOLD_FILES && s->names.len <= TOLD_BYTES;
	uint32_t told = 0;

	for (uint32_t i = 0; tell && i < s->n; i++)
		told += is_referable(c->n, i);
	if (put_u8(&m->body, (uint8_t)l->type, f) != 0 ||
	    put_u8(&m->body, l->header, f) != 0 ||
	    put_u8(&m->body, (uint8_t)l->delimiter, f) != 0 ||
	    put_u32(&m->body, told, f) != 0)
		return -1;
	for (uint32_t i = 0; told > 0 && i < s->n; i++)
		if (is_referable(c->n, i) &&
		    put_text(&m->body, scan_path(s, i), f) != 0)
			return -1;
	return 0;
}

static int
put_guesses(const struct guesses *g, struct message *m, struct fault *f)
{
	if (put_u32(&m->body, g->n, f) != 0)
		return -1;
	for (uint32_t i = 0; i < g->n; i++)
		if (put_u32(&m->body, g->at[i].asked, f) != 0)
			return -1;
	return bytes_add(&m->body, g->texts.at, g->texts.len, f);
}

static int
put_job(
    struct counting *c, const struct job *j, struct message *m, struct fault *f)
{
	struct initing *n = c->n;
	struct worker_file file = { .plan = PLAN_NONE };
	bool first = j->from == n->start[j->group];
	int fd;

	if (ask_begin(m, WORKER_SURVEY, f) != 0 ||
	    put_u8(&m->body, first, f) != 0 ||
	    put_u8(&m->body, j->last, f) != 0 ||
	    (first && (put_begin(c, &n->looks[n->order[j->from]], m, f) != 0 ||
			  put_guesses(&n->guesses, m, f) != 0)) ||
	    put_u16(&m->body, (uint16_t)j->n, f) != 0)
		return -1;
	for (uint32_t i = j->from; i < j->from + j->n; i++) {
		file.path = scan_path(&n->scan, n->order[i]);
		file.size = n->scan.files[n->order[i]].size;
		if (scan_open(&n->scan, n->order[i], &fd, f) != 0 ||
		    message_give_fd(m, fd, f) != 0 ||
		    worker_put_file(&m->body, &file, f) != 0)
			return -1;
	}
	return 0;
}

/* The next message of the worker's group, or of a new one; *sent is false when
 * there is none. */
static int
send_next(struct counting *c, size_t worker, bool *sent, struct fault *f)
{
	struct initing *n = c->n;
	struct turn *t = &c->turns[worker];
	struct message m;
	struct job j = { .used = true };
	size_t ticket = 0;
	int rc = -1;

	*sent = false;
	while (t->group == NO_GROUP && c->next < n->rules.groups) {
		if (is_counted(n, c->next))
			*t = (struct turn){ c->next, n->start[c->next] };
		c->next++;
	}
	if (t->group == NO_GROUP)
		return 0;
	j.group = t->group;
	j.from = t->next;
	j.n = n->start[t->group + 1] - t->next;
	if (j.n > WORKER_FILES_MAX)
		j.n = WORKER_FILES_MAX;
	j.last = j.from + j.n == n->start[t->group + 1];
	while (c->jobs[ticket].used)
		ticket++;
	message_init(&m, MESSAGE_MAX);
	if (put_job(c, &j, &m, f) == 0 &&
	    pool_give_to(n->pool, worker, &m, ticket, f) == 0) {
		c->jobs[ticket] = j;
		t->next += j.n;
		if (j.last)
			t->group = NO_GROUP;
		*sent = true;
		rc = 0;
	}
	message_free(&m);
	return rc;
}

/* -- And back ------------------------------------------------------------ */

static int
take_known(const struct guesses *g, struct draft_field *d, struct reader *r,
    struct fault *f)
{
	uint8_t any;

	if (take_u8(r, &any, f) != 0)
		return -1;
	if (any == 0)
		return 0;
	d->known = mem_array((size_t)g->n + 1, sizeof(*d->known));
	if (d->known == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < g->n; i++)
		if (take_u32(r, &d->known[i], f) != 0)
			return -1;
	return 0;
}

static int
take_fields(const struct guesses *guesses, struct draft_group *g,
    struct reader *r, struct fault *f)
{
	struct shape s;
	int rc = -1;

	if (take_u64(r, &g->records, f) != 0 || shape_take(r, &s, f) != 0)
		return -1;
	g->fields = mem_array(s.nfields, sizeof(*g->fields));
	if (g->fields == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	for (; g->nfields < s.nfields; g->nfields++) {
		struct draft_field *d = &g->fields[g->nfields];

		d->holds = s.fields[g->nfields].holds;
		d->name = s.fields[g->nfields].name; /* taken over */
		s.fields[g->nfields].name = NULL;
		if (evidence_take(r, &d->e, f) != 0 ||
		    take_known(guesses, d, r, f) != 0) {
			g->nfields++;
			goto out;
		}
	}
	rc = 0;
out:
	shape_free(&s);
	return rc;
}

static int
take_job(struct counting *c, struct fault *f)
{
	struct initing *n = c->n;
	struct job j;
	uint8_t good;

	if (pool_take(n->pool, &n->result, f) != 0)
		return -1;
	j = c->jobs[n->result.ticket];
	c->jobs[n->result.ticket].used = false;
	if (n->result.fault.kind != FAULT_NONE) {
		*f = n->result.fault;
		return fault_at(f, "%s", scan_path(&n->scan, n->order[j.from]));
	}
	for (uint32_t i = j.from; i < j.from + j.n; i++) {
		struct fault why = { 0 };

		if (take_u8(&n->result.body, &good, f) != 0)
			return -1;
		if (good == 0 && (take_fault(&n->result.body, &why, f) != 0 ||
				     init_why(n, n->order[i], &why, f) != 0))
			return -1;
		c->failed = c->failed || good == 0;
		n->done += n->scan.files[n->order[i]].size;
	}
	if (n->o->progress.tell != NULL)
		n->o->progress.tell(n->o->progress.arg, "counting values, MiB",
		    n->done >> 20, 0);
	if (j.last && take_fields(&n->guesses, &n->groups[j.group],
			  &n->result.body, f) != 0)
		return -1;
	return take_end(&n->result.body, f);
}

static int
count_all(struct counting *c, struct fault *f)
{
	struct pool *p = c->n->pool;
	bool any, sent;

	do {
		any = false;
		for (size_t i = 0; i < pool_workers(p); i++)
			while (pool_jobs(p, i) < POOL_DEPTH) {
				if (send_next(c, i, &sent, f) != 0)
					return -1;
				if (!sent)
					break;
			}
		for (size_t i = 0; i < pool_workers(p); i++)
			any = any || pool_jobs(p, i) > 0;
		if (any && take_job(c, f) != 0)
			return -1;
	} while (any);
	return 0;
}

int
init_count(struct initing *n, bool *again, struct fault *f)
{
	size_t workers = pool_workers(n->pool);
	struct counting c = { .n = n };
	int rc = -1;

	c.turns = mem_array(workers, sizeof(*c.turns));
	c.jobs = mem_array(workers * POOL_DEPTH, sizeof(*c.jobs));
	if (c.turns == NULL || c.jobs == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	for (size_t i = 0; i < workers; i++)
		c.turns[i].group = NO_GROUP;
	n->done = 0;
	rc = count_all(&c, f);
	*again = c.failed;
out:
	mem_free(c.turns);
	mem_free(c.jobs);
	return rc;
}
