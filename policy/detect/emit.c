/*
 * Thompson's construction, written from the end to the beginning: each part is
 * emitted knowing what comes behind it.  Sets of code points become sequences
 * of ranges of bytes; a repeat is written out as often as it may come.
 */

#include "policy/detect/pattern_internal.h"

#include <string.h>

#include "keys/base/mem.h"

struct emit {
	struct net *net;
	const struct pattern *p;
	size_t base; /* nodes before this pattern */
	struct fault *f;
};

static int
new_node(struct emit *e, struct node node, uint32_t *out)
{
	struct net *net = e->net;

	if (net->n - e->base > PATTERN_NODES_MAX)
		return fault_set(e->f, FAULT_INPUT, "pattern: too large");
	if (net->n == net->room) {
		size_t room = net->room == 0 ? 1024 : 2 * net->room;
		struct node *more =
		    mem_resize(net->nodes, room * sizeof(*more));

		if (more == NULL)
			return fault_memory(e->f);
		net->nodes = more;
		net->room = room;
	}
	*out = (uint32_t)net->n;
	net->nodes[net->n++] = node;
	return 0;
}

/* *entry, which may be none yet, or else this. */
#define NONE UINT32_MAX

static int
either(struct emit *e, uint32_t *entry, uint32_t other)
{
	struct node split = { .kind = NODE_SPLIT, .out = *entry, .alt = other };

	if (*entry == NONE) {
		*entry = other;
		return 0;
	}
	return new_node(e, split, entry);
}

static size_t
encode(uint8_t out[4], uint32_t c)
{
	if (c < 0x80) {
		out[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (uint8_t)(0xc0 | c >> 6);
		out[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (uint8_t)(0xe0 | c >> 12);
		out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | c >> 18);
	out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

/*
 * A range of code points.  Cut where the length of the encoding changes and
 * where a byte behind the first does not run its whole course, so that what is
 * left is one sequence of ranges of bytes.
 */
static int
emit_range(
    struct emit *e, uint32_t lo, uint32_t hi, uint32_t next, uint32_t *entry)
{
	static const uint32_t last[] = { 0x7f, 0x7ff, 0xffff };
	uint8_t a[4], b[4];
	uint32_t cut = 0;
	size_t n;

	for (size_t i = 0; i < 3 && cut == 0; i++)
		if (lo <= last[i] && hi > last[i])
			cut = last[i] + 1;
	for (unsigned i = 1; i < 4 && cut == 0 && lo > 0x7f; i++) {
		uint32_t m = (1u << (6 * i)) - 1;

		if ((lo & ~m) == (hi & ~m))
			continue;
		if ((lo & m) != 0)
			cut = (lo | m) + 1;
		else if ((hi & m) != m)
			cut = hi & ~m;
	}
	if (cut != 0) {
		if (emit_range(e, lo, cut - 1, next, entry) != 0)
			return -1;
		return emit_range(e, cut, hi, next, entry);
	}
	n = encode(a, lo);
	(void)encode(b, hi);
	while (n-- > 0) {
		struct node node = { NODE_BYTES, a[n], b[n], next, 0 };

		if (new_node(e, node, &next) != 0)
			return -1;
	}
	return either(e, entry, next);
}

static int emit(struct emit *e, uint32_t tree, uint32_t next, uint32_t *entry);

static int
emit_repeat(
    struct emit *e, const struct tree *t, uint32_t next, uint32_t *entry)
{
	uint32_t at = next;

	for (uint32_t i = t->min; i < t->max; i++) {
		uint32_t in;

		if (emit(e, t->a, at, &in) != 0)
			return -1;
		at = in;
		if (either(e, &at, next) != 0)
			return -1;
	}
	for (uint32_t i = 0; i < t->min; i++)
		if (emit(e, t->a, at, &at) != 0)
			return -1;
	*entry = at;
	return 0;
}

/* Brackets are at most PATTERN_DEPTH_MAX deep; sequences and alternatives lean
 * to the left, so their left side is walked, not entered. */
static int
emit(struct emit *e, uint32_t tree, uint32_t next, uint32_t *entry)
{
	const struct tree *t = &e->p->trees[tree];
	uint32_t got = NONE, part;

	for (; t->kind == TREE_CAT; t = &e->p->trees[t->a])
		if (emit(e, t->b, next, &next) != 0)
			return -1;
	for (; t->kind == TREE_ALT; t = &e->p->trees[t->a])
		if (emit(e, t->b, next, &part) != 0 ||
		    either(e, &got, part) != 0)
			return -1;
	switch (t->kind) {
	case TREE_SET:
		for (uint32_t i = 0; i < t->n; i++)
			if (emit_range(e, e->p->ranges[t->first + i].lo,
				e->p->ranges[t->first + i].hi, next, &got) != 0)
				return -1;
		break;
	case TREE_REPEAT:
		if (emit_repeat(e, t, next, &part) != 0 ||
		    either(e, &got, part) != 0)
			return -1;
		break;
	case TREE_CAT: /* the first of alternatives */
		part = next;
		if (emit(e, (uint32_t)(t - e->p->trees), next, &part) != 0 ||
		    either(e, &got, part) != 0)
			return -1;
		break;
	case TREE_EMPTY:
	case TREE_ALT:
	default:
		if (either(e, &got, next) != 0)
			return -1;
	}
	*entry = got;
	return 0;
}

int
net_add(
    struct net *net, const struct pattern *p, uint32_t which, struct fault *f)
{
	struct emit e = { net, p, net->n, f };
	struct node end = { .kind = NODE_END, .out = which };
	uint32_t at;

	if (net->nstarts == net->starts_room) {
		size_t room =
		    net->starts_room == 0 ? 256 : 2 * net->starts_room;
		uint32_t *more = mem_resize(net->starts, room * sizeof(*more));

		if (more == NULL)
			return fault_memory(f);
		net->starts = more;
		net->starts_room = room;
	}
	if (new_node(&e, end, &at) != 0 || emit(&e, p->root, at, &at) != 0)
		return -1;
	net->starts[net->nstarts++] = at;
	return 0;
}

void
net_free(struct net *net)
{
	mem_free(net->nodes);
	mem_free(net->starts);
	memset(net, 0, sizeof(*net));
}
