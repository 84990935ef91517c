/*
 * The fold of the log into rows: dispatch, the tables, and the commitments
 * that any kind may hold.
 *
 *     entry --> its kind --> members as the kind says --> apply --> rows
 *
 * Times are kept as they stand in the entries (RFC 3339 in UTC, of one length),
 * which sort as text; digests in hexadecimal.  So a row is made of pieces of
 * entries, and can be read beside them with the sqlite3 shell.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "gateway/catalog/catalog_internal.h"

static const char schema[] =
    "CREATE TABLE home(id INTEGER PRIMARY KEY CHECK(id = 0),"
    " home TEXT NOT NULL, role TEXT NOT NULL, at TEXT NOT NULL,"
    " cards INTEGER NOT NULL, backup TEXT, restored TEXT) STRICT;"
    "CREATE TABLE vendors(id TEXT PRIMARY KEY, crowd INTEGER NOT NULL,"
    " recipient TEXT NOT NULL, verifier TEXT NOT NULL, tls TEXT NOT NULL,"
    " added TEXT NOT NULL, confirmed TEXT, suspended TEXT, ended TEXT)"
    " STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX vendors_tls ON vendors(tls) WHERE ended IS NULL;"
    "CREATE TABLE agreements(id TEXT PRIMARY KEY, vendor TEXT NOT NULL,"
    " type TEXT NOT NULL, starts TEXT NOT NULL, until TEXT, ended TEXT)"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX agreements_vendor ON agreements(vendor, type);"
    "CREATE TABLE batches(id TEXT PRIMARY KEY, seq INTEGER NOT NULL,"
    " vendor TEXT NOT NULL, state INTEGER NOT NULL, approve INTEGER NOT NULL,"
    " approvals INTEGER NOT NULL, ever INTEGER NOT NULL,"
    " retention INTEGER NOT NULL, offline INTEGER NOT NULL,"
    " agreements TEXT NOT NULL, golden TEXT, metric TEXT, pass INTEGER,"
    " manifest TEXT, object TEXT, object_bytes INTEGER,"
    " revision INTEGER NOT NULL, shards INTEGER NOT NULL,"
    " items INTEGER NOT NULL, begun TEXT NOT NULL, sealed TEXT,"
    " approved TEXT, ended TEXT) STRICT, WITHOUT ROWID;"
    "CREATE INDEX batches_vendor ON batches(vendor);"
    "CREATE TABLE shards(batch TEXT NOT NULL, n INTEGER NOT NULL,"
    " object TEXT NOT NULL, bytes INTEGER NOT NULL, items INTEGER NOT NULL,"
    " items_root TEXT, contents TEXT NOT NULL, contents_bytes INTEGER NOT NULL,"
    " origins TEXT NOT NULL, origins_bytes INTEGER NOT NULL,"
    " PRIMARY KEY(batch, n)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE grants(id TEXT PRIMARY KEY, batch TEXT NOT NULL,"
    " vendor TEXT NOT NULL, starts TEXT NOT NULL, until TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX grants_batch ON grants(batch);"
    "CREATE TABLE releases(seq INTEGER PRIMARY KEY, permit TEXT NOT NULL,"
    " batch TEXT NOT NULL, at TEXT NOT NULL, count INTEGER NOT NULL,"
    " offline INTEGER NOT NULL, request TEXT, root TEXT NOT NULL,"
    " acknowledged TEXT) STRICT;"
    "CREATE UNIQUE INDEX releases_request ON releases(request)"
    " WHERE request IS NOT NULL;"
    "CREATE INDEX releases_batch ON releases(batch);"
    "CREATE TABLE refusals(seq INTEGER PRIMARY KEY, at TEXT NOT NULL,"
    " rule TEXT NOT NULL, batch TEXT, request TEXT) STRICT;"
    "CREATE TABLE acknowledgements(seq INTEGER PRIMARY KEY,"
    " release INTEGER NOT NULL, at TEXT NOT NULL,"
    " statement TEXT NOT NULL UNIQUE, count INTEGER NOT NULL) STRICT;"
    "CREATE TABLE returns(id TEXT PRIMARY KEY, seq INTEGER NOT NULL,"
    " batch TEXT NOT NULL, object TEXT NOT NULL, bytes INTEGER NOT NULL,"
    " at TEXT NOT NULL, ingested TEXT, verdict TEXT, items INTEGER,"
    " answered INTEGER, score INTEGER, told TEXT) STRICT, WITHOUT ROWID;"
    "CREATE INDEX returns_batch ON returns(batch);"
    "CREATE TABLE deletions(seq INTEGER PRIMARY KEY, batch TEXT NOT NULL,"
    " at TEXT NOT NULL, statement TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE strangers(id TEXT PRIMARY KEY, at TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE commitments(id TEXT NOT NULL, member TEXT NOT NULL,"
    " n INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY(id, member, n))"
    " STRICT, WITHOUT ROWID;";

const struct fold_table fold_tables[] = { { "home", "id" }, { "vendors", "id" },
	{ "agreements", "id" }, { "batches", "id" }, { "shards", "batch, n" },
	{ "grants", "id" }, { "releases", "seq" }, { "refusals", "seq" },
	{ "acknowledgements", "seq" }, { "returns", "id" },
	{ "deletions", "seq" }, { "strangers", "id" },
	{ "commitments", "id, member, n" }, { "subjects", "batch, shard" },
	{ "decisions", "batch, n" }, { "holds", "id" },
	{ "suppressions", "id" }, { "plans", "vendor, n" },
	{ "reveals", "vendor, n" }, { "repeated", "id" }, { NULL, NULL } };

/* Newer tables and indexes, in the order in which they came. */
const struct later_table later_tables[] = {
	/* owners.c */
	{ "plans", "CREATE TABLE plans(vendor TEXT NOT NULL, n INTEGER NOT"
		   " NULL, at TEXT NOT NULL, PRIMARY KEY(vendor, n)) STRICT,"
		   " WITHOUT ROWID;" },
	{ "reveals",
	    "CREATE TABLE reveals(vendor TEXT NOT NULL, n INTEGER NOT NULL,"
	    " at TEXT NOT NULL, count INTEGER NOT NULL,"
	    " PRIMARY KEY(vendor, n)) STRICT, WITHOUT ROWID;" },
	/* sent.c */
	{ "sent", "CREATE TABLE sent(batch TEXT NOT NULL, n INTEGER NOT NULL,"
		  " hashes BLOB NOT NULL, PRIMARY KEY(batch, n)) STRICT;" },
	{ "sent_whose",
	    "CREATE TABLE sent_whose(batch TEXT NOT NULL, n INTEGER NOT NULL,"
	    " persons BLOB NOT NULL, PRIMARY KEY(batch, n)) STRICT;" },
	{ "subjects", "CREATE TABLE subjects(batch TEXT NOT NULL,"
		      " shard INTEGER NOT NULL, n INTEGER NOT NULL,"
		      " count INTEGER NOT NULL, PRIMARY KEY(batch, shard))"
		      " STRICT, WITHOUT ROWID;" },
	{ "decisions", "CREATE TABLE decisions(batch TEXT NOT NULL,"
		       " n INTEGER NOT NULL, countries TEXT NOT NULL,"
		       " at TEXT NOT NULL, PRIMARY KEY(batch, n))"
		       " STRICT, WITHOUT ROWID;" },
	{ "holds", "CREATE TABLE holds(id TEXT PRIMARY KEY, target TEXT,"
		   " at TEXT NOT NULL, ended TEXT) STRICT, WITHOUT ROWID;" },
	{ "suppressions", "CREATE TABLE suppressions(id TEXT PRIMARY KEY,"
			  " reason TEXT NOT NULL, at TEXT NOT NULL, ended TEXT)"
			  " STRICT, WITHOUT ROWID;" },
	{ "repeated", "CREATE TABLE repeated(id INTEGER PRIMARY KEY"
		      " CHECK(id = 0), at TEXT NOT NULL) STRICT;" },
	/* An object that a vendor asks for is looked up by its name. */
	{ "shards_object", "CREATE INDEX shards_object ON shards(object);" },
	{ "shards_contents",
	    "CREATE INDEX shards_contents ON shards(contents);" },
	{ "batches_object", "CREATE INDEX batches_object ON batches(object);" },
	{ NULL, NULL },
};

