/*
 * Tokens from saved SHA-256 states.
 *
 *     key --> key xor ipad, one compression --> inner state  \  saved once
 *         --> key xor opad, one compression --> outer state  /
 *     value --> rest of the inner hash --> rest of the outer hash --> token
 *
 * Why not EVP_MAC: masking a large table is this and nothing else, and one
 * re-initialised EVP_MAC makes half as many tokens a second, a fresh one a
 * tenth.  The price is the library's low-level SHA256_CTX, deprecated since
 * OpenSSL 3.0, which this file alone uses; pseudonym_start() compares it with
 * EVP_MAC before anything is made from it.
 *
 * Not here: which value gets which key (policy), and the way back from a token
 * to its value, which needs the owner's dataset and no table.
 */

#define OPENSSL_API_COMPAT 0x10101000L
#define OPENSSL_SUPPRESS_DEPRECATED

#include <endian.h>
#include <openssl/sha.h>
#include <string.h>

#include "keys/base/text.h"
#include "keys/pseudonym/pseudonym_internal.h"

#define BLOCK SHA256_CBLOCK

_Static_assert(TOKEN_MAC_BYTES == SHA256_DIGEST_LENGTH, "SHA-256");
_Static_assert(sizeof(SHA_LONG) == sizeof(uint32_t), "a chaining word");
_Static_assert(TOKEN_CHARS == BASE32_CHARS(16), "128 bits");

static void
state_save(SHA_LONG state[8], const uint8_t key[BLOCK], uint8_t pad)
{
	uint8_t block[BLOCK];
	SHA256_CTX c;

	for (size_t i = 0; i < BLOCK; i++)
		block[i] = key[i] ^ pad;
	(void)SHA256_Init(&c); /* these return 1, always */
	SHA256_Transform(&c, block);
	memcpy(state, c.h, sizeof(c.h));
	secret_wipe(block, sizeof(block));
	secret_wipe(&c, sizeof(c));
}

/* The last block of a message of one block and len bytes, FIPS 180-4 section
 * 5.1.1; then the digest.  Update and Final of the library do the same in a
 * tenth more time. */
static void
state_finish_short(const SHA_LONG state[8], const void *p, size_t len,
    uint8_t digest[TOKEN_MAC_BYTES])
{
	uint8_t block[BLOCK] = { 0 };
	SHA256_CTX c;

	memcpy(c.h, state, sizeof(c.h));
	if (len > 0)
		memcpy(block, p, len);
	block[len] = 0x80;
	block[BLOCK - 2] = (uint8_t)((BLOCK + len) * 8 >> 8);
	block[BLOCK - 1] = (uint8_t)((BLOCK + len) * 8);
	SHA256_Transform(&c, block);
	for (size_t i = 0; i < 8; i++) {
		uint32_t word = htobe32(c.h[i]);

		memcpy(digest + 4 * i, &word, sizeof(word));
	}
}

/* Go on from a saved state, one block in, to the end of p.  Final leaves the
 * digest and a cleared block in c: nothing of the state. */
static void
state_finish(const SHA_LONG state[8], const void *p, size_t len,
    uint8_t digest[TOKEN_MAC_BYTES])
{
	SHA256_CTX c;

	if (len <= TOKEN_SHORT_MAX) {
		state_finish_short(state, p, len, digest);
		return;
	}
	memcpy(c.h, state, sizeof(c.h));
	c.Nl = BLOCK * 8;
	c.Nh = 0;
	c.num = 0;
	c.md_len = SHA256_DIGEST_LENGTH;
	(void)SHA256_Update(&c, p, len);
	(void)SHA256_Final(digest, &c);
}

int
token_key_new(
    struct token_key **out, const void *key, size_t len, struct fault *f)
{
	struct secret room = { 0 };
	uint8_t block[BLOCK] = { 0 };
	struct token_key *k;

	*out = NULL;
	if (secret_new(&room, sizeof(*k), f) != 0)
		return -1;
	if (len > BLOCK)
		(void)SHA256(key, len, block);
	else if (len > 0)
		memcpy(block, key, len);
	k = (struct token_key *)(void *)room.at;
	state_save(k->inner, block, 0x36);
	state_save(k->outer, block, 0x5c);
	secret_wipe(block, sizeof(block));
	*out = k;
	return 0;
}

void
token_key_free(struct token_key *k)
{
	struct secret room = { (uint8_t *)k, sizeof(*k) };

	secret_free(&room);
}

void
token_mac(const struct token_key *k, const void *value, size_t len,
    uint8_t mac[TOKEN_MAC_BYTES])
{
	uint8_t inner[TOKEN_MAC_BYTES];

	state_finish(k->inner, value, len, inner);
	state_finish(k->outer, inner, sizeof(inner), mac);
}

void
token_make(const struct token_key *k, const void *value, size_t len,
    char out[TOKEN_CHARS + 1])
{
	uint8_t mac[TOKEN_MAC_BYTES];

	token_mac(k, value, len, mac);
	base32_write(out, mac, 16);
}
