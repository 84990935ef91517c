#ifndef KEYS_SIGN_SIGN_H
#define KEYS_SIGN_SIGN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/bytes.h"
#include "keys/base/secret.h"
#include "keys/base/wire.h"

/*
 * What makes bytes answerable: digests, Ed25519, and the three standard
 * wrappings of a signature that we write (C2SP signed note, DSSE envelope with
 * an in-toto Statement inside, RFC 6962 Merkle tree).  Which role may sign what
 * is decided above; nothing here knows a vendor or a log.
 */

/* ---- digest.c: SHA-256 ------------------------------------------------- */

#define DIGEST_BYTES 32u
#define DIGEST_CHARS 64u /* in lower-case hexadecimal */

/*
 * Start the crypto library in a process that speaks no TLS: it reads its
 * configuration, which a sandbox would forbid later, and leaves out what its
 * older interfaces ask for, the names of ciphers and the texts of errors, which
 * take longer than all the rest.  Before anything else of the library is used.
 */
void digest_start(void);

/* SHA-256 of len bytes. */
void digest_of(uint8_t out[DIGEST_BYTES], const void *p, size_t len);

/* SHA-256 of salt[32] followed by len bytes: a commitment, which tells nothing
 * to who does not have the salt, and binds who has. */
void digest_salted(uint8_t out[DIGEST_BYTES], const uint8_t salt[DIGEST_BYTES],
    const void *p, size_t len);

/* A running SHA-256; one thread at a time.  FAULT_SYSTEM for memory. */
struct digest;
NEED int digest_new(struct digest **out, struct fault *f);
void digest_add(struct digest *d, const void *p, size_t len);

/* The digest of what was added; d is then as new. */
void digest_end(struct digest *d, uint8_t out[DIGEST_BYTES]);
void digest_free(struct digest *d);

/* Order a list of digests by value, in place. */
void digest_sort(uint8_t (*list)[DIGEST_BYTES], size_t n);

/* ---- key.c: Ed25519 ---------------------------------------------------- */

#define SIGN_SEED_BYTES 32u
#define SIGN_PUBLIC_BYTES 32u
#define SIGN_BYTES 64u

/*
 * Verification follows libsodium's rule (crypto_sign_verify_detached of 1.0.18,
 * Debian 12), which is stricter than RFC 8032 section 5.1.7 where that leaves
 * a choice, so that one signature cannot be turned into another:
 *   refused: S not below the group order; A not canonical or of small order;
 *     R of small order; R whose bytes are not exactly those recomputed, hence
 *     R not canonical, and what only the cofactored equation accepts;
 *   accepted: A or R with a component of small order, when the equation
 *     without cofactor holds.
 */

/* A key pair: seed and public half in guarded memory. */
struct sign_key {
	struct secret pair;
};

/* A fresh pair, or the pair of a seed; the caller sign_key_free()s it.
 * FAULT_SYSTEM when memory cannot be locked. */
NEED int sign_key_new(struct sign_key *k, struct fault *f);
NEED int sign_key_from_seed(
    struct sign_key *k, const uint8_t seed[SIGN_SEED_BYTES], struct fault *f);

/* The seed, borrowed from k, for wrapping it; the public half, copied. */
NEED const uint8_t *sign_key_seed(const struct sign_key *k);
void sign_key_public(const struct sign_key *k, uint8_t out[SIGN_PUBLIC_BYTES]);

/* Wipe and release.  NULL and empty are fine. */
void sign_key_free(struct sign_key *k);

/* The signature over len bytes at p. */
void sign_make(const struct sign_key *k, const void *p, size_t len,
    uint8_t out[SIGN_BYTES]);

/* Is sig a signature over p by the owner of public? */
NEED bool sign_check(const uint8_t public[SIGN_PUBLIC_BYTES], const void *p,
    size_t len, const uint8_t sig[SIGN_BYTES]);

/* ---- note.c: C2SP signed note ------------------------------------------ */

/* Names are ours or a log's origin; C2SP sets no limit, a domain and a path
 * fit many times. */
#define NOTE_NAME_MAX 255u
/* The ceilings of golang.org/x/mod/sumdb/note. */
#define NOTE_BYTES_MAX 1000000u
#define NOTE_SIGNATURES_MAX 100u
/* name "+" 8 hex digits "+" 44 base64 characters */
#define VKEY_CHARS_MAX (NOTE_NAME_MAX + 54u)

/* A verifier key for Ed25519 signatures (type 0x01). */
struct vkey {
	char name[NOTE_NAME_MAX + 1];
	uint32_t id;
	uint8_t key[SIGN_PUBLIC_BYTES];
};

