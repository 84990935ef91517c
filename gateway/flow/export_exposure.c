/*
 * Exposure over time: before a batch begins, what its vendor would then hold of
 * each person, from all batches together, is measured.
 *
 *     what is held (keeper) ---------+
 *     the plan's rows, as they leave +--> worker --> meets the thresholds?
 *                                            +-----> what this batch adds
 *
 * The thresholds are the strictest of the plan's risk rules.  A worker gets the
 * real keys of the domain for it, since values must be known again in the next
 * batch; so this is done at export, and plan does not show it.
 */

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/flow/export_internal.h"
#include "gateway/flow/risk_internal.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"

/* ---- Attributes: columns by name ---- */

struct attribute {
	const char *name;
	bool sensitive;
	uint8_t level;
};

struct exposing {
	struct story *s;
	struct pool *pool;
	struct pool_result result;
	struct attribute at[2 * RISK_QUASI_MAX];
	size_t n;
	uint32_t *files; /* of all rules: rows are named by their place here */
	uint32_t nfiles, room;
	struct risk_asked asked;
	uint64_t batches;
};

static uint8_t
level_of(const struct plan *p, const struct plan_risk *r, size_t field)
{
	size_t at[2 * RISK_QUASI_MAX];
	struct fault none = { 0 };

	for (uint32_t i = 0; i < r->nfiles; i++) {
		uint32_t file = r->files[i];
		const struct file_plan *plan =
		    &p->plans[p->scan.files[file].plan].plan;

		if (risk_fields(p->policy, r->rule, scan_path(&p->scan, file),
			plan, at, &none) == 0 &&
		    at[field] != RISK_GONE &&
		    plan->fields[at[field]].how.action == TRANSFORM_LEVEL)
			return (uint8_t)plan->fields[at[field]].how.first;
	}
	return 0;
}

static int
add_attribute(struct exposing *x, const struct plan *p,
    const struct plan_risk *r, size_t field, struct fault *f)
{
	const struct risk_field *of = &r->rule->fields[field];
	bool sensitive = of->role != FIELD_QUASI;

	for (size_t i = 0; i < x->n; i++)
		if (strcmp(x->at[i].name, of->name) == 0) {
			x->at[i].sensitive &= sensitive;
			return 0;
		}
	if (x->n == 2 * RISK_QUASI_MAX)
		return fault_set(f, FAULT_POLICY,
		    "risk: more than %u columns in all that leaves",
		    2 * RISK_QUASI_MAX);
	x->at[x->n++] =
	    (struct attribute){ of->name, sensitive, level_of(p, r, field) };
	return 0;
}

static void
keep_larger(uint32_t *to, uint32_t other)
{
	*to = *to > other ? *to : other;
}

static void
keep_more(double *to, double other)
{
	*to = *to > other ? *to : other;
}

/* The strictest of two. */
static void
unite(struct risk_thresholds *to, const struct risk_thresholds *other)
{
	keep_larger(&to->k, other->k);
	keep_larger(&to->l_distinct, other->l_distinct);
	keep_more(&to->l_entropy, other->l_entropy);
	if (other->recursive_l != 0 &&
	    (to->recursive_l == 0 || other->recursive_c < to->recursive_c))
		to->recursive_c = other->recursive_c;
	keep_larger(&to->recursive_l, other->recursive_l);
	if (other->t > 0 && (to->t <= 0 || other->t < to->t))
		to->t = other->t;
}

/* All files and columns of rules whose rows name persons. */
static int
gather(struct exposing *x, const struct plan *p, struct fault *f)
{
	for (uint32_t i = 0; i < p->nrisks; i++) {
		const struct plan_risk *r = &p->risks[i];
		struct risk_asked asked;

		if (!r->subjects || !r->measured)
			continue;
		risk_asked_of(&asked, r->rule);
		unite(&x->asked.want, &asked.want);
		for (size_t k = 0; k < r->ncolumns; k++)
			if (add_attribute(x, p, r, r->columns[k], f) != 0)
				return -1;
		for (uint32_t k = 0; k < r->nfiles; k++) {
			if (plan_grow((void **)&x->files, x->nfiles, &x->room,
				sizeof(*x->files), f) != 0)
				return -1;
			x->files[x->nfiles++] = r->files[k];
		}
	}
	for (unsigned i = 0; i < SHARE_SUPPRESSED; i++)
		x->asked.share[i] = RISK_ANY;
	return 0;
}

/* ---- Asking the worker ---- */

static int
take(struct exposing *x, struct fault *f)
{
	if (pool_take(x->pool, &x->result, f) != 0)
		return -1;
	if (x->result.fault.kind == FAULT_NONE)
		return 0;
	*f = x->result.fault;
	return -1;
}

static int
give(struct exposing *x, struct message *m, struct fault *f)
{
	while (pool_jobs(x->pool, 0) >= POOL_DEPTH)
		if (take(x, f) != 0)
			return -1;
	return pool_give_to(x->pool, 0, m, 0, f);
}

