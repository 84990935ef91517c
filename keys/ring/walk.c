/*
 * Every file of the ring, for backups and for whoever counts keys.
 *
 * Paths are read back into names only when the name leads to exactly that
 * path; anything else in keys/ is shown as a file and nothing more.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "keys/base/files.h"
#include "keys/ring/ring_internal.h"

/* keys/BRANCH/KIND/BATCH */
#define DEPTH_MAX 4u
#define WALK_PATH_MAX (KEY_PATH_MAX + 256u)

struct walk {
	int (*see)(void *arg, const struct ring_file *file, struct fault *f);
	void *arg;
};

/* Cut text at its last slash; what stood behind it. */
static char *
cut_last(char *text)
{
	char *slash = strrchr(text, '/');

	if (slash == NULL)
		return text;
	*slash = '\0';
	return slash + 1;
}

/* The name of the key at path, below keys/; text keeps what it points to. */
static bool
name_of(struct ring_name *name, char text[WALK_PATH_MAX], const char *path)
{
	char want[KEY_PATH_MAX + KEY_ID_MAX + 16];
	struct fault f = { 0 };
	struct place p;
	uint64_t number;
	size_t len = strlen(path);
	char *leaf;

	if (len < 5 || strcmp(path + len - 4, ".age") != 0)
		return false;
	memcpy(text, path, len - 4);
	text[len - 4] = '\0';
	leaf = cut_last(text);
	for (unsigned k = 0; k < RING_KINDS; k++) {
		*name = (struct ring_name){ (enum ring_kind)k, leaf, 0 };
		if (k == RING_SHARD) {
			if (!u64_read(&number, leaf, strlen(leaf), UINT32_MAX))
				continue;
			name->number = (uint32_t)number;
			name->id = strrchr(text, '/');
			name->id = name->id != NULL ? name->id + 1 : text;
		}
		if (key_place(&p, name, &f) != 0)
			continue;
		(void)snprintf(want, sizeof(want), "%s/%s", p.folder, p.file);
		if (strcmp(want, path) == 0)
			return true;
	}
	return false;
}

static int
show(const struct walk *w, const char *path, struct fault *f)
{
	char text[WALK_PATH_MAX];
	struct ring_file file = { .path = path };

	/* path begins with "keys/" */
	file.is_key = name_of(&file.name, text, path + 5);
	if (!file.is_key)
		file.name = (struct ring_name){ 0 };
	return w->see(w->arg, &file, f);
}

static int walk_folder(const struct walk *w, int dir, const char *path,
    unsigned depth, struct fault *f);

/* One name in the folder fd. */
static int
walk_one(const struct walk *w, int fd, const char *path, unsigned depth,
    struct fault *f)
{
	const char *name = strrchr(path, '/') + 1;
	struct stat st;

	if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 /* destroyed meanwhile */
				       : fault_errno(f, "stat %s", path);
	if (S_ISDIR(st.st_mode))
		return walk_folder(w, fd, path, depth + 1, f);
	if (!S_ISREG(st.st_mode))
		return fault_set(
		    f, FAULT_INPUT, "%s: not a regular file", path);
	return show(w, path, f);
}

/* The folder named by the last element of path, in dir.  Drafts, which begin
 * with a dot, are nobody's. */
static int
walk_folder(const struct walk *w, int dir, const char *path, unsigned depth,
    struct fault *f)
{
	const char *slash = strrchr(path, '/');
	char below[WALK_PATH_MAX];
	struct dirent *e;
	DIR *list;
	int fd, n, rc = 0;

	if (depth > DEPTH_MAX)
		return fault_set(f, FAULT_INPUT, "%s: too deep", path);
	if (folder_open(dir, slash != NULL ? slash + 1 : ".", &fd, f) != 0)
		return -1;
	if ((list = fdopendir(fd)) == NULL) {
		file_close(&fd);
		return fault_errno(f, "list %s", path);
	}
	while (rc == 0 && (e = readdir(list)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		n = snprintf(below, sizeof(below), "%s/%s", path, e->d_name);
		if (n < 0 || (size_t)n >= sizeof(below))
			rc = fault_set(
			    f, FAULT_INPUT, "%s: a name too long", path);
		else
			rc = walk_one(w, fd, below, depth, f);
	}
	(void)closedir(list); /* reading: nothing to lose */
	return rc;
}

int
ring_each(const struct ring *r,
    int (*see)(void *arg, const struct ring_file *file, struct fault *f),
    void *arg, struct fault *f)
{
	struct walk w = { see, arg };

	return walk_folder(&w, r->keys, "keys", 1, f);
}
