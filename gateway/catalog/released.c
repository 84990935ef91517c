/*
 * Releases as acts: making the entry from what the catalog knows, and reading
 * back which shards it was about.
 *
 * The entry has the count and the Merkle root of the objects' sorted digests;
 * the list itself is a table beside the log, believed only as far as that root
 * goes.
 */

#include <string.h>

#include "gateway/catalog/catalog_internal.h"
#include "keys/base/mem.h"

/* The objects that a release is about. */
struct listed {
	size_t n;
	uint32_t *shards;
	uint8_t (*objects)[DIGEST_BYTES];
};

static void
listed_free(struct listed *l)
{
	mem_free(l->shards);
	mem_free(l->objects);
	*l = (struct listed){ .n = 0 };
}

static int
listed_new(struct listed *l, size_t room, struct fault *f)
{
	*l = (struct listed){ .n = 0 };
	l->shards = mem_array(room, sizeof(*l->shards));
	l->objects = mem_array(room, DIGEST_BYTES);
	if (l->shards != NULL && l->objects != NULL)
		return 0;
	listed_free(l);
	return fault_memory(f);
}

static int
count_shards(struct catalog *c, const char *batch, uint64_t *n, struct fault *f)
{
	sqlite3_stmt *row;

	if (rows_run(c->rows, &row, f,
		"SELECT COUNT(*) FROM shards WHERE batch=?", "t", batch) != 0)
		return -1;
	must(row != NULL);
	*n = column_number(row, 0);
	rows_done(row);
	return 0;
}

static int
list_one(void *arg, const struct catalog_shard *s, struct fault *f)
{
	struct listed *l = arg;

	(void)f;
	l->shards[l->n] = s->n;
	memcpy(l->objects[l->n++], s->object, DIGEST_BYTES);
	return 0;
}

static int
list_shards(struct catalog *c, const struct catalog_release *r,
    const char *batch, struct listed *l, struct fault *f)
{
	struct catalog_shard s;
	uint64_t all;

	if (r->shards == NULL) {
		if (count_shards(c, batch, &all, f) != 0 ||
		    listed_new(l, all, f) != 0)
			return -1;
		return catalog_each_shard(c, batch, list_one, l, f);
	}
	if (r->nshards == 0 || r->nshards > CATALOG_RELEASE_MAX)
		return fault_set(f, FAULT_INPUT, "needs 1 to %u shards",
		    CATALOG_RELEASE_MAX);
	if (listed_new(l, r->nshards, f) != 0)
		return -1;
	for (size_t i = 0; i < r->nshards; i++) {
		if (i > 0 && r->shards[i] <= r->shards[i - 1])
			return fault_set(
			    f, FAULT_INPUT, "shards not in ascending order");
		if (catalog_shard(c, batch, r->shards[i], &s, f) != 0)
			return -1;
		(void)list_one(l, &s, f);
	}
	return 0;
}

/* The root of the set of objects, in hexadecimal. */
static void
root_of(struct listed *l, char hex[DIGEST_CHARS + 1])
{
	uint8_t root[DIGEST_BYTES];

	digest_sort(l->objects, l->n);
	merkle_root_of(root, (const uint8_t(*)[DIGEST_BYTES])l->objects, l->n);
	hex_write(hex, root, sizeof(root));
}

/* What the entry says beside the root, out of the catalog. */
struct terms {
	char batch[ID_CHARS + 1];
	char manifest[DIGEST_CHARS + 1];
	char recipient[DIGEST_CHARS + 1];
};

static int
find_terms(
    struct catalog *c, const char *grant, struct terms *t, struct fault *f)
{
	sqlite3_stmt *row;
	int rc = -1;

	if (rows_run(c->rows, &row, f,
		"SELECT b.id, b.manifest, v.recipient FROM grants g"
		" JOIN batches b ON b.id=g.batch"
		" JOIN vendors v ON v.id=b.vendor WHERE g.id=?",
		"t", grant) != 0)
		return -1;
	if (row == NULL)
		return fold_refuse(
		    &c->fold, f, "unknown-grant", "release: no such grant");
	if (column_text(row, 0, t->batch, sizeof(t->batch), f) == 0 &&
	    column_text(row, 1, t->manifest, sizeof(t->manifest), f) == 0 &&
	    column_text(row, 2, t->recipient, sizeof(t->recipient), f) == 0)
		rc = 0;
	rows_done(row);
	return rc;
}

