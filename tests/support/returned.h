#ifndef TESTS_SUPPORT_RETURNED_H
#define TESTS_SUPPORT_RETURNED_H

/*
 * An owner's home with one batch that was released, and returns for it.
 *
 * Three pictures in one shard: a.jpg is stored 40 x 30 with Orientation 6, so
 * that it was delivered upright, 30 x 40; b.jpg and c.jpg are as they are.  The
 * golden answer is about a.jpg.  Everything in the home is real but the shard
 * itself, which nobody opens here.
 */

#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/catalog/catalog.h"
#include "gateway/keeper/keeper.h"
#include "gateway/package/package_internal.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define ITEM_A "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ITEM_B "bbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ITEM_C "cccccccccccccccccccccccccc"
#define SAID "\"annotator\":\"a1\",\"at\":\"2026-11-01T10:00:00Z\""
#define BOX_A                                                     \
	"{\"item\":\"" ITEM_A "\"," SAID                          \
	",\"boxes\":[{\"class\":\"cat\",\"x\":2,\"y\":3,\"w\":10" \
	",\"h\":5}]}\n"
/* the box as one would draw it in the stored picture: wrong when delivered */
#define BOX_A_STORED                                              \
	"{\"item\":\"" ITEM_A "\"," SAID                          \
	",\"boxes\":[{\"class\":\"cat\",\"x\":3,\"y\":18,\"w\":5" \
	",\"h\":10}]}\n"
#define EMPTY_B "{\"item\":\"" ITEM_B "\"," SAID ",\"boxes\":[]}\n"
#define SKIP_C                                         \
	"{\"item\":\"" ITEM_C "\"," SAID ",\"state\":" \
	"\"skipped\",\"reason\":\"too dark\"}\n"
#define GOLDEN                                                      \
	"{\"item\":\"p/a.jpg\",\"boxes\":[{\"class\":\"cat\",\"x\"" \
	":3,\"y\":18,\"w\":5,\"h\":10}]}\n"

struct world {
	char folder[64], home[96], out[96], identity[96];
	int dir;
	struct ring *ring;
	struct catalog *c;
	struct sign_key log_key, vendor, stranger;
	struct vkey log;
	char batch[ID_CHARS + 1], vendor_id[ID_CHARS + 1];
	struct age_recipient returns;
	uint8_t manifest[DIGEST_BYTES];
	char join[DIGEST_CHARS + 1]; /* the join's object */
};

static inline void
world_put(const char *path, const void *p, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	struct fault f = { 0 };

	assert_true(fd != -1);
	assert_ok(file_write(fd, p, len, &f));
	file_close(&fd);
}

/* ---- The home, edited as its keeper would ---- */

static inline void
world_edit(struct world *w)
{
	struct audit_home at = { w->dir, &w->log, &w->log_key };
	struct fault f = { 0 };

	assert_ok(catalog_open(&w->c, &at, &f));
}

static inline void
world_done(struct world *w)
{
	catalog_close(w->c);
	w->c = NULL;
}

static inline void
world_log(struct world *w, const char *kind, json_t *body,
    const struct catalog_fact *facts, size_t nfacts)
{
	struct catalog_entry e = {
		.kind = kind, .body = body, .facts = facts, .nfacts = nfacts
	};
	struct fault f = { 0 };
	uint64_t seq;

	assert_non_null(body);
	assert_ok(catalog_record(w->c, &e, &seq, &f));
	json_decref(body);
}

/* An object of the home: text, sealed.  hex gets its name. */
static inline void
world_object(struct world *w, const void *p, size_t len,
    const struct age_recipient *to, char hex[DIGEST_CHARS + 1])
{
	uint8_t digest[DIGEST_BYTES];
	char path[DIGEST_CHARS + 16];
	struct fault f = { 0 };
	struct bytes sealed;

	bytes_init(&sealed, 1 << 20);
	assert_ok(age_seal_small(&sealed, to, 1, p, len, &f));
	digest_of(digest, sealed.at, sealed.len);
	hex_write(hex, digest, sizeof(digest));
	(void)snprintf(path, sizeof(path), "objects/%.2s", hex);
	assert_ok(folder_make(w->dir, "objects", &f));
	assert_ok(folder_make(w->dir, path, &f));
	(void)snprintf(path, sizeof(path), "objects/%.2s/%s", hex, hex);
	assert_ok(file_put(w->dir, path, sealed.at, sealed.len, true, &f));
	bytes_free(&sealed);
}

