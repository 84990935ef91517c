/* gateway/package: items that are folders. */

#include "tests/support/shard.h"

static struct batch batch;
static const struct file_plan text = { .type = TYPE_TEXT,
	.unit = ITEM_FOLDER,
	.item = PLAN_NO_FIELD,
	.subject = PLAN_NO_FIELD };

static int
setup(void **state)
{
	struct fault f;

	(void)state;
	batch_start(&batch);
	assert_ok(mask_start(&f));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	batch_end(&batch);
	return 0;
}

static void
add_to(struct making *m, const char *item, const char *path,
    const char *content, uint32_t nth)
{
	const struct slice original = slice_of_text(item);
	struct mask_source src;
	struct fault f = { 0 };

	source_start(&src, &text, path, content, strlen(content));
	if (package_shard_file(m->shard, &src, &original, nth, &f) != 0)
		fail_msg("%s", f.text);
	source_end(&src);
}

static void
add(struct making *m, const char *path, const char *content, uint32_t nth)
{
	add_to(m, "c/1", path, content, nth);
}

static void
the_files_of_a_folder_are_one_item_side_by_side(void **state)
{
	static const char *const rest[] = { ".0001.txt", ".0002.txt",
		".0003.txt", ".txt" };
	char folder[TOKEN_CHARS + 1], last[TOKEN_CHARS + 1];
	struct package_payload payload;
	struct package_index *x = NULL;
	struct secret key = { 0 };
	struct package_made made;
	struct package_entry e;
	struct fault f = { 0 };
	struct making m;
	bool end;

	(void)state;
	assert_ok(making_start(&m, &batch, &f));
	add(&m, "c/1/a", "one", 1);
	add(&m, "c/1/b", "two", 2);
	add(&m, "c/1/c", "three", 3);
	add(&m, "c/1/d", "alone", 0);
	assert_ok(package_shard_end(m.shard, &made, &f));
	assert_int_equal(made.items, 2);
	assert_int_equal(made.members, 4);
	token_make(batch.item, "c/1", 3, folder);
	token_make(batch.item, "c/1/d", 5, last);
	payload_of(&payload, &key, m.fd[INDEX], &batch);
	assert_ok(package_index_open(&x, &payload, &f));
	for (unsigned i = 0; i < 4; i++) {
		assert_ok(package_index_next(x, &e, &end, &f));
		assert_string_equal(e.item, i < 3 ? folder : last);
		assert_memory_equal(e.member, e.item, TOKEN_CHARS);
		assert_string_equal(e.member + TOKEN_CHARS, rest[i]);
		assert_int_equal(e.items, i == 0 || i == 3);
	}
	assert_ok(package_index_next(x, &e, &end, &f));
	assert_true(end);
	package_index_close(x);
	secret_free(&key);
	making_end(&m);
}

static void
the_join_leads_to_the_folder_once(void **state)
{
	struct package_payload payload;
	struct package_join *x = NULL;
	struct secret key = { 0 };
	struct package_made made;
	struct package_origin o;
	struct fault f = { 0 };
	struct bytes plain;
	struct making m;
	bool end;

	(void)state;
	assert_ok(making_start(&m, &batch, &f));
	add(&m, "c/1/a", "one", 1);
	add(&m, "c/1/b", "two", 2);
	assert_ok(package_shard_end(m.shard, &made, &f));
	payload_of(&payload, &key, m.fd[JOIN], &batch);
	assert_ok(package_join_open(&x, &payload, &f));
	assert_ok(package_join_next(x, &o, &end, &f));
	assert_false(end);
	assert_string_equal(o.original, "c/1");
	assert_ok(package_join_next(x, &o, &end, &f));
	assert_true(end);
	package_join_close(x);
	/* which file is which is there for whoever looks */
	plain_of(&plain, m.fd[JOIN], &batch);
	assert_ok(bytes_end_text(&plain, &f));
	assert_non_null(strstr((const char *)plain.at,
	    ".0001.txt\",\"name\":\"a\",\"original\":\"c/1\""));
	assert_non_null(strstr((const char *)plain.at,
	    ".0002.txt\",\"name\":\"b\",\"original\":\"c/1\""));
	bytes_free(&plain);
	secret_free(&key);
	making_end(&m);
}

