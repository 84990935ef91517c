/* Lines under tags: that are surely not meant. */

#include <string.h>

#include "keys/base/bytes.h"
#include "policy/dicom/dicom.h"
#include "policy/names/names.h"
#include "policy/rules/warnings_internal.h"

static bool
same_action(const struct transform *a, const struct transform *b)
{
	struct fault ignored = { 0 };
	struct bytes one, two;
	bool same;

	bytes_init(&one, 64 * 1024);
	bytes_init(&two, 64 * 1024);
	same = transform_print(&one, a, &ignored) == 0 &&
	       transform_print(&two, b, &ignored) == 0 && one.len == two.len &&
	       memcmp(one.at, two.at, one.len) == 0;
	bytes_free(&one);
	bytes_free(&two);
	return same;
}

/* The option under which it would be kept, or NULL. */
static const char *
option_for(const struct dicom_attribute *a)
{
	for (unsigned i = 0; i < DICOM_OPTIONS; i++)
		if ((a->options & 1u << i) != 0)
			return dicom_options[i].word;
	return NULL;
}

static bool
is_free_text(const char *vr)
{
	static const char *const texts[] = { "LO", "LT", "SH", "ST", "UC", "UT",
		NULL };

	for (size_t i = 0; texts[i] != NULL; i++)
		if (strcmp(vr, texts[i]) == 0)
			return true;
	return false;
}

static void
weak_tag(const struct telling *t, const struct file_rule *rule,
    const struct field_rule *r)
{
	const struct dicom_attribute *a = dicom_named(r->name, strlen(r->name));
	struct transform profile = profile_transform(rule, r->name);

	must(a != NULL);
	if (same_action(&r->how, &profile))
		warn(t, r->how.line,
		    "\"%.64s\": the profile of line %u does the same with it",
		    r->name, rule->profile_line);
	if (r->how.action != TRANSFORM_KEEP || !tag_is_weaker(rule, r) ||
	    name_identifies(name_says(r->name))) /* told like a column's */
		return;
	if (strcmp(a->vr, "PN") == 0)
		warn(t, r->how.line,
		    "keep: \"%.64s\" is the name of a person; drop it, or make "
		    "it a token",
		    r->name);
	else if (option_for(a) != NULL)
		warn(t, r->how.line,
		    "keep: \"%.64s\" is what options: [%s] is for, which says "
		    "so in the file as well",
		    r->name, option_for(a));
	else if (is_free_text(a->vr))
		warn(t, r->how.line,
		    "keep: \"%.64s\" is a text, and persons may be named in "
		    "it; detect finds most of that",
		    r->name);
	else
		warn(t, r->how.line,
		    "keep: \"%.64s\" is what the profile does not let through",
		    r->name);
}

void
warn_dicom(const struct telling *t)
{
	const struct policy *p = t->policy;

	for (size_t i = 0; i < p->nfiles; i++) {
		const struct file_rule *r = &p->files[i];

		if (r->exclude != NULL || r->type != TYPE_DICOM)
			continue;
		for (size_t k = 0; k < r->nfields; k++)
			weak_tag(t, r, &r->fields[k]);
		if (transform_needs_subject(&r->dates) && p->nsubjects == 0)
			warn(t, r->dates.line,
			    "shift: needs to know whose date it is, and there "
			    "is no subject: at the top");
	}
}
