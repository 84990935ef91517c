#ifndef GATEWAY_CLI_ASKING_INTERNAL_H
#define GATEWAY_CLI_ASKING_INTERNAL_H

#include "gateway/cli/answer_internal.h"
#include "gateway/cli/home_internal.h"
#include "keys/base/clock.h"

#define DAY 86400

/* Open the home, ask, and close; what is wrong with the ask itself is told
 * before anything has to be unlocked for it.  in is taken over; *out is the
 * caller's, NULL on failure. */
NEED int ask_home(const struct cli *c, unsigned branches, uint16_t code,
    json_t *in, json_t **out, struct fault *f);

/* The same with a descriptor, which stays the caller's. */
NEED int ask_home_with(const struct cli *c, unsigned branches, uint16_t code,
    json_t *in, int give, json_t **out, struct fault *f);

/* A day or an RFC 3339 time in an option, *at untouched when not given.  From
 * a day is from its beginning; until a day is through its end. */
NEED int option_from(
    const struct cli *c, const char *name, int64_t *at, struct fault *f);
NEED int option_until(
    const struct cli *c, const char *name, int64_t *at, struct fault *f);

/* A table of agreements (cmd_agreement.c). */
NEED int print_agreements(const json_t *list, struct fault *f);

/* A table of batches (cmd_batch.c). */
NEED int print_batches(const json_t *list, struct fault *f);

#endif
