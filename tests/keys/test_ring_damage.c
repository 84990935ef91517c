/* keys/ring: rings that were altered, are open to others, or were being made
 * when the power failed. */

#include "tests/keys/ring_home.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "keys/base/clock.h"
#include "keys/base/mem.h"

static void
flip(const struct home *h, const char *path, size_t at, uint8_t bit)
{
	uint8_t c;
	int fd = openat(h->fd, path, O_RDWR | O_CLOEXEC);

	assert_int_not_equal(fd, -1);
	assert_int_equal(pread(fd, &c, 1, (off_t)at), 1);
	c ^= bit;
	assert_int_equal(pwrite(fd, &c, 1, (off_t)at), 1);
	file_close(&fd);
}

static size_t
size_of(const struct home *h, const char *path)
{
	struct stat st;

	assert_int_equal(fstatat(h->fd, path, &st, 0), 0);
	return (size_t)st.st_size;
}

/* Flip one bit of every byte in turn; nothing of it may unlock, and with
 * strict nothing may be called anything but forged. */
static void
no_altered_byte_unlocks(
    const struct home *h, const char *path, unsigned branches, bool strict)
{
	size_t len = size_of(h, path);
	struct ring *r;

	assert_true(len > 100);
	for (size_t at = 0; at < len; at++) {
		f = (struct fault){ 0 };
		flip(h, path, at, (uint8_t)(1u << at % 8));
		if (ring_open(&r, h->fd, &f) == 0) {
			assert_int_equal(
			    ring_unlock(r, branches, &h->unlock, &f), -1);
			assert_false(ring_unlocked(r, branches));
			ring_close(r);
		}
		if (f.kind != FAULT_FORGED && (strict || f.kind != FAULT_INPUT))
			fail_msg("%s: byte %zu: kind %d: %s", path, at,
			    (int)f.kind, f.text);
		flip(h, path, at, (uint8_t)(1u << at % 8));
	}
	assert_ok(ring_open(&r, h->fd, &f));
	assert_ok(ring_unlock(r, RING_ALL, &h->unlock, &f));
	ring_close(r);
}

static void
no_altered_byte_of_root_branch_or_record_unlocks(void **state)
{
	struct home h;

	(void)state;
	home_new(&h);
	make_ring(&h);
	no_altered_byte_unlocks(&h, "keys/root.age", RING_ALL, false);
	no_altered_byte_unlocks(
	    &h, "keys/export/branch.age", RING_EXPORT, true);
	no_altered_byte_unlocks(&h, "keys/home.json", RING_RELEASE, false);
	home_end(&h);
}

/* Put a stranger's recipient where export's stands. */
static void
put_stranger_into_record(const struct home *h)
{
	struct ring_unlock theirs = { 0 };
	struct age_recipient evil;
	struct bytes text, to;
	char path[96], *at;
	int keys;

	new_identity_file(&theirs, RING_IDENTITY, &evil);
	bytes_init(&to, 128);
	assert_ok(age_recipient_write(&to, &evil, &f));
	(void)snprintf(path, sizeof(path), "%s/keys/home.json", h->path);
	test_read_file(path, &text);
	at = strstr((char *)text.at, "\"export\":\"");
	assert_non_null(at);
	memcpy(at + 10, to.at, to.len);
	assert_ok(folder_open(h->fd, "keys", &keys, &f));
	assert_ok(file_put(keys, "home.json", text.at, text.len, true, &f));
	file_close(&keys);
	secret_free(&theirs.text);
	bytes_free(&to);
	bytes_free(&text);
}

static void
a_record_that_names_another_recipient_does_not_unlock(void **state)
{
	struct ring_init init;
	struct home h;
	struct ring *r;

	(void)state;
	for (unsigned split = 0; split < 2; split++) {
		home_new(&h);
		init = whole_init(&h);
		init.split = split;
		init.unlock[1] = init.unlock[2] = &h.unlock;
		assert_ok(ring_create(&r, h.fd, &init, &f));
		ring_close(r);
		put_stranger_into_record(&h);
		assert_ok(ring_open(&r, h.fd, &f));
		for (unsigned b = 1; b < RING_ALL; b <<= 1) {
			assert_refused(
			    ring_unlock(r, b, &h.unlock, &f), FAULT_FORGED);
			assert_refused(
			    ring_unlock(r, b, &h.recovery, &f), FAULT_FORGED);
		}
		ring_close(r);
		home_end(&h);
	}
}

static void
one_branch_does_not_stand_in_for_another(void **state)
{
	struct home h;
	struct ring *r;

	(void)state;
	home_new(&h);
	make_ring(&h);
	assert_int_equal(unlinkat(h.fd, "keys/reveal/branch.age", 0), 0);
	assert_int_equal(linkat(h.fd, "keys/release/branch.age", h.fd,
			     "keys/reveal/branch.age", 0),
	    0);
	assert_ok(ring_open(&r, h.fd, &f));
	assert_refused(
	    ring_unlock(r, RING_REVEAL, &h.unlock, &f), FAULT_FORGED);
	assert_non_null(strstr(f.text, "keys/reveal/branch.age"));
	assert_refused(ring_unlock(r, RING_ALL, &h.unlock, &f), FAULT_FORGED);
	assert_false(ring_unlocked(r, RING_RELEASE));
	assert_ok(ring_unlock(r, RING_RELEASE | RING_EXPORT, &h.unlock, &f));
	ring_close(r);
	home_end(&h);
}

