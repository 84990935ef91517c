/*
 * Channels: whole messages over a stream socket between our own processes.
 *
 * A stream, not SOCK_SEQPACKET: a packet is limited by the socket's buffer
 * (208 KiB as installed), a message here by MESSAGE_MAX.  A stream also keeps
 * descriptors with the byte that they were sent with, so reading exactly one
 * header, and then exactly its body, leaves no descriptor to be mixed up.
 *
 * Promises
 *   - Reading never takes more from the socket than the message at hand, and
 *     holds no more than one message, whose size the reader has allowed.
 *   - The descriptor's own flags are never touched: waiting is done by poll().
 *   - A channel that a peer has broken stays broken.
 */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/process/process.h"
#include "keys/base/clock.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define HEAD_BYTES 8u
static const uint8_t magic[3] = { 'h', 'f', '1' };

/* A message on its way out; sent counts the header's bytes too. */
struct leaving {
	struct message m;
	size_t sent;
	struct leaving *next;
};

struct channel {
	int fd;
	bool broken;
	uint8_t head[HEAD_BYTES];
	size_t nhead;
	struct message part; /* what has come of a message */
	size_t want;	     /* bytes in its body, once nhead == HEAD_BYTES */
	struct leaving *first, **last;
	size_t unsent;
};

int
channel_new(struct channel **out, int fd, struct fault *f)
{
	struct channel *c;

	if ((c = mem_new(sizeof(*c))) == NULL) {
		file_close(&fd);
		return fault_memory(f);
	}
	c->fd = fd;
	c->last = &c->first;
	message_init(&c->part, 0);
	*out = c;
	return 0;
}

int
channel_pair(int fds[2], struct fault *f)
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		return fault_errno(f, "make a channel");
	return 0;
}

int
channel_fd(const struct channel *c)
{
	return c->fd;
}

static void
leaving_drop(struct channel *c)
{
	struct leaving *l = c->first;

	c->first = l->next;
	if (c->first == NULL)
		c->last = &c->first;
	message_free(&l->m);
	mem_free(l);
}

void
channel_free(struct channel *c)
{
	if (c == NULL)
		return;
	while (c->first != NULL)
		leaving_drop(c);
	message_free(&c->part);
	file_close(&c->fd);
	mem_free(c);
}

#define FOR_EVER (-1.0)

/* Wait until the socket is ready; false when the time until is over. */
static bool
await(const struct channel *c, short events, double until)
{
	struct pollfd p = { .fd = c->fd, .events = events };

	for (;;) {
		int left = -1, n;

		if (until >= 0) {
			double d = (until - clock_monotonic()) * 1000.0;

			left = d > 0 ? (int)d + 1 : 0;
		}
		n = poll(&p, 1, left);
		if (n > 0 || (n < 0 && errno != EINTR))
			return true; /* the next call tells what is wrong */
		if (n == 0)
			return false;
	}
}

/* ---- Sending ---- */

static void
put_head(uint8_t head[HEAD_BYTES], const struct message *m)
{
	size_t len = m->body.len;

	must(len <= MESSAGE_MAX && m->nfds <= MESSAGE_FDS_MAX);
	head[0] = (uint8_t)(len >> 24);
	head[1] = (uint8_t)(len >> 16);
	head[2] = (uint8_t)(len >> 8);
	head[3] = (uint8_t)len;
	head[4] = (uint8_t)m->nfds;
	memcpy(head + 5, magic, sizeof(magic));
}

/* One sendmsg() of what is left of m behind *sent bytes, descriptors with the
 * first byte.  *sent stays as it was when the socket is full. */
