#ifndef GATEWAY_FLOW_FETCH_INTERNAL_H
#define GATEWAY_FLOW_FETCH_INTERNAL_H

#include "gateway/flow/owner_internal.h"
#include "gateway/flow/released_internal.h"
#include "gateway/flow/worker_open_internal.h"

/* ---- inbox_state.c: what a vendor's home keeps of a batch ----
 *
 *     inbox/<batch>/state.json     how far it is
 *                   manifest       the owner's signed envelope
 *                   request-<g>    the signed request for group g of shards
 *                   answer-<g>     its answer, opened; receipt-<g>: of it
 *                   <n>.age <n>.index <n>.items   of shard n, on its way
 *                   items.jsonl    all items, once all was there: of this
 *                                  manifest, and stays while it is fetched anew
 */

#define INBOX_NAME_MAX 255u
#define INBOX_FOLDER_MAX 4095u

struct inbox_state {
	char batch[ID_CHARS + 1];
	char name[INBOX_NAME_MAX + 1]; /* as the owner calls it */
	char owner[ID_CHARS + 1];      /* a home's id */
	char folder[INBOX_FOLDER_MAX + 1];
	char boot[40];	 /* the kernel's, that has done's files in memory */
	uint32_t shards; /* 0: not known yet */
	uint8_t done[PACKAGE_SHARDS_MAX / 8]; /* a bit a shard */
	uint64_t members, items, bytes;
	bool complete; /* and on disk */
	bool acknowledged;
};

/* Open inbox/<batch>, making it if make is set.  FAULT_INPUT when it is not
 * there.  The caller closes *fd. */
NEED int inbox_open(
    int home, const char *batch, bool make, int *fd, struct fault *f);

/* The state of a batch; *there false where there is none yet. */
NEED int inbox_load(
    int dir, struct inbox_state *out, bool *there, struct fault *f);
NEED int inbox_save(int dir, const struct inbox_state *s, struct fault *f);

/* The batch of that id or name; FAULT_INPUT when there is none, FAULT_USAGE
 * when several have the name.  The caller closes *fd. */
NEED int inbox_find(int home, const char *name_or_id, struct inbox_state *out,
    int *fd, struct fault *f);

/* Call each for every batch of the inbox. */
NEED int inbox_each(int home,
    int (*each)(
	void *arg, int dir, const struct inbox_state *s, struct fault *f),
    void *arg, struct fault *f);

/* Keep an envelope as the batch's manifest; of another one than is there the
 * items were not, and they go. */
NEED int inbox_put_manifest(int dir, struct slice envelope, struct fault *f);

/* This boot's id: what was written since is in the kernel's memory, whoever is
 * killed. */
NEED int inbox_boot(char out[40], struct fault *f);

/* Was all of the batch here once, as its manifest is now? */
bool inbox_has_items(int dir);

/* The batch's manifest, verified; *digest: of its envelope. */
NEED int inbox_manifest(int dir, const struct owner_known *o,
    struct manifest *out, uint8_t digest[DIGEST_BYTES], struct fault *f);

/* ---- fetch_release.c ---- */

/* Shards of one release: the owner's keeper, which wraps two headers for each,
 * answers nobody else meanwhile.  That is under a second; the API's ceiling,
 * 4,096, is some three. */
#define FETCH_GROUP 1024u

/* A batch being fetched. */
struct fetch_batch {
	struct keeper *keeper;
	struct owner_known *owner;
	struct talk *talk; /* NULL: a delivery in a folder */
	struct inbox_state state;
	struct manifest manifest;
	uint8_t manifest_digest[DIGEST_BYTES];
	uint64_t manifest_bytes; /* of the object; 0: not known */
	int folder;		 /* the delivery's, or -1 */
	int dir;		 /* inbox/<batch> */
	int out;		 /* the folder that it is unpacked into */
	bool keep;
	uint32_t group; /* the one that released is of */
	struct released released;
	struct released_proof proof;
};

/* Have group g of shards released, or find that it was: b->released and proof
 * are then of it, the manifest is there, and has the same shards.  FAULT_FORGED
 * where receipt, log, manifest and answer do not go together: the answer is
 * then not kept, and asked for again the next time. */
NEED int fetch_group(struct fetch_batch *b, uint32_t g, struct fault *f);

