/*
 * COCO object detection and classification files, read as a stream.
 *
 *	images[]       id, file_name (its stem is the item), width, height
 *	annotations[]  image_id, category_id, bbox, iscrowd
 *	categories[]   id, name
 *
 * (cocodataset.org, "Data format".)  An annotation without a bbox is a class
 * for the whole picture.  Segmentations, keypoints and captions are passed
 * over, and said so; every other member that is not read is listed.  COCO has
 * no place for who answered and when, nor for "nothing there" against "not
 * looked at": our members images[].answers and annotations[].annotator hold
 * that (docs/FORMATS.md); info.contributor stands in for the annotator.
 *
 * Not here: images[] (coco_images.c); what the ids refer to (coco_answers.c).
 */

#include "gateway/labels/coco_internal.h"

#include <string.h>

#include "keys/base/mem.h"

/* Members that every COCO file has, or that can be made again. */
static bool
is_usual(const char *name)
{
	static const char *const usual[] = { "id", "area", "supercategory",
		"license", "licenses", "flickr_url", "coco_url",
		"date_captured", "date_created", "url", "version", "year",
		"description" };

	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (strcmp(usual[i], name) == 0)
			return true;
	return false;
}

/* Count a member that is passed over; the first 64 names. */
int
coco_ignore(void *to, const char *name, struct fault *f)
{
	struct coco *c = to;
	char text[2 * LABELS_SHOWN_CHARS + 2], shown[LABELS_SHOWN_CHARS + 1];
	uint32_t i;

	if (is_usual(name))
		return 0;
	(void)snprintf(text, sizeof(text), "%s.%s", c->where,
	    labels_shown(shown, name, strlen(name)));
	if (!labels_names_find(&c->ignored, text, strlen(text), &i)) {
		if (c->ignored.n == 64)
			return 0;
		if (labels_names_add(
			&c->ignored, text, strlen(text), 64, &i, f) != 0)
			return -1;
	}
	c->ignored_times[i]++;
	return 0;
}

int
coco_annotator(
    struct coco *c, struct labels_json *j, uint32_t *out, struct fault *f)
{
	if (labels_json_text(j, LABELS_NAME_MAX, true, f) != 0)
		return -1;
	return labels_names_add(&c->annotators,
	    j->text.len > 0 ? (const char *)j->text.at : "", j->text.len,
	    LABELS_ANNOTATORS_MAX, out, f);
}

static int
read_id(void *to, struct labels_json *j, struct fault *f)
{
	struct coco *c = to;
	uint64_t *out[] = { &c->category.id, &c->annotation.image,
		&c->annotation.category };

	return labels_json_whole(j, COCO_IDS_MAX, out[j->which], f);
}

static int
read_name(void *to, struct labels_json *j, struct fault *f)
{
	struct coco *c = to;

	if (labels_json_text(j, LABELS_NAME_MAX, false, f) != 0)
		return -1;
	return labels_names_add(&c->category_names, (const char *)j->text.at,
	    j->text.len, LABELS_CLASSES_MAX, &c->category.name, f);
}

static int
read_category(struct coco *c, struct labels_json *j, struct fault *f)
{
	static const struct labels_member members[] = {
		{ "id", read_id, 0 },
		{ "name", read_name, 0 },
		{ NULL, NULL, 0 },
	};
	uint32_t seen;

	c->category = (struct coco_category){ 0 };
	if (labels_json_object(j, members, c, &seen, coco_ignore, f) != 0)
		return -1;
	if (seen != 3)
		return fault_set(f, FAULT_INPUT, "needs id and name");
	if (labels_grow((void **)&c->categories, &c->categories_room,
		c->ncategories, sizeof(*c->categories), LABELS_CLASSES_MAX,
		f) != 0)
		return fault_at(f, "categories");
	c->categories[c->ncategories++] = c->category;
	return 0;
}

