#ifndef TESTS_FUZZ_PICTURE_TWICE_H
#define TESTS_FUZZ_PICTURE_TWICE_H

/*
 * What a picture's masker accepts is clean when it leaves: masked again it
 * comes out byte for byte the same, and its shape has no block but the lone
 * Exif that carries an orientation.
 */

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gateway/mask/mask_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "policy/rules/rules.h"

struct picture_format {
	enum file_type type;
	int (*shape)(const struct mask_source *, const struct mask_reading *,
	    struct shape *, struct fault *);
	int (*file)(const struct mask_source *, struct mask_out *,
	    struct mask_view *, struct fault *);
	const char *lone; /* the block that may be left */
};

static int
picture_take(void *arg, const void *p, size_t len, struct fault *f)
{
	return bytes_add(arg, p, len, f);
}

/* Drop every block; 0 if the file was accepted. */
static int
picture_once(const struct picture_format *how, const uint8_t *p, size_t len,
    struct bytes *out, struct shape *shape)
{
	struct file_plan plan = { .type = how->type };
	struct mask_source src = { .size = len, .plan = &plan };
	struct mask_sink sink = { picture_take, out };
	struct mask_change change;
	struct mask_view view = { 0 };
	struct mask_out o = { 0 };
	struct fault f = { 0 };
	int rc = -1;

	mask_change_init(&change, false);
	src.fd = memfd_create("picture", MFD_CLOEXEC);
	must(src.fd != -1 && file_write(src.fd, p, len, &f) == 0);
	if (how->shape(&src, NULL, shape, &f) != 0)
		goto out;
	plan.nfields = shape->nfields;
	must((plan.fields = mem_array(plan.nfields, sizeof(*plan.fields))) !=
	     NULL);
	for (size_t i = 0; i < plan.nfields; i++) {
		plan.fields[i].name = shape->fields[i].name;
		plan.fields[i].how.action = TRANSFORM_DROP;
	}
	must(mask_out_open(&o, sink, &change, &f) == 0);
	/* What the shape could read, the masker can, and knows every name. */
	must(how->file(&src, &o, &view, &f) == 0);
	must(mask_out_finish(&o, len, &f) == 0);
	must(view.width > 0 && view.height > 0);
	must(view.orientation >= 1 && view.orientation <= 8);
	rc = 0;
out:
	must(rc == 0 || (f.kind == FAULT_INPUT && f.text[0] != '\0'));
	mask_out_close(&o);
	mask_change_free(&change);
	mem_free(plan.fields);
	(void)close(src.fd);
	return rc;
}

static void
picture_twice(const struct picture_format *how, const uint8_t *p, size_t len)
{
	struct bytes first, second;
	struct shape shape, left;

	bytes_init(&first, (size_t)64 << 20);
	bytes_init(&second, (size_t)64 << 20);
	shape_init(&shape, how->type);
	shape_init(&left, how->type);
	if (picture_once(how, p, len, &first, &shape) == 0) {
		must(picture_once(how, first.at, first.len, &second, &left) ==
		     0);
		must(left.nfields <= 1);
		must(left.nfields == 0 ||
		     strcmp(left.fields[0].name, how->lone) == 0);
		must(first.len == second.len &&
		     memcmp(first.at, second.at, first.len) == 0);
	}
	shape_free(&shape);
	shape_free(&left);
	bytes_free(&first);
	bytes_free(&second);
}

#endif
