#ifndef GATEWAY_CLI_MASK_CHILD_INTERNAL_H
#define GATEWAY_CLI_MASK_CHILD_INTERNAL_H

#include "gateway/mask/mask.h"
#include "gateway/process/process.h"
#include "policy/rules/rules.h"

/*
 * One file masked by a child of ours, for `sanitise` and `preview`: the child
 * has the source, the draft of the result and nothing else, and reads its
 * first byte in a sandbox.  Its token keys are its own and end with it.
 */
struct mask_child {
	struct process *process;
	const char *path; /* in messages */
	uint64_t size;
	/* whom all of it is about, where its path says so; mask_child_plan() */
	char subject[SHAPE_NAME_MAX + 1];
	/* Where the names are that a policy's texts are searched for, or NULL:
	 * the caller's word, before mask_child_plan(). */
	const char *dataset;
	const char *inside; /* the file's path there */
	int dictionary;	    /* those names, in sealed memory, or -1 */
	/* A plan by the beginning of a long file of JSON lines will do: the
	 * caller's word, before mask_child_plan(), which says whether it made
	 * one.  See mask_child_file(). */
	bool beginning, begun;
};

/* The role's row in roles.c. */
NEED int mask_child_run(struct channel *up, struct fault *f);

/* Start a child over source, masking into sink (-1: it will not be asked to).
 * The caller ends with mask_child_close(). */
NEED int mask_child_open(struct mask_child *c, const char *path, int source,
    int sink, struct fault *f);

/* Let it end.  Where it died, f says of what, in the place of a FAULT_PEER that
 * only said that it was gone. */
NEED int mask_child_close(struct mask_child *c, struct fault *f);

/* What is in the file; *out is the caller's to shape_free(). */
NEED int mask_child_shape(struct mask_child *c, const struct mask_reading *as,
    struct shape *out, struct fault *f);

/* Mask all of it; *out is the caller's to mask_change_free().  With c->begun it
 * fails, FAULT_POLICY, at the first thing that was not in the beginning. */
NEED int mask_child_file(struct mask_child *c, const struct file_plan *plan,
    struct mask_change *out, struct fault *f);

/* Something of the file before and after. */
struct mask_sample {
	struct slice id; /* original id; empty for a whole file */
	struct slice before, after;
	bool more; /* it goes on */
};

/* Bytes of each that are shown: a screen. */
#define MASK_SAMPLE_BYTES 2048u
#define MASK_SAMPLES_MAX 1000u

/*
 * Have tell() called for the header, if there is one, and the first n records
 * of a row source (at most MASK_SAMPLES_MAX), or once for another file.
 */
NEED int mask_child_sample(struct mask_child *c, const struct file_plan *plan,
    uint32_t n,
    int (*tell)(void *arg, const struct mask_sample *s, struct fault *f),
    void *arg, struct fault *f);

/*
 * Plan the child's file.  policy is a policy's file name, or NULL: then the
 * file must be a picture, whose metadata goes.  as is the file's path in a
 * dataset, which the policy's patterns are held against; NULL: its path as
 * given, if that is relative, else its last element.  FAULT_POLICY when the
 * policy leaves it behind or undecided, or has a dictionary and c no dataset
 * for it.  *out is the caller's to
 * file_plan_free().
 */
NEED int mask_child_plan(struct mask_child *c, int source, const char *policy,
    const char *as, struct file_plan *out, struct fault *f);

#endif
