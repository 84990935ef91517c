/*
 * A backup's archive into an empty folder, in a process that holds that folder
 * and nothing else.
 *
 * Whoever knows the recovery recipient can make an archive for it, so this
 * reads what a stranger may have written.  There is no parser to mislead: of a
 * header only name and size are taken, the header that we would have written
 * for them is made, and both must be the same bytes.  A name is one that a
 * backup may have, and new; so no link, no device, no path out of the folder
 * can be spoken of.  What was written when this fails is for the parent to
 * remove.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <seccomp.h>

#include "gateway/flow/archive_internal.h"
#include "gateway/flow/flow.h"
#include "gateway/package/package.h"
#include "keys/base/files.h"

/* Descriptors given at the start. */
#define FROM PROCESS_GIVEN
#define FOLDER (PROCESS_GIVEN + 1)

#define BUFFER_BYTES ((size_t)256 << 10)

#define CALL(name) SCMP_SYS(name), SANDBOX_ALLOW
#define ANY 0, 0, 0
static const struct sandbox_call calls[] = {
	{ CALL(openat), ANY, "new files in the folder" },
	{ CALL(mkdirat), ANY, "new folders in it" },
	{ CALL(syncfs), ANY, "all of them made durable at once" },
	{ 0, SANDBOX_ALLOW, ANY, NULL },
};

struct unpacking {
	uint64_t left; /* bytes that the archive can still have */
	uint64_t files;
	uint8_t buffer[BUFFER_BYTES];
};

static int
take(struct unpacking *u, void *p, size_t len, struct fault *f)
{
	size_t got;

	if (file_read_some(FROM, p, len, &got, f) != 0)
		return -1;
	if (got != len)
		return fault_set(f, FAULT_INPUT, "cut short");
	u->left = len < u->left ? u->left - len : 0;
	return 0;
}

/* The next header: *end where zeros stand in its place. */
static int
take_header(struct unpacking *u, char name[TAR_NAME_MAX + 2], uint64_t *size,
    bool *end, struct fault *f)
{
	static const uint8_t zeros[TAR_BLOCK];
	uint8_t got[TAR_HEADER_MAX], want[TAR_HEADER_MAX];
	size_t len = TAR_BLOCK;
	bool claims, more;

	if (take(u, got, TAR_BLOCK, f) != 0)
		return -1;
	*end = memcmp(got, zeros, TAR_BLOCK) == 0;
	if (*end)
		return 0;
	claims = tar_claims(got, len, name, size, &more);
	if (claims && more) {
		if (take(u, got + len, TAR_HEADER_MAX - len, f) != 0)
			return -1;
		len = TAR_HEADER_MAX;
		claims = tar_claims(got, len, name, size, &more);
	}
	if (!claims || !archive_name_valid(name) ||
	    tar_header(want, name, *size) != len || memcmp(got, want, len) != 0)
		return fault_set(f, FAULT_INPUT,
		    "member %llu: not one that a backup has",
		    (unsigned long long)u->files + 1);
	if (*size > u->left)
		return fault_set(
		    f, FAULT_INPUT, "%s: larger than the backup", name);
	return 0;
}

/* Folders on the way to the file at name. */
static int
make_folders(const char *name, struct fault *f)
{
	char path[TAR_NAME_MAX + 2];

	for (const char *at = name; (at = strchr(at, '/')) != NULL; at++) {
		size_t len = (size_t)(at - name);

		memcpy(path, name, len);
		path[len] = '\0';
		if (mkdirat(FOLDER, path, 0700) != 0 && errno != EEXIST)
			return fault_errno(f, "%s", path);
	}
	return 0;
}

static int
write_file(
    struct unpacking *u, const char *name, uint64_t size, struct fault *f)
{
	uint8_t padding[TAR_BLOCK];
	int fd, rc = 0;

	if (make_folders(name, f) != 0)
		return -1;
	fd = openat(FOLDER, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd == -1 && errno == EEXIST)
		return fault_set(f, FAULT_INPUT, "%s: comes twice", name);
	if (fd == -1)
		return fault_errno(f, "%s", name);
	for (uint64_t left = size; rc == 0 && left > 0;) {
		size_t len = left < BUFFER_BYTES ? (size_t)left : BUFFER_BYTES;

		if ((rc = take(u, u->buffer, len, f)) == 0)
			rc = file_write(fd, u->buffer, len, f);
		left -= len;
	}
	file_close(&fd);
	if (rc != 0 || take(u, padding, tar_padding(size), f) != 0)
		return fault_at(f, "%s", name);
	for (size_t i = 0; i < tar_padding(size); i++)
		if (padding[i] != 0)
			return fault_set(f, FAULT_INPUT,
			    "%s: bytes where zeros must be", name);
	u->files++;
	return 0;
}

/* The second block of zeros, and nothing behind it. */
static int
take_tail(struct unpacking *u, struct fault *f)
{
	uint8_t block[TAR_BLOCK], one;
	size_t got;

	if (take(u, block, TAR_BLOCK, f) != 0)
		return -1;
	for (size_t i = 0; i < TAR_BLOCK; i++)
		if (block[i] != 0)
			return fault_set(
			    f, FAULT_INPUT, "bytes where the end must be");
	if (file_read_some(FROM, &one, 1, &got, f) != 0)
		return -1;
	if (got != 0)
		return fault_set(f, FAULT_INPUT, "bytes behind the end");
	return 0;
}

static int
unpack(struct unpacking *u, struct fault *f)
{
	char name[TAR_NAME_MAX + 2];
	uint64_t size;
	bool end;

	for (;;) {
		if (take_header(u, name, &size, &end, f) != 0)
			return -1;
		if (end)
			break;
		if (write_file(u, name, size, f) != 0)
			return -1;
	}
	if (take_tail(u, f) != 0)
		return -1;
	return syncfs(FOLDER) == 0 ? 0 : fault_errno(f, "flush the home");
}

int
unpack_role(struct channel *up, struct fault *f)
{
	static struct unpacking u;
	const struct sandbox_path folder = { FOLDER, true, "the new home" };
	const struct sandbox sandbox = {
		.role = "unpack", .calls = calls, .paths = &folder, .npaths = 1
	};
	struct message m;
	struct reader r;
	bool end;
	int rc = -1;

	if (sandbox_enter(&sandbox, f) != 0)
		return -1;
	message_init(&m, 1024);
	if (channel_receive(up, &m, -1, &end, f) != 0)
		goto out;
	r = reader_of(m.body.at, m.body.len);
	if (take_u64(&r, &u.left, f) != 0 || take_end(&r, f) != 0 ||
	    unpack(&u, f) != 0)
		goto out;
	message_reset(&m);
	if (put_u64(&m.body, u.files, f) == 0)
		rc = channel_send(up, &m, f);
out:
	message_free(&m);
	return rc == 0 ? 0 : fault_at(f, "the backup");
}
