/* Which request is which ask: the table of routes. */

#include "gateway/agent/route_internal.h"

#include <string.h>

static const struct route routes[] = {
	{ "GET", "/v1/nonce", ROUTE_ASK, AGENT_NONCE, 0, false },
	{ "GET", "/v1/batches", ROUTE_ASK, AGENT_BATCHES, 0, true },
	{ "POST", "/v1/batches/{b}/release", ROUTE_ASK, AGENT_RELEASE,
	    AGENT_BODY_MAX, true },
	{ "GET", "/v1/objects/{h}", ROUTE_ASK, AGENT_OBJECT, 0, false },
	{ "PUT", "/v1/batches/{b}/returns/{r}/parts/{n}", ROUTE_PART,
	    AGENT_RETURN_PART, AGENT_PART_BYTES_MAX, false },
	{ "POST", "/v1/batches/{b}/returns/{r}", ROUTE_ASK, AGENT_RETURN,
	    AGENT_BODY_MAX, true },
	{ "GET", "/v1/batches/{b}/returns/{r}", ROUTE_ASK, AGENT_RETURN_STATE,
	    0, true },
	{ "POST", "/v1/batches/{b}/acknowledgements", ROUTE_ASK,
	    AGENT_ACKNOWLEDGE, AGENT_BODY_MAX, true },
	{ "POST", "/v1/batches/{b}/deletions", ROUTE_ASK, AGENT_DELETION,
	    AGENT_BODY_MAX, true },
	{ "GET", "/v1/log/{*}", ROUTE_ASK, AGENT_LOG, 0, false },
	{ "GET", "/healthz", ROUTE_HEALTH, 0, 0, false },
	{ "GET", "/metrics", ROUTE_METRICS, 0, 0, false },
};

static bool
take_word(char kind, const char *at, size_t len, struct agent_request *r)
{
	uint64_t n;

	switch (kind) {
	case 'b':
	case 'r':
		if (len != ID_CHARS)
			return false;
		memcpy(kind == 'b' ? r->batch : r->ret, at, len);
		return id_valid(kind == 'b' ? r->batch : r->ret, kind);
	case 'n':
		if (!u64_read(&n, at, len, AGENT_PARTS_MAX) || n == 0)
			return false;
		r->part = (uint32_t)n;
		return true;
	case 'h':
		return hex_read(r->digest, sizeof(r->digest), at, len);
	default:
		must(kind == '*');
		return len > 0;
	}
}

static bool
matches(const char *pattern, const char *path, struct agent_request *r)
{
	while (*pattern != '\0') {
		size_t len;

		if (*pattern != '{') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		len = pattern[1] == '*' ? strlen(path) : strcspn(path, "/");
		if (!take_word(pattern[1], path, len, r))
			return false;
		path += len;
		pattern += 3;
	}
	return *path == '\0';
}

const struct route *
route_find(const char *method, const char *path, struct agent_request *r,
    char allow[ROUTE_ALLOW_CHARS])
{
	size_t used = 0;

	allow[0] = '\0';
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		struct agent_request words = { .part = 0 };

		if (!matches(routes[i].pattern, path, &words))
			continue;
		if (strcmp(routes[i].method, method) != 0) {
			used += (size_t)snprintf(allow + used,
			    ROUTE_ALLOW_CHARS - used, "%s%s",
			    used > 0 ? ", " : "", routes[i].method);
			must(used < ROUTE_ALLOW_CHARS);
			continue;
		}
		memcpy(r->batch, words.batch, sizeof(r->batch));
		memcpy(r->ret, words.ret, sizeof(r->ret));
		memcpy(r->digest, words.digest, sizeof(r->digest));
		r->part = words.part;
		return &routes[i];
	}
	return NULL;
}
