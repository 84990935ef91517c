/*
 * The walk over a dataset.
 *
 * Links are refused and not followed: what they lead to may be outside, or be
 * met twice.  A file is known by size, times and inode; who opens it later gets
 * that one or a refusal.  The time of its last change of any kind is one of
 * them, since that of its content can be set by anybody.  Nothing of a file's
 * content is read here.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/flow/scan_internal.h"
#include "gateway/package/package.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

/* Folders within folders; each holds a descriptor while it is read. */
#define DEPTH_MAX 128u

/* The folder in hand: its path with a slash behind, or "". */
struct walk {
	struct scan *s;
	char path[PACKAGE_ORIGINAL_MAX + 1];
	size_t len;
	unsigned depth;
};

static int64_t
time_of(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 +
	       (int64_t)st->st_mtim.tv_nsec;
}

/* Inode and time of the last change as one number: four million files are held
 * at once.  Neither can be chosen by who changes a file. */
static uint64_t
identity_of(const struct stat *st)
{
	uint64_t changed = (uint64_t)st->st_ctim.tv_sec * 1000000000 +
			   (uint64_t)st->st_ctim.tv_nsec;

	return (uint64_t)st->st_ino * 0x9e3779b97f4a7c15u ^ changed;
}

static int
add_file(
    struct scan *s, const char *path, const struct stat *st, struct fault *f)
{
	size_t at = s->names.len;

	if (s->n == SCAN_FILES_MAX)
		return fault_set(
		    f, FAULT_INPUT, "more than %u files", SCAN_FILES_MAX);
	if (!utf8_valid(path, strlen(path)))
		return fault_set(
		    f, FAULT_INPUT, "%s: the name is not UTF-8", path);
	if (s->n == s->room) {
		uint32_t room = s->room == 0 ? 1024 : 2 * s->room;
		struct scan_file *files =
		    mem_resize(s->files, room * sizeof(*files));

		if (files == NULL)
			return fault_memory(f);
		s->files = files;
		s->room = room;
	}
	if (bytes_add(&s->names, path, strlen(path) + 1, f) != 0)
		return -1;
	s->files[s->n++] = (struct scan_file){ .size = (uint64_t)st->st_size,
		.mtime = time_of(st),
		.identity = identity_of(st),
		.path = (uint32_t)at };
	return 0;
}

static int walk_folder(struct walk *w, int fd, struct fault *f);

