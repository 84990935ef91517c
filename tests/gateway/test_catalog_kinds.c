/* gateway/catalog: entries must be of their kind, and returns of their batch.
 */

#include "tests/gateway/catalog_story.h"

static void
what_came_back_belongs_to_what_went_out(void **state)
{
	struct fault f = { 0 };
	struct catalog_return r;
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
	    "{s:i,s:s,s:i,s:i,s:n,s:s,s:n,s:i,s:n,s:s}", "answered", 1, "batch",
	    s.batch, "empty", 0, "items", 1, "lists", "return", s.back, "score",
	    "skipped", 0, "told", "verdict", "accepted");
	story_end(&s);
	story_whole(&s);
	STORY_REFUSED(&s, "repeated", "returned", "{s:s,s:i,s:s,s:s}", "batch",
	    s.batch, "bytes", 1, "object", story_hex('6'), "return", s.back);
	STORY_REFUSED(&s, "unknown-return", "ingested",
	    "{s:i,s:s,s:i,s:i,s:n,s:s,s:n,s:i,s:n,s:s}", "answered", 1, "batch",
	    s.batch, "empty", 0, "items", 1, "lists", "return", s.back, "score",
	    "skipped", 0, "told", "verdict", "accepted");
	id_new(s.back, 'r');
	STORY(&s, "returned", "{s:s,s:i,s:s,s:s}", "batch", s.batch, "bytes", 1,
	    "object", story_hex('6'), "return", s.back);
#define INGEST(items, told, verdict)                                          \
	"{s:i,s:s,s:i,s:i,s:n,s:s,s:n,s:i,s:s?,s:s}", "answered", 3, "batch", \
	    s.batch, "empty", 2, "items", items, "lists", "return", s.back,   \
	    "score", "skipped", 1, "told", told, "verdict", verdict
	STORY_REFUSED(&s, NULL, "ingested", INGEST(5, NULL, "rejected"));
	/* a vendor is never told that of a return that was only a part */
	STORY_REFUSED(&s, NULL, "ingested", INGEST(6, "partial", "rejected"));
	STORY(&s, "ingested", INGEST(6, "refused", "rejected"));
	assert_ok(catalog_return(s.c, s.back, &r, &f));
	assert_string_equal(r.told, "refused");
	STORY(&s, "ingested", INGEST(6, NULL, "partial"));
	assert_ok(catalog_return(s.c, s.back, &r, &f));
	assert_string_equal(r.told, "");
	STORY_REFUSED(
	    &s, "unknown-return", "ingested", INGEST(6, NULL, "partial"));
	story_open(&s);
	story_end(&s);
}

static void
an_owner_s_home_confirms_no_owner(void **state)
{
	struct catalog_fact card = FACT("card", "{card}");
	struct fault f = { 0 };
	struct story s;

	(void)state;
	story_home(&s);
	assert_int_equal(story_try(&s, &f, "owner-confirmed",
			     json_pack("{s:i,s:s}", "n", 1, "owner",
				 "h-bbbbbbbbbbbbbbbbbbbbbbbbbb"),
			     &card, 1),
	    -1);
	assert_int_equal(f.kind, FAULT_POLICY);
	assert_string_equal(catalog_rule(s.c), "out-of-order");
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
			FACT("name", "acme"), FACT("country", "NL") };

		assert_refused(
		    story_try(&s, &f, "vendor-added",
			json_pack("{s:s,s:s,s:s,s:s,s:s}", "model", "crowd",
			    "recipient", story_hex('1'), "tls", story_hex('7'),
			    "vendor", s.vendor, "verifier", story_hex('3')),
			facts, 3),
		    FAULT_POLICY);
		facts[1].bytes = slice_of_text("other");
		assert_refused(
		    story_try(&s, &f, "vendor-added",
			json_pack("{s:s,s:s,s:s,s:s,s:s}", "model", "crowd",
			    "recipient", story_hex('1'), "tls", story_hex('2'),
			    "vendor", s.vendor, "verifier", story_hex('3')),
			facts, 3),
		    FAULT_POLICY);
		facts[0].member = "model";
		assert_refused(
		    story_try(&s, &f, "vendor-added",
			json_pack("{s:s}", "vendor", s.vendor), facts, 1),
		    FAULT_INPUT);
	}
	story_open(&s);
	STORY(&s, "suppressed", "{s:i,s:n}", "count", 7, "vendor");
	STORY_REFUSED(&s, "unknown-vendor", "suppressed", "{s:i,s:s}", "count",
	    7, "vendor", s.vendor);
	story_end(&s);
}

