/*
 * Who may have made a key file.
 *
 * Recipients are public: home.json has them, so whoever can write to the home
 * can seal what he likes to a branch.  Therefore each key file carries a MAC
 * that takes a secret to make:
 *
 *     root, for every day      the identity that opens it
 *     branches                 the root, or the identity that opens it alone
 *     keys                     the branch
 *     keys of returns          the X25519 secret of export and reveal: export
 *                              makes them, and must not be able to open them
 *
 * A file sealed to a passphrase needs none: who does not know the passphrase
 * cannot make it.  The root's file for recovery has none, since only the public
 * half of the recovery is ever here; what it leads to must fit the branches'
 * recipients all the same.
 *
 * The MAC is HMAC-SHA-256 (RFC 2104) under a key from HKDF-SHA-256 whose info
 * is "handoff wrap v1", the home and the kind of key.
 */

#include <sodium.h>
#include <string.h>

#include "keys/pseudonym/pseudonym.h"
#include "keys/ring/ring_internal.h"

int
bind_of_identities(struct secret *bind, const struct label *l,
    const struct age_identities *ids, struct fault *f)
{
	struct secret one;
	int rc = 0;

	*bind = (struct secret){ 0 };
	if (l->loose || ids->at[0].kind == AGE_SCRYPT)
		return 0;
	if (secret_new(bind, ids->n * BIND_BYTES, f) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < ids->n; i++) {
		if ((rc = key_derive(&one, &ids->at[i].secret, KEY_WRAP,
			 l->home, l->kind, f)) == 0)
			memcpy(bind->at + i * BIND_BYTES, one.at, BIND_BYTES);
		secret_free(&one);
	}
	if (rc != 0)
		secret_free(bind);
	return rc;
}

/* What two branches share; either's secret and the other's recipient do. */
static int
shared(struct secret *out, const struct age_identity *mine,
    const struct age_recipient *theirs, struct fault *f)
{
	if (secret_new(out, crypto_scalarmult_BYTES, f) != 0)
		return -1;
	if (crypto_scalarmult(out->at, mine->secret.at, theirs->key) == 0)
		return 0;
	secret_free(out);
	return fault_set(f, FAULT_FORGED,
	    "keys/home.json: a recipient is a point of small order");
}

int
bind_of_kind(struct secret *bind, const struct ring *r,
    const struct kind_row *row, struct fault *f)
{
	unsigned from = row->maker, to = row->branch;
	struct secret both = { 0 };
	int rc;

	*bind = (struct secret){ 0 };
	if (!ring_unlocked(r, 1u << from)) {
		from = row->branch;
		to = row->maker;
	}
	if (!ring_unlocked(r, 1u << from))
		return ring_need(r, 1u << row->maker, f);
	if (from != to && shared(&both, &r->branch[from], &r->to[to], f) != 0)
		return -1;
	rc = key_derive(bind, from == to ? &r->branch[from].secret : &both,
	    KEY_WRAP, r->id, row->name, f);
	secret_free(&both);
	return rc;
}

void
bind_mac(uint8_t mac[BIND_BYTES], const struct secret *bind, size_t i,
    struct slice label, struct slice body)
{
	crypto_auth_hmacsha256_state s;

	must((i + 1) * BIND_BYTES <= bind->len);
	(void)crypto_auth_hmacsha256_init(
	    &s, bind->at + i * BIND_BYTES, BIND_BYTES);
	(void)crypto_auth_hmacsha256_update(&s, label.at, label.len);
	(void)crypto_auth_hmacsha256_update(&s, body.at, body.len);
	(void)crypto_auth_hmacsha256_final(&s, mac);
	secret_wipe(&s, sizeof(s));
}
