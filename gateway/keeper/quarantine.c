/*
 * The folders of returns that are on their way in, or lie there to be looked
 * at.  What is in them came from a vendor over a listener, and is ciphertext:
 * here it is counted and digested, and nothing reads it.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/keeper/arrivals_internal.h"
#include "keys/base/clock.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

#define OF "of"
#define RUN ((size_t)256 << 10)

int
arrival_known(struct home *h, const char *ret, bool *known,
    struct catalog_return *out, struct fault *f)
{
	struct fault why = { 0 };

	*known = catalog_return(h->catalog, ret, out, &why) == 0;
	if (*known || why.kind == FAULT_INPUT)
		return 0;
	*f = why;
	return -1;
}

static int
count_release(void *arg, const struct catalog_released *r, struct fault *f)
{
	(void)r;
	(void)f;
	(*(size_t *)arg)++;
	return 0;
}

int
arrival_welcome(struct home *h, struct asker *k, struct fault *f)
{
	struct catalog_return was;
	size_t released = 0;
	bool known;

	if (catalog_each_release(
		h->catalog, k->r.batch, count_release, &released, f) != 0 ||
	    arrival_known(h, k->r.ret, &known, &was, f) != 0)
		return -1;
	if (released == 0)
		return asker_refuse(k, f, "unknown-release",
		    "nothing of that batch was released");
	if (known)
		return asker_refuse(
		    k, f, "repeated", "the return is there already");
	return 0;
}

/* ---- Folders ---- */

/* Which batch is that folder for?  "" where it does not say. */
static int
read_of(int dir, char batch[ID_CHARS + 1], struct fault *f)
{
	struct bytes text;
	int rc;

	bytes_init(&text, ID_CHARS);
	batch[0] = '\0';
	rc = file_read(dir, OF, &text, f);
	if (rc == 0 && text.len == ID_CHARS) {
		memcpy(batch, text.at, ID_CHARS);
		batch[ID_CHARS] = '\0';
	}
	bytes_free(&text);
	return rc;
}

/*
 * What lies there: folders at all; begun ones of k's batch and of its vendor;
 * and the bytes of those of its vendor that have ended, as they were signed.
 */
struct census {
	struct home *h;
	const struct asker *k; /* NULL: for nobody, only sweep */
	int quarantine;
	size_t all, begun, vendor_begun;
	uint64_t vendor_bytes;
};

static int
count_one(struct census *n, const char *of, const struct catalog_return *ended,
    struct fault *f)
{
	struct catalog_batch b;
	struct fault why = { 0 };

	n->all++;
	if (n->k == NULL)
		return 0;
	if (catalog_batch(n->h->catalog, of, &b, &why) != 0) {
		if (why.kind == FAULT_INPUT) /* a crash while it was made */
			return 0;
		*f = why;
		return -1;
	}
	if (strcmp(b.vendor, n->k->vendor.id) != 0)
		return 0;
	if (ended != NULL) {
		n->vendor_bytes += ended->bytes;
	} else {
		n->vendor_begun++;
		n->begun += strcmp(b.id, n->k->r.batch) == 0;
	}
	return 0;
}

/* Did nothing come into it for a day?  Its time is that of its last part. */
static bool
is_given_up(int dir)
{
	struct stat st;

	return fstat(dir, &st) == 0 &&
	       clock_now() - st.st_mtime > ARRIVAL_SECONDS;
}

static int
see_one(struct census *n, const char *name, struct fault *f)
{
	char of[ID_CHARS + 1] = "";
	struct fault none = { 0 };
	struct catalog_return r;
	bool ended, over;
	int dir;

	if (arrival_known(n->h, name, &ended, &r, f) != 0)
		return -1;
	if (folder_open(n->quarantine, name, &dir, &none) != 0)
		return 0;
	if (read_of(dir, of, &none) != 0)
		of[0] = '\0';
	over = !ended && is_given_up(dir);
	file_close(&dir);
	if (over)
		return folder_remove(n->quarantine, name, f);
	return count_one(n, of, ended ? &r : NULL, f);
}

