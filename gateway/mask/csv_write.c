/*
 * A CSV record written by the steps of its plan.
 *
 * A record's own fields are looked at only where a step needs one.  Kept bytes
 * are copied as they stand, quotes included; a changed value is in quotes
 * where the old one was, or where it needs them, and a token never is, nor a
 * random value.  What is written here is told
 * to the change record as it is written.
 */

#include <string.h>

#include "gateway/mask/csv_internal.h"

/* Where its last field and its line end, in len bytes at p. */
void
csv_find_end(struct csv_record *r, size_t len)
{
	r->to = r->marks[r->n - 1];
	r->next = r->to < len ? r->to + 1 : r->to;
	/* a CR that is not a line end itself belongs to the LF behind it */
	if (r->next > r->to && r->to > r->from && r->p[r->to] == '\n' &&
	    r->p[r->to - 1] == '\r')
		r->to--;
}

/* bytes_add() where there is room already, as there nearly always is. */
static inline int
add(struct bytes *b, const void *p, size_t len, struct fault *f)
{
	if (b->room - b->len < len || len == 0)
		return bytes_add(b, p, len, f);
	memcpy(b->at + b->len, p, len);
	b->len += len;
	return 0;
}

static inline int
keep(struct csv_pen *w, const uint8_t *p, size_t len, struct fault *f)
{
	if (w->m->kept == NULL)
		return add(w->out, p, len, f);
	return rows_keep(w->m, w->out, p, len, f);
}

int
csv_edit(struct csv_pen *w, const uint8_t *at, size_t cut, size_t put,
    struct fault *f)
{
	if (w->m->change == NULL)
		return 0;
	return rows_edit(
	    w->m, w->r->at + (uint64_t)(at - w->r->p), cut, put, f);
}

static int
write_kept(struct csv_pen *w, const struct csv_step *s, struct fault *f)
{
	const uint8_t *from = csv_field(w->r, s->from).at;
	struct slice last = csv_field(w->r, s->to);

	if (!w->first)
		from--;
	w->first = false;
	return keep(w, from, (size_t)(last.at + last.len - from), f);
}

/* Of several columns that go, each takes one delimiter along: the one in front
 * of it or, as long as nothing is written, the one behind. */
static int
write_dropped(struct csv_pen *w, const struct csv_step *s, struct fault *f)
{
	const uint8_t *from = csv_field(w->r, s->from).at;
	struct slice last = csv_field(w->r, s->to);
	const uint8_t *to = last.at + last.len;

	if (!w->first)
		from--;
	else if (s->to + 1 < w->r->n)
		to++;
	return csv_edit(w, from, (size_t)(to - from), 0, f);
}

int
csv_change(struct csv_pen *w, const struct plan_field *pf, struct slice value,
    struct bytes *out, struct fault *f)
{
	struct mask_rows *m = w->m;
	const struct mask_keys *keys = m->src.keys;
	const struct transform_site site = {
		.key = pf->key < keys->nfields ? keys->field[pf->key] : NULL,
		.path = m->src.path,
		.field = pf->name,
		.record = m->number,
		.subject = w->subject,
		.refs = keys->refs,
		.dictionary = keys->dictionary,
	};

	if (transform_apply(&pf->how, &site, value.at, value.len, out, f) == 0)
		return 0;
	(void)file_plan_at(m->src.plan, pf, f);
	return fault_at(f, "record %llu", (unsigned long long)m->number);
}

/* A token that the record's end makes. */
static bool
write_later(
    struct csv_pen *w, const struct plan_field *pf, const struct slice *value)
{
	const struct mask_keys *keys = w->m->src.keys;
	struct bytes *out = w->out;

	if (out->room - out->len < TRANSFORM_TOKEN_CHARS ||
	    !transform_later(&w->m->later, &pf->how,
		pf->key < keys->nfields ? keys->field[pf->key] : NULL, value,
		out->len, (char *)out->at + out->len))
		return false;
	out->len += TRANSFORM_TOKEN_CHARS;
	return true;
}

