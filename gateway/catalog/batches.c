/*
 * What entries about batches, shards and grants do to the rows.
 *
 *     begun --> (shards) --> sealed --> approved --> withdrawn --> shredded
 *                              ^  a new manifest revision |
 *                              +--------------------------+
 *
 * Withdrawing and shredding are possible from anywhere before; nothing leads
 * back from them.
 */

#include <string.h>

#include "gateway/catalog/catalog_internal.h"

/* Objects are a gigabyte or so; a million make a petabyte. */
#define SHARDS_MAX 1048576

struct batch_now {
	enum catalog_state state;
	int64_t approve;
	int64_t approvals;
	int64_t ever;
	int64_t revision;
	char vendor[ID_CHARS + 1];
};

static const struct slice *
at(const struct step *s)
{
	return value_text(s, "at");
}

static int
batch_find(const struct step *s, const struct slice *id, struct batch_now *b,
    struct fault *f)
{
	sqlite3_stmt *row;
	struct slice vendor;

	if (rows_run(s->fold->rows, &row, f,
		"SELECT state, approve, approvals, ever, revision, vendor"
		" FROM batches WHERE id=?",
		"s", id) != 0)
		return -1;
	if (row == NULL)
		return fold_refuse(
		    s->fold, f, "unknown-batch", "no such batch");
	b->state = (enum catalog_state)sqlite3_column_int(row, 0);
	b->approve = sqlite3_column_int64(row, 1);
	b->approvals = sqlite3_column_int64(row, 2);
	b->ever = sqlite3_column_int64(row, 3);
	b->revision = sqlite3_column_int64(row, 4);
	vendor = rows_slice(row, 5);
	memset(b->vendor, 0, sizeof(b->vendor));
	if (vendor.len == ID_CHARS)
		memcpy(b->vendor, vendor.at, ID_CHARS);
	rows_done(row);
	return 0;
}

static int
gone(const struct step *s, enum catalog_state state, struct fault *f)
{
	return fold_refuse(s->fold, f,
	    state == CATALOG_SHREDDED ? "shredded" : "withdrawn",
	    "the batch has been %s",
	    state == CATALOG_SHREDDED ? "shredded" : "withdrawn");
}

int
apply_batch_begun(const struct step *s, struct fault *f)
{
	const struct slice *golden = value_text(s, "golden");
	bool metric = value_text(s, "metric") != NULL;
	bool pass = value_text(s, "pass") != NULL;
	struct vendor_now v;

	if (metric != (golden != NULL) || pass != metric)
		return fault_set(f, FAULT_INPUT,
		    "golden, metric and pass stand together or not at all");
	if (pass && value_number(s, "pass") > 1000000)
		return fault_set(
		    f, FAULT_INPUT, "member \"pass\": over a million");
	if (vendor_find(s, value_text(s, "vendor"), &v, f) != 0)
		return -1;
	return FOLD_INSERT(s, f,
	    "INSERT INTO batches VALUES(?, ?, ?, 0, ?, 0, 0, ?, ?, ?, ?, ?,"
	    " CAST(? AS INTEGER), NULL, NULL, 0, 0, 0, 0, ?, NULL, NULL,"
	    " NULL)"
	    " ON CONFLICT DO NOTHING",
	    "sisiiisssss", value_text(s, "batch"), s->seq,
	    value_text(s, "vendor"),
	    (int64_t)(value_is(s, "approve", "two") ? 2 : 1),
	    value_number(s, "retention"), (int64_t)value_true(s, "offline"),
	    value_text(s, "agreements"), golden, value_text(s, "metric"),
	    value_text(s, "pass"), at(s));
}

