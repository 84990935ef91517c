/* A home saved, brought back, and given another passphrase. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "gateway/cli/answer_internal.h"
#include "gateway/cli/cli_commands.h"
#include "gateway/cli/home_internal.h"
#include "gateway/cli/key_files_internal.h"
#include "gateway/cli/print_internal.h"
#include "gateway/cli/streams_internal.h"
#include "gateway/cli/verifier_internal.h"
#include "gateway/flow/flow.h"
#include "keys/base/text.h"

const struct option backup_options[] = {
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ "objects", 0, NULL, "sealed shards, too" },
	{ NULL, 0, NULL, NULL },
};

const struct option restore_options[] = {
	{ "identity", 'i', "FILE", "the recovery identity" },
	{ "key", 'k', "VKEY",
	    "that of the log it must have, or a file with it" },
	{ "fingerprint", 'f', "F",
	    "refuse an owner's home whose card has another" },
	{ "passphrase-fd", 0, "N",
	    "read the new passphrase from a descriptor" },
	{ "new-identity", 0, "FILE", "unlock with it from here on" },
	{ NULL, 0, NULL, NULL },
};

const struct option rotate_options[] = {
	{ "passphrase-fd", 0, "N", "a descriptor: old, new, for each branch" },
	OPTION_IDENTITY,
	{ "new-identity", 0, "FILE", "unlock with it from here on" },
	{ "branch", 'b', "BRANCH", "of a split home: release, export, reveal" },
	{ NULL, 0, NULL, NULL },
};

/* ---- backup ---- */

static int
print_backup(
    const struct cli *c, const struct flow_backup_made *made, struct fault *f)
{
	char object[HEX_CHARS(DIGEST_BYTES) + 1];
	json_t *o;
	int rc;

	hex_write(object, made->sha256, DIGEST_BYTES);
	if (!c->json) {
		speak("%s: %llu entries, %llu files, %llu bytes\nsha256 %s\n",
		    c->words[0], (unsigned long long)made->entries,
		    (unsigned long long)made->files,
		    (unsigned long long)made->bytes, object);
		if (made->left_files > 0)
			speak("not in it: %llu sealed shards, %llu bytes "
			      "(copy objects/, or give --objects)\n",
			    (unsigned long long)made->left_files,
			    (unsigned long long)made->left_bytes);
		return 0;
	}
	o = json_pack("{s:s,s:I,s:I,s:I,s:I,s:I}", "object", object, "bytes",
	    (json_int_t)made->bytes, "entries", (json_int_t)made->entries,
	    "files", (json_int_t)made->files, "left_files",
	    (json_int_t)made->left_files, "left_bytes",
	    (json_int_t)made->left_bytes);
	if (o == NULL)
		return fault_memory(f);
	rc = print_json(o, f);
	json_decref(o);
	return rc;
}

/* An older backup makes room for a newer one; anything else is somebody's. */
static int
check_older(const char *path, struct fault *f)
{
	static const char start[] = "age-encryption.org/v1\n";
	char head[sizeof(start) - 1];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t got;

	if (fd == -1 && errno == ENOENT)
		return 0;
	if (fd == -1)
		return fault_errno(f, "%s", path);
	got = read(fd, head, sizeof(head));
	file_close(&fd);
	if (got == (ssize_t)sizeof(head) &&
	    memcmp(head, start, sizeof(head)) == 0)
		return 0;
	return fault_set(
	    f, FAULT_USAGE, "%s: is there already, and no backup", path);
}

int
cmd_backup(struct cli *c, struct fault *f)
{
	char path[HOME_PATH_MAX];
	struct flow_backup o = { .home = path,
		.objects = option_set(c, "objects") };
	struct flow_backup_made made;
	struct keeper *k = NULL;
	struct progress progress;
	struct output out;
	int rc = -1;

	if (strcmp(c->words[0], "-") == 0)
		return fault_set(f, FAULT_USAGE,
		    "a backup goes into a file, so that it is there when the "
		    "log says so");
	if (home_path(c, false, path, f) != 0)
		return -1;
	if (check_older(c->words[0], f) != 0)
		return -1;
	if (output_open(&out, c->words[0], f) != 0 ||
	    home_keeper(c, RING_RELEASE, false, &k, f) != 0)
		goto out;
	o.out = out.fd;
	progress_start(&progress, c);
	o.progress = (struct flow_progress){ progress_tell, &progress };
	rc = flow_backup(k, &o, &made, f);
	progress_end(&progress);
	if (rc == 0)
		rc = output_keep(&out, true, f);
	if (rc == 0)
		rc = print_backup(c, &made, f);
out:
	if (keeper_close(k, f) != 0)
		rc = -1;
	output_drop(&out);
	return rc;
}

/* ---- restore ---- */

