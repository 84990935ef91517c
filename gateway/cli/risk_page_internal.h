#ifndef GATEWAY_CLI_RISK_PAGE_INTERNAL_H
#define GATEWAY_CLI_RISK_PAGE_INTERNAL_H

#include <jansson.h>

/* The figures of each risk rule (plan's member "risk", or NULL), in words. */
void print_risks(const json_t *risks);

/* What the vendor would then hold (the member "exposure", or NULL). */
void print_exposure(const json_t *e);

#endif
