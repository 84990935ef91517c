/* policy/transform: decimal numbers are exact, and bins are half open. */

#include "tests/support/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "policy/transform/transform.h"

static struct fault f;

static void
assert_reads(const char *text, const char *want, bool want_exact)
{
	struct decimal d;
	struct bytes b;
	bool exact;

	if (!decimal_read(&d, text, strlen(text), &exact))
		fail_msg("\"%s\" is not read", text);
	bytes_init(&b, 64);
	assert_ok(decimal_print(&b, &d, &f));
	assert_ok(bytes_end_text(&b, &f));
	if (strcmp((const char *)b.at, want) != 0 || exact != want_exact)
		fail_msg("\"%s\" is %s, not %s (exact: %d)", text,
		    (const char *)b.at, want, exact);
	bytes_free(&b);
}

static void
numbers_are_read_exactly(void **state)
{
	(void)state;
	assert_reads("0", "0", true);
	assert_reads("-0", "0", true);
	assert_reads("007", "7", true);
	assert_reads("+3.50", "3.5", true);
	assert_reads(".5", "0.5", true);
	assert_reads("5.", "5", true);
	assert_reads("-.5", "-0.5", true);
	assert_reads(" 12\t", "12", true);
	assert_reads("1e3", "1000", true);
	assert_reads("1E+3", "1000", true);
	assert_reads("12.5e-1", "1.25", true);
	assert_reads("-12.5e1", "-125", true);
	assert_reads("0.1", "0.1", true);
	assert_reads("999999999999999999", "999999999999999999", true);
	assert_reads("-999999999999999999.999999999999999999",
	    "-999999999999999999.999999999999999999", true);
	assert_reads("0.000000000000000001", "0.000000000000000001", true);
	assert_reads("0.30000000000000000000", "0.3", true);
	assert_reads("123456789e-18", "0.000000000123456789", true);
	assert_reads("0e400", "0", true);
	assert_reads(
	    "0.0000000000000000000000000000000000000001e40", "1", true);
	assert_reads("100000000000000000000e-20", "1", true);
}

static void
digits_past_the_last_place_round_down(void **state)
{
	(void)state;
	assert_reads("0.1000000000000000055511151231257827",
	    "0.100000000000000005", false);
	assert_reads("-0.1000000000000000055", "-0.100000000000000006", false);
	assert_reads("-0.9999999999999999999", "-1", false);
	assert_reads("-1e-30", "-0.000000000000000001", false);
	assert_reads("1e-30", "0", false);
}

static void
what_is_not_a_number_is_refused(void **state)
{
	static const char *const bad[] = { "", " ", ".", "+", "-", "--1", "1-",
		"1,5", "1,000", "1 000", "1.2.3", "1e", "1e+", "e3", "0x10",
		"inf", "nan", "NaN", "1e401", "1e-401", "1e1.5",
		"1e99999999999", "1000000000000000000", "1e18", "-1e18", "12a",
		"a12", "1_000",
		"\xe2\x88\x92"
		"5",
		"\xd9\xa1", "1\n", "\"1\"", "true", "$5",
		"-999999999999999999.9999999999999999999" };
	struct decimal d;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (decimal_read(&d, bad[i], strlen(bad[i]), NULL))
			fail_msg("\"%s\" is read", bad[i]);
}

static void
assert_bin(const struct transform *t, const char *value, const char *want)
{
	struct bytes out;

	bytes_init(&out, 256);
	f = (struct fault){ 0 };
	if (transform_apply(t, NULL, value, strlen(value), &out, &f) != 0) {
		assert_int_equal(f.kind, FAULT_INPUT);
		if (want != NULL)
			fail_msg("\"%s\": %s", value, f.text);
	} else {
		assert_ok(bytes_end_text(&out, &f));
		if (want == NULL || strcmp((const char *)out.at, want) != 0)
			fail_msg("\"%s\" fell into %s, not %s", value,
			    (const char *)out.at, want);
	}
	bytes_free(&out);
}

