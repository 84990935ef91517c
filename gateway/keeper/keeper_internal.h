#ifndef GATEWAY_KEEPER_KEEPER_INTERNAL_H
#define GATEWAY_KEEPER_KEEPER_INTERNAL_H

#include "gateway/catalog/catalog.h"
#include "gateway/keeper/keeper.h"

/* The keeper from inside: the home as the answerers of asks.c see it. */

struct home;

/* Acts that complete an answer behind the commit (home_after). */
struct home_act {
	int (*act)(
	    struct home *h, struct message *answer, void *arg, struct fault *f);
	void *arg;
	void (*free_arg)(void *arg);
	struct message *answer;
};

struct home {
	int dir;
	struct ring *ring; /* NULL: not made yet */
	struct catalog *catalog;
	struct card card; /* owners: our own, the newest */
	struct vkey log;
	struct sign_key log_key; /* empty until RING_RELEASE was unlocked */
	struct serve *serve;
	bool group;	     /* the catalog has an open group */
	bool spoiled;	     /* and it is to be rolled back */
	bool ahead;	     /* committed and not yet published */
	struct fault ending; /* why it serves no more, if it does not */
	unsigned held[RING_BRANCHES]; /* how many peers have unlocked each */
	struct home_act acts[SERVE_ROUND];
	size_t nacts;
	struct visits *visits;	   /* asker.c: who came over the listener */
	struct arrivals *arrivals; /* arrivals.c: what is on its way in */
	double swept;		   /* when uploads that were given up were */
};

/* What a peer is known by. */
struct home_peer {
	unsigned branches; /* that it has unlocked */
	json_t *about;	   /* as keeper_peer() said, or NULL */
};

/* ---- home.c: what answerers do with the home ---- */

/* The JSON of a request, read to its end; the caller json_decref()s *in. */
NEED int home_in(struct asked *a, json_t **in, struct fault *f);

/* The JSON of the answer; out is taken over, NULL is memory ended. */
NEED int home_out(struct asked *a, json_t *out, struct fault *f);

/* FAULT_POLICY unless the peer that asks has unlocked these. */
NEED int home_need(
    struct home *h, const struct asked *a, unsigned branches, struct fault *f);

/* What the peer is known by; never NULL. */
struct home_peer *home_peer(const struct asked *a);

/* Add an entry, or a release, to the round's group.  FAULT_POLICY where
 * RING_RELEASE is locked.  Otherwise as catalog_add(). */
NEED int home_add(struct home *h, const struct catalog_entry *e, uint64_t *seq,
    struct fault *f);
NEED int home_release(struct home *h, const struct catalog_release *r,
    uint64_t *seq, struct fault *f);

/* The same of a shard's persons. */
NEED int home_add_subjects(
    struct home *h, const struct catalog_subjects *list, struct fault *f);

/* Take a person out of all lists and of what was sent. */
NEED int home_erase_subject(struct home *h,
    const uint8_t person[CATALOG_SUBJECT_BYTES], struct catalog_erased *out,
    struct fault *f);

/* The same of what a batch's vendor will hold. */
NEED int home_add_holdings(
    struct home *h, const char *batch, struct slice holdings, struct fault *f);

/* For an ask that added one entry and fails at the next: the whole round is
 * rolled back, and every ask of it fails. */
void home_spoil(struct home *h);

/*
 * Call act behind the round's commit, to complete this ask's answer (it has
 * been begun, behind its 1).  Where act fails, its fault is the answer.  Where
 * the commit fails act is not called.  free_arg, if not NULL, is called in any
 * case, also when this fails.
 */
NEED int home_after(struct home *h, struct asked *a,
    int (*act)(
	struct home *h, struct message *answer, void *arg, struct fault *f),
    void *arg, void (*free_arg)(void *arg), struct fault *f);

/* Append facts (taken over), sealed to the officer and the recovery
 * recipient. */
NEED int home_sidecar(
    struct home *h, json_t *facts, struct bytes *out, struct fault *f);

/* A folder below the home; the caller closes *fd. */
NEED int home_folder(
    const struct home *h, const char *name, int *fd, struct fault *f);

/* ---- objects.c ---- */

/* Sealed bytes as an object, durable; hex is its name. */
NEED int home_put_object(struct home *h, const struct bytes *sealed,
    char hex[DIGEST_CHARS + 1], struct fault *f);

/* The same for what a batch refers to, marked as not yet recorded until
 * home_object_recorded()'s commit; without that a sweep deletes it. */
