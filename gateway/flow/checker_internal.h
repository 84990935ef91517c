#ifndef GATEWAY_FLOW_CHECKER_INTERNAL_H
#define GATEWAY_FLOW_CHECKER_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>

#include "gateway/package/package.h"
#include "gateway/process/process.h"
#include "keys/base/bytes.h"

/*
 * A return's bytes meet their parser in a process of their own, which has the
 * descriptors that it is given with a question, and nothing else: no key, no
 * path, no network.  Both ends are in checker.c.
 *
 * Two of them see a return.  The first reads the archive and the label files,
 * as a stranger wrote them, and writes the answers down in the one spelling
 * that we have for them.  The second gets that, and with it what the first must
 * not see: the original ids and the golden answers.
 */
struct checker {
	struct process *process;
};

/* Start one; the caller ends it with checker_close(). */
NEED int checker_open(struct checker *c, struct fault *f);

/* Let it end.  Where it died, f says of what, in the place of a FAULT_PEER that
 * only said that it was gone. */
NEED int checker_close(struct checker *c, struct fault *f);

/* Read the archive (return_file_read()) in fd, and tell the envelope in it,
 * which is appended.  FAULT_INPUT when it is no return. */
NEED int checker_archive(
    struct checker *c, int fd, struct bytes *envelope, struct fault *f);

/* What of the contract, the statement and the clock a checker must know. */
struct check_terms {
	const json_t *contract; /* labels_contract_read()'s; NULL: any */
	bool complete;		/* the return says so */
	int64_t now;
};

/* The first one's question; descriptors stay the caller's. */
struct check_labels {
	struct check_terms terms;
	const struct return_statement *says; /* as verified */
	int items;			     /* JSONL: labels_read_items() */
	int scratch; /* a file to copy a label file to */
	int answers; /* gets the answers, JSONL */
};

/*
 * Judge the label files of the archive read before.  *report is that of
 * labels_report_json(); table, to which is appended, that of
 * labels_report_text().  FAULT_FORGED when the files are not those signed.
 */
NEED int checker_labels(struct checker *c, const struct check_labels *job,
    json_t **report, struct bytes *table, struct fault *f);

/* What the second one writes. */
enum check_output {
	CHECK_JSONL,	      /* original ids, pixels as delivered */
	CHECK_COCO,	      /* the same; nothing where COCO has no place */
	CHECK_ORIGINAL_JSONL, /* pixels of the originals */
	CHECK_ORIGINAL_COCO,
	CHECK_GROUPS,
	CHECK_OPEN,   /* groups.csv's lines of items that nobody spoke of */
	CHECK_SPOKEN, /* the items spoken of in this return, one a line */
	CHECK_GOLDEN, /* labels_golden_write()'s, where there is golden */
	CHECK_OUTPUTS
};

struct check_join {
	struct check_terms terms;
	int items, answers; /* as above */
	int origins;	    /* JSONL: labels_read_origins() */
	int spoken;   /* CHECK_SPOKEN of returns before, one after another */
	int recalled; /* CHECK_GOLDEN of the same */
	int golden;   /* JSONL, original ids, or -1 */
	const char *metric;
	uint64_t pass; /* millionths */
	int out[CHECK_OUTPUTS];
};

/*
 * Score the answers, join them to the originals and write the outputs.
 * *result is {"agreement":{...},"batch":{"again","open"},"coco","whole",
 * "golden": labels_golden_name() or null,"score":{...} or null}: again counts
 * the items spoken of both before and now; whole is whether this return says
 * that it is complete, or leaves no item open.  The score is over all returns;
 * golden "failed" without one is said of answers that are too much to compare.
 */
NEED int checker_join(struct checker *c, const struct check_join *job,
    json_t **result, struct fault *f);

/* ---- check_labels.c, check_join.c: what goes on inside ------------------- */

/* A contract as the terms say; the caller labels_contract_free()s it. */
struct labels;
struct labels_contract;
NEED int check_contract(
    struct labels_contract *out, const json_t *terms, struct fault *f);

/* Under which terms, of which files; returns report and table. */
struct check_labels_in {
	const json_t *terms;
	const struct return_file *archive;
	int items, scratch, answers;
};
NEED int check_labels_do(const struct check_labels_in *in, json_t **report,
    struct bytes *table, struct fault *f);

struct check_join_in {
	const json_t *terms;
	int items, answers, origins, spoken, recalled;
	int golden; /* -1: none */
	const int *out;
};
NEED int check_join_do(
    const struct check_join_in *in, json_t **result, struct fault *f);

#endif
