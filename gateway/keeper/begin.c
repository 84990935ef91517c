/*
 * Batches begun: the keys that one gets, and the entry with which it begins.
 *
 *     agreements in force --> seed, return identity, domain key --> golden
 *     commitments --> batch-begun --> (shards, in shards.c)
 *
 * A batch that was begun and not sealed is found again by what it was begun
 * with, so that an export that was killed goes on where it was.
 */

#include <string.h>

#include "gateway/keeper/batches_internal.h"
#include "gateway/keeper/people_internal.h"
#include "gateway/keeper/persons_internal.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* ---- What it was begun with ---- */

struct beginning {
	json_t *in; /* the request */
	const char *name, *project, *policy, *digest, *source, *approve;
	json_t *golden; /* or NULL */
	const char *lines, *metric;
	uint64_t pass, retention;
	bool offline;
	struct catalog_vendor vendor;
	struct law law;
};

/* Who has to approve; where the policy has no word, a crowd needs two. */
static int
read_approve(struct beginning *b, struct fault *f)
{
	const json_t *said = json_object_get(b->in, "approve");

	if (said != NULL && !json_is_null(said))
		return doc_text(b->in, "approve", &b->approve, f);
	b->approve = b->vendor.crowd ? "two" : "self";
	return 0;
}

static int
read_beginning(struct home *h, struct beginning *b, struct fault *f)
{
	const json_t *in = b->in;

	if (json_object_get(in, "name") != NULL &&
	    doc_text(in, "name", &b->name, f) != 0)
		return -1;
	b->golden = json_object_get(in, "golden");
	if (b->golden != NULL &&
	    (doc_text(b->golden, "lines", &b->lines, f) != 0 ||
		doc_text(b->golden, "metric", &b->metric, f) != 0 ||
		doc_number(b->golden, "pass", 1000000, &b->pass, f) != 0))
		return -1;
	if (doc_text(in, "project", &b->project, f) != 0 ||
	    doc_text(in, "policy", &b->policy, f) != 0 ||
	    doc_text(in, "plan", &b->digest, f) != 0 ||
	    doc_text(in, "source", &b->source, f) != 0 ||
	    doc_number(in, "retention", CATALOG_NUMBER_MAX, &b->retention, f) !=
		0 ||
	    doc_bool(in, "offline", &b->offline, f) != 0)
		return -1;
	digest_of(b->law.policy, b->policy, strlen(b->policy));
	b->law.has_policy = true;
	if (batch_vendor(h, in, &b->vendor, &b->law, f) != 0 ||
	    read_approve(b, f) != 0)
		return -1;
	return json_is_true(json_object_get(in, "plan_approved"))
		   ? plan_need_approved(h, &b->vendor, b->digest, f)
		   : 0;
}

static bool
same_text(const json_t *o, const char *key, const char *text)
{
	const char *other = json_string_value(json_object_get(o, key));

	return (other == NULL && text == NULL) ||
	       (other != NULL && text != NULL && strcmp(other, text) == 0);
}

struct finding {
	struct home *home;
	const struct beginning *b;
	bool found;
	struct catalog_batch batch;
};

static int
match_batch(void *arg, const struct catalog_batch *batch, struct fault *f)
{
	struct finding *x = arg;
	const char *name = x->b->name;
	json_t *facts;
	bool same;

	/* One that was sealed meanwhile is found by its name alone. */
	if (x->found || batch->state > CATALOG_APPROVED ||
	    (name == NULL ? batch->state != CATALOG_OPEN
			  : strcmp(name, batch->name) != 0))
		return 0;
	if (batch_facts(x->home, batch->id, &facts, f) != 0)
		return -1;
	same =
	    same_text(facts, "digest", x->b->digest) &&
	    same_text(json_object_get(facts, "golden"), "lines", x->b->lines);
	json_decref(facts);
	if (same) {
		x->found = true;
		x->batch = *batch;
		return 0;
	}
	if (name == NULL)
		return 0;
	(void)fault_set(f, FAULT_USAGE,
	    "batch %s is %s, and was begun with other files, another policy "
	    "or other golden answers",
	    name, catalog_state_name(batch->state));
	return fault_hint(f,
	    batch->state == CATALOG_OPEN ? "handoff batch withdraw %s"
					 : "another --name than %s",
	    name);
}

