/*
 * Back to the owner: accepted labels under the original ids, in the
 * coordinates as delivered or in the original's own.
 *
 * A photo is stored as the sensor saw it, with a note (EXIF Orientation) of
 * how to turn it; the vendor labels it upright.  Training code that reads the
 * original without turning it needs the boxes turned back.
 */

#include <string.h>

#include "gateway/labels/labels_internal.h"
#include "keys/base/mem.h"

/*
 * Where row 0 and column 0 of the stored picture are when shown (CIPA
 * DC-008, tag 0x0112), as three steps: exchange x and y, then mirror x, then
 * mirror y, the last two in the shown picture.
 */
static const struct {
	bool exchange, mirror_x, mirror_y;
} steps[9] = {
	[1] = { false, false, false }, /* top, left */
	[2] = { false, true, false },  /* top, right */
	[3] = { false, true, true },   /* bottom, right: turned by 180 */
	[4] = { false, false, true },  /* bottom, left */
	[5] = { true, false, false },  /* left, top: transposed */
	[6] = { true, true, false },   /* right, top: turn by 90 clockwise */
	[7] = { true, true, true },    /* right, bottom */
	[8] = { true, false, true },   /* left, bottom: by 270 clockwise */
};

static void
exchange(struct labels_box *b)
{
	int64_t t = b->x;

	b->x = b->y;
	b->y = t;
	t = b->w;
	b->w = b->h;
	b->h = t;
}

/* The sides of the picture when shown. */
static void
shown_sides(unsigned orientation, uint32_t width, uint32_t height,
    int64_t *shown_width, int64_t *shown_height)
{
	bool turned = orientation <= 8 && steps[orientation].exchange;

	*shown_width = (int64_t)(turned ? height : width) * LABELS_PIXEL;
	*shown_height = (int64_t)(turned ? width : height) * LABELS_PIXEL;
}

static void
mirror(
    struct labels_box *b, unsigned orientation, int64_t width, int64_t height)
{
	if (steps[orientation].mirror_x)
		b->x = width - b->x - b->w;
	if (steps[orientation].mirror_y)
		b->y = height - b->y - b->h;
}

void
labels_box_to_delivered(
    struct labels_box *b, unsigned orientation, uint32_t width, uint32_t height)
{
	int64_t w, h;

	must(orientation <= 8);
	shown_sides(orientation, width, height, &w, &h);
	if (steps[orientation].exchange)
		exchange(b);
	mirror(b, orientation, w, h);
}

void
labels_box_to_original(
    struct labels_box *b, unsigned orientation, uint32_t width, uint32_t height)
{
	int64_t w, h;

	must(orientation <= 8);
	shown_sides(orientation, width, height, &w, &h);
	mirror(b, orientation, w, h);
	if (steps[orientation].exchange)
		exchange(b);
}

/* Rows by item, so that each item finds its own. */
struct row {
	const struct labels_origin *origin;
};

static int
by_item(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return strcmp(x->origin->item, y->origin->item);
}

static const struct labels_origin *
row_of(const struct row *rows, size_t n, const char *item)
{
	const struct labels_origin key = { .item = item };
	const struct row want = { &key };
	const struct row *found =
	    n == 0 ? NULL : bsearch(&want, rows, n, sizeof(want), by_item);

	return found == NULL ? NULL : found->origin;
}

static int
sort_rows(const struct labels_origins *in, struct row **out, struct fault *f)
{
	struct row *rows = mem_array(in->n, sizeof(*rows));

	if (rows == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < in->n; i++)
		rows[i].origin = &in->at[i];
	if (in->n > 1)
		qsort(rows, in->n, sizeof(*rows), by_item);
	for (size_t i = 1; i < in->n; i++)
		if (by_item(&rows[i - 1], &rows[i]) == 0) {
			mem_free(rows);
			return fault_set(
			    f, FAULT_INPUT, "the join map has an item twice");
		}
	*out = rows;
	return 0;
}

