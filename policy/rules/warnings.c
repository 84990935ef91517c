/* What a policy allows and surely does not mean. */

#include <stdarg.h>
#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/near.h"
#include "policy/legal/legal.h"
#include "policy/names/names.h"
#include "policy/rules/warnings_internal.h"

/* Steps of comparing two patterns, at most the product of their lengths:
 * enough for 4,096 rules of 28 characters each, and seconds. */
#define COVER_STEPS ((uint64_t)1 << 33)

bool
warn_covers(const struct telling *t, const char *glob, const char *other)
{
	uint64_t steps = (uint64_t)strlen(glob) * strlen(other);

	if (steps > *t->steps)
		return false;
	*t->steps -= steps;
	return glob_covers(glob, other);
}

void
warn(const struct telling *t, uint32_t line, const char *fmt, ...)
{
	char what[500], text[800];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	if (line == 0)
		(void)snprintf(
		    text, sizeof(text), "%s: %s", t->policy->name, what);
	else
		(void)snprintf(text, sizeof(text), "%s:%u: %s", t->policy->name,
		    line, what);
	t->tell(t->to, text);
}

/* The fewest of the rules before i that take all from it, as "lines 3, 8". */
static void
warn_union(
    const struct telling *t, const char **globs, size_t i, uint64_t *budget)
{
	const struct file_rule *r = t->policy->files;
	char lines[160];
	size_t n = i, len = 0;

	for (size_t k = i; k-- > 0 && n > 2;) {
		const char *out = globs[k];

		memmove(globs + k, globs + k + 1, (n - k - 1) * sizeof(*globs));
		if (globs_cover(globs, n - 1, r[i].match, budget)) {
			n--;
			continue;
		}
		memmove(globs + k + 1, globs + k, (n - k - 1) * sizeof(*globs));
		globs[k] = out;
	}
	for (size_t k = 0, j = 0; k < i && j < n; k++) {
		if (r[k].match != globs[j])
			continue;
		j++;
		if (len + 24 < sizeof(lines))
			len +=
			    (size_t)snprintf(lines + len, sizeof(lines) - len,
				"%s%u", j > 1 ? ", " : "", r[k].line);
	}
	warn(t, r[i].line,
	    "never reached: lines %s together match all that it matches",
	    lines);
}

/* File rules behind one, or several, that match all that they match. */
static void
dead_rules(const struct telling *t)
{
	const struct policy *p = t->policy;
	const char **globs = mem_array(p->nfiles, sizeof(*globs));
	uint64_t budget = COVER_BUDGET;
	size_t k;

	for (size_t i = 1; i < p->nfiles; i++) {
		for (k = 0; k < i; k++)
			if (warn_covers(
				t, p->files[k].match, p->files[i].match))
				break;
		if (k < i) {
			warn(t, p->files[i].line,
			    "never reached: \"%s\" in line %u matches first",
			    p->files[k].match, p->files[k].line);
			continue;
		}
		if (globs == NULL)
			continue;
		for (k = 0; k < i; k++)
			globs[k] = p->files[k].match;
		if (globs_cover(globs, i, p->files[i].match, &budget))
			warn_union(t, globs, i, &budget);
	}
	mem_free(globs);
}

static void
unusual_agreements(const struct telling *t)
{
	const struct names *a = &t->policy->agreements;

	for (size_t i = 0; i < a->n; i++) {
		const char *near = near_word(a->at[i], legal_usual_types);

		if (near != NULL && strcmp(near, a->at[i]) != 0)
			warn(t, 0,
			    "agreements: \"%s\" is unusual; did you mean %s?",
			    a->at[i], near);
	}
}

/* Does a dictionary have names from such files?  Whose they are is said by a
 * subject, whether the file leaves or not. */
static bool
has_names(const struct telling *t, const char *file)
{
	const struct detection *d = &t->policy->detection;

	for (size_t i = 0; i < d->ndictionary; i++)
		if (warn_covers(t, file, d->dictionary[i].file) ||
		    warn_covers(t, d->dictionary[i].file, file))
			return true;
	return false;
}

/* Without a field for the key of the person, groups.csv cannot be made. */
static void
idle_subjects(const struct telling *t)
{
	const struct policy *p = t->policy;

	for (size_t i = 0; i < p->nsubjects; i++)
		for (size_t k = 0; k < p->nfiles; k++)
			if (p->files[k].exclude != NULL &&
			    warn_covers(
				t, p->files[k].match, p->subjects[i].file) &&
			    !has_names(t, p->subjects[i].file)) {
				warn(t, p->subjects[i].line,
				    "subject: line %u excludes \"%s\"",
				    p->files[k].line, p->subjects[i].file);
				break;
			}
}

static bool
refers(const struct file_rule *r)
{
	for (size_t i = 0; i < r->nfields; i++)
		if (r->fields[i].how.action == TRANSFORM_ITEM_REF)
			return true;
	return false;
}

/* A subject by item_ref, and no line that refers. */
static void
unnamed_subjects(const struct telling *t)
{
	const struct policy *p = t->policy;
	bool any = false;

	for (size_t i = 0; i < p->nfiles; i++)
		any = any || refers(&p->files[i]);
	for (size_t i = 0; i < p->nsubjects && !any; i++)
		if (p->subjects[i].by == SUBJECT_REF)
			warn(t, p->subjects[i].line,
			    "subject: by item_ref, and no column or path is "
			    "one");
}

