#ifndef GATEWAY_PROCESS_PROCESS_H
#define GATEWAY_PROCESS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "keys/base/bytes.h"
#include "keys/base/fault.h"
#include "keys/base/wire.h"

/*
 * Processes that share no memory: how they start, speak, ask, are confined,
 * and end.
 *
 * A child is this same program, started again from a descriptor of its own
 * executable with a hidden role, an empty environment and only the
 * descriptors that it was given.  Parent and child speak over a channel.  Who
 * may ask whom what stands in ask tables.  A role enters its sandbox before it
 * reads its first byte of input.  Nothing here knows what is being said.
 */

/* ---- Roles, starting and ending (spawn.c) ---- */

struct channel;
struct process;

/* A role: what a child does.  up, the channel to its parent, is the role's to
 * use or hand on (serve_add); it need not be freed, since the process ends
 * when the role returns.  Descriptors given at the start are PROCESS_GIVEN,
 * PROCESS_GIVEN + 1 ...  On -1 the parent is told *f (process_end). */
struct process_role {
	const char *name; /* without the '@' */
	int (*run)(struct channel *up, struct fault *f);
};

#define PROCESS_GIVEN 5
#define PROCESS_GIVEN_MAX 16u

/*
 * The first statement of every main(), tests' included.  In a child it runs
 * the role out of roles (which ends with a NULL name) and never returns;
 * elsewhere it opens what later children are started from, and returns.
 * libsodium is started in a child, not otherwise.
 */
void process_begin(int argc, char **argv, const struct process_role *roles);

/*
 * Start a child in a role.  given descriptors stay the caller's; the child
 * gets copies.  0 and 1 are /dev/null in the child, 2 is ours; all others are
 * closed.  The child is killed when the thread that started it ends, so start
 * from the main thread.  FAULT_SYSTEM when there is no process to be had.
 */
NEED int process_spawn(struct process **out, const char *role, const int *given,
    size_t ngiven, struct fault *f);

/* The parent's end of the channel, borrowed. */
struct channel *process_channel(struct process *p);

/* Close the channel, on which a child ends, and wait up to wait_ms; has it
 * ended?  process_end() is still to be called. */
bool process_leave(struct process *p, int wait_ms);

/*
 * Close the channel, on which a child ends, wait up to wait_ms (-1: for ever),
 * kill it if it is still there, and free p, whatever the result.
 * -1 when the child failed: with the child's own fault as it told it, or
 * FAULT_SYSTEM "@worker: killed by signal SIGSYS (system call 41, socket)".
 */
NEED int process_end(struct process *p, int wait_ms, struct fault *f);

/* Kill, wait, free.  NULL does nothing. */
void process_kill(struct process *p);

/* Processors this process may run on, at least 1. */
size_t process_cores(void);

/* Allow this process n descriptors, where its hard limit does; descriptors that
 * lie in a channel unread count too (unix(7), ETOOMANYREFS). */
void process_descriptors(size_t n);

/* ---- Messages and channels (channel.c) ---- */

#define MESSAGE_MAX ((size_t)16 << 20)
#define MESSAGE_FDS_MAX 64u

/*
 * A message: bytes (wire.h) and descriptors.  A received body is allocated
 * once, at its whole length, and wiped when freed, so that keys may travel.
 * To keep a descriptor that came, message_fd(); the others are closed with
 * the message.
 */
struct message {
	struct bytes body;
	int fds[MESSAGE_FDS_MAX];
	size_t nfds;
};

/* Empty, for bodies up to max bytes (at most MESSAGE_MAX). */
void message_init(struct message *m, size_t max);

/* Add a copy (dup) of fd, which stays the caller's. */
NEED int message_add_fd(struct message *m, int fd, struct fault *f);

/* Add fd itself, which becomes the message's, also on failure. */
NEED int message_give_fd(struct message *m, int fd, struct fault *f);

/* Take descriptor i out; it is the caller's to close.  FAULT_PEER when there
 * is none. */
