#ifndef GATEWAY_KEEPER_ARRIVALS_INTERNAL_H
#define GATEWAY_KEEPER_ARRIVALS_INTERNAL_H

#include "gateway/keeper/asker_internal.h"
#include "keys/base/files.h"

/* quarantine.c: the folders that returns arrive in. */

/* A return: labels of millions of items are some hundred MiB, and whoever has
 * more makes another. */
#define ARRIVAL_BYTES_MAX ((uint64_t)1 << 30)
/* Returns that were begun and not ended, of one batch and of all. */
#define ARRIVAL_BEGUN_MAX 16u
#define ARRIVAL_ALL_MAX 4096u
/* One that was begun goes when no part came for so long: whoever was cut off
 * goes on within the day, or begins another. */
#define ARRIVAL_SECONDS 86400
/* On the owner's disk from one vendor, begun ones at their largest: a batch's
 * full number under way, and as much that waits to be taken in. */
#define ARRIVAL_VENDOR_MAX ((uint64_t)32 << 30)

/* Has something of the batch been released, and is the return not there yet?
 * FAULT_POLICY with a rule where not. */
NEED int arrival_welcome(struct home *h, struct asker *k, struct fault *f);

/* The catalog's row of a return, if there is one. */
NEED int arrival_known(struct home *h, const char *ret, bool *known,
    struct catalog_return *out, struct fault *f);

/* The folder of the return that k names, made if need be, which is for the
 * batch that k names.  FAULT_INPUT when it is not there, FAULT_POLICY when it
 * is another's or there are too many.  The caller closes *fd. */
NEED int arrival_folder(
    struct home *h, struct asker *k, bool make, int *fd, struct fault *f);

/* Remove what was begun and given up. */
NEED int arrival_sweep(struct home *h, struct fault *f);

/* Bytes and number of the parts that lie in it, but for part without. */
struct arrival {
	uint64_t bytes;
	uint64_t parts;
};
NEED int arrival_sum(
    int dir, uint32_t without, struct arrival *out, struct fault *f);

/* SHA-256 and size of parts 1 to n, one behind the other.  FAULT_INPUT where
 * one is not there. */
NEED int arrival_digest(int dir, uint64_t n, uint8_t digest[DIGEST_BYTES],
    uint64_t *bytes, struct fault *f);

/* [{"n","bytes","sha256"}], in order. */
NEED int arrival_parts(int dir, json_t **out, struct fault *f);

#endif
