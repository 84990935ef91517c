/* gateway/flow: the worker, as the coordinator uses it, over a pool. */

#include "gateway/flow/flow.h"
#include "tests/support/worker.h"

static const struct process_role test_roles[] = {
	{ "worker", worker_role },
	{ NULL, NULL },
};

/* Columns id (a token, and the item's) and city. */
static const char csv_text[] = "id,city\n7,Ulm\n8,Bonn\n9,Kiel\n";
static struct plan_field csv_fields[] = {
	{ .name = (char[]){ "id" },
	    .how = { .action = TRANSFORM_TOKEN, .domain = (char[]){ "id" } } },
	{ .name = (char[]){ "city" }, .how.action = TRANSFORM_KEEP },
};
static char *csv_keys[] = { (char[]){ "token:id" } };
static const struct file_plan csv_plan = { .policy = (char[]){ "p.yaml" },
	.type = TYPE_CSV,
	.header = true,
	.delimiter = ',',
	.item = 0,
	.subject = 0,
	.fields = csv_fields,
	.nfields = 2,
	.keys = { csv_keys, 1 } };
static const struct file_plan text_plan = { .policy = (char[]){ "p.yaml" },
	.type = TYPE_TEXT,
	.item = PLAN_NO_FIELD,
	.subject = PLAN_NO_FIELD };

static void
tell_plans(struct bench *b)
{
	struct message m;
	struct fault f;

	message_init(&m, MESSAGE_MAX);
	assert_ok(ask_begin(&m, WORKER_PLANS, &f));
	assert_ok(put_u32(&m.body, 2, &f));
	assert_ok(put_u32(&m.body, 0, &f));
	assert_ok(file_plan_put(&m.body, &text_plan, &f));
	assert_ok(put_u32(&m.body, 5, &f));
	assert_ok(file_plan_put(&m.body, &csv_plan, &f));
	run(b, &m);
	assert_done(b);
}

static void
begin_shard(struct bench *b, int drafts[DRAFTS])
{
	struct message m;
	struct fault f;

	message_init(&m, MESSAGE_MAX);
	assert_ok(ask_begin(&m, WORKER_BEGIN, &f));
	for (int to = 0; to < 2; to++) {
		assert_ok(put_u16(&m.body, 1, &f));
		assert_ok(put_text(&m.body, b->recipient, &f));
	}
	assert_ok(put_u8(&m.body, 0, &f));
	for (int i = 0; i < DRAFTS; i++) {
		drafts[i] = memory_fd("", 0);
		assert_ok(message_add_fd(&m, drafts[i], &f));
	}
	run(b, &m);
	assert_done(b);
}

/* The file before is an item by itself. */
static void
put_alone(struct message *m)
{
	struct fault f;

	assert_ok(put_u32(&m->body, 0, &f));
	assert_ok(put_slice(&m->body, NULL, 0, &f));
}

static void
add_files(struct bench *b)
{
	struct message m;
	struct fault f;

	message_init(&m, MESSAGE_MAX);
	assert_ok(ask_begin(&m, WORKER_FILES, &f));
	assert_ok(put_u16(&m.body, 2, &f));
	put_source(&m, "a.txt", "text a", 0);
	put_alone(&m);
	put_source(&m, "b.txt", "text b", 0);
	put_alone(&m);
	run(b, &m);
}

static void
add_rows(struct bench *b)
{
	struct mask_part part = { 8, sizeof(csv_text) - 1, 1, 3, NULL, NULL };
	struct message m;
	struct fault f;

	message_init(&m, MESSAGE_MAX);
	assert_ok(ask_begin(&m, WORKER_ROWS, &f));
	put_source(&m, "rows.csv", csv_text, 5);
	assert_ok(worker_put_part(&m.body, &part, &f));
	run(b, &m);
}

static void
end_shard(struct bench *b, struct package_made *made)
{
	struct message m;
	struct fault f;

	message_init(&m, 64);
	assert_ok(ask_begin(&m, WORKER_END, &f));
	run(b, &m);
	if (b->r.fault.kind != FAULT_NONE)
		return;
	assert_ok(package_made_take(&b->r.body, made, &f));
	assert_ok(take_end(&b->r.body, &f));
}

/* What a draft holds, sealed, and opened. */
static void
read_draft(struct bench *b, int fd, struct bytes *sealed, struct secret *plain)
{
	struct fault f;

	bytes_init(sealed, 1u << 20);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_ok(file_read_fd(fd, sealed, &f));
	assert_ok(
	    age_open_small(plain, sealed->at, sealed->len, &b->id, 1, &f));
	file_close(&fd);
}

