/*
 * Where a new home will be.  It is made beside its place and renamed into it as
 * the last act, so that a crash leaves a folder that nobody takes for a home;
 * the next one that is made there removes it.  Whoever makes one holds a lock
 * on its folder meanwhile.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/keeper/keeper.h"
#include "keys/base/files.h"
#include "keys/base/secret.h"
#include "keys/base/text.h"

/* Folders of every home; keys/ and log/ are made by those who fill them. */
static const char *const folders[] = { "objects", "drafts", "quarantine",
	"inbox", "owners", "run", NULL };

int
keeper_folders(int home, struct fault *f)
{
	for (const char *const *x = folders; *x != NULL; x++)
		if (folder_make(home, *x, f) != 0)
			return -1;
	return 0;
}

/* ---- Drafts of homes ---- */

#define DRAFT ".draft-home-"
#define DRAFT_RANDOM 5u /* bytes */

static bool
is_draft(const char *name)
{
	const size_t len = strlen(DRAFT);

	return strncmp(name, DRAFT, len) == 0 &&
	       strlen(name + len) == BASE32_CHARS(DRAFT_RANDOM);
}

/* Remove one that nobody holds. */
static void
sweep_one(int parent, const char *name)
{
	struct fault ignored = { 0 };
	int fd;

	if (folder_open(parent, name, &fd, &ignored) != 0)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		(void)!folder_remove(parent, name, &ignored);
	file_close(&fd);
}

/* What cannot be removed stays; the new home does not need it gone. */
static void
sweep(int parent)
{
	int fd = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd != -1 ? fdopendir(fd) : NULL;
	struct dirent *e;

	if (list == NULL) {
		file_close(&fd);
		return;
	}
	while ((e = readdir(list)) != NULL)
		if (is_draft(e->d_name))
			sweep_one(parent, e->d_name);
	(void)closedir(list); /* reading: nothing to lose */
}

/* Make the draft's folder and hold it. */
static int
make_draft(struct keeper_place *p, struct fault *f)
{
	struct stat st;

	if (folder_make(p->parent, p->draft, f) != 0 ||
	    folder_open(p->parent, p->draft, &p->folder, f) != 0)
		return fault_at(f, "%s", p->home);
	if (flock(p->folder, LOCK_EX | LOCK_NB) != 0 ||
	    fstat(p->folder, &st) != 0 || st.st_nlink == 0)
		return fault_set(f, FAULT_SYSTEM,
		    "%s: another home is being made here; try again", p->home);
	return 0;
}

/* The folder that the home will lie in, and the home's name there. */
static int
open_parent(struct keeper_place *p, struct fault *f)
{
	char path[KEEPER_PATH_MAX];
	size_t len = strlen(p->home);
	char *slash;

	while (len > 1 && p->home[len - 1] == '/')
		len--;
	if (len == 0 || len >= sizeof(path))
		return fault_set(f, FAULT_USAGE, "--home: not a folder's name");
	memcpy(path, p->home, len);
	path[len] = '\0';
	slash = strrchr(path, '/');
	if (strlen(slash != NULL ? slash + 1 : path) > 200)
		return fault_set(
		    f, FAULT_USAGE, "--home: the name is too long");
	(void)snprintf(
	    p->name, sizeof(p->name), "%s", slash != NULL ? slash + 1 : path);
	if (p->name[0] == '\0' || strcmp(p->name, ".") == 0 ||
	    strcmp(p->name, "..") == 0)
		return fault_set(f, FAULT_USAGE, "--home: not a folder's name");
	if (slash == NULL)
		(void)snprintf(path, sizeof(path), ".");
	else
		*(slash == path ? slash + 1 : slash) = '\0';
	(void)snprintf(p->path, sizeof(p->path), "%s/%s", path, p->draft);
	return folder_open(AT_FDCWD, path, &p->parent, f);
}

/* Name the draft, which may not be there yet. */
static int
name_draft(struct keeper_place *p, struct fault *f)
{
	uint8_t random[DRAFT_RANDOM];

	random_fill(random, sizeof(random));
	(void)snprintf(p->draft, sizeof(p->draft), DRAFT);
	base32_write(p->draft + strlen(p->draft), random, sizeof(random));
	return open_parent(p, f);
}

int
keeper_place_new(struct keeper_place *p, const char *home, struct fault *f)
{
	*p = (struct keeper_place){ .home = home, .parent = -1, .folder = -1 };
	if (name_draft(p, f) != 0)
		return fault_at(f, "%s", home);
	if (faccessat(p->parent, p->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		(void)fault_set(f, FAULT_USAGE, "%s is there already", home);
		(void)fault_hint(f, "handoff status --home %s", home);
	} else {
		sweep(p->parent);
		if (make_draft(p, f) == 0)
			return 0;
	}
	keeper_place_drop(p);
	return -1;
}

int
keeper_place_keep(struct keeper_place *p, struct fault *f)
{
	if (renameat2(
		p->parent, p->draft, p->parent, p->name, RENAME_NOREPLACE) != 0)
		return fault_errno(f, "%s", p->home);
	p->kept = true;
	return folder_sync(p->parent, p->home, f);
}

void
keeper_place_drop(struct keeper_place *p)
{
	struct fault ignored = { 0 };

	/* What stays is a name that nobody takes for a home. */
	if (!p->kept && p->folder != -1)
		(void)!folder_remove(p->parent, p->draft, &ignored);
	file_close(&p->folder);
	file_close(&p->parent);
}
