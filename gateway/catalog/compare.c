/*
 * Does the home's database hold what the log says, and nothing else?
 *
 * Tables and indexes are compared by their definitions, so that no trigger or
 * view of somebody's can act in our name; then the tables of the fold row by
 * row, and their indexes with them.  A difference is told by table and by the
 * row's first column, which is an id and never a value.
 */

#include <string.h>

#include "gateway/catalog/catalog_internal.h"

/* Those of SQLite's own names too: by hand a trigger can be called so. */
static const char definitions[] =
    "SELECT name, type, tbl_name, COALESCE(sql, '') FROM sqlite_schema"
    " ORDER BY name, type";

static bool
same_column(sqlite3_stmt *a, sqlite3_stmt *b, int i)
{
	int type = sqlite3_column_type(a, i);
	struct slice x, y;

	if (type != sqlite3_column_type(b, i))
		return false;
	if (type == SQLITE_INTEGER)
		return sqlite3_column_int64(a, i) == sqlite3_column_int64(b, i);
	if (type == SQLITE_FLOAT)
		return false; /* the fold writes none */
	x = rows_slice(a, i);
	y = rows_slice(b, i);
	return x.len == y.len && (x.len == 0 || memcmp(x.at, y.at, x.len) == 0);
}

/* Where two rows part: which one has what the other has not. */
static int
differs(
    const char *what, sqlite3_stmt *has, sqlite3_stmt *want, struct fault *f)
{
	const char *id = NULL;

	if (has != NULL)
		id = (const char *)sqlite3_column_text(has, 0);
	else if (want != NULL)
		id = (const char *)sqlite3_column_text(want, 0);
	return fault_set(f, FAULT_FORGED,
	    "catalog.db: %s %.64s: not what the log says", what,
	    id == NULL ? "(none)" : id);
}

static int
step(sqlite3 *db, sqlite3_stmt *stmt, bool *more, struct fault *f)
{
	int rc = sqlite3_step(stmt);

	*more = rc == SQLITE_ROW;
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return 0;
	return fault_set(f, rc == SQLITE_CORRUPT ? FAULT_FORGED : FAULT_SYSTEM,
	    "catalog.db: %s", sqlite3_errmsg(db));
}

static int
compare_all(sqlite3 *home, sqlite3_stmt *has, sqlite3 *fold, sqlite3_stmt *want,
    const char *what, struct fault *f)
{
	int columns = sqlite3_column_count(want);

	if (sqlite3_column_count(has) != columns)
		return differs(what, NULL, NULL, f);
	for (;;) {
		bool a, b;

		if (step(home, has, &a, f) != 0 || step(fold, want, &b, f) != 0)
			return -1;
		if (!a && !b)
			return 0;
		if (!a || !b)
			return differs(what, a ? has : NULL, want, f);
		for (int i = 0; i < columns; i++)
			if (!same_column(has, want, i))
				return differs(what, has, want, f);
	}
}

static int
compare_query(struct rows *home, struct rows *want, const char *sql,
    const char *what, struct fault *f)
{
	sqlite3_stmt *a = NULL, *b = NULL;
	int rc = -1;

	if (sqlite3_prepare_v2(rows_db(want), sql, -1, &b, NULL) != SQLITE_OK)
		(void)rows_fault(want, f);
	else if (sqlite3_prepare_v2(rows_db(home), sql, -1, &a, NULL) !=
		 SQLITE_OK)
		(void)fault_set(f, FAULT_FORGED, "catalog.db: %s: %s", what,
		    sqlite3_errmsg(rows_db(home)));
	else
		rc = compare_all(rows_db(home), a, rows_db(want), b, what, f);
	(void)sqlite3_finalize(a); /* repeats what step() told */
	(void)sqlite3_finalize(b);
	return rc;
}

/* Has the table surely no row?  Asked in the order of its key, as below, it is
 * read itself; an index of it might say so of a table that has some. */
static bool
empty(struct rows *rows, const struct fold_table *t)
{
	sqlite3_stmt *any = NULL;
	char sql[96];
	bool none;

	(void)snprintf(
	    sql, sizeof(sql), "SELECT 1 FROM %s ORDER BY %s", t->name, t->key);
	none = sqlite3_prepare_v2(rows_db(rows), sql, -1, &any, NULL) ==
		   SQLITE_OK &&
	       sqlite3_step(any) == SQLITE_DONE;
	(void)sqlite3_finalize(any); /* a failure is told by who reads it all */
	return none;
}

int
compare_indexes(struct rows *home, const char *table, struct fault *f)
{
	sqlite3_stmt *row = NULL;
	const char *says;
	char sql[96];
	bool more;
	int rc = -1;

	(void)snprintf(sql, sizeof(sql), "PRAGMA integrity_check(%s)", table);
	if (sqlite3_prepare_v2(rows_db(home), sql, -1, &row, NULL) != SQLITE_OK)
		return rows_fault(home, f);
	if (step(rows_db(home), row, &more, f) == 0) {
		says = more ? (const char *)sqlite3_column_text(row, 0) : NULL;
		rc = says != NULL && strcmp(says, "ok") == 0
			 ? 0
			 : fault_set(f, FAULT_FORGED,
			       "catalog.db: table %s: %.100s", table,
			       says != NULL ? says : "no answer");
	}
	(void)sqlite3_finalize(row);
	return rc;
}

/* Of all tables that follow from the log.  Facts are held against it where they
 * are read, and who edits what was sent changes what is sent again. */
static int
compare_all_indexes(struct rows *home, struct rows *want, struct fault *f)
{
	static const char indexed[] =
	    "SELECT DISTINCT tbl_name FROM sqlite_schema WHERE type='index'"
	    " AND tbl_name NOT IN ('facts', 'sent', 'sent_whose')";
	sqlite3_stmt *row;

	if (rows_run(want, &row, f, indexed, "") != 0)
		return -1;
	while (row != NULL) {
		const char *table = (const char *)sqlite3_column_text(row, 0);

		if (compare_indexes(home, table, f) != 0) {
			rows_done(row);
			return -1;
		}
		if (rows_next(want, &row, f) != 0)
			return -1;
	}
	return 0;
}

int
compare_rows(struct rows *home, struct rows *want, struct fault *f)
{
	if (compare_query(home, want, definitions, "definition", f) != 0)
		return -1;
	for (const struct fold_table *t = fold_tables; t->name != NULL; t++) {
		char sql[96], what[64];

		/* a third of the work, and most tables of a young home */
		if (empty(want, t) && empty(home, t))
			continue;
		(void)snprintf(sql, sizeof(sql), "SELECT * FROM %s ORDER BY %s",
		    t->name, t->key);
		(void)snprintf(what, sizeof(what), "table %s, row", t->name);
		if (compare_query(home, want, sql, what, f) != 0)
			return -1;
	}
	return compare_all_indexes(home, want, f);
}
