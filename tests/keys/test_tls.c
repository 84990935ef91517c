/* keys/ring: certificates around TLS keys. */

#include "tests/support/test.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "keys/base/secret.h"
#include "keys/ring/ring.h"

static struct fault f;

static X509 *
certificate_of(const struct bytes *pem)
{
	BIO *from = BIO_new_mem_buf(pem->at, (int)pem->len);
	X509 *x = PEM_read_bio_X509(from, NULL, NULL, NULL);

	BIO_free(from);
	assert_non_null(x);
	return x;
}

static void
the_certificate_is_signed_by_its_own_key_and_always_the_same(void **state)
{
	struct bytes pem, again;
	struct sign_key key, other;
	uint8_t public[32], in_it[32], seed[32];
	size_t len = sizeof(in_it);
	EVP_PKEY *pkey;
	X509 *x;

	(void)state;
	memset(seed, 9, sizeof(seed));
	assert_ok(sign_key_from_seed(&key, seed, &f));
	bytes_init(&pem, 4096);
	bytes_init(&again, 4096);
	assert_ok(tls_certificate(&pem, &key, "h-one.handoff", &f));
	assert_ok(tls_certificate(&again, &key, "h-one.handoff", &f));
	assert_int_equal(pem.len, again.len);
	assert_memory_equal(pem.at, again.at, pem.len);
	x = certificate_of(&pem);
	pkey = X509_get0_pubkey(x);
	assert_int_equal(X509_verify(x, pkey), 1);
	assert_int_equal(X509_check_issued(x, x), X509_V_OK);
	assert_int_equal(EVP_PKEY_get_raw_public_key(pkey, in_it, &len), 1);
	sign_key_public(&key, public);
	assert_memory_equal(public, in_it, sizeof(public));
	assert_true(X509_cmp_current_time(X509_get0_notBefore(x)) < 0);
	assert_int_equal(X509_get0_notAfter(x)->type, V_ASN1_GENERALIZEDTIME);
	assert_memory_equal(X509_get0_notAfter(x)->data, "99991231235959Z", 15);
	X509_free(x);
	bytes_reset(&again);
	assert_ok(sign_key_new(&other, &f));
	assert_ok(tls_certificate(&again, &other, "h-one.handoff", &f));
	assert_memory_not_equal(pem.at + 60, again.at + 60, 200);
	bytes_free(&pem);
	bytes_free(&again);
	sign_key_free(&key);
	sign_key_free(&other);
}

static void
the_key_as_pem_is_the_same_key_to_openssl(void **state)
{
	struct sign_key key;
	struct secret pem;
	uint8_t raw[32];
	size_t len = sizeof(raw);
	EVP_PKEY *pkey;
	BIO *from;

	(void)state;
	assert_ok(sign_key_new(&key, &f));
	assert_ok(tls_key(&pem, &key, &f));
	from = BIO_new_mem_buf(pem.at, (int)pem.len);
	pkey = PEM_read_bio_PrivateKey(from, NULL, NULL, NULL);
	assert_non_null(pkey);
	assert_int_equal(EVP_PKEY_get_raw_private_key(pkey, raw, &len), 1);
	assert_memory_equal(raw, sign_key_seed(&key), sizeof(raw));
	EVP_PKEY_free(pkey);
	BIO_free(from);
	secret_free(&pem);
	sign_key_free(&key);
}

static void
a_certificate_takes_no_name_that_could_mislead(void **state)
{
	static const char *const bad[] = { "", "a b", "A", "a/CN=b", "*",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"a"
		"aa" };
	struct sign_key key;
	struct bytes pem;

	(void)state;
	assert_ok(sign_key_new(&key, &f));
	bytes_init(&pem, 4096);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(
		    tls_certificate(&pem, &key, bad[i], &f), FAULT_INPUT);
	assert_int_equal(pem.len, 0);
	sign_key_free(&key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_certificate_is_signed_by_its_own_key_and_always_the_same),
		cmocka_unit_test(the_key_as_pem_is_the_same_key_to_openssl),
		cmocka_unit_test(
		    a_certificate_takes_no_name_that_could_mislead),
	};

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
