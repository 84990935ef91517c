/* Batches as a keeper is asked about them: looked at, approved, extended,
 * ended.  They are begun and sealed behind its back. */

#include "tests/gateway/home_story.h"

#include "keys/base/clock.h"

/* A batch to be told of. */
struct plan {
	const char *approve;
	const char *policy;
	int shards; /* sealed with so many; 0: left open with one */
	char id[ID_CHARS + 1];
	char vendor[ID_CHARS + 1];
	uint64_t released;
};

static void
tell_batch(struct story *story, struct ring *ring, void *arg)
{
	struct plan *p = arg;
	const struct ring_name seed = { RING_SEED, p->id, 0 };
	const struct ring_name back = { RING_RETURN, p->id, 0 };
	uint8_t public[8][AGE_X25519_BYTES];
	struct catalog_vendor v;
	struct secret bytes = { 0 };
	struct fault f = { 0 };

	assert_ok(catalog_vendor(story->c, "acme", &v, &f));
	memcpy(story->vendor, v.id, sizeof(story->vendor));
	memcpy(p->vendor, v.id, sizeof(p->vendor));
	id_new(p->id, 'b');
	memcpy(story->batch, p->id, sizeof(p->id));
	story_shards(story, p->approve, p->shards > 0 ? p->shards : 1);
	if (p->shards > 0)
		story_seal(story, p->shards);
	assert_ok(ring_make_secret(ring, &seed, &bytes, &f));
	secret_free(&bytes);
	assert_ok(ring_make_identity(ring, &back, public[0], &f));
	/* One more than is logged, as a crashed export leaves. */
	assert_ok(ring_make_shards(ring, p->id, 0,
	    (uint32_t)(p->shards > 0 ? p->shards : 1) + 1, public, &f));
}

/* A confirmed vendor, its papers to that time, and a batch for it. */
static void
begin(struct home_story *s, struct plan *p, const char *approve,
    const char *until)
{
	struct fingerprint print;
	const char *card = card_of(ROLE_VENDOR, "acme", 1, &print);

	memset(p, 0, sizeof(*p));
	p->approve = approve;
	p->shards = 3;
	home_story_new(s, ROLE_OWNER);
	does(s, KEEPER_VENDOR_ADD, vendor_of("acme", card, print.hex));
	paper(s, "nda", PAST, NULL);
	paper(s, "dpa", PAST, until);
	home_behind(s, tell_batch, p);
}

static json_t *
page(struct home_story *s, const char *batch)
{
	return asks(s, KEEPER_BATCH_PAGE, json_pack("{s:s}", "batch", batch));
}

static json_t *
approve(const char *by, int revision, const char *until)
{
	return json_pack("{s:s,s:i,s:s,s:s*}", "batch", "first", "revision",
	    revision, "by", by, "until", until);
}

static json_t *
one(const char *member, const char *value)
{
	return json_pack("{s:s}", member, value);
}

/* A time so many seconds from now. */
static const char *
in(int64_t seconds)
{
	static char text[4][CLOCK_CHARS + 1];
	static unsigned i;

	i = (i + 1) % 4;
	clock_write(text[i], clock_now() + seconds);
	return text[i];
}

/* Is the time between now + from and now + to? */
static void
lies(const json_t *o, const char *member, int64_t from, int64_t to)
{
	const char *text = text_of(o, member);
	int64_t at;

	if (!clock_read(&at, text, strlen(text)))
		fail_msg("%s: %s", member, text);
	assert_in_range(
	    at - clock_now() + 1000000000, from + 1000000000, to + 1000000000);
}

#define DAYS(n) ((n) * (int64_t)86400)

/* ---- Approving ---- */

