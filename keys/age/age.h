#ifndef KEYS_AGE_AGE_H
#define KEYS_AGE_AGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/bytes.h"
#include "keys/base/fault.h"
#include "keys/base/secret.h"
#include "keys/base/wire.h"

/*
 * age v1 (C2SP age.md): a header that wraps a 16-byte file key for several
 * recipients, and a payload of 64 KiB chunks sealed under that key.
 *
 *     header | nonce[16] | chunk 0 | chunk 1 | ... | final chunk
 *
 * Whoever has the file key opens the payload without any identity, and a
 * header can be replaced by one for other recipients over the same payload.
 *
 * Refusals, here and in everything built on it: FAULT_INPUT for bad grammar,
 * bad armor, a kind this build cannot do and identities that do not match;
 * FAULT_FORGED for a wrong header MAC, a wrong tag and a file cut short.
 * Where both are true it is FAULT_FORGED.  FAULT_SYSTEM for memory and I/O.
 */

#define AGE_FILE_KEY_BYTES 16u
#define AGE_NONCE_BYTES 16u
#define AGE_CHUNK_BYTES 65536u
#define AGE_TAG_BYTES 16u
#define AGE_SEALED_CHUNK_BYTES (AGE_CHUNK_BYTES + AGE_TAG_BYTES)

#define AGE_X25519_BYTES 32u
#define AGE_HYBRID_PUBLIC_BYTES 1216u /* ML-KEM-768 1184, X25519 32 */

/* A header we are willing to hold: about 9,000 X25519 recipients, or 600
 * hybrid ones; the largest release has one recipient and the recovery's. */
#define AGE_HEADER_MAX (1024u * 1024u)

/* A passphrase's cost, as log2 N of scrypt (r = 8, p = 1): 2^18 is 256 MiB
 * and about a second; 2^22 is 4 GiB, refused beyond half of what is free.
 * A build with sanitizers, which nobody uses, writes a lower one: libcrypto is
 * not instrumented, and the passphrases of its tests show nothing more. */
#ifndef AGE_SCRYPT_LOG_N
#define AGE_SCRYPT_LOG_N 18u
#endif
#define AGE_SCRYPT_LOG_N_MAX 22u

enum age_kind {
	AGE_OTHER = 0, /* a stanza that we do not know */
	AGE_X25519 = 1,
	AGE_SCRYPT = 2, /* a passphrase; always the only recipient */
	AGE_HYBRID = 3	/* mlkem768x25519 */
};

/* "X25519", "scrypt", "mlkem768x25519", "other". */
const char *age_kind_name(enum age_kind kind);

/* Does the crypto library at hand have ML-KEM-768, which AGE_HYBRID needs? */
NEED bool age_has_hybrid(void);

/* --- recipients and identities ------------------------------------------ */

/* To whom.  Zeroed is empty and may be freed; copies share the passphrase. */
struct age_recipient {
	enum age_kind kind;
	uint8_t key[AGE_HYBRID_PUBLIC_BYTES]; /* X25519: the first 32 */
	struct secret passphrase;	      /* AGE_SCRYPT alone */
	unsigned log_n;			      /* AGE_SCRYPT alone */
};

/* Who opens: an X25519 scalar, a hybrid seed (32 bytes each), a passphrase. */
struct age_identity {
	enum age_kind kind;
	struct secret secret;
};

/* A list, as a file of them holds. */
struct age_recipients {
	struct age_recipient *at;
	size_t n;
};

struct age_identities {
	struct age_identity *at;
	size_t n;
};

/*
 * "age1..." or "age1pq1..." (Bech32, BIP 173 without its length limit).
 * FAULT_INPUT for anything else; the text is not repeated in the message,
 * since people paste identities by mistake.
 */
NEED int age_recipient_read(
    struct age_recipient *out, const char *text, size_t chars, struct fault *f);

/* Append the text form.  Not for AGE_SCRYPT. */
NEED int age_recipient_write(
    struct bytes *out, const struct age_recipient *r, struct fault *f);

/* A passphrase to seal under, at AGE_SCRYPT_LOG_N; the caller wipes its own. */
NEED int age_recipient_passphrase(
    struct age_recipient *out, const void *p, size_t len, struct fault *f);
void age_recipient_free(struct age_recipient *r);

/* A fresh X25519 identity. */
NEED int age_identity_new(struct age_identity *out, struct fault *f);

/* A fresh hybrid one; its recipient can only be told with ML-KEM at hand. */
NEED int age_identity_new_hybrid(struct age_identity *out, struct fault *f);

/* "AGE-SECRET-KEY-1..." or "AGE-SECRET-KEY-PQ-1...", in either case. */
NEED int age_identity_read(
    struct age_identity *out, const char *text, size_t chars, struct fault *f);