/* Where a place of the text as delivered lies in the original; of a place
 * within what was put in, the beginning or end of what was cut. */
static uint64_t
place_of(uint64_t at, bool end, const struct labels_shift *s, size_t n)
{
	uint64_t cut = 0, put = 0; /* so far */

	for (size_t i = 0; i < n; i++) {
		uint64_t from = s[i].at - cut + put;

		if (at < from || (end && at == from))
			break;
		if (at < from + s[i].put || (end && at == from + s[i].put))
			return end ? s[i].at + s[i].cut : s[i].at;
		cut += s[i].cut;
		put += s[i].put;
	}
	return at - put + cut;
}

void
labels_span_to_original(
    struct labels_span *span, const struct labels_shift *shifts, size_t n)
{
	span->start = place_of(span->start, false, shifts, n);
	span->end = place_of(span->end, true, shifts, n);
}

/* The item under its original id, with its size in the wanted frame. */
static int
join_item(struct labels *out, const struct labels_item *item,
    const struct labels_origin *o, enum labels_frame frame, struct fault *f)
{
	struct labels_item joined = *item;
	bool turned = o->orientation <= 8 && steps[o->orientation].exchange;

	if (o->orientation > 8)
		return fault_set(f, FAULT_INPUT,
		    "the join map has an orientation that does not exist");
	if (o->lost && frame == LABELS_ORIGINAL)
		return fault_set(f, FAULT_INPUT,
		    "the join map does not say where a text was changed");
	joined.id = o->original;
	for (size_t i = 0; i < o->nshifts && frame == LABELS_ORIGINAL; i++)
		joined.chars += o->shifts[i].cut - o->shifts[i].put;
	if (o->width > 0 && o->height > 0) {
		uint32_t width = turned ? o->height : o->width;
		uint32_t height = turned ? o->width : o->height;

		if (item->width > 0 &&
		    (item->width != width || item->height != height))
			return fault_set(f, FAULT_INPUT,
			    "the join map's size of an original does not fit "
			    "the item's");
		joined.width = frame == LABELS_ORIGINAL ? o->width : width;
		joined.height = frame == LABELS_ORIGINAL ? o->height : height;
	} else if (o->orientation > 1 && frame == LABELS_ORIGINAL) {
		return fault_set(f, FAULT_INPUT,
		    "the join map lacks the size of a picture that was "
		    "turned");
	}
	return labels_add_item(out, &joined, f);
}

static int
join_answer(struct labels *out, const struct labels *l,
    const struct labels_answer *a, const struct labels_origin *o,
    enum labels_frame frame, struct fault *f)
{
	struct labels_held_answer *h = &out->answer[out->nanswers];

	h->answer = *a;
	h->answer.item = (uint32_t)out->nitems - 1;
	h->answer.file = 0;
	h->first = out->nparts;
	if (a->reason != NULL &&
	    (h->answer.reason = mem_text(a->reason, strlen(a->reason))) == NULL)
		return fault_memory(f);
	out->nanswers++;
	for (uint32_t i = 0; i < a->nparts; i++) {
		if (l->kind == LABELS_SPANS) {
			out->spans[out->nparts] = a->spans[i];
			if (frame == LABELS_ORIGINAL)
				labels_span_to_original(
				    &out->spans[out->nparts], o->shifts,
				    o->nshifts);
			out->nparts++;
			continue;
		}
		out->boxes[out->nparts] = a->boxes[i];
		if (frame == LABELS_ORIGINAL)
			labels_box_to_original(&out->boxes[out->nparts],
			    o->orientation, o->width, o->height);
		out->nparts++;
	}
	return 0;
}

