/*
 * Answers: heads, bodies, and files that are sent a piece at a time.
 *
 * A file is read with pread() into the output when that runs low: so much
 * memory and no more is held for a slow reader, and a file cut short by
 * another process is an aborted answer, where a mapped one would be SIGBUS.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gateway/agent/exchange_internal.h"
#include "gateway/agent/listener_internal.h"
#include "keys/base/clock.h"
#include "keys/base/files.h"

/* What the head says of the body. */
struct body {
	const char *type;
	uint64_t length;
	const char *range; /* value of Content-Range, or NULL */
};

static void
put_head(
    struct connection *c, const struct agent_answer *a, const struct body *body)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);
	char date[HTTP_DATE_CHARS + 1];

	http_date(date, clock_now());
	/* A failure here is no memory: the connection is then cut short. */
	(void)evbuffer_add_printf(out,
	    "HTTP/1.1 %u %s\r\nDate: %s\r\nCache-Control: no-store\r\n"
	    "Content-Length: %" PRIu64 "\r\n",
	    (unsigned)a->status, http_reason(a->status), date, body->length);
	if (body->type[0] != '\0')
		(void)evbuffer_add_printf(
		    out, "Content-Type: %s\r\n", body->type);
	if (body->range != NULL)
		(void)evbuffer_add_printf(
		    out, "Content-Range: %s\r\n", body->range);
	if (a->file)
		(void)evbuffer_add_printf(out, "Accept-Ranges: bytes\r\n");
	if (a->location[0] != '\0')
		(void)evbuffer_add_printf(out, "Location: %s\r\n", a->location);
	if (a->status == 405)
		(void)evbuffer_add_printf(out, "Allow: %s\r\n", c->allow);
	if (a->retry_after != 0)
		(void)evbuffer_add_printf(
		    out, "Retry-After: %u\r\n", (unsigned)a->retry_after);
	if (c->close)
		(void)evbuffer_add_printf(out, "Connection: close\r\n");
	(void)evbuffer_add_printf(out, "\r\n");
}

/* Everything that an answer begins with. */
static void
begin(struct connection *c, uint16_t status, uint64_t length)
{
	struct listener *l = c->listener;

	/* What is still to come of a request will not be read, and must not be
	 * taken for the next one. */
	if (l->draining || c->left > 0)
		c->close = true;
	c->state = CONNECTION_ANSWERING;
	c->deadline = clock_monotonic() + 2 * LISTENER_STALL_SECONDS +
		      (double)length / LISTENER_SLOWEST;
	(void)bufferevent_disable(c->bev, EV_READ); /* until it is out */
	l->counts.answers[status / 100]++;
	l->counts.answer_bytes += length;
}

static void
send_bytes(struct connection *c, const struct agent_answer *a)
{
	struct body body = { a->type, a->body.len, NULL };

	begin(c, a->status, a->body.len);
	put_head(c, a, &body);
	(void)bufferevent_write(c->bev, a->body.at, a->body.len);
}

/* The file or the range of it that was asked for. */
static void
send_file(struct connection *c, const struct agent_answer *a, int file)
{
	const struct http_range *r = &c->parser.range;
	struct agent_answer part = *a;
	struct body body = { a->type, a->length, NULL };
	char range[80];
	uint64_t first = 0;

	if (r->given && a->status == 200) {
		body.range = range;
		part.status = 206;
		if (!http_range_of(r, a->length, &first, &body.length)) {
			part.status = 416;
			body.length = 0;
			(void)snprintf(range, sizeof(range), "bytes */%" PRIu64,
			    a->length);
		} else {
			(void)snprintf(range, sizeof(range),
			    "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, first,
			    first + body.length - 1, a->length);
		}
	}
	begin(c, part.status, body.length);
	put_head(c, &part, &body);
	c->file = file;
	c->file_at = a->offset + first;
	c->file_left = body.length;
	respond_more(c);
}

void
respond(struct connection *c, const struct agent_answer *a, int file)
{
	if (file != -1)
		send_file(c, a, file);
	else
		send_bytes(c, a);
}

