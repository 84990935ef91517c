/* gateway/process: workers, their jobs, and their deaths. */

#include "tests/support/test.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "gateway/process/process.h"
#include "keys/base/mem.h"

enum {
	JOB_DOUBLE = 1, /* u32 -> u32, u32 key */
	JOB_REFUSE,
	JOB_CRASH,
	JOB_LEAVE,  /* ends without an answer */
	JOB_BABBLE, /* what is no message */
	JOB_SLEEP,  /* u32 ms -> u32 the same */
	GIVE_KEY    /* u32, before the first job */
};

struct own {
	uint32_t key;
};

static int
do_double(void *state, struct asked *a, struct fault *f)
{
	struct own *own = state;
	uint32_t n;

	if (take_u32(&a->in, &n, f) != 0 || take_end(&a->in, f) != 0 ||
	    put_u32(&a->answer->body, n * 2, f) != 0)
		return -1;
	return put_u32(&a->answer->body, own->key, f);
}

static int
do_refuse(void *state, struct asked *a, struct fault *f)
{
	(void)state;
	(void)a;
	return fault_set(f, FAULT_INPUT, "visits.csv: row 7: cut short");
}

static int
do_crash(void *state, struct asked *a, struct fault *f)
{
	(void)state;
	(void)a;
	(void)f;
	(void)raise(SIGKILL);
	return 0;
}

static int
do_leave(void *state, struct asked *a, struct fault *f)
{
	(void)state;
	(void)a;
	(void)f;
	_exit(0);
}

static int
do_babble(void *state, struct asked *a, struct fault *f)
{
	(void)state;
	(void)a;
	(void)f;
	(void)!write(3, "what is this?", 13);
	_exit(0);
}

static int
do_sleep(void *state, struct asked *a, struct fault *f)
{
	uint32_t ms;
	struct timespec t = { 0 };

	(void)state;
	if (take_u32(&a->in, &ms, f) != 0)
		return -1;
	t.tv_sec = ms / 1000;
	t.tv_nsec = (long)(ms % 1000) * 1000000;
	(void)nanosleep(&t, NULL);
	return put_u32(&a->answer->body, ms, f);
}

static int
do_key(void *state, struct asked *a, struct fault *f)
{
	struct own *own = state;

	return take_u32(&a->in, &own->key, f);
}

static const struct ask_row rows[] = {
	{ JOB_DOUBLE, "double", 1, do_double },
	{ JOB_REFUSE, "refuse", 1, do_refuse },
	{ JOB_CRASH, "crash", 1, do_crash },
	{ JOB_LEAVE, "leave", 1, do_leave },
	{ JOB_BABBLE, "babble", 1, do_babble },
	{ JOB_SLEEP, "sleep", 1, do_sleep },
	{ GIVE_KEY, "key", 1, do_key },
	{ 0, NULL, 0, NULL },
};

static int
role_worker(struct channel *up, struct fault *f)
{
	struct own own = { 0 };
	struct serve_options o = {
		.rows = rows, .state = &own, .request_max = 1000
	};
	struct serve *s = NULL;
	int rc = -1;

	if (serve_new(&s, &o, f) == 0 && serve_add(s, up, 1, NULL, f) == 0)
		rc = serve_run(s, f);
	serve_free(s);
	return rc;
}

static int
role_stillborn(struct channel *up, struct fault *f)
{
	(void)up;
	return fault_set(f, FAULT_SYSTEM, "no sandbox on this kernel");
}

static const struct process_role test_roles[] = {
	{ "worker", role_worker },
	{ "stillborn", role_stillborn },
	{ NULL, NULL },
};

/* ---- The tests ---- */

/* Hand each new worker a key and count the starts. */
static int
hand_key(void *state, struct channel *worker, struct fault *f)
{
	uint32_t *starts = state;
	struct message m, a;
	struct reader body;
	int rc = -1;

	message_init(&m, 100);
	message_init(&a, 1000);
	if (ask_begin(&m, GIVE_KEY, f) == 0 && put_u32(&m.body, 4711, f) == 0 &&
	    ask(worker, &m, &a, &body, f) == 0) {
		(*starts)++;
		rc = 0;
	}
	message_free(&m);
	message_free(&a);
	return rc;
}

