/*
 * Canonical JSON paths: one spelling for one place, so that a reader's path
 * and a policy's are compared as bytes; and following a pattern along one.
 * rules.h has the grammar.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/rules/rules_internal.h"

/* May the byte stand in a name that is not quoted? */
static bool
is_plain(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-' || c > 0x7f;
}

static bool
all_plain(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_plain(p[i]))
			return false;
	return len > 0;
}

static int
add_quoted(struct bytes *path, const uint8_t *p, size_t len, struct fault *f)
{
	if (bytes_add(path, "[\"", 2, f) != 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		int rc;

		if (p[i] == '"' || p[i] == '\\')
			rc = bytes_addf(path, f, "\\%c", (char)p[i]);
		else if (p[i] < 0x20)
			rc = bytes_addf(path, f, "\\u%04x", p[i]);
		else
			rc = bytes_add(path, p + i, 1, f);
		if (rc != 0)
			return -1;
	}
	return bytes_add(path, "\"]", 2, f);
}

/* A name, behind dots where it needs them. */
static int
add_name(struct bytes *path, const char *dots, const void *name, size_t len,
    struct fault *f)
{
	size_t was = path->len;
	int rc;

	if (!utf8_valid(name, len))
		return fault_set(f, FAULT_INPUT, "a name that is not UTF-8");
	if (!all_plain(name, len))
		rc = add_quoted(path, name, len, f);
	else if (path->len > 0 && bytes_add_text(path, dots, f) != 0)
		rc = -1;
	else
		rc = bytes_add(path, name, len, f);
	if (rc != 0)
		path->len = was;
	return rc;
}

int
path_add_name(struct bytes *path, const void *name, size_t len, struct fault *f)
{
	return add_name(path, ".", name, len, f);
}

int
path_add_any(struct bytes *path, struct fault *f)
{
	return bytes_add(path, "[*]", 3, f);
}

int
path_add_element(
    struct bytes *path, int32_t front, int32_t back, struct fault *f)
{
	if (front == PATH_NO_FRONT)
		return bytes_addf(path, f, "[%d]", (int)back);
	if (back == PATH_NO_BACK)
		return bytes_addf(path, f, "[%d]", (int)front);
	return bytes_addf(path, f, "[%d,%d]", (int)front, (int)back);
}

static int
add_step(struct bytes *out, const struct path *p, const struct path_step *s,
    struct fault *f)
{
	struct slice name;

	if (s->deep &&
	    bytes_add_text(out, out->len == 0 ? "$.." : "..", f) != 0)
		return -1;
	switch (s->kind) {
	case PATH_NAME:
		name = path_name(p, s);
		return add_name(out, s->deep ? "" : ".", name.at, name.len, f);
	case PATH_ELEMENT:
		return path_add_element(out, s->front, s->back, f);
	case PATH_ANY:
		break;
	}
	return path_add_any(out, f);
}

int
path_print_head(
    struct bytes *out, const struct path *p, size_t n, struct fault *f)
{
	if (n == 0)
		return bytes_add_text(out, "$", f);
	for (size_t i = 0; i < n; i++)
		if (add_step(out, p, &p->steps[i], f) != 0)
			return -1;
	return 0;
}

int
path_print(struct bytes *out, const struct path *p, struct fault *f)
{
	return path_print_head(out, p, p->n, f);
}

void
path_free(struct path *p)
{
	mem_free(p->steps);
	bytes_free(&p->names);
	*p = (struct path){ 0 };
}

struct slice
path_name(const struct path *p, const struct path_step *s)
{
	if (s->len == 0)
		return (struct slice){ (const uint8_t *)"", 0 };
	return (struct slice){ p->names.at + s->at, s->len };
}

/* -- Following ------------------------------------------------------------ */

static bool
same_name(const struct path *p, const struct path_step *s,
    const struct path *other, const struct path_step *t)
{
	return s->len == t->len &&
	       (s->len == 0 || memcmp(path_name(p, s).at,
				   path_name(other, t).at, s->len) == 0);
}

/* Does step s of a pattern select what step t of a path leads to? */
static bool
selects(const struct path *p, const struct path_step *s,
    const struct path *path, const struct path_step *t)
{
	if (s->kind == PATH_ANY)
		return true;
	if (s->kind != t->kind)
		return false;
	if (s->kind == PATH_NAME)
		return same_name(p, s, path, t);
	return s->front != PATH_NO_FRONT ? s->front == t->front
					 : s->back == t->back;
}

/* Those of the places here where ".." comes next. */
static uint64_t
waits(const struct path *pattern, uint64_t here)
{
	uint64_t waiting = 0;

	for (size_t k = 0; k < pattern->n; k++)
		if ((here >> k & 1) != 0 && pattern->steps[k].deep)
			waiting |= (uint64_t)1 << k;
	return waiting;
}

struct path_state
path_start(const struct path *pattern)
{
	must(pattern->n <= PATH_STEPS_MAX);
	return (struct path_state){ 1, waits(pattern, 1) };
}

void
path_follow(struct path_state *s, const struct path *pattern,
    const struct path *path, const struct path_step *step)
{
	uint64_t at = s->here | s->waiting, here = 0;

	for (size_t k = 0; k < pattern->n && at >> k != 0; k++)
		if ((at >> k & 1) != 0 &&
		    selects(pattern, &pattern->steps[k], path, step))
			here |= (uint64_t)1 << (k + 1);
	s->here = here;
	s->waiting |= waits(pattern, here);
}

