#ifndef GATEWAY_AUDIT_AUDIT_H
#define GATEWAY_AUDIT_AUDIT_H

#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "keys/base/bytes.h"
#include "keys/base/clock.h"
#include "keys/sign/sign.h"

/*
 * The transparency log of a home.
 *
 * Entries are numbered from 0 without gaps and are the leaves of an RFC 6962
 * Merkle tree.  The truth is the home's catalog.db: one transaction holds the
 * entries' bytes, whatever rows the catalog derives from them, the right edge
 * of the tree and the checkpoint that the log key signed.  The folder log/ is
 * a published copy of it in C2SP tlog-tiles form, which anybody can verify
 * without us.
 *
 * What an entry means is the catalog's business; here it is a leaf with a
 * kind, a time and members.
 */

/* The first part of the origin line of every log that we write; the home's id
 * follows.  Logs of that origin hold our leaves, others hold opaque bytes. */
#define AUDIT_ORIGIN "handoff.invalid/log/"

/* An entry bundle gives each entry a 16-bit length. */
#define AUDIT_LEAF_MAX 65535u
/* The largest bundle: 256 entries and their lengths. */
#define AUDIT_BUNDLE_MAX (256u * (2u + AUDIT_LEAF_MAX))
/* A release names up to 4,096 shards with some 100 bytes each, sealed. */
#define AUDIT_SIDECAR_MAX (1u << 20)
/* Our own checkpoints are 300 bytes; a hundred cosignatures fit. */
#define AUDIT_CHECKPOINT_MAX 16384u

/* ---- tile.c: names of tlog-tiles resources ----------------------------- */

#define AUDIT_TILE_WIDTH 256u
#define AUDIT_TILE_LEVELS 8u /* 256^8 leaves are more than a size can say */
#define AUDIT_PATH_MAX 63u

/* A tile of hashes, or a bundle of entries. */
struct audit_tile {
	bool entries;
	unsigned level; /* 0 for a bundle */
	uint64_t n;
	unsigned width; /* 1 to 256; below 256 it is partial */
};

/* "tile/0/x001/x234/067.p/112", and back: strictly, one path for one tile. */
void audit_tile_path(char out[AUDIT_PATH_MAX + 1], const struct audit_tile *t);
NEED bool audit_tile_read(struct audit_tile *out, const char *path);

/* How wide is tile n at that level in a tree of size leaves?  0: not there. */
NEED unsigned audit_tile_width(uint64_t size, unsigned level, uint64_t n);

/* ---- checkpoint.c: C2SP tlog-checkpoint -------------------------------- */

struct audit_checkpoint {
	uint64_t size;
	uint8_t root[DIGEST_BYTES];
};

/* Append the signed note for c; the origin line and the key's name are name. */
NEED int audit_checkpoint_sign(struct bytes *out,
    const struct audit_checkpoint *c, const char *name,
    const struct sign_key *key, struct fault *f);

/* Verify and read one.  FAULT_INPUT when malformed, FAULT_FORGED when log did
 * not sign it or its origin is not log's name. */
NEED int audit_checkpoint_open(struct audit_checkpoint *out, const void *p,
    size_t len, const struct vkey *log, struct fault *f);

/* ---- leaf.c: an entry's bytes ------------------------------------------ */

/*
 * A leaf of ours is canonical JSON (RFC 8785) of a narrow kind: one object of
 * at most AUDIT_MEMBERS_MAX members with values that are texts of plain
 * characters (0x20 to 0x7e without '"' and '\'), integers, true, false, null,
 * or lists of such texts.  It has "at" (a time), "kind", "salt" (128 fresh
 * bits) and may have "sidecar" (SHA-256 of its sealed sidecar).
 */
#define AUDIT_MEMBERS_MAX 32u
#define AUDIT_SALT_BYTES 16u

enum audit_type {
	AUDIT_TEXT, /* value without its quotes */
	AUDIT_NUMBER,
	AUDIT_WORD, /* true, false, null */
	AUDIT_TEXTS /* value with its brackets */
};

struct audit_member {
	struct slice name;
	struct slice value;
	enum audit_type type;
};

/* A leaf as read; everything points into the caller's bytes. */
struct audit_leaf {
	struct slice bytes;
	struct slice kind;
	int64_t at;
	size_t nmembers;
	struct audit_member members[AUDIT_MEMBERS_MAX]; /* in order of name */
};

