/*
 * The command's side of the keeper: finding or starting it, unlocking, asking.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "gateway/keeper/keeper.h"
#include "gateway/keeper/keeper_internal.h"
#include "gateway/keeper/passphrase_internal.h"
#include "gateway/keeper/start_internal.h"
#include "keys/age/age.h"
#include "keys/base/clock.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define SOCKET "keeper.sock"
#define WAIT_SECONDS 5.0 /* for another command to end */
#define TRIES 3u	 /* of one passphrase */
#define GREETINGS 3u	 /* keepers that may end as we meet them */
#define END_MS 30000	 /* the log is published at the end */
#define OTHERS_MS 1000	 /* before others are said to be waited for */

struct keeper {
	struct process *process; /* NULL: somebody else's keeper */
	struct channel *met;	 /* to that one */
	int folder;		 /* the home */
	bool split;
	bool serves; /* others, too */
};

static struct channel *
keeper_channel(struct keeper *k)
{
	return k->process != NULL ? process_channel(k->process) : k->met;
}

/* ---- Finding and starting ---- */

static int
meet(struct keeper *k, struct fault *f)
{
	int run = -1, fd = -1, rc;

	if (folder_open(k->folder, "run", &run, f) != 0)
		return -1;
	rc = meet_connect(run, SOCKET, &fd, f);
	file_close(&run);
	if (rc != 0 || fd == -1)
		return rc;
	return channel_new(&k->met, fd, f);
}

static int
start(struct keeper *k, int lock, bool serve, struct fault *f)
{
	int given[3] = { k->folder, lock, -1 }, run = -1, rc;

	/* A copy of a home may have come without it: it holds sockets alone. */
	if (serve && (folder_make(k->folder, "run", f) != 0 ||
			 folder_open(k->folder, "run", &run, f) != 0 ||
			 meet_listen(run, SOCKET, &given[2], f) != 0)) {
		file_close(&run);
		return -1;
	}
	rc = process_spawn(&k->process, "keeper", given, serve ? 3 : 2, f);
	k->serves = serve;
	file_close(&given[2]);
	file_close(&run);
	return rc;
}

int
keeper_start(struct keeper **out, int folder, struct fault *f)
{
	struct keeper *k;
	pid_t holder;
	int lock = -1, rc = -1;

	if ((k = mem_new(sizeof(*k))) == NULL)
		return fault_memory(f);
	k->folder = fcntl(folder, F_DUPFD_CLOEXEC, 0);
	if (k->folder == -1)
		(void)fault_errno(f, "the home");
	else if (meet_lock(k->folder, "lock", &lock, &holder, f) == 0)
		rc = lock == -1 ? fault_set(f, FAULT_SYSTEM,
				      "in use by process %d", (int)holder)
				: start(k, lock, false, f);
	file_close(&lock);
	if (rc != 0)
		(void)keeper_close(k, f);
	else
		*out = k;
	return rc;
}

/* Somebody has the home, and goes on having it. */
static int
in_use(const struct keeper_options *o, pid_t holder, struct fault *f)
{
	(void)fault_set(f, FAULT_SYSTEM, "%s: in use by process %d%s", o->home,
	    (int)holder, o->own ? ", perhaps an agent that runs already" : "");
	return fault_hint(f, "wait for it to end, or: ps %d", (int)holder);
}

/* Get the lock and start a keeper, or meet the one that has it. */
static int
find_or_start(struct keeper *k, const struct keeper_options *o, struct fault *f)
{
	double until = clock_monotonic() + WAIT_SECONDS;
	const struct timespec pause = { 0, 50 * 1000 * 1000 };

	for (;;) {
		pid_t holder;
		int lock, rc;

		if (meet_lock(k->folder, "lock", &lock, &holder, f) != 0)
			return -1;
		if (lock != -1) {
			rc = start(k, lock, o->serve, f);
			file_close(&lock);
			return rc;
		}
		if (!o->own && meet(k, f) != 0)
			return -1;
		if (k->met != NULL)
			return 0;
		if (clock_monotonic() > until)
			return in_use(o, holder, f);
		(void)nanosleep(&pause, NULL);
	}
}

static int
no_home(const char *home, struct fault *f)
{
	fault_clear(f);
	(void)fault_set(f, FAULT_USAGE, "%s: no home of handoff here", home);
	return fault_hint(f, "handoff init, handoff enroll, or --home DIR");
}

/* It may be one, of somebody else. */
static int
not_ours(const char *home, struct fault *f)
{
	fault_clear(f);
	(void)fault_set(f, FAULT_SYSTEM, "%s: permission denied", home);
	return fault_hint(f, "sudo -u USER handoff ..., whose home it is");
}

/* A folder that is not ours to read, or what lies in one. */
static bool
is_closed(const char *home)
{
	struct stat st;

	if (stat(home, &st) != 0)
		return errno == EACCES;
	return S_ISDIR(st.st_mode) && access(home, R_OK | X_OK) != 0 &&
	       errno == EACCES;
}

