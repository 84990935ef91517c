/*
 * The certificate around a TLS key.  TLS carries keys only in certificates;
 * ours is a wrapping that nobody judges: peers pin the key inside.
 */

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "keys/ring/ring_internal.h"

/* Before any clock that works, and "no well-defined expiration date". */
#define NOT_BEFORE "20000101000000Z"
#define NOT_AFTER "99991231235959Z"

/* A PEM certificate with one name and one extension is about 500 bytes. */
#define PEM_MAX 4096u

static bool
set_serial(X509 *x, const uint8_t public[SIGN_PUBLIC_BYTES])
{
	uint8_t digest[DIGEST_BYTES];
	BIGNUM *n;
	bool ok;

	/* RFC 5280, section 4.1.2.2: positive, at most 20 bytes. */
	digest_of(digest, public, SIGN_PUBLIC_BYTES);
	digest[0] = (digest[0] & 0x3f) | 0x40;
	n = BN_bin2bn(digest, 16, NULL);
	ok = n != NULL &&
	     BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;
	BN_free(n);
	return ok;
}

static bool
set_name(X509 *x, const char *name)
{
	X509_NAME *subject = X509_get_subject_name(x);

	return X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_ASC,
		   (const unsigned char *)name, -1, -1, 0) == 1 &&
	       X509_set_issuer_name(x, subject) == 1;
}

static bool
add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	bool ok = e != NULL && X509_add_ext(x, e, -1) == 1;

	X509_EXTENSION_free(e);
	return ok;
}

static bool
fill(X509 *x, EVP_PKEY *key, const uint8_t public[SIGN_PUBLIC_BYTES],
    const char *name)
{
	return X509_set_version(x, X509_VERSION_3) == 1 &&
	       set_serial(x, public) && set_name(x, name) &&
	       ASN1_TIME_set_string_X509(X509_getm_notBefore(x), NOT_BEFORE) ==
		   1 &&
	       ASN1_TIME_set_string_X509(X509_getm_notAfter(x), NOT_AFTER) ==
		   1 &&
	       X509_set_pubkey(x, key) == 1 &&
	       add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
	       X509_sign(x, key, NULL) > 0;
}

static int
write_pem(struct bytes *pem, X509 *x, struct fault *f)
{
	BIO *to = BIO_new(BIO_s_mem());
	char *at;
	long len;
	int rc = -1;

	if (to == NULL || PEM_write_bio_X509(to, x) != 1 ||
	    (len = BIO_get_mem_data(to, &at)) <= 0 || len > (long)PEM_MAX)
		(void)fault_memory(f);
	else
		rc = bytes_add(pem, at, (size_t)len, f);
	BIO_free(to);
	return rc;
}

int
tls_certificate(struct bytes *pem, const struct sign_key *k, const char *name,
    struct fault *f)
{
	uint8_t public[SIGN_PUBLIC_BYTES];
	EVP_PKEY *key = NULL;
	X509 *x = NULL;
	int rc = -1;

	if (!text_only(name, "abcdefghijklmnopqrstuvwxyz0123456789.-", 64))
		return fault_set(f, FAULT_INPUT,
		    "a certificate's name: not 1 to 64 of a-z, 0-9, '.', '-'");
	sign_key_public(k, public);
	key = EVP_PKEY_new_raw_private_key(
	    EVP_PKEY_ED25519, NULL, sign_key_seed(k), SIGN_SEED_BYTES);
	if (key == NULL || (x = X509_new()) == NULL ||
	    !fill(x, key, public, name))
		(void)fault_set(f, FAULT_SYSTEM, "no certificate can be made");
	else
		rc = write_pem(pem, x, f);
	X509_free(x);
	EVP_PKEY_free(key);
	return rc;
}
