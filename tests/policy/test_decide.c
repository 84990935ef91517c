/* policy/rules: every field of a file gets its decision or a refusal that
 * names the line which would allow it.  (Paths of JSON: test_decide_paths.) */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/rules/rules.h"

static struct fault f;

static const char text[] =
    "handoff: 1\n"
    "project: triage\n"
    "purpose: train\n"
    "recipients: [acme]\n"
    "retention: 90d\n"
    "agreements: []\n"
    "subject: [{file: customers.csv, column: name}, {file: x.txt, column: a}]"
    "\n"
    "files:\n"
    "  - match: customers.csv\n"
    "    type: csv\n"
    "    item_id: id\n"
    "    columns:\n"
    "      id: token\n"
    "      name: drop\n"
    "      email: {token: {domain: mail}}\n"
    "      spouse: {token: {domain: mail}}\n"
    "  - match: \"many/*.csv\"\n"
    "    type: csv\n"
    "    missing: allow\n"
    "    columns: {a: keep, b: refuse, \"\": drop}\n"
    "  - {match: \"*.jpg\", type: jpeg, metadata: drop, pixels: keep}\n"
    "  - {match: \"*.png\", type: png, pixels: keep}\n"
    "  - {match: \"*.txt\", type: text, text: keep}\n"
    "  - {match: \"secret.*\", exclude: not ours}\n"
    "  - {match: \"secret.csv\", type: csv, columns: {a: keep}}\n"
    "  - match: two.csv\n"
    "    type: csv\n"
    "    missing: allow\n"
    "    columns: {a;b: drop, c;d: keep, a: keep, \"b,c\": keep, d: drop}\n"
    "  - match: given.csv\n"
    "    type: csv\n"
    "    delimiter: comma\n"
    "    missing: allow\n"
    "    columns: {a;b: drop, c;d: keep, a: keep, \"b,c\": keep, d: drop}\n";

static struct policy *policy;

static int
start(void **state)
{
	(void)state;
	return policy_read(&policy, "policy.yaml", text, strlen(text), &f);
}

static int
stop(void **state)
{
	(void)state;
	policy_free(policy);
	return 0;
}

/* Names separated by '|' as a shape. */
static void
shape_of(struct shape *s, enum file_type type, const char *names)
{
	shape_init(s, type);
	s->delimiter = ',';
	while (*names != '\0') {
		size_t len = strcspn(names, "|");

		assert_ok(shape_add(s, names, len, HOLDS_VALUE, &f));
		names += len + (names[len] == '|');
	}
}

static int
decide(const char *path, enum file_type type, const char *names,
    struct file_plan *plan, struct refusals *more)
{
	struct shape s;
	int rc;

	shape_of(&s, type, names);
	f = (struct fault){ 0 };
	rc = policy_decide(policy, path, &s, plan, more, &f);
	shape_free(&s);
	return rc;
}

static void
assert_decided(const char *path, enum file_type type, const char *names,
    struct file_plan *plan)
{
	if (decide(path, type, names, plan, NULL) != 0)
		fail_msg("%s: %s", path, f.text);
}

static void
assert_refusal(const char *path, enum file_type type, const char *names,
    const char *want, const char *hint)
{
	struct file_plan plan;

	assert_int_equal(decide(path, type, names, &plan, NULL), -1);
	assert_int_equal(f.kind, FAULT_POLICY);
	assert_string_equal(f.text, want);
	assert_string_equal(f.hint, hint);
	assert_null(plan.fields);
	assert_null(plan.policy);
}

static void
columns_are_decided_in_the_order_of_the_file(void **state)
{
	struct file_plan p;

	(void)state;
	assert_decided("customers.csv", TYPE_CSV, "email|name|id|spouse", &p);
	assert_int_equal(p.nfields, 4);
	assert_string_equal(p.fields[0].name, "email");
	assert_int_equal(p.fields[0].how.action, TRANSFORM_TOKEN);
	assert_int_equal(p.fields[0].how.line, 15);
	assert_int_equal(p.fields[1].how.action, TRANSFORM_DROP);
	assert_string_equal(p.fields[2].name, "id");
	assert_int_equal(p.item, 2);
	assert_int_equal(p.subject, 1);
	assert_int_equal(p.line, 9);
	assert_int_equal(p.delimiter, ',');
	assert_true(p.header);
	assert_string_equal(p.policy, "policy.yaml");
	/* two columns share a domain, so that they join */
	assert_int_equal(p.keys.n, 2);
	assert_string_equal(p.keys.at[0], "token:mail");
	assert_string_equal(p.keys.at[1], "token:id");
	assert_int_equal(p.fields[0].key, 0);
	assert_int_equal(p.fields[2].key, 1);
	assert_int_equal(p.fields[3].key, 0);
	file_plan_free(&p);
	file_plan_free(&p);
}