static int
keep_list(
    struct catalog *c, uint64_t seq, const struct listed *l, struct fault *f)
{
	for (size_t i = 0; i < l->n; i++)
		if (rows_run(c->rows, NULL, f,
			"INSERT INTO released VALUES(?, ?)", "ii", (int64_t)seq,
			(int64_t)l->shards[i]) != 0)
			return -1;
	return 0;
}

static json_t *
release_body(const struct catalog_release *r, const struct terms *t,
    const struct listed *l, const char *root)
{
	char request[DIGEST_CHARS + 1] = "";

	if (r->request != NULL)
		hex_write(request, r->request, DIGEST_BYTES);
	return json_pack("{s:s,s:I,s:s,s:s,s:b,s:s,s:s*,s:s}", "batch",
	    t->batch, "count", (json_int_t)l->n, "grant", r->grant, "manifest",
	    t->manifest, "offline", (int)r->offline, "recipient", t->recipient,
	    "request", r->request != NULL ? request : NULL, "root", root);
}

/* The members of its entry, and what it lists; both are the caller's also when
 * this fails. */
static int
release_words(struct catalog *c, const struct catalog_release *r,
    struct listed *l, json_t **body, struct fault *f)
{
	char root[DIGEST_CHARS + 1];
	struct terms t;

	*l = (struct listed){ .n = 0 };
	*body = NULL;
	if (find_terms(c, r->grant, &t, f) != 0 ||
	    list_shards(c, r, t.batch, l, f) != 0)
		return -1;
	root_of(l, root);
	if ((*body = release_body(r, &t, l, root)) == NULL ||
	    (r->request == NULL &&
		json_object_set_new(*body, "request", json_null()) != 0))
		return fault_memory(f);
	return 0;
}

static int
release_add(struct catalog *c, const struct catalog_release *r, uint64_t *seq,
    struct fault *f)
{
	struct catalog_entry e = { .kind = "release", .sidecar = r->sidecar };
	struct listed l;
	json_t *body;
	int rc = -1;

	if (release_words(c, r, &l, &body, f) == 0) {
		e.body = body;
		if (entry_add(c, &e, seq, f) == 0)
			rc = keep_list(c, *seq, &l, f);
	}
	json_decref(body);
	listed_free(&l);
	return rc;
}

int
catalog_release(struct catalog *c, const struct catalog_release *r,
    uint64_t *seq, struct fault *f)
{
	c->fold.rule = "";
	if (entry_begin(c, f) != 0)
		return -1;
	return entry_end(c, release_add(c, r, seq, f), f);
}

int
catalog_release_allowed(
    struct catalog *c, const struct catalog_release *r, struct fault *f)
{
	struct audit_draft d = { .kind = "release", .at = audit_now(c->audit) };
	struct audit_leaf leaf;
	struct step s = { &c->fold, (int64_t)c->fold.next, &leaf };
	struct listed l;
	struct bytes text;
	json_t *body;
	int rc = -1;

	c->fold.rule = "";
	bytes_init(&text, AUDIT_LEAF_MAX);
	if (release_words(c, r, &l, &body, f) != 0)
		goto out;
	d.body = body;
	if (audit_leaf_write(&text, &d, f) == 0 &&
	    audit_leaf_read(&leaf, text.at, text.len, f) == 0 &&
	    members_check(kind_named(d.kind), &leaf, f) == 0)
		rc = release_allowed(&s, f);
out:
	json_decref(body);
	listed_free(&l);
	bytes_free(&text);
	return rc;
}

#define RELEASED                                                      \
	"SELECT seq, permit, batch, at, count, offline, acknowledged" \
	" FROM releases "

