/* keys/pseudonym: tokens against published vectors, derived keys that never
 * meet, and shuffles that anyone can recompute. */

#include "tests/support/test.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"
#include "keys/base/text.h"
#include "keys/pseudonym/pseudonym.h"

static struct fault f;

static void
mac_of(const void *key, size_t key_len, const void *p, size_t len,
    uint8_t mac[TOKEN_MAC_BYTES])
{
	struct token_key *k;

	assert_ok(token_key_new(&k, key, key_len, &f));
	token_mac(k, p, len, mac);
	token_key_free(k);
}

static void
counting_secret(struct secret *s)
{
	assert_ok(secret_new(s, 32, &f));
	for (uint8_t i = 0; i < 32; i++)
		s->at[i] = i;
}

static void
the_saved_states_agree_with_the_library(void **state)
{
	(void)state;
	assert_ok(pseudonym_start(&f));
}

/* RFC 4231, cases 1 to 4 and 6. */
static void
rfc_4231_is_met(void **state)
{
	static const struct {
		const char *key, *data, *mac;
	} cases[] = {
		{ "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
		    "4869205468657265",
		    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e"
		    "32cff7" },
		{ "4a656665",
		    "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
		    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964"
		    "ec3843" },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		    "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
		    "dddddddddddddddddddddddddddddddddddddddddd",
		    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ce"
		    "d565fe" },
		{ "0102030405060708090a0b0c0d0e0f10111213141516171819",
		    "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
		    "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
		    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff467"
		    "29665b" },
	};
	static const char long_key_data[] =
	    "Test Using Larger Than Block-Size Key - Hash Key First";
	uint8_t mac[TOKEN_MAC_BYTES], long_key[131];
	char hex[65];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes key, data;

		test_hex(&key, cases[i].key);
		test_hex(&data, cases[i].data);
		mac_of(key.at, key.len, data.at, data.len, mac);
		hex_write(hex, mac, sizeof(mac));
		assert_string_equal(hex, cases[i].mac);
		bytes_free(&data);
		bytes_free(&key);
	}
	memset(long_key, 0xaa, sizeof(long_key));
	mac_of(long_key, sizeof(long_key), long_key_data,
	    sizeof(long_key_data) - 1, mac);
	hex_write(hex, mac, sizeof(mac));
	assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728"
				 "c5140546040f0ee37f54");
}

/* One case: is the tag, possibly shortened, the head of our MAC? */
static bool
wycheproof_holds(const json_t *o)
{
	const char *hex;
	struct bytes key, msg, tag;
	uint8_t mac[TOKEN_MAC_BYTES];
	bool same;

	assert_ok(doc_text(o, "key", &hex, &f));
	test_hex(&key, hex);
	assert_ok(doc_text(o, "msg", &hex, &f));
	test_hex(&msg, hex);
	assert_ok(doc_text(o, "tag", &hex, &f));
	test_hex(&tag, hex);
	assert_true(tag.len <= sizeof(mac));
	mac_of(key.at, key.len, msg.at, msg.len, mac);
	same = memcmp(mac, tag.at, tag.len) == 0;
	bytes_free(&tag);
	bytes_free(&msg);
	bytes_free(&key);
	return same;
}

static void
every_wycheproof_hmac_case_is_judged_rightly(void **state)
{
	char path[512];
	struct bytes all;
	size_t ran = 0, at = 0;

	(void)state;
	test_shared(path, sizeof(path), "vectors/crypto/wycheproof.jsonl");
	test_read_file(path, &all);
	while (at < all.len) {
		const char *line = (const char *)all.at + at;
		const char *end = memchr(line, '\n', all.len - at);
		const char *result;
		json_t *o;

		assert_non_null(end);
		at += (size_t)(end - line) + 1;
		if (strncmp(line, "{\"alg\": \"hmac_sha256\"", 21) != 0)
			continue;
		assert_ok(doc_read(&o, line, (size_t)(end - line), &f));
		assert_ok(doc_text(o, "result", &result, &f));
		assert_int_equal(
		    wycheproof_holds(o), strcmp(result, "valid") == 0);
		json_decref(o);
		ran++;
	}
	assert_true(ran == 174);
	bytes_free(&all);
}

static void
a_token_is_the_head_of_the_mac_in_base32(void **state)
{
	struct token_key *k;
	char token[TOKEN_CHARS + 1];
	struct secret s;

	(void)state;
	counting_secret(&s);
	assert_ok(token_key_new(&k, s.at, s.len, &f));
	token_make(k, "anna@example.com", 16, token);
	assert_string_equal(token, "xd6yt3j6x2gfbfhyuqmdih4ege");
	token_make(k, "Anna@example.com", 16, token);
	assert_string_not_equal(token, "xd6yt3j6x2gfbfhyuqmdih4ege");
	token_make(k, NULL, 0, token);
	assert_true(
	    text_only(token, "abcdefghijklmnopqrstuvwxyz234567", TOKEN_CHARS));
	assert_int_equal(strlen(token), TOKEN_CHARS);
	token_key_free(k);
	token_key_free(NULL);
	secret_free(&s);
}

