/* Which keys workers get: those that the fields' transforms need, by name, from
 * the keeper over a channel of their own. */

#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

int
crew_keys_add(struct crew_keys *k, const char *name, struct fault *f)
{
	for (uint32_t i = 0; i < k->n; i++)
		if (strcmp(k->names[i], name) == 0)
			return 0;
	if (plan_grow(
		(void **)&k->names, k->n, &k->room, sizeof(*k->names), f) != 0)
		return -1;
	if ((k->names[k->n] = mem_text(name, strlen(name))) == NULL)
		return fault_memory(f);
	k->n++;
	return 0;
}

int
crew_keys_of_plan(struct crew_keys *k, const struct plan *p, struct fault *f)
{
	for (uint32_t i = 0; i < p->nplans; i++) {
		const struct names *names = &p->plans[i].plan.keys;

		for (size_t j = 0; j < names->n; j++)
			if (crew_keys_add(k, names->at[j], f) != 0)
				return -1;
	}
	k->plan = p;
	if (crew_rules_key(k, p, f) != 0)
		return -1;
	return p->dictionary.fd == -1
		   ? 0
		   : crew_keys_add(k, WORKER_DICTIONARY_KEY, f);
}

void
crew_keys_free(struct crew_keys *k)
{
	for (uint32_t i = 0; i < k->n; i++)
		mem_free(k->names[i]);
	mem_free(k->names);
	json_decref(k->about);
	*k = (struct crew_keys){ .n = 0 };
}

static json_t *
names_json(const struct crew_keys *k)
{
	json_t *list = json_array();

	for (uint32_t i = 0; list != NULL && i < k->n; i++)
		if (json_array_append_new(list, json_string(k->names[i])) !=
		    0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

/* A channel for the worker, which is known by k->about and the names. */
static int
channel_for(const struct crew_keys *k, int *fd, struct fault *f)
{
	json_t *about = json_copy(k->about);

	if (about == NULL ||
	    json_object_set_new(about, "keys", names_json(k)) != 0) {
		json_decref(about);
		return fault_memory(f);
	}
	return keeper_peer(k->keeper, KEEPER_WORKER, about, fd, f);
}

int
crew_hand_keys(void *state, struct channel *worker, struct fault *f)
{
	struct crew_keys *k = state;
	struct message m, answer;
	struct reader body;
	int fd, rc = -1;

	if (channel_for(k, &fd, f) != 0)
		return -1;
	message_init(&m, MESSAGE_MAX);
	message_init(&answer, 65536);
	rc = ask_begin(&m, WORKER_KEYS, f);
	if (rc != 0)
		file_close(&fd);
	else
		rc = message_give_fd(&m, fd, f);
	if (rc == 0)
		rc = put_u16(&m.body, (uint16_t)k->n, f);
	for (uint32_t i = 0; rc == 0 && i < k->n; i++)
		rc = put_text(&m.body, k->names[i], f);
	if (rc == 0)
		rc = ask(worker, &m, &answer, &body, f);
	message_free(&m);
	message_free(&answer);
	if (rc == 0 && k->plan != NULL)
		rc = crew_hand_rules(k, worker, f);
	return rc != 0 || k->plan == NULL
		   ? rc
		   : dictionary_hand(k->plan->dictionary.fd, worker,
			 k->dictionary, &k->has_dictionary, f);
}
