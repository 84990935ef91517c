/*
 * The release: what makes shards readable by a vendor.
 *
 *     request --> rules of the catalog --> entry in the group --> COMMIT
 *                                                                   |
 *         receipt, headers for the vendor, sealed to it <-----------'
 *
 * Nothing is wrapped before the log says so, durably.  The same signed request
 * gets the same release: a vendor whose answer was lost asks with it again.
 * Every answer has fresh headers, so a repeat stands under all the rules that a
 * new request does, and only while the first answer may really have been lost.
 */

#include <string.h>

#include "gateway/keeper/asker_internal.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

/* How long a repeat is taken: whoever lost a connection asks again within
 * minutes, or when the next day's shift begins. */
#define REPEAT_SECONDS 86400

/* Of one batch, in an hour: each is an entry for ever.  A batch of a quarter of
 * a million shards is released in so many, and nobody who means well asks for
 * the same one every minute. */
#define RELEASES_HOURLY 60

/* Of the answer: at least 700 bytes a shard. */
#define BATCHES_MAX 16384u

/* ---- The list ---- */

static json_t *
time_or_null(int64_t at)
{
	char text[CLOCK_CHARS + 1];

	if (at == 0)
		return json_null();
	clock_write(text, at);
	return json_string(text);
}

static int
last_grant(void *arg, const struct catalog_grant *g, struct fault *f)
{
	struct catalog_grant *best = arg;

	(void)f;
	if (g->until >= best->until)
		*best = *g;
	return 0;
}

static int
count_bytes(void *arg, const struct catalog_shard *s, struct fault *f)
{
	(void)f;
	*(uint64_t *)arg += s->bytes;
	return 0;
}

struct list {
	struct home *h;
	json_t *batches;
};

static int
list_batch(void *arg, const struct catalog_batch *b, struct fault *f)
{
	struct list *l = arg;
	struct catalog_grant g = { .until = 0 };
	char manifest[DIGEST_CHARS + 1], object[DIGEST_CHARS + 1];
	uint64_t bytes = 0;
	json_t *o;

	if (b->revision == 0)
		return 0;
	if (json_array_size(l->batches) == BATCHES_MAX)
		return fault_set(
		    f, FAULT_INPUT, "over %u batches", BATCHES_MAX);
	if (catalog_each_grant(l->h->catalog, b->id, last_grant, &g, f) != 0 ||
	    catalog_each_shard(l->h->catalog, b->id, count_bytes, &bytes, f) !=
		0)
		return -1;
	hex_write(manifest, b->manifest, DIGEST_BYTES);
	hex_write(object, b->manifest_object, DIGEST_BYTES);
	o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:o,s:o,s:o}",
	    "batch", b->id, "name", b->name, "state",
	    catalog_state_name(b->state), "manifest", manifest,
	    "manifest_object", object, "manifest_bytes",
	    (json_int_t)b->manifest_bytes, "revision", (json_int_t)b->revision,
	    "shards", (json_int_t)b->shards, "items", (json_int_t)b->items,
	    "bytes", (json_int_t)bytes, "sealed", time_or_null(b->sealed),
	    "from", time_or_null(g.from), "until", time_or_null(g.until));
	if (o == NULL || json_array_append_new(l->batches, o) != 0)
		return fault_memory(f);
	return 0;
}

static int
list_all(
    struct home *h, struct asked *a, const struct asker *k, struct fault *f)
{
	struct list l = { h, json_array() };

	if (l.batches == NULL)
		return fault_memory(f);
	if (catalog_each_batch(h->catalog, k->vendor.id, list_batch, &l, f) !=
	    0) {
		json_decref(l.batches);
		return -1;
	}
	return asker_answer(a->answer, &k->card,
	    json_pack(
		"{s:s,s:o}", "home", ring_home(h->ring), "batches", l.batches),
	    f);
}

int
release_list(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct asker k;
	int rc = -1;

	if (asker_signed(h, a, &k, f) == 0 && asker_served(&k, f) == 0)
		rc = list_all(h, a, &k, f);
	return asker_end(h, a, &k, rc, f);
}

/* ---- The answer to a release, behind its commit ---- */

struct answer {
	struct home *h;
	char batch[ID_CHARS + 1];
	uint8_t manifest_object[DIGEST_BYTES];
	struct card to;
	uint64_t seq;
	json_t *shards;
};

static void
answer_free(void *arg)
{
	struct answer *w = arg;

	json_decref(w->shards);
	mem_free(w);
}

static int
answer_shard(void *arg, const struct catalog_shard *s, struct fault *f)
{
	struct answer *w = arg;

	return headers_add(w->h, w->batch, &w->to.age, s, w->shards, f);
}

