/*
 * A backup: everything that a home is, in one sealed file.
 *
 *     keeper: a copy of the database --> checked --+
 *     keys/ owners/ inbox/ quarantine/ objects/ ---+--> tar --> age --> out
 *
 * The copy is one moment of the database; everything else are files that
 * appear whole, before an entry speaks of them, so that copying them behind it
 * misses none.  What goes meanwhile was destroyed, and is left out.  The keeper
 * is asked twice and is free in between.
 *
 * Wrapped keys are copied as they are: nothing is opened here but the database,
 * to see that it is whole and which objects are shards.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/catalog/catalog.h"
#include "gateway/flow/archive_internal.h"
#include "gateway/flow/flow.h"
#include "gateway/package/package.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define COPY "backup" /* in run/ */
#define LOCK "backup.lock"
#define BUFFER_BYTES ((size_t)256 << 10)

/* A wrapped key in the moment in which it is destroyed. */
static const char wrapped[] = "age-encryption.org/v1\n";

struct writing {
	const struct flow_backup *o;
	struct flow_backup_made *made;
	struct package_seal *seal;
	uint8_t *buffer;
	uint64_t done;
	/* Objects that are shards, in order; none where they are wanted. */
	uint8_t (*shards)[DIGEST_BYTES];
	size_t nshards, room;
};

/* ---- The database ----------------------------------------------------------
 */

static int
see_shard(void *arg, const struct catalog_shard *s, struct fault *f)
{
	struct writing *w = arg;
	uint8_t(*grown)[DIGEST_BYTES];
	size_t room = w->room == 0 ? 1024 : 2 * w->room, bytes;

	if (w->nshards == w->room) {
		if (!size_mul(room, DIGEST_BYTES, &bytes) ||
		    (grown = mem_resize(w->shards, bytes)) == NULL)
			return fault_memory(f);
		w->shards = grown;
		w->room = room;
	}
	memcpy(w->shards[w->nshards++], s->object, DIGEST_BYTES);
	return 0;
}

struct see_batch {
	struct writing *w;
	struct catalog *catalog;
};

static int
see_batch(void *arg, const struct catalog_batch *b, struct fault *f)
{
	struct see_batch *s = arg;

	return catalog_each_shard(s->catalog, b->id, see_shard, s->w, f);
}

static int
order(const void *a, const void *b)
{
	return memcmp(a, b, DIGEST_BYTES);
}

/* Open the copy, which checks it; learn which objects are shards. */
static int
read_copy(struct writing *w, int copy, const struct vkey *log, struct fault *f)
{
	struct audit_home at = { copy, log, NULL };
	struct see_batch see = { w, NULL };
	int rc = 0;

	if (catalog_open(&see.catalog, &at, f) != 0)
		return -1;
	w->made->entries = audit_size(catalog_audit(see.catalog));
	if (!w->o->objects)
		rc = catalog_each_batch(see.catalog, NULL, see_batch, &see, f);
	catalog_close(see.catalog);
	if (rc == 0 && w->nshards > 0)
		qsort(w->shards, w->nshards, DIGEST_BYTES, order);
	return rc;
}

/* ---- Files -----------------------------------------------------------------
 */

static void
tell(struct writing *w)
{
	if (w->o->progress.tell != NULL)
		w->o->progress.tell(
		    w->o->progress.arg, "backing up, MiB", w->done >> 20, 0);
}

static int
begin_file(struct writing *w, const char *path, uint64_t size, struct fault *f)
{
	uint8_t header[TAR_HEADER_MAX];

	if (!tar_name_fits(path) || !archive_name_valid(path))
		return fault_set(f, FAULT_INPUT,
		    "%s: not a name that a backup can hold", path);
	w->made->files++;
	return package_seal_add(
	    w->seal, header, tar_header(header, path, size), f);
}

