/* What vendors were sent: hashes of the items of each shard, in one blob, since
 * there are as many as items and all of a batch's are read together. */

#include <stdlib.h>
#include <string.h>

#include "gateway/catalog/catalog_internal.h"
#include "keys/base/mem.h"

uint64_t
catalog_sent_share(const uint8_t hash[CATALOG_SENT_BYTES], uint64_t shares)
{
	uint64_t last = 0;

	for (unsigned i = 8; i < CATALOG_SENT_BYTES; i++)
		last = last << 8 | hash[i];
	return last % shares;
}

int
catalog_sent_keep(struct catalog *c, const char *batch, uint32_t n,
    struct slice hashes, struct fault *f)
{
	if (hashes.len % CATALOG_SENT_BYTES != 0)
		return fault_set(f, FAULT_INPUT, "sent: not whole hashes");
	return rows_run(c->rows, NULL, f, "INSERT INTO sent VALUES(?, ?, ?)",
	    "tib", batch, (int64_t)n, &hashes);
}

int
catalog_each_sent(struct catalog *c, const char *batch,
    int (*each)(void *arg, struct slice hashes, struct fault *f), void *arg,
    struct fault *f)
{
	struct cursor k;
	bool more;
	int rc;

	if (cursor_open(&k, c,
		"SELECT hashes FROM sent WHERE batch=? ORDER BY n", batch,
		f) != 0)
		return -1;
	while ((rc = cursor_next(&k, &more, f)) == 0 && more) {
		struct slice hashes = rows_slice(k.row, 0);

		if (hashes.len % CATALOG_SENT_BYTES != 0)
			rc = fault_set(f, FAULT_FORGED,
			    "catalog.db: table sent, row %.40s: malformed",
			    batch);
		else
			rc = each(arg, hashes, f);
		if (rc != 0)
			break;
	}
	cursor_close(&k);
	return rc;
}

/* -- Forgetting ---------------------------------------------------------- */

static int
by_bytes(const void *x, const void *y)
{
	return memcmp(x, y, CATALOG_SENT_BYTES);
}

/* Those of a shard but for the ones to be forgotten, sorted. */
static int
without(const uint8_t *gone, size_t ngone, struct slice hashes,
    struct bytes *out, struct fault *f)
{
	for (size_t at = 0; at < hashes.len; at += CATALOG_SENT_BYTES)
		if (bsearch(hashes.at + at, gone, ngone, CATALOG_SENT_BYTES,
			by_bytes) == NULL &&
		    bytes_add(out, hashes.at + at, CATALOG_SENT_BYTES, f) != 0)
			return -1;
	return 0;
}

static int
forget_in(struct catalog *c, const char *batch, const uint8_t *gone,
    size_t ngone, uint64_t *n, struct fault *f)
{
	struct bytes kept;
	sqlite3_stmt *row;
	int64_t shard = -1;
	int rc = 0;

	bytes_init(&kept, SIZE_MAX);
	while (rc == 0) {
		struct slice hashes, now;

		rc = rows_run(c->rows, &row, f,
		    "SELECT n, hashes FROM sent WHERE batch=? AND n>?"
		    " ORDER BY n LIMIT 1",
		    "ti", batch, shard);
		if (rc != 0 || row == NULL)
			break;
		shard = sqlite3_column_int64(row, 0);
		hashes = rows_slice(row, 1);
		bytes_reset(&kept);
		rc = without(gone, ngone, hashes, &kept, f);
		*n += (hashes.len - kept.len) / CATALOG_SENT_BYTES;
		rows_done(row);
		now = (struct slice){ kept.at != NULL ? kept.at
						      : (const uint8_t *)"",
			kept.len };
		if (rc == 0)
			rc = rows_run(c->rows, NULL, f,
			    "UPDATE sent SET hashes=? WHERE batch=? AND n=?",
			    "bti", &now, batch, shard);
	}
	bytes_free(&kept);
	return rc;
}

int
catalog_sent_forget(struct catalog *c, const char *batch, struct slice hashes,
    uint64_t *n, struct fault *f)
{
	uint8_t *gone;
	int rc;

	*n = 0;
	must(hashes.len % CATALOG_SENT_BYTES == 0);
	if (hashes.len == 0)
		return 0;
	if ((gone = mem_new(hashes.len)) == NULL)
		return fault_memory(f);
	memcpy(gone, hashes.at, hashes.len);
	qsort(gone, hashes.len / CATALOG_SENT_BYTES, CATALOG_SENT_BYTES,
	    by_bytes);
	rc = forget_in(c, batch, gone, hashes.len / CATALOG_SENT_BYTES, n, f);
	mem_free(gone);
	return rc;
}
