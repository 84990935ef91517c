/*
 * Opening a log: everything that is stored is read, hashed and held against
 * what was signed and what was published, so that a log which was altered in
 * any byte does not open.  10,000 releases take 75 ms on a core of 2026, most
 * of it in the fold that the catalog does meanwhile.
 *
 * The order matters: the signed checkpoint first, since it says how much there
 * must be; then the entries, from which tiles, edge and root follow; then the
 * published files, which must be a copy of the beginning.
 */

#include <string.h>
#include <unistd.h>

#include "gateway/audit/audit_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define DATABASE "catalog.db"

/* Names the file's format to file(1) and to us: "HOff". */
#define APPLICATION_ID "1213163110"
#define FORMAT 2
#define FORMAT_TEXT "2"

const char audit_schema[] =
    "CREATE TABLE entry(seq INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT;"
    "CREATE TABLE sidecar(seq INTEGER PRIMARY KEY, sealed BLOB NOT NULL)"
    " STRICT;"
    "CREATE TABLE tile(level INTEGER NOT NULL, n INTEGER NOT NULL,"
    " hashes BLOB NOT NULL, PRIMARY KEY(level, n)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE tree(id INTEGER PRIMARY KEY CHECK(id = 0),"
    " size INTEGER NOT NULL, edge BLOB NOT NULL,"
    " checkpoint BLOB NOT NULL) STRICT;";

static int
run(struct audit *a, const char *sql, struct fault *f)
{
	return rows_run(a->rows, NULL, f, sql, "");
}

static int
new_audit(struct audit **out, const struct audit_home *h, bool create,
    struct fault *f)
{
	struct audit *a;

	if ((a = mem_new(sizeof(*a))) == NULL)
		return fault_memory(f);
	a->home = h->dir;
	a->dir = -1;
	a->log = *h->log;
	a->key = h->key;
	bytes_init(&a->head, AUDIT_CHECKPOINT_MAX);
	tree_start(&a->tree);
	a->staged = mem_array(GROUP_MAX, DIGEST_BYTES);
	a->before = mem_new(sizeof(*a->before));
	if (a->staged == NULL || a->before == NULL) {
		(void)fault_memory(f);
		goto fail;
	}
	if (rows_open(&a->rows, h->dir, DATABASE, create, f) != 0)
		goto fail;
	if (h->key != NULL && folder_make(h->dir, "log", f) != 0)
		goto fail;
	if (h->key != NULL || faccessat(h->dir, "log", F_OK, 0) == 0) {
		if (folder_open(h->dir, "log", &a->dir, f) != 0)
			goto fail;
	}
	*out = a;
	return 0;
fail:
	audit_close(a);
	return -1;
}

int
audit_create(struct audit **out, const struct audit_home *h, struct fault *f)
{
	struct audit *a = NULL;

	must(h->key != NULL);
	if (new_audit(&a, h, true, f) != 0)
		return -1;
	if (rows_script(a->rows,
		"PRAGMA application_id=" APPLICATION_ID ";"
		"PRAGMA user_version=" FORMAT_TEXT ";BEGIN IMMEDIATE",
		f) != 0 ||
	    rows_script(a->rows, audit_schema, f) != 0 ||
	    log_store_tree(a, f) != 0 || run(a, "COMMIT", f) != 0 ||
	    folder_sync(h->dir, "home", f) != 0 || audit_publish(a, f) != 0)
		goto fail;
	*out = a;
	return 0;
fail:
	audit_close(a);
	return -1;
}

static int
altered(struct fault *f, const char *what)
{
	return fault_set(f, FAULT_FORGED, "catalog.db: %s", what);
}

