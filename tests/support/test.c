/* What the unit tests share: vectors, folders, hex. */

#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keys/base/files.h"
#include "keys/base/text.h"

void
test_shared(char *path, size_t room, const char *name)
{
	const char *shared = getenv("SHARED");

	(void)snprintf(
	    path, room, "%s/%s", shared != NULL ? shared : "../shared", name);
	if (access(path, R_OK) != 0) {
		print_message("not here, so not run: %s\n", path);
		skip();
	}
}

void
test_read_file(const char *path, struct bytes *out)
{
	struct fault f = { 0 };
	int fd;

	bytes_init(out, (size_t)1 << 30);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		fail_msg("%s: cannot open", path);
	if (file_read_fd(fd, out, &f) != 0 || bytes_end_text(out, &f) != 0)
		fail_msg("%s: %s", path, f.text);
	file_close(&fd);
}

void
test_folder(char path[64])
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(
	    path, 64, "%.40s/handoff-XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(path) == NULL)
		fail_msg("%s: cannot make a folder", path);
}

void
test_folder_remove(const char *path)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		(void)execlp("rm", "rm", "-rf", "--", path, (char *)NULL);
		_exit(127);
	}
	if (pid == -1 || waitpid(pid, &status, 0) != pid || status != 0)
		fail_msg("%s: cannot remove", path);
}

void
test_hex(struct bytes *out, const char *hex)
{
	struct fault f = { 0 };
	size_t len = strlen(hex) / 2;

	bytes_init(out, len + 1);
	if (bytes_reserve(out, len + 1, &f) != 0 ||
	    !hex_read(out->at, len, hex, strlen(hex)))
		fail_msg("not hex: %s", hex);
	out->len = len;
}
