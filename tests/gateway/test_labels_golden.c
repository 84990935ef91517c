/* gateway/labels: golden items over the returns of a batch, and what is enough
 * to judge by. */

#include <math.h>

#include "gateway/labels/labels_internal.h"
#include "keys/base/mem.h"
#include "tests/support/label_set.h"

#define GOLD(item, said) "{\"item\":\"" item "\"," said "}\n"
#define CLASSES                           \
	GOLD(ITEM_B, "\"class\":\"dog\"") \
	GOLD(ITEM_A, "\"class\":\"cat\"") GOLD("x", "\"class\":\"cat\"")

static struct labels *
golden_of(enum labels_kind kind, const char *text)
{
	struct labels_contract c = contract_of(kind);

	c.any_item = c.anonymous = true;
	return set_of(&c, text);
}

/* The record of one return, after those before (""), and the score over all.
 * The caller bytes_free()s record. */
static struct labels_score
score_after(struct labels *golden, enum labels_metric metric,
    const char *before, const char *returned, struct bytes *record)
{
	struct labels_contract c = contract_of(golden->kind);
	struct labels *l = set_of(&c, returned);
	int from = text_fd(before, strlen(before)), to = text_fd("", 0);
	struct labels_golden *g;
	struct labels_score s;
	struct fault f = { 0 };

	assert_ok(labels_golden_new(&g, golden, metric, &f));
	assert_ok(labels_golden_recall(g, from, &f));
	assert_ok(labels_golden_add(g, l, &f));
	assert_ok(labels_golden_write(g, to, &f));
	labels_golden_score(g, 0.5, &s);
	labels_golden_free(g);
	labels_free(l);
	bytes_init(record, 1 << 20);
	assert_int_equal(lseek(to, 0, SEEK_SET), 0);
	assert_ok(file_read_fd(to, record, &f));
	assert_ok(bytes_end_text(record, &f));
	file_close(&from);
	file_close(&to);
	return s;
}

static void
a_record_has_numbers_and_names_nothing(void **state)
{
	struct labels *g = golden_of(LABELS_CLASS, CLASSES);
	struct bytes record;

	(void)state;
	(void)score_after(g, LABELS_ACCURACY, "",
	    LINE(ITEM_A, "\"class\":\"cat\"") LINE(ITEM_C, "\"class\":\"cat\"")
		LINE(ITEM_B, "\"state\":\"skipped\",\"reason\":\"dark\""),
	    &record);
	assert_string_equal((const char *)record.at, "0\n1 1000000000\n");
	bytes_free(&record);
	labels_free(g);
}

static void
the_latest_word_on_an_item_counts(void **state)
{
	struct labels *g = golden_of(LABELS_CLASS, CLASSES);
	struct labels_score s;
	struct bytes record;

	(void)state;
	/* both wrong before; then one is answered again */
	s = score_after(g, LABELS_ACCURACY, "0 0\n1 0\n",
	    LINE(ITEM_A, "\"class\":\"cat\""), &record);
	assert_string_equal((const char *)record.at, "1 1000000000\n");
	bytes_free(&record);
	assert_int_equal(s.golden, 3);
	assert_int_equal(s.answered, 2);
	assert_int_equal(s.open, 1);
	assert_true(s.value == 0.5);
	/* a skip takes an answer's place, and an answer a skip's */
	s = score_after(g, LABELS_ACCURACY, "0 1000000000\n1\n0\n",
	    LINE(ITEM_A, "\"class\":\"dog\""), &record);
	bytes_free(&record);
	assert_int_equal(s.skipped, 1);
	assert_int_equal(s.answered, 1);
	assert_true(s.value == 0);
	/* a return without a golden item changes nothing */
	s = score_after(g, LABELS_ACCURACY, "0 1000000000\n1 0 0\n",
	    LINE(ITEM_C, "\"class\":\"dog\""), &record);
	assert_int_equal(record.len, 0);
	bytes_free(&record);
	assert_int_equal(s.answers, 3);
	assert_int_equal(s.answered, 2);
	assert_true(fabs(s.value - 1.0 / 3) < 1e-9);
	labels_free(g);
}

/* In one return or in two: the same score, to the last bit. */
static void
returns_that_add_up_score_as_one(void **state)
{
#define A_IS LINE(ITEM_A, "\"boxes\":[" BOX("cat", "5", "0", "10", "10") "]")
#define B_IS LINE(ITEM_B, "\"boxes\":[" BOX("cat", "0", "0", "7", "10") "]")
	struct labels *g = golden_of(LABELS_BOXES,
	    GOLD(ITEM_A, "\"boxes\":[" BOX("cat", "0", "0", "10", "10") "]")
		GOLD(ITEM_B,
		    "\"boxes\":[" BOX("cat", "0", "0", "11", "10") "]"));
	struct labels_score once, twice;
	struct bytes record, rest;

	(void)state;
	once = score_after(g, LABELS_MEAN_IOU, "", A_IS B_IS, &record);
	bytes_free(&record);
	(void)score_after(g, LABELS_MEAN_IOU, "", B_IS, &record);
	twice = score_after(
	    g, LABELS_MEAN_IOU, (const char *)record.at, A_IS, &rest);
	bytes_free(&record);
	bytes_free(&rest);
	assert_true(once.value == twice.value);
	assert_true(once.low == twice.low && once.high == twice.high);
	assert_true(fabs(once.value - (1.0 / 3 + 7.0 / 11) / 2) < 1e-9);
	labels_free(g);
}