NEED int home_keep_object(struct home *h, const struct bytes *sealed,
    char hex[DIGEST_CHARS + 1], struct fault *f);

/* The round's group records the object: take the mark away behind its commit.
 * As home_after(). */
NEED int home_object_recorded(
    struct home *h, struct asked *a, const char *hex, struct fault *f);

/* Delete objects that were marked and never recorded.  Not inside a group that
 * has some. */
NEED int home_sweep_objects(struct home *h, struct fault *f);

/* Delete an object that nothing refers to. */
void home_drop_object(struct home *h, const char *hex);

/* ---- home.c again ---- */

/* The round is over: commit, act.  One second is over: publish. */
NEED int home_settle(void *state, struct fault *f);
NEED int home_tick(void *state, struct fault *f);

/* A JSON text, taken over, as a run of bytes of a message. */
NEED int keeper_put_json(struct bytes *b, json_t *o, struct fault *f);

/* ---- open.c: a home opened, made, unlocked ---- */

/* Open ring, log and catalog, for reading; nothing where the home is not made
 * yet. */
NEED int home_open(struct home *h, struct fault *f);
void home_close(struct home *h);

/* The text in descriptor i of a request; the caller secret_free()s it. */
NEED int home_take_unlock(
    struct asked *a, size_t i, struct ring_unlock *how, struct fault *f);

int home_create(void *state, struct asked *a, struct fault *f);
int home_unlock(void *state, struct asked *a, struct fault *f);
void home_leave(struct home *h, struct home_peer *p);

/* ---- returns.c, verdicts.c, return_key.c: asks of the way back ---- */

int return_list(void *state, struct asked *a, struct fault *f);
int return_whose(void *state, struct asked *a, struct fault *f);
int return_take(void *state, struct asked *a, struct fault *f);
int ingest_begin(void *state, struct asked *a, struct fault *f);
int ingest_verify(void *state, struct asked *a, struct fault *f);
int ingest_done(void *state, struct asked *a, struct fault *f);
int return_key(void *state, struct asked *a, struct fault *f);

/* What the vendor is told of its return. */
const char *return_state(const struct catalog_return *r);
/* ---- show.c, log.c, backup.c, rotate.c ---- */

int home_status(void *state, struct asked *a, struct fault *f);
int home_entries(void *state, struct asked *a, struct fault *f);
int home_open_sidecar(void *state, struct asked *a, struct fault *f);
int home_prove(void *state, struct asked *a, struct fault *f);
int home_check(void *state, struct asked *a, struct fault *f);

/* ---- whole.c: the objects that the log names ---- */

/* How many there are, and how many of them are not there, or of another
 * size. */
struct objects_seen {
	int dir; /* the home's */
	uint64_t all, missing, altered;
};

/* Count a batch's, or those of no batch, in addition. */
NEED int objects_of_batch(struct home *h, const struct catalog_batch *b,
    struct objects_seen *seen, struct fault *f);
NEED int objects_of_people(
    struct home *h, struct objects_seen *seen, struct fault *f);

int home_objects(void *state, struct asked *a, struct fault *f);
int home_backup_copy(void *state, struct asked *a, struct fault *f);
int home_backup_made(void *state, struct asked *a, struct fault *f);
int home_restored(void *state, struct asked *a, struct fault *f);
int home_rotate(void *state, struct asked *a, struct fault *f);

/* ---- asks.c: who may ask what ---- */

/* A command whose home is not made yet; it becomes KEEPER_COMMAND's equal for
 * the asks that say so. */
#define KEEPER_MAKER 16u

extern const struct ask_row keeper_asks[];

/* What tells one version's asks from another's: a digest of their codes and
 * names, in hexadecimal. */
#define SPEAKS_CHARS 16u
void asks_speak(char out[SPEAKS_CHARS + 1]);

/* ---- endings.c ---- */

/* What ends when an owner says its id: the member that has it, the kind of the
 * entry, the id's letter, and what is said of another text. */
struct ending {
	const char *member, *kind;
	char letter;
	const char *no_id, *list; /* and where ids are told */
};
/* Why an ending was refused: that there is no such thing is FAULT_INPUT, as for
 * whatever is named and not there.  Always returns -1. */
int ending_of_none(struct home *h, struct fault *f);

NEED int end_by_id(
    struct home *h, struct asked *a, const struct ending *of, struct fault *f);

#endif
