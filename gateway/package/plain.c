/*
 * An age payload, opened as it is read: 256 KiB of sealed chunks in, their
 * plaintext out once each tag was verified.  The file key comes from whoever
 * opened the header.
 */

#include <string.h>

#include "gateway/package/package_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* Sealed chunks of one read. */
#define PLAIN_RUN 4u

/* What is at hand may be nearly one run that was asked for and did not reach,
 * and a whole read behind it. */
#define PLAIN_ROOM (PLAIN_TAKE_MAX + PLAIN_RUN * (size_t)AGE_CHUNK_BYTES)

int
plain_open(struct plain *p, const struct package_payload *from, struct fault *f)
{
	uint8_t nonce[AGE_NONCE_BYTES];
	uint64_t bytes;
	size_t got;

	*p = (struct plain){ .from = *from };
	if (!age_plain_bytes(from->bytes, &bytes))
		return fault_set(f, FAULT_FORGED, "payload: cut short");
	p->chunks = age_chunks(bytes);
	p->left = from->bytes - AGE_NONCE_BYTES;
	p->sealed = mem_new(PLAIN_RUN * (size_t)AGE_SEALED_CHUNK_BYTES);
	p->buf = mem_new(PLAIN_ROOM);
	if (p->sealed == NULL || p->buf == NULL)
		return fault_memory(f);
	if (file_read_at(from->fd, nonce, sizeof(nonce), from->at, &got, f) !=
	    0)
		return -1;
	if (got != sizeof(nonce))
		return fault_set(f, FAULT_FORGED, "payload: cut short");
	return age_stream_new(&p->stream, AGE_OPEN, from->file_key, nonce, f);
}

void
plain_close(struct plain *p)
{
	age_stream_free(p->stream);
	mem_free(p->sealed);
	if (p->buf != NULL)
		secret_wipe(p->buf, PLAIN_ROOM);
	mem_free(p->buf);
	*p = (struct plain){ 0 };
}

/* Open the next few chunks behind what is at hand. */
static int
plain_read(struct plain *p, struct fault *f)
{
	size_t run = PLAIN_RUN * (size_t)AGE_SEALED_CHUNK_BYTES, got;
	uint64_t at = p->from.at + p->from.bytes - p->left;

	run = p->left < run ? (size_t)p->left : run;
	if (file_read_at(p->from.fd, p->sealed, run, at, &got, f) != 0)
		return -1;
	if (got != run)
		return fault_set(f, FAULT_FORGED, "payload: cut short");
	p->left -= run;
	for (size_t i = 0; i < run;) {
		bool final = p->chunk + 1 == p->chunks;
		size_t len = run - i < AGE_SEALED_CHUNK_BYTES
				 ? run - i
				 : AGE_SEALED_CHUNK_BYTES;

		if (age_chunk_open(p->stream, p->chunk, final, p->sealed + i,
			len, p->buf + p->len, f) != 0)
			return -1;
		p->chunk++;
		p->len += len - AGE_TAG_BYTES;
		i += len;
	}
	return 0;
}

int
plain_fill(struct plain *p, size_t want, struct fault *f)
{
	must(want <= PLAIN_TAKE_MAX);
	if (p->len - p->at >= want || p->left == 0)
		return 0;
	memmove(p->buf, p->buf + p->at, p->len - p->at);
	p->len -= p->at;
	p->at = 0;
	while (p->len < want && p->left > 0)
		if (plain_read(p, f) != 0)
			return -1;
	return 0;
}

int
plain_take(struct plain *p, size_t len, const uint8_t **out, struct fault *f)
{
	if (plain_fill(p, len, f) != 0)
		return -1;
	if (p->len - p->at < len)
		return fault_set(f, FAULT_FORGED, "ends too early");
	*out = p->buf + p->at;
	p->at += len;
	return 0;
}

int
plain_some(struct plain *p, uint64_t max, const uint8_t **out, size_t *len,
    struct fault *f)
{
	size_t there;

	if (plain_fill(p, 1, f) != 0)
		return -1;
	if ((there = p->len - p->at) == 0)
		return fault_set(f, FAULT_FORGED, "ends too early");
	*len = there < max ? there : (size_t)max;
	*out = p->buf + p->at;
	p->at += *len;
	return 0;
}

int
plain_line(struct plain *p, size_t max, const char **line, size_t *len,
    bool *end, struct fault *f)
{
	const uint8_t *at, *hit;
	size_t there;

	/* Most lines are at hand; only at its edge is the rest moved up. */
	at = p->buf + p->at;
	there = p->len - p->at;
	if ((hit = memchr(at, '\n', there)) == NULL) {
		if (plain_fill(p, max + 1, f) != 0)
			return -1;
		at = p->buf + p->at;
		there = p->len - p->at;
		hit = memchr(at, '\n', there);
	}
	*end = there == 0;
	if (*end)
		return 0;
	if (hit == NULL || (size_t)(hit - at) > max)
		return fault_set(f, FAULT_INPUT, "a line that does not end");
	*line = (const char *)at;
	*len = (size_t)(hit - at);
	p->at += *len + 1;
	return 0;
}
