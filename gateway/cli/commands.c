/* Every command of the program, one row each, grouped by who uses it. */

#include "gateway/cli/cli_commands.h"

const struct command commands[] = {
	/* owner */
	{ "policy check", "owner", "POLICY", "read a policy and judge it", 1, 1,
	    NULL, cmd_policy_check, "handoff policy check policy.yaml" },
	/* plumbing */
	{ "keygen", "plumbing", "", "make an age identity", 0, 0,
	    keygen_options, cmd_keygen, "handoff keygen -o key.txt" },
	{ "seal", "plumbing", "[FILE]", "seal into an age file", 0, 1,
	    seal_options, cmd_seal, "handoff seal -r age1... < in > out.age" },
	{ "open", "plumbing", "[FILE]", "open an age file", 0, 1, open_options,
	    cmd_open, "handoff open -i key.txt out.age > in" },
	{ "inspect", "plumbing", "FILE", "what an age file tells without a key",
	    1, 1, NULL, cmd_inspect, "handoff inspect out.age" },
	{ NULL, NULL, NULL, NULL, 0, 0, NULL, NULL, NULL },
};
