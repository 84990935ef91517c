#ifndef GATEWAY_CLI_SUPPRESSED_INTERNAL_H
#define GATEWAY_CLI_SUPPRESSED_INTERNAL_H

#include "gateway/cli/cli.h"
#include "gateway/keeper/keeper.h"

/* Where somebody is suppressed, a keeper with these branches unlocked, for
 * plan_options.suppressed and the caller's to close; else NULL. */
NEED int suppressed_keeper(const struct cli *c, unsigned branches,
    struct keeper **out, struct fault *f);

/* What of a plan (as JSON) stays behind for it. */
void print_suppressed(const json_t *plan);

#endif
