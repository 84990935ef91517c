/* Reading what the log has stored: entries, sidecars, and tiles of any width
 * that a checkpoint of this log ever required. */

#include <string.h>

#include "gateway/audit/audit_internal.h"
#include "keys/base/text.h"

int
audit_entry(struct audit *a, uint64_t seq, struct bytes *out, struct fault *f)
{
	sqlite3_stmt *row;
	struct slice leaf;
	int rc;

	if (seq >= audit_size(a))
		return fault_set(f, FAULT_INPUT, "entry %llu: not there yet",
		    (unsigned long long)seq);
	if (rows_run(a->rows, &row, f, "SELECT leaf FROM entry WHERE seq=?",
		"i", (int64_t)seq) != 0)
		return -1;
	must(row != NULL);
	leaf = rows_slice(row, 0);
	rc = bytes_add(out, leaf.at, leaf.len, f);
	rows_done(row);
	return rc;
}

/* What the entry says that its sidecar's digest is. */
static int
sidecar_digest(
    struct audit *a, uint64_t seq, char hex[DIGEST_CHARS + 1], struct fault *f)
{
	const struct audit_member *m = NULL;
	struct audit_leaf leaf;
	struct bytes b;
	int rc = -1;

	bytes_init(&b, AUDIT_LEAF_MAX);
	if (audit_entry(a, seq, &b, f) != 0 ||
	    audit_leaf_read(&leaf, b.at, b.len, f) != 0)
		goto out;
	if ((m = audit_leaf_member(&leaf, "sidecar")) == NULL) {
		(void)fault_set(f, FAULT_INPUT, "entry %llu: has no sidecar",
		    (unsigned long long)seq);
		goto out;
	}
	memcpy(hex, m->value.at, DIGEST_CHARS);
	hex[DIGEST_CHARS] = '\0';
	rc = 0;
out:
	bytes_free(&b);
	return rc;
}

int
audit_sidecar(struct audit *a, uint64_t seq, struct bytes *out, struct fault *f)
{
	char want[DIGEST_CHARS + 1], got[DIGEST_CHARS + 1];
	uint8_t digest[DIGEST_BYTES];
	sqlite3_stmt *row;
	struct slice sealed;
	int rc;

	if (sidecar_digest(a, seq, want, f) != 0)
		return -1;
	if (rows_run(a->rows, &row, f, "SELECT sealed FROM sidecar WHERE seq=?",
		"i", (int64_t)seq) != 0)
		return -1;
	if (row == NULL)
		return fault_set(f, FAULT_INPUT,
		    "entry %llu: its sidecar has been erased",
		    (unsigned long long)seq);
	sealed = rows_slice(row, 0);
	digest_of(digest, sealed.at, sealed.len);
	hex_write(got, digest, sizeof(digest));
	rc = strcmp(want, got) == 0
		 ? bytes_add(out, sealed.at, sealed.len, f)
		 : fault_set(f, FAULT_FORGED,
		       "entry %llu: its sidecar is not the one it names",
		       (unsigned long long)seq);
	rows_done(row);
	return rc;
}

static int
add_bundle(struct audit *a, const struct audit_tile *t, struct bytes *out,
    struct fault *f)
{
	int64_t first = (int64_t)(t->n * AUDIT_TILE_WIDTH);
	sqlite3_stmt *row;

	if (rows_run(a->rows, &row, f,
		"SELECT leaf FROM entry WHERE seq>=? AND seq<? ORDER BY seq",
		"ii", first, first + t->width) != 0)
		return -1;
	while (row != NULL) {
		struct slice leaf = rows_slice(row, 0);

		if (put_u16(out, (uint16_t)leaf.len, f) != 0 ||
		    bytes_add(out, leaf.at, leaf.len, f) != 0) {
			rows_done(row);
			return -1;
		}
		if (rows_next(a->rows, &row, f) != 0)
			return -1;
	}
	return 0;
}

static int
add_hashes(struct audit *a, const struct audit_tile *t, struct bytes *out,
    struct fault *f)
{
	size_t len = t->width * DIGEST_BYTES;
	sqlite3_stmt *row;
	int rc;

	if (audit_tile_width(audit_size(a), t->level, t->n) < AUDIT_TILE_WIDTH)
		return bytes_add(out, a->tree.part[t->level], len, f);
	if (rows_run(a->rows, &row, f,
		"SELECT hashes FROM tile WHERE level=? AND n=?", "ii",
		(int64_t)t->level, (int64_t)t->n) != 0)
		return -1;
	must(row != NULL && rows_slice(row, 0).len >= len);
	rc = bytes_add(out, rows_slice(row, 0).at, len, f);
	rows_done(row);
	return rc;
}

int
audit_tile_get(struct audit *a, const struct audit_tile *t, struct bytes *out,
    struct fault *f)
{
	size_t was = out->len;
	char path[AUDIT_PATH_MAX + 1];
	int rc;

	must(t->width >= 1 && t->width <= AUDIT_TILE_WIDTH);
	if (audit_tile_width(audit_size(a), t->level, t->n) < t->width) {
		audit_tile_path(path, t);
		return fault_set(f, FAULT_INPUT, "%s: not there yet", path);
	}
	rc = t->entries ? add_bundle(a, t, out, f) : add_hashes(a, t, out, f);
	if (rc != 0)
		out->len = was;
	return rc;
}
