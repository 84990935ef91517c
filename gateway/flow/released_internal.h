#ifndef GATEWAY_FLOW_RELEASED_INTERNAL_H
#define GATEWAY_FLOW_RELEASED_INTERNAL_H

#include "gateway/audit/audit.h"
#include "gateway/package/package.h"
#include "keys/base/text.h"

/*
 * The answer to a release as it came, and what it must say.
 *
 * It was sealed to us, which anybody can do; what makes it believed is the
 * receipt in it, under the owner's log key, for the very entry that our request
 * must have led to.
 */

/* A shard of the answer; headers are the caller's to bytes_free(). */
struct released_shard {
	uint32_t n;
	uint8_t object[DIGEST_BYTES];
	uint64_t bytes;
	uint64_t skip; /* bytes of the header that lies in the object */
	uint8_t index[DIGEST_BYTES];
	uint64_t index_bytes;
	uint64_t index_skip;
	struct bytes header, index_header; /* ours */
};

struct released {
	json_t *doc;
	char batch[ID_CHARS + 1];
	uint64_t seq;
	const char *receipt; /* borrowed from doc */
	uint8_t manifest_object[DIGEST_BYTES];
	const json_t *shards;
	size_t n;
};

/* Read an answer.  FAULT_INPUT for a member that is missing, unknown or out of
 * range, and for shards out of order.  The caller released_free()s *out, which
 * is empty on failure. */
NEED int released_read(
    struct released *out, const void *p, size_t len, struct fault *f);
void released_free(struct released *r);

/* Shard i of it, below n; the caller frees its headers. */
NEED int released_shard(const struct released *r, size_t i,
    struct released_shard *out, struct fault *f);
void released_shard_free(struct released_shard *s);

/* What was asked. */
struct released_asked {
	const char *batch;
	const uint8_t *request;	  /* its digest, or NULL: offline */
	const uint8_t *recipient; /* digest of our recipient */
	const uint8_t *manifest;  /* digest of the envelope, or NULL */
	uint32_t first, count;	  /* the shards */
};

/*
 * Check it: the receipt holds under the owner's log key, and its entry is the
 * one that this answer to what was asked must have made.  FAULT_FORGED where
 * it is not.  manifest gets the digest of the manifest's envelope as the entry
 * has it; checkpoint the tree that the receipt is for.
 */
struct released_proof {
	uint8_t manifest[DIGEST_BYTES];
	struct audit_checkpoint checkpoint;
	struct slice note; /* of the checkpoint, inside the receipt */
};
NEED int released_check(const struct released *r,
    const struct released_asked *asked, const struct vkey *log,
    struct released_proof *out, struct fault *f);

/* FAULT_FORGED unless the shard is the manifest's. */
NEED int released_matches(
    const struct released_shard *s, const struct manifest *m, struct fault *f);

#endif
