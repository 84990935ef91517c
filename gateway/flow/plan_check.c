/*
 * `policy check --data`: a policy held against the shapes of a dataset.
 *
 * The plan does the looking and deciding; here is only noted which rules and
 * which of their lines were of any use.
 */

#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"

/* Refusals that are told one by one. */
#define TOLD_MAX 50u

struct checking {
	struct plan *plan;
	const struct policy_check *o;
	bool **used; /* by rule and line */
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

static void
note_shape(void *arg, uint32_t rule, const struct shape *shape)
{
	struct checking *c = arg;
	const struct file_rule *r = &c->plan->policy->files[rule];

	for (size_t i = 0; i < r->nfields; i++)
		for (size_t k = 0; k < shape->nfields && !c->used[rule][i]; k++)
			c->used[rule][i] =
			    strcmp(shape->fields[k].name, r->fields[i].name) ==
				0 ||
			    (r->type != TYPE_CSV &&
				path_reach(&r->fields[i].path,
				    shape->fields[k].name) >= REACH_ABOVE);
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
			if (!c->used[i][k])
				tell(c, r->fields[k].how.line,
				    "%s \"%.64s\" is in none of its files",
				    r->type == TYPE_CSV ? "column" : "path",
				    r->fields[k].name);
	}
	mem_free(files);
	return 0;
}

/* What a plan would stop for is told like other refusals. */
static int
look_at_names(
    struct checking *c, struct pool *pool, struct refusals *r, struct fault *f)
{
	int rc = plan_dictionary(c->plan, pool, &c->o->progress, f);

	if (rc != 0 && f->kind == FAULT_POLICY && r->n < r->max) {
		r->at[r->n++] = *f;
		r->total++;
	}
	return rc;
}

static int
look(struct checking *c, struct refusals *r, struct fault *f)
{
	struct pool_options crew = {
		.role = "worker", .state = c->plan, .ready = plan_hand_names
	};
	struct fault why = { 0 }, idle = { 0 };
	struct pool *pool = NULL;
	int rc = -1;

	if (scan_dataset(&c->plan->scan, c->o->dataset, f) != 0 ||
	    pool_new(&pool, &crew, f) != 0)
		goto out;
	rc = plan_shapes(c->plan, pool, r, &c->o->progress, &why);
	if (rc == 0 || why.kind == FAULT_POLICY)
		must(plan_idle(c->plan, r, &idle) == 0 ||
		     idle.kind == FAULT_POLICY);
	if (rc == 0)
		rc = look_at_names(c, pool, r, &why);
	if (rc != 0 && why.kind == FAULT_POLICY)
		rc = 0;
	if (rc != 0)
		*f = why;
out:
	pool_free(pool);
	return rc;
}

int
flow_policy_check(const struct policy_check *o, struct fault *f)
{
	struct checking c = { .o = o };
	struct refusals refusals = { 0 };
	int rc = -1;

	if ((c.plan = mem_new(sizeof(*c.plan))) == NULL)
		return fault_memory(f);
	c.plan->scan.root = c.plan->refs = c.plan->dictionary.fd = -1;
	bytes_init(&c.plan->text, POLICY_BYTES_MAX);
	bytes_init(&c.plan->scan.names, 0);
	c.plan->seen = note_shape;
	c.plan->seen_arg = &c;
	if (refusals_init(&refusals, TOLD_MAX, f) != 0 ||
	    policy_load(&c.plan->policy, o->policy, &c.plan->text, f) != 0 ||
	    make_used(&c, f) != 0 || look(&c, &refusals, f) != 0 ||
	    tell_rules(&c, f) != 0)
		goto out;
	for (size_t i = 0; i < refusals.n; i++)
		tell(&c, 0, "the plan stops: %s", refusals.at[i].text);
	if (refusals.total > refusals.n)
		tell(&c, 0, "the plan stops for %llu more reasons",
		    (unsigned long long)(refusals.total - refusals.n));
	rc = 0;
out:
	for (size_t i = 0; c.used != NULL && i < c.plan->policy->nfiles; i++)
		mem_free(c.used[i]);
	mem_free(c.used);
	refusals_free(&refusals);
	plan_free(c.plan);
	return rc;
}
