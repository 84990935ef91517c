/* keys/base/text: one spelling for one value, in both directions. */

#include "tests/support/test.h"

#include <string.h>

#include "keys/base/secret.h"
#include "keys/base/text.h"

static void
hexadecimal_is_lower_case_and_exact(void **state)
{
	static const char *const wrong[] = { "00FF", "00f", "00ff0", "00f ",
		"0x00", "00fg", "" };
	char text[9];
	uint8_t back[2];

	(void)state;
	hex_write(text, "\x00\xff\x1a\xb2", 4);
	assert_string_equal(text, "00ff1ab2");
	assert_true(hex_read(back, 2, "1ab2", 4));
	assert_memory_equal(back, "\x1a\xb2", 2);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(hex_read(back, 2, wrong[i], strlen(wrong[i])));
	hex_write(text, "", 0);
	assert_string_equal(text, "");
}

/* RFC 4648, section 10, in lower case and without padding. */
static void
base32_is_that_of_the_standard(void **state)
{
	static const char *const pairs[][2] = { { "", "" }, { "f", "my" },
		{ "fo", "mzxq" }, { "foo", "mzxw6" }, { "foob", "mzxw6yq" },
		{ "fooba", "mzxw6ytb" }, { "foobar", "mzxw6ytboi" } };
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		base32_write(text, pairs[i][0], strlen(pairs[i][0]));
		assert_string_equal(text, pairs[i][1]);
		assert_int_equal(
		    strlen(text), BASE32_CHARS(strlen(pairs[i][0])));
	}
}

