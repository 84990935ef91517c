/*
 * Whatever age_header_read accepts, its parts write back the same bytes; and
 * what it calls cut short is refused in no other way when the end is gone too.
 */

#include <string.h>

#include "keys/age/age_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

static void
write_back(const struct age_header *h, const uint8_t *p)
{
	struct fault f = { 0 };
	struct bytes out;

	bytes_init(&out, 2 * AGE_HEADER_MAX);
	must(bytes_add_text(&out, "age-encryption.org/v1\n", &f) == 0);
	for (size_t i = 0; i < h->nstanzas; i++) {
		const struct age_stanza *s = &h->stanzas[i];
		/* arguments past the third are known by where they stand */
		const uint8_t *end = memchr(s->arg[0].at, '\n', h->len);
		size_t n = (size_t)(end - s->arg[0].at);
		struct bytes args;

		bytes_init(&args, AGE_HEADER_MAX);
		must(bytes_add(&args, s->arg[0].at, n, &f) == 0);
		must(bytes_end_text(&args, &f) == 0);
		must(age_stanza_write(&out, (const char *)args.at, s->body.at,
			 s->body.len, &f) == 0);
		bytes_free(&args);
	}
	must(bytes_add_text(&out, "--- ", &f) == 0);
	must(base64_add(&out, h->mac, sizeof(h->mac), false, &f) == 0);
	must(bytes_add(&out, "\n", 1, &f) == 0);
	must(out.len == h->len && memcmp(out.at, p, out.len) == 0);
	bytes_free(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct fault f = { 0 };
	struct age_header h;

	if (age_header_read(&h, p, len, &f) == 0) {
		write_back(&h, p);
		age_header_free(&h);
		return 0;
	}
	must(f.kind == FAULT_INPUT || f.kind == FAULT_FORGED);
	if (f.kind == FAULT_FORGED && len > 1) {
		f = (struct fault){ 0 };
		must(age_header_read(&h, p, len - 1, &f) == -1);
		must(f.kind == FAULT_FORGED);
	}
	return 0;
}
