/* gateway/labels: back to the original ids and the original's own pixels. */

#include <stdlib.h>

#include "keys/base/mem.h"
#include "tests/support/label_set.h"

#define PX LABELS_PIXEL

/*
 * Where a mark in the stored picture's upper left corner, 2 wide and 3 high in
 * 100 x 50, is when the picture is shown (CIPA DC-008, tag 0x0112).
 */
static const struct {
	int64_t x, y, w, h;
} shown[9] = {
	[0] = { 0, 0, 2, 3 },
	[1] = { 0, 0, 2, 3 },
	[2] = { 98, 0, 2, 3 },
	[3] = { 98, 47, 2, 3 },
	[4] = { 0, 47, 2, 3 },
	[5] = { 0, 0, 3, 2 },
	[6] = { 47, 0, 3, 2 },
	[7] = { 47, 98, 3, 2 },
	[8] = { 0, 98, 3, 2 },
};

static void
a_corner_goes_where_exif_says(void **state)
{
	(void)state;
	for (unsigned o = 0; o <= 8; o++) {
		struct labels_box b = { .w = 2 * PX, .h = 3 * PX };

		labels_box_to_delivered(&b, o, 100, 50);
		if (b.x != shown[o].x * PX || b.y != shown[o].y * PX ||
		    b.w != shown[o].w * PX || b.h != shown[o].h * PX)
			fail_msg("orientation %u: %lld %lld", o,
			    (long long)(b.x / PX), (long long)(b.y / PX));
	}
}

/* Ten characters, of which [2, 5) became five others and [7, 8) none:
 * 01 ABCDE 56 89 as delivered. */
static void
a_span_goes_back_to_what_was_cut(void **state)
{
	static const struct labels_shift shifts[] = { { 2, 3, 5 },
		{ 7, 1, 0 } };
	static const struct {
		uint64_t start, end, from, to;
	} cases[] = {
		{ 0, 2, 0, 2 },	  /* before */
		{ 2, 7, 2, 5 },	  /* the whole of what was put in */
		{ 3, 5, 2, 5 },	  /* a part of it */
		{ 1, 3, 1, 5 },	  /* it, and what is before */
		{ 6, 9, 2, 7 },	  /* and what is behind */
		{ 7, 9, 5, 7 },	  /* up to what was dropped */
		{ 8, 10, 6, 9 },  /* over it */
		{ 9, 11, 8, 10 }, /* behind it */
		{ 0, 11, 0, 10 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct labels_span s = { .start = cases[i].start,
			.end = cases[i].end };

		labels_span_to_original(&s, shifts, 2);
		if (s.start != cases[i].from || s.end != cases[i].to)
			fail_msg("case %zu: %llu to %llu", i,
			    (unsigned long long)s.start,
			    (unsigned long long)s.end);
	}
}

static void
there_and_back_is_the_same_box_to_the_last_digit(void **state)
{
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		const unsigned o = (unsigned)round % 9;
		struct labels_box b = { .class = 3, .crowd = true }, was;
		int64_t *all[] = { &b.x, &b.y, &b.w, &b.h };

		for (size_t i = 0; i < 4; i++) {
			seed = seed * 1664525 + 1013904223;
			*all[i] = (int64_t)seed * 7 + 1;
		}
		was = b;
		labels_box_to_delivered(&b, o, 4000, 3000);
		labels_box_to_original(&b, o, 4000, 3000);
		assert_memory_equal(&b, &was, sizeof(b));
		labels_box_to_original(&b, o, 4000, 3000);
		labels_box_to_delivered(&b, o, 4000, 3000);
		assert_memory_equal(&b, &was, sizeof(b));
	}
}

/* The rows of a join map out of text. */
static struct labels_origins
rows_of(const char *text)
{
	struct labels_origins rows = { 0 };
	int fd = text_fd(text, strlen(text));
	struct fault f;

	assert_ok(labels_read_origins(&rows, fd, "join", &f));
	file_close(&fd);
	return rows;
}

#define ROW_A                                                     \
	"{\"item\":\"" ITEM_A "\",\"original\":\"photos/1.jpg\"," \
	"\"orientation\":6,\"width\":50,\"height\":100,\"group\":\"g1\"}\n"
#define ROW_B                                                        \
	"{\"item\":\"" ITEM_B "\",\"original\":\"photos/2, b.jpg\"," \
	"\"digest\":\"left to others\"}\n"
