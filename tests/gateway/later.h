#ifndef TESTS_GATEWAY_LATER_H
#define TESTS_GATEWAY_LATER_H

/* A keeper whose clocks the test sets forward; for one file of a program. */

#include "tests/support/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "gateway/process/process.h"
#include "keys/base/files.h"

/* The keeper of these tests reads, from a file of its home, how many seconds
 * later it is; this stands in for libc's. */
int clock_gettime(clockid_t which, struct timespec *ts);
int
clock_gettime(clockid_t which, struct timespec *ts)
{
	int rc = (int)syscall(SYS_clock_gettime, which, ts), fd;
	char text[16] = "";

	fd = openat(PROCESS_GIVEN, "later", O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return rc;
	if (read(fd, text, sizeof(text) - 1) > 0)
		ts->tv_sec += atoi(text);
	(void)close(fd);
	return rc;
}

__attribute__((unused)) static void
later(const char *home, const char *seconds)
{
	struct fault f = { 0 };
	char path[200];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/later", home);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)0600);
	assert_true(fd != -1);
	assert_ok(file_write(fd, seconds, strlen(seconds), &f));
	file_close(&fd);
}

#endif
