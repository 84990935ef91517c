/* gateway/catalog: decisions are counted, what is held is not shredded, and a
 * home made before there was any of that opens. */

#include "tests/gateway/catalog_story.h"

static struct fault f;

static int
try_decision(struct story *s, int n)
{
	static const struct catalog_fact fact[] = { FACT("decision", "{}") };

	return story_try(s, &f, "legal-decided",
	    json_pack("{s:s,s:s,s:i}", "batch", s->batch, "countries",
		story_hex('c'), "n", n),
	    fact, 1);
}

static int
try_hold(struct story *s, char hold[ID_CHARS + 1], const char *target)
{
	static const struct catalog_fact facts[] = { FACT("reason", "court"),
		FACT("subject", "0123456789abcdef0123456789abcdef") };

	id_new(hold, 'k');
	return story_try(s, &f, "hold-begun",
	    target == NULL ? json_pack("{s:s,s:n}", "hold", hold, "target")
			   : json_pack("{s:s,s:s,s:n}", "hold", hold, "target",
				 target, "subject"),
	    facts, target == NULL ? 2 : 1);
}

static void
begin(struct story *s)
{
	story_home(s);
	story_vendor(s);
	story_agreement(s, "nda", PAST, NULL);
	story_agreement(s, "dpa", PAST, NULL);
	story_shards(s, "self", 1);
	story_seal(s, 1);
}

static void
decisions_are_numbered_without_a_gap(void **state)
{
	struct story s;
	uint64_t n = 9;

	(void)state;
	begin(&s);
	assert_ok(catalog_last_decision(s.c, s.batch, &n, &f));
	assert_int_equal(n, 0);
	assert_refused(try_decision(&s, 2), FAULT_POLICY);
	assert_refused(try_decision(&s, 0), FAULT_POLICY);
	assert_ok(try_decision(&s, 1));
	assert_refused(try_decision(&s, 1), FAULT_POLICY);
	assert_ok(try_decision(&s, 2));
	story_open(&s);
	assert_ok(catalog_last_decision(s.c, s.batch, &n, &f));
	assert_int_equal(n, 2);
	id_new(s.batch, 'b');
	assert_refused(try_decision(&s, 1), FAULT_POLICY);
	story_end(&s);
}

static void
what_is_held_is_not_shredded(void **state)
{
	char batch[ID_CHARS + 1], vendor[ID_CHARS + 1];
	struct story s;

	(void)state;
	begin(&s);
	assert_ok(try_hold(&s, batch, s.batch));
	STORY_REFUSED(&s, "held", "batch-shredded", "{s:s}", "batch", s.batch);
	assert_ok(try_hold(&s, vendor, s.vendor));
	STORY(&s, "hold-ended", "{s:s}", "hold", batch);
	STORY_REFUSED(&s, "held", "batch-shredded", "{s:s}", "batch", s.batch);
	story_open(&s);
	STORY_REFUSED(&s, "held", "batch-shredded", "{s:s}", "batch", s.batch);
	STORY_REFUSED(&s, "unknown-hold", "hold-ended", "{s:s}", "hold", batch);
	/* Nothing is destroyed by withdrawing. */
	STORY(&s, "batch-withdrawn", "{s:s}", "batch", s.batch);
	STORY(&s, "hold-ended", "{s:s}", "hold", vendor);
	STORY(&s, "batch-shredded", "{s:s}", "batch", s.batch);
	story_end(&s);
}

static int
see_hold(void *arg, const struct catalog_hold *h, struct fault *unused)
{
	struct catalog_hold *out = arg;

	(void)unused;
	*out = *h;
	return 0;
}

static void
a_hold_is_of_something_that_is_known(void **state)
{
	char hold[ID_CHARS + 1], other[ID_CHARS + 1];
	struct catalog_hold h = { .at = 0 };
	struct story s;

	(void)state;
	begin(&s);
	id_new(other, 'b');
	assert_refused(try_hold(&s, hold, other), FAULT_POLICY);
	id_new(other, 'v');
	assert_refused(try_hold(&s, hold, other), FAULT_POLICY);
	assert_ok(try_hold(&s, hold, NULL)); /* a subject */
	assert_ok(catalog_each_hold(s.c, see_hold, &h, &f));
	assert_string_equal(h.id, hold);
	assert_string_equal(h.target, "");
	assert_true(h.at > 0 && h.ended == 0);
	id_new(hold, 'k');
	STORY_REFUSED(&s, NULL, "hold-begun", "{s:s,s:s,s:n,s:n}", "hold", hold,
	    "reason", story_hex('1'), "subject", "target");
	STORY_REFUSED(&s, NULL, "hold-begun", "{s:s,s:s,s:s,s:s}", "hold", hold,
	    "reason", story_hex('1'), "subject", story_hex('2'), "target",
	    s.batch);
	story_end(&s);
}

