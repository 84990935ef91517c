/*
 * Is this machine fit for a home?  What a person can put right, and nothing
 * that opening the home would tell as well; and whether the home, where there
 * is one, still has the sealed objects that its log names.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/landlock.h>
#include <linux/magic.h>
#include <openssl/crypto.h>
#include <sodium.h>

#include "gateway/cli/cli_commands.h"
#include "gateway/cli/home_internal.h"
#include "gateway/cli/print_internal.h"
#include "keys/age/age.h"
#include "keys/base/clock.h"
#include "keys/base/files.h"
#include "keys/base/library.h"
#include "keys/base/secret.h"

/* A keeper with an agent holds some hundred keys in locked pages. */
#define LOCKED_BYTES ((size_t)512 << 10)
#define FREE_BYTES ((uint64_t)1 << 30)
#define FLUSH_SECONDS 0.5
/* This program was not written before. */
#define EARLIEST "2026-11-01"

struct finding {
	bool wrong;
	char says[160];
	const char *hint; /* or NULL */
};

static void say(struct finding *out, bool wrong, const char *hint,
    const char *fmt, ...) PRINTF(4, 5);
static void
say(struct finding *out, bool wrong, const char *hint, const char *fmt, ...)
{
	va_list ap;

	out->wrong = wrong;
	out->hint = wrong ? hint : NULL;
	va_start(ap, fmt);
	(void)vsnprintf(out->says, sizeof(out->says), fmt, ap);
	va_end(ap);
}

static void
landlock(struct finding *out, int folder)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	(void)folder;
	if (version < 1)
		say(out, true,
		    "a kernel of 5.13 or later with landlock in lsm=",
		    "not in this kernel: the agent will not run");
	else
		say(out, false, NULL, "version %ld", version);
}

static void
locked_memory(struct finding *out, int folder)
{
	struct secret s = { 0 };
	struct fault f = { 0 };
	struct rlimit most;

	(void)folder;
	if (secret_new(&s, LOCKED_BYTES, &f) != 0)
		say(out, true, "ulimit -l, or LimitMEMLOCK= of the service",
		    "%zu KiB cannot be locked", LOCKED_BYTES >> 10);
	else if (getrlimit(RLIMIT_MEMLOCK, &most) == 0 &&
		 most.rlim_cur != RLIM_INFINITY)
		say(out, false, NULL, "%llu KiB",
		    (unsigned long long)most.rlim_cur >> 10);
	else
		say(out, false, NULL, "without limit");
	secret_free(&s);
}

static void
clock_right(struct finding *out, int folder)
{
	char now[CLOCK_CHARS + 1];
	struct timex t = { .modes = 0 };
	int64_t earliest;

	(void)folder;
	clock_write(now, clock_now());
	if (!clock_read_date(&earliest, EARLIEST, strlen(EARLIEST)) ||
	    clock_now() < earliest)
		say(out, true, "timedatectl", "%s is in the past", now);
	else if (adjtimex(&t) == TIME_ERROR)
		say(out, false, NULL, "%s, not synchronised (NTP); compare it",
		    now);
	else
		say(out, false, NULL, "%s, synchronised", now);
}

static void
file_system(struct finding *out, int folder)
{
	struct statfs s;
	const char *far = NULL;

	if (fstatfs(folder, &s) != 0) {
		say(out, true, NULL, "cannot be told: %s", strerror(errno));
		return;
	}
	switch ((unsigned long)s.f_type) {
	case NFS_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
	case 0xfe534d42u:
	case CIFS_SUPER_MAGIC:
	case V9FS_MAGIC:
	case FUSE_SUPER_MAGIC:
	case CEPH_SUPER_MAGIC:
		far = "may not keep its word about fsync";
		break;
	case TMPFS_MAGIC:
	case RAMFS_MAGIC:
		far = "lies in memory and is gone after a restart";
		break;
	}
	if (far != NULL)
		say(out, true, "a local file system: --home DIR", "type %lx %s",
		    (unsigned long)s.f_type, far);
	else
		say(out, false, NULL, "local, type %lx",
		    (unsigned long)s.f_type);
}

/* Make a file durable, as every commit does. */
static void
flush(struct finding *out, int folder)
{
	struct fault f = { 0 };
	struct draft d;
	double begun = clock_monotonic(), took;
	bool done;

	if (draft_new(&d, folder, &f) != 0) {
		say(out, true, "df; mount", "cannot write here: %s", f.text);
		return;
	}
	done = file_write(d.fd, "handoff", 7, &f) == 0 && fsync(d.fd) == 0;
	draft_drop(&d);
	took = clock_monotonic() - begun;
	if (!done || took > FLUSH_SECONDS)
		say(out, true, "a faster disk, or fewer others on it",
		    done ? "%.0f ms" : "failed after %.0f ms", took * 1e3);
	else
		say(out, false, NULL, "%.1f ms", took * 1e3);
}

