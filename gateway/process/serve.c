/*
 * Answering: one process, many peers, one table of who may ask what.
 *
 *     poll -> a round of requests -> settle (commit) -> their answers
 *
 * A peer is known by the channel it speaks on; nothing that it says can change
 * that.  Requests of all peers are gathered into a round, so that many share
 * one commit, and no answer leaves before it.  Nothing here waits for a single
 * peer: one that sends half a request, or does not read its answers, waits
 * alone, and holds one request, or one round's answers, of our memory.
 *
 * A peer that asks what it may not was taken over or is broken: it is cut off
 * and reported, not answered.
 */

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "gateway/process/process.h"
#include "gateway/process/process_internal.h"
#include "keys/base/clock.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* Answers held back for a commit, in bytes; one more answer may follow. */
#define ROUND_BYTES ((size_t)16 << 20)

#define LAST_FLUSH_SECONDS 1.0

struct peer {
	struct channel *channel;
	uint32_t by;
	void *own;
	bool first; /* when it goes, the others follow */
	bool gone;
	struct message request;
};

struct pending {
	struct peer *peer;
	struct message answer;
	bool ok;
};

struct serve {
	struct serve_options o;
	struct peer *peers[SERVE_PEERS_MAX];
	size_t npeers;
	size_t turn; /* whose requests are read first */
	bool begun;  /* the first was added */
	bool left;   /* and has gone */
	int listener;
	uint32_t listener_by;
	bool stopping;
	double next_tick;
	struct pending round[SERVE_ROUND];
	size_t nround;
	size_t round_bytes;
};

int
serve_new(struct serve **out, const struct serve_options *o, struct fault *f)
{
	struct serve *s;

	if ((s = mem_new(sizeof(*s))) == NULL)
		return fault_memory(f);
	s->o = *o;
	must(o->round <= SERVE_ROUND);
	if (s->o.round == 0)
		s->o.round = SERVE_ROUND;
	s->listener = -1;
	*out = s;
	return 0;
}

static void
peer_free(struct peer *p)
{
	channel_free(p->channel);
	message_free(&p->request);
	mem_free(p);
}

void
serve_free(struct serve *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->npeers; i++)
		peer_free(s->peers[i]);
	mem_free(s);
}

int
serve_add(
    struct serve *s, struct channel *c, uint32_t by, void *own, struct fault *f)
{
	struct peer *p = NULL;

	if (s->npeers == SERVE_PEERS_MAX)
		(void)fault_set(
		    f, FAULT_INPUT, "more than %u peers", SERVE_PEERS_MAX);
	else if ((p = mem_new(sizeof(*p))) == NULL)
		(void)fault_memory(f);
	if (p == NULL) {
		channel_free(c);
		return -1;
	}
	p->channel = c;
	p->by = by;
	p->own = own;
	message_init(&p->request, s->o.request_max);
	s->peers[s->npeers++] = p;
	p->first = !s->begun;
	s->begun = true;
	return 0;
}

void
serve_listen(struct serve *s, int fd, uint32_t by)
{
	s->listener = fd;
	s->listener_by = by;
}

void
serve_stop(struct serve *s)
{
	s->stopping = true;
}

/* The peer is not served any more; it is freed at the end of the round, since
 * answers of the round may still name it. */
static void
lose(struct serve *s, struct peer *p, const struct fault *why)
{
	if (p->gone)
		return;
	p->gone = true;
	s->left = s->left || p->first;
	if (s->o.gone != NULL)
		s->o.gone(s->o.state, p->by, p->own, why);
}

static void
bury(struct serve *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->npeers; i++)
		if (s->peers[i]->gone)
			peer_free(s->peers[i]);
		else
			s->peers[kept++] = s->peers[i];
	s->npeers = kept;
}

/* ---- One round ---- */

static int
refuse(struct message *answer, const struct fault *why, struct fault *f)
{
	message_reset(answer);
	if (put_u8(&answer->body, 0, f) != 0)
		return -1;
	return put_fault(&answer->body, why, f);
}

static const struct ask_row *
find_row(const struct ask_row *row, uint16_t code)
{
	for (; row->answer != NULL; row++)
		if (row->code == code)
			return row;
	return NULL;
}

/* Answer the request in p->request into the round. */
static int
answer_one(struct serve *s, struct peer *p, struct fault *f)
{
	struct pending *out = &s->round[s->nround];
	struct asked a = { .serve = s, .by = p->by, .peer = p->own };
	const struct ask_row *row;
	struct fault why = { 0 };
	uint16_t code;

	a.in = reader_of(p->request.body.at, p->request.body.len);
	if (take_u16(&a.in, &code, &why) != 0)
		return fault_set(f, FAULT_PEER, "a request without a code");
	row = find_row(s->o.rows, code);
	if (row == NULL)
		return fault_set(
		    f, FAULT_PEER, "unknown request %u", (unsigned)code);
	if ((row->by & p->by) == 0)
		return fault_set(
		    f, FAULT_PEER, "may not ask \"%s\"", row->name);
	message_init(&out->answer, MESSAGE_MAX);
	out->peer = p;
	s->nround++;
	a.request = &p->request;
	a.answer = &out->answer;
	out->ok = put_u8(&out->answer.body, 1, &why) == 0 &&
		  row->answer(s->o.state, &a, &why) == 0;
	message_reset(&p->request);
	if (!out->ok && refuse(&out->answer, &why, f) != 0)
		return -1;
	s->round_bytes += out->answer.body.len;
	return 0;
}