static int
released_read(sqlite3_stmt *row, struct catalog_released *r, struct fault *f)
{
	r->seq = column_number(row, 0);
	r->count = column_number(row, 4);
	r->offline = sqlite3_column_int(row, 5) != 0;
	if (column_text(row, 1, r->grant, sizeof(r->grant), f) != 0 ||
	    column_text(row, 2, r->batch, sizeof(r->batch), f) != 0 ||
	    column_time(row, 3, &r->at, f) != 0)
		return -1;
	return column_time(row, 6, &r->acknowledged, f);
}

/* Of a row that was asked for, if it is there. */
static int
released_take(sqlite3_stmt *row, bool *found, struct catalog_released *out,
    struct fault *f)
{
	int rc = row != NULL ? released_read(row, out, f) : 0;

	*found = row != NULL;
	rows_done(row);
	return rc;
}

int
catalog_answered(struct catalog *c, const uint8_t request[DIGEST_BYTES],
    bool *found, struct catalog_released *out, struct fault *f)
{
	char hex[DIGEST_CHARS + 1];
	sqlite3_stmt *row;

	hex_write(hex, request, DIGEST_BYTES);
	if (rows_run(c->rows, &row, f, RELEASED "WHERE request=?", "t", hex) !=
	    0)
		return -1;
	return released_take(row, found, out, f);
}

int
catalog_released(struct catalog *c, uint64_t seq, bool *found,
    struct catalog_released *out, struct fault *f)
{
	sqlite3_stmt *row;

	if (rows_run(c->rows, &row, f, RELEASED "WHERE seq=?", "i",
		(int64_t)seq) != 0)
		return -1;
	return released_take(row, found, out, f);
}

int
catalog_release_before(struct catalog *c, const char *batch, uint64_t others,
    bool *found, struct catalog_released *out, struct fault *f)
{
	sqlite3_stmt *row;

	if (rows_run(c->rows, &row, f,
		RELEASED "WHERE batch=? ORDER BY seq DESC LIMIT 1 OFFSET ?",
		"ti", batch, (int64_t)others) != 0)
		return -1;
	return released_take(row, found, out, f);
}

int
catalog_each_release(struct catalog *c, const char *batch,
    int (*each)(void *arg, const struct catalog_released *r, struct fault *f),
    void *arg, struct fault *f)
{
	struct catalog_released r;
	struct cursor k;
	bool more;
	int rc;

	if (cursor_open(
		&k, c, RELEASED "WHERE batch=? ORDER BY seq", batch, f) != 0)
		return -1;
	while ((rc = cursor_next(&k, &more, f)) == 0 && more)
		if ((rc = released_read(k.row, &r, f)) != 0 ||
		    (rc = each(arg, &r, f)) != 0)
			break;
	cursor_close(&k);
	return rc;
}

int
catalog_last_deletion(struct catalog *c, const char *batch, bool *found,
    struct catalog_deletion *out, struct fault *f)
{
	sqlite3_stmt *row;
	int rc = 0;

	if (rows_run(c->rows, &row, f,
		"SELECT seq, at, statement FROM deletions WHERE batch=?"
		" ORDER BY seq DESC LIMIT 1",
		"t", batch) != 0)
		return -1;
	*found = row != NULL;
	if (row != NULL) {
		out->seq = column_number(row, 0);
		if (column_time(row, 1, &out->at, f) != 0 ||
		    column_digest(row, 2, out->statement, f) != 0)
			rc = -1;
	}
	rows_done(row);
	return rc;
}

/* What a release's entry says about its list. */
static int
find_release(struct catalog *c, uint64_t seq, uint64_t *count,
    char root[DIGEST_CHARS + 1], struct fault *f)
{
	sqlite3_stmt *row;
	int rc;

	if (rows_run(c->rows, &row, f,
		"SELECT count, root FROM releases WHERE seq=?", "i",
		(int64_t)seq) != 0)
		return -1;
	if (row == NULL)
		return fault_set(f, FAULT_INPUT, "entry %llu: not a release",
		    (unsigned long long)seq);
	*count = column_number(row, 0);
	rc = column_text(row, 1, root, DIGEST_CHARS + 1, f);
	rows_done(row);
	return rc;
}

