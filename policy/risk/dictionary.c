/*
 * Values as codes.  A column of a million rows has few values, and everything
 * behind this file compares 32-bit codes alone.
 *
 * Promises to the caller
 *   - Codes are 0, 1, 2 ... in the order in which values came, so that what
 *     follows from them does not depend on the key.
 *   - Values cannot be chosen to collide: slots are found by SipHash-2-4
 *     (Aumasson and Bernstein, INDOCRYPT 2012) under a fresh key, and a hit
 *     is compared byte for byte.
 *   - Nothing is held past the budget that the owner shares out.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/secret.h"
#include "policy/risk/risk_internal.h"

int
risk_grow(struct risk_budget *b, void *p, size_t *room, size_t want,
    size_t size, struct fault *f)
{
	void *old, *grown;
	size_t n = *room, bytes;

	if (want <= n)
		return 0;
	n = want > n + n / 2 ? want : n + n / 2;
	if (n < 16)
		n = 16;
	if (!size_mul(n, size, &bytes) ||
	    bytes - *room * size > b->max - b->used)
		return fault_set(f, FAULT_INPUT,
		    "needs more than the %zu MiB allowed", b->max >> 20);
	memcpy(&old, p, sizeof(old));
	if ((grown = mem_resize(old, bytes)) == NULL)
		return fault_memory(f);
	memcpy(p, &grown, sizeof(grown));
	b->used += bytes - *room * size;
	*room = n;
	return 0;
}

void
risk_dict_init(struct risk_dict *d, struct risk_budget *budget)
{
	*d = (struct risk_dict){ .budget = budget };
	random_fill(d->key, sizeof(d->key));
}

void
risk_dict_free(struct risk_dict *d)
{
	/* values are somebody's: they do not stay in freed memory */
	if (d->bytes != NULL)
		secret_wipe(d->bytes, d->room);
	mem_free(d->bytes);
	mem_free(d->end);
	mem_free(d->hash);
	mem_free(d->slots);
	secret_wipe(d->key, sizeof(d->key));
	*d = (struct risk_dict){ 0 };
}

static uint32_t
hash_of(const struct risk_dict *d, const void *p, size_t len)
{
	uint8_t out[crypto_shorthash_BYTES];
	uint32_t h;

	must(crypto_shorthash(out, p, len, d->key) == 0);
	memcpy(&h, out, sizeof(h));
	return h;
}

struct slice
risk_dict_at(const struct risk_dict *d, uint32_t code)
{
	size_t from = code > 0 ? d->end[code - 1] : 0;

	must(code < d->count);
	if (d->bytes == NULL) /* only the empty value is there */
		return slice_of_text("");
	return (struct slice){ d->bytes + from, d->end[code] - from };
}

/* The slot that has the value, or the empty one where it would be. */
static size_t
slot_of(const struct risk_dict *d, const void *p, size_t len, uint32_t h)
{
	size_t i = h & (d->nslots - 1);

	for (; d->slots[i] != 0; i = (i + 1) & (d->nslots - 1)) {
		uint32_t code = d->slots[i] - 1;
		struct slice s;

		if (d->hash[code] != h)
			continue;
		s = risk_dict_at(d, code);
		if (s.len == len && (len == 0 || memcmp(s.at, p, len) == 0))
			break;
	}
	return i;
}

uint32_t
risk_dict_find(const struct risk_dict *d, const void *p, size_t len)
{
	if (d->nslots == 0)
		return RISK_NONE;
	/* an empty slot holds 0, and 0 - 1 is RISK_NONE */
	return d->slots[slot_of(d, p, len, hash_of(d, p, len))] - 1;
}

/* Twice the slots. */
static int
more_slots(struct risk_dict *d, struct fault *f)
{
	size_t n = d->nslots > 0 ? 2 * d->nslots : 16;
	size_t more = (n - d->nslots) * sizeof(*d->slots);
	uint32_t *slots;

	if (more > d->budget->max - d->budget->used)
		return fault_set(f, FAULT_INPUT,
		    "needs more than the %zu MiB allowed",
		    d->budget->max >> 20);
	if ((slots = mem_array(n, sizeof(*slots))) == NULL)
		return fault_memory(f);
	for (uint32_t c = 0; c < d->count; c++) {
		size_t i = d->hash[c] & (n - 1);

		while (slots[i] != 0)
			i = (i + 1) & (n - 1);
		slots[i] = c + 1;
	}
	mem_free(d->slots);
	d->slots = slots;
	d->nslots = n;
	d->budget->used += more;
	return 0;
}

int
risk_dict_add(struct risk_dict *d, const void *p, size_t len, uint32_t *code,
    struct fault *f)
{
	uint32_t h;
	size_t i;

	if (len > RISK_VALUE_MAX)
		return fault_set(f, FAULT_INPUT,
		    "a value of more than %u bytes", RISK_VALUE_MAX);
	if (d->count >= d->nslots - d->nslots / 4 && more_slots(d, f) != 0)
		return -1;
	h = hash_of(d, p, len);
	i = slot_of(d, p, len, h);
	if (d->slots[i] != 0) {
		*code = d->slots[i] - 1;
		return 0;
	}
	if (d->len + len > UINT32_MAX)
		return fault_set(f, FAULT_INPUT, "values of more than 4 GiB");
	if (risk_grow(d->budget, &d->bytes, &d->room, d->len + len, 1, f) !=
		0 ||
	    risk_grow(d->budget, &d->end, &d->end_room, d->count + 1,
		sizeof(*d->end), f) != 0 ||
	    risk_grow(d->budget, &d->hash, &d->hash_room, d->count + 1,
		sizeof(*d->hash), f) != 0)
		return -1;
	if (len > 0)
		memcpy(d->bytes + d->len, p, len);
	d->len += len;
	d->end[d->count] = (uint32_t)d->len;
	d->hash[d->count] = h;
	*code = (uint32_t)d->count;
	d->slots[i] = (uint32_t)++d->count;
	return 0;
}