static void
an_item_that_is_no_folder_has_its_files_by_their_paths(void **state)
{
	struct package_payload payload;
	struct package_join *x = NULL;
	struct secret key = { 0 };
	struct package_made made;
	struct package_origin o;
	char item[TOKEN_CHARS + 1];
	struct fault f = { 0 };
	struct bytes plain;
	struct making m;
	bool end;

	(void)state;
	assert_ok(making_start(&m, &batch, &f));
	add_to(&m, "1.2.840.1", "b/2", "one", 1);
	add_to(&m, "1.2.840.1", "a", "two", 2);
	assert_ok(package_shard_end(m.shard, &made, &f));
	assert_int_equal(made.items, 1);
	token_make(batch.item, "1.2.840.1", 9, item);
	payload_of(&payload, &key, m.fd[JOIN], &batch);
	assert_ok(package_join_open(&x, &payload, &f));
	assert_ok(package_join_next(x, &o, &end, &f));
	assert_string_equal(o.original, "1.2.840.1");
	assert_string_equal(o.item, item);
	assert_ok(package_join_next(x, &o, &end, &f));
	assert_true(end);
	package_join_close(x);
	plain_of(&plain, m.fd[JOIN], &batch);
	assert_ok(bytes_end_text(&plain, &f));
	assert_non_null(strstr((const char *)plain.at,
	    ".0001.txt\",\"name\":\"b/2\",\"original\":\"1.2.840.1\""));
	assert_non_null(strstr((const char *)plain.at,
	    ".0002.txt\",\"name\":\"a\",\"original\":\"1.2.840.1\""));
	bytes_free(&plain);
	secret_free(&key);
	making_end(&m);
}

/* Read an index of such members, of one item or two. */
static int
read_index(const char *const *members, size_t n, struct fault *why)
{
	struct fault f = { 0 };
	struct package_payload payload;
	struct package_index *x = NULL;
	struct secret key = { 0 };
	struct package_entry e;
	struct bytes lines;
	bool end = false;
	int fd, rc = 0;

	bytes_init(&lines, 65536);
	for (size_t i = 0; i < n; i++)
		assert_ok(bytes_addf(&lines, &f,
		    "{\"bytes\":0,\"item\":\"%.26s\",\"member\":\"%s\","
		    "\"sha256\":\"%064d\",\"type\":\"text\"}\n",
		    members[i], members[i], 0));
	fd = object_of(&batch, lines.at, lines.len);
	payload_of(&payload, &key, fd, &batch);
	assert_ok(package_index_open(&x, &payload, &f));
	while (rc == 0 && !end)
		rc = package_index_next(x, &e, &end, why);
	package_index_close(x);
	secret_free(&key);
	bytes_free(&lines);
	(void)close(fd);
	return rc;
}

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbb"

static void
files_of_a_folder_stand_in_their_order_or_are_refused(void **state)
{
	static const char *const good[] = { A ".0001.txt", A ".0002.txt",
		B ".0001.txt", B ".0002.txt" };
	static const struct {
		const char *at[3];
		const char *why;
	} bad[] = {
		{ { A ".0002.txt", A ".0003.txt", B ".txt" },
		    "index: line 1: a folder's file behind another's" },
		{ { A ".0001.txt", A ".0003.txt", B ".txt" },
		    "index: line 2: a folder's file behind another's" },
		{ { A ".0001.txt", B ".0002.txt", B ".txt" },
		    "index: line 2: a folder's file behind another's" },
		{ { A ".0001.txt", A ".0001.txt", B ".txt" },
		    "index: line 2: a member that was there" },
		{ { A ".0001.txt", B ".txt", A ".0002.txt" },
		    "index: line 3: a folder's file behind another's" },
		{ { A ".txt", A ".0001.txt", B ".txt" },
		    "index: line 2: a member that was there" },
		{ { A ".0000.txt", A ".0001.txt", B ".txt" },
		    "index: line 1: not an index line" },
		{ { A ".00001.txt", A ".0002.txt", B ".txt" },
		    "index: line 1: not an index line" },
		{ { A ".000a.txt", A ".0002.txt", B ".txt" },
		    "index: line 1: not an index line" },
	};
	struct fault f = { 0 };

	(void)state;
	assert_ok(read_index(good, 4, &f));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f = (struct fault){ 0 };
		assert_refused(read_index(bad[i].at, 3, &f), FAULT_INPUT);
		assert_string_equal(f.text, bad[i].why);
	}
}

