/* gateway/labels: label lines and the judgement of answers. */

#include <stdlib.h>

#include "keys/base/mem.h"
#include "tests/support/label_set.h"

static void
every_item_is_in_one_state(void **state)
{
	const struct labels_contract c = contract_of(LABELS_BOXES);
	struct labels *l = set_of(&c,
	    LINE(ITEM_A, "\"boxes\":[" BOX("cat", "1", "2", "3.5", "4") "]")
		LINE(ITEM_B, "\"boxes\":[]"));
	struct labels_counts n;

	(void)state;
	labels_count(l, &n);
	assert_int_equal(labels_item_state(l, 0), LABELS_ANSWERED);
	assert_int_equal(labels_item_state(l, 1), LABELS_EMPTY);
	assert_int_equal(labels_item_state(l, 2), LABELS_OPEN);
	assert_int_equal(n.answered, 1);
	assert_int_equal(n.empty, 1);
	assert_int_equal(n.open, 1);
	assert_int_equal(n.skipped, 0);
	assert_int_equal(labels_verdict(l), LABELS_PARTIAL);
	assert_int_equal(found(l, "open-item"), 1);
	assert_int_equal(labels_answer(l, 0)->boxes[0].w, 3500000000);
	labels_free(l);
}

static void
an_item_that_nobody_spoke_of_is_no_negative_until_both_say_so(void **state)
{
	struct labels_contract c = contract_of(LABELS_BOXES);
	const char *text = LINE(ITEM_A, "\"boxes\":[]");
	struct labels *l;

	(void)state;
	for (int i = 0; i < 4; i++) {
		c.unanswered_is_negative = (i & 1) != 0;
		c.complete = (i & 2) != 0;
		l = set_of(&c, text);
		assert_int_equal(labels_item_state(l, 1),
		    i == 3 ? LABELS_EMPTY : LABELS_OPEN);
		assert_int_equal(labels_verdict(l),
		    i == 3 ? LABELS_ACCEPTED : LABELS_PARTIAL);
		labels_free(l);
	}
}

static void
skips_need_a_reason_and_not_a_name(void **state)
{
	const struct labels_contract c = contract_of(LABELS_BOXES);
	struct labels *l =
	    set_of(&c, "{\"item\":\"" ITEM_A
		       "\",\"state\":\"skipped\",\"reason\":\"too dark\"}\n"
		       "{\"item\":\"" ITEM_B "\",\"state\":\"skipped\"}\n");

	(void)state;
	assert_int_equal(labels_item_state(l, 0), LABELS_SKIPPED);
	assert_string_equal(labels_answer(l, 0)->reason, "too dark");
	assert_int_equal(errors(l), 1);
	assert_int_equal(found(l, "reason-missing"), 1);
	labels_free(l);
}

static void
a_bad_line_does_not_hide_the_next_one(void **state)
{
	const struct labels_contract c = contract_of(LABELS_CLASS);
	struct labels *l = set_of(
	    &c, "{\"item\":\n" LINE(ITEM_A, "\"class\":\"cat\"") "}\n" LINE(
		    ITEM_B, "\"class\":\"cot\""));

	(void)state;
	assert_int_equal(labels_nfindings(l) - found(l, "open-item"), 3);
	assert_int_equal(labels_finding(l, 0)->line, 1);
	assert_int_equal(labels_finding(l, 1)->line, 3);
	assert_int_equal(labels_finding(l, 2)->line, 4);
	assert_string_equal(labels_finding(l, 2)->item, ITEM_B);
	assert_non_null(strstr(labels_finding(l, 2)->message, "near: \"cat\""));
	assert_int_equal(labels_item_state(l, 0), LABELS_ANSWERED);
	labels_free(l);
}

static void
a_second_answer_by_the_same_annotator_is_found(void **state)
{
	const struct labels_contract c = contract_of(LABELS_CLASS);
	struct labels *l = new_set(&c);
	struct fault f;

	(void)state;
	read_text(l, "one.jsonl", LINE(ITEM_A, "\"class\":\"cat\""));
	read_text(l, "two.jsonl",
	    "\n" LINE(
		ITEM_A, "\"class\":\"dog\"") "{\"item\":\"" ITEM_A
					     "\",\"annotator\":\"other\","
					     "\"at\":\"2026-11-01T10:00:00Z\","
					     "\"class\":\"dog\"}\n");
	assert_ok(labels_settle(l, &f));
	assert_int_equal(errors(l), 1);
	assert_int_equal(found(l, "duplicate"), 1);
	assert_string_equal(labels_finding(l, 0)->file, "two.jsonl");
	assert_int_equal(labels_finding(l, 0)->line, 2);
	assert_int_equal(labels_nanswers(l), 2);
	assert_string_equal(labels_class_name(l, labels_answer(l, 0)->class),
	    "cat"); /* the first one stays */
	labels_free(l);
}

