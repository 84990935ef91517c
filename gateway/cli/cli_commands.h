#ifndef GATEWAY_CLI_CLI_COMMANDS_H
#define GATEWAY_CLI_CLI_COMMANDS_H

#include "gateway/cli/cli.h"

/* What the rows of commands.c run, and the options they take, by file. */

/* cmd_policy.c */
int cmd_policy_check(struct cli *c, struct fault *f);

/* cmd_seal.c, cmd_inspect.c */
extern const struct option keygen_options[];
extern const struct option seal_options[];
extern const struct option open_options[];
int cmd_keygen(struct cli *c, struct fault *f);
int cmd_seal(struct cli *c, struct fault *f);
int cmd_open(struct cli *c, struct fault *f);
int cmd_inspect(struct cli *c, struct fault *f);

#endif
