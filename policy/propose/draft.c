/*
 * What the columns of all groups are together: which is the item's id, and
 * which holds the key of the person, over files.
 *
 * A subject is proposed where its column is in every file that its pattern
 * could be the first to match; a policy whose subject is not in a file stops
 * there.
 */

#include <string.h>
#include <strings.h>

#include "keys/base/mem.h"
#include "policy/propose/draft_internal.h"

/* What a domain is written with. */
static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

/* One value a record, and none missing? */
static bool
is_key(const struct draft_group *g, const struct draft_field *d)
{
	return g->records > 0 && d->e.values == g->records && d->e.empty == 0 &&
	       strstr(d->name, "[*]") == NULL &&
	       d->top == (size_t)(d - g->fields) && d->crowd == 0 &&
	       !d->inside && !d->p.refuse;
}

static bool
is_unique(const struct draft_group *g, const struct draft_field *d)
{
	return is_key(g, d) && !d->e.more && d->e.distinct == d->e.values;
}

/* The column that names a record: one whose name says so. */
static size_t
find_item(const struct draft_group *g)
{
	size_t best = SIZE_MAX;

	if (!g->known || (g->type != TYPE_CSV && g->type != TYPE_JSONL) ||
	    !g->header)
		return SIZE_MAX;
	for (size_t i = 0; i < g->nfields; i++) {
		const struct draft_field *d = &g->fields[i];
		enum name_meaning m = name_says(d->name);

		if ((m != NAME_PERSON_KEY && m != NAME_KEY) || !is_unique(g, d))
			continue;
		/* "id" before "customer_id", and the first of several */
		if (best == SIZE_MAX ||
		    (m == NAME_KEY &&
			name_says(g->fields[best].name) != NAME_KEY))
			best = i;
	}
	return best;
}

/* The column that names a person: one called so, or the item's in a table that
 * is about persons. */
static size_t
find_subject(const struct draft_group *g)
{
	size_t persons = 0;

	if (!g->known || g->type > TYPE_JSONL || !g->header)
		return SIZE_MAX;
	for (size_t i = 0; i < g->nfields; i++) {
		const struct draft_field *d = &g->fields[i];

		if (name_says(d->name) == NAME_PERSON_KEY && is_key(g, d))
			return i;
		persons += d->p.person;
	}
	return persons > 0 && g->item != SIZE_MAX ? g->item : SIZE_MAX;
}

static bool
becomes_token(const struct draft_group *g)
{
	const char *action =
	    g->subject == SIZE_MAX ? "" : g->fields[g->subject].p.action;

	return strncmp(action, "token", 5) == 0 ||
	       strncmp(action, "{token", 6) == 0;
}

const struct draft_field *
draft_person(const struct policy_draft *d)
{
	for (uint32_t i = 0; i < d->rules->groups; i++)
		if (becomes_token(&d->groups[i]))
			return &d->groups[i].fields[d->groups[i].subject];
	return NULL;
}

/* The persons of all groups are told apart by one key, so their tokens have one
 * domain, that of the first; a name that would have to be quoted names none. */
static void
join_persons(struct policy_draft *d)
{
	const struct draft_field *first = draft_person(d);
	char action[PROPOSAL_TEXT];

	if (first == NULL)
		return;
	if (first->p.action[0] == '{')
		(void)snprintf(action, sizeof(action), "%s", first->p.action);
	else if (strspn(first->name, letters) == strlen(first->name))
		(void)snprintf(action, sizeof(action), "{token: {domain: %s}}",
		    first->name);
	else
		return;
	for (uint32_t i = 0; i < d->rules->groups; i++) {
		const struct draft_group *g = &d->groups[i];
		struct draft_field *k;

		if (!becomes_token(g) || &g->fields[g->subject] == first)
			continue;
		k = &g->fields[g->subject];
		if (k->p.action[0] == '{' || strcmp(k->name, first->name) != 0)
			(void)snprintf(
			    k->p.action, sizeof(k->p.action), "%s", action);
	}
}

int
draft_decide(struct policy_draft *d, struct fault *f)
{
	for (uint32_t i = 0; i < d->rules->groups; i++) {
		struct draft_group *g = &d->groups[i];

		if (draft_fold(g, f) != 0)
			return -1;
		for (size_t k = 0; k < g->nfields; k++) {
			struct draft_field *field = &g->fields[k];
			bool nameless =
			    g->known && g->type == TYPE_CSV && !g->header;

			propose(&field->p, nameless ? "" : field->name,
			    &field->e, d->profile, d->today);
			draft_name_domain(field);
		}
		g->item = find_item(g);
		g->subject = find_subject(g);
	}
	join_persons(d);
	return 0;
}

/* Does it say "number" and nothing more? */
static bool
is_bare(const char *last)
{
	static const char *const words[] = { "id", "no", "nr", "key", "code",
		"number", "uuid", "uid", "ref" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(last, words[i]) == 0)
			return true;
	return false;
}

/* A token's domain is the field's name unless another is given: of a path its
 * last name, so that tables and documents join, or its last two where that is
 * "id"; and a word where none can be one. */
void
draft_name_domain(struct draft_field *d)
{
	const char *last = strrchr(d->name, '.'), *before;
	char domain[TRANSFORM_NAME_MAX + 1];
	int n;

	if (strcmp(d->p.action, "token") != 0)
		return;
	if (last == NULL) {
		if (d->name[0] != '\0' && strcmp(d->name, "$") != 0 &&
		    strlen(d->name) <= TRANSFORM_NAME_MAX)
			return;
		(void)snprintf(d->p.action, sizeof(d->p.action),
		    "{token: {domain: value}}");
		return;
	}
	before = last++;
	while (before > d->name && strchr(letters, before[-1]) != NULL)
		before--;
	if (is_bare(last) && *before != '.')
		n = snprintf(domain, sizeof(domain), "%.*s_%s",
		    (int)(last - 1 - before), before, last);
	else
		n = snprintf(domain, sizeof(domain), "%s", last);
	if (n <= 0 || (size_t)n >= sizeof(domain) ||
	    strspn(domain, letters) != (size_t)n)
		(void)snprintf(domain, sizeof(domain), "value");
	(void)snprintf(
	    d->p.action, sizeof(d->p.action), "{token: {domain: %s}}", domain);
}

const char *
draft_subject(const struct draft_group *g)
{
	if (g->subject != SIZE_MAX)
		return g->fields[g->subject].name;
	/* each file has it (PS3.3, C.7.1.1), perhaps without a value */
	return g->known && g->type == TYPE_DICOM ? "PatientID" : NULL;
}

/* Would a subject with this rule's pattern be asked of a file of another group?
 * Rules in front of it take their files first, if they have a subject. */
bool
draft_subject_fits(const struct policy_draft *d, uint32_t rule)
{
	const struct look_rules *r = d->rules;

	for (uint32_t i = 0; i < r->n; i++) {
		const struct draft_group *g = &d->groups[r->at[i].group];

		if (i == rule || r->at[i].group == r->at[rule].group)
			continue;
		if (i < rule && draft_subject(g) != NULL)
			continue;
		/* patterns overlap at most where one spells out the other */
		if (glob_matches(r->at[rule].glob, r->at[i].glob))
			return false;
	}
	return true;
}
