/* A return as a file: written, read, and everything that is not one. */

#include "tests/support/shard.h"

#include <sys/stat.h>

#define BATCH "b-abcdefghijklmnopqrstuvwxyz"
#define RETURN "r-abcdefghijklmnopqrstuvwxyz"
#define LINE "{\"item\":\"x\"}\n"
#define COCO "{\"images\":[]}"

/* A return of two label files, and its archive. */
struct story {
	struct batch batch;
	struct sign_key key;
	uint8_t public[SIGN_PUBLIC_BYTES];
	struct return_label labels[2];
	struct return_statement says;
	struct bytes envelope, tar;
	int sealed;
};

static void
story_start(struct story *s)
{
	struct fault f = { 0 };
	struct return_draft d;
	struct package_object made;

	memset(s, 0, sizeof(*s));
	batch_start(&s->batch);
	assert_ok(sign_key_new(&s->key, &f));
	sign_key_public(&s->key, s->public);
	s->labels[0].fd = memory_fd(LINE, strlen(LINE));
	s->labels[1].fd = memory_fd(COCO, strlen(COCO));
	assert_ok(return_label_of(&s->labels[0], 0, "a/b.jsonl", &f));
	assert_ok(return_label_of(&s->labels[1], 1, "x.json", &f));
	memcpy(s->says.batch, BATCH, sizeof(BATCH));
	memcpy(s->says.id, RETURN, sizeof(RETURN));
	memset(s->says.manifest, 7, DIGEST_BYTES);
	s->says.complete = true;
	s->says.at = 1800000000;
	memcpy(s->says.labels, s->labels, sizeof(s->labels));
	s->says.nlabels = 2;
	bytes_init(&s->envelope, RETURN_ENVELOPE_MAX);
	assert_ok(return_statement_sign(&s->envelope, &s->says, &s->key, &f));
	d = (struct return_draft){ { s->envelope.at, s->envelope.len },
		s->labels, 2, &s->batch.to, 1 };
	s->sealed = memory_fd("", 0);
	assert_ok(return_file_write(s->sealed, &d, &made, &f));
	plain_of(&s->tar, s->sealed, &s->batch);
}

static void
story_end(struct story *s)
{
	file_close(&s->sealed);
	file_close(&s->labels[0].fd);
	file_close(&s->labels[1].fd);
	bytes_free(&s->envelope);
	bytes_free(&s->tar);
	sign_key_free(&s->key);
	batch_end(&s->batch);
}

static void
a_return_comes_back_as_it_was_sent(void **state)
{
	struct story s;
	struct fault f = { 0 };
	struct return_file r;
	struct return_statement says;
	struct bytes got;
	int fd, copy;

	(void)state;
	story_start(&s);
	assert_string_equal(s.labels[0].name, "labels/0001.jsonl");
	assert_string_equal(s.labels[1].name, "labels/0002.json");
	fd = memory_fd(s.tar.at, s.tar.len);
	copy = memory_fd("longer than what will be copied", 31);
	assert_ok(return_file_read(&r, fd, &f));
	assert_int_equal(r.nlabels, 2);
	assert_ok(return_statement_open(&says,
	    (struct slice){ r.envelope.at, r.envelope.len }, s.public, &f));
	assert_string_equal(says.batch, BATCH);
	assert_string_equal(says.id, RETURN);
	assert_memory_equal(says.manifest, s.says.manifest, DIGEST_BYTES);
	assert_true(says.complete);
	assert_int_equal(says.at, 1800000000);
	assert_ok(return_file_matches(&r, &says, &f));
	assert_ok(return_file_label(&r, 0, copy, says.labels[0].sha256, &f));
	bytes_init(&got, 1000);
	assert_ok(file_read_fd(copy, &got, &f));
	assert_int_equal(got.len, strlen(LINE));
	assert_memory_equal(got.at, LINE, got.len);
	assert_refused(
	    return_file_label(&r, 1, copy, says.labels[0].sha256, &f),
	    FAULT_FORGED);
	bytes_free(&got);
	return_file_free(&r);
	file_close(&fd);
	file_close(&copy);
	story_end(&s);
}

/* Any byte of the archive but those of envelope and labels: the reader has no
 * freedom there. */
