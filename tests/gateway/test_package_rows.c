/* gateway/package: rows in index and join, which are of the member that stands
 * in front of them, whether they name it, as older programs had it, or not. */

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

/* The same of a join: the members of its rows, one after the other. */
static void
read_join(const char *text, const char *members, const char *why)
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
		    "%s ", o.member);
	assert_string_equal(seen, members);
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
	read_join(JOIN_PART JOIN_BARE, ID ".csv ", NULL);
	read_join(JOIN_PART JOIN_BARE JOIN_NAMED JOIN_BARE,
	    ID ".csv " ID2 ".csv " ID ".csv ", NULL);
	read_join(JOIN_NAMED, ID2 ".csv ", NULL);
	read_join(JOIN_BARE, "", "join: line 1: a row outside its member");
	/* a file has no part to be of */
	read_join(JOIN_PART "{\"item\":\"" ID "\",\"original\":\"b\"}\n", "",
	    "join: line 2: member \"member\": needs text");
	read_join("{\"item\":\"" ID "\",\"path\":\"b\"}\n", "",
	    "join: line 1: member \"member\": needs text");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_row_of_an_index_is_of_the_part_in_front_of_it),
		cmocka_unit_test(
		    a_row_of_a_join_is_of_the_part_in_front_of_it_or_says_of_which),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