NEED int message_fd(struct message *m, size_t i, int *fd, struct fault *f);

/* Empty it for reuse: wipe the body, close the descriptors. */
void message_reset(struct message *m);
void message_free(struct message *m);

/*
 * One end of a connection between two of our processes: a stream socket with
 * each message behind an 8-byte header.
 *
 *      0        4      5              8
 *     +--------+------+--------------+------ -
 *     | length | fds  | 'h' 'f' '1'  | body
 *     +--------+------+--------------+------ -
 *
 * Descriptors come with the header's first byte or not at all.  Whatever else
 * a peer sends is FAULT_PEER and ends the channel's use; memory held for a
 * peer is at most one message of the size that the receiver allows.  Nothing
 * here blocks but channel_send and channel_receive.
 */

/* A channel over a connected stream socket; fd becomes its own, also on
 * failure. */
NEED int channel_new(struct channel **out, int fd, struct fault *f);

/* Two ends; both descriptors are the caller's. */
NEED int channel_pair(int fds[2], struct fault *f);

/* The descriptor, to poll. */
int channel_fd(const struct channel *c);

void channel_free(struct channel *c);

/* Send all of m, waiting as long as it takes.  m stays as it was. */
NEED int channel_send(
    struct channel *c, const struct message *m, struct fault *f);

/*
 * Wait for the next message, into m, which is emptied first; bodies over
 * m->body.cap are FAULT_PEER.  *end is set, and m empty, when the other side
 * closed between two messages; inside one that is FAULT_PEER.
 * timeout_ms -1: for ever; otherwise FAULT_PEER after so long.
 */
NEED int channel_receive(struct channel *c, struct message *m, int timeout_ms,
    bool *end, struct fault *f);

enum channel_got { CHANNEL_NOTHING, CHANNEL_MESSAGE, CHANNEL_END };

/* The same without waiting: CHANNEL_NOTHING until a whole message is there.
 * What has come of it stays in the channel; m is filled with the rest.
 * The ceiling is the cap of the m of the call that sees the header. */
NEED int channel_try(struct channel *c, struct message *m,
    enum channel_got *got, struct fault *f);

/* Take m's content over and send what can be sent at once; m is then empty.
 * The rest waits for channel_flush(), to be called when the descriptor is
 * writable and channel_unsent(). */
NEED int channel_queue(struct channel *c, struct message *m, struct fault *f);
NEED int channel_flush(struct channel *c, struct fault *f);

/* Bytes queued and not yet sent. */
NEED size_t channel_unsent(const struct channel *c);

/* ---- Asking (ask.c) ---- */

/*
 * A request is u16 ask, body; its answer u8 1, body, or u8 0, fault.  Answers
 * come in the order of the requests; a peer may send several requests before
 * it reads the first answer.
 */

/* Empty m and put the ask code. */
NEED int ask_begin(struct message *m, uint16_t ask, struct fault *f);

/*
 * Send request, wait for its answer, and open it: *body reads what follows
 * the 1, its descriptors are in answer.  Where the answer is a fault, that
 * fault is this call's.  FAULT_PEER when the channel ended.
 */
NEED int ask(struct channel *c, const struct message *request,
    struct message *answer, struct reader *body, struct fault *f);

/* Open an answer that came by other ways (channel_try). */
NEED int ask_answered(
    const struct message *answer, struct reader *body, struct fault *f);

/* ---- Answering (serve.c) ---- */

struct serve;

/* One request, as its answerer sees it. */
struct asked {
	struct serve *serve;
	uint32_t by;		 /* the bit of the peer that asks */
	void *peer;		 /* what serve_add() was given for it */
	struct reader in;	 /* behind the code; to be read to its end */
	struct message *request; /* for its descriptors */
	struct message *answer;	 /* put the body here, descriptors too */
};

/* One row of an ask table: who may ask it, and who answers.  On -1 the fault
 * is the answer, whatever had been put there already. */
