/*
 * A log judged from its resources alone, by who trusts only the log's key.
 *
 * Entries are read bundle by bundle from the left and each is hashed and held
 * against its level-0 tile, so that the first entry that does not fit has a
 * number.  Where entry and tile were altered together, the next level's tile
 * tells the 256 entries among which it is; to the right of the last full tile
 * only the root can tell, and then all of the last partial tile is named.
 */

#include <string.h>

#include "gateway/audit/audit_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

struct verify {
	const struct audit_copy *copy;
	struct tree_tiles tiles;
	struct tree tree;
	int64_t last_at;
	struct bytes bundle;
	struct bytes hashes;
};

static int
bad_entry(uint64_t seq, const char *what, struct fault *f)
{
	return fault_set(
	    f, FAULT_FORGED, "entry %llu: %s", (unsigned long long)seq, what);
}

/* What is not there was cut off: the checkpoint promises it. */
static int
missing(uint64_t first, struct fault *f)
{
	if (f->kind == FAULT_INPUT)
		f->kind = FAULT_FORGED;
	return fault_at(f, "entry %llu", (unsigned long long)first);
}

static int
check_ours(struct verify *v, uint64_t seq, struct slice leaf, struct fault *f)
{
	struct audit_leaf l;

	if (audit_leaf_read(&l, leaf.at, leaf.len, f) != 0)
		return fault_at(f, "entry %llu", (unsigned long long)seq);
	if (l.at < v->last_at)
		return bad_entry(seq, "before the one in front of it", f);
	v->last_at = l.at;
	return 0;
}

/* A tile at level l + 1 holds the hash of every full tile at level l. */
static int
check_parent(struct verify *v, unsigned level, struct fault *f)
{
	uint64_t count = v->tree.range.size >> (8 * level);
	uint64_t span = (uint64_t)1 << (8 * level);
	unsigned i = (unsigned)((count - 1) % AUDIT_TILE_WIDTH);
	struct audit_tile t = { .level = level,
		.n = (count - 1) / AUDIT_TILE_WIDTH };
	struct bytes b;
	int rc = -1;

	bytes_init(&b, AUDIT_TILE_WIDTH * DIGEST_BYTES);
	t.width = audit_tile_width(v->tiles.size, level, t.n);
	if (tree_tile(&v->tiles, &t, &b, f) != 0)
		(void)missing((count - 1) * span, f);
	else if (memcmp(b.at + i * DIGEST_BYTES, v->tree.part[level][i],
		     DIGEST_BYTES) != 0)
		(void)fault_set(f, FAULT_FORGED,
		    "entries %llu to %llu: not those of the tile above them",
		    (unsigned long long)((count - 1) * span),
		    (unsigned long long)(count * span - 1));
	else
		rc = 0;
	bytes_free(&b);
	return rc;
}

static int
check_entry(
    struct verify *v, struct slice leaf, const uint8_t *want, struct fault *f)
{
	uint64_t seq = v->tree.range.size;
	uint8_t hash[DIGEST_BYTES];
	unsigned full;

	merkle_leaf(hash, leaf.at, leaf.len);
	if (memcmp(hash, want, sizeof(hash)) != 0)
		return bad_entry(seq, "not the one of its tile", f);
	if (v->copy->ours && check_ours(v, seq, leaf, f) != 0)
		return -1;
	if (v->copy->watch.entry != NULL &&
	    v->copy->watch.entry(
		v->copy->watch.arg, seq, leaf.at, leaf.len, f) != 0)
		return -1;
	full = tree_add(&v->tree, hash);
	for (unsigned level = 0; full >> level != 0; level++)
		if ((full >> level & 1) != 0 &&
		    check_parent(v, level + 1, f) != 0)
			return -1;
	return 0;
}

