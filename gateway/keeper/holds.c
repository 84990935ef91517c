/*
 * Holds: what must not be destroyed, because somebody has to be able to look at
 * it: a court, an authority, a person who wants to see what was done with it.
 *
 * A hold is of a batch, of a vendor with all that it was given, or of a subject
 * with every batch that is about it.  While it lasts nothing of that is
 * shredded or erased.
 */

#include <string.h>

#include "gateway/keeper/approvals_internal.h"
#include "gateway/keeper/holds_internal.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"

#define REASON_BYTES_MAX 1024u

/* ---- Is it held? ---- */

struct search {
	struct home *home;
	const char *batch;
	uint8_t person[CATALOG_SUBJECT_BYTES];
	bool found;
};

static int
look(void *arg, const struct catalog_subjects *list, struct fault *f)
{
	struct search *s = arg;

	(void)f;
	s->found = s->found || catalog_subjects_find(list, s->person) != NULL;
	return 0;
}

static int
see_hold(void *arg, const struct catalog_hold *hold, struct fault *f)
{
	struct search *s = arg;

	if (s->found || hold->ended != 0 || hold->target[0] != '\0')
		return 0;
	if (person_of(s->home, hold->id, s->person, f) != 0)
		return -1;
	return catalog_each_subjects(s->home->catalog, s->batch, look, s, f);
}

int
holds_permit(struct home *h, const struct catalog_batch *b, struct fault *f)
{
	struct search s = { .home = h, .batch = b->id };

	if (catalog_each_hold(h->catalog, see_hold, &s, f) != 0)
		return -1;
	if (!s.found)
		return 0;
	(void)fault_set(f, FAULT_POLICY,
	    "%s: it is about a person who is held, and nothing of it is "
	    "destroyed until that ends",
	    b->name);
	return fault_hint(f, "handoff hold list");
}

/* ---- Adding ---- */

static int
record(struct home *h, char id[ID_CHARS + 1], const char *target,
    const uint8_t *person, const char *reason, struct fault *f)
{
	const struct catalog_fact facts[] = {
		{ "reason", slice_of_text(reason) },
		{ "subject", { person, CATALOG_SUBJECT_BYTES } },
	};
	struct catalog_entry e = { .kind = "hold-begun",
		.facts = facts,
		.nfacts = person == NULL ? 1 : 2 };
	int rc;

	id_new(id, 'k');
	e.body = person == NULL ? json_pack("{s:s,s:s,s:n}", "hold", id,
				      "target", target, "subject")
				: json_pack("{s:s,s:n}", "hold", id, "target");
	if (e.body == NULL)
		return fault_memory(f);
	rc = home_add(h, &e, NULL, f);
	json_decref(e.body);
	return rc;
}

/* The id of what an ask names as "target". */
static int
take_target(
    struct home *h, const json_t *in, char id[ID_CHARS + 1], struct fault *f)
{
	struct catalog_batch b;
	struct catalog_vendor v;
	const char *name;

	if (doc_text(in, "target", &name, f) != 0 ||
	    find_target(h, name, &b, &v, f) != 0)
		return -1;
	(void)snprintf(id, ID_CHARS + 1, "%s", b.id[0] != '\0' ? b.id : v.id);
	return 0;
}

int
hold_add(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	uint8_t person[CATALOG_SUBJECT_BYTES];
	char id[ID_CHARS + 1], target[ID_CHARS + 1] = "";
	json_t *in, *list = NULL;
	const char *reason;
	bool subject;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	subject = json_object_get(in, "subject") != NULL;
	if (role_need(h, ROLE_OWNER, f) != 0 ||
	    doc_text(in, "reason", &reason, f) != 0)
		goto out;
	if (reason[0] == '\0' || strlen(reason) > REASON_BYTES_MAX) {
		(void)fault_set(f, FAULT_USAGE, "a reason has 1 to %u bytes",
		    REASON_BYTES_MAX);
		goto out;
	}
	if ((!subject && take_target(h, in, target, f) != 0) ||
	    home_need(h, a, RING_RELEASE | (subject ? RING_EXPORT : 0), f) !=
		0 ||
	    (subject &&
		(person_take(h, in, person, f) != 0 ||
		    (list = batches_about(h, person, false, f)) == NULL)))
		goto out;
	rc = record(h, id, target, subject ? person : NULL, reason, f);
	if (rc == 0)
		rc = home_out(
		    a, json_pack("{s:s,s:O*}", "hold", id, "batches", list), f);
out:
	json_decref(list);
	json_decref(in);
	return rc;
}

/* ---- Telling and ending ---- */

struct telling {
	struct home *home;
	json_t *list;
};

/* Whom or what it is of, in its name, and the reason. */
static int
say_target(
    struct home *h, const struct catalog_hold *hold, json_t *o, struct fault *f)
{
	const struct catalog_fact_name why = { hold->id, "reason", 0 };
	const char *kind = hold->target[0] == 'b'   ? "batch"
			   : hold->target[0] == 'v' ? "vendor"
						    : "subject";
	char name[CATALOG_NAME_MAX + 1] = "";
	struct catalog_batch b;
	struct catalog_vendor v;
	struct fault none = { 0 };
	struct bytes reason;
	int rc = 0;

	if (hold->target[0] == 'b' &&
	    (rc = catalog_batch(h->catalog, hold->target, &b, f)) == 0)
		(void)snprintf(name, sizeof(name), "%s", b.name);
	if (hold->target[0] == 'v' &&
	    (rc = catalog_vendor(h->catalog, hold->target, &v, f)) == 0)
		(void)snprintf(name, sizeof(name), "%s", v.name);
	bytes_init(&reason, REASON_BYTES_MAX);
	if (rc == 0 && catalog_fact(h->catalog, &why, &reason, &none) != 0 &&
	    none.kind != FAULT_INPUT) {
		*f = none;
		rc = -1;
	}
	if (rc == 0 &&
	    (json_object_set_new(o, "of", json_string(kind)) != 0 ||
		json_object_set_new(o, "name", json_string(name)) != 0 ||
		json_object_set_new(o, "reason",
		    json_stringn((const char *)reason.at, reason.len)) != 0))
		rc = fault_memory(f);
	bytes_free(&reason);
	return rc;
}

static int
list_one(void *arg, const struct catalog_hold *hold, struct fault *f)
{
	struct telling *t = arg;
	json_t *o = json_pack("{s:s}", "id", hold->id);

	if (o == NULL)
		return fault_memory(f);
	if (say_target(t->home, hold, o, f) != 0 ||
	    time_say(o, "at", hold->at, f) != 0 ||
	    time_say(o, "ended", hold->ended, f) != 0) {
		json_decref(o);
		return -1;
	}
	return json_array_append_new(t->list, o) == 0 ? 0 : fault_memory(f);
}

int
hold_list(void *state, struct asked *a, struct fault *f)
{
	struct telling t = { state, NULL };
	json_t *in;

	if (home_in(a, &in, f) != 0)
		return -1;
	json_decref(in);
	if (role_need(t.home, ROLE_OWNER, f) != 0)
		return -1;
	if ((t.list = json_array()) == NULL)
		return fault_memory(f);
	if (catalog_each_hold(t.home->catalog, list_one, &t, f) != 0) {
		json_decref(t.list);
		return -1;
	}
	return home_out(a, json_pack("{s:o}", "holds", t.list), f);
}

int
hold_end(void *state, struct asked *a, struct fault *f)
{
	static const struct ending hold = { "hold", "hold-ended", 'k',
		"not a hold's id", "handoff hold list" };

	return end_by_id(state, a, &hold, f);
}
