/* Folders and files that hold keys: whose they are, and how they go away. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/base/files.h"
#include "keys/ring/ring_internal.h"

bool
file_is_there(int dir, const char *path)
{
	return faccessat(dir, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int
folder_is_ours(int fd, const char *what, unsigned forbidden, struct fault *f)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return fault_errno(f, "stat %s", what);
	if (st.st_uid != geteuid()) {
		(void)fault_set(f, FAULT_POLICY,
		    "%s: belongs to another user, of uid %lu", what,
		    (unsigned long)st.st_uid);
		return fault_hint(f, "sudo -u USER handoff ..., whose it is");
	}
	if ((st.st_mode & forbidden) != 0) {
		(void)fault_set(f, FAULT_POLICY, "%s: others may %s it", what,
		    (st.st_mode & forbidden & 022) != 0 ? "write to" : "read");
		return fault_hint(f, "chmod go-rwx on that folder, once you "
				     "know who changed it");
	}
	return 0;
}

/* The folder that path leads to, and what is left of path. */
static int
open_leaf(
    int dir, const char *path, const char **name, int *fd, struct fault *f)
{
	const char *slash = strrchr(path, '/');
	char folder[KEY_PATH_MAX];

	*name = slash != NULL ? slash + 1 : path;
	if (slash == NULL)
		return folder_open(dir, ".", fd, f);
	must((size_t)(slash - path) < sizeof(folder));
	memcpy(folder, path, (size_t)(slash - path));
	folder[slash - path] = '\0';
	return folder_open(dir, folder, fd, f);
}

int
file_put_below(
    int dir, const char *path, const struct bytes *text, struct fault *f)
{
	const char *name;
	int old = -1, fd = -1, rc = -1;

	if (open_leaf(dir, path, &name, &fd, f) != 0)
		return -1;
	old = openat(fd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (old == -1 && errno != ENOENT) {
		(void)fault_errno(f, "open %s", path);
		goto out;
	}
	if (file_put(fd, name, text->at, text->len, true, f) != 0 ||
	    (old != -1 && file_scrub(old, path, f) != 0))
		goto out;
	rc = 0;
out:
	file_close(&old);
	file_close(&fd);
	return rc;
}

int
file_scrub(int fd, const char *what, struct fault *f)
{
	uint8_t noise[4096];
	struct stat st;
	off_t at = 0;

	if (fstat(fd, &st) != 0)
		return fault_errno(f, "stat %s", what);
	random_fill(noise, sizeof(noise));
	while (at < st.st_size) {
		off_t left = st.st_size - at;
		size_t n =
		    left < (off_t)sizeof(noise) ? (size_t)left : sizeof(noise);
		ssize_t wrote = pwrite(fd, noise, n, at);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return fault_errno(f, "overwrite %s", what);
		at += wrote;
	}
	if (fdatasync(fd) != 0)
		return fault_errno(f, "fsync %s", what);
	return 0;
}
