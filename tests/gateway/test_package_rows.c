/* gateway/package: rows in index and join, which are of the member that stands
 * in front of them, whether they name it, as older programs had it, or not. */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "tests/support/shard.h"

#define ID "abcdefghijklmnopqrstuvwxyz"
#define ID2 "bbcdefghijklmnopqrstuvwxyz"
#define SHA "00000000000000000000000000000000000000000000000000000000000000aa"
#define PART                                                            \
	"{\"bytes\":9,\"items\":2,\"member\":\"" ID ".csv\",\"sha256\"" \
	":\"" SHA "\",\"type\":\"csv\"}\n"
#define BARE(item) "{\"item\":\"" item "\"}\n"
#define NAMED(item, member) \
	"{\"item\":\"" item "\",\"member\":\"" member "\"}\n"

#define JOIN_PART                                                             \
	"{\"bytes\":9,\"first\":1,\"from\":0,\"member\":\"" ID ".csv\",\"pat" \
	"h\":\"a\",\"records\":2,\"sha256\":\"" SHA "\",\"to\":9}\n"
#define JOIN_VALUE "{\"item\":\"" ID2 "\",\"value\":\"a#1\"}\n"
#define JOIN_NUMBER "{\"item\":\"" ID2 "\",\"row\":12}\n"
#define JOIN_BARE                                                        \
	"{\"at\":0,\"item\":\"" ID2 "\",\"len\":4,\"original\":\"a#1\"," \
	"\"row\":1}\n"
#define JOIN_NAMED                                                   \
	"{\"at\":0,\"item\":\"" ID2 "\",\"len\":4,\"member\":\"" ID2 \
	".csv\",\"original\":\"a#1\",\"row\":1}\n"

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

/* Read an index to its end, or to the fault at that line. */
static void
read_index(const char *text, unsigned rows, const char *why)
{
	struct package_payload payload;
	struct package_index *x = NULL;
	struct package_entry e;
	struct secret key = { 0 };
	struct fault f = { 0 };
	int fd = object_of(&batch, text, strlen(text));
	bool end = false;
	unsigned seen = 0;

	payload_of(&payload, &key, fd, &batch);
	assert_ok(package_index_open(&x, &payload, &f));
	while (package_index_next(x, &e, &end, &f) == 0 && !end) {
		assert_string_equal(e.member, ID ".csv");
		seen += e.row;
	}
	assert_int_equal(seen, rows);
	if (why == NULL)
		assert_true(end);
	else
		assert_string_equal(f.text, why);
	package_index_close(x);
	secret_free(&key);
	(void)close(fd);
}

static void
a_row_of_an_index_is_of_the_part_in_front_of_it(void **state)
{
	(void)state;
	read_index(PART BARE(ID) BARE(ID2), 2, NULL);
	read_index(PART NAMED(ID, ID ".csv") BARE(ID2), 2, NULL);
	read_index(PART BARE(ID) NAMED(ID2, ID ".csv"), 2, NULL);
	read_index(BARE(ID), 0, "index: line 1: a row outside its member");
	read_index(PART NAMED(ID, ID2 ".csv"), 0,
	    "index: line 2: a row outside its member");
	read_index(PART BARE(ID) BARE(ID2) BARE(ID), 2,
	    "index: line 4: a row outside its member");
	read_index(
	    PART BARE(ID), 1, "index: line 3: a member without its rows");
	read_index(PART BARE("abc"), 0, "index: line 2: not an index line");
	read_index(PART BARE(ID "a"), 0, "index: line 2: not an index line");
	read_index(
	    PART "{\"item\":\"\"}\n", 0, "index: line 2: not an index line");
	read_index(PART "{\"item\":\"" ID "\" }\n", 0,
	    "index: line 2: not an index line");
}

/* The same of a join: members and original ids of its rows, one after the
 * other. */
static void
read_join(const char *text, const char *rows, const char *why)
{
	struct package_payload payload;
	struct package_join *x = NULL;
	struct package_origin o;
	struct secret key = { 0 };
	struct fault f = { 0 };
	int fd = object_of(&batch, text, strlen(text));
	char seen[256] = "";
	bool end = false;

	payload_of(&payload, &key, fd, &batch);
	assert_ok(package_join_open(&x, &payload, &f));
	while (package_join_next(x, &o, &end, &f) == 0 && !end)
		(void)snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen),
		    "%s %s\n", o.member, o.original);
	assert_string_equal(seen, rows);
	if (why == NULL)
		assert_true(end);
	else
		assert_string_equal(f.text, why);
	package_join_close(x);
	secret_free(&key);
	(void)close(fd);
}