int
apply_shard_sealed(const struct step *s, struct fault *f)
{
	int64_t n = value_number(s, "shard");
	struct batch_now b;

	if (batch_find(s, value_text(s, "batch"), &b, f) != 0)
		return -1;
	if (b.state != CATALOG_OPEN)
		return fold_refuse(s->fold, f, "out-of-order",
		    "the batch takes no more shards");
	if (n >= SHARDS_MAX)
		return fault_set(
		    f, FAULT_INPUT, "shard number over %d", SHARDS_MAX - 1);
	return FOLD_INSERT(s, f,
	    "INSERT INTO shards VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	    " ON CONFLICT DO NOTHING",
	    "sisiissisi", value_text(s, "batch"), n, value_text(s, "object"),
	    value_number(s, "bytes"), value_number(s, "items"),
	    value_text(s, "items_root"), value_text(s, "index"),
	    value_number(s, "index_bytes"), value_text(s, "join"),
	    value_number(s, "join_bytes"));
}

/* What is sealed must be what was logged: all shards, without a gap. */
static int
check_shards(const struct step *s, struct fault *f)
{
	int64_t count, last, items;
	sqlite3_stmt *row;

	if (rows_run(s->fold->rows, &row, f,
		"SELECT COUNT(*), MAX(n), SUM(items) FROM shards"
		" WHERE batch=?",
		"s", value_text(s, "batch")) != 0)
		return -1;
	must(row != NULL);
	count = sqlite3_column_int64(row, 0);
	last = sqlite3_column_int64(row, 1);
	items = sqlite3_column_int64(row, 2);
	rows_done(row);
	if (count == 0 || count != value_number(s, "shards") ||
	    last != count - 1)
		return fold_refuse(s->fold, f, "out-of-order",
		    "its shards are not those that were sealed");
	if (items != value_number(s, "items"))
		return fold_refuse(s->fold, f, "out-of-order",
		    "its items are not those of its shards");
	return 0;
}

int
apply_batch_sealed(const struct step *s, struct fault *f)
{
	struct batch_now b;

	if (batch_find(s, value_text(s, "batch"), &b, f) != 0)
		return -1;
	if (b.state >= CATALOG_WITHDRAWN)
		return gone(s, b.state, f);
	if (value_number(s, "revision") != b.revision + 1)
		return fold_refuse(
		    s->fold, f, "out-of-order", "its revision is not the next");
	if (check_shards(s, f) != 0)
		return -1;
	return rows_run(s->fold->rows, NULL, f,
	    "UPDATE batches SET state=1, approvals=0, manifest=?, object=?,"
	    " object_bytes=?, revision=?, shards=?, items=?, sealed=?, "
	    "approved=NULL WHERE id=?",
	    "ssiiiiss", value_text(s, "manifest"), value_text(s, "object"),
	    value_number(s, "object_bytes"), value_number(s, "revision"),
	    value_number(s, "shards"), value_number(s, "items"), at(s),
	    value_text(s, "batch"));
}

/* The approver may not be one who approved this revision before: the same
 * person has the same commitment within a batch. */
static int
check_approver(const struct step *s, const struct batch_now *b, struct fault *f)
{
	sqlite3_stmt *row;

	if (rows_run(s->fold->rows, &row, f,
		"SELECT 1 FROM commitments WHERE id=? AND member='by'"
		" AND n>? AND digest=?",
		"sis", value_text(s, "batch"), b->ever - b->approvals,
		value_text(s, "by")) != 0)
		return -1;
	if (row == NULL)
		return 0;
	rows_done(row);
	return fold_refuse(s->fold, f, "same-approver",
	    "the same person has approved it already");
}

int
apply_batch_approved(const struct step *s, struct fault *f)
{
	struct batch_now b;
	bool enough;

	if (batch_find(s, value_text(s, "batch"), &b, f) != 0)
		return -1;
	if (b.state >= CATALOG_WITHDRAWN)
		return gone(s, b.state, f);
	if (b.state != CATALOG_SEALED)
		return fold_refuse(s->fold, f,
		    b.state == CATALOG_OPEN ? "not-sealed" : "repeated",
		    b.state == CATALOG_OPEN ? "the batch is not sealed"
					    : "the batch is approved already");
	if (value_number(s, "n") != b.ever + 1)
		return fold_refuse(s->fold, f, "out-of-order",
		    "the approval's number is not the next");
	if (check_approver(s, &b, f) != 0)
		return -1;
	enough = b.approvals + 1 >= b.approve;
	return rows_run(s->fold->rows, NULL, f,
	    "UPDATE batches SET approvals=approvals+1, ever=ever+1, state=?,"
	    " approved=? WHERE id=?",
	    "iss", (int64_t)(enough ? CATALOG_APPROVED : CATALOG_SEALED),
	    enough ? at(s) : NULL, value_text(s, "batch"));
}

