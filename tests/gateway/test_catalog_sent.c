/* gateway/catalog: which items a vendor was sent, and that one can be taken
 * out again. */

#include "gateway/audit/audit.h"
#include "tests/gateway/catalog_story.h"

#define N CATALOG_SENT_BYTES

/* Items 'a', 'b' ... as hashes of that letter. */
static struct slice
items(const char *letters, uint8_t *room)
{
	for (size_t i = 0; letters[i] != '\0'; i++)
		memset(room + i * N, letters[i], N);
	return (struct slice){ room, strlen(letters) * N };
}

/* A group has an entry, or it is none. */
static void
begin(struct story *s)
{
	struct catalog_entry e = { .kind = "suppressed" };
	struct fault f = { 0 };

	e.body = json_pack("{s:I,s:n}", "count", (json_int_t)1, "vendor");
	assert_ok(catalog_begin(s->c, &f));
	assert_ok(catalog_add(s->c, &e, &s->seq, &f));
	json_decref(e.body);
}

static void
keep(struct story *s, const char *batch, uint32_t shard, const char *letters)
{
	uint8_t room[16 * N];
	struct fault f = { 0 };

	begin(s);
	assert_ok(
	    catalog_sent_keep(s->c, batch, shard, items(letters, room), &f));
	assert_ok(catalog_commit(s->c, &f));
}

static uint64_t
forget(struct story *s, const char *batch, const char *letters)
{
	uint8_t room[16 * N];
	struct fault f = { 0 };
	uint64_t n = 99;

	begin(s);
	assert_ok(
	    catalog_sent_forget(s->c, batch, items(letters, room), &n, &f));
	assert_ok(catalog_commit(s->c, &f));
	return n;
}

static int
see(void *arg, struct slice hashes, struct fault *f)
{
	char *text = arg;
	size_t at = strlen(text);

	(void)f;
	for (size_t i = 0; i < hashes.len; i += N)
		text[at++] = (char)hashes.at[i];
	text[at++] = ' ';
	text[at] = '\0';
	return 0;
}

static void
has(struct story *s, const char *batch, const char *want)
{
	char text[256] = "";
	struct fault f = { 0 };

	assert_ok(catalog_each_sent(s->c, batch, see, text, &f));
	assert_string_equal(text, want);
}

static void
each_batch_has_its_own_in_the_order_of_its_shards(void **state)
{
	struct story s;

	(void)state;
	story_home(&s);
	keep(&s, "b-one", 1, "cd");
	keep(&s, "b-one", 0, "ab");
	keep(&s, "b-two", 0, "a");
	keep(&s, "b-two", 1, "");
	has(&s, "b-one", "ab cd ");
	has(&s, "b-two", "a  ");
	has(&s, "b-three", "");
	story_open(&s);
	has(&s, "b-one", "ab cd ");
	story_end(&s);
}

static void
what_is_forgotten_is_gone_wherever_it_was(void **state)
{
	struct story s;

	(void)state;
	story_home(&s);
	keep(&s, "b-one", 0, "abca");
	keep(&s, "b-one", 1, "ad");
	keep(&s, "b-two", 0, "a");
	assert_int_equal(forget(&s, "b-one", "xa"), 3);
	has(&s, "b-one", "bc d ");
	has(&s, "b-two", "a ");
	assert_int_equal(forget(&s, "b-one", "xa"), 0);
	assert_int_equal(forget(&s, "b-one", ""), 0);
	assert_int_equal(forget(&s, "b-one", "dcb"), 3);
	has(&s, "b-one", "  ");
	story_end(&s);
}

static void
what_is_no_hash_is_not_kept(void **state)
{
	const struct slice torn = { (const uint8_t *)"seventeen bytes !", 17 };
	struct fault f = { 0 };
	struct story s;

	(void)state;
	story_home(&s);
	begin(&s);
	assert_refused(
	    catalog_sent_keep(s.c, "b-one", 0, torn, &f), FAULT_INPUT);
	catalog_rollback(s.c);
	has(&s, "b-one", "");
	story_end(&s);
}

/* As large a part of them in each share, and each hash always in the same. */
static void
shares_are_even(void **state)
{
	uint64_t count[7] = { 0 };
	uint8_t hash[N];

	(void)state;
	for (unsigned i = 0; i < 70000; i++) {
		random_fill(hash, sizeof(hash));
		count[catalog_sent_share(hash, 7)]++;
		assert_int_equal(catalog_sent_share(hash, 1), 0);
	}
	for (unsigned i = 0; i < 7; i++)
		assert_in_range(count[i], 9000, 11000);
}

static int
start(void **state)
{
	struct fault f = { 0 };

	(void)state;
	return secret_start(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_batch_has_its_own_in_the_order_of_its_shards),
		cmocka_unit_test(what_is_forgotten_is_gone_wherever_it_was),
		cmocka_unit_test(what_is_no_hash_is_not_kept),
		cmocka_unit_test(shares_are_even),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
