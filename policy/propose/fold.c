/*
 * Paths of JSON that one line decides together: below a place where objects
 * have names made of data (a crowd), and below one that is sometimes a value
 * and sometimes an object.
 *
 * Paths are sorted by their components; those below one then stand right behind
 * it, and how many names an object has is how often two neighbours part there.
 */

#include <stdlib.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/propose/draft_internal.h"

/* More names than a person gives an object. */
#define CROWD 200u
/* Lines of one rule (policy/rules: 4,096), with room to add some. */
#define LINES_MAX 4000u

/* Order by components: what divides them comes before all characters. */
static unsigned
weight(char c)
{
	return c == '.' ? 1 : c == '[' ? 2 : (uint8_t)c + (c != '\0') * 2u;
}

static int
compare_paths(const void *x, const void *y, void *arg)
{
	const struct draft_field *fields = arg;
	const char *a = fields[*(const size_t *)x].name;
	const char *b = fields[*(const size_t *)y].name;

	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return (int)weight(*a) - (int)weight(*b);
}

/* How many bytes the place has at which two different paths part: a whole
 * number of components, 0 for the top. */
static size_t
parting(const char *a, const char *b)
{
	size_t same = 0, end = 0;

	for (; a[same] != '\0' && a[same] == b[same]; same++)
		if (a[same] == '.' || (a[same] == '[' && a[same + 1] != '*'))
			end = same;
	if ((a[same] == '\0' && (b[same] == '.' || b[same] == '[')) ||
	    (b[same] == '\0' && (a[same] == '.' || a[same] == '[')))
		return same;
	/* "[*]" behind a place is no name of it */
	return end;
}

struct folding {
	struct draft_group *g;
	size_t *order;
	size_t *parts; /* of order[i] and the one before it */
};

/* Places with a crowd: all that lies there is decided by the first. */
static int
fold_crowds(struct folding *x, struct fault *f)
{
	struct draft_field *fields = x->g->fields;
	size_t n = x->g->nfields;

	for (size_t i = 1; i < n; i++) {
		struct draft_field *first = &fields[x->order[i - 1]];
		size_t len = x->parts[i], names = 1, end = i;

		if (first->top != x->order[i - 1] || first->crowd > 0)
			continue;
		for (;
		     end < n && x->parts[end] >= len &&
		     strncmp(fields[x->order[end]].name, first->name, len) == 0;
		     end++)
			names += x->parts[end] == len;
		if (names <= CROWD)
			continue;
		first->crowd = names;
		mem_free(first->place);
		if ((first->place = mem_text(first->name, len)) == NULL)
			return fault_memory(f);
		for (size_t k = i; k < end; k++)
			fields[x->order[k]].top = x->order[i - 1];
	}
	return 0;
}

static void
fold_mixed(struct folding *x)
{
	struct draft_field *fields = x->g->fields;
	size_t n = x->g->nfields;

	for (size_t i = 0; i + 1 < n; i++) {
		struct draft_field *d = &fields[x->order[i]];

		d->inside = path_below(fields[x->order[i + 1]].name, d->name);
		if (!d->inside || (d->holds & HOLDS_VALUE) == 0 ||
		    d->top != x->order[i] || d->crowd > 0)
			continue;
		for (size_t k = i + 1;
		     k < n && path_below(fields[x->order[k]].name, d->name);
		     k++)
			fields[x->order[k]].top = x->order[i];
	}
}

int
draft_fold(struct draft_group *g, struct fault *f)
{
	struct folding x = { .g = g };
	int rc = -1;

	x.order = mem_array(g->nfields, sizeof(*x.order));
	x.parts = mem_array(g->nfields, sizeof(*x.parts));
	if (x.order == NULL || x.parts == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	for (size_t i = 0; i < g->nfields; i++)
		g->fields[i].top = x.order[i] = i;
	rc = 0;
	if (g->nfields < 2 || (g->known && g->type == TYPE_CSV))
		goto out;
	qsort_r(
	    x.order, g->nfields, sizeof(*x.order), compare_paths, g->fields);
	for (size_t i = 1; i < g->nfields; i++)
		x.parts[i] = parting(
		    g->fields[x.order[i - 1]].name, g->fields[x.order[i]].name);
	rc = fold_crowds(&x, f);
	if (rc == 0)
		fold_mixed(&x);
out:
	mem_free(x.order);
	mem_free(x.parts);
	return rc;
}

bool
draft_is_beyond(const struct draft_group *g)
{
	size_t lines = 0;

	for (size_t i = 0; i < g->nfields; i++) {
		const struct draft_field *d = &g->fields[i];

		if (d->crowd > 0 && d->place[0] == '\0')
			return true;
		lines += d->top == i;
	}
	return g->type != TYPE_CSV && lines > LINES_MAX;
}

void
draft_group_free(struct draft_group *g)
{
	for (size_t i = 0; i < g->nfields; i++) {
		mem_free(g->fields[i].name);
		mem_free(g->fields[i].place);
		mem_free(g->fields[i].known);
	}
	mem_free(g->fields);
	mem_free(g->convert);
	*g = (struct draft_group){ 0 };
}