/* FAULT_INPUT when name is empty, too long, not UTF-8, or holds a space, a
 * control character or a plus. */
NEED int vkey_of(struct vkey *out, const char *name,
    const uint8_t public[SIGN_PUBLIC_BYTES], struct fault *f);

/* The textual form, and back.  FAULT_INPUT for anything else, an id that does
 * not belong to the key and other key types included. */
void vkey_write(char out[VKEY_CHARS_MAX + 1], const struct vkey *v);
NEED int vkey_read(
    struct vkey *out, const char *text, size_t chars, struct fault *f);

/* ---- skey.c: signing keys as text ---------------------------------------- */

#define SKEY_CHARS_MAX (NOTE_NAME_MAX + 68u)

/* The key under that name, without a newline; the caller secret_free()s *out.
 * FAULT_INPUT when the name is none. */
NEED int skey_write(struct secret *out, const struct sign_key *k,
    const char *name, struct fault *f);

/* And back, with its verifier key in *v.  FAULT_INPUT for anything else; the
 * caller sign_key_free()s *k, which is empty on failure. */
NEED int skey_read(
    struct sign_key *k, struct vkey *v, struct slice text, struct fault *f);

/* ---- note.c, the notes themselves ---------------------------------------- */

/* A note as opened: text and names point into the message. */
struct note_line {
	struct slice name;
	uint32_t id;
	bool verified;
};
struct note {
	struct slice text; /* with its last newline */
	size_t nlines;
	struct note_line lines[NOTE_SIGNATURES_MAX]; /* repeats left out */
};

/*
 * Read a signed note and verify it with those of keys that signed it.
 * FAULT_INPUT when it is malformed, FAULT_FORGED when a signature of a known
 * key is wrong or none of the keys signed it; *out is then not to be used.
 */
NEED int note_open(struct note *out, const void *msg, size_t len,
    const struct vkey *keys, size_t nkeys, struct fault *f);

/* Append text, a blank line and k's signature line under that name.  text ends
 * in a newline and is otherwise valid (FAULT_INPUT). */
NEED int note_sign(struct bytes *out, struct slice text, const char *name,
    const struct sign_key *k, struct fault *f);

/* ---- dsse.c: DSSE 1.0.2 ------------------------------------------------ */

/* An envelope: manifests are the largest, some 100 bytes a shard for up to
 * 65,536 shards, in base64. */
#define DSSE_BYTES_MAX (16u * 1024 * 1024)
#define DSSE_SIGNATURES_MAX 16u

/* Append the pre-authentication encoding, which is what is signed. */
NEED int dsse_pae(
    struct bytes *out, struct slice type, struct slice body, struct fault *f);

/* Append an envelope (canonical JSON) around payload with one signature; its
 * keyid is the hexadecimal SHA-256 of the public key. */
NEED int dsse_sign(struct bytes *out, const char *type, struct slice payload,
    const struct sign_key *k, struct fault *f);

/* An envelope as read.  Nothing in it is to be believed before dsse_verify(),
 * and what is used afterwards is this payload, not the envelope again. */
struct dsse {
	char *type;
	struct bytes payload;
	size_t nsigs;
	uint8_t sigs[DSSE_SIGNATURES_MAX][SIGN_BYTES];
};

/* FAULT_INPUT when it is not an envelope.  Signatures of another size than
 * ours are left out.  The caller dsse_free()s *out, which is zeroed on
 * failure. */
NEED int dsse_read(
    struct dsse *out, const void *p, size_t len, struct fault *f);

/* FAULT_FORGED unless one of the signatures is by public. */
NEED int dsse_verify(const struct dsse *d,
    const uint8_t public[SIGN_PUBLIC_BYTES], struct fault *f);

void dsse_free(struct dsse *d);

/* ---- statement.c: in-toto Statement v1 --------------------------------- */

#define STATEMENT_TYPE "https://in-toto.io/Statement/v1"
#define STATEMENT_PAYLOAD "application/vnd.in-toto+json"
#define STATEMENT_SUBJECTS_MAX 65536u

struct statement_subject {
	const char *name;
	uint8_t sha256[DIGEST_BYTES];
};

/* What is to be said: predicate (an object) about subjects. */
struct statement_draft {
	const char *predicate_type;
	const struct statement_subject *subjects; /* at least one */
	size_t nsubjects;
	json_t *predicate; /* borrowed */
};

/* Append the statement as canonical JSON; or append it inside a signed DSSE
 * envelope. */
NEED int statement_write(
    struct bytes *out, const struct statement_draft *d, struct fault *f);
NEED int statement_sign(struct bytes *out, const struct statement_draft *d,
    const struct sign_key *k, struct fault *f);

