/* gateway/package: sealing as it comes, tar headers, the layout of a batch. */

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/shard.h"

static void
objects_of_every_awkward_size_open_again(void **state)
{
	static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 131072,
		4 * 65536, 4 * 65536 + 1, 1000000 };
	uint8_t *data = mem_new(1000000);
	struct batch b;

	(void)state;
	batch_start(&b);
	for (size_t i = 0; i < 1000000; i++)
		data[i] = (uint8_t)(i * 7 + i / 251);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t step = 1000; step <= 1000000; step *= 10) {
			struct package_seal *s = NULL;
			struct package_object o;
			struct fault f = { 0 };
			uint8_t digest[DIGEST_BYTES];
			struct bytes all, back;
			int fd = memory_fd("", 0);

			assert_ok(package_seal_new(&s, fd, &b.to, 1, &f));
			for (size_t at = 0; at < sizes[i]; at += step)
				assert_ok(package_seal_add(s, data + at,
				    sizes[i] - at < step ? sizes[i] - at : step,
				    &f));
			assert_ok(package_seal_end(s, &o, &f));
			package_seal_free(s);
			assert_int_equal(o.plain, sizes[i]);
			bytes_init(&all, (size_t)1 << 30);
			assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
			assert_ok(file_read_fd(fd, &all, &f));
			assert_int_equal(all.len, o.bytes);
			digest_of(digest, all.at, all.len);
			assert_memory_equal(digest, o.sha256, DIGEST_BYTES);
			plain_of(&back, fd, &b);
			assert_int_equal(back.len, sizes[i]);
			if (sizes[i] > 0)
				assert_memory_equal(back.at, data, sizes[i]);
			bytes_free(&back);
			bytes_free(&all);
			file_close(&fd);
		}
	mem_free(data);
	batch_end(&b);
}

/* Some of it added, some written in place, in steps of sizes up to the room;
 * and of a stretch in the middle a digest. */
static void
what_is_written_in_place_is_sealed_and_digested_as_what_is_added(void **state)
{
	const size_t size = 1000000, from = 70000, to = 700001;
	uint8_t *data = mem_new(size), want[DIGEST_BYTES], got[DIGEST_BYTES];
	struct batch b;

	(void)state;
	batch_start(&b);
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)(i * 7 + i / 251);
	digest_of(want, data + from, to - from);
	for (size_t step = 1; step <= SEAL_ROOM; step = 3 * step + 1) {
		struct package_seal *s = NULL;
		struct digest *d = NULL;
		struct package_object o;
		struct fault f = { 0 };
		struct bytes back;
		int fd = memory_fd("", 0);
		size_t n;

		assert_ok(digest_new(&d, &f));
		assert_ok(package_seal_new(&s, fd, &b.to, 1, &f));
		for (size_t at = 0; at < size; at += n) {
			size_t until = at < from ? from : at < to ? to : size;

			n = until - at < step ? until - at : step;
			if (at == from)
				seal_digest(s, d);
			if (at == to)
				seal_digest(s, NULL);
			if (at / step % 3 == 0) {
				assert_ok(
				    package_seal_add(s, data + at, n, &f));
				continue;
			}
			memcpy(seal_room(s), data + at, n);
			assert_ok(seal_wrote(s, n, &f));
		}
		digest_end(d, got);
		assert_memory_equal(got, want, DIGEST_BYTES);
		assert_ok(package_seal_end(s, &o, &f));
		assert_int_equal(o.plain, size);
		package_seal_free(s);
		digest_free(d);
		plain_of(&back, fd, &b);
		assert_int_equal(back.len, size);
		assert_memory_equal(back.at, data, size);
		bytes_free(&back);
		file_close(&fd);
	}
	mem_free(data);
	batch_end(&b);
}

static void
two_objects_of_one_content_share_neither_key_nor_nonce(void **state)
{
	struct package_payload p[2];
	struct secret key[2] = { { 0 }, { 0 } };
	uint8_t nonce[2][AGE_NONCE_BYTES];
	struct batch b;

	(void)state;
	batch_start(&b);
	for (int i = 0; i < 2; i++) {
		int fd = object_of(&b, "same", 4);

		payload_of(&p[i], &key[i], fd, &b);
		assert_int_equal(
		    pread(fd, nonce[i], AGE_NONCE_BYTES, (off_t)p[i].at),
		    AGE_NONCE_BYTES);
		(void)close(fd);
	}
	assert_memory_not_equal(nonce[0], nonce[1], AGE_NONCE_BYTES);
	assert_memory_not_equal(key[0].at, key[1].at, AGE_FILE_KEY_BYTES);
	secret_free(&key[0]);
	secret_free(&key[1]);
	batch_end(&b);
}

