#ifndef KEYS_BASE_NEAR_H
#define KEYS_BASE_NEAR_H

#include "keys/base/fault.h"

/*
 * What was probably meant by a name that is not known.
 */

/* How far apart two names are, in slips of the keyboard; NEAR_NOT when no few
 * slips explain it. */
#define NEAR_NOT 1000u
NEED unsigned near_distance(const char *a, const char *b);

/* The nearest of a NULL-ended list, or NULL; borrowed from the list. */
const char *near_word(const char *word, const char *const *words);

#endif
