/* keys/ring: single keys, made by who may, opened as what they are. */

#include "tests/keys/ring_home.h"

#include <stdio.h>
#include <sys/stat.h>

/* Which branch makes keys of a kind, and which opens them. */
static const struct {
	unsigned makes, opens;
} branch_of[RING_KINDS] = {
	[RING_DOMAIN] = { RING_EXPORT, RING_EXPORT },
	[RING_SEED] = { RING_EXPORT, RING_EXPORT },
	[RING_SUBJECT] = { RING_EXPORT, RING_EXPORT },
	[RING_MANIFEST] = { RING_EXPORT, RING_EXPORT },
	[RING_SHARD] = { RING_RELEASE, RING_RELEASE },
	[RING_LOG] = { RING_RELEASE, RING_RELEASE },
	[RING_TLS] = { RING_RELEASE, RING_RELEASE },
	[RING_VENDOR] = { RING_RELEASE, RING_RELEASE },
	[RING_VENDOR_SIGN] = { RING_RELEASE, RING_RELEASE },
	[RING_RETURN] = { RING_EXPORT, RING_REVEAL },
	[RING_OFFICER] = { RING_REVEAL, RING_REVEAL },
	[RING_OFFICER_SIGN] = { RING_REVEAL, RING_REVEAL },
};

static void
unlock_only(struct home *h, unsigned branches)
{
	ring_lock(h->r, RING_ALL);
	if (branches != 0)
		assert_ok(ring_unlock(h->r, branches, &h->unlock, &f));
}

static void
every_kind_is_made_and_opened_by_its_branch_and_by_no_other(void **state)
{
	struct home h;

	(void)state;
	home_with_ring(&h);
	for (unsigned k = 0; k < RING_KINDS; k++) {
		struct ring_name name = { (enum ring_kind)k, "one.two-3", 7 };
		struct secret made = { 0 }, got = { 0 };
		uint8_t public[32], again[32];
		struct age_identity id;
		struct age_recipient to;
		struct sign_key key;

		assert_false(ring_has(h.r, &name));
		unlock_only(
		    &h, RING_ALL & ~branch_of[k].makes & ~branch_of[k].opens);
		switch (k) {
		case RING_DOMAIN:
		case RING_SEED:
		case RING_SUBJECT:
			assert_refused(ring_make_secret(h.r, &name, &made, &f),
			    FAULT_POLICY);
			unlock_only(&h, branch_of[k].makes);
			assert_ok(ring_make_secret(h.r, &name, &made, &f));
			unlock_only(&h, RING_ALL & ~branch_of[k].opens);
			assert_refused(ring_get_secret(h.r, &name, &got, &f),
			    FAULT_POLICY);
			unlock_only(&h, branch_of[k].opens);
			assert_ok(ring_get_secret(h.r, &name, &got, &f));
			assert_int_equal(got.len, 32);
			assert_memory_equal(got.at, made.at, 32);
			secret_free(&made);
			secret_free(&got);
			break;
		case RING_MANIFEST:
		case RING_LOG:
		case RING_TLS:
		case RING_VENDOR_SIGN:
		case RING_OFFICER_SIGN:
			assert_refused(
			    ring_make_sign_key(h.r, &name, public, &f),
			    FAULT_POLICY);
			unlock_only(&h, branch_of[k].makes);
			assert_ok(ring_make_sign_key(h.r, &name, public, &f));
			unlock_only(&h, RING_ALL & ~branch_of[k].opens);
			assert_refused(ring_get_sign_key(h.r, &name, &key, &f),
			    FAULT_POLICY);
			unlock_only(&h, branch_of[k].opens);
			assert_ok(ring_get_sign_key(h.r, &name, &key, &f));
			sign_key_public(&key, again);
			assert_memory_equal(public, again, 32);
			sign_key_free(&key);
			break;
		default:
			assert_refused(
			    ring_make_identity(h.r, &name, public, &f),
			    FAULT_POLICY);
			unlock_only(&h, branch_of[k].makes);
			assert_ok(ring_make_identity(h.r, &name, public, &f));
			unlock_only(&h, RING_ALL & ~branch_of[k].opens);
			assert_refused(ring_get_identity(h.r, &name, &id, &f),
			    FAULT_POLICY);
			unlock_only(&h, branch_of[k].opens);
			assert_ok(ring_get_identity(h.r, &name, &id, &f));
			assert_ok(age_identity_recipient(&to, &id, &f));
			assert_memory_equal(public, to.key, 32);
			age_identity_free(&id);
		}
		assert_true(ring_has(h.r, &name));
	}
	home_end(&h);
}

