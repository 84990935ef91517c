/* keys/pseudonym: format-preserving encryption against NIST's samples and
 * others', and back; what is too small is refused. */

#include "tests/support/test.h"

#include <string.h>

#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"
#include "keys/base/text.h"
#include "keys/pseudonym/pseudonym.h"

static struct fault f;

static const char alnum[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static size_t
to_digits(uint16_t *out, const char *text, const char *alphabet)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++) {
		const char *at = strchr(alphabet, text[i]);

		assert_non_null(at);
		out[i] = (uint16_t)(at - alphabet);
	}
	return n;
}

/* One sample, there and back. */
static void
assert_sample(const char *alphabet, const char *key, const char *tweak,
    const char *plain, const char *cipher)
{
	uint16_t digits[FF1_DIGITS_MAX], want[FF1_DIGITS_MAX];
	struct bytes k, t;
	struct ff1_text text = { .digits = digits };
	struct ff1 *ff1;

	test_hex(&k, key);
	test_hex(&t, tweak);
	text.radix = (uint32_t)strlen(alphabet);
	text.tweak = t.at;
	text.tweak_len = t.len;
	text.n = to_digits(digits, plain, alphabet);
	assert_int_equal(to_digits(want, cipher, alphabet), text.n);
	assert_ok(ff1_new(&ff1, k.at, k.len, &f));
	assert_ok(ff1_encrypt(ff1, &text, &f));
	assert_memory_equal(digits, want, text.n * sizeof(*digits));
	(void)to_digits(want, plain, alphabet);
	assert_ok(ff1_decrypt(ff1, &text, &f));
	assert_memory_equal(digits, want, text.n * sizeof(*digits));
	ff1_free(ff1);
	bytes_free(&k);
	bytes_free(&t);
}

/* NIST, "FF1 samples" to SP 800-38G: 1 to 9. */
static void
the_samples_of_nist_are_met(void **state)
{
	static const char tweak10[] = "39383736353433323130";
	static const char tweak36[] = "3737373770717273373737";
	static const char *const keys[] = { "2b7e151628aed2a6abf7158809cf4f3c",
		"2b7e151628aed2a6abf7158809cf4f3cef4359d8d580aa4f",
		"2b7e151628aed2a6abf7158809cf4f3cef4359d8d580aa4f7f036d6f04fc6a"
		"94" };
	static const char *const want[3][3] = {
		{ "2433477484", "6124200773", "a9tv40mll9kdu509eum" },
		{ "2830668132", "2496655549", "xbj3kv35jrawxv32ysr" },
		{ "6657667009", "1001623463", "xs8a0azh2avyalyzuwd" },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_sample(
		    "0123456789", keys[i], "", "0123456789", want[i][0]);
		assert_sample(
		    "0123456789", keys[i], tweak10, "0123456789", want[i][1]);
		assert_sample(
		    alnum, keys[i], tweak36, "0123456789abcdefghi", want[i][2]);
	}
}

static void
every_shared_sample_is_met(void **state)
{
	static const char *const members[] = { "alphabet", "key", "tweak", "pt",
		"ct" };
	const char *v[5];
	char path[512];
	struct bytes all;
	size_t at = 0, ran = 0;
	json_t *o;

	(void)state;
	test_shared(path, sizeof(path), "vectors/crypto/ff1.jsonl");
	test_read_file(path, &all);
	while (at < all.len) {
		const uint8_t *end = memchr(all.at + at, '\n', all.len - at);

		assert_non_null(end);
		assert_ok(
		    doc_read(&o, all.at + at, (size_t)(end - all.at) - at, &f));
		for (size_t i = 0; i < 5; i++)
			assert_ok(doc_text(o, members[i], &v[i], &f));
		assert_sample(v[0], v[1], v[2], v[3], v[4]);
		json_decref(o);
		at = (size_t)(end - all.at) + 1;
		ran++;
	}
	bytes_free(&all);
	assert_true(ran >= 19);
}

/* Every value of a small domain goes to another one, and no two to one. */
static void
it_is_a_permutation(void **state)
{
	enum { VALUES = 1000 * 1000 };
	uint8_t *seen = mem_new(VALUES);
	struct ff1 *k;

	(void)state;
	assert_non_null(seen);
	assert_ok(ff1_new(&k, "0123456789abcdef0123456789abcdef", 32, &f));
	for (unsigned v = 0; v < VALUES; v += 7) {
		uint16_t d[2] = { (uint16_t)(v / 1000), (uint16_t)(v % 1000) };
		const struct ff1_text t = { .radix = 1000,
			.tweak = "x",
			.tweak_len = 1,
			.digits = d,
			.n = 2 };
		unsigned to;

		assert_ok(ff1_encrypt(k, &t, &f));
		assert_true(d[0] < 1000 && d[1] < 1000);
		to = d[0] * 1000u + d[1];
		assert_int_equal(seen[to], 0);
		seen[to] = 1;
		assert_ok(ff1_decrypt(k, &t, &f));
		assert_int_equal(d[0] * 1000u + d[1], v);
	}
	ff1_free(k);
	mem_free(seen);
}

