/*
 * `policy check --data`: a policy held against a dataset.
 *
 * The plan does the looking and deciding, and refuses what it would refuse;
 * here is only noted which rules and which of their lines were of any use.
 */

#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"

/* What a line came upon. */
enum line_use {
	LINE_IDLE,
	LINE_PASSED, /* an object or array, of whose insides it decides none */
	LINE_USED
};

struct checking {
	struct plan *plan;
	const struct policy_check *o;
	uint8_t **used; /* enum line_use, by rule and line */
};

static void PRINTF(3, 4)
    tell(const struct checking *c, uint32_t line, const char *fmt, ...)
{
	char what[700], text[900];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (line > 0)
		(void)snprintf(text, sizeof(text), "%s:%u: %s",
		    c->plan->policy->name, (unsigned)line, what);
	c->o->tell(c->o->to, line > 0 ? text : what);
}

static enum line_use
use_of(
    const struct file_rule *rule, const struct field_rule *r, const char *name)
{
	enum path_reach reach;

	if (strcmp(name, r->name) == 0)
		return LINE_USED;
	if (rule->type == TYPE_CSV || rule->type == TYPE_DICOM)
		return LINE_IDLE;
	reach = path_reach(&r->path, name);
	if (reach == REACH_ABOVE && !r->below && !r->whole)
		return LINE_PASSED;
	return reach >= REACH_ABOVE ? LINE_USED : LINE_IDLE;
}

static void
note_shape(void *arg, uint32_t rule, const struct shape *shape)
{
	struct checking *c = arg;
	const struct file_rule *r = &c->plan->policy->files[rule];

	for (size_t i = 0; i < r->nfields; i++)
		for (size_t k = 0; k < shape->nfields; k++) {
			uint8_t *used = &c->used[rule][i];
			enum line_use use =
			    use_of(r, &r->fields[i], shape->fields[k].name);

			*used = use > *used ? (uint8_t)use : *used;
			if (*used == LINE_USED)
				break;
		}
}

static int
make_used(struct checking *c, struct fault *f)
{
	const struct policy *p = c->plan->policy;

	if ((c->used = mem_array(p->nfiles, sizeof(*c->used))) == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < p->nfiles; i++)
		if ((c->used[i] = mem_array(
			 p->files[i].nfields + 1, sizeof(**c->used))) == NULL)
			return fault_memory(f);
	return 0;
}

static void
tell_line(const struct checking *c, const struct file_rule *rule,
    const struct field_rule *r, uint8_t used)
{
	if (used == LINE_IDLE)
		tell(c, r->how.line, "%s \"%.64s\" is in none of its files",
		    file_type_field(rule->type), r->name);
	else if (used == LINE_PASSED)
		tell(c, r->how.line,
		    "path \"%.64s\" is always an object or array, and other "
		    "lines decide what is inside; for all of it write "
		    "\"%.64s.**\"",
		    r->name, r->name);
}

/* Which rule decides how many files. */
static int
tell_rules(const struct checking *c, struct fault *f)
{
	const struct policy *p = c->plan->policy;
	uint64_t *files = mem_array(p->nfiles, sizeof(*files));
	struct fault none = { 0 };
	const struct file_rule *r;

	if (files == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < c->plan->scan.n; i++)
		if (policy_match(p, scan_path(&c->plan->scan, i), &r, &none) ==
		    0)
			files[r - p->files]++;
	for (size_t i = 0; i < p->nfiles; i++) {
		r = &p->files[i];
		if (files[i] == 0) {
			tell(c, r->line, "decides no file of %s: \"%s\"",
			    c->o->dataset, r->match);
			continue;
		}
		/* a text is one field, and has no names */
		for (size_t k = 0; k < r->nfields && r->type != TYPE_TEXT; k++)
			tell_line(c, r, &r->fields[k], c->used[i][k]);
	}
	mem_free(files);
	return 0;
}

/* The plan, as far as it comes; *why is what ends it. */
static int
try_plan(struct checking *c, struct pool *pool, struct fault *why)
{
	const struct plan_options o = { .refusals = c->o->refusals,
		.search = true, /* as the plan does, which it can stop */
		.progress = c->o->progress };
	struct fault idle = { 0 };
	int rc = plan_shapes(c->plan, pool, o.refusals, &o.progress, why);

	if (rc != 0 && why->kind != FAULT_POLICY)
		return -1;
	if (plan_idle(c->plan, o.refusals, &idle) != 0 && rc == 0) {
		*why = idle;
		return -1;
	}
	if (rc != 0 || plan_rest(c->plan, pool, &o, why) != 0)
		return -1;
	return plan_risk_met(c->plan, why);
}

/* A refusal that is not among those that shapes are refused with is alone. */
static int
look(struct checking *c, struct fault *f)
{
	struct pool_options crew = {
		.role = "worker", .state = c->plan, .ready = plan_hand_names
	};
	struct refusals *r = c->o->refusals;
	struct fault why = { 0 };
	struct pool *pool = NULL;
	int rc = -1;

	if (scan_dataset(&c->plan->scan, c->o->dataset, f) != 0 ||
	    pool_new(&pool, &crew, f) != 0)
		goto out;
	if ((rc = try_plan(c, pool, &why)) == 0)
		goto out;
	if (why.kind != FAULT_POLICY) {
		*f = why;
		goto out;
	}
	if (r->total == 0) {
		r->at[r->n++] = why;
		r->total++;
	}
	rc = 0;
out:
	pool_free(pool);
	return rc;
}

int
flow_policy_check(const struct policy_check *o, struct fault *f)
{
	struct checking c = { .o = o };
	int rc = -1;

	must(o->refusals->max > 0);
	if (plan_new(&c.plan, f) != 0)
		return -1;
	c.plan->seen = note_shape;
	c.plan->seen_arg = &c;
	if (policy_load(&c.plan->policy, o->policy, &c.plan->text, f) == 0 &&
	    make_used(&c, f) == 0 && look(&c, f) == 0 &&
	    tell_rules(&c, f) == 0 && plan_values(c.plan, o, f) == 0)
		rc = 0;
	for (size_t i = 0; c.used != NULL && i < c.plan->policy->nfiles; i++)
		mem_free(c.used[i]);
	mem_free(c.used);
	plan_free(c.plan);
	return rc;
}
