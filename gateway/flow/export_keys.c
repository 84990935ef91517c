/* The keys of a plan's fields: which there are, and how workers come by them.
 */

#include <string.h>

#include "gateway/flow/export_internal.h"

static int
add_key(struct export *x, char *name, uint32_t *room, struct fault *f)
{
	for (uint32_t i = 0; i < x->nkeys; i++)
		if (strcmp(x->keys[i], name) == 0)
			return 0;
	if (plan_grow((void **)&x->keys, x->nkeys, room, sizeof(*x->keys), f) !=
	    0)
		return -1;
	x->keys[x->nkeys++] = name; /* the plan's */
	return 0;
}

int
export_find_keys(struct export *x, struct fault *f)
{
	const struct plan *p = x->plan;
	uint32_t room = 0;

	static char dictionary[] = WORKER_DICTIONARY_KEY;

	for (uint32_t i = 0; i < p->nplans; i++) {
		const struct names *d = &p->plans[i].plan.keys;

		for (size_t j = 0; j < d->n; j++)
			if (add_key(x, d->at[j], &room, f) != 0)
				return -1;
	}
	return p->dictionary.fd == -1 ? 0 : add_key(x, dictionary, &room, f);
}

/* As workers of any purpose get theirs; about goes. */
static int
hand(struct export *x, struct channel *worker, json_t *about, struct fault *f)
{
	struct crew_keys k = { .keeper = x->keeper,
		.about = about,
		.names = x->keys, /* borrowed, as all of it is */
		.n = x->nkeys };
	int rc =
	    about == NULL ? fault_memory(f) : crew_hand_keys(&k, worker, f);

	json_decref(about);
	if (rc == 0)
		rc = plan_hand_dictionary(
		    x->plan, worker, x->dictionary, &x->has_dictionary, f);
	return rc;
}

int
export_hand_keys(void *state, struct channel *worker, struct fault *f)
{
	struct export *x = state;

	return hand(x, worker, json_pack("{s:s}", "batch", x->batch), f);
}

int
export_hand_measuring_keys(void *state, struct channel *worker, struct fault *f)
{
	struct export *x = state;

	return hand(x, worker,
	    json_pack("{s:s,s:s}", "vendor", x->vendor, "project",
		x->plan->policy->project),
	    f);
}
