/*
 * Inclusion and consistency proofs: making (RFC 6962 sections 2.1.1 and 2.1.2,
 * as the recursions stand there, unrolled from the root down) and checking
 * (draft-ietf-plants-merkle-tree-certs sections 4.3.2 and 4.4.3, which for
 * whole trees are RFC 9162 sections 2.1.3.2 and 2.1.4.2).
 *
 * A proof comes from a stranger: its length is bounded by its type, and every
 * hash in it must be used.
 */

#include <string.h>

#include "keys/sign/sign.h"

/* The largest power of two below n; n is at least 2. */
static uint64_t
split(uint64_t n)
{
	return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

/* MTH(D[start:start+n]); start is a multiple of every power of two in n. */
static int
subtree(uint8_t out[DIGEST_BYTES], uint64_t start, uint64_t n,
    const struct merkle_source *from, struct fault *f)
{
	uint8_t left[64][DIGEST_BYTES];
	unsigned levels = 0;

	/* Perfect subtrees from the left, joined from the right. */
	for (; n != 0; levels++) {
		unsigned level = 63 - (unsigned)__builtin_clzll(n);

		if (from->node(
			from->arg, level, start >> level, left[levels], f) != 0)
			return -1;
		start += (uint64_t)1 << level;
		n -= (uint64_t)1 << level;
	}
	must(levels > 0);
	memcpy(out, left[--levels], DIGEST_BYTES);
	while (levels > 0)
		merkle_node(out, left[--levels], out);
	return 0;
}

/* The recursion yields the hash nearest the leaf first; we find the one
 * nearest the root first. */
static void
reverse(struct merkle_proof *p)
{
	uint8_t swap[DIGEST_BYTES];

	for (size_t i = 0; i < p->n / 2; i++) {
		memcpy(swap, p->hash[i], sizeof(swap));
		memcpy(p->hash[i], p->hash[p->n - 1 - i], sizeof(swap));
		memcpy(p->hash[p->n - 1 - i], swap, sizeof(swap));
	}
}

int
merkle_prove_inclusion(struct merkle_proof *out, uint64_t index, uint64_t size,
    const struct merkle_source *from, struct fault *f)
{
	uint64_t start = 0, n = size, k;

	must(index < size);
	out->n = 0;
	for (; n > 1; out->n++) {
		k = split(n);
		must(out->n < MERKLE_PROOF_MAX);
		if (index - start < k) {
			if (subtree(out->hash[out->n], start + k, n - k, from,
				f) != 0)
				return -1;
			n = k;
		} else {
			if (subtree(out->hash[out->n], start, k, from, f) != 0)
				return -1;
			start += k;
			n -= k;
		}
	}
	reverse(out);
	return 0;
}

int
merkle_prove_consistency(struct merkle_proof *out, uint64_t older,
    uint64_t size, const struct merkle_source *from, struct fault *f)
{
	uint64_t start = 0, m = older, n = size, k;
	bool whole = true; /* b of SUBPROOF: is the older root known as such? */

	must(older >= 1 && older <= size);
	out->n = 0;
	for (; m != n; out->n++) {
		k = split(n);
		must(out->n < MERKLE_PROOF_MAX);
		if (m <= k) {
			if (subtree(out->hash[out->n], start + k, n - k, from,
				f) != 0)
				return -1;
			n = k;
		} else {
			if (subtree(out->hash[out->n], start, k, from, f) != 0)
				return -1;
			start += k;
			m -= k;
			n -= k;
			whole = false;
		}
	}
	if (!whole) {
		must(out->n < MERKLE_PROOF_MAX);
		if (subtree(out->hash[out->n++], start, n, from, f) != 0)
			return -1;
	}
	reverse(out);
	return 0;
}

static bool
valid_span(struct merkle_span s)
{
	uint64_t n, ceil = 1;

	if (s.start >= s.end || s.end > UINT64_MAX >> 1)
		return false;
	n = s.end - s.start;
	while (ceil < n)
		ceil <<= 1;
	return (s.start & (ceil - 1)) == 0;
}

static int
wrong(const char *what, struct fault *f)
{
	return fault_set(f, FAULT_FORGED, "%s", what);
}

int
merkle_check_inclusion(uint64_t index, struct merkle_span in,
    const uint8_t leaf[DIGEST_BYTES], const struct merkle_proof *proof,
    const uint8_t root[DIGEST_BYTES], struct fault *f)
{
	uint64_t fn, sn;
	uint8_t r[DIGEST_BYTES];

	if (!valid_span(in) || index < in.start || index >= in.end)
		return wrong("inclusion proof: no such leaf", f);
	fn = index - in.start;
	sn = in.end - in.start - 1;
	memcpy(r, leaf, sizeof(r));
	for (size_t i = 0; i < proof->n; i++) {
		if (sn == 0)
			return wrong("inclusion proof: too long", f);
		if ((fn & 1) != 0 || fn == sn) {
			merkle_node(r, proof->hash[i], r);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			merkle_node(r, r, proof->hash[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	if (sn != 0)
		return wrong("inclusion proof: too short", f);
	if (!secret_same(r, root, sizeof(r)))
		return wrong("inclusion proof: leads to another root", f);
	return 0;
}

static int
check_empty(const uint8_t part[DIGEST_BYTES], const struct merkle_proof *proof,
    struct fault *f)
{
	uint8_t empty[DIGEST_BYTES];

	merkle_empty(empty);
	if (proof->n != 0 || memcmp(part, empty, sizeof(empty)) != 0)
		return wrong("consistency proof: not that of no leaf", f);
	return 0;
}

int
merkle_check_subtree(struct merkle_span of, uint64_t size,
    const uint8_t part[DIGEST_BYTES], const uint8_t whole[DIGEST_BYTES],
    const struct merkle_proof *proof, struct fault *f)
{
	uint64_t fn = of.start, sn = of.end - 1, tn = size - 1;
	uint8_t fr[DIGEST_BYTES], sr[DIGEST_BYTES];
	size_t i = 0;

	if (of.start == of.end && of.end <= size)
		return check_empty(part, proof, f);
	if (!valid_span(of) || of.end > size || size > UINT64_MAX >> 1)
		return wrong("consistency proof: no such subtree", f);
	for (; fn != sn && (sn == tn || (sn & 1) != 0); fn >>= 1, sn >>= 1)
		tn >>= 1;
	if (fn != sn && proof->n == 0)
		return wrong("consistency proof: empty", f);
	memcpy(fr, fn == sn ? part : proof->hash[i++], sizeof(fr));
	memcpy(sr, fr, sizeof(sr));
	for (; i < proof->n; i++) {
		if (tn == 0)
			return wrong("consistency proof: too long", f);
		if ((sn & 1) != 0 || sn == tn) {
			if (fn < sn)
				merkle_node(fr, proof->hash[i], fr);
			merkle_node(sr, proof->hash[i], sr);
			for (; (sn & 1) == 0; fn >>= 1, sn >>= 1)
				tn >>= 1;
		} else {
			merkle_node(sr, sr, proof->hash[i]);
		}
		fn >>= 1;
		sn >>= 1;
		tn >>= 1;
	}
	if (tn != 0)
		return wrong("consistency proof: too short", f);
	if (!secret_same(fr, part, sizeof(fr)) ||
	    !secret_same(sr, whole, sizeof(sr)))
		return wrong("consistency proof: leads to another root", f);
	return 0;
}

int
merkle_check_consistency(uint64_t older, uint64_t size,
    const uint8_t part[DIGEST_BYTES], const uint8_t whole[DIGEST_BYTES],
    const struct merkle_proof *proof, struct fault *f)
{
	if (older == 0)
		return wrong("consistency proof: from no leaf", f);
	return merkle_check_subtree(
	    (struct merkle_span){ 0, older }, size, part, whole, proof, f);
}
