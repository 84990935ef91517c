/* Sealed bytes among the home's objects, under their digest. */

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "gateway/keeper/keeper_internal.h"
#include "keys/base/files.h"

static void
object_folder(char out[sizeof("objects/aa")], const char *hex)
{
	(void)memcpy(out, "objects/aa", sizeof("objects/aa"));
	memcpy(out + sizeof("objects/") - 1, hex, 2);
}

int
home_keep_object(struct home *h, const struct bytes *sealed,
    char hex[DIGEST_CHARS + 1], struct fault *f)
{
	uint8_t digest[DIGEST_BYTES];
	char folder[sizeof("objects/aa")];
	int all = -1, dir = -1, rc = -1;

	digest_of(digest, sealed->at, sealed->len);
	hex_write(hex, digest, sizeof(digest));
	object_folder(folder, hex);
	if (home_folder(h, "objects", &all, f) == 0 &&
	    folder_make(h->dir, folder, f) == 0 &&
	    folder_sync(all, "objects", f) == 0 &&
	    home_folder(h, folder, &dir, f) == 0)
		rc = file_put(dir, hex, sealed->at, sealed->len, true, f);
	file_close(&dir);
	file_close(&all);
	return rc;
}

void
home_drop_object(struct home *h, const char *hex)
{
	char path[sizeof("objects/aa/") + DIGEST_CHARS];

	(void)snprintf(path, sizeof(path), "objects/%.2s/%s", hex, hex);
	(void)unlinkat(h->dir, path, 0);
}
