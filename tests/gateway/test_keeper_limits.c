/* What one vendor can make the owner's home keep has an end. */

#include "tests/gateway/asked_story.h"
#include "tests/gateway/later.h"

static json_t *
to(const char *what)
{
	return json_pack("{s:s,s:s}", "vendor", "acme", "to", what);
}

static void
releases_of_a_batch_have_a_rate(void **state)
{
	struct asked_story s;
	unsigned wait;

	(void)state;
	asked_ready(&s);
	for (int i = 0; i < 60; i++)
		assert_int_equal(asked_release(&s), 200);
	assert_int_equal(asked_release(&s), 429);
	assert_rule(&s, "too-often");
	assert_non_null(strstr(s.text, "ask again in 6"));
	wait = s.said.retry_after;
	assert_in_range(wait, 3000, 3600);
	assert_int_equal(asked_release(&s), 429);
	assert_int_equal(asked_entries(&s, "release", NULL), 60);
	assert_int_equal(asked_entries(&s, "refused", NULL), 1);
	/* Another batch has its own. */
	asked_batch(&s, "second");
	assert_int_equal(asked_release(&s), 200);
	later(s.home.home, "3601");
	assert_int_equal(asked_release(&s), 200);
	asked_end(&s);
}

static void
a_release_is_acknowledged_once_and_in_whole(void **state)
{
	struct asked_story s;
	json_int_t seq, other;

	(void)state;
	asked_ready(&s);
	assert_int_equal(asked_release(&s), 200);
	assert_int_equal(asked_entries(&s, "release", &seq), 1);
	assert_int_equal(asked_received(&s, seq, 1, 1), 403); /* of two */
	assert_rule(&s, "unknown-release");
	assert_int_equal(asked_received(&s, seq, 1, 3), 403);
	assert_int_equal(asked_received(&s, seq + 1, 1, 2), 403);
	assert_int_equal(asked_received(&s, 0, 1, 2), 403);
	assert_rule(&s, "unknown-release");
	for (int i = 0; i < 5; i++)
		assert_int_equal(asked_received(&s, seq, i, 2), 200);
	assert_int_equal(asked_entries(&s, "acknowledged", NULL), 1);
	/* Nor for a release of another batch. */
	asked_batch(&s, "second");
	assert_int_equal(asked_release(&s), 200);
	assert_int_equal(asked_entries(&s, "release", &other), 2);
	assert_int_equal(asked_received(&s, seq, 9, 2), 403);
	assert_int_equal(asked_received(&s, other, 9, 2), 200);
	asked_end(&s);
}

static void
a_deletion_is_stated_once_for_what_was_released(void **state)
{
	struct asked_story s;

	(void)state;
	asked_ready(&s);
	assert_int_equal(asked_deleted(&s, 1, 1), 403);
	assert_rule(&s, "unknown-release");
	assert_int_equal(asked_release(&s), 200);
	for (int i = 0; i < 5; i++)
		assert_int_equal(asked_deleted(&s, i, 1), 200);
	assert_int_equal(asked_entries(&s, "deletion-stated", NULL), 1);
	assert_int_equal(asked_release(&s), 200);
	assert_int_equal(asked_deleted(&s, 7, 2), 200);
	assert_int_equal(asked_deleted(&s, 8, 2), 200);
	assert_int_equal(asked_entries(&s, "deletion-stated", NULL), 2);
	asked_end(&s);
}

static void
a_statement_is_no_longer_than_its_batch_has_shards(void **state)
{
	struct asked_story s;

	(void)state;
	asked_ready(&s);
	assert_int_equal(asked_release(&s), 200);
	assert_int_equal(asked_deleted(&s, 1, 1000), 400);
	assert_non_null(strstr(s.text, "too long"));
	assert_int_equal(asked_received(&s, 1, 1, 1000), 400);
	assert_int_equal(asked_entries(&s, "deletion-stated", NULL), 0);
	asked_end(&s);
}

static void
a_suspended_vendor_states_a_deletion_and_nothing_else(void **state)
{
	struct asked_story s;
	struct agent_request r;
	json_int_t seq;

	(void)state;
	asked_ready(&s);
	assert_int_equal(asked_release(&s), 200);
	assert_int_equal(asked_entries(&s, "release", &seq), 1);
	does(&s.home, KEEPER_VENDOR_CHANGE, to("suspended"));
	assert_int_equal(asked_received(&s, seq, 1, 2), 403);
	assert_rule(&s, "vendor-suspended");
	assert_int_equal(asked_deleted(&s, 1, 2), 200);
	assert_int_equal(asked_deleted(&s, 2, 2), 200);
	assert_int_equal(asked_entries(&s, "deletion-stated", NULL), 1);
	assert_int_equal(asked_entries(&s, "acknowledged", NULL), 0);
	/* It may go on watching the log. */
	r = asked_request(&s, "GET", "/v1/log/checkpoint");
	assert_int_equal(asked(&s, AGENT_LOG, &r), 200);
	asked_end(&s);
}