static inline void
world_index(struct bytes *out)
{
	static const char *const items[] = { ITEM_A, ITEM_B, ITEM_C };
	struct fault f = { 0 };

	bytes_init(out, 1 << 16);
	for (int i = 0; i < 3; i++) {
		struct package_entry e = { .bytes = 10, .items = 1 };

		e.width = i == 0 ? 30 : 40;
		e.height = i == 0 ? 40 : 30;
		(void)snprintf(e.member, sizeof(e.member), "%s.jpg", items[i]);
		memcpy(e.item, items[i], sizeof(e.item));
		memcpy(e.type, "jpeg", 5);
		assert_ok(record_entry(out, &e, &f));
	}
}

static inline const char *
world_join(void)
{
	return "{\"group\":\"gggggggggggggggggggggggggg\",\"height\":30,"
	       "\"item\":\"" ITEM_A "\",\"member\":\"" ITEM_A
	       ".jpg\",\"orientation\":6,\"original\":\"p/a.jpg\","
	       "\"width\":40}\n"
	       "{\"height\":30,\"item\":\"" ITEM_B "\",\"member\":\"" ITEM_B
	       ".jpg\",\"orientation\":1,\"original\":\"p/b, c.jpg\","
	       "\"width\":40}\n"
	       "{\"height\":30,\"item\":\"" ITEM_C "\",\"member\":\"" ITEM_C
	       ".jpg\",\"orientation\":1,\"original\":\"p/c.jpg\","
	       "\"width\":40}\n";
}

/* ---- Making ---- */

static inline void
world_vendor(struct world *w)
{
	struct card card = { .role = ROLE_VENDOR, .name = "acme" };
	struct catalog_fact facts[] = { { "card", { NULL, 0 } },
		{ "country", slice_of_text("NL") },
		{ "name", slice_of_text("acme") } };
	char digests[3][DIGEST_CHARS + 1];
	uint8_t d[DIGEST_BYTES], public[SIGN_PUBLIC_BYTES];
	struct bytes text, recipient;
	struct fault f = { 0 };

	assert_ok(sign_key_new(&w->vendor, &f));
	assert_ok(sign_key_new(&w->stranger, &f));
	sign_key_public(&w->vendor, public);
	id_new(card.home, 'h');
	card.age = w->returns; /* nobody seals to the vendor here */
	assert_ok(vkey_of(&card.verifier, "acme", public, &f));
	memset(card.tls, 5, sizeof(card.tls));
	bytes_init(&text, CARD_BYTES_MAX);
	bytes_init(&recipient, 4096);
	assert_ok(card_sign(&text, &card, &w->vendor, &f));
	assert_ok(age_recipient_write(&recipient, &card.age, &f));
	facts[0].bytes = (struct slice){ text.at, text.len };
	digest_of(d, recipient.at, recipient.len);
	hex_write(digests[0], d, sizeof(d));
	digest_of(d, public, sizeof(public));
	hex_write(digests[1], d, sizeof(d));
	digest_of(d, card.tls, sizeof(card.tls));
	hex_write(digests[2], d, sizeof(d));
	id_new(w->vendor_id, 'v');
	world_log(w, "vendor-added",
	    json_pack("{s:s,s:s,s:s,s:s,s:s}", "model", "dedicated",
		"recipient", digests[0], "verifier", digests[1], "tls",
		digests[2], "vendor", w->vendor_id),
	    facts, 3);
	world_log(w, "vendor-confirmed",
	    json_pack("{s:s}", "vendor", w->vendor_id), NULL, 0);
	bytes_free(&text);
	bytes_free(&recipient);
}