static int
read_number(void *to, struct labels_json *j, struct fault *f)
{
	struct coco *c = to;
	struct coco_annotation *a = &c->annotation;
	int64_t *out[] = { &a->x, &a->y, &a->w, &a->h };

	if (c->nnumbers == 4)
		return fault_set(f, FAULT_INPUT, "more than 4 numbers");
	if (j->token == TOKEN_NAN) {
		a->bad = true;
		labels_find(c->l, FOUND_BOX_NOT_FINITE, j->line, NULL,
		    "annotation %zu has a coordinate that is no number",
		    c->number);
	} else if (j->token != TOKEN_NUMBER) {
		return fault_set(f, FAULT_INPUT, "needs a number");
	} else if (!labels_decimal_read(out[c->nnumbers],
		       (const char *)j->text.at, j->text.len, &a->rounded)) {
		return fault_set(f, FAULT_INPUT, "a number out of range");
	}
	c->nnumbers++;
	return 0;
}

static int
read_bbox(void *to, struct labels_json *j, struct fault *f)
{
	struct coco *c = to;

	c->nnumbers = 0;
	if (j->token == TOKEN_NULL)
		return 0;
	if (labels_json_list(j, read_number, c, f) != 0)
		return -1;
	if (c->nnumbers != 4)
		return fault_set(f, FAULT_INPUT, "needs 4 numbers");
	c->annotation.has_box = true;
	return 0;
}

static int
read_crowd(void *to, struct labels_json *j, struct fault *f)
{
	struct coco *c = to;
	uint64_t n = j->token == TOKEN_TRUE;

	if (j->token != TOKEN_TRUE && j->token != TOKEN_FALSE &&
	    labels_json_whole(j, 1, &n, f) != 0)
		return -1;
	c->annotation.crowd = n == 1;
	return 0;
}

static int
read_annotator(void *to, struct labels_json *j, struct fault *f)
{
	struct coco *c = to;

	return coco_annotator(c, j, &c->annotation.annotator, f);
}

/* "segmentation": [] says nothing; anything else is passed over. */
static int
read_segmentation(void *to, struct labels_json *j, struct fault *f)
{
	unsigned depth = j->depth;

	if (j->token == TOKEN_NULL)
		return 0;
	if (j->token == TOKEN_LIST || j->token == TOKEN_OBJECT) {
		if (labels_json_next(j, f) != 0)
			return -1;
		if (j->depth < depth)
			return 0;
		if (labels_json_leave(j, depth - 1, f) != 0)
			return -1;
	}
	return coco_ignore(to, "segmentation", f);
}

static int
read_annotation(struct coco *c, struct labels_json *j, struct fault *f)
{
	static const struct labels_member members[] = {
		{ "image_id", read_id, 1 },
		{ "category_id", read_id, 2 },
		{ "bbox", read_bbox, 0 },
		{ "iscrowd", read_crowd, 0 },
		{ "annotator", read_annotator, 0 },
		{ "segmentation", read_segmentation, 0 },
		{ NULL, NULL, 0 },
	};
	uint32_t seen;

	c->annotation = (struct coco_annotation){
		.line = j->line,
		.order = (uint32_t)c->nannotations,
		.annotator = COCO_NOBODY,
	};
	if (labels_json_object(j, members, c, &seen, coco_ignore, f) != 0)
		return -1;
	if ((seen & 3) != 3)
		return fault_set(
		    f, FAULT_INPUT, "needs image_id and category_id");
	if (labels_grow((void **)&c->annotations, &c->annotations_room,
		c->nannotations, sizeof(*c->annotations), LABELS_ALL_PARTS_MAX,
		f) != 0)
		return fault_at(f, "annotations");
	c->annotations[c->nannotations++] = c->annotation;
	return 0;
}

/* One element of the three lists.  What is wrong with it alone is a finding,
 * and the next one is read. */