/* `a;b,c;d` under comma and under semicolon: whose decisions would count? */
static void
columns_that_fit_two_delimiters_are_refused(void **state)
{
	struct file_plan p;

	(void)state;
	assert_refusal("two.csv", TYPE_CSV, "a;b|c;d",
	    "two.csv: its delimiter can be comma or semicolon: the columns of "
	    "policy.yaml:26 fit both",
	    "in the rule of policy.yaml:26:   delimiter: comma");
	assert_decided("two.csv", TYPE_CSV, "a|d", &p);
	file_plan_free(&p);
	assert_decided("two.csv", TYPE_CSV, "c;d", &p);
	file_plan_free(&p);
	assert_decided("given.csv", TYPE_CSV, "a;b|c;d", &p);
	file_plan_free(&p);
}

static void
a_column_that_no_rule_names_is_refused(void **state)
{
	(void)state;
	assert_refusal("customers.csv", TYPE_CSV,
	    "id|name|email|spouse|phone no",
	    "customers.csv: column \"phone no\": no rule names it",
	    "policy.yaml:13, under columns:   \"phone no\": drop");
	assert_refusal("customers.csv", TYPE_CSV, "id|name|email|spouse|Name",
	    "customers.csv: column \"Name\": no rule names it",
	    "policy.yaml:13, under columns:   Name: drop");
}

static void
a_column_that_the_file_lacks_is_refused_with_the_nearest(void **state)
{
	struct refusals more;
	struct file_plan p;

	(void)state;
	assert_ok(refusals_init(&more, 10, &f));
	assert_int_equal(decide("customers.csv", TYPE_CSV,
			     "id|name|emial|spouse", &p, &more),
	    -1);
	assert_int_equal(more.n, 2);
	assert_string_equal(more.at[0].text,
	    "customers.csv: column \"emial\": no rule names it");
	assert_string_equal(more.at[1].text,
	    "customers.csv: column \"email\" of policy.yaml:15 is not in the "
	    "file");
	assert_string_equal(more.at[1].hint, "did you mean \"emial\"?");
	refusals_free(&more);
	assert_refusal("customers.csv", TYPE_CSV, "id|name|email",
	    "customers.csv: column \"spouse\" of policy.yaml:16 is not in the "
	    "file",
	    "take the line out, or, for files that differ, add to the rule in "
	    "policy.yaml:9   missing: allow");
}

static void
missing_allow_lets_a_named_column_be_absent(void **state)
{
	struct file_plan p;

	(void)state;
	assert_decided("many/x.csv", TYPE_CSV, "a", &p);
	assert_int_equal(p.nfields, 1);
	assert_int_equal(p.item, PLAN_NO_FIELD);
	assert_int_equal(p.subject, PLAN_NO_FIELD);
	file_plan_free(&p);
	assert_refusal("many/x.csv", TYPE_CSV, "a|c",
	    "many/x.csv: column \"c\": no rule names it",
	    "policy.yaml:20, under columns:   c: drop");
}

static void
the_action_refuse_stops_the_file(void **state)
{
	(void)state;
	assert_refusal("many/x.csv", TYPE_CSV, "a|b",
	    "many/x.csv: column \"b\": policy.yaml:20 refuses it",
	    "decide, in policy.yaml:20:   b: drop");
}

static void
item_and_subject_columns_must_be_there(void **state)
{
	struct refusals more;
	struct file_plan p;

	(void)state;
	assert_ok(refusals_init(&more, 10, &f));
	assert_int_equal(
	    decide("customers.csv", TYPE_CSV, "email|spouse", &p, &more), -1);
	assert_int_equal(more.total, 4);
	assert_string_equal(more.at[0].text,
	    "customers.csv: item_id \"id\" of policy.yaml:11 is not in the "
	    "file");
	assert_string_equal(more.at[1].text,
	    "customers.csv: subject \"name\" of policy.yaml:7 is not in the "
	    "file");
	refusals_free(&more);
}

static void
two_columns_of_one_name_are_refused(void **state)
{
	struct file_plan p;

	(void)state;
	assert_int_equal(decide("many/x.csv", TYPE_CSV, "a|z|a", &p, NULL), -1);
	assert_int_equal(f.kind, FAULT_INPUT);
	assert_string_equal(f.text, "many/x.csv: two columns are named \"a\"");
}

static void
no_more_refusals_are_kept_than_asked_for(void **state)
{
	struct refusals more;
	struct file_plan p;

	(void)state;
	assert_ok(refusals_init(&more, 2, &f));
	assert_int_equal(
	    decide("many/x.csv", TYPE_CSV, "c|d|e|g", &p, &more), -1);
	assert_int_equal(more.n, 2);
	assert_int_equal(more.total, 4);
	assert_string_equal(f.text, more.at[0].text);
	refusals_free(&more);
	assert_ok(refusals_init(&more, 0, &f));
	assert_int_equal(decide("many/x.csv", TYPE_CSV, "c|d", &p, &more), -1);
	assert_int_equal(more.n, 0);
	assert_int_equal(more.total, 2);
	refusals_free(&more);
}

