/*
 * Names into addresses, in the command's own process: looking a name up opens
 * files and may load code, neither of which a courier can.
 */

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "gateway/client/client_internal.h"
#include "keys/base/text.h"

#define SCHEME "https://"
#define HOST_MAX 253u /* RFC 1035: 255 bytes on the wire */
#define PORT "443"

static int
not_a_url(struct fault *f)
{
	(void)fault_set(
	    f, FAULT_USAGE, "the server's address is not https://HOST:PORT");
	return fault_hint(f, "https://agent.example:8471");
}

/* HOST, without brackets, and PORT of a URL. */
static int
split(const char *url, char host[HOST_MAX + 1], char port[6], struct fault *f)
{
	const char *at = url + sizeof(SCHEME) - 1, *colon;
	size_t len;
	uint64_t n;

	if (strncmp(url, SCHEME, sizeof(SCHEME) - 1) != 0 ||
	    strlen(url) > COURIER_URL_MAX)
		return not_a_url(f);
	if (*at == '[') {
		len = strcspn(++at, "]");
		colon = at[len] == ']' ? at + len + 1 : NULL;
		if (colon == NULL ||
		    strspn(at, "0123456789abcdefABCDEF:.") < len)
			return not_a_url(f);
	} else {
		len = strcspn(at, ":");
		colon = at + len;
		if (strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789.-") < len)
			return not_a_url(f);
	}
	if (len == 0 || len > HOST_MAX)
		return not_a_url(f);
	memcpy(host, at, len);
	host[len] = '\0';
	if (*colon == '\0')
		colon = ":" PORT;
	if (*colon != ':' ||
	    !u64_read(&n, colon + 1, strlen(colon + 1), 65535) || n == 0)
		return not_a_url(f);
	(void)snprintf(port, 6, "%u", (unsigned)n);
	return 0;
}

int
courier_url(const char *url, struct fault *f)
{
	char host[HOST_MAX + 1], port[6];

	return split(url, host, port, f);
}

/* Is it an address already? */
static bool
is_number(const char *host)
{
	uint8_t room[16];

	return inet_pton(AF_INET, host, room) == 1 ||
	       inet_pton(AF_INET6, host, room) == 1;
}

/* This machine, whether or not it has a file that says so (RFC 6761, 6.3). */
static bool
is_here(const char *host)
{
	static const char name[] = "localhost";
	size_t len = strlen(host), tail = sizeof(name) - 1;

	return len >= tail && strcasecmp(host + len - tail, name) == 0 &&
	       (len == tail || host[len - tail - 1] == '.');
}

/* All addresses that fit, in the order that the system prefers. */
static int
look_up(struct server *s, const char *host, const char *port, struct fault *f)
{
	struct addrinfo hint = { .ai_socktype = SOCK_STREAM }, *found = NULL;
	size_t used;
	int rc = getaddrinfo(host, port, &hint, &found);

	if (rc != 0)
		return fault_set(
		    f, FAULT_PEER, "%s: %s", host, gai_strerror(rc));
	used = (size_t)snprintf(
	    s->resolve, sizeof(s->resolve), "%s:%s:", host, port);
	for (struct addrinfo *a = found; a != NULL; a = a->ai_next) {
		char text[64];

		if (sizeof(s->resolve) - used < sizeof(text) + 3 ||
		    getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof(text),
			NULL, 0, NI_NUMERICHOST) != 0)
			break;
		used += (size_t)snprintf(s->resolve + used,
		    sizeof(s->resolve) - used,
		    a->ai_family == AF_INET6 ? "%s[%s]" : "%s%s",
		    a == found ? "" : ",", text);
	}
	freeaddrinfo(found);
	return 0;
}

int
resolve_server(struct server *s, const char *url, struct fault *f)
{
	char host[HOST_MAX + 1], port[6];

	if (split(url, host, port, f) != 0)
		return -1;
	memcpy(s->url, url, strlen(url) + 1);
	s->resolve[0] = '\0';
	if (is_number(host))
		return 0;
	if (!is_here(host))
		return look_up(s, host, port, f);
	(void)snprintf(s->resolve, sizeof(s->resolve), "%s:%s:127.0.0.1,[::1]",
	    host, port);
	return 0;
}
