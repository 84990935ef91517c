/*
 * The answer to a release: reading it, and judging it by its receipt.
 *
 *     what we asked, what we got --> the entry that must be
 *     receipt, log key           --> the entry that is
 *
 * A listener that answers by itself can give us neither.
 */

#include <string.h>

#include "gateway/flow/released_internal.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"

#define HEADER_MAX 65536u
#define SHARDS_MAX 4096u /* of one release */
#define NUMBER_MAX 9007199254740991u

/* ---- Reading ---- */

static int
read_header(
    const json_t *o, const char *key, struct bytes *out, struct fault *f)
{
	const char *text;
	size_t room, len;

	if (doc_text(o, key, &text, f) != 0)
		return -1;
	room = strlen(text) / 4 * 3;
	if (room == 0 || room > HEADER_MAX)
		return fault_set(
		    f, FAULT_INPUT, "member \"%s\": no header", key);
	if (bytes_reserve(out, room, f) != 0)
		return -1;
	if (!base64_read(out->at, room, &len, text, strlen(text), true))
		return fault_set(
		    f, FAULT_INPUT, "member \"%s\": not base64", key);
	out->len = len;
	return 0;
}

static int
read_sizes(const json_t *o, struct released_shard *s, struct fault *f)
{
	uint64_t n, plain;

	if (doc_number(o, "n", UINT32_MAX, &n, f) != 0 ||
	    doc_number(o, "bytes", NUMBER_MAX, &s->bytes, f) != 0 ||
	    doc_number(o, "skip", HEADER_MAX, &s->skip, f) != 0 ||
	    doc_number(o, "index_bytes", NUMBER_MAX, &s->index_bytes, f) != 0 ||
	    doc_number(o, "index_skip", HEADER_MAX, &s->index_skip, f) != 0)
		return -1;
	s->n = (uint32_t)n;
	if (s->skip >= s->bytes || s->index_skip >= s->index_bytes ||
	    !age_plain_bytes(s->bytes - s->skip, &plain) ||
	    !age_plain_bytes(s->index_bytes - s->index_skip, &plain))
		return fault_set(
		    f, FAULT_INPUT, "shard %u: sizes that no object has", s->n);
	return 0;
}

int
released_shard(const struct released *r, size_t i, struct released_shard *out,
    struct fault *f)
{
	const json_t *o = json_array_get(r->shards, i);

	memset(out, 0, sizeof(*out));
	bytes_init(&out->header, HEADER_MAX);
	bytes_init(&out->index_header, HEADER_MAX);
	if (doc_only(o,
		"n object bytes header skip index index_bytes "
		"index_header index_skip",
		f) == 0 &&
	    read_sizes(o, out, f) == 0 &&
	    doc_hex(o, "object", out->object, DIGEST_BYTES, f) == 0 &&
	    doc_hex(o, "index", out->index, DIGEST_BYTES, f) == 0 &&
	    read_header(o, "header", &out->header, f) == 0 &&
	    read_header(o, "index_header", &out->index_header, f) == 0)
		return 0;
	released_shard_free(out);
	return -1;
}

void
released_shard_free(struct released_shard *s)
{
	bytes_free(&s->header);
	bytes_free(&s->index_header);
}

/* All of them are sound, and in ascending order. */
static int
check_shards(const struct released *r, struct fault *f)
{
	struct released_shard s;
	uint32_t last = 0;

	if (r->n == 0 || r->n > SHARDS_MAX)
		return fault_set(
		    f, FAULT_INPUT, "needs 1 to %u shards", SHARDS_MAX);
	for (size_t i = 0; i < r->n; i++) {
		if (released_shard(r, i, &s, f) != 0)
			return -1;
		released_shard_free(&s);
		if (i > 0 && s.n <= last)
			return fault_set(f, FAULT_INPUT, "shards out of order");
		last = s.n;
	}
	return 0;
}

int
released_read(struct released *out, const void *p, size_t len, struct fault *f)
{
	struct released r = { .doc = NULL };
	const char *batch;
	json_t *shards;

	memset(out, 0, sizeof(*out));
	if (doc_read(&r.doc, p, len, f) != 0)
		return fault_at(f, "release");
	if (doc_only(r.doc, "batch release receipt manifest shards", f) != 0 ||
	    doc_text(r.doc, "batch", &batch, f) != 0 ||
	    doc_number(r.doc, "release", NUMBER_MAX, &r.seq, f) != 0 ||
	    doc_text(r.doc, "receipt", &r.receipt, f) != 0 ||
	    doc_hex(r.doc, "manifest", r.manifest_object, DIGEST_BYTES, f) !=
		0 ||
	    doc_list(r.doc, "shards", &shards, f) != 0)
		goto fail;
	if (!id_valid(batch, 'b')) {
		(void)fault_set(f, FAULT_INPUT, "batch: not an id");
		goto fail;
	}
	memcpy(r.batch, batch, ID_CHARS + 1);
	r.shards = shards;
	r.n = json_array_size(shards);
	if (check_shards(&r, f) != 0)
		goto fail;
	*out = r;
	return 0;
fail:
	json_decref(r.doc);
	return fault_at(f, "release");
}

void
released_free(struct released *r)
{
	json_decref(r->doc);
	*r = (struct released){ .doc = NULL };
}

/* ---- The entry ---- */