/* ---- The answer ---- */

/* SHA-256 of our own card's payload. */
static int
card_digest(struct home *h, uint8_t out[DIGEST_BYTES], struct fault *f)
{
	struct dsse envelope;
	struct bytes text;
	uint64_t n;
	int rc = -1;

	bytes_init(&text, CARD_BYTES_MAX);
	if (card_pinned(h, ring_home(h->ring), &n, &text, f) == 0 &&
	    dsse_read(&envelope, text.at, text.len, f) == 0) {
		digest_of(out, envelope.payload.at, envelope.payload.len);
		dsse_free(&envelope);
		rc = 0;
	}
	bytes_free(&text);
	return rc;
}

/* Recovery's recipient into o, if there is one. */
static int
set_recovery(struct home *h, json_t *o, struct fault *f)
{
	const struct age_recipient *recovery = ring_recovery(h->ring);
	struct bytes text;
	int rc = -1;

	if (recovery == NULL)
		return 0;
	bytes_init(&text, 8192);
	if (age_recipient_write(&text, recovery, f) == 0)
		rc = json_object_set_new(o, "recovery",
			 json_stringn((const char *)text.at, text.len)) == 0
			 ? 0
			 : fault_memory(f);
	bytes_free(&text);
	return rc;
}

static int
tell_begun(struct home *h, struct asked *a, const struct catalog_batch *b,
    const json_t *facts, bool resumed, struct fault *f)
{
	char log[VKEY_CHARS_MAX + 1], begun[CLOCK_CHARS + 1];
	uint8_t card[DIGEST_BYTES];
	const char *returns;
	json_t *o, *decision;

	if (doc_text(facts, "returns", &returns, f) != 0 ||
	    card_digest(h, card, f) != 0 ||
	    law_first(h, b->id, &decision, f) != 0)
		return -1;
	vkey_write(log, &h->log);
	clock_write(begun, b->begun);
	o = json_pack("{s:s,s:s,s:s,s:b,s:s,s:s,s:o,s:s,s:o?}", "batch", b->id,
	    "name", b->name, "state", catalog_state_name(b->state), "resumed",
	    resumed, "returns", returns, "log", log, "owner", batch_hex(card),
	    "begun", begun, "decision", decision);
	if (o == NULL)
		return fault_memory(f);
	if ((b->golden && json_object_set_new(
			      o, "golden", batch_hex(b->golden_root)) != 0) ||
	    set_recovery(h, o, f) != 0) {
		json_decref(o);
		return f->kind != FAULT_NONE ? -1 : fault_memory(f);
	}
	return home_out(a, o, f);
}

/* One that an older program began has no decision yet. */
static int
resume(
    struct home *h, struct asked *a, const struct finding *x, struct fault *f)
{
	const struct catalog_batch *b = &x->batch;
	json_t *facts;
	uint64_t n;
	int rc;

	if (catalog_last_decision(h->catalog, b->id, &n, f) != 0 ||
	    (n == 0 && b->state == CATALOG_OPEN &&
		law_record(h, &x->b->law, b->id, NULL, f) != 0) ||
	    batch_facts(h, b->id, &facts, f) != 0)
		return -1;
	rc = tell_begun(h, a, b, facts, true, f);
	json_decref(facts);
	return rc;
}

/* ---- Beginning one ---- */

/* "project-2026-11-23", and "-2" and so on behind it where that is taken. */
static int
invent_name(struct home *h, const struct beginning *b,
    char out[CATALOG_NAME_MAX + 1], struct fault *f)
{
	char date[CLOCK_DATE_CHARS + 1];
	struct catalog_batch other;

	clock_write_date(date, audit_now(catalog_audit(h->catalog)));
	for (unsigned n = 1; n < 10000; n++) {
		struct fault none = { 0 };
		int len =
		    snprintf(out, CATALOG_NAME_MAX, "%s-%s", b->project, date);

		must(len > 0 && (size_t)len + 8 < CATALOG_NAME_MAX);
		if (n > 1)
			(void)snprintf(out + len, 8, "-%u", n);
		if (catalog_batch(h->catalog, out, &other, &none) == 0)
			continue;
		if (none.kind == FAULT_INPUT)
			return 0;
		*f = none;
		return -1;
	}
	return fault_set(f, FAULT_USAGE, "too many batches today: --name one");
}

