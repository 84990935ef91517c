/*
 * What a file is delivered as, for values that name files.
 *
 *     head | slots by path | by basename | by identifier | entries | names
 *
 * Made by the coordinator, which knows all files, and looked up by workers,
 * which have the key of the item ids: a file's delivered name follows from its
 * original id, so the table holds none.  It lies in memory that nobody can
 * write to any more and all can map.  Hash tables are keyed at random, since
 * the names come from outside.
 */

#include <sodium.h>
#include <string.h>

#include "gateway/package/package_internal.h"
#include "gateway/process/process.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "keys/base/secret.h"

#define WAYS (BY_IDENTIFIER + 1u)
#define REFS_MAGIC UINT64_C(0x31736665526f6648)

/* An entry and 1, or 0; with the bit, there is another of that name. */
#define SLOT_MANY 0x80000000u

struct refs_head {
	uint64_t magic;
	uint8_t key[crypto_shorthash_KEYBYTES];
	uint32_t n;
	uint32_t slots; /* of each way; a power of two, at least twice n */
	uint64_t names; /* bytes of them */
};

struct refs_entry {
	uint32_t at; /* of the path in names; behind it are the extension and
			the item's original id, or "" */
	uint32_t nth;
};

struct package_refs {
	const void *map;
	size_t size;
	const struct refs_head *head;
	const uint32_t *slots;
	const struct refs_entry *entries;
	const char *names;
	const struct token_key *item;
	struct transform_refs use;
};

void
package_member_name(char out[PACKAGE_MEMBER_CHARS + 1], const char *item,
    uint32_t nth, const char *extension)
{
	int n;

	must(nth <= PACKAGE_FILES_MAX);
	n = nth == 0 ? snprintf(out, PACKAGE_MEMBER_CHARS + 1, "%s.%s", item,
			   extension)
		     : snprintf(out, PACKAGE_MEMBER_CHARS + 1, "%s.%04u.%s",
			   item, (unsigned)nth, extension);
	must(n > 0 && (size_t)n <= PACKAGE_MEMBER_CHARS);
}

uint32_t
package_member_nth(const char *member)
{
	const char *number = member + TOKEN_CHARS + 1;
	uint32_t nth = 0;

	if (strlen(member) < TOKEN_CHARS + 1 + PACKAGE_NUMBER_CHARS + 2 ||
	    number[-1] != '.' || number[PACKAGE_NUMBER_CHARS] != '.' ||
	    strspn(number, "0123456789") != PACKAGE_NUMBER_CHARS)
		return 0;
	for (size_t i = 0; i < PACKAGE_NUMBER_CHARS; i++)
		nth = nth * 10 + (uint32_t)(number[i] - '0');
	return nth;
}

/* What a file is called in one of the ways. */
static struct slice
name_by(const char *path, enum transform_by by)
{
	size_t len = strlen(path);
	const char *slash = strrchr(path, '/'), *dot;

	if (by != BY_PATH && slash != NULL) {
		len -= (size_t)(slash + 1 - path);
		path = slash + 1;
	}
	dot = strrchr(path, '.');
	if (by == BY_IDENTIFIER && dot != NULL && dot != path)
		len = (size_t)(dot - path);
	return (struct slice){ (const uint8_t *)path, len };
}

static bool
same_text(const struct slice *a, const struct slice *b)
{
	return a->len == b->len &&
	       (a->len == 0 || memcmp(a->at, b->at, a->len) == 0);
}

static uint32_t
first_slot(const struct refs_head *h, const struct slice *name)
{
	uint8_t digest[crypto_shorthash_BYTES];
	uint32_t hash;

	(void)crypto_shorthash(digest, name->at, name->len, h->key);
	memcpy(&hash, digest, sizeof(hash));
	return hash & (h->slots - 1);
}

/* -- Making it ------------------------------------------------------------- */

static void
enter(const struct refs_head *h, uint32_t *slots, enum transform_by by,
    const struct package_ref *list, uint32_t i)
{
	struct slice name = name_by(list[i].path, by), other;
	uint32_t at = first_slot(h, &name);

	for (; slots[at] != 0; at = (at + 1) & (h->slots - 1)) {
		other = name_by(list[(slots[at] & ~SLOT_MANY) - 1].path, by);
		if (same_text(&name, &other)) {
			slots[at] |= SLOT_MANY;
			return;
		}
	}
	slots[at] = i + 1;
}

