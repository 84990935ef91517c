/*
 * Offline delivery: a released batch as a folder of ordinary files.
 *
 *     all is there, and can be written (offline_ready.c) -->
 *     release logged (keeper) --> new headers (keeper) + stored payloads
 *         --> shard-0001.tar.age, shard-0001.index.age ... START-HERE.txt
 *
 * The vendor needs nothing of ours.  Each file appears whole; what says how to
 * begin appears last.
 */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/flow/flow.h"
#include "gateway/flow/offline_internal.h"
#include "gateway/keeper/keeper.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "keys/sign/sign.h"

#define AT_ONCE 64u /* shards in one ask */
#define HEADER_MAX 65536u
#define CHUNK ((size_t)1 << 20)

struct delivery {
	const struct offline_options *o;
	int home, to;
	json_t *told; /* the keeper's answer */
	char batch[ID_CHARS + 1];
	const char *name;
	uint64_t release, shards, bytes;
	struct bytes sums; /* SHA256SUMS */
	uint8_t *buffer;
};

/* ---- Files ---- */

/* A file in the making, digested as it is written. */
struct file {
	struct draft draft;
	struct digest *digest;
};

static int
file_begin(struct delivery *d, struct file *file, struct fault *f)
{
	draft_none(&file->draft);
	if (digest_new(&file->digest, f) != 0)
		return -1;
	return draft_new(&file->draft, d->to, f);
}

static int
file_add(struct delivery *d, struct file *file, const void *p, size_t len,
    struct fault *f)
{
	digest_add(file->digest, p, len);
	d->bytes += len;
	return file_write(file->draft.fd, p, len, f);
}

static int
file_keep(
    struct delivery *d, struct file *file, const char *name, struct fault *f)
{
	uint8_t sha256[DIGEST_BYTES];
	char hex[DIGEST_CHARS + 1];

	digest_end(file->digest, sha256);
	hex_write(hex, sha256, sizeof(sha256));
	if (fchmod(file->draft.fd, 0644) != 0)
		return fault_errno(f, "%s", name);
	if (draft_keep(&file->draft, name, true, f) != 0)
		return -1;
	return bytes_addf(&d->sums, f, "%s  %s\n", hex, name);
}

static void
file_end(struct file *file)
{
	draft_drop(&file->draft);
	digest_free(file->digest);
	file->digest = NULL;
}

/* All of an object but its first bytes. */
static int
add_object(struct delivery *d, struct file *file, const char *hex,
    uint64_t skip, struct fault *f)
{
	char path[sizeof("objects/aa/") + DIGEST_CHARS];
	size_t got;
	int fd, rc = -1;

	(void)snprintf(path, sizeof(path), "objects/%.2s/%s", hex, hex);
	if (file_open_read(d->home, path, &fd, f) != 0)
		return -1;
	for (;; skip += got) {
		if (file_read_at(fd, d->buffer, CHUNK, skip, &got, f) != 0)
			goto out;
		if (got == 0)
			break;
		if (file_add(d, file, d->buffer, got, f) != 0)
			goto out;
	}
	rc = 0;
out:
	file_close(&fd);
	return rc;
}

/* An age file: a header for the vendor, the payload as it lies there. */
static int
put_sealed(struct delivery *d, const char *name, const json_t *shard,
    const char *const keys[3], struct fault *f)
{
	const char *object, *header;
	uint8_t head[HEADER_MAX];
	struct file file = { .digest = NULL };
	uint64_t skip;
	size_t len;
	int rc = -1;

	draft_none(&file.draft);
	if (doc_text(shard, keys[0], &object, f) != 0 ||
	    doc_text(shard, keys[1], &header, f) != 0 ||
	    doc_number(shard, keys[2], HEADER_MAX, &skip, f) != 0)
		return -1;
	if (strlen(object) != DIGEST_CHARS ||
	    !base64_read(
		head, sizeof(head), &len, header, strlen(header), true))
		return fault_set(f, FAULT_PEER, "%s: not a header", name);
	if (file_begin(d, &file, f) == 0 &&
	    file_add(d, &file, head, len, f) == 0 &&
	    add_object(d, &file, object, skip, f) == 0)
		rc = file_keep(d, &file, name, f);
	file_end(&file);
	return rc;
}

static int
put_text_file(struct delivery *d, const char *name, const void *p, size_t len,
    struct fault *f)
{
	struct file file = { .digest = NULL };
	int rc = -1;

	if (file_begin(d, &file, f) == 0 && file_add(d, &file, p, len, f) == 0)
		rc = file_keep(d, &file, name, f);
	file_end(&file);
	return rc;
}

/* The header that an index was made with: before the payload, in the place of
 * ours, it is the object whose digest the signed manifest has. */
