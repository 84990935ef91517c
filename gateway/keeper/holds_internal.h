#ifndef GATEWAY_KEEPER_HOLDS_INTERNAL_H
#define GATEWAY_KEEPER_HOLDS_INTERNAL_H

#include "gateway/keeper/keeper_internal.h"

/* What is held and who is suppressed: persons by their keyed hashes. */

/* A subject's key, as the dataset has it, to the hash by which the catalog
 * knows the person; RING_EXPORT. */
NEED int person_hash(struct home *h, const char *subject,
    uint8_t out[CATALOG_SUBJECT_BYTES], struct fault *f);

/* The member "subject" of an ask to that hash.  FAULT_USAGE for an empty one.
 */
NEED int person_take(struct home *h, const json_t *in,
    uint8_t out[CATALOG_SUBJECT_BYTES], struct fault *f);

/* The hash that the fact "subject" of that id holds.  FAULT_FORGED when it is
 * gone: who is suppressed or held is then not known. */
NEED int person_of(struct home *h, const char *id,
    uint8_t out[CATALOG_SUBJECT_BYTES], struct fault *f);

/* ---- suppress.c ---- */

/* Is one of these shards (NULL: any) about a suppressed subject?  *shard is the
 * first that is. */
NEED int suppressed_in(struct home *h, const char *batch,
    const uint32_t *shards, size_t n, bool *yes, uint32_t *shard,
    struct fault *f);

/* The hashes of all who are suppressed now, appended. */
NEED int suppressed_all(struct home *h, struct bytes *out, struct fault *f);

/* That of a person which has not ended; its id is empty when there is none.
 * FAULT_INPUT when there is none, and no room for one more. */
NEED int suppression_of(struct home *h,
    const uint8_t person[CATALOG_SUBJECT_BYTES],
    struct catalog_suppression *out, struct fault *f);

/* Put a person on the list, who is not on it, and name them to this home in the
 * log; id is the new one.  RING_RELEASE and RING_EXPORT. */
NEED int suppression_record(struct home *h,
    const uint8_t person[CATALOG_SUBJECT_BYTES], const char *reason,
    char id[ID_CHARS + 1], struct fault *f);

/* FAULT_USAGE for what is no reason. */
NEED int suppression_check(const char *reason, struct fault *f);

/* ---- suppress_again.c ---- */

/* Add the entry that says to this home alone whom a suppression is about. */
NEED int suppression_name(struct home *h, const char *id,
    const uint8_t person[CATALOG_SUBJECT_BYTES], struct fault *f);

/* Suppress again who was suppressed by entries of list (KEEPER_ERASE_AGAIN's)
 * from the one numbered from on, and is not; added to *done. */
struct suppressed_again {
	uint64_t persons;
	uint64_t unnamed; /* entries that name nobody to this home */
};
NEED int suppress_again(struct home *h, const json_t *list, uint64_t from,
    struct suppressed_again *done, struct fault *f);

int suppressed_tell(void *state, struct asked *a, struct fault *f);
int suppress_add(void *state, struct asked *a, struct fault *f);
int suppress_remove(void *state, struct asked *a, struct fault *f);
int suppress_list(void *state, struct asked *a, struct fault *f);

/* ---- whose.c ---- */

/* The batches that are about a person, [{"id","name","vendor","state",
 * "shards": how many of them}], those that were shredded only if asked for;
 * NULL with the fault. */
json_t *batches_about(struct home *h,
    const uint8_t person[CATALOG_SUBJECT_BYTES], bool shredded,
    struct fault *f);

int person_tell(void *state, struct asked *a, struct fault *f);

/* ---- holds.c ---- */

/* FAULT_POLICY when a person is held about whom the batch is: what is held with
 * it or its vendor the catalog refuses itself. */
NEED int holds_permit(
    struct home *h, const struct catalog_batch *b, struct fault *f);

int hold_add(void *state, struct asked *a, struct fault *f);
int hold_list(void *state, struct asked *a, struct fault *f);
int hold_end(void *state, struct asked *a, struct fault *f);

#endif