/* batch-begun, with or without a golden answer. */
static inline void
world_begin(struct world *w, bool golden)
{
	struct catalog_fact facts[] = { { "name", slice_of_text("first") },
		{ "plan", { NULL, 0 } }, { "policy", slice_of_text("p") },
		{ "source", slice_of_text("/data") } };
	char hex[DIGEST_CHARS + 1], plan[256];

	world_object(w, GOLDEN, strlen(GOLDEN), &w->returns, hex);
	(void)snprintf(plan, sizeof(plan),
	    "{\"digest\":\"x\",\"golden\":{\"object\":\"%s\"}}", hex);
	facts[1].bytes = slice_of_text(plan);
	world_log(w, "batch-begun",
	    json_pack("{s:[],s:s,s:s,s:s?,s:s?,s:b,s:o,s:i,s:s}", "agreements",
		"approve", "self", "batch", w->batch, "golden",
		golden ? hex : NULL, "metric", golden ? "mean-iou" : NULL,
		"offline", 0, "pass",
		golden ? json_integer(800000) : json_null(), "retention",
		7776000, "vendor", w->vendor_id),
	    facts, 4);
}

static inline void
world_manifest(struct world *w, char object[DIGEST_CHARS + 1])
{
	struct statement_subject subject = { .name = "shard-1" };
	struct statement_draft d = { MANIFEST_TYPE, &subject, 1, NULL };
	struct fault f = { 0 };
	struct bytes envelope;

	bytes_init(&envelope, 1 << 16);
	d.predicate = json_pack("{s:{s:s,s:[s,s],s:s}}", "labels", "kind",
	    "boxes", "classes", "cat", "dog", "unanswered", "open");
	assert_non_null(d.predicate);
	assert_ok(statement_sign(&envelope, &d, &w->log_key, &f));
	json_decref(d.predicate);
	digest_of(w->manifest, envelope.at, envelope.len);
	world_object(w, envelope.at, envelope.len, &w->returns, object);
	bytes_free(&envelope);
}

static inline void
world_shard(struct world *w, const struct age_recipient *shard)
{
	char index[DIGEST_CHARS + 1], join[DIGEST_CHARS + 1];
	char manifest[DIGEST_CHARS + 1], object[DIGEST_CHARS + 1];
	struct bytes lines;

	world_index(&lines);
	world_object(w, lines.at, lines.len, shard, index);
	world_object(w, world_join(), strlen(world_join()), &w->returns, join);
	bytes_free(&lines);
	world_log(w, "shard-sealed",
	    json_pack("{s:s,s:i,s:i,s:n,s:s,s:i,s:s,s:i,s:s,s:i}", "batch",
		w->batch, "bytes", 1000, "items", 3, "items_root", "object",
		index, "shard", 0, "index", index, "index_bytes", 1, "join",
		join, "join_bytes", 1),
	    NULL, 0);
	world_manifest(w, object);
	memcpy(w->join, join, sizeof(w->join));
	hex_write(manifest, w->manifest, sizeof(w->manifest));
	world_log(w, "batch-sealed",
	    json_pack("{s:s,s:i,s:s,s:i,s:i,s:s,s:i}", "batch", w->batch,
		"items", 3, "manifest", manifest, "revision", 1, "shards", 1,
		"object", object, "object_bytes", 1),
	    NULL, 0);
}

static inline void
world_release(struct world *w)
{
	const struct catalog_fact by = { "by", slice_of_text("us") };
	char grant[ID_CHARS + 1];
	uint8_t request[DIGEST_BYTES] = { 1 };
	struct catalog_release r = { .grant = grant, .request = request };
	struct fault f = { 0 };
	uint64_t seq;

	id_new(grant, 'g');
	world_log(w, "batch-approved",
	    json_pack("{s:s,s:i}", "batch", w->batch, "n", 1), &by, 1);
	world_log(w, "grant-made",
	    json_pack("{s:s,s:s,s:s,s:s,s:s}", "batch", w->batch, "from",
		"2001-01-01T00:00:00Z", "grant", grant, "until",
		"2999-01-01T00:00:00Z", "vendor", w->vendor_id),
	    NULL, 0);
	assert_ok(catalog_begin(w->c, &f));
	assert_ok(catalog_release(w->c, &r, &seq, &f));
	assert_ok(catalog_commit(w->c, &f));
}