static int
read_element(void *to, struct labels_json *j, struct fault *f)
{
	static int (*const readers[])(struct coco * c, struct labels_json * j,
	    struct fault * f) = { coco_image, read_category, read_annotation };
	struct coco *c = to;
	int which = c->where[0] == 'i' ? 0 : c->where[0] == 'c' ? 1 : 2;
	unsigned depth = j->depth;
	uint32_t line = j->line;

	if (j->token == TOKEN_OBJECT || j->token == TOKEN_LIST)
		depth--;
	c->number++;
	if (readers[which](c, j, f) == 0)
		return 0;
	if (f->kind != FAULT_INPUT || j->broken)
		return -1;
	labels_find(c->l, FOUND_MALFORMED, line, NULL, "%s, number %zu: %s",
	    c->where, c->number, f->text);
	fault_clear(f);
	return labels_json_leave(j, depth, f);
}

static int
read_list(void *to, struct labels_json *j, struct fault *f)
{
	static const char *const where[] = { "images", "categories",
		"annotations" };
	struct coco *c = to;

	c->where = where[j->which];
	c->number = 0;
	c->has_images = c->has_images || j->which == 0;
	return labels_json_list(j, read_element, c, f);
}

static int
read_contributor(void *to, struct labels_json *j, struct fault *f)
{
	struct coco *c = to;

	if (j->token != TOKEN_TEXT)
		return labels_json_skip(j, f);
	return coco_annotator(c, j, &c->contributor, f);
}

static int
read_info(void *to, struct labels_json *j, struct fault *f)
{
	static const struct labels_member members[] = {
		{ "contributor", read_contributor, 0 },
		{ NULL, NULL, 0 },
	};
	struct coco *c = to;
	uint32_t seen;

	c->where = "info";
	if (j->token != TOKEN_OBJECT)
		return labels_json_skip(j, f);
	return labels_json_object(j, members, c, &seen, coco_ignore, f);
}

static int
read_top(struct coco *c, struct labels_json *j, struct fault *f)
{
	static const struct labels_member members[] = {
		{ "images", read_list, 0 },
		{ "categories", read_list, 1 },
		{ "annotations", read_list, 2 },
		{ "info", read_info, 0 },
		{ NULL, NULL, 0 },
	};
	uint32_t seen;

	c->where = "file";
	if (labels_json_next(j, f) != 0 ||
	    labels_json_object(j, members, c, &seen, coco_ignore, f) != 0)
		return -1;
	if (!c->has_images)
		return fault_set(f, FAULT_INPUT, "no list of images");
	return labels_json_next(j, f);
}

static void
coco_free(struct coco *c)
{
	for (size_t i = 0; i < c->nsaid; i++)
		mem_free(c->said[i].reason);
	mem_free(c->saying.reason);
	mem_free(c->said);
	mem_free(c->images);
	mem_free(c->categories);
	mem_free(c->annotations);
	labels_names_free(&c->annotators);
	labels_names_free(&c->category_names);
	labels_names_free(&c->ignored);
	mem_free(c);
}

int
labels_read_coco(struct labels *l, int fd, struct fault *f)
{
	struct coco *c = mem_new(sizeof(*c));
	struct labels_json j = { .fd = -1 };
	uint32_t nobody;
	int rc = -1;

	if (c == NULL)
		return fault_memory(f);
	c->l = l;
	labels_names_init(&c->annotators);
	labels_names_init(&c->category_names);
	labels_names_init(&c->ignored);
	if (labels_names_add(&c->annotators, "", 0, 1, &nobody, f) != 0 ||
	    labels_json_open(&j, fd, LABELS_FILE_MAX, f) != 0)
		goto out;
	if (read_top(c, &j, f) != 0) {
		if (f->kind != FAULT_INPUT)
			goto out;
		labels_find(l, FOUND_MALFORMED, j.line, NULL,
		    "the file is read no further: %s", f->text);
		fault_clear(f);
		rc = 0;
		goto out;
	}
	if (j.marked)
		labels_find(l, FOUND_BYTE_ORDER_MARK, 1, NULL,
		    "a byte order mark, passed over");
	rc = coco_answers(c, f);
out:
	labels_json_free(&j);
	coco_free(c);
	return rc;
}
