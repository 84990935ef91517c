/*
 * What entries about releases and what follows them do to the rows.
 *
 * The release is the decision that everything else exists for, so this is the
 * one place where it is made: whoever asks (agent, offline delivery) has its
 * entry refused here, and a log that holds a release which this refuses is not
 * a log of ours.
 */

#include <string.h>

#include "gateway/catalog/catalog_internal.h"

static const struct slice *
at(const struct step *s)
{
	return value_text(s, "at");
}

static bool
same(const struct slice *a, struct slice b)
{
	return a != NULL && a->len == b.len && memcmp(a->at, b.at, b.len) == 0;
}

static int
refuse(
    const struct step *s, struct fault *f, const char *rule, const char *what)
{
	return fold_refuse(s->fold, f, rule, "%s", what);
}

/* Every agreement that the batch requires must be in force now. */
static int
check_agreements(const struct step *s, struct slice list, struct slice vendor,
    struct fault *f)
{
	const uint8_t *p = list.at + 1, *end = list.at + list.len - 1;
	sqlite3_stmt *row;

	while (p < end) {
		const uint8_t *quote = memchr(p + 1, '"', (size_t)(end - p));
		struct slice type;

		must(quote != NULL);
		type = (struct slice){ p + 1, (size_t)(quote - p - 1) };
		if (rows_run(s->fold->rows, &row, f,
			"SELECT 1 FROM agreements WHERE vendor=?1 AND type=?2"
			" AND starts<=?3 AND (until IS NULL OR until>?3)"
			" AND (ended IS NULL OR ended>?3)",
			"sss", &vendor, &type, at(s)) != 0)
			return -1;
		if (row == NULL)
			return fold_refuse(s->fold, f, "agreement-missing",
			    "no agreement of type %.*s is in force",
			    (int)type.len, (const char *)type.at);
		rows_done(row);
		p = quote + 2;
	}
	return 0;
}

/* All that a release stands on, in one row: home has always one. */
static const char terms[] =
    "SELECT b.state, b.manifest, b.shards, b.offline, b.agreements, b.vendor,"
    " v.confirmed, v.suspended, v.ended, v.recipient, g.batch, g.starts,"
    " g.until FROM home LEFT JOIN batches b ON b.id=?1"
    " LEFT JOIN vendors v ON v.id=b.vendor LEFT JOIN grants g ON g.id=?2";

enum {
	B_STATE,
	B_MANIFEST,
	B_SHARDS,
	B_OFFLINE,
	B_AGREEMENTS,
	B_VENDOR,
	V_CONFIRMED,
	V_SUSPENDED,
	V_ENDED,
	V_RECIPIENT,
	G_BATCH,
	G_STARTS,
	G_UNTIL
};

static bool
set(sqlite3_stmt *row, int column)
{
	return sqlite3_column_type(row, column) != SQLITE_NULL;
}

static int
check_vendor(const struct step *s, sqlite3_stmt *row, struct fault *f)
{
	if (set(row, V_ENDED))
		return refuse(
		    s, f, "vendor-ended", "the vendor has been ended");
	if (!set(row, V_CONFIRMED))
		return refuse(s, f, "vendor-not-confirmed",
		    "the vendor's card has not been confirmed");
	if (set(row, V_SUSPENDED))
		return refuse(
		    s, f, "vendor-suspended", "the vendor is suspended");
	if (!same(value_text(s, "recipient"), rows_slice(row, V_RECIPIENT)))
		return refuse(s, f, "wrong-recipient",
		    "the recipient is not the vendor's");
	return 0;
}

static int
check_batch(const struct step *s, sqlite3_stmt *row, struct fault *f)
{
	int state = sqlite3_column_int(row, B_STATE);
	int64_t count = value_number(s, "count");
	bool offline = value_true(s, "offline");

	if (!set(row, B_STATE))
		return refuse(s, f, "unknown-batch", "no such batch");
	if (state == CATALOG_SHREDDED)
		return refuse(s, f, "shredded", "the batch has been shredded");
	if (state == CATALOG_WITHDRAWN)
		return refuse(
		    s, f, "withdrawn", "the batch has been withdrawn");
	if (state != CATALOG_APPROVED)
		return refuse(
		    s, f, "not-approved", "the batch has not been approved");
	if (!same(value_text(s, "manifest"), rows_slice(row, B_MANIFEST)))
		return refuse(s, f, "wrong-manifest",
		    "the manifest is not the batch's last");
	if (count < 1 || count > sqlite3_column_int64(row, B_SHARDS))
		return refuse(s, f, "out-of-order",
		    "of no shard, or more than the batch has");
	if (offline && sqlite3_column_int(row, B_OFFLINE) == 0)
		return refuse(s, f, "offline-not-allowed",
		    "the policy does not allow offline delivery");
	if (offline == (value_text(s, "request") != NULL))
		return fault_set(f, FAULT_INPUT,
		    "a release answers a request, or is offline");
	return 0;
}

static int
check_grant(const struct step *s, sqlite3_stmt *row, struct fault *f)
{
	const uint8_t *now = at(s)->at;

	if (!set(row, G_BATCH))
		return refuse(s, f, "unknown-grant", "no such grant");
	if (!same(value_text(s, "batch"), rows_slice(row, G_BATCH)))
		return refuse(
		    s, f, "unknown-grant", "the grant is for another batch");
	if (memcmp(now, rows_slice(row, G_STARTS).at, CLOCK_CHARS) < 0)
		return refuse(
		    s, f, "grant-not-begun", "the grant has not begun");
	if (memcmp(now, rows_slice(row, G_UNTIL).at, CLOCK_CHARS) >= 0)
		return refuse(s, f, "grant-over", "the grant is over");
	return 0;
}

