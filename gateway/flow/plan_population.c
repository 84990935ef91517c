/*
 * The population of a risk rule: a table beside the policy, read by the worker
 * that measures and by nobody else.  Of the table itself nothing is kept, told
 * or sent.
 *
 *     header (worker) --> columns, as those of the sample --> rows (worker)
 */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "gateway/flow/risk_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

static int
open_beside(const struct policy *p, struct plan_risk *x, struct fault *f)
{
	const char *name = x->rule->population.file,
		   *slash = strrchr(p->name, '/');
	size_t folder = slash == NULL ? 0 : (size_t)(slash - p->name) + 1;
	struct bytes path;
	struct stat st;
	int rc = -1;

	bytes_init(&path, folder + POLICY_TEXT_MAX + 1);
	if (bytes_add(&path, p->name, folder, f) != 0 ||
	    bytes_add_text(&path, name, f) != 0 ||
	    bytes_end_text(&path, f) != 0 ||
	    file_open_read(
		AT_FDCWD, (const char *)path.at, &x->population, f) != 0)
		goto out;
	if (fstat(x->population, &st) != 0)
		(void)fault_errno(f, "%s", name);
	else if (!S_ISREG(st.st_mode))
		(void)fault_set(f, FAULT_INPUT, "%s: not a regular file", name);
	else
		rc = 0;
	x->population_bytes = (uint64_t)st.st_size;
out:
	bytes_free(&path);
	return rc;
}

static struct worker_file
file_of(const struct plan_risk *x)
{
	return (struct worker_file){ .path = x->rule->population.file,
		.size = x->population_bytes,
		.plan = PLAN_NONE };
}

/* ---- What its columns become ---- */

static int
same_action(const struct transform *a, const struct transform *b, bool *same,
    struct fault *f)
{
	struct bytes one, two;
	int rc = -1;

	bytes_init(&one, 65536);
	bytes_init(&two, 65536);
	if (transform_print(&one, a, f) == 0 &&
	    transform_print(&two, b, f) == 0) {
		*same =
		    one.len == two.len && memcmp(one.at, two.at, one.len) == 0;
		rc = 0;
	}
	bytes_free(&one);
	bytes_free(&two);
	return rc;
}

/* Actions of the rule's fields, over all of its files. */
static int
find_actions(const struct plan *p, const struct plan_risk *x,
    const struct transform **how, struct fault *f)
{
	const struct risk_rule *r = x->rule;
	size_t at[2 * RISK_QUASI_MAX];
	uint32_t last = PLAN_NONE;
	bool same;

	for (uint32_t i = 0; i < x->nfiles; i++) {
		uint32_t number = p->scan.files[x->files[i]].plan;
		const struct file_plan *plan = &p->plans[number].plan;
		const char *path = scan_path(&p->scan, x->files[i]);

		if (number == last)
			continue;
		last = number;
		if (risk_fields(p->policy, r, path, plan, at, f) != 0)
			return -1;
		for (size_t k = 0; k < r->nfields; k++) {
			const struct transform *t =
			    at[k] == RISK_GONE ? NULL
					       : &plan->fields[at[k]].how;

			if (t == NULL)
				continue;
			if (how[k] == NULL)
				how[k] = t;
			if (same_action(how[k], t, &same, f) != 0)
				return -1;
			if (!same)
				return fault_set(f, FAULT_POLICY,
				    "%s: \"%s\" leaves in another way than in "
				    "files before it, so that no population "
				    "can be compared (%s:%u)",
				    path, r->fields[k].name, p->policy->name,
				    (unsigned)r->population.line);
		}
	}
	return 0;
}

/* The header, read by the worker. */
static int
ask_shape(const struct plan_risk *x, struct crew_one *one, struct shape *shape,
    struct fault *f)
{
	const struct worker_file file = file_of(x);
	const struct names none = { .n = 0 };
	const struct mask_reading as = { TYPE_CSV, true, 0, &none, false, 0 };
	struct reader *r = &one->result.body;
	struct slice said_shape;
	struct message m;
	struct reader in;
	uint8_t said;
	int rc = -1;

	message_init(&m, 65536);
	if (crew_put_shapes(&m, &as, 1, f) == 0 &&
	    message_add_fd(&m, x->population, f) == 0 &&
	    worker_put_file(&m.body, &file, f) == 0 &&
	    crew_one_give(one, &m, f) == 0 && crew_one_drain(one, f) == 0 &&
	    take_u8(r, &said, f) == 0) {
		if (said == WORKER_SAID_FAULT) {
			struct fault why = { 0 };

			if (take_fault(r, &why, f) == 0)
				*f = why;
		} else if (take_slice(r, MESSAGE_MAX, &said_shape, f) == 0) {
			in = reader_of(said_shape.at, said_shape.len);
			rc = shape_take(&in, shape, f);
		}
	}
	message_free(&m);
	return rc;
}

int
population_open(
    struct plan *p, struct plan_risk *x, struct crew_one *one, struct fault *f)
{
	const struct transform *how[2 * RISK_QUASI_MAX] = { NULL };
	struct shape shape;
	int rc = -1;

	if (x->rule->population.file == NULL)
		return 0;
	shape_init(&shape, TYPE_CSV);
	if (open_beside(p->policy, x, f) == 0 &&
	    ask_shape(x, one, &shape, f) == 0 &&
	    find_actions(p, x, how, f) == 0)
		rc = population_plan(p->policy, x->rule, how, &shape,
		    &x->population_plan, &x->population_columns, f);
	shape_free(&shape);
	return rc;
}

/* ---- Its rows ---- */

static int
put_columns(struct bytes *b, const struct plan_risk *x, struct fault *f)
{
	const struct population_columns *c = &x->population_columns;
	uint16_t n = 0;

	for (size_t i = 0; i < x->ncolumns; i++)
		if (x->rule->fields[x->columns[i]].role == FIELD_QUASI)
			n++;
	if (put_u16(b, n, f) != 0)
		return -1;
	for (size_t i = 0; i < x->ncolumns; i++)
		if (x->rule->fields[x->columns[i]].role == FIELD_QUASI &&
		    put_u32(b, (uint32_t)c->at[x->columns[i]], f) != 0)
			return -1;
	return put_u32(
	    b, c->count == RISK_GONE ? RISK_GONE_FIELD : (uint32_t)c->count, f);
}

int
population_give(const struct plan_risk *x, struct crew_one *one,
    struct message *m, struct fault *f)
{
	const struct worker_file file = file_of(x);

	if (x->rule->population.file == NULL)
		return 0;
	message_reset(m);
	if (ask_begin(m, WORKER_RISK_POPULATION, f) != 0 ||
	    message_add_fd(m, x->population, f) != 0 ||
	    put_slice(&m->body, x->rule->population.sha256, DIGEST_BYTES, f) !=
		0 ||
	    worker_put_file(&m->body, &file, f) != 0 ||
	    file_plan_put(&m->body, &x->population_plan, f) != 0 ||
	    put_columns(&m->body, x, f) != 0)
		return -1;
	return crew_one_give(one, m, f);
}
