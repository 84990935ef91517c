/*
 * JSON paths as people write them, into the one canonical form (path.c), after
 * RFC 9535: names joined by dots, [*] or .* for whatever is there, [0] and
 * [-1] for elements, ".." in front of any of them for any depth, ["..."] or
 * ['...'] around names with other characters.  Ours are that the $ in front
 * may be left out, and .** at the end for a place and all below it.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/rules/parse_internal.h"

/* Steps of one path text; of a reader's, every level is one. */
struct path_text {
	const char *at;
	struct path *out;
};

static int
bad(struct fault *f, const char *what)
{
	return fault_set(f, FAULT_INPUT, "%s", what);
}

static int
add_step(struct path_text *p, const struct path_step *step, struct fault *f)
{
	struct path *out = p->out;

	if (out->n == PATH_DEPTH_MAX)
		return bad(f, "more steps than any document is deep");
	if (out->n == out->room) {
		size_t room = out->room == 0 ? 16 : 2 * out->room;
		void *grown = mem_resize(out->steps, room * sizeof(*step));

		if (grown == NULL)
			return fault_memory(f);
		out->steps = grown;
		out->room = room;
	}
	out->steps[out->n++] = *step;
	return 0;
}

static bool
read_hex4(uint32_t *out, const char *p)
{
	*out = 0;
	for (int i = 0; i < 4; i++) {
		char c = p[i];
		unsigned v;

		if (c >= '0' && c <= '9')
			v = (unsigned)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			v = (unsigned)((c | 0x20) - 'a' + 10);
		else
			return false;
		*out = *out << 4 | v;
	}
	return true;
}

static int
take_unicode(struct path_text *p, struct fault *f)
{
	uint32_t c, low;

	if (!read_hex4(&c, p->at))
		return bad(f, "\\u needs four hexadecimal digits");
	p->at += 4;
	if (c >= 0xd800 && c < 0xdc00 && p->at[0] == '\\' && p->at[1] == 'u' &&
	    read_hex4(&low, p->at + 2) && low >= 0xdc00 && low < 0xe000) {
		p->at += 6;
		c = 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
	}
	if (c >= 0xd800 && c < 0xe000)
		return bad(f, "\\u names half a character");
	return utf8_add(&p->out->names, c, f);
}

static int
take_escape(struct path_text *p, struct fault *f)
{
	static const char from[] = "\"'\\/bfnrt", to[] = "\"'\\/\b\f\n\r\t";
	const char *at;
	char c = *p->at;

	if (c == 'u') {
		p->at++;
		return take_unicode(p, f);
	}
	if (c == '\0' || (at = strchr(from, c)) == NULL)
		return bad(f, "unknown escape in a quoted name");
	p->at++;
	return bytes_add(&p->out->names, &to[at - from], 1, f);
}

/* Behind [ and its quote, up to and with the closing ones. */
static int
take_quoted(
    struct path_text *p, char quote, struct path_step *step, struct fault *f)
{
	struct bytes *names = &p->out->names;

	step->at = (uint32_t)names->len;
	while (*p->at != quote) {
		int rc;

		if (*p->at == '\0')
			return bad(f, "a quoted name does not end");
		if (*p->at == '\\') {
			p->at++;
			rc = take_escape(p, f);
		} else {
			rc = bytes_add(names, p->at++, 1, f);
		}
		if (rc != 0)
			return -1;
	}
	p->at++;
	if (*p->at != ']')
		return bad(f, "a quoted name ends in ]");
	p->at++;
	step->len = (uint32_t)names->len - step->at;
	return add_step(p, step, f);
}

/* A number as RFC 9535, 2.3.3 has it: no zero in front, no -0. */
static bool
take_number(const char **at, int32_t *out)
{
	bool minus = **at == '-';
	const char *digits = *at + minus;
	size_t n = strspn(digits, "0123456789");
	uint64_t v;

	if (n == 0 || (digits[0] == '0' && (n > 1 || minus)) ||
	    !u64_read(&v, digits, n, PATH_INDEX_MAX))
		return false;
	*out = minus ? -(int32_t)v : (int32_t)v;
	*at = digits + n;
	return true;
}

/* [0], [-1], and [0,-1] of a shape. */
static int
take_index(struct path_text *p, struct path_step *step, struct fault *f)
{
	int32_t first, second;

	step->kind = PATH_ELEMENT;
	step->front = PATH_NO_FRONT;
	step->back = PATH_NO_BACK;
	if (!take_number(&p->at, &first))
		return bad(f, "no index: 0 is the first, -1 the last");
	*(first < 0 ? &step->back : &step->front) = first;
	if (first >= 0 && *p->at == ',') {
		p->at++;
		if (!take_number(&p->at, &second) || second >= 0)
			return bad(f, "one index stands in brackets");
		step->back = second;
	}
	if (*p->at != ']')
		return bad(f, "an index ends in ]");
	p->at++;
	return add_step(p, step, f);
}

static int
take_bracket(struct path_text *p, struct path_step *step, struct fault *f)
{
	char c = *++p->at;

	if (c == '"' || c == '\'') {
		p->at++;
		return take_quoted(p, c, step, f);
	}
	if (strncmp(p->at, "*]", 2) == 0) {
		p->at += 2;
		step->kind = PATH_ANY;
		return add_step(p, step, f);
	}
	if (c == '-' || (c >= '0' && c <= '9'))
		return take_index(p, step, f);
	return bad(
	    f, "[ is followed by *, by an index or by a quoted name, and ]");
}

