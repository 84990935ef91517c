/*
 * Facts: what must not stand in the log, kept beside it.
 *
 * A fact is bound by the commitment SHA-256(salt || bytes) in an entry, with 32
 * random bytes of salt.  Whoever edits the row is found out when it is read;
 * once row and salt are erased, the commitment in the log tells nobody
 * anything.  Facts of one member of one thing share their salt, so that the
 * fold can see that two approvals are by the same person, and nothing more.
 * Lists of persons do not: one that is shorter for somebody's erasure must not
 * leave the salt with which to try who that was.
 *
 * Gates ask facts: who is suppressed, what a vendor holds, what is held.  So
 * one that is not there is no answer but a forgery: the log says that it was
 * kept.  Lists of persons alone are erased, each by the entry of the one that
 * took its place.
 */

#include <string.h>

#include "gateway/catalog/catalog_internal.h"

#define SALT_BYTES 32u

const char facts_schema[] =
    "CREATE TABLE facts(id TEXT NOT NULL, member TEXT NOT NULL,"
    " n INTEGER NOT NULL, salt BLOB NOT NULL, bytes BLOB NOT NULL,"
    " PRIMARY KEY(id, member, n)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX facts_name ON facts(bytes) WHERE member = 'name';"
    "CREATE TABLE released(seq INTEGER NOT NULL, n INTEGER NOT NULL,"
    " PRIMARY KEY(seq, n)) STRICT, WITHOUT ROWID;";

/* Lists of persons: as long as there are persons, and with a salt each. */
static bool
of_persons(const char *member)
{
	return strcmp(member, "subjects") == 0 || strcmp(member, "holds") == 0;
}

/* The salt that this member of this thing has, or a fresh one.  A salt that is
 * gone, or another, would make one person two approvers. */
static int
salt_for(struct catalog *c, const struct catalog_fact_name *name,
    uint8_t salt[SALT_BYTES], struct fault *f)
{
	sqlite3_stmt *row;
	int rc = 0;

	random_fill(salt, SALT_BYTES);
	if (of_persons(name->member))
		return 0;
	if (rows_run(c->rows, &row, f,
		"SELECT f.salt, f.bytes, c.digest FROM commitments c"
		" LEFT JOIN facts f USING(id, member, n)"
		" WHERE c.id=? AND c.member=? ORDER BY c.n LIMIT 1",
		"tt", name->id, name->member) != 0)
		return -1;
	if (row == NULL)
		return 0;
	if (fact_holds(row))
		memcpy(salt, rows_slice(row, 0).at, SALT_BYTES);
	else
		rc = fact_forged(name->id, name->member, f);
	rows_done(row);
	return rc;
}

int
fact_keep(struct catalog *c, const struct catalog_fact_name *name,
    struct slice bytes, uint8_t commitment[DIGEST_BYTES], struct fault *f)
{
	uint8_t salt[SALT_BYTES];
	struct slice s = { salt, sizeof(salt) };
	unsigned max =
	    of_persons(name->member) ? CATALOG_PERSONS_MAX : CATALOG_FACT_MAX;

	if (bytes.len > max)
		return fault_set(
		    f, FAULT_INPUT, "%s: over %u bytes", name->member, max);
	if (salt_for(c, name, salt, f) != 0)
		return -1;
	digest_salted(commitment, salt, bytes.at, bytes.len);
	if (rows_run(c->rows, NULL, f,
		"INSERT INTO facts VALUES(?, ?, ?, ?, ?)"
		" ON CONFLICT DO NOTHING",
		"ttibb", name->id, name->member, (int64_t)name->n, &s,
		&bytes) != 0)
		return -1;
	if (sqlite3_changes(rows_db(c->rows)) == 1)
		return 0;
	return fold_refuse(
	    &c->fold, f, "repeated", "%s: is recorded already", name->member);
}

