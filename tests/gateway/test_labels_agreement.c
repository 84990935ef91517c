/* gateway/labels: agreement of annotators, against published numbers. */

#include <math.h>
#include <stdlib.h>

#include "tests/support/label_set.h"

static void
near_to(double got, double want, double by)
{
	if (!(fabs(got - want) <= by))
		fail_msg("%.9f, not %.9f", got, want);
}

#define RATINGS_MAX 1000

/* A vector's "matrix" (annotators x units, null where missing) or "data"
 * ([annotator, unit, value]). */
static size_t
ratings_of(const json_t *vector, struct labels_rating *out)
{
	json_t *rows, *row, *v;
	size_t i, k, n = 0;

	rows = json_object_get(vector, "matrix");
	json_array_foreach(rows, i, row)
	{
		json_array_foreach(row, k, v)
		{
			assert_true(n < RATINGS_MAX);
			if (!json_is_null(v))
				out[n++] = (struct labels_rating){ (uint32_t)k,
					(uint32_t)i, json_number_value(v) };
		}
	}
	rows = json_object_get(vector, "data");
	json_array_foreach(rows, i, row)
	{
		const char *unit = json_string_value(json_array_get(row, 1));
		const char *value = json_string_value(json_array_get(row, 2));

		assert_true(n < RATINGS_MAX);
		out[n++] = (struct labels_rating){
			(uint32_t)strtoul(
			    unit + strcspn(unit, "0123456789"), NULL, 10),
			(uint32_t)(unsigned char)json_string_value(
			    json_array_get(row,
				0))[strlen(json_string_value(json_array_get(row,
					0))) -
				    1],
			value[0] == 'Y'	  ? 1
			: value[0] == 'N' ? 0
					  : strtod(value, NULL),
		};
	}
	return n;
}

static void
every_vector_gives_the_alpha_that_it_names(void **state)
{
	static struct labels_rating ratings[RATINGS_MAX];
	char path[512];
	struct bytes b;
	size_t vectors = 0;
	char *line;

	(void)state;
	test_shared(path, sizeof(path), "vectors/labels/agreement.jsonl");
	test_read_file(path, &b);
	for (line = strtok((char *)b.at, "\n"); line != NULL;
	     line = strtok(NULL, "\n")) {
		json_t *v = json_loads(line, 0, NULL);
		struct labels_agreement a;
		enum labels_level level;
		struct fault f;
		size_t n;

		assert_non_null(v);
		assert_string_equal(
		    json_string_value(json_object_get(v, "metric")),
		    "krippendorff_alpha");
		assert_true(labels_level_read(
		    &level, json_string_value(json_object_get(v, "level"))));
		n = ratings_of(v, ratings);
		assert_ok(labels_agree_ratings(ratings, n, level, &a, &f));
		assert_true(a.has_alpha);
		near_to(a.alpha,
		    json_real_value(json_object_get(v, "recomputed")), 1e-9);
		near_to(a.alpha,
		    json_number_value(json_object_get(v, "expected")),
		    0.51 * pow(10, -(double)json_integer_value(
				       json_object_get(v, "places"))));
		json_decref(v);
		vectors++;
	}
	assert_true(vectors >= 9);
	bytes_free(&b);
}

/* Krippendorff 2011, "Computing ...", two observers, ten units,
 * nominal, binary: alpha = 0.095. */
static void
two_observers_binary_data_as_published(void **state)
{
	static const char *const rows[] = { "0100000010", "1110010000" };
	struct labels_rating r[20];
	struct labels_agreement a;
	struct fault f;
	size_t n = 0;

	(void)state;
	for (uint32_t i = 0; i < 2; i++)
		for (uint32_t k = 0; k < 10; k++)
			r[n++] =
			    (struct labels_rating){ k, i, rows[i][k] - '0' };
	assert_ok(labels_agree_ratings(r, n, LABELS_NOMINAL, &a, &f));
	assert_int_equal(a.annotators, 2);
	assert_int_equal(a.units, 10);
	near_to(a.alpha, 0.095, 0.0005);
	near_to(a.percent, 0.6, 1e-12);
}

