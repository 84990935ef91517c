/*
 * CSV records, masked one by one.
 *
 *     window --> csv_scan --> record --> the plan's steps --> out
 *
 * The plan becomes a few steps, made once: runs of columns that are kept, which
 * are copied with all that is between them, and single columns that are
 * changed or dropped.
 *
 * Not here: how a record is written by those steps (csv_write.c).
 */

#include <string.h>

#include "gateway/mask/csv_internal.h"
#include "keys/base/mem.h"
#include "keys/base/text.h"

/* -- The plan ------------------------------------------------------------ */

static int
hold_against_plan(
    struct csv_rows *c, const struct file_plan *plan, struct fault *f)
{
	struct slice name;

	if (plan->nfields != c->head.scan.nmarks)
		return fault_set(f, FAULT_POLICY,
		    "has %zu columns, and %zu are planned", c->head.scan.nmarks,
		    plan->nfields);
	for (size_t i = 0; c->head.names && i < plan->nfields; i++) {
		if (csv_head_name(&c->head, i, &c->text, &name, f) != 0)
			return -1;
		if (name.len == strlen(plan->fields[i].name) &&
		    memcmp(name.at, plan->fields[i].name, name.len) == 0)
			continue;
		(void)fault_set(f, FAULT_POLICY,
		    "column %zu is \"%.*s\", and \"%s\" is planned", i + 1,
		    (int)(name.len < 64 ? name.len : 64), (const char *)name.at,
		    plan->fields[i].name);
		return fault_hint(f, "plan again: the file has changed");
	}
	return 0;
}

static int
make_steps(struct csv_rows *c, const struct file_plan *plan, struct fault *f)
{
	c->ncolumns = plan->nfields;
	c->steps = mem_array(plan->nfields, sizeof(*c->steps));
	if (c->steps == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < plan->nfields; i++) {
		enum transform_action a = plan->fields[i].how.action;
		enum csv_step_kind kind = a == TRANSFORM_KEEP	? STEP_KEEP
					  : a == TRANSFORM_DROP ? STEP_DROP
								: STEP_CHANGE;
		struct csv_step *s =
		    c->nsteps == 0 ? NULL : c->steps + c->nsteps - 1;

		c->drops |= kind == STEP_DROP;
		if (s != NULL && s->kind == kind && kind != STEP_CHANGE)
			s->to = i;
		else
			c->steps[c->nsteps++] = (struct csv_step){ kind, i, i };
	}
	return 0;
}

/* The part that a team holds, or one that is read here. */
static int
csv_move(struct mask_rows *m, struct fault *f)
{
	struct csv_rows *c = m->state;
	struct csv_held *held = m->part.held;
	const struct mask_part *p = &m->part;

	if (p->from < c->head.data || p->to > m->src.size || p->from > p->to)
		return fault_set(f, FAULT_INPUT, "became shorter");
	c->record = c->mark = c->end = 0;
	c->window = held != NULL ? &held->window : &c->read.window;
	c->scan = held != NULL ? &held->scan : &c->read.scan;
	if (held != NULL)
		return 0;
	window_close(c->window);
	csv_scan_close(c->scan);
	if (window_open(
		c->window, m->src.fd, p->from, p->to, MASK_RECORD_MAX, f) != 0)
		return -1;
	return csv_scan_open(c->scan, c->head.delimiter, c->head.newline, f);
}

static int
csv_open(struct mask_rows *m, struct fault *f)
{
	const struct file_plan *plan = m->src.plan;
	struct csv_rows *c;

	if ((c = mem_new(sizeof(*c))) == NULL)
		return fault_memory(f);
	m->state = c;
	bytes_init(&c->text, MASK_RECORD_MAX);
	bytes_init(&c->made, 2 * MASK_RECORD_MAX);
	bytes_init(&c->spelt, 4 * MASK_RECORD_MAX + 2);
	if (csv_head_read(
		&c->head, &m->src, plan->header, plan->delimiter, f) != 0 ||
	    hold_against_plan(c, plan, f) != 0 || make_steps(c, plan, f) != 0)
		return -1;
	if (m->all)
		m->part = (struct mask_part){
			.from = c->head.data, .to = m->src.size, .first = 1
		};
	return csv_move(m, f);
}

static void
csv_close(struct mask_rows *m)
{
	struct csv_rows *c = m->state;

	if (c == NULL)
		return;
	csv_head_close(&c->head);
	window_close(&c->read.window);
	csv_scan_close(&c->read.scan);
	mem_free(c->steps);
	bytes_free(&c->text);
	bytes_free(&c->made);
	bytes_free(&c->spelt);
	mem_free(c);
	m->state = NULL;
}

/* -- Reading ------------------------------------------------------------- */

/* Which column the scan stopped in or, without a record, behind which. */
static int
refuse_bytes(
    struct mask_rows *m, size_t column, const char *what, struct fault *f)
{
	const struct csv_rows *c = m->state;

