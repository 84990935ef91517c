/* policy/propose: whose a whole file is, by its path or by rows that name it.
 */

#include "tests/support/test.h"

#include <string.h>

#include "keys/base/mem.h"
#include "policy/propose/propose.h"

static struct fault f;

/* The guesses at a rule's files, one a line, with how many have the form. */
static void
assert_guesses(
    const char *const *paths, uint32_t n, enum file_type type, const char *want)
{
	struct look *looks = mem_array(n, sizeof(*looks));
	struct look_rules rules;
	struct guesses g;
	char text[2048] = "";

	assert_non_null(looks);
	for (uint32_t i = 0; i < n; i++)
		looks[i] = (struct look){
			.path = paths[i], .known = true, .type = type
		};
	assert_ok(looks_group(looks, n, &rules, &f));
	assert_ok(guesses_make(&g, looks, n, &rules, &f));
	for (uint32_t i = 0; i < g.n; i++) {
		size_t at = strlen(text);

		if (g.at[i].pattern != NULL)
			(void)snprintf(text + at, sizeof(text) - at,
			    "%s %u/%u\n", g.at[i].pattern,
			    (unsigned)g.at[i].asked, (unsigned)g.at[i].n);
	}
	assert_string_equal(text, want);
	guesses_free(&g);
	look_rules_free(&rules);
	mem_free(looks);
}

static void
parts_of_paths_may_be_a_persons_key(void **state)
{
	static const char *const deep[] = { "p/A/1.txt", "p/B/2.txt",
		"p/B/3.txt" };
	static const char *const flat[] = { "n/A-1_x.txt", "n/B-2_x.txt" };
	static const char *const tables[] = { "t/A.csv", "t/B.csv" };

	(void)state;
	assert_guesses(deep, 3, TYPE_TEXT,
	    "p/{subject}/**/*.txt 3/3\np/**/{subject}.txt 3/3\n");
	assert_guesses(flat, 2, TYPE_TEXT,
	    "n/{subject}.txt 2/2\nn/{subject}-*.txt 2/2\n"
	    "n/*-{subject}.txt 2/2\nn/{subject}_*.txt 2/2\n"
	    "n/*_{subject}.txt 2/2\n");
	assert_guesses(tables, 2, TYPE_CSV, "");
}

static void
texts_are_held_against_the_values_of_a_field(void **state)
{
	struct survey *s = NULL;

	(void)state;
	assert_ok(survey_new(&s, &f));
	for (const char *p = "abcxa"; *p != '\0'; p++)
		assert_ok(survey_ask(s, p, 1, &f));
	assert_ok(survey_see(s, 1, "a", 1, &f));
	assert_ok(survey_see(s, 1, "c", 1, &f));
	assert_ok(survey_see(s, 2, "x", 1, &f));
	assert_int_equal(survey_known(s, 1, 0, 5), 3);
	assert_int_equal(survey_known(s, 1, 1, 2), 1);
	assert_int_equal(survey_known(s, 2, 0, 5), 1);
	assert_int_equal(survey_known(s, 0, 0, 5), 0);
	assert_int_equal(survey_known(s, 7, 0, 5), 0);
	survey_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_of_paths_may_be_a_persons_key),
		cmocka_unit_test(texts_are_held_against_the_values_of_a_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
