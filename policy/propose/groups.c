/*
 * Files into groups, and a pattern for each.
 *
 * Files of one top folder, one extension and one look are a group: photos/ with
 * its JPEG pictures, exports/ with its tables of the same columns.  A group's
 * pattern is its common folder and the extension; where several groups share
 * those, what their names have in common in front; and where that is not enough
 * the very path.  At the end every file is held against the rules, and one that
 * a wrong rule matches first gets a rule of its own in front of all.
 */

#include <stdlib.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/propose/propose.h"

struct grouping {
	struct look *files;
	uint32_t n;
	uint32_t *order; /* files, those of a group together */
	struct look_rules *out;
};

static const char *
base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* ".csv", or "" for a name without, or that is nothing else. */
static const char *
extension_of(const char *path)
{
	const char *base = base_of(path), *dot = strrchr(base, '.');

	return dot == NULL || dot == base ? base + strlen(base) : dot;
}

static size_t
top_of(const char *path)
{
	const char *slash = strchr(path, '/');

	return slash == NULL ? 0 : (size_t)(slash - path);
}

static int
compare_place(const struct look *a, const struct look *b)
{
	size_t na = top_of(a->path), nb = top_of(b->path);
	int c = memcmp(a->path, b->path, na < nb ? na : nb);

	if (c != 0 || na != nb)
		return c != 0 ? c : na < nb ? -1 : 1;
	return strcmp(extension_of(a->path), extension_of(b->path));
}

static int
compare_look(const struct look *a, const struct look *b)
{
	if (a->known != b->known)
		return a->known ? -1 : 1;
	if (!a->known)
		return strcmp(a->why, b->why);
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->header != b->header || a->delimiter != b->delimiter)
		return a->header * 256 + a->delimiter <
			       b->header * 256 + b->delimiter
			   ? -1
			   : 1;
	return memcmp(a->names, b->names, LOOK_BYTES);
}

static int
compare_files(const void *x, const void *y, void *arg)
{
	const struct look *files = arg;
	const struct look *a = &files[*(const uint32_t *)x];
	const struct look *b = &files[*(const uint32_t *)y];
	int c = compare_place(a, b);

	if (c == 0)
		c = compare_look(a, b);
	return c != 0 ? c : strcmp(a->path, b->path);
}

/* -- Patterns ------------------------------------------------------------ */

static int
add_rule(
    struct look_rules *r, const char *glob, uint32_t group, struct fault *f)
{
	if (r->n == LOOK_RULES_MAX) {
		(void)fault_set(f, FAULT_INPUT, "more than %u kinds of files",
		    LOOK_RULES_MAX);
		return fault_hint(f, "take a folder of the dataset at a time");
	}
	if (r->n == r->room) {
		uint32_t room = r->room == 0 ? 64 : 2 * r->room;
		void *grown = mem_resize(r->at, room * sizeof(*r->at));

		if (grown == NULL)
			return fault_memory(f);
		r->at = grown;
		r->room = room;
	}
	r->at[r->n] = (struct look_rule){ .group = group };
	if ((r->at[r->n].glob = mem_text(glob, strlen(glob))) == NULL)
		return fault_memory(f);
	r->n++;
	return 0;
}

/* How many bytes of leading folders, the last slash included, files of a run
 * share; and whether all lie right there. */
static size_t
common_folder(const struct grouping *g, uint32_t from, uint32_t to, bool *flat)
{
	const char *first = g->files[g->order[from]].path;
	size_t len = (size_t)(base_of(first) - first);

	for (uint32_t i = from; i < to; i++) {
		const char *path = g->files[g->order[i]].path;

		while (len > 0 && strncmp(first, path, len) != 0)
			do
				len--;
			while (len > 0 && first[len - 1] != '/');
	}
	*flat = true;
	for (uint32_t i = from; i < to; i++)
		if (strchr(g->files[g->order[i]].path + len, '/') != NULL)
			*flat = false;
	return len;
}

/* How their names begin; digits at its end are what differs. */
static size_t
common_start(const struct grouping *g, uint32_t from, uint32_t to)
{
	const char *first = base_of(g->files[g->order[from]].path);
	size_t len = (size_t)(extension_of(first) - first);

	for (uint32_t i = from; i < to; i++) {
		const char *name = base_of(g->files[g->order[i]].path);

		while (len > 0 && strncmp(first, name, len) != 0)
			len--;
	}
	while (len > 0 && ((first[len - 1] >= '0' && first[len - 1] <= '9') ||
			      (first[len - 1] & 0x80) != 0 ||
			      strchr("*?", first[len - 1]) != NULL))
		len--;
	return len;
}

/* The shortest start that says something. */
#define START_MIN 3u

static int
name_group(
    struct grouping *g, uint32_t from, uint32_t to, bool alone, struct fault *f)
{
	const char *first = g->files[g->order[from]].path;
	uint32_t group = g->out->groups - 1;
	char glob[2 * POLICY_GLOB_MAX];
	size_t folder, start = 0;
	bool flat;

