/*
 * The passphrase recipient type (age.md, "The scrypt recipient type").
 *
 * A file names its own cost, so a stranger could ask for all our memory: a
 * cost beyond AGE_SCRYPT_LOG_N_MAX, or beyond half of what is available now,
 * is refused before anything is allocated.
 */

#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>

#include "keys/age/age_internal.h"
#include "keys/base/files.h"

#define SALT_BYTES 16u
static const char label[] = "age-encryption.org/v1/scrypt";

/* N blocks of 128 * r bytes (RFC 7914, section 6). */
static uint64_t
scrypt_bytes(unsigned log_n)
{
	return ((uint64_t)1 << log_n) * 128 * 8;
}

/* MemAvailable of proc_meminfo(5) in bytes. */
static int
available_memory(uint64_t *out, struct fault *f)
{
	struct bytes text;
	const char *line;
	int rc = -1;

	bytes_init(&text, 65536);
	if (file_read(AT_FDCWD, "/proc/meminfo", &text, f) != 0 ||
	    bytes_end_text(&text, f) != 0)
		goto out;
	line = strstr((const char *)text.at, "MemAvailable:");
	if (line == NULL) {
		(void)fault_set(
		    f, FAULT_SYSTEM, "/proc/meminfo: no MemAvailable");
		goto out;
	}
	*out = strtoull(line + sizeof("MemAvailable:") - 1, NULL, 10) * 1024;
	rc = 0;
out:
	bytes_free(&text);
	return rc;
}

int
age_scrypt_allowed(unsigned log_n, uint64_t available, struct fault *f)
{
	uint64_t need = scrypt_bytes(log_n);

	if (need <= available / 2)
		return 0;
	return fault_set(f, FAULT_INPUT,
	    "passphrase: scrypt of 2^%u needs %llu MiB, over half of the "
	    "memory "
	    "available",
	    log_n, (unsigned long long)(need >> 20));
}

static int
wrap_key(uint8_t key[32], const struct secret *passphrase,
    const uint8_t salt[SALT_BYTES], unsigned log_n, struct fault *f)
{
	uint8_t salted[sizeof(label) - 1 + SALT_BYTES];
	uint64_t available;

	if (available_memory(&available, f) != 0 ||
	    age_scrypt_allowed(log_n, available, f) != 0)
		return -1;
	memcpy(salted, label, sizeof(label) - 1);
	memcpy(salted + sizeof(label) - 1, salt, SALT_BYTES);
	if (EVP_PBE_scrypt((const char *)passphrase->at, passphrase->len,
		salted, sizeof(salted), (uint64_t)1 << log_n, 8, 1,
		scrypt_bytes(log_n) + (1u << 20), key, 32) != 1)
		return fault_set(f, FAULT_SYSTEM, "scrypt does not run");
	return 0;
}

static int
wrap(struct bytes *out, const struct age_recipient *r,
    const struct secret *file_key, struct fault *f)
{
	uint8_t salt[SALT_BYTES], key[32], body[AGE_WRAPPED_BYTES];
	struct bytes args;
	int rc = -1;

	must(r->log_n > 0 && r->log_n <= AGE_SCRYPT_LOG_N_MAX);
	bytes_init(&args, 64);
	random_fill(salt, sizeof(salt));
	if (wrap_key(key, &r->passphrase, salt, r->log_n, f) != 0 ||
	    age_wrap(body, key, NULL, file_key, f) != 0 ||
	    bytes_add_text(&args, "scrypt ", f) != 0 ||
	    base64_add(&args, salt, sizeof(salt), false, f) != 0 ||
	    bytes_addf(&args, f, " %u", r->log_n) != 0 ||
	    bytes_end_text(&args, f) != 0)
		goto out;
	rc =
	    age_stanza_write(out, (const char *)args.at, body, sizeof(body), f);
out:
	secret_wipe(key, sizeof(key));
	bytes_free(&args);
	return rc;
}

static int
unwrap(const struct age_stanza *s, const struct age_identity *id,
    uint8_t file_key[AGE_FILE_KEY_BYTES], bool *fits, struct fault *f)
{
	uint8_t salt[SALT_BYTES], key[32];
	uint64_t log_n;
	int rc = -1;

	*fits = false;
	if (s->nargs != 3 || !age_argument(salt, sizeof(salt), &s->arg[1]) ||
	    !u64_read(&log_n, (const char *)s->arg[2].at, s->arg[2].len,
		UINT32_MAX) ||
	    log_n == 0 || s->body.len != AGE_WRAPPED_BYTES)
		return fault_set(
		    f, FAULT_INPUT, "header: malformed scrypt stanza");
	if (log_n > AGE_SCRYPT_LOG_N_MAX)
		return fault_set(f, FAULT_INPUT,
		    "header: scrypt work factor over 2^%u",
		    AGE_SCRYPT_LOG_N_MAX);
	if (wrap_key(key, &id->secret, salt, (unsigned)log_n, f) == 0) {
		*fits = age_unwrap(file_key, key, NULL, s->body.at);
		rc = 0;
	}
	secret_wipe(key, sizeof(key));
	return rc;
}

const struct age_type age_scrypt = { "scrypt", wrap, unwrap };
