/*
 * Evidence into a proposal: what the name says is held against what the values
 * are, and where they agree the row of that meaning says what is safe.
 *
 * Promises: `keep` is proposed only for what is known to name nobody, and never
 * where a single value is an address or number that does; an action that has to
 * read values is proposed only when it read all of them; what is left is
 * `refuse`, with what to choose from.
 */

#include <inttypes.h>
#include <string.h>

#include "keys/base/clock.h"
#include "policy/propose/propose_internal.h"

const char *const profile_words[] = { "none", "gdpr-health",
	"hipaa-safe-harbor", "faces", "chat-logs", NULL };

bool
profile_read(enum profile *out, const char *word)
{
	for (size_t i = 0; profile_words[i] != NULL; i++)
		if (strcmp(profile_words[i], word) == 0) {
			*out = (enum profile)i;
			return true;
		}
	return false;
}

#define ON(kind) (1u << (kind))

/* One proposal in the making. */
struct making {
	struct proposal *out;
	const struct evidence *e;
	enum profile profile;
	int64_t today;
};

/* Kinds of values that name somebody by themselves. */
#define NAMING                                                         \
	(ON(KIND_EMAIL) | ON(KIND_URL) | ON(KIND_IP) | ON(KIND_IBAN) | \
	    ON(KIND_PHONE))

/* What a meaning is, and what is safe for it; actions in order of profiles, ""
 * to refuse, NULL as for none.  One that begins with @ is found by the values,
 * below. */
