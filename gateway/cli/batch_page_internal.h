#ifndef GATEWAY_CLI_BATCH_PAGE_INTERNAL_H
#define GATEWAY_CLI_BATCH_PAGE_INTERNAL_H

#include <jansson.h>

#include "keys/base/fault.h"

/* What KEEPER_BATCH_PAGE answered, as one page for people. */
NEED int print_batch_page(const json_t *page, struct fault *f);

#endif
