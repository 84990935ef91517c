#ifndef GATEWAY_FLOW_UNSEALER_INTERNAL_H
#define GATEWAY_FLOW_UNSEALER_INTERNAL_H

#include <stdint.h>

#include "gateway/keeper/keeper.h"
#include "gateway/process/process.h"

/*
 * The owner's objects of one batch, opened: a worker with the descriptors of
 * one object and one file at a time, and a channel to the keeper that gives it
 * the file keys of that batch.  It reads no label.
 */
struct unsealer {
	struct process *process;
};

/* Start one for a batch; the caller ends it with unsealer_close(). */
NEED int unsealer_open(
    struct unsealer *u, struct keeper *k, const char *batch, struct fault *f);
NEED int unsealer_close(struct unsealer *u, struct fault *f);

/* What comes out. */
enum unseal {
	UNSEAL_PLAIN,	/* the plaintext as it is */
	UNSEAL_ITEMS,	/* of an index: labels_read_items()' lines */
	UNSEAL_ORIGINS, /* of a join: labels_read_origins()' lines */
	UNSEAL_WAYS
};

/* Whose key opens it, where it is no shard's. */
#define UNSEAL_RETURN UINT32_MAX

/*
 * Open the age file that object holds and append what comes out to out.  shard
 * is the number of the shard whose identity it is sealed to, or UNSEAL_RETURN
 * for the batch's return recipient.  FAULT_FORGED and FAULT_INPUT are the
 * object's fault, and out then holds what came before.
 */
NEED int unsealer_do(struct unsealer *u, enum unseal as, uint32_t shard,
    int object, int out, struct fault *f);

#endif
