/* policy/transform: what the owner can undo comes back, keeps its form, and is
 * refused where it would hide too little. */

#include "tests/policy/keyed.h"

#include <stdio.h>

#include "keys/base/text.h"

static char digits[] = "0123456789", dashes[] = " -", nothing[] = "";

static struct transform
fpe_of(char *letters, char *between)
{
	return (struct transform){ .action = TRANSFORM_FPE,
		.domain = domain,
		.text = letters,
		.between = between };
}

static bool
luhn(const char *text)
{
	unsigned sum = 0, at = 0;

	for (size_t i = strlen(text); i-- > 0;) {
		unsigned d = (unsigned)(text[i] - '0');

		if (d > 9)
			continue;
		if (at++ % 2 == 1)
			d = d < 5 ? 2 * d : 2 * d - 9;
		sum += d;
	}
	return sum % 10 == 0;
}

/* The form stays, the kept ends stay, and the owner gets it back. */
static void
assert_undone(const struct transform *t, const char *value)
{
	struct transform_site site = { .key = key_of(t, 1) };
	char *there = made(transform_apply, t, &site, value), *back;

	back = made(transform_reveal, t, &site, there);
	assert_string_equal(back, value);
	assert_string_not_equal(there, value);
	mem_free(there);
	mem_free(back);
	site_free(&site);
}

static void
encrypted_text_keeps_its_form_and_comes_back(void **state)
{
	static char hex[] = "0123456789abcdef", umlauts[] = "\xc3\xa4\xc3\xb6"
							    "\xc3\xbc"
							    "aou";
	struct transform t = fpe_of(digits, dashes);
	struct transform_site site = { .key = key_of(&t, 1) };
	char *text = made(transform_apply, &t, &site, "0151 23-456 789");

	(void)state;
	assert_int_equal(strlen(text), 15);
	assert_int_equal(text[4], ' ');
	assert_int_equal(text[7], '-');
	assert_int_equal(text[11], ' ');
	assert_int_equal(strspn(text, "0123456789 -"), 15);
	mem_free(text);
	assert_undone(&t, "0151 23-456 789");
	assert_undone(&t, "000000");
	assert_undone(&t, "1234567890123456789012345678901234567890");
	t = fpe_of(hex, nothing);
	assert_undone(&t, "00ff00ff");
	t = fpe_of(umlauts, nothing);
	assert_undone(&t, "\xc3\xa4\xc3\xb6\xc3\xbc"
			  "aou\xc3\xa4\xc3\xa4");
	text = made(transform_apply, &t, &site, "");
	assert_string_equal(text, "");
	mem_free(text);
	site_free(&site);
}

static void
a_check_digit_stays_right_and_kept_digits_stay(void **state)
{
	struct transform t = fpe_of(digits, dashes);
	struct transform_site site = { .key = key_of(&t, 1) };

	(void)state;
	t.luhn = true;
	for (unsigned i = 0; i < 50; i++) {
		char value[24], *text, *back;

		t.first = i % 2 == 0 ? 6 : 0;
		t.last = i % 3 == 0 ? 3 : 0;
		for (unsigned check = 0; check < 10; check++) {
			(void)snprintf(value, sizeof(value), "4929-%04u %04u%u",
			    i * 37, i, check);
			if (luhn(value))
				break;
		}
		assert_true(luhn(value));
		if (13 - t.first - t.last < 7) {
			assert_refuses(transform_apply, &t, &site, value,
			    "with a check digit");
			continue;
		}
		text = made(transform_apply, &t, &site, value);
		assert_true(luhn(text));
		assert_string_not_equal(text, value);
		if (t.first == 6)
			assert_memory_equal(text, value, 7);
		if (t.last == 3)
			assert_string_equal(
			    text + strlen(text) - 3, value + strlen(value) - 3);
		back = made(transform_reveal, &t, &site, text);
		assert_string_equal(back, value);
		mem_free(text);
		mem_free(back);
	}
	t.first = t.last = 0;
	assert_refuses(transform_apply, &t, &site, "4929123456789011",
	    "its check digit (Luhn) is wrong");
	site_free(&site);
}

