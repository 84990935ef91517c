/*
 * Whole age files in memory: wrapped keys, cards' answers, identity files.
 * The plaintext goes straight into guarded memory and nowhere else.
 */

#include <string.h>

#include "keys/age/age_internal.h"

/* Far more than any key file; large files are streams. */
#define SMALL_MAX (64u * 1024u * 1024u)

int
age_seal_small(struct bytes *out, const struct age_recipient *to, size_t n,
    const void *p, size_t len, struct fault *f)
{
	const uint8_t *in = p;
	uint8_t nonce[AGE_NONCE_BYTES];
	struct secret file_key = { 0 };
	struct age_stream *s = NULL;
	size_t was = out->len;
	uint64_t chunks = age_chunks(len), payload;
	int rc = -1;

	if (len > SMALL_MAX || !age_payload_bytes(len, &payload))
		return fault_set(f, FAULT_INPUT, "too large to seal in memory");
	random_fill(nonce, sizeof(nonce));
	if (age_header_new(out, &file_key, to, n, f) != 0 ||
	    bytes_reserve(out, (size_t)payload, f) != 0 ||
	    bytes_add(out, nonce, sizeof(nonce), f) != 0 ||
	    age_stream_new(&s, AGE_SEAL, &file_key, nonce, f) != 0)
		goto out;
	for (uint64_t i = 0; i < chunks; i++) {
		size_t take = len < AGE_CHUNK_BYTES ? len : AGE_CHUNK_BYTES;

		if (age_chunk_seal(s, i, i == chunks - 1, in, take,
			out->at + out->len, f) != 0)
			goto out;
		out->len += take + AGE_TAG_BYTES;
		len -= take;
		in = take > 0 ? in + take : in;
	}
	rc = 0;
out:
	if (rc != 0)
		out->len = was;
	age_stream_free(s);
	secret_free(&file_key);
	return rc;
}

/* The chunks of a payload without its nonce, into out. */
static int
open_chunks(struct age_stream *s, const uint8_t *p, size_t len, uint8_t *out,
    struct fault *f)
{
	for (uint64_t i = 0;; i++) {
		bool final = len <= AGE_SEALED_CHUNK_BYTES;
		size_t take = final ? len : AGE_SEALED_CHUNK_BYTES;

		if (age_chunk_open(s, i, final, p, take, out, f) != 0)
			return -1;
		if (final)
			return 0;
		p += take;
		len -= take;
		out += AGE_CHUNK_BYTES;
	}
}

static int
open_payload(struct secret *out, const uint8_t *p, size_t len,
    const struct secret *file_key, struct fault *f)
{
	struct age_stream *s = NULL;
	uint64_t plain;
	int rc = -1;

	if (!age_plain_bytes(len, &plain))
		return fault_set(f, FAULT_FORGED, "payload: cut short");
	if (secret_new(out, (size_t)plain, f) != 0 ||
	    age_stream_new(&s, AGE_OPEN, file_key, p, f) != 0 ||
	    open_chunks(
		s, p + AGE_NONCE_BYTES, len - AGE_NONCE_BYTES, out->at, f) != 0)
		goto out;
	rc = 0;
out:
	if (rc != 0)
		secret_free(out);
	age_stream_free(s);
	return rc;
}

static int
open_binary(struct secret *out, const uint8_t *p, size_t len,
    const struct age_identity *ids, size_t n, struct fault *f)
{
	struct secret file_key = { 0 };
	struct age_header h;
	int rc = -1;

	if (age_header_read(&h, p, len, f) != 0)
		return -1;
	if (age_header_open(&h, ids, n, &file_key, f) == 0)
		rc = open_payload(out, p + h.len, len - h.len, &file_key, f);
	secret_free(&file_key);
	age_header_free(&h);
	return rc;
}

/* Armor without its END line is malformed when the file in it is whole, and
 * cut short when it is not. */
static int
open_armored(struct secret *out, const uint8_t *p, size_t len,
    const struct age_identity *ids, size_t n, struct fault *f)
{
	struct bytes binary;
	bool cut = false;
	int rc = -1;

	bytes_init(&binary, len);
	if (age_armor_take(&binary, p, len, &cut, f) == 0) {
		rc = open_binary(out, binary.at, binary.len, ids, n, f);
	} else if (cut) {
		fault_clear(f);
		if (open_binary(out, binary.at, binary.len, ids, n, f) == 0) {
			secret_free(out);
			(void)fault_set(f, FAULT_INPUT, "armor: no END line");
		}
	}
	bytes_free(&binary);
	return rc;
}

int
age_open_small(struct secret *out, const void *p, size_t len,
    const struct age_identity *ids, size_t n, struct fault *f)
{
	*out = (struct secret){ 0 };
	if (len > SMALL_MAX)
		return fault_set(f, FAULT_INPUT, "too large to open in memory");
	if (age_is_armor(p, len))
		return open_armored(out, p, len, ids, n, f);
	return open_binary(out, p, len, ids, n, f);
}
