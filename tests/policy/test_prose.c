/* policy/rules: a policy in English has every key of the language, and says
 * what is different when the policy is. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "policy/rules/parse_internal.h"
#include "policy/rules/prose_internal.h"
#include "tests/policy/good_policy.h"

static struct fault f;

/* The prose of a policy, in a buffer that the next call overwrites. */
static const char *
prose(const char *text)
{
	static char out[65536];
	struct policy *p = NULL;
	struct bytes b;

	bytes_init(&b, sizeof(out) - 1);
	assert_ok(policy_read(&p, "policy.yaml", text, strlen(text), &f));
	assert_ok(policy_prose(&b, p, &f));
	memcpy(out, b.at, b.len);
	out[b.len] = '\0';
	bytes_free(&b);
	policy_free(p);
	return out;
}

static bool
has_row(const struct prose_row *rows, const char *key)
{
	for (; rows->key != NULL; rows++)
		if (strcmp(rows->key, key) == 0)
			return rows->say != NULL || rows->with != NULL;
	return false;
}

static void
every_key_of_the_language_has_its_sentence(void **state)
{
	(void)state;
	for (const struct tree_key *k = policy_keys; k->name != NULL; k++)
		if (!has_row(prose_rows, k->name))
			fail_msg("prose_rows[] has no \"%s\"", k->name);
	for (const struct tree_key *k = label_keys; k->name != NULL; k++)
		if (!has_row(prose_label_rows, k->name))
			fail_msg("prose_label_rows[] has no \"%s\"", k->name);
	for (const struct tree_key *k = rule_keys; k->name != NULL; k++) {
		const struct prose_rule_row *w = prose_rule_rows;

		while (w->key != NULL && strcmp(w->key, k->name) != 0)
			w++;
		if (w->key == NULL || (w->say == NULL && w->with == NULL))
			fail_msg("prose_rule_rows[] has no \"%s\"", k->name);
	}
}

