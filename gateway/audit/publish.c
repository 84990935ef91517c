/*
 * The published copy: files under log/ in the form of c2sp.org/tlog-tiles, for
 * who verifies without us.
 *
 * Order makes it safe to stop anywhere: tiles and bundles first, each whole
 * and durable under its name, and `checkpoint` last, by rename; whoever reads
 * a checkpoint finds what it promises.  Files behind the checkpoint's size are
 * leftovers of a crash and are written again.  A partial tile goes when the
 * full one is there.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/audit/audit_internal.h"
#include "keys/base/files.h"

/* Make the folders that path runs through, durably. */
static int
make_parents(int dir, const char *path, struct fault *f)
{
	char name[AUDIT_PATH_MAX + 1];
	const char *slash = path;

	while ((slash = strchr(slash, '/')) != NULL) {
		size_t len = (size_t)(slash - path);

		must(len < sizeof(name));
		memcpy(name, path, len);
		name[len] = '\0';
		slash++;
		if (mkdirat(dir, name, 0700) == 0) {
			if (fsync(dir) != 0)
				return fault_errno(f, "fsync log/");
		} else if (errno != EEXIST) {
			return fault_errno(f, "log/%s", name);
		}
	}
	return 0;
}

/* fsync the folder that holds path. */
static int
sync_parent(int dir, const char *path, struct fault *f)
{
	char name[AUDIT_PATH_MAX + 1];
	char *slash;
	int fd, rc;

	(void)snprintf(name, sizeof(name), "%s", path);
	slash = strrchr(name, '/');
	must(slash != NULL);
	*slash = '\0';
	if (folder_open(dir, name, &fd, f) != 0)
		return -1;
	rc = folder_sync(fd, name, f);
	file_close(&fd);
	return rc;
}

/* Give path those bytes, whole and durable; drafts lie in log/ itself, where
 * the next open sweeps them. */
static int
put_path(int dir, const char *path, const struct bytes *b, struct fault *f)
{
	struct draft d;
	int rc = -1;

	if (make_parents(dir, path, f) != 0 || draft_new(&d, dir, f) != 0)
		return -1;
	if (file_write(d.fd, b->at, b->len, f) == 0 &&
	    draft_keep(&d, path, true, f) == 0)
		rc = sync_parent(dir, path, f);
	draft_drop(&d);
	return rc;
}

static int
put_tile(struct audit *a, const struct audit_tile *t, struct fault *f)
{
	char path[AUDIT_PATH_MAX + 1];
	struct bytes b;
	int rc = -1;

	bytes_init(&b, AUDIT_BUNDLE_MAX);
	audit_tile_path(path, t);
	if (audit_tile_get(a, t, &b, f) == 0)
		rc = put_path(a->dir, path, &b, f);
	bytes_free(&b);
	return rc;
}

/* Delete the partial tiles that a full one replaces.  What stays is only in
 * the way of nobody, so failures are left for another time. */
static void
drop_partials(struct audit *a, struct audit_tile t)
{
	struct fault ignored = { .kind = FAULT_NONE };
	char path[AUDIT_PATH_MAX + 1];
	struct dirent *e;
	DIR *list;
	int fd;

	t.width = 1;
	audit_tile_path(path, &t);
	*strrchr(path, '/') = '\0';
	if (folder_open(a->dir, path, &fd, &ignored) != 0)
		return;
	if ((list = fdopendir(fd)) == NULL) {
		file_close(&fd);
		return;
	}
	while ((e = readdir(list)) != NULL)
		if (e->d_name[0] != '.')
			(void)unlinkat(dirfd(list), e->d_name, 0);
	(void)closedir(list);
	(void)unlinkat(a->dir, path, AT_REMOVEDIR);
}

/* Every tile or bundle at a level that a tree of size to has and one of size
 * from has not. */
static int
publish_level(
    struct audit *a, struct audit_tile t, uint64_t to, struct fault *f)
{
	uint64_t span = 8 * t.level, first = a->published >> span;

	for (t.n = first / AUDIT_TILE_WIDTH;
	     (t.width = audit_tile_width(to, t.level, t.n)) != 0; t.n++)
		if (t.width != audit_tile_width(a->published, t.level, t.n) &&
		    put_tile(a, &t, f) != 0)
			return -1;
	return 0;
}

static void
drop_level(struct audit *a, struct audit_tile t, uint64_t to)
{
	uint64_t first = (a->published >> (8 * t.level)) / AUDIT_TILE_WIDTH;

	for (t.n = first;
	     audit_tile_width(to, t.level, t.n) == AUDIT_TILE_WIDTH; t.n++)
		drop_partials(a, t);
}

