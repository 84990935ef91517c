#ifndef KEYS_RING_RING_H
#define KEYS_RING_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/age/age.h"
#include "keys/base/bytes.h"
#include "keys/base/fault.h"
#include "keys/base/secret.h"
#include "keys/sign/sign.h"

/*
 * The ring: all keys of one home, and the cards by which homes know each
 * other.  Its only user is the keeper, which holds the home's lock.
 *
 *     passphrase or identity file --> root --> three branches --> keys
 *     recovery identity (offline) --^
 *
 * The root and the branches only wrap.  Every key lies in a small age file of
 * its own, sealed to its branch's recipient, so that it can be destroyed
 * without touching any other, and carries a MAC that only who knows a secret
 * of the step before could make.  The bytes of these files are in
 * docs/FORMATS.md; `age -d` opens each of them.
 *
 *     keys/home.json                     who we are; the branches' recipients
 *     keys/root.age                      the root, to passphrase or identity
 *     keys/root-recovery.age             the root, to the recovery recipient
 *     keys/BRANCH/branch.age             the branch, to the root
 *     keys/BRANCH/unlock.age             split homes: to its own passphrase
 *     keys/BRANCH/KIND/ID.age            a key
 *     keys/release/shard/BATCH/N.age     a shard's identity
 *
 * Refusals that every function here may give: FAULT_POLICY when a branch is
 * locked, or a folder belongs to someone else or is open to others;
 * FAULT_FORGED when a file was altered, was not made by this home or holds
 * another key than its name says; FAULT_INPUT when it is not there or
 * malformed; FAULT_SYSTEM.
 *
 * What this does not do: notice a folder that is another home altogether, or
 * this one as it was earlier.  The first has another log key and other cards,
 * the second a shorter log.
 */
struct ring;

enum role { ROLE_OWNER, ROLE_VENDOR, ROLE_OFFICER };

/* "owner", "vendor", "officer". */
const char *role_name(enum role role);

/* Branches are bits, so that several can be named at once. */
enum ring_branch {
	RING_RELEASE = 1, /* gives keys to vendors; an agent has this alone */
	RING_EXPORT = 2,  /* makes pseudonyms and manifests */
	RING_REVEAL = 4	  /* leads from what was sent back to persons */
};
#define RING_BRANCHES 3u
#define RING_ALL 7u

enum ring_kind {
	RING_DOMAIN,	   /* export: 32 bytes, a pseudonymisation domain */
	RING_SEED,	   /* export: 32 bytes, a batch */
	RING_SUBJECT,	   /* export: 32 bytes, all persons of the home */
	RING_MANIFEST,	   /* export: Ed25519, an owner's verifier key */
	RING_SHARD,	   /* release: age identity, a shard */
	RING_LOG,	   /* release: Ed25519 */
	RING_TLS,	   /* release: Ed25519, the certificate's */
	RING_VENDOR,	   /* release: age identity of a vendor, by owner */
	RING_VENDOR_SIGN,  /* release: Ed25519 of a vendor, by owner */
	RING_RETURN,	   /* reveal: age identity, a batch's returns */
	RING_OFFICER,	   /* reveal: age identity, opens sidecars */
	RING_OFFICER_SIGN, /* reveal: Ed25519 */
	RING_KINDS
};

/* Which key.  id is [a-z0-9.-]{1,96}, beginning with [a-z0-9]; FAULT_INPUT
 * otherwise.  number is for RING_SHARD, whose id is the batch. */
struct ring_name {
	enum ring_kind kind;
	const char *id;
	uint32_t number;
};

/* How someone unlocks. */
enum ring_means {
	RING_PASSPHRASE,
	RING_IDENTITY, /* an age identity file */
	RING_RECOVERY  /* an identity file for root-recovery.age */
};
struct ring_unlock {
	enum ring_means means;
	struct secret text; /* the passphrase, or the file's bytes */
};

/* --- the ring itself (ring.c, create.c) --------------------------------- */

struct ring_init {
	enum role role;
	/* Whole: unlock[0] opens the root.  Split: one for each branch, in the
	 * order of their bits, and the root is for recovery alone. */
	const struct ring_unlock *unlock[RING_BRANCHES];
	bool split;
	const struct age_recipient *recovery; /* or NULL, said out loud */
	const struct ring_name *keys;	      /* made at once */
	size_t nkeys;
};

