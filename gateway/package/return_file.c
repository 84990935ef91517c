/*
 * A return as a file: a vendor's label files, and the envelope that signs them.
 *
 *     return.dsse          the statement, signed
 *     labels/0001.jsonl    what it is about, in the order given
 *     labels/0002.json
 *
 * inside a ustar inside an age file to the batch's return recipient.  The
 * order and the names are fixed and nothing of a header is free but the size,
 * so the reader has no parser either: it reads the size, writes the header that
 * must come, and compares.  No link, no device, no path of a stranger's can be
 * spoken of.  GNU tar writes the same bytes when it is asked to (FORMATS.md).
 */

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/package/package_internal.h"
#include "keys/base/files.h"

#define ENVELOPE_NAME "return.dsse"
#define COPY_BYTES 65536u

static const char *const extensions[] = { "jsonl", "json" };

/* "labels/0001.jsonl": i counts from 0, which is extensions' index. */
static void
label_name(char out[RETURN_NAME_CHARS + 1], size_t i, size_t which)
{
	must(i < RETURN_LABELS_MAX && which < 2);
	(void)snprintf(out, RETURN_NAME_CHARS + 1, "labels/%04u.%s",
	    (unsigned)i + 1, extensions[which]);
}

bool
return_name_valid(const char *name, size_t i)
{
	char want[RETURN_NAME_CHARS + 1];

	for (size_t which = 0; which < 2; which++) {
		label_name(want, i, which);
		if (strcmp(name, want) == 0)
			return true;
	}
	return false;
}

/* ---- digests ---------------------------------------------------------------
 */

/* Bytes [at, at + len) of from to each(), and their digest. */
static int
walk(int from, uint64_t at, uint64_t len, uint8_t sha256[DIGEST_BYTES],
    int (*each)(void *arg, const void *p, size_t len, struct fault *f),
    void *arg, struct fault *f)
{
	struct digest *d = NULL;
	uint8_t buf[COPY_BYTES];
	size_t got;

	if (digest_new(&d, f) != 0)
		return -1;
	for (; len > 0; at += got, len -= got) {
		if (file_read_at(from, buf,
			len < sizeof(buf) ? (size_t)len : sizeof(buf), at, &got,
			f) != 0)
			goto out;
		if (got == 0) {
			(void)fault_set(f, FAULT_INPUT, "cut short meanwhile");
			goto out;
		}
		digest_add(d, buf, got);
		if (each != NULL && each(arg, buf, got, f) != 0)
			goto out;
	}
	digest_end(d, sha256);
	digest_free(d);
	return 0;
out:
	digest_free(d);
	return -1;
}

int
return_label_of(
    struct return_label *out, size_t i, const char *given, struct fault *f)
{
	const char *dot = strrchr(given, '.');
	struct stat st;

	if (i >= RETURN_LABELS_MAX)
		return fault_set(f, FAULT_INPUT, "more than %u label files",
		    RETURN_LABELS_MAX);
	if (fstat(out->fd, &st) != 0)
		return fault_errno(f, "its size");
	if (!S_ISREG(st.st_mode))
		return fault_set(f, FAULT_INPUT, "not a regular file");
	if (st.st_size < 0 || (uint64_t)st.st_size > RETURN_LABEL_MAX)
		return fault_set(f, FAULT_INPUT, "over %llu bytes",
		    (unsigned long long)RETURN_LABEL_MAX);
	label_name(out->name, i, dot != NULL && strcmp(dot, ".json") == 0);
	out->bytes = (uint64_t)st.st_size;
	return walk(out->fd, 0, out->bytes, out->sha256, NULL, NULL, f);
}

/* ---- writing ---------------------------------------------------------------
 */

static int
seal_some(void *arg, const void *p, size_t len, struct fault *f)
{
	return package_seal_add(arg, p, len, f);
}

static int
seal_padding(struct package_seal *s, uint64_t size, struct fault *f)
{
	static const uint8_t zeros[TAR_BLOCK];

	return package_seal_add(s, zeros, tar_padding(size), f);
}

static int
seal_member(
    struct package_seal *s, const char *name, uint64_t size, struct fault *f)
{
	uint8_t header[TAR_HEADER_MAX];
	size_t len = tar_header(header, name, size);

	return package_seal_add(s, header, len, f);
}

static int
seal_label(
    struct package_seal *s, const struct return_label *l, struct fault *f)
{
	uint8_t got[DIGEST_BYTES];

