/*
 * Children: this same program, started again in a role.
 *
 * fork() alone would give a child everything that its parent holds: keys in
 * memory, open files, heap layout and stack canaries.  So each child is
 * executed anew, from a descriptor of our own executable that was opened at
 * the start: no path is looked up, an upgrade in the meantime changes
 * nothing, and the environment is empty.
 *
 * Promises
 *   - A child has the descriptors listed in process_internal.h and no other.
 *   - It dies with its parent (PR_SET_PDEATHSIG), and is expected to end when
 *     its channel does.
 *   - How it ended is told in one fault: the child's own words, or the signal.
 *
 * Not here: what roles do, and confining them (sandbox.c).
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>
#include <seccomp.h>

#include "gateway/process/process.h"
#include "gateway/process/process_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"

/* Descriptors being moved into place wait above the highest such place. */
#define ABOVE_GIVEN 32
_Static_assert(PROCESS_GIVEN + PROCESS_GIVEN_MAX <= ABOVE_GIVEN, "overlap");

#define NOT_STARTED 127 /* exit status between fork and exec, as in sh */

struct process {
	pid_t pid;
	int pidfd;
	int words;
	struct channel *channel;
	char role[32];
};

bool process_is_child;

static int self = -1; /* our executable */
static int null = -1; /* /dev/null */

/* ---- In the child ---- */

static bool
is_child(void)
{
	struct stat words;
	int domain = 0;
	socklen_t len = sizeof(domain);

	return getsockopt(PROCESS_CHANNEL, SOL_SOCKET, SO_DOMAIN, &domain,
		   &len) == 0 &&
	       domain == AF_UNIX && fstat(PROCESS_WORDS, &words) == 0 &&
	       S_ISFIFO(words.st_mode);
}

/* Tell the parent; if even that fails it sees the exit status. */
static void
tell(const struct fault *why)
{
	struct fault ignored = { 0 };
	struct bytes words;

	bytes_init(&words, 2048);
	if (put_u8(&words, WORDS_FAULT, &ignored) == 0 &&
	    put_fault(&words, why, &ignored) == 0)
		(void)!write(PROCESS_WORDS, words.at, words.len);
	bytes_free(&words);
}

static void
run_role(const struct process_role *role)
{
	static struct channel *up; /* the role's: it may have freed it */
	struct fault f = { 0 };
	char name[16];
	int rc = -1;

	process_is_child = true;
	(void)snprintf(name, sizeof(name), "handoff@%.7s", role->name);
	(void)prctl(PR_SET_NAME, name); /* for ps */
	json_object_seed(0); /* opens /dev/urandom: before any sandbox */
	if (secret_start(&f) == 0 && channel_new(&up, PROCESS_CHANNEL, &f) == 0)
		rc = role->run(up, &f);
	if (rc != 0)
		tell(&f);
	(void)fflush(NULL); /* nowhere to tell */
	if (sandbox_entered)
		_exit(rc == 0 ? 0 : (int)f.kind);
	exit(rc == 0 ? 0 : (int)f.kind);
}

/* No file of ours may become a standard stream.  A standard output that nobody
 * opened cannot be written to: what a command tells would be lost in silence.
 */
static void
open_self(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) == -1 &&
		    open("/dev/null",
			fd == STDOUT_FILENO ? O_RDONLY : O_RDWR) == -1)
			break;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
}

void
process_begin(int argc, char **argv, const struct process_role *roles)
{
	struct fault f = { 0 };

	/* An exec makes dumpable again, so each does it for itself. */
	if (secret_seal_process(&f) != 0) {
		fprintf(stderr, "handoff: start: %s\n", f.text);
		exit((int)f.kind);
	}
	if (argc == 2 && argv[1][0] == '@') {
		if (is_child())
			for (; roles->name != NULL; roles++)
				if (strcmp(roles->name, argv[1] + 1) == 0)
					run_role(roles);
		fprintf(stderr, "handoff: %s: not a command\n", argv[1]);
		exit(FAULT_USAGE);
	}
	open_self();
}

