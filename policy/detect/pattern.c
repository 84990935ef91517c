/*
 * The language of patterns: what Hyperscan takes of PCRE, less what cannot be
 * bounded.  Read by descent into a tree whose leaves are sets of code points.
 *
 * Letters stand for both cases, and behind a (?-i) that the pattern begins
 * with for their own.  \b is read and means nothing: no match begins or ends
 * inside a word (scan.c), whether the pattern says so or not.
 */

#include "policy/detect/pattern_internal.h"

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/detect/detect_internal.h"

struct parse {
	struct pattern *p;
	const char *text;
	size_t at, len;
	unsigned depth;
	bool cased; /* letters are of their own case alone */
	struct fault *f;
};

static int
wrong(struct parse *x, const char *what)
{
	return fault_set(
	    x->f, FAULT_INPUT, "pattern, character %zu: %s", x->at + 1, what);
}

static int
new_tree(struct parse *x, struct tree t, uint32_t *out)
{
	struct pattern *p = x->p;

	if (p->ntrees == p->trees_room) {
		size_t room = p->trees_room == 0 ? 64 : 2 * p->trees_room;
		struct tree *more = mem_resize(p->trees, room * sizeof(*more));

		if (more == NULL)
			return fault_memory(x->f);
		p->trees = more;
		p->trees_room = room;
	}
	*out = (uint32_t)p->ntrees;
	p->trees[p->ntrees++] = t;
	return 0;
}

static int
put_range(struct parse *x, uint32_t lo, uint32_t hi)
{
	struct pattern *p = x->p;

	if (p->nranges == p->ranges_room) {
		size_t room = p->ranges_room == 0 ? 64 : 2 * p->ranges_room;
		struct range *more =
		    mem_resize(p->ranges, room * sizeof(*more));

		if (more == NULL)
			return fault_memory(x->f);
		p->ranges = more;
		p->ranges_room = room;
	}
	p->ranges[p->nranges++] = (struct range){ lo, hi };
	return 0;
}

/* What a short range is in texts as they are searched, where a dash is '-'.  A
 * long one is a script's, or all that is not ASCII, and means what it is. */
#define SEEN_MAX 64u

static int
put_seen(struct parse *x, uint32_t lo, uint32_t hi)
{
	char as[FOLD_CHARS_MAX];

	if (lo != hi && (lo < 0x80 || hi - lo >= SEEN_MAX))
		return 0;
	for (uint32_t c = lo; c <= hi; c++)
		if (fold_one((int32_t)c, as) == 1 &&
		    put_range(x, (uint8_t)as[0], (uint8_t)as[0]) != 0)
			return -1;
	return 0;
}

/* What a range, or as much of it as lo to hi, is in the other case. */
static int
put_other(struct parse *x, uint32_t lo, uint32_t hi)
{
	for (uint32_t c = lo; c <= hi; c++) {
		uint32_t other = letters_other(c);

		if (other != c && put_range(x, other, other) != 0)
			return -1;
	}
	return 0;
}

/* A range, and what it is in the other case: of one that is a script, as of
 * put_seen(), only its ASCII. */
static int
put_folded(struct parse *x, uint32_t lo, uint32_t hi)
{
	if (put_range(x, lo, hi) != 0 || put_seen(x, lo, hi) != 0)
		return -1;
	if (x->cased)
		return 0;
	if (hi - lo >= SEEN_MAX)
		hi = hi < 0x7f ? hi : 0x7f;
	return put_other(x, lo, hi);
}

static const struct named {
	char letter;
	struct range ranges[6];
	size_t n;
} named[] = {
	{ 'd', { { '0', '9' } }, 1 },
	{ 'w', { { '0', '9' }, { 'A', 'Z' }, { 'a', 'z' }, { '_', '_' } }, 4 },
	{ 's', { { '\t', '\r' }, { ' ', ' ' } }, 2 },
	{ 'D', { { 0, '0' - 1 }, { '9' + 1, 0x10ffff } }, 2 },
	{ 'W',
	    { { 0, '0' - 1 }, { '9' + 1, 'A' - 1 }, { 'Z' + 1, '^' },
		{ '`', '`' }, { 'z' + 1, 0x10ffff } },
	    5 },
	{ 'S',
	    { { 0, '\t' - 1 }, { '\r' + 1, ' ' - 1 }, { ' ' + 1, 0x10ffff } },
	    3 },
};

static int
hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* Behind a backslash: one character into *one, or a named set, whose ranges
 * are put. */
