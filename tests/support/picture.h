#ifndef TESTS_SUPPORT_PICTURE_H
#define TESTS_SUPPORT_PICTURE_H

/*
 * A picture in memory, through its masker, and what came of it.  The plan
 * drops every block that the shape found, as a policy's `metadata: drop` does.
 */

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/mask/mask_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "policy/rules/rules.h"
#include "tests/support/test.h"

#define PICTURE_MAX ((size_t)64 << 20)

struct picture {
	struct bytes out;
	struct shape shape;
	struct mask_change change;
	struct mask_view view;
};

static inline int
picture_write(void *arg, const void *p, size_t len, struct fault *f)
{
	return bytes_add(arg, p, len, f);
}

/* The bytes as a file that has no name. */
static inline int
picture_fd(const void *p, size_t len)
{
	struct fault f = { 0 };
	int fd = memfd_create("picture", MFD_CLOEXEC);

	if (fd == -1 || file_write(fd, p, len, &f) != 0)
		fail_msg("no file in memory");
	return fd;
}

static inline int
picture_run(struct picture *got, const struct mask_source *src,
    enum file_type type, struct fault *f)
{
	bool jpeg = type == TYPE_JPEG;
	struct mask_sink sink = { picture_write, &got->out };
	struct mask_out o = { 0 };
	int rc = -1;

	if (mask_out_open(&o, sink, &got->change, f) != 0)
		return -1;
	if ((jpeg ? jpeg_file : png_file)(src, &o, &got->view, f) == 0)
		rc = mask_out_finish(&o, src->size, f);
	mask_out_close(&o);
	return rc;
}

/* Shape, plan, mask.  got is filled from nothing and ends with picture_free(),
 * also after a failure. */
static inline int
picture_mask(struct picture *got, enum file_type type, const void *p,
    size_t len, struct fault *f)
{
	struct file_plan plan = { .type = type, .drop_metadata = true };
	struct mask_source src = { .size = len, .plan = &plan };
	int rc = -1;

	bytes_init(&got->out, PICTURE_MAX);
	shape_init(&got->shape, type);
	mask_change_init(&got->change, false);
	got->view = (struct mask_view){ 0 };
	src.fd = picture_fd(p, len);
	src.path = "picture";
	if ((type == TYPE_JPEG ? jpeg_shape : png_shape)(
		&src, NULL, &got->shape, f) != 0)
		goto out;
	plan.nfields = got->shape.nfields;
	plan.fields = mem_array(plan.nfields, sizeof(*plan.fields));
	if (plan.fields == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	for (size_t i = 0; i < plan.nfields; i++) {
		plan.fields[i].name = got->shape.fields[i].name;
		plan.fields[i].how.action = TRANSFORM_DROP;
	}
	rc = picture_run(got, &src, type, f);
out:
	mem_free(plan.fields);
	(void)close(src.fd);
	return rc;
}

static inline void
picture_free(struct picture *got)
{
	bytes_free(&got->out);
	shape_free(&got->shape);
	mask_change_free(&got->change);
}

/* Is a block of that name in the shape? */
static inline bool
picture_has(const struct picture *got, const char *block)
{
	for (size_t i = 0; i < got->shape.nfields; i++)
		if (strcmp(got->shape.fields[i].name, block) == 0)
			return true;
	return false;
}

/* What the change record lists, done by hand: must give what was delivered,
 * apart from the bytes put in. */
static inline void
picture_agrees(const struct picture *got, const uint8_t *p, size_t len)
{
	uint64_t in = 0, out = 0;

	assert_true(got->change.complete);
	for (size_t i = 0; i < got->change.nedits; i++) {
		const struct mask_edit *e = &got->change.edits[i];
		size_t run = (size_t)(e->at - in);

		assert_true(e->at >= in && e->at + e->cut <= len);
		assert_true(out + run + e->put <= got->out.len);
		assert_memory_equal(got->out.at + out, p + in, run);
		in = e->at + e->cut;
		out += run + e->put;
	}
	assert_int_equal(got->out.len - out, len - in);
	assert_memory_equal(got->out.at + out, p + in, len - in);
}

#endif
