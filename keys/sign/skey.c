/*
 * Signing keys as text, in the form of golang.org/x/mod/sumdb/note, which its
 * tools make and read:
 *
 *     PRIVATE+KEY+<name>+<id in hexadecimal>+base64(0x01 || seed)
 */

#include <string.h>

#include "keys/base/text.h"
#include "keys/sign/sign.h"

#define PREFIX "PRIVATE+KEY+"
#define TYPE_ED25519 1u

int
skey_write(struct secret *out, const struct sign_key *k, const char *name,
    struct fault *f)
{
	uint8_t typed[1 + SIGN_SEED_BYTES], public[SIGN_PUBLIC_BYTES];
	struct bytes b;
	struct vkey v;
	int rc = -1;

	sign_key_public(k, public);
	if (vkey_of(&v, name, public, f) != 0)
		return -1;
	typed[0] = TYPE_ED25519;
	memcpy(typed + 1, sign_key_seed(k), SIGN_SEED_BYTES);
	/* Room for all of it at once: growing would leave copies. */
	bytes_init(&b, SKEY_CHARS_MAX);
	if (bytes_reserve(&b, SKEY_CHARS_MAX, f) == 0 &&
	    bytes_addf(&b, f, PREFIX "%s+%08x+", v.name, (unsigned)v.id) == 0 &&
	    base64_add(&b, typed, sizeof(typed), true, f) == 0)
		rc = secret_copy(out, b.at, b.len, f);
	bytes_free(&b);
	secret_wipe(typed, sizeof(typed));
	return rc;
}

/* Behind the plus that ends a name and its id; NULL when there is none. */
static const char *
read_head(struct vkey *v, uint8_t id[4], const char *text, size_t chars)
{
	const char *plus = memchr(text, '+', chars), *end = text + chars;

	/* A name ends at its first NUL: behind one it would be another. */
	if (plus == NULL || (size_t)(plus - text) > NOTE_NAME_MAX ||
	    memchr(text, '\0', (size_t)(plus - text)) != NULL ||
	    end - plus < 10 || plus[9] != '+' || !hex_read(id, 4, plus + 1, 8))
		return NULL;
	memcpy(v->name, text, (size_t)(plus - text));
	return plus + 10;
}

int
skey_read(
    struct sign_key *k, struct vkey *v, struct slice text, struct fault *f)
{
	const char *p = (const char *)text.at, *seed;
	uint8_t typed[1 + SIGN_SEED_BYTES], public[SIGN_PUBLIC_BYTES], id[4];
	struct vkey found;
	size_t len;
	int rc = -1;

	memset(&found, 0, sizeof(found));
	*k = (struct sign_key){ .pair = { NULL, 0 } };
	if (text.len < strlen(PREFIX) ||
	    memcmp(p, PREFIX, strlen(PREFIX)) != 0 ||
	    (seed = read_head(&found, id, p + strlen(PREFIX),
		 text.len - strlen(PREFIX))) == NULL)
		return fault_set(f, FAULT_INPUT, "signing key: malformed");
	if (!base64_read(typed, sizeof(typed), &len, seed,
		text.len - (size_t)(seed - p), true) ||
	    len != sizeof(typed) || typed[0] != TYPE_ED25519) {
		(void)fault_set(
		    f, FAULT_INPUT, "signing key: not an Ed25519 key");
		goto out;
	}
	if (sign_key_from_seed(k, typed + 1, f) != 0)
		goto out;
	sign_key_public(k, public);
	if (vkey_of(v, found.name, public, f) != 0)
		goto out;
	if (v->id != ((uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 |
			 (uint32_t)id[2] << 8 | id[3])) {
		(void)fault_set(f, FAULT_INPUT,
		    "signing key: the id belongs to another key or name");
		goto out;
	}
	rc = 0;
out:
	if (rc != 0)
		sign_key_free(k);
	secret_wipe(typed, sizeof(typed));
	return rc;
}
