/* gateway/labels: one line at a time, and what it is found for. */

#include "tests/support/label_set.h"

/* One line, and the codes that it must and must alone be found for. */
static const struct {
	enum labels_kind kind;
	const char *line;
	const char *code; /* NULL: nothing is wrong */
} lines[] = {
	{ LABELS_CLASS, LINE(ITEM_A, "\"class\":\"cat\""), NULL },
	{ LABELS_CLASS, LINE(ITEM_A, "\"class\":\"Cat\""), "unknown-class" },
	{ LABELS_CLASS, LINE(ITEM_A, "\"class\":\"\""), "malformed" },
	{ LABELS_CLASS, LINE(ITEM_A, "\"class\":3"), "malformed" },
	{ LABELS_CLASS, LINE(ITEM_A, "\"class\":null"), "malformed" },
	{ LABELS_CLASS, LINE(ITEM_A, "\"boxes\":[]"), "wrong-kind" },
	{ LABELS_CLASS, LINE("zz", "\"class\":\"cat\""), "unknown-item" },
	{ LABELS_CLASS, LINE("", "\"class\":\"cat\""), "malformed" },
	{ LABELS_CLASS, LINE(ITEM_A, "\"klass\":\"cat\""), "malformed" },
	{ LABELS_CLASS, LINE(ITEM_A, "\"class\":\"cat\",\"class\":\"cat\""),
	    "malformed" },
	{ LABELS_CLASS, LINE(ITEM_A, "\"class\":\"cat\",\"boxes\":[]"),
	    "malformed" },
	{ LABELS_CLASS, LINE(ITEM_A, "\"class\":\"cat\",\"reason\":\"why\""),
	    "malformed" },
	{ LABELS_CLASS,
	    "{\"item\":\"" ITEM_A "\",\"class\":\"cat\","
	    "\"at\":\"2026-11-01T10:00:00Z\"}\n",
	    "annotator-missing" },
	{ LABELS_CLASS,
	    "{\"item\":\"" ITEM_A "\",\"class\":\"cat\",\"annotator\":\"a\"}\n",
	    "time-missing" },
	{ LABELS_CLASS,
	    "{\"item\":\"" ITEM_A "\",\"class\":\"cat\","
	    "\"annotator\":\"a\",\"at\":\"yesterday\"}\n",
	    "time-malformed" },
	{ LABELS_CLASS,
	    "{\"item\":\"" ITEM_A "\",\"class\":\"cat\","
	    "\"annotator\":\"a\",\"at\":\"2026-13-01T10:00:00Z\"}\n",
	    "time-malformed" },
	{ LABELS_CLASS,
	    "{\"item\":\"" ITEM_A "\",\"class\":\"cat\","
	    "\"annotator\":\"a\",\"at\":\"2026-11-02T00:05:01Z\"}\n",
	    "time-future" },
	{ LABELS_CLASS,
	    "{\"item\":\"" ITEM_A "\",\"class\":\"cat\","
	    "\"annotator\":\"a\",\"at\":\"2026-11-02T00:05:00Z\"}\n",
	    NULL },
	{ LABELS_CLASS, "{\"class\":\"cat\"}\n", "malformed" },
	{ LABELS_CLASS, "[]\n", "malformed" },
	{ LABELS_CLASS, "cat\n", "malformed" },
	{ LABELS_CLASS, "{} {}\n", "malformed" },
	{ LABELS_CLASS, "{\"item\":\"" ITEM_A "\"}\n", "malformed" },
	{ LABELS_CLASS, "{\"item\":\"" ITEM_A "\",\"state\":\"answered\"}\n",
	    "malformed" },
	{ LABELS_CLASS, "\n  \r\n", NULL },
	{ LABELS_BOXES,
	    LINE(ITEM_A, "\"boxes\":[" BOX("cat", "0", "0", "100", "50") "]"),
	    NULL },
	{ LABELS_BOXES,
	    LINE(ITEM_A,
		"\"boxes\":[" BOX("cat", "0", "0", "100.000000001", "50") "]"),
	    "box-outside" },
	{ LABELS_BOXES,
	    LINE(ITEM_A,
		"\"boxes\":[" BOX("cat", "0.000000001", "0", "100", "50") "]"),
	    "box-outside" },
	{ LABELS_BOXES,
	    LINE(ITEM_A, "\"boxes\":[" BOX("cat", "-0.1", "0", "10", "10") "]"),
	    "box-outside" },
	{ LABELS_BOXES,
	    LINE(ITEM_A, "\"boxes\":[" BOX("cat", "0", "41", "10", "10") "]"),
	    "box-outside" },
	{ LABELS_BOXES,
	    LINE(ITEM_A, "\"boxes\":[" BOX("cat", "4e9", "0", "4e9", "10") "]"),
	    "box-outside" },
	{ LABELS_BOXES,
	    LINE(ITEM_A, "\"boxes\":[" BOX("cat", "1", "1", "0", "10") "]"),
	    "box-no-area" },
	{ LABELS_BOXES,
	    LINE(ITEM_A, "\"boxes\":[" BOX("cat", "5", "5", "-1", "10") "]"),
	    "box-no-area" },
	{ LABELS_BOXES,
	    LINE(ITEM_A, "\"boxes\":[" BOX("cat", "NaN", "1", "1", "1") "]"),
	    "box-not-finite" },
	{ LABELS_BOXES,
	    LINE(ITEM_A,
		"\"boxes\":[" BOX("cat", "1", "1", "Infinity", "1") "]"),
	    "box-not-finite" },
	{ LABELS_BOXES,
	    LINE(ITEM_A,
		"\"boxes\":[" BOX("cat", "1", "1", "-Infinity", "1") "]"),
	    "box-not-finite" },
	{ LABELS_BOXES,
	    LINE(ITEM_A, "\"boxes\":[" BOX("cat", "1e300", "1", "1", "1") "]"),
	    "malformed" },
	{ LABELS_BOXES,
	    LINE(ITEM_A, "\"boxes\":[" BOX("cat", "\"1\"", "1", "1", "1") "]"),
	    "malformed" },
	{ LABELS_BOXES, LINE(ITEM_A, "\"boxes\":[{\"class\":\"cat\"}]"),
	    "malformed" },
	{ LABELS_BOXES, LINE(ITEM_A, "\"boxes\":{}"), "malformed" },
	{ LABELS_BOXES,
	    LINE(ITEM_A, "\"boxes\":[" BOX("cow", "1", "1", "1", "1") "]"),
	    "unknown-class" },
	{ LABELS_BOXES,
	    LINE(ITEM_A, "\"boxes\":[" BOX("cat", "1", "1", "1", "1") "," BOX(
			     "cat", "1", "1.0", "1", "1") "]"),
	    "same-box" },
	{ LABELS_BOXES,
	    LINE(ITEM_A,
		"\"boxes\":[" BOX("cat", "1", "1", "1.0000000001", "1") "]"),
	    "rounded" },
	{ LABELS_BOXES,
	    LINE(ITEM_C, "\"boxes\":[" BOX("cat", "1", "1", "1", "1") "]"),
	    "size-unknown" },
	{ LABELS_SPANS,
	    LINE(ITEM_C,
		"\"spans\":[{\"class\":\"cat\",\"start\":0,\"end\":20}]"),
	    NULL },
	{ LABELS_SPANS,
	    LINE(ITEM_C,
		"\"spans\":[{\"class\":\"cat\",\"start\":0,\"end\":21}]"),
	    "span-outside" },
	{ LABELS_SPANS,
	    LINE(ITEM_C,
		"\"spans\":[{\"class\":\"cat\",\"start\":3,\"end\":3}]"),
	    "span-empty" },
	{ LABELS_SPANS,
	    LINE(ITEM_C,
		"\"spans\":[{\"class\":\"cat\",\"start\":4,\"end\":3}]"),
	    "span-empty" },
	{ LABELS_SPANS,
	    LINE(ITEM_C, "\"spans\":[{\"class\":\"dog\",\"start\":5,\"end\":9},"
			 "{\"class\":\"cat\",\"start\":1,\"end\":6}]"),
	    "span-overlap" },
	{ LABELS_SPANS,
	    LINE(ITEM_C, "\"spans\":[{\"class\":\"dog\",\"start\":5,\"end\":9},"
			 "{\"class\":\"cat\",\"start\":1,\"end\":5}]"),
	    NULL },
	{ LABELS_SPANS,
	    LINE(ITEM_C,
		"\"spans\":[{\"class\":\"cat\",\"start\":-1,\"end\":3}]"),
	    "malformed" },
	{ LABELS_SPANS,
	    LINE(ITEM_C,
		"\"spans\":[{\"class\":\"cat\",\"start\":1.5,\"end\":3}]"),
	    "malformed" },
	{ LABELS_SPANS,
	    LINE(ITEM_C, "\"spans\":[{\"class\":\"cat\",\"start\":1}]"),
	    "malformed" },
};

