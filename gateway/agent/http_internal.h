#ifndef GATEWAY_AGENT_HTTP_INTERNAL_H
#define GATEWAY_AGENT_HTTP_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/agent/agent.h"

/*
 * The head of an HTTP/1.1 request (RFC 9112), read strictly: what two readers
 * might understand differently is refused, not guessed.
 *
 *   method SP path SP "HTTP/1.1" CRLF *( name ":" value CRLF ) CRLF
 *
 * Accepted paths are plain: '/' and letters, digits, '.', '_', '-', '~',
 * without
 * "//", "." and ".." segments, percent signs, queries.  Lines end in CRLF,
 * never in LF.  Continuation lines, control bytes and bytes over 0x7e are
 * refused, as is any header that comes twice, whatever it is.
 */

/* All lines of a head.  Ours: a statement, at most 11 KiB in base64, and some
 * hundred bytes beside it; 64 fields are several times what curl sends. */
#define HTTP_HEAD_MAX 16384u
#define HTTP_FIELDS_MAX 64u

enum http_got { HTTP_MORE, HTTP_WHOLE, HTTP_BAD };

/* A run of bytes in the head, by offset, since the head may move. */
struct http_run {
	uint32_t at;
	uint32_t len;
};

/* One byte range (RFC 9110 section 14.1.2), as asked. */
struct http_range {
	bool given;
	bool suffix;	/* the last count bytes */
	bool open;	/* from first to the end */
	uint64_t first; /* or count, of a suffix */
	uint64_t last;
};

struct http_parser {
	struct bytes head;
	size_t line; /* where the current line begins */
	size_t lines;
	bool cr; /* the last byte was a CR */
	struct http_run names[HTTP_FIELDS_MAX];
	size_t nnames;

	/* Filled as lines become whole; to be used after HTTP_WHOLE. */
	char method[8];
	char path[AGENT_PATH_MAX + 1];
	bool has_host;
	bool has_length;
	uint64_t length;
	bool close; /* the peer wants the connection to end */
	bool expects_continue;
	struct http_range range;
	struct http_run statement; /* value of the statement's header */

	/* After HTTP_BAD: the status to answer with, and what was wrong. */
	uint16_t status;
	const char *why;
};

/* Begin; and release, or make ready for the next head. */
void http_begin(struct http_parser *p);
void http_end(struct http_parser *p);

/*
 * Read on in len bytes; *used gets how many belonged to the head.  The result
 * does not depend on how a head is cut into calls.  After HTTP_WHOLE and
 * HTTP_BAD the parser takes nothing until http_end().
 */
NEED enum http_got http_feed(
    struct http_parser *p, const uint8_t *at, size_t len, size_t *used);

/* A range of a body of size bytes.  False when it has none of them (416). */
NEED bool http_range_of(const struct http_range *r, uint64_t size,
    uint64_t *first, uint64_t *count);

/* The reason phrase of a status. */
const char *http_reason(unsigned status);

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7). */
#define HTTP_DATE_CHARS 29u
void http_date(char out[HTTP_DATE_CHARS + 1], int64_t at);

#endif