static void
derived_keys_are_those_that_rfc_5869_gives(void **state)
{
	static const char *const want[] = {
		"f42927fe76ce0f04fc298ed861879e06402001258c6e14b3152130dbcd897f"
		"6a",
		"c9226005edef6af0e498f993faa2491ecac403a350047bd6fd19b6f0c2c53e"
		"2a",
		"6e1b3b82371aa7b732ef6a2d7df8629689d6517501d4e852235364f5a6c6cc"
		"ad",
		"3779ab6598ce854aad102bdd67f0f7b64e74ec201b5f8babd7db978df3333f"
		"37",
		"476bc56b95fb50ed8cdb680a3dcc5f105344b53eb69dff1ca221c374374648"
		"4a",
		"ec62486611ad6ad41d187bdffe14e0dcbeb93f3adc3c5e4d805e9ed6275b68"
		"71",
		"80b1d6846902a54764431cc1ac13f4a55d2fdc0b0e862863b60ac2421f820a"
		"96",
		"6e686def19e70bba87a9215a3d8eb6fc698c16664ea77046099325a5ed480e"
		"d9",
		"6c58df3735895d21b05aeeb1b525be50e3f19b67effae5e05b5a2bca6e334a"
		"74",
	};
	struct secret from, key;
	char hex[65];

	(void)state;
	counting_secret(&from);
	for (unsigned use = KEY_FIELD; use <= KEY_SHIFT; use++) {
		assert_ok(key_derive(&key, &from, (enum key_use)use,
		    "acme/triage", "email", &f));
		assert_int_equal(key.len, 32);
		hex_write(hex, key.at, key.len);
		assert_string_equal(hex, want[use]);
		secret_free(&key);
	}
	secret_free(&from);
}

/* Values of every length around the edge of a block, under several keys, as
 * many at a time as n. */
static void
make_and_compare(struct token_key *const keys[3], size_t n)
{
	static uint8_t value[256];
	char together[40][TOKEN_CHARS + 1], alone[TOKEN_CHARS + 1];
	struct token_job jobs[40];

	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = (uint8_t)(i * i + n);
	for (size_t from = 0; from < 70; from++) {
		for (size_t i = 0; i < n; i++) {
			jobs[i] = (struct token_job){ keys[(from + i) % 3],
				value + i, (from + 7 * i) % 70, together[i] };
			together[i][TOKEN_CHARS] = 'x';
		}
		tokens_make(jobs, n);
		for (size_t i = 0; i < n; i++) {
			token_make(
			    jobs[i].key, jobs[i].value, jobs[i].len, alone);
			assert_memory_equal(together[i], alone, TOKEN_CHARS);
			assert_int_equal(together[i][TOKEN_CHARS], 'x');
		}
	}
}

static void
tokens_made_together_are_those_made_alone(void **state)
{
	struct token_key *keys[3];

	(void)state;
	for (uint8_t i = 0; i < 3; i++) {
		uint8_t key[32] = { i, 1 };

		assert_ok(token_key_new(&keys[i], key, sizeof(key), &f));
	}
	/* one after the other, and then by a library, where there is one */
	for (int round = 0; round < 2; round++) {
		for (size_t n = 0; n <= 40; n++)
			make_and_compare(keys, n);
		assert_ok(tokens_start(&f));
	}
	for (long room = 0; room < 3; room++) {
		mem_fail_after(room);
		make_and_compare(keys, 5);
		mem_fail_after(-1);
	}
	for (size_t i = 0; i < 3; i++)
		token_key_free(keys[i]);
}

static void
moving_a_letter_between_domain_and_field_is_another_key(void **state)
{
	static const char *const names[][2] = {
		{ "ab", "c" },
		{ "a", "bc" },
		{ "abc", "" },
		{ "", "abc" },
		{ "c", "ab" },
	};
	struct secret from, keys[5];

	(void)state;
	counting_secret(&from);
	for (size_t i = 0; i < 5; i++) {
		assert_ok(key_derive(
		    &keys[i], &from, KEY_FIELD, names[i][0], names[i][1], &f));
		for (size_t j = 0; j < i; j++)
			assert_false(
			    secret_same(keys[i].at, keys[j].at, keys[i].len));
	}
	for (size_t i = 0; i < 5; i++)
		secret_free(&keys[i]);
	secret_free(&from);
}

