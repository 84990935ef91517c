/* gateway/process: what a child has, and how it ends. */

#include "tests/support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/process/process.h"
#include "keys/base/files.h"

extern char **environ;

/* ---- Roles: what the children of this program do ---- */

/* Send back what comes, descriptors too. */
static int
role_echo(struct channel *up, struct fault *f)
{
	struct message m;
	bool end = false;
	int rc;

	message_init(&m, MESSAGE_MAX);
	do
		rc = channel_receive(up, &m, -1, &end, f);
	while (rc == 0 && !end && (rc = channel_send(up, &m, f)) == 0);
	message_free(&m);
	return rc;
}

/* Tell what we have: a u32 for each open descriptor, then the environment. */
static int
role_inventory(struct channel *up, struct fault *f)
{
	struct message m;
	int rc = 0;

	message_init(&m, 65536);
	for (unsigned fd = 0; rc == 0 && fd < 4096; fd++)
		if (fcntl((int)fd, F_GETFD) != -1)
			rc = put_u32(&m.body, fd, f);
	if (rc == 0 && environ[0] != NULL)
		rc = put_text(&m.body, environ[0], f);
	if (rc == 0)
		rc = channel_send(up, &m, f);
	message_free(&m);
	return rc;
}

/* Are we dumpable, and how large a core may we leave?  No sandbox here. */
static int
role_sealed(struct channel *up, struct fault *f)
{
	struct message m;
	struct rlimit core;
	int rc = -1;

	message_init(&m, 64);
	if (getrlimit(RLIMIT_CORE, &core) == 0 &&
	    put_u32(&m.body, (uint32_t)prctl(PR_GET_DUMPABLE), f) == 0 &&
	    put_u64(&m.body, core.rlim_max, f) == 0)
		rc = channel_send(up, &m, f);
	message_free(&m);
	return rc;
}

static int
role_fails(struct channel *up, struct fault *f)
{
	(void)up;
	(void)fault_set(f, FAULT_FORGED, "shard 3: not what was sealed");
	return fault_hint(f, "handoff status");
}

static int
role_aborts(struct channel *up, struct fault *f)
{
	(void)up;
	(void)f;
	abort();
}

static int
role_stays(struct channel *up, struct fault *f)
{
	(void)up;
	(void)f;
	while (pause() == -1)
		;
	return 0;
}

/* Start a child that stays, tell its pid, and stay. */
static int
role_parent(struct channel *up, struct fault *f)
{
	static const char path[] = "/proc/thread-self/children";
	struct process *p;
	struct message m;
	struct fault ignored = { 0 };

	message_init(&m, 4096);
	if (process_spawn(&p, "stays", NULL, 0, f) != 0 ||
	    file_read(AT_FDCWD, path, &m.body, f) != 0 ||
	    channel_send(up, &m, f) != 0)
		return -1;
	message_free(&m);
	return role_stays(up, &ignored);
}

static const struct process_role test_roles[] = {
	{ "echo", role_echo },
	{ "inventory", role_inventory },
	{ "sealed", role_sealed },
	{ "fails", role_fails },
	{ "aborts", role_aborts },
	{ "stays", role_stays },
	{ "parent", role_parent },
	{ NULL, NULL },
};

/* ---- The tests ---- */

static void
a_child_has_its_descriptors_and_no_environment(void **state)
{
	struct fault f;
	struct process *p;
	struct message m;
	struct reader r;
	int given[2], stray = open("/dev/null", O_RDONLY); /* not O_CLOEXEC */
	bool end;

	(void)state;
	assert_int_equal(pipe2(given, O_CLOEXEC), 0);
	message_init(&m, 65536);
	assert_ok(process_spawn(&p, "inventory", given, 2, &f));
	assert_ok(channel_receive(process_channel(p), &m, 10000, &end, &f));
	assert_false(end);
	r = reader_of(m.body.at, m.body.len);
	for (uint32_t want = 0; want < 7; want++) {
		uint32_t fd;

		assert_ok(take_u32(&r, &fd, &f));
		assert_int_equal(fd, want);
	}
	assert_ok(take_end(&r, &f));
	assert_ok(process_end(p, 10000, &f));
	message_free(&m);
	file_close(&given[0]);
	file_close(&given[1]);
	file_close(&stray);
}

