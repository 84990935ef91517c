/* gateway/package: sources into a shard, its index and its join, and back. */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/support/shard.h"

static struct batch batch;

static int
begin(void **state)
{
	(void)state;
	batch_start(&batch);
	return 0;
}

static int
finish(void **state)
{
	(void)state;
	batch_end(&batch);
	return 0;
}

static const struct file_plan text_plan = {
	.type = TYPE_TEXT, .item = PLAN_NO_FIELD, .subject = PLAN_NO_FIELD
};

/* id and name are kept; the person is in the second column. */
static struct plan_field row_fields[] = {
	{ .name = (char[]){ "id" }, .how.action = TRANSFORM_KEEP },
	{ .name = (char[]){ "who" }, .how.action = TRANSFORM_KEEP },
};
static const struct file_plan row_plan = {
	.type = TYPE_CSV,
	.header = true,
	.delimiter = ',',
	.item = 0,
	.subject = 1,
	.fields = row_fields,
	.nfields = 2,
};

static void
add_text(struct making *m, const char *path, const void *p, size_t len)
{
	struct mask_source src;
	struct fault f = { 0 };

	source_start(&src, &text_plan, path, p, len);
	assert_ok(package_shard_file(m->shard, &src, NULL, 0, &f));
	source_end(&src);
}

/* n rows as one part. */
static void
add_rows(struct making *m, const char *path, unsigned n)
{
	struct mask_source src;
	struct mask_cuts cuts;
	struct fault f = { 0 };
	struct bytes csv;

	bytes_init(&csv, (size_t)1 << 28);
	assert_ok(bytes_add_text(&csv, "id,who\n", &f));
	for (unsigned i = 1; i <= n; i++)
		assert_ok(
		    bytes_addf(&csv, &f, "k%u,%s\n", i, i % 2 ? "ann" : "bob"));
	source_start(&src, &row_plan, path, csv.at, csv.len);
	src.keys = &batch.keys.mask;
	assert_ok(mask_rows_cut(&src, UINT64_MAX, &cuts, &f));
	assert_int_equal(cuts.nparts, 1);
	assert_ok(package_shard_rows(m->shard, &src, &cuts.parts[0], &f));
	mask_cuts_free(&cuts);
	source_end(&src);
	bytes_free(&csv);
}

/* A shard of a little of everything. */
static void
make_mixed(struct making *m, struct package_made *made)
{
	struct fault f = { 0 };
	uint8_t *large = mem_new((size_t)20 << 20);

	memset(large, 'x', (size_t)20 << 20);
	assert_ok(making_start(m, &batch, &f));
	add_text(m, "notes/a.txt", "hello\n", 6);
	add_text(m, "notes/empty.txt", "", 0);
	add_rows(m, "customers.csv", 500);
	add_text(m, "notes/large.txt", large, (size_t)20 << 20);
	add_text(m, "notes/512.txt", large, 512);
	assert_ok(package_shard_end(m->shard, made, &f));
	mem_free(large);
}

static void
unpack(struct making *m, int folder, struct package_unpacked *out)
{
	struct package_payload shard, index;
	struct secret shard_key = { 0 }, index_key = { 0 };
	struct fault f = { 0 };

	payload_of(&shard, &shard_key, m->fd[SHARD], &batch);
	payload_of(&index, &index_key, m->fd[INDEX], &batch);
	assert_ok(package_unpack(&shard, &index, folder, out, &f));
	secret_free(&shard_key);
	secret_free(&index_key);
}

