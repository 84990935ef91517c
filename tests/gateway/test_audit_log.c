/* gateway/audit: the stored log, what survives, what is noticed. */

#include "tests/gateway/audit_story.h"

static void
copy(const struct home *h, const char *from, const char *to)
{
	struct fault f = { 0 };
	struct bytes all;

	bytes_init(&all, 1 << 24);
	assert_ok(file_read(h->dir, from, &all, &f));
	assert_ok(file_put(h->dir, to, all.at, all.len, true, &f));
	bytes_free(&all);
}

/* The published files hold exactly size entries that verify. */
static void
published(const struct home *h, uint64_t size)
{
	struct audit_copy c = { .ours = true };
	struct fault f = { 0 };
	struct bytes note;
	int dir;

	bytes_init(&note, AUDIT_CHECKPOINT_MAX);
	assert_ok(folder_open(h->dir, "log", &dir, &f));
	assert_ok(file_read(dir, "checkpoint", &note, &f));
	assert_ok(audit_checkpoint_open(
	    &c.checkpoint, note.at, note.len, &h->log, &f));
	assert_int_equal(c.checkpoint.size, size);
	c.from = audit_folder(&dir);
	assert_ok(audit_verify(&c, &f));
	file_close(&dir);
	bytes_free(&note);
}

static void
an_empty_log_opens_and_is_published(void **state)
{
	struct home h;
	struct audit *a;

	(void)state;
	home_with(&h, 0);
	published(&h, 0);
	a = reopen(&h);
	assert_int_equal(audit_size(a), 0);
	audit_close(a);
	home_remove(&h);
}

static void
logs_of_every_size_around_a_tile_open_and_verify(void **state)
{
	static const int sizes[] = { 1, 2, 255, 256, 257, 511, 512, 513, 700 };
	struct fault f = { 0 };
	uint64_t seq = 0, size = 0;
	struct audit *a;
	struct home h;

	(void)state;
	home_with(&h, 0);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		a = reopen(&h);
		assert_int_equal(audit_size(a), size);
		add(a, sizes[i] - (int)size, &seq);
		size = (uint64_t)sizes[i];
		assert_int_equal(seq, size - 1);
		if (i % 2 == 0)
			assert_ok(audit_publish(a, &f));
		audit_close(a);
		published(&h, size);
	}
	home_remove(&h);
}

static void
a_full_tile_replaces_its_partial_ones(void **state)
{
	struct fault f = { 0 };
	struct audit *a;
	struct home h;
	uint64_t seq;

	(void)state;
	home_with(&h, 3);
	assert_int_equal(faccessat(h.dir, "log/tile/0/000.p/3", F_OK, 0), 0);
	a = reopen(&h);
	add(a, 2, &seq);
	assert_ok(audit_publish(a, &f));
	assert_int_equal(
	    faccessat(h.dir, "log/tile/entries/000.p/3", F_OK, 0), 0);
	assert_int_equal(
	    faccessat(h.dir, "log/tile/entries/000.p/5", F_OK, 0), 0);
	add(a, 256, &seq);
	audit_close(a);
	assert_int_equal(faccessat(h.dir, "log/tile/0/000", F_OK, 0), 0);
	assert_int_equal(faccessat(h.dir, "log/tile/1/000.p/1", F_OK, 0), 0);
	assert_int_equal(faccessat(h.dir, "log/tile/0/000.p", F_OK, 0), -1);
	assert_int_equal(
	    faccessat(h.dir, "log/tile/entries/000.p", F_OK, 0), -1);
	published(&h, 261);
	home_remove(&h);
}

static void
what_was_not_committed_is_gone(void **state)
{
	struct fault f = { 0 };
	struct bytes leaf;
	struct audit *a;
	struct home h;
	uint64_t seq;
	json_t *body = json_object();
	struct audit_draft d = { .kind = "x", .body = body };

	(void)state;
	home_with(&h, 1);
	a = reopen(&h);
	d.at = audit_now(a);
	bytes_init(&leaf, AUDIT_LEAF_MAX);
	assert_ok(audit_leaf_write(&leaf, &d, &f));
	assert_ok(audit_begin(a, &f));
	assert_ok(audit_add(a, (struct slice){ leaf.at, leaf.len },
	    (struct slice){ NULL, 0 }, &seq, &f));
	assert_int_equal(audit_next(a), 2);
	audit_rollback(a);
	assert_int_equal(audit_next(a), 1);
	add(a, 1, &seq);
	assert_int_equal(seq, 1);
	assert_ok(audit_begin(a, &f));
	assert_ok(audit_add(a, (struct slice){ leaf.at, leaf.len },
	    (struct slice){ NULL, 0 }, &seq, &f));
	audit_close(a);
	a = reopen(&h);
	assert_int_equal(audit_size(a), 2);
	audit_close(a);
	bytes_free(&leaf);
	json_decref(body);
	home_remove(&h);
}

