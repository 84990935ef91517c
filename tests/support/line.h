#ifndef TESTS_SUPPORT_LINE_H
#define TESTS_SUPPORT_LINE_H

/* A TLS client that sends whatever bytes it is told, to a test agent. */

#include "tests/support/agent.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

struct line {
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;
	struct bytes got;
	size_t body; /* where the last answer's body begins */
};

static inline int
connect_to(unsigned port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct timeval patience = { 20, 0 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	(void)setsockopt(
	    fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

static inline void
line_open(struct line *l, const struct test_agent *t, const uint8_t seed[32])
{
	static uint8_t pin[32];
	struct fault f;

	assert_ok(tls_public(pin, agent_seed, &f));
	l->ctx = SSL_CTX_new(TLS_client_method());
	assert_ok(tls_client(l->ctx, seed, pin, &f));
	l->ssl = SSL_new(l->ctx);
	l->fd = connect_to(t->port);
	(void)SSL_set_fd(l->ssl, l->fd);
	assert_int_equal(SSL_connect(l->ssl), 1);
	bytes_init(&l->got, 32 << 20);
}

static inline void
line_close(struct line *l)
{
	SSL_free(l->ssl);
	SSL_CTX_free(l->ctx);
	file_close(&l->fd);
	bytes_free(&l->got);
}

static inline void
line_send(struct line *l, const char *text, size_t len)
{
	assert_int_equal(SSL_write(l->ssl, text, (int)len), (int)len);
}

/* Read more; false at the end. */
static inline bool
line_more(struct line *l)
{
	struct fault f;
	int n;

	assert_ok(bytes_reserve(&l->got, 65536, &f));
	errno = 0;
	n = SSL_read(l->ssl, l->got.at + l->got.len, 65535);
	if (n <= 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		fail_msg("neither an answer nor an end");
	if (n <= 0)
		return false;
	l->got.len += (size_t)n;
	l->got.at[l->got.len] = '\0';
	return true;
}

/* Read one answer: its status; the body is at got.at + body. */
static inline unsigned
line_answer(struct line *l)
{
	unsigned long long length = 0;
	const char *end = NULL, *at;
	unsigned status = 0;

	l->got.len = 0;
	while (end == NULL)
		if (!line_more(l))
			return 0;
		else
			end = strstr((char *)l->got.at, "\r\n\r\n");
	l->body = (size_t)(end + 4 - (char *)l->got.at);
	assert_int_equal(sscanf((char *)l->got.at, "HTTP/1.1 %u ", &status), 1);
	at = strstr((char *)l->got.at, "Content-Length: ");
	if (at != NULL && at < end)
		assert_int_equal(
		    sscanf(at, "Content-Length: %llu", &length), 1);
	while (l->got.len < l->body + length)
		if (!line_more(l))
			return 0;
	assert_int_equal(l->got.len, l->body + length);
	return status;
}

static inline bool
line_says(const struct line *l, const char *text)
{
	return strstr((char *)l->got.at, text) != NULL;
}

static inline bool
line_ended(struct line *l)
{
	l->got.len = 0;
	return !line_more(l);
}

#endif
