/* policy/rules: tests of a policy as they are read, and each way of getting
 * them wrong. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/rules/rules.h"

static struct fault f;

static const char good[] =
    "handoff-test: 1\n"
    "policy: policy.yaml\n"
    "vendor: acme\n"
    "date: 2026-06-01\n"
    "key: some text\n"
    "agreements:\n"
    "  - {vendor: acme, type: nda, from: 2026-01-01, until: 2027-01-01}\n"
    "  - {vendor: acme, type: dpa, from: 2026-01-01}\n"
    "cases:\n"
    "  - name: a row\n"
    "    file: a.csv\n"
    "    vendor: beta\n"
    "    date: 2026-07-01\n"
    "    row: {id: \"17\", NO: yes, \"\": null}\n"
    "    expect: {id: <token>}\n"
    "  - {name: b, file: b.json, document: '{}', expect: '{}'}\n"
    "  - {name: c, file: c.txt, text: t, refused: why}\n"
    "  - {name: d, file: d, excluded: because}\n";

static void
cases_are_read(void **state)
{
	struct policy_tests *t = NULL;

	(void)state;
	assert_ok(policy_tests_read(&t, "t", good, strlen(good), &f));
	assert_string_equal(t->policy, "policy.yaml");
	assert_string_equal(t->vendor, "acme");
	assert_string_equal(t->key, "some text");
	assert_true(t->judges_facts);
	assert_int_equal(t->nfacts, 2);
	assert_int_equal(t->facts[0].until - t->facts[0].from, 365 * 86400);
	assert_int_equal(t->facts[1].until, 0);
	assert_int_equal(t->ncases, 4);
	assert_int_equal(t->cases[0].line, 10);
	assert_int_equal(t->cases[0].input, CASE_ROW);
	assert_string_equal(t->cases[0].vendor, "beta");
	assert_int_equal(t->cases[0].date - t->date, 30 * 86400);
	assert_int_equal(t->cases[0].columns.n, 3);
	assert_string_equal(t->cases[0].columns.at[1], "NO");
	assert_string_equal(t->cases[0].values.at[1], "yes");
	assert_string_equal(t->cases[0].columns.at[2], "");
	assert_string_equal(t->cases[0].want_values.at[0], "<token>");
	assert_int_equal(t->cases[1].input, CASE_DOCUMENT);
	assert_null(t->cases[1].vendor);
	assert_true(t->cases[1].date == INT64_MIN);
	assert_int_equal(t->cases[2].wants, CASE_REFUSED);
	assert_int_equal(t->cases[3].wants, CASE_EXCLUDED);
	assert_int_equal(t->cases[3].input, CASE_NOTHING);
	policy_tests_free(t);
	policy_tests_free(NULL);
}

static void
mistakes_are_refused_with_their_place(void **state)
{
	static const char *const edits[][3] = {
		{ "handoff-test: 1", "handoff-test: 2", "t:1:15: " },
		{ "policy: policy.yaml", "policy: /etc/x", "t:2:9: " },
		{ "vendor: acme\n", "", "a file of tests needs \"vendor\"" },
		{ "date: 2026-06-01", "date: 2026-02-30", "t:4:7: expected a" },
		{ "from: 2026-01-01, until", "until",
		    "an agreement needs \"from\"" },
		{ "name: a row", "nmae: a row", "did you mean" },
		{ "    expect: {id: <token>}\n", "", "t:10:5: a case has one" },
		{ "expect: {id: <token>}", "expect: x", "a map of columns" },
		{ "text: t, refused: why", "text: t, expect: {a: b}",
		    "a text is expected" },
		{ "document: '{}', expect", "document: '{}', text: a, expect",
		    "one of row, document and text" },
		{ "excluded: because", "expect: x", "expect needs a row" },
		{ "{id: \"17\",", "{id: [1],", "a column has one value" },
		{ "{id: \"17\",", "[id,", "" },
	};
	char text[2048];

	(void)state;
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		const char *at = strstr(good, edits[i][0]);
		struct policy_tests *t = NULL;

		assert_non_null(at);
		(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - good),
		    good, edits[i][1], at + strlen(edits[i][0]));
		assert_refused(
		    policy_tests_read(&t, "t", text, strlen(text), &f),
		    FAULT_INPUT);
		assert_null(t);
		if (strstr(f.text, edits[i][2]) == NULL &&
		    strstr(f.hint, edits[i][2]) == NULL)
			fail_msg("%s: %s", edits[i][1], f.text);
	}
}

static void
every_allocation_may_fail(void **state)
{
	bool done = false;

	(void)state;
	for (long n = 0; !done; n++) {
		struct policy_tests *t = NULL;

		f = (struct fault){ 0 };
		mem_fail_after(n);
		done = policy_tests_read(&t, "t", good, strlen(good), &f) == 0;
		mem_fail_after(-1);
		if (!done)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		policy_tests_free(t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases_are_read),
		cmocka_unit_test(mistakes_are_refused_with_their_place),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