static const struct row {
	enum name_meaning meaning;
	uint32_t expects; /* nine of ten values are one of these; 0: any that
			     is no other thing's */
	const char *seems;
	const char *action, *health, *hipaa;
	const char *choose;
} rows[] = {
	{ NAME_PERSON_KEY, 0, "identifier", "token", NULL, "random",
	    "token (what joins stays joined), random, drop" },
	{ NAME_KEY, 0, "identifier", "token", NULL, "random",
	    "token (what joins stays joined), random, drop" },
	{ NAME_PERSON, 0, "identifier", "drop", NULL, NULL, "drop, token" },
	{ NAME_EMAIL, ON(KIND_EMAIL), "identifier", "{token: {domain: email}}",
	    NULL, "drop",
	    "{token: {domain: email}}, {generalise: {email: domain}}, drop" },
	{ NAME_PHONE, ON(KIND_PHONE) | ON(KIND_INTEGER), "identifier", "drop",
	    NULL, NULL, "drop, {token: {domain: phone}}" },
	{ NAME_STREET, 0, "identifier", "drop", NULL, NULL, "drop" },
	{ NAME_NATIONAL, 0, "identifier", "drop", NULL, NULL, "drop, token" },
	{ NAME_RECORD, 0, "identifier", "drop", NULL, NULL, "drop, token" },
	{ NAME_ACCOUNT, 0, "identifier", "drop", NULL, NULL,
	    "drop, token, {mask: {keep_last: 4}}" },
	{ NAME_CARD, ON(KIND_CARD) | ON(KIND_INTEGER), "identifier", "drop",
	    NULL, NULL, "drop, token, {mask: {keep_last: 4}}" },
	{ NAME_LICENCE, 0, "identifier", "drop", NULL, NULL, "drop, token" },
	{ NAME_VEHICLE, 0, "identifier", "drop", NULL, NULL, "drop, token" },
	{ NAME_DEVICE, 0, "identifier", "drop", NULL, NULL, "drop, token" },
	{ NAME_URL, ON(KIND_URL), "identifier", "drop", NULL, NULL,
	    "drop, token" },
	{ NAME_IP, ON(KIND_IP), "identifier", "@ip", NULL, "drop",
	    "{generalise: {ip: {v4: 24, v6: 48}}}, drop" },
	{ NAME_USER, 0, "identifier", "{token: {domain: user}}", NULL, "drop",
	    "{token: {domain: user}}, drop" },
	{ NAME_BIOMETRIC, 0, "sensitive", "drop", NULL, NULL, "drop" },
	{ NAME_SECRET, 0, "sensitive", "drop", NULL, NULL, "drop" },
	{ NAME_BIRTH, ON(KIND_DATE), "quasi-identifier", "@birth", NULL, NULL,
	    "{generalise: {date: year}} (with order: dmy or mdy for a month), "
	    "{generalise: {age_band: ...}}, drop" },
	{ NAME_AGE, ON(KIND_AGE), "quasi-identifier", "@age", NULL, NULL,
	    "{generalise: {width: 5, top: 90}}, drop" },
	{ NAME_DATE, ON(KIND_DATE), "quasi-identifier", "@date", NULL, NULL,
	    "{generalise: {date: month}} (with order: dmy or mdy), "
	    "{shift: {days: 30, by: subject}}, drop" },
	{ NAME_POSTCODE, ON(KIND_POSTCODE) | ON(KIND_INTEGER),
	    "quasi-identifier", "@postcode", NULL, NULL,
	    "{generalise: {postcode: {keep: 2}}}, drop" },
	{ NAME_CITY, 0, "quasi-identifier", "drop", NULL, NULL,
	    "drop, {generalise: {hierarchy: ...}}, keep" },
	{ NAME_REGION, 0, "quasi-identifier", "@places", NULL, NULL,
	    "keep, drop" },
	{ NAME_COUNTRY, 0, "quasi-identifier", "@places", NULL, NULL,
	    "keep, drop" },
	{ NAME_LATITUDE, ON(KIND_NUMBER), "quasi-identifier", "@grid", NULL,
	    "drop", "{generalise: {grid: {degrees: 0.1}}}, drop" },
	{ NAME_LONGITUDE, ON(KIND_NUMBER), "quasi-identifier", "@grid", NULL,
	    "drop", "{generalise: {grid: {degrees: 0.1}}}, drop" },
	{ NAME_SEX, 0, "quasi-identifier", "@few", NULL, NULL, "keep, drop" },
	{ NAME_MARITAL, 0, "quasi-identifier", "@few", NULL, NULL,
	    "keep, drop" },
	{ NAME_NATIONALITY, 0, "quasi-identifier", "drop", NULL, NULL,
	    "drop, keep" },
	{ NAME_JOB, 0, "quasi-identifier", "@few", NULL, NULL,
	    "drop, {generalise: {hierarchy: ...}}, keep" },
	{ NAME_EMPLOYER, 0, "quasi-identifier", "drop", NULL, NULL,
	    "drop, token" },
	{ NAME_EDUCATION, 0, "quasi-identifier", "@few", NULL, NULL,
	    "keep, drop" },
	{ NAME_INCOME, ON(KIND_NUMBER), "quasi-identifier", "@income", NULL,
	    NULL, "{generalise: {round: {to: 1000}}}, drop" },
	{ NAME_HEALTH, 0, "sensitive", "", "keep", "keep",
	    "drop; keep, if it is what the purpose needs (Art. 9 GDPR)" },
	{ NAME_ETHNICITY, 0, "sensitive", "", "drop", NULL,
	    "drop; keep, if it is what the purpose needs (Art. 9 GDPR)" },
	{ NAME_BELIEF, 0, "sensitive", "", "drop", NULL,
	    "drop; keep, if it is what the purpose needs (Art. 9 GDPR)" },
	{ NAME_POLITICS, 0, "sensitive", "", "drop", NULL,
	    "drop; keep, if it is what the purpose needs (Art. 9 GDPR)" },
	{ NAME_UNION, 0, "sensitive", "", "drop", NULL,
	    "drop; keep, if it is what the purpose needs (Art. 9 GDPR)" },
	{ NAME_SEX_LIFE, 0, "sensitive", "", "drop", NULL,
	    "drop; keep, if it is what the purpose needs (Art. 9 GDPR)" },
	{ NAME_GENETIC, 0, "sensitive", "", "drop", NULL,
	    "drop; keep, if it is what the purpose needs (Art. 9 GDPR)" },
	{ NAME_CRIME, 0, "sensitive", "", "drop", NULL,
	    "drop; keep, if a law allows it (Art. 10 GDPR)" },
	{ NAME_TEXT, 0, "free text", "@text", NULL, NULL,
	    "drop; detect, which replaces the personal data that it finds; "
	    "keep, if somebody has read it" },
	{ NAME_MEDIA, 0, "media", "drop", NULL, NULL, "drop, token" },
	{ NAME_NEUTRAL, 0, "neutral", "@neutral", NULL, NULL, "keep, drop" },
};

static const struct row *
row_of(enum name_meaning m)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].meaning == m)
			return &rows[i];
	return NULL;
}

/* -- What the values are ------------------------------------------------- */

bool
evidence_all(const struct evidence *e, enum value_kind kind)
{
	return e->values > 0 && e->kinds[kind] == e->values;
}

bool
evidence_most(const struct evidence *e, enum value_kind kind)
{
	return e->values > 0 && e->kinds[kind] >= e->values - e->values / 10;
}

static bool
most_of(const struct evidence *e, uint32_t kinds)
{
	for (uint32_t k = 0; k < KINDS; k++)
		if ((kinds >> k & 1) != 0 && evidence_most(e, k))
			return true;
	return false;
}

/* How many values name somebody by themselves, of the kind that most do. */
static enum value_kind
naming(const struct evidence *e)
{
	enum value_kind best = KIND_EMAIL;

	for (uint32_t k = 0; k < KINDS; k++)
		if ((NAMING >> k & 1) != 0 && e->kinds[k] > e->kinds[best])
			best = k;
	return best;
}

