#ifndef GATEWAY_AUDIT_AUDIT_INTERNAL_H
#define GATEWAY_AUDIT_AUDIT_INTERNAL_H

#include "gateway/audit/audit.h"

/* ---- tree.c: the right edge of a growing tree and its partial tiles ----- */

struct tree {
	struct merkle_range range;
	uint8_t part[AUDIT_TILE_LEVELS][AUDIT_TILE_WIDTH][DIGEST_BYTES];
};

void tree_start(struct tree *t);

/* Add a leaf.  The return value has bit l set when the tile at level l that
 * ends in this leaf is now full: t->part[l] holds it until the next leaf. */
unsigned tree_add(struct tree *t, const uint8_t leaf[DIGEST_BYTES]);

/* The number of the tile at level l that t->part[l] holds just after the leaf
 * that filled it. */
uint64_t tree_full(const struct tree *t, unsigned level);

/* Hashes for proofs out of tiles of a tree of that size. */
struct tree_tiles {
	struct audit_tiles from;
	uint64_t size;
};
struct merkle_source tree_source(struct tree_tiles *t);

/* Append tile t of a tree of size leaves, checking its size; t->width says how
 * wide it is then.  A full tile stands in for a partial one. */
NEED int tree_tile(const struct tree_tiles *from, struct audit_tile *t,
    struct bytes *out, struct fault *f);

/* ---- log.c --------------------------------------------------------------- */

/* Requests that one commit may answer; the staged hashes of a group take
 * 128 KiB. */
#define GROUP_MAX 4096u

struct audit {
	int home; /* borrowed */
	int dir;  /* log/, or -1 when there is none to read */
	struct vkey log;
	const struct sign_key *key; /* NULL: for reading only */
	struct rows *rows;
	struct tree tree;    /* as committed */
	struct tree *before; /* room for that while a commit is tried */
	struct bytes head;
	int64_t last_at;

	bool broken;	  /* what is durable is not known: nothing is taken */
	bool begun;	  /* a group is open */
	size_t nstaged;	  /* entries added and not committed */
	int64_t begun_at; /* last_at when the group began */
	uint8_t (*staged)[DIGEST_BYTES];

	uint64_t published; /* size of the checkpoint in log/ */
};

/* The perfect subtrees at the right edge, smallest first, in room. */
struct slice log_edge(
    const struct merkle_range *r, uint8_t room[64 * DIGEST_BYTES]);

/* Sign the tree as it stands and store it with its edge. */
NEED int log_store_tree(struct audit *a, struct fault *f);

/* ---- publish.c ------------------------------------------------------------
 */

/* What log/checkpoint says, before the entries are read, where head is what the
 * database's own checkpoint, a->head, says; size 0 and false in *there when
 * there is none.  FAULT_FORGED when it is not the log's. */
NEED int publish_read(struct audit *a, const struct audit_checkpoint *head,
    struct audit_checkpoint *c, bool *there, struct fault *f);

/* Compare every published file up to a->published with the database and write
 * again those that are gone.  FAULT_FORGED when one differs. */
NEED int publish_check(struct audit *a, struct fault *f);

#endif