static int
feed(void *arg, uint64_t seq, const struct audit_leaf *l, struct fault *f)
{
	return catalog_fold_entry(arg, seq, l, f);
}

/* A release at that time, after all that is in the log: FAULT_NONE or why not.
 */
static enum fault_kind
release_at(struct story *s, const char *at, char text[480])
{
	json_t *body = json_pack("{s:s,s:i,s:s,s:s,s:b,s:s,s:s,s:s}", "batch",
	    s->batch, "count", 1, "grant", s->grant, "manifest", story_hex('e'),
	    "offline", 0, "recipient", story_hex('1'), "request",
	    story_hex('9'), "root", story_hex('0'));
	struct audit_draft d = { .kind = "release", .body = body };
	struct catalog_fold *fold;
	struct fault f = { 0 };
	struct audit_leaf l;
	struct bytes b;

	bytes_init(&b, AUDIT_LEAF_MAX);
	assert_true(clock_read(&d.at, at, strlen(at)));
	assert_ok(catalog_fold_new(&fold, &s->log, &f));
	assert_ok(catalog_each_entry(s->c, 0, feed, fold, &f));
	assert_ok(audit_leaf_write(&b, &d, &f));
	assert_ok(audit_leaf_read(&l, b.at, b.len, &f));
	(void)!catalog_fold_entry(
	    fold, audit_size(catalog_audit(s->c)), &l, &f);
	memcpy(text, f.text, 480);
	catalog_fold_free(fold);
	bytes_free(&b);
	json_decref(body);
	return f.kind;
}

static void
a_grant_lives_from_its_first_second_to_before_its_last(void **state)
{
	struct story s;
	char text[480];

	(void)state;
	story_ready(&s, 1);
	story_grant(&s, "2998-06-01T00:00:00Z", "2998-07-01T00:00:00Z");
	assert_int_equal(
	    release_at(&s, "2998-05-31T23:59:59Z", text), FAULT_FORGED);
	assert_non_null(strstr(text, "has not begun"));
	assert_int_equal(
	    release_at(&s, "2998-06-01T00:00:00Z", text), FAULT_NONE);
	assert_int_equal(
	    release_at(&s, "2998-06-30T23:59:59Z", text), FAULT_NONE);
	assert_int_equal(
	    release_at(&s, "2998-07-01T00:00:00Z", text), FAULT_FORGED);
	assert_non_null(strstr(text, "grant is over"));
	/* The agreements: one is open, one ends when 2999 begins. */
	story_grant(&s, "2998-06-01T00:00:00Z", "3000-01-01T00:00:00Z");
	assert_int_equal(
	    release_at(&s, "2998-12-31T23:59:59Z", text), FAULT_NONE);
	assert_int_equal(release_at(&s, FAR, text), FAULT_FORGED);
	assert_non_null(strstr(text, "no agreement of type dpa"));
	story_end(&s);
}