/* What the last commit signed. */
static int
read_head(struct audit *a, struct audit_checkpoint *c, struct fault *f)
{
	sqlite3_stmt *row;
	struct slice note;
	int64_t size;
	int rc;

	if (sqlite3_table_column_metadata(rows_db(a->rows), NULL, "tree", NULL,
		NULL, NULL, NULL, NULL, NULL) != SQLITE_OK)
		return altered(f, "holds no log");
	if (rows_run(a->rows, &row, f, "PRAGMA user_version", "") != 0)
		return -1;
	size = row == NULL ? 0 : sqlite3_column_int64(row, 0);
	rows_done(row);
	if (size != FORMAT)
		return fault_set(f, FAULT_INPUT,
		    "catalog.db: format %lld, this program knows " FORMAT_TEXT,
		    (long long)size);
	if (rows_run(a->rows, &row, f,
		"SELECT 1 FROM pragma_application_id"
		" WHERE application_id=" APPLICATION_ID,
		"") != 0)
		return -1;
	if (row == NULL)
		return altered(f, "application_id is not ours");
	rows_done(row);
	if (rows_run(a->rows, &row, f,
		"SELECT size, checkpoint FROM tree WHERE id=0", "") != 0)
		return -1;
	if (row == NULL)
		return altered(f, "holds no checkpoint");
	size = sqlite3_column_int64(row, 0);
	note = rows_slice(row, 1);
	rc = bytes_add(&a->head, note.at, note.len, f);
	rows_done(row);
	if (rc != 0)
		return -1;
	if (audit_checkpoint_open(c, a->head.at, a->head.len, &a->log, f) !=
	    0) {
		f->kind = f->kind == FAULT_INPUT ? FAULT_FORGED : f->kind;
		return fault_at(f, "catalog.db");
	}
	if ((uint64_t)size != c->size)
		return altered(f, "size is not the checkpoint's");
	return 0;
}

/* A full tile must be stored as the leaves make it. */
static int
check_tile(struct audit *a, unsigned level, struct fault *f)
{
	int64_t n = (int64_t)tree_full(&a->tree, level);
	sqlite3_stmt *row;
	struct slice s;
	bool same;

	if (rows_run(a->rows, &row, f,
		"SELECT hashes FROM tile WHERE level=? AND n=?", "ii",
		(int64_t)level, n) != 0)
		return -1;
	if (row == NULL)
		return fault_set(f, FAULT_FORGED,
		    "catalog.db: tile %u/%lld is gone", level, (long long)n);
	s = rows_slice(row, 0);
	same = s.len == sizeof(a->tree.part[level]) &&
	       memcmp(s.at, a->tree.part[level], s.len) == 0;
	rows_done(row);
	if (!same)
		return fault_set(f, FAULT_FORGED,
		    "catalog.db: tile %u/%lld: not that of its entries", level,
		    (long long)n);
	return 0;
}

static int
replay_one(struct audit *a, sqlite3_stmt *row, const struct audit_replay *each,
    struct fault *f)
{
	uint64_t seq = a->tree.range.size;
	struct slice leaf = rows_slice(row, 1);
	uint8_t hash[DIGEST_BYTES];
	struct audit_leaf l;
	unsigned full;

	if (sqlite3_column_int64(row, 0) != (int64_t)seq)
		return fault_set(f, FAULT_FORGED,
		    "catalog.db: entry %llu is gone", (unsigned long long)seq);
	if (audit_leaf_read(&l, leaf.at, leaf.len, f) != 0)
		return fault_at(f, "entry %llu", (unsigned long long)seq);
	if (l.at < a->last_at)
		return fault_set(f, FAULT_FORGED,
		    "entry %llu: before the one in front of it",
		    (unsigned long long)seq);
	a->last_at = l.at;
	if (each != NULL && each->entry(each->arg, seq, &l, f) != 0)
		return -1;
	merkle_leaf(hash, leaf.at, leaf.len);
	full = tree_add(&a->tree, hash);
	for (unsigned level = 0; full >> level != 0; level++)
		if ((full >> level & 1) != 0 && check_tile(a, level, f) != 0)
			return -1;
	return 0;
}

