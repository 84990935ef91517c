/* Every command of the program, one row each, grouped by who uses it. */

#include "gateway/cli/cli.h"

const struct command commands[] = {
	{ NULL, NULL, NULL, NULL, 0, 0, NULL, NULL, NULL },
};