/* So many hashes, rising. */
static void
read_persons(struct bytes *out, int fd, uint64_t persons)
{
	struct fault f;

	bytes_init(out, 1u << 20);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_ok(file_read_fd(fd, out, &f));
	file_close(&fd);
	assert_int_equal(out->len, persons * TOKEN_MAC_BYTES);
	for (size_t i = TOKEN_MAC_BYTES; i < out->len; i += TOKEN_MAC_BYTES)
		assert_true(memcmp(out->at + i - TOKEN_MAC_BYTES, out->at + i,
				TOKEN_MAC_BYTES) < 0);
}

static void
seal_one(struct bench *b, struct bytes sealed[OBJECTS],
    struct secret plain[OBJECTS], struct package_made *made)
{
	struct bytes persons;
	int drafts[DRAFTS];

	begin_shard(b, drafts);
	add_files(b);
	assert_done(b);
	add_rows(b);
	assert_done(b);
	end_shard(b, made);
	assert_done(b);
	read_persons(&persons, drafts[PERSONS], made->persons);
	bytes_free(&persons);
	for (int i = 0; i < OBJECTS; i++)
		read_draft(b, drafts[i], &sealed[i], &plain[i]);
}

static void
same_sources_under_the_same_keys_are_the_same_tar_sealed_anew(void **state)
{
	struct bytes sealed[3][OBJECTS];
	struct secret plain[3][OBJECTS] = { 0 };
	struct package_made made[3];
	struct bench b;

	(void)state;
	for (int i = 0; i < 3; i++) { /* the third under other keys */
		bench_start(&b, i < 2 ? 10 : 99);
		tell_plans(&b);
		seal_one(&b, sealed[i], plain[i], &made[i]);
		bench_end(&b);
	}
	assert_int_equal(made[0].items, 5);
	assert_int_equal(made[0].members, 3);
	assert_int_equal(made[0].persons, 3); /* of the rows */
	for (int i = 0; i < OBJECTS; i++) {
		size_t len = plain[0][i].len;

		assert_int_equal(plain[1][i].len, len);
		assert_memory_equal(plain[0][i].at, plain[1][i].at, len);
		assert_false(plain[2][i].len == len &&
			     memcmp(plain[2][i].at, plain[0][i].at, len) == 0);
		assert_false(sealed[1][i].len == sealed[0][i].len &&
			     memcmp(sealed[1][i].at, sealed[0][i].at,
				 sealed[0][i].len) == 0);
	}
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < OBJECTS; j++) {
			bytes_free(&sealed[i][j]);
			secret_free(&plain[i][j]);
		}
}

/* One worker, one identity, one draft after another: as a resumed export does.
 */
static void
a_draft_that_is_sealed_again_repeats_neither_file_key_nor_nonce(void **state)
{
	struct bytes sealed[2][OBJECTS];
	struct secret plain[2][OBJECTS] = { 0 }, key[2] = { { 0 } };
	struct package_made made;
	struct age_header h[2];
	struct fault f;
	struct bench b;

	(void)state;
	bench_start(&b, 1);
	tell_plans(&b);
	for (int i = 0; i < 2; i++) {
		seal_one(&b, sealed[i], plain[i], &made);
		assert_ok(age_header_read(
		    &h[i], sealed[i][SHARD].at, sealed[i][SHARD].len, &f));
		assert_ok(age_header_open(&h[i], &b.id, 1, &key[i], &f));
	}
	assert_int_equal(plain[0][SHARD].len, plain[1][SHARD].len);
	assert_memory_not_equal(key[0].at, key[1].at, AGE_FILE_KEY_BYTES);
	assert_memory_not_equal(sealed[0][SHARD].at + h[0].len,
	    sealed[1][SHARD].at + h[1].len, AGE_NONCE_BYTES);
	for (int i = 0; i < 2; i++) {
		age_header_free(&h[i]);
		secret_free(&key[i]);
		for (int j = 0; j < OBJECTS; j++) {
			bytes_free(&sealed[i][j]);
			secret_free(&plain[i][j]);
		}
	}
	bench_end(&b);
}

static void
close_all(int drafts[DRAFTS])
{
	for (int i = 0; i < DRAFTS; i++)
		file_close(&drafts[i]);
}

