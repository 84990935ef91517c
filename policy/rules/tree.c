/*
 * YAML through libyaml's events.
 *
 * The document interface of the library would follow aliases and guess types;
 * from events we build a small tree of our own, in which a scalar is text,
 * `NO` is Norway, and everything knows its line and column.  What the policy
 * language has no use for is refused here once, with its place: aliases (a
 * page of them can stand for a terabyte), tags, several documents, control
 * characters, repeated keys.
 *
 * Not here: what the keys mean (parse*.c).
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/rules/tree_internal.h"

/* Where in the tree the next node goes. */
struct place {
	struct node *parent;
	struct node *last; /* its last child so far */
	bool at_value;	   /* of a map: the last child was a key */
};

static int
fault_mark(const struct tree *y, const yaml_mark_t *m, struct fault *f,
    const char *what)
{
	return fault_set(f, FAULT_INPUT, "%s:%zu:%zu: %s", y->name, m->line + 1,
	    m->column + 1, what);
}

int
tree_fault(const struct tree *y, const struct node *n, struct fault *f,
    const char *fmt, ...)
{
	char what[400];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return fault_set(
	    f, FAULT_INPUT, "%s:%u:%u: %s", y->name, n->line, n->column, what);
}

/* libyaml gives an offset, not a mark, for bytes that are not text. */
static int
not_text(const struct tree *y, const uint8_t *p, size_t len, size_t at,
    const char *problem, struct fault *f)
{
	yaml_mark_t m = { 0, 0, 0 };

	for (size_t i = 0; i < at && i < len; i++) {
		if (p[i] == '\n') {
			m.line++;
			m.column = 0;
		} else if ((p[i] & 0xc0) != 0x80) {
			m.column++;
		}
	}
	return fault_mark(y, &m, f, problem);
}

/* Does the white space that a line (from 0) begins with hold a tab? */
static bool
tab_indents(const uint8_t *p, size_t len, size_t line)
{
	size_t i = 0;

	for (; i < len && line > 0; i++)
		if (p[i] == '\n')
			line--;
	while (i < len && p[i] == ' ')
		i++;
	return i < len && p[i] == '\t';
}

static int
not_yaml(const struct tree *y, const yaml_parser_t *parser, const uint8_t *p,
    size_t len, struct fault *f)
{
	const yaml_mark_t *m = &parser->problem_mark;

	if (parser->error == YAML_MEMORY_ERROR)
		return fault_memory(f);
	if (parser->error == YAML_READER_ERROR)
		return not_text(
		    y, p, len, parser->problem_offset, parser->problem, f);
	(void)fault_mark(y, m, f, parser->problem);
	if (tab_indents(p, len, m->line))
		return fault_hint(f, "indent with spaces, not with tabs");
	if (parser->context != NULL && strstr(parser->context, "alias") != NULL)
		return fault_hint(
		    f, "put quotes around a pattern that begins with *");
	if (parser->context != NULL)
		return fault_hint(f, "%s that begins in line %zu",
		    parser->context, parser->context_mark.line + 1);
	return -1;
}

static struct node *
node_new(struct tree *y, enum node_kind kind, const yaml_event_t *e)
{
	struct node *n = mem_new(sizeof(*n));

	if (n == NULL)
		return NULL;
	n->kind = kind;
	n->line = (uint32_t)e->start_mark.line + 1;
	n->column = (uint32_t)e->start_mark.column + 1;
	n->made_before = y->made_last;
	y->made_last = n;
	y->made++;
	return n;
}

static bool
has_control(const yaml_char_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((p[i] < 0x20 && p[i] != '\t' && p[i] != '\n' &&
			p[i] != '\r') ||
		    p[i] == 0x7f)
			return true;
	return false;
}

static int
fill_scalar(const struct tree *y, struct node *n, const yaml_event_t *e,
    struct fault *f)
{
	const yaml_char_t *p = e->data.scalar.value;
	size_t len = e->data.scalar.length;

	if (len > POLICY_TEXT_MAX)
		return tree_fault(
		    y, n, f, "a text of more than %u bytes", POLICY_TEXT_MAX);
	if (has_control(p, len))
		return tree_fault(y, n, f, "a text with control characters");
	if (!utf8_valid(p, len))
		return tree_fault(y, n, f, "a text that is not UTF-8");
	n->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if ((n->text = mem_text(p, len)) == NULL)
		return fault_memory(f);
	return 0;
}

static int
compare_keys(const void *a, const void *b)
{
	const struct node *const *ka = a, *const *kb = b;
	int c = strcmp((*ka)->text, (*kb)->text);

	if (c != 0)
		return c;
	if ((*ka)->line != (*kb)->line)
		return (*ka)->line < (*kb)->line ? -1 : 1;
	return (*ka)->column < (*kb)->column ? -1 : 1;
}

/* All keys are scalars, and no two the same. */
static int
check_keys(const struct tree *y, const struct node *map, struct fault *f)
{
	const struct node **keys;
	size_t n = 0, i = 0;
	int rc = 0;

	for (const struct node *k = map->child; k != NULL; k = k->next->next) {
		must(k->next != NULL);
		n++;
	}
	if ((keys = mem_array(n, sizeof(*keys))) == NULL)
		return fault_memory(f);
	for (const struct node *k = map->child; k != NULL; k = k->next->next)
		keys[i++] = k;
	qsort(keys, n, sizeof(*keys), compare_keys);
	for (i = 1; i < n && rc == 0; i++)
		if (strcmp(keys[i - 1]->text, keys[i]->text) == 0)
			rc = tree_fault(y, keys[i], f,
			    "\"%s\" is here twice, first in line %u",
			    keys[i]->text, keys[i - 1]->line);
	mem_free(keys);
	return rc;
}

