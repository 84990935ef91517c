/* JSON elements that an index of the policy names. */

#include "tests/support/mask_plan.h"

/* Patterns, a space between. */
static void
apart_of(struct trial *b, const char *patterns)
{
	struct names *n = &b->plan.apart;

	while (*patterns != '\0') {
		size_t len = strcspn(patterns, " ");

		n->at = mem_resize(n->at, (n->n + 1) * sizeof(*n->at));
		n->at[n->n++] = mem_text(patterns, len);
		patterns += len + (patterns[len] == ' ');
	}
}

#define OPEN(text) trial_open(&b, TYPE_JSON, text, strlen(text))

/* The places of a document, ';' between, where these patterns (also) are told
 * apart. */
static void
assert_places(const char *apart, const char *text, const char *want)
{
	struct shape s;
	struct trial b;
	struct fault f;
	char got[1000] = "";

	trial_open(&b, TYPE_JSON, text, strlen(text));
	apart_of(&b, apart);
	assert_ok(trial_shape(&b, &s, &f));
	for (size_t i = 0; i < s.nfields; i++) {
		if (i > 0)
			strcat(got, ";");
		strcat(got, s.fields[i].name);
	}
	if (strcmp(got, want) != 0)
		fail_msg("%s of %s: %s, not %s", apart, text, got, want);
	shape_free(&s);
	trial_close(&b);
}

static void
elements_are_told_apart_where_an_index_may_name_them(void **state)
{
	(void)state;
	assert_places("", "{\"a\":[1,2]}", "a[*]");
	assert_places("a[0]", "{\"a\":[1,2,3],\"b\":[1,2]}", "a[0];a[*];b[*]");
	assert_places("a[-1]", "{\"a\":[1,2,3],\"b\":[1]}", "a[*];a[-1];b[*]");
	assert_places("a[0] a[-1]", "{\"a\":[1,2,3]}", "a[0];a[*];a[-1]");
	assert_places("a[0] a[-1]", "{\"a\":[1]}", "a[0,-1]");
	assert_places("a[1] a[-2]", "[{\"a\":[1]}]", "[*].a[*]");
	assert_places("a[1] a[-2]", "{\"a\":[7,8,9,0]}", "a[*];a[1];a[-2]");
	assert_places("a[1] a[-2]", "{\"a\":[7,8,9]}", "a[*];a[1,-2]");
	assert_places("a[5]", "{\"a\":[1,2]}", "a[*]");
	assert_places("$..a[0]",
	    "{\"x\":{\"a\":[1,2]},\"a\":[[1],{\"a\":[2]}]}",
	    "x.a[0];x.a[*];a[0][*];a[*].a[0]");
	assert_places("$..[0]", "[[1,2],3]", "[0][0];[0][*];[*]");
	assert_places("[*][0]", "{\"x\":[1,2],\"y\":3}", "x[0];x[*];y");
	/* an index below elements that are told apart themselves */
	assert_places("a[-1] a[-1].b[-1]",
	    "{\"a\":[{\"b\":[1,2]},{\"b\":[3,4]}]}",
	    "a[*].b[*];a[-1].b[*];a[-1].b[-1]");
	assert_places("a[-1] a[0] a[0].b[0]",
	    "{\"a\":[{\"b\":[1,2]},[[]],{\"b\":[3]}]}",
	    "a[0].b[0];a[0].b[*];a[*][*];a[-1].b[*]");
	assert_places("[-1]", "[[[]],[],{\"a\":[1,{},\"x\\\"]\"]},[4,5]]",
	    "[*];[*][*];[*].a[*];[-1][*]");
}

static void
elements_that_an_index_names_are_masked_alone(void **state)
{
	static const char text[] =
	    "{\"a\": [1, 2 ,3],\"b\":[{\"a\":[4]}],\"a2\":[5,6]}";
	struct trial b;
	struct fault f;

	(void)state;
	OPEN(text);
	apart_of(&b, "a[0] a[-1]");
	(void)trial_field(&b, "a2[*]", TRANSFORM_KEEP);
	(void)trial_field(&b, "a[*]", TRANSFORM_KEEP);
	(void)trial_field(&b, "a[-1]", TRANSFORM_DROP);
	(void)trial_field(&b, "a[0]", TRANSFORM_CONSTANT);
	(void)trial_field(&b, "b[*].a[*]", TRANSFORM_KEEP);
	assert_ok(trial_mask(&b, &f));
	assert_out(
	    &b, "{\"a\": [\"x,y\", 2 ],\"b\":[{\"a\":[4]}],\"a2\":[5,6]}");
	trial_check_record(&b, text);
	trial_close(&b);
}

static void
an_element_of_a_kind_that_was_not_planned_is_refused(void **state)
{
	struct trial b;
	struct fault f;

	(void)state;
	/* planned when all arrays had two elements */
	OPEN("{\"a\":[1]}");
	apart_of(&b, "a[0] a[-1]");
	(void)trial_field(&b, "a[-1]", TRANSFORM_KEEP);
	(void)trial_field(&b, "a[0]", TRANSFORM_KEEP);
	assert_refused(trial_mask(&b, &f), FAULT_POLICY);
	assert_string_equal(
	    f.text, "dir/in: path \"a[0,-1]\": no decision in the plan");
	trial_close(&b);
	OPEN("{\"a\":[1,2,3]}");
	apart_of(&b, "a[1]");
	(void)trial_field(&b, "a[*]", TRANSFORM_KEEP);
	assert_refused(trial_mask(&b, &f), FAULT_POLICY);
	assert_string_equal(
	    f.text, "dir/in: path \"a[1]\": no decision in the plan");
	trial_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    elements_are_told_apart_where_an_index_may_name_them),
		cmocka_unit_test(elements_that_an_index_names_are_masked_alone),
		cmocka_unit_test(
		    an_element_of_a_kind_that_was_not_planned_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