static void
lines_are_read_across_the_edges_of_chunks(void **state)
{
	struct package_payload payload;
	struct secret key = { 0 };
	struct fault f = { 0 };
	struct plain p;
	struct bytes text;
	struct batch b;
	const char *line;
	size_t len;
	bool end;
	int fd;

	(void)state;
	batch_start(&b);
	bytes_init(&text, (size_t)1 << 24);
	for (int i = 0; i < 60000; i++)
		assert_ok(bytes_addf(&text, &f, "line %d\n", i));
	fd = object_of(&b, text.at, text.len);
	payload_of(&payload, &key, fd, &b);
	assert_ok(plain_open(&p, &payload, &f));
	for (int i = 0; i < 60000; i++) {
		char want[32];
		int n = snprintf(want, sizeof(want), "line %d", i);

		assert_ok(plain_line(&p, 40, &line, &len, &end, &f));
		assert_false(end);
		assert_int_equal(len, n);
		assert_memory_equal(line, want, len);
	}
	assert_ok(plain_line(&p, 40, &line, &len, &end, &f));
	assert_true(end);
	plain_close(&p);
	secret_free(&key);
	(void)close(fd);
	bytes_free(&text);
	batch_end(&b);
}

static void
a_line_without_an_end_or_without_a_limit_is_refused(void **state)
{
	static const char *const texts[] = { "no newline",
		"0123456789012345678901234567890123456789x\n" };
	struct batch b;

	(void)state;
	batch_start(&b);
	for (size_t i = 0; i < 2; i++) {
		struct package_payload payload;
		struct secret key = { 0 };
		struct fault f = { 0 };
		struct plain p;
		const char *line;
		size_t len;
		bool end;
		int fd = object_of(&b, texts[i], strlen(texts[i]));

		payload_of(&payload, &key, fd, &b);
		assert_ok(plain_open(&p, &payload, &f));
		assert_refused(
		    plain_line(&p, 40, &line, &len, &end, &f), FAULT_INPUT);
		plain_close(&p);
		secret_free(&key);
		(void)close(fd);
	}
	batch_end(&b);
}

static void
a_payload_cut_or_altered_is_refused(void **state)
{
	struct package_payload payload, cut;
	struct secret key = { 0 };
	struct fault f = { 0 };
	struct plain p;
	const uint8_t *at;
	struct batch b;
	uint8_t *data = mem_new(200000), byte;
	int fd;

	(void)state;
	batch_start(&b);
	fd = object_of(&b, data, 200000);
	payload_of(&payload, &key, fd, &b);
	cut = payload;
	/* whole chunks only: the last one then has the wrong nonce */
	cut.bytes = AGE_NONCE_BYTES + (uint64_t)2 * AGE_SEALED_CHUNK_BYTES;
	assert_ok(plain_open(&p, &cut, &f));
	assert_refused(plain_take(&p, 1, &at, &f), FAULT_FORGED);
	plain_close(&p);
	cut.bytes = AGE_NONCE_BYTES + 7;
	assert_refused(plain_open(&p, &cut, &f), FAULT_FORGED);
	plain_close(&p);
	cut.bytes = payload.bytes + 1;
	assert_ok(plain_open(&p, &cut, &f));
	assert_refused(plain_take(&p, 1, &at, &f), FAULT_FORGED);
	plain_close(&p);
	assert_int_equal(pread(fd, &byte, 1, (off_t)payload.at + 99), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)payload.at + 99), 1);
	assert_ok(plain_open(&p, &payload, &f));
	assert_refused(plain_take(&p, 1, &at, &f), FAULT_FORGED);
	plain_close(&p);
	secret_free(&key);
	(void)close(fd);
	mem_free(data);
	batch_end(&b);
}

static void
a_header_has_the_checksum_and_fields_of_posix(void **state)
{
	uint8_t h[TAR_HEADER_MAX];
	unsigned sum = 0;

	(void)state;
	assert_int_equal(
	    tar_header(h, "abcdefghijklmnopqrstuvwxyz.jpg", 1234), TAR_BLOCK);
	assert_string_equal((char *)h, "abcdefghijklmnopqrstuvwxyz.jpg");
	assert_string_equal((char *)h + 100, "0000644");
	assert_string_equal((char *)h + 124, "00000002322");
	assert_string_equal((char *)h + 136, "00000000000");
	assert_int_equal(h[156], '0');
	assert_memory_equal(h + 257, "ustar\00000", 8);
	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : h[i];
	assert_int_equal(strtoul((char *)h + 148, NULL, 8), sum);
	assert_int_equal(tar_padding(0), 0);
	assert_int_equal(tar_padding(1), 511);
	assert_int_equal(tar_padding(512), 0);
}

static void
past_eight_gibibytes_a_pax_header_tells_the_size(void **state)
{
	uint8_t h[TAR_HEADER_MAX];

	(void)state;
	assert_int_equal(tar_header(h, "a.txt", 077777777777ull), TAR_BLOCK);
	assert_string_equal((char *)h + 124, "77777777777");
	assert_int_equal(
	    tar_header(h, "a.txt", 0100000000000ull), 3 * TAR_BLOCK);
	assert_int_equal(h[156], 'x');
	assert_string_equal((char *)h + TAR_BLOCK, "19 size=8589934592\n");
	assert_string_equal((char *)h + 124, "00000000023");
	assert_string_equal((char *)h + 2 * TAR_BLOCK, "a.txt");
	(void)tar_header(h, "a.txt", 123456789012345ull);
	assert_string_equal((char *)h + TAR_BLOCK, "24 size=123456789012345\n");
}

