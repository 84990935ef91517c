/* gateway/catalog: what entries are taken, and what they make of the rows. */

#include "tests/gateway/catalog_story.h"

static struct catalog_batch
the_batch(struct story *s)
{
	struct catalog_batch b;
	struct fault f = { 0 };

	assert_ok(catalog_batch(s->c, s->batch, &b, &f));
	return b;
}

static void
a_whole_story_is_known_after_reopening(void **state)
{
	struct catalog_batch b;
	struct catalog_vendor v;
	struct catalog_return r;
	struct catalog_shard shard;
	struct catalog_grant g;
	struct fault f = { 0 };
	struct story s;
	int64_t backup;
	bool yes;

	(void)state;
	story_whole(&s);
	for (int again = 0; again < 2; again++) {
		assert_ok(catalog_vendor(s.c, "acme", &v, &f));
		assert_string_equal(v.id, s.vendor);
		assert_string_equal(v.name, "acme");
		assert_true(v.confirmed != 0 && v.ended == 0 && !v.crowd);
		assert_int_equal(v.recipient[0], 0x11);
		assert_int_equal(v.verifier[31], 0x33);
		assert_ok(catalog_vendor_by_tls(s.c, v.tls, &v, &f));
		b = the_batch(&s);
		assert_string_equal(b.name, "first");
		assert_string_equal(b.agreements, "dpa nda");
		assert_int_equal(b.state, CATALOG_APPROVED);
		assert_int_equal(b.shards, 3);
		assert_int_equal(b.items, 30);
		assert_int_equal(b.retention, 7776000);
		assert_int_equal(b.revision, 1);
		assert_false(b.golden);
		assert_ok(catalog_batch(s.c, "first", &b, &f));
		assert_string_equal(b.id, s.batch);
		assert_ok(catalog_shard(s.c, s.batch, 1, &shard, &f));
		assert_int_equal(shard.bytes, 1001);
		assert_int_equal(shard.object[0], 0xbb);
		assert_ok(catalog_live_grant(
		    s.c, s.batch, clock_now(), &yes, &g, &f));
		assert_true(yes);
		assert_string_equal(g.id, s.grant);
		assert_ok(catalog_return(s.c, s.back, &r, &f));
		assert_string_equal(r.verdict, "accepted");
		assert_int_equal(r.score_ppm, 912345);
		assert_ok(catalog_last_backup(s.c, &backup, &f));
		assert_true(backup > 0);
		assert_ok(catalog_in_force(
		    s.c, s.vendor, "dpa", clock_now(), &yes, &f));
		assert_true(yes);
		assert_ok(catalog_in_force(
		    s.c, s.vendor, "scc", clock_now(), &yes, &f));
		assert_false(yes);
		assert_string_equal(catalog_role(s.c), "owner");
		assert_ok(catalog_check(s.c, &f));
		story_open(&s);
	}
	assert_refused(catalog_vendor(s.c, "acne", &v, &f), FAULT_INPUT);
	assert_refused(catalog_batch(s.c, "second", &b, &f), FAULT_INPUT);
	assert_refused(catalog_shard(s.c, s.batch, 3, &shard, &f), FAULT_INPUT);
	story_end(&s);
}

static int
count_one(void *arg, uint64_t seq, const struct audit_leaf *l, struct fault *f)
{
	(void)l;
	(void)f;
	assert_int_equal(seq, *(uint64_t *)arg);
	*(uint64_t *)arg += 1;
	return 0;
}

static int
count_shard(void *arg, const struct catalog_shard *s, struct fault *f)
{
	(void)f;
	assert_int_equal(s->n, *(uint32_t *)arg);
	assert_int_equal(s->index[0], 0x99);
	assert_int_equal(s->index_bytes, 3);
	assert_int_equal(s->join[31], 0x88);
	assert_int_equal(s->join_bytes, 4);
	*(uint32_t *)arg += 1;
	return 0;
}

static int
see_release(void *arg, const struct catalog_released *r, struct fault *f)
{
	*(struct catalog_released *)arg = *r;
	(void)f;
	return 0;
}

static int
count_any(void *arg)
{
	*(int *)arg += 1;
	return 0;
}

static int
see_vendor(void *arg, const struct catalog_vendor *v, struct fault *f)
{
	(void)v;
	(void)f;
	return count_any(arg);
}

static int
see_agreement(void *arg, const struct catalog_agreement *a, struct fault *f)
{
	(void)f;
	assert_true(a->from > 0);
	return count_any(arg);
}

static int
see_batch(void *arg, const struct catalog_batch *b, struct fault *f)
{
	(void)b;
	(void)f;
	return count_any(arg);
}

