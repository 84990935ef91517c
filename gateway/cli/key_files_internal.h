#ifndef GATEWAY_CLI_KEY_FILES_INTERNAL_H
#define GATEWAY_CLI_KEY_FILES_INTERNAL_H

#include "gateway/cli/cli.h"
#include "keys/age/age.h"

/*
 * A passphrase from the command's --passphrase-fd (its first line), else from
 * the terminal, there twice to be sure.  The command's table must have the
 * option.  The caller secret_free()s *out; on failure it is empty.
 */
NEED int read_passphrase(const struct cli *c, struct secret *out,
    const char *prompt, bool twice, struct fault *f);

/* Append a file's identities; a file that is itself sealed under a passphrase
 * is opened with read_passphrase(). */
NEED int load_identities(const struct cli *c, struct age_identities *list,
    const char *path, struct fault *f);

/* Append a file's recipients. */
NEED int load_recipients(
    struct age_recipients *list, const char *path, struct fault *f);

#endif
