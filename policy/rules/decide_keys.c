/*
 * What must be known beside the decisions: where the item's and the subject's
 * keys are, that every line of a rule has met something, and that what an
 * action needs is there.
 */

#include <string.h>

#include "policy/rules/decide_internal.h"

static bool
in_shape(const struct shape *s, const char *name)
{
	for (size_t i = 0; i < s->nfields; i++)
		if (strcmp(s->fields[i].name, name) == 0)
			return true;
	return false;
}

/* Does a value in the file say whom it is about? */
static bool
in_field(const struct deciding *d)
{
	return d->subject != NULL && d->subject->by == SUBJECT_FIELD;
}

/* Are keys found by paths, while the paths are decided? */
static bool
by_path(const struct deciding *d)
{
	return d->rule->type == TYPE_JSON || d->rule->type == TYPE_JSONL;
}

/* Where the keys of the item and the subject are. */
static void
find_keys(struct deciding *d)
{
	struct file_plan *p = d->plan;
	const char *item = d->rule->item_id,
		   *subject = d->subject != NULL ? d->subject->field : NULL;

	if (!by_path(d)) {
		d->item_met = item != NULL && in_shape(d->shape, item);
		d->subject_met = subject != NULL && in_shape(d->shape, subject);
	}
	for (size_t i = p->nfields; i-- > 0;) {
		struct plan_field *field = &p->fields[i];

		if (!by_path(d)) {
			field->is_item =
			    item != NULL && strcmp(field->name, item) == 0;
			field->is_subject = subject != NULL &&
					    strcmp(field->name, subject) == 0;
		}
		if (field->is_item)
			p->item = i;
		if (field->is_subject)
			p->subject = i;
	}
}

/* A file without records names nothing and reveals nothing. */
static bool
is_blank(const struct deciding *d)
{
	return d->shape->nfields == 0 && by_path(d);
}

/* What becomes of a value must be known when it is decided. */
void
need_hierarchy(struct deciding *d, const struct plan_field *p)
{
	struct fault why = { 0 };

	if (p->how.action != TRANSFORM_LEVEL || p->how.levels != NULL)
		return;
	(void)fault_set(&why, FAULT_POLICY,
	    "%s: %s \"%s\" (%s:%u): its hierarchy has not been read", d->path,
	    field_word(d), p->name, d->policy->name, p->how.line);
	refuse(d, &why);
}

/* What is done by person needs to know the person. */
static void
need_subject(struct deciding *d)
{
	const struct file_plan *p = d->plan;

	for (size_t i = 0; i < p->nfields; i++) {
		struct fault why = { 0 };

		if (!transform_needs_subject(&p->fields[i].how))
			continue;
		(void)fault_set(&why, FAULT_POLICY,
		    "%s: %s \"%s\" (%s:%u): whose date it is, no subject says",
		    d->path, field_word(d), p->fields[i].name, d->policy->name,
		    p->fields[i].how.line);
		(void)fault_hint(&why,
		    "at the top of %s:   subject: {file: \"%s\", %s: NAME}",
		    d->policy->name, d->path,
		    d->rule->type == TYPE_CSV ? "column" : "field");
		refuse(d, &why);
		return;
	}
}

/* Where persons are known by row, a table that leaves whole would take along
 * whoever is not to. */
static void
need_rows(struct deciding *d)
{
	struct fault why = { 0 };

	if (d->rule->unit == ITEM_EACH || !in_field(d) ||
	    d->rule->type == TYPE_JSON || d->rule->type == TYPE_DICOM)
		return;
	(void)fault_set(&why, FAULT_POLICY,
	    "%s: its rows are about persons (subject, %s:%u), and it is one "
	    "item as a whole",
	    d->path, d->policy->name, d->subject->line);
	(void)fault_hint(&why, "in the rule of %s:%u:   item: row",
	    d->policy->name, d->rule->line);
	refuse(d, &why);
}

void
decide_keys(struct deciding *d)
{
	const struct subject_rule *s = d->subject;
	const char *item = d->rule->item_id;
	bool has_fields =
	    d->rule->type <= TYPE_JSONL || d->rule->type == TYPE_DICOM;

	if (is_blank(d) || !has_fields) {
		if (in_field(d) && !has_fields)
			refuse_absent(d, "subject", s->field, s->line);
		return;
	}
	need_rows(d);
	find_keys(d);
	if (item != NULL && !d->item_met)
		refuse_absent(d, "item_id", item, d->rule->item_line);
	if (in_field(d) && !d->subject_met)
		refuse_absent(d, "subject", s->field, s->line);
	if (s == NULL)
		need_subject(d);
	for (size_t i = 0; i < d->rule->nfields && !d->rule->may_miss; i++)
		if (!d->used[i])
			refuse_absent(d, field_word(d), d->rule->fields[i].name,
			    d->rule->fields[i].how.line);
}