static int
send_some(int fd, const struct message *m, size_t *sent, struct fault *f)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int) * MESSAGE_FDS_MAX)];
	} control = { .room = { 0 } };
	uint8_t head[HEAD_BYTES];
	struct iovec io[2];
	struct msghdr h = { .msg_iov = io };
	ssize_t n;

	put_head(head, m);
	if (*sent < HEAD_BYTES)
		io[h.msg_iovlen++] =
		    (struct iovec){ head + *sent, HEAD_BYTES - *sent };
	if (m->body.len > 0) {
		size_t skip = *sent < HEAD_BYTES ? 0 : *sent - HEAD_BYTES;

		io[h.msg_iovlen++] =
		    (struct iovec){ m->body.at + skip, m->body.len - skip };
	}
	if (*sent == 0 && m->nfds > 0) {
		h.msg_control = control.room;
		h.msg_controllen = CMSG_SPACE(sizeof(int) * m->nfds);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(sizeof(int) * m->nfds);
		memcpy(
		    CMSG_DATA(&control.align), m->fds, sizeof(int) * m->nfds);
	}
	do
		n = sendmsg(fd, &h, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		*sent += (size_t)n;
	else if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN)
		return fault_set(
		    f, FAULT_PEER, "channel: the other side is gone");
	else if (errno != EAGAIN)
		return fault_errno(f, "send on a channel");
	return 0;
}

int
channel_send(struct channel *c, const struct message *m, struct fault *f)
{
	size_t sent = 0, whole = HEAD_BYTES + m->body.len;

	while (c->first != NULL) {
		if (channel_flush(c, f) != 0)
			return -1;
		if (c->first != NULL)
			(void)await(c, POLLOUT, FOR_EVER); /* flush tells */
	}
	while (sent < whole) {
		size_t was = sent;

		if (c->broken)
			return fault_set(
			    f, FAULT_PEER, "channel: already broken");
		if (send_some(c->fd, m, &sent, f) != 0) {
			c->broken = true;
			return -1;
		}
		if (sent == was)
			(void)await(c, POLLOUT, FOR_EVER); /* send_some tells */
	}
	return 0;
}

int
channel_queue(struct channel *c, struct message *m, struct fault *f)
{
	struct leaving *l;

	if ((l = mem_new(sizeof(*l))) == NULL)
		return fault_memory(f);
	l->m = *m;
	message_init(m, m->body.cap); /* its content is the queue's now */
	*c->last = l;
	c->last = &l->next;
	c->unsent += HEAD_BYTES + l->m.body.len;
	return channel_flush(c, f);
}

int
channel_flush(struct channel *c, struct fault *f)
{
	while (c->first != NULL) {
		struct leaving *l = c->first;
		size_t was = l->sent;

		if (c->broken)
			return fault_set(
			    f, FAULT_PEER, "channel: already broken");
		if (send_some(c->fd, &l->m, &l->sent, f) != 0) {
			c->broken = true;
			return -1;
		}
		c->unsent -= l->sent - was;
		if (l->sent == HEAD_BYTES + l->m.body.len)
			leaving_drop(c);
		else if (l->sent == was)
			break;
	}
	return 0;
}

size_t
channel_unsent(const struct channel *c)
{
	return c->unsent;
}

/* ---- Receiving ---- */

/* Keep the descriptors that came with a recvmsg(). */
static int
keep_fds(struct channel *c, struct msghdr *h, bool allowed, struct fault *f)
{
	for (struct cmsghdr *k = CMSG_FIRSTHDR(h); k != NULL;
	     k = CMSG_NXTHDR(h, k)) {
		int *fds = (int *)(void *)CMSG_DATA(k);
		size_t n;

		if (k->cmsg_level != SOL_SOCKET || k->cmsg_type != SCM_RIGHTS)
			continue;
		n = (k->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++)
			if (c->part.nfds < MESSAGE_FDS_MAX)
				c->part.fds[c->part.nfds++] = fds[i];
			else
				file_close(&fds[i]);
		if (n > 0 && !allowed)
			return fault_set(f, FAULT_PEER,
			    "channel: a descriptor inside a message");
	}
	if (h->msg_flags & MSG_CTRUNC)
		return fault_set(
		    f, FAULT_PEER, "channel: descriptors were cut off");
	return 0;
}

