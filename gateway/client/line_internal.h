#ifndef GATEWAY_CLIENT_LINE_INTERNAL_H
#define GATEWAY_CLIENT_LINE_INTERNAL_H

#include "gateway/client/client_internal.h"
#include "gateway/client/libcurl_internal.h"
#include "keys/base/secret.h"
#include "keys/tls/tls.h"

/* What a refusal's JSON may have; more is cut. */
#define REFUSAL_MAX ((size_t)16384)

struct line {
	CURLM *multi; /* made before the sandbox: it needs a socket pair */
	CURL *easy;
	struct curl_slist *resolve;
	struct server server;
	struct secret seed;
	char pin[TLS_PIN_CHARS + 1];
	double began;  /* the first attempt; 0: there was none */
	bool answered; /* once, to whatever request */
};

/* One transfer, as libcurl's callbacks see it. */
struct attempt {
	const struct transfer *t;
	struct channel *up;
	CURL *easy;
	struct bytes *body;   /* of a success */
	struct bytes refusal; /* body of anything else */
	uint64_t written;     /* to t->to, over all attempts */
	uint64_t sent;	      /* from t->from, in this attempt */
	uint64_t total;	      /* of this call, 0: not known */
	uint64_t told;	      /* when progress was last told, in bytes */
	double told_at;	      /* and time */
	struct fault own;     /* what a callback found wrong */
};

/* Make one attempt at the rest of the transfer (attempt.c).  CURLE_OK also when
 * the server refused: *status tells. */
NEED int attempt_make(struct line *l, struct attempt *a, CURLcode *result,
    long *status, struct fault *f);

/* Tell the coordinator that the server is not reached yet. */
NEED int attempt_tell_connecting(struct attempt *a, struct fault *f);

/* Tell the coordinator how far it is; now: even if that is not far. */
NEED int attempt_tell(struct attempt *a, uint64_t done, bool now);

#endif
