#ifndef GATEWAY_CLI_PRINT_INTERNAL_H
#define GATEWAY_CLI_PRINT_INTERNAL_H

#include <jansson.h>

#include "keys/base/fault.h"

/* What the keeper answered, on standard output. */

/* One line of canonical JSON. */
NEED int print_json(const json_t *o, struct fault *f);

/* Members that may be missing: "" or 0. */
const char *member_text(const json_t *o, const char *key);
long long member_number(const json_t *o, const char *key);

/* Characters in a line of the terminal; INT_MAX where standard output is
 * none. */
int print_columns(void);

#endif
