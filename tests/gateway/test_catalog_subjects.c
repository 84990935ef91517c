/* gateway/catalog: whom items are about, found and erased. */

#include "tests/gateway/catalog_story.h"

#define N CATALOG_SUBJECT_BYTES

/* Persons 'a', 'b' ... as hashes of that letter. */
static struct slice
persons(const char *letters, uint8_t *room)
{
	for (size_t i = 0; letters[i] != '\0'; i++)
		memset(room + i * N, letters[i], N);
	return (struct slice){ room, strlen(letters) * N };
}

static int
try_add(struct story *s, uint32_t shard, const char *letters, struct fault *f)
{
	uint8_t room[16 * N];
	const struct catalog_subjects list = { .batch = s->batch,
		.shard = shard,
		.hashes = persons(letters, room) };

	if (catalog_begin(s->c, f) != 0)
		return -1;
	if (catalog_subjects_add(s->c, &list, &s->seq, f) != 0) {
		catalog_rollback(s->c);
		return -1;
	}
	return catalog_commit(s->c, f);
}

static void
add(struct story *s, uint32_t shard, const char *letters)
{
	struct fault f = { 0 };

	assert_ok(try_add(s, shard, letters, &f));
}

struct seen {
	char text[256];
};

static int
see(void *arg, const struct catalog_subjects *list, struct fault *f)
{
	struct seen *seen = arg;
	size_t at = strlen(seen->text);

	(void)f;
	at += (size_t)snprintf(seen->text + at, sizeof(seen->text) - at,
	    "%u:", (unsigned)list->shard);
	for (size_t i = 0; i < list->hashes.len; i += N)
		seen->text[at++] = (char)list->hashes.at[i];
	seen->text[at++] = ' ';
	seen->text[at] = '\0';
	return 0;
}

static void
assert_lists(struct story *s, const char *want)
{
	struct seen seen = { "" };
	struct fault f = { 0 };

	assert_ok(catalog_each_subjects(s->c, s->batch, see, &seen, &f));
	assert_string_equal(seen.text, want);
	seen.text[0] = '\0';
	assert_ok(catalog_each_subjects(s->c, NULL, see, &seen, &f));
	assert_string_equal(seen.text, want);
}

static void
begin(struct story *s)
{
	story_home(s);
	story_vendor(s);
	story_shards(s, "self", 3);
}

static void
lists_are_kept_by_shard_and_outlive_a_new_start(void **state)
{
	struct story s;
	struct fault f = { 0 };

	(void)state;
	begin(&s);
	add(&s, 2, "bcx");
	add(&s, 0, "abc");
	assert_lists(&s, "0:abc 2:bcx ");
	story_open(&s);
	assert_lists(&s, "0:abc 2:bcx ");
	assert_ok(catalog_check(s.c, &f));
	story_end(&s);
}

static void
a_list_needs_its_shard_an_open_batch_and_an_order(void **state)
{
	struct fault f = { 0 };
	struct story s;

	(void)state;
	begin(&s);
	assert_refused(try_add(&s, 3, "a", &f), FAULT_POLICY);
	assert_string_equal(catalog_rule(s.c), "unknown-batch");
	assert_refused(try_add(&s, 0, "ba", &f), FAULT_INPUT);
	assert_refused(try_add(&s, 0, "aa", &f), FAULT_INPUT);
	add(&s, 0, "ab");
	/* What is there may become less and not more. */
	assert_refused(try_add(&s, 0, "abc", &f), FAULT_POLICY);
	assert_string_equal(catalog_rule(s.c), "out-of-order");
	story_seal(&s, 3);
	assert_refused(try_add(&s, 1, "a", &f), FAULT_POLICY);
	assert_string_equal(catalog_rule(s.c), "out-of-order");
	assert_lists(&s, "0:ab ");
	story_end(&s);
}

static uint64_t
erase(struct story *s, char letter)
{
	uint8_t subject[N];
	struct fault f = { 0 };
	struct catalog_erased done;

	memset(subject, letter, N);
	assert_ok(catalog_begin(s->c, &f));
	assert_ok(catalog_subject_erase(s->c, subject, &done, &f));
	assert_ok(catalog_commit(s->c, &f));
	return done.lists;
}

/* How often the bytes of a person are in the database's file. */
static size_t
count_in_file(struct story *s, char letter)
{
	char path[128];
	struct fault f = { 0 };
	struct bytes all;
	uint8_t want[N];
	size_t hits = 0;
	int fd;

	memset(want, letter, N);
	story_close(s); /* the write-ahead log goes with it */
	(void)snprintf(path, sizeof(path), "%s/catalog.db", s->path);
	bytes_init(&all, (size_t)64 << 20);
	assert_ok(file_open_read(AT_FDCWD, path, &fd, &f));
	assert_ok(file_read_fd(fd, &all, &f));
	file_close(&fd);
	for (size_t i = 0; i + N <= all.len; i++)
		hits += memcmp(all.at + i, want, N) == 0;
	bytes_free(&all);
	story_open(s);
	return hits;
}