static void
no_byte_of_the_frame_can_be_another(void **state)
{
	struct story s;
	struct fault f = { 0 };
	struct return_file r;
	size_t label;

	(void)state;
	story_start(&s);
	label = 1024 + (s.envelope.len + 511) / 512 * 512;
	for (size_t i = 0; i < s.tar.len; i++) {
		bool envelope = i >= 512 && i < 512 + s.envelope.len;
		bool first = i >= label && i < label + strlen(LINE);
		bool second =
		    i >= label + 1024 && i < label + 1024 + strlen(COCO);
		int fd;

		if (envelope || first || second)
			continue;
		s.tar.at[i] ^= 1;
		fd = memory_fd(s.tar.at, s.tar.len);
		assert_refused(return_file_read(&r, fd, &f), FAULT_INPUT);
		s.tar.at[i] ^= 1;
		file_close(&fd);
	}
	story_end(&s);
}

static void
an_archive_cut_or_grown_is_none(void **state)
{
	struct story s;
	struct fault f = { 0 };
	struct return_file r;
	int fd;

	(void)state;
	story_start(&s);
	for (size_t len = 0; len < s.tar.len; len += 73) {
		fd = memory_fd(s.tar.at, len);
		assert_refused(return_file_read(&r, fd, &f), FAULT_INPUT);
		file_close(&fd);
	}
	assert_ok(bytes_add(&s.tar, "", 1, &f));
	fd = memory_fd(s.tar.at, s.tar.len);
	assert_refused(return_file_read(&r, fd, &f), FAULT_INPUT);
	file_close(&fd);
	story_end(&s);
}

/* Append a member as our writer would write it. */
static void
add_member(struct bytes *tar, const char *name, const char *text, uint64_t size)
{
	static const uint8_t zeros[TAR_BLOCK];
	uint8_t header[TAR_HEADER_MAX];
	struct fault f = { 0 };

	assert_ok(bytes_add(tar, header, tar_header(header, name, size), &f));
	assert_ok(bytes_add(tar, text, strlen(text), &f));
	assert_ok(bytes_add(
	    tar, zeros, (size_t)(-(uint64_t)strlen(text) % TAR_BLOCK), &f));
}

static void
other_members_are_refused(void **state)
{
	static const struct {
		const char *first, *second;
		uint64_t size;
	} cases[] = {
		{ "labels/0001.jsonl", "return.dsse", 1 },
		{ "return.dsse", "return.dsse", 1 },
		{ "return.dsse", "../../.ssh/authorized_keys", 1 },
		{ "return.dsse", "/etc/passwd", 1 },
		{ "return.dsse", "labels/../x.jsonl", 1 },
		{ "return.dsse", "labels/0002.jsonl", 1 },
		{ "return.dsse", "labels/0001.csv", 1 },
		{ "return.dsse", "labels/0001.jsonl", 1ull << 31 },
		{ "return.dsse", "labels/0001.jsonl", 1ull << 40 },
		{ "return.dsse", "", 0 },
	};
	static const uint8_t zeros[TAR_END];
	struct fault f = { 0 };
	struct return_file r;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes tar;
		int fd;

		bytes_init(&tar, 1 << 20);
		add_member(&tar, cases[i].first, "x", 1);
		add_member(&tar, cases[i].second, "x", cases[i].size);
		assert_ok(bytes_add(&tar, zeros, sizeof(zeros), &f));
		fd = memory_fd(tar.at, tar.len);
		assert_refused(return_file_read(&r, fd, &f), FAULT_INPUT);
		file_close(&fd);
		bytes_free(&tar);
	}
}

/* Sixty label files are a return, sixty-one are not. */
static void
label_files_are_counted(void **state)
{
	static const uint8_t zeros[TAR_END];
	struct fault f = { 0 };
	struct return_label l = { .fd = memory_fd("x", 1) };
	struct return_file r;
	struct bytes tar;
	char name[32];
	int fd;

	(void)state;
	assert_ok(return_label_of(&l, RETURN_LABELS_MAX - 1, "x", &f));
	assert_refused(
	    return_label_of(&l, RETURN_LABELS_MAX, "x", &f), FAULT_INPUT);
	file_close(&l.fd);
	bytes_init(&tar, 1 << 20);
	add_member(&tar, "return.dsse", "x", 1);
	for (unsigned i = 1; i <= RETURN_LABELS_MAX + 1; i++) {
		(void)snprintf(name, sizeof(name), "labels/%04u.json", i);
		add_member(&tar, name, "x", 1);
	}
	assert_ok(bytes_add(&tar, zeros, sizeof(zeros), &f));
	fd = memory_fd(tar.at, tar.len);
	assert_refused(return_file_read(&r, fd, &f), FAULT_INPUT);
	file_close(&fd);
	bytes_free(&tar);
}