/* One recvmsg() into p; *n gets the bytes, 0 when there are none yet. */
static int
receive_some(struct channel *c, void *p, size_t len, size_t *n, bool *end,
    struct fault *f)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(int) * MESSAGE_FDS_MAX)];
	} control;
	struct iovec io = { p, len };
	struct msghdr h = { .msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room) };
	ssize_t got;

	*n = 0;
	*end = false;
	do
		got = recvmsg(c->fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return 0;
	if (got < 0 && errno != ECONNRESET)
		return fault_errno(f, "receive on a channel");
	if (got <= 0) {
		*end = true;
		return 0;
	}
	*n = (size_t)got;
	return keep_fds(c, &h, c->nhead == 0, f);
}

/* The header is whole: what does it announce? */
static int
read_head(struct channel *c, size_t max, struct fault *f)
{
	size_t len = (size_t)c->head[0] << 24 | (size_t)c->head[1] << 16 |
		     (size_t)c->head[2] << 8 | c->head[3];

	if (memcmp(c->head + 5, magic, sizeof(magic)) != 0)
		return fault_set(f, FAULT_PEER, "channel: not a message");
	if (c->head[4] != c->part.nfds)
		return fault_set(f, FAULT_PEER,
		    "channel: %u descriptors announced, %zu came",
		    (unsigned)c->head[4], c->part.nfds);
	if (len > max)
		return fault_set(
		    f, FAULT_PEER, "channel: a message over %zu bytes", max);
	c->want = len;
	bytes_init(&c->part.body, len);
	return bytes_reserve(&c->part.body, len, f);
}

/* Read on; *whole when the message is complete. */
static int
advance(struct channel *c, size_t max, bool *whole, bool *end, struct fault *f)
{
	size_t n;

	*whole = *end = false;
	while (c->nhead < HEAD_BYTES) {
		if (receive_some(c, c->head + c->nhead, HEAD_BYTES - c->nhead,
			&n, end, f) != 0)
			return -1;
		if (*end && c->nhead > 0)
			break;
		if (n == 0)
			return 0;
		c->nhead += n;
		if (c->nhead == HEAD_BYTES && read_head(c, max, f) != 0)
			return -1;
	}
	while (!*end && c->part.body.len < c->want) {
		struct bytes *b = &c->part.body;

		if (receive_some(
			c, b->at + b->len, c->want - b->len, &n, end, f) != 0)
			return -1;
		if (n == 0 && !*end)
			return 0;
		b->len += n;
	}
	if (*end)
		return fault_set(
		    f, FAULT_PEER, "channel: ended inside a message");
	*whole = true;
	return 0;
}

int
channel_try(struct channel *c, struct message *m, enum channel_got *got,
    struct fault *f)
{
	size_t max = m->body.cap;
	bool whole, end;

	*got = CHANNEL_NOTHING;
	if (c->broken)
		return fault_set(f, FAULT_PEER, "channel: already broken");
	if (advance(c, max, &whole, &end, f) != 0) {
		c->broken = true;
		message_reset(&c->part);
		return -1;
	}
	if (end)
		*got = CHANNEL_END;
	if (!whole)
		return 0;
	message_reset(m);
	*m = c->part;
	m->body.cap = max;
	message_init(&c->part, 0);
	c->nhead = 0;
	c->want = 0;
	*got = CHANNEL_MESSAGE;
	return 0;
}

int
channel_receive(struct channel *c, struct message *m, int timeout_ms, bool *end,
    struct fault *f)
{
	double until = FOR_EVER;
	enum channel_got got;

	*end = false;
	message_reset(m);
	if (timeout_ms >= 0)
		until = clock_monotonic() + timeout_ms / 1000.0;
	for (;;) {
		if (channel_try(c, m, &got, f) != 0)
			return -1;
		if (got != CHANNEL_NOTHING)
			break;
		if (!await(c, POLLIN, until))
			return fault_set(f, FAULT_PEER,
			    "channel: no message within %d ms", timeout_ms);
	}
	*end = got == CHANNEL_END;
	return 0;
}