static void
give(struct pool *p, uint16_t job, uint32_t n, uint64_t ticket)
{
	struct message m;
	struct fault f;

	message_init(&m, 100);
	assert_ok(ask_begin(&m, job, &f));
	if (job == JOB_DOUBLE || job == JOB_SLEEP)
		assert_ok(put_u32(&m.body, n, &f));
	assert_ok(pool_give(p, &m, ticket, &f));
	message_free(&m);
}

static void
every_job_comes_back_once_under_its_ticket(void **state)
{
	struct pool_options o = { .role = "worker", .workers = 3 };
	uint32_t starts = 0;
	bool seen[300] = { false };
	struct pool_result r;
	struct pool *p;
	struct fault f;
	uint32_t given = 0, got = 0, n;

	(void)state;
	o.state = &starts;
	o.ready = hand_key;
	assert_ok(pool_new(&p, &o, &f));
	assert_int_equal(pool_idle(p), 3);
	pool_result_init(&r, 1000);
	while (got < 300) {
		for (; given < 300 && pool_idle(p) > 0; given++)
			give(p, JOB_DOUBLE, given, given);
		assert_ok(pool_take(p, &r, &f));
		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_true(r.ticket < 300 && !seen[r.ticket]);
		seen[r.ticket] = true;
		assert_ok(take_u32(&r.body, &n, &f));
		assert_int_equal(n, r.ticket * 2);
		assert_ok(take_u32(&r.body, &n, &f));
		assert_int_equal(n, 4711);
		got++;
	}
	assert_true(starts >= 1 && starts <= 3);
	pool_result_free(&r);
	pool_free(p);
}

static void
give_to(struct pool *p, size_t worker, uint16_t job, uint32_t n)
{
	struct message m;
	struct fault f;

	message_init(&m, 100);
	assert_ok(ask_begin(&m, job, &f));
	if (job == JOB_DOUBLE || job == JOB_SLEEP)
		assert_ok(put_u32(&m.body, n, &f));
	assert_ok(pool_give_to(p, worker, &m, n, &f));
	message_free(&m);
}

static void
jobs_that_belong_together_stay_together_and_in_order(void **state)
{
	struct pool_options o = { .role = "worker", .workers = 2 };
	uint32_t next[2] = { 0, 0 }, given[2] = { 0, 0 };
	struct pool_result r;
	struct pool *p;
	struct fault f;

	(void)state;
	assert_ok(pool_new(&p, &o, &f));
	pool_result_init(&r, 1000);
	assert_int_equal(pool_workers(p), 2);
	for (int got = 0; got < 100; got++) {
		for (size_t w = 0; w < 2; w++)
			while (given[w] < 50 && pool_jobs(p, w) < POOL_DEPTH)
				give_to(p, w, JOB_DOUBLE, given[w]++);
		assert_ok(pool_take(p, &r, &f));
		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_true(r.worker < 2 && !r.died);
		assert_int_equal(r.ticket, next[r.worker]++);
	}
	assert_int_equal(pool_starts(p, 0), 1);
	assert_int_equal(pool_starts(p, 1), 1);
	pool_result_free(&r);
	pool_free(p);
}

