/*
 * Serving: a socket for the listener, and for the listener a channel to the
 * keeper that is known to be a listener's.
 */

#include "gateway/agent/agent.h"
#include "gateway/flow/flow.h"
#include "gateway/keeper/keeper.h"
#include "keys/base/files.h"

struct ready {
	const struct flow_agent *o;
	char address[AGENT_ADDRESS_CHARS];
};

static void
tell_ready(void *state)
{
	struct ready *r = state;

	if (r->o->ready != NULL)
		r->o->ready(r->o->arg, r->address);
}

/* Not whether it is free: an agent that was killed may have it for a moment, as
 * it has the home, which is waited for. */
int
flow_agent_check(const struct flow_agent *o, struct fault *f)
{
	return agent_address(o->listen != NULL ? o->listen : AGENT_LISTEN, f);
}

int
flow_agent(struct keeper *k, const struct flow_agent *o, struct fault *f)
{
	struct ready r = { .o = o };
	int socket = -1, keeper = -1, rc = -1;

	/* Strangers reach it: the keeper behind it needs both walls. */
	if (sandbox_need_landlock(f) != 0)
		return -1;
	if (agent_listen(o->listen != NULL ? o->listen : AGENT_LISTEN, &socket,
		r.address, f) != 0)
		return -1;
	if (keeper_peer(k, KEEPER_LISTENER, json_object(), &keeper, f) != 0)
		goto out;
	if (o->check) {
		tell_ready(&r);
		rc = 0;
	} else {
		rc = agent_run(socket, keeper, tell_ready, &r, f);
	}
out:
	file_close(&socket);
	file_close(&keeper);
	return rc;
}
