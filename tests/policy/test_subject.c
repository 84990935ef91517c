/* policy/rules: whom a file is about, where its path or another file says so.
 */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "policy/rules/rules.h"

static struct fault f;

static struct policy *
read_with(const char *subjects)
{
	static const char head[] =
	    "handoff: 1\nproject: p\npurpose: q\nrecipients: [a]\n"
	    "retention: 1d\nagreements: []\n";
	static const char tail[] =
	    "files:\n"
	    "  - {match: \"**/*.txt\", type: text, text: keep}\n"
	    "  - {match: \"**/*.jpg\", type: jpeg, pixels: keep}\n"
	    "  - {match: \"curves/*.csv\", type: csv, item: file,\n"
	    "     columns: {day: {shift: {days: 3, by: subject}}}}\n"
	    "  - {match: \"**/*.csv\", type: csv, columns: {day: keep}}\n";
	struct policy *p = NULL;
	char text[2048];
	int n = snprintf(
	    text, sizeof(text), "%ssubject: %s\n%s", head, subjects, tail);

	if (policy_read(&p, "p", text, (size_t)n, &f) != 0)
		fail_msg("%s: %s", subjects, f.text);
	return p;
}

static void
the_key_stands_where_the_pattern_says(void **state)
{
	static const struct {
		const char *pattern, *path, *key; /* NULL: is not matched */
	} rows[] = {
		{ "photos/{subject}/*.jpg", "photos/17/a.jpg", "17" },
		{ "photos/{subject}/*.jpg", "photos/17/b/a.jpg", NULL },
		{ "photos/{subject}/*.jpg", "photos/17", NULL },
		{ "{subject}.csv", "p1.csv", "p1" },
		{ "{subject}.csv", ".csv", NULL },
		{ "{subject}", "a", "a" },
		{ "{subject}/**", "a/b/c", "a" },
		{ "**/{subject}", "a/b/c", "c" },
		{ "**/{subject}.txt", "x.y.txt", "x.y" },
		{ "**/{subject}/**", "a/b/c", "a" },
		{ "**/{subject}/x/**", "a/b/x/c", "b" },
		{ "**/p-{subject}/*", "a/p-b/p-c", "b" },
		/* as little as will do, from the left */
		{ "{subject}-*.txt", "a-b-c.txt", "a" },
		{ "*-{subject}.txt", "a-b-c.txt", "b-c" },
		{ "{subject}.{x}", "a.b.{x}", "a.b" },
		{ "?{subject}?", "abcd", "bc" },
		/* characters, not bytes */
		{ "?{subject}", "\xc3\xa9\xc3\xa8", "\xc3\xa8" },
		{ "{subject}?", "\xc3\xa9\xc3\xa8", "\xc3\xa9" },
		{ "{subject}", "\xff", "\xff" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct subject_rule *s;
		struct slice key;
		struct policy *p;
		char entry[256];

		(void)snprintf(
		    entry, sizeof(entry), "{path: \"%s\"}", rows[i].pattern);
		p = read_with(entry);
		s = policy_subject(p, rows[i].path, &key);
		if ((s != NULL) != (rows[i].key != NULL) ||
		    (s != NULL &&
			(key.len != strlen(rows[i].key) ||
			    memcmp(key.at, rows[i].key, key.len) != 0)))
			fail_msg("%s on %s: \"%.*s\"", rows[i].pattern,
			    rows[i].path, (int)key.len, (const char *)key.at);
		policy_free(p);
	}
}

static void
the_first_that_matches_counts_and_others_have_no_key_in_the_path(void **state)
{
	struct policy *p = read_with("[{file: \"a/*\", by: item_ref}, "
				     "{path: \"{subject}/*\"}]");
	struct slice key;

	(void)state;
	assert_int_equal(policy_subject(p, "a/b", &key)->by, SUBJECT_REF);
	assert_int_equal(key.len, 0);
	assert_int_equal(policy_subject(p, "b/a", &key)->by, SUBJECT_PATH);
	assert_int_equal(key.len, 1);
	assert_null(policy_subject(p, "c", &key));
	policy_free(p);
}

/* Decide about a file with one column, or none. */
static int
decide(const struct policy *p, const char *path, enum file_type type)
{
	struct file_plan plan;
	struct shape shape;
	int rc;

	shape_init(&shape, type);
	fault_clear(&f);
	if (type == TYPE_CSV) {
		shape.delimiter = ',';
		assert_ok(shape_add(&shape, "day", 3, HOLDS_VALUE, &f));
	}
	rc = policy_decide(p, path, &shape, &plan, NULL, &f);
	if (rc == 0)
		file_plan_free(&plan);
	shape_free(&shape);
	return rc;
}

static void
whole_files_and_tables_may_be_somebody_s(void **state)
{
	struct policy *p = read_with("[{path: \"*/{subject}.*\"}]");

	(void)state;
	assert_ok(decide(p, "x/a.txt", TYPE_TEXT));
	assert_ok(decide(p, "x/a.jpg", TYPE_JPEG));
	/* whose dates they are is known, and the table may leave whole */
	assert_ok(decide(p, "curves/a.csv", TYPE_CSV));
	assert_ok(decide(p, "x/a.csv", TYPE_CSV));
	policy_free(p);
	p = read_with("{file: \"curves/*\", by: item_ref}");
	assert_ok(decide(p, "curves/a.csv", TYPE_CSV));
	policy_free(p);
	p = read_with("{file: \"curves/*\", column: day}");
	assert_refused(decide(p, "curves/a.csv", TYPE_CSV), FAULT_POLICY);
	assert_non_null(strstr(f.text, "its rows are about persons"));
	policy_free(p);
	p = read_with("{path: \"other/{subject}\"}");
	assert_refused(decide(p, "curves/a.csv", TYPE_CSV), FAULT_POLICY);
	assert_non_null(strstr(f.text, "whose date it is, no subject says"));
	policy_free(p);
}

static void
collect(void *to, const char *text)
{
	(void)snprintf(to, 256, "%s", text);
}

static void
a_subject_by_item_ref_where_nothing_refers_is_warned_of(void **state)
{
	struct policy *p = read_with("{file: \"*.jpg\", by: item_ref}");
	char text[256] = "";

	(void)state;
	policy_warnings(p, collect, text);
	assert_string_equal(
	    text, "p:7: subject: by item_ref, and no column or path is one");
	policy_free(p);
}

static void
printed_and_read_again_they_are_the_same(void **state)
{
	struct policy *p =
	    read_with("[{path: \"a/{subject}/**\", missing: allow}, "
		      "{file: b, by: item_ref}]");
	struct policy *again = NULL;
	struct bytes one, two;

	(void)state;
	bytes_init(&one, POLICY_BYTES_MAX);
	bytes_init(&two, POLICY_BYTES_MAX);
	assert_ok(policy_print(&one, p, &f));
	assert_ok(policy_read(&again, "p", one.at, one.len, &f));
	assert_ok(policy_print(&two, again, &f));
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.at, two.at, one.len);
	assert_string_equal(again->subjects[0].pattern, "a/{subject}/**");
	assert_true(again->subjects[0].may_miss);
	assert_int_equal(again->subjects[1].by, SUBJECT_REF);
	assert_false(again->subjects[1].may_miss);
	bytes_free(&one);
	bytes_free(&two);
	policy_free(again);
	policy_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_key_stands_where_the_pattern_says),
		cmocka_unit_test(
		    the_first_that_matches_counts_and_others_have_no_key_in_the_path),
		cmocka_unit_test(whole_files_and_tables_may_be_somebody_s),
		cmocka_unit_test(
		    a_subject_by_item_ref_where_nothing_refers_is_warned_of),
		cmocka_unit_test(printed_and_read_again_they_are_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
