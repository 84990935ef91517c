/* policy/rules: risk: and exposure:, read, refused with their place, and met
 * with the plan of a file. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "policy/rules/rules.h"

static struct fault f;

#define HEAD                                                        \
	"handoff: 1\nproject: p\npurpose: q\nrecipients: [acme]\n"  \
	"retention: 1d\nagreements: []\nfiles:\n"                   \
	"  - {match: a.csv, type: csv, columns: {born: keep, zip: " \
	"keep, ill: keep, gone: drop}}\n"                           \
	"  - {match: b.jsonl, type: jsonl, fields: {born: keep, "   \
	"p.**: keep, q: drop}}\n"                                   \
	"  - {match: c.txt, type: text, text: keep}\n"
#define QUASI "risk:\n  file: a.csv\n  quasi_identifiers: [born, zip]\n"

#define ZEROS                                \
	"0000000000000000000000000000000000" \
	"000000000000000000000000000000"

static struct policy *
read_policy(const char *tail)
{
	struct policy *p = NULL;
	char text[4096];

	f = (struct fault){ 0 };
	(void)snprintf(text, sizeof(text), HEAD "%s", tail);
	if (policy_read(&p, "y", text, strlen(text), &f) != 0)
		return NULL;
	return p;
}

static void
every_part_of_a_rule_is_read(void **state)
{
	struct policy *p = read_policy(
	    QUASI "  sensitive: {ill: equal}\n"
		  "  levels: {zip: [{truncate: 3}, {truncate: 1}]}\n"
		  "  lose_least: discernibility\n"
		  "  k: 5\n"
		  "  l: {distinct: 3, entropy: 1.5, recursive: {c: 0.25, l: "
		  "2}}\n"
		  "  t: 0.3\n"
		  "  max: {uniqueness: 0%, prosecutor: 20%, marketer: 0.5%}\n"
		  "  suppress_at_most: 100%\n"
		  "exposure: {colluding: [beta, gamma]}\n");
	const struct risk_rule *r;

	(void)state;
	assert_non_null(p);
	assert_int_equal(p->nrisks, 1);
	r = risk_match(p, "a.csv");
	assert_ptr_equal(r, &p->risks[0]);
	assert_null(risk_match(p, "b.jsonl"));
	assert_int_equal(r->nfields, 3);
	assert_string_equal(r->fields[1].name, "zip");
	assert_int_equal(r->fields[1].role, FIELD_QUASI);
	assert_int_equal(r->fields[1].nlevels, 2);
	assert_int_equal(r->fields[1].levels[0].first, 3);
	assert_int_equal(r->fields[2].role, FIELD_EQUAL);
	assert_int_equal(r->loss, LOSS_DISCERNIBILITY);
	assert_int_equal(r->k, 5);
	assert_int_equal(r->l_distinct, 3);
	assert_int_equal(r->l_entropy, 1500000);
	assert_int_equal(r->recursive_c, 250000);
	assert_int_equal(r->recursive_l, 2);
	assert_int_equal(r->t, 300000);
	assert_int_equal(r->share[SHARE_UNIQUE], 0);
	assert_int_equal(r->share[SHARE_PROSECUTOR], 200000);
	assert_int_equal(r->share[SHARE_JOURNALIST], RISK_ANY);
	assert_int_equal(r->share[SHARE_MARKETER], 5000);
	assert_int_equal(r->share[SHARE_SUPPRESSED], 1000000);
	assert_int_equal(p->colluding.n, 2);
	assert_true(risk_asks(r));
	policy_free(p);

	p = read_policy(QUASI);
	assert_non_null(p);
	assert_false(risk_asks(&p->risks[0])); /* it only measures */
	assert_int_equal(p->risks[0].share[SHARE_SUPPRESSED], 0);
	policy_free(p);
}