static int
read_escape(struct parse *x, bool *set, uint32_t *one)
{
	char c;

	*set = false;
	if (x->at == x->len)
		return wrong(x, "nothing behind \\");
	c = x->text[x->at++];
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		if (named[i].letter != c)
			continue;
		*set = true;
		for (size_t k = 0; k < named[i].n; k++)
			if (put_range(x, named[i].ranges[k].lo,
				named[i].ranges[k].hi) != 0)
				return -1;
		return 0;
	}
	if (c == 'x' && x->at + 2 <= x->len && hex(x->text[x->at]) >= 0 &&
	    hex(x->text[x->at + 1]) >= 0) {
		*one = (uint32_t)(hex(x->text[x->at]) * 16 +
				  hex(x->text[x->at + 1]));
		x->at += 2;
		return *one < 0x80 ? 0 : wrong(x, "\\x80 and over: write it");
	}
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9')) {
		*one = c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : 0;
		return *one != 0 ? 0 : wrong(x, "not an escape of patterns");
	}
	*one = (uint8_t)c;
	return 0;
}

static int
read_character(struct parse *x, uint32_t *c)
{
	size_t used;
	int32_t got = utf8_next(x->text + x->at, x->len - x->at, &used);

	if (got < 0)
		return wrong(x, "not UTF-8");
	x->at += used;
	*c = (uint32_t)got;
	return 0;
}

/* The ranges from first on in order, none touching another. */
static void
tidy(struct parse *x, size_t first)
{
	struct range *r = x->p->ranges + first;
	size_t n = x->p->nranges - first, to = 0;

	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && r[k].lo < r[k - 1].lo; k--) {
			struct range t = r[k];

			r[k] = r[k - 1];
			r[k - 1] = t;
		}
	for (size_t i = 1; i < n; i++) {
		if (r[i].lo > r[to].hi + 1)
			r[++to] = r[i];
		else if (r[i].hi > r[to].hi)
			r[to].hi = r[i].hi;
	}
	if (n > 0)
		x->p->nranges = first + to + 1;
}

/* The ranges from first on, in order, are what is not meant: turn them round.
 */
static int
negate(struct parse *x, size_t first)
{
	size_t n = x->p->nranges - first;
	uint32_t next = 0;

	for (size_t i = 0; i < n; i++) {
		struct range in = x->p->ranges[first + i];

		if (in.lo > next && put_range(x, next, in.lo - 1) != 0)
			return -1;
		next = in.hi + 1;
	}
	if (next <= 0x10ffff && put_range(x, next, 0x10ffff) != 0)
		return -1;
	memmove(x->p->ranges + first, x->p->ranges + first + n,
	    (x->p->nranges - first - n) * sizeof(*x->p->ranges));
	x->p->nranges -= n;
	return 0;
}

/* Behind '['. */
static int
read_class(struct parse *x)
{
	size_t first = x->p->nranges;
	bool negated = x->at < x->len && x->text[x->at] == '^', set,
	     begun = false;

	x->at += negated;
	for (;; begun = true) {
		uint32_t lo, hi;

		if (x->at == x->len)
			return wrong(x, "[ without ]");
		if (x->text[x->at] == ']' && begun)
			break;
		set = false;
		if (x->text[x->at] == '\\') {
			x->at++;
			if (read_escape(x, &set, &lo) != 0)
				return -1;
		} else if (read_character(x, &lo) != 0)
			return -1;
		if (set)
			continue;
		hi = lo;
		if (x->at + 1 < x->len && x->text[x->at] == '-' &&
		    x->text[x->at + 1] != ']') {
			x->at++;
			if (x->text[x->at] == '\\') {
				x->at++;
				if (read_escape(x, &set, &hi) != 0)
					return -1;
			} else if (read_character(x, &hi) != 0)
				return -1;
			if (set || hi < lo)
				return wrong(x, "not a range");
		}
		if (put_folded(x, lo, hi) != 0)
			return -1;
	}
	x->at++;
	tidy(x, first);
	return negated ? negate(x, first) : 0;
}

static int read_alternatives(struct parse *x, uint32_t *out);

static int
read_group(struct parse *x, uint32_t *out)
{
	if (x->at + 1 < x->len && x->text[x->at] == '?') {
		if (x->text[x->at + 1] != ':')
			return wrong(x, "only (?: and ( are groups");
		x->at += 2;
	}
	if (++x->depth > PATTERN_DEPTH_MAX)
		return wrong(x, "too many brackets in brackets");
	if (read_alternatives(x, out) != 0)
		return -1;
	x->depth--;
	if (x->at == x->len || x->text[x->at] != ')')
		return wrong(x, "( without )");
	x->at++;
	return 0;
}

/* One character that is written as itself. */
static int
put_literal(struct parse *x, uint32_t c, struct tree *t)
{
	char as[FOLD_CHARS_MAX];
	size_t n = fold_one((int32_t)c, as);

	if (n != FOLD_AS_IT_IS && n > 1)
		return wrong(x, "a ligature: write its letters");
	if (n == 0) { /* not seen in a text either */
		t->kind = TREE_EMPTY;
		return 0;
	}
	return put_folded(x, c, c);
}

