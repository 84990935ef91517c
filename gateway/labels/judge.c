/*
 * Judging one answer against the contract, whatever format it came in.
 *
 * Everything that is wrong is found, not only the first; an answer with an
 * error is not kept, and its return is rejected.  What only shows across
 * answers (duplicates, items that nobody answered) is labels_settle()'s.
 */

#include <stdio.h>
#include <string.h>

#include "gateway/labels/labels_internal.h"
#include "keys/base/clock.h"
#include "keys/base/mem.h"

void
labels_draft_reset(struct labels_draft *d)
{
	struct labels_box *boxes = d->boxes;
	struct labels_span *spans = d->spans;
	size_t boxes_room = d->boxes_room, spans_room = d->spans_room;

	*d = (struct labels_draft){ .state = LABELS_ANSWERED,
		.boxes = boxes,
		.spans = spans,
		.boxes_room = boxes_room,
		.spans_room = spans_room };
}

void
labels_draft_free(struct labels_draft *d)
{
	mem_free(d->boxes);
	mem_free(d->spans);
	d->boxes = NULL;
	d->spans = NULL;
}

int
labels_draft_box(
    struct labels_draft *d, const struct labels_box *box, struct fault *f)
{
	if (labels_grow((void **)&d->boxes, &d->boxes_room, d->nparts,
		sizeof(*d->boxes), LABELS_PARTS_MAX, f) != 0)
		return fault_at(f, "boxes");
	d->boxes[d->nparts++] = *box;
	return 0;
}

int
labels_draft_span(
    struct labels_draft *d, const struct labels_span *span, struct fault *f)
{
	if (labels_grow((void **)&d->spans, &d->spans_room, d->nparts,
		sizeof(*d->spans), LABELS_PARTS_MAX, f) != 0)
		return fault_at(f, "spans");
	d->spans[d->nparts++] = *span;
	return 0;
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Edits between two short names, letter case aside; over 2 is far. */
static size_t
distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t row[LABELS_SHOWN_CHARS + 1];

	if (na > LABELS_SHOWN_CHARS || nb > LABELS_SHOWN_CHARS)
		return SIZE_MAX;
	for (size_t k = 0; k <= nb; k++)
		row[k] = k;
	for (size_t i = 0; i < na; i++) {
		size_t corner = row[0];

		row[0] = i + 1;
		for (size_t k = 0; k < nb; k++) {
			size_t best = corner + (lower(a[i]) != lower(b[k]));

			if (row[k] + 1 < best)
				best = row[k] + 1;
			if (row[k + 1] + 1 < best)
				best = row[k + 1] + 1;
			corner = row[k + 1];
			row[k + 1] = best;
		}
	}
	return row[nb];
}

/* The nearest name on the list, or NULL when none is near. */
static const char *
near(const struct labels_names *t, const char *name, size_t len)
{
	const char *best = NULL;
	size_t least = len < 4 ? 2 : 3;

	for (uint32_t i = 0; i < t->n && i < 1000; i++) {
		size_t d = distance(name, len, t->text[i], strlen(t->text[i]));

		if (d < least) {
			least = d;
			best = t->text[i];
		}
	}
	return best;
}

/* The classes that there are, as many as a line holds. */
#define LISTED_CHARS 120u
static const char *
listed(const struct labels *l, char out[LISTED_CHARS])
{
	char shown[LABELS_SHOWN_CHARS + 1];
	size_t at = 0;

	for (uint32_t i = 0; i < l->classes.n; i++) {
		const char *name = l->classes.text[i];
		size_t left = LISTED_CHARS - at;
		int n;

		labels_shown(shown, name, strlen(name));
		n = snprintf(
		    out + at, left, "%s\"%s\"", at == 0 ? "" : ", ", shown);
		if ((size_t)n + sizeof(" ...") > left) {
			memcpy(out + at, " ...", sizeof(" ..."));
			break;
		}
		at += (size_t)n;
	}
	return out;
}

bool
labels_class_of(struct labels *l, const char *name, size_t len,
    const char *item, uint32_t line, uint32_t *out)
{
	char shown[LABELS_SHOWN_CHARS + 1], meant[LABELS_SHOWN_CHARS + 1],
	    list[LISTED_CHARS] = "";
	const char *close;
	struct fault f = { 0 };

	if (labels_names_find(&l->classes, name, len, out))
		return true;
	(void)labels_shown(shown, name, len);
	if (l->contract.nclasses == 0) {
		if (labels_names_add(&l->classes, name, len, LABELS_CLASSES_MAX,
			out, &f) == 0)
			return true;
		if (f.kind == FAULT_SYSTEM)
			l->no_memory = true;
		else
			labels_find(l, FOUND_TOO_MANY, line, item, "%s classes",
			    f.text);
		return false;
	}
	close = NULL;
	if (l->by_code[FOUND_UNKNOWN_CLASS] < LABELS_FINDINGS_MAX)
		close = near(&l->classes, name, len);
	if (close == NULL)
		labels_find(l, FOUND_UNKNOWN_CLASS, line, item,
		    "class \"%s\" is not on the list: %s", shown,
		    listed(l, list));
	else
		labels_find(l, FOUND_UNKNOWN_CLASS, line, item,
		    "class \"%s\" is not on the list; near: \"%s\"", shown,
		    labels_shown(meant, close, strlen(close)));
	return false;
}

