/*
 * Erasing a person (Art. 17): out of the lists of shards, of what vendors hold
 * of persons, and of what they were sent.
 *
 *     holds say no? --> batches still here say no? --> lists without the person
 *                                                 --> the log says how many
 *
 * The lists are what keeps a shard from being released, and what tells whose
 * vendors are to be asked; so they go last, when nothing of the person that we
 * have can leave or be read any more: batches are shredded first.  What vendors
 * were given stays with them, and is told here for the last time.
 */

#include <string.h>

#include "gateway/keeper/erase_internal.h"
#include "gateway/keeper/people_internal.h"
#include "gateway/keeper/persons_internal.h"
#include "keys/base/doc.h"
#include "keys/base/text.h"

static int
look(void *arg, const struct catalog_subjects *list, struct fault *f)
{
	struct erasing *e = arg;

	(void)f;
	e->found |= catalog_subjects_find(list, e->person) != NULL;
	return 0;
}

static int
see_batch(void *arg, const struct catalog_batch *b, struct fault *f)
{
	struct erasing *e = arg;
	struct catalog_vendor v;

	e->found = false;
	if (catalog_each_subjects(e->home->catalog, b->id, look, e, f) != 0)
		return -1;
	if (!e->found)
		return 0;
	if (b->state != CATALOG_SHREDDED && e->here.id[0] == '\0')
		e->here = *b;
	if (catalog_vendor(e->home->catalog, b->vendor, &v, f) != 0)
		return -1;
	return json_array_append_new(e->batches,
		   json_pack("{s:s,s:s,s:s,s:s}", "id", b->id, "name", b->name,
		       "vendor", v.name, "vendor_id", v.id)) == 0
		   ? 0
		   : fault_memory(f);
}

/* Is it of the person, or of a batch about the person, or its vendor? */
static int
see_hold(void *arg, const struct catalog_hold *hold, struct fault *f)
{
	struct erasing *e = arg;
	uint8_t person[CATALOG_SUBJECT_BYTES];
	const json_t *b;
	size_t i;

	if (hold->ended != 0)
		return 0;
	json_array_foreach(e->batches, i, b)
	{
		const char *id = json_string_value(json_object_get(b, "id"));
		const char *vendor =
		    json_string_value(json_object_get(b, "vendor_id"));

		e->held |= strcmp(hold->target, id) == 0 ||
			   strcmp(hold->target, vendor) == 0;
	}
	if (hold->target[0] != '\0')
		return 0;
	if (person_of(e->home, hold->id, person, f) != 0)
		return -1;
	e->held |= memcmp(person, e->person, sizeof(person)) == 0;
	return 0;
}

int
erasing_permit(struct erasing *e, struct fault *f)
{
	struct catalog *c = e->home->catalog;

	if (catalog_each_batch(c, NULL, see_batch, e, f) != 0 ||
	    catalog_each_hold(c, see_hold, e, f) != 0)
		return -1;
	if (e->held) {
		(void)fault_set(f, FAULT_POLICY,
		    "the person, or a batch about the person, is held");
		return fault_hint(f, "handoff hold list");
	}
	if (e->here.id[0] == '\0')
		return 0;
	(void)fault_set(f, FAULT_POLICY,
	    "batch %s is about the person, and is still here", e->here.name);
	return fault_hint(f, "handoff batch shred %s", e->here.name);
}

int
erasing_key(struct home *h, struct token_key **out, struct fault *f)
{
	struct secret secret = { 0 }, key = { 0 };
	int rc = -1;

	if (persons_key(h, &secret, f) == 0 &&
	    key_derive(&key, &secret, KEY_ERASED, "", "", f) == 0)
		rc = token_key_new(out, key.at, key.len, f);
	secret_free(&secret);
	secret_free(&key);
	return rc;
}

int
erasing_record(struct erasing *e, const struct token_key *key,
    struct catalog_erased *done, struct fault *f)
{
	struct catalog_entry entry = { .kind = "person-erased" };
	uint8_t mac[TOKEN_MAC_BYTES];
	char person[HEX_CHARS(TOKEN_MAC_BYTES) + 1];
	int rc;

	if (home_erase_subject(e->home, e->person, done, f) != 0)
		return -1;
	token_mac(key, e->person, sizeof(e->person), mac);
	hex_write(person, mac, sizeof(mac));
	entry.body = json_pack("{s:I,s:s,s:I}", "count",
	    (json_int_t)done->lists, "person", person, "sent",
	    (json_int_t)(done->sent + done->others));
	if (entry.body == NULL)
		return fault_memory(f);
	rc = home_add(e->home, &entry, NULL, f);
	json_decref(entry.body);
	if (rc != 0)
		home_spoil(e->home); /* lists are gone, and nobody said so */
	return rc;
}

static int
is_suppressed(struct erasing *e, bool *yes, struct fault *f)
{
	struct bytes all;
	int rc;

	*yes = false;
	bytes_init(&all, SIZE_MAX);
	rc = suppressed_all(e->home, &all, f);
	for (size_t at = 0; rc == 0 && at < all.len;
	     at += CATALOG_SUBJECT_BYTES)
		*yes |=
		    memcmp(all.at + at, e->person, CATALOG_SUBJECT_BYTES) == 0;
	bytes_free(&all);
	return rc;
}

int
subject_erase(void *state, struct asked *a, struct fault *f)
{
	struct erasing e = { .home = state };
	struct catalog_erased done = { 0 };
	struct token_key *key = NULL;
	bool suppressed;
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if ((e.batches = json_array()) == NULL)
		(void)fault_memory(f);
	else if (role_need(e.home, ROLE_OWNER, f) == 0 &&
		 home_need(e.home, a, RING_RELEASE | RING_EXPORT, f) == 0 &&
		 person_take(e.home, in, e.person, f) == 0 &&
		 is_suppressed(&e, &suppressed, f) == 0 &&
		 erasing_permit(&e, f) == 0 &&
		 erasing_key(e.home, &key, f) == 0 &&
		 erasing_record(&e, key, &done, f) == 0)
		rc = home_out(a,
		    json_pack("{s:I,s:I,s:I,s:b,s:O}", "lists",
			(json_int_t)done.lists, "sent", (json_int_t)done.sent,
			"others", (json_int_t)done.others, "suppressed",
			suppressed, "batches", e.batches),
		    f);
	token_key_free(key);
	json_decref(e.batches);
	json_decref(in);
	return rc;
}
