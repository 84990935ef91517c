#ifndef GATEWAY_KEEPER_PEOPLE_INTERNAL_H
#define GATEWAY_KEEPER_PEOPLE_INTERNAL_H

#include "gateway/keeper/keeper_internal.h"

/* Cards and those who hold them, for the files that answer about people. */

/* ---- cards.c ---- */

/* The member "card" of an ask, read and verified; text is borrowed from in.
 * As card_read(); FAULT_INPUT when it is the card of another role. */
NEED int card_take(const json_t *in, enum role role, struct card *out,
    struct slice *text, struct fault *f);

/* Has the ask a "fingerprint", and is it this card's?  FAULT_FORGED when it is
 * that of another one. */
NEED int card_confirms(
    const json_t *in, const struct card *c, bool *yes, struct fault *f);

/* Say a card's fingerprint in both spellings, as "fingerprint" and "words". */
NEED int card_say(json_t *o, const struct card *c, struct fault *f);

/* A member with a time, null for 0. */
NEED int time_say(json_t *o, const char *key, int64_t at, struct fault *f);

/* Append the bytes of the n-th card of this home, counted from 1; *there false
 * when there are fewer. */
NEED int card_issued(struct home *h, uint64_t n, struct bytes *out, bool *there,
    struct fault *f);

/* The newest card of this home (its id), or of an owner whose fingerprint was
 * confirmed, appended, and its number; 0 when there is none.  FAULT_FORGED when
 * the log has it and catalog.db has not. */
NEED int card_pinned(const struct home *h, const char *owner, uint64_t *n,
    struct bytes *out, struct fault *f);

/* FAULT_USAGE unless the home is of that role. */
NEED int role_need(const struct home *h, enum role role, struct fault *f);

int card_show(void *state, struct asked *a, struct fault *f);

/* ---- owners.c: of a vendor's home ---- */

/*
 * An owner that a vendor's home knows, in the folder owners/ID:
 *   card       as the owner sent it
 *   own-card   what we answered, signed by the key that is for this owner
 * Our log has the card that somebody compared (owner-confirmed), and every
 * card that we issued: the files must be those.
 */
struct owner {
	char id[ID_CHARS + 1];
	struct card card;
	struct card own;
	bool confirmed; /* and it is this card */
};

/* FAULT_INPUT when no owner of that id is known; FAULT_FORGED when its card is
 * not the one that was confirmed, or ours is none that we issued. */
NEED int owner_read(
    struct home *h, const char *id, struct owner *out, struct fault *f);

/* The owner of that id, or of that name in its card.  NULL: the only one.
 * FAULT_INPUT when there is none, FAULT_USAGE when several would do. */
NEED int owner_find(
    struct home *h, const char *name_or_id, struct owner *out, struct fault *f);

/* The card that we made for an owner, appended. */
NEED int owner_own_card(
    const struct home *h, const char *id, struct bytes *out, struct fault *f);

int owner_add(void *state, struct asked *a, struct fault *f);
int owner_list(void *state, struct asked *a, struct fault *f);

/* ---- people.c, papers.c: of an owner's home ---- */

/* All that is shown of a vendor; NULL with the fault. */
json_t *vendor_say(
    struct home *h, const struct catalog_vendor *v, struct fault *f);

int vendor_add(void *state, struct asked *a, struct fault *f);
int vendor_confirm(void *state, struct asked *a, struct fault *f);
int vendor_list(void *state, struct asked *a, struct fault *f);
int vendor_change(void *state, struct asked *a, struct fault *f);

/* The name of the object that an agreement's paper is; empty when erased. */
NEED int paper_object(struct home *h, const char *id,
    char hex[DIGEST_CHARS + 1], struct fault *f);

/* A list of agreements, with a vendor's id or with all (NULL). */
NEED int agreements_say(
    struct home *h, const char *vendor, json_t **out, struct fault *f);

int agreement_add(void *state, struct asked *a, struct fault *f);
int agreement_list(void *state, struct asked *a, struct fault *f);
int agreement_end(void *state, struct asked *a, struct fault *f);

#endif
