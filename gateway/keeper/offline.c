/*
 * Offline delivery: a release without a request.
 *
 * Nobody asks over a listener, so there is no signed request; what allows it
 * are the policy (`offline: allow`), the approval, and everything else that
 * allows a release.  All shards are logged as released before the first header
 * is made for the vendor.  One batch is released offline once: asking again
 * finds that release, so that a delivery that broke off can be written again.
 */

#include <string.h>

#include "gateway/keeper/asker_internal.h"
#include "gateway/keeper/batches_internal.h"
#include "gateway/keeper/holds_internal.h"
#include "gateway/keeper/people_internal.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

#define SHARDS_AT_ONCE 256u

/* ---- The release ---- */

static int
find_offline(void *arg, const struct catalog_released *r, struct fault *f)
{
	struct catalog_released *out = arg;

	(void)f;
	if (r->offline)
		*out = *r;
	return 0;
}

static int
check_suppressed(struct home *h, const struct catalog_batch *b, struct fault *f)
{
	uint32_t shard;
	bool yes;

	if (suppressed_in(h, b->id, NULL, 0, &yes, &shard, f) != 0)
		return -1;
	if (!yes)
		return 0;
	(void)fault_set(f, FAULT_POLICY,
	    "batch %s: shard %u is about a person who is suppressed", b->name,
	    (unsigned)shard);
	return fault_hint(f,
	    "handoff batch withdraw %s, and export anew: it leaves that "
	    "person out",
	    b->name);
}

/* What the law says now. */
static int
ask_law(struct home *h, const struct catalog_batch *b, struct fault *f)
{
	struct law law = { .has_policy = false };
	int rc = check_suppressed(h, b, f);

	if (rc == 0)
		rc = law_for_batch(h, &law, b, f);
	if (rc == 0)
		rc = law_record(h, &law, b->id, NULL, f);
	law_free(&law);
	return rc;
}

/* The same grounds as when it was made must hold when it is given again. */
static int
still_allowed(struct home *h, const struct catalog_batch *b, struct fault *f)
{
	struct catalog_vendor v;

	if (b->state != CATALOG_APPROVED)
		return fault_set(f, FAULT_POLICY, "batch %s is %s", b->name,
		    catalog_state_name(b->state));
	if (catalog_vendor(h->catalog, b->vendor, &v, f) != 0)
		return -1;
	if (v.suspended != 0 || v.ended != 0)
		return fault_set(f, FAULT_POLICY, "vendor %s: %s", v.name,
		    v.ended != 0 ? "has ended" : "is suspended");
	return ask_law(h, b, f);
}

static int
release_all(struct home *h, const struct catalog_batch *b, uint64_t *seq,
    struct fault *f)
{
	struct catalog_grant g;
	struct catalog_release r = { .grant = g.id, .offline = true };
	bool found;

	if (!b->offline) {
		(void)fault_set(f, FAULT_POLICY,
		    "batch %s: its policy has no offline delivery", b->name);
		return fault_hint(f, "in the policy:   offline: allow");
	}
	if (b->state < CATALOG_APPROVED) {
		(void)fault_set(
		    f, FAULT_POLICY, "batch %s is not approved", b->name);
		return fault_hint(f, "handoff batch approve %s", b->name);
	}
	if (catalog_live_grant(h->catalog, b->id,
		audit_now(catalog_audit(h->catalog)), &found, &g, f) != 0)
		return -1;
	if (!found) {
		(void)fault_set(
		    f, FAULT_POLICY, "batch %s: no grant is live", b->name);
		return fault_hint(
		    f, "handoff batch extend %s --until DATE", b->name);
	}
	if (ask_law(h, b, f) != 0)
		return -1;
	return home_release(h, &r, seq, f);
}

/* ---- The answer, behind the commit ---- */

struct delivery {
	struct catalog_batch batch;
	uint64_t seq;
};

static int
tell_delivery(
    struct home *h, struct message *answer, void *arg, struct fault *f)
{
	const struct delivery *d = arg;
	char log[VKEY_CHARS_MAX + 1];
	struct bytes receipt, card;
	uint64_t n;
	int rc = -1;

	bytes_init(&receipt, AUDIT_RECEIPT_MAX);
	bytes_init(&card, CARD_BYTES_MAX);
	vkey_write(log, &h->log);
	if (audit_prove(catalog_audit(h->catalog), d->seq, &receipt, f) == 0 &&
	    card_pinned(h, ring_home(h->ring), &n, &card, f) == 0)
		rc = keeper_put_json(&answer->body,
		    json_pack("{s:s,s:s,s:I,s:s%,s:s,s:s%,s:o,s:I}", "batch",
			d->batch.id, "name", d->batch.name, "release",
			(json_int_t)d->seq, "receipt", (const char *)receipt.at,
			receipt.len, "log", log, "card", (const char *)card.at,
			card.len, "manifest_object",
			batch_hex(d->batch.manifest_object), "shards",
			(json_int_t)d->batch.shards),
		    f);
	bytes_free(&receipt);
	bytes_free(&card);
	return rc;
}

