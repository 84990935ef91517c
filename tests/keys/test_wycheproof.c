/*
 * Wycheproof's cases of every primitive under keys/, all of them.
 *
 * What this program calls is judged as it calls it: X25519 by stanzas, which
 * open only if the shared secret is the one that the case names; HKDF-SHA-256
 * by age_hkdf(); ChaCha20-Poly1305 by the AEAD that wraps file keys where a
 * case has its shape, else by the same cipher.  What only the libraries have
 * (XChaCha20, SHA-512) is judged there.  Ed25519 and HMAC-SHA-256 have their
 * tests beside their code, test_sign_key.c and test_pseudonym.c.
 */

#include "tests/support/test.h"

#include <jansson.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <sodium.h>
#include <string.h>

#include "keys/age/age_internal.h"
#include "keys/base/doc.h"
#include "keys/base/text.h"

#define TAG 16u

static struct fault f;

struct count {
	size_t ran, valid;
};

static const char *
text_of(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	assert_non_null(text);
	return text;
}

static void
hex_of(struct bytes *out, const json_t *o, const char *name)
{
	test_hex(out, text_of(o, name));
}

static bool
is_valid(const json_t *o)
{
	return strcmp(text_of(o, "result"), "invalid") != 0;
}

/* Run judge over every case of an algorithm; it fails the test itself. */
static struct count
each_case(const char *alg, void (*judge)(const json_t *o))
{
	struct count n = { 0, 0 };
	struct bytes all;
	char path[512];

	test_shared(path, sizeof(path), "vectors/crypto/wycheproof.jsonl");
	test_read_file(path, &all);
	for (char *line = strtok((char *)all.at, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		json_t *o;

		assert_ok(doc_read(&o, line, strlen(line), &f));
		if (strcmp(text_of(o, "alg"), alg) == 0) {
			judge(o);
			n.ran++;
			n.valid += is_valid(o) ? 1 : 0;
		}
		json_decref(o);
	}
	bytes_free(&all);
	return n;
}

/* A stanza to the case's private key whose share is its public one, and which
 * opens with the shared secret that it names and no other. */
static void
judge_x25519(const json_t *o)
{
	static const uint8_t zero[32];
	struct bytes private, public, shared, share;
	struct age_identity id = { .kind = AGE_X25519 };
	uint8_t salt[64], key[32], body[AGE_WRAPPED_BYTES];
	uint8_t got[AGE_FILE_KEY_BYTES];
	struct age_stanza s = { .kind = AGE_X25519, .nargs = 2 };
	struct slice ikm, salted = { salt, sizeof(salt) };
	struct secret file_key;
	bool fits = false;

	hex_of(&private, o, "private");
	hex_of(&public, o, "public");
	hex_of(&shared, o, "shared");
	assert_true(private.len == 32 && public.len == 32 && shared.len == 32);
	assert_ok(secret_new(&id.secret, 32, &f));
	memcpy(id.secret.at, private.at, 32);
	assert_ok(secret_new(&file_key, AGE_FILE_KEY_BYTES, &f));
	randombytes_buf(file_key.at, AGE_FILE_KEY_BYTES);
	memcpy(salt, public.at, 32);
	assert_int_equal(crypto_scalarmult_base(salt + 32, private.at), 0);
	ikm = (struct slice){ shared.at, 32 };
	assert_ok(age_hkdf(
	    key, 32, &ikm, &salted, "age-encryption.org/v1/X25519", &f));
	assert_ok(age_wrap(body, key, NULL, &file_key, &f));
	bytes_init(&share, 64);
	assert_ok(base64_add(&share, public.at, 32, false, &f));
	s.arg[0] = slice_of_text("X25519");
	s.arg[1] = (struct slice){ share.at, share.len };
	s.body = (struct slice){ body, sizeof(body) };
	if (memcmp(shared.at, zero, 32) == 0) {
		assert_refused(
		    age_x25519.unwrap(&s, &id, got, &fits, &f), FAULT_INPUT);
		assert_false(fits);
	} else {
		assert_ok(age_x25519.unwrap(&s, &id, got, &fits, &f));
		if (!fits || memcmp(got, file_key.at, sizeof(got)) != 0)
			fail_msg("%s", text_of(o, "private"));
		body[0] ^= 1;
		assert_ok(age_x25519.unwrap(&s, &id, got, &fits, &f));
		assert_false(fits);
	}
	bytes_free(&share);
	secret_free(&file_key);
	secret_free(&id.secret);
	bytes_free(&shared);
	bytes_free(&public);
	bytes_free(&private);
}

static void
every_x25519_case_opens_a_stanza_or_is_refused(void **state)
{
	struct count n;

	(void)state;
	n = each_case("x25519", judge_x25519);
	assert_int_equal(n.ran, 518);
}

static void
judge_hkdf_sha256(const json_t *o)
{
	size_t size = (size_t)json_integer_value(json_object_get(o, "size"));
	struct bytes ikm, salt, info, okm;
	uint8_t out[16384], prk[32];
	struct slice k, s, i;

	assert_true(size <= sizeof(out));
	hex_of(&ikm, o, "ikm");
	hex_of(&salt, o, "salt");
	hex_of(&info, o, "info");
	hex_of(&okm, o, "okm");
	k = (struct slice){ ikm.at, ikm.len };
	s = (struct slice){ salt.at, salt.len };
	i = (struct slice){ info.at, info.len };
	assert_ok(age_hkdf_extract(prk, &s, &k, &f));
	if (is_valid(o)) {
		assert_ok(age_hkdf_expand(out, size, prk, &i, &f));
		assert_int_equal(okm.len, size);
		assert_memory_equal(out, okm.at, size);
	} else {
		assert_refused(
		    age_hkdf_expand(out, size, prk, &i, &f), FAULT_SYSTEM);
	}
	/* In one step, where the info is a text as age's are. */
	if (is_valid(o) && memchr(info.at, '\0', info.len) == NULL) {
		assert_ok(bytes_end_text(&info, &f));
		assert_ok(
		    age_hkdf(out, size, &k, &s, (const char *)info.at, &f));
		assert_memory_equal(out, okm.at, size);
	}
	bytes_free(&okm);
	bytes_free(&info);
	bytes_free(&salt);
	bytes_free(&ikm);
}

static void
every_hkdf_sha256_case_gives_the_key_it_names(void **state)
{
	struct count n;

	(void)state;
	n = each_case("hkdf_sha256", judge_hkdf_sha256);
	assert_int_equal(n.ran, 86);
	assert_int_equal(n.valid, 83);
}

struct aead {
	struct bytes key, iv, aad, msg, ct, tag;
};

static void
aead_read(struct aead *a, const json_t *o)
{
	hex_of(&a->key, o, "key");
	hex_of(&a->iv, o, "iv");
	hex_of(&a->aad, o, "aad");
	hex_of(&a->msg, o, "msg");
	hex_of(&a->ct, o, "ct");
	hex_of(&a->tag, o, "tag");
	assert_true(a->key.len == 32 && a->msg.len <= 4096);
	/* With a nonce of another length there is nothing to open. */
	if (a->tag.len != 0)
		assert_true(a->tag.len == TAG && a->ct.len == a->msg.len);
	else
		assert_false(is_valid(o));
}

static void
aead_free(struct aead *a)
{
	bytes_free(&a->tag);
	bytes_free(&a->ct);
	bytes_free(&a->msg);
	bytes_free(&a->aad);
	bytes_free(&a->iv);
	bytes_free(&a->key);
}

/* As stream.c uses the cipher, with what age has none of: associated data. */
static bool
cipher_opens(const struct aead *a, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t end[TAG];
	bool right;
	int n;

	assert_non_null(ctx);
	right = EVP_DecryptInit_ex(ctx, EVP_chacha20_poly1305(), NULL,
		    a->key.at, a->iv.at) == 1 &&
		EVP_CIPHER_CTX_ctrl(
		    ctx, EVP_CTRL_AEAD_SET_TAG, TAG, a->tag.at) == 1 &&
		(a->aad.len == 0 || EVP_DecryptUpdate(ctx, NULL, &n, a->aad.at,
					(int)a->aad.len) == 1) &&
		(a->ct.len == 0 || EVP_DecryptUpdate(ctx, out, &n, a->ct.at,
				       (int)a->ct.len) == 1) &&
		EVP_DecryptFinal_ex(ctx, end, &n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return right;
}

static size_t wrapped;

static void
judge_chacha(const json_t *o)
{
	struct aead a;
	uint8_t out[4096], body[AGE_WRAPPED_BYTES];
	bool opens;

	aead_read(&a, o);
	/* Another length cannot be asked for: nonces are arrays of 12. */
	opens = a.iv.len == 12 && a.tag.len == TAG && cipher_opens(&a, out);
	if (opens != is_valid(o))
		fail_msg("case %s", json_dumps(o, JSON_COMPACT));
	if (opens)
		assert_memory_equal(out, a.msg.at, a.msg.len);
	if (a.iv.len == 12 && a.tag.len == TAG && a.aad.len == 0 &&
	    a.msg.len == AGE_FILE_KEY_BYTES) {
		memcpy(body, a.ct.at, AGE_FILE_KEY_BYTES);
		memcpy(body + AGE_FILE_KEY_BYTES, a.tag.at, TAG);
		assert_int_equal(
		    age_unwrap(out, a.key.at, a.iv.at, body), is_valid(o));
		wrapped++;
	}
	aead_free(&a);
}

static void
every_chacha20_poly1305_case_opens_or_is_refused(void **state)
{
	struct count n;

	(void)state;
	n = each_case("chacha20_poly1305", judge_chacha);
	assert_int_equal(n.ran, 325);
	assert_int_equal(n.valid, 256);
	assert_true(wrapped > 0);
}

static void
judge_xchacha(const json_t *o)
{
	struct aead a;
	uint8_t out[4096];
	bool opens;

	aead_read(&a, o);
	opens = a.iv.len == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES &&
		a.tag.len == TAG &&
		crypto_aead_xchacha20poly1305_ietf_decrypt_detached(out, NULL,
		    a.ct.at, a.ct.len, a.tag.at, a.aad.at, a.aad.len, a.iv.at,
		    a.key.at) == 0;
	if (opens != is_valid(o))
		fail_msg("case %s", json_dumps(o, JSON_COMPACT));
	if (opens)
		assert_memory_equal(out, a.msg.at, a.msg.len);
	aead_free(&a);
}

static void
judge_hmac_sha512(const json_t *o)
{
	crypto_auth_hmacsha512_state state;
	struct bytes key, msg, tag;
	uint8_t mac[crypto_auth_hmacsha512_BYTES];

	hex_of(&key, o, "key");
	hex_of(&msg, o, "msg");
	hex_of(&tag, o, "tag");
	assert_true(tag.len <= sizeof(mac));
	crypto_auth_hmacsha512_init(&state, key.at, key.len);
	crypto_auth_hmacsha512_update(&state, msg.at, msg.len);
	crypto_auth_hmacsha512_final(&state, mac);
	assert_int_equal(memcmp(mac, tag.at, tag.len) == 0, is_valid(o));
	bytes_free(&tag);
	bytes_free(&msg);
	bytes_free(&key);
}

static void
judge_hkdf_sha512(const json_t *o)
{
	size_t size = (size_t)json_integer_value(json_object_get(o, "size"));
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
	char digest[] = "SHA512";
	struct bytes ikm, salt, info, okm;
	OSSL_PARAM params[5], *p = params;
	uint8_t out[32768];

	assert_true(ctx != NULL && size <= sizeof(out));
	hex_of(&ikm, o, "ikm");
	hex_of(&salt, o, "salt");
	hex_of(&info, o, "info");
	hex_of(&okm, o, "okm");
	*p++ =
	    OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0);
	*p++ = OSSL_PARAM_construct_octet_string(
	    OSSL_KDF_PARAM_KEY, ikm.at, ikm.len);
	if (salt.len > 0)
		*p++ = OSSL_PARAM_construct_octet_string(
		    OSSL_KDF_PARAM_SALT, salt.at, salt.len);
	if (info.len > 0)
		*p++ = OSSL_PARAM_construct_octet_string(
		    OSSL_KDF_PARAM_INFO, info.at, info.len);
	*p = OSSL_PARAM_construct_end();
	assert_int_equal(
	    EVP_KDF_derive(ctx, out, size, params) == 1, is_valid(o));
	if (is_valid(o))
		assert_memory_equal(out, okm.at, okm.len);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	bytes_free(&okm);
	bytes_free(&info);
	bytes_free(&salt);
	bytes_free(&ikm);
}

static void
the_libraries_judge_what_we_do_not_call(void **state)
{
	(void)state;
	assert_int_equal(
	    each_case("xchacha20_poly1305", judge_xchacha).ran, 315);
	assert_int_equal(each_case("hmac_sha512", judge_hmac_sha512).ran, 174);
	assert_int_equal(each_case("hkdf_sha512", judge_hkdf_sha512).ran, 83);
}

static void
leave_alone(const json_t *o)
{
	(void)o;
}

static void
no_case_is_left_out(void **state)
{
	static const char *const algs[] = { "ed25519", "x25519",
		"chacha20_poly1305", "xchacha20_poly1305", "hmac_sha256",
		"hmac_sha512", "hkdf_sha256", "hkdf_sha512" };
	size_t known = 0, lines = 0;
	struct bytes all;
	char path[512];

	(void)state;
	for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++)
		known += each_case(algs[i], leave_alone).ran;
	test_shared(path, sizeof(path), "vectors/crypto/wycheproof.jsonl");
	test_read_file(path, &all);
	for (size_t i = 0; i < all.len; i++)
		lines += all.at[i] == '\n' ? 1 : 0;
	bytes_free(&all);
	print_message("%zu Wycheproof cases\n", known);
	assert_int_equal(known, lines);
	assert_int_equal(known, 1826);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_x25519_case_opens_a_stanza_or_is_refused),
		cmocka_unit_test(every_hkdf_sha256_case_gives_the_key_it_names),
		cmocka_unit_test(
		    every_chacha20_poly1305_case_opens_or_is_refused),
		cmocka_unit_test(the_libraries_judge_what_we_do_not_call),
		cmocka_unit_test(no_case_is_left_out),
	};

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
