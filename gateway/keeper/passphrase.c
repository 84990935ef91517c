/*
 * Passphrases: read in a process that does nothing else, and piped to the
 * keeper, so that neither the command holds one nor the keeper waits for
 * somebody to type.
 */

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "gateway/keeper/passphrase_internal.h"
#include "keys/base/files.h"
#include "keys/base/secret.h"

/* Descriptors given: where it comes from, where it goes. */
#define FROM PROCESS_GIVEN
#define TO (PROCESS_GIVEN + 1)

/* Shorter is in reach of whoever has a copy of the home and time, scrypt or
 * not: 11 random letters are 51 bits, and few choose theirs at random. */
#define STRONG_CHARS 12u

static size_t
count_chars(const struct secret *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->len; i++)
		n += (s->at[i] & 0xc0) != 0x80; /* UTF-8: where one begins */
	return n;
}

/* A new one is its owner's choice, and is not refused. */
static void
warn_weak(const struct secret *s)
{
	if (count_chars(s) < STRONG_CHARS)
		fprintf(stderr,
		    "handoff: a passphrase shorter than %u characters is weak; "
		    "five words drawn at random make a good one\n",
		    STRONG_CHARS);
}

static int
read_twice(struct secret *out, const char *prompt, bool twice, struct fault *f)
{
	struct secret again = { 0 };
	int rc;

	if (secret_read_passphrase(out, FROM, prompt, f) != 0)
		return -1;
	if (!twice)
		return 0;
	if (!isatty(FROM)) {
		warn_weak(out);
		return 0;
	}
	rc = secret_read_passphrase(&again, FROM, "The same again: ", f);
	if (rc == 0 && (again.len != out->len ||
			   !secret_same(again.at, out->at, out->len)))
		rc = fault_set(f, FAULT_USAGE, "the passphrases differ");
	if (rc == 0)
		warn_weak(out);
	secret_free(&again);
	return rc;
}

int
keeper_passphrase_role(struct channel *up, struct fault *f)
{
	struct secret text = { 0 };
	char prompt[128];
	struct message m;
	struct reader r;
	uint8_t twice;
	bool end;
	int rc = -1;

	message_init(&m, 1024);
	if (channel_receive(up, &m, -1, &end, f) != 0 || end)
		goto out;
	r = reader_of(m.body.at, m.body.len);
	if (take_text(&r, prompt, sizeof(prompt), f) == 0 &&
	    take_u8(&r, &twice, f) == 0 && take_end(&r, f) == 0 &&
	    read_twice(&text, prompt, twice != 0, f) == 0)
		rc = file_write(TO, text.at, text.len, f);
out:
	secret_free(&text);
	message_free(&m);
	return rc;
}

/* Wait for the process to have read it, in its own words if it failed. */
static int
run(int from, int to, const char *prompt, bool twice, struct fault *f)
{
	int given[2] = { from, to };
	struct process *p;
	struct message m;
	int rc = -1;

	message_init(&m, 1024);
	if (process_spawn(&p, "passphrase", given, 2, f) != 0)
		return -1;
	if (put_text(&m.body, prompt, f) == 0 &&
	    put_u8(&m.body, twice ? 1 : 0, f) == 0 &&
	    channel_send(process_channel(p), &m, f) == 0) {
		bool end;

		rc = channel_receive(process_channel(p), &m, -1, &end, f);
	}
	message_free(&m);
	if (rc != 0)
		process_kill(p);
	else
		rc = process_end(p, -1, f);
	return rc;
}

static void
nothing(int signal)
{
	(void)signal;
}

/* ^C is for the process that has switched the terminal's echo off: it puts
 * that right before it dies, while we wait. */
static int
run_first(int from, int to, const char *prompt, bool twice, struct fault *f)
{
	const struct sigaction wait = { .sa_handler = nothing };
	struct sigaction was;
	int rc;

	if (sigaction(SIGINT, &wait, &was) != 0)
		return fault_errno(f, "wait for the passphrase");
	rc = run(from, to, prompt, twice, f);
	(void)sigaction(SIGINT, &was, NULL);
	return rc;
}

int
passphrase_pipe(
    int passphrase, const char *prompt, bool twice, int *fd, struct fault *f)
{
	int ends[2], from = passphrase, rc;

	if (from == -1 &&
	    (from = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) == -1) {
		(void)fault_set(
		    f, FAULT_USAGE, "no terminal to ask for a passphrase on");
		return fault_hint(
		    f, twice ? "--passphrase-fd 3 3<FILE"
			     : "--passphrase-fd 3 3<FILE, or -i FILE (an age "
			       "identity)");
	}
	if (pipe2(ends, O_CLOEXEC) != 0) {
		rc = fault_errno(f, "a pipe for the passphrase");
		goto out;
	}
	rc = run_first(from, ends[1], prompt, twice, f);
	file_close(&ends[1]);
	*fd = ends[0];
	if (rc != 0)
		file_close(fd);
out:
	if (passphrase == -1)
		file_close(&from);
	return rc;
}

/* ---- While it is tried ---- */

void
hush_begin(struct hush *h)
{
	static const int told[] = { SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP };
	struct termios now;
	sigset_t block;

	h->tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (h->tty == -1 || tcgetattr(h->tty, &h->was) != 0) {
		file_close(&h->tty);
		return;
	}
	(void)sigemptyset(&block);
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		(void)sigaddset(&block, told[i]);
	(void)sigprocmask(SIG_BLOCK, &block, &h->mask);
	now = h->was;
	now.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	(void)tcsetattr(h->tty, TCSAFLUSH, &now);
}

void
hush_end(struct hush *h)
{
	if (h->tty == -1)
		return;
	(void)tcsetattr(h->tty, TCSAFLUSH, &h->was);
	(void)sigprocmask(SIG_SETMASK, &h->mask, NULL);
	file_close(&h->tty);
}
