#ifndef GATEWAY_CLI_DETECT_REPORT_INTERNAL_H
#define GATEWAY_CLI_DETECT_REPORT_INTERNAL_H

#include "gateway/cli/cli.h"
#include "gateway/cli/detect_child_internal.h"

/* detect --report DIR: counts over all files that the words name, as a page and
 * a table in the folder, and in short on standard output. */
NEED int detect_report(
    struct cli *c, struct detect_request *ask, struct fault *f);

#endif
