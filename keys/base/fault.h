#ifndef KEYS_BASE_FAULT_H
#define KEYS_BASE_FAULT_H

#include <stdio.h>
#include <stdlib.h>

/*
 * One failure, told once.
 *
 * The function that discovers a failure fills the fault and returns -1.  Every
 * caller above passes it on untouched, or adds with fault_at() the one noun
 * only it knows (which row, which item, which vendor).  Only main() prints.
 * A fault never holds a secret or a field's value; it may hold a column's
 * name, a path, a key's id.
 *
 * One model only: int, 0 or -1, always with a fault; bool for questions that
 * cannot fail.
 */

/* A result that may not be dropped; to drop one on purpose, cast it to void
 * and say why. */
#define NEED __attribute__((warn_unused_result))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))

/* An invariant.  Checked in every build: NDEBUG means nothing here. */
#define must(cond)                                                             \
	do {                                                                   \
		if (!(cond)) {                                                 \
			fprintf(stderr, "handoff: bug: %s:%d: %s\n", __FILE__, \
			    __LINE__, #cond);                                  \
			abort();                                               \
		}                                                              \
	} while (0)

enum fault_kind { /* exit status */
	FAULT_NONE = 0,
	FAULT_USAGE = 2,  /* the operator's request is malformed */
	FAULT_POLICY = 3, /* a rule says no */
	FAULT_FORGED = 4, /* a tag, hash or signature is wrong */
	FAULT_PEER = 5,	  /* the other side or the network failed us */
	FAULT_INPUT = 6,  /* malformed, or over a limit */
	FAULT_SYSTEM = 7  /* disk, memory, descriptors */
};

struct fault {
	enum fault_kind kind;
	char text[480]; /* "where: what", cut at a character */
	char hint[240]; /* a command one can paste, or empty */
};

/* Record what went wrong, if nothing is recorded yet.  Always returns -1. */
int fault_set(struct fault *f, enum fault_kind kind, const char *fmt, ...)
    PRINTF(3, 4);

/* The same for a failed system call: ": " and strerror(errno) are added. */
int fault_errno(struct fault *f, const char *fmt, ...) PRINTF(2, 3);

/* Put "where: " in front of the recorded text.  Always returns -1. */
int fault_at(struct fault *f, const char *fmt, ...) PRINTF(2, 3);

/* Say what would help, if no hint is recorded yet.  Always returns -1. */
int fault_hint(struct fault *f, const char *fmt, ...) PRINTF(2, 3);

/* "out of memory", FAULT_SYSTEM.  Always returns -1. */
int fault_memory(struct fault *f);

/* Forget what was recorded, for a caller that has dealt with it. */
void fault_clear(struct fault *f);

#endif