static void
what_goes_in_comes_out_under_other_names(void **state)
{
	struct package_unpacked got;
	struct package_made made;
	char path[64], id[TOKEN_CHARS + 1], name[40];
	struct fault f = { 0 };
	struct making m;
	struct stat st;
	struct bytes b;
	int folder;

	(void)state;
	make_mixed(&m, &made);
	assert_int_equal(made.members, 5);
	assert_int_equal(made.items, 504);
	test_folder(path);
	assert_ok(folder_open(AT_FDCWD, path, &folder, &f));
	unpack(&m, folder, &got);
	assert_int_equal(got.members, 5);
	assert_int_equal(got.items, 504);
	token_make(batch.item, "notes/a.txt", 11, id);
	(void)snprintf(name, sizeof(name), "%s.txt", id);
	bytes_init(&b, 100);
	assert_ok(file_read(folder, name, &b, &f));
	assert_int_equal(b.len, 6);
	assert_memory_equal(b.at, "hello\n", 6);
	token_make(batch.item, "notes/large.txt", 15, id);
	(void)snprintf(name, sizeof(name), "%s.txt", id);
	assert_int_equal(fstatat(folder, name, &st, 0), 0);
	assert_int_equal(st.st_size, 20 << 20);
	bytes_free(&b);
	file_close(&folder);
	test_folder_remove(path);
	making_end(&m);
}

static void
the_same_sources_and_keys_give_the_same_bytes(void **state)
{
	struct package_made made;
	struct bytes plain[2];

	(void)state;
	for (int object = SHARD; object <= JOIN; object++) {
		for (int i = 0; i < 2; i++) {
			struct making m;

			make_mixed(&m, &made);
			plain_of(&plain[i], m.fd[object], &batch);
			making_end(&m);
		}
		assert_int_equal(plain[0].len, plain[1].len);
		assert_memory_equal(plain[0].at, plain[1].at, plain[0].len);
		bytes_free(&plain[0]);
		bytes_free(&plain[1]);
	}
}

/* The member of the only part in a shard made of rows. */
static void
rows_of(struct bytes *out, unsigned n, const char *path)
{
	struct package_made made;
	struct fault f = { 0 };
	struct making m;

	assert_ok(making_start(&m, &batch, &f));
	add_rows(&m, path, n);
	assert_ok(package_shard_end(m.shard, &made, &f));
	plain_of(out, m.fd[SHARD], &batch);
	making_end(&m);
}

static void
rows_leave_in_an_order_that_the_key_decides(void **state)
{
	struct bytes one, other;
	uint8_t key[32] = { 9 };
	struct token_key *order;
	struct fault f = { 0 };
	unsigned risen = 0, last = 0;
	char *line;

	(void)state;
	rows_of(&one, 1000, "customers.csv");
	line = strstr((char *)one.at + TAR_BLOCK, "\n") + 1;
	for (unsigned i = 0; i < 1000; i++) {
		unsigned k =
		    (unsigned)strtoul(strstr(line, ",k") + 2, NULL, 10);

		assert_in_range(k, 1, 1000);
		risen += k > last;
		last = k;
		line = strstr(line, "\n") + 1;
	}
	assert_in_range(risen, 400, 600);

	assert_ok(token_key_new(&order, key, sizeof(key), &f));
	batch.keys.order = order;
	rows_of(&other, 1000, "customers.csv");
	batch.keys.order = batch.order;
	token_key_free(order);
	assert_int_equal(one.len, other.len);
	assert_memory_not_equal(one.at, other.at, one.len);
	bytes_free(&one);
	bytes_free(&other);
}

