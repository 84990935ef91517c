/* gateway/flow: what of a dataset is packed, and what stays behind. */

#include <string.h>

#include "gateway/flow/plan_internal.h"
#include "keys/base/mem.h"
#include "tests/support/test.h"

/* Three files: a text, a table of two parts, one that the policy excludes. */
#define FIRST_RECORDS 1000u
#define LAST_RECORDS 13u
static struct plan *
make_plan(void)
{
	static const char names[] = "a.txt\0b.csv\0c.bin";
	struct plan *p = mem_new(sizeof(*p));
	struct fault f;

	bytes_init(&p->text, 1);
	bytes_init(&p->scan.names, sizeof(names));
	p->scan.root = -1;
	p->policy = mem_new(sizeof(*p->policy));
	assert_ok(bytes_add(&p->scan.names, names, sizeof(names), &f));
	p->scan.n = 3;
	p->scan.files = mem_array(3, sizeof(*p->scan.files));
	p->plans = mem_array(3, sizeof(*p->plans));
	p->nplans = 3;
	for (uint32_t i = 0; i < 3; i++) {
		p->scan.files[i] = (struct scan_file){
			.size = 1000, .path = 6 * i, .plan = i
		};
		p->plans[i].plan.item = p->plans[i].plan.subject =
		    PLAN_NO_FIELD;
	}
	p->plans[0].plan.type = TYPE_TEXT;
	p->plans[1].plan.type = TYPE_CSV;
	p->plans[2].plan.exclude = mem_text("no", 2);
	p->cuts = mem_array(1, sizeof(*p->cuts));
	p->cuts[0] = (struct plan_cut){ .file = 1, .first = 0, .n = 2 };
	p->ncuts = 1;
	p->parts = mem_array(2, sizeof(*p->parts));
	p->parts[0] =
	    (struct mask_part){ 0, 900, 1, FIRST_RECORDS, NULL, NULL };
	p->parts[1] = (struct mask_part){ 900, 1000, FIRST_RECORDS + 1,
		LAST_RECORDS, NULL, NULL };
	p->nparts = 2;
	assert_ok(plan_units(p, &f));
	assert_int_equal(p->nunits, 3);
	return p;
}

static void
settled(struct plan *p, uint8_t digest[DIGEST_BYTES])
{
	struct fault f;

	assert_ok(plan_settle(p, &f));
	if (digest != NULL)
		memcpy(digest, p->digest, DIGEST_BYTES);
}

static void
leave(struct plan *p, uint32_t unit, uint64_t place, enum plan_reason why)
{
	struct fault f;

	assert_ok(plan_leave(p, unit, place, why, &f));
	assert_false(plan_leaves(p, unit, place));
}

static void
all_of_it_leaves_unless_somebody_says_no(void **state)
{
	struct plan *p = make_plan();

	(void)state;
	assert_true(plan_leaves(p, 0, 0));
	assert_true(plan_leaves(p, 1, FIRST_RECORDS - 1));
	settled(p, NULL);
	assert_int_equal(p->items, 1 + FIRST_RECORDS + LAST_RECORDS);
	assert_int_equal(p->files, 2);
	assert_int_equal(p->excluded, 1);
	assert_int_equal(p->nunits, 3);
	assert_int_equal(p->nstay, 0);
	assert_null(p->parts[0].left);
	for (unsigned i = 0; i < PLAN_REASONS; i++)
		assert_int_equal(p->stay[i], 0);
	plan_free(p);
}

