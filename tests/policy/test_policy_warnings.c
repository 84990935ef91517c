/* policy/rules: what policy check warns of by what columns are called, and
 * where lines of one policy do not agree. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "policy/rules/rules.h"

#define HEAD                                                                   \
	"handoff: 1\nproject: p\npurpose: q\nrecipients: [a]\nretention: 1d\n" \
	"agreements: []\n"
#define TABLE(file) "- match: \"" file "\"\n  type: csv\n  columns: "

static struct fault f;
static char warned[4096];

static void
keep_warning(void *to, const char *text)
{
	size_t n = strlen(warned);

	(void)to;
	(void)snprintf(warned + n, sizeof(warned) - n, "%s\n", text);
}

/* What the policy HEAD, rest is warned of. */
static const char *
warnings_of(const char *rest)
{
	char text[4096];
	struct policy *p;

	(void)snprintf(text, sizeof(text), HEAD "%s", rest);
	f = (struct fault){ 0 };
	if (policy_read(&p, "p", text, strlen(text), &f) != 0)
		fail_msg("%s: %s", rest, f.text);
	warned[0] = '\0';
	policy_warnings(p, keep_warning, NULL);
	policy_free(p);
	return warned;
}

/* want "" for nothing. */
static void
assert_warns(const char *rest, const char *want)
{
	const char *got = warnings_of(rest);

	if (want[0] == '\0' ? got[0] != '\0' : strstr(got, want) == NULL)
		fail_msg("%s\n warns %s\n not   %s", rest, got, want);
}

struct choice {
	const char *column, *action, *want;
};

static void
assert_choices(const struct choice *c, size_t n, const char *tail)
{
	char rest[1024];

	for (size_t i = 0; i < n; i++) {
		(void)snprintf(rest, sizeof(rest),
		    "files:\n" TABLE("a.csv") "{\"%s\": %s}\n%s", c[i].column,
		    c[i].action, tail);
		assert_warns(rest, c[i].want);
	}
}
#define ASSERT_CHOICES(c, tail) \
	assert_choices(c, sizeof(c) / sizeof((c)[0]), tail)

static void
to_keep_what_a_name_gives_away_is_warned_of(void **state)
{
	static const struct choice choices[] = {
		{ "birth_date", "keep",
		    "keep: \"birth_date\" is called after "
		    "a birth date" },
		{ "Geburtsdatum", "keep", "{generalise: {date: year}}" },
		{ "lat", "keep", "after a latitude" },
		{ "gps_lon", "keep", "{generalise: {grid: {degrees: 0.1}}}" },
		{ "plz", "keep", "{generalise: {postcode: {keep: 3}}}" },
		{ "diagnosis", "keep", "after health; of a special category" },
		{ "religion", "keep", "after religious belief" },
		{ "face_embedding", "keep", "after a biometric template" },
		{ "note", "keep", "detect finds most of that" },
		{ "comments", "keep", "after free text" },
		{ "birth_date", "{generalise: {date: year}}", "" },
		{ "note", "detect", "" },
		{ "diagnosis", "drop", "" },
		{ "city", "keep", "" },
		{ "status", "keep", "" },
	};

	(void)state;
	ASSERT_CHOICES(choices, "");
}

