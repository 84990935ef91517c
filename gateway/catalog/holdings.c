/*
 * What vendors hold of persons, kept with each batch and forgotten by person.
 *
 *     batch-holds entry: commitment --> fact "holds"
 *
 * As with the lists of subjects: the newest fact of a batch counts, and one
 * that grew shorter for somebody's erasure has a salt and an entry of its own.
 */

#include <string.h>

#include "gateway/catalog/catalog_internal.h"
#include "keys/base/mem.h"

static int
batch_row(const struct step *s, const char *member, int64_t *known, bool *open,
    struct fault *f)
{
	sqlite3_stmt *row;

	if (rows_run(s->fold->rows, &row, f,
		"SELECT b.state, (SELECT COUNT(*) FROM commitments"
		" WHERE id=b.id AND member=?) FROM batches b WHERE b.id=?",
		"ts", member, value_text(s, "batch")) != 0)
		return -1;
	if (row == NULL)
		return fold_refuse(
		    s->fold, f, "unknown-batch", "no such batch");
	*open = sqlite3_column_int(row, 0) == CATALOG_OPEN;
	*known = sqlite3_column_int64(row, 1);
	rows_done(row);
	return 0;
}

int
apply_batch_holds(const struct step *s, struct fault *f)
{
	int64_t known;
	bool open;

	if (batch_row(s, "holds", &known, &open, f) != 0)
		return -1;
	if (value_number(s, "n") != known || (known == 0 && !open))
		return fold_refuse(
		    s->fold, f, "out-of-order", "its number is not the next");
	return 0;
}

int
apply_risk_measured(const struct step *s, struct fault *f)
{
	int64_t known;
	bool open;

	if (batch_row(s, "report", &known, &open, f) != 0)
		return -1;
	if (known != 0 || !open)
		return fold_refuse(s->fold, f, "out-of-order",
		    "risk is measured once, when a batch begins");
	return 0;
}

/* ---- The list ---- */

/* A person's record; r stands in front of it. */
struct record {
	const uint8_t *subject;
	size_t at, len; /* in the list */
};

static int
no_list(struct fault *f)
{
	return fault_set(f, FAULT_INPUT, "holdings: not a list of persons");
}

static int
take_record(struct slice list, size_t at, struct record *out, struct fault *f)
{
	const uint8_t *n = list.at + at + CATALOG_SUBJECT_BYTES;
	size_t head = CATALOG_SUBJECT_BYTES + 2, len;

	if (list.len - at < head)
		return no_list(f);
	len = head + (size_t)(n[0] << 8 | n[1]) * (1 + CATALOG_HELD_BYTES);
	if (list.len - at < len)
		return no_list(f);
	*out = (struct record){ list.at + at, at, len };
	return 0;
}

/* Where the persons begin. */
static int
skip_head(struct slice list, size_t *at, struct fault *f)
{
	struct reader r = reader_of(list.at, list.len);
	struct slice name;
	uint8_t one;
	uint16_t n;

	if (take_u16(&r, &n, f) != 0)
		return no_list(f);
	if (n == 0 || n > CATALOG_ATTRIBUTES_MAX)
		return no_list(f);
	for (uint16_t i = 0; i < n; i++)
		if (take_slice(&r, 4096, &name, f) != 0 ||
		    take_u8(&r, &one, f) != 0 || take_u8(&r, &one, f) != 0)
			return no_list(f);
	*at = list.len - reader_left(&r);
	return 0;
}

static int
count_persons(struct slice list, uint64_t *count, struct fault *f)
{
	const uint8_t *last = NULL;
	struct record record;
	size_t at;

	*count = 0;
	if (skip_head(list, &at, f) != 0)
		return -1;
	for (; at < list.len; at += record.len) {
		if (take_record(list, at, &record, f) != 0)
			return -1;
		if (last != NULL &&
		    memcmp(last, record.subject, CATALOG_SUBJECT_BYTES) >= 0)
			return no_list(f);
		last = record.subject;
		++*count;
	}
	return 0;
}

int
catalog_holdings_add(struct catalog *c, const char *batch,
    struct slice holdings, struct fault *f)
{
	const struct catalog_fact fact = { "holds", holdings };
	struct catalog_entry e = {
		.kind = "batch-holds", .facts = &fact, .nfacts = 1
	};
	sqlite3_stmt *row;
	uint64_t count, seq;
	int64_t n;
	int rc;

	if (count_persons(holdings, &count, f) != 0 ||
	    rows_run(c->rows, &row, f,
		"SELECT COUNT(*) FROM commitments WHERE id=?"
		" AND member='holds'",
		"t", batch) != 0)
		return -1;
	must(row != NULL);
	n = sqlite3_column_int64(row, 0);
	rows_done(row);
	e.body = json_pack("{s:s,s:I,s:I}", "batch", batch, "count",
	    (json_int_t)count, "n", (json_int_t)n);
	if (e.body == NULL)
		return fault_memory(f);
	rc = catalog_add(c, &e, &seq, f);
	json_decref(e.body);
	return rc;
}

int
catalog_holdings_count(struct catalog *c, uint64_t *count, struct fault *f)
{
	sqlite3_stmt *row;

	if (rows_run(c->rows, &row, f,
		"SELECT COUNT(*) FROM commitments WHERE member='holds'",
		"") != 0)
		return -1;
	must(row != NULL);
	*count = (uint64_t)sqlite3_column_int64(row, 0);
	rows_done(row);
	return 0;
}

