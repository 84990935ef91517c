/*
 * JSON lines: one document a line, each an item.
 *
 * A line ends in LF (a CR before it is white space of the document); the last
 * may do without.  Lines of nothing but white space are no records, and a byte
 * order mark in front of the first is left out with them: RFC 8259, section
 * 8.1, has no place for one in what we send.  A line feed cannot stand inside
 * a JSON value, so lines are found before they are read.
 */

#include <string.h>

#include "gateway/mask/json_internal.h"
#include "keys/base/mem.h"

struct jsonl {
	struct mask_window *window; /* a team's, or the one below */
	struct mask_window read;
	size_t at; /* where the next line begins */
	struct json_mask mask;
	struct mask_change uncounted; /* when nobody wants a change record */
};

static bool
is_blank(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r' && p[i] != '\n')
			return false;
	return true;
}

int
jsonl_line(struct mask_window *w, size_t *at, struct json_line *line,
    bool *more, struct fault *f)
{
	const uint8_t *end = NULL;
	size_t seen = *at;

	for (;;) {
		if (w->len > seen)
			end = memchr(w->buf + seen, '\n', w->len - seen);
		if (end != NULL || window_whole(w))
			break;
		seen = w->len - *at;
		if (window_fill(w, *at, f) != 0)
			return -1;
		*at = 0;
	}
	line->from = *at;
	line->to = end != NULL ? (size_t)(end - w->buf) + 1 : w->len;
	line->blank = is_blank(w->buf + line->from, line->to - line->from);
	*at = line->to;
	*more = line->to > line->from;
	return 0;
}

int
jsonl_mark(struct mask_window *w, size_t *mark, struct fault *f)
{
	*mark = 0;
	if (w->base != 0)
		return 0;
	if (window_fill(w, 0, f) != 0)
		return -1;
	if (w->len >= 3 && memcmp(w->buf, "\xef\xbb\xbf", 3) == 0)
		*mark = 3;
	return 0;
}

/* -- Rows ---------------------------------------------------------------- */

static int
jsonl_move(struct mask_rows *m, struct fault *f)
{
	struct jsonl *j = m->state;
	const struct mask_part *p = &m->part;

	if (p->from > p->to || p->to > m->src.size)
		return fault_set(f, FAULT_INPUT, "became shorter");
	j->window = p->held != NULL ? p->held : &j->read;
	if (p->held == NULL) {
		window_close(&j->read);
		if (window_open(&j->read, m->src.fd, p->from, p->to,
			MASK_RECORD_MAX, f) != 0)
			return -1;
	}
	return jsonl_mark(j->window, &j->at, f);
}

static int
jsonl_open(struct mask_rows *m, struct fault *f)
{
	struct jsonl *j;

	if ((j = mem_new(sizeof(*j))) == NULL)
		return fault_memory(f);
	m->state = j;
	if (m->all)
		m->part = (struct mask_part){ .to = m->src.size, .first = 1 };
	if (json_mask_open(&j->mask, &m->src, f) != 0)
		return -1;
	j->mask.walk.rows = true;
	return jsonl_move(m, f);
}

static void
jsonl_close(struct mask_rows *m)
{
	struct jsonl *j = m->state;

	if (j == NULL)
		return;
	json_mask_close(&j->mask);
	window_close(&j->read);
	mem_free(j);
	m->state = NULL;
}

static int
jsonl_header(struct mask_rows *m, struct bytes *out, struct fault *f)
{
	const struct jsonl *j = m->state;

	(void)out; /* nothing goes before the first line */
	return j->at > 0 && m->change != NULL
		   ? mask_edit_add(m->change, 0, j->at, 0, f)
		   : 0;
}

static int
append(void *arg, const void *p, size_t len, struct fault *f)
{
	return bytes_add(arg, p, len, f);
}

/* The record's number is in front of every fault of it. */
static int
at_record(const struct mask_rows *m, struct fault *f)
{
	return fault_at(f, "record %llu", (unsigned long long)m->number);
}