struct made {
	struct catalog_batch batch;
	uint8_t public[AGE_X25519_BYTES];
	struct age_recipient returns;
	struct golden golden;
};

static int
make_keys(
    struct home *h, const struct beginning *b, struct made *m, struct fault *f)
{
	char domain[ID_CHARS + 2 + CARD_NAME_MAX + 64];
	const struct ring_name seed = { RING_SEED, m->batch.id, 0 },
			       back = { RING_RETURN, m->batch.id, 0 },
			       field = { RING_DOMAIN, domain, 0 };
	struct secret s = { 0 };
	int len, rc = -1;

	len =
	    snprintf(domain, sizeof(domain), "%s.%s", b->vendor.id, b->project);
	if (len < 0 || (size_t)len >= sizeof(domain))
		return fault_set(f, FAULT_INPUT, "the project's name is long");
	if (!ring_has(h->ring, &field)) {
		if (ring_make_secret(h->ring, &field, &s, f) != 0)
			return -1;
		secret_free(&s);
	}
	if (ring_make_secret(h->ring, &seed, &s, f) == 0 &&
	    ring_make_identity(h->ring, &back, m->public, f) == 0)
		rc = 0;
	secret_free(&s);
	m->returns = (struct age_recipient){ .kind = AGE_X25519 };
	memcpy(m->returns.key, m->public, sizeof(m->public));
	return rc;
}

/* Nothing was recorded: nobody needs them. */
static void
unmake(struct home *h, const struct made *m)
{
	const struct ring_name seed = { RING_SEED, m->batch.id, 0 },
			       back = { RING_RETURN, m->batch.id, 0 };
	struct fault ignored = { 0 };

	(void)!ring_destroy(h->ring, &seed, &ignored);
	(void)!ring_destroy(h->ring, &back, &ignored);
	if (m->golden.bytes > 0)
		home_drop_object(h, m->golden.object);
}

static int
make_facts(const struct beginning *b, const struct made *m, json_t **out,
    struct fault *f)
{
	struct bytes text;
	json_t *o = NULL;
	int rc = -1;

	bytes_init(&text, 8192);
	if (age_recipient_write(&text, &m->returns, f) != 0)
		goto out;
	o = json_pack("{s:s,s:s,s:s%}", "digest", b->digest, "project",
	    b->project, "returns", (const char *)text.at, text.len);
	if (o == NULL ||
	    (b->golden != NULL &&
		json_object_set_new(o, "golden",
		    json_pack("{s:s,s:I,s:s}", "object", m->golden.object,
			"bytes", (json_int_t)m->golden.bytes, "lines",
			b->lines)) != 0)) {
		json_decref(o);
		(void)fault_memory(f);
		goto out;
	}
	*out = o;
	rc = 0;
out:
	bytes_free(&text);
	return rc;
}

