/* keys/tls: certificates from keys, pins, and handshakes in memory. */

#include "tests/support/test.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "keys/base/files.h"
#include "keys/base/secret.h"
#include "keys/tls/tls.h"

static const uint8_t server_seed[32] = { 1 }, client_seed[32] = { 2 },
		     other_seed[32] = { 3 };

static void
a_certificate_is_the_same_each_time_and_signed_by_its_key(void **state)
{
	struct bytes a, b;
	BIO *text;
	uint8_t key[32], inside[32];
	size_t len = sizeof(inside);
	struct fault f;
	X509 *x;

	(void)state;
	bytes_init(&a, 10000);
	bytes_init(&b, 10000);
	assert_ok(tls_pem(&a, server_seed, false, &f));
	assert_ok(tls_pem(&b, server_seed, false, &f));
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.at, b.at, a.len);
	text = BIO_new_mem_buf(a.at, (int)a.len);
	assert_non_null(x = PEM_read_bio_X509(text, NULL, NULL, NULL));
	BIO_free(text);
	assert_int_equal(X509_verify(x, X509_get0_pubkey(x)), 1);
	assert_ok(tls_public(key, server_seed, &f));
	assert_int_equal(
	    EVP_PKEY_get_raw_public_key(X509_get0_pubkey(x), inside, &len), 1);
	assert_memory_equal(key, inside, 32);
	X509_free(x);
	bytes_free(&a);
	bytes_free(&b);
}

static void
pem_holds_the_private_key_only_when_asked(void **state)
{
	struct bytes pem;
	struct fault f;

	(void)state;
	for (int private = 0; private < 2; private ++) {
		bytes_init(&pem, 10000);
		assert_ok(tls_pem(&pem, server_seed, private, &f));
		assert_ok(bytes_end_text(&pem, &f));
		assert_non_null(strstr((char *)pem.at, "BEGIN CERTIFICATE"));
		assert_int_equal(
		    strstr((char *)pem.at, "PRIVATE KEY") != NULL, private);
		bytes_free(&pem);
	}
}

/* From: openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary |
 * base64, for the key of RFC 8032 section 7.1, test 1. */
static void
a_pin_is_what_openssl_and_curl_make_of_the_key(void **state)
{
	static const char hex[] = "d75a980182b10ab7d54bfed3c964073a"
				  "0ee172f3daa62325af021a68f707511a";
	char pin[TLS_PIN_CHARS + 1];
	struct bytes key;
	struct fault f;

	(void)state;
	test_hex(&key, hex);
	assert_ok(tls_pin(pin, key.at, &f));
	assert_string_equal(
	    pin, "sha256//BuP9j9opu2CrWVV95h7bCuzbIxE0vjDnW0Vfjht5L6k=");
	bytes_free(&key);
}

/* Both sides over a pair of memory BIOs; 1 when both finished. */
static int
shake(SSL *server, SSL *client)
{
	BIO *a, *b;
	int done = 0;

	assert_int_equal(BIO_new_bio_pair(&a, 0, &b, 0), 1);
	SSL_set_bio(server, a, a);
	SSL_set_bio(client, b, b);
	SSL_set_accept_state(server);
	SSL_set_connect_state(client);
	for (int i = 0; i < 20 && done != 3; i++) {
		if (SSL_do_handshake(client) == 1)
			done |= 1;
		if (SSL_do_handshake(server) == 1)
			done |= 2;
	}
	return done == 3;
}

static void
check_pin(const uint8_t pinned_seed[32], int succeeds)
{
	SSL_CTX *server_ctx = NULL, *client_ctx;
	SSL *server, *client;
	uint8_t pin[32], key[32], want[32];
	struct fault f;

	assert_ok(tls_public(pin, pinned_seed, &f));
	assert_ok(tls_server(&server_ctx, server_seed, &f));
	client_ctx = SSL_CTX_new(TLS_client_method());
	assert_ok(tls_client(client_ctx, client_seed, pin, &f));
	server = SSL_new(server_ctx);
	client = SSL_new(client_ctx);
	assert_false(tls_peer(key, server));
	assert_int_equal(shake(server, client), succeeds);
	if (succeeds) {
		assert_ok(tls_public(want, client_seed, &f));
		assert_true(tls_peer(key, server));
		assert_memory_equal(key, want, 32);
		assert_ok(tls_public(want, server_seed, &f));
		assert_true(tls_peer(key, client));
		assert_memory_equal(key, want, 32);
		assert_string_equal(SSL_get_version(client), "TLSv1.3");
	} else {
		assert_false(tls_peer(key, server));
	}
	SSL_free(server);
	SSL_free(client);
	SSL_CTX_free(server_ctx);
	SSL_CTX_free(client_ctx);
}

