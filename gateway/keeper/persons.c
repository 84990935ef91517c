/* Whom items are about: the home's key for it, and the lists of shards. */

#include "gateway/keeper/persons_internal.h"
#include "keys/base/files.h"

int
persons_key(struct home *h, struct secret *out, struct fault *f)
{
	const struct ring_name name = { RING_SUBJECT, "1", 0 };

	if (ring_has(h->ring, &name))
		return ring_get_secret(h->ring, &name, out, f);
	return ring_make_secret(h->ring, &name, out, f);
}

int
persons_keep(struct home *h, const struct catalog_subjects *of, uint64_t count,
    int fd, struct fault *f)
{
	struct catalog_subjects list = *of;
	size_t len = (size_t)count * CATALOG_SUBJECT_BYTES, got;
	struct bytes hashes;
	int rc = -1;

	must(count > 0 && count <= CATALOG_PERSONS_MAX / CATALOG_SUBJECT_BYTES);

	bytes_init(&hashes, CATALOG_PERSONS_MAX);
	if (bytes_reserve(&hashes, len, f) != 0 ||
	    file_read_at(fd, hashes.at, len, 0, &got, f) != 0)
		goto out;
	if (got != len) {
		(void)fault_set(f, FAULT_INPUT,
		    "shard %u: fewer subjects than were told",
		    (unsigned)of->shard);
		goto out;
	}
	list.hashes = (struct slice){ hashes.at, len };
	rc = home_add_subjects(h, &list, f);
out:
	bytes_free(&hashes);
	return rc;
}
