/* Ed25519 through libsodium; the rule of verification is told in sign.h. */

#include <sodium.h>
#include <string.h>

#include "keys/sign/sign.h"

_Static_assert(SIGN_SEED_BYTES == crypto_sign_SEEDBYTES, "libsodium");
_Static_assert(SIGN_PUBLIC_BYTES == crypto_sign_PUBLICKEYBYTES, "libsodium");
_Static_assert(SIGN_BYTES == crypto_sign_BYTES, "libsodium");
_Static_assert(crypto_sign_SECRETKEYBYTES == 64, "seed, then public half");

int
sign_key_new(struct sign_key *k, struct fault *f)
{
	uint8_t public[SIGN_PUBLIC_BYTES];

	*k = (struct sign_key){ .pair = { NULL, 0 } };
	if (secret_new(&k->pair, crypto_sign_SECRETKEYBYTES, f) != 0)
		return -1;
	must(crypto_sign_keypair(public, k->pair.at) == 0);
	return 0;
}

int
sign_key_from_seed(
    struct sign_key *k, const uint8_t seed[SIGN_SEED_BYTES], struct fault *f)
{
	uint8_t public[SIGN_PUBLIC_BYTES];

	*k = (struct sign_key){ .pair = { NULL, 0 } };
	if (secret_new(&k->pair, crypto_sign_SECRETKEYBYTES, f) != 0)
		return -1;
	must(crypto_sign_seed_keypair(public, k->pair.at, seed) == 0);
	return 0;
}

const uint8_t *
sign_key_seed(const struct sign_key *k)
{
	return k->pair.at;
}

void
sign_key_public(const struct sign_key *k, uint8_t out[SIGN_PUBLIC_BYTES])
{
	memcpy(out, k->pair.at + SIGN_SEED_BYTES, SIGN_PUBLIC_BYTES);
}

void
sign_key_free(struct sign_key *k)
{
	if (k != NULL)
		secret_free(&k->pair);
}

void
sign_make(const struct sign_key *k, const void *p, size_t len,
    uint8_t out[SIGN_BYTES])
{
	must(crypto_sign_detached(out, NULL, p, len, k->pair.at) == 0);
}

bool
sign_check(const uint8_t public[SIGN_PUBLIC_BYTES], const void *p, size_t len,
    const uint8_t sig[SIGN_BYTES])
{
	return crypto_sign_verify_detached(sig, p, len, public) == 0;
}
