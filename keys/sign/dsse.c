/*
 * DSSE 1.0.2: the pre-authentication encoding and the JSON envelope.
 *
 * What is signed is the type and the body, each behind its length, so that no
 * canonical form of the body matters.  Envelopes come from strangers: members
 * we do not know are ignored, as the standard says, and keyid, which nobody
 * signed, is not looked at.  We write standard base64 and read that or the
 * URL-safe alphabet, padded.
 */

#include <string.h>

#include "keys/base/doc.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "keys/sign/sign.h"

#define TYPE_MAX 255u /* a media type or URI */

int
dsse_pae(
    struct bytes *out, struct slice type, struct slice body, struct fault *f)
{
	size_t was = out->len;

	if (bytes_addf(out, f, "DSSEv1 %zu ", type.len) == 0 &&
	    bytes_add(out, type.at, type.len, f) == 0 &&
	    bytes_addf(out, f, " %zu ", body.len) == 0 &&
	    bytes_add(out, body.at, body.len, f) == 0)
		return 0;
	out->len = was;
	return -1;
}

/* The members in canonical order; nothing here but the type could need an
 * escape, and types that do are refused. */
static int
write_envelope(struct bytes *out, const char *type, struct slice payload,
    const uint8_t sig[SIGN_BYTES], const char *keyid, struct fault *f)
{
	size_t was = out->len;

	if (bytes_add_text(out, "{\"payload\":\"", f) == 0 &&
	    base64_add(out, payload.at, payload.len, true, f) == 0 &&
	    bytes_addf(out, f,
		"\",\"payloadType\":\"%s\",\"signatures\":"
		"[{\"keyid\":\"%s\",\"sig\":\"",
		type, keyid) == 0 &&
	    base64_add(out, sig, SIGN_BYTES, true, f) == 0 &&
	    bytes_add_text(out, "\"}]}", f) == 0)
		return 0;
	out->len = was;
	return -1;
}

int
dsse_sign(struct bytes *out, const char *type, struct slice payload,
    const struct sign_key *k, struct fault *f)
{
	uint8_t public[SIGN_PUBLIC_BYTES], hash[DIGEST_BYTES], sig[SIGN_BYTES];
	char keyid[DIGEST_CHARS + 1];
	struct bytes pae;
	int rc = -1;

	for (const char *p = type; *p != '\0'; p++)
		if (*p <= 0x20 || *p > 0x7e || *p == '"' || *p == '\\')
			return fault_set(f, FAULT_INPUT,
			    "envelope: payload type needs plain characters");
	bytes_init(&pae, DSSE_BYTES_MAX);
	if (dsse_pae(&pae, slice_of_text(type), payload, f) != 0)
		goto out;
	sign_make(k, pae.at, pae.len, sig);
	sign_key_public(k, public);
	digest_of(hash, public, sizeof(public));
	hex_write(keyid, hash, sizeof(hash));
	rc = write_envelope(out, type, payload, sig, keyid, f);
out:
	bytes_free(&pae);
	return rc;
}

/* Base64 in either alphabet, not mixed. */
static int
read_base64(struct bytes *out, const char *text, struct fault *f)
{
	size_t chars = strlen(text), len;
	bool url = strpbrk(text, "-_") != NULL;
	char *plain;
	int rc = -1;

	if (url && strpbrk(text, "+/") != NULL)
		return fault_set(f, FAULT_INPUT, "not base64");
	if ((plain = mem_text(text, chars)) == NULL)
		return fault_memory(f);
	for (char *p = plain; *p != '\0'; p++)
		*p = (char)(*p == '-' ? '+' : *p == '_' ? '/' : *p);
	if (bytes_reserve(out, chars / 4 * 3 + 3, f) != 0)
		goto out;
	if (!base64_read(
		out->at, chars / 4 * 3 + 3, &len, plain, chars, true)) {
		(void)fault_set(f, FAULT_INPUT, "not base64");
		goto out;
	}
	out->len = len;
	rc = 0;
out:
	mem_free(plain);
	return rc;
}

static int
read_signature(struct dsse *d, const json_t *one, struct fault *f)
{
	struct bytes sig;
	const char *text;
	int rc = -1;

	bytes_init(&sig, DSSE_BYTES_MAX);
	if (!json_is_object(one))
		(void)fault_set(f, FAULT_INPUT, "needs an object");
	else if (doc_text(one, "sig", &text, f) == 0)
		rc = read_base64(&sig, text, f);
	if (rc == 0 && sig.len == SIGN_BYTES)
		memcpy(d->sigs[d->nsigs++], sig.at, SIGN_BYTES);
	bytes_free(&sig);
	return rc;
}

static int
read_members(struct dsse *d, const json_t *doc, struct fault *f)
{
	const char *type, *payload;
	json_t *sigs;

	if (!json_is_object(doc))
		return fault_set(f, FAULT_INPUT, "needs an object");
	if (doc_text(doc, "payloadType", &type, f) != 0 ||
	    doc_text(doc, "payload", &payload, f) != 0 ||
	    doc_list(doc, "signatures", &sigs, f) != 0)
		return -1;
	if (strlen(type) > TYPE_MAX)
		return fault_set(f, FAULT_INPUT,
		    "member \"payloadType\": over %u bytes", TYPE_MAX);
	if (json_array_size(sigs) == 0 ||
	    json_array_size(sigs) > DSSE_SIGNATURES_MAX)
		return fault_set(f, FAULT_INPUT, "needs 1 to %u signatures",
		    DSSE_SIGNATURES_MAX);
	if ((d->type = mem_text(type, strlen(type))) == NULL)
		return fault_memory(f);
	if (read_base64(&d->payload, payload, f) != 0)
		return fault_at(f, "member \"payload\"");
	for (size_t i = 0; i < json_array_size(sigs); i++)
		if (read_signature(d, json_array_get(sigs, i), f) != 0)
			return fault_at(f, "signature %zu", i + 1);
	return 0;
}

int
dsse_read(struct dsse *out, const void *p, size_t len, struct fault *f)
{
	json_t *doc = NULL;
	int rc = -1;

	memset(out, 0, sizeof(*out));
	bytes_init(&out->payload, DSSE_BYTES_MAX);
	if (len > DSSE_BYTES_MAX)
		(void)fault_set(
		    f, FAULT_INPUT, "over %u bytes", DSSE_BYTES_MAX);
	else if (doc_read(&doc, p, len, f) == 0)
		rc = read_members(out, doc, f);
	json_decref(doc);
	if (rc != 0) {
		dsse_free(out);
		(void)fault_at(f, "envelope");
	}
	return rc;
}

int
dsse_verify(const struct dsse *d, const uint8_t public[SIGN_PUBLIC_BYTES],
    struct fault *f)
{
	struct slice body = { d->payload.at, d->payload.len };
	bool good = false;
	struct bytes pae;
	int rc;

	bytes_init(&pae, 2 * DSSE_BYTES_MAX);
	rc = dsse_pae(&pae, slice_of_text(d->type), body, f);
	for (size_t i = 0; rc == 0 && !good && i < d->nsigs; i++)
		good = sign_check(public, pae.at, pae.len, d->sigs[i]);
	bytes_free(&pae);
	if (rc == 0 && !good)
		rc = fault_set(f, FAULT_FORGED,
		    "envelope: not signed by the expected key");
	return rc;
}

void
dsse_free(struct dsse *d)
{
	if (d == NULL)
		return;
	mem_free(d->type);
	bytes_free(&d->payload);
	memset(d, 0, sizeof(*d));
}
