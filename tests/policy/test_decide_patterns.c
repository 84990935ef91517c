/* policy/rules: decisions for JSON where lines are patterns. */

#include "tests/policy/decide_rows.h"

static void
patterns_decide_what_they_select_and_the_first_wins(void **state)
{
	static const struct row rows[] = {
		{ "{'a.*': keep}", "a.x;a.y;a[*]",
		    "a.x=keep a.y=keep a[*]=keep" },
		{ "{'a[*].b': keep}", "a[*].b;a.x.b",
		    "a.x.b=keep a[*].b=keep" },
		{ "{'a.*': keep}", "a.x.y", "?a.x.y" },
		{ "{'a[0]': keep, 'a[*]': drop}", "a[0];a[*]",
		    "!a[*]=drop a[0]=keep" },
		{ "{'a[-1]': keep, 'a[0]': token, 'a[*]': drop}",
		    "a[0];a[0,-1];a[-1];a[*]",
		    "!a[*]=drop a[-1]=keep a[0,-1]=keep a[0]=token" },
		{ "{'a[0]': keep}", "a[0];a[*].x", "?a[*].x" },
		{ "{$..id: token, '**': keep}", "id;a.id;b[*].c.id;x",
		    "a.id=token b[*].c.id=token id=token x=keep" },
		{ "{$..p: drop, '**': keep}", "p.x;a.p[*].q;a.r",
		    "!a.p=drop a.r=keep !p=drop" },
		{ "{$..p.**: keep, '**': drop}", "p.x;a.p[*].q;a.r;a.p.z.p",
		    "!a.p=keep a.r=drop !p=keep" },
		{ "{a..x: keep, '$..*': {token: {domain: d}}}", "a.x;a.b.x;x",
		    "a.b.x=keep a.x=keep x=token" },
		{ "{$..a: drop, b: drop}", "b.a.x;b.c;a", "!a=drop !b=drop" },
	};

	(void)state;
	ASSERT_ROWS("", rows);
}

static void
what_an_earlier_line_decides_in_a_whole_is_refused_when_it_is_there(
    void **state)
{
	static const struct row rows[] = {
		{ "{$..id: token, a: drop}", "id;a.b", "!a=drop id=token" },
		{ "{$..id: token, a: drop}", "id;a.id;a.b", "-a.id" },
		{ "{$..id: token, a.**: drop}", "a.id;a.b",
		    "a.b=drop a.id=token" },
	};

	(void)state;
	ASSERT_ROWS("    missing: allow\n", rows);
}

static void
only_what_a_line_leads_to_by_name_is_hollow(void **state)
{
	static const struct row rows[] = {
		{ "{$..id: keep}", "id;x~", "?x" },
		{ "{a..id: keep}", "a.id;a~", "~a=keep a.id=keep" },
		{ "{a..id: keep}", "a.id;a.b~", "?a.b" },
		{ "{$..a.b: keep}", "a.b;x.a~", "a.b=keep ~x.a=keep" },
		{ "{'a.*.b': keep}", "a.x.b;a.y{}", "a.x.b=keep ~a.y=keep" },
	};

	(void)state;
	ASSERT_ROWS("", rows);
}

static void
a_value_and_an_object_at_one_place_need_one_line(void **state)
{
	struct file_plan plan;
	struct policy *p;
	struct shape s;

	(void)state;
	read_policy(&p, "", "{a: keep, '$..a': drop}");
	read_shape(&s, "a;a.b");
	assert_refused(
	    policy_decide(p, "a.jsonl", &s, &plan, NULL, &f), FAULT_POLICY);
	assert_string_equal(f.text,
	    "a.jsonl: path \"a\": a value in one place and an object in "
	    "another, decided by lines 10 and 10 of policy.yaml");
	shape_free(&s);
	policy_free(p);
}

static void
a_key_may_be_an_element_of_an_array(void **state)
{
	struct file_plan plan;
	struct policy *p;
	struct shape s;

	(void)state;
	read_policy(&p, "    item_id: 'ids[0].v'\n",
	    "{'ids[-1].v': keep, '$..v': token}");
	read_shape(&s, "ids[0].v;ids[0,-1].v;ids[*].v;ids[-1].v");
	assert_ok(policy_decide(p, "a.jsonl", &s, &plan, NULL, &f));
	assert_int_equal(plan.nfields, 4);
	assert_int_equal(plan.apart.n, 2);
	for (size_t i = 0; i < plan.nfields; i++)
		assert_int_equal(plan.fields[i].is_item,
		    strstr(plan.fields[i].name, "[0") != NULL);
	assert_true(plan.item != PLAN_NO_FIELD);
	file_plan_free(&plan);
	shape_free(&s);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    patterns_decide_what_they_select_and_the_first_wins),
		cmocka_unit_test(
		    what_an_earlier_line_decides_in_a_whole_is_refused_when_it_is_there),
		cmocka_unit_test(only_what_a_line_leads_to_by_name_is_hollow),
		cmocka_unit_test(
		    a_value_and_an_object_at_one_place_need_one_line),
		cmocka_unit_test(a_key_may_be_an_element_of_an_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