static int
put_head(struct delivery *d, unsigned n, const json_t *shard, struct fault *f)
{
	char path[sizeof("objects/aa/") + DIGEST_CHARS], name[40];
	uint8_t head[HEADER_MAX];
	const char *hex;
	uint64_t skip;
	size_t got;
	int fd, rc;

	if (doc_text(shard, "index", &hex, f) != 0 ||
	    doc_number(shard, "index_skip", HEADER_MAX, &skip, f) != 0)
		return -1;
	(void)snprintf(path, sizeof(path), "objects/%.2s/%s", hex, hex);
	(void)snprintf(name, sizeof(name), "shard-%04u.index.head", n + 1);
	if (file_open_read(d->home, path, &fd, f) != 0)
		return -1;
	rc = file_read_at(fd, head, skip, 0, &got, f);
	file_close(&fd);
	return rc == 0 ? put_text_file(d, name, head, got, f) : -1;
}

static int
put_shard(struct delivery *d, const json_t *shard, struct fault *f)
{
	static const char *const whole[] = { "object", "header", "skip" };
	static const char *const index[] = { "index", "index_header",
		"index_skip" };
	char name[40];
	uint64_t n;

	if (doc_number(shard, "n", UINT32_MAX, &n, f) != 0)
		return -1;
	(void)snprintf(
	    name, sizeof(name), "shard-%04u.tar.age", (unsigned)n + 1);
	if (put_sealed(d, name, shard, whole, f) != 0)
		return -1;
	(void)snprintf(
	    name, sizeof(name), "shard-%04u.index.age", (unsigned)n + 1);
	if (put_sealed(d, name, shard, index, f) != 0 ||
	    put_head(d, (unsigned)n, shard, f) != 0)
		return -1;
	if (d->o->progress.tell != NULL)
		d->o->progress.tell(
		    d->o->progress.arg, "writing shards", n + 1, d->shards);
	return 0;
}

static int
put_shards(struct delivery *d, struct fault *f)
{
	for (uint64_t first = 0; first < d->shards; first += AT_ONCE) {
		json_t *answer = NULL, *list, *one;
		size_t i;
		int rc;

		if (keeper_ask(d->o->keeper, KEEPER_OFFLINE_SHARDS,
			json_pack("{s:I,s:I,s:I}", "release",
			    (json_int_t)d->release, "first", (json_int_t)first,
			    "count", (json_int_t)AT_ONCE),
			&answer, f) != 0)
			return -1;
		rc = doc_list(answer, "shards", &list, f);
		if (rc == 0)
			json_array_foreach(list, i,
			    one) if ((rc = put_shard(d, one, f)) != 0) break;
		json_decref(answer);
		if (rc != 0)
			return -1;
	}
	return 0;
}

static int
put_member(struct delivery *d, const char *name, const char *key,
    const char *end, struct fault *f)
{
	const char *text;
	struct bytes b;
	int rc = -1;

	if (doc_text(d->told, key, &text, f) != 0)
		return -1;
	bytes_init(&b, KEEPER_JSON_MAX);
	if (bytes_add_text(&b, text, f) == 0 && bytes_add_text(&b, end, f) == 0)
		rc = put_text_file(d, name, b.at, b.len, f);
	bytes_free(&b);
	return rc;
}

static int
put_manifest(struct delivery *d, struct fault *f)
{
	struct file file = { .digest = NULL };
	const char *object;
	int rc = -1;

	draft_none(&file.draft);
	if (doc_text(d->told, "manifest_object", &object, f) != 0)
		return -1;
	if (file_begin(d, &file, f) == 0 &&
	    add_object(d, &file, object, 0, f) == 0)
		rc = file_keep(d, &file, "manifest.dsse.age", f);
	file_end(&file);
	return rc;
}

/* ---- How to begin ---- */

static const char start_here[] =
    "This folder is a batch of items to be labelled. It was sealed to your "
    "age\n"
    "recipient; nobody else can open it. You need age (age-encryption.org), "
    "tar\n"
    "and sha256sum, and your age identity in a file, here called key.txt.\n"
    "\n"
    "With a home of handoff all of the following is one command, which also\n"
    "verifies who signed it (FOLDER is this one):\n"
    "\n"
    "    handoff fetch FOLDER\n"
    "\n"
    "Without the program, key.txt comes out of that home (in it, OWNERHOME "
    "is the\n"
    "\"home\" that handoff card --show owner.card names; a home that an "
    "identity\n"
    "unlocks needs -i FILE in the first line):\n"
    "\n"
    "    age -d -o root keys/root.age\n"
    "    age -d -i root -o branch keys/release/branch.age\n"
    "    age -d -i branch -o key.txt keys/release/vendor/OWNERHOME.age\n"
    "\n"
    "and root and branch, which open more than this, are removed again.\n"
    "\n"
    "1. Is everything here, as it was written?\n"
    "\n"
    "    sha256sum -c SHA256SUMS\n"
    "\n"
    "2. Open each shard and unpack it:\n"
    "\n"
    "    mkdir items\n"
    "    for s in shard-*.tar.age; do\n"
    "        age -d -i key.txt -o shard.tar \"$s\" && tar -xf shard.tar -C "
    "items\n"
    "    done\n"
    "\n"
    "3. Compare the items with the index of each shard (jq):\n"
    "\n"
    "    for s in shard-*.index.age; do age -d -i key.txt \"$s\"; done |\n"
    "        jq -r 'select(.sha256) | \"\\(.sha256)  items/\\(.member)\"' |\n"
    "        sha256sum -c\n"
    "\n"
    "A file's name up to its first dot is the item's id; in CSV and JSONL "
    "files\n"
    "each row is an item, named by its _item.\n"
    "\n"
    "    shard-*.index.head  what an index was sealed with: before its "
    "payload, the\n"
    "                        object that the manifest names\n"
    "    manifest.dsse.age   what this batch is, signed by its owner (age -d; "
    "it\n"
    "                        names classes, shards, and where labels go)\n"
    "    receipt             proof that the owner's log has this release\n"
    "    log.vkey            the key of that log: handoff verify -k KEY "
    "receipt\n"
    "    owner.card          who the owner is; compare its fingerprint with "
    "the\n"
    "                        owner: handoff card --show owner.card\n"
    "\n"
    "Labels go back sealed to the recipient that the manifest calls "
    "\"returns\",\n"
    "as one file that your owner is given by hand:\n"
    "\n"
    "    handoff return BATCH LABELS --complete --out return.age\n"
    "\n"
    "Made by hand it is an age file around a tar: return.dsse, a statement "
    "that\n"
    "you sign with your verifier key, then labels/0001.jsonl. "
    "docs/FORMATS.md, \"A\n"
    "return\", has it byte for byte.\n";

