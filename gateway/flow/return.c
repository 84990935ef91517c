/*
 * Returning: labels for a batch, to its owner.
 *
 *     seal --> parts --> the request that ends it --> the owner's log
 *
 * Parts that are there already are not sent again, and whoever is stopped goes
 * on with the same return.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/agent/agent.h"
#include "gateway/flow/return_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define RUN ((size_t)256 << 10)

/* ---- Parts ---- */

static uint64_t
part_bytes(const struct returning *w, uint64_t n)
{
	uint64_t at = (n - 1) * AGENT_PART_BYTES_MAX, left = w->bytes - at;

	return left < AGENT_PART_BYTES_MAX ? left : AGENT_PART_BYTES_MAX;
}

static int
part_digest(const struct returning *w, uint64_t n, char hex[DIGEST_CHARS + 1],
    struct fault *f)
{
	uint64_t at = (n - 1) * AGENT_PART_BYTES_MAX;
	uint64_t end = at + part_bytes(w, n);
	uint8_t sum[DIGEST_BYTES], *buf = mem_new(RUN);
	struct digest *d = NULL;
	size_t got;
	int rc = -1;

	if (buf == NULL)
		return fault_memory(f);
	for (rc = digest_new(&d, f); rc == 0 && at < end; at += got) {
		size_t len = end - at < RUN ? (size_t)(end - at) : RUN;

		rc = file_read_at(w->sealed, buf, len, at, &got, f);
		if (rc == 0 && got != len)
			rc = fault_set(f, FAULT_SYSTEM, "the sealed return");
		if (rc == 0)
			digest_add(d, buf, got);
	}
	if (rc == 0) {
		digest_end(d, sum);
		hex_write(hex, sum, sizeof(sum));
	}
	digest_free(d);
	mem_free(buf);
	return rc;
}

/* Does the owner have part n as it is? */
static int
is_there(const struct returning *w, const json_t *parts, uint64_t n, bool *yes,
    struct fault *f)
{
	char hex[DIGEST_CHARS + 1];

	*yes = false;
	for (size_t i = 0; i < json_array_size(parts); i++) {
		const json_t *p = json_array_get(parts, i);
		const char *sum =
		    json_string_value(json_object_get(p, "sha256"));

		if (json_integer_value(json_object_get(p, "n")) !=
			(json_int_t)n ||
		    sum == NULL)
			continue;
		if (part_digest(w, n, hex, f) != 0)
			return -1;
		*yes = strcmp(hex, sum) == 0;
	}
	return 0;
}

static int
send_part(struct returning *w, struct talk *t, uint64_t n, struct fault *f)
{
	char path[160];
	struct bytes answer;
	int rc;

	(void)snprintf(path, sizeof(path), "/v1/batches/%s/returns/%s/parts/%u",
	    w->state.batch, w->id, (unsigned)n);
	bytes_init(&answer, 65536);
	rc = courier_put(t->courier, path, w->sealed,
	    (n - 1) * AGENT_PART_BYTES_MAX, part_bytes(w, n), &answer, f);
	bytes_free(&answer);
	return rc;
}

static int
send_parts(struct returning *w, struct talk *t, const json_t *there,
    uint64_t count, struct fault *f)
{
	bool have;

	for (uint64_t n = 1; n <= count; n++)
		if (is_there(w, there, n, &have, f) != 0 ||
		    (!have && send_part(w, t, n, f) != 0))
			return -1;
	return 0;
}

/* ---- The upload ---- */

static int
end_upload(struct returning *w, struct talk *t, const char *path,
    uint64_t count, struct fault *f)
{
	char hex[DIGEST_CHARS + 1], body[256];
	json_t *answer = NULL;
	int rc;

	hex_write(hex, w->object, DIGEST_BYTES);
	(void)snprintf(body, sizeof(body),
	    "{\"bytes\":%llu,\"object\":\"%s\",\"parts\":%u}",
	    (unsigned long long)w->bytes, hex, (unsigned)count);
	rc = talk_ask(t, path, slice_of_text(body), &answer, f);
	json_decref(answer);
	if (rc != 0)
		return -1;
	w->sent = true;
	return return_keep(w, f);
}

