/*
 * The officer's view of a log from outside: its published files and its
 * verifier key, and nothing else.
 */

#include <string.h>

#include "gateway/audit/audit.h"
#include "gateway/catalog/catalog.h"
#include "gateway/cli/cli_commands.h"
#include "gateway/cli/verifier_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/text.h"

const struct option audit_verify_options[] = {
	{ "key", 'k', "VKEY", "the log's verifier key, or a file with it" },
	{ "checkpoint", 0, "NAME", "an older checkpoint in DIR" },
	{ NULL, 0, NULL, NULL },
};

/* An entry of ours must also be possible after those in front of it. */
static int
watch_entry(
    void *arg, uint64_t seq, const void *leaf, size_t len, struct fault *f)
{
	struct audit_leaf l;

	if (audit_leaf_read(&l, leaf, len, f) != 0)
		return -1;
	return catalog_fold_entry(arg, seq, &l, f);
}

static int
verify(struct audit_copy *copy, const struct vkey *log, struct fault *f)
{
	struct catalog_fold *fold = NULL;
	int rc;

	copy->ours =
	    strncmp(log->name, AUDIT_ORIGIN, strlen(AUDIT_ORIGIN)) == 0;
	if (copy->ours) {
		if (catalog_fold_new(&fold, log, f) != 0)
			return -1;
		copy->watch = (struct audit_watch){ watch_entry, fold };
	}
	rc = audit_verify(copy, f);
	catalog_fold_free(fold);
	return rc;
}

static int
print(const struct cli *c, const struct audit_checkpoint *at,
    const struct vkey *log, struct fault *f)
{
	struct bytes root, text;
	json_t *o;
	int rc = -1;

	bytes_init(&root, 64);
	bytes_init(&text, 4096);
	if (base64_add(&root, at->root, sizeof(at->root), true, f) != 0 ||
	    bytes_end_text(&root, f) != 0)
		goto out;
	if (!c->json) {
		printf("%s\n%llu entries, root %s\nevery entry, tile and "
		       "signature holds; unwitnessed\n",
		    log->name, (unsigned long long)at->size,
		    (const char *)root.at);
		rc = 0;
		goto out;
	}
	o = json_pack("{s:s,s:I,s:s,s:b}", "origin", log->name, "size",
	    (json_int_t)at->size, "root", (const char *)root.at, "witnessed",
	    0);
	if (o == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	rc = doc_write(&text, o, f);
	json_decref(o);
	if (rc == 0)
		printf("%.*s\n", (int)text.len, (const char *)text.at);
out:
	bytes_free(&root);
	bytes_free(&text);
	return rc;
}

int
cmd_audit_verify(struct cli *c, struct fault *f)
{
	const char *key = option_text(c, "key");
	const char *name = option_text(c, "checkpoint");
	struct audit_copy copy = { .ours = false };
	struct bytes note;
	struct vkey log;
	int dir = -1, rc = -1;

	if (key == NULL)
		return fault_set(f, FAULT_USAGE, "needs --key VKEY");
	bytes_init(&note, AUDIT_CHECKPOINT_MAX);
	if (name == NULL)
		name = "checkpoint";
	if (read_verifier(&log, key, f) != 0 ||
	    folder_open(AT_FDCWD, c->words[0], &dir, f) != 0 ||
	    file_read(dir, name, &note, f) != 0)
		goto out;
	copy.from = audit_folder(&dir);
	if (audit_checkpoint_open(
		&copy.checkpoint, note.at, note.len, &log, f) != 0) {
		/* Whoever signed it wrote it well formed. */
		if (f->kind == FAULT_INPUT)
			f->kind = FAULT_FORGED;
		goto out;
	}
	if (verify(&copy, &log, f) == 0)
		rc = print(c, &copy.checkpoint, &log, f);
out:
	if (rc != 0 && f->kind != FAULT_USAGE)
		(void)fault_at(f, "%s", c->words[0]);
	file_close(&dir);
	bytes_free(&note);
	return rc;
}
