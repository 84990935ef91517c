#ifndef GATEWAY_KEEPER_BATCHES_INTERNAL_H
#define GATEWAY_KEEPER_BATCHES_INTERNAL_H

#include "gateway/keeper/law_internal.h"

/* What is told of a batch beside its entry (fact "plan"): {"digest","golden"?:
 * {"bytes","lines","object"},"project","returns"}.  The caller json_decref()s
 * *out. */
NEED int batch_facts(
    struct home *h, const char *batch, json_t **out, struct fault *f);

/* The batch of a request, which must be open. */
NEED int batch_open(
    struct home *h, const json_t *in, struct catalog_batch *b, struct fault *f);

/* The vendor that an ask names, if a batch may be begun for it: known, neither
 * suspended nor ended, and the law says yes to the ask's "agreements" and
 * "terms".  The caller law_free()s law. */
NEED int batch_vendor(struct home *h, const json_t *in,
    struct catalog_vendor *out, struct law *law, struct fault *f);

/* Golden lines: as an object, and the root of their commitments. */
struct golden {
	char object[DIGEST_CHARS + 1];
	uint64_t bytes;
	char root[DIGEST_CHARS + 1];
};
NEED int golden_keep(struct home *h, const char *batch, int lines,
    const struct age_recipient *returns, struct golden *out, struct fault *f);

/* A digest in hexadecimal as JSON. */
json_t *batch_hex(const uint8_t digest[DIGEST_BYTES]);

/* sent.c: keep what a shard that is logged in this group holds, out of the
 * request's descriptor. */
NEED int sent_keep(struct home *h, struct asked *a, const char *batch,
    const struct catalog_shard *s, struct fault *f);

/* What a worker's keys are derived from; the caller secret_free()s them. */
struct keys_answer {
	char domain[ID_CHARS + CATALOG_NAME_MAX + 2]; /* vendor.project */
	struct secret key, seed, subject;
};

/* plans.c: those for looking behind pseudonyms, as it was logged. */
NEED int reveal_keys(struct home *h, struct asked *a, const json_t *reveal,
    struct keys_answer *out, struct fault *f);

/* FAULT_POLICY unless a plan of that digest was approved for the vendor. */
NEED int plan_need_approved(struct home *h, const struct catalog_vendor *v,
    const char *digest, struct fault *f);

/* asks.c */
int plan_approve(void *state, struct asked *a, struct fault *f);
int reveal_ask(void *state, struct asked *a, struct fault *f);
int batch_check(void *state, struct asked *a, struct fault *f);
int batch_begin(void *state, struct asked *a, struct fault *f);
int batch_shards(void *state, struct asked *a, struct fault *f);
int batch_shard_keys(void *state, struct asked *a, struct fault *f);
int batch_shard_sealed(void *state, struct asked *a, struct fault *f);
int batch_seal(void *state, struct asked *a, struct fault *f);
int batch_offline(void *state, struct asked *a, struct fault *f);
int batch_offline_shards(void *state, struct asked *a, struct fault *f);
int sent_hashes(void *state, struct asked *a, struct fault *f);
int sent_key(void *state, struct asked *a, struct fault *f);
int batch_worker_keys(void *state, struct asked *a, struct fault *f);

#endif