/* What values mean whose name says nothing. */
static enum name_meaning
values_say(const struct evidence *e)
{
	static const struct {
		enum value_kind kind;
		enum name_meaning meaning;
	} says[] = { { KIND_EMAIL, NAME_EMAIL }, { KIND_IBAN, NAME_ACCOUNT },
		{ KIND_URL, NAME_URL }, { KIND_IP, NAME_IP },
		{ KIND_UUID, NAME_KEY }, { KIND_PHONE, NAME_PHONE },
		{ KIND_TEXT, NAME_TEXT } };

	for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++)
		if (evidence_most(e, says[i].kind))
			return says[i].meaning;
	if (evidence_most(e, KIND_DATE) && !evidence_most(e, KIND_INTEGER))
		return NAME_DATE;
	return NAME_UNKNOWN;
}

/* -- Actions that the values decide -------------------------------------- */

static void PRINTF(2, 3) act(struct making *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(m->out->action, sizeof(m->out->action), fmt, ap);
	va_end(ap);
	m->out->refuse = strcmp(m->out->action, "refuse") == 0;
}

/* ", order: dmy" where all can be read so, "" where none is needed; NULL where
 * it cannot be known. */
static const char *
order_of(const struct evidence *e)
{
	if (evidence_all(e, KIND_MONTH))
		return "";
	if (evidence_all(e, KIND_DMY) && !evidence_all(e, KIND_MDY))
		return ", order: dmy";
	if (evidence_all(e, KIND_MDY) && !evidence_all(e, KIND_DMY))
		return ", order: mdy";
	return NULL;
}

/* The shortest form with a day has eight characters. */
#define DAY_CHARS 8u

static void
act_birth(struct making *m)
{
	const char *order = order_of(m->e);
	char day[CLOCK_DATE_CHARS + 1];

	clock_write_date(day, m->today);
	if (!evidence_all(m->e, KIND_DATE))
		return;
	if (m->profile != PROFILE_HIPAA)
		act(m, "{generalise: {date: year}}");
	else if (order != NULL && m->e->shortest >= DAY_CHARS)
		act(m,
		    "{generalise: {age_band: {at: %s, width: 1, over: 89%s}}}",
		    day, order);
}

static void
act_date(struct making *m)
{
	const char *order = order_of(m->e);

	if (!evidence_all(m->e, KIND_DATE))
		return;
	if (m->profile == PROFILE_HIPAA || order == NULL)
		act(m, "{generalise: {date: year}}");
	else
		act(m, "{generalise: {date: month%s}}", order);
}

static void
act_postcode(struct making *m)
{
	const struct evidence *e = m->e;

	if (m->profile == PROFILE_HIPAA && !evidence_all(e, KIND_ZIP)) {
		act(m, "drop");
		return;
	}
	if (e->shortest < 4 ||
	    (m->profile == PROFILE_HIPAA && e->kinds[KIND_ZIP_SMALL] > 0))
		return;
	act(m, "{generalise: {postcode: {keep: %d}}}",
	    e->shortest >= 5 ? 3 : 2);
}

static void
act_income(struct making *m)
{
	uint64_t to = 1;

	for (uint32_t i = 2; i < m->e->digits && i < 15; i++)
		to *= 10;
	if (evidence_all(m->e, KIND_NUMBER))
		act(m, "{generalise: {round: {to: %" PRIu64 "}}}", to);
}

/* Categories; not one value a row. */
#define FEW_VALUES 50u

/* ISO 3166-1 has 249 countries. */
#define COUNTRIES 300u

static bool
is_few(const struct evidence *e, uint64_t most)
{
	return !e->more && e->distinct <= most;
}

/* Is a value of these known to name nobody, as far as can be seen? */
static bool
may_keep(const char *how, const struct evidence *e)
{
	if (strcmp(how, "@few") == 0)
		return is_few(e, FEW_VALUES);
	if (strcmp(how, "@places") == 0)
		return is_few(e, COUNTRIES);
	return strcmp(how, "@neutral") == 0 &&
	       (is_few(e, FEW_VALUES) || evidence_all(e, KIND_NUMBER));
}