static void
an_approval_grants_until_the_first_end(void **state)
{
	struct home_story s;
	struct plan p;
	json_t *o;

	(void)state;
	begin(&s, &p, "self", FAR);
	o = page(&s, "first");
	lies(o, "grantable", DAYS(90) - 60, DAYS(90)); /* the retention */
	json_decref(o);
	o = asks(&s, KEEPER_BATCH_APPROVE, approve("one", 1, NULL));
	lies(o, "until", DAYS(90) - 60, DAYS(90));
	assert_true(id_valid(text_of(o, "grant"), 'g'));
	json_decref(o);
	refuses(&s, KEEPER_BATCH_APPROVE, approve("two", 1, NULL), FAULT_POLICY,
	    "first: has been approved already");
	o = page(&s, p.id);
	assert_string_equal(text_of(o, "state"), "approved");
	assert_string_equal(json_string_value(json_array_get(
				json_object_get(o, "approved_by"), 0)),
	    "one");
	json_decref(o);
	home_story_end(&s);

	begin(&s, &p, "self", in(DAYS(10))); /* the agreement */
	o = asks(&s, KEEPER_BATCH_APPROVE, approve("one", 1, in(DAYS(20))));
	lies(o, "until", DAYS(10) - 60, DAYS(10));
	json_decref(o);
	home_story_end(&s);

	begin(&s, &p, "self", FAR); /* what was asked for */
	refuses(&s, KEEPER_BATCH_APPROVE, approve("one", 1, PAST), FAULT_USAGE,
	    "over already");
	o = asks(&s, KEEPER_BATCH_APPROVE, approve("one", 1, in(DAYS(5))));
	lies(o, "until", DAYS(5) - 60, DAYS(5));
	json_decref(o);
	home_story_end(&s);
}

static void
what_is_approved_is_what_was_shown(void **state)
{
	struct home_story s;
	struct plan p;

	(void)state;
	begin(&s, &p, "self", FAR);
	refuses(&s, KEEPER_BATCH_APPROVE, approve("one", 2, NULL), FAULT_POLICY,
	    "newer manifest");
	refuses(&s, KEEPER_BATCH_APPROVE, approve("one", 0, NULL), FAULT_POLICY,
	    "newer manifest");
	refuses(&s, KEEPER_BATCH_APPROVE, approve("", 1, NULL), FAULT_USAGE,
	    "who approves");
	refuses(
	    &s, KEEPER_BATCH_APPROVE, one("batch", "first"), FAULT_INPUT, "by");
	refuses(&s, KEEPER_BATCH_PAGE, one("batch", "second"), FAULT_INPUT,
	    "second: no such batch");
	home_story_end(&s);
}

static void
two_approvers_are_two_persons(void **state)
{
	struct home_story s;
	struct plan p;
	json_t *o;

	(void)state;
	begin(&s, &p, "two", FAR);
	refuses(&s, KEEPER_BATCH_APPROVE, approve("one", 1, in(DAYS(5))),
	    FAULT_USAGE, "second approval");
	o = asks(&s, KEEPER_BATCH_APPROVE, approve("one", 1, NULL));
	assert_null(json_object_get(o, "grant"));
	assert_true(json_is_null(json_object_get(o, "until")));
	json_decref(o);
	o = page(&s, "first");
	assert_string_equal(text_of(o, "state"), "sealed");
	assert_int_equal(
	    json_integer_value(json_object_get(o, "approvals")), 1);
	json_decref(o);
	refuses(&s, KEEPER_BATCH_APPROVE, approve("one", 1, NULL), FAULT_POLICY,
	    "same person");
	o = asks(&s, KEEPER_BATCH_APPROVE, approve("two", 1, in(DAYS(5))));
	lies(o, "until", DAYS(5) - 60, DAYS(5));
	json_decref(o);
	o = page(&s, "first");
	assert_string_equal(text_of(o, "state"), "approved");
	assert_int_equal(json_array_size(json_object_get(o, "approved_by")), 2);
	json_decref(o);
	home_story_end(&s);
}