static void
each_line_is_found_for_what_is_wrong_with_it_and_no_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const struct labels_contract c = contract_of(lines[i].kind);
		struct labels *l = set_of(&c, lines[i].line);
		struct labels_counts n;
		size_t other;

		labels_count(l, &n);
		other = labels_nfindings(l) - found(l, "open-item");
		if (lines[i].code == NULL && other != 0)
			fail_msg("%s: %s", lines[i].line,
			    labels_finding(l, 0)->message);
		if (lines[i].code != NULL &&
		    (other != 1 || found(l, lines[i].code) != 1))
			fail_msg("%s: not (alone) %s but %zu, %s",
			    lines[i].line, lines[i].code, other,
			    other > 0 ? labels_finding(l, 0)->code : "-");
		if (n.errors > 0)
			assert_int_equal(n.answers, 0);
		labels_free(l);
	}
}

static void
an_unknown_member_is_named_with_the_one_that_was_meant(void **state)
{
	const struct labels_contract c = contract_of(LABELS_CLASS);
	struct labels *l = set_of(&c, LINE(ITEM_A, "\"klass\":\"cat\"")
					  LINE(ITEM_B, "\"\\u001b[31m\\n\":1"));

	(void)state;
	assert_int_equal(labels_nfindings(l) >= 2, 1);
	assert_non_null(strstr(labels_finding(l, 0)->message,
	    "unknown member \"klass\", did you mean \"class\""));
	assert_non_null(
	    strstr(labels_finding(l, 1)->message, "unknown member \"?[31m?\""));
	labels_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_unknown_member_is_named_with_the_one_that_was_meant),
		cmocka_unit_test(
		    each_line_is_found_for_what_is_wrong_with_it_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
