/*
 * Risk in a plan: the rows of every risk rule measured by a worker, and rows
 * of classes that fail left behind, as far as the rule lets them.
 *
 * Leaving rows out changes what is left (the whole table, to which t-closeness
 * compares, and the shares), so it is measured again until nothing fails or
 * too much does: a few rounds, since each takes classes and brings back none.
 *
 * Not here: what is said of it (risk_show.c), what the vendor has already
 * (plan_exposure.c).
 */

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/flow/risk_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define ROUNDS 16u

/* ---- Which files, which columns ---- */

static int
add_file(struct plan *p, struct plan_risk *x, uint32_t file, struct fault *f)
{
	const struct file_plan *plan = &p->plans[p->scan.files[file].plan].plan;
	size_t at[2 * RISK_QUASI_MAX];

	if (plan->exclude != NULL)
		return 0;
	if (risk_fields(p->policy, x->rule, scan_path(&p->scan, file), plan, at,
		f) != 0)
		return -1;
	if (plan_grow((void **)&x->files, x->nfiles, &x->room,
		sizeof(*x->files), f) != 0)
		return -1;
	x->files[x->nfiles++] = file;
	x->subjects |=
	    plan->subject != PLAN_NO_FIELD || plan_subject(p, file).len > 0;
	for (size_t i = 0; i < x->rule->nfields; i++) {
		size_t k = 0;

		while (k < x->ncolumns && x->columns[k] != i)
			k++;
		if (at[i] != RISK_GONE && k == x->ncolumns)
			x->columns[x->ncolumns++] = i;
	}
	return 0;
}

static int
find_files(struct plan *p, struct fault *f)
{
	const struct policy *y = p->policy;

	if ((p->risks = mem_array(y->nrisks, sizeof(*p->risks))) == NULL)
		return fault_memory(f);
	for (; p->nrisks < y->nrisks; p->nrisks++) {
		struct plan_risk *x = &p->risks[p->nrisks];

		x->rule = &y->risks[p->nrisks];
		x->population = -1;
		x->columns = mem_array(x->rule->nfields, sizeof(size_t));
		if (x->columns == NULL)
			return fault_memory(f);
	}
	for (uint32_t i = 0; i < p->scan.n; i++) {
		const struct risk_rule *r =
		    risk_match(y, scan_path(&p->scan, i));

		if (r != NULL &&
		    add_file(p, &p->risks[r - y->risks], i, f) != 0)
			return -1;
	}
	return 0;
}

void
plan_risk_free(struct plan *p)
{
	for (uint32_t i = 0; i < p->nrisks; i++) {
		mem_free(p->risks[i].files);
		mem_free(p->risks[i].columns);
		risk_report_free(&p->risks[i].found.report);
		file_close(&p->risks[i].population);
		file_plan_free(&p->risks[i].population_plan);
	}
	mem_free(p->risks);
}

/* ---- Asking the worker, which has everything in its order ---- */

struct asking {
	struct plan *p;
	struct crew_one one;
	struct plan_risk *x;
	const struct flow_progress *progress;
	bool search;
	uint64_t rows; /* that leave */
	int failing;   /* a file in memory: rows of classes that fail */
};

static int
put_column(struct bytes *b, const struct risk_field *field, bool search,
    struct fault *f)
{
	size_t n = search ? field->nlevels : 0;