int64_t
labels_time_of(struct labels *l, const char *text, struct labels_draft *d)
{
	int64_t at;

	if (!clock_read(&at, text, strlen(text))) {
		d->bad = true;
		labels_find(l, FOUND_TIME_MALFORMED, d->line, d->item,
		    "the time is not of the form 2026-11-23T20:15:00Z");
		return 0;
	}
	return at;
}

static void
judge_who_and_when(struct labels *l, struct labels_draft *d)
{
	bool answer = d->state != LABELS_SKIPPED && d->kind != LABELS_ANY;
	bool nobody = false; /* and nothing else is wrong with it */

	if (!d->has_annotator && l->contract.annotator != NULL) {
		(void)snprintf(d->annotator, sizeof(d->annotator), "%s",
		    l->contract.annotator);
		d->has_annotator = true;
	}
	if (d->at == 0)
		d->at = l->contract.at;
	if (l->contract.now != 0 &&
	    d->at > l->contract.now + LABELS_SKEW_SECONDS) {
		d->bad = true;
		labels_find(l, FOUND_TIME_FUTURE, d->line, d->item,
		    "the time is still to come");
	}
	if (l->contract.anonymous || d->silent)
		return;
	if (!d->has_annotator && answer && !d->tolerant) {
		nobody = !d->bad;
		d->bad = true;
		labels_find(l, FOUND_ANNOTATOR_MISSING, d->line, d->item,
		    "no \"annotator\": who answered");
	} else if (!d->has_annotator && d->state != LABELS_SKIPPED) {
		labels_find(l, FOUND_ANNOTATOR_UNKNOWN, d->line, d->item,
		    "nobody says who answered");
	}
	if (d->at == 0 && answer && !d->tolerant && (!d->bad || nobody)) {
		d->bad = true;
		labels_find(l, FOUND_TIME_MISSING, d->line, d->item,
		    "no \"at\": when it was answered, as "
		    "2026-11-23T20:15:00Z");
	} else if (d->at == 0 && d->tolerant) {
		labels_find(l, FOUND_TIME_UNKNOWN, d->line, d->item,
		    "nobody says when it was answered");
	}
}

static void
judge_kind(struct labels *l, struct labels_draft *d)
{
	if (d->kind == LABELS_ANY)
		return;
	if (l->kind == LABELS_ANY)
		l->kind = d->kind;
	if (d->kind == l->kind)
		return;
	d->bad = true;
	labels_find(l, FOUND_WRONG_KIND, d->line, d->item,
	    "%s given where %s is asked for", labels_kind_name(d->kind),
	    labels_kind_name(l->kind));
}

/* a + b > limit, for a and b up to 2^62. */
static bool
beyond(int64_t a, int64_t b, int64_t limit)
{
	return a > limit || b > limit - a;
}

static void
judge_boxes(
    struct labels *l, struct labels_draft *d, const struct labels_item *item)
{
	int64_t width = (int64_t)item->width * LABELS_PIXEL;
	int64_t height = (int64_t)item->height * LABELS_PIXEL;

	if ((width == 0 || height == 0) && d->nparts > 0 &&
	    !l->contract.any_item)
		labels_find(l, FOUND_SIZE_UNKNOWN, d->line, d->item,
		    "the picture's size is not known, so boxes were not held "
		    "against it");
	if (width == 0)
		width = (int64_t)LABELS_SIDE_MAX * LABELS_PIXEL;
	if (height == 0)
		height = (int64_t)LABELS_SIDE_MAX * LABELS_PIXEL;
	for (size_t i = 0; i < d->nparts; i++) {
		const struct labels_box *b = &d->boxes[i];

		if (b->w <= 0 || b->h <= 0) {
			d->bad = true;
			labels_find(l, FOUND_BOX_NO_AREA, d->line, d->item,
			    "box %zu has no area", i + 1);
		} else if (b->x < 0 || b->y < 0 || beyond(b->x, b->w, width) ||
			   beyond(b->y, b->h, height)) {
			d->bad = true;
			labels_find(l, FOUND_BOX_OUTSIDE, d->line, d->item,
			    "box %zu reaches out of the picture as delivered "
			    "(%ux%u)",
			    i + 1, item->width, item->height);
		}
	}
}

struct box_ref {
	const struct labels_box *box;
};

