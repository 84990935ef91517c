/* Records before and after, in the worker: of a table by its columns, of lines
 * of JSON each as the document that it is. */

#include <string.h>

#include "gateway/flow/sheet_internal.h"
#include "keys/base/mem.h"

/* ---- Records ---- */

/* A value of a record that a detect action was at: what it found where. */
struct found {
	struct mask_edit at[SHEET_ITEM_BYTES / 8];
	size_t n;
	bool all;
	struct bytes after;
};

static int
keep_piece(void *arg, const void *p, size_t len, struct fault *f)
{
	struct found *x = arg;

	return bytes_add(&x->after, p, len, f);
}

static int
swap_piece(void *arg, const struct redact_cut *cut, struct fault *f)
{
	struct found *x = arg;

	if (x->n == sizeof(x->at) / sizeof(x->at[0]))
		x->all = false;
	else
		x->at[x->n++] =
		    (struct mask_edit){ cut->at, cut->bytes, cut->put.len };
	return bytes_add(&x->after, cut->put.at, cut->put.len, f);
}

/* Its edits, or none when it was not the same again. */
static int
search_again(const struct sheet_showing *s, const struct sheet_view *v,
    const struct plan_field *field, struct sheet_text *t, struct found *x,
    struct fault *f)
{
	const struct mask_keys *keys = s->src->keys;
	struct transform_site site = v->site;
	const struct redact_pieces to = { keep_piece, swap_piece, x };

	site.field = field->name;
	site.key = mask_field_key(keys, field->key);
	x->n = 0;
	x->all = true;
	bytes_reset(&x->after);
	if (transform_redact(
		&field->how, &site, t->before.at, t->before.len, &to, f) != 0)
		return -1;
	if (x->all && x->after.len == t->after.len &&
	    memcmp(x->after.at, t->after.at, t->after.len) == 0) {
		t->edits = x->at;
		t->nedits = x->n;
	}
	return 0;
}

static int
show_field(struct sheet_showing *s, struct sheet_view *v,
    const struct mask_look *look, size_t i, struct found *x, struct fault *f)
{
	const struct plan_field *field = &s->src->plan->fields[i];
	const struct slice *before = &look->found[i], *after = &look->sent[i];
	const struct mask_edit all = { 0, before->len, after->len };
	bool same = before->len == after->len &&
		    memcmp(before->at, after->at, after->len) == 0;
	struct sheet_text t = { *before, *after, &all, same ? 0 : 1 };

	if (!same && field->how.action == TRANSFORM_DETECT &&
	    search_again(s, v, field, &t, x, f) != 0)
		return -1;
	if (sheet_begin_field(s, field->name, f) != 0)
		return -1;
	return sheet_view_text(v, &t, f);
}

static int
show_row(struct sheet_showing *s, const struct mask_look *look, struct found *x,
    struct sheet_view *v, struct fault *f)
{
	if (sheet_begin_text(s, SHEET_TEXT, f) != 0)
		return -1;
	for (size_t i = 0; i < look->n; i++) {
		if (look->found[i].len == 0 && look->sent[i].len == 0)
			continue;
		if (show_field(s, v, look, i, x, f) != 0)
			return -1;
	}
	return sheet_end_text(s, v, f);
}

/* Rows of a table, by their columns. */
static int
each_row(struct sheet_showing *s, const struct mask_part *part,
    struct mask_look *look, struct found *x, struct fault *f)
{
	struct mask_rows *m = NULL;
	struct mask_row row;
	bool end = false;
	int rc = -1;

	if (mask_rows_open(&m, s->src, part, NULL, f) != 0)
		return -1;
	for (;;) {
		struct sheet_view v = sheet_view_of(s);

		if (mask_rows_look(m, &row, look, &end, f) != 0)
			goto out;
		if (end)
			break;
		v.site.record = row.number;
		v.site.subject = row.subject;
		if (show_row(s, look, x, &v, f) != 0 ||
		    sheet_put_item(s, row.number, &row.id, &v.risk, f) != 0)
			goto out;
	}
	rc = 0;
out:
	mask_rows_close(m);
	return rc;
}

int
sheet_table(
    struct sheet_showing *s, const struct mask_part *part, struct fault *f)
{
	struct mask_look look = { .n = s->src->plan->nfields };
	struct found *x = mem_new(sizeof(*x));
	size_t *fields = mem_array(look.n, sizeof(*fields));
	int rc = -1;

	look.fields = fields;
	look.sent = mem_array(look.n, sizeof(*look.sent));
	look.found = mem_array(look.n, sizeof(*look.found));
	if (x == NULL || fields == NULL || look.sent == NULL ||
	    look.found == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	bytes_init(&x->after, 2 * (size_t)MASK_RECORD_MAX);
	for (size_t i = 0; i < look.n; i++)
		fields[i] = i;
	rc = each_row(s, part, &look, x, f);
	bytes_free(&x->after);
out:
	mem_free(x);
	mem_free(fields);
	mem_free(look.sent);
	mem_free(look.found);
	return rc;
}

/* ---- Lines of JSON ---- */

/* One line, as a part of its own; its edits are those of the whole file. */
static int
line(struct sheet_showing *s, const struct mask_row *row, struct bytes *before,
    struct bytes *after, struct fault *f)
{
	const struct mask_part one = { .from = row->at,
		.to = row->at + row->len,
		.first = row->number,
		.records = 1 };
	struct sheet_view v = sheet_view_of(s);
	struct sheet_text t = { .nedits = 0 };
	struct mask_rows *m = NULL;
	struct mask_change change;
	struct mask_row again;
	bool end = false;
	int rc = -1;

	mask_change_init(&change, false);
	bytes_reset(after);
	if (mask_rows_open(&m, s->src, &one, &change, f) != 0 ||
	    mask_rows_next(m, &again, after, &end, f) != 0 ||
	    sheet_read_source(before, s->src, row->at, row->len, f) != 0)
		goto out;
	v.site.record = again.number;
	v.site.subject = again.subject;
	for (size_t i = 0; i < change.nedits; i++)
		change.edits[i].at -= row->at;
	change.sent_bytes = after->len;
	t.before = (struct slice){ before->at, before->len };
	t.after = (struct slice){ after->at, after->len < SHEET_LOOKED_BYTES
						 ? after->len
						 : SHEET_LOOKED_BYTES };
	if (sheet_show_document(s, &v, &t, &change, f) == 0)
		rc = sheet_put_item(s, row->number, &row->id, &v.risk, f);
out:
	mask_rows_close(m);
	mask_change_free(&change);
	return rc;
}

int
sheet_lines(
    struct sheet_showing *s, const struct mask_part *part, struct fault *f)
{
	struct mask_rows *m = NULL;
	struct mask_row row;
	struct bytes before, after;
	bool end = false;
	int rc = -1;

	bytes_init(&before, SHEET_LOOKED_BYTES);
	bytes_init(&after, 8 * (size_t)MASK_RECORD_MAX);
	if (mask_rows_open(&m, s->src, part, NULL, f) != 0)
		goto out;
	for (;;) {
		if (mask_rows_next(m, &row, NULL, &end, f) != 0)
			goto out;
		if (end)
			break;
		if (line(s, &row, &before, &after, f) != 0)
			goto out;
	}
	rc = 0;
out:
	mask_rows_close(m);
	bytes_free(&before);
	bytes_free(&after);
	return rc;
}
