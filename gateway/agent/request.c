/*
 * Requests: reading one, judging what the network alone can judge, and asking
 * the keeper for the rest.
 *
 * The order matters to whoever is refused: first the grammar, then who it is,
 * then what it wants, then how much it would send.
 */

#include <string.h>

#include "gateway/agent/listener_internal.h"
#include "keys/base/clock.h"
#include "keys/base/files.h"

void
request_end(struct connection *c)
{
	struct agent_request dropped = { .ticket = c->request.ticket };
	struct fault ignored = { 0 };

	if (c->waiting != NULL)
		c->waiting->connection = NULL;
	c->waiting = NULL;
	if (c->draft != -1) {
		memcpy(dropped.key, c->request.key, sizeof(dropped.key));
		(void)!listener_ask(c->listener, NULL, AGENT_RETURN_PART_DROP,
		    &dropped, &ignored);
	}
	file_close(&c->draft);
	file_close(&c->file);
	digest_free(c->digest);
	c->digest = NULL;
	c->file_left = 0;
	c->left = 0;
	c->close = false;
	c->route = NULL;
	bytes_free(&c->statement);
	bytes_free(&c->body);
	http_end(&c->parser);
	memset(&c->request.method, 0,
	    sizeof(c->request) - offsetof(struct agent_request, method));
}

static void
ask_keeper(struct connection *c, enum agent_ask ask)
{
	struct fault f = { 0 };

	c->request.statement =
	    (struct slice){ c->statement.at, c->statement.len };
	c->request.body = (struct slice){ c->body.at, c->body.len };
	c->state = CONNECTION_ASKING;
	(void)bufferevent_disable(c->bev, EV_READ);
	if (listener_ask(c->listener, c, ask, &c->request, &f) != 0)
		respond_refusal(
		    c, 503, "the agent is overloaded", "capacity", "");
}

/* The statement's header, out of base64. */
static bool
take_statement(struct connection *c)
{
	const struct http_run *run = &c->parser.statement;
	struct fault f = { 0 };
	size_t len;

	if (run->len == 0)
		return false;
	if (bytes_reserve(&c->statement, AGENT_STATEMENT_MAX, &f) != 0 ||
	    !base64_read(c->statement.at, AGENT_STATEMENT_MAX, &len,
		(const char *)c->parser.head.at + run->at, run->len, true))
		return false;
	c->statement.len = len;
	return len > 0;
}

static void
refuse_pipelining(struct connection *c)
{
	respond_refusal(c, 400,
	    "a second request came before the first was answered", "http", "");
}

/* ---- Bodies ---- */

static void
body_is_whole(struct connection *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);

	if (evbuffer_get_length(in) > 0) {
		refuse_pipelining(c);
		return;
	}
	if (c->route->kind != ROUTE_PART) {
		ask_keeper(c, c->route->ask);
		return;
	}
	digest_end(c->digest, c->request.digest);
	file_close(&c->draft); /* whole: the keeper has its own descriptor */
	ask_keeper(c, AGENT_RETURN_PART_DONE);
}

static void
begin_body(struct connection *c)
{
	c->state = CONNECTION_BODY;
	c->deadline = clock_monotonic() + 2 * LISTENER_STALL_SECONDS +
		      (double)c->left / LISTENER_SLOWEST;
	connection_patience(c, LISTENER_STALL_SECONDS);
	if (c->parser.expects_continue)
		respond_continue(c);
	(void)bufferevent_enable(c->bev, EV_READ);
}

/* Some bytes of the body to where they belong. */
static bool
take_body(struct connection *c, const uint8_t *at, size_t len, struct fault *f)
{
	if (c->draft == -1)
		return bytes_add(&c->body, at, len, f) == 0;
	digest_add(c->digest, at, len);
	return file_write(c->draft, at, len, f) == 0;
}

static void
read_body(struct connection *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	struct fault f = { 0 };

	while (c->left > 0) {
		struct evbuffer_iovec run;
		size_t n;

		if (evbuffer_peek(in, 1, NULL, &run, 1) < 1 || run.iov_len == 0)
			return;
		n = run.iov_len < c->left ? run.iov_len : (size_t)c->left;
		if (!take_body(c, run.iov_base, n, &f)) {
			respond_fault(c, &f);
			return;
		}
		(void)evbuffer_drain(in, n);
		c->left -= n;
		c->listener->counts.body_bytes += n;
	}
	body_is_whole(c);
}

/* ---- Judging ---- */

/* Is the announced body one that the route reads? */
static bool
length_is_fine(struct connection *c)
{
	const struct http_parser *p = &c->parser;
	bool sends = strcmp(c->route->method, "GET") != 0;

	if (!sends && p->length > 0)
		respond_refusal(c, 400, "a GET has no body", "http", "");
	else if (sends && !p->has_length)
		respond_refusal(
		    c, 411, "Content-Length is missing", "http", "");
	else if (p->length > c->route->body_max)
		respond_refusal(c, 413, "the body is over its limit", "limits",
		    "send smaller parts");
	else
		return true;
	return false;
}

static void
go_on(struct connection *c)
{
	if (c->route->kind == ROUTE_PART) {
		c->request.length = c->left;
		ask_keeper(c, AGENT_RETURN_PART);
	} else if (c->left > 0) {
		begin_body(c);
		read_body(c);
	} else {
		body_is_whole(c);
	}
}

