/*
 * Drafts become objects: flushed, named by their digest, found again.
 *
 *     draft --fsync--> drafts/sealed-DIGEST --link--> objects/aa/DIGEST --fsync
 *                           |
 *                           +-- goes once the log has the shard
 *
 * Whatever is among the objects and not in the log still has its mark beside
 * it, so that what a crash left is known exactly.  A thread does it, because a
 * disk is waited for and there is sealing to do meanwhile.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "gateway/flow/export_internal.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

#define MARK "sealed-"
#define MARK_CHARS (sizeof(MARK) - 1)
#define MARK_ROOM (MARK_CHARS + DIGEST_CHARS + 1)

struct settler {
	int home, drafts;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct settling *waiting, **last; /* in the order given */
	struct settling *done;
	size_t pending; /* given and not done */
	bool ending;
};

static void
mark_name(char out[MARK_ROOM], const uint8_t sha256[DIGEST_BYTES])
{
	memcpy(out, MARK, MARK_CHARS);
	hex_write(out + MARK_CHARS, sha256, DIGEST_BYTES);
}

static const struct package_object *
object_of(const struct package_made *m, size_t i)
{
	return i == DRAFT_SHARD	  ? &m->shard
	       : i == DRAFT_INDEX ? &m->index
				  : &m->join;
}

/* The folder of an object, made if need be; its name is durable. */
static int
open_folder(struct settler *t, const char *hex, int *fd, struct fault *f)
{
	char folder[] = "objects/aa";
	int all = -1, rc = -1;

	memcpy(folder + sizeof("objects/") - 1, hex, 2);
	if (faccessat(t->home, folder, F_OK, 0) == 0)
		return folder_open(t->home, folder, fd, f);
	if (folder_make(t->home, folder, f) == 0 &&
	    folder_open(t->home, "objects", &all, f) == 0 &&
	    folder_sync(all, "objects", f) == 0)
		rc = folder_open(t->home, folder, fd, f);
	file_close(&all);
	return rc;
}

static int
settle_one(struct settler *t, struct draft *d, const struct package_object *o,
    struct fault *f)
{
	char mark[MARK_ROOM];
	int folder = -1, rc = -1;

	mark_name(mark, o->sha256);
	if (fdatasync(d->fd) != 0)
		return fault_errno(f, "drafts/%s: flush", d->name);
	if (renameat(t->drafts, d->name, t->drafts, mark) != 0)
		return fault_errno(f, "drafts/%s", d->name);
	file_close(&d->fd);
	draft_none(d);
	if (open_folder(t, mark + MARK_CHARS, &folder, f) != 0)
		return -1;
	if (linkat(t->drafts, mark, folder, mark + MARK_CHARS, 0) != 0)
		(void)fault_errno(f, "objects/%s", mark + MARK_CHARS);
	else
		rc = folder_sync(folder, "objects", f);
	file_close(&folder);
	return rc;
}

static void
settle_all(struct settler *t, struct settling *s)
{
	for (size_t i = 0; i < DRAFT_OBJECTS; i++)
		if (settle_one(
			t, &s->drafts[i], object_of(&s->made, i), &s->why) != 0)
			return;
}

static void *
run(void *arg)
{
	struct settler *t = arg;
	struct settling *s;

	must(pthread_mutex_lock(&t->lock) == 0);
	for (;;) {
		while (t->waiting == NULL && !t->ending)
			must(pthread_cond_wait(&t->changed, &t->lock) == 0);
		if ((s = t->waiting) == NULL)
			break;
		if ((t->waiting = s->next) == NULL)
			t->last = &t->waiting;
		must(pthread_mutex_unlock(&t->lock) == 0);
		settle_all(t, s);
		must(pthread_mutex_lock(&t->lock) == 0);
		s->next = t->done;
		t->done = s;
		t->pending--;
		must(pthread_cond_broadcast(&t->changed) == 0);
	}
	must(pthread_mutex_unlock(&t->lock) == 0);
	return NULL;
}

