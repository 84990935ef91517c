#ifndef GATEWAY_KEEPER_PERSONS_INTERNAL_H
#define GATEWAY_KEEPER_PERSONS_INTERNAL_H

#include "gateway/keeper/keeper_internal.h"

/*
 * Persons as the catalog knows them: keyed hashes of their subject keys, under
 * a key that the home makes once (RING_SUBJECT).
 */

/* That key, made if there is none yet; RING_EXPORT.  The caller secret_free()s
 * *out; a use of it is key_derive(KEY_PERSON or KEY_HELD, "", ""). */
NEED int persons_key(struct home *h, struct secret *out, struct fault *f);

/* Add to the round's group whom a shard, just logged, is about: count hashes
 * out of the descriptor. */
NEED int persons_keep(struct home *h, const struct catalog_subjects *of,
    uint64_t count, int fd, struct fault *f);

/* ---- exposure.c ---- */

int exposure_holdings(void *state, struct asked *a, struct fault *f);

/* Are these names of vendors, ended ones included?  FAULT_POLICY names one that
 * is not: what it holds cannot be counted. */
NEED int exposure_known(struct home *h, const json_t *names, struct fault *f);

/* What was measured before a batch began, into the round's group: the report,
 * and what the vendor will hold.  risk is the ask's member, or NULL; fd is the
 * number of its descriptor. */
NEED int exposure_begin(struct home *h, struct asked *a, const char *batch,
    const json_t *risk, size_t fd, struct fault *f);

#endif
