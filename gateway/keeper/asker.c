/*
 * Who asks: from the words that a listener took off the wire to a vendor whose
 * own key has signed them.
 *
 *     TLS key --> vendor --> its card --> its signature over
 *                                         home, method, path, body, nonce
 *
 * The listener may be anybody's one day, so what is acted on is what was
 * signed.  What is refused is recorded, once an hour for the same of one key
 * and at a bounded rate, so that nobody can fill the log by asking; how much
 * was left out is recorded, too.
 */

#include <string.h>

#include "gateway/keeper/asker_internal.h"
#include "gateway/keeper/request_internal.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"

int
asker_refuse(
    struct asker *k, struct fault *f, const char *rule, const char *why)
{
	k->rule = rule;
	return fault_set(f, FAULT_POLICY, "%s", why);
}

static int
visits(struct home *h, struct fault *f)
{
	return h->visits != NULL ? 0 : visits_new(&h->visits, f);
}

/* FAULT_POLICY where the catalog says that there is no such vendor. */
static int
find_vendor(struct home *h, struct asker *k, struct fault *f)
{
	uint8_t tls[DIGEST_BYTES];
	struct fault why = { 0 };

	digest_of(tls, k->r.key, sizeof(k->r.key));
	if (catalog_vendor_by_tls(h->catalog, tls, &k->vendor, &why) == 0 &&
	    k->vendor.ended == 0)
		return 0;
	if (why.kind != FAULT_NONE && why.kind != FAULT_INPUT) {
		*f = why;
		return -1;
	}
	return asker_refuse(k, f, "unknown-vendor", "no vendor has this key");
}

int
asker_known(struct home *h, struct asked *a, struct asker *k, struct fault *f)
{
	memset(k, 0, sizeof(*k));
	if (agent_take_request(&a->in, &k->r, f) != 0 || visits(h, f) != 0)
		return -1;
	return find_vendor(h, k, f);
}

static int
read_card(struct home *h, struct asker *k, struct fault *f)
{
	struct catalog_fact_name name = { k->vendor.id, "card", 0 };
	struct bytes text;
	int rc = -1;

	bytes_init(&text, CARD_BYTES_MAX);
	if (catalog_fact(h->catalog, &name, &text, f) == 0)
		rc = card_read(&k->card, text.at, text.len, f);
	bytes_free(&text);
	return rc;
}

/* The statement, by the vendor, about these words. */
static int
check_words(struct home *h, struct asker *k,
    char nonce[REQUEST_NONCE_CHARS + 1], struct fault *f)
{
	struct request want = { ring_home(h->ring), k->r.method, k->r.path,
		NULL, { 0 } };

	if (k->r.statement.len == 0)
		return asker_refuse(
		    k, f, "signature", "the request is not signed");
	digest_of(want.body, k->r.body.at, k->r.body.len);
	digest_of(k->digest, k->r.statement.at, k->r.statement.len);
	k->is_signed = true;
	k->rule = "signature";
	if (request_check(
		&want, k->r.statement, k->card.verifier.key, nonce, f) != 0)
		return -1;
	k->rule = NULL;
	return 0;
}

int
asker_signed(struct home *h, struct asked *a, struct asker *k, struct fault *f)
{
	char nonce[REQUEST_NONCE_CHARS + 1];
	struct catalog_released before;
	bool answered;

	if (asker_known(h, a, k, f) != 0 || read_card(h, k, f) != 0 ||
	    check_words(h, k, nonce, f) != 0 ||
	    catalog_answered(h->catalog, k->digest, &answered, &before, f) != 0)
		return -1;
	/* Of a release that was logged the answer may have been lost: whether
	 * it is given again is for release.c to judge. */
	if (answered || visits_take(h->visits, k->r.key, nonce, k->digest,
			    clock_monotonic()))
		return 0;
	return asker_refuse(
	    k, f, "nonce", "the request's nonce is used, old, or not ours");
}

int
asker_confirmed(struct asker *k, struct fault *f)
{
	if (k->vendor.confirmed != 0)
		return 0;
	return asker_refuse(k, f, "vendor-not-confirmed",
	    "the vendor's card has not been confirmed");
}

int
asker_served(struct asker *k, struct fault *f)
{
	if (k->vendor.suspended != 0)
		return asker_refuse(
		    k, f, "vendor-suspended", "the vendor is suspended");
	return asker_confirmed(k, f);
}

int
asker_batch(
    struct home *h, struct asker *k, struct catalog_batch *b, struct fault *f)
{
	struct fault why = { 0 };

	if (catalog_batch(h->catalog, k->r.batch, b, &why) == 0 &&
	    strcmp(b->vendor, k->vendor.id) == 0) {
		k->has_batch = true;
		return 0;
	}
	if (why.kind != FAULT_NONE && why.kind != FAULT_INPUT) {
		*f = why;
		return -1;
	}
	return asker_refuse(
	    k, f, "unknown-batch", "there is no such batch for you");
}

/* ---- Refusals ---- */