bool
csv_stays_quoted(const struct plan_field *pf, struct slice old)
{
	bool quoted = old.len > 0 && old.at[0] == '"';
	/* Letters and digits need none, and which were quoted is the
	 * original's; a value that is empty stays as it is. */
	bool token = pf->how.action == TRANSFORM_TOKEN ||
		     pf->how.action == TRANSFORM_RANDOM;

	return quoted && (!token || old.len == 2);
}

static int
write_changed(struct csv_pen *w, const struct csv_step *s, struct fault *f)
{
	struct csv_rows *c = w->m->state;
	const struct plan_field *pf = &w->m->src.plan->fields[s->from];
	struct slice old = csv_field(w->r, s->from), value = old;
	bool quoted = false;
	size_t was;

	if (old.len > 0 && old.at[0] == '"') {
		quoted = csv_stays_quoted(pf, old);
		if (csv_value(old.at, old.len, &c->text, &value, f) != 0)
			return -1;
	}
	if (!w->first && keep(w, old.at - 1, 1, f) != 0)
		return -1;
	w->first = false;
	was = w->out->len;
	/* a token's letters need no quotes, ever */
	if (quoted || !write_later(w, pf, &value)) {
		bytes_reset(&c->made);
		if (csv_change(w, pf, value, &c->made, f) != 0 ||
		    csv_write(w->out, c->made.at, c->made.len, quoted,
			c->head.delimiter, f) != 0)
			return -1;
	}
	return csv_edit(w, old.at, old.len, w->out->len - was, f);
}

/* The item id, or its column's name, and the delimiter behind it if a column
 * follows. */
static int
write_item(struct csv_pen *w, struct fault *f)
{
	static const char blank[] = "--------------------------";
	const struct csv_rows *c = w->m->state;
	size_t at = w->out->len, chars = w->header ? 5 : sizeof(blank) - 1;
	bool alone = c->nsteps == 1 && c->steps[0].kind == STEP_DROP;

	if (add(w->out, w->header ? "_item" : blank, chars, f) != 0 ||
	    add(w->out, &c->head.delimiter, alone ? 0 : 1, f) != 0)
		return -1;
	if (!w->header) {
		rows_item(w->m, w->row, w->out->at, at);
		w->row->item_at = 0;
	}
	return csv_edit(w, w->r->p + w->r->from, 0, chars + (alone ? 0 : 1), f);
}

/* The line end: the record's own or, where it has none and others may come
 * behind it, the file's. */
static int
write_end(struct csv_pen *w, bool item, struct fault *f)
{
	const struct csv_rows *c = w->m->state;
	const struct csv_record *r = w->r;
	const char *newline = c->head.newline == '\r' ? "\r"
			      : c->head.crlf	      ? "\r\n"
						      : "\n";

	if (r->next > r->to)
		return keep(w, r->p + r->to, r->next - r->to, f);
	if (!item)
		return 0;
	if (bytes_add_text(w->out, newline, f) != 0)
		return -1;
	return csv_edit(w, r->p + r->to, 0, strlen(newline), f);
}

int
csv_write_record(struct csv_pen *w, struct fault *f)
{
	const struct csv_rows *c = w->m->state;
	bool item = w->m->src.keys->item != NULL;
	size_t was = w->out->len;
	int rc = 0;

	if (item && write_item(w, f) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < c->nsteps; i++) {
		const struct csv_step *s = &c->steps[i];

		if (s->kind == STEP_DROP)
			rc = write_dropped(w, s, f);
		else if (s->kind == STEP_KEEP || w->header)
			rc = write_kept(w, s, f);
		else
			rc = write_changed(w, s, f);
	}
	if (rc != 0)
		return -1;
	/* One empty column would be an empty line, which is no record. */
	if (w->out->len == was && c->drops) {
		if (bytes_add_text(w->out, "\"\"", f) != 0 ||
		    csv_edit(w, w->r->p + w->r->to, 0, 2, f) != 0)
			return -1;
	}
	rows_made(w->m, w->out->at);
	return write_end(w, item, f);
}
