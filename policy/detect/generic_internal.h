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

/* The codes of ISO 3166-1 alpha-2 as alternatives of a pattern, and XK, by
 * which Kosovo's banks go. */
#define COUNTRY_CODES                                               \
	"A[DEFGILMOQRSTUWXZ]|B[ABDEFGHIJLMNOQRSTVWYZ]|"             \
	"C[ACDFGHIKLMNORUVWXYZ]|D[EJKMOZ]|E[CEGHRST]|F[IJKMOR]|"    \
	"G[ABDEFGHILMNPQRSTUWY]|H[KMNRTU]|I[DELMNOQRST]|J[EMOP]|"   \
	"K[EGHIMNPRWYZ]|L[ABCIKRSTUVY]|M[ACDEFGHKLMNOPQRSTUVWXYZ]|" \
	"N[ACEFGILOPRUZ]|OM|P[AEFGHKLMNRSTWY]|QA|R[EOSUW]|"         \
	"S[ABCDEGHIJKLMNORSTVXYZ]|T[CDFGHJKLMNORTVWZ]|U[AGMSYZ]|"   \
	"V[ACEGINU]|W[FS]|X[K]|Y[ET]|Z[AMW]"

/* iban.c */
bool valid_iban(const char *text, size_t len);
bool valid_bic(const char *text, size_t len);

#endif