bool
fact_holds(sqlite3_stmt *row)
{
	struct slice salt = rows_slice(row, 0), bytes = rows_slice(row, 1);
	struct slice want = rows_slice(row, 2);
	uint8_t digest[DIGEST_BYTES];
	char hex[DIGEST_CHARS + 1];

	if (salt.len != SALT_BYTES || want.len != DIGEST_CHARS)
		return false;
	digest_salted(digest, salt.at, bytes.at, bytes.len);
	hex_write(hex, digest, sizeof(digest));
	return memcmp(hex, want.at, DIGEST_CHARS) == 0;
}

int
fact_forged(const char *id, const char *member, struct fault *f)
{
	return fault_set(f, FAULT_FORGED,
	    "catalog.db: table facts, row %.40s %.40s: not what the log "
	    "committed to",
	    id, member);
}

static int
fact_gone(const char *id, const char *member, struct fault *f)
{
	return fault_set(f, FAULT_FORGED,
	    "catalog.db: table facts, row %.40s %.40s: is gone, and nothing "
	    "in the log erased it",
	    id, member);
}

int
fact_unlike(
    sqlite3_stmt *row, const char *id, const char *member, struct fault *f)
{
	if (rows_slice(row, 0).len > 0)
		return fact_forged(id, member, f);
	return fact_gone(id, member, f);
}

/* Commitments whose fact is gone: not lists that another took the place of. */
#define GONE                                                           \
	"SELECT c.id, c.member FROM commitments c"                     \
	" LEFT JOIN facts f USING(id, member, n) WHERE f.salt IS NULL" \
	" AND NOT (c.member='subjects' AND NOT EXISTS(SELECT 1"        \
	" FROM subjects t WHERE t.batch=c.id AND t.n=c.n))"            \
	" AND NOT (c.member='holds' AND EXISTS(SELECT 1"               \
	" FROM commitments o WHERE o.id=c.id AND o.member='holds'"     \
	" AND o.n>c.n))"

static int
no_fact(
    struct catalog *c, const struct catalog_fact_name *name, struct fault *f)
{
	sqlite3_stmt *row;

	if (rows_run(c->rows, &row, f,
		GONE " AND c.id=? AND c.member=? AND c.n=?", "tti", name->id,
		name->member, (int64_t)name->n) != 0)
		return -1;
	if (row == NULL)
		return fault_set(f, FAULT_INPUT, "%s: %s is not known",
		    name->id, name->member);
	rows_done(row);
	return fact_gone(name->id, name->member, f);
}

int
catalog_fact(struct catalog *c, const struct catalog_fact_name *name,
    struct bytes *out, struct fault *f)
{
	sqlite3_stmt *row;
	struct slice bytes;
	int rc;

	if (rows_run(c->rows, &row, f,
		"SELECT f.salt, f.bytes, c.digest FROM facts f"
		" LEFT JOIN commitments c USING(id, member, n)"
		" WHERE f.id=? AND f.member=? AND f.n=?",
		"tti", name->id, name->member, (int64_t)name->n) != 0)
		return -1;
	if (row == NULL)
		return no_fact(c, name, f);
	bytes = rows_slice(row, 1);
	rc = fact_holds(row) ? bytes_add(out, bytes.at, bytes.len, f)
			     : fact_forged(name->id, name->member, f);
	rows_done(row);
	return rc;
}

int
catalog_committed(struct catalog *c, const struct catalog_fact_name *name,
    bool *yes, struct fault *f)
{
	sqlite3_stmt *row;

	if (rows_run(c->rows, &row, f,
		"SELECT 1 FROM commitments WHERE id=? AND member=? AND n=?",
		"tti", name->id, name->member, (int64_t)name->n) != 0)
		return -1;
	*yes = row != NULL;
	rows_done(row);
	return 0;
}

