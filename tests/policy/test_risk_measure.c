/* policy/risk: figures of tables that the papers print, and of persons. */

#include "tests/policy/risk_tables.h"

#include <math.h>

#include "keys/base/secret.h"

/* Machanavajjhala et al. 2007, figure 1: zip code, age, nationality,
 * condition. */
static const char inpatients[] = "13053;28;Russian;Heart\n"
				 "13068;29;American;Heart\n"
				 "13068;21;Japanese;Viral\n"
				 "13053;23;American;Viral\n"
				 "14853;50;Indian;Cancer\n"
				 "14853;55;Russian;Heart\n"
				 "14850;47;American;Viral\n"
				 "14850;49;American;Viral\n"
				 "13053;31;American;Cancer\n"
				 "13053;37;Indian;Cancer\n"
				 "13068;36;Japanese;Cancer\n"
				 "13068;35;American;Cancer\n";
static const char zip_levels[] = "13053;1305*;130**;*\n13068;1306*;130**;*\n"
				 "14853;1485*;148**;*\n14850;1485*;148**;*\n";
static const char age_levels[] = "28;<30;<=40;*\n29;<30;<=40;*\n"
				 "21;<30;<=40;*\n23;<30;<=40;*\n"
				 "50;>=40;>40;*\n55;>=40;>40;*\n"
				 "47;>=40;>40;*\n49;>=40;>40;*\n"
				 "31;3*;<=40;*\n37;3*;<=40;*\n"
				 "36;3*;<=40;*\n35;3*;<=40;*\n";

/* Li et al. 2007, table 3: zip code, age, salary, disease; and 4 and 5. */
static const char salaries[] = "47677;29;3;gastric ulcer\n"
			       "47602;22;4;gastritis\n"
			       "47678;27;5;stomach cancer\n"
			       "47905;43;6;gastritis\n"
			       "47909;52;11;flu\n"
			       "47906;47;8;bronchitis\n"
			       "47605;30;7;bronchitis\n"
			       "47673;36;9;pneumonia\n"
			       "47607;32;10;stomach cancer\n";
static const char zips[] = "47677;4767*;476**;*\n47602;4760*;476**;*\n"
			   "47678;4767*;476**;*\n47905;4790*;479**;*\n"
			   "47909;4790*;479**;*\n47906;4790*;479**;*\n"
			   "47605;4760*;476**;*\n47673;4767*;476**;*\n"
			   "47607;4760*;476**;*\n";
static const char ages[] = "29;2*;*\n22;2*;*\n27;2*;*\n43;>=40;*\n52;>=40;*\n"
			   "47;>=40;*\n30;3*;*\n36;3*;*\n32;3*;*\n";

static void
the_4_anonymous_table_of_the_l_diversity_paper_has_one_disease(void **state)
{
	struct risk_table *t = table_of("qqqs", inpatients, strlen(inpatients));
	struct risk_hierarchy *h[] = { hierarchy_of(zip_levels),
		hierarchy_of(age_levels), NULL };
	const struct risk_thresholds want = { .k = 4, .l_distinct = 2 };
	struct risk_lattice *x;
	struct risk_report r;
	struct fault f = { 0 };

	(void)state;
	assert_ok(risk_lattice_new(
	    &x, t, (const struct risk_hierarchy *const *)h, &f));
	assert_ok(risk_measure(&r, x, (uint8_t[]){ 2, 1, 1 }, &want, &f));
	assert_int_equal(r.rows, 12);
	assert_int_equal(r.persons, 12);
	assert_int_equal(r.classes, 3);
	assert_int_equal(r.k, 4);
	assert_int_equal(r.largest, 4);
	assert_int_equal(r.nsizes, 1);
	assert_int_equal(r.sizes[0].persons, 4);
	assert_int_equal(r.sizes[0].classes, 3);
	assert_int_equal(r.spread[0].distinct, 1);
	assert_near(r.spread[0].entropy, 1);
	assert_true(isinf(r.spread[0].recursive));
	assert_near(r.spread[0].closeness, 7.0 / 12);
	assert_near(r.chances.prosecutor_highest, 0.25);
	assert_near(r.chances.prosecutor_average, 0.25);
	assert_int_equal(r.failing, 1);
	assert_int_equal(r.shown[0].fails, RISK_FAILS_DISTINCT);
	assert_int_equal(r.shown[0].rows, 4);
	assert_int_equal(r.shown[0].first[0], 9);
	assert_int_equal(r.shown[0].first[3], 12);
	assert_int_equal(r.shown[0].first[4], 0);
	assert_int_equal(r.nsuppress, 4);
	assert_int_equal(r.suppress[0], 9);
	assert_int_equal(r.suppress[3], 12);
	assert_false(r.met);
	/* zip: 2 of 4 values under 130**, age: 4 of 12 under each */
	assert_near(r.loss[RISK_DISCERNIBILITY], (16 + 16 + 4 * 12) / 144.0);
	risk_report_free(&r);

	/* its figure 3 */
	assert_ok(risk_measure(&r, x, (uint8_t[]){ 1, 2, 1 }, &want, &f));
	assert_true(r.met);
	assert_int_equal(r.k, 4);
	assert_int_equal(r.spread[0].distinct, 3);
	assert_near(r.spread[0].entropy, exp(1.5 * log(2)));
	assert_near(r.spread[0].recursive, 1);
	/* zip: one value of four, or both of 1485*; age: 8 or 4 of 12 */
	assert_near(r.loss[RISK_GRANULARITY],
	    (4 * (1 / 3.0) + 8 * (7 / 11.0) + 4 * (3 / 11.0) + 12) / 36);
	risk_report_free(&r);
	risk_lattice_free(x);
	risk_table_free(t);
	risk_hierarchy_free(h[0]);
	risk_hierarchy_free(h[1]);
}

