/*
 * Where a fetched batch goes.
 *
 * A batch has a folder of its own: a new one, an empty one, or the one that the
 * inbox says it was being unpacked into.  Anything else that lies in a folder
 * is somebody's, another batch's items.jsonl too, and is left alone.  The owner
 * chooses a batch's name, so that as a folder's it is plain, in the folder that
 * the user chose, and never a link to somewhere else.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/flow/fetch_internal.h"
#include "keys/base/files.h"

/* A name that is safe as a folder's; else the id is. */
static bool
is_plain(const char *name)
{
	return name[0] != '.' && text_only(name,
				     "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "0123456789._-",
				     100);
}

static const char *
folder_name(const struct inbox_state *s)
{
	return is_plain(s->name) ? s->name : s->batch;
}

/* A folder: open, or not there (fd -1). */
struct place {
	int fd;
	char full[INBOX_FOLDER_MAX + 1]; /* its absolute path */
};

/* Nothing is released for a place that cannot be made. */
static int
check_parent(const char *path, struct fault *f)
{
	char parent[PATH_MAX];
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	while (len > 0 && path[len - 1] != '/')
		len--;
	if (len >= sizeof(parent))
		return fault_set(f, FAULT_INPUT, "%s: too long", path);
	memcpy(parent, path, len);
	(void)snprintf(parent + len, sizeof(parent) - len, ".");
	if (faccessat(AT_FDCWD, parent, W_OK | X_OK, AT_EACCESS) != 0)
		return fault_errno(f, "make %s", path);
	return 0;
}

/* A path that the user gave; links in it are the user's word. */
static int
open_given(struct place *p, const char *path, bool make, struct fault *f)
{
	char real[PATH_MAX];

	p->fd = -1;
	if (make && mkdir(path, 0700) != 0 && errno != EEXIST)
		return fault_errno(f, "%s", path);
	if (realpath(path, real) == NULL) {
		if (!make && errno == ENOENT)
			return check_parent(path, f);
		return fault_errno(f, "%s", path);
	}
	if (strlen(real) > INBOX_FOLDER_MAX)
		return fault_set(f, FAULT_INPUT, "%s: too long", path);
	memcpy(p->full, real, strlen(real) + 1);
	return folder_open(AT_FDCWD, real, &p->fd, f);
}

/* In the folder of a path that the user gave, one of a name that the owner
 * did. */
static int
open_named(struct place *p, const char *path, const char *name, bool make,
    struct fault *f)
{
	struct place in;
	struct stat st;
	int rc = -1;

	p->fd = -1;
	if (open_given(&in, path, make, f) != 0)
		return -1;
	if (in.fd == -1)
		return 0;
	if (snprintf(p->full, sizeof(p->full), "%s/%s",
		strcmp(in.full, "/") == 0 ? "" : in.full,
		name) >= (int)sizeof(p->full))
		(void)fault_set(f, FAULT_INPUT, "%s/%s: too long", path, name);
	else if (make && folder_make(in.fd, name, f) != 0)
		(void)fault_at(f, "%s", path);
	else if (fstatat(in.fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		rc = !make && errno == ENOENT ? 0 : fault_errno(f, "%s", name);
	else if (!S_ISDIR(st.st_mode))
		(void)fault_set(
		    f, FAULT_USAGE, "%s: there, and not a folder", name);
	else
		rc = folder_open(in.fd, name, &p->fd, f);
	file_close(&in.fd);
	return rc;
}

/* ---- Whose is it? ---- */

struct claim {
	const char *folder;
	const char *batch; /* that asks */
	bool ours;
	bool other;
	char name[INBOX_NAME_MAX + 1]; /* of that other one */
};

static int
claim(void *arg, int dir, const struct inbox_state *s, struct fault *f)
{
	struct claim *c = arg;

	(void)dir;
	(void)f;
	if (strcmp(s->folder, c->folder) != 0)
		return 0;
	if (strcmp(s->batch, c->batch) == 0) {
		c->ours = true;
		return 0;
	}
	c->other = true;
	(void)snprintf(c->name, sizeof(c->name), "%s", folder_name(s));
	return 0;
}

/* An empty one is anybody's. */
static int
check(const struct fetch *x, const struct inbox_state *s, const struct place *p,
    struct fault *f)
{
	struct claim c = { .folder = p->full, .batch = s->batch };
	bool empty;

	if (p->fd == -1)
		return 0;
	if (folder_is_empty(p->fd, &empty, f) != 0)
		return -1;
	if (empty)
		return 0;
	if (inbox_each(x->home, claim, &c, f) != 0)
		return -1;
	if (c.ours && !c.other)
		return 0;
	if (c.other)
		(void)fault_set(f, FAULT_USAGE, "%s: batch %s is in there",
		    p->full, c.name);
	else
		(void)fault_set(
		    f, FAULT_USAGE, "%s: something else is in there", p->full);
	return fault_hint(f,
	    "a batch has a folder of its own: handoff fetch %s --batch %s -o "
	    "DIR",
	    x->o->from, folder_name(s));
}

/* ---- The folder ---- */

static int
open_place(const struct fetch *x, const struct inbox_state *s, bool make,
    struct place *p, struct fault *f)
{
	const char *to = x->o->folder;
	int rc =
	    to != NULL && x->wanted == 1
		? open_given(p, to, make, f)
		: open_named(p, to != NULL ? to : ".", folder_name(s), make, f);

	if (rc == 0)
		rc = check(x, s, p, f);
	if (rc != 0)
		file_close(&p->fd);
	return rc;
}

int
fetch_look_out(const struct fetch *x, struct fetch_batch *b, struct fault *f)
{
	struct place p;
	int rc = open_place(x, &b->state, false, &p, f);

	file_close(&p.fd);
	return rc;
}

int
fetch_open_out(const struct fetch *x, struct fetch_batch *b, struct fault *f)
{
	struct place p;

	if (open_place(x, &b->state, true, &p, f) != 0)
		return -1;
	b->out = p.fd;
	/* Another folder than last time: everything anew into that one. */
	if (strcmp(p.full, b->state.folder) != 0) {
		memset(b->state.done, 0, sizeof(b->state.done));
		b->state.members = b->state.items = b->state.bytes = 0;
		b->state.complete = false;
	}
	memcpy(b->state.folder, p.full, sizeof(p.full));
	return draft_sweep(b->out, f);
}

/* ---- What is in it ---- */

static bool
is_member(const char *name)
{
	const char *dot = strchr(name, '.');

	if (dot != name + TOKEN_CHARS ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz234567") != TOKEN_CHARS)
		return false;
	if (package_member_nth(name) > 0)
		dot += 1 + PACKAGE_NUMBER_CHARS;
	return strlen(dot + 1) <= PACKAGE_EXTENSION_CHARS;
}

int
fetch_count_out(const struct fetch_batch *b, struct fault *f)
{
	const struct dirent *e;
	uint64_t n = 0;
	DIR *list;
	int fd;

	if (folder_open(b->out, ".", &fd, f) != 0)
		return -1;
	if ((list = fdopendir(fd)) == NULL) {
		file_close(&fd);
		return fault_errno(f, "list the folder");
	}
	while ((e = readdir(list)) != NULL)
		n += is_member(e->d_name);
	(void)closedir(list); /* reading: nothing to lose */
	if (n >= b->state.members)
		return 0;
	(void)fault_set(f, FAULT_FORGED,
	    "%s: fewer members than its shards have: two have one name, or one "
	    "was removed",
	    b->state.folder);
	return fault_hint(f, "fetch it once more into a new folder: -o DIR");
}