static void
what_stays_is_counted_under_its_first_reason(void **state)
{
	struct plan *p = make_plan();

	(void)state;
	leave(p, 0, 0, PLAN_SENT);
	leave(p, 0, 0, PLAN_RISKY);
	leave(p, 1, 0, PLAN_SUPPRESSED);
	leave(p, 1, 0, PLAN_UNSELECTED);
	leave(p, 1, 999, PLAN_UNSELECTED);
	leave(p, 1, 7, PLAN_RISKY);
	assert_true(plan_leaves(p, 1, 8));
	assert_int_equal(plan_unit_items(p, 1), FIRST_RECORDS - 3);
	settled(p, NULL);
	assert_int_equal(p->stay[PLAN_SENT], 1);
	assert_int_equal(p->stay[PLAN_SUPPRESSED], 1);
	assert_int_equal(p->stay[PLAN_UNSELECTED], 1);
	assert_int_equal(p->stay[PLAN_RISKY], 1);
	assert_int_equal(p->items, FIRST_RECORDS + LAST_RECORDS - 3);
	assert_int_equal(p->files, 1);
	assert_int_equal(p->bytes, 900 * 997 / 1000 + 100);
	assert_int_equal(p->plans[1].items, p->items);
	assert_int_equal(p->plans[0].items, 0);
	/* the text stays, so the table's parts come first */
	assert_int_equal(p->nunits, 2);
	assert_int_equal(p->nstay, 1);
	assert_int_equal(p->units[0].file, 1);
	assert_int_equal(p->units[2].file, 0);
	assert_true(mask_left_has(p->parts[0].left, 7));
	assert_false(mask_left_has(p->parts[0].left, 8));
	assert_null(p->parts[1].left);
	plan_free(p);
}

static void
a_part_of_which_nothing_leaves_is_not_packed(void **state)
{
	struct plan *p = make_plan();

	(void)state;
	for (uint64_t i = 0; i < LAST_RECORDS; i++)
		leave(p, 2, i, PLAN_UNSELECTED);
	settled(p, NULL);
	assert_int_equal(p->nunits, 2);
	assert_int_equal(p->units[0].file, 0);
	assert_int_equal(p->units[1].part, 0);
	assert_int_equal(p->units[2].part, 1);
	assert_int_equal(p->items, 1 + FIRST_RECORDS);
	assert_int_equal(p->stay[PLAN_UNSELECTED], LAST_RECORDS);
	plan_free(p);
}

/* A resumed export finds its batch by the digest: other items are another
 * batch, and why they stay is none of its business. */
static void
the_digest_is_of_what_leaves(void **state)
{
	uint8_t digest[6][DIGEST_BYTES];
	struct plan *p;

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		p = make_plan();
		if (i == 1)
			leave(p, 0, 0, PLAN_SENT);
		if (i == 2)
			leave(p, 1, 5, PLAN_SENT);
		if (i == 3)
			leave(p, 1, 6, PLAN_SENT);
		if (i == 4)
			leave(p, 2, 5, PLAN_SENT);
		if (i == 5)
			leave(p, 1, 6, PLAN_RISKY);
		settled(p, digest[i]);
		plan_free(p);
	}
	for (unsigned i = 0; i < 5; i++)
		for (unsigned j = 0; j < i; j++)
			assert_memory_not_equal(
			    digest[i], digest[j], DIGEST_BYTES);
	assert_memory_equal(digest[3], digest[5], DIGEST_BYTES);
}

static void
a_files_units_are_found(void **state)
{
	struct plan *p = make_plan();
	uint32_t from, to;

	(void)state;
	plan_units_of(p, 1, &from, &to);
	assert_int_equal(from, 1);
	assert_int_equal(to, 3);
	plan_units_of(p, 0, &from, &to);
	assert_int_equal(from, 0);
	assert_int_equal(to, 1);
	plan_units_of(p, 2, &from, &to);
	assert_int_equal(from, to);
	plan_free(p);
}

static void
without_memory_nothing_is_half_left(void **state)
{
	struct plan *p = make_plan();
	struct fault f = { 0 };
	int rc = -1;

	(void)state;
	for (long n = 0; rc != 0; n++) {
		f = (struct fault){ 0 };
		mem_fail_after(n);
		rc = plan_leave(p, 1, 3, PLAN_SENT, &f);
		mem_fail_after(-1);
		assert_true(plan_leaves(p, 1, 3) == (rc != 0));
		if (rc != 0)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		assert_true(n < 10);
	}
	settled(p, NULL);
	assert_int_equal(p->stay[PLAN_SENT], 1);
	plan_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it_leaves_unless_somebody_says_no),
		cmocka_unit_test(what_stays_is_counted_under_its_first_reason),
		cmocka_unit_test(a_part_of_which_nothing_leaves_is_not_packed),
		cmocka_unit_test(the_digest_is_of_what_leaves),
		cmocka_unit_test(a_files_units_are_found),
		cmocka_unit_test(without_memory_nothing_is_half_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
