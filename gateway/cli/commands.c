/* Every command of the program, one row each, grouped by who uses it. */

#include "gateway/cli/cli_commands.h"

const struct command commands[] = {
	/* owner */
	{ "policy check", "owner", "POLICY", "read a policy and judge it", 1, 1,
	    NULL, cmd_policy_check, "handoff policy check policy.yaml" },
	{ NULL, NULL, NULL, NULL, 0, 0, NULL, NULL, NULL },
};
