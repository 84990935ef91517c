/*
 * Every object that the log names, hashed: is it the one?
 *
 * The keeper says which there are; this process reads them, since they are
 * ciphertext and the keeper serves others meanwhile.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/flow/flow.h"
#include "keys/base/doc.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

#define RUN ((size_t)256 << 10)

/* What is wrong is listed up to here, and counted beyond. */
#define LIST_MAX 1000u

struct hashing {
	const struct flow_objects *o;
	struct flow_objects_seen *seen;
	struct keeper *keeper;
	int home;
	struct digest *digest;
	uint8_t *buffer;
	const char *batch; /* its name, or NULL */
};

static int
note(
    struct hashing *h, const json_t *object, const char *wrong, struct fault *f)
{
	json_t *list = h->seen->wrong, *one;

	if (json_array_size(list) >= LIST_MAX)
		return 0;
	one = json_pack("{s:s,s:O,s:O,s:O}", "wrong", wrong, "what",
	    json_object_get(object, "what"), "n", json_object_get(object, "n"),
	    "sha256", json_object_get(object, "sha256"));
	if (one == NULL ||
	    (h->batch != NULL && json_object_set_new(one, "batch",
				     json_string(h->batch)) != 0)) {
		json_decref(one);
		return fault_memory(f);
	}
	return json_array_append_new(list, one) == 0 ? 0 : fault_memory(f);
}

/* All of fd; *same: is that its digest? */
static int
hash(struct hashing *h, int fd, const uint8_t want[DIGEST_BYTES], bool *same,
    struct fault *f)
{
	uint8_t got[DIGEST_BYTES];
	size_t n;

	do {
		if (file_read_some(fd, h->buffer, RUN, &n, f) != 0)
			return -1;
		digest_add(h->digest, h->buffer, n);
		h->seen->bytes += n;
		if (h->o->progress.tell != NULL)
			h->o->progress.tell(h->o->progress.arg,
			    "verifying, MiB", h->seen->bytes >> 20, 0);
	} while (n > 0);
	digest_end(h->digest, got);
	*same = memcmp(got, want, sizeof(got)) == 0;
	return 0;
}

static int
look(struct hashing *h, const json_t *object, struct fault *f)
{
	char path[sizeof("objects/aa/") + DIGEST_CHARS];
	uint8_t want[DIGEST_BYTES];
	struct fault none = { 0 };
	const char *hex;
	bool same;
	int fd, rc;

	if (doc_hex(object, "sha256", want, sizeof(want), f) != 0 ||
	    doc_text(object, "sha256", &hex, f) != 0)
		return -1;
	h->seen->all++;
	(void)snprintf(path, sizeof(path), "objects/%.2s/%s", hex, hex);
	if (file_open_read(h->home, path, &fd, &none) != 0) {
		if (none.kind != FAULT_INPUT) {
			*f = none;
			return -1;
		}
		h->seen->missing++;
		return note(h, object, "missing", f);
	}
	rc = hash(h, fd, want, &same, f);
	file_close(&fd);
	if (rc != 0)
		return fault_at(f, "%s", path);
	if (same)
		return 0;
	h->seen->altered++;
	return note(h, object, "altered", f);
}

static int
look_at_all(struct hashing *h, const json_t *answer, struct fault *f)
{
	json_t *list, *one;
	size_t i;

	if (doc_list(answer, "objects", &list, f) != 0)
		return -1;
	json_array_foreach(list, i, one)
	{
		if (look(h, one, f) != 0)
			return -1;
	}
	return 0;
}

static int
look_at_batch(struct hashing *h, const char *id, struct fault *f)
{
	uint64_t from = 0;
	bool more = true;
	int rc = 0;

	while (rc == 0 && more) {
		json_t *page = NULL;

		rc = keeper_ask(h->keeper, KEEPER_OBJECTS,
		    json_pack(
			"{s:s,s:I}", "batch", id, "from", (json_int_t)from),
		    &page, f);
		if (rc == 0)
			rc = doc_text(page, "name", &h->batch, f);
		if (rc == 0)
			rc = look_at_all(h, page, f);
		more = rc == 0 && json_object_get(page, "next") != NULL;
		if (more)
			rc = doc_number(page, "next", UINT32_MAX, &from, f);
		h->batch = NULL;
		json_decref(page);
	}
	return rc;
}

static int
look_through(struct hashing *h, struct fault *f)
{
	json_t *all = NULL, *batches, *id;
	size_t i;
	int rc = -1;

	if (keeper_ask(h->keeper, KEEPER_OBJECTS, json_object(), &all, f) !=
		0 ||
	    look_at_all(h, all, f) != 0 ||
	    doc_list(all, "batches", &batches, f) != 0)
		goto out;
	rc = 0;
	json_array_foreach(batches, i, id)
	{
		if (rc == 0)
			rc = look_at_batch(h, json_string_value(id), f);
	}
out:
	json_decref(all);
	return rc;
}

int
flow_objects(struct keeper *k, const struct flow_objects *o,
    struct flow_objects_seen *seen, struct fault *f)
{
	struct hashing h = { .o = o, .seen = seen, .keeper = k, .home = -1 };
	int rc = -1;

	*seen = (struct flow_objects_seen){ .wrong = json_array() };
	if (seen->wrong == NULL || (h.buffer = mem_new(RUN)) == NULL)
		(void)fault_memory(f);
	else if (digest_new(&h.digest, f) == 0 &&
		 folder_open(AT_FDCWD, o->home, &h.home, f) == 0)
		rc = look_through(&h, f);
	digest_free(h.digest);
	mem_free(h.buffer);
	file_close(&h.home);
	if (rc != 0) {
		json_decref(seen->wrong);
		seen->wrong = NULL;
	}
	return rc;
}