static void
what_was_not_agreed_on_is_not_read(void **state)
{
	struct labels_contract c = contract_of(LABELS_CLASS);
	struct labels *l;

	(void)state;
	c.formats = LABELS_COCO;
	l = set_of(&c, LINE(ITEM_A, "\"class\":\"cat\""));
	assert_int_equal(found(l, "wrong-format"), 1);
	assert_int_equal(labels_nanswers(l), 0);
	labels_free(l);
}

static void
what_the_vendor_wrote_is_made_printable(void **state)
{
	const struct labels_contract c = contract_of(LABELS_CLASS);
	struct labels *l =
	    set_of(&c, LINE("\\u001b[31mred\\u202e", "\"class\":\"cat\"")
			   LINE(ITEM_A, "\"class\":\"\\u001b]0;x\\u0007\""));

	(void)state;
	assert_string_equal(labels_finding(l, 0)->item, "?[31mred?");
	assert_null(strchr(labels_finding(l, 1)->message, 0x1b));
	labels_free(l);
}

static void
findings_of_one_code_are_bounded_and_all_are_counted(void **state)
{
	const struct labels_contract c = contract_of(LABELS_CLASS);
	struct labels *l = new_set(&c);
	struct bytes text, report;
	struct labels_counts n;
	struct fault f;
	json_t *o = NULL;

	(void)state;
	bytes_init(&text, 1 << 20);
	bytes_init(&report, 1 << 20);
	for (int i = 0; i < 1000; i++)
		assert_ok(bytes_add_text(
		    &text, LINE(ITEM_A, "\"class\":\"cow\""), &f));
	assert_ok(bytes_end_text(&text, &f));
	read_text(l, "many", (const char *)text.at);
	assert_ok(labels_settle(l, &f));
	labels_count(l, &n);
	assert_int_equal(n.errors, 1000);
	assert_int_equal(found(l, "unknown-class"), LABELS_FINDINGS_MAX);
	assert_ok(labels_report_text(l, &report, &f));
	assert_ok(bytes_end_text(&report, &f));
	assert_non_null(strstr((const char *)report.at, "and 980 more"));
	assert_ok(labels_report_json(l, &o, &f));
	assert_int_equal(json_integer_value(json_object_get(
			     json_object_get(o, "found"), "unknown-class")),
	    1000);
	assert_string_equal(
	    json_string_value(json_object_get(o, "verdict")), "rejected");
	json_decref(o);
	bytes_free(&report);
	bytes_free(&text);
	labels_free(l);
}

static void
too_many_parts_and_too_long_a_line_are_findings(void **state)
{
	const struct labels_contract c = contract_of(LABELS_BOXES);
	struct labels *l = new_set(&c);
	struct bytes text;
	struct fault f;

	(void)state;
	bytes_init(&text, 1 << 24);
	assert_ok(bytes_add_text(
	    &text, "{\"item\":\"" ITEM_A "\"," BY ",\"boxes\":[", &f));
	for (unsigned i = 0; i <= LABELS_PARTS_MAX; i++)
		assert_ok(
		    bytes_addf(&text, &f, "%s" BOX("cat", "%u", "1", "1", "1"),
			i == 0 ? "" : ",", i % 99));
	assert_ok(bytes_add_text(&text, "]}\n", &f));
	assert_ok(bytes_reserve(&text, LABELS_LINE_MAX + 100000, &f));
	memset(text.at + text.len, ' ', LABELS_LINE_MAX + 100000);
	text.len += LABELS_LINE_MAX + 100000;
	assert_ok(bytes_add_text(&text, "\n" LINE(ITEM_B, "\"boxes\":[]"), &f));
	assert_ok(bytes_end_text(&text, &f));
	read_text(l, "many", (const char *)text.at);
	assert_ok(labels_settle(l, &f));
	assert_int_equal(found(l, "malformed"), 1);
	assert_int_equal(found(l, "too-many"), 1);
	assert_int_equal(labels_finding(l, 1)->line, 2);
	assert_int_equal(labels_item_state(l, 1), LABELS_EMPTY);
	bytes_free(&text);
	labels_free(l);
}