static void
salaries_are_as_close_as_the_t_closeness_paper_says(void **state)
{
	struct risk_table *t = table_of("qqns", salaries, strlen(salaries));
	struct risk_hierarchy *h[] = { hierarchy_of(zips), hierarchy_of(ages) };
	struct risk_thresholds want = { .t = 0.375 };
	struct risk_lattice *x;
	struct risk_report r;
	struct fault f = { 0 };

	(void)state;
	assert_ok(risk_lattice_new(
	    &x, t, (const struct risk_hierarchy *const *)h, &f));
	/* table 4: {3, 4, 5}, {6, 8, 11} and {7, 9, 10} */
	assert_ok(risk_measure(&r, x, (uint8_t[]){ 2, 1 }, &want, &f));
	assert_int_equal(r.k, 3);
	assert_int_equal(r.spread[1].distinct, 3);
	assert_near(r.spread[0].closeness, 0.375);
	risk_report_free(&r);
	/* table 5: {3, 5, 9}, {6, 8, 11} and {4, 7, 10} */
	want.t = 0.1667;
	assert_ok(risk_measure(&r, x, (uint8_t[]){ 1, 2 }, &want, &f));
	assert_near(r.spread[0].closeness, 1 / 6.0);
	risk_report_free(&r);
	want.t = 0;
	/* one salary: rank r of nine, sum of |i - r| over 8 and 9 */
	assert_ok(risk_measure(&r, x, (uint8_t[]){ 0, 0 }, &want, &f));
	assert_near(r.spread[0].closeness, 36 / 72.0);
	assert_near(r.spread[1].closeness, 8 / 9.0);
	assert_int_equal(r.unique, 9);
	assert_near(r.uniqueness, 1);
	assert_near(r.loss[RISK_GRANULARITY], 0);
	assert_near(r.loss[RISK_ENTROPY], 0);
	risk_report_free(&r);
	assert_ok(risk_measure(&r, x, (uint8_t[]){ 3, 2 }, &want, &f));
	assert_near(r.spread[0].closeness, 0);
	assert_near(r.loss[RISK_GRANULARITY], 1);
	assert_near(r.loss[RISK_ENTROPY], 1);
	assert_near(r.loss[RISK_DISCERNIBILITY], 1);
	risk_report_free(&r);
	risk_lattice_free(x);
	risk_table_free(t);
	risk_hierarchy_free(h[0]);
	risk_hierarchy_free(h[1]);
}

static void
measure_plain(struct risk_report *r, const char *roles, const char *rows,
    const struct risk_thresholds *want)
{
	static const uint8_t levels[RISK_QUASI_MAX];
	struct risk_table *t = table_of(roles, rows, strlen(rows));
	struct risk_lattice *x;
	struct fault f = { 0 };

	assert_ok(risk_lattice_new(&x, t, NULL, &f));
	assert_ok(risk_measure(r, x, levels, want, &f));
	risk_lattice_free(x);
	risk_table_free(t);
}

