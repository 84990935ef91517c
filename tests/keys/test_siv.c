/* keys/pseudonym: deterministic encryption against RFC 5297, back, and what is
 * altered never opens. */

#include "tests/support/test.h"

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/secret.h"
#include "keys/base/text.h"
#include "keys/pseudonym/pseudonym.h"

static struct fault f;

static struct slice
slice_of(const struct bytes *b)
{
	return (struct slice){ b->at, b->len };
}

static void
assert_vector(const char *key, const char *const *data, size_t ndata,
    const char *plain, const char *want)
{
	struct bytes k, p, w, ad[4], out, back;
	struct slice at[4], text, sealed;
	struct siv_data with = { at, ndata };
	struct siv *siv;

	test_hex(&k, key);
	test_hex(&p, plain);
	test_hex(&w, want);
	for (size_t i = 0; i < ndata; i++) {
		test_hex(&ad[i], data[i]);
		at[i] = slice_of(&ad[i]);
	}
	bytes_init(&out, 1024);
	bytes_init(&back, 1024);
	text = slice_of(&p);
	assert_ok(siv_new(&siv, k.at, k.len, &f));
	/* twice: one call leaves nothing that the next one goes on from */
	for (unsigned round = 0; round < 2; round++) {
		bytes_reset(&out);
		bytes_reset(&back);
		assert_ok(siv_seal(siv, &with, &text, &out, &f));
		assert_int_equal(out.len, w.len);
		assert_memory_equal(out.at, w.at, w.len);
		sealed = slice_of(&out);
		assert_ok(siv_open(siv, &with, &sealed, &back, &f));
		assert_int_equal(back.len, p.len);
		assert_memory_equal(back.at, p.at, p.len);
	}
	for (size_t i = 0; i < ndata; i++)
		bytes_free(&ad[i]);
	siv_free(siv);
	bytes_free(&k);
	bytes_free(&p);
	bytes_free(&w);
	bytes_free(&out);
	bytes_free(&back);
}

/* Appendix A.1 and A.2. */
static void
rfc_5297_is_met(void **state)
{
	static const char *const one[] = {
		"101112131415161718191a1b1c1d1e1f2021222324252627"
	};
	static const char *const three[] = {
		"00112233445566778899aabbccddeeffdeaddadadeaddadaffeeddccbbaa99"
		"887766554433221100",
		"102030405060708090a0", "09f911029d74e35bd84156c5635688c0"
	};

	(void)state;
	assert_vector("fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0f0f1f2f3f4f5f6f7f8f9fafb"
		      "fcfdfeff",
	    one, 1, "112233445566778899aabbccddee",
	    "85632d07c6e8f37f950acd320a2ecc9340c02b9690c4dc04daef7f6afe5c");
	assert_vector("7f7e7d7c7b7a79787776757473727170404142434445464748494a4b"
		      "4c4d4e4f",
	    three, 3,
	    "7468697320697320736f6d6520706c61696e7465787420746f20656e63727970"
	    "74207573696e67205349562d414553",
	    "7bdb6e3b432667eb06f4d14bff2fbd0fcb900f2fddbe404326601965c889bf17"
	    "dba77ceb094fa663b7a3f748ba8af829ea64ad544a272e9c485b62a3fd5c0d");
}

/* One under a domain's key, as values are made. */
static void
field_siv(struct siv **k, uint8_t first)
{
	struct secret s;

	assert_ok(secret_new(&s, 32, &f));
	s.at[0] = first;
	assert_ok(siv_of(k, &s, &f));
	secret_free(&s);
}

static void
whatever_is_altered_does_not_open(void **state)
{
	static const char text[] = "a value";
	const struct slice plain = slice_of_text(text);
	struct slice name = slice_of_text("email"), sealed;
	const struct siv_data with = { &name, 1 }, none = { NULL, 0 };
	struct bytes out, back;
	struct siv *k, *other;

	(void)state;
	bytes_init(&out, 64);
	bytes_init(&back, 64);
	field_siv(&k, 1);
	field_siv(&other, 2);
	assert_ok(siv_seal(k, &with, &plain, &out, &f));
	assert_ok(bytes_add_text(&back, "before", &f));
	sealed = slice_of(&out);
	for (size_t i = 0; i < out.len; i++) {
		out.at[i] ^= 0x10;
		assert_refused(
		    siv_open(k, &with, &sealed, &back, &f), FAULT_FORGED);
		out.at[i] ^= 0x10;
	}
	assert_refused(
	    siv_open(other, &with, &sealed, &back, &f), FAULT_FORGED);
	assert_refused(siv_open(k, &none, &sealed, &back, &f), FAULT_FORGED);
	sealed.len--;
	assert_refused(siv_open(k, &with, &sealed, &back, &f), FAULT_FORGED);
	sealed.len = SIV_TAG_BYTES;
	assert_refused(siv_open(k, &with, &sealed, &back, &f), FAULT_INPUT);
	sealed.len = 0;
	assert_refused(siv_open(k, &with, &sealed, &back, &f), FAULT_INPUT);
	assert_int_equal(back.len, 6);
	sealed.len = out.len;
	assert_ok(siv_open(k, &with, &sealed, &back, &f));
	assert_memory_equal(back.at, "beforea value", back.len);
	siv_free(k);
	siv_free(other);
	siv_free(NULL);
	bytes_free(&out);
	bytes_free(&back);
}

static void
nothing_cannot_be_encrypted_and_a_full_buffer_stays(void **state)
{
	const struct slice empty = { (const uint8_t *)"", 0 };
	const struct slice text = slice_of_text("text");
	const struct siv_data none = { NULL, 0 };
	struct bytes out;
	struct siv *k;

	(void)state;
	field_siv(&k, 1);
	bytes_init(&out, SIV_TAG_BYTES + 3);
	assert_refused(siv_seal(k, &none, &empty, &out, &f), FAULT_INPUT);
	assert_refused(siv_seal(k, &none, &text, &out, &f), FAULT_INPUT);
	assert_int_equal(out.len, 0);
	siv_free(k);
	bytes_free(&out);
}

static void
base32_comes_back_and_nothing_else_does(void **state)
{
	uint8_t in[40], out[40];
	char text[80];

	(void)state;
	for (size_t len = 0; len <= sizeof(in); len++) {
		random_fill(in, sizeof(in));
		base32_write(text, in, len);
		assert_true(base32_read(out, len, text, strlen(text)));
		assert_memory_equal(in, out, len);
		assert_false(base32_read(out, len, text, strlen(text) + 1));
		if (len == 0)
			continue;
		assert_false(base32_read(out, len, text, strlen(text) - 1));
		text[len / 2] = 'A';
		assert_false(base32_read(out, len, text, strlen(text)));
	}
	assert_true(base32_read(out, 1, "74", 2));
	assert_false(base32_read(out, 1, "75", 2)); /* bits of no byte */
	assert_false(base32_read(out, 1, "71", 2));
	assert_false(base32_read(out, 1, "7=", 2));
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
		cmocka_unit_test(rfc_5297_is_met),
		cmocka_unit_test(whatever_is_altered_does_not_open),
		cmocka_unit_test(
		    nothing_cannot_be_encrypted_and_a_full_buffer_stays),
		cmocka_unit_test(base32_comes_back_and_nothing_else_does),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