static void
a_bin_holds_its_lower_edge_and_not_its_upper(void **state)
{
	struct decimal edges[] = { { 0, 0 }, { 0, 300000000000000000u },
		{ 18, 0 }, { 65, 0 } };
	struct transform t = {
		.action = TRANSFORM_BINS, .edges = edges, .nedges = 4
	};

	(void)state;
	assert_bin(&t, "-0.0000000000000000001", "<0");
	assert_bin(&t, "-5", "<0");
	assert_bin(&t, "0", "[0,0.3)");
	assert_bin(&t, "-0", "[0,0.3)");
	assert_bin(&t, "0.29999999999999999999", "[0,0.3)");
	assert_bin(&t, "0.3", "[0.3,18)");
	assert_bin(&t, "3e-1", "[0.3,18)");
	assert_bin(&t, "17.999", "[0.3,18)");
	assert_bin(&t, "18", "[18,65)");
	assert_bin(&t, "65", ">=65");
	assert_bin(&t, "999999", ">=65");
	assert_bin(&t, "old", NULL);
	assert_bin(&t, "1e300", NULL);
}

static void
one_edge_makes_two_bins(void **state)
{
	struct decimal edge = { 50, 0 };
	struct transform t = {
		.action = TRANSFORM_BINS, .edges = &edge, .nedges = 1
	};

	(void)state;
	assert_bin(&t, "49.9", "<50");
	assert_bin(&t, "50", ">=50");
}

static void
bins_of_one_width_begin_at_its_multiples(void **state)
{
	struct decimal ten = { 10, 0 }, tenth = { 0, 100000000000000000u };
	struct transform t = {
		.action = TRANSFORM_WIDTH, .edges = &ten, .nedges = 1
	};

	(void)state;
	assert_bin(&t, "0", "[0,10)");
	assert_bin(&t, "9.999999", "[0,10)");
	assert_bin(&t, "10", "[10,20)");
	assert_bin(&t, "-1", "[-10,0)");
	assert_bin(&t, "-10", "[-10,0)");
	assert_bin(&t, "-10.1", "[-20,-10)");
	assert_bin(&t, "999999999999999999",
	    "[999999999999999990,1000000000000000000)");
	t.edges = &tenth;
	/* in binary floating point 0.3 / 0.1 is less than 3 */
	assert_bin(&t, "0.3", "[0.3,0.4)");
	assert_bin(&t, "0.7", "[0.7,0.8)");
	assert_bin(&t, "-0.3", "[-0.3,-0.2)");
	assert_bin(&t, "1.15", "[1.1,1.2)");
}

/* Many numbers against whole-number arithmetic in thousandths. */
static void
bins_agree_with_integer_arithmetic(void **state)
{
	uint64_t seed = 42;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		int64_t v, width, from;
		struct decimal w;
		struct transform t = {
			.action = TRANSFORM_WIDTH, .edges = &w, .nedges = 1
		};
		char text[64], want[128], a[32], b[32];

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		v = (int64_t)(seed >> 20) % 100000000;
		if (seed & 1u << 10)
			v = -v;
		width = 1 + (int64_t)(seed >> 40) % 5000;
		from = v / width * width;
		if (v % width < 0)
			from -= width;
		(void)snprintf(text, sizeof(text), "%s%" PRId64 ".%03" PRId64,
		    v < 0 ? "-" : "", (v < 0 ? -v : v) / 1000,
		    (v < 0 ? -v : v) % 1000);
		(void)snprintf(a, sizeof(a), "%" PRId64 "e-3", width);
		assert_true(decimal_read(&w, a, strlen(a), NULL));
		(void)snprintf(a, sizeof(a), "%" PRId64 "e-3", from);
		(void)snprintf(b, sizeof(b), "%" PRId64 "e-3", from + width);
		{
			struct decimal da, db;
			struct bytes out;

			assert_true(decimal_read(&da, a, strlen(a), NULL));
			assert_true(decimal_read(&db, b, strlen(b), NULL));
			bytes_init(&out, sizeof(want) - 1);
			assert_ok(bytes_add_text(&out, "[", &f));
			assert_ok(decimal_print(&out, &da, &f));
			assert_ok(bytes_add_text(&out, ",", &f));
			assert_ok(decimal_print(&out, &db, &f));
			assert_ok(bytes_add_text(&out, ")", &f));
			assert_ok(bytes_end_text(&out, &f));
			assert_bin(&t, text, (const char *)out.at);
			bytes_free(&out);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read_exactly),
		cmocka_unit_test(digits_past_the_last_place_round_down),
		cmocka_unit_test(what_is_not_a_number_is_refused),
		cmocka_unit_test(a_bin_holds_its_lower_edge_and_not_its_upper),
		cmocka_unit_test(one_edge_makes_two_bins),
		cmocka_unit_test(bins_of_one_width_begin_at_its_multiples),
		cmocka_unit_test(bins_agree_with_integer_arithmetic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
