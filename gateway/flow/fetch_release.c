/*
 * Having shards released to us, and saying what arrived.
 *
 * The signed request is on disk before it is sent: whoever is killed before the
 * answer is there asks again with the same request, and the owner's log has one
 * release and not two.  An answer is kept once it was found to be true, and
 * forgotten when it leads to bytes that it does not open: who brought it may
 * have lied, and the next one may not.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/flow/fetch_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"

#define PATH_MAX_CHARS 96u

static void
name_of(char out[32], const char *what, uint32_t g)
{
	(void)snprintf(out, 32, "%s-%u", what, g);
}

static bool
is_there(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static uint32_t
group_count(const struct fetch_batch *b, uint32_t g)
{
	uint32_t left = b->state.shards - g * FETCH_GROUP;

	return left < FETCH_GROUP ? left : FETCH_GROUP;
}

/* ---- Asking ---- */

/* {"shards":"all"}, or a list where the batch has more than one group. */
static int
write_body(
    const struct fetch_batch *b, uint32_t g, struct bytes *out, struct fault *f)
{
	uint32_t n = group_count(b, g);

	if (b->state.shards <= FETCH_GROUP)
		return bytes_add_text(out, "{\"shards\":\"all\"}", f);
	if (bytes_add_text(out, "{\"shards\":[", f) != 0)
		return -1;
	for (uint32_t i = 0; i < n; i++)
		if (bytes_addf(out, f, "%s%u", i > 0 ? "," : "",
			g * FETCH_GROUP + i) != 0)
			return -1;
	return bytes_add_text(out, "]}", f);
}

/* Ask with the request that is on disk, or with a new one that is put there
 * first. */
static int
ask_once(struct fetch_batch *b, const char *file, struct slice body,
    struct bytes *answer, struct fault *f)
{
	char path[PATH_MAX_CHARS];
	struct talk_request r = { .path = path, .body = body };
	struct bytes statement;
	int rc = -1;

	(void)snprintf(
	    path, sizeof(path), "/v1/batches/%s/release", b->state.batch);
	bytes_init(&statement, DSSE_BYTES_MAX);
	if (is_there(b->dir, file)) {
		if (file_read(b->dir, file, &statement, f) != 0)
			goto out;
	} else if (talk_sign(b->talk, &r, &statement, f) != 0 ||
		   file_put(b->dir, file, statement.at, statement.len, true,
		       f) != 0) {
		goto out;
	}
	r.statement = (struct slice){ statement.at, statement.len };
	rc = talk_send(b->talk, &r, answer, f);
out:
	bytes_free(&statement);
	return rc;
}

static int
ask_release(
    struct fetch_batch *b, uint32_t g, struct bytes *answer, struct fault *f)
{
	char file[32];
	struct bytes body;
	struct slice s;
	bool old;
	int rc = -1;

	name_of(file, "request", g);
	old = is_there(b->dir, file);
	bytes_init(&body, (size_t)1 << 20);
	if (write_body(b, g, &body, f) != 0)
		goto out;
	s = (struct slice){ body.at, body.len };
	rc = ask_once(b, file, s, answer, f);
	if (rc != 0 && f->kind == FAULT_POLICY)
		(void)unlinkat(b->dir, file, 0); /* it would be refused again */
	if (rc != 0 && f->kind == FAULT_POLICY && (old || talk_is_stale(f))) {
		/* Never answered, and its nonce is over: a new one, then. */
		fault_clear(f);
		rc = ask_once(b, file, s, answer, f);
		if (rc != 0 && f->kind == FAULT_POLICY)
			(void)unlinkat(b->dir, file, 0);
	}
out:
	bytes_free(&body);
	return rc;
}

/* ---- Judging ---- */

static int
request_digest(const struct fetch_batch *b, uint32_t g,
    uint8_t out[DIGEST_BYTES], struct fault *f)
{
	char file[32];
	struct bytes text;
	int rc;

	name_of(file, "request", g);
	bytes_init(&text, DSSE_BYTES_MAX);
	if ((rc = file_read(b->dir, file, &text, f)) == 0)
		digest_of(out, text.at, text.len);
	bytes_free(&text);
	return rc;
}