/* ---- Between fork and exec: system calls only ---- */

/* Out of the way of what is placed: standard input may be one of them. */
static bool
lift(int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, ABOVE_GIVEN)) ==
		    -1)
			return false;
	return true;
}

static bool
place(const int *fds, size_t n, int first)
{
	for (size_t i = 0; i < n; i++)
		if (dup2(fds[i], first + (int)i) == -1)
			return false;
	return true;
}

static void
reset_signals(void)
{
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_DFL); /* KILL and STOP refuse, rightly */
	(void)signal(SIGPIPE, SIG_IGN);
	/* The terminal's ^C, and a service manager's end of all processes, are
	 * for the parent, who then ends us in order. */
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGQUIT, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGTERM, SIG_IGN);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
become(int *fds, size_t nfds, int exe, const char *role, pid_t parent)
{
	char *argv[] = { (char[]){ "handoff" }, NULL, NULL };
	char *envp[] = { NULL };
	char at[34] = "@";

	argv[1] = at;
	memcpy(at + 1, role, strlen(role) + 1);
	reset_signals();
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(NOT_STARTED);
	if (!lift(&exe, 1) || !lift(fds, nfds) || dup2(null, 0) == -1 ||
	    dup2(null, 1) == -1 || !place(fds, nfds, PROCESS_CHANNEL) ||
	    close_range((unsigned)(PROCESS_CHANNEL + (int)nfds), ~0u,
		CLOSE_RANGE_CLOEXEC) != 0)
		_exit(NOT_STARTED);
	(void)fexecve(exe, argv, envp);
	_exit(NOT_STARTED);
}

/* ---- In the parent ---- */

/* Fork with fds as the child's 3, 4, 5 ... */
static int
start(struct process *p, int *fds, size_t nfds, struct fault *f)
{
	pid_t parent = getpid();

	if (self == -1)
		open_self();
	if (self == -1 || null == -1)
		return fault_set(f, FAULT_SYSTEM,
		    "cannot start children: /proc or /dev/null is not there");
	if ((p->pid = fork()) == -1)
		return fault_errno(f, "start a child");
	if (p->pid == 0)
		become(fds, nfds, self, p->role, parent);
	p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	if (p->pidfd == -1)
		return fault_errno(f, "watch a child");
	return 0;
}

int
process_spawn(struct process **out, const char *role, const int *given,
    size_t ngiven, struct fault *f)
{
	int pair[2] = { -1, -1 }, words[2] = { -1, -1 };
	int fds[2 + PROCESS_GIVEN_MAX];
	struct process *p;
	int rc = -1;

	must(ngiven <= PROCESS_GIVEN_MAX && strlen(role) < sizeof(p->role));
	if ((p = mem_new(sizeof(*p))) == NULL)
		return fault_memory(f);
	p->pid = p->pidfd = p->words = -1;
	memcpy(p->role, role, strlen(role) + 1);
	if (channel_pair(pair, f) != 0)
		goto out;
	if (pipe2(words, O_CLOEXEC) != 0) {
		(void)fault_errno(f, "make a pipe");
		goto out;
	}
	p->words = words[0];
	fds[0] = pair[1];
	fds[1] = words[1];
	if (ngiven > 0)
		memcpy(fds + 2, given, ngiven * sizeof(*given));
	rc = channel_new(&p->channel, pair[0], f);
	pair[0] = -1; /* the channel's now */
	if (rc != 0 || (rc = start(p, fds, 2 + ngiven, f)) != 0)
		goto out;
	*out = p;
	p = NULL; /* the caller's from here */
out:
	file_close(&pair[0]);
	file_close(&pair[1]);
	file_close(&words[1]);
	process_kill(p);
	if (rc != 0)
		(void)fault_at(f, "@%s", role);
	return rc;
}

struct channel *
process_channel(struct process *p)
{
	return p->channel;
}