/* Each edit of a policy changes what is said: nothing is passed over. */
static void
what_a_policy_changes_is_said(void **state)
{
	static const char *const edits[][2] = { { "triage", "sorting" },
		{ "train-triage-model", "judge" }, { "beta-2", "gamma" },
		{ "90d", "12w" }, { "[nda, dpa]", "[nda]" },
		{ "approve: two", "approve: self" },
		{ "offline: allow", "offline: deny" },
		{ "column: customer_id}", "column: id}" },
		{ "header: yes", "header: no" },
		{ "delimiter: semicolon", "delimiter: tab" },
		{ "missing: allow", "missing: refuse" },
		{ "item_id: id", "item_id: patient.id" },
		{ "name: drop", "name: refuse" }, { "NO: keep", "NO: drop" },
		{ "domain: mail", "domain: post" },
		{ "keep_first: 2, keep_last: 4, fill", "keep_first: 1, fill" },
		{ "date: month", "date: year" }, { "[0, 17.5, 65]", "[0, 65]" },
		{ "width: 1000", "width: 10" },
		{ "truncate: 3", "truncate: 2" },
		{ "constant: NO", "constant: SE" },
		{ "reversible: {domain: id}", "reversible: {domain: x}" },
		{ "luhn: yes", "luhn: no" }, { "visit: random", "visit: drop" },
		{ "scope: document", "scope: record" },
		{ "days: 30", "days: 31" }, { "within: 2.5", "within: 3.5" },
		{ "bottom: 15", "bottom: 10" }, { "{to: 500}", "{to: 250}" },
		{ "{top: 4}", "{top: 5}" },
		{ "at: 2026-01-01", "at: 2025-01-01" },
		{ "over: 89", "over: 79" }, { "{keep: 3}", "{keep: 2}" },
		{ "degrees: 0.1", "degrees: 0.5" }, { "v4: 24", "v4: 16" },
		{ "date: quarter", "date: year" },
		{ "kind: boxes", "kind: spans" }, { "pass: 0.8", "pass: 0.7" },
		{ "unanswered: negative", "unanswered: open" },
		{ "wild dog", "tame dog" },
		{ "income: ordered", "income: equal" },
		{ "[keep, {truncate: 3}]", "[keep, {truncate: 2}]" },
		{ "lose_least: entropy", "lose_least: granularity" },
		{ "field: patient.id", "field: patient.id, missing: allow" },
		{ "lose_least", "missing: allow\n    lose_least" },
		{ "k: 5", "k: 6" }, { "distinct: 2", "distinct: 3" },
		{ "entropy: 1.8", "entropy: 1.5" }, { "{c: 3", "{c: 4" },
		{ "t: 0.3", "t: 0.4" },
		{ "prosecutor: 20%", "prosecutor: 10%" },
		{ "marketer: 0.5%", "marketer: 0.75%" },
		{ "suppress_at_most: 2.5%", "suppress_at_most: 5%" },
		{ "colluding: [acme, beta-2]", "colluding: [beta-2, acme]" },
		{ "basis: eu-gdpr:A6-1-e", "basis: eu-gdpr:A6-1-f" },
		{ "eu-gdpr:A9-2-j", "eu-gdpr:A9-2-a" },
		{ "dpv:ScientificResearch", "dpv:AcademicResearch" },
		{ "pd:BirthDate", "pd:Name" },
		{ "special: allow", "special: deny" }, { "Clinic", "Hospital" },
		{ "dpo@", "privacy@" }, { "module: 3", "module: 2" },
		{ "until: 2027", "until: 2028" } };
	static char before[65536], edited[8192];

	(void)state;
	strcpy(before, strchr(prose(good_policy), '\n'));
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		const char *at = strstr(good_policy, edits[i][0]);
		const char *now;

		if (at == NULL) {
			fail_msg("no \"%s\" in the policy", edits[i][0]);
			return;
		}
		(void)snprintf(edited, sizeof(edited), "%.*s%s%s",
		    (int)(at - good_policy), good_policy, edits[i][1],
		    at + strlen(edits[i][0]));
		now = prose(edited);
		/* the digest differs always */
		if (strcmp(strstr(now, "in the language"),
			strstr(before, "in the language")) == 0)
			fail_msg("nothing says \"%s\"", edits[i][1]);
	}
}

static void
nothing_given_is_said_as_well(void **state)
{
	const char *text =
	    prose("handoff: 1\nproject: p\npurpose: q\nrecipients: [a]\n"
		  "retention: 1d\nagreements: []\n"
		  "files: [{match: a.csv, type: csv, columns: {}},"
		  "{match: b.png, type: png, pixels: keep},"
		  "{match: c.txt, type: text, text: keep}]\n");

	(void)state;
	assert_non_null(strstr(text, "requires no agreement"));
	assert_non_null(strstr(text, "one person has to approve"));
	assert_non_null(strstr(text, "No column tells which person"));
	assert_non_null(strstr(text, "says nothing of labels"));
	assert_non_null(strstr(text, "A picture with metadata stops"));
	assert_non_null(strstr(text, "whatever stands in it"));
	assert_non_null(strstr(text, "the vendor a, and to nobody else"));
}

/* Of which number is which, and who does what. */
static void
noise_and_levels_are_said_as_they_are(void **state)
{
	static const char *const levels = "A plan proposes the levels that "
					  "lose the least";
	char text[8192];
	const char *from = strstr(good_policy, "    levels:\n");
	const char *to = strstr(good_policy, "    lose_least");

	(void)state;
	assert_non_null(strstr(prose(good_policy),
	    "one that lies at most 2.5 away, a multiple of 0.5"));
	assert_non_null(strstr(prose(good_policy), levels));
	(void)snprintf(text, sizeof(text), "%.*s%s", (int)(from - good_policy),
	    good_policy, to);
	assert_null(strstr(prose(text), levels));
	assert_non_null(strstr(prose(text), "this stops the export"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_of_the_language_has_its_sentence),
		cmocka_unit_test(what_a_policy_changes_is_said),
		cmocka_unit_test(nothing_given_is_said_as_well),
		cmocka_unit_test(noise_and_levels_are_said_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
