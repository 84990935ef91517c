/*
 * What entries about the law do to the rows, and what is known of it: on what
 * grounds batches may be released, what is held, who is suppressed.
 *
 * A decision's facts, a hold's reason and subject, a suppressed subject are
 * facts beside the log: it has their commitments.  A subject is a keyed hash
 * (subjects.c).
 */

#include <string.h>

#include "gateway/catalog/catalog_internal.h"

static const struct slice *
at(const struct step *s)
{
	return value_text(s, "at");
}

/* ---- Decisions ---- */

int
apply_legal_decided(const struct step *s, struct fault *f)
{
	const struct slice *batch = value_text(s, "batch");
	sqlite3_stmt *row;
	int64_t last;

	if (rows_run(s->fold->rows, &row, f,
		"SELECT (SELECT COALESCE(MAX(n), 0) FROM decisions"
		" WHERE batch=b.id) FROM batches b WHERE b.id=?",
		"s", batch) != 0)
		return -1;
	if (row == NULL)
		return fold_refuse(
		    s->fold, f, "unknown-batch", "no such batch");
	last = sqlite3_column_int64(row, 0);
	rows_done(row);
	if (value_number(s, "n") != last + 1)
		return fold_refuse(
		    s->fold, f, "out-of-order", "its number is not the next");
	return FOLD_INSERT(s, f,
	    "INSERT INTO decisions VALUES(?, ?, ?, ?) ON CONFLICT DO NOTHING",
	    "siss", batch, last + 1, value_text(s, "countries"), at(s));
}

int
catalog_last_decision(
    struct catalog *c, const char *batch, uint64_t *n, struct fault *f)
{
	sqlite3_stmt *row;

	if (rows_run(c->rows, &row, f,
		"SELECT COALESCE(MAX(n), 0) FROM decisions WHERE batch=?", "t",
		batch) != 0)
		return -1;
	must(row != NULL);
	*n = column_number(row, 0);
	rows_done(row);
	return 0;
}

/* ---- Holds ---- */

int
apply_hold_begun(const struct step *s, struct fault *f)
{
	const struct slice *target = value_text(s, "target");
	sqlite3_stmt *row;

	if ((target == NULL) == (value_text(s, "subject") == NULL))
		return fault_set(f, FAULT_INPUT,
		    "a hold is of a batch or vendor, or of a subject");
	if (target != NULL) {
		bool batch = target->at[0] == 'b';

		if (rows_run(s->fold->rows, &row, f,
			batch ? "SELECT 1 FROM batches WHERE id=?"
			      : "SELECT 1 FROM vendors WHERE id=?",
			"s", target) != 0)
			return -1;
		if (row == NULL)
			return fold_refuse(s->fold, f,
			    batch ? "unknown-batch" : "unknown-vendor",
			    "no such batch or vendor");
		rows_done(row);
	}
	return FOLD_INSERT(s, f,
	    "INSERT INTO holds VALUES(?, ?, ?, NULL) ON CONFLICT DO NOTHING",
	    "sss", value_text(s, "hold"), target, at(s));
}

int
apply_hold_ended(const struct step *s, struct fault *f)
{
	if (rows_run(s->fold->rows, NULL, f,
		"UPDATE holds SET ended=? WHERE id=? AND ended IS NULL", "ss",
		at(s), value_text(s, "hold")) != 0)
		return -1;
	if (sqlite3_changes(rows_db(s->fold->rows)) == 1)
		return 0;
	return fold_refuse(
	    s->fold, f, "unknown-hold", "no such hold, or it has been ended");
}

int
hold_none(const struct step *s, const struct slice *batch, struct fault *f)
{
	sqlite3_stmt *row;

	if (rows_run(s->fold->rows, &row, f,
		"SELECT 1 FROM holds JOIN batches b ON target IN"
		" (b.id, b.vendor) WHERE b.id=? AND holds.ended IS NULL"
		" LIMIT 1",
		"s", batch) != 0)
		return -1;
	if (row == NULL)
		return 0;
	rows_done(row);
	return fold_refuse(s->fold, f, "held",
	    "it is held, and nothing of it is destroyed until that ends");
}