static void
a_fault_throws_the_shard_away_and_the_next_one_is_clean(void **state)
{
	struct package_made made;
	struct message m;
	struct fault f;
	struct bench b;
	int drafts[DRAFTS];

	(void)state;
	bench_start(&b, 1);
	end_shard(&b, &made);
	assert_said(&b, FAULT_SYSTEM, "no shard begun");
	begin_shard(&b, drafts);
	add_files(&b);
	assert_said(&b, FAULT_SYSTEM, "plan 0 was not told");
	end_shard(&b, &made);
	assert_said(&b, FAULT_SYSTEM, "no shard begun");
	close_all(drafts);
	tell_plans(&b);
	tell_plans(&b); /* told again is no harm */

	/* Not UTF-8 any more: exit 6, and the path says where. */
	begin_shard(&b, drafts);
	message_init(&m, MESSAGE_MAX);
	assert_ok(ask_begin(&m, WORKER_FILES, &f));
	assert_ok(put_u16(&m.body, 1, &f));
	put_source(&m, "a.txt", "bad \xff", 0);
	put_alone(&m);
	run(&b, &m);
	assert_said(&b, FAULT_INPUT, "a.txt: not UTF-8");
	add_rows(&b);
	assert_said(&b, FAULT_SYSTEM, "no shard begun");
	close_all(drafts);

	begin_shard(&b, drafts);
	add_rows(&b);
	assert_done(&b);
	end_shard(&b, &made);
	assert_done(&b);
	assert_int_equal(made.items, 3);
	close_all(drafts);
	bench_end(&b);
}

/* A cut; wanted is an id that is looked for, or NULL. */
static void
cut(struct bench *b, const char *text, const char *wanted)
{
	struct message m;
	struct fault f;

	message_init(&m, MESSAGE_MAX);
	assert_ok(ask_begin(&m, WORKER_CUT, &f));
	put_source(&m, "rows.csv", text, 0);
	assert_ok(file_plan_put(&m.body, &csv_plan, &f));
	assert_ok(put_u32(&m.body, wanted != NULL ? 1 : 0, &f));
	if (wanted != NULL)
		assert_ok(put_text(&m.body, wanted, &f));
	run(b, &m);
}

static void
a_cut_counts_finds_and_refuses_ids_that_come_twice(void **state)
{
	struct mask_part part;
	struct fault f;
	struct bench b;
	uint64_t records, found;
	uint32_t n;

	(void)state;
	bench_start(&b, 1);
	for (int i = 0; i < 2; i++) {
		cut(&b, csv_text, i == 0 ? "rows.csv#8" : "rows.csv#77");
		assert_done(&b);
		assert_ok(take_u64(&b.r.body, &records, &f));
		assert_ok(take_u32(&b.r.body, &n, &f));
		assert_int_equal(records, 3);
		assert_int_equal(n, 1);
		memset(&part, 0xff, sizeof(part));
		assert_ok(worker_take_part(&b.r.body, &part, &f));
		assert_int_equal(part.records, 3);
		assert_null(part.left);
		assert_null(part.held);
		assert_ok(take_u64(&b.r.body, &found, &f));
		assert_int_equal(found, i == 0 ? 2 : 0);
		assert_ok(take_end(&b.r.body, &f));
	}
	cut(&b, "id,city\n7,Ulm\n8,Bonn\n9,Kiel\n8,Rom\n", NULL);
	assert_said(&b, FAULT_INPUT,
	    "rows.csv:5: record 4: its item id, column \"id\", is that of "
	    "record 2");
	assert_string_equal(b.r.fault.hint,
	    "ids are unique: choose another item_id in the policy, or leave "
	    "one of the records out");
	/* a line as an editor counts, whatever ends it and is within quotes */
	cut(&b, "id,city\r\n7,\"U\nl\rm\"\r\n8,Bonn\r\n8,Rom\r\n", NULL);
	assert_said(&b, FAULT_INPUT, "rows.csv:6: record 3: its item id");
	cut(&b, "id,city\n7,Ulm\n,Bonn\n", NULL);
	assert_said(&b, FAULT_INPUT, "record 2");
	cut(&b, "id,town\n7,Ulm\n8,Bonn\n", NULL);
	assert_int_equal(b.r.fault.kind, FAULT_POLICY);
	bench_end(&b);
}

/* Of many records only one has an id that came before, and far behind. */
static void
ids_that_come_twice_are_found_among_many(void **state)
{
	struct bytes text;
	struct bench b;
	struct fault f;
	char want[120];

	(void)state;
	bench_start(&b, 1);
	bytes_init(&text, (size_t)1 << 28);
	for (unsigned twin = 0; twin <= 300000; twin += 100000) {
		bytes_reset(&text);
		assert_ok(bytes_add_text(&text, "id,city\n", &f));
		for (unsigned i = 1; i <= 300000; i++)
			assert_ok(bytes_addf(
			    &text, &f, "%u,Ulm\n", i == twin ? 77 : i));
		assert_ok(bytes_end_text(&text, &f));
		cut(&b, (const char *)text.at, NULL);
		if (twin == 0) {
			assert_done(&b);
			continue;
		}
		(void)snprintf(want, sizeof(want),
		    "rows.csv:%u: record %u: its item id, column \"id\", is "
		    "that of record 77",
		    twin + 1, twin);
		assert_said(&b, FAULT_INPUT, want);
	}
	bytes_free(&text);
	bench_end(&b);
}