int
settler_new(struct settler **out, int home, int drafts, struct fault *f)
{
	struct settler *t = mem_new(sizeof(*t));

	if (t == NULL)
		return fault_memory(f);
	t->home = home;
	t->drafts = drafts;
	t->last = &t->waiting;
	must(pthread_mutex_init(&t->lock, NULL) == 0 &&
	     pthread_cond_init(&t->changed, NULL) == 0);
	errno = pthread_create(&t->thread, NULL, run, t);
	if (errno != 0) {
		mem_free(t);
		return fault_errno(f, "start a thread");
	}
	*out = t;
	return 0;
}

void
settler_give(struct settler *t, struct settling *s)
{
	must(pthread_mutex_lock(&t->lock) == 0);
	s->next = NULL;
	*t->last = s;
	t->last = &s->next;
	t->pending++;
	must(pthread_cond_broadcast(&t->changed) == 0);
	must(pthread_mutex_unlock(&t->lock) == 0);
}

struct settling *
settler_take(struct settler *t, bool wait)
{
	struct settling *s;

	must(pthread_mutex_lock(&t->lock) == 0);
	while (wait && t->done == NULL && t->pending > 0)
		must(pthread_cond_wait(&t->changed, &t->lock) == 0);
	if ((s = t->done) != NULL)
		t->done = s->next;
	must(pthread_mutex_unlock(&t->lock) == 0);
	return s;
}

void
settler_free(struct settler *t)
{
	struct settling *s;

	if (t == NULL)
		return;
	must(pthread_mutex_lock(&t->lock) == 0);
	t->ending = true;
	must(pthread_cond_broadcast(&t->changed) == 0);
	must(pthread_mutex_unlock(&t->lock) == 0);
	must(pthread_join(t->thread, NULL) == 0);
	while ((s = t->done) != NULL) {
		t->done = s->next;
		settling_free(s);
	}
	(void)pthread_mutex_destroy(&t->lock);
	(void)pthread_cond_destroy(&t->changed);
	mem_free(t);
}

void
settling_free(struct settling *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < DRAFTS; i++)
		draft_drop(&s->drafts[i]);
	mem_free(s);
}

void
settled(int drafts, const struct package_made *made)
{
	char mark[MARK_ROOM];

	for (size_t i = 0; i < DRAFT_OBJECTS; i++) {
		mark_name(mark, object_of(made, i)->sha256);
		(void)unlinkat(drafts, mark, 0); /* the next sweep finds it */
	}
}

/* A mark of what the log does not have takes its object with it. */
static int
sweep_mark(int home, int drafts, const char *mark, bool logged, struct fault *f)
{
	char path[sizeof("objects/aa/") + DIGEST_CHARS];
	const char *hex = mark + MARK_CHARS;

	(void)snprintf(path, sizeof(path), "objects/%.2s/%s", hex, hex);
	if (!logged && unlinkat(home, path, 0) != 0 && errno != ENOENT)
		return fault_errno(f, "%s", path);
	if (unlinkat(drafts, mark, 0) != 0)
		return fault_errno(f, "drafts/%s", mark);
	return 0;
}

int
settle_sweep(int home, int drafts, bool (*logged)(void *arg, const char *hex),
    void *arg, struct fault *f)
{
	int fd = openat(drafts, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd == -1 ? NULL : fdopendir(fd);
	struct dirent *e;
	int rc = -1;

	if (d == NULL) {
		(void)fault_errno(f, "drafts");
		file_close(&fd);
		return -1;
	}
	while ((e = readdir(d)) != NULL) {
		const char *hex = e->d_name + MARK_CHARS;

		if (strncmp(e->d_name, MARK, MARK_CHARS) == 0 &&
		    strlen(hex) == DIGEST_CHARS &&
		    sweep_mark(home, drafts, e->d_name, logged(arg, hex), f) !=
			0)
			goto out;
	}
	rc = draft_sweep(drafts, f);
out:
	(void)closedir(d);
	return rc;
}
