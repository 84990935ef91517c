/* keys/age: whole streams, on one thread and several, from files and pipes;
 * what leaves before a failure, and what does not. */

#include "tests/support/test.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "keys/age/age.h"
#include "keys/base/files.h"

/* How a stream is run. */
struct way {
	bool pipe_in, map, armor;
	unsigned threads;
};

static const struct way ways[] = {
	{ .threads = 1 },
	{ .threads = 4 },
	{ .map = true, .threads = 1 },
	{ .map = true, .threads = 3 },
	{ .pipe_in = true, .threads = 1 },
	{ .pipe_in = true, .threads = 4 },
	{ .armor = true, .threads = 2 },
	{ .armor = true, .pipe_in = true, .threads = 2 },
};

static struct age_identity id;
static struct age_recipient to;
static char folder[64];
static int dir = -1;

struct feed {
	int fd;
	const uint8_t *at;
	size_t len;
};

static void *
feed(void *context)
{
	const struct feed *from = context;
	struct fault f = { 0 };

	/* The reader may stop early. */
	(void)!file_write(from->fd, from->at, from->len, &f);
	(void)close(from->fd);
	return NULL;
}

/* Run seal or open over len bytes at p; what came out into out, also after a
 * failure. */
static int
run(enum age_way which, const struct way *way, const void *p, size_t len,
    struct bytes *out, struct fault *f)
{
	struct age_pump pump = {
		.armor = way->armor, .map = way->map, .threads = way->threads
	};
	struct feed from = { -1, p, len };
	struct fault ignored = { 0 };
	pthread_t writer;
	int ends[2] = { -1, -1 }, rc;

	if (file_put(dir, "out", "", 0, true, &ignored) != 0 ||
	    file_put(dir, "in", p, len, true, &ignored) != 0)
		fail_msg("%s", ignored.text);
	pump.out = openat(dir, "out", O_RDWR | O_CLOEXEC);
	if (way->pipe_in) {
		assert_int_equal(pipe(ends), 0);
		from.fd = ends[1];
		assert_int_equal(pthread_create(&writer, NULL, feed, &from), 0);
	} else {
		ends[0] = openat(dir, "in", O_RDONLY | O_CLOEXEC);
	}
	pump.in = ends[0];
	*f = (struct fault){ 0 };
	rc = which == AGE_SEAL ? age_seal_fd(&pump, &to, 1, f)
			       : age_open_fd(&pump, &id, 1, f);
	(void)close(ends[0]);
	if (way->pipe_in)
		assert_int_equal(pthread_join(writer, NULL), 0);
	bytes_init(out, 64u << 20);
	assert_int_equal(lseek(pump.out, 0, SEEK_SET), 0);
	if (file_read_fd(pump.out, out, &ignored) != 0)
		fail_msg("%s", ignored.text);
	(void)close(pump.out);
	if (which == AGE_OPEN)
		assert_int_equal(pump.plain_bytes, out->len);
	else if (rc == 0)
		assert_int_equal(pump.plain_bytes, len);
	return rc;
}

static void
sealed_new(struct bytes *sealed, const void *p, size_t len)
{
	struct fault f = { 0 };

	bytes_init(sealed, 64u << 20);
	assert_ok(age_seal_small(sealed, &to, 1, p, len, &f));
}

static void
any_size_goes_there_and_back_in_every_way(void **state)
{
	static const size_t sizes[] = { 0, 1, 15, 65535, 65536, 65537, 262143,
		262144, 262145, 524288, 1000000, 2621440 };
	struct bytes plain, sealed, back;
	struct fault f = { 0 };

	(void)state;
	bytes_init(&plain, 3u << 20);
	assert_ok(bytes_reserve(&plain, 3u << 20, &f));
	random_fill(plain.at, 3u << 20);
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
		for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
			assert_ok(run(AGE_SEAL, &ways[w], plain.at, sizes[s],
			    &sealed, &f));
			assert_int_equal(
			    age_is_armor(sealed.at, sealed.len), ways[w].armor);
			assert_ok(run(AGE_OPEN, &ways[(w + s) % 8], sealed.at,
			    sealed.len, &back, &f));
			assert_int_equal(back.len, sizes[s]);
			if (sizes[s] > 0)
				assert_memory_equal(
				    back.at, plain.at, sizes[s]);
			bytes_free(&back);
			bytes_free(&sealed);
		}
	bytes_free(&plain);
}

/* Ten chunks, a bit flipped in each of them in turn. */
static void
an_altered_chunk_stops_the_stream_before_it(void **state)
{
	enum { LEN = 9 * AGE_CHUNK_BYTES + 500 };
	static uint8_t plain[LEN];
	struct bytes sealed, back;
	struct fault f = { 0 };
	struct age_header h;

	(void)state;
	random_fill(plain, sizeof(plain));
	sealed_new(&sealed, plain, sizeof(plain));
	assert_ok(age_header_read(&h, sealed.at, sealed.len, &f));
	for (size_t n = 0; n < 10; n++)
		for (size_t w = 0; w < sizeof(ways) / sizeof(ways[0]); w++) {
			size_t at = h.len + age_chunk_at(n) + 100 + n;

			sealed.at[at] ^= 0x10;
			assert_refused(run(AGE_OPEN, &ways[w], sealed.at,
					   sealed.len, &back, &f),
			    FAULT_FORGED);
			assert_int_equal(back.len, n * AGE_CHUNK_BYTES);
			assert_memory_equal(back.at, plain, back.len);
			bytes_free(&back);
			sealed.at[at] ^= 0x10;
		}
	age_header_free(&h);
	bytes_free(&sealed);
}