static void
five_rows_of_one_person_hide_nobody(void **state)
{
	const struct risk_thresholds want = { .k = 2 };
	struct risk_report r;

	(void)state;
	measure_plain(&r, "pq", "ann;x\nann;x\nann;x\nbob;y\ncid;y\n", &want);
	assert_int_equal(r.rows, 5);
	assert_int_equal(r.persons, 3);
	assert_int_equal(r.k, 1);
	assert_int_equal(r.unique, 1);
	assert_near(r.uniqueness, 1 / 3.0);
	assert_int_equal(r.failing, 1);
	assert_int_equal(r.shown[0].persons, 1);
	assert_int_equal(r.shown[0].rows, 3);
	assert_int_equal(r.nsuppress, 3);
	risk_report_free(&r);
	/* and as rows, the smaller class is the other */
	measure_plain(&r, "-q", "ann;x\nann;x\nann;x\nbob;y\ncid;y\n", &want);
	assert_int_equal(r.k, 2);
	assert_true(r.met);
	risk_report_free(&r);
	/* those without a subject are one person together */
	measure_plain(&r, "pq", ";x\n;x\n;x\nbob;y\ncid;y\n", &want);
	assert_int_equal(r.persons, 3);
	assert_int_equal(r.k, 1);
	risk_report_free(&r);
}

static void
what_all_have_in_a_class_is_not_hidden_by_what_else_they_have(void **state)
{
	const struct risk_thresholds want = { .l_distinct = 2 };
	struct risk_report r;

	(void)state;
	/* all three have flu: a person who is there has flu */
	measure_plain(&r, "pqs",
	    "ann;x;flu\nann;x;gout\nbob;x;flu\nbob;x;cold\ncid;x;flu\n", &want);
	assert_int_equal(r.spread[0].distinct, 1);
	assert_false(r.met);
	risk_report_free(&r);
	/* a hundred rows of one person do not water down the others */
	measure_plain(&r, "pqs",
	    "ann;x;flu\nbob;x;flu\ncid;x;flu\ndan;x;a\ndan;x;b\ndan;x;c\n",
	    &want);
	assert_int_equal(r.spread[0].distinct, 2);
	assert_near(r.spread[0].recursive, 3);
	risk_report_free(&r);
}

static void
entropy_of_exactly_l_equal_parts_passes(void **state)
{
	struct risk_thresholds want = { .l_entropy = 3 };
	struct risk_report r;

	(void)state;
	measure_plain(&r, "qs", "x;a\nx;b\nx;c\nx;a\nx;b\nx;c\n", &want);
	assert_near(r.spread[0].entropy, 3);
	assert_true(r.met);
	risk_report_free(&r);
	want.l_entropy = 3.00001;
	measure_plain(&r, "qs", "x;a\nx;b\nx;c\nx;a\nx;b\nx;c\n", &want);
	assert_false(r.met);
	assert_int_equal(r.shown[0].fails, RISK_FAILS_ENTROPY);
	risk_report_free(&r);
}

static void
recursive_diversity_is_strict(void **state)
{
	/* 3 < c (2 + 1), from the second on */
	static const char rows[] = "x;a\nx;a\nx;a\nx;b\nx;b\nx;c\n";
	struct risk_thresholds want = { .recursive_c = 1, .recursive_l = 2 };
	struct risk_report r;

	(void)state;
	measure_plain(&r, "qs", rows, &want);
	assert_near(r.spread[0].recursive, 1);
	assert_int_equal(r.shown[0].fails, RISK_FAILS_RECURSIVE);
	risk_report_free(&r);
	want.recursive_c = 1.01;
	measure_plain(&r, "qs", rows, &want);
	assert_true(r.met);
	risk_report_free(&r);
	want = (struct risk_thresholds){ .recursive_c = 3.5, .recursive_l = 3 };
	measure_plain(&r, "qs", rows, &want);
	assert_near(r.spread[0].recursive, 3);
	assert_true(r.met);
	risk_report_free(&r);
	want.recursive_l = 4;
	measure_plain(&r, "qs", rows, &want);
	assert_true(isinf(r.spread[0].recursive));
	assert_false(r.met);
	risk_report_free(&r);
}

static void
numbers_are_ordered_as_numbers(void **state)
{
	struct risk_thresholds want = { 0 };
	struct risk_report r;

	(void)state;
	/* ranks: nothing, -10, -9.5, 2, 10; 2.0 is 2 */
	measure_plain(&r, "qn", "a;10\na;2\nb;-9.5\nb;2.0\nc;-10\nc;\n", &want);
	assert_int_equal(r.spread[0].distinct, 2);
	/* of c: sums 1/2 1 1 1, of all: 1/6 2/6 3/6 5/6 */
	assert_near(
	    r.spread[0].closeness, (1 / 3.0 + 2 / 3.0 + 1 / 2.0 + 1 / 6.0) / 4);
	risk_report_free(&r);
}

