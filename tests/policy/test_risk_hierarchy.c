/* policy/risk: hierarchies out of CSV, and all that is wrong with some. */

#include "tests/policy/risk_tables.h"

#include "keys/base/secret.h"

static int
read_text(struct risk_hierarchy **h, const char *text, char d, struct fault *f)
{
	struct slice s = slice_of_text(text);

	return risk_hierarchy_read(h, "zip.csv", &s, d, f);
}

static void
at(const struct risk_hierarchy *h, const char *value, unsigned level,
    const char *want)
{
	struct slice s;

	assert_true(risk_hierarchy_at(h, value, strlen(value), level, &s));
	assert_int_equal(s.len, strlen(want));
	assert_memory_equal(s.at, want, s.len);
}

static void
values_stand_at_their_levels(void **state)
{
	static const char *const texts[] = { "a;x;*\nb;x;*\nc;y;*\n",
		"\xef\xbb\xbf\"a\";x;*\r\nb;\"x\";*\r\nc;y;*" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct risk_hierarchy *h;
		struct fault f = { 0 };
		struct slice s;

		assert_ok(read_text(&h, texts[i], ';', &f));
		assert_int_equal(risk_hierarchy_levels(h), 2);
		assert_int_equal(risk_hierarchy_values(h), 3);
		at(h, "a", 0, "a");
		at(h, "b", 1, "x");
		at(h, "c", 1, "y");
		at(h, "c", 2, "*");
		assert_false(risk_hierarchy_at(h, "d", 1, 0, &s));
		assert_false(risk_hierarchy_at(h, "x", 1, 1, &s));
		risk_hierarchy_free(h);
	}
}

static void
quotes_hold_delimiters_quotes_and_line_ends(void **state)
{
	struct risk_hierarchy *h;
	struct fault f = { 0 };

	(void)state;
	assert_ok(read_text(&h, "\"a,\"\"b\"\"\n\",*\n,*\n", ',', &f));
	at(h, "a,\"b\"\n", 1, "*");
	at(h, "", 1, "*");
	risk_hierarchy_free(h);
	assert_ok(read_text(&h, ";", ';', &f));
	at(h, "", 0, "");
	at(h, "", 1, "");
	risk_hierarchy_free(h);
}

static void
what_is_wrong_is_refused_by_its_record(void **state)
{
	static const struct {
		const char *text;
		const char *what;
	} rows[] = {
		{ "", "zip.csv: empty" },
		{ "a\n", "zip.csv: record 1: no level behind the value" },
		{ "a;*\nb;*;*\n",
		    "zip.csv: record 2: not the 1 levels of the first record" },
		{ "a;x;*\nb;*\n",
		    "zip.csv: record 2: not the 2 levels of the first record" },
		{ "a;x;*\n\nb;x;*\n",
		    "zip.csv: record 2: no level behind the value" },
		{ "a;*\na;*\n", "zip.csv: record 2: a value that came before" },
		{ "a;x;p;*\nb;x;q;*\n", "zip.csv: level 2 parts what level 1 "
					"puts together" },
		{ "a;x\nb;y\n",
		    "zip.csv: the last level has 2 labels, not one" },
		{ "\"a;*\n", "zip.csv: record 1: a quote is not closed" },
		{ "\"a\"b;*\n", "zip.csv: record 1: a quote or a carriage "
				"return inside a field" },
		{ "a\"b;*\n", "zip.csv: record 1: a quote or a carriage return "
			      "inside a field" },
		{ "a\rb;*\n", "zip.csv: record 1: a quote or a carriage return "
			      "inside a field" },
		{ "v;1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16\n",
		    "zip.csv: record 1: more than 15 levels" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct risk_hierarchy *h;
		struct fault f = { 0 };

		assert_refused(
		    read_text(&h, rows[i].text, ';', &f), FAULT_INPUT);
		if (strcmp(f.text, rows[i].what) != 0)
			fail_msg("\"%s\" is not \"%s\"", f.text, rows[i].what);
		assert_null(h);
	}
}

static void
hierarchies_of_arx_are_read(void **state)
{
	static const struct {
		const char *name;
		unsigned levels;
		size_t values;
	} files[] = {
		{ "adult_hierarchy_age", 4, 100 },
		{ "adult_hierarchy_education", 3, 16 },
		{ "adult_hierarchy_marital-status", 2, 7 },
		{ "adult_hierarchy_native-country", 2, 41 },
		{ "adult_hierarchy_occupation", 2, 14 },
		{ "adult_hierarchy_race", 1, 5 },
		{ "adult_hierarchy_salary-class", 1, 2 },
		{ "adult_hierarchy_sex", 1, 2 },
		{ "adult_hierarchy_workclass", 2, 8 },
		{ "test2_hierarchy_Age", 2, 9 },
		{ "test2_hierarchy_Disease", 3, 6 },
		{ "test2_hierarchy_ZIPCode", 5, 9 },
		{ "test_hierarchy_age", 2, 100 },
		{ "test_hierarchy_zipcode", 5, 10000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char name[100], path[300];
		struct risk_hierarchy *h;
		struct bytes b;
		struct slice s;
		struct fault f = { 0 };

		(void)snprintf(name, sizeof(name), "vectors/risk/arx/%s.csv",
		    files[i].name);
		test_shared(path, sizeof(path), name);
		test_read_file(path, &b);
		s = (struct slice){ b.at, b.len };
		assert_ok(risk_hierarchy_read(&h, name, &s, ';', &f));
		if (risk_hierarchy_levels(h) != files[i].levels ||
		    risk_hierarchy_values(h) != files[i].values)
			fail_msg("%s: %u levels, %zu values", name,
			    risk_hierarchy_levels(h), risk_hierarchy_values(h));
		risk_hierarchy_free(h);
		bytes_free(&b);
	}
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
		cmocka_unit_test(values_stand_at_their_levels),
		cmocka_unit_test(quotes_hold_delimiters_quotes_and_line_ends),
		cmocka_unit_test(what_is_wrong_is_refused_by_its_record),
		cmocka_unit_test(hierarchies_of_arx_are_read),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
