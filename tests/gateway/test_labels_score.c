/* gateway/labels: golden scores and intervals, against numbers by hand. */

#include <math.h>
#include <stdlib.h>

#include "gateway/labels/labels_internal.h"
#include "tests/support/label_set.h"

static void
near_to(double got, double want, double by)
{
	if (!(fabs(got - want) <= by))
		fail_msg("%.9f, not %.9f", got, want);
}

/* 81 of 263 (E. B. Wilson's interval as worked in R. G. Newcombe, 1998, table
 * I: 0.2553 to 0.3662; 15 of 148: 0.0624 to 0.1605; 0 of 20: 0 to 0.1611;
 * 1 of 29: 0.0061 to 0.1718). */
static void
wilsons_interval_is_as_published(void **state)
{
	static const struct {
		double r, n, low, high;
	} cases[] = {
		{ 81, 263, 0.2553, 0.3662 },
		{ 15, 148, 0.0624, 0.1605 },
		{ 0, 20, 0.0000, 0.1611 },
		{ 1, 29, 0.0061, 0.1718 },
	};
	double low, high;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		labels_wilson(
		    cases[i].r / cases[i].n, (size_t)cases[i].n, &low, &high);
		near_to(low, cases[i].low, 0.00005);
		near_to(high, cases[i].high, 0.00005);
	}
	labels_wilson(0, 0, &low, &high);
	near_to(low, 0, 0);
	near_to(high, 1, 0);
}

