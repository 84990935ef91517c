#ifndef GATEWAY_PACKAGE_PACKAGE_H
#define GATEWAY_PACKAGE_PACKAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/mask/mask.h"
#include "keys/age/age.h"
#include "keys/base/bytes.h"
#include "keys/base/secret.h"
#include "keys/base/text.h"
#include "keys/pseudonym/pseudonym.h"
#include "keys/sign/sign.h"
#include "policy/rules/rules.h"

/*
 * What a batch is made of, and taken apart into again.
 *
 *     sources --> mask --> members of a tar --> age --> shard
 *                   |
 *                   +--> index, sealed with the shard:  what is in it
 *                   +--> join,  sealed to the owner:    where it came from
 *
 * Each shard has an index and a join of its own, so that a shard is done, for
 * good, once three objects are; so that workers need not wait for each other;
 * and so that who is given one shard learns nothing of the others' items.
 *
 * Functions take descriptors and keys, and nothing here opens a path but the
 * unpacker in the folder it is given.  docs/FORMATS.md has every byte.
 */

/* A member's name: item or part id, '.', of a folder's files a number of four
 * digits and '.', extension (closed list). */
#define PACKAGE_EXTENSION_CHARS 5u
#define PACKAGE_NUMBER_CHARS 4u
#define PACKAGE_MEMBER_CHARS \
	(TOKEN_CHARS + 1u + PACKAGE_NUMBER_CHARS + 1u + PACKAGE_EXTENSION_CHARS)

/* Plaintext of one shard: large enough that a shard's own cost (two
 * signatures' worth of curve operations, three fsyncs) does not count, small
 * enough that losing one to a crash does not either. */
#define PACKAGE_SHARD_TARGET ((uint64_t)64 << 20)

/* Source bytes of one part of a row file.  A part is held in memory while its
 * rows are put in order. */
#define PACKAGE_PART_TARGET ((uint64_t)8 << 20)

/* A part as delivered: values may become longer than they were.  Records of one
 * character and a line end have the most tokens, two each. */
#define PACKAGE_PART_MAX ((size_t)256 << 20)

/* Shards of one batch: the manifest names each, in some 360 bytes of a signed
 * envelope of at most 16 MiB; 32,768 of 64 MiB are 2 TiB. */
#define PACKAGE_SHARDS_MAX 32768u

/* Members of one shard, each of which a reader of its index remembers: sixteen
 * times what an export puts there of files that are empty. */
#define PACKAGE_MEMBERS_MAX (1u << 20)

/* An original id: a path, and for rows the value that names them. */
#define PACKAGE_ORIGINAL_MAX MASK_ID_MAX

/* ---- layout.c: what goes where ------------------------------------------ */

/* The units of a batch (files, parts of row files) in the order in which they
 * are packed: shard i holds order[end[i - 1]] ... order[end[i] - 1]. */
struct package_layout {
	uint32_t *order;
	uint32_t n;
	uint32_t *end;
	uint32_t nshards;
};

/*
 * Shuffle n units under key (KEY_SHUFFLE of the batch seed) and cut them into
 * shards of about target plaintext bytes each, the last ones smaller; sizes[i]
 * is unit i's.  A unit is never cut.  FAULT_INPUT past PACKAGE_SHARDS_MAX
 * shards.  The caller package_layout_free()s *out.
 */
NEED int package_layout_make(struct package_layout *out, const uint64_t *sizes,
    uint32_t n, uint64_t target, const struct secret *key, struct fault *f);
void package_layout_free(struct package_layout *l);

/* ---- tar.c: archives that need no parser ----------------------------------
 */

#define TAR_BLOCK 512u
/* A header: one block, or past 8 GiB three (pax header, its content, one). */
#define TAR_HEADER_MAX (3 * TAR_BLOCK)
/* Two blocks of zeros. */
#define TAR_END (2 * TAR_BLOCK)
/* What a header's two fields for it hold, at the worst place of its slashes. */
#define TAR_NAME_MAX 154u

/* The header of a regular file, the same for the same name and size; returns
 * its length.  name has at most TAR_NAME_MAX characters and, past 99, a slash
 * with at most 99 behind it. */
size_t tar_header(uint8_t out[TAR_HEADER_MAX], const char *name, uint64_t size);

/* Can a header have that name? */
NEED bool tar_name_fits(const char *name);