#define ANSWERS                                                               \
	LINE(ITEM_A, "\"boxes\":[" BOX("cat", "47", "0", "3", "2.5") "]")     \
	"{\"item\":\"" ITEM_B "\",\"state\":\"skipped\",\"reason\":\"dark\"}" \
	"\n"

static void
labels_are_written_in_both_frames_under_the_original_ids(void **state)
{
	const struct labels_contract c = contract_of(LABELS_BOXES);
	struct labels *l = set_of(&c, ANSWERS), *joined;
	struct labels_origins rows = rows_of(ROW_B "\n" ROW_A);
	struct bytes b;
	struct fault f;

	(void)state;
	assert_ok(labels_join(&joined, l, &rows, LABELS_DELIVERED, &f));
	b = written(joined, labels_write_jsonl);
	assert_string_equal((const char *)b.at,
	    LINE("photos/1.jpg",
		"\"boxes\":[" BOX("cat", "47", "0", "3",
		    "2.5") "]") "{\"item\":\"photos/2, b.jpg\","
				"\"state\":\"skipped\",\"reason\":\"dark\"}\n");
	bytes_free(&b);
	labels_free(joined);

	/* stored 50 x 100, turned by 90 clockwise to 100 x 50: a box at
	 * (47, 0) shown was at (y, H - x - w) = (0, 50) stored */
	assert_ok(labels_join(&joined, l, &rows, LABELS_ORIGINAL, &f));
	b = written(joined, labels_write_jsonl);
	assert_string_equal((const char *)b.at,
	    LINE("photos/1.jpg",
		"\"boxes\":[" BOX("cat", "0", "50", "2.5",
		    "3") "]") "{\"item\":\"photos/2, b.jpg\","
			      "\"state\":\"skipped\",\"reason\":\"dark\"}\n");
	bytes_free(&b);
	b = written(joined, labels_write_coco);
	assert_non_null(strstr((const char *)b.at,
	    "\"file_name\":\"photos/1.jpg\",\"width\":50,\"height\":100,"));
	assert_non_null(
	    strstr((const char *)b.at, "\"bbox\":[0,50,2.5,3],\"area\":7.5,"));
	bytes_free(&b);
	labels_free(joined);
	labels_origins_free(&rows);
	labels_free(l);
}

static void
groups_are_one_row_an_original(void **state)
{
	struct labels_origins rows = rows_of(ROW_A ROW_B);
	int fd = memfd_create("groups", MFD_CLOEXEC);
	struct fault f;
	struct bytes b;

	(void)state;
	bytes_init(&b, 1 << 20);
	assert_ok(labels_write_groups(&rows, fd, &f));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_ok(file_read_fd(fd, &b, &f));
	assert_ok(bytes_end_text(&b, &f));
	assert_string_equal((const char *)b.at,
	    "item,group\nphotos/1.jpg,g1\n\"photos/2, b.jpg\",\n");
	bytes_free(&b);
	file_close(&fd);
	labels_origins_free(&rows);
}

static void
a_join_map_that_does_not_fit_is_refused(void **state)
{
	static const char *const bad[] = {
		ROW_A,		   /* an answered item is missing */
		ROW_A ROW_B ROW_A, /* one twice */
		ROW_A "{\"item\":\"" ITEM_B
		      "\",\"original\":\"photos/1.jpg\"}\n", /* one original */
		ROW_B "{\"item\":\"" ITEM_A "\",\"original\":\"o\","
		      "\"orientation\":1,\"width\":50,\"height\":100}\n",
		ROW_B "{\"item\":\"" ITEM_A
		      "\",\"original\":\"o\",\"orientation\":6}\n",
	};
	const struct labels_contract c = contract_of(LABELS_BOXES);
	struct labels *l = set_of(&c, ANSWERS), *joined = NULL;
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct labels_origins rows = rows_of(bad[i]);

		assert_refused(
		    labels_join(&joined, l, &rows, LABELS_ORIGINAL, &f),
		    FAULT_INPUT);
		assert_null(joined);
		labels_origins_free(&rows);
	}
	labels_free(l);
}

