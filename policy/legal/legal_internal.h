#ifndef POLICY_LEGAL_LEGAL_INTERNAL_H
#define POLICY_LEGAL_LEGAL_INTERNAL_H

#include "policy/legal/legal.h"

/* ---- agreement.c ---- */

/* When a fact stopped: the earlier of its two ends, 0 for none. */
NEED int64_t legal_stopped(const struct legal_fact *fact);

/* ---- decide.c ---- */

/* The agreement of that type in force that lasts longest, or NULL; of clauses,
 * before all others, those that the policy names. */
const struct legal_agreement *legal_longest(
    const struct legal_question *q, const char *type);

/* ---- adequacy.c ---- */

/* Add one row; add those of this program's for countries that have none. */
NEED int legal_row_add(
    struct legal_countries *c, const struct legal_row *row, struct fault *f);
NEED int legal_builtin_add(struct legal_countries *c, struct fault *f);

NEED bool legal_row_in_force(const struct legal_row *row, int64_t at);

/* The row of a country that is in force at a time and lasts longest, and the
 * one that ended last before it; NULL when there is none. */
const struct legal_row *legal_row_find(
    const struct legal_countries *c, const char *country, int64_t at);
const struct legal_row *legal_row_last(
    const struct legal_countries *c, const char *country, int64_t at);

/* ---- terms.c ---- */

/* A member with a date, and one with the last day before a moment; nothing for
 * 0. */
NEED int legal_set_date(
    json_t *o, const char *key, int64_t at, struct fault *f);
NEED int legal_set_last_day(
    json_t *o, const char *key, int64_t before, struct fault *f);

#endif
