#ifndef TESTS_SUPPORT_COURIER_H
#define TESTS_SUPPORT_COURIER_H

/* Couriers for tests, a test agent for them, and servers that are not what a
 * courier hopes for. */

#include "tests/support/line.h"

static struct test_agent agent;
static const struct slice none = { NULL, 0 };

/* What role_relay is told first. */
struct relay {
	uint32_t port;	/* of the agent */
	uint32_t cut;	/* bytes from it, after which the line is cut */
	uint32_t times; /* how often, then no more */
};

static inline int
listen_somewhere(struct channel *up, struct fault *f)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct message m;

	message_init(&m, 100);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(fd, 10) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0 ||
	    put_u32(&m.body, ntohs(a.sin_port), f) != 0 ||
	    channel_send(up, &m, f) != 0)
		_exit(1);
	message_free(&m);
	return fd;
}

/* ---- Opening couriers ---- */

static int keeper_end = -1;

static inline int
open_courier(struct courier **c, unsigned port, const char *key,
    unsigned retries, struct fault *f)
{
	struct courier_options o = {
		.keeper = keeper_end, .key = key, .retries = retries
	};
	char url[100];

	(void)snprintf(url, sizeof(url), "https://127.0.0.1:%u", port);
	o.url = url;
	if (tls_public(o.pin, agent_seed, f) != 0)
		return -1;
	return courier_open(c, &o, f);
}

static inline void
setup(void)
{
	agent_open(&agent);
	keeper_end = agent_channel(&agent, BY_COURIER);
}

static inline void
teardown(void)
{
	file_close(&keeper_end);
	agent_close(&agent);
}

/* Start a role that listens; the port it says. */
static inline unsigned
start_server(struct process **p, const char *role, const struct relay *r,
    const int *given)
{
	struct message m;
	struct reader body;
	struct fault f;
	uint32_t port;
	bool end;

	message_init(&m, 100);
	assert_ok(process_spawn(p, role, given, given != NULL, &f));
	if (r != NULL) {
		assert_ok(bytes_add(&m.body, r, sizeof(*r), &f));
		assert_ok(channel_send(process_channel(*p), &m, &f));
	}
	assert_ok(channel_receive(process_channel(*p), &m, 10000, &end, &f));
	body = reader_of(m.body.at, m.body.len);
	assert_ok(take_u32(&body, &port, &f));
	message_free(&m);
	return port;
}

#endif