static void
any_stored_thing_changed_by_hand_is_noticed(void **state)
{
	static const struct {
		const char *sql, *says;
	} cases[] = {
		{ "UPDATE entry SET leaf=CAST(replace(CAST(leaf AS TEXT),"
		  " 'no-grant', 'a-grant') AS BLOB) WHERE seq=7",
		    "not those that were signed" },
		{ "UPDATE entry SET leaf=x'7b7d' WHERE seq=7", "entry 7" },
		{ "UPDATE entry SET leaf=(SELECT leaf FROM entry WHERE seq=8)"
		  " WHERE seq=9",
		    "tile 0/0" },
		{ "DELETE FROM entry WHERE seq=299", "entry 299 is gone" },
		{ "DELETE FROM entry WHERE seq=100", "entry 100 is gone" },
		{ "INSERT INTO entry SELECT 300, leaf FROM entry WHERE seq=1",
		    "more entries" },
		{ "UPDATE tile SET hashes=zeroblob(8192)", "tile 0/0" },
		{ "DELETE FROM tile", "tile 0/0 is gone" },
		{ "INSERT INTO tile VALUES(0, 1, x'00')", "tiles of no" },
		{ "INSERT INTO sidecar VALUES(300, x'00')", "sidecar of no" },
		{ "UPDATE tree SET size=299", "size is not" },
		{ "UPDATE tree SET edge=x'00'", "edge" },
		{ "UPDATE tree SET checkpoint=CAST(replace(CAST(checkpoint AS"
		  " TEXT), char(10) || '300', char(10) || '299') AS BLOB),"
		  " size=299",
		    "signature" },
		{ "DELETE FROM tree", "no checkpoint" },
		{ "DROP TABLE tree", "holds no log" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct home h;

		home_with(&h, 300);
		/* Entry 7 lies in a tile that is checked before the root. */
		edit(&h, cases[i].sql);
		refused(
		    &h, i == 0 ? "tile 0/0: not that of its" : cases[i].says);
		home_remove(&h);
	}
}

static void
an_older_database_under_a_newer_published_log_is_noticed(void **state)
{
	struct audit *a;
	struct home h;
	uint64_t seq;

	(void)state;
	home_with(&h, 10);
	copy(&h, "catalog.db", "older.db");
	a = reopen(&h);
	add(a, 1, &seq);
	audit_close(a);
	copy(&h, "older.db", "catalog.db");
	refused(&h, "11 entries are published, catalog.db has 10");
	refused(&h, "an older copy");
	home_remove(&h);
}

static void
a_published_log_of_another_history_is_noticed(void **state)
{
	struct audit *a;
	struct home h;
	uint64_t seq;

	(void)state;
	home_with(&h, 10);
	copy(&h, "catalog.db", "older.db");
	a = reopen(&h);
	add(a, 1, &seq);
	audit_close(a);
	copy(&h, "log/checkpoint", "kept");
	copy(&h, "older.db", "catalog.db");
	assert_int_equal(unlinkat(h.dir, "log/checkpoint", 0), 0);
	a = reopen(&h);
	add(a, 5, &seq);
	audit_close(a);
	/* Signed by the same key, and eleven too, but another eleventh. */
	copy(&h, "kept", "log/checkpoint");
	refused(&h, "log/: the first 11 entries are not those");
	home_remove(&h);
}

static void
published_files_altered_by_hand_are_noticed(void **state)
{
	static const char *const files[] = { "tile/entries/000", "tile/0/000",
		"tile/entries/001.p/44", "tile/0/001.p/44", "tile/1/000.p/1",
		"checkpoint" };

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[192];
		struct home h;
		uint8_t c;
		int fd;

		home_with(&h, 300);
		(void)snprintf(
		    path, sizeof(path), "%s/log/%s", h.path, files[i]);
		fd = open(path, O_RDWR | O_CLOEXEC);
		assert_true(fd != -1);
		assert_int_equal(pread(fd, &c, 1, 20), 1);
		c ^= 1;
		assert_int_equal(pwrite(fd, &c, 1, 20), 1);
		file_close(&fd);
		refused(&h, i < 5 ? files[i] : "checkpoint");
		assert_int_equal(truncate(path, 20), 0);
		refused(&h, i < 5 ? files[i] : "checkpoint");
		home_remove(&h);
	}
}

