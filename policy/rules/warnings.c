/* What a policy allows and surely does not mean. */

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "keys/base/near.h"
#include "policy/legal/legal.h"
#include "policy/rules/rules_internal.h"

struct telling {
	const struct policy *policy;
	void (*tell)(void *to, const char *text);
	void *to;
};

static void PRINTF(3, 4)
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

/* File rules behind one that matches all that they match. */
static void
dead_rules(const struct telling *t)
{
	const struct policy *p = t->policy;

	for (size_t i = 1; i < p->nfiles; i++)
		for (size_t k = 0; k < i; k++)
			if (glob_covers(p->files[k].match, p->files[i].match)) {
				warn(t, p->files[i].line,
				    "never reached: \"%s\" in line %u matches "
				    "first",
				    p->files[k].match, p->files[k].line);
				break;
			}
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

/* Without a field for the key of the person, groups.csv cannot be made. */
static void
idle_subjects(const struct telling *t)
{
	const struct policy *p = t->policy;

	for (size_t i = 0; i < p->nsubjects; i++)
		for (size_t k = 0; k < p->nfiles; k++)
			if (p->files[k].exclude != NULL &&
			    glob_covers(
				p->files[k].match, p->subjects[i].file)) {
				warn(t, p->subjects[i].line,
				    "subject: line %u excludes \"%s\"",
				    p->files[k].line, p->subjects[i].file);
				break;
			}
}

/* Few values are told apart by how often each comes. */
static bool
has_few_values(const char *name)
{
	static const char *const words[] = { "sex", "gender", "blood_group",
		"blood_type", "marital_status", "religion", "country" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(name, words[i]) == 0)
			return true;
	return false;
}

/* More of it than tells where somebody is, roughly. */
#define NETWORK_V4 24u
#define NETWORK_V6 56u
/* An account number shows four; more is a good part of most identifiers. */
#define KEPT_CHARS 10u

static void
weak_field(const struct telling *t, const struct field_rule *r)
{
	const struct transform *how = &r->how;

	if (how->action == TRANSFORM_TOKEN && how->scope == SCOPE_PROJECT &&
	    has_few_values(r->name))
		warn(t, how->line,
		    "token: \"%.64s\" has few values, which are told by how "
		    "often each comes",
		    r->name);
	if (how->action == TRANSFORM_MASK &&
	    how->first + how->last > KEPT_CHARS)
		warn(t, how->line,
		    "mask: keeps %u characters, which may name "
		    "the person",
		    how->first + how->last);
	if (how->action == TRANSFORM_IP &&
	    (how->first > NETWORK_V4 || how->last > NETWORK_V6))
		warn(t, how->line,
		    "ip: a network this small can be one household");
	if (transform_needs_subject(how) && t->policy->nsubjects == 0)
		warn(t, how->line,
		    "shift: needs to know whose date it is, and there is no "
		    "subject: at the top");
}

static void
weak_choices(const struct telling *t)
{
	const struct policy *p = t->policy;

	for (size_t i = 0; i < p->nfiles; i++)
		for (size_t k = 0; k < p->files[i].nfields; k++)
			weak_field(t, &p->files[i].fields[k]);
}

void
policy_warnings(
    const struct policy *p, void (*tell)(void *to, const char *text), void *to)
{
	const struct telling t = { p, tell, to };

	dead_rules(&t);
	unusual_agreements(&t);
	idle_subjects(&t);
	weak_choices(&t);
}
