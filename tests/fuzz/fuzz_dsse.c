/*
 * Envelopes and statements from a stranger: as they come, and as a payload that
 * a known key has really signed.  What verifies is what was signed, and a
 * statement that is read is written back to one that reads the same.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "keys/sign/sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static struct sign_key key;
static uint8_t public[SIGN_PUBLIC_BYTES];

static void
start(void)
{
	struct fault f = { 0 };
	uint8_t seed[SIGN_SEED_BYTES];

	if (key.pair.at != NULL)
		return;
	memset(seed, 7, sizeof(seed));
	must(secret_start(&f) == 0);
	must(sign_key_from_seed(&key, seed, &f) == 0);
	sign_key_public(&key, public);
}

static void
try_statement(struct slice text)
{
	struct statement_subject *list;
	struct statement s, back;
	struct statement_draft d;
	struct fault f = { 0 };
	struct bytes again;

	if (statement_read(&s, text, NULL, &f) != 0) {
		must(f.kind == FAULT_INPUT && f.text[0] != '\0');
		must(s.doc == NULL);
		return;
	}
	must((list = mem_array(s.nsubjects, sizeof(*list))) != NULL);
	for (size_t i = 0; i < s.nsubjects; i++)
		statement_subject(&s, i, &list[i]);
	d = (struct statement_draft){ s.predicate_type, list, s.nsubjects,
		s.predicate };
	bytes_init(&again, DSSE_BYTES_MAX);
	/* Numbers beyond 2^53 are read, and not written. */
	if (statement_write(&again, &d, &f) == 0) {
		must(
		    statement_read(&back, (struct slice){ again.at, again.len },
			s.predicate_type, &f) == 0);
		must(back.nsubjects == s.nsubjects);
		statement_free(&back);
	}
	bytes_free(&again);
	mem_free(list);
	statement_free(&s);
}

static void
try_signed(const uint8_t *p, size_t len)
{
	struct fault f = { 0 };
	struct bytes envelope;
	struct dsse d;

	bytes_init(&envelope, DSSE_BYTES_MAX);
	must(dsse_sign(&envelope, STATEMENT_PAYLOAD, (struct slice){ p, len },
		 &key, &f) == 0);
	must(dsse_read(&d, envelope.at, envelope.len, &f) == 0);
	must(dsse_verify(&d, public, &f) == 0);
	must(d.payload.len == len &&
	     (len == 0 || memcmp(d.payload.at, p, len) == 0));
	dsse_free(&d);
	bytes_free(&envelope);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct fault f = { 0 };
	struct dsse d;

	start();
	if (dsse_read(&d, p, len, &f) == 0) {
		must(d.nsigs <= DSSE_SIGNATURES_MAX);
		if (dsse_verify(&d, public, &f) != 0)
			must(f.kind == FAULT_FORGED);
		dsse_free(&d);
	} else {
		must(f.kind == FAULT_INPUT && d.type == NULL);
	}
	try_statement((struct slice){ p, len });
	if (len < 4096)
		try_signed(p, len);
	return 0;
}
