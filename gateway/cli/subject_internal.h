#ifndef GATEWAY_CLI_SUBJECT_INTERNAL_H
#define GATEWAY_CLI_SUBJECT_INTERNAL_H

#include <jansson.h>

#include "gateway/cli/cli.h"

/* A person, for the commands that are about one. */

#define OPTION_SUBJECT                                       \
	{                                                    \
		"subject", 0, "-",                           \
		    "a person, whose key comes on standard " \
		    "input"                                  \
	}

/* Is a person meant?  FAULT_USAGE for a key in the arguments, which others on
 * this machine can read. */
NEED int subject_meant(const struct cli *c, bool *yes, struct fault *f);

/* The key of a person, from standard input or the one who sits there, as
 * member "subject". */
NEED int subject_read(const struct cli *c, json_t *in, struct fault *f);

/* Of the batches that are about a person there is none: which may be right, or
 * a key that was mistyped, and is said. */
void subject_unknown(const json_t *batches);

#endif