/*
 * Make keys/ in home, a folder's descriptor.  It appears whole or not at all:
 * what a crash leaves is swept by the next call.  FAULT_USAGE when keys/ is
 * there already.  *out is the ring with every branch unlocked; the caller
 * ring_close()s it.
 */
NEED int ring_create(
    struct ring **out, int home, const struct ring_init *init, struct fault *f);

/* Make those folders of keys/ that are not there: a backup has files alone. */
NEED int ring_folders(int home, struct fault *f);

/* Open the ring of a home with every branch locked.  home is borrowed until
 * ring_close(), which wipes every key and accepts NULL. */
NEED int ring_open(struct ring **out, int home, struct fault *f);
void ring_close(struct ring *r);

/* Of the ring: a random id "h-...", the role, whether each branch has its own
 * unlock, the recovery recipient or NULL.  Borrowed. */
const char *ring_home(const struct ring *r);
enum role ring_role(const struct ring *r);
NEED bool ring_is_split(const struct ring *r);
const struct age_recipient *ring_recovery(const struct ring *r);

/*
 * Unlock branches (bits), and no other, and delete what a crash left
 * half-written in keys/.  The root is wiped before this returns.  FAULT_INPUT
 * for a wrong passphrase, or when the file opens by other means; FAULT_FORGED
 * when home.json is not what the branch was made with. On failure nothing more
 * is unlocked than before.
 */
NEED int ring_unlock(struct ring *r, unsigned branches,
    const struct ring_unlock *how, struct fault *f);

/* Wipe branches; are all of these unlocked? */
void ring_lock(struct ring *r, unsigned branches);
NEED bool ring_unlocked(const struct ring *r, unsigned branches);

/* FAULT_POLICY naming the first of branches that is locked. */
NEED int ring_need(const struct ring *r, unsigned branches, struct fault *f);

/*
 * Change what unlocks: the root's wrap, or in a split home those of branches.
 * now is what unlocks today, or the recovery; to is what will.  The old wrap
 * is overwritten once the new one is durable.  On failure each wrap is wholly
 * the old or wholly the new one.
 */
NEED int ring_rewrap(struct ring *r, const struct ring_unlock *now,
    unsigned branches, const struct ring_unlock *to, struct fault *f);

/* --- keys (keep.c) ------------------------------------------------------ */

/*
 * Make a fresh key; it is durable when this returns 0.  The branch that it is
 * of must be unlocked; for RING_RETURN, whose keys an export makes, export or
 * reveal.  FAULT_INPUT when a key of that name is there.  What is public of
 * it goes to the caller; a secret's bytes too, to secret_free().
 */
NEED int ring_make_secret(struct ring *r, const struct ring_name *name,
    struct secret *out, struct fault *f);
NEED int ring_make_identity(struct ring *r, const struct ring_name *name,
    uint8_t public[AGE_X25519_BYTES], struct fault *f);
NEED int ring_make_sign_key(struct ring *r, const struct ring_name *name,
    uint8_t public[SIGN_PUBLIC_BYTES], struct fault *f);

/* The identities of count shards of a batch from number first, with one flush
 * of their folder.  On failure none of them is there. */
NEED int ring_make_shards(struct ring *r, const char *batch, uint32_t first,
    uint32_t count, uint8_t (*public)[AGE_X25519_BYTES], struct fault *f);

/* Unwrap a key; the caller frees it. */
NEED int ring_get_secret(struct ring *r, const struct ring_name *name,
    struct secret *out, struct fault *f);
NEED int ring_get_identity(struct ring *r, const struct ring_name *name,
    struct age_identity *out, struct fault *f);
NEED int ring_get_sign_key(struct ring *r, const struct ring_name *name,
    struct sign_key *out, struct fault *f);

/* Is there a key of that name?  False also when the name is malformed. */
NEED bool ring_has(const struct ring *r, const struct ring_name *name);

