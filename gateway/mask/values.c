/*
 * Every value of a file, shown to whoever counts them; nothing is masked.
 *
 * Fields are numbered by where they stand: a CSV file's by its columns, a JSON
 * document's by the places that were met, over all files that one reader is
 * given.
 */

#include <string.h>

#include "gateway/mask/csv_internal.h"
#include "gateway/mask/json_internal.h"
#include "keys/base/mem.h"

struct mask_values {
	struct mask_reading as;
	struct mask_viewer to;
	struct shape columns; /* csv: of the first file */
	bool walking;	      /* json, jsonl: walk is open */
	struct json_walk walk;
	struct bytes text;
	uint64_t records;
};

int
mask_values_open(struct mask_values **out, const struct mask_reading *as,
    const struct mask_viewer *to, struct fault *f)
{
	struct mask_values *v = mem_new(sizeof(*v));

	if (v == NULL)
		return fault_memory(f);
	v->as = *as;
	v->to = *to;
	shape_init(&v->columns, (enum file_type)as->type);
	bytes_init(&v->text, MASK_RECORD_MAX);
	if (as->type == TYPE_JSON || as->type == TYPE_JSONL) {
		v->walking = true;
		v->walk.rows = as->type == TYPE_JSONL;
		if (json_walk_open(&v->walk, NULL, f) != 0) {
			mask_values_close(v);
			return -1;
		}
	}
	*out = v;
	return 0;
}

void
mask_values_close(struct mask_values *v)
{
	if (v == NULL)
		return;
	if (v->walking)
		json_walk_close(&v->walk);
	shape_free(&v->columns);
	bytes_free(&v->text);
	mem_free(v);
}

uint64_t
mask_values_records(const struct mask_values *v)
{
	return v->records;
}

/* -- JSON ---------------------------------------------------------------- */

/* One document, to which the walk's reader was set. */
static int
see_document(struct mask_values *v, struct fault *f)
{
	struct json_walk *w = &v->walk;
	enum json_event event;
	struct slice value;

	json_walk_begin(w);
	v->records++;
	do {
		struct json_place *at;

		if (json_walk_next(w, &event, f) != 0)
			return -1;
		at = &w->paths.at[w->place];
		if (event == EVENT_NULL)
			at->holds |= HOLDS_NULL;
		if (event == EVENT_EMPTY)
			at->holds |= HOLDS_EMPTY;
		if (event != EVENT_VALUE)
			continue;
		at->holds |= HOLDS_VALUE;
		if (json_text(&w->reader, &v->text, &value, f) != 0 ||
		    v->to.see(v->to.arg, w->place, value.at, value.len, f) != 0)
			return -1;
	} while (event != EVENT_END);
	return 0;
}

static int
see_json(struct mask_values *v, const struct mask_source *src, struct fault *f)
{
	struct mask_window window;
	int rc = -1;

	if (window_open(&window, src->fd, 0, src->size, MASK_RECORD_MAX, f) ==
		0 &&
	    window_fill(&window, 0, f) == 0) {
		json_read_window(&v->walk.reader, &window);
		rc = see_document(v, f);
	}
	window_close(&window);
	return rc;
}

static int
see_line(void *arg, const uint8_t *p, size_t len, uint64_t at, struct fault *f)
{
	struct mask_values *v = arg;

	json_read_text(&v->walk.reader, p, len, at);
	return see_document(v, f);
}

/* -- CSV ----------------------------------------------------------------- */

/* A plan that keeps every column, for a reader that wants one. */
static int
plan_all(struct mask_values *v, const struct mask_source *src,
    struct file_plan *plan, struct fault *f)
{
	struct shape *s = &v->columns;

	if (s->nfields == 0 && csv_shape(src, &v->as, s, f) != 0)
		return -1;
	*plan = (struct file_plan){ .type = TYPE_CSV,
		.header = v->as.header,
		.delimiter = s->delimiter,
		.item = PLAN_NO_FIELD,
		.subject = PLAN_NO_FIELD };
	plan->fields = mem_array(s->nfields, sizeof(*plan->fields));
	if (plan->fields == NULL)
		return fault_memory(f);
	for (; plan->nfields < s->nfields; plan->nfields++) {
		struct plan_field *to = &plan->fields[plan->nfields];

		to->name = s->fields[plan->nfields].name; /* borrowed */
		to->how.action = TRANSFORM_KEEP;
	}
	return 0;
}

static int
see_csv(struct mask_values *v, const struct mask_source *src, struct fault *f)
{
	const struct mask_keys keys = { .nfields = 0 };
	struct mask_source whole = *src;
	struct mask_rows *m = NULL;
	struct file_plan plan = { .nfields = 0 };
	bool end = false;
	int rc = -1;

	whole.plan = &plan;
	whole.keys = &keys;
	if (plan_all(v, src, &plan, f) != 0 ||
	    mask_rows_open(&m, &whole, NULL, NULL, f) != 0)
		goto out;
	for (;;) {
		if (csv_next_values(m, &v->to, &end, f) != 0)
			goto out;
		if (end)
			break;
		v->records++;
	}
	rc = 0;
out:
	mask_rows_close(m);
	mem_free(plan.fields);
	return rc;
}

/* -- Both ---------------------------------------------------------------- */

int
mask_values_file(
    struct mask_values *v, const struct mask_source *src, struct fault *f)
{
	int rc = -1;

	if (v->as.type == TYPE_CSV)
		rc = see_csv(v, src, f);
	else if (v->as.type == TYPE_JSON)
		rc = see_json(v, src, f);
	else if (v->as.type == TYPE_JSONL)
		rc = jsonl_lines(src, see_line, v, f);
	else
		must(!"a type without values");
	return rc == 0 ? 0 : fault_at(f, "%s", src->path);
}

int
mask_values_names(const struct mask_values *v, struct shape *out,
    uint32_t **numbers, struct fault *f)
{
	const struct json_paths *paths = &v->walk.paths;
	size_t n = v->walking ? paths->n : v->columns.nfields;
	int rc = 0;

	if ((*numbers = mem_array(n, sizeof(**numbers))) == NULL)
		return fault_memory(f);
	for (size_t i = 0; !v->walking && i < n; i++) {
		const char *name = v->columns.fields[i].name;

		(*numbers)[i] = (uint32_t)i;
		if (shape_add(out, name, strlen(name), HOLDS_VALUE, f) != 0)
			return -1;
	}
	if (!v->walking) {
		out->delimiter = v->columns.delimiter;
		return 0;
	}
	for (uint32_t i = 0, k = 0; i < paths->n && rc == 0; i++)
		if (paths->at[i].holds != 0)
			(*numbers)[k++] = i;
	return json_shape_finish(&v->walk, out, f);
}
