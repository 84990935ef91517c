#ifndef GATEWAY_CLI_BATCH_PAGE_INTERNAL_H
#define GATEWAY_CLI_BATCH_PAGE_INTERNAL_H

#include <jansson.h>

#include "keys/base/fault.h"
#include "policy/rules/rules.h"

/* What KEEPER_BATCH_PAGE answered, as one page for people. */
NEED int print_batch_page(const json_t *page, struct fault *f);

/* The policy that the batch was made under, as the log committed to it; NULL
 * where the page has none.  The caller's to policy_free(). */
NEED int batch_page_policy(
    const json_t *page, struct policy **out, struct fault *f);

#endif
