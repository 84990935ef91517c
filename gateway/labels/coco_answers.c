/*
 * From what a COCO file says to answers.
 *
 *     annotations --> their picture's item, sorted by (item, annotator)
 *                 --> one answer a group
 *     answers[]   --> the group's time; "empty" and "skipped" as they are
 *     pictures that nobody said anything about stay open, unless the contract
 *     says that a listed picture without a box is a negative
 */

#include <string.h>

#include "gateway/labels/coco_internal.h"
#include "keys/base/mem.h"

static int
compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int
by_image_id(const void *a, const void *b)
{
	const struct coco_image *x = a, *y = b;
	int d = compare_u64(x->id, y->id);

	return d != 0 ? d : compare_u64(x->line, y->line);
}

static int
by_image_item(const void *a, const void *b)
{
	const struct coco_image *x = a, *y = b;
	int d = compare_u64(x->item, y->item);

	return d != 0 ? d : compare_u64(x->line, y->line);
}

static int
by_category_id(const void *a, const void *b)
{
	const struct coco_category *x = a, *y = b;

	return compare_u64(x->id, y->id);
}

static int
by_item_and_annotator(const void *a, const void *b)
{
	const struct coco_annotation *x = a, *y = b;
	int d = compare_u64(x->item, y->item);

	if (d == 0)
		d = compare_u64(x->annotator, y->annotator);
	return d != 0 ? d : compare_u64(x->order, y->order);
}

static int
said_by_item_and_annotator(const void *a, const void *b)
{
	const struct coco_said *x = a, *y = b;
	int d = compare_u64(x->item, y->item);

	if (d == 0)
		d = compare_u64(x->annotator, y->annotator);
	return d != 0 ? d : compare_u64(x->line, y->line);
}

static void
sort(
    void *at, size_t n, size_t size, int (*compare)(const void *, const void *))
{
	if (n > 1)
		qsort(at, n, size, compare);
}

