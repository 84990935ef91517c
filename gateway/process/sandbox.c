/*
 * Confining a role: what it may still ask of the kernel.
 *
 * Roles parse what strangers wrote.  Whoever takes one over through a parser's
 * mistake finds a process that holds a few descriptors and can neither open,
 * connect nor execute anything.  The filter is a list of calls that are
 * allowed, each with its reason, and everything else kills.
 *
 * A forbidden call raises SIGSYS rather than killing silently, because only
 * so can we say which call it was: the handler writes its number to the parent
 * and makes a forbidden call again, with the handler gone.  It cannot be
 * installed again, since sigaction is forbidden too.
 *
 * Files by name are landlock.c's half.
 */

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

#include "gateway/process/process.h"
#include "gateway/process/process_internal.h"
#include "keys/base/secret.h"

bool sandbox_entered;

#define CALL(name) SCMP_SYS(name), SANDBOX_ALLOW
#define ANY 0, 0, 0

/* What every role needs.  Nothing here reaches a thing that the process does
 * not hold already, except that newfstatat can learn whether a path exists. */
static const struct sandbox_call everybody[] = {
	{ CALL(read), ANY, "descriptors already there" },
	{ CALL(readv), ANY, "the same" },
	{ CALL(pread64), ANY, "sources and objects, at an offset" },
	{ CALL(write), ANY, "drafts; a bug's last line on standard error" },
	{ CALL(writev), ANY, "the same; glibc's own complaints" },
	{ CALL(pwrite64), ANY, "drafts, at an offset" },
	{ CALL(lseek), ANY, "sources and drafts" },
	{ CALL(fstat), ANY, "size and kind of a descriptor" },
	{ CALL(newfstatat), ANY, "fstat() in glibc since 2.33" },
	{ CALL(ftruncate), ANY, "drafts begun again" },
	{ CALL(fsync), ANY, "drafts made durable" },
	{ CALL(fdatasync), ANY, "the same" },
	{ CALL(sync_file_range), ANY, "a beginning of that" },
	{ CALL(fadvise64), ANY, "reading ahead" },
	{ CALL(copy_file_range), ANY, "between descriptors already there" },
	{ CALL(close), ANY, "descriptors" },
	{ CALL(fcntl), ANY, "copies of descriptors for a message" },
	{ CALL(recvmsg), ANY, "channels" },
	{ CALL(sendmsg), ANY, "channels" },
	{ CALL(poll), ANY, "channels" },
	{ CALL(ppoll), ANY, "poll() on some machines" },
	{ CALL(mmap), 2, PROT_EXEC, 0, "malloc; never code" },
	{ CALL(mprotect), 2, PROT_EXEC, 0, "guard pages; never code" },
	{ CALL(munmap), ANY, "malloc" },
	{ CALL(mremap), ANY, "realloc of a large block" },
	{ CALL(brk), ANY, "malloc" },
	{ CALL(madvise), ANY, "malloc; keys out of core dumps" },
	{ CALL(mlock), ANY, "keys out of swap" },
	{ CALL(munlock), ANY, "freeing them" },
	{ CALL(futex), ANY, "locks in libraries" },
	{ CALL(sched_yield), ANY, "the same" },
	{ CALL(sched_getaffinity), ANY, "malloc counts processors" },
	{ CALL(sysinfo), ANY, "qsort() asks how much memory there is" },
	{ CALL(getrandom), ANY, "nonces, ids" },
	{ CALL(clock_gettime), ANY, "time, where the vDSO does not serve" },
	{ CALL(clock_nanosleep), ANY, "waiting before trying again" },
	{ CALL(getpid), ANY, "libraries that watch for fork()" },
	{ CALL(gettid), ANY, "abort()" },
	{ CALL(rt_sigprocmask), ANY, "abort()" },
	{ CALL(rt_sigreturn), ANY, "end of a signal handler" },
	{ CALL(restart_syscall), ANY, "poll() after a stop" },
	{ CALL(exit), ANY, "end of a thread" },
	{ CALL(exit_group), ANY, "done" },
	{ SCMP_SYS(ioctl), SANDBOX_DENY, ANY, "stdio asks for a terminal" },
	{ 0, SANDBOX_ALLOW, ANY, NULL },
};

