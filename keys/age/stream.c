/*
 * An age payload, byte for byte (age.md, "Payload").
 *
 *      0            16
 *     +------------+---------------------------+------+------------- -
 *     | nonce      | up to 64 KiB ciphertext   | tag  | next chunk
 *     +------------+---------------------------+------+------------- -
 *                   nonce of chunk n = n as 11 bytes big-endian | last ? 1 : 0
 *
 * Every chunk but the last is exactly 65,536 + 16 bytes; the last is shorter
 * or equal, and may be empty only when the whole plaintext is.
 * Example: 3 bytes of plaintext make 16 + 3 + 16 = 35 bytes of payload.
 *
 * One cipher context for all chunks of a stream: OpenSSL keeps its key and
 * takes a new nonce, which saves an allocation a chunk.  Chunks know nothing
 * of each other, so they can be sealed and opened in any order.
 */

#include <openssl/evp.h>
#include <string.h>

#include "keys/age/age_internal.h"
#include "keys/base/mem.h"

_Static_assert(AGE_SEALED_CHUNK_BYTES == 65552, "age.md, Payload");

/* Sizes beyond are no file's, and sums of them could overflow. */
#define PLAIN_MAX ((uint64_t)1 << 62)

struct age_stream {
	EVP_CIPHER_CTX *ctx;
	enum age_way way;
};

int
age_stream_new(struct age_stream **out, enum age_way way,
    const struct secret *file_key, const uint8_t nonce[AGE_NONCE_BYTES],
    struct fault *f)
{
	struct slice ikm = { file_key->at, file_key->len };
	struct slice salt = { nonce, AGE_NONCE_BYTES };
	struct age_stream *s = mem_new(sizeof(*s));
	uint8_t key[32];
	int rc = -1;

	must(file_key->len == AGE_FILE_KEY_BYTES);
	if (s == NULL)
		return fault_memory(f);
	s->way = way;
	if ((s->ctx = EVP_CIPHER_CTX_new()) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (age_hkdf(key, sizeof(key), &ikm, &salt, "payload", f) != 0)
		goto out;
	if (EVP_CipherInit_ex(s->ctx, EVP_chacha20_poly1305(), NULL, key, NULL,
		way == AGE_SEAL) != 1) {
		(void)fault_set(
		    f, FAULT_SYSTEM, "ChaCha20-Poly1305 does not run");
		goto out;
	}
	*out = s;
	s = NULL; /* the caller's from here */
	rc = 0;
out:
	secret_wipe(key, sizeof(key));
	age_stream_free(s);
	return rc;
}

void
age_stream_free(struct age_stream *s)
{
	if (s == NULL)
		return;
	EVP_CIPHER_CTX_free(s->ctx); /* wipes the key */
	mem_free(s);
}

static void
chunk_nonce(uint8_t nonce[12], uint64_t n, bool final)
{
	memset(nonce, 0, 12);
	for (unsigned i = 0; i < 8; i++)
		nonce[10 - i] = (uint8_t)(n >> (8 * i));
	nonce[11] = final ? 1 : 0;
}

/* Does a chunk of len plain bytes exist at this place? */
static bool
chunk_possible(uint64_t n, bool final, size_t len)
{
	if (!final)
		return len == AGE_CHUNK_BYTES;
	return len <= AGE_CHUNK_BYTES && (len > 0 || n == 0);
}

int
age_chunk_seal(struct age_stream *s, uint64_t n, bool final, const void *in,
    size_t len, void *out, struct fault *f)
{
	uint8_t nonce[12], *to = out;
	int got = 0, rest = 0;

	must(s->way == AGE_SEAL && chunk_possible(n, final, len));
	chunk_nonce(nonce, n, final);
	if (EVP_EncryptInit_ex(s->ctx, NULL, NULL, NULL, nonce) != 1 ||
	    (len > 0 &&
		EVP_EncryptUpdate(s->ctx, to, &got, in, (int)len) != 1) ||
	    EVP_EncryptFinal_ex(s->ctx, to + got, &rest) != 1 ||
	    EVP_CIPHER_CTX_ctrl(
		s->ctx, EVP_CTRL_AEAD_GET_TAG, AGE_TAG_BYTES, to + len) != 1)
		return fault_set(
		    f, FAULT_SYSTEM, "ChaCha20-Poly1305 does not run");
	return 0;
}

int
age_chunk_open(struct age_stream *s, uint64_t n, bool final, const void *in,
    size_t len, void *out, struct fault *f)
{
	uint8_t nonce[12], tag[AGE_TAG_BYTES], *to = out;
	int got = 0, rest = 0;

	must(s->way == AGE_OPEN);
	if (len < AGE_TAG_BYTES ||
	    !chunk_possible(n, final, len - AGE_TAG_BYTES))
		return fault_set(f, FAULT_FORGED,
		    "payload: chunk %llu: cut short", (unsigned long long)n);
	len -= AGE_TAG_BYTES;
	memcpy(tag, (const uint8_t *)in + len, sizeof(tag));
	chunk_nonce(nonce, n, final);
	if (EVP_DecryptInit_ex(s->ctx, NULL, NULL, NULL, nonce) != 1 ||
	    EVP_CIPHER_CTX_ctrl(
		s->ctx, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) != 1 ||
	    (len > 0 && EVP_DecryptUpdate(s->ctx, to, &got, in, (int)len) != 1))
		return fault_set(
		    f, FAULT_SYSTEM, "ChaCha20-Poly1305 does not run");
	if (EVP_DecryptFinal_ex(s->ctx, to + got, &rest) != 1)
		return fault_set(f, FAULT_FORGED,
		    "payload: chunk %llu: altered or cut short",
		    (unsigned long long)n);
	return 0;
}

bool
age_chunk_undo(
    struct age_stream *s, uint64_t n, bool final, void *p, size_t len)
{
	uint8_t nonce[12];
	int got;

	must(s->way == AGE_OPEN && len >= AGE_TAG_BYTES);
	chunk_nonce(nonce, n, final);
	return EVP_DecryptInit_ex(s->ctx, NULL, NULL, NULL, nonce) == 1 &&
	       EVP_DecryptUpdate(
		   s->ctx, p, &got, p, (int)(len - AGE_TAG_BYTES)) == 1;
}

uint64_t
age_chunks(uint64_t plain)
{
	return plain == 0 ? 1
			  : plain / AGE_CHUNK_BYTES +
				(plain % AGE_CHUNK_BYTES != 0 ? 1 : 0);
}

uint64_t
age_chunk_at(uint64_t n)
{
	return AGE_NONCE_BYTES + n * AGE_SEALED_CHUNK_BYTES;
}

bool
age_payload_bytes(uint64_t plain, uint64_t *payload)
{
	if (plain > PLAIN_MAX)
		return false;
	*payload = AGE_NONCE_BYTES + plain + age_chunks(plain) * AGE_TAG_BYTES;
	return true;
}

bool
age_plain_bytes(uint64_t payload, uint64_t *plain)
{
	uint64_t chunks, rest;

	if (payload < AGE_NONCE_BYTES + AGE_TAG_BYTES || payload > PLAIN_MAX)
		return false;
	payload -= AGE_NONCE_BYTES;
	chunks = payload / AGE_SEALED_CHUNK_BYTES;
	rest = payload % AGE_SEALED_CHUNK_BYTES;
	if (rest != 0 &&
	    (rest < AGE_TAG_BYTES || (rest == AGE_TAG_BYTES && chunks > 0)))
		return false;
	*plain =
	    chunks * AGE_CHUNK_BYTES + (rest != 0 ? rest - AGE_TAG_BYTES : 0);
	return true;
}
