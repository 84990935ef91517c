/*
 * A log from its published files alone, and who was erased or suppressed in
 * it.
 *
 *     DIR/checkpoint --> signature --> tiles, entries --> each told, in order
 */

#include <fcntl.h>
#include <string.h>

#include "gateway/catalog/catalog.h"
#include "gateway/flow/flow.h"
#include "keys/base/files.h"

struct watched {
	const struct flow_log_copy *o;
	struct catalog_fold *fold; /* NULL: not a log of ours */
};

/* An entry of ours must also be possible after those in front of it. */
static int
watch_entry(
    void *arg, uint64_t seq, const void *leaf, size_t len, struct fault *f)
{
	const struct watched *w = arg;
	struct audit_leaf l;

	if (w->fold == NULL)
		return 0;
	if (audit_leaf_read(&l, leaf, len, f) != 0 ||
	    catalog_fold_entry(w->fold, seq, &l, f) != 0)
		return -1;
	return w->o->entry == NULL ? 0 : w->o->entry(w->o->arg, seq, &l, f);
}

static int
verify(const struct flow_log_copy *o, struct audit_copy copy, struct fault *f)
{
	struct watched w = { o, NULL };
	int rc;

	copy.ours =
	    strncmp(o->log->name, AUDIT_ORIGIN, strlen(AUDIT_ORIGIN)) == 0;
	if (copy.ours && catalog_fold_new(&w.fold, o->log, f) != 0)
		return -1;
	copy.watch = (struct audit_watch){ watch_entry, &w };
	rc = audit_verify(&copy, f);
	catalog_fold_free(w.fold);
	return rc;
}

int
flow_log_copy(const struct flow_log_copy *o, struct audit_checkpoint *out,
    struct fault *f)
{
	struct audit_copy copy = { .ours = false };
	struct bytes note;
	int dir = -1, rc = -1;

	bytes_init(&note, AUDIT_CHECKPOINT_MAX);
	if (folder_open(AT_FDCWD, o->folder, &dir, f) != 0 ||
	    file_read(dir, o->checkpoint, &note, f) != 0)
		goto out;
	copy.from = audit_folder(&dir);
	if (audit_checkpoint_open(
		&copy.checkpoint, note.at, note.len, o->log, f) != 0) {
		/* Whoever signed it wrote it well formed. */
		if (f->kind == FAULT_INPUT)
			f->kind = FAULT_FORGED;
		goto out;
	}
	rc = verify(o, copy, f);
	*out = copy.checkpoint;
out:
	if (rc != 0)
		(void)fault_at(f, "%s", o->folder);
	file_close(&dir);
	bytes_free(&note);
	return rc;
}

/* ---- Who was erased, and who is suppressed ---- */

struct gathered {
	json_t *erased;
	json_t *suppressed; /* by id: {"n","reason","person"?} */
	json_t *salts;	    /* by entry, of those in and before wanted */
	const json_t *wanted;
};

static int
set_text(json_t *o, const char *key, const struct audit_leaf *l,
    const char *member, struct fault *f)
{
	const struct slice *v = &audit_leaf_member(l, member)->value;

	return json_object_set_new(
		   o, key, json_stringn((const char *)v->at, v->len)) == 0
		   ? 0
		   : fault_memory(f);
}

static int
gather_erased(struct gathered *g, uint64_t seq, const struct audit_leaf *l,
    struct fault *f)
{
	json_t *one = json_pack("{s:I}", "n", (json_int_t)seq);

	if (one == NULL || json_array_append_new(g->erased, one) != 0)
		return fault_memory(f);
	return audit_leaf_is(l, "person-erased")
		   ? set_text(one, "person", l, "person", f)
		   : 0; /* of older programs */
}

static int
gather_suppressed(struct gathered *g, uint64_t seq, const struct audit_leaf *l,
    struct fault *f)
{
	const struct slice *v = &audit_leaf_member(l, "suppression")->value;
	char id[ID_CHARS + 1];
	json_t *one;

	/* the fold has seen to it that it is an id */
	must(v->len == ID_CHARS);
	memcpy(id, v->at, ID_CHARS);
	id[ID_CHARS] = '\0';
	if (audit_leaf_is(l, "suppression-ended")) {
		(void)json_object_del(g->suppressed, id);
		return 0;
	}
	one = json_object_get(g->suppressed, id);
	if (audit_leaf_is(l, "suppression-named"))
		return one == NULL ? 0
				   : set_text(one, "person", l, "person", f);
	one = json_pack("{s:I}", "n", (json_int_t)seq);
	if (one == NULL || json_object_set_new(g->suppressed, id, one) != 0)
		return fault_memory(f);
	return set_text(one, "reason", l, "reason", f);
}

/* Is it an entry of those that are asked about, or the one before? */
static int
gather_salt(struct gathered *g, uint64_t seq, const struct audit_leaf *l,
    struct fault *f)
{
	char n[U64_CHARS + 1];
	json_t *one;
	size_t i;

	json_array_foreach(g->wanted, i, one)
	{
		uint64_t at = (uint64_t)json_integer_value(one);

		if (at != seq && at != seq + 1)
			continue;
		n[u64_write(n, seq)] = '\0';
		if (set_text(g->salts, n, l, "salt", f) != 0)
			return -1;
	}
	return 0;
}

static int
gather(void *arg, uint64_t seq, const struct audit_leaf *l, struct fault *f)
{
	struct gathered *g = arg;

	if (gather_salt(g, seq, l, f) != 0)
		return -1;
	if (audit_leaf_is(l, "person-erased") ||
	    audit_leaf_is(l, "subject-erased"))
		return gather_erased(g, seq, l, f);
	if (audit_leaf_is(l, "suppression-added") ||
	    audit_leaf_is(l, "suppression-named") ||
	    audit_leaf_is(l, "suppression-ended"))
		return gather_suppressed(g, seq, l, f);
	return 0;
}

int
flow_since_backup(const char *folder, const struct vkey *log,
    const json_t *restored, json_t **out, struct fault *f)
{
	struct gathered g = { json_array(), json_object(), json_object(),
		restored };
	const struct flow_log_copy o = { folder, "checkpoint", log, gather,
		&g };
	struct audit_checkpoint at;
	int rc;

	*out = NULL;
	if (g.erased == NULL || g.suppressed == NULL || g.salts == NULL)
		rc = fault_memory(f);
	else
		rc = flow_log_copy(&o, &at, f);
	if (rc == 0) {
		*out = json_pack("{s:O,s:O,s:O,s:I}", "erased", g.erased,
		    "suppressed", g.suppressed, "salts", g.salts, "entries",
		    (json_int_t)at.size);
		rc = *out == NULL ? fault_memory(f) : 0;
	}
	json_decref(g.erased);
	json_decref(g.suppressed);
	json_decref(g.salts);
	return rc;
}
