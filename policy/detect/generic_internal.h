#ifndef POLICY_DETECT_GENERIC_INTERNAL_H
#define POLICY_DETECT_GENERIC_INTERNAL_H

#include "policy/detect/recogniser_internal.h"

/* Rows that no one country made; tables.c lists them. */
extern const struct recogniser recognisers_net[];
extern const size_t recognisers_net_count;
extern const struct recogniser recognisers_money[];
extern const size_t recognisers_money_count;
extern const struct recogniser recognisers_phone[];
extern const size_t recognisers_phone_count;
extern const struct recogniser recognisers_time[];
extern const size_t recognisers_time_count;
extern const struct recogniser recognisers_secret[];
extern const size_t recognisers_secret_count;
extern const struct recogniser recognisers_words[];
extern const size_t recognisers_words_count;

/* iban.c */
bool valid_iban(const char *text, size_t len);
bool valid_bic(const char *text, size_t len);

#endif