/* Hang n below the innermost open node. */
static int
attach(struct tree *y, struct place *at, struct node *n, struct fault *f)
{
	if (at->parent == NULL) {
		y->root = n;
		return 0;
	}
	if (at->parent->kind == NODE_MAP) {
		if (!at->at_value && n->kind != NODE_SCALAR)
			return tree_fault(y, n, f,
			    "a key must be a word, not a %s",
			    n->kind == NODE_MAP ? "map" : "list");
		at->at_value = !at->at_value;
	}
	if (at->last == NULL)
		at->parent->child = n;
	else
		at->last->next = n;
	at->last = n;
	return 0;
}

/* What an event that makes a node may not bring along. */
static int
check_extras(const struct tree *y, const yaml_event_t *e,
    const yaml_char_t *anchor, const yaml_char_t *tag, struct fault *f)
{
	if (anchor != NULL) {
		(void)fault_mark(
		    y, &e->start_mark, f, "anchors (&name) are not allowed");
		return fault_hint(f, "write the value again where it is used");
	}
	if (tag != NULL) {
		(void)fault_mark(
		    y, &e->start_mark, f, "tags (!name) are not allowed");
		return fault_hint(f, "leave the tag out; each key knows the "
				     "type of its value");
	}
	return 0;
}

/* The open nodes, outermost first. */
struct building {
	struct tree *y;
	struct place open[POLICY_DEPTH_MAX + 1];
	size_t depth;
	bool documents; /* one was begun */
	bool done;
};

static int
add_node(struct building *b, const yaml_event_t *e, enum node_kind kind,
    struct fault *f)
{
	struct tree *y = b->y;
	struct node *n;

	if (y->made >= POLICY_NODES_MAX)
		return fault_mark(
		    y, &e->start_mark, f, "the policy is too large");
	if ((n = node_new(y, kind, e)) == NULL)
		return fault_memory(f);
	if (kind == NODE_SCALAR && fill_scalar(y, n, e, f) != 0)
		return -1;
	if (attach(y, &b->open[b->depth], n, f) != 0)
		return -1;
	if (kind == NODE_SCALAR)
		return 0;
	if (b->depth == POLICY_DEPTH_MAX)
		return tree_fault(
		    y, n, f, "nested more than %u deep", POLICY_DEPTH_MAX);
	b->open[++b->depth] = (struct place){ .parent = n };
	return 0;
}

static int
close_node(struct building *b, struct fault *f)
{
	struct node *n = b->open[b->depth--].parent;

	return n->kind == NODE_MAP ? check_keys(b->y, n, f) : 0;
}

static int
begin_document(struct building *b, const yaml_event_t *e, struct fault *f)
{
	if (b->documents)
		return fault_mark(b->y, &e->start_mark, f,
		    "a second document; a policy is one");
	if (e->data.document_start.tag_directives.start !=
	    e->data.document_start.tag_directives.end)
		return fault_mark(
		    b->y, &e->start_mark, f, "tags are not allowed");
	b->documents = true;
	return 0;
}

static int
take_event(struct building *b, const yaml_event_t *e, struct fault *f)
{
	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		return begin_document(b, e, f);
	case YAML_ALIAS_EVENT:
		(void)fault_mark(
		    b->y, &e->start_mark, f, "aliases (*name) are not allowed");
		return fault_hint(f, "write the value again here, or put "
				     "quotes around a name that begins with *");
	case YAML_SCALAR_EVENT:
		if (check_extras(b->y, e, e->data.scalar.anchor,
			e->data.scalar.tag, f) != 0)
			return -1;
		return add_node(b, e, NODE_SCALAR, f);
	case YAML_SEQUENCE_START_EVENT:
		if (check_extras(b->y, e, e->data.sequence_start.anchor,
			e->data.sequence_start.tag, f) != 0)
			return -1;
		return add_node(b, e, NODE_LIST, f);
	case YAML_MAPPING_START_EVENT:
		if (check_extras(b->y, e, e->data.mapping_start.anchor,
			e->data.mapping_start.tag, f) != 0)
			return -1;
		return add_node(b, e, NODE_MAP, f);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_node(b, f);
	case YAML_STREAM_END_EVENT:
		b->done = true;
		return 0;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		return 0;
	}
	return 0;
}

int
tree_read(struct tree *y, const char *name, const void *p, size_t len,
    struct fault *f)
{
	struct building b = { .y = y };
	const uint8_t *text = p;
	yaml_parser_t parser;
	yaml_event_t e;
	int rc = 0;

	*y = (struct tree){ .name = name };
	if (len > POLICY_BYTES_MAX)
		return fault_set(f, FAULT_INPUT, "%s: more than %u bytes", name,
		    POLICY_BYTES_MAX);
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	if (!yaml_parser_initialize(&parser))
		return fault_memory(f);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, text, len);
	while (rc == 0 && !b.done) {
		if (!yaml_parser_parse(&parser, &e)) {
			rc = not_yaml(y, &parser, text, len, f);
			break;
		}
		rc = take_event(&b, &e, f);
		yaml_event_delete(&e);
	}
	yaml_parser_delete(&parser);
	if (rc == 0 && y->root == NULL)
		return fault_set(f, FAULT_INPUT, "%s:1:1: nothing in it", name);
	return rc;
}

void
tree_free(struct tree *y)
{
	struct node *n = y->made_last;

	while (n != NULL) {
		struct node *before = n->made_before;

		mem_free(n->text);
		mem_free(n);
		n = before;
	}
	*y = (struct tree){ .name = y->name };
}