static void
a_second_key_of_a_name_is_refused_and_the_first_stays(void **state)
{
	const struct ring_name seed = { RING_SEED, "b", 0 };
	const struct ring_name shard = { RING_SHARD, "b", 4 };
	struct secret made, again, got;
	uint8_t public[3][32];
	struct home h;

	(void)state;
	home_with_ring(&h);
	unlock_all(&h);
	assert_ok(ring_make_secret(h.r, &seed, &made, &f));
	assert_refused(ring_make_secret(h.r, &seed, &again, &f), FAULT_INPUT);
	assert_null(again.at);
	assert_ok(ring_get_secret(h.r, &seed, &got, &f));
	assert_memory_equal(got.at, made.at, 32);
	secret_free(&made);
	secret_free(&got);

	assert_ok(ring_make_identity(h.r, &shard, public[0], &f));
	/* 2, 3, 4: the third is taken, so none is made. */
	assert_refused(
	    ring_make_shards(h.r, "b", 2, 3, public, &f), FAULT_INPUT);
	assert_false(is_there(&h, "keys/release/shard/b/2.age"));
	assert_false(is_there(&h, "keys/release/shard/b/3.age"));
	assert_true(is_there(&h, "keys/release/shard/b/4.age"));
	assert_refused(
	    ring_make_shards(h.r, "b", UINT32_MAX, 3, public, &f), FAULT_INPUT);
	home_end(&h);
}

static void
names_that_could_lead_elsewhere_are_refused(void **state)
{
	static const char *const bad[] = { "", ".", "..", "../log/1", "a/b",
		"A", "a b", "-a", ".a", "a\n", "\xc3\xa4", "a_b",
		/* 97 characters */
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	struct home h;

	(void)state;
	home_with_ring(&h);
	unlock_all(&h);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ring_name log = { RING_LOG, bad[i], 0 };
		struct ring_name shard = { RING_SHARD, bad[i], 0 };
		struct sign_key key;
		uint8_t public[32];

		assert_refused(
		    ring_make_sign_key(h.r, &log, public, &f), FAULT_INPUT);
		assert_refused(
		    ring_get_sign_key(h.r, &log, &key, &f), FAULT_INPUT);
		assert_refused(
		    ring_make_identity(h.r, &shard, public, &f), FAULT_INPUT);
		assert_refused(ring_destroy(h.r, &log, &f), FAULT_INPUT);
		assert_refused(ring_destroy(h.r, &shard, &f), FAULT_INPUT);
		assert_false(ring_has(h.r, &log));
	}
	home_end(&h);
}

static void
the_file_of_another_key_is_noticed(void **state)
{
	const struct ring_name seeds[] = { { RING_SEED, "b-1", 0 },
		{ RING_SEED, "b-2", 0 } };
	const struct ring_name domain = { RING_DOMAIN, "b-2", 0 };
	const struct ring_name shards[] = { { RING_SHARD, "b-1", 0 },
		{ RING_SHARD, "b-1", 1 }, { RING_SHARD, "b-2", 0 } };
	struct age_identity id;
	uint8_t public[2][32];
	struct secret s, got;
	struct home h, other;

	(void)state;
	home_with_ring(&h);
	home_with_ring(&other);
	unlock_all(&h);
	unlock_all(&other);
	assert_ok(ring_make_secret(h.r, &seeds[0], &s, &f));
	secret_free(&s);
	/* Another id, another kind of the same branch. */
	assert_int_equal(linkat(h.fd, "keys/export/seed/b-1.age", h.fd,
			     "keys/export/seed/b-2.age", 0),
	    0);
	assert_int_equal(linkat(h.fd, "keys/export/seed/b-1.age", h.fd,
			     "keys/export/domain/b-2.age", 0),
	    0);
	assert_refused(ring_get_secret(h.r, &seeds[1], &got, &f), FAULT_FORGED);
	assert_non_null(strstr(f.text, "keys/export/seed/b-2.age"));
	assert_non_null(strstr(f.text, "holds another key"));
	assert_null(got.at);
	assert_refused(ring_get_secret(h.r, &domain, &got, &f), FAULT_FORGED);
	assert_ok(ring_get_secret(h.r, &seeds[0], &got, &f));
	secret_free(&got);
	/* Another shard of the batch, and of another batch. */
	assert_ok(ring_make_shards(h.r, "b-1", 0, 2, public, &f));
	assert_ok(ring_make_shards(h.r, "b-2", 0, 1, public, &f));
	assert_int_equal(renameat(h.fd, "keys/release/shard/b-1/1.age", h.fd,
			     "keys/release/shard/b-1/0.age"),
	    0);
	assert_refused(
	    ring_get_identity(h.r, &shards[0], &id, &f), FAULT_FORGED);
	assert_int_equal(renameat(h.fd, "keys/release/shard/b-1/0.age", h.fd,
			     "keys/release/shard/b-2/0.age"),
	    0);
	assert_refused(
	    ring_get_identity(h.r, &shards[2], &id, &f), FAULT_FORGED);
	/* The same name from another home. */
	assert_ok(ring_make_secret(other.r, &seeds[1], &s, &f));
	secret_free(&s);
	assert_int_equal(renameat(other.fd, "keys/export/seed/b-2.age", h.fd,
			     "keys/export/seed/b-2.age"),
	    0);
	assert_refused(ring_get_secret(h.r, &seeds[1], &got, &f), FAULT_FORGED);
	home_end(&other);
	home_end(&h);
}

