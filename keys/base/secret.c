/* Guarded memory on libsodium; see secret.h. */

#include "keys/base/secret.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
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

static volatile sig_atomic_t caught;

static void catch (int number)
{
	caught = number;
}

/*
 * What would end or stop us while a terminal's echo is off.  Blocked but for
 * the wait for a key, so that none slips by between a look and a read.
 */
static const int told[] = { SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP };
#define TOLD (sizeof(told) / sizeof(told[0]))

struct quiet {
	struct termios terminal;
	struct sigaction actions[TOLD];
	sigset_t mask;
};

static int
go_quiet(struct quiet *was, int fd, struct fault *f)
{
	struct sigaction act = { .sa_handler = catch };
	struct termios now = was->terminal;
	sigset_t block;

	now.c_lflag &= ~(tcflag_t)ECHO;
	(void)sigemptyset(&block);
	for (size_t i = 0; i < TOLD; i++)
		(void)sigaddset(&block, told[i]);
	must(sigprocmask(SIG_BLOCK, &block, &was->mask) == 0);
	caught = 0;
	for (size_t i = 0; i < TOLD; i++)
		must(sigaction(told[i], &act, &was->actions[i]) == 0);
	if (tcsetattr(fd, TCSAFLUSH, &now) != 0)
		return fault_errno(f, "switch the terminal's echo off");
	return 0;
}

/* The terminal as it was, and then what the signal asks for. */
static int
speak_again(const struct quiet *was, int fd, struct fault *f)
{
	(void)tcsetattr(fd, TCSAFLUSH, &was->terminal);
	(void)!write(fd, "\n", 1); /* the person's newline was not shown */
	for (size_t i = 0; i < TOLD; i++)
		must(sigaction(told[i], &was->actions[i], NULL) == 0);
	must(sigprocmask(SIG_SETMASK, &was->mask, NULL) == 0);
	if (caught == 0)
		return 0;
	(void)raise(caught);
	return fault_set(f, FAULT_SYSTEM, "interrupted");
}

/* One byte at a time, so that what follows the newline stays in a pipe.  A
 * terminal is waited for with the signals of mask let in. */
static int
read_line(struct secret *line, size_t *len, int fd, const sigset_t *mask,
    struct fault *f)
{
	*len = 0;
	for (;;) {
		struct pollfd key = { .fd = fd, .events = POLLIN };
		uint8_t c;
		ssize_t n;

		if (mask != NULL && ppoll(&key, 1, NULL, mask) < 0) {
			if (errno == EINTR && caught == 0)
				continue;
			return fault_errno(f, "read the passphrase");
		}
		n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault_errno(f, "read the passphrase");
		if (n == 0 && *len == 0 && mask == NULL)
			return fault_set(f, FAULT_INPUT,
			    "no line is left to read a passphrase from");
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

/* The same on a terminal, with a prompt and without echo. */
static int
ask_line(struct secret *line, size_t *len, int fd, const char *prompt,
    struct fault *f)
{
	struct quiet was;
	int rc;

	if (tcgetattr(fd, &was.terminal) != 0)
		return fault_errno(f, "prompt for the passphrase");
	rc = go_quiet(&was, fd, f);
	if (rc == 0 && write(fd, prompt, strlen(prompt)) < 0)
		rc = fault_errno(f, "prompt for the passphrase");
	if (rc == 0)
		rc = read_line(line, len, fd, &was.mask, f);
	if (speak_again(&was, fd, f) != 0)
		rc = -1;
	return rc;
}

int
secret_read_passphrase(
    struct secret *s, int fd, const char *prompt, struct fault *f)
{
	struct secret line = { 0 };
	size_t len;
	int rc;

	*s = (struct secret){ 0 };
	if (secret_new(&line, PASSPHRASE_MAX, f) != 0)
		return -1;
	if (isatty(fd))
		rc = ask_line(&line, &len, fd, prompt, f);
	else
		rc = read_line(&line, &len, fd, NULL, f);
	if (rc == 0)
		rc = secret_copy(s, line.at, len, f);
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
