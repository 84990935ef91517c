/* gateway/package: what files are delivered as, for values that name files. */

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/package/package.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"
#include "tests/support/test.h"

static struct fault f;
static struct token_key *item;

static int
setup(void **state)
{
	(void)state;
	assert_ok(secret_start(&f));
	assert_ok(pseudonym_start(&f));
	assert_ok(
	    token_key_new(&item, "item5678item5678item5678item5678", 32, &f));
	return 0;
}

static struct package_refs *
table(const struct package_ref *list, uint32_t n)
{
	struct package_refs *r;
	int fd;

	assert_ok(package_refs_write(&fd, list, n, &f));
	assert_ok(package_refs_open(&r, fd, item, &f));
	(void)close(fd);
	return r;
}

static int
find(const struct package_refs *r, enum transform_by by, const char *value,
    struct bytes *out)
{
	const struct transform_refs *use = package_refs_use(r);
	struct slice v = slice_of_text(value);

	f = (struct fault){ 0 };
	bytes_reset(out);
	return use->find(use->arg, by, &v, out, &f);
}

/* It is what is delivered of that original id, with that behind it. */
static void
assert_found(const struct package_refs *r, enum transform_by by,
    const char *value, const char *original, const char *rest)
{
	char want[TOKEN_CHARS + 20];
	struct bytes out;

	bytes_init(&out, 100);
	if (find(r, by, value, &out) != 0)
		fail_msg("%s: %s", value, f.text);
	token_make(item, original, strlen(original), want);
	strcat(want, rest);
	assert_int_equal(out.len, strlen(want));
	assert_memory_equal(out.at, want, out.len);
	bytes_free(&out);
}

static void
assert_dangling(const struct package_refs *r, enum transform_by by,
    const char *value, const char *why)
{
	struct bytes out;

	bytes_init(&out, 100);
	assert_refused(find(r, by, value, &out), FAULT_POLICY);
	assert_string_equal(f.text, why);
	assert_int_equal(out.len, 0);
	bytes_free(&out);
}

static const char none[] = "names no file that leaves as an item";
static const char many[] = "names more than one file that leaves";

static void
a_value_becomes_the_delivered_name_of_the_file_it_names(void **state)
{
	static const struct package_ref list[] = { { "a/x.jpeg", "jpg", 0,
						       { NULL, 0 } },
		{ "b/x.png", "png", 0, { NULL, 0 } },
		{ "b/y.tar.gz", "txt", 0, { NULL, 0 } },
		{ ".hidden", "txt", 0, { NULL, 0 } },
		{ "z", "txt", 0, { NULL, 0 } } };
	struct package_refs *r = table(list, 5);

	(void)state;
	assert_found(r, BY_PATH, "a/x.jpeg", "a/x.jpeg", ".jpg");
	assert_found(r, BY_PATH, "./a/x.jpeg", "a/x.jpeg", ".jpg");
	assert_found(r, BY_PATH, "z", "z", ".txt");
	assert_found(r, BY_BASENAME, "x.png", "b/x.png", ".png");
	assert_found(r, BY_IDENTIFIER, "y.tar", "b/y.tar.gz", "");
	assert_found(r, BY_IDENTIFIER, ".hidden", ".hidden", "");
	assert_found(r, BY_IDENTIFIER, "z", "z", "");
	package_refs_close(r);
}

static void
what_names_no_file_or_several_is_dangling(void **state)
{
	static const struct package_ref list[] = { { "a/x.jpeg", "jpg", 0,
						       { NULL, 0 } },
		{ "b/x.png", "png", 0, { NULL, 0 } },
		{ "c/x.png", "png", 0, { NULL, 0 } },
		{ "c/q.png", "png", 0, { NULL, 0 } } };
	struct package_refs *r = table(list, 4);

	(void)state;
	assert_dangling(r, BY_PATH, "x.jpeg", none);
	assert_dangling(r, BY_PATH, "a/X.jpeg", none);
	assert_dangling(r, BY_PATH, "a/x.jpeg ", none);
	assert_dangling(r, BY_PATH, "/a/x.jpeg", none);
	assert_dangling(r, BY_PATH, "a", none);
	assert_dangling(r, BY_PATH, "./", none);
	assert_dangling(r, BY_BASENAME, "a/x.jpeg", none);
	assert_dangling(r, BY_BASENAME, "x.png", many);
	assert_dangling(r, BY_IDENTIFIER, "x", many);
	assert_dangling(r, BY_IDENTIFIER, "q.png", none);
	assert_found(r, BY_IDENTIFIER, "q", "c/q.png", "");
	package_refs_close(r);
	r = table(NULL, 0);
	assert_dangling(r, BY_PATH, "a", none);
	package_refs_close(r);
}

