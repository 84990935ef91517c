#ifndef GATEWAY_CLI_CARDS_INTERNAL_H
#define GATEWAY_CLI_CARDS_INTERNAL_H

#include <jansson.h>

#include "keys/base/bytes.h"
#include "keys/ring/ring.h"

/* Longer than any card, with a line's end or two. */
#define CARD_FILE_MAX (CARD_BYTES_MAX + 16u)

/* Read a card from a file, "-" for standard input; text is the caller's.  As
 * card_read(). */
NEED int card_file(
    const char *path, struct bytes *text, struct card *out, struct fault *f);

/* What asks that take a card begin with; NULL when memory ended. */
json_t *card_ask(const struct bytes *text, const char *fingerprint);

#endif
