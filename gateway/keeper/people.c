/*
 * The vendors that an owner's home knows: added by card, confirmed by
 * fingerprint, suspended, resumed, ended.
 *
 * A vendor is its card.  A changed card is another vendor, under a name that
 * is free again once the old one has been ended: what was sealed for the one
 * is never given to the other.
 */

#include <string.h>

#include "gateway/keeper/people_internal.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"
#include "keys/base/text.h"
#include "policy/legal/legal.h"

/* A fact as text; the caller frees. */
static int
fact_text(struct home *h, const char *id, const char *member, struct bytes *out,
    struct fault *f)
{
	const struct catalog_fact_name name = { id, member, 0 };

	if (catalog_fact(h->catalog, &name, out, f) != 0)
		return -1;
	return bytes_end_text(out, f);
}

/* ---- Telling ---- */

/* What is told of a vendor's card and country, which may have been erased. */
static int
say_facts(struct home *h, const char *id, json_t *o, struct fault *f)
{
	struct fault none = { 0 };
	struct bytes card, country;
	struct card c;
	const char *name;
	int rc = -1;

	bytes_init(&card, CARD_BYTES_MAX + 1);
	bytes_init(&country, 16);
	if (fact_text(h, id, "card", &card, &none) != 0 ||
	    fact_text(h, id, "country", &country, &none) != 0) {
		rc = none.kind == FAULT_INPUT ? 0 : -1;
		if (rc != 0)
			*f = none;
		goto out;
	}
	name = legal_country((const char *)country.at);
	if (card_read(&c, card.at, card.len, f) != 0 || card_say(o, &c, f) != 0)
		goto out;
	if (json_object_set_new(
		o, "country", json_string((const char *)country.at)) != 0 ||
	    json_object_set_new(o, "country_name",
		json_string(name != NULL ? name : "")) != 0 ||
	    json_object_set_new(o, "card_name", json_string(c.name)) != 0)
		(void)fault_memory(f);
	else
		rc = 0;
out:
	bytes_free(&card);
	bytes_free(&country);
	return rc;
}

json_t *
vendor_say(struct home *h, const struct catalog_vendor *v, struct fault *f)
{
	json_t *o = json_pack("{s:s,s:s,s:s}", "id", v->id, "name", v->name,
	    "model", v->crowd ? "crowd" : "dedicated");

	if (o == NULL) {
		(void)fault_memory(f);
		return NULL;
	}
	if (time_say(o, "added", v->added, f) == 0 &&
	    time_say(o, "confirmed", v->confirmed, f) == 0 &&
	    time_say(o, "suspended", v->suspended, f) == 0 &&
	    time_say(o, "ended", v->ended, f) == 0 &&
	    say_facts(h, v->id, o, f) == 0)
		return o;
	json_decref(o);
	return NULL;
}

/* Answer with what the vendor is by now. */
static int
answer_vendor(struct home *h, struct asked *a, const char *id, struct fault *f)
{
	struct catalog_vendor v;
	json_t *o;

	if (catalog_vendor(h->catalog, id, &v, f) != 0 ||
	    (o = vendor_say(h, &v, f)) == NULL)
		return -1;
	return home_out(a, o, f);
}

static int
list_one(void *arg, const struct catalog_vendor *v, struct fault *f)
{
	void **to = arg;
	json_t *o = vendor_say(to[0], v, f);

	if (o == NULL)
		return -1;
	return json_array_append_new(to[1], o) == 0 ? 0 : fault_memory(f);
}

int
vendor_list(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	void *to[2] = { h, NULL };
	json_t *in;

	if (home_in(a, &in, f) != 0)
		return -1;
	json_decref(in);
	if (role_need(h, ROLE_OWNER, f) != 0)
		return -1;
	if ((to[1] = json_array()) == NULL)
		return fault_memory(f);
	if (catalog_each_vendor(h->catalog, list_one, to, f) != 0) {
		json_decref(to[1]);
		return -1;
	}
	return home_out(a, json_pack("{s:o}", "vendors", to[1]), f);
}

/* ---- Adding and confirming ---- */

static int
record(struct home *h, const char *kind, const char *vendor, struct fault *f)
{
	struct catalog_entry e = { .kind = kind };
	int rc;

