/* policy/transform: ages, rounded and coded numbers, coordinates, postcodes,
 * networks and mail domains. */

#include "tests/support/test.h"

#include <string.h>

#include "keys/base/clock.h"
#include "policy/transform/transform.h"

static struct fault f;

static int
apply(const struct transform *t, const char *value, struct bytes *out)
{
	f = (struct fault){ 0 };
	bytes_init(out, 4096);
	return transform_apply(t, NULL, value, strlen(value), out, &f);
}

static void
assert_gives(const struct transform *t, const char *value, const char *want)
{
	struct bytes out;

	if (apply(t, value, &out) != 0)
		fail_msg("\"%s\": %s", value, f.text);
	if (out.len != strlen(want) ||
	    (out.len > 0 && memcmp(out.at, want, out.len) != 0))
		fail_msg("\"%s\" became \"%.*s\", not \"%s\"", value,
		    (int)out.len, (const char *)out.at, want);
	bytes_free(&out);
}

static void
assert_refuses(const struct transform *t, const char *value)
{
	struct bytes out;

	if (apply(t, value, &out) == 0)
		fail_msg("\"%s\" became \"%.*s\"", value, (int)out.len,
		    (const char *)out.at);
	assert_int_equal(f.kind, FAULT_INPUT);
	assert_int_equal(out.len, 0);
	if (strlen(value) > 3)
		assert_null(strstr(f.text, value));
	bytes_free(&out);
}

static struct transform
age_at(int year, int month, int day, uint32_t width)
{
	struct transform t = {
		.action = TRANSFORM_AGE, .first = width, .last = 89
	};

	assert_true(clock_days(&t.at, year, month, day));
	return t;
}

static void
a_birthday_counts_on_its_day(void **state)
{
	const struct transform t = age_at(2026, 3, 1, 1);
	const struct transform leap = age_at(2025, 2, 28, 1);

	(void)state;
	assert_gives(&t, "2000-03-01", "[26,27)");
	assert_gives(&t, "2000-03-02", "[25,26)");
	assert_gives(&t, "2000-02-29", "[26,27)");
	assert_gives(&t, "2026-03-01", "[0,1)");
	assert_gives(&leap, "2000-02-29", "[24,25)");
	assert_gives(&leap, "", "");
	assert_gives(&leap, "  ", "");
	assert_refuses(&t, "2026-03-02");
	assert_refuses(&t, "2000-03");
	assert_refuses(&t, "2000");
	assert_refuses(&t, "yesterday");
	assert_refuses(&t, "3/4/1980");
}

static void
everybody_over_89_is_one_class(void **state)
{
	struct transform t = age_at(2026, 1, 1, 20);

	(void)state;
	/* 89 on the last day before, 90 on the day */
	assert_gives(&t, "1936-01-02", "[80,90)");
	assert_gives(&t, "1936-01-01", "90+");
	for (int year = 1800; year < 1936; year++) {
		char born[16];

		(void)snprintf(born, sizeof(born), "%d-06-30", year);
		assert_gives(&t, born, "90+");
	}
	t.last = 64;
	assert_gives(&t, "1961-01-02", "[60,65)");
	assert_gives(&t, "1960-12-31", "65+");
	t.order = ORDER_DMY;
	assert_gives(&t, "3/4/1980", "[40,60)");
}

static void
quarters_begin_with_their_first_month(void **state)
{
	const struct transform t = { .action = TRANSFORM_DATE,
		.grain = GRAIN_QUARTER };

	(void)state;
	assert_gives(&t, "1980-01-01", "1980-Q1");
	assert_gives(&t, "31.3.1980", "1980-Q1");
	assert_gives(&t, "1 Apr 1980", "1980-Q2");
	assert_gives(&t, "1980-09", "1980-Q3");
	assert_gives(&t, "1980-12-31T23:59", "1980-Q4");
	assert_refuses(&t, "1980");
	assert_refuses(&t, "3/4/1980");
}

