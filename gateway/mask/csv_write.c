/*
 * A CSV record written by the steps of its plan.
 *
 * A record's own fields are looked at only where a step needs one.  Kept bytes
 * are copied as they stand, quotes included; a changed value is in quotes
 * where the old one was, or where it needs them, and a token never is, nor a
 * random value.  What is written here is told to the change record as it is
 * written.
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

/* A copy may run so far over what it was to copy, on both sides. */
#define OVERRUN 16u
_Static_assert(OVERRUN <= WINDOW_SLACK, "read behind a record's end");

/* Room for all that is kept of the record, and for as many tokens and
 * delimiters as can come.  It is written at a place of the caller's own, to,
 * which no store of a byte can change, and then counted. */
static int
make_room(struct csv_pen *w, struct fault *f)
{
	const struct csv_rows *c = w->m->state;
	struct bytes *out = w->out;
	size_t need = w->r->next - w->r->from + OVERRUN + 2 +
		      (c->nsteps + 1) * (TRANSFORM_TOKEN_CHARS + 1);

	return out->room - out->len < need ? bytes_reserve(out, need, f) : 0;
}

/* What make_room() made room for.  Fields are short: a call would take longer
 * than copying them does. */
static inline void
put(uint8_t **to, const uint8_t *p, size_t len)
{
	if (len > 8 * OVERRUN)
		memcpy(*to, p, len);
	else
		for (size_t i = 0; i < len; i += OVERRUN)
			memcpy(*to + i, p + i, OVERRUN);
	*to += len;
}

static inline int
keep(struct csv_pen *w, uint8_t **to, const uint8_t *p, size_t len,
    struct fault *f)
{
	put(to, p, len);
	return w->m->kept == NULL ? 0 : bytes_add(w->m->kept, p, len, f);
}

static inline int
write_kept(
    struct csv_pen *w, const struct csv_step *s, uint8_t **to, struct fault *f)
{
	const uint8_t *from = csv_field(w->r, s->from).at;
	struct slice last = csv_field(w->r, s->to);

	if (!w->first)
		from--;
	w->first = false;
	return keep(w, to, from, (size_t)(last.at + last.len - from), f);
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
		.key = mask_field_key(keys, pf->key),
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

/* Any other value than a token's. */
static int
write_made(struct csv_pen *w, const struct plan_field *pf, struct slice old,
    struct fault *f)
{
	struct csv_rows *c = w->m->state;
	struct slice value;
	size_t was = w->out->len;

	if (csv_value(old.at, old.len, &c->text, &value, f) != 0)
		return -1;
	bytes_reset(&c->made);
	if (csv_change(w, pf, value, &c->made, f) != 0 ||
	    csv_write(w->out, c->made.at, c->made.len,
		csv_stays_quoted(pf, old), c->head.delimiter, f) != 0 ||
	    csv_edit(w, old.at, old.len, w->out->len - was, f) != 0)
		return -1;
	return make_room(w, f);
}

/* The text of a field where it stands, or nothing. */
static inline struct slice
plain_text(struct slice old)
{
	if (old.len < 2 || old.at[0] != '"')
		return old;
	if (memchr(old.at + 1, '"', old.len - 2) != NULL)
		return (struct slice){ old.at, 0 };
	return (struct slice){ old.at + 1, old.len - 2 };
}

/* A token's letters need no quotes, ever; it may be made later. */
static inline int
write_changed(
    struct csv_pen *w, const struct csv_step *s, uint8_t **to, struct fault *f)
{
	const struct plan_field *pf = &w->m->src.plan->fields[s->from];
	const struct mask_keys *keys = w->m->src.keys;
	struct slice old = csv_field(w->r, s->from), text = plain_text(old);

	if (!w->first && keep(w, to, old.at - 1, 1, f) != 0)
		return -1;
	w->first = false;
	if (transform_later(&w->m->later, &pf->how,
		mask_field_key(keys, pf->key), &text, true,
		(size_t)(*to - w->out->at), (char *)*to)) {
		*to += TRANSFORM_TOKEN_CHARS;
		return csv_edit(w, old.at, old.len, TRANSFORM_TOKEN_CHARS, f);
	}
	w->out->len = (size_t)(*to - w->out->at);
	if (write_made(w, pf, old, f) != 0)
		return -1;
	*to = w->out->at + w->out->len;
	return 0;
}

/* The item id, or its column's name, and the delimiter behind it if a column
 * follows. */
static inline int
write_item(struct csv_pen *w, uint8_t **to, struct fault *f)
{
	static const uint8_t name[TRANSFORM_TOKEN_CHARS + OVERRUN] = "_item";
	const struct csv_rows *c = w->m->state;
	size_t at = (size_t)(*to - w->out->at);
	size_t chars = w->header ? 5 : TRANSFORM_TOKEN_CHARS;
	bool alone = c->nsteps == 1 && c->steps[0].kind == STEP_DROP;

	put(to, name, chars);
	if (!alone)
		*(*to)++ = (uint8_t)c->head.delimiter;
	if (!w->header) {
		rows_item(w->m, w->row, w->out->at, at);
		w->row->item_at = 0;
	}
	return csv_edit(w, w->r->p + w->r->from, 0, chars + (alone ? 0 : 1), f);
}

/* The line end: the record's own or, where it has none and others may come
 * behind it, the file's. */
static inline int
write_end(struct csv_pen *w, bool item, uint8_t **to, struct fault *f)
{
	const struct csv_rows *c = w->m->state;
	const struct csv_record *r = w->r;
	const uint8_t *was = *to;

	if (r->next > r->to)
		return keep(w, to, r->p + r->to, r->next - r->to, f);
	if (!item)
		return 0;
	if (c->head.crlf || c->head.newline == '\r')
		*(*to)++ = '\r';
	if (c->head.newline == '\n')
		*(*to)++ = '\n';
	return csv_edit(w, r->p + r->to, 0, (size_t)(*to - was), f);
}

int
csv_write_record(struct csv_pen *w, struct fault *f)
{
	const struct csv_rows *c = w->m->state;
	bool item = w->m->src.keys->item != NULL;
	size_t was = w->out->len;
	uint8_t *to;
	int rc = 0;

	if (make_room(w, f) != 0)
		return -1;
	to = w->out->at + was;
	if (item && write_item(w, &to, f) != 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < c->nsteps; i++) {
		const struct csv_step *s = &c->steps[i];

		if (s->kind == STEP_DROP)
			rc = write_dropped(w, s, f);
		else if (s->kind == STEP_KEEP || w->header)
			rc = write_kept(w, s, &to, f);
		else
			rc = write_changed(w, s, &to, f);
	}
	if (rc != 0)
		return -1;
	/* One empty column would be an empty line, which is no record. */
	if (to == w->out->at + was && c->drops) {
		*to++ = '"';
		*to++ = '"';
		if (csv_edit(w, w->r->p + w->r->to, 0, 2, f) != 0)
			return -1;
	}
	if (write_end(w, item, &to, f) != 0)
		return -1;
	w->out->len = (size_t)(to - w->out->at);
	rows_made(w->m, w->out->at);
	return 0;
}
