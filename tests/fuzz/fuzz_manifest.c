/* Any bytes as a manifest: what is read can be written, and reads back to the
 * same bytes. */

#include <string.h>

#include "gateway/package/package.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct manifest m, back;
	struct bytes one, two;
	struct fault f = { 0 };

	if (manifest_read(&m, (struct slice){ p, len }, &f) != 0) {
		must(f.kind == FAULT_INPUT && f.text[0] != '\0');
		return 0;
	}
	bytes_init(&one, (size_t)1 << 24);
	bytes_init(&two, (size_t)1 << 24);
	must(manifest_write(&one, &m, &f) == 0);
	must(manifest_read(&back, (struct slice){ one.at, one.len }, &f) == 0);
	must(manifest_write(&two, &back, &f) == 0);
	must(one.len == two.len && memcmp(one.at, two.at, one.len) == 0);
	manifest_free(&m);
	manifest_free(&back);
	bytes_free(&one);
	bytes_free(&two);
	return 0;
}
