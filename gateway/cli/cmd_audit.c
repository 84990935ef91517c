/*
 * A log judged.  From outside: its published files and its verifier key, and
 * nothing else.  From inside a home also the database, of which the published
 * log is a copy.
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/audit/audit.h"
#include "gateway/catalog/catalog.h"
#include "gateway/cli/cli_commands.h"
#include "gateway/cli/home_internal.h"
#include "gateway/cli/print_internal.h"
#include "gateway/cli/verifier_internal.h"
#include "gateway/flow/flow.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/text.h"

const struct option audit_verify_options[] = {
	{ "key", 'k', "VKEY", "the log's verifier key, or a file with it" },
	{ "checkpoint", 0, "NAME", "an older checkpoint in DIR" },
	{ "objects", 0, NULL, "hash every sealed object of the home as well" },
	{ NULL, 0, NULL, NULL },
};

/* entries: those of the home's database, 0 for a log without one. */
static int
print(const struct cli *c, const struct audit_checkpoint *at,
    const struct vkey *log, uint64_t entries, struct fault *f)
{
	struct bytes root;
	json_t *o;
	int rc = -1;

	bytes_init(&root, 64);
	if (base64_add(&root, at->root, sizeof(at->root), true, f) != 0 ||
	    bytes_end_text(&root, f) != 0)
		goto out;
	if (!c->json) {
		speak("%s\n%llu entries, root %s\nevery entry, tile and "
		      "signature holds; unwitnessed\n",
		    log->name, (unsigned long long)at->size,
		    (const char *)root.at);
		if (entries > at->size)
			speak("%llu newer in catalog.db: not published yet, a "
			      "keeper is at work\n",
			    (unsigned long long)(entries - at->size));
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
	rc = print_json(o, f);
	json_decref(o);
out:
	bytes_free(&root);
	return rc;
}

/* A home in the place of its log. */
static int
hint_log(const char *folder, struct fault *f)
{
	char path[HOME_PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/log/checkpoint", folder) <
		(int)sizeof(path) &&
	    access(path, F_OK) == 0)
		return fault_hint(f, "it is a home: its log is %s/log", folder);
	return -1;
}

/* The newest checkpoint of a folder, and everything under it. */
static int
verify_folder(const struct cli *c, const char *folder, const struct vkey *log,
    uint64_t entries, struct fault *f)
{
	const char *name = option_text(c, "checkpoint");
	const struct flow_log_copy o = { .folder = folder,
		.checkpoint = name != NULL ? name : "checkpoint",
		.log = log };
	struct audit_checkpoint at;

	if (flow_log_copy(&o, &at, f) == 0)
		return print(c, &at, log, entries, f);
	return f->kind == FAULT_INPUT && name == NULL ? hint_log(folder, f)
						      : -1;
}

/* Every object that the log names, hashed; each that is not right is told. */
static int
verify_objects(const struct cli *c, struct keeper *k, struct fault *f)
{
	char home[HOME_PATH_MAX];
	struct flow_objects o = { .home = home };
	struct flow_objects_seen seen;
	struct progress progress;
	size_t i;
	json_t *one;
	int rc;

	if (home_path(c, false, home, f) != 0)
		return -1;
	progress_start(&progress, c);
	o.progress = (struct flow_progress){ progress_tell, &progress };
	rc = flow_objects(k, &o, &seen, f);
	progress_end(&progress);
	if (rc != 0)
		return -1;
	json_array_foreach(seen.wrong, i, one)
	{
		speak_to(stderr, "objects/%.2s/%s: %s: %s",
		    member_text(one, "sha256"), member_text(one, "sha256"),
		    member_text(one, "wrong"), member_text(one, "what"));
		if (strstr(member_text(one, "what"), "shard") != NULL)
			speak_to(stderr, " %lld", member_number(one, "n"));
		if (json_object_get(one, "batch") != NULL)
			speak_to(
			    stderr, " of batch %s", member_text(one, "batch"));
		speak_to(stderr, "\n");
	}
	json_decref(seen.wrong);
	if (seen.missing + seen.altered > 0)
		return fault_set(f, FAULT_FORGED,
		    "objects: of %llu, %llu are missing and %llu altered",
		    (unsigned long long)seen.all,
		    (unsigned long long)seen.missing,
		    (unsigned long long)seen.altered);
	if (!c->json)
		speak("objects: %llu, %llu bytes, each what the log names\n",
		    (unsigned long long)seen.all,
		    (unsigned long long)seen.bytes);
	return 0;
}

/* The home's database: opening it holds every row against the log, and the
 * log against what is published; then what opening leaves out. */
static int
verify_catalog(
    const struct cli *c, struct vkey *log, uint64_t *entries, struct fault *f)
{
	struct keeper *k = NULL;
	json_t *who = NULL, *checked = NULL;
	const char *key;
	int rc = -1;

	if (home_keeper(c, 0, false, &k, f) != 0)
		return -1;
	if (keeper_ask(k, KEEPER_WHO, json_object(), &who, f) == 0 &&
	    doc_text(who, "log", &key, f) == 0 &&
	    vkey_read(log, key, strlen(key), f) == 0 &&
	    keeper_ask(k, KEEPER_CHECK, json_object(), &checked, f) == 0)
		rc = doc_number(checked, "entries", INT64_MAX, entries, f);
	if (rc == 0 && !c->json)
		speak("catalog.db: %llu entries, and every row and fact "
		      "follows from them\n",
		    (unsigned long long)*entries);
	if (rc == 0 && option_set(c, "objects"))
		rc = verify_objects(c, k, f);
	if (keeper_close(k, f) != 0)
		rc = -1;
	json_decref(checked);
	json_decref(who);
	return rc;
}

/* A home without DIR: its database, then the log as it is published. */
static int
verify_home(const struct cli *c, struct fault *f)
{
	char home[HOME_PATH_MAX], path[HOME_PATH_MAX + 16];
	struct vkey log;
	uint64_t entries;

	if (option_text(c, "key") != NULL ||
	    option_text(c, "checkpoint") != NULL)
		return fault_set(f, FAULT_USAGE,
		    "--key and --checkpoint are for a log's folder: DIR");
	if (verify_catalog(c, &log, &entries, f) != 0 ||
	    home_path(c, false, home, f) != 0)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/log", home);
	return verify_folder(c, path, &log, entries, f);
}

int
cmd_audit_verify(struct cli *c, struct fault *f)
{
	const char *key = option_text(c, "key");
	struct vkey log;

	if (c->nwords == 0)
		return verify_home(c, f);
	if (option_set(c, "objects"))
		return fault_set(
		    f, FAULT_USAGE, "--objects is for a home, without DIR");
	if (key == NULL) {
		(void)fault_set(f, FAULT_USAGE, "needs --key VKEY");
		return fault_hint(f,
		    "handoff audit verify %s --key FILE, a copy of log.vkey",
		    c->words[0]);
	}
	if (read_verifier(&log, key, f) != 0)
		return -1;
	return verify_folder(c, c->words[0], &log, 0, f);
}
