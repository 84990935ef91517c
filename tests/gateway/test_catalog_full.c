/* gateway/catalog on a disk that is full, or that fails: after every write that
 * can fail, nothing is there that was not committed, and the next group is. */

#include "tests/gateway/catalog_story.h"

#include <errno.h>

/* SQLite writes through here: so many more writes go well, then none. */
static long left = -1;
static int with = ENOSPC;

static ssize_t
writes(int fd, const void *p, size_t len, off_t at)
{
	if (left == 0) {
		errno = with;
		return -1;
	}
	if (left > 0)
		left--;
	return pwrite(fd, p, len, at);
}

static void
begin_failing(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	union {
		ssize_t (*real)(int, const void *, size_t, off_t);
		sqlite3_syscall_ptr any;
	} mine = { writes };

	assert_int_equal(
	    vfs->xSetSystemCall(vfs, "pwrite", mine.any), SQLITE_OK);
	if (vfs->xGetSystemCall(vfs, "pwrite64") != NULL)
		assert_int_equal(
		    vfs->xSetSystemCall(vfs, "pwrite64", mine.any), SQLITE_OK);
}

static void
end_failing(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	left = -1;
	assert_int_equal(vfs->xSetSystemCall(vfs, NULL, NULL), SQLITE_OK);
}

static void
released(struct story *s, uint8_t request, bool want)
{
	uint8_t digest[DIGEST_BYTES];
	struct catalog_released was;
	struct fault f = { 0 };
	bool found;

	memset(digest, request, sizeof(digest));
	assert_ok(catalog_answered(s->c, digest, &found, &was, &f));
	assert_int_equal(found, want);
}

/* Groups that go past a full tile, so that tiles are rolled back, too. */
#define GROUPS 255
#define DEEPEST 24 /* writes of a group, about */

static void
a_full_disk_records_nothing_and_a_later_group_is_whole(void **state)
{
	struct fault f = { 0 };
	struct story s;
	unsigned failed = 0;

	(void)state;
	begin_failing();
	story_ready(&s, 3);
	for (int i = 0; i < GROUPS; i++) {
		uint64_t size = audit_size(catalog_audit(s.c));
		struct slice was = audit_head(catalog_audit(s.c));
		uint8_t head[AUDIT_CHECKPOINT_MAX];

		memcpy(head, was.at, was.len);
		/* One more write goes well each time, until all do. */
		left = i % DEEPEST;
		if (story_try_release(&s, &f, (uint8_t)(i + 1)) != 0) {
			struct slice now = audit_head(catalog_audit(s.c));

			assert_int_equal(f.kind, FAULT_SYSTEM);
			assert_non_null(strstr(f.text, "full"));
			assert_false(audit_broken(catalog_audit(s.c)));
			assert_int_equal(audit_size(catalog_audit(s.c)), size);
			assert_int_equal(now.len, was.len);
			assert_memory_equal(now.at, head, was.len);
			left = -1;
			released(&s, (uint8_t)(i + 1), false);
			assert_ok(story_try_release(&s, &f, (uint8_t)(i + 1)));
			failed++;
		}
		left = -1;
		fault_clear(&f);
	}
	print_message("%u groups found no room\n", failed);
	/* So the deepest reached the end of a commit. */
	assert_in_range(failed, GROUPS / 2, GROUPS - 1);
	end_failing();
	assert_true(audit_size(catalog_audit(s.c)) > AUDIT_TILE_WIDTH);
	story_open(&s);
	assert_ok(catalog_check(s.c, &f));
	for (int i = 0; i < GROUPS; i++)
		released(&s, (uint8_t)(i + 1), true);
	story_end(&s);
}

static void
after_another_failure_nothing_is_taken_before_it_is_opened(void **state)
{
	struct fault f = { 0 };
	struct story s;

	(void)state;
	begin_failing();
	story_ready(&s, 3);
	with = EIO;
	left = 0;
	assert_refused(story_try_release(&s, &f, 1), FAULT_SYSTEM);
	left = -1;
	with = ENOSPC;
	assert_true(audit_broken(catalog_audit(s.c)));
	released(&s, 1, false);
	assert_refused(story_try_release(&s, &f, 2), FAULT_SYSTEM);
	assert_non_null(strstr(f.text, "opened again"));
	end_failing();
	story_open(&s);
	assert_ok(story_try_release(&s, &f, 2));
	assert_ok(catalog_check(s.c, &f));
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_full_disk_records_nothing_and_a_later_group_is_whole),
		cmocka_unit_test(
		    after_another_failure_nothing_is_taken_before_it_is_opened),
	};
	struct fault f = { 0 };

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
