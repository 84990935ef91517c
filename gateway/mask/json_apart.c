/*
 * Elements of arrays that a rule names by their number.
 *
 * Nearly always all elements of an array are one place, [*].  Where a pattern
 * of the policy ends in an index, the elements that it may name get places of
 * their own: [0], [-1], and [0,-1] for one that is both.  Which patterns could
 * name elements of an array follows from the array's own place, and is found
 * out when its first element is met.  Shapes and masks do the same from the
 * same patterns, so an element has one path in both.
 *
 * Where a pattern counts from the end, the arrays of a document are counted
 * before it is walked.
 */

#include <string.h>

#include "gateway/mask/json_internal.h"
#include "keys/base/mem.h"

int
json_apart_by(struct json_paths *t, const struct names *apart, struct fault *f)
{
	if (apart == NULL || apart->n == 0)
		return 0;
	if ((t->told = mem_array(apart->n, sizeof(*t->told))) == NULL)
		return fault_memory(f);
	for (; t->ntold < apart->n; t->ntold++) {
		struct path *p = &t->told[t->ntold];

		if (path_read(p, apart->at[t->ntold], f) != 0) {
			path_free(p);
			return fault_at(f, "path %s", apart->at[t->ntold]);
		}
		must(p->n > 0 && p->n <= PATH_STEPS_MAX &&
		     p->steps[p->n - 1].kind == PATH_ELEMENT);
		t->ends = t->ends || p->steps[p->n - 1].back != PATH_NO_BACK;
	}
	return 0;
}

void
json_apart_free(struct json_paths *t)
{
	for (size_t i = 0; i < t->ntold; i++)
		path_free(&t->told[i]);
	for (uint32_t i = 0; i < t->narrays; i++)
		mem_free(t->arrays[i].told);
	mem_free(t->told);
	mem_free(t->arrays);
	mem_free(t->kinds);
}

/* -- Which arrays --------------------------------------------------------- */

/* May the pattern's index name an element of the array at path? */
static bool
may_name(const struct path *pattern, const struct path *path)
{
	uint64_t index = (uint64_t)1 << (pattern->n - 1);
	struct path_state s = path_start(pattern);

	for (size_t i = 0; i < path->n; i++)
		path_follow(&s, pattern, path, &path->steps[i]);
	return ((s.here | s.waiting) & index) != 0;
}

static int
add_array(struct json_paths *t, uint64_t *told, struct fault *f)
{
	struct json_array *grown =
	    mem_resize(t->arrays, (t->narrays + 1) * sizeof(*grown));

	if (grown == NULL)
		return fault_memory(f);
	t->arrays = grown;
	t->arrays[t->narrays++] = (struct json_array){ told };
	return 0;
}

