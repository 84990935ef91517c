/*
 * The role of the keeper: confine itself, open the home, answer.
 *
 * It may open files of the home and nowhere else, and it can neither connect
 * nor start anything.  The socket on which further commands find it was made
 * by the command that started it, and so was the home's lock, which this
 * process keeps by holding its descriptor.
 */

#include <fcntl.h>
#include <signal.h>

#include <seccomp.h>

#include "gateway/keeper/asker_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

/* Descriptors given at the start. */
#define HOME PROCESS_GIVEN
#define MEETING (PROCESS_GIVEN + 2) /* behind the lock; where it serves all */

#define TICK_MS 1000

#define CALL(name) SCMP_SYS(name), SANDBOX_ALLOW
#define ANY 0, 0, 0
static const struct sandbox_call calls[] = {
	{ CALL(openat), ANY, "keys, catalog, log and objects of the home" },
	{ CALL(open), ANY, "the same, as SQLite does" },
	{ CALL(unlinkat), ANY, "drafts, destroyed keys" },
	{ CALL(unlink), ANY, "SQLite's journal" },
	{ CALL(renameat2), ANY, "what is whole gets its name" },
	{ CALL(renameat), ANY, "the same" },
	{ CALL(mkdirat), ANY, "a batch's folder" },
	{ CALL(getdents64), ANY, "sweeping drafts, walking the ring" },
	{ CALL(faccessat), ANY, "is a key there?" },
	{ CALL(faccessat2), ANY, "the same, without following links" },
	{ CALL(access), ANY, "SQLite looks for its journal" },
	{ CALL(stat), ANY, "the same" },
	{ CALL(lstat), ANY, "the same" },
	{ CALL(readlink), ANY, "SQLite resolves its path" },
	{ CALL(getcwd), ANY, "the same" },
	{ CALL(geteuid), ANY, "is the home ours?" },
	{ CALL(getuid), ANY, "the same" },
	{ CALL(fchmod), ANY, "SQLite's journal gets the database's mode" },
	{ CALL(fchown), ANY, "the same" },
	{ CALL(fallocate), ANY, "SQLite's files grow" },
	{ CALL(fstatfs), ANY, "destroying a key looks at the file system" },
	{ CALL(syncfs), ANY, "many drafts made durable" },
	{ CALL(dup), ANY, "descriptors lent to the listener" },
	{ CALL(socketpair), ANY, "channels for workers and the listener" },
	{ CALL(accept4), ANY, "further commands" },
	{ CALL(getsockopt), ANY, "under which user they run" },
	{ 0, SANDBOX_ALLOW, ANY, NULL },
};

static int
confine(struct fault *f)
{
	struct sandbox_path paths[2] = {
		{ HOME, true, "the home" },
		{ -1, false, "scrypt asks how much memory there is" },
	};
	struct sandbox s = {
		.role = "keeper", .calls = calls, .paths = paths, .npaths = 2
	};
	int rc;

	/* Libraries read their configuration while they still can. */
	digest_start();
	paths[1].fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	if (paths[1].fd == -1)
		return fault_errno(f, "/proc/meminfo");
	rc = sandbox_enter(&s, f);
	file_close(&paths[1].fd);
	return rc;
}

static int
peer_new(void *state, void **own, struct fault *f)
{
	(void)state;
	*own = mem_new(sizeof(struct home_peer));
	return *own != NULL ? 0 : fault_memory(f);
}

static void
peer_gone(void *state, uint32_t by, void *own, const struct fault *why)
{
	(void)by;
	if (why->kind != FAULT_NONE)
		fprintf(stderr, "handoff: keeper: a peer was cut off: %s\n",
		    why->text);
	if (own != NULL)
		home_leave(state, own);
}

static int
serve_all(struct home *h, struct channel *up, bool serving, struct fault *f)
{
	const struct serve_options options = { .rows = keeper_asks,
		.state = h,
		.request_max = MESSAGE_MAX,
		.outlast = serving ? KEEPER_COMMAND : 0,
		.settle = home_settle,
		.gone = peer_gone,
		.met = peer_new,
		.tick = home_tick,
		.tick_ms = TICK_MS };
	void *own = NULL;

	if (peer_new(h, &own, f) != 0 || serve_new(&h->serve, &options, f) != 0)
		return -1;
	if (serve_add(h->serve, up,
		h->ring != NULL ? KEEPER_COMMAND : KEEPER_MAKER, own, f) != 0)
		return -1;
	if (serving)
		serve_listen(h->serve, MEETING, KEEPER_COMMAND);
	return serve_run(h->serve, f);
}

int
keeper_role(struct channel *up, struct fault *f)
{
	struct home h = { .dir = -1 };
	bool serving = fcntl(MEETING, F_GETFD) != -1;
	int rc;

	/* It ends when its command does, and those that it serves besides,
	 * and not in the middle of a commit because somebody pressed ^C. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	if (confine(f) != 0)
		return -1;
	h.dir = HOME;
	rc = home_open(&h, f);
	if (rc == 0)
		rc = serve_all(&h, up, serving, f);
	if (rc == 0 && h.ending.kind == FAULT_NONE)
		rc = asker_left_out(&h, true, f);
	if (rc == 0 && h.ending.kind != FAULT_NONE) {
		*f = h.ending;
		rc = -1;
	}
	serve_free(h.serve);
	home_close(&h);
	return rc;
}
