/* The answer to a release: what is read is in order, has sizes that objects
 * have, and each shard can be read again as it was. */

#include "gateway/flow/released_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct fault f = { 0 };
	struct released r;
	uint32_t last = 0;

	if (released_read(&r, p, len, &f) != 0) {
		must(f.kind == FAULT_INPUT || f.kind == FAULT_SYSTEM);
		must(r.doc == NULL);
		return 0;
	}
	must(r.n > 0 && r.n <= 4096 && id_valid(r.batch, 'b'));
	for (size_t i = 0; i < r.n; i++) {
		struct released_shard s;
		uint64_t plain;

		must(released_shard(&r, i, &s, &f) == 0);
		must(i == 0 || s.n > last);
		must(s.skip < s.bytes && s.index_skip < s.index_bytes);
		must(age_plain_bytes(s.bytes - s.skip, &plain));
		must(s.header.len > 0 && s.index_header.len > 0);
		last = s.n;
		released_shard_free(&s);
	}
	released_free(&r);
	return 0;
}
