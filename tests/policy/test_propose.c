/* policy/propose: what values are seen to be, what is proposed for them, and
 * patterns that put every file under the rule of its own group. */

#include "tests/support/test.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/propose/draft_internal.h"
#include "policy/propose/propose_internal.h"

static struct fault f;

#define K(kind) (1u << KIND_##kind)

static void
each_form_is_known_and_its_neighbour_is_not(void **state)
{
	static const struct {
		const char *value;
		uint32_t is, is_not;
	} rows[] = {
		{ "a.b+c@mail.example", K(EMAIL), K(URL) },
		{ "a@b", 0, K(EMAIL) },
		{ "a b@mail.example", 0, K(EMAIL) },
		{ "https://x.example/a?b", K(URL), K(EMAIL) },
		{ "http://", 0, K(URL) },
		{ "123e4567-e89b-12d3-a456-426614174000", K(UUID), K(PHONE) },
		{ "123e4567-e89b-12d3-a456-42661417400g", 0, K(UUID) },
		{ "192.0.2.77", K(IP), K(NUMBER) },
		{ "192.0.2.777", 0, K(IP) },
		{ "2001:db8::1", K(IP), 0 },
		{ "12:30", 0, K(IP) },
		{ "DE89 3704 0044 0532 0130 00", K(IBAN), K(CARD) },
		{ "de89370400440532013000", K(IBAN), 0 },
		{ "DE88370400440532013000", 0, K(IBAN) },
		{ "GB82WEST12345698765432", K(IBAN), 0 },
		{ "4111 1111 1111 1111", K(CARD), 0 },
		{ "4111111111111112", K(INTEGER), K(CARD) },
		{ "+49 30 1234567", K(PHONE), K(NUMBER) },
		{ "030 1234567", K(PHONE), 0 },
		{ "123456", K(INTEGER) | K(NUMBER), K(PHONE) },
		{ "1980-03-04", K(DATE) | K(MONTH), K(PHONE) },
		{ "30/02/1980", 0, K(DATE) },
		{ "13/04/1980", K(DATE) | K(MONTH) | K(DMY), K(MDY) },
		{ "3/4/1980", K(DATE) | K(DMY) | K(MDY), K(MONTH) },
		{ "1980", K(DATE) | K(INTEGER), K(MONTH) },
		{ "3980", K(INTEGER), K(DATE) },
		{ "12345", K(POSTCODE) | K(ZIP), K(ZIP_SMALL) },
		{ "03601-1234", K(ZIP) | K(ZIP_SMALL), 0 },
		{ "CB2 0QQ", K(POSTCODE), K(ZIP) },
		{ "1234 AB", K(POSTCODE), 0 },
		{ "-0.5", K(NUMBER), K(INTEGER) | K(AGE) },
		{ "90", K(AGE) | K(INTEGER), 0 },
		{ "126", K(INTEGER), K(AGE) },
		{ "48.1351", K(COORDINATE), K(AGE) },
		{ "181.25", K(NUMBER), K(COORDINATE) },
		{ "one two three four five", K(TEXT), 0 },
		{ "one two three four", 0, K(TEXT) },
		{ "", 0, UINT32_MAX },
		{ "  ", 0, UINT32_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t kinds =
		    value_kinds(rows[i].value, strlen(rows[i].value));

		if ((kinds & rows[i].is) != rows[i].is ||
		    (kinds & rows[i].is_not) != 0)
			fail_msg("\"%s\": %x", rows[i].value, kinds);
	}
	assert_int_equal(value_kinds("1\0002", 3), 0);
}

/* Values counted as a survey of one field. */
static struct evidence
count(const char *const *values, size_t n)
{
	struct survey *s = NULL;
	struct evidence e;

	assert_ok(survey_new(&s, &f));
	for (size_t i = 0; i < n; i++)
		assert_ok(survey_see(s, 3, values[i], strlen(values[i]), &f));
	e = survey_evidence(s, 3);
	assert_int_equal(survey_evidence(s, 0).values, 0);
	assert_int_equal(survey_evidence(s, 9).values, 0);
	survey_free(s);
	return e;
}

static void
counts_are_exact(void **state)
{
	static const char *const values[] = { "1980", "a", "", "a", "12345.5",
		"photos/x.jpg" };
	struct evidence e = count(values, 6), back;
	struct bytes b;
	struct reader r;

	(void)state;
	assert_int_equal(e.values, 5);
	assert_int_equal(e.empty, 1);
	assert_int_equal(e.distinct, 4);
	assert_false(e.more);
	assert_int_equal(e.shortest, 1);
	assert_int_equal(e.longest, 12);
	assert_int_equal(e.kinds[KIND_NUMBER], 2);
	assert_int_equal(e.digits, 5);
	bytes_init(&b, 4096);
	assert_ok(evidence_put(&b, &e, &f));
	r = reader_of(b.at, b.len);
	memset(&back, 0, sizeof(back));
	assert_ok(evidence_take(&r, &back, &f));
	assert_ok(take_end(&r, &f));
	assert_int_equal(back.values, 5);
	assert_int_equal(back.kinds[KIND_NUMBER], 2);
	for (size_t n = 0; n < b.len; n++) {
		r = reader_of(b.at, n);
		assert_refused(evidence_take(&r, &back, &f), FAULT_INPUT);
	}
	bytes_free(&b);
}

static void
files_that_values_name_are_found(void **state)
{
	struct survey *s = NULL;
	struct evidence e;

	(void)state;
	assert_ok(survey_new(&s, &f));
	assert_ok(survey_file(s, "photos/x1.jpg", &f));
	assert_ok(survey_file(s, "a/twice.jpg", &f));
	assert_ok(survey_file(s, "b/twice.jpg", &f));
	assert_ok(survey_see(s, 0, "twice.jpg", 9, &f));
	assert_ok(survey_see(s, 0, "twice", 5, &f));
	assert_ok(survey_see(s, 0, "photos/x1.jpg", 13, &f));
	assert_ok(survey_see(s, 0, "x1.jpg", 6, &f));
	assert_ok(survey_see(s, 0, "x1", 2, &f));
	assert_ok(survey_see(s, 0, "x2", 2, &f));
	e = survey_evidence(s, 0);
	assert_int_equal(e.kinds[KIND_REF_PATH], 1);
	assert_int_equal(e.kinds[KIND_REF_BASENAME], 1);
	assert_int_equal(e.kinds[KIND_REF_IDENTIFIER], 1);
	survey_free(s);
}

/* Past the ceiling, fields at the left go on being counted. */
static void
memory_is_bounded_whatever_differs(void **state)
{
	struct survey *s = NULL;

	(void)state;
	assert_ok(survey_new(&s, &f));
	for (uint32_t i = 0; i < 900000; i++)
		for (uint32_t k = 0; k < 10; k++)
			assert_ok(survey_see(s, k, &i, sizeof(i), &f));
	assert_int_equal(survey_evidence(s, 0).distinct, 900000);
	assert_false(survey_evidence(s, 0).more);
	assert_true(survey_evidence(s, 9).more);
	assert_int_equal(survey_evidence(s, 9).values, 900000);
	survey_free(s);
}

static const int64_t today = 1764374400; /* 2025-11-29 */

static struct proposal
proposed(
    const char *name, enum profile profile, const char *const *values, size_t n)
{
	struct evidence e = count(values, n);
	struct proposal p;

	propose(&p, name, &e, profile, today);
	assert_true(p.why[0] != '\0' && p.action[0] != '\0');
	assert_true(p.refuse == (strcmp(p.action, "refuse") == 0));
	assert_true(p.refuse == (p.choose[0] != '\0'));
	return p;
}

#define PROPOSED(name, profile, ...)                                  \
	proposed(name, profile, (const char *const[]){ __VA_ARGS__ }, \
	    sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void
safe_actions_are_proposed(void **state)
{
	struct proposal p;

	(void)state;
	p = PROPOSED("email", PROFILE_NONE, "a@x.example", "b@x.example");
	assert_string_equal(p.action, "{token: {domain: email}}");
	assert_non_null(strstr(p.why, "2 of 2 values are e-mail addresses"));
	p = PROPOSED("contact", PROFILE_NONE, "a@x.example", "b@x.example");
	assert_string_equal(p.action, "{token: {domain: email}}");
	p = PROPOSED("name", PROFILE_NONE, "Anna", "Bert");
	assert_string_equal(p.action, "drop");
	p = PROPOSED("customer_id", PROFILE_NONE, "17", "18");
	assert_string_equal(p.action, "token");
	p = PROPOSED("born", PROFILE_NONE, "1980-03-04");
	assert_string_equal(p.action, "{generalise: {date: year}}");
	p = PROPOSED("seen", PROFILE_NONE, "13/04/1980", "3/4/1980");
	assert_string_equal(
	    p.action, "{generalise: {date: month, order: dmy}}");
	p = PROPOSED("seen", PROFILE_NONE, "3/4/1980", "5/4/1980");
	assert_string_equal(p.action, "{generalise: {date: year}}");
	p = PROPOSED("status", PROFILE_NONE, "open", "closed");
	assert_string_equal(p.action, "keep");
	p = PROPOSED("salary", PROFILE_NONE, "52000", "48000");
	assert_string_equal(p.action, "{generalise: {round: {to: 1000}}}");
	p = PROPOSED("notes", PROFILE_NONE, "one two three four five");
	assert_string_equal(p.action, "drop");
}

static void
what_is_not_sure_is_refused(void **state)
{
	struct proposal p;

	(void)state;
	p = PROPOSED("x1", PROFILE_NONE, "0.5", "0.7");
	assert_true(p.refuse);
	p = PROPOSED("city", PROFILE_NONE, "a@x.example", "Ulm");
	assert_true(p.refuse);
	assert_non_null(strstr(p.why, "disagree"));
	p = PROPOSED("email", PROFILE_NONE, "Ulm", "a@x.example");
	assert_true(p.refuse);
	p = PROPOSED("name", PROFILE_NONE, "17", "18");
	assert_true(p.refuse);
	p = PROPOSED("status", PROFILE_NONE, "open", "a@x.example");
	assert_true(p.refuse);
	p = PROPOSED("diagnosis", PROFILE_NONE, "K35");
	assert_true(p.refuse);
	p = PROPOSED("messages[*].content", PROFILE_CHAT, "hello");
	assert_true(p.refuse);
	/* one date that cannot be read would stop its shard */
	p = PROPOSED("seen", PROFILE_NONE, "2020-01-01", "2020-01-02",
	    "2020-01-03", "2020-01-04", "2020-01-05", "2020-01-06",
	    "2020-01-07", "2020-01-08", "2020-01-09", "unknown");
	assert_true(p.refuse);
	assert_non_null(strstr(p.why, "9 of 10 values are dates"));
}

static void
what_names_files_becomes_a_reference(void **state)
{
	struct evidence e = { .values = 20, .distinct = 20, .shortest = 5 };
	struct proposal p;

	(void)state;
	e.kinds[KIND_REF_BASENAME] = 20;
	propose(&p, "photo", &e, PROFILE_NONE, today);
	assert_string_equal(p.action, "{item_ref: {by: basename}}");
	e.kinds[KIND_REF_BASENAME] = 18;
	propose(&p, "photo", &e, PROFILE_NONE, today);
	assert_true(p.refuse);
	assert_non_null(strstr(p.choose, "{item_ref: {by: basename}}"));
	e.kinds[KIND_REF_BASENAME] = 17;
	propose(&p, "photo", &e, PROFILE_NONE, today);
	assert_string_equal(p.action, "drop");
	e.kinds[KIND_REF_IDENTIFIER] = 20;
	propose(&p, "patient_id", &e, PROFILE_NONE, today);
	assert_string_equal(p.action, "token");
}

static void
profiles_change_what_is_proposed(void **state)
{
	struct proposal p;

	(void)state;
	p = PROPOSED("born", PROFILE_HIPAA, "1980-03-04");
	assert_string_equal(p.action, "{generalise: {age_band: {at: "
				      "2025-11-29, width: 1, over: 89}}}");
	p = PROPOSED("born", PROFILE_HIPAA, "1980");
	assert_true(p.refuse);
	p = PROPOSED("admitted", PROFILE_HIPAA, "1980-03-04");
	assert_string_equal(p.action, "{generalise: {date: year}}");
	p = PROPOSED("age", PROFILE_HIPAA, "17", "95");
	assert_string_equal(p.action, "{generalise: {top: 90}}");
	p = PROPOSED("zip", PROFILE_HIPAA, "12345", "90210-1234");
	assert_string_equal(p.action, "{generalise: {postcode: {keep: 3}}}");
	p = PROPOSED("zip", PROFILE_HIPAA, "12345", "03601");
	assert_true(p.refuse);
	assert_non_null(strstr(p.why, "small three-digit ZIP areas"));
	p = PROPOSED("email", PROFILE_HIPAA, "a@x.example");
	assert_string_equal(p.action, "drop");
	p = PROPOSED("patient_id", PROFILE_HIPAA, "17");
	assert_string_equal(p.action, "random");
	p = PROPOSED("diagnosis", PROFILE_GDPR_HEALTH, "K35");
	assert_string_equal(p.action, "keep");
	p = PROPOSED("religion", PROFILE_GDPR_HEALTH, "x");
	assert_string_equal(p.action, "drop");
}

/* -- Groups -------------------------------------------------------------- */

static void
every_file_is_matched_first_by_its_own_group(void **state)
{
	static const char *const paths[] = { "a.csv", "photos/1.jpg",
		"photos/x/2.jpg", "photos/x/3.jpg", "photos/x/odd.jpg",
		"exports/orders_2019.csv", "exports/orders_2020.csv",
		"exports/people_1.csv", "exports/people_2.csv", "notes/a",
		"notes/b", "notes/c.txt", "w*ld/a.csv", "w*ld/b.csv",
		"wild/a.csv", "exports/z.csv", "exports/y.csv" };
	struct look looks[17] = { { 0 } };
	struct look_rules rules;

	(void)state;
	for (uint32_t i = 0; i < 17; i++) {
		looks[i] = (struct look){ .path = paths[i], .known = true };
		looks[i].type = strstr(paths[i], ".jpg") != NULL   ? TYPE_JPEG
				: strstr(paths[i], ".csv") != NULL ? TYPE_CSV
								   : TYPE_TEXT;
		looks[i].names[0] = strstr(paths[i], "people") != NULL;
	}
	looks[4].type = TYPE_PNG; /* a picture of another kind */
	looks[15].names[0] = 2;	  /* tables with names of their own */
	looks[16].names[0] = 3;
	assert_ok(looks_group(looks, 17, &rules, &f));
	for (uint32_t i = 0; i < 17; i++) {
		uint32_t k = 0;

		while (!glob_matches(rules.at[k].glob, paths[i]))
			assert_true(++k < rules.n);
		assert_int_equal(rules.at[k].group, looks[i].group);

		assert_true(rules.at[k].files > 0);
	}
	assert_int_not_equal(looks[1].group, looks[4].group);
	assert_int_equal(looks[1].group, looks[3].group);
	assert_int_equal(looks[5].group, looks[6].group);
	assert_int_not_equal(looks[5].group, looks[7].group);
	look_rules_free(&rules);
}

static void
like_files_become_one_pattern(void **state)
{
	char paths[300][32];
	struct look looks[300] = { { 0 } };
	struct look_rules rules;

	(void)state;
	for (uint32_t i = 0; i < 300; i++) {
		(void)snprintf(
		    paths[i], sizeof(paths[i]), "p/%u/%u.jpg", i % 7, i);
		looks[i] = (struct look){
			.path = paths[i], .known = true, .type = TYPE_JPEG
		};
	}
	assert_ok(looks_group(looks, 300, &rules, &f));
	assert_int_equal(rules.n, 1);
	assert_string_equal(rules.at[0].glob, "p/**/*.jpg");
	assert_int_equal(rules.at[0].files, 300);
	look_rules_free(&rules);
}

/* -- Text ---------------------------------------------------------------- */

/* Names that YAML, comments or paths could be taken apart by. */
static void
what_is_written_is_a_policy(void **state)
{
	static const char *const names[] = { "id", "", "a: b", "x # y", "NO",
		"- z", "\"q\"", "1", "\xc3\xa9", "line\nend", "[a]", "{b}",
		"customer_id", "?", "&x", "*y", "null" };
	size_t n = sizeof(names) / sizeof(names[0]);
	struct draft_field *fields = mem_array(n, sizeof(*fields));
	struct draft_group groups[2] = { { .known = true,
					     .type = TYPE_CSV,
					     .header = true,
					     .delimiter = ',',
					     .files = 1,
					     .records = 3,
					     .fields = fields,
					     .nfields = n },
		{ .why = (char[]){ "bad \"thing\": # no" }, .files = 1 } };
	struct look_rule rows[] = { { (char[]){ "a *.csv" }, 0, 1 },
		{ (char[]){ "b\"\n.bin" }, 1, 1 } };
	struct look_rules rules = { rows, 2, 2, 2 };
	struct policy_draft d = { .dataset = "/x/My \n\033 Data/",
		.rules = &rules,
		.groups = groups,
		.today = today };
	struct draft_told told;
	struct policy *p = NULL;
	struct bytes out;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		fields[i].name = mem_text(names[i], strlen(names[i]));
		fields[i].holds = HOLDS_VALUE;
		fields[i].e = (struct evidence){ .values = 3, .distinct = 3 };
	}
	bytes_init(&out, 1 << 20);
	assert_ok(draft_decide(&d, &f));
	assert_ok(draft_write(&out, &d, &told, &f));
	assert_ok(policy_read(&p, "p", out.at, out.len, &f));
	assert_string_equal(p->project, "my-data");
	assert_int_equal(p->nfiles, 2);
	assert_int_equal(p->files[0].nfields, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(p->files[0].fields[i].name, names[i]);
	assert_string_equal(p->files[0].item_id, "id");
	assert_string_equal(p->subjects[0].field, "customer_id");
	assert_string_equal(p->files[1].exclude, "bad \"thing\": # no");
	assert_int_equal(told.fields, n);
	policy_free(p);
	bytes_free(&out);
	draft_group_free(&groups[0]);
}

static void
paths_that_one_line_decides_are_folded(void **state)
{
	static const char *const names[] = { "a", "a.b", "m.k", "empty",
		"empty.in", "z[*].y", "z[*]", "null" };
	static const uint8_t holds[] = { HOLDS_VALUE, HOLDS_VALUE, HOLDS_VALUE,
		HOLDS_NULL, HOLDS_VALUE, HOLDS_VALUE, HOLDS_NULL, HOLDS_NULL };
	size_t n = 8, all = n + 300;
	struct draft_field *fields = mem_array(all, sizeof(*fields));
	struct draft_group group = { .known = true,
		.type = TYPE_JSONL,
		.header = true,
		.files = 1,
		.records = 3,
		.fields = fields,
		.nfields = all };
	struct look_rule row = { (char[]){ "a.jsonl" }, 0, 1 };
	struct look_rules rules = { &row, 1, 1, 1 };
	struct policy_draft d = { .dataset = "d",
		.rules = &rules,
		.groups = &group,
		.today = today };
	struct draft_told told;
	struct policy *p = NULL;
	struct file_plan plan;
	struct shape shape;
	struct bytes out;
	char name[32];

	(void)state;
	shape_init(&shape, TYPE_JSONL);
	for (size_t i = 0; i < all; i++) {
		(void)snprintf(name, sizeof(name), "m.k%zu", i);
		fields[i].name = i < n ? mem_text(names[i], strlen(names[i]))
				       : mem_text(name, strlen(name));
		fields[i].holds = i < n ? holds[i] : HOLDS_VALUE;
		fields[i].e = (struct evidence){ .values = 3, .distinct = 3 };
		assert_ok(shape_add(&shape, fields[i].name,
		    strlen(fields[i].name), fields[i].holds, &f));
	}
	bytes_init(&out, 1 << 20);
	assert_ok(draft_decide(&d, &f));
	assert_ok(draft_write(&out, &d, &told, &f));
	assert_ok(policy_read(&p, "p", out.at, out.len, &f));
	/* a.**, m.**, empty.in, z[*].y, null */
	assert_int_equal(p->files[0].nfields, 5);
	/* the plan stops at what is refused, and at nothing else */
	for (size_t i = 0; i < p->files[0].nfields; i++)
		if (p->files[0].fields[i].how.action == TRANSFORM_REFUSE)
			p->files[0].fields[i].how.action = TRANSFORM_KEEP;
	assert_ok(policy_decide(p, "a.jsonl", &shape, &plan, NULL, &f));
	file_plan_free(&plan);
	shape_free(&shape);
	policy_free(p);
	bytes_free(&out);
	draft_group_free(&group);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_is_known_and_its_neighbour_is_not),
		cmocka_unit_test(counts_are_exact),
		cmocka_unit_test(files_that_values_name_are_found),
		cmocka_unit_test(memory_is_bounded_whatever_differs),
		cmocka_unit_test(safe_actions_are_proposed),
		cmocka_unit_test(what_is_not_sure_is_refused),
		cmocka_unit_test(what_names_files_becomes_a_reference),
		cmocka_unit_test(profiles_change_what_is_proposed),
		cmocka_unit_test(every_file_is_matched_first_by_its_own_group),
		cmocka_unit_test(like_files_become_one_pattern),
		cmocka_unit_test(what_is_written_is_a_policy),
		cmocka_unit_test(paths_that_one_line_decides_are_folded),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
