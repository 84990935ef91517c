#ifndef GATEWAY_KEEPER_PASSPHRASE_INTERNAL_H
#define GATEWAY_KEEPER_PASSPHRASE_INTERNAL_H

#include <signal.h>
#include <termios.h>

#include "gateway/keeper/keeper.h"

/* Have a passphrase read (from descriptor passphrase, or the terminal when it
 * is -1, there twice if so wanted, for a new one, which is warned of if weak)
 * and get a pipe that holds it; the caller closes *fd. */
NEED int passphrase_pipe(
    int passphrase, const char *prompt, bool twice, int *fd, struct fault *f);

/* While a passphrase is tried, which takes a second: the terminal shows nothing
 * that is typed, and forgets it, since it may be a passphrase.  Signals that
 * would end us wait until the echo is on again.  Nothing where there is no
 * terminal. */
struct hush {
	int tty; /* or -1 */
	struct termios was;
	sigset_t mask;
};
void hush_begin(struct hush *h);
void hush_end(struct hush *h);

#endif
