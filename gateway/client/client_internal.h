#ifndef GATEWAY_CLIENT_CLIENT_INTERNAL_H
#define GATEWAY_CLIENT_CLIENT_INTERNAL_H

#include "gateway/client/client.h"

/*
 * What the coordinator asks its courier (exchange.c).
 *
 *   COURIER_SERVER    struct server         -> nothing
 *   COURIER_TRANSFER  struct transfer       -> u16 status, slice body
 *
 * A transfer's answer is preceded by messages u8 COURIER_PROGRESS, u64 done,
 * u64 total, and u8 COURIER_CONNECTING, which are no answers.
 */
enum { COURIER_SERVER = 1, COURIER_TRANSFER = 2 };
#define COURIER_PROGRESS 2
#define COURIER_CONNECTING 3

/* Sent at least so many bytes or seconds apart, not counting the last. */
#define COURIER_PROGRESS_BYTES (256u * 1024)
#define COURIER_PROGRESS_SECONDS 0.25

#define COURIER_URL_MAX 300u
#define COURIER_PATH_MAX 511u
#define COURIER_STATEMENT_MAX 8192u
#define COURIER_BODY_MAX ((size_t)1 << 20)

/* Where to, from COURIER_SERVER. */
struct server {
	char url[COURIER_URL_MAX + 1];
	char resolve[1024]; /* "HOST:PORT:ADDRESS,...", or "" for a number */
	char key[COURIER_KEY_CHARS + 1];
	uint8_t pin[32];
	unsigned retries;
};

/* One transfer.  Descriptors are -1 or lent for it. */
struct transfer {
	char method[8]; /* GET POST PUT */
	char path[COURIER_PATH_MAX + 1];
	struct slice statement;
	struct slice body; /* of a POST */
	uint64_t answer_max;
	uint64_t at; /* PUT: length bytes of from, from here */
	uint64_t length;
	uint64_t first; /* GET into to: this range */
	uint64_t count;
	int from;
	int to;
};

NEED int put_server(struct message *m, const struct server *s, struct fault *f);
NEED int take_server(struct reader *r, struct server *s, struct fault *f);

NEED int put_transfer(
    struct message *m, const struct transfer *t, struct fault *f);
/* Descriptors come out of m, for the caller to close. */
NEED int take_transfer(
    struct reader *r, struct message *m, struct transfer *t, struct fault *f);

/*
 * Check and split "https://HOST[:PORT]" and look its addresses up (resolve.c).
 * resolve gets what CURLOPT_RESOLVE wants, or "" when HOST is a number.
 */
NEED int resolve_server(struct server *s, const char *url, struct fault *f);

/* The libcurl side (transfer.c): what is kept between transfers. */
struct line;
NEED int line_new(struct line **out, struct fault *f);
NEED int line_server(struct line *l, const struct server *s,
    const uint8_t seed[32], struct fault *f);
void line_free(struct line *l);

/* One transfer with its retries.  body gets the answer's body, unless it goes
 * to t->to; progress is sent on up. */
NEED int line_transfer(struct line *l, const struct transfer *t,
    struct channel *up, unsigned *status, struct bytes *body, struct fault *f);

#endif
