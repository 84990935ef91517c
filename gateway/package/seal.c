/*
 * An age file, made while its content comes.
 *
 *     bytes --> 64 KiB chunks --> sealed --> SHA-256 --> fd
 *
 * Chunks that lie whole in the caller's memory are sealed from there; others
 * are put together here, by whoever has the bytes, in place.  Four sealed ones
 * make one write.  The last chunk is only known at the end, so one is always
 * held back.  What is to have a digest of its own is digested chunk by chunk as
 * well, just before it is sealed and while it is in the cache.
 */

#include <string.h>

#include "gateway/package/package_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* Sealed chunks of one write: 256 KiB. */
#define SEAL_RUN (4 * (size_t)AGE_SEALED_CHUNK_BYTES)

/* After every so many bytes the disk begins with them: the flush at the end is
 * what an export waits for. */
#define FLUSH_EARLY ((uint64_t)8 << 20)

struct package_seal {
	int fd;
	struct age_stream *stream;
	struct digest *digest;
	uint64_t chunks; /* sealed so far */
	struct package_object so_far;
	struct digest *part; /* of what is added now, or NULL */
	size_t from;	     /* in chunk, what is not yet in it */
	size_t held;	     /* bytes in chunk, at most AGE_CHUNK_BYTES */
	size_t ready;	     /* bytes in run */
	uint8_t chunk[AGE_CHUNK_BYTES + SEAL_ROOM];
	uint8_t run[SEAL_RUN];
};

static int
seal_write(struct package_seal *s, const void *p, size_t len, struct fault *f)
{
	uint64_t before = s->so_far.bytes;

	digest_add(s->digest, p, len);
	s->so_far.bytes += len;
	if (file_write(s->fd, p, len, f) != 0)
		return -1;
	if (s->so_far.bytes / FLUSH_EARLY != before / FLUSH_EARLY)
		file_flush_early(s->fd);
	return 0;
}

static int
seal_start(struct package_seal *s, const struct age_recipient *to, size_t n,
    struct fault *f)
{
	struct secret file_key = { 0 };
	struct bytes header;
	int rc = -1;

	bytes_init(&header, AGE_HEADER_MAX);
	if (age_header_new(&header, &file_key, to, n, f) != 0)
		goto out;
	random_fill(s->run, AGE_NONCE_BYTES);
	s->ready = AGE_NONCE_BYTES;
	if (age_stream_new(&s->stream, AGE_SEAL, &file_key, s->run, f) != 0 ||
	    seal_write(s, header.at, header.len, f) != 0)
		goto out;
	rc = 0;
out:
	secret_free(&file_key);
	bytes_free(&header);
	return rc;
}

int
package_seal_new(struct package_seal **out, int fd,
    const struct age_recipient *to, size_t n, struct fault *f)
{
	struct package_seal *s;
	int rc = -1;

	if ((s = mem_new(sizeof(*s))) == NULL)
		return fault_memory(f);
	s->fd = fd;
	if (digest_new(&s->digest, f) != 0 || seal_start(s, to, n, f) != 0)
		goto out;
	*out = s;
	s = NULL;
	rc = 0;
out:
	package_seal_free(s);
	return rc;
}

static int
seal_flush(struct package_seal *s, struct fault *f)
{
	size_t ready = s->ready;

	s->ready = 0;
	return seal_write(s, s->run, ready, f);
}

static int
seal_chunk(struct package_seal *s, const void *p, size_t len, bool final,
    struct fault *f)
{
	if (s->ready + len + AGE_TAG_BYTES > SEAL_RUN && seal_flush(s, f) != 0)
		return -1;
	if (age_chunk_seal(
		s->stream, s->chunks, final, p, len, s->run + s->ready, f) != 0)
		return -1;
	s->ready += len + AGE_TAG_BYTES;
	s->so_far.plain += len;
	s->chunks++;
	return 0;
}

/* Digest what is held and was not yet. */
static void
seal_digest_held(struct package_seal *s)
{
	size_t to = s->held < AGE_CHUNK_BYTES ? s->held : AGE_CHUNK_BYTES;

	if (s->part != NULL)
		digest_add(s->part, s->chunk + s->from, to - s->from);
	s->from = to;
}

/* Seal the chunk that is held, which is full, and keep what stands behind. */
static int
seal_held(struct package_seal *s, struct fault *f)
{
	seal_digest_held(s);
	if (seal_chunk(s, s->chunk, AGE_CHUNK_BYTES, false, f) != 0)
		return -1;
	s->held -= AGE_CHUNK_BYTES;
	memmove(s->chunk, s->chunk + AGE_CHUNK_BYTES, s->held);
	s->from = 0;
	return 0;
}

int
package_seal_add(
    struct package_seal *s, const void *p, size_t len, struct fault *f)
{
	const uint8_t *at = p;
	size_t n;

	for (; len > 0; at += n, len -= n) {
		n = AGE_CHUNK_BYTES - s->held;
		if (n == 0) {
			if (seal_held(s, f) != 0)
				return -1;
		} else if (s->held == 0 && len > AGE_CHUNK_BYTES) {
			if (s->part != NULL)
				digest_add(s->part, at, n);
			if (seal_chunk(s, at, n, false, f) != 0)
				return -1;
		} else {
			n = n < len ? n : len;
			memcpy(s->chunk + s->held, at, n);
			s->held += n;
		}
	}
	return 0;
}

uint8_t *
seal_room(struct package_seal *s)
{
	return s->chunk + s->held;
}

int
seal_wrote(struct package_seal *s, size_t len, struct fault *f)
{
	must(len <= SEAL_ROOM);
	s->held += len;
	return s->held > AGE_CHUNK_BYTES ? seal_held(s, f) : 0;
}

void
seal_digest(struct package_seal *s, struct digest *part)
{
	seal_digest_held(s);
	s->part = part;
	s->from = s->held;
}

int
package_seal_end(
    struct package_seal *s, struct package_object *out, struct fault *f)
{
	if (seal_chunk(s, s->chunk, s->held, true, f) != 0 ||
	    seal_flush(s, f) != 0)
		return -1;
	*out = s->so_far;
	digest_end(s->digest, out->sha256);
	return 0;
}

void
package_seal_free(struct package_seal *s)
{
	if (s == NULL)
		return;
	age_stream_free(s->stream);
	digest_free(s->digest);
	secret_wipe(s->chunk, sizeof(s->chunk));
	mem_free(s);
}