static int
write_slots(int fd, const struct refs_head *h, const struct package_ref *list,
    struct fault *f)
{
	uint32_t *slots = mem_array(h->slots, sizeof(*slots));
	int rc = 0;

	if (slots == NULL)
		return fault_memory(f);
	for (unsigned by = 0; by < WAYS && rc == 0; by++) {
		memset(slots, 0, h->slots * sizeof(*slots));
		for (uint32_t i = 0; i < h->n; i++)
			enter(h, slots, (enum transform_by)by, list, i);
		rc = file_write(fd, slots, h->slots * sizeof(*slots), f);
	}
	mem_free(slots);
	return rc;
}

/* Bytes gathered before they are written. */
#define REFS_BATCH ((size_t)256 << 10)

static int
pass(struct bytes *b, int fd, bool all, struct fault *f)
{
	int rc = 0;

	if (b->len >= REFS_BATCH || all) {
		rc = file_write(fd, b->at, b->len, f);
		bytes_reset(b);
	}
	return rc;
}

/* What stands in names of a file. */
static size_t
names_len(const struct package_ref *ref)
{
	return strlen(ref->path) + strlen(ref->extension) + ref->item.len + 3;
}

static int
add_names(struct bytes *b, const struct package_ref *ref, struct fault *f)
{
	if (bytes_add(b, ref->path, strlen(ref->path) + 1, f) != 0 ||
	    bytes_add(b, ref->extension, strlen(ref->extension) + 1, f) != 0 ||
	    bytes_add(b, ref->item.at, ref->item.len, f) != 0)
		return -1;
	return bytes_add(b, "", 1, f);
}

static int
write_files(int fd, const struct package_ref *list, uint32_t n, struct fault *f)
{
	struct bytes b;
	uint32_t at = 0;
	int rc = -1;

	bytes_init(&b, 2 * REFS_BATCH);
	for (uint32_t i = 0; i < n; i++) {
		struct refs_entry e = { at, list[i].nth };

		at += (uint32_t)names_len(&list[i]);
		if (bytes_add(&b, &e, sizeof(e), f) != 0 ||
		    pass(&b, fd, false, f) != 0)
			goto out;
	}
	for (uint32_t i = 0; i < n; i++)
		if (add_names(&b, &list[i], f) != 0 ||
		    pass(&b, fd, false, f) != 0)
			goto out;
	rc = pass(&b, fd, true, f);
out:
	bytes_free(&b);
	return rc;
}

int
package_refs_write(
    int *fd, const struct package_ref *list, uint32_t n, struct fault *f)
{
	struct refs_head h = { .magic = REFS_MAGIC, .n = n, .slots = 16 };
	int made;

	must(n < SLOT_MANY / 4);
	while (h.slots < 2 * n)
		h.slots *= 2;
	for (uint32_t i = 0; i < n; i++)
		h.names += names_len(&list[i]);
	if (h.names > UINT32_MAX)
		return fault_set(f, FAULT_INPUT,
		    "more than 4 GiB of paths that may be referred to");
	random_fill(h.key, sizeof(h.key));
	if (sealed_new(&made, "references", f) != 0)
		return -1;
	if (file_write(made, &h, sizeof(h), f) != 0 ||
	    write_slots(made, &h, list, f) != 0 ||
	    write_files(made, list, n, f) != 0 ||
	    sealed_end(made, "references", f) != 0)
		goto fail;
	*fd = made;
	return 0;
fail:
	file_close(&made);
	return -1;
}

/* -- Using it -------------------------------------------------------------- */

/* The name of an entry's file; what stands behind it, see refs_entry. */
static const char *
entry_path(const struct package_refs *r, uint32_t slot)
{
	return r->names + r->entries[(slot & ~SLOT_MANY) - 1].at;
}

