/* policy/legal: a table of countries in a file, what is refused of it and
 * where; and the vocabulary. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "keys/base/clock.h"
#include "policy/legal/legal.h"

#define HEAD "date,2026-10-01\ncountry,status,from,until,scope,reference\n"

static struct fault f;

static int
read_text(struct legal_countries *c, const char *text)
{
	return legal_countries_read(c, "c.csv", text, strlen(text), &f);
}

static void
what_is_written_reads_as_the_same_table(void **state)
{
	struct legal_countries c, again;
	struct bytes text, second;

	(void)state;
	bytes_init(&text, LEGAL_FILE_BYTES);
	bytes_init(&second, LEGAL_FILE_BYTES);
	assert_ok(
	    read_text(&c, HEAD "# annulled\n\nUS,third,,,,\r\n"
			       "IN,adequate,2026-09-01,2030-01-01,certified,"
			       "\"Decision \"\"X\"\", of two words\"\n"));
	assert_true(c.own);
	assert_ok(legal_countries_write(&text, &c, &f));
	assert_ok(legal_countries_read(&again, "c.csv", text.at, text.len, &f));
	assert_memory_equal(c.digest, again.digest, 32);
	assert_int_equal(c.n, again.n);
	assert_ok(legal_countries_write(&second, &again, &f));
	assert_int_equal(text.len, second.len);
	assert_memory_equal(text.at, second.at, text.len);
	legal_countries_free(&c);
	legal_countries_free(&again);
	bytes_free(&text);
	bytes_free(&second);
}

static void
another_row_is_another_digest(void **state)
{
	struct legal_countries plain, other;

	(void)state;
	assert_ok(legal_countries_read(&plain, "c.csv", "", 0, &f));
	assert_false(plain.own);
	assert_ok(read_text(&other, HEAD "US,third,,,,\n"));
	assert_memory_not_equal(plain.digest, other.digest, 32);
	legal_countries_free(&plain);
	legal_countries_free(&other);
}

static void
whatever_is_not_understood_is_refused_where_it_stands(void **state)
{
	static const struct {
		const char *text, *says;
	} slips[] = {
		{ "\n", "c.csv:2:1: expected date,YYYY-MM-DD" },
		{ "day,2026-01-01\n", "c.csv:1:1: expected date" },
		{ "date,2026-13-01\n", "c.csv:1:6: expected a date like" },
		{ "date,1969-01-01\n", "c.csv:1:6: expected a date after" },
		{ "date,2026-01-01,x\n", "c.csv:1:16: something behind" },
		{ "date,2026-01-01\nUS,third,,,,\n",
		    "c.csv:2:1: expected country" },
		{ HEAD "UK,third,,,,\n", "c.csv:3:1: not a country" },
		{ HEAD "us,third,,,,\n", "c.csv:3:1: not a country" },
		{ HEAD "US,safe,,,,\n", "c.csv:3:4: expected eea, adequate" },
		{ HEAD "US,adequate,,,,\n", "c.csv:3:16: which decision?" },
		{ HEAD "US,third,,,\n", "c.csv:3:12: expected six fields" },
		{ HEAD "US,third,,,,,\n", "c.csv:3:13: something behind" },
		{ HEAD "US,third,x,,,\n", "c.csv:3:10: expected a date" },
		{ HEAD "US,third,2026-01-02,2025-01-01,,\n",
		    "c.csv:3:21: it ends before it begins" },
		{ HEAD "US,third,,,certified,\n", "c.csv:3:12: a scope" },
		{ HEAD "US,adequate,,,Cert,X\n", "c.csv:3:15: a scope" },
		{ HEAD "US,third,,,,\"x\n",
		    "c.csv:3:13: the quotes do not end" },
		{ HEAD "US,third,,,,x\"y\n", "c.csv:3:14: quotes inside" },
		{ HEAD "US,third,,,,\"x\"y\n", "c.csv:3:16: something behind" },
		{ HEAD "US,third,,,,\001\n", "c.csv:3:13: a control" },
		{ HEAD "US,third,,,,\xff\n", "c.csv:3:13: not UTF-8" },
		{ HEAD "# x\nNL,eea,,,,\n\nUS,no,,,,\n",
		    "c.csv:6:4: expected eea" },
		{ HEAD "\"\xc3\xa9\",third,,,,\n", "c.csv:3:1: not a country" },
		{ HEAD "US,third,,,,\"\xc3\xa9\"x\n", "c.csv:3:16: something" },
	};
	struct legal_countries c;

	(void)state;
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		assert_refused(read_text(&c, slips[i].text), FAULT_INPUT);
		if (strncmp(f.text, slips[i].says, strlen(slips[i].says)) != 0)
			fail_msg("%zu: %s, not %s", i, f.text, slips[i].says);
		assert_null(c.rows);
	}
}

static void
the_table_as_json_has_its_date_and_every_country_a_name(void **state)
{
	struct legal_countries c;
	const json_t *list, *one;
	json_t *o;
	size_t i;

	(void)state;
	assert_ok(legal_countries_read(&c, "c.csv", "", 0, &f));
	assert_ok(legal_countries_json(&o, &c, &f));
	assert_string_equal(
	    json_string_value(json_object_get(o, "date")), "2026-08-05");
	list = json_object_get(o, "countries");
	assert_int_equal(json_array_size(list), c.n);
	json_array_foreach(list, i, one)
	{
		assert_non_null(
		    json_string_value(json_object_get(one, "name")));
		if (strcmp(json_string_value(json_object_get(one, "status")),
			"adequate") == 0)
			assert_non_null(json_object_get(one, "reference"));
	}
	json_decref(o);
	legal_countries_free(&c);
}

static void
every_term_is_found_under_its_kind_and_no_other(void **state)
{
	(void)state;
	for (const struct dpv_term *t = dpv_terms; t->id != NULL; t++) {
		for (unsigned k = DPV_BASIS; k <= DPV_RECIPIENT; k++)
			assert_ptr_equal(dpv_find((enum dpv_kind)k, t->id),
			    k == t->kind ? t : NULL);
		assert_false(t->special && t->criminal);
		assert_true(
		    !(t->special || t->criminal) || t->kind == DPV_DATA);
		assert_true(t->means[0] != '\0');
	}
	assert_null(dpv_find(DPV_BASIS, "eu-gdpr:A6-1-g"));
	assert_null(dpv_find(DPV_BASIS, "A6-1-a"));
	assert_string_equal(
	    dpv_near(DPV_BASIS, "eu-gdpr:A6-1-A")->id, "eu-gdpr:A6-1-a");
	assert_string_equal(dpv_near(DPV_PURPOSE, "dpv:ScientficResearch")->id,
	    "dpv:ScientificResearch");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_reads_as_the_same_table),
		cmocka_unit_test(another_row_is_another_digest),
		cmocka_unit_test(
		    whatever_is_not_understood_is_refused_where_it_stands),
		cmocka_unit_test(
		    the_table_as_json_has_its_date_and_every_country_a_name),
		cmocka_unit_test(
		    every_term_is_found_under_its_kind_and_no_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
