#ifndef GATEWAY_CLI_CLI_COMMANDS_H
#define GATEWAY_CLI_CLI_COMMANDS_H

#include "gateway/cli/cli.h"

/* What the rows of commands.c run, and the options they take, by file. */

/* cmd_policy.c */
int cmd_policy_check(struct cli *c, struct fault *f);

#endif