static void
what_is_measured_or_declared_is_thought_of(void **state)
{
	static const struct choice measured[] = {
		{ "born", "keep", "" },
		{ "born", "{truncate: 10}", "all of many values" },
	};
	static const struct choice sensitive[] = {
		{ "diagnosis", "keep", "" },
	};
	static const struct choice others[] = {
		{ "diagnosis", "keep", "special category" },
	};
	static const struct choice declared[] = {
		{ "diagnosis", "keep", "" },
		{ "religion", "keep", "" },
		{ "name", "keep", "what names a person" },
	};

	(void)state;
	ASSERT_CHOICES(measured,
	    "risk: {file: \"*.csv\", quasi_identifiers: [born], k: 5}\n");
	ASSERT_CHOICES(sensitive,
	    "risk: {file: a.csv, quasi_identifiers: [diagnosis], k: 5}\n");
	/* it asks for nothing, or is of other files */
	ASSERT_CHOICES(
	    others, "risk: {file: a.csv, quasi_identifiers: [diagnosis]}\n");
	ASSERT_CHOICES(declared,
	    "legal:\n  controller: c\n  basis: eu-gdpr:A6-1-e\n"
	    "  exception: eu-gdpr:A9-2-j\n  purposes: [dpv:ScientificResearch]"
	    "\n  data: [pd:MedicalHealth]\n  recipients: [dpv:DataProcessor]"
	    "\n");
	ASSERT_CHOICES(others,
	    "legal:\n  controller: c\n  basis: eu-gdpr:A6-1-e\n"
	    "  purposes: [dpv:ScientificResearch]\n  data: [pd:BirthDate]\n"
	    "  recipients: [dpv:DataProcessor]\n");
}

static void
a_cut_that_leaves_the_whole_is_warned_of(void **state)
{
	static const struct choice choices[] = {
		{ "name", "{mask: {keep_last: 8}}",
		    "mask: leaves 8 characters of \"name\"" },
		{ "name", "{truncate: 30}",
		    "truncate: leaves 30 characters of \"name\", which is "
		    "called after a person's name" },
		{ "iban", "{truncate: 30}", "8 at most" },
		{ "phone", "{mask: {keep_first: 4, keep_last: 4}}",
		    "6 at most" },
		{ "email", "{truncate: 12}", "3 at most" },
		{ "note", "{truncate: 200}", "10 at most" },
		{ "zip", "{truncate: 5}", "4 at most" },
		{ "surname", "{mask: {keep_first: 1, length: 3}}", "" },
		{ "iban", "{mask: {keep_first: 2, keep_last: 4}}", "" },
		{ "phone", "{truncate: 6}", "" },
		{ "card", "{mask: {keep_first: 6, keep_last: 4}}", "" },
		{ "born", "{truncate: 4}", "" },
		{ "zip", "{truncate: 3}", "" },
		{ "x", "{truncate: 200}", "" },
		{ "x", "{mask: {keep_first: 6, keep_last: 5}}",
		    "mask: keeps 11 characters" },
	};

	(void)state;
	ASSERT_CHOICES(choices, "");
}

static void
searches_keys_and_cells_that_hide_little_are_warned_of(void **state)
{
	static const struct choice choices[] = {
		{ "note", "{detect: {min_score: 90, doubtful: keep}}",
		    "detect: with min_score: 90 and doubtful: keep" },
		{ "note", "{detect: {min_score: 89, doubtful: keep}}", "" },
		{ "note", "{detect: {min_score: 100}}", "" },
		{ "plz", "{fpe: {alphabet: digits}}",
		    "fpe: \"plz\" is called "
		    "after a postcode" },
		{ "plz", "{fpe: {alphabet: alnum}}", "" },
		{ "x", "{fpe: {alphabet: digits}}", "" },
		{ "lat", "{generalise: {grid: {degrees: 0.0000001}}}",
		    "grid: a cell this small" },
		{ "lat", "{generalise: {grid: {degrees: 0.001}}}", "" },
	};

	(void)state;
	ASSERT_CHOICES(choices, "");
}

