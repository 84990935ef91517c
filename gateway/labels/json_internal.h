#ifndef GATEWAY_LABELS_JSON_INTERNAL_H
#define GATEWAY_LABELS_JSON_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/bytes.h"

/*
 * JSON (RFC 8259) as a stream of tokens, from a descriptor or from memory.
 * Memory does not grow with the document.  Stricter than most readers: UTF-8
 * must be well formed, lone surrogates and nesting past 64 are refused.  NaN
 * and Infinity, which Python writes, come as a token of their own, so that
 * the reader can say which box has them.
 *
 * Every refusal is FAULT_INPUT; broken tells a malformed document (reading
 * cannot go on) from a value that was not what the caller wanted.
 */
enum labels_token {
	TOKEN_END,
	TOKEN_OBJECT,
	TOKEN_OBJECT_END,
	TOKEN_LIST,
	TOKEN_LIST_END,
	TOKEN_NAME,
	TOKEN_TEXT,
	TOKEN_NUMBER,
	TOKEN_TRUE,
	TOKEN_FALSE,
	TOKEN_NULL,
	TOKEN_NAN
};

/* Text kept of one token; what is longer is skipped and cut is set. */
#define LABELS_TEXT_MAX 65536u

struct labels_json {
	int fd; /* -1: memory only */
	const uint8_t *at, *end;
	uint8_t *buffer;
	uint64_t left; /* bytes that may still be read from fd */
	uint32_t line;
	bool started, broken;
	bool marked; /* a byte order mark was passed over */

	enum labels_token token;
	int which;	   /* labels_member.which */
	struct bytes text; /* of a name, a text (decoded) or a number; NUL
			      behind, not counted */
	bool cut;

	uint64_t objects; /* bit d: the container at depth d is an object */
	unsigned depth;
	int expect;
};

/* Read from fd, at most max bytes, or from p. */
NEED int labels_json_open(
    struct labels_json *j, int fd, uint64_t max, struct fault *f);
void labels_json_of(
    struct labels_json *j, const void *p, size_t len, uint32_t line);
void labels_json_free(struct labels_json *j);

/* The next token into j->token. */
NEED int labels_json_next(struct labels_json *j, struct fault *f);

/* With the token at a value's beginning: pass over the value. */
NEED int labels_json_skip(struct labels_json *j, struct fault *f);

/* Pass over tokens until the containers deeper than depth are closed. */
NEED int labels_json_leave(
    struct labels_json *j, unsigned depth, struct fault *f);

/* One member of an object.  read() is called with the token at the value's
 * beginning and leaves it at the value's end. */
struct labels_member {
	const char *name;
	int (*read)(void *to, struct labels_json *j, struct fault *f);
	int which; /* in j->which while read() runs, for rows that share one */
};

/*
 * Read an object, the token being at its beginning (else FAULT_INPUT).  The
 * table ends with a NULL name and has at most 32 rows; *seen gets bit i for
 * row i.  A known member that comes twice is refused.  Others go to extra(),
 * which may be NULL (refused) and need not move: what it leaves is skipped.
 */
NEED int labels_json_object(struct labels_json *j,
    const struct labels_member *members, void *to, uint32_t *seen,
    int (*extra)(void *to, const char *name, struct fault *f), struct fault *f);

/* Read a list; each() is called like read() above. */
NEED int labels_json_list(struct labels_json *j,
    int (*each)(void *to, struct labels_json *j, struct fault *f), void *to,
    struct fault *f);

/* The token is text without NUL, of 1 to max bytes (0 too, if empty). */
NEED int labels_json_text(
    const struct labels_json *j, size_t max, bool empty, struct fault *f);
/* The token is a whole number from 0 to max. */
NEED int labels_json_whole(
    const struct labels_json *j, uint64_t max, uint64_t *out, struct fault *f);

/* A number in units of 10^-9, rounded half away from zero (*rounded is then
 * set, else left); false when it does not fit. */
NEED bool labels_decimal_read(
    int64_t *out, const char *text, size_t len, bool *rounded);
/* The shortest spelling, without exponent. */
#define LABELS_DECIMAL_CHARS 21u
void labels_decimal_write(char out[LABELS_DECIMAL_CHARS + 1], int64_t v);

#endif
