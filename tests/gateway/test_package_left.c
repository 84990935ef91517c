/* gateway/package: rows that stay behind when their part is packed, and how
 * large a part may become. */

#include <stdio.h>
#include <string.h>

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

static struct plan_field fields[] = {
	{ .name = (char[]){ "id" }, .how.action = TRANSFORM_KEEP },
	{ .name = (char[]){ "who" }, .how.action = TRANSFORM_KEEP },
};
static const struct file_plan plan = {
	.type = TYPE_CSV,
	.header = true,
	.delimiter = ',',
	.item = 0,
	.subject = 1,
	.fields = fields,
	.nfields = 2,
};

/* A shard of n rows but for those that stay. */
static void
make_rows(struct making *m, unsigned n, const uint8_t *left,
    struct package_made *made)
{
	struct mask_source src;
	struct mask_cuts cuts;
	struct fault f = { 0 };
	struct bytes csv;

	bytes_init(&csv, 1 << 20);
	assert_ok(bytes_add_text(&csv, "id,who\n", &f));
	for (unsigned i = 1; i <= n; i++)
		assert_ok(
		    bytes_addf(&csv, &f, "k%u,%s\n", i, i % 2 ? "ann" : "bob"));
	source_start(&src, &plan, "customers.csv", csv.at, csv.len);
	src.keys = &batch.keys.mask;
	assert_ok(mask_rows_cut(&src, UINT64_MAX, &cuts, &f));
	assert_int_equal(cuts.nparts, 1);
	cuts.parts[0].left = left;
	assert_ok(making_start(m, &batch, &f));
	assert_ok(package_shard_rows(m->shard, &src, &cuts.parts[0], &f));
	assert_ok(package_shard_end(m->shard, made, &f));
	mask_cuts_free(&cuts);
	source_end(&src);
	bytes_free(&csv);
}

static void
rows_that_stay_are_in_neither_shard_nor_index_nor_join(void **state)
{
	const uint8_t left[] = { 0xff, 0xff & ~(1u << 2), 1u << 1 };
	struct package_payload payload;
	struct package_index *index = NULL;
	struct package_join *join = NULL;
	struct package_entry e;
	struct package_origin o;
	struct secret key = { 0 };
	struct package_made made;
	struct fault f = { 0 };
	struct making m;
	struct bytes plain;
	const char *tar;
	unsigned seen = 0;
	bool end;

	(void)state;
	make_rows(&m, 18, left, &made);
	assert_int_equal(made.items, 2);
	plain_of(&plain, m.fd[SHARD], &batch);
	assert_ok(bytes_end_text(&plain, &f));
	tar = (const char *)plain.at + TAR_BLOCK;
	assert_non_null(strstr(tar, ",k11,ann\n"));
	assert_non_null(strstr(tar, ",k17,ann\n"));
	assert_null(strstr(tar, ",bob"));
	bytes_free(&plain);

	payload_of(&payload, &key, m.fd[INDEX], &batch);
	assert_ok(package_index_open(&index, &payload, &f));
	assert_ok(package_index_next(index, &e, &end, &f));
	assert_int_equal(e.items, 2);
	for (int i = 0; i < 3; i++)
		assert_ok(package_index_next(index, &e, &end, &f));
	assert_true(end);
	package_index_close(index);
	secret_free(&key);

	payload_of(&payload, &key, m.fd[JOIN], &batch);
	assert_ok(package_join_open(&join, &payload, &f));
	for (int i = 0; i < 2; i++) {
		assert_ok(package_join_next(join, &o, &end, &f));
		assert_false(end);
		assert_memory_equal(o.original, "customers.csv#k", 15);
		seen += (unsigned)strtoul(o.original + 15, NULL, 10);
	}
	assert_int_equal(seen, 11 + 17);
	assert_ok(package_join_next(join, &o, &end, &f));
	assert_true(end);
	package_join_close(join);
	secret_free(&key);
	making_end(&m);
}

/* The records were counted when the parts were cut. */
static void
a_part_of_more_or_fewer_rows_than_were_counted_is_refused(void **state)
{
	static const char csv[] = "id,who\nk1,ann\nk2,bob\nk3,ann\n";
	struct mask_part part = { .from = 7, .to = sizeof(csv) - 1 };
	struct mask_source src;
	struct fault f = { 0 };
	struct making m;

	(void)state;
	source_start(&src, &plan, "customers.csv", csv, sizeof(csv) - 1);
	src.keys = &batch.keys.mask;
	part.first = 1;
	for (part.records = 2; part.records <= 4; part.records++) {
		assert_ok(making_start(&m, &batch, &f));
		if (part.records == 3)
			assert_ok(package_shard_rows(m.shard, &src, &part, &f));
		else
			assert_refused(
			    package_shard_rows(m.shard, &src, &part, &f),
			    FAULT_INPUT);
		making_end(&m);
	}
	assert_string_equal(
	    f.text, "customers.csv: changed after it was cut into parts");
	part.records = UINT64_MAX;
	assert_ok(making_start(&m, &batch, &f));
	assert_refused(
	    package_shard_rows(m.shard, &src, &part, &f), FAULT_INPUT);
	assert_string_equal(f.text, "more than 4194304 rows in a part");
	making_end(&m);
	source_end(&src);
}

static void
values_of_a_character_may_all_become_tokens(void **state)
{
	static const char line[] = "1,2,3,4\n";
	const size_t n = PACKAGE_PART_TARGET / (sizeof(line) - 1);
	struct plan_field four[4];
	const struct file_plan tokens = { .type = TYPE_CSV,
		.delimiter = ',',
		.item = PLAN_NO_FIELD,
		.subject = PLAN_NO_FIELD,
		.fields = four,
		.nfields = 4 };
	const struct mask_part part = {
		.to = n * (sizeof(line) - 1), .first = 1, .records = n
	};
	const struct transform_key *keys[1];
	struct transform_key *key;
	struct package_made made;
	struct mask_source src;
	struct secret secret = { 0 };
	struct fault f = { 0 };
	struct making m;
	struct bytes csv;

	(void)state;
	for (int i = 0; i < 4; i++)
		four[i] = (struct plan_field){ .name = (char[]){ "x" },
			.how.action = TRANSFORM_TOKEN };
	bytes_init(&csv, SIZE_MAX);
	for (size_t i = 0; i < n; i++)
		assert_ok(bytes_add_text(&csv, line, &f));
	assert_ok(secret_copy(&secret, line, sizeof(line), &f));
	assert_ok(transform_key_new(&key, "token:x", &secret, &f));
	keys[0] = key;
	batch.keys.mask.field = keys;
	batch.keys.mask.nfields = 1;
	source_start(&src, &tokens, "answers.csv", csv.at, csv.len);
	src.keys = &batch.keys.mask;
	assert_ok(making_start(&m, &batch, &f));
	assert_ok(package_shard_rows(m.shard, &src, &part, &f));
	assert_ok(package_shard_end(m.shard, &made, &f));
	assert_int_equal(made.items, n);
	assert_true(made.shard.plain > n * 5 * (TOKEN_CHARS + 1));
	batch.keys.mask.nfields = 0;
	transform_key_free(key);
	secret_free(&secret);
	making_end(&m);
	source_end(&src);
	bytes_free(&csv);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    rows_that_stay_are_in_neither_shard_nor_index_nor_join),
		cmocka_unit_test(
		    a_part_of_more_or_fewer_rows_than_were_counted_is_refused),
		cmocka_unit_test(values_of_a_character_may_all_become_tokens),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