/* Zeros behind size bytes of content. */
NEED size_t tar_padding(uint64_t size);

/*
 * Name and size that a header claims, whose first block is at p; more is set
 * where two blocks more are to be read behind it first, and nothing else then.
 * Whether it is a header of ours is for the caller to compare: with the one
 * that tar_header() makes of them.  False for what cannot be one.
 */
NEED bool tar_claims(const uint8_t *p, size_t len, char name[TAR_NAME_MAX + 2],
    uint64_t *size, bool *more);

/* ---- seal.c: an age file, written once ----------------------------------- */

/* An object as it lies in a store. */
struct package_object {
	uint8_t sha256[DIGEST_BYTES]; /* its name */
	uint64_t bytes;
	uint64_t plain; /* bytes inside */
};

/*
 * An age file in the making: sealed, digested and written to fd as it comes, in
 * runs of 256 KiB.  File key and nonce are fresh.  What was written before
 * package_seal_end() is no age file.  fd stays the caller's, who makes it
 * durable.
 */
struct package_seal;
NEED int package_seal_new(struct package_seal **out, int fd,
    const struct age_recipient *to, size_t n, struct fault *f);
NEED int package_seal_add(
    struct package_seal *s, const void *p, size_t len, struct fault *f);
NEED int package_seal_end(
    struct package_seal *s, struct package_object *out, struct fault *f);
void package_seal_free(struct package_seal *s);

/* ---- shard.c, rows.c: sources into one shard ----------------------------- */

struct package_keys {
	struct mask_keys mask; /* with an item key */
	/* KEY_SHUFFLE: the order of the rows in a part */
	const struct token_key *order;
	/* KEY_SUBJECT: the groups of items about one person; NULL: none */
	const struct token_key *subject;
	/* KEY_PERSON: the persons of the shard, for its owner; NULL: none */
	const struct token_key *person;
	/* KEY_SENT, SIP_KEY_BYTES of it: which items were sent; NULL: none */
	const uint8_t *sent;
};

#define PACKAGE_WHOSE_BYTES 8u

/* Memory that a shard in the making holds sources in, and what it notes of its
 * items: of one at a time, from one to the next.  At most 32 MiB, or what a
 * part of a row file has taken, and those notes. */
struct package_room;
NEED int package_room_new(struct package_room **out, struct fault *f);
void package_room_free(struct package_room *r);

/* Borrowed until package_shard_free(). */
struct package_shard_options {
	struct package_room *room;
	int shard, index, join;		/* drafts, empty */
	const struct age_recipient *to; /* of shard and index */
	size_t nto;
	const struct age_recipient *owner; /* of join */
	size_t nowner;
	const struct package_keys *keys;
	int persons; /* a draft, empty; with a key for it */
	/* likewise: a hash of each item's original id, and, where there are
	 * persons, behind those of all items the first PACKAGE_WHOSE_BYTES of
	 * each one's person, zeros for nobody */
	int sent;
};

struct package_made {
	struct package_object shard, index, join;
	uint64_t items, members;
	/* Distinct subjects, whose keyed hashes of TOKEN_MAC_BYTES are all that
	 * the draft of persons has, rising; 0 where no item names one. */
	uint64_t persons;
};

/*
 * A shard in the making.  The same sources in the same order, under the same
 * plans and keys, give the same plaintext.  After a failed call only
 * package_shard_free() may follow, and the drafts are to be thrown away.
 * Memory: that of its room, where rows are held with what identifies them and
 * 44 bytes each; 24 bytes for each item that is to be known as sent; and up to
 * 128 bytes for each distinct subject.
 */
struct package_shard;
NEED int package_shard_new(struct package_shard **out,
    const struct package_shard_options *o, struct fault *f);

/*
 * Add a whole file: one item whose original id is src->path, or with nth over 0
 * the nth file of the item of that original id; those come one after the
 * other, from 1.  src->keys is not used; src->subject is whom the item is
 * about.  Faults are those of mask_file().
 */
NEED int package_shard_file(struct package_shard *s,
    const struct mask_source *src, const struct slice *item, uint32_t nth,
    struct fault *f);

/*
 * Add a part of a row file: one member, one item a row, the rows in an order
 * that the keys decide.  The member's name is a keyed hash of path and first
 * record.  FAULT_INPUT past PACKAGE_PART_MAX bytes.  Whether an original id
 * comes twice in the batch is for the caller to have checked.
 */