/* Forget the answer about group g, whose headers, which nobody signed, do not
 * open what they should. */
void fetch_forget_answer(const struct fetch_batch *b, uint32_t g);

/* Say to the owner what was verified, group by group. */
NEED int fetch_acknowledge(struct fetch_batch *b, struct fault *f);

/* Verify an envelope as the owner's manifest of this batch and keep it. */
NEED int fetch_take_manifest(
    struct fetch_batch *b, struct slice envelope, struct fault *f);

/* ---- fetch.c: what both ways have in common ---- */

/* What is fetched: from whom, and where to. */
struct fetch {
	struct keeper *keeper;
	const struct flow_fetch *o;
	struct owner_known owner;
	struct talk talk;
	int home;
	json_t *batches; /* the owner's list */
	size_t wanted;
	/* those that are not: all of it is here; sealed and not approved; it
	 * has ended */
	uint64_t here, waiting, ended;
	json_t *out;
};

/* A batch whose b->state has its id, name and number of shards: where the last
 * command left it, or from the start. */
NEED int fetch_begin(struct fetch *x, struct fetch_batch *b, struct fault *f);

/* All of its shards; what is said of it at the end. */
NEED int fetch_all_shards(struct fetch_batch *b, struct fault *f);
NEED int fetch_tell(
    struct fetch *x, const struct fetch_batch *b, struct fault *f);

/* ---- fetch_out.c: the folder that a batch is unpacked into ---- */

/*
 * May it go there?  -o DIR for one batch, DIR/NAME for each of several, NAME
 * without -o.  FAULT_USAGE for a folder with anything in it that is not known
 * to be this batch, and for a link or file in the place of a folder that the
 * owner named.  Nothing is made.
 */
NEED int fetch_look_out(
    const struct fetch *x, struct fetch_batch *b, struct fault *f);

/* The same, made if need be and opened as b->out; b->state.folder is its path,
 * and nothing is done yet where that is another than last time. */
NEED int fetch_open_out(
    const struct fetch *x, struct fetch_batch *b, struct fault *f);

/* Each shard's members have names of their own, but two shards can share one,
 * and the second lies over the first: FAULT_FORGED when b->out has fewer
 * members than were unpacked into it. */
NEED int fetch_count_out(const struct fetch_batch *b, struct fault *f);

/* ---- fetch_folder.c ---- */

/* A delivery in a folder, from its receipt to its last file. */
NEED int fetch_folder(struct fetch *x, struct fault *f);

/* ---- fetch_shard.c ---- */

/* Bring and unpack all shards of b->released that are not done. */
struct fetch_work;
NEED int fetch_work_new(
    struct fetch_work **out, struct fetch_batch *b, struct fault *f);
NEED int fetch_shards(struct fetch_work *w, struct fault *f);
void fetch_work_free(struct fetch_work *w);

/* All shards are done: items.jsonl, and everything on disk. */
NEED int fetch_finish(struct fetch_batch *b, struct fault *f);

/* ---- fetch_bring.c: a shard's bytes into drafts ---- */

struct bring {
	struct released_shard s;
	int draft; /* our header, and the payload */
	int index; /* the whole object */
	int items; /* lines about items, of the worker */
};
NEED int bring_open(struct bring *b, int dir, const struct released *r,
    size_t i, struct fault *f);
void bring_close(struct bring *b);
void bring_remove(int dir, uint32_t n);

/* The same of a delivery in a folder (fetch_folder.c): shard n's files, whose
 * index is verified to be the manifest's. */
NEED int bring_open_folder(
    struct bring *b, const struct fetch_batch *of, uint32_t n, struct fault *f);

/* Bytes of payload that lie in the draft behind our header; the draft is begun
 * anew where that header is not there. */
NEED int bring_begun(struct bring *b, uint64_t *have, struct fault *f);

/* Get the index if it is not there, and the payload from byte have on. */
NEED int bring_index(struct bring *b, struct talk *t, struct fault *f);
NEED int bring_rest(
    struct bring *b, struct talk *t, uint64_t have, struct fault *f);

/* Get chunk n again, alone. */
NEED int bring_chunk(
    struct bring *b, struct talk *t, uint64_t n, struct fault *f);

#endif
