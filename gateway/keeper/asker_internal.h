#ifndef GATEWAY_KEEPER_ASKER_INTERNAL_H
#define GATEWAY_KEEPER_ASKER_INTERNAL_H

#include "gateway/agent/agent.h"
#include "gateway/keeper/keeper_internal.h"

/* Who asks over the listener, and what of it is proven. */
struct asker {
	struct agent_request r;
	struct catalog_vendor vendor;
	struct card card; /* asker_signed() */
	bool is_signed;
	uint8_t digest[DIGEST_BYTES]; /* of the signed request */
	bool has_batch;		      /* the one it names is its own */
	const char *rule;	      /* by which it is refused, or NULL */
	uint32_t later;		      /* seconds, where it may then be asked */
};

/* asker.c */

/* Take the request of a vendor that we know by its TLS key: no more is known
 * of it than that the listener says so. */
NEED int asker_known(
    struct home *h, struct asked *a, struct asker *k, struct fault *f);

/* The same, and its statement is that vendor's, over these very words, with a
 * nonce of ours.  One that was answered by a release before needs no nonce. */
NEED int asker_signed(
    struct home *h, struct asked *a, struct asker *k, struct fault *f);

/* FAULT_POLICY by a rule (docs/FORMATS.md).  Always -1. */
int asker_refuse(
    struct asker *k, struct fault *f, const char *rule, const char *why);

/* FAULT_POLICY unless the owner has compared the card; and unless the vendor is
 * served: it may not be suspended, too. */
NEED int asker_confirmed(struct asker *k, struct fault *f);
NEED int asker_served(struct asker *k, struct fault *f);

/* The batch that a request names, if it is for this vendor; to it, another's
 * is none. */
NEED int asker_batch(
    struct home *h, struct asker *k, struct catalog_batch *b, struct fault *f);

/* End an ask: where it failed because a rule says no or a signature is wrong,
 * that is recorded and told.  Returns what the answerer is to return. */
NEED int asker_end(
    struct home *h, struct asked *a, struct asker *k, int rc, struct fault *f);

/* release.c: the grant that is live, or else the last one, so that the catalog
 * says what is wrong with it. */
NEED int asker_grant(struct home *h, struct asker *k,
    const struct catalog_batch *b, struct catalog_grant *g, struct fault *f);

/* release_law.c: could what an object is of be released now?  As a release is
 * judged, but nothing is recorded of it and its rate is not counted. */
NEED int asker_object(struct home *h, struct asker *k,
    const struct catalog_object *of, struct fault *f);

/* release_law.c: what the law says now to a release that the catalog allows;
 * its grounds are in the log from here on. */
NEED int asker_law(struct home *h, struct asker *k,
    const struct catalog_batch *b, const struct catalog_release *r,
    struct fault *f);

/* Record how many refusals and strangers were not recorded one by one, where
 * that is due, or at the end.  Not inside a group. */
NEED int asker_left_out(struct home *h, bool end, struct fault *f);

/* Put facts (taken over) as the answer, sealed to the vendor. */
NEED int asker_answer(struct message *answer, const struct card *to,
    json_t *facts, struct fault *f);

/* doors.c: AGENT_IDENTITY, _WHO, _NONCE, _OBJECT, _LOG */
int door_identity(void *state, struct asked *a, struct fault *f);
int door_who(void *state, struct asked *a, struct fault *f);
int door_nonce(void *state, struct asked *a, struct fault *f);
int door_object(void *state, struct asked *a, struct fault *f);
int door_log(void *state, struct asked *a, struct fault *f);

/* An object of the home by its name; the caller closes *fd.  FAULT_INPUT when
 * it is not there. */
NEED int object_open(const struct home *h, const uint8_t sha256[DIGEST_BYTES],
    int *fd, uint64_t *bytes, struct fault *f);

/* headers.c: add a released shard to list: {"n","object","bytes","header"
 * base64,"skip" bytes of the header that it replaces, and the same of its
 * index}.  To be called behind the commit of its release, and not before. */
NEED int headers_add(struct home *h, const char *batch,
    const struct age_recipient *to, const struct catalog_shard *s, json_t *list,
    struct fault *f);

/* release.c: AGENT_BATCHES, _RELEASE; statements.c: _ACKNOWLEDGE, _DELETION */
int release_list(void *state, struct asked *a, struct fault *f);
int release_ask(void *state, struct asked *a, struct fault *f);
int statement_received(void *state, struct asked *a, struct fault *f);
int statement_deleted(void *state, struct asked *a, struct fault *f);

/* arrivals.c: AGENT_RETURN_PART, _DONE, _DROP, AGENT_RETURN, _STATE */
struct arrivals;
void arrivals_free(struct arrivals *all);
int arrival_part(void *state, struct asked *a, struct fault *f);
int arrival_done(void *state, struct asked *a, struct fault *f);
int arrival_drop(void *state, struct asked *a, struct fault *f);
int arrival_whole(void *state, struct asked *a, struct fault *f);
int arrival_state(void *state, struct asked *a, struct fault *f);

#endif
