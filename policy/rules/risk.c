/* Which of a file's columns or paths a risk rule measures. */

#include <string.h>

#include "policy/rules/rules_internal.h"

const struct risk_rule *
risk_match(const struct policy *p, const char *path)
{
	for (size_t i = 0; i < p->nrisks; i++)
		if (glob_matches(p->risks[i].file, path))
			return &p->risks[i];
	return NULL;
}

bool
risk_asks(const struct risk_rule *r)
{
	for (unsigned i = 0; i < SHARE_SUPPRESSED; i++)
		if (r->share[i] != RISK_ANY)
			return true;
	return r->k != 0 || r->l_distinct != 0 || r->l_entropy != 0 ||
	       r->recursive_l != 0 || r->t != 0;
}

/* A field that a plan has under its own name, or takes whole with an object
 * around it. */
static size_t
find_field(const struct file_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->nfields; i++)
		if (strcmp(plan->fields[i].name, name) == 0)
			return i;
	return RISK_GONE;
}

static bool
goes_with_another(const struct file_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->nfields; i++)
		if (plan->fields[i].whole &&
		    plan->fields[i].how.action == TRANSFORM_DROP &&
		    path_below(name, plan->fields[i].name))
			return true;
	return false;
}

static int
absent(const struct policy *p, const struct risk_field *field, const char *path,
    const struct file_plan *plan, struct fault *f)
{
	(void)fault_set(f, FAULT_POLICY,
	    "%s: %s \"%s\" of risk (%s:%u) is not in the file", path,
	    file_type_field(plan->type), field->name, p->name, field->line);
	return fault_hint(f, "handoff plan shows what is in the file");
}

int
risk_fields(const struct policy *p, const struct risk_rule *rule,
    const char *path, const struct file_plan *plan, size_t *at, struct fault *f)
{
	if (plan->type != TYPE_CSV && plan->type != TYPE_JSONL) {
		(void)fault_set(f, FAULT_POLICY,
		    "%s: risk (%s:%u) is measured over rows, and it has none",
		    path, p->name, rule->line);
		return fault_hint(f, "name csv or jsonl files under risk");
	}
	for (size_t i = 0; i < rule->nfields; i++) {
		const struct risk_field *field = &rule->fields[i];
		const char *name =
		    plan->type == TYPE_CSV ? field->name : field->path;

		at[i] = name == NULL ? RISK_GONE : find_field(plan, name);
		if (at[i] != RISK_GONE) {
			if (plan->fields[at[i]].how.action == TRANSFORM_DROP)
				at[i] = RISK_GONE;
			continue;
		}
		if (name == NULL || !goes_with_another(plan, name))
			return absent(p, field, path, plan, f);
	}
	return 0;
}
