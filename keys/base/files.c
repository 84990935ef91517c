/* Files opened once, written whole; see files.h. */

#include "keys/base/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/base/secret.h"
#include "keys/base/text.h"

#define DRAFT_PREFIX ".draft-"
#define DRAFT_RANDOM 10u /* bytes */

void
file_close(int *fd)
{
	if (*fd != -1)
		(void)close(*fd); /* synced or read-only: nothing to lose */
	*fd = -1;
}

int
file_open_read(int dir, const char *path, int *fd, struct fault *f)
{
	struct stat st;
	int got;

	/* O_NONBLOCK, or a FIFO of that name would hold us for ever. */
	got = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (got == -1) {
		int saved = errno;

		if (saved == ENOENT || saved == ELOOP || saved == ENOTDIR)
			return fault_set(f, FAULT_INPUT, "%s: %s", path,
			    saved == ELOOP ? "is a symbolic link"
					   : "no such file");
		errno = saved;
		return fault_errno(f, "open %s", path);
	}
	if (fstat(got, &st) != 0) {
		(void)fault_errno(f, "stat %s", path);
		file_close(&got);
		return -1;
	}
	if (!S_ISREG(st.st_mode)) {
		file_close(&got);
		return fault_set(
		    f, FAULT_INPUT, "%s: not a regular file", path);
	}
	*fd = got;
	return 0;
}

int
folder_open(int dir, const char *path, int *fd, struct fault *f)
{
	int got =
	    openat(dir, path, O_RDONLY | O_CLOEXEC | O_DIRECTORY | O_NOFOLLOW);

	if (got == -1) {
		if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
			return fault_set(
			    f, FAULT_INPUT, "%s: no such folder", path);
		return fault_errno(f, "open folder %s", path);
	}
	*fd = got;
	return 0;
}

int
folder_make(int dir, const char *path, struct fault *f)
{
	if (mkdirat(dir, path, 0700) != 0 && errno != EEXIST)
		return fault_errno(f, "make folder %s", path);
	return 0;
}

int
folder_sync(int fd, const char *what, struct fault *f)
{
	if (fsync(fd) != 0)
		return fault_errno(f, "fsync %s", what);
	return 0;
}