/* Append the leaf of that kind and time with the members of body, a fresh
 * salt, and sidecar's digest unless it is empty.  FAULT_INPUT when body holds
 * what a leaf cannot. */
struct audit_draft {
	const char *kind;
	int64_t at;
	const json_t *body;
	struct slice sidecar;
};
NEED int audit_leaf_write(
    struct bytes *out, const struct audit_draft *d, struct fault *f);

/* FAULT_FORGED for anything but the one form above. */
NEED int audit_leaf_read(
    struct audit_leaf *out, const void *p, size_t len, struct fault *f);

/* A member by name, or NULL. */
NEED const struct audit_member *audit_leaf_member(
    const struct audit_leaf *l, const char *name);

/* Is it an entry of that kind? */
NEED bool audit_leaf_is(const struct audit_leaf *l, const char *kind);

/* ---- receipt.c: C2SP tlog-proof ---------------------------------------- */

#define AUDIT_RECEIPT_MAX (128u * 1024)

struct audit_receipt {
	struct audit_checkpoint checkpoint;
	uint64_t index;
	struct bytes leaf;
};

/*
 * Check a receipt offline: its leaf, which travels as the proof's extra data,
 * is entry index of the tree that log signed.  FAULT_INPUT when malformed,
 * FAULT_FORGED when it does not hold.  The caller audit_receipt_free()s *out,
 * which is empty on failure.
 */
NEED int audit_receipt_check(struct audit_receipt *out, const void *p,
    size_t len, const struct vkey *log, struct fault *f);
void audit_receipt_free(struct audit_receipt *r);

/* ---- verify.c: a log from its resources alone --------------------------- */

/* Where tiles and bundles come from: a folder, an agent.  get appends the
 * resource to out, whose cap is its largest size; FAULT_INPUT says that it is
 * not there, and the full tile is then asked for in place of a partial one. */
struct audit_tiles {
	int (*get)(void *arg, const struct audit_tile *t, struct bytes *out,
	    struct fault *f);
	void *arg;
};

/* Told of every entry in order, once its hash is the tile's. */
struct audit_watch {
	int (*entry)(void *arg, uint64_t seq, const void *leaf, size_t len,
	    struct fault *f);
	void *arg;
};

/*
 * Check every entry, tile and root under a checkpoint that is already
 * verified; with ours, that entries are leaves of ours, in order of time.
 * FAULT_FORGED names the first bad entry, as closely as hashes can tell.
 */
struct audit_copy {
	struct audit_checkpoint checkpoint;
	struct audit_tiles from;
	struct audit_watch watch; /* entry may be NULL */
	bool ours;
};
NEED int audit_verify(const struct audit_copy *c, struct fault *f);

/* Check that older is the beginning of newer, both already verified.
 * FAULT_FORGED when it is not: the log has been rewritten or forked. */
NEED int audit_consistent(const struct audit_checkpoint *older,
    const struct audit_checkpoint *newer, const struct audit_tiles *from,
    struct fault *f);

/* Tiles out of a folder; *dir is the folder's descriptor. */
struct audit_tiles audit_folder(const int *dir);

/* ---- rows.c: SQLite as this program uses it ------------------------------ */

/* A database and its prepared statements, kept by the address of their text,
 * which must be a string literal.  One thread at a time. */
struct rows;

/* Open dir's file name, or a database in memory when name is NULL.  The file
 * is made (0600) when create is set; FAULT_FORGED when it is damaged or not a
 * database.  WAL, synchronous=FULL, secure_delete, one user at a time: while
 * it is open, no other process can open it. */
NEED int rows_open(
    struct rows **out, int dir, const char *name, bool create, struct fault *f);
void rows_close(struct rows *r);
sqlite3 *rows_db(struct rows *r);

/*
 * Bind and take one step.  types has a letter for each value: t const char *,
 * s const struct slice * as text (NULL: NULL), b the same as blob, i int64_t,
 * n nothing (NULL).  Values are borrowed until rows_done().  With row not NULL,
 * *row is the statement standing on a row, for the caller to read, step with
 * rows_next() and give back with rows_done(); or NULL when there is none.
 * With row NULL the statement runs to its end.
 */
NEED int rows_run(struct rows *r, sqlite3_stmt **row, struct fault *f,
    const char *sql, const char *types, ...);

