/* gateway/package: shards and indexes that are not what they should be. */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

#include "tests/support/shard.h"

#define ID "abcdefghijklmnopqrstuvwxyz"
#define ID2 "bbcdefghijklmnopqrstuvwxyz"
#define ID3 "cbcdefghijklmnopqrstuvwxyz"

/* SHA-256 of "hello". */
#define HELLO "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static struct batch batch;

static int
begin(void **state)
{
	(void)state;
	batch_start(&batch);
	return 0;
}

static int
finish(void **state)
{
	(void)state;
	batch_end(&batch);
	return 0;
}

/* A tar with one member as our writer makes it. */
static void
tar_add(struct bytes *tar, const char *name, const char *content)
{
	uint8_t header[TAR_HEADER_MAX];
	static const uint8_t zeros[TAR_BLOCK];
	struct fault f = { 0 };
	size_t len = strlen(content);

	assert_ok(bytes_add(tar, header, tar_header(header, name, len), &f));
	assert_ok(bytes_add(tar, content, len, &f));
	assert_ok(bytes_add(tar, zeros, tar_padding(len), &f));
}

static void
tar_close(struct bytes *tar)
{
	static const uint8_t zeros[TAR_END];
	struct fault f = { 0 };

	assert_ok(bytes_add(tar, zeros, sizeof(zeros), &f));
}

static int
unpack(const struct bytes *tar, const char *index, const char *path,
    struct fault *f)
{
	struct package_payload shard, list;
	struct secret shard_key = { 0 }, list_key = { 0 };
	struct package_unpacked got;
	int fd[2], folder, rc;

	fd[0] = object_of(&batch, tar->at, tar->len);
	fd[1] = object_of(&batch, index, strlen(index));
	payload_of(&shard, &shard_key, fd[0], &batch);
	payload_of(&list, &list_key, fd[1], &batch);
	if (folder_open(AT_FDCWD, path, &folder, f) != 0)
		fail_msg("%s", f->text);
	rc = package_unpack(&shard, &list, folder, &got, f);
	file_close(&folder);
	file_close(&fd[0]);
	file_close(&fd[1]);
	secret_free(&shard_key);
	secret_free(&list_key);
	return rc;
}

static unsigned
files_in(const char *path)
{
	DIR *d = opendir(path);
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n - 2;
}