	folder = common_folder(g, from, to, &flat);
	if (!alone)
		start = common_start(g, from, to);
	if (to - from > 1 && (alone || start >= START_MIN)) {
		int n = snprintf(glob, sizeof(glob), "%.*s%s%.*s*%s",
		    (int)folder, first, flat ? "" : "**/", (int)start,
		    base_of(first), extension_of(first));

		if (n > 0 && (size_t)n <= POLICY_GLOB_MAX)
			return add_rule(g->out, glob, group, f);
	}
	for (uint32_t i = from; i < to; i++)
		if (add_rule(g->out, g->files[g->order[i]].path, group, f) != 0)
			return -1;
	return 0;
}

static int
make_groups(struct grouping *g, struct fault *f)
{
	uint32_t from = 0, to;

	for (; from < g->n; from = to) {
		const struct look *first = &g->files[g->order[from]];
		bool alone;

		for (to = from; to < g->n; to++) {
			const struct look *file = &g->files[g->order[to]];

			if (compare_place(first, file) != 0 ||
			    compare_look(first, file) != 0)
				break;
			g->files[g->order[to]].group = g->out->groups;
		}
		alone =
		    (from == 0 || compare_place(first,
				      &g->files[g->order[from - 1]]) != 0) &&
		    (to == g->n ||
			compare_place(first, &g->files[g->order[to]]) != 0);
		g->out->groups++;
		if (name_group(g, from, to, alone, f) != 0)
			return -1;
	}
	return 0;
}

/* -- The order of rules -------------------------------------------------- */

/* The special first: paths, then patterns by how much they spell out. */
static int
compare_rules(const void *x, const void *y)
{
	const struct look_rule *a = x, *b = y;
	bool wa = strpbrk(a->glob, "*?") != NULL;
	bool wb = strpbrk(b->glob, "*?") != NULL;
	bool ea = extension_of(a->glob)[0] != '\0';
	bool eb = extension_of(b->glob)[0] != '\0';

	if (wa != wb)
		return wa ? 1 : -1;
	if (wa && ea != eb)
		return ea ? -1 : 1;
	if (wa && strlen(a->glob) != strlen(b->glob))
		return strlen(a->glob) > strlen(b->glob) ? -1 : 1;
	return strcmp(a->glob, b->glob);
}

static uint32_t
first_match(const struct look_rules *r, const char *path)
{
	uint32_t i = 0;

	while (i < r->n && !glob_matches(r->at[i].glob, path))
		i++;
	return i;
}

/* Files that a rule of another group takes get rules of their own, in front. */
static int
set_right(struct grouping *g, struct fault *f)
{
	struct look_rules *r = g->out;
	uint32_t settled = r->n;

	for (uint32_t i = 0; i < g->n; i++) {
		const struct look *file = &g->files[i];
		uint32_t k = first_match(r, file->path);

		if (k < settled && r->at[k].group == file->group)
			continue;
		if (add_rule(r, file->path, file->group, f) != 0)
			return -1;
	}
	if (r->n > settled) {
		struct look_rule *moved = mem_array(r->n, sizeof(*moved));
		uint32_t more = r->n - settled;

		if (moved == NULL)
			return fault_memory(f);
		memcpy(moved, r->at + settled, more * sizeof(*moved));
		memcpy(moved + more, r->at, settled * sizeof(*moved));
		mem_free(r->at);
		r->at = moved;
		r->room = r->n;
	}
	for (uint32_t i = 0; i < g->n; i++) {
		uint32_t k = first_match(r, g->files[i].path);

		must(k < r->n);
		r->at[k].files++;
	}
	return 0;
}

/* Rules that are left without a file. */
static void
drop_idle(struct look_rules *r)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < r->n; i++)
		if (r->at[i].files > 0)
			r->at[n++] = r->at[i];
		else
			mem_free(r->at[i].glob);
	r->n = n;
}

int
looks_group(
    struct look *files, uint32_t n, struct look_rules *out, struct fault *f)
{
	struct grouping g = { .files = files, .n = n, .out = out };
	int rc = -1;

	*out = (struct look_rules){ 0 };
	if ((g.order = mem_array(n, sizeof(*g.order))) == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < n; i++)
		g.order[i] = i;
	if (n > 0)
		qsort_r(g.order, n, sizeof(*g.order), compare_files, files);
	if (make_groups(&g, f) != 0)
		goto out;
	if (out->n > 0)
		qsort(out->at, out->n, sizeof(*out->at), compare_rules);
	if (set_right(&g, f) != 0)
		goto out;
	drop_idle(out);
	rc = 0;
out:
	mem_free(g.order);
	return rc;
}

void
look_rules_free(struct look_rules *r)
{
	for (uint32_t i = 0; i < r->n; i++)
		mem_free(r->at[i].glob);
	mem_free(r->at);
	*r = (struct look_rules){ 0 };
}
