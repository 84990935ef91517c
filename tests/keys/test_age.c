/* keys/age: what is sealed opens again, for whom it was sealed, and only so. */

#include "tests/support/test.h"

#include <string.h>

#include "keys/age/age_internal.h"
#include "keys/base/mem.h"

struct pair {
	struct age_identity id;
	struct age_recipient to;
};

static void
pair_new(struct pair *p)
{
	struct fault f = { 0 };

	assert_ok(age_identity_new(&p->id, &f));
	assert_ok(age_identity_recipient(&p->to, &p->id, &f));
}

static void
pair_free(struct pair *p)
{
	age_identity_free(&p->id);
	age_recipient_free(&p->to);
}

static void
a_small_file_opens_for_each_of_its_recipients_and_nobody_else(void **state)
{
	struct fault f = { 0 };
	struct pair a, b, stranger;
	struct age_recipient to[2];
	struct secret out;
	struct bytes file;

	(void)state;
	pair_new(&a);
	pair_new(&b);
	pair_new(&stranger);
	to[0] = a.to;
	to[1] = b.to;
	bytes_init(&file, 1 << 20);
	assert_ok(age_seal_small(&file, to, 2, "wrapped", 7, &f));
	assert_ok(age_open_small(&out, file.at, file.len, &a.id, 1, &f));
	assert_int_equal(out.len, 7);
	assert_memory_equal(out.at, "wrapped", 7);
	secret_free(&out);
	assert_ok(age_open_small(&out, file.at, file.len, &b.id, 1, &f));
	secret_free(&out);
	assert_refused(
	    age_open_small(&out, file.at, file.len, &stranger.id, 1, &f),
	    FAULT_INPUT);
	assert_null(out.at);
	bytes_free(&file);
	pair_free(&a);
	pair_free(&b);
	pair_free(&stranger);
}