/* Refused, with nothing written and no draft left. */
static void
refused(const struct bytes *tar, const char *index, enum fault_kind kind,
    const char *why)
{
	struct fault f = { 0 };
	char path[64];

	test_folder(path);
	assert_refused(unpack(tar, index, path, &f), kind);
	if (strstr(f.text, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", f.text, why);
	assert_int_equal(files_in(path), 0);
	test_folder_remove(path);
}

#define FILE_LINE(bytes, item, member, sha, type)                         \
	"{\"bytes\":" bytes ",\"item\":\"" item "\",\"member\":\"" member \
	"\",\"sha256\":\"" sha "\",\"type\":\"" type "\"}\n"
#define GOOD FILE_LINE("5", ID, ID ".txt", HELLO, "text")
#define PART(bytes, items, member, sha)                                 \
	"{\"bytes\":" bytes ",\"items\":" items ",\"member\":\"" member \
	"\",\"sha256\":\"" sha "\",\"type\":\"csv\"}\n"
#define ROW(item, member) "{\"item\":\"" item "\",\"member\":\"" member "\"}\n"

static void
hello(struct bytes *tar)
{
	bytes_init(tar, 1 << 20);
	tar_add(tar, ID ".txt", "hello");
	tar_close(tar);
}

static void
what_index_and_shard_agree_on_is_written(void **state)
{
	struct fault f = { 0 };
	struct bytes tar;
	char path[64];

	(void)state;
	hello(&tar);
	test_folder(path);
	assert_ok(unpack(&tar, GOOD, path, &f));
	assert_int_equal(files_in(path), 1);
	/* and once more over it */
	assert_ok(unpack(&tar, GOOD, path, &f));
	assert_int_equal(files_in(path), 1);
	test_folder_remove(path);
	bytes_free(&tar);
}

static void
a_member_that_is_not_the_index_s_is_refused(void **state)
{
	static const char other[] = FILE_LINE("5", ID, ID ".txt",
	    "3cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
	    "text");
	struct bytes tar;

	(void)state;
	hello(&tar);
	refused(&tar, other, FAULT_FORGED, "digest");
	refused(&tar, FILE_LINE("4", ID, ID ".txt", HELLO, "text"),
	    FAULT_FORGED, "member");
	refused(&tar, FILE_LINE("5", ID, ID ".csv", HELLO, "text"),
	    FAULT_FORGED, "member");
	refused(&tar, FILE_LINE("5", ID2, ID2 ".txt", HELLO, "text"),
	    FAULT_FORGED, "member");
	refused(&tar, "", FAULT_FORGED, "bytes behind");
	bytes_free(&tar);
}

static void
a_tar_that_our_writer_would_not_make_is_refused(void **state)
{
	static const size_t places[] = { 0, 100, 110, 140, 156, 157, 257, 265,
		345, 511, 512 + 5 };
	struct bytes tar;

	(void)state;
	hello(&tar);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		tar.at[places[i]] ^= 1;
		refused(&tar, GOOD, FAULT_FORGED, "");
		tar.at[places[i]] ^= 1;
	}
	bytes_free(&tar);
}

static void
a_tar_cut_or_with_more_behind_it_is_refused(void **state)
{
	struct fault f = { 0 };
	struct bytes tar;
	char path[64];

	(void)state;
	hello(&tar);
	for (size_t len = 1; len < 1024; len += 73) {
		struct bytes cut = tar;

		cut.len = len;
		refused(&cut, GOOD, FAULT_FORGED, "");
	}
	test_folder(path);
	tar.len -= 1;
	assert_refused(unpack(&tar, GOOD, path, &f), FAULT_FORGED);
	tar.len += 1;
	assert_ok(bytes_add(&tar, "", 1, &f));
	assert_refused(unpack(&tar, GOOD, path, &f), FAULT_FORGED);
	test_folder_remove(path);
	bytes_free(&tar);
}

static void
members_before_a_bad_one_stay(void **state)
{
	struct fault f = { 0 };
	struct bytes tar;
	char path[64];

	(void)state;
	bytes_init(&tar, 1 << 20);
	tar_add(&tar, ID ".txt", "hello");
	tar_add(&tar, ID2 ".txt", "hullo");
	tar_close(&tar);
	test_folder(path);
	assert_refused(
	    unpack(&tar, GOOD FILE_LINE("5", ID2, ID2 ".txt", HELLO, "text"),
		path, &f),
	    FAULT_FORGED);
	assert_non_null(strstr(f.text, ID2));
	assert_int_equal(files_in(path), 1);
	test_folder_remove(path);
	bytes_free(&tar);
}

static void
names_that_lead_elsewhere_are_no_index_lines(void **state)
{
	static const char *const lines[] = {
		FILE_LINE("5", ID, "../" ID ".txt", HELLO, "text"),
		FILE_LINE("5", ID, ID ".sh", HELLO, "text"),
		FILE_LINE("5", ID, ID, HELLO, "text"),
		FILE_LINE("5", ID, ID ".txt.txt", HELLO, "text"),
		FILE_LINE("5", ID, ID2 ".txt", HELLO, "text"),
		FILE_LINE("5", "", ".txt", HELLO, "text"),
		FILE_LINE("5", "abc", "abc.txt", HELLO, "text"),
		FILE_LINE("5", ID "a", ID "a.txt", HELLO, "text"),
		FILE_LINE("5", "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ.txt", HELLO, "text"),
		FILE_LINE("5", "/bcdefghijklmnopqrstuvwxyz",
		    "/bcdefghijklmnopqrstuvwxyz.txt", HELLO, "text"),
	};
	struct bytes tar;

	(void)state;
	hello(&tar);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		refused(&tar, lines[i], FAULT_INPUT, "index: line 1");
	bytes_free(&tar);
}

/* The second would lie over the first, and both be counted. */
static void
a_member_named_twice_is_refused(void **state)
{
	static const char *const twice[] = { GOOD GOOD,
		GOOD FILE_LINE("5", ID2, ID2 ".txt", HELLO, "text") GOOD,
		GOOD FILE_LINE("5", ID, ID ".csv", HELLO, "text"),
		GOOD PART("5", "0", ID ".csv", HELLO) };
	struct fault f = { 0 };
	struct bytes tar;
	char path[64];

	(void)state;
	for (size_t i = 0; i < sizeof(twice) / sizeof(twice[0]); i++) {
		bytes_init(&tar, 1 << 20);
		tar_add(&tar, ID ".txt", "hello");
		tar_add(&tar,
		    i == 1   ? ID2 ".txt"
		    : i == 0 ? ID ".txt"
			     : ID ".csv",
		    "hello");
		if (i == 1)
			tar_add(&tar, ID ".txt", "hello");
		tar_close(&tar);
		test_folder(path);
		assert_refused(unpack(&tar, twice[i], path, &f), FAULT_INPUT);
		assert_non_null(strstr(f.text, "a member that was there"));
		test_folder_remove(path);
		bytes_free(&tar);
	}
}

/* Many, so that the table of them has grown, and each is found again. */
static void
of_many_members_each_is_known(void **state)
{
	struct fault f = { 0 };
	struct bytes tar, index;
	char path[64], id[TOKEN_CHARS + 1], name[TOKEN_CHARS + 5];

	(void)state;
	bytes_init(&tar, 1 << 20);
	bytes_init(&index, 1 << 20);
	for (unsigned i = 0; i < 300; i++) {
		memcpy(id, ID, sizeof(id));
		id[3] = (char)('a' + i % 20);
		id[7] = (char)('a' + i / 20);
		(void)snprintf(name, sizeof(name), "%s.txt", id);
		tar_add(&tar, name, "hello");
		assert_ok(bytes_addf(&index, &f,
		    FILE_LINE("5", "%s", "%s", HELLO, "text"), id, name));
	}
	tar_close(&tar);
	test_folder(path);
	assert_ok(bytes_end_text(&index, &f));
	assert_ok(unpack(&tar, (const char *)index.at, path, &f));
	assert_int_equal(files_in(path), 300);
	assert_ok(bytes_addf(
	    &index, &f, FILE_LINE("5", "%s", "%s", HELLO, "text"), id, name));
	assert_ok(bytes_end_text(&index, &f));
	tar.len -= TAR_END;
	tar_add(&tar, name, "hello");
	tar_close(&tar);
	assert_refused(
	    unpack(&tar, (const char *)index.at, path, &f), FAULT_INPUT);
	test_folder_remove(path);
	bytes_free(&index);
	bytes_free(&tar);
}

static void
an_index_line_has_one_spelling(void **state)
{
	static const char *const lines[] = {
		FILE_LINE("05", ID, ID ".txt", HELLO, "text"),
		FILE_LINE("5 ", ID, ID ".txt", HELLO, "text"),
		FILE_LINE("-5", ID, ID ".txt", HELLO, "text"),
		FILE_LINE("99999999999999999999", ID, ID ".txt", HELLO, "text"),
		FILE_LINE("5", ID, ID ".txt", "2CF2" HELLO, "text"),
		FILE_LINE("5", ID, ID ".txt", "2c", "text"),
		FILE_LINE("5,\"more\":1", ID, ID ".txt", HELLO, "text"),
		FILE_LINE("5,\"chars\":6", ID, ID ".txt", HELLO, "text"),
		FILE_LINE("5,\"chars\":0", ID, ID ".txt", HELLO, "text"),
		FILE_LINE("5,\"chars\":5", ID, ID ".txt", HELLO, "json"),
		" " GOOD,
		"{}\n",
		"\n",
		"[]\n",
		"{\"bytes\":5}\n",
		"{\"member\":\"" ID ".txt\"}\n",
	};
	struct bytes tar;

	(void)state;
	hello(&tar);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		refused(&tar, lines[i], FAULT_INPUT, "index: line 1");
	bytes_free(&tar);
}

static void
rows_follow_their_member_as_many_as_it_says(void **state)
{
	static const char part[] = PART("5", "2", ID ".csv", HELLO);
	struct fault f = { 0 };
	struct bytes tar;
	char path[64], index[1024];

	(void)state;
	bytes_init(&tar, 1 << 20);
	tar_add(&tar, ID ".csv", "hello");
	tar_close(&tar);
	test_folder(path);
	(void)snprintf(index, sizeof(index),
	    "%s" ROW(ID2, ID ".csv") ROW(ID3, ID ".csv"), part);
	assert_ok(unpack(&tar, index, path, &f));
	(void)snprintf(index, sizeof(index), "%s" ROW(ID2, ID ".csv"), part);
	assert_refused(unpack(&tar, index, path, &f), FAULT_INPUT);
	(void)snprintf(index, sizeof(index),
	    "%s" ROW(ID2, ID ".csv") ROW(ID3, ID ".csv") ROW(ID3, ID ".csv"),
	    part);
	assert_refused(unpack(&tar, index, path, &f), FAULT_INPUT);
	(void)snprintf(index, sizeof(index),
	    "%s" ROW(ID2, ID ".csv") ROW(ID3, ID2 ".csv"), part);
	assert_refused(unpack(&tar, index, path, &f), FAULT_INPUT);
	(void)snprintf(
	    index, sizeof(index), "%s" ROW(ID2, ID ".csv") "%s", part, part);
	assert_refused(unpack(&tar, index, path, &f), FAULT_INPUT);
	assert_refused(
	    unpack(&tar, ROW(ID2, ID ".csv"), path, &f), FAULT_INPUT);
	test_folder_remove(path);
	bytes_free(&tar);
}

static void
entries_read_back_as_they_were_written(void **state)
{
	static const struct package_entry entries[] = {
		{ .member = ID ".jpg",
		    .item = ID,
		    .type = "jpeg",
		    .bytes = 12345678901,
		    .items = 1,
		    .width = 4032,
		    .height = 3024 },
		{ .member = ID ".txt", .item = ID, .type = "text", .items = 1 },
		{ .member = ID ".txt",
		    .item = ID,
		    .type = "text",
		    .items = 1,
		    .bytes = 9,
		    .chars = 9 },
		{ .member = ID ".jsonl",
		    .type = "jsonl",
		    .bytes = 7,
		    .items = 3,
		    .sha256 = { 1, 2, 255 } },
		{ .row = true, .member = ID ".jsonl", .item = ID2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		struct package_entry back;
		struct fault f = { 0 };
		struct bytes b;

		memset(&back, 0, sizeof(back));
		bytes_init(&b, 1024);
		assert_ok(record_entry(&b, &entries[i], &f));
		assert_ok(record_read_entry(
		    &back, (const char *)b.at, b.len - 1, &f));
		assert_memory_equal(&back, &entries[i], sizeof(back));
		bytes_free(&b);
	}
}

static void
a_join_line_that_is_none_is_refused(void **state)
{
	static const char *const lines[] = {
		"{}\n",
		"[]\n",
		"{\"item\":\"" ID "\",\"member\":\"" ID ".csv\"}\n",
		"{\"item\":\"" ID ID "\",\"member\":\"" ID
		".csv\",\"original\":\"a\"}\n",
		"{\"item\":\"" ID "\",\"member\":\"" ID
		".csv\",\"original\":1}\n",
		"{\"item\":\"" ID "\",\"member\":\"" ID
		".csv\",\"original\":\"a\",\"orientation\":9}\n",
		"{\"item\":\"" ID "\",\"member\":\"" ID
		".csv\",\"original\":\"a\",\"more\":9}\n",
		"{\"item\":\"" ID "\",\"member\":\"" ID
		".csv\",\"original\":\"a\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct package_payload payload;
		struct package_join *x = NULL;
		struct package_origin o;
		struct secret key = { 0 };
		struct fault f = { 0 };
		bool end;
		int fd = object_of(&batch, lines[i], strlen(lines[i]));

		payload_of(&payload, &key, fd, &batch);
		assert_ok(package_join_open(&x, &payload, &f));
		assert_refused(package_join_next(x, &o, &end, &f), FAULT_INPUT);
		assert_non_null(strstr(f.text, "join: line 1"));
		package_join_close(x);
		secret_free(&key);
		(void)close(fd);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_index_and_shard_agree_on_is_written),
		cmocka_unit_test(a_member_that_is_not_the_index_s_is_refused),
		cmocka_unit_test(
		    a_tar_that_our_writer_would_not_make_is_refused),
		cmocka_unit_test(a_tar_cut_or_with_more_behind_it_is_refused),
		cmocka_unit_test(members_before_a_bad_one_stay),
		cmocka_unit_test(names_that_lead_elsewhere_are_no_index_lines),
		cmocka_unit_test(a_member_named_twice_is_refused),
		cmocka_unit_test(of_many_members_each_is_known),
		cmocka_unit_test(an_index_line_has_one_spelling),
		cmocka_unit_test(rows_follow_their_member_as_many_as_it_says),
		cmocka_unit_test(entries_read_back_as_they_were_written),
		cmocka_unit_test(a_join_line_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, begin, finish);
}
