/*
 * The key derivation and the small AEAD of age's header, on OpenSSL.  Every
 * output is a key or opens one: callers keep it in guarded memory or wipe it.
 */

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <string.h>

#include "keys/age/age_internal.h"

static int
run_hkdf(uint8_t *out, size_t out_len, int mode, const struct slice *ikm,
    const struct slice *salt, const struct slice *info, struct fault *f)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
	char sha256[] = "SHA256";
	OSSL_PARAM params[6], *p = params;
	int rc = -1;

	/* OpenSSL's parameters are not const, but it only reads them. */
	*p++ = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode);
	*p++ =
	    OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, sha256, 0);
	*p++ = OSSL_PARAM_construct_octet_string(
	    OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)ikm->at, ikm->len);
	if (salt != NULL && salt->len > 0)
		*p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT,
		    (void *)(uintptr_t)salt->at, salt->len);
	if (info != NULL && info->len > 0)
		*p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO,
		    (void *)(uintptr_t)info->at, info->len);
	*p = OSSL_PARAM_construct_end();
	if (ctx == NULL || EVP_KDF_derive(ctx, out, out_len, params) != 1)
		(void)fault_set(f, FAULT_SYSTEM, "HKDF-SHA-256 does not run");
	else
		rc = 0;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return rc;
}

int
age_hkdf(uint8_t *out, size_t out_len, const struct slice *ikm,
    const struct slice *salt, const char *info, struct fault *f)
{
	struct slice label = slice_of_text(info);

	return run_hkdf(out, out_len, EVP_KDF_HKDF_MODE_EXTRACT_AND_EXPAND, ikm,
	    salt, &label, f);
}

int
age_hkdf_extract(uint8_t out[32], const struct slice *salt,
    const struct slice *ikm, struct fault *f)
{
	return run_hkdf(
	    out, 32, EVP_KDF_HKDF_MODE_EXTRACT_ONLY, ikm, salt, NULL, f);
}

int
age_hkdf_expand(uint8_t *out, size_t out_len, const uint8_t key[32],
    const struct slice *info, struct fault *f)
{
	struct slice prk = { key, 32 };

	return run_hkdf(
	    out, out_len, EVP_KDF_HKDF_MODE_EXPAND_ONLY, &prk, NULL, info, f);
}

int
age_header_mac(uint8_t mac[32], const struct secret *file_key, const void *text,
    size_t len, struct fault *f)
{
	struct slice ikm = { file_key->at, file_key->len };
	uint8_t key[32];
	int rc = -1;

	must(file_key->len == AGE_FILE_KEY_BYTES);
	if (age_hkdf(key, sizeof(key), &ikm, NULL, "header", f) != 0)
		goto out;
	if (HMAC(EVP_sha256(), key, sizeof(key), text, len, mac, NULL) == NULL)
		(void)fault_set(f, FAULT_SYSTEM, "HMAC-SHA-256 does not run");
	else
		rc = 0;
out:
	secret_wipe(key, sizeof(key));
	return rc;
}

static const uint8_t zero_nonce[12];

int
age_wrap(uint8_t out[AGE_WRAPPED_BYTES], const uint8_t key[32],
    const uint8_t *nonce, const struct secret *file_key, struct fault *f)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n, rc = -1;

	must(file_key->len == AGE_FILE_KEY_BYTES);
	if (ctx == NULL ||
	    EVP_EncryptInit_ex(ctx, EVP_chacha20_poly1305(), NULL, key,
		nonce != NULL ? nonce : zero_nonce) != 1 ||
	    EVP_EncryptUpdate(ctx, out, &n, file_key->at, AGE_FILE_KEY_BYTES) !=
		1 ||
	    EVP_EncryptFinal_ex(ctx, out + n, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, AGE_TAG_BYTES,
		out + AGE_FILE_KEY_BYTES) != 1)
		(void)fault_set(
		    f, FAULT_SYSTEM, "ChaCha20-Poly1305 does not run");
	else
		rc = 0;
	EVP_CIPHER_CTX_free(ctx);
	return rc;
}

bool
age_unwrap(uint8_t out[AGE_FILE_KEY_BYTES], const uint8_t key[32],
    const uint8_t *nonce, const uint8_t in[AGE_WRAPPED_BYTES])
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t tag[AGE_TAG_BYTES];
	bool right;
	int n;

	memcpy(tag, in + AGE_FILE_KEY_BYTES, sizeof(tag));
	right = ctx != NULL &&
		EVP_DecryptInit_ex(ctx, EVP_chacha20_poly1305(), NULL, key,
		    nonce != NULL ? nonce : zero_nonce) == 1 &&
		EVP_CIPHER_CTX_ctrl(
		    ctx, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) == 1 &&
		EVP_DecryptUpdate(ctx, out, &n, in, AGE_FILE_KEY_BYTES) == 1 &&
		EVP_DecryptFinal_ex(ctx, out + n, &n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (!right)
		secret_wipe(out, AGE_FILE_KEY_BYTES);
	return right;
}