static void
base64_is_that_of_the_standard_and_nothing_else(void **state)
{
	static const char *const pairs[][2] = { { "", "" }, { "f", "Zg==" },
		{ "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } };
	static const char *const wrong[] = { "Zg",
		"Zg=", "Zg===", "Zh==", "Zm9=", "Zg==\n",
		" Zg==", "Zg =", "Zm8-", "=",
		"====", "A===", "Zg==Zg==", "Zm9v=", "Z", "Zm9vY" };
	uint8_t back[16];
	struct fault f = { 0 };
	struct bytes b;
	size_t len;

	(void)state;
	bytes_init(&b, 64);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		size_t n = strlen(pairs[i][0]), bare;

		bytes_reset(&b);
		assert_ok(base64_add(&b, pairs[i][0], n, true, &f));
		assert_int_equal(b.len, strlen(pairs[i][1]));
		assert_int_equal(b.len, BASE64_CHARS(n));
		assert_memory_equal(b.at, pairs[i][1], b.len);
		assert_true(base64_read(
		    back, sizeof(back), &len, (char *)b.at, b.len, true));
		assert_int_equal(len, n);
		assert_memory_equal(back, pairs[i][0], n);
		/* Without padding the same characters, and only those. */
		bare = strcspn(pairs[i][1], "=");
		assert_true(base64_read(
		    back, sizeof(back), &len, pairs[i][1], bare, false));
		assert_int_equal(len, n);
		assert_int_equal(base64_read(back, sizeof(back), &len,
				     pairs[i][1], strlen(pairs[i][1]), false),
		    bare == strlen(pairs[i][1]));
		assert_true(
		    n == 0 || !base64_read(back, n - 1, &len, pairs[i][1],
				  strlen(pairs[i][1]), true));
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (base64_read(back, sizeof(back), &len, wrong[i],
			strlen(wrong[i]), true))
			fail_msg("%s is read", wrong[i]);
	bytes_free(&b);
}

static void
every_character_goes_through_utf8_and_back(void **state)
{
	struct fault f = { 0 };
	struct bytes b;
	size_t used;

	(void)state;
	bytes_init(&b, 8);
	for (uint32_t c = 0; c <= 0x110010; c++) {
		bytes_reset(&b);
		if ((c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff) {
			assert_refused(utf8_add(&b, c, &f), FAULT_INPUT);
			continue;
		}
		if (utf8_add(&b, c, &f) != 0 ||
		    utf8_next(b.at, b.len, &used) != (int32_t)c ||
		    used != b.len || !utf8_valid(b.at, b.len))
			fail_msg("U+%04X", c);
	}
	bytes_free(&b);
}

static void
what_steers_or_hides_is_not_shown(void **state)
{
	static const int32_t hidden[] = { -1, 0, '\t', '\n', '\r', 0x1b, 0x7f,
		0x80, 0x9b, 0x9f, 0xad, 0x61c, 0x180e, 0x200b, 0x200d, 0x200e,
		0x200f, 0x2028, 0x2029, 0x202a, 0x202e, 0x2060, 0x2066, 0x2069,
		0xfeff, 0xfff9, 0xe0001, 0xe007f };
	static const int32_t shown[] = { ' ', '~', 0xa0, 0xa1, 0xe9, 0x5d0,
		0x627, 0x2010, 0x2014, 0x2027, 0x202f, 0x20ac, 0x4e2d, 0xfffd,
		0x1f600, 0xe0080, 0x10ffff };

	(void)state;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (text_shows(hidden[i]))
			fail_msg("U+%04X is shown", (unsigned)hidden[i]);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		if (!text_shows(shown[i]))
			fail_msg("U+%04X is not shown", (unsigned)shown[i]);
}

static void
what_is_not_utf8_is_refused_wherever_it_stands(void **state)
{
	static const char *const wrong[] = { "\x80", "\xbf", "\xc0\x80",
		"\xc1\xbf", "\xc2", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80",
		"\xf0\x8f\xbf\xbf", "\xf0\x9f\x98", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xff",
		"\xc3\x28", "\xe2\x28\xa1", "\xf0\x28\x8c\xbc" };
	char text[40];
	size_t used;

	(void)state;
	assert_true(utf8_valid("", 0));
	assert_true(utf8_valid("a\0b", 3));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		size_t n = strlen(wrong[i]);

		assert_int_equal(utf8_next(wrong[i], n, &used), -1);
		assert_int_equal(used, 1);
		for (size_t before = 0; before < 20; before++) {
			memset(text, 'x', sizeof(text));
			memcpy(text + before, wrong[i], n);
			if (utf8_valid(text, before + n + 9))
				fail_msg("%zu behind %zu", i, before);
			if (utf8_valid(text, before + n))
				fail_msg("%zu last, behind %zu", i, before);
		}
	}
}

static void
numbers_are_digits_up_to_a_limit(void **state)
{
	static const char *const wrong[] = { "", "00", "01", "+1", "-1", " 1",
		"1 ", "1.", "1e3", "0x1", "18446744073709551616",
		"99999999999999999999", "\xd9\xa1" };
	uint64_t n;

	(void)state;
	assert_true(u64_read(&n, "0", 1, 0) && n == 0);
	assert_true(u64_read(&n, "18446744073709551615", 20, UINT64_MAX));
	assert_true(n == UINT64_MAX);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (u64_read(&n, wrong[i], strlen(wrong[i]), UINT64_MAX))
			fail_msg("%s is read", wrong[i]);
	for (uint64_t max = 0; max < 130; max++)
		for (uint64_t v = 0; v < 140; v++) {
			char text[8];

			(void)snprintf(text, sizeof(text), "%u", (unsigned)v);
			assert_int_equal(
			    u64_read(&n, text, strlen(text), max), v <= max);
		}
}

static void
numbers_are_written_as_printf_writes_them(void **state)
{
	char want[U64_CHARS + 1], got[U64_CHARS];
	uint64_t n = UINT64_MAX;

	(void)state;
	for (unsigned shift = 0; shift < 64; shift++) {
		for (uint64_t v = (n >> shift) - 1; v - (n >> shift) + 1 < 3;
		     v++) {
			int chars = snprintf(
			    want, sizeof(want), "%llu", (unsigned long long)v);

			assert_int_equal(u64_write(got, v), chars);
			assert_memory_equal(got, want, (size_t)chars);
		}
	}
}

static void
ids_are_fresh_and_of_one_form(void **state)
{
	static const char *const wrong[] = { "", "b", "b-",
		"b-aaaaaaaaaaaaaaaaaaaaaaaaa", "b-aaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"g-aaaaaaaaaaaaaaaaaaaaaaaaaa", "b-aaaaaaaaaaaaaaaaaaaaaaaaa1",
		"b-Aaaaaaaaaaaaaaaaaaaaaaaaaa", "b_aaaaaaaaaaaaaaaaaaaaaaaaaa",
		"b-aaaaaaaaaaaaaaaaaaaaaaaa/a" };
	char one[ID_CHARS + 1], two[ID_CHARS + 1];

	(void)state;
	id_new(one, 'b');
	id_new(two, 'b');
	assert_string_not_equal(one, two);
	assert_true(id_valid(one, 'b'));
	assert_false(id_valid(one, 'g'));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (id_valid(wrong[i], 'b'))
			fail_msg("%s is an id", wrong[i]);
	assert_true(text_only("abba", "ab", 4));
	assert_false(text_only("abba", "ab", 3));
	assert_false(text_only("abc", "ab", 4));
	assert_false(text_only("", "ab", 4));
}

int
main(void)
{
	struct fault f = { 0 };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_steers_or_hides_is_not_shown),
		cmocka_unit_test(hexadecimal_is_lower_case_and_exact),
		cmocka_unit_test(base32_is_that_of_the_standard),
		cmocka_unit_test(
		    base64_is_that_of_the_standard_and_nothing_else),
		cmocka_unit_test(every_character_goes_through_utf8_and_back),
		cmocka_unit_test(
		    what_is_not_utf8_is_refused_wherever_it_stands),
		cmocka_unit_test(numbers_are_digits_up_to_a_limit),
		cmocka_unit_test(numbers_are_written_as_printf_writes_them),
		cmocka_unit_test(ids_are_fresh_and_of_one_form),
	};

	must(secret_start(&f) == 0);
	return cmocka_run_group_tests_name("base text", tests, NULL, NULL);
}