static void
no_altered_byte_of_a_key_opens(void **state)
{
	const struct ring_name name = { RING_LOG, "1", 0 };
	static const char path[] = "keys/release/log/1.age";
	uint8_t public[32], c, bad;
	struct sign_key key;
	struct home h;
	struct stat st;
	int fd;

	(void)state;
	home_with_ring(&h);
	unlock_all(&h);
	assert_ok(ring_make_sign_key(h.r, &name, public, &f));
	fd = openat(h.fd, path, O_RDWR | O_CLOEXEC);
	assert_int_not_equal(fd, -1);
	assert_int_equal(fstat(fd, &st), 0);
	for (off_t at = 0; at < st.st_size; at++) {
		assert_int_equal(pread(fd, &c, 1, at), 1);
		bad = c ^ (uint8_t)(1u << at % 8);
		assert_int_equal(pwrite(fd, &bad, 1, at), 1);
		assert_refused(
		    ring_get_sign_key(h.r, &name, &key, &f), FAULT_FORGED);
		assert_null(key.pair.at);
		assert_int_equal(pwrite(fd, &c, 1, at), 1);
	}
	assert_ok(ring_get_sign_key(h.r, &name, &key, &f));
	sign_key_free(&key);
	for (off_t len = st.st_size - 1; len >= 0; len--) {
		assert_int_equal(ftruncate(fd, len), 0);
		assert_refused(
		    ring_get_sign_key(h.r, &name, &key, &f), FAULT_FORGED);
	}
	file_close(&fd);
	home_end(&h);
}

/* What an attacker could seal to the branch's recipient, which is public, is
 * still held to the form of a key. */
static void
what_is_sealed_to_the_branch_but_is_no_key_is_refused(void **state)
{
	static const char *const bodies[] = { "", "\n", "00\n",
		"-----BEGIN PRIVATE KEY-----\n", "AGE-SECRET-KEY-1\n",
		"000000000000000000000000000000000000000000000000000000000000"
		"000G\n",
		"000000000000000000000000000000000000000000000000000000000000"
		"0000",
		"000000000000000000000000000000000000000000000000000000000000"
		"0000\n\n" };
	const struct ring_name name = { RING_SEED, "b", 0 };
	struct bytes record, plain, sealed;
	struct age_recipient to;
	struct secret got;
	char path[96], *at;
	struct home h;
	int fd;

	(void)state;
	home_with_ring(&h);
	unlock_all(&h);
	(void)snprintf(path, sizeof(path), "%s/keys/home.json", h.path);
	test_read_file(path, &record);
	at = strstr((char *)record.at, "\"export\":\"");
	assert_non_null(at);
	assert_ok(age_recipient_read(&to, at + 10, strcspn(at + 10, "\""), &f));
	assert_ok(folder_open(h.fd, "keys/export/seed", &fd, &f));
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		bytes_init(&plain, 4096);
		bytes_init(&sealed, 4096);
		assert_ok(bytes_addf(&plain, &f,
		    "# handoff key v1\n# home %s\n# kind seed\n# id b\n%s",
		    ring_home(h.r), bodies[i]));
		assert_ok(
		    age_seal_small(&sealed, &to, 1, plain.at, plain.len, &f));
		assert_ok(
		    file_put(fd, "b.age", sealed.at, sealed.len, true, &f));
		assert_refused(
		    ring_get_secret(h.r, &name, &got, &f), FAULT_FORGED);
		assert_non_null(strstr(f.text, "keys/export/seed/b.age"));
		assert_null(got.at);
		bytes_free(&plain);
		bytes_free(&sealed);
	}
	file_close(&fd);
	bytes_free(&record);
	home_end(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_kind_is_made_and_opened_by_its_branch_and_by_no_other),
		cmocka_unit_test(
		    a_second_key_of_a_name_is_refused_and_the_first_stays),
		cmocka_unit_test(names_that_could_lead_elsewhere_are_refused),
		cmocka_unit_test(the_file_of_another_key_is_noticed),
		cmocka_unit_test(no_altered_byte_of_a_key_opens),
		cmocka_unit_test(
		    what_is_sealed_to_the_branch_but_is_no_key_is_refused),
	};

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
