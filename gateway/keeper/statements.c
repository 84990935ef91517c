/*
 * What a vendor states about what it got: that it arrived and was verified, or
 * that it is deleted.
 *
 * A statement is signed by itself, so that it can be shown without the request
 * that carried it; it is kept with its entry, sealed, and the entry has its
 * digest.  Entries stay for ever, so there is one of each for what it is about:
 * an acknowledgement for a release, a deletion for what was released before it.
 * A vendor that is suspended can state a deletion, which the owner wants to
 * have, and nothing else.
 */

#include <string.h>

#include "gateway/keeper/asker_internal.h"
#include "gateway/keeper/vendor_internal.h"
#include "keys/base/doc.h"

/* Record an entry whose sidecar is the statement; k->r.body is the envelope. */
static int
record(struct home *h, const struct asker *k, const char *kind, json_t *body,
    struct fault *f)
{
	struct catalog_entry e = { .kind = kind, .body = body };
	struct bytes side;
	int rc = -1;

	bytes_init(&side, AUDIT_SIDECAR_MAX);
	if (body == NULL)
		(void)fault_memory(f);
	else if (home_sidecar(h,
		     json_pack("{s:s,s:s%}", "vendor", k->vendor.name,
			 "statement", (const char *)k->r.body.at,
			 k->r.body.len),
		     &side, f) == 0) {
		e.sidecar = (struct slice){ side.at, side.len };
		rc = home_add(h, &e, NULL, f);
	}
	json_decref(body);
	bytes_free(&side);
	return rc;
}

static void
statement_digest(const struct asker *k, char hex[DIGEST_CHARS + 1])
{
	uint8_t digest[DIGEST_BYTES];

	digest_of(digest, k->r.body.at, k->r.body.len);
	hex_write(hex, digest, sizeof(digest));
}

/* Was this very statement recorded before?  Then it is answered again. */
static bool
is_repeated(const struct home *h, const struct fault *f)
{
	return f->kind == FAULT_POLICY &&
	       strcmp(catalog_rule(h->catalog), "repeated") == 0;
}

static int
answer_taken(struct asked *a, const struct asker *k, struct fault *f)
{
	return asker_answer(
	    a->answer, &k->card, json_pack("{s:s}", "state", "recorded"), f);
}

/* A statement about all that the batch has: its subjects in base64, each with a
 * short name, beside a signature and a predicate. */
#define STATEMENT_BYTES 4096u
#define SUBJECT_BYTES 256u

static int
check_size(
    const struct asker *k, const struct catalog_batch *b, struct fault *f)
{
	if (k->r.body.len <= STATEMENT_BYTES + SUBJECT_BYTES * b->shards)
		return 0;
	return fault_set(
	    f, FAULT_INPUT, "the statement is too long for this batch");
}

/* The predicate names the batch of the path and this home. */
static int
check_about(struct home *h, struct asker *k, const struct statement *s,
    const char *members, struct fault *f)
{
	const char *batch, *home;

	if (doc_only(s->predicate, members, f) != 0 ||
	    doc_text(s->predicate, "batch", &batch, f) != 0 ||
	    doc_text(s->predicate, "home", &home, f) != 0)
		return -1;
	if (strcmp(batch, k->r.batch) != 0 ||
	    strcmp(home, ring_home(h->ring)) != 0)
		return asker_refuse(k, f, "signature",
		    "the statement is about another batch or home");
	return 0;
}

/* ---- Acknowledgement ---- */

struct objects {
	const struct statement *s;
	size_t found, all;
};

static int
find_object(void *arg, const struct catalog_shard *shard, struct fault *f)
{
	struct objects *o = arg;
	struct statement_subject subject;

	(void)f;
	o->all++;
	for (size_t i = 0; i < o->s->nsubjects; i++) {
		/* Mostly they come in the same order. */
		statement_subject(
		    o->s, (o->found + i) % o->s->nsubjects, &subject);
		if (memcmp(subject.sha256, shard->object, DIGEST_BYTES) == 0) {
			o->found++;
			break;
		}
	}
	return 0;
}

static int
received(
    struct home *h, struct asker *k, const struct statement *s, struct fault *f)
{
	struct objects o = { s, 0, 0 };
	struct catalog_released was;
	char digest[DIGEST_CHARS + 1];
	uint64_t release;
	bool found;

	if (asker_served(k, f) != 0 ||
	    check_about(h, k, s, "at batch home receipt release", f) != 0 ||
	    doc_number(
		s->predicate, "release", CATALOG_NUMBER_MAX, &release, f) != 0)
		return -1;
	if (s->nsubjects > CATALOG_RELEASE_MAX)
		return fault_set(f, FAULT_INPUT, "too many objects");
	if (catalog_released(h->catalog, release, &found, &was, f) != 0)
		return -1;
	if (!found || strcmp(was.batch, k->r.batch) != 0)
		return asker_refuse(k, f, "unknown-release",
		    "there is no such release of the batch");
	if (catalog_release_shards(h->catalog, release, find_object, &o, f) !=
	    0)
		return -1;
	if (o.found != s->nsubjects || o.found != o.all)
		return asker_refuse(k, f, "unknown-release",
		    "the statement does not name what was released");
	if (was.acknowledged != 0)
		return 0;
	statement_digest(k, digest);
	return record(h, k, "acknowledged",
	    json_pack("{s:s,s:I,s:I,s:s}", "batch", k->r.batch, "release",
		(json_int_t)release, "count", (json_int_t)s->nsubjects,
		"statement", digest),
	    f);
}

/* ---- Deletion ---- */

static int
deleted(
    struct home *h, struct asker *k, const struct statement *s, struct fault *f)
{
	struct catalog_released last;
	struct catalog_deletion gone;
	char digest[DIGEST_CHARS + 1];
	bool stated, released;

	if (check_about(h, k, s, "at batch home", f) != 0 ||
	    catalog_last_deletion(h->catalog, k->r.batch, &stated, &gone, f) !=
		0 ||
	    catalog_release_before(
		h->catalog, k->r.batch, 0, &released, &last, f) != 0)
		return -1;
	if (stated && released && last.seq < gone.seq)
		return 0;
	statement_digest(k, digest);
	return record(h, k, "deletion-stated",
	    json_pack("{s:s,s:s}", "batch", k->r.batch, "statement", digest),
	    f);
}

/* ---- Both ---- */

static int
take(struct home *h, struct asked *a, const char *type,
    int (*act)(struct home *h, struct asker *k, const struct statement *s,
	struct fault *f),
    struct fault *f)
{
	struct statement s = { .doc = NULL };
	struct catalog_batch b;
	struct asker k;
	int rc = -1;

	if (asker_signed(h, a, &k, f) != 0 || asker_batch(h, &k, &b, f) != 0 ||
	    check_size(&k, &b, f) != 0)
		return asker_end(h, a, &k, -1, f);
	if (statement_open(&s, k.r.body, type, k.card.verifier.key, f) != 0) {
		k.rule = "signature";
		return asker_end(h, a, &k, -1, f);
	}
	rc = act(h, &k, &s, f);
	statement_free(&s);
	if (rc != 0 && k.rule == NULL && is_repeated(h, f)) {
		fault_clear(f);
		rc = 0;
	}
	if (rc == 0)
		rc = answer_taken(a, &k, f);
	return asker_end(h, a, &k, rc, f);
}

int
statement_received(void *state, struct asked *a, struct fault *f)
{
	return take(state, a, RECEIVED_TYPE, received, f);
}

int
statement_deleted(void *state, struct asked *a, struct fault *f)
{
	return take(state, a, DELETED_TYPE, deleted, f);
}
