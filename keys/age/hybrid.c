/*
 * The post-quantum recipient type (age.md, "The MLKEM768-X25519 hybrid
 * post-quantum recipient type"): HPKE (RFC 9180) base mode over the KEM
 * MLKEM768-X25519 (draft-ietf-hpke-pq; also known as X-Wing), HKDF-SHA256 and
 * ChaCha20-Poly1305.
 *
 * ML-KEM-768 comes from OpenSSL 3.5 and later, looked up at run time.  Where it
 * is missing, keys of this type are read and written as text, and everything
 * else says what is missing; there is no implementation of our own.
 */

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <string.h>

#include "keys/age/age_internal.h"

#define ML_KEM "ML-KEM-768"
#define PQ_SEED_BYTES 64u
#define PQ_PUBLIC_BYTES 1184u
#define PQ_CIPHERTEXT_BYTES 1088u
#define ENC_BYTES (PQ_CIPHERTEXT_BYTES + 32u)

/* Keys of both halves.  pq is OpenSSL's to wipe. */
struct halves {
	EVP_PKEY *pq;
	uint8_t x[32]; /* X25519 scalar */
	uint8_t x_public[32];
};

static const char info_text[] = "age-encryption.org/mlkem768x25519";
/* "HPKE" and the numbers of KEM 0x647a, KDF 1 and AEAD 3 (RFC 9180, 5.1). */
static const uint8_t suite[] = { 'H', 'P', 'K', 'E', 0x64, 0x7a, 0, 1, 0, 3 };

bool
age_has_hybrid(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, ML_KEM, NULL);
	bool have = ctx != NULL;

	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return have;
}

static int
need_hybrid(struct fault *f)
{
	if (age_has_hybrid())
		return 0;
	return fault_set(f, FAULT_INPUT,
	    "mlkem768x25519: this build's crypto library (%s) has no " ML_KEM,
	    OpenSSL_version(OPENSSL_VERSION_STRING));
}

static void
halves_free(struct halves *h)
{
	EVP_PKEY_free(h->pq);
	secret_wipe(h, sizeof(*h));
}

/* seed -> SHAKE256 -> ML-KEM seed d || z, X25519 scalar. */
static int
halves_from_seed(struct halves *h, const struct secret *seed, struct fault *f)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, ML_KEM, NULL);
	uint8_t wide[PQ_SEED_BYTES + 32];
	char name[] = "seed";
	OSSL_PARAM params[2] = { OSSL_PARAM_construct_octet_string(
				     name, wide, PQ_SEED_BYTES),
		OSSL_PARAM_construct_end() };
	int rc = -1;

	if (md == NULL || ctx == NULL ||
	    EVP_DigestInit_ex(md, EVP_shake256(), NULL) != 1 ||
	    EVP_DigestUpdate(md, seed->at, seed->len) != 1 ||
	    EVP_DigestFinalXOF(md, wide, sizeof(wide)) != 1 ||
	    EVP_PKEY_keygen_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_params(ctx, params) != 1 ||
	    EVP_PKEY_generate(ctx, &h->pq) != 1) {
		(void)fault_set(f, FAULT_SYSTEM, ML_KEM " does not run");
		goto out;
	}
	memcpy(h->x, wide + PQ_SEED_BYTES, 32);
	must(crypto_scalarmult_base(h->x_public, h->x) == 0);
	rc = 0;
out:
	secret_wipe(wide, sizeof(wide));
	EVP_PKEY_CTX_free(ctx);
	EVP_MD_CTX_free(md);
	return rc;
}

int
age_hybrid_public(uint8_t out[AGE_HYBRID_PUBLIC_BYTES],
    const struct secret *seed, struct fault *f)
{
	struct halves h = { 0 };
	size_t len;
	int rc = -1;

	if (need_hybrid(f) != 0 || halves_from_seed(&h, seed, f) != 0)
		goto out;
	if (EVP_PKEY_get_octet_string_param(h.pq, OSSL_PKEY_PARAM_PUB_KEY, out,
		PQ_PUBLIC_BYTES, &len) != 1 ||
	    len != PQ_PUBLIC_BYTES) {
		(void)fault_set(f, FAULT_SYSTEM, ML_KEM " gives no public key");
		goto out;
	}
	memcpy(out + PQ_PUBLIC_BYTES, h.x_public, 32);
	rc = 0;
out:
	halves_free(&h);
	return rc;
}

