/*
 * TLS between known keys; see tls.h for what is promised.
 *
 * Verification is replaced, not added to: chain building, names and dates
 * never run.  What remains is what matters: the peer signed this handshake
 * (CertificateVerify, RFC 8446 section 4.4.3) with the Ed25519 key in its
 * certificate, and we compare that key, 32 bytes, or hand it on.
 */

#include "keys/tls/tls.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "keys/base/secret.h"
#include "keys/base/text.h"
#include "keys/tls/libssl_internal.h"

/* OpenSSL's reason, which names no secret. */
static int
ssl_fault(struct fault *f, const char *what)
{
	const char *why = ERR_reason_error_string(ERR_peek_error());

	ERR_clear_error();
	return fault_set(
	    f, FAULT_SYSTEM, "%s: %s", what, why != NULL ? why : "failed");
}

/* 512 handshakes at once, with a key of some hundred bytes each. */
#define SECURE_BYTES ((size_t)256 << 10)
#define SECURE_LEAST 32u

struct libssl libssl;

static int
load(struct fault *f)
{
	static const char *const names[] = { LIBSSL(LIBRARY_NAME) NULL };

	return library_load(LIBSSL_FILE, names, &libssl, f);
}

int
tls_start(struct fault *f)
{
	if (load(f) != 0)
		return -1;
	if (CRYPTO_secure_malloc_initialized() ||
	    CRYPTO_secure_malloc_init(SECURE_BYTES, SECURE_LEAST) == 1)
		return 0;
	return fault_set(f, FAULT_SYSTEM,
	    "%zu KiB of memory for TLS keys cannot be locked",
	    SECURE_BYTES >> 10);
}

/* OpenSSL reads raw bytes, like any other form, into its plain heap; a copy of
 * the key goes to the secure one, and what it is a copy of is wiped. */
static EVP_PKEY *
key_of(const uint8_t seed[TLS_SEED_BYTES])
{
	EVP_PKEY *plain = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_ED25519, NULL, seed, TLS_SEED_BYTES);
	EVP_PKEY *key = plain != NULL ? EVP_PKEY_dup(plain) : NULL;

	EVP_PKEY_free(plain);
	return key;
}

int
tls_public(uint8_t out[TLS_KEY_BYTES], const uint8_t seed[TLS_SEED_BYTES],
    struct fault *f)
{
	EVP_PKEY *key = key_of(seed);
	size_t len = TLS_KEY_BYTES;
	int rc = -1;

	if (key == NULL || EVP_PKEY_get_raw_public_key(key, out, &len) != 1 ||
	    len != TLS_KEY_BYTES)
		(void)ssl_fault(f, "TLS key");
	else
		rc = 0;
	EVP_PKEY_free(key);
	return rc;
}

/* "No well-defined expiration date", RFC 5280 section 4.1.2.5; the serial
 * number 1 and the name are the same in all, so that they tell nothing. */
static bool
fill_certificate(X509 *x, EVP_PKEY *key)
{
	X509_NAME *name = X509_get_subject_name(x);

	return X509_set_version(x, X509_VERSION_3) == 1 &&
	       ASN1_INTEGER_set(X509_get_serialNumber(x), 1) == 1 &&
	       ASN1_TIME_set_string_X509(
		   X509_getm_notBefore(x), "20200101000000Z") == 1 &&
	       ASN1_TIME_set_string_X509(
		   X509_getm_notAfter(x), "99991231235959Z") == 1 &&
	       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
		   (const unsigned char *)"handoff", -1, -1, 0) == 1 &&
	       X509_set_issuer_name(x, name) == 1 &&
	       X509_set_pubkey(x, key) == 1 && X509_sign(x, key, NULL) > 0;
}

static int
make_certificate(X509 **out, EVP_PKEY *key, struct fault *f)
{
	X509 *x = X509_new();

	if (key == NULL || x == NULL || !fill_certificate(x, key)) {
		X509_free(x);
		return ssl_fault(f, "TLS certificate");
	}
	*out = x;
	return 0;
}

int
tls_pem(struct bytes *out, const uint8_t seed[TLS_SEED_BYTES], bool private,
    struct fault *f)
{
	EVP_PKEY *key = key_of(seed);
	BIO *text = BIO_new(BIO_s_secmem());
	X509 *x = NULL;
	char *at;
	long n;
	int rc = -1;

	if (make_certificate(&x, key, f) != 0)
		goto out;
	if (text == NULL || PEM_write_bio_X509(text, x) != 1 ||
	    (private && PEM_write_bio_PKCS8PrivateKey(
			    text, key, NULL, NULL, 0, NULL, NULL) != 1) ||
	    (n = BIO_get_mem_data(text, &at)) <= 0) {
		(void)ssl_fault(f, "TLS certificate");
		goto out;
	}
	rc = bytes_add(out, at, (size_t)n, f);
out:
	BIO_free(text);
	X509_free(x);
	EVP_PKEY_free(key);
	return rc;
}