/* How the owner has it, and which parts of it; path is the return's. */
static int
how_it_is(struct returning *w, struct talk *t, char path[128], json_t **said,
    const char **state, struct fault *f)
{
	const struct slice none = { NULL, 0 };

	json_decref(*said);
	*said = NULL;
	(void)snprintf(
	    path, 128, "/v1/batches/%s/returns/%s", w->state.batch, w->id);
	return talk_ask(t, path, none, said, f) == 0
		   ? doc_text(*said, "state", state, f)
		   : -1;
}

static int
upload(struct returning *w, struct talk *t, struct fault *f)
{
	char path[128];
	const char *state;
	json_t *said = NULL, *parts;
	uint64_t count;
	int rc = -1;

	if (how_it_is(w, t, path, &said, &state, f) != 0)
		goto out;
	/* Sent, and not there: the owner's home was restored from before. */
	if (strcmp(state, "uploading") == 0 && w->sealed == -1 &&
	    (return_again(w, f) != 0 ||
		how_it_is(w, t, path, &said, &state, f) != 0))
		goto out;
	if (doc_list(said, "parts", &parts, f) != 0)
		goto out;
	count = (w->bytes + AGENT_PART_BYTES_MAX - 1) / AGENT_PART_BYTES_MAX;
	if (strcmp(state, "uploading") != 0) { /* it was the answer we lost */
		w->sent = true;
		rc = return_keep(w, f);
	} else if (send_parts(w, t, parts, count, f) == 0) {
		rc = end_upload(w, t, path, count, f);
	}
	(void)snprintf(w->said, sizeof(w->said), "%s",
	    strcmp(state, "uploading") == 0 ? "received" : state);
out:
	json_decref(said);
	return rc;
}

static int
send_return(struct returning *w, struct fault *f)
{
	char url[OWNER_URL_MAX + 1];
	struct talk t;
	int rc;

	if (w->o->agent == NULL && w->owner.url[0] == '\0') {
		(void)fault_set(f, FAULT_USAGE,
		    "%s: its agent was never reached", w->owner.card.name);
		return fault_hint(f, "--agent HOST:PORT, or -o FILE");
	}
	if (owner_url(url, w->o->agent != NULL ? w->o->agent : w->owner.url,
		f) != 0 ||
	    talk_open(&t, w->keeper, &w->owner, url, &w->o->progress, f) != 0)
		return -1;
	rc = upload(w, &t, f);
	talk_close(&t);
	return rc;
}

/* ---- By hand ---- */

/* The folder of a path, and its last element. */
static int
open_parent(const char *path, int *fd, const char **name, struct fault *f)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];

	*name = slash != NULL ? slash + 1 : path;
	if (slash == NULL)
		return folder_open(AT_FDCWD, ".", fd, f);
	if ((size_t)(slash - path) >= sizeof(folder))
		return fault_set(f, FAULT_USAGE, "%s: too long", path);
	memcpy(folder, path, (size_t)(slash - path));
	folder[slash - path] = '\0';
	return folder_open(AT_FDCWD, slash == path ? "/" : folder, fd, f);
}

static int
copy_all(int from, int to, struct fault *f)
{
	uint8_t *buf = mem_new(RUN);
	uint64_t at = 0;
	size_t got = RUN;
	int rc = buf != NULL ? 0 : fault_memory(f);

	for (; rc == 0 && got == RUN; at += got)
		if ((rc = file_read_at(from, buf, RUN, at, &got, f)) == 0)
			rc = file_write(to, buf, got, f);
	mem_free(buf);
	return rc;
}