static void
a_handshake_ends_only_with_the_pinned_key(void **state)
{
	(void)state;
	check_pin(server_seed, 1);
	check_pin(other_seed, 0);
	check_pin(client_seed, 0);
}

static void
a_client_without_a_certificate_does_not_get_in(void **state)
{
	SSL_CTX *server_ctx = NULL,
		*client_ctx = SSL_CTX_new(TLS_client_method());
	SSL *server, *client;
	struct fault f;

	(void)state;
	assert_ok(tls_server(&server_ctx, server_seed, &f));
	server = SSL_new(server_ctx);
	client = SSL_new(client_ctx);
	assert_int_equal(shake(server, client), 0);
	SSL_free(server);
	SSL_free(client);
	SSL_CTX_free(server_ctx);
	SSL_CTX_free(client_ctx);
}

/* A private key that is written nowhere else: not as data of this program. */
static void
seed_at(uint8_t seed[32])
{
	for (unsigned i = 0; i < 32; i++)
		seed[i] = (uint8_t)(i * 37 + 11) ^ 0x5a;
}

static bool
is_seed(const uint8_t *p)
{
	for (unsigned i = 0; i < 32; i++)
		if (p[i] != ((uint8_t)(i * 37 + 11) ^ 0x5a))
			return false;
	return true;
}

/* How often the key stands between two addresses of this process. */
static unsigned
times_in(int mem, unsigned long from, unsigned long to)
{
	static uint8_t buf[(64 << 10) + 31];
	unsigned found = 0;

	for (unsigned long at = from; at < to; at += 64 << 10) {
		ssize_t n = pread(mem, buf, sizeof(buf), (off_t)at);

		for (ssize_t i = 0; i + 32 <= n; i++)
			found += is_seed(buf + i);
		secret_wipe(buf, sizeof(buf));
	}
	return found;
}

/* Where it stands in memory that is locked ("lo" of its flags), and where in
 * other. */
static void
look_for_seed(unsigned *locked, unsigned *loose)
{
	unsigned long from = 0, to = 0, a, b;
	int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	FILE *maps = fopen("/proc/self/smaps", "re");
	char line[512], may[8];

	assert_true(mem != -1 && maps != NULL);
	*locked = *loose = 0;
	while (fgets(line, sizeof(line), maps) != NULL) {
		unsigned n;

		if (sscanf(line, "%lx-%lx %7s", &a, &b, may) == 3) {
			from = may[0] == 'r' ? a : 0;
			to = strstr(line, "[v") == NULL ? b : 0;
		}
		/* Larger than anything of ours: a sanitiser's shadow. */
		if (strncmp(line, "VmFlags:", 8) != 0 || from == 0 ||
		    (to > from && to - from > 1ul << 30))
			continue;
		n = times_in(mem, from, to);
		*(strstr(line, " lo") != NULL ? locked : loose) += n;
	}
	(void)fclose(maps);
	file_close(&mem);
}

static void
the_key_of_a_server_lies_in_locked_memory_alone(void **state)
{
	uint8_t seed[32];
	unsigned locked, loose;
	SSL_CTX *ctx;
	struct fault f;

	(void)state;
	assert_ok(tls_start(&f));
	assert_ok(tls_start(&f));
	seed_at(seed);
	assert_ok(tls_server(&ctx, seed, &f));
	secret_wipe(seed, sizeof(seed));
	look_for_seed(&locked, &loose);
	assert_true(locked >= 1);
	assert_int_equal(loose, 0);
	SSL_CTX_free(ctx);
	look_for_seed(&locked, &loose);
	assert_int_equal(locked + loose, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_key_of_a_server_lies_in_locked_memory_alone),
		cmocka_unit_test(
		    a_certificate_is_the_same_each_time_and_signed_by_its_key),
		cmocka_unit_test(pem_holds_the_private_key_only_when_asked),
		cmocka_unit_test(
		    a_pin_is_what_openssl_and_curl_make_of_the_key),
		cmocka_unit_test(a_handshake_ends_only_with_the_pinned_key),
		cmocka_unit_test(
		    a_client_without_a_certificate_does_not_get_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
