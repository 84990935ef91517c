#ifndef GATEWAY_CLI_DETECT_LIST_INTERNAL_H
#define GATEWAY_CLI_DETECT_LIST_INTERNAL_H

#include "gateway/cli/cli.h"

/*
 * `detect --list`: the rows of the recognisers, by entity; with --json all of
 * each, one object a line.  --entities says of which.
 */
NEED int detect_list(const struct cli *c, struct fault *f);

#endif