NEED int package_shard_rows(struct package_shard *s,
    const struct mask_source *src, const struct mask_part *part,
    struct fault *f);

/* Bytes of plaintext so far. */
NEED uint64_t package_shard_plain(const struct package_shard *s);

NEED int package_shard_end(
    struct package_shard *s, struct package_made *out, struct fault *f);
void package_shard_free(struct package_shard *s);

/* As a message between our processes, and back. */
NEED int package_made_put(
    struct bytes *b, const struct package_made *m, struct fault *f);
NEED int package_made_take(
    struct reader *r, struct package_made *m, struct fault *f);

/* ---- refs.c: what files are delivered as ----------------------------------
 */

/* Files of an item that has several (a folder, a series): four digits in their
 * names. */
#define PACKAGE_FILES_MAX 9999u

/* Which of its item's files a member is, from 1; 0 for one that is an item of
 * its own, or a part. */
NEED uint32_t package_member_nth(const char *member);

/* A member's name: item, nth of its files from 1 (0: none), extension. */
void package_member_name(char out[PACKAGE_MEMBER_CHARS + 1], const char *item,
    uint32_t nth, const char *extension);

/* A file that leaves as an item, or as the nth of one, from 1. */
struct package_ref {
	const char *path;
	const char *extension; /* as delivered */
	uint32_t nth;	       /* 0: an item of its own */
	struct slice item;     /* else that one's original id */
};

/*
 * A table of n files, each path once, in a sealed descriptor that processes
 * share: looked up there, a million of them cost every worker nothing of its
 * own.  *fd is the caller's.  FAULT_INPUT past 4 GiB of paths.
 */
NEED int package_refs_write(
    int *fd, const struct package_ref *list, uint32_t n, struct fault *f);

/* Use such a table; item (borrowed) makes the ids.  fd may be closed then. */
struct package_refs;
NEED int package_refs_open(struct package_refs **out, int fd,
    const struct token_key *item, struct fault *f);
/* For mask_keys.refs; borrowed. */
const struct transform_refs *package_refs_use(const struct package_refs *r);
/* The path of the file that a value names, which lives as long as r; faults as
 * those of the above. */
NEED int package_refs_find(const struct package_refs *r, enum transform_by by,
    const struct slice *value, const char **path, struct fault *f);
void package_refs_close(struct package_refs *r);

/* ---- index.c: what is in a shard ----------------------------------------- */

/* The payload of an age file: bytes [at, at + bytes) of fd, nonce first. */
struct package_payload {
	int fd;
	uint64_t at, bytes;
	const struct secret *file_key;
};

/*
 * One line of an index.  A member's line comes before the lines of its rows;
 * both in the order of the tar.
 */
struct package_entry {
	bool row; /* an item inside the member of the line before it */
	char member[PACKAGE_MEMBER_CHARS + 1];
	char item[TOKEN_CHARS + 1];		/* "" for a part */
	char type[PACKAGE_EXTENSION_CHARS + 1]; /* of a member: "jpeg" */
	uint8_t sha256[DIGEST_BYTES];		/* of a member, as delivered */
	uint64_t bytes;
	uint64_t items; /* of a member: 1, or its rows; 0 for the second file of
			   a folder and those behind it */
	/* Of a picture as it is shown, its orientation applied; else 0. */
	uint32_t width, height;
	uint64_t chars; /* of a text item: its code points; else 0 */
	/* The group of the person that it is about, or ""; in joins alone. */
	char group[TOKEN_CHARS + 1];
};

/* Is chars known?  Of a text, unless an index of before they were counted. */
NEED bool package_entry_has_chars(const struct package_entry *e);

/* FAULT_FORGED for a wrong tag; FAULT_INPUT for what is no index line, and for
 * a member named twice. *end: there was none left. */
struct package_index;
NEED int package_index_open(struct package_index **out,
    const struct package_payload *p, struct fault *f);
NEED int package_index_next(struct package_index *x, struct package_entry *e,
    bool *end, struct fault *f);
void package_index_close(struct package_index *x);

/* ---- join.c: where it came from ------------------------------------------ */

