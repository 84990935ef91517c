/*
 * What binds a batch: the commitments to golden answers before anything is
 * exported, and the signed manifest once everything is.
 *
 * Golden answers are lines to this process, and are not read.  Each is
 * committed to by SHA-256(salt, line), with a salt of 32 bytes that is the MAC
 * of the line under a key of the batch's seed: nobody else can make it, and
 * nobody has to keep it.
 */

#include <string.h>

#include "gateway/keeper/batches_internal.h"
#include "gateway/package/package.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/pseudonym/pseudonym.h"

/* Golden items are a sample: 64 MiB are some hundred thousand. */
#define GOLDEN_MAX ((size_t)64 << 20)

/* ---- Golden answers ---- */

static int
salt_key(
    struct home *h, const char *batch, struct token_key **out, struct fault *f)
{
	const struct ring_name name = { RING_SEED, batch, 0 };
	struct secret seed = { 0 }, key = { 0 };
	int rc = -1;

	if (ring_get_secret(h->ring, &name, &seed, f) == 0 &&
	    key_derive(&key, &seed, KEY_VALUE, "golden", "", f) == 0)
		rc = token_key_new(out, key.at, key.len, f);
	secret_free(&seed);
	secret_free(&key);
	return rc;
}

static size_t
count_lines(const struct bytes *lines)
{
	size_t n = 0;

	for (size_t i = 0; i < lines->len; i++)
		n += lines->at[i] == '\n';
	return n;
}

/* The RFC 6962 root of the commitments, in the order of the lines. */
static int
commit_lines(const struct token_key *key, const struct bytes *lines,
    uint8_t root[DIGEST_BYTES], struct fault *f)
{
	size_t n = count_lines(lines), at = 0;
	uint8_t(*list)[DIGEST_BYTES], salt[TOKEN_MAC_BYTES];

	if (n == 0 || lines->at[lines->len - 1] != '\n')
		return fault_set(
		    f, FAULT_INPUT, "golden answers: no lines of text");
	if ((list = mem_array(n, DIGEST_BYTES)) == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < n; i++) {
		const uint8_t *line = lines->at + at;
		const uint8_t *end = memchr(line, '\n', lines->len - at);
		size_t len = (size_t)(end - line);

		token_mac(key, line, len, salt);
		digest_salted(list[i], salt, line, len);
		at += len + 1;
	}
	merkle_root_of(root, (const uint8_t(*)[DIGEST_BYTES])list, n);
	secret_wipe(salt, sizeof(salt));
	mem_free(list);
	return 0;
}

int
golden_keep(struct home *h, const char *batch, int fd,
    const struct age_recipient *returns, struct golden *out, struct fault *f)
{
	const struct age_recipient *recovery = ring_recovery(h->ring);
	struct age_recipient to[2] = { *returns };
	struct token_key *key = NULL;
	struct bytes lines, sealed;
	uint8_t root[DIGEST_BYTES];
	int rc = -1;

	bytes_init(&lines, GOLDEN_MAX);
	bytes_init(&sealed, GOLDEN_MAX + (1u << 20));
	if (recovery != NULL)
		to[1] = *recovery;
	if (file_read_fd(fd, &lines, f) == 0 &&
	    salt_key(h, batch, &key, f) == 0 &&
	    commit_lines(key, &lines, root, f) == 0 &&
	    age_seal_small(&sealed, to, recovery != NULL ? 2 : 1, lines.at,
		lines.len, f) == 0 &&
	    home_keep_object(h, &sealed, out->object, f) == 0) {
		out->bytes = sealed.len;
		hex_write(out->root, root, sizeof(root));
		rc = 0;
	}
	token_key_free(key);
	bytes_free(&lines);
	bytes_free(&sealed);
	return rc;
}

/* ---- The manifest ---- */

struct comparing {
	const struct manifest *m;
	uint64_t items;
	size_t n; /* shards */
};

static int
compare_shard(void *arg, const struct catalog_shard *s, struct fault *f)
{
	struct comparing *c = arg;
	const struct manifest_shard *want = &c->m->shards[c->n];

	if (c->n >= c->m->nshards || s->n != c->n ||
	    memcmp(s->object, want->sha256, DIGEST_BYTES) != 0 ||
	    memcmp(s->index, want->index_sha256, DIGEST_BYTES) != 0 ||
	    s->bytes != want->bytes || s->items != want->items ||
	    s->index_bytes != want->index_bytes)
		return fault_set(f, FAULT_FORGED,
		    "the manifest is not of the shards that are logged");
	c->items += s->items;
	c->n++;
	return 0;
}

/* Is it about this batch, as it is logged? */
static int
check_manifest(struct home *h, const struct catalog_batch *b, struct slice text,
    struct comparing *c, struct fault *f)
{
	struct manifest m;
	json_t *legal = NULL;
	int rc = -1;