static int
print_restored(
    const struct cli *c, const struct flow_restored *done, struct fault *f)
{
	if (c->json)
		return print_json(done->who, f);
	speak("%s (%s), %llu entries, %llu files\nlog %s\n",
	    member_text(done->who, "home"), member_text(done->who, "role"),
	    (unsigned long long)done->entries, (unsigned long long)done->files,
	    member_text(done->who, "log"));
	if (json_object_get(done->who, "name") != NULL)
		speak("card of %s\n  %s\n  %s\n",
		    member_text(done->who, "name"),
		    member_text(done->who, "fingerprint"),
		    member_text(done->who, "words"));
	if (option_text(c, "key") == NULL &&
	    option_text(c, "fingerprint") == NULL)
		speak("NOT COMPARED WITH ANYTHING: whoever knows the recovery "
		      "recipient, which is\npublic, could have made this "
		      "backup, of a home of his own. Compare the log's\nkey or "
		      "the fingerprint with what vendors have, or what was "
		      "written down, before\nit is used; or restore again with "
		      "--key or --fingerprint.\n");
	if (strcmp(member_text(done->who, "role"), "vendor") == 0) {
		speak("What was fetched and returned after the backup is not "
		      "known here: fetch it\nagain; before labels are sent "
		      "again ask the owner whether they are there.\nMake a "
		      "backup now.\n");
		return 0;
	}
	speak("What happened after the backup is not in it: what was released "
	      "then is\nreleased, and who holds a newer checkpoint of this "
	      "log sees two histories.\nTell them, and make a backup now.\n");
	speak("WHO WAS ERASED OR SUPPRESSED SINCE THE BACKUP IS NOT ANY MORE. "
	      "Do it again:\n"
	      "  handoff erase --log DIR    (the log/ that was published "
	      "before, or a copy)\n");
	return 0;
}

/* The key that the log must have, as a home spells it. */
static int
key_of(const struct cli *c, char text[VKEY_CHARS_MAX + 1],
    struct flow_restore *o, struct fault *f)
{
	const char *value = option_text(c, "key");
	struct vkey key;

	if (value == NULL)
		return 0;
	if (read_verifier(&key, value, f) != 0)
		return -1;
	vkey_write(text, &key);
	o->key = text;
	return 0;
}

static int
restore_options_of(const struct cli *c, char path[HOME_PATH_MAX],
    struct flow_restore *o, struct fault *f)
{
	unsigned long long n = 0;

	o->identity = option_text(c, "identity");
	if (person_typed(c, &o->fingerprint, f) != 0)
		return -1;
	o->to = (struct keeper_options){ .home = path,
		.passphrase = -1,
		.identity = option_text(c, "new-identity") };
	if (o->identity == NULL) {
		(void)fault_set(
		    f, FAULT_USAGE, "needs --identity, the recovery identity");
		return fault_hint(
		    f, "handoff restore %s --home NEW -i FILE", c->words[0]);
	}
	if (option_set(c, "passphrase-fd")) {
		if (option_number(c, "passphrase-fd", 1023, &n, f) != 0)
			return -1;
		o->to.passphrase = (int)n;
	}
	return home_path(c, true, path, f);
}

int
cmd_restore(struct cli *c, struct fault *f)
{
	char path[HOME_PATH_MAX], key[VKEY_CHARS_MAX + 1];
	struct age_identities ids = { NULL, 0 };
	struct flow_restore o = { .in = -1, .ids = &ids };
	struct flow_restored done = { .who = NULL };
	int rc = -1;

	if (restore_options_of(c, path, &o, f) == 0 &&
	    key_of(c, key, &o, f) == 0 &&
	    load_identities(c, &ids, o.identity, f) == 0 &&
	    input_open(c->words[0], &o.in, f) == 0)
		rc = flow_restore(&o, &done, f);
	if (rc == 0)
		rc = print_restored(c, &done, f);
	json_decref(done.who);
	age_identities_free(&ids);
	file_close(&o.in);
	return rc;
}

/* ---- keys rotate ---- */

static int
branches_of(const struct cli *c, unsigned *out, struct fault *f)
{
	static const struct {
		const char *name;
		unsigned bit;
	} all[] = { { "release", RING_RELEASE }, { "export", RING_EXPORT },
		{ "reveal", RING_REVEAL } };
	const char *name;

	*out = 0;
	for (size_t i = 0; (name = option_nth(c, "branch", i)) != NULL; i++) {
		unsigned bit = 0;

		for (size_t b = 0; b < RING_BRANCHES; b++)
			if (strcmp(all[b].name, name) == 0)
				bit = all[b].bit;
		if (bit == 0)
			return fault_set(f, FAULT_USAGE,
			    "--branch: neither release, export nor reveal");
		*out |= bit;
	}
	if (*out == 0)
		*out = RING_ALL;
	return 0;
}

int
cmd_keys_rotate(struct cli *c, struct fault *f)
{
	char path[HOME_PATH_MAX];
	struct keeper_change change = { .recovery = NULL };
	struct keeper *k = NULL;
	unsigned long long n = 0;
	unsigned branches;
	int rc;

	if (branches_of(c, &branches, f) != 0 ||
	    home_path(c, false, path, f) != 0)
		return -1;
	change.now = (struct keeper_options){ .home = path,
		.passphrase = -1,
		.identity = option_text(c, "identity") };
	if (option_set(c, "passphrase-fd")) {
		if (option_number(c, "passphrase-fd", 1023, &n, f) != 0)
			return -1;
		change.now.passphrase = (int)n;
	}
	change.to = change.now;
	change.to.identity = option_text(c, "new-identity");
	if (keeper_open(&k, &(struct keeper_options){ .home = path }, f) != 0)
		return -1;
	rc = keeper_change(k, &change, branches, f);
	if (keeper_close(k, f) != 0)
		rc = -1;
	if (rc == 0 && !c->quiet)
		speak("What unlocks this home is changed.  Backups made "
		      "before, and copies of the\ndisk, still open with what "
		      "unlocked it then.\n");
	return rc;
}