static void
every_process_is_undumpable_from_its_start(void **state)
{
	struct fault f;
	struct process *p;
	struct message m;
	struct reader r;
	struct rlimit core;
	uint32_t dumpable;
	uint64_t most;
	bool end;

	(void)state;
	assert_int_equal(prctl(PR_GET_DUMPABLE), 0);
	assert_int_equal(getrlimit(RLIMIT_CORE, &core), 0);
	assert_int_equal(core.rlim_max, 0);
	message_init(&m, 64);
	assert_ok(process_spawn(&p, "sealed", NULL, 0, &f));
	assert_ok(channel_receive(process_channel(p), &m, 10000, &end, &f));
	r = reader_of(m.body.at, m.body.len);
	assert_ok(take_u32(&r, &dumpable, &f));
	assert_ok(take_u64(&r, &most, &f));
	assert_int_equal(dumpable, 0);
	assert_int_equal(most, 0);
	assert_ok(process_end(p, 10000, &f));
	message_free(&m);
}

static void
messages_of_16_mib_and_descriptors_cross_to_a_child_and_back(void **state)
{
	struct fault f;
	struct process *p;
	struct message m;
	bool end;

	(void)state;
	assert_ok(process_spawn(&p, "echo", NULL, 0, &f));
	message_init(&m, MESSAGE_MAX);
	assert_ok(bytes_reserve(&m.body, MESSAGE_MAX, &f));
	memset(m.body.at, 'x', MESSAGE_MAX);
	m.body.len = MESSAGE_MAX;
	for (unsigned i = 0; i < MESSAGE_FDS_MAX; i++)
		assert_ok(message_add_fd(&m, 2, &f));
	assert_ok(channel_send(process_channel(p), &m, &f));
	assert_ok(channel_receive(process_channel(p), &m, 10000, &end, &f));
	assert_int_equal(m.body.len, MESSAGE_MAX);
	assert_int_equal(m.nfds, MESSAGE_FDS_MAX);
	message_free(&m);
	assert_ok(process_end(p, 10000, &f));
}

static void
a_childs_fault_is_told_as_it_was_found(void **state)
{
	struct fault f;
	struct process *p;

	(void)state;
	assert_ok(process_spawn(&p, "fails", NULL, 0, &f));
	assert_refused(process_end(p, 10000, &f), FAULT_FORGED);
	assert_string_equal(f.text, "shard 3: not what was sealed");
	assert_string_equal(f.hint, "handoff status");
}

static void
a_child_killed_by_a_signal_is_reported_with_it(void **state)
{
	struct fault f;
	struct process *p;

	(void)state;
	assert_ok(process_spawn(&p, "aborts", NULL, 0, &f));
	assert_refused(process_end(p, 10000, &f), FAULT_SYSTEM);
	assert_string_equal(f.text, "@aborts: killed by signal SIGABRT");
}

static void
a_child_that_does_not_end_is_killed(void **state)
{
	struct fault f;
	struct process *p;

	(void)state;
	assert_ok(process_spawn(&p, "stays", NULL, 0, &f));
	assert_refused(process_end(p, 50, &f), FAULT_SYSTEM);
	assert_string_equal(f.text, "@stays: did not end within 50 ms");
}

static void
an_unknown_role_ends_at_once(void **state)
{
	struct fault f;
	struct process *p;

	(void)state;
	assert_ok(process_spawn(&p, "nobody", NULL, 0, &f));
	assert_refused(process_end(p, 10000, &f), FAULT_SYSTEM);
	assert_string_equal(f.text, "@nobody: ended with status 2");
}

static void
a_child_dies_with_its_parent(void **state)
{
	struct fault f;
	struct process *p;
	struct message m;
	pid_t child;
	bool end;

	(void)state;
	/* Orphans come to us, so that their end can be waited for. */
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	message_init(&m, 4096);
	assert_ok(process_spawn(&p, "parent", NULL, 0, &f));
	assert_ok(channel_receive(process_channel(p), &m, 10000, &end, &f));
	assert_ok(bytes_end_text(&m.body, &f));
	child = (pid_t)atoi((char *)m.body.at);
	assert_true(child > 1);
	assert_int_equal(kill(child, 0), 0);
	process_kill(p);
	assert_int_equal(waitpid(child, NULL, 0), child);
	message_free(&m);
}

static void
there_is_at_least_one_processor(void **state)
{
	(void)state;
	assert_true(process_cores() >= 1);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_child_has_its_descriptors_and_no_environment),
		cmocka_unit_test(every_process_is_undumpable_from_its_start),
		cmocka_unit_test(
		    messages_of_16_mib_and_descriptors_cross_to_a_child_and_back),
		cmocka_unit_test(a_childs_fault_is_told_as_it_was_found),
		cmocka_unit_test(
		    a_child_killed_by_a_signal_is_reported_with_it),
		cmocka_unit_test(a_child_that_does_not_end_is_killed),
		cmocka_unit_test(an_unknown_role_ends_at_once),
		cmocka_unit_test(a_child_dies_with_its_parent),
		cmocka_unit_test(there_is_at_least_one_processor),
	};

	process_begin(argc, argv, test_roles);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
