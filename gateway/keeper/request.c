/*
 * A signed request as a statement: an in-toto Statement about the body's
 * digest, whose predicate names home, method, path and nonce, in an envelope
 * signed by the vendor's key for that owner.
 *
 * The listener that took it off the wire may be anybody's, so every word is
 * compared here with what is about to be acted on.
 */

#include <string.h>

#include "gateway/keeper/request_internal.h"
#include "keys/base/doc.h"
#include "keys/base/text.h"

#define SUBJECT "body"

int
request_sign(struct bytes *out, const struct request *r,
    const struct sign_key *k, struct fault *f)
{
	struct statement_subject body = { .name = SUBJECT };
	struct statement_draft d = { REQUEST_TYPE, &body, 1, NULL };
	int rc = -1;

	memcpy(body.sha256, r->body, DIGEST_BYTES);
	d.predicate = json_pack("{s:s,s:s,s:s,s:s}", "home", r->home, "method",
	    r->method, "nonce", r->nonce, "path", r->path);
	if (d.predicate == NULL)
		return fault_memory(f);
	rc = statement_sign(out, &d, k, f);
	json_decref(d.predicate);
	return rc;
}

/* A word of the predicate must be the one that is acted on. */
static int
same_word(const json_t *o, const char *name, const char *want, struct fault *f)
{
	const char *got;

	if (doc_text(o, name, &got, f) != 0)
		return -1;
	if (strcmp(got, want) != 0)
		return fault_set(
		    f, FAULT_FORGED, "request: signed for another %s", name);
	return 0;
}

static int
same_words(
    const struct statement *s, const struct request *want, struct fault *f)
{
	struct statement_subject body;

	if (doc_only(s->predicate, "home method nonce path", f) != 0 ||
	    same_word(s->predicate, "home", want->home, f) != 0 ||
	    same_word(s->predicate, "method", want->method, f) != 0 ||
	    same_word(s->predicate, "path", want->path, f) != 0)
		return -1;
	if (s->nsubjects != 1)
		return fault_set(f, FAULT_INPUT, "request: needs one subject");
	statement_subject(s, 0, &body);
	if (strcmp(body.name, SUBJECT) != 0)
		return fault_set(
		    f, FAULT_INPUT, "request: its subject is not its body");
	if (memcmp(body.sha256, want->body, DIGEST_BYTES) != 0)
		return fault_set(
		    f, FAULT_FORGED, "request: signed for another body");
	return 0;
}

static int
take_nonce(const struct statement *s, char nonce[REQUEST_NONCE_CHARS + 1],
    struct fault *f)
{
	uint8_t raw[REQUEST_NONCE_CHARS / 2];

	if (doc_hex(s->predicate, "nonce", raw, sizeof(raw), f) != 0)
		return -1;
	hex_write(nonce, raw, sizeof(raw));
	return 0;
}

int
request_check(const struct request *want, struct slice statement,
    const uint8_t public[SIGN_PUBLIC_BYTES],
    char nonce[REQUEST_NONCE_CHARS + 1], struct fault *f)
{
	struct statement s;
	int rc = -1;

	if (statement_open(&s, statement, REQUEST_TYPE, public, f) != 0)
		return fault_at(f, "request");
	if (same_words(&s, want, f) == 0 && take_nonce(&s, nonce, f) == 0)
		rc = 0;
	statement_free(&s);
	return rc;
}
