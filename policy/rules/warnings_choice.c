/*
 * Actions that show more than was meant, told by what a field is called.
 *
 * They are warnings and no errors: a name is evidence, and the owner may know
 * better.  What is measured under risk: has been thought of, and so has data
 * of Art. 9 that legal: declares.
 */

#include <string.h>

#include "policy/legal/legal.h"
#include "policy/names/names.h"
#include "policy/rules/warnings_internal.h"

/* More of it than tells where somebody is, roughly. */
#define NETWORK_V4 24u
#define NETWORK_V6 56u
/* An account number shows four; more is a good part of most identifiers. */
#define KEPT_CHARS 10u
/* 0.001 degrees are some 100 m: a few houses. */
static const struct decimal houses = { 0, 1000000000000000 };
/* Of the scores that the built-in rules give (docs/DETECT.md), most names and
 * numbers without a check digit lie below. */
#define SCORE_FEW 90u

/* -- keep ---------------------------------------------------------------- */

bool
warn_overlaps(const struct telling *t, const char *a, const char *b)
{
	return warn_covers(t, a, b) || warn_covers(t, b, a);
}

/* Does a risk rule for such files measure the field? */
static bool
is_measured(const struct telling *t, const struct file_rule *rule,
    const struct field_rule *r)
{
	const struct policy *p = t->policy;

	for (size_t i = 0; i < p->nrisks; i++) {
		const struct risk_rule *k = &p->risks[i];

		if (!risk_asks(k) || !warn_overlaps(t, k->file, rule->match))
			continue;
		for (size_t j = 0; j < k->nfields; j++)
			if (strcmp(k->fields[j].name, r->name) == 0 ||
			    (k->fields[j].path != NULL &&
				strcmp(k->fields[j].path, r->name) == 0))
				return true;
	}
	return false;
}

/* What is better than to keep it, or NULL: then keep is no weak choice. */
static const char *
instead_of_keep(const struct telling *t, enum name_meaning m)
{
	if (name_identifies(m))
		return "what names a person is dropped or a token";
	if (m == NAME_BIRTH)
		return "with a few other facts it is one person's; write "
		       "{generalise: {date: year}}";
	if (m == NAME_POSTCODE)
		return "with a few other facts it is one person's; write "
		       "{generalise: {postcode: {keep: 3}}}";
	if (m == NAME_LATITUDE || m == NAME_LONGITUDE)
		return "with the other coordinate it is a house; write "
		       "{generalise: {grid: {degrees: 0.1}}}";
	if (m == NAME_TEXT)
		return "persons may be named in it; detect finds most of that";
	if (name_is_special(m) && !legal_special(&t->policy->legal))
		return "of a special category (Art. 9, 10 GDPR); drop it, "
		       "measure it under risk: sensitive, or declare it under "
		       "legal: data";
	return NULL;
}

static void
weak_keep(const struct telling *t, const struct file_rule *rule,
    const struct field_rule *r)
{
	enum name_meaning m = name_says(r->name);
	const char *instead = instead_of_keep(t, m);

	if (r->how.action != TRANSFORM_KEEP || instead == NULL)
		return;
	if (rule->type == TYPE_DICOM ? /* warnings_dicom.c has the rest */
		!name_identifies(m) || !tag_is_weaker(rule, r)
				     : !name_identifies(m) && m != NAME_TEXT &&
					   is_measured(t, rule, r))
		return;
	warn(t, r->how.line, "keep: \"%.64s\" is called after %s; %s", r->name,
	    name_meaning_text(m), instead);
}

/* -- mask, truncate ------------------------------------------------------ */

/* How many characters of such a value may stay: more is all of many values, or
 * enough to know them by.  0: nothing is known. */
static uint32_t
enough(enum name_meaning m)
{
	switch (m) {
	case NAME_PERSON: /* "Anna", "Ng" */
	case NAME_USER:
	case NAME_EMAIL: /* what stands before the @ is a name */
	case NAME_STREET:
		return 3;
	case NAME_PERSON_KEY:
	case NAME_NATIONAL: /* the last four of a social security number */
	case NAME_RECORD:
	case NAME_LICENCE:
	case NAME_VEHICLE:
	case NAME_DEVICE:
	case NAME_BIOMETRIC:
	case NAME_SECRET:
	case NAME_POSTCODE: /* of five, the area */
		return 4;
	case NAME_LATITUDE: /* 52.51: a kilometre */
	case NAME_LONGITUDE:
		return 5;
	case NAME_PHONE: /* country and area */
		return 6;
	case NAME_BIRTH: /* 1980-03 */
		return 7;
	case NAME_ACCOUNT: /* an IBAN's country and bank, or its last */
	case NAME_IP:
		return 8;
	case NAME_CARD: /* PCI DSS 3.4.1: first six and last four */
	case NAME_URL:
	case NAME_TEXT:
		return KEPT_CHARS;
	default:
		return 0;
	}
}

