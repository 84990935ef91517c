/*
 * The tree while it grows: perfect subtrees at the right edge, and for each
 * tile level the hashes that no full tile holds yet.  Also the way from tiles
 * back to the nodes that proofs are made of.
 */

#include <string.h>

#include "gateway/audit/audit_internal.h"

void
tree_start(struct tree *t)
{
	merkle_range_start(&t->range);
}

/* merkle_range_add(), with an eye on the levels that tiles store: the hash of
 * every perfect subtree of 256^l leaves goes into part[l]. */
unsigned
tree_add(struct tree *t, const uint8_t leaf[DIGEST_BYTES])
{
	uint64_t size = t->range.size;
	uint8_t carry[DIGEST_BYTES];
	unsigned full = 0, level = 0;

	must(size < UINT64_MAX >> 1);
	memcpy(carry, leaf, sizeof(carry));
	for (;; level++) {
		if (level % 8 == 0 && level / 8 < AUDIT_TILE_LEVELS) {
			uint64_t i = (size >> level) % AUDIT_TILE_WIDTH;

			memcpy(t->part[level / 8][i], carry, sizeof(carry));
			if (i == AUDIT_TILE_WIDTH - 1)
				full |= 1u << (level / 8);
		}
		if ((size >> level & 1) == 0)
			break;
		merkle_node(carry, t->range.edge[level], carry);
	}
	memcpy(t->range.edge[level], carry, sizeof(carry));
	t->range.size++;
	return full;
}

uint64_t
tree_full(const struct tree *t, unsigned level)
{
	return (t->range.size >> (8 * (level + 1))) - 1;
}

int
tree_tile(const struct tree_tiles *from, struct audit_tile *t,
    struct bytes *out, struct fault *f)
{
	struct fault partial = { .kind = FAULT_NONE };
	char path[AUDIT_PATH_MAX + 1];
	unsigned need = t->width;
	size_t was = out->len;

	if (from->from.get(from->from.arg, t, out, &partial) != 0) {
		/* It may have been filled, and its beginning deleted, since. */
		if (need == AUDIT_TILE_WIDTH || partial.kind != FAULT_INPUT)
			goto gone;
		t->width = AUDIT_TILE_WIDTH;
		out->len = was;
		if (from->from.get(from->from.arg, t, out, f) != 0) {
			fault_clear(f);
			t->width = need;
			goto gone;
		}
	}
	audit_tile_path(path, t);
	if (!t->entries && out->len - was != t->width * DIGEST_BYTES)
		return fault_set(f, FAULT_FORGED, "%s: %zu bytes, not %zu",
		    path, out->len - was, (size_t)t->width * DIGEST_BYTES);
	return 0;
gone:
	*f = partial;
	return -1;
}

/* The hash of 2^level leaves: itself in a tile, or from up to 128 there. */
static int
node(void *arg, unsigned level, uint64_t index, uint8_t out[DIGEST_BYTES],
    struct fault *f)
{
	const struct tree_tiles *from = arg;
	unsigned within = level % 8;
	uint64_t first = index << within;
	struct audit_tile t = { .level = level / 8,
		.n = first / AUDIT_TILE_WIDTH };
	struct merkle_range r;
	struct bytes b;
	int rc = -1;

	bytes_init(&b, AUDIT_TILE_WIDTH * DIGEST_BYTES);
	t.width = audit_tile_width(from->size, t.level, t.n);
	must(t.width >= first % AUDIT_TILE_WIDTH + ((size_t)1 << within));
	if (tree_tile(from, &t, &b, f) != 0)
		goto out;
	merkle_range_start(&r);
	for (size_t i = 0; i < (size_t)1 << within; i++)
		merkle_range_add(
		    &r, b.at + (first % AUDIT_TILE_WIDTH + i) * DIGEST_BYTES);
	merkle_range_root(&r, out);
	rc = 0;
out:
	bytes_free(&b);
	return rc;
}

struct merkle_source
tree_source(struct tree_tiles *t)
{
	return (struct merkle_source){ node, t };
}
