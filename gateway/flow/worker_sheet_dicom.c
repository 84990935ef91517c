/* The attributes of a DICOM file before and after, in the worker: those that
 * change or go, and those that stay in which something is found. */

#include <string.h>

#include "gateway/flow/sheet_internal.h"
#include "policy/dicom/dicom.h"

/* Representations that people write into (PS3.5 6.2); in the others a number
 * would be found to be somebody's. */
static bool
written(const char *name)
{
	static const char *const all[] = { "LO", "LT", "PN", "SH", "ST", "UC",
		"UT" };
	const struct dicom_attribute *a = dicom_named(name, strlen(name));

	for (size_t i = 0; a != NULL && i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(a->vr, all[i]) == 0)
			return true;
	return a == NULL;
}

/* One that stays is in the table if something is found in it. */
static int
kept(struct sheet_showing *s, struct sheet_view *v, const char *name,
    const struct slice *text, struct fault *f)
{
	const struct sheet_text t = { *text, *text, NULL, 0 };
	struct sheet_view weighed = *v;

	weighed.out = NULL;
	if (sheet_view_text(&weighed, &t, f) != 0)
		return -1;
	if (weighed.risk.sure == v->risk.sure &&
	    weighed.risk.doubtful == v->risk.doubtful) {
		v->risk = weighed.risk;
		return 0;
	}
	if (sheet_begin_field(s, name, f) != 0)
		return -1;
	return sheet_view_text(v, &t, f);
}

static int
changed(struct sheet_showing *s, struct sheet_view *v, const char *name,
    const struct slice *before, const struct slice *after, struct fault *f)
{
	const struct mask_edit all = { 0, before->len, after->len };
	bool same = before->len == after->len &&
		    (before->len == 0 ||
			memcmp(before->at, after->at, after->len) == 0);
	const struct sheet_text t = { *before, *after, &all, same ? 0 : 1 };

	if (sheet_begin_field(s, name, f) != 0)
		return -1;
	return sheet_view_text(v, &t, f);
}

static int
attribute(struct sheet_showing *s, struct sheet_view *v,
    const struct worker_attributes *a, size_t i, struct fault *f)
{
	const struct plan_field *field = &s->src->plan->fields[i];
	const struct slice before = worker_attribute(a, &a->before[i]);
	const struct slice after = worker_attribute(a, &a->after[i]);

	const uint32_t changes = v->risk.changes;

	if (field->how.action == TRANSFORM_DROP) {
		if (changed(s, v, field->name, &before, &after, f) != 0)
			return -1;
		v->risk.changes = changes; /* it goes: that is told apart */
		v->risk.blocks++;
		return 0;
	}
	if (field->how.action != TRANSFORM_KEEP)
		return changed(s, v, field->name, &before, &after, f);
	if (after.len == 0 || !written(field->name))
		return 0;
	return kept(s, v, field->name, &after, f);
}

int
sheet_attributes(struct sheet_showing *s, struct fault *f)
{
	const struct slice none = { NULL, 0 };
	struct sheet_view v = sheet_view_of(s);
	struct worker_attributes a = { .n = 0 };
	int rc = -1;

	if (worker_attributes(&a, s->src, s->made, f) != 0 ||
	    sheet_begin_text(s, SHEET_ATTRIBUTES, f) != 0)
		goto out;
	for (size_t i = 0; i < a.n; i++)
		if (attribute(s, &v, &a, i, f) != 0)
			goto out;
	v.more = v.more || a.more;
	if (sheet_end_text(s, &v, f) == 0)
		rc = sheet_put_item(s, 0, &none, &v.risk, f);
out:
	worker_attributes_free(&a);
	return rc;
}