static void
a_name_over_its_limit_is_refused_and_gives_no_key(void **state)
{
	struct secret from, key;
	char name[4098];

	(void)state;
	counting_secret(&from);
	memset(name, 'n', sizeof(name));
	name[4097] = '\0';
	assert_refused(
	    key_derive(&key, &from, KEY_FIELD, name, "", &f), FAULT_INPUT);
	assert_null(key.at);
	assert_refused(
	    key_derive(&key, &from, KEY_FIELD, "", name, &f), FAULT_INPUT);
	assert_null(key.at);
	name[4096] = '\0';
	assert_ok(key_derive(&key, &from, KEY_FIELD, name, name, &f));
	secret_free(&key);
	secret_free(&from);
}

static void
deriving_survives_every_lack_of_memory(void **state)
{
	struct secret from, key;
	bool done = false;

	(void)state;
	counting_secret(&from);
	for (long n = 0; !done; n++) {
		mem_fail_after(n);
		f = (struct fault){ 0 };
		done = key_derive(&key, &from, KEY_ITEM, "", "", &f) == 0;
		mem_fail_after(-1);
		if (!done) {
			assert_int_equal(f.kind, FAULT_SYSTEM);
			assert_null(key.at);
		}
		secret_free(&key);
	}
	secret_free(&from);
}

static void
a_short_shuffle_is_the_published_one(void **state)
{
	static const uint32_t want[16] = { 10, 13, 0, 12, 1, 9, 4, 15, 11, 2, 8,
		5, 3, 14, 6, 7 };
	struct secret key;
	uint32_t order[16];

	(void)state;
	counting_secret(&key);
	assert_ok(shuffle_order(order, 16, &key, &f));
	assert_memory_equal(order, want, sizeof(want));
	order[0] = 7;
	assert_ok(shuffle_order(order, 1, &key, &f));
	assert_int_equal(order[0], 0);
	order[0] = 7;
	assert_ok(shuffle_order(order, 0, &key, &f));
	assert_int_equal(order[0], 7);
	secret_free(&key);
}

/* Long enough that some draws are repeated; the digest comes from an
 * implementation of the header's words in another language. */
static void
a_long_shuffle_is_the_published_one_and_loses_nobody(void **state)
{
	enum { N = 300000 };
	struct secret key;
	uint32_t *order = mem_array(N, sizeof(*order));
	uint8_t *seen = mem_new(N);
	uint8_t digest[32];
	char hex[65];

	(void)state;
	assert_non_null(order);
	assert_non_null(seen);
	counting_secret(&key);
	assert_ok(shuffle_order(order, N, &key, &f));
	for (size_t i = 0; i < N; i++) {
		assert_true(order[i] < N && seen[order[i]] == 0);
		seen[order[i]] = 1;
	}
	(void)SHA256((const uint8_t *)order, N * sizeof(*order), digest);
	hex_write(hex, digest, sizeof(digest));
	assert_string_equal(hex,
	    "f9009bee684d1faec09f6b1ae23644f0c9df8da159fbefb27d60cae6b39ac99c");
	secret_free(&key);
	mem_free(seen);
	mem_free(order);
}

/* 24 orders of four, 24,000 keys: chi-square with 23 degrees of freedom is
 * over 60 with a probability under 1 in 20,000, and the keys are fixed. */
static void
every_order_of_four_is_as_likely_as_any_other(void **state)
{
	unsigned count[256] = { 0 }, orders = 0;
	struct secret key;
	double chi = 0;

	(void)state;
	counting_secret(&key);
	for (uint32_t n = 0; n < 24000; n++) {
		uint32_t order[4];

		memcpy(key.at, &n, sizeof(n));
		assert_ok(shuffle_order(order, 4, &key, &f));
		count[order[0] << 6 | order[1] << 4 | order[2] << 2 |
		      order[3]]++;
	}
	for (size_t i = 0; i < 256; i++) {
		if (count[i] == 0)
			continue;
		orders++;
		chi += (count[i] - 1000.0) * (count[i] - 1000.0) / 1000.0;
	}
	assert_int_equal(orders, 24);
	assert_true(chi < 60);
	secret_free(&key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_saved_states_agree_with_the_library),
		cmocka_unit_test(rfc_4231_is_met),
		cmocka_unit_test(every_wycheproof_hmac_case_is_judged_rightly),
		cmocka_unit_test(a_token_is_the_head_of_the_mac_in_base32),
		cmocka_unit_test(derived_keys_are_those_that_rfc_5869_gives),
		cmocka_unit_test(tokens_made_together_are_those_made_alone),
		cmocka_unit_test(
		    moving_a_letter_between_domain_and_field_is_another_key),
		cmocka_unit_test(
		    a_name_over_its_limit_is_refused_and_gives_no_key),
		cmocka_unit_test(deriving_survives_every_lack_of_memory),
		cmocka_unit_test(a_short_shuffle_is_the_published_one),
		cmocka_unit_test(
		    a_long_shuffle_is_the_published_one_and_loses_nobody),
		cmocka_unit_test(every_order_of_four_is_as_likely_as_any_other),
	};

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