/* A statement as read; everything is borrowed from doc. */
struct statement {
	json_t *doc;
	const char *predicate_type;
	json_t *subjects;
	size_t nsubjects;
	json_t *predicate;
};

/*
 * Read a statement that must have that predicate type (NULL: any).
 * FAULT_INPUT when it is not one, or a subject has no name or no sha256.
 * The caller statement_free()s *out, which is zeroed on failure.
 */
NEED int statement_read(struct statement *out, struct slice payload,
    const char *predicate_type, struct fault *f);

/* The same out of a DSSE envelope, once its signature by public holds:
 * FAULT_FORGED when it does not. */
NEED int statement_open(struct statement *out, struct slice envelope,
    const char *predicate_type, const uint8_t public[SIGN_PUBLIC_BYTES],
    struct fault *f);

/* Subject i, which is below nsubjects; its name is borrowed. */
void statement_subject(
    const struct statement *s, size_t i, struct statement_subject *out);

void statement_free(struct statement *s);

/* ---- merkle.c, proof.c: RFC 6962 section 2.1 --------------------------- */

/* MTH of no leaf, of one leaf, of two subtrees. */
void merkle_empty(uint8_t out[DIGEST_BYTES]);
void merkle_leaf(uint8_t out[DIGEST_BYTES], const void *p, size_t len);
void merkle_node(uint8_t out[DIGEST_BYTES], const uint8_t left[DIGEST_BYTES],
    const uint8_t right[DIGEST_BYTES]);

/* The right edge of a tree, all that appending needs: edge[i] is the hash of
 * the perfect subtree of 2^i leaves when bit i of size is set. */
struct merkle_range {
	uint64_t size;
	uint8_t edge[64][DIGEST_BYTES];
};
void merkle_range_start(struct merkle_range *r);
void merkle_range_add(struct merkle_range *r, const uint8_t leaf[DIGEST_BYTES]);
void merkle_range_root(const struct merkle_range *r, uint8_t out[DIGEST_BYTES]);

/* MTH over n values of 32 bytes as leaves, in the order given; for a set, call
 * digest_sort() first. */
void merkle_root_of(
    uint8_t out[DIGEST_BYTES], const uint8_t (*list)[DIGEST_BYTES], size_t n);

/* The longest: a consistency proof in a tree of 2^63 leaves. */
#define MERKLE_PROOF_MAX 65u
struct merkle_proof {
	size_t n;
	uint8_t hash[MERKLE_PROOF_MAX][DIGEST_BYTES];
};

/* Where hashes come from: the hash of the perfect subtree of 2^level leaves
 * that begins at leaf index * 2^level. */
struct merkle_source {
	int (*node)(void *arg, unsigned level, uint64_t index,
	    uint8_t out[DIGEST_BYTES], struct fault *f);
	void *arg;
};

/* The proof that leaf index is in the tree of that size, or that the tree of
 * size older is the beginning of it.  index < size; 1 <= older <= size. */
NEED int merkle_prove_inclusion(struct merkle_proof *out, uint64_t index,
    uint64_t size, const struct merkle_source *from, struct fault *f);
NEED int merkle_prove_consistency(struct merkle_proof *out, uint64_t older,
    uint64_t size, const struct merkle_source *from, struct fault *f);

/* The leaves [start, end) of a tree; start is a multiple of the power of two
 * that is not below end - start (draft-ietf-plants-merkle-tree-certs section
 * 4.1).  {0, size} is the whole tree. */
struct merkle_span {
	uint64_t start;
	uint64_t end;
};

/* FAULT_FORGED unless proof shows that leaf is number index of the subtree
 * with that root. */
NEED int merkle_check_inclusion(uint64_t index, struct merkle_span in,
    const uint8_t leaf[DIGEST_BYTES], const struct merkle_proof *proof,
    const uint8_t root[DIGEST_BYTES], struct fault *f);

/* FAULT_FORGED unless proof shows that the subtree with root part is in the
 * tree of size leaves with root whole.  An empty subtree is in every tree. */
NEED int merkle_check_subtree(struct merkle_span of, uint64_t size,
    const uint8_t part[DIGEST_BYTES], const uint8_t whole[DIGEST_BYTES],
    const struct merkle_proof *proof, struct fault *f);

/* The same for a whole older tree.  Older trees of no leaf are refused: that
 * such a one is the beginning of another says nothing. */
NEED int merkle_check_consistency(uint64_t older, uint64_t size,
    const uint8_t part[DIGEST_BYTES], const uint8_t whole[DIGEST_BYTES],
    const struct merkle_proof *proof, struct fault *f);

#endif
