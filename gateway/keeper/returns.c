/*
 * Returns: which there are, whether one is by the vendor and about the batch
 * that it says, and what was taken in before it.  What became of it is
 * verdicts.c's.
 *
 * The keeper reads no label.  It is handed the signed envelope that a checker
 * found, and answers with what the vendor said about which files; the digests
 * in it are then the checker's to hold against the bytes.
 */

#include <string.h>

#include "gateway/keeper/keeper_internal.h"
#include "gateway/package/package.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"

/* ---- JSON of what the catalog knows ---- */

static json_t *
hex_json(const uint8_t digest[DIGEST_BYTES])
{
	char hex[DIGEST_CHARS + 1];

	hex_write(hex, digest, DIGEST_BYTES);
	return json_string(hex);
}

/* A time into an object; 0 is left out. */
static bool
set_time(json_t *o, const char *key, int64_t at)
{
	char text[CLOCK_CHARS + 1];

	if (at == 0)
		return true;
	clock_write(text, at);
	return json_object_set_new(o, key, json_string(text)) == 0;
}

static int
return_json(struct home *h, const struct catalog_return *r, json_t **out,
    struct fault *f)
{
	struct catalog_batch b;
	struct catalog_vendor v;
	json_t *o;

	if (catalog_batch(h->catalog, r->batch, &b, f) != 0 ||
	    catalog_vendor(h->catalog, b.vendor, &v, f) != 0)
		return -1;
	o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:I,s:I,s:I}", "return",
	    r->id, "batch", r->batch, "batch_name", b.name, "batch_state",
	    catalog_state_name(b.state), "vendor", v.id, "vendor_name", v.name,
	    "object", hex_json(r->object), "bytes", (json_int_t)r->bytes,
	    "items", (json_int_t)r->items, "answered", (json_int_t)r->answered);
	if (o == NULL || !set_time(o, "at", r->at) ||
	    !set_time(o, "ingested", r->ingested) ||
	    (r->verdict[0] != '\0' && json_object_set_new(o, "verdict",
					  json_string(r->verdict)) != 0) ||
	    (r->scored && json_object_set_new(o, "score",
			      json_integer((json_int_t)r->score_ppm)) != 0)) {
		json_decref(o);
		return fault_memory(f);
	}
	*out = o;
	return 0;
}

struct listing {
	struct home *home;
	json_t *list;
};

static int
list_one(void *arg, const struct catalog_return *r, struct fault *f)
{
	struct listing *l = arg;
	json_t *o;

	if (return_json(l->home, r, &o, f) != 0)
		return -1;
	return json_array_append_new(l->list, o) == 0 ? 0 : fault_memory(f);
}

