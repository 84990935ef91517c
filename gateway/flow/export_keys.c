/* The keys of a plan's fields: which there are, and how workers come by them.
 */

#include <string.h>

#include "gateway/flow/export_internal.h"
#include "keys/base/mem.h"

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

	for (uint32_t i = 0; i < p->nplans; i++) {
		const struct names *d = &p->plans[i].plan.keys;

		for (size_t j = 0; j < d->n; j++)
			if (add_key(x, d->at[j], &room, f) != 0)
				return -1;
	}
	return 0;
}

static json_t *
keys_json(const struct export *x)
{
	json_t *list = json_array();

	for (uint32_t i = 0; list != NULL && i < x->nkeys; i++)
		if (json_array_append_new(list, json_string(x->keys[i])) != 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

/* Hand the worker a channel to the keeper, who gives it the keys. */
static int
hand(const struct export *x, struct channel *worker, json_t *about,
    struct fault *f)
{
	struct message m, answer;
	struct reader body;
	json_t *keys = keys_json(x);
	int fd, rc = -1;

	if (about == NULL || keys == NULL ||
	    json_object_set_new(about, "keys", keys) != 0) {
		json_decref(about);
		return fault_memory(f);
	}
	if (keeper_peer(x->keeper, KEEPER_WORKER, about, &fd, f) != 0)
		return -1;
	message_init(&m, MESSAGE_MAX);
	message_init(&answer, 65536);
	rc = ask_begin(&m, WORKER_KEYS, f);
	if (rc != 0)
		file_close(&fd);
	else
		rc = message_give_fd(&m, fd, f);
	if (rc == 0)
		rc = put_u16(&m.body, (uint16_t)x->nkeys, f);
	for (uint32_t i = 0; rc == 0 && i < x->nkeys; i++)
		rc = put_text(&m.body, x->keys[i], f);
	if (rc == 0)
		rc = ask(worker, &m, &answer, &body, f);
	message_free(&m);
	message_free(&answer);
	return rc;
}

int
export_hand_keys(void *state, struct channel *worker, struct fault *f)
{
	const struct export *x = state;

	return hand(x, worker, json_pack("{s:s}", "batch", x->batch), f);
}

int
export_hand_measuring_keys(void *state, struct channel *worker, struct fault *f)
{
	const struct export *x = state;

	return hand(x, worker,
	    json_pack("{s:s,s:s}", "vendor", x->vendor, "project",
		x->plan->policy->project),
	    f);
}
