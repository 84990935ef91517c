/* Headers of a backup's archive.  What is taken for one is the very header that
 * we write for its name and size, and a name with which nothing leaves the
 * folder. */

#include <stdint.h>
#include <string.h>

#include "gateway/flow/archive_internal.h"
#include "gateway/package/package.h"
#include "keys/base/fault.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t got[TAR_HEADER_MAX] = { 0 }, want[TAR_HEADER_MAX];
	char name[TAR_NAME_MAX + 2], again[TAR_NAME_MAX + 2];
	uint64_t bytes, twice;
	size_t len = TAR_BLOCK;
	bool more;

	memcpy(got, data, size < sizeof(got) ? size : sizeof(got));
	if (!tar_claims(got, len, name, &bytes, &more))
		return 0;
	if (more) {
		len = TAR_HEADER_MAX;
		if (!tar_claims(got, len, name, &bytes, &more))
			return 0;
		must(!more);
	}
	must(strlen(name) <= TAR_NAME_MAX && tar_name_fits(name));
	if (!archive_name_valid(name))
		return 0;
	must(name[0] != '/' && strstr(name, "..") != name &&
	     strstr(name, "/.") == NULL);
	if (tar_header(want, name, bytes) != len || memcmp(got, want, len) != 0)
		return 0;
	must(tar_claims(want, len, again, &twice, &more) && !more);
	must(strcmp(name, again) == 0 && bytes == twice);
	return 0;
}