static void
space(struct finding *out, int folder)
{
	struct statvfs v;
	uint64_t have, all;

	if (fstatvfs(folder, &v) != 0) {
		say(out, true, NULL, "cannot be told: %s", strerror(errno));
		return;
	}
	have = (uint64_t)v.f_bavail * v.f_frsize;
	all = (uint64_t)v.f_blocks * v.f_frsize;
	say(out, have < FREE_BYTES, "handoff batch shred, or a larger disk",
	    "%llu of %llu MiB free", (unsigned long long)have >> 20,
	    (unsigned long long)all >> 20);
}

static void
libraries(struct finding *out, int folder)
{
	const char *missing = library_missing();

	(void)folder;
	if (missing != NULL) {
		say(out, true, "make deps, where this program was built",
		    "%s cannot be loaded", missing);
		return;
	}
	say(out, OPENSSL_version_major() < 3, "OpenSSL 3.0 or later",
	    "OpenSSL %s%s, libsodium %s",
	    OpenSSL_version(OPENSSL_VERSION_STRING),
	    age_has_hybrid() ? " with ML-KEM" : "", sodium_version_string());
}

/* By name and size, as the keeper sees them; not on a machine without home. */
static void
objects(struct finding *out, const struct cli *c, int folder)
{
	struct keeper *k = NULL;
	struct fault f = { 0 }, none = { 0 };
	json_t *status = NULL, *seen;

	if (faccessat(folder, "keys", F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
		say(out, false, NULL, "no home here");
		return;
	}
	if (home_keeper(c, 0, false, &k, &f) != 0 ||
	    keeper_ask(k, KEEPER_STATUS, json_object(), &status, &f) != 0)
		say(out, true, "handoff status", "cannot be told: %.120s",
		    f.text);
	else if ((seen = json_object_get(status, "objects")) == NULL)
		say(out, false, NULL, "a vendor's home has none");
	else
		say(out,
		    member_number(seen, "missing") +
			    member_number(seen, "altered") >
			0,
		    "handoff audit verify --objects",
		    "%lld, of which %lld missing, %lld of another size",
		    member_number(seen, "all"), member_number(seen, "missing"),
		    member_number(seen, "altered"));
	json_decref(status);
	(void)!keeper_close(k, &none); /* what it said is said */
}

static const struct {
	const char *name;
	void (*look)(struct finding *out, int folder);
} checks[] = {
	{ "Landlock", landlock }, { "locked memory", locked_memory },
	{ "clock", clock_right }, { "file system", file_system },
	{ "fsync", flush }, { "free space", space }, { "libraries", libraries },
	{ "objects", NULL }, /* objects() */
};
#define CHECKS (sizeof(checks) / sizeof(checks[0]))

static int
add(json_t *list, const char *name, const struct finding *found,
    struct fault *f)
{
	json_t *o = json_pack("{s:s,s:b,s:s}", "check", name, "ok",
	    (int)!found->wrong, "says", found->says);

	return json_array_append_new(list, o) == 0 ? 0 : fault_memory(f);
}

static int
look(const struct cli *c, int folder, unsigned *wrong, struct fault *f)
{
	json_t *list = json_array();
	int rc = list != NULL ? 0 : fault_memory(f);

	for (size_t i = 0; rc == 0 && i < CHECKS; i++) {
		struct finding found = { .wrong = false };

		if (checks[i].look != NULL)
			checks[i].look(&found, folder);
		else
			objects(&found, c, folder);
		*wrong += found.wrong ? 1 : 0;
		rc = add(list, checks[i].name, &found, f);
		if (c->json)
			continue;
		speak("%-6s %-14s %s\n", found.wrong ? "WRONG" : "ok",
		    checks[i].name, found.says);
		if (found.hint != NULL)
			speak("%21s %s\n", "", found.hint);
	}
	if (rc == 0 && c->json)
		rc = print_json(list, f);
	json_decref(list);
	return rc;
}

/* The home, or where one would be. */
int
cmd_doctor(struct cli *c, struct fault *f)
{
	char path[HOME_PATH_MAX];
	struct fault none = { 0 };
	unsigned wrong = 0;
	int folder = -1, rc;

	if (home_path(c, false, path, f) != 0)
		return -1;
	if (folder_open(AT_FDCWD, path, &folder, &none) != 0 &&
	    (c->home != NULL || folder_open(AT_FDCWD, ".", &folder, f) != 0)) {
		if (f->kind == FAULT_NONE)
			*f = none;
		return -1;
	}
	rc = look(c, folder, &wrong, f);
	file_close(&folder);
	if (rc == 0 && wrong > 0)
		rc = fault_set(f, FAULT_SYSTEM,
		    "%u of %zu checks say that something is wrong", wrong,
		    CHECKS);
	return rc;
}
