/* Which names a backup has: one list for the writer and the reader. */

#include "gateway/flow/archive_internal.h"

#include <stddef.h>
#include <string.h>

#define LETTERS                                                \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"0123456789._-"

/* Of a home's folder.  catalog.db is copied by itself. */
static const char *const left_out[] = { "run", "drafts", "log", "lock",
	"catalog.db", "catalog.db-wal", "catalog.db-shm", "catalog.db-journal",
	NULL };

bool
archive_takes(const char *top)
{
	for (const char *const *x = left_out; *x != NULL; x++)
		if (strcmp(top, *x) == 0)
			return false;
	return top[0] != '.';
}

bool
archive_name_valid(const char *path)
{
	char top[32];
	size_t depth = 1;

	if (strcmp(path, "catalog.db") == 0)
		return true;
	for (;; depth++) {
		size_t len = strspn(path, LETTERS);

		if (len == 0 || path[0] == '.' || depth > ARCHIVE_DEPTH_MAX)
			return false;
		if (depth == 1) {
			if (len >= sizeof(top))
				return false;
			memcpy(top, path, len);
			top[len] = '\0';
		}
		path += len;
		if (*path == '\0')
			break;
		if (*path++ != '/')
			return false;
	}
	return archive_takes(top);
}
