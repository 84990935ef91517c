/*
 * A made-up table for benchmarks, and what is to be compared with it.
 * usage: bench_table csv|jsonl ROWS >FILE
 *        bench_table loop ROWS MB     the least that masking could cost: the
 *                                     HMACs of five values a row on all cores
 *        bench_table least ROWS MB DIGESTED SEALED
 *                                     the least that an export could: of six
 *                                     values, as many at once as it can, and
 *                                     that many bytes through SHA-256 and
 *                                     through the cipher
 *
 * 12 columns of some 275 bytes: id, name, email, phone, born, postcode, city,
 * iban, ip, note, weight, amount.  The same rows always.
 */

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keys/age/age.h"
#include "keys/base/clock.h"
#include "keys/base/secret.h"
#include "keys/pseudonym/pseudonym.h"
#include "keys/sign/sign.h"

static const char *const given[] = { "Anna", "Bernd", "Carla", "David", "Elif",
	"Fatima", "Georg", "Hanna", "Igor", "Jonas", "Katharina", "Leon",
	"Maria", "Nikolas", "Olga", "Paul", "Ruth", "Sofia", "Thomas", "Ursula",
	"Viktor", "Wanda", "Yusuf", "Zofia" };
static const char *const family[] = { "Ahrens", "Becker", "Conrad", "Dietrich",
	"Engel", "Fischer", "Gruber", "Hoffmann", "Ivanova", "Jung", "Kaya",
	"Lehmann", "Maier", "Nowak", "Otto", "Peters", "Richter", "Schneider",
	"Tanaka", "Urban", "Vogel", "Weber", "Yilmaz", "Zimmermann" };
static const char *const city[] = { "Aachen", "Bremen", "Cottbus", "Dresden",
	"Essen", "Freiburg", "Gera", "Hamburg", "Ingolstadt", "Jena", "Kassel",
	"Leipzig", "Mainz", "Nuernberg", "Oldenburg", "Potsdam" };
static const char *const word[] = { "patient", "reports", "mild", "pain",
	"since", "Monday", "no", "fever", "blood", "pressure", "normal",
	"follow", "up", "in", "two", "weeks", "left", "knee", "swollen",
	"after", "fall", "asked", "for", "leave", "of", "work", "allergic",
	"to", "penicillin", "seen", "with", "daughter" };
#define PICK(list, r) (list)[(r) % (sizeof(list) / sizeof(*(list)))]

/* Steele, Lea, Flood: SplitMix64 */
static uint64_t
next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

struct row {
	char id[16], name[64], email[64], phone[24], born[16], postcode[8],
	    iban[32], ip[20], note[121], weight[8], amount[16];
	const char *city;
};

static void
make_note(char out[121], uint64_t *seed)
{
	size_t at = 0;

	while (at < 120) {
		const char *w = PICK(word, next(seed));
		size_t len = strlen(w);

		len = len < 120 - at ? len : 120 - at;
		memcpy(out + at, w, len);
		at += len;
		if (at < 120)
			out[at++] = ' ';
	}
	out[120] = '\0';
}

static void
make_row(struct row *r, uint64_t n)
{
	uint64_t seed = n * 1000003, a = next(&seed), b = next(&seed);
	uint64_t c = next(&seed), d = next(&seed);
	unsigned g = (unsigned)(a >> 40), s = (unsigned)(a >> 8 & 0xffff);

	(void)snprintf(r->id, sizeof(r->id), "P%08llu",
	    (unsigned long long)(n * 7919 % 100000000));
	(void)snprintf(r->name, sizeof(r->name), "%s %s-%s", PICK(given, g),
	    PICK(family, s), PICK(family, b >> 50));
	(void)snprintf(r->email, sizeof(r->email), "%s.%s%llu@example.org",
	    PICK(given, g), PICK(family, s), (unsigned long long)(n % 99991));
	(void)snprintf(r->phone, sizeof(r->phone), "+49 15%u %08u",
	    (unsigned)(b % 10), (unsigned)(b >> 16) % 100000000u);
	(void)snprintf(r->born, sizeof(r->born), "%u-%02u-%02u",
	    1930 + (unsigned)(c % 80), 1 + (unsigned)(c >> 8) % 12,
	    1 + (unsigned)(c >> 16) % 28);
	(void)snprintf(r->postcode, sizeof(r->postcode), "%05u",
	    (unsigned)(c >> 24) % 100000u);
	(void)snprintf(r->iban, sizeof(r->iban), "DE%02u%08u%010llu",
	    (unsigned)(d % 97), (unsigned)(d >> 8) % 100000000u,
	    (unsigned long long)(next(&seed) % 10000000000u));
	(void)snprintf(r->ip, sizeof(r->ip), "192.0.%u.%u",
	    (unsigned)(d >> 40) & 255, (unsigned)(d >> 48) & 255);
	(void)snprintf(r->weight, sizeof(r->weight), "%u.%u",
	    45 + (unsigned)(b >> 3) % 60, (unsigned)(b >> 9) % 10);
	(void)snprintf(r->amount, sizeof(r->amount), "%u.%02u",
	    (unsigned)(c >> 40) % 100000u, (unsigned)(c >> 32) % 100);
	r->city = PICK(city, d >> 56);
	make_note(r->note, &seed);
}

static void
print_row(const struct row *r, bool json)
{
	printf(json ? "{\"id\":\"%s\",\"name\":\"%s\",\"email\":\"%s\","
		      "\"phone\":\"%s\",\"born\":\"%s\",\"postcode\":\"%s\","
		      "\"city\":\"%s\",\"iban\":\"%s\",\"ip\":\"%s\","
		      "\"note\":\"%s\",\"weight\":%s,\"amount\":%s}\n"
		    : "%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n",
	    r->id, r->name, r->email, r->phone, r->born, r->postcode, r->city,
	    r->iban, r->ip, r->note, r->weight, r->amount);
}