static int
walk_below(struct walk *w, int parent, const char *name, struct fault *f)
{
	int fd, rc;

	if (w->depth == DEPTH_MAX)
		return fault_set(f, FAULT_INPUT,
		    "%s: folders nested over %u deep", w->path, DEPTH_MAX);
	fd = openat(
	    parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return fault_errno(f, "%s", w->path);
	w->path[w->len++] = '/';
	w->path[w->len] = '\0';
	w->depth++;
	rc = walk_folder(w, fd, f);
	w->depth--;
	return rc;
}

static int
see_entry(struct walk *w, int folder, const char *name, struct fault *f)
{
	size_t len = w->len, n = strlen(name);
	struct stat st;
	int rc;

	if (n > PACKAGE_ORIGINAL_MAX - 1 - len)
		return fault_set(f, FAULT_INPUT, "%s: a path over %u bytes",
		    w->path, PACKAGE_ORIGINAL_MAX - 1);
	memcpy(w->path + len, name, n + 1);
	w->len += n;
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		rc = fault_errno(f, "%s", w->path);
	else if (S_ISDIR(st.st_mode))
		rc = walk_below(w, folder, name, f);
	else if (S_ISREG(st.st_mode))
		rc = add_file(w->s, w->path, &st, f);
	else
		rc = fault_set(f, FAULT_INPUT, "%s: %s", w->path,
		    S_ISLNK(st.st_mode) ? "a symbolic link is not followed"
					: "neither a file nor a folder");
	w->len = len;
	w->path[len] = '\0';
	return rc;
}

/* fd becomes the walk's. */
static int
walk_folder(struct walk *w, int fd, struct fault *f)
{
	DIR *d = fdopendir(fd);
	struct dirent *e;
	int rc = -1;

	if (d == NULL) {
		(void)fault_errno(f, "%s", w->path);
		file_close(&fd);
		return -1;
	}
	for (;;) {
		errno = 0;
		if ((e = readdir(d)) == NULL)
			break;
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (see_entry(w, dirfd(d), e->d_name, f) != 0)
			goto out;
	}
	rc = errno == 0 ? 0 : fault_errno(f, "%s", w->path);
out:
	(void)closedir(d);
	return rc;
}

static int
by_path(const void *x, const void *y, void *arg)
{
	const struct scan_file *a = x, *b = y;
	const char *names = arg;

	return strcmp(names + a->path, names + b->path);
}

/* A folder: paths are below it.  A file: it alone, in its folder. */
static int
scan_folder(struct scan *s, struct fault *f)
{
	struct walk w = { .s = s };
	int fd;

	s->root = open(s->source, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->root == -1 || (fd = openat(s->root, ".",
				  O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return fault_errno(f, "%s", s->source);
	return walk_folder(&w, fd, f);
}

static int
scan_single(struct scan *s, const struct stat *st, struct fault *f)
{
	char *slash = strrchr(s->source, '/');

	must(slash != NULL);
	*slash = '\0';
	s->root = open(slash == s->source ? "/" : s->source,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*slash = '/';
	if (s->root == -1)
		return fault_errno(f, "%s", s->source);
	return add_file(s, slash + 1, st, f);
}

int
scan_dataset(struct scan *s, const char *dataset, struct fault *f)
{
	struct stat st;
	char *real;
	int rc;

	*s = (struct scan){ .root = -1 };
	bytes_init(&s->names, UINT32_MAX);
	if ((real = realpath(dataset, NULL)) == NULL) {
		if (errno == ENOENT || errno == ENOTDIR)
			return fault_set(f, FAULT_INPUT,
			    "%s: no such file or folder", dataset);
		return fault_errno(f, "%s", dataset);
	}
	s->source = mem_text(real, strlen(real));
	free(real); /* realpath() made it */
	if (s->source == NULL)
		return fault_memory(f);
	if (stat(s->source, &st) != 0)
		return fault_errno(f, "%s", dataset);
	if (S_ISDIR(st.st_mode))
		rc = scan_folder(s, f);
	else if (S_ISREG(st.st_mode))
		rc = scan_single(s, &st, f);
	else
		rc = fault_set(
		    f, FAULT_INPUT, "%s: neither a file nor a folder", dataset);
	if (rc == 0 && s->n > 0)
		qsort_r(
		    s->files, s->n, sizeof(*s->files), by_path, s->names.at);
	return rc;
}

void
scan_free(struct scan *s)
{
	file_close(&s->root);
	mem_free(s->source);
	bytes_free(&s->names);
	mem_free(s->files);
	*s = (struct scan){ .root = -1 };
}

const char *
scan_path(const struct scan *s, uint32_t file)
{
	must(file < s->n);
	return (const char *)s->names.at + s->files[file].path;
}

bool
scan_find(const struct scan *s, const char *path, uint32_t *file)
{
	uint32_t low = 0, high = s->n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		int order = strcmp(scan_path(s, mid), path);

		*file = mid;
		if (order == 0)
			return true;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

int
scan_open(const struct scan *s, uint32_t file, int *fd, struct fault *f)
{
	const struct scan_file *was = &s->files[file];
	const char *path = scan_path(s, file);
	struct stat st;
	int got = openat(s->root, path,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (got == -1 &&
	    (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		goto changed;
	if (got == -1 || fstat(got, &st) != 0) {
		(void)fault_errno(f, "%s", path);
		file_close(&got);
		return -1;
	}
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != was->size ||
	    time_of(&st) != was->mtime || identity_of(&st) != was->identity)
		goto changed;
	*fd = got;
	return 0;
changed:
	file_close(&got);
	return fault_set(
	    f, FAULT_INPUT, "%s: changed since it was planned", path);
}
