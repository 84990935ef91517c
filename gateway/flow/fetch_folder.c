/*
 * A delivery in a folder: the same batch, carried by hand.
 *
 *     manifest   signed by the owner, whose card we confirmed
 *     receipt    of an offline release of all its shards, to us
 *     index      with the header that it was made with, is the manifest's
 *     files      are the index's
 *
 * Nobody signed the folder, so nothing in it is believed but what leads back to
 * the owner's keys.
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

#define HEADER_MAX 65536u
#define RUN ((size_t)256 << 10)

/* ---- A shard's files ---- */

static int
open_file(const struct fetch_batch *b, uint32_t n, const char *what, int *fd,
    struct fault *f)
{
	char name[48];

	(void)snprintf(name, sizeof(name), "shard-%04u.%s", n + 1, what);
	return file_open_read(b->folder, name, fd, f);
}

/* The header at the head of an age file, and the size of all of it. */
static int
read_head(int fd, struct bytes *out, uint64_t *size, struct fault *f)
{
	struct age_header h = { 0 };
	struct stat st;
	size_t got;
	int rc;

	if (fstat(fd, &st) != 0)
		return fault_errno(f, "a shard");
	*size = (uint64_t)st.st_size;
	if (bytes_reserve(out, HEADER_MAX, f) != 0 ||
	    file_read_at(fd, out->at, HEADER_MAX, 0, &got, f) != 0)
		return -1;
	if ((rc = age_header_read(&h, out->at, got, f)) == 0)
		out->len = h.len;
	age_header_free(&h);
	return rc;
}