static void
weak_cut(const struct telling *t, const struct field_rule *r)
{
	const struct transform *how = &r->how;
	enum name_meaning m = name_says(r->name);
	bool mask = how->action == TRANSFORM_MASK;
	uint32_t kept = how->first + (mask ? how->last : 0);

	if (!mask && how->action != TRANSFORM_TRUNCATE)
		return;
	if (enough(m) != 0 && kept > enough(m))
		warn(t, how->line,
		    "%s: leaves %u characters of \"%.64s\", which is called "
		    "after %s: all of many values, or enough to know them by; "
		    "%u at most",
		    mask ? "mask" : "truncate", kept, r->name,
		    name_meaning_text(m), enough(m));
	else if (mask && kept > KEPT_CHARS)
		warn(t, how->line,
		    "mask: keeps %u characters, which may name the person",
		    kept);
}

/* -- Others -------------------------------------------------------------- */

static void
weak_place(const struct telling *t, const struct transform *how)
{
	if (how->action == TRANSFORM_IP &&
	    (how->first > NETWORK_V4 || how->last > NETWORK_V6))
		warn(t, how->line,
		    "ip: a network this small can be one household");
	if (how->action == TRANSFORM_GRID &&
	    decimal_compare(&how->edges[0], &houses) < 0)
		warn(t, how->line, "grid: a cell this small is one house");
}

/* What a key does not hide. */
static void
weak_key(const struct telling *t, const struct field_rule *r)
{
	const struct transform *how = &r->how;

	if (how->action == TRANSFORM_TOKEN && how->scope == SCOPE_PROJECT &&
	    name_has_few_values(r->name))
		warn(t, how->line,
		    "token: \"%.64s\" has few values, which are told by how "
		    "often each comes",
		    r->name);
	if (how->action == TRANSFORM_FPE &&
	    name_says(r->name) == NAME_POSTCODE &&
	    strcmp(how->text, transform_alphabet("digits")) == 0)
		warn(t, how->line,
		    "fpe: \"%.64s\" is called after a postcode, and five "
		    "digits have fewer than a million values, which is "
		    "refused; write {generalise: {postcode: {keep: 3}}}",
		    r->name);
}

static void
weak_search(const struct telling *t, const struct transform *how)
{
	if (how->action == TRANSFORM_DETECT && how->doubtful == DOUBT_KEEP &&
	    how->first >= SCORE_FEW)
		warn(t, how->line,
		    "detect: with min_score: %u and doubtful: keep most of "
		    "what is found stays; leave min_score out, or write "
		    "doubtful: redact",
		    how->first);
}

static void
weak_field(const struct telling *t, const struct file_rule *rule,
    const struct field_rule *r)
{
	weak_keep(t, rule, r);
	weak_cut(t, r);
	weak_place(t, &r->how);
	weak_key(t, r);
	weak_search(t, &r->how);
	if (transform_needs_subject(&r->how) && t->policy->nsubjects == 0)
		warn(t, r->how.line,
		    "shift: needs to know whose date it is, and there is no "
		    "subject: at the top");
}

/* What one rule keeps and another hides can be put together again. */
static void
contradicted(const struct telling *t, const struct file_rule *rule,
    const struct field_rule *r)
{
	const struct policy *p = t->policy;

	if (r->how.action != TRANSFORM_KEEP || r->name[0] == '\0' ||
	    !name_identifies(name_says(r->name)))
		return;
	for (size_t i = 0; i < p->nfiles; i++)
		for (size_t k = 0; k < p->files[i].nfields; k++) {
			const struct field_rule *o = &p->files[i].fields[k];

			if (&p->files[i] == rule ||
			    o->how.action == TRANSFORM_KEEP ||
			    o->how.action == TRANSFORM_REFUSE ||
			    strcmp(o->name, r->name) != 0)
				continue;
			warn(t, r->how.line,
			    "\"%.64s\" is kept here, and line %u hides it: "
			    "whoever has both has it",
			    r->name, o->how.line);
			return;
		}
}

void
warn_choices(const struct telling *t)
{
	const struct policy *p = t->policy;

	for (size_t i = 0; i < p->nfiles; i++)
		for (size_t k = 0; k < p->files[i].nfields; k++) {
			weak_field(t, &p->files[i], &p->files[i].fields[k]);
			contradicted(t, &p->files[i], &p->files[i].fields[k]);
		}
}
