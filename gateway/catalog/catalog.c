/*
 * The catalog: opening it against the log, and adding entries.
 *
 *     catalog_add --> facts kept --> leaf --> fold --> entry
 *                     |____________ savepoint ____________|
 *
 * One entry is all of that or nothing, and a group of them is one transaction
 * of the log.  A refusal undoes its own entry alone; a failure of the database
 * spoils the group, since SQLite may then have undone more than we know.
 */

#include "gateway/catalog/catalog_internal.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "keys/base/files.h"
#include "keys/base/mem.h"

/* The home's id behind the origin's fixed part. */
static int
home_id(const struct vkey *log, char out[ID_CHARS + 1], struct fault *f)
{
	const char *name = log->name;
	size_t len = strlen(AUDIT_ORIGIN);

	if (strncmp(name, AUDIT_ORIGIN, len) != 0 || !id_valid(name + len, 'h'))
		return fault_set(
		    f, FAULT_INPUT, "log key: not named after a home");
	memcpy(out, name + len, ID_CHARS + 1);
	return 0;
}

static int
make(struct catalog *c, const char *role, struct fault *f)
{
	struct catalog_entry e = { .kind = "home-created" };
	uint64_t seq;
	int rc = -1;

	e.body = json_pack(
	    "{s:s,s:s}", "home", (const char *)c->fold.home, "role", role);
	if (e.body == NULL)
		return fault_memory(f);
	if (catalog_begin(c, f) == 0 && fold_make(c->rows, f) == 0 &&
	    catalog_add(c, &e, &seq, f) == 0 && catalog_commit(c, f) == 0)
		rc = 0;
	json_decref(e.body);
	return rc;
}

int
catalog_create(struct catalog **out, const struct audit_home *h,
    const char *role, struct fault *f)
{
	struct catalog *c;

	if ((c = mem_new(sizeof(*c))) == NULL)
		return fault_memory(f);
	if (home_id(h->log, c->fold.home, f) != 0 ||
	    audit_create(&c->audit, h, f) != 0)
		goto fail;
	c->rows = c->fold.rows = audit_rows(c->audit);
	if (make(c, role, f) != 0 || audit_publish(c->audit, f) != 0)
		goto fail;
	*out = c;
	return 0;
fail:
	catalog_close(c);
	return -1;
}

static int
replay_entry(
    void *arg, uint64_t seq, const struct audit_leaf *leaf, struct fault *f)
{
	return fold_replay(arg, seq, leaf, f);
}

/* A fold into memory, with the tables of a home. */
static int
memory_fold(struct fold *d, struct fault *f)
{
	if (rows_open(&d->rows, -1, NULL, true, f) != 0)
		return -1;
	if (blank_make(d->rows, f) != 0 ||
	    rows_script(d->rows,
		"PRAGMA journal_mode=OFF;PRAGMA cache_spill=OFF;BEGIN",
		f) != 0) {
		rows_close(d->rows);
		d->rows = NULL;
		return -1;
	}
	return 0;
}

int
catalog_open(struct catalog **out, const struct audit_home *h, struct fault *f)
{
	struct catalog *c;
	struct rows *want = NULL;
	struct audit_replay each;

	if ((c = mem_new(sizeof(*c))) == NULL)
		return fault_memory(f);
	each = (struct audit_replay){ replay_entry, &c->fold };
	if (home_id(h->log, c->fold.home, f) != 0 ||
	    memory_fold(&c->fold, f) != 0)
		goto fail;
	want = c->fold.rows;
	if (audit_open(&c->audit, h, &each, f) != 0)
		goto fail;
	c->rows = c->fold.rows = audit_rows(c->audit);
	if (c->fold.next == 0) {
		(void)fault_set(
		    f, FAULT_FORGED, "catalog.db: its log is empty");
		goto fail;
	}
	if (later_make(c->rows, f) != 0 || compare_rows(c->rows, want, f) != 0)
		goto fail;
	rows_close(want);
	*out = c;
	return 0;
fail:
	rows_close(want);
	catalog_close(c);
	return -1;
}

