/* policy/rules: globs against a table, against a matcher so plain that it is
 * plainly right, and against the clock. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "keys/base/clock.h"
#include "policy/rules/rules_internal.h"

static void
globs_match_what_the_reference_says(void **state)
{
	static const struct {
		const char *glob;
		const char *path;
		bool matches;
	} rows[] = {
		{ "customers.csv", "customers.csv", true },
		{ "customers.csv", "a/customers.csv", false },
		{ "customers.csv", "Customers.csv", false },
		{ "*.csv", "customers.csv", true },
		{ "*.csv", ".csv", true },
		{ "*.csv", "a/b.csv", false },
		{ "*", ".hidden", true },
		{ "*", "a/b", false },
		{ "a/*", "a/b", true },
		{ "a/*", "a", false },
		{ "a/*", "a/b/c", false },
		{ "a/*/c", "a/b/c", true },
		{ "a/*/c", "a//c", true },
		{ "?.csv", "a.csv", true },
		{ "?.csv", ".csv", false },
		{ "?.csv", "ab.csv", false },
		{ "?.csv", "\xc3\xa9.csv", true },
		{ "??.csv", "\xc3\xa9.csv", false },
		{ "*?", "\xe2\x82\xac", true },
		{ "*??", "\xe2\x82\xac", false },
		{ "*??", "\xe2\x82\xacx", true },
		{ "?", "/", false },
		{ "**", "a", true },
		{ "**", "a/b/c", true },
		{ "**/*.jpg", "x.jpg", true },
		{ "**/*.jpg", "a/b/x.jpg", true },
		{ "**/*.jpg", "a/b/x.png", false },
		{ "photos/**/*.jpg", "photos/x.jpg", true },
		{ "photos/**/*.jpg", "photos/2020/01/x.jpg", true },
		{ "photos/**/*.jpg", "photosx/x.jpg", false },
		{ "notes/**", "notes/a", true },
		{ "notes/**", "notes/a/b", true },
		{ "notes/**", "notes", false },
		{ "**/a/**/b", "a/b", true },
		{ "**/a/**/b", "x/a/y/a/z/b", true },
		{ "**/a/**/b", "x/a/y/b/c", false },
		{ "a[1].csv", "a[1].csv", true },
		{ "a[1].csv", "a1.csv", false },
		{ "{a,b}", "a", false },
		{ "a\\*", "a\\x", true },
		{ "*a*b*c", "xaxbxcxabc", true },
		{ "*a*b*c", "xaxbxcxab", false },
		{ "**/**", "a", true },
		{ "\xff?", "\xff\xfe", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (glob_matches(rows[i].glob, rows[i].path) != rows[i].matches)
			fail_msg("%s and %s", rows[i].glob, rows[i].path);
}

/* By definition, one case a line; takes exponential time. */
static bool
plain_match(const char *g, const char *p)
{
	if (strcmp(g, "**") == 0)
		return *p != '\0';
	if (strncmp(g, "**/", 3) == 0) {
		const char *slash = strchr(p, '/');

		return plain_match(g + 3, p) ||
		       (slash != NULL && plain_match(g, slash + 1));
	}
	if (*g == '\0' || *p == '\0')
		return (*g == '\0' && *p == '\0') ||
		       (*g == '*' && *p == '\0' && g[1] != '*' &&
			   plain_match(g + 1, p));
	if (*g == '*')
		return plain_match(g + 1, p) ||
		       (*p != '/' && plain_match(g, p + 1));
	if (*g == '?' && *p != '/')
		return plain_match(g + 1, p + 1);
	if (*g != *p)
		return false;
	return plain_match(g + 1, p + 1);
}

/* plain_match() sees "**" only where a segment begins; so here too. */
static void
make(char *out, const char *const *pieces, size_t n, uint64_t *seed)
{
	size_t segments = 1 + (*seed >> 60) % 4;

	out[0] = '\0';
	for (size_t s = 0; s < segments; s++) {
		size_t count;

		*seed = *seed * 6364136223846793005u + 1442695040888963407u;
		count = 1 + (*seed >> 33) % 3;
		if (s > 0)
			strcat(out, "/");
		if (n > 2 && (*seed >> 40) % 3 == 0) {
			strcat(out, "**");
			continue;
		}
		for (size_t i = 0; i < count; i++) {
			size_t at = strlen(out);

			*seed =
			    *seed * 6364136223846793005u + 1442695040888963407u;
			strcat(out, pieces[(*seed >> 33) % n]);
			/* no ** by chance */
			if (at > 0 && out[at] == '*' && out[at - 1] == '*')
				out[at] = '\0';
		}
	}
}

