/*
 * The listener: the process that strangers can reach.
 *
 * It gets its TLS key from the keeper, builds what it needs, confines itself,
 * and only then takes the first connection.  From there on it can accept,
 * read, write and ask; no file can be opened, no connection made.  One thread,
 * one loop; whatever takes long is the keeper's or the network's.
 *
 * When the channel to the parent ends, so does it, at once; a message there
 * means: drain.  When the keeper ends, nothing can be answered, so it ends too.
 */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <seccomp.h>

#include "gateway/agent/listener_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"

#define SOCKET PROCESS_GIVEN
#define KEEPER (PROCESS_GIVEN + 1)
#define BACKLOG 128

/* A connection needs its socket, and a file or a draft. */
#define DESCRIPTORS (2 * LISTENER_CONNECTIONS_MAX + 64)

#define CALL(name) SCMP_SYS(name), SANDBOX_ALLOW, 0, 0, 0
static const struct sandbox_call calls[] = {
	{ CALL(accept4), "connections" },
	{ CALL(setsockopt), "TCP_NODELAY, keepalive" },
	{ CALL(getsockopt), "did a connection fail?" },
	{ CALL(shutdown), "the end of an answer" },
	{ CALL(epoll_ctl), "libevent's loop" },
	{ CALL(epoll_wait), "the same" },
	{ CALL(epoll_pwait), "the same, on some machines" },
	{ CALL(epoll_pwait2), "the same, on newer libraries" },
	{ 0, SANDBOX_ALLOW, 0, 0, 0, NULL },
};
static const struct sandbox box = { .role = "listener", .calls = calls };

static void
leave(struct listener *l, const struct fault *why)
{
	if (l->ended.kind == FAULT_NONE)
		l->ended = *why;
	(void)event_base_loopbreak(l->base);
}

/* ---- The keeper ---- */

int
listener_ask(struct listener *l, struct connection *c, enum agent_ask ask,
    const struct agent_request *r, struct fault *f)
{
	struct waiting *w = mem_new(sizeof(*w));
	struct message m;
	int rc = -1;

	if (w == NULL)
		return fault_memory(f);
	message_init(&m, AGENT_REQUEST_MAX);
	if (agent_put_request(&m, ask, r, f) != 0 ||
	    channel_queue(l->keeper, &m, f) != 0)
		goto out;
	if (channel_unsent(l->keeper) > 0)
		(void)event_add(l->keeper_write, NULL);
	w->ask = ask;
	w->connection = c;
	if (c != NULL)
		c->waiting = w;
	*l->waiting_last = w;
	l->waiting_last = &w->next;
	w = NULL; /* the list's */
	l->counts.asks++;
	rc = 0;
out:
	message_free(&m);
	mem_free(w);
	return rc;
}

/* The keeper lent a draft to a connection that has gone: give it back. */
static void
return_draft(struct listener *l, const struct message *answer)
{
	struct agent_request drop = { .part = 0 };
	struct agent_answer a;
	struct reader body;
	struct fault ignored = { 0 };

	if (ask_answered(answer, &body, &ignored) != 0 ||
	    agent_take_answer(&body, &a, &ignored) != 0 || !a.draft)
		return;
	drop.ticket = a.ticket;
	(void)!listener_ask(l, NULL, AGENT_RETURN_PART_DROP, &drop, &ignored);
}

static void
deliver(struct listener *l)
{
	struct waiting *w = l->waiting_first;

	l->waiting_first = w->next;
	if (l->waiting_first == NULL)
		l->waiting_last = &l->waiting_first;
	if (w->connection != NULL)
		request_answered(w->connection, w->ask, &l->answer);
	else if (w->ask == AGENT_RETURN_PART)
		return_draft(l, &l->answer);
	message_reset(&l->answer);
	mem_free(w);
}

static void
on_keeper_answers(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;
	struct fault f = { 0 };
	enum channel_got got;

	(void)fd;
	(void)what;
	do {
		if (channel_try(l->keeper, &l->answer, &got, &f) != 0) {
			leave(l, &f);
			return;
		}
		if (got == CHANNEL_END ||
		    (got == CHANNEL_MESSAGE && l->waiting_first == NULL)) {
			(void)fault_set(&f, FAULT_PEER, "the keeper has ended");
			leave(l, &f);
			return;
		}
		if (got == CHANNEL_MESSAGE)
			deliver(l);
	} while (got == CHANNEL_MESSAGE);
}

static void
on_keeper_writable(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;
	struct fault f = { 0 };

	(void)fd;
	(void)what;
	if (channel_flush(l->keeper, &f) != 0)
		leave(l, &f);
	else if (channel_unsent(l->keeper) > 0)
		(void)event_add(l->keeper_write, NULL);
}