int
tls_pin(char out[TLS_PIN_CHARS + 1], const uint8_t key[TLS_KEY_BYTES],
    struct fault *f)
{
	/* SubjectPublicKeyInfo of an Ed25519 key, RFC 8410 section 4 */
	uint8_t info[12 + TLS_KEY_BYTES] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
		0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };
	uint8_t digest[32];
	struct bytes text;
	int rc = -1;

	bytes_init(&text, TLS_PIN_CHARS + 1);
	memcpy(info + 12, key, TLS_KEY_BYTES);
	if (EVP_Digest(info, sizeof(info), digest, NULL, EVP_sha256(), NULL) !=
	    1) {
		(void)ssl_fault(f, "TLS pin");
		goto out;
	}
	if (bytes_add_text(&text, "sha256//", f) != 0 ||
	    base64_add(&text, digest, sizeof(digest), true, f) != 0 ||
	    bytes_end_text(&text, f) != 0)
		goto out;
	must(text.len == TLS_PIN_CHARS);
	memcpy(out, text.at, TLS_PIN_CHARS + 1);
	rc = 0;
out:
	bytes_free(&text);
	return rc;
}

/* ---- Contexts ---- */

static bool
certificate_key(uint8_t out[TLS_KEY_BYTES], X509 *x)
{
	EVP_PKEY *key = x != NULL ? X509_get0_pubkey(x) : NULL;
	size_t len = TLS_KEY_BYTES;

	return key != NULL && EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 &&
	       EVP_PKEY_get_raw_public_key(key, out, &len) == 1 &&
	       len == TLS_KEY_BYTES;
}

/* Instead of OpenSSL's verification: an Ed25519 key and, where there is a
 * pin, that one. */
static int
verify(X509_STORE_CTX *store, void *pin)
{
	uint8_t key[TLS_KEY_BYTES];

	if (certificate_key(key, X509_STORE_CTX_get0_cert(store)) &&
	    (pin == NULL || secret_same(key, pin, sizeof(key))))
		return 1;
	X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
	return 0;
}

static int
prepare(SSL_CTX *ctx, const uint8_t seed[TLS_SEED_BYTES], void *pin,
    struct fault *f)
{
	EVP_PKEY *key = key_of(seed);
	char only[] = "ed25519"; /* not const: the macros cast it away */
	X509 *x = NULL;
	int rc = -1;

	if (make_certificate(&x, key, f) != 0)
		goto out;
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set1_sigalgs_list(ctx, only) != 1 ||
	    SSL_CTX_set1_client_sigalgs_list(ctx, only) != 1 ||
	    SSL_CTX_use_certificate(ctx, x) != 1 ||
	    SSL_CTX_use_PrivateKey(ctx, key) != 1 ||
	    SSL_CTX_set_num_tickets(ctx, 0) != 1 ||
	    SSL_CTX_set_max_early_data(ctx, 0) != 1) {
		(void)ssl_fault(f, "TLS");
		goto out;
	}
	(void)SSL_CTX_set_options(
	    ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(
	    ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, verify, pin);
	rc = 0;
out:
	X509_free(x);
	EVP_PKEY_free(key);
	return rc;
}

int
tls_server(SSL_CTX **out, const uint8_t seed[TLS_SEED_BYTES], struct fault *f)
{
	SSL_CTX *ctx;

	if (load(f) != 0)
		return -1;
	if ((ctx = SSL_CTX_new(TLS_server_method())) == NULL)
		return ssl_fault(f, "TLS");
	if (prepare(ctx, seed, NULL, f) != 0) {
		SSL_CTX_free(ctx);
		return -1;
	}
	*out = ctx;
	return 0;
}

void
tls_server_free(SSL_CTX *ctx)
{
	if (ctx != NULL)
		SSL_CTX_free(ctx);
}

SSL *
tls_line(SSL_CTX *ctx)
{
	return SSL_new(ctx);
}

void
tls_line_end(SSL *ssl)
{
	(void)SSL_shutdown(ssl); /* if the other side still listens */
}

void
tls_line_free(SSL *ssl)
{
	SSL_free(ssl);
}

int
tls_client(SSL_CTX *ctx, const uint8_t seed[TLS_SEED_BYTES],
    const uint8_t pin[TLS_KEY_BYTES], struct fault *f)
{
	void *read_only = (void *)(uintptr_t)pin;

	return load(f) != 0 ? -1 : prepare(ctx, seed, read_only, f);
}

bool
tls_peer(uint8_t out[TLS_KEY_BYTES], const SSL *ssl)
{
	return SSL_is_init_finished(ssl) &&
	       certificate_key(out, SSL_get0_peer_certificate(ssl));
}
