/*
 * Meeting by name: the home's lock, and the unix socket on which whoever holds
 * it serves the others.
 *
 * A socket's address has room for 107 characters and a home's path may be
 * longer, so the folder is named through its descriptor.  The same uid is the
 * same authority, as with an ssh-agent; any other is turned away by both
 * sides, whatever the folder's mode.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "gateway/process/process.h"
#include "gateway/process/process_internal.h"
#include "keys/base/files.h"
#include "keys/base/text.h"

/* Connections that may wait for accept(). */
#define BACKLOG 64

static int
address(struct sockaddr_un *a, int folder, const char *name, struct fault *f)
{
	int n;

	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	n = snprintf(a->sun_path, sizeof(a->sun_path), "/proc/self/fd/%d/%s",
	    folder, name);
	if (n < 0 || (size_t)n >= sizeof(a->sun_path))
		return fault_set(f, FAULT_INPUT, "%s: name too long", name);
	return 0;
}

static int
new_socket(int *fd, struct fault *f)
{
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return *fd != -1 ? 0 : fault_errno(f, "make a socket");
}

bool
meet_same_uid(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
	       peer.uid == geteuid();
}

int
meet_listen(int folder, const char *name, int *fd, struct fault *f)
{
	struct sockaddr_un a;
	mode_t was;
	int s, rc;

	if (address(&a, folder, name, f) != 0 || new_socket(&s, f) != 0)
		return -1;
	(void)unlinkat(folder, name, 0); /* bind tells if it is still there */
	was = umask(0177);
	rc = bind(s, (struct sockaddr *)&a, sizeof(a));
	(void)umask(was);
	if (rc != 0 || listen(s, BACKLOG) != 0) {
		(void)fault_errno(f, "listen on %s", name);
		file_close(&s);
		return -1;
	}
	*fd = s;
	return 0;
}

int
meet_connect(int folder, const char *name, int *fd, struct fault *f)
{
	struct sockaddr_un a;
	int s, rc;

	*fd = -1;
	if (address(&a, folder, name, f) != 0 || new_socket(&s, f) != 0)
		return -1;
	do
		rc = connect(s, (struct sockaddr *)&a, sizeof(a));
	while (rc != 0 && errno == EINTR);
	if (rc == 0 && meet_same_uid(s)) {
		*fd = s;
		return 0;
	}
	if (rc == 0)
		(void)fault_set(
		    f, FAULT_SYSTEM, "%s: another user listens there", name);
	else if (errno == ENOENT || errno == ECONNREFUSED)
		goto nobody;
	else
		(void)fault_errno(f, "connect to %s", name);
	file_close(&s);
	return -1;
nobody:
	file_close(&s);
	return 0;
}

/* The pid in the lock file, 0 when there is none. */
static pid_t
read_holder(int fd)
{
	char text[24];
	ssize_t n = pread(fd, text, sizeof(text), 0);
	uint64_t pid = 0;

	if (n < 2 || text[n - 1] != '\n' ||
	    !u64_read(&pid, text, (size_t)n - 1, INT32_MAX))
		return 0;
	return (pid_t)pid;
}

/* Over the last holder's, which is mostly as long: to cut a file is a change of
 * the file system, and waits for others' in its journal. */
static int
write_holder(int fd, const char *name, struct fault *f)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	struct stat st;

	if (pwrite(fd, text, (size_t)n, 0) != n || fstat(fd, &st) != 0 ||
	    (st.st_size > n && ftruncate(fd, n) != 0))
		return fault_errno(f, "write %s", name);
	return 0;
}

int
meet_lock(int folder, const char *name, int *fd, pid_t *holder, struct fault *f)
{
	int l = openat(folder, name,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	int rc;

	*fd = -1;
	*holder = 0;
	if (l == -1)
		return fault_errno(f, "open %s", name);
	do
		rc = flock(l, LOCK_EX | LOCK_NB);
	while (rc != 0 && errno == EINTR);
	if (rc != 0 && errno == EWOULDBLOCK) {
		*holder = read_holder(l);
		file_close(&l);
		return 0;
	}
	if (rc != 0) {
		(void)fault_errno(f, "lock %s", name);
		file_close(&l);
		return -1;
	}
	if (write_holder(l, name, f) != 0) {
		file_close(&l);
		return -1;
	}
	*fd = l;
	return 0;
}
