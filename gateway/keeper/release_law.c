/*
 * The law at a release: asked again each time, so that an adequacy decision or
 * a document that lapsed since the export stops the next one; and nothing of a
 * person on the suppression list is in it.  The same is asked for each object
 * of a release that is fetched: a header that was given before is of no use
 * without the bytes.
 */

#include <string.h>

#include "gateway/keeper/asker_internal.h"
#include "gateway/keeper/holds_internal.h"
#include "gateway/keeper/law_internal.h"

/* What the vendor is told; which fact it is stands on the batch's page. */
static int
refuse(struct asker *k, const char *rule, struct fault *f)
{
	fault_clear(f);
	return asker_refuse(k, f, rule,
	    "the owner may not release it now: what its policy and the law "
	    "require is not there, or has lapsed");
}

/* Nothing of somebody who objected leaves, also when it was sealed before. */
static int
ask_suppressed(struct home *h, struct asker *k, const struct catalog_batch *b,
    const struct catalog_release *r, struct fault *f)
{
	char what[96];
	uint32_t shard;
	bool yes;

	if (suppressed_in(h, b->id, r->shards, r->nshards, &yes, &shard, f) !=
	    0)
		return -1;
	if (!yes)
		return 0;
	(void)snprintf(what, sizeof(what),
	    "shard %u has something that may not leave any more",
	    (unsigned)shard);
	return asker_refuse(k, f, "suppressed-subject", what);
}

/* The law's answer today, into law. */
static int
ask_law(struct home *h, struct asker *k, const struct catalog_batch *b,
    struct law *law, struct fault *f)
{
	if (law_for_batch(h, law, b, f) == 0)
		return 0;
	if (f->kind == FAULT_POLICY && law->decision.rule != NULL)
		(void)refuse(k, law->decision.rule, f);
	return -1;
}

int
asker_law(struct home *h, struct asker *k, const struct catalog_batch *b,
    const struct catalog_release *r, struct fault *f)
{
	struct law law = { .has_policy = false };
	int rc;

	if (ask_suppressed(h, k, b, r, f) != 0)
		return -1;
	rc = ask_law(h, k, b, &law, f);
	if (rc == 0)
		rc = law_record(h, &law, b->id, NULL, f);
	law_free(&law);
	return rc;
}

int
asker_object(struct home *h, struct asker *k, const struct catalog_object *of,
    struct fault *f)
{
	struct law law = { .has_policy = false };
	struct catalog_release r = {
		.request = k->digest, .shards = &of->shard, .nshards = 1
	};
	struct catalog_batch b;
	struct catalog_grant g;
	int rc = -1;

	memcpy(k->r.batch, of->batch, sizeof(k->r.batch));
	if (asker_batch(h, k, &b, f) != 0 || asker_grant(h, k, &b, &g, f) != 0)
		return -1;
	r.grant = g.id;
	if (catalog_release_allowed(h->catalog, &r, f) == 0 &&
	    (of->manifest || ask_suppressed(h, k, &b, &r, f) == 0))
		rc = ask_law(h, k, &b, &law, f);
	law_free(&law);
	return rc;
}
