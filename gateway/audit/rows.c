/*
 * SQLite as this program uses it: one connection that nobody shares, prepared
 * statements that are kept, and every failure a fault.
 *
 * Why these settings: WAL with synchronous=FULL makes one fsync a durable
 * commit; locking_mode=EXCLUSIVE keeps a second process out and needs no shared
 * memory file; 16 MiB of cache and of write-ahead log keep reading and moving
 * pages out of commits; secure_delete overwrites what is deleted; defensive and
 * untrusted schema, because the file may have been edited by hand.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "gateway/audit/audit.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* More than the statements that the program has. */
#define STATEMENTS_MAX 256u

static pthread_once_t once = PTHREAD_ONCE_INIT;

struct kept {
	const char *sql;
	sqlite3_stmt *stmt;
};

struct rows {
	sqlite3 *db;
	struct kept kept[STATEMENTS_MAX]; /* open addressing by address */
};

int
rows_fault(struct rows *r, struct fault *f)
{
	int code = sqlite3_errcode(r->db);

	if (code == SQLITE_NOMEM)
		return fault_memory(f);
	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		return fault_set(
		    f, FAULT_FORGED, "catalog.db: %s", sqlite3_errmsg(r->db));
	(void)fault_set(
	    f, FAULT_SYSTEM, "catalog.db: %s", sqlite3_errmsg(r->db));
	if (code == SQLITE_FULL)
		(void)fault_hint(f, "make room on the home's disk; nothing was "
				    "recorded");
	return -1;
}

static int
configure(struct rows *r, struct fault *f)
{
	static const char pragmas[] = "PRAGMA locking_mode=EXCLUSIVE;"
				      "PRAGMA journal_mode=WAL;"
				      "PRAGMA synchronous=FULL;"
				      "PRAGMA secure_delete=ON;"
				      "PRAGMA temp_store=MEMORY;"
				      "PRAGMA cache_size=-16384;"
				      "PRAGMA wal_autocheckpoint=4000;"
				      "PRAGMA trusted_schema=OFF;"
				      "PRAGMA foreign_keys=OFF";

	if (sqlite3_db_config(r->db, SQLITE_DBCONFIG_DEFENSIVE, 1,
		(int *)NULL) != SQLITE_OK ||
	    sqlite3_exec(r->db, pragmas, NULL, NULL, NULL) != SQLITE_OK)
		return rows_fault(r, f);
	return 0;
}

/* SQLite opens names, and follows this one to the folder that dir is. */
static int
open_file(
    struct rows *r, int dir, const char *name, bool create, struct fault *f)
{
	char path[64 + NAME_MAX];
	int fd, rc;

	if (create) {
		fd = openat(dir, name,
		    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd == -1 && errno == EEXIST)
			return fault_set(
			    f, FAULT_USAGE, "%s: is there already", name);
		if (fd == -1)
			return fault_errno(f, "%s", name);
	} else if (file_open_read(dir, name, &fd, f) != 0) {
		return -1;
	}
	file_close(&fd);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir, name);
	rc = sqlite3_open_v2(
	    path, &r->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK)
		return r->db == NULL ? fault_memory(f) : rows_fault(r, f);
	return configure(r, f);
}

/* Counting every allocation under a lock costs a twentieth of a replay. */
static void
start(void)
{
	/* Refused when somebody has used SQLite before: then they count. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int
rows_open(
    struct rows **out, int dir, const char *name, bool create, struct fault *f)
{
	struct rows *r;
	int rc = -1;

	must(pthread_once(&once, start) == 0);
	if ((r = mem_new(sizeof(*r))) == NULL)
		return fault_memory(f);
	if (name != NULL)
		rc = open_file(r, dir, name, create, f);
	else if (sqlite3_open_v2(":memory:", &r->db,
		     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
			 SQLITE_OPEN_NOMUTEX,
		     NULL) != SQLITE_OK)
		rc = fault_memory(f);
	else
		rc = rows_script(r, "PRAGMA journal_mode=OFF", f);
	if (rc != 0) {
		rows_close(r);
		return -1;
	}
	*out = r;
	return 0;
}

void
rows_close(struct rows *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < STATEMENTS_MAX; i++)
		(void)sqlite3_finalize(r->kept[i].stmt); /* repeats its step */
	must(sqlite3_close(r->db) == SQLITE_OK);
	mem_free(r);
}