/* SHA3-256(ss_pq || ss_x || ct_x || pk_x || label), the KEM's combiner. */
static int
combine(uint8_t out[32], const uint8_t pq[32], const uint8_t x[32],
    const uint8_t share[32], const uint8_t x_public[32], struct fault *f)
{
	static const char label[] = "\\.//^\\";
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	int rc = -1;

	if (md == NULL || EVP_DigestInit_ex(md, EVP_sha3_256(), NULL) != 1 ||
	    EVP_DigestUpdate(md, pq, 32) != 1 ||
	    EVP_DigestUpdate(md, x, 32) != 1 ||
	    EVP_DigestUpdate(md, share, 32) != 1 ||
	    EVP_DigestUpdate(md, x_public, 32) != 1 ||
	    EVP_DigestUpdate(md, label, sizeof(label) - 1) != 1 ||
	    EVP_DigestFinal_ex(md, out, NULL) != 1)
		(void)fault_set(f, FAULT_SYSTEM, "SHA3-256 does not run");
	else
		rc = 0;
	EVP_MD_CTX_free(md);
	return rc;
}

/* LabeledExtract and LabeledExpand (RFC 9180, section 4). */
static int
labeled_extract(uint8_t out[32], const struct slice *salt, const char *label,
    const struct slice *ikm, struct fault *f)
{
	uint8_t text[128];
	size_t n = strlen(label);
	struct slice all = { text, 7 + sizeof(suite) + n + ikm->len };
	int rc;

	must(all.len <= sizeof(text));
	memcpy(text, "HPKE-v1", 7);
	memcpy(text + 7, suite, sizeof(suite));
	memcpy(text + 7 + sizeof(suite), label, n);
	if (ikm->len > 0)
		memcpy(text + 7 + sizeof(suite) + n, ikm->at, ikm->len);
	rc = age_hkdf_extract(out, salt, &all, f);
	secret_wipe(text, sizeof(text));
	return rc;
}

static int
labeled_expand(uint8_t *out, uint8_t len, const uint8_t key[32],
    const char *label, const uint8_t context[65], struct fault *f)
{
	uint8_t text[128] = { 0, len };
	size_t n = strlen(label), at = 2;
	struct slice info = { text, 2 + 7 + sizeof(suite) + n + 65 };

	must(info.len <= sizeof(text));
	memcpy(text + at, "HPKE-v1", 7);
	at += 7;
	memcpy(text + at, suite, sizeof(suite));
	at += sizeof(suite);
	memcpy(text + at, label, n);
	at += n;
	memcpy(text + at, context, 65);
	return age_hkdf_expand(out, len, key, &info, f);
}

/* KeySchedule in base mode (RFC 9180, section 5.1). */
static int
key_schedule(uint8_t key[32], uint8_t nonce[12], const uint8_t shared[32],
    struct fault *f)
{
	struct slice none = { NULL, 0 }, salt = { shared, 32 };
	struct slice info = slice_of_text(info_text);
	uint8_t context[65] = { 0 }, secret[32];
	int rc = -1;

	if (labeled_extract(context + 1, &none, "psk_id_hash", &none, f) == 0 &&
	    labeled_extract(context + 33, &none, "info_hash", &info, f) == 0 &&
	    labeled_extract(secret, &salt, "secret", &none, f) == 0 &&
	    labeled_expand(key, 32, secret, "key", context, f) == 0 &&
	    labeled_expand(nonce, 12, secret, "base_nonce", context, f) == 0)
		rc = 0;
	secret_wipe(secret, sizeof(secret));
	return rc;
}

/* Encapsulate to r: ciphertext and share into enc, and the shared secret. */
static int
encapsulate(uint8_t enc[ENC_BYTES], uint8_t shared[32],
    const struct age_recipient *r, struct fault *f)
{
	const uint8_t *x_public = r->key + PQ_PUBLIC_BYTES;
	uint8_t *share = enc + PQ_CIPHERTEXT_BYTES;
	uint8_t pq[32], x[32], ephemeral[32], key[PQ_PUBLIC_BYTES];
	size_t enc_len = PQ_CIPHERTEXT_BYTES, pq_len = sizeof(pq);
	char name[] = OSSL_PKEY_PARAM_PUB_KEY;
	OSSL_PARAM params[2] = { OSSL_PARAM_construct_octet_string(
				     name, key, sizeof(key)),
		OSSL_PARAM_construct_end() };
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, ML_KEM, NULL);
	EVP_PKEY_CTX *run = NULL;
	EVP_PKEY *peer = NULL;
	int rc = -1;

	memcpy(key, r->key, sizeof(key));
	randombytes_buf(ephemeral, sizeof(ephemeral));
	must(crypto_scalarmult_base(share, ephemeral) == 0);
	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &peer, EVP_PKEY_PUBLIC_KEY, params) != 1 ||
	    crypto_scalarmult(x, ephemeral, x_public) != 0) {
		(void)fault_set(
		    f, FAULT_INPUT, "a hybrid recipient's key is not valid");
		goto out;
	}
	if ((run = EVP_PKEY_CTX_new_from_pkey(NULL, peer, NULL)) == NULL ||
	    EVP_PKEY_encapsulate_init(run, NULL) != 1 ||
	    EVP_PKEY_encapsulate(run, enc, &enc_len, pq, &pq_len) != 1 ||
	    enc_len != PQ_CIPHERTEXT_BYTES || pq_len != sizeof(pq)) {
		(void)fault_set(f, FAULT_SYSTEM, ML_KEM " does not run");
		goto out;
	}
	rc = combine(shared, pq, x, share, x_public, f);
