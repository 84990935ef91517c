/* What the home knows of batches, shards, grants and returns. */

#include <string.h>

#include "gateway/catalog/catalog_internal.h"

#define BATCH                                                             \
	"SELECT id, vendor, state, approve, approvals, ever, retention,"  \
	" offline, agreements, golden, metric, pass, manifest, revision," \
	" shards, items, begun, sealed, approved, ended, object,"         \
	" object_bytes FROM batches "
#define SHARD                                                                \
	"SELECT n, object, bytes, items, contents, contents_bytes, origins," \
	" origins_bytes FROM shards "
#define GRANT "SELECT id, batch, vendor, starts, until FROM grants "
#define RETURN                                                           \
	"SELECT id, batch, object, bytes, at, ingested, verdict, items," \
	" answered, score, told FROM returns "

const char *
catalog_state_name(enum catalog_state s)
{
	static const char *const names[] = { "open", "sealed", "approved",
		"withdrawn", "shredded" };

	must(s <= CATALOG_SHREDDED);
	return names[s];
}

/* ["dpa","nda"] as it stands in the entry, to "dpa nda". */
static void
plain_list(char *out, size_t room, struct slice list)
{
	size_t n = 0;

	for (size_t i = 0; i < list.len && n + 1 < room; i++)
		if (list.at[i] == ',')
			out[n++] = ' ';
		else if ((list.at[i] >= 'a' && list.at[i] <= 'z') ||
			 list.at[i] == '-')
			out[n++] = (char)list.at[i];
	out[n] = '\0';
}

static int
read_batch(struct catalog *c, sqlite3_stmt *row, struct catalog_batch *b,
    struct fault *f)
{
	int state = sqlite3_column_int(row, 2);

	memset(b, 0, sizeof(*b));
	if (state < CATALOG_OPEN || state > CATALOG_SHREDDED)
		return fault_set(
		    f, FAULT_FORGED, "catalog.db: a batch of no state");
	b->state = (enum catalog_state)state;
	b->approvals_needed = (uint32_t)column_number(row, 3);
	b->approvals = (uint32_t)column_number(row, 4);
	b->approvals_ever = column_number(row, 5);
	b->retention = column_number(row, 6);
	b->offline = sqlite3_column_int(row, 7) != 0;
	plain_list(b->agreements, sizeof(b->agreements), rows_slice(row, 8));
	b->golden = sqlite3_column_type(row, 9) != SQLITE_NULL;
	b->pass_ppm = column_number(row, 11);
	b->revision = column_number(row, 13);
	b->shards = column_number(row, 14);
	b->items = column_number(row, 15);
	b->manifest_bytes = column_number(row, 21);
	if (column_text(row, 0, b->id, sizeof(b->id), f) != 0 ||
	    column_text(row, 1, b->vendor, sizeof(b->vendor), f) != 0 ||
	    column_digest(row, 9, b->golden_root, f) != 0 ||
	    column_text(row, 10, b->metric, sizeof(b->metric), f) != 0 ||
	    column_digest(row, 12, b->manifest, f) != 0 ||
	    column_time(row, 16, &b->begun, f) != 0 ||
	    column_time(row, 17, &b->sealed, f) != 0 ||
	    column_time(row, 18, &b->approved, f) != 0 ||
	    column_time(row, 19, &b->ended, f) != 0 ||
	    column_digest(row, 20, b->manifest_object, f) != 0)
		return -1;
	return fact_name_of(c, b->id, b->name, f);
}

int
catalog_batch(struct catalog *c, const char *name_or_id,
    struct catalog_batch *out, struct fault *f)
{
	/* Of batches of one name, at most one has neither been shredded nor
	 * withdrawn before it was sealed. */
	const char *sql = id_valid(name_or_id, 'b') ? BATCH "WHERE id=?"
						    : BATCH
			      "JOIN facts USING(id) WHERE member='name'"
			      " AND bytes=CAST(? AS BLOB) ORDER BY state=4"
			      " OR (state=3 AND sealed IS NULL), seq DESC";
	struct cursor k;
	bool more;
	int rc;

	if (cursor_open(&k, c, sql, name_or_id, f) != 0)
		return -1;
	rc = cursor_next(&k, &more, f);
	if (rc == 0 && more)
		rc = read_batch(c, k.row, out, f) != 0
			 ? -1
			 : fact_named(name_or_id, out->id, out->name, f);
	else if (rc == 0 && (rc = fact_names_known(c, f)) == 0)
		rc = fault_set(f, FAULT_INPUT, "%s: no such batch", name_or_id);
	cursor_close(&k);
	return rc;
}

