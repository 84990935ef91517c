/* gateway/catalog: plans that were approved, and looks behind pseudonyms. */

#include "tests/gateway/catalog_story.h"

static int
approve(struct story *s, int n, struct fault *f)
{
	const struct catalog_fact facts[] = { FACT("approver", "ann"),
		FACT("plan", "{}") };

	return story_try(s, f, "plan-approved",
	    json_pack("{s:i,s:s}", "n", n, "vendor", s->vendor), facts, 2);
}

static void
plans_are_numbered_by_vendor_and_outlive_a_new_start(void **state)
{
	struct fault f;
	struct story s;
	uint64_t n;

	(void)state;
	story_home(&s);
	assert_refused(approve(&s, 1, &f), FAULT_POLICY);
	assert_string_equal(catalog_rule(s.c), "unknown-vendor");
	story_vendor(&s);
	assert_refused(approve(&s, 2, &f), FAULT_POLICY);
	assert_string_equal(catalog_rule(s.c), "out-of-order");
	assert_ok(approve(&s, 1, &f));
	assert_refused(approve(&s, 1, &f), FAULT_POLICY);
	assert_ok(approve(&s, 2, &f));
	story_open(&s);
	assert_ok(catalog_plans(s.c, s.vendor, &n, &f));
	assert_int_equal(n, 2);
	assert_ok(catalog_reveals(s.c, s.vendor, &n, &f));
	assert_int_equal(n, 0);
	story_end(&s);
}

static void
a_look_behind_pseudonyms_is_counted_on_its_own(void **state)
{
	const struct catalog_fact fact = FACT("query", "{}");
	struct fault f = { 0 };
	struct story s;
	uint64_t n;

	(void)state;
	story_home(&s);
	story_vendor(&s);
	assert_ok(approve(&s, 1, &f));
	for (int i = 1; i < 4; i++)
		assert_ok(story_try(&s, &f, "revealed",
		    json_pack("{s:i,s:i,s:s}", "count", 7, "n", i, "vendor",
			s.vendor),
		    &fact, 1));
	assert_ok(catalog_reveals(s.c, s.vendor, &n, &f));
	assert_int_equal(n, 3);
	/* What was asked is committed to, and can be erased. */
	story_open(&s);
	assert_ok(catalog_check(s.c, &f));
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    plans_are_numbered_by_vendor_and_outlive_a_new_start),
		cmocka_unit_test(
		    a_look_behind_pseudonyms_is_counted_on_its_own),
	};
	struct fault f = { 0 };

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