/* The text form with a NUL behind, counted in out->len.  Not for
 * AGE_SCRYPT. */
NEED int age_identity_write(
    struct secret *out, const struct age_identity *id, struct fault *f);
NEED int age_identity_passphrase(
    struct age_identity *out, const void *p, size_t len, struct fault *f);

/* Whom to seal to so that id opens.  FAULT_INPUT for a hybrid identity
 * without ML-KEM at hand.  Not for AGE_SCRYPT. */
NEED int age_identity_recipient(
    struct age_recipient *out, const struct age_identity *id, struct fault *f);
void age_identity_free(struct age_identity *id);

/* Append what a recipient or identity file holds: one a line, empty lines and
 * lines that begin with '#' between.  FAULT_INPUT names the line; a file
 * without any is refused.  On failure the list is as it was. */
NEED int age_recipients_read(struct age_recipients *list, const char *text,
    size_t chars, struct fault *f);
NEED int age_identities_read(struct age_identities *list, const char *text,
    size_t chars, struct fault *f);

/* Append one; the list owns it from here, and on failure the caller does. */
NEED int age_recipients_add(
    struct age_recipients *list, struct age_recipient *r, struct fault *f);
NEED int age_identities_add(
    struct age_identities *list, struct age_identity *id, struct fault *f);
void age_recipients_free(struct age_recipients *list);
void age_identities_free(struct age_identities *list);

/* --- header ------------------------------------------------------------- */

struct age_stanza {
	enum age_kind kind;
	size_t nargs;	     /* with the type */
	struct slice arg[3]; /* the first three */
	struct slice body;   /* decoded */
};

/* A header as read; the slices point into it.  Zeroed is empty. */
struct age_header {
	struct age_stanza *stanzas;
	size_t nstanzas;
	size_t len; /* bytes, the last newline included */
	uint8_t mac[32];
	struct bytes text;
	struct bytes bodies;
};

/*
 * Read the header at the head of p, strictly; h->len says where the payload
 * begins.  FAULT_FORGED when p ends before the header does (nothing at all is
 * FAULT_INPUT), else FAULT_INPUT.  Proves nothing yet: age_header_open does.
 * On success the caller age_header_free()s h; on failure it is empty.
 */
NEED int age_header_read(
    struct age_header *h, const void *p, size_t len, struct fault *f);
void age_header_free(struct age_header *h);

/* How the fault's text ends when a passphrase is not the one. */
#define AGE_WRONG_PASSPHRASE "the passphrase is wrong"

/*
 * The file key, by the first identity that fits any stanza; the header's MAC
 * is then verified.  FAULT_INPUT when none fits (see AGE_WRONG_PASSPHRASE) or a
 * stanza addressed to an identity is malformed, FAULT_FORGED for the MAC.  The
 * caller secret_free()s *file_key; on failure it is empty.
 */
NEED int age_header_open(const struct age_header *h,
    const struct age_identity *ids, size_t n, struct secret *file_key,
    struct fault *f);

/* Is the header's MAC right under this file key?  FAULT_FORGED if not. */
NEED int age_header_check(
    const struct age_header *h, const struct secret *file_key, struct fault *f);

/*
 * Append a header that wraps a fresh file key for n recipients, and hand the
 * key over.  FAULT_INPUT without recipients, past AGE_HEADER_MAX, for a
 * passphrase beside others, or a hybrid recipient without ML-KEM at hand.
 * On failure *file_key is empty and out is as it was.
 */
NEED int age_header_new(struct bytes *out, struct secret *file_key,
    const struct age_recipient *to, size_t n, struct fault *f);

/* The same for a file key that exists: a payload gets new readers. */
NEED int age_header_make(struct bytes *out, const struct secret *file_key,
    const struct age_recipient *to, size_t n, struct fault *f);

/* Open h and append a header for others over the same payload. */
NEED int age_header_rewrap(struct bytes *out, const struct age_header *h,
    const struct age_identity *id, const struct age_recipient *to, size_t n,
    struct fault *f);

/* --- payload ------------------------------------------------------------ */

/*
 * The payload cipher: any chunk, in any order.  One thread at a time; every
 * thread makes its own.  The nonce is random_fill()ed by whoever seals, once a
 * file, and never used again.
 */
struct age_stream;

enum age_way { AGE_SEAL, AGE_OPEN };

NEED int age_stream_new(struct age_stream **out, enum age_way way,
    const struct secret *file_key, const uint8_t nonce[AGE_NONCE_BYTES],
    struct fault *f);
void age_stream_free(struct age_stream *s);

/*
 * Seal chunk number n: len bytes (AGE_CHUNK_BYTES unless final; 0 only when
 * final and n is 0) into len + AGE_TAG_BYTES at out, which may be in itself.
 */
