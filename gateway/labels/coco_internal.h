#ifndef GATEWAY_LABELS_COCO_INTERNAL_H
#define GATEWAY_LABELS_COCO_INTERNAL_H

#include "gateway/labels/labels_internal.h"

/*
 * A COCO file as read, before anything refers to anything: pictures may come
 * behind the annotations that name them, and categories last of all.
 */
#define COCO_NOBODY 0u /* the annotator "", not said */

struct coco_image {
	uint64_t id;
	uint32_t item; /* UINT32_MAX: none of the set's */
	uint32_t line;
};

struct coco_category {
	uint64_t id;
	uint32_t name; /* of coco.categories_names */
	uint32_t class;
	enum { COCO_UNJUDGED, COCO_KNOWN, COCO_UNKNOWN } judged;
};

struct coco_annotation {
	uint64_t image, category;
	int64_t x, y, w, h;
	uint32_t item; /* resolved from image */
	uint32_t annotator;
	uint32_t line, order;
	bool has_box, crowd, bad, rounded;
};

/* What a picture's member "answers" says (ours: docs/FORMATS.md). */
struct coco_said {
	uint64_t image;
	uint32_t item;
	uint32_t annotator;
	uint32_t line;
	int64_t at;
	enum labels_state state;
	bool bad;
	bool used; /* an annotation goes with it */
	char *reason;
};

struct coco {
	struct labels *l;
	struct labels_names annotators, category_names, ignored;
	size_t ignored_times[64];
	uint32_t contributor; /* annotator, where nothing nearer says one */

	struct coco_image *images;
	struct coco_category *categories;
	struct coco_annotation *annotations;
	struct coco_said *said;
	size_t nimages, ncategories, nannotations, nsaid;
	size_t images_room, categories_room, annotations_room, said_room;
	bool has_images;

	/* the element being read */
	const char *where;
	size_t number; /* of the element in its list, from 1 */
	struct coco_image image;
	struct coco_category category;
	struct coco_annotation annotation;
	struct coco_said saying;
	size_t first_said;
	char item[LABELS_ID_MAX + 1];
	char type[LABELS_NAME_MAX + 1];
	uint32_t width, height;
	unsigned nnumbers;
};

#define COCO_IDS_MAX ((uint64_t)1 << 53)

/* Count a member that is passed over. */
NEED int coco_ignore(void *to, const char *name, struct fault *f);
/* An annotator's number from the token. */
NEED int coco_annotator(
    struct coco *c, struct labels_json *j, uint32_t *out, struct fault *f);
/* One element of images[]. */
NEED int coco_image(struct coco *c, struct labels_json *j, struct fault *f);
/* Resolve what was read, and put every answer into the set. */
NEED int coco_answers(struct coco *c, struct fault *f);

#endif
