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

/* The salt that this member of this thing has, or a fresh one. */
static int
salt_for(struct catalog *c, const struct catalog_fact_name *name,
    uint8_t salt[SALT_BYTES], struct fault *f)
{
	sqlite3_stmt *row;
	struct slice s;

	random_fill(salt, SALT_BYTES);
	if (of_persons(name->member))
		return 0;
	if (rows_run(c->rows, &row, f,
		"SELECT salt FROM facts WHERE id=? AND member=? LIMIT 1", "tt",
		name->id, name->member) != 0)
		return -1;
	if (row == NULL)
		return 0;
	s = rows_slice(row, 0);
	if (s.len == SALT_BYTES)
		memcpy(salt, s.at, SALT_BYTES);
	rows_done(row);
	return 0;
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
		return fault_set(f, FAULT_INPUT, "%s: %s is not known",
		    name->id, name->member);
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
catalog_fact_erase(
    struct catalog *c, const struct catalog_fact_name *name, struct fault *f)
{
	return rows_run(c->rows, NULL, f,
	    "DELETE FROM facts WHERE id=? AND member=? AND n=?", "tti",
	    name->id, name->member, (int64_t)name->n);
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
	if (rc != 0 && f->kind == FAULT_INPUT) {
		fault_clear(f);
		rc = 0;
	}
	if (rc == 0 && b.len > 0)
		memcpy(out, b.at, b.len);
	out[b.len] = '\0';
	bytes_free(&b);
	return rc;
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
	return 0;
}

int
facts_check(struct catalog *c, struct fault *f)
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
