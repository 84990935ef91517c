/* policy/rules: detect: dictionary, read, printed, refused with its place, put
 * in sentences, and missed where it should be. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "policy/rules/rules.h"

static struct fault f;

#define HEAD                                                                \
	"handoff: 1\nproject: p\npurpose: q\nrecipients: [acme]\n"          \
	"retention: 1d\nagreements: []\nfiles:\n"                           \
	"  - {match: a.csv, type: csv, columns: {family_name: drop, note: " \
	"detect}}\n"                                                        \
	"  - {match: stay.csv, exclude: names}\n"
#define RULE "detect:\n  dictionary:\n    - "

static struct policy *
read_policy(const char *tail)
{
	struct policy *p = NULL;
	char text[8192];

	f = (struct fault){ 0 };
	(void)snprintf(text, sizeof(text), HEAD "%s", tail);
	if (policy_read(&p, "y", text, strlen(text), &f) != 0)
		return NULL;
	return p;
}

static void
columns_and_paths_are_read_with_what_they_name(void **state)
{
	struct policy *p = read_policy(
	    RULE "{file: '*.csv', columns: {given: PERSON, town: LOCATION, "
		 "street: ADDRESS}}\n"
		 "    - {file: a.json, fields: {'kin[*].name': PERSON, tel: "
		 "PHONE_NUMBER, $..mrn: ID_NUMBER}}\n");
	const struct dictionary_rule *r;

	(void)state;
	assert_non_null(p);
	assert_int_equal(p->detection.ndictionary, 2);
	r = &p->detection.dictionary[0];
	assert_string_equal(r->file, "*.csv");
	assert_false(r->paths);
	assert_int_equal(r->line, 12);
	assert_int_equal(r->nfields, 3);
	assert_string_equal(r->fields[0].name, "given");
	assert_int_equal(r->fields[0].names, NAMES_PERSON);
	assert_int_equal(r->fields[1].names, NAMES_LOCATION);
	assert_int_equal(r->fields[2].names, NAMES_ADDRESS);
	r++;
	assert_true(r->paths);
	assert_int_equal(r->nfields, 3);
	assert_string_equal(r->fields[0].name, "kin[*].name");
	assert_int_equal(
	    path_reach(&r->fields[0].path, "kin[*].name"), REACH_HERE);
	assert_int_equal(r->fields[1].names, NAMES_PHONE);
	assert_int_equal(path_reach(&r->fields[2].path, "x.mrn"), REACH_HERE);
	policy_free(p);
}

static void
what_is_printed_is_the_same_policy(void **state)
{
	struct policy *p =
	    read_policy(RULE "{file: a.csv, columns: {'odd: name': PERSON}}\n"
			     "    - {file: a.json, fields: {a.b: PERSON}}\n");
	struct policy *again = NULL;
	struct bytes one, two;

	(void)state;
	assert_non_null(p);
	bytes_init(&one, 1 << 20);
	bytes_init(&two, 1 << 20);
	assert_ok(policy_print(&one, p, &f));
	assert_ok(policy_read(&again, "y", one.at, one.len, &f));
	assert_int_equal(again->detection.ndictionary, 2);
	assert_string_equal(
	    again->detection.dictionary[0].fields[0].name, "odd: name");
	assert_ok(policy_print(&two, again, &f));
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.at, two.at, one.len);
	bytes_free(&one);
	bytes_free(&two);
	policy_free(again);
	policy_free(p);
}

static const struct {
	const char *tail, *place, *what, *hint;
} slips[] = {
	{ "detect: {dictionary: a.csv}\n", "10:22", "expected a list",
	    "patients.csv" },
	{ "detect: {dictionary: []}\n", "10:22", "expected a list", "" },
	{ RULE "{columns: {a: PERSON}}\n", "12:7", "needs \"file\"", "" },
	{ RULE "{file: a.csv}\n", "12:7", "needs columns or fields",
	    "columns: {name: PERSON}" },
	{ RULE "{file: a.csv, columns: [name]}\n", "12:30", "expected a map",
	    "PHONE_NUMBER" },
	{ RULE "{file: a.csv, columns: {name: PERSN}}\n", "12:37",
	    "unknown \"PERSN\"", "did you mean PERSON?" },
	{ RULE "{file: a.csv, columns: {name: EMAIL_ADDRESS}}\n", "12:37",
	    "unknown \"EMAIL_ADDRESS\"", "LOCATION" },
	{ RULE "{file: a.csv, column: {name: PERSON}}\n", "12:21",
	    "unknown key", "did you mean columns?" },
	{ RULE "{file: a.csv, columns: {a: PERSON}, fields: {b: PERSON}}\n",
	    "12:51", "not both", "" },
	{ RULE "{file: a.json, fields: {'a[0]': PERSON}}\n", "12:31",
	    "all elements", "" },
	{ RULE "{file: a.json, fields: {a.**: PERSON}}\n", "12:31",
	    "not one kind", "" },
	{ RULE "{file: a.json, fields: {'a[': PERSON}}\n", "12:31",
	    "path \"a[\"", "visits[*].icd" },
	{ RULE "{file: /a.csv, columns: {a: PERSON}}\n", "12:14", "", "" },
};

static void
every_slip_is_told_with_its_place_and_a_hint(void **state)
{
	char want[64];

	(void)state;
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		assert_null(read_policy(slips[i].tail));
		assert_int_equal(f.kind, FAULT_INPUT);
		(void)snprintf(want, sizeof(want), "y:%s: ", slips[i].place);
		if (strncmp(f.text, want, strlen(want)) != 0 ||
		    strstr(f.text, slips[i].what) == NULL ||
		    strstr(f.hint, slips[i].hint) == NULL)
			fail_msg("%s\n gives %s\n hint %s", slips[i].tail,
			    f.text, f.hint);
	}
}

static void
a_policy_has_so_many_rules_and_a_rule_so_many_names(void **state)
{
	struct policy *p;
	struct bytes b;

	(void)state;
	for (unsigned extra = 0; extra < 2; extra++) {
		bytes_init(&b, 1 << 20);
		assert_ok(bytes_add_text(
		    &b, RULE "file: a.csv\n      columns:\n", &f));
		for (unsigned i = 0; i < DICTIONARY_FIELDS_MAX + extra; i++)
			assert_ok(
			    bytes_addf(&b, &f, "        c%u: PERSON\n", i));
		assert_ok(bytes_end_text(&b, &f));
		p = read_policy((const char *)b.at);
		assert_int_equal(p != NULL, extra == 0);
		policy_free(p);
		bytes_free(&b);
	}
	for (unsigned extra = 0; extra < 2; extra++) {
		bytes_init(&b, 1 << 20);
		assert_ok(bytes_add_text(&b, "detect:\n  dictionary:\n", &f));
		for (unsigned i = 0; i < DICTIONARY_RULES_MAX + extra; i++)
			assert_ok(bytes_add_text(&b,
			    "    - {file: a.csv, columns: {c: PERSON}}\n", &f));
		assert_ok(bytes_end_text(&b, &f));
		p = read_policy((const char *)b.at);
		assert_int_equal(p != NULL, extra == 0);
		policy_free(p);
		bytes_free(&b);
	}
}

static void
a_controller_reads_whose_values_are_looked_for(void **state)
{
	struct policy *p =
	    read_policy(RULE "{file: stay.csv, columns: {kin: PERSON}}\n");
	struct bytes b;

	(void)state;
	assert_non_null(p);
	bytes_init(&b, 1 << 20);
	assert_ok(policy_prose(&b, p, &f));
	assert_ok(bytes_end_text(&b, &f));
	assert_non_null(strstr((const char *)b.at,
	    "What \"stay.csv\" holds (y:12) is looked for in every text"));
	assert_non_null(strstr((const char *)b.at, "\"kin\" as PERSON"));
	bytes_free(&b);
	policy_free(p);
}

/* ---- Warnings ---- */

