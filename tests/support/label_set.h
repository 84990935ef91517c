#ifndef TESTS_SUPPORT_LABEL_SET_H
#define TESTS_SUPPORT_LABEL_SET_H

/* Sets of labels out of text, for the tests of gateway/labels. */

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/labels/labels.h"
#include "keys/base/files.h"
#include "tests/support/test.h"

#define ITEM_A "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ITEM_B "bbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ITEM_C "cccccccccccccccccccccccccc"
#define BY "\"annotator\":\"ann\",\"at\":\"2026-11-01T10:00:00Z\""
#define LINE(item, said) "{\"item\":\"" item "\"," BY "," said "}\n"
#define BOX(class, x, y, w, h)                                      \
	"{\"class\":\"" class "\",\"x\":" x ",\"y\":" y ",\"w\":" w \
			      ",\"h\":" h "}"
#define NOW 1793491200 /* 2026-11-01T00:00:00Z */

/* A descriptor over text. */
static inline int
text_fd(const void *p, size_t len)
{
	struct fault f = { 0 };
	int fd = memfd_create("labels", MFD_CLOEXEC);

	assert_true(fd != -1);
	assert_ok(file_write(fd, p, len, &f));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* cat, dog; two pictures of 100 x 50 and a text of 20 characters. */
static inline struct labels_contract
contract_of(enum labels_kind kind)
{
	static char cat[] = "cat", dog[] = "dog";
	static char *classes[] = { cat, dog };

	return (struct labels_contract){ .kind = kind,
		.classes = classes,
		.nclasses = 2,
		.now = NOW + 86400 };
}

static inline struct labels *
new_set(const struct labels_contract *c)
{
	const struct labels_item items[] = {
		{ .id = ITEM_A, .type = "jpeg", .width = 100, .height = 50 },
		{ .id = ITEM_B, .type = "jpeg", .width = 100, .height = 50 },
		{ .id = ITEM_C,
		    .type = "text",
		    .has_chars = true,
		    .chars = 20 },
	};
	struct labels *l = NULL;
	struct fault f;

	assert_ok(labels_new(&l, c, &f));
	for (size_t i = 0; !c->any_item && i < 3; i++)
		assert_ok(labels_add_item(l, &items[i], &f));
	return l;
}

static inline void
read_text(struct labels *l, const char *name, const char *text)
{
	int fd = text_fd(text, strlen(text));
	struct fault f;

	assert_ok(labels_read(l, fd, name, LABELS_AUTO, &f));
	file_close(&fd);
}

/* Read and settled; the caller frees. */
static inline struct labels *
set_of(const struct labels_contract *c, const char *text)
{
	struct labels *l = new_set(c);
	struct fault f;

	read_text(l, "labels", text);
	assert_ok(labels_settle(l, &f));
	return l;
}

/* What a writer writes, with a NUL behind; the caller bytes_free()s. */
static inline struct bytes
written(const struct labels *l,
    int (*write)(const struct labels *l, int fd, struct fault *f))
{
	int fd = memfd_create("labels", MFD_CLOEXEC);
	struct fault f;
	struct bytes b;

	bytes_init(&b, (size_t)1 << 28);
	assert_ok(write(l, fd, &f));
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_ok(file_read_fd(fd, &b, &f));
	assert_ok(bytes_end_text(&b, &f));
	file_close(&fd);
	return b;
}

/* How many findings of a code there are. */
static inline size_t
found(const struct labels *l, const char *code)
{
	size_t n = 0;

	for (size_t i = 0; i < labels_nfindings(l); i++)
		n += strcmp(labels_finding(l, i)->code, code) == 0;
	return n;
}

/* Errors, of whatever code. */
static inline size_t
errors(const struct labels *l)
{
	struct labels_counts c;

	labels_count(l, &c);
	return c.errors;
}

#endif
