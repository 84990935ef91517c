/* What a vendor's home keeps of each batch: small files, each written whole. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/flow/fetch_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"

#define STATE "state.json"
#define ITEMS "items.jsonl"
#define STATE_MAX 65536u
#define NUMBER_MAX 9007199254740991u

int
inbox_boot(char out[40], struct fault *f)
{
	struct bytes text;
	int fd, rc;

	fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return fault_errno(f, "boot_id");
	bytes_init(&text, 39);
	if ((rc = file_read_fd(fd, &text, f)) == 0) {
		memset(out, 0, 40);
		memcpy(out, text.at, text.len);
		out[strcspn(out, "\n")] = '\0';
	}
	bytes_free(&text);
	file_close(&fd);
	return rc;
}

int
inbox_open(int home, const char *batch, bool make, int *fd, struct fault *f)
{
	int inbox, rc = -1;

	*fd = -1;
	if (!id_valid(batch, 'b'))
		return fault_set(f, FAULT_INPUT, "not a batch's id");
	if (folder_open(home, "inbox", &inbox, f) != 0)
		return -1;
	if (make && folder_make(inbox, batch, f) != 0)
		goto out;
	if (faccessat(inbox, batch, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		(void)fault_set(f, FAULT_INPUT, "batch %s: not here", batch);
	else
		rc = folder_open(inbox, batch, fd, f);
out:
	file_close(&inbox);
	return rc;
}

/* ---- The state ---- */

static int
read_text(
    const json_t *o, const char *key, char *out, size_t room, struct fault *f)
{
	const char *text;

	if (doc_text(o, key, &text, f) != 0)
		return -1;
	if (strlen(text) >= room)
		return fault_set(
		    f, FAULT_INPUT, "member \"%s\": too long", key);
	memcpy(out, text, strlen(text) + 1);
	return 0;
}

static int
read_state(struct inbox_state *s, const json_t *o, struct fault *f)
{
	uint64_t shards;

	if (read_text(o, "batch", s->batch, sizeof(s->batch), f) != 0 ||
	    read_text(o, "name", s->name, sizeof(s->name), f) != 0 ||
	    read_text(o, "owner", s->owner, sizeof(s->owner), f) != 0 ||
	    read_text(o, "folder", s->folder, sizeof(s->folder), f) != 0 ||
	    read_text(o, "boot", s->boot, sizeof(s->boot), f) != 0 ||
	    doc_number(o, "shards", PACKAGE_SHARDS_MAX, &shards, f) != 0 ||
	    doc_number(o, "members", NUMBER_MAX, &s->members, f) != 0 ||
	    doc_number(o, "items", NUMBER_MAX, &s->items, f) != 0 ||
	    doc_number(o, "bytes", NUMBER_MAX, &s->bytes, f) != 0 ||
	    doc_bool(o, "complete", &s->complete, f) != 0 ||
	    doc_bool(o, "acknowledged", &s->acknowledged, f) != 0)
		return -1;
	s->shards = (uint32_t)shards;
	return doc_hex(o, "done", s->done, (s->shards + 7) / 8, f);
}

int
inbox_load(int dir, struct inbox_state *out, bool *there, struct fault *f)
{
	char boot[40];
	struct bytes text;
	json_t *o = NULL;
	int rc = -1;

	memset(out, 0, sizeof(*out));
	*there = faccessat(dir, STATE, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*there)
		return 0;
	bytes_init(&text, STATE_MAX);
	if (file_read(dir, STATE, &text, f) == 0 &&
	    doc_read(&o, text.at, text.len, f) == 0 &&
	    read_state(out, o, f) == 0 && inbox_boot(boot, f) == 0)
		rc = 0;
	/* Members that were never flushed may be gone with the last boot. */
	if (rc == 0 && !out->complete && strcmp(boot, out->boot) != 0) {
		memset(out->done, 0, sizeof(out->done));
		out->members = out->items = out->bytes = 0;
	}
	json_decref(o);
	bytes_free(&text);
	return rc == 0 ? 0 : fault_at(f, "inbox: " STATE);
}

int
inbox_save(int dir, const struct inbox_state *s, struct fault *f)
{
	static char done[HEX_CHARS(sizeof(s->done)) + 1];
	struct bytes text;
	json_t *o;
	int rc = -1;

	hex_write(done, s->done, (s->shards + 7) / 8);
	o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:b,s:b,s:s}",
	    "batch", s->batch, "name", s->name, "owner", s->owner, "folder",
	    s->folder, "boot", s->boot, "shards", (json_int_t)s->shards,
	    "members", (json_int_t)s->members, "items", (json_int_t)s->items,
	    "bytes", (json_int_t)s->bytes, "complete", (int)s->complete,
	    "acknowledged", (int)s->acknowledged, "done", done);
	if (o == NULL)
		return fault_memory(f);
	bytes_init(&text, STATE_MAX);
	if (doc_write(&text, o, f) == 0)
		rc = file_put(dir, STATE, text.at, text.len, true, f);
	json_decref(o);
	bytes_free(&text);
	return rc;
}

