/* policy/rules: what a policy of the largest size costs is bounded, and what
 * is left out for it is left out without a word that is wrong. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "policy/rules/rules.h"

#define RULES 4000u
#define HEAD                                                                   \
	"handoff: 1\nproject: t\npurpose: t\nrecipients: [a]\nretention: 1d\n" \
	"agreements: []\nfiles:\n"

static struct fault f;

static struct policy *
policy_of(const char *(*rule)(unsigned i, char *room, size_t n), unsigned rules)
{
	struct policy *p = NULL;
	struct bytes text;
	char room[400];

	bytes_init(&text, POLICY_BYTES_MAX);
	assert_ok(bytes_add_text(&text, HEAD, &f));
	for (unsigned i = 0; i < rules; i++)
		assert_ok(
		    bytes_add_text(&text, rule(i, room, sizeof(room)), &f));
	assert_ok(policy_read(&p, "p", text.at, text.len, &f));
	bytes_free(&text);
	return p;
}

static void
count(void *to, const char *text)
{
	unsigned *n = to;

	assert_non_null(strstr(text, "never reached"));
	(*n)++;
}

/* The last is as the first. */
static const char *
plain(unsigned i, char *room, size_t n)
{
	(void)snprintf(room, n,
	    "  - {match: \"folder/*/%05u-*.csv\", exclude: x}\n",
	    i == RULES - 1 ? 0 : i);
	return room;
}

static const char *
starred(unsigned i, char *room, size_t n)
{
	size_t len = (size_t)snprintf(room, n, "  - {match: \"");

	for (unsigned k = 0; k < 80; k++)
		len += (size_t)snprintf(room + len, n - len, "*a");
	(void)snprintf(room + len, n - len, "%05u\", exclude: x}\n",
	    i == RULES - 1 ? 0 : i);
	return room;
}

static void
what_is_never_reached_is_looked_for_as_long_as_it_takes_little(void **state)
{
	struct policy *p = policy_of(plain, RULES);
	unsigned n = 0;

	(void)state;
	policy_warnings(p, count, &n);
	assert_int_equal(n, 1);
	policy_free(p);

	/* patterns that take long are not all compared with all */
	p = policy_of(starred, RULES);
	n = 0;
	policy_warnings(p, count, &n);
	assert_int_equal(n, 0);
	policy_free(p);
}

static const char *
columns(unsigned i, char *room, size_t n)
{
	if (i == 0)
		return "  - match: a.csv\n    type: csv\n    columns:\n";
	(void)snprintf(room, n, "      column-%05u: keep\n", i);
	return room;
}

static void
what_was_meant_is_guessed_for_the_refusals_that_are_read(void **state)
{
	struct policy *p = policy_of(columns, 200);
	struct refusals more = { 0 };
	struct file_plan plan;
	struct shape shape;
	unsigned guessed = 0;
	char name[32];

	(void)state;
	shape_init(&shape, TYPE_CSV);
	shape.delimiter = ',';
	for (unsigned i = 0; i < 300; i++) {
		int len = snprintf(name, sizeof(name), "colum-%05u", i);

		assert_ok(
		    shape_add(&shape, name, (size_t)len, HOLDS_VALUE, &f));
	}
	assert_ok(refusals_init(&more, 1000, &f));
	assert_refused(
	    policy_decide(p, "a.csv", &shape, &plan, &more, &f), FAULT_POLICY);
	assert_int_equal(more.n, 499);
	for (size_t i = 0; i < more.n; i++)
		guessed += strstr(more.at[i].hint, "did you mean") != NULL;
	assert_int_equal(guessed, 50);
	refusals_free(&more);
	shape_free(&shape);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_never_reached_is_looked_for_as_long_as_it_takes_little),
		cmocka_unit_test(
		    what_was_meant_is_guessed_for_the_refusals_that_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