void
catalog_close(struct catalog *c)
{
	if (c == NULL)
		return;
	audit_close(c->audit);
	mem_free(c);
}

struct audit *
catalog_audit(struct catalog *c)
{
	return c->audit;
}

const char *
catalog_home(const struct catalog *c)
{
	return c->fold.home;
}

const char *
catalog_role(const struct catalog *c)
{
	return c->fold.role;
}

const char *
catalog_rule(const struct catalog *c)
{
	return c->fold.rule;
}

int
catalog_begin(struct catalog *c, struct fault *f)
{
	c->failed = false;
	return audit_begin(c->audit, f);
}

int
catalog_commit(struct catalog *c, struct fault *f)
{
	if (c->failed) {
		catalog_rollback(c);
		return fault_set(
		    f, FAULT_SYSTEM, "catalog.db: an entry before failed");
	}
	if (audit_commit(c->audit, f) == 0)
		return 0;
	catalog_rollback(c); /* of the log it is done; of the fold, here */
	return -1;
}

void
catalog_rollback(struct catalog *c)
{
	audit_rollback(c->audit);
	c->fold.next = audit_next(c->audit);
}

int
entry_begin(struct catalog *c, struct fault *f)
{
	if (c->failed)
		return fault_set(
		    f, FAULT_SYSTEM, "catalog.db: an entry before failed");
	return rows_run(c->rows, NULL, f, "SAVEPOINT entry", "");
}

int
entry_end(struct catalog *c, int rc, struct fault *f)
{
	struct fault undo = { .kind = FAULT_NONE };

	if (rc != 0) {
		c->fold.next = audit_next(c->audit);
		if (f->kind == FAULT_SYSTEM || f->kind == FAULT_FORGED ||
		    rows_run(c->rows, NULL, &undo, "ROLLBACK TO entry", "") !=
			0)
			c->failed = true;
	}
	if (!c->failed && rows_run(c->rows, NULL, rc == 0 ? f : &undo,
			      "RELEASE entry", "") != 0)
		c->failed = true;
	return rc == 0 && c->failed ? -1 : rc;
}

static int
check_name(struct catalog *c, const struct kind *k,
    const struct catalog_fact *fact, struct fault *f)
{
	bool vendor = k->apply == apply_vendor_added, taken;

	if (strcmp(fact->member, "name") != 0)
		return 0;
	if (fact->bytes.len == 0 || fact->bytes.len > CATALOG_NAME_MAX ||
	    memchr(fact->bytes.at, '\0', fact->bytes.len) != NULL)
		return fault_set(f, FAULT_INPUT,
		    "name: needs 1 to %u bytes without NUL", CATALOG_NAME_MAX);
	if (!vendor && k->apply != apply_batch_begun)
		return 0;
	if (fact_name_taken(c, vendor ? 'v' : 'b', fact->bytes, &taken, f) != 0)
		return -1;
	if (taken)
		return fold_refuse(
		    &c->fold, f, "repeated", "%s: the name is taken", k->name);
	return 0;
}

/* Keep the facts and put their commitments into the entry. */
static int
keep_facts(struct catalog *c, const struct kind *k,
    const struct catalog_entry *e, json_t *doc, struct fault *f)
{
	const char *id = c->fold.home;

	if (k->subject != NULL)
		id = json_string_value(json_object_get(doc, k->subject));
	if (id == NULL && e->nfacts > 0)
		return fault_set(f, FAULT_INPUT, "%s: member \"%s\" is missing",
		    k->name, k->subject);
	for (size_t i = 0; i < e->nfacts; i++) {
		struct catalog_fact_name name = { id, e->facts[i].member,
			(uint64_t)json_integer_value(
			    json_object_get(doc, "n")) };
		uint8_t digest[DIGEST_BYTES];
		char hex[DIGEST_CHARS + 1];

		if (!members_commits(k, name.member, strlen(name.member)))
			return fault_set(f, FAULT_INPUT,
			    "%s: has no commitment \"%s\"", k->name,
			    name.member);
		if (check_name(c, k, &e->facts[i], f) != 0 ||
		    fact_keep(c, &name, e->facts[i].bytes, digest, f) != 0)
			return -1;
		hex_write(hex, digest, sizeof(digest));
		if (json_object_set_new(doc, name.member, json_string(hex)) !=
		    0)
			return fault_memory(f);
	}
	return 0;
}

