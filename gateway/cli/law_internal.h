#ifndef GATEWAY_CLI_LAW_INTERNAL_H
#define GATEWAY_CLI_LAW_INTERNAL_H

#include <jansson.h>

#include "gateway/cli/cli.h"

/* A decision (legal_decision_json()) in words, each line behind margin. */
void print_law(const json_t *decision, const char *margin);

/* Warn, on standard error, of a table ("countries" of a decision, or NULL) that
 * a file of the home is part of: nothing signs that file. */
void warn_countries(const struct cli *c, const json_t *table);

#endif