static int
walk_release(struct catalog *c, uint64_t seq,
    int (*each)(void *arg, const struct catalog_shard *s, struct fault *f),
    void *arg, struct fault *f)
{
	struct catalog_shard s;
	struct cursor k;
	char number[24];
	bool more;
	int rc;

	(void)snprintf(number, sizeof(number), "%llu", (unsigned long long)seq);
	if (cursor_open(&k, c,
		"SELECT l.n, s.object, s.bytes, s.items, s.contents,"
		" s.contents_bytes, s.origins, s.origins_bytes FROM released l"
		" JOIN releases r ON r.seq=l.seq"
		" LEFT JOIN shards s ON s.batch=r.batch AND s.n=l.n"
		" WHERE l.seq=CAST(? AS INTEGER) ORDER BY l.n",
		number, f) != 0)
		return -1;
	while ((rc = cursor_next(&k, &more, f)) == 0 && more)
		if ((rc = shard_read(k.row, &s, f)) != 0 ||
		    (rc = each(arg, &s, f)) != 0)
			break;
	cursor_close(&k);
	return rc;
}

struct gather {
	struct listed l;
	uint64_t most;
};

static int
gather_one(void *arg, const struct catalog_shard *s, struct fault *f)
{
	struct gather *g = arg;

	if (g->l.n < g->most)
		return list_one(&g->l, s, f);
	return fault_set(f, FAULT_FORGED, "more shards than the entry says");
}

/* Is the list the one whose root is in the entry? */
static int
check_list(struct catalog *c, uint64_t seq, struct fault *f)
{
	char want[DIGEST_CHARS + 1], got[DIGEST_CHARS + 1];
	struct gather g = { .most = 0 };
	int rc = -1;

	if (find_release(c, seq, &g.most, want, f) != 0 ||
	    listed_new(&g.l, g.most, f) != 0)
		return -1;
	if (walk_release(c, seq, gather_one, &g, f) == 0) {
		root_of(&g.l, got);
		rc = g.l.n == g.most && strcmp(got, want) == 0
			 ? 0
			 : fault_set(
			       f, FAULT_FORGED, "not the shards of its root");
	}
	if (rc != 0)
		(void)fault_at(f, "catalog.db: table released, row %llu",
		    (unsigned long long)seq);
	listed_free(&g.l);
	return rc;
}

int
catalog_release_shards(struct catalog *c, uint64_t seq,
    int (*each)(void *arg, const struct catalog_shard *s, struct fault *f),
    void *arg, struct fault *f)
{
	if (check_list(c, seq, f) != 0)
		return -1;
	return walk_release(c, seq, each, arg, f);
}

static int
check_sidecar(struct catalog *c, uint64_t seq, struct fault *f)
{
	struct bytes b;
	int rc;

	bytes_init(&b, AUDIT_SIDECAR_MAX);
	rc = audit_sidecar(c->audit, seq, &b, f);
	bytes_free(&b);
	if (rc != 0 && f->kind == FAULT_INPUT)
		f->kind = FAULT_FORGED;
	return rc;
}

/* One check for every row of a query that yields numbers. */
static int
check_each(struct catalog *c, const char *sql,
    int (*check)(struct catalog *c, uint64_t seq, struct fault *f),
    struct fault *f)
{
	struct cursor k;
	bool more;
	int rc;

	if (cursor_open(&k, c, sql, NULL, f) != 0)
		return -1;
	while ((rc = cursor_next(&k, &more, f)) == 0 && more)
		if ((rc = check(c, column_number(k.row, 0), f)) != 0)
			break;
	cursor_close(&k);
	return rc;
}

int
catalog_check(struct catalog *c, struct fault *f)
{
	if (facts_check(c, f) != 0 ||
	    check_each(c, "SELECT seq FROM releases", check_list, f) != 0)
		return -1;
	return check_each(c, "SELECT seq FROM sidecar", check_sidecar, f);
}
