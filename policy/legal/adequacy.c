/*
 * Where the Regulation applies, and the Commission's decisions that other
 * countries are adequate (Art. 45(3) of (EU) 2016/679), each with the days
 * between which it may be relied on and whom it covers.
 *
 * From the list that the Commission publishes under Art. 45(8), as it stood on
 * the day below.  Decisions are taken, lapse and are annulled: a file of the
 * home goes before this table (docs/POLICY.md).  A country that has no row is a
 * third country, and so is a territory that only belongs to one that has:
 * Greenland, Svalbard, Gibraltar and the French overseas countries are not in
 * the European Economic Area.
 */

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "keys/base/clock.h"
#include "keys/base/mem.h"
#include "policy/legal/legal_internal.h"

const char legal_builtin_date[] = "2026-08-05";

/* The European Union with the outermost regions of Art. 349 TFEU and Aland,
 * and the European Economic Area (Joint Committee Decision 154/2018). */
static const char *const eea[] = { "AT", "AX", "BE", "BG", "CY", "CZ", "DE",
	"DK", "EE", "ES", "FI", "FR", "GF", "GP", "GR", "HR", "HU", "IE", "IS",
	"IT", "LI", "LT", "LU", "LV", "MF", "MQ", "MT", "NL", "NO", "PL", "PT",
	"RE", "RO", "SE", "SI", "SK", "YT" };

static const struct decision {
	const char *country, *from, *until, *scope, *reference;
} decisions[] = {
	{ "AD", "2010-10-19", NULL, "", "Decision 2010/625/EU" },
	{ "AR", "2003-06-30", NULL, "", "Decision 2003/490/EC" },
	{ "BR", "2026-01-27", NULL, "", "Decision of 27 January 2026" },
	{ "CA", "2001-12-20", NULL, "commercial",
	    "Decision 2002/2/EC: organisations under PIPEDA" },
	{ "CH", "2000-07-26", NULL, "", "Decision 2000/518/EC" },
	{ "FO", "2010-03-05", NULL, "", "Decision 2010/146/EU" },
	{ "GB", "2021-06-28", "2025-12-27", "",
	    "Decision (EU) 2021/1772, as extended by (EU) 2025/1226" },
	{ "GB", "2025-12-19", "2031-12-27", "",
	    "Decision (EU) 2021/1772, as renewed on 19 December 2025" },
	{ "GG", "2003-11-21", NULL, "", "Decision 2003/821/EC" },
	{ "IL", "2011-01-31", NULL, "",
	    "Decision 2011/61/EU: automated processing" },
	{ "IM", "2004-04-28", NULL, "", "Decision 2004/411/EC" },
	{ "JE", "2008-05-08", NULL, "", "Decision 2008/393/EC" },
	{ "JP", "2019-01-23", NULL, "",
	    "Decision (EU) 2019/419: business operators under APPI" },
	{ "KR", "2021-12-17", NULL, "",
	    "Decision (EU) 2022/254: controllers and processors under PIPA" },
	{ "NZ", "2012-12-19", NULL, "", "Decision 2013/65/EU" },
	{ "US", "2023-07-10", NULL, "certified",
	    "Decision (EU) 2023/1795: EU-US Data Privacy Framework" },
	{ "UY", "2012-08-21", NULL, "", "Decision 2012/484/EU" },
};

#define EEA (sizeof(eea) / sizeof(eea[0]))
#define DECISIONS (sizeof(decisions) / sizeof(decisions[0]))

const char *
legal_status_name(enum legal_status s)
{
	static const char *const names[] = { "eea", "adequate", "third" };

	must(s <= LEGAL_THIRD);
	return names[s];
}

static int64_t
date_of(const char *text)
{
	int64_t at = 0;

	if (text != NULL)
		must(clock_read_date(&at, text, CLOCK_DATE_CHARS));
	return at;
}

int
legal_row_add(
    struct legal_countries *c, const struct legal_row *row, struct fault *f)
{
	struct legal_row *grown =
	    mem_resize(c->rows, (c->n + 1) * sizeof(*grown));

	if (grown == NULL)
		return fault_memory(f);
	c->rows = grown;
	grown[c->n++] = *row;
	return 0;
}

static bool
has(const struct legal_countries *c, size_t n, const char *country)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(c->rows[i].country, country) == 0)
			return true;
	return false;
}

static struct legal_row
row_of(const struct decision *d)
{
	struct legal_row row = { .status = LEGAL_ADEQUATE,
		.from = date_of(d->from),
		/* It may be relied on through its last day. */
		.until = d->until == NULL ? 0 : date_of(d->until) + 86400 };

	(void)snprintf(row.country, sizeof(row.country), "%s", d->country);
	(void)snprintf(row.scope, sizeof(row.scope), "%s", d->scope);
	(void)snprintf(
	    row.reference, sizeof(row.reference), "%s", d->reference);
	return row;
}

int
legal_builtin_add(struct legal_countries *c, struct fault *f)
{
	size_t own = c->n;

	for (size_t i = 0; i < EEA; i++) {
		struct legal_row row = { .status = LEGAL_EEA };

		(void)snprintf(row.country, sizeof(row.country), "%s", eea[i]);
		if (!has(c, own, eea[i]) && legal_row_add(c, &row, f) != 0)
			return -1;
	}
	for (size_t i = 0; i < DECISIONS; i++) {
		struct legal_row row = row_of(&decisions[i]);

		if (!has(c, own, row.country) && legal_row_add(c, &row, f) != 0)
			return -1;
	}
	return 0;
}

bool
legal_row_in_force(const struct legal_row *row, int64_t at)
{
	return row->from <= at && (row->until == 0 || at < row->until);
}

const struct legal_row *
legal_row_find(const struct legal_countries *c, const char *country, int64_t at)
{
	const struct legal_row *best = NULL;

	for (size_t i = 0; i < c->n; i++) {
		const struct legal_row *row = &c->rows[i];

		if (strcmp(row->country, country) != 0 ||
		    !legal_row_in_force(row, at))
			continue;
		/* Of two in force, the one that lasts longer. */
		if (best == NULL || row->until == 0 ||
		    (best->until != 0 && row->until > best->until))
			best = row;
	}
	return best;
}

const struct legal_row *
legal_row_last(const struct legal_countries *c, const char *country, int64_t at)
{
	const struct legal_row *last = NULL;

	for (size_t i = 0; i < c->n; i++) {
		const struct legal_row *row = &c->rows[i];

		if (strcmp(row->country, country) == 0 && row->until != 0 &&
		    row->until <= at &&
		    (last == NULL || row->until > last->until))
			last = row;
	}
	return last;
}

void
legal_countries_free(struct legal_countries *c)
{
	mem_free(c->rows);
	*c = (struct legal_countries){ .rows = NULL };
}
