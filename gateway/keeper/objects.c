/*
 * Sealed bytes among the home's objects, under their digest, before the log
 * knows of them.
 *
 *     drafts/object-DIGEST (a mark) --> objects/aa/DIGEST --> COMMIT --> mark
 *     goes
 *
 * What a crash leaves among the objects and not in the log has its mark still,
 * and is deleted by the next sweep.
 */

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "gateway/keeper/batches_internal.h"
#include "gateway/keeper/people_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define MARK "object-"
#define MARK_CHARS (sizeof(MARK) - 1)

static int
mark(struct home *h, const char *hex, struct fault *f)
{
	char name[MARK_CHARS + DIGEST_CHARS + 1];
	int drafts, rc;

	(void)snprintf(name, sizeof(name), MARK "%s", hex);
	if (home_folder(h, "drafts", &drafts, f) != 0)
		return -1;
	rc = file_put(drafts, name, "", 0, true, f);
	file_close(&drafts);
	return rc;
}

static void
unmark(struct home *h, const char *hex)
{
	char path[sizeof("drafts/" MARK) + DIGEST_CHARS];

	(void)snprintf(path, sizeof(path), "drafts/" MARK "%s", hex);
	(void)unlinkat(h->dir, path, 0); /* the next sweep finds it */
}

int
home_keep_object(struct home *h, const struct bytes *sealed,
    char hex[DIGEST_CHARS + 1], struct fault *f)
{
	uint8_t digest[DIGEST_BYTES];

	digest_of(digest, sealed->at, sealed->len);
	hex_write(hex, digest, sizeof(digest));
	if (mark(h, hex, f) != 0)
		return -1;
	return home_put_object(h, sealed, hex, f);
}

int
home_put_object(struct home *h, const struct bytes *sealed,
    char hex[DIGEST_CHARS + 1], struct fault *f)
{
	uint8_t digest[DIGEST_BYTES];
	char folder[] = "objects/aa";
	int all = -1, dir = -1, rc = -1;

	digest_of(digest, sealed->at, sealed->len);
	hex_write(hex, digest, sizeof(digest));
	memcpy(folder + sizeof("objects/") - 1, hex, 2);
	if (home_folder(h, "objects", &all, f) == 0 &&
	    folder_make(h->dir, folder, f) == 0 &&
	    folder_sync(all, "objects", f) == 0 &&
	    home_folder(h, folder, &dir, f) == 0)
		rc = file_put(dir, hex, sealed->at, sealed->len, true, f);
	file_close(&dir);
	file_close(&all);
	return rc;
}

void
home_drop_object(struct home *h, const char *hex)
{
	char path[sizeof("objects/aa/") + DIGEST_CHARS];

	(void)snprintf(path, sizeof(path), "objects/%.2s/%s", hex, hex);
	(void)unlinkat(h->dir, path, 0);
	unmark(h, hex);
}

/* home_after(): the log has it. */
static int
recorded(struct home *h, struct message *answer, void *arg, struct fault *f)
{
	(void)answer;
	(void)f;
	unmark(h, arg);
	return 0;
}

int
home_object_recorded(
    struct home *h, struct asked *a, const char *hex, struct fault *f)
{
	char *copy = mem_text(hex, strlen(hex));

	if (copy == NULL)
		return fault_memory(f);
	return home_after(h, a, recorded, copy, mem_free, f);
}

/* ---- Sweeping ---- */

struct search {
	struct home *home;
	const char *hex;
	bool found;
};

static int
is_batch_object(void *arg, const struct catalog_batch *b, struct fault *f)
{
	struct search *s = arg;
	char hex[DIGEST_CHARS + 1];
	const char *golden;
	json_t *facts;

	hex_write(hex, b->manifest_object, DIGEST_BYTES);
	s->found = s->found || strcmp(hex, s->hex) == 0;
	if (s->found || !b->golden)
		return 0;
	if (batch_facts(s->home, b->id, &facts, f) != 0)
		return -1;
	golden = json_string_value(
	    json_object_get(json_object_get(facts, "golden"), "object"));
	s->found = golden != NULL && strcmp(golden, s->hex) == 0;
	json_decref(facts);
	return 0;
}

static int
is_paper(void *arg, const struct catalog_agreement *g, struct fault *f)
{
	struct search *s = arg;
	char hex[DIGEST_CHARS + 1];

	if (paper_object(s->home, g->id, hex, f) != 0)
		return -1;
	s->found = s->found || strcmp(hex, s->hex) == 0;
	return 0;
}

static int
sweep_mark(struct home *h, const char *hex, struct fault *f)
{
	struct search s = { .home = h, .hex = hex };

	if (catalog_each_batch(h->catalog, NULL, is_batch_object, &s, f) != 0 ||
	    catalog_each_agreement(h->catalog, NULL, is_paper, &s, f) != 0)
		return -1;
	if (s.found)
		unmark(h, hex);
	else
		home_drop_object(h, hex);
	return 0;
}

int
home_sweep_objects(struct home *h, struct fault *f)
{
	const struct dirent *e;
	DIR *d;
	int fd, rc = 0;

	if (home_folder(h, "drafts", &fd, f) != 0)
		return -1;
	if ((d = fdopendir(fd)) == NULL) {
		file_close(&fd);
		return fault_errno(f, "drafts");
	}
	while (rc == 0 && (e = readdir(d)) != NULL) {
		const char *hex = e->d_name + MARK_CHARS;

		if (strncmp(e->d_name, MARK, MARK_CHARS) == 0 &&
		    strlen(hex) == DIGEST_CHARS)
			rc = sweep_mark(h, hex, f);
	}
	(void)closedir(d);
	return rc;
}
