#ifndef GATEWAY_FLOW_INGEST_INTERNAL_H
#define GATEWAY_FLOW_INGEST_INTERNAL_H

#include "gateway/flow/checker_internal.h"
#include "gateway/flow/flow.h"
#include "gateway/flow/unsealer_internal.h"
#include "keys/base/files.h"

/*
 * One return on its way in.
 *
 *     ingest.c           which, in which order; a file carried by hand
 *     ingest_one.c       opened, verified, judged, scored, joined
 *     ingest_before.c    what returns before it said
 *     ingest_report.c    what is told about it
 *     ingest_publish.c   outputs made visible, the log, quarantine emptied
 */
struct ingest {
	const struct ingest_options *o;
	struct keeper *keeper;
	int home, drafts, quarantine; /* folders; borrowed */

	json_t *about; /* KEEPER_INGEST_BEGIN's answer */
	const char *id;
	json_t *contract; /* of the manifest, or NULL */
	struct unsealer unsealer;
	bool complete;

	/* Files without a name, or -1. */
	int archive, items, answers, origins, golden, before, recalled;
	int out[CHECK_OUTPUTS];
	/* out[CHECK_SPOKEN] and [CHECK_GOLDEN], unless nothing is kept */
	struct draft spoken, scores;
	json_t *lists;	     /* their digests, once they are kept */
	int folder, outside; /* where outputs are written, and beside which */
	json_t *report, *joined;
	bool by_golden; /* it is refused by golden items */
	json_t *done;	/* KEEPER_INGEST_DONE's answer, once it is logged */
	struct bytes table;

	/* Why it is refused, once it is: the exit status that says so. */
	enum fault_kind refused;
};

/* ---- ingest_one.c ---- */

/* A file in a folder that is gone when closed. */
NEED int ingest_scratch(int folder, int *fd, struct fault *f);

/* Back to the first byte. */
NEED int ingest_rewind(int fd, struct fault *f);

/* SHA-256 of fd from where it stands. */
NEED int ingest_digest(int fd, uint8_t out[DIGEST_BYTES], struct fault *f);

/* Does fd hold what has that digest?  FAULT_FORGED when not; it then stands at
 * its first byte. */
NEED int ingest_same(int fd, const uint8_t want[DIGEST_BYTES], struct fault *f);

/* Judge the return g->id, of which g->about is known.  0 also when it is
 * refused. */
NEED int ingest_judge(struct ingest *g, struct fault *f);

/* The envelope in an archive, by a checker of its own. */
NEED int ingest_envelope(int archive, struct bytes *envelope, struct fault *f);

/* ---- ingest_before.c ---- */

/* The lists of returns before, one after another, into g->before and
 * g->recalled; what is lost, into the table. */
NEED int ingest_read_before(struct ingest *g, struct fault *f);

/* ---- ingest_report.c ---- */

/* Record why it is refused: a finding of that code with f's message, which is
 * then cleared.  -1, and f as it was, when the fault is not the return's. */
NEED int ingest_refuse(struct ingest *g, const char *code, struct fault *f);

/* What golden items say, into the table; and whether that is reason to refuse
 * it. */
NEED int ingest_scored(struct ingest *g, struct fault *f);

/* What became of it, in one document.  The caller json_decref()s *out. */
NEED int ingest_report(const struct ingest *g, json_t **out, struct fault *f);

/* "accepted", "partial" or "rejected". */
const char *ingest_verdict(const struct ingest *g);

/* Is there a verdict by golden items? */
bool ingest_judged(const struct ingest *g);

/* ---- ingest_publish.c ---- */

/* A draft, durable, under that name in another folder of the home; *d is then
 * none. */
NEED int ingest_move(
    struct draft *d, int folder, const char *name, struct fault *f);

/* Make what the second checker writes to, into g->out. */
NEED int ingest_outputs(struct ingest *g, struct fault *f);

/* Make it visible and durable, log it, and let quarantine go; or leave the
 * findings beside it there. */
NEED int ingest_publish(
    struct ingest *g, const json_t *report, struct fault *f);

/* What was taken in leaves quarantine; what cannot be deleted now is litter for
 * the next run. */
void ingest_leave(int quarantine, const char *id);

/* Close what ingest_outputs() opened, and delete what was not published. */
void ingest_drop(struct ingest *g);

/* Folder and name of a return's outputs: "OUT/RETURN". */
#define INGEST_NAME_MAX 64u

#endif
