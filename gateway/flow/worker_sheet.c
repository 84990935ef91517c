/*
 * Items before and after, in the worker: masked as they would leave, under keys
 * that are made for one page and gone with it, and weighed by what of them is
 * still there.
 */

#include <string.h>

#include "gateway/flow/sheet_internal.h"
#include "keys/base/files.h"
#include "keys/base/mem.h"

int
worker_sheet_begin(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	struct slice seed;

	worker_sheet_drop(w);
	if ((w->sheet = mem_new(sizeof(*w->sheet))) == NULL)
		return fault_memory(f);
	if (take_slice(&a->in, MASK_SEED_BYTES, &seed, f) != 0 ||
	    transform_take(&a->in, &w->sheet->search, f) != 0 ||
	    names_take(&a->in, SHEET_MEMBERS_MAX, &w->sheet->members, f) != 0)
		return -1;
	must(seed.len == MASK_SEED_BYTES);
	memcpy(w->sheet->seed, seed.at, seed.len);
	return take_end(&a->in, f);
}

void
worker_sheet_drop(struct worker *w)
{
	if (w->sheet != NULL) {
		transform_free(&w->sheet->search);
		names_free(&w->sheet->members);
	}
	mem_free(w->sheet);
	w->sheet = NULL;
}

struct sheet_view
sheet_view_of(struct sheet_showing *s)
{
	enum file_type type = s->src->plan->type;

	return (struct sheet_view){ .search = &s->sheet->search,
		.members = type == TYPE_JSON || type == TYPE_JSONL
			       ? &s->sheet->members
			       : NULL,
		.site = { .path = s->src->path,
		    .subject = s->src->subject,
		    .dictionary = s->src->keys->dictionary },
		.out = s->show ? &s->shown : NULL,
		.room = SHEET_ITEM_BYTES };
}

