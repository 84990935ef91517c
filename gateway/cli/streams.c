/* Files and standard streams of the plumbing commands. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/cli/streams_internal.h"

int
input_open(const char *path, int *fd, struct fault *f)
{
	struct stat st;
	int got;

	if (path == NULL || strcmp(path, "-") == 0)
		got = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		got = open(path, O_RDONLY | O_CLOEXEC);
	if (got == -1) {
		int saved = errno;

		if (saved == ENOENT || saved == ENOTDIR)
			return fault_set(
			    f, FAULT_INPUT, "%s: no such file", path);
		errno = saved;
		return fault_errno(
		    f, "%s", path != NULL ? path : "standard input");
	}
	if (fstat(got, &st) == 0 && S_ISDIR(st.st_mode)) {
		file_close(&got);
		return fault_set(f, FAULT_INPUT, "%s: is a folder", path);
	}
	*fd = got;
	return 0;
}

/* The folder of path, and its last element in o->name. */
static int
open_folder_of(struct output *o, const char *path, struct fault *f)
{
	const char *slash = strrchr(path, '/');
	char folder[4096] = ".";
	struct stat st;
	size_t len;

	/* A draft renamed over a device or a pipe would replace it. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		(void)fault_set(f, FAULT_INPUT, "%s: not a regular file", path);
		return fault_hint(f, "handoff ... > %s", path);
	}
	o->path = path;
	o->name = slash != NULL ? slash + 1 : path;
	if (o->name[0] == '\0')
		return fault_set(f, FAULT_USAGE, "%s: no file name", path);
	if (slash != NULL) {
		len = slash == path ? 1 : (size_t)(slash - path);
		if (len >= sizeof(folder))
			return fault_set(f, FAULT_INPUT, "path too long");
		memcpy(folder, path, len);
		folder[len] = '\0';
	}
	o->folder = open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	if (o->folder == -1)
		return fault_errno(f, "open folder %s", folder);
	return 0;
}

/* A file without a name vanishes with us, however we end; where the file system
 * has none, a draft with a name does. */
static int
open_draft(struct output *o, struct fault *f)
{
	o->draft.fd = openat(
	    o->folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, (mode_t)0600);
	if (o->draft.fd == -1)
		return draft_new(&o->draft, o->folder, f) == 0
			   ? 0
			   : fault_at(f, "%s", o->path);
	o->draft.dir = o->folder;
	return 0;
}

static int
link_draft(const struct output *o, const char *name)
{
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", o->draft.fd);
	return linkat(AT_FDCWD, path, o->folder, name, AT_SYMLINK_FOLLOW);
}

/* Where an older file is to go, a nameless draft gets a draft's name, so that
 * draft_keep() can take over; it is durable by then, and the name lives for as
 * long as a rename takes. */
static int
name_draft(struct output *o, struct fault *f)
{
	struct draft *d = &o->draft, named;

	if (draft_new(&named, o->folder, f) != 0)
		return fault_at(f, "%s", o->path);
	(void)unlinkat(named.dir, named.name, 0); /* only its name is wanted */
	file_close(&named.fd);
	if (link_draft(o, named.name) != 0)
		return fault_errno(f, "keep %s", o->name);
	memcpy(d->name, named.name, sizeof(d->name));
	return 0;
}

/* A nameless draft gets its name at once where nobody has that: whoever is
 * killed leaves the file or nothing.  *there when somebody has. */
static int
name_new(struct output *o, bool *there, struct fault *f)
{
	*there = false;
	if (fsync(o->draft.fd) != 0)
		return fault_errno(f, "fsync %s", o->name);
	if (link_draft(o, o->name) != 0) {
		*there = errno == EEXIST;
		return *there ? 0 : fault_errno(f, "keep %s", o->name);
	}
	if (fsync(o->folder) != 0) {
		(void)fault_errno(f, "fsync the folder of %s", o->name);
		(void)unlinkat(o->folder, o->name, 0);
		return -1;
	}
	file_close(&o->draft.fd);
	draft_none(&o->draft);
	return 0;
}

int
output_open(struct output *o, const char *path, struct fault *f)
{
	*o = (struct output){ .fd = STDOUT_FILENO, .folder = -1 };
	draft_none(&o->draft);
	if (path == NULL || strcmp(path, "-") == 0)
		return 0;
	if (open_folder_of(o, path, f) != 0 || open_draft(o, f) != 0)
		return -1;
	o->fd = o->draft.fd;
	return 0;
}

int
output_apart(const struct output *o, int in, struct fault *f)
{
	struct stat from, to;

	if (o->folder == -1 || fstat(in, &from) != 0 ||
	    fstatat(o->folder, o->name, &to, 0) != 0 ||
	    from.st_dev != to.st_dev || from.st_ino != to.st_ino)
		return 0;
	(void)fault_set(
	    f, FAULT_USAGE, "%s: is what is read, and would be lost", o->path);
	return fault_hint(f, "another name behind -o");
}

int
output_keep(struct output *o, bool replace, struct fault *f)
{
	bool there;

	if (o->folder == -1)
		return 0;
	if (!replace &&
	    faccessat(o->folder, o->name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		(void)fault_set(
		    f, FAULT_USAGE, "%s: is there already", o->path);
		return fault_hint(f, "another name behind -o");
	}
	if (o->draft.name[0] == '\0') {
		if (name_new(o, &there, f) != 0)
			return -1;
		if (!there)
			return 0;
		if (name_draft(o, f) != 0)
			return -1;
	}
	return draft_keep(&o->draft, o->name, replace, f);
}

void
output_drop(struct output *o)
{
	if (o->draft.fd != -1 && o->draft.name[0] == '\0')
		file_close(&o->draft.fd);
	draft_drop(&o->draft);
	file_close(&o->folder);
}

/* async-signal-safe: it only writes and ends. */
static void
file_shrank(int number)
{
	static const char text[] =
	    "handoff: the file was cut short while it was read\n";

	(void)number;
	(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
	_exit(FAULT_SYSTEM);
}

void
input_may_be_mapped(void)
{
	struct sigaction act = { .sa_handler = file_shrank };

	must(sigaction(SIGBUS, &act, NULL) == 0);
}