	if ((e.body = json_pack("{s:s}", "vendor", vendor)) == NULL)
		return fault_memory(f);
	rc = home_add(h, &e, NULL, f);
	json_decref(e.body);
	return rc;
}

/* The members by which the log knows a card. */
static json_t *
card_members(
    const struct card *c, const char *id, const char *model, struct fault *f)
{
	uint8_t digest[3][DIGEST_BYTES];
	char hex[3][DIGEST_CHARS + 1];
	struct bytes age;
	json_t *o = NULL;

	bytes_init(&age, 4096);
	if (age_recipient_write(&age, &c->age, f) != 0)
		goto out;
	digest_of(digest[0], age.at, age.len);
	digest_of(digest[1], c->verifier.key, sizeof(c->verifier.key));
	digest_of(digest[2], c->tls, sizeof(c->tls));
	for (size_t i = 0; i < 3; i++)
		hex_write(hex[i], digest[i], DIGEST_BYTES);
	o = json_pack("{s:s,s:s,s:s,s:s,s:s}", "vendor", id, "model", model,
	    "recipient", hex[0], "verifier", hex[1], "tls", hex[2]);
	if (o == NULL)
		(void)fault_memory(f);
out:
	bytes_free(&age);
	return o;
}

struct newcomer {
	const char *name;
	const char *country;
	const char *model;
	struct card card;
	struct slice text;
	bool confirms;
};

static int
take_newcomer(const json_t *in, struct newcomer *n, struct fault *f)
{
	if (doc_text(in, "name", &n->name, f) != 0 ||
	    doc_text(in, "country", &n->country, f) != 0 ||
	    doc_text(in, "model", &n->model, f) != 0)
		return -1;
	if (!card_name_valid(n->name))
		return fault_set(f, FAULT_USAGE,
		    "the name is not 1 to %u of a-z, 0-9 and '-'",
		    CARD_NAME_MAX);
	if (legal_country(n->country) == NULL) {
		(void)fault_set(f, FAULT_USAGE,
		    "country: not a code of ISO 3166-1, such as NL");
		return -1;
	}
	if (strcmp(n->model, "dedicated") != 0 &&
	    strcmp(n->model, "crowd") != 0)
		return fault_set(
		    f, FAULT_USAGE, "model: neither dedicated nor crowd");
	if (card_take(in, ROLE_VENDOR, &n->card, &n->text, f) != 0)
		return -1;
	return card_confirms(in, &n->card, &n->confirms, f);
}

static int
add(struct home *h, const struct newcomer *n, char id[ID_CHARS + 1],
    struct fault *f)
{
	const struct catalog_fact facts[] = {
		{ "card", n->text },
		{ "country", slice_of_text(n->country) },
		{ "name", slice_of_text(n->name) },
	};
	struct catalog_entry e = {
		.kind = "vendor-added", .facts = facts, .nfacts = 3
	};
	int rc;

	id_new(id, 'v');
	if ((e.body = card_members(&n->card, id, n->model, f)) == NULL)
		return -1;
	rc = home_add(h, &e, NULL, f);
	json_decref(e.body);
	if (rc == 0 && n->confirms &&
	    (rc = record(h, "vendor-confirmed", id, f)) != 0)
		home_spoil(h);
	return rc;
}

/* The name is taken: by this very card, which may be confirmed now, or by
 * another. */
static int
add_again(struct home *h, const struct newcomer *n,
    const struct catalog_vendor *v, struct fault *f)
{
	struct bytes card;
	bool same;

	bytes_init(&card, CARD_BYTES_MAX + 1);
	if (fact_text(h, v->id, "card", &card, f) != 0) {
		bytes_free(&card);
		return -1;
	}
	same = card.len == n->text.len &&
	       memcmp(card.at, n->text.at, card.len) == 0;
	bytes_free(&card);
	if (same && n->confirms && v->confirmed == 0)
		return record(h, "vendor-confirmed", v->id, f);
	if (same) {
		(void)fault_set(f, FAULT_POLICY,
		    "%s: is there already, with this card", n->name);
		return fault_hint(f,
		    v->confirmed != 0 ? "handoff vendor show %s"
				      : "handoff vendor confirm %s "
					"--fingerprint F",
		    n->name);
	}
	(void)fault_set(
	    f, FAULT_POLICY, "%s: is there with another card", n->name);
	return fault_hint(f,
	    "if it has new keys: handoff vendor end %s, then add it again",
	    n->name);
}