int
fact_erase(
    struct catalog *c, const struct catalog_fact_name *name, struct fault *f)
{
	return rows_run(c->rows, NULL, f,
	    "DELETE FROM facts WHERE id=? AND member=? AND n=?", "tti",
	    name->id, name->member, (int64_t)name->n);
}

int
fact_names_known(struct catalog *c, struct fault *f)
{
	sqlite3_stmt *row;
	char id[ID_CHARS + 1];

	if (rows_run(
		c->rows, &row, f, GONE " AND c.member='name' LIMIT 1", "") != 0)
		return -1;
	if (row == NULL)
		return 0;
	(void)snprintf(
	    id, sizeof(id), "%s", (const char *)sqlite3_column_text(row, 0));
	rows_done(row);
	return fact_gone(id, "name", f);
}

int
fact_name_of(struct catalog *c, const char *id, char out[CATALOG_NAME_MAX + 1],
    struct fault *f)
{
	struct catalog_fact_name name = { id, "name", 0 };
	struct bytes b;
	int rc;

	bytes_init(&b, CATALOG_NAME_MAX);
	rc = catalog_fact(c, &name, &b, f);
	if (rc == 0 && b.len > 0)
		memcpy(out, b.at, b.len);
	out[b.len] = '\0';
	bytes_free(&b);
	return rc;
}

int
fact_named(const char *asked, const char *id, const char *name, struct fault *f)
{
	if (strcmp(asked, id) == 0 || strcmp(asked, name) == 0)
		return 0;
	return fact_forged(id, "name", f);
}

int
fact_name_taken(struct catalog *c, char letter, struct slice name, bool *taken,
    struct fault *f)
{
	sqlite3_stmt *row;
	const char *sql =
	    letter == 'v' ? "SELECT 1 FROM facts JOIN vendors USING(id)"
			    " WHERE member='name' AND bytes=? AND ended IS NULL"
			  : "SELECT 1 FROM facts JOIN batches USING(id)"
			    " WHERE member='name' AND bytes=? AND state<4"
			    " AND (state<3 OR sealed IS NOT NULL)";

	if (rows_run(c->rows, &row, f, sql, "b", &name) != 0)
		return -1;
	*taken = row != NULL;
	rows_done(row);
	return *taken ? 0 : fact_names_known(c, f);
}

/* Facts that are another, or that nothing commits to. */
static int
check_there(struct catalog *c, struct fault *f)
{
	struct cursor k;
	bool more;
	int rc;

	if (cursor_open(&k, c,
		"SELECT f.salt, f.bytes, c.digest, f.id, f.member FROM facts f"
		" LEFT JOIN commitments c USING(id, member, n)",
		NULL, f) != 0)
		return -1;
	while ((rc = cursor_next(&k, &more, f)) == 0 && more)
		if (!fact_holds(k.row)) {
			rc = fact_forged(
			    (const char *)sqlite3_column_text(k.row, 3),
			    (const char *)sqlite3_column_text(k.row, 4), f);
			break;
		}
	cursor_close(&k);
	return rc;
}

static int
check_gone(struct catalog *c, struct fault *f)
{
	struct cursor k;
	uint64_t n = 0;
	bool more;
	int rc;

	if (cursor_open(&k, c, GONE " ORDER BY c.id, c.member, c.n", NULL, f) !=
	    0)
		return -1;
	while ((rc = cursor_next(&k, &more, f)) == 0 && more)
		if (n++ == 0)
			(void)fact_gone(
			    (const char *)sqlite3_column_text(k.row, 0),
			    (const char *)sqlite3_column_text(k.row, 1), f);
	cursor_close(&k);
	if (rc != 0 || n == 0)
		return rc;
	return n == 1 ? -1
		      : fault_at(f, "%llu facts, the first of them",
			    (unsigned long long)n);
}

int
facts_check(struct catalog *c, struct fault *f)
{
	if (compare_indexes(c->rows, "facts", f) != 0 || check_there(c, f) != 0)
		return -1;
	return check_gone(c, f);
}
