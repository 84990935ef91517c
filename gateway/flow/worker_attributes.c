/*
 * A DICOM file before and after, by attribute: for pages that people look at.
 *
 * Told are the texts at the top of both files, each for the field of the plan
 * that decides it.  What stands in sequences, and what is no text, is not.
 */

#include <string.h>

#include "gateway/flow/worker_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"
#include "policy/dicom/dicom.h"

/* Of all texts of one file; each is at most 64 KiB long. */
#define TEXTS_MAX ((size_t)16 << 20)

/* Attributes stand in front of the pixels: of what leaves so much is kept. */
#define MADE_BYTES ((uint64_t)64 << 20)

struct telling {
	struct worker_attributes *a;
	const struct file_plan *plan;
	struct attribute_text *texts;
};

static int
tell(void *arg, const char *name, const struct slice *value, struct fault *f)
{
	struct telling *t = arg;
	const struct plan_field *field =
	    file_plan_find(t->plan, name, strlen(name));
	struct attribute_text *x;

	if (field == NULL)
		return 0;
	x = &t->texts[field - t->plan->fields];
	if (x->there || t->a->text.len + value->len > TEXTS_MAX)
		return 0;
	*x = (struct attribute_text){ true, t->a->text.len, value->len };
	return bytes_add(&t->a->text, value->at, value->len, f);
}

/* Up to what cannot be shown: those in front of that are. */
static int
read_texts(struct worker_attributes *a, const struct mask_source *src,
    const struct file_plan *plan, struct attribute_text *texts, struct fault *f)
{
	struct telling t = { a, plan, texts };
	const struct dicom_texts to = { tell, &t };

	if (mask_dicom_texts(src, &to, f) == 0)
		return 0;
	if (f->kind != FAULT_INPUT)
		return -1;
	fault_clear(f);
	a->more = true;
	return 0;
}

struct making {
	int fd;
	uint64_t len;
};

static int
keep(void *arg, const void *p, size_t len, struct fault *f)
{
	struct making *m = arg;
	uint64_t room = MADE_BYTES - m->len;
	size_t n = len < room ? len : (size_t)room;

	m->len += n;
	return n == 0 ? 0 : file_write(m->fd, p, n, f);
}

int
worker_attributes(struct worker_attributes *out, const struct mask_source *src,
    int made, struct fault *f)
{
	struct making making = { made, 0 };
	struct mask_source after = { .fd = made, .path = src->path };
	size_t n = src->plan->nfields;
	struct mask_change change;
	int rc = -1;

	*out = (struct worker_attributes){ .n = n };
	bytes_init(&out->text, TEXTS_MAX);
	mask_change_init(&change, false);
	out->before = mem_array(n, sizeof(*out->before));
	out->after = mem_array(n, sizeof(*out->after));
	if (out->before == NULL || out->after == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (mask_file(src, (struct mask_sink){ keep, &making }, &change, f) !=
		0 ||
	    read_texts(out, src, src->plan, out->before, f) != 0)
		goto out;
	after.size = making.len;
	rc = read_texts(out, &after, src->plan, out->after, f);
out:
	mask_change_free(&change);
	return rc;
}

void
worker_attributes_free(struct worker_attributes *a)
{
	mem_free(a->before);
	mem_free(a->after);
	bytes_free(&a->text);
}

struct slice
worker_attribute(
    const struct worker_attributes *a, const struct attribute_text *text)
{
	if (text->len == 0)
		return (struct slice){ NULL, 0 };
	return (struct slice){ a->text.at + text->at, text->len };
}