static void
lists_of_ours_are_refused_with_their_line(void **state)
{
	static const char *const bad[] = {
		"{\"item\":\"a\"}\n",
		"{\"original\":\"a\"}\n",
		"{\"item\":\"a\",\"original\":\"b\",\"orientation\":9}\n",
		"{\"item\":\"a\",\"original\":\"b\",\"width\":-1}\n",
		"{\"item\":\"a\",\"original\":\"b\",\"width\":2147483648}\n",
		"{\"item\":\"a\",\"original\":3}\n",
		"{\"item\":\"a\",\"original\":\"b\"} x\n",
		"nonsense\n",
	};
	struct labels_origins rows = { 0 };
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[500];
		int fd;

		(void)snprintf(text, sizeof(text), ROW_A "%s", bad[i]);
		fd = text_fd(text, strlen(text));
		assert_refused(
		    labels_read_origins(&rows, fd, "join", &f), FAULT_INPUT);
		assert_non_null(strstr(f.text, "join:2"));
		assert_null(rows.at);
		file_close(&fd);
	}
}

static void
every_allocation_may_fail(void **state)
{
	const struct labels_contract c = contract_of(LABELS_BOXES);
	struct labels *l = set_of(&c, ANSWERS);
	int fd = text_fd(ROW_A ROW_B, strlen(ROW_A ROW_B));
	bool done = false;

	(void)state;
	for (long n = 0; !done; n++) {
		struct labels_origins rows = { 0 };
		struct labels *joined = NULL;
		struct fault f = { 0 };

		assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
		mem_fail_after(n);
		done = labels_read_origins(&rows, fd, "join", &f) == 0 &&
		       labels_join(&joined, l, &rows, LABELS_ORIGINAL, &f) == 0;
		mem_fail_after(-1);
		if (!done)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		labels_free(joined);
		labels_origins_free(&rows);
	}
	file_close(&fd);
	labels_free(l);
}

/* The contract as a manifest holds it. */
static void
contracts_are_written_as_they_are_read(void **state)
{
	const char *text =
	    "{\"classes\":[\"cat\",\"dog\"],\"formats\":[\"jsonl\"],"
	    "\"golden\":{},\"kind\":\"boxes\",\"overlap\":true,"
	    "\"unanswered\":\"negative\"}";
	json_t *o = json_loads(text, 0, NULL), *again = NULL;
	struct labels_contract c;
	struct fault f;

	(void)state;
	assert_ok(labels_contract_read(&c, o, &f));
	assert_int_equal(c.kind, LABELS_BOXES);
	assert_int_equal(c.formats, LABELS_JSONL);
	assert_int_equal(c.nclasses, 2);
	assert_true(c.unanswered_is_negative && c.overlap);
	assert_ok(labels_contract_write(&c, &again, &f));
	(void)json_object_del(o, "golden");
	assert_true(json_equal(o, again));
	json_decref(o);
	json_decref(again);
	labels_contract_free(&c);
}

static void
contracts_that_mean_nothing_are_refused(void **state)
{
	static const char *const bad[] = { "[]", "{}", "{\"kind\":\"box\"}",
		"{\"kind\":\"boxes\",\"classes\":[]}",
		"{\"kind\":\"boxes\",\"classes\":[3]}",
		"{\"kind\":\"boxes\",\"classes\":[\"a\",\"a\"]}",
		"{\"kind\":\"boxes\",\"classes\":[\"\"]}",
		"{\"kind\":\"boxes\",\"classes\":\"cat\"}",
		"{\"kind\":\"boxes\",\"formats\":[\"xml\"]}",
		"{\"kind\":\"boxes\",\"unanswered\":true}",
		"{\"kind\":\"boxes\",\"overlap\":\"no\"}" };
	struct labels_contract c = { 0 };
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		json_t *o = json_loads(bad[i], 0, NULL);

		assert_refused(labels_contract_read(&c, o, &f), FAULT_INPUT);
		assert_null(c.classes);
		json_decref(o);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_span_goes_back_to_what_was_cut),
		cmocka_unit_test(a_corner_goes_where_exif_says),
		cmocka_unit_test(
		    there_and_back_is_the_same_box_to_the_last_digit),
		cmocka_unit_test(
		    labels_are_written_in_both_frames_under_the_original_ids),
		cmocka_unit_test(groups_are_one_row_an_original),
		cmocka_unit_test(a_join_map_that_does_not_fit_is_refused),
		cmocka_unit_test(lists_of_ours_are_refused_with_their_line),
		cmocka_unit_test(every_allocation_may_fail),
		cmocka_unit_test(contracts_are_written_as_they_are_read),
		cmocka_unit_test(contracts_that_mean_nothing_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