struct ask_row {
	uint16_t code;
	const char *name; /* for reports: "release", "worker keys" */
	uint32_t by;	  /* bits of the peers that may */
	int (*answer)(void *state, struct asked *a, struct fault *f);
};

struct serve_options {
	const struct ask_row *rows; /* ends with a NULL answer */
	void *state;		    /* handed to every callback */
	size_t request_max;	    /* bytes in a request's body */
	uint32_t outlast; /* bits of peers that are served until they go, too,
			   * when the first has gone; 0: nobody is */
	size_t round; /* requests in a round; 0: SERVE_ROUND.  1: each answer
		       * goes out before the next request is looked at */

	/* Called once after a round of requests (at most SERVE_ROUND) and
	 * before any of its answers goes out: commit here.  On -1 every
	 * request of the round that had succeeded is answered with the fault.
	 * NULL: nothing to settle. */
	int (*settle)(void *state, struct fault *f);

	/* A peer has gone, or was cut off with the reason in why (kind not
	 * FAULT_NONE) for asking out of its table or speaking garbage.  NULL:
	 * nobody wants to know. */
	void (*gone)(
	    void *state, uint32_t by, void *peer, const struct fault *why);

	/* A peer came through serve_listen(): *own is what it shall be known
	 * by.  On -1 it is sent away.  NULL: they are known by nothing. */
	int (*met)(void *state, void **own, struct fault *f);

	/* Called about every tick_ms; -1 ends serve_run() with the fault. */
	int (*tick)(void *state, struct fault *f);
	int tick_ms;
};

#define SERVE_ROUND 64u
#define SERVE_PEERS_MAX 256u

NEED int serve_new(
    struct serve **out, const struct serve_options *o, struct fault *f);
void serve_free(struct serve *s);

/* Serve one more peer, known by one bit; the channel becomes serve's own, also
 * on failure.  May be called from an answerer.  FAULT_INPUT past
 * SERVE_PEERS_MAX. */
NEED int serve_add(struct serve *s, struct channel *c, uint32_t by, void *peer,
    struct fault *f);

/* Accept further peers, each known by bit by and with the same uid as ours,
 * from a listening unix socket; fd stays the caller's. */
void serve_listen(struct serve *s, int fd, uint32_t by);

/* Serve until the peer added first has gone, and those that outlast it, or
 * until serve_stop() was called, then send what is queued (for at most a
 * second) and return.  -1 only when
 * polling, or a tick, fails. */
NEED int serve_run(struct serve *s, struct fault *f);
void serve_stop(struct serve *s);

/* ---- Meeting by name (meet.c) ---- */

/* Listen on a unix socket called name in folder, mode 0600; a leftover of that
 * name goes, so hold the home's lock.  The caller closes *fd. */
NEED int meet_listen(int folder, const char *name, int *fd, struct fault *f);

/* Connect to it; *fd is -1 when nobody listens there.  FAULT_SYSTEM when the
 * listener runs under another uid than ours. */
NEED int meet_connect(int folder, const char *name, int *fd, struct fault *f);

/*
 * Take the lock file name in folder (flock) and write our pid into it.  When
 * another process has it, *fd is -1 and *holder its pid (0 if not yet
 * written).  Closing *fd, or dying, lets it go; children do not inherit it.
 */
NEED int meet_lock(
    int folder, const char *name, int *fd, pid_t *holder, struct fault *f);

/* ---- Sandbox (sandbox.c, landlock.c) ---- */

/* What the system call filter does with one call. */
enum sandbox_do {
	SANDBOX_ALLOW, /* as it is */
	SANDBOX_DENY,  /* answered with EPERM, for libraries that only try */
	SANDBOX_ABSENT /* answered with ENOSYS, so that glibc falls back */
};

/* One system call (SCMP_SYS(read)), perhaps only with argument arg & mask ==
 * value (mask 0: any), and why the role may use it.  Several rows for one call
 * are alternatives. */
struct sandbox_call {
	int number;
	enum sandbox_do what;
	unsigned arg;
	uint64_t mask;
	uint64_t value;
	const char *why;
};