	(void)fault_set(f, FAULT_INPUT, "%s", what);
	if (column < c->ncolumns)
		(void)file_plan_at(
		    m->src.plan, &m->src.plan->fields[column], f);
	return fault_at(f, "record %llu", (unsigned long long)m->number);
}

/* Have at least one whole record behind c->end; false in *more when there is
 * none left.  What waits for values in the window is made before they go. */
static int
read_on(struct mask_rows *m, struct bytes *out, bool *more, struct fault *f)
{
	struct csv_rows *c = m->state;
	struct csv_scan *s = c->scan;
	struct mask_window *w = c->window;

	while (c->end == s->nends) {
		csv_scan_drop(s, c->mark, c->end, 0);
		c->mark = c->end = 0;
		if (s->bad != NULL)
			return refuse_bytes(m, s->nmarks, s->bad, f);
		if (s->nmarks >= CSV_MARKS)
			return refuse_bytes(
			    m, SIZE_MAX, "far too many fields", f);
		if (w->len - s->at < WINDOW_SLACK && !window_whole(w)) {
			size_t gone = c->record;

			if (out != NULL)
				transform_now(&m->later, out->at);
			if (window_fill(w, gone, f) != 0)
				return fault_at(f, "record %llu",
				    (unsigned long long)m->number);
			csv_scan_drop(s, 0, 0, gone);
			c->record = 0;
		} else if (s->at == w->len && window_whole(w)) {
			*more = false;
			return 0;
		}
		csv_scan(s, w->buf, w->len, window_whole(w));
	}
	*more = true;
	return 0;
}

/* The next record, without a look at its fields. */
static void
take_record(struct csv_rows *c, struct csv_record *r)
{
	const struct csv_scan *s = c->scan;
	size_t end = s->ends[c->end];

	*r = (struct csv_record){ .p = c->window->buf,
		.at = c->window->base,
		.marks = s->marks + c->mark,
		.n = end - c->mark,
		.from = c->record };
	csv_find_end(r, c->window->len);
	c->mark = end;
	c->end++;
	c->record = r->next;
}

static int
check_record(struct mask_rows *m, const struct csv_record *r, struct fault *f)
{
	struct csv_rows *c = m->state;

	if (r->n != c->ncolumns) {
		(void)fault_set(f, FAULT_INPUT, "%zu fields, and %s has %zu",
		    r->n, c->head.names ? "the header" : "the first record",
		    c->ncolumns);
		return fault_at(
		    f, "record %llu", (unsigned long long)m->number);
	}
	if (r->next == r->to && m->part.to != m->src.size)
		return fault_set(
		    f, FAULT_INPUT, "changed after it was cut into parts");
	return 0;
}

/* -- The rows ------------------------------------------------------------ */

static const uint8_t mark[3] = { 0xef, 0xbb, 0xbf };

/* The byte order mark.  `_item` is the first thing in a delivered part: no mark
 * hides it from readers that look for the name. */
static int
write_mark(struct mask_rows *m, struct bytes *out, struct fault *f)
{
	if (m->src.keys->item != NULL)
		return m->change == NULL
			   ? 0
			   : mask_edit_add(m->change, 0, sizeof(mark), 0, f);
	if (m->kept != NULL && bytes_add(m->kept, mark, sizeof(mark), f) != 0)
		return -1;
	return bytes_add(out, mark, sizeof(mark), f);
}

static int
csv_header(struct mask_rows *m, struct bytes *out, struct fault *f)
{
	struct csv_rows *c = m->state;
	const struct csv_head *h = &c->head;
	struct csv_record r = { .p = h->raw.at,
		.at = h->bom ? sizeof(mark) : 0,
		.marks = h->scan.marks,
		.n = h->scan.nmarks };
	struct csv_pen w = {
		.m = m, .r = &r, .out = out, .first = true, .header = true
	};

	if (h->bom && write_mark(m, out, f) != 0)
		return -1;
	if (!h->names)
		return 0;
	csv_find_end(&r, h->raw.len);
	return csv_write_record(&w, f);
}

/* The text of a field that names the record or its subject. */
static int
named(struct mask_rows *m, const struct csv_record *r, size_t i,
    struct slice *value, struct fault *f)
{
	struct csv_rows *c = m->state;
	struct slice raw = csv_field(r, i);

	return csv_value(raw.at, raw.len, &c->text, value, f);
}

static int
csv_identify(struct mask_rows *m, const struct csv_record *r,
    struct mask_row *row, struct fault *f)
{
	const struct file_plan *plan = m->src.plan;
	struct slice value;

	if (plan->subject != PLAN_NO_FIELD) {
		bytes_reset(&m->subject);
		if (named(m, r, plan->subject, &value, f) != 0 ||
		    bytes_add(&m->subject, value.at, value.len, f) != 0)
			return -1;
		row->subject = (struct slice){ m->subject.at, m->subject.len };
	}
	if (plan->item == PLAN_NO_FIELD)
		return rows_identify(m, row, NULL, f);
	if (named(m, r, plan->item, &value, f) != 0)
		return -1;
	return rows_identify(m, row, &value, f);
}

