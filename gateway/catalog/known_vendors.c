/* What the home knows of vendors, agreements and itself. */

#include <string.h>

#include "gateway/catalog/catalog_internal.h"

#define VENDOR                                                          \
	"SELECT id, crowd, recipient, verifier, tls, added, confirmed," \
	" suspended, ended FROM vendors "
#define AGREEMENT \
	"SELECT id, vendor, type, starts, until, ended FROM agreements "

static int
read_vendor(struct catalog *c, sqlite3_stmt *row, struct catalog_vendor *v,
    struct fault *f)
{
	memset(v, 0, sizeof(*v));
	v->crowd = sqlite3_column_int(row, 1) != 0;
	if (column_text(row, 0, v->id, sizeof(v->id), f) != 0 ||
	    column_digest(row, 2, v->recipient, f) != 0 ||
	    column_digest(row, 3, v->verifier, f) != 0 ||
	    column_digest(row, 4, v->tls, f) != 0 ||
	    column_time(row, 5, &v->added, f) != 0 ||
	    column_time(row, 6, &v->confirmed, f) != 0 ||
	    column_time(row, 7, &v->suspended, f) != 0 ||
	    column_time(row, 8, &v->ended, f) != 0)
		return -1;
	return fact_name_of(c, v->id, v->name, f);
}

/* The first row that sql finds for text. */
static int
one_vendor(struct catalog *c, const char *sql, const char *text,
    struct catalog_vendor *out, struct fault *f)
{
	struct cursor k;
	bool more;
	int rc = -1;

	if (cursor_open(&k, c, sql, text, f) != 0)
		return -1;
	if (cursor_next(&k, &more, f) == 0)
		rc = more ? read_vendor(c, k.row, out, f)
			  : fault_set(f, FAULT_INPUT, "no such vendor");
	cursor_close(&k);
	return rc;
}

int
catalog_vendor(struct catalog *c, const char *name_or_id,
    struct catalog_vendor *out, struct fault *f)
{
	/* Of vendors of one name, at most one has not ended. */
	const char *sql = id_valid(name_or_id, 'v') ? VENDOR "WHERE id=?"
						    : VENDOR
			      "JOIN facts USING(id) WHERE member='name'"
			      " AND bytes=CAST(? AS BLOB)"
			      " ORDER BY ended IS NOT NULL, added DESC";

	if (one_vendor(c, sql, name_or_id, out, f) == 0)
		return fact_named(name_or_id, out->id, out->name, f);
	if (f->kind != FAULT_INPUT)
		return -1;
	fault_clear(f);
	if (fact_names_known(c, f) != 0)
		return -1;
	return fault_set(f, FAULT_INPUT, "%s: no such vendor", name_or_id);
}

int
catalog_vendor_by_tls(struct catalog *c, const uint8_t tls[DIGEST_BYTES],
    struct catalog_vendor *out, struct fault *f)
{
	char hex[DIGEST_CHARS + 1];

	hex_write(hex, tls, DIGEST_BYTES);
	return one_vendor(c,
	    VENDOR "WHERE tls=? ORDER BY ended IS NOT NULL, added DESC", hex,
	    out, f);
}

int
catalog_each_vendor(struct catalog *c,
    int (*each)(void *arg, const struct catalog_vendor *v, struct fault *f),
    void *arg, struct fault *f)
{
	struct catalog_vendor v;
	struct cursor k;
	bool more;
	int rc;

	if (cursor_open(&k, c, VENDOR "ORDER BY added, id", NULL, f) != 0)
		return -1;
	while ((rc = cursor_next(&k, &more, f)) == 0 && more)
		if ((rc = read_vendor(c, k.row, &v, f)) != 0 ||
		    (rc = each(arg, &v, f)) != 0)
			break;
	cursor_close(&k);
	return rc;
}

static int
read_agreement(sqlite3_stmt *row, struct catalog_agreement *a, struct fault *f)
{
	memset(a, 0, sizeof(*a));
	if (column_text(row, 0, a->id, sizeof(a->id), f) != 0 ||
	    column_text(row, 1, a->vendor, sizeof(a->vendor), f) != 0 ||
	    column_text(row, 2, a->type, sizeof(a->type), f) != 0 ||
	    column_time(row, 3, &a->from, f) != 0 ||
	    column_time(row, 4, &a->until, f) != 0)
		return -1;
	return column_time(row, 5, &a->ended, f);
}

int
catalog_each_agreement(struct catalog *c, const char *vendor,
    int (*each)(void *arg, const struct catalog_agreement *a, struct fault *f),
    void *arg, struct fault *f)
{
	struct catalog_agreement a;
	struct cursor k;
	bool more;
	int rc;

	if (cursor_open(&k, c,
		vendor != NULL ? AGREEMENT "WHERE vendor=? ORDER BY starts, id"
			       : AGREEMENT "ORDER BY starts, id",
		vendor, f) != 0)
		return -1;
	while ((rc = cursor_next(&k, &more, f)) == 0 && more)
		if ((rc = read_agreement(k.row, &a, f)) != 0 ||
		    (rc = each(arg, &a, f)) != 0)
			break;
	cursor_close(&k);
	return rc;
}

int
catalog_in_force(struct catalog *c, const char *vendor, const char *type,
    int64_t at, bool *yes, struct fault *f)
{
	char text[CLOCK_CHARS + 1];
	sqlite3_stmt *row;

	clock_write(text, at);
	if (rows_run(c->rows, &row, f,
		"SELECT 1 FROM agreements WHERE vendor=?1 AND type=?2"
		" AND starts<=?3 AND (until IS NULL OR until>?3)"
		" AND (ended IS NULL OR ended>?3)",
		"ttt", vendor, type, text) != 0)
		return -1;
	*yes = row != NULL;
	rows_done(row);
	return 0;
}

static int
home_time(struct catalog *c, const char *sql, int64_t *at, struct fault *f)
{
	sqlite3_stmt *row;
	int rc;

	if (rows_run(c->rows, &row, f, sql, "") != 0)
		return -1;
	must(row != NULL);
	rc = column_time(row, 0, at, f);
	rows_done(row);
	return rc;
}

int
catalog_last_backup(struct catalog *c, int64_t *at, struct fault *f)
{
	return home_time(c, "SELECT backup FROM home", at, f);
}

int
catalog_last_restore(struct catalog *c, int64_t *at, struct fault *f)
{
	return home_time(c, "SELECT restored FROM home", at, f);
}

int
catalog_last_repeat(struct catalog *c, int64_t *at, struct fault *f)
{
	return home_time(c, "SELECT (SELECT at FROM repeated)", at, f);
}

int
catalog_each_entry(struct catalog *c, uint64_t seq,
    int (*each)(void *arg, uint64_t seq, const struct audit_leaf *leaf,
	struct fault *f),
    void *arg, struct fault *f)
{
	struct cursor k;
	char first[24];
	bool more;
	int rc;

	(void)snprintf(first, sizeof(first), "%llu", (unsigned long long)seq);
	if (cursor_open(&k, c,
		"SELECT seq, leaf FROM entry WHERE seq>=CAST(? AS INTEGER)"
		" ORDER BY seq",
		first, f) != 0)
		return -1;
	while ((rc = cursor_next(&k, &more, f)) == 0 && more) {
		struct slice bytes = rows_slice(k.row, 1);
		struct audit_leaf leaf;

		if ((rc = audit_leaf_read(&leaf, bytes.at, bytes.len, f)) !=
			0 ||
		    (rc = each(arg, column_number(k.row, 0), &leaf, f)) != 0)
			break;
	}
	cursor_close(&k);
	return rc;
}
