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

/* Items about persons 'A', 'B' ..., '-' for nobody; NULL: it is not kept. */
static void
keep_about(struct story *s, const char *batch, uint32_t shard,
    const char *letters, const char *persons)
{
	uint8_t room[16 * N], whose[16 * CATALOG_WHOSE_BYTES];
	struct catalog_sent sent = { .hashes = items(letters, room) };
	struct fault f = { 0 };

	for (size_t i = 0; persons != NULL && persons[i] != '\0'; i++)
		memset(whose + i * CATALOG_WHOSE_BYTES,
		    persons[i] == '-' ? 0 : persons[i], CATALOG_WHOSE_BYTES);
	if (persons != NULL)
		sent.whose = (struct slice){ whose,
			strlen(persons) * CATALOG_WHOSE_BYTES };
	begin(s);
	assert_ok(catalog_sent_keep(s->c, batch, shard, &sent, &f));
	assert_ok(catalog_commit(s->c, &f));
}

static void
keep(struct story *s, const char *batch, uint32_t shard, const char *letters)
{
	keep_about(s, batch, shard, letters, NULL);
}

static struct catalog_erased
erase(struct story *s, char person)
{
	uint8_t subject[CATALOG_SUBJECT_BYTES];
	struct catalog_erased done;
	struct fault f = { 0 };

	memset(subject, person, sizeof(subject));
	begin(s);
	assert_ok(catalog_subject_erase(s->c, subject, &done, &f));
	assert_ok(catalog_commit(s->c, &f));
	return done;
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
what_is_about_a_person_goes_wherever_it_was(void **state)
{
	struct catalog_erased done;
	struct story s;

	(void)state;
	story_home(&s);
	keep_about(&s, "b-one", 0, "abcd", "AB-A");
	keep_about(&s, "b-one", 1, "ef", "BB");
	keep_about(&s, "b-two", 7, "gh", "CA");
	keep(&s, "b-two", 8, "ai");
	done = erase(&s, 'A');
	assert_int_equal(done.sent, 3);
	assert_int_equal(done.lists, 0);
	assert_int_equal(done.others, 0);
	has(&s, "b-one", "bc ef ");
	has(&s, "b-two", "g ai ");
	/* The others are still whose they were. */
	assert_int_equal(erase(&s, 'A').sent, 0);
	assert_int_equal(erase(&s, 'B').sent, 3);
	has(&s, "b-one", "c  ");
	story_open(&s);
	assert_int_equal(erase(&s, 'C').sent, 1);
	has(&s, "b-one", "c  ");
	has(&s, "b-two", " ai ");
	story_end(&s);
}

/* An older program sealed it: nobody can say which of its items they are. */
static void
of_a_shard_that_does_not_say_whose_items_are_all_go(void **state)
{
	uint8_t subject[CATALOG_SUBJECT_BYTES];
	struct catalog_subjects list = { .shard = 0,
		.hashes = { subject, sizeof(subject) } };
	struct catalog_erased done;
	struct fault f = { 0 };
	struct story s;

	(void)state;
	story_home(&s);
	story_vendor(&s);
	story_shards(&s, "self", 2);
	list.batch = s.batch;
	memset(subject, 'A', sizeof(subject));
	begin(&s);
	assert_ok(catalog_subjects_add(s.c, &list, NULL, &f));
	assert_ok(catalog_commit(s.c, &f));
	keep(&s, s.batch, 0, "ab");
	keep(&s, s.batch, 1, "cd");
	done = erase(&s, 'A');
	assert_int_equal(done.lists, 1);
	assert_int_equal(done.sent, 0);
	assert_int_equal(done.others, 2);
	has(&s, s.batch, " cd ");
	story_end(&s);
}

static void
what_is_no_hash_is_not_kept(void **state)
{
	const uint8_t *text = (const uint8_t *)"seventeen bytes !";
	const struct catalog_sent torn[] = {
		{ .hashes = { text, 17 } },
		{ .hashes = { text, 16 }, .whose = { text, 7 } },
		{ .hashes = { text, 16 }, .whose = { text, 16 } },
	};
	struct fault f = { 0 };
	struct story s;

	(void)state;
	story_home(&s);
	for (size_t i = 0; i < sizeof(torn) / sizeof(torn[0]); i++) {
		begin(&s);
		assert_refused(catalog_sent_keep(s.c, "b-one", 0, &torn[i], &f),
		    FAULT_INPUT);
		catalog_rollback(s.c);
		fault_clear(&f);
	}
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
		cmocka_unit_test(what_is_about_a_person_goes_wherever_it_was),
		cmocka_unit_test(
		    of_a_shard_that_does_not_say_whose_items_are_all_go),
		cmocka_unit_test(what_is_no_hash_is_not_kept),
		cmocka_unit_test(shares_are_even),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
