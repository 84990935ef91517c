/*
 * The end of an ingest, in an order that a crash cannot turn against us:
 *
 *     1. the lists for ingest_before.c, in quarantine durable
 *     2. outputs, beside their place, then renamed     durable
 *     3. `ingested` in the log                         durable
 *     4. the return leaves quarantine
 *
 * Until 3 the return counts as not ingested, and the next run does it all
 * again over what 1 and 2 left; after 3 only litter can be left, which the next
 * run sweeps.  A rejected return's findings are written before 3 and it stays.
 */

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/flow/ingest_internal.h"
#include "keys/base/doc.h"

static const char *const names[CHECK_OUTPUTS] = {
	[CHECK_JSONL] = "labels.jsonl",
	[CHECK_COCO] = "labels.coco.json",
	[CHECK_ORIGINAL_JSONL] = "labels.original.jsonl",
	[CHECK_ORIGINAL_COCO] = "labels.original.coco.json",
	[CHECK_GROUPS] = "groups.csv",
	[CHECK_OPEN] = "open.csv",
};
#define REPORT_JSON "report.json"
#define REPORT_TEXT "report.txt"

/* ---- Making ---- */

static void
draft_name(const struct ingest *g, char out[INGEST_NAME_MAX])
{
	(void)snprintf(out, INGEST_NAME_MAX, ".%s.draft", g->id);
}

int
ingest_move(struct draft *d, int folder, const char *name, struct fault *f)
{
	if (fsync(d->fd) != 0)
		return fault_errno(f, "flush %s", name);
	if (renameat(d->dir, d->name, folder, name) != 0)
		return fault_errno(f, "name it %s", name);
	file_close(&d->fd);
	draft_none(d);
	return folder_sync(folder, "quarantine", f);
}