/*
 * Destroy a key, or count shards of a batch from number first: overwrite,
 * flush, unlink, flush the folder.  Nothing needs to be unlocked, and a key
 * that is not there is no failure, so that this can be repeated.
 *
 * On a disk that writes in place the wrapped key is gone.  Flash, and file
 * systems that copy on write, keep old blocks for a while; what they keep is
 * still sealed to its branch.  A backup keeps it until it expires.
 */
NEED int ring_destroy(
    struct ring *r, const struct ring_name *name, struct fault *f);
NEED int ring_destroy_shards(struct ring *r, const char *batch, uint32_t first,
    uint32_t count, struct fault *f);

/* One file below the home, for a backup, which copies it as it is.  Files only
 * ever appear whole and vanish; none changes in place but those destroyed. */
struct ring_file {
	const char *path; /* "keys/release/log/1.age" */
	bool is_key;	  /* else home.json or a wrap, and name is unset */
	struct ring_name name;
};

/* Show every file of the ring to see(); its failure ends the walk. */
NEED int ring_each(const struct ring *r,
    int (*see)(void *arg, const struct ring_file *file, struct fault *f),
    void *arg, struct fault *f);

/* --- cards (card.c, fingerprint.c) -------------------------------------- */

#define CARD_BYTES_MAX 8192u
#define CARD_NAME_MAX 32u
#define CARD_PREDICATE "https://handoff.invalid/card/v1"

/* By what another home knows us. */
struct card {
	enum role role;
	char name[CARD_NAME_MAX + 1]; /* [a-z0-9-] */
	char home[29];		      /* "h-..." */
	struct age_recipient age;     /* X25519 or hybrid */
	struct vkey verifier;
	uint8_t tls[SIGN_PUBLIC_BYTES];
	bool has_log; /* owners, and nobody else */
	struct vkey log;
};

/* Is it a name as homes give each other, [a-z0-9-]{1,32}? */
NEED bool card_name_valid(const char *name);

/* Append the card as DSSE envelope, signed by the key whose public half is
 * c->verifier.key.  FAULT_INPUT when a member is malformed. */
NEED int card_sign(struct bytes *out, const struct card *c,
    const struct sign_key *verifier, struct fault *f);

/*
 * Read a card and verify that its own verifier key signed it.  FAULT_INPUT
 * when it is not exactly one as card_sign() writes it; FAULT_FORGED when the
 * signature is wrong.  It proves that the card is whole, not whose it is: that
 * is what the fingerprint is compared for.
 */
NEED int card_read(
    struct card *out, const void *p, size_t len, struct fault *f);

/*
 * The fingerprint of the whole card: the first 128 bits of SHA-256 over its
 * canonical payload, in two spellings.  128 bits, since a forger must hit one
 * given card and not just find two that agree.  The words are proquints
 * (Wilkerson, arXiv 0901.4016): 16 bits are five letters that one can say in
 * most languages, and need no list of words in any.
 */
#define FINGERPRINT_HEX_CHARS 39u   /* "9f86 d081 ..." */
#define FINGERPRINT_WORDS_CHARS 47u /* "lusab babad ..." */
struct fingerprint {
	char hex[FINGERPRINT_HEX_CHARS + 1];
	char words[FINGERPRINT_WORDS_CHARS + 1];
};
NEED int card_fingerprint(
    struct fingerprint *out, const struct card *c, struct fault *f);

/* Did a person type this fingerprint?  Either spelling, whole; case, spaces
 * and hyphens do not count. */
NEED bool fingerprint_same(const struct fingerprint *a, const char *typed);

/* Could that be one, of whatever card?  Read as leniently. */
NEED bool fingerprint_formed(const char *typed);

/* --- TLS (tls.c) -------------------------------------------------------- */

/*
 * The self-signed certificate of an Ed25519 key, as PEM, and the key as PEM
 * (PKCS #8, RFC 8410).  The same key and name give the same bytes: the serial
 * number is the key's digest, and validity runs to the end of year 9999 (RFC
 * 5280, section 4.1.2.5), since peers pin the key and look at nothing else.
 * name is the common name, 1 to 64 characters [a-z0-9.-].
 */
NEED int tls_certificate(struct bytes *pem, const struct sign_key *k,
    const char *name, struct fault *f);
NEED int tls_key(struct secret *pem, const struct sign_key *k, struct fault *f);

#endif
