#ifndef KEYS_PSEUDONYM_PSEUDONYM_H
#define KEYS_PSEUDONYM_PSEUDONYM_H

#include <stddef.h>
#include <stdint.h>

#include "keys/base/bytes.h"
#include "keys/base/fault.h"
#include "keys/base/secret.h"
#include "keys/base/wire.h"

/*
 * Pseudonyms: what stands for a value or an id once it leaves.
 *
 * One secret of 32 bytes stands behind each pseudonymisation domain and behind
 * each batch; every use of it gets a key of its own through key_derive().  The
 * same value under the same derived key is the same token, so tokens join
 * within a domain and nowhere else.
 */

/* Compare the saved-state HMAC below with the crypto library's own, FF1
 * with a sample of NIST's, and AES-SIV with its way back, once in a process,
 * before the first key and before a sandbox that the library could not fetch
 * them in.  FAULT_SYSTEM when they differ. */
NEED int pseudonym_start(struct fault *f);

/* What a derived key is for.  Keys of two uses never meet. */
enum key_use {
	KEY_FIELD,   /* domain key: tokens of one field */
	KEY_SUBJECT, /* domain key: groups of items about one person */
	KEY_ITEM,    /* batch seed: item ids */
	KEY_SHUFFLE, /* batch seed: the order of items */
	KEY_VALUE,   /* batch seed: `random` values of one field */
	KEY_WRAP,    /* what seals key files: their MAC, by home and kind */
	KEY_FPE,     /* domain key: format-preserving encryption of a field */
	KEY_REVERSIBLE, /* domain key: deterministic encryption of a field */
	KEY_SHIFT,	/* domain key: how far a person's dates are moved */
	KEY_PERSON,	/* subject key: whom an item is about, in the catalog */
	KEY_HELD,	/* subject key: what a vendor holds of a person */
	KEY_SENT,	/* domain key: which items were, in the catalog */
	KEY_ERASED,	/* subject key: who was erased, in the log */
	KEY_NAMED,	/* subject key: who is suppressed, in the log */
	KEY_UID		/* domain key: what stands for a DICOM UID */
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
 * A field's key as plans and requests name it: what it is for, a colon, the
 * field's domain: "token:email", "fpe:card", "reversible:name"; "shift:",
 * "uid:" and "value:" have no domain.  FAULT_INPUT for any other text.  *field
 * points into name.  key_use_word() is the word of a use that fields have.
 */
NEED int key_name_read(
    const char *name, enum key_use *use, const char **field, struct fault *f);
const char *key_use_word(enum key_use use);

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
 * Tokens of several values, each under its key, as token_make() makes them but
 * for the NUL: faster, where tokens_start() found a library that hashes several
 * messages at once (libipsec-mb), and the values are short.
 */
struct token_job {
	const struct token_key *key;
	const void *value;
	size_t len;
	char *out; /* TOKEN_CHARS of them */
};
void tokens_make(const struct token_job *jobs, size_t n);

/* Look for that library, and whether its tokens are ours; once in a process
 * that makes many, before a sandbox in which it could not be opened, and before
 * other threads.  Without one all goes on.  FAULT_SYSTEM when they differ. */
NEED int tokens_start(struct fault *f);

/*
 * A keyed hash for tables that stay at home: SipHash-2-4 with 128 bits of
 * output (Aumasson and Bernstein, 2012), a pseudorandom function that costs a
 * fifth of a MAC.  Of a derived key, the first 16 bytes are used.
 */
#define SIP_KEY_BYTES 16u
#define SIP_HASH_BYTES 16u
void sip_hash(uint8_t out[SIP_HASH_BYTES], const uint8_t key[SIP_KEY_BYTES],
    const void *p, size_t len);

/*
 * Format-preserving encryption: FF1 (NIST SP 800-38G, algorithms 7 and 8) over
 * digits of any radix.  Under one key, radix and tweak it is a permutation of
 * the values of one length.  One thread at a time uses a key.
 */
struct ff1;

#define FF1_RADIX_MAX 65536u
/* SP 800-38G revision 1, 5.2: fewer values than a million could be tried one
 * by one, and Feistel networks over them have been broken. */
#define FF1_VALUES_MIN 1000000u
/* The time grows with the square of the length: this many take milliseconds,
 * and no identifier has more. */
#define FF1_DIGITS_MAX 4096u
#define FF1_TWEAK_MAX 1024u /* a field's domain, and what is kept around */

/* An AES key of 16, 24 or 32 bytes, in the library's memory: what is ours of
 * it is guarded.  FAULT_SYSTEM.  ff1_free() wipes, and accepts NULL. */
NEED int ff1_new(
    struct ff1 **out, const void *key, size_t len, struct fault *f);
void ff1_free(struct ff1 *k);

/* The fewest digits of a radix (2 ... FF1_RADIX_MAX) that are encrypted. */
NEED size_t ff1_digits_min(uint32_t radix);

/* Digits, each below radix, are changed in place.  FAULT_INPUT when they are
 * too few or more than FF1_DIGITS_MAX: they are then as before. */
struct ff1_text {
	uint32_t radix;
	const void *tweak; /* at most FF1_TWEAK_MAX bytes */
	size_t tweak_len;
	uint16_t *digits;
	size_t n;
};
NEED int ff1_encrypt(struct ff1 *k, const struct ff1_text *t, struct fault *f);
NEED int ff1_decrypt(struct ff1 *k, const struct ff1_text *t, struct fault *f);

/*
 * Deterministic authenticated encryption: AES-SIV (RFC 5297).  The same bytes
 * under the same key and associated data are the same ciphertext, which says
 * nothing else but the length.  One thread at a time uses a key.
 */
struct siv;
#define SIV_TAG_BYTES 16u

/* A key of 32, 48 or 64 bytes (AES-128, -192, -256; both halves).
 * FAULT_SYSTEM.  siv_free() wipes, and accepts NULL. */
NEED int siv_new(
    struct siv **out, const void *key, size_t len, struct fault *f);
void siv_free(struct siv *k);

/* The key of AES-256-SIV from one of KEY_REVERSIBLE (32 bytes): two halves of
 * 32 bytes by key_derive(). */
NEED int siv_of(struct siv **out, const struct secret *from, struct fault *f);

/* What goes into the tag beside the text, each of at least one byte. */
struct siv_data {
	const struct slice *at;
	size_t n;
};

/* Append tag and ciphertext of 1 to 2^30 bytes; or check those, and append the
 * text.  FAULT_FORGED when they do not fit key and data, FAULT_INPUT for a
 * size that cannot be, FAULT_SYSTEM.  A failed call leaves out as it was. */
NEED int siv_seal(struct siv *k, const struct siv_data *with,
    const struct slice *text, struct bytes *out, struct fault *f);
NEED int siv_open(struct siv *k, const struct siv_data *with,
    const struct slice *sealed, struct bytes *out, struct fault *f);

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