static int
take_plain(struct path_text *p, struct path_step *step, struct fault *f)
{
	size_t len = strcspn(p->at, ".[]*\"'");

	if (p->at[0] == '*' && (p->at[1] == '\0' || strchr(".[", p->at[1]))) {
		p->at++;
		step->kind = PATH_ANY;
		return add_step(p, step, f);
	}
	if (strncmp(p->at, "**", 2) == 0)
		return bad(f, "** stands at the end; any depth is written ..");
	if (p->at[len] != '.' && p->at[len] != '[' && p->at[len] != '\0')
		return bad(f, "a name with * ] or quotes is written [\"...\"]");
	if (len == 0)
		return bad(f, "a name is missing");
	step->at = (uint32_t)p->out->names.len;
	step->len = (uint32_t)len;
	if (bytes_add(&p->out->names, p->at, len, f) != 0)
		return -1;
	p->at += len;
	return add_step(p, step, f);
}

/* What stands in front of a step; *deep for "..". */
static int
take_dots(struct path_text *p, bool first, bool *deep, struct fault *f)
{
	*deep = strncmp(p->at, "..", 2) == 0;
	if (*deep) {
		p->at += 2;
		return 0;
	}
	if (*p->at == '.') {
		if (first)
			return bad(f, "a name is missing");
		if (*++p->at == '[')
			return bad(f, "a dot in front of [");
	} else if (!first && *p->at != '[') {
		return bad(f, "a dot is missing behind ]");
	}
	return 0;
}

static int
take_path(struct path_text *p, struct fault *f)
{
	bool first = true;

	if (*p->at == '\0')
		return bad(f, "a name is missing");
	if (*p->at == '$' && (p->at[1] == '\0' || strchr(".[", p->at[1]))) {
		p->at++;
		first = false;
	}
	while (*p->at != '\0') {
		struct path_step step = { .kind = PATH_NAME };

		if (take_dots(p, first, &step.deep, f) != 0)
			return -1;
		first = false;
		if (strcmp(p->at, "**") == 0 && !step.deep) {
			p->out->below = true;
			return 0;
		}
		if ((*p->at == '[' ? take_bracket(p, &step, f)
				   : take_plain(p, &step, f)) != 0)
			return -1;
	}
	return 0;
}

int
path_read(struct path *out, const char *text, struct fault *f)
{
	struct path_text p = { text, out };

	out->n = 0;
	out->below = false;
	bytes_reset(&out->names);
	out->names.cap = (size_t)2 * SHAPE_NAME_MAX;
	return take_path(&p, f);
}

/* What a policy may write is less than what a shape may be. */
static int
judge(const struct path *p, struct fault *f)
{
	if (p->n > PATH_STEPS_MAX)
		return fault_set(
		    f, FAULT_INPUT, "more than %u steps", PATH_STEPS_MAX);
	for (size_t i = 0; i < p->n; i++)
		if (p->steps[i].kind == PATH_ELEMENT &&
		    p->steps[i].front != PATH_NO_FRONT &&
		    p->steps[i].back != PATH_NO_BACK)
			return bad(f, "one index stands in brackets");
	return 0;
}

int
parse_path(const struct tree *y, const struct node *n, struct path *path,
    char **out, struct fault *f)
{
	struct fault why = { 0 };
	struct bytes text;
	int rc = -1;

	bytes_init(&text, SHAPE_NAME_MAX);
	if (path_read(path, n->text, &why) != 0 || judge(path, &why) != 0) {
		if (why.kind == FAULT_SYSTEM) {
			*f = why;
			goto out;
		}
		(void)tree_fault(y, n, f, "path \"%s\": %s", n->text, why.text);
		(void)fault_hint(f,
		    "paths are like  name  address.city  visits[*].icd  "
		    "visits[0]  $..name  [\"odd.name\"].x  address.**");
		goto out;
	}
	if (path_print(&text, path, f) != 0)
		goto out;
	mem_free(*out);
	if ((*out = mem_text(text.at, text.len)) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	rc = 0;
out:
	bytes_free(&text);
	return rc;
}

int
path_canonical(char **out, const char *text, struct fault *f)
{
	struct path path = { .n = 0 };
	struct bytes b;
	int rc = -1;

	bytes_init(&b, SHAPE_NAME_MAX + 1);
	if (path_read(&path, text, f) != 0 ||
	    (path.below &&
		fault_set(f, FAULT_INPUT, "** is not one place") != 0) ||
	    path_print(&b, &path, f) != 0 || bytes_end_text(&b, f) != 0)
		(void)fault_at(f, "path \"%s\"", text);
	else
		rc = parse_copy(out, (const char *)b.at, f);
	path_free(&path);
	bytes_free(&b);
	return rc;
}

int
parse_place(const struct tree *y, const struct node *n, struct path *path,
    char **out, struct fault *f)
{
	if (parse_path(y, n, path, out, f) != 0)
		return -1;
	if (path->below)
		return tree_fault(
		    y, n, f, "path \"%s\": ** is not one place", n->text);
	for (size_t i = 0; i < path->n; i++)
		if (path->steps[i].deep || path->steps[i].kind == PATH_ANY)
			return tree_fault(y, n, f,
			    "path \"%s\": a key is one value a record, without "
			    "* and ..",
			    n->text);
	return 0;
}