static void
what_is_no_record_is_refused(void **state)
{
	static const char *const cases[] = { "3\n", "x\n", "-1\n", "\n", " 1\n",
		"0 \n", "0  1\n", "0 1 \n", "0 1000000001\n", "0 1.5\n",
		"0\t1\n", "0 -1\n", "99999999999999999999\n", "1 1\n\n" };
	struct labels *golden = golden_of(LABELS_CLASS, CLASSES);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int fd = text_fd(cases[i], strlen(cases[i]));
		struct labels_golden *g;
		struct fault f = { 0 };

		assert_ok(labels_golden_new(&g, golden, LABELS_ACCURACY, &f));
		assert_refused(labels_golden_recall(g, fd, &f), FAULT_INPUT);
		labels_golden_free(g);
		file_close(&fd);
	}
	labels_free(golden);
}

static void
a_return_of_another_kind_is_not_scored(void **state)
{
	struct labels *golden = golden_of(LABELS_CLASS, CLASSES);
	struct labels_contract c = contract_of(LABELS_BOXES);
	struct labels *l = set_of(&c, LINE(ITEM_A, "\"boxes\":[]"));
	struct labels_golden *g;
	struct fault f = { 0 };

	(void)state;
	assert_ok(labels_golden_new(&g, golden, LABELS_ACCURACY, &f));
	assert_refused(labels_golden_add(g, l, &f), FAULT_INPUT);
	labels_golden_free(g);
	labels_free(l);
	labels_free(golden);
}

static void
too_few_answers_are_not_judged(void **state)
{
	static const struct {
		size_t golden, answered, skipped;
		bool right, whole;
		size_t needed;
		enum labels_golden_verdict is;
	} cases[] = {
		/* below ten, neither way */
		{ 50, 9, 0, true, false, 10, LABELS_GOLDEN_FEW },
		{ 50, 9, 0, false, false, 10, LABELS_GOLDEN_FEW },
		{ 50, 10, 0, true, false, 10, LABELS_GOLDEN_PASSED },
		{ 50, 10, 0, false, false, 10, LABELS_GOLDEN_FAILED },
		/* where there are fewer, all of them */
		{ 3, 2, 0, false, false, 3, LABELS_GOLDEN_FEW },
		{ 3, 3, 0, false, false, 3, LABELS_GOLDEN_FAILED },
		/* a skip may still be answered; not where nothing more comes */
		{ 3, 2, 1, true, false, 3, LABELS_GOLDEN_FEW },
		{ 3, 2, 1, true, true, 2, LABELS_GOLDEN_PASSED },
		{ 3, 2, 0, true, true, 3, LABELS_GOLDEN_FEW },
		{ 50, 9, 0, true, true, 10, LABELS_GOLDEN_FEW },
		/* nobody passes by no answer */
		{ 3, 0, 3, false, true, 1, LABELS_GOLDEN_FEW },
		{ 3, 0, 0, false, false, 3, LABELS_GOLDEN_FEW },
		{ 0, 0, 0, false, true, 1, LABELS_GOLDEN_FEW },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct labels_score s = { .golden = cases[i].golden,
			.answered = cases[i].answered,
			.skipped = cases[i].skipped,
			.passed = cases[i].right };

		assert_int_equal(
		    labels_golden_needed(&s, cases[i].whole), cases[i].needed);
		assert_int_equal(
		    labels_golden_judge(&s, cases[i].whole), cases[i].is);
	}
}

static void
running_out_of_memory_is_told(void **state)
{
	struct labels *golden = golden_of(LABELS_CLASS, CLASSES);
	struct labels_contract c = contract_of(LABELS_CLASS);
	struct labels *l = set_of(&c, LINE(ITEM_A, "\"class\":\"cat\""));
	int rc = -1;

	(void)state;
	for (long n = 0; rc != 0; n++) {
		int from = text_fd("0 1 2\n1\n", 8), to = text_fd("", 0);
		struct labels_golden *g = NULL;
		struct fault f = { 0 };

		assert_true(n < 100);
		mem_fail_after(n);
		rc = labels_golden_new(&g, golden, LABELS_ACCURACY, &f);
		if (rc == 0)
			rc = labels_golden_recall(g, from, &f);
		if (rc == 0)
			rc = labels_golden_add(g, l, &f);
		if (rc == 0)
			rc = labels_golden_write(g, to, &f);
		mem_fail_after(-1);
		if (rc != 0)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		labels_golden_free(g);
		file_close(&from);
		file_close(&to);
	}
	labels_free(l);
	labels_free(golden);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_has_numbers_and_names_nothing),
		cmocka_unit_test(the_latest_word_on_an_item_counts),
		cmocka_unit_test(returns_that_add_up_score_as_one),
		cmocka_unit_test(what_is_no_record_is_refused),
		cmocka_unit_test(a_return_of_another_kind_is_not_scored),
		cmocka_unit_test(too_few_answers_are_not_judged),
		cmocka_unit_test(running_out_of_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
