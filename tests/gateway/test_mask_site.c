/* gateway/mask: what a transform is told of where a value stands: its person,
 * its record, its turn. */

#include <stdio.h>

#include "tests/support/mask_plan.h"

static struct fault f;

static void
shifted_field(struct trial *b, const char *name)
{
	trial_field(b, name, TRANSFORM_SHIFT)->how.first = 3000;
}

/* The result as text, ended by a NUL. */
static const char *
text_of(struct trial *b)
{
	assert_ok(bytes_end_text(&b->out, &f));
	return (const char *)b->out.at;
}

/* A document in which the person stands behind the dates. */
static void
a_document_s_dates_are_its_subject_s_wherever_that_stands(void **state)
{
	static const char first[] =
	    "{\"at\":[\"2024-01-31\",\"2024-01-31\"],\"who\":\"ann\"}";
	static const char last[] =
	    "{\"who\":\"ann\",\"at\":[\"2024-01-31\",\"2024-01-31\"]}";
	static const char other[] =
	    "{\"who\":\"bob\",\"at\":[\"2024-01-31\",\"2024-01-31\"]}";
	const char *const texts[] = { first, last, other };
	char dates[3][11];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const char *at;
		struct trial b;

		trial_open(&b, TYPE_JSON, texts[i], strlen(texts[i]));
		trial_key(&b, "shift:");
		shifted_field(&b, "at[*]");
		(void)trial_field(&b, "who", TRANSFORM_KEEP);
		b.plan.subject = 1;
		assert_ok(trial_mask(&b, &f));
		trial_check_record(&b, texts[i]);
		at = strstr(text_of(&b), "[\"");
		assert_non_null(at);
		/* both dates of it are the same day, as they were */
		assert_memory_equal(at + 2, at + 15, 10);
		(void)snprintf(dates[i], sizeof(dates[i]), "%s", at + 2);
		trial_close(&b);
	}
	assert_string_not_equal(dates[0], "2024-01-31");
	assert_string_equal(dates[0], dates[1]);
	assert_string_not_equal(dates[0], dates[2]);
}

static void
a_document_says_whom_it_is_about(void **state)
{
	static const struct {
		const char *text, *who;
	} rows[] = { { "{\"x\":[1,2],\"who\":\"a\\u006en\"}", "ann" },
		{ "{\"who\":7,\"x\":[]}", "7" }, { "{\"x\":[3]}", "" },
		{ "{\"who\":null,\"x\":[3]}", "" } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bytes who;
		struct trial b;

		bytes_init(&who, MASK_RECORD_MAX);
		trial_open(&b, TYPE_JSON, rows[i].text, strlen(rows[i].text));
		(void)trial_field(&b, "who", TRANSFORM_DROP);
		(void)trial_field(&b, "x", TRANSFORM_KEEP);
		(void)trial_field(&b, "x[*]", TRANSFORM_KEEP);
		b.plan.subject = 0;
		if (mask_subject(&b.src, &who, &f) != 0)
			fail_msg("%s", f.text);
		assert_int_equal(who.len, strlen(rows[i].who));
		if (who.len > 0)
			assert_memory_equal(who.at, rows[i].who, who.len);
		bytes_free(&who);
		trial_close(&b);
	}
}

static void
a_document_of_a_person_s_file_is_that_person_s(void **state)
{
	static const char text[] = "{\"at\":[\"2024-01-31\"]}";
	char dates[2][11];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct trial b;

		trial_open(&b, TYPE_JSON, text, strlen(text));
		trial_key(&b, "shift:");
		shifted_field(&b, "at[*]");
		b.src.subject =
		    (struct slice){ (const uint8_t *)(i == 0 ? "a" : "b"), 1 };
		assert_ok(trial_mask(&b, &f));
		(void)snprintf(dates[i], sizeof(dates[i]), "%s",
		    strstr(text_of(&b), "[\"") + 2);
		trial_close(&b);
	}
	assert_string_not_equal(dates[0], "2024-01-31");
	assert_string_not_equal(dates[0], dates[1]);
}

