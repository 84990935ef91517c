/* gateway/agent: crowds, slow peers, ends. */

#include "tests/support/line.h"

#include <stdlib.h>

#include "gateway/agent/listener_internal.h"

#define HOST "Host: a\r\n"
#define HEALTH "GET /healthz HTTP/1.1\r\n" HOST "\r\n"
#define STATEMENT "Handoff-Request: e30=\r\n"
#define LATE                                                         \
	"POST /v1/batches/" B "/release HTTP/1.1\r\n" HOST STATEMENT \
	"Content-Length: 4\r\n\r\nlate"

static struct test_agent agent;

static unsigned
ask_health(struct line *l)
{
	line_send(l, HEALTH, strlen(HEALTH));
	return line_answer(l);
}

static void
slow_peers_are_cut_off_and_others_served(void **state)
{
	struct line half, idle, fine;
	double began;
	int silent;
	char c;

	(void)state;
	agent_open(&agent);
	began = clock_monotonic();
	silent = connect_to(agent.port); /* never begins its handshake */
	line_open(&half, &agent, vendor_seed);
	line_open(&idle, &agent, vendor_seed);
	line_open(&fine, &agent, vendor_seed);
	/* A head that trickles is not kept alive by trickling. */
	for (int i = 0; i < 24; i++) {
		if (SSL_write(half.ssl, &"GET /healthz HTTP/1.1\r\nHo"[i], 1) !=
		    1)
			break;
		assert_int_equal(ask_health(&fine), 200);
		(void)poll(NULL, 0, 500);
	}
	assert_true(clock_monotonic() - began >= LISTENER_HEAD_SECONDS);
	assert_int_equal(recv(silent, &c, 1, 0), 0);
	assert_true(line_ended(&half));
	assert_true(clock_monotonic() - began < LISTENER_HEAD_SECONDS + 5);
	assert_int_equal(ask_health(&idle), 200); /* 60 s for these */
	file_close(&silent);
	line_close(&half);
	line_close(&idle);
	line_close(&fine);
	agent_close(&agent);
}

static void
one_key_has_so_many_connections_and_the_oldest_idle_one_goes(void **state)
{
	struct line l[LISTENER_PER_KEY_MAX + 8], other;
	size_t alive = 0;

	(void)state;
	agent_open(&agent);
	line_open(&other, &agent, stranger_seed);
	for (size_t i = 0; i < LISTENER_PER_KEY_MAX + 8; i++) {
		line_open(&l[i], &agent, vendor_seed);
		assert_int_equal(ask_health(&l[i]), 200);
	}
	for (size_t i = LISTENER_PER_KEY_MAX + 8; i-- > 0;) {
		if (SSL_write(l[i].ssl, HEALTH, sizeof(HEALTH) - 1) > 0 &&
		    line_answer(&l[i]) == 200)
			alive++;
	}
	assert_int_equal(alive, LISTENER_PER_KEY_MAX);
	assert_int_equal(ask_health(&other), 200);
	for (size_t i = 0; i < LISTENER_PER_KEY_MAX + 8; i++)
		line_close(&l[i]);
	line_close(&other);
	agent_close(&agent);
}

static void
a_crowd_of_silent_connections_keeps_nobody_out(void **state)
{
	enum { CROWD = LISTENER_CONNECTIONS_MAX + 88 };
	static int crowd[CROWD];
	struct line known, l;

	(void)state;
	agent_open(&agent);
	line_open(&known, &agent, vendor_seed);
	line_send(&known, "GET /v1/nonce HTTP/1.1\r\n" HOST "\r\n", 35);
	assert_int_equal(line_answer(&known), 200);
	for (size_t i = 0; i < CROWD; i++)
		crowd[i] = connect_to(agent.port);
	line_open(&l, &agent, vendor_seed);
	assert_int_equal(ask_health(&l), 200);
	/* Whoever is known stays, though it came first. */
	assert_int_equal(ask_health(&known), 200);
	line_send(&l, "GET /metrics HTTP/1.1\r\n" HOST "\r\n", 34);
	assert_int_equal(line_answer(&l), 200);
	assert_true(line_says(&l, "handoff_agent_connections_now 512\n"));
	for (size_t i = 0; i < CROWD; i++)
		file_close(&crowd[i]);
	line_close(&known);
	line_close(&l);
	agent_close(&agent);
}

static void
sigterm_lets_requests_end_and_then_exits_0(void **state)
{
	struct line idle, busy;
	struct fault f;

	(void)state;
	agent_open(&agent);
	line_open(&idle, &agent, vendor_seed);
	assert_int_equal(ask_health(&idle), 200);
	line_open(&busy, &agent, vendor_seed);
	line_send(&busy, LATE, strlen(LATE));
	(void)poll(NULL, 0, 200); /* it has reached the keeper */
	assert_int_equal(kill(agent.pid, SIGTERM), 0);
	assert_int_equal(line_answer(&busy), 200);
	assert_true(line_says(&busy, "Connection: close\r\n"));
	assert_true(line_ended(&busy));
	assert_true(line_ended(&idle));
	assert_ok(process_end(agent.agent, 10000, &f));
	line_close(&idle);
	line_close(&busy);
	assert_ok(process_end(agent.keeper, 10000, &f));
	file_close(&agent.folder);
	test_folder_remove(agent.path);
}

