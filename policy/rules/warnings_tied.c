/*
 * Lines of a policy that mean the same thing and do not agree: what risk:
 * measures and columns: drops, whose key subject: names and no line has, one
 * person's key under two tokens.  And patterns that are meant as another
 * program's.
 */

#include <string.h>

#include "policy/rules/warnings_internal.h"

/* The line that decides a column, attribute or canonical path; NULL: none. */
static const struct field_rule *
line_of(const struct file_rule *rule, const char *column, const char *path)
{
	const char *name =
	    rule->type == TYPE_JSON || rule->type == TYPE_JSONL ? path : column;

	return name == NULL ? NULL : policy_line(rule, name);
}

/* -- risk ---------------------------------------------------------------- */

/* Where no rule for such files lets it leave. */
static void
idle_measure(const struct telling *t, const struct risk_rule *risk,
    const struct risk_field *field)
{
	const struct policy *p = t->policy;
	const struct field_rule *gone = NULL;
	const struct file_rule *lacks = NULL;

	for (size_t i = 0; i < p->nfiles; i++) {
		const struct file_rule *rule = &p->files[i];
		const struct field_rule *line;

		if (rule->exclude != NULL ||
		    (rule->type != TYPE_CSV && rule->type != TYPE_JSONL) ||
		    !warn_overlaps(t, rule->match, risk->file))
			continue;
		line = line_of(rule, field->name, field->path);
		if (line != NULL && line->how.action != TRANSFORM_DROP)
			return;
		if (line == NULL && lacks == NULL)
			lacks = rule;
		else if (line != NULL)
			gone = line;
	}
	/* What levels are searched for may well be gone by their advice. */
	if (gone != NULL && field->nlevels == 0)
		warn(t, field->line,
		    "risk: \"%.64s\" is dropped in line %u, so that nothing "
		    "of it is measured",
		    field->name, gone->how.line);
	else if (gone == NULL && lacks != NULL)
		warn(t, field->line,
		    "risk: \"%.64s\" is on no line of the rule in line %u",
		    field->name, lacks->line);
}

static void
idle_measures(const struct telling *t)
{
	const struct policy *p = t->policy;

	for (size_t i = 0; i < p->nrisks; i++)
		for (size_t k = 0; k < p->risks[i].nfields; k++)
			idle_measure(t, &p->risks[i], &p->risks[i].fields[k]);
}

/* -- subject ------------------------------------------------------------- */

/* Is the subject the first for files of that rule, as far as is plain? */
static bool
is_subject_of(const struct telling *t, const struct file_rule *rule,
    const struct subject_rule *s)
{
	if (rule->exclude != NULL || !warn_overlaps(t, rule->match, s->file))
		return false;
	for (const struct subject_rule *k = t->policy->subjects; k < s; k++)
		if (warn_covers(t, k->file, rule->match))
			return false;
	return true;
}

/* DICOM's profile has a decision for every attribute. */
static void
lacking_subject(const struct telling *t, const struct subject_rule *s)
{
	const struct policy *p = t->policy;
	const struct file_rule *lacks = NULL;

	for (size_t i = 0; i < p->nfiles; i++) {
		const struct file_rule *rule = &p->files[i];

		if (!is_subject_of(t, rule, s))
			continue;
		if (rule->type == TYPE_DICOM ||
		    line_of(rule, s->field, s->field) != NULL)
			return;
		if (lacks == NULL)
			lacks = rule;
	}
	if (lacks != NULL)
		warn(t, s->line,
		    "subject: \"%.64s\" is on no line of the rule in line %u",
		    s->field, lacks->line);
}

/* Tokens of one person's key join only in one domain. */
static void
torn_key(const struct telling *t, const struct file_rule *rule,
    const struct subject_rule *s, const struct transform **first)
{
	const struct field_rule *line = line_of(rule, s->field, s->field);

	if (line == NULL || line->how.action != TRANSFORM_TOKEN ||
	    line->how.scope != SCOPE_PROJECT)
		return;
	if (*first == NULL)
		*first = &line->how;
	else if (strcmp(line->how.domain, (*first)->domain) != 0)
		warn(t, line->how.line,
		    "token: the person's key has domain \"%.64s\" here and "
		    "\"%.64s\" in line %u, so that the files do not join; "
		    "write {token: {domain: \"%.64s\"}} in both",
		    line->how.domain, (*first)->domain, (*first)->line,
		    (*first)->domain);
}

static void
subjects(const struct telling *t)
{
	const struct policy *p = t->policy;
	const struct transform *first = NULL;

	for (size_t i = 0; i < p->nsubjects; i++) {
		const struct subject_rule *s = &p->subjects[i];

		if (s->by != SUBJECT_FIELD)
			continue;
		lacking_subject(t, s);
		for (size_t k = 0; k < p->nfiles; k++)
			if (is_subject_of(t, &p->files[k], s))
				torn_key(t, &p->files[k], s, &first);
	}
}

/* -- Patterns and paths -------------------------------------------------- */

/* "*.{csv,tsv}", which a shell would take as two. */
static void
braced(const struct telling *t, uint32_t line, const char *glob)
{
	const char *open = strchr(glob, '{');
	const char *comma = open == NULL ? NULL : strchr(open, ',');
	const char *close = comma == NULL ? NULL : strchr(comma, '}');

	if (close != NULL)
		warn(t, line,
		    "\"%.80s\": braces stand for themselves; write one rule "
		    "for \"%.*s%.*s%.80s\", and one for each of the others",
		    glob, (int)(open - glob), glob, (int)(comma - open - 1),
		    open + 1, close + 1);
}

static void
braces(const struct telling *t)
{
	const struct policy *p = t->policy;
	const struct detection *d = &p->detection;

	for (size_t i = 0; i < p->nfiles; i++)
		braced(t, p->files[i].line, p->files[i].match);
	for (size_t i = 0; i < p->nsubjects; i++)
		braced(t, p->subjects[i].line, p->subjects[i].file);
	for (size_t i = 0; i < p->nrisks; i++)
		braced(t, p->risks[i].line, p->risks[i].file);
	for (size_t i = 0; i < d->ndictionary; i++)
		braced(t, d->dictionary[i].line, d->dictionary[i].file);
}

/* "m: token" before "m.**": whoever wrote the second knows that m has insides,
 * and the first does not reach them. */
static void
hollow_lines(const struct telling *t, const struct file_rule *rule)
{
	for (size_t i = 0; i < rule->nfields; i++) {
		const struct field_rule *r = &rule->fields[i];

		for (size_t k = i + 1; k < rule->nfields; k++) {
			const struct field_rule *o = &rule->fields[k];

			if (r->below || r->whole || !o->below ||
			    strcmp(r->name, o->name) != 0)
				continue;
			warn(t, r->how.line,
			    "\"%.64s\": what lies inside is decided by line "
			    "%u (\"%.64s.**\"), and this line decides only a "
			    "value that stands there itself",
			    r->name, o->how.line, o->name);
			break;
		}
	}
}

void
warn_tied(const struct telling *t)
{
	const struct policy *p = t->policy;

	idle_measures(t);
	subjects(t);
	braces(t);
	for (size_t i = 0; i < p->nfiles; i++)
		if (p->files[i].type == TYPE_JSON ||
		    p->files[i].type == TYPE_JSONL)
			hollow_lines(t, &p->files[i]);
}