static void
every_byte_of_a_file_counts(void **state)
{
	struct fault f = { 0 };
	struct bytes file;
	struct secret out;
	struct pair a;

	(void)state;
	pair_new(&a);
	bytes_init(&file, 1 << 20);
	assert_ok(age_seal_small(&file, &a.to, 1, "wrapped", 7, &f));
	for (size_t i = 0; i < file.len * 8; i += 3) {
		file.at[i / 8] ^= (uint8_t)(1u << i % 8);
		f = (struct fault){ 0 };
		assert_int_equal(
		    age_open_small(&out, file.at, file.len, &a.id, 1, &f), -1);
		assert_true(f.kind == FAULT_INPUT || f.kind == FAULT_FORGED);
		assert_null(out.at);
		file.at[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	for (size_t len = 1; len < file.len; len++)
		assert_refused(age_open_small(&out, file.at, len, &a.id, 1, &f),
		    FAULT_FORGED);
	assert_refused(
	    age_open_small(&out, file.at, 0, &a.id, 1, &f), FAULT_INPUT);
	bytes_free(&file);
	pair_free(&a);
}

static void
a_rewrapped_header_opens_the_same_payload_for_others(void **state)
{
	struct fault f = { 0 };
	struct pair shard, vendor;
	struct age_header h;
	struct bytes file, again;
	struct secret out;

	(void)state;
	pair_new(&shard);
	pair_new(&vendor);
	bytes_init(&file, 1 << 20);
	bytes_init(&again, 1 << 20);
	assert_ok(age_seal_small(&file, &shard.to, 1, "photos", 6, &f));
	assert_ok(age_header_read(&h, file.at, file.len, &f));
	assert_refused(
	    age_header_rewrap(&again, &h, &vendor.id, &vendor.to, 1, &f),
	    FAULT_INPUT);
	assert_int_equal(again.len, 0);
	assert_ok(age_header_rewrap(&again, &h, &shard.id, &vendor.to, 1, &f));
	assert_ok(bytes_add(&again, file.at + h.len, file.len - h.len, &f));
	assert_ok(age_open_small(&out, again.at, again.len, &vendor.id, 1, &f));
	assert_memory_equal(out.at, "photos", 6);
	secret_free(&out);
	assert_refused(
	    age_open_small(&out, again.at, again.len, &shard.id, 1, &f),
	    FAULT_INPUT);
	age_header_free(&h);
	bytes_free(&file);
	bytes_free(&again);
	pair_free(&shard);
	pair_free(&vendor);
}

static void
a_header_does_not_go_with_another_file_key(void **state)
{
	struct secret one = { 0 }, two = { 0 };
	struct fault f = { 0 };
	struct age_header h;
	struct bytes text;
	struct pair a;

	(void)state;
	pair_new(&a);
	bytes_init(&text, AGE_HEADER_MAX);
	assert_ok(age_header_new(&text, &one, &a.to, 1, &f));
	assert_ok(secret_random(&two, AGE_FILE_KEY_BYTES, &f));
	assert_ok(age_header_read(&h, text.at, text.len, &f));
	assert_ok(age_header_check(&h, &one, &f));
	assert_refused(age_header_check(&h, &two, &f), FAULT_FORGED);
	age_header_free(&h);
	secret_free(&one);
	secret_free(&two);
	bytes_free(&text);
	pair_free(&a);
}

/* The property that everything rests on: fresh keys, fresh nonces. */
static void
sealing_again_repeats_neither_file_key_nor_nonce(void **state)
{
	enum { TIMES = 64 };
	uint8_t keys[TIMES][AGE_FILE_KEY_BYTES];
	uint8_t nonces[TIMES][AGE_NONCE_BYTES];
	struct fault f = { 0 };
	struct pair a;

	(void)state;
	pair_new(&a);
	for (unsigned i = 0; i < TIMES; i++) {
		struct secret key;
		struct age_header h;
		struct bytes file;

		bytes_init(&file, 1 << 20);
		assert_ok(age_seal_small(&file, &a.to, 1, "same", 4, &f));
		assert_ok(age_header_read(&h, file.at, file.len, &f));
		assert_ok(age_header_open(&h, &a.id, 1, &key, &f));
		memcpy(keys[i], key.at, sizeof(keys[i]));
		memcpy(nonces[i], file.at + h.len, sizeof(nonces[i]));
		for (unsigned k = 0; k < i; k++) {
			assert_memory_not_equal(
			    keys[i], keys[k], sizeof(keys[i]));
			assert_memory_not_equal(
			    nonces[i], nonces[k], sizeof(nonces[i]));
		}
		secret_free(&key);
		age_header_free(&h);
		bytes_free(&file);
	}
	pair_free(&a);
}

static void
a_header_wants_recipients_and_a_passphrase_wants_to_be_alone(void **state)
{
	struct age_recipient to[2] = { { 0 } };
	struct secret key;
	struct fault f = { 0 };
	struct bytes out;
	struct pair a;

	(void)state;
	pair_new(&a);
	bytes_init(&out, AGE_HEADER_MAX);
	assert_refused(age_header_new(&out, &key, NULL, 0, &f), FAULT_INPUT);
	assert_null(key.at);
	to[0] = a.to;
	assert_ok(age_recipient_passphrase(&to[1], "secret", 6, &f));
/* A build with sanitizers writes cheap passphrases, and no other does. */
#if !TEST_SANITIZED
	assert_int_equal(to[1].log_n, 18);
#endif
	assert_refused(age_header_new(&out, &key, to, 2, &f), FAULT_INPUT);
	assert_null(key.at);
	assert_int_equal(out.len, 0);
	age_recipient_free(&to[1]);
	pair_free(&a);
}

static void
a_passphrase_opens_what_it_sealed(void **state)
{
	struct age_recipient to;
	struct age_identity right, wrong;
	struct fault f = { 0 };
	struct bytes file;
	struct secret out;
	struct pair a;

	(void)state;
	pair_new(&a);
	bytes_init(&file, 1 << 20);
	assert_ok(age_recipient_passphrase(&to, "correct horse", 13, &f));
	assert_ok(age_identity_passphrase(&right, "correct horse", 13, &f));
	assert_ok(age_identity_passphrase(&wrong, "correct house", 13, &f));
	to.log_n = 10; /* for speed */
	assert_ok(age_seal_small(&file, &to, 1, "x", 1, &f));
	assert_ok(age_open_small(&out, file.at, file.len, &right, 1, &f));
	secret_free(&out);
	assert_refused(age_open_small(&out, file.at, file.len, &wrong, 1, &f),
	    FAULT_INPUT);
	assert_string_equal(f.text, "the passphrase is wrong");
	assert_refused(
	    age_open_small(&out, file.at, file.len, &a.id, 1, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "none given"));
	age_recipient_free(&to);
	age_identity_free(&right);
	age_identity_free(&wrong);
	bytes_free(&file);
	pair_free(&a);
}

/* 2^18 takes 256 MiB, 2^22 takes 4 GiB. */
static void
a_passphrase_that_asks_for_half_the_memory_is_refused(void **state)
{
	struct fault f = { 0 };

	(void)state;
	assert_ok(age_scrypt_allowed(18, 512u << 20, &f));
	assert_refused(
	    age_scrypt_allowed(18, (512u << 20) - 1, &f), FAULT_INPUT);
	assert_ok(age_scrypt_allowed(22, (uint64_t)8 << 30, &f));
	assert_refused(
	    age_scrypt_allowed(22, ((uint64_t)8 << 30) - 1, &f), FAULT_INPUT);
	assert_non_null(strstr(f.text, "4096 MiB, over half of the memory"));
}

static void
a_passphrase_with_too_high_a_cost_is_refused_before_it_costs(void **state)
{
	static const char *const costs[] = { "0", "018", "18 ", "+18", "23",
		"64", "4294967314", "18446744073709551634" };
	struct age_identity id;
	struct fault f = { 0 };

	(void)state;
	assert_ok(age_identity_passphrase(&id, "x", 1, &f));
	for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
		struct bytes text;
		struct secret out;

		bytes_init(&text, 4096);
		assert_ok(bytes_addf(&text, &f,
		    "age-encryption.org/v1\n-> scrypt %s %s\n%s\n--- %s\n",
		    "rF0/NwblUHHTpgQgRpe5CQ", costs[i],
		    "gUjEymFKMVXQEKdMMHL24oYexjE3TIC0O0zGSqJ2aUY",
		    "IOXiQYStkoT1mvZW2tFOqZdhRVvj58egABx/sWfZQbc"));
		assert_refused(
		    age_open_small(&out, text.at, text.len, &id, 1, &f),
		    FAULT_INPUT);
		assert_null(strstr(f.text, "wrong"));
		bytes_free(&text);
	}
	age_identity_free(&id);
}

static void
a_hybrid_recipient_works_or_says_what_is_missing(void **state)
{
	static const char text[] = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45"
				   "QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR";
	struct age_recipient to, again;
	struct age_identity id;
	struct fault f = { 0 };
	struct bytes file, name;
	struct secret out;

	(void)state;
	assert_ok(age_identity_read(&id, text, sizeof(text) - 1, &f));
	assert_int_equal(id.kind, AGE_HYBRID);
	assert_ok(age_identity_write(&out, &id, &f));
	assert_string_equal((char *)out.at, text);
	secret_free(&out);
	bytes_init(&file, 1 << 20);
	bytes_init(&name, 1 << 16);
	if (!age_has_hybrid()) {
		assert_refused(
		    age_identity_recipient(&to, &id, &f), FAULT_INPUT);
		assert_non_null(strstr(f.text, "has no ML-KEM-768"));
		to = (struct age_recipient){ .kind = AGE_HYBRID };
		assert_refused(
		    age_seal_small(&file, &to, 1, "x", 1, &f), FAULT_INPUT);
		assert_non_null(strstr(f.text, "has no ML-KEM-768"));
	} else {
		assert_ok(age_identity_recipient(&to, &id, &f));
		assert_ok(age_recipient_write(&name, &to, &f));
		/* The recipient that age.md shows for this identity. */
		assert_memory_equal(name.at, "age1pq1x34nzsvr0rxjsgdn8", 24);
		assert_ok(
		    age_recipient_read(&again, (char *)name.at, name.len, &f));
		assert_ok(age_seal_small(&file, &again, 1, "x", 1, &f));
		assert_ok(age_open_small(&out, file.at, file.len, &id, 1, &f));
		secret_free(&out);
	}
	bytes_free(&name);
	bytes_free(&file);
	age_identity_free(&id);
}

static void
sizes_of_payloads_are_those_of_the_format(void **state)
{
	static const struct {
		uint64_t plain, payload, chunks;
	} sizes[] = { { 0, 32, 1 }, { 1, 33, 1 }, { 3, 35, 1 },
		{ 65535, 65567, 1 }, { 65536, 65568, 1 }, { 65537, 65585, 2 },
		{ 131072, 131120, 2 }, { 131073, 131137, 3 } };
	uint64_t got;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_true(age_payload_bytes(sizes[i].plain, &got));
		assert_int_equal(got, sizes[i].payload);
		assert_true(age_plain_bytes(sizes[i].payload, &got));
		assert_int_equal(got, sizes[i].plain);
		assert_int_equal(age_chunks(sizes[i].plain), sizes[i].chunks);
	}
	assert_int_equal(age_chunk_at(2), 16 + 2 * 65552);
	for (uint64_t p = 0; p < 32; p++)
		assert_false(age_plain_bytes(p, &got));
	/* An empty chunk behind a full one, and half a tag. */
	assert_false(age_plain_bytes(65568 + 16, &got));
	assert_false(age_plain_bytes(65568 + 1, &got));
	assert_false(age_payload_bytes(UINT64_MAX, &got));
	assert_false(age_plain_bytes(UINT64_MAX, &got));
}