static int
write_file(struct returning *w, struct fault *f)
{
	const char *name;
	struct draft d;
	int dir, rc = -1;

	if (w->sealed == -1)
		return fault_set(f, FAULT_INPUT,
		    "these labels were sent already, as %s", w->id);
	if (open_parent(w->o->to, &dir, &name, f) != 0)
		return -1;
	if (faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		(void)fault_set(f, FAULT_USAGE, "is there already");
	else if (draft_new(&d, dir, f) == 0) {
		if (copy_all(w->sealed, d.fd, f) == 0)
			rc = draft_keep(&d, name, false, f);
		draft_drop(&d);
	}
	file_close(&dir);
	(void)snprintf(w->said, sizeof(w->said), "written");
	return rc == 0 ? 0 : fault_at(f, "%s", w->o->to);
}

/* ---- All of it ---- */

static int
open_labels(struct returning *w, struct fault *f)
{
	if (w->o->nlabels > RETURN_LABELS_MAX)
		return fault_set(f, FAULT_USAGE,
		    "over %u label files in one return", RETURN_LABELS_MAX);
	for (; w->nlabels < w->o->nlabels; w->nlabels++) {
		struct opener_label *l = &w->labels[w->nlabels];

		l->given = w->o->labels[w->nlabels];
		if (file_open_read(AT_FDCWD, l->given, &l->label.fd, f) != 0)
			return -1;
	}
	return 0;
}

static int
ready(void *state, struct channel *worker, struct fault *f)
{
	(void)state;
	return opener_begin(worker, -1, -1, f);
}

static int
begin(struct returning *w, int home, struct fault *f)
{
	struct pool_options o = {
		.role = "opener", .workers = 1, .ready = ready
	};

	if (inbox_find(home, w->o->batch, &w->state, &w->dir, f) != 0 ||
	    owner_known_find(
		&w->owner, w->keeper, home, w->state.owner, NULL, f) != 0)
		return -1;
	/* What was all here once is known, whatever was begun since. */
	if (!w->state.complete && !inbox_has_items(w->dir)) {
		(void)fault_set(f, FAULT_INPUT,
		    "batch %s: not all of it was fetched", w->o->batch);
		return fault_hint(
		    f, "handoff fetch URL --batch %s", w->o->batch);
	}
	if (inbox_manifest(
		w->dir, &w->owner, &w->manifest, w->manifest_digest, f) != 0 ||
	    open_labels(w, f) != 0)
		return -1;
	return pool_new(&w->pool, &o, f);
}

static void
end(struct returning *w)
{
	pool_free(w->pool);
	for (size_t i = 0; i < w->nlabels; i++)
		file_close(&w->labels[i].label.fd);
	manifest_free(&w->manifest);
	owner_known_close(&w->owner);
	json_decref(w->report);
	file_close(&w->dir);
	file_close(&w->sealed);
	mem_free(w);
}

static int
tell(const struct returning *w, json_t **out, struct fault *f)
{
	*out = json_pack("{s:s,s:s,s:s,s:I,s:O?,s:s*}", "return", w->id,
	    "batch", w->state.batch, "state", w->said, "bytes",
	    (json_int_t)w->bytes, "report", w->report, "instead_of",
	    w->lost[0] != '\0' ? w->lost : NULL);
	return *out != NULL ? 0 : fault_memory(f);
}

/* Is the batch here, are the labels, and is the address one? */
int
flow_return_check(const struct flow_return *o, struct fault *f)
{
	const struct flow_inbox to = { .agent = o->agent };
	struct inbox_state state;
	int home, dir, fd, rc;

	if (flow_inbox_check(&to, f) != 0 ||
	    folder_open(AT_FDCWD, o->home, &home, f) != 0)
		return -1;
	rc = inbox_find(home, o->batch, &state, &dir, f);
	file_close(&home);
	if (rc != 0)
		return -1;
	file_close(&dir);
	for (size_t i = 0; i < o->nlabels; i++) {
		if (file_open_read(AT_FDCWD, o->labels[i], &fd, f) != 0)
			return -1;
		file_close(&fd);
	}
	return 0;
}

int
flow_return(struct keeper *k, const struct flow_return *o, json_t **out,
    struct fault *f)
{
	struct returning *w = mem_new(sizeof(*w));
	int home = -1, rc = -1;

	*out = NULL;
	if (w == NULL)
		return fault_memory(f);
	w->keeper = k;
	w->o = o;
	w->dir = w->sealed = w->owner.dir = -1;
	if (folder_open(AT_FDCWD, o->home, &home, f) == 0 &&
	    begin(w, home, f) == 0 && return_seal(w, f) == 0 &&
	    (o->to != NULL ? write_file(w, f) : send_return(w, f)) == 0)
		rc = tell(w, out, f);
	else if (w->rejected)
		*out = json_pack("{s:O}", "report", w->report); /* if it can */
	file_close(&home);
	end(w);
	return rc;
}
