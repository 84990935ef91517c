/* gateway/flow: the walk over a dataset, and what a crash leaves of drafts. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "gateway/flow/export_internal.h"
#include "gateway/flow/scan_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "tests/support/test.h"

static char folder[64];
static int at;

static int
begin(void **state)
{
	(void)state;
	test_folder(folder);
	at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return at == -1 ? -1 : 0;
}

static int
finish(void **state)
{
	(void)state;
	file_close(&at);
	test_folder_remove(folder);
	return 0;
}

static void
put(const char *name, const char *text)
{
	struct fault f;

	assert_ok(file_put(at, name, text, strlen(text), true, &f));
}

static void
files_come_sorted_by_the_bytes_of_their_paths(void **state)
{
	static const char *const want[] = { ".hidden", "a-b/1", "a.b", "a/1",
		"a/2/3", "a0" };
	struct scan s;
	struct fault f;
	int fd;

	(void)state;
	assert_ok(folder_make(at, "a", &f));
	assert_ok(folder_make(at, "a/2", &f));
	assert_ok(folder_make(at, "a-b", &f));
	for (size_t i = 6; i-- > 0;)
		put(want[i], want[i]);
	assert_ok(scan_dataset(&s, folder, &f));
	assert_int_equal(s.n, 6);
	for (uint32_t i = 0; i < 6; i++) {
		assert_string_equal(scan_path(&s, i), want[i]);
		assert_int_equal(s.files[i].size, strlen(want[i]));
		assert_ok(scan_open(&s, i, &fd, &f));
		file_close(&fd);
	}
	scan_free(&s);
}

static void
a_file_that_changed_since_is_not_opened(void **state)
{
	struct timespec old[2] = { { 1, 0 }, { 1, 0 } };
	struct scan s;
	struct fault f;
	int fd = -1;

	(void)state;
	put("touched", "x");
	put("longer", "x");
	put("replaced", "x");
	put("gone", "x");
	put("link", "x");
	put("same", "x");
	assert_ok(scan_dataset(&s, folder, &f));
	assert_int_equal(utimensat(at, "touched", old, 0), 0);
	assert_true((fd = openat(at, "longer", O_WRONLY | O_CLOEXEC)) != -1);
	assert_int_equal(ftruncate(fd, 9), 0);
	file_close(&fd);
	put("replaced", "y");
	assert_int_equal(unlinkat(at, "gone", 0), 0);
	assert_int_equal(unlinkat(at, "link", 0), 0);
	assert_int_equal(symlinkat("same", at, "link"), 0);
	for (uint32_t i = 0; i < s.n; i++)
		if (strcmp(scan_path(&s, i), "same") == 0) {
			assert_ok(scan_open(&s, i, &fd, &f));
			file_close(&fd);
		} else {
			char want[64];

			assert_refused(scan_open(&s, i, &fd, &f), FAULT_INPUT);
			(void)snprintf(want, sizeof(want),
			    "%s: changed since it was planned",
			    scan_path(&s, i));
			assert_string_equal(f.text, want);
			assert_int_equal(fd, -1);
		}
	scan_free(&s);
}

static void
links_and_paths_that_are_not_text_are_refused(void **state)
{
	struct scan s;
	struct fault f;
	char path[80];

	(void)state;
	assert_int_equal(symlinkat("/etc/passwd", at, "link"), 0);
	assert_refused(scan_dataset(&s, folder, &f), FAULT_INPUT);
	assert_string_equal(f.text, "link: a symbolic link is not followed");
	scan_free(&s);
	assert_int_equal(unlinkat(at, "link", 0), 0);
	assert_int_equal(mkfifoat(at, "fifo", 0600), 0);
	assert_refused(scan_dataset(&s, folder, &f), FAULT_INPUT);
	scan_free(&s);
	assert_int_equal(unlinkat(at, "fifo", 0), 0);
	put("a\xff", "x");
	assert_refused(scan_dataset(&s, folder, &f), FAULT_INPUT);
	scan_free(&s);
	(void)snprintf(path, sizeof(path), "%s/none", folder);
	assert_refused(scan_dataset(&s, path, &f), FAULT_INPUT);
	scan_free(&s);
}

static void
without_memory_a_scan_fails_and_nothing_is_held(void **state)
{
	bool done = false;

	(void)state;
	put("a", "x");
	put("b", "x");
	for (long n = 0; !done; n++) {
		struct scan s;
		struct fault f = { 0 };

		mem_fail_after(n);
		done = scan_dataset(&s, folder, &f) == 0;
		mem_fail_after(-1);
		if (!done)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		scan_free(&s);
	}
}

/* ---- Drafts ---- */

