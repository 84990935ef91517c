/*
 * References: values that name other files of the dataset (item_ref) are all
 * looked up before anything leaves, since a package that does not join inside
 * is noticed when it is too late.
 *
 *     files that leave --> table --> workers, each with the parts it reads
 *
 * The table goes on to the export's workers, who look up the same values
 * again.  What a selection leaves behind is in it: its id is known, and that
 * it does not come was asked for.
 *
 * Where subject: says `by: item_ref`, the same workers are asked before, of
 * whom the records are that name a file; and whom a JSON document is about.
 */

#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

struct referring {
	struct plan *p;
	struct pool *pool;
	const struct flow_progress *progress;
	bool whose; /* asked whose files are, not whether they are there */
	struct place {
		uint32_t unit, file; /* PLAN_NONE: nothing flies */
		uint64_t from;	     /* whose: the record to begin at */
	} * flying;		     /* by ticket */
	size_t nflying;
	struct pool_result result;
	struct fault why; /* of the first unit that has a dangling one */
	uint32_t first;
	uint64_t done;
};

static bool
has_ref(const struct file_plan *plan)
{
	for (size_t i = 0; i < plan->nfields; i++)
		if (plan->fields[i].how.action == TRANSFORM_ITEM_REF)
			return true;
	return false;
}

/* Does a file refer, in a way that matters to what is asked? */
static bool
refers(const struct plan *p, uint32_t file, bool whose)
{
	return (!whose || plan_is_named(p)) &&
	       has_ref(&p->plans[p->scan.files[file].plan].plan);
}

/* Does it say itself whom it is about? */
static bool
says(const struct plan *p, uint32_t file)
{
	return mask_names_subject(&p->plans[p->scan.files[file].plan].plan);
}

static struct package_ref
ref_of(const struct plan *p, uint32_t file)
{
	return (struct package_ref){ .path = scan_path(&p->scan, file),
		.extension =
		    mask_extension(&p->plans[p->scan.files[file].plan].plan) };
}

/* Those of an item of several files, from to on. */
static void
add_bundle(
    const struct plan *p, const struct plan_bundle *d, struct package_ref *to)
{
	for (uint32_t i = 0; i < d->n; i++) {
		to[i] = ref_of(p, p->members[d->first + i]);
		to[i].nth = i + 1;
		to[i].item = plan_bundle_id(p, d);
	}
}

static int
make_table(struct plan *p, struct fault *f)
{
	struct package_ref *list = mem_array(p->scan.n, sizeof(*list));
	uint32_t n = 0;
	int rc;

	if (list == NULL)
		return fault_memory(f);
	must(p->refs == -1);
	for (uint32_t i = 0; i < p->nbundles; i++) {
		add_bundle(p, &p->bundles[i], &list[n]);
		n += p->bundles[i].n;
	}
	for (uint32_t i = 0; i < p->scan.n; i++) {
		const struct file_plan *plan =
		    &p->plans[p->scan.files[i].plan].plan;

		if (plan->exclude == NULL && !plan_is_several(plan) &&
		    !mask_has_rows(plan))
			list[n++] = ref_of(p, i);
	}
	rc = package_refs_write(&p->refs, list, n, f);
	mem_free(list);
	return rc;
}

/* -- To the workers and back --------------------------------------------- */

static int
put_place(const struct referring *s, struct place at, struct message *m,
    struct fault *f)
{
	const struct plan *p = s->p;
	const struct plan_unit *u = &p->units[at.unit];
	const struct worker_file wf = plan_file(p, at.file);
	bool part = u->part != PLAN_WHOLE, table = refers(p, at.file, s->whose);
	int fd;

	if (ask_begin(m, s->whose ? WORKER_WHOSE : WORKER_REFS, f) != 0 ||
	    scan_open(&p->scan, at.file, &fd, f) != 0 ||
	    message_give_fd(m, fd, f) != 0 ||
	    (table && message_add_fd(m, p->refs, f) != 0) ||
	    worker_put_file(&m->body, &wf, f) != 0 ||
	    file_plan_put(&m->body, &p->plans[wf.plan].plan, f) != 0 ||
	    put_u8(&m->body, part, f) != 0 ||
	    (part && worker_put_part(&m->body, &p->parts[u->part], f) != 0))
		return -1;
	if (!s->whose)
		return 0;
	return put_u64(&m->body, at.from, f) != 0 ||
		       put_u8(&m->body, table, f) != 0
		   ? -1
		   : 0;
}

static int give_place(
    struct referring *s, size_t worker, struct place at, struct fault *f);

