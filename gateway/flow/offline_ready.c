/*
 * Before an offline release is logged: could it be written?
 *
 * A release stands in the log for good, and it stands for bytes that went out.
 * So the folder is looked at wholly, and so is what would be copied into it,
 * while there is nothing yet to take back.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/flow/offline_internal.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/text.h"
#include "keys/sign/sign.h"

/* ---- The folder ---- */

/* Whose is it?  *marked: somebody's; *ours: that batch's. */
static int
read_mark(int fd, const char *batch, bool *marked, bool *ours, struct fault *f)
{
	char want[ID_CHARS + 2];
	struct bytes text;
	int rc = 0;

	*ours = false;
	*marked = faccessat(fd, OFFLINE_MARK, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*marked)
		return 0;
	bytes_init(&text, 4096);
	(void)snprintf(want, sizeof(want), "%s\n", batch);
	if ((rc = file_read(fd, OFFLINE_MARK, &text, f)) == 0)
		*ours = text.len == strlen(want) &&
			memcmp(text.at, want, text.len) == 0;
	bytes_free(&text);
	return rc;
}

/* The one way to know: permission, quota and file system have a say. */
static int
try_writing(int fd, const char *path, struct fault *f)
{
	struct draft d;
	int rc;

	draft_none(&d);
	rc = draft_new(&d, fd, f);
	draft_drop(&d);
	return rc == 0 ? 0 : fault_at(f, "%s", path);
}

int
offline_folder(
    int *fd, bool *made, const char *path, const char *batch, struct fault *f)
{
	bool marked, ours, empty = true;
	struct stat st;

	*fd = -1;
	*made = lstat(path, &st) != 0 && errno == ENOENT;
	if (*made && folder_make(AT_FDCWD, path, f) != 0) {
		*made = false;
		return -1;
	}
	if (folder_open(AT_FDCWD, path, fd, f) != 0 ||
	    read_mark(*fd, batch, &marked, &ours, f) != 0 ||
	    (!marked && folder_is_empty(*fd, &empty, f) != 0))
		return -1;
	if (marked ? !ours : !empty) {
		(void)fault_set(f, FAULT_USAGE, "%s: %s", path,
		    marked ? "another batch's delivery is in there"
			   : "something else is in there");
		return fault_hint(f, "nothing is released; name a new folder");
	}
	if (draft_sweep(*fd, f) != 0)
		return -1;
	return try_writing(*fd, path, f);
}

/* ---- What is copied into it ---- */

struct looking {
	int home;
	uint64_t all, missing;
	char first[DIGEST_CHARS + 1]; /* that is missing */
};

/* The object whose digest and size o has under those names. */
static int
look(struct looking *l, const json_t *o, const char *digest, const char *size,
    struct fault *f)
{
	char path[sizeof("objects/aa/") + DIGEST_CHARS];
	const char *hex;
	uint64_t bytes;
	struct stat st;

	if (doc_text(o, digest, &hex, f) != 0 ||
	    doc_number(o, size, INT64_MAX, &bytes, f) != 0)
		return -1;
	if (strlen(hex) != DIGEST_CHARS)
		return fault_set(f, FAULT_PEER, "%s: not a digest", digest);
	(void)snprintf(path, sizeof(path), "objects/%.2s/%s", hex, hex);
	l->all++;
	if (fstatat(l->home, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) && (uint64_t)st.st_size == bytes)
		return 0;
	if (l->missing++ == 0)
		(void)snprintf(l->first, sizeof(l->first), "%s", hex);
	return 0;
}

int
offline_objects(int home, const json_t *told, struct fault *f)
{
	struct looking l = { .home = home };
	json_t *list, *one;
	size_t i;

	if (look(&l, told, "manifest", "manifest_bytes", f) != 0 ||
	    doc_list(told, "shards", &list, f) != 0)
		return -1;
	json_array_foreach(list, i, one)
	{
		if (look(&l, one, "object", "bytes", f) != 0 ||
		    look(&l, one, "index", "index_bytes", f) != 0)
			return -1;
	}
	if (l.missing == 0)
		return 0;
	(void)fault_set(f, FAULT_INPUT,
	    "objects/%.2s/%s: missing or cut short, as are %" PRIu64
	    " of the batch's %" PRIu64 " objects; nothing is released",
	    l.first, l.first, l.missing, l.all);
	return fault_hint(f,
	    "copy objects/ back into the home from where it is kept; a backup "
	    "has shards only with: handoff backup --objects");
}
