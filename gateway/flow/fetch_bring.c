/*
 * A shard's bytes into drafts in the inbox.
 *
 *     <n>.age     our header, then the payload as it lies in the owner's store
 *     <n>.index   the index object, whole: its digest is the manifest's
 *
 * Each chunk of the payload proves itself by its tag, so that a transfer goes
 * on behind the last good one, and a bad one is brought again alone.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/flow/fetch_internal.h"
#include "keys/base/files.h"

static int
open_draft(int dir, uint32_t n, const char *what, int *fd, struct fault *f)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%u.%s", n, what);
	*fd =
	    openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return *fd != -1 ? 0 : fault_errno(f, "inbox: %s", name);
}

int
bring_open(struct bring *b, int dir, const struct released *r, size_t i,
    struct fault *f)
{
	b->draft = b->index = b->items = -1;
	if (released_shard(r, i, &b->s, f) != 0)
		return -1;
	if (open_draft(dir, b->s.n, "age", &b->draft, f) == 0 &&
	    open_draft(dir, b->s.n, "index", &b->index, f) == 0 &&
	    open_draft(dir, b->s.n, "items", &b->items, f) == 0)
		return 0;
	bring_close(b);
	return -1;
}

void
bring_close(struct bring *b)
{
	file_close(&b->draft);
	file_close(&b->index);
	file_close(&b->items);
	released_shard_free(&b->s);
}

void
bring_remove(int dir, uint32_t n)
{
	char name[32];

	/* Leftovers are no harm: they are found again, and used or replaced. */
	(void)snprintf(name, sizeof(name), "%u.age", n);
	(void)unlinkat(dir, name, 0);
	(void)snprintf(name, sizeof(name), "%u.index", n);
	(void)unlinkat(dir, name, 0);
}

int
bring_begun(struct bring *b, uint64_t *have, struct fault *f)
{
	uint64_t head = b->s.header.len;
	struct bytes was;
	struct stat st;
	size_t got;
	int rc = -1;

	*have = 0;
	bytes_init(&was, head);
	if (fstat(b->draft, &st) != 0)
		return fault_errno(f, "inbox: %u.age", b->s.n);
	if (bytes_reserve(&was, head, f) != 0 ||
	    file_read_at(b->draft, was.at, head, 0, &got, f) != 0)
		goto out;
	if (got == head && memcmp(was.at, b->s.header.at, head) == 0) {
		*have = (uint64_t)st.st_size - head;
		rc = 0;
	} else if (ftruncate(b->draft, 0) != 0 ||
		   lseek(b->draft, 0, SEEK_SET) != 0) {
		(void)fault_errno(f, "inbox: %u.age", b->s.n);
	} else {
		rc = file_write(b->draft, b->s.header.at, head, f);
	}
out:
	bytes_free(&was);
	return rc;
}

int
bring_index(struct bring *b, struct talk *t, struct fault *f)
{
	if (talk_object(t, b->s.index, b->s.index_bytes, b->index, f) != 0)
		return fault_at(f, "shard %u: index", b->s.n);
	return 0;
}

/* Bytes [from, from + count) of the payload to where they belong. */
static int
bring_range(struct bring *b, struct talk *t, uint64_t from, uint64_t count,
    struct fault *f)
{
	char hex[DIGEST_CHARS + 1], path[DIGEST_CHARS + 32];
	struct courier_range r = { .path = path,
		.first = b->s.skip + from,
		.count = count,
		.fd = b->draft };
	uint64_t got;

	hex_write(hex, b->s.object, DIGEST_BYTES);
	(void)snprintf(path, sizeof(path), "/v1/objects/%s", hex);
	if (lseek(b->draft, (off_t)(b->s.header.len + from), SEEK_SET) == -1)
		return fault_errno(f, "inbox: %u.age", b->s.n);
	if (courier_fetch(t->courier, &r, &got, f) != 0)
		return fault_at(f, "shard %u", b->s.n);
	return 0;
}

int
bring_rest(struct bring *b, struct talk *t, uint64_t have, struct fault *f)
{
	uint64_t all = b->s.bytes - b->s.skip;

	if (ftruncate(b->draft, (off_t)(b->s.header.len + have)) != 0)
		return fault_errno(f, "inbox: %u.age", b->s.n);
	if (have >= all)
		return 0;
	return bring_range(b, t, have, all - have, f);
}

int
bring_chunk(struct bring *b, struct talk *t, uint64_t n, struct fault *f)
{
	uint64_t all = b->s.bytes - b->s.skip, at = age_chunk_at(n), len;

	must(at < all);
	len = all - at < AGE_SEALED_CHUNK_BYTES ? all - at
						: AGE_SEALED_CHUNK_BYTES;
	if (n == 0) { /* and the nonce in front of it */
		len += at;
		at = 0;
	}
	return bring_range(b, t, at, len, f);
}