/* What none of these decides stays refused. */
static void
act_by_values(struct making *m, const char *how)
{
	const struct evidence *e = m->e;

	if (strcmp(how, "@birth") == 0)
		act_birth(m);
	else if (strcmp(how, "@date") == 0)
		act_date(m);
	else if (strcmp(how, "@postcode") == 0)
		act_postcode(m);
	else if (strcmp(how, "@income") == 0)
		act_income(m);
	else if (strcmp(how, "@age") == 0 && evidence_all(e, KIND_AGE))
		act(m, m->profile == PROFILE_HIPAA
			   ? "{generalise: {top: 90}}"
			   : "{generalise: {width: 5, top: 90}}");
	else if (strcmp(how, "@grid") == 0 && evidence_all(e, KIND_NUMBER))
		act(m, "{generalise: {grid: {degrees: 0.1}}}");
	else if (strcmp(how, "@ip") == 0 && evidence_all(e, KIND_IP))
		act(m, "{generalise: {ip: {v4: 24, v6: 48}}}");
	else if (strcmp(how, "@text") == 0 && m->profile != PROFILE_CHAT)
		act(m, "drop");
	else if (may_keep(how, e))
		act(m, "keep");
}

/* -- Together ------------------------------------------------------------ */

static void
act_by_row(struct making *m, const struct row *r)
{
	const char *how = m->profile == PROFILE_GDPR_HEALTH ? r->health
			  : m->profile == PROFILE_HIPAA	    ? r->hipaa
							    : NULL;

	if (how == NULL)
		how = r->action;
	if (how[0] == '@')
		act_by_values(m, how);
	else
		act(m, "%s", how[0] == '\0' ? "refuse" : how);
}

/* May values of this kind stand under that name? */
static bool
may_hold(enum name_meaning m, enum value_kind kind)
{
	if (m == NAME_TEXT || m == NAME_USER || m == NAME_PERSON_KEY ||
	    m == NAME_MEDIA || m == NAME_SECRET)
		return true;
	if (kind == KIND_PHONE)
		return m == NAME_KEY || m == NAME_NATIONAL ||
		       m == NAME_RECORD || m == NAME_ACCOUNT ||
		       m == NAME_CARD || m == NAME_LICENCE ||
		       m == NAME_VEHICLE || m == NAME_DEVICE;
	if (kind == KIND_IBAN)
		return m == NAME_ACCOUNT;
	if (kind == KIND_URL || kind == KIND_IP)
		return m == NAME_KEY || m == NAME_DEVICE;
	return false;
}

/* Is it made of words, so that numbers are something else? */
static bool
means_words(enum name_meaning m)
{
	return m == NAME_PERSON || m == NAME_STREET || m == NAME_CITY ||
	       m == NAME_EMPLOYER || m == NAME_JOB || m == NAME_TEXT ||
	       m == NAME_NATIONALITY;
}

/* Do name and values disagree?  *kind is what speaks against. */
static bool
disagree(const struct row *r, const struct evidence *e, enum value_kind *kind)
{
	*kind = naming(e);
	if (e->values == 0)
		return false;
	if (means_words(r->meaning) && evidence_most(e, KIND_NUMBER)) {
		*kind = KIND_NUMBER;
		return true;
	}
	if (r->expects != 0 && !most_of(e, r->expects)) {
		*kind = KINDS;
		return true;
	}
	return (r->expects >> *kind & 1) == 0 && e->kinds[*kind] > 0 &&
	       !may_hold(r->meaning, *kind);
}

/* Does it name files that leave?  Where all of it does it is rewritten to what
 * they are called then; a value that names none would stop the plan. */
static bool
propose_reference(struct making *m)
{
	static const char *const by[] = { "path", "basename", "identifier" };
	const struct evidence *e = m->e;

	if (e->shortest < 3)
		return false;
	for (uint32_t i = 0; i < 3; i++) {
		enum value_kind kind = (enum value_kind)(KIND_REF_PATH + i);

		if (!evidence_most(e, kind))
			continue;
		m->out->seems = "reference";
		if (evidence_all(e, kind))
			act(m, "{item_ref: {by: %s}}", by[i]);
		propose_referring(m->out, e, kind, by[i]);
		return true;
	}
	return false;
}

void
propose(struct proposal *out, const char *name, const struct evidence *e,
    enum profile profile, int64_t today)
{
	struct making m = {
		.out = out, .e = e, .profile = profile, .today = today
	};
	enum name_meaning named = name_says(name);
	enum value_kind against = KINDS;
	const struct row *r;

	*out = (struct proposal){ .seems = "unsure", .meaning = named };
	act(&m, "refuse");
	if (named != NAME_PERSON_KEY && propose_reference(&m))
		return;
	if (named == NAME_UNKNOWN)
		out->meaning = values_say(e);
	r = row_of(out->meaning);
	if (r == NULL) {
		propose_unknown(out, e);
		return;
	}
	out->person = name_identifies(r->meaning) || r->meaning == NAME_BIRTH;
	if (disagree(r, e, &against)) {
		propose_disagree(out, named, e, against);
		return;
	}
	out->seems = r->seems;
	if (e->values == 0 && r->action[0] == '@')
		act(&m, "drop");
	else
		act_by_row(&m, r);
	propose_why(out, named, e, r->choose);
}