static struct decimal edges[3];

static struct transform
number(enum transform_action action, size_t n, uint8_t ends)
{
	return (struct transform){
		.action = action, .edges = edges, .nedges = n, .ends = ends
	};
}

static void
rounding_goes_to_the_nearest_and_halves_away_from_zero(void **state)
{
	const struct transform t = number(TRANSFORM_ROUND, 1, 0);
	const struct transform top = number(TRANSFORM_ROUND, 2, ENDS_TOP);

	(void)state;
	edges[0] = (struct decimal){ 50, 0 };
	assert_gives(&t, "124.999", "100");
	assert_gives(&t, "125", "150");
	assert_gives(&t, "-125", "-150");
	assert_gives(&t, "-124", "-100");
	assert_gives(&t, "-24.9", "0");
	assert_gives(&t, " 1e3 ", "1000");
	assert_refuses(&t, "999999999999999999");
	assert_refuses(&t, "many");
	edges[0] = (struct decimal){ 0, 100000000000000000u };
	assert_gives(&t, "0.25", "0.3");
	assert_gives(&t, "-0.04", "0");
	edges[0] = (struct decimal){ 10, 0 };
	edges[1] = (struct decimal){ 90, 0 };
	assert_gives(&top, "84", "80");
	assert_gives(&top, "85", ">=90");
	assert_gives(&top, "1000", ">=90");
}

static void
what_is_far_out_is_told_apart_no_more(void **state)
{
	const struct transform width =
	    number(TRANSFORM_WIDTH, 3, ENDS_BOTTOM | ENDS_TOP);
	const struct transform both =
	    number(TRANSFORM_ENDS, 2, ENDS_BOTTOM | ENDS_TOP);
	const struct transform top = number(TRANSFORM_ENDS, 1, ENDS_TOP);

	(void)state;
	edges[0] = (struct decimal){ 10, 0 };
	edges[1] = (struct decimal){ 20, 0 };
	edges[2] = (struct decimal){ 90, 0 };
	assert_gives(&width, "19.99", "<20");
	assert_gives(&width, "20", "[20,30)");
	assert_gives(&width, "89.99", "[80,90)");
	assert_gives(&width, "90", ">=90");
	assert_gives(&width, "-5", "<20");
	edges[0] = (struct decimal){ -1, 500000000000000000u };
	edges[1] = (struct decimal){ 4, 0 };
	assert_gives(&both, "-0.51", "<-0.5");
	assert_gives(&both, "-0.5", "-0.5");
	assert_gives(&both, "03.50", "3.5");
	assert_gives(&both, "4", ">=4");
	edges[0] = (struct decimal){ 4, 0 };
	assert_gives(&top, "3", "3");
	assert_gives(&top, "12", ">=4");
	assert_refuses(&top, "twelve");
}

static void
coordinates_go_to_the_lower_edge_of_their_cell(void **state)
{
	const struct transform t = number(TRANSFORM_GRID, 1, 0);

	(void)state;
	edges[0] = (struct decimal){ 0, 100000000000000000u };
	assert_gives(&t, "51.5074", "51.5");
	assert_gives(&t, "-0.1278", "-0.2");
	assert_gives(&t, "180", "180");
	assert_gives(&t, "-180", "-180");
	assert_refuses(&t, "180.0001");
	assert_refuses(&t, "-180.5");
	assert_refuses(&t, "51.5 N");
	assert_refuses(&t, "51,5");
	assert_refuses(&t, "51.5,-0.1");
}