static void
shapes_come_file_by_file_and_one_bad_file_spoils_no_other(void **state)
{
	static const char *const texts[] = { "{\"a\":1}", "{\"a\":2}", "{\"a\"",
		"{\"b\":1}" };
	static const uint8_t want[] = { WORKER_SAID_SHAPE, WORKER_SAID_SAME,
		WORKER_SAID_FAULT, WORKER_SAID_SHAPE };
	struct slice shape;
	struct message m;
	struct fault f, told;
	struct bench b;
	uint8_t said;

	(void)state;
	bench_start(&b, 1);
	message_init(&m, MESSAGE_MAX);
	assert_ok(ask_begin(&m, WORKER_SHAPES, &f));
	assert_ok(put_u8(&m.body, TYPE_JSON, &f));
	assert_ok(put_u8(&m.body, 0, &f));
	assert_ok(put_u8(&m.body, 0, &f));
	assert_ok(put_u32(&m.body, 0, &f));
	assert_ok(put_u8(&m.body, 0, &f));
	assert_ok(put_u16(&m.body, 4, &f));
	for (int i = 0; i < 4; i++)
		put_source(&m, "x.json", texts[i], UINT32_MAX);
	run(&b, &m);
	assert_done(&b);
	for (int i = 0; i < 4; i++) {
		assert_ok(take_u8(&b.r.body, &said, &f));
		assert_int_equal(said, want[i]);
		if (said == WORKER_SAID_SHAPE)
			assert_ok(
			    take_slice(&b.r.body, MESSAGE_MAX, &shape, &f));
		told = (struct fault){ 0 };
		if (said == WORKER_SAID_FAULT) {
			assert_ok(take_fault(&b.r.body, &told, &f));
			assert_int_equal(told.kind, FAULT_INPUT);
		}
	}
	assert_ok(take_end(&b.r.body, &f));
	bench_end(&b);
}

static void
the_layout_is_the_keys_and_holds_every_unit_once(void **state)
{
	uint32_t shards[3], end = 0, unit, order[3][100];
	struct message m;
	struct fault f;
	struct bench b;

	(void)state;
	for (int i = 0; i < 3; i++) {
		bool seen[100] = { false };

		bench_start(&b, i < 2 ? 10 : 99);
		message_init(&m, MESSAGE_MAX);
		assert_ok(ask_begin(&m, WORKER_LAYOUT, &f));
		assert_ok(put_u64(&m.body, 1000, &f));
		assert_ok(put_u32(&m.body, 100, &f));
		for (int j = 0; j < 100; j++)
			assert_ok(put_u64(&m.body, 100, &f));
		run(&b, &m);
		assert_done(&b);
		assert_ok(take_u32(&b.r.body, &shards[i], &f));
		assert_in_range(shards[i], 10, 50);
		for (uint32_t j = 0, was = 0; j < shards[i]; j++, was = end) {
			assert_ok(take_u32(&b.r.body, &end, &f));
			assert_in_range(end, was + 1, was + 10);
		}
		assert_int_equal(end, 100);
		for (int j = 0; j < 100; j++) {
			assert_ok(take_u32(&b.r.body, &unit, &f));
			assert_true(unit < 100 && !seen[unit]);
			seen[unit] = true;
			order[i][j] = unit;
		}
		assert_ok(take_end(&b.r.body, &f));
		bench_end(&b);
	}
	assert_memory_equal(order[0], order[1], sizeof(order[0]));
	assert_memory_not_equal(order[0], order[2], sizeof(order[0]));
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    same_sources_under_the_same_keys_are_the_same_tar_sealed_anew),
		cmocka_unit_test(
		    a_draft_that_is_sealed_again_repeats_neither_file_key_nor_nonce),
		cmocka_unit_test(
		    a_fault_throws_the_shard_away_and_the_next_one_is_clean),
		cmocka_unit_test(
		    a_cut_counts_finds_and_refuses_ids_that_come_twice),
		cmocka_unit_test(ids_that_come_twice_are_found_among_many),
		cmocka_unit_test(
		    shapes_come_file_by_file_and_one_bad_file_spoils_no_other),
		cmocka_unit_test(
		    the_layout_is_the_keys_and_holds_every_unit_once),
	};

	process_begin(argc, argv, test_roles);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