static void
risk_measures_what_leaves(void **state)
{
	static const char both[] = "files:\n" TABLE(
	    "a.csv") "{x: drop, y: keep}\n" TABLE("b.csv") "{x: keep}\n";
	char rest[1024];

	(void)state;
	assert_warns(
	    "files:\n" TABLE("a.csv") "{x: drop, y: keep}\n"
				      "risk: {file: a.csv, quasi_identifiers: "
				      "[y, x], k: 2}\n",
	    "p:11: risk: \"x\" is dropped in line 10");
	assert_warns(
	    "files:\n" TABLE("a.csv") "{y: keep}\n"
				      "risk: {file: a.csv, quasi_identifiers: "
				      "[y, z], k: 2}\n",
	    "p:11: risk: \"z\" is on no line of the rule in line 8");
	/* one of its files has it; and the search said to drop it */
	(void)snprintf(rest, sizeof(rest),
	    "%srisk: {file: \"*.csv\", quasi_identifiers: [x], k: 2}\n", both);
	assert_warns(rest, "");
	assert_warns(
	    "files:\n" TABLE("a.csv") "{x: drop, y: keep}\n"
				      "risk: {file: a.csv, quasi_identifiers: "
				      "[y, x], k: 2, levels: "
				      "{x: [keep, {truncate: 1}]}}\n",
	    "");
	/* paths, in any spelling, and as part of more */
	assert_warns("files:\n- {match: a.jsonl, type: jsonl, fields: {"
		     "p.**: keep}}\n"
		     "risk: {file: a.jsonl, quasi_identifiers: [\"p['x']\"], "
		     "k: 2}\n",
	    "");
}

static void
the_key_of_a_person_is_on_a_line_and_has_one_domain(void **state)
{
	(void)state;
	assert_warns("subject: {file: a.csv, column: id}\n"
		     "files:\n" TABLE("a.csv") "{x: keep}\n",
	    "p:7: subject: \"id\" is on no line of the rule in line 9");
	assert_warns(
	    "subject:\n- {file: a.csv, column: id}\n"
	    "- {file: b.jsonl, field: p.pid}\n"
	    "files:\n" TABLE("a.csv") "{id: token}\n"
				      "- {match: b.jsonl, type: jsonl, fields: "
				      "{p.pid: token}}\n",
	    "p:14: token: the person's key has domain \"p.pid\" here and "
	    "\"id\" in line 13");
	assert_warns("subject:\n- {file: a.csv, column: id}\n"
		     "- {file: b.jsonl, field: p.pid}\n"
		     "files:\n" TABLE("a.csv") "{id: token}\n"
					       "- {match: b.jsonl, type: "
					       "jsonl, fields: {p.pid: {token: "
					       "{domain: id}}}}\n",
	    "");
	/* what does not join anyway */
	assert_warns("subject:\n- {file: a.csv, column: id}\n"
		     "- {file: b.csv, column: pid}\n"
		     "files:\n" TABLE("a.csv") "{id: random}\n" TABLE(
			 "b.csv") "{pid: token}\n",
	    "");
	/* the second is of files that the first leaves */
	assert_warns("subject:\n- {file: a.csv, column: id}\n"
		     "- {file: \"*.csv\", column: pid}\n"
		     "files:\n" TABLE("a.csv") "{id: token}\n" TABLE(
			 "*.csv") "{pid: {token: {domain: id}}}\n",
	    "");
}

static void
braces_and_lines_that_reach_nothing_inside_are_warned_of(void **state)
{
	(void)state;
	assert_warns("files:\n" TABLE("d/*.{csv,tsv}") "{x: keep}\n",
	    "p:8: \"d/*.{csv,tsv}\": braces stand for themselves; write one "
	    "rule for \"d/*.csv\"");
	assert_warns("files:\n" TABLE("{a}.csv") "{x: keep}\n", "");
	assert_warns("files:\n- match: a.json\n  type: json\n  fields:\n"
		     "    m: token\n    m.**: drop\n",
	    "p:11: \"m\": what lies inside is decided by line 12 (\"m.**\")");
	assert_warns("files:\n- match: a.json\n  type: json\n  fields:\n"
		     "    m: keep\n    n.**: drop\n",
	    "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_keep_what_a_name_gives_away_is_warned_of),
		cmocka_unit_test(what_is_measured_or_declared_is_thought_of),
		cmocka_unit_test(a_cut_that_leaves_the_whole_is_warned_of),
		cmocka_unit_test(
		    searches_keys_and_cells_that_hide_little_are_warned_of),
		cmocka_unit_test(risk_measures_what_leaves),
		cmocka_unit_test(
		    the_key_of_a_person_is_on_a_line_and_has_one_domain),
		cmocka_unit_test(
		    braces_and_lines_that_reach_nothing_inside_are_warned_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