static int
give_begin(struct exposing *x, struct message *m, struct fault *f)
{
	message_reset(m);
	if (ask_begin(m, WORKER_EXPOSE_BEGIN, f) != 0 ||
	    put_u16(&m->body, (uint16_t)x->n, f) != 0)
		return -1;
	for (size_t i = 0; i < x->n; i++)
		if (put_text(&m->body, x->at[i].name, f) != 0 ||
		    put_u8(&m->body, x->at[i].sensitive, f) != 0 ||
		    put_u8(&m->body, x->at[i].level, f) != 0)
			return -1;
	return give(x, m, f);
}

/* The plan's field of each attribute, in one file. */
static int
put_fields(struct exposing *x, uint32_t file, struct bytes *b, struct fault *f)
{
	const struct plan *p = x->s->o->plan;
	const char *path = scan_path(&p->scan, file);
	const struct risk_rule *rule = risk_match(p->policy, path);
	size_t at[2 * RISK_QUASI_MAX];

	if (risk_fields(p->policy, rule, path,
		&p->plans[p->scan.files[file].plan].plan, at, f) != 0 ||
	    put_u16(b, (uint16_t)x->n, f) != 0)
		return -1;
	for (size_t i = 0; i < x->n; i++) {
		size_t field = RISK_GONE;

		for (size_t k = 0; k < rule->nfields; k++)
			if (strcmp(rule->fields[k].name, x->at[i].name) == 0)
				field = at[k];
		if (put_u32(b,
			field == RISK_GONE ? RISK_GONE_FIELD : (uint32_t)field,
			f) != 0)
			return -1;
	}
	return 0;
}

static int
give_plan(struct exposing *x, struct message *m, uint32_t plan, struct fault *f)
{
	message_reset(m);
	if (ask_begin(m, WORKER_PLANS, f) != 0 ||
	    put_u32(&m->body, 1, f) != 0 || put_u32(&m->body, plan, f) != 0 ||
	    file_plan_put(&m->body, &x->s->o->plan->plans[plan].plan, f) != 0)
		return -1;
	return give(x, m, f);
}

static int
give_part(struct exposing *x, struct message *m, uint32_t unit, uint32_t number,
    struct fault *f)
{
	const struct plan *p = x->s->o->plan;
	const struct plan_unit *u = &p->units[unit];
	const struct worker_file w = plan_file(p, u->file);
	int fd;

	message_reset(m);
	if (ask_begin(m, WORKER_EXPOSE_ROWS, f) != 0 ||
	    scan_open(&p->scan, u->file, &fd, f) != 0 ||
	    message_give_fd(m, fd, f) != 0 ||
	    worker_put_file(&m->body, &w, f) != 0 ||
	    worker_put_part(&m->body, &p->parts[u->part], f) != 0 ||
	    put_u32(&m->body, number, f) != 0 ||
	    put_fields(x, u->file, &m->body, f) != 0)
		return -1;
	return give(x, m, f);
}

static int
give_rows(struct exposing *x, struct message *m, struct fault *f)
{
	const struct plan *p = x->s->o->plan;
	const struct flow_progress *progress = &x->s->o->progress;

	for (uint32_t i = 0; i < x->nfiles; i++) {
		uint32_t from, to;

		plan_units_of(p, x->files[i], &from, &to);
		if (from < to &&
		    give_plan(x, m, p->scan.files[x->files[i]].plan, f) != 0)
			return -1;
		for (; from < to; from++)
			if (give_part(x, m, from, i, f) != 0)
				return -1;
		if (progress->tell != NULL)
			progress->tell(progress->arg, "measuring exposure",
			    i + 1, x->nfiles);
	}
	return 0;
}

static int
give_end(struct exposing *x, struct message *m, int held, struct fault *f)
{
	message_reset(m);
	if (ask_begin(m, WORKER_EXPOSE_END, f) != 0 ||
	    message_add_fd(m, held, f) != 0 ||
	    message_add_fd(m, x->s->holdings, f) != 0 ||
	    risk_put_asked(&m->body, &x->asked, f) != 0)
		return -1;
	return give(x, m, f);
}

static int
ask_worker(
    struct exposing *x, int held, struct risk_found *found, struct fault *f)
{
	struct message m;
	int rc = -1;

	message_init(&m, MESSAGE_MAX);
	if (give_begin(x, &m, f) != 0 || give_rows(x, &m, f) != 0 ||
	    give_end(x, &m, held, f) != 0)
		goto out;
	while (pool_jobs(x->pool, 0) > 0)
		if (take(x, f) != 0)
			goto out;
	rc = risk_take_found(&x->result.body, found, f);
out:
	message_free(&m);
	return rc;
}

/* ---- What is held ---- */

