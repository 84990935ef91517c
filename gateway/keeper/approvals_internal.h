#ifndef GATEWAY_KEEPER_APPROVALS_INTERNAL_H
#define GATEWAY_KEEPER_APPROVALS_INTERNAL_H

#include "gateway/keeper/law_internal.h"
#include "gateway/keeper/people_internal.h"

/* Sealed batches: looked at, approved, ended. */

/* ---- approvals.c ---- */

/*
 * How long a grant for the batch may last that is made now: to the end of the
 * first ground of its release to end (agreement, adequacy, document), and no
 * longer than the retention.  *why says which, for people, and outlasts law,
 * which the caller law_free()s in any case.  FAULT_POLICY when the law says
 * no, or the vendor may not be given anything.
 */
NEED int term_of(struct home *h, const struct catalog_batch *b, struct law *law,
    int64_t *until, const char **why, struct fault *f);

/* How long it lasts where nobody says: a crowd's is short. */
int64_t term_unasked(const struct law *law, int64_t until);

int batch_approve(void *state, struct asked *a, struct fault *f);
int batch_extend(void *state, struct asked *a, struct fault *f);

/* The batch that an ask names as "batch". */
NEED int take_batch(
    struct home *h, const json_t *in, struct catalog_batch *b, struct fault *f);

/* ---- batch_page.c ---- */

/* What is told of a batch on one line. */
json_t *batch_say(
    struct home *h, const struct catalog_batch *b, struct fault *f);

/* The grant of a batch that lasts longest; until is 0 when there is none. */
NEED int longest_grant(struct home *h, const char *batch,
    struct catalog_grant *out, struct fault *f);

int batch_list(void *state, struct asked *a, struct fault *f);
int batch_page(void *state, struct asked *a, struct fault *f);

/* ---- endings.c ---- */

/* What had been released of a batch that ended; NULL with the fault. */
json_t *ended_say(struct home *h, const char *id, struct fault *f);

/* The batch or the vendor that is called so; the other's id is then empty.
 * FAULT_USAGE when both are, FAULT_POLICY for a vendor that was ended. */
NEED int find_target(struct home *h, const char *name, struct catalog_batch *b,
    struct catalog_vendor *v, struct fault *f);

int batch_withdraw(void *state, struct asked *a, struct fault *f);
int stop(void *state, struct asked *a, struct fault *f);

/* ---- shred.c ---- */

int batch_shred(void *state, struct asked *a, struct fault *f);

#endif