/* How a field is spelt as it leaves. */
static int
csv_look_spelt(struct mask_rows *m, size_t i, const struct plan_field *pf,
    const struct slice *old, const struct slice *sent, struct fault *f)
{
	struct csv_rows *c = m->state;
	bool kept = pf->how.action == TRANSFORM_KEEP;
	bool quoted = kept ? old->len > 0 && old->at[0] == '"'
			   : csv_stays_quoted(pf, *old);
	unsigned form = MASK_SPELT_BARE;
	struct slice raw = *old;

	for (unsigned quotes = 0; quotes < (quoted ? 2 : 1); quotes++) {
		bytes_reset(&c->spelt);
		if (csv_write(&c->spelt, sent->at, sent->len, quotes != 0,
			c->head.delimiter, f) != 0)
			return -1;
		if (quotes != 0 && form != 0)
			form =
			    sent->len == 0 ? MASK_SPELT_ODD : MASK_SPELT_QUOTED;
		else if (c->spelt.len > 0 && c->spelt.at[0] == '"')
			form = 0; /* it needs them */
	}
	if (!kept)
		raw = (struct slice){ c->spelt.at, c->spelt.len };
	return look_spelt(m, i, &raw, form, f);
}

/* The fields that somebody wants to look at, as they leave. */
static int
csv_look(struct csv_pen *w, struct fault *f)
{
	struct mask_rows *m = w->m;
	struct csv_rows *c = m->state;

	for (size_t i = 0; i < m->look->n; i++) {
		const struct plan_field *pf =
		    &m->src.plan->fields[m->look->fields[i]];
		struct slice raw = csv_field(w->r, m->look->fields[i]), value,
			     sent;

		if (csv_value(raw.at, raw.len, &c->text, &value, f) != 0)
			return -1;
		sent = value;
		if (pf->how.action != TRANSFORM_KEEP) {
			bytes_reset(&c->made);
			if (csv_change(w, pf, value, &c->made, f) != 0)
				return -1;
			sent = (struct slice){ c->made.at, c->made.len };
		}
		if (look_note(m, i, &value, &sent, f) != 0 ||
		    (m->look->spelt != NULL &&
			csv_look_spelt(m, i, pf, &raw, &sent, f) != 0))
			return -1;
	}
	return 0;
}

int
csv_next_values(struct mask_rows *m, const struct mask_viewer *to, bool *end,
    struct fault *f)
{
	struct csv_rows *c = m->state;
	struct csv_record r;
	struct slice value;
	bool more;

	do {
		if (read_on(m, NULL, &more, f) != 0)
			return -1;
		if (!more) {
			*end = true;
			return 0;
		}
		take_record(c, &r);
	} while (r.n == 1 && r.from == r.to && c->ncolumns > 1);
	if (check_record(m, &r, f) != 0)
		return -1;
	for (size_t i = 0; i < r.n; i++)
		if (named(m, &r, i, &value, f) != 0 ||
		    to->see(to->arg, (uint32_t)i, value.at, value.len, f) != 0)
			return -1;
	m->number++;
	*end = false;
	return 0;
}

static int
csv_next(struct mask_rows *m, struct mask_row *row, struct bytes *out,
    bool *end, struct fault *f)
{
	struct csv_rows *c = m->state;
	struct csv_record r;
	struct csv_pen w = {
		.m = m, .r = &r, .out = out, .row = row, .first = true
	};
	bool more;

	for (;;) {
		if (read_on(m, out, &more, f) != 0)
			return -1;
		if (!more) {
			*end = true;
			return 0;
		}
		take_record(c, &r);
		if (r.n > 1 || r.from != r.to || c->ncolumns == 1)
			break;
		if (out != NULL &&
		    csv_edit(&w, r.p + r.from, r.next - r.from, 0, f) != 0)
			return -1;
	}
	if (check_record(m, &r, f) != 0)
		return -1;
	*end = false;
	if (row == NULL) {
		m->number++;
		return 0;
	}
	row->at = c->window->base + r.from;
	row->len = r.next - r.from;
	row->subject = m->src.subject;
	if (csv_identify(m, &r, row, f) != 0)
		return -1;
	w.subject = row->subject;
	if (m->look != NULL && csv_look(&w, f) != 0)
		return -1;
	if (out != NULL && csv_write_record(&w, f) != 0)
		return -1;
	m->number++;
	return 0;
}

const struct row_format csv_rows = {
	csv_open,
	csv_move,
	csv_close,
	csv_header,
	csv_next,
	csv_cut_open,
	csv_cut_next,
	csv_cut_held,
	csv_held_free,
	csv_cut_close,
};