/* The ring, unlocked by the identity file, and the log's keys. */
static inline void
world_unlock(struct world *w)
{
	const struct ring_name log = { RING_LOG, "1", 0 };
	struct ring_unlock how = { .means = RING_IDENTITY };
	uint8_t public[SIGN_PUBLIC_BYTES];
	char origin[NOTE_NAME_MAX + 1];
	struct fault f = { 0 };
	struct bytes text;

	assert_ok(folder_open(AT_FDCWD, w->home, &w->dir, &f));
	assert_ok(ring_open(&w->ring, w->dir, &f));
	bytes_init(&text, 4096);
	assert_ok(file_read(AT_FDCWD, w->identity, &text, &f));
	assert_ok(secret_copy(&how.text, text.at, text.len, &f));
	assert_ok(ring_unlock(w->ring, RING_ALL, &how, &f));
	secret_free(&how.text);
	bytes_free(&text);
	assert_ok(ring_get_sign_key(w->ring, &log, &w->log_key, &f));
	(void)snprintf(
	    origin, sizeof(origin), AUDIT_ORIGIN "%s", ring_home(w->ring));
	sign_key_public(&w->log_key, public);
	assert_ok(vkey_of(&w->log, origin, public, &f));
}

static inline void
world_create(struct world *w)
{
	struct keeper_home owner = { .role = ROLE_OWNER, .name = "us" };
	struct keeper_options o = {
		.home = w->home, .passphrase = -1, .identity = w->identity
	};
	struct age_identity id;
	struct secret text;
	struct fault f = { 0 };

	test_folder(w->folder);
	(void)snprintf(w->home, sizeof(w->home), "%s/home", w->folder);
	(void)snprintf(w->out, sizeof(w->out), "%s/out", w->folder);
	(void)snprintf(w->identity, sizeof(w->identity), "%s/id", w->folder);
	assert_ok(age_identity_new(&id, &f));
	assert_ok(age_identity_write(&text, &id, &f));
	world_put(w->identity, text.at, text.len - 1);
	secret_free(&text);
	age_identity_free(&id);
	assert_ok(keeper_create(&o, &owner, &f));
}

/* A home whose batch of three pictures was released. */
static inline void
world_start(struct world *w, bool golden)
{
	struct age_recipient shard = { .kind = AGE_X25519 };
	struct ring_name back = { RING_RETURN, w->batch, 0 };
	struct fault f = { 0 };

	memset(w, 0, sizeof(*w));
	assert_ok(secret_start(&f));
	id_new(w->batch, 'b');
	world_create(w);
	world_unlock(w);
	w->returns.kind = AGE_X25519;
	assert_ok(ring_make_identity(w->ring, &back, w->returns.key, &f));
	assert_ok(ring_make_shards(w->ring, w->batch, 0, 1,
	    (uint8_t(*)[AGE_X25519_BYTES])shard.key, &f));
	world_edit(w);
	world_vendor(w);
	world_begin(w, golden);
	world_shard(w, &shard);
	world_release(w);
	world_done(w);
}

static inline void
world_end(struct world *w)
{
	world_done(w);
	ring_close(w->ring);
	sign_key_free(&w->log_key);
	sign_key_free(&w->vendor);
	sign_key_free(&w->stranger);
	file_close(&w->dir);
	test_folder_remove(w->folder);
}

/* ---- Returns ---- */

