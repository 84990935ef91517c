/* gateway/process: asking, answering in rounds, and peers out of line. */

#include "tests/support/test.h"

#include <string.h>
#include <sys/socket.h>

#include "gateway/process/process.h"
#include "keys/base/clock.h"
#include "keys/base/files.h"

enum { BY_PARENT = 1, BY_WORKER = 2 };

enum {
	ASK_DOUBLE = 1, /* u32 -> u32 */
	ASK_REFUSE,	/* always a fault */
	ASK_SECRET,	/* the parent's alone */
	ASK_ADOPT,	/* a descriptor: one more worker */
	ASK_BIG,	/* u32 -> so many bytes */
	ASK_SETTLED,	/* u32 rounds settled, u32 largest round, u32 gone */
	ASK_SPOIL,	/* the round's settling fails */
	ASK_FILE,	/* a descriptor back */
	ASK_STOP
};

/* What the server of these tests counts. */
struct counts {
	uint32_t settled, largest, in_round, gone, ticks;
	bool spoil, tick_fails;
	char last_gone[200];
};

static int
do_double(void *state, struct asked *a, struct fault *f)
{
	struct counts *c = state;
	uint32_t n;

	if (take_u32(&a->in, &n, f) != 0 || take_end(&a->in, f) != 0)
		return -1;
	c->in_round++;
	return put_u32(&a->answer->body, n * 2, f);
}

static int
do_refuse(void *state, struct asked *a, struct fault *f)
{
	(void)state;
	if (put_text(&a->answer->body, "half an answer", f) != 0)
		return -1;
	(void)fault_set(f, FAULT_POLICY, "batch b-1: not approved");
	return fault_hint(f, "handoff batch approve b-1");
}

static int
do_adopt(void *state, struct asked *a, struct fault *f)
{
	struct channel *c;
	int fd;

	(void)state;
	if (message_fd(a->request, 0, &fd, f) != 0 ||
	    channel_new(&c, fd, f) != 0)
		return -1;
	return serve_add(a->serve, c, BY_WORKER, NULL, f);
}

static int
do_big(void *state, struct asked *a, struct fault *f)
{
	uint32_t n;

	(void)state;
	if (take_u32(&a->in, &n, f) != 0 ||
	    bytes_reserve(&a->answer->body, n, f) != 0)
		return -1;
	memset(a->answer->body.at + a->answer->body.len, 'b', n);
	a->answer->body.len += n;
	return 0;
}

static int
do_settled(void *state, struct asked *a, struct fault *f)
{
	struct counts *c = state;
	struct bytes *b = &a->answer->body;

	if (put_u32(b, c->settled, f) != 0 || put_u32(b, c->largest, f) != 0 ||
	    put_u32(b, c->gone, f) != 0)
		return -1;
	return put_text(b, c->last_gone, f);
}

static int
do_spoil(void *state, struct asked *a, struct fault *f)
{
	struct counts *c = state;

	(void)a;
	(void)f;
	c->spoil = true;
	return 0;
}

static int
do_file(void *state, struct asked *a, struct fault *f)
{
	(void)state;
	return message_add_fd(a->answer, 2, f);
}

static int
do_stop(void *state, struct asked *a, struct fault *f)
{
	(void)state;
	(void)f;
	serve_stop(a->serve);
	return 0;
}

static const struct ask_row rows[] = {
	{ ASK_DOUBLE, "double", BY_PARENT | BY_WORKER, do_double },
	{ ASK_REFUSE, "refuse", BY_PARENT, do_refuse },
	{ ASK_SECRET, "secret", BY_PARENT, do_double },
	{ ASK_ADOPT, "adopt", BY_PARENT, do_adopt },
	{ ASK_BIG, "big", BY_PARENT | BY_WORKER, do_big },
	{ ASK_SETTLED, "settled", BY_PARENT, do_settled },
	{ ASK_SPOIL, "spoil", BY_PARENT | BY_WORKER, do_spoil },
	{ ASK_FILE, "file", BY_PARENT, do_file },
	{ ASK_STOP, "stop", BY_PARENT, do_stop },
	{ 0, NULL, 0, NULL },
};

static int
settle(void *state, struct fault *f)
{
	struct counts *c = state;

	c->settled++;
	if (c->in_round > c->largest)
		c->largest = c->in_round;
	c->in_round = 0;
	if (!c->spoil)
		return 0;
	c->spoil = false;
	return fault_set(f, FAULT_SYSTEM, "commit: disk full");
}

static void
gone(void *state, uint32_t by, void *peer, const struct fault *why)
{
	struct counts *c = state;

	(void)peer;
	c->gone++;
	(void)snprintf(c->last_gone, sizeof(c->last_gone), "%u %.180s",
	    (unsigned)by, why->text);
}

/* The server; given, if any, is a unix socket to listen on. */
static int
role_server(struct channel *up, struct fault *f)
{
	struct counts c = { 0 };
	struct serve_options o = { .rows = rows,
		.state = &c,
		.request_max = 1000,
		.settle = settle,
		.gone = gone };
	struct serve *s = NULL;
	int rc = -1;

	if (serve_new(&s, &o, f) != 0 ||
	    serve_add(s, up, BY_PARENT, NULL, f) != 0)
		goto out;
	rc = serve_run(s, f);
out:
	serve_free(s);
	return rc;
}