static char warned[2048];

static void
keep_warning(void *to, const char *text)
{
	size_t n = strlen(warned);

	(void)to;
	(void)snprintf(warned + n, sizeof(warned) - n, "%s\n", text);
}

static void
warns(const char *tail)
{
	struct policy *p = read_policy(tail);

	assert_non_null(p);
	warned[0] = '\0';
	policy_warnings(p, keep_warning, NULL);
	policy_free(p);
}

static void
texts_searched_without_the_names_at_hand_are_warned_of(void **state)
{
	(void)state;
	warns("");
	assert_non_null(strstr(warned, "\"family_name\" in line 8"));
	assert_non_null(strstr(warned,
	    "dictionary: [{file: \"a.csv\", columns: {\"family_name\": "
	    "PERSON}}]"));
	warns(RULE "{file: a.csv, columns: {family_name: PERSON}}\n");
	assert_string_equal(warned, "");
}

static void
a_subject_of_a_table_of_names_that_stays_is_no_mistake(void **state)
{
	(void)state;
	warns("subject: {file: stay.csv, column: id}\n" RULE
	      "{file: a.csv, columns: {family_name: PERSON}}\n");
	assert_non_null(strstr(warned, "excludes \"stay.csv\""));
	warns("subject: {file: stay.csv, column: id}\n" RULE
	      "{file: stay.csv, columns: {family_name: PERSON}}\n");
	assert_string_equal(warned, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    columns_and_paths_are_read_with_what_they_name),
		cmocka_unit_test(what_is_printed_is_the_same_policy),
		cmocka_unit_test(every_slip_is_told_with_its_place_and_a_hint),
		cmocka_unit_test(
		    a_policy_has_so_many_rules_and_a_rule_so_many_names),
		cmocka_unit_test(
		    a_controller_reads_whose_values_are_looked_for),
		cmocka_unit_test(
		    texts_searched_without_the_names_at_hand_are_warned_of),
		cmocka_unit_test(
		    a_subject_of_a_table_of_names_that_stays_is_no_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