static void
folders_that_others_can_change_or_read_are_refused(void **state)
{
	static const struct {
		const char *path;
		mode_t bad, good;
	} cases[] = {
		{ ".", 0770, 0700 },
		{ ".", 0702, 0700 },
		{ "keys", 0710, 0700 },
		{ "keys", 0705, 0700 },
		{ "keys/reveal", 0750, 0700 },
		{ "keys/release/shard", 0720, 0700 },
	};
	struct ring_init init;
	struct home h;
	struct ring *r;

	(void)state;
	home_new(&h);
	init = whole_init(&h);
	assert_int_equal(fchmod(h.fd, 0777), 0);
	assert_refused(ring_create(&r, h.fd, &init, &f), FAULT_POLICY);
	assert_null(r);
	assert_int_equal(faccessat(h.fd, "keys", F_OK, 0), -1);
	assert_int_equal(fchmod(h.fd, 0700), 0);
	make_ring(&h);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    fchmodat(h.fd, cases[i].path, cases[i].bad, 0), 0);
		assert_refused(ring_open(&r, h.fd, &f), FAULT_POLICY);
		assert_null(r);
		assert_int_equal(
		    fchmodat(h.fd, cases[i].path, cases[i].good, 0), 0);
	}
	/* Others may look at the home's outside. */
	assert_int_equal(fchmod(h.fd, 0755), 0);
	assert_ok(ring_open(&r, h.fd, &f));
	ring_close(r);
	home_end(&h);
}

static void
a_home_with_keys_gets_no_others_and_one_without_does_not_open(void **state)
{
	struct ring_init init;
	struct home h;
	struct ring *r;

	(void)state;
	home_new(&h);
	assert_refused(ring_open(&r, h.fd, &f), FAULT_INPUT);
	assert_non_null(strstr(f.hint, "handoff init"));
	make_ring(&h);
	init = whole_init(&h);
	assert_refused(ring_create(&r, h.fd, &init, &f), FAULT_USAGE);
	assert_null(r);
	assert_ok(ring_open(&r, h.fd, &f));
	assert_ok(ring_unlock(r, RING_ALL, &h.unlock, &f));
	assert_keys_open(r);
	ring_close(r);
	home_end(&h);
}

/* Whole and unlockable, or not there and makeable; true when it was there. */
static bool
assert_whole_or_nothing(const struct home *h)
{
	struct ring_init init = whole_init(h);
	bool there = faccessat(h->fd, "keys", F_OK, 0) == 0;
	struct ring *r;

	if (there) {
		assert_ok(ring_open(&r, h->fd, &f));
		assert_ok(ring_unlock(r, RING_ALL, &h->unlock, &f));
	} else
		assert_ok(ring_create(&r, h->fd, &init, &f));
	assert_keys_open(r);
	ring_close(r);
	assert_int_equal(faccessat(h->fd, ".draft-keys", F_OK, 0), -1);
	return there;
}

static void
a_crash_while_making_leaves_a_whole_ring_or_none(void **state)
{
	double took = clock_monotonic();
	unsigned whole = 0;
	struct home h;

	(void)state;
	home_new(&h);
	make_ring(&h);
	took = clock_monotonic() - took;
	home_end(&h);
	for (int i = 0; i < 40; i++) {
		struct timespec nap = { 0, (long)(took * 1e9 * i / 36) };
		pid_t pid;

		home_new(&h);
		if ((pid = fork()) == 0) {
			struct ring_init init = whole_init(&h);
			struct ring *r;

			_exit(ring_create(&r, h.fd, &init, &f) != 0);
		}
		assert_true(pid > 0);
		(void)nanosleep(&nap, NULL);
		(void)kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		whole += assert_whole_or_nothing(&h);
		home_end(&h);
	}
	assert_true(whole < 40);
}

static void
every_lack_of_memory_leaves_a_whole_ring_or_none(void **state)
{
	struct ring_init init;
	struct ring *r = NULL;
	struct home h;
	long n;

	(void)state;
	home_new(&h);
	init = whole_init(&h);
	/* The steps repeat, so every seventh failure finds them all. */
	for (n = 0; r == NULL; n += 7) {
		f = (struct fault){ 0 };
		mem_fail_after(n);
		if (ring_create(&r, h.fd, &init, &f) != 0) {
			mem_fail_after(-1);
			assert_int_equal(f.kind, FAULT_SYSTEM);
			assert_null(r);
			assert_int_equal(faccessat(h.fd, "keys", F_OK, 0), -1);
			assert_int_equal(
			    faccessat(h.fd, ".draft-keys", F_OK, 0), -1);
		}
		mem_fail_after(-1);
	}
	ring_close(r);
	for (n = 0;; n++) {
		f = (struct fault){ 0 };
		mem_fail_after(n);
		if (ring_open(&r, h.fd, &f) == 0 &&
		    ring_unlock(r, RING_ALL, &h.unlock, &f) == 0)
			break;
		mem_fail_after(-1);
		assert_int_equal(f.kind, FAULT_SYSTEM);
		if (r != NULL)
			assert_false(ring_unlocked(r, RING_RELEASE));
		ring_close(r);
	}
	mem_fail_after(-1);
	assert_keys_open(r);
	ring_close(r);
	home_end(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    no_altered_byte_of_root_branch_or_record_unlocks),
		cmocka_unit_test(
		    a_record_that_names_another_recipient_does_not_unlock),
		cmocka_unit_test(one_branch_does_not_stand_in_for_another),
		cmocka_unit_test(
		    folders_that_others_can_change_or_read_are_refused),
		cmocka_unit_test(
		    a_home_with_keys_gets_no_others_and_one_without_does_not_open),
		cmocka_unit_test(
		    a_crash_while_making_leaves_a_whole_ring_or_none),
		cmocka_unit_test(
		    every_lack_of_memory_leaves_a_whole_ring_or_none),
	};

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