static int
judge(struct fetch_batch *b, uint32_t g, const struct bytes *answer,
    struct fault *f)
{
	uint8_t recipient[DIGEST_BYTES], request[DIGEST_BYTES];
	struct released_asked asked = { .batch = b->state.batch,
		.recipient = recipient,
		.request = b->talk != NULL ? request : NULL,
		.first = g * FETCH_GROUP,
		.count = group_count(b, g) };

	if (owner_recipient(b->owner, recipient, f) != 0 ||
	    (b->talk != NULL && request_digest(b, g, request, f) != 0))
		return -1;
	released_free(&b->released);
	if (released_read(&b->released, answer->at, answer->len, f) != 0)
		return -1;
	if (released_check(
		&b->released, &asked, &b->owner->card.log, &b->proof, f) != 0) {
		released_free(&b->released);
		return -1;
	}
	b->group = g;
	return 0;
}

static int
check_log(struct fetch_batch *b, struct fault *f)
{
	struct audit_tiles tiles;

	if (b->talk == NULL)
		return owner_checkpoint(
		    b->owner, &b->proof.checkpoint, b->proof.note, NULL, f);
	tiles = talk_tiles(b->talk);
	return owner_checkpoint(
	    b->owner, &b->proof.checkpoint, b->proof.note, &tiles, f);
}

/* ---- The manifest ---- */

int
fetch_take_manifest(
    struct fetch_batch *b, struct slice envelope, struct fault *f)
{
	uint8_t digest[DIGEST_BYTES];

	digest_of(digest, envelope.at, envelope.len);
	if (memcmp(digest, b->proof.manifest, DIGEST_BYTES) != 0)
		return fault_set(
		    f, FAULT_FORGED, "not the one that was released");
	return inbox_put_manifest(b->dir, envelope, f);
}

static int
bring_manifest(struct fetch_batch *b, struct fault *f)
{
	struct bytes sealed, envelope;
	int fd, rc = -1;

	if ((fd = memfd_create("manifest", MFD_CLOEXEC)) == -1)
		return fault_errno(f, "a file in memory");
	bytes_init(&sealed, DSSE_BYTES_MAX + 65536);
	bytes_init(&envelope, DSSE_BYTES_MAX);
	if (talk_object(b->talk, b->released.manifest_object, b->manifest_bytes,
		fd, f) != 0)
		goto out;
	if (lseek(fd, 0, SEEK_SET) != 0) {
		(void)fault_errno(f, "seek");
		goto out;
	}
	if (file_read_fd(fd, &sealed, f) == 0 &&
	    talk_unseal(b->keeper, b->owner->id,
		(struct slice){ sealed.at, sealed.len }, &envelope, f) == 0)
		rc = fetch_take_manifest(
		    b, (struct slice){ envelope.at, envelope.len }, f);
out:
	file_close(&fd);
	bytes_free(&sealed);
	bytes_free(&envelope);
	return rc == 0 ? 0 : fault_at(f, "manifest");
}

/* The manifest that the receipt names, which must be about these shards. */
static int
need_manifest(struct fetch_batch *b, struct fault *f)
{
	bool here = is_there(b->dir, "manifest");

	if (b->manifest.shards != NULL &&
	    memcmp(b->manifest_digest, b->proof.manifest, DIGEST_BYTES) == 0)
		return 0;
	manifest_free(&b->manifest);
	if (here && inbox_manifest(b->dir, b->owner, &b->manifest,
			b->manifest_digest, f) != 0)
		return -1;
	if (!here ||
	    memcmp(b->manifest_digest, b->proof.manifest, DIGEST_BYTES) != 0) {
		manifest_free(&b->manifest);
		if (b->talk == NULL)
			return fault_set(f, FAULT_FORGED,
			    "manifest: not the one that was released");
		if (bring_manifest(b, f) != 0 ||
		    inbox_manifest(b->dir, b->owner, &b->manifest,
			b->manifest_digest, f) != 0)
			return -1;
	}
	if (strcmp(b->manifest.batch, b->state.batch) != 0 ||
	    b->manifest.nshards != b->state.shards)
		return fault_set(f, FAULT_FORGED, "manifest: of another batch");
	return 0;
}

/* ---- A group ---- */