static int
compare_boxes(const void *a, const void *b)
{
	const struct labels_box *p = ((const struct box_ref *)a)->box;
	const struct labels_box *q = ((const struct box_ref *)b)->box;
	const int64_t x[] = { p->class, p->crowd, p->x, p->y, p->w, p->h };
	const int64_t y[] = { q->class, q->crowd, q->x, q->y, q->w, q->h };

	for (size_t i = 0; i < sizeof(x) / sizeof(x[0]); i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

static int
judge_same_boxes(struct labels *l, struct labels_draft *d, struct fault *f)
{
	struct box_ref *order;

	if (d->nparts < 2)
		return 0;
	if ((order = mem_array(d->nparts, sizeof(*order))) == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < d->nparts; i++)
		order[i].box = &d->boxes[i];
	qsort(order, d->nparts, sizeof(*order), compare_boxes);
	for (size_t i = 1; i < d->nparts; i++)
		if (compare_boxes(&order[i - 1], &order[i]) == 0)
			labels_find(l, FOUND_SAME_BOX, d->line, d->item,
			    "the same box of the same class twice");
	mem_free(order);
	return 0;
}

static int
compare_spans(const void *a, const void *b)
{
	const struct labels_span *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return x->class < y->class ? -1 : x->class > y->class;
}

/* Sorts them too: their order says nothing. */
static void
judge_spans(
    struct labels *l, struct labels_draft *d, const struct labels_item *item)
{
	if (d->nparts > 0)
		qsort(d->spans, d->nparts, sizeof(*d->spans), compare_spans);
	for (size_t i = 0; i < d->nparts; i++) {
		const struct labels_span *s = &d->spans[i];

		if (s->start >= s->end) {
			d->bad = true;
			labels_find(l, FOUND_SPAN_EMPTY, d->line, d->item,
			    "a span ends where it starts, or before");
		} else if (item->has_chars && s->end > item->chars) {
			d->bad = true;
			labels_find(l, FOUND_SPAN_OUTSIDE, d->line, d->item,
			    "a span reaches behind the text's end (%llu)",
			    (unsigned long long)item->chars);
		}
		if (i == 0)
			continue;
		if (compare_spans(s - 1, s) == 0 ||
		    (!l->contract.overlap && s[-1].end > s->start)) {
			d->bad = true;
			labels_find(l, FOUND_SPAN_OVERLAP, d->line, d->item,
			    "two spans overlap");
		}
	}
}

/* The parts of an answer that is kept, behind those of the others. */
static int
keep_parts(struct labels *l, const struct labels_draft *d, struct fault *f)
{
	for (size_t i = 0; i < d->nparts; i++) {
		size_t room = l->parts_room;
		int rc = d->kind == LABELS_BOXES
			     ? labels_grow((void **)&l->boxes, &room, l->nparts,
				   sizeof(*l->boxes), LABELS_ALL_PARTS_MAX, f)
			     : labels_grow((void **)&l->spans, &room, l->nparts,
				   sizeof(*l->spans), LABELS_ALL_PARTS_MAX, f);

		if (rc != 0)
			return fault_at(f, "boxes or spans");
		l->parts_room = room;
		if (d->kind == LABELS_BOXES)
			l->boxes[l->nparts++] = d->boxes[i];
		else
			l->spans[l->nparts++] = d->spans[i];
	}
	return 0;
}

static int
keep(struct labels *l, const struct labels_draft *d, uint32_t item,
    struct fault *f)
{
	struct labels_held_answer h = { .first = l->nparts };
	struct labels_answer *a = &h.answer;
	char *reason = NULL;

	*a = (struct labels_answer){ .item = item,
		.at = d->at,
		.state = d->state,
		.class = d->class,
		.nparts = (uint32_t)d->nparts,
		.file = l->file,
		.line = d->line };
	if (labels_names_add(&l->annotators, d->annotator, strlen(d->annotator),
		LABELS_ANNOTATORS_MAX, &a->annotator, f) != 0)
		return fault_at(f, "annotators");
	if (labels_grow((void **)&l->answer, &l->answers_room, l->nanswers,
		sizeof(*l->answer), LABELS_ANSWERS_MAX, f) != 0)
		return fault_at(f, "answers");
	if (keep_parts(l, d, f) != 0)
		return -1;
	if (d->state == LABELS_SKIPPED &&
	    (reason = mem_text(d->reason, strlen(d->reason))) == NULL)
		return fault_memory(f);
	a->reason = reason;
	l->answer[l->nanswers++] = h;
	return 0;
}

int
labels_put(struct labels *l, struct labels_draft *d, struct fault *f)
{
	const struct labels_item *item;
	uint32_t i = 0;
	bool known;

	must(!l->settled);
	if (labels_item_of(l, d->item, &known, &i, f) != 0)
		return -1;
	if (!known) {
		labels_find(l, FOUND_UNKNOWN_ITEM, d->line, d->item,
		    "the batch has no such item");
		return 0;
	}
	item = &l->item[i].item;
	if (d->nparts == 0 && d->kind >= LABELS_BOXES)
		d->state = LABELS_EMPTY;
	judge_kind(l, d);
	judge_who_and_when(l, d);
	if (d->kind == LABELS_BOXES) {
		judge_boxes(l, d, item);
		if (judge_same_boxes(l, d, f) != 0)
			return -1;
	}
	if (d->kind == LABELS_SPANS)
		judge_spans(l, d, item);
	if (d->rounded)
		labels_find(l, FOUND_ROUNDED, d->line, d->item,
		    "coordinates rounded to 10^-9 pixel");
	return d->bad ? 0 : keep(l, d, i, f);
}
