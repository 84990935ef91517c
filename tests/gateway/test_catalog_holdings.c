/* gateway/catalog: what vendors hold of persons, kept, told and forgotten. */

#include "tests/gateway/catalog_story.h"

#define N CATALOG_SUBJECT_BYTES

/* A list of one attribute "born", and a person for each letter, whose value is
 * that letter. */
static struct slice
list_of(struct bytes *b, const char *letters)
{
	uint8_t run[N];
	struct fault f = { 0 };

	bytes_init(b, 65536);
	assert_ok(put_u16(b, 1, &f));
	assert_ok(put_text(b, "born", &f));
	assert_ok(put_u8(b, 0, &f));
	assert_ok(put_u8(b, 0, &f));
	for (; *letters != '\0'; letters++) {
		memset(run, *letters, sizeof(run));
		assert_ok(bytes_add(b, run, N, &f));
		assert_ok(put_u16(b, 1, &f));
		assert_ok(put_u8(b, 0, &f));
		assert_ok(bytes_add(b, run, CATALOG_HELD_BYTES, &f));
	}
	return (struct slice){ b->at, b->len };
}

static int
try_list(struct story *s, struct slice list, struct fault *f)
{
	if (catalog_begin(s->c, f) != 0)
		return -1;
	if (catalog_holdings_add(s->c, s->batch, list, f) != 0) {
		catalog_rollback(s->c);
		return -1;
	}
	return catalog_commit(s->c, f);
}

static int
try_add(struct story *s, const char *letters, struct fault *f)
{
	struct bytes b;
	int rc = try_list(s, list_of(&b, letters), f);

	bytes_free(&b);
	return rc;
}

static int
see(void *arg, const struct catalog_holdings *h, struct fault *f)
{
	char *out = arg;
	size_t record = N + 2 + 1 + CATALOG_HELD_BYTES;
	size_t at = 2 + 4 + 4 + 2;

	(void)f;
	for (; at < h->bytes.len; at += record)
		(void)snprintf(
		    out + strlen(out), 8, "%c", (char)h->bytes.at[at]);
	(void)snprintf(out + strlen(out), 8, " ");
	return 0;
}

static void
assert_holds(struct story *s, const char *want)
{
	char got[256] = "";
	struct fault f = { 0 };

	assert_ok(catalog_each_holdings(s->c, s->vendor, see, got, &f));
	assert_string_equal(got, want);
}

static void
begin(struct story *s)
{
	struct fault f = { 0 };

	story_home(s);
	story_vendor(s);
	assert_ok(story_try_batch(s, &f, "self"));
}

static void
a_vendor_holds_what_its_batches_hold(void **state)
{
	struct fault f = { 0 };
	uint64_t count;
	struct story s;

	(void)state;
	begin(&s);
	assert_holds(&s, "");
	assert_ok(try_add(&s, "abc", &f));
	assert_holds(&s, "abc ");
	story_open(&s);
	assert_holds(&s, "abc ");
	assert_ok(catalog_check(s.c, &f));
	assert_ok(catalog_holdings_count(s.c, &count, &f));
	assert_int_equal(count, 1);
	/* Another vendor holds nothing of it. */
	id_new(s.vendor, 'v');
	assert_holds(&s, "");
	story_end(&s);
}

static void
what_was_withdrawn_unreleased_is_held_no_more(void **state)
{
	struct fault f = { 0 };
	struct story s;

	(void)state;
	begin(&s);
	assert_ok(try_add(&s, "abc", &f));
	STORY(&s, "batch-withdrawn", "{s:s}", "batch", s.batch);
	assert_holds(&s, "");
	story_end(&s);
}

static void
what_was_released_is_held_whatever_becomes_of_it(void **state)
{
	struct fault f = { 0 };
	struct story s;

	(void)state;
	story_home(&s);
	story_vendor(&s);
	STORY(&s, "vendor-confirmed", "{s:s}", "vendor", s.vendor);
	story_agreement(&s, "nda", PAST, NULL);
	story_agreement(&s, "dpa", PAST, FAR);
	story_shards(&s, "self", 1);
	assert_ok(try_add(&s, "abc", &f));
	story_seal(&s, 1);
	assert_ok(story_try_approve(&s, &f, 1, "officer one"));
	story_grant(&s, PAST, FAR);
	assert_ok(story_try_release(&s, &f, 1));
	STORY(&s, "batch-withdrawn", "{s:s}", "batch", s.batch);
	assert_holds(&s, "abc ");
	STORY(&s, "batch-shredded", "{s:s}", "batch", s.batch);
	assert_holds(&s, "abc ");
	story_end(&s);
}

