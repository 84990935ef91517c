/*
 * Cards: by what homes know each other.
 *
 *     DSSE envelope { in-toto Statement { predicate card/v1 } }
 *
 * A card is made once, sent over any channel, and compared by fingerprint over
 * another.  It is signed by the verifier key that it carries, which shows that
 * nobody but that key's holder composed it, and no more.
 *
 * Reading is strict to the byte: the payload must be what card_payload() makes
 * of the members that were read.  One card has one fingerprint, and nothing
 * can hide in it that the fingerprint's comparers do not use.
 */

#include <string.h>

#include "keys/base/doc.h"
#include "keys/ring/ring_internal.h"

/* Far over the longest, whose age recipient is a hybrid one. */
#define AGE_TEXT_MAX 2500u

bool
card_name_valid(const char *name)
{
	return text_only(
	    name, "abcdefghijklmnopqrstuvwxyz0123456789-", CARD_NAME_MAX);
}

static int
check_members(const struct card *c, struct fault *f)
{
	if (!card_name_valid(c->name))
		return fault_set(f, FAULT_INPUT,
		    "card: name: not 1 to %u of a-z, 0-9 and '-'",
		    CARD_NAME_MAX);
	if (!id_valid(c->home, 'h'))
		return fault_set(f, FAULT_INPUT, "card: home: not an id");
	if (c->has_log != (c->role == ROLE_OWNER))
		return fault_set(f, FAULT_INPUT,
		    "card: log: an owner has one, and nobody else");
	return 0;
}

/* The predicate; NULL with the fault. */
static json_t *
predicate_of(const struct card *c, struct fault *f)
{
	char vkey[VKEY_CHARS_MAX + 1], log[VKEY_CHARS_MAX + 1];
	char tls[HEX_CHARS(SIGN_PUBLIC_BYTES) + 1];
	struct bytes age;
	json_t *o = NULL;

	bytes_init(&age, AGE_TEXT_MAX);
	if (age_recipient_write(&age, &c->age, f) != 0 ||
	    bytes_end_text(&age, f) != 0)
		goto out;
	vkey_write(vkey, &c->verifier);
	hex_write(tls, c->tls, sizeof(c->tls));
	o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "role", role_name(c->role),
	    "name", c->name, "home", c->home, "age", (const char *)age.at,
	    "verifier", vkey, "tls", tls);
	if (o != NULL && c->has_log) {
		vkey_write(log, &c->log);
		if (json_object_set_new(o, "log", json_string(log)) != 0) {
			json_decref(o);
			o = NULL;
		}
	}
	/* jansson says only that it failed: no memory, or text not UTF-8. */
	if (o == NULL)
		(void)fault_set(f, FAULT_INPUT,
		    "card: out of memory, or text that is not UTF-8");
out:
	bytes_free(&age);
	return o;
}

/* Append the statement that is signed and fingerprinted. */
static int
card_payload(struct bytes *out, const struct card *c, struct fault *f)
{
	struct statement_subject subject = { .name = c->home };
	struct statement_draft d = { CARD_PREDICATE, &subject, 1, NULL };
	int rc;

	if (check_members(c, f) != 0 ||
	    (d.predicate = predicate_of(c, f)) == NULL)
		return -1;
	digest_of(subject.sha256, c->verifier.key, sizeof(c->verifier.key));
	rc = statement_write(out, &d, f);
	json_decref(d.predicate);
	return rc;
}

int
card_sign(struct bytes *out, const struct card *c,
    const struct sign_key *verifier, struct fault *f)
{
	uint8_t public[SIGN_PUBLIC_BYTES];
	struct bytes payload;
	int rc = -1;

	sign_key_public(verifier, public);
	must(memcmp(public, c->verifier.key, sizeof(public)) == 0);
	bytes_init(&payload, CARD_BYTES_MAX);
	if (card_payload(&payload, c, f) == 0)
		rc = dsse_sign(out, STATEMENT_PAYLOAD,
		    (struct slice){ payload.at, payload.len }, verifier, f);
	bytes_free(&payload);
	return rc;
}