static void
a_worker_that_dies_fails_what_waits_for_it_too(void **state)
{
	struct pool_options o = { .role = "worker", .workers = 2 };
	struct pool_result r;
	struct pool *p;
	struct fault f;

	(void)state;
	assert_ok(pool_new(&p, &o, &f));
	pool_result_init(&r, 1000);
	give_to(p, 1, JOB_CRASH, 7);
	give_to(p, 1, JOB_DOUBLE, 8);
	for (uint64_t ticket = 7; ticket <= 8; ticket++) {
		assert_ok(pool_take(p, &r, &f));
		assert_int_equal(r.fault.kind, FAULT_SYSTEM);
		assert_true(r.died && r.worker == 1 && r.ticket == ticket);
	}
	assert_int_equal(pool_starts(p, 1), 1);
	give_to(p, 1, JOB_DOUBLE, 9);
	assert_ok(pool_take(p, &r, &f));
	assert_int_equal(r.fault.kind, FAULT_NONE);
	assert_int_equal(pool_starts(p, 1), 2);
	assert_int_equal(pool_starts(p, 0), 0);
	pool_result_free(&r);
	pool_free(p);
}

static void
a_worker_that_dies_fails_its_job_alone_and_is_started_again(void **state)
{
	static const struct {
		uint16_t job;
		const char *text;
	} bad[] = {
		{ JOB_CRASH, "@worker: killed by signal SIGKILL" },
		{ JOB_LEAVE, "@worker: ended within its job" },
		{ JOB_BABBLE, "@worker: ended within its job" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct pool_options o = { .role = "worker", .workers = 2 };
		uint32_t starts = 0, n;
		struct pool_result r;
		struct pool *p;
		struct fault f;
		int ok = 0, failed = 0;

		o.state = &starts;
		o.ready = hand_key;
		assert_ok(pool_new(&p, &o, &f));
		pool_result_init(&r, 1000);
		give(p, JOB_SLEEP, 100, 1);
		give(p, bad[i].job, 0, 2);
		for (int job = 0; job < 2; job++) {
			assert_ok(pool_take(p, &r, &f));
			if (r.ticket == 1) {
				assert_int_equal(r.fault.kind, FAULT_NONE);
				ok++;
				continue;
			}
			assert_int_equal(r.fault.kind, FAULT_SYSTEM);
			assert_string_equal(r.fault.text, bad[i].text);
			failed++;
		}
		assert_true(ok == 1 && failed == 1 && starts == 2);
		give(p, JOB_SLEEP, 10, 3);
		give(p, JOB_DOUBLE, 21, 4);
		assert_ok(pool_take(p, &r, &f));
		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_ok(pool_take(p, &r, &f));
		assert_int_equal(r.fault.kind, FAULT_NONE);
		assert_ok(take_u32(&r.body, &n, &f));
		assert_int_equal(starts, 3);
		pool_result_free(&r);
		pool_free(p);
	}
}

static void
a_job_that_is_refused_says_why_and_costs_no_worker(void **state)
{
	struct pool_options o = { .role = "worker", .workers = 1 };
	uint32_t starts = 0;
	struct pool_result r;
	struct pool *p;
	struct fault f;

	(void)state;
	o.state = &starts;
	o.ready = hand_key;
	assert_ok(pool_new(&p, &o, &f));
	pool_result_init(&r, 1000);
	give(p, JOB_REFUSE, 0, 1);
	assert_ok(pool_take(p, &r, &f));
	assert_int_equal(r.fault.kind, FAULT_INPUT);
	assert_string_equal(r.fault.text, "visits.csv: row 7: cut short");
	give(p, JOB_DOUBLE, 1, 2);
	assert_ok(pool_take(p, &r, &f));
	assert_int_equal(r.fault.kind, FAULT_NONE);
	assert_int_equal(starts, 1);
	pool_result_free(&r);
	pool_free(p);
}

static void
a_worker_that_cannot_start_says_why(void **state)
{
	struct pool_options o = { .role = "stillborn", .workers = 1 };
	uint32_t starts = 0;
	struct message m;
	struct pool *p;
	struct fault f;

	(void)state;
	o.state = &starts;
	o.ready = hand_key;
	assert_ok(pool_new(&p, &o, &f));
	message_init(&m, 100);
	assert_ok(ask_begin(&m, JOB_DOUBLE, &f));
	assert_refused(pool_give(p, &m, 1, &f), FAULT_SYSTEM);
	assert_string_equal(f.text, "no sandbox on this kernel");
	assert_int_equal(pool_idle(p), 1);
	message_free(&m);
	pool_free(p);
}

static void
a_pool_can_be_left_in_the_middle_of_jobs(void **state)
{
	struct pool_options o = { .role = "worker", .workers = 2 };
	struct pool *p;
	struct fault f;

	(void)state;
	assert_ok(pool_new(&p, &o, &f));
	give(p, JOB_SLEEP, 60000, 1);
	give(p, JOB_DOUBLE, 1, 2);
	pool_free(p);
	pool_free(NULL);
}

static void
without_memory_no_worker_is_left_behind(void **state)
{
	int done = 0;

	(void)state;
	for (long n = 0; !done; n++) {
		struct pool_options o = { .role = "worker", .workers = 2 };
		struct fault f = { 0 };
		struct pool *p = NULL;
		struct pool_result r;
		struct message m;

		message_init(&m, 100);
		pool_result_init(&r, 1000);
		mem_fail_after(n);
		done = pool_new(&p, &o, &f) == 0 &&
		       ask_begin(&m, JOB_DOUBLE, &f) == 0 &&
		       put_u32(&m.body, 4, &f) == 0 &&
		       pool_give(p, &m, 1, &f) == 0 &&
		       pool_take(p, &r, &f) == 0 && r.fault.kind == FAULT_NONE;
		mem_fail_after(-1);
		if (f.kind != FAULT_NONE)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		message_free(&m);
		pool_result_free(&r);
		pool_free(p);
		/* No child, living or dead, is left. */
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	}
}

static void
an_answer_is_a_body_or_a_fault_and_nothing_else(void **state)
{
	struct fault f, told = { 0 };
	struct message m;
	struct reader body;

	(void)state;
	message_init(&m, 4096);
	assert_ok(bytes_add(&m.body, "\1body", 5, &f));
	assert_ok(ask_answered(&m, &body, &f));
	assert_int_equal(reader_left(&body), 4);

	(void)fault_set(&told, FAULT_POLICY, "batch b: not approved");
	message_reset(&m);
	assert_ok(put_u8(&m.body, 0, &f));
	memcpy(told.text, "\x1b[31m", 5);
	assert_ok(put_fault(&m.body, &told, &f));
	assert_refused(ask_answered(&m, &body, &f), FAULT_POLICY);
	assert_string_equal(f.text, "?[31m b: not approved");

	assert_ok(put_u8(&m.body, 7, &f));
	assert_refused(ask_answered(&m, &body, &f), FAULT_PEER);
	message_reset(&m);
	assert_refused(ask_answered(&m, &body, &f), FAULT_PEER);
	assert_ok(bytes_add(&m.body, "\2body", 5, &f));
	assert_refused(ask_answered(&m, &body, &f), FAULT_PEER);
	message_reset(&m);
	assert_ok(bytes_add(&m.body, "\0\0\0\0\0\0\0\0\0\0", 10, &f));
	assert_refused(ask_answered(&m, &body, &f), FAULT_PEER);
	message_free(&m);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_job_comes_back_once_under_its_ticket),
		cmocka_unit_test(
		    jobs_that_belong_together_stay_together_and_in_order),
		cmocka_unit_test(
		    a_worker_that_dies_fails_what_waits_for_it_too),
		cmocka_unit_test(
		    a_worker_that_dies_fails_its_job_alone_and_is_started_again),
		cmocka_unit_test(
		    a_job_that_is_refused_says_why_and_costs_no_worker),
		cmocka_unit_test(a_worker_that_cannot_start_says_why),
		cmocka_unit_test(a_pool_can_be_left_in_the_middle_of_jobs),
		cmocka_unit_test(without_memory_no_worker_is_left_behind),
		cmocka_unit_test(
		    an_answer_is_a_body_or_a_fault_and_nothing_else),
	};

	process_begin(argc, argv, test_roles);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
