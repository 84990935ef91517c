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

#endif