int
catalog_each_batch(struct catalog *c, const char *vendor,
    int (*each)(void *arg, const struct catalog_batch *b, struct fault *f),
    void *arg, struct fault *f)
{
	struct catalog_batch b;
	struct cursor k;
	bool more;
	int rc;

	if (cursor_open(&k, c,
		vendor != NULL ? BATCH "WHERE vendor=? ORDER BY seq"
			       : BATCH "ORDER BY seq",
		vendor, f) != 0)
		return -1;
	while ((rc = cursor_next(&k, &more, f)) == 0 && more)
		if ((rc = read_batch(c, k.row, &b, f)) != 0 ||
		    (rc = each(arg, &b, f)) != 0)
			break;
	cursor_close(&k);
	return rc;
}

int
shard_read(sqlite3_stmt *row, struct catalog_shard *s, struct fault *f)
{
	s->n = (uint32_t)column_number(row, 0);
	s->bytes = column_number(row, 2);
	s->items = column_number(row, 3);
	s->index_bytes = column_number(row, 5);
	s->join_bytes = column_number(row, 7);
	if (column_digest(row, 1, s->object, f) != 0 ||
	    column_digest(row, 4, s->index, f) != 0)
		return -1;
	return column_digest(row, 6, s->join, f);
}

int
catalog_shard(struct catalog *c, const char *batch, uint32_t n,
    struct catalog_shard *out, struct fault *f)
{
	sqlite3_stmt *row;
	int rc;

	if (rows_run(c->rows, &row, f, SHARD "WHERE batch=? AND n=?", "ti",
		batch, (int64_t)n) != 0)
		return -1;
	if (row == NULL)
		return fault_set(
		    f, FAULT_INPUT, "shard %u: no such shard", (unsigned)n);
	rc = shard_read(row, out, f);
	rows_done(row);
	return rc;
}

int
catalog_object(struct catalog *c, const char *vendor,
    const uint8_t sha256[DIGEST_BYTES], bool *found, struct catalog_object *out,
    struct fault *f)
{
	char hex[DIGEST_CHARS + 1];
	sqlite3_stmt *row;
	int rc;

	hex_write(hex, sha256, DIGEST_BYTES);
	memset(out, 0, sizeof(*out));
	*found = false;
	if (rows_run(c->rows, &row, f,
		"SELECT b.id, 0, s.n FROM shards s JOIN batches b"
		" ON b.id=s.batch WHERE s.object=?1 AND b.vendor=?2"
		" UNION ALL SELECT b.id, 0, s.n FROM shards s JOIN batches b"
		" ON b.id=s.batch WHERE s.contents=?1 AND b.vendor=?2"
		" UNION ALL SELECT b.id, 1, 0 FROM batches b"
		" WHERE b.object=?1 AND b.vendor=?2 LIMIT 1",
		"tt", hex, vendor) != 0)
		return -1;
	if (row == NULL)
		return 0;
	rc = column_text(row, 0, out->batch, sizeof(out->batch), f);
	out->manifest = sqlite3_column_int(row, 1) != 0;
	out->shard = (uint32_t)column_number(row, 2);
	rows_done(row);
	*found = rc == 0;
	return rc;
}

int
catalog_each_shard(struct catalog *c, const char *batch,
    int (*each)(void *arg, const struct catalog_shard *s, struct fault *f),
    void *arg, struct fault *f)
{
	struct catalog_shard s;
	struct cursor k;
	bool more;
	int rc;

	if (cursor_open(&k, c, SHARD "WHERE batch=? ORDER BY n", batch, f) != 0)
		return -1;
	while ((rc = cursor_next(&k, &more, f)) == 0 && more)
		if ((rc = shard_read(k.row, &s, f)) != 0 ||
		    (rc = each(arg, &s, f)) != 0)
			break;
	cursor_close(&k);
	return rc;
}

static int
read_grant(sqlite3_stmt *row, struct catalog_grant *g, struct fault *f)
{
	if (column_text(row, 0, g->id, sizeof(g->id), f) != 0 ||
	    column_text(row, 1, g->batch, sizeof(g->batch), f) != 0 ||
	    column_text(row, 2, g->vendor, sizeof(g->vendor), f) != 0 ||
	    column_time(row, 3, &g->from, f) != 0)
		return -1;
	return column_time(row, 4, &g->until, f);
}

