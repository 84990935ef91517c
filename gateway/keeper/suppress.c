/*
 * The suppression list: persons of whom nothing leaves any more, because they
 * restricted the processing (Art. 18), objected to it (Art. 21) or withdrew
 * their consent (Art. 7(3)).
 *
 *     subject's key --> keyed hash --> fact; the log has its commitment
 *
 * Nothing here knows a person's key: it comes in a question, is hashed, and is
 * forgotten.  Whether a shard is about somebody is told by the list of persons
 * that was kept when it was sealed.
 */

#include <string.h>

#include "gateway/keeper/holds_internal.h"
#include "gateway/keeper/people_internal.h"
#include "gateway/keeper/persons_internal.h"
#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/pseudonym/pseudonym.h"

/* A key of a person in a dataset: a number, a name, an address. */
#define SUBJECT_BYTES_MAX 4096u

/* Persons on the list, which travels to workers in one message. */
#define SUPPRESSED_MAX ((size_t)1 << 18)

int
person_hash(struct home *h, const char *subject,
    uint8_t out[CATALOG_SUBJECT_BYTES], struct fault *f)
{
	struct secret secret = { 0 }, key = { 0 };
	struct token_key *token = NULL;
	int rc = -1;

	if (persons_key(h, &secret, f) == 0 &&
	    key_derive(&key, &secret, KEY_PERSON, "", "", f) == 0 &&
	    token_key_new(&token, key.at, key.len, f) == 0) {
		token_mac(
		    token, (const uint8_t *)subject, strlen(subject), out);
		rc = 0;
	}
	token_key_free(token);
	secret_free(&secret);
	secret_free(&key);
	return rc;
}

int
person_take(struct home *h, const json_t *in,
    uint8_t out[CATALOG_SUBJECT_BYTES], struct fault *f)
{
	const char *subject;

	if (doc_text(in, "subject", &subject, f) != 0)
		return -1;
	if (subject[0] == '\0' || strlen(subject) > SUBJECT_BYTES_MAX)
		return fault_set(f, FAULT_USAGE,
		    "a subject's key has 1 to %u bytes", SUBJECT_BYTES_MAX);
	return person_hash(h, subject, out, f);
}

int
person_of(struct home *h, const char *id, uint8_t out[CATALOG_SUBJECT_BYTES],
    struct fault *f)
{
	const struct catalog_fact_name name = { id, "subject", 0 };
	struct bytes hash;
	int rc = -1;

	bytes_init(&hash, CATALOG_SUBJECT_BYTES);
	if (catalog_fact(h->catalog, &name, &hash, f) == 0) {
		if (hash.len == CATALOG_SUBJECT_BYTES) {
			memcpy(out, hash.at, CATALOG_SUBJECT_BYTES);
			rc = 0;
		} else {
			(void)fault_set(
			    f, FAULT_FORGED, "%s: names no person", id);
		}
	}
	bytes_free(&hash);
	return rc;
}

/* ---- Who is on it ---- */

struct gathering {
	struct home *home;
	struct bytes *out;
	size_t n;
	const uint8_t *sought;		  /* or NULL */
	struct catalog_suppression found; /* of sought */
};

static int
gather(void *arg, const struct catalog_suppression *p, struct fault *f)
{
	struct gathering *g = arg;
	uint8_t hash[CATALOG_SUBJECT_BYTES];

	if (p->ended != 0)
		return 0;
	if (person_of(g->home, p->id, hash, f) != 0)
		return -1;
	g->n++;
	if (g->sought != NULL && memcmp(hash, g->sought, sizeof(hash)) == 0)
		g->found = *p;
	return g->out == NULL ? 0 : bytes_add(g->out, hash, sizeof(hash), f);
}

int
suppressed_all(struct home *h, struct bytes *out, struct fault *f)
{
	struct gathering g = { .home = h, .out = out };

	return catalog_each_suppression(h->catalog, gather, &g, f);
}

int
suppression_of(struct home *h, const uint8_t person[CATALOG_SUBJECT_BYTES],
    struct catalog_suppression *out, struct fault *f)
{
	struct gathering g = { .home = h, .sought = person };
	int rc = catalog_each_suppression(h->catalog, gather, &g, f);