/* home_after(): the log says so now. */
static int
answer_release(
    struct home *h, struct message *answer, void *arg, struct fault *f)
{
	struct answer *w = arg;
	char manifest[DIGEST_CHARS + 1];
	struct bytes receipt;
	int rc = -1;

	bytes_init(&receipt, AUDIT_RECEIPT_MAX);
	hex_write(manifest, w->manifest_object, DIGEST_BYTES);
	if (audit_prove(catalog_audit(h->catalog), w->seq, &receipt, f) != 0 ||
	    bytes_end_text(&receipt, f) != 0 ||
	    catalog_release_shards(h->catalog, w->seq, answer_shard, w, f) != 0)
		goto out;
	rc = asker_answer(answer, &w->to,
	    json_pack("{s:s,s:I,s:s,s:s,s:O}", "batch", w->batch, "release",
		(json_int_t)w->seq, "receipt", (const char *)receipt.at,
		"manifest", manifest, "shards", w->shards),
	    f);
out:
	/* Whoever asked signed rightly: what was altered here is ours. */
	if (rc != 0 && f->kind == FAULT_FORGED)
		f->kind = FAULT_SYSTEM;
	bytes_free(&receipt);
	return rc;
}

static int
answer_after(struct home *h, struct asked *a, const struct asker *k,
    const struct catalog_batch *b, uint64_t seq, struct fault *f)
{
	struct answer *w = mem_new(sizeof(*w));

	if (w == NULL || (w->shards = json_array()) == NULL) {
		mem_free(w);
		return fault_memory(f);
	}
	w->h = h;
	w->seq = seq;
	w->to = k->card;
	memcpy(w->batch, b->id, sizeof(w->batch));
	memcpy(w->manifest_object, b->manifest_object, DIGEST_BYTES);
	return home_after(h, a, answer_release, w, answer_free, f);
}

/* ---- The decision ---- */

struct wish {
	bool all;
	uint32_t shards[CATALOG_RELEASE_MAX];
	size_t n;
};

static int
read_list(const json_t *list, struct wish *w, struct fault *f)
{
	w->n = json_array_size(list);
	if (w->n == 0 || w->n > CATALOG_RELEASE_MAX)
		return fault_set(f, FAULT_INPUT, "needs 1 to %u shards",
		    CATALOG_RELEASE_MAX);
	for (size_t i = 0; i < w->n; i++) {
		const json_t *n = json_array_get(list, i);

		if (!json_is_integer(n) || json_integer_value(n) < 0 ||
		    json_integer_value(n) > UINT32_MAX)
			return fault_set(
			    f, FAULT_INPUT, "shards: not a shard's number");
		w->shards[i] = (uint32_t)json_integer_value(n);
	}
	return 0;
}

/* {"shards": "all" or a list of numbers, ascending} */
static int
read_wish(struct slice body, struct wish *w, struct fault *f)
{
	const json_t *shards;
	json_t *o;
	int rc = -1;

	if (doc_read(&o, body.at, body.len, f) != 0)
		return -1;
	if (doc_only(o, "shards", f) != 0)
		goto out;
	shards = json_object_get(o, "shards");
	w->all = json_is_string(shards) &&
		 strcmp(json_string_value(shards), "all") == 0;
	if (w->all)
		rc = 0;
	else if (json_is_array(shards))
		rc = read_list(shards, w, f);
	else
		(void)fault_set(
		    f, FAULT_INPUT, "shards: neither \"all\" nor a list");
out:
	json_decref(o);
	return rc;
}

int
asker_grant(struct home *h, struct asker *k, const struct catalog_batch *b,
    struct catalog_grant *g, struct fault *f)
{
	bool found;

	if (catalog_live_grant(h->catalog, b->id,
		audit_now(catalog_audit(h->catalog)), &found, g, f) != 0)
		return -1;
	if (found)
		return 0;
	memset(g, 0, sizeof(*g));
	if (catalog_each_grant(h->catalog, b->id, last_grant, g, f) != 0)
		return -1;
	if (g->id[0] != '\0')
		return 0;
	if (b->state == CATALOG_OPEN)
		return asker_refuse(
		    k, f, "not-sealed", "the batch is not sealed yet");
	if (b->state == CATALOG_SEALED)
		return asker_refuse(
		    k, f, "not-approved", "the batch has not been approved");
	if (b->state == CATALOG_SHREDDED)
		return asker_refuse(
		    k, f, "shredded", "the batch has been shredded");
	if (b->state == CATALOG_WITHDRAWN)
		return asker_refuse(
		    k, f, "withdrawn", "the batch has been withdrawn");
	return asker_refuse(
	    k, f, "unknown-grant", "nobody has granted you this batch");
}