#define SETXID_SIGNAL 33 /* SIGSETXID in glibc's internal-signals.h */
static const struct sandbox_call threads[] = {
	{ SCMP_SYS(clone3), SANDBOX_ABSENT, ANY,
	    "its flags cannot be seen: glibc falls back to clone" },
	{ CALL(clone), 0, CLONE_THREAD, CLONE_THREAD,
	    "threads, not processes" },
	{ CALL(rt_sigaction), 0, UINT32_MAX, SETXID_SIGNAL,
	    "glibc's own handler, before the first thread" },
	{ CALL(set_robust_list), ANY, "start of a thread" },
	{ CALL(rseq), ANY, "start of a thread" },
	{ 0, SANDBOX_ALLOW, ANY, NULL },
};

/* What a sanitizer's runtime adds.  Not enough for its full report, which
 * opens files, but its first line comes out. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#endif
static const struct sandbox_call sanitizer[] = {
#ifdef SANITIZED
	{ CALL(sigaltstack), ANY, "before every call that does not return" },
	{ CALL(prlimit64), ANY, "where the stack ends" },
	{ CALL(tgkill), ANY, "aborting by itself" },
#endif
	{ 0, SANDBOX_ALLOW, ANY, NULL },
};

/* A system call was refused: say which, then die of it. */
static void
refused(int sig, siginfo_t *info, void *context)
{
	uint32_t n = (uint32_t)info->si_syscall;
	uint8_t words[5] = { WORDS_CALL, (uint8_t)(n >> 24), (uint8_t)(n >> 16),
		(uint8_t)(n >> 8), (uint8_t)n };

	(void)sig;
	(void)context;
	if (process_is_child)
		(void)!write(PROCESS_WORDS, words, sizeof(words));
	(void)syscall(SYS_execve, NULL, NULL, NULL);
	_exit(FAULT_SYSTEM); /* not reached: execve is never allowed */
}

static int
add_call(scmp_filter_ctx filter, const struct sandbox_call *c)
{
	uint32_t action = c->what == SANDBOX_ALLOW  ? SCMP_ACT_ALLOW
			  : c->what == SANDBOX_DENY ? SCMP_ACT_ERRNO(EPERM)
						    : SCMP_ACT_ERRNO(ENOSYS);
	struct scmp_arg_cmp only = { c->arg, SCMP_CMP_MASKED_EQ, c->mask,
		c->value };

	must(c->number != SCMP_SYS(execve));
	must(c->number != SCMP_SYS(execveat));
	return seccomp_rule_add_array(
	    filter, action, c->number, c->mask != 0, &only);
}

static int
add_table(scmp_filter_ctx filter, const struct sandbox_call *c, struct fault *f)
{
	for (; c != NULL && c->why != NULL; c++) {
		int rc = add_call(filter, c);

		if (rc != 0)
			return fault_set(f, FAULT_SYSTEM,
			    "sandbox: call %d: %s", c->number, strerror(-rc));
	}
	return 0;
}

static int
enter_filter(const struct sandbox *s, struct fault *f)
{
	struct sandbox_call own_abort[] = {
		{ CALL(tgkill), 0, UINT32_MAX, (uint64_t)getpid(),
		    "abort(): this process, no other" },
		{ 0, SANDBOX_ALLOW, ANY, NULL },
	};
	struct sigaction on_refusal = { .sa_sigaction = refused,
		.sa_flags = (int)(SA_SIGINFO | SA_RESETHAND | SA_NODEFER) };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
	int rc = -1, err;

	if (filter == NULL)
		return fault_memory(f);
	if (add_table(filter, everybody, f) != 0 ||
	    add_table(filter, own_abort, f) != 0 ||
	    add_table(filter, sanitizer, f) != 0 ||
	    add_table(filter, s->threads ? threads : NULL, f) != 0 ||
	    add_table(filter, s->calls, f) != 0)
		goto out;
	if (sigaction(SIGSYS, &on_refusal, NULL) != 0) {
		(void)fault_errno(f, "sandbox: SIGSYS");
		goto out;
	}
	/* A binary tree instead of a list: two dozen comparisons fewer a call;
	 * a thread that is there already is confined as well. */
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	if ((err = seccomp_load(filter)) != 0) {
		(void)fault_set(
		    f, FAULT_SYSTEM, "sandbox: seccomp: %s", strerror(-err));
		goto out;
	}
	rc = 0;
out:
	seccomp_release(filter);
	return rc;
}

int
sandbox_enter(const struct sandbox *s, struct fault *f)
{
	if (secret_seal_process(f) != 0)
		goto out;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		(void)fault_errno(f, "sandbox: no new privileges");
		goto out;
	}
	if (landlock_enter(s, f) != 0 || enter_filter(s, f) != 0)
		goto out;
	sandbox_entered = true;
	return 0;
out:
	return fault_at(f, "@%s", s->role);
}
