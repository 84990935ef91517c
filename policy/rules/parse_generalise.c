/*
 * The ways to generalise: each a key that names it, some with others beside.
 * And noise, whose numbers are read in the same way.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/rules/parse_internal.h"

/* -- Numbers ------------------------------------------------------------- */

static int
read_decimal(const struct tree *y, const struct node *n, struct decimal *out,
    struct fault *f)
{
	const char *text;
	bool exact;

	if (tree_text(y, n, "a number", &text, f) != 0)
		return -1;
	if (!n->plain || !decimal_read(out, text, strlen(text), &exact) ||
	    !exact) {
		(void)tree_fault(y, n, f,
		    "expected a number of at most 18 digits before and behind "
		    "the point");
		return tree_point(text, f);
	}
	return 0;
}

static int
add_edge(struct transform *t, const struct decimal *edge, struct fault *f)
{
	struct decimal *grown =
	    mem_resize(t->edges, (t->nedges + 1) * sizeof(*grown));

	if (grown == NULL)
		return fault_memory(f);
	t->edges = grown;
	t->edges[t->nedges++] = *edge;
	return 0;
}

static int
read_edge(const struct tree *y, const struct node *n, struct transform *t,
    struct fault *f)
{
	struct decimal edge;

	if (t->nedges == TRANSFORM_EDGES_MAX)
		return tree_fault(
		    y, n, f, "more than %u edges", TRANSFORM_EDGES_MAX);
	if (read_decimal(y, n, &edge, f) != 0)
		return -1;
	if (t->nedges > 0 &&
	    decimal_compare(&t->edges[t->nedges - 1], &edge) >= 0)
		return tree_fault(y, n, f, "the edges of bins must rise");
	return add_edge(t, &edge, f);
}

/* Nothing but a comma is between the two. */
static bool
touch(const struct node *a, const struct node *b)
{
	return a != NULL && b != NULL && a->kind == NODE_SCALAR &&
	       a->line == b->line &&
	       a->column + strlen(a->text) + 1 == b->column;
}

/* [0, 0,5]: whoever puts blanks between edges means 0.5.  Of [3,1] nothing is
 * known. */
static bool
has_comma(const struct node *n, const struct node *before, const struct node *e)
{
	const struct node *k = n->child;

	while (k->next != NULL && touch(k, k->next))
		k = k->next;
	return k->next != NULL && (touch(before, e) || touch(e, e->next));
}

static int
read_bins(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	const struct node *before = NULL;

	if (n->kind != NODE_LIST || n->child == NULL) {
		(void)tree_fault(y, n, f, "expected a list of edges");
		return fault_hint(f, "{generalise: {bins: [0, 18, 40, 65]}}");
	}
	for (const struct node *e = n->child; e != NULL; e = e->next) {
		if (read_edge(y, e, to, f) != 0)
			return has_comma(n, before, e) ? tree_point(NULL, f)
						       : -1;
		before = e;
	}
	return 0;
}

/* A step, and where telling apart ends; the keys come in any order. */
struct steps {
	struct decimal step, bottom, top;
	uint8_t ends;
};

static int
read_over_zero(const struct tree *y, const struct node *n, const char *what,
    struct decimal *out, struct fault *f)
{
	const struct decimal zero = { 0, 0 };

	if (read_decimal(y, n, out, f) != 0)
		return -1;
	if (decimal_compare(out, &zero) <= 0)
		return tree_fault(y, n, f, "%s must be over 0", what);
	return 0;
}

static int
read_width(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct steps *s = to;

	return read_over_zero(y, n, "a width", &s->step, f);
}

static int
read_to(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct steps *s = to;

	return read_over_zero(y, n, "what is rounded to", &s->step, f);
}

static int
read_round(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "to", true, read_to },
		{ NULL, false, NULL },
	};

	return tree_map(y, n, keys, "round", to, f);
}

static int
read_bottom(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct steps *s = to;

	s->ends |= ENDS_BOTTOM;
	return read_decimal(y, n, &s->bottom, f);
}

