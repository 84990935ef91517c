/* gateway/process: meeting by name, and the lock. */

#include "tests/support/test.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/process/process.h"
#include "keys/base/files.h"

enum { BY_PARENT = 1, BY_SOCKET = 2, ASK_GREETING = 1 };

static int
do_greet(void *state, struct asked *a, struct fault *f)
{
	(void)state;
	return put_text(&a->answer->body, "hello", f);
}

static const struct ask_row rows[] = {
	{ ASK_GREETING, "greeting", BY_PARENT | BY_SOCKET, do_greet },
	{ 0, NULL, 0, NULL },
};

static int
role_server(struct channel *up, struct fault *f)
{
	struct serve_options o = {
		.rows = rows, .request_max = 1000, .outlast = BY_SOCKET
	};
	struct serve *s = NULL;
	int rc = -1;

	if (serve_new(&s, &o, f) != 0 ||
	    serve_add(s, up, BY_PARENT, NULL, f) != 0)
		goto out;
	serve_listen(s, PROCESS_GIVEN, BY_SOCKET);
	rc = serve_run(s, f);
out:
	serve_free(s);
	return rc;
}

static const struct process_role test_roles[] = {
	{ "server", role_server },
	{ NULL, NULL },
};

static void
check_greeted(struct channel *c)
{
	struct message m, a;
	struct reader body;
	struct fault f;
	char text[10];

	message_init(&m, 100);
	message_init(&a, 100);
	assert_ok(ask_begin(&m, ASK_GREETING, &f));
	assert_ok(ask(c, &m, &a, &body, &f));
	assert_ok(take_text(&body, text, sizeof(text), &f));
	assert_string_equal(text, "hello");
	message_free(&m);
	message_free(&a);
}

static void
peers_come_in_through_a_socket_that_only_we_can_open(void **state)
{
	struct process *p;
	struct channel *c;
	struct fault f;
	struct stat st;
	char path[64];
	int folder, fd, listener;

	(void)state;
	test_folder(path);
	assert_ok(folder_open(AT_FDCWD, path, &folder, &f));
	assert_ok(meet_connect(folder, "keeper.sock", &fd, &f));
	assert_int_equal(fd, -1);
	assert_ok(meet_listen(folder, "keeper.sock", &listener, &f));
	assert_int_equal(
	    fstatat(folder, "keeper.sock", &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_ok(process_spawn(&p, "server", &listener, 1, &f));
	file_close(&listener);
	for (uint32_t i = 0; i < 3; i++) {
		assert_ok(meet_connect(folder, "keeper.sock", &fd, &f));
		assert_int_not_equal(fd, -1);
		assert_ok(channel_new(&c, fd, &f));
		check_greeted(c);
		channel_free(c);
	}
	check_greeted(process_channel(p));
	assert_ok(process_end(p, 10000, &f));
	/* What a crash leaves behind is nobody listening, and no obstacle. */
	assert_ok(meet_connect(folder, "keeper.sock", &fd, &f));
	assert_int_equal(fd, -1);
	assert_ok(meet_listen(folder, "keeper.sock", &listener, &f));
	file_close(&listener);
	file_close(&folder);
	test_folder_remove(path);
}

static void
who_came_in_is_served_on_when_the_first_has_gone(void **state)
{
	struct process *p;
	struct channel *c, *later;
	struct fault f;
	char path[64];
	int folder, fd, listener;

	(void)state;
	test_folder(path);
	assert_ok(folder_open(AT_FDCWD, path, &folder, &f));
	assert_ok(meet_listen(folder, "keeper.sock", &listener, &f));
	assert_ok(process_spawn(&p, "server", &listener, 1, &f));
	file_close(&listener);
	assert_ok(meet_connect(folder, "keeper.sock", &fd, &f));
	assert_ok(channel_new(&c, fd, &f));
	check_greeted(c);
	assert_false(process_leave(p, 100));
	check_greeted(c);
	/* So is who comes now, and the server stays until both have gone. */
	assert_ok(meet_connect(folder, "keeper.sock", &fd, &f));
	assert_ok(channel_new(&later, fd, &f));
	check_greeted(later);
	channel_free(c);
	assert_false(process_leave(p, 100));
	check_greeted(later);
	channel_free(later);
	assert_ok(process_end(p, 10000, &f));
	file_close(&folder);
	test_folder_remove(path);
}

static void
a_lock_has_one_holder_and_names_it(void **state)
{
	struct fault f;
	char path[64];
	int folder, fd, second;
	pid_t holder;

	(void)state;
	test_folder(path);
	assert_ok(folder_open(AT_FDCWD, path, &folder, &f));
	assert_ok(meet_lock(folder, "lock", &fd, &holder, &f));
	assert_int_not_equal(fd, -1);
	assert_ok(meet_lock(folder, "lock", &second, &holder, &f));
	assert_int_equal(second, -1);
	assert_int_equal(holder, getpid());
	file_close(&fd);
	assert_ok(meet_lock(folder, "lock", &second, &holder, &f));
	assert_int_not_equal(second, -1);
	file_close(&second);
	assert_int_equal(unlinkat(folder, "lock", 0), 0);
	assert_int_equal(symlinkat("elsewhere", folder, "lock"), 0);
	assert_refused(
	    meet_lock(folder, "lock", &fd, &holder, &f), FAULT_SYSTEM);
	file_close(&folder);
	test_folder_remove(path);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    peers_come_in_through_a_socket_that_only_we_can_open),
		cmocka_unit_test(
		    who_came_in_is_served_on_when_the_first_has_gone),
		cmocka_unit_test(a_lock_has_one_holder_and_names_it),
	};

	process_begin(argc, argv, test_roles);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
