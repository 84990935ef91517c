/*
 * Decisions for JSON: paths nest, so the rule for a value may stand at any
 * object or array around it, and the first in the policy's order wins.
 *
 * For each path of the shape the rules named by it and by its prefixes are
 * looked up: a rule at the path itself, one with .** there or further up, and
 * one further up that drops, replaces or refuses the whole object.  A rule
 * that takes an object whole becomes one entry of the plan, at the object.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/rules/decide_internal.h"

/* Consider the rules named by path[0..len), by "$" when that is nothing. */
static void
consider(struct deciding *d, const char *path, size_t len, bool here,
    const struct field_rule **best)
{
	const char *name = len == 0 ? "$" : path;
	size_t n = len == 0 ? 1 : len;
	const struct field_rule *const *end, *const *r;

	if (d->index.n == 0 || (r = index_find(&d->index, name, n)) == NULL)
		return;
	end = (const struct field_rule *const *)d->index.at + d->index.n;
	for (; r < end; r++) {
		if (strncmp((*r)->name, name, n) != 0 || (*r)->name[n] != '\0')
			return;
		d->used[*r - d->rule->fields] = true;
		if ((here || (*r)->below || (*r)->whole) &&
		    (*best == NULL || *r < *best))
			*best = *r;
	}
}

/* The rule that decides a path, or NULL. */
static const struct field_rule *
find_rule(struct deciding *d, const char *path)
{
	const struct field_rule *best = NULL;
	size_t len = strlen(path);

	if (strcmp(path, "$") == 0) {
		consider(d, path, 1, true, &best);
		return best;
	}
	consider(d, path, 0, false, &best);
	for (size_t i = 1; i < len; i++)
		if (path[i] == '.' || path[i] == '[')
			consider(d, path, i, false, &best);
	consider(d, path, len, true, &best);
	return best;
}

/* The first rule for something below a path, or NULL. */
static const struct field_rule *
find_below(const struct deciding *d, const char *path)
{
	for (size_t i = 0; i < d->rule->nfields; i++)
		if (path_below(d->rule->fields[i].name, path))
			return &d->rule->fields[i];
	return NULL;
}

/* null, {} and [] where rules name what could be inside: they hold nothing. */
static int
decide_hollow(struct deciding *d, const struct shape_field *s, struct fault *f)
{
	const struct field_rule *r = NULL;
	struct transform keep = { .action = TRANSFORM_KEEP };
	struct plan_field *field;

	if ((s->holds & HOLDS_VALUE) == 0)
		r = find_below(d, s->name);
	if (r == NULL) {
		refuse_unnamed(d, s->name);
		return 0;
	}
	keep.line = r->how.line;
	if (plan_add(d, s->name, &keep, &field, f) != 0)
		return -1;
	field->hollow = true;
	return 0;
}

/* Is the value at a path looked at by the risk rule of the file? */
static bool
is_measured(const struct deciding *d, const char *path)
{
	const struct risk_rule *r = risk_match(d->policy, d->path);

	for (size_t i = 0; r != NULL && i < r->nfields; i++)
		if (r->fields[i].path != NULL &&
		    strcmp(r->fields[i].path, path) == 0)
			return true;
	return false;
}

/* Is the value at a path read by itself, as the item's or the subject's key, or
 * to be measured? */
static bool
is_key(const struct deciding *d, const char *path)
{
	if (d->rule->item_id != NULL && strcmp(d->rule->item_id, path) == 0)
		return true;
	for (size_t i = 0; i < d->policy->nsubjects; i++) {
		const struct subject_rule *s = &d->policy->subjects[i];

		if (strcmp(s->field, path) == 0 &&
		    glob_matches(s->file, d->path))
			return true;
	}
	return is_measured(d, path);
}

static int
decide_path(struct deciding *d, const struct shape_field *s, bool *taken,
    struct fault *f)
{
	const struct field_rule *r = find_rule(d, s->name);
	struct plan_field *field;

	if (r == NULL)
		return decide_hollow(d, s, f);
	if (r->how.action == TRANSFORM_REFUSE)
		refuse_refused(d, s->name, &r->how);
	if (r->whole && !taken[r - d->rule->fields]) {
		taken[r - d->rule->fields] = true;
		if (plan_add(d, r->name, &r->how, &field, f) != 0)
			return -1;
		field->whole = true;
	}
	if (r->whole && (strcmp(r->name, s->name) == 0 || !is_key(d, s->name)))
		return 0;
	if (plan_add(d, s->name, &r->how, &field, f) != 0)
		return -1;
	field->inside = r->whole;
	return 0;
}

static int
compare_fields(const void *a, const void *b)
{
	const struct plan_field *fa = a, *fb = b;

	return strcmp(fa->name, fb->name);
}

int
decide_paths(struct deciding *d, struct fault *f)
{
	bool *taken = mem_array(d->rule->nfields, sizeof(*taken));
	int rc = -1;

	if (taken == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < d->shape->nfields; i++)
		if (decide_path(d, &d->shape->fields[i], taken, f) != 0)
			goto out;
	if (d->plan->nfields > 0)
		qsort(d->plan->fields, d->plan->nfields,
		    sizeof(*d->plan->fields), compare_fields);
	rc = 0;
out:
	mem_free(taken);
	return rc;
}
