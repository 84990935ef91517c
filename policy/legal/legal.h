#ifndef POLICY_LEGAL_LEGAL_H
#define POLICY_LEGAL_LEGAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/fault.h"

/*
 * Law as far as a program can execute it: which papers are in force on a day,
 * country codes, how long data may be kept.  Pure functions over facts that
 * the caller took from the catalog; times are those of keys/base/clock.h.
 */

/* One agreement with a vendor, as the catalog has it. */
struct legal_fact {
	const char *type; /* "nda", "dpa" ... as policies name them */
	int64_t from;	  /* in force from this second */
	int64_t until;	  /* to before this one; 0: without end */
	int64_t ended;	  /* ended early at this second; 0: not */
};

/* Is the fact in force at a time? */
NEED bool legal_in_force(const struct legal_fact *fact, int64_t at);

/*
 * Is an agreement of every required type in force at a time?  FAULT_POLICY
 * names the first that is not, and since or until when.  vendor is for the
 * message.
 */
NEED int legal_agreements(char *const *required, size_t nrequired,
    const struct legal_fact *facts, size_t nfacts, int64_t at,
    const char *vendor, struct fault *f);

/* The types of agreement that are usual, NULL-ended, to warn of slips.  A type
 * is any word of 1 to 32 characters [a-z0-9-]. */
extern const char *const legal_usual_types[];

/* The English short name of an ISO 3166-1 alpha-2 code (upper case), or NULL
 * when no country has it. */
const char *legal_country(const char *code);

/* A time that data may be kept: digits and d, w or y (365 days), over zero and
 * at most 100 years, in seconds.  Not m: minutes or months would be a guess. */
NEED bool legal_retention(int64_t *out, const char *text);

#endif