static int
identify(struct mask_rows *m, struct mask_row *row, struct fault *f)
{
	struct jsonl *j = m->state;
	const struct json_key *id = &j->mask.id, *subject = &j->mask.subject;
	struct slice value = { NULL, 0 };

	if (id->found)
		value = (struct slice){ id->text.at, id->text.len };
	row->subject = m->src.subject;
	if (subject->found)
		row->subject =
		    (struct slice){ subject->text.at, subject->text.len };
	return rows_identify(
	    m, row, m->src.plan->item == PLAN_NO_FIELD ? NULL : &value, f);
}

/* Whose line it is, where that must be known before it is masked. */
static int
know(struct mask_rows *m, const struct json_line *line,
    const struct mask_row *row, struct fault *f)
{
	struct jsonl *j = m->state;

	j->mask.out = NULL;
	j->mask.item = NULL;
	j->mask.look = NULL;
	json_read_text(&j->mask.walk.reader, j->window->buf + line->from,
	    line->to - line->from, row->at);
	if (json_mask_run(&j->mask, f) != 0)
		return at_record(m, f);
	return json_mask_know(&j->mask, f);
}

/* Mask the line into out, behind a place for its item id, which is known only
 * when all of it was read. */
static int
mask_line(struct mask_rows *m, const struct json_line *line,
    struct mask_row *row, struct bytes *out, struct fault *f)
{
	static const char blank[] = "--------------------------";
	struct jsonl *j = m->state;
	const uint8_t *p = j->window->buf + line->from;
	size_t len = line->to - line->from;
	size_t start = out != NULL ? out->len : 0;
	bool item = m->src.keys->item != NULL;
	struct mask_out o = { .sink = { append, out },
		.change = m->change != NULL ? m->change : &j->uncounted,
		.done = row->at,
		.collect = m->kept };

	j->mask.record = m->number;
	json_read_text(&j->mask.walk.reader, p, len, row->at);
	if (json_walk_measure(&j->mask.walk, f) != 0)
		return at_record(m, f);
	if ((out != NULL || m->look != NULL) && j->mask.by_subject &&
	    know(m, line, row, f) != 0)
		return -1;
	j->mask.out = out != NULL ? &o : NULL;
	j->mask.later = out != NULL ? &m->later : NULL;
	j->mask.rows = out;
	j->mask.look = m->look != NULL ? m : NULL;
	j->mask.item = item ? blank : NULL;
	json_read_text(&j->mask.walk.reader, p, len, row->at);
	if (json_mask_run(&j->mask, f) != 0)
		return at_record(m, f);
	if (identify(m, row, f) != 0)
		return -1;
	if (out == NULL)
		return 0;
	if (item) {
		/* the white space in front of the bracket may be any */
		const uint8_t *bracket =
		    memchr(out->at + start, '{', out->len - start);
		size_t at =
		    (size_t)(bracket - out->at) + sizeof("{\"_item\":\"") - 1;

		rows_item(m, row, out->at, at);
		row->item_at = at - start;
	}
	rows_made(m, out->at);
	if (!item || p[len - 1] == '\n')
		return 0;
	return mask_swap(&o, 0, "\n", 1, f);
}

static int
jsonl_next(struct mask_rows *m, struct mask_row *row, struct bytes *out,
    bool *end, struct fault *f)
{
	struct jsonl *j = m->state;
	struct json_line line;
	uint64_t at;
	bool more;

	for (;;) {
		if (jsonl_line(j->window, &j->at, &line, &more, f) != 0)
			return at_record(m, f);
		if (!more) {
			*end = true;
			return 0;
		}
		at = j->window->base + line.from;
		if (!line.blank)
			break;
		if (out != NULL && m->change != NULL &&
		    mask_edit_add(m->change, at, line.to - line.from, 0, f) !=
			0)
			return -1;
	}
	if (j->window->buf[line.to - 1] != '\n' && m->part.to != m->src.size)
		return fault_set(
		    f, FAULT_INPUT, "changed after it was cut into parts");
	if (row != NULL) {
		row->at = at;
		row->len = line.to - line.from;
		if (mask_line(m, &line, row, out, f) != 0)
			return -1;
	}
	m->number++;
	*end = false;
	return 0;
}

