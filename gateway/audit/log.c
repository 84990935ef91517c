/*
 * The log in its database: entries in, one transaction a group.
 *
 *     audit_add ... audit_add --> rows, and hashes staged
 *     audit_commit            --> tiles, edge, signed checkpoint, COMMIT
 *     audit_publish           --> log/, any time later
 *
 * Promises to the caller
 *   - What audit_commit() acknowledged survives a crash, whole; what it did
 *     not is gone, or there whole.
 *   - Nothing is ever signed that does not begin with all that was signed
 *     before: the tree grows only by what the same transaction stores.
 *
 * Not here: what entries mean (gateway/catalog), reading it all again (open.c),
 * files under log/ (publish.c).
 */

#include <string.h>

#include "gateway/audit/audit_internal.h"

static int
run(struct audit *a, const char *sql, struct fault *f)
{
	return rows_run(a->rows, NULL, f, sql, "");
}

struct slice
log_edge(const struct merkle_range *r, uint8_t room[64 * DIGEST_BYTES])
{
	struct slice edge = { room, 0 };

	for (unsigned i = 0; i < 64; i++) {
		if ((r->size >> i & 1) == 0)
			continue;
		memcpy(room + edge.len, r->edge[i], DIGEST_BYTES);
		edge.len += DIGEST_BYTES;
	}
	return edge;
}

int
log_store_tree(struct audit *a, struct fault *f)
{
	struct audit_checkpoint c = { .size = a->tree.range.size };
	uint8_t room[64 * DIGEST_BYTES];
	struct slice edge = log_edge(&a->tree.range, room), head;

	merkle_range_root(&a->tree.range, c.root);
	bytes_reset(&a->head);
	if (audit_checkpoint_sign(&a->head, &c, a->log.name, a->key, f) != 0)
		return -1;
	head = audit_head(a);
	return rows_run(a->rows, NULL, f,
	    "INSERT INTO tree VALUES(0, ?, ?, ?) ON CONFLICT(id) DO UPDATE SET"
	    " size=excluded.size, edge=excluded.edge,"
	    " checkpoint=excluded.checkpoint",
	    "ibb", (int64_t)c.size, &edge, &head);
}

struct rows *
audit_rows(struct audit *a)
{
	return a->rows;
}

uint64_t
audit_size(const struct audit *a)
{
	return a->tree.range.size;
}

uint64_t
audit_next(const struct audit *a)
{
	return a->tree.range.size + a->nstaged;
}

int64_t
audit_now(const struct audit *a)
{
	int64_t now = clock_now();

	return now < a->last_at ? a->last_at : now;
}

struct slice
audit_head(const struct audit *a)
{
	return (struct slice){ a->head.at, a->head.len };
}

bool
audit_broken(const struct audit *a)
{
	return a->broken;
}

int
audit_begin(struct audit *a, struct fault *f)
{
	if (a->broken)
		return fault_set(f, FAULT_SYSTEM,
		    "the log takes no more entries before it is opened again");
	must(a->key != NULL && !a->begun);
	if (run(a, "BEGIN IMMEDIATE", f) != 0)
		return -1;
	a->begun = true;
	a->begun_at = a->last_at;
	return 0;
}

int
audit_add(struct audit *a, struct slice leaf, struct slice sidecar,
    uint64_t *seq, struct fault *f)
{
	int64_t next = (int64_t)audit_next(a);
	struct audit_leaf l;

	must(a->begun);
	if (a->nstaged == GROUP_MAX)
		return fault_set(
		    f, FAULT_INPUT, "over %u entries in one group", GROUP_MAX);
	if (sidecar.len > AUDIT_SIDECAR_MAX)
		return fault_set(f, FAULT_INPUT, "sidecar: over %u bytes",
		    AUDIT_SIDECAR_MAX);
	if (audit_leaf_read(&l, leaf.at, leaf.len, f) != 0)
		return -1;
	if (l.at < a->last_at)
		return fault_set(
		    f, FAULT_FORGED, "entry: before the one in front of it");
	if (rows_run(a->rows, NULL, f, "INSERT INTO entry VALUES(?, ?)", "ib",
		next, &leaf) != 0)
		return -1;
	if (sidecar.len > 0 &&
	    rows_run(a->rows, NULL, f, "INSERT INTO sidecar VALUES(?, ?)", "ib",
		next, &sidecar) != 0)
		return -1;
	a->last_at = l.at;
	merkle_leaf(a->staged[a->nstaged++], leaf.at, leaf.len);
	*seq = (uint64_t)next;
	return 0;
}

static int
grow(struct audit *a, struct fault *f)
{
	for (size_t i = 0; i < a->nstaged; i++) {
		unsigned full = tree_add(&a->tree, a->staged[i]);

		for (unsigned level = 0; full >> level != 0; level++) {
			struct slice s = { a->tree.part[level][0],
				sizeof(a->tree.part[level]) };

			if ((full >> level & 1) == 0)
				continue;
			if (rows_run(a->rows, NULL, f,
				"INSERT INTO tile VALUES(?, ?, ?)", "iib",
				(int64_t)level,
				(int64_t)tree_full(&a->tree, level), &s) != 0)
				return -1;
		}
	}
	return 0;
}

/* Everything that a commit writes; the tree and the head in memory go ahead. */
static int
write_group(struct audit *a, struct fault *f)
{
	if (grow(a, f) != 0 || log_store_tree(a, f) != 0)
		return -1;
	return run(a, "COMMIT", f);
}

/*
 * Is what is on the disk known after SQLite has failed?  Where a write found no
 * room, or memory ended, the group is not there.  After any other failure to
 * write or to flush it may be, or may come to be when the file is recovered.
 */
static bool
is_known(const struct audit *a)
{
	switch (sqlite3_errcode(rows_db(a->rows))) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
	case SQLITE_FULL:
	case SQLITE_NOMEM:
		return true;
	default:
		return false;
	}
}

int
audit_commit(struct audit *a, struct fault *f)
{
	struct bytes head;

	must(a->begun);
	if (a->nstaged == 0) {
		audit_rollback(a);
		return 0;
	}
	head = a->head;
	bytes_init(&a->head, AUDIT_CHECKPOINT_MAX);
	memcpy(a->before, &a->tree, sizeof(a->tree));
	if (write_group(a, f) == 0) {
		bytes_free(&head);
		a->begun = false;
		a->nstaged = 0;
		return 0;
	}
	/* What was signed was shown to nobody: it never was. */
	a->broken = !is_known(a);
	bytes_free(&a->head);
	a->head = head;
	memcpy(&a->tree, a->before, sizeof(a->tree));
	audit_rollback(a);
	return -1;
}

void
audit_rollback(struct audit *a)
{
	struct fault ignored = { .kind = FAULT_NONE };

	if (!a->begun)
		return;
	a->begun = false;
	a->nstaged = 0;
	a->last_at = a->begun_at;
	/* SQLite may have rolled back by itself when a step failed. */
	if (sqlite3_get_autocommit(rows_db(a->rows)) == 0 &&
	    run(a, "ROLLBACK", &ignored) != 0)
		a->broken = true;
}
