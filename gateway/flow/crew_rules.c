/*
 * By which rules texts are searched, as a digest that a manifest can have.
 *
 * The rules hold words that the policy keeps from the vendor (`deny`); a plain
 * digest of them could be tried with guesses.  So a worker makes one under a
 * key of the vendor and project: it tells those who have the key, and nobody
 * else more than whether two batches were searched by the same rules.
 */

#include <stdlib.h>
#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"

static int
by_bytes(const void *x, const void *y)
{
	return memcmp(x, y, DIGEST_BYTES);
}

/* The digests of all sets of rules of a plan, in all and each; *n of them. */
static int
list_rules(const struct plan *p, struct bytes *all, size_t *n, struct fault *f)
{
	uint8_t one[DIGEST_BYTES];

	for (uint32_t i = 0; i < p->nplans; i++)
		for (size_t k = 0; k < p->plans[i].plan.nfields; k++) {
			if (!transform_rules_digest(
				&p->plans[i].plan.fields[k].how, one))
				continue;
			if (bytes_add(all, one, sizeof(one), f) != 0)
				return -1;
			(*n)++;
		}
	return 0;
}

/* Sorted, each once. */
static int
digest_rules(
    struct bytes *all, size_t n, uint8_t out[DIGEST_BYTES], struct fault *f)
{
	struct digest *d;

	if (digest_new(&d, f) != 0)
		return -1;
	qsort(all->at, n, DIGEST_BYTES, by_bytes);
	for (size_t i = 0; i < n; i++)
		if (i == 0 ||
		    memcmp(all->at + i * DIGEST_BYTES,
			all->at + (i - 1) * DIGEST_BYTES, DIGEST_BYTES) != 0)
			digest_add(d, all->at + i * DIGEST_BYTES, DIGEST_BYTES);
	digest_end(d, out);
	digest_free(d);
	return 0;
}

/* Of a plan, before a key; *has: texts are searched at all. */
static int
rules_of(
    const struct plan *p, uint8_t out[DIGEST_BYTES], bool *has, struct fault *f)
{
	struct bytes all;
	size_t n = 0;
	int rc;

	bytes_init(&all, (size_t)64 << 20);
	rc = list_rules(p, &all, &n, f);
	*has = n > 0;
	if (rc == 0 && n > 0)
		rc = digest_rules(&all, n, out, f);
	bytes_free(&all);
	return rc;
}

int
crew_rules_key(struct crew_keys *k, const struct plan *p, struct fault *f)
{
	uint8_t digest[DIGEST_BYTES];
	bool has;

	if (rules_of(p, digest, &has, f) != 0)
		return -1;
	return has ? crew_keys_add(k, WORKER_RULES_KEY, f) : 0;
}

int
crew_hand_rules(struct crew_keys *k, struct channel *worker, struct fault *f)
{
	uint8_t digest[DIGEST_BYTES];
	struct message m, answer;
	struct reader r;
	bool has;
	int rc = -1;

	if (rules_of(k->plan, digest, &has, f) != 0)
		return -1;
	if (!has || k->has_rules)
		return 0;
	message_init(&m, 256);
	message_init(&answer, 4096);
	if (ask_begin(&m, WORKER_RULES, f) == 0 &&
	    bytes_add(&m.body, digest, sizeof(digest), f) == 0 &&
	    ask(worker, &m, &answer, &r, f) == 0 &&
	    take_bytes(&r, k->rules, sizeof(k->rules), f) == 0)
		rc = take_end(&r, f);
	k->has_rules = rc == 0;
	message_free(&m);
	message_free(&answer);
	return rc;
}