int
catalog_held(struct catalog *c, const char *batch, bool *yes, struct fault *f)
{
	sqlite3_stmt *row;

	if (rows_run(c->rows, &row, f,
		"SELECT 1 FROM holds JOIN batches b ON target IN"
		" (b.id, b.vendor) WHERE b.id=? AND holds.ended IS NULL"
		" LIMIT 1",
		"t", batch) != 0)
		return -1;
	*yes = row != NULL;
	rows_done(row);
	return 0;
}

int
catalog_each_hold(struct catalog *c,
    int (*each)(void *arg, const struct catalog_hold *h, struct fault *f),
    void *arg, struct fault *f)
{
	struct catalog_hold h;
	struct cursor k;
	bool more;
	int rc;

	if (cursor_open(&k, c,
		"SELECT id, target, at, ended FROM holds ORDER BY at, id", NULL,
		f) != 0)
		return -1;
	while ((rc = cursor_next(&k, &more, f)) == 0 && more) {
		memset(&h, 0, sizeof(h));
		rc = -1;
		if (column_text(k.row, 0, h.id, sizeof(h.id), f) != 0 ||
		    column_text(k.row, 1, h.target, sizeof(h.target), f) != 0 ||
		    column_time(k.row, 2, &h.at, f) != 0 ||
		    column_time(k.row, 3, &h.ended, f) != 0 ||
		    (rc = each(arg, &h, f)) != 0)
			break;
	}
	cursor_close(&k);
	return rc;
}

/* ---- Suppressions ---- */

int
apply_suppression_added(const struct step *s, struct fault *f)
{
	return FOLD_INSERT(s, f,
	    "INSERT INTO suppressions VALUES(?, ?, ?, NULL)"
	    " ON CONFLICT DO NOTHING",
	    "sss", value_text(s, "suppression"), value_text(s, "reason"),
	    at(s));
}

int
apply_suppression_ended(const struct step *s, struct fault *f)
{
	if (rows_run(s->fold->rows, NULL, f,
		"UPDATE suppressions SET ended=? WHERE id=? AND ended IS NULL",
		"ss", at(s), value_text(s, "suppression")) != 0)
		return -1;
	if (sqlite3_changes(rows_db(s->fold->rows)) == 1)
		return 0;
	return fold_refuse(s->fold, f, "unknown-suppression",
	    "no such suppression, or it has been ended");
}

/* Whom it is about, for the home alone: nothing of it is in a table. */
int
apply_suppression_named(const struct step *s, struct fault *f)
{
	sqlite3_stmt *row;
	bool known;

	if (rows_run(s->fold->rows, &row, f,
		"SELECT 1 FROM suppressions WHERE id=?", "s",
		value_text(s, "suppression")) != 0)
		return -1;
	known = row != NULL;
	rows_done(row);
	return known ? 0
		     : fold_refuse(s->fold, f, "unknown-suppression",
			   "no such suppression");
}

int
catalog_each_suppression(struct catalog *c,
    int (*each)(
	void *arg, const struct catalog_suppression *p, struct fault *f),
    void *arg, struct fault *f)
{
	struct catalog_suppression p;
	struct cursor k;
	bool more;
	int rc;

	if (cursor_open(&k, c,
		"SELECT id, reason, at, ended FROM suppressions"
		" ORDER BY at, id",
		NULL, f) != 0)
		return -1;
	while ((rc = cursor_next(&k, &more, f)) == 0 && more) {
		memset(&p, 0, sizeof(p));
		rc = -1;
		if (column_text(k.row, 0, p.id, sizeof(p.id), f) != 0 ||
		    column_text(k.row, 1, p.reason, sizeof(p.reason), f) != 0 ||
		    column_time(k.row, 2, &p.at, f) != 0 ||
		    column_time(k.row, 3, &p.ended, f) != 0 ||
		    (rc = each(arg, &p, f)) != 0)
			break;
	}
	cursor_close(&k);
	return rc;
}