/* Take requests from one peer while there are any and the round has room. */
static void
hear(struct serve *s, struct peer *p)
{
	struct fault why = { 0 };
	enum channel_got got;

	while (!p->gone && s->nround < s->o.round &&
	       s->round_bytes < ROUND_BYTES) {
		if (channel_try(p->channel, &p->request, &got, &why) != 0) {
			lose(s, p, &why);
			return;
		}
		if (got == CHANNEL_NOTHING)
			return;
		if (got == CHANNEL_END || answer_one(s, p, &why) != 0)
			lose(s, p, &why);
	}
}

static void
settle_and_send(struct serve *s)
{
	struct fault why = { 0 }, own = { 0 };
	bool lost;

	if (s->nround == 0)
		return;
	lost = s->o.settle != NULL && s->o.settle(s->o.state, &why) != 0;
	for (size_t i = 0; i < s->nround; i++) {
		struct pending *out = &s->round[i];
		struct peer *p = out->peer;

		fault_clear(&own);
		if (!p->gone && lost && out->ok &&
		    refuse(&out->answer, &why, &own) != 0)
			lose(s, p, &own);
		if (!p->gone &&
		    channel_queue(p->channel, &out->answer, &own) != 0)
			lose(s, p, &own);
		message_free(&out->answer);
	}
	s->nround = 0;
	s->round_bytes = 0;
}

/* ---- The loop ---- */

static void
accept_one(struct serve *s)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
	struct fault why = { 0 };
	struct channel *c;
	void *own = NULL;

	if (fd == -1)
		return; /* gone again, or no descriptors: it waits */
	if (!meet_same_uid(fd)) {
		file_close(&fd);
		return;
	}
	if (channel_new(&c, fd, &why) != 0)
		return;
	if (s->o.met != NULL && s->o.met(s->o.state, &own, &why) != 0)
		channel_free(c);
	else if (serve_add(s, c, s->listener_by, own, &why) != 0 &&
		 s->o.gone != NULL)
		s->o.gone(s->o.state, s->listener_by, own, &why);
}

static int
wait_ms(const struct serve *s)
{
	double left;

	if (s->o.tick == NULL)
		return -1;
	left = (s->next_tick - clock_monotonic()) * 1000.0;
	return left > 0 ? (int)left + 1 : 0;
}

static int
poll_all(struct serve *s, struct pollfd *fds, int timeout_ms, struct fault *f)
{
	nfds_t n = s->npeers;

	for (size_t i = 0; i < s->npeers; i++) {
		struct channel *c = s->peers[i]->channel;

		fds[i] = (struct pollfd){ .fd = channel_fd(c),
			.events = channel_unsent(c) > 0 ? POLLOUT : POLLIN };
	}
	if (s->listener != -1)
		fds[n++] = (struct pollfd){ s->listener, POLLIN, 0 };
	if (poll(fds, n, timeout_ms) < 0 && errno != EINTR)
		return fault_errno(f, "wait for requests");
	return 0;
}

static void
one_round(struct serve *s, const struct pollfd *fds)
{
	size_t n = s->npeers; /* answerers may add more */

	s->turn = n > 0 ? (s->turn + 1) % n : 0;
	for (size_t i = 0; i < n; i++) {
		size_t at = (s->turn + i) % n;
		struct peer *p = s->peers[at];
		struct fault why = { 0 };

		if (fds[at].revents == 0)
			continue;
		if (channel_flush(p->channel, &why) != 0)
			lose(s, p, &why);
		else if (channel_unsent(p->channel) == 0)
			hear(s, p);
	}
	if (s->listener != -1 && fds[n].revents != 0)
		accept_one(s);
	settle_and_send(s);
	bury(s);
}

/* Answers that are queued still go out, unless their reader is asleep. */
static void
last_flush(struct serve *s)
{
	double until = clock_monotonic() + LAST_FLUSH_SECONDS;
	struct fault ignored = { 0 };

	for (size_t i = 0; i < s->npeers; i++) {
		struct channel *c = s->peers[i]->channel;
		struct pollfd p = { channel_fd(c), POLLOUT, 0 };

		while (channel_unsent(c) > 0 && clock_monotonic() < until &&
		       poll(&p, 1, 50) >= 0 && channel_flush(c, &ignored) == 0)
			;
	}
}

/* Is there nobody to serve any more? */
static bool
is_over(const struct serve *s)
{
	if (s->stopping || !s->left)
		return s->stopping;
	for (size_t i = 0; i < s->npeers; i++)
		if ((s->peers[i]->by & s->o.outlast) != 0)
			return false;
	return true;
}

int
serve_run(struct serve *s, struct fault *f)
{
	struct pollfd fds[SERVE_PEERS_MAX + 1];

	s->next_tick = clock_monotonic() + s->o.tick_ms / 1000.0;
	while (!is_over(s)) {
		if (poll_all(s, fds, wait_ms(s), f) != 0)
			return -1;
		one_round(s, fds);
		if (s->o.tick != NULL && wait_ms(s) == 0) {
			s->next_tick =
			    clock_monotonic() + s->o.tick_ms / 1000.0;
			if (s->o.tick(s->o.state, f) != 0)
				return -1;
		}
	}
	last_flush(s);
	return 0;
}