static int
read_top(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct steps *s = to;

	s->ends |= ENDS_TOP;
	return read_decimal(y, n, &s->top, f);
}

static int
end_steps(const struct tree *y, const struct node *n, const struct steps *s,
    struct transform *t, struct fault *f)
{
	t->ends = s->ends;
	if ((t->action != TRANSFORM_ENDS && add_edge(t, &s->step, f) != 0) ||
	    ((s->ends & ENDS_BOTTOM) && add_edge(t, &s->bottom, f) != 0) ||
	    ((s->ends & ENDS_TOP) && add_edge(t, &s->top, f) != 0))
		return -1;
	if (s->ends == (ENDS_BOTTOM | ENDS_TOP) &&
	    decimal_compare(&s->bottom, &s->top) >= 0)
		return tree_fault(y, n, f, "bottom must be below top");
	if (t->action == TRANSFORM_WIDTH && !transform_numbers_fit(t)) {
		(void)tree_fault(y, n, f,
		    "bottom and top must be multiples of the width: a bin "
		    "lies on one side of them");
		return fault_hint(
		    f, "write: {generalise: {width: 10, bottom: 20, top: 90}}");
	}
	return 0;
}

/* -- Places and addresses ------------------------------------------------ */

static int
read_kept(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	return tree_number(y, n, 1, TRANSFORM_KEPT_MAX - 1, &t->first, f);
}

static int
read_postcode(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "keep", true, read_kept },
		{ NULL, false, NULL },
	};

	return tree_map(y, n, keys, "postcode", to, f);
}

static int
read_degrees(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	const struct decimal most = { 90, 0 };
	struct decimal cell;

	if (read_over_zero(y, n, "a cell's degrees", &cell, f) != 0)
		return -1;
	if (decimal_compare(&cell, &most) > 0)
		return tree_fault(y, n, f, "a cell of more than 90 degrees");
	return add_edge(to, &cell, f);
}

static int
read_grid(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "degrees", true, read_degrees },
		{ NULL, false, NULL },
	};

	return tree_map(y, n, keys, "grid", to, f);
}

static int
read_v4(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	return tree_number(y, n, 0, 31, &t->first, f);
}

static int
read_v6(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	return tree_number(y, n, 0, 127, &t->last, f);
}

static int
read_ip(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "v4", true, read_v4 },
		{ "v6", true, read_v6 },
		{ NULL, false, NULL },
	};

	return tree_map(y, n, keys, "ip", to, f);
}

static int
read_email(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const words[] = { "domain", NULL };
	size_t i;

	(void)to;
	return tree_word(y, n, words, &i, f);
}

/* -- All ways ------------------------------------------------------------ */

static const struct tree_key date_keys[] = {
	{ "date", true, parse_date },
	{ "order", false, parse_order },
	{ NULL, false, NULL },
};
static const struct tree_key age_keys[] = {
	{ "age_band", true, parse_age },
	{ NULL, false, NULL },
};
static const struct tree_key bins_keys[] = {
	{ "bins", true, read_bins },
	{ NULL, false, NULL },
};
static const struct tree_key width_keys[] = {
	{ "width", true, read_width },
	{ "bottom", false, read_bottom },
	{ "top", false, read_top },
	{ NULL, false, NULL },
};
static const struct tree_key round_keys[] = {
	{ "round", true, read_round },
	{ "bottom", false, read_bottom },
	{ "top", false, read_top },
	{ NULL, false, NULL },
};
static const struct tree_key ends_keys[] = {
	{ "bottom", false, read_bottom },
	{ "top", false, read_top },
	{ NULL, false, NULL },
};
static const struct tree_key postcode_keys[] = {
	{ "postcode", true, read_postcode },
	{ NULL, false, NULL },
};
static const struct tree_key grid_keys[] = {
	{ "grid", true, read_grid },
	{ NULL, false, NULL },
};
static const struct tree_key ip_keys[] = {
	{ "ip", true, read_ip },
	{ NULL, false, NULL },
};
static const struct tree_key email_keys[] = {
	{ "email", true, read_email },
	{ NULL, false, NULL },
};
static const struct tree_key hierarchy_keys[] = {
	{ "hierarchy", true, parse_hierarchy },
	{ NULL, false, NULL },
};

