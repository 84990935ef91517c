/* gateway/cli: finds counted, and shown by their shape. */

#include <string.h>

#include "gateway/cli/detect_child_internal.h"
#include "policy/detect/detect.h"
#include "tests/support/test.h"

static void
shape(const char *text, const char *want)
{
	char out[DETECT_EXAMPLE_BYTES];

	detect_shape(out, (const uint8_t *)text, strlen(text));
	assert_string_equal(out, want);
}

static void
of_a_find_the_first_letter_stays(void **state)
{
	(void)state;
	shape("Anna-Maria O'Neil", "Axxx-Xxxxx X'Xxxx");
	shape("+49 (30) 1234", "+00 (00) 0000");
	shape("anna.b@example.org", "axxx.x@xxxxxxx.xxx");
	shape("4Anna", "0Xxxx");
	shape("\xc3\x9cn\xc4\xb1", "\xc3\x9cxx");
	shape("", "");
}

static void
what_steers_or_is_no_text_has_no_shape(void **state)
{
	(void)state;
	shape("A\x1b[2J\nB", "A [0X X");
	shape("A\xff\xc3", "A  ");
	/* an override of the direction of writing */
	shape("A\xe2\x80\xae"
	      "b",
	    "A x");
	shape("\xe2\x80\xae"
	      "b",
	    " x");
}

static void
a_long_find_is_cut(void **state)
{
	char text[4000], out[DETECT_EXAMPLE_BYTES];

	(void)state;
	memset(text, 'a', sizeof(text));
	detect_shape(out, (const uint8_t *)text, sizeof(text));
	assert_int_equal(strlen(out), DETECT_EXAMPLE_CHARS + 3);
	assert_string_equal(out + DETECT_EXAMPLE_CHARS, "...");
}

static void
finds_are_counted_by_entity_and_shapes_come_once(void **state)
{
	static const char person[] = "PERSON", mail[] = "EMAIL_ADDRESS";
	static const uint8_t text[] = "Ann Bob Eva Jo Joe Ann a@b.de";
	static const size_t at[][2] = { { 0, 3 }, { 4, 7 }, { 8, 11 },
		{ 12, 14 }, { 15, 18 }, { 19, 22 } };
	struct detect_counts c = { .n = 0 };
	struct detect_span s = { .entity = person, .score = 60 };
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		s.start = at[i][0];
		s.end = at[i][1];
		assert_ok(detect_counts_add(&c, text, &s, i + 1, &f));
	}
	s = (struct detect_span){ .entity = mail, .start = 23, .end = 29 };
	assert_ok(detect_counts_add(&c, text, &s, 9, &f));
	assert_int_equal(c.n, 2);
	assert_int_equal(c.at[0].n, 6);
	assert_int_equal(c.at[0].nexamples, DETECT_EXAMPLES_MAX);
	assert_string_equal(c.at[0].examples[0].text, "Axx");
	assert_string_equal(c.at[0].examples[1].text, "Bxx");
	assert_int_equal(c.at[0].examples[1].line, 2);
	assert_int_equal(c.at[0].examples[1].score, 60);
	assert_int_equal(c.at[1].n, 1);
	assert_string_equal(c.at[1].examples[0].text, "a@x.xx");
	detect_counts_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_find_the_first_letter_stays),
		cmocka_unit_test(what_steers_or_is_no_text_has_no_shape),
		cmocka_unit_test(a_long_find_is_cut),
		cmocka_unit_test(
		    finds_are_counted_by_entity_and_shapes_come_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