static void
the_index_says_what_is_in_the_shard_and_in_which_order(void **state)
{
	struct package_payload payload;
	struct package_index *x = NULL;
	struct secret key = { 0 };
	struct package_made made;
	struct package_entry e;
	struct fault f = { 0 };
	struct making m;
	bool end;

	(void)state;
	make_mixed(&m, &made);
	payload_of(&payload, &key, m.fd[INDEX], &batch);
	assert_ok(package_index_open(&x, &payload, &f));
	assert_ok(package_index_next(x, &e, &end, &f));
	assert_false(end || e.row);
	assert_int_equal(e.bytes, 6);
	assert_string_equal(e.type, "text");
	assert_memory_equal(e.member, e.item, TOKEN_CHARS);
	assert_ok(package_index_next(x, &e, &end, &f));
	assert_int_equal(e.bytes, 0);
	assert_ok(package_index_next(x, &e, &end, &f));
	assert_string_equal(e.item, "");
	assert_string_equal(e.type, "csv");
	assert_int_equal(e.items, 500);
	for (int i = 0; i < 500; i++) {
		assert_ok(package_index_next(x, &e, &end, &f));
		assert_true(e.row && !end);
		assert_int_equal(strlen(e.item), TOKEN_CHARS);
	}
	assert_ok(package_index_next(x, &e, &end, &f));
	assert_int_equal(e.bytes, 20 << 20);
	assert_ok(package_index_next(x, &e, &end, &f));
	assert_ok(package_index_next(x, &e, &end, &f));
	assert_true(end);
	package_index_close(x);
	secret_free(&key);
	making_end(&m);
}

static void
the_join_leads_each_item_back_to_where_it_came_from(void **state)
{
	char want[TOKEN_CHARS + 1], ann[TOKEN_CHARS + 1] = "";
	struct package_payload payload;
	struct package_join *x = NULL;
	struct package_origin o;
	struct secret key = { 0 };
	struct package_made made;
	struct fault f = { 0 };
	unsigned files = 0, rows = 0;
	struct making m;
	bool end;

	(void)state;
	make_mixed(&m, &made);
	payload_of(&payload, &key, m.fd[JOIN], &batch);
	assert_ok(package_join_open(&x, &payload, &f));
	for (;;) {
		assert_ok(package_join_next(x, &o, &end, &f));
		if (end)
			break;
		token_make(batch.item, o.original, strlen(o.original), want);
		assert_string_equal(o.item, want);
		if (strchr(o.original, '#') == NULL) {
			files++;
			assert_memory_equal(o.original, "notes/", 6);
			assert_string_equal(o.group, "");
			continue;
		}
		rows++;
		assert_memory_equal(o.original, "customers.csv#k", 15);
		if (strtoul(o.original + 15, NULL, 10) % 2 == 0)
			continue;
		if (ann[0] == '\0')
			memcpy(ann, o.group, sizeof(ann));
		assert_int_equal(strlen(ann), TOKEN_CHARS);
		assert_string_equal(o.group, ann);
	}
	assert_int_equal(files, 4);
	assert_int_equal(rows, 500);
	package_join_close(x);
	secret_free(&key);
	making_end(&m);
}

static void
neither_index_nor_shard_tells_an_original_name(void **state)
{
	struct package_made made;
	struct bytes plain;
	struct making m;

	(void)state;
	make_mixed(&m, &made);
	plain_of(&plain, m.fd[INDEX], &batch);
	assert_null(strstr((char *)plain.at, "notes"));
	assert_null(strstr((char *)plain.at, "customers"));
	bytes_free(&plain);
	plain_of(&plain, m.fd[SHARD], &batch);
	assert_null(memmem(plain.at, plain.len, "notes", 5));
	assert_null(memmem(plain.at, plain.len, "customers", 9));
	bytes_free(&plain);
	making_end(&m);
}

static void
odd_original_names_survive_the_join(void **state)
{
	static const char *const names[] = { "a \"b\" \\ c", "tab\there\n",
		"\xc3\xa9t\xc3\xa9.txt", "\x01\x1f\x7f", "\xf0\x9f\x90\xb1" };
	struct package_payload payload;
	struct package_join *x = NULL;
	struct package_origin o;
	struct secret key = { 0 };
	struct package_made made;
	struct fault f = { 0 };
	struct making m;
	bool end;

	(void)state;
	assert_ok(making_start(&m, &batch, &f));
	for (size_t i = 0; i < 5; i++)
		add_text(&m, names[i], "x", 1);
	assert_ok(package_shard_end(m.shard, &made, &f));
	payload_of(&payload, &key, m.fd[JOIN], &batch);
	assert_ok(package_join_open(&x, &payload, &f));
	for (size_t i = 0; i < 5; i++) {
		assert_ok(package_join_next(x, &o, &end, &f));
		assert_string_equal(o.original, names[i]);
	}
	package_join_close(x);
	secret_free(&key);
	making_end(&m);
}

