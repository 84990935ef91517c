#ifndef GATEWAY_FLOW_FLOW_H
#define GATEWAY_FLOW_FLOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/process/process.h"
#include "keys/base/bytes.h"

/*
 * The stories: what an owner, a vendor, an officer do, from the first
 * descriptor opened to the last entry logged.
 *
 * A flow runs in the command's own process, the coordinator: it walks folders,
 * hands descriptors to workers, asks the keeper, and holds no key.  It parses
 * nothing that came from outside and prints nothing; the command does.
 */

/* Told now and then how far a flow is; all 0: nobody knows.  doing is a
 * literal.  tell may be NULL. */
struct flow_progress {
	void (*tell)(void *arg, const char *doing, uint64_t done, uint64_t all);
	void *arg;
};

/* ---- checker.c: a stranger's labels meet their parser --------------------
 */

/* The role "checker": one return's bytes, and nothing else. */
NEED int checker_role(struct channel *up, struct fault *f);

#endif