#define NEWEST                                                              \
	"SELECT f.salt, f.bytes, c.digest, c.id, c.n FROM batches b"        \
	" JOIN commitments c ON c.id=b.id AND c.member='holds' AND c.n="    \
	"(SELECT MAX(n) FROM commitments WHERE id=b.id AND member='holds')" \
	" LEFT JOIN facts f ON f.id=c.id AND f.member='holds' AND f.n=c.n"

static int
each_list(struct catalog *c, const char *sql, const char *vendor,
    int (*each)(void *arg, sqlite3_stmt *row, struct fault *f), void *arg,
    struct fault *f)
{
	struct cursor k;
	bool more;
	int rc;

	if (cursor_open(&k, c, sql, vendor, f) != 0)
		return -1;
	while ((rc = cursor_next(&k, &more, f)) == 0 && more) {
		if (!fact_holds(k.row))
			rc = fact_unlike(k.row,
			    (const char *)sqlite3_column_text(k.row, 3),
			    "holds", f);
		else
			rc = each(arg, k.row, f);
		if (rc != 0)
			break;
	}
	cursor_close(&k);
	return rc;
}

struct telling {
	int (*each)(
	    void *arg, const struct catalog_holdings *h, struct fault *f);
	void *arg;
};

static int
tell(void *arg, sqlite3_stmt *row, struct fault *f)
{
	const struct telling *t = arg;
	const struct catalog_holdings h = {
		(const char *)sqlite3_column_text(row, 3), rows_slice(row, 1)
	};

	return t->each(t->arg, &h, f);
}

int
catalog_each_holdings(struct catalog *c, const char *vendor,
    int (*each)(void *arg, const struct catalog_holdings *h, struct fault *f),
    void *arg, struct fault *f)
{
	struct telling t = { each, arg };

	return each_list(c,
	    NEWEST " WHERE b.vendor=? AND (b.state<3 OR EXISTS"
		   "(SELECT 1 FROM releases r WHERE r.batch=b.id))"
		   " ORDER BY b.seq",
	    vendor, tell, &t, f);
}

/* ---- One person ---- */

struct shorter {
	char batch[ID_CHARS + 1];
	uint64_t n;
	struct bytes rest;
};
struct shortening {
	const uint8_t *subject;
	struct shorter *at;
	size_t n;
};

static int
walk_list(void *arg, sqlite3_stmt *row, struct fault *f)
{
	const struct person_walk *w = arg;
	struct slice list = rows_slice(row, 1);
	struct record record;
	size_t at;

	if (skip_head(list, &at, f) != 0)
		return -1;
	for (; at < list.len; at += record.len)
		if (take_record(list, at, &record, f) != 0 ||
		    w->each(w->arg, record.subject, f) != 0)
			return -1;
	return 0;
}

int
holdings_each_person(struct catalog *c, struct person_walk *w, struct fault *f)
{
	return each_list(c, NEWEST, NULL, walk_list, w, f);
}

static int
find_person(struct slice list, const uint8_t *subject, bool *found,
    struct record *out, struct fault *f)
{
	size_t at;

	*found = false;
	if (skip_head(list, &at, f) != 0)
		return -1;
	for (; at < list.len && !*found; at += out->len) {
		if (take_record(list, at, out, f) != 0)
			return -1;
		*found =
		    memcmp(out->subject, subject, CATALOG_SUBJECT_BYTES) == 0;
	}
	return 0;
}

static int
shorten(void *arg, sqlite3_stmt *row, struct fault *f)
{
	struct shortening *x = arg;
	struct slice list = rows_slice(row, 1);
	struct record record;
	struct shorter *s;
	bool found;

	if (find_person(list, x->subject, &found, &record, f) != 0)
		return -1;
	if (!found)
		return 0;
	if ((s = mem_resize(x->at, (x->n + 1) * sizeof(*s))) == NULL)
		return fault_memory(f);
	x->at = s;
	s = &x->at[x->n++];
	*s = (struct shorter){ .n = column_number(row, 4) };
	(void)snprintf(s->batch, sizeof(s->batch), "%s",
	    (const char *)sqlite3_column_text(row, 3));
	bytes_init(&s->rest, CATALOG_PERSONS_MAX);
	if (bytes_add(&s->rest, list.at, record.at, f) != 0)
		return -1;
	return bytes_add(&s->rest, list.at + record.at + record.len,
	    list.len - record.at - record.len, f);
}

int
holdings_erase(struct catalog *c, const uint8_t subject[CATALOG_SUBJECT_BYTES],
    uint64_t *lists, struct fault *f)
{
	struct shortening x = { .subject = subject };
	int rc = each_list(c, NEWEST, NULL, shorten, &x, f);

	for (size_t i = 0; rc == 0 && i < x.n; i++) {
		struct shorter *s = &x.at[i];
		const struct catalog_fact_name old = { s->batch, "holds",
			s->n };

		rc = catalog_holdings_add(
		    c, s->batch, (struct slice){ s->rest.at, s->rest.len }, f);
		if (rc == 0)
			rc = fact_erase(c, &old, f);
	}
	*lists += x.n;
	for (size_t i = 0; i < x.n; i++)
		bytes_free(&x.at[i].rest);
	mem_free(x.at);
	return rc;
}