static const struct process_role test_roles[] = {
	{ "server", role_server },
	{ NULL, NULL },
};

/* ---- Asking it ---- */

struct client {
	struct process *p;
	struct channel *c;
	struct message m, a;
	struct reader body;
};

static void
start(struct client *k)
{
	struct fault f;

	assert_ok(process_spawn(&k->p, "server", NULL, 0, &f));
	k->c = process_channel(k->p);
	message_init(&k->m, MESSAGE_MAX);
	message_init(&k->a, MESSAGE_MAX);
}

static void
finish(struct client *k)
{
	struct fault f;

	message_free(&k->m);
	message_free(&k->a);
	assert_ok(process_end(k->p, 10000, &f));
}

static void
prepare(struct client *k, uint16_t code, uint32_t n)
{
	struct fault f;

	assert_ok(ask_begin(&k->m, code, &f));
	if (code == ASK_DOUBLE || code == ASK_SECRET || code == ASK_BIG)
		assert_ok(put_u32(&k->m.body, n, &f));
}

static void
check_double(struct client *k, struct channel *c, uint32_t n)
{
	struct fault f;
	uint32_t got;

	prepare(k, ASK_DOUBLE, n);
	assert_ok(ask(c, &k->m, &k->a, &k->body, &f));
	assert_ok(take_u32(&k->body, &got, &f));
	assert_ok(take_end(&k->body, &f));
	assert_int_equal(got, n * 2);
}

/* Hand the server one more channel; its other end. */
static struct channel *
adopt(struct client *k)
{
	struct channel *c;
	struct fault f;
	int fds[2];

	assert_ok(channel_pair(fds, &f));
	prepare(k, ASK_ADOPT, 0);
	assert_ok(message_add_fd(&k->m, fds[1], &f));
	assert_ok(ask(k->c, &k->m, &k->a, &k->body, &f));
	file_close(&fds[1]);
	assert_ok(channel_new(&c, fds[0], &f));
	return c;
}

static void
check_cut_off(struct client *k, struct channel *worker, const char *why)
{
	struct fault f;
	uint32_t n;
	char text[200];
	bool end;

	assert_ok(channel_receive(worker, &k->a, 10000, &end, &f));
	assert_true(end);
	prepare(k, ASK_SETTLED, 0);
	assert_ok(ask(k->c, &k->m, &k->a, &k->body, &f));
	for (int i = 0; i < 3; i++)
		assert_ok(take_u32(&k->body, &n, &f));
	assert_int_equal(n, 1);
	assert_ok(take_text(&k->body, text, sizeof(text), &f));
	assert_string_equal(text, why);
}

static void
an_answer_is_a_body_or_the_fault_as_it_was_found(void **state)
{
	struct client k;
	struct fault f;
	int fd;

	(void)state;
	start(&k);
	check_double(&k, k.c, 21);
	prepare(&k, ASK_REFUSE, 0);
	assert_refused(ask(k.c, &k.m, &k.a, &k.body, &f), FAULT_POLICY);
	assert_string_equal(f.text, "batch b-1: not approved");
	assert_string_equal(f.hint, "handoff batch approve b-1");
	prepare(&k, ASK_FILE, 0);
	assert_ok(ask(k.c, &k.m, &k.a, &k.body, &f));
	assert_ok(message_fd(&k.a, 0, &fd, &f));
	file_close(&fd);
	check_double(&k, k.c, 22);
	finish(&k);
}

static void
a_garbled_request_is_answered_and_the_next_one_too(void **state)
{
	struct client k;
	struct fault f;

	(void)state;
	start(&k);
	assert_ok(ask_begin(&k.m, ASK_DOUBLE, &f));
	assert_refused(ask(k.c, &k.m, &k.a, &k.body, &f), FAULT_INPUT);
	assert_ok(ask_begin(&k.m, ASK_DOUBLE, &f));
	assert_ok(put_u64(&k.m.body, 1, &f));
	assert_refused(ask(k.c, &k.m, &k.a, &k.body, &f), FAULT_INPUT);
	check_double(&k, k.c, 1);
	finish(&k);
}

