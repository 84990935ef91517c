#ifndef KEYS_AGE_AGE_INTERNAL_H
#define KEYS_AGE_AGE_INTERNAL_H

#include "keys/age/age.h"
#include "keys/base/text.h"

/* Shared by the files of keys/age. */

#define AGE_WRAPPED_BYTES (AGE_FILE_KEY_BYTES + AGE_TAG_BYTES)
#define AGE_SEED_BYTES 32u

/* --- bech32.c --- */

/* Characters of the encoding, and the encoding without a NUL. */
NEED size_t age_bech32_chars(const char *hrp, size_t len);
void age_bech32_encode(char *out, const char *hrp, const void *p, size_t len);

/* --- derive.c: HKDF-SHA-256, HMAC-SHA-256, one-shot AEAD --- */

NEED int age_hkdf(uint8_t *out, size_t out_len, const struct slice *ikm,
    const struct slice *salt, const char *info, struct fault *f);

/* The two halves of HKDF (RFC 5869), for HPKE. */
NEED int age_hkdf_extract(uint8_t out[32], const struct slice *salt,
    const struct slice *ikm, struct fault *f);
NEED int age_hkdf_expand(uint8_t *out, size_t out_len, const uint8_t key[32],
    const struct slice *info, struct fault *f);

/* The MAC of a header's text under a file key (age.md, "Header MAC"). */
NEED int age_header_mac(uint8_t mac[32], const struct secret *file_key,
    const void *text, size_t len, struct fault *f);

/* The file key under a wrap key, nonce or 12 zero bytes when NULL. */
NEED int age_wrap(uint8_t out[AGE_WRAPPED_BYTES], const uint8_t key[32],
    const uint8_t *nonce, const struct secret *file_key, struct fault *f);

/* False when the tag is wrong. */
NEED bool age_unwrap(uint8_t out[AGE_FILE_KEY_BYTES], const uint8_t key[32],
    const uint8_t *nonce, const uint8_t in[AGE_WRAPPED_BYTES]);

/* --- x25519.c, scrypt.c, hybrid.c: one recipient type each --- */

/*
 * wrap appends a whole stanza for r.  unwrap tries one stanza of its kind:
 * *fits says whether the file key came out; FAULT_INPUT when the stanza is
 * malformed.
 */
struct age_type {
	const char *name; /* a stanza's first argument */
	int (*wrap)(struct bytes *out, const struct age_recipient *r,
	    const struct secret *file_key, struct fault *f);
	int (*unwrap)(const struct age_stanza *s, const struct age_identity *id,
	    uint8_t file_key[AGE_FILE_KEY_BYTES], bool *fits, struct fault *f);
};

extern const struct age_type age_x25519;
extern const struct age_type age_scrypt;
extern const struct age_type age_hybrid;

/* NULL for AGE_OTHER. */
const struct age_type *age_type_of(enum age_kind kind);

/* FAULT_INPUT when scrypt of 2^log_n takes over half of so many bytes. */
NEED int age_scrypt_allowed(
    unsigned log_n, uint64_t available, struct fault *f);

/* The public half of a hybrid identity. */
NEED int age_hybrid_public(uint8_t out[AGE_HYBRID_PUBLIC_BYTES],
    const struct secret *seed, struct fault *f);

/* --- header.c --- */

/* Append a stanza whose arguments are args. */
NEED int age_stanza_write(struct bytes *out, const char *args,
    const uint8_t *body, size_t len, struct fault *f);

/* Exactly len bytes from unpadded canonical base64. */
NEED bool age_argument(uint8_t *out, size_t len, const struct slice *arg);

/* How a header's beginning stands. */
enum age_scan {
	AGE_SCAN_WHOLE,
	AGE_SCAN_SHORT, /* right so far */
	AGE_SCAN_BAD	/* the fault is set */
};

enum age_scan age_header_scan(
    struct age_header *h, const void *p, size_t len, struct fault *f);

/* --- armor.c --- */

/*
 * Where bytes come from: fill len bytes at p; *got is less only at the end.
 * After a failure *got says what was read before it.
 */
struct age_source {
	int (*pull)(
	    void *context, void *p, size_t len, size_t *got, struct fault *f);
	void *context;
};

enum age_armor_place {
	ARMOR_BEFORE, /* white space, the BEGIN line */
	ARMOR_BODY,
	ARMOR_LAST, /* a short line came: only END may follow */
	ARMOR_DONE
};

/* Armor taken off while it is read; age_unarmor_pull is a source's pull. */
struct age_unarmor {
	struct age_source from;
	enum age_armor_place place;
	bool cut; /* it ended before its END line; the fault is FORGED */
	struct fault broken; /* told again whenever more is wanted */
	bool ended;	     /* from has no more */
	size_t at, len;	     /* of text */
	uint8_t text[8192];
	size_t held_at,
	    held_len; /* a line's bytes the caller had no room for */
	uint8_t held[48];
};

NEED int age_unarmor_pull(
    void *context, void *p, size_t len, size_t *got, struct fault *f);

/* A struct slice as source. */
NEED int age_memory_pull(
    void *context, void *p, size_t len, size_t *got, struct fault *f);

/* age_armor_read that says whether armor was cut short; out then has what
 * came before. */
NEED int age_armor_take(
    struct bytes *out, const void *p, size_t len, bool *cut, struct fault *f);

/* A struct slice first, then a source. */
struct age_chained {
	struct slice first;
	struct age_source then;
};

NEED int age_chained_pull(
    void *context, void *p, size_t len, size_t *got, struct fault *f);

/* An int * with a descriptor. */
NEED int age_fd_pull(
    void *context, void *p, size_t len, size_t *got, struct fault *f);

/* Armor put on while it is written: age_armor_add appends to out whole lines
 * and keeps the rest; age_armor_end adds that and the END line. */
struct age_armoring {
	bool begun;
	size_t held_len;
	uint8_t held[48];
};

NEED int age_armor_add(struct age_armoring *a, struct bytes *out, const void *p,
    size_t len, struct fault *f);
NEED int age_armor_end(
    struct age_armoring *a, struct bytes *out, struct fault *f);

/* --- stream.c --- */

/*
 * Put back the sealed bytes that age_chunk_open() in place left scrambled when
 * the tag was wrong: the cipher is an XOR, so the same again undoes it.  False
 * when it does not run; a second age_chunk_open() then fails, no more.
 */
NEED bool age_chunk_undo(
    struct age_stream *s, uint64_t n, bool final, void *p, size_t len);

/* --- pump.c --- */

/* A payload's chunks on their way through all cores; streams.c sets it up. */
struct age_work {
	enum age_way way;
	const struct secret *file_key;
	const uint8_t *nonce;
	struct age_pump *pump;
	struct age_source source; /* the chunks, unless parallel */
	const bool *cut; /* did the source's armor end too early?  or NULL */
	bool parallel;	 /* pump->in is a file, its chunks begin at start */
	uint64_t start;
	struct age_armoring *armor; /* seal: put on; else NULL */
};

NEED int age_work_run(const struct age_work *w, struct fault *f);

#endif
