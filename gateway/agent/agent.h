#ifndef GATEWAY_AGENT_AGENT_H
#define GATEWAY_AGENT_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/process/process.h"
#include "keys/base/text.h"
#include "keys/base/wire.h"

/*
 * The agent: what vendors and officers reach over the network.
 *
 *     peer -- TLS 1.3, HTTP/1.1 --> listener -- asks --> keeper
 *
 * The listener is a process that owns a listening socket, the TLS key and the
 * descriptors of ciphertext that the keeper lends it, and nothing else.  It is
 * assumed to be taken over one day.  So it decides nothing: it says who, by
 * TLS, is asking what, and hands on the statement that the asker has signed;
 * the keeper believes the statement, and the listener as little as possible.
 *
 * Here are the listener's role, the asks between it and the keeper, and what
 * starts it.
 */

/* ---- Starting (start.c) ---- */

#define AGENT_LISTEN "127.0.0.1:8471" /* where, unless told otherwise */
#define AGENT_ADDRESS_CHARS 64u

/* FAULT_USAGE when it is not of the form that agent_listen() takes. */
NEED int agent_address(const char *at, struct fault *f);

/*
 * Open the listening socket on "ADDRESS:PORT" ("[ADDRESS]:PORT" for IPv6; a
 * numeric address; port 0: any free one).  shown gets the address in the same
 * form with the real port.  The caller closes *fd.  FAULT_USAGE for another
 * form, FAULT_SYSTEM when it cannot be had.
 */
NEED int agent_listen(
    const char *at, int *fd, char shown[AGENT_ADDRESS_CHARS], struct fault *f);

/*
 * Run the listener on socket fd with keeper, a channel whose other end a keeper
 * serves as its listener (rows AGENT_...); both stay the caller's.
 * ready, if not NULL, is called once it takes connections.  Returns 0 after
 * SIGTERM or SIGINT, when requests under way have been answered (for at most
 * AGENT_DRAIN_SECONDS); -1 when the listener ended by itself, with its fault.
 * SIGTERM and SIGINT are blocked from the call on; the one that ended it does
 * not stay pending.
 */
#define AGENT_DRAIN_SECONDS 20
NEED int agent_run(int fd, int keeper, void (*ready)(void *state), void *state,
    struct fault *f);

/* The listener's role, for the table of roles: "listener". */
NEED int agent_listener(struct channel *up, struct fault *f);

/* ---- Asks (exchange.c) ---- */

/* What the listener asks the keeper.  All but the first two and AGENT_PART_...
 * stand for one HTTP request each: request is struct agent_request, answer is
 * struct agent_answer. */
enum agent_ask {
	/* Once, at the start: nothing -> the TLS key's seed, 32 bytes. */
	AGENT_IDENTITY = 0x0a00,

	/* On a connection's first request: key -> u8 enum agent_who.  The
	 * keeper logs keys that it does not know, at a bounded rate. */
	AGENT_WHO,

	AGENT_NONCE,	    /* GET  /v1/nonce */
	AGENT_BATCHES,	    /* GET  /v1/batches                     signed */
	AGENT_RELEASE,	    /* POST /v1/batches/{batch}/release     signed */
	AGENT_OBJECT,	    /* GET  /v1/objects/{digest}; file in answer */
	AGENT_RETURN,	    /* POST /v1/batches/{batch}/returns/{ret}  signed */
	AGENT_RETURN_STATE, /* GET  the same                        signed */
	AGENT_ACKNOWLEDGE,  /* POST .../acknowledgements            signed */
	AGENT_DELETION,	    /* POST .../deletions                   signed */
	AGENT_LOG,	    /* GET  /v1/log/{tail} */

	/* PUT /v1/batches/{batch}/returns/{ret}/parts/{part}: asked before the
	 * body is read.  Any status but 200 refuses it.  With 200, draft is
	 * set: the body's length bytes are written to descriptor 0 of the
	 * answer. */
	AGENT_RETURN_PART,
	/* Then the request again with ticket as answered, and the digest of
	 * what was written: answered as any other ... */
	AGENT_RETURN_PART_DONE,
	/* ... or, when the body did not come whole: nothing to answer but ok.
	 */
	AGENT_RETURN_PART_DROP
};