static int
see_suppression(
    void *arg, const struct catalog_suppression *p, struct fault *unused)
{
	struct catalog_suppression *out = arg;

	(void)unused;
	*out = *p;
	return 0;
}

static void
a_suppression_has_one_of_three_reasons_and_ends_once(void **state)
{
	static const struct catalog_fact fact[] = { FACT(
	    "subject", "0123456789abcdef0123456789abcdef") };
	struct catalog_suppression p = { .at = 0 };
	char id[ID_CHARS + 1];
	struct story s;

	(void)state;
	begin(&s);
	id_new(id, 'u');
	assert_ok(story_try(&s, &f, "suppression-added",
	    json_pack("{s:s,s:s}", "reason", "restriction", "suppression", id),
	    fact, 1));
	assert_ok(catalog_each_suppression(s.c, see_suppression, &p, &f));
	assert_string_equal(p.id, id);
	assert_string_equal(p.reason, "restriction");
	assert_int_equal(p.ended, 0);
	STORY(&s, "suppression-ended", "{s:s}", "suppression", id);
	STORY_REFUSED(&s, "unknown-suppression", "suppression-ended", "{s:s}",
	    "suppression", id);
	story_open(&s);
	assert_ok(catalog_each_suppression(s.c, see_suppression, &p, &f));
	assert_true(p.ended > 0);
	id_new(id, 'u');
	assert_refused(
	    story_try(&s, &f, "suppression-added",
		json_pack("{s:s,s:s}", "reason", "because", "suppression", id),
		fact, 1),
	    FAULT_INPUT);
	story_end(&s);
}

static void
whom_a_suppression_is_about_is_said_of_one_that_there_is(void **state)
{
	static const struct catalog_fact fact[] = { FACT(
	    "subject", "0123456789abcdef0123456789abcdef") };
	char id[ID_CHARS + 1], person[2 * CATALOG_NAMED_BYTES + 1];
	struct story s;

	(void)state;
	begin(&s);
	id_new(id, 'u');
	memset(person, 'a', sizeof(person) - 1);
	person[sizeof(person) - 1] = '\0';
	STORY_REFUSED(&s, "unknown-suppression", "suppression-named",
	    "{s:s,s:s}", "person", person, "suppression", id);
	assert_ok(story_try(&s, &f, "suppression-added",
	    json_pack("{s:s,s:s}", "reason", "withdrawn", "suppression", id),
	    fact, 1));
	STORY(&s, "suppression-named", "{s:s,s:s}", "person", person,
	    "suppression", id);
	story_open(&s);
	person[1] = 'A';
	assert_refused(
	    story_try(&s, &f, "suppression-named",
		json_pack("{s:s,s:s}", "person", person, "suppression", id),
		NULL, 0),
	    FAULT_INPUT);
	story_end(&s);
}

static void
a_home_without_the_tables_gets_them_unless_its_log_has_such_entries(
    void **state)
{
	static const char drop[] = "DROP TABLE decisions; DROP TABLE holds;"
				   "DROP TABLE suppressions";
	char hold[ID_CHARS + 1];
	struct story s;

	(void)state;
	begin(&s);
	story_edit(&s, drop);
	story_open(&s);
	assert_ok(try_decision(&s, 1));
	assert_ok(try_hold(&s, hold, s.batch));
	story_edit(&s, drop);
	story_close(&s);
	assert_refused(catalog_open(&s.c, &s.open, &f), FAULT_FORGED);
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decisions_are_numbered_without_a_gap),
		cmocka_unit_test(what_is_held_is_not_shredded),
		cmocka_unit_test(a_hold_is_of_something_that_is_known),
		cmocka_unit_test(
		    a_suppression_has_one_of_three_reasons_and_ends_once),
		cmocka_unit_test(
		    whom_a_suppression_is_about_is_said_of_one_that_there_is),
		cmocka_unit_test(
		    a_home_without_the_tables_gets_them_unless_its_log_has_such_entries),
	};

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
