/* What entries about the home itself, vendors and agreements do to the rows. */

#include <string.h>

#include "gateway/catalog/catalog_internal.h"

static const struct slice *
at(const struct step *s)
{
	return value_text(s, "at");
}

int
apply_home_created(const struct step *s, struct fault *f)
{
	const struct slice *home = value_text(s, "home");
	struct fold *d = s->fold;

	if (d->home[0] != '\0' && memcmp(d->home, home->at, ID_CHARS) != 0)
		return fold_refuse(d, f, "out-of-order",
		    "the home is not the one of the log's origin");
	memcpy(d->home, home->at, ID_CHARS);
	d->home[ID_CHARS] = '\0';
	(void)snprintf(d->role, sizeof(d->role), "%s",
	    value_is(s, "role", "owner") ? "owner" : "vendor");
	return FOLD_INSERT(s, f,
	    "INSERT INTO home VALUES(0, ?, ?, ?, 0, NULL, NULL)"
	    " ON CONFLICT DO NOTHING",
	    "sss", home, value_text(s, "role"), at(s));
}

int
apply_card_issued(const struct step *s, struct fault *f)
{
	if (rows_run(s->fold->rows, NULL, f,
		"UPDATE home SET cards=cards+1 WHERE cards+1=?", "i",
		value_number(s, "n")) != 0)
		return -1;
	if (sqlite3_changes(rows_db(s->fold->rows)) == 1)
		return 0;
	return fold_refuse(
	    s->fold, f, "out-of-order", "its number is not the next");
}

int
apply_backup_made(const struct step *s, struct fault *f)
{
	if (value_number(s, "entries") > s->seq)
		return fold_refuse(s->fold, f, "out-of-order",
		    "of more entries than there are");
	return rows_run(
	    s->fold->rows, NULL, f, "UPDATE home SET backup=?", "s", at(s));
}

int
apply_restored(const struct step *s, struct fault *f)
{
	if (value_number(s, "entries") > s->seq)
		return fold_refuse(s->fold, f, "out-of-order",
		    "from more entries than there are");
	return rows_run(
	    s->fold->rows, NULL, f, "UPDATE home SET restored=?", "s", at(s));
}

/* Its row is the commitment to the card. */
int
apply_owner_confirmed(const struct step *s, struct fault *f)
{
	const struct slice *owner = value_text(s, "owner");
	sqlite3_stmt *row;
	int64_t before;

	if (strcmp(s->fold->role, "vendor") != 0 ||
	    memcmp(owner->at, s->fold->home, ID_CHARS) == 0)
		return fold_refuse(s->fold, f, "out-of-order",
		    "only a vendor's home confirms owners, and none itself");
	if (rows_run(s->fold->rows, &row, f,
		"SELECT count(*) FROM commitments WHERE id=? AND member='card'",
		"s", owner) != 0)
		return -1;
	before = row == NULL ? 0 : sqlite3_column_int64(row, 0);
	rows_done(row);
	if (value_number(s, "n") == before + 1)
		return 0;
	return fold_refuse(
	    s->fold, f, "out-of-order", "its number is not the next");
}

int
apply_stranger(const struct step *s, struct fault *f)
{
	return FOLD_INSERT(s, f,
	    "INSERT INTO strangers VALUES(?, ?) ON CONFLICT DO NOTHING", "ss",
	    value_text(s, "stranger"), at(s));
}

/* A vendor may have ended since it was refused. */
int
apply_suppressed(const struct step *s, struct fault *f)
{
	const struct slice *vendor = value_text(s, "vendor");
	sqlite3_stmt *row;

	if (vendor == NULL)
		return 0;
	if (rows_run(s->fold->rows, &row, f, "SELECT 1 FROM vendors WHERE id=?",
		"s", vendor) != 0)
		return -1;
	if (row == NULL)
		return fold_refuse(
		    s->fold, f, "unknown-vendor", "no such vendor");
	rows_done(row);
	return 0;
}

int
vendor_find(const struct step *s, const struct slice *id, struct vendor_now *v,
    struct fault *f)
{
	sqlite3_stmt *row;
	bool ended;

