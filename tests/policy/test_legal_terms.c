/* policy/legal: terms and decisions as JSON. */

#include "tests/support/test.h"

#include <string.h>

#include "keys/base/mem.h"
#include "policy/legal/legal.h"
#include "tests/policy/legal_story.h"

static void
a_decision_is_told_with_its_facts_and_terms(void **state)
{
	struct story s;
	json_t *o;
	const json_t *terms;

	(void)state;
	story_begin(&s, "JP");
	s.terms.papers[LEGAL_SCC].given = false;
	assert_ok(legal_decide(&s.d, &s.q, &f));
	assert_ok(legal_decision_json(&o, &s.q, &s.d, &f));
	assert_string_equal(
	    json_string_value(json_object_get(o, "tool")), "adequacy");
	assert_string_equal(
	    json_string_value(json_array_get(json_object_get(o, "dpv"), 0)),
	    "eu-gdpr:A6-1-e");
	assert_string_equal(
	    json_string_value(json_array_get(json_object_get(o, "dpv"), 4)),
	    "eu-gdpr:A45-3");
	terms = json_object_get(o, "terms");
	assert_int_equal(json_object_size(json_object_get(terms, "facts")), 6);
	json_decref(o);
	story_end(&s);
}

static void
terms_travel_as_json_and_come_back(void **state)
{
	struct story s;
	struct legal_terms back;
	json_t *o, *again;

	(void)state;
	story_begin(&s, "NL");
	s.terms.exception = dpv_find(DPV_EXCEPTION, "eu-gdpr:A9-2-a");
	s.terms.special_to_crowd = true;
	s.terms.papers[LEGAL_TIA].until = day("2027-01-01");
	assert_ok(legal_terms_json(&o, &s.terms, &f));
	assert_ok(legal_terms_take(&back, o, &f));
	assert_ok(legal_terms_json(&again, &back, &f));
	assert_true(json_equal(o, again));
	assert_int_equal(back.papers[LEGAL_TIA].until, day("2027-01-01"));
	assert_int_equal(back.papers[LEGAL_SCC].module, 2);
	legal_terms_free(&back);
	json_decref(again);
	for (const char *key = "facts"; key != NULL;
	     key = strcmp(key, "facts") == 0 ? "data" : NULL) {
		assert_int_equal(json_object_set_new(o, key, json_true()), 0);
		assert_refused(legal_terms_take(&back, o, &f), FAULT_INPUT);
		assert_false(back.given);
	}
	assert_int_equal(json_object_set_new(o, "more", json_true()), 0);
	assert_refused(legal_terms_take(&back, o, &f), FAULT_INPUT);
	json_decref(o);
	story_end(&s);
}

static void
when_memory_ends_nothing_is_lost(void **state)
{
	struct story s;
	json_t *o = NULL, *terms;
	struct legal_terms back;
	int rc = -1;

	(void)state;
	story_begin(&s, "JP");
	assert_ok(legal_decide(&s.d, &s.q, &f));
	assert_ok(legal_terms_json(&terms, &s.terms, &f));
	for (long n = 0; rc != 0 && n < 4000; n++) {
		struct legal_countries c;

		f = (struct fault){ 0 };
		mem_fail_after(n);
		rc = legal_terms_take(&back, terms, &f);
		if (rc == 0)
			rc = legal_decision_json(&o, &s.q, &s.d, &f);
		if (rc == 0)
			rc = legal_countries_read(&c, "c", "", 0, &f);
		mem_fail_after(-1);
		if (rc != 0)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		else
			legal_countries_free(&c);
		json_decref(o);
		o = NULL;
		legal_terms_free(&back);
	}
	assert_int_equal(rc, 0);
	json_decref(terms);
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_decision_is_told_with_its_facts_and_terms),
		cmocka_unit_test(terms_travel_as_json_and_come_back),
		cmocka_unit_test(when_memory_ends_nothing_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