bool
inbox_has_items(int dir)
{
	return faccessat(dir, ITEMS, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* ---- All of them ---- */

static int
see_one(int home, const char *batch,
    int (*each)(
	void *arg, int dir, const struct inbox_state *s, struct fault *f),
    void *arg, struct fault *f)
{
	struct inbox_state s;
	bool there;
	int dir, rc;

	if (inbox_open(home, batch, false, &dir, f) != 0)
		return -1;
	rc = inbox_load(dir, &s, &there, f);
	if (rc == 0 && there)
		rc = each(arg, dir, &s, f);
	file_close(&dir);
	return rc;
}

int
inbox_each(int home,
    int (*each)(
	void *arg, int dir, const struct inbox_state *s, struct fault *f),
    void *arg, struct fault *f)
{
	struct dirent *e;
	int fd, rc = 0;
	DIR *list;

	if (folder_open(home, "inbox", &fd, f) != 0)
		return -1;
	if ((list = fdopendir(fd)) == NULL) {
		file_close(&fd);
		return fault_errno(f, "inbox");
	}
	while (rc == 0 && (e = readdir(list)) != NULL)
		if (id_valid(e->d_name, 'b'))
			rc = see_one(home, e->d_name, each, arg, f);
	(void)closedir(list); /* reading: nothing to lose */
	return rc;
}

struct search {
	const char *name;
	char batch[ID_CHARS + 1];
	unsigned found;
};

static int
consider(void *arg, int dir, const struct inbox_state *s, struct fault *f)
{
	struct search *w = arg;

	(void)dir;
	(void)f;
	if (strcmp(s->batch, w->name) != 0 && strcmp(s->name, w->name) != 0)
		return 0;
	memcpy(w->batch, s->batch, sizeof(w->batch));
	w->found++;
	return 0;
}

int
inbox_find(int home, const char *name_or_id, struct inbox_state *out, int *fd,
    struct fault *f)
{
	struct search w = { .name = name_or_id };
	bool there;

	*fd = -1;
	if (inbox_each(home, consider, &w, f) != 0)
		return -1;
	if (w.found == 0) {
		(void)fault_set(
		    f, FAULT_INPUT, "batch %s: not here", name_or_id);
		return fault_hint(f, "handoff status");
	}
	if (w.found > 1) {
		(void)fault_set(f, FAULT_USAGE,
		    "batch %s: several have that name", name_or_id);
		return fault_hint(f, "name it by its id: handoff inbox");
	}
	if (inbox_open(home, w.batch, false, fd, f) != 0)
		return -1;
	if (inbox_load(*fd, out, &there, f) == 0)
		return 0;
	file_close(fd);
	return -1;
}

/* ---- The manifest ---- */

int
inbox_put_manifest(int dir, struct slice envelope, struct fault *f)
{
	struct bytes now;
	bool same;

	bytes_init(&now, DSSE_BYTES_MAX);
	same = faccessat(dir, "manifest", F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
	       file_read(dir, "manifest", &now, f) == 0 &&
	       now.len == envelope.len &&
	       memcmp(now.at, envelope.at, now.len) == 0;
	bytes_free(&now);
	fault_clear(f); /* what cannot be read is another one */
	if (same)
		return 0;
	if (unlinkat(dir, ITEMS, 0) != 0 && errno != ENOENT)
		return fault_errno(f, ITEMS);
	return file_put(dir, "manifest", envelope.at, envelope.len, true, f);
}

int
inbox_manifest(int dir, const struct owner_known *o, struct manifest *out,
    uint8_t digest[DIGEST_BYTES], struct fault *f)
{
	struct dsse d = { .type = NULL };
	struct bytes text;
	int rc = -1;

	bytes_init(&text, DSSE_BYTES_MAX);
	if (file_read(dir, "manifest", &text, f) != 0 ||
	    dsse_read(&d, text.at, text.len, f) != 0)
		goto out;
	digest_of(digest, text.at, text.len);
	if (dsse_verify(&d, o->card.verifier.key, f) == 0)
		rc = manifest_read(
		    out, (struct slice){ d.payload.at, d.payload.len }, f);
out:
	dsse_free(&d);
	bytes_free(&text);
	return rc == 0 ? 0 : fault_at(f, "manifest");
}