/* The last two are reached when none of the others is there. */
static const struct {
	const char *name;
	enum transform_action action;
	const struct tree_key *keys;
	const char *example;
} ways[] = {
	{ "date", TRANSFORM_DATE, date_keys, "date: year" },
	{ "age_band", TRANSFORM_AGE, age_keys,
	    "age_band: {at: 2026-01-01, width: 5}" },
	{ "bins", TRANSFORM_BINS, bins_keys, "bins: [0, 18, 40, 65]" },
	{ "width", TRANSFORM_WIDTH, width_keys, "width: 10" },
	{ "round", TRANSFORM_ROUND, round_keys, "round: {to: 100}" },
	{ "postcode", TRANSFORM_POSTCODE, postcode_keys,
	    "postcode: {keep: 3}" },
	{ "grid", TRANSFORM_GRID, grid_keys, "grid: {degrees: 0.1}" },
	{ "ip", TRANSFORM_IP, ip_keys, "ip: {v4: 24, v6: 48}" },
	{ "email", TRANSFORM_EMAIL, email_keys, "email: domain" },
	{ "hierarchy", TRANSFORM_LEVEL, hierarchy_keys,
	    "hierarchy: {file: icd10.csv, level: 1, sha256: SHA256}" },
	{ "bottom", TRANSFORM_ENDS, ends_keys, "bottom: 18, top: 90" },
	{ "top", TRANSFORM_ENDS, ends_keys, "bottom: 18, top: 90" },
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* The first of the table whose key is in the map. */
static int
find_way(
    const struct tree *y, const struct node *n, size_t *out, struct fault *f)
{
	const char *words[WAYS + 1] = { NULL };

	for (size_t i = 0; i < WAYS; i++) {
		words[i] = ways[i].name;
		for (const struct node *k = n->child; k != NULL;
		     k = k->next->next)
			if (strcmp(k->text, ways[i].name) == 0) {
				*out = i;
				return 0;
			}
	}
	if (strcmp(n->child->text, "order") == 0) {
		*out = 0;
		return 0;
	}
	return tree_word(y, n->child, words, out, f);
}

int
parse_generalise(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;
	struct steps s = { .ends = 0 };
	bool steps;
	size_t i;

	if (n->kind != NODE_MAP || n->child == NULL) {
		(void)tree_fault(y, n, f, "generalise needs a way");
		return fault_hint(f, "{date: year}, {bins: [0, 18, 65]} or "
				     "{width: 10}");
	}
	if (find_way(y, n, &i, f) != 0)
		return -1;
	t->action = ways[i].action;
	steps = t->action == TRANSFORM_WIDTH || t->action == TRANSFORM_ROUND ||
		t->action == TRANSFORM_ENDS;
	if (tree_map(y, n, ways[i].keys, "generalise", steps ? (void *)&s : to,
		f) != 0 ||
	    (steps && end_steps(y, n, &s, t, f) != 0))
		return fault_hint(
		    f, "write: {generalise: {%s}}", ways[i].example);
	return 0;
}

/* -- Noise --------------------------------------------------------------- */

static int
read_within(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct steps *s = to;

	return read_over_zero(y, n, "how far noise goes", &s->top, f);
}

int
parse_noise(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "within", true, read_within },
		{ "to", false, read_to },
		{ NULL, false, NULL },
	};
	struct steps s = { .step = { 1, 0 } };
	struct transform *t = to;

	if (tree_map(y, n, keys, "noise", &s, f) != 0 ||
	    add_edge(t, &s.top, f) != 0 || add_edge(t, &s.step, f) != 0)
		return -1;
	if (!transform_numbers_fit(t)) {
		(void)tree_fault(y, n, f,
		    "noise goes at least one step of `to` far, and at most %u",
		    TRANSFORM_STEPS_MAX);
		return fault_hint(f, "{noise: {within: 0.5, to: 0.1}}");
	}
	return 0;
}
