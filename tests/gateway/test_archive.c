/* Headers of archives as written and as claimed; names that a backup has. */

#include <stdio.h>
#include <string.h>

#include "gateway/flow/archive_internal.h"
#include "gateway/package/package.h"
#include "keys/base/secret.h"
#include "tests/support/test.h"

static struct fault f;

/* Written, claimed back, and the same bytes again. */
static void
comes_back(const char *name, uint64_t size)
{
	uint8_t header[TAR_HEADER_MAX], again[TAR_HEADER_MAX];
	char claimed[TAR_NAME_MAX + 2];
	size_t len = tar_header(header, name, size);
	uint64_t bytes;
	bool more;

	assert_true(tar_claims(header, TAR_BLOCK, claimed, &bytes, &more));
	assert_int_equal(more, len != TAR_BLOCK);
	if (more)
		assert_true(tar_claims(header, len, claimed, &bytes, &more));
	assert_string_equal(claimed, name);
	assert_true(bytes == size);
	assert_int_equal(tar_header(again, claimed, bytes), len);
	assert_memory_equal(again, header, len);
}

static void
a_header_comes_back_whatever_its_name_and_size(void **state)
{
	char name[TAR_NAME_MAX + 1];

	(void)state;
	for (size_t len = 1; len <= TAR_NAME_MAX; len++) {
		memset(name, 'a', len);
		name[len] = '\0';
		if (len > 60)
			name[len - 55] = '/';
		comes_back(name, 1);
		comes_back(name, 077777777777);
		comes_back(name, 0100000000000);
		comes_back(name, UINT64_C(1) << 52);
	}
}

static void
a_name_without_a_slash_where_it_must_be_split_does_not_fit(void **state)
{
	char name[200];

	(void)state;
	memset(name, 'a', sizeof(name));
	name[99] = '\0';
	assert_true(tar_name_fits(name));
	name[99] = 'a';
	name[100] = '\0';
	assert_false(tar_name_fits(name));
	name[0] = '/';
	assert_false(tar_name_fits(name));
	name[0] = 'a';
	name[1] = '/';
	assert_true(tar_name_fits(name));
	name[100] = 'a';
	name[TAR_NAME_MAX + 1] = '\0';
	name[80] = '/';
	assert_false(tar_name_fits(name));
}

static void
no_other_header_of_that_name_and_size_is_the_same(void **state)
{
	uint8_t header[TAR_HEADER_MAX], again[TAR_HEADER_MAX];
	char claimed[TAR_NAME_MAX + 2];
	size_t len =
	    tar_header(header, "keys/release/log/1.age", 0100000000000);
	uint64_t bytes;
	bool more;

	(void)state;
	for (size_t i = 0; i < len; i++) {
		header[i] ^= 1;
		if (tar_claims(header, len, claimed, &bytes, &more) && !more &&
		    tar_name_fits(claimed) && bytes == 0100000000000 &&
		    strcmp(claimed, "keys/release/log/1.age") == 0 &&
		    tar_header(again, claimed, bytes) == len)
			assert_true(memcmp(again, header, len) != 0);
		header[i] ^= 1;
	}
}

static void
a_backup_has_names_of_a_home_and_no_others(void **state)
{
	static const char *const good[] = { "catalog.db", "log.vkey",
		"keys/home.json", "keys/release/shard/b-aa/1.age",
		"owners/h-a/card", "objects/aa/ff", "quarantine/r-a/1.sha256",
		"a", NULL };
	static const char *const bad[] = { "", "/", "a/", "/a", "a//b", ".",
		"..", "../a", "a/../b", "a/.b", ".a", "a/./b", "run/x", "log",
		"log/checkpoint", "lock", "drafts/x", "catalog.db-wal",
		"catalog.db/x", "a/b/c/d/e/f", "a b", "a\nb", "a\\b", "a:b",
		"\xc3\xa4", "keys/..", NULL };

	(void)state;
	for (const char *const *x = good; *x != NULL; x++)
		assert_true(archive_name_valid(*x));
	for (const char *const *x = bad; *x != NULL; x++)
		if (archive_name_valid(*x))
			fail_msg("\"%s\" is taken", *x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_header_comes_back_whatever_its_name_and_size),
		cmocka_unit_test(
		    a_name_without_a_slash_where_it_must_be_split_does_not_fit),
		cmocka_unit_test(
		    no_other_header_of_that_name_and_size_is_the_same),
		cmocka_unit_test(a_backup_has_names_of_a_home_and_no_others),
	};

	must(secret_start(&f) == 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
