/*
 * A shard into a folder, on the vendor's side.
 *
 *     index line --> the header that must come
 *     tar        --> compare --> draft, SHA-256 --> rename
 *
 * The index leads: the next member can only be the one it names, and the tar
 * is compared with what our writer would have made of it, so there is no
 * parser here that a stranger's archive could speak to.  Foreign archives are
 * read elsewhere.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "gateway/package/package_internal.h"
#include "keys/base/files.h"

/* Members of which the disk has begun before the sync at the end: those where
 * a call of its own is little beside the writing. */
#define FLUSH_EARLY ((uint64_t)1 << 20)

struct unpack {
	struct plain tar;
	struct digest *digest;
	int folder;
};

static int
expect_zeros(struct unpack *u, size_t len, struct fault *f)
{
	static const uint8_t zeros[TAR_END];
	const uint8_t *p;

	if (plain_take(&u->tar, len, &p, f) != 0)
		return -1;
	if (memcmp(p, zeros, len) != 0)
		return fault_set(f, FAULT_FORGED, "bytes behind it");
	return 0;
}

static int
expect_header(struct unpack *u, const struct package_entry *e, struct fault *f)
{
	uint8_t want[TAR_HEADER_MAX];
	size_t len = tar_header(want, e->member, e->bytes);
	const uint8_t *p;

	if (plain_take(&u->tar, len, &p, f) != 0)
		return -1;
	if (memcmp(p, want, len) != 0)
		return fault_set(
		    f, FAULT_FORGED, "not the member that the index names");
	return 0;
}

/* The member's bytes into the draft, and their digest against the index. */
static int
copy_content(
    struct unpack *u, const struct package_entry *e, int fd, struct fault *f)
{
	uint8_t got[DIGEST_BYTES];
	const uint8_t *p;
	size_t len;

	for (uint64_t left = e->bytes; left > 0; left -= len) {
		if (plain_some(&u->tar, left, &p, &len, f) != 0)
			return -1;
		digest_add(u->digest, p, len);
		if (file_write(fd, p, len, f) != 0)
			return -1;
	}
	digest_end(u->digest, got);
	if (memcmp(got, e->sha256, DIGEST_BYTES) != 0)
		return fault_set(
		    f, FAULT_FORGED, "not the digest of the index");
	return expect_zeros(u, tar_padding(e->bytes), f);
}

static int
unpack_member(struct unpack *u, const struct package_entry *e, struct fault *f)
{
	struct draft d;
	int rc = -1;

	draft_none(&d);
	if (expect_header(u, e, f) != 0 || draft_new(&d, u->folder, f) != 0 ||
	    copy_content(u, e, d.fd, f) != 0)
		goto out;
	if (e->bytes >= FLUSH_EARLY)
		file_flush_early(d.fd);
	/* Not draft_keep(): one sync for all is the caller's. */
	if (renameat(u->folder, d.name, u->folder, e->member) != 0) {
		(void)fault_errno(f, "name it");
		goto out;
	}
	file_close(&d.fd);
	draft_none(&d);
	rc = 0;
out:
	draft_drop(&d);
	return rc == 0 ? 0 : fault_at(f, "member %s", e->member);
}

static int
unpack_end(struct unpack *u, struct fault *f)
{
	if (expect_zeros(u, TAR_END, f) != 0 || plain_fill(&u->tar, 1, f) != 0)
		return -1;
	if (u->tar.at != u->tar.len)
		return fault_set(
		    f, FAULT_FORGED, "more in it than the index names");
	return 0;
}

static int
unpack_all(struct unpack *u, struct package_index *x,
    struct package_unpacked *out, struct fault *f)
{
	struct package_entry e;
	bool end;

	for (;;) {
		if (package_index_next(x, &e, &end, f) != 0)
			return -1;
		if (end)
			return unpack_end(u, f);
		if (e.row)
			continue;
		if (unpack_member(u, &e, f) != 0)
			return -1;
		out->members++;
		out->items += e.items;
		out->bytes += e.bytes;
	}
}

int
package_unpack(const struct package_payload *shard,
    const struct package_payload *index, int folder,
    struct package_unpacked *out, struct fault *f)
{
	struct unpack u = { .folder = folder };
	struct package_unpacked done = { 0 };
	struct package_index *x = NULL;
	int rc = -1;

	if (plain_open(&u.tar, shard, f) != 0 ||
	    digest_new(&u.digest, f) != 0 ||
	    package_index_open(&x, index, f) != 0)
		goto out;
	rc = unpack_all(&u, x, &done, f);
	*out = done;
out:
	package_index_close(x);
	digest_free(u.digest);
	plain_close(&u.tar);
	return rc;
}