out:
	secret_wipe(pq, sizeof(pq));
	secret_wipe(x, sizeof(x));
	secret_wipe(ephemeral, sizeof(ephemeral));
	EVP_PKEY_CTX_free(run);
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(peer);
	return rc;
}

static int
wrap(struct bytes *out, const struct age_recipient *r,
    const struct secret *file_key, struct fault *f)
{
	uint8_t enc[ENC_BYTES], shared[32], key[32], nonce[12];
	uint8_t body[AGE_WRAPPED_BYTES];
	struct bytes args;
	int rc = -1;

	if (need_hybrid(f) != 0)
		return -1;
	bytes_init(&args, 2048);
	if (encapsulate(enc, shared, r, f) != 0 ||
	    key_schedule(key, nonce, shared, f) != 0 ||
	    age_wrap(body, key, nonce, file_key, f) != 0 ||
	    bytes_addf(&args, f, "%s ", age_hybrid.name) != 0 ||
	    base64_add(&args, enc, sizeof(enc), false, f) != 0 ||
	    bytes_end_text(&args, f) != 0)
		goto out;
	rc =
	    age_stanza_write(out, (const char *)args.at, body, sizeof(body), f);
out:
	secret_wipe(shared, sizeof(shared));
	secret_wipe(key, sizeof(key));
	bytes_free(&args);
	return rc;
}

/* ML-KEM never refuses a ciphertext; a wrong one gives an unrelated secret. */
static int
decapsulate(uint8_t shared[32], const struct halves *h,
    const uint8_t enc[ENC_BYTES], struct fault *f)
{
	const uint8_t *share = enc + PQ_CIPHERTEXT_BYTES;
	EVP_PKEY_CTX *run = NULL;
	uint8_t pq[32], x[32];
	size_t pq_len = sizeof(pq);
	int rc = -1;

	if (crypto_scalarmult(x, h->x, share) != 0) {
		(void)fault_set(f, FAULT_INPUT,
		    "header: mlkem768x25519 stanza with a share of low order");
		goto out;
	}
	if ((run = EVP_PKEY_CTX_new_from_pkey(NULL, h->pq, NULL)) == NULL ||
	    EVP_PKEY_decapsulate_init(run, NULL) != 1 ||
	    EVP_PKEY_decapsulate(run, pq, &pq_len, enc, PQ_CIPHERTEXT_BYTES) !=
		1 ||
	    pq_len != sizeof(pq)) {
		(void)fault_set(f, FAULT_SYSTEM, ML_KEM " does not run");
		goto out;
	}
	rc = combine(shared, pq, x, share, h->x_public, f);
out:
	secret_wipe(pq, sizeof(pq));
	secret_wipe(x, sizeof(x));
	EVP_PKEY_CTX_free(run);
	return rc;
}

static int
unwrap(const struct age_stanza *s, const struct age_identity *id,
    uint8_t file_key[AGE_FILE_KEY_BYTES], bool *fits, struct fault *f)
{
	uint8_t enc[ENC_BYTES], shared[32], key[32], nonce[12];
	struct halves h = { 0 };
	int rc = -1;

	*fits = false;
	if (s->nargs != 2 || !age_argument(enc, sizeof(enc), &s->arg[1]) ||
	    s->body.len != AGE_WRAPPED_BYTES)
		return fault_set(
		    f, FAULT_INPUT, "header: malformed mlkem768x25519 stanza");
	if (need_hybrid(f) != 0)
		return -1;
	if (halves_from_seed(&h, &id->secret, f) != 0 ||
	    decapsulate(shared, &h, enc, f) != 0 ||
	    key_schedule(key, nonce, shared, f) != 0)
		goto out;
	*fits = age_unwrap(file_key, key, nonce, s->body.at);
	rc = 0;
out:
	secret_wipe(shared, sizeof(shared));
	secret_wipe(key, sizeof(key));
	halves_free(&h);
	return rc;
}

const struct age_type age_hybrid = { "mlkem768x25519", wrap, unwrap };
