/* gateway/package: whom a shard is about. */

#include "tests/support/shard.h"

static struct batch batch;

static void
add(struct persons *p, const char *subject)
{
	const struct slice s = slice_of_text(subject);
	struct fault f = { 0 };

	assert_ok(persons_add(p, batch.person, &s, &f));
}

/* What was written, the caller's to bytes_free(). */
static void
written(struct persons *p, struct bytes *out)
{
	struct fault f = { 0 };
	int fd = memory_fd("", 0);

	bytes_init(out, (size_t)1 << 24);
	assert_ok(persons_write(p, fd, &f));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_ok(file_read_fd(fd, out, &f));
	file_close(&fd);
}

static void
each_person_is_there_once_and_in_order(void **state)
{
	char name[16];
	struct persons p;
	struct bytes out;

	(void)state;
	persons_init(&p);
	for (unsigned i = 0; i < 12000; i++) { /* past several growths */
		(void)snprintf(name, sizeof(name), "p%u", i % 5000);
		add(&p, name);
	}
	assert_int_equal(p.n, 5000);
	written(&p, &out);
	assert_int_equal(out.len, 5000 * TOKEN_MAC_BYTES);
	for (size_t i = TOKEN_MAC_BYTES; i < out.len; i += TOKEN_MAC_BYTES)
		assert_true(memcmp(out.at + i - TOKEN_MAC_BYTES, out.at + i,
				TOKEN_MAC_BYTES) < 0);
	bytes_free(&out);
	persons_free(&p);
}

static void
a_person_is_the_mac_of_the_subjects_text(void **state)
{
	uint8_t want[TOKEN_MAC_BYTES];
	struct persons p;
	struct bytes out;

	(void)state;
	persons_init(&p);
	add(&p, "ann");
	add(&p, "ann");
	written(&p, &out);
	token_mac(batch.person, "ann", 3, want);
	assert_int_equal(out.len, sizeof(want));
	assert_memory_equal(out.at, want, sizeof(want));
	bytes_free(&out);
	persons_free(&p);
}

static void
who_is_not_named_is_nobody(void **state)
{
	struct persons p;
	struct bytes out;

	(void)state;
	persons_init(&p);
	add(&p, "");
	assert_int_equal(p.n, 0);
	add(&p, "ann");
	add(&p, "");
	add(&p, "ann");
	assert_int_equal(p.n, 1);
	written(&p, &out);
	assert_int_equal(out.len, TOKEN_MAC_BYTES);
	bytes_free(&out);
	persons_free(&p);
}

static void
memory_that_ends_leaves_what_was_there(void **state)
{
	const struct slice s = slice_of_text("bob");
	struct fault f = { 0 };
	struct persons p;

	(void)state;
	persons_init(&p);
	mem_fail_after(0);
	assert_refused(persons_add(&p, batch.person, &s, &f), FAULT_SYSTEM);
	mem_fail_after(-1);
	persons_free(&p);
	persons_init(&p);
	add(&p, "bob");
	assert_int_equal(p.n, 1);
	persons_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_person_is_there_once_and_in_order),
		cmocka_unit_test(a_person_is_the_mac_of_the_subjects_text),
		cmocka_unit_test(who_is_not_named_is_nobody),
		cmocka_unit_test(memory_that_ends_leaves_what_was_there),
	};
	int failed;

	batch_start(&batch);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	batch_end(&batch);
	return failed;
}
