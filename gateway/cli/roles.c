/* The roles that children of this program run in, one row each.  A row is
 * added by the room that owns the role. */

#include "gateway/agent/agent.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/detect_child_internal.h"
#include "gateway/cli/mask_child_internal.h"
#include "gateway/client/client.h"
#include "gateway/flow/flow.h"
#include "gateway/keeper/keeper.h"

const struct process_role roles[] = {
	{ "keeper", keeper_role },
	{ "unpack", unpack_role },
	{ "passphrase", keeper_passphrase_role },
	{ "mask", mask_child_run },
	{ "detect", detect_child_run },
	{ "listener", agent_listener },
	{ "courier", courier_role },
	{ "checker", checker_role },
	{ "worker", worker_role },
	{ "unsealer", unsealer_role },
	{ "opener", opener_role },
	{ NULL, NULL },
};