bool
path_leads(const struct path *p, const struct path *path)
{
	struct path_state s = path_start(p);

	for (size_t i = 0; i < path->n; i++)
		path_follow(&s, p, path, &path->steps[i]);
	return (s.here >> p->n & 1) != 0;
}

/* -- Patterns against each other ------------------------------------------- */

/* May a pattern's step select what another's does? */
static bool
may_meet(const struct path *p, const struct path_step *s,
    const struct path *other, const struct path_step *t)
{
	if (s->kind == PATH_ANY || t->kind == PATH_ANY)
		return true;
	if (s->kind != t->kind)
		return false;
	if (s->kind == PATH_NAME)
		return same_name(p, s, other, t);
	/* the first may be the last */
	return (s->front == PATH_NO_FRONT) != (t->front == PATH_NO_FRONT) ||
	       (s->front == t->front && s->back == t->back);
}

/* covered[k] of the first k steps of p, over the first j of other, for all j:
 * an embedding of p's steps in other's, with nothing but ".." over gaps. */
static void
cover(const struct path *p, const struct path *other,
    bool covered[PATH_STEPS_MAX + 1][PATH_STEPS_MAX + 1])
{
	for (size_t k = 0; k <= p->n; k++) {
		const struct path_step *s = k == 0 ? NULL : &p->steps[k - 1];
		bool before = false; /* k - 1 steps cover some shorter head */

		covered[k][0] = k == 0;
		for (size_t j = 1; j <= other->n; j++) {
			const struct path_step *t = &other->steps[j - 1];

			if (s == NULL) {
				covered[k][j] = false;
				continue;
			}
			before = before || covered[k - 1][j - 1];
			covered[k][j] =
			    selects(p, s, other, t) &&
			    (s->deep ? before
				     : !t->deep && covered[k - 1][j - 1]);
		}
	}
}

bool
path_covers(const struct path *p, const struct path *other)
{
	bool covered[PATH_STEPS_MAX + 1][PATH_STEPS_MAX + 1];

	cover(p, other, covered);
	return covered[p->n][other->n];
}

bool
path_lies_below(const struct path *p, const struct path *top)
{
	bool covered[PATH_STEPS_MAX + 1][PATH_STEPS_MAX + 1];

	cover(top, p, covered);
	for (size_t j = 0; j < p->n; j++)
		if (covered[top->n][j])
			return true;
	return false;
}

bool
path_touches(const struct path *p, bool p_below, const struct path *other)
{
	/* can k steps of p and j of other end at one place? */
	bool meet[PATH_STEPS_MAX + 1][PATH_STEPS_MAX + 1] = { { false } };

	meet[0][0] = true;
	for (size_t k = 0; k <= p->n; k++)
		for (size_t j = 0; j <= other->n; j++) {
			const struct path_step *s, *t;

			if (!meet[k][j])
				continue;
			if (j == other->n || (k == p->n && p_below))
				return true;
			if (k == p->n)
				continue;
			s = &p->steps[k];
			t = &other->steps[j];
			if (may_meet(p, s, other, t))
				meet[k + 1][j + 1] = true;
			if (s->deep)
				meet[k][j + 1] = true;
			if (t->deep)
				meet[k + 1][j] = true;
		}
	return false;
}

/* -- Paths as texts -------------------------------------------------------- */

bool
path_below(const char *path, const char *top)
{
	size_t n = strlen(top);

	if (strcmp(top, "$") == 0)
		return strcmp(path, "$") != 0;
	return strncmp(path, top, n) == 0 && (path[n] == '.' || path[n] == '[');
}

enum path_reach
path_reach(const struct path *pattern, const char *text)
{
	struct path_state s = path_start(pattern);
	uint64_t end = (uint64_t)1 << pattern->n;
	enum path_reach reach = REACH_NOT;
	struct path place = { .n = 0 };
	struct fault none = { 0 };

	if (path_read(&place, text, &none) != 0) {
		path_free(&place);
		return REACH_NOT;
	}
	for (size_t i = 0; i < place.n; i++) {
		if ((s.here & end) != 0)
			reach = REACH_ABOVE;
		path_follow(&s, pattern, &place, &place.steps[i]);
	}
	if ((s.here & end) != 0)
		reach = REACH_HERE;
	else if (reach == REACH_NOT && (s.here & (end - 1)) != 0)
		reach = REACH_INSIDE;
	path_free(&place);
	return reach;
}

/* -- Elements told apart --------------------------------------------------- */

static int
add_once(struct names *to, const struct bytes *text, struct fault *f)
{
	for (size_t i = 0; i < to->n; i++)
		if (strlen(to->at[i]) == text->len &&
		    memcmp(to->at[i], text->at, text->len) == 0)
			return 0;
	return names_add(to, text->at, text->len, APART_MAX, f);
}

int
apart_add(struct names *apart, const struct path *p, struct fault *f)
{
	struct bytes text;
	int rc = 0;

	bytes_init(&text, SHAPE_NAME_MAX);
	for (size_t i = 0; rc == 0 && i < p->n; i++) {
		if (p->steps[i].kind != PATH_ELEMENT)
			continue;
		bytes_reset(&text);
		rc = path_print_head(&text, p, i + 1, f);
		if (rc == 0)
			rc = add_once(apart, &text, f);
	}
	bytes_free(&text);
	return rc;
}