/* One item of a join: what its labels need to find their way back. */
struct package_origin {
	char item[TOKEN_CHARS + 1];
	char member[PACKAGE_MEMBER_CHARS + 1];
	const char *original;	     /* until the next call */
	char group[TOKEN_CHARS + 1]; /* of the person it is about, or "" */
	/* Of a picture: Exif's orientation, 1 to 8, which was undone between
	 * the pixels that the original stores and what a labeller sees, and
	 * the size of the former; else 0. */
	unsigned orientation;
	uint32_t width, height;
	/* Of a text: [[at, cut, put] ...] in code points of the original, or
	 * NULL where nothing was changed; until the next call. */
	const json_t *char_edits;
	bool lost; /* there were too many to be listed */
};

/* Parts' own lines are passed over, and all but the first of a folder. */
struct package_join;
NEED int package_join_open(struct package_join **out,
    const struct package_payload *p, struct fault *f);
NEED int package_join_next(struct package_join *x, struct package_origin *o,
    bool *end, struct fault *f);
void package_join_close(struct package_join *x);

/* ---- unpack.c: a shard into a folder ------------------------------------- */

struct package_unpacked {
	uint64_t members, items, bytes;
};

/*
 * Write a shard's members into folder, each under its name only once all of it
 * was verified against the index: name, size, digest.  Members and index must
 * agree one for one.  A member of that name already there is replaced.
 * Nothing is fsynced: do that once, for all (syncfs).
 * FAULT_FORGED for a wrong tag, or a member that is not the index's;
 * FAULT_INPUT for what this program does not write.  What was verified before
 * a failure stays.
 */
NEED int package_unpack(const struct package_payload *shard,
    const struct package_payload *index, int folder,
    struct package_unpacked *out, struct fault *f);

/* ---- manifest.c: the statement about a batch ------------------------------
 */

#define MANIFEST_TYPE "https://handoff.invalid/manifest/v1"

struct manifest_shard {
	uint8_t sha256[DIGEST_BYTES]; /* the object as exported */
	uint64_t bytes;
	uint64_t items;
	uint8_t index_sha256[DIGEST_BYTES];
	uint64_t index_bytes;
};

/* Texts are owned. */
struct manifest {
	char batch[ID_CHARS + 1];
	uint64_t revision;		/* from 1 */
	uint8_t previous[DIGEST_BYTES]; /* of the revision before, if any */
	char *project;
	char *purpose;
	int64_t created;
	uint64_t retention; /* seconds from release */
	bool has_labels;
	struct manifest_labels {
		enum label_kind kind;
		char **classes;
		size_t nclasses;
		bool unanswered_negative;
		bool golden; /* then: */
		enum golden_metric metric;
		uint32_t pass;		    /* millionths */
		uint8_t root[DIGEST_BYTES]; /* of the commitments */
	} labels;
	char *log;		     /* the log's verifier key */
	uint8_t owner[DIGEST_BYTES]; /* fingerprint of the owner's card */
	char *returns;		     /* the return recipient, an age one */
	json_t *legal;		     /* on what grounds it was made, or NULL */
	/* The rules by which texts were searched: SHA-256 over the digests of
	 * the sets of rules, sorted, each once. */
	bool has_detect;
	uint8_t detect[DIGEST_BYTES];
	/* The dataset's own names that they were searched for: a MAC under a
	 * key of vendor and project, which the owner alone can compare. */
	bool has_dictionary;
	uint8_t dictionary[DIGEST_BYTES];
	struct manifest_shard *shards;
	size_t nshards;
	uint64_t suppressed; /* items that stayed behind for their risk */
};

/* Append the in-toto Statement (canonical JSON, unsigned); its subjects are the
 * shards.  FAULT_INPUT for a manifest that manifest_read() would refuse. */
NEED int manifest_write(
    struct bytes *out, const struct manifest *m, struct fault *f);

/* Read one whose signature was verified.  FAULT_INPUT for any member that is
 * missing, unknown or out of range.  *out is the caller's to manifest_free();
 * on failure it is empty. */
NEED int manifest_read(
    struct manifest *out, struct slice payload, struct fault *f);
void manifest_free(struct manifest *m);

/* ---- return_file.c: what a vendor sends back, as a file -------------------
 */

