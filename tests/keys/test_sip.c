/* keys/pseudonym: SipHash against its authors' vectors and another library. */

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#include "keys/pseudonym/pseudonym.h"
#include "tests/support/test.h"

static void
it_is_what_its_authors_published(void **state)
{
	/* vectors.h of the reference implementation, 128 bits, for the empty
	 * message and the message 00 */
	static const char *const want[] = { "a3817f04ba25a8e66df67214c7550293",
		"da87c1d86b99af44347659119b22fc45" };
	uint8_t key[SIP_KEY_BYTES], hash[SIP_HASH_BYTES];
	const uint8_t message[1] = { 0 };
	struct bytes expected;

	(void)state;
	for (uint8_t i = 0; i < SIP_KEY_BYTES; i++)
		key[i] = i;
	for (size_t len = 0; len < 2; len++) {
		test_hex(&expected, want[len]);
		sip_hash(hash, key, len == 0 ? NULL : message, len);
		assert_memory_equal(hash, expected.at, sizeof(hash));
		bytes_free(&expected);
	}
}

static void
the_other_library_has_the_same(void **state)
{
	size_t size = SIP_HASH_BYTES;
	OSSL_PARAM params[] = { OSSL_PARAM_size_t(OSSL_MAC_PARAM_SIZE, &size),
		OSSL_PARAM_END };
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "SIPHASH", NULL);
	uint8_t key[SIP_KEY_BYTES], text[100], ours[SIP_HASH_BYTES], theirs[16];

	(void)state;
	assert_non_null(mac);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(31 * i);
	for (size_t len = 0; len <= sizeof(text); len++) {
		EVP_MAC_CTX *c = EVP_MAC_CTX_new(mac);
		size_t got;

		memset(key, (int)len, sizeof(key));
		assert_int_equal(EVP_MAC_init(c, key, sizeof(key), params), 1);
		assert_int_equal(EVP_MAC_update(c, text, len), 1);
		assert_int_equal(
		    EVP_MAC_final(c, theirs, &got, sizeof(theirs)), 1);
		EVP_MAC_CTX_free(c);
		sip_hash(ours, key, text, len);
		assert_memory_equal(ours, theirs, sizeof(ours));
	}
	EVP_MAC_free(mac);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_what_its_authors_published),
		cmocka_unit_test(the_other_library_has_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
