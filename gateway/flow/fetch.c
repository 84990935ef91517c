/*
 * Fetching: what an owner has for us, into a folder.
 *
 *     list --> release --> receipt, manifest --> shards --> disk --> thanks
 *
 * Every step leaves its result in the inbox, so that the same command goes on
 * where the last one was stopped, and each step is judged by what the owner
 * signed and never by who brought it.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/flow/fetch_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* ---- The list ---- */

static const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text != NULL ? text : "";
}

/* Is the batch to be fetched: named, or released to us and not here yet? */
static int
is_wanted(struct fetch *x, const json_t *row, bool *yes, struct fault *f)
{
	const char *id = text_of(row, "batch");
	const char *state = text_of(row, "state");
	struct fault none = { 0 };
	struct inbox_state s;
	bool there;
	int dir;

	if (x->o->batch != NULL) {
		*yes = strcmp(id, x->o->batch) == 0 ||
		       strcmp(text_of(row, "name"), x->o->batch) == 0;
		return 0;
	}
	*yes = strcmp(state, "approved") == 0;
	x->waiting += strcmp(state, "sealed") == 0;
	x->ended += !*yes && strcmp(state, "sealed") != 0;
	if (!*yes || inbox_open(x->home, id, false, &dir, &none) != 0)
		return 0;
	if (inbox_load(dir, &s, &there, f) != 0) {
		file_close(&dir);
		return -1;
	}
	*yes = !there || !s.complete || !s.acknowledged;
	x->here += !*yes;
	file_close(&dir);
	return 0;
}

static int
choose(struct fetch *x, struct fault *f)
{
	json_t *rows, *wanted = json_array();
	const json_t *named = NULL;

	if (wanted == NULL)
		return fault_memory(f);
	if (doc_list(x->batches, "batches", &rows, f) != 0)
		goto fail;
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);
		bool yes;

		if (is_wanted(x, row, &yes, f) != 0)
			goto fail;
		if (yes && json_array_append(wanted, row) != 0) {
			(void)fault_memory(f);
			goto fail;
		}
		named = yes ? row : named;
	}
	if (x->o->batch != NULL && named == NULL) {
		(void)fault_set(f, FAULT_POLICY,
		    "batch %s: %s has no such batch for us", x->o->batch,
		    x->owner.card.name);
		(void)fault_hint(f, "handoff inbox");
		goto fail;
	}
	x->wanted = json_array_size(wanted);
	json_decref(x->batches);
	x->batches = wanted;
	return 0;
fail:
	json_decref(wanted);
	return -1;
}

/* ---- A batch ---- */

static void
forget(int dir, uint32_t groups)
{
	static const char *const what[] = { "request", "answer", "receipt" };
	char name[32];

	for (uint32_t g = 0; g < groups; g++)
		for (size_t i = 0; i < sizeof(what) / sizeof(what[0]); i++) {
			(void)snprintf(name, sizeof(name), "%s-%u", what[i], g);
			(void)unlinkat(dir, name, 0); /* then it is asked */
		}
}

int
fetch_begin(struct fetch *x, struct fetch_batch *b, struct fault *f)
{
	struct inbox_state want = b->state;
	bool there;

	if (inbox_open(x->home, want.batch, true, &b->dir, f) != 0 ||
	    inbox_load(b->dir, &b->state, &there, f) != 0)
		return -1;
	if (there && strcmp(b->state.owner, x->owner.id) != 0)
		return fault_set(f, FAULT_FORGED, "another owner's");
	/* All of it again, under a release of its own. */
	if (there && b->state.complete && b->state.acknowledged) {
		forget(b->dir, want.shards / FETCH_GROUP + 1);
		memset(&b->state, 0, sizeof(b->state));
	}
	if (b->state.shards != want.shards)
		memset(b->state.done, 0, sizeof(b->state.done));
	b->state.shards = want.shards;
	memcpy(b->state.batch, want.batch, sizeof(want.batch));
	memcpy(b->state.name, want.name, sizeof(want.name));
	memcpy(b->state.owner, x->owner.id, sizeof(b->state.owner));
	return inbox_boot(b->state.boot, f);
}

/* A row of the owner's list. */
static int
begin(
    struct fetch *x, const json_t *row, struct fetch_batch *b, struct fault *f)
{
	struct inbox_state *s = &b->state;
	uint64_t shards;

	if (doc_number(row, "shards", PACKAGE_SHARDS_MAX, &shards, f) != 0 ||
	    doc_number(row, "manifest_bytes", DSSE_BYTES_MAX,
		&b->manifest_bytes, f) != 0)
		return -1;
	s->shards = (uint32_t)shards;
	(void)snprintf(s->batch, sizeof(s->batch), "%s", text_of(row, "batch"));
	(void)snprintf(s->name, sizeof(s->name), "%s", text_of(row, "name"));
	return fetch_begin(x, b, f);
}