int
release_allowed(const struct step *s, struct fault *f)
{
	sqlite3_stmt *row;
	int rc = -1;

	if (rows_run(s->fold->rows, &row, f, terms, "ss",
		value_text(s, "batch"), value_text(s, "grant")) != 0)
		return -1;
	must(row != NULL);
	if (check_batch(s, row, f) == 0 && check_vendor(s, row, f) == 0 &&
	    check_agreements(s, rows_slice(row, B_AGREEMENTS),
		rows_slice(row, B_VENDOR), f) == 0)
		rc = check_grant(s, row, f);
	rows_done(row);
	return rc;
}

int
apply_release(const struct step *s, struct fault *f)
{
	if (release_allowed(s, f) != 0)
		return -1;
	return FOLD_INSERT(s, f,
	    "INSERT INTO releases VALUES(?, ?, ?, ?, ?, ?, ?, ?, NULL)"
	    " ON CONFLICT DO NOTHING",
	    "isssiiss", s->seq, value_text(s, "grant"), value_text(s, "batch"),
	    at(s), value_number(s, "count"), (int64_t)value_true(s, "offline"),
	    value_text(s, "request"), value_text(s, "root"));
}

int
apply_refused(const struct step *s, struct fault *f)
{
	return rows_run(s->fold->rows, NULL, f,
	    "INSERT INTO refusals VALUES(?, ?, ?, ?, ?)", "issss", s->seq,
	    at(s), value_text(s, "rule"), value_text(s, "batch"),
	    value_text(s, "request"));
}

int
apply_acknowledged(const struct step *s, struct fault *f)
{
	int64_t release = value_number(s, "release");

	if (rows_run(s->fold->rows, NULL, f,
		"UPDATE releases SET acknowledged=COALESCE(acknowledged, ?)"
		" WHERE seq=? AND batch=? AND count>=?",
		"sisi", at(s), release, value_text(s, "batch"),
		value_number(s, "count")) != 0)
		return -1;
	if (sqlite3_changes(rows_db(s->fold->rows)) != 1)
		return refuse(s, f, "unknown-release",
		    "no such release of that batch, or not so large");
	return FOLD_INSERT(s, f,
	    "INSERT INTO acknowledgements VALUES(?, ?, ?, ?, ?)"
	    " ON CONFLICT DO NOTHING",
	    "iissi", s->seq, release, at(s), value_text(s, "statement"),
	    value_number(s, "count"));
}

/* Only what was released can come back, or be deleted over there. */
static int
check_released(const struct step *s, struct fault *f)
{
	sqlite3_stmt *row;

	if (rows_run(s->fold->rows, &row, f,
		"SELECT 1 FROM releases WHERE batch=? LIMIT 1", "s",
		value_text(s, "batch")) != 0)
		return -1;
	if (row == NULL)
		return refuse(s, f, "unknown-release",
		    "nothing of that batch was released");
	rows_done(row);
	return 0;
}

int
apply_returned(const struct step *s, struct fault *f)
{
	if (check_released(s, f) != 0)
		return -1;
	return FOLD_INSERT(s, f,
	    "INSERT INTO returns VALUES(?, ?, ?, ?, ?, ?, NULL, NULL, NULL,"
	    " NULL, NULL, NULL) ON CONFLICT DO NOTHING",
	    "sissis", value_text(s, "return"), s->seq, value_text(s, "batch"),
	    value_text(s, "object"), value_number(s, "bytes"), at(s));
}

/* A rejected return may be ingested again, once what was wrong is settled. */
int
apply_ingested(const struct step *s, struct fault *f)
{
	const struct slice *score = value_text(s, "score");
	int64_t items = value_number(s, "items");
	int64_t answered = value_number(s, "answered");

	if (answered > items || value_number(s, "empty") > items - answered ||
	    value_number(s, "skipped") >
		items - answered - value_number(s, "empty"))
		return fault_set(
		    f, FAULT_INPUT, "more answers than there are items");
	if (score != NULL && value_number(s, "score") > 1000000)
		return fault_set(
		    f, FAULT_INPUT, "member \"score\": over a million");
	if (rows_run(s->fold->rows, NULL, f,
		"UPDATE returns SET ingested=?, verdict=?, items=?,"
		" answered=?, score=CAST(? AS INTEGER), told=?"
		" WHERE id=? AND batch=?"
		" AND (verdict IS NULL OR verdict='rejected')",
		"ssiissss", at(s), value_text(s, "verdict"), items, answered,
		score, value_text(s, "told"), value_text(s, "return"),
		value_text(s, "batch")) != 0)
		return -1;
	if (sqlite3_changes(rows_db(s->fold->rows)) == 1)
		return 0;
	return refuse(s, f, "unknown-return",
	    "no such return for that batch, or it is ingested already");
}

int
apply_deletion_stated(const struct step *s, struct fault *f)
{
	if (check_released(s, f) != 0)
		return -1;
	return FOLD_INSERT(s, f,
	    "INSERT INTO deletions VALUES(?, ?, ?, ?) ON CONFLICT DO NOTHING",
	    "isss", s->seq, value_text(s, "batch"), at(s),
	    value_text(s, "statement"));
}
