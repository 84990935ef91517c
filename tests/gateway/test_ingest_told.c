/* Ingest: what golden items decide, and how little of it a vendor is told. */

#include "tests/gateway/ingesting.h"

static void
no_golden_answer_is_no_verdict(void **state)
{
	struct world w;
	char first[ID_CHARS + 1], id[ID_CHARS + 1];
	json_t *one, *list;

	(void)state;
	world_start(&w, true);
	world_returned(&w, &(struct sending){ .labels = EMPTY_B }, first);
	assert_ok(ingest(&w, first, false, &one));
	assert_string_equal(word(one, "verdict"), "partial");
	assert_string_equal(word(one, "golden"), "too few to judge");
	assert_non_null(
	    strstr(word(one, "table"), "0 of 1 items answered so far"));
	assert_non_null(strstr(word(one, "table"), "provisional"));
	json_decref(one);
	assert_false(known(&w, first).scored);
	/* the verdict on the next one is a verdict on both */
	world_returned(&w, &(struct sending){ .labels = BOX_A_STORED }, id);
	assert_ok(ingest(&w, id, false, &one));
	assert_string_equal(word(one, "verdict"), "rejected");
	assert_string_equal(word(one, "golden"), "failed");
	list = json_object_get(one, "unjudged_before");
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(json_string_value(json_array_get(list, 0)), first);
	assert_non_null(strstr(word(one, "table"), "fails with this one"));
	json_decref(one);
	assert_string_equal(known(&w, first).verdict, "partial");
	world_returned(&w, &(struct sending){ .labels = BOX_A }, id);
	assert_ok(ingest(&w, id, false, &one));
	assert_string_equal(word(one, "golden"), "passed");
	assert_non_null(strstr(word(one, "table"), "passes with this one"));
	json_decref(one);
	/* and then nothing waits for one */
	world_returned(&w, &(struct sending){ .labels = EMPTY_B }, id);
	assert_ok(ingest(&w, id, true, &one));
	assert_int_equal(
	    json_array_size(json_object_get(one, "unjudged_before")), 0);
	json_decref(one);
	world_end(&w);
}

/* Take one in; what its vendor is told of it. */
static void
told(struct world *w, const struct sending *s, const char *want)
{
	char id[ID_CHARS + 1];
	json_t *one;

	world_returned(w, s, id);
	assert_ok(ingest(w, id, false, &one));
	assert_string_equal(word(one, "told"), want);
	assert_string_equal(
	    known(w, id).told, strcmp(want, "received") == 0 ? "" : want);
	json_decref(one);
}

static void
of_a_part_no_verdict_is_told(void **state)
{
	const struct sending right = { .labels = BOX_A },
			     wrong = { .labels = BOX_A_STORED },
			     other = { .labels = EMPTY_B };
	struct world w;

	(void)state;
	world_start(&w, true);
	told(&w, &wrong, "received");
	told(&w, &other, "received");
	told(&w, &right, "received");
	/* what is wrong with it has nothing to do with golden items */
	told(&w, &(struct sending){ .labels = EMPTY_B EMPTY_B }, "refused");
	told(&w, &(struct sending){ .labels = BOX_A_STORED, .by = &w.stranger },
	    "refused");
	world_end(&w);
}

static void
a_batch_is_rejected_five_times_and_then_in_silence(void **state)
{
	const struct sending all = { .labels = BOX_A EMPTY_B SKIP_C };
	struct world w;
	char id[ID_CHARS + 1];
	json_t *one;

	(void)state;
	world_start(&w, true);
	/* whole because it says so, whole because nothing is open; failed, and
	 * too few to judge */
	told(&w, &(struct sending){ .labels = EMPTY_B, .complete = true },
	    "rejected");
	told(&w, &(struct sending){ .labels = BOX_A_STORED, .complete = true },
	    "rejected");
	for (int i = 0; i < 3; i++)
		told(&w,
		    &(struct sending){ .labels = BOX_A_STORED EMPTY_B SKIP_C },
		    "rejected");
	world_returned(
	    &w, &(struct sending){ .labels = BOX_A_STORED EMPTY_B SKIP_C }, id);
	assert_ok(ingest(&w, id, false, &one));
	assert_string_equal(word(one, "told"), "received");
	assert_true(json_is_true(json_object_get(one, "withheld")));
	json_decref(one);
	/* to judge it again tells no more */
	assert_ok(ingest(&w, id, false, &one));
	assert_string_equal(word(one, "told"), "received");
	json_decref(one);
	/* the owner has its verdict all the same */
	world_returned(&w, &all, id);
	assert_ok(ingest(&w, id, false, &one));
	assert_string_equal(word(one, "verdict"), "accepted");
	assert_string_equal(word(one, "told"), "received");
	json_decref(one);
	told(&w, &(struct sending){ .labels = EMPTY_B EMPTY_B }, "refused");
	world_end(&w);
}

static void
a_batch_is_accepted_once(void **state)
{
	struct world w;

	(void)state;
	world_start(&w, true);
	told(&w, &(struct sending){ .labels = BOX_A EMPTY_B SKIP_C },
	    "accepted");
	told(&w, &(struct sending){ .labels = BOX_A_STORED EMPTY_B SKIP_C },
	    "received");
	told(&w, &(struct sending){ .labels = BOX_A, .complete = true },
	    "received");
	world_end(&w);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_golden_answer_is_no_verdict),
		cmocka_unit_test(of_a_part_no_verdict_is_told),
		cmocka_unit_test(
		    a_batch_is_rejected_five_times_and_then_in_silence),
		cmocka_unit_test(a_batch_is_accepted_once),
	};

	process_begin(argc, argv, test_roles);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
