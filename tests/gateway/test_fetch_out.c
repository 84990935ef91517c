/* gateway/flow: what was unpacked into a batch's folder is all still there. */

#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "gateway/flow/fetch_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

static struct fetch_batch *b;
static char path[64];

static int
begin(void **state)
{
	struct fault f = { 0 };

	(void)state;
	test_folder(path);
	b = mem_new(sizeof(*b));
	assert_non_null(b);
	(void)snprintf(b->state.folder, sizeof(b->state.folder), "%s", path);
	assert_ok(folder_open(AT_FDCWD, path, &b->out, &f));
	return 0;
}

static int
end(void **state)
{
	(void)state;
	file_close(&b->out);
	mem_free(b);
	test_folder_remove(path);
	return 0;
}

static void
put(const char *name)
{
	struct fault f = { 0 };

	assert_ok(file_put(b->out, name, "x", 1, false, &f));
}

static void
two_shards_with_a_member_of_one_name_are_found_out(void **state)
{
	struct fault f;

	(void)state;
	put("abcdefghijklmnopqrstuvwxyz.txt");
	put("bbcdefghijklmnopqrstuvwxyz.jsonl");
	b->state.members = 2;
	assert_ok(fetch_count_out(b, &f));
	b->state.members = 3;
	assert_refused(fetch_count_out(b, &f), FAULT_FORGED);
	assert_non_null(strstr(f.hint, "-o DIR"));
}

static void
what_the_user_laid_beside_them_is_not_counted(void **state)
{
	static const char *const others[] = { "notes", "items.jsonl",
		"cbcdefghijklmnopqrstuvwxyz", "cbcdefghijklmnopqrstuvwxy.txt",
		"cbcdefghijklmnopqrstuvwxyz.backup",
		"Cbcdefghijklmnopqrstuvwxyz.txt", ".draft-aaaaaaaaaaaaaaaa" };
	struct fault f;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		put(others[i]);
	b->state.members = 2;
	assert_ok(fetch_count_out(b, &f));
	b->state.members = 3;
	assert_refused(fetch_count_out(b, &f), FAULT_FORGED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    two_shards_with_a_member_of_one_name_are_found_out),
		cmocka_unit_test(what_the_user_laid_beside_them_is_not_counted),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