static void
chunks_open_in_any_order_and_only_in_their_place(void **state)
{
	enum { N = 5 };
	static uint8_t plain[N][AGE_CHUNK_BYTES], back[AGE_CHUNK_BYTES];
	static uint8_t sealed[N][AGE_SEALED_CHUNK_BYTES];
	uint8_t nonce[AGE_NONCE_BYTES];
	struct age_stream *in = NULL, *out = NULL;
	struct secret key;
	struct fault f = { 0 };

	(void)state;
	assert_ok(secret_random(&key, AGE_FILE_KEY_BYTES, &f));
	random_fill(nonce, sizeof(nonce));
	random_fill(plain, sizeof(plain));
	assert_ok(age_stream_new(&in, AGE_SEAL, &key, nonce, &f));
	assert_ok(age_stream_new(&out, AGE_OPEN, &key, nonce, &f));
	for (unsigned i = N; i-- > 0;)
		assert_ok(age_chunk_seal(in, i, i == N - 1, plain[i],
		    i == N - 1 ? 100 : AGE_CHUNK_BYTES, sealed[i], &f));
	for (unsigned i = 0; i < N; i++) {
		unsigned n = i * 3 % N;
		size_t len = n == N - 1 ? 100 : AGE_CHUNK_BYTES;

		assert_ok(age_chunk_open(out, n, n == N - 1, sealed[n],
		    len + AGE_TAG_BYTES, back, &f));
		assert_memory_equal(back, plain[n], len);
	}
	assert_refused(age_chunk_open(out, 1, false, sealed[0],
			   AGE_SEALED_CHUNK_BYTES, back, &f),
	    FAULT_FORGED);
	assert_refused(age_chunk_open(out, 0, true, sealed[0],
			   AGE_SEALED_CHUNK_BYTES, back, &f),
	    FAULT_FORGED);
	assert_refused(
	    age_chunk_open(out, N - 1, false, sealed[N - 1], 116, back, &f),
	    FAULT_FORGED);
	assert_refused(age_chunk_open(out, 0, true, sealed[0], 15, back, &f),
	    FAULT_FORGED);
	age_stream_free(in);
	age_stream_free(out);
	age_stream_free(NULL);
	secret_free(&key);
}