/* Exactly size bytes of fd and their padding; the first have were read. */
static int
add_content(struct writing *w, int fd, const char *path, size_t have,
    uint64_t size, struct fault *f)
{
	static const uint8_t zeros[TAR_BLOCK];
	uint64_t left = size;

	while (left > 0) {
		if (have == 0 &&
		    file_read_some(fd, w->buffer,
			left < BUFFER_BYTES ? (size_t)left : BUFFER_BYTES,
			&have, f) != 0)
			return fault_at(f, "%s", path);
		if (have == 0)
			return fault_set(f, FAULT_SYSTEM,
			    "%s: became shorter meanwhile", path);
		if (package_seal_add(w->seal, w->buffer, have, f) != 0)
			return -1;
		left -= have;
		w->done += have;
		have = 0;
		tell(w);
	}
	return package_seal_add(w->seal, zeros, tar_padding(size), f);
}

/* Is this a key that was destroyed while we looked? */
static bool
is_gone(int fd, const char *path, const void *head, size_t len)
{
	size_t chars = strlen(path);
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_nlink == 0)
		return true;
	return strncmp(path, "keys/", 5) == 0 &&
	       strcmp(path + chars - 4, ".age") == 0 &&
	       (len < sizeof(wrapped) - 1 ||
		   memcmp(head, wrapped, sizeof(wrapped) - 1) != 0);
}

static int
add_file(struct writing *w, int dir, const char *name, const char *path,
    struct fault *f)
{
	struct stat st;
	size_t have = 0;
	int fd, rc = -1;

	fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd == -1)
		return errno == ENOENT ? 0 : fault_errno(f, "%s", path);
	if (fstat(fd, &st) != 0) {
		(void)fault_errno(f, "%s", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		(void)fault_set(f, FAULT_INPUT, "%s: not a regular file", path);
		goto out;
	}
	if (file_read_some(fd, w->buffer,
		(uint64_t)st.st_size < BUFFER_BYTES ? (size_t)st.st_size
						    : BUFFER_BYTES,
		&have, f) != 0)
		goto out;
	rc = 0;
	if (!is_gone(fd, path, w->buffer, have) &&
	    (begin_file(w, path, (uint64_t)st.st_size, f) != 0 ||
		add_content(w, fd, path, have, (uint64_t)st.st_size, f) != 0))
		rc = -1;
out:
	file_close(&fd);
	return rc;
}

/* ---- The home --------------------------------------------------------------
 */

/* Is it a sealed shard that is to stay behind? */
static bool
leave_out(struct writing *w, int dir, const char *name, const char *path)
{
	uint8_t digest[DIGEST_BYTES];
	struct stat st;

	if (w->nshards == 0 || strncmp(path, "objects/", 8) != 0 ||
	    !hex_read(digest, sizeof(digest), name, strlen(name)) ||
	    bsearch(digest, w->shards, w->nshards, DIGEST_BYTES, order) == NULL)
		return false;
	w->made->left_files++;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		w->made->left_bytes += (uint64_t)st.st_size;
	return true;
}

static int add_folder(struct writing *w, int dir, const char *name,
    const char *path, unsigned depth, struct fault *f);

static int
add_one(struct writing *w, int dir, const char *name, const char *path,
    unsigned depth, struct fault *f)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : fault_errno(f, "%s", path);
	if (S_ISDIR(st.st_mode))
		return add_folder(w, dir, name, path, depth + 1, f);
	if (leave_out(w, dir, name, path))
		return 0;
	return add_file(w, dir, name, path, f);
}

/* Drafts, which begin with a point, are nobody's.  Of the home itself what has
 * no name of ours ("lost+found") is not ours. */
static int
add_folder(struct writing *w, int dir, const char *name, const char *path,
    unsigned depth, struct fault *f)
{
	char below[TAR_NAME_MAX + 2];
	struct dirent *e;
	DIR *list;
	int fd, n, rc = 0;

	if (depth > ARCHIVE_DEPTH_MAX)
		return fault_set(f, FAULT_INPUT, "%s: too deep", path);
	if (folder_open(dir, name, &fd, f) != 0)
		return -1;
	if ((list = fdopendir(fd)) == NULL) {
		file_close(&fd);
		return fault_errno(f, "list %s", path);
	}
	while (rc == 0 && (e = readdir(list)) != NULL) {
		if (e->d_name[0] == '.' ||
		    (depth == 0 && (!archive_takes(e->d_name) ||
				       !archive_name_valid(e->d_name))))
			continue;
		n = snprintf(below, sizeof(below), "%s%s%s", path,
		    path[0] != '\0' ? "/" : "", e->d_name);
		if (n < 0 || (size_t)n >= sizeof(below))
			rc = fault_set(
			    f, FAULT_INPUT, "%s: a name too long", path);
		else
			rc =
			    add_one(w, dirfd(list), e->d_name, below, depth, f);
	}
	(void)closedir(list); /* reading: nothing to lose */
	return rc;
}

