#ifndef GATEWAY_FLOW_WORKER_OPEN_INTERNAL_H
#define GATEWAY_FLOW_WORKER_OPEN_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/flow/flow.h"
#include "gateway/package/package.h"
#include "gateway/process/process.h"

/*
 * The opener: a vendor's worker.  It opens what came, with file keys that it
 * asks the keeper for, and writes into the one folder that it was given; it
 * reads label files, as bytes to seal them and as labels to judge them.
 *
 * Its jobs, as messages: begin one, give it to a pool, take its answer.
 */

/* Hand over what it works with: a channel to the keeper, and a folder to
 * unpack into; -1: none.  Both stay the caller's. */
NEED int opener_begin(
    struct channel *worker, int keeper, int folder, struct fault *f);

/* An object as it lies in fd: its payload, and the header that opens it, which
 * may lie elsewhere. */
struct opener_object {
	int fd;
	struct slice header;
	uint64_t at, bytes; /* of the payload, nonce first */
};

/*
 * Check: which of the chunks that are there are good?  *whole: how many are
 * there from the first on; bad: those whose tag is wrong, in order.  Past
 * OPENER_BAD_MAX of them whole ends behind the last.
 */
#define OPENER_BAD_MAX 1024u
struct opener_checked {
	uint64_t whole;
	uint32_t nbad;
	uint64_t bad[OPENER_BAD_MAX];
};
NEED int opener_put_check(
    struct message *job, const struct opener_object *o, struct fault *f);
NEED int opener_take_checked(
    struct reader *r, struct opener_checked *out, struct fault *f);

/* Unpack a shard with its index into the folder, and write a line for each
 * item to items: {"item","type"} and, of pictures, width and height. */
NEED int opener_put_unpack(struct message *job,
    const struct opener_object *shard, const struct opener_object *index,
    int items, struct fault *f);
NEED int opener_take_unpacked(
    struct reader *r, struct package_unpacked *out, struct fault *f);

/* ---- worker_return.c ---- */

/* A label file: label's descriptor, and the name that it has here. */
struct opener_label {
	struct return_label label;
	const char *given;
};

/* Name: name, size and digest of each, for the statement. */
NEED int opener_put_name(struct message *job, const struct opener_label *labels,
    size_t n, struct fault *f);
NEED int opener_take_named(
    struct reader *r, struct opener_label *labels, size_t n, struct fault *f);

/* Seal: envelope and labels, as they were named, to a recipient into out. */
struct opener_seal {
	const char *recipient;
	struct slice envelope;
	const struct opener_label *labels;
	size_t n;
	int out;
};
NEED int opener_put_seal(
    struct message *job, const struct opener_seal *s, struct fault *f);
NEED int opener_take_sealed(
    struct reader *r, struct package_object *out, struct fault *f);

/* Judge: the labels against contract (JSON, labels_contract_read()) and the
 * items of a batch. */
#define OPENER_REPORT_MAX ((size_t)64 << 10)
struct opener_judge {
	struct slice contract;
	bool complete;
	int items;
	const struct opener_label *labels;
	size_t n;
};
struct opener_judged {
	uint8_t verdict; /* enum labels_verdict */
	uint64_t errors;
	struct slice report; /* text, inside the answer */
};
NEED int opener_put_judge(
    struct message *job, const struct opener_judge *j, struct fault *f);
NEED int opener_take_judged(
    struct reader *r, struct opener_judged *out, struct fault *f);

/* The answerers, for the role's table. */
enum opener_ask {
	OPENER_CHECK = 0x0c00,
	OPENER_UNPACK,
	OPENER_NAME,
	OPENER_SEAL,
	OPENER_JUDGE
};
int opener_name(void *state, struct asked *a, struct fault *f);
int opener_seal(void *state, struct asked *a, struct fault *f);
int opener_judge(void *state, struct asked *a, struct fault *f);

#endif
