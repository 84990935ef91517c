#ifndef GATEWAY_CLI_HOME_INTERNAL_H
#define GATEWAY_CLI_HOME_INTERNAL_H

#include "gateway/cli/cli.h"
#include "gateway/keeper/keeper.h"

/* Rows for the option table of every command that unlocks. */
#define OPTION_PASSPHRASE                                   \
	{                                                   \
		"passphrase-fd", 0, "N",                    \
		    "read the passphrase from a descriptor" \
	}
#define OPTION_IDENTITY                                                \
	{                                                              \
		"identity", 'i', "FILE", "unlock with an age identity" \
	}

/*
 * Which home: --home, else $HANDOFF_HOME, else ./.handoff if it is there, else
 * $XDG_DATA_HOME/handoff (~/.local/share/handoff).  make: for a command that
 * makes one, which takes ./.handoff unless told otherwise.
 */
#define HOME_PATH_MAX 4096u
NEED int home_path(
    const struct cli *c, bool make, char out[HOME_PATH_MAX], struct fault *f);

/* What a line to paste needs behind its command: " --home DIR", quoted for a
 * shell, when the home came from there; else "".  Lives until the next call. */
const char *home_said(const struct cli *c);

/* What unlocks, out of the command's options; path is filled and borrowed. */
NEED int home_options(const struct cli *c, bool make, char path[HOME_PATH_MAX],
    struct keeper_options *out, struct fault *f);

/* keeper_open() of that home. */
NEED int home_keeper(const struct cli *c, unsigned branches, bool serve,
    struct keeper **out, struct fault *f);

/* The same with nothing unlocked, for what is judged without a home as well:
 * *out is then NULL, and it is said that what ("exposure is") not checked. */
NEED int home_keeper_if_any(const struct cli *c, const char *what,
    struct keeper **out, struct fault *f);

#endif
