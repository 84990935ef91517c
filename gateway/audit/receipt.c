/*
 * Receipts: C2SP tlog-proof (c2sp.org/tlog-proof@v1), with the leaf's bytes as
 * the extra data that lets a stranger compute its hash.
 *
 *     c2sp.org/tlog-proof@v1
 *     extra base64(leaf)
 *     index 73894
 *     base64(hash), from the leaf's sibling up
 *     (blank line)
 *     the checkpoint, verbatim
 */

#include <string.h>

#include "gateway/audit/audit_internal.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

#define HEADER "c2sp.org/tlog-proof@v1"

static int
get_tile(
    void *arg, const struct audit_tile *t, struct bytes *out, struct fault *f)
{
	return audit_tile_get(arg, t, out, f);
}

static int
write_receipt(struct bytes *out, uint64_t seq, const struct bytes *leaf,
    const struct merkle_proof *proof, struct fault *f)
{
	if (bytes_add_text(out, HEADER "\nextra ", f) != 0 ||
	    base64_add(out, leaf->at, leaf->len, true, f) != 0 ||
	    bytes_addf(out, f, "\nindex %llu\n", (unsigned long long)seq) != 0)
		return -1;
	for (size_t i = 0; i < proof->n; i++)
		if (base64_add(out, proof->hash[i], DIGEST_BYTES, true, f) !=
			0 ||
		    bytes_add(out, "\n", 1, f) != 0)
			return -1;
	return bytes_add(out, "\n", 1, f);
}

int
audit_prove(struct audit *a, uint64_t seq, struct bytes *out, struct fault *f)
{
	struct tree_tiles tiles = { { get_tile, a }, audit_size(a) };
	struct merkle_source from = tree_source(&tiles);
	struct merkle_proof proof;
	size_t was = out->len;
	struct bytes leaf;
	int rc = -1;

	bytes_init(&leaf, AUDIT_LEAF_MAX);
	if (audit_entry(a, seq, &leaf, f) == 0 &&
	    merkle_prove_inclusion(&proof, seq, audit_size(a), &from, f) == 0 &&
	    write_receipt(out, seq, &leaf, &proof, f) == 0 &&
	    bytes_add(out, a->head.at, a->head.len, f) == 0)
		rc = 0;
	else
		out->len = was;
	bytes_free(&leaf);
	return rc;
}

/* The next line of s without its newline; false at the end. */
static bool
next_line(struct slice *s, struct slice *line)
{
	const uint8_t *nl = s->len == 0 ? NULL : memchr(s->at, '\n', s->len);

	if (nl == NULL)
		return false;
	line->at = s->at;
	line->len = (size_t)(nl - s->at);
	s->len -= line->len + 1;
	s->at = nl + 1;
	return true;
}

/* Behind "word " in a line, if that is how it begins. */
static bool
after(struct slice line, const char *word, struct slice *rest)
{
	size_t len = strlen(word);

	if (line.len < len || memcmp(line.at, word, len) != 0)
		return false;
	*rest = (struct slice){ line.at + len, line.len - len };
	return true;
}

static bool
read_proof(struct slice *s, struct merkle_proof *p)
{
	struct slice line;
	size_t len;

	for (p->n = 0; next_line(s, &line); p->n++) {
		if (line.len == 0)
			return true;
		if (p->n == MERKLE_PROOF_MAX ||
		    !base64_read(p->hash[p->n], DIGEST_BYTES, &len,
			(const char *)line.at, line.len, true) ||
		    len != DIGEST_BYTES)
			return false;
	}
	return false;
}

static int
read_leaf(struct bytes *out, struct slice text, struct fault *f)
{
	size_t room = text.len / 4 * 3 + 3, len;

	if (bytes_reserve(out, room, f) != 0)
		return fault_at(f, "receipt: leaf");
	if (!base64_read(
		out->at, room, &len, (const char *)text.at, text.len, true))
		return fault_set(f, FAULT_INPUT, "receipt: leaf: not base64");
	out->len = len;
	return 0;
}

static int
read_parts(struct audit_receipt *r, struct merkle_proof *proof, struct slice *s,
    struct fault *f)
{
	struct slice line, rest;

	if (!next_line(s, &line) || line.len != strlen(HEADER) ||
	    memcmp(line.at, HEADER, line.len) != 0)
		return fault_set(
		    f, FAULT_INPUT, "receipt: does not begin with " HEADER);
	if (!next_line(s, &line) || !after(line, "extra ", &rest))
		return fault_set(f, FAULT_INPUT, "receipt: has no leaf");
	if (read_leaf(&r->leaf, rest, f) != 0)
		return -1;
	if (!next_line(s, &line) || !after(line, "index ", &rest) ||
	    !u64_read(
		&r->index, (const char *)rest.at, rest.len, UINT64_MAX >> 1))
		return fault_set(f, FAULT_INPUT, "receipt: has no index");
	if (!read_proof(s, proof))
		return fault_set(f, FAULT_INPUT, "receipt: malformed proof");
	return 0;
}

int
audit_receipt_check(struct audit_receipt *out, const void *p, size_t len,
    const struct vkey *log, struct fault *f)
{
	struct slice s = { p, len };
	uint8_t hash[DIGEST_BYTES];
	struct merkle_proof proof;

	*out = (struct audit_receipt){ .index = 0 };
	bytes_init(&out->leaf, AUDIT_LEAF_MAX + 3);
	if (len > AUDIT_RECEIPT_MAX)
		return fault_set(f, FAULT_INPUT, "receipt: over %u bytes",
		    AUDIT_RECEIPT_MAX);
	if (read_parts(out, &proof, &s, f) != 0)
		goto fail;
	if (audit_checkpoint_open(&out->checkpoint, s.at, s.len, log, f) != 0) {
		(void)fault_at(f, "receipt");
		goto fail;
	}
	merkle_leaf(hash, out->leaf.at, out->leaf.len);
	if (merkle_check_inclusion(out->index,
		(struct merkle_span){ 0, out->checkpoint.size }, hash, &proof,
		out->checkpoint.root, f) != 0) {
		(void)fault_at(f, "receipt");
		goto fail;
	}
	return 0;
fail:
	audit_receipt_free(out);
	return -1;
}

void
audit_receipt_free(struct audit_receipt *r)
{
	if (r == NULL)
		return;
	bytes_free(&r->leaf);
	*r = (struct audit_receipt){ .index = 0 };
}
