/* gateway/catalog: entries must be of their kind, and returns of their batch.
 */

#include "tests/gateway/catalog_story.h"

static void
what_came_back_belongs_to_what_went_out(void **state)
{
	struct story s;

	(void)state;
	story_ready(&s, 1);
	STORY_REFUSED(&s, "unknown-release", "returned", "{s:s,s:i,s:s,s:s}",
	    "batch", s.batch, "bytes", 1, "object", story_hex('6'), "return",
	    s.back);
	STORY_REFUSED(&s, "unknown-release", "deletion-stated", "{s:s,s:s}",
	    "batch", s.batch, "statement", story_hex('6'));
	STORY_REFUSED(&s, "unknown-release", "acknowledged",
	    "{s:s,s:i,s:i,s:s}", "batch", s.batch, "count", 1, "release", 5,
	    "statement", story_hex('6'));
	STORY_REFUSED(&s, "unknown-return", "ingested",
	    "{s:i,s:s,s:i,s:i,s:s,s:n,s:i,s:s}", "answered", 1, "batch",
	    s.batch, "empty", 0, "items", 1, "return", s.back, "score",
	    "skipped", 0, "verdict", "accepted");
	story_end(&s);
	story_whole(&s);
	STORY_REFUSED(&s, "repeated", "returned", "{s:s,s:i,s:s,s:s}", "batch",
	    s.batch, "bytes", 1, "object", story_hex('6'), "return", s.back);
	STORY_REFUSED(&s, "unknown-return", "ingested",
	    "{s:i,s:s,s:i,s:i,s:s,s:n,s:i,s:s}", "answered", 1, "batch",
	    s.batch, "empty", 0, "items", 1, "return", s.back, "score",
	    "skipped", 0, "verdict", "accepted");
	id_new(s.back, 'r');
	STORY(&s, "returned", "{s:s,s:i,s:s,s:s}", "batch", s.batch, "bytes", 1,
	    "object", story_hex('6'), "return", s.back);
#define INGEST(items, verdict)                                                \
	"{s:i,s:s,s:i,s:i,s:s,s:n,s:i,s:s}", "answered", 3, "batch", s.batch, \
	    "empty", 2, "items", items, "return", s.back, "score", "skipped", \
	    1, "verdict", verdict
	STORY_REFUSED(&s, NULL, "ingested", INGEST(5, "rejected"));
	STORY(&s, "ingested", INGEST(6, "rejected"));
	STORY(&s, "ingested", INGEST(6, "partial"));
	STORY_REFUSED(&s, "unknown-return", "ingested", INGEST(6, "partial"));
	story_open(&s);
	story_end(&s);
}

static void
entries_that_are_not_of_their_kind_are_refused(void **state)
{
	struct fault f = { 0 };
	struct story s;

	(void)state;
	story_home(&s);
	STORY_REFUSED(&s, NULL, "gossip", "{}");
	STORY_REFUSED(&s, NULL, "vendor-ended", "{}");
	STORY_REFUSED(&s, NULL, "vendor-ended", "{s:s}", "vendor", "acme");
	STORY_REFUSED(&s, NULL, "vendor-ended", "{s:s}", "vendor",
	    "b-bbbbbbbbbbbbbbbbbbbbbbbbbb");
	STORY_REFUSED(&s, NULL, "vendor-ended", "{s:s,s:s}", "vendor", s.vendor,
	    "why", "x");
	STORY_REFUSED(&s, NULL, "vendor-ended", "{s:s,s:s}", "vendor", s.vendor,
	    "a", "x");
	STORY_REFUSED(&s, NULL, "vendor-ended", "{s:s,s:s}", "vendor", s.vendor,
	    "at", "x");
	STORY_REFUSED(&s, NULL, "vendor-ended", "{s:i}", "vendor", 5);
	STORY_REFUSED(&s, NULL, "refused", "{s:n,s:n,s:s}", "batch", "request",
	    "rule", "Mr Smith");
	STORY_REFUSED(&s, NULL, "refused", "{s:n,s:n,s:s}", "batch", "request",
	    "rule", "");
	STORY_REFUSED(
	    &s, NULL, "refused", "{s:n,s:n,s:n}", "batch", "request", "rule");
	STORY_REFUSED(&s, NULL, "refused", "{s:n,s:s,s:s}", "batch", "request",
	    "ABC", "rule", "x");
	STORY_REFUSED(&s, NULL, "backup-made", "{s:i,s:i,s:s}", "bytes", -1,
	    "entries", 1, "object", story_hex('8'));
	STORY_REFUSED(&s, NULL, "backup-made", "{s:f,s:i,s:s}", "bytes", 1.5,
	    "entries", 1, "object", story_hex('8'));
	STORY_REFUSED(&s, "out-of-order", "backup-made", "{s:i,s:i,s:s}",
	    "bytes", 1, "entries", 2, "object", story_hex('8'));
	STORY_REFUSED(&s, "out-of-order", "home-created", "{s:s,s:s}", "home",
	    catalog_home(s.c), "role", "owner");
	STORY_REFUSED(&s, NULL, "grant-extended", "{s:s,s:s}", "grant", s.grant,
	    "until", "2999-01-01");
	STORY_REFUSED(&s, NULL, "vendor-added", "{s:s,s:s}", "vendor", s.vendor,
	    "card", "fact of nobody");
	story_vendor(&s);
	id_new(s.vendor, 'v');
	{
		struct catalog_fact facts[] = { FACT("card", "{card}"),
			FACT("name", "acme") };

		assert_refused(
		    story_try(&s, &f, "vendor-added",
			json_pack("{s:s,s:s,s:s,s:s,s:s}", "model", "crowd",
			    "recipient", story_hex('1'), "tls", story_hex('7'),
			    "vendor", s.vendor, "verifier", story_hex('3')),
			facts, 2),
		    FAULT_POLICY);
		facts[1].bytes = slice_of_text("other");
		assert_refused(
		    story_try(&s, &f, "vendor-added",
			json_pack("{s:s,s:s,s:s,s:s,s:s}", "model", "crowd",
			    "recipient", story_hex('1'), "tls", story_hex('2'),
			    "vendor", s.vendor, "verifier", story_hex('3')),
			facts, 2),
		    FAULT_POLICY);
		facts[0].member = "model";
		assert_refused(
		    story_try(&s, &f, "vendor-added",
			json_pack("{s:s}", "vendor", s.vendor), facts, 1),
		    FAULT_INPUT);
	}
	story_open(&s);
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_back_belongs_to_what_went_out),
		cmocka_unit_test(
		    entries_that_are_not_of_their_kind_are_refused),
	};
	struct fault f = { 0 };

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
