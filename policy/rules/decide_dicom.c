/*
 * Attributes of DICOM files: each has its line under tags:, or else what the
 * profile with its options does with it, or else it is dropped.  None is left
 * undecided, and none that a line names has to be there: files of one series
 * differ.
 */

#include <stdio.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/dicom/dicom.h"
#include "policy/rules/decide_internal.h"

static char nothing[] = "";

static struct transform
constant(const char *text)
{
	/* transform_copy() reads it, and nobody frees it */
	return (struct transform){ .action = TRANSFORM_CONSTANT,
		.text = (char *)(uintptr_t)text };
}

struct transform
profile_transform(const struct file_rule *rule, const char *name)
{
	const struct dicom_attribute *a = dicom_named(name, strlen(name));
	struct transform how = { .action = TRANSFORM_DROP };
	unsigned by;

	if (a == NULL) {
		how.line = rule->profile_line;
		return how;
	}
	switch (dicom_decide(a, rule->options, &by)) {
	case DICOM_DROP:
		break;
	case DICOM_EMPTY:
		how = constant(nothing);
		break;
	case DICOM_DUMMY:
		how = constant(dicom_dummy(a->vr));
		break;
	case DICOM_UID:
		how.action = TRANSFORM_UID;
		break;
	case DICOM_KEEP:
		how.action = TRANSFORM_KEEP;
		break;
	case DICOM_SHIFT:
		how = rule->dates;
		break;
	}
	how.line = rule->profile_line;
	return how;
}

void
profile_why(
    char *out, size_t room, const struct file_rule *rule, const char *name)
{
	const struct dicom_attribute *a = dicom_named(name, strlen(name));
	uint32_t tag;
	unsigned by = 0, i = 0;
	enum dicom_action action;

	if (a == NULL) {
		(void)snprintf(out, room, "%s",
		    dicom_tag_read(&tag, name) && (tag >> 16 & 1) != 0
			? "a private attribute"
			: "no attribute that is known here");
		return;
	}
	action = dicom_decide(a, rule->options, &by);
	while (by >> i > 1)
		i++;
	if (by != 0)
		(void)snprintf(out, room, "%sTable E.1-1, %s: %c",
		    a->listed ? "" : "not in ", dicom_options[i].word,
		    action == DICOM_SHIFT ? 'C' : 'K');
	else if (a->listed)
		(void)snprintf(out, room, "Table E.1-1: %s", a->profile);
	else if (a->profile[0] == 'K')
		(void)snprintf(
		    out, room, "not in Table E.1-1, and pictures need it");
	else
		(void)snprintf(
		    out, room, "not in Table E.1-1; here: %s", a->profile);
}

/* Shows such a line something of the value? */
static bool
shows(enum transform_action action)
{
	switch (action) {
	case TRANSFORM_REFUSE:
	case TRANSFORM_DROP:
	case TRANSFORM_CONSTANT:
	case TRANSFORM_TOKEN:
	case TRANSFORM_RANDOM:
	case TRANSFORM_REVERSIBLE:
	case TRANSFORM_FPE:
	case TRANSFORM_UID:
		return false;
	default:
		return true;
	}
}

bool
tag_is_weaker(const struct file_rule *rule, const struct field_rule *line)
{
	struct transform profile = profile_transform(rule, line->name);

	if (line->how.action == TRANSFORM_KEEP)
		return profile.action != TRANSFORM_KEEP;
	return shows(line->how.action) && !shows(profile.action);
}

/* What happened to a date that Table E.1-1 has. */
static void
note_date(struct file_plan *p, const struct plan_field *field)
{
	const struct dicom_attribute *a =
	    dicom_named(field->name, strlen(field->name));

	if (a == NULL || (a->options & DICOM_RETAIN_LONG_FULL_DATES) == 0 ||
	    !shows(field->how.action))
		return;
	if (field->how.action != TRANSFORM_KEEP ||
	    (p->options & DICOM_RETAIN_LONG_MODIFIED_DATES) != 0)
		p->dates = DATES_MODIFIED;
	else if (p->dates == DATES_REMOVED)
		p->dates = DATES_UNMODIFIED;
}

static int
decide_tag(struct deciding *d, const char *name, struct fault *f)
{
	const struct field_rule *const *r =
	    index_find(&d->index, name, strlen(name));
	struct transform profile = profile_transform(d->rule, name);
	const struct transform *how = r == NULL ? &profile : &(*r)->how;
	struct plan_field *field;

	if (r != NULL) {
		d->used[*r - d->rule->fields] = true;
		d->plan->weaker = d->plan->weaker || tag_is_weaker(d->rule, *r);
	}
	if (how->action == TRANSFORM_REFUSE)
		refuse_refused(d, name, how);
	if (plan_add(d, name, how, &field, f) != 0)
		return -1;
	note_date(d->plan, field);
	return 0;
}

int
decide_tags(struct deciding *d, struct fault *f)
{
	const struct shape *s = d->shape;
	const char **names = mem_array(s->nfields, sizeof(*names));
	int rc = 0;

	if (names == NULL)
		return fault_memory(f);
	d->plan->options = d->rule->options;
	d->plan->burned_in = d->rule->burned_in;
	for (size_t i = 0; i < s->nfields; i++)
		names[i] = s->fields[i].name;
	qsort(names, s->nfields, sizeof(*names), compare_texts);
	for (size_t i = 0; i < s->nfields && rc == 0; i++)
		if (i == 0 || strcmp(names[i - 1], names[i]) != 0)
			rc = decide_tag(d, names[i], f);
	mem_free(names);
	return rc;
}