	*out = g.found;
	if (rc == 0 && g.found.id[0] == '\0' && g.n >= SUPPRESSED_MAX)
		return fault_set(f, FAULT_INPUT, "over %zu persons suppressed",
		    SUPPRESSED_MAX - 1);
	return rc;
}

/* ---- Shards ---- */

struct looking {
	const struct bytes *persons;
	bool yes;
	uint32_t shard;
};

static int
look(void *arg, const struct catalog_subjects *list, struct fault *f)
{
	struct looking *l = arg;

	(void)f;
	for (size_t at = 0; at < l->persons->len; at += CATALOG_SUBJECT_BYTES)
		if (catalog_subjects_find(list, l->persons->at + at) != NULL) {
			if (!l->yes)
				l->shard = list->shard;
			l->yes = true;
			break;
		}
	return 0;
}

int
suppressed_in(struct home *h, const char *batch, const uint32_t *shards,
    size_t n, bool *yes, uint32_t *shard, struct fault *f)
{
	struct bytes persons;
	struct looking l = { &persons, false, 0 };
	int rc;

	bytes_init(&persons, SUPPRESSED_MAX * CATALOG_SUBJECT_BYTES);
	rc = suppressed_all(h, &persons, f);
	if (rc == 0 && persons.len > 0 && shards == NULL)
		rc = catalog_each_subjects(h->catalog, batch, look, &l, f);
	for (size_t i = 0;
	     rc == 0 && persons.len > 0 && shards != NULL && i < n && !l.yes;
	     i++)
		rc = catalog_shard_subjects(
		    h->catalog, batch, shards[i], look, &l, f);
	*yes = l.yes;
	*shard = l.shard;
	bytes_free(&persons);
	return rc;
}

/* ---- The asks ---- */

int
suppressed_tell(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct secret secret = { 0 }, key = { 0 };
	struct bytes persons;
	int rc = -1;

	if (home_need(h, a, RING_EXPORT, f) != 0 || take_end(&a->in, f) != 0)
		return -1;
	if (json_object_get(home_peer(a)->about, "suppressed") == NULL)
		return fault_set(
		    f, FAULT_POLICY, "this worker was made for something else");
	bytes_init(&persons, SUPPRESSED_MAX * CATALOG_SUBJECT_BYTES);
	if (suppressed_all(h, &persons, f) == 0 &&
	    persons_key(h, &secret, f) == 0 &&
	    key_derive(&key, &secret, KEY_PERSON, "", "", f) == 0 &&
	    put_slice(&a->answer->body, key.at, key.len, f) == 0)
		rc = put_slice(&a->answer->body, persons.at, persons.len, f);
	secret_free(&secret);
	secret_free(&key);
	bytes_free(&persons);
	return rc;
}

int
suppression_record(struct home *h, const uint8_t person[CATALOG_SUBJECT_BYTES],
    const char *reason, char id[ID_CHARS + 1], struct fault *f)
{
	const struct catalog_fact fact = { "subject",
		{ person, CATALOG_SUBJECT_BYTES } };
	struct catalog_entry e = {
		.kind = "suppression-added", .facts = &fact, .nfacts = 1
	};
	int rc;

	id_new(id, 'u');
	e.body = json_pack("{s:s,s:s}", "reason", reason, "suppression", id);
	if (e.body == NULL)
		return fault_memory(f);
	rc = home_add(h, &e, NULL, f);
	json_decref(e.body);
	if (rc != 0)
		return -1;
	if (suppression_name(h, id, person, f) == 0)
		return 0;
	home_spoil(h); /* the one is not to be without the other */
	return -1;
}

int
suppression_check(const char *reason, struct fault *f)
{
	if (strcmp(reason, "objection") == 0 ||
	    strcmp(reason, "restriction") == 0 ||
	    strcmp(reason, "withdrawn") == 0)
		return 0;
	return fault_set(f, FAULT_USAGE,
	    "reason: objection (Art. 21), restriction (Art. 18) or withdrawn "
	    "(consent, Art. 7)");
}