static void
a_stream_cut_at_any_place_gives_its_whole_chunks(void **state)
{
	enum { LEN = 5 * AGE_CHUNK_BYTES + 7 };
	static uint8_t plain[LEN];
	struct bytes sealed, back;
	struct fault f = { 0 };
	struct age_header h;

	(void)state;
	random_fill(plain, sizeof(plain));
	sealed_new(&sealed, plain, sizeof(plain));
	assert_ok(age_header_read(&h, sealed.at, sealed.len, &f));
	for (size_t len = h.len - 1; len < sealed.len;
	     len += len % 3 == 0 ? 8191 : 8193) {
		size_t body = len < h.len + 16 ? 0 : len - h.len - 16;
		const struct way *way = &ways[len % 6];

		assert_refused(run(AGE_OPEN, way, sealed.at, len, &back, &f),
		    FAULT_FORGED);
		assert_int_equal(
		    back.len, body / AGE_SEALED_CHUNK_BYTES * AGE_CHUNK_BYTES);
		bytes_free(&back);
	}
	/* Exactly between chunks, inside a block and at its end. */
	for (size_t n = 0; n <= 5; n++) {
		assert_refused(run(AGE_OPEN, &ways[n], sealed.at,
				   h.len + age_chunk_at(n), &back, &f),
		    FAULT_FORGED);
		assert_int_equal(back.len, n * AGE_CHUNK_BYTES);
		bytes_free(&back);
	}
	age_header_free(&h);
	bytes_free(&sealed);
}

static void
chunks_that_change_places_are_noticed(void **state)
{
	enum { LEN = 3 * AGE_CHUNK_BYTES };
	static uint8_t plain[LEN], held[AGE_SEALED_CHUNK_BYTES];
	struct bytes sealed, back;
	struct fault f = { 0 };
	struct age_header h;
	uint8_t *first;

	(void)state;
	sealed_new(&sealed, plain, sizeof(plain));
	assert_ok(age_header_read(&h, sealed.at, sealed.len, &f));
	first = sealed.at + h.len + age_chunk_at(0);
	memcpy(held, first, sizeof(held));
	memcpy(first, first + sizeof(held), sizeof(held));
	memcpy(first + sizeof(held), held, sizeof(held));
	assert_refused(
	    run(AGE_OPEN, &ways[1], sealed.at, sealed.len, &back, &f),
	    FAULT_FORGED);
	assert_int_equal(back.len, 0);
	bytes_free(&back);
	age_header_free(&h);
	bytes_free(&sealed);
}

static void
broken_armor_and_a_forged_file_in_it_are_told_apart(void **state)
{
	static uint8_t plain[300000];
	struct bytes sealed, text, back;
	struct fault f = { 0 };

	(void)state;
	for (unsigned w = 0; w < 6; w++) {
		sealed_new(&sealed, plain, sizeof(plain));
		bytes_init(&text, 1u << 20);
		assert_ok(age_armor_write(&text, sealed.at, sealed.len, &f));
		/* A character outside the alphabet, in the fourth chunk. */
		text.at[300000] = '*';
		assert_refused(
		    run(AGE_OPEN, &ways[w], text.at, text.len, &back, &f),
		    FAULT_INPUT);
		assert_true(back.len < sizeof(plain));
		bytes_free(&back);
		/* The END line gone: the file in it is whole.  More: it is
		 * not. */
		bytes_free(&text);
		assert_ok(age_armor_write(&text, sealed.at, sealed.len, &f));
		assert_refused(
		    run(AGE_OPEN, &ways[w], text.at, text.len - 32, &back, &f),
		    FAULT_INPUT);
		bytes_free(&back);
		assert_refused(
		    run(AGE_OPEN, &ways[w], text.at, text.len - 100, &back, &f),
		    FAULT_FORGED);
		bytes_free(&back);
		/* A forged chunk comes before broken armor behind it. */
		bytes_free(&text);
		sealed.at[70000] ^= 1;
		assert_ok(age_armor_write(&text, sealed.at, sealed.len, &f));
		text.at[390000] = '*';
		assert_refused(
		    run(AGE_OPEN, &ways[w], text.at, text.len, &back, &f),
		    FAULT_FORGED);
		bytes_free(&back);
		bytes_free(&text);
		bytes_free(&sealed);
	}
}

static int
set_up(void **state)
{
	struct fault f = { 0 };

	(void)state;
	test_folder(folder);
	if (folder_open(AT_FDCWD, folder, &dir, &f) != 0 ||
	    age_identity_new(&id, &f) != 0 ||
	    age_identity_recipient(&to, &id, &f) != 0)
		return -1;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	age_identity_free(&id);
	file_close(&dir);
	test_folder_remove(folder);
	return 0;
}

int
main(void)
{
	struct fault f = { 0 };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_size_goes_there_and_back_in_every_way),
		cmocka_unit_test(an_altered_chunk_stops_the_stream_before_it),
		cmocka_unit_test(
		    a_stream_cut_at_any_place_gives_its_whole_chunks),
		cmocka_unit_test(chunks_that_change_places_are_noticed),
		cmocka_unit_test(
		    broken_armor_and_a_forged_file_in_it_are_told_apart),
	};

	must(secret_start(&f) == 0);
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name(
	    "age streams", tests, set_up, tear_down);
}