/* The same keys under two names would be two vendors that are one. */
static int
check_keys(struct home *h, const struct newcomer *n, struct fault *f)
{
	uint8_t tls[DIGEST_BYTES];
	struct fault none = { 0 };
	struct catalog_vendor v;

	digest_of(tls, n->card.tls, sizeof(n->card.tls));
	if (catalog_vendor_by_tls(h->catalog, tls, &v, &none) == 0 &&
	    v.ended == 0)
		return fault_set(f, FAULT_POLICY,
		    "%s: its card is there already, as %s", n->name, v.name);
	return 0;
}

int
vendor_add(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct newcomer n = { 0 };
	struct catalog_vendor v;
	struct fault none = { 0 };
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (role_need(h, ROLE_OWNER, f) != 0 || take_newcomer(in, &n, f) != 0 ||
	    home_need(h, a, RING_RELEASE, f) != 0)
		goto out;
	if (catalog_vendor(h->catalog, n.name, &v, &none) == 0 && v.ended == 0)
		rc = add_again(h, &n, &v, f);
	else if (check_keys(h, &n, f) == 0)
		rc = add(h, &n, v.id, f);
out:
	json_decref(in);
	return rc == 0 ? answer_vendor(h, a, v.id, f) : -1;
}

/* The vendor that an ask names, which has not been ended. */
static int
take_vendor(
    struct home *h, const json_t *in, struct catalog_vendor *v, struct fault *f)
{
	const char *name;

	if (doc_text(in, "vendor", &name, f) != 0)
		return -1;
	if (catalog_vendor(h->catalog, name, v, f) != 0)
		return fault_hint(f, "handoff vendor list");
	if (v->ended != 0)
		return fault_set(
		    f, FAULT_POLICY, "%s: the vendor has been ended", name);
	return 0;
}

static int
confirm(struct home *h, const json_t *in, const struct catalog_vendor *v,
    struct fault *f)
{
	struct bytes text;
	struct card c;
	bool yes;
	int rc = -1;

	bytes_init(&text, CARD_BYTES_MAX + 1);
	if (fact_text(h, v->id, "card", &text, f) != 0 ||
	    card_read(&c, text.at, text.len, f) != 0)
		goto out;
	if (card_confirms(in, &c, &yes, f) != 0) {
		(void)fault_hint(
		    f, "handoff vendor show %s, and ask its sender", v->name);
		goto out;
	}
	if (!yes)
		(void)fault_set(f, FAULT_USAGE, "needs a fingerprint");
	else
		rc = v->confirmed != 0
			 ? 0
			 : record(h, "vendor-confirmed", v->id, f);
out:
	bytes_free(&text);
	return rc;
}

int
vendor_confirm(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct catalog_vendor v;
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (role_need(h, ROLE_OWNER, f) == 0 &&
	    take_vendor(h, in, &v, f) == 0 &&
	    home_need(h, a, RING_RELEASE, f) == 0)
		rc = confirm(h, in, &v, f);
	json_decref(in);
	return rc == 0 ? answer_vendor(h, a, v.id, f) : -1;
}

int
vendor_change(void *state, struct asked *a, struct fault *f)
{
	static const char *const kinds[][2] = {
		{ "suspended", "vendor-suspended" },
		{ "resumed", "vendor-resumed" },
		{ "ended", "vendor-ended" },
	};
	struct home *h = state;
	struct catalog_vendor v;
	const char *to, *kind = NULL;
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	if (role_need(h, ROLE_OWNER, f) != 0 ||
	    doc_text(in, "to", &to, f) != 0 || take_vendor(h, in, &v, f) != 0 ||
	    home_need(h, a, RING_RELEASE, f) != 0)
		goto out;
	for (size_t i = 0; i < 3; i++)
		if (strcmp(to, kinds[i][0]) == 0)
			kind = kinds[i][1];
	if (kind == NULL)
		(void)fault_set(f, FAULT_INPUT, "no such change of a vendor");
	else
		rc = record(h, kind, v.id, f);
	if (rc != 0 && f->kind == FAULT_POLICY)
		(void)fault_at(f, "%s", v.name);
out:
	json_decref(in);
	return rc == 0 ? answer_vendor(h, a, v.id, f) : -1;
}