static const struct {
	const char *tail, *place, *what, *hint;
} slips[] = {
	{ "risk: {file: a.csv}\n", "11:7", "needs \"quasi_identifiers\"", "" },
	{ "risk:\n  file: a.csv\n  quasi_identifiers: born\n", "13:22",
	    "list of columns", "[born, postcode" },
	{ "risk:\n  file: a.csv\n  quasi_identifiers: [born, born]\n", "13:29",
	    "here twice", "" },
	{ QUASI "  sensitive: {born: equal}\n", "14:15", "here twice", "" },
	{ QUASI "  sensitive: {ill: equl}\n", "14:20", "unknown \"equl\"",
	    "did you mean equal?" },
	{ QUASI "  k: 1\n", "14:6", "from 2 to", "" },
	{ QUASI "  l: 2\n", "14:6", "which l-diversity", "{distinct: 2}" },
	{ QUASI "  l: {distinct: 2}\n", "12:3", "about sensitive columns",
	    "sensitive:" },
	{ QUASI "  t: 1.5\n", "14:6", "up to 1", "" },
	{ QUASI "  t: 0,5\n", "14:6", "up to 1", "point" },
	{ QUASI "  sensitive: {ill: equal}\n  l: {entropy: 1}\n", "15:16",
	    "over 1", "" },
	{ QUASI "  max: {prosecutor: 0.2}\n", "14:21", "0% to 100%", "5%" },
	{ QUASI "  max: {prosecutor: 101%}\n", "14:21", "0% to 100%", "" },
	{ QUASI "  max: {prosecuter: 1%}\n", "14:9", "unknown key",
	    "did you mean prosecutor?" },
	{ QUASI "  suppress_at_most: 5%\n", "12:3", "rows of which classes",
	    "k: 5" },
	{ QUASI "  levels: {zpi: [{truncate: 2}]}\n", "14:12",
	    "none of the quasi_identifiers", "did you mean zip?" },
	{ QUASI "  levels: {zip: {truncate: 2}}\n", "14:17", "expected actions",
	    "generalise" },
	{ QUASI "  levels: {zip: [token]}\n", "14:18", "is no level",
	    "left out" },
	{ QUASI "  levels: {zip: [drop]}\n", "14:18", "is no level",
	    "last level" },
	{ QUASI "  lose_least: money\n", "14:15", "unknown \"money\"",
	    "granularity" },
	{ QUASI "  population: {file: a/b.csv, sha256: " ZEROS "}\n", "14:22",
	    "lies in the folder of the policy", "without /" },
	{ QUASI "  population: {file: b.csv}\n", "14:15", "\"sha256\"", "" },
	{ QUASI "  population: {file: b.csv, sha256: 1}\n", "14:37",
	    "expected a SHA-256", "sha256sum" },
	{ QUASI "  population: {file: b.csv, sha256: " ZEROS ", count: zip}\n",
	    "12:3", "the count \"zip\" is a column that is measured", "" },
	{ QUASI "  population: {file: b.csv, sha256: " ZEROS "}\n"
		"  suppress_at_most: 5%\n",
	    "12:3", "rows of which classes", "k: 5" },
	{ "exposure: {colluding: [beta, beta]}\n", "11:30", "here twice", "" },
	{ "exposure: {}\n", "11:11", "needs \"colluding\"", "" },
};

static void
every_slip_is_told_with_its_place_and_a_hint(void **state)
{
	char want[64];

	(void)state;
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		assert_null(read_policy(slips[i].tail));
		assert_int_equal(f.kind, FAULT_INPUT);
		(void)snprintf(want, sizeof(want), "y:%s: ", slips[i].place);
		if (strncmp(f.text, want, strlen(want)) != 0 ||
		    strstr(f.text, slips[i].what) == NULL ||
		    strstr(f.hint, slips[i].hint) == NULL)
			fail_msg("%s\n gives %s\n hint %s", slips[i].tail,
			    f.text, f.hint);
	}
}

static void
decide(const struct policy *p, const char *path, enum file_type type,
    const char *const *names, struct file_plan *plan)
{
	struct shape s;

	shape_init(&s, type);
	s.delimiter = ',';
	for (; *names != NULL; names++)
		assert_ok(
		    shape_add(&s, *names, strlen(*names), HOLDS_VALUE, &f));
	assert_ok(policy_decide(p, path, &s, plan, NULL, &f));
	shape_free(&s);
}

static void
a_rule_finds_its_columns_and_leaves_out_what_does_not_leave(void **state)
{
	static const char *const names[] = { "born", "zip", "ill", "gone",
		NULL };
	struct policy *p = read_policy(
	    "risk:\n  file: a.csv\n  quasi_identifiers: [zip, gone, born]\n");
	struct file_plan plan;
	size_t at[3];

	(void)state;
	assert_non_null(p);
	decide(p, "a.csv", TYPE_CSV, names, &plan);
	assert_ok(risk_fields(p, &p->risks[0], "a.csv", &plan, at, &f));
	assert_int_equal(at[0], 1);
	assert_int_equal(at[1], RISK_GONE);
	assert_int_equal(at[2], 0);
	file_plan_free(&plan);
	policy_free(p);

	p = read_policy("risk: {file: a.csv, quasi_identifiers: [bron]}\n");
	assert_non_null(p);
	decide(p, "a.csv", TYPE_CSV, names, &plan);
	assert_refused(
	    risk_fields(p, &p->risks[0], "a.csv", &plan, at, &f), FAULT_POLICY);
	assert_non_null(strstr(f.text, "column \"bron\" of risk (y:11)"));
	file_plan_free(&plan);
	policy_free(p);
}

static void
a_path_inside_an_object_that_leaves_whole_is_found(void **state)
{
	static const char *const names[] = { "born", "p.zip", "p.x", "q.a",
		NULL };
	struct policy *p = read_policy(
	    "risk: {file: \"*.jsonl\", quasi_identifiers: [\"$.p.zip\", born, "
	    "q.a]}\n");
	struct file_plan plan;
	size_t at[3];

	(void)state;
	assert_non_null(p);
	decide(p, "b.jsonl", TYPE_JSONL, names, &plan);
	assert_ok(risk_fields(p, &p->risks[0], "b.jsonl", &plan, at, &f));
	assert_string_equal(plan.fields[at[0]].name, "p.zip");
	assert_true(plan.fields[at[0]].inside);
	assert_string_equal(plan.fields[at[1]].name, "born");
	assert_int_equal(at[2], RISK_GONE);
	file_plan_free(&plan);
	policy_free(p);
}