/* The name of an object that is there. */
static void
some_object(struct asked_story *s, uint8_t digest[DIGEST_BYTES])
{
	assert_true(
	    hex_read(digest, DIGEST_BYTES, s->objects[0], DIGEST_CHARS));
}

static void
objects_and_log_are_for_confirmed_vendors(void **state)
{
	struct agent_request object, log;
	struct asked_story s;

	(void)state;
	asked_new(&s, false);
	asked_batch(&s, "first");
	object = asked_request(&s, "GET", "/v1/objects/");
	some_object(&s, object.digest);
	log = asked_request(&s, "GET", "/v1/log/checkpoint");
	assert_int_equal(asked(&s, AGENT_OBJECT, &object), 403);
	assert_rule(&s, "vendor-not-confirmed");
	assert_int_equal(asked(&s, AGENT_LOG, &log), 403);
	assert_rule(&s, "vendor-not-confirmed");
	asked_end(&s);

	asked_ready(&s);
	some_object(&s, object.digest);
	assert_int_equal(asked(&s, AGENT_OBJECT, &object), 200);
	assert_int_equal(asked(&s, AGENT_LOG, &log), 200);
	asked_end(&s);
}

/* The status of asking for an object by its name. */
static unsigned
ask_object(struct asked_story *s, const char *hex)
{
	struct agent_request r = asked_request(s, "GET", "/v1/objects/");

	assert_true(hex_read(r.digest, DIGEST_BYTES, hex, DIGEST_CHARS));
	return asked(s, AGENT_OBJECT, &r);
}

static void
a_vendor_is_sent_objects_of_its_own_batches_and_no_join_map(void **state)
{
	struct asked_story s;
	struct fingerprint print;
	struct fault f = { 0 };
	uint8_t seed[SIGN_SEED_BYTES];
	const char *card;

	(void)state;
	asked_ready(&s);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ask_object(&s, s.objects[i]), 200);
		assert_int_equal(ask_object(&s, s.index[i]), 200);
		assert_int_equal(ask_object(&s, s.join[i]), 404);
	}
	/* Another vendor, who is confirmed and served as well. */
	card = card_of(ROLE_VENDOR, "beta", ASKED_SEED + 1, &print);
	does(&s.home, KEEPER_VENDOR_ADD, vendor_of("beta", card, print.hex));
	sign_key_free(&s.key);
	memset(seed, ASKED_SEED + 1, sizeof(seed));
	assert_ok(sign_key_from_seed(&s.key, seed, &f));
	sign_key_public(&s.key, s.tls);
	assert_int_equal(ask_object(&s, s.objects[0]), 404);
	assert_int_equal(ask_object(&s, s.index[0]), 404);
	asked_end(&s);
}

static void
what_was_released_is_sent_only_while_it_could_be_released(void **state)
{
	static const struct {
		uint16_t ask;
		const char *member;
		const char *rule;
	} ends[] = {
		{ KEEPER_BATCH_WITHDRAW, "batch", "withdrawn" },
		{ KEEPER_STOP, "target", "withdrawn" },
		{ KEEPER_BATCH_SHRED, "batch", "shredded" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char rule[64];
		struct asked_story s;

		asked_ready(&s);
		assert_int_equal(asked_release(&s), 200);
		assert_int_equal(ask_object(&s, s.objects[0]), 200);
		does(&s.home, ends[i].ask,
		    json_pack("{s:s}", ends[i].member, s.batch));
		assert_int_equal(ask_object(&s, s.objects[0]), 403);
		(void)snprintf(
		    rule, sizeof(rule), "\"rule\":\"%s\"", ends[i].rule);
		assert_non_null(strstr(s.text, rule));
		assert_int_equal(ask_object(&s, s.index[1]), 403);
		assert_int_equal(asked_entries(&s, "refused", NULL), 1);
		asked_end(&s);
	}
}

static void
without_a_grant_no_object_is_sent(void **state)
{
	struct asked_story s;

	(void)state;
	asked_new(&s, true);
	s.no_grant = true;
	asked_batch(&s, "first");
	assert_int_equal(ask_object(&s, s.objects[0]), 403);
	assert_rule(&s, "unknown-grant");
	asked_end(&s);
}

static const struct CMUnitTest all[] = {
	cmocka_unit_test(releases_of_a_batch_have_a_rate),
	cmocka_unit_test(a_release_is_acknowledged_once_and_in_whole),
	cmocka_unit_test(a_deletion_is_stated_once_for_what_was_released),
	cmocka_unit_test(a_statement_is_no_longer_than_its_batch_has_shards),
	cmocka_unit_test(a_suspended_vendor_states_a_deletion_and_nothing_else),
	cmocka_unit_test(objects_and_log_are_for_confirmed_vendors),
	cmocka_unit_test(
	    a_vendor_is_sent_objects_of_its_own_batches_and_no_join_map),
	cmocka_unit_test(
	    what_was_released_is_sent_only_while_it_could_be_released),
	cmocka_unit_test(without_a_grant_no_object_is_sent),
};

HOME_STORY_MAIN(all)
