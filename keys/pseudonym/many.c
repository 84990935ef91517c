/*
 * Several tokens at once.
 *
 * A MAC of a short value is two compressions of SHA-256, and a processor's
 * instructions for them wait for each other longer than they work: two values
 * side by side take little longer than one.  libsodium and OpenSSL hash one
 * message at a time.  libipsec-mb (Intel; "multi-buffer") takes many, and is
 * used where it is installed and the processor has SHA instructions: a token
 * then costs 0.6 of what token_make() takes.
 *
 * Its library is opened when a process is about to mask, and by no other:
 * 12 MB of code would make every start longer.  Whether it computes the same is
 * looked at before it is used, and nothing else of it is.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "keys/pseudonym/pseudonym_internal.h"

#define MANY_MAX 32u /* MACs of one call into the library */

#if defined(__x86_64__) && __has_include(<intel-ipsec-mb.h>)

#include <dlfcn.h>
#include <intel-ipsec-mb.h>
#include <pthread.h>
#include <tmmintrin.h>

/* The interface of the header: struct IMB_JOB changes with the first number. */
#define SONAME                                                       \
	(IMB_VERSION_NUM < IMB_VERSION(2, 0, 0) ? "libIPSec_MB.so.1" \
						: "libIPSec_MB.so.2")
#define ALIGNED 64u

static struct {
	bool ready;
	pthread_key_t of_thread;
	size_t (*size)(void);
	IMB_MGR *(*place)(void *p, uint64_t flags, unsigned reset);
	void (*init)(IMB_MGR *m);
} library;

/* What a thread computes with. */
struct lanes {
	IMB_MGR *manager;
	IMB_JOB jobs[MANY_MAX];
	uint8_t macs[MANY_MAX][TOKEN_MAC_BYTES];
	size_t room;
	uint8_t memory[]; /* the manager's, somewhere in it */
};

static void
lanes_free(void *arg)
{
	struct lanes *l = arg;

	if (l != NULL)
		secret_wipe(l, l->room);
	mem_free(l);
}

/* This thread's, made at first use; NULL without memory. */
static struct lanes *
lanes_of_thread(void)
{
	struct lanes *l = pthread_getspecific(library.of_thread);
	size_t room, off;

	if (l != NULL)
		return l;
	room = sizeof(*l) + library.size() + ALIGNED;
	if ((l = mem_new(room)) == NULL)
		return NULL;
	l->room = room;
	off = -(uintptr_t)l->memory % ALIGNED;
	l->manager = library.place(l->memory + off, 0, 1);
	if (l->manager == NULL ||
	    pthread_setspecific(library.of_thread, l) != 0) {
		lanes_free(l);
		return NULL;
	}
	library.init(l->manager);
	return l;
}

static void
add_job(struct lanes *l, size_t n, const struct token_job *from)
{
	IMB_JOB *job = &l->jobs[n];

	job->src = from->value;
	job->hash_start_src_offset_in_bytes = 0;
	job->msg_len_to_hash_in_bytes = from->len;
	job->auth_tag_output = l->macs[n];
	job->auth_tag_output_len_in_bytes = TOKEN_MAC_BYTES;
	job->u.HMAC._hashed_auth_key_xor_ipad =
	    (const uint8_t *)from->key->inner;
	job->u.HMAC._hashed_auth_key_xor_opad =
	    (const uint8_t *)from->key->outer;
}

/*
 * base32_write() of 16 bytes, in registers: it is a tenth of a token.  Digit k
 * of five bytes is the upper five bits of two of them, shifted left by 5k mod
 * 8, which is a multiplication.  Processors that have the SHA instructions have
 * SSSE3.
 */
__attribute__((target("ssse3"))) static __m128i
eight_digits(__m128i mac, __m128i bytes)
{
	const __m128i shift = _mm_setr_epi16(
	    1, 1 << 5, 1 << 2, 1 << 7, 1 << 4, 1 << 1, 1 << 6, 1 << 3);

	return _mm_srli_epi16(
	    _mm_mullo_epi16(_mm_shuffle_epi8(mac, bytes), shift), 11);
}

__attribute__((target("ssse3"))) static __m128i
letters(__m128i digits)
{
	const __m128i late = _mm_cmpgt_epi8(digits, _mm_set1_epi8(25));

	return _mm_sub_epi8(_mm_add_epi8(digits, _mm_set1_epi8('a')),
	    _mm_and_si128(late, _mm_set1_epi8('a' + 26 - '2')));
}

