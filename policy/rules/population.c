/*
 * The plan of a population's table: its quasi-identifiers become what those of
 * the sample become, so that both are the same classes.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/rules/decide_internal.h"

static const struct transform drop = { .action = TRANSFORM_DROP };

static int
no_column(const struct policy *p, const struct risk_population *of,
    const char *name, uint32_t line, struct fault *f)
{
	(void)fault_set(f, FAULT_POLICY,
	    "%s: has no column \"%s\", which %s:%u names", of->file, name,
	    p->name, (unsigned)line);
	return fault_hint(f,
	    "a population has a column for each quasi-identifier that leaves, "
	    "under the same name");
}

/* Where a column of that name stands; FAULT_INPUT for two. */
static int
find_column(const struct risk_population *of, const struct shape *s,
    const char *name, size_t *at, struct fault *f)
{
	*at = RISK_GONE;
	for (size_t i = 0; i < s->nfields; i++) {
		if (strcmp(s->fields[i].name, name) != 0)
			continue;
		if (*at != RISK_GONE)
			return fault_set(f, FAULT_INPUT,
			    "%s: two columns are named \"%s\"", of->file, name);
		*at = i;
	}
	return 0;
}

static int
find_all(const struct policy *p, const struct risk_rule *r,
    const struct transform *const *how, const struct shape *s,
    struct population_columns *c, struct fault *f)
{
	const struct risk_population *of = &r->population;

	for (size_t i = 0; i < r->nfields; i++) {
		const struct risk_field *field = &r->fields[i];

		c->at[i] = RISK_GONE;
		if (how[i] == NULL || field->role != FIELD_QUASI)
			continue;
		if (transform_needs_subject(how[i]))
			return fault_set(f, FAULT_POLICY,
			    "%s: column \"%s\" is shifted by person, and a "
			    "population names none (%s:%u)",
			    of->file, field->name, p->name, (unsigned)of->line);
		if (find_column(of, s, field->name, &c->at[i], f) != 0)
			return -1;
		if (c->at[i] == RISK_GONE)
			return no_column(p, of, field->name, field->line, f);
	}
	c->count = RISK_GONE;
	if (of->count == NULL)
		return 0;
	if (find_column(of, s, of->count, &c->count, f) != 0)
		return -1;
	return c->count == RISK_GONE ? no_column(p, of, of->count, of->line, f)
				     : 0;
}

/* What becomes of a column of the table. */
static const struct transform *
how_of(const struct risk_rule *r, const struct transform *const *how,
    const struct population_columns *c, size_t column)
{
	static const struct transform keep = { .action = TRANSFORM_KEEP };

	for (size_t i = 0; i < r->nfields; i++)
		if (c->at[i] == column)
			return how[i];
	return c->count == column ? &keep : &drop;
}

int
population_plan(const struct policy *p, const struct risk_rule *r,
    const struct transform *const *how, const struct shape *s,
    struct file_plan *out, struct population_columns *c, struct fault *f)
{
	struct deciding d = { .policy = p, .plan = out };
	struct plan_field *field;

	*out = (struct file_plan){ .type = TYPE_CSV,
		.header = true,
		.delimiter = s->delimiter,
		.line = r->population.line,
		.item = PLAN_NO_FIELD,
		.subject = PLAN_NO_FIELD };
	if ((out->policy = mem_text(p->name, strlen(p->name))) == NULL)
		return fault_memory(f);
	if (find_all(p, r, how, s, c, f) != 0)
		goto fail;
	for (size_t i = 0; i < s->nfields; i++)
		if (plan_add(&d, s->fields[i].name, how_of(r, how, c, i),
			&field, f) != 0)
			goto fail;
	return 0;
fail:
	file_plan_free(out);
	return -1;
}
