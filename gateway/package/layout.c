/* Which unit of a batch goes into which shard, and where in it: shuffled, so
 * that neither place nor company tells where an item came from. */

#include "gateway/package/package.h"
#include "keys/base/mem.h"

/* The last shards are smaller, down to a quarter, so that cores which take one
 * after another end together.  How many cores there are must not matter: the
 * same input gives the same shards on every machine. */
static uint64_t
next_size(uint64_t left, uint64_t target)
{
	uint64_t size = left / 8;

	if (size < target / 4)
		size = target / 4;
	return size < target ? size : target;
}

int
package_layout_make(struct package_layout *out, const uint64_t *sizes,
    uint32_t n, uint64_t target, const struct secret *key, struct fault *f)
{
	struct package_layout l = { .n = n };
	uint64_t left = 0, filled = 0, most = 0;
	int rc = -1;

	if ((l.order = mem_array(n, sizeof(*l.order))) == NULL ||
	    (l.end = mem_array(PACKAGE_SHARDS_MAX, sizeof(*l.end))) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (shuffle_order(l.order, n, key, f) != 0)
		goto out;
	for (uint32_t i = 0; i < n; i++)
		if (__builtin_add_overflow(left, sizes[i], &left))
			left = UINT64_MAX;
	for (uint32_t i = 0; i < n; i++) {
		uint64_t size = sizes[l.order[i]];

		if (i == 0 || (filled > 0 && size > most - filled)) {
			if (l.nshards == PACKAGE_SHARDS_MAX) {
				(void)fault_set(f, FAULT_INPUT,
				    "more than %u shards", PACKAGE_SHARDS_MAX);
				goto out;
			}
			l.nshards++;
			filled = 0;
			most = next_size(left, target);
		}
		filled = size > most - filled ? most : filled + size;
		left -= size < left ? size : left;
		l.end[l.nshards - 1] = i + 1;
	}
	*out = l;
	l = (struct package_layout){ 0 };
	rc = 0;
out:
	package_layout_free(&l);
	return rc;
}

void
package_layout_free(struct package_layout *l)
{
	mem_free(l->order);
	mem_free(l->end);
	*l = (struct package_layout){ 0 };
}
