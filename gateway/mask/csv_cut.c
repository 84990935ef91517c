/*
 * A CSV file cut at record boundaries, in one pass that looks at quotes and
 * line ends alone.
 *
 * It reads by the same automaton as csv_rows.c, so both see the same records;
 * fields are counted, and names looked at, only there.
 */

#include "gateway/mask/csv_internal.h"

struct cutter {
	struct csv_head head;
	struct mask_window window;
	struct csv_scan scan;
	bool blanks; /* empty lines are no records */
	uint64_t target;
	uint64_t from;	  /* where the part in hand begins */
	uint64_t records; /* in it */
	size_t record;	  /* where the next record begins, in the window */
	struct mask_cuts *out;
};

/* Is the line p[from, to) nothing but its end? */
static bool
is_blank(const uint8_t *p, size_t from, size_t to)
{
	return to == from || (to == from + 1 && p[from] == '\r');
}

static int
count_records(struct cutter *c, struct fault *f)
{
	const struct mask_window *w = &c->window;
	const struct csv_scan *s = &c->scan;

	for (size_t i = 0; i < s->nends; i++) {
		size_t to = s->marks[i];
		uint64_t next;

		if (!c->blanks || to > c->record + 1 ||
		    !is_blank(w->buf, c->record, to))
			c->records++;
		c->record = to < w->len ? to + 1 : to;
		next = w->base + c->record;
		if (next - c->from < c->target)
			continue;
		if (cuts_add(c->out, c->from, next, c->records, f) != 0)
			return -1;
		c->from = next;
		c->records = 0;
	}
	return 0;
}

static int
read_all(struct cutter *c, struct fault *f)
{
	struct mask_window *w = &c->window;
	struct csv_scan *s = &c->scan;

	for (;;) {
		csv_scan(s, w->buf, w->len, window_whole(w));
		if (count_records(c, f) != 0)
			return -1;
		csv_scan_drop(s, s->nmarks, s->nends, 0);
		if (s->bad != NULL)
			return fault_set(f, FAULT_INPUT, "%s", s->bad);
		if (w->len - s->at < WINDOW_SLACK && !window_whole(w)) {
			size_t gone = c->record;

			if (window_fill(w, gone, f) != 0)
				return -1;
			csv_scan_drop(s, 0, 0, gone);
			c->record = 0;
		} else if (s->at == w->len && window_whole(w))
			return cuts_add(c->out, c->from, w->end, c->records, f);
	}
}

static int
refuse_record(uint64_t number, struct fault *f)
{
	return fault_at(f, "record %llu", (unsigned long long)number);
}

int
csv_cut(const struct mask_source *src, uint64_t target, struct mask_cuts *out,
    struct fault *f)
{
	struct cutter c = { .target = target, .out = out };
	int rc = -1;

	if (csv_head_read(
		&c.head, src, src->plan->header, src->plan->delimiter, f) != 0)
		goto out;
	c.blanks = c.head.scan.nmarks > 1;
	c.from = c.head.data;
	if (window_open(&c.window, src->fd, c.head.data, src->size,
		MASK_RECORD_MAX, f) != 0 ||
	    csv_scan_open(&c.scan, c.head.delimiter, c.head.newline, f) != 0)
		goto out;
	c.scan.count = true;
	if ((rc = read_all(&c, f)) != 0)
		(void)refuse_record(out->records + c.records + 1, f);
out:
	csv_scan_close(&c.scan);
	window_close(&c.window);
	csv_head_close(&c.head);
	return rc;
}
