/* A keeper whose disk is full: it refuses what it cannot record, gives nothing
 * for it, and goes on once there is room.  Where the disk fails otherwise, it
 * ends and says why. */

#include "tests/gateway/asked_story.h"

#include <errno.h>

/* What the disk is to fail with is the size of a file of the home. */
static ssize_t
writes(int fd, const void *p, size_t len, off_t at)
{
	struct stat st;

	if (fstatat(PROCESS_GIVEN, "fails", &st, 0) == 0 && st.st_size > 0) {
		errno = (int)st.st_size;
		return -1;
	}
	return pwrite(fd, p, len, at);
}

static int
failing_keeper(struct channel *up, struct fault *f)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	union {
		ssize_t (*real)(int, const void *, size_t, off_t);
		sqlite3_syscall_ptr any;
	} mine = { writes };

	must(vfs->xSetSystemCall(vfs, "pwrite", mine.any) == SQLITE_OK);
	if (vfs->xGetSystemCall(vfs, "pwrite64") != NULL)
		must(vfs->xSetSystemCall(vfs, "pwrite64", mine.any) ==
		     SQLITE_OK);
	return keeper_role(up, f);
}

static void
disk_fails(struct asked_story *s, int with)
{
	char path[200], text[256] = "";

	(void)snprintf(path, sizeof(path), "%s/fails", s->home.home);
	home_write(path, text, (size_t)with);
}

static void
a_full_disk_is_a_fault_and_no_end(void **state)
{
	struct asked_story s;
	struct agent_request r;
	struct bytes statement;
	struct fault f = { 0 };

	(void)state;
	asked_ready(&s);
	r = asked_post(&s, "/release", slice_of_text(ALL));
	asked_sign(&s, &r, &statement);
	disk_fails(&s, ENOSPC);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(asked(&s, AGENT_RELEASE, &r), 500);
		assert_non_null(strstr(s.text, "full"));
	}
	refuses(&s.home, KEEPER_BATCH_WITHDRAW,
	    json_pack("{s:s}", "batch", "first"), FAULT_SYSTEM, "full");
	assert_int_equal(asked_entries(&s, "release", NULL), 0);
	disk_fails(&s, 0);
	/* The request was not answered, so its nonce is still good. */
	assert_int_equal(asked(&s, AGENT_RELEASE, &r), 200);
	assert_int_equal(asked(&s, AGENT_RELEASE, &r), 200);
	assert_int_equal(asked_entries(&s, "release", NULL), 1);
	bytes_free(&statement);
	channel_free(s.door);
	home_open_again(&s.home, RING_ALL); /* the whole log is read */
	asked_door(&s);
	assert_int_equal(asked_release(&s), 200);
	assert_ok(keeper_ask(s.home.k, KEEPER_CHECK, json_object(), NULL, &f));
	asked_end(&s);
}

static void
a_disk_that_fails_otherwise_ends_the_keeper_which_says_why(void **state)
{
	struct asked_story s;
	struct fault f = { 0 };

	(void)state;
	asked_ready(&s);
	disk_fails(&s, EIO);
	assert_int_equal(asked_release(&s), 500);
	assert_refused(keeper_close(s.home.k, &f), FAULT_SYSTEM);
	assert_non_null(strstr(f.text, "catalog.db"));
	s.home.k = NULL;
	disk_fails(&s, 0);
	channel_free(s.door);
	s.home.o.branches = RING_ALL;
	assert_ok(keeper_open(&s.home.k, &s.home.o, &f));
	asked_door(&s);
	assert_int_equal(asked_entries(&s, "release", NULL), 0);
	assert_int_equal(asked_release(&s), 200);
	asked_end(&s);
}

static const struct CMUnitTest all[] = {
	cmocka_unit_test(a_full_disk_is_a_fault_and_no_end),
	cmocka_unit_test(
	    a_disk_that_fails_otherwise_ends_the_keeper_which_says_why),
};

static const struct process_role roles[] = {
	{ "keeper", failing_keeper },
	{ "passphrase", keeper_passphrase_role },
	{ NULL, NULL },
};

int
main(int argc, char **argv)
{
	struct fault f = { 0 };

	process_begin(argc, argv, roles);
	must(secret_start(&f) == 0);
	return cmocka_run_group_tests(all, NULL, NULL);
}
