/* Guarded memory on libsodium; see secret.h. */

#include "keys/base/secret.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#define PASSPHRASE_MAX 1024u

int
secret_start(struct fault *f)
{
	if (sodium_init() < 0)
		return fault_set(f, FAULT_SYSTEM, "libsodium does not start");
	return 0;
}

int
secret_new(struct secret *s, size_t len, struct fault *f)
{
	*s = (struct secret){ 0 };
	if ((s->at = sodium_malloc(len)) == NULL)
		return fault_set(
		    f, FAULT_SYSTEM, "no lockable memory for a key");
	memset(s->at, 0, len);
	s->len = len;
	return 0;
}

int
secret_random(struct secret *s, size_t len, struct fault *f)
{
	if (secret_new(s, len, f) != 0)
		return -1;
	randombytes_buf(s->at, len);
	return 0;
}

int
secret_copy(struct secret *s, const void *p, size_t len, struct fault *f)
{
	if (secret_new(s, len, f) != 0)
		return -1;
	if (len > 0)
		memcpy(s->at, p, len);
	return 0;
}

void
secret_free(struct secret *s)
{
	if (s == NULL)
		return;
	sodium_free(s->at); /* wipes; NULL is fine */
	*s = (struct secret){ 0 };
}

/* One byte at a time, so that what follows the newline stays in a pipe. */
static int
read_line(struct secret *line, size_t *len, int fd, struct fault *f)
{
	*len = 0;
	for (;;) {
		uint8_t c;
		ssize_t n = read(fd, &c, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault_errno(f, "read the passphrase");
		if (n == 0 || c == '\n')
			break;
		if (*len == line->len)
			return fault_set(f, FAULT_INPUT,
			    "the passphrase is over %u bytes", PASSPHRASE_MAX);
		line->at[(*len)++] = c;
	}
	if (*len == 0)
		return fault_set(f, FAULT_INPUT, "the passphrase is empty");
	return 0;
}

int
secret_read_passphrase(
    struct secret *s, int fd, const char *prompt, struct fault *f)
{
	struct secret line = { 0 };
	struct termios was, quiet;
	int tty, rc = -1;
	size_t len;

	*s = (struct secret){ 0 };
	tty = isatty(fd) && tcgetattr(fd, &was) == 0;
	if (secret_new(&line, PASSPHRASE_MAX, f) != 0)
		return -1;
	if (tty) {
		quiet = was;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		if (write(fd, prompt, strlen(prompt)) < 0 ||
		    tcsetattr(fd, TCSAFLUSH, &quiet) != 0) {
			(void)fault_errno(f, "prompt for the passphrase");
			goto out;
		}
	}
	if (read_line(&line, &len, fd, f) == 0)
		rc = secret_copy(s, line.at, len, f);
	if (tty) {
		(void)tcsetattr(fd, TCSAFLUSH, &was); /* best effort at exit */
		(void)!write(fd, "\n", 1);
	}
out:
	secret_free(&line);
	return rc;
}

void
random_fill(void *p, size_t len)
{
	randombytes_buf(p, len);
}

void
secret_wipe(void *p, size_t len)
{
	sodium_memzero(p, len);
}

bool
secret_same(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}

int
secret_seal_process(struct fault *f)
{
	struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    setrlimit(RLIMIT_CORE, &none) != 0)
		return fault_errno(f, "make the process undumpable");
	return 0;
}