static void
original_names_that_no_join_could_hold_are_refused(void **state)
{
	char longer[PACKAGE_ORIGINAL_MAX + 2];
	const char *names[] = { "not \xff utf-8", longer };

	(void)state;
	memset(longer, 'a', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	for (size_t i = 0; i < 2; i++) {
		struct mask_source src;
		struct fault f = { 0 };
		struct making m;

		assert_ok(making_start(&m, &batch, &f));
		source_start(&src, &text_plan, names[i], "x", 1);
		assert_refused(package_shard_file(m.shard, &src, NULL, 0, &f),
		    FAULT_INPUT);
		source_end(&src);
		making_end(&m);
	}
}

static void
a_source_that_is_not_what_its_plan_says_stops_the_shard(void **state)
{
	struct mask_source src;
	struct fault f = { 0 };
	struct making m;

	(void)state;
	assert_ok(making_start(&m, &batch, &f));
	source_start(&src, &text_plan, "a.txt", "\xff\xfe", 2);
	assert_refused(
	    package_shard_file(m.shard, &src, NULL, 0, &f), FAULT_INPUT);
	src.size = 5;
	assert_refused(
	    package_shard_file(m.shard, &src, NULL, 0, &f), FAULT_INPUT);
	source_end(&src);
	making_end(&m);
}

static void
every_allocation_may_fail(void **state)
{
	int done = 0;

	(void)state;
	for (long n = 0; !done; n++) {
		struct package_made made;
		struct mask_source src;
		struct fault f = { 0 };
		struct making m;
		int rc;

		source_start(&src, &text_plan, "a.txt", "hello", 5);
		mem_fail_after(n);
		rc = making_start(&m, &batch, &f);
		if (rc == 0)
			rc = package_shard_file(m.shard, &src, NULL, 0, &f);
		if (rc == 0)
			rc = package_shard_end(m.shard, &made, &f);
		mem_fail_after(-1);
		if (rc != 0)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		else
			done = 1;
		source_end(&src);
		making_end(&m);
	}
}

static void
what_was_made_travels_between_processes(void **state)
{
	struct package_made made, back;
	struct fault f = { 0 };
	struct reader r;
	struct bytes b;

	(void)state;
	memset(&made, 0, sizeof(made));
	memset(&back, 1, sizeof(back));
	made.index.sha256[3] = 7;
	made.shard.bytes = 5;
	made.join.plain = 6;
	made.items = 7;
	made.members = 8;
	bytes_init(&b, 4096);
	assert_ok(package_made_put(&b, &made, &f));
	r = reader_of(b.at, b.len);
	assert_ok(package_made_take(&r, &back, &f));
	assert_ok(take_end(&r, &f));
	assert_memory_equal(&made, &back, sizeof(made));
	for (size_t len = 0; len < b.len; len++) {
		r = reader_of(b.at, len);
		assert_refused(package_made_take(&r, &back, &f), FAULT_INPUT);
	}
	bytes_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out_under_other_names),
		cmocka_unit_test(the_same_sources_and_keys_give_the_same_bytes),
		cmocka_unit_test(rows_leave_in_an_order_that_the_key_decides),
		cmocka_unit_test(
		    the_index_says_what_is_in_the_shard_and_in_which_order),
		cmocka_unit_test(
		    the_join_leads_each_item_back_to_where_it_came_from),
		cmocka_unit_test(
		    neither_index_nor_shard_tells_an_original_name),
		cmocka_unit_test(odd_original_names_survive_the_join),
		cmocka_unit_test(
		    original_names_that_no_join_could_hold_are_refused),
		cmocka_unit_test(
		    a_source_that_is_not_what_its_plan_says_stops_the_shard),
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(what_was_made_travels_between_processes),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
