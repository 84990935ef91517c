/* keys/age: what is sealed opens again, for whom it was sealed, and only so. */

#include "tests/support/test.h"

#include <string.h>

#include "keys/age/age.h"
#include "keys/base/mem.h"

struct pair {
	struct age_identity id;
	struct age_recipient to;
};

static void
pair_new(struct pair *p)
{
	struct fault f = { 0 };

	assert_ok(age_identity_new(&p->id, &f));
	assert_ok(age_identity_recipient(&p->to, &p->id, &f));
}

static void
pair_free(struct pair *p)
{
	age_identity_free(&p->id);
	age_recipient_free(&p->to);
}

static void
a_small_file_opens_for_each_of_its_recipients(void **state)
{
	struct fault f = { 0 };
	struct pair a, b, stranger;
	struct age_recipient to[2];
	struct secret out;
	struct bytes file;

	(void)state;
	pair_new(&a);
	pair_new(&b);
	pair_new(&stranger);
	to[0] = a.to;
	to[1] = b.to;
	bytes_init(&file, 1 << 20);
	assert_ok(age_seal_small(&file, to, 2, "wrapped", 7, &f));
	assert_ok(age_open_small(&out, file.at, file.len, &a.id, 1, &f));
	assert_int_equal(out.len, 7);
	assert_memory_equal(out.at, "wrapped", 7);
	secret_free(&out);
	assert_ok(age_open_small(&out, file.at, file.len, &b.id, 1, &f));
	secret_free(&out);
	assert_refused(
	    age_open_small(&out, file.at, file.len, &stranger.id, 1, &f),
	    FAULT_INPUT);
	assert_null(out.at);
	bytes_free(&file);
	pair_free(&a);
	pair_free(&b);
	pair_free(&stranger);
}

static void
a_rewrapped_header_opens_the_same_payload_for_others(void **state)
{
	struct fault f = { 0 };
	struct pair shard, vendor;
	struct age_header h;
	struct bytes file, again;
	struct secret out;

	(void)state;
	pair_new(&shard);
	pair_new(&vendor);
	bytes_init(&file, 1 << 20);
	bytes_init(&again, 1 << 20);
	assert_ok(age_seal_small(&file, &shard.to, 1, "photos", 6, &f));
	assert_ok(age_header_read(&h, file.at, file.len, &f));
	assert_ok(age_header_rewrap(&again, &h, &shard.id, &vendor.to, 1, &f));
	assert_ok(bytes_add(&again, file.at + h.len, file.len - h.len, &f));
	assert_ok(age_open_small(&out, again.at, again.len, &vendor.id, 1, &f));
	assert_memory_equal(out.at, "photos", 6);
	secret_free(&out);
	assert_refused(
	    age_open_small(&out, again.at, again.len, &shard.id, 1, &f),
	    FAULT_INPUT);
	age_header_free(&h);
	bytes_free(&file);
	bytes_free(&again);
	pair_free(&shard);
	pair_free(&vendor);
}

int
main(void)
{
	struct fault f = { 0 };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_file_opens_for_each_of_its_recipients),
		cmocka_unit_test(
		    a_rewrapped_header_opens_the_same_payload_for_others),
	};

	must(secret_start(&f) == 0);
	return cmocka_run_group_tests_name("age", tests, NULL, NULL);
}
