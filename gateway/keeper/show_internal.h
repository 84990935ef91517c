#ifndef GATEWAY_KEEPER_SHOW_INTERNAL_H
#define GATEWAY_KEEPER_SHOW_INTERNAL_H

#include "gateway/keeper/holds_internal.h"

#define DAY ((int64_t)86400)

/* A status in the making: its lists, and what is in hand. */
struct view {
	struct home *h;
	int64_t now;
	json_t *out, *due, *wrong, *held;
	uint64_t more;
	const struct catalog_vendor *vendor; /* in hand */
	struct objects_seen objects;
};

/* Members that may be NULL, or 0, and are then left out. */
struct line {
	const char *what, *id, *name, *type;
	int64_t at;
	const char *why; /* in words */
};

/* One more line of a list, where there is room. */
NEED int view_add(
    struct view *v, json_t *list, const struct line *l, struct fault *f);

/* The same of an object, taken over. */
NEED int view_append(
    struct view *v, json_t *list, json_t *one, struct fault *f);

/* Members: a text; a time, none for 0. */
NEED int view_text(
    json_t *o, const char *key, const char *text, struct fault *f);
NEED int view_time(json_t *o, const char *key, int64_t at, struct fault *f);

/* show_batches.c: all that there is to say of batches. */
NEED int view_batches(struct view *v, struct fault *f);

#endif
