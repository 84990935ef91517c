/*
 * The age testkit (C2SP CCTV): every vector gives the result that it names,
 * down to the bytes released before a failure, in memory and as a stream,
 * from a file and from a pipe, on one core and on several.
 */

#include "tests/support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "keys/age/age.h"
#include "keys/base/files.h"
#include "keys/base/text.h"

/* What opens only with ML-KEM-768 at hand; without it, all are refused. */
static const char *const needs_ml_kem[] = { "armor_hybrid", "hybrid",
	"hybrid_and_x25519", "hybrid_grease", "hybrid_multiple_recipients" };

/* The vectors call a file that ends before or in its nonce a header failure;
 * it is one cut short, which for us goes before grammar. */
static const char *const cut_short[] = { "stream_no_nonce",
	"stream_short_nonce" };

struct vector {
	const char *name;
	char expect[24];
	bool has_payload;
	char payload[65];
	struct age_identities ids;
	struct bytes raw;  /* the vector as it lies on disk */
	struct bytes file; /* the age file in it */
};

static bool
listed(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(name, list[i]) == 0)
			return true;
	return false;
}

static void
add_identity(struct vector *v, const char *key, const char *value)
{
	struct fault f = { 0 };
	struct age_identity id;

	if (strcmp(key, "identity") == 0)
		assert_ok(age_identity_read(&id, value, strlen(value), &f));
	else
		assert_ok(
		    age_identity_passphrase(&id, value, strlen(value), &f));
	assert_ok(age_identities_add(&v->ids, &id, &f));
}

static void
inflate_file(struct vector *v, const uint8_t *p, size_t len)
{
	uLongf got = 32u << 20;
	struct fault f = { 0 };

	assert_ok(bytes_reserve(&v->file, got, &f));
	assert_int_equal(uncompress(v->file.at, &got, p, (uLong)len), Z_OK);
	v->file.len = got;
}

static void
vector_read(struct vector *v, const char *folder, const char *name)
{
	char path[1024], line[4096], *value;
	struct fault f = { 0 };
	const uint8_t *at, *lf;
	bool compressed = false;

	*v = (struct vector){ .name = name };
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	test_read_file(path, &v->raw);
	bytes_init(&v->file, 64u << 20);
	for (at = v->raw.at; *at != '\n'; at = lf + 1) {
		lf = memchr(at, '\n', v->raw.len);
		(void)snprintf(line, sizeof(line), "%.*s", (int)(lf - at),
		    (const char *)at);
		value = strstr(line, ": ");
		assert_non_null(value);
		*value = '\0';
		value += 2;
		if (strcmp(line, "expect") == 0) {
			(void)snprintf(
			    v->expect, sizeof(v->expect), "%s", value);
		} else if (strcmp(line, "payload") == 0) {
			v->has_payload = true;
			(void)snprintf(
			    v->payload, sizeof(v->payload), "%s", value);
		} else if (strcmp(line, "compressed") == 0) {
			compressed = true;
		} else if (strcmp(line, "identity") == 0 ||
			   strcmp(line, "passphrase") == 0) {
			add_identity(v, line, value);
		}
	}
	at++;
	if (compressed)
		inflate_file(v, at, v->raw.len - (size_t)(at - v->raw.at));
	else
		assert_ok(bytes_add(
		    &v->file, at, v->raw.len - (size_t)(at - v->raw.at), &f));
}

static void
vector_free(struct vector *v)
{
	age_identities_free(&v->ids);
	bytes_free(&v->raw);
	bytes_free(&v->file);
}

/* The exit status that the vector's expectation means here. */
static int
expected(const struct vector *v)
{
	if (!age_has_hybrid() &&
	    listed(v->name, needs_ml_kem,
		sizeof(needs_ml_kem) / sizeof(needs_ml_kem[0])))
		return FAULT_INPUT;
	if (listed(v->name, cut_short, sizeof(cut_short) / sizeof(char *)))
		return FAULT_FORGED;
	if (strcmp(v->expect, "success") == 0)
		return FAULT_NONE;
	if (strcmp(v->expect, "HMAC failure") == 0 ||
	    strcmp(v->expect, "payload failure") == 0)
		return FAULT_FORGED;
	assert_true(strcmp(v->expect, "no match") == 0 ||
		    strcmp(v->expect, "header failure") == 0 ||
		    strcmp(v->expect, "armor failure") == 0);
	return FAULT_INPUT;
}

static void
judge(const struct vector *v, const char *how, int rc, const struct fault *f,
    const void *out, size_t len)
{
	uint8_t sum[32];
	char hex[65];

	if ((rc == 0 ? FAULT_NONE : f->kind) != (unsigned)expected(v))
		fail_msg("%s, %s: %s, but %d: %s", v->name, how, v->expect,
		    (int)f->kind, f->text);
	if (!v->has_payload || (rc != 0 && f->kind == FAULT_INPUT)) {
		if (rc != 0 && len != 0)
			fail_msg("%s, %s: released %zu", v->name, how, len);
		return;
	}
	crypto_hash_sha256(sum, out, len);
	hex_write(hex, sum, sizeof(sum));
	if (strcmp(hex, v->payload) != 0)
		fail_msg("%s, %s: %zu wrong bytes released (%s)", v->name, how,
		    len, f->text);
}