/* Cohen's kappa by hand: 20 and 15 agreements, 5 and 10 disagreements of 50:
 * po = 0.7, pe = 0.5 * 0.6 + 0.5 * 0.4 = 0.5, kappa = 0.4. */
static void
kappa_of_two_annotators_is_cohens(void **state)
{
	static const struct {
		int n, first, second;
	} table[] = { { 20, 1, 1 }, { 5, 1, 0 }, { 10, 0, 1 }, { 15, 0, 0 } };
	struct labels_rating r[101];
	struct labels_agreement a;
	struct fault f;
	uint32_t unit = 0;
	size_t n = 0;

	(void)state;
	for (size_t t = 0; t < 4; t++)
		for (int i = 0; i < table[t].n; i++, unit++) {
			r[n++] =
			    (struct labels_rating){ unit, 0, table[t].first };
			r[n++] =
			    (struct labels_rating){ unit, 1, table[t].second };
		}
	r[n++] = (struct labels_rating){ unit, 0, 1 }; /* rated once */
	assert_ok(labels_agree_ratings(r, n, LABELS_NOMINAL, &a, &f));
	assert_true(a.has_kappa);
	near_to(a.kappa, 0.4, 1e-12);
	near_to(a.percent, 0.7, 1e-12);
	assert_int_equal(a.units, 50);
}

static void
nothing_to_compare_gives_no_number(void **state)
{
	struct labels_rating r[] = { { 0, 0, 1 }, { 0, 1, 1 }, { 1, 0, 1 } };
	struct labels_agreement a;
	struct fault f;

	(void)state;
	assert_ok(labels_agree_ratings(r, 0, LABELS_NOMINAL, &a, &f));
	assert_false(a.has_alpha || a.has_percent || a.has_kappa);
	assert_ok(labels_agree_ratings(r, 1, LABELS_NOMINAL, &a, &f));
	assert_false(a.has_alpha || a.has_percent || a.has_kappa);
	/* all the same value: agreement is full, and chance cannot be told */
	assert_ok(labels_agree_ratings(r, 3, LABELS_NOMINAL, &a, &f));
	assert_false(a.has_alpha);
	assert_true(a.has_percent);
	near_to(a.percent, 1, 0);
	assert_false(a.has_kappa);
}

static void
too_many_values_are_refused(void **state)
{
	static struct labels_rating r[2049];
	struct labels_agreement a;
	struct fault f;

	(void)state;
	for (uint32_t i = 0; i < 2049; i++)
		r[i] = (struct labels_rating){ i / 2, i % 2, i };
	assert_refused(labels_agree_ratings(r, 2049, LABELS_INTERVAL, &a, &f),
	    FAULT_INPUT);
}

#define SAID(item, who, said)                         \
	"{\"item\":\"" item "\",\"annotator\":\"" who \
	"\",\"at\":\"2026-11-01T10:00:00Z\"," said "}\n"

static void
agreement_of_a_set_leaves_skips_out_and_empties_in(void **state)
{
	const struct labels_contract c = contract_of(LABELS_CLASS);
	struct labels *l = set_of(&c,
	    SAID(ITEM_A, "x", "\"class\":\"cat\"") SAID(ITEM_A, "y",
		"\"class\":\"cat\"") SAID(ITEM_B, "x", "\"state\":\"empty\"")
		SAID(ITEM_B, "y", "\"state\":\"empty\"")
		    SAID(ITEM_C, "x", "\"class\":\"dog\"") SAID(
			ITEM_C, "y", "\"state\":\"skipped\",\"reason\":\"r\""));
	struct labels_agreement a;
	struct fault f;

	(void)state;
	assert_ok(labels_agree(l, LABELS_NOMINAL, &a, &f));
	assert_int_equal(a.units, 2);
	near_to(a.percent, 1, 0);
	near_to(a.alpha, 1, 1e-12);
	assert_refused(labels_agree(l, LABELS_ORDINAL, &a, &f), FAULT_INPUT);
	labels_free(l);
}

