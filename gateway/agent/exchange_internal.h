#ifndef GATEWAY_AGENT_EXCHANGE_INTERNAL_H
#define GATEWAY_AGENT_EXCHANGE_INTERNAL_H

#include "keys/base/bytes.h"

/* Append {"error","rule","hint"} as JSON; bytes that are no UTF-8 come out as
 * '?', since a fault may name a file of any name. */
NEED int refusal_text(struct bytes *out, const char *error, const char *rule,
    const char *hint, struct fault *f);

#endif
