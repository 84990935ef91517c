/*
 * JSON documents as files: one document a file, streamed through a window, so
 * that its size does not matter; only a single value must fit in memory.
 */

#include "gateway/mask/json_internal.h"
#include "keys/base/mem.h"

int
json_shape_add(struct json_walk *w, struct fault *f)
{
	enum json_event event;

	json_walk_begin(w);
	do {
		if (json_walk_next(w, &event, f) != 0)
			return -1;
		w->paths.at[w->place].holds |= json_holds(event);
	} while (event != EVENT_END);
	return 0;
}

/* The place in to of the i-th in from, whose parent's is parent. */
static int
join_place(struct json_paths *to, const struct json_paths *from, uint32_t i,
    uint32_t parent, uint32_t *out, struct fault *f)
{
	const struct json_place *p = &from->at[i];
	struct slice name;

	if (p->name != JSON_ANY) {
		name = (struct slice){ NULL, 0 };
		if (p->chars > 0)
			name = (struct slice){ from->names.at + p->name,
				p->chars };
		return json_child(to, parent, 0, &name, out, f);
	}
	if (p->chars > 0) {
		const struct json_kind *k = &from->kinds[p->chars - 1];

		return json_element(to, parent, k->front, k->back, out, f);
	}
	return json_child(to, parent, 0, NULL, out, f);
}

int
json_shape_join(
    struct json_walk *w, const struct json_walk *part, struct fault *f)
{
	const struct json_paths *from = &part->paths;
	uint32_t *places = mem_array(from->n, sizeof(*places));
	int rc = 0;

	if (places == NULL)
		return fault_memory(f);
	w->paths.at[0].holds |= from->at[0].holds;
	/* what holds a place was met before it */
	for (uint32_t i = 1; rc == 0 && i < from->n; i++) {
		rc = join_place(&w->paths, from, i, places[from->at[i].parent],
		    &places[i], f);
		if (rc == 0)
			w->paths.at[places[i]].holds |= from->at[i].holds;
	}
	mem_free(places);
	return rc;
}

int
json_shape_finish(const struct json_walk *w, struct shape *out, struct fault *f)
{
	struct bytes path;
	int rc = 0;

	bytes_init(&path, 2 * (size_t)MASK_RECORD_MAX);
	for (uint32_t i = 0; rc == 0 && i < w->paths.n; i++) {
		if (w->paths.at[i].holds == 0)
			continue;
		bytes_reset(&path);
		rc = json_path(&w->paths, i, &path, f);
		if (rc == 0)
			rc = shape_add(
			    out, path.at, path.len, w->paths.at[i].holds, f);
	}
	bytes_free(&path);
	return rc;
}

/* How long its arrays are, where a rule counts from their ends: a reading of
 * its own. */
static int
measure(struct json_walk *w, const struct mask_source *src, struct fault *f)
{
	struct mask_window window;
	int rc = -1;

	if (!w->paths.ends)
		return 0;
	if (window_open(&window, src->fd, 0, src->size, MASK_RECORD_MAX, f) ==
		0 &&
	    window_fill(&window, 0, f) == 0) {
		json_read_window(&w->reader, &window);
		rc = json_measure(&w->lengths, &w->reader, f);
	}
	window_close(&window);
	return rc;
}

int
json_shape(const struct mask_source *src, const struct mask_reading *as,
    struct shape *out, struct fault *f)
{
	struct mask_window window;
	struct json_walk w = { 0 };
	int rc = -1;

	if (window_open(&window, src->fd, 0, src->size, MASK_RECORD_MAX, f) !=
		0 ||
	    window_fill(&window, 0, f) != 0 ||
	    json_walk_open(&w, as->apart, f) != 0 || measure(&w, src, f) != 0)
		goto out;
	json_read_window(&w.reader, &window);
	if (json_shape_add(&w, f) == 0 && json_shape_finish(&w, out, f) == 0)
		rc = 0;
out:
	json_walk_close(&w);
	window_close(&window);
	return rc;
}

/* Read all of it for its subject alone. */
static int
know(struct json_mask *m, const struct mask_source *src, struct fault *f)
{
	struct mask_window window;
	int rc = -1;

	if (window_open(&window, src->fd, 0, src->size, MASK_RECORD_MAX, f) ==
		0 &&
	    window_fill(&window, 0, f) == 0) {
		json_read_window(&m->walk.reader, &window);
		if (json_mask_run(m, f) == 0)
			rc = json_mask_know(m, f);
	}
	window_close(&window);
	return rc;
}

int
json_subject(const struct mask_source *src, struct bytes *out, struct fault *f)
{
	struct json_mask m = { 0 };
	int rc = -1;

	if (json_mask_open(&m, src, f) == 0 && measure(&m.walk, src, f) == 0 &&
	    know(&m, src, f) == 0)
		rc = bytes_add(out, m.person.at, m.person.len, f);
	json_mask_close(&m);
	return rc;
}

int
json_file(const struct mask_source *src, struct mask_out *o,
    struct mask_view *view, struct fault *f)
{
	struct mask_window window;
	struct json_mask m = { 0 };
	int rc = -1;

	(void)view;
	if (window_open(&window, src->fd, 0, src->size, MASK_RECORD_MAX, f) !=
		0 ||
	    window_fill(&window, 0, f) != 0 || json_mask_open(&m, src, f) != 0)
		goto out;
	if (measure(&m.walk, src, f) != 0 ||
	    (m.by_subject && know(&m, src, f) != 0))
		goto out;
	m.out = o;
	json_read_window(&m.walk.reader, &window);
	rc = json_mask_run(&m, f);
out:
	json_mask_close(&m);
	window_close(&window);
	return rc;
}