static int
put_rest(struct delivery *d, struct fault *f)
{
	if (put_manifest(d, f) != 0 ||
	    put_member(d, "receipt", "receipt", "", f) != 0 ||
	    put_member(d, "log.vkey", "log", "\n", f) != 0 ||
	    put_member(d, "owner.card", "card", "", f) != 0 ||
	    file_put(d->to, "SHA256SUMS", d->sums.at, d->sums.len, true, f) !=
		0)
		return -1;
	return file_put(d->to, "START-HERE.txt", start_here,
	    sizeof(start_here) - 1, true, f);
}

/* ---- All of it ---- */

/* Which batch it is, and is what goes out there?  Whether it may go out is the
 * keeper's to say, and what has ended may have lost its objects. */
static int
check_batch(struct delivery *d, struct fault *f)
{
	const char *id, *state;
	json_t *answer;
	int rc = -1;

	if (keeper_ask(d->o->keeper, KEEPER_BATCH_SHARDS,
		json_pack("{s:s}", "batch", d->o->batch), &answer, f) != 0)
		return -1;
	if (doc_text(answer, "batch", &id, f) == 0 &&
	    doc_text(answer, "state", &state, f) == 0) {
		(void)snprintf(d->batch, sizeof(d->batch), "%s", id);
		rc = strcmp(state, "approved") == 0
			 ? offline_objects(d->home, answer, f)
			 : 0;
	}
	json_decref(answer);
	return rc;
}

static int
ask_release(struct delivery *d, struct fault *f)
{
	return keeper_ask(d->o->keeper, KEEPER_OFFLINE,
	    json_pack("{s:s}", "batch", d->batch), &d->told, f);
}

/* Everything that can be wrong here is, before the release is logged. */
static int
make_ready(struct delivery *d, struct fault *f)
{
	bool made = false;

	if (folder_open(AT_FDCWD, d->o->home, &d->home, f) == 0 &&
	    check_batch(d, f) == 0 &&
	    offline_folder(&d->to, &made, d->o->to, d->batch, f) == 0 &&
	    ask_release(d, f) == 0)
		return 0;
	if (made)
		(void)rmdir(d->o->to);
	return -1;
}

static int
put_mark(struct delivery *d, struct fault *f)
{
	char mark[ID_CHARS + 2];

	if (doc_text(d->told, "name", &d->name, f) != 0 ||
	    doc_number(d->told, "release", INT64_MAX, &d->release, f) != 0 ||
	    doc_number(d->told, "shards", UINT32_MAX, &d->shards, f) != 0)
		return -1;
	(void)snprintf(mark, sizeof(mark), "%s\n", d->batch);
	return file_put(d->to, OFFLINE_MARK, mark, strlen(mark), true, f);
}

int
offline_deliver(json_t **out, const struct offline_options *o, struct fault *f)
{
	struct delivery d = { .o = o, .home = -1, .to = -1 };
	int rc = -1;

	bytes_init(&d.sums, (size_t)16 << 20);
	if ((d.buffer = mem_new(CHUNK)) == NULL)
		return fault_memory(f);
	if (make_ready(&d, f) != 0 || put_mark(&d, f) != 0 ||
	    put_shards(&d, f) != 0 || put_rest(&d, f) != 0)
		goto out;
	*out = json_pack("{s:s,s:s,s:I,s:I,s:I,s:s}", "batch", d.batch, "name",
	    d.name, "release", (json_int_t)d.release, "shards",
	    (json_int_t)d.shards, "bytes", (json_int_t)d.bytes, "folder",
	    o->to);
	rc = *out != NULL ? 0 : fault_memory(f);
out:
	json_decref(d.told);
	bytes_free(&d.sums);
	mem_free(d.buffer);
	file_close(&d.home);
	file_close(&d.to);
	return rc;
}