	if (manifest_read(&m, text, f) != 0)
		return -1;
	*c = (struct comparing){ .m = &m };
	if (law_first(h, b->id, &legal, f) != 0)
		goto out;
	if (strcmp(m.batch, b->id) != 0 || m.revision != b->revision + 1 ||
	    m.retention != b->retention ||
	    (m.has_labels && m.labels.golden) != b->golden ||
	    (legal != NULL) != (m.legal != NULL) ||
	    (legal != NULL && !json_equal(legal, m.legal)) ||
	    (b->golden &&
		memcmp(m.labels.root, b->golden_root, DIGEST_BYTES) != 0)) {
		(void)fault_set(
		    f, FAULT_FORGED, "the manifest is not this batch's");
		goto out;
	}
	if (catalog_each_shard(h->catalog, b->id, compare_shard, c, f) != 0)
		goto out;
	if (c->n != m.nshards) {
		(void)fault_set(f, FAULT_FORGED,
		    "the manifest has shards that are not logged");
		goto out;
	}
	rc = 0;
out:
	c->m = NULL;
	json_decref(legal);
	manifest_free(&m);
	return rc;
}

/* Sign the statement, as an envelope. */
static int
sign_manifest(
    struct home *h, struct slice text, struct bytes *out, struct fault *f)
{
	const struct ring_name name = { RING_MANIFEST, "1", 0 };
	struct sign_key key = { { NULL, 0 } };
	int rc = -1;

	if (ring_get_sign_key(h->ring, &name, &key, f) == 0)
		rc = dsse_sign(out, STATEMENT_PAYLOAD, text, &key, f);
	sign_key_free(&key);
	return rc;
}

/* Seal the envelope to the vendor and to the batch's returns. */
static int
keep_manifest(struct home *h, const struct catalog_batch *b,
    const struct bytes *envelope, char object[DIGEST_CHARS + 1],
    uint64_t *bytes, struct fault *f)
{
	const struct catalog_fact_name name = { b->vendor, "card", 0 };
	struct age_recipient to[2];
	struct bytes card_text, sealed;
	const char *returns;
	json_t *facts = NULL;
	struct card card;
	int rc = -1;

	bytes_init(&card_text, CARD_BYTES_MAX);
	bytes_init(&sealed, DSSE_BYTES_MAX + (2u << 20));
	if (catalog_fact(h->catalog, &name, &card_text, f) != 0 ||
	    card_read(&card, card_text.at, card_text.len, f) != 0 ||
	    batch_facts(h, b->id, &facts, f) != 0 ||
	    doc_text(facts, "returns", &returns, f) != 0 ||
	    age_recipient_read(&to[1], returns, strlen(returns), f) != 0)
		goto out;
	to[0] = card.age;
	if (age_seal_small(&sealed, to, 2, envelope->at, envelope->len, f) ==
		0 &&
	    home_keep_object(h, &sealed, object, f) == 0) {
		*bytes = sealed.len;
		rc = 0;
	}
out:
	json_decref(facts);
	bytes_free(&card_text);
	bytes_free(&sealed);
	return rc;
}

static int
log_sealed(struct home *h, struct asked *a, const struct catalog_batch *b,
    const struct bytes *envelope, const struct comparing *c, struct fault *f)
{
	struct catalog_entry e = { .kind = "batch-sealed" };
	uint8_t digest[DIGEST_BYTES];
	char object[DIGEST_CHARS + 1], manifest[DIGEST_CHARS + 1];
	struct catalog_shard last;
	uint64_t bytes, shards = 0;
	struct fault none = { 0 };
	int rc = -1;

	while (catalog_shard(
		   h->catalog, b->id, (uint32_t)shards, &last, &none) == 0)
		shards++;
	if (keep_manifest(h, b, envelope, object, &bytes, f) != 0)
		return -1;
	digest_of(digest, envelope->at, envelope->len);
	hex_write(manifest, digest, sizeof(digest));
	e.body = json_pack("{s:s,s:I,s:s,s:s,s:I,s:I,s:I}", "batch", b->id,
	    "items", (json_int_t)c->items, "manifest", manifest, "object",
	    object, "object_bytes", (json_int_t)bytes, "revision",
	    (json_int_t)(b->revision + 1), "shards", (json_int_t)c->n);
	if (e.body == NULL)
		return fault_memory(f);
	if (home_add(h, &e, NULL, f) != 0) {
		home_drop_object(h, object);
		goto out;
	}
	if (home_object_recorded(h, a, object, f) == 0)
		rc = home_out(a,
		    json_pack("{s:s,s:s,s:I}", "manifest", manifest, "object",
			object, "revision", (json_int_t)(b->revision + 1)),
		    f);
	if (rc != 0)
		home_spoil(h);
out:
	json_decref(e.body);
	return rc;
}

int
batch_seal(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_batch b;
	struct bytes text, envelope;
	struct slice statement;
	struct comparing c;
	const char *name;
	json_t *in;
	int fd = -1, rc = -1;

	if (home_need(h, a, RING_RELEASE | RING_EXPORT, f) != 0 ||
	    home_in(a, &in, f) != 0)
		return -1;
	bytes_init(&text, DSSE_BYTES_MAX);
	bytes_init(&envelope, DSSE_BYTES_MAX);
	if (doc_text(in, "batch", &name, f) != 0 ||
	    catalog_batch(h->catalog, name, &b, f) != 0 ||
	    message_fd(a->request, 0, &fd, f) != 0 ||
	    file_read_fd(fd, &text, f) != 0)
		goto out;
	statement = (struct slice){ text.at, text.len };
	if (check_manifest(h, &b, statement, &c, f) == 0 &&
	    sign_manifest(h, statement, &envelope, f) == 0)
		rc = log_sealed(h, a, &b, &envelope, &c, f);
out:
	file_close(&fd);
	bytes_free(&text);
	bytes_free(&envelope);
	json_decref(in);
	return rc;
}
