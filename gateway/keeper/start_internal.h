#ifndef GATEWAY_KEEPER_START_INTERNAL_H
#define GATEWAY_KEEPER_START_INTERNAL_H

#include "gateway/keeper/keeper.h"

/* What unlocks, as a descriptor that the caller closes: the identity file, or
 * a pipe with the passphrase. */
NEED int unlock_text(const struct keeper_options *o, const char *prompt,
    bool twice, int *fd, struct fault *f);

/* A passphrase that was typed at the terminal was not the one, as f says, and
 * may be tried again: for the second and third time.  Counts in *tries, clears
 * f, and makes prompt say so. */
#define PROMPT_CHARS 128u
bool unlock_again(const struct keeper_options *o, unsigned *tries,
    char prompt[PROMPT_CHARS], struct fault *f);

/* Start a keeper on a folder that nobody else uses, whether or not it is a
 * home yet. */
NEED int keeper_start(struct keeper **out, int folder, struct fault *f);

#endif
