/* What vendors were sent: hashes of the items of each shard, in one blob, since
 * there are as many as items and all of a batch's are read together. */

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

static bool
fit(const struct slice *hashes, const struct slice *whose)
{
	return hashes->len % CATALOG_SENT_BYTES == 0 &&
	       (whose->len == 0 || (whose->len % CATALOG_WHOSE_BYTES == 0 &&
				       whose->len / CATALOG_WHOSE_BYTES ==
					   hashes->len / CATALOG_SENT_BYTES));
}

int
catalog_sent_keep(struct catalog *c, const char *batch, uint32_t n,
    const struct catalog_sent *sent, struct fault *f)
{
	if (!fit(&sent->hashes, &sent->whose))
		return fault_set(f, FAULT_INPUT, "sent: not whole hashes");
	if (rows_run(c->rows, NULL, f, "INSERT INTO sent VALUES(?, ?, ?)",
		"tib", batch, (int64_t)n, &sent->hashes) != 0)
		return -1;
	return sent->whose.len == 0
		   ? 0
		   : rows_run(c->rows, NULL, f,
			 "INSERT INTO sent_whose VALUES(?, ?, ?)", "tib", batch,
			 (int64_t)n, &sent->whose);
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

/* A shard in which a person is. */
struct forgetting {
	char batch[ID_CHARS + 1];
	int64_t shard;
	const uint8_t *person;
	struct bytes hashes, whose; /* of the others */
};

static bool
is_about(const struct slice *whose, const uint8_t *person)
{
	for (size_t at = 0; at + CATALOG_WHOSE_BYTES <= whose->len;
	     at += CATALOG_WHOSE_BYTES)
		if (memcmp(whose->at + at, person, CATALOG_WHOSE_BYTES) == 0)
			return true;
	return false;
}

/* The next shard behind that in x in which the person is; *more is false where
 * there is none. */
static int
next_about(struct catalog *c, struct forgetting *x, bool *more, struct fault *f)
{
	bool found = false;

	for (*more = true; *more && !found;) {
		sqlite3_stmt *row;
		struct slice whose;

		if (rows_run(c->rows, &row, f,
			"SELECT batch, n, persons FROM sent_whose"
			" WHERE (batch, n) > (?, ?) ORDER BY batch, n LIMIT 1",
			"ti", x->batch, x->shard) != 0)
			return -1;
		if ((*more = row != NULL) == false)
			break;
		(void)snprintf(x->batch, sizeof(x->batch), "%s",
		    (const char *)sqlite3_column_text(row, 0));
		x->shard = sqlite3_column_int64(row, 1);
		whose = rows_slice(row, 2);
		found = is_about(&whose, x->person);
		rows_done(row);
	}
	return 0;
}

/* Gather what is not about the person; *n grows by what is. */
static int
gather_others(struct forgetting *x, const struct slice *hashes,
    const struct slice *whose, uint64_t *n, struct fault *f)
{
	bytes_reset(&x->hashes);
	bytes_reset(&x->whose);
	if (!fit(hashes, whose))
		return fault_set(f, FAULT_FORGED,
		    "catalog.db: table sent, row %.40s: malformed", x->batch);
	for (size_t i = 0; i < whose->len / CATALOG_WHOSE_BYTES; i++) {
		const uint8_t *of = whose->at + i * CATALOG_WHOSE_BYTES;

		if (memcmp(of, x->person, CATALOG_WHOSE_BYTES) == 0)
			++*n;
		else if (bytes_add(&x->whose, of, CATALOG_WHOSE_BYTES, f) !=
			     0 ||
			 bytes_add(&x->hashes,
			     hashes->at + i * CATALOG_SENT_BYTES,
			     CATALOG_SENT_BYTES, f) != 0)
			return -1;
	}
	return 0;
}

/* Not NULL, which no column takes, where nothing is left. */
static struct slice
rest(const struct bytes *b)
{
	return (struct slice){ b->at != NULL ? b->at : (const uint8_t *)"",
		b->len };
}

static int
forget_in(struct catalog *c, struct forgetting *x, uint64_t *n, struct fault *f)
{
	struct slice hashes, whose;
	sqlite3_stmt *row;
	int rc;

	if (rows_run(c->rows, &row, f,
		"SELECT s.hashes, w.persons FROM sent_whose w JOIN sent s"
		" ON s.batch=w.batch AND s.n=w.n WHERE w.batch=? AND w.n=?",
		"ti", x->batch, x->shard) != 0)
		return -1;
	if (row == NULL)
		return fault_set(f, FAULT_FORGED,
		    "catalog.db: table sent, row %.40s: is gone", x->batch);
	hashes = rows_slice(row, 0);
	whose = rows_slice(row, 1);
	rc = gather_others(x, &hashes, &whose, n, f);
	rows_done(row);
	if (rc != 0)
		return -1;
	hashes = rest(&x->hashes);
	whose = rest(&x->whose);
	if (rows_run(c->rows, NULL, f,
		"UPDATE sent SET hashes=? WHERE batch=? AND n=?", "bti",
		&hashes, x->batch, x->shard) != 0)
		return -1;
	return rows_run(c->rows, NULL, f,
	    "UPDATE sent_whose SET persons=? WHERE batch=? AND n=?", "bti",
	    &whose, x->batch, x->shard);
}

int
sent_erase(struct catalog *c, const uint8_t subject[CATALOG_SUBJECT_BYTES],
    uint64_t *n, struct fault *f)
{
	struct forgetting x = { .shard = -1, .person = subject };
	bool more = true;
	int rc = 0;

	bytes_init(&x.hashes, SIZE_MAX);
	bytes_init(&x.whose, SIZE_MAX);
	while (rc == 0 && more)
		if ((rc = next_about(c, &x, &more, f)) == 0 && more)
			rc = forget_in(c, &x, n, f);
	bytes_free(&x.hashes);
	bytes_free(&x.whose);
	return rc;
}

int
sent_erase_shard(struct catalog *c, const char *batch, uint32_t shard,
    uint64_t *n, struct fault *f)
{
	static const struct slice none = { (const uint8_t *)"", 0 };
	sqlite3_stmt *row;

	if (rows_run(c->rows, &row, f,
		"SELECT length(hashes) FROM sent s WHERE batch=? AND n=?"
		" AND NOT EXISTS(SELECT 1 FROM sent_whose w"
		" WHERE w.batch=s.batch AND w.n=s.n)",
		"ti", batch, (int64_t)shard) != 0)
		return -1;
	if (row == NULL)
		return 0;
	*n += column_number(row, 0) / CATALOG_SENT_BYTES;
	rows_done(row);
	return rows_run(c->rows, NULL, f,
	    "UPDATE sent SET hashes=? WHERE batch=? AND n=?", "bti", &none,
	    batch, (int64_t)shard);
}
