/* keys/base: files that are whole or not there, and secrets. */

#include "tests/support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "keys/base/files.h"
#include "keys/base/secret.h"

static char folder[64];
static int dir = -1;

static unsigned
entries(void)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY);
	DIR *list = fdopendir(fd);
	struct dirent *e;
	unsigned n = 0;

	assert_non_null(list);
	while ((e = readdir(list)) != NULL)
		n +=
		    strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	(void)closedir(list);
	return n;
}

static void
assert_holds(const char *name, const char *want)
{
	struct fault f = { 0 };
	struct bytes b;

	bytes_init(&b, 4096);
	assert_ok(file_read(dir, name, &b, &f));
	assert_int_equal(b.len, strlen(want));
	assert_memory_equal(b.at, want, b.len);
	bytes_free(&b);
}

static void
a_draft_is_seen_only_when_it_is_kept(void **state)
{
	struct fault f = { 0 };
	struct draft d;
	struct stat st;

	(void)state;
	assert_ok(draft_new(&d, dir, &f));
	assert_ok(file_write(d.fd, "whole", 5, &f));
	assert_int_equal(faccessat(dir, "kept", F_OK, 0), -1);
	assert_ok(draft_keep(&d, "kept", false, &f));
	assert_int_equal(d.fd, -1);
	assert_holds("kept", "whole");
	assert_int_equal(fstatat(dir, "kept", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	draft_drop(&d); /* kept: nothing to drop */
	assert_holds("kept", "whole");

	/* The name is taken: the draft stays as it was, and can be dropped. */
	assert_ok(draft_new(&d, dir, &f));
	assert_ok(file_write(d.fd, "other", 5, &f));
	assert_refused(draft_keep(&d, "kept", false, &f), FAULT_SYSTEM);
	assert_holds("kept", "whole");
	assert_int_equal(entries(), 2);
	assert_ok(draft_keep(&d, "kept", true, &f));
	assert_holds("kept", "other");
	assert_int_equal(entries(), 1);

	assert_ok(draft_new(&d, dir, &f));
	draft_drop(&d);
	draft_drop(&d);
	draft_drop(NULL);
	assert_int_equal(entries(), 1);
	assert_int_equal(unlinkat(dir, "kept", 0), 0);
}

static void
leftover_drafts_are_swept_and_nothing_else(void **state)
{
	struct fault f = { 0 };
	struct draft d;

	(void)state;
	assert_ok(file_put(dir, "draft", "x", 1, false, &f));
	assert_ok(file_put(dir, ".draft-letter", "x", 1, false, &f));
	assert_ok(file_put(dir, ".draft-Aaaaaaaaaaaaaaaa", "x", 1, false, &f));
	for (unsigned i = 0; i < 3; i++) {
		assert_ok(draft_new(&d, dir, &f));
		(void)close(d.fd); /* as if we had crashed */
	}
	assert_int_equal(entries(), 6);
	assert_ok(draft_sweep(dir, &f));
	assert_int_equal(entries(), 3);
	assert_holds("draft", "x");
	assert_int_equal(unlinkat(dir, "draft", 0), 0);
	assert_int_equal(unlinkat(dir, ".draft-letter", 0), 0);
	assert_int_equal(unlinkat(dir, ".draft-Aaaaaaaaaaaaaaaa", 0), 0);
}

static void
a_folder_is_empty_or_not_however_often_one_asks(void **state)
{
	struct fault f = { 0 };
	bool empty;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		assert_ok(folder_is_empty(dir, &empty, &f));
		assert_true(empty);
	}
	assert_int_equal(symlinkat("nowhere", dir, ".link"), 0);
	for (unsigned i = 0; i < 2; i++) {
		assert_ok(folder_is_empty(dir, &empty, &f));
		assert_false(empty);
	}
	assert_int_equal(unlinkat(dir, ".link", 0), 0);
}

static void
only_regular_files_are_opened(void **state)
{
	struct fault f = { 0 };
	int fd = -1;

	(void)state;
	assert_ok(file_put(dir, "file", "x", 1, false, &f));
	assert_int_equal(symlinkat("file", dir, "link"), 0);
	assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
	assert_ok(folder_make(dir, "folder", &f));
	assert_ok(folder_make(dir, "folder", &f));
	assert_refused(file_open_read(dir, "none", &fd, &f), FAULT_INPUT);
	assert_refused(file_open_read(dir, "link", &fd, &f), FAULT_INPUT);
	assert_string_equal(f.text, "link: is a symbolic link");
	assert_refused(file_open_read(dir, "fifo", &fd, &f), FAULT_INPUT);
	assert_refused(file_open_read(dir, "folder", &fd, &f), FAULT_INPUT);
	assert_refused(file_open_read(dir, "file/x", &fd, &f), FAULT_INPUT);
	assert_int_equal(fd, -1);
	assert_ok(file_open_read(dir, "file", &fd, &f));
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	file_close(&fd);
	assert_int_equal(fd, -1);
	file_close(&fd);
	assert_refused(folder_open(dir, "file", &fd, &f), FAULT_INPUT);
	assert_ok(folder_open(dir, "folder", &fd, &f));
	assert_ok(folder_sync(fd, "folder", &f));
	file_close(&fd);
	assert_int_equal(unlinkat(dir, "file", 0), 0);
	assert_int_equal(unlinkat(dir, "link", 0), 0);
	assert_int_equal(unlinkat(dir, "fifo", 0), 0);
	assert_int_equal(unlinkat(dir, "folder", AT_REMOVEDIR), 0);
}

static void
a_file_is_read_up_to_its_ceiling(void **state)
{
	static uint8_t data[200000], back[100];
	struct fault f = { 0 };
	struct bytes b;
	size_t got;
	int fd;

	(void)state;
	random_fill(data, sizeof(data));
	assert_ok(file_put(dir, "data", data, sizeof(data), false, &f));
	bytes_init(&b, sizeof(data));
	assert_ok(file_read(dir, "data", &b, &f));
	assert_int_equal(b.len, sizeof(data));
	assert_memory_equal(b.at, data, sizeof(data));
	bytes_free(&b);
	bytes_init(&b, sizeof(data) - 1);
	assert_refused(file_read(dir, "data", &b, &f), FAULT_INPUT);
	assert_string_equal(f.text, "data: more than 199999 bytes");
	bytes_free(&b);
	assert_ok(file_open_read(dir, "data", &fd, &f));
	assert_ok(file_read_at(fd, back, 100, 199950, &got, &f));
	assert_int_equal(got, 50);
	assert_memory_equal(back, data + 199950, 50);
	assert_ok(file_read_at(fd, back, 100, 300000, &got, &f));
	assert_int_equal(got, 0);
	assert_ok(file_read_some(fd, back, 100, &got, &f));
	assert_int_equal(got, 100);
	assert_memory_equal(back, data, 100);
	file_close(&fd);
	assert_refused(file_read_some(-1, back, 1, &got, &f), FAULT_SYSTEM);
	assert_refused(file_write(-1, back, 1, &f), FAULT_SYSTEM);
	assert_int_equal(unlinkat(dir, "data", 0), 0);
}

/* --- secrets --- */

static void
secrets_are_zeroed_random_and_freed_twice(void **state)
{
	struct secret a, b;
	struct fault f = { 0 };

	(void)state;
	assert_ok(secret_new(&a, 32, &f));
	for (size_t i = 0; i < a.len; i++)
		assert_int_equal(a.at[i], 0);
	assert_ok(secret_random(&b, 32, &f));
	assert_false(secret_same(a.at, b.at, 32));
	secret_free(&a);
	assert_ok(secret_copy(&a, b.at, b.len, &f));
	assert_true(secret_same(a.at, b.at, 32));
	secret_free(&a);
	secret_free(&a);
	secret_free(NULL);
	assert_null(a.at);
	secret_wipe(b.at, b.len);
	assert_int_equal(b.at[31], 0);
	secret_free(&b);
	assert_ok(secret_copy(&a, NULL, 0, &f));
	secret_free(&a);
}

static void
a_passphrase_is_one_line_of_a_pipe(void **state)
{
	char line[1100];
	struct secret s;
	struct fault f = { 0 };
	char rest[8];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "one two\nrest\n", 13), 13);
	assert_ok(secret_read_passphrase(&s, ends[0], "?", &f));
	assert_int_equal(s.len, 7);
	assert_memory_equal(s.at, "one two", 7);
	secret_free(&s);
	assert_int_equal(read(ends[0], rest, 5), 5); /* still there */
	assert_memory_equal(rest, "rest\n", 5);
	assert_int_equal(write(ends[1], "\n", 1), 1);
	assert_refused(
	    secret_read_passphrase(&s, ends[0], "?", &f), FAULT_INPUT);
	assert_null(s.at);
	memset(line, 'x', sizeof(line));
	assert_int_equal(write(ends[1], line, 1025), 1025);
	assert_refused(
	    secret_read_passphrase(&s, ends[0], "?", &f), FAULT_INPUT);
	assert_int_equal(write(ends[1], line, 1024), 1024);
	(void)close(ends[1]);
	assert_ok(secret_read_passphrase(&s, ends[0], "?", &f));
	assert_int_equal(s.len, 1024);
	secret_free(&s);
	(void)close(ends[0]);
}

