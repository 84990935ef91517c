/*
 * What JSON lines hold, before they are masked: every line, and all paths.
 *
 * Not here: how lines are found and masked (jsonl.c).
 */

#include "gateway/mask/json_internal.h"

/* Each line of [from, to) that is not blank; the first is record number. */
struct lines {
	uint64_t from, to, number;
	int (*see)(void *arg, const uint8_t *p, size_t len, uint64_t at,
	    struct fault *f);
	void *arg;
};

static int
each_line(const struct mask_source *src, struct lines *x, struct fault *f)
{
	struct mask_window w;
	struct json_line line;
	bool more = true;
	size_t at;
	int rc = -1;

	if (window_open(&w, src->fd, x->from, x->to, MASK_RECORD_MAX, f) != 0 ||
	    jsonl_mark(&w, &at, f) != 0)
		goto out;
	for (;;) {
		if (jsonl_line(&w, &at, &line, &more, f) != 0)
			goto out;
		if (!more)
			break;
		if (line.blank)
			continue;
		if (x->see(x->arg, w.buf + line.from, line.to - line.from,
			w.base + line.from, f) != 0) {
			(void)fault_at(
			    f, "record %llu", (unsigned long long)x->number);
			goto out;
		}
		x->number++;
	}
	rc = 0;
out:
	window_close(&w);
	return rc;
}

int
jsonl_lines(const struct mask_source *src,
    int (*see)(
	void *arg, const uint8_t *p, size_t len, uint64_t at, struct fault *f),
    void *arg, struct fault *f)
{
	struct lines all = { 0, src->size, 1, see, arg };

	return each_line(src, &all, f);
}

/* -- Shapes -------------------------------------------------------------- */

/* One part.  A file that has no more is not worth a thread. */
#define SHAPE_PART_TARGET ((uint64_t)4 << 20)

struct shaping {
	const struct mask_reading *as;
	struct json_walk walks[MASK_TEAM_SLOTS]; /* of parts under way */
	struct json_walk all;
};

static int
note_line(void *arg, const uint8_t *p, size_t len, uint64_t at, struct fault *f)
{
	struct json_walk *w = arg;

	json_read_text(&w->reader, p, len, at);
	return json_walk_measure(w, f) != 0 ? -1 : json_shape_add(w, f);
}

static int
note_part(void *arg, const struct mask_source *src,
    const struct mask_part *part, unsigned slot, struct fault *f)
{
	struct shaping *s = arg;
	struct json_walk *w = &s->walks[slot];
	struct lines lines = { part->from, part->to, part->first, note_line,
		w };

	json_walk_close(w);
	*w = (struct json_walk){ .rows = true };
	return json_walk_open(w, s->as->apart, f) != 0
		   ? -1
		   : each_line(src, &lines, f);
}

static int
join_part(
    void *arg, const struct mask_part *part, unsigned slot, struct fault *f)
{
	struct shaping *s = arg;

	(void)part;
	return json_shape_join(&s->all, &s->walks[slot], f);
}

/* The records of the first s->as->most bytes. */
static int
note_beginning(
    struct shaping *s, const struct mask_source *src, struct fault *f)
{
	struct mask_part part;
	void *cutter = NULL;
	bool more;
	int rc = -1;

	if (jsonl_rows.cut_open(&cutter, src, s->as->most, f) != 0 ||
	    jsonl_rows.cut_next(cutter, &part, &more, f) != 0)
		(void)fault_at(f, "%s", src->path);
	else if (!more || (note_part(s, src, &part, 0, f) == 0 &&
			      join_part(s, &part, 0, f) == 0))
		rc = 0;
	jsonl_rows.cut_close(cutter);
	return rc;
}

int
jsonl_shape(const struct mask_source *src, const struct mask_reading *as,
    struct shape *out, struct fault *f)
{
	static const struct mask_keys none[MASK_THREADS_MAX];
	const struct file_plan plan = { .type = TYPE_JSONL };
	struct mask_source whole = *src;
	struct shaping s = { .as = as };
	const struct mask_team team = { .src = &whole,
		.target = SHAPE_PART_TARGET,
		.work = note_part,
		.done = join_part,
		.arg = &s };
	int rc = -1;

	whole.plan = &plan;
	whole.keys = none;
	if (src->size <= SHAPE_PART_TARGET)
		whole.threads = 1;
	if (json_walk_open(&s.all, as->apart, f) == 0 &&
	    (as->most > 0 ? note_beginning(&s, &whole, f)
			  : mask_team_run(&team, f)) == 0)
		rc = json_shape_finish(&s.all, out, f);
	for (unsigned i = 0; i < MASK_TEAM_SLOTS; i++)
		json_walk_close(&s.walks[i]);
	json_walk_close(&s.all);
	return rc;
}