/* Feed a pipe from memory. */
struct feed {
	int fd;
	const struct bytes *file;
};

static void *
feed(void *context)
{
	const struct feed *from = context;
	struct fault f = { 0 };

	/* The reader may stop early. */
	(void)!file_write(from->fd, from->file->at, from->file->len, &f);
	(void)close(from->fd);
	return NULL;
}

static void
open_stream(const struct vector *v, const char *folder, bool pipe_in,
    unsigned threads, const char *how)
{
	struct age_pump p = { .threads = threads };
	struct fault f = { 0 };
	struct bytes out;
	pthread_t writer;
	int in[2] = { -1, -1 }, dir, rc;
	struct feed from;

	assert_ok(folder_open(AT_FDCWD, folder, &dir, &f));
	assert_ok(file_put(dir, "out", "", 0, true, &f));
	p.out = openat(dir, "out", O_RDWR);
	if (pipe_in) {
		assert_int_equal(pipe(in), 0);
		from = (struct feed){ in[1], &v->file };
		assert_int_equal(pthread_create(&writer, NULL, feed, &from), 0);
	} else {
		assert_ok(
		    file_put(dir, "in", v->file.at, v->file.len, true, &f));
		in[0] = openat(dir, "in", O_RDONLY);
	}
	p.in = in[0];
	rc = age_open_fd(&p, v->ids.at, v->ids.n, &f);
	(void)close(in[0]);
	if (pipe_in)
		assert_int_equal(pthread_join(writer, NULL), 0);
	bytes_init(&out, 64u << 20);
	assert_int_equal(lseek(p.out, 0, SEEK_SET), 0);
	{
		struct fault ignored = { 0 };

		if (file_read_fd(p.out, &out, &ignored) != 0)
			fail_msg("%s", ignored.text);
	}
	assert_int_equal(out.len, p.plain_bytes);
	judge(v, how, rc, &f, out.at, out.len);
	bytes_free(&out);
	(void)close(p.out);
	(void)close(dir);
}

static void
open_in_memory(const struct vector *v)
{
	struct fault f = { 0 };
	struct secret out;
	int rc = age_open_small(
	    &out, v->file.at, v->file.len, v->ids.at, v->ids.n, &f);

	if ((rc == 0 ? FAULT_NONE : f.kind) != (unsigned)expected(v))
		fail_msg("%s in memory: %s, but %d: %s", v->name, v->expect,
		    (int)f.kind, f.text);
	if (rc == 0)
		judge(v, "in memory", rc, &f, out.at, out.len);
	else
		assert_null(out.at);
	secret_free(&out);
}

static void
each(void (*judge_one)(const struct vector *, const char *scratch))
{
	char folder[512], scratch[64];
	struct dirent *e;
	unsigned count = 0;
	DIR *list;

	test_shared(folder, sizeof(folder), "vectors/age/testdata");
	assert_non_null(list = opendir(folder));
	test_folder(scratch);
	while ((e = readdir(list)) != NULL) {
		struct vector v;

		if (e->d_name[0] == '.')
			continue;
		vector_read(&v, folder, e->d_name);
		judge_one(&v, scratch);
		vector_free(&v);
		count++;
	}
	(void)closedir(list);
	test_folder_remove(scratch);
	assert_true(count >= 143);
}

static void
judge_in_memory(const struct vector *v, const char *scratch)
{
	(void)scratch;
	open_in_memory(v);
}

static void
judge_file(const struct vector *v, const char *scratch)
{
	open_stream(v, scratch, false, 1, "from a file");
	open_stream(v, scratch, false, 3, "from a file on three threads");
}

static void
judge_pipe(const struct vector *v, const char *scratch)
{
	open_stream(v, scratch, true, 1, "from a pipe");
	open_stream(v, scratch, true, 3, "from a pipe on three threads");
}

static void
every_vector_gives_its_result_in_memory(void **state)
{
	(void)state;
	each(judge_in_memory);
}

static void
every_vector_gives_its_result_from_a_file(void **state)
{
	(void)state;
	each(judge_file);
}

static void
every_vector_gives_its_result_from_a_pipe(void **state)
{
	(void)state;
	each(judge_pipe);
}

int
main(void)
{
	struct fault f = { 0 };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_gives_its_result_in_memory),
		cmocka_unit_test(every_vector_gives_its_result_from_a_file),
		cmocka_unit_test(every_vector_gives_its_result_from_a_pipe),
	};

	must(secret_start(&f) == 0);
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("age vectors", tests, NULL, NULL);
}
