/*
 * SHA-256 over OpenSSL's EVP.
 *
 * Fetching the algorithm and making a context cost more than hashing a short
 * value, so the algorithm is fetched once a process and digest_of() keeps one
 * context a thread.  Nothing here can fail once the context exists: the
 * provider's update and final have no failure of their own for SHA-256, hence
 * must() and not a fault.
 */

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

#include "keys/base/mem.h"
#include "keys/sign/sign.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t of_thread;
static EVP_MD *sha256;

struct digest {
	EVP_MD_CTX *ctx;
};

static void
free_context(void *ctx)
{
	EVP_MD_CTX_free(ctx);
}

static void
start(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	must(sha256 != NULL);
	must(pthread_key_create(&of_thread, free_context) == 0);
}

void
digest_start(void)
{
	uint8_t none[DIGEST_BYTES];

	must(OPENSSL_init_crypto(OPENSSL_INIT_NO_ADD_ALL_CIPHERS |
				     OPENSSL_INIT_NO_ADD_ALL_DIGESTS |
				     OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS,
		 NULL) == 1);
	digest_of(none, "", 0);
}

static void
begin(EVP_MD_CTX *ctx)
{
	must(EVP_DigestInit_ex2(ctx, sha256, NULL) == 1);
}

static void
add(EVP_MD_CTX *ctx, const void *p, size_t len)
{
	must(len == 0 || EVP_DigestUpdate(ctx, p, len) == 1);
}

static void
end(EVP_MD_CTX *ctx, uint8_t out[DIGEST_BYTES])
{
	unsigned n = 0;

	must(EVP_DigestFinal_ex(ctx, out, &n) == 1 && n == DIGEST_BYTES);
}

/* This thread's context, made at first use and begun. */
static EVP_MD_CTX *
thread_context(void)
{
	EVP_MD_CTX *ctx;

	must(pthread_once(&once, start) == 0);
	if ((ctx = pthread_getspecific(of_thread)) == NULL) {
		ctx = EVP_MD_CTX_new();
		must(ctx != NULL && pthread_setspecific(of_thread, ctx) == 0);
	}
	begin(ctx);
	return ctx;
}

void
digest_of(uint8_t out[DIGEST_BYTES], const void *p, size_t len)
{
	EVP_MD_CTX *ctx = thread_context();

	add(ctx, p, len);
	end(ctx, out);
}

void
digest_salted(uint8_t out[DIGEST_BYTES], const uint8_t salt[DIGEST_BYTES],
    const void *p, size_t len)
{
	EVP_MD_CTX *ctx = thread_context();

	add(ctx, salt, DIGEST_BYTES);
	add(ctx, p, len);
	end(ctx, out);
}

void
merkle_empty(uint8_t out[DIGEST_BYTES])
{
	digest_of(out, NULL, 0);
}

/* The prefixes of RFC 6962 section 2.1, which keep leaf and node apart. */
void
merkle_leaf(uint8_t out[DIGEST_BYTES], const void *p, size_t len)
{
	EVP_MD_CTX *ctx = thread_context();

	add(ctx, "\0", 1);
	add(ctx, p, len);
	end(ctx, out);
}

void
merkle_node(uint8_t out[DIGEST_BYTES], const uint8_t left[DIGEST_BYTES],
    const uint8_t right[DIGEST_BYTES])
{
	uint8_t both[1 + 2 * DIGEST_BYTES];

	both[0] = 1;
	memcpy(both + 1, left, DIGEST_BYTES);
	memcpy(both + 1 + DIGEST_BYTES, right, DIGEST_BYTES);
	digest_of(out, both, sizeof(both));
}

int
digest_new(struct digest **out, struct fault *f)
{
	struct digest *d;

	must(pthread_once(&once, start) == 0);
	if ((d = mem_new(sizeof(*d))) == NULL)
		return fault_memory(f);
	if ((d->ctx = EVP_MD_CTX_new()) == NULL) {
		mem_free(d);
		return fault_memory(f);
	}
	begin(d->ctx);
	*out = d;
	return 0;
}

void
digest_add(struct digest *d, const void *p, size_t len)
{
	add(d->ctx, p, len);
}

void
digest_end(struct digest *d, uint8_t out[DIGEST_BYTES])
{
	end(d->ctx, out);
	begin(d->ctx);
}

void
digest_free(struct digest *d)
{
	if (d == NULL)
		return;
	EVP_MD_CTX_free(d->ctx); /* wipes its state */
	mem_free(d);
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, DIGEST_BYTES);
}

void
digest_sort(uint8_t (*list)[DIGEST_BYTES], size_t n)
{
	if (n > 1)
		qsort(list, n, DIGEST_BYTES, compare);
}