static void
metadata_goes_or_stops_the_file(void **state)
{
	struct file_plan p;

	(void)state;
	assert_decided("a.jpg", TYPE_JPEG, "Exif|XMP", &p);
	assert_int_equal(p.nfields, 2);
	assert_int_equal(p.fields[1].how.action, TRANSFORM_DROP);
	assert_true(p.drop_metadata);
	file_plan_free(&p);
	assert_decided("a.png", TYPE_PNG, "", &p);
	assert_false(p.drop_metadata);
	file_plan_free(&p);
	assert_refusal("a.png", TYPE_PNG, "tEXt:Author",
	    "a.png: metadata block \"tEXt:Author\": no rule covers it",
	    "in the rule of policy.yaml:22:   metadata: drop");
}

static void
a_text_has_no_fields_and_so_no_subject(void **state)
{
	struct file_plan p;

	(void)state;
	assert_decided("y.txt", TYPE_TEXT, "", &p);
	assert_int_equal(p.type, TYPE_TEXT);
	assert_int_equal(p.nfields, 0);
	file_plan_free(&p);
	assert_refusal("x.txt", TYPE_TEXT, "",
	    "x.txt: subject \"a\" of policy.yaml:7 is not in the file", "");
}

static void
a_file_that_no_rule_matches_is_refused(void **state)
{
	(void)state;
	assert_refusal("x/a.jpeg", TYPE_JPEG, "",
	    "x/a.jpeg: no rule of policy.yaml matches it",
	    "in policy.yaml, under files:   - {match: \"**/*.jpeg\", type: "
	    "jpeg, "
	    "metadata: drop, pixels: keep}");
	/* a camera's spelling, and a glob that knows it */
	assert_refusal("IMG_1.JPG", TYPE_JPEG, "",
	    "IMG_1.JPG: no rule of policy.yaml matches it",
	    "in policy.yaml, under files:   - {match: \"**/*.JPG\", type: "
	    "jpeg, metadata: drop, pixels: keep}");
	assert_true(glob_matches("**/*.JPG", "IMG_1.JPG"));
	assert_refusal("data.xlsx", TYPE_CSV, "",
	    "data.xlsx: no rule of policy.yaml matches it",
	    "handoff reads CSV: ssconvert data.xlsx data.csv");
	assert_refusal("data.bin", TYPE_CSV, "",
	    "data.bin: no rule of policy.yaml matches it",
	    "in policy.yaml, under files:   - {match: data.bin, exclude: "
	    "\"not "
	    "needed\"}");
}

static void
the_first_rule_that_matches_decides(void **state)
{
	const struct file_rule *r;
	struct file_plan p;

	(void)state;
	assert_ok(policy_match(policy, "secret.csv", &r, &f));
	assert_string_equal(r->exclude, "not ours");
	assert_ok(policy_decide(policy, "secret.csv", NULL, &p, NULL, &f));
	assert_string_equal(p.exclude, "not ours");
	assert_int_equal(p.line, 24);
	assert_int_equal(p.nfields, 0);
	file_plan_free(&p);
}

static void
a_fault_in_a_field_names_its_rule(void **state)
{
	struct file_plan p;

	(void)state;
	assert_decided("customers.csv", TYPE_CSV, "id|name|email|spouse", &p);
	f = (struct fault){ 0 };
	(void)fault_set(&f, FAULT_INPUT, "not UTF-8 text");
	(void)file_plan_at(&p, &p.fields[2], &f);
	assert_string_equal(
	    f.text, "column \"email\" (policy.yaml:15): not UTF-8 text");
	file_plan_free(&p);
}

static void
every_allocation_may_fail(void **state)
{
	bool done = false;

	(void)state;
	for (long n = 0; !done; n++) {
		struct file_plan p = { 0 };
		struct shape s;

		shape_of(&s, TYPE_CSV, "id|name|email|spouse");
		f = (struct fault){ 0 };
		mem_fail_after(n);
		done = policy_decide(
			   policy, "customers.csv", &s, &p, NULL, &f) == 0;
		mem_fail_after(-1);
		if (!done)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		file_plan_free(&p);
		shape_free(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_decided_in_the_order_of_the_file),
		cmocka_unit_test(columns_that_fit_two_delimiters_are_refused),
		cmocka_unit_test(a_column_that_no_rule_names_is_refused),
		cmocka_unit_test(
		    a_column_that_the_file_lacks_is_refused_with_the_nearest),
		cmocka_unit_test(missing_allow_lets_a_named_column_be_absent),
		cmocka_unit_test(the_action_refuse_stops_the_file),
		cmocka_unit_test(item_and_subject_columns_must_be_there),
		cmocka_unit_test(two_columns_of_one_name_are_refused),
		cmocka_unit_test(no_more_refusals_are_kept_than_asked_for),
		cmocka_unit_test(metadata_goes_or_stops_the_file),
		cmocka_unit_test(a_text_has_no_fields_and_so_no_subject),
		cmocka_unit_test(a_file_that_no_rule_matches_is_refused),
		cmocka_unit_test(the_first_rule_that_matches_decides),
		cmocka_unit_test(a_fault_in_a_field_names_its_rule),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
