/* Any bytes as lines of an index: what is read is written again the same, and
 * no name leads out of a folder. */

#include <string.h>

#include "gateway/package/package_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	struct package_entry e;
	struct fault f = { 0 };
	struct bytes again;

	if (record_read_entry(&e, (const char *)p, len, &f) != 0) {
		must(f.kind == FAULT_INPUT && f.text[0] != '\0');
		return 0;
	}
	bytes_init(&again, 4096);
	must(record_entry(&again, &e, &f) == 0);
	must(again.len == len + 1 && memcmp(again.at, p, len) == 0);
	bytes_free(&again);
	if (e.row && e.member[0] == '\0') {
		must(strspn(e.item, "abcdefghijklmnopqrstuvwxyz234567") ==
		     TOKEN_CHARS);
		return 0;
	}
	must(strspn(e.member, "abcdefghijklmnopqrstuvwxyz234567") ==
	     TOKEN_CHARS);
	must(e.member[TOKEN_CHARS] == '.');
	must(strchr(e.member, '/') == NULL);
	return 0;
}