/* ---- Other events ---- */

static void
on_parent(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;
	struct fault f = { 0 };
	struct message m;
	enum channel_got got;

	(void)fd;
	(void)what;
	message_init(&m, 0);
	if (channel_try(l->up, &m, &got, &f) != 0)
		leave(l, &f);
	else if (got == CHANNEL_END)
		(void)event_base_loopbreak(l->base);
	else if (got == CHANNEL_MESSAGE) {
		l->draining = true;
		(void)evconnlistener_disable(l->accepting);
		connection_drain(l);
	}
	message_free(&m);
}

static void
on_clock(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	connection_check_times(arg);
}

static void
on_accept(struct evconnlistener *accepting, evutil_socket_t fd,
    struct sockaddr *from, int fromlen, void *arg)
{
	(void)accepting;
	(void)from;
	(void)fromlen;
	connection_accept(arg, fd);
}

/* ---- Starting and ending ---- */

static int
get_identity(struct listener *l, struct fault *f)
{
	uint8_t seed[TLS_SEED_BYTES];
	struct message m;
	struct reader body;
	int rc = -1;

	message_init(&m, 64);
	if (tls_start(f) == 0 && ask_begin(&m, AGENT_IDENTITY, f) == 0 &&
	    ask(l->keeper, &m, &l->answer, &body, f) == 0 &&
	    take_bytes(&body, seed, sizeof(seed), f) == 0 &&
	    take_end(&body, f) == 0 && tls_server(&l->tls, seed, f) == 0)
		rc = 0;
	secret_wipe(seed, sizeof(seed));
	message_reset(&l->answer);
	message_free(&m);
	return rc;
}

static int
open_loop(struct listener *l, struct fault *f)
{
	struct timeval second = { 1, 0 };

	if ((l->base = event_base_new()) == NULL)
		return fault_memory(f);
	l->accepting = evconnlistener_new(l->base, on_accept, l,
	    LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_DISABLED, BACKLOG, SOCKET);
	l->up_event = event_new(
	    l->base, channel_fd(l->up), EV_READ | EV_PERSIST, on_parent, l);
	l->keeper_read = event_new(l->base, channel_fd(l->keeper),
	    EV_READ | EV_PERSIST, on_keeper_answers, l);
	l->keeper_write = event_new(
	    l->base, channel_fd(l->keeper), EV_WRITE, on_keeper_writable, l);
	l->clock = event_new(l->base, -1, EV_PERSIST, on_clock, l);
	if (l->accepting == NULL || l->up_event == NULL ||
	    l->keeper_read == NULL || l->keeper_write == NULL ||
	    l->clock == NULL || event_add(l->up_event, NULL) != 0 ||
	    event_add(l->keeper_read, NULL) != 0 ||
	    event_add(l->clock, &second) != 0)
		return fault_memory(f);
	return 0;
}

static void
close_all(struct listener *l)
{
	while (l->first != NULL)
		connection_free(l->first);
	while (l->waiting_first != NULL) {
		struct waiting *w = l->waiting_first;

		l->waiting_first = w->next;
		mem_free(w);
	}
	if (l->accepting != NULL)
		evconnlistener_free(l->accepting);
	struct event *events[] = { l->up_event, l->keeper_read, l->keeper_write,
		l->clock };
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (events[i] != NULL)
			event_free(events[i]);
	if (l->base != NULL)
		event_base_free(l->base);
	tls_server_free(l->tls);
	message_free(&l->answer);
	channel_free(l->keeper);
}

int
agent_listener(struct channel *up, struct fault *f)
{
	struct listener l = { .up = up };
	struct message ready;
	int rc = -1;

	l.waiting_last = &l.waiting_first;
	message_init(&l.answer, AGENT_ANSWER_MAX);
	message_init(&ready, 0);
	process_descriptors(DESCRIPTORS); /* else fewer connections */
	if (libevent_load(f) != 0 || channel_new(&l.keeper, KEEPER, f) != 0 ||
	    get_identity(&l, f) != 0 || open_loop(&l, f) != 0 ||
	    sandbox_enter(&box, f) != 0 || channel_send(up, &ready, f) != 0)
		goto out;
	(void)evconnlistener_enable(l.accepting);
	if (event_base_dispatch(l.base) == -1)
		(void)fault_set(&l.ended, FAULT_SYSTEM, "the loop failed");
	if (l.ended.kind == FAULT_NONE)
		rc = 0;
	else
		*f = l.ended;
out:
	close_all(&l);
	return rc;
}