static int
no_such(struct fault *f)
{
	(void)fault_set(
	    f, FAULT_POLICY, "names no file that leaves as an item");
	return fault_hint(f,
	    "paths count from the top of the dataset; what is excluded, and a "
	    "table whose rows are the items, cannot be referred to");
}

/* The slot of the one file that the value names. */
static int
look_up(const struct package_refs *r, enum transform_by by,
    const struct slice *value, uint32_t *slot, struct fault *f)
{
	struct slice want = *value, have;
	const uint32_t *slots = r->slots + (size_t)by * r->head->slots;
	uint32_t at;

	if (by == BY_PATH && want.len > 2 && memcmp(want.at, "./", 2) == 0) {
		want.at += 2;
		want.len -= 2;
	}
	at = first_slot(r->head, &want);
	for (;; at = (at + 1) & (r->head->slots - 1)) {
		if (slots[at] == 0)
			return no_such(f);
		have = name_by(entry_path(r, slots[at]), by);
		if (same_text(&want, &have))
			break;
	}
	if ((slots[at] & SLOT_MANY) != 0) {
		(void)fault_set(
		    f, FAULT_POLICY, "names more than one file that leaves");
		return fault_hint(f, "{item_ref: {by: path}} tells them apart");
	}
	*slot = slots[at];
	return 0;
}

int
package_refs_find(const struct package_refs *r, enum transform_by by,
    const struct slice *value, const char **path, struct fault *f)
{
	uint32_t slot;

	if (look_up(r, by, value, &slot, f) != 0)
		return -1;
	*path = entry_path(r, slot);
	return 0;
}

static int
find(void *arg, enum transform_by by, const struct slice *value,
    struct bytes *out, struct fault *f)
{
	const struct package_refs *r = arg;
	char item[TOKEN_CHARS + 1], name[PACKAGE_MEMBER_CHARS + 1];
	const struct refs_entry *e;
	const char *path, *extension, *original;
	uint32_t slot;

	if (look_up(r, by, value, &slot, f) != 0)
		return -1;
	e = &r->entries[slot - 1];
	path = entry_path(r, slot);
	extension = path + strlen(path) + 1;
	original = e->nth == 0 ? path : extension + strlen(extension) + 1;
	token_make(r->item, original, strlen(original), item);
	if (by == BY_IDENTIFIER)
		return bytes_add_text(out, item, f);
	package_member_name(name, item, e->nth, extension);
	return bytes_add_text(out, name, f);
}

static bool
lay_over(struct package_refs *r)
{
	const struct refs_head *h = r->map;
	uint64_t need;

	if (r->size < sizeof(*h) || h->magic != REFS_MAGIC ||
	    h->slots / 2 < h->n || (h->slots & (h->slots - 1)) != 0)
		return false;
	need = sizeof(*h) + (uint64_t)h->slots * sizeof(uint32_t) * WAYS +
	       (uint64_t)h->n * sizeof(struct refs_entry) + h->names;
	if (need != r->size)
		return false;
	r->head = h;
	r->slots = (const uint32_t *)(h + 1);
	r->entries =
	    (const struct refs_entry *)(r->slots + (size_t)h->slots * WAYS);
	r->names = (const char *)(r->entries + h->n);
	return true;
}

int
package_refs_open(struct package_refs **out, int fd,
    const struct token_key *item, struct fault *f)
{
	struct package_refs *r;
	const void *map;
	size_t size;

	if (sealed_map(&map, &size, fd, "references", f) != 0)
		return -1;
	if ((r = mem_new(sizeof(*r))) == NULL) {
		sealed_unmap(map, size);
		return fault_memory(f);
	}
	*r = (struct package_refs){ .map = map, .size = size, .item = item };
	r->use = (struct transform_refs){ find, r };
	if (!lay_over(r)) {
		package_refs_close(r);
		return fault_set(f, FAULT_INPUT, "no table of references");
	}
	*out = r;
	return 0;
}

const struct transform_refs *
package_refs_use(const struct package_refs *r)
{
	return &r->use;
}

void
package_refs_close(struct package_refs *r)
{
	if (r == NULL)
		return;
	sealed_unmap(r->map, r->size);
	mem_free(r);
}
