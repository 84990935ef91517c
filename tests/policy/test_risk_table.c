/* policy/risk: what a table refuses, and what a failure leaves. */

#include "tests/policy/risk_tables.h"

#include <math.h>

#include "keys/base/mem.h"
#include "keys/base/secret.h"

static void
what_is_no_number_is_refused_by_row_and_column(void **state)
{
	static const char *const bad[] = { "x", "1e3", "+1", "1.", ".5", "--1",
		" 1", "1 ", "1,5", "-", "1234567890123456789",
		"0.1234567890123456789" };
	char rows[64];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct risk_lattice *x;
		struct risk_table *t;
		struct fault f = { 0 };

		(void)snprintf(rows, sizeof(rows), "a;1\nb;%s\n", bad[i]);
		t = table_of("qn", rows, strlen(rows));
		assert_refused(risk_lattice_new(&x, t, NULL, &f), FAULT_INPUT);
		assert_string_equal(
		    f.text, "row 2: column \"c1\": not a decimal number");
		assert_null(x);
		risk_table_free(t);
	}
}

static void
a_value_unknown_to_its_hierarchy_is_refused_and_not_named(void **state)
{
	struct risk_table *t = table_of("qq", "a;b\na;secret\n", 13);
	struct risk_hierarchy *h = hierarchy_of("b;*\n");
	const struct risk_hierarchy *both[] = { NULL, h };
	struct risk_lattice *x;
	struct fault f = { 0 };

	(void)state;
	assert_refused(risk_lattice_new(&x, t, both, &f), FAULT_INPUT);
	assert_string_equal(f.text,
	    "row 2: column \"c1\": a value that its hierarchy does not have");
	risk_table_free(t);
	risk_hierarchy_free(h);
}

static void
a_table_stays_in_its_memory_and_as_it_was(void **state)
{
	static const struct risk_column c[] = { { "q", RISK_QUASI, RISK_EQUAL },
		{ "s", RISK_SENSITIVE, RISK_EQUAL } };
	struct risk_table *t;
	struct fault f = { 0 };
	uint64_t row = 0;
	char text[32];

	(void)state;
	assert_ok(risk_table_new(&t, c, 2, true, 100000, &f));
	for (;; row++) {
		struct slice s, v[2];

		(void)snprintf(text, sizeof(text), "value %u", (unsigned)row);
		s = v[0] = v[1] = slice_of_text(text);
		f = (struct fault){ 0 };
		if (risk_table_add(t, row, &s, v, &f) != 0)
			break;
		assert_true(risk_table_bytes(t) <= 100000);
	}
	assert_int_equal(f.kind, FAULT_INPUT);
	assert_non_null(strstr(f.text, "needs more than"));
	assert_int_equal(risk_table_rows(t), row);
	assert_true(row > 300);
	risk_table_free(t);

	assert_refused(risk_table_new(&t, c + 1, 1, true, 0, &f), FAULT_USAGE);
	assert_null(t);
	{
		struct risk_column many[RISK_QUASI_MAX + 1];

		for (size_t i = 0; i <= RISK_QUASI_MAX; i++)
			many[i] = c[0];
		assert_refused(
		    risk_table_new(&t, many, RISK_QUASI_MAX + 1, true, 0, &f),
		    FAULT_USAGE);
	}
}

static void
thresholds_out_of_range_are_refused(void **state)
{
	static const struct risk_thresholds bad[] = { { .t = -1 }, { .t = NAN },
		{ .l_entropy = -1 }, { .suppress_share = 1.5 },
		{ .recursive_c = 2 }, { .recursive_l = 2 },
		{ .recursive_c = 2, .recursive_l = 65 } };
	struct risk_table *t = table_of("q", "a\n", 2);
	const struct risk_thresholds none = { 0 };
	struct risk_lattice *x;
	struct risk_report r;
	struct fault f = { 0 };

	(void)state;
	assert_ok(risk_lattice_new(&x, t, NULL, &f));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_refused(
		    risk_measure(&r, x, (uint8_t[]){ 0 }, &bad[i], &f),
		    FAULT_USAGE);
	assert_refused(
	    risk_measure(&r, x, (uint8_t[]){ 2 }, &none, &f), FAULT_USAGE);
	risk_lattice_free(x);
	risk_table_free(t);
}

/* Everything once, allocations failing from the nth on. */
static int
all_of_it(struct fault *f)
{
	static const struct risk_column c[] = { { "q", RISK_QUASI, RISK_EQUAL },
		{ "r", RISK_QUASI, RISK_EQUAL },
		{ "s", RISK_SENSITIVE, RISK_ORDERED } };
	static const char text[] = "a;x;*\nb;x;*\nc;y;*\n";
	struct slice csv = { (const uint8_t *)text, sizeof(text) - 1 };
	const struct risk_thresholds want = { .k = 2 };
	const struct risk_goal goal = { .want = { .k = 2,
					    .l_distinct = 2,
					    .t = 0.9,
					    .suppress_rows = 3 } };
	struct risk_choice choice;
	struct risk_hierarchy *h = NULL;
	const struct risk_hierarchy *both[2] = { NULL };
	struct risk_table *t = NULL;
	struct risk_lattice *x = NULL;
	struct risk_report r = { 0 };
	int rc = -1;

	if (risk_hierarchy_read(&h, "h", &csv, ';', f) != 0 ||
	    risk_table_new(&t, c, 3, true, 0, f) != 0)
		goto out;
	both[0] = h;
	for (unsigned i = 0; i < 40; i++) {
		char n[8];
		struct slice v[3] = { { (const uint8_t *)"abc" + i % 3, 1 },
			{ (const uint8_t *)"xy" + i % 2, 1 } };
		struct slice s = { (const uint8_t *)n, 2 };

		(void)snprintf(n, sizeof(n), "%u", 10 + i % 30);
		v[2] = s;
		if (risk_table_add(t, i, &s, v, f) != 0)
			goto out;
	}
	for (size_t i = 0; i < 3; i++) {
		struct slice v[2] = { { (const uint8_t *)"abc" + i, 1 },
			{ (const uint8_t *)"x", 1 } };

		if (risk_table_add_population(t, 3, v, f) != 0)
			goto out;
	}
	if (risk_lattice_new(&x, t, both, f) != 0 ||
	    risk_measure(&r, x, (uint8_t[]){ 1, 0 }, &want, f) != 0 ||
	    risk_search(&choice, x, &goal, f) != 0)
		goto out;
	rc = 0;
out:
	risk_report_free(&r);
	risk_lattice_free(x);
	risk_table_free(t);
	risk_hierarchy_free(h);
	return rc;
}

static void
every_allocation_may_fail(void **state)
{
	long n = 0;
	int rc;

	(void)state;
	do {
		struct fault f = { 0 };

		mem_fail_after(n++);
		rc = all_of_it(&f);
		mem_fail_after(-1);
		if (rc != 0)
			assert_int_equal(f.kind, FAULT_SYSTEM);
	} while (rc != 0);
	assert_true(n > 60);
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
		    what_is_no_number_is_refused_by_row_and_column),
		cmocka_unit_test(
		    a_value_unknown_to_its_hierarchy_is_refused_and_not_named),
		cmocka_unit_test(a_table_stays_in_its_memory_and_as_it_was),
		cmocka_unit_test(thresholds_out_of_range_are_refused),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