static void
a_file_of_an_item_of_several_is_named_after_that(void **state)
{
	static const struct package_ref list[] = {
		{ "c/1/a.jpg", "jpg", 1, { (const uint8_t *)"c/1", 3 } },
		{ "c/1/b.json", "json", 12, { (const uint8_t *)"1.2.3", 5 } }
	};
	struct package_refs *r = table(list, 2);

	(void)state;
	assert_found(r, BY_PATH, "c/1/a.jpg", "c/1", ".0001.jpg");
	assert_found(r, BY_BASENAME, "b.json", "1.2.3", ".0012.json");
	assert_found(r, BY_IDENTIFIER, "b", "1.2.3", "");
	package_refs_close(r);
}

static void
many_files_are_all_found_and_nothing_else(void **state)
{
	enum { N = 20000 };
	static char paths[N][16];
	static struct package_ref list[N];
	struct package_refs *r;

	(void)state;
	for (unsigned i = 0; i < N; i++) {
		(void)snprintf(
		    paths[i], sizeof(paths[i]), "d%u/%u.jpg", i % 7, i);
		list[i] =
		    (struct package_ref){ paths[i], "jpg", 0, { NULL, 0 } };
	}
	r = table(list, N);
	for (unsigned i = 0; i < N; i++) {
		assert_found(r, BY_PATH, paths[i], paths[i], ".jpg");
		assert_found(r, BY_BASENAME, strchr(paths[i], '/') + 1,
		    paths[i], ".jpg");
	}
	assert_dangling(r, BY_IDENTIFIER, "20000", none);
	package_refs_close(r);
}

static void
the_table_is_sealed_and_another_file_is_none(void **state)
{
	static const struct package_ref list[] = { { "a", "jpg", 0,
	    { NULL, 0 } } };
	struct package_refs *r;
	int fd, other;

	(void)state;
	assert_ok(package_refs_write(&fd, list, 1, &f));
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(fd, 0), -1);
	(void)close(fd);
	other = memfd_create("x", MFD_CLOEXEC);
	assert_refused(package_refs_open(&r, other, item, &f), FAULT_INPUT);
	assert_int_equal(write(other,
			     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			     "xxxxxxxxxxxxxxxxxx",
			     59),
	    59);
	f = (struct fault){ 0 };
	assert_refused(package_refs_open(&r, other, item, &f), FAULT_INPUT);
	(void)close(other);
}

static void
every_allocation_may_fail(void **state)
{
	static const struct package_ref list[] = { { "a", "jpg", 0,
	    { NULL, 0 } } };
	bool done = false;

	(void)state;
	for (long n = 0; !done; n++) {
		struct package_refs *r;
		int fd;

		f = (struct fault){ 0 };
		mem_fail_after(n);
		done = package_refs_write(&fd, list, 1, &f) == 0;
		if (done) {
			done = package_refs_open(&r, fd, item, &f) == 0;
			(void)close(fd);
		}
		mem_fail_after(-1);
		if (!done)
			assert_int_equal(f.kind, FAULT_SYSTEM);
		else
			package_refs_close(r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_value_becomes_the_delivered_name_of_the_file_it_names),
		cmocka_unit_test(what_names_no_file_or_several_is_dangling),
		cmocka_unit_test(
		    a_file_of_an_item_of_several_is_named_after_that),
		cmocka_unit_test(many_files_are_all_found_and_nothing_else),
		cmocka_unit_test(the_table_is_sealed_and_another_file_is_none),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