static int
see_all(struct census *n, struct fault *f)
{
	int fd = openat(n->quarantine, ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct dirent *e;
	DIR *list;
	int rc = 0;

	if (fd == -1 || (list = fdopendir(fd)) == NULL) {
		(void)fault_errno(f, "quarantine");
		file_close(&fd);
		return -1;
	}
	while (rc == 0 && (e = readdir(list)) != NULL)
		if (id_valid(e->d_name, 'r'))
			rc = see_one(n, e->d_name, f);
	(void)closedir(list); /* reading: nothing to lose */
	return rc;
}

int
arrival_sweep(struct home *h, struct fault *f)
{
	struct census n = { .h = h };
	int rc;

	if (home_folder(h, "quarantine", &n.quarantine, f) != 0)
		return -1;
	rc = see_all(&n, f);
	file_close(&n.quarantine);
	return rc;
}

/*
 * Was that folder begun?  One that does not say whose it is was being made, or
 * being removed, when the keeper died: as good as none.
 */
static int
is_begun(int quarantine, const char *ret, bool *begun, struct fault *f)
{
	char of[ID_CHARS + sizeof("/" OF)];

	(void)snprintf(of, sizeof(of), "%s/" OF, ret);
	*begun = faccessat(quarantine, of, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	return *begun || errno == ENOENT ? 0 : fault_errno(f, "%s", of);
}

static int
make_folder(struct home *h, struct asker *k, int quarantine, struct fault *f)
{
	struct census n = { .h = h, .k = k, .quarantine = quarantine };
	int dir, rc;

	if (see_all(&n, f) != 0)
		return -1;
	if (n.all >= ARRIVAL_ALL_MAX || n.begun >= ARRIVAL_BEGUN_MAX)
		return asker_refuse(k, f, "too-many",
		    "too many returns were begun and not ended");
	/* Each that was begun may become as large as a return can be. */
	if (n.vendor_bytes + (n.vendor_begun + 1) * ARRIVAL_BYTES_MAX >
	    ARRIVAL_VENDOR_MAX)
		return asker_refuse(k, f, "too-much",
		    "what you returned and was not taken in has 32 GiB");
	if (folder_remove(quarantine, k->r.ret, f) != 0 ||
	    folder_make(quarantine, k->r.ret, f) != 0 ||
	    folder_open(quarantine, k->r.ret, &dir, f) != 0)
		return -1;
	rc = file_put(dir, OF, k->r.batch, ID_CHARS, true, f);
	file_close(&dir);
	return rc;
}

int
arrival_folder(
    struct home *h, struct asker *k, bool make, int *fd, struct fault *f)
{
	char of[ID_CHARS + 1];
	int quarantine, rc = -1;
	bool begun;

	*fd = -1;
	if (home_folder(h, "quarantine", &quarantine, f) != 0)
		return -1;
	if (is_begun(quarantine, k->r.ret, &begun, f) != 0)
		goto out;
	if (!begun && !make) {
		(void)fault_set(f, FAULT_INPUT, "no part has come");
		goto out;
	}
	if (!begun && make_folder(h, k, quarantine, f) != 0)
		goto out;
	if (folder_open(quarantine, k->r.ret, fd, f) != 0 ||
	    read_of(*fd, of, f) != 0)
		goto out;
	if (strcmp(of, k->r.batch) != 0)
		(void)asker_refuse(
		    k, f, "unknown-return", "there is no such return for you");
	else
		rc = 0;
out:
	if (rc != 0)
		file_close(fd);
	file_close(&quarantine);
	return rc;
}

/* ---- Parts ---- */

/* The size of part n; *there false where it is not. */
static int
part_size(int dir, uint64_t n, bool *there, uint64_t *bytes, struct fault *f)
{
	char name[32];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%llu", (unsigned long long)n);
	*there = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*there)
		return errno == ENOENT ? 0 : fault_errno(f, "part %s", name);
	*bytes = (uint64_t)st.st_size;
	return 0;
}

int
arrival_sum(int dir, uint32_t without, struct arrival *out, struct fault *f)
{
	uint64_t bytes;
	bool there;

	*out = (struct arrival){ 0, 0 };
	for (uint64_t n = 1; n <= AGENT_PARTS_MAX; n++) {
		if (part_size(dir, n, &there, &bytes, f) != 0)
			return -1;
		if (!there || n == without)
			continue;
		out->bytes += bytes;
		out->parts++;
	}
	return 0;
}

static int
digest_part(int dir, uint64_t n, struct digest *d, uint8_t *buf,
    uint64_t *bytes, struct fault *f)
{
	char name[32];
	size_t got;
	int fd, rc;

	(void)snprintf(name, sizeof(name), "%llu", (unsigned long long)n);
	if (file_open_read(dir, name, &fd, f) != 0)
		return fault_at(f, "part");
	do {
		rc = file_read_some(fd, buf, RUN, &got, f);
		digest_add(d, buf, rc == 0 ? got : 0);
		*bytes += rc == 0 ? got : 0;
	} while (rc == 0 && got == RUN && *bytes <= ARRIVAL_BYTES_MAX);
	file_close(&fd);
	return rc;
}

int
arrival_digest(int dir, uint64_t n, uint8_t digest[DIGEST_BYTES],
    uint64_t *bytes, struct fault *f)
{
	uint8_t *buf = mem_new(RUN);
	struct digest *d = NULL;
	int rc = -1;

	*bytes = 0;
	if (buf == NULL)
		(void)fault_memory(f);
	else
		rc = digest_new(&d, f);
	for (uint64_t i = 1; rc == 0 && i <= n; i++)
		rc = digest_part(dir, i, d, buf, bytes, f);
	if (rc == 0)
		digest_end(d, digest);
	digest_free(d);
	mem_free(buf);
	return rc;
}

static int
add_part(int dir, uint64_t n, uint64_t size, json_t *list, struct fault *f)
{
	struct bytes text;
	char name[32];
	json_t *o;
	int rc = -1;

	bytes_init(&text, DIGEST_CHARS + 1);
	(void)snprintf(
	    name, sizeof(name), "%llu.sha256", (unsigned long long)n);
	if (file_read(dir, name, &text, f) == 0 &&
	    bytes_end_text(&text, f) == 0) {
		o = json_pack("{s:I,s:I,s:s}", "n", (json_int_t)n, "bytes",
		    (json_int_t)size, "sha256", (const char *)text.at);
		if (o == NULL || json_array_append_new(list, o) != 0)
			(void)fault_memory(f);
		else
			rc = 0;
	}
	bytes_free(&text);
	return rc;
}

int
arrival_parts(int dir, json_t **out, struct fault *f)
{
	json_t *list = json_array();
	uint64_t bytes;
	bool there;
	int rc = list == NULL ? fault_memory(f) : 0;

	for (uint64_t n = 1; rc == 0 && n <= AGENT_PARTS_MAX; n++) {
		rc = part_size(dir, n, &there, &bytes, f);
		if (rc == 0 && there)
			rc = add_part(dir, n, bytes, list, f);
	}
	if (rc == 0)
		*out = list;
	else
		json_decref(list);
	return rc;
}