static void
process_free(struct process *p)
{
	channel_free(p->channel);
	file_close(&p->words);
	file_close(&p->pidfd);
	mem_free(p);
}

static int
reap(struct process *p)
{
	int status = 0;

	while (waitpid(p->pid, &status, 0) == -1 && errno == EINTR)
		;
	return status;
}

/* What the child said of its own failure, if it did. */
static void
take_words(struct process *p, uint8_t which, struct fault *told, uint32_t *call)
{
	struct fault ignored = { 0 };
	uint8_t buf[2048], first = 0;
	ssize_t n = read(p->words, buf, sizeof(buf));
	struct reader r = reader_of(buf, n > 0 ? (size_t)n : 0);

	*call = 0;
	if (take_u8(&r, &first, &ignored) != 0 || first != which)
		return;
	if (which == WORDS_CALL)
		(void)!take_u32(&r, call, &ignored); /* 0: not told */
	else
		(void)!take_fault(&r, told, &ignored); /* none: not told */
}

static int
killed(struct process *p, int sig, struct fault *f)
{
	const char *name = sigabbrev_np(sig);
	struct fault none = { 0 };
	uint32_t call;
	char *what;

	take_words(p, WORDS_CALL, &none, &call);
	if (sig != SIGSYS)
		return fault_set(f, FAULT_SYSTEM, "@%s: killed by signal SIG%s",
		    p->role, name != NULL ? name : "?");
	what = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)call);
	(void)fault_set(f, FAULT_SYSTEM,
	    "@%s: killed by signal SIGSYS (system call %u, %s)", p->role,
	    (unsigned)call, what != NULL ? what : "unknown");
	free(what);
	return -1;
}

/* Tell how the child ended. */
static int
judge(struct process *p, int status, struct fault *f)
{
	struct fault told = { 0 };
	uint32_t call;

	if (WIFSIGNALED(status))
		return killed(p, WTERMSIG(status), f);
	if (WEXITSTATUS(status) == 0)
		return 0;
	if (WEXITSTATUS(status) == NOT_STARTED)
		return fault_set(
		    f, FAULT_SYSTEM, "@%s: could not be started", p->role);
	take_words(p, WORDS_FAULT, &told, &call);
	if (told.kind == FAULT_NONE)
		return fault_set(f, FAULT_SYSTEM, "@%s: ended with status %d",
		    p->role, WEXITSTATUS(status));
	(void)fault_set(f, told.kind, "%s", told.text);
	if (told.hint[0] != '\0')
		(void)fault_hint(f, "%s", told.hint);
	return -1;
}

bool
process_leave(struct process *p, int wait_ms)
{
	struct pollfd over = { .fd = p->pidfd, .events = POLLIN };
	int n;

	channel_free(p->channel);
	p->channel = NULL;
	do
		n = poll(&over, 1, wait_ms);
	while (n == -1 && errno == EINTR);
	return n != 0;
}

int
process_end(struct process *p, int wait_ms, struct fault *f)
{
	bool late = !process_leave(p, wait_ms);
	int rc;

	if (late)
		(void)kill(p->pid, SIGKILL);
	rc = judge(p, reap(p), f);
	if (late && rc != 0) {
		fault_clear(f);
		(void)fault_set(f, FAULT_SYSTEM,
		    "@%s: did not end within %d ms", p->role, wait_ms);
	}
	process_free(p);
	return rc;
}

void
process_kill(struct process *p)
{
	if (p == NULL)
		return;
	if (p->pid > 0) {
		(void)kill(p->pid, SIGKILL); /* perhaps dead already */
		(void)reap(p);
	}
	process_free(p);
}

size_t
process_cores(void)
{
	cpu_set_t set;
	int n;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 1; /* over 1,024 processors: one is always right */
	n = CPU_COUNT(&set);
	return n > 0 ? (size_t)n : 1;
}

void
process_descriptors(size_t n)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= n)
		return;
	r.rlim_cur = r.rlim_max < n ? r.rlim_max : n;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}
