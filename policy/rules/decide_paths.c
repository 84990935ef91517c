/*
 * Decisions for JSON: paths nest, so the rule for a value may stand at any
 * object or array around it, and the first in the policy's order wins.
 *
 * Each path of the shape is followed by every rule's pattern: a rule at the
 * path itself, one with .** there or further up, and one further up that
 * drops, replaces or refuses the whole object.  A rule that takes an object
 * whole becomes one entry of the plan, at the outermost object that it takes;
 * that an earlier rule decides a part of just that object is a refusal.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/rules/decide_internal.h"

/* What the rules say of one path of the shape. */
struct verdict {
	const struct field_rule *best; /* decides its value, or NULL */
	const struct field_rule *near; /* first for something in it, or NULL */
	/* takes the first steps of it whole: the outermost, or NULL */
	const struct field_rule *taker;
	size_t taken;
};

static void
ask_rule(struct deciding *d, const struct field_rule *r,
    const struct path *path, struct verdict *v)
{
	struct path_state s = path_start(&r->path);
	uint64_t parts = ((uint64_t)1 << r->path.n) - 1;
	bool above = false, here = false;

	for (size_t i = 0;; i++) {
		here = (s.here >> r->path.n & 1) != 0;
		if (here && r->whole && (v->taker == NULL || i < v->taken)) {
			v->taker = r;
			v->taken = i;
		}
		if (i == path->n)
			break;
		above = above || here;
		path_follow(&s, &r->path, path, &path->steps[i]);
		if ((s.here | s.waiting) == 0) {
			here = false;
			break;
		}
	}
	if (here || above)
		d->used[r - d->rule->fields] = true;
	if (v->best == NULL && (here || (above && (r->below || r->whole))))
		v->best = r;
	/* its steps so far led here, and there are more */
	if (v->near == NULL && (s.here & parts) != 0)
		v->near = r;
}

/* null, {} and [] where rules name what could be inside: they hold nothing. */
static int
decide_hollow(struct deciding *d, const struct shape_field *s,
    const struct field_rule *near, struct fault *f)
{
	struct transform keep = { .action = TRANSFORM_KEEP };
	struct plan_field *field;

	if (near == NULL || (s->holds & HOLDS_VALUE) != 0) {
		refuse_unnamed(d, s->name);
		return 0;
	}
	keep.line = near->how.line;
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

/* Is the value at a path read as the item's or the subject's key? */
static bool
is_item(const struct deciding *d, const struct path *path)
{
	return d->rule->item_id != NULL &&
	       path_leads(&d->rule->item_path, path);
}

static bool
is_subject(const struct deciding *d, const char *name, const struct path *path)
{
	if (d->subject == NULL || d->subject->by != SUBJECT_FIELD)
		return false;
	return d->subject->path ? path_leads(&d->subject->where, path)
				: strcmp(d->subject->field, name) == 0;
}

static int
take_whole(struct deciding *d, const struct path *path, const struct verdict *v,
    struct fault *f)
{
	struct plan_field *field;
	struct bytes text;
	int rc = -1;

	bytes_init(&text, SHAPE_NAME_MAX + 1);
	if (path_print_head(&text, path, v->taken, f) != 0 ||
	    bytes_end_text(&text, f) != 0)
		goto out;
	rc = 0;
	field = d->plan->nfields > 0 ? &d->plan->fields[d->plan->nfields - 1]
				     : NULL;
	/* its other values came before, mostly */
	if (field != NULL && field->whole &&
	    strcmp(field->name, (const char *)text.at) == 0)
		goto out;
	rc = plan_add(d, (const char *)text.at, &v->taker->how, &field, f);
	if (rc == 0)
		field->whole = true;
out:
	bytes_free(&text);
	return rc;
}

static bool
both_drop(const struct verdict *v)
{
	return v->best->how.action == TRANSFORM_DROP &&
	       v->taker->how.action == TRANSFORM_DROP;
}

static int
decide_path(struct deciding *d, const struct shape_field *s,
    const struct path *path, struct fault *f)
{
	struct verdict v = { .best = NULL };
	struct plan_field *field;
	bool item = is_item(d, path), subject = is_subject(d, s->name, path);
	bool whole;

	d->item_met = d->item_met || item;
	d->subject_met = d->subject_met || subject;
	for (size_t i = 0; i < d->rule->nfields; i++)
		ask_rule(d, &d->rule->fields[i], path, &v);
	if (v.best == NULL)
		return decide_hollow(d, s, v.near, f);
	if (v.best->how.action == TRANSFORM_REFUSE)
		refuse_refused(d, s->name, &v.best->how);
	if (v.taker != NULL && v.taken < path->n && v.taker != v.best &&
	    !both_drop(&v)) {
		refuse_torn(d, s->name, v.best, v.taker);
		return 0;
	}
	whole = v.taker != NULL && (v.taken < path->n || v.taker == v.best);
	if (whole && take_whole(d, path, &v, f) != 0)
		return -1;
	if (whole && !item && !subject && !is_measured(d, s->name))
		return 0;
	if (whole && v.taken == path->n) {
		field = &d->plan->fields[d->plan->nfields - 1];
	} else {
		if (plan_add(d, s->name, &v.best->how, &field, f) != 0)
			return -1;
		field->inside = whole;
	}
	field->is_item = item;
	field->is_subject = subject;
	return 0;
}

static int
compare_fields(const void *a, const void *b)
{
	const struct plan_field *fa = a, *fb = b;

	return strcmp(fa->name, fb->name);
}

/* One entry a path: objects that were taken whole for several of their values
 * come several times, and a place that one rule decides as a value and another
 * takes as an object is a refusal. */
static void
merge_fields(struct deciding *d)
{
	struct file_plan *p = d->plan;
	size_t kept = 0;

	for (size_t i = 0; i < p->nfields; i++) {
		struct plan_field *at = &p->fields[i],
				  *last =
				      kept > 0 ? &p->fields[kept - 1] : NULL;

		if (last == NULL || strcmp(last->name, at->name) != 0) {
			if (kept != i) {
				p->fields[kept] = *at;
				*at = (struct plan_field){ 0 };
			}
			kept++;
			continue;
		}
		if (last->how.line != at->how.line || last->whole != at->whole)
			refuse_both(d, at->name, &last->how, &at->how);
		last->is_item |= at->is_item;
		last->is_subject |= at->is_subject;
		mem_free(at->name);
		transform_free(&at->how);
		*at = (struct plan_field){ 0 };
	}
	p->nfields = kept;
}

int
decide_paths(struct deciding *d, struct fault *f)
{
	struct path path = { .n = 0 };
	int rc = -1;

	if (names_copy(&d->plan->apart, &d->rule->apart, f) != 0)
		goto out;
	for (size_t i = 0; i < d->shape->nfields; i++) {
		const struct shape_field *s = &d->shape->fields[i];

		if (path_read(&path, s->name, f) != 0) {
			(void)fault_at(f, "%s: path \"%s\"", d->path, s->name);
			goto out;
		}
		if (decide_path(d, s, &path, f) != 0)
			goto out;
	}
	if (d->plan->nfields > 0) {
		qsort(d->plan->fields, d->plan->nfields,
		    sizeof(*d->plan->fields), compare_fields);
		merge_fields(d);
	}
	rc = 0;
out:
	path_free(&path);
	return rc;
}