/* Every unit once, shards of about the size asked for. */
static void
check_layout(const uint64_t *sizes, uint32_t n, uint64_t target)
{
	struct package_layout l;
	struct secret key = { 0 };
	struct fault f = { 0 };
	uint8_t *seen = mem_new(n);
	uint32_t at = 0;

	assert_ok(secret_new(&key, 32, &f));
	assert_ok(package_layout_make(&l, sizes, n, target, &key, &f));
	for (uint32_t s = 0; s < l.nshards; s++) {
		uint64_t filled = 0, most = 0;

		assert_true(l.end[s] > at);
		for (uint32_t i = at; i < l.end[s]; i++) {
			assert_int_equal(seen[l.order[i]]++, 0);
			filled += sizes[l.order[i]];
			if (sizes[l.order[i]] > most)
				most = sizes[l.order[i]];
		}
		assert_true(filled <= target || filled == most);
		at = l.end[s];
	}
	assert_int_equal(at, n);
	package_layout_free(&l);
	secret_free(&key);
	mem_free(seen);
}

static void
a_layout_has_every_unit_once_and_fills_its_shards(void **state)
{
	uint64_t sizes[1000];
	uint64_t large[3] = { UINT64_MAX, 0, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		sizes[i] = i * 13 % 997;
	check_layout(sizes, 1000, 10000);
	check_layout(sizes, 1000, 1);
	check_layout(sizes, 1000, UINT64_MAX);
	check_layout(sizes, 1, 5);
	check_layout(sizes, 0, 5);
	check_layout(large, 3, 100);
}

static void
the_last_shards_are_smaller_but_not_tiny(void **state)
{
	uint64_t sizes[4000];
	struct package_layout l;
	struct secret key = { 0 };
	struct fault f = { 0 };
	uint32_t first = 0, last = 0;

	(void)state;
	for (size_t i = 0; i < 4000; i++)
		sizes[i] = 10;
	assert_ok(secret_new(&key, 32, &f));
	assert_ok(package_layout_make(&l, sizes, 4000, 2000, &key, &f));
	for (uint32_t s = 0; s < l.nshards; s++) {
		uint32_t n = l.end[s] - (s == 0 ? 0 : l.end[s - 1]);

		if (s == 0)
			first = n;
		else
			assert_true(n <= last); /* from 200 down to 50 */
		assert_true(n >= 50 || s == l.nshards - 1);
		last = n;
	}
	assert_int_equal(first, 200);
	assert_true(last <= 50);
	package_layout_free(&l);
	secret_free(&key);
}

static void
the_key_alone_decides_a_layout(void **state)
{
	uint64_t sizes[100] = { 0 };
	struct package_layout l[3];
	struct secret key = { 0 };
	struct fault f = { 0 };

	(void)state;
	assert_ok(secret_new(&key, 32, &f));
	for (int i = 0; i < 3; i++) {
		key.at[0] = i == 2;
		assert_ok(package_layout_make(&l[i], sizes, 100, 10, &key, &f));
	}
	assert_memory_equal(l[0].order, l[1].order, 400);
	assert_memory_not_equal(l[0].order, l[2].order, 400);
	for (int i = 0; i < 3; i++)
		package_layout_free(&l[i]);
	secret_free(&key);
}

static void
more_shards_than_a_manifest_names_are_refused(void **state)
{
	uint32_t n = PACKAGE_SHARDS_MAX + 1;
	uint64_t *sizes = mem_array(n, sizeof(*sizes));
	struct package_layout l;
	struct secret key = { 0 };
	struct fault f = { 0 };

	(void)state;
	for (uint32_t i = 0; i < n; i++)
		sizes[i] = 10;
	assert_ok(secret_new(&key, 32, &f));
	assert_refused(
	    package_layout_make(&l, sizes, n, 10, &key, &f), FAULT_INPUT);
	assert_ok(package_layout_make(&l, sizes, n - 1, 10, &key, &f));
	package_layout_free(&l);
	secret_free(&key);
	mem_free(sizes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_of_every_awkward_size_open_again),
		cmocka_unit_test(
		    what_is_written_in_place_is_sealed_and_digested_as_what_is_added),
		cmocka_unit_test(
		    two_objects_of_one_content_share_neither_key_nor_nonce),
		cmocka_unit_test(lines_are_read_across_the_edges_of_chunks),
		cmocka_unit_test(
		    a_line_without_an_end_or_without_a_limit_is_refused),
		cmocka_unit_test(a_payload_cut_or_altered_is_refused),
		cmocka_unit_test(a_header_has_the_checksum_and_fields_of_posix),
		cmocka_unit_test(
		    past_eight_gibibytes_a_pax_header_tells_the_size),
		cmocka_unit_test(
		    a_layout_has_every_unit_once_and_fills_its_shards),
		cmocka_unit_test(the_last_shards_are_smaller_but_not_tiny),
		cmocka_unit_test(the_key_alone_decides_a_layout),
		cmocka_unit_test(more_shards_than_a_manifest_names_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