static const char good[] =
    "{\"item\":\"" ITEM_A "\",\"annotator\":\"ann\","
    "\"at\":\"2026-11-01T10:00:00Z\",\"boxes\":["
    "{\"class\":\"dog\",\"x\":0.5,\"y\":1,\"w\":10.25,\"h\":3},"
    "{\"class\":\"cat\",\"x\":1,\"y\":1,\"w\":2,\"h\":2,\"crowd\":true}]}\n"
    "{\"item\":\"" ITEM_A "\",\"annotator\":\"bob\","
    "\"at\":\"2026-11-01T10:00:01Z\",\"state\":\"empty\"}\n"
    "{\"item\":\"" ITEM_B "\",\"state\":\"skipped\","
    "\"reason\":\"blurred \\\"badly\\\"\"}\n";

static void
what_is_read_is_written_the_same(void **state)
{
	const struct labels_contract c = contract_of(LABELS_BOXES);
	struct labels *l = set_of(&c, good);
	struct bytes b = written(l, labels_write_jsonl);

	(void)state;
	assert_int_equal(errors(l), 0);
	assert_string_equal((const char *)b.at, good);
	bytes_free(&b);
	labels_free(l);
}

static void
a_byte_changed_anywhere_is_refused_or_read_as_what_it_says(void **state)
{
	static const char change[] = "\"{}[]:,x0-\n";
	const struct labels_contract c = contract_of(LABELS_BOXES);
	char text[sizeof(good)];
	size_t refused = 0;

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(good); i++) {
		struct labels *l, *again;
		struct bytes b, twice;

		memcpy(text, good, sizeof(good));
		text[i] = change[i % (sizeof(change) - 1)];
		l = set_of(&c, text);
		if (labels_verdict(l) == LABELS_REJECTED) {
			refused++;
			labels_free(l);
			continue;
		}
		b = written(l, labels_write_jsonl);
		again = set_of(&c, (const char *)b.at);
		twice = written(again, labels_write_jsonl);
		assert_int_equal(errors(again), 0);
		assert_string_equal((const char *)twice.at, (const char *)b.at);
		bytes_free(&twice);
		bytes_free(&b);
		labels_free(again);
		labels_free(l);
	}
	assert_true(refused > sizeof(good) / 2);
}

static void
every_allocation_may_fail(void **state)
{
	const struct labels_contract c = contract_of(LABELS_BOXES);
	int fd = text_fd(good, strlen(good)), null = memfd_create("x", 0);
	bool done = false;

	(void)state;
	for (long n = 0; !done; n++) {
		struct fault f = { 0 };
		struct labels *l = NULL;
		const struct labels_item a = { .id = ITEM_A, .type = "" };
		const struct labels_item b = { .id = ITEM_B, .type = "" };

		assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
		mem_fail_after(n);
		done = labels_new(&l, &c, &f) == 0 &&
		       labels_add_item(l, &a, &f) == 0 &&
		       labels_add_item(l, &b, &f) == 0 &&
		       labels_read(l, fd, "good", LABELS_AUTO, &f) == 0 &&
		       labels_settle(l, &f) == 0 &&
		       labels_write_jsonl(l, null, &f) == 0;
		mem_fail_after(-1);
		if (!done)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		else
			assert_int_equal(errors(l), 0);
		labels_free(l);
	}
	file_close(&fd);
	file_close(&null);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_item_is_in_one_state),
		cmocka_unit_test(
		    an_item_that_nobody_spoke_of_is_no_negative_until_both_say_so),
		cmocka_unit_test(skips_need_a_reason_and_not_a_name),
		cmocka_unit_test(a_bad_line_does_not_hide_the_next_one),
		cmocka_unit_test(
		    a_second_answer_by_the_same_annotator_is_found),
		cmocka_unit_test(what_was_not_agreed_on_is_not_read),
		cmocka_unit_test(what_the_vendor_wrote_is_made_printable),
		cmocka_unit_test(
		    findings_of_one_code_are_bounded_and_all_are_counted),
		cmocka_unit_test(
		    too_many_parts_and_too_long_a_line_are_findings),
		cmocka_unit_test(what_is_read_is_written_the_same),
		cmocka_unit_test(
		    a_byte_changed_anywhere_is_refused_or_read_as_what_it_says),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
