/*
 * The dataset's own names in a draft: where texts stand beside columns that say
 * who they are about, a dictionary of those columns, as a comment.
 */

#include <string.h>

#include "policy/propose/draft_internal.h"

/* What a column of that meaning names; NULL: nobody by name. */
static const char *
names(const struct draft_field *d)
{
	enum name_meaning m = d->p.meaning;

	return m == NAME_PERSON				? "PERSON"
	       : m == NAME_PHONE			? "PHONE_NUMBER"
	       : m == NAME_STREET			? "ADDRESS"
	       : m == NAME_RECORD || m == NAME_NATIONAL ? "ID_NUMBER"
							: NULL;
}

/* Values as short as names are, at a place of its own. */
static bool
is_listed(const struct draft_group *g, size_t i)
{
	const struct draft_field *d = &g->fields[i];

	return d->top == i && d->crowd == 0 && !d->inside && names(d) != NULL &&
	       d->e.values > 0 && d->e.longest <= 200;
}

static bool
has_text(const struct policy_draft *d)
{
	for (uint32_t i = 0; i < d->rules->groups; i++) {
		const struct draft_group *g = &d->groups[i];

		if (!g->known)
			continue;
		if (g->type == TYPE_TEXT && g->files > 0)
			return true;
		for (size_t k = 0; k < g->nfields; k++)
			if (g->fields[k].top == k &&
			    strcmp(g->fields[k].p.seems, "free text") == 0)
				return true;
	}
	return false;
}

static int
write_head(struct bytes *out, struct fault *f)
{
	return bytes_add_text(out,
	    "# for texts that are under detect: these names are found in all "
	    "of them; what one\n"
	    "# entry has as PERSON is one person's name in parts, another "
	    "person has another entry\n"
	    "# detect:\n"
	    "#   dictionary:\n",
	    f);
}

static int
write_entry(struct bytes *out, const struct look_rule *r,
    const struct draft_group *g, bool *any, struct fault *f)
{
	bool first = true;

	for (size_t i = 0; i < g->nfields; i++) {
		if (!is_listed(g, i))
			continue;
		if (!*any && write_head(out, f) != 0)
			return -1;
		*any = true;
		if (first &&
		    (bytes_add_text(out, "#     - {file: ", f) != 0 ||
			transform_quote(out, r->glob, f) != 0 ||
			bytes_addf(out, f, ", %s: {",
			    g->type == TYPE_CSV ? "columns" : "fields") != 0))
			return -1;
		if ((!first && bytes_add_text(out, ", ", f) != 0) ||
		    policy_key(out, g->fields[i].name, f) != 0 ||
		    bytes_addf(out, f, ": %s", names(&g->fields[i])) != 0)
			return -1;
		first = false;
	}
	return first ? 0 : bytes_add_text(out, "}}\n", f);
}

int
draft_names(struct bytes *out, const struct policy_draft *d, struct fault *f)
{
	bool any = false;

	if (!has_text(d))
		return 0;
	for (uint32_t i = 0; i < d->rules->n; i++) {
		const struct look_rule *r = &d->rules->at[i];
		const struct draft_group *g = &d->groups[r->group];

		if (g->known && g->type <= TYPE_JSONL && !draft_is_beyond(g) &&
		    write_entry(out, r, g, &any, f) != 0)
			return -1;
	}
	return 0;
}
