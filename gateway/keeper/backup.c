/*
 * The keeper's part in backups: a copy of the catalog that is one moment of it,
 * and what the log says about backups.
 *
 * Everything else that a backup holds are files that appear whole and do not
 * change; the command copies them by itself (gateway/flow/backup.c), and the
 * keeper goes on answering meanwhile.  The copy is taken behind the commit of
 * its round.
 */

#include <string.h>

#include "gateway/keeper/keeper_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"

#define COPY_FOLDER "backup"
#define COPY_FILE "catalog.db"

static int
copy(struct home *h, struct fault *f)
{
	int run = -1, folder = -1, rc = -1;

	if (home_folder(h, "run", &run, f) != 0)
		return -1;
	if (folder_remove(run, COPY_FOLDER, f) == 0 &&
	    folder_make(run, COPY_FOLDER, f) == 0 &&
	    folder_open(run, COPY_FOLDER, &folder, f) == 0)
		rc = catalog_copy(h->catalog, folder, COPY_FILE, f);
	file_close(&folder);
	file_close(&run);
	return rc;
}

static int
copy_after(struct home *h, struct message *answer, void *arg, struct fault *f)
{
	uint64_t entries = audit_size(catalog_audit(h->catalog));
	char log[VKEY_CHARS_MAX + 1];
	struct bytes to;
	int rc = -1;

	(void)arg;
	if (copy(h, f) != 0)
		return fault_at(f, "a copy of catalog.db");
	vkey_write(log, &h->log);
	bytes_init(&to, 4096);
	if (age_recipient_write(&to, ring_recovery(h->ring), f) == 0)
		rc = keeper_put_json(&answer->body,
		    json_pack("{s:I,s:s,s:s%}", "entries", (json_int_t)entries,
			"log", log, "recovery", (const char *)to.at, to.len),
		    f);
	bytes_free(&to);
	return rc;
}

int
home_backup_copy(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	json_t *in;

	if (home_in(a, &in, f) != 0)
		return -1;
	json_decref(in);
	if (ring_recovery(h->ring) == NULL) {
		(void)fault_set(f, FAULT_POLICY,
		    "this home has no recovery recipient to seal a backup to");
		return fault_hint(f, "handoff init --recovery age1...");
	}
	return home_after(h, a, copy_after, NULL, NULL, f);
}

/* One entry of that kind with the members of in that it has. */
static int
record(struct home *h, struct asked *a, const char *kind, json_t *in,
    struct fault *f)
{
	struct catalog_entry e = { .kind = kind, .body = in };
	uint64_t seq;

	if (home_need(h, a, RING_RELEASE, f) != 0 ||
	    home_add(h, &e, &seq, f) != 0)
		return -1;
	return home_out(a, json_pack("{s:I}", "seq", (json_int_t)seq), f);
}

int
home_backup_made(void *state, struct asked *a, struct fault *f)
{
	json_t *in;
	int rc;

	if (home_in(a, &in, f) != 0)
		return -1;
	rc = doc_only(in, "object bytes entries", f);
	if (rc == 0)
		rc = record(state, a, "backup-made", in, f);
	json_decref(in);
	return rc;
}

int
home_restored(void *state, struct asked *a, struct fault *f)
{
	json_t *in;
	int rc;

	if (home_in(a, &in, f) != 0)
		return -1;
	rc = doc_only(in, "entries", f);
	if (rc == 0)
		rc = record(state, a, "restored", in, f);
	json_decref(in);
	return rc;
}
