/* The keeper of a home: made, found, unlocked, asked. */

#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gateway/keeper/keeper.h"
#include "keys/base/files.h"
#include "keys/base/secret.h"

static struct fault f;

/* A place for a home, and a file with a passphrase's lines. */
struct place {
	char folder[64];
	char home[128];
	int pass;
	struct keeper_options o;
};

static void
place_new(struct place *p, const char *lines)
{
	test_folder(p->folder);
	(void)snprintf(p->home, sizeof(p->home), "%s/home", p->folder);
	p->pass = open(p->folder, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	assert_true(p->pass != -1);
	assert_ok(file_write(p->pass, lines, strlen(lines), &f));
	p->o =
	    (struct keeper_options){ .home = p->home, .passphrase = p->pass };
	assert_int_equal(lseek(p->pass, 0, SEEK_SET), 0);
}

static void
say(struct place *p, const char *lines)
{
	assert_int_equal(ftruncate(p->pass, 0), 0);
	assert_int_equal(lseek(p->pass, 0, SEEK_SET), 0);
	assert_ok(file_write(p->pass, lines, strlen(lines), &f));
	assert_int_equal(lseek(p->pass, 0, SEEK_SET), 0);
}

static void
place_end(struct place *p)
{
	file_close(&p->pass);
	test_folder_remove(p->folder);
}

static const struct keeper_home owner = { .role = ROLE_OWNER, .name = "us" };

static void
a_home_is_made_whole_and_opened_again(void **state)
{
	struct place p;
	struct keeper *k;
	json_t *who;

	(void)state;
	place_new(&p, "correct horse\n");
	assert_ok(keeper_create(&p.o, &owner, &f));
	say(&p, "correct horse\n");
	p.o.branches = RING_ALL;
	assert_ok(keeper_open(&k, &p.o, &f));
	assert_ok(keeper_ask(k, KEEPER_WHO, json_object(), &who, &f));
	assert_string_equal(
	    json_string_value(json_object_get(who, "role")), "owner");
	/* home-created and card-issued */
	assert_int_equal(
	    json_integer_value(json_object_get(who, "entries")), 2);
	json_decref(who);
	assert_ok(keeper_close(k, &f));
	place_end(&p);
}

static void
a_home_is_not_made_over_another(void **state)
{
	struct place p;

	(void)state;
	place_new(&p, "one\n");
	assert_ok(keeper_create(&p.o, &owner, &f));
	say(&p, "two\n");
	assert_refused(keeper_create(&p.o, &owner, &f), FAULT_USAGE);
	assert_refused(keeper_create(&p.o, &owner, &f), FAULT_USAGE);
	place_end(&p);
}

static void
a_failed_making_leaves_nothing(void **state)
{
	struct place p;
	int fd;

	(void)state;
	place_new(&p, "\n");
	assert_refused(keeper_create(&p.o, &owner, &f), FAULT_INPUT);
	assert_ok(folder_open(AT_FDCWD, p.folder, &fd, &f));
	assert_int_equal(unlinkat(AT_FDCWD, p.folder, AT_REMOVEDIR), 0);
	file_close(&fd);
	file_close(&p.pass);
}

static void
a_wrong_passphrase_opens_nothing(void **state)
{
	struct place p;
	struct keeper *k;

	(void)state;
	place_new(&p, "right\n");
	assert_ok(keeper_create(&p.o, &owner, &f));
	say(&p, "wrong\n");
	p.o.branches = RING_RELEASE;
	assert_refused(keeper_open(&k, &p.o, &f), FAULT_INPUT);
	p.o.branches = 0; /* looking needs none */
	assert_ok(keeper_open(&k, &p.o, &f));
	assert_ok(keeper_close(k, &f));
	place_end(&p);
}

static void
each_branch_of_a_split_home_has_its_passphrase(void **state)
{
	struct keeper_home split = owner;
	struct place p;
	struct keeper *k;

	(void)state;
	split.split = true;
	place_new(&p, "first\nsecond\nthird\n");
	assert_ok(keeper_create(&p.o, &split, &f));
	say(&p, "first\nthird\n");
	p.o.branches = RING_RELEASE | RING_REVEAL;
	assert_ok(keeper_open(&k, &p.o, &f));
	assert_ok(keeper_close(k, &f));
	say(&p, "first\n");
	p.o.branches = RING_EXPORT;
	assert_refused(keeper_open(&k, &p.o, &f), FAULT_INPUT);
	place_end(&p);
}

static void
a_second_command_uses_the_keeper_that_serves(void **state)
{
	struct place p;
	struct keeper *first, *second;
	json_t *a, *b;

	(void)state;
	place_new(&p, "x\n");
	assert_ok(keeper_create(&p.o, &owner, &f));
	p.o.serve = true;
	assert_ok(keeper_open(&first, &p.o, &f));
	/* Also when it would serve, but not when it must have its own. */
	p.o.own = true;
	assert_refused(keeper_open(&second, &p.o, &f), FAULT_SYSTEM);
	assert_non_null(strstr(f.text, "an agent that runs already"));
	p.o.own = false;
	assert_ok(keeper_open(&second, &p.o, &f));
	assert_ok(keeper_close(second, &f));
	p.o.serve = false;
	assert_ok(keeper_open(&second, &p.o, &f));
	assert_ok(keeper_ask(first, KEEPER_WHO, json_object(), &a, &f));
	assert_ok(keeper_ask(second, KEEPER_WHO, json_object(), &b, &f));
	assert_true(json_equal(a, b));
	json_decref(a);
	json_decref(b);
	assert_ok(keeper_close(second, &f));
	assert_ok(keeper_close(first, &f));
	place_end(&p);
}

static void
a_home_in_use_is_refused_with_who_uses_it(void **state)
{
	struct place p;
	struct keeper *first, *second;
	char pid[32];

	(void)state;
	place_new(&p, "x\n");
	assert_ok(keeper_create(&p.o, &owner, &f));
	assert_ok(keeper_open(&first, &p.o, &f));
	assert_refused(keeper_open(&second, &p.o, &f), FAULT_SYSTEM);
	(void)snprintf(pid, sizeof(pid), "process %d", (int)getpid());
	assert_non_null(strstr(f.text, pid));
	assert_ok(keeper_close(first, &f));
	place_end(&p);
}

static void
a_worker_may_not_ask_what_a_command_may(void **state)
{
	struct place p;
	struct keeper *k;
	struct channel *c;
	struct message m;
	struct reader r;
	int fd;

	(void)state;
	place_new(&p, "x\n");
	assert_ok(keeper_create(&p.o, &owner, &f));
	assert_ok(keeper_open(&k, &p.o, &f));
	assert_ok(keeper_peer(k, KEEPER_WORKER, json_object(), &fd, &f));
	assert_ok(channel_new(&c, fd, &f));
	message_init(&m, 1000);
	assert_ok(ask_begin(&m, KEEPER_WHO, &f));
	assert_ok(put_text(&m.body, "{}", &f));
	assert_refused(ask(c, &m, &m, &r, &f), FAULT_PEER);
	message_free(&m);
	channel_free(c);
	assert_refused(keeper_peer(k, KEEPER_COMMAND, json_object(), &fd, &f),
	    FAULT_USAGE);
	assert_ok(keeper_close(k, &f));
	place_end(&p);
}

static void
a_log_key_that_was_changed_is_noticed(void **state)
{
	struct place p;
	struct keeper *k;
	char path[200], log[400];
	int fd;

	(void)state;
	place_new(&p, "x\n");
	assert_ok(keeper_create(&p.o, &owner, &f));
	(void)snprintf(path, sizeof(path), "%s/log.vkey", p.home);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd != -1);
	assert_true(pread(fd, log, sizeof(log), 0) > 100);
	log[0] ^= 1;
	assert_int_equal(pwrite(fd, log, 1, 0), 1);
	file_close(&fd);
	assert_refused(keeper_open(&k, &p.o, &f), FAULT_INPUT);
	place_end(&p);
}

static const struct process_role roles[] = {
	{ "keeper", keeper_role },
	{ "passphrase", keeper_passphrase_role },
	{ NULL, NULL },
};

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_home_is_made_whole_and_opened_again),
		cmocka_unit_test(a_home_is_not_made_over_another),
		cmocka_unit_test(a_failed_making_leaves_nothing),
		cmocka_unit_test(a_wrong_passphrase_opens_nothing),
		cmocka_unit_test(
		    each_branch_of_a_split_home_has_its_passphrase),
		cmocka_unit_test(a_second_command_uses_the_keeper_that_serves),
		cmocka_unit_test(a_home_in_use_is_refused_with_who_uses_it),
		cmocka_unit_test(a_worker_may_not_ask_what_a_command_may),
		cmocka_unit_test(a_log_key_that_was_changed_is_noticed),
	};

	process_begin(argc, argv, roles);
	must(secret_start(&f) == 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
