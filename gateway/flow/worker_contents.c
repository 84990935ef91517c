/* The digests of whole files, for plans that are known by what they hold. */

#include "gateway/flow/worker_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define READ_BYTES ((size_t)256 << 10)

static int
read_file(const struct worker_source *s, uint8_t *buf,
    uint8_t out[DIGEST_BYTES], struct fault *f)
{
	struct digest *d;
	uint64_t at = 0;
	size_t got = 0;
	int rc = -1;

	if (digest_new(&d, f) != 0)
		return -1;
	do {
		rc = file_read_at(s->src.fd, buf, READ_BYTES, at, &got, f);
		if (rc == 0)
			digest_add(d, buf, got);
		at += got;
	} while (rc == 0 && got == READ_BYTES);
	if (rc == 0 && at != s->src.size)
		rc = fault_set(f, FAULT_INPUT, "changed since it was planned");
	if (rc == 0)
		digest_end(d, out);
	digest_free(d);
	return rc == 0 ? 0 : fault_at(f, "%s", s->path);
}

int
worker_contents(void *state, struct asked *a, struct fault *f)
{
	uint8_t digest[DIGEST_BYTES], *buf = mem_new(READ_BYTES);
	uint16_t n;
	int rc = -1;

	(void)state;
	if (buf == NULL)
		return fault_memory(f);
	rc = take_u16(&a->in, &n, f);
	for (uint16_t i = 0; rc == 0 && i < n; i++) {
		struct worker_source s;

		rc = worker_take_file(a, i, &s, f);
		if (rc == 0 && (rc = read_file(&s, buf, digest, f)) == 0)
			rc = bytes_add(
			    &a->answer->body, digest, sizeof(digest), f);
		worker_source_close(&s);
	}
	mem_free(buf);
	return rc == 0 ? take_end(&a->in, f) : -1;
}
