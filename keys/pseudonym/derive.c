/*
 * Keys from keys, and the proof that token.c may be trusted.
 *
 * One random secret stands behind a pseudonymisation domain, so that
 * destroying it ends every token of that domain; every field and use gets its
 * own key from it, so that a token says nothing across fields, and the key of
 * one field can be given to a worker without the others.
 */

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdbool.h>
#include <string.h>

#include "keys/base/wire.h"
#include "keys/pseudonym/pseudonym.h"

#define DERIVED_BYTES 32u
#define NAME_MAX_BYTES 4096u

/* Part of the format: a changed label is a different key for everything. */
static const char *const labels[] = {
	[KEY_FIELD] = "handoff field v1",
	[KEY_SUBJECT] = "handoff subject v1",
	[KEY_ITEM] = "handoff item v1",
	[KEY_SHUFFLE] = "handoff shuffle v1",
	[KEY_VALUE] = "handoff value v1",
	[KEY_WRAP] = "handoff wrap v1",
	[KEY_FPE] = "handoff fpe v1",
	[KEY_REVERSIBLE] = "handoff reversible v1",
	[KEY_SHIFT] = "handoff shift v1",
	[KEY_PERSON] = "handoff person v1",
	[KEY_HELD] = "handoff held v1",
	[KEY_SENT] = "handoff sent v1",
	[KEY_ERASED] = "handoff erased v1",
	[KEY_NAMED] = "handoff named v1",
	[KEY_UID] = "handoff uid v1",
};

/* What plans call the keys that fields have. */
static const struct {
	const char *word;
	enum key_use use;
	bool domain; /* and it has one */
} words[] = {
	{ "token", KEY_FIELD, true },
	{ "fpe", KEY_FPE, true },
	{ "reversible", KEY_REVERSIBLE, true },
	{ "shift", KEY_SHIFT, false },
	{ "value", KEY_VALUE, false },
	{ "uid", KEY_UID, false },
};
#define WORDS (sizeof(words) / sizeof(words[0]))

const char *
key_use_word(enum key_use use)
{
	for (size_t i = 0; i < WORDS; i++)
		if (words[i].use == use)
			return words[i].word;
	must(!"a use that fields have");
	return NULL;
}

int
key_name_read(
    const char *name, enum key_use *use, const char **field, struct fault *f)
{
	for (size_t i = 0; i < WORDS; i++) {
		size_t len = strlen(words[i].word);

		if (strncmp(name, words[i].word, len) != 0 ||
		    name[len] != ':' ||
		    (name[len + 1] != '\0') != words[i].domain)
			continue;
		*use = words[i].use;
		*field = name + len + 1;
		return 0;
	}
	return fault_set(f, FAULT_INPUT, "not the name of a field's key");
}

static int
hkdf(struct secret *out, const struct secret *from, struct bytes *info,
    struct fault *f)
{
	char digest[] = "SHA256";
	EVP_KDF *kdf = NULL;
	EVP_KDF_CTX *ctx = NULL;
	int rc = -1;
	const OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(
		    OSSL_KDF_PARAM_DIGEST, digest, sizeof(digest) - 1),
		OSSL_PARAM_octet_string(
		    OSSL_KDF_PARAM_KEY, from->at, from->len),
		OSSL_PARAM_octet_string(
		    OSSL_KDF_PARAM_INFO, info->at, info->len),
		OSSL_PARAM_END,
	};

	if ((kdf = EVP_KDF_fetch(NULL, "HKDF", NULL)) == NULL ||
	    (ctx = EVP_KDF_CTX_new(kdf)) == NULL ||
	    EVP_KDF_derive(ctx, out->at, out->len, params) != 1) {
		(void)fault_set(f, FAULT_SYSTEM, "HKDF-SHA-256 does not work");
		goto out;
	}
	rc = 0;
out:
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return rc;
}