static int
see_grant(void *arg, const struct catalog_grant *g, struct fault *f)
{
	(void)g;
	(void)f;
	return count_any(arg);
}

static int
see_return(void *arg, const struct catalog_return *r, struct fault *f)
{
	(void)r;
	return fault_set(f, FAULT_PEER, "told %d", *(int *)arg);
}

static void
lists_tell_every_row_once(void **state)
{
	struct catalog_released r = { 0 };
	struct fault f = { 0 };
	uint64_t entries = 0;
	uint32_t shards = 0;
	struct story s;
	int n = 0;

	(void)state;
	story_whole(&s);
	assert_ok(catalog_each_entry(s.c, 0, count_one, &entries, &f));
	assert_int_equal(entries, audit_size(catalog_audit(s.c)));
	entries = 5;
	assert_ok(catalog_each_entry(s.c, 5, count_one, &entries, &f));
	assert_int_equal(entries, audit_size(catalog_audit(s.c)));
	assert_ok(catalog_each_shard(s.c, s.batch, count_shard, &shards, &f));
	assert_int_equal(shards, 3);
	assert_ok(catalog_each_release(s.c, s.batch, see_release, &r, &f));
	assert_int_equal(r.count, 3);
	assert_true(r.acknowledged >= r.at && !r.offline);
	shards = 0;
	assert_ok(catalog_release_shards(s.c, r.seq, count_shard, &shards, &f));
	assert_int_equal(shards, 3);
	assert_refused(catalog_release_shards(s.c, 0, count_shard, &shards, &f),
	    FAULT_INPUT);
	assert_ok(catalog_each_vendor(s.c, see_vendor, &n, &f));
	assert_ok(catalog_each_agreement(s.c, NULL, see_agreement, &n, &f));
	assert_ok(catalog_each_agreement(s.c, s.vendor, see_agreement, &n, &f));
	assert_ok(catalog_each_agreement(s.c, s.batch, see_agreement, &n, &f));
	assert_ok(catalog_each_batch(s.c, NULL, see_batch, &n, &f));
	assert_ok(catalog_each_batch(s.c, s.vendor, see_batch, &n, &f));
	assert_ok(catalog_each_grant(s.c, s.batch, see_grant, &n, &f));
	assert_int_equal(n, 1 + 2 + 2 + 1 + 1 + 1);
	assert_refused(
	    catalog_each_return(s.c, NULL, see_return, &n, &f), FAULT_PEER);
	story_end(&s);
}

static void
a_release_needs_everything_that_it_stands_on(void **state)
{
	struct fault f = { 0 };
	struct story s;

	(void)state;
	story_home(&s);
	story_vendor(&s);
	story_shards(&s, "two", 2);
	STORY_REFUSED(&s, "not-sealed", "grant-made", "{s:s,s:s,s:s,s:s,s:s}",
	    "batch", s.batch, "from", PAST, "grant", s.grant, "until", FAR,
	    "vendor", s.vendor);
	story_seal(&s, 2);
	story_grant(&s, PAST, "2001-01-02T00:00:00Z");
#define RELEASE_REFUSED(rule)                                               \
	do {                                                                \
		assert_refused(story_try_release(&s, &f, 1), FAULT_POLICY); \
		assert_string_equal(catalog_rule(s.c), rule);               \
	} while (0)
	RELEASE_REFUSED("not-approved");
	assert_ok(story_try_approve(&s, &f, 1, "one"));
	RELEASE_REFUSED("not-approved");
	assert_refused(story_try_approve(&s, &f, 2, "one"), FAULT_POLICY);
	assert_string_equal(catalog_rule(s.c), "same-approver");
	assert_refused(story_try_approve(&s, &f, 1, "two"), FAULT_POLICY);
	assert_ok(story_try_approve(&s, &f, 2, "two"));
	RELEASE_REFUSED("vendor-not-confirmed");
	STORY(&s, "vendor-confirmed", "{s:s}", "vendor", s.vendor);
	RELEASE_REFUSED("agreement-missing");
	story_agreement(&s, "nda", PAST, "2001-06-01T00:00:00Z");
	story_agreement(&s, "dpa", "2998-01-01T00:00:00Z", FAR);
	RELEASE_REFUSED("agreement-missing");
	story_agreement(&s, "nda", PAST, NULL);
	RELEASE_REFUSED("agreement-missing");
	story_agreement(&s, "dpa", PAST, FAR);
	RELEASE_REFUSED("grant-over");
	story_grant(&s, "2998-01-01T00:00:00Z", FAR);
	RELEASE_REFUSED("grant-not-begun");
	story_grant(&s, PAST, "2001-01-02T00:00:00Z");
	STORY(
	    &s, "grant-extended", "{s:s,s:s}", "grant", s.grant, "until", FAR);
	STORY(&s, "vendor-suspended", "{s:s}", "vendor", s.vendor);
	RELEASE_REFUSED("vendor-suspended");
	STORY(&s, "vendor-resumed", "{s:s}", "vendor", s.vendor);
	assert_ok(story_try_release(&s, &f, 1));
	STORY(&s, "agreement-ended", "{s:s}", "agreement", s.agreement);
	f = (struct fault){ 0 };
	assert_refused(story_try_release(&s, &f, 2), FAULT_POLICY);
	assert_string_equal(catalog_rule(s.c), "agreement-missing");
	story_agreement(&s, "dpa", PAST, FAR);
	id_new(s.back, 'g');
	memcpy(s.back, s.grant, sizeof(s.back));
	id_new(s.grant, 'g');
	assert_refused(story_try_release(&s, &f, 3), FAULT_POLICY);
	assert_string_equal(catalog_rule(s.c), "unknown-grant");
	memcpy(s.grant, s.back, sizeof(s.back));
	STORY(&s, "batch-withdrawn", "{s:s}", "batch", s.batch);
	assert_refused(story_try_release(&s, &f, 4), FAULT_POLICY);
	assert_string_equal(catalog_rule(s.c), "withdrawn");
	STORY(&s, "batch-shredded", "{s:s}", "batch", s.batch);
	assert_refused(story_try_release(&s, &f, 5), FAULT_POLICY);
	assert_string_equal(catalog_rule(s.c), "shredded");
	story_open(&s);
	story_end(&s);
}

