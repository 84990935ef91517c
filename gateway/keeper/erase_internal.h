#ifndef GATEWAY_KEEPER_ERASE_INTERNAL_H
#define GATEWAY_KEEPER_ERASE_INTERNAL_H

#include "gateway/keeper/holds_internal.h"
#include "keys/pseudonym/pseudonym.h"

/* Erasing one person, for the files that do. */
struct erasing {
	struct home *home;
	uint8_t person[CATALOG_SUBJECT_BYTES];
	json_t *batches;	   /* about the person, the caller's */
	struct catalog_batch here; /* the first that is not shredded, or "" */
	bool found;		   /* scratch: in the batch that is looked at */
	bool held;		   /* it, its vendor, or the person */
};

/* The key under which the log says who was erased (KEY_ERASED); RING_EXPORT.
 * The caller token_key_free()s it. */
NEED int erasing_key(struct home *h, struct token_key **out, struct fault *f);

/* Fill in the batches.  FAULT_POLICY while a hold or a batch that is still here
 * says no. */
NEED int erasing_permit(struct erasing *e, struct fault *f);

/* Do it, and log it with how many lists and items there were. */
NEED int erasing_record(struct erasing *e, const struct token_key *key,
    struct catalog_erased *done, struct fault *f);

int subject_erase(void *state, struct asked *a, struct fault *f);

/* ---- erase_again.c ---- */

/* Was the home made of a backup, and not made good since what came after that
 * one?  Reads the whole log. */
NEED int restorations_open(struct home *h, bool *open, struct fault *f);

int restorations_tell(void *state, struct asked *a, struct fault *f);
int erasures_repeat(void *state, struct asked *a, struct fault *f);

#endif