/* A folder or file that the role may still open by name. */
struct sandbox_path {
	int fd;	    /* stays the caller's */
	bool write; /* create, change, rename and delete below it, too */
	const char *why;
};

struct sandbox {
	const char *role;
	const struct sandbox_call
	    *calls; /* ends with a NULL why; may be NULL */
	const struct sandbox_path *paths;
	size_t npaths;
	bool threads; /* may start threads */
};

/*
 * Confine this process for good: undumpable, no new privileges, nothing to be
 * opened by name outside s->paths (Landlock, where the kernel has it), and no
 * system call but s->calls and those that every role needs (sandbox.c:
 * memory, reading, writing and receiving on descriptors already there, time,
 * randomness, ending; never open, socket, connect or exec).  Any other call
 * kills, and the parent learns which.  All threads must be started after it.
 * FAULT_SYSTEM when the kernel refuses: then parse nothing.
 */
NEED int sandbox_enter(const struct sandbox *s, struct fault *f);

/* FAULT_SYSTEM, with what to do about it, on a kernel without Landlock: for
 * whoever will not do with the filter alone. */
NEED int sandbox_need_landlock(struct fault *f);

/* ---- Memory that many processes read (sealed.c) ---- */

/*
 * A file in memory: written by one process, then sealed, so that nobody can
 * change it any more, and mapped by any number of others, who share it.  what
 * names it in messages.  The caller closes *fd.
 */
NEED int sealed_new(int *fd, const char *what, struct fault *f);
NEED int sealed_end(int fd, const char *what, struct fault *f);

/* All of it, for reading.  FAULT_INPUT for one that is empty or not sealed;
 * sealed_unmap() accepts NULL. */
NEED int sealed_map(
    const void **at, size_t *len, int fd, const char *what, struct fault *f);
void sealed_unmap(const void *at, size_t len);

/* ---- Workers (pool.c) ---- */

struct pool;

struct pool_options {
	const char *role;
	size_t workers; /* 0: process_cores() */
	void *state;

	/* Called with each worker that was started (again), before its first
	 * job: hand over keys and channels.  NULL: nothing to hand over. */
	int (*ready)(void *state, struct channel *worker, struct fault *f);
};

/* How one job ended: fault.kind is FAULT_NONE and body reads the answer, or
 * the job failed and says why.  A worker that died fails its jobs alone and is
 * started again for the next one. */
struct pool_result {
	uint64_t ticket;
	size_t worker; /* which had it */
	bool died;     /* and died of it, or before it */
	struct fault fault;
	struct message answer;
	struct reader body;
};

NEED int pool_new(
    struct pool **out, const struct pool_options *o, struct fault *f);

/* Workers without a job. */
NEED size_t pool_idle(const struct pool *p);

/* Give a job (a request, see ask_begin) to an idle worker, of which there must
 * be one.  ticket comes back with the result. */
NEED int pool_give(struct pool *p, const struct message *job, uint64_t ticket,
    struct fault *f);

/* Jobs that one worker may have: the one it does and the next. */
#define POOL_DEPTH 2u

/*
 * For jobs that belong together: give one to that worker, behind what it has
 * (less than POOL_DEPTH).  pool_starts() counts how often the worker was
 * started; what an earlier start was told, a later one does not know.
 */
NEED int pool_give_to(struct pool *p, size_t worker, const struct message *job,
    uint64_t ticket, struct fault *f);
size_t pool_workers(const struct pool *p);
size_t pool_jobs(const struct pool *p, size_t worker);
uint64_t pool_starts(const struct pool *p, size_t worker);

/* Wait for one job to end; there must be one.  r was prepared with
 * pool_result_init() and may be used again and again. */
NEED int pool_take(struct pool *p, struct pool_result *r, struct fault *f);

void pool_result_init(struct pool_result *r, size_t answer_max);
void pool_result_free(struct pool_result *r);

/* Let the workers end; those still busy are killed. */
void pool_free(struct pool *p);

#endif