static void
every_allocation_may_fail(void **state)
{
	struct bytes file;
	struct fault f = { 0 };
	struct pair a;
	int done = 0;

	(void)state;
	pair_new(&a);
	bytes_init(&file, 1 << 20);
	for (long n = 0; !done; n++) {
		struct secret out = { 0 };
		int rc;

		bytes_free(&file);
		f = (struct fault){ 0 };
		mem_fail_after(n);
		rc = age_seal_small(&file, &a.to, 1, "abc", 3, &f);
		if (rc != 0)
			assert_int_equal(file.len, 0);
		else
			rc = age_open_small(
			    &out, file.at, file.len, &a.id, 1, &f);
		mem_fail_after(-1);
		if (rc != 0) {
			assert_int_equal(f.kind, FAULT_SYSTEM);
			assert_null(out.at);
		} else {
			done = 1;
		}
		secret_free(&out);
		assert_true(n < 1000);
	}
	bytes_free(&file);
	pair_free(&a);
}

int
main(void)
{
	struct fault f = { 0 };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_small_file_opens_for_each_of_its_recipients_and_nobody_else),
		cmocka_unit_test(every_byte_of_a_file_counts),
		cmocka_unit_test(
		    a_rewrapped_header_opens_the_same_payload_for_others),
		cmocka_unit_test(a_header_does_not_go_with_another_file_key),
		cmocka_unit_test(
		    sealing_again_repeats_neither_file_key_nor_nonce),
		cmocka_unit_test(
		    a_header_wants_recipients_and_a_passphrase_wants_to_be_alone),
		cmocka_unit_test(a_passphrase_opens_what_it_sealed),
		cmocka_unit_test(
		    a_passphrase_that_asks_for_half_the_memory_is_refused),
		cmocka_unit_test(
		    a_passphrase_with_too_high_a_cost_is_refused_before_it_costs),
		cmocka_unit_test(
		    a_hybrid_recipient_works_or_says_what_is_missing),
		cmocka_unit_test(sizes_of_payloads_are_those_of_the_format),
		cmocka_unit_test(
		    chunks_open_in_any_order_and_only_in_their_place),
		cmocka_unit_test(every_allocation_may_fail),
	};

	must(secret_start(&f) == 0);
	return cmocka_run_group_tests_name("age", tests, NULL, NULL);
}