static void
postcodes_are_compared_without_what_stands_between(void **state)
{
	const struct transform t = { .action = TRANSFORM_POSTCODE, .first = 3 };

	(void)state;
	assert_gives(&t, "CB2 0QQ", "CB2");
	assert_gives(&t, "cb20qq", "CB2");
	assert_gives(&t, " 101-23 ", "101");
	assert_gives(&t, "", "");
	assert_gives(&t, "D-80331", "D80");
	assert_gives(&t, "1234 ab", "123");
	assert_gives(&t, "K1A 0B1", "K1A");
	assert_gives(&t, "D6W XY45", "D6W");
	assert_gives(&t, "SW1A 1AA", "SW1");
	assert_gives(&t, "12345-6789", "123");
	assert_refuses(&t, "101");
	/* What is none is not cut, but refused. */
	assert_refuses(&t, "Anna Smith");
	assert_refuses(&t, "Anna");
	assert_refuses(&t, "Flat 3");
	assert_refuses(&t, "12 High Street");
	assert_refuses(&t, "12345678901");
	assert_refuses(&t, "12345 Berlin");
	assert_refuses(&t, "unknown");
	assert_refuses(&t, "1-0 1");
	assert_refuses(&t, "D-8033!");
	assert_refuses(&t, "80\xc3\xa4"
			   "33");
}

static void
addresses_become_networks(void **state)
{
	const struct transform t = {
		.action = TRANSFORM_IP, .first = 24, .last = 48
	};
	const struct transform odd = {
		.action = TRANSFORM_IP, .first = 13, .last = 0
	};

	(void)state;
	assert_gives(&t, "192.0.2.77", "192.0.2.0/24");
	assert_gives(&t, " 192.0.2.77\t", "192.0.2.0/24");
	assert_gives(&t, "2001:db8:1234:5678::1", "2001:db8:1234::/48");
	assert_gives(&t, "2001:0DB8::1", "2001:db8::/48");
	assert_gives(&odd, "10.255.255.255", "10.248.0.0/13");
	assert_gives(&odd, "ffff::", "::/0");
	assert_refuses(&t, "10.0.2");
	assert_refuses(&t, "192.0.2.256");
	assert_refuses(&t, "192.0.2.1:80");
	assert_refuses(&t, "192.0.2.0/24");
	assert_refuses(&t, "fe80::1%eth0");
	assert_refuses(&t, "host.example.org");
	assert_refuses(
	    &t, "1111:2222:3333:4444:5555:6666:7777:8888:9999:1:1:1");
}

static void
mail_keeps_its_domain(void **state)
{
	const struct transform t = { .action = TRANSFORM_EMAIL };
	char far_too_long[300];

	(void)state;
	assert_gives(&t, "Ann.B+x@Example.ORG", "example.org");
	assert_gives(&t, " a@b ", "b");
	assert_gives(&t, "\"a@b\"@m-1.example", "m-1.example");
	assert_gives(&t, "a@m\xc3\xbcnchen.example", "m\xc3\xbcnchen.example");
	assert_refuses(&t, "ann.example.org");
	assert_refuses(&t, "@mail.example");
	assert_refuses(&t, "ann@");
	assert_refuses(&t, "ann@exa mple.org");
	assert_refuses(&t, "ann@.example.org");
	assert_refuses(&t, "ann@example..org");
	assert_refuses(&t, "ann@example.org>");
	assert_refuses(&t, "ann@-example.org");
	assert_refuses(&t, "ann@\xff.org");
	memset(far_too_long, 'a', sizeof(far_too_long) - 1);
	far_too_long[sizeof(far_too_long) - 1] = '\0';
	far_too_long[1] = '@';
	assert_refuses(&t, far_too_long);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_birthday_counts_on_its_day),
		cmocka_unit_test(everybody_over_89_is_one_class),
		cmocka_unit_test(quarters_begin_with_their_first_month),
		cmocka_unit_test(
		    rounding_goes_to_the_nearest_and_halves_away_from_zero),
		cmocka_unit_test(what_is_far_out_is_told_apart_no_more),
		cmocka_unit_test(
		    coordinates_go_to_the_lower_edge_of_their_cell),
		cmocka_unit_test(
		    postcodes_are_compared_without_what_stands_between),
		cmocka_unit_test(addresses_become_networks),
		cmocka_unit_test(mail_keeps_its_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