static int
take_vkey(const json_t *o, const char *key, struct vkey *out, struct fault *f)
{
	const char *text;

	if (doc_text(o, key, &text, f) != 0)
		return -1;
	if (vkey_read(out, text, strlen(text), f) != 0)
		return fault_at(f, "%s", key);
	return 0;
}

static int
take_age(const json_t *o, struct age_recipient *out, struct fault *f)
{
	const char *text;

	if (doc_text(o, "age", &text, f) != 0)
		return -1;
	if (age_recipient_read(out, text, strlen(text), f) != 0)
		return fault_at(f, "age");
	return 0;
}

/* Text of at most room - 1 characters, copied. */
static int
take_short(
    const json_t *o, const char *key, char *out, size_t room, struct fault *f)
{
	const char *text;

	if (doc_text(o, key, &text, f) != 0)
		return -1;
	if (strlen(text) >= room)
		return fault_set(f, FAULT_INPUT, "%s: too long", key);
	memcpy(out, text, strlen(text) + 1);
	return 0;
}

static int
take_members(struct card *c, const json_t *o, struct fault *f)
{
	if (doc_only(o, "role name home age verifier tls log", f) != 0 ||
	    role_take(o, &c->role, f) != 0 ||
	    take_short(o, "name", c->name, sizeof(c->name), f) != 0 ||
	    take_short(o, "home", c->home, sizeof(c->home), f) != 0 ||
	    take_age(o, &c->age, f) != 0 ||
	    take_vkey(o, "verifier", &c->verifier, f) != 0 ||
	    doc_hex(o, "tls", c->tls, sizeof(c->tls), f) != 0)
		return fault_at(f, "card");
	c->has_log = json_object_get(o, "log") != NULL;
	if (c->has_log && take_vkey(o, "log", &c->log, f) != 0)
		return fault_at(f, "card");
	return check_members(c, f);
}

/* FAULT_INPUT unless the payload is, byte for byte, what we would write. */
static int
check_spelling(
    const struct card *c, const struct bytes *payload, struct fault *f)
{
	struct bytes again;
	int rc = -1;

	bytes_init(&again, CARD_BYTES_MAX);
	if (card_payload(&again, c, f) != 0)
		goto out;
	if (again.len != payload->len ||
	    memcmp(again.at, payload->at, again.len) != 0)
		(void)fault_set(
		    f, FAULT_INPUT, "card: not in its one canonical form");
	else
		rc = 0;
out:
	bytes_free(&again);
	return rc;
}

int
card_read(struct card *out, const void *p, size_t len, struct fault *f)
{
	struct card c = { .role = ROLE_OWNER };
	struct statement s = { .doc = NULL };
	struct dsse d = { .type = NULL };
	int rc = -1;

	if (len > CARD_BYTES_MAX)
		return fault_set(
		    f, FAULT_INPUT, "card: over %u bytes", CARD_BYTES_MAX);
	if (dsse_read(&d, p, len, f) != 0)
		return fault_at(f, "card");
	if (strcmp(d.type, STATEMENT_PAYLOAD) != 0 || d.nsigs != 1) {
		(void)fault_set(f, FAULT_INPUT,
		    "card: not one signature over one statement");
		goto out;
	}
	if (statement_read(&s, (struct slice){ d.payload.at, d.payload.len },
		CARD_PREDICATE, f) != 0) {
		(void)fault_at(f, "card");
		goto out;
	}
	if (take_members(&c, s.predicate, f) != 0 ||
	    check_spelling(&c, &d.payload, f) != 0)
		goto out;
	if (dsse_verify(&d, c.verifier.key, f) != 0) {
		(void)fault_at(f, "card");
		goto out;
	}
	*out = c;
	rc = 0;
out:
	statement_free(&s);
	dsse_free(&d);
	return rc;
}

int
card_fingerprint(struct fingerprint *out, const struct card *c, struct fault *f)
{
	uint8_t digest[DIGEST_BYTES];
	struct bytes payload;
	int rc = -1;

	bytes_init(&payload, CARD_BYTES_MAX);
	if (card_payload(&payload, c, f) == 0) {
		digest_of(digest, payload.at, payload.len);
		fingerprint_spell(out, digest);
		rc = 0;
	}
	bytes_free(&payload);
	return rc;
}
