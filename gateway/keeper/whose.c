/*
 * What the home knows of a person: in which batches they are, whether they are
 * suppressed, whether they are held.  It is what somebody is told who asks for
 * it (Art. 15 and 19 of the General Data Protection Regulation), and by which a
 * mistyped key is noticed: nobody is known by it.
 *
 * Nothing is known by a person's key itself: it comes in a question, is hashed,
 * and is looked up in the list of persons that was kept with each shard.
 */

#include <string.h>

#include "gateway/keeper/holds_internal.h"
#include "gateway/keeper/people_internal.h"

struct telling {
	struct home *home;
	const uint8_t *person;
	bool shredded; /* tell also of those */
	uint64_t shards;
	json_t *list;
};

static int
look(void *arg, const struct catalog_subjects *list, struct fault *f)
{
	struct telling *t = arg;

	(void)f;
	t->shards += catalog_subjects_find(list, t->person) != NULL;
	return 0;
}

static int
tell_batch(void *arg, const struct catalog_batch *b, struct fault *f)
{
	struct telling *t = arg;
	struct catalog *c = t->home->catalog;
	struct catalog_vendor v;

	t->shards = 0;
	if (b->state == CATALOG_SHREDDED && !t->shredded)
		return 0;
	if (catalog_each_subjects(c, b->id, look, t, f) != 0)
		return -1;
	if (t->shards == 0)
		return 0;
	if (catalog_vendor(c, b->vendor, &v, f) != 0)
		return -1;
	return json_array_append_new(
		   t->list, json_pack("{s:s,s:s,s:s,s:s,s:I}", "id", b->id,
				"name", b->name, "vendor", v.name, "state",
				catalog_state_name(b->state), "shards",
				(json_int_t)t->shards)) == 0
		   ? 0
		   : fault_memory(f);
}

json_t *
batches_about(struct home *h, const uint8_t person[CATALOG_SUBJECT_BYTES],
    bool shredded, struct fault *f)
{
	struct telling t = { .home = h,
		.person = person,
		.shredded = shredded,
		.list = json_array() };

	if (t.list == NULL)
		(void)fault_memory(f);
	else if (catalog_each_batch(h->catalog, NULL, tell_batch, &t, f) == 0)
		return t.list;
	json_decref(t.list);
	return NULL;
}

static int
tell_hold(void *arg, const struct catalog_hold *hold, struct fault *f)
{
	struct telling *t = arg;
	uint8_t person[CATALOG_SUBJECT_BYTES];

	if (hold->ended != 0 || hold->target[0] != '\0')
		return 0;
	if (person_of(t->home, hold->id, person, f) != 0)
		return -1;
	if (memcmp(person, t->person, sizeof(person)) != 0)
		return 0;
	return json_array_append_new(t->list, json_string(hold->id)) == 0
		   ? 0
		   : fault_memory(f);
}

static json_t *
holds_of(struct home *h, const uint8_t person[CATALOG_SUBJECT_BYTES],
    struct fault *f)
{
	struct telling t = {
		.home = h, .person = person, .list = json_array()
	};

	if (t.list == NULL)
		(void)fault_memory(f);
	else if (catalog_each_hold(h->catalog, tell_hold, &t, f) == 0)
		return t.list;
	json_decref(t.list);
	return NULL;
}

/* {"id","reason","at"} of a suppression, or null. */
static int
tell_suppression(struct home *h, const uint8_t person[CATALOG_SUBJECT_BYTES],
    json_t *o, struct fault *f)
{
	struct catalog_suppression was;
	json_t *one;

	if (suppression_of(h, person, &was, f) != 0)
		return -1;
	if (was.id[0] == '\0')
		one = json_null();
	else
		one =
		    json_pack("{s:s,s:s}", "id", was.id, "reason", was.reason);
	if (one != NULL && was.id[0] != '\0' &&
	    time_say(one, "at", was.at, f) != 0) {
		json_decref(one);
		return -1;
	}
	return json_object_set_new(o, "suppression", one) == 0
		   ? 0
		   : fault_memory(f);
}

int
person_tell(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	uint8_t person[CATALOG_SUBJECT_BYTES];
	json_t *in, *o = json_object(), *batches, *holds;
	int rc = -1;

	if (home_in(a, &in, f) != 0) {
		json_decref(o);
		return -1;
	}
	if (o == NULL)
		(void)fault_memory(f);
	else if (role_need(h, ROLE_OWNER, f) == 0 &&
		 home_need(h, a, RING_EXPORT, f) == 0 &&
		 person_take(h, in, person, f) == 0 &&
		 (batches = batches_about(h, person, true, f)) != NULL &&
		 json_object_set_new(o, "batches", batches) == 0 &&
		 (holds = holds_of(h, person, f)) != NULL &&
		 json_object_set_new(o, "holds", holds) == 0)
		rc = tell_suppression(h, person, o, f);
	json_decref(in);
	if (rc == 0)
		return home_out(a, o, f);
	json_decref(o);
	return f->kind != FAULT_NONE ? -1 : fault_memory(f);
}
