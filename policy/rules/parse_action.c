/*
 * Actions: a word, or a map of one word and what it needs.  The table has one
 * row for each, and the row's example is what a hint shows.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/rules/parse_internal.h"

/* "same", or how many fill characters are written. */
static int
read_fills(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	if (n->kind == NODE_SCALAR && strcmp(n->text, "same") == 0) {
		t->fills = 0;
		return 0;
	}
	if (tree_number(y, n, 1, TRANSFORM_FILL_MAX, &t->fills, f) != 0)
		return fault_hint(f, "length is same, or a number of fill "
				     "characters");
	return 0;
}

static int
read_fill(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;
	const char *text;
	size_t used;
	int32_t c;

	if (tree_text(y, n, "one character", &text, f) != 0)
		return -1;
	c = text[0] == '\0' ? -1 : utf8_next(text, strlen(text), &used);
	if (c < 0 || text[used] != '\0')
		return tree_fault(y, n, f, "expected one character");
	if (c <= 0x20 || (c >= 0x7f && c <= 0xa0))
		return tree_fault(y, n, f, "fill must be a visible character");
	t->fill = (uint32_t)c;
	return 0;
}

static int
read_first(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	return tree_number(y, n, 0, TRANSFORM_CHARS_MAX, &t->first, f);
}

static int
read_last(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	return tree_number(y, n, 0, TRANSFORM_CHARS_MAX, &t->last, f);
}

static int
read_mask(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "keep_first", false, read_first },
		{ "keep_last", false, read_last },
		{ "fill", false, read_fill },
		{ "length", false, read_fills },
		{ NULL, false, NULL },
	};

	return tree_map(y, n, keys, "mask", to, f);
}

static int
read_domain(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;
	const char *text;

	if (tree_text(y, n, "the name of a domain", &text, f) != 0)
		return -1;
	if (text[0] == '\0' || strlen(text) > TRANSFORM_NAME_MAX)
		return tree_fault(y, n, f, "a domain's name has 1 to %u bytes",
		    TRANSFORM_NAME_MAX);
	return parse_copy(&t->domain, text, f);
}

static int
read_token(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key keys[] = {
		{ "domain", true, read_domain },
		{ NULL, false, NULL },
	};

	return tree_map(y, n, keys, "token", to, f);
}

static int
read_truncate(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;

	return tree_number(y, n, 1, TRANSFORM_CHARS_MAX, &t->first, f);
}

static int
read_constant(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	struct transform *t = to;
	const char *text;

	if (tree_text(y, n, "a text", &text, f) != 0)
		return fault_hint(f, "{constant: \"\"} blanks a field");
	if (strlen(text) > TRANSFORM_TEXT_MAX)
		return tree_fault(y, n, f, "a constant of more than %u bytes",
		    TRANSFORM_TEXT_MAX);
	return parse_copy(&t->text, text, f);
}

static int
read_date(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const grains[] = { "year", "month", NULL };
	struct transform *t = to;
	size_t i;

	if (tree_word(y, n, grains, &i, f) != 0)
		return -1;
	t->grain = i == 0 ? GRAIN_YEAR : GRAIN_MONTH;
	return 0;
}

static int
read_order(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const char *const orders[] = { "dmy", "mdy", NULL };
	struct transform *t = to;
	size_t i;

	if (tree_word(y, n, orders, &i, f) != 0)
		return -1;
	t->order = i == 0 ? ORDER_DMY : ORDER_MDY;
	return 0;
}

static int
read_edge(const struct tree *y, const struct node *n, struct transform *t,
    struct fault *f)
{
	struct decimal *grown;
	const char *text;
	bool exact;

	if (tree_text(y, n, "a number", &text, f) != 0)
		return -1;
	if (t->nedges == TRANSFORM_EDGES_MAX)
		return tree_fault(
		    y, n, f, "more than %u edges", TRANSFORM_EDGES_MAX);
	grown = mem_resize(t->edges, (t->nedges + 1) * sizeof(*grown));
	if (grown == NULL)
		return fault_memory(f);
	t->edges = grown;
	if (!n->plain ||
	    !decimal_read(&grown[t->nedges], text, strlen(text), &exact) ||
	    !exact) {
		(void)tree_fault(y, n, f,
		    "expected a number of at most 18 digits before and behind "
		    "the point");
		return tree_point(text, f);
	}
	if (t->nedges > 0 &&
	    decimal_compare(&grown[t->nedges - 1], &grown[t->nedges]) >= 0)
		return tree_fault(y, n, f, "the edges of bins must rise");
	t->nedges++;
	return 0;
}

/* [0, 0,5]: nothing but a comma is between the two. */
static bool
touch(const struct node *a, const struct node *b)
{
	return a != NULL && b != NULL && a->kind == NODE_SCALAR &&
	       a->line == b->line &&
	       a->column + strlen(a->text) + 1 == b->column;
}