static void
without_papers_in_force_nothing_is_approved(void **state)
{
	struct home_story s;
	struct plan p;
	json_t *o, *list;
	json_int_t was;

	(void)state;
	begin(&s, &p, "self", in(DAYS(-1))); /* lapsed */
	was = entries(&s);
	refuses(&s, KEEPER_BATCH_APPROVE, approve("one", 1, NULL), FAULT_POLICY,
	    "dpa");
	o = page(&s, "first");
	assert_non_null(strstr(text_of(o, "hindered"), "dpa"));
	assert_null(json_object_get(o, "grantable"));
	json_decref(o);
	paper(&s, "dpa", in(DAYS(1)), NULL); /* from the future */
	refuses(&s, KEEPER_BATCH_APPROVE, approve("one", 1, NULL), FAULT_POLICY,
	    "dpa");
	assert_int_equal(entries(&s), was + 1);
	paper(&s, "dpa", in(DAYS(-1)), NULL);
	o = asks(&s, KEEPER_AGREEMENTS, json_object());
	list = json_object_get(o, "agreements");
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(text_of(json_array_get(list, i), "type"), "nda") ==
		    0)
			does(&s, KEEPER_AGREEMENT_END,
			    one("agreement",
				text_of(json_array_get(list, i), "id")));
	json_decref(o);
	refuses(&s, KEEPER_BATCH_APPROVE, approve("one", 1, NULL), FAULT_POLICY,
	    "nda");
	paper(&s, "nda", PAST, NULL);
	does(&s, KEEPER_BATCH_APPROVE, approve("one", 1, NULL));
	home_story_end(&s);
}

static void
a_vendor_who_may_get_nothing_hinders_approval(void **state)
{
	struct home_story s;
	struct plan p;

	(void)state;
	begin(&s, &p, "self", FAR);
	does(&s, KEEPER_VENDOR_CHANGE,
	    json_pack("{s:s,s:s}", "vendor", "acme", "to", "suspended"));
	refuses(&s, KEEPER_BATCH_APPROVE, approve("one", 1, NULL), FAULT_POLICY,
	    "acme: the vendor is suspended");
	does(&s, KEEPER_VENDOR_CHANGE,
	    json_pack("{s:s,s:s}", "vendor", "acme", "to", "ended"));
	refuses(&s, KEEPER_BATCH_APPROVE, approve("one", 1, NULL), FAULT_POLICY,
	    "acme: the vendor has been ended");
	home_story_end(&s);
}

static void
what_is_not_sealed_is_not_approved(void **state)
{
	struct home_story s;
	struct plan p;

	(void)state;
	begin(&s, &p, "self", FAR);
	does(&s, KEEPER_BATCH_SHRED, one("batch", "first"));
	p.shards = 0;
	home_behind(&s, tell_batch, &p);
	refuses(&s, KEEPER_BATCH_APPROVE, approve("one", 0, NULL), FAULT_POLICY,
	    "first: is not sealed yet");
	refuses(&s, KEEPER_BATCH_EXTEND,
	    json_pack("{s:s,s:s}", "batch", "first", "until", FAR),
	    FAULT_POLICY, "first: is open");
	home_story_end(&s);
}

/* ---- Extending ---- */

static json_t *
extend(const char *until)
{
	return json_pack("{s:s,s:s}", "batch", "first", "until", until);
}

static void
a_grant_is_extended_within_papers_and_retention(void **state)
{
	struct home_story s;
	struct plan p;
	json_t *o;

	(void)state;
	begin(&s, &p, "self", in(DAYS(30)));
	does(&s, KEEPER_BATCH_APPROVE, approve("one", 1, in(DAYS(5))));
	refuses(&s, KEEPER_BATCH_EXTEND, extend(in(DAYS(4))), FAULT_POLICY,
	    "lasts at least as long");
	refuses(&s, KEEPER_BATCH_EXTEND, extend(in(DAYS(31))), FAULT_POLICY,
	    "agreements end on");
	o = asks(&s, KEEPER_BATCH_EXTEND, extend(in(DAYS(20))));
	lies(o, "until", DAYS(20) - 60, DAYS(20));
	json_decref(o);
	paper(&s, "dpa", PAST, NULL);
	refuses(&s, KEEPER_BATCH_EXTEND, extend(in(DAYS(91))), FAULT_POLICY,
	    "retention ends on");
	does(&s, KEEPER_BATCH_EXTEND, extend(in(DAYS(60))));
	o = page(&s, "first");
	lies(o, "until", DAYS(60) - 60, DAYS(60));
	json_decref(o);
	does(&s, KEEPER_BATCH_WITHDRAW, one("batch", "first"));
	refuses(&s, KEEPER_BATCH_EXTEND, extend(in(DAYS(70))), FAULT_POLICY,
	    "is withdrawn");
	home_story_end(&s);
}

