/* agent: serve what vendors ask, until told to stop. */

#include <signal.h>
#include <string.h>

#include "gateway/cli/cli_commands.h"
#include "gateway/cli/home_internal.h"
#include "gateway/flow/flow.h"

const struct option agent_options[] = {
	{ "listen", 'l', "ADDR:PORT", "where; 127.0.0.1:8471 if not given" },
	{ "check", 0, NULL, "see that it could serve, and end" },
	OPTION_PASSPHRASE,
	OPTION_IDENTITY,
	{ NULL, 0, NULL, NULL },
};

static void
say_ready(void *arg, const char *address)
{
	speak_to(stderr, "handoff: agent: %s %s\n", (const char *)arg, address);
}

int
cmd_agent(struct cli *c, struct fault *f)
{
	static char listening[] = "listening on", could[] = "could listen on";
	struct flow_agent o = { .listen = option_text(c, "listen"),
		.check = option_set(c, "check"),
		.ready = say_ready };
	struct keeper_options how;
	char path[HOME_PATH_MAX];
	struct keeper *k;
	int rc;

	o.arg = o.check ? could : listening;
	if (home_options(c, false, path, &how, f) != 0 ||
	    flow_agent_check(&o, f) != 0)
		return -1;
	how.branches = RING_RELEASE;
	how.serve = how.own = !o.check;
	if (keeper_open(&k, &how, f) != 0)
		return -1;
	rc = flow_agent(k, &o, f);
	if (keeper_close(k, f) != 0)
		rc = -1;
	return rc;
}
