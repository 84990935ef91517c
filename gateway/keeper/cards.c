/*
 * Cards, as asks speak of them: our own, and what is told of any.
 *
 * A fingerprint that somebody compared over another channel comes with the ask
 * that needs it and is compared here again, where the card is that will be
 * believed from then on.
 */

#include <string.h>

#include "gateway/keeper/people_internal.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"

int
card_take(const json_t *in, enum role role, struct card *out,
    struct slice *text, struct fault *f)
{
	const char *s;

	if (doc_text(in, "card", &s, f) != 0)
		return -1;
	*text = slice_of_text(s);
	while (text->len > 0 && text->at[text->len - 1] == '\n')
		text->len--;
	if (card_read(out, text->at, text->len, f) != 0)
		return -1;
	if (out->role != role)
		return fault_set(f, FAULT_INPUT,
		    "card: it is %s %s's, not %s's",
		    out->role == ROLE_VENDOR ? "a" : "an", role_name(out->role),
		    role == ROLE_OWNER ? "an owner" : "a vendor");
	return 0;
}

int
card_confirms(
    const json_t *in, const struct card *c, bool *yes, struct fault *f)
{
	struct fingerprint print;
	const char *typed;

	*yes = json_object_get(in, "fingerprint") != NULL;
	if (!*yes)
		return 0;
	if (doc_text(in, "fingerprint", &typed, f) != 0 ||
	    card_fingerprint(&print, c, f) != 0)
		return -1;
	if (fingerprint_same(&print, typed))
		return 0;
	return fault_set(f, FAULT_FORGED,
	    "fingerprint: not that of this card, which may be forged");
}

int
time_say(json_t *o, const char *key, int64_t at, struct fault *f)
{
	char text[CLOCK_CHARS + 1];

	clock_write(text, at);
	if (json_object_set_new(
		o, key, at == 0 ? json_null() : json_string(text)) != 0)
		return fault_memory(f);
	return 0;
}

int
card_say(json_t *o, const struct card *c, struct fault *f)
{
	struct fingerprint print;

	if (card_fingerprint(&print, c, f) != 0)
		return -1;
	if (json_object_set_new(o, "fingerprint", json_string(print.hex)) !=
		0 ||
	    json_object_set_new(o, "words", json_string(print.words)) != 0)
		return fault_memory(f);
	return 0;
}

int
card_issued(
    struct home *h, uint64_t n, struct bytes *out, bool *there, struct fault *f)
{
	struct catalog_fact_name name = { ring_home(h->ring), "card", n };
	struct fault none = { 0 };

	*there = catalog_fact(h->catalog, &name, out, &none) == 0;
	if (*there || none.kind == FAULT_INPUT)
		return 0;
	*f = none;
	return -1;
}

int
card_pinned(const struct home *h, const char *owner, uint64_t *n,
    struct bytes *out, struct fault *f)
{
	struct catalog_fact_name name = { owner, "card", 0 };
	bool more = true;

	while (more) {
		name.n++;
		if (catalog_committed(h->catalog, &name, &more, f) != 0)
			return -1;
	}
	*n = --name.n;
	return name.n == 0 ? 0 : catalog_fact(h->catalog, &name, out, f);
}

int
role_need(const struct home *h, enum role role, struct fault *f)
{
	if (ring_role(h->ring) == role)
		return 0;
	return fault_set(f, FAULT_USAGE,
	    "this is for %s home, and this is %s's",
	    role == ROLE_OWNER ? "an owner's" : "a vendor's",
	    role == ROLE_OWNER ? "a vendor" : "an owner");
}

/* An owner's own card, the newest. */
static int
newest_card(struct home *h, struct bytes *out, struct fault *f)
{
	struct bytes next;
	bool there = true;
	int rc = 0;

	bytes_init(&next, CARD_BYTES_MAX);
	for (uint64_t n = 1; rc == 0 && there; n++) {
		bytes_reset(&next);
		rc = card_issued(h, n, &next, &there, f);
		if (rc != 0 || !there)
			break;
		bytes_reset(out);
		rc = bytes_add(out, next.at, next.len, f);
	}
	bytes_free(&next);
	return rc;
}

static int
say(struct asked *a, const struct bytes *text, struct fault *f)
{
	struct card c;
	json_t *o;

	if (card_read(&c, text->at, text->len, f) != 0)
		return -1;
	o = json_pack("{s:s%,s:s,s:s,s:s}", "card", (const char *)text->at,
	    text->len, "name", c.name, "role", role_name(c.role), "home",
	    c.home);
	if (o == NULL)
		return fault_memory(f);
	if (card_say(o, &c, f) != 0) {
		json_decref(o);
		return -1;
	}
	return home_out(a, o, f);
}

int
card_show(void *state, struct asked *a, struct fault *f)
{
	struct home *h = state;
	struct owner o;
	struct bytes text;
	const char *name = NULL;
	json_t *in;
	int rc = -1;

	if (home_in(a, &in, f) != 0)
		return -1;
	bytes_init(&text, CARD_BYTES_MAX);
	if (json_object_get(in, "owner") != NULL &&
	    doc_text(in, "owner", &name, f) != 0)
		goto out;
	if (ring_role(h->ring) == ROLE_VENDOR) {
		if (owner_find(h, name, &o, f) == 0)
			rc = owner_own_card(h, o.id, &text, f);
	} else if (name != NULL) {
		(void)fault_set(
		    f, FAULT_USAGE, "an owner has one card for everybody");
	} else {
		rc = newest_card(h, &text, f);
	}
	if (rc == 0)
		rc = say(a, &text, f);
out:
	bytes_free(&text);
	json_decref(in);
	return rc;
}