static int
read_atom(struct parse *x, uint32_t *out)
{
	struct tree t = { .kind = TREE_SET, .first = (uint32_t)x->p->nranges };
	char c = x->text[x->at];
	uint32_t one = 0;
	bool set = false;

	if (c == '(') {
		x->at++;
		return read_group(x, out);
	}
	if (strchr("*+?{^$", c) != NULL)
		return wrong(x, "nothing to repeat, or an anchor");
	if (c == '\\' && x->at + 1 < x->len && x->text[x->at + 1] == 'b') {
		x->at += 2;
		t.kind = TREE_EMPTY;
		return new_tree(x, t, out);
	}
	if (c == '[') {
		x->at++;
		if (read_class(x) != 0)
			return -1;
	} else if (c == '.') {
		x->at++;
		if (put_range(x, 0, '\n' - 1) != 0 ||
		    put_range(x, '\n' + 1, 0x10ffff) != 0)
			return -1;
	} else {
		if (c == '\\') {
			x->at++;
			if (read_escape(x, &set, &one) != 0)
				return -1;
		} else if (read_character(x, &one) != 0)
			return -1;
		if (!set && put_literal(x, one, &t) != 0)
			return -1;
	}
	t.n = (uint32_t)x->p->nranges - t.first;
	return new_tree(x, t, out);
}

static int
read_count(struct parse *x, uint32_t *out)
{
	size_t from = x->at;

	*out = 0;
	for (; x->at < x->len && x->text[x->at] >= '0' &&
	       x->text[x->at] <= '9' && *out <= PATTERN_REPEAT_MAX;
	     x->at++)
		*out = *out * 10 + (uint32_t)(x->text[x->at] - '0');
	if (x->at == from || *out > PATTERN_REPEAT_MAX)
		return wrong(x, "not a count, or over 1024");
	return 0;
}

/* {m}, {m,} and {m,n}, behind '{'. */
static int
read_counts(struct parse *x, struct tree *t)
{
	if (read_count(x, &t->min) != 0)
		return -1;
	t->max = t->min;
	if (x->at < x->len && x->text[x->at] == ',') {
		x->at++;
		t->max = t->min + PATTERN_REPEAT_OPEN;
		if (x->at < x->len && x->text[x->at] != '}' &&
		    read_count(x, &t->max) != 0)
			return -1;
	}
	if (x->at == x->len || x->text[x->at] != '}' || t->max < t->min)
		return wrong(x, "not {m,n}");
	x->at++;
	return 0;
}

static int
read_repeated(struct parse *x, uint32_t *out)
{
	if (read_atom(x, out) != 0)
		return -1;
	while (x->at < x->len && strchr("*+?{", x->text[x->at]) != NULL) {
		struct tree t = { .kind = TREE_REPEAT, .a = *out };
		char c = x->text[x->at++];

		t.min = c == '+';
		t.max = c == '?' ? 1 : PATTERN_REPEAT_OPEN;
		if (c == '{' && read_counts(x, &t) != 0)
			return -1;
		/* Lazy or not: where it ends is decided elsewhere. */
		if (x->at < x->len && x->text[x->at] == '?')
			x->at++;
		if (new_tree(x, t, out) != 0)
			return -1;
	}
	return 0;
}

static int
read_sequence(struct parse *x, uint32_t *out)
{
	struct tree t = { .kind = TREE_EMPTY };

	if (new_tree(x, t, out) != 0)
		return -1;
	while (
	    x->at < x->len && x->text[x->at] != '|' && x->text[x->at] != ')') {
		t = (struct tree){ .kind = TREE_CAT, .a = *out };
		if (read_repeated(x, &t.b) != 0 || new_tree(x, t, out) != 0)
			return -1;
	}
	return 0;
}

static int
read_alternatives(struct parse *x, uint32_t *out)
{
	if (read_sequence(x, out) != 0)
		return -1;
	while (x->at < x->len && x->text[x->at] == '|') {
		struct tree t = { .kind = TREE_ALT, .a = *out };

		x->at++;
		if (read_sequence(x, &t.b) != 0 || new_tree(x, t, out) != 0)
			return -1;
	}
	return 0;
}

int
pattern_read(struct pattern *p, const char *text, struct fault *f)
{
	struct parse x = { .p = p, .text = text, .f = f };

	memset(p, 0, sizeof(*p));
	x.len = strlen(text);
	if (x.len > PATTERN_CHARS_MAX)
		return fault_set(f, FAULT_INPUT, "pattern: over %u characters",
		    PATTERN_CHARS_MAX);
	if (x.len > 4 && memcmp(text, "(?i)", 4) == 0)
		x.at = 4; /* as every pattern is */
	if (x.len > 5 && memcmp(text, "(?-i)", 5) == 0) {
		x.cased = true;
		x.at = 5;
	}
	if (read_alternatives(&x, &p->root) != 0)
		return -1;
	return x.at == x.len ? 0 : wrong(&x, ") without (");
}

void
pattern_free(struct pattern *p)
{
	mem_free(p->trees);
	mem_free(p->ranges);
	memset(p, 0, sizeof(*p));
}