NEED int age_chunk_seal(struct age_stream *s, uint64_t n, bool final,
    const void *in, size_t len, void *out, struct fault *f);

/*
 * Open chunk number n: len bytes with the tag, into len - AGE_TAG_BYTES at
 * out, which may be in itself.  FAULT_FORGED for a wrong tag or a length that
 * no chunk has; out then holds nothing that may be used.
 */
NEED int age_chunk_open(struct age_stream *s, uint64_t n, bool final,
    const void *in, size_t len, void *out, struct fault *f);

/* Bytes of the payload (nonce and tags) of so many plain bytes, and back;
 * false for a size that no payload has, or past 2^62. */
NEED bool age_payload_bytes(uint64_t plain, uint64_t *payload);
NEED bool age_plain_bytes(uint64_t payload, uint64_t *plain);

/* Chunks of so many plain bytes (at least 1); where chunk n begins, counted
 * from the payload's first byte. */
NEED uint64_t age_chunks(uint64_t plain);
NEED uint64_t age_chunk_at(uint64_t n);

/* --- whole files in memory ---------------------------------------------- */

/* Append the age file of len bytes: for wrapped keys and other small things. */
NEED int age_seal_small(struct bytes *out, const struct age_recipient *to,
    size_t n, const void *p, size_t len, struct fault *f);

/* The plaintext of an age file, binary or armored.  The caller
 * secret_free()s *out; on failure it is empty. */
NEED int age_open_small(struct secret *out, const void *p, size_t len,
    const struct age_identity *ids, size_t n, struct fault *f);

/* --- streams ------------------------------------------------------------ */

/* One big stream, over all cores; at most 17 MiB of buffers. */
struct age_pump {
	int in;	    /* from where it stands; a file is read in parallel */
	int out;    /* in order */
	bool armor; /* seal: write armor; open: set when it was armor */
	/* A file may be mapped instead of read: a quarter faster, but when
	 * somebody cuts it short meanwhile the process gets a SIGBUS. */
	bool map;
	unsigned threads;     /* 0: as many as this process may run on; 1: none
			       * besides the caller's */
	uint64_t plain_bytes; /* taken in or released, also after a failure */
	/* NULL, or told of every block that left; from any thread, one at a
	 * time. */
	void (*progress)(void *context, uint64_t plain_bytes);
	void *context;
};

/* Seal in to out.  What was written before a failure is not an age file. */
NEED int age_seal_fd(struct age_pump *p, const struct age_recipient *to,
    size_t n, struct fault *f);

/*
 * Open in (binary or armored) to out.  A chunk is written only after its tag
 * was verified, in order; on failure the chunks before the bad one have been
 * written.
 */
NEED int age_open_fd(struct age_pump *p, const struct age_identity *ids,
    size_t n, struct fault *f);

/* The same with the file key instead of identities: the header is read, its
 * MAC verified. */
NEED int age_open_fd_with_key(
    struct age_pump *p, const struct secret *file_key, struct fault *f);

/* What anyone can tell of an age file without a key. */
struct age_summary {
	bool armor;
	struct age_header header;
	uint64_t payload_bytes; /* armor taken off */
};

/*
 * Read in to its end and say what it is; nothing is proven.  The caller
 * age_summary_free()s it; on failure it is empty.
 */
NEED int age_inspect_fd(int in, struct age_summary *out, struct fault *f);
void age_summary_free(struct age_summary *s);

/* --- armor -------------------------------------------------------------- */

/* Append p as armor (RFC 7468, "AGE ENCRYPTED FILE"). */
NEED int age_armor_write(
    struct bytes *out, const void *p, size_t len, struct fault *f);

/* Append what armor holds, strictly; white space may stand around it.
 * FAULT_FORGED when it ends before its END line, else FAULT_INPUT. */
NEED int age_armor_read(
    struct bytes *out, const void *p, size_t len, struct fault *f);

/* Does p look like armor rather than a binary file? */
NEED bool age_is_armor(const void *p, size_t len);

/* --- Bech32 ------------------------------------------------------------- */

/* Append the lower-case form of len bytes under the prefix hrp (BIP 173). */
NEED int bech32_write(struct bytes *out, const char *hrp, const void *p,
    size_t len, struct fault *f);

/* Decode into hrp[AGE_HRP_MAX + 1] (lower case) and out[room].  False for a
 * wrong checksum, mixed case, a bad character or padding, or lack of room.
 * BIP 173 ends prefixes at 83 characters; age's own reader does not. */
#define AGE_HRP_MAX 127u
NEED bool bech32_read(char hrp[AGE_HRP_MAX + 1], uint8_t *out, size_t room,
    size_t *len, const char *text, size_t chars);

#endif
