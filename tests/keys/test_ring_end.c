/* keys/ring: keys that are destroyed, runs of shards, and the list of what is
 * there. */

#include "tests/keys/ring_home.h"

#include <stdio.h>

#include "keys/base/mem.h"

static void
a_destroyed_key_is_overwritten_and_gone(void **state)
{
	const struct ring_name name = { RING_DOMAIN, "acme", 0 };
	struct bytes before, after;
	struct secret s;
	char link[96];
	struct home h;

	(void)state;
	home_with_ring(&h);
	unlock_all(&h);
	assert_ok(ring_make_secret(h.r, &name, &s, &f));
	secret_free(&s);
	(void)snprintf(link, sizeof(link), "%s/link", h.path);
	assert_int_equal(
	    linkat(h.fd, "keys/export/domain/acme.age", h.fd, "link", 0), 0);
	test_read_file(link, &before);
	assert_ok(ring_destroy(h.r, &name, &f));
	assert_false(ring_has(h.r, &name));
	test_read_file(link, &after);
	assert_int_equal(before.len, after.len);
	assert_memory_not_equal(before.at, after.at, 16);
	assert_memory_not_equal(
	    before.at + before.len - 16, after.at + after.len - 16, 16);
	assert_refused(ring_get_secret(h.r, &name, &s, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "destroyed"));
	assert_ok(ring_destroy(h.r, &name, &f));
	bytes_free(&before);
	bytes_free(&after);
	home_end(&h);
}

static void
shards_go_by_number_and_the_last_takes_the_folder(void **state)
{
	struct ring_name name = { RING_SHARD, "b-1", 0 };
	uint8_t public[20][32];
	struct age_identity id;
	struct age_recipient to;
	struct home h;

	(void)state;
	home_with_ring(&h);
	unlock_all(&h);
	assert_ok(ring_make_shards(h.r, "b-1", 0, 10, public, &f));
	assert_ok(ring_make_shards(h.r, "b-1", 10, 10, public + 10, &f));
	assert_ok(ring_make_shards(h.r, "b-2", 0, 1, public, &f));
	assert_ok(ring_destroy_shards(h.r, "b-1", 3, 7, &f));
	assert_ok(ring_destroy_shards(h.r, "b-1", 3, 7, &f));
	for (name.number = 0; name.number < 22; name.number++) {
		bool want =
		    name.number < 3 || (name.number >= 10 && name.number < 20);

		assert_int_equal(ring_has(h.r, &name), want);
		if (!want) {
			assert_refused(ring_get_identity(h.r, &name, &id, &f),
			    FAULT_INPUT);
			continue;
		}
		assert_ok(ring_get_identity(h.r, &name, &id, &f));
		assert_ok(age_identity_recipient(&to, &id, &f));
		if (name.number >= 3)
			assert_memory_equal(to.key, public[name.number], 32);
		age_identity_free(&id);
	}
	assert_true(is_there(&h, "keys/release/shard/b-1"));
	assert_ok(ring_destroy_shards(h.r, "b-1", 0, 20, &f));
	assert_false(is_there(&h, "keys/release/shard/b-1"));
	assert_true(is_there(&h, "keys/release/shard/b-2/0.age"));
	assert_ok(ring_destroy_shards(h.r, "b-1", 0, 20, &f));
	home_end(&h);
}

static void
shards_are_all_made_or_none_when_memory_ends(void **state)
{
	uint8_t public[4][32];
	struct home h;
	bool done = false;

	(void)state;
	home_with_ring(&h);
	unlock_all(&h);
	for (long n = 0; !done; n++) {
		mem_fail_after(n);
		f = (struct fault){ 0 };
		done = ring_make_shards(h.r, "b", 0, 4, public, &f) == 0;
		mem_fail_after(-1);
		if (!done) {
			assert_int_equal(f.kind, FAULT_SYSTEM);
			assert_false(
			    is_there(&h, "keys/release/shard/b/0.age"));
		}
	}
	assert_true(is_there(&h, "keys/release/shard/b/3.age"));
	home_end(&h);
}

struct seen {
	unsigned files, keys;
	bool shard, log, record, stray;
};

static int
see(void *arg, const struct ring_file *file, struct fault *fault)
{
	struct seen *s = arg;

	(void)fault;
	s->files++;
	s->keys += file->is_key;
	if (file->is_key && file->name.kind == RING_SHARD) {
		assert_string_equal(file->name.id, "b-1");
		assert_int_equal(file->name.number, 12);
		assert_string_equal(
		    file->path, "keys/release/shard/b-1/12.age");
		s->shard = true;
	}
	if (file->is_key && file->name.kind == RING_VENDOR_SIGN) {
		assert_string_equal(file->name.id, "x.age");
		assert_string_equal(
		    file->path, "keys/release/vendor-sign/x.age.age");
		s->log = true;
	}
	if (strcmp(file->path, "keys/home.json") == 0)
		s->record = !file->is_key;
	if (strcmp(file->path, "keys/release/shard/b-1/012.age") == 0)
		s->stray = !file->is_key;
	return s->files > 100 ? fault_set(fault, FAULT_SYSTEM, "enough") : 0;
}

static int
refuse(void *arg, const struct ring_file *file, struct fault *fault)
{
	(void)arg;
	return fault_set(fault, FAULT_PEER, "%s: no", file->path);
}

static void
every_file_is_listed_with_its_name(void **state)
{
	const struct ring_name shard = { RING_SHARD, "b-1", 12 };
	const struct ring_name sign = { RING_VENDOR_SIGN, "x.age", 0 };
	struct seen s = { 0 };
	uint8_t public[32];
	struct home h;

	(void)state;
	home_with_ring(&h);
	unlock_all(&h);
	assert_ok(ring_make_identity(h.r, &shard, public, &f));
	assert_ok(ring_make_sign_key(h.r, &sign, public, &f));
	assert_int_equal(linkat(h.fd, "keys/release/shard/b-1/12.age", h.fd,
			     "keys/release/shard/b-1/012.age", 0),
	    0);
	assert_int_equal(
	    linkat(h.fd, "keys/home.json", h.fd, "keys/reveal/.draft-x", 0), 0);
	assert_ok(ring_each(h.r, see, &s, &f));
	/* home.json, the root twice, three branches, two keys, a stray */
	assert_int_equal(s.files, 9);
	assert_int_equal(s.keys, 2);
	assert_true(s.shard && s.log && s.record && s.stray);
	assert_refused(ring_each(h.r, refuse, NULL, &f), FAULT_PEER);
	assert_int_equal(symlinkat("/etc/passwd", h.fd, "keys/export/x"), 0);
	assert_refused(ring_each(h.r, see, &s, &f), FAULT_INPUT);
	home_end(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_destroyed_key_is_overwritten_and_gone),
		cmocka_unit_test(
		    shards_go_by_number_and_the_last_takes_the_folder),
		cmocka_unit_test(shards_are_all_made_or_none_when_memory_ends),
		cmocka_unit_test(every_file_is_listed_with_its_name),
	};

	if (secret_start(&f) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
