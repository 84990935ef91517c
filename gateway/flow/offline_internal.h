#ifndef GATEWAY_FLOW_OFFLINE_INTERNAL_H
#define GATEWAY_FLOW_OFFLINE_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>

#include "keys/base/fault.h"

/* offline_ready.c: what can be known before a release is logged. */

/* The file in a delivery that says whose it is: the batch's id, a newline. */
#define OFFLINE_MARK "batch"

/*
 * Open the folder path for a delivery of that batch (id), made if need be, and
 * see that it can be written; drafts in it are swept.  *made: it was made here,
 * and the caller removes it when nothing is released.  FAULT_USAGE when it has
 * another batch's delivery, or anything else.  The caller closes *fd, which is
 * -1 or open after a failure, too.
 */
NEED int offline_folder(
    int *fd, bool *made, const char *path, const char *batch, struct fault *f);

/*
 * Is every object of a batch among the home's, of its size?  told is the answer
 * of KEEPER_BATCH_SHARDS.  FAULT_INPUT names the first that is not, counts them
 * all, and its hint says where a restored home gets them.
 */
NEED int offline_objects(int home, const json_t *told, struct fault *f);

#endif
