/* keys/base/library: functions of libraries that are not linked with. */

#include "tests/support/test.h"

#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keys/base/library.h"

#define LIBM(F) \
	F(cos)  \
	F(hypot)
LIBRARY(libm, LIBM);
struct libm libm;

static const char *const names[] = { LIBM(LIBRARY_NAME) NULL };

static void
what_is_loaded_can_be_called(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_ok(library_load("libm.so.6", names, &libm, &f));
	assert_true(libm.hypot(3, 4) == 5);
	assert_true(libm.cos(0) == 1);
}

static void
once_is_enough(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_ok(library_load("libm.so.6", names, &libm, &f));
	assert_ok(library_load("libnothing.so.1", names, &libm, &f));
}

static void
a_library_that_is_not_there_is_named(void **state)
{
	static struct libm none;
	struct fault f = { 0 };

	(void)state;
	assert_refused(
	    library_load("libnothing.so.1", names, &none, &f), FAULT_SYSTEM);
	assert_string_equal(f.text, "libnothing.so.1 cannot be loaded");
	assert_null(none.cos);
}

/* And the table is not taken for a whole one afterwards. */
static void
so_is_a_function_that_it_lacks(void **state)
{
	static const char *const other[] = { "cos", "sqlite3_exec", NULL };
	static struct libm half;
	struct fault f = { 0 };

	(void)state;
	for (int again = 0; again < 2; again++) {
		assert_refused(
		    library_load("libm.so.6", other, &half, &f), FAULT_SYSTEM);
		assert_string_equal(f.text, "libm.so.6 has no sqlite3_exec");
		assert_null(half.cos);
	}
}

static void
here_none_is_missing_of_those_that_the_program_loads(void **state)
{
	(void)state;
	assert_null(library_missing());
}

static void
nobody_writes_to_a_table_that_is_filled(void **state)
{
	struct fault f = { 0 };
	int status;
	pid_t pid;

	(void)state;
	if (sysconf(_SC_PAGESIZE) != LIBRARY_PAGE) {
		print_message("pages are larger here\n");
		skip();
	}
	assert_ok(library_load("libm.so.6", names, &libm, &f));
	pid = fork();
	assert_true(pid != -1);
	if (pid == 0) {
		(void)signal(SIGSEGV, SIG_DFL);
		memset(&libm, 0, sizeof(void *));
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_library_that_is_not_there_is_named),
		cmocka_unit_test(so_is_a_function_that_it_lacks),
		cmocka_unit_test(what_is_loaded_can_be_called),
		cmocka_unit_test(once_is_enough),
		cmocka_unit_test(
		    here_none_is_missing_of_those_that_the_program_loads),
		cmocka_unit_test(nobody_writes_to_a_table_that_is_filled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
