#ifndef GATEWAY_AGENT_LISTENER_INTERNAL_H
#define GATEWAY_AGENT_LISTENER_INTERNAL_H

#include "gateway/agent/agent.h"
#include "gateway/agent/http_internal.h"
#include "gateway/agent/libevent_internal.h"
#include "gateway/agent/route_internal.h"
#include "keys/sign/sign.h"
#include "keys/tls/tls.h"

/*
 * The listener's state: connections, and the asks that they wait for.
 *
 * A connection's life:
 *
 *   HANDSHAKE -> HEAD -> (BODY) -> ASKING -> ANSWERING -> HEAD ...
 *                                                      -> LINGER -> gone
 *
 * BODY comes behind ASKING where a draft is asked for first.
 */

/*
 * Ceilings on what the network can make us hold, with their reasons.
 * Connections: 512, which hold 512 KiB each at worst, and while a known key
 * sends a body that is no part, another 2 MiB; those of one key: what a courier
 * with some parallel transfers uses, several times over.
 */
#define LISTENER_CONNECTIONS_MAX 512u
#define LISTENER_PER_KEY_MAX 32u

/* Bytes that libevent reads ahead from, and holds towards, one connection. */
#define LISTENER_READ_AHEAD ((size_t)128 << 10)
#define LISTENER_WRITE_LOW ((size_t)128 << 10)
#define LISTENER_WRITE_CHUNK ((size_t)256 << 10)

/*
 * Seconds.  A handshake or a head is one round trip and a few KiB; the rest of
 * a request or an answer may take as long as a slow line needs, 8 KiB a second,
 * but not stop for STALL.  A client that was refused is given LINGER to
 * notice before the line is cut.
 */
#define LISTENER_HANDSHAKE_SECONDS 10
#define LISTENER_HEAD_SECONDS 10
#define LISTENER_IDLE_SECONDS 60
#define LISTENER_STALL_SECONDS 30
#define LISTENER_SLOWEST (8u * 1024)
#define LISTENER_LINGER_SECONDS 2

enum connection_state {
	CONNECTION_HANDSHAKE,
	CONNECTION_HEAD,
	CONNECTION_BODY,
	CONNECTION_ASKING,
	CONNECTION_ANSWERING,
	CONNECTION_LINGER,
};

struct listener;
struct waiting;

struct connection {
	struct listener *listener;
	struct connection *next, *prev;
	struct bufferevent *bev;
	enum connection_state state;
	double deadline; /* clock_monotonic(); 0: none */

	bool judged; /* the keeper has said who this is */
	enum agent_who who;

	struct http_parser parser;
	const struct route *route;
	char allow[ROUTE_ALLOW_CHARS]; /* of a 405 */
	struct agent_request request;
	struct bytes statement;
	struct bytes body;
	uint64_t left;	       /* bytes of the body still to come */
	int draft;	       /* -1, or where the body is written to */
	struct digest *digest; /* of what was written there */
	struct waiting *waiting;

	int file; /* -1, or what the answer is read from */
	uint64_t file_at;
	uint64_t file_left;
	bool close;  /* once the answer is out */
	bool doomed; /* to be freed by the clock */
};

/* One ask under way; the keeper answers in order. */
struct waiting {
	struct waiting *next;
	struct connection *connection; /* NULL: gone meanwhile */
	enum agent_ask ask;
};

/* Counts for /metrics: numbers only, nothing that names anyone. */
struct listener_counts {
	uint64_t connections;
	uint64_t handshakes_failed;
	uint64_t evicted;
	uint64_t timed_out;
	uint64_t strangers;
	uint64_t answers[6]; /* by first digit of the status */
	uint64_t asks;
	uint64_t body_bytes;
	uint64_t answer_bytes;
};

struct listener {
	struct event_base *base;
	SSL_CTX *tls;
	struct evconnlistener *accepting;
	struct connection *first;
	size_t connections;
	struct channel *up;
	struct channel *keeper;
	struct event *up_event, *keeper_read, *keeper_write, *clock;
	struct waiting *waiting_first, **waiting_last;
	struct message answer;
	struct listener_counts counts;
	bool draining;
	struct fault ended; /* why the loop was left, if by a failure */
};

/* listener.c: send an ask on behalf of c (NULL: of nobody). */
NEED int listener_ask(struct listener *l, struct connection *c,
    enum agent_ask ask, const struct agent_request *r, struct fault *f);

/* connection.c */
/* How long a peer may send nothing while we wait for it. */
void connection_patience(struct connection *c, int seconds);
void connection_accept(struct listener *l, evutil_socket_t fd);
void connection_free(struct connection *c);
/* Have it freed soon; nothing more is done for it.  Freeing at once is for
 * libevent's own callbacks, behind which nobody holds c. */
void connection_doom(struct connection *c);
/* Once a second: end those that are over their time. */
void connection_check_times(struct listener *l);
/* Begin draining: those that wait for a request are closed. */
void connection_drain(struct listener *l);
/* The answer is out: the next request, or the end. */
void connection_answered(struct connection *c);

/* request.c */
/* Bytes have come, or a state was entered in which waiting ones matter. */
void request_read(struct connection *c);
/* The keeper has answered the ask that c waits for. */
void request_answered(
    struct connection *c, enum agent_ask ask, struct message *answer);
/* Forget the request: close what it holds, tell the keeper of a draft that
 * will not be finished. */
void request_end(struct connection *c);

/* respond.c: each begins the answer and enters ANSWERING. */
void respond(struct connection *c, const struct agent_answer *a, int file);
void respond_refusal(struct connection *c, uint16_t status, const char *error,
    const char *rule, const char *hint);
void respond_fault(struct connection *c, const struct fault *why);
void respond_metrics(struct connection *c);
/* "100 Continue", on which the client sends its body. */
void respond_continue(struct connection *c);
/* The output has run low: send on, or be done. */
void respond_more(struct connection *c);

#endif
