/* Signed requests: whatever is read as one names the very words that were
 * asked for, and its envelope verifies. */

#include <string.h>

#include "gateway/keeper/request_internal.h"
#include "keys/base/secret.h"
#include "keys/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* The input is a payload, signed here: what a hostile vendor can send. */
int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static struct sign_key key;
	static uint8_t public[SIGN_PUBLIC_BYTES];
	struct request want = { "h-abcdefghijklmnopqrstuvwxyz", "GET",
		"/v1/batches", NULL, { 0 } };
	char nonce[REQUEST_NONCE_CHARS + 1] = "";
	uint8_t seed[SIGN_SEED_BYTES] = { 7 };
	struct fault f = { 0 };
	struct bytes b;

	if (key.pair.at == NULL) {
		must(secret_start(&f) == 0);
		must(sign_key_from_seed(&key, seed, &f) == 0);
		sign_key_public(&key, public);
	}
	digest_of(want.body, "", 0);
	bytes_init(&b, DSSE_BYTES_MAX);
	if (dsse_sign(&b, STATEMENT_PAYLOAD, (struct slice){ p, len }, &key,
		&f) == 0 &&
	    request_check(
		&want, (struct slice){ b.at, b.len }, public, nonce, &f) == 0) {
		uint8_t raw[REQUEST_NONCE_CHARS / 2];

		must(hex_read(raw, sizeof(raw), nonce, strlen(nonce)));
		must(memmem(p, len, want.home, strlen(want.home)) != NULL);
		must(memmem(p, len, nonce, strlen(nonce)) != NULL);
	}
	bytes_free(&b);
	f = (struct fault){ 0 };
	/* and as it comes off the wire, signed by nobody */
	must(request_check(
		 &want, (struct slice){ p, len }, public, nonce, &f) != 0 ||
	     len > 64);
	return 0;
}