static int
read_bins(const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	const struct node *before = NULL;
	struct transform *t = to;

	if (n->kind != NODE_LIST || n->child == NULL) {
		(void)tree_fault(y, n, f, "expected a list of edges");
		return fault_hint(f, "{generalise: {bins: [0, 18, 40, 65]}}");
	}
	for (const struct node *e = n->child; e != NULL; e = e->next) {
		if (read_edge(y, e, t, f) != 0)
			return touch(before, e) || touch(e, e->next)
				   ? tree_point(NULL, f)
				   : -1;
		before = e;
	}
	t->action = TRANSFORM_BINS;
	return 0;
}

static int
read_width(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	const struct decimal zero = { 0, 0 };
	struct transform *t = to;

	if (read_edge(y, n, t, f) != 0)
		return -1;
	if (decimal_compare(&t->edges[0], &zero) <= 0)
		return tree_fault(y, n, f, "a width must be over 0");
	t->action = TRANSFORM_WIDTH;
	return 0;
}

/* {date: ...}, {bins: ...} or {width: ...}: the first key says which. */
static int
read_generalise(
    const struct tree *y, const struct node *n, void *to, struct fault *f)
{
	static const struct tree_key date[] = {
		{ "date", true, read_date },
		{ "order", false, read_order },
		{ NULL, false, NULL },
	};
	static const struct tree_key bins[] = {
		{ "bins", true, read_bins },
		{ NULL, false, NULL },
	};
	static const struct tree_key width[] = {
		{ "width", true, read_width },
		{ NULL, false, NULL },
	};
	static const char *const ways[] = { "date", "bins", "width", NULL };
	static const struct tree_key *const tables[] = { date, bins, width };
	size_t i;

	if (n->kind != NODE_MAP || n->child == NULL) {
		(void)tree_fault(y, n, f, "generalise needs a way");
		return fault_hint(f, "{date: year}, {bins: [0, 18, 65]} or "
				     "{width: 10}");
	}
	if (strcmp(n->child->text, "order") == 0)
		i = 0;
	else if (tree_word(y, n->child, ways, &i, f) != 0)
		return -1;
	return tree_map(y, n, tables[i], "generalise", to, f);
}

static const struct action {
	const char *name;
	enum transform_action action;
	bool bare; /* the word alone is enough */
	int (*read)(const struct tree *y, const struct node *n, void *to,
	    struct fault *f);
	const char *example;
} actions[] = {
	{ "keep", TRANSFORM_KEEP, true, NULL, "keep" },
	{ "drop", TRANSFORM_DROP, true, NULL, "drop" },
	{ "token", TRANSFORM_TOKEN, true, read_token,
	    "token, or {token: {domain: email}}" },
	{ "mask", TRANSFORM_MASK, true, read_mask,
	    "mask, or {mask: {keep_last: 4}}" },
	{ "truncate", TRANSFORM_TRUNCATE, false, read_truncate,
	    "{truncate: 3}" },
	{ "generalise", TRANSFORM_DATE, false, read_generalise,
	    "{generalise: {date: year}}" },
	{ "constant", TRANSFORM_CONSTANT, false, read_constant,
	    "{constant: \"x\"}" },
	{ "refuse", TRANSFORM_REFUSE, true, NULL, "refuse" },
};
#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

static int
find_action(const struct tree *y, const struct node *n,
    const struct action **out, struct fault *f)
{
	const char *words[ACTIONS + 1] = { NULL };
	size_t i;

	for (i = 0; i < ACTIONS; i++)
		words[i] = actions[i].name;
	if (tree_word(y, n, words, &i, f) != 0)
		return -1;
	*out = &actions[i];
	return 0;
}

int
parse_action(const struct tree *y, const struct node *n, struct transform *t,
    struct fault *f)
{
	const struct node *word = n->kind == NODE_MAP ? n->child : n;
	const struct action *a;

	if (word == NULL || (n->kind == NODE_MAP && word->next->next != NULL))
		return tree_fault(y, n, f, "a field has one action");
	if (find_action(y, word, &a, f) != 0)
		return -1;
	t->action = a->action;
	t->line = word->line;
	t->fill = a->action == TRANSFORM_MASK ? '*' : 0;
	if (n->kind == NODE_MAP && a->read == NULL) {
		(void)tree_fault(y, word, f, "%s takes nothing", a->name);
		return fault_hint(f, "write: %s", a->example);
	}
	if (n->kind == NODE_MAP) {
		if (a->read(y, word->next, t, f) == 0)
			return 0;
		return fault_hint(f, "write: %s", a->example);
	}
	if (!a->bare) {
		(void)tree_fault(y, word, f, "%s needs to know more", a->name);
		return fault_hint(f, "write: %s", a->example);
	}
	return 0;
}
