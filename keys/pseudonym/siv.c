/*
 * Deterministic encryption that its owner can undo: AES-SIV, by the library.
 *
 * The library's context is set up anew for every value: one that was used once
 * goes on from the tag before (3.0), and an empty piece of associated data is
 * passed over by it (CVE-2023-2975), which is why there may be none.
 */

#include <openssl/evp.h>
#include <string.h>

#include "keys/pseudonym/pseudonym.h"

/* What one call may hold; far over any field. */
#define TEXT_MAX ((size_t)1 << 30)
#define KEY_MAX 64u

struct siv {
	EVP_CIPHER *cipher;
	EVP_CIPHER_CTX *c;
	size_t len;
	uint8_t key[KEY_MAX];
};

static int
no_siv(struct fault *f)
{
	return fault_set(f, FAULT_SYSTEM, "AES-SIV does not work");
}

int
siv_new(struct siv **out, const void *key, size_t len, struct fault *f)
{
	struct secret room = { 0 };
	struct siv *k;

	*out = NULL;
	must(len == 32 || len == 48 || len == 64);
	if (secret_new(&room, sizeof(*k), f) != 0)
		return -1;
	k = (struct siv *)(void *)room.at;
	memcpy(k->key, key, len);
	k->len = len;
	k->cipher = EVP_CIPHER_fetch(NULL,
	    len == 32	? "AES-128-SIV"
	    : len == 48 ? "AES-192-SIV"
			: "AES-256-SIV",
	    NULL);
	k->c = EVP_CIPHER_CTX_new();
	if (k->cipher == NULL || k->c == NULL) {
		siv_free(k);
		return no_siv(f);
	}
	*out = k;
	return 0;
}

void
siv_free(struct siv *k)
{
	struct secret room = { (uint8_t *)k, sizeof(*k) };

	if (k == NULL)
		return;
	EVP_CIPHER_CTX_free(k->c);
	EVP_CIPHER_free(k->cipher);
	secret_free(&room);
}

int
siv_of(struct siv **out, const struct secret *from, struct fault *f)
{
	struct secret both = { 0 }, one = { 0 }, two = { 0 };
	int rc = -1;

	*out = NULL;
	if (secret_new(&both, KEY_MAX, f) != 0 ||
	    key_derive(&one, from, KEY_REVERSIBLE, "siv", "mac", f) != 0 ||
	    key_derive(&two, from, KEY_REVERSIBLE, "siv", "ctr", f) != 0)
		goto out;
	memcpy(both.at, one.at, KEY_MAX / 2);
	memcpy(both.at + KEY_MAX / 2, two.at, KEY_MAX / 2);
	rc = siv_new(out, both.at, both.len, f);
out:
	secret_free(&both);
	secret_free(&one);
	secret_free(&two);
	return rc;
}

/* The key, and everything but the text. */
static int
begin(struct siv *k, const struct siv_data *with, bool seal, struct fault *f)
{
	int n = 0;

	if (EVP_CIPHER_CTX_reset(k->c) != 1 ||
	    EVP_CipherInit_ex2(k->c, k->cipher, k->key, NULL, seal, NULL) != 1)
		return no_siv(f);
	for (size_t i = 0; i < with->n; i++) {
		const struct slice *s = &with->at[i];

		must(s->len > 0 && s->len <= TEXT_MAX);
		if (EVP_CipherUpdate(k->c, NULL, &n, s->at, (int)s->len) != 1)
			return no_siv(f);
	}
	return 0;
}

int
siv_seal(struct siv *k, const struct siv_data *with, const struct slice *text,
    struct bytes *out, struct fault *f)
{
	uint8_t *to;
	int n = 0;

	if (text->len == 0 || text->len > TEXT_MAX)
		return fault_set(
		    f, FAULT_INPUT, "%zu bytes to encrypt", text->len);
	if (bytes_reserve(out, SIV_TAG_BYTES + text->len, f) != 0 ||
	    begin(k, with, true, f) != 0)
		return -1;
	to = out->at + out->len;
	if (EVP_EncryptUpdate(
		k->c, to + SIV_TAG_BYTES, &n, text->at, (int)text->len) != 1 ||
	    n != (int)text->len ||
	    EVP_EncryptFinal_ex(k->c, to + SIV_TAG_BYTES, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(
		k->c, EVP_CTRL_AEAD_GET_TAG, SIV_TAG_BYTES, to) != 1)
		return no_siv(f);
	out->len += SIV_TAG_BYTES + text->len;
	return 0;
}

int
siv_open(struct siv *k, const struct siv_data *with, const struct slice *sealed,
    struct bytes *out, struct fault *f)
{
	uint8_t tag[SIV_TAG_BYTES];
	size_t len;
	int n = 0;

	if (sealed->len <= SIV_TAG_BYTES ||
	    sealed->len > SIV_TAG_BYTES + TEXT_MAX)
		return fault_set(f, FAULT_INPUT, "no ciphertext of AES-SIV");
	len = sealed->len - SIV_TAG_BYTES;
	if (bytes_reserve(out, len, f) != 0 || begin(k, with, false, f) != 0)
		return -1;
	memcpy(tag, sealed->at, SIV_TAG_BYTES);
	if (EVP_CIPHER_CTX_ctrl(
		k->c, EVP_CTRL_AEAD_SET_TAG, SIV_TAG_BYTES, tag) != 1)
		return no_siv(f);
	if (EVP_DecryptUpdate(k->c, out->at + out->len, &n,
		sealed->at + SIV_TAG_BYTES, (int)len) != 1 ||
	    n != (int)len) {
		secret_wipe(out->at + out->len, len);
		return fault_set(f, FAULT_FORGED,
		    "was not encrypted under this key, or was altered");
	}
	out->len += len;
	return 0;
}