static int
ask_held(struct exposing *x, int fd, struct fault *f)
{
	const struct plan *p = x->s->o->plan;
	struct keeper_fds fds = { .give = &fd, .ngive = 1 };
	char digest[DIGEST_CHARS + 1];
	json_t *answer = NULL, *group = json_array();
	int rc = -1;

	hex_write(digest, p->digest, sizeof(p->digest));
	for (size_t i = 0; group != NULL && i < p->policy->colluding.n; i++)
		if (json_array_append_new(
			group, json_string(p->policy->colluding.at[i])) != 0) {
			json_decref(group);
			group = NULL;
		}
	if (group == NULL)
		return fault_memory(f);
	if (keeper_ask_fds(x->s->o->keeper, KEEPER_HOLDINGS,
		json_pack("{s:s,s:o,s:s}", "vendor", x->s->o->vendor,
		    "colluding", group, "plan", digest),
		&fds, &answer, f) == 0 &&
	    doc_number(answer, "as_of", INT64_MAX, &x->s->as_of, f) == 0)
		rc = doc_number(answer, "batches", INT64_MAX, &x->batches, f);
	json_decref(answer);
	return rc;
}

/* ---- What came of it ---- */

static int
refuse(const struct exposing *x, const struct risk_report *r, struct fault *f)
{
	const struct plan *p = x->s->o->plan;
	const struct plan_risk view = { .files = x->files,
		.nfiles = x->nfiles };
	char classes[400];

	risk_name_classes(classes, sizeof(classes), p, &view, r);
	(void)fault_set(f, FAULT_POLICY,
	    "exposure: with what %s %s, %llu of %llu classes fail, and %zu "
	    "rows are in them (k is %llu): %s",
	    x->s->o->vendor,
	    p->policy->colluding.n > 0 ? "and those it shares with have"
				       : "has already",
	    (unsigned long long)r->failing, (unsigned long long)r->classes,
	    r->nsuppress, (unsigned long long)r->k, classes);
	return fault_hint(f, "generalise further, leave out columns, or send "
			     "other persons");
}

static int
conclude(struct exposing *x, const struct risk_report *r, struct fault *f)
{
	if (r->nsuppress > 0 || r->failing > 0)
		return refuse(x, r, f);
	x->s->exposure = json_pack("{s:I,s:I,s:I,s:I}", "batches",
	    (json_int_t)x->batches, "persons", (json_int_t)r->persons,
	    "classes", (json_int_t)r->classes, "k", (json_int_t)r->k);
	return x->s->exposure == NULL ? fault_memory(f) : 0;
}

static int
measure(struct exposing *x, struct fault *f)
{
	struct pool_options crew = { .role = "worker",
		.workers = 1,
		.state = &x->s->x,
		.ready = export_hand_measuring_keys };
	struct risk_found found = { .over = 0 };
	int held, rc = -1;

	if ((held = memfd_create("held", MFD_CLOEXEC)) == -1 ||
	    (x->s->holdings = memfd_create("holdings", MFD_CLOEXEC)) == -1)
		(void)fault_errno(f, "a file in memory");
	else if (ask_held(x, held, f) == 0 &&
		 pool_new(&x->pool, &crew, f) == 0 &&
		 ask_worker(x, held, &found, f) == 0)
		rc = conclude(x, &found.report, f);
	if (rc == 0 && lseek(x->s->holdings, 0, SEEK_SET) != 0)
		rc = fault_errno(f, "a file in memory");
	risk_report_free(&found.report);
	pool_free(x->pool);
	file_close(&held);
	return rc;
}

int
export_exposure(struct story *s, struct fault *f)
{
	struct exposing x = { .s = s };
	json_t *decision = NULL;
	int rc = -1;

	pool_result_init(&x.result, MESSAGE_MAX);
	if (gather(&x, s->o->plan, f) != 0)
		goto out;
	if (x.nfiles == 0)
		rc = 0;
	else if (export_check(
		     s->o->keeper, s->o->plan, s->o->vendor, &decision, f) == 0)
		rc = measure(&x, f);
out:
	json_decref(decision);
	pool_result_free(&x.result);
	mem_free(x.files);
	return rc;
}

int
export_set_risk(const struct story *s, json_t *in, struct fault *f)
{
	const struct plan *p = s->o->plan;
	uint64_t suppressed = 0;
	json_t *report, *risk;
	struct bytes text;
	int rc = -1;

	if (p->nrisks == 0)
		return 0;
	if ((report = json_object()) == NULL)
		return fault_memory(f);
	bytes_init(&text, 1u << 20);
	for (uint32_t i = 0; i < p->nrisks; i++)
		suppressed += p->risks[i].suppressed;
	if (plan_risk_json(report, p, f) != 0)
		goto out;
	if (s->exposure != NULL &&
	    json_object_set(report, "exposure", s->exposure) != 0) {
		(void)fault_memory(f);
		goto out;
	}
	if (doc_write(&text, report, f) != 0)
		goto out;
	risk = json_pack("{s:s%,s:I}", "report", (const char *)text.at,
	    text.len, "suppressed", (json_int_t)suppressed);
	if (risk == NULL ||
	    (s->holdings != -1 &&
		json_object_set_new(
		    risk, "as_of", json_integer((json_int_t)s->as_of)) != 0) ||
	    json_object_set_new(in, "risk", risk) != 0)
		(void)fault_memory(f);
	else
		rc = 0;
out:
	json_decref(report);
	bytes_free(&text);
	return rc;
}
