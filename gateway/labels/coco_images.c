/* images[] of a COCO file: which item a picture is, its size, and what our
 * member "answers" says about it. */

#include <string.h>

#include "gateway/labels/coco_internal.h"
#include "keys/base/mem.h"

static int
read_id(void *to, struct labels_json *j, struct fault *f)
{
	struct coco *c = to;

	return labels_json_whole(j, COCO_IDS_MAX, &c->image.id, f);
}

/* The item's id in a file's name: the last element up to its first dot, if it
 * has the form of one; else the whole name, as originals are named. */
static int
read_file_name(void *to, struct labels_json *j, struct fault *f)
{
	static const char set[] = "abcdefghijklmnopqrstuvwxyz234567";
	struct coco *c = to;
	const char *name, *last, *dot;

	if (labels_json_text(j, LABELS_ID_MAX, false, f) != 0)
		return -1;
	name = (const char *)j->text.at;
	last = strrchr(name, '/');
	last = last == NULL ? name : last + 1;
	if (strspn(last, set) == LABELS_ITEM_CHARS &&
	    (last[LABELS_ITEM_CHARS] == '.' ||
		last[LABELS_ITEM_CHARS] == '\0')) {
		(void)snprintf(c->item, sizeof(c->item), "%.26s", last);
		dot = strrchr(last, '.');
		(void)snprintf(
		    c->type, sizeof(c->type), "%s", dot == NULL ? "" : dot + 1);
	} else {
		(void)snprintf(c->item, sizeof(c->item), "%s", name);
	}
	return 0;
}

static int
read_side(void *to, struct labels_json *j, struct fault *f)
{
	struct coco *c = to;
	uint64_t n;

	if (j->token == TOKEN_NULL)
		return 0;
	if (labels_json_whole(j, LABELS_SIDE_MAX, &n, f) != 0)
		return -1;
	*(j->which == 0 ? &c->width : &c->height) = (uint32_t)n;
	return 0;
}

static int
read_said_annotator(void *to, struct labels_json *j, struct fault *f)
{
	struct coco *c = to;

	return coco_annotator(c, j, &c->saying.annotator, f);
}

static int
read_said_at(void *to, struct labels_json *j, struct fault *f)
{
	struct coco *c = to;
	struct labels_draft d = { .line = j->line };

	if (labels_json_text(j, LABELS_NAME_MAX, true, f) != 0)
		return -1;
	c->saying.at = labels_time_of(
	    c->l, j->text.len > 0 ? (const char *)j->text.at : "", &d);
	c->saying.bad = d.bad;
	return 0;
}

static int
read_said_state(void *to, struct labels_json *j, struct fault *f)
{
	struct coco *c = to;

	if (labels_json_text(j, LABELS_NAME_MAX, false, f) != 0)
		return -1;
	for (int s = LABELS_ANSWERED; s <= LABELS_SKIPPED; s++)
		if (strcmp((const char *)j->text.at,
			labels_state_name((enum labels_state)s)) == 0) {
			c->saying.state = (enum labels_state)s;
			return 0;
		}
	return fault_set(f, FAULT_INPUT, "needs answered, empty or skipped");
}

static int
read_said_reason(void *to, struct labels_json *j, struct fault *f)
{
	struct coco *c = to;

	if (labels_json_text(j, LABELS_REASON_MAX, false, f) != 0)
		return -1;
	mem_free(c->saying.reason);
	c->saying.reason = mem_text(j->text.at, j->text.len);
	return c->saying.reason == NULL ? fault_memory(f) : 0;
}

