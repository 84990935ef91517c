#ifndef GATEWAY_CLI_LAW_INTERNAL_H
#define GATEWAY_CLI_LAW_INTERNAL_H

#include <jansson.h>

/* A decision (legal_decision_json()) in words, each line behind margin. */
void print_law(const json_t *decision, const char *margin);

#endif
