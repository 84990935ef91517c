/*
 * Exposure over time: before a batch begins, and where a plan is shown, what
 * its vendor would then hold of each person, from all batches together, is
 * measured.
 *
 *     what is held (keeper) ---------+
 *     the plan's rows, as they leave +--> worker --> meets the thresholds?
 *                                            +-----> what this batch adds
 *
 * The thresholds are the strictest of the plan's risk rules.  A worker gets the
 * real keys of the domain for it, since values must be known again in the next
 * batch; so pseudonyms have to be unlocked.
 */

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/flow/risk_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* ---- Attributes: columns by name ---- */

struct attribute {
	const char *name;
	bool sensitive;
	uint8_t level;
};

struct exposing {
	struct exposure *e;
	struct crew_one one;
	struct attribute at[2 * RISK_QUASI_MAX];
	size_t n;
	uint32_t *files; /* of all rules: rows are named by their place here */
	uint32_t nfiles, room;
	struct risk_asked asked;
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
	return crew_one_give(&x->one, m, f);
}

/* The plan's field of each attribute, in one file. */
static int
put_fields(struct exposing *x, uint32_t file, struct bytes *b, struct fault *f)
{
	const struct plan *p = x->e->plan;
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
give_part(struct exposing *x, struct message *m, uint32_t unit, uint32_t number,
    struct fault *f)
{
	const struct plan *p = x->e->plan;

	if (crew_put_part(m, WORKER_EXPOSE_ROWS, p, unit, number, f) != 0 ||
	    put_fields(x, p->units[unit].file, &m->body, f) != 0)
		return -1;
	return crew_one_give(&x->one, m, f);
}

static int
give_rows(struct exposing *x, struct message *m, struct fault *f)
{
	const struct plan *p = x->e->plan;
	const struct flow_progress *progress = &x->e->progress;

	for (uint32_t i = 0; i < x->nfiles; i++) {
		uint32_t from, to;

		plan_units_of(p, x->files[i], &from, &to);
		if (from < to && crew_one_plan(&x->one, m, p,
				     p->scan.files[x->files[i]].plan, f) != 0)
			return -1;
		for (; from < to; from++)
			if (plan_unit_items(p, from) > 0 &&
			    give_part(x, m, from, i, f) != 0)
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
	    message_add_fd(m, x->e->holdings, f) != 0 ||
	    risk_put_asked(&m->body, &x->asked, f) != 0)
		return -1;
	return crew_one_give(&x->one, m, f);
}

static int
ask_worker(
    struct exposing *x, int held, struct risk_found *found, struct fault *f)
{
	struct message m;
	int rc = -1;

	message_init(&m, MESSAGE_MAX);
	if (give_begin(x, &m, f) != 0 || give_rows(x, &m, f) != 0 ||
	    give_end(x, &m, held, f) != 0 || crew_one_drain(&x->one, f) != 0)
		goto out;
	rc = risk_take_found(&x->one.result.body, found, f);
out:
	message_free(&m);
	return rc;
}

/* ---- What is held ---- */

/* fd: where it is written, or -1: only how much there is. */
static int
ask_held(struct exposure *e, int fd, struct fault *f)
{
	const struct plan *p = e->plan;
	struct keeper_fds fds = { .give = &fd, .ngive = fd == -1 ? 0 : 1 };
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
	if (keeper_ask_fds(e->keeper, KEEPER_HOLDINGS,
		json_pack("{s:s,s:o,s:s,s:b}", "vendor", e->vendor, "colluding",
		    group, "plan", digest, "count", fd == -1),
		&fds, &answer, f) == 0 &&
	    doc_number(answer, "as_of", INT64_MAX, &e->as_of, f) == 0)
		rc = doc_number(answer, "batches", INT64_MAX, &e->batches, f);
	json_decref(answer);
	return rc;
}

int
exposure_count(struct exposure *e, struct fault *f)
{
	return ask_held(e, -1, f);
}

/* ---- What came of it ---- */

/* Why it may not be, for exposure_met(). */
static void
refuse(struct exposing *x, const struct risk_report *r)
{
	struct exposure *e = x->e;
	const struct plan_risk view = { .files = x->files,
		.nfiles = x->nfiles };
	char classes[400];

	risk_name_classes(classes, sizeof(classes), e->plan, &view, r);
	(void)fault_set(&e->why, FAULT_POLICY,
	    "exposure: with what %s %s, %llu of %llu classes fail, and %zu "
	    "rows are in them (k is %llu): %s",
	    e->vendor,
	    e->plan->policy->colluding.n > 0 ? "and those it shares with have"
					     : "has already",
	    (unsigned long long)r->failing, (unsigned long long)r->classes,
	    r->nsuppress, (unsigned long long)r->k, classes);
	(void)fault_hint(&e->why, "generalise further, leave out columns, or "
				  "send other persons");
}

static int
conclude(struct exposing *x, const struct risk_report *r, struct fault *f)
{
	struct exposure *e = x->e;

	if (r->nsuppress > 0 || r->failing > 0)
		refuse(x, r);
	e->found = json_pack("{s:I,s:I,s:I,s:I}", "batches",
	    (json_int_t)e->batches, "persons", (json_int_t)r->persons,
	    "classes", (json_int_t)r->classes, "k", (json_int_t)r->k);
	return e->found == NULL ? fault_memory(f) : 0;
}

static int
measure(struct exposing *x, struct fault *f)
{
	struct exposure *e = x->e;
	struct crew_keys keys = { .keeper = e->keeper };
	struct pool_options crew = { .role = "worker",
		.workers = 1,
		.state = &keys,
		.ready = crew_hand_keys };
	struct risk_found found = { .over = 0 };
	int held = -1, rc = -1;

	keys.about = json_pack("{s:s,s:s}", "vendor", e->vendor, "project",
	    e->plan->policy->project);
	if (keys.about == NULL)
		(void)fault_memory(f);
	else if ((held = memfd_create("held", MFD_CLOEXEC)) == -1 ||
		 (e->holdings = memfd_create("holdings", MFD_CLOEXEC)) == -1)
		(void)fault_errno(f, "a file in memory");
	else if (crew_keys_of_plan(&keys, e->plan, f) == 0 &&
		 ask_held(e, held, f) == 0 &&
		 pool_new(&x->one.pool, &crew, f) == 0 &&
		 ask_worker(x, held, &found, f) == 0)
		rc = conclude(x, &found.report, f);
	if (rc == 0 && lseek(e->holdings, 0, SEEK_SET) != 0)
		rc = fault_errno(f, "a file in memory");
	risk_report_free(&found.report);
	pool_free(x->one.pool);
	crew_keys_free(&keys);
	file_close(&held);
	return rc;
}

bool
exposure_any(const struct plan *p)
{
	for (uint32_t i = 0; i < p->nrisks; i++)
		if (p->risks[i].subjects && p->risks[i].measured)
			return true;
	return false;
}

int
exposure_measure(struct exposure *e, struct fault *f)
{
	struct exposing x = { .e = e };
	int rc = -1;

	pool_result_init(&x.one.result, MESSAGE_MAX);
	if (gather(&x, e->plan, f) == 0)
		rc = x.nfiles == 0 ? 0 : measure(&x, f);
	pool_result_free(&x.one.result);
	mem_free(x.files);
	return rc;
}

int
exposure_met(const struct exposure *e, struct fault *f)
{
	if (e->why.kind == FAULT_NONE)
		return 0;
	*f = e->why;
	return -1;
}

void
exposure_free(struct exposure *e)
{
	file_close(&e->holdings);
	json_decref(e->found);
	*e = (struct exposure){ .holdings = -1 };
}