int
audit_publish(struct audit *a, struct fault *f)
{
	struct audit_tile bundle = { .entries = true };
	uint64_t to = a->tree.range.size;
	struct stat st;

	must(a->key != NULL && !a->begun);
	if (a->published == to &&
	    fstatat(a->dir, "checkpoint", &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	if (publish_level(a, bundle, to, f) != 0)
		return fault_at(f, "log/");
	for (unsigned l = 0; l < AUDIT_TILE_LEVELS && to >> (8 * l) != 0; l++)
		if (publish_level(
			a, (struct audit_tile){ .level = l }, to, f) != 0)
			return fault_at(f, "log/");
	if (file_put(a->dir, "checkpoint", a->head.at, a->head.len, true, f) !=
	    0)
		return fault_at(f, "log/");
	drop_level(a, bundle, to);
	for (unsigned l = 0; l < AUDIT_TILE_LEVELS && to >> (8 * l) != 0; l++)
		drop_level(a, (struct audit_tile){ .level = l }, to);
	a->published = to;
	return 0;
}

int
publish_read(struct audit *a, const struct audit_checkpoint *head,
    struct audit_checkpoint *c, bool *there, struct fault *f)
{
	struct bytes b;
	struct stat st;
	int rc = -1;

	*c = (struct audit_checkpoint){ .size = 0 };
	*there = false;
	if (a->dir == -1)
		return 0;
	if (fstatat(a->dir, "checkpoint", &st, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno == ENOENT)
			return 0;
		return fault_errno(f, "log/checkpoint");
	}
	bytes_init(&b, AUDIT_CHECKPOINT_MAX);
	if (file_read(a->dir, "checkpoint", &b, f) != 0) {
		rc = -1;
	} else if (b.len == a->head.len &&
		   memcmp(b.at, a->head.at, b.len) == 0) {
		*c = *head; /* the same note has the same signature */
		rc = 0;
	} else {
		rc = audit_checkpoint_open(c, b.at, b.len, &a->log, f);
	}
	bytes_free(&b);
	if (rc != 0) {
		/* We wrote it whole, so a malformed one was altered. */
		if (f->kind == FAULT_INPUT)
			f->kind = FAULT_FORGED;
		return fault_at(f, "log");
	}
	*there = true;
	return 0;
}

/* One file against the database; *gone says that it is not there. */
static int
compare_tile(
    struct audit *a, const struct audit_tile *t, bool *gone, struct fault *f)
{
	char path[AUDIT_PATH_MAX + 1];
	struct bytes want, got;
	struct stat st;
	int rc = -1;

	bytes_init(&want, AUDIT_BUNDLE_MAX);
	bytes_init(&got, AUDIT_BUNDLE_MAX);
	audit_tile_path(path, t);
	*gone = fstatat(a->dir, path, &st, AT_SYMLINK_NOFOLLOW) != 0 &&
		(errno == ENOENT || errno == ENOTDIR);
	if (*gone) {
		rc = 0;
		goto out;
	}
	if (file_read(a->dir, path, &got, f) != 0 ||
	    audit_tile_get(a, t, &want, f) != 0)
		goto out;
	if (got.len == want.len && memcmp(got.at, want.at, want.len) == 0)
		rc = 0;
	else
		(void)fault_set(
		    f, FAULT_FORGED, "%s: differs from the database", path);
out:
	bytes_free(&want);
	bytes_free(&got);
	return rc;
}

static int
check_level(struct audit *a, struct audit_tile t, struct fault *f)
{
	bool gone;

	for (t.n = 0;
	     (t.width = audit_tile_width(a->published, t.level, t.n)) != 0;
	     t.n++) {
		if (compare_tile(a, &t, &gone, f) != 0)
			return fault_at(f, "log");
		if (gone && a->key != NULL && put_tile(a, &t, f) != 0)
			return fault_at(f, "log");
	}
	return 0;
}

int
publish_check(struct audit *a, struct fault *f)
{
	if (a->dir == -1)
		return 0;
	if (a->key != NULL && draft_sweep(a->dir, f) != 0)
		return -1;
	if (check_level(a, (struct audit_tile){ .entries = true }, f) != 0)
		return -1;
	for (unsigned l = 0;
	     l < AUDIT_TILE_LEVELS && a->published >> (8 * l) != 0; l++)
		if (check_level(a, (struct audit_tile){ .level = l }, f) != 0)
			return -1;
	return 0;
}