/* ---- Ending ---- */

static void
tell_release(struct story *story, struct ring *ring, void *arg)
{
	struct plan *p = arg;
	struct catalog_grant g;
	struct fault f = { 0 };
	bool found;

	(void)ring;
	assert_ok(
	    catalog_live_grant(story->c, p->id, clock_now(), &found, &g, &f));
	assert_true(found);
	memcpy(story->grant, g.id, sizeof(g.id));
	assert_ok(story_try_release(story, &f, 0x11));
}

static void
a_withdrawn_batch_tells_what_had_left(void **state)
{
	struct home_story s;
	struct plan p;
	json_t *o;

	(void)state;
	begin(&s, &p, "self", FAR);
	does(&s, KEEPER_BATCH_APPROVE, approve("one", 1, NULL));
	home_behind(&s, tell_release, &p);
	o = asks(&s, KEEPER_BATCH_WITHDRAW, one("batch", "first"));
	assert_string_equal(text_of(o, "state"), "withdrawn");
	assert_string_equal(text_of(o, "vendor"), "acme");
	assert_int_equal(json_integer_value(json_object_get(o, "releases")), 1);
	assert_int_equal(
	    json_integer_value(json_object_get(o, "acknowledged")), 0);
	json_decref(o);
	refuses(&s, KEEPER_BATCH_WITHDRAW, one("batch", "first"), FAULT_POLICY,
	    "first: has been withdrawn already");
	refuses(&s, KEEPER_BATCH_APPROVE, approve("two", 1, NULL), FAULT_POLICY,
	    "first: has been withdrawn");
	home_story_end(&s);
}

static void
a_stop_withdraws_all_that_a_vendor_has(void **state)
{
	struct home_story s;
	struct plan p;
	json_t *o, *list;

	(void)state;
	begin(&s, &p, "self", FAR);
	does(&s, KEEPER_BATCH_APPROVE, approve("one", 1, NULL));
	refuses(&s, KEEPER_STOP, one("target", "nobody"), FAULT_INPUT,
	    "no such batch or vendor");
	o = asks(&s, KEEPER_STOP, one("target", "acme"));
	list = json_object_get(o, "batches");
	assert_int_equal(json_array_size(list), 1);
	assert_string_equal(
	    text_of(json_array_get(list, 0), "state"), "withdrawn");
	json_decref(o);
	o = asks(&s, KEEPER_VENDORS, json_object());
	assert_true(json_is_string(json_object_get(
	    json_array_get(json_object_get(o, "vendors"), 0), "suspended")));
	json_decref(o);
	/* In an alarm nobody has to know whether it was stopped before. */
	does(&s, KEEPER_STOP, one("target", "first"));
	home_story_end(&s);
}

/* Is there a key of that kind, and of that shard where it has a number? */
static bool
there(struct home_story *s, const char *kind, const char *id, int number)
{
	char path[400];
	int n =
	    snprintf(path, sizeof(path), "%s/keys/%s/%s", s->home, kind, id);

	if (number >= 0)
		n +=
		    snprintf(path + n, sizeof(path) - (size_t)n, "/%d", number);
	(void)snprintf(path + n, sizeof(path) - (size_t)n, ".age");
	return access(path, F_OK) == 0;
}

static void
put_object(struct home_story *s, char of)
{
	char path[400];
	struct fault f = { 0 };

	(void)snprintf(path, sizeof(path), "%s/objects/%c%c", s->home, of, of);
	assert_ok(folder_make(AT_FDCWD, path, &f));
	(void)snprintf(path, sizeof(path), "%s/objects/%c%c/%s", s->home, of,
	    of, story_hex(of));
	home_write(path, "sealed", 6);
}

