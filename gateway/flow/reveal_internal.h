#ifndef GATEWAY_FLOW_REVEAL_INTERNAL_H
#define GATEWAY_FLOW_REVEAL_INTERNAL_H

#include "gateway/flow/plan_internal.h"

/* One look behind pseudonyms. */
struct revealing {
	const struct reveal_options *o;
	struct policy *policy;
	struct bytes text;
	const char *project;
	struct plan *plan; /* or NULL */
	struct crew_keys keys;
	struct pool *pool;
	json_t *found;
	bool *known;	  /* by pseudonym */
	uint32_t *flying; /* by ticket: the file */
	size_t nflying;
	uint64_t done;
	struct pool_result result;
};

/* A thing that was found; a new reference, NULL without memory. */
json_t *reveal_find(const char *pseudonym, const struct transform *how,
    const char *field, const struct slice *value, bool proven);
/* Take it over into r->found. */
NEED int reveal_add(struct revealing *r, json_t *one, struct fault *f);
/* The same pseudonym, field and value, found before?  Borrowed, or NULL. */
json_t *reveal_before(const struct revealing *r, const json_t *one);

/* What is looked for, as workers are told. */
NEED int reveal_put_texts(
    const struct revealing *r, struct message *m, struct fault *f);

/* Search r->plan's files. */
NEED int reveal_search(struct revealing *r, struct fault *f);

#endif
