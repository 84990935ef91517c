#ifndef GATEWAY_CLIENT_CLIENT_H
#define GATEWAY_CLIENT_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/process/process.h"
#include "keys/base/bytes.h"
#include "keys/base/wire.h"

/*
 * The client of an agent: a courier, a process of its own, speaks HTTPS through
 * libcurl.  It holds the TLS key and the descriptors of ciphertext that it is
 * lent; it opens no file, and reaches only the server it was opened for.
 *
 *     flow -- asks --> courier -- TLS 1.3, HTTP/1.1 --> agent
 *
 * Nothing is trusted but the server's key: no certificate authority, no
 * proxy, no redirect.  A server with another key is refused within the
 * handshake, before a byte of a request is sent.
 *
 * Failures, for all functions here:
 *   FAULT_PEER    the network failed, after all retries, or the server answered
 *                 with a status that is no success; text and hint are the
 *                 server's {"error","hint"}, bounded and printable, behind the
 *                 server's address and the status
 *   FAULT_POLICY  the same, for status 403
 *   FAULT_FORGED  the server has another key than the pinned one
 *   FAULT_SYSTEM  a descriptor cannot be written or read; memory
 */

struct courier;

struct courier_options {
	const char *url; /* "https://HOST[:PORT]", and nothing behind it */
	uint8_t pin[32]; /* the server's TLS key */

	/* A channel whose other end a keeper serves, answering COURIER_IDENTITY
	 * with the seed of our TLS key; it stays the caller's.  key names which
	 * one, at most COURIER_KEY_CHARS characters. */
	int keeper;
	const char *key;

	/* Attempts that may fail in a row, without a byte of progress, before
	 * giving up; 0: the first break is the end. */
	unsigned retries;

	/* Called now and then with bytes moved of one transfer, and how many
	 * there will be (0: not known).  NULL: nobody wants to know. */
	void (*progress)(void *state, uint64_t done, uint64_t total);
	/* Called about once a second while the server has not answered yet,
	 * and before another attempt to reach it.  NULL likewise. */
	void (*connecting)(void *state);
	void *state;
};

#define COURIER_RETRIES 6u

/* A server that has not answered once is given up after so long, so that who
 * mistyped its address need not wait for all retries; and no later attempt to
 * reach it takes longer.  A machine across the world, behind a slow line,
 * answers within two seconds. */
#define COURIER_CONNECT_SECONDS 10u
#define COURIER_KEY_CHARS 96u

/* What the courier asks the keeper, once: text key -> seed, 32 bytes. */
enum courier_ask_keeper { COURIER_IDENTITY = 0x0b00 };

/* FAULT_USAGE when it is not of that form. */
NEED int courier_url(const char *url, struct fault *f);

/*
 * Start a courier.  Host names are resolved here, so that it need not.
 * FAULT_USAGE when url is not of that form; FAULT_PEER when the name does not
 * resolve.  The caller courier_close()s *out.
 */
NEED int courier_open(
    struct courier **out, const struct courier_options *o, struct fault *f);
void courier_close(struct courier *c);

/* GET path; the body into out, over whose cap it is FAULT_PEER.  statement, a
 * DSSE envelope, goes along unless it is empty. */
NEED int courier_get(struct courier *c, const char *path,
    struct slice statement, struct bytes *out, struct fault *f);

/* The same with POST and a body of JSON. */
NEED int courier_post(struct courier *c, const char *path,
    struct slice statement, struct slice body, struct bytes *out,
    struct fault *f);

/* PUT length bytes of fd from offset at. */
NEED int courier_put(struct courier *c, const char *path, int fd, uint64_t at,
    uint64_t length, struct bytes *out, struct fault *f);

/*
 * GET bytes of path from offset first, count of them (0: to the end), and write
 * them to fd, in order, where it stands: a file, or a pipe.  A broken
 * transfer goes on by itself behind the last byte written.
 *
 * arrived, if not NULL, is told after each piece how many bytes of this call
 * have been written, so that chunks can be verified as they come; -1 from it
 * stops the transfer (what was on its way is lost) with its fault.
 * *got gets the number of bytes written, also on failure: a later call with
 * first + *got goes on.
 */
struct courier_range {
	const char *path;
	uint64_t first;
	uint64_t count;
	int fd;
	int (*arrived)(void *state, uint64_t got, struct fault *f);
	void *state;
};
NEED int courier_fetch(struct courier *c, const struct courier_range *r,
    uint64_t *got, struct fault *f);

/* The courier's role, for the table of roles: "courier". */
NEED int courier_role(struct channel *up, struct fault *f);

#endif