static void
a_table_that_is_one_item_has_no_ids_in_it(void **state)
{
	static char policy[] = "p", a[] = "a", b[] = "b";
	struct file_plan csv = { .policy = policy,
		.type = TYPE_CSV,
		.header = true,
		.delimiter = ',',
		.unit = ITEM_FILE,
		.item = PLAN_NO_FIELD,
		.subject = PLAN_NO_FIELD };
	struct plan_field fields[2] = { { .name = a,
					    .how.action = TRANSFORM_KEEP },
		{ .name = b, .how.action = TRANSFORM_DROP } };
	struct package_made made;
	struct mask_source src;
	struct fault f = { 0 };
	struct bytes plain;
	struct making m;

	(void)state;
	csv.fields = fields;
	csv.nfields = 2;
	assert_ok(making_start(&m, &batch, &f));
	source_start(&src, &csv, "t.csv", "a,b\n1,2\n3,4\n", 12);
	assert_ok(package_shard_file(m.shard, &src, NULL, 0, &f));
	source_end(&src);
	assert_ok(package_shard_end(m.shard, &made, &f));
	assert_int_equal(made.items, 1);
	plain_of(&plain, m.fd[SHARD], &batch);
	assert_memory_equal(plain.at + TAR_BLOCK, "a\n1\n3\n", 7);
	bytes_free(&plain);
	making_end(&m);
}

static void
whose_a_file_is_goes_to_the_owner_s_side_alone(void **state)
{
	const struct slice folder = slice_of_text("c/1");
	char group[TOKEN_CHARS + 1], known[2 * TOKEN_MAC_BYTES];
	struct package_payload payload;
	struct package_join *x = NULL;
	struct secret key = { 0 };
	struct package_made made;
	struct package_origin o;
	struct mask_source src;
	struct fault f = { 0 };
	struct making m;
	size_t got;
	bool end;

	(void)state;
	assert_ok(making_start(&m, &batch, &f));
	for (unsigned i = 0; i < 3; i++) {
		static const char *const paths[] = { "c/1/a", "c/1/b", "d/2" };

		source_start(&src, &text, paths[i], "one", 3);
		if (i < 2)
			src.subject =
			    (struct slice){ (const uint8_t *)"ann", 3 };
		assert_ok(package_shard_file(
		    m.shard, &src, &folder, i < 2 ? i + 1 : 0, &f));
		source_end(&src);
	}
	assert_ok(package_shard_end(m.shard, &made, &f));
	assert_int_equal(made.persons, 1);
	assert_ok(
	    file_read_at(m.fd[PERSONS], known, sizeof(known), 0, &got, &f));
	assert_int_equal(got, TOKEN_MAC_BYTES);
	token_make(batch.subject, "ann", 3, group);
	payload_of(&payload, &key, m.fd[JOIN], &batch);
	assert_ok(package_join_open(&x, &payload, &f));
	assert_ok(package_join_next(x, &o, &end, &f));
	assert_string_equal(o.original, "c/1");
	assert_string_equal(o.group, group);
	assert_ok(package_join_next(x, &o, &end, &f));
	assert_string_equal(o.original, "d/2");
	assert_string_equal(o.group, "");
	package_join_close(x);
	secret_free(&key);
	making_end(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_files_of_a_folder_are_one_item_side_by_side),
		cmocka_unit_test(the_join_leads_to_the_folder_once),
		cmocka_unit_test(
		    an_item_that_is_no_folder_has_its_files_by_their_paths),
		cmocka_unit_test(
		    whose_a_file_is_goes_to_the_owner_s_side_alone),
		cmocka_unit_test(
		    files_of_a_folder_stand_in_their_order_or_are_refused),
		cmocka_unit_test(a_table_that_is_one_item_has_no_ids_in_it),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
