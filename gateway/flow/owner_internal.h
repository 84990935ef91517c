#ifndef GATEWAY_FLOW_OWNER_INTERNAL_H
#define GATEWAY_FLOW_OWNER_INTERNAL_H

#include "gateway/audit/audit.h"
#include "gateway/client/client.h"
#include "gateway/flow/flow.h"
#include "gateway/keeper/keeper.h"
#include "keys/base/text.h"
#include "keys/ring/ring.h"

/* ---- owner.c: an owner as a vendor's home knows it ---- */

#define OWNER_URL_MAX 300u

struct owner_known {
	char id[ID_CHARS + 1];
	struct card card; /* theirs, whose fingerprint was confirmed */
	struct card own;  /* what we are to them */
	char url[OWNER_URL_MAX + 1]; /* of its agent, or "" */
	int dir;		     /* owners/ID */
};

/*
 * The owner of that name or id; NULL: the one whose agent was reached at url
 * before, or the only one.  home is the home's descriptor.  FAULT_POLICY when
 * its fingerprint was not confirmed; FAULT_FORGED when a card is not the one
 * that the log of our keeper has; FAULT_USAGE when several would do.  The
 * caller owner_known_close()s *out, which is closed on failure.
 */
NEED int owner_known_find(struct owner_known *out, struct keeper *k, int home,
    const char *name, const char *url, struct fault *f);
void owner_known_close(struct owner_known *o);

/* "HOST:PORT" or "https://HOST:PORT" as a URL. */
NEED int owner_url(
    char out[OWNER_URL_MAX + 1], const char *given, struct fault *f);

/* Keep where the agent was reached. */
NEED int owner_keep_url(
    struct owner_known *o, const char *url, struct fault *f);

/* SHA-256 of our age recipient as text, as an entry of theirs names it. */
NEED int owner_recipient(
    const struct owner_known *o, uint8_t out[DIGEST_BYTES], struct fault *f);

/*
 * A checkpoint of the owner's log that was verified, text being its note: it
 * must hold all that the newest one known did, and that one that a delivery
 * brought.  FAULT_FORGED when it does not.
 * tiles: where hashes come from; NULL of a delivery in a folder, whose
 * checkpoint may be older than one that is known, too: it is kept, and compared
 * when there are some.
 */
NEED int owner_checkpoint(struct owner_known *o,
    const struct audit_checkpoint *now, struct slice text,
    const struct audit_tiles *tiles, struct fault *f);

/* ---- talk.c: asking an owner's agent ---- */

struct talk {
	struct keeper *keeper;
	struct owner_known *owner; /* borrowed */
	struct courier *courier;
	int channel;			      /* the courier's to the keeper */
	const struct flow_progress *progress; /* borrowed */
	char connecting[OWNER_URL_MAX + 16];  /* "connecting to HOST:PORT" */
};

/* *t stays where it is until talk_close(). */
NEED int talk_open(struct talk *t, struct keeper *k, struct owner_known *o,
    const char *url, const struct flow_progress *progress, struct fault *f);
void talk_close(struct talk *t);

/* A request; body.at NULL: GET. */
struct talk_request {
	const char *path;
	struct slice body;
	struct slice statement;
};

/* Append the statement over a request and a fresh nonce. */
NEED int talk_sign(struct talk *t, const struct talk_request *r,
    struct bytes *statement, struct fault *f);

/* Send it with its statement, and append the answer, opened. */
NEED int talk_send(struct talk *t, const struct talk_request *r,
    struct bytes *answer, struct fault *f);

/* Was a request refused because the agent does not know its nonce: it was
 * started anew meanwhile?  A new one is what it wants. */
NEED bool talk_is_stale(const struct fault *f);

/* Both, to JSON; the caller json_decref()s *out. */
NEED int talk_ask(struct talk *t, const char *path, struct slice body,
    json_t **out, struct fault *f);

/* An age file that was sealed to us, as an owner's. */
NEED int talk_unseal(struct keeper *k, const char *owner, struct slice sealed,
    struct bytes *out, struct fault *f);

/* An object, whole, into fd from its start; FAULT_FORGED when its digest is
 * another. */
NEED int talk_object(struct talk *t, const uint8_t sha256[DIGEST_BYTES],
    uint64_t bytes, int fd, struct fault *f);

/* The hashes of the owner's log. */
struct audit_tiles talk_tiles(struct talk *t);

#endif