int
file_read_some(int fd, void *p, size_t len, size_t *got, struct fault *f)
{
	size_t n = 0;

	while (n < len) {
		ssize_t r = read(fd, (uint8_t *)p + n, len - n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return fault_errno(f, "read");
		if (r == 0)
			break;
		n += (size_t)r;
	}
	*got = n;
	return 0;
}

int
file_read_at(
    int fd, void *p, size_t len, uint64_t at, size_t *got, struct fault *f)
{
	size_t n = 0;

	while (n < len) {
		ssize_t r =
		    pread(fd, (uint8_t *)p + n, len - n, (off_t)(at + n));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return fault_errno(f, "read");
		if (r == 0)
			break;
		n += (size_t)r;
	}
	*got = n;
	return 0;
}

int
file_read_fd(int fd, struct bytes *out, struct fault *f)
{
	size_t got, want, most = 4096; /* of a small file, no more is wiped */

	do {
		size_t left = out->cap - out->len;

		want = left < most ? left : most;
		most = 65536;

		if (want == 0) {
			uint8_t one;

			if (file_read_some(fd, &one, 1, &got, f) != 0)
				return -1;
			if (got != 0)
				return fault_set(f, FAULT_INPUT,
				    "more than %zu bytes", out->cap);
			return 0;
		}
		if (bytes_reserve(out, want, f) != 0 ||
		    file_read_some(fd, out->at + out->len, want, &got, f) != 0)
			return -1;
		out->len += got;
	} while (got == want);
	return 0;
}

int
file_read(int dir, const char *path, struct bytes *out, struct fault *f)
{
	int fd = -1, rc;

	if (file_open_read(dir, path, &fd, f) != 0)
		return -1;
	rc = file_read_fd(fd, out, f);
	if (rc != 0)
		(void)fault_at(f, "%s", path);
	file_close(&fd);
	return rc;
}

/* Linux answers one write of megabytes with page-cache folios of that size, and
 * filling those takes up to five times as long as filling small ones. */
#define WRITE_MOST ((size_t)256 << 10)

int
file_write(int fd, const void *p, size_t len, struct fault *f)
{
	size_t n = 0;

	while (n < len) {
		size_t most = len - n < WRITE_MOST ? len - n : WRITE_MOST;
		ssize_t w = write(fd, (const uint8_t *)p + n, most);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return fault_errno(f, "write");
		n += (size_t)w;
	}
	return 0;
}

void
file_flush_early(int fd)
{
	(void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

void
draft_none(struct draft *d)
{
	*d = (struct draft){ .fd = -1, .dir = -1 };
}

int
draft_new(struct draft *d, int dir, struct fault *f)
{
	uint8_t random[DRAFT_RANDOM];

	draft_none(d);
	random_fill(random, sizeof(random));
	memcpy(d->name, DRAFT_PREFIX, sizeof(DRAFT_PREFIX));
	base32_write(
	    d->name + sizeof(DRAFT_PREFIX) - 1, random, sizeof(random));
	d->fd = openat(dir, d->name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (d->fd == -1)
		return fault_errno(f, "make a draft");
	d->dir = dir;
	return 0;
}

int
draft_keep(struct draft *d, const char *name, bool replace, struct fault *f)
{
	if (fsync(d->fd) != 0)
		return fault_errno(f, "fsync %s", name);
	if (renameat2(d->dir, d->name, d->dir, name,
		replace ? 0 : 1 /* RENAME_NOREPLACE */) != 0)
		return fault_errno(f, "keep %s", name);
	if (fsync(d->dir) != 0) {
		(void)fault_errno(f, "fsync the folder of %s", name);
		(void)renameat(d->dir, name, d->dir, d->name);
		return -1;
	}
	file_close(&d->fd);
	draft_none(d);
	return 0;
}

void
draft_drop(struct draft *d)
{
	if (d == NULL || d->fd == -1)
		return;
	(void)unlinkat(d->dir, d->name, 0); /* swept at the next start */
	file_close(&d->fd);
	draft_none(d);
}

int
file_put(int dir, const char *name, const void *p, size_t len, bool replace,
    struct fault *f)
{
	struct draft d;
	int rc = -1;

	if (draft_new(&d, dir, f) != 0)
		return -1;
	if (file_write(d.fd, p, len, f) == 0 &&
	    draft_keep(&d, name, replace, f) == 0)
		rc = 0;
	draft_drop(&d);
	return rc;
}

/* What is in a folder, beginning at the first name; to be closed. */
static int
list_open(int dir, DIR **out, struct fault *f)
{
	int fd;

	if (folder_open(dir, ".", &fd, f) != 0)
		return -1;
	if ((*out = fdopendir(fd)) != NULL)
		return 0;
	file_close(&fd);
	return fault_errno(f, "list a folder");
}

int
folder_is_empty(int fd, bool *empty, struct fault *f)
{
	struct dirent *e;
	DIR *list;

	if (list_open(fd, &list, f) != 0)
		return -1;
	*empty = true;
	while (*empty && (e = readdir(list)) != NULL)
		*empty =
		    strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
	(void)closedir(list);
	return 0;
}

static bool
is_draft(const char *name)
{
	const size_t len = sizeof(DRAFT_PREFIX) - 1;

	return strncmp(name, DRAFT_PREFIX, len) == 0 &&
	       strlen(name + len) == BASE32_CHARS(DRAFT_RANDOM) &&
	       text_only(name + len, "abcdefghijklmnopqrstuvwxyz234567",
		   BASE32_CHARS(DRAFT_RANDOM));
}

int
draft_sweep(int dir, struct fault *f)
{
	struct dirent *e;
	DIR *list;

	if (list_open(dir, &list, f) != 0)
		return -1;
	while ((e = readdir(list)) != NULL)
		if (is_draft(e->d_name))
			(void)unlinkat(dir, e->d_name, 0); /* next time then */
	(void)closedir(list);
	return 0;
}

/* One name in the folder fd, whatever it is. */
static int
remove_one(int fd, const char *name, struct fault *f)
{
	if (unlinkat(fd, name, 0) == 0)
		return 0;
	if (errno == EISDIR || errno == EPERM)
		return folder_remove(fd, name, f);
	return fault_errno(f, "remove %s", name);
}

int
folder_remove(int dir, const char *name, struct fault *f)
{
	struct dirent *e;
	DIR *list;
	int fd, rc = 0;

	if (faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return 0;
	if (folder_open(dir, name, &fd, f) != 0)
		return -1;
	if ((list = fdopendir(fd)) == NULL) {
		file_close(&fd);
		return fault_errno(f, "list %s", name);
	}
	while (rc == 0 && (e = readdir(list)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			rc = remove_one(fd, e->d_name, f);
	(void)closedir(list); /* reading: nothing to lose */
	if (rc == 0 && unlinkat(dir, name, AT_REMOVEDIR) != 0)
		return fault_errno(f, "remove %s", name);
	return rc;
}