static struct coco_image *
image_of(const struct coco *c, uint64_t id)
{
	size_t low = 0, high = c->nimages;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c->images[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low < c->nimages && c->images[low].id == id ? &c->images[low]
							   : NULL;
}

/* Ids that come twice make every reference to them doubtful. */
static void
find_twice(struct coco *c)
{
	for (size_t i = 1; i < c->nimages; i++)
		if (c->images[i].id == c->images[i - 1].id)
			labels_find(c->l, FOUND_DUPLICATE, c->images[i].line,
			    NULL, "image id %llu comes twice",
			    (unsigned long long)c->images[i].id);
	for (size_t i = 1; i < c->ncategories; i++)
		if (c->categories[i].id == c->categories[i - 1].id)
			labels_find(c->l, FOUND_DUPLICATE, 0, NULL,
			    "category id %llu comes twice",
			    (unsigned long long)c->categories[i].id);
}

/* Every annotation's item; those of no picture are found and go to the end,
 * behind all items. */
static void
resolve_items(struct coco *c)
{
	for (size_t i = 0; i < c->nannotations; i++) {
		struct coco_annotation *a = &c->annotations[i];
		const struct coco_image *image = image_of(c, a->image);

		a->item = image == NULL ? UINT32_MAX : image->item;
		if (image == NULL)
			labels_find(c->l, FOUND_IMAGE_UNKNOWN, a->line, NULL,
			    "annotation %u is on image %llu, which is not "
			    "listed",
			    a->order + 1, (unsigned long long)a->image);
		if (a->annotator == COCO_NOBODY)
			a->annotator = c->contributor;
	}
	for (size_t i = 0; i < c->nsaid; i++)
		if (c->said[i].annotator == COCO_NOBODY)
			c->said[i].annotator = c->contributor;
}

/* The class of an annotation; false, with a finding, when it has none. */
static bool
class_of(struct coco *c, const struct coco_annotation *a, const char *item,
    uint32_t *out)
{
	struct coco_category key = { .id = a->category }, *cat = NULL;
	const char *name;

	if (c->ncategories > 0)
		cat = bsearch(&key, c->categories, c->ncategories, sizeof(key),
		    by_category_id);
	if (cat == NULL) {
		labels_find(c->l, FOUND_UNKNOWN_CLASS, a->line, item,
		    "annotation %u has category %llu, which is not listed",
		    a->order + 1, (unsigned long long)a->category);
		return false;
	}
	if (cat->judged == COCO_UNJUDGED) {
		name = c->category_names.text[cat->name];
		cat->judged = labels_class_of(c->l, name, strlen(name), item,
				  a->line, &cat->class)
				  ? COCO_KNOWN
				  : COCO_UNKNOWN;
	}
	*out = cat->class;
	return cat->judged == COCO_KNOWN;
}

static void
begin(struct coco *c, struct labels_draft *d, uint32_t item, uint32_t annotator,
    uint32_t line)
{
	labels_draft_reset(d);
	d->tolerant = true;
	d->line = line;
	(void)snprintf(d->item, sizeof(d->item), "%s", c->l->items.text[item]);
	(void)snprintf(d->annotator, sizeof(d->annotator), "%s",
	    c->annotators.text[annotator]);
	d->has_annotator = d->annotator[0] != '\0';
}

/* The judged draft into the set; what the set has no room for is found. */
static int
put(struct coco *c, struct labels_draft *d, struct fault *f)
{
	if (labels_put(c->l, d, f) == 0)
		return 0;
	if (f->kind != FAULT_INPUT)
		return -1;
	labels_find(c->l, FOUND_TOO_MANY, d->line, d->item, "%s", f->text);
	fault_clear(f);
	return 0;
}

static int
add_box(struct coco *c, struct labels_draft *d, const struct coco_annotation *a,
    struct fault *f)
{
	struct labels_box box = {
		.crowd = a->crowd, .x = a->x, .y = a->y, .w = a->w, .h = a->h
	};

	d->rounded = d->rounded || a->rounded;
	if (!class_of(c, a, d->item, &box.class) || a->bad) {
		d->bad = true;
		return 0;
	}
	if (labels_draft_box(d, &box, f) == 0)
		return 0;
	if (f->kind != FAULT_INPUT)
		return -1;
	if (!d->bad)
		labels_find(
		    c->l, FOUND_TOO_MANY, a->line, d->item, "%s", f->text);
	d->bad = true;
	fault_clear(f);
	return 0;
}

/* "answered" as this annotator said it of this item, or NULL. */
static struct coco_said *
said_of(struct coco *c, uint32_t item, uint32_t annotator)
{
	size_t low = 0, high = c->nsaid;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct coco_said *s = &c->said[mid];

		if (s->item < item ||
		    (s->item == item && s->annotator < annotator))
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < c->nsaid && c->said[low].item == item &&
	       c->said[low].annotator == annotator;
	     low++)
		if (c->said[low].state == LABELS_ANSWERED)
			return &c->said[low];
	return NULL;
}

/* One annotator's annotations on one item, n of them. */
static int
put_group(struct coco *c, struct labels_draft *d,
    const struct coco_annotation *a, size_t n, struct fault *f)
{
	struct coco_said *said;
	bool boxes = a->has_box;

	begin(c, d, a->item, a->annotator, a->line);
	if ((said = said_of(c, a->item, a->annotator)) != NULL) {
		said->used = true;
		d->at = said->at;
		d->bad = said->bad;
	}
	d->kind = boxes ? LABELS_BOXES : LABELS_CLASS;
	for (size_t i = 0; i < n; i++) {
		if (a[i].has_box != boxes) {
			d->bad = true;
			labels_find(c->l, FOUND_WRONG_KIND, a[i].line, d->item,
			    "annotations with and without a bbox");
			break;
		}
		if (boxes && add_box(c, d, &a[i], f) != 0)
			return -1;
	}
	if (!boxes && n > 1) {
		d->bad = true;
		labels_find(c->l, FOUND_DUPLICATE, a[1].line, d->item,
		    "%zu classes by one annotator", n);
	}
	if (!boxes && !class_of(c, a, d->item, &d->class))
		d->bad = true;
	return put(c, d, f);
}

