#ifndef GATEWAY_CLI_VERIFIER_INTERNAL_H
#define GATEWAY_CLI_VERIFIER_INTERNAL_H

#include <fcntl.h>

#include "keys/sign/sign.h"

/* A verifier key as given: itself, or the name of a file that holds it.
 * FAULT_USAGE when it is neither. */
NEED int read_verifier(struct vkey *out, const char *value, struct fault *f);

#endif
