/*
 * A reader's events, each at its place; see json_internal.h.
 *
 * An object that has a name twice is found out by the place: it remembers the
 * serial number of the object it was last met in.
 */

#include <string.h>

#include "gateway/mask/json_internal.h"
#include "keys/base/mem.h"

int
json_walk_open(struct json_walk *w, const struct names *apart, struct fault *f)
{
	bytes_init(&w->text, MASK_RECORD_MAX);
	w->frames = mem_array(MASK_DEPTH_MAX + 2, sizeof(*w->frames));
	if (json_paths_init(&w->paths, f) != 0 ||
	    json_apart_by(&w->paths, apart, f) != 0)
		return -1;
	return w->frames == NULL ? fault_memory(f) : 0;
}

void
json_walk_close(struct json_walk *w)
{
	json_paths_free(&w->paths);
	mem_free(w->frames);
	bytes_free(&w->text);
	mem_free(w->lengths.at);
	w->lengths = (struct json_lengths){ 0 };
	w->frames = NULL;
}

int
json_walk_measure(struct json_walk *w, struct fault *f)
{
	struct json_reader *r = &w->reader;
	struct slice text = { r->p, r->len };
	uint64_t base = r->base;

	if (!w->paths.ends)
		return 0;
	if (json_measure(&w->lengths, r, f) != 0)
		return -1;
	json_read_text(r, text.at, text.len, base);
	return 0;
}

void
json_walk_begin(struct json_walk *w)
{
	w->depth = 0;
	w->place = 0;
	w->frames[0] = (struct json_frame){ 0 };
	w->lengths.next = 0;
}

int
json_walk_at(const struct json_walk *w, struct fault *f)
{
	struct fault lost = { 0 };
	struct bytes path;

	bytes_init(&path, (size_t)2 * MASK_RECORD_MAX);
	if (json_path(&w->paths, w->place, &path, &lost) == 0 &&
	    bytes_end_text(&path, &lost) == 0)
		(void)fault_at(f, "path \"%.200s\"", (const char *)path.at);
	bytes_free(&path);
	return -1;
}

/* A member's name: where its value will be. */
static int
enter_member(struct json_walk *w, struct fault *f)
{
	struct json_frame *top = &w->frames[w->depth];
	struct json_place *at;
	struct slice name;

	if (json_text(&w->reader, &w->text, &name, f) != 0 ||
	    json_child(&w->paths, top->place, top->last, &name, &w->place, f) !=
		0)
		return -1;
	top->last = w->place;
	at = &w->paths.at[w->place];
	if (at->seen == top->serial) {
		(void)fault_set(f, FAULT_INPUT, "twice in one object");
		return json_walk_at(w, f);
	}
	at->seen = top->serial;
	if (w->rows && w->depth == 1 && name.len == 5 &&
	    memcmp(name.at, "_item", 5) == 0)
		return fault_set(f, FAULT_INPUT,
		    "has a member \"_item\", which is for item ids");
	return 0;
}

static int
enter_element(struct json_walk *w, struct fault *f)
{
	struct json_frame *top = &w->frames[w->depth];

	if (w->depth == 0) {
		w->place = 0;
		return 0;
	}
	if (w->paths.ntold > 0) {
		if (json_element_at(&w->paths, top->place, top->number++,
			top->length, &w->place, f) != 0)
			return -1;
		if (w->place != 0)
			return 0;
	}
	if (json_child(&w->paths, top->place, top->last, NULL, &w->place, f) !=
	    0)
		return -1;
	top->last = 0; /* all elements share a place: the first guess */
	return 0;
}

static void
note_start(struct json_walk *w)
{
	const struct json_reader *r = &w->reader;

	w->inner = r->lead;
	w->member = r->comma != JSON_NOWHERE ? r->comma : r->lead;
}

/* How long the array is that opens. */
static int
note_length(struct json_walk *w, struct fault *f)
{
	struct json_lengths *l = &w->lengths;

	if (!w->paths.ends || w->reader.object)
		return 0;
	if (l->next >= l->n)
		return fault_set(f, FAULT_INPUT, "changed while it was read");
	w->frames[w->depth].length = l->at[l->next++];
	return 0;
}

int
json_walk_next(struct json_walk *w, enum json_event *event, struct fault *f)
{
	struct json_reader *r = &w->reader;

	r->hold = JSON_NOWHERE;
	if (json_next(r, event, f) != 0)
		return -1;
	if (*event == EVENT_NAME) {
		note_start(w);
		r->hold = w->member;
		if (enter_member(w, f) != 0 || json_next(r, event, f) != 0)
			return -1;
	} else if (*event == EVENT_CLOSE) {
		w->place = w->frames[w->depth].place;
		w->depth--;
		return 0;
	} else if (*event != EVENT_END) {
		note_start(w);
		if (enter_element(w, f) != 0)
			return -1;
	}
	if (*event == EVENT_OPEN) {
		w->frames[++w->depth] = (struct json_frame){ .place = w->place,
			.serial = ++w->serial,
			.object = r->object };
		return note_length(w, f);
	}
	return 0;
}
