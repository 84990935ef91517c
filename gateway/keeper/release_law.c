/*
 * The law at a release: asked again each time, so that an adequacy decision or
 * a document that lapsed since the export stops the next one; and nothing of a
 * person on the suppression list is in it.
 */

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

int
asker_law(struct home *h, struct asker *k, const struct catalog_batch *b,
    const struct catalog_release *r, struct fault *f)
{
	struct law law = { .has_policy = false };
	int rc;

	if (ask_suppressed(h, k, b, r, f) != 0)
		return -1;
	rc = law_for_batch(h, &law, b, f);
	if (rc == 0)
		rc = law_record(h, &law, b->id, NULL, f);
	else if (f->kind == FAULT_POLICY && law.decision.rule != NULL)
		(void)refuse(k, law.decision.rule, f);
	law_free(&law);
	return rc;
}
