/* Starting the listener, waiting for it or for a signal, and ending it. */

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/agent/agent.h"
#include "keys/base/files.h"
#include "keys/base/text.h"

#define START_MS 10000

/* "ADDRESS:PORT" into its halves. */
static bool
split(const char *at, char host[AGENT_ADDRESS_CHARS],
    char port[AGENT_ADDRESS_CHARS])
{
	const char *colon = strrchr(at, ':');
	uint64_t number;
	size_t len;

	if (colon == NULL || strlen(at) >= AGENT_ADDRESS_CHARS)
		return false;
	len = (size_t)(colon - at);
	(void)snprintf(port, AGENT_ADDRESS_CHARS, "%s", colon + 1);
	if (len >= 2 && at[0] == '[' && at[len - 1] == ']') {
		at++;
		len -= 2;
	} else if (memchr(at, ':', len) != NULL) {
		return false;
	}
	(void)snprintf(host, AGENT_ADDRESS_CHARS, "%.*s", (int)len, at);
	/* getaddrinfo() takes what does not fit modulo 65536 */
	return len > 0 && u64_read(&number, port, strlen(port), 65535);
}

/* The address that the socket has got. */
static int
show(int fd, char shown[AGENT_ADDRESS_CHARS], struct fault *f)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);
	char host[48], port[8];

	if (getsockname(fd, (struct sockaddr *)&a, &len) != 0 ||
	    getnameinfo((struct sockaddr *)&a, len, host, sizeof(host), port,
		sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return fault_errno(f, "address of the socket");
	(void)snprintf(shown, AGENT_ADDRESS_CHARS,
	    a.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
	return 0;
}

static int
bind_to(const struct addrinfo *a, int *fd)
{
	int s =
	    socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;

	if (s == -1)
		return -1;
	(void)setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(s, a->ai_addr, a->ai_addrlen) != 0) {
		int saved = errno;

		file_close(&s);
		errno = saved;
		return -1;
	}
	*fd = s;
	return 0;
}

/* The caller's to freeaddrinfo(). */
static int
read_address(const char *at, struct addrinfo **out, struct fault *f)
{
	struct addrinfo hint = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE };
	char host[AGENT_ADDRESS_CHARS], port[AGENT_ADDRESS_CHARS];

	if (split(at, host, port) && getaddrinfo(host, port, &hint, out) == 0)
		return 0;
	(void)fault_set(
	    f, FAULT_USAGE, "listen on %s: not a numeric ADDRESS:PORT", at);
	return fault_hint(f, "--listen " AGENT_LISTEN);
}

int
agent_address(const char *at, struct fault *f)
{
	struct addrinfo *found;

	if (read_address(at, &found, f) != 0)
		return -1;
	freeaddrinfo(found);
	return 0;
}

int
agent_listen(
    const char *at, int *fd, char shown[AGENT_ADDRESS_CHARS], struct fault *f)
{
	struct addrinfo *found;
	int s = -1, rc = -1;

	if (read_address(at, &found, f) != 0)
		return -1;
	if (bind_to(found, &s) != 0) {
		(void)fault_errno(f, "listen on %s", at);
		goto out;
	}
	if (show(s, shown, f) != 0)
		goto out;
	*fd = s;
	s = -1; /* the caller's from here */
	rc = 0;
out:
	file_close(&s);
	freeaddrinfo(found);
	return rc;
}

/* Wait for the listener's end, or a signal; *signalled tells which. */
static int
wait_for_end(struct channel *c, int signals, bool *signalled, struct fault *f)
{
	struct pollfd p[2] = { { channel_fd(c), POLLIN, 0 },
		{ signals, POLLIN, 0 } };

	while (poll(p, 2, -1) < 0)
		if (errno != EINTR)
			return fault_errno(f, "wait for the listener");
	*signalled = p[1].revents != 0;
	return 0;
}

/* The signal that came has been heard. */
static void
take_signal(int signals)
{
	struct signalfd_siginfo one;

	(void)!read(signals, &one, sizeof(one));
}

/* Ask it to finish what it has begun; it then closes the channel. */
static void
drain(struct channel *c)
{
	struct fault ignored = { 0 };
	struct message m;
	bool end;

	message_init(&m, 0);
	if (channel_send(c, &m, &ignored) == 0)
		(void)!channel_receive(
		    c, &m, AGENT_DRAIN_SECONDS * 1000, &end, &ignored);
	message_free(&m);
}

static int
attend(struct process *p, int signals, void (*ready)(void *state), void *state,
    bool *signalled, struct fault *f)
{
	struct channel *c = process_channel(p);
	struct message m;
	bool end;
	int rc;

	message_init(&m, 0);
	rc = channel_receive(c, &m, START_MS, &end, f);
	message_free(&m);
	if (rc != 0 || end)
		return rc;
	if (ready != NULL)
		ready(state);
	if (wait_for_end(c, signals, signalled, f) != 0)
		return -1;
	if (*signalled) {
		take_signal(signals);
		drain(c);
	}
	return 0;
}

int
agent_run(int fd, int keeper, void (*ready)(void *state), void *state,
    struct fault *f)
{
	int given[2] = { fd, keeper }, signals = -1, rc = -1;
	struct process *p = NULL;
	struct fault died = { 0 };
	bool signalled = false;
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 ||
	    (signals = signalfd(-1, &set, SFD_CLOEXEC)) == -1)
		return fault_errno(f, "wait for signals");
	if (process_spawn(&p, "listener", given, 2, f) != 0)
		goto out;
	rc = attend(p, signals, ready, state, &signalled, f);
	/* It ends by itself only when something is wrong, and says what. */
	if (process_end(p, 1000, &died) != 0 && !signalled) {
		*f = died;
		rc = -1;
	} else if (rc == 0 && !signalled) {
		rc = fault_set(f, FAULT_SYSTEM, "the listener ended");
	}
out:
	file_close(&signals);
	return rc;
}
