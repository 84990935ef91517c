#ifndef KEYS_PSEUDONYM_PSEUDONYM_H
#define KEYS_PSEUDONYM_PSEUDONYM_H

#include <stddef.h>
#include <stdint.h>

#include "keys/base/fault.h"
#include "keys/base/secret.h"

/*
 * Pseudonyms: what stands for a value or an id once it leaves.
 *
 * One secret of 32 bytes stands behind each pseudonymisation domain and behind
 * each batch; every use of it gets a key of its own through key_derive().  The
 * same value under the same derived key is the same token, so tokens join
 * within a domain and nowhere else.
 */

/* Compare the saved-state HMAC below with the crypto library's own, once in a
 * process, before the first token_key_new().  FAULT_SYSTEM when they differ. */
NEED int pseudonym_start(struct fault *f);

/* What a derived key is for.  Keys of two uses never meet. */
enum key_use {
	KEY_FIELD,   /* domain key: tokens of one field */
	KEY_SUBJECT, /* domain key: groups of items about one person */
	KEY_ITEM,    /* batch seed: item ids */
	KEY_SHUFFLE, /* batch seed: the order of items */
	KEY_VALUE,   /* batch seed: `random` values of one field */
	KEY_WRAP     /* what seals key files: their MAC, by home and kind */
};

/*
 * Derive a key of 32 bytes: HKDF-SHA-256 (RFC 5869) without salt, whose info
 * is label, domain and field, each behind its length as 32-bit big-endian; the
 * label is fixed per use.  domain and field are any text, "" where a use has
 * none; each at most 4,096 bytes (FAULT_INPUT), far over any policy's name.
 * from is the secret of 32 bytes behind it all.  On success *out is the
 * caller's, to secret_free(); on failure it is empty.
 */
NEED int key_derive(struct secret *out, const struct secret *from,
    enum key_use use, const char *domain, const char *field, struct fault *f);

/*
 * A key that makes tokens: HMAC-SHA-256 (RFC 2104) with both SHA-256 states
 * saved behind their key block, so that a short value costs two compressions
 * and not four.  The states are as secret as the key, and lie in guarded
 * memory.  Any number of threads may share one.
 */
struct token_key;

/* key is copied into the states; 32 bytes unless a test vector says
 * otherwise.  FAULT_SYSTEM for memory.  *out is freed by token_key_free(),
 * which wipes it and accepts NULL. */
NEED int token_key_new(
    struct token_key **out, const void *key, size_t len, struct fault *f);
void token_key_free(struct token_key *k);

/* The whole MAC of a value. */
#define TOKEN_MAC_BYTES 32u
void token_mac(const struct token_key *k, const void *value, size_t len,
    uint8_t mac[TOKEN_MAC_BYTES]);

/*
 * The token of a value, or the item id of an original id: the first 128 bits
 * of its MAC in lower-case base32 (RFC 4648, no padding) and a NUL.  Two of n
 * values share a token with probability n^2 / 2^129.
 */
#define TOKEN_CHARS 26u
void token_make(const struct token_key *k, const void *value, size_t len,
    char out[TOKEN_CHARS + 1]);

/*
 * Fill order[count] with a permutation of 0 ... count - 1 that key (32 bytes,
 * of use KEY_SHUFFLE) decides: Durstenfeld's shuffle (CACM 7(7), 1964,
 * algorithm 235) over the ChaCha20 stream of key (RFC 8439, zero nonce), each
 * draw without bias by Lemire's method (arXiv 1805.10941, section 4) on
 * little-endian words of 32 bits.  Every order is as likely as any other, up
 * to the 2^256 keys.  FAULT_SYSTEM for memory.
 */
NEED int shuffle_order(
    uint32_t *order, uint32_t count, const struct secret *key, struct fault *f);

#endif
