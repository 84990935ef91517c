/*
 * Shredding a batch: our keys to it and our copies of it go.
 *
 *     the log says so, durable --> keys destroyed --> objects deleted
 *
 * The record comes first, so that nothing is ever gone without a word; a crash
 * behind it leaves keys, and the same command again destroys them without a
 * second record.  Keys go before objects: without them the objects are noise,
 * also where a disk keeps deleted blocks.  What the vendor was given stays
 * with the vendor, and a backup keeps keys until it expires.
 */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "gateway/keeper/approvals_internal.h"
#include "gateway/keeper/holds_internal.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

struct shredding {
	struct catalog_batch batch;
	uint32_t
	    shards; /* one more than the last that has a key or an object */
	uint64_t keys, deleted;
	struct home *home;
};

/* ---- Keys ---- */

static int
see_key(void *arg, const struct ring_file *file, struct fault *f)
{
	struct shredding *s = arg;

	(void)f;
	if (!file->is_key || strcmp(file->name.id, s->batch.id) != 0)
		return 0;
	if (file->name.kind == RING_SHARD && file->name.number >= s->shards)
		s->shards = file->name.number + 1;
	s->keys++;
	return 0;
}

static int
destroy_keys(struct home *h, struct shredding *s, struct fault *f)
{
	const struct ring_name returns = { RING_RETURN, s->batch.id, 0 };
	const struct ring_name seed = { RING_SEED, s->batch.id, 0 };

	if (ring_each(h->ring, see_key, s, f) != 0)
		return -1;
	if (s->shards > 0 &&
	    ring_destroy_shards(h->ring, s->batch.id, 0, s->shards, f) != 0)
		return -1;
	if (ring_destroy(h->ring, &returns, f) != 0)
		return -1;
	return ring_destroy(h->ring, &seed, f);
}

/* ---- Objects ---- */

static int
delete_digest(
    struct shredding *s, const uint8_t digest[DIGEST_BYTES], struct fault *f)
{
	char path[sizeof("objects/aa/") + DIGEST_CHARS];
	char hex[DIGEST_CHARS + 1];

	hex_write(hex, digest, DIGEST_BYTES);
	(void)snprintf(path, sizeof(path), "objects/%.2s/%s", hex, hex);
	if (unlinkat(s->home->dir, path, 0) == 0)
		s->deleted++;
	else if (errno != ENOENT)
		return fault_errno(f, "%s", path);
	return 0;
}

static int
delete_shard(void *arg, const struct catalog_shard *shard, struct fault *f)
{
	if (delete_digest(arg, shard->object, f) != 0 ||
	    delete_digest(arg, shard->index, f) != 0)
		return -1;
	return delete_digest(arg, shard->join, f);
}

static int
delete_return(void *arg, const struct catalog_return *r, struct fault *f)
{
	return delete_digest(arg, r->object, f);
}

/* The object of golden answers that the fact "plan" names. */
static int
delete_named(struct shredding *s, const struct bytes *plan, struct fault *f)
{
	uint8_t digest[DIGEST_BYTES];
	const char *hex;
	json_t *o;
	int rc = 0;

	if (doc_read(&o, plan->at, plan->len, f) != 0)
		return -1;
	hex = json_string_value(
	    json_object_get(json_object_get(o, "golden"), "object"));
	if (hex != NULL && hex_read(digest, sizeof(digest), hex, strlen(hex)))
		rc = delete_digest(s, digest, f);
	json_decref(o);
	return rc;
}

static int
delete_golden(struct home *h, struct shredding *s, struct fault *f)
{
	const struct catalog_fact_name name = { s->batch.id, "plan", 0 };
	struct fault none = { 0 };
	struct bytes plan;
	int rc = 0;

	if (!s->batch.golden)
		return 0;
	bytes_init(&plan, CATALOG_FACT_MAX);
	if (catalog_fact(h->catalog, &name, &plan, &none) == 0)
		rc = delete_named(s, &plan, f);
	else if (none.kind != FAULT_INPUT) { /* otherwise it was erased */
		*f = none;
		rc = -1;
	}
	bytes_free(&plan);
	return rc;
}

static int
delete_objects(struct home *h, struct shredding *s, struct fault *f)
{
	if (catalog_each_shard(h->catalog, s->batch.id, delete_shard, s, f) !=
		0 ||
	    catalog_each_return(h->catalog, s->batch.id, delete_return, s, f) !=
		0 ||
	    delete_golden(h, s, f) != 0)
		return -1;
	return s->batch.revision > 0
		   ? delete_digest(s, s->batch.manifest_object, f)
		   : 0;
}

/* ---- The ask ---- */

/* Behind the commit. */
static int
destroy(struct home *h, struct message *answer, void *arg, struct fault *f)
{
	struct shredding *s = arg;
	json_t *o;

	s->home = h;
	if (destroy_keys(h, s, f) != 0 || delete_objects(h, s, f) != 0) {
		(void)fault_at(f,
		    "%s: shredded in the log, not all of it "
		    "here",
		    s->batch.name);
		return fault_hint(f, "handoff batch shred %s", s->batch.id);
	}
	if ((o = ended_say(h, s->batch.id, f)) == NULL)
		return -1;
	if (json_object_set_new(o, "keys", json_integer((json_int_t)s->keys)) !=
		0 ||
	    json_object_set_new(
		o, "objects", json_integer((json_int_t)s->deleted)) != 0) {
		json_decref(o);
		return fault_memory(f);
	}
	return keeper_put_json(&answer->body, o, f);
}

static int
record(struct home *h, const struct catalog_batch *b, struct fault *f)
{
	struct catalog_entry e = { .kind = "batch-shredded" };
	int rc;

	if (b->state == CATALOG_SHREDDED) /* the rest of an earlier one */
		return 0;
	if ((e.body = json_pack("{s:s}", "batch", b->id)) == NULL)
		return fault_memory(f);
	rc = home_add(h, &e, NULL, f);
	json_decref(e.body);
	if (rc != 0 && f->kind == FAULT_POLICY &&
	    strcmp(catalog_rule(h->catalog), "held") == 0) {
		(void)fault_at(f, "%s", b->name);
		(void)fault_hint(f, "handoff hold list");
	}
	return rc;
}

int
batch_shred(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct shredding *s;
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if ((s = mem_new(sizeof(*s))) == NULL)
		(void)fault_memory(f);
	else if (take_batch(h, in, &s->batch, f) == 0 &&
		 home_need(h, a, RING_RELEASE, f) == 0 &&
		 (s->batch.state == CATALOG_SHREDDED ||
		     holds_permit(h, &s->batch, f) == 0) &&
		 record(h, &s->batch, f) == 0) {
		rc = home_after(h, a, destroy, s, mem_free, f);
		if (rc != 0)
			home_spoil(h);
		s = NULL;
	}
	mem_free(s);
	json_decref(in);
	return rc;
}