/* Whose what is: of the file, if it says so itself, and of those it names. */
static int
take_whose(struct referring *s, struct place *at, struct fault *f)
{
	struct reader *r = &s->result.body;
	char path[PACKAGE_ORIGINAL_MAX + 1];
	struct slice key;

	if (take_slice(r, WORKER_SUBJECT_MAX, &key, f) != 0 ||
	    take_u64(r, &at->from, f) != 0)
		return -1;
	if (key.len > 0 && plan_is_of(s->p, at->file, &key, f) != 0)
		return -1;
	while (reader_left(r) > 0) {
		uint32_t file;

		if (take_text(r, path, sizeof(path), f) != 0 ||
		    take_slice(r, WORKER_SUBJECT_MAX, &key, f) != 0)
			return -1;
		if (!scan_find(&s->p->scan, path, &file))
			return fault_set(f, FAULT_PEER, "no such file");
		if (plan_named_by(s->p, file, &key, f) != 0)
			return -1;
	}
	return at->from == 0 ? 0 : give_place(s, s->result.worker, *at, f);
}

static int
take_place(struct referring *s, struct fault *f)
{
	struct plan *p = s->p;
	const struct plan_unit *u;
	struct place at;

	if (pool_take(s->pool, &s->result, f) != 0)
		return -1;
	at = s->flying[s->result.ticket];
	u = &p->units[at.unit];
	s->flying[s->result.ticket].unit = PLAN_NONE;
	s->nflying--;
	if (s->result.fault.kind != FAULT_NONE) {
		if (s->why.kind != FAULT_NONE && at.unit >= s->first)
			return 0;
		s->why = s->result.fault;
		s->first = at.unit;
		if (s->result.died)
			(void)fault_at(
			    &s->why, "%s", scan_path(&p->scan, at.file));
		return 0;
	}
	if (s->whose)
		return take_whose(s, &at, f);
	s->done += u->part == PLAN_WHOLE ? p->scan.files[at.file].size
					 : plan_unit_size(p, u);
	if (s->progress->tell != NULL)
		s->progress->tell(s->progress->arg,
		    "looking up references, MiB", s->done >> 20, 0);
	return take_end(&s->result.body, f);
}

static int
give_place(struct referring *s, size_t worker, struct place at, struct fault *f)
{
	size_t ticket = 0;
	struct message m;
	int rc = -1;

	while (s->flying[ticket].unit != PLAN_NONE)
		ticket++;
	message_init(&m, MESSAGE_MAX);
	if (put_place(s, at, &m, f) == 0 &&
	    pool_give_to(s->pool, worker, &m, ticket, f) == 0) {
		s->flying[ticket] = at;
		s->nflying++;
		rc = 0;
	}
	message_free(&m);
	return rc;
}

static int
send_place(struct referring *s, struct place at, struct fault *f)
{
	size_t worker;
	bool room;

	for (;;) {
		worker = crew_least(s->pool, &room);
		if (room)
			return give_place(s, worker, at, f);
		if (take_place(s, f) != 0)
			return -1;
	}
}

/* Every file of a unit that refers. */
static int
send_unit(struct referring *s, uint32_t unit, struct fault *f)
{
	const struct plan *p = s->p;
	const struct plan_unit *u = &p->units[unit];

	for (uint32_t i = 0; i < plan_unit_files(p, u); i++) {
		struct place at = { unit, plan_unit_file(p, u, i), 0 };

		if ((refers(p, at.file, s->whose) ||
			(s->whose && says(p, at.file))) &&
		    send_place(s, at, f) != 0)
			return -1;
	}
	return 0;
}

/* Every unit, until one dangles; the first in the order of the files is
 * told. */
static int
look_up_all(struct referring *s, struct fault *f)
{
	for (uint32_t i = 0; i < s->p->nunits && s->why.kind == FAULT_NONE; i++)
		if (send_unit(s, i, f) != 0)
			return -1;
	while (s->nflying > 0)
		if (take_place(s, f) != 0)
			return -1;
	if (s->why.kind == FAULT_NONE)
		return 0;
	*f = s->why;
	return -1;
}

/* As refs, or whose; with the table, if anything refers. */
static int
run(struct referring *s, struct fault *f)
{
	struct plan *p = s->p;
	size_t slots = pool_workers(s->pool) * POOL_DEPTH;
	bool any = false;
	int rc = -1;

	for (uint32_t i = 0; i < p->nplans; i++)
		any = any || has_ref(&p->plans[i].plan);
	if (!any && !s->whose)
		return 0;
	if (any && p->refs == -1 && make_table(p, f) != 0)
		return -1;
	pool_result_init(&s->result, MESSAGE_MAX);
	s->flying = mem_array(slots, sizeof(*s->flying));
	if (s->flying == NULL) {
		(void)fault_memory(f);
	} else {
		memset(s->flying, 0xff, slots * sizeof(*s->flying));
		rc = look_up_all(s, f);
	}
	mem_free(s->flying);
	pool_result_free(&s->result);
	return rc;
}

int
plan_refs(struct plan *p, struct pool *pool,
    const struct flow_progress *progress, struct fault *f)
{
	struct referring s = { .p = p, .pool = pool, .progress = progress };

	return run(&s, f);
}

int
plan_refs_whose(struct plan *p, struct pool *pool,
    const struct flow_progress *progress, struct fault *f)
{
	struct referring s = {
		.p = p, .pool = pool, .progress = progress, .whose = true
	};

	return run(&s, f);
}