static int
later_there(struct rows *rows, const char *name, bool *there, struct fault *f)
{
	struct slice named = slice_of_text(name);
	sqlite3_stmt *row;

	if (rows_run(rows, &row, f, "SELECT 1 FROM sqlite_schema WHERE name=?",
		"s", &named) != 0)
		return -1;
	*there = row != NULL;
	rows_done(row);
	return 0;
}

/* Those that the database has not. */
int
later_make(struct rows *rows, struct fault *f)
{
	for (const struct later_table *t = later_tables; t->name != NULL; t++) {
		bool there;

		if (later_there(rows, t->name, &there, f) != 0 ||
		    (!there && rows_script(rows, t->sql, f) != 0))
			return -1;
	}
	return 0;
}

const char *
fold_script(size_t i)
{
	static const char *const first[] = { audit_schema, schema,
		facts_schema };
	const size_t n = sizeof(first) / sizeof(first[0]);

	return i < n ? first[i] : later_tables[i - n].sql;
}

int
fold_make(struct rows *rows, struct fault *f)
{
	const char *sql;

	for (size_t i = 1; (sql = fold_script(i)) != NULL; i++)
		if (rows_script(rows, sql, f) != 0)
			return -1;
	return 0;
}

int
fold_refuse(
    struct fold *d, struct fault *f, const char *rule, const char *fmt, ...)
{
	char what[200];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	d->rule = rule;
	return fault_set(f, FAULT_POLICY, "%s", what);
}