int
suppress_add(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	uint8_t person[CATALOG_SUBJECT_BYTES];
	struct catalog_suppression was;
	char id[ID_CHARS + 1];
	const char *reason;
	json_t *in, *list = NULL;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (role_need(h, ROLE_OWNER, f) != 0 ||
	    doc_text(in, "reason", &reason, f) != 0 ||
	    suppression_check(reason, f) != 0 ||
	    home_need(h, a, RING_RELEASE | RING_EXPORT, f) != 0 ||
	    person_take(h, in, person, f) != 0 ||
	    suppression_of(h, person, &was, f) != 0)
		goto out;
	if (was.id[0] != '\0') {
		(void)fault_set(
		    f, FAULT_POLICY, "is suppressed already (%s)", was.reason);
		goto out;
	}
	if ((list = batches_about(h, person, false, f)) != NULL)
		rc = suppression_record(h, person, reason, id, f);
	if (rc == 0)
		rc = home_out(a,
		    json_pack("{s:s,s:s,s:O}", "suppression", id, "reason",
			reason, "batches", list),
		    f);
out:
	json_decref(list);
	json_decref(in);
	return rc;
}

/* Which one an ask is about: by its id, or by the person. */
static int
take_suppression(struct home *h, struct asked *a, const json_t *in,
    char id[ID_CHARS + 1], struct fault *f)
{
	uint8_t person[CATALOG_SUBJECT_BYTES];
	struct catalog_suppression was;
	const char *text;

	if (json_object_get(in, "suppression") != NULL) {
		if (doc_text(in, "suppression", &text, f) != 0)
			return -1;
		if (!id_valid(text, 'u')) {
			(void)fault_set(f, FAULT_USAGE, "not such an id");
			return fault_hint(f, "handoff suppress list");
		}
		(void)snprintf(id, ID_CHARS + 1, "%s", text);
		return 0;
	}
	if (home_need(h, a, RING_EXPORT, f) != 0 ||
	    person_take(h, in, person, f) != 0 ||
	    suppression_of(h, person, &was, f) != 0)
		return -1;
	if (was.id[0] == '\0')
		return fault_set(f, FAULT_INPUT, "is not suppressed");
	(void)snprintf(id, ID_CHARS + 1, "%s", was.id);
	return 0;
}

int
suppress_remove(void *state, struct asked *a, struct fault *f)
{
	struct catalog_entry e = { .kind = "suppression-ended" };
	struct home *h = state;
	char id[ID_CHARS + 1];
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (role_need(h, ROLE_OWNER, f) == 0 &&
	    take_suppression(h, a, in, id, f) == 0 &&
	    home_need(h, a, RING_RELEASE, f) == 0) {
		e.body = json_pack("{s:s}", "suppression", id);
		rc =
		    e.body == NULL ? fault_memory(f) : home_add(h, &e, NULL, f);
		if (rc != 0)
			rc = ending_of_none(h, f);
		json_decref(e.body);
	}
	json_decref(in);
	return rc == 0 ? home_out(a, json_pack("{s:s}", "suppression", id), f)
		       : -1;
}

struct listing {
	json_t *list;
};

static int
list_one(void *arg, const struct catalog_suppression *p, struct fault *f)
{
	struct listing *l = arg;
	json_t *o = json_pack("{s:s,s:s}", "id", p->id, "reason", p->reason);

	if (o == NULL)
		return fault_memory(f);
	if (time_say(o, "at", p->at, f) != 0 ||
	    time_say(o, "ended", p->ended, f) != 0) {
		json_decref(o);
		return -1;
	}
	return json_array_append_new(l->list, o) == 0 ? 0 : fault_memory(f);
}

int
suppress_list(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct listing l = { NULL };
	json_t *in;

	if (home_in(a, &in, f) != 0)
		return -1;
	json_decref(in);
	if (role_need(h, ROLE_OWNER, f) != 0)
		return -1;
	if ((l.list = json_array()) == NULL)
		return fault_memory(f);
	if (catalog_each_suppression(h->catalog, list_one, &l, f) != 0) {
		json_decref(l.list);
		return -1;
	}
	return home_out(a, json_pack("{s:o}", "suppressions", l.list), f);
}
