/* Pieces of row sources that are read once, and the parts that they add up to;
 * parts of which some records stay behind. */

#include "tests/support/mask_plan.h"

#define THREADS 4u

/* Pieces, and the parts of about target bytes that they add up to. */
struct adding {
	uint64_t target, pieces;
	struct mask_part part;
	struct mask_cuts parts;
};

static void
add_part(struct adding *a)
{
	struct mask_part *to = mem_resize(
	    a->parts.parts, (a->parts.nparts + 1) * sizeof(*a->parts.parts));

	assert_non_null(to);
	if (a->part.records > 0) /* as cuts have them */
		to[a->parts.nparts++] = a->part;
	a->parts.parts = to;
	a->part.first += a->part.records;
	a->part.from = a->part.to;
	a->part.records = 0;
}

static int
add_done(
    void *arg, const struct mask_part *piece, unsigned slot, struct fault *f)
{
	struct adding *a = arg;

	(void)slot;
	(void)f;
	must(a->pieces == 0 || piece->from == a->part.to);
	if (a->pieces++ == 0)
		a->part.from = piece->from;
	a->part.to = piece->to;
	a->part.records += piece->records;
	if (a->part.to - a->part.from >= a->target)
		add_part(a);
	return 0;
}

/* All records of a piece, from what is held of it. */
static int
read_piece(void *arg, const struct mask_source *src,
    const struct mask_part *piece, unsigned slot, struct fault *f)
{
	struct mask_rows *m = NULL;
	struct mask_row row;
	bool end = false;
	int rc = 0;

	(void)arg;
	(void)slot;
	must(piece->held != NULL);
	if (mask_rows_open(&m, src, piece, NULL, f) != 0)
		return -1;
	while (rc == 0 && !end)
		rc = mask_rows_next(m, &row, NULL, &end, f);
	mask_rows_close(m);
	return rc;
}

static void
pieces_that_are_held_end_where_the_parts_do_that_they_add_up_to(void **state)
{
	static const uint64_t targets[] = { 1, 300, 65536, 196608, 1000000,
		UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < 24; i++) {
		bool json = i % 2 == 1, blank = i / 2 % 2 == 1;
		uint64_t target = targets[i / 4];
		/* of one byte each line is a piece, and they are dear */
		int blanks = !blank ? 0 : target == 1 ? 1500 : 150000;
		struct mask_keys keys[THREADS] = { { .item = NULL } };
		struct adding a = { .target = target, .part.first = 1 };
		struct mask_team t = { .whole = target,
			.work = read_piece,
			.done = add_done,
			.arg = &a };
		struct mask_cuts cuts;
		struct bytes text;
		struct trial b;
		struct fault f;

		trial_rows(&text, target < 65536 ? 300 : 40000, json);
		for (int k = 0; k < blanks; k++)
			assert_ok(bytes_add_text(
			    &text, k % 3 == 0 ? "\r\n" : "\n", &f));
		assert_ok(bytes_add_text(&text,
		    json ? "{\"id\":1,\"name\":\"N\",\"note\":\"n\"}"
			 : "1,N,last",
		    &f));
		trial_open(&b, json ? TYPE_JSONL : TYPE_CSV, text.at, text.len);
		assert_ok(trial_all(&b, TRANSFORM_KEEP, &f));
		assert_ok(mask_rows_cut(&b.src, target, &cuts, &f));
		b.src.keys = keys;
		b.src.threads = THREADS;
		t.src = &b.src;
		assert_ok(mask_team_run(&t, &f));
		add_part(&a);
		assert_true(a.pieces >= a.parts.nparts);
		assert_int_equal(a.parts.nparts, cuts.nparts);
		for (size_t k = 0; k < cuts.nparts; k++) {
			assert_int_equal(
			    a.parts.parts[k].from, cuts.parts[k].from);
			assert_int_equal(a.parts.parts[k].to, cuts.parts[k].to);
			assert_int_equal(
			    a.parts.parts[k].first, cuts.parts[k].first);
			assert_int_equal(
			    a.parts.parts[k].records, cuts.parts[k].records);
		}
		mask_cuts_free(&cuts);
		mask_cuts_free(&a.parts);
		trial_close(&b);
		bytes_free(&text);
	}
}

/* The window moves on over records that are passed, too. */
static void
tokens_wait_for_no_record_that_stays_behind(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint8_t left[MASK_LEFT_BYTES(20000)];
		struct bytes text, alone;
		struct mask_cuts cuts;
		struct trial b;
		struct fault f;

		memset(left, 0x6d, sizeof(left)); /* five of eight stay */
		trial_rows(&text, 20000, i == 1);
		trial_open(
		    &b, i == 1 ? TYPE_JSONL : TYPE_CSV, text.at, text.len);
		b.keys.item = b.item;
		assert_ok(trial_all(&b, TRANSFORM_TOKEN, &f));
		assert_ok(mask_rows_cut(&b.src, UINT64_MAX, &cuts, &f));
		assert_int_equal(cuts.nparts, 1);
		cuts.parts[0].left = left;
		trial_take(&b, cuts.parts, false);
		alone = b.out;
		bytes_init(&b.out, 1 << 24);
		trial_take(&b, cuts.parts, true);
		assert_int_equal(b.out.len, alone.len);
		assert_memory_equal(b.out.at, alone.at, alone.len);
		bytes_free(&alone);
		mask_cuts_free(&cuts);
		trial_close(&b);
		bytes_free(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    pieces_that_are_held_end_where_the_parts_do_that_they_add_up_to),
		cmocka_unit_test(tokens_wait_for_no_record_that_stays_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