/* One bundle of entries and the tile of their hashes. */
static int
check_bundle(struct verify *v, uint64_t n, struct fault *f)
{
	unsigned width = audit_tile_width(v->tiles.size, 0, n);
	struct audit_tile bundle = { .entries = true, .n = n, .width = width };
	struct audit_tile tile = { .n = n, .width = width };
	struct reader r;

	bytes_reset(&v->bundle);
	bytes_reset(&v->hashes);
	if (tree_tile(&v->tiles, &bundle, &v->bundle, f) != 0 ||
	    tree_tile(&v->tiles, &tile, &v->hashes, f) != 0)
		return missing(v->tree.range.size, f);
	r = reader_of(v->bundle.at, v->bundle.len);
	for (unsigned i = 0; i < bundle.width; i++) {
		struct slice leaf;
		uint16_t len;

		if (i == width)
			return 0;
		if (take_u16(&r, &len, f) != 0 || reader_left(&r) < len) {
			fault_clear(f);
			return bad_entry(v->tree.range.size, "cut short", f);
		}
		leaf = (struct slice){ r.at, len };
		r.at += len;
		if (check_entry(v, leaf, v->hashes.at + i * DIGEST_BYTES, f) !=
		    0)
			return -1;
	}
	if (reader_left(&r) != 0)
		return bad_entry(
		    v->tree.range.size - 1, "bytes behind it in its bundle", f);
	return 0;
}

static int
check_all(struct verify *v, struct fault *f)
{
	const struct audit_checkpoint *c = &v->copy->checkpoint;
	uint8_t root[DIGEST_BYTES];
	uint64_t first;

	while (v->tree.range.size < c->size)
		if (check_bundle(v, v->tree.range.size / AUDIT_TILE_WIDTH, f) !=
		    0)
			return -1;
	merkle_range_root(&v->tree.range, root);
	if (memcmp(root, c->root, sizeof(root)) == 0)
		return 0;
	if (c->size == 0)
		return fault_set(f, FAULT_FORGED,
		    "checkpoint: not the root of an empty log");
	first = (c->size - 1) / AUDIT_TILE_WIDTH * AUDIT_TILE_WIDTH;
	return fault_set(f, FAULT_FORGED,
	    "entries %llu to %llu: not those of the checkpoint",
	    (unsigned long long)first, (unsigned long long)(c->size - 1));
}

int
audit_verify(const struct audit_copy *c, struct fault *f)
{
	struct verify *v;
	int rc;

	if ((v = mem_new(sizeof(*v))) == NULL)
		return fault_memory(f);
	v->copy = c;
	v->tiles = (struct tree_tiles){ c->from, c->checkpoint.size };
	tree_start(&v->tree);
	bytes_init(&v->bundle, AUDIT_BUNDLE_MAX);
	bytes_init(&v->hashes, AUDIT_TILE_WIDTH * DIGEST_BYTES);
	rc = check_all(v, f);
	bytes_free(&v->bundle);
	bytes_free(&v->hashes);
	mem_free(v);
	return rc;
}

int
audit_consistent(const struct audit_checkpoint *older,
    const struct audit_checkpoint *newer, const struct audit_tiles *from,
    struct fault *f)
{
	struct tree_tiles tiles = { *from, newer->size };
	struct merkle_source source = tree_source(&tiles);
	struct merkle_proof proof;

	if (older->size > newer->size)
		return fault_set(f, FAULT_FORGED,
		    "checkpoint: of %llu entries, after one of %llu",
		    (unsigned long long)newer->size,
		    (unsigned long long)older->size);
	if (older->size == 0)
		return 0;
	if (merkle_prove_consistency(
		&proof, older->size, newer->size, &source, f) != 0)
		return -1;
	return merkle_check_consistency(
	    older->size, newer->size, older->root, newer->root, &proof, f);
}

static int
get_file(
    void *arg, const struct audit_tile *t, struct bytes *out, struct fault *f)
{
	char path[AUDIT_PATH_MAX + 1];

	audit_tile_path(path, t);
	return file_read(*(const int *)arg, path, out, f);
}

struct audit_tiles
audit_folder(const int *dir)
{
	return (struct audit_tiles){ get_file, (void *)(uintptr_t)dir };
}
