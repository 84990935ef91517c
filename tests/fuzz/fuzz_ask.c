/*
 * Bytes on a channel, however cut, are the same messages and the same end; and
 * what reads as an answer's fault is printable and has a kind.
 */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/process/process.h"

#define ENOUGH 4096u /* of input; it must fit the socket's buffer */
#define CEILING 2000u

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* What came out: a digest of the messages (FNV-1a), and how it ended. */
struct seen {
	uint64_t digest;
	size_t messages;
	enum fault_kind kind;
	char text[100];
};

static void
look_at(struct seen *s, const struct message *m)
{
	struct fault f = { 0 };
	struct reader body;

	s->messages++;
	s->digest = (s->digest ^ m->body.len) * 1099511628211u;
	for (size_t i = 0; i < m->body.len; i++)
		s->digest = (s->digest ^ m->body.at[i]) * 1099511628211u;
	must(m->nfds == 0 && m->body.len <= CEILING);
	if (ask_answered(m, &body, &f) == 0) {
		must(m->body.at[0] == 1);
		must(reader_left(&body) == m->body.len - 1);
		return;
	}
	must(f.kind >= FAULT_USAGE && f.kind <= FAULT_SYSTEM);
	for (const char *c = f.text; *c != '\0'; c++)
		must((unsigned char)*c >= 0x20 && *c != 0x7f);
}

/* All messages there are by now; false when the channel is at its end. */
static bool
drain(struct channel *c, struct message *m, struct seen *s)
{
	struct fault f = { 0 };
	enum channel_got got;

	do {
		if (channel_try(c, m, &got, &f) != 0) {
			s->kind = f.kind;
			memcpy(s->text, f.text, sizeof(s->text));
			return false;
		}
		if (got == CHANNEL_MESSAGE)
			look_at(s, m);
	} while (got == CHANNEL_MESSAGE);
	return got == CHANNEL_NOTHING;
}

static struct seen
read_cut(const uint8_t *p, size_t len, size_t cut)
{
	struct seen s = { .digest = 14695981039346656037u };
	struct fault f = { 0 };
	struct channel *c;
	struct message m;
	int fds[2];

	must(channel_pair(fds, &f) == 0 && channel_new(&c, fds[1], &f) == 0);
	message_init(&m, CEILING);
	for (size_t at = 0; at < len; at += cut) {
		size_t n = len - at < cut ? len - at : cut;

		if (send(fds[0], p + at, n, MSG_NOSIGNAL) != (ssize_t)n ||
		    !drain(c, &m, &s))
			break;
	}
	(void)close(fds[0]);
	if (s.kind == FAULT_NONE)
		must(!drain(c, &m, &s));
	message_free(&m);
	channel_free(c);
	return s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct seen whole, cut;

	if (len > ENOUGH)
		return 0;
	whole = read_cut(p, len, len > 0 ? len : 1);
	must(whole.kind == FAULT_NONE || whole.kind == FAULT_PEER);
	for (size_t n = 1; n <= 17; n += 4) {
		cut = read_cut(p, len, n);
		must(cut.digest == whole.digest);
		must(cut.messages == whole.messages);
		must(cut.kind == whole.kind);
		must(strcmp(cut.text, whole.text) == 0);
	}
	return 0;
}