int
key_derive(struct secret *out, const struct secret *from, enum key_use use,
    const char *domain, const char *field, struct fault *f)
{
	struct bytes info;
	int rc = -1;

	must(use < sizeof(labels) / sizeof(labels[0]));
	must(from->len == DERIVED_BYTES);
	*out = (struct secret){ 0 };
	bytes_init(&info, 3 * (4 + NAME_MAX_BYTES));
	if (strlen(domain) > NAME_MAX_BYTES || strlen(field) > NAME_MAX_BYTES) {
		(void)fault_set(f, FAULT_INPUT,
		    "the name of a field or domain: over %u bytes",
		    NAME_MAX_BYTES);
		goto out;
	}
	if (put_text(&info, labels[use], f) != 0 ||
	    put_text(&info, domain, f) != 0 || put_text(&info, field, f) != 0 ||
	    secret_new(out, DERIVED_BYTES, f) != 0 ||
	    hkdf(out, from, &info, f) != 0)
		goto out;
	rc = 0;
out:
	if (rc != 0)
		secret_free(out);
	bytes_free(&info);
	return rc;
}

/* HMAC-SHA-256 as the library does it. */
static int
mac_by_library(uint8_t mac[TOKEN_MAC_BYTES], const uint8_t key[32],
    const uint8_t *p, size_t len)
{
	size_t got;

	return EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key, 32, p, len,
		   mac, TOKEN_MAC_BYTES, &got) != NULL &&
		       got == TOKEN_MAC_BYTES
		   ? 0
		   : -1;
}

static int
check_hmac(struct fault *f)
{
	/* Around each edge of a block and of its padding. */
	static const size_t lens[] = { 0, 1, 55, 56, 63, 64, 65, 119, 128,
		300 };
	uint8_t key[32], value[300], ours[TOKEN_MAC_BYTES],
	    theirs[sizeof(ours)];
	struct token_key *k;
	int rc = 0;

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(0xa0 + i);
	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = (uint8_t)(7 * i);
	if (token_key_new(&k, key, sizeof(key), f) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		token_mac(k, value, lens[i], ours);
		if (mac_by_library(theirs, key, value, lens[i]) != 0 ||
		    memcmp(ours, theirs, sizeof(ours)) != 0)
			rc = -1;
	}
	token_key_free(k);
	if (rc != 0)
		return fault_set(f, FAULT_SYSTEM,
		    "HMAC-SHA-256: the crypto library's two ways differ");
	return 0;
}

/* NIST's sample 1 for FF1. */
static int
check_ff1(struct fault *f)
{
	static const uint8_t key[16] = { 0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae,
		0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c };
	static const uint16_t want[10] = { 2, 4, 3, 3, 4, 7, 7, 4, 8, 4 };
	uint16_t digits[10] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	const struct ff1_text t = { .radix = 10, .digits = digits, .n = 10 };
	struct ff1 *k;
	int rc;

	if (ff1_new(&k, key, sizeof(key), f) != 0)
		return -1;
	rc = ff1_encrypt(k, &t, f);
	ff1_free(k);
	if (rc == 0 && memcmp(digits, want, sizeof(want)) != 0)
		rc = fault_set(f, FAULT_SYSTEM, "FF1: not as NIST has it");
	return rc;
}

/* Under a key of any bytes: what was sealed opens. */
static int
check_siv(struct fault *f)
{
	const struct siv_data none = { NULL, 0 };
	const struct slice text = slice_of_text("any text");
	struct slice sealed;
	struct bytes out, back;
	struct siv *k;
	uint8_t key[64];
	int rc = -1;

	for (size_t i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)i;
	bytes_init(&out, 64);
	bytes_init(&back, 64);
	if (siv_new(&k, key, sizeof(key), f) != 0)
		return -1;
	if (siv_seal(k, &none, &text, &out, f) != 0)
		goto out;
	sealed = (struct slice){ out.at, out.len };
	if (siv_open(k, &none, &sealed, &back, f) != 0)
		goto out;
	if (back.len == text.len && memcmp(back.at, text.at, text.len) == 0)
		rc = 0;
	else
		(void)fault_set(f, FAULT_SYSTEM, "AES-SIV does not open");
out:
	siv_free(k);
	bytes_free(&out);
	bytes_free(&back);
	return rc;
}

int
pseudonym_start(struct fault *f)
{
	if (check_hmac(f) != 0 || check_ff1(f) != 0)
		return -1;
	return check_siv(f);
}
