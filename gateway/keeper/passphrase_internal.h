#ifndef GATEWAY_KEEPER_PASSPHRASE_INTERNAL_H
#define GATEWAY_KEEPER_PASSPHRASE_INTERNAL_H

#include "gateway/keeper/keeper.h"

/* Have a passphrase read (from descriptor passphrase, or the terminal when it
 * is -1, there twice if so wanted, for a new one, which is warned of if weak)
 * and get a pipe that holds it; the caller closes *fd. */
NEED int passphrase_pipe(
    int passphrase, const char *prompt, bool twice, int *fd, struct fault *f);

#endif