static void
a_peer_that_asks_out_of_its_table_is_cut_off_and_reported(void **state)
{
	static const struct {
		uint16_t code;
		const char *why;
	} bad[] = {
		{ ASK_SECRET, "2 may not ask \"secret\"" },
		{ ASK_ADOPT, "2 may not ask \"adopt\"" },
		{ 999, "2 unknown request 999" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct client k;
		struct channel *worker;
		struct fault f;

		start(&k);
		worker = adopt(&k);
		check_double(&k, worker, 5);
		prepare(&k, bad[i].code, 5);
		assert_ok(channel_send(worker, &k.m, &f));
		check_cut_off(&k, worker, bad[i].why);
		check_double(&k, k.c, 6);
		channel_free(worker);
		finish(&k);
	}
}

static void
garbage_and_oversize_cut_a_peer_off_and_no_other(void **state)
{
	struct client k;
	struct channel *worker;
	struct fault f;

	(void)state;
	start(&k);
	worker = adopt(&k);
	assert_ok(ask_begin(&k.m, ASK_DOUBLE, &f));
	for (int i = 0; i < 500; i++)
		assert_ok(put_u32(&k.m.body, 1, &f));
	assert_ok(channel_send(worker, &k.m, &f));
	check_cut_off(&k, worker, "2 channel: a message over 1000 bytes");
	channel_free(worker);
	finish(&k);

	start(&k);
	worker = adopt(&k);
	message_reset(&k.m);
	assert_ok(put_u8(&k.m.body, 1, &f));
	assert_ok(channel_send(worker, &k.m, &f));
	check_cut_off(&k, worker, "2 a request without a code");
	channel_free(worker);
	finish(&k);
}

static void
half_a_request_holds_up_nobody_else(void **state)
{
	struct client k;
	struct channel *worker;

	(void)state;
	start(&k);
	worker = adopt(&k);
	assert_int_equal(send(channel_fd(worker), "\0\0\0\6\0hf1\0", 9, 0), 9);
	for (uint32_t i = 0; i < 100; i++)
		check_double(&k, k.c, i);
	assert_int_equal(send(channel_fd(worker), "\1\0\0\0\4", 5, 0), 5);
	check_double(&k, k.c, 7);
	channel_free(worker);
	finish(&k);
}

static void
a_peer_that_floods_and_reads_nothing_holds_up_nobody_else(void **state)
{
	struct client k;
	struct channel *worker;
	struct fault f = { 0 };
	int sent = 0;

	(void)state;
	start(&k);
	worker = adopt(&k);
	/* Requests until the socket is full: the server has stopped reading. */
	for (; channel_unsent(worker) == 0 && sent < 100000; sent++) {
		prepare(&k, ASK_BIG, 1 << 20);
		assert_ok(channel_queue(worker, &k.m, &f));
	}
	assert_true(sent < 100000);
	for (uint32_t i = 0; i < 100; i++)
		check_double(&k, k.c, i);
	channel_free(worker);
	check_double(&k, k.c, 8);
	finish(&k);
}

static void
requests_sent_together_share_a_commit_and_keep_their_order(void **state)
{
	struct client k;
	struct fault f;
	uint32_t settled, largest, got;
	bool end;

	(void)state;
	start(&k);
	for (uint32_t i = 0; i < 200; i++) {
		prepare(&k, ASK_DOUBLE, i);
		assert_ok(channel_send(k.c, &k.m, &f));
	}
	for (uint32_t i = 0; i < 200; i++) {
		assert_ok(channel_receive(k.c, &k.a, 10000, &end, &f));
		assert_ok(ask_answered(&k.a, &k.body, &f));
		assert_ok(take_u32(&k.body, &got, &f));
		assert_int_equal(got, i * 2);
	}
	prepare(&k, ASK_SETTLED, 0);
	assert_ok(ask(k.c, &k.m, &k.a, &k.body, &f));
	assert_ok(take_u32(&k.body, &settled, &f));
	assert_ok(take_u32(&k.body, &largest, &f));
	assert_true(settled < 200 && settled >= 200 / SERVE_ROUND);
	assert_true(largest > 1 && largest <= SERVE_ROUND);
	finish(&k);
}

static void
when_a_commit_fails_no_request_of_the_round_succeeded(void **state)
{
	struct client k;
	struct fault f;

	(void)state;
	start(&k);
	prepare(&k, ASK_SPOIL, 0);
	assert_refused(ask(k.c, &k.m, &k.a, &k.body, &f), FAULT_SYSTEM);
	assert_string_equal(f.text, "commit: disk full");
	check_double(&k, k.c, 3);
	finish(&k);
}

static void
a_server_that_is_stopped_answers_first(void **state)
{
	struct client k;
	struct fault f;

	(void)state;
	start(&k);
	prepare(&k, ASK_STOP, 0);
	assert_ok(ask(k.c, &k.m, &k.a, &k.body, &f));
	finish(&k);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_answer_is_a_body_or_the_fault_as_it_was_found),
		cmocka_unit_test(
		    a_garbled_request_is_answered_and_the_next_one_too),
		cmocka_unit_test(
		    a_peer_that_asks_out_of_its_table_is_cut_off_and_reported),
		cmocka_unit_test(
		    garbage_and_oversize_cut_a_peer_off_and_no_other),
		cmocka_unit_test(half_a_request_holds_up_nobody_else),
		cmocka_unit_test(
		    a_peer_that_floods_and_reads_nothing_holds_up_nobody_else),
		cmocka_unit_test(
		    requests_sent_together_share_a_commit_and_keep_their_order),
		cmocka_unit_test(
		    when_a_commit_fails_no_request_of_the_round_succeeded),
		cmocka_unit_test(a_server_that_is_stopped_answers_first),
	};

	process_begin(argc, argv, test_roles);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