int
catalog_each_grant(struct catalog *c, const char *batch,
    int (*each)(void *arg, const struct catalog_grant *g, struct fault *f),
    void *arg, struct fault *f)
{
	struct catalog_grant g;
	struct cursor k;
	bool more;
	int rc;

	if (cursor_open(&k, c, GRANT "WHERE batch=? ORDER BY starts, id", batch,
		f) != 0)
		return -1;
	while ((rc = cursor_next(&k, &more, f)) == 0 && more)
		if ((rc = read_grant(k.row, &g, f)) != 0 ||
		    (rc = each(arg, &g, f)) != 0)
			break;
	cursor_close(&k);
	return rc;
}

int
catalog_live_grant(struct catalog *c, const char *batch, int64_t at,
    bool *found, struct catalog_grant *out, struct fault *f)
{
	char text[CLOCK_CHARS + 1];
	sqlite3_stmt *row;
	int rc = 0;

	clock_write(text, at);
	if (rows_run(c->rows, &row, f,
		GRANT "WHERE batch=?1 AND starts<=?2 AND until>?2"
		      " ORDER BY until DESC, id LIMIT 1",
		"tt", batch, text) != 0)
		return -1;
	*found = row != NULL;
	if (row != NULL)
		rc = read_grant(row, out, f);
	rows_done(row);
	return rc;
}

static int
read_return(sqlite3_stmt *row, struct catalog_return *r, struct fault *f)
{
	memset(r, 0, sizeof(*r));
	r->bytes = column_number(row, 3);
	r->items = column_number(row, 7);
	r->answered = column_number(row, 8);
	r->scored = sqlite3_column_type(row, 9) != SQLITE_NULL;
	r->score_ppm = column_number(row, 9);
	if (column_text(row, 0, r->id, sizeof(r->id), f) != 0 ||
	    column_text(row, 1, r->batch, sizeof(r->batch), f) != 0 ||
	    column_digest(row, 2, r->object, f) != 0 ||
	    column_time(row, 4, &r->at, f) != 0 ||
	    column_time(row, 5, &r->ingested, f) != 0 ||
	    column_text(row, 6, r->verdict, sizeof(r->verdict), f) != 0)
		return -1;
	return column_text(row, 10, r->told, sizeof(r->told), f);
}

int
catalog_return(struct catalog *c, const char *id, struct catalog_return *out,
    struct fault *f)
{
	sqlite3_stmt *row;
	int rc;

	if (rows_run(c->rows, &row, f, RETURN "WHERE id=?", "t", id) != 0)
		return -1;
	if (row == NULL)
		return fault_set(f, FAULT_INPUT, "%s: no such return", id);
	rc = read_return(row, out, f);
	rows_done(row);
	return rc;
}

int
catalog_each_return(struct catalog *c, const char *batch,
    int (*each)(void *arg, const struct catalog_return *r, struct fault *f),
    void *arg, struct fault *f)
{
	struct catalog_return r;
	struct cursor k;
	bool more;
	int rc;

	if (cursor_open(&k, c,
		batch != NULL ? RETURN "WHERE batch=? ORDER BY seq"
			      : RETURN "ORDER BY seq",
		batch, f) != 0)
		return -1;
	while ((rc = cursor_next(&k, &more, f)) == 0 && more)
		if ((rc = read_return(k.row, &r, f)) != 0 ||
		    (rc = each(arg, &r, f)) != 0)
			break;
	cursor_close(&k);
	return rc;
}

/* ---- Shards that are out ---- */

#define OUT                                \
	"SELECT COUNT(DISTINCT d.n)"       \
	" FROM releases r JOIN released d" \
	" ON d.seq=r.seq WHERE r.batch=?1"

static int
count_out(struct catalog *c, const char *sql, const char *batch, uint64_t *n,
    struct fault *f)
{
	sqlite3_stmt *row;

	if (rows_run(c->rows, &row, f, sql, "t", batch) != 0)
		return -1;
	must(row != NULL);
	*n = column_number(row, 0);
	rows_done(row);
	return 0;
}

int
catalog_shards_out(struct catalog *c, const char *batch,
    struct catalog_shards_out *out, struct fault *f)
{
	if (count_out(c, OUT, batch, &out->released, f) != 0)
		return -1;
	return count_out(c,
	    OUT " AND r.offline=0 AND r.acknowledged IS NULL AND d.n NOT IN"
		" (SELECT b.n FROM releases a JOIN released b ON b.seq=a.seq"
		" WHERE a.batch=?1 AND a.acknowledged IS NOT NULL)",
	    batch, &out->unacknowledged, f);
}
