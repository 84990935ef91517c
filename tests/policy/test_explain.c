/* policy/rules: the rule that is said to decide is the one that does, and each
 * other has its reason. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "policy/rules/rules.h"
#include "tests/policy/good_policy.h"

static struct fault f;

static struct policy *
read_text(const char *text)
{
	struct policy *p = NULL;

	assert_ok(policy_read(&p, "p", text, strlen(text), &f));
	return p;
}

static const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text != NULL ? text : "";
}

static const char nested[] =
    "handoff: 1\nproject: p\npurpose: q\nrecipients: [a]\nretention: 1d\n"
    "agreements: []\nfiles:\n"
    "  - match: \"*.json\"\n"
    "    type: json\n"
    "    fields:\n"
    "      a.b.c: keep\n"
    "      a.b.**: drop\n"
    "      a.**: {token: {domain: a}}\n"
    "      d: drop\n"
    "      \"e[*].x\": keep\n";

/* The one line that decides a field, or "". */
static const char *
winner(const json_t *field)
{
	const json_t *lines = json_object_get(field, "lines"), *l;
	const char *rule = "";
	size_t i;

	json_array_foreach(lines, i, l)
	{
		assert_true(text_of(l, "why")[0] != '\0');
		if (strcmp(text_of(l, "verdict"), "decides") != 0)
			continue;
		assert_string_equal(rule, "");
		rule = text_of(l, "rule");
	}
	assert_string_equal(rule, text_of(field, "rule"));
	return rule;
}

/* What is explained without data is what the plan of a file that has that very
 * path decides. */
static void
the_explained_line_is_that_of_the_plan(void **state)
{
	static const char *const paths[] = { "a.b.c", "a.b.x", "a.x", "d",
		"d.y", "e[*].x", "e[*].z", "zz", "a.b.c.d" };
	struct policy *p = read_text(nested);

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct explain_about about = { "x.json", paths[i], NULL };
		struct file_plan plan;
		struct shape shape;
		const struct plan_field *field = NULL;
		char line[32] = "";
		json_t *o = NULL;

		assert_ok(policy_explain(&o, p, &about, &f));
		p->files[0].may_miss = true;
		shape_init(&shape, TYPE_JSON);
		assert_ok(shape_add(
		    &shape, paths[i], strlen(paths[i]), HOLDS_VALUE, &f));
		if (policy_decide(p, "x.json", &shape, &plan, NULL, &f) == 0) {
			assert_int_equal(plan.nfields, 1);
			field = &plan.fields[0];
			(void)snprintf(line, sizeof(line), "p:%u",
			    (unsigned)field->how.line);
			file_plan_free(&plan);
		}
		assert_string_equal(
		    winner(json_array_get(json_object_get(o, "fields"), 0)),
		    line);
		shape_free(&shape);
		json_decref(o);
	}
	policy_free(p);
}

static void
every_file_rule_has_its_reason(void **state)
{
	static const char *const files[] = { "customers.csv", "a.jsonl",
		"notes/x/y", "nothing/here", "a/b.json", "p.png" };
	struct policy *p = read_text(good_policy);

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct explain_about about = { files[i], NULL, NULL };
		const struct file_rule *rule = NULL;
		struct fault none = { 0 };
		bool found = policy_match(p, files[i], &rule, &none) == 0;
		const json_t *rules, *r;
		json_t *o = NULL;
		size_t n, decides = 0;

		assert_ok(policy_explain(&o, p, &about, &f));
		rules = json_object_get(o, "rules");
		assert_int_equal(json_array_size(rules), p->nfiles);
		json_array_foreach(rules, n, r)
		{
			bool wins =
			    strcmp(text_of(r, "verdict"), "decides") == 0;

			assert_true(text_of(r, "why")[0] != '\0');
			assert_true(!wins || &p->files[n] == rule);
			assert_true(
			    (strcmp(text_of(r, "verdict"), "no match") == 0) !=
			    glob_matches(p->files[n].match, files[i]));
			decides += wins;
		}
		assert_int_equal(decides, found);
		assert_true(found != (text_of(o, "undecided")[0] != '\0'));
		json_decref(o);
	}
	policy_free(p);
}

/* "column as what, path as what": of files that leave, stay behind or have no
 * rule; a path in any spelling; of what is asked about alone. */
static void
what_feeds_the_dictionary_is_said_of_its_file(void **state)
{
	static const char names[] =
	    "detect:\n  dictionary:\n"
	    "    - {file: \"x.*\", fields: {\"a.n[*]\": PERSON, d: "
	    "ID_NUMBER}}\n"
	    "    - {file: \"**\", columns: {n: LOCATION}}\n";
	static const struct {
		const char *file, *field, *want;
	} cases[] = {
		{ "x.json", NULL,
		    "a.n[*] PERSON p:18, d ID_NUMBER p:18, "
		    "n LOCATION p:19, " },
		{ "x.json", "a[\"n\"][*]", "a.n[*] PERSON p:18, " },
		{ "x.json", "a.n", "" },
		{ "nobody's", NULL, "n LOCATION p:19, " },
		{ "nobody's", "n", "n LOCATION p:19, " },
		{ "nobody's", "m[", "" },
	};
	char text[1024];
	struct policy *p;

	(void)state;
	(void)snprintf(text, sizeof(text), "%s%s", nested, names);
	p = read_text(text);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct explain_about about = { cases[i].file, cases[i].field,
			NULL };
		char got[256] = "";
		const json_t *n;
		json_t *o = NULL;
		size_t k;

		assert_ok(policy_explain(&o, p, &about, &f));
		json_array_foreach(json_object_get(o, "dictionary"), k, n)
		{
			size_t len = strlen(got);

			(void)snprintf(got + len, sizeof(got) - len,
			    "%s%s %s %s, ", text_of(n, "column"),
			    text_of(n, "path"), text_of(n, "as"),
			    text_of(n, "rule"));
		}
		assert_string_equal(got, cases[i].want);
		json_decref(o);
	}
	policy_free(p);
}

static void
what_is_no_path_is_refused(void **state)
{
	struct policy *p = read_text(nested);
	struct explain_about about = { "x.json", "a[", NULL };
	json_t *o = NULL;

	(void)state;
	assert_refused(policy_explain(&o, p, &about, &f), FAULT_INPUT);
	assert_null(o);
	about.field = "a.**";
	assert_refused(policy_explain(&o, p, &about, &f), FAULT_INPUT);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_explained_line_is_that_of_the_plan),
		cmocka_unit_test(every_file_rule_has_its_reason),
		cmocka_unit_test(what_feeds_the_dictionary_is_said_of_its_file),
		cmocka_unit_test(what_is_no_path_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