/* Run several statements that yield no rows of interest. */
NEED int rows_script(struct rows *r, const char *sql, struct fault *f);

/* The next row, or *row = NULL behind the last. */
NEED int rows_next(struct rows *r, sqlite3_stmt **row, struct fault *f);

/* Give a statement back; NULL is fine. */
void rows_done(sqlite3_stmt *row);

/* Fill f from the database's last failure.  Always returns -1. */
int rows_fault(struct rows *r, struct fault *f);

/* Text or blob of a column, valid until the statement moves. */
struct slice rows_slice(sqlite3_stmt *row, int column);

/* ---- log.c, publish.c: the log of a home -------------------------------- */

struct audit;

/* The log's own tables. */
extern const char audit_schema[];

/* What a log is opened with. */
struct audit_home {
	int dir;		    /* the home, borrowed while open */
	const struct vkey *log;	    /* name: the origin */
	const struct sign_key *key; /* borrowed; NULL: for reading only */
};

/* Told of every stored entry in order at open, inside audit_open(). */
struct audit_replay {
	int (*entry)(void *arg, uint64_t seq, const struct audit_leaf *leaf,
	    struct fault *f);
	void *arg;
};

/* Make catalog.db with an empty log in a home that has none (FAULT_USAGE), and
 * its log/ folder.  As audit_open() otherwise. */
NEED int audit_create(
    struct audit **out, const struct audit_home *h, struct fault *f);

/*
 * Open the log: every stored entry is read, hashed and compared with the
 * stored tiles, the signed checkpoint and the published files; what is not yet
 * published is published (unless for reading only).
 * FAULT_FORGED when anything differs, or when more is published than stored:
 * nothing is then changed, and nothing may be served.
 * The caller audit_close()s *out.
 */
NEED int audit_open(struct audit **out, const struct audit_home *h,
    const struct audit_replay *each, struct fault *f);

/* Publish what is not yet, as far as possible, and close.  NULL is fine. */
void audit_close(struct audit *a);

/* The database, for the rows that the catalog derives. */
struct rows *audit_rows(struct audit *a);

/* How many entries are durable; the number the next one gets. */
uint64_t audit_size(const struct audit *a);
uint64_t audit_next(const struct audit *a);

/* Seconds now, but never before the last entry. */
int64_t audit_now(const struct audit *a);

/*
 * Group commit: begin, add entries of as many requests as are waiting, commit.
 * Nothing of a group may be answered before audit_commit() has returned 0.
 * audit_add() takes leaf bytes of ours, numbers them, and keeps sidecar with
 * them (empty: none); the caller brackets it and its own rows in a savepoint.
 * When audit_commit() fails the group is rolled back, and a stands as before
 * it. FAULT_SYSTEM where there was no room: the next group may find some. Where
 * audit_broken() after it, whether the group is durable is known only when the
 * log has been opened again, and a takes no more entries.
 */
NEED int audit_begin(struct audit *a, struct fault *f);
NEED int audit_add(struct audit *a, struct slice leaf, struct slice sidecar,
    uint64_t *seq, struct fault *f);
NEED int audit_commit(struct audit *a, struct fault *f);
void audit_rollback(struct audit *a);
bool audit_broken(const struct audit *a);

/* Bring log/ up to the last commit.  The keeper calls this at most a second
 * after a commit; nothing is lost when it fails. */
NEED int audit_publish(struct audit *a, struct fault *f);

/* The checkpoint of the last commit as signed; borrowed until the next. */
struct slice audit_head(const struct audit *a);

/* Append an entry's bytes, or its sealed sidecar.  FAULT_INPUT when there is
 * none of that number. */
NEED int audit_entry(
    struct audit *a, uint64_t seq, struct bytes *out, struct fault *f);
NEED int audit_sidecar(
    struct audit *a, uint64_t seq, struct bytes *out, struct fault *f);

/* Append a receipt for an entry under the last checkpoint. */
NEED int audit_prove(
    struct audit *a, uint64_t seq, struct bytes *out, struct fault *f);

/* Append a tile or bundle of any width that a checkpoint of this log ever
 * required.  FAULT_INPUT when the log is not that long. */
NEED int audit_tile_get(struct audit *a, const struct audit_tile *t,
    struct bytes *out, struct fault *f);

#endif