static void
key_radix_and_tweak_decide(void **state)
{
	uint16_t d[4][8] = { { 0 } };
	struct ff1_text t = { .radix = 10, .n = 8 };
	struct ff1 *k, *other;

	(void)state;
	assert_ok(ff1_new(&k, "0123456789abcdef0123456789abcdef", 32, &f));
	assert_ok(ff1_new(&other, "1123456789abcdef0123456789abcdef", 32, &f));
	t.digits = d[0];
	assert_ok(ff1_encrypt(k, &t, &f));
	t.digits = d[1];
	assert_ok(ff1_encrypt(other, &t, &f));
	t.digits = d[2];
	t.radix = 11;
	assert_ok(ff1_encrypt(k, &t, &f));
	t.digits = d[3];
	t.radix = 10;
	t.tweak = "t";
	t.tweak_len = 1;
	assert_ok(ff1_encrypt(k, &t, &f));
	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(d[i], d[j], sizeof(d[0]));
	ff1_free(k);
	ff1_free(other);
}

/* Random digits of random radixes and lengths, there and back. */
static void
what_was_encrypted_decrypts(void **state)
{
	uint16_t d[200], was[200];
	uint8_t tweak[64];
	struct ff1 *k;

	(void)state;
	assert_ok(ff1_new(&k, "0123456789abcdef0123456789abcdef", 32, &f));
	for (unsigned round = 0; round < 400; round++) {
		uint32_t r[3];
		struct ff1_text t = { .tweak = tweak, .digits = d };

		random_fill(r, sizeof(r));
		random_fill(tweak, sizeof(tweak));
		random_fill(d, sizeof(d));
		t.radix = round % 2 == 0 ? 2 + r[0] % 65535 : 2 + r[0] % 70;
		t.tweak_len = r[1] % sizeof(tweak);
		t.n = ff1_digits_min(t.radix) + r[2] % 100;
		for (size_t i = 0; i < t.n; i++)
			d[i] = (uint16_t)(d[i] % t.radix);
		memcpy(was, d, sizeof(d));
		assert_ok(ff1_encrypt(k, &t, &f));
		for (size_t i = 0; i < t.n; i++)
			assert_true(d[i] < t.radix);
		assert_ok(ff1_decrypt(k, &t, &f));
		assert_memory_equal(d, was, sizeof(d));
	}
	ff1_free(k);
}

static void
fewer_than_a_million_values_are_refused(void **state)
{
	static const struct {
		uint32_t radix;
		size_t min;
	} cases[] = { { 2, 20 }, { 10, 6 }, { 26, 5 }, { 36, 4 }, { 62, 4 },
		{ 99, 4 }, { 100, 3 }, { 999, 3 }, { 1000, 2 }, { 65536, 2 } };
	static uint16_t d[FF1_DIGITS_MAX + 1];
	struct ff1 *k;

	(void)state;
	assert_ok(ff1_new(&k, "0123456789abcdef", 16, &f));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ff1_text t = { .radix = cases[i].radix, .digits = d };

		t.n = cases[i].min;
		assert_int_equal(ff1_digits_min(t.radix), t.n);
		assert_ok(ff1_encrypt(k, &t, &f));
		memset(d, 0, sizeof(d));
		t.n--;
		assert_refused(ff1_encrypt(k, &t, &f), FAULT_INPUT);
		assert_non_null(strstr(f.text, "FF1 needs at least"));
		assert_refused(ff1_decrypt(k, &t, &f), FAULT_INPUT);
		assert_int_equal(d[0], 0);
	}
	ff1_free(k);
}

static void
more_digits_than_the_ceiling_are_refused(void **state)
{
	static uint16_t d[FF1_DIGITS_MAX + 1], zero[FF1_DIGITS_MAX];
	struct ff1_text t = { .radix = FF1_RADIX_MAX, .digits = d };
	struct ff1 *k;

	(void)state;
	assert_ok(ff1_new(&k, "0123456789abcdef", 16, &f));
	t.n = FF1_DIGITS_MAX + 1;
	assert_refused(ff1_encrypt(k, &t, &f), FAULT_INPUT);
	t.n--;
	t.radix = 2; /* the largest radix takes a second */
	assert_ok(ff1_encrypt(k, &t, &f));
	assert_ok(ff1_decrypt(k, &t, &f));
	assert_memory_equal(d, zero, sizeof(zero));
	ff1_free(k);
	ff1_free(NULL);
}

static int
start(void **state)
{
	(void)state;
	return secret_start(&f) != 0 || pseudonym_start(&f) != 0 ? -1 : 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_samples_of_nist_are_met),
		cmocka_unit_test(every_shared_sample_is_met),
		cmocka_unit_test(it_is_a_permutation),
		cmocka_unit_test(key_radix_and_tweak_decide),
		cmocka_unit_test(what_was_encrypted_decrypts),
		cmocka_unit_test(fewer_than_a_million_values_are_refused),
		cmocka_unit_test(more_digits_than_the_ceiling_are_refused),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