/* One piece of the file into the output; false when it cannot be had. */
static bool
send_piece(struct connection *c)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);
	struct evbuffer_iovec room;
	struct fault ignored = { 0 };
	size_t want = c->file_left < LISTENER_WRITE_CHUNK
			  ? (size_t)c->file_left
			  : LISTENER_WRITE_CHUNK;
	size_t got;

	if (evbuffer_reserve_space(out, (ev_ssize_t)want, &room, 1) != 1)
		return false;
	if (file_read_at(c->file, room.iov_base, want, c->file_at, &got,
		&ignored) != 0 ||
	    got != want)
		return false;
	room.iov_len = want;
	if (evbuffer_commit_space(out, &room, 1) != 0)
		return false;
	c->file_at += want;
	c->file_left -= want;
	return true;
}

void
respond_more(struct connection *c)
{
	struct evbuffer *out = bufferevent_get_output(c->bev);

	if (c->state != CONNECTION_ANSWERING)
		return;
	while (
	    c->file_left > 0 && evbuffer_get_length(out) <= LISTENER_WRITE_LOW)
		if (!send_piece(c)) {
			connection_doom(c); /* it sees a body cut short */
			return;
		}
	if (c->file_left == 0 && evbuffer_get_length(out) == 0)
		connection_answered(c);
}

/* ---- Answers of our own ---- */

void
respond_refusal(struct connection *c, uint16_t status, const char *error,
    const char *rule, const char *hint)
{
	struct agent_answer a = { .status = status,
		.type = "application/json" };
	struct fault ignored = { 0 };
	struct bytes text;

	bytes_init(&text, 16384);
	if (refusal_text(&text, error, rule, hint, &ignored) == 0)
		a.body = (struct slice){ text.at, text.len };
	if (status == 503)
		a.retry_after = LISTENER_HEAD_SECONDS;
	if (status == 400 || status == 503)
		c->close = true;
	respond(c, &a, -1);
	bytes_free(&text);
}

void
respond_fault(struct connection *c, const struct fault *why)
{
	static const struct {
		enum fault_kind kind;
		uint16_t status;
		const char *rule;
	} table[] = {
		{ FAULT_POLICY, 403, "policy" },
		{ FAULT_FORGED, 403, "signature" },
		{ FAULT_PEER, 502, "gateway" },
		{ FAULT_INPUT, 400, "request" },
		{ FAULT_USAGE, 400, "request" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].kind == why->kind) {
			respond_refusal(c, table[i].status, why->text,
			    table[i].rule, why->hint);
			return;
		}
	/* Ours to know: it may name a path or a state of this machine. */
	fprintf(stderr, "handoff: agent: %s\n", why->text);
	respond_refusal(
	    c, 500, "the agent failed; its own messages say why", "system", "");
}

void
respond_metrics(struct connection *c)
{
	struct listener *l = c->listener;
	const struct {
		const char *name;
		uint64_t n;
	} rows[] = {
		{ "connections_now", l->connections },
		{ "connections_total", l->counts.connections },
		{ "handshakes_failed_total", l->counts.handshakes_failed },
		{ "evicted_total", l->counts.evicted },
		{ "timed_out_total", l->counts.timed_out },
		{ "strangers_total", l->counts.strangers },
		{ "answers_2xx_total", l->counts.answers[2] },
		{ "answers_3xx_total", l->counts.answers[3] },
		{ "answers_4xx_total", l->counts.answers[4] },
		{ "answers_5xx_total", l->counts.answers[5] },
		{ "asks_total", l->counts.asks },
		{ "body_bytes_total", l->counts.body_bytes },
		{ "answer_bytes_total", l->counts.answer_bytes },
	};
	struct agent_answer a = { .status = 200,
		.type = "text/plain; version=0.0.4" };
	struct fault f = { 0 };
	struct bytes text;

	bytes_init(&text, 4096);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (bytes_addf(&text, &f, "handoff_agent_%s %" PRIu64 "\n",
			rows[i].name, rows[i].n) != 0)
			break; /* a shorter answer, then */
	a.body = (struct slice){ text.at, text.len };
	respond(c, &a, -1);
	bytes_free(&text);
}

void
respond_continue(struct connection *c)
{
	static const char line[] = "HTTP/1.1 100 Continue\r\n\r\n";

	(void)bufferevent_write(c->bev, line, sizeof(line) - 1);
}