static void
a_population_lowers_what_a_journalist_can_do(void **state)
{
	struct risk_table *t = table_of("qs", "a;1\na;2\nb;1\n", 12);
	static const struct {
		const char *value;
		uint64_t count;
	} people[] = { { "a", 6 }, { "a", 4 }, { "b", 4 }, { "c", 1 } };
	struct risk_thresholds want = { 0 };
	struct risk_lattice *x;
	struct risk_report r;
	struct fault f = { 0 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct slice s = slice_of_text(people[i].value);

		assert_ok(
		    risk_table_add_population(t, people[i].count, &s, &f));
	}
	assert_ok(risk_lattice_new(&x, t, NULL, &f));
	assert_ok(risk_measure(&r, x, (uint8_t[]){ 0 }, &want, &f));
	assert_int_equal(r.classes, 2);
	assert_true(r.chances.population);
	assert_near(r.chances.prosecutor_highest, 1);
	assert_near(r.chances.prosecutor_average, 2 / 3.0);
	assert_near(r.chances.journalist_highest, 0.25);
	assert_near(r.chances.marketer, (2 / 10.0 + 1 / 4.0) / 3);
	assert_near(r.chances.journalist_average, (2 / 10.0 + 1 / 4.0) / 3);
	assert_int_equal(r.failing, 0);
	risk_report_free(&r);
	/* b is one of four, and may be one of five */
	want.k_population = 5;
	assert_ok(risk_measure(&r, x, (uint8_t[]){ 0 }, &want, &f));
	assert_int_equal(r.failing, 1);
	assert_int_equal(r.shown[0].fails, RISK_FAILS_POPULATION);
	assert_int_equal(r.nsuppress, 1);
	risk_report_free(&r);
	/* all in one: 15 of them, c included */
	assert_ok(risk_measure(&r, x, (uint8_t[]){ 1 }, &want, &f));
	assert_near(r.chances.journalist_highest, 1 / 15.0);
	risk_report_free(&r);
	risk_lattice_free(x);
	risk_table_free(t);
}

static void
the_smallest_failing_classes_are_shown_and_all_rows_listed(void **state)
{
	/* class i has 1 + i / 2 rows, the largest first */
	struct risk_column c = { "c", RISK_QUASI, RISK_EQUAL };
	const struct risk_thresholds want = { .k = 1000, .suppress_share = 1 };
	struct risk_table *t;
	struct risk_lattice *x;
	struct risk_report r;
	struct fault f = { 0 };
	uint64_t row = 0;
	char text[16];

	(void)state;
	assert_ok(risk_table_new(&t, &c, 1, false, 0, &f));
	for (int i = 199; i >= 0; i--)
		for (int k = 0; k < 1 + i / 2; k++) {
			struct slice s;

			(void)snprintf(text, sizeof(text), "%d", i);
			s = slice_of_text(text);
			/* numbers that do not rise */
			assert_ok(
			    risk_table_add(t, 100000 - row, NULL, &s, &f));
			row++;
		}
	assert_ok(risk_lattice_new(&x, t, NULL, &f));
	assert_ok(risk_measure(&r, x, (uint8_t[]){ 0 }, &want, &f));
	assert_int_equal(r.failing, 200);
	assert_int_equal(r.nshown, RISK_SHOWN_CLASSES);
	for (size_t i = 0; i < r.nshown; i++) {
		assert_int_equal(r.shown[i].persons, 1 + i / 2);
		for (size_t k = 0; k < RISK_SHOWN_ROWS; k++)
			assert_int_equal(
			    r.shown[i].first[k] != 0, k < r.shown[i].rows);
	}
	assert_int_equal(r.nsuppress, row);
	for (size_t i = 1; i < r.nsuppress; i++)
		assert_true(r.suppress[i - 1] < r.suppress[i]);
	/* leaving out everything is no way to meet them */
	assert_false(r.met);
	risk_report_free(&r);
	risk_lattice_free(x);
	risk_table_free(t);
}

static int
start(void **state)
{
	struct fault f = { 0 };

	(void)state;
	return secret_start(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_4_anonymous_table_of_the_l_diversity_paper_has_one_disease),
		cmocka_unit_test(
		    salaries_are_as_close_as_the_t_closeness_paper_says),
		cmocka_unit_test(five_rows_of_one_person_hide_nobody),
		cmocka_unit_test(
		    what_all_have_in_a_class_is_not_hidden_by_what_else_they_have),
		cmocka_unit_test(entropy_of_exactly_l_equal_parts_passes),
		cmocka_unit_test(recursive_diversity_is_strict),
		cmocka_unit_test(numbers_are_ordered_as_numbers),
		cmocka_unit_test(a_population_lowers_what_a_journalist_can_do),
		cmocka_unit_test(
		    the_smallest_failing_classes_are_shown_and_all_rows_listed),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