/* A child that asks on a terminal of its own; 0 when it read "horse". */
static pid_t
ask_on_terminal(int *master)
{
	pid_t pid = forkpty(master, NULL, NULL, NULL);
	struct fault f = { 0 };
	struct secret s;

	if (pid != 0)
		return pid;
	/* A shell without job control ignores it for what runs behind it. */
	(void)signal(SIGINT, SIG_DFL);
	if (secret_read_passphrase(&s, 0, "Passphrase: ", &f) != 0)
		_exit(2);
	_exit(s.len == 5 && memcmp(s.at, "horse", 5) == 0 ? 0 : 1);
}

/* What the terminal shows until it shows want, or the child is gone. */
static void
read_until(int master, char *shown, size_t room, const char *want)
{
	size_t len = 0;

	shown[0] = '\0';
	while (strstr(shown, want) == NULL && len + 1 < room) {
		ssize_t n = read(master, shown + len, room - 1 - len);

		if (n <= 0)
			break;
		len += (size_t)n;
		shown[len] = '\0';
	}
}

static bool
echoes(int master)
{
	struct termios t;

	assert_int_equal(tcgetattr(master, &t), 0);
	return (t.c_lflag & ECHO) != 0;
}

static void
a_terminal_does_not_show_the_passphrase(void **state)
{
	char shown[256];
	int master, status;
	pid_t pid = ask_on_terminal(&master);

	(void)state;
	assert_true(pid > 0);
	read_until(master, shown, sizeof(shown), "Passphrase: ");
	assert_false(echoes(master));
	assert_int_equal(write(master, "horse\n", 6), 6);
	read_until(master, shown, sizeof(shown), "never shown");
	assert_null(strstr(shown, "horse"));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	(void)close(master);
}

