#ifndef POLICY_DETECT_GENERIC_INTERNAL_H
#define POLICY_DETECT_GENERIC_INTERNAL_H

#include "policy/detect/recogniser_internal.h"

/* Rows that no one country made; tables.c lists them. */
extern const struct recogniser recognisers_net[];
extern const size_t recognisers_net_count;
extern const struct recogniser recognisers_money[];
extern const size_t recognisers_money_count;

/* iban.c */
bool valid_iban(const char *text, size_t len);
bool valid_bic(const char *text, size_t len);

#endif