void
fetch_forget_answer(const struct fetch_batch *b, uint32_t g)
{
	char name[32];

	name_of(name, "answer", g);
	(void)unlinkat(b->dir, name, 0); /* else it is refused again */
}

/* What no receipt covers: the manifest's object, and what the answer says of
 * each shard beside its digest. */
static int
check_shards(struct fetch_batch *b, struct fault *f)
{
	struct released_shard s;
	int rc = need_manifest(b, f);

	for (size_t i = 0; rc == 0 && i < b->released.n; i++) {
		if (released_shard(&b->released, i, &s, f) != 0)
			return -1;
		rc = released_matches(&s, &b->manifest, f);
		released_shard_free(&s);
	}
	return rc;
}

static int
keep_answer(struct fetch_batch *b, uint32_t g, const struct bytes *answer,
    struct fault *f)
{
	char name[32];

	name_of(name, "receipt", g);
	if (file_put(b->dir, name, b->released.receipt,
		strlen(b->released.receipt), true, f) != 0)
		return -1;
	name_of(name, "answer", g);
	return file_put(b->dir, name, answer->at, answer->len, true, f);
}

int
fetch_group(struct fetch_batch *b, uint32_t g, struct fault *f)
{
	char name[32];
	struct bytes answer;
	bool here;
	int rc = -1;

	name_of(name, "answer", g);
	here = is_there(b->dir, name);
	bytes_init(&answer, MESSAGE_MAX);
	if (here ? file_read(b->dir, name, &answer, f) != 0
		 : ask_release(b, g, &answer, f) != 0)
		goto out;
	if (judge(b, g, &answer, f) == 0 && (here || check_log(b, f) == 0) &&
	    check_shards(b, f) == 0)
		rc = here ? 0 : keep_answer(b, g, &answer, f);
out:
	if (rc != 0 && (f->kind == FAULT_FORGED || f->kind == FAULT_INPUT))
		fetch_forget_answer(b, g);
	bytes_free(&answer);
	return rc;
}

/* ---- Acknowledging ---- */

static json_t *
objects_of(const struct released *r)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < r->n; i++) {
		const json_t *s = json_array_get(r->shards, i);
		char name[32];

		(void)snprintf(name, sizeof(name), "shard-%lld",
		    json_integer_value(json_object_get(s, "n")) + 1);
		if (json_array_append_new(
			list, json_pack("{s:s,s:O}", "name", name, "sha256",
				  json_object_get(s, "object"))) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

static int
acknowledge_group(struct fetch_batch *b, uint32_t g, struct fault *f)
{
	char path[PATH_MAX_CHARS], hex[DIGEST_CHARS + 1], name[32];
	uint8_t digest[DIGEST_BYTES];
	const char *statement;
	json_t *said = NULL, *answer = NULL;
	int rc = -1;

	digest_of(digest, b->released.receipt, strlen(b->released.receipt));
	hex_write(hex, digest, sizeof(digest));
	(void)snprintf(path, sizeof(path), "/v1/batches/%s/acknowledgements",
	    b->state.batch);
	if (keeper_ask(b->keeper, KEEPER_SIGN_RECEIVED,
		json_pack("{s:s,s:s,s:I,s:s,s:o}", "owner", b->owner->id,
		    "batch", b->state.batch, "release",
		    (json_int_t)b->released.seq, "receipt", hex, "objects",
		    objects_of(&b->released)),
		&said, f) != 0 ||
	    doc_text(said, "statement", &statement, f) != 0)
		goto out;
	name_of(name, "acknowledgement", g);
	if (file_put(b->dir, name, statement, strlen(statement), true, f) != 0)
		goto out;
	rc = b->talk == NULL ? 0
			     : talk_ask(b->talk, path, slice_of_text(statement),
				   &answer, f);
out:
	json_decref(said);
	json_decref(answer);
	return rc;
}

int
fetch_acknowledge(struct fetch_batch *b, struct fault *f)
{
	for (uint32_t g = 0; g * FETCH_GROUP < b->state.shards; g++)
		if (fetch_group(b, g, f) != 0 ||
		    acknowledge_group(b, g, f) != 0)
			return fault_at(f, "acknowledge");
	b->state.acknowledged = true;
	return inbox_save(b->dir, &b->state, f);
}