	if (seal_member(s, l->name, l->bytes, f) != 0 ||
	    walk(l->fd, 0, l->bytes, got, seal_some, s, f) != 0)
		return -1;
	if (memcmp(got, l->sha256, DIGEST_BYTES) != 0)
		return fault_set(f, FAULT_INPUT, "changed meanwhile");
	return seal_padding(s, l->bytes, f);
}

static int
seal_all(struct package_seal *s, const struct return_draft *d, struct fault *f)
{
	static const uint8_t end[TAR_END];

	if (seal_member(s, ENVELOPE_NAME, d->envelope.len, f) != 0 ||
	    package_seal_add(s, d->envelope.at, d->envelope.len, f) != 0 ||
	    seal_padding(s, d->envelope.len, f) != 0)
		return -1;
	for (size_t i = 0; i < d->nlabels; i++) {
		if (!return_name_valid(d->labels[i].name, i))
			return fault_set(f, FAULT_INPUT,
			    "label file %zu: not its name", i + 1);
		if (seal_label(s, &d->labels[i], f) != 0)
			return fault_at(f, "label file %zu", i + 1);
	}
	return package_seal_add(s, end, sizeof(end), f);
}

int
return_file_write(int fd, const struct return_draft *d,
    struct package_object *made, struct fault *f)
{
	struct package_seal *s = NULL;
	int rc = -1;

	if (d->nlabels == 0 || d->nlabels > RETURN_LABELS_MAX ||
	    d->envelope.len == 0 || d->envelope.len > RETURN_ENVELOPE_MAX)
		return fault_set(f, FAULT_INPUT,
		    "a return has an envelope and 1 to %u label files",
		    RETURN_LABELS_MAX);
	if (package_seal_new(&s, fd, d->to, d->nto, f) == 0 &&
	    seal_all(s, d, f) == 0)
		rc = package_seal_end(s, made, f);
	package_seal_free(s);
	return rc;
}

/* ---- reading ---------------------------------------------------------------
 */

/* The bytes of a return, and how far they were read. */
struct archive {
	int fd;
	uint64_t at, size;
};

static int
take_block(struct archive *a, uint8_t out[TAR_BLOCK], struct fault *f)
{
	size_t got;

	if (file_read_at(a->fd, out, TAR_BLOCK, a->at, &got, f) != 0)
		return -1;
	if (got != TAR_BLOCK)
		return fault_set(f, FAULT_INPUT, "cut short");
	a->at += TAR_BLOCK;
	return 0;
}

static int
take_zeros(struct archive *a, size_t len, struct fault *f)
{
	static const uint8_t zeros[TAR_END];
	uint8_t buf[TAR_END];
	size_t got;

	if (file_read_at(a->fd, buf, len, a->at, &got, f) != 0)
		return -1;
	if (got != len)
		return fault_set(f, FAULT_INPUT, "cut short");
	if (memcmp(buf, zeros, len) != 0)
		return fault_set(f, FAULT_INPUT, "bytes where zeros must be");
	a->at += len;
	return 0;
}

/* The size that a header claims: eleven octal digits. */
static bool
claimed(const uint8_t block[TAR_BLOCK], uint64_t *size)
{
	*size = 0;
	for (size_t i = 124; i < 135; i++) {
		if (block[i] < '0' || block[i] > '7')
			return false;
		*size = *size * 8 + (uint64_t)(block[i] - '0');
	}
	return true;
}

/* Is block the header of a member of that name? */
static bool
is_header(const uint8_t block[TAR_BLOCK], const char *name, uint64_t size)
{
	uint8_t want[TAR_HEADER_MAX];

	return tar_header(want, name, size) == TAR_BLOCK &&
	       memcmp(block, want, TAR_BLOCK) == 0;
}

/* Step over a member's content. */
static int
pass(struct archive *a, uint64_t size, uint64_t max, struct fault *f)
{
	if (size > max)
		return fault_set(
		    f, FAULT_INPUT, "over %llu bytes", (unsigned long long)max);
	if (size > a->size - a->at)
		return fault_set(f, FAULT_INPUT, "cut short");
	a->at += size;
	return take_zeros(a, tar_padding(size), f);
}

