#ifndef GATEWAY_KEEPER_REQUEST_INTERNAL_H
#define GATEWAY_KEEPER_REQUEST_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "keys/base/bytes.h"
#include "keys/base/text.h"
#include "keys/base/wire.h"
#include "keys/sign/sign.h"

/*
 * A signed request: what a vendor's keeper says over what it asks, and what the
 * owner's keeper holds against the words that its listener took off the wire.
 */

#define REQUEST_TYPE "https://handoff.invalid/request/v1"
#define REQUEST_NONCE_CHARS 64u

/* The words of a request; nonce NULL where it is not known. */
struct request {
	const char *home; /* the owner's */
	const char *method;
	const char *path;
	const char *nonce;
	uint8_t body[DIGEST_BYTES]; /* of no bytes where there is none */
};

/* Append the statement in its signed envelope. */
NEED int request_sign(struct bytes *out, const struct request *r,
    const struct sign_key *k, struct fault *f);

/*
 * Is statement one by public about exactly these words?  nonce gets the one
 * that it names.  FAULT_FORGED for a wrong signature or another word,
 * FAULT_INPUT for what is no such statement.
 */
NEED int request_check(const struct request *want, struct slice statement,
    const uint8_t public[SIGN_PUBLIC_BYTES],
    char nonce[REQUEST_NONCE_CHARS + 1], struct fault *f);

/* ---- visits.c: what the keeper remembers of those who come ---- */

/*
 * Nonces that were given out, and keys that nobody knows; in memory alone, and
 * bounded: a keeper that is started again knows none, and whoever holds one
 * asks for another.
 */
struct visits;
NEED int visits_new(struct visits **out, struct fault *f);
void visits_free(struct visits *v);

/* What nonces of one key may be about at once; past it the oldest goes. */
#define VISITS_NONCES_EACH 64u
#define VISITS_NONCES_MAX 4096u
#define VISITS_NONCE_SECONDS 300

/* A fresh nonce for who has shown key, at a time as clock_monotonic(). */
void visits_nonce(struct visits *v, const uint8_t key[32], double now,
    char out[REQUEST_NONCE_CHARS + 1]);

/* Take it: true the first time, within VISITS_NONCE_SECONDS, by the same key;
 * and again for the very same request, whose answer may have been lost. */
NEED bool visits_take(struct visits *v, const uint8_t key[32],
    const char *nonce, const uint8_t request[DIGEST_BYTES], double now);

/*
 * Is something that happened to be recorded by itself?  Once an hour for the
 * same of the same key; and so many an hour of one vendor, and of all strangers
 * together, as somebody reads who looks at a log.  What is not is counted.
 */
#define VISITS_NOTED_HOURLY 60
struct visit {
	const char *vendor; /* its id, or "": a stranger */
	const uint8_t *key; /* 32 bytes */
	const char *what;   /* nothing of it chosen by who asks */
};
NEED int visits_note(struct visits *v, const struct visit *what, double now,
    bool *note, struct fault *f);

/* What was counted since an hour, or at the end at all, one by one: true while
 * there is some.  visits_told(): that is recorded. */
struct left_out {
	char vendor[ID_CHARS + 1];
	uint64_t count;
};
bool visits_left_out(
    struct visits *v, double now, bool end, struct left_out *out);
void visits_told(struct visits *v, const struct left_out *what);

#endif
