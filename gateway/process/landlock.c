/*
 * Landlock: which files a confined role may still open by name.
 *
 * A ruleset names every kind of access to files that the kernel knows (more
 * with each version of its interface), which forbids them all, and then gives
 * some back below the listed paths.  A role without paths thereby cannot open
 * anything, which its system call filter says as well.
 *
 * The interface is linux/landlock.h's, spelled out here because a system's
 * headers may be older than its kernel: Documentation/userspace-api/landlock.
 */

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gateway/process/process.h"
#include "gateway/process/process_internal.h"
#include "keys/base/files.h"

#define VERSION_FLAG 1u
#define RULE_PATH_BENEATH 1

#define EXECUTE (1ull << 0)
#define WRITE_FILE (1ull << 1)
#define READ_FILE (1ull << 2)
#define READ_DIR (1ull << 3)
#define REMOVE_DIR (1ull << 4)
#define REMOVE_FILE (1ull << 5)
#define MAKE_DIR (1ull << 7)
#define MAKE_REG (1ull << 8)
#define MAKE_SOCK (1ull << 9)
#define REFER (1ull << 13)     /* since version 2: rename across folders */
#define TRUNCATE (1ull << 14)  /* since version 3 */
#define IOCTL_DEV (1ull << 15) /* since version 5 */

#define READING (READ_FILE | READ_DIR)
#define WRITING                                                        \
	(WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | \
	    MAKE_SOCK | REFER | TRUNCATE)
#define ON_A_FILE (READ_FILE | WRITE_FILE | TRUNCATE)

struct ruleset {
	uint64_t handled;
};

struct beneath {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

/* Every access that this version of the interface can forbid. */
static uint64_t
known(long version)
{
	uint64_t all = (1ull << 13) - 1; /* version 1 */

	if (version >= 2)
		all |= REFER;
	if (version >= 3)
		all |= TRUNCATE;
	if (version >= 5)
		all |= IOCTL_DEV;
	return all;
}

static int
allow(
    int rules, uint64_t handled, const struct sandbox_path *p, struct fault *f)
{
	struct beneath b = { READING | (p->write ? WRITING : 0), p->fd };
	struct stat st;

	if (fstat(p->fd, &st) != 0)
		return fault_errno(f, "sandbox: path for %s", p->why);
	if (!S_ISDIR(st.st_mode))
		b.allowed &= ON_A_FILE;
	b.allowed &= handled;
	if (syscall(SYS_landlock_add_rule, rules, RULE_PATH_BENEATH, &b, 0) !=
	    0)
		return fault_errno(f, "sandbox: path for %s", p->why);
	return 0;
}

static long
find_version(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_FLAG);
}

int
sandbox_need_landlock(struct fault *f)
{
	if (find_version() >= 1)
		return 0;
	(void)fault_set(
	    f, FAULT_SYSTEM, "sandbox: this kernel has no Landlock");
	return fault_hint(
	    f, "boot the kernel with landlock in its lsm= option");
}

int
landlock_enter(const struct sandbox *s, struct fault *f)
{
	long version = find_version();
	struct ruleset all = { 0 };
	int rules, rc = -1;

	if (version < 1)
		return 0; /* the filter alone, then */
	all.handled = known(version);
	rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	if (rules == -1)
		return fault_errno(f, "sandbox: Landlock");
	for (size_t i = 0; i < s->npaths; i++)
		if (allow(rules, all.handled, &s->paths[i], f) != 0)
			goto out;
	if (syscall(SYS_landlock_restrict_self, rules, 0) != 0) {
		(void)fault_errno(f, "sandbox: Landlock");
		goto out;
	}
	rc = 0;
out:
	file_close(&rules);
	return rc;
}