static void
a_document_without_its_subject_is_refused(void **state)
{
	static const char text[] = "{\"at\":\"2024-01-31\",\"who\":null}";
	struct trial b;

	(void)state;
	trial_open(&b, TYPE_JSON, text, strlen(text));
	trial_key(&b, "shift:");
	shifted_field(&b, "at");
	(void)trial_field(&b, "who", TRANSFORM_KEEP);
	b.plan.subject = 1;
	assert_refused(trial_mask(&b, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "path \"at\" (p.yaml:1): a date to be "
				       "shifted, and the record names no"));
	trial_close(&b);
}

/* One person's table and lines, whatever comes first in a record. */
static void
tables_and_lines_move_a_person_s_dates_alike(void **state)
{
	static const char csv[] = "at,who\n2024-01-31,ann\n2024-01-31,bob\n"
				  "2024-01-31,ann\n";
	static const char jsonl[] = "{\"at\":\"2024-01-31\",\"who\":\"ann\"}\n"
				    "{\"who\":\"bob\",\"at\":\"2024-01-31\"}\n"
				    "{\"at\":\"2024-01-31\",\"who\":\"ann\"}\n";
	char ann[11], bob[11], want[256];
	struct trial b;

	(void)state;
	trial_open(&b, TYPE_CSV, csv, strlen(csv));
	b.plan.delimiter = ',';
	trial_key(&b, "shift:");
	shifted_field(&b, "at");
	(void)trial_field(&b, "who", TRANSFORM_KEEP);
	b.plan.subject = 1;
	assert_ok(trial_mask(&b, &f));
	(void)snprintf(ann, sizeof(ann), "%s", text_of(&b) + 7);
	(void)snprintf(bob, sizeof(bob), "%s", text_of(&b) + 22);
	assert_string_not_equal(ann, bob);
	(void)snprintf(want, sizeof(want), "at,who\n%s,ann\n%s,bob\n%s,ann\n",
	    ann, bob, ann);
	assert_string_equal(text_of(&b), want);
	trial_close(&b);
	trial_open(&b, TYPE_JSONL, jsonl, strlen(jsonl));
	trial_key(&b, "shift:");
	shifted_field(&b, "at");
	(void)trial_field(&b, "who", TRANSFORM_KEEP);
	b.plan.subject = 1;
	assert_ok(trial_mask(&b, &f));
	(void)snprintf(want, sizeof(want),
	    "{\"at\":\"%s\",\"who\":\"ann\"}\n"
	    "{\"who\":\"bob\",\"at\":\"%s\"}\n"
	    "{\"at\":\"%s\",\"who\":\"ann\"}\n",
	    ann, bob, ann);
	assert_string_equal(text_of(&b), want);
	trial_close(&b);
}

/* Every value of an array is a draw of its own; the same file draws the same.
 */
static void
equal_values_of_one_record_are_random_each(void **state)
{
	static const char text[] = "{\"t\":[\"x\",\"x\",null,\"x\"]}\n"
				   "{\"t\":[\"x\"]}\n";
	char first[512], seen[4][27];
	struct trial b;
	size_t n = 0;

	(void)state;
	trial_open(&b, TYPE_JSONL, text, strlen(text));
	trial_key(&b, "value:");
	(void)trial_field(&b, "t[*]", TRANSFORM_RANDOM);
	assert_ok(trial_mask(&b, &f));
	(void)snprintf(first, sizeof(first), "%s", text_of(&b));
	for (const char *p = first; *p != '\0'; p++)
		if (*p == '"' && p[1] != 't' && n < 4 &&
		    strspn(p + 1, "abcdefghijklmnopqrstuvwxyz234567") == 26) {
			(void)snprintf(seen[n++], 27, "%s", p + 1);
			p += 27;
		}
	assert_int_equal(n, 4);
	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(seen[i], seen[k]);
	assert_ok(trial_mask(&b, &f));
	assert_string_equal(text_of(&b), first);
	trial_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_document_s_dates_are_its_subject_s_wherever_that_stands),
		cmocka_unit_test(a_document_says_whom_it_is_about),
		cmocka_unit_test(
		    a_document_of_a_person_s_file_is_that_person_s),
		cmocka_unit_test(a_document_without_its_subject_is_refused),
		cmocka_unit_test(tables_and_lines_move_a_person_s_dates_alike),
		cmocka_unit_test(equal_values_of_one_record_are_random_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