static void
a_shredded_batch_has_neither_keys_nor_objects(void **state)
{
	struct home_story s;
	struct plan p;
	json_int_t was;
	json_t *o;

	(void)state;
	begin(&s, &p, "self", FAR);
	put_object(&s, 'a'); /* a shard */
	put_object(&s, '9'); /* the index of them all */
	put_object(&s, 'd'); /* the manifest */
	put_object(&s, '5'); /* another batch's */
	assert_true(there(&s, "release/shard", p.id, 3));
	assert_true(there(&s, "reveal/return", p.id, -1));
	assert_true(there(&s, "export/seed", p.id, -1));
	was = entries(&s);
	o = asks(&s, KEEPER_BATCH_SHRED, one("batch", "first"));
	assert_int_equal(json_integer_value(json_object_get(o, "keys")), 6);
	assert_int_equal(json_integer_value(json_object_get(o, "objects")), 3);
	assert_string_equal(text_of(o, "state"), "shredded");
	json_decref(o);
	for (int i = 0; i < 4; i++)
		assert_false(there(&s, "release/shard", p.id, i));
	assert_false(there(&s, "reveal/return", p.id, -1));
	assert_false(there(&s, "export/seed", p.id, -1));
	assert_true(there(&s, "release/log", "1", -1));
	put_object(&s, 'b');
	/* Again, as after a crash: what is left goes, and no second entry. */
	o = asks(&s, KEEPER_BATCH_SHRED, one("batch", p.id));
	assert_int_equal(json_integer_value(json_object_get(o, "objects")), 1);
	json_decref(o);
	assert_int_equal(entries(&s), was + 1);
	refuses(&s, KEEPER_BATCH_WITHDRAW, one("batch", p.id), FAULT_POLICY,
	    "has been shredded already");
	home_story_end(&s);
}

static void
batches_are_changed_by_who_unlocked_only(void **state)
{
	struct home_story s;
	struct plan p;
	json_int_t was;
	json_t *o;

	(void)state;
	begin(&s, &p, "self", FAR);
	was = entries(&s);
	home_open_again(&s, RING_EXPORT | RING_REVEAL);
	refuses(&s, KEEPER_BATCH_APPROVE, approve("one", 1, NULL), FAULT_POLICY,
	    "not unlocked");
	refuses(&s, KEEPER_BATCH_WITHDRAW, one("batch", "first"), FAULT_POLICY,
	    "not unlocked");
	refuses(&s, KEEPER_BATCH_SHRED, one("batch", "first"), FAULT_POLICY,
	    "not unlocked");
	refuses(&s, KEEPER_STOP, one("target", "first"), FAULT_POLICY,
	    "not unlocked");
	refuses(
	    &s, KEEPER_BATCH_EXTEND, extend(FAR), FAULT_POLICY, "not unlocked");
	assert_true(there(&s, "reveal/return", p.id, -1));
	o = asks(&s, KEEPER_BATCHES, json_object());
	assert_int_equal(json_array_size(json_object_get(o, "batches")), 1);
	json_decref(o);
	assert_int_equal(entries(&s), was);
	home_story_end(&s);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(an_approval_grants_until_the_first_end),
	cmocka_unit_test(what_is_approved_is_what_was_shown),
	cmocka_unit_test(two_approvers_are_two_persons),
	cmocka_unit_test(without_papers_in_force_nothing_is_approved),
	cmocka_unit_test(a_vendor_who_may_get_nothing_hinders_approval),
	cmocka_unit_test(what_is_not_sealed_is_not_approved),
	cmocka_unit_test(a_grant_is_extended_within_papers_and_retention),
	cmocka_unit_test(a_withdrawn_batch_tells_what_had_left),
	cmocka_unit_test(a_stop_withdraws_all_that_a_vendor_has),
	cmocka_unit_test(a_shredded_batch_has_neither_keys_nor_objects),
	cmocka_unit_test(batches_are_changed_by_who_unlocked_only),
};

HOME_STORY_MAIN(tests)
