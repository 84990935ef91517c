#ifndef KEYS_RING_RING_INTERNAL_H
#define KEYS_RING_RING_INTERNAL_H

#include "keys/base/text.h"
#include "keys/ring/ring.h"

/* What a key file holds behind its label. */
enum body { BODY_SECRET, BODY_IDENTITY, BODY_SIGN };

struct kind_row {
	const char *name; /* its folder, and in its label */
	unsigned branch;  /* index, not bit: who opens it */
	unsigned maker;	  /* index: who makes it, which is mostly the same */
	enum body body;
};
extern const struct kind_row ring_kinds[RING_KINDS];
extern const char *const ring_branches[RING_BRANCHES];

/* A key id: a batch, a domain's name, "1". */
#define KEY_ID_MAX 96u

/* Below keys/: branch, kind, id, number, ".age". */
#define KEY_PATH_MAX 192u

/* home.json holds four recipients, of which the longest kind is 2 KB. */
#define RECORD_MAX 16384u

/* Ours are under 1 KB, but for the root's and a split branch's, sealed to
 * everyone in an identity file. */
#define WRAP_MAX (64u * 1024)

struct ring {
	int home; /* borrowed */
	int keys;
	char id[ID_CHARS + 1];
	enum role role;
	bool split;
	bool has_recovery;
	struct age_recipient recovery;
	struct age_recipient to[RING_BRANCHES];
	struct age_identity branch[RING_BRANCHES]; /* empty when locked */
	uint8_t record[DIGEST_BYTES]; /* of home.json, as it was read */
	bool swept;
};

/* --- ring.c -------------------------------------------------------------- */

/* Delete what a crash left half-written, once: a folder has a file for each
 * shard there ever was. */
NEED int ring_sweep(struct ring *r, struct fault *f);

/* --- record.c: home.json ------------------------------------------------ */

/* Write it from r, or read it into r; r->record is set. */
NEED int record_write(struct ring *r, struct fault *f);
NEED int record_read(struct ring *r, struct fault *f);

/* The member "role" of an object, by its name. */
NEED int role_take(const json_t *o, enum role *out, struct fault *f);

/* --- fingerprint.c ------------------------------------------------------ */

#define FINGERPRINT_BYTES 16u
void fingerprint_spell(
    struct fingerprint *out, const uint8_t bits[FINGERPRINT_BYTES]);

/* --- bind.c: who may have made a key file -------------------------------- */

#define BIND_BYTES 32u

/*
 * To whom a key file is sealed, and the MAC keys that say that its maker knew
 * one of their secrets: BIND_BYTES each, or empty where it was made with
 * their public halves alone (recovery) or who knows the secret is the only one
 * who could have sealed it (a passphrase).
 */
struct holders {
	struct age_recipients to;
	struct secret bind;
};

struct label;

/* The MAC keys of identities, in their order; none of a passphrase.  The
 * caller secret_free()s *bind. */
NEED int bind_of_identities(struct secret *bind, const struct label *l,
    const struct age_identities *ids, struct fault *f);

/*
 * The MAC key of the key files of a kind.  FAULT_POLICY unless the branch that
 * makes it or the one that opens it is unlocked.
 */
NEED int bind_of_kind(struct secret *bind, const struct ring *r,
    const struct kind_row *row, struct fault *f);

/* The MAC under key i of bind over label and body. */
void bind_mac(uint8_t mac[BIND_BYTES], const struct secret *bind, size_t i,
    struct slice label, struct slice body);

/* --- wrapped.c: the bytes of key files ---------------------------------- */

/*
 * What a key file says it is, sealed with the key so that no file can stand in
 * for another.  record binds the home's record, for the root and branches.
 */
struct label {
	const char *home;
	const char *kind;
	const char *id;
	const uint8_t *record; /* DIGEST_BYTES, or NULL */
	bool loose;	       /* made without a secret: no MAC (recovery) */
};

/* Append the age file of body, a text with its last newline, to its
 * holders, with a MAC for each key in h->bind. */
