/* gateway/process: asking and answering. */

#include "tests/support/test.h"

#include "gateway/process/process.h"

static void
an_answer_is_a_body_or_a_fault_and_nothing_else(void **state)
{
	struct fault f, told = { 0 };
	struct message m;
	struct reader body;

	(void)state;
	message_init(&m, 4096);
	assert_ok(bytes_add(&m.body, "\1body", 5, &f));
	assert_ok(ask_answered(&m, &body, &f));
	assert_int_equal(reader_left(&body), 4);

	(void)fault_set(&told, FAULT_POLICY, "batch b: not \x1b[31mapproved");
	(void)fault_hint(&told, "handoff batch approve b");
	message_reset(&m);
	assert_ok(put_u8(&m.body, 0, &f));
	assert_ok(put_fault(&m.body, &told, &f));
	assert_refused(ask_answered(&m, &body, &f), FAULT_POLICY);
	assert_string_equal(f.text, "batch b: not ?[31mapproved");
	assert_string_equal(f.hint, "handoff batch approve b");

	assert_ok(put_u8(&m.body, 7, &f));
	assert_refused(ask_answered(&m, &body, &f), FAULT_PEER);
	message_reset(&m);
	assert_refused(ask_answered(&m, &body, &f), FAULT_PEER);
	assert_ok(bytes_add(&m.body, "\2body", 5, &f));
	assert_refused(ask_answered(&m, &body, &f), FAULT_PEER);
	message_reset(&m);
	assert_ok(bytes_add(&m.body, "\0\0\0\0\0\0\0\0\0\0", 10, &f));
	assert_refused(ask_answered(&m, &body, &f), FAULT_PEER);
	message_free(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_answer_is_a_body_or_a_fault_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
