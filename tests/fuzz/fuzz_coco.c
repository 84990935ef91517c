/*
 * A COCO file from a stranger: what is accepted, written as COCO and read
 * again is the same set, answer for answer.
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
set_of(int fd)
{
	const struct labels_contract c = { .any_item = true };
	struct fault f = { 0 };
	struct labels *l = NULL;

	must(lseek(fd, 0, SEEK_SET) == 0);
	must(labels_new(&l, &c, &f) == 0);
	must(labels_read(l, fd, "fuzz", LABELS_COCO, &f) == 0);
	must(labels_settle(l, &f) == 0);
	if (labels_verdict(l) != LABELS_REJECTED)
		return l;
	must(labels_nfindings(l) > 0);
	labels_free(l);
	return NULL;
}

static void
same(const struct labels *a, const struct labels *b)
{
	must(labels_nitems(a) == labels_nitems(b));
	must(labels_nanswers(a) == labels_nanswers(b));
	for (size_t i = 0; i < labels_nitems(a); i++)
		must(labels_item_state(a, i) == labels_item_state(b, i));
	for (size_t i = 0; i < labels_nanswers(a); i++) {
		const struct labels_answer *x = labels_answer(a, i);
		const struct labels_answer *y = labels_answer(b, i);

		must(x->nparts == y->nparts && x->at == y->at);
		must(strcmp(labels_annotator_name(a, x->annotator),
			 labels_annotator_name(b, y->annotator)) == 0);
		for (uint32_t k = 0; k < x->nparts; k++) {
			must(x->boxes[k].x == y->boxes[k].x &&
			     x->boxes[k].y == y->boxes[k].y &&
			     x->boxes[k].w == y->boxes[k].w &&
			     x->boxes[k].h == y->boxes[k].h &&
			     x->boxes[k].crowd == y->boxes[k].crowd);
			must(strcmp(labels_class_name(a, x->boxes[k].class),
				 labels_class_name(b, y->boxes[k].class)) == 0);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
	static int in = -1, out = -1;
	struct labels *l, *again;
	struct fault f = { 0 };

	if (in == -1) {
		must(secret_start(&f) == 0);
		in = memfd_create("in", 0);
		out = memfd_create("out", 0);
	}
	must(ftruncate(in, 0) == 0 && lseek(in, 0, SEEK_SET) == 0);
	must(ftruncate(out, 0) == 0 && lseek(out, 0, SEEK_SET) == 0);
	must(file_write(in, p, len, &f) == 0);
	if ((l = set_of(in)) == NULL)
		return 0;
	must(labels_write_coco(l, out, &f) == 0);
	must((again = set_of(out)) != NULL);
	same(l, again);
	labels_free(l);
	labels_free(again);
	return 0;
}
