/*
 * Connections: from accept to the end, and the bounds on how many there are
 * and how long each may take.
 *
 * Whoever wants to keep others out by holding connections finds that the
 * oldest which has not yet said who it is makes room for the next; a peer
 * with a known key, and a request under way, is never pushed out.
 */

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/agent/listener_internal.h"
#include "keys/base/clock.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

static void
set_state(struct connection *c, enum connection_state s, int seconds)
{
	c->state = s;
	c->deadline = clock_monotonic() + seconds;
}

static void
end_if_drained(struct listener *l)
{
	if (l->draining && l->first == NULL)
		(void)event_base_loopexit(l->base, NULL);
}

void
connection_free(struct connection *c)
{
	struct listener *l = c->listener;

	request_end(c);
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		l->first = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	l->connections--;
	bytes_free(&c->statement);
	bytes_free(&c->body);
	http_end(&c->parser);
	bufferevent_free(c->bev); /* the socket and SSL too */
	mem_free(c);
	end_if_drained(l);
}

void
connection_doom(struct connection *c)
{
	c->doomed = true;
	(void)bufferevent_disable(c->bev, EV_READ | EV_WRITE);
}

void
connection_patience(struct connection *c, int seconds)
{
	struct timeval reading = { seconds, 0 };
	struct timeval writing = { LISTENER_STALL_SECONDS, 0 };

	/* It can only fail for want of memory; the deadline holds anyway. */
	(void)bufferevent_set_timeouts(c->bev, &reading, &writing);
}

/* ---- How many ---- */

/* A connection that may make room: without a request, and, unless all the
 * others have gone, without a known key.  The oldest is the last in the
 * list. */
static struct connection *
find_idle(struct listener *l, const uint8_t *key, bool strangers)
{
	struct connection *found = NULL;

	for (struct connection *c = l->first; c != NULL; c = c->next) {
		bool idle = c->state == CONNECTION_HANDSHAKE ||
			    c->state == CONNECTION_HEAD ||
			    c->state == CONNECTION_LINGER;

		if (!idle || (strangers && c->judged) ||
		    (c->doomed && key != NULL))
			continue;
		if (key == NULL ||
		    (c->state != CONNECTION_HANDSHAKE &&
			memcmp(c->request.key, key, TLS_KEY_BYTES) == 0))
			found = c;
	}
	return found;
}

static bool
make_room(struct listener *l)
{
	struct connection *c;

	if (l->connections < LISTENER_CONNECTIONS_MAX)
		return true;
	if ((c = find_idle(l, NULL, true)) == NULL &&
	    (c = find_idle(l, NULL, false)) == NULL)
		return false;
	l->counts.evicted++;
	connection_free(c);
	return true;
}

static size_t
count_key(const struct listener *l, const uint8_t *key)
{
	size_t n = 0;

	for (struct connection *c = l->first; c != NULL; c = c->next)
		n += c->state != CONNECTION_HANDSHAKE &&
		     memcmp(c->request.key, key, TLS_KEY_BYTES) == 0;
	return n;
}

/* ---- Events ---- */

/* The handshake is over: who is it, and has it not too many already? */
static void
greet(struct connection *c)
{
	struct listener *l = c->listener;
	struct connection *other;

	if (!tls_peer(c->request.key, bufferevent_openssl_get_ssl(c->bev))) {
		connection_doom(c);
		return;
	}
	if (count_key(l, c->request.key) >= LISTENER_PER_KEY_MAX) {
		other = find_idle(l, c->request.key, false);
		l->counts.evicted++;
		connection_doom(other != NULL ? other : c);
		if (other == NULL)
			return;
	}
	set_state(c, CONNECTION_HEAD, LISTENER_IDLE_SECONDS);
	(void)bufferevent_enable(c->bev, EV_READ);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct connection *c = arg;
	struct listener *l = c->listener;

	(void)bev;
	if (c->doomed)
		return;
	if (what & BEV_EVENT_CONNECTED) {
		greet(c);
		return;
	}
	if (c->state == CONNECTION_HANDSHAKE)
		l->counts.handshakes_failed++;
	else if (what & BEV_EVENT_TIMEOUT)
		l->counts.timed_out++;
	connection_free(c);
}

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct connection *c = arg;
	struct evbuffer *in = bufferevent_get_input(bev);

	if (c->doomed)
		return;
	if (c->state == CONNECTION_LINGER)
		(void)evbuffer_drain(in, evbuffer_get_length(in));
	else
		request_read(c);
}