/* The home's folder, if it is one. */
static int
open_home(const char *home, int *fd, struct fault *f)
{
	bool closed;

	if (folder_open(AT_FDCWD, home, fd, f) != 0)
		return is_closed(home) ? not_ours(home, f) : no_home(home, f);
	if (faccessat(*fd, "keys/home.json", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	closed = errno == EACCES;
	file_close(fd);
	return closed ? not_ours(home, f) : no_home(home, f);
}

/* A keeper that we met may be one of before the program was changed, and would
 * take an ask for another. */
static int
check_speaks(const json_t *who, const char *home, struct fault *f)
{
	const char *theirs = json_string_value(json_object_get(who, "speaks"));
	char ours[SPEAKS_CHARS + 1];

	asks_speak(ours);
	if (theirs != NULL && strcmp(theirs, ours) == 0)
		return 0;
	(void)fault_set(f, FAULT_SYSTEM,
	    "%s: in use by another version of this program", home);
	return fault_hint(
	    f, "end it and start it anew: its process is in %s/lock", home);
}

/* Does it answer?  A home that does not open says so here. */
static int
ask_who(struct keeper *k, const char *home, struct fault *f)
{
	json_t *who = NULL;
	int rc;

	if (keeper_ask(k, KEEPER_WHO, json_object(), &who, f) != 0)
		return -1;
	rc = k->met == NULL ? 0 : check_speaks(who, home, f);
	if (rc == 0)
		rc = doc_bool(who, "split", &k->split, f);
	json_decref(who);
	return rc;
}

/* Another's keeper may have ended just after we met it; then look again. */
static int
greet(struct keeper *k, const struct keeper_options *o, struct fault *f)
{
	for (unsigned tries = 0; tries < GREETINGS; tries++) {
		if (tries > 0)
			fault_clear(f);
		if (find_or_start(k, o, f) != 0)
			return -1;
		if (ask_who(k, o->home, f) == 0)
			return 0;
		if (k->met == NULL || f->kind != FAULT_PEER)
			return -1;
		channel_free(k->met);
		k->met = NULL;
	}
	return -1;
}

int
keeper_open(
    struct keeper **out, const struct keeper_options *o, struct fault *f)
{
	struct keeper *k;

	if ((k = mem_new(sizeof(*k))) == NULL)
		return fault_memory(f);
	k->folder = -1;
	if (open_home(o->home, &k->folder, f) != 0 || greet(k, o, f) != 0 ||
	    keeper_unlock(k, o, o->branches, f) != 0) {
		(void)keeper_close(k, f);
		return -1;
	}
	*out = k;
	return 0;
}

/* Other commands may still use our keeper. */
static void
wait_for_others(struct keeper *k)
{
	sigset_t ends;

	if (!k->serves || process_leave(k->process, OTHERS_MS))
		return;
	fprintf(stderr,
	    "handoff: other commands still use this home through this one; "
	    "it ends with them\n");
	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGINT);
	(void)sigprocmask(SIG_UNBLOCK, &ends, NULL);
	(void)process_leave(k->process, -1);
}

int
keeper_close(struct keeper *k, struct fault *f)
{
	struct fault died = { 0 };
	int rc = 0;

	if (k == NULL)
		return 0;
	channel_free(k->met);
	if (k->process != NULL)
		wait_for_others(k);
	if (k->process != NULL &&
	    (rc = process_end(k->process, END_MS, &died)) != 0 &&
	    (f->kind == FAULT_NONE || f->kind == FAULT_PEER))
		*f = died; /* why it died says more than that it is gone */
	file_close(&k->folder);
	mem_free(k);
	return rc;
}

/* ---- Unlocking ---- */

int
unlock_text(const struct keeper_options *o, const char *prompt, bool twice,
    int *fd, struct fault *f)
{
	if (o->identity == NULL)
		return passphrase_pipe(o->passphrase, prompt, twice, fd, f);
	return file_open_read(AT_FDCWD, o->identity, fd, f);
}

bool
unlock_again(const struct keeper_options *o, unsigned *tries,
    char prompt[PROMPT_CHARS], struct fault *f)
{
	static const char again[] = "That was wrong.  ";
	size_t len = strlen(prompt);

	if (f->kind != FAULT_INPUT ||
	    strstr(f->text, AGE_WRONG_PASSPHRASE) == NULL ||
	    o->identity != NULL || o->passphrase != -1 || ++*tries == TRIES)
		return false;
	fault_clear(f);
	if (*tries > 1)
		return true;
	must(len + sizeof(again) <= PROMPT_CHARS);
	memmove(prompt + sizeof(again) - 1, prompt, len + 1);
	memcpy(prompt, again, sizeof(again) - 1);
	return true;
}

static int
unlock_once(struct keeper *k, const struct keeper_options *o, unsigned branches,
    const char *prompt, struct fault *f)
{
	struct keeper_fds fds = { .ngive = 1 };
	struct hush hush = { .tty = -1 };
	int fd = -1, rc;

	if (unlock_text(o, prompt, false, &fd, f) != 0)
		return -1;
	fds.give = &fd;
	if (o->identity == NULL && o->passphrase == -1)
		hush_begin(&hush);
	rc = keeper_ask_fds(k, KEEPER_UNLOCK,
	    json_pack("{s:i,s:i}", "branches", (int)branches, "means",
		o->identity == NULL ? RING_PASSPHRASE : RING_IDENTITY),
	    &fds, NULL, f);
	hush_end(&hush);
	file_close(&fd);
	return rc;
}

static int
unlock(struct keeper *k, const struct keeper_options *o, unsigned branches,
    const char *first, struct fault *f)
{
	char prompt[PROMPT_CHARS];
	unsigned tries = 0;
	int rc;

	(void)snprintf(prompt, sizeof(prompt), "%s", first);
	do
		rc = unlock_once(k, o, branches, prompt, f);
	while (rc != 0 && unlock_again(o, &tries, prompt, f));
	return rc;
}

int
keeper_unlock(struct keeper *k, const struct keeper_options *o,
    unsigned branches, struct fault *f)
{
	static const char *const names[RING_BRANCHES] = { "release", "export",
		"reveal" };
	char prompt[PROMPT_CHARS];
	int rc = 0;

	if (branches == 0)
		return 0;
	if (!k->split)
		return unlock(k, o, branches, "Passphrase: ", f);
	for (unsigned b = 0; b < RING_BRANCHES && rc == 0; b++)
		if ((branches >> b & 1) != 0) {
			(void)snprintf(prompt, sizeof(prompt),
			    "Passphrase (%s): ", names[b]);
			rc = unlock(k, o, 1u << b, prompt, f);
			if (rc != 0)
				(void)fault_at(f, "branch %s", names[b]);
		}
	return rc;
}

/* ---- Asking ---- */

static int
put_request(struct message *m, uint16_t code, json_t *in,
    const struct keeper_fds *fds, struct fault *f)
{
	int rc = ask_begin(m, code, f);

	if (rc != 0) {
		json_decref(in);
		return -1;
	}
	rc = keeper_put_json(&m->body, in, f);
	for (size_t i = 0; rc == 0 && fds != NULL && i < fds->ngive; i++)
		rc = message_add_fd(m, fds->give[i], f);
	return rc;
}

static int
take_answer(struct message *m, struct reader *r, struct keeper_fds *fds,
    json_t **out, struct fault *f)
{
	struct slice text;
	json_t *o;
	size_t n = 0;

	if (take_slice(r, KEEPER_JSON_MAX, &text, f) != 0 ||
	    take_end(r, f) != 0 || doc_read(&o, text.at, text.len, f) != 0)
		return -1;
	while (fds != NULL && n < fds->want &&
	       message_fd(m, n, &fds->got[n], f) == 0)
		n++;
	if (fds != NULL && n < fds->want) {
		while (n > 0)
			file_close(&fds->got[--n]);
		json_decref(o);
		return -1;
	}
	if (out != NULL)
		*out = o;
	else
		json_decref(o);
	return 0;
}

/* The keeper that we met is gone: it was killed, or its command was. */
static void
lost(struct fault *f)
{
	fault_clear(f);
	(void)fault_set(f, FAULT_PEER,
	    "the command that this one shared the home's keeper with ended");
	(void)fault_hint(f, "the same again; what was recorded stays");
}

int
keeper_ask_fds(struct keeper *k, uint16_t code, json_t *in,
    struct keeper_fds *fds, json_t **out, struct fault *f)
{
	struct message request, answer;
	struct reader r;
	int rc = -1;

	message_init(&request, MESSAGE_MAX);
	message_init(&answer, MESSAGE_MAX);
	if (put_request(&request, code, in, fds, f) == 0 &&
	    ask(keeper_channel(k), &request, &answer, &r, f) == 0)
		rc = take_answer(&answer, &r, fds, out, f);
	else if (k->met != NULL && f->kind == FAULT_PEER &&
		 answer.body.len == 0)
		lost(f);
	message_free(&request);
	message_free(&answer);
	return rc;
}

int
keeper_ask(
    struct keeper *k, uint16_t code, json_t *in, json_t **out, struct fault *f)
{
	return keeper_ask_fds(k, code, in, NULL, out, f);
}

int
keeper_peer(struct keeper *k, enum keeper_peer as, json_t *about, int *fd,
    struct fault *f)
{
	struct keeper_fds fds = { .got = fd, .want = 1 };

	return keeper_ask_fds(k, KEEPER_PEER,
	    json_pack("{s:i,s:o}", "as", (int)as, "about", about), &fds, NULL,
	    f);
}