static void
seal_draft(struct settling *s, int i, int drafts, const char *text)
{
	struct package_object *o = i == DRAFT_SHARD   ? &s->made.shard
				   : i == DRAFT_INDEX ? &s->made.index
						      : &s->made.join;
	struct fault f;

	assert_ok(draft_new(&s->drafts[i], drafts, &f));
	assert_ok(file_write(s->drafts[i].fd, text, strlen(text), &f));
	digest_of(o->sha256, text, strlen(text));
	o->bytes = strlen(text);
}

enum place { OBJECT, SEALED_MARK };

static bool
there(enum place place, const uint8_t sha256[DIGEST_BYTES])
{
	char hex[DIGEST_CHARS + 1], path[160];

	hex_write(hex, sha256, DIGEST_BYTES);
	if (place == OBJECT)
		(void)snprintf(path, sizeof(path), "objects/%.2s/%s", hex, hex);
	else
		(void)snprintf(path, sizeof(path), "drafts/sealed-%s", hex);
	return faccessat(at, path, F_OK, 0) == 0;
}

static bool
logged_is(void *arg, const char *hex)
{
	char want[DIGEST_CHARS + 1];

	if (arg == NULL)
		return false;
	hex_write(want, arg, DIGEST_BYTES);
	return strcmp(want, hex) == 0;
}

static void
objects_that_the_log_does_not_have_are_swept_and_others_stay(void **state)
{
	struct settler *t;
	struct settling *s, *back;
	struct package_made made;
	struct fault f;
	int drafts;

	(void)state;
	assert_ok(folder_make(at, "objects", &f));
	assert_ok(folder_make(at, "drafts", &f));
	assert_ok(folder_open(at, "drafts", &drafts, &f));
	assert_ok(settler_new(&t, at, drafts, &f));
	assert_non_null(s = mem_new(sizeof(*s)));
	seal_draft(s, DRAFT_SHARD, drafts, "shard");
	seal_draft(s, DRAFT_INDEX, drafts, "index");
	seal_draft(s, DRAFT_JOIN, drafts, "join");
	settler_give(t, s);
	assert_non_null(back = settler_take(t, true));
	assert_ptr_equal(back, s);
	assert_int_equal(back->why.kind, FAULT_NONE);
	assert_null(settler_take(t, true));
	made = back->made;
	settling_free(back);
	settler_free(t);
	assert_true(there(OBJECT, made.shard.sha256));
	assert_true(there(SEALED_MARK, made.shard.sha256));
	put("drafts/.draft-leftleftleftleft", "x");

	/* Killed here: only the index is in the log. */
	assert_ok(settle_sweep(at, drafts, logged_is, made.index.sha256, &f));
	assert_false(there(OBJECT, made.shard.sha256));
	assert_false(there(OBJECT, made.join.sha256));
	assert_true(there(OBJECT, made.index.sha256));
	assert_false(there(SEALED_MARK, made.index.sha256));
	assert_int_equal(
	    faccessat(at, "drafts/.draft-leftleftleftleft", F_OK, 0), -1);
	/* Without its mark nothing is swept. */
	assert_ok(settle_sweep(at, drafts, logged_is, NULL, &f));
	assert_true(there(OBJECT, made.index.sha256));
	file_close(&drafts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    files_come_sorted_by_the_bytes_of_their_paths, begin,
		    finish),
		cmocka_unit_test_setup_teardown(
		    a_file_that_changed_since_is_not_opened, begin, finish),
		cmocka_unit_test_setup_teardown(
		    links_and_paths_that_are_not_text_are_refused, begin,
		    finish),
		cmocka_unit_test_setup_teardown(
		    without_memory_a_scan_fails_and_nothing_is_held, begin,
		    finish),
		cmocka_unit_test_setup_teardown(
		    objects_that_the_log_does_not_have_are_swept_and_others_stay,
		    begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
