/* SipHash-2-4-128 by libsodium, which has it as crypto_shorthash_siphashx24. */

#include <sodium.h>

#include "keys/pseudonym/pseudonym.h"

_Static_assert(crypto_shorthash_siphashx24_KEYBYTES == SIP_KEY_BYTES &&
		   crypto_shorthash_siphashx24_BYTES == SIP_HASH_BYTES,
    "SipHash-2-4 with 128 bits");

void
sip_hash(uint8_t out[SIP_HASH_BYTES], const uint8_t key[SIP_KEY_BYTES],
    const void *p, size_t len)
{
	/* it cannot fail, and takes no NULL */
	(void)crypto_shorthash_siphashx24(
	    out, p != NULL ? p : (const void *)"", len, key);
}
