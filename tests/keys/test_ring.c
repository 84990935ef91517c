/* keys/ring: making a home's ring, and what unlocks it and what does not. */

#include "tests/keys/ring_home.h"

#include <stdio.h>
#include <sys/stat.h>

#include "keys/base/text.h"

static void
a_new_ring_is_unlocked_and_opens_again_locked(void **state)
{
	struct ring_init init;
	struct home h;
	struct ring *r;
	char id[40];

	(void)state;
	home_new(&h);
	init = whole_init(&h);
	assert_ok(ring_create(&r, h.fd, &init, &f));
	assert_true(ring_unlocked(r, RING_ALL));
	assert_true(id_valid(ring_home(r), 'h'));
	(void)snprintf(id, sizeof(id), "%s", ring_home(r));
	assert_keys_open(r);
	ring_close(r);

	assert_ok(ring_open(&r, h.fd, &f));
	assert_string_equal(ring_home(r), id);
	assert_int_equal(ring_role(r), ROLE_OWNER);
	assert_false(ring_is_split(r));
	assert_memory_equal(
	    ring_recovery(r)->key, h.recovery_to.key, AGE_X25519_BYTES);
	assert_false(ring_unlocked(r, RING_RELEASE));
	assert_ok(ring_unlock(r, RING_ALL, &h.unlock, &f));
	assert_keys_open(r);
	ring_close(r);
	ring_close(NULL);
	home_end(&h);
}

static void
what_a_crash_left_goes_when_it_is_unlocked_and_not_before(void **state)
{
	static const char left[] = "keys/release/log/.draft-aaaaaaaaaaaaaaaa";
	struct home h;
	struct ring *r;

	(void)state;
	home_new(&h);
	make_ring(&h);
	assert_int_equal(linkat(h.fd, "keys/home.json", h.fd, left, 0), 0);
	assert_ok(ring_open(&r, h.fd, &f));
	assert_int_equal(faccessat(h.fd, left, F_OK, 0), 0);
	assert_ok(ring_unlock(r, RING_RELEASE, &h.unlock, &f));
	assert_int_equal(faccessat(h.fd, left, F_OK, 0), -1);
	ring_close(r);
	home_end(&h);
}