	if (rows_run(s->fold->rows, &row, f,
		"SELECT confirmed IS NOT NULL, suspended IS NOT NULL,"
		" ended IS NOT NULL FROM vendors WHERE id=?",
		"s", id) != 0)
		return -1;
	if (row == NULL)
		return fold_refuse(
		    s->fold, f, "unknown-vendor", "no such vendor");
	v->confirmed = sqlite3_column_int(row, 0) != 0;
	v->suspended = sqlite3_column_int(row, 1) != 0;
	ended = sqlite3_column_int(row, 2) != 0;
	rows_done(row);
	if (ended)
		return fold_refuse(
		    s->fold, f, "vendor-ended", "the vendor has been ended");
	return 0;
}

int
apply_vendor_added(const struct step *s, struct fault *f)
{
	return FOLD_INSERT(s, f,
	    "INSERT INTO vendors VALUES(?, ?, ?, ?, ?, ?, NULL, NULL, NULL)"
	    " ON CONFLICT DO NOTHING",
	    "sissss", value_text(s, "vendor"),
	    (int64_t)value_is(s, "model", "crowd"), value_text(s, "recipient"),
	    value_text(s, "verifier"), value_text(s, "tls"), at(s));
}

/* What the vendor must be before: -1 does not matter. */
static int
vendor_check(
    const struct step *s, int confirmed, int suspended, struct fault *f)
{
	struct vendor_now v;

	if (vendor_find(s, value_text(s, "vendor"), &v, f) != 0)
		return -1;
	if (confirmed != -1 && v.confirmed != (confirmed == 1))
		return fold_refuse(
		    s->fold, f, "repeated", "the vendor is confirmed already");
	if (suspended != -1 && v.suspended != (suspended == 1))
		return fold_refuse(s->fold, f,
		    v.suspended ? "vendor-suspended" : "repeated",
		    v.suspended ? "the vendor is suspended"
				: "the vendor is not suspended");
	return 0;
}

int
apply_vendor_confirmed(const struct step *s, struct fault *f)
{
	if (vendor_check(s, 0, -1, f) != 0)
		return -1;
	return rows_run(s->fold->rows, NULL, f,
	    "UPDATE vendors SET confirmed=? WHERE id=?", "ss", at(s),
	    value_text(s, "vendor"));
}

int
apply_vendor_suspended(const struct step *s, struct fault *f)
{
	if (vendor_check(s, -1, 0, f) != 0)
		return -1;
	return rows_run(s->fold->rows, NULL, f,
	    "UPDATE vendors SET suspended=? WHERE id=?", "ss", at(s),
	    value_text(s, "vendor"));
}

int
apply_vendor_resumed(const struct step *s, struct fault *f)
{
	if (vendor_check(s, -1, 1, f) != 0)
		return -1;
	return rows_run(s->fold->rows, NULL, f,
	    "UPDATE vendors SET suspended=NULL WHERE id=?", "s",
	    value_text(s, "vendor"));
}

int
apply_vendor_ended(const struct step *s, struct fault *f)
{
	if (vendor_check(s, -1, -1, f) != 0)
		return -1;
	return rows_run(s->fold->rows, NULL, f,
	    "UPDATE vendors SET ended=? WHERE id=?", "ss", at(s),
	    value_text(s, "vendor"));
}

int
apply_agreement_added(const struct step *s, struct fault *f)
{
	const struct slice *from = value_text(s, "from");
	const struct slice *until = value_text(s, "until");

	if (vendor_check(s, -1, -1, f) != 0)
		return -1;
	if (until != NULL && memcmp(from->at, until->at, CLOCK_CHARS) >= 0)
		return fold_refuse(s->fold, f, "out-of-order",
		    "the agreement ends before it begins");
	return FOLD_INSERT(s, f,
	    "INSERT INTO agreements VALUES(?, ?, ?, ?, ?, NULL)"
	    " ON CONFLICT DO NOTHING",
	    "sssss", value_text(s, "agreement"), value_text(s, "vendor"),
	    value_text(s, "type"), from, until);
}

int
apply_agreement_ended(const struct step *s, struct fault *f)
{
	if (rows_run(s->fold->rows, NULL, f,
		"UPDATE agreements SET ended=? WHERE id=? AND ended IS NULL",
		"ss", at(s), value_text(s, "agreement")) != 0)
		return -1;
	if (sqlite3_changes(rows_db(s->fold->rows)) == 1)
		return 0;
	return fold_refuse(s->fold, f, "unknown-agreement",
	    "no such agreement, or it has been ended");
}