/* Ctrl-C while the echo is off: we end by it, and the echo is on again. */
static void
an_interrupted_question_leaves_the_terminal_as_it_was(void **state)
{
	char shown[256];
	int master, slave, status;
	pid_t pid = ask_on_terminal(&master);

	(void)state;
	assert_true(pid > 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	assert_true(slave != -1);
	read_until(master, shown, sizeof(shown), "Passphrase: ");
	assert_false(echoes(master));
	assert_int_equal(write(master, "ho\003", 3), 3);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
	assert_true(echoes(master));
	(void)close(slave);
	(void)close(master);
}

static void
a_sealed_process_leaves_no_core(void **state)
{
	struct fault f = { 0 };
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(
		    secret_seal_process(&f) == 0 && prctl(PR_GET_DUMPABLE) == 0
			? 0
			: 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static int
set_up(void **state)
{
	struct fault f = { 0 };

	(void)state;
	test_folder(folder);
	return folder_open(AT_FDCWD, folder, &dir, &f);
}

static int
tear_down(void **state)
{
	(void)state;
	file_close(&dir);
	test_folder_remove(folder);
	return 0;
}

int
main(void)
{
	struct fault f = { 0 };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_draft_is_seen_only_when_it_is_kept),
		cmocka_unit_test(leftover_drafts_are_swept_and_nothing_else),
		cmocka_unit_test(
		    a_folder_is_empty_or_not_however_often_one_asks),
		cmocka_unit_test(only_regular_files_are_opened),
		cmocka_unit_test(a_file_is_read_up_to_its_ceiling),
		cmocka_unit_test(secrets_are_zeroed_random_and_freed_twice),
		cmocka_unit_test(a_passphrase_is_one_line_of_a_pipe),
		cmocka_unit_test(a_terminal_does_not_show_the_passphrase),
		cmocka_unit_test(
		    an_interrupted_question_leaves_the_terminal_as_it_was),
		cmocka_unit_test(a_sealed_process_leaves_no_core),
	};

	must(secret_start(&f) == 0);
	return cmocka_run_group_tests_name(
	    "base files", tests, set_up, tear_down);
}