static int
differs(const char *member, struct fault *f)
{
	return fault_set(f, FAULT_FORGED,
	    "release: its entry has another %s than it must", member);
}

static bool
same_value(const struct audit_leaf *l, const char *name, enum audit_type type,
    const char *want)
{
	const struct audit_member *m = audit_leaf_member(l, name);

	return m != NULL && m->type == type && m->value.len == strlen(want) &&
	       memcmp(m->value.at, want, m->value.len) == 0;
}

static bool
same_digest(const struct audit_leaf *l, const char *name,
    const uint8_t want[DIGEST_BYTES])
{
	char hex[DIGEST_CHARS + 1];

	hex_write(hex, want, DIGEST_BYTES);
	return same_value(l, name, AUDIT_TEXT, hex);
}

/* The RFC 6962 root of the answer's objects, sorted. */
static int
root_of(const struct released *r, uint8_t root[DIGEST_BYTES], struct fault *f)
{
	uint8_t(*list)[DIGEST_BYTES] = mem_array(r->n, DIGEST_BYTES);
	int rc = 0;

	if (list == NULL)
		return fault_memory(f);
	for (size_t i = 0; rc == 0 && i < r->n; i++)
		rc = doc_hex(json_array_get(r->shards, i), "object", list[i],
		    DIGEST_BYTES, f);
	if (rc == 0) {
		digest_sort(list, r->n);
		merkle_root_of(
		    root, (const uint8_t(*)[DIGEST_BYTES])list, r->n);
	}
	mem_free(list);
	return rc;
}

static int
check_entry(const struct released *r, const struct released_asked *asked,
    const struct audit_leaf *l, struct fault *f)
{
	uint8_t root[DIGEST_BYTES];
	char count[24];

	(void)snprintf(count, sizeof(count), "%zu", r->n);
	if (root_of(r, root, f) != 0)
		return -1;
	if (l->kind.len != 7 || memcmp(l->kind.at, "release", 7) != 0)
		return differs("kind", f);
	if (!same_value(l, "batch", AUDIT_TEXT, asked->batch))
		return differs("batch", f);
	if (!same_value(l, "count", AUDIT_NUMBER, count))
		return differs("count", f);
	if (!same_digest(l, "root", root))
		return differs("root", f);
	if (!same_digest(l, "recipient", asked->recipient))
		return differs("recipient", f);
	if (!same_value(l, "offline", AUDIT_WORD,
		asked->request == NULL ? "true" : "false"))
		return differs("way", f);
	if (asked->request != NULL
		? !same_digest(l, "request", asked->request)
		: !same_value(l, "request", AUDIT_WORD, "null"))
		return differs("request", f);
	if (asked->manifest != NULL &&
	    !same_digest(l, "manifest", asked->manifest))
		return differs("manifest", f);
	return 0;
}

static int
check_asked(const struct released *r, const struct released_asked *asked,
    struct fault *f)
{
	struct released_shard s;

	if (strcmp(r->batch, asked->batch) != 0)
		return fault_set(f, FAULT_FORGED, "release: of another batch");
	if (r->n != asked->count)
		return fault_set(f, FAULT_FORGED,
		    "release: of %zu shards, not %u", r->n, asked->count);
	for (size_t i = 0; i < r->n; i++) {
		if (released_shard(r, i, &s, f) != 0)
			return -1;
		released_shard_free(&s);
		if (s.n != asked->first + i)
			return fault_set(
			    f, FAULT_FORGED, "release: of other shards");
	}
	return 0;
}

int
released_check(const struct released *r, const struct released_asked *asked,
    const struct vkey *log, struct released_proof *out, struct fault *f)
{
	struct audit_receipt receipt = { .index = 0 };
	const struct audit_member *m;
	const char *note;
	struct audit_leaf l;
	int rc = -1;

	if (check_asked(r, asked, f) != 0)
		return -1;
	if (audit_receipt_check(
		&receipt, r->receipt, strlen(r->receipt), log, f) != 0)
		return -1;
	if (receipt.index != r->seq) {
		(void)differs("number", f);
		goto out;
	}
	if (audit_leaf_read(&l, receipt.leaf.at, receipt.leaf.len, f) != 0 ||
	    check_entry(r, asked, &l, f) != 0)
		goto out;
	m = audit_leaf_member(&l, "manifest");
	note = strstr(r->receipt, "\n\n");
	if (m == NULL || note == NULL ||
	    !hex_read(out->manifest, DIGEST_BYTES, (const char *)m->value.at,
		m->value.len)) {
		(void)differs("manifest", f);
		goto out;
	}
	out->checkpoint = receipt.checkpoint;
	out->note = slice_of_text(note + 2);
	rc = 0;
out:
	audit_receipt_free(&receipt);
	return rc;
}

int
released_matches(
    const struct released_shard *s, const struct manifest *m, struct fault *f)
{
	const struct manifest_shard *want;

	if (s->n >= m->nshards)
		return fault_set(f, FAULT_FORGED,
		    "shard %u: the manifest has no such shard", s->n);
	want = &m->shards[s->n];
	if (memcmp(s->object, want->sha256, DIGEST_BYTES) != 0 ||
	    s->bytes != want->bytes ||
	    memcmp(s->index, want->index_sha256, DIGEST_BYTES) != 0 ||
	    s->index_bytes != want->index_bytes)
		return fault_set(
		    f, FAULT_FORGED, "shard %u: not the manifest's", s->n);
	return 0;
}