int
fold_inserted(const struct step *s, struct fault *f)
{
	if (sqlite3_changes(rows_db(s->fold->rows)) == 1)
		return 0;
	return fold_refuse(s->fold, f, "repeated", "is recorded already");
}

/* Every commitment in the entry, under the id that it is about. */
static int
add_commitments(const struct step *s, const struct kind *k, struct fault *f)
{
	struct slice home = slice_of_text(s->fold->home);
	const struct audit_member *n = audit_leaf_member(s->leaf, "n");
	int64_t number = n == NULL ? 0 : value_number(s, "n");

	for (size_t i = 0; i < s->leaf->nmembers; i++) {
		const struct audit_member *m = &s->leaf->members[i];
		const struct slice *id;

		if (m->type != AUDIT_TEXT ||
		    !members_commits(k, (const char *)m->name.at, m->name.len))
			continue;
		id = k->subject == NULL ? &home : value_text(s, k->subject);
		must(id != NULL);
		if (FOLD_INSERT(s, f,
			"INSERT INTO commitments VALUES(?, ?, ?, ?)"
			" ON CONFLICT DO NOTHING",
			"ssis", id, &m->name, number, &m->value) != 0)
			return -1;
	}
	return 0;
}

int
fold_entry(struct fold *d, const struct audit_leaf *l, struct fault *f)
{
	struct step s = { d, (int64_t)d->next, l };
	const struct kind *k = kind_of(l);
	int rc = -1;

	d->rule = "";
	if (k == NULL)
		return fault_set(f, FAULT_INPUT, "unknown kind of entry");
	if (members_check(k, l, f) != 0)
		return -1;
	if ((d->next == 0) != (k->apply == apply_home_created))
		(void)fold_refuse(d, f, "out-of-order",
		    "the first entry, and only that, creates the home");
	else if (k->apply(&s, f) == 0)
		rc = add_commitments(&s, k, f);
	if (rc == 0)
		d->next++;
	else if (f->kind == FAULT_POLICY)
		(void)fault_at(f, "%s", k->name);
	return rc;
}

int
fold_replay(
    struct fold *d, uint64_t seq, const struct audit_leaf *l, struct fault *f)
{
	must(seq == d->next);
	if (fold_entry(d, l, f) == 0)
		return 0;
	if (f->kind == FAULT_POLICY || f->kind == FAULT_INPUT)
		f->kind = FAULT_FORGED;
	return fault_at(f, "entry %llu", (unsigned long long)seq);
}