static json_t *
entry_body(const struct beginning *b, const struct made *m)
{
	json_t *o = json_pack("{s:o,s:s,s:s,s:b,s:I,s:s}", "agreements",
	    law_types(&b->law), "approve", b->approve, "batch", m->batch.id,
	    "offline", b->offline, "retention", (json_int_t)b->retention,
	    "vendor", b->vendor.id);
	bool golden = b->golden != NULL;

	if (o == NULL ||
	    json_object_set_new(o, "golden",
		golden ? json_string(m->golden.root) : json_null()) != 0 ||
	    json_object_set_new(o, "metric",
		golden ? json_string(b->metric) : json_null()) != 0 ||
	    json_object_set_new(o, "pass",
		golden ? json_integer((json_int_t)b->pass) : json_null()) !=
		0) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static int
log_begun(struct home *h, const struct beginning *b, const struct made *m,
    const json_t *told, struct fault *f)
{
	struct catalog_fact facts[4] = {
		{ "name", slice_of_text(m->batch.name) },
		{ "plan", { NULL, 0 } },
		{ "policy", slice_of_text(b->policy) },
		{ "source", slice_of_text(b->source) },
	};
	struct catalog_entry e = {
		.kind = "batch-begun", .facts = facts, .nfacts = 4
	};
	struct bytes plan;
	int rc = -1;

	bytes_init(&plan, CATALOG_FACT_MAX);
	if ((e.body = entry_body(b, m)) == NULL)
		(void)fault_memory(f);
	else if (doc_write(&plan, told, f) == 0) {
		facts[1].bytes = (struct slice){ plan.at, plan.len };
		rc = home_add(h, &e, NULL, f);
	}
	json_decref(e.body);
	bytes_free(&plan);
	return rc;
}

static int
begin_new(
    struct home *h, struct asked *a, const struct beginning *b, struct fault *f)
{
	struct made m = { .golden = { .bytes = 0 } };
	json_t *facts = NULL;
	int lines = -1, rc = -1;

	id_new(m.batch.id, 'b');
	m.batch.begun = audit_now(catalog_audit(h->catalog));
	m.batch.golden = b->golden != NULL;
	if (b->name != NULL)
		(void)snprintf(
		    m.batch.name, sizeof(m.batch.name), "%s", b->name);
	else if (invent_name(h, b, m.batch.name, f) != 0)
		return -1;
	if (make_keys(h, b, &m, f) != 0)
		goto out;
	if (m.batch.golden && (message_fd(a->request, 0, &lines, f) != 0 ||
				  golden_keep(h, m.batch.id, lines, &m.returns,
				      &m.golden, f) != 0 ||
				  !hex_read(m.batch.golden_root, DIGEST_BYTES,
				      m.golden.root, DIGEST_CHARS)))
		goto out;
	if (make_facts(b, &m, &facts, f) != 0 ||
	    log_begun(h, b, &m, facts, f) != 0)
		goto out;
	rc = law_record(h, &b->law, m.batch.id, NULL, f);
	if (rc == 0)
		rc = tell_begun(h, a, &m.batch, facts, false, f);
	if (rc == 0)
		rc = exposure_begin(h, a, m.batch.id,
		    json_object_get(b->in, "risk"), m.batch.golden ? 1 : 0, f);
	if (rc == 0 && m.batch.golden)
		rc = home_object_recorded(h, a, m.golden.object, f);
	if (rc != 0)
		home_spoil(h);
out:
	if (rc != 0)
		unmake(h, &m);
	json_decref(facts);
	file_close(&lines);
	return rc;
}

/* Keys that were made for a batch which then was not recorded. */
struct sweeping {
	struct home *home;
	char ids[16][ID_CHARS + 1];
	size_t n;
};

static int
see_key(void *arg, const struct ring_file *file, struct fault *f)
{
	struct sweeping *s = arg;
	struct catalog_batch b;
	struct fault none = { 0 };

	if (!file->is_key || file->name.kind != RING_SEED || s->n == 16 ||
	    strlen(file->name.id) != ID_CHARS)
		return 0;
	if (catalog_batch(s->home->catalog, file->name.id, &b, &none) == 0)
		return 0;
	if (none.kind != FAULT_INPUT) {
		*f = none;
		return -1;
	}
	(void)snprintf(s->ids[s->n++], ID_CHARS + 1, "%s", file->name.id);
	return 0;
}

/* What a beginning that was killed has left. */
static int
sweep(struct home *h, struct fault *f)
{
	struct sweeping s = { .home = h };

	if (home_sweep_objects(h, f) != 0 ||
	    ring_each(h->ring, see_key, &s, f) != 0)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		const struct ring_name seed = { RING_SEED, s.ids[i], 0 },
				       back = { RING_RETURN, s.ids[i], 0 };

		if (ring_destroy(h->ring, &seed, f) != 0 ||
		    ring_destroy(h->ring, &back, f) != 0)
			return -1;
	}
	return 0;
}

int
batch_begin(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct beginning b = { .name = NULL };
	struct finding x = { .home = h, .b = &b };
	int rc = -1;

	if (home_need(h, a, RING_RELEASE | RING_EXPORT, f) != 0 ||
	    home_in(a, &b.in, f) != 0)
		return -1;
	if ((h->group || sweep(h, f) == 0) && read_beginning(h, &b, f) == 0 &&
	    catalog_each_batch(h->catalog, b.vendor.id, match_batch, &x, f) ==
		0)
		rc = x.found ? resume(h, a, &x, f) : begin_new(h, a, &b, f);
	law_free(&b.law);
	json_decref(b.in);
	return rc;
}
