#ifndef GATEWAY_CLI_DETECT_CHILD_INTERNAL_H
#define GATEWAY_CLI_DETECT_CHILD_INTERNAL_H

#include "gateway/process/process.h"

/*
 * Personal data found by a child of ours, for `detect`: it has the source, a
 * descriptor to write lines to, and nothing else, and reads its first byte in a
 * sandbox.  Threads, one a core, share what was read.
 */

/* What the command asks for. */
struct detect_request {
	const char *entities; /* names with commas between; NULL: all */
	const char *field;    /* JSON lines, of which this member is read; NULL:
			       * the source is text */
	uint32_t min_score;   /* percent; 0: as detect.h has it */
	bool explain, overlaps;
	int names; /* a descriptor of names, a line each; -1: none */
};

/* What it did. */
struct detect_answer {
	uint64_t bytes, records, spans;
};

/* The role's row in roles.c. */
NEED int detect_child_run(struct channel *up, struct fault *f);

/* Find in source, write to sink; path is for messages. */
NEED int detect_child(const struct detect_request *ask, const char *path,
    int source, int sink, struct detect_answer *out, struct fault *f);

/* ---- Reading and printing, in the child (detect_stream.c) ---- */

struct detector;
NEED int detect_stream(const struct detector *d,
    const struct detect_request *ask, int source, int sink,
    struct detect_answer *out, struct fault *f);

/* ---- Names of its own, in the child (detect_names.c) ---- */

struct dictionary;
struct detect_names {
	struct dictionary *dictionary; /* NULL: none */
	uint8_t *block;
};

/* Read all lines of fd; detect_names_close() *out, failed or not. */
NEED int detect_names_open(struct detect_names *out, int fd, struct fault *f);
void detect_names_close(struct detect_names *names);

/* ---- Lines (detect_lines.c) ---- */

struct bytes;
struct detect_span;

/* A span as JSON, its offsets moved by so many bytes and code points. */
NEED int detect_line(struct bytes *out, const struct detect_span *s,
    uint64_t bytes, uint64_t chars, bool explain, struct fault *f);

#endif