static void
a_release_entry_of_other_terms_is_refused(void **state)
{
	struct story s;

	(void)state;
	story_ready(&s, 2);
#define TERMS "{s:s,s:i,s:s,s:s,s:b,s:s,s:s?,s:s}"
#define RELEASE(count, manifest, offline, recipient, request)                  \
	TERMS, "batch", s.batch, "count", count, "grant", s.grant, "manifest", \
	    story_hex(manifest), "offline", offline, "recipient",              \
	    story_hex(recipient), "request", request, "root", story_hex('0')
	STORY_REFUSED(&s, "wrong-manifest", "release",
	    RELEASE(2, 'f', 0, '1', story_hex('9')));
	STORY_REFUSED(&s, "wrong-recipient", "release",
	    RELEASE(2, 'e', 0, '2', story_hex('9')));
	STORY_REFUSED(&s, "out-of-order", "release",
	    RELEASE(3, 'e', 0, '1', story_hex('9')));
	STORY_REFUSED(&s, "out-of-order", "release",
	    RELEASE(0, 'e', 0, '1', story_hex('9')));
	STORY_REFUSED(&s, "offline-not-allowed", "release",
	    RELEASE(2, 'e', 1, '1', NULL));
	STORY_REFUSED(&s, NULL, "release", RELEASE(2, 'e', 0, '1', NULL));
	STORY(&s, "release", RELEASE(2, 'e', 0, '1', story_hex('9')));
	/* The list that its root would be of is nowhere. */
	STORY_REFUSED(
	    &s, "repeated", "release", RELEASE(2, 'e', 0, '1', story_hex('9')));
	story_end(&s);
}

static void
the_same_request_finds_its_release_and_no_second_is_made(void **state)
{
	uint8_t digest[DIGEST_BYTES];
	struct fault f = { 0 };
	struct catalog_released was;
	struct story s;
	bool found;

	(void)state;
	story_ready(&s, 1);
	memset(digest, 0x42, sizeof(digest));
	assert_ok(catalog_answered(s.c, digest, &found, &was, &f));
	assert_false(found);
	assert_ok(story_try_release(&s, &f, 0x42));
	assert_refused(story_try_release(&s, &f, 0x42), FAULT_POLICY);
	assert_string_equal(catalog_rule(s.c), "repeated");
	story_open(&s);
	assert_ok(catalog_answered(s.c, digest, &found, &was, &f));
	assert_true(found);
	assert_int_equal(was.seq, audit_size(catalog_audit(s.c)) - 1);
	assert_string_equal(was.batch, s.batch);
	assert_int_equal(was.acknowledged, 0);
	story_end(&s);
}