static void
a_row_of_a_join_is_of_the_part_in_front_of_it_or_says_of_which(void **state)
{
	(void)state;
	read_join(JOIN_PART JOIN_VALUE JOIN_NUMBER,
	    ID ".csv a#a#1\n" ID ".csv a#12\n", NULL);
	read_join(JOIN_PART JOIN_BARE, ID ".csv a#1\n", NULL);
	read_join(JOIN_PART JOIN_BARE JOIN_NAMED JOIN_VALUE,
	    ID ".csv a#1\n" ID2 ".csv a#1\n" ID ".csv a#a#1\n", NULL);
	read_join(JOIN_NAMED, ID2 ".csv a#1\n", NULL);
	read_join(JOIN_BARE, "", "join: line 1: a row outside its member");
	read_join(JOIN_VALUE, "", "join: line 1: a row outside its member");
	read_join(JOIN_PART "{\"item\":\"" ID2 "\",\"row\":-1}\n", "",
	    "join: line 2: member \"row\": needs an integer from 0 to "
	    "9007199254740991");
	/* a file has no part to be of */
	read_join(JOIN_PART "{\"item\":\"" ID "\",\"original\":\"b\"}\n", "",
	    "join: line 2: member \"member\": needs text");
	read_join("{\"item\":\"" ID "\",\"path\":\"b\"}\n", "",
	    "join: line 1: member \"member\": needs text");
}

/* ---- Rows that are sealed here ---- */

static struct plan_field fields[] = {
	{ .name = (char[]){ "id" }, .how.action = TRANSFORM_KEEP },
	{ .name = (char[]){ "text" }, .how.action = TRANSFORM_KEEP },
};
static const struct file_plan plan = {
	.type = TYPE_CSV,
	.header = true,
	.delimiter = ',',
	.item = 0,
	.subject = PLAN_NO_FIELD,
	.fields = fields,
	.nfields = 2,
};

/* The table as a part for each target bytes. */
static void
add_table(struct making *m, const char *path, const struct bytes *csv,
    uint64_t target)
{
	struct mask_source src;
	struct mask_cuts cuts;
	struct fault f = { 0 };

	source_start(&src, &plan, path, csv->at, csv->len);
	src.keys = &batch.keys.mask;
	assert_ok(mask_rows_cut(&src, target, &cuts, &f));
	for (size_t i = 0; i < cuts.nparts; i++)
		assert_ok(
		    package_shard_rows(m->shard, &src, &cuts.parts[i], &f));
	mask_cuts_free(&cuts);
	source_end(&src);
}

/* The i-th of values with one odd character each, at every place of every
 * length up to some more than two words. */
#define ODD 19u
static bool
odd_value(unsigned i, char out[64])
{
	static const char *const odd[] = { "\x01", "\b", "\t", "\n", "\v", "\f",
		"\r\n", "\x1f", "\"\"", "\\", "/", "\x7f", "\xc3\xa9",
		"\xe2\x80\xa8", "\xf0\x9f\x98\x80" };
	const unsigned n = sizeof(odd) / sizeof(odd[0]);
	unsigned len = 1, at = i / n;

	for (; len < ODD && at >= len; len++)
		at -= len;
	if (len == ODD)
		return false;
	(void)snprintf(out, 64, "%.*s%s%.*s", (int)at, "abcdefghijklmnopqrs",
	    odd[i % n], (int)(len - at - 1), "ABCDEFGHIJKLMNOPQRS");
	return true;
}

/* A value as it is without the quotes that CSV doubles. */
static void
single_quotes(char *text)
{
	char *at = strstr(text, "\"\"");

	if (at != NULL)
		memmove(at, at + 1, strlen(at));
}