int
fetch_all_shards(struct fetch_batch *b, struct fault *f)
{
	struct fetch_work *w = NULL;
	int rc = 0;

	if (fetch_work_new(&w, b, f) != 0)
		return -1;
	if (b->talk == NULL)
		rc = fetch_shards(w, f);
	for (uint32_t g = 0;
	     b->talk != NULL && rc == 0 && g * FETCH_GROUP < b->state.shards;
	     g++)
		if ((g == 0 && b->released.doc != NULL) ||
		    (rc = fetch_group(b, g, f)) == 0)
			rc = fetch_shards(w, f);
	fetch_work_free(w);
	return rc;
}

int
fetch_tell(struct fetch *x, const struct fetch_batch *b, struct fault *f)
{
	json_t *o = json_pack("{s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:b}", "batch",
	    b->state.batch, "name", b->state.name, "folder", b->state.folder,
	    "shards", (json_int_t)b->state.shards, "members",
	    (json_int_t)b->state.members, "items", (json_int_t)b->state.items,
	    "bytes", (json_int_t)b->state.bytes, "acknowledged",
	    (int)b->state.acknowledged);

	if (o == NULL || json_array_append_new(x->out, o) != 0)
		return fault_memory(f);
	return 0;
}

/* The folder is looked at before the release and made behind it: what is
 * refused leaves nothing, here or in the owner's log. */
static int
batch(
    struct fetch *x, const json_t *row, struct fetch_batch *b, struct fault *f)
{
	if (begin(x, row, b, f) != 0 || fetch_look_out(x, b, f) != 0 ||
	    fetch_group(b, 0, f) != 0 || fetch_open_out(x, b, f) != 0 ||
	    inbox_save(b->dir, &b->state, f) != 0)
		return -1;
	if (!b->state.complete &&
	    (fetch_all_shards(b, f) != 0 || fetch_finish(b, f) != 0))
		return -1;
	if (!b->state.acknowledged && fetch_acknowledge(b, f) != 0)
		return -1;
	return fetch_tell(x, b, f);
}

static int
one_batch(struct fetch *x, const json_t *row, struct fault *f)
{
	struct fetch_batch *b = mem_new(sizeof(*b));
	int rc;

	if (b == NULL)
		return fault_memory(f);
	b->keeper = x->keeper;
	b->owner = &x->owner;
	b->talk = &x->talk;
	b->keep = x->o->keep;
	b->dir = b->out = b->folder = -1;
	rc = batch(x, row, b, f);
	if (rc != 0)
		(void)fault_at(f, "batch %s", text_of(row, "name"));
	released_free(&b->released);
	manifest_free(&b->manifest);
	file_close(&b->dir);
	file_close(&b->out);
	mem_free(b);
	return rc;
}

static int
all_batches(struct fetch *x, struct fault *f)
{
	const struct slice none = { NULL, 0 };
	char url[OWNER_URL_MAX + 1];
	int rc = -1;

	if (owner_url(url, x->o->from, f) != 0 ||
	    owner_known_find(
		&x->owner, x->keeper, x->home, x->o->owner, url, f) != 0)
		return -1;
	if (talk_open(
		&x->talk, x->keeper, &x->owner, url, &x->o->progress, f) != 0)
		goto out;
	if (talk_ask(&x->talk, "/v1/batches", none, &x->batches, f) != 0 ||
	    owner_keep_url(&x->owner, url, f) != 0 || choose(x, f) != 0)
		goto out;
	rc = 0;
	for (size_t i = 0; rc == 0 && i < x->wanted; i++)
		rc = one_batch(x, json_array_get(x->batches, i), f);
out:
	talk_close(&x->talk);
	owner_known_close(&x->owner);
	return rc;
}

/* An address has no '/' but those of a URL, and no folder of that name. */
static bool
is_folder(const char *from)
{
	struct stat st;

	return strncmp(from, "https://", 8) != 0 && stat(from, &st) == 0 &&
	       S_ISDIR(st.st_mode);
}

int
flow_fetch_check(const struct flow_fetch *o, struct fault *f)
{
	char url[OWNER_URL_MAX + 1];

	if (is_folder(o->from))
		return 0;
	if (owner_url(url, o->from, f) == 0 && courier_url(url, f) == 0)
		return 0;
	fault_clear(f);
	(void)fault_set(f, FAULT_USAGE,
	    "%s: neither an address, https://HOST:PORT, nor a folder here",
	    o->from);
	return fault_hint(f, "handoff fetch https://HOST:8471");
}

int
flow_fetch(
    struct keeper *k, const struct flow_fetch *o, json_t **out, struct fault *f)
{
	struct fetch x = { .keeper = k,
		.o = o,
		.home = -1,
		.owner.dir = -1,
		.talk.channel = -1 };
	int rc = -1;

	*out = NULL;
	if ((x.out = json_array()) == NULL)
		return fault_memory(f);
	if (folder_open(AT_FDCWD, o->home, &x.home, f) == 0)
		rc = is_folder(o->from) ? fetch_folder(&x, f)
					: all_batches(&x, f);
	if (rc == 0 &&
	    (*out = json_pack("{s:O,s:I,s:I,s:I}", "batches", x.out, "here",
		 (json_int_t)x.here, "waiting", (json_int_t)x.waiting, "ended",
		 (json_int_t)x.ended)) == NULL)
		rc = fault_memory(f);
	json_decref(x.batches);
	json_decref(x.out);
	file_close(&x.home);
	return rc;
}