static void
respond_healthy(struct connection *c)
{
	static const uint8_t text[] = "ok\n";
	struct agent_answer a = { .status = 200,
		.type = "text/plain",
		.body = { text, sizeof(text) - 1 } };

	respond(c, &a, -1);
}

/* The head is whole and the keeper has said who this is. */
static void
judge(struct connection *c)
{
	const struct http_parser *p = &c->parser;

	c->close = p->close;
	c->left = p->length;
	c->route = route_find(p->method, p->path, &c->request, c->allow);
	if (evbuffer_get_length(bufferevent_get_input(c->bev)) > c->left) {
		refuse_pipelining(c);
	} else if (c->route != NULL && c->route->kind == ROUTE_HEALTH &&
		   p->length == 0) {
		respond_healthy(c);
	} else if (c->who == AGENT_STRANGER) {
		c->listener->counts.strangers++;
		c->close = true;
		respond_refusal(c, 403, "this key is not known here",
		    "known-keys",
		    "give the owner your card (handoff card), and have them "
		    "add it");
	} else if (c->route == NULL && c->allow[0] != '\0') {
		respond_refusal(
		    c, 405, "this path has other methods", "routes", "");
	} else if (c->route == NULL) {
		respond_refusal(c, 404, "no such path", "routes", "");
	} else if (!length_is_fine(c)) {
		return;
	} else if (c->route->kind == ROUTE_METRICS) {
		respond_metrics(c);
	} else if (c->route->is_signed && !take_statement(c)) {
		respond_refusal(c, 403, "this request needs a signed statement",
		    "signed-requests",
		    "send a DSSE envelope in base64 "
		    "as " AGENT_STATEMENT_HEADER);
	} else {
		memcpy(c->request.method, p->method, sizeof(p->method));
		memcpy(c->request.path, p->path, sizeof(p->path));
		go_on(c);
	}
}

static void
read_head(struct connection *c)
{
	struct evbuffer *in = bufferevent_get_input(c->bev);
	struct evbuffer_iovec run;
	enum http_got got = HTTP_MORE;
	size_t used;

	while (got == HTTP_MORE && evbuffer_peek(in, 1, NULL, &run, 1) >= 1 &&
	       run.iov_len > 0) {
		if (c->parser.head.len == 0)
			c->deadline = clock_monotonic() + LISTENER_HEAD_SECONDS;
		got = http_feed(&c->parser, run.iov_base, run.iov_len, &used);
		(void)evbuffer_drain(in, used);
	}
	if (got == HTTP_BAD) {
		c->close = true;
		respond_refusal(c, c->parser.status, c->parser.why, "http", "");
	} else if (got == HTTP_WHOLE && !c->judged) {
		ask_keeper(c, AGENT_WHO);
	} else if (got == HTTP_WHOLE) {
		judge(c);
	}
}

void
request_read(struct connection *c)
{
	if (c->state == CONNECTION_HEAD)
		read_head(c);
	else if (c->state == CONNECTION_BODY)
		read_body(c);
}

/* ---- Answers of the keeper ---- */

static void
told_who(struct connection *c, struct reader *body)
{
	struct fault f = { 0 };
	uint8_t who;

	if (take_u8(body, &who, &f) != 0 || take_end(body, &f) != 0 ||
	    who > AGENT_OFFICER) {
		respond_refusal(
		    c, 502, "the keeper's answer is garbled", "gateway", "");
		return;
	}
	c->who = (enum agent_who)who;
	c->judged = who != AGENT_STRANGER; /* who may be known by next time */
	judge(c);
}

static void
told_draft(struct connection *c, const struct agent_answer *a, int *fd)
{
	struct fault f = { 0 };

	if (digest_new(&c->digest, &f) != 0) {
		respond_fault(c, &f);
		return;
	}
	c->draft = *fd;
	*fd = -1; /* the connection's now */
	c->request.ticket = a->ticket;
	begin_body(c);
	read_body(c);
}

/* Open the keeper's answer; *fd is the caller's, or -1. */
static int
open_answer(struct reader *body, struct message *answer, struct agent_answer *a,
    int *fd, struct fault *f)
{
	*fd = -1;
	if (agent_take_answer(body, a, f) != 0)
		return -1;
	return a->file || a->draft ? message_fd(answer, 0, fd, f) : 0;
}

void
request_answered(
    struct connection *c, enum agent_ask ask, struct message *answer)
{
	struct agent_answer a;
	struct reader body;
	struct fault f = { 0 };
	int fd;

	c->waiting = NULL;
	if (ask_answered(answer, &body, &f) != 0) {
		respond_fault(c, &f);
		return;
	}
	if (ask == AGENT_WHO) {
		told_who(c, &body);
		return;
	}
	if (open_answer(&body, answer, &a, &fd, &f) != 0) {
		respond_refusal(
		    c, 502, "the keeper's answer is garbled", "gateway", "");
		return;
	}
	if (a.draft && a.status == 200 && ask == AGENT_RETURN_PART) {
		told_draft(c, &a, &fd);
	} else if (a.file) {
		respond(c, &a, fd);
		fd = -1; /* the connection's now */
	} else {
		respond(c, &a, -1);
	}
	file_close(&fd);
}