static void
nobody_but_us_can_read_any_of_its_files(void **state)
{
	struct home h;
	struct stat st;

	(void)state;
	home_new(&h);
	make_ring(&h);
	assert_int_equal(fstatat(h.fd, "keys", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(fstatat(h.fd, "keys/root.age", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(fstatat(h.fd, "keys/release/log/1.age", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	home_end(&h);
}

static void
unlocking_one_branch_leaves_the_others_locked(void **state)
{
	static const unsigned bits[] = { RING_RELEASE, RING_EXPORT,
		RING_REVEAL };
	struct home h;
	struct ring *r;
	struct sign_key key;
	struct age_identity id;

	(void)state;
	home_new(&h);
	make_ring(&h);
	assert_ok(ring_open(&r, h.fd, &f));
	for (unsigned b = 0; b < 3; b++) {
		assert_ok(ring_unlock(r, bits[b], &h.unlock, &f));
		assert_true(ring_unlocked(r, bits[b]));
		assert_false(ring_unlocked(r, RING_ALL & ~bits[b]));
		assert_false(ring_unlocked(r, RING_ALL));
		for (unsigned k = 0; k < 3; k++) {
			if (k == b)
				continue;
			assert_refused(ring_need(r, bits[k], &f), FAULT_POLICY);
		}
		assert_ok(ring_need(r, bits[b], &f));
		ring_lock(r, bits[b]);
	}
	assert_refused(
	    ring_get_sign_key(r, &first_keys[0], &key, &f), FAULT_POLICY);
	assert_non_null(strstr(f.text, "branch release is locked"));
	assert_non_null(strstr(f.hint, "--passphrase-fd"));
	assert_refused(
	    ring_get_sign_key(r, &first_keys[1], &key, &f), FAULT_POLICY);
	assert_non_null(strstr(f.text, "branch export is locked"));
	assert_refused(
	    ring_get_identity(r, &first_keys[2], &id, &f), FAULT_POLICY);
	assert_non_null(strstr(f.text, "branch reveal is locked"));
	ring_close(r);
	home_end(&h);
}

static void
a_passphrase_opens_and_a_wrong_one_says_so(void **state)
{
	struct ring_unlock right = { 0 }, wrong = { 0 };
	struct ring_init init;
	struct home h;
	struct ring *r;

	(void)state;
	home_new(&h);
	passphrase(&right, "correct horse");
	passphrase(&wrong, "correct horsf");
	init = whole_init(&h);
	init.unlock[0] = &right;
	init.recovery = NULL;
	assert_ok(ring_create(&r, h.fd, &init, &f));
	ring_close(r);
	assert_ok(ring_open(&r, h.fd, &f));
	assert_null(ring_recovery(r));
	assert_refused(ring_unlock(r, RING_ALL, &wrong, &f), FAULT_INPUT);
	assert_string_equal(f.text, "keys/root.age: the passphrase is wrong");
	assert_false(ring_unlocked(r, RING_RELEASE));
	assert_refused(ring_unlock(r, RING_ALL, &h.unlock, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "opens with a passphrase"));
	assert_refused(ring_unlock(r, RING_ALL, &h.recovery, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "without a recovery"));
	assert_ok(ring_unlock(r, RING_ALL, &right, &f));
	assert_keys_open(r);
	ring_close(r);
	secret_free(&right.text);
	secret_free(&wrong.text);
	home_end(&h);
}

static void
a_stranger_s_identity_or_a_passphrase_does_not_open(void **state)
{
	struct ring_unlock other = { 0 }, typed = { 0 }, junk = { 0 };
	struct home h;
	struct ring *r;

	(void)state;
	home_new(&h);
	make_ring(&h);
	new_identity_file(&other, RING_IDENTITY, NULL);
	passphrase(&typed, "correct horse");
	assert_ok(secret_copy(&junk.text, "no identity\n", 12, &f));
	junk.means = RING_IDENTITY;
	assert_ok(ring_open(&r, h.fd, &f));
	assert_refused(ring_unlock(r, RING_ALL, &other, &f), FAULT_INPUT);
	assert_refused(ring_unlock(r, RING_ALL, &typed, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "opens with an identity file"));
	assert_refused(ring_unlock(r, RING_ALL, &junk, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "the identity file"));
	assert_null(strstr(f.text, "no identity\n"));
	/* What unlocks every day is not what recovers, nor the reverse. */
	h.unlock.means = RING_RECOVERY;
	assert_refused(ring_unlock(r, RING_ALL, &h.unlock, &f), FAULT_INPUT);
	h.recovery.means = RING_IDENTITY;
	assert_refused(ring_unlock(r, RING_ALL, &h.recovery, &f), FAULT_INPUT);
	for (unsigned b = 1; b <= RING_ALL; b <<= 1)
		assert_false(ring_unlocked(r, b));
	ring_close(r);
	secret_free(&other.text);
	secret_free(&typed.text);
	secret_free(&junk.text);
	home_end(&h);
}

static void
the_recovery_identity_opens_and_sets_a_new_unlock(void **state)
{
	struct ring_unlock fresh = { 0 };
	struct home h;
	struct ring *r;

	(void)state;
	home_new(&h);
	make_ring(&h);
	new_identity_file(&fresh, RING_IDENTITY, NULL);
	/* What the recovery is for: the everyday wrap is gone. */
	assert_int_equal(unlinkat(h.fd, "keys/root.age", 0), 0);
	assert_ok(ring_open(&r, h.fd, &f));
	assert_refused(ring_unlock(r, RING_ALL, &h.unlock, &f), FAULT_INPUT);
	assert_ok(ring_unlock(r, RING_ALL, &h.recovery, &f));
	assert_keys_open(r);
	ring_lock(r, RING_ALL);
	assert_ok(ring_rewrap(r, &h.recovery, RING_ALL, &fresh, &f));
	assert_false(ring_unlocked(r, RING_RELEASE));
	assert_refused(ring_unlock(r, RING_ALL, &h.unlock, &f), FAULT_INPUT);
	assert_ok(ring_unlock(r, RING_ALL, &fresh, &f));
	assert_keys_open(r);
	ring_close(r);
	secret_free(&fresh.text);
	home_end(&h);
}

static void
a_changed_unlock_shuts_out_the_old_one_and_overwrites_its_wrap(void **state)
{
	struct ring_unlock fresh = { 0 };
	struct bytes before, after;
	char link[96];
	struct home h;
	struct ring *r;

	(void)state;
	home_new(&h);
	make_ring(&h);
	new_identity_file(&fresh, RING_IDENTITY, NULL);
	(void)snprintf(link, sizeof(link), "%s/old-root", h.path);
	assert_int_equal(linkat(h.fd, "keys/root.age", h.fd, "old-root", 0), 0);
	test_read_file(link, &before);
	assert_ok(ring_open(&r, h.fd, &f));
	assert_refused(
	    ring_rewrap(r, &fresh, RING_ALL, &fresh, &f), FAULT_INPUT);
	assert_ok(ring_unlock(r, RING_ALL, &h.unlock, &f));
	assert_ok(ring_rewrap(r, &h.unlock, RING_ALL, &fresh, &f));
	test_read_file(link, &after);
	assert_int_equal(before.len, after.len);
	assert_memory_not_equal(before.at, after.at, before.len);
	assert_memory_not_equal(before.at, after.at, 20);
	assert_refused(ring_unlock(r, RING_ALL, &h.unlock, &f), FAULT_INPUT);
	assert_ok(ring_unlock(r, RING_ALL, &fresh, &f));
	assert_keys_open(r);
	ring_close(r);
	bytes_free(&before);
	bytes_free(&after);
	secret_free(&fresh.text);
	home_end(&h);
}

static void
in_a_split_home_each_unlock_opens_its_branch_alone(void **state)
{
	static const unsigned bits[] = { RING_RELEASE, RING_EXPORT,
		RING_REVEAL };
	struct ring_unlock each[3] = { { 0 } }, fresh = { 0 };
	struct ring_init init;
	struct home h;
	struct ring *r;

	(void)state;
	home_new(&h);
	init = whole_init(&h);
	init.split = true;
	for (unsigned b = 0; b < 3; b++) {
		new_identity_file(&each[b], RING_IDENTITY, NULL);
		init.unlock[b] = &each[b];
	}
	assert_ok(ring_create(&r, h.fd, &init, &f));
	ring_close(r);
	assert_int_equal(faccessat(h.fd, "keys/root.age", F_OK, 0), -1);
	assert_ok(ring_open(&r, h.fd, &f));
	assert_true(ring_is_split(r));
	for (unsigned b = 0; b < 3; b++) {
		for (unsigned k = 0; k < 3; k++)
			if (k != b)
				assert_refused(
				    ring_unlock(r, bits[b], &each[k], &f),
				    FAULT_INPUT);
		assert_refused(
		    ring_unlock(r, RING_ALL, &each[b], &f), FAULT_INPUT);
		assert_ok(ring_unlock(r, bits[b], &each[b], &f));
		assert_false(ring_unlocked(r, RING_ALL & ~bits[b]));
		ring_lock(r, RING_ALL);
	}
	/* One is lost: the recovery sets it anew, and no other. */
	new_identity_file(&fresh, RING_IDENTITY, NULL);
	assert_ok(ring_rewrap(r, &h.recovery, RING_REVEAL, &fresh, &f));
	assert_refused(ring_unlock(r, RING_REVEAL, &each[2], &f), FAULT_INPUT);
	assert_ok(ring_unlock(r, RING_REVEAL, &fresh, &f));
	assert_ok(ring_unlock(r, RING_RELEASE, &each[0], &f));
	assert_ok(ring_unlock(r, RING_EXPORT, &each[1], &f));
	assert_keys_open(r);
	ring_close(r);
	for (unsigned b = 0; b < 3; b++)
		secret_free(&each[b].text);
	secret_free(&fresh.text);
	home_end(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_ring_is_unlocked_and_opens_again_locked),
		cmocka_unit_test(
		    what_a_crash_left_goes_when_it_is_unlocked_and_not_before),
		cmocka_unit_test(nobody_but_us_can_read_any_of_its_files),
		cmocka_unit_test(unlocking_one_branch_leaves_the_others_locked),
		cmocka_unit_test(a_passphrase_opens_and_a_wrong_one_says_so),
		cmocka_unit_test(
		    a_stranger_s_identity_or_a_passphrase_does_not_open),
		cmocka_unit_test(
		    the_recovery_identity_opens_and_sets_a_new_unlock),
		cmocka_unit_test(
		    a_changed_unlock_shuts_out_the_old_one_and_overwrites_its_wrap),
		cmocka_unit_test(
		    in_a_split_home_each_unlock_opens_its_branch_alone),
	};

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