static void
globs_agree_with_their_definition(void **state)
{
	static const char *const glob[] = { "a", "b", "*", "?" };
	static const char *const path[] = { "a", "b" };
	uint64_t seed = 7;
	unsigned matched = 0;

	(void)state;
	for (int i = 0; i < 300000; i++) {
		char g[64], p[64];
		bool want;

		make(g, glob, 4, &seed);
		make(p, path, 2, &seed);
		if (glob_problem(g) != NULL)
			continue;
		want = plain_match(g, p);
		matched += want;
		if (glob_matches(g, p) != want)
			fail_msg("%s and %s: %d by definition", g, p, want);
	}
	assert_true(matched > 10000);
}

/* If one covers the other, no path may match the other alone. */
static void
a_covering_glob_matches_all_that_the_other_does(void **state)
{
	static const char *const glob[] = { "a", "b", "*", "?" };
	static const char *const path[] = { "a", "b" };
	uint64_t seed = 11;
	unsigned covered = 0;

	(void)state;
	for (int i = 0; i < 60000; i++) {
		char g[64], o[64], p[64];

		make(g, glob, 4, &seed);
		make(o, glob, 4, &seed);
		if (glob_problem(g) != NULL || glob_problem(o) != NULL ||
		    !glob_covers(g, o))
			continue;
		covered++;
		for (int k = 0; k < 200; k++) {
			make(p, path, 2, &seed);
			if (glob_matches(o, p) && !glob_matches(g, p))
				fail_msg("%s does not cover %s: %s", g, o, p);
		}
	}
	assert_true(covered > 1000);
}

static void
known_coverings_are_seen(void **state)
{
	(void)state;
	assert_true(glob_covers("**", "a/b/*.csv"));
	assert_true(glob_covers("**", "**"));
	assert_true(glob_covers("notes/**", "notes/x/*.txt"));
	assert_true(glob_covers("notes/**", "notes/**/*.txt"));
	assert_true(glob_covers("*.csv", "a?*.csv"));
	assert_true(glob_covers("a.csv", "a.csv"));
	assert_true(glob_covers("**/*.csv", "*.csv"));
	assert_false(glob_covers("*.csv", "**/*.csv"));
	assert_false(glob_covers("?.csv", "*.csv"));
	assert_false(glob_covers("a/*", "a/**"));
	assert_false(glob_covers("a*", "*"));
	assert_false(glob_covers("notes/**", "**"));
}

static void
patterns_that_could_never_match_are_named(void **state)
{
	static const char *const bad[] = { "", "/a", "a/", "a//b", "./a",
		"a/../b", "..", ".", "a**", "**a", "a/***/b", "***", "a/b**/c",
		"/" };
	static const char *const good[] = { "a", "**", "a/**/b", "*", "...",
		"a..b", ".a", "a*b*c", "?", "*a", "a*" };
	char path[POLICY_GLOB_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (glob_problem(bad[i]) == NULL)
			fail_msg("%s is let through", bad[i]);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (glob_problem(good[i]) != NULL)
			fail_msg("%s: %s", good[i], glob_problem(good[i]));
	memset(path, 'a', sizeof(path));
	path[POLICY_GLOB_MAX + 1] = '\0';
	assert_non_null(glob_problem(path));
	path[POLICY_GLOB_MAX] = '\0';
	assert_null(glob_problem(path));
}

/* Patterns that take plain_match() longer than the universe has. */
static void
no_pattern_takes_long(void **state)
{
	char glob[1024] = "", path[4096];
	double began = clock_monotonic();

	(void)state;
	for (int i = 0; i < 300; i++)
		strcat(glob, "*a");
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 2] = 'b';
	path[sizeof(path) - 1] = '\0';
	assert_false(glob_matches(glob, path));
	glob[0] = '\0';
	for (int i = 0; i < 200; i++)
		strcat(glob, "**/a/");
	strcat(glob, "b");
	for (size_t i = 1; i < sizeof(path) - 1; i += 2)
		path[i] = '/';
	path[sizeof(path) - 2] = 'c';
	assert_false(glob_matches(glob, path));
	assert_true(clock_monotonic() - began < 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs_match_what_the_reference_says),
		cmocka_unit_test(globs_agree_with_their_definition),
		cmocka_unit_test(
		    a_covering_glob_matches_all_that_the_other_does),
		cmocka_unit_test(known_coverings_are_seen),
		cmocka_unit_test(patterns_that_could_never_match_are_named),
		cmocka_unit_test(no_pattern_takes_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