/* What would fill the disk is refused for its size alone. */
static void
a_return_that_is_too_large_is_not_read(void **state)
{
	struct fault f = { 0 };
	struct return_file r;
	int fd = memory_fd("", 0);

	(void)state;
	assert_int_equal(
	    ftruncate(fd, (off_t)(RETURN_PLAIN_MAX + TAR_BLOCK)), 0);
	assert_refused(return_file_read(&r, fd, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "over"));
	file_close(&fd);
}

static void
a_statement_by_another_or_about_less_is_refused(void **state)
{
	struct story s;
	struct fault f = { 0 };
	struct return_statement says;
	struct return_file r;
	uint8_t other[SIGN_PUBLIC_BYTES];
	int fd;

	(void)state;
	story_start(&s);
	memcpy(other, s.public, sizeof(other));
	other[0] ^= 1;
	assert_refused(
	    return_statement_open(&says,
		(struct slice){ s.envelope.at, s.envelope.len }, other, &f),
	    FAULT_FORGED);
	s.says.nlabels = 1;
	fd = memory_fd(s.tar.at, s.tar.len);
	assert_ok(return_file_read(&r, fd, &f));
	assert_refused(return_file_matches(&r, &s.says, &f), FAULT_FORGED);
	s.says.nlabels = 2;
	memcpy(s.says.labels[1].name, "labels/0002.jsonl", 18);
	assert_refused(return_file_matches(&r, &s.says, &f), FAULT_FORGED);
	return_file_free(&r);
	file_close(&fd);
	story_end(&s);
}

static void
a_label_file_that_changed_is_not_sent(void **state)
{
	struct story s;
	struct fault f = { 0 };
	struct return_draft d;
	struct package_object made;
	int fd = memory_fd("", 0);

	(void)state;
	story_start(&s);
	d = (struct return_draft){ { s.envelope.at, s.envelope.len }, s.labels,
		2, &s.batch.to, 1 };
	assert_int_equal(pwrite(s.labels[0].fd, "y", 1, 3), 1);
	assert_refused(return_file_write(fd, &d, &made, &f), FAULT_INPUT);
	assert_int_equal(pwrite(s.labels[0].fd, LINE, 5, 0), 5);
	assert_int_equal(ftruncate(s.labels[0].fd, 3), 0);
	assert_refused(return_file_write(fd, &d, &made, &f), FAULT_INPUT);
	file_close(&fd);
	story_end(&s);
}

static void
running_out_of_memory_is_told(void **state)
{
	struct story s;
	struct fault f = { 0 };
	struct return_statement says;
	struct return_file r;
	int fd, rc = -1;

	(void)state;
	story_start(&s);
	fd = memory_fd(s.tar.at, s.tar.len);
	for (long n = 0; rc != 0; n++) {
		assert_true(n < 1000);
		f = (struct fault){ 0 };
		mem_fail_after(n);
		rc = return_file_read(&r, fd, &f);
		if (rc == 0) {
			rc = return_statement_open(&says,
			    (struct slice){ r.envelope.at, r.envelope.len },
			    s.public, &f);
			return_file_free(&r);
		}
		mem_fail_after(-1);
		if (rc != 0)
			assert_int_equal(f.kind, FAULT_SYSTEM);
	}
	file_close(&fd);
	story_end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_return_comes_back_as_it_was_sent),
		cmocka_unit_test(no_byte_of_the_frame_can_be_another),
		cmocka_unit_test(an_archive_cut_or_grown_is_none),
		cmocka_unit_test(other_members_are_refused),
		cmocka_unit_test(label_files_are_counted),
		cmocka_unit_test(a_return_that_is_too_large_is_not_read),
		cmocka_unit_test(
		    a_statement_by_another_or_about_less_is_refused),
		cmocka_unit_test(a_label_file_that_changed_is_not_sent),
		cmocka_unit_test(running_out_of_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
