/* gateway/process: what a confined role can still do. */

#include "tests/support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

#include "gateway/process/process.h"
#include "keys/base/files.h"

/* What role_confined may be asked to try, behind its sandbox. */
enum attempt {
	TRY_NOTHING,
	TRY_OPEN,
	TRY_SOCKET,
	TRY_EXEC,
	TRY_FORK,
	TRY_THREAD,
	TRY_KILL_PARENT,
	TRY_MAP_CODE,
	TRY_SIGACTION,
	TRY_DUMPABLE,
	TRY_EXTRA,
	TRY_DENIED,
	TRY_ABORT
};

static void
attempt_it(enum attempt what, const char *path)
{
	char word[] = "x", *argv[] = { word, NULL };

	switch (what) {
	case TRY_OPEN:
		(void)!open(path, O_RDONLY | O_CLOEXEC);
		break;
	case TRY_SOCKET:
		(void)socket(AF_INET, SOCK_STREAM, 0);
		break;
	case TRY_EXEC:
		(void)execv("/bin/true", argv);
		break;
	case TRY_FORK:
		(void)fork();
		break;
	case TRY_THREAD:
		(void)syscall(SYS_clone, 0x10f00, 0, 0, 0, 0);
		break;
	case TRY_DUMPABLE:
		(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
		break;
	case TRY_KILL_PARENT:
		(void)kill(getpid() + 1, SIGTERM);
		break;
	case TRY_MAP_CODE:
		(void)mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		break;
	case TRY_SIGACTION:
		(void)signal(SIGSYS, SIG_IGN);
		break;
	case TRY_ABORT:
		abort();
	default:
		break;
	}
}

static int
role_confined(struct channel *up, struct fault *f)
{
	static const struct sandbox_call calls[] = {
		{ SCMP_SYS(getppid), SANDBOX_ALLOW, 0, 0, 0, "a test" },
		{ SCMP_SYS(getuid), SANDBOX_DENY, 0, 0, 0, "a test" },
		{ SCMP_SYS(dup), SANDBOX_ALLOW, 0, UINT32_MAX, 2, "a test" },
		{ 0, SANDBOX_ALLOW, 0, 0, 0, NULL },
	};
	static const struct sandbox box = { .role = "confined",
		.calls = calls };
	struct message m;
	struct reader r;
	uint8_t what;
	bool end;
	int rc = -1;

	message_init(&m, 4096);
	if (sandbox_enter(&box, f) != 0 ||
	    channel_receive(up, &m, -1, &end, f) != 0)
		goto out;
	r = reader_of(m.body.at, m.body.len);
	if (take_u8(&r, &what, f) != 0)
		goto out;
	attempt_it((enum attempt)what, "/etc/passwd");
	if (what == TRY_EXTRA &&
	    (syscall(SYS_getppid) < 2 || syscall(SYS_dup, 2) < 0)) {
		(void)fault_set(f, FAULT_SYSTEM, "an allowed call failed");
		goto out;
	}
	if (what == TRY_DENIED &&
	    (syscall(SYS_getuid) != -1 || errno != EPERM)) {
		(void)fault_set(f, FAULT_SYSTEM, "a denied call went through");
		goto out;
	}
	rc = channel_send(up, &m, f);
out:
	message_free(&m);
	return rc;
}

static void *
add_one(void *arg)
{
	++*(int *)arg;
	return arg;
}

/* With threads: one can be started, and still no process. */
static int
role_threads(struct channel *up, struct fault *f)
{
	static const struct sandbox box = { .role = "threads",
		.threads = true };
	struct message m;
	pthread_t t;
	int n = 41, rc = -1;

	message_init(&m, 64);
	if (sandbox_enter(&box, f) != 0)
		goto out;
	if (pthread_create(&t, NULL, add_one, &n) != 0 ||
	    pthread_join(t, NULL) != 0) {
		(void)fault_set(f, FAULT_SYSTEM, "no thread");
		goto out;
	}
	if (put_u32(&m.body, (uint32_t)n, f) == 0 &&
	    (rc = channel_send(up, &m, f)) == 0)
		(void)fork();
out:
	message_free(&m);
	return rc;
}

/* Confined to a folder (given first): can files be opened in it, beside it? */
static int
role_in_folder(struct channel *up, struct fault *f)
{
	static const struct sandbox_call calls[] = {
		{ SCMP_SYS(openat), SANDBOX_ALLOW, 0, 0, 0, "a test" },
		{ SCMP_SYS(unlinkat), SANDBOX_ALLOW, 0, 0, 0, "a test" },
		{ 0, SANDBOX_ALLOW, 0, 0, 0, NULL },
	};
	struct sandbox_path paths[] = {
		{ PROCESS_GIVEN, true, "drafts" },
		{ PROCESS_GIVEN + 1, false, "reading" },
	};
	struct sandbox box = {
		.role = "in folder", .calls = calls, .paths = paths, .npaths = 2
	};
	struct message m;
	int rc = -1, new, old, out, etc;

	message_init(&m, 64);
	if (sandbox_need_landlock(f) != 0 || sandbox_enter(&box, f) != 0)
		goto out;
	new = openat(PROCESS_GIVEN, "new", O_RDWR | O_CREAT, 0600);
	old = openat(PROCESS_GIVEN + 1, "old", O_RDONLY);
	out = openat(PROCESS_GIVEN + 1, "new", O_RDWR | O_CREAT, 0600);
	etc = open("/etc/passwd", O_RDONLY);
	if (put_u8(&m.body, new != -1, f) == 0 &&
	    put_u8(&m.body, old != -1, f) == 0 &&
	    put_u8(&m.body, out != -1, f) == 0 &&
	    put_u8(&m.body, etc != -1, f) == 0)
		rc = channel_send(up, &m, f);
out:
	message_free(&m);
	return rc;
}

static const struct process_role test_roles[] = {
	{ "confined", role_confined },
	{ "infolder", role_in_folder },
	{ "threads", role_threads },
	{ NULL, NULL },
};

/* ---- The tests ---- */

static int
confined(enum attempt what, struct fault *ended)
{
	struct fault f;
	struct process *p;
	struct message m;
	bool end;

	message_init(&m, 16);
	assert_ok(process_spawn(&p, "confined", NULL, 0, &f));
	assert_ok(put_u8(&m.body, (uint8_t)what, &f));
	assert_ok(channel_send(process_channel(p), &m, &f));
	assert_ok(channel_receive(process_channel(p), &m, 10000, &end, &f));
	message_free(&m);
	return process_end(p, 10000, ended);
}

static void
a_confined_role_can_do_what_its_table_says(void **state)
{
	struct fault f;

	(void)state;
	assert_ok(confined(TRY_NOTHING, &f));
	assert_ok(confined(TRY_EXTRA, &f));
	assert_ok(confined(TRY_DENIED, &f));
}

static void
any_other_call_kills_it_and_the_parent_learns_which(void **state)
{
	static const struct {
		enum attempt what;
		const char *name;
	} bad[] = {
		{ TRY_OPEN, "openat)" },
		{ TRY_SOCKET, "socket)" },
		{ TRY_EXEC, "execve)" },
		{ TRY_FORK, "clone)" },
		{ TRY_THREAD, "clone)" },
		{ TRY_KILL_PARENT, "kill)" },
		{ TRY_MAP_CODE, "mmap)" },
		{ TRY_SIGACTION, "rt_sigaction)" },
		{ TRY_DUMPABLE, "prctl)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fault f;
		const char *end;

		assert_refused(confined(bad[i].what, &f), FAULT_SYSTEM);
		assert_non_null(strstr(f.text,
		    "@confined: killed by signal SIGSYS (system call "));
		end = strrchr(f.text, ' ') + 1;
		assert_string_equal(end, bad[i].name);
	}
}

static void
a_failed_invariant_in_a_confined_role_is_still_told(void **state)
{
	struct fault f;

	(void)state;
	assert_refused(confined(TRY_ABORT, &f), FAULT_SYSTEM);
	assert_string_equal(f.text, "@confined: killed by signal SIGABRT");
}

static void
a_role_with_folders_opens_files_there_and_nowhere_else(void **state)
{
	struct fault f;
	struct process *p;
	struct message m;
	char path[64];
	int top, given[2];
	bool end;

	(void)state;
	test_folder(path);
	assert_ok(folder_open(AT_FDCWD, path, &top, &f));
	assert_ok(folder_make(top, "drafts", &f));
	assert_ok(folder_make(top, "reading", &f));
	assert_ok(folder_open(top, "drafts", &given[0], &f));
	assert_ok(folder_open(top, "reading", &given[1], &f));
	assert_ok(file_put(given[1], "old", "x", 1, false, &f));
	message_init(&m, 16);
	assert_ok(process_spawn(&p, "infolder", given, 2, &f));
	assert_ok(channel_receive(process_channel(p), &m, 10000, &end, &f));
	assert_ok(process_end(p, 10000, &f));
	assert_int_equal(m.body.len, 4);
	assert_memory_equal(m.body.at, "\1\1\0\0", 4);
	message_free(&m);
	file_close(&given[0]);
	file_close(&given[1]);
	file_close(&top);
	test_folder_remove(path);
}

static void
a_role_with_threads_starts_threads_and_no_process(void **state)
{
	struct fault f;
	struct process *p;
	struct message m;
	bool end;

	(void)state;
	message_init(&m, 64);
	assert_ok(process_spawn(&p, "threads", NULL, 0, &f));
	assert_ok(channel_receive(process_channel(p), &m, 10000, &end, &f));
	assert_false(end);
	assert_int_equal(m.body.at[3], 42);
	assert_refused(process_end(p, 10000, &f), FAULT_SYSTEM);
	assert_non_null(strstr(f.text, "SIGSYS"));
	message_free(&m);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_confined_role_can_do_what_its_table_says),
		cmocka_unit_test(
		    any_other_call_kills_it_and_the_parent_learns_which),
		cmocka_unit_test(
		    a_failed_invariant_in_a_confined_role_is_still_told),
		cmocka_unit_test(
		    a_role_with_folders_opens_files_there_and_nowhere_else),
		cmocka_unit_test(
		    a_role_with_threads_starts_threads_and_no_process),
	};

	process_begin(argc, argv, test_roles);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