int
batch_offline(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_released before = { .offline = false };
	struct delivery *d;
	const char *name;
	json_t *in;
	int rc = -1;

	if (home_need(h, a, RING_RELEASE, f) != 0 || home_in(a, &in, f) != 0)
		return -1;
	if ((d = mem_new(sizeof(*d))) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (doc_text(in, "batch", &name, f) != 0 ||
	    catalog_batch(h->catalog, name, &d->batch, f) != 0 ||
	    catalog_each_release(
		h->catalog, d->batch.id, find_offline, &before, f) != 0)
		goto out;
	d->seq = before.seq;
	if ((before.offline ? still_allowed(h, &d->batch, f)
			    : release_all(h, &d->batch, &d->seq, f)) != 0)
		goto out;
	rc = home_after(h, a, tell_delivery, d, mem_free, f);
	d = NULL; /* home_after() frees it in any case */
out:
	mem_free(d);
	json_decref(in);
	return rc;
}

/* ---- Its shards, some at a time ---- */

struct some {
	struct home *h;
	const char *batch;
	struct age_recipient to;
	uint64_t first, end;
	json_t *list;
};

static int
add_some(void *arg, const struct catalog_shard *s, struct fault *f)
{
	struct some *x = arg;

	if (s->n < x->first || s->n >= x->end)
		return 0;
	return headers_add(x->h, x->batch, &x->to, s, x->list, f);
}

static int
find_release(
    struct home *h, uint64_t seq, struct catalog_batch *b, struct fault *f)
{
	struct audit_leaf leaf;
	const struct audit_member *batch, *offline;
	char id[ID_CHARS + 1] = "";
	struct bytes text;
	int rc = -1;

	bytes_init(&text, AUDIT_LEAF_MAX);
	if (audit_entry(catalog_audit(h->catalog), seq, &text, f) != 0 ||
	    audit_leaf_read(&leaf, text.at, text.len, f) != 0)
		goto out;
	batch = audit_leaf_member(&leaf, "batch");
	offline = audit_leaf_member(&leaf, "offline");
	if (!audit_leaf_is(&leaf, "release") || batch == NULL ||
	    batch->value.len != ID_CHARS || offline == NULL ||
	    offline->value.len != strlen("true")) {
		(void)fault_set(f, FAULT_INPUT,
		    "entry %llu: no offline release", (unsigned long long)seq);
		goto out;
	}
	memcpy(id, batch->value.at, ID_CHARS);
	rc = catalog_batch(h->catalog, id, b, f);
out:
	bytes_free(&text);
	return rc;
}

static int
vendor_recipient(struct home *h, const char *vendor, struct age_recipient *to,
    struct fault *f)
{
	const struct catalog_fact_name name = { vendor, "card", 0 };
	struct card card;
	struct bytes text;
	int rc = -1;

	bytes_init(&text, CARD_BYTES_MAX);
	if (catalog_fact(h->catalog, &name, &text, f) == 0 &&
	    card_read(&card, text.at, text.len, f) == 0) {
		*to = card.age;
		rc = 0;
	}
	bytes_free(&text);
	return rc;
}

int
batch_offline_shards(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_batch b;
	struct some x = { .h = h, .batch = b.id };
	uint64_t seq, count;
	json_t *in;
	int rc = -1;

	if (home_need(h, a, RING_RELEASE, f) != 0 || home_in(a, &in, f) != 0)
		return -1;
	if ((x.list = json_array()) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (doc_number(in, "release", CATALOG_NUMBER_MAX, &seq, f) != 0 ||
	    doc_number(in, "first", UINT32_MAX, &x.first, f) != 0 ||
	    doc_number(in, "count", SHARDS_AT_ONCE, &count, f) != 0 ||
	    find_release(h, seq, &b, f) != 0 || still_allowed(h, &b, f) != 0 ||
	    vendor_recipient(h, b.vendor, &x.to, f) != 0)
		goto out;
	x.end = x.first + count;
	if (catalog_release_shards(h->catalog, seq, add_some, &x, f) == 0)
		rc = home_out(a, json_pack("{s:O}", "shards", x.list), f);
out:
	json_decref(x.list);
	json_decref(in);
	return rc;
}
