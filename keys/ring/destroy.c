/*
 * The end of keys.  What overwriting can promise and what not is in ring.h;
 * it is done all the same, because it costs nothing and holds on the disks
 * where a deleted file could be read back most easily.
 */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "keys/base/files.h"
#include "keys/ring/ring_internal.h"

/* Overwrite and unlink; a file that is not there is no failure. */
static int
destroy_file(int fd, const struct place *p, struct fault *f)
{
	int file =
	    openat(fd, p->file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int rc = -1;

	if (file == -1 && errno == ENOENT)
		return 0;
	if (file == -1)
		return fault_errno(f, "keys/%s/%s", p->folder, p->file);
	if (file_scrub(file, p->file, f) != 0)
		goto out;
	if (unlinkat(fd, p->file, 0) != 0)
		(void)fault_errno(f, "remove keys/%s/%s", p->folder, p->file);
	else
		rc = 0;
out:
	file_close(&file);
	return rc;
}

int
ring_destroy(struct ring *r, const struct ring_name *name, struct fault *f)
{
	struct place p;
	int fd, rc = -1;

	if (name->kind == RING_SHARD)
		return ring_destroy_shards(r, name->id, name->number, 1, f);
	if (key_place(&p, name, f) != 0 || key_folder(r, &p, &fd, f) != 0)
		return -1;
	if (fd == -1)
		return 0;
	if (destroy_file(fd, &p, f) == 0)
		rc = folder_sync(fd, p.folder, f);
	file_close(&fd);
	return rc;
}

int
ring_destroy_shards(struct ring *r, const char *batch, uint32_t first,
    uint32_t count, struct fault *f)
{
	struct ring_name name = { RING_SHARD, batch, first };
	struct place p;
	int fd, rc = -1;

	if (key_place(&p, &name, f) != 0 || key_folder(r, &p, &fd, f) != 0)
		return -1;
	if (fd == -1)
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		name.number = first + i;
		if (key_place(&p, &name, f) != 0 ||
		    destroy_file(fd, &p, f) != 0)
			goto out;
	}
	rc = folder_sync(fd, p.folder, f);
	/* The last one takes the folder along; others make this fail. */
	(void)unlinkat(r->keys, p.folder, AT_REMOVEDIR);
out:
	file_close(&fd);
	return rc;
}