static void
without_its_keeper_the_listener_ends_and_says_so(void **state)
{
	struct line l;
	struct fault f;

	(void)state;
	agent_open(&agent);
	line_open(&l, &agent, vendor_seed);
	process_kill(agent.keeper);
	assert_true(line_ended(&l));
	line_close(&l);
	assert_refused(process_end(agent.agent, 10000, &f), FAULT_PEER);
	assert_string_equal(f.text, "the keeper has ended");
	file_close(&agent.folder);
	test_folder_remove(agent.path);
}

static void
an_aborted_connection_leaves_its_answer_to_nobody(void **state)
{
	struct line l;

	(void)state;
	agent_open(&agent);
	for (int i = 0; i < 3; i++) {
		line_open(&l, &agent, vendor_seed);
		line_send(&l, LATE, strlen(LATE));
		(void)poll(NULL, 0, 50);
		line_close(&l);
	}
	line_open(&l, &agent, vendor_seed);
	line_send(&l, "GET /v1/nonce HTTP/1.1\r\n" HOST "\r\n", 35);
	assert_int_equal(line_answer(&l), 200);
	assert_true(line_says(&l, "/v1/nonce"));
	line_close(&l);
	agent_close(&agent);
}

static void
a_reader_that_stops_holds_a_bounded_part_of_the_object(void **state)
{
	struct bytes content;
	char name[65], request[200];
	struct line l, other;

	(void)state;
	agent_open(&agent);
	agent_object(&agent, 30000000, &content, name);
	line_open(&l, &agent, vendor_seed);
	(void)snprintf(request, sizeof(request),
	    "GET /v1/objects/%s HTTP/1.1\r\n" HOST "\r\n", name);
	line_send(&l, request, strlen(request));
	(void)poll(NULL, 0, 300);
	line_open(&other, &agent, vendor_seed);
	assert_int_equal(ask_health(&other), 200);
	assert_int_equal(line_answer(&l), 200); /* still all of it */
	assert_memory_equal(l.got.at + l.body, content.at, content.len);
	bytes_free(&content);
	line_close(&l);
	line_close(&other);
	agent_close(&agent);
}

/* The one child of the agent. */
static pid_t
find_listener(void)
{
	char path[100];
	struct bytes text;
	struct fault f;
	pid_t pid;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
	    (int)agent.pid, (int)agent.pid);
	bytes_init(&text, 1000);
	assert_ok(file_read(AT_FDCWD, path, &text, &f));
	assert_ok(bytes_end_text(&text, &f));
	pid = (pid_t)atoi((char *)text.at);
	bytes_free(&text);
	return pid;
}

static void
the_listener_holds_sockets_and_no_file(void **state)
{
	static const char *const fine[] = {
		"socket:", "pipe:", "anon_inode:", "/dev/null"
	};
	struct line l;
	pid_t pid;
	int files = 0, all = 0;

	(void)state;
	if (geteuid() != 0) {
		print_message("not here, so not run: only root may look\n");
		skip();
	}
	agent_open(&agent);
	line_open(&l, &agent, vendor_seed);
	assert_int_equal(ask_health(&l), 200);
	pid = find_listener();
	for (int fd = 0; fd < 1000; fd++) {
		char path[100], to[200];
		ssize_t n;
		bool ok = fd == 2; /* standard error is whatever it is */

		(void)snprintf(
		    path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
		if ((n = readlink(path, to, sizeof(to) - 1)) < 0)
			continue;
		to[n] = '\0';
		for (size_t i = 0; i < 4; i++)
			ok = ok || strncmp(to, fine[i], strlen(fine[i])) == 0;
		if (!ok)
			print_message("%d is %s\n", fd, to);
		files += !ok;
		all++;
	}
	assert_true(all > 6);
	assert_int_equal(files, 0);
	line_close(&l);
	agent_close(&agent);
}

static void
addresses_are_numeric_and_free(void **state)
{
	char shown[AGENT_ADDRESS_CHARS];
	struct fault f;
	int fd, again;

	(void)state;
	assert_refused(agent_listen("localhost", &fd, shown, &f), FAULT_USAGE);
	assert_refused(
	    agent_listen("localhost:1", &fd, shown, &f), FAULT_USAGE);
	assert_refused(agent_listen("::1:1", &fd, shown, &f), FAULT_USAGE);
	assert_refused(
	    agent_listen("127.0.0.1:http", &fd, shown, &f), FAULT_USAGE);
	assert_ok(agent_listen("127.0.0.1:0", &fd, shown, &f));
	assert_int_equal(listen(fd, 1), 0);
	assert_refused(agent_listen(shown, &again, shown, &f), FAULT_SYSTEM);
	file_close(&fd);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slow_peers_are_cut_off_and_others_served),
		cmocka_unit_test(
		    one_key_has_so_many_connections_and_the_oldest_idle_one_goes),
		cmocka_unit_test(
		    a_crowd_of_silent_connections_keeps_nobody_out),
		cmocka_unit_test(sigterm_lets_requests_end_and_then_exits_0),
		cmocka_unit_test(
		    without_its_keeper_the_listener_ends_and_says_so),
		cmocka_unit_test(
		    an_aborted_connection_leaves_its_answer_to_nobody),
		cmocka_unit_test(
		    a_reader_that_stops_holds_a_bounded_part_of_the_object),
		cmocka_unit_test(the_listener_holds_sockets_and_no_file),
		cmocka_unit_test(addresses_are_numeric_and_free),
	};

	process_begin(argc, argv, agent_roles);
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
