/*
 * A return's archive, from any bytes: what is read is, written again by our own
 * writer's headers, the same bytes; no byte is left to chance.
 *
 * Half of the inputs are an archive of our own with some bytes of it changed,
 * since nobody guesses a checksum.
 */

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/package/package_internal.h"
#include "keys/base/files.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

#define ALL_MAX ((size_t)1 << 20)

static void
add_member(struct bytes *b, const char *name, const uint8_t *p, size_t len)
{
	static const uint8_t zeros[TAR_BLOCK];
	uint8_t header[TAR_HEADER_MAX];
	struct fault f = { 0 };

	must(bytes_add(b, header, tar_header(header, name, len), &f) == 0);
	must(bytes_add(b, p, len, &f) == 0);
	must(bytes_add(b, zeros, tar_padding(len), &f) == 0);
}

static void
add_end(struct bytes *b)
{
	static const uint8_t zeros[TAR_END];
	struct fault f = { 0 };

	must(bytes_add(b, zeros, sizeof(zeros), &f) == 0);
}

/* One label file or two of the input's bytes, then changes: u16 where, u8
 * with what. */
static void
build(struct bytes *b, const uint8_t *p, size_t len)
{
	size_t half = len / 2;

	add_member(b, "return.dsse", p, half < 700 ? half : 700);
	add_member(b, "labels/0001.jsonl", p, half / 2);
	if (len % 2 == 0)
		add_member(b, "labels/0002.json", p, half / 3);
	add_end(b);
	for (size_t i = half; i + 2 < len; i += 3)
		b->at[(size_t)(p[i] << 8 | p[i + 1]) % b->len] ^= p[i + 2];
}

static void
same_again(const struct return_file *r, const uint8_t *p, size_t len)
{
	struct bytes again;

	bytes_init(&again, ALL_MAX);
	add_member(&again, "return.dsse", r->envelope.at, r->envelope.len);
	for (size_t i = 0; i < r->nlabels; i++) {
		must(return_name_valid(r->labels[i].name, i));
		must(r->labels[i].at + r->labels[i].bytes <= len);
		add_member(&again, r->labels[i].name, p + r->labels[i].at,
		    (size_t)r->labels[i].bytes);
	}
	add_end(&again);
	must(again.len == len && memcmp(again.at, p, len) == 0);
	bytes_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct fault f = { 0 };
	struct return_file r;
	struct bytes b;
	int fd;

	if (len < 1 || len > 4096)
		return 0;
	bytes_init(&b, ALL_MAX);
	if (p[0] % 2 == 0)
		build(&b, p + 1, len - 1);
	else
		must(bytes_add(&b, p + 1, len - 1, &f) == 0);
	fd = memfd_create("return", MFD_CLOEXEC);
	must(fd != -1 && file_write(fd, b.at, b.len, &f) == 0);
	if (return_file_read(&r, fd, &f) == 0) {
		same_again(&r, b.at, b.len);
		return_file_free(&r);
	} else
		must(f.kind == FAULT_INPUT && f.text[0] != '\0');
	file_close(&fd);
	bytes_free(&b);
	return 0;
}