/* Label files of one return: their descriptors travel in one message. */
#define RETURN_LABELS_MAX 60u
/* A label file: LABELS_FILE_MAX of gateway/labels. */
#define RETURN_LABEL_MAX ((uint64_t)1 << 30)
/* All of it opened: what an owner's disk is made to hold by a stranger. */
#define RETURN_PLAIN_MAX ((uint64_t)4 << 30)
/* The signed statement: 60 subjects of about 110 bytes, in base64. */
#define RETURN_ENVELOPE_MAX 65536u
#define RETURN_NAME_CHARS 17u /* "labels/0001.jsonl" */

/* A label file on its way out: fd is the caller's; the rest is
 * return_label_of()'s. */
struct return_label {
	int fd;
	char name[RETURN_NAME_CHARS + 1];
	uint64_t bytes;
	uint8_t sha256[DIGEST_BYTES];
};

/*
 * Name, size and digest of the i-th label file (from 0), whose descriptor
 * stands in out->fd.  given is the name that its owner gave it: one that ends
 * in ".json" stays JSON (COCO), all others are JSON Lines.  FAULT_INPUT when it
 * is no regular file or over RETURN_LABEL_MAX.
 */
NEED int return_label_of(
    struct return_label *out, size_t i, const char *given, struct fault *f);

/* Is that the name of the i-th label file? */
NEED bool return_name_valid(const char *name, size_t i);

/* Everything that goes into a return; all of it is borrowed. */
struct return_draft {
	struct slice envelope; /* of return_statement_sign() */
	const struct return_label *labels;
	size_t nlabels;
	const struct age_recipient *to; /* the batch's return recipient */
	size_t nto;
};

/*
 * Write a return, sealed, to fd from where it stands; the caller makes it
 * durable.  FAULT_INPUT when a label file is no longer what return_label_of()
 * saw.  What was written before a failure is no age file.
 */
NEED int return_file_write(int fd, const struct return_draft *d,
    struct package_object *made, struct fault *f);

/* A label file of a return that came: where it lies in the archive. */
struct return_member {
	char name[RETURN_NAME_CHARS + 1];
	uint64_t at, bytes;
};

struct return_file {
	int fd; /* borrowed */
	struct bytes envelope;
	struct return_member labels[RETURN_LABELS_MAX];
	size_t nlabels;
};

/*
 * Read a return's archive, opened (unsealed) by others, which fd holds from its
 * first byte to its last.  Nothing is believed yet.  FAULT_INPUT for anything
 * that return_file_write() does not write.  The caller return_file_free()s
 * *out; on failure it is empty.
 */
NEED int return_file_read(struct return_file *out, int fd, struct fault *f);

/* Copy label file i over what the file to holds, and leave that at its first
 * byte.  FAULT_FORGED when its digest is another than sha256: what was copied
 * is then not to be read. */
NEED int return_file_label(const struct return_file *r, size_t i, int to,
    const uint8_t sha256[DIGEST_BYTES], struct fault *f);
void return_file_free(struct return_file *r);

/* ---- return_statement.c: what is signed about it --------------------------
 */

#define RETURN_TYPE "https://handoff.invalid/return/v1"

/* Of the labels, names and digests. */
struct return_statement {
	char batch[ID_CHARS + 1];
	char id[ID_CHARS + 1];		/* "r-..." */
	uint8_t manifest[DIGEST_BYTES]; /* of the manifest's envelope */
	bool complete;			/* nothing more will come */
	int64_t at;
	struct return_label labels[RETURN_LABELS_MAX];
	size_t nlabels;
};

/* Append the envelope, signed with the vendor's key for this owner.
 * FAULT_INPUT for a statement that return_statement_open() would refuse. */
NEED int return_statement_sign(struct bytes *out,
    const struct return_statement *s, const struct sign_key *k,
    struct fault *f);

/* Read an envelope.  FAULT_FORGED unless public signed it, FAULT_INPUT for any
 * member that is missing, unknown or malformed.  Whether batch, id and manifest
 * are the right ones is for the caller to compare. */
NEED int return_statement_open(struct return_statement *out,
    struct slice envelope, const uint8_t public[SIGN_PUBLIC_BYTES],
    struct fault *f);

/* FAULT_FORGED unless the archive's label files are the statement's, by name;
 * their digests are return_file_label()'s. */
NEED int return_file_matches(const struct return_file *r,
    const struct return_statement *s, struct fault *f);

#endif
