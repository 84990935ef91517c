/* What a process that masks begins with; and keys that nobody else has and
 * that are gone with it. */

#include <malloc.h>
#include <openssl/evp.h>
#include <sched.h>
#include <sodium.h>
#include <string.h>

#include "gateway/mask/mask.h"
#include "gateway/mask/pictures_internal.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"
#include "keys/pseudonym/pseudonym.h"
#include "policy/rules/rules.h"
#include "policy/transform/transform.h"

int
mask_start(struct fault *f)
{
	EVP_MD_CTX *c;
	int rc = -1;

	/* glibc opens a file under /proc when it gives a thread's own arena
	 * back, which a sandbox kills for. */
	(void)mallopt(M_ARENA_MAX, 1);
	if (pseudonym_start(f) != 0 || tokens_start(f) != 0 ||
	    transform_start(f) != 0 || pictures_load(f) != 0)
		return -1;
	if ((c = EVP_MD_CTX_new()) == NULL)
		return fault_memory(f);
	if (EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1)
		rc = 0;
	EVP_MD_CTX_free(c);
	return rc == 0 ? 0 : fault_set(f, FAULT_SYSTEM, "no SHA-256");
}

unsigned
mask_threads(void)
{
	cpu_set_t cpus;
	int n;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0)
		return 1; /* over 1,024 processors: one is always right */
	n = CPU_COUNT(&cpus);
	return n < 1			   ? 1
	       : n < (int)MASK_THREADS_MAX ? (unsigned)n
					   : MASK_THREADS_MAX;
}

/* What a file of that name might be called. */
static int
make_up(void *arg, enum transform_by by, const struct slice *value,
    struct bytes *out, struct fault *f)
{
	char item[TOKEN_CHARS + 1];

	(void)by;
	token_make(arg, value->at, value->len, item);
	return bytes_add_text(out, item, f);
}

/* A key of that name: from the seed, or where there is none by chance. */
static void
fill_key(uint8_t key[32], const uint8_t *seed, const char *name)
{
	_Static_assert(crypto_auth_hmacsha256_BYTES == 32 &&
			   crypto_auth_hmacsha256_KEYBYTES == MASK_SEED_BYTES,
	    "a key is an HMAC under the seed");

	if (seed == NULL)
		random_fill(key, 32);
	else
		must(crypto_auth_hmacsha256(
			 key, (const uint8_t *)name, strlen(name), seed) == 0);
}

/* For all threads: nothing of it changes while it is used. */
static int
make_refs(struct mask_fresh *out, const uint8_t *seed, struct fault *f)
{
	uint8_t key[32];
	int rc;

	if ((out->refs = mem_new(sizeof(*out->refs))) == NULL)
		return fault_memory(f);
	fill_key(key, seed, "item");
	rc = token_key_new(&out->item, key, sizeof(key), f);
	secret_wipe(key, sizeof(key));
	*out->refs = (struct transform_refs){ make_up, out->item };
	return rc;
}

/* One key for all threads, each of which has its own use of it. */
static int
make_one(struct mask_fresh *k, const struct names *keys, size_t i,
    const uint8_t *seed, struct fault *f)
{
	struct secret key = { 0 };
	uint8_t bytes[32];
	int rc;

	fill_key(bytes, seed, keys->at[i]);
	rc = secret_copy(&key, bytes, sizeof(bytes), f);
	secret_wipe(bytes, sizeof(bytes));
	for (unsigned t = 0; rc == 0 && t < k->threads; t++)
		rc = transform_key_new(
		    &k->made[t * keys->n + i], keys->at[i], &key, f);
	secret_free(&key);
	return rc;
}

static int
make(struct mask_fresh *out, const struct file_plan *plan, unsigned threads,
    const uint8_t *seed, struct fault *f)
{
	const struct names *keys = &plan->keys;

	must(threads > 0 && threads <= MASK_THREADS_MAX);
	*out = (struct mask_fresh){ .threads = threads,
		.n = threads * keys->n,
		.made = mem_array(
		    threads * keys->n, sizeof(struct transform_key *)) };
	if (out->made == NULL) {
		out->n = 0;
		return fault_memory(f);
	}
	for (size_t i = 0; i < keys->n; i++)
		if (make_one(out, keys, i, seed, f) != 0)
			return -1;
	if (make_refs(out, seed, f) != 0)
		return -1;
	for (unsigned t = 0; t < threads; t++) {
		out->keys[t].refs = out->refs;
		out->keys[t].field =
		    (const struct transform_key *const *)out->made +
		    t * keys->n;
		out->keys[t].nfields = keys->n;
	}
	return 0;
}

int
mask_fresh_make(struct mask_fresh *out, const struct file_plan *plan,
    unsigned threads, struct fault *f)
{
	return make(out, plan, threads, NULL, f);
}

int
mask_fresh_from(struct mask_fresh *out, const struct file_plan *plan,
    const uint8_t seed[MASK_SEED_BYTES], struct fault *f)
{
	return make(out, plan, 1, seed, f);
}

void
mask_fresh_free(struct mask_fresh *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < k->n; i++)
		transform_key_free(k->made[i]);
	mem_free(k->made);
	token_key_free(k->item);
	mem_free(k->refs);
	*k = (struct mask_fresh){ 0 };
}