static void
lost_published_files_are_written_again(void **state)
{
	struct audit *a;
	struct home h;

	(void)state;
	home_with(&h, 300);
	assert_int_equal(unlinkat(h.dir, "log/tile/entries/000", 0), 0);
	assert_int_equal(unlinkat(h.dir, "log/tile/1/000.p/1", 0), 0);
	a = reopen(&h);
	audit_close(a);
	published(&h, 300);
	assert_int_equal(unlinkat(h.dir, "log/checkpoint", 0), 0);
	a = reopen(&h);
	audit_close(a);
	published(&h, 300);
	home_remove(&h);
}

static void
another_key_or_origin_does_not_open_the_log(void **state)
{
	uint8_t public[SIGN_PUBLIC_BYTES];
	struct fault f = { 0 };
	struct sign_key other;
	struct vkey log;
	struct home h;

	(void)state;
	home_with(&h, 2);
	log = h.log;
	assert_ok(sign_key_new(&other, &f));
	sign_key_public(&other, public);
	assert_ok(vkey_of(&h.log, ORIGIN, public, &f));
	refused(&h, "checkpoint");
	sign_key_public(&h.key, public);
	assert_ok(vkey_of(&h.log, "example.com/log", public, &f));
	refused(&h, "checkpoint");
	h.log = log;
	audit_close(reopen(&h));
	sign_key_free(&other);
	home_remove(&h);
}

static void
reading_only_changes_no_file(void **state)
{
	struct fault f = { 0 };
	struct audit *a;
	struct home h;

	(void)state;
	home_with(&h, 5);
	assert_int_equal(unlinkat(h.dir, "log/checkpoint", 0), 0);
	h.open.key = NULL;
	assert_ok(audit_open(&a, &h.open, NULL, &f));
	assert_int_equal(audit_size(a), 5);
	audit_close(a);
	assert_int_equal(faccessat(h.dir, "log/checkpoint", F_OK, 0), -1);
	home_remove(&h);
}

static void
a_home_that_has_a_log_gets_no_other(void **state)
{
	struct fault f = { 0 };
	struct audit *a = NULL;
	struct home h;

	(void)state;
	home_with(&h, 5);
	assert_refused(audit_create(&a, &h.open, &f), FAULT_USAGE);
	assert_null(a);
	published(&h, 5);
	home_remove(&h);
}

static void
a_file_that_is_no_database_is_refused(void **state)
{
	struct fault f = { 0 };
	struct audit *a = NULL;
	struct home h;
	char junk[5000];

	(void)state;
	home_make(&h);
	assert_refused(audit_open(&a, &h.open, NULL, &f), FAULT_INPUT);
	memset(junk, 'j', sizeof(junk));
	assert_ok(file_put(h.dir, "catalog.db", junk, sizeof(junk), false, &f));
	refused(&h, "not a database");
	assert_ok(file_put(h.dir, "catalog.db", "", 0, true, &f));
	refused(&h, "holds no log");
	edit(&h, "CREATE TABLE tree(a, b); PRAGMA user_version=99");
	assert_refused(audit_open(&a, &h.open, NULL, &f), FAULT_INPUT);
	home_remove(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_log_opens_and_is_published),
		cmocka_unit_test(
		    logs_of_every_size_around_a_tile_open_and_verify),
		cmocka_unit_test(a_full_tile_replaces_its_partial_ones),
		cmocka_unit_test(what_was_not_committed_is_gone),
		cmocka_unit_test(any_stored_thing_changed_by_hand_is_noticed),
		cmocka_unit_test(
		    an_older_database_under_a_newer_published_log_is_noticed),
		cmocka_unit_test(a_published_log_of_another_history_is_noticed),
		cmocka_unit_test(published_files_altered_by_hand_are_noticed),
		cmocka_unit_test(lost_published_files_are_written_again),
		cmocka_unit_test(another_key_or_origin_does_not_open_the_log),
		cmocka_unit_test(reading_only_changes_no_file),
		cmocka_unit_test(a_home_that_has_a_log_gets_no_other),
		cmocka_unit_test(a_file_that_is_no_database_is_refused),
	};
	struct fault f = { 0 };

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