static int
end_batch(const struct step *s, enum catalog_state end, struct fault *f)
{
	struct batch_now b;

	if (batch_find(s, value_text(s, "batch"), &b, f) != 0)
		return -1;
	if (b.state >= end)
		return gone(s, b.state, f);
	return rows_run(s->fold->rows, NULL, f,
	    "UPDATE batches SET state=?, ended=? WHERE id=?", "iss",
	    (int64_t)end, at(s), value_text(s, "batch"));
}

int
apply_batch_withdrawn(const struct step *s, struct fault *f)
{
	return end_batch(s, CATALOG_WITHDRAWN, f);
}

int
apply_batch_shredded(const struct step *s, struct fault *f)
{
	if (hold_none(s, value_text(s, "batch"), f) != 0)
		return -1;
	return end_batch(s, CATALOG_SHREDDED, f);
}

/* A stop is never refused for what was stopped before. */
int
apply_stopped(const struct step *s, struct fault *f)
{
	const struct slice *target = value_text(s, "target");
	struct batch_now b;
	struct vendor_now v;

	if (target->at[0] == 'b') {
		if (batch_find(s, target, &b, f) != 0)
			return -1;
		return rows_run(s->fold->rows, NULL, f,
		    "UPDATE batches SET state=3, ended=?"
		    " WHERE id=? AND state<3",
		    "ss", at(s), target);
	}
	if (vendor_find(s, target, &v, f) != 0)
		return -1;
	if (rows_run(s->fold->rows, NULL, f,
		"UPDATE vendors SET suspended=? WHERE id=?"
		" AND suspended IS NULL",
		"ss", at(s), target) != 0)
		return -1;
	return rows_run(s->fold->rows, NULL, f,
	    "UPDATE batches SET state=3, ended=? WHERE vendor=? AND state<3",
	    "ss", at(s), target);
}

int
apply_grant_made(const struct step *s, struct fault *f)
{
	const struct slice *from = value_text(s, "from");
	const struct slice *until = value_text(s, "until");
	const struct slice *vendor = value_text(s, "vendor");
	struct vendor_now v;
	struct batch_now b;

	if (batch_find(s, value_text(s, "batch"), &b, f) != 0)
		return -1;
	if (b.state >= CATALOG_WITHDRAWN)
		return gone(s, b.state, f);
	if (b.state == CATALOG_OPEN)
		return fold_refuse(
		    s->fold, f, "not-sealed", "the batch is not sealed");
	if (memcmp(b.vendor, vendor->at, ID_CHARS) != 0)
		return fold_refuse(s->fold, f, "unknown-vendor",
		    "the batch is for another vendor");
	if (memcmp(from->at, until->at, CLOCK_CHARS) >= 0)
		return fold_refuse(s->fold, f, "out-of-order",
		    "the grant ends before it begins");
	if (vendor_find(s, vendor, &v, f) != 0)
		return -1;
	return FOLD_INSERT(s, f,
	    "INSERT INTO grants VALUES(?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
	    "sssss", value_text(s, "grant"), value_text(s, "batch"), vendor,
	    from, until);
}

int
apply_grant_extended(const struct step *s, struct fault *f)
{
	if (rows_run(s->fold->rows, NULL, f,
		"UPDATE grants SET until=?1 WHERE id=?2 AND until<?1 AND"
		" (SELECT state FROM batches WHERE id=grants.batch)<3",
		"ss", value_text(s, "until"), value_text(s, "grant")) != 0)
		return -1;
	if (sqlite3_changes(rows_db(s->fold->rows)) == 1)
		return 0;
	return fold_refuse(s->fold, f, "unknown-grant",
	    "no such grant, or its batch has ended, or it lasts longer");
}