/* -- Parts --------------------------------------------------------- */

struct cutter {
	const struct mask_source *src;
	struct mask_window window;
	size_t at; /* where the next line begins */
	uint64_t target;
	uint64_t from, first; /* of the next part, and its first record */
	uint64_t whole; /* of held ones, where that begins which they add up to
			 */
};

static int
jsonl_cut_open(
    void **out, const struct mask_source *src, uint64_t target, struct fault *f)
{
	struct cutter *c;

	if ((c = mem_new(sizeof(*c))) == NULL)
		return fault_memory(f);
	*out = c;
	c->src = src;
	c->target = target;
	c->first = 1;
	if (window_open(
		&c->window, src->fd, 0, src->size, MASK_RECORD_MAX, f) != 0)
		return -1;
	return jsonl_mark(&c->window, &c->at, f);
}

static void
jsonl_cut_close(void *cutter)
{
	struct cutter *c = cutter;

	if (c == NULL)
		return;
	window_close(&c->window);
	mem_free(c);
}

static int
jsonl_cut_next(
    void *cutter, struct mask_part *part, bool *more, struct fault *f)
{
	struct cutter *c = cutter;
	struct json_line line = { .to = 0 };
	bool left = true;

	*part = (struct mask_part){
		.from = c->from, .to = c->window.end, .first = c->first
	};
	while (left) {
		if (jsonl_line(&c->window, &c->at, &line, &left, f) != 0)
			return fault_at(f, "record %llu",
			    (unsigned long long)(c->first + part->records));
		if (!left)
			break;
		part->records += !line.blank;
		if (c->window.base + line.to - c->from < c->target)
			continue;
		part->to = c->window.base + line.to;
		break;
	}
	*more = part->to > part->from;
	c->first += part->records;
	c->from = part->to;
	return 0;
}

static void
jsonl_held_free(void *held)
{
	if (held == NULL)
		return;
	window_close(held);
	mem_free(held);
}

/* Read until a line is whole, and then no more. */
static int
hold(struct mask_window *w, size_t *end, struct fault *f)
{
	const uint8_t *last = NULL;
	size_t seen = 0;

	do {
		seen = w->len;
		if (window_fill(w, 0, f) != 0)
			return -1;
		last = memrchr(w->buf + seen, '\n', w->len - seen);
	} while (last == NULL && !window_whole(w));
	*end = window_whole(w) ? w->len : (size_t)(last - w->buf) + 1;
	return 0;
}

static int
jsonl_cut_held(void *cutter, void **held, struct mask_part *part, bool *more,
    struct fault *f)
{
	struct cutter *c = cutter;
	struct mask_window *w;
	struct json_line line;
	size_t end, at;
	bool left;

	*part = (struct mask_part){ .from = c->from, .first = c->first };
	if (*held == NULL && (*held = mem_new(sizeof(*w))) == NULL)
		return fault_memory(f);
	w = *held;
	if (window_hold(w, c->src->fd, c->from, c->src->size, f) != 0)
		return -1;
	if (hold(w, &end, f) != 0)
		return fault_at(f, "record %llu", (unsigned long long)c->first);
	window_end(w, end);
	if (jsonl_mark(w, &at, f) != 0)
		return -1;
	do {
		if (jsonl_line(w, &at, &line, &left, f) != 0)
			return -1;
		part->records += left && !line.blank;
		if (left && c->target > 0 &&
		    w->base + line.to - c->whole >= c->target) {
			c->whole = w->base + line.to;
			window_end(w, line.to);
		}
	} while (left);
	part->held = w;
	part->to = w->end;
	*more = part->to > part->from;
	c->first += part->records;
	c->from = part->to;
	return 0;
}

const struct row_format jsonl_rows = {
	jsonl_open,
	jsonl_move,
	jsonl_close,
	jsonl_header,
	jsonl_next,
	jsonl_cut_open,
	jsonl_cut_next,
	jsonl_cut_held,
	jsonl_held_free,
	jsonl_cut_close,
};