static int
put_groups(struct coco *c, struct labels_draft *d, struct fault *f)
{
	size_t i = 0, n;

	for (; i < c->nannotations; i += n) {
		const struct coco_annotation *a = &c->annotations[i];

		if (a->item == UINT32_MAX)
			break;
		for (n = 1; i + n < c->nannotations && a[n].item == a->item &&
			    a[n].annotator == a->annotator;
		     n++)
			;
		if (put_group(c, d, a, n, f) != 0)
			return -1;
	}
	return 0;
}

/* "empty" and "skipped" as said; "answered" must have had annotations. */
static int
put_said(struct coco *c, struct labels_draft *d, struct fault *f)
{
	for (size_t i = 0; i < c->nsaid; i++) {
		const struct coco_said *s = &c->said[i];

		if (s->item == UINT32_MAX || s->used)
			continue;
		begin(c, d, s->item, s->annotator, s->line);
		d->at = s->at;
		d->bad = s->bad;
		d->state = s->state;
		if (s->state == LABELS_ANSWERED) {
			labels_find(c->l, FOUND_MALFORMED, s->line, d->item,
			    "said to be answered, and has no annotation of "
			    "that annotator's");
			continue;
		}
		if (s->state == LABELS_SKIPPED && s->reason == NULL) {
			d->bad = true;
			labels_find(c->l, FOUND_REASON_MISSING, s->line,
			    d->item, "skipped without a reason");
		}
		if (s->reason != NULL)
			(void)snprintf(
			    d->reason, sizeof(d->reason), "%s", s->reason);
		if (put(c, d, f) != 0)
			return -1;
	}
	return 0;
}

/* Pictures that are listed and not spoken of: negatives by contract. */
static int
put_negatives(struct coco *c, struct labels_draft *d, struct fault *f)
{
	size_t a = 0, s = 0;

	for (size_t i = 0; i < c->nimages; i++) {
		uint32_t item = c->images[i].item;

		if (item == UINT32_MAX)
			break;
		if (i > 0 && c->images[i - 1].item == item) {
			labels_find(c->l, FOUND_DUPLICATE, c->images[i].line,
			    c->l->items.text[item], "two images of one item");
			continue;
		}
		while (a < c->nannotations && c->annotations[a].item < item)
			a++;
		while (s < c->nsaid && c->said[s].item < item)
			s++;
		if (!c->l->contract.unanswered_is_negative ||
		    (a < c->nannotations && c->annotations[a].item == item) ||
		    (s < c->nsaid && c->said[s].item == item))
			continue;
		begin(c, d, item, c->contributor, c->images[i].line);
		d->state = LABELS_EMPTY;
		if (put(c, d, f) != 0)
			return -1;
	}
	return 0;
}

static void
list_ignored(struct coco *c)
{
	for (uint32_t i = 0; i < c->ignored.n; i++)
		labels_find(c->l, FOUND_IGNORED, 0, NULL,
		    "member %s passed over, %zu times", c->ignored.text[i],
		    c->ignored_times[i]);
}

int
coco_answers(struct coco *c, struct fault *f)
{
	struct labels_draft d = { 0 };
	int rc = -1;

	sort(c->images, c->nimages, sizeof(*c->images), by_image_id);
	sort(c->categories, c->ncategories, sizeof(*c->categories),
	    by_category_id);
	find_twice(c);
	resolve_items(c);
	sort(c->annotations, c->nannotations, sizeof(*c->annotations),
	    by_item_and_annotator);
	sort(c->said, c->nsaid, sizeof(*c->said), said_by_item_and_annotator);
	sort(c->images, c->nimages, sizeof(*c->images), by_image_item);
	if (put_groups(c, &d, f) != 0 || put_said(c, &d, f) != 0 ||
	    put_negatives(c, &d, f) != 0)
		goto out;
	list_ignored(c);
	rc = 0;
out:
	labels_draft_free(&d);
	return rc;
}