static void
what_is_no_list_is_not_kept(void **state)
{
	struct fault f = { 0 };
	struct story s;
	struct bytes b;
	struct slice list;

	(void)state;
	begin(&s);
	list = list_of(&b, "ab");
	for (size_t len = 0; len < list.len; len++) {
		size_t record = N + 2 + 1 + CATALOG_HELD_BYTES;

		if (len == list.len - record || len == list.len - 2 * record)
			continue; /* a shorter list */
		assert_refused(try_list(&s, (struct slice){ list.at, len }, &f),
		    FAULT_INPUT);
	}
	bytes_free(&b);
	assert_refused(try_add(&s, "ba", &f), FAULT_INPUT);
	assert_refused(try_add(&s, "aa", &f), FAULT_INPUT);
	assert_holds(&s, "");
	story_end(&s);
}

static void
a_batch_that_is_sealed_gets_no_first_list(void **state)
{
	struct fault f = { 0 };
	struct story s;

	(void)state;
	story_home(&s);
	story_vendor(&s);
	story_shards(&s, "self", 1);
	story_seal(&s, 1);
	assert_refused(try_add(&s, "a", &f), FAULT_POLICY);
	assert_string_equal(catalog_rule(s.c), "out-of-order");
	id_new(s.batch, 'b');
	assert_refused(try_add(&s, "a", &f), FAULT_POLICY);
	assert_string_equal(catalog_rule(s.c), "unknown-batch");
	story_end(&s);
}

static void
a_person_is_erased_from_what_is_held(void **state)
{
	struct fault f = { 0 };
	uint8_t subject[N];
	struct catalog_erased done;
	struct story s;

	(void)state;
	begin(&s);
	assert_ok(try_add(&s, "abc", &f));
	memset(subject, 'b', N);
	assert_ok(catalog_begin(s.c, &f));
	assert_ok(catalog_subject_erase(s.c, subject, &done, &f));
	assert_ok(catalog_commit(s.c, &f));
	assert_int_equal(done.lists, 1);
	assert_holds(&s, "ac ");
	story_open(&s);
	assert_holds(&s, "ac ");
	assert_ok(catalog_check(s.c, &f));
	/* The list before is gone, not only followed. */
	{
		const struct catalog_fact_name old = { s.batch, "holds", 0 };
		struct bytes b;

		bytes_init(&b, 65536);
		assert_refused(catalog_fact(s.c, &old, &b, &f), FAULT_INPUT);
		bytes_free(&b);
	}
	story_end(&s);
}

static void
a_list_that_was_edited_is_noticed(void **state)
{
	char got[64] = "";
	struct fault f = { 0 };
	struct story s;

	(void)state;
	begin(&s);
	assert_ok(try_add(&s, "abc", &f));
	story_edit(&s,
	    "UPDATE facts SET bytes=substr(bytes, 1, length(bytes) - 51)"
	    " WHERE member='holds'");
	assert_ok(catalog_open(&s.c, &s.open, &f));
	assert_refused(
	    catalog_each_holdings(s.c, s.vendor, see, got, &f), FAULT_FORGED);
	/* One that is gone is not a vendor that holds nothing. */
	story_edit(&s, "DELETE FROM facts WHERE member='holds'");
	assert_ok(catalog_open(&s.c, &s.open, &f));
	assert_refused(
	    catalog_each_holdings(s.c, s.vendor, see, got, &f), FAULT_FORGED);
	assert_non_null(strstr(f.text, "holds: is gone"));
	assert_refused(catalog_check(s.c, &f), FAULT_FORGED);
	assert_string_equal(got, "");
	story_end(&s);
}

static void
risk_is_recorded_once(void **state)
{
	static const struct catalog_fact report = FACT("report", "{}");
	struct fault f = { 0 };
	struct story s;

	(void)state;
	begin(&s);
	assert_ok(story_try(&s, &f, "risk-measured",
	    json_pack("{s:s,s:i}", "batch", s.batch, "suppressed", 3), &report,
	    1));
	assert_int_equal(
	    story_try(&s, &f, "risk-measured",
		json_pack("{s:s,s:i}", "batch", s.batch, "suppressed", 3),
		&report, 1),
	    -1);
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vendor_holds_what_its_batches_hold),
		cmocka_unit_test(what_was_withdrawn_unreleased_is_held_no_more),
		cmocka_unit_test(
		    what_was_released_is_held_whatever_becomes_of_it),
		cmocka_unit_test(what_is_no_list_is_not_kept),
		cmocka_unit_test(a_batch_that_is_sealed_gets_no_first_list),
		cmocka_unit_test(a_person_is_erased_from_what_is_held),
		cmocka_unit_test(a_list_that_was_edited_is_noticed),
		cmocka_unit_test(risk_is_recorded_once),
	};
	struct fault f = { 0 };

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
