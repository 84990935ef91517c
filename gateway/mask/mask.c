/*
 * Which format does what.  A format is a row of the table below and a file of
 * its own; nothing else in the program knows one from another.
 */

#include "gateway/mask/mask_internal.h"
#include "policy/rules/rules.h"

/* shape names what is in a file; file masks a whole one (NULL: it has rows). */
static const struct {
	enum file_type type;
	const char *extension;
	int (*shape)(const struct mask_source *src,
	    const struct mask_reading *as, struct shape *out, struct fault *f);
	int (*file)(const struct mask_source *src, struct mask_out *o,
	    struct mask_view *view, struct fault *f);
} formats[FILE_TYPES] = {
	[TYPE_CSV] = { TYPE_CSV, "csv", csv_shape, NULL },
	[TYPE_JSON] = { TYPE_JSON, "json", json_shape, json_file },
	[TYPE_JSONL] = { TYPE_JSONL, "jsonl", jsonl_shape, NULL },
	[TYPE_JPEG] = { TYPE_JPEG, "jpg", jpeg_shape, jpeg_file },
	[TYPE_PNG] = { TYPE_PNG, "png", png_shape, png_file },
	[TYPE_TEXT] = { TYPE_TEXT, "txt", text_shape, text_file },
};

const char *
mask_extension(const struct file_plan *plan)
{
	return formats[plan->type].extension;
}

int
mask_shape(const struct mask_source *src, const struct mask_reading *as,
    struct shape *out, struct fault *f)
{
	must(as->type < FILE_TYPES && out->type == as->type);
	if (formats[as->type].shape(src, as, out, f) != 0)
		return fault_at(f, "%s", src->path);
	return 0;
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
	return rc == 0 ? 0 : fault_at(f, "%s", src->path);
}
