/*
 * Which format does what.  A format is a row of the table below and a file of
 * its own; nothing else in the program knows one from another.
 */

#include "gateway/mask/mask_internal.h"
#include "keys/base/files.h"
#include "policy/rules/rules.h"

/* shape names what is in a file; file masks a whole one (NULL: it has rows);
 * subject says whom one is about by a field of its own (NULL: none does). */
static const struct {
	enum file_type type;
	const char *extension;
	int (*shape)(const struct mask_source *src,
	    const struct mask_reading *as, struct shape *out, struct fault *f);
	int (*file)(const struct mask_source *src, struct mask_out *o,
	    struct mask_view *view, struct fault *f);
	int (*subject)(
	    const struct mask_source *src, struct bytes *out, struct fault *f);
} formats[FILE_TYPES] = {
	[TYPE_CSV] = { TYPE_CSV, "csv", csv_shape, NULL, NULL },
	[TYPE_JSON] = { TYPE_JSON, "json", json_shape, json_file,
	    json_subject },
	[TYPE_JSONL] = { TYPE_JSONL, "jsonl", jsonl_shape, NULL, NULL },
	[TYPE_JPEG] = { TYPE_JPEG, "jpg", jpeg_shape, jpeg_file, NULL },
	[TYPE_PNG] = { TYPE_PNG, "png", png_shape, png_file, NULL },
	[TYPE_DICOM] = { TYPE_DICOM, "dcm", dicom_shape, dicom_file,
	    dicom_subject },
	[TYPE_TEXT] = { TYPE_TEXT, "txt", text_shape, text_file, NULL },
};

const char *
mask_extension(const struct file_plan *plan)
{
	return formats[plan->type].extension;
}

/* Is it something that no reader here reads, whatever the policy says? */
static int
refuse_foreign(const struct mask_source *src, struct fault *f)
{
	uint8_t head[FOREIGN_BYTES];
	const struct foreign *x;
	size_t got;

	if (file_read_at(src->fd, head, sizeof(head), 0, &got, f) != 0)
		return fault_at(f, "%s", src->path);
	if ((x = foreign_by_bytes(head, got)) == NULL)
		return 0;
	(void)fault_set(f, FAULT_INPUT, "%s: is %s", src->path, x->what);
	return foreign_hint(x, src->path, f);
}

/* The fault of a reader, unless the file was never for one. */
static int
explain(const struct mask_source *src, struct fault *f)
{
	struct fault other = { 0 };

	if (f->kind != FAULT_INPUT || refuse_foreign(src, &other) == 0)
		return fault_at(f, "%s", src->path);
	*f = other;
	return -1;
}

int
mask_shape(const struct mask_source *src, const struct mask_reading *as,
    struct shape *out, struct fault *f)
{
	must(as->type < FILE_TYPES && out->type == as->type);
	/* the first record of a workbook, read as CSV, is columns of some
	 * kind, and a text has no shape that could be wrong */
	if ((as->type == TYPE_CSV || as->type == TYPE_TEXT) &&
	    refuse_foreign(src, f) != 0)
		return -1;
	if (formats[as->type].shape(src, as, out, f) != 0)
		return explain(src, f);
	return 0;
}

bool
mask_names_subject(const struct file_plan *plan)
{
	return plan->subject != PLAN_NO_FIELD &&
	       formats[plan->type].subject != NULL;
}

int
mask_subject(const struct mask_source *src, struct bytes *out, struct fault *f)
{
	must(mask_names_subject(src->plan));
	return formats[src->plan->type].subject(src, out, f) == 0
		   ? 0
		   : explain(src, f);
}

int
mask_series(
    const struct mask_source *src, struct mask_series *out, struct fault *f)
{
	return dicom_series(src, out, f) == 0 ? 0 : explain(src, f);
}

int
mask_file(const struct mask_source *src, struct mask_sink sink,
    struct mask_change *change, struct fault *f)
{
	enum file_type type = src->plan->type;
	struct mask_out o;
	int rc = -1;

	must(type < FILE_TYPES && src->plan->exclude == NULL);
	if (formats[type].file == NULL)
		return rows_file(src, sink, change, f);
	if (mask_out_open(&o, sink, change, f) == 0 &&
	    formats[type].file(src, &o, &change->view, f) == 0 &&
	    mask_out_finish(&o, src->size, f) == 0)
		rc = 0;
	mask_out_close(&o);
	return rc == 0 ? 0 : explain(src, f);
}