int
rows_script(struct rows *r, const char *sql, struct fault *f)
{
	if (sqlite3_exec(r->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return rows_fault(r, f);
	return 0;
}

sqlite3 *
rows_db(struct rows *r)
{
	return r->db;
}

static int
statement(struct rows *r, const char *sql, sqlite3_stmt **out, struct fault *f)
{
	size_t i = ((uintptr_t)sql >> 3) % STATEMENTS_MAX, tried = 0;

	while (r->kept[i].sql != NULL && r->kept[i].sql != sql) {
		must(++tried < STATEMENTS_MAX);
		i = (i + 1) % STATEMENTS_MAX;
	}
	if (r->kept[i].sql == NULL) {
		if (sqlite3_prepare_v3(r->db, sql, -1,
			SQLITE_PREPARE_PERSISTENT, &r->kept[i].stmt,
			NULL) != SQLITE_OK)
			return rows_fault(r, f);
		r->kept[i].sql = sql;
	}
	*out = r->kept[i].stmt;
	must(!sqlite3_stmt_busy(*out));
	return 0;
}

static int
bind_one(sqlite3_stmt *stmt, int i, char type, va_list *ap)
{
	const struct slice *s;

	switch (type) {
	case 't':
		return sqlite3_bind_text(
		    stmt, i, va_arg(*ap, const char *), -1, SQLITE_STATIC);
	case 's':
		s = va_arg(*ap, const struct slice *);
		if (s == NULL)
			return sqlite3_bind_null(stmt, i);
		return sqlite3_bind_text(
		    stmt, i, (const char *)s->at, (int)s->len, SQLITE_STATIC);
	case 'b':
		s = va_arg(*ap, const struct slice *);
		return sqlite3_bind_blob(stmt, i,
		    s->len == 0 ? (const void *)"" : s->at, (int)s->len,
		    SQLITE_STATIC);
	case 'i':
		return sqlite3_bind_int64(stmt, i, va_arg(*ap, int64_t));
	case 'n':
		return sqlite3_bind_null(stmt, i);
	default:
		must(!"a letter that rows_run() knows");
		return SQLITE_MISUSE;
	}
}

int
rows_next(struct rows *r, sqlite3_stmt **row, struct fault *f)
{
	int rc = sqlite3_step(*row);

	if (rc == SQLITE_ROW)
		return 0;
	if (rc != SQLITE_DONE)
		(void)rows_fault(r, f);
	rows_done(*row);
	*row = NULL;
	return rc == SQLITE_DONE ? 0 : -1;
}

int
rows_run(struct rows *r, sqlite3_stmt **row, struct fault *f, const char *sql,
    const char *types, ...)
{
	sqlite3_stmt *stmt = NULL;
	va_list ap;
	int rc = SQLITE_OK;

	if (row != NULL)
		*row = NULL;
	if (statement(r, sql, &stmt, f) != 0)
		return -1;
	va_start(ap, types);
	for (int i = 0; rc == SQLITE_OK && types[i] != '\0'; i++)
		rc = bind_one(stmt, i + 1, types[i], &ap);
	va_end(ap);
	if (rc != SQLITE_OK) {
		(void)rows_fault(r, f);
		rows_done(stmt);
		return -1;
	}
	if (rows_next(r, &stmt, f) != 0)
		return -1;
	if (row != NULL) {
		*row = stmt;
		return 0;
	}
	while (stmt != NULL)
		if (rows_next(r, &stmt, f) != 0)
			return -1;
	return 0;
}

void
rows_done(sqlite3_stmt *row)
{
	if (row == NULL)
		return;
	/* It repeats its step's failure; every value is bound anew. */
	(void)sqlite3_reset(row);
}

struct slice
rows_slice(sqlite3_stmt *row, int column)
{
	struct slice s;

	s.at = sqlite3_column_blob(row, column);
	s.len = (size_t)sqlite3_column_bytes(row, column);
	return s;
}
