/*
 * Rows into equivalence classes, by what their quasi-identifiers read.
 *
 * A row's codes are digits of one number in a mixed radix.  As long as all
 * such numbers fit 64 bits, two rows have the same number just when they have
 * the same codes.  Before the next digit would not fit, the numbers are
 * replaced by the classes so far, 0, 1, 2 ..., which are few and make room.
 * So nothing is ever taken for equal by its hash alone: no collision is
 * possible that could join two classes.  The hash table that turns numbers
 * into classes compares whole numbers, and mixes a fresh secret in, so that
 * nobody can choose rows that fill one end of it.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/secret.h"
#include "policy/risk/risk_internal.h"

/* How many slots, a row, are still cheaper to clear than hashing is. */
#define DIRECT_SLOTS 4u
/* Rows between asking for a slot's memory and reading it. */
#define AHEAD 16u

void
risk_grouper_init(struct risk_grouper *g)
{
	*g = (struct risk_grouper){ 0 };
	random_fill(g->secret, sizeof(g->secret));
}

void
risk_grouper_free(struct risk_grouper *g)
{
	mem_free(g->keys);
	mem_free(g->slots);
	mem_free(g->first);
	*g = (struct risk_grouper){ 0 };
}

int
risk_grouper_room(struct risk_grouper *g, size_t n, struct fault *f)
{
	size_t slots = 64;

	must(n <= RISK_NONE / 2);
	if (n <= g->keys_room && g->keys != NULL)
		return 0;
	while (slots < DIRECT_SLOTS * n)
		slots *= 2;
	risk_grouper_free(&(struct risk_grouper){
	    .keys = g->keys, .slots = g->slots, .first = g->first });
	g->keys_room = 0;
	g->keys = mem_array(n, sizeof(*g->keys));
	g->slots = mem_array(slots, sizeof(*g->slots));
	g->first = mem_array(n, sizeof(*g->first));
	if (g->keys == NULL || g->slots == NULL || g->first == NULL)
		return fault_memory(f);
	g->keys_room = n;
	g->slots_room = slots;
	return 0;
}

/* Classes of keys below radix: one slot for each possible key. */
static size_t
number_direct(
    struct risk_grouper *g, uint64_t radix, size_t n, uint32_t *class_of)
{
	uint32_t count = 0;

	memset(g->slots, 0, (size_t)radix * sizeof(*g->slots));
	for (size_t i = 0; i < n; i++) {
		uint32_t *slot = &g->slots[g->keys[i]];

		if (*slot == 0) {
			g->first[count] = (uint32_t)i;
			*slot = ++count;
		}
		class_of[i] = *slot - 1;
	}
	return count;
}

/* The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
static uint64_t
mix(const struct risk_grouper *g, uint64_t key)
{
	uint64_t h = key ^ g->secret[0];

	h = (h ^ (h >> 30)) * (g->secret[1] | 1);
	h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
	return h ^ (h >> 31);
}

/* Classes of any keys.  A slot has a class, and the class its first row,
 * whose key is the class's. */
static size_t
number_hashed(struct risk_grouper *g, size_t n, uint32_t *class_of)
{
	size_t slots = 64, mask;
	uint32_t count = 0;

	while (slots < 2 * n)
		slots *= 2;
	mask = slots - 1;
	memset(g->slots, 0, slots * sizeof(*g->slots));
	for (size_t i = 0; i < n; i++) {
		uint64_t key = g->keys[i];
		size_t at = mix(g, key) & mask;

		if (i + AHEAD < n)
			__builtin_prefetch(
			    &g->slots[mix(g, g->keys[i + AHEAD]) & mask], 1);
		while (g->slots[at] != 0 &&
		       g->keys[g->first[g->slots[at] - 1]] != key)
			at = (at + 1) & mask;
		if (g->slots[at] == 0) {
			g->first[count] = (uint32_t)i;
			g->slots[at] = ++count;
		}
		class_of[i] = g->slots[at] - 1;
	}
	return count;
}

/* Keys below radix into classes. */
static void
number(struct risk_grouper *g, uint64_t radix, size_t n, struct risk_classes *c)
{
	if (radix <= g->slots_room && radix <= DIRECT_SLOTS * (uint64_t)n)
		c->n = number_direct(g, radix, n, c->of);
	else
		c->n = number_hashed(g, n, c->of);
}

int
risk_group(struct risk_grouper *g, const struct risk_digit *digits,
    size_t ndigits, size_t n, struct risk_classes *c, struct fault *f)
{
	uint64_t radix = 1, all;

	if (risk_grouper_room(g, n, f) != 0)
		return -1;
	memset(g->keys, 0, n * sizeof(*g->keys));
	for (size_t d = 0; d < ndigits; d++) {
		const struct risk_digit *t = &digits[d];

		must(t->radix > 0 && t->radix <= UINT32_MAX);
		if (__builtin_mul_overflow(radix, t->radix, &all)) {
			number(g, radix, n, c);
			for (size_t i = 0; i < n; i++)
				g->keys[i] = c->of[i];
			/* both below 2^32: fits now */
			all = c->n * t->radix;
		}
		radix = all;
		if (t->up == NULL)
			for (size_t i = 0; i < n; i++)
				g->keys[i] = g->keys[i] * t->radix + t->code[i];
		else
			for (size_t i = 0; i < n; i++)
				g->keys[i] =
				    g->keys[i] * t->radix + t->up[t->code[i]];
	}
	number(g, radix, n, c);
	return 0;
}