static int
read_envelope(struct archive *a, struct bytes *out, struct fault *f)
{
	uint8_t block[TAR_BLOCK];
	uint64_t size, at;
	size_t got;

	if (take_block(a, block, f) != 0)
		return -1;
	if (!claimed(block, &size) || !is_header(block, ENVELOPE_NAME, size))
		return fault_set(
		    f, FAULT_INPUT, "does not begin with " ENVELOPE_NAME);
	at = a->at;
	if (pass(a, size, RETURN_ENVELOPE_MAX, f) != 0 ||
	    bytes_reserve(out, (size_t)size + 1, f) != 0 ||
	    file_read_at(a->fd, out->at, (size_t)size, at, &got, f) != 0)
		return fault_at(f, ENVELOPE_NAME);
	out->len = got;
	return 0;
}

/* The next label file; *end where the archive's end begins. */
static int
read_label(
    struct archive *a, struct return_file *out, bool *end, struct fault *f)
{
	struct return_member *m = &out->labels[out->nlabels];
	uint8_t block[TAR_BLOCK];
	uint64_t size;

	if (take_block(a, block, f) != 0)
		return -1;
	*end = block[0] == '\0';
	if (*end) {
		a->at -= TAR_BLOCK;
		return 0;
	}
	if (out->nlabels == RETURN_LABELS_MAX)
		return fault_set(f, FAULT_INPUT, "more than %u label files",
		    RETURN_LABELS_MAX);
	if (!claimed(block, &size))
		return fault_set(
		    f, FAULT_INPUT, "member %zu: not a size", out->nlabels + 2);
	label_name(m->name, out->nlabels, 0);
	if (!is_header(block, m->name, size)) {
		label_name(m->name, out->nlabels, 1);
		if (!is_header(block, m->name, size))
			return fault_set(f, FAULT_INPUT,
			    "member %zu: not a label file's header",
			    out->nlabels + 2);
	}
	m->at = a->at;
	m->bytes = size;
	if (pass(a, size, RETURN_LABEL_MAX, f) != 0)
		return fault_at(f, "%s", m->name);
	out->nlabels++;
	return 0;
}

static int
read_all(struct archive *a, struct return_file *out, struct fault *f)
{
	bool end = false;

	if (read_envelope(a, &out->envelope, f) != 0)
		return -1;
	while (!end)
		if (read_label(a, out, &end, f) != 0)
			return -1;
	if (out->nlabels == 0)
		return fault_set(f, FAULT_INPUT, "no label file");
	if (take_zeros(a, TAR_END, f) != 0)
		return -1;
	return a->at == a->size
		   ? 0
		   : fault_set(f, FAULT_INPUT, "bytes behind the end");
}

int
return_file_read(struct return_file *out, int fd, struct fault *f)
{
	struct archive a = { .fd = fd };
	struct stat st;
	int rc = -1;

	memset(out, 0, sizeof(*out));
	out->fd = fd;
	bytes_init(&out->envelope, RETURN_ENVELOPE_MAX + 1);
	if (fstat(fd, &st) != 0)
		(void)fault_errno(f, "its size");
	else if (st.st_size < 0 || (uint64_t)st.st_size > RETURN_PLAIN_MAX)
		(void)fault_set(f, FAULT_INPUT, "over %llu bytes",
		    (unsigned long long)RETURN_PLAIN_MAX);
	else {
		a.size = (uint64_t)st.st_size;
		rc = read_all(&a, out, f);
	}
	if (rc != 0)
		return_file_free(out);
	return rc == 0 ? 0 : fault_at(f, "return");
}

static int
write_some(void *arg, const void *p, size_t len, struct fault *f)
{
	return file_write(*(const int *)arg, p, len, f);
}

int
return_file_label(const struct return_file *r, size_t i, int to,
    const uint8_t sha256[DIGEST_BYTES], struct fault *f)
{
	const struct return_member *m = &r->labels[i];
	uint8_t got[DIGEST_BYTES];

	must(i < r->nlabels);
	if (ftruncate(to, 0) != 0 || lseek(to, 0, SEEK_SET) != 0)
		return fault_errno(f, "%s: a copy", m->name);
	if (walk(r->fd, m->at, m->bytes, got, write_some, &to, f) != 0)
		return fault_at(f, "%s", m->name);
	if (memcmp(got, sha256, DIGEST_BYTES) != 0)
		return fault_set(f, FAULT_FORGED,
		    "%s: not the file that was signed", m->name);
	if (lseek(to, 0, SEEK_SET) != 0)
		return fault_errno(f, "%s: a copy", m->name);
	return 0;
}

void
return_file_free(struct return_file *r)
{
	bytes_free(&r->envelope);
	memset(r, 0, sizeof(*r));
	r->fd = -1;
}