static int
add_all(struct writing *w, int home, int copy, struct fault *f)
{
	static const uint8_t end[TAR_END];

	if (add_file(w, copy, "catalog.db", "catalog.db", f) != 0 ||
	    add_folder(w, home, ".", "", 0, f) != 0)
		return -1;
	return package_seal_add(w->seal, end, sizeof(end), f);
}

/* ---- The whole -------------------------------------------------------------
 */

static int
write_sealed(struct writing *w, int home, int copy,
    const struct age_recipient *to, struct fault *f)
{
	struct package_object object;

	if ((w->buffer = mem_new(BUFFER_BYTES)) == NULL)
		return fault_memory(f);
	if (package_seal_new(&w->seal, w->o->out, to, 1, f) != 0 ||
	    add_all(w, home, copy, f) != 0 ||
	    package_seal_end(w->seal, &object, f) != 0)
		return -1;
	if (fsync(w->o->out) != 0)
		return fault_errno(f, "the backup");
	memcpy(w->made->sha256, object.sha256, DIGEST_BYTES);
	w->made->bytes = object.bytes;
	return 0;
}

/* The keeper's copy, checked and copied with the rest. */
static int
back_up(struct writing *w, struct keeper *k, int home, int run, struct fault *f)
{
	struct age_recipient to = { .kind = AGE_OTHER };
	json_t *answer = NULL;
	const char *log, *recovery;
	struct vkey key;
	int copy = -1, rc = -1;

	if (keeper_ask(k, KEEPER_BACKUP_COPY, json_object(), &answer, f) != 0)
		return -1;
	if (doc_text(answer, "log", &log, f) == 0 &&
	    doc_text(answer, "recovery", &recovery, f) == 0 &&
	    vkey_read(&key, log, strlen(log), f) == 0 &&
	    age_recipient_read(&to, recovery, strlen(recovery), f) == 0 &&
	    folder_open(run, COPY, &copy, f) == 0 &&
	    read_copy(w, copy, &key, f) == 0)
		rc = write_sealed(w, home, copy, &to, f);
	package_seal_free(w->seal);
	mem_free(w->buffer);
	mem_free(w->shards);
	file_close(&copy);
	json_decref(answer);
	return rc;
}

static int
record(struct keeper *k, const struct flow_backup_made *made, struct fault *f)
{
	char object[HEX_CHARS(DIGEST_BYTES) + 1];

	hex_write(object, made->sha256, DIGEST_BYTES);
	return keeper_ask(k, KEEPER_BACKUP_MADE,
	    json_pack("{s:s,s:I,s:I}", "object", object, "bytes",
		(json_int_t)made->bytes, "entries", (json_int_t)made->entries),
	    NULL, f);
}

int
flow_backup(struct keeper *k, const struct flow_backup *o,
    struct flow_backup_made *made, struct fault *f)
{
	struct writing w = { .o = o, .made = made };
	struct fault ignored = { 0 };
	int home = -1, run = -1, lock = -1, rc = -1;
	pid_t holder;

	*made = (struct flow_backup_made){ .files = 0 };
	if (folder_open(AT_FDCWD, o->home, &home, f) != 0 ||
	    folder_open(home, "run", &run, f) != 0 ||
	    meet_lock(run, LOCK, &lock, &holder, f) != 0)
		goto out;
	if (lock == -1) {
		(void)fault_set(f, FAULT_SYSTEM,
		    "process %d is making a backup already", (int)holder);
		goto out;
	}
	rc = back_up(&w, k, home, run, f);
	/* The next backup removes what this leaves. */
	(void)!folder_remove(run, COPY, &ignored);
	if (rc == 0)
		rc = record(k, made, f);
out:
	file_close(&lock);
	file_close(&run);
	file_close(&home);
	return rc;
}
