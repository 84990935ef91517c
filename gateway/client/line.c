/*
 * The line to one server: libcurl, told all that it must not do by itself.
 *
 * Switched off one by one: proxies, redirects, other protocols, certificate
 * files, netrc, signals, name look-up.  Verification of the server is
 * keys/tls's, inside the handshake; libcurl's own pin is set as well, behind
 * it.
 */

#include "gateway/client/line_internal.h"
#include "keys/base/mem.h"

#define SLOWEST_BYTES 1024L /* a second, over ... */
#define SLOWEST_SECONDS 30L
#define BUFFER (256L * 1024)

static CURLcode
on_context(CURL *easy, void *ctx, void *arg)
{
	struct line *l = arg;
	struct fault ignored = { 0 };

	(void)easy;
	return tls_client(ctx, l->seed.at, l->server.pin, &ignored) == 0
		   ? CURLE_OK
		   : CURLE_SSL_CERTPROBLEM;
}

int
line_new(struct line **out, struct fault *f)
{
	struct line *l;

	if ((l = mem_new(sizeof(*l))) == NULL)
		return fault_memory(f);
	if (libcurl_load(f) != 0) {
		mem_free(l);
		return -1;
	}
	if ((l->multi = curl_multi_init()) == NULL ||
	    (l->easy = curl_easy_init()) == NULL) {
		line_free(l);
		return fault_set(f, FAULT_SYSTEM, "libcurl does not start");
	}
	*out = l;
	return 0;
}

void
line_free(struct line *l)
{
	if (l == NULL)
		return;
	curl_easy_cleanup(l->easy);
	(void)curl_multi_cleanup(l->multi); /* no handle is in it */
	curl_slist_free_all(l->resolve);
	secret_free(&l->seed);
	mem_free(l);
}

int
line_server(struct line *l, const struct server *s, const uint8_t seed[32],
    struct fault *f)
{
	CURL *e = l->easy;

	l->server = *s;
	if (secret_copy(&l->seed, seed, 32, f) != 0 ||
	    tls_pin(l->pin, s->pin, f) != 0)
		return -1;
	if (s->resolve[0] != '\0' &&
	    (l->resolve = curl_slist_append(NULL, s->resolve)) == NULL)
		return fault_memory(f);
#define SET(option, value)                                  \
	if (curl_easy_setopt(e, option, value) != CURLE_OK) \
	return fault_set(f, FAULT_SYSTEM, "libcurl cannot %s", #option)
	SET(CURLOPT_PROTOCOLS_STR, "https");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_SSL_ENABLE_ALPN, 0L);
	SET(CURLOPT_SSLVERSION,
	    (long)(CURL_SSLVERSION_TLSv1_3 | CURL_SSLVERSION_MAX_TLSv1_3));
	SET(CURLOPT_SSL_VERIFYPEER, 0L); /* on_context does */
	SET(CURLOPT_SSL_VERIFYHOST, 0L);
	SET(CURLOPT_SSL_CTX_FUNCTION, on_context);
	SET(CURLOPT_SSL_CTX_DATA, l);
	SET(CURLOPT_PINNEDPUBLICKEY, l->pin);
	SET(CURLOPT_CAINFO, NULL);
	SET(CURLOPT_CAPATH, NULL);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOPROXY, "*");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_RESOLVE, l->resolve);
	SET(CURLOPT_DNS_CACHE_TIMEOUT, -1L);
	SET(CURLOPT_USERAGENT, "handoff");
	SET(CURLOPT_LOW_SPEED_LIMIT, SLOWEST_BYTES);
	SET(CURLOPT_LOW_SPEED_TIME, SLOWEST_SECONDS);
	SET(CURLOPT_BUFFERSIZE, BUFFER);
	SET(CURLOPT_UPLOAD_BUFFERSIZE, BUFFER);
#undef SET
	return 0;
}
