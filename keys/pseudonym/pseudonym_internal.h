#ifndef KEYS_PSEUDONYM_PSEUDONYM_INTERNAL_H
#define KEYS_PSEUDONYM_PSEUDONYM_INTERNAL_H

#include "keys/pseudonym/pseudonym.h"

/* The eight chaining words of SHA-256 behind one block, the key's: as numbers.
 * Everything else of a hash at that point is the same for all keys. */
struct token_key {
	uint32_t inner[8];
	uint32_t outer[8];
};

/* The longest value that fits into one block behind the key's with its padding:
 * all but a byte and the length (FIPS 180-4, section 5.1.1). */
#define TOKEN_SHORT_MAX (64u - 1 - 8)

#endif
