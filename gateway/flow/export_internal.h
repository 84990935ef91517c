#ifndef GATEWAY_FLOW_EXPORT_INTERNAL_H
#define GATEWAY_FLOW_EXPORT_INTERNAL_H

#include "gateway/flow/plan_internal.h"
#include "gateway/keeper/keeper.h"
#include "gateway/package/package.h"
#include "keys/base/files.h"

/* ---- export_settle.c: drafts become objects, durable ---- */

/* The drafts of a shard, and what was sealed into them. */
enum {
	DRAFT_SHARD,
	DRAFT_INDEX,
	DRAFT_JOIN,
	DRAFT_PERSONS,
	DRAFT_SENT,
	DRAFTS
};
#define DRAFT_OBJECTS 3u /* the first become objects */
struct settling {
	uint32_t shard;
	struct draft drafts[DRAFTS]; /* the others: for the keeper alone */
	struct package_made made;
	struct fault why; /* FAULT_NONE: they are objects */
	struct settling *next;
};
struct settler;

/* A thread that flushes and names what it is given, while others seal.  home
 * and drafts are borrowed folders. */
NEED int settler_new(
    struct settler **out, int home, int drafts, struct fault *f);
/* s becomes the settler's. */
void settler_give(struct settler *t, struct settling *s);
/* One that is done, the caller's to settling_free(); NULL when there is none
 * (wait: none is on its way either). */
struct settling *settler_take(struct settler *t, bool wait);
/* Ends the thread once it has done what it was given. */
void settler_free(struct settler *t);
void settling_free(struct settling *s);

/* The log has it: the marks that it was on its way go. */
void settled(int drafts, const struct package_made *made);

/* Throw away what a crash left in drafts: marks of what is logged, and objects
 * that are not.  logged says which are. */
NEED int settle_sweep(int home, int drafts,
    bool (*logged)(void *arg, const char *hex), void *arg, struct fault *f);

/* ---- A batch in the making ---- */

struct export
{
	const struct plan *plan;
	struct keeper *keeper;
	const char *vendor;
	int home;   /* folder */
	int drafts; /* folder of this batch's drafts, locked */
	char batch[ID_CHARS + 1];
	const char *returns;   /* recipients */
	const char *recovery;  /* or NULL */
	struct crew_keys keys; /* of all plans */
	struct package_layout layout;
	bool *done; /* by shard */
	struct flow_progress progress;
};

/* Of one thing, when workers die. */
#define EXPORT_ATTEMPTS 3u

/* ---- export_layout.c ---- */

/* Put the units in order, with the batch's key: x->layout. */
NEED int export_layout(struct export *x, struct pool *pool, struct fault *f);

/* Identities that are made with one flush. */
#define EXPORT_KEYS_AHEAD 32u
#define RECIPIENT_ROOM 128u
struct export_spares {
	size_t n;
	struct export_spare {
		uint32_t shard;
		char recipient[RECIPIENT_ROOM];
	} at[EXPORT_KEYS_AHEAD];
};

/* The recipient for a shard that is about to begin; with alone a fresh one
 * for it and no other. */
NEED int export_recipient(const struct export *x, struct export_spares *s,
    uint32_t shard, bool alone, char out[RECIPIENT_ROOM], struct fault *f);

/* export.c: a digest in hexadecimal, as JSON. */
json_t *export_hex(const uint8_t digest[DIGEST_BYTES]);

/* ---- export_source.c ---- */

/* The unit's file of that number, opened, as WORKER_ROWS has it in front of its
 * part; and as WORKER_FILES has each. */
NEED int export_put_source(const struct export *x, const struct plan_unit *u,
    uint32_t i, struct message *m, struct fault *f);
NEED int export_put_file(const struct export *x, const struct plan_unit *u,
    uint32_t i, struct message *m, struct fault *f);

/* ---- export_shards.c ---- */

/* Seal and log every shard that is not x->done. */
NEED int export_shards(struct export *x, struct pool *pool, struct fault *f);

/* ---- export_manifest.c ---- */

/* The story of one export. */
struct story {
	const struct export_options *o;
	struct export x;
	json_t *begun;	/* the keeper's answer */
	json_t *shards; /* those that are logged */
	bool open;	/* the batch takes more */
	struct pool *pool;
	struct exposure exposure;
};

/* ---- export_risk.c ---- */

/* Measure what the vendor, or the group that it is of, would then hold.
 * FAULT_POLICY where it does not meet the thresholds. */
NEED int export_exposure(struct story *s, struct fault *f);

/* What was measured, into the ask that begins the batch. */
NEED int export_set_risk(const struct story *s, json_t *in, struct fault *f);

/* Have the keeper sign the manifest of s->shards, all of them; *sealed is its
 * answer, the caller's. */
NEED int export_seal(struct story *s, json_t **sealed, struct fault *f);

#endif
