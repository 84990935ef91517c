/*
 * Label lines from a stranger: what is accepted, written and read again is
 * the same set, and is found to be without error again.
 */

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/labels/labels.h"
#include "keys/base/files.h"
#include "keys/base/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

/* The set in a file's bytes, settled; NULL when its verdict is rejected. */
static struct labels *
set_of(int fd, enum labels_format format)
{
	const struct labels_contract c = { .any_item = true };
	struct fault f = { 0 };
	struct labels *l = NULL;

	must(lseek(fd, 0, SEEK_SET) == 0);
	must(labels_new(&l, &c, &f) == 0);
	must(labels_read(l, fd, "fuzz", format, &f) == 0);
	must(labels_settle(l, &f) == 0);
	if (labels_verdict(l) != LABELS_REJECTED)
		return l;
	must(labels_nfindings(l) > 0);
	labels_free(l);
	return NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static int in = -1, out = -1, twice = -1;
	static char a[1 << 20], b[1 << 20];
	struct labels *l, *again;
	struct fault f = { 0 };
	off_t na, nb;

	if (in == -1) {
		must(secret_start(&f) == 0);
		in = memfd_create("in", 0);
		out = memfd_create("out", 0);
		twice = memfd_create("twice", 0);
	}
	must(ftruncate(in, 0) == 0 && lseek(in, 0, SEEK_SET) == 0);
	must(ftruncate(out, 0) == 0 && lseek(out, 0, SEEK_SET) == 0);
	must(ftruncate(twice, 0) == 0 && lseek(twice, 0, SEEK_SET) == 0);
	must(file_write(in, p, len, &f) == 0);
	if ((l = set_of(in, LABELS_JSONL)) == NULL)
		return 0;
	must(labels_write_jsonl(l, out, &f) == 0);
	must((again = set_of(out, LABELS_JSONL)) != NULL);
	must(labels_write_jsonl(again, twice, &f) == 0);
	na = lseek(out, 0, SEEK_END);
	nb = lseek(twice, 0, SEEK_END);
	must(na == nb && (size_t)na < sizeof(a));
	must(pread(out, a, sizeof(a), 0) == na);
	must(pread(twice, b, sizeof(b), 0) == nb);
	must(memcmp(a, b, (size_t)na) == 0);
	must(labels_nanswers(l) == labels_nanswers(again));
	labels_free(l);
	labels_free(again);
	return 0;
}
