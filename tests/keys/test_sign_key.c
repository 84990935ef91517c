/* keys/sign: digests, Ed25519 by libsodium's rule. */

#include "tests/support/test.h"

#include <jansson.h>
#include <pthread.h>
#include <string.h>

#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "keys/sign/sign.h"

static void
known_digests_come_out(void **state)
{
	uint8_t got[DIGEST_BYTES], again[DIGEST_BYTES];
	char hex[DIGEST_CHARS + 1];
	struct fault f = { 0 };
	struct digest *d;

	(void)state;
	/* FIPS 180-4, the example of one block. */
	digest_of(got, "abc", 3);
	hex_write(hex, got, sizeof(got));
	assert_string_equal(hex,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_ok(digest_new(&d, &f));
	for (int i = 0; i < 2; i++) {
		digest_add(d, "a", 1);
		digest_add(d, "", 0);
		digest_add(d, "bc", 2);
		digest_end(d, again);
		assert_memory_equal(got, again, sizeof(got));
	}
	digest_free(d);
	digest_free(NULL);
	digest_salted(
	    got, (const uint8_t *)"0123456789abcdef0123456789abcdef", "xyz", 3);
	digest_of(again, "0123456789abcdef0123456789abcdefxyz", 35);
	assert_memory_equal(got, again, sizeof(got));
}

static void *
hash_much(void *arg)
{
	uint8_t got[DIGEST_BYTES], want[DIGEST_BYTES];

	digest_of(want, arg, 5);
	for (int i = 0; i < 20000; i++) {
		digest_of(got, arg, 5);
		if (memcmp(got, want, sizeof(got)) != 0)
			return arg;
	}
	return NULL;
}

static void
threads_do_not_share_a_context(void **state)
{
	static char texts[4][6] = { "first", "secnd", "third", "forth" };
	pthread_t t[4];
	void *bad;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(
		    pthread_create(&t[i], NULL, hash_much, texts[i]), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(t[i], &bad), 0);
		assert_null(bad);
	}
}

/* RFC 8032 section 7.1, test 2. */
static void
the_rfc_example_signs_and_verifies(void **state)
{
	struct bytes seed, public, sig;
	uint8_t got[SIGN_BYTES], pub[SIGN_PUBLIC_BYTES];
	struct fault f = { 0 };
	struct sign_key k;

	(void)state;
	test_hex(&seed,
	    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
	test_hex(&public,
	    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
	test_hex(&sig,
	    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
	assert_ok(sign_key_from_seed(&k, seed.at, &f));
	sign_key_public(&k, pub);
	assert_memory_equal(pub, public.at, sizeof(pub));
	assert_memory_equal(sign_key_seed(&k), seed.at, SIGN_SEED_BYTES);
	sign_make(&k, "r", 1, got);
	assert_memory_equal(got, sig.at, sizeof(got));
	assert_true(sign_check(pub, "r", 1, got));
	for (size_t i = 0; i < 8 * SIGN_BYTES; i++) {
		got[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_false(sign_check(pub, "r", 1, got));
		got[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	assert_false(sign_check(pub, "s", 1, got));
	assert_false(sign_check(pub, "r", 0, got));
	sign_key_free(&k);
	sign_key_free(&k);
	sign_key_free(NULL);
	bytes_free(&seed);
	bytes_free(&public);
	bytes_free(&sig);
}

static void
fresh_keys_differ(void **state)
{
	uint8_t a[SIGN_PUBLIC_BYTES], b[SIGN_PUBLIC_BYTES], sig[SIGN_BYTES];
	struct sign_key one, two;
	struct fault f = { 0 };

	(void)state;
	assert_ok(sign_key_new(&one, &f));
	assert_ok(sign_key_new(&two, &f));
	sign_key_public(&one, a);
	sign_key_public(&two, b);
	assert_memory_not_equal(a, b, sizeof(a));
	sign_make(&one, "x", 1, sig);
	assert_true(sign_check(a, "x", 1, sig));
	assert_false(sign_check(b, "x", 1, sig));
	sign_key_free(&one);
	sign_key_free(&two);
}

static const char *
text_of(const json_t *v, const char *key)
{
	return json_string_value(json_object_get(v, key));
}

/* Does the signature that v holds in hexadecimal verify? */
static bool
judge(const char *key, const char *msg, size_t len, const char *sig)
{
	uint8_t public[SIGN_PUBLIC_BYTES], s[SIGN_BYTES];

	/* Signatures of another size do not reach sign_check(). */
	return hex_read(public, sizeof(public), key, strlen(key)) &&
	       hex_read(s, sizeof(s), sig, strlen(sig)) &&
	       sign_check(public, msg, len, s);
}

/*
 * What libsodium's rule makes of each edge case (sign.h): components of small
 * order pass when the equation without cofactor holds; everything else that
 * the flags name is refused.
 */
static bool
rule_accepts(const json_t *flags)
{
	const json_t *flag;
	size_t i;

	json_array_foreach(flags, i, flag)
	{
		const char *name = json_string_value(flag);

		if (strcmp(name, "low_order_component_A") != 0 &&
		    strcmp(name, "low_order_component_R") != 0)
			return false;
	}
	return true;
}

static void
edge_cases_are_judged_by_libsodiums_rule(void **state)
{
	struct fault f = { 0 };
	size_t count = 0, accepted = 0;
	struct bytes all;
	char path[512];

	(void)state;
	test_shared(path, sizeof(path), "vectors/crypto/cctv_ed25519.jsonl");
	test_read_file(path, &all);
	for (char *line = strtok((char *)all.at, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		const char *msg;
		bool got;
		json_t *v;

		assert_ok(doc_read(&v, line, strlen(line), &f));
		msg = text_of(v, "msg");
		got = judge(
		    text_of(v, "key"), msg, strlen(msg), text_of(v, "sig"));
		if (got != rule_accepts(json_object_get(v, "flags")))
			fail_msg("%s", line);
		accepted += got ? 1 : 0;
		count++;
		json_decref(v);
	}
	print_message("%zu edge cases, %zu accepted\n", count, accepted);
	assert_true(count == 914 && accepted > 0 && accepted < count);
	bytes_free(&all);
}

static void
wycheproof_signatures_are_judged_as_it_says(void **state)
{
	struct fault f = { 0 };
	struct bytes all;
	size_t count = 0;
	char path[512];

	(void)state;
	test_shared(path, sizeof(path), "vectors/crypto/wycheproof.jsonl");
	test_read_file(path, &all);
	for (char *line = strtok((char *)all.at, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		struct bytes msg;
		json_t *v;

		if (strstr(line, "\"alg\": \"ed25519\"") == NULL)
			continue;
		assert_ok(doc_read(&v, line, strlen(line), &f));
		test_hex(&msg, text_of(v, "msg"));
		if (judge(text_of(json_object_get(v, "publicKey"), "pk"),
			(const char *)msg.at, msg.len, text_of(v, "sig")) !=
		    (strcmp(text_of(v, "result"), "valid") == 0))
			fail_msg("%s", line);
		count++;
		bytes_free(&msg);
		json_decref(v);
	}
	print_message("%zu Wycheproof signatures\n", count);
	assert_true(count == 151);
	bytes_free(&all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_digests_come_out),
		cmocka_unit_test(threads_do_not_share_a_context),
		cmocka_unit_test(the_rfc_example_signs_and_verifies),
		cmocka_unit_test(fresh_keys_differ),
		cmocka_unit_test(edge_cases_are_judged_by_libsodiums_rule),
		cmocka_unit_test(wycheproof_signatures_are_judged_as_it_says),
	};
	struct fault f = { 0 };

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