/* A subject behind one whose pattern matches first. */
static void
dead_subjects(const struct telling *t)
{
	const struct subject_rule *s = t->policy->subjects;

	for (size_t i = 1; i < t->policy->nsubjects; i++)
		for (size_t k = 0; k < i; k++)
			if (warn_covers(t, s[k].file, s[i].file)) {
				warn(t, s[i].line,
				    "subject: never reached: \"%s\" in line "
				    "%u matches first",
				    s[k].file, s[k].line);
				break;
			}
}

/* Such a rule under risk measures nothing. */
static void
dead_risks(const struct telling *t)
{
	const struct risk_rule *r = t->policy->risks;

	for (size_t i = 1; i < t->policy->nrisks; i++)
		for (size_t k = 0; k < i; k++)
			if (warn_covers(t, r[k].file, r[i].file)) {
				warn(t, r[i].line,
				    "risk: never reached: \"%s\" in line %u "
				    "matches first",
				    r[k].file, r[k].line);
				break;
			}
}

/* One file by its name, which no rule lets leave as rows. */
static void
idle_risks(const struct telling *t)
{
	const struct policy *p = t->policy;

	for (size_t i = 0; i < p->nrisks; i++) {
		const struct risk_rule *r = &p->risks[i];
		const struct file_rule *rule;
		struct fault none = { 0 };

		if (strpbrk(r->file, "*?") != NULL)
			continue;
		if (policy_match(p, r->file, &rule, &none) != 0)
			warn(t, r->line,
			    "risk: no rule under files matches \"%s\"",
			    r->file);
		else if (rule->exclude != NULL)
			warn(t, r->line, "risk: line %u excludes \"%s\"",
			    rule->line, r->file);
	}
}

/* Dates of one person that are moved by different days lose what is between
 * them. */
static void
torn_shift(const struct telling *t, const struct transform **first,
    const struct transform *how)
{
	if (how->action != TRANSFORM_SHIFT)
		return;
	if (*first == NULL)
		*first = how;
	if (how->first != (*first)->first)
		warn(t, how->line,
		    "shift: by up to %u days, and by up to %u in line %u: what "
		    "lies between two such dates changes",
		    how->first, (*first)->first, (*first)->line);
}

static void
torn_shifts(const struct telling *t)
{
	const struct transform *first = NULL;

	for (size_t i = 0; i < t->policy->nfiles; i++) {
		const struct file_rule *rule = &t->policy->files[i];

		torn_shift(t, &first, &rule->dates);
		for (size_t k = 0; k < rule->nfields; k++)
			torn_shift(t, &first, &rule->fields[k].how);
	}
}

/* ---- Texts, and the names that the dataset itself has ---- */

static const struct transform *
first_search(const struct policy *p)
{
	for (size_t i = 0; i < p->nfiles; i++)
		for (size_t k = 0; k < p->files[i].nfields; k++)
			if (p->files[i].fields[k].how.action ==
			    TRANSFORM_DETECT)
				return &p->files[i].fields[k].how;
	return NULL;
}

/* Is it a person's own: what texts about him would call him by? */
static bool
names_somebody(const struct field_rule *r)
{
	enum name_meaning m = name_says(r->name);

	return r->how.action != TRANSFORM_KEEP &&
	       (m == NAME_PERSON || m == NAME_PHONE || m == NAME_STREET ||
		   m == NAME_RECORD || m == NAME_NATIONAL);
}

static void
unused_names(const struct telling *t, const struct transform *search)
{
	const struct policy *p = t->policy;

	for (size_t i = 0; i < p->nfiles; i++)
		for (size_t k = 0; k < p->files[i].nfields; k++) {
			const struct field_rule *r = &p->files[i].fields[k];

			if (p->files[i].type == TYPE_DICOM ||
			    !names_somebody(r))
				continue;
			warn(t, search->line,
			    "detect: texts are searched without the names that "
			    "the dataset has itself (\"%.64s\" in line %u); "
			    "under detect:   dictionary: [{file: \"%.80s\", "
			    "%s: {\"%.64s\": %s}}]",
			    r->name, r->how.line, p->files[i].match,
			    p->files[i].type == TYPE_CSV ? "columns" : "fields",
			    r->name,
			    name_says(r->name) == NAME_PERSON	? "PERSON"
			    : name_says(r->name) == NAME_PHONE	? "PHONE_NUMBER"
			    : name_says(r->name) == NAME_STREET ? "ADDRESS"
								: "ID_NUMBER");
			return;
		}
}

static void
own_names(const struct telling *t)
{
	const struct detection *d = &t->policy->detection;
	const struct transform *search = first_search(t->policy);

	if (search == NULL && d->ndictionary > 0)
		warn(t, d->dictionary[0].line,
		    "dictionary: no text is searched: no column, path or file "
		    "is under detect");
	else if (search != NULL && d->ndictionary == 0)
		unused_names(t, search);
}

void
policy_warnings(
    const struct policy *p, void (*tell)(void *to, const char *text), void *to)
{
	uint64_t steps = COVER_STEPS;
	const struct telling t = { p, tell, to, &steps };

	dead_rules(&t);
	unusual_agreements(&t);
	idle_subjects(&t);
	dead_subjects(&t);
	dead_risks(&t);
	idle_risks(&t);
	unnamed_subjects(&t);
	warn_choices(&t);
	warn_tied(&t);
	own_names(&t);
	torn_shifts(&t);
	warn_dicom(&t);
}