static void
on_write(struct bufferevent *bev, void *arg)
{
	struct connection *c = arg;

	(void)bev;
	if (!c->doomed)
		respond_more(c);
}

static int
open_connection(struct listener *l, evutil_socket_t fd, struct connection *c)
{
	SSL *ssl = tls_line(l->tls);
	int on = 1;

	if (ssl == NULL)
		return -1;
	c->bev = bufferevent_openssl_socket_new(l->base, fd, ssl,
	    BUFFEREVENT_SSL_ACCEPTING,
	    BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (c->bev == NULL) {
		tls_line_free(ssl);
		return -1;
	}
	/* Answers are written whole; waiting to fill a packet only delays. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	bufferevent_openssl_set_allow_dirty_shutdown(c->bev, 1);
	bufferevent_setcb(c->bev, on_read, on_write, on_event, c);
	bufferevent_setwatermark(c->bev, EV_READ, 0, LISTENER_READ_AHEAD);
	bufferevent_setwatermark(c->bev, EV_WRITE, LISTENER_WRITE_LOW, 0);
	connection_patience(c, LISTENER_IDLE_SECONDS);
	return 0;
}

void
connection_accept(struct listener *l, evutil_socket_t fd)
{
	struct connection *c;

	if (l->draining || !make_room(l) || (c = mem_new(sizeof(*c))) == NULL) {
		(void)close(fd);
		return;
	}
	c->listener = l;
	c->draft = c->file = -1;
	bytes_init(&c->statement, AGENT_STATEMENT_MAX);
	bytes_init(&c->body, AGENT_BODY_MAX);
	http_begin(&c->parser);
	if (open_connection(l, fd, c) != 0) {
		(void)close(fd);
		mem_free(c);
		return;
	}
	set_state(c, CONNECTION_HANDSHAKE, LISTENER_HANDSHAKE_SECONDS);
	c->next = l->first;
	if (l->first != NULL)
		l->first->prev = c;
	l->first = c;
	l->connections++;
	l->counts.connections++;
}

/* ---- Time ---- */

void
connection_check_times(struct listener *l)
{
	double now = clock_monotonic();
	struct connection *c, *next;

	for (c = l->first; c != NULL; c = next) {
		next = c->next;
		/* The keeper takes the time that it needs. */
		if (!c->doomed &&
		    (c->state == CONNECTION_ASKING || now < c->deadline))
			continue;
		if (!c->doomed && c->state != CONNECTION_LINGER)
			l->counts.timed_out++;
		connection_free(c);
	}
}

void
connection_drain(struct listener *l)
{
	for (struct connection *c = l->first; c != NULL; c = c->next)
		if (c->state == CONNECTION_HANDSHAKE ||
		    (c->state == CONNECTION_HEAD && c->parser.head.len == 0))
			connection_doom(c);
	connection_check_times(l);
	end_if_drained(l);
}

void
connection_answered(struct connection *c)
{
	bool close_it = c->close;

	request_end(c);
	if (!close_it) {
		set_state(c, CONNECTION_HEAD, LISTENER_IDLE_SECONDS);
		connection_patience(c, LISTENER_IDLE_SECONDS);
		(void)bufferevent_enable(c->bev, EV_READ);
		return;
	}
	/* Closing with bytes unread would reset the line, and the client lose
	 * the answer: say that we are done, and read until it is too. */
	set_state(c, CONNECTION_LINGER, LISTENER_LINGER_SECONDS);
	tls_line_end(bufferevent_openssl_get_ssl(c->bev));
	(void)shutdown(bufferevent_getfd(c->bev), SHUT_WR);
	(void)bufferevent_enable(c->bev, EV_READ);
}
