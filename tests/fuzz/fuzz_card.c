/*
 * A card from a stranger: the bytes as they come, and again as a payload that
 * a key has really signed, so that the fuzzer gets behind the signature.
 * Whatever is read is written back as the same payload, and its fingerprint
 * agrees with itself.
 */

#include <string.h>

#include "keys/ring/ring.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* The key whose verifier key stands in the corpus. */
static const struct sign_key *
fuzz_key(void)
{
	static struct sign_key key;
	struct fault f = { 0 };
	uint8_t seed[SIGN_SEED_BYTES];

	if (key.pair.at == NULL) {
		memset(seed, 7, sizeof(seed));
		must(secret_start(&f) == 0);
		must(sign_key_from_seed(&key, seed, &f) == 0);
	}
	return &key;
}

static void
check(const void *p, size_t len)
{
	struct fault f = { 0 };
	struct fingerprint print;
	struct bytes again;
	struct card c, back;

	if (card_read(&c, p, len, &f) != 0) {
		must(f.kind == FAULT_INPUT || f.kind == FAULT_FORGED);
		must(f.text[0] != '\0');
		return;
	}
	must(card_fingerprint(&print, &c, &f) == 0);
	must(fingerprint_same(&print, print.hex));
	must(fingerprint_same(&print, print.words));
	if (memcmp(c.verifier.key, fuzz_key()->pair.at + SIGN_SEED_BYTES,
		SIGN_PUBLIC_BYTES) != 0)
		return;
	bytes_init(&again, CARD_BYTES_MAX);
	must(card_sign(&again, &c, fuzz_key(), &f) == 0);
	must(card_read(&back, again.at, again.len, &f) == 0);
	must(memcmp(&back.verifier, &c.verifier, sizeof(c.verifier)) == 0);
	must(strcmp(back.name, c.name) == 0);
	bytes_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct fault f = { 0 };
	struct bytes text;

	check(p, len);
	bytes_init(&text, 65536);
	if (len < 8192 && dsse_sign(&text, STATEMENT_PAYLOAD,
			      (struct slice){ p, len }, fuzz_key(), &f) == 0)
		check(text.at, text.len);
	bytes_free(&text);
	return 0;
}