static void
some_shards_can_be_released_in_order_only(void **state)
{
	static const uint32_t two[] = { 0, 2 }, wrong[] = { 2, 0 },
			      none[] = { 7 };
	uint8_t digest[DIGEST_BYTES] = { 1 };
	struct catalog_release r = {
		.request = digest, .shards = wrong, .nshards = 2
	};
	struct catalog_released told = { 0 };
	struct fault f = { 0 };
	struct story s;
	uint64_t seq;

	(void)state;
	story_ready(&s, 3);
	r.grant = s.grant;
	assert_ok(catalog_begin(s.c, &f));
	assert_refused(catalog_release(s.c, &r, &seq, &f), FAULT_INPUT);
	r.shards = none;
	r.nshards = 1;
	assert_refused(catalog_release(s.c, &r, &seq, &f), FAULT_INPUT);
	r.nshards = 0;
	assert_refused(catalog_release(s.c, &r, &seq, &f), FAULT_INPUT);
	r.nshards = CATALOG_RELEASE_MAX + 1;
	assert_refused(catalog_release(s.c, &r, &seq, &f), FAULT_INPUT);
	r.shards = two;
	r.nshards = 2;
	assert_ok(catalog_release(s.c, &r, &seq, &f));
	assert_ok(catalog_commit(s.c, &f));
	assert_ok(catalog_each_release(s.c, s.batch, see_release, &told, &f));
	assert_int_equal(told.count, 2);
	assert_ok(catalog_check(s.c, &f));
	story_end(&s);
}

static void
a_refused_entry_leaves_its_group_as_it_was(void **state)
{
	json_t *good = json_pack(
		   "{s:n,s:n,s:s}", "batch", "request", "rule", "no-grant"),
	       *bad =
		   json_pack("{s:s}", "vendor", "v-bbbbbbbbbbbbbbbbbbbbbbbbbb");
	struct catalog_entry yes = { .kind = "refused", .body = good };
	struct catalog_entry no = { .kind = "vendor-ended", .body = bad };
	struct fault f = { 0 };
	struct story s;
	uint64_t seq;

	(void)state;
	story_home(&s);
	assert_ok(catalog_begin(s.c, &f));
	assert_ok(catalog_add(s.c, &yes, &seq, &f));
	assert_int_equal(seq, 1);
	assert_refused(catalog_add(s.c, &no, &seq, &f), FAULT_POLICY);
	assert_string_equal(catalog_rule(s.c), "unknown-vendor");
	assert_ok(catalog_add(s.c, &yes, &seq, &f));
	assert_int_equal(seq, 2);
	assert_ok(catalog_commit(s.c, &f));
	assert_ok(catalog_begin(s.c, &f));
	assert_ok(catalog_add(s.c, &yes, &seq, &f));
	catalog_rollback(s.c);
	assert_ok(catalog_begin(s.c, &f));
	assert_ok(catalog_add(s.c, &yes, &seq, &f));
	assert_int_equal(seq, 3);
	assert_ok(catalog_commit(s.c, &f));
	story_open(&s);
	assert_int_equal(audit_size(catalog_audit(s.c)), 4);
	json_decref(good);
	json_decref(bad);
	story_end(&s);
}

