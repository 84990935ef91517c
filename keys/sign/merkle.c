/*
 * Growing an RFC 6962 tree.  The hashes of leaf and node stand in digest.c,
 * next to the context that makes them cheap; proofs stand in proof.c.
 */

#include <string.h>

#include "keys/sign/sign.h"

void
merkle_range_start(struct merkle_range *r)
{
	memset(r, 0, sizeof(*r));
}

/* Like adding one in binary: equal subtrees merge and carry. */
void
merkle_range_add(struct merkle_range *r, const uint8_t leaf[DIGEST_BYTES])
{
	uint8_t carry[DIGEST_BYTES];
	unsigned level = 0;

	must(r->size < UINT64_MAX >> 1);
	memcpy(carry, leaf, sizeof(carry));
	for (; (r->size >> level & 1) != 0; level++)
		merkle_node(carry, r->edge[level], carry);
	memcpy(r->edge[level], carry, sizeof(carry));
	r->size++;
}

void
merkle_range_root(const struct merkle_range *r, uint8_t out[DIGEST_BYTES])
{
	bool any = false;

	merkle_empty(out);
	for (unsigned level = 0; level < 64; level++) {
		if ((r->size >> level & 1) == 0)
			continue;
		if (any)
			merkle_node(out, r->edge[level], out);
		else
			memcpy(out, r->edge[level], DIGEST_BYTES);
		any = true;
	}
}

void
merkle_root_of(
    uint8_t out[DIGEST_BYTES], const uint8_t (*list)[DIGEST_BYTES], size_t n)
{
	struct merkle_range r;
	uint8_t leaf[DIGEST_BYTES];

	merkle_range_start(&r);
	for (size_t i = 0; i < n; i++) {
		merkle_leaf(leaf, list[i], DIGEST_BYTES);
		merkle_range_add(&r, leaf);
	}
	merkle_range_root(&r, out);
}
