/* policy/risk on the census table that the field measures itself with. */

#include "tests/policy/risk_tables.h"

#include <math.h>
#include <stdio.h>

#include "keys/base/secret.h"

/* Columns of adult.csv, in its order. */
static const char *const names[] = { "sex", "age", "race", "marital-status",
	"education", "native-country", "workclass", "occupation",
	"salary-class" };
#define COLUMNS 9

static struct risk_lattice *
open_adult(const char *file, const char *roles, struct risk_table **t)
{
	struct risk_hierarchy *h[COLUMNS] = { NULL };
	struct risk_lattice *x;
	struct fault f = { 0 };
	char name[100], path[300];
	struct bytes b;
	const char *body;
	size_t n = 0;

	(void)snprintf(name, sizeof(name), "vectors/risk/arx/%s", file);
	test_shared(path, sizeof(path), name);
	test_read_file(path, &b);
	body = memchr(b.at, '\n', b.len);
	body++;
	*t = table_of(roles, body, b.len - (size_t)(body - (char *)b.at));
	bytes_free(&b);
	for (size_t i = 0; i < COLUMNS; i++) {
		if (roles[i] != 'q')
			continue;
		(void)snprintf(name, sizeof(name),
		    "vectors/risk/arx/adult_hierarchy_%s.csv", names[i]);
		test_shared(path, sizeof(path), name);
		test_read_file(path, &b);
		h[n++] = hierarchy_of((const char *)b.at);
		bytes_free(&b);
	}
	assert_ok(risk_lattice_new(
	    &x, *t, (const struct risk_hierarchy *const *)h, &f));
	for (size_t i = 0; i < n; i++)
		risk_hierarchy_free(h[i]);
	return x;
}

static bool
next_vector(uint8_t *levels, const struct risk_lattice *x, size_t n)
{
	for (size_t q = 0; q < n; q++) {
		if (levels[q]++ < risk_lattice_levels(x, q))
			return true;
		levels[q] = 0;
	}
	return false;
}

/* The search against measuring every level vector. */
static void
compare_with_all(const char *roles, const struct risk_goal *goal)
{
	uint8_t levels[RISK_QUASI_MAX] = { 0 };
	struct risk_table *t;
	struct risk_lattice *x = open_adult("adult_subset.csv", roles, &t);
	struct risk_choice c;
	struct fault f = { 0 };
	double best = INFINITY;
	size_t n = 0, nodes = 0;

	for (const char *r = roles; *r != '\0'; r++)
		n += *r == 'q';
	do {
		struct risk_report r;

		assert_ok(risk_measure(&r, x, levels, &goal->want, &f));
		if (r.met && r.loss[goal->metric] < best)
			best = r.loss[goal->metric];
		risk_report_free(&r);
		nodes++;
	} while (next_vector(levels, x, n));
	assert_ok(risk_search(&c, x, goal, &f));
	assert_true(c.exact);
	assert_int_equal(c.nodes, nodes);
	assert_near(c.loss[goal->metric], best);
	risk_lattice_free(x);
	risk_table_free(t);
}

static void
the_optimum_of_a_part_of_adult_is_that_of_trying_everything(void **state)
{
	static const struct risk_goal goals[] = {
		{ .want = { .k = 5 } },
		{ .want = { .k = 5, .suppress_share = 0.05 } },
		{ .want = { .k = 3, .l_distinct = 3, .suppress_share = 0.1 },
		    .metric = RISK_ENTROPY },
		{ .want = { .k = 2,
		      .l_entropy = 2.5,
		      .t = 0.4,
		      .suppress_share = 0.2 },
		    .metric = RISK_DISCERNIBILITY },
		{ .want = { .recursive_c = 3, .recursive_l = 3, .t = 0.5 },
		    .metric = RISK_ENTROPY },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(goals) / sizeof(goals[0]); i++)
		compare_with_all("qqqq---s-", &goals[i]);
	/* each of 12,960, which is the same again */
	if (!TEST_SANITIZED)
		compare_with_all("qqqqqqqqq", &goals[1]);
}

/* What is found on all of adult is met, and nothing one step finer is both
 * met and better. */
static void
nine_quasi_identifiers_of_adult_are_searched_exactly(void **state)
{
	static const struct risk_goal goals[] = {
		{ .want = { .k = 5 } },
		{ .want = { .k = 5, .suppress_share = 0.05 } },
		{ .want = { .k = 100, .suppress_rows = 1000 },
		    .metric = RISK_ENTROPY },
	};
	struct risk_table *t;
	struct risk_lattice *x = open_adult("adult.csv", "qqqqqqqqq", &t);

	(void)state;
	assert_int_equal(risk_table_rows(t), 30162);
	for (size_t i = 0; i < sizeof(goals) / sizeof(goals[0]); i++) {
		const struct risk_goal *g = &goals[i];
		struct risk_choice c;
		struct risk_report r;
		struct fault f = { 0 };

		assert_ok(risk_search(&c, x, g, &f));
		assert_true(c.exact);
		assert_int_equal(c.nodes, 12960);
		assert_true(c.looked < c.nodes);
		assert_ok(risk_measure(&r, x, c.levels, &g->want, &f));
		assert_true(r.met);
		assert_int_equal(r.nsuppress, c.suppressed);
		for (int m = 0; m < RISK_METRICS; m++)
			assert_near(r.loss[m], c.loss[m]);
		risk_report_free(&r);
		for (size_t q = 0; q < COLUMNS; q++) {
			if (c.levels[q] == 0)
				continue;
			c.levels[q]--;
			assert_ok(risk_measure(&r, x, c.levels, &g->want, &f));
			assert_false(r.met && r.loss[g->metric] <
						  c.loss[g->metric] - 1e-12);
			risk_report_free(&r);
			c.levels[q]++;
		}
	}
	risk_lattice_free(x);
	risk_table_free(t);
}

static void
a_search_cut_short_says_so_and_still_meets_the_thresholds(void **state)
{
	const struct risk_goal all = { .want = {
					   .k = 5, .suppress_share = 0.05 } };
	struct risk_goal few = all;
	struct risk_table *t;
	struct risk_lattice *x =
	    open_adult("adult_subset.csv", "qqqqqqqqq", &t);
	struct risk_choice whole, cut;
	struct risk_report r;
	struct fault f = { 0 };

	(void)state;
	few.nodes_max = 12;
	assert_ok(risk_search(&whole, x, &all, &f));
	assert_ok(risk_search(&cut, x, &few, &f));
	assert_true(whole.exact);
	assert_false(cut.exact);
	assert_true(cut.looked <= 12);
	assert_true(cut.loss[0] >= whole.loss[0]);
	assert_ok(risk_measure(&r, x, cut.levels, &few.want, &f));
	assert_true(r.met);
	risk_report_free(&r);
	few.nodes_max = 1;
	few.want.suppress_share = 0;
	assert_refused(risk_search(&cut, x, &few, &f), FAULT_POLICY);
	assert_string_equal(f.text,
	    "no generalisation that was looked at meets the thresholds");
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
		    the_optimum_of_a_part_of_adult_is_that_of_trying_everything),
		cmocka_unit_test(
		    nine_quasi_identifiers_of_adult_are_searched_exactly),
		cmocka_unit_test(
		    a_search_cut_short_says_so_and_still_meets_the_thresholds),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