__attribute__((target("ssse3"))) static void
write_token(char out[TOKEN_CHARS], const uint8_t mac[16])
{
	/* two bytes a digit, the first in the upper half */
	const __m128i bytes =
	    _mm_setr_epi8(1, 0, 1, 0, 2, 1, 2, 1, 3, 2, 4, 3, 4, 3, 5, 4);
	const __m128i last = _mm_setr_epi8(
	    -1, 15, -1, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
	const __m128i m = _mm_loadu_si128((const void *)mac);
	__m128i front, back;
	int two;

	front = letters(_mm_packus_epi16(eight_digits(m, bytes),
	    eight_digits(m, _mm_add_epi8(bytes, _mm_set1_epi8(5)))));
	back = letters(_mm_packus_epi16(
	    eight_digits(m, _mm_add_epi8(bytes, _mm_set1_epi8(10))),
	    eight_digits(m, last)));
	_mm_storeu_si128((void *)out, front);
	_mm_storel_epi64((void *)(out + 16), back);
	two = _mm_extract_epi16(back, 4);
	memcpy(out + 24, &two, 2);
}

/* Up to MANY_MAX values, each short and not empty. */
static bool
make_run(const struct token_job *jobs, size_t n)
{
	struct lanes *l = lanes_of_thread();

	if (l == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		add_job(l, i, &jobs[i]);
	if (IMB_SUBMIT_HASH_BURST_NOCHECK(
		l->manager, l->jobs, (uint32_t)n, IMB_AUTH_HMAC_SHA_256) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		write_token(jobs[i].out, l->macs[i]);
	return true;
}

/* One after the other, and together: the same? */
static bool
agrees(const struct token_key *k)
{
	uint8_t value[TOKEN_SHORT_MAX + MANY_MAX];
	char tokens[MANY_MAX][TOKEN_CHARS], want[TOKEN_CHARS + 1];
	struct token_job jobs[MANY_MAX];

	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = (uint8_t)(11 * i);
	for (size_t len = 1; len + MANY_MAX <= TOKEN_SHORT_MAX + 1; len++) {
		size_t n = 1 + len % MANY_MAX;

		for (size_t i = 0; i < n; i++)
			jobs[i] = (struct token_job){ k, value + i, len + i,
				tokens[i] };
		if (!make_run(jobs, n))
			return false;
		for (size_t i = 0; i < n; i++) {
			token_make(k, value + i, len + i, want);
			if (memcmp(want, tokens[i], TOKEN_CHARS) != 0)
				return false;
		}
	}
	return true;
}

static bool
library_open(void)
{
	/* for as long as the process lives */
	void *at = dlopen(SONAME, RTLD_NOW | RTLD_LOCAL);

	if (at == NULL)
		return false;
	*(void **)&library.size = dlsym(at, "imb_get_mb_mgr_size");
	*(void **)&library.place = dlsym(at, "imb_set_pointers_mb_mgr");
	/* that of AVX2 would hash eight at a time without those instructions,
	 * which takes twice as long */
	*(void **)&library.init = dlsym(at, "init_mb_mgr_sse");
	return library.size != NULL && library.place != NULL &&
	       library.init != NULL &&
	       pthread_key_create(&library.of_thread, lanes_free) == 0;
}

int
tokens_start(struct fault *f)
{
	uint8_t key[32] = { 1, 2, 3 };
	const struct lanes *l;
	struct token_key *k;
	bool same;

	if (library.ready || !library_open() ||
	    (l = lanes_of_thread()) == NULL ||
	    (l->manager->features & IMB_FEATURE_SHANI) == 0)
		return 0;
	if (token_key_new(&k, key, sizeof(key), f) != 0)
		return -1;
	same = agrees(k);
	token_key_free(k);
	if (!same)
		return fault_set(f, FAULT_SYSTEM,
		    "HMAC-SHA-256: %s does not compute what OpenSSL does",
		    SONAME);
	library.ready = true;
	return 0;
}

/* As many as there are in a row that the library is for. */
static size_t
run_of(const struct token_job *jobs, size_t n)
{
	size_t i = 0;

	while (library.ready && i < n && i < MANY_MAX && jobs[i].len > 0 &&
	       jobs[i].len <= TOKEN_SHORT_MAX)
		i++;
	return i;
}

#else

int
tokens_start(struct fault *f)
{
	(void)f;
	return 0;
}

static size_t
run_of(const struct token_job *jobs, size_t n)
{
	(void)jobs;
	(void)n;
	return 0;
}

static bool
make_run(const struct token_job *jobs, size_t n)
{
	(void)jobs;
	(void)n;
	return false;
}

#endif

static void
make_one(const struct token_job *job)
{
	char token[TOKEN_CHARS + 1];

	token_make(job->key, job->value, job->len, token);
	memcpy(job->out, token, TOKEN_CHARS);
}

void
tokens_make(const struct token_job *jobs, size_t n)
{
	for (size_t i = 0, run; i < n; i += run) {
		run = run_of(jobs + i, n - i);
		/* one alone is not faster */
		if (run > 1 && make_run(jobs + i, run))
			continue;
		run = 1;
		make_one(&jobs[i]);
	}
}
