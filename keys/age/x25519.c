/* The X25519 recipient type (age.md, "The X25519 recipient type"). */

#include <sodium.h>
#include <string.h>

#include "keys/age/age_internal.h"

static const char label[] = "age-encryption.org/v1/X25519";

/* wrap key = HKDF(shared secret, salt = share || recipient, label) */
static int
wrap_key(uint8_t key[32], const uint8_t shared[32], const uint8_t share[32],
    const uint8_t recipient[32], struct fault *f)
{
	uint8_t salt[64];
	struct slice ikm = { shared, 32 }, salted = { salt, sizeof(salt) };

	memcpy(salt, share, 32);
	memcpy(salt + 32, recipient, 32);
	return age_hkdf(key, 32, &ikm, &salted, label, f);
}

static int
wrap(struct bytes *out, const struct age_recipient *r,
    const struct secret *file_key, struct fault *f)
{
	uint8_t ephemeral[32], share[32], shared[32], key[32];
	uint8_t body[AGE_WRAPPED_BYTES];
	struct bytes args;
	int rc = -1;

	bytes_init(&args, 64);
	randombytes_buf(ephemeral, sizeof(ephemeral));
	must(crypto_scalarmult_base(share, ephemeral) == 0);
	if (crypto_scalarmult(shared, ephemeral, r->key) != 0) {
		(void)fault_set(
		    f, FAULT_INPUT, "a recipient is a point of low order");
		goto out;
	}
	if (wrap_key(key, shared, share, r->key, f) != 0 ||
	    age_wrap(body, key, NULL, file_key, f) != 0 ||
	    bytes_add_text(&args, "X25519 ", f) != 0 ||
	    base64_add(&args, share, sizeof(share), false, f) != 0 ||
	    bytes_end_text(&args, f) != 0)
		goto out;
	rc =
	    age_stanza_write(out, (const char *)args.at, body, sizeof(body), f);
out:
	secret_wipe(ephemeral, sizeof(ephemeral));
	secret_wipe(shared, sizeof(shared));
	secret_wipe(key, sizeof(key));
	bytes_free(&args);
	return rc;
}

static int
unwrap(const struct age_stanza *s, const struct age_identity *id,
    uint8_t file_key[AGE_FILE_KEY_BYTES], bool *fits, struct fault *f)
{
	uint8_t share[32], recipient[32], shared[32], key[32];
	int rc = -1;

	*fits = false;
	if (s->nargs != 2 || !age_argument(share, sizeof(share), &s->arg[1]) ||
	    s->body.len != AGE_WRAPPED_BYTES)
		return fault_set(
		    f, FAULT_INPUT, "header: malformed X25519 stanza");
	must(crypto_scalarmult_base(recipient, id->secret.at) == 0);
	if (crypto_scalarmult(shared, id->secret.at, share) != 0) {
		(void)fault_set(f, FAULT_INPUT,
		    "header: X25519 stanza with a share of low order");
		goto out;
	}
	if (wrap_key(key, shared, share, recipient, f) != 0)
		goto out;
	*fits = age_unwrap(file_key, key, NULL, s->body.at);
	rc = 0;
out:
	secret_wipe(shared, sizeof(shared));
	secret_wipe(key, sizeof(key));
	return rc;
}

const struct age_type age_x25519 = { "X25519", wrap, unwrap };