NEED int wrapped_seal(struct bytes *out, const struct label *l,
    const struct secret *body, const struct holders *h, struct fault *f);

/*
 * Open one, compare its label, and hand over the body.  With keys in bind, a
 * MAC of it must be right under one of them: FAULT_FORGED otherwise, and where
 * there are MACs and no key.
 */
NEED int wrapped_open(struct secret *body, const struct label *l,
    const struct bytes *file, const struct age_identities *ids,
    const struct secret *bind, struct fault *f);

/* A file that we sealed to a key at hand, and that is now malformed or does
 * not fit that key, was altered: FAULT_INPUT becomes FAULT_FORGED. */
void fault_own_file(struct fault *f);

/* Bodies as text, and back; FAULT_FORGED when it is not exactly one, since it
 * was sealed as such. */
NEED int body_of_secret(
    struct secret *body, const struct secret *s, struct fault *f);
NEED int secret_of_body(
    struct secret *s, const struct secret *body, struct fault *f);
NEED int body_of_identity(
    struct secret *body, const struct age_identity *id, struct fault *f);
NEED int identity_of_body(
    struct age_identity *id, const struct secret *body, struct fault *f);
NEED int sign_key_of_body(
    struct sign_key *k, const struct secret *body, struct fault *f);

/* --- unlock.c: root and branches ---------------------------------------- */

#define ROOT_FILE "root.age"
#define ROOT_RECOVERY_FILE "root-recovery.age"
#define BRANCH_FILE "branch.age"
#define UNLOCK_FILE "unlock.age"

/* The labels of the root, for every day and for recovery, and of branch b. */
struct label root_label(const struct ring *r);
struct label recovery_label(const struct ring *r);
struct label branch_label(const struct ring *r, unsigned b);

/* "BRANCH/FILE" */
void branch_path(char out[KEY_PATH_MAX], unsigned b, const char *file);

/* Seal id, as what the label says, to its holders under a path below keys/;
 * an older file there goes, and is overwritten. */
NEED int wrap_to(const struct ring *r, const char *path, const struct label *l,
    const struct age_identity *id, const struct holders *h, struct fault *f);

/* The same to who has the identities, bound by them. */
NEED int wrap_by(const struct ring *r, const char *path, const struct label *l,
    const struct age_identity *id, const struct age_identities *by,
    struct fault *f);

/* The same to who has how. */
NEED int wrap_for(const struct ring *r, const char *path, const struct label *l,
    const struct age_identity *id, const struct ring_unlock *how,
    struct fault *f);

/* --- place.c ------------------------------------------------------------ */

/* Where a key lies below keys/, and what its label says. */
struct place {
	const struct kind_row *row;
	char folder[KEY_PATH_MAX]; /* "release/shard/b-..." */
	char file[KEY_ID_MAX + 8]; /* "17.age" */
	char id[KEY_ID_MAX + 16];  /* "b-.../17" */
};

/* FAULT_INPUT for an id that no key may have. */
NEED int key_place(
    struct place *p, const struct ring_name *name, struct fault *f);

struct label key_label(const struct ring *r, const struct place *p);

/* Open its folder; *fd is -1 when there is none. */
NEED int key_folder(
    const struct ring *r, const struct place *p, int *fd, struct fault *f);

/* --- keep.c ------------------------------------------------------------- */

/* A fresh key of any kind; public is 32 bytes or NULL. */
NEED int key_make(struct ring *r, const struct ring_name *name, uint8_t *public,
    struct fault *f);

/* --- folders.c ---------------------------------------------------------- */

/* FAULT_POLICY unless the folder is ours and, of the bits of mode in
 * forbidden, has none. */
NEED int folder_is_ours(
    int fd, const char *what, unsigned forbidden, struct fault *f);

/* Overwrite a file that stays open under fd, and flush it. */
NEED int file_scrub(int fd, const char *what, struct fault *f);

/* file_put() into the folder that path, below dir, leads to. */
NEED int file_put_below(
    int dir, const char *path, const struct bytes *text, struct fault *f);

/* Does a name stand in dir? */
NEED bool file_is_there(int dir, const char *path);

#endif
