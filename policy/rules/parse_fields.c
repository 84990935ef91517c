/*
 * columns: and fields: a name or path, and what is done with its values.
 *
 * Columns are plain names.  Paths can overlap, and the first that matches
 * wins; an order in which a later one could never win, or in which one that
 * takes a whole object stands behind one for a part of it, is an error here,
 * because whoever wrote it believes that something is protected.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/names/names.h"
#include "policy/rules/parse_internal.h"

/* Paths of one rule; comparing each with each is then harmless. */
#define PATHS_MAX 4096u

/* Do equal values of the field have equal results, under a domain's key? */
static bool
is_linked(const struct transform *t)
{
	return t->action == TRANSFORM_TOKEN ||
	       t->action == TRANSFORM_REVERSIBLE || t->action == TRANSFORM_FPE;
}

/* A token's domain, unless the policy says another, is the field's name. */
static int
default_domain(const struct tree *y, const struct node *n, struct field_rule *r,
    struct fault *f)
{
	if (!is_linked(&r->how) || r->how.domain != NULL)
		return 0;
	if (r->name[0] == '\0' || strcmp(r->name, "$") == 0 ||
	    strlen(r->name) > TRANSFORM_NAME_MAX) {
		(void)tree_fault(
		    y, n, f, "a token for this field needs a domain");
		return fault_hint(f, "{token: {domain: customer}}");
	}
	return parse_copy(&r->how.domain, r->name, f);
}

/* There are some 36,000 birth dates, and each comes as often as people are
 * born: equal results can be counted and compared, whatever the key.  FF1 needs
 * a million values (SP 800-38G, rev. 1, section 5.2). */
static int
judge_weakness(const struct tree *y, const struct node *n,
    const struct field_rule *r, struct fault *f)
{
	if (!is_linked(&r->how) || r->how.scope == SCOPE_RECORD)
		return 0;
	if (name_says(r->name) == NAME_BIRTH) {
		(void)tree_fault(y, n, f,
		    "a birth date is too easily guessed for a token or "
		    "encryption");
		return fault_hint(f,
		    "{generalise: {date: year}}, or {generalise: {age_band: "
		    "{at: 2026-01-01, width: 5}}}");
	}
	if (r->how.action == TRANSFORM_FPE && name_has_few_values(r->name)) {
		(void)tree_fault(y, n, f,
		    "fpe over so few values is undone by trying them all");
		return fault_hint(f, "generalise, drop, or keep it; or "
				     "{token: {scope: record}}");
	}
	return 0;
}

int
parse_field_action(const struct tree *y, const struct node *k,
    struct field_rule *r, struct fault *f)
{
	if (parse_action(y, k->next, &r->how, f) != 0 ||
	    default_domain(y, k, r, f) != 0 ||
	    judge_weakness(y, k->next, r, f) != 0)
		return -1;
	r->how.line = k->line;
	return 0;
}

static struct field_rule *
add_rule(struct file_rule *to)
{
	return &to->fields[to->nfields++];
}

int
parse_room(const struct tree *y, const struct node *n, size_t max,
    struct file_rule *to, struct fault *f)
{
	size_t count = 0;

	if (n->kind != NODE_MAP)
		return tree_fault(
		    y, n, f, "expected a map of names and actions");
	to->fields_line = n->line;
	for (const struct node *k = n->child; k != NULL; k = k->next->next)
		if (++count > max)
			return tree_fault(
			    y, k, f, "more than %zu fields in a rule", max);
	if ((to->fields = mem_array(count, sizeof(*to->fields))) == NULL)
		return fault_memory(f);
	return 0;
}

int
parse_columns(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct file_rule *rule = to;

	if (parse_room(y, n, SHAPE_FIELDS_MAX, rule, f) != 0)
		return -1;
	for (const struct node *k = n->child; k != NULL; k = k->next->next) {
		struct field_rule *r = add_rule(rule);

		if (k->plain && k->text[0] == '\0') {
			(void)tree_fault(y, k, f, "a column without a name");
			return fault_hint(f,
			    "a column whose name is empty is written \"\": "
			    "drop");
		}
		if (parse_copy(&r->name, k->text, f) != 0 ||
		    parse_field_action(y, k, r, f) != 0)
			return -1;
	}
	return 0;
}

/* Does the action put something of its own in the place of an object? */
static bool
replaces(enum transform_action action)
{
	return action == TRANSFORM_DROP || action == TRANSFORM_CONSTANT ||
	       action == TRANSFORM_REFUSE;
}

/* Does a decide everything that b, behind it, could? */
static bool
shadows(const struct field_rule *a, const struct field_rule *b)
{
	if (path_covers(&a->path, &b->path))
		return a->below || !b->below || replaces(a->how.action);
	return (a->below || replaces(a->how.action)) &&
	       path_lies_below(&b->path, &a->path);
}

/* May the earlier line e decide a part of what r would take whole? */
static bool
may_part(const struct field_rule *e, const struct field_rule *r)
{
	return path_touches(
	    &e->path, e->below || replaces(e->how.action), &r->path);
}

static int
judge(const struct tree *y, const struct node *k, struct file_rule *rule,
    struct field_rule *r, struct fault *f)
{
	bool parts = false;

	for (const struct field_rule *e = rule->fields; e < r; e++) {
		if (shadows(e, r))
			return tree_fault(y, k, f,
			    "never reached: line %u already decides it",
			    e->how.line);
		parts = parts || may_part(e, r);
		if (!r->below && replaces(r->how.action) &&
		    path_lies_below(&e->path, &r->path)) {
			(void)tree_fault(y, k, f,
			    "line %u decides a part of it in another way",
			    e->how.line);
			return fault_hint(
			    f, "for the rest of it write %s.**", k->text);
		}
	}
	if (r->below)
		r->whole = !parts && (r->how.action == TRANSFORM_KEEP ||
					 r->how.action == TRANSFORM_DROP);
	else
		r->whole = replaces(r->how.action);
	if (r->whole && r->path.n == 0 && r->how.action != TRANSFORM_KEEP) {
		(void)tree_fault(y, k, f, "this leaves nothing of the file");
		return fault_hint(f, "exclude: \"why\"");
	}
	return 0;
}

int
parse_fields(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct file_rule *rule = to;

	if (parse_room(y, n, PATHS_MAX, rule, f) != 0)
		return -1;
	for (const struct node *k = n->child; k != NULL; k = k->next->next) {
		struct field_rule *r = add_rule(rule);

		if (parse_path(y, k, &r->path, &r->name, f) != 0)
			return -1;
		r->below = r->path.below;
		if (parse_field_action(y, k, r, f) != 0 ||
		    judge(y, k, rule, r, f) != 0)
			return -1;
	}
	return 0;
}
