/* policy/rules: decisions for JSON, where rules nest and the first wins. */

#include "tests/policy/decide_rows.h"
static void
values_are_decided_by_their_own_path(void **state)
{
	static const struct row rows[] = {
		{ "{a: keep, b: drop}", "b;a", "a=keep !b=drop" },
		{ "{a: keep}", "a;b", "?b" },
		{ "{a: keep}", "a;a.b;a[*]", "?a.b ?a[*]" },
		{ "{a.b: token}", "a.b", "a.b=token" },
		{ "{a.b: token}", "a.b;a.c", "?a.c" },
		{ "{'v[*].icd': keep}", "v[*].icd", "v[*].icd=keep" },
		{ "{'[*]': keep}", "[*]", "[*]=keep" },
		{ "{$: keep}", "$", "$=keep" },
		{ "{$: keep, a: keep}", "$;a", "$=keep a=keep" },
		{ "{'[\"x.y\"].z': keep}", "[\"x.y\"].z", "[\"x.y\"].z=keep" },
		{ "{'[\"x.y\"].z': keep}", "[\"x.y\"].z;x.y.z", "?x.y.z" },
		{ "{ab: keep, a: keep}", "a;ab", "a=keep ab=keep" },
	};

	(void)state;
	ASSERT_ROWS("", rows);
}

static void
drop_constant_and_refuse_take_objects_whole(void **state)
{
	static const struct row rows[] = {
		{ "{a: drop}", "a.b;a.c[*].d", "!a=drop" },
		{ "{a: {constant: x}}", "a.b", "!a=constant" },
		{ "{a: refuse}", "a.b", "!a.b" },
		{ "{a: keep}", "a.b", "?a.b" },
		{ "{a: token}", "a.b", "?a.b" },
		{ "{a: mask}", "a[*]", "?a[*]" },
		{ "{'a[*]': drop}", "a[*].b;a[*].c", "!a[*]=drop" },
		{ "{a: drop}", "ab", "?ab -a" },
		{ "{a: drop}", "a-b", "?a-b -a" },
	};

	(void)state;
	ASSERT_ROWS("", rows);
}

static void
two_stars_decide_a_place_and_all_below_it(void **state)
{
	static const struct row rows[] = {
		{ "{a.**: keep}", "a.b;a.c.d;a.e[*]", "!a=keep" },
		{ "{a.**: keep}", "a", "!a=keep" },
		{ "{a.**: keep}", "ab", "?ab -a" },
		{ "{\"**\": keep}", "a;b.c", "!$=keep" },
		{ "{a.**: {token: {domain: x}}}", "a.b;a.c.d",
		    "a.b=token a.c.d=token" },
		{ "{a.**: mask}", "a;a.b", "a=mask a.b=mask" },
		{ "{a.**: {constant: x}}", "a.b", "a.b=constant" },
		{ "{a.**: refuse}", "a.b;a.c", "!a.b !a.c" },
		{ "{'a[*].**': drop}", "a[*].b", "!a[*]=drop" },
	};

	(void)state;
	ASSERT_ROWS("", rows);
}

static void
the_first_rule_wins_and_no_part_is_taken_by_a_whole(void **state)
{
	static const struct row rows[] = {
		{ "{a.b: keep, a.**: drop}", "a.b;a.c;a.d.e",
		    "a.b=keep a.c=drop a.d.e=drop" },
		{ "{a.b: drop, a.**: keep}", "a.b;a.c", "!a.b=drop a.c=keep" },
		{ "{a.b.**: drop, a.**: keep}", "a.b.x;a.b.y;a.c",
		    "!a.b=drop a.c=keep" },
		{ "{a: keep, a.**: drop}", "a;a.b", "a=keep a.b=drop" },
		{ "{a.b: token, \"**\": keep}", "a.b;c", "a.b=token c=keep" },
		{ "{a.b: token, \"**\": keep}", "a.x;c", "-a.b" },
	};

	(void)state;
	ASSERT_ROWS("", rows);
}

static void
what_holds_nothing_follows_the_rules_inside(void **state)
{
	static const struct row rows[] = {
		{ "{a.b: token}", "a~;a.b", "~a=keep a.b=token" },
		{ "{a.b: token}", "a{};a.b", "~a=keep a.b=token" },
		{ "{'a[*]': drop}", "a{};a[*]", "~a=keep !a[*]=drop" },
		{ "{a.b: token}", "a;a.b", "?a" },
		{ "{a.b: token}", "a.b;c~", "?c" },
		{ "{a: token}", "a~", "a=token" },
		{ "{a.**: keep}", "a~", "!a=keep" },
		{ "{a.b: token}", "${};a.b", "~$=keep a.b=token" },
	};

	(void)state;
	ASSERT_ROWS("", rows);
}

static void
a_path_that_the_file_lacks_is_refused(void **state)
{
	static const struct row rows[] = {
		{ "{a: keep, b: keep}", "a", "-b" },
		{ "{a: keep, b.**: keep}", "a", "-b" },
		{ "{a: keep, b: drop}", "a;b.c", "a=keep !b=drop" },
		{ "{a: keep}", "", "" },
	};
	static const struct row allowed[] = {
		{ "{a: keep, b: keep}", "a", "a=keep" },
		{ "{a: keep, b: keep}", "c", "?c" },
	};

	(void)state;
	ASSERT_ROWS("", rows);
	ASSERT_ROWS("    missing: allow\n", allowed);
}

