/*
 * A CSV file cut at record boundaries: into large parts, in one pass that looks
 * at quotes and line ends alone, or into small ones that are held in memory
 * with all their marks, so that nobody reads them twice.
 *
 * It reads by the same automaton as csv_rows.c, so both see the same records;
 * fields are counted, and names looked at, only there.
 */

#include <string.h>

#include "gateway/mask/csv_internal.h"
#include "keys/base/mem.h"

struct cutter {
	const struct mask_source *src;
	struct csv_head head;
	struct mask_window window;
	struct csv_scan scan;
	bool blanks; /* empty lines are no records */
	uint64_t target;
	uint64_t first;	  /* number of the part's first record */
	uint64_t from;	  /* where the part in hand begins */
	uint64_t whole;	  /* and, of held ones, that which they add up to */
	uint64_t records; /* in it */
	size_t end;	  /* ends that are used up */
	size_t record;	  /* where the next record begins, in the window */
};

int
csv_cut_open(
    void **out, const struct mask_source *src, uint64_t target, struct fault *f)
{
	struct cutter *c;

	if ((c = mem_new(sizeof(*c))) == NULL)
		return fault_memory(f);
	*out = c;
	c->src = src;
	c->target = target;
	c->first = 1;
	if (csv_head_read(
		&c->head, src, src->plan->header, src->plan->delimiter, f) != 0)
		return -1;
	c->blanks = c->head.scan.nmarks > 1;
	c->from = c->whole = c->head.data;
	if (window_open(&c->window, src->fd, c->head.data, src->size,
		MASK_RECORD_MAX, f) != 0 ||
	    csv_scan_open(&c->scan, c->head.delimiter, c->head.newline, f) != 0)
		return -1;
	c->scan.count = true;
	return 0;
}

void
csv_cut_close(void *cutter)
{
	struct cutter *c = cutter;

	if (c == NULL)
		return;
	csv_scan_close(&c->scan);
	window_close(&c->window);
	csv_head_close(&c->head);
	mem_free(c);
}

/* Is the line p[from, to) a record?  Where there are several columns, one that
 * is nothing but its end is none. */
static bool
is_record(const struct cutter *c, const uint8_t *p, size_t from, size_t to)
{
	return !c->blanks || to > from + 1 ||
	       (to == from + 1 && p[from] != '\r');
}

/* Count records up to the part's end; true when that is here. */
static bool
count_records(struct cutter *c)
{
	const struct mask_window *w = &c->window;
	const struct csv_scan *s = &c->scan;

	while (c->end < s->nends) {
		size_t to = s->marks[c->end++];

		c->records += is_record(c, w->buf, c->record, to);
		c->record = to < w->len ? to + 1 : to;
		if (w->base + c->record - c->from >= c->target)
			return true;
	}
	return false;
}

/* Scan on; *more is false at the end of the source. */
static int
scan_on(struct cutter *c, bool *more, struct fault *f)
{
	struct mask_window *w = &c->window;
	struct csv_scan *s = &c->scan;

	csv_scan_drop(s, s->nmarks, s->nends, 0);
	c->end = 0;
	if (s->bad != NULL)
		return fault_set(f, FAULT_INPUT, "%s", s->bad);
	if (w->len - s->at < WINDOW_SLACK && !window_whole(w)) {
		size_t gone = c->record;

		if (window_fill(w, gone, f) != 0)
			return -1;
		csv_scan_drop(s, 0, 0, gone);
		c->record = 0;
	} else if (s->at == w->len && window_whole(w)) {
		*more = false;
		return 0;
	}
	csv_scan(s, w->buf, w->len, window_whole(w));
	return 0;
}

int
csv_cut_next(void *cutter, struct mask_part *part, bool *more, struct fault *f)
{
	struct cutter *c = cutter;
	bool left = true;

	*part = (struct mask_part){ .from = c->from, .first = c->first };
	while (left && !count_records(c))
		if (scan_on(c, &left, f) != 0)
			return fault_at(f, "record %llu",
			    (unsigned long long)(c->first + c->records));
	part->to = left ? c->window.base + c->record : c->window.end;
	part->records = c->records;
	*more = part->to > part->from;
	c->first += c->records;
	c->from = part->to;
	c->records = 0;
	return 0;
}

/* -- Held ---------------------------------------------------------------- */

void
csv_held_free(void *held)
{
	struct csv_held *h = held;

	if (h == NULL)
		return;
	window_close(&h->window);
	csv_scan_close(&h->scan);
	mem_free(h);
}

static int
held_new(void **out, const struct cutter *c, struct fault *f)
{
	struct csv_held *h;

	if ((*out = h = mem_new(sizeof(*h))) == NULL)
		return fault_memory(f);
	if (csv_scan_open(&h->scan, c->head.delimiter, c->head.newline, f) != 0)
		return -1;
	h->scan.batch = CSV_MARKS;
	return 0;
}

/* Read and scan from h's start, until there is a whole record: then to the end
 * of what is read, or of the room for marks. */
static int
hold(struct csv_held *h, struct fault *f)
{
	struct mask_window *w = &h->window;
	struct csv_scan *s = &h->scan;

	do {
		if (w->len - s->at < WINDOW_SLACK && window_fill(w, 0, f) != 0)
			return -1;
		csv_scan(s, w->buf, w->len, window_whole(w));
		if (s->nends > 0)
			return 0;
		if (s->bad != NULL)
			return fault_set(f, FAULT_INPUT, "%s", s->bad);
		if (s->nmarks >= CSV_MARKS)
			return fault_set(f, FAULT_INPUT, "far too many fields");
	} while (s->at < w->len || !window_whole(w));
	return 0;
}

/* End h behind its last whole record, or where the parts that are added up end;
 * how many there are, blank lines apart. */
static uint64_t
end_held(struct cutter *c, struct csv_held *h)
{
	const struct mask_window *w = &h->window;
	struct csv_scan *s = &h->scan;
	uint64_t records = 0;
	size_t from = 0;

	for (size_t i = 0; i < s->nends; i++) {
		size_t to = s->marks[s->ends[i] - 1];

		records += is_record(c, w->buf, from, to);
		from = to < w->len ? to + 1 : to;
		if (c->target > 0 && w->base + from - c->whole >= c->target) {
			c->whole = w->base + from;
			s->nends = i + 1;
		}
	}
	s->nmarks = s->nends == 0 ? 0 : s->ends[s->nends - 1];
	s->bad = NULL; /* it is behind the end */
	s->at = from;
	window_end(&h->window, from);
	return records;
}

int
csv_cut_held(void *cutter, void **held, struct mask_part *part, bool *more,
    struct fault *f)
{
	struct cutter *c = cutter;
	struct csv_held *h;

	*part = (struct mask_part){ .from = c->from, .first = c->first };
	if (*held == NULL && held_new(held, c, f) != 0)
		return -1;
	h = *held;
	csv_scan_reset(&h->scan, 0);
	if (window_hold(&h->window, c->src->fd, c->from, c->src->size, f) != 0)
		return -1;
	if (hold(h, f) != 0)
		return fault_at(f, "record %llu", (unsigned long long)c->first);
	part->held = h;
	part->records = end_held(c, h);
	part->to = h->window.end;
	*more = part->to > part->from;
	c->first += part->records;
	c->from = part->to;
	return 0;
}