int
sheet_put_item(struct sheet_showing *s, uint64_t record, const struct slice *id,
    const struct sheet_risk *r, struct fault *f)
{
	const uint32_t all[] = { r->sure, r->doubtful, r->words, r->changes,
		r->blocks };

	if (put_u64(s->out, record, f) != 0 ||
	    put_slice(s->out, id->at, id->len, f) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (put_u32(s->out, all[i], f) != 0)
			return -1;
	if (!s->show)
		return 0;
	return bytes_add(s->out, s->shown.at, s->shown.len, f);
}

int
sheet_begin_text(struct sheet_showing *s, uint8_t kind, struct fault *f)
{
	bytes_reset(&s->shown);
	return s->show ? put_u8(&s->shown, kind, f) : 0;
}

int
sheet_begin_field(struct sheet_showing *s, const char *name, struct fault *f)
{
	if (!s->show)
		return 0;
	if (put_u8(&s->shown, 1, f) != 0)
		return -1;
	return put_text(&s->shown, name, f);
}

int
sheet_end_text(
    struct sheet_showing *s, const struct sheet_view *v, struct fault *f)
{
	if (!s->show)
		return 0;
	if (put_u8(&s->shown, 0, f) != 0)
		return -1;
	return put_u8(&s->shown, v->more ? 1 : 0, f);
}

/* ---- A document, or a line that is one ---- */

int
sheet_show_document(struct sheet_showing *s, struct sheet_view *v,
    const struct sheet_text *t, const struct mask_change *change,
    struct fault *f)
{
	/* too many edits to be listed: all of it is other than it was */
	const struct mask_edit all = { 0, t->before.len, t->after.len };
	const struct sheet_text whole = { t->before, t->after,
		change->complete ? change->edits : &all,
		change->complete ? change->nedits : 1 };

	if (sheet_begin_text(s, SHEET_TEXT, f) != 0 ||
	    sheet_begin_field(s, "", f) != 0 ||
	    sheet_view_text(v, &whole, f) != 0)
		return -1;
	v->more = v->more || t->after.len < change->sent_bytes;
	return sheet_end_text(s, v, f);
}

static int
keep_head(void *arg, const void *p, size_t len, struct fault *f)
{
	struct bytes *head = arg;
	size_t room = SHEET_LOOKED_BYTES - head->len;

	return bytes_add(head, p, len < room ? len : room, f);
}

int
sheet_read_source(struct bytes *out, const struct mask_source *src, uint64_t at,
    uint64_t len, struct fault *f)
{
	size_t want =
	    len < SHEET_LOOKED_BYTES ? (size_t)len : SHEET_LOOKED_BYTES;

	bytes_reset(out);
	if (bytes_reserve(out, want, f) != 0)
		return -1;
	return file_read_at(src->fd, out->at, want, at, &out->len, f);
}

static int
document(struct sheet_showing *s, struct fault *f)
{
	const struct slice none = { NULL, 0 };
	struct sheet_view v = sheet_view_of(s);
	struct bytes before, after;
	struct mask_change change;
	struct sheet_text t = { .nedits = 0 };
	int rc = -1;

	bytes_init(&before, SHEET_LOOKED_BYTES);
	bytes_init(&after, SHEET_LOOKED_BYTES);
	mask_change_init(&change, false);
	if (mask_file(s->src, (struct mask_sink){ keep_head, &after }, &change,
		f) != 0 ||
	    sheet_read_source(&before, s->src, 0, s->src->size, f) != 0)
		goto out;
	t.before = (struct slice){ before.at, before.len };
	t.after = (struct slice){ after.at, after.len };
	if (sheet_show_document(s, &v, &t, &change, f) == 0)
		rc = sheet_put_item(s, 0, &none, &v.risk, f);
out:
	mask_change_free(&change);
	bytes_free(&before);
	bytes_free(&after);
	return rc;
}

/* ---- A picture ---- */

static int
all_of(void *arg, const void *p, size_t len, struct fault *f)
{
	return bytes_add(arg, p, len, f);
}

/* A thumbnail, or why there is none. */
static int
put_thumb(struct bytes *out, unsigned type, const struct bytes *file,
    unsigned orientation, struct fault *why, struct fault *f)
{
	const struct slice in = { file->at, file->len };
	struct bytes thumb;
	int rc;

	bytes_init(&thumb, SHEET_THUMB_BYTES);
	if (mask_thumb(&thumb, type, &in, orientation, why) != 0)
		bytes_reset(&thumb);
	rc = put_slice(out, thumb.at, thumb.len, f);
	bytes_free(&thumb);
	return rc;
}

static int
put_thumbs(struct bytes *out, const struct mask_source *src,
    const struct bytes *before, const struct bytes *after,
    const struct mask_view *view, struct fault *f)
{
	struct fault why = { 0 };

	if (put_u8(out, SHEET_PICTURE, f) != 0 ||
	    put_u32(out, view->width, f) != 0 ||
	    put_u32(out, view->height, f) != 0 ||
	    put_u32(out, view->sent_width, f) != 0 ||
	    put_u32(out, view->sent_height, f) != 0 ||
	    put_thumb(out, src->plan->type, before, view->orientation, &why,
		f) != 0 ||
	    put_thumb(out, src->plan->type, after,
		view->upright ? 1 : view->orientation, &why, f) != 0)
		return -1;
	return put_text(out, why.text, f);
}

/* Nothing to look at, and why. */
static int
put_unseen(struct bytes *out, const char *why, struct fault *f)
{
	if (put_u8(out, SHEET_PICTURE, f) != 0)
		return -1;
	for (unsigned i = 0; i < 4; i++) /* no sizes */
		if (put_u32(out, 0, f) != 0)
			return -1;
	for (unsigned i = 0; i < 2; i++) /* no thumbnails */
		if (put_slice(out, "", 0, f) != 0)
			return -1;
	return put_text(out, why, f);
}

static int
show_picture(struct sheet_showing *s, struct fault *f)
{
	const struct mask_source *src = s->src;
	struct bytes before, after;
	struct mask_change change;
	int rc = -1;

	bytes_reset(&s->shown);
	if (src->size > SHEET_PICTURE_BYTES)
		return put_unseen(
		    &s->shown, "so large a file: no thumbnail is made", f);
	bytes_init(&before, SHEET_PICTURE_BYTES);
	bytes_init(&after, 2 * SHEET_PICTURE_BYTES);
	mask_change_init(&change, false);
	if (mask_file(src, (struct mask_sink){ all_of, &after }, &change, f) ==
		0 &&
	    bytes_reserve(&before, (size_t)src->size, f) == 0 &&
	    file_read_at(
		src->fd, before.at, (size_t)src->size, 0, &before.len, f) == 0)
		rc = put_thumbs(
		    &s->shown, src, &before, &after, &change.view, f);
	mask_change_free(&change);
	bytes_free(&before);
	bytes_free(&after);
	return rc;
}

/* Without showing it, its plan says all: what metadata there is. */
static int
picture(struct sheet_showing *s, struct fault *f)
{
	const struct slice none = { NULL, 0 };
	struct sheet_risk risk = {
		.blocks = (uint32_t)s->src->plan->nfields,
	};

	if (s->show && show_picture(s, f) != 0)
		return -1;
	return sheet_put_item(s, 0, &none, &risk, f);
}

/* ---- The request ---- */

static int
show(struct sheet_showing *s, const struct mask_part *part, struct fault *f)
{
	enum file_type type = s->src->plan->type;

	if (type == TYPE_JPEG || type == TYPE_PNG)
		return picture(s, f);
	if (type == TYPE_DICOM)
		return sheet_attributes(s, f);
	if (part == NULL)
		return document(s, f);
	return type == TYPE_CSV ? sheet_table(s, part, f)
				: sheet_lines(s, part, f);
}

int
worker_sheet(void *state, struct asked *a, struct fault *f)
{
	struct worker *w = state;
	struct mask_fresh fresh = { .n = 0 };
	struct worker_source src = { .src.fd = -1 };
	struct sheet_showing s = { .sheet = w->sheet,
		.src = &src.src,
		.made = -1,
		.out = &a->answer->body };
	struct worker_plan *p;
	struct mask_part part;
	uint8_t is_part, shown;
	int rc = -1;

	must(w->sheet != NULL);
	bytes_init(&s.shown, MESSAGE_MAX / 4);
	if (worker_take_file(a, 0, &src, f) != 0 ||
	    worker_plan(w, src.plan, &p, f) != 0 ||
	    take_u8(&a->in, &is_part, f) != 0 ||
	    (is_part != 0 && worker_take_part(&a->in, &part, f) != 0) ||
	    take_u8(&a->in, &shown, f) != 0 || take_end(&a->in, f) != 0 ||
	    mask_fresh_from(&fresh, &p->plan, w->sheet->seed, f) != 0)
		goto out;
	src.src.plan = &p->plan;
	fresh.keys[0].dictionary = w->dictionary;
	src.src.keys = fresh.keys;
	s.show = shown != 0;
	if (p->plan.type == TYPE_DICOM &&
	    message_fd(a->request, 1, &s.made, f) != 0)
		goto out;
	rc = show(&s, is_part != 0 ? &part : NULL, f);
out:
	mask_fresh_free(&fresh);
	bytes_free(&s.shown);
	worker_source_close(&src);
	file_close(&s.made);
	return rc;
}