enum agent_who { AGENT_STRANGER, AGENT_VENDOR, AGENT_OFFICER };

/*
 * Ceilings on what a peer can make listener and keeper hold.
 * A path: the longest tile of a log, or three ids, fits three times.
 * A statement: an in-toto request with 4,096 shard ids lies in the body, so
 * the statement itself is a kilobyte; the header that carries it in base64
 * must fit the 16 KiB of all headers.
 * A body that is not a part: 4,096 digests in JSON are 280 KiB.
 * A part: what is written to disk before a signature is looked at.
 */
#define AGENT_PATH_MAX 511u
#define AGENT_STATEMENT_MAX 8192u
#define AGENT_BODY_MAX ((size_t)1 << 20)
#define AGENT_PART_BYTES_MAX ((uint64_t)64 << 20)
#define AGENT_PARTS_MAX 9999u
#define AGENT_REQUEST_MAX (AGENT_BODY_MAX + 16384u)
#define AGENT_ANSWER_MAX MESSAGE_MAX

/* The header that carries the signed statement: base64 of a DSSE envelope. */
#define AGENT_STATEMENT_HEADER "Handoff-Request"

/* One HTTP request.  Words that the path does not have are empty or 0.  Slices
 * point into the message it was taken from. */
struct agent_request {
	uint8_t key[32]; /* the TLS key the peer has shown it owns */
	char method[8];
	char path[AGENT_PATH_MAX + 1]; /* as sent, and checked to be plain */
	char batch[ID_CHARS + 1];      /* "b-..." */
	char ret[ID_CHARS + 1];	       /* "r-..." */
	uint32_t part;		       /* 1 to AGENT_PARTS_MAX */
	uint8_t digest[32];	/* of the object asked for; of a part sent */
	uint64_t length;	/* bytes of the part announced, or sent */
	uint64_t ticket;	/* AGENT_RETURN_PART_DONE and _DROP */
	struct slice statement; /* the DSSE envelope, not yet verified */
	struct slice body;
};

/* Its answer.  A body, or a file: length bytes at offset of descriptor 0. */
struct agent_answer {
	uint16_t status;
	char type[48];	      /* Content-Type; "" when there is no body */
	char location[1024];  /* of a 307, else "" */
	uint32_t retry_after; /* seconds; 0: not said */
	bool file;
	bool draft; /* AGENT_RETURN_PART: descriptor 0 takes the body */
	uint64_t offset;
	uint64_t length;
	uint64_t ticket;
	struct slice body;
};

/* Empty m and put a request in; and, behind the ask code, take it out.
 * FAULT_INPUT for what is over a ceiling or garbled. */
NEED int agent_put_request(struct message *m, enum agent_ask ask,
    const struct agent_request *r, struct fault *f);
NEED int agent_take_request(
    struct reader *in, struct agent_request *r, struct fault *f);

/* Append an answer to m (behind the 1 of asked.answer), with a copy of fd when
 * it has a file or a draft; and take it out again. */
NEED int agent_put_answer(
    struct message *m, const struct agent_answer *a, int fd, struct fault *f);
NEED int agent_take_answer(
    struct reader *in, struct agent_answer *a, struct fault *f);

/* Append the answer {"error","rule","hint"} with an HTTP status.  A keeper's
 * answerer may as well return a fault: FAULT_POLICY becomes 403, FAULT_FORGED
 * 403, FAULT_INPUT and FAULT_USAGE 400, FAULT_PEER 502, FAULT_SYSTEM 500 (whose
 * text is not told). */
NEED int agent_put_refusal(struct message *m, uint16_t status,
    const char *error, const char *rule, const char *hint, struct fault *f);

/* The same with 429: too often, and in how many seconds not any more. */
NEED int agent_put_later(struct message *m, uint32_t seconds, const char *error,
    const char *rule, struct fault *f);

#endif