static void
too_short_and_foreign_text_is_refused(void **state)
{
	struct transform t = fpe_of(digits, dashes);
	struct transform_site site = { .key = key_of(&t, 1) };
	static char many[5000];

	(void)state;
	assert_refuses(transform_apply, &t, &site, "12345",
	    "too short to be encrypted: 5 characters out of an alphabet of 10 "
	    "have fewer than a million values; 6 are needed");
	assert_refuses(transform_apply, &t, &site, "1-2-3-4-5", "too short");
	assert_refuses(transform_apply, &t, &site, "123456a",
	    "a character that is not in the alphabet");
	assert_refuses(transform_apply, &t, &site,
	    "123\xff"
	    "456",
	    "not UTF-8");
	memset(many, '1', sizeof(many) - 1);
	assert_refuses(transform_apply, &t, &site, many, "more than 4096");
	t.first = 2;
	t.last = 4;
	assert_refuses(transform_apply, &t, &site, "12345678901",
	    "beside those that are kept");
	assert_refuses(transform_apply, &t, &site, "12345", "too short");
	t.luhn = true;
	t.first = t.last = 0;
	assert_refuses(transform_apply, &t, &site, "123456", "7 are needed");
	site_free(&site);
}

/* Equal middles of values whose kept ends differ. */
static void
what_is_kept_decides_the_rest_too(void **state)
{
	struct transform t = fpe_of(digits, nothing);
	struct transform_site site = { .key = key_of(&t, 1) };
	char *one, *two;

	(void)state;
	t.last = 4;
	one = made(transform_apply, &t, &site, "1234560001");
	two = made(transform_apply, &t, &site, "1234560002");
	assert_memory_not_equal(one, two, 6);
	assert_string_equal(one + 6, "0001");
	mem_free(one);
	mem_free(two);
	site_free(&site);
}

static void
reversible_opens_and_only_what_it_made(void **state)
{
	const struct transform t = { .action = TRANSFORM_REVERSIBLE,
		.domain = domain };
	const struct transform token = { .action = TRANSFORM_TOKEN,
		.domain = domain };
	struct transform_site site = { .key = key_of(&t, 1) };
	struct transform_site other = { .key = key_of(&t, 2) };
	char *text = made(transform_apply, &t, &site, "a \xff value"), *again;

	(void)state;
	assert_int_equal(strlen(text), BASE32_CHARS(16 + 9));
	assert_int_equal(
	    strspn(text, "abcdefghijklmnopqrstuvwxyz234567"), strlen(text));
	again = made(transform_apply, &t, &site, "a \xff value");
	assert_string_equal(text, again);
	mem_free(again);
	assert_undone(&t, "a \xff value");
	assert_undone(&t, "x");
	assert_refuses(transform_reveal, &t, &other, text, "under this key");
	text[3] = text[3] == 'a' ? 'b' : 'a';
	assert_refuses(transform_reveal, &t, &site, text, "under this key");
	text[3] = '!';
	assert_refuses(transform_reveal, &t, &site, text, "no result of");
	assert_refuses(transform_reveal, &t, &site, "a", "no result of");
	assert_refuses(transform_reveal, &t, &site, "aa", "no ciphertext");
	assert_refuses(
	    transform_reveal, &token, &site, "aaaaaaaa", "can be undone");
	mem_free(text);
	site_free(&site);
	site_free(&other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encrypted_text_keeps_its_form_and_comes_back),
		cmocka_unit_test(
		    a_check_digit_stays_right_and_kept_digits_stay),
		cmocka_unit_test(too_short_and_foreign_text_is_refused),
		cmocka_unit_test(what_is_kept_decides_the_rest_too),
		cmocka_unit_test(reversible_opens_and_only_what_it_made),
	};

	return cmocka_run_group_tests(tests, keyed_start, NULL);
}
