/* Walking rows, and columns as values of ours. */

#include <string.h>

#include "gateway/catalog/catalog_internal.h"

int
cursor_open(struct cursor *k, struct catalog *c, const char *sql,
    const char *id, struct fault *f)
{
	sqlite3 *db = rows_db(c->rows);

	*k = (struct cursor){ .catalog = c };
	if (sqlite3_prepare_v2(db, sql, -1, &k->row, NULL) != SQLITE_OK ||
	    (id != NULL && sqlite3_bind_text(k->row, 1, id, -1,
			       SQLITE_STATIC) != SQLITE_OK)) {
		(void)rows_fault(c->rows, f);
		cursor_close(k);
		return -1;
	}
	return 0;
}

int
cursor_next(struct cursor *k, bool *more, struct fault *f)
{
	int rc = sqlite3_step(k->row);

	*more = rc == SQLITE_ROW;
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return 0;
	return rows_fault(k->catalog->rows, f);
}

void
cursor_close(struct cursor *k)
{
	(void)sqlite3_finalize(k->row); /* repeats the failure of its step */
	k->row = NULL;
}

static int
strange(sqlite3_stmt *row, int i, struct fault *f)
{
	const char *name = sqlite3_column_name(row, i);

	return fault_set(f, FAULT_FORGED, "catalog.db: column %.40s: malformed",
	    name == NULL ? "?" : name);
}

int
column_time(sqlite3_stmt *row, int i, int64_t *out, struct fault *f)
{
	struct slice s = rows_slice(row, i);

	*out = 0;
	if (s.len == 0)
		return 0;
	if (!clock_read(out, (const char *)s.at, s.len))
		return strange(row, i, f);
	return 0;
}

int
column_digest(
    sqlite3_stmt *row, int i, uint8_t out[DIGEST_BYTES], struct fault *f)
{
	struct slice s = rows_slice(row, i);

	memset(out, 0, DIGEST_BYTES);
	if (s.len == 0)
		return 0;
	if (!hex_read(out, DIGEST_BYTES, (const char *)s.at, s.len))
		return strange(row, i, f);
	return 0;
}

int
column_text(sqlite3_stmt *row, int i, char *out, size_t room, struct fault *f)
{
	struct slice s = rows_slice(row, i);

	if (s.len >= room)
		return strange(row, i, f);
	if (s.len > 0)
		memcpy(out, s.at, s.len);
	out[s.len] = '\0';
	return 0;
}

uint64_t
column_number(sqlite3_stmt *row, int i)
{
	int64_t n = sqlite3_column_int64(row, i);

	return n < 0 ? 0 : (uint64_t)n;
}