static void
grants_are_for_one_batch_and_its_vendor(void **state)
{
	static const struct catalog_fact facts[] = { FACT("card", "other"),
		FACT("country", "NL"), FACT("name", "other") };
	char vendor[ID_CHARS + 1], grant[ID_CHARS + 1];
	struct fault f = { 0 };
	struct story s;

	(void)state;
	story_ready(&s, 1);
	memcpy(vendor, s.vendor, sizeof(vendor));
	memcpy(grant, s.grant, sizeof(grant));
	id_new(s.vendor, 'v');
	assert_ok(story_try(&s, &f, "vendor-added",
	    json_pack("{s:s,s:s,s:s,s:s,s:s}", "model", "crowd", "recipient",
		story_hex('1'), "tls", story_hex('a'), "vendor", s.vendor,
		"verifier", story_hex('3')),
	    facts, 3));
	STORY_REFUSED(&s, "unknown-vendor", "grant-made",
	    "{s:s,s:s,s:s,s:s,s:s}", "batch", s.batch, "from", PAST, "grant",
	    "g-bbbbbbbbbbbbbbbbbbbbbbbbbb", "until", FAR, "vendor", s.vendor);
	/* The grant of one batch, named for another one. */
	STORY(&s, "batch-withdrawn", "{s:s}", "batch", s.batch);
	STORY(&s, "batch-shredded", "{s:s}", "batch", s.batch);
	memcpy(s.vendor, vendor, sizeof(vendor));
	id_new(s.batch, 'b');
	story_shards(&s, "self", 1);
	story_seal(&s, 1);
	assert_ok(story_try_approve(&s, &f, 1, "officer"));
	STORY_REFUSED(&s, "unknown-grant", "release",
	    "{s:s,s:i,s:s,s:s,s:b,s:s,s:s,s:s}", "batch", s.batch, "count", 1,
	    "grant", grant, "manifest", story_hex('e'), "offline", 0,
	    "recipient", story_hex('1'), "request", story_hex('9'), "root",
	    story_hex('0'));
	story_grant(&s, PAST, FAR);
	STORY(&s, "vendor-ended", "{s:s}", "vendor", s.vendor);
	assert_refused(story_try_release(&s, &f, 1), FAULT_POLICY);
	assert_string_equal(catalog_rule(s.c), "vendor-ended");
	story_end(&s);
}

static void
a_group_over_its_limit_keeps_what_fits(void **state)
{
	json_t *body =
	    json_pack("{s:n,s:n,s:s}", "batch", "request", "rule", "no-grant");
	struct catalog_entry e = { .kind = "refused", .body = body };
	struct fault f = { 0 };
	struct story s;
	uint64_t seq = 0, last;
	int rc = 0;

	(void)state;
	story_home(&s);
	assert_ok(catalog_begin(s.c, &f));
	do {
		last = seq;
		rc = catalog_add(s.c, &e, &seq, &f);
	} while (rc == 0);
	assert_int_equal(f.kind, FAULT_INPUT);
	assert_int_equal(last, 4096);
	assert_ok(catalog_commit(s.c, &f));
	assert_ok(catalog_record(s.c, &e, &seq, &f));
	assert_int_equal(seq, 4097);
	story_open(&s);
	json_decref(body);
	story_end(&s);
}

static void
a_full_disk_spoils_the_group_and_nothing_before_it(void **state)
{
	static uint8_t big[1 << 20];
	json_t *body =
	    json_pack("{s:n,s:n,s:s}", "batch", "request", "rule", "no-grant");
	struct catalog_entry e = { .kind = "refused", .body = body }, large = e;
	struct fault f = { 0 };
	struct story s;
	uint64_t seq, size;

	(void)state;
	story_home(&s);
	size = audit_size(catalog_audit(s.c));
	large.sidecar = (struct slice){ big, sizeof(big) };
	assert_ok(rows_script(
	    audit_rows(catalog_audit(s.c)), "PRAGMA max_page_count=100", &f));
	assert_ok(catalog_begin(s.c, &f));
	assert_ok(catalog_add(s.c, &e, &seq, &f));
	assert_refused(catalog_add(s.c, &large, &seq, &f), FAULT_SYSTEM);
	assert_refused(catalog_add(s.c, &e, &seq, &f), FAULT_SYSTEM);
	assert_refused(catalog_commit(s.c, &f), FAULT_SYSTEM);
	assert_int_equal(audit_size(catalog_audit(s.c)), size);
	assert_ok(catalog_record(s.c, &e, &seq, &f));
	assert_int_equal(seq, size);
	story_open(&s);
	assert_int_equal(audit_size(catalog_audit(s.c)), size + 1);
	json_decref(body);
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_back_belongs_to_what_went_out),
		cmocka_unit_test(
		    entries_that_are_not_of_their_kind_are_refused),
		cmocka_unit_test(an_owner_s_home_confirms_no_owner),
		cmocka_unit_test(
		    a_grant_lives_from_its_first_second_to_before_its_last),
		cmocka_unit_test(grants_are_for_one_batch_and_its_vendor),
		cmocka_unit_test(a_group_over_its_limit_keeps_what_fits),
		cmocka_unit_test(
		    a_full_disk_spoils_the_group_and_nothing_before_it),
	};
	struct fault f = { 0 };

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