static void
batches_go_forward_only(void **state)
{
	struct fault f = { 0 };
	struct story s;

	(void)state;
	story_ready(&s, 2);
	STORY_REFUSED(&s, "repeated", "grant-made", "{s:s,s:s,s:s,s:s,s:s}",
	    "batch", s.batch, "from", PAST, "grant", s.grant, "until", FAR,
	    "vendor", s.vendor);
	STORY_REFUSED(&s, "out-of-order", "shard-sealed",
	    "{s:s,s:i,s:i,s:n,s:s,s:i,s:s,s:i,s:s,s:i}", "batch", s.batch,
	    "bytes", 1, "items", 1, "items_root", "object", story_hex('a'),
	    "shard", 2, "index", story_hex('9'), "index_bytes", 3, "join",
	    story_hex('8'), "join_bytes", 4);
	assert_refused(story_try_approve(&s, &f, 2, "two"), FAULT_POLICY);
	assert_string_equal(catalog_rule(s.c), "repeated");
	/* A new revision of the manifest waits for a new approval. */
	STORY_REFUSED(&s, "out-of-order", "batch-sealed",
	    "{s:s,s:i,s:s,s:i,s:i,s:s,s:i}", "batch", s.batch, "items", 20,
	    "manifest", story_hex('f'), "revision", 3, "shards", 2, "object",
	    story_hex('d'), "object_bytes", 5);
	STORY_REFUSED(&s, "out-of-order", "batch-sealed",
	    "{s:s,s:i,s:s,s:i,s:i,s:s,s:i}", "batch", s.batch, "items", 21,
	    "manifest", story_hex('f'), "revision", 2, "shards", 2, "object",
	    story_hex('d'), "object_bytes", 5);
	STORY_REFUSED(&s, "out-of-order", "batch-sealed",
	    "{s:s,s:i,s:s,s:i,s:i,s:s,s:i}", "batch", s.batch, "items", 20,
	    "manifest", story_hex('f'), "revision", 2, "shards", 1, "object",
	    story_hex('d'), "object_bytes", 5);
	STORY(&s, "batch-sealed", "{s:s,s:i,s:s,s:i,s:i,s:s,s:i}", "batch",
	    s.batch, "items", 20, "manifest", story_hex('f'), "revision", 2,
	    "shards", 2, "object", story_hex('d'), "object_bytes", 5);
	assert_int_equal(the_batch(&s).state, CATALOG_SEALED);
	assert_refused(story_try_release(&s, &f, 1), FAULT_POLICY);
	assert_ok(story_try_approve(&s, &f, 2, "officer one"));
	assert_ok(story_try_release(&s, &f, 1));
	STORY(&s, "stopped", "{s:s}", "target", s.vendor);
	STORY(&s, "stopped", "{s:s}", "target", s.batch);
	assert_int_equal(the_batch(&s).state, CATALOG_WITHDRAWN);
	STORY_REFUSED(
	    &s, "withdrawn", "batch-withdrawn", "{s:s}", "batch", s.batch);
	STORY_REFUSED(&s, "unknown-grant", "grant-extended", "{s:s,s:s}",
	    "grant", s.grant, "until", "2999-02-01T00:00:00Z");
	STORY_REFUSED(&s, "vendor-suspended", "vendor-suspended", "{s:s}",
	    "vendor", s.vendor);
	STORY(&s, "batch-shredded", "{s:s}", "batch", s.batch);
	STORY_REFUSED(
	    &s, "shredded", "batch-shredded", "{s:s}", "batch", s.batch);
	STORY(&s, "vendor-ended", "{s:s}", "vendor", s.vendor);
	STORY_REFUSED(
	    &s, "vendor-ended", "vendor-resumed", "{s:s}", "vendor", s.vendor);
	story_open(&s);
	story_end(&s);
}

static void
a_second_shard_of_a_number_is_refused(void **state)
{
	struct fault f = { 0 };
	struct story s;

	(void)state;
	story_home(&s);
	story_vendor(&s);
	story_shards(&s, "self", 2);
	STORY_REFUSED(&s, "repeated", "shard-sealed",
	    "{s:s,s:i,s:i,s:n,s:s,s:i,s:s,s:i,s:s,s:i}", "batch", s.batch,
	    "bytes", 1, "items", 1, "items_root", "object", story_hex('a'),
	    "shard", 1, "index", story_hex('9'), "index_bytes", 3, "join",
	    story_hex('8'), "join_bytes", 4);
	STORY(&s, "shard-sealed", "{s:s,s:i,s:i,s:s,s:s,s:i,s:s,s:i,s:s,s:i}",
	    "batch", s.batch, "bytes", 1, "items", 1, "items_root",
	    story_hex('4'), "object", story_hex('a'), "shard", 3, "index",
	    story_hex('9'), "index_bytes", 3, "join", story_hex('8'),
	    "join_bytes", 4);
	/* 0, 1, 3: there is a gap. */
	STORY_REFUSED(&s, "out-of-order", "batch-sealed",
	    "{s:s,s:i,s:s,s:i,s:i,s:s,s:i}", "batch", s.batch, "items", 21,
	    "manifest", story_hex('f'), "revision", 1, "shards", 3, "object",
	    story_hex('d'), "object_bytes", 5);
	STORY_REFUSED(&s, "unknown-batch", "batch-withdrawn", "{s:s}", "batch",
	    "b-bbbbbbbbbbbbbbbbbbbbbbbbbb");
	assert_refused(story_try_batch(&s, &f, "self"), FAULT_POLICY);
	assert_string_equal(catalog_rule(s.c), "repeated");
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_story_is_known_after_reopening),
		cmocka_unit_test(lists_tell_every_row_once),
		cmocka_unit_test(a_release_needs_everything_that_it_stands_on),
		cmocka_unit_test(a_release_entry_of_other_terms_is_refused),
		cmocka_unit_test(
		    the_same_request_finds_its_release_and_no_second_is_made),
		cmocka_unit_test(some_shards_can_be_released_in_order_only),
		cmocka_unit_test(a_refused_entry_leaves_its_group_as_it_was),
		cmocka_unit_test(batches_go_forward_only),
		cmocka_unit_test(a_second_shard_of_a_number_is_refused),
	};
	struct fault f = { 0 };

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
