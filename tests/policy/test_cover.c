/* policy/rules: which globs together leave nothing to another, against all
 * paths that are short enough to be written down. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "policy/rules/rules_internal.h"

static uint64_t seed = 5;

static unsigned
pick(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

/* A glob of at most three segments over a and b. */
static void
make(char out[32])
{
	static const char *const pieces[] = { "a", "b", "*", "?", "**" };
	unsigned segments = 1 + pick(3);

	out[0] = '\0';
	for (unsigned s = 0; s < segments; s++) {
		unsigned i = pick(5);

		if (s > 0)
			strcat(out, "/");
		strcat(out, pieces[i]);
		if (i < 4 && pick(3) == 0)
			strcat(out, pieces[pick(2)]);
	}
}

static bool
any_matches(const char *const *globs, size_t n, const char *path)
{
	for (size_t i = 0; i < n; i++)
		if (glob_matches(globs[i], path))
			return true;
	return false;
}

/* Every path of a, b and / with up to six characters; "" or one that only glob
 * matches. */
static const char *
only_here(const char *const *globs, size_t n, const char *glob)
{
	static char path[8];
	static const char letters[] = "ab/";

	for (unsigned len = 1, all = 3; len <= 6; len++, all *= 3)
		for (unsigned k = 0; k < all; k++) {
			unsigned left = k;

			for (unsigned i = 0; i < len; i++, left /= 3)
				path[i] = letters[left % 3];
			path[len] = '\0';
			if (path[0] == '/' || path[len - 1] == '/' ||
			    strstr(path, "//") != NULL)
				continue;
			if (glob_matches(glob, path) &&
			    !any_matches(globs, n, path))
				return path;
		}
	return "";
}

static void
what_is_covered_has_no_path_of_its_own(void **state)
{
	unsigned covered = 0, open = 0;

	(void)state;
	for (int i = 0; i < 1500; i++) {
		char text[4][32], glob[32];
		const char *globs[4] = { text[0], text[1], text[2], text[3] };
		uint64_t budget = COVER_BUDGET;
		const char *path;

		for (int k = 0; k < 4; k++)
			make(text[k]);
		make(glob);
		path = only_here(globs, 4, glob);
		if (globs_cover(globs, 4, glob, &budget)) {
			covered++;
			if (path[0] != '\0')
				fail_msg("%s, %s, %s, %s do not cover %s: %s",
				    text[0], text[1], text[2], text[3], glob,
				    path);
		} else {
			open += path[0] != '\0';
		}
		assert_true(budget > 0);
	}
	assert_true(covered > 200);
	assert_true(open > 200);
}

static bool
cover(const char *const *globs, size_t n, const char *glob)
{
	uint64_t budget = COVER_BUDGET;

	return globs_cover(globs, n, glob, &budget);
}

static void
several_globs_cover_what_none_does_alone(void **state)
{
	static const char *const parts[] = { "a/*.csv", "a/*/**" };
	static const char *const one_off[] = { "?", "??*" };
	static const char *const deep[] = { "*", "*/*", "*/*/**" };
	static const char *const accents[] = { "\xc3\xa9*", "*" };

	(void)state;
	assert_true(cover(parts, 2, "a/**/*.csv"));
	assert_false(cover(parts, 1, "a/**/*.csv"));
	assert_false(cover(parts + 1, 1, "a/**/*.csv"));
	assert_false(cover(parts, 2, "a/**"));
	assert_true(cover(one_off, 2, "*"));
	assert_true(cover(deep, 3, "**"));
	assert_false(cover(deep, 2, "**"));
	assert_false(cover(accents, 1, "?*"));
	assert_true(cover(accents, 2, "?*"));
	assert_false(cover(NULL, 0, "a"));
}

static void
what_takes_too_long_is_not_known(void **state)
{
	static const char *const deep[] = { "*", "*/*", "*/*/**" };
	uint64_t little = 3;

	(void)state;
	assert_false(globs_cover(deep, 3, "**", &little));
}

static void
parts(const char *glob, const char *path, const char *glob_rest,
    const char *path_agreed)
{
	size_t g, p;

	glob_parts(glob, path, &g, &p);
	if (strcmp(glob + g, glob_rest) != 0 || p != strlen(path_agreed) ||
	    strncmp(path, path_agreed, p) != 0)
		fail_msg("%s on %s: %.*s agrees, %s does not", glob, path,
		    (int)p, path, glob + g);
}

static void
it_is_told_where_a_glob_and_a_path_part(void **state)
{
	(void)state;
	parts("a/b/c.csv", "a/b/d.csv", "c.csv", "a/b");
	parts("a/b/c.csv", "x/b/c.csv", "a/b/c.csv", "");
	parts("a/*", "a/b/c", "", "a/b");
	parts("a/*/c", "a/b", "c", "a/b");
	parts("**/x.jpg", "a/b/y.jpg", "x.jpg", "a/b/y.jpg");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_covered_has_no_path_of_its_own),
		cmocka_unit_test(several_globs_cover_what_none_does_alone),
		cmocka_unit_test(what_takes_too_long_is_not_known),
		cmocka_unit_test(it_is_told_where_a_glob_and_a_path_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