/* An empty set with the names of l and room for all that it holds. */
static int
new_like(struct labels **out, const struct labels *l, struct fault *f)
{
	struct labels_contract c = l->contract;
	struct labels *new;
	uint32_t i;

	c.classes = NULL;
	c.nclasses = 0;
	if (labels_new(&new, &c, f) != 0)
		return -1;
	new->kind = l->kind;
	new->answer = mem_array(l->nanswers, sizeof(*new->answer));
	if (l->kind == LABELS_BOXES)
		new->boxes = mem_array(l->nparts, sizeof(*new->boxes));
	if (l->kind == LABELS_SPANS)
		new->spans = mem_array(l->nparts, sizeof(*new->spans));
	if (new->answer == NULL ||
	    (l->kind == LABELS_BOXES && new->boxes == NULL) ||
	    (l->kind == LABELS_SPANS && new->spans == NULL)) {
		(void)fault_memory(f);
		goto fail;
	}
	for (uint32_t k = 0; k < l->classes.n; k++)
		if (labels_names_add(&new->classes, l->classes.text[k],
			strlen(l->classes.text[k]), LABELS_CLASSES_MAX, &i,
			f) != 0)
			goto fail;
	for (uint32_t k = 0; k < l->annotators.n; k++)
		if (labels_names_add(&new->annotators, l->annotators.text[k],
			strlen(l->annotators.text[k]), LABELS_ANNOTATORS_MAX,
			&i, f) != 0)
			goto fail;
	*out = new;
	return 0;
fail:
	labels_free(new);
	return -1;
}

int
labels_join(struct labels **out, const struct labels *l,
    const struct labels_origins *rows, enum labels_frame frame, struct fault *f)
{
	struct labels *joined = NULL;
	struct row *sorted = NULL;
	int rc = -1;

	must(l->settled);
	if (sort_rows(rows, &sorted, f) != 0 || new_like(&joined, l, f) != 0)
		goto out;
	for (size_t i = 0; i < l->nitems; i++) {
		size_t first, n = labels_answers_on(l, i, &first);
		const struct labels_origin *o =
		    row_of(sorted, rows->n, l->item[i].item.id);

		if (o == NULL && n > 0) {
			(void)fault_set(f, FAULT_INPUT,
			    "an item that was answered is not in the join "
			    "map");
			goto out;
		}
		if (o == NULL)
			continue;
		if (join_item(joined, &l->item[i].item, o, frame, f) != 0)
			goto out;
		for (size_t k = first; k < first + n; k++)
			if (join_answer(joined, l, &l->answer[k].answer, o,
				frame, f) != 0)
				goto out;
	}
	labels_index(joined);
	*out = joined;
	joined = NULL; /* the caller's from here */
	rc = 0;
out:
	mem_free(sorted);
	labels_free(joined);
	return rc;
}

/* A CSV field (RFC 4180), quoted where it must be. */
static int
write_field(struct labels_sink *s, const char *text, struct fault *f)
{
	if (strpbrk(text, ",\"\r\n") == NULL)
		return labels_sink_text(s, text, f);
	if (labels_sink_text(s, "\"", f) != 0)
		return -1;
	for (; *text != '\0'; text++)
		if ((*text == '"' && labels_sink_text(s, "\"", f) != 0) ||
		    bytes_add(&s->buffer, text, 1, f) != 0)
			return -1;
	return labels_sink_text(s, "\"", f);
}

int
labels_write_groups(const struct labels_origins *rows, int fd, struct fault *f)
{
	struct labels_sink s;
	int rc = -1;

	labels_sink_init(&s, fd);
	if (labels_sink_text(&s, "item,group\n", f) != 0)
		goto out;
	for (size_t i = 0; i < rows->n; i++) {
		const struct labels_origin *o = &rows->at[i];

		if (write_field(&s, o->original, f) != 0 ||
		    labels_sink_text(&s, ",", f) != 0 ||
		    write_field(&s, o->group == NULL ? "" : o->group, f) != 0 ||
		    labels_sink_text(&s, "\n", f) != 0 ||
		    labels_sink_spill(&s, f) != 0)
			goto out;
	}
	rc = labels_sink_end(&s, f);
out:
	bytes_free(&s.buffer);
	return rc;
}