/* Look for the patterns of the array at a place. */
static int
look(struct json_paths *t, uint32_t place, struct fault *f)
{
	uint64_t *told = mem_array((t->ntold + 63) / 64, sizeof(*told));
	struct path path = { .n = 0 };
	struct bytes text;
	bool any = false;
	int rc = -1;

	bytes_init(&text, 2 * (size_t)MASK_RECORD_MAX);
	if (told == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (json_path(t, place, &text, f) != 0 || bytes_end_text(&text, f) != 0)
		goto out;
	/* what no shape could have, no rule can name */
	if (text.len <= SHAPE_NAME_MAX) {
		if (path_read(&path, (const char *)text.at, f) != 0)
			goto out;
		for (size_t i = 0; i < t->ntold; i++)
			if (may_name(&t->told[i], &path)) {
				told[i / 64] |= (uint64_t)1 << i % 64;
				any = true;
			}
	}
	t->at[place].apart = JSON_APART_NONE;
	if (any) {
		if (add_array(t, told, f) != 0)
			goto out;
		told = NULL; /* the array's */
		t->at[place].apart = t->narrays + 1;
	}
	rc = 0;
out:
	path_free(&path);
	bytes_free(&text);
	mem_free(told);
	return rc;
}

/* -- Which elements ------------------------------------------------------- */

int
json_element(struct json_paths *t, uint32_t parent, int32_t front, int32_t back,
    uint32_t *out, struct fault *f)
{
	struct json_kind *grown;

	for (uint32_t i = 0; i < t->nkinds; i++) {
		const struct json_kind *k = &t->kinds[i];

		if (k->array == parent && k->front == front &&
		    k->back == back) {
			*out = k->place;
			return 0;
		}
	}
	grown = mem_resize(t->kinds, (t->nkinds + 1) * sizeof(*grown));
	if (grown == NULL)
		return fault_memory(f);
	t->kinds = grown;
	if (json_place_add(t, parent, NULL, out, f) != 0)
		return -1;
	t->kinds[t->nkinds++] = (struct json_kind){ parent, front, back, *out };
	t->at[*out].chars = t->nkinds;
	return 0;
}

int
json_element_at(struct json_paths *t, uint32_t parent, uint32_t number,
    uint32_t length, uint32_t *out, struct fault *f)
{
	int32_t front = PATH_NO_FRONT, back = PATH_NO_BACK;
	const struct json_array *a;

	*out = 0;
	if (t->at[parent].apart == JSON_APART_UNKNOWN &&
	    look(t, parent, f) != 0)
		return -1;
	if (t->at[parent].apart == JSON_APART_NONE)
		return 0;
	a = &t->arrays[t->at[parent].apart - 2];
	for (size_t i = 0; i < t->ntold; i++) {
		const struct path_step *s = &t->told[i].steps[t->told[i].n - 1];

		if ((a->told[i / 64] >> i % 64 & 1) == 0)
			continue;
		if (s->front != PATH_NO_FRONT && (uint32_t)s->front == number)
			front = s->front;
		if (s->back != PATH_NO_BACK &&
		    (uint32_t)-s->back == length - number)
			back = s->back;
	}
	if (front == PATH_NO_FRONT && back == PATH_NO_BACK)
		return 0;
	return json_element(t, parent, front, back, out, f);
}

/* -- How long ------------------------------------------------------------- */

static int
add_length(struct json_lengths *l, struct fault *f)
{
	if (l->n == JSON_ARRAYS_MAX)
		return fault_set(f, FAULT_INPUT,
		    "more than %zu arrays, whose ends a rule counts from",
		    JSON_ARRAYS_MAX);
	if (l->n == l->room) {
		size_t room = l->room == 0 ? 64 : 2 * l->room;
		uint32_t *grown = mem_resize(l->at, room * sizeof(*grown));

		if (grown == NULL)
			return fault_memory(f);
		l->at = grown;
		l->room = room;
	}
	l->at[l->n++] = 0;
	return 0;
}

/* A value begins: one more in the array around it. */
static int
count_one(struct json_lengths *l, size_t open, struct fault *f)
{
	if (open == SIZE_MAX)
		return 0;
	if (l->at[open] == INT32_MAX)
		return fault_set(f, FAULT_INPUT, "an array of 2^31 elements");
	l->at[open]++;
	return 0;
}

int
json_measure(struct json_lengths *l, struct json_reader *r, struct fault *f)
{
	/* the array open at each level, or SIZE_MAX for an object */
	size_t open[MASK_DEPTH_MAX + 1];
	size_t depth = 0;
	enum json_event event;

	l->n = l->next = 0;
	open[0] = SIZE_MAX;
	do {
		r->hold = JSON_NOWHERE;
		if (json_next(r, &event, f) != 0)
			return -1;
		if (event == EVENT_CLOSE)
			depth--;
		if (event == EVENT_CLOSE || event == EVENT_NAME ||
		    event == EVENT_END)
			continue;
		if (count_one(l, open[depth], f) != 0)
			return -1;
		if (event != EVENT_OPEN)
			continue;
		open[++depth] = SIZE_MAX;
		if (r->object)
			continue;
		open[depth] = l->n;
		if (add_length(l, f) != 0)
			return -1;
	} while (event != EVENT_END);
	return 0;
}