int
return_list(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct listing l = { h, json_array() };
	struct catalog_batch b;
	const char *batch = NULL;
	json_t *in = NULL;
	int rc = -1;

	if (l.list == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (home_in(a, &in, f) != 0)
		goto out;
	if (json_object_get(in, "batch") != NULL) {
		if (doc_text(in, "batch", &batch, f) != 0 ||
		    catalog_batch(h->catalog, batch, &b, f) != 0)
			goto out;
		batch = b.id;
	}
	if (catalog_each_return(h->catalog, batch, list_one, &l, f) == 0)
		rc = home_out(a, json_pack("{s:O}", "returns", l.list), f);
out:
	json_decref(l.list);
	json_decref(in);
	return rc;
}

/* ---- Is it by the vendor, about that batch? ---- */

/* The verifier key of the vendor that a batch is for. */
static int
vendor_key(struct home *h, const struct catalog_batch *b,
    uint8_t out[SIGN_PUBLIC_BYTES], struct fault *f)
{
	const struct catalog_fact_name name = { b->vendor, "card", 0 };
	struct card card;
	struct bytes text;
	int rc = -1;

	bytes_init(&text, CARD_BYTES_MAX);
	if (catalog_fact(h->catalog, &name, &text, f) == 0 &&
	    card_read(&card, text.at, text.len, f) == 0) {
		memcpy(out, card.verifier.key, SIGN_PUBLIC_BYTES);
		rc = 0;
	}
	bytes_free(&text);
	return rc;
}

/* Verify an envelope against a batch; id NULL: of any return. */
static int
verify(struct home *h, const char *batch, const char *id, const char *envelope,
    struct return_statement *out, struct fault *f)
{
	uint8_t key[SIGN_PUBLIC_BYTES];
	struct catalog_batch b;

	if (catalog_batch(h->catalog, batch, &b, f) != 0 ||
	    vendor_key(h, &b, key, f) != 0 ||
	    return_statement_open(out, slice_of_text(envelope), key, f) != 0)
		return -1;
	if (strcmp(out->batch, b.id) != 0)
		return fault_set(
		    f, FAULT_FORGED, "return: signed for another batch");
	if (id != NULL && strcmp(out->id, id) != 0)
		return fault_set(
		    f, FAULT_FORGED, "return: signed as another return");
	if (memcmp(out->manifest, b.manifest, DIGEST_BYTES) != 0)
		return fault_set(f, FAULT_FORGED,
		    "return: signed for another manifest of the batch");
	return 0;
}

static json_t *
statement_json(const struct return_statement *s)
{
	json_t *labels = json_array(), *o = NULL;
	bool ok = labels != NULL;

	for (size_t i = 0; ok && i < s->nlabels; i++)
		ok = json_array_append_new(labels,
			 json_pack("{s:s,s:o}", "name", s->labels[i].name,
			     "sha256", hex_json(s->labels[i].sha256))) == 0;
	if (ok)
		o = json_pack("{s:b,s:O}", "complete", s->complete ? 1 : 0,
		    "labels", labels);
	json_decref(labels);
	if (o != NULL && !set_time(o, "at", s->at)) {
		json_decref(o);
		return NULL;
	}
	return o;
}

int
ingest_verify(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct return_statement says;
	struct catalog_return r;
	const char *id, *envelope;
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (doc_text(in, "return", &id, f) == 0 &&
	    doc_text(in, "envelope", &envelope, f) == 0 &&
	    catalog_return(h->catalog, id, &r, f) == 0 &&
	    verify(h, r.batch, r.id, envelope, &says, f) == 0)
		rc = home_out(a, statement_json(&says), f);
	json_decref(in);
	return rc;
}

/* ---- By hand ---- */

/* Log it, unless that very file was logged before. */
static int
log_returned(struct home *h, const struct return_statement *says,
    const uint8_t object[DIGEST_BYTES], uint64_t bytes, struct fault *f)
{
	struct catalog_entry e = { .kind = "returned" };
	struct catalog_return known;
	struct fault unknown = { 0 };
	json_t *body;
	int rc;

	if (catalog_return(h->catalog, says->id, &known, &unknown) == 0) {
		if (memcmp(known.object, object, DIGEST_BYTES) == 0)
			return 0;
		return fault_set(f, FAULT_POLICY,
		    "return %s came before, as another file", says->id);
	}
	body = json_pack("{s:s,s:s,s:o,s:I}", "return", says->id, "batch",
	    says->batch, "object", hex_json(object), "bytes",
	    (json_int_t)bytes);
	if (body == NULL)
		return fault_memory(f);
	e.body = body;
	rc = home_add(h, &e, NULL, f);
	json_decref(body);
	return rc;
}

int
return_take(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct return_statement says;
	uint8_t object[DIGEST_BYTES];
	const char *batch, *envelope;
	uint64_t bytes;
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (home_need(h, a, RING_RELEASE, f) == 0 &&
	    doc_text(in, "batch", &batch, f) == 0 &&
	    doc_text(in, "envelope", &envelope, f) == 0 &&
	    doc_hex(in, "object", object, DIGEST_BYTES, f) == 0 &&
	    doc_number(in, "bytes", CATALOG_NUMBER_MAX, &bytes, f) == 0 &&
	    verify(h, batch, NULL, envelope, &says, f) == 0 &&
	    log_returned(h, &says, object, bytes, f) == 0)
		rc = home_out(a, json_pack("{s:s}", "return", says.id), f);
	json_decref(in);
	return rc;
}

/* ---- Begin ---- */

static int
add_shard(void *arg, const struct catalog_shard *s, struct fault *f)
{
	json_t *list = arg;
	json_t *o = json_pack("{s:I,s:o,s:I,s:o,s:I}", "n", (json_int_t)s->n,
	    "index", hex_json(s->index), "index_bytes",
	    (json_int_t)s->index_bytes, "join", hex_json(s->join), "join_bytes",
	    (json_int_t)s->join_bytes);

	return json_array_append_new(list, o) == 0 ? 0 : fault_memory(f);
}

/* Returns that were taken in, and when one was last judged by golden items:
 * that verdict covers all that were taken in until then. */
struct taken {
	struct home *home;
	json_t *all, *unjudged, *lists;
	int64_t judged;
};

static bool
was_taken(const struct catalog_return *r)
{
	return strcmp(r->verdict, "accepted") == 0 ||
	       strcmp(r->verdict, "partial") == 0;
}

/* The digests of what it left in quarantine; nothing where they were erased. */
static int
add_lists(struct taken *t, const char *id, struct fault *f)
{
	const struct catalog_fact_name name = { id, "lists", 0 };
	struct fault why = { 0 };
	struct bytes text;
	json_t *lists;
	int rc = -1;

	bytes_init(&text, CATALOG_FACT_MAX);
	if (catalog_fact(t->home->catalog, &name, &text, &why) != 0) {
		if (why.kind == FAULT_INPUT)
			rc = 0;
		else
			*f = why;
	} else if (doc_read(&lists, text.at, text.len, f) == 0)
		rc = json_object_set_new(t->lists, id, lists) == 0
			 ? 0
			 : fault_memory(f);
	bytes_free(&text);
	return rc;
}

static int
add_taken(void *arg, const struct catalog_return *r, struct fault *f)
{
	struct taken *t = arg;

	if (!was_taken(r))
		return 0;
	if (r->scored && r->ingested > t->judged)
		t->judged = r->ingested;
	if (add_lists(t, r->id, f) != 0)
		return -1;
	return json_array_append_new(t->all, json_string(r->id)) == 0
		   ? 0
		   : fault_memory(f);
}

static int
add_unjudged(void *arg, const struct catalog_return *r, struct fault *f)
{
	struct taken *t = arg;

	if (!was_taken(r) || r->ingested <= t->judged)
		return 0;
	return json_array_append_new(t->unjudged, json_string(r->id)) == 0
		   ? 0
		   : fault_memory(f);
}

/* "before" and "lists", and with golden items "unjudged". */
static int
add_before(
    struct home *h, const struct catalog_batch *b, json_t *o, struct fault *f)
{
	struct taken t = { h, json_array(), json_array(), json_object(), 0 };
	int rc = -1;

	if (t.all == NULL || t.unjudged == NULL || t.lists == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (catalog_each_return(h->catalog, b->id, add_taken, &t, f) != 0 ||
	    (b->golden && catalog_each_return(
			      h->catalog, b->id, add_unjudged, &t, f) != 0))
		goto out;
	if (json_object_set(o, "before", t.all) != 0 ||
	    json_object_set(o, "lists", t.lists) != 0 ||
	    json_object_set(o, "unjudged", t.unjudged) != 0)
		(void)fault_memory(f);
	else
		rc = 0;
out:
	json_decref(t.all);
	json_decref(t.unjudged);
	json_decref(t.lists);
	return rc;
}

/* When something of the batch was first released. */
static int
first_release(void *arg, const struct catalog_released *r, struct fault *f)
{
	int64_t *at = arg;

	(void)f;
	if (*at == 0 || r->at < *at)
		*at = r->at;
	return 0;
}

/* The golden answers' object, which a fact of the batch names. */
static int
add_golden(
    struct home *h, const struct catalog_batch *b, json_t *o, struct fault *f)
{
	const struct catalog_fact_name name = { b->id, "plan", 0 };
	uint8_t object[DIGEST_BYTES];
	json_t *facts = NULL, *golden;
	char metric[sizeof(b->metric)];
	struct bytes text;
	int rc = -1;

	if (json_object_set_new(o, "golden", json_boolean(b->golden)) != 0)
		return fault_memory(f);
	if (!b->golden)
		return 0;
	bytes_init(&text, CATALOG_FACT_MAX);
	if (catalog_fact(h->catalog, &name, &text, f) != 0 ||
	    doc_read(&facts, text.at, text.len, f) != 0 ||
	    doc_object(facts, "golden", &golden, f) != 0 ||
	    doc_hex(golden, "object", object, sizeof(object), f) != 0)
		goto out;
	/* words of the log have hyphens: "mean-iou" */
	memcpy(metric, b->metric, sizeof(metric));
	for (char *c = metric; (c = strchr(c, '-')) != NULL;)
		*c = '_';
	if (json_object_set_new(o, "golden_object", hex_json(object)) != 0 ||
	    json_object_set_new(o, "metric", json_string(metric)) != 0 ||
	    json_object_set_new(
		o, "pass", json_integer((json_int_t)b->pass_ppm)) != 0)
		(void)fault_memory(f);
	else
		rc = 0;
out:
	json_decref(facts);
	bytes_free(&text);
	return rc;
}

/* What stands in the log about the batch, into o. */
static int
add_batch(
    struct home *h, const struct catalog_return *r, json_t *o, struct fault *f)
{
	json_t *shards = json_array();
	struct catalog_batch b;
	int64_t released = 0;
	int rc = -1;

	if (shards == NULL)
		return fault_memory(f);
	if (catalog_batch(h->catalog, r->batch, &b, f) != 0)
		goto out;
	if (b.state == CATALOG_SHREDDED) {
		(void)fault_set(f, FAULT_INPUT,
		    "return %s: batch %s was shredded, and what opens its "
		    "returns",
		    r->id, b.name);
		goto out;
	}
	if (catalog_each_shard(h->catalog, b.id, add_shard, shards, f) != 0 ||
	    add_before(h, &b, o, f) != 0 ||
	    catalog_each_release(
		h->catalog, b.id, first_release, &released, f) != 0)
		goto out;
	if (json_object_set(o, "shards", shards) != 0 ||
	    !set_time(o, "released", released) ||
	    json_object_set_new(o, "manifest", hex_json(b.manifest)) != 0 ||
	    json_object_set_new(
		o, "manifest_object", hex_json(b.manifest_object)) != 0) {
		(void)fault_memory(f);
		goto out;
	}
	rc = add_golden(h, &b, o, f);
out:
	json_decref(shards);
	return rc;
}

int
ingest_begin(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_return r;
	const char *id;
	json_t *in, *o = NULL;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (doc_text(in, "return", &id, f) != 0 ||
	    catalog_return(h->catalog, id, &r, f) != 0)
		goto out;
	if (r.ingested != 0 && strcmp(r.verdict, "rejected") != 0) {
		(void)fault_set(f, FAULT_POLICY,
		    "return %s: was taken in already (%s)", r.id, r.verdict);
		(void)fault_hint(f, "handoff ingest --all");
		goto out;
	}
	if (return_json(h, &r, &o, f) == 0 && add_batch(h, &r, o, f) == 0)
		rc = home_out(a, json_incref(o), f);
out:
	json_decref(o);
	json_decref(in);
	return rc;
}