/* Any statistical table, column 0.975. */
static void
students_quantiles_are_those_of_the_tables(void **state)
{
	static const struct {
		double df, t;
	} cases[] = { { 1, 12.706205 }, { 2, 4.302653 }, { 3, 3.182446 },
		{ 4, 2.776445 }, { 5, 2.570582 }, { 9, 2.262157 },
		{ 10, 2.228139 }, { 30, 2.042272 }, { 100, 1.983972 },
		{ 1000, 1.962339 }, { 1e6, 1.959966 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		near_to(labels_student(cases[i].df), cases[i].t, 1e-6);
}

/* Golden sets are anonymous and take any item. */
static struct labels *
golden_of(enum labels_kind kind, const char *text)
{
	struct labels_contract c = contract_of(kind);

	c.any_item = c.anonymous = true;
	return set_of(&c, text);
}

static struct labels_score
score_by(enum labels_metric metric, enum labels_kind kind, const char *returned,
    const char *golden)
{
	const struct labels_contract c = contract_of(kind);
	struct labels *l = set_of(&c, returned);
	struct labels *g = golden_of(kind, golden);
	struct labels_score s;
	struct fault f;

	assert_int_equal(errors(l) + errors(g), 0);
	assert_ok(labels_score(l, g, metric, 0.5, &s, &f));
	labels_free(l);
	labels_free(g);
	return s;
}

static struct labels_score
score_of(enum labels_kind kind, const char *returned, const char *golden)
{
	static const enum labels_metric metrics[] = {
		[LABELS_CLASS] = LABELS_ACCURACY,
		[LABELS_BOXES] = LABELS_MEAN_IOU,
		[LABELS_SPANS] = LABELS_SPAN_F1,
	};

	return score_by(metrics[kind], kind, returned, golden);
}

#define GOLD(item, said) "{\"item\":\"" item "\"," said "}\n"

static void
accuracy_is_the_share_of_right_answers(void **state)
{
	struct labels_score s = score_of(LABELS_CLASS,
	    LINE(ITEM_A, "\"class\":\"cat\"") LINE(ITEM_B, "\"class\":\"cat\""),
	    GOLD(ITEM_A, "\"class\":\"cat\"") GOLD(ITEM_B, "\"class\":\"dog\"")
		GOLD(ITEM_C, "\"class\":\"cat\""));

	(void)state;
	assert_int_equal(s.golden, 3);
	assert_int_equal(s.open, 1);
	assert_int_equal(s.answers, 2);
	near_to(s.value, 0.5, 0);
	/* (0.5 + z^2/4) / (1 + z^2/2) -+ ... for n = 2 */
	near_to(s.low, 0.094531, 1e-6);
	near_to(s.high, 0.905469, 1e-6);
	assert_true(s.passed);
}

static void
no_answer_on_a_golden_item_passes_nothing(void **state)
{
	struct labels_score s = score_of(LABELS_CLASS,
	    "{\"item\":\"" ITEM_A
	    "\",\"state\":\"skipped\",\"reason\":\"dark\"}\n",
	    GOLD(ITEM_A, "\"class\":\"cat\"") GOLD("x", "\"class\":\"cat\""));

	(void)state;
	assert_int_equal(s.skipped, 1);
	assert_int_equal(s.open, 1);
	assert_int_equal(s.answers, 0);
	assert_false(s.passed);
	near_to(s.low, 0, 0);
	near_to(s.high, 1, 0);
}

/*
 * A: the box is moved by half: 50/150 = 1/3.  B: two golden boxes, one found
 * exactly, one missed, one box too many: 1 / 3.
 */
static void
mean_iou_counts_what_is_missing_and_what_is_too_much(void **state)
{
	struct labels_score s = score_of(LABELS_BOXES,
	    LINE(ITEM_A, "\"boxes\":[" BOX("cat", "5", "0", "10", "10") "]")
		LINE(ITEM_B, "\"boxes\":[" BOX("cat", "0", "0", "4",
				 "4") "," BOX("dog", "50", "0", "4", "4") "]"),
	    GOLD(ITEM_A, "\"boxes\":[" BOX("cat", "0", "0", "10", "10") "]")
		GOLD(ITEM_B, "\"boxes\":[" BOX("cat", "0", "0", "4",
				 "4") "," BOX("cat", "50", "0", "4", "4") "]"));

	(void)state;
	near_to(s.value, 1.0 / 3, 1e-9);
	assert_false(s.passed);
}

static void
empty_against_empty_is_right_and_against_boxes_wrong(void **state)
{
	struct labels_score s = score_of(LABELS_BOXES,
	    LINE(ITEM_A, "\"boxes\":[]") LINE(ITEM_B, "\"state\":\"empty\""),
	    GOLD(ITEM_A, "\"state\":\"empty\"")
		GOLD(ITEM_B, "\"boxes\":[" BOX("cat", "0", "0", "4", "4") "]"));

	(void)state;
	near_to(s.value, 0.5, 0);
	/* scores 1 and 0: 0.5 -+ 12.706 * 0.7071 / 1.4142, cut */
	near_to(s.low, 0, 0);
	near_to(s.high, 1, 0);
}

/*
 * Three scores 1, 0.8, 0.6: mean 0.8, s = 0.2, t(2) = 4.302653:
 * 0.8 -+ 4.302653 * 0.2 / sqrt(3) = 0.303172 to 1.296828, cut to 1.
 */
static void
the_interval_of_a_mean_is_students(void **state)
{
	struct labels_contract c = contract_of(LABELS_BOXES);
	struct labels *l, *g;
	struct labels_score s;
	struct fault f;

	(void)state;
	c.any_item = c.anonymous = true;
	l = set_of(&c,
	    GOLD("1", "\"boxes\":[" BOX("cat", "0", "0", "10", "10") "]") GOLD(
		"2", "\"boxes\":[" BOX("cat", "0", "0", "8", "10") "]")
		GOLD("3", "\"boxes\":[" BOX("cat", "0", "0", "6", "10") "]"));
	g = set_of(&c,
	    GOLD("1", "\"boxes\":[" BOX("cat", "0", "0", "10", "10") "]") GOLD(
		"2", "\"boxes\":[" BOX("cat", "0", "0", "10", "10") "]")
		GOLD("3", "\"boxes\":[" BOX("cat", "0", "0", "10", "10") "]"));
	assert_ok(labels_score(l, g, LABELS_MEAN_IOU, 0.8, &s, &f));
	near_to(s.value, 0.8, 1e-12);
	near_to(s.low, 0.303172, 1e-6);
	near_to(s.high, 1, 0);
	/* all alike: no width by Student, so Wilson: 3/(3+z^2) to 1 */
	assert_ok(labels_score(g, g, LABELS_MEAN_IOU, 0.8, &s, &f));
	near_to(s.value, 1, 0);
	near_to(s.low, 0.438503, 1e-6);
	assert_refused(
	    labels_score(l, g, LABELS_ACCURACY, 0.8, &s, &f), FAULT_INPUT);
	labels_free(l);
	labels_free(g);
}

/* Greedy by the best pair takes 0.8 and then has 0 left; together 0.6 + 0.7
 * is more.  One row a golden box. */
static void
pairs_are_chosen_together_and_not_one_by_one(void **state)
{
	const double gain[] = { 0.8, 0.7, 0.0, /* */ 0.6, 0.0, 0.0 };
	size_t pair[2];
	struct fault f;

	(void)state;
	assert_ok(labels_assign(gain, 2, 3, pair, &f));
	assert_int_equal(pair[0], 1);
	assert_int_equal(pair[1], 0);
}

/* All n! ways, for small tables of numbers from a fixed generator. */
static double
best_of(
    const double *gain, size_t rows, size_t columns, size_t row, unsigned taken)
{
	double best = 0;

	if (row == rows)
		return 0;
	for (size_t c = 0; c < columns; c++) {
		double v;

		if ((taken >> c & 1) != 0)
			continue;
		v = gain[row * columns + c] +
		    best_of(gain, rows, columns, row + 1, taken | 1u << c);
		if (v > best)
			best = v;
	}
	return best;
}

static void
no_other_pairing_has_a_greater_sum(void **state)
{
	uint32_t seed = 1;
	double gain[36];
	size_t pair[6];
	struct fault f;

	(void)state;
	for (int round = 0; round < 500; round++) {
		size_t rows = 1 + (size_t)round % 5,
		       columns = rows + (size_t)round % 2;
		double sum = 0;

		for (size_t i = 0; i < rows * columns; i++) {
			seed = seed * 1664525 + 1013904223;
			gain[i] =
			    (seed >> 28) < 5 ? 0 : (double)(seed >> 16) / 65536;
		}
		assert_ok(labels_assign(gain, rows, columns, pair, &f));
		for (size_t r = 0; r < rows; r++)
			sum += gain[r * columns + pair[r]];
		near_to(sum, best_of(gain, rows, columns, 0, 0), 1e-9);
	}
}

static void
crowds_take_no_part(void **state)
{
	struct labels_score s = score_of(LABELS_BOXES,
	    LINE(ITEM_A, "\"boxes\":[" BOX("cat", "0", "0", "10", "10") "]"),
	    GOLD(ITEM_A, "\"boxes\":[" BOX("cat", "0", "0", "10",
			     "10") ",{\"class\":\"cat\",\"x\":20,\"y\":0,\"w\":"
				   "9,\"h\":9,"
				   "\"crowd\":true}]"));

	(void)state;
	near_to(s.value, 1, 0);
}

/* 2 equal of 3 and 4: 4/7. */
static void
span_f1_counts_equal_spans(void **state)
{
#define SPAN(class, start, end) \
	"{\"class\":\"" class "\",\"start\":" start ",\"end\":" end "}"
	struct labels_score s = score_of(LABELS_SPANS,
	    LINE(ITEM_C, "\"spans\":[" SPAN("cat", "0", "2") "," SPAN(
			     "dog", "3", "5") "," SPAN("cat", "6", "9") "]"),
	    GOLD(ITEM_C, "\"spans\":[" SPAN("dog", "3", "5") "," SPAN(
			     "cat", "0", "2") "," SPAN("cat", "6",
			     "8") "," SPAN("dog", "10", "12") "]"));

	(void)state;
	near_to(s.value, 4.0 / 7, 1e-9);
}

/* [0,4) against [2,6): 2 of 6 characters; a second golden one is missed. */
static void
spans_have_an_iou_and_an_accuracy_too(void **state)
{
	const char *back =
	    LINE(ITEM_C, "\"spans\":[" SPAN("cat", "0", "4") "]");
	const char *gold = GOLD(ITEM_C,
	    "\"spans\":[" SPAN("cat", "2", "6") "," SPAN("dog", "8", "9") "]");
	const char *same =
	    GOLD(ITEM_C, "\"spans\":[" SPAN("cat", "0", "4") "]");

	(void)state;
	near_to(score_by(LABELS_MEAN_IOU, LABELS_SPANS, back, gold).value,
	    1.0 / 6, 1e-9);
	near_to(
	    score_by(LABELS_MEAN_IOU, LABELS_SPANS, back, same).value, 1, 0);
	near_to(
	    score_by(LABELS_ACCURACY, LABELS_SPANS, back, gold).value, 0, 0);
	near_to(
	    score_by(LABELS_ACCURACY, LABELS_SPANS, back, same).value, 1, 0);
}

static void
comparing_has_an_end(void **state)
{
	struct labels_box boxes[10];
	const struct labels_answer a = {
		.state = LABELS_ANSWERED, .nparts = 10, .boxes = boxes
	};
	struct labels_compare c = { .metric = LABELS_MEAN_IOU,
		.work = LABELS_WORK_MAX - 2500 };
	struct fault f;
	double v;

	(void)state;
	for (int i = 0; i < 10; i++)
		boxes[i] = (struct labels_box){ .x = i, .w = 1, .h = 1 };
	assert_ok(labels_alike(&c, &a, &a, &v, &f));
	near_to(v, 1, 0);
	assert_refused(labels_alike(&c, &a, &a, &v, &f), FAULT_INPUT);
}

/* Also where nothing is paired: for lists of other classes, and of nothing. */
static void
comparing_with_nothing_to_pair_has_an_end(void **state)
{
	struct labels_box one = { .class = 1, .w = 1, .h = 1 }, other = one;
	struct labels_span span = { .class = 1, .end = 1 };
	const struct {
		enum labels_metric metric;
		struct labels_answer a, b;
	} rows[] = {
		{ LABELS_MEAN_IOU, { .boxes = &one }, { .boxes = &other } },
		{ LABELS_MEAN_IOU, { .nparts = 1, .boxes = &one },
		    { .nparts = 1, .boxes = &other } },
		{ LABELS_SPAN_F1, { .nparts = 1, .spans = &span },
		    { .spans = &span } },
	};
	struct fault f;
	double v;

	(void)state;
	other.class = 2;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct labels_compare c = { .metric = rows[i].metric,
			.work = LABELS_WORK_MAX - 100000 };
		unsigned n = 0;

		while (n < 100000 &&
		       labels_alike(&c, &rows[i].a, &rows[i].b, &v, &f) == 0)
			n++;
		assert_true(n > 0);
		assert_true(n < (i < 2 ? 400 : 30000));
	}
}

static void
a_golden_item_has_one_answer(void **state)
{
	struct labels_contract c = contract_of(LABELS_CLASS);
	struct labels *l, *g;
	struct labels_score s;
	struct fault f;

	(void)state;
	l = set_of(&c, LINE(ITEM_A, "\"class\":\"cat\""));
	g = golden_of(LABELS_CLASS,
	    "{\"item\":\"a\",\"class\":\"cat\",\"annotator\":\"x\"}\n"
	    "{\"item\":\"a\",\"class\":\"dog\",\"annotator\":\"y\"}\n");
	assert_refused(
	    labels_score(l, g, LABELS_ACCURACY, 0.5, &s, &f), FAULT_INPUT);
	labels_free(g);
	g = golden_of(
	    LABELS_CLASS, GOLD("a", "\"state\":\"skipped\",\"reason\":\"x\""));
	assert_refused(
	    labels_score(l, g, LABELS_ACCURACY, 0.5, &s, &f), FAULT_INPUT);
	labels_free(g);
	labels_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wilsons_interval_is_as_published),
		cmocka_unit_test(students_quantiles_are_those_of_the_tables),
		cmocka_unit_test(accuracy_is_the_share_of_right_answers),
		cmocka_unit_test(no_answer_on_a_golden_item_passes_nothing),
		cmocka_unit_test(
		    mean_iou_counts_what_is_missing_and_what_is_too_much),
		cmocka_unit_test(
		    empty_against_empty_is_right_and_against_boxes_wrong),
		cmocka_unit_test(the_interval_of_a_mean_is_students),
		cmocka_unit_test(pairs_are_chosen_together_and_not_one_by_one),
		cmocka_unit_test(no_other_pairing_has_a_greater_sum),
		cmocka_unit_test(crowds_take_no_part),
		cmocka_unit_test(span_f1_counts_equal_spans),
		cmocka_unit_test(spans_have_an_iou_and_an_accuracy_too),
		cmocka_unit_test(comparing_has_an_end),
		cmocka_unit_test(comparing_with_nothing_to_pair_has_an_end),
		cmocka_unit_test(a_golden_item_has_one_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
