#ifndef GATEWAY_AGENT_ROUTE_INTERNAL_H
#define GATEWAY_AGENT_ROUTE_INTERNAL_H

#include "gateway/agent/agent.h"

/* What a route needs to be handed on. */
enum route_kind {
	ROUTE_ASK,     /* one ask, body in the request */
	ROUTE_PART,    /* the body goes to a draft that is asked for first */
	ROUTE_HEALTH,  /* answered here, to anyone */
	ROUTE_METRICS, /* answered here */
};

/*
 * One route.  In a pattern {b} is a batch's id, {r} a return's, {n} a part's
 * number, {h} a digest, {*} all the rest.
 */
struct route {
	const char *method;
	const char *pattern;
	enum route_kind kind;
	enum agent_ask ask;
	uint64_t body_max;
	bool is_signed; /* needs a statement */
};

#define ROUTE_ALLOW_CHARS 32u

/*
 * Find the route of a request and put the words of its path into r.
 * NULL when there is none: allow, empty for a 404, then names the methods that
 * the path does have, for a 405.
 */
const struct route *route_find(const char *method, const char *path,
    struct agent_request *r, char allow[ROUTE_ALLOW_CHARS]);

#endif