/* What a vendor can do about it. */
static const struct {
	const char *rule, *hint;
} hints[] = {
	{ "unknown-batch", "handoff inbox" },
	{ "not-sealed", "wait until the owner has sealed it" },
	{ "not-approved", "ask the owner: handoff batch approve BATCH" },
	{ "withdrawn", "the owner has withdrawn it; ask why" },
	{ "shredded", "its keys are gone; ask for a new batch" },
	{ "grant-not-begun", "handoff inbox tells when it begins" },
	{ "grant-over", "ask the owner: handoff batch extend BATCH" },
	{ "unknown-grant", "ask the owner: handoff batch approve BATCH" },
	{ "agreement-missing", "ask the owner: handoff agreement add" },
	{ "terms-missing", "ask the owner: handoff batch show BATCH" },
	{ "terms-over", "ask the owner: handoff batch show BATCH" },
	{ "suppressed-subject", "ask the owner for a batch without it" },
	{ "no-transfer", "ask the owner: handoff batch show BATCH" },
	{ "vendor-not-confirmed",
	    "ask the owner to confirm your card's fingerprint" },
	{ "vendor-suspended", "ask the owner why" },
	{ "too-many",
	    "end them; what was begun goes a day after its last part" },
	{ "too-much", "ask the owner to take it in: handoff ingest" },
	{ "answered", "ask again, with a new request" },
	{ "nonce", "ask again" },
	{ "signature", "ask again from the home whose card the owner has" },
};

static const char *
hint_of(const char *rule)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strcmp(hints[i].rule, rule) == 0)
			return hints[i].hint;
	return "";
}

/* The entry: the rule, the batch if one was named, the signed request. */
static int
record(struct home *h, const struct asker *k, struct fault *f)
{
	struct catalog_entry e = { .kind = "refused" };
	char digest[DIGEST_CHARS + 1];
	struct bytes sidecar;
	int rc = -1;

	bytes_init(&sidecar, AUDIT_SIDECAR_MAX);
	hex_write(digest, k->digest, DIGEST_BYTES);
	e.body = json_pack("{s:s,s:s?,s:s?}", "rule", k->rule, "batch",
	    k->r.batch[0] != '\0' ? k->r.batch : NULL, "request",
	    k->is_signed ? digest : NULL);
	if (e.body == NULL)
		(void)fault_memory(f);
	else if (home_sidecar(h,
		     json_pack("{s:s,s:s,s:s}", "vendor", k->vendor.id,
			 "method", k->r.method, "path", k->r.path),
		     &sidecar, f) == 0) {
		e.sidecar = (struct slice){ sidecar.at, sidecar.len };
		rc = home_add(h, &e, NULL, f);
	}
	json_decref(e.body);
	bytes_free(&sidecar);
	return rc;
}

static int
note(struct home *h, const struct asker *k, struct fault *f)
{
	struct visit v = { k->vendor.id, k->r.key, NULL };
	char what[64];
	bool yes;

	(void)snprintf(what, sizeof(what), "%.31s %s", k->rule,
	    k->has_batch ? k->r.batch : "");
	v.what = what;
	if (visits_note(h->visits, &v, clock_monotonic(), &yes, f) != 0)
		return -1;
	return yes ? record(h, k, f) : 0;
}

int
asker_left_out(struct home *h, bool end, struct fault *f)
{
	struct left_out l;

	while (h->visits != NULL && h->log_key.pair.at != NULL &&
	       visits_left_out(h->visits, clock_monotonic(), end, &l)) {
		struct catalog_entry e = { .kind = "suppressed" };
		uint64_t seq;
		int rc;

		e.body = json_pack("{s:I,s:s?}", "count", (json_int_t)l.count,
		    "vendor", l.vendor[0] != '\0' ? l.vendor : NULL);
		if (e.body == NULL)
			return fault_memory(f);
		rc = catalog_record(h->catalog, &e, &seq, f);
		json_decref(e.body);
		if (rc != 0)
			return -1;
		h->ahead = true;
		visits_told(h->visits, &l);
	}
	return 0;
}

int
asker_end(
    struct home *h, struct asked *a, struct asker *k, int rc, struct fault *f)
{
	struct fault why = *f;

	if (rc == 0)
		return 0;
	if (f->kind == FAULT_POLICY && k->rule == NULL)
		k->rule = catalog_rule(h->catalog);
	if (f->kind == FAULT_FORGED && k->rule == NULL) {
		/* Not by who asked: something of this home, which is not for
		 * it to read. */
		f->kind = FAULT_SYSTEM;
		return -1;
	}
	if ((f->kind != FAULT_POLICY && f->kind != FAULT_FORGED) ||
	    k->rule == NULL || k->rule[0] == '\0')
		return -1;
	fault_clear(f);
	if (strcmp(k->rule, "unknown-vendor") != 0 && note(h, k, f) != 0)
		return -1;
	if (k->later > 0)
		return agent_put_later(
		    a->answer, k->later, why.text, k->rule, f);
	return agent_put_refusal(
	    a->answer, 403, why.text, k->rule, hint_of(k->rule), f);
}

/* ---- Answers ---- */

int
asker_answer(struct message *answer, const struct card *to, json_t *facts,
    struct fault *f)
{
	struct agent_answer out = { .status = 200,
		.type = "application/octet-stream" };
	struct bytes text, sealed;
	int rc = -1;

	bytes_init(&text, KEEPER_JSON_MAX);
	bytes_init(&sealed, MESSAGE_MAX);
	if (facts == NULL) {
		(void)fault_memory(f);
	} else if (doc_write(&text, facts, f) == 0 &&
		   age_seal_small(&sealed, &to->age, 1, text.at, text.len, f) ==
		       0) {
		out.body = (struct slice){ sealed.at, sealed.len };
		rc = agent_put_answer(answer, &out, -1, f);
	}
	json_decref(facts);
	bytes_free(&text);
	bytes_free(&sealed);
	return rc;
}
