#ifndef GATEWAY_KEEPER_LAW_INTERNAL_H
#define GATEWAY_KEEPER_LAW_INTERNAL_H

#include "gateway/keeper/keeper_internal.h"
#include "policy/legal/legal.h"

/* ---- law.c: may data go to a vendor, now ---- */

/* A decision and all that it was made of; zeros before, law_free() after. */
struct law {
	struct legal_terms terms;
	struct legal_countries countries;
	struct law_papers *papers;
	char country[3];
	char *types[LEGAL_TYPES_MAX]; /* required; owned */
	struct legal_question question;
	struct legal_decision decision;
	uint8_t policy[DIGEST_BYTES];
	bool has_policy; /* it is known */
};
void law_free(struct law *l);

/* The table of countries: this program's and, before it, countries.csv in the
 * home.  The caller legal_countries_free()s. */
NEED int law_countries(
    struct home *h, struct legal_countries *out, struct fault *f);

/* As a policy wants it: terms as legal_terms_json() wrote them, or NULL; types
 * a list of texts.  FAULT_POLICY as legal_decide(); l->decision.rule then has
 * the rule's code. */
NEED int law_for(struct home *h, struct law *l, const struct catalog_vendor *v,
    const json_t *terms, const json_t *types, struct fault *f);

/* As it was begun under, for a batch: today's answer. */
NEED int law_for_batch(struct home *h, struct law *l,
    const struct catalog_batch *b, struct fault *f);

/* The decision, for an answer and for facts; the caller json_decref()s. */
NEED int law_say(const struct law *l, json_t **out, struct fault *f);

/* The types of agreement that it stands on: those of the policy and those that
 * the law adds.  NULL without memory. */
json_t *law_types(const struct law *l);

/* Add the entry that says on what grounds a batch may be released, where it has
 * none that says the same.  *out, unless NULL, is the decision. */
NEED int law_record(struct home *h, const struct law *l, const char *batch,
    json_t **out, struct fault *f);

/* The first decision about a batch, which its manifest has; NULL where an
 * older program began it. */
NEED int law_first(
    struct home *h, const char *batch, json_t **out, struct fault *f);

/* KEEPER_COUNTRIES */
int law_list_countries(void *state, struct asked *a, struct fault *f);

#endif