	if (put_text(b, field->name, f) != 0 ||
	    put_u8(b, field->role != FIELD_QUASI, f) != 0 ||
	    put_u8(b, field->role == FIELD_ORDERED, f) != 0 ||
	    put_u16(b, (uint16_t)n, f) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (transform_put(b, &field->levels[i], f) != 0)
			return -1;
	return 0;
}

static int
give_begin(struct asking *k, struct message *m, struct fault *f)
{
	const struct plan_risk *x = k->x;

	message_reset(m);
	if (ask_begin(m, WORKER_RISK_BEGIN, f) != 0 ||
	    put_u8(&m->body, x->subjects, f) != 0 ||
	    put_u16(&m->body, (uint16_t)x->ncolumns, f) != 0)
		return -1;
	for (size_t i = 0; i < x->ncolumns; i++)
		if (put_column(&m->body, &x->rule->fields[x->columns[i]],
			k->search, f) != 0)
			return -1;
	return crew_one_give(&k->one, m, f);
}

int
risk_put_fields(struct bytes *b, const struct plan *p,
    const struct plan_risk *x, uint32_t file, struct fault *f)
{
	const struct file_plan *plan = &p->plans[p->scan.files[file].plan].plan;
	size_t at[2 * RISK_QUASI_MAX];

	if (risk_fields(p->policy, x->rule, scan_path(&p->scan, file), plan, at,
		f) != 0 ||
	    put_u16(b, (uint16_t)x->ncolumns, f) != 0)
		return -1;
	for (size_t i = 0; i < x->ncolumns; i++) {
		size_t field = at[x->columns[i]];

		if (put_u32(b,
			field == RISK_GONE ? RISK_GONE_FIELD : (uint32_t)field,
			f) != 0)
			return -1;
	}
	return 0;
}

static int
give_part(struct asking *k, struct message *m, uint32_t unit, uint32_t number,
    struct fault *f)
{
	if (crew_put_part(m, WORKER_RISK_ROWS, k->p, unit, number, f) != 0 ||
	    risk_put_fields(&m->body, k->p, k->x, k->p->units[unit].file, f) !=
		0)
		return -1;
	return crew_one_give(&k->one, m, f);
}

static int
give_rows(struct asking *k, struct message *m, struct fault *f)
{
	const struct plan *p = k->p;
	uint32_t told = PLAN_NONE;

	k->rows = 0;
	for (uint32_t i = 0; i < k->x->nfiles; i++) {
		uint32_t plan = p->scan.files[k->x->files[i]].plan, from, to;

		plan_units_of(p, k->x->files[i], &from, &to);
		if (from < to && plan != told &&
		    crew_one_plan(&k->one, m, p, plan, f) != 0)
			return -1;
		told = from < to ? plan : told;
		for (; from < to; from++) {
			if (plan_unit_items(p, from) == 0)
				continue;
			if (give_part(k, m, from, i, f) != 0)
				return -1;
			k->rows += plan_unit_items(p, from);
		}
		if (k->progress->tell != NULL)
			k->progress->tell(k->progress->arg, "measuring risk",
			    i + 1, k->x->nfiles);
	}
	return 0;
}

static int
give_end(struct asking *k, struct message *m, struct fault *f)
{
	struct risk_asked asked;

	risk_asked_of(&asked, k->x->rule);
	message_reset(m);
	if (ask_begin(m, WORKER_RISK_END, f) != 0 ||
	    message_add_fd(m, k->failing, f) != 0 ||
	    risk_put_asked(&m->body, &asked, f) != 0 ||
	    put_u8(&m->body, (uint8_t)k->x->rule->loss, f) != 0 ||
	    put_u8(&m->body, k->search, f) != 0)
		return -1;
	return crew_one_give(&k->one, m, f);
}

static int
measure_once(struct asking *k, struct fault *f)
{
	struct message m;
	int rc = -1;

	message_init(&m, MESSAGE_MAX);
	if (ftruncate(k->failing, 0) != 0) {
		(void)fault_errno(f, "a file in memory");
		goto out;
	}
	if (give_begin(k, &m, f) != 0 ||
	    population_give(k->x, &k->one, &m, f) != 0 ||
	    give_rows(k, &m, f) != 0)
		goto out;
	if (k->rows == 0) {
		k->x->measured = false;
		rc = crew_one_drain(&k->one, f);
		goto out;
	}
	if (give_end(k, &m, f) != 0 || crew_one_drain(&k->one, f) != 0)
		goto out;
	risk_report_free(&k->x->found.report);
	k->x->measured = true;
	rc = risk_take_found(&k->one.result.body, &k->x->found, f);
out:
	message_free(&m);
	return rc == 0 ? 0
		       : fault_at(f, "risk (%s:%u)", k->p->policy->name,
			     (unsigned)k->x->rule->line);
}

/* ---- Rows that stay behind ---- */

/* The unit and place of a row; units are searched from *unit on. */
static int
leave_row(struct asking *k, uint64_t row, struct fault *f)
{
	struct plan *p = k->p;
	uint64_t file = row >> RISK_ROW_BITS;
	uint64_t record = row & (((uint64_t)1 << RISK_ROW_BITS) - 1);
	uint32_t from, to;

	if (file >= k->x->nfiles)
		return fault_set(f, FAULT_PEER, "a row of no file");
	plan_units_of(p, k->x->files[file], &from, &to);
	while (from < to) {
		uint32_t middle = from + (to - from) / 2;
		const struct mask_part *part = &p->parts[p->units[middle].part];

		if (record < part->first)
			to = middle;
		else if (record >= part->first + part->records)
			from = middle + 1;
		else
			return plan_leave(
			    p, middle, record - part->first, PLAN_RISKY, f);
	}
	return fault_set(f, FAULT_PEER, "a row of no part");
}

static int
leave_failing(struct asking *k, struct fault *f)
{
	uint64_t rows[512], at = 0;
	size_t got;

	for (;;) {
		if (file_read_at(k->failing, rows, sizeof(rows), at, &got, f) !=
		    0)
			return -1;
		for (size_t i = 0; i < got / sizeof(rows[0]); i++)
			if (leave_row(k, rows[i], f) != 0)
				return -1;
		if (got < sizeof(rows))
			return 0;
		at += got;
	}
}

static int
measure(struct asking *k, struct fault *f)
{
	struct plan_risk *x = k->x;
	double share =
	    (double)x->rule->share[SHARE_SUPPRESSED] / POLICY_MILLION;

	if (measure_once(k, f) != 0)
		return -1;
	x->rows = k->rows;
	k->search = false; /* it is of all rows */
	for (unsigned i = 0; i < ROUNDS && x->measured; i++) {
		struct risk_found before = x->found;
		uint64_t more = before.report.nsuppress;

		if (more == 0 ||
		    (double)(x->suppressed + more) > share * (double)x->rows)
			return 0;
		if (leave_failing(k, f) != 0)
			return -1;
		x->suppressed += more;
		if (measure_once(k, f) != 0)
			return -1;
		x->found.searched = before.searched;
		x->found.none = before.none;
		x->found.nchoice = before.nchoice;
		x->found.choice = before.choice;
	}
	return 0;
}

int
plan_risk(struct plan *p, struct pool *pool, bool search,
    const struct flow_progress *progress, struct fault *f)
{
	struct asking k = { .p = p,
		.one = { .pool = pool },
		.progress = progress,
		.failing = -1 };
	int rc = -1;

	if (p->policy->nrisks == 0)
		return 0;
	pool_result_init(&k.one.result, MESSAGE_MAX);
	if (find_files(p, f) != 0)
		goto out;
	if ((k.failing = memfd_create("rows", MFD_CLOEXEC)) == -1) {
		(void)fault_errno(f, "a file in memory");
		goto out;
	}
	for (uint32_t i = 0; i < p->nrisks; i++) {
		bool quasi = false;

		k.x = &p->risks[i];
		k.search = search;
		for (size_t c = 0; c < k.x->ncolumns; c++)
			quasi |= k.x->rule->fields[k.x->columns[c]].role ==
				 FIELD_QUASI;
		if (quasi && (population_open(p, k.x, &k.one, f) != 0 ||
				 measure(&k, f) != 0))
			goto out;
	}
	rc = 0;
out:
	file_close(&k.failing);
	pool_result_free(&k.one.result);
	return rc;
}