static void
a_key_is_planned_even_inside_what_is_dropped_whole(void **state)
{
	static const struct row rows[] = {
		{ "{p: drop}", "p.id;p.name", "!p=drop ^p.id=drop" },
		{ "{\"**\": keep}", "p.id;x", "!$=keep ^p.id=keep" },
		{ "{p.id: drop, x: keep}", "p.id;x", "!p.id=drop x=keep" },
		{ "{x: keep}", "x", "-p.id" },
		{ "{p: drop}", "", "" },
	};

	(void)state;
	ASSERT_ROWS("    item_id: p.id\n", rows);
}

static void
the_plan_says_where_the_keys_are(void **state)
{
	struct file_plan plan;
	struct policy *p;
	struct shape s;

	(void)state;
	read_policy(&p, "    item_id: id\n", "{id: token, z: drop, a: keep}");
	read_shape(&s, "z.x;id;a");
	assert_ok(policy_decide(p, "a.jsonl", &s, &plan, NULL, &f));
	assert_int_equal(plan.item, 1);
	assert_string_equal(plan.fields[plan.item].name, "id");
	assert_int_equal(plan.subject, PLAN_NO_FIELD);
	assert_ptr_equal(file_plan_find(&plan, "z", 1), &plan.fields[2]);
	assert_ptr_equal(file_plan_find(&plan, "idx", 2), &plan.fields[1]);
	assert_null(file_plan_find(&plan, "idx", 3));
	assert_null(file_plan_find(&plan, "i", 1));
	assert_null(file_plan_find(&plan, "", 0));
	assert_null(file_plan_find(&plan, "zz", 2));
	file_plan_free(&plan);
	shape_free(&s);
	policy_free(p);
}

static void
the_first_subject_whose_pattern_matches_counts(void **state)
{
	static const char rest[] =
	    "subject:\n  - {file: \"b.*\", field: x}\n"
	    "  - {file: \"*.jsonl\", field: p.id}\n"
	    "  - {file: \"*\", field: y}\n"
	    "files: [{match: \"*\", type: jsonl, fields: {p: drop, x: keep}}]";
	struct file_plan plan;
	struct policy *p;
	struct shape s;
	char text[1000];

	(void)state;
	(void)snprintf(text, sizeof(text), "%s%s", head, rest);
	assert_ok(policy_read(&p, "policy.yaml", text, strlen(text), &f));
	read_shape(&s, "p.id;p.name;x");
	assert_ok(policy_decide(p, "a.jsonl", &s, &plan, NULL, &f));
	assert_int_equal(plan.nfields, 3);
	assert_int_equal(plan.subject, 1);
	assert_string_equal(plan.fields[1].name, "p.id");
	assert_true(plan.fields[1].inside);
	assert_int_equal(plan.item, PLAN_NO_FIELD);
	file_plan_free(&plan);
	assert_ok(policy_decide(p, "b.jsonl", &s, &plan, NULL, &f));
	assert_string_equal(plan.fields[plan.subject].name, "x");
	file_plan_free(&plan);
	assert_refused(
	    policy_decide(p, "c", &s, &plan, NULL, &f), FAULT_POLICY);
	assert_string_equal(
	    f.text, "c: subject \"y\" of policy.yaml:10 is not in the file");
	shape_free(&s);
	policy_free(p);
}

static void
every_allocation_may_fail(void **state)
{
	struct policy *p;
	struct shape s;
	bool done = false;

	(void)state;
	read_policy(&p, "    item_id: p.id\n",
	    "{p: drop, 'v[*]': {token: {domain: x}}, w.**: mask}");
	read_shape(&s, "p.id;p.name;v[*];v{};w.a;w.b.c");
	for (long n = 0; !done; n++) {
		struct file_plan plan;

		f = (struct fault){ 0 };
		mem_fail_after(n);
		done = policy_decide(p, "a.jsonl", &s, &plan, NULL, &f) == 0;
		mem_fail_after(-1);
		if (!done)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		file_plan_free(&plan);
	}
	shape_free(&s);
	policy_free(p);
}

static void
a_refusal_of_a_path_can_be_pasted(void **state)
{
	struct file_plan plan;
	struct policy *p;
	struct shape s;

	(void)state;
	read_policy(&p, "", "{a: keep}");
	read_shape(&s, "a;[\"x.y\"]");
	assert_refused(
	    policy_decide(p, "a.jsonl", &s, &plan, NULL, &f), FAULT_POLICY);
	assert_string_equal(
	    f.text, "a.jsonl: path \"[\"x.y\"]\": no rule names it");
	assert_string_equal(
	    f.hint, "policy.yaml:10, under fields:   \"[\\\"x.y\\\"]\": drop");
	shape_free(&s);
	policy_free(p);
	/* and when it is pasted, it is what was meant */
	read_policy(&p, "", "{a: keep, \"[\\\"x.y\\\"]\": drop}");
	assert_string_equal(p->files[0].fields[1].name, "[\"x.y\"]");
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_decided_by_their_own_path),
		cmocka_unit_test(drop_constant_and_refuse_take_objects_whole),
		cmocka_unit_test(two_stars_decide_a_place_and_all_below_it),
		cmocka_unit_test(
		    the_first_rule_wins_and_no_part_is_taken_by_a_whole),
		cmocka_unit_test(what_holds_nothing_follows_the_rules_inside),
		cmocka_unit_test(a_path_that_the_file_lacks_is_refused),
		cmocka_unit_test(
		    a_key_is_planned_even_inside_what_is_dropped_whole),
		cmocka_unit_test(the_plan_says_where_the_keys_are),
		cmocka_unit_test(
		    the_first_subject_whose_pattern_matches_counts),
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(a_refusal_of_a_path_can_be_pasted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