static void
a_row_is_led_back_to_by_any_value_that_names_it(void **state)
{
	struct package_payload payload;
	struct package_join *x = NULL;
	struct package_origin o;
	struct package_made made;
	struct secret key = { 0 };
	struct fault f = { 0 };
	struct making m;
	struct bytes csv;
	char value[64], want[128], item[TOKEN_CHARS + 1];
	static unsigned met[ODD * ODD * 15];
	bool end = false;
	unsigned n = 0;

	(void)state;
	bytes_init(&csv, (size_t)1 << 24);
	assert_ok(bytes_add_text(&csv, "id,text\n", &f));
	for (; odd_value(n, value); n++)
		assert_ok(bytes_addf(&csv, &f, "\"%s\",x\n", value));
	assert_ok(making_start(&m, &batch, &f));
	add_table(&m, "a \"b\"\\.csv", &csv, 4096);
	assert_ok(package_shard_end(m.shard, &made, &f));
	assert_int_equal(made.items, n);
	assert_true(made.members > 10);
	payload_of(&payload, &key, m.fd[JOIN], &batch);
	assert_ok(package_join_open(&x, &payload, &f));
	for (unsigned i = 0;; i++) {
		assert_ok(package_join_next(x, &o, &end, &f));
		if (end) {
			assert_int_equal(i, n);
			for (unsigned k = 0; k < n; k++)
				assert_int_equal(met[k], 1);
			break;
		}
		token_make(batch.item, o.original, strlen(o.original), item);
		assert_string_equal(o.item, item);
		for (unsigned k = 0; k < n; k++) {
			assert_true(odd_value(k, value));
			single_quotes(value);
			(void)snprintf(
			    want, sizeof(want), "a \"b\"\\.csv#%s", value);
			met[k] += strcmp(o.original, want) == 0;
		}
	}
	package_join_close(x);
	secret_free(&key);
	making_end(&m);
	bytes_free(&csv);
}

/* Rows from nothing to more than is copied in place. */
static void
make_long(struct making *m, unsigned n)
{
	struct fault f = { 0 };
	struct bytes csv;

	bytes_init(&csv, (size_t)1 << 28);
	assert_ok(bytes_add_text(&csv, "id,text\n", &f));
	for (unsigned i = 0; i < n; i++) {
		assert_ok(bytes_addf(&csv, &f, "%u,", i));
		for (unsigned k = 0; k < i * i; k++)
			assert_ok(bytes_add(&csv, &"abcdefg"[k % 7], 1, &f));
		assert_ok(bytes_add_text(&csv, "\n", &f));
	}
	add_table(m, "long.csv", &csv, 1000000);
	bytes_free(&csv);
}

static void
long_rows_and_short_ones_are_digested_as_they_are_sent(void **state)
{
	struct package_payload shard, index;
	struct secret shard_key = { 0 }, index_key = { 0 };
	struct package_unpacked got;
	struct package_made made;
	struct fault f = { 0 };
	struct making m;
	char path[64];
	int folder;

	(void)state;
	assert_ok(making_start(&m, &batch, &f));
	make_long(&m, 250);
	assert_ok(package_shard_end(m.shard, &made, &f));
	payload_of(&shard, &shard_key, m.fd[SHARD], &batch);
	payload_of(&index, &index_key, m.fd[INDEX], &batch);
	test_folder(path);
	assert_ok(folder_open(AT_FDCWD, path, &folder, &f));
	assert_ok(package_unpack(&shard, &index, folder, &got, &f));
	assert_int_equal(got.items, 250);
	assert_int_equal(got.members, made.members);
	secret_free(&shard_key);
	secret_free(&index_key);
	file_close(&folder);
	test_folder_remove(path);
	making_end(&m);
}

static void
a_room_where_others_were_makes_no_difference(void **state)
{
	struct package_room *room = NULL;
	struct package_made made;
	struct bytes first[3], again;
	struct fault f = { 0 };
	struct making m;

	(void)state;
	assert_ok(package_room_new(&room, &f));
	for (int round = 0; round < 3; round++) {
		assert_ok(
		    making_start_in(&m, &batch, round == 2 ? room : NULL, &f));
		make_long(&m, round == 1 ? 200 : 150);
		assert_ok(package_shard_end(m.shard, &made, &f));
		for (int i = SHARD; i <= JOIN; i++) {
			if (round == 0)
				plain_of(&first[i], m.fd[i], &batch);
			if (round < 2)
				continue;
			plain_of(&again, m.fd[i], &batch);
			assert_int_equal(again.len, first[i].len);
			assert_memory_equal(again.at, first[i].at, again.len);
			bytes_free(&again);
			bytes_free(&first[i]);
		}
		if (round == 1) { /* the larger one leaves its room */
			package_room_free(room);
			room = m.room;
			m.room = NULL;
		}
		making_end(&m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_row_of_an_index_is_of_the_part_in_front_of_it),
		cmocka_unit_test(
		    a_row_of_a_join_is_of_the_part_in_front_of_it_or_says_of_which),
		cmocka_unit_test(
		    a_row_is_led_back_to_by_any_value_that_names_it),
		cmocka_unit_test(
		    long_rows_and_short_ones_are_digested_as_they_are_sent),
		cmocka_unit_test(a_room_where_others_were_makes_no_difference),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