static int
sidecar(struct home *h, const struct asker *k, const struct catalog_batch *b,
    const struct wish *w, struct bytes *out, struct fault *f)
{
	json_t *shards = w->all ? json_string("all") : json_array();

	for (size_t i = 0; i < w->n && shards != NULL; i++)
		if (json_array_append_new(shards, json_integer(w->shards[i])) !=
		    0) {
			json_decref(shards);
			shards = NULL;
		}
	if (shards == NULL)
		return fault_memory(f);
	return home_sidecar(h,
	    json_pack("{s:s,s:s,s:o}", "vendor", k->vendor.name, "batch",
		b->name, "shards", shards),
	    out, f);
}

static int
check_count(
    const struct catalog_batch *b, const struct wish *w, struct fault *f)
{
	if (!w->all || b->shards <= CATALOG_RELEASE_MAX)
		return 0;
	return fault_set(f, FAULT_INPUT,
	    "the batch has over %u shards: name them", CATALOG_RELEASE_MAX);
}

static int
check_rate(struct home *h, struct asker *k, const struct catalog_batch *b,
    struct fault *f)
{
	struct catalog_released first;
	int64_t later;
	bool found;

	if (catalog_release_before(
		h->catalog, b->id, RELEASES_HOURLY - 1, &found, &first, f) != 0)
		return -1;
	if (!found)
		return 0;
	later = first.at + 3600 - audit_now(catalog_audit(h->catalog));
	if (later <= 0)
		return 0;
	k->later = (uint32_t)later;
	return asker_refuse(
	    k, f, "too-often", "60 releases of the batch within an hour");
}

/* One decision: an entry that stands for it, or a rule that says no. */
static int
decide(struct home *h, struct asker *k, const struct catalog_batch *b,
    const struct wish *w, uint64_t *seq, struct fault *f)
{
	struct catalog_release r = { .request = k->digest };
	struct catalog_grant g;
	struct bytes side;
	int rc = -1;

	bytes_init(&side, AUDIT_SIDECAR_MAX);
	if (check_rate(h, k, b, f) != 0 || asker_grant(h, k, b, &g, f) != 0 ||
	    sidecar(h, k, b, w, &side, f) != 0)
		goto out;
	r.grant = g.id;
	r.shards = w->all ? NULL : w->shards;
	r.nshards = w->n;
	r.sidecar = (struct slice){ side.at, side.len };
	if (catalog_release_allowed(h->catalog, &r, f) == 0 &&
	    asker_law(h, k, b, &r, f) == 0)
		rc = home_release(h, &r, seq, f);
out:
	bytes_free(&side);
	return rc;
}

/* May a release that was logged be answered again? */
static int
decide_again(struct home *h, struct asker *k, const struct catalog_batch *b,
    const struct wish *w, const struct catalog_released *before,
    struct fault *f)
{
	struct catalog_release r = { .request = k->digest };
	struct catalog_deletion gone;
	struct catalog_grant g;
	bool stated;

	if (asker_grant(h, k, b, &g, f) != 0)
		return -1;
	r.grant = g.id;
	r.shards = w->all ? NULL : w->shards;
	r.nshards = w->n;
	if (catalog_release_allowed(h->catalog, &r, f) != 0 ||
	    asker_law(h, k, b, &r, f) != 0 ||
	    catalog_last_deletion(h->catalog, b->id, &stated, &gone, f) != 0)
		return -1;
	if (before->acknowledged != 0)
		return asker_refuse(k, f, "answered",
		    "what the request released was acknowledged");
	if (stated && gone.seq > before->seq)
		return asker_refuse(k, f, "answered",
		    "what the request released was stated to be deleted");
	if (audit_now(catalog_audit(h->catalog)) - before->at > REPEAT_SECONDS)
		return asker_refuse(k, f, "answered",
		    "the request was answered over a day ago");
	return 0;
}

static int
release(struct home *h, struct asked *a, struct asker *k, struct fault *f)
{
	struct wish *w = mem_new(sizeof(*w));
	struct catalog_released before = { .seq = 0 };
	struct catalog_batch b;
	bool answered = false;
	uint64_t seq = 0;
	int rc = -1;

	if (w == NULL)
		return fault_memory(f);
	if (asker_batch(h, k, &b, f) != 0 || read_wish(k->r.body, w, f) != 0 ||
	    check_count(&b, w, f) != 0 ||
	    catalog_answered(h->catalog, k->digest, &answered, &before, f) != 0)
		goto out;
	if (answered) {
		seq = before.seq;
		rc = decide_again(h, k, &b, w, &before, f);
	} else {
		rc = decide(h, k, &b, w, &seq, f);
	}
	if (rc == 0)
		rc = answer_after(h, a, k, &b, seq, f);
out:
	mem_free(w);
	return rc;
}

int
release_ask(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct asker k;
	int rc = -1;

	if (asker_signed(h, a, &k, f) == 0)
		rc = release(h, a, &k, f);
	return asker_end(h, a, &k, rc, f);
}