int
entry_add(struct catalog *c, const struct catalog_entry *e, uint64_t *seq,
    struct fault *f)
{
	const struct kind *k = kind_named(e->kind);
	struct audit_leaf leaf;
	struct audit_draft d;
	struct bytes b;
	json_t *doc;
	int rc = -1;

	c->fold.rule = "";
	if (k == NULL)
		return fault_set(
		    f, FAULT_INPUT, "%s: no kind of entry", e->kind);
	bytes_init(&b, AUDIT_LEAF_MAX);
	if ((doc = json_copy(e->body)) == NULL)
		return fault_memory(f);
	if (keep_facts(c, k, e, doc, f) != 0)
		goto out;
	d = (struct audit_draft){ e->kind, audit_now(c->audit), doc,
		e->sidecar };
	if (audit_leaf_write(&b, &d, f) != 0)
		goto out;
	if (audit_leaf_read(&leaf, b.at, b.len, f) != 0 ||
	    fold_entry(&c->fold, &leaf, f) != 0)
		goto out;
	rc = audit_add(c->audit, leaf.bytes, e->sidecar, seq, f);
out:
	json_decref(doc);
	bytes_free(&b);
	return rc;
}

int
catalog_add(struct catalog *c, const struct catalog_entry *e, uint64_t *seq,
    struct fault *f)
{
	if (entry_begin(c, f) != 0)
		return -1;
	return entry_end(c, entry_add(c, e, seq, f), f);
}

int
catalog_record(struct catalog *c, const struct catalog_entry *e, uint64_t *seq,
    struct fault *f)
{
	if (catalog_begin(c, f) != 0)
		return -1;
	if (catalog_add(c, e, seq, f) != 0) {
		catalog_rollback(c);
		return -1;
	}
	return catalog_commit(c, f);
}

int
catalog_copy(struct catalog *c, int dir, const char *name, struct fault *f)
{
	char path[64 + NOTE_NAME_MAX];
	struct slice s;
	int fd;

	fd = openat(dir, name,
	    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd == -1)
		return fault_errno(f, "%s", name);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir, name);
	s = slice_of_text(path);
	if (rows_run(c->rows, NULL, f, "VACUUM INTO ?", "s", &s) == 0 &&
	    fsync(fd) == 0) {
		file_close(&fd);
		return folder_sync(dir, name, f);
	}
	if (f->kind == FAULT_NONE)
		(void)fault_errno(f, "fsync %s", name);
	file_close(&fd);
	(void)unlinkat(dir, name, 0); /* a half copy is of no use */
	return -1;
}

struct catalog_fold {
	struct fold fold;
};

int
catalog_fold_new(
    struct catalog_fold **out, const struct vkey *log, struct fault *f)
{
	struct catalog_fold *d;

	if ((d = mem_new(sizeof(*d))) == NULL)
		return fault_memory(f);
	if (home_id(log, d->fold.home, f) != 0 ||
	    memory_fold(&d->fold, f) != 0) {
		mem_free(d);
		return -1;
	}
	*out = d;
	return 0;
}

int
catalog_fold_entry(struct catalog_fold *d, uint64_t seq,
    const struct audit_leaf *leaf, struct fault *f)
{
	return fold_replay(&d->fold, seq, leaf, f);
}

void
catalog_fold_free(struct catalog_fold *d)
{
	if (d == NULL)
		return;
	rows_close(d->fold.rows);
	mem_free(d);
}
