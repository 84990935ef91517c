/* A release that was answered is answered again for a while, and only as long
 * as a new one would be. */

#include "tests/gateway/asked_story.h"
#include "tests/gateway/later.h"

/* One release that was answered, and its request. */
struct before {
	struct asked_story s;
	struct agent_request r;
	struct bytes statement;
	json_int_t seq;
};

static void
begin(struct before *b)
{
	asked_ready(&b->s);
	b->r = asked_post(&b->s, "/release", slice_of_text(ALL));
	asked_sign(&b->s, &b->r, &b->statement);
	assert_int_equal(asked(&b->s, AGENT_RELEASE, &b->r), 200);
	assert_int_equal(asked_entries(&b->s, "release", &b->seq), 1);
}

static void
end(struct before *b)
{
	bytes_free(&b->statement);
	asked_end(&b->s);
}

static void
again(struct before *b)
{
	if (asked(&b->s, AGENT_RELEASE, &b->r) != 200)
		fail_msg("%s", b->s.text);
	assert_int_equal(asked_entries(&b->s, "release", NULL), 1);
}

/* The keeper is as if started anew: it knows no nonce. */
static void
never_again(struct before *b, const char *rule)
{
	char want[64];
	unsigned refused = asked_entries(&b->s, "refused", NULL);

	if (asked(&b->s, AGENT_RELEASE, &b->r) != 403)
		fail_msg("%s: was answered", rule);
	(void)snprintf(want, sizeof(want), "\"rule\":\"%s\"", rule);
	if (strstr(b->s.text, want) == NULL)
		fail_msg("not %s: %s", rule, b->s.text);
	assert_int_equal(asked_entries(&b->s, "refused", NULL), refused + 1);
	assert_int_equal(asked_entries(&b->s, "release", NULL), 1);
}

static json_t *
one(const char *member, const char *value)
{
	return json_pack("{s:s}", member, value);
}

static void
a_lost_answer_is_given_again_within_a_day(void **state)
{
	struct before b;

	(void)state;
	begin(&b);
	again(&b);
	later(b.s.home.home, "86000");
	again(&b);
	later(b.s.home.home, "86500");
	never_again(&b, "answered");
	assert_int_equal(asked_release(&b.s), 200); /* by a new request */
	end(&b);
}

static void
what_was_acknowledged_or_deleted_is_not_given_again(void **state)
{
	struct before b;

	(void)state;
	begin(&b);
	assert_int_equal(asked_received(&b.s, b.seq, 1, 2), 200);
	never_again(&b, "answered");
	end(&b);

	begin(&b);
	assert_int_equal(asked_deleted(&b.s, 1, 2), 200);
	never_again(&b, "answered");
	end(&b);
}

static void
a_withdrawn_batch_is_not_given_again(void **state)
{
	struct before b;

	(void)state;
	begin(&b);
	does(&b.s.home, KEEPER_BATCH_WITHDRAW, one("batch", "first"));
	never_again(&b, "withdrawn");
	end(&b);
}

static void
a_shredded_batch_is_refused_as_one(void **state)
{
	struct before b;

	(void)state;
	begin(&b);
	does(&b.s.home, KEEPER_BATCH_SHRED, one("batch", "first"));
	never_again(&b, "shredded");
	assert_null(strstr(b.s.text, "keys/"));
	assert_int_equal(asked_release(&b.s), 403);
	assert_rule(&b.s, "shredded");
	end(&b);
}

static void
a_suspended_or_ended_vendor_is_given_nothing_again(void **state)
{
	struct before b;

	(void)state;
	begin(&b);
	does(&b.s.home, KEEPER_VENDOR_CHANGE,
	    json_pack("{s:s,s:s}", "vendor", "acme", "to", "suspended"));
	never_again(&b, "vendor-suspended");
	does(&b.s.home, KEEPER_VENDOR_CHANGE,
	    json_pack("{s:s,s:s}", "vendor", "acme", "to", "resumed"));
	again(&b);
	does(&b.s.home, KEEPER_VENDOR_CHANGE,
	    json_pack("{s:s,s:s}", "vendor", "acme", "to", "ended"));
	assert_int_equal(asked(&b.s, AGENT_RELEASE, &b.r), 403);
	assert_rule(&b.s, "unknown-vendor");
	end(&b);
}

static void
an_agreement_that_ended_ends_repeats(void **state)
{
	struct before b;
	json_t *list;

	(void)state;
	begin(&b);
	list = asks(&b.s.home, KEEPER_AGREEMENTS, json_object());
	does(&b.s.home, KEEPER_AGREEMENT_END,
	    one("agreement",
		text_of(json_array_get(json_object_get(list, "agreements"), 0),
		    "id")));
	json_decref(list);
	never_again(&b, "agreement-missing");
	end(&b);
}

/* The batch's one grant ends an hour after it began. */
static void
tell_short(struct story *story, struct ring *ring, void *arg)
{
	struct asked_story *s = arg;
	struct catalog_vendor v;
	char until[CLOCK_CHARS + 1];
	struct fault f = { 0 };

	(void)ring;
	assert_ok(catalog_vendor(story->c, "acme", &v, &f));
	memcpy(story->vendor, v.id, sizeof(v.id));
	memcpy(story->batch, s->batch, sizeof(s->batch));
	clock_write(until, clock_now() + 3600);
	story_grant(story, PAST, until);
}

static void
a_grant_that_is_over_ends_repeats(void **state)
{
	struct before b;

	(void)state;
	memset(&b, 0, sizeof(b));
	asked_new(&b.s, true);
	b.s.no_grant = true;
	asked_batch(&b.s, "first");
	asked_behind(&b.s, tell_short, &b.s);
	b.r = asked_post(&b.s, "/release", slice_of_text(ALL));
	asked_sign(&b.s, &b.r, &b.statement);
	assert_int_equal(asked(&b.s, AGENT_RELEASE, &b.r), 200);
	again(&b);
	later(b.s.home.home, "3700");
	never_again(&b, "grant-over");
	end(&b);
}

static const struct CMUnitTest all[] = {
	cmocka_unit_test(a_lost_answer_is_given_again_within_a_day),
	cmocka_unit_test(what_was_acknowledged_or_deleted_is_not_given_again),
	cmocka_unit_test(a_withdrawn_batch_is_not_given_again),
	cmocka_unit_test(a_shredded_batch_is_refused_as_one),
	cmocka_unit_test(a_suspended_or_ended_vendor_is_given_nothing_again),
	cmocka_unit_test(an_agreement_that_ended_ends_repeats),
	cmocka_unit_test(a_grant_that_is_over_ends_repeats),
};

HOME_STORY_MAIN(all)
