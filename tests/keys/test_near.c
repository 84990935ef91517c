/* policy/rules: which slips of the keyboard are guessed at. */

#include "tests/support/test.h"

#include <string.h>

#include "keys/base/near.h"

static void
slips_are_counted_as_damerau_did(void **state)
{
	(void)state;
	assert_int_equal(near_distance("token", "token"), 0);
	assert_int_equal(near_distance("tokne", "token"), 1);
	assert_int_equal(near_distance("tken", "token"), 1);
	assert_int_equal(near_distance("tooken", "token"), 1);
	assert_int_equal(near_distance("taken", "token"), 1);
	assert_int_equal(near_distance("Token", "token"), 0);
	assert_int_equal(near_distance("generalize", "generalise"), 1);
	assert_int_equal(near_distance("genralizse", "generalise"), 2);
}

static void
what_is_too_far_is_not_guessed(void **state)
{
	static const char *const words[] = { "keep", "drop", NULL };
	static const char *const letters[] = { "a", "b", NULL };
	char long_word[64];

	(void)state;
	assert_int_equal(near_distance("keep", "drop"), NEAR_NOT);
	assert_int_equal(near_distance("", "a"), NEAR_NOT);
	assert_null(near_word("xyzzy", words));
	assert_null(near_word("c", letters));
	assert_string_equal(near_word("kep", words), "keep");
	assert_string_equal(near_word("dropp", words), "drop");
	memset(long_word, 'a', sizeof(long_word) - 1);
	long_word[sizeof(long_word) - 1] = '\0';
	assert_int_equal(near_distance(long_word, long_word), NEAR_NOT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slips_are_counted_as_damerau_did),
		cmocka_unit_test(what_is_too_far_is_not_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
