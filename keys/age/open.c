/*
 * What a header is for: the file key comes out for an identity, and goes in
 * for recipients.  A release is the two in a row: the payload is not touched.
 */

#include <string.h>

#include "keys/age/age_internal.h"

static const char intro[] = "age-encryption.org/v1\n";
static const char mac_mark[] = "---";

/* A passphrase must stand alone: who opens with one trusts that only those
 * who know it could have sealed. */
static int
check_alone(const struct age_header *h, struct fault *f)
{
	for (size_t i = 0; i < h->nstanzas; i++)
		if (h->stanzas[i].kind == AGE_SCRYPT && h->nstanzas > 1)
			return fault_set(f, FAULT_INPUT,
			    "header: a passphrase beside another recipient");
	return 0;
}

static int
no_match(const struct age_header *h, const struct age_identity *ids, size_t n,
    struct fault *f)
{
	bool sealed_under_passphrase =
	    h->nstanzas == 1 && h->stanzas[0].kind == AGE_SCRYPT;
	bool have_passphrase = false;

	for (size_t i = 0; i < n; i++)
		have_passphrase |= ids[i].kind == AGE_SCRYPT;
	if (sealed_under_passphrase && have_passphrase)
		return fault_set(f, FAULT_INPUT, AGE_WRONG_PASSPHRASE);
	if (sealed_under_passphrase)
		return fault_set(
		    f, FAULT_INPUT, "sealed under a passphrase, none given");
	return fault_set(f, FAULT_INPUT,
	    "no identity matches any of %zu recipients", h->nstanzas);
}

/* The first stanza that one identity opens. */
static int
unwrap_any(const struct age_header *h, const struct age_identity *id,
    uint8_t file_key[AGE_FILE_KEY_BYTES], bool *fits, struct fault *f)
{
	const struct age_type *type = age_type_of(id->kind);

	must(type != NULL);
	*fits = false;
	for (size_t i = 0; i < h->nstanzas && !*fits; i++)
		if (h->stanzas[i].kind == id->kind &&
		    type->unwrap(&h->stanzas[i], id, file_key, fits, f) != 0)
			return -1;
	return 0;
}

int
age_header_check(
    const struct age_header *h, const struct secret *file_key, struct fault *f)
{
	uint8_t mac[32];
	const uint8_t *line =
	    memrchr(h->text.at, '\n', h->len - 1); /* before the MAC's line */
	size_t covered = (size_t)(line + 1 - h->text.at) + sizeof(mac_mark) - 1;

	if (age_header_mac(mac, file_key, h->text.at, covered, f) != 0)
		return -1;
	if (!secret_same(mac, h->mac, sizeof(mac)))
		return fault_set(f, FAULT_FORGED, "header: the MAC is wrong");
	return 0;
}

int
age_header_open(const struct age_header *h, const struct age_identity *ids,
    size_t n, struct secret *file_key, struct fault *f)
{
	uint8_t key[AGE_FILE_KEY_BYTES] = { 0 };
	bool fits = false;
	int rc = -1;

	*file_key = (struct secret){ 0 };
	if (check_alone(h, f) != 0)
		return -1;
	for (size_t i = 0; i < n && !fits; i++)
		if (unwrap_any(h, &ids[i], key, &fits, f) != 0)
			goto out;
	if (!fits) {
		(void)no_match(h, ids, n, f);
		goto out;
	}
	if (secret_copy(file_key, key, sizeof(key), f) != 0)
		goto out;
	rc = age_header_check(h, file_key, f);
	if (rc != 0)
		secret_free(file_key);
out:
	secret_wipe(key, sizeof(key));
	return rc;
}

static int
check_recipients(const struct age_recipient *to, size_t n, struct fault *f)
{
	if (n == 0)
		return fault_set(f, FAULT_INPUT, "no recipient");
	for (size_t i = 0; i < n; i++)
		if (to[i].kind == AGE_SCRYPT && n > 1)
			return fault_set(f, FAULT_INPUT,
			    "a passphrase must be the only recipient");
	return 0;
}

int
age_header_make(struct bytes *out, const struct secret *file_key,
    const struct age_recipient *to, size_t n, struct fault *f)
{
	uint8_t mac[32];
	struct bytes text;
	int rc = -1;

	if (check_recipients(to, n, f) != 0)
		return -1;
	bytes_init(&text, AGE_HEADER_MAX);
	if (bytes_add_text(&text, intro, f) != 0)
		goto out;
	for (size_t i = 0; i < n; i++) {
		const struct age_type *type = age_type_of(to[i].kind);

		must(type != NULL);
		if (type->wrap(&text, &to[i], file_key, f) != 0)
			goto out;
	}
	if (bytes_add_text(&text, mac_mark, f) != 0 ||
	    age_header_mac(mac, file_key, text.at, text.len, f) != 0 ||
	    bytes_add(&text, " ", 1, f) != 0 ||
	    base64_add(&text, mac, sizeof(mac), false, f) != 0 ||
	    bytes_add(&text, "\n", 1, f) != 0)
		goto out;
	rc = bytes_add(out, text.at, text.len, f);
out:
	bytes_free(&text);
	return rc;
}

int
age_header_new(struct bytes *out, struct secret *file_key,
    const struct age_recipient *to, size_t n, struct fault *f)
{
	*file_key = (struct secret){ 0 };
	if (secret_random(file_key, AGE_FILE_KEY_BYTES, f) != 0)
		return -1;
	if (age_header_make(out, file_key, to, n, f) != 0) {
		secret_free(file_key);
		return -1;
	}
	return 0;
}

int
age_header_rewrap(struct bytes *out, const struct age_header *h,
    const struct age_identity *id, const struct age_recipient *to, size_t n,
    struct fault *f)
{
	struct secret file_key;
	int rc;

	if (age_header_open(h, id, 1, &file_key, f) != 0)
		return -1;
	rc = age_header_make(out, &file_key, to, n, f);
	secret_free(&file_key);
	return rc;
}
