#ifndef GATEWAY_CLI_DETECT_CHILD_INTERNAL_H
#define GATEWAY_CLI_DETECT_CHILD_INTERNAL_H

#include "gateway/process/process.h"
#include "policy/rules/rules.h"

/*
 * Personal data found by a child of ours, for `detect`: it has the source, a
 * descriptor to write lines to, and nothing else, and reads its first byte in a
 * sandbox.  Threads, one a core, share what was read.
 */

struct bytes;
struct detector;
struct detect_counts;
struct detect_span;

/* What the command asks for. */
struct detect_request {
	const char *entities; /* names with commas between; NULL: all */
	const char *field;    /* JSON lines, of which this member is read; NULL:
			       * the source is text */
	uint32_t min_score;   /* percent; 0: as detect.h has it */
	bool explain, overlaps;
	int names; /* a descriptor of names, a line each; -1: none */
	struct detect_counts *counts;  /* count, and print nothing; or NULL */
	const struct detection *added; /* lists and recognisers */
};

/* What it did. */
struct detect_answer {
	uint64_t bytes, records, spans;
};

/* Shown of one file and entity, and of one find: a line. */
#define DETECT_EXAMPLES_MAX 3u
#define DETECT_EXAMPLE_CHARS 48u
#define DETECT_EXAMPLE_BYTES (4u * DETECT_EXAMPLE_CHARS + 4u)

/* Finds of one file, by what they are (detect_counts.c). */
struct detect_count {
	const char *entity; /* the rules' */
	uint64_t n;
	struct detect_example {
		char text[DETECT_EXAMPLE_BYTES]; /* masked */
		uint64_t line;			 /* from 1 */
		uint8_t score;
	} examples[DETECT_EXAMPLES_MAX];
	uint8_t nexamples;
};
struct detect_counts {
	struct detect_count *at;
	size_t n, room;
};

/* The role's row in roles.c. */
NEED int detect_child_run(struct channel *up, struct fault *f);

/* Find in source, write to sink; path is for messages. */
NEED int detect_child(const struct detect_request *ask, const char *path,
    int source, int sink, struct detect_answer *out, struct fault *f);

/*
 * Children that count, for a pool of the role "detect": begin is the message
 * that makes a child's rules, and count has one descriptor, a file.  Its answer
 * is u8 1, text why, for what is not read; or u8 0, u64 bytes, and until it
 * ends text entity, u64 how many, u8 n, n examples: text, u64 line, u8 score.
 */
NEED int detect_put_begin(
    struct message *m, const struct detect_request *ask, struct fault *f);
NEED int detect_put_count(struct message *m, int fd, struct fault *f);

/* ---- Counting, in the child (detect_counts.c) ---- */

/* One more: a span of text, on that line. */
NEED int detect_counts_add(struct detect_counts *c, const uint8_t *text,
    const struct detect_span *s, uint64_t line, struct fault *f);
NEED int detect_counts_put(
    struct bytes *out, const struct detect_counts *c, struct fault *f);
void detect_counts_free(struct detect_counts *c);

/* A find as it may be shown: its shape, X and x for letters and 0 for digits,
 * the first letter as it is, cut where it is long. */
void detect_shape(char out[DETECT_EXAMPLE_BYTES], const uint8_t *p, size_t len);

/* Why a file is no text, by its first bytes; NULL for one that may be. */
const char *detect_not_text(int fd, struct fault *f);

/* ---- Reading and printing, in the child (detect_stream.c) ---- */

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

/* A span as JSON, its offsets moved by so many bytes and code points. */
NEED int detect_line(struct bytes *out, const struct detect_span *s,
    uint64_t bytes, uint64_t chars, bool explain, struct fault *f);

#endif