static int
print_table(bool json, uint64_t rows)
{
	struct row r;

	if (!json)
		puts("id,name,email,phone,born,postcode,city,iban,ip,note,"
		     "weight,amount");
	for (uint64_t i = 0; i < rows; i++) {
		make_row(&r, i);
		print_row(&r, json);
	}
	return fflush(stdout) == 0 ? 0 : 1;
}

/* Rows whose values are hashed over and over: they stay in the cache. */
#define LOOP_ROWS 1024u

struct loop {
	const struct token_key *key;
	struct row *rows;
	uint64_t from, to;
	unsigned sum;
	uint64_t digested, sealed; /* chunks of them */
};

static void *
hash(void *arg)
{
	struct loop *l = arg;

	for (uint64_t i = l->from; i < l->to; i++) {
		const struct row *r = &l->rows[i % LOOP_ROWS];
		const char *const values[] = { r->id, r->name, r->email,
			r->phone, r->iban };

		for (unsigned k = 0; k < 5; k++) {
			uint8_t mac[TOKEN_MAC_BYTES];

			token_mac(l->key, values[k], strlen(values[k]), mac);
			l->sum += mac[0];
		}
	}
	return NULL;
}

/* Four rows at a time, as tokens are gathered. */
#define AT_ONCE 4u

static void
make_tokens(const struct loop *l)
{
	char out[6 * AT_ONCE][TOKEN_CHARS] = { { 0 } };
	struct token_job jobs[6 * AT_ONCE];

	for (uint64_t i = l->from; i < l->to; i += AT_ONCE) {
		unsigned n = 0;

		for (unsigned k = 0; k < AT_ONCE; k++) {
			const struct row *r = &l->rows[(i + k) % LOOP_ROWS];
			const char *const values[] = { r->id, r->name, r->email,
				r->phone, r->iban, r->id };

			for (unsigned v = 0; v < 6; v++, n++)
				jobs[n] = (struct token_job){ l->key, values[v],
					strlen(values[v]), out[n] };
		}
		tokens_make(jobs, n);
	}
}

static void *
seal(void *arg)
{
	struct loop *l = arg;
	const uint8_t nonce[AGE_NONCE_BYTES] = { 0 };
	uint8_t chunk[AGE_CHUNK_BYTES] = { 0 }, sealed[AGE_SEALED_CHUNK_BYTES],
		sha256[DIGEST_BYTES];
	struct age_stream *stream = NULL;
	struct secret key = { 0 };
	struct digest *d = NULL;
	struct fault f = { 0 };

	make_tokens(l);
	if (digest_new(&d, &f) != 0 || secret_new(&key, 16, &f) != 0 ||
	    age_stream_new(&stream, AGE_SEAL, &key, nonce, &f) != 0)
		return NULL;
	for (uint64_t i = 0; i < l->digested; i++)
		digest_add(d, chunk, sizeof(chunk));
	for (uint64_t i = 0; i < l->sealed; i++)
		if (age_chunk_seal(stream, i, false, chunk, sizeof(chunk),
			sealed, &f) != 0)
			return NULL;
	digest_end(d, sha256);
	digest_free(d);
	age_stream_free(stream);
	secret_free(&key);
	return l;
}

static int
run_loop(uint64_t rows, double mb, void *(*each)(void *), double digested,
    double sealed)
{
	static struct row some[LOOP_ROWS];
	struct loop loops[64];
	pthread_t threads[64];
	struct token_key *key;
	struct fault f = { 0 };
	cpu_set_t cpus;
	unsigned n = 1;
	double took;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) == 0)
		n = (unsigned)CPU_COUNT(&cpus);
	n = n > 64 ? 64 : n;
	if (secret_start(&f) != 0 || pseudonym_start(&f) != 0 ||
	    tokens_start(&f) != 0 ||
	    token_key_new(&key, "0123456789abcdef0123456789abcdef", 32, &f))
		return 1;
	for (unsigned i = 0; i < LOOP_ROWS; i++)
		make_row(&some[i], i);
	took = clock_monotonic();
	for (unsigned i = 0; i < n; i++) {
		loops[i] =
		    (struct loop){ key, some, rows * i / n, rows * (i + 1) / n,
			    0, (uint64_t)(digested / n / AGE_CHUNK_BYTES),
			    (uint64_t)(sealed / n / AGE_CHUNK_BYTES) };
		if (pthread_create(&threads[i], NULL, each, &loops[i]) != 0)
			return 1;
	}
	for (unsigned i = 0; i < n; i++)
		(void)pthread_join(threads[i], NULL);
	took = clock_monotonic() - took;
	token_key_free(key);
	printf("%.0f\n", mb / took);
	return 0;
}

int
main(int argc, char **argv)
{
	bool json = argc == 3 && strcmp(argv[1], "jsonl") == 0;

	if (argc == 4 && strcmp(argv[1], "loop") == 0)
		return run_loop(strtoull(argv[2], NULL, 10),
		    strtod(argv[3], NULL), hash, 0, 0);
	if (argc == 6 && strcmp(argv[1], "least") == 0)
		return run_loop(strtoull(argv[2], NULL, 10),
		    strtod(argv[3], NULL), seal, strtod(argv[4], NULL),
		    strtod(argv[5], NULL));
	if (argc != 3 || (!json && strcmp(argv[1], "csv") != 0)) {
		fputs("usage: bench_table csv|jsonl ROWS >FILE\n", stderr);
		return 2;
	}
	return print_table(json, strtoull(argv[2], NULL, 10));
}