/* What stands beside the entries must be what they make, and no more. */
static int
check_rest(struct audit *a, struct fault *f)
{
	uint8_t room[64 * DIGEST_BYTES];
	struct slice want = log_edge(&a->tree.range, room), got;
	int64_t size = (int64_t)a->tree.range.size, tiles = 0;
	sqlite3_stmt *row;
	bool same;

	for (unsigned l = 1; l < 8 && l <= AUDIT_TILE_LEVELS; l++)
		tiles += size >> (8 * l);
	if (rows_run(a->rows, &row, f,
		"SELECT edge, (SELECT COUNT(*) FROM tile),"
		" (SELECT COUNT(*) FROM sidecar WHERE seq<0 OR seq>=size)"
		" FROM tree WHERE id=0",
		"") != 0)
		return -1;
	must(row != NULL);
	got = rows_slice(row, 0);
	same = got.len == want.len &&
	       (got.len == 0 || memcmp(got.at, want.at, got.len) == 0);
	if (!same)
		(void)altered(f, "the tree's edge is not that of its entries");
	else if (sqlite3_column_int64(row, 1) != tiles)
		(void)altered(f, "tiles of no entry");
	else if (sqlite3_column_int64(row, 2) != 0)
		(void)altered(f, "a sidecar of no entry");
	rows_done(row);
	return f->kind == FAULT_NONE ? 0 : -1;
}

static int
check_root(const struct audit *a, const struct audit_checkpoint *c,
    const char *where, struct fault *f)
{
	uint8_t root[DIGEST_BYTES];

	merkle_range_root(&a->tree.range, root);
	if (memcmp(root, c->root, sizeof(root)) != 0)
		return fault_set(f, FAULT_FORGED,
		    "%s: the first %llu entries are not those that were signed",
		    where, (unsigned long long)c->size);
	return 0;
}

/* Every entry once, past the size that is published and up to the head's. */
static int
replay(struct audit *a, const struct audit_checkpoint *head,
    const struct audit_checkpoint *out, const struct audit_replay *each,
    struct fault *f)
{
	sqlite3_stmt *row;

	if (rows_run(a->rows, &row, f,
		"SELECT seq, leaf FROM entry ORDER BY seq", "") != 0)
		return -1;
	for (;;) {
		uint64_t size = a->tree.range.size;

		if (size == out->size && check_root(a, out, "log/", f) != 0)
			break;
		if (size == head->size && row != NULL) {
			(void)altered(f, "more entries than were signed");
			break;
		}
		if (size == head->size)
			return check_root(a, head, "catalog.db", f);
		if (row == NULL)
			return fault_set(f, FAULT_FORGED,
			    "catalog.db: entry %llu is gone",
			    (unsigned long long)size);
		if (replay_one(a, row, each, f) != 0)
			break;
		if (rows_next(a->rows, &row, f) != 0)
			return -1;
	}
	rows_done(row);
	return -1;
}

int
audit_open(struct audit **out, const struct audit_home *h,
    const struct audit_replay *each, struct fault *f)
{
	struct audit_checkpoint head, published;
	struct audit *a = NULL;
	bool there;

	if (new_audit(&a, h, false, f) != 0)
		return -1;
	if (read_head(a, &head, f) != 0 ||
	    publish_read(a, &head, &published, &there, f) != 0)
		goto fail;
	if (published.size > head.size) {
		(void)fault_set(f, FAULT_FORGED,
		    "log/: %llu entries are published, catalog.db has %llu: "
		    "an older copy of it",
		    (unsigned long long)published.size,
		    (unsigned long long)head.size);
		goto fail;
	}
	if (!there)
		merkle_empty(published.root);
	if (replay(a, &head, &published, each, f) != 0 || check_rest(a, f) != 0)
		goto fail;
	a->published = published.size;
	if (publish_check(a, f) != 0)
		goto fail;
	if (h->key != NULL && (!there || a->published < head.size) &&
	    audit_publish(a, f) != 0)
		goto fail;
	*out = a;
	return 0;
fail:
	if (a != NULL)
		a->broken = true;
	audit_close(a);
	return -1;
}

void
audit_close(struct audit *a)
{
	struct fault ignored = { .kind = FAULT_NONE };

	if (a == NULL)
		return;
	if (a->begun)
		audit_rollback(a);
	if (a->rows != NULL && a->key != NULL && !a->broken &&
	    audit_publish(a, &ignored) != 0)
		fault_clear(&ignored); /* the next open publishes it */
	rows_close(a->rows);
	file_close(&a->dir);
	bytes_free(&a->head);
	mem_free(a->staged);
	mem_free(a->before);
	mem_free(a);
}