/* What a vendor sends; what is not set is as it should be. */
struct sending {
	const char *labels;
	const char *batch, *id;	   /* as signed */
	const struct sign_key *by; /* NULL: the vendor */
	const struct age_recipient *to;
	const uint8_t *manifest;
	const char *instead; /* label file put in after signing */
	bool complete;
};

/* Write the return into path of folder dir; id gets its id as signed. */
static inline void
world_sending(struct world *w, const struct sending *s, int dir,
    const char *path, char id[ID_CHARS + 1])
{
	struct return_label l = { .fd = -1 };
	struct return_statement says = {
		.at = 1793600000, .complete = s->complete, .nlabels = 1
	};
	struct return_draft d = { .labels = &l, .nlabels = 1, .nto = 1 };
	struct package_object made;
	struct fault f = { 0 };
	struct bytes envelope;
	int fd;

	l.fd = open(w->folder, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	assert_ok(file_write(l.fd, s->labels, strlen(s->labels), &f));
	assert_ok(return_label_of(&l, 0, "x.jsonl", &f));
	says.labels[0] = l;
	memcpy(
	    says.batch, s->batch != NULL ? s->batch : w->batch, ID_CHARS + 1);
	id_new(says.id, 'r');
	memcpy(id, says.id, ID_CHARS + 1);
	if (s->id != NULL)
		memcpy(says.id, s->id, ID_CHARS + 1);
	memcpy(says.manifest, s->manifest != NULL ? s->manifest : w->manifest,
	    DIGEST_BYTES);
	bytes_init(&envelope, RETURN_ENVELOPE_MAX);
	assert_ok(return_statement_sign(
	    &envelope, &says, s->by != NULL ? s->by : &w->vendor, &f));
	if (s->instead != NULL) {
		assert_int_equal(ftruncate(l.fd, 0), 0);
		assert_int_equal(lseek(l.fd, 0, SEEK_SET), 0);
		assert_ok(file_write(l.fd, s->instead, strlen(s->instead), &f));
		assert_ok(return_label_of(&l, 0, "x.jsonl", &f));
	}
	d.envelope = (struct slice){ envelope.at, envelope.len };
	d.to = s->to != NULL ? s->to : &w->returns;
	fd = openat(dir, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd != -1);
	assert_ok(return_file_write(fd, &d, &made, &f));
	bytes_free(&envelope);
	file_close(&fd);
	file_close(&l.fd);
}

/* The same as it lies after an upload: logged, in quarantine, in parts. */
static inline void
world_returned(struct world *w, const struct sending *s, char id[ID_CHARS + 1])
{
	char path[128], hex[DIGEST_CHARS + 1];
	uint8_t digest[DIGEST_BYTES];
	struct fault f = { 0 };
	struct bytes all;

	world_sending(w, s, w->dir, "quarantine/.arriving", id);
	(void)snprintf(path, sizeof(path), "quarantine/%s", id);
	bytes_init(&all, 1 << 24);
	assert_ok(file_read(w->dir, "quarantine/.arriving", &all, &f));
	assert_int_equal(unlinkat(w->dir, "quarantine/.arriving", 0), 0);
	assert_ok(folder_make(w->dir, path, &f));
	(void)snprintf(path, sizeof(path), "quarantine/%s/1", id);
	assert_ok(file_put(w->dir, path, all.at, 100, true, &f));
	(void)snprintf(path, sizeof(path), "quarantine/%s/2", id);
	assert_ok(
	    file_put(w->dir, path, all.at + 100, all.len - 100, true, &f));
	(void)snprintf(path, sizeof(path), "quarantine/%s/of", id);
	assert_ok(file_put(w->dir, path, w->batch, ID_CHARS, true, &f));
	digest_of(digest, all.at, all.len);
	hex_write(hex, digest, sizeof(digest));
	world_edit(w);
	world_log(w, "returned",
	    json_pack("{s:s,s:i,s:s,s:s}", "batch", w->batch, "bytes",
		(int)all.len, "object", hex, "return", id),
	    NULL, 0);
	world_done(w);
	bytes_free(&all);
}

#endif
