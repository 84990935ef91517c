/* What the keeper writes down of those whom it refuses: enough to see it, and
 * not so much that they can fill the log or hide in it. */

#include "tests/gateway/asked_story.h"
#include "tests/gateway/later.h"

#include <poll.h>

static json_t *
one(const char *member, const char *value)
{
	return json_pack("{s:s}", member, value);
}

static void
asks_for_batches_that_are_not_there(struct asked_story *s, unsigned n)
{
	char mine[ID_CHARS + 1];

	memcpy(mine, s->batch, sizeof(mine));
	for (unsigned i = 0; i < n; i++) {
		id_new(s->batch, 'b');
		assert_int_equal(asked_release(s), 403);
		assert_rule(s, "unknown-batch");
	}
	memcpy(s->batch, mine, sizeof(mine));
}

static void
who_asks_for_what_is_not_there_hides_nothing(void **state)
{
	struct asked_story s;

	(void)state;
	asked_ready(&s);
	asks_for_batches_that_are_not_there(&s, 100);
	assert_int_equal(asked_entries(&s, "refused", NULL), 1);
	does(&s.home, KEEPER_BATCH_WITHDRAW, one("batch", "first"));
	assert_int_equal(asked_release(&s), 403);
	assert_rule(&s, "withdrawn");
	assert_int_equal(asked_entries(&s, "refused", NULL), 2);
	assert_int_equal(asked_entries(&s, "suppressed", NULL), 0);
	later(s.home.home, "3700");
	for (int i = 0; asked_entries(&s, "suppressed", NULL) == 0; i++) {
		assert_true(i < 200);
		(void)poll(NULL, 0, 50);
	}
	assert_int_equal(asked_entries(&s, "suppressed", NULL), 1);
	asked_end(&s);
}

static void
strangers_are_noted_at_a_rate_and_the_rest_is_a_number(void **state)
{
	struct agent_request r = { .part = 0 };
	struct asked_story s;
	struct reader in;
	struct fault f = { 0 };
	json_int_t seq;
	json_t *list, *e;

	(void)state;
	asked_ready(&s);
	for (unsigned i = 0; i < 3000; i++) {
		memcpy(r.key, &i, sizeof(i));
		assert_ok(agent_put_request(&s.request, AGENT_WHO, &r, &f));
		assert_ok(ask(s.door, &s.request, &s.answer, &in, &f));
	}
	assert_int_equal(asked_entries(&s, "stranger", NULL), 60);
	does(&s.home, KEEPER_BATCH_WITHDRAW, one("batch", "first"));
	assert_int_equal(asked_release(&s), 403);
	assert_int_equal(asked_entries(&s, "refused", NULL), 1);
	/* At the end of the keeper it is told what was left out. */
	channel_free(s.door);
	home_open_again(&s.home, RING_ALL);
	asked_door(&s);
	assert_int_equal(asked_entries(&s, "suppressed", &seq), 1);
	list = asks(&s.home, KEEPER_ENTRIES,
	    json_pack("{s:I,s:i}", "from", seq, "count", 1));
	e = json_object_get(
	    json_array_get(json_object_get(list, "entries"), 0), "entry");
	assert_int_equal(json_integer_value(json_object_get(e, "count")), 2940);
	assert_true(json_is_null(json_object_get(e, "vendor")));
	json_decref(list);
	asked_end(&s);
}

static const struct CMUnitTest all[] = {
	cmocka_unit_test(who_asks_for_what_is_not_there_hides_nothing),
	cmocka_unit_test(
	    strangers_are_noted_at_a_rate_and_the_rest_is_a_number),
};

HOME_STORY_MAIN(all)