static int
read_saying(void *to, struct labels_json *j, struct fault *f)
{
	static const struct labels_member members[] = {
		{ "annotator", read_said_annotator, 0 },
		{ "at", read_said_at, 0 },
		{ "state", read_said_state, 0 },
		{ "reason", read_said_reason, 0 },
		{ NULL, NULL, 0 },
	};
	struct coco *c = to;
	uint32_t seen;

	mem_free(c->saying.reason);
	c->saying = (struct coco_said){ .state = LABELS_ANSWERED,
		.annotator = COCO_NOBODY,
		.line = j->line };
	if (labels_json_object(j, members, c, &seen, NULL, f) != 0)
		return -1;
	if (labels_grow((void **)&c->said, &c->said_room, c->nsaid,
		sizeof(*c->said), LABELS_ANSWERS_MAX, f) != 0)
		return fault_at(f, "answers");
	c->said[c->nsaid++] = c->saying;
	c->saying.reason = NULL; /* the list's from here */
	return 0;
}

static int
read_answers(void *to, struct labels_json *j, struct fault *f)
{
	return labels_json_list(j, read_saying, to, f);
}

/* Remember a picture's size where nobody else gave one; else compare. */
static void
judge_size(struct coco *c, struct labels_held_item *held)
{
	struct labels_item *item = &held->item;
	const char *why = "";

	if (c->width == 0 || c->height == 0)
		return;
	if (item->width == 0 && item->height == 0) {
		item->width = c->width;
		item->height = c->height;
		return;
	}
	if (item->width == c->width && item->height == c->height)
		return;
	if (item->width == c->height && item->height == c->width)
		why = ": sides exchanged, the tool turned the picture";
	labels_find(c->l, FOUND_SIZE_DIFFERS, c->image.line, c->item,
	    "labelled at %ux%u, delivered as %ux%u%s", c->width, c->height,
	    item->width, item->height, why);
}

static int
keep_image(struct coco *c, struct fault *f)
{
	const struct labels_item named = { .type = c->type };
	struct labels_held_item *held;
	bool known;

	if (labels_item_of(c->l, c->item, &known, &c->image.item, f) != 0)
		return -1;
	if (known) {
		held = &c->l->item[c->image.item];
		judge_size(c, held);
		/* what a COCO file lists is a picture, whatever it is called */
		if (held->type[0] == '\0' && c->type[0] != '\0' &&
		    labels_is_picture(&named)) {
			char *type = mem_text(c->type, strlen(c->type));

			if (type == NULL)
				return fault_memory(f);
			mem_free(held->type);
			held->item.type = held->type = type;
		}
	} else {
		c->image.item = UINT32_MAX;
		labels_find(c->l, FOUND_UNKNOWN_ITEM, c->image.line, c->item,
		    "the batch has no such item");
	}
	if (labels_grow((void **)&c->images, &c->images_room, c->nimages,
		sizeof(*c->images), LABELS_ITEMS_MAX, f) != 0)
		return fault_at(f, "images");
	c->images[c->nimages++] = c->image;
	for (size_t i = c->first_said; i < c->nsaid; i++) {
		c->said[i].image = c->image.id;
		c->said[i].item = c->image.item;
	}
	return 0;
}

int
coco_image(struct coco *c, struct labels_json *j, struct fault *f)
{
	static const struct labels_member members[] = {
		{ "id", read_id, 0 },
		{ "file_name", read_file_name, 0 },
		{ "width", read_side, 0 },
		{ "height", read_side, 1 },
		{ "answers", read_answers, 0 },
		{ NULL, NULL, 0 },
	};
	uint32_t seen;

	c->image = (struct coco_image){ .line = j->line };
	c->item[0] = c->type[0] = '\0';
	c->width = c->height = 0;
	c->first_said = c->nsaid;
	if (labels_json_object(j, members, c, &seen, coco_ignore, f) != 0)
		goto fail;
	if ((seen & 3) != 3) {
		(void)fault_set(f, FAULT_INPUT, "needs id and file_name");
		goto fail;
	}
	if (keep_image(c, f) == 0)
		return 0;
fail:
	while (c->nsaid > c->first_said)
		mem_free(c->said[--c->nsaid].reason);
	return -1;
}