/* Delete a folder of outputs, as far as its files are ours. */
static int
remove_outputs(int outside, const char *name, struct fault *f)
{
	struct fault none = { 0 };
	int dir;

	if (faccessat(outside, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return 0;
	if (folder_open(outside, name, &dir, f) != 0)
		return -1;
	for (int i = 0; i < CHECK_OUTPUTS; i++)
		if (names[i] != NULL)
			(void)unlinkat(dir, names[i], 0); /* rmdir will tell */
	(void)unlinkat(dir, REPORT_JSON, 0);
	(void)unlinkat(dir, REPORT_TEXT, 0);
	(void)!draft_sweep(dir, &none); /* the same */
	file_close(&dir);
	if (unlinkat(outside, name, AT_REMOVEDIR) != 0)
		return fault_errno(f, "%s: not ours alone", name);
	return 0;
}

static int
scratch_outputs(struct ingest *g, struct fault *f)
{
	for (int i = 0; i < CHECK_OUTPUTS; i++)
		if (ingest_scratch(g->drafts, &g->out[i], f) != 0)
			return -1;
	return 0;
}

int
ingest_outputs(struct ingest *g, struct fault *f)
{
	char name[INGEST_NAME_MAX];

	if (g->o->dry_run)
		return scratch_outputs(g, f);
	draft_name(g, name);
	if (folder_make(AT_FDCWD, g->o->out, f) != 0 ||
	    folder_open(AT_FDCWD, g->o->out, &g->outside, f) != 0 ||
	    remove_outputs(g->outside, name, f) != 0 ||
	    folder_make(g->outside, name, f) != 0 ||
	    folder_open(g->outside, name, &g->folder, f) != 0)
		return fault_at(f, "%s", g->o->out);
	for (int i = 0; i < CHECK_OUTPUTS; i++) {
		if (names[i] == NULL)
			continue;
		g->out[i] = openat(g->folder, names[i],
		    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (g->out[i] == -1)
			return fault_errno(f, "%s/%s", g->o->out, names[i]);
	}
	if (draft_new(&g->spoken, g->drafts, f) != 0 ||
	    draft_new(&g->scores, g->drafts, f) != 0)
		return -1;
	g->out[CHECK_SPOKEN] = fcntl(g->spoken.fd, F_DUPFD_CLOEXEC, 0);
	g->out[CHECK_GOLDEN] = fcntl(g->scores.fd, F_DUPFD_CLOEXEC, 0);
	if (g->out[CHECK_SPOKEN] == -1 || g->out[CHECK_GOLDEN] == -1)
		return fault_errno(f, "quarantine");
	return 0;
}

void
ingest_drop(struct ingest *g)
{
	struct fault none = { 0 };
	char name[INGEST_NAME_MAX];

	for (int i = 0; i < CHECK_OUTPUTS; i++)
		file_close(&g->out[i]);
	draft_drop(&g->spoken);
	draft_drop(&g->scores);
	file_close(&g->folder);
	draft_name(g, name);
	if (g->outside != -1)
		(void)!remove_outputs(g->outside, name, &none); /* or later */
	file_close(&g->outside);
}

/* ---- Writing reports ---- */

static int
put_reports(struct ingest *g, int dir, const char *json, const char *text,
    const json_t *report, struct fault *f)
{
	struct bytes b;
	int rc = -1;

	bytes_init(&b, (size_t)64 << 20);
	if (doc_write(&b, report, f) == 0 && bytes_add(&b, "\n", 1, f) == 0 &&
	    file_put(dir, json, b.at, b.len, true, f) == 0)
		rc = file_put(dir, text, g->table.at, g->table.len, true, f);
	bytes_free(&b);
	return rc;
}

/* ---- Visible and durable ---- */

static int
publish_outputs(struct ingest *g, const json_t *report, struct fault *f)
{
	bool coco = json_is_true(json_object_get(g->joined, "coco"));
	char name[INGEST_NAME_MAX];

	for (int i = 0; i < CHECK_OUTPUTS; i++)
		if (names[i] != NULL && fsync(g->out[i]) != 0)
			return fault_errno(f, "%s", names[i]);
	if (!coco &&
	    (unlinkat(g->folder, names[CHECK_COCO], 0) != 0 ||
		unlinkat(g->folder, names[CHECK_ORIGINAL_COCO], 0) != 0))
		return fault_errno(f, "COCO");
	if (put_reports(g, g->folder, REPORT_JSON, REPORT_TEXT, report, f) !=
		0 ||
	    folder_sync(g->folder, g->o->out, f) != 0)
		return -1;
	draft_name(g, name);
	/* An earlier run's, which ended before the log had it. */
	if (remove_outputs(g->outside, g->id, f) != 0)
		return -1;
	if (renameat2(g->outside, name, g->outside, g->id, RENAME_NOREPLACE) !=
	    0)
		return fault_errno(f, "%s", g->id);
	return folder_sync(g->outside, g->o->out, f);
}

static int
keep_findings(struct ingest *g, const json_t *report, struct fault *f)
{
	int dir, rc;

	if (folder_open(g->quarantine, g->id, &dir, f) != 0)
		return fault_at(f, "quarantine");
	rc = put_reports(g, dir, "findings.json", "findings.txt", report, f);
	file_close(&dir);
	return rc;
}

/* ---- The log ---- */

static int
log_ingested(struct ingest *g, struct fault *f)
{
	const json_t *items = json_object_get(g->report, "items");
	const json_t *score = json_object_get(g->joined, "score");
	json_t *in = json_pack(
	    "{s:s,s:s}", "return", g->id, "verdict", ingest_verdict(g));
	static const char *const counts[][2] = { { "items", "all" },
		{ "answered", "answered" }, { "empty", "empty" },
		{ "skipped", "skipped" } };
	bool ok = in != NULL;

	for (size_t i = 0; ok && i < sizeof(counts) / sizeof(counts[0]); i++)
		ok = json_object_set(in, counts[i][0],
			 json_object_get(items, counts[i][1])) == 0;
	if (ok)
		ok = json_object_set_new(in, "whole",
			 json_boolean(json_is_true(
			     json_object_get(g->joined, "whole")))) == 0 &&
		     json_object_set_new(
			 in, "golden", json_boolean(g->by_golden)) == 0;
	if (ok && g->lists != NULL)
		ok = json_object_set(in, "lists", g->lists) == 0;
	if (ok && ingest_judged(g) && json_is_object(score))
		ok = json_object_set_new(in, "score",
			 json_integer((json_int_t)lround(
			     1e6 * json_number_value(
				       json_object_get(score, "value"))))) == 0;
	if (!ok) {
		json_decref(in);
		return fault_memory(f);
	}
	return keeper_ask(g->keeper, KEEPER_INGEST_DONE, in, &g->done, f);
}

void
ingest_leave(int quarantine, const char *id)
{
	static const char *const others[] = { "of", "findings.json",
		"findings.txt" };
	struct fault none = { 0 };
	char name[40];
	int dir;

	if (folder_open(quarantine, id, &dir, &none) != 0)
		return;
	for (unsigned n = 1;; n++) {
		(void)snprintf(name, sizeof(name), "%u", n);
		if (unlinkat(dir, name, 0) != 0)
			break;
		(void)snprintf(name, sizeof(name), "%u.sha256", n);
		(void)unlinkat(dir, name, 0);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		(void)unlinkat(dir, others[i], 0);
	(void)!draft_sweep(dir, &none);
	file_close(&dir);
	(void)unlinkat(quarantine, id, AT_REMOVEDIR);
}

/* Its digest goes to the log, so that it is known again. */
static int
keep_list(struct ingest *g, struct draft *d, const char *what, struct fault *f)
{
	char name[INGEST_NAME_MAX], hex[DIGEST_CHARS + 1];
	uint8_t digest[DIGEST_BYTES];

	if (ingest_rewind(d->fd, f) != 0 ||
	    ingest_digest(d->fd, digest, f) != 0)
		return -1;
	hex_write(hex, digest, sizeof(digest));
	if (json_object_set_new(g->lists, what, json_string(hex)) != 0)
		return fault_memory(f);
	(void)snprintf(name, sizeof(name), "%s.%s", g->id, what);
	return ingest_move(d, g->quarantine, name, f);
}

int
ingest_publish(struct ingest *g, const json_t *report, struct fault *f)
{
	if (g->refused != FAULT_NONE) {
		if (keep_findings(g, report, f) != 0)
			return -1;
		return log_ingested(g, f);
	}
	if ((g->lists = json_object()) == NULL)
		return fault_memory(f);
	if (keep_list(g, &g->spoken, "spoken", f) != 0 ||
	    (g->golden != -1 && keep_list(g, &g->scores, "golden", f) != 0) ||
	    publish_outputs(g, report, f) != 0 || log_ingested(g, f) != 0)
		return -1;
	ingest_leave(g->quarantine, g->id);
	return 0;
}