static void
what_has_no_rows_is_not_measured(void **state)
{
	static const char *const names[] = { NULL };
	struct policy *p =
	    read_policy("risk: {file: c.txt, quasi_identifiers: [born]}\n");
	struct file_plan plan;
	size_t at[1];

	(void)state;
	assert_non_null(p);
	decide(p, "c.txt", TYPE_TEXT, names, &plan);
	assert_refused(
	    risk_fields(p, &p->risks[0], "c.txt", &plan, at, &f), FAULT_POLICY);
	assert_non_null(strstr(f.text, "it has none"));
	file_plan_free(&plan);
	policy_free(p);
}

static void
a_population_s_columns_become_what_the_sample_s_do(void **state)
{
	static const char *const names[] = { "n", "zip", "x", "born", NULL };
	const struct transform year = { .action = TRANSFORM_TRUNCATE,
		.first = 4 },
			       moved = { .action = TRANSFORM_SHIFT };
	const struct transform *how[3] = { &year, NULL, NULL };
	struct policy *p = read_policy(
	    "risk:\n  file: a.csv\n  quasi_identifiers: [born, gone, zip]\n"
	    "  population: {file: b.csv, sha256: " ZEROS ", count: n}\n"
	    "  max: {journalist: 5%}\n  suppress_at_most: 5%\n");
	struct population_columns c;
	struct file_plan plan;
	struct shape s;

	(void)state;
	if (p == NULL)
		fail_msg("%s", f.text);
	assert_string_equal(p->risks[0].population.file, "b.csv");
	shape_init(&s, TYPE_CSV);
	s.delimiter = ';';
	for (size_t i = 0; names[i] != NULL; i++)
		assert_ok(
		    shape_add(&s, names[i], strlen(names[i]), HOLDS_VALUE, &f));
	assert_ok(population_plan(p, &p->risks[0], how, &s, &plan, &c, &f));
	assert_int_equal(plan.nfields, 4);
	assert_int_equal(plan.delimiter, ';');
	assert_int_equal(c.at[0], 3);
	assert_int_equal(c.at[1], RISK_GONE);
	assert_int_equal(c.at[2], RISK_GONE);
	assert_int_equal(c.count, 0);
	assert_int_equal(plan.fields[3].how.action, TRANSFORM_TRUNCATE);
	assert_int_equal(plan.fields[3].how.first, 4);
	assert_int_equal(plan.fields[0].how.action, TRANSFORM_KEEP);
	assert_int_equal(plan.fields[1].how.action, TRANSFORM_DROP);
	file_plan_free(&plan);
	how[1] = &year; /* it leaves, and the population has it not */
	assert_refused(population_plan(p, &p->risks[0], how, &s, &plan, &c, &f),
	    FAULT_POLICY);
	assert_non_null(
	    strstr(f.text, "b.csv: has no column \"gone\", which y:"));
	how[1] = NULL;
	how[0] = &moved;
	fault_clear(&f);
	assert_refused(population_plan(p, &p->risks[0], how, &s, &plan, &c, &f),
	    FAULT_POLICY);
	assert_non_null(strstr(f.text, "is shifted by person"));
	how[0] = &year;
	fault_clear(&f);
	assert_ok(shape_add(&s, "born", 4, HOLDS_VALUE, &f));
	assert_refused(population_plan(p, &p->risks[0], how, &s, &plan, &c, &f),
	    FAULT_INPUT);
	assert_non_null(strstr(f.text, "two columns are named"));
	shape_free(&s);
	policy_free(p);
}

static void
a_population_is_printed_and_read_again(void **state)
{
	struct policy *p = read_policy(
			  QUASI "  population: {file: b.csv, sha256: " ZEROS
				", count: n}\n"),
		      *again = NULL;
	struct bytes one, two;

	(void)state;
	assert_non_null(p);
	bytes_init(&one, POLICY_BYTES_MAX);
	bytes_init(&two, POLICY_BYTES_MAX);
	assert_ok(policy_print(&one, p, &f));
	assert_ok(policy_read(&again, "y", one.at, one.len, &f));
	assert_ok(policy_print(&two, again, &f));
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.at, two.at, one.len);
	assert_string_equal(again->risks[0].population.count, "n");
	bytes_free(&one);
	bytes_free(&two);
	policy_free(again);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_part_of_a_rule_is_read),
		cmocka_unit_test(every_slip_is_told_with_its_place_and_a_hint),
		cmocka_unit_test(
		    a_rule_finds_its_columns_and_leaves_out_what_does_not_leave),
		cmocka_unit_test(
		    a_path_inside_an_object_that_leaves_whole_is_found),
		cmocka_unit_test(what_has_no_rows_is_not_measured),
		cmocka_unit_test(
		    a_population_s_columns_become_what_the_sample_s_do),
		cmocka_unit_test(a_population_is_printed_and_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