/* Behind the header that it was made with, is it the manifest's index? */
static int
check_index(const struct fetch_batch *b, const struct bring *g, struct fault *f)
{
	const struct manifest_shard *want = &b->manifest.shards[g->s.n];
	uint64_t at = g->s.index_skip, bytes;
	uint8_t is[DIGEST_BYTES], *buf = NULL;
	struct digest *d = NULL;
	struct bytes head;
	size_t got = RUN;
	int fd = -1, rc = -1;

	bytes_init(&head, HEADER_MAX);
	if (open_file(b, g->s.n, "index.head", &fd, f) != 0 ||
	    file_read_fd(fd, &head, f) != 0 || digest_new(&d, f) != 0)
		goto out;
	if ((buf = mem_new(RUN)) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	digest_add(d, head.at, head.len);
	for (bytes = head.len; got == RUN; bytes += got, at += got) {
		if (file_read_at(g->index, buf, RUN, at, &got, f) != 0)
			goto out;
		digest_add(d, buf, got);
	}
	digest_end(d, is);
	if (bytes != want->index_bytes ||
	    memcmp(is, want->index_sha256, DIGEST_BYTES) != 0)
		(void)fault_set(
		    f, FAULT_FORGED, "its index is not the manifest's");
	else
		rc = 0;
out:
	file_close(&fd);
	bytes_free(&head);
	digest_free(d);
	mem_free(buf);
	return rc;
}

static int
open_items(struct bring *g, const struct fetch_batch *b, struct fault *f)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%u.items", g->s.n);
	g->items = openat(
	    b->dir, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return g->items != -1 ? 0 : fault_errno(f, "inbox: %s", name);
}

int
bring_open_folder(
    struct bring *b, const struct fetch_batch *of, uint32_t n, struct fault *f)
{
	uint64_t size;

	memset(b, 0, sizeof(*b));
	b->draft = b->index = b->items = -1;
	b->s.n = n;
	bytes_init(&b->s.header, HEADER_MAX);
	bytes_init(&b->s.index_header, HEADER_MAX);
	if (open_file(of, n, "tar.age", &b->draft, f) != 0 ||
	    open_file(of, n, "index.age", &b->index, f) != 0 ||
	    open_items(b, of, f) != 0 ||
	    read_head(b->draft, &b->s.header, &size, f) != 0)
		goto fail;
	b->s.bytes = size - b->s.header.len; /* of the payload alone */
	if (read_head(b->index, &b->s.index_header, &b->s.index_bytes, f) != 0)
		goto fail;
	b->s.index_skip = b->s.index_header.len;
	if (check_index(of, b, f) == 0)
		return 0;
fail:
	bring_close(b);
	return fault_at(f, "shard %u", n);
}

/* ---- The release ---- */

static int
differs(const char *what, struct fault *f)
{
	return fault_set(
	    f, FAULT_FORGED, "receipt: of a release of another %s", what);
}

static bool
says(const struct audit_leaf *l, const char *name, const char *want)
{
	const struct audit_member *m = audit_leaf_member(l, name);

	return m != NULL && m->value.len == strlen(want) &&
	       memcmp(m->value.at, want, m->value.len) == 0;
}

static int
root_of(const struct manifest *m, char hex[DIGEST_CHARS + 1], struct fault *f)
{
	uint8_t(*list)[DIGEST_BYTES] = mem_array(m->nshards, DIGEST_BYTES);
	uint8_t root[DIGEST_BYTES];

	if (list == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < m->nshards; i++)
		memcpy(list[i], m->shards[i].sha256, DIGEST_BYTES);
	digest_sort(list, m->nshards);
	merkle_root_of(root, (const uint8_t(*)[DIGEST_BYTES])list, m->nshards);
	hex_write(hex, root, sizeof(root));
	mem_free(list);
	return 0;
}

/* The entry is the offline release of all of this manifest's shards to us. */
static int
check_entry(
    const struct fetch_batch *b, const struct audit_leaf *l, struct fault *f)
{
	char root[DIGEST_CHARS + 1], manifest[DIGEST_CHARS + 1];
	char recipient[DIGEST_CHARS + 1], count[24];
	uint8_t digest[DIGEST_BYTES];

	if (root_of(&b->manifest, root, f) != 0 ||
	    owner_recipient(b->owner, digest, f) != 0)
		return -1;
	hex_write(recipient, digest, sizeof(digest));
	hex_write(manifest, b->manifest_digest, DIGEST_BYTES);
	(void)snprintf(count, sizeof(count), "%zu", b->manifest.nshards);
	if (l->kind.len != 7 || memcmp(l->kind.at, "release", 7) != 0)
		return differs("kind", f);
	if (!says(l, "batch", b->state.batch))
		return differs("batch", f);
	if (!says(l, "manifest", manifest))
		return differs("manifest", f);
	if (!says(l, "recipient", recipient))
		return differs("recipient", f);
	if (!says(l, "count", count) || !says(l, "root", root))
		return differs("set of shards", f);
	if (!says(l, "offline", "true") || !says(l, "request", "null"))
		return differs("way", f);
	return 0;
}

static int
check_receipt(struct fetch_batch *b, const struct bytes *text, uint64_t *seq,
    struct fault *f)
{
	struct audit_receipt r = { .index = 0 };
	struct audit_leaf l;
	const char *note;
	int rc = -1;

	if (audit_receipt_check(
		&r, text->at, text->len, &b->owner->card.log, f) != 0)
		return -1;
	if (audit_leaf_read(&l, r.leaf.at, r.leaf.len, f) != 0 ||
	    check_entry(b, &l, f) != 0)
		goto out;
	*seq = r.index;
	note = strstr((const char *)text->at, "\n\n");
	must(note != NULL); /* the receipt was read */
	rc = owner_checkpoint(
	    b->owner, &r.checkpoint, slice_of_text(note + 2), NULL, f);
out:
	audit_receipt_free(&r);
	return rc;
}

/* ---- The folder ---- */

/* Whose it is, as it says; and that is one we know. */
static int
find_owner(struct fetch *x, int folder, struct fault *f)
{
	struct bytes text;
	struct card c;
	int rc = -1;

	bytes_init(&text, CARD_BYTES_MAX);
	if (file_read(folder, "owner.card", &text, f) == 0 &&
	    card_read(&c, text.at, text.len, f) == 0 &&
	    (rc = owner_known_find(
		 &x->owner, x->keeper, x->home, c.home, NULL, f)) != 0)
		(void)fault_hint(f,
		    "handoff owner add %s/owner.card --fingerprint F",
		    x->o->from);
	bytes_free(&text);
	return rc;
}

/* The manifest, out of what should be sealed to us. */
static int
open_manifest(struct fetch *x, const struct bytes *sealed,
    struct bytes *envelope, struct fault *f)
{
	int rc = talk_unseal(x->keeper, x->owner.id,
	    (struct slice){ sealed->at, sealed->len }, envelope, f);

	if (rc != 0 && f->kind == FAULT_INPUT)
		(void)fault_hint(f,
		    "it was made for another vendor, or for another card of "
		    "ours: ask %s for one that is ours",
		    x->owner.card.name);
	return rc;
}

static int
bring_manifest(struct fetch *x, struct fetch_batch *b, struct fault *f)
{
	struct dsse d = { .type = NULL };
	struct bytes sealed, envelope;
	int rc = -1;

	bytes_init(&sealed, DSSE_BYTES_MAX + HEADER_MAX);
	bytes_init(&envelope, DSSE_BYTES_MAX);
	if (file_read(b->folder, "manifest.dsse.age", &sealed, f) != 0 ||
	    open_manifest(x, &sealed, &envelope, f) != 0 ||
	    dsse_read(&d, envelope.at, envelope.len, f) != 0 ||
	    dsse_verify(&d, x->owner.card.verifier.key, f) != 0 ||
	    manifest_read(&b->manifest,
		(struct slice){ d.payload.at, d.payload.len }, f) != 0)
		goto out;
	digest_of(b->manifest_digest, envelope.at, envelope.len);
	(void)snprintf(
	    b->state.batch, sizeof(b->state.batch), "%s", b->manifest.batch);
	b->state.shards = (uint32_t)b->manifest.nshards;
	if (fetch_begin(x, b, f) == 0)
		rc = inbox_put_manifest(
		    b->dir, (struct slice){ envelope.at, envelope.len }, f);
out:
	dsse_free(&d);
	bytes_free(&sealed);
	bytes_free(&envelope);
	return rc == 0 ? 0 : fault_at(f, "manifest");
}

static json_t *
objects_of(const struct manifest *m)
{
	json_t *list = json_array();

	for (size_t i = 0; list != NULL && i < m->nshards; i++) {
		char name[32], hex[DIGEST_CHARS + 1];

		(void)snprintf(name, sizeof(name), "shard-%zu", i + 1);
		hex_write(hex, m->shards[i].sha256, DIGEST_BYTES);
		if (json_array_append_new(list,
			json_pack("{s:s,s:s}", "name", name, "sha256", hex)) !=
		    0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}

/* There is nobody to tell: it is kept, to be shown. */
static int
acknowledge(struct fetch_batch *b, const struct bytes *receipt, uint64_t seq,
    struct fault *f)
{
	char hex[DIGEST_CHARS + 1];
	uint8_t digest[DIGEST_BYTES];
	const char *text;
	json_t *said = NULL;
	int rc = -1;

	digest_of(digest, receipt->at, receipt->len);
	hex_write(hex, digest, sizeof(digest));
	if (keeper_ask(b->keeper, KEEPER_SIGN_RECEIVED,
		json_pack("{s:s,s:s,s:I,s:s,s:o}", "owner", b->owner->id,
		    "batch", b->state.batch, "release", (json_int_t)seq,
		    "receipt", hex, "objects", objects_of(&b->manifest)),
		&said, f) == 0 &&
	    doc_text(said, "statement", &text, f) == 0)
		rc = file_put(
		    b->dir, "acknowledgement-0", text, strlen(text), true, f);
	json_decref(said);
	if (rc != 0)
		return -1;
	b->state.acknowledged = true;
	return inbox_save(b->dir, &b->state, f);
}

static int
take_folder(struct fetch *x, struct fetch_batch *b, struct fault *f)
{
	struct bytes receipt;
	uint64_t seq = 0;
	int rc = -1;

	bytes_init(&receipt, AUDIT_RECEIPT_MAX);
	if (bring_manifest(x, b, f) != 0 ||
	    file_read(b->folder, "receipt", &receipt, f) != 0 ||
	    bytes_end_text(&receipt, f) != 0 ||
	    check_receipt(b, &receipt, &seq, f) != 0 ||
	    file_put(b->dir, "receipt-0", receipt.at, receipt.len, true, f) !=
		0)
		goto out;
	if (fetch_open_out(x, b, f) != 0 ||
	    inbox_save(b->dir, &b->state, f) != 0)
		goto out;
	if (!b->state.complete &&
	    (fetch_all_shards(b, f) != 0 || fetch_finish(b, f) != 0))
		goto out;
	if (acknowledge(b, &receipt, seq, f) == 0)
		rc = fetch_tell(x, b, f);
out:
	bytes_free(&receipt);
	return rc;
}

int
fetch_folder(struct fetch *x, struct fault *f)
{
	struct fetch_batch *b = mem_new(sizeof(*b));
	int rc = -1;

	if (b == NULL)
		return fault_memory(f);
	b->keeper = x->keeper;
	b->owner = &x->owner;
	b->dir = b->out = b->folder = -1;
	b->keep = true; /* there is nothing of ours to remove */
	x->wanted = 1;
	if (folder_open(AT_FDCWD, x->o->from, &b->folder, f) == 0 &&
	    find_owner(x, b->folder, f) == 0)
		rc = take_folder(x, b, f);
	if (rc != 0)
		(void)fault_at(f, "%s", x->o->from);
	manifest_free(&b->manifest);
	owner_known_close(&x->owner);
	file_close(&b->folder);
	file_close(&b->dir);
	file_close(&b->out);
	mem_free(b);
	return rc;
}