static void
a_person_is_erased_from_every_list_and_from_the_file(void **state)
{
	struct story s;
	struct fault f = { 0 };

	(void)state;
	begin(&s);
	add(&s, 0, "abc");
	add(&s, 1, "x");
	add(&s, 2, "xyz");
	story_seal(&s, 3);
	assert_int_equal(erase(&s, 'q'), 0);
	assert_true(count_in_file(&s, 'x') > 0);
	assert_int_equal(erase(&s, 'x'), 2);
	assert_lists(&s, "0:abc 1: 2:yz ");
	assert_int_equal(count_in_file(&s, 'x'), 0);
	assert_true(count_in_file(&s, 'y') > 0);
	assert_lists(&s, "0:abc 1: 2:yz ");
	assert_ok(catalog_check(s.c, &f));
	assert_int_equal(erase(&s, 'x'), 0);
	story_end(&s);
}

static int
salts(void *arg, int columns, char **values, char **names)
{
	char(*out)[65] = arg;

	(void)columns;
	(void)names;
	(void)snprintf(out[atoi(values[0]) & 1], 65, "%s", values[1]);
	return 0;
}

static void
no_two_lists_share_a_salt(void **state)
{
	char salt[2][65] = { "", "" };
	char path[128];
	struct story s;
	sqlite3 *db;

	(void)state;
	begin(&s);
	add(&s, 0, "ab");
	add(&s, 1, "ab");
	story_close(&s);
	(void)snprintf(path, sizeof(path), "%s/catalog.db", s.path);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db,
		"SELECT n, hex(salt) FROM facts WHERE member='subjects'", salts,
		salt, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_int_equal(strlen(salt[0]), 64);
	assert_int_equal(strlen(salt[1]), 64);
	assert_string_not_equal(salt[0], salt[1]);
	story_end(&s);
}

static void
a_list_that_was_edited_is_noticed(void **state)
{
	struct seen seen = { "" };
	struct fault f = { 0 };
	struct story s;

	(void)state;
	begin(&s);
	add(&s, 0, "abc");
	story_edit(&s,
	    "UPDATE facts SET bytes=substr(bytes, 33) WHERE member='subjects'");
	assert_ok(catalog_open(&s.c, &s.open, &f));
	assert_refused(
	    catalog_each_subjects(s.c, NULL, see, &seen, &f), FAULT_FORGED);
	assert_string_equal(seen.text, "");
	/* A list that is gone is not a shard about nobody. */
	story_edit(&s, "DELETE FROM facts WHERE member='subjects'");
	assert_ok(catalog_open(&s.c, &s.open, &f));
	assert_refused(
	    catalog_each_subjects(s.c, NULL, see, &seen, &f), FAULT_FORGED);
	assert_non_null(strstr(f.text, "subjects: is gone"));
	assert_refused(catalog_check(s.c, &f), FAULT_FORGED);
	assert_refused(
	    catalog_each_subjects(s.c, s.batch, see, &seen, &f), FAULT_FORGED);
	assert_string_equal(seen.text, "");
	story_edit(&s, "UPDATE subjects SET n=7");
	assert_refused(catalog_open(&s.c, &s.open, &f), FAULT_FORGED);
	story_end(&s);
}

static void
a_home_of_before_is_opened(void **state)
{
	struct fault f = { 0 };
	struct story s;

	(void)state;
	begin(&s);
	story_edit(&s, "DROP TABLE subjects; DROP INDEX shards_object;"
		       "DROP INDEX shards_contents; DROP INDEX batches_object");
	assert_ok(catalog_open(&s.c, &s.open, &f));
	add(&s, 0, "abc");
	assert_lists(&s, "0:abc ");
	/* One that had lists is not: they are in its log. */
	story_edit(&s, "DROP TABLE subjects");
	assert_refused(catalog_open(&s.c, &s.open, &f), FAULT_FORGED);
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    lists_are_kept_by_shard_and_outlive_a_new_start),
		cmocka_unit_test(
		    a_list_needs_its_shard_an_open_batch_and_an_order),
		cmocka_unit_test(
		    a_person_is_erased_from_every_list_and_from_the_file),
		cmocka_unit_test(no_two_lists_share_a_salt),
		cmocka_unit_test(a_list_that_was_edited_is_noticed),
		cmocka_unit_test(a_home_of_before_is_opened),
	};
	struct fault f = { 0 };

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
