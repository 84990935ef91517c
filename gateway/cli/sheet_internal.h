#ifndef GATEWAY_CLI_SHEET_INTERNAL_H
#define GATEWAY_CLI_SHEET_INTERNAL_H

#include "gateway/cli/cli.h"

/* preview with --sheet: the command's word is a dataset. */
NEED int preview_sheet(struct cli *c, struct fault *f);

#endif