static void
boxes_of_two_annotators_are_compared_pair_by_pair(void **state)
{
	const struct labels_contract c = contract_of(LABELS_BOXES);
	struct labels *l = set_of(&c,
	    SAID(ITEM_A, "x",
		"\"boxes\":[" BOX("cat", "0", "0", "10", "10") "]") SAID(ITEM_A,
		"y", "\"boxes\":[" BOX("cat", "5", "0", "10", "10") "]")
		SAID(ITEM_B, "x", "\"boxes\":[]")
		    SAID(ITEM_B, "y", "\"boxes\":[]"));
	struct labels_agreement a;
	struct fault f;

	(void)state;
	assert_ok(labels_agree(l, LABELS_NOMINAL, &a, &f));
	assert_int_equal(a.pairs, 2);
	assert_true(a.has_alike);
	assert_false(a.has_alpha);
	near_to(a.alike, (1 + 1.0 / 3) / 2, 1e-12);
	labels_free(l);
}

static void
answers_without_boxes_are_like_each_other_and_like_no_other(void **state)
{
	const struct labels_contract c = contract_of(LABELS_BOXES);
	struct labels *l = set_of(&c,
	    SAID(ITEM_A, "x", "\"boxes\":[" BOX("cat", "0", "0", "9", "9") "]")
		SAID(ITEM_A, "y", "\"boxes\":[]") SAID(ITEM_A, "z",
		    "\"boxes\":[]") SAID(ITEM_A, "w", "\"boxes\":[]")
		    SAID(ITEM_B, "x", "\"boxes\":[]"));
	struct labels_agreement a;
	struct fault f;

	(void)state;
	assert_ok(labels_agree(l, LABELS_NOMINAL, &a, &f));
	assert_int_equal(a.units, 1);
	assert_int_equal(a.pairs, 6);
	near_to(a.alike, 3.0 / 6, 1e-12);
	labels_free(l);
}

/* As many as there may be say nothing of one item: pair by pair that would be
 * two thousand million comparisons. */
static void
a_crowd_that_says_nothing_is_counted(void **state)
{
	const size_t n = LABELS_ANNOTATORS_MAX - 1;
	const struct labels_contract c = contract_of(LABELS_BOXES);
	struct labels_agreement a;
	struct fault f = { 0 };
	struct labels *l;
	struct bytes b;

	(void)state;
	bytes_init(&b, (size_t)16 << 20);
	for (size_t i = 0; i < n; i++)
		assert_ok(bytes_addf(&b, &f,
		    "{\"item\":\"" ITEM_A "\",\"annotator\":\"%zu\",\"at\":"
		    "\"2026-11-01T10:00:00Z\",\"boxes\":[]}\n",
		    i));
	assert_ok(bytes_end_text(&b, &f));
	l = set_of(&c, (const char *)b.at);
	assert_ok(labels_agree(l, LABELS_NOMINAL, &a, &f));
	assert_int_equal(a.pairs, n * (n - 1) / 2);
	near_to(a.alike, 1, 0);
	labels_free(l);
	bytes_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_gives_the_alpha_that_it_names),
		cmocka_unit_test(two_observers_binary_data_as_published),
		cmocka_unit_test(kappa_of_two_annotators_is_cohens),
		cmocka_unit_test(nothing_to_compare_gives_no_number),
		cmocka_unit_test(too_many_values_are_refused),
		cmocka_unit_test(
		    agreement_of_a_set_leaves_skips_out_and_empties_in),
		cmocka_unit_test(
		    boxes_of_two_annotators_are_compared_pair_by_pair),
		cmocka_unit_test(
		    answers_without_boxes_are_like_each_other_and_like_no_other),
		cmocka_unit_test(a_crowd_that_says_nothing_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
