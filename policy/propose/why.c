/* The evidence in words: counts and lengths, and never a value. */

#include <inttypes.h>
#include <string.h>

#include "keys/base/text.h"
#include "policy/propose/propose_internal.h"

static const char *const kind_texts[KINDS] = {
	[KIND_EMAIL] = "e-mail addresses",
	[KIND_URL] = "web addresses",
	[KIND_UUID] = "UUIDs",
	[KIND_IP] = "IP addresses",
	[KIND_IBAN] = "IBANs with right check digits",
	[KIND_CARD] = "card numbers with a right check digit",
	[KIND_PHONE] = "telephone numbers",
	[KIND_DATE] = "dates",
	[KIND_MONTH] = "dates with a month",
	[KIND_DMY] = "dates, if the day comes first",
	[KIND_MDY] = "dates, if the month comes first",
	[KIND_POSTCODE] = "postcodes",
	[KIND_ZIP] = "ZIP codes",
	[KIND_ZIP_SMALL] =
	    "in small three-digit ZIP areas (20,000 people, 2000)",
	[KIND_NUMBER] = "numbers",
	[KIND_INTEGER] = "whole numbers",
	[KIND_AGE] = "whole numbers from 0 to 125",
	[KIND_COORDINATE] = "coordinates",
	[KIND_TEXT] = "texts of five words or more",
	[KIND_REF_PATH] = "paths of files of the dataset",
	[KIND_REF_BASENAME] = "names of files of the dataset",
	[KIND_REF_IDENTIFIER] = "names of files without their extension",
};

/* A line that grows to its room and is then cut. */
struct line {
	char *at;
	size_t len;
};

static void PRINTF(2, 3) say(struct line *l, const char *fmt, ...)
{
	size_t room = PROPOSAL_TEXT - l->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->at + l->len, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		l->len += (size_t)n < room ? (size_t)n : room - 1;
}

/* "1,990 of 2,000 values are e-mail addresses" */
static void
say_kind(struct line *l, const struct evidence *e, enum value_kind kind)
{
	char some[TEXT_GROUPED], all[TEXT_GROUPED];

	text_grouped(some, e->kinds[kind]);
	text_grouped(all, e->values);
	say(l, "%s of %s values are %s", some, all, kind_texts[kind]);
}

/* How many differ, how long they are. */
static void
say_rest(struct line *l, const struct evidence *e)
{
	char a[TEXT_GROUPED], b[TEXT_GROUPED];

	text_grouped(a, e->values);
	text_grouped(b, e->distinct);
	if (!e->more && e->distinct == e->values)
		say(l, "%s values, all different", a);
	else
		say(l, "%s values, %s%s different", a,
		    e->more ? "more than " : "", b);
	text_grouped(a, e->shortest);
	text_grouped(b, e->longest);
	if (e->shortest == e->longest)
		say(l, ", %s byte%s long", a, e->shortest == 1 ? "" : "s");
	else
		say(l, ", %s to %s bytes long", a, b);
	if (e->empty > 0) {
		text_grouped(a, e->empty);
		say(l, "; %s empty", a);
	}
}

/* Kinds that numbers have by chance: said only where the name means them. */
static bool
is_meant(enum value_kind kind, enum name_meaning m, const struct evidence *e)
{
	if (kind == KIND_DATE)
		return m == NAME_DATE || m == NAME_BIRTH ||
		       !evidence_most(e, KIND_INTEGER);
	if (kind == KIND_ZIP || kind == KIND_POSTCODE)
		return m == NAME_POSTCODE;
	if (kind == KIND_AGE)
		return m == NAME_AGE;
	if (kind == KIND_COORDINATE)
		return m == NAME_LATITUDE || m == NAME_LONGITUDE;
	return true;
}

/* The kind that says most: the first that most values are of. */
static enum value_kind
telling(const struct evidence *e, enum name_meaning m)
{
	static const enum value_kind order[] = { KIND_EMAIL, KIND_URL,
		KIND_UUID, KIND_IP, KIND_IBAN, KIND_CARD, KIND_DATE, KIND_PHONE,
		KIND_TEXT, KIND_ZIP, KIND_COORDINATE, KIND_AGE, KIND_POSTCODE,
		KIND_INTEGER, KIND_NUMBER };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (evidence_most(e, order[i]) && is_meant(order[i], m, e))
			return order[i];
	return KINDS;
}

void
propose_referring(struct proposal *p, const struct evidence *e,
    enum value_kind kind, const char *by)
{
	struct line l = { p->why, 0 };

	say(&l, "%s: ", p->seems);
	say_kind(&l, e, kind);
	say(&l, "; ");
	say_rest(&l, e);
	if (p->refuse)
		(void)snprintf(p->choose, sizeof(p->choose),
		    "drop; {item_ref: {by: %s}}, once each value names a file "
		    "that leaves",
		    by);
}

void
propose_why(struct proposal *p, enum name_meaning named,
    const struct evidence *e, const char *choose)
{
	struct line l = { p->why, 0 };
	enum value_kind kind = telling(e, p->meaning);

	say(&l, "%s", p->seems);
	if (named != NAME_UNKNOWN && named != NAME_NEUTRAL)
		say(&l, ", the name says %s", name_meaning_text(named));
	if (e->values == 0) {
		say(&l, ": all empty");
	} else {
		say(&l, ": ");
		if (kind != KINDS) {
			say_kind(&l, e, kind);
			say(&l, "; ");
		}
		say_rest(&l, e);
		if (e->kinds[KIND_ZIP_SMALL] > 0 && named == NAME_POSTCODE) {
			say(&l, "; ");
			say_kind(&l, e, KIND_ZIP_SMALL);
		}
	}
	if (p->refuse)
		(void)snprintf(p->choose, sizeof(p->choose), "%s", choose);
}

void
propose_unknown(struct proposal *p, const struct evidence *e)
{
	struct line l = { p->why, 0 };
	enum value_kind kind = telling(e, p->meaning);

	say(&l, "unsure, the name says nothing: ");
	if (e->values == 0)
		say(&l, "all empty");
	else if (kind != KINDS) {
		say_kind(&l, e, kind);
		say(&l, "; ");
	}
	if (e->values > 0)
		say_rest(&l, e);
	(void)snprintf(p->choose, sizeof(p->choose),
	    "drop; token, if it tells records apart; keep, if it says nothing "
	    "of a person");
}

void
propose_disagree(struct proposal *p, enum name_meaning named,
    const struct evidence *e, enum value_kind against)
{
	struct line l = { p->why, 0 };
	enum value_kind kind =
	    against != KINDS ? against : telling(e, p->meaning);

	p->seems = "unsure";
	say(&l, "unsure, name and values disagree: the name says %s, and ",
	    named != NAME_UNKNOWN ? name_meaning_text(named) : "nothing");
	if (kind != KINDS) {
		say_kind(&l, e, kind);
		say(&l, "; ");
	} else {
		say(&l, "most values are none; ");
	}
	say_rest(&l, e);
	(void)snprintf(p->choose, sizeof(p->choose),
	    "drop; or what fits the values, once you know what they are");
}
