/*
 * JSON paths as people write them, into the one canonical form (path.c):
 * names joined by dots, [*] for any element, ["..."] or ['...'] around names
 * with other characters, an optional $ in front, and .** at the end for a
 * place and all below it.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/rules/parse_internal.h"

struct path_text {
	const struct tree *y;
	const struct node *n;
	const char *at;
	struct bytes *out;
	struct bytes *name; /* room to unescape one name */
};

static int
bad_path(const struct path_text *p, struct fault *f, const char *what)
{
	(void)tree_fault(p->y, p->n, f, "path \"%s\": %s", p->n->text, what);
	return fault_hint(f, "paths are like  name  address.city  "
			     "visits[*].icd  [\"odd.name\"].x  address.**");
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
		return bad_path(p, f, "\\u needs four hexadecimal digits");
	p->at += 4;
	if (c >= 0xd800 && c < 0xdc00 && p->at[0] == '\\' && p->at[1] == 'u' &&
	    read_hex4(&low, p->at + 2) && low >= 0xdc00 && low < 0xe000) {
		p->at += 6;
		c = 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
	}
	if (c >= 0xd800 && c < 0xe000)
		return bad_path(p, f, "\\u names half a character");
	return utf8_add(p->name, c, f);
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
		return bad_path(p, f, "unknown escape in a quoted name");
	p->at++;
	return bytes_add(p->name, &to[at - from], 1, f);
}

/* Behind [ and its quote, up to and with the closing ones. */
static int
take_quoted(struct path_text *p, char quote, struct fault *f)
{
	bytes_reset(p->name);
	while (*p->at != quote) {
		int rc;

		if (*p->at == '\0')
			return bad_path(p, f, "a quoted name does not end");
		if (*p->at == '\\') {
			p->at++;
			rc = take_escape(p, f);
		} else {
			rc = bytes_add(p->name, p->at++, 1, f);
		}
		if (rc != 0)
			return -1;
	}
	p->at++;
	if (*p->at++ != ']')
		return bad_path(p, f, "a quoted name ends in ]");
	return path_add_name(p->out, p->name->at, p->name->len, f);
}

static int
take_bracket(struct path_text *p, struct fault *f)
{
	char c = *++p->at;

	if (c == '"' || c == '\'') {
		p->at++;
		return take_quoted(p, c, f);
	}
	if (strncmp(p->at, "*]", 2) == 0) {
		p->at += 2;
		return path_add_any(p->out, f);
	}
	return bad_path(p, f, "[ is followed by *] or by a quoted name and ]");
}

static int
take_plain(struct path_text *p, struct fault *f)
{
	size_t len = strcspn(p->at, ".[]*\"'");

	if (p->at[len] != '.' && p->at[len] != '[' && p->at[len] != '\0')
		return bad_path(p, f,
		    "a name with * ] or quotes is written "
		    "[\"...\"]");
	if (len == 0)
		return bad_path(p, f, "a name is missing");
	p->at += len;
	return path_add_name(p->out, p->at - len, len, f);
}

static int
take_path(struct path_text *p, bool *below, struct fault *f)
{
	bool dot = true; /* a name may stand here without one in front */

	if (*p->at == '$' && (p->at[1] == '\0' || strchr(".[", p->at[1]))) {
		p->at++;
		dot = *p->at == '.';
		p->at += dot;
		if (*p->at == '\0' && dot)
			return bad_path(p, f, "a name is missing");
	}
	while (*p->at != '\0') {
		if (dot && strcmp(p->at, "**") == 0) {
			if (below == NULL)
				return bad_path(p, f, "** is not one place");
			*below = true;
			return 0;
		}
		if ((*p->at == '[' ? take_bracket(p, f) : take_plain(p, f)) !=
		    0)
			return -1;
		dot = *p->at == '.';
		if (dot && *++p->at == '\0')
			return bad_path(p, f, "a name is missing");
		if (dot && *p->at == '[')
			return bad_path(p, f, "a dot in front of [");
		if (!dot && *p->at != '[' && *p->at != '\0')
			return bad_path(p, f, "a dot is missing behind ]");
	}
	return 0;
}

int
parse_path(const struct tree *y, const struct node *n, char **out, bool *below,
    struct fault *f)
{
	struct bytes path, name;
	struct path_text p = { y, n, n->text, &path, &name };
	int rc = -1;

	if (below != NULL)
		*below = false;
	bytes_init(&path, SHAPE_NAME_MAX);
	bytes_init(&name, POLICY_TEXT_MAX);
	if (*p.at == '\0') {
		(void)bad_path(&p, f, "a name is missing");
		goto out;
	}
	if (take_path(&p, below, f) != 0)
		goto out;
	if (path.len == 0 && bytes_add(&path, "$", 1, f) != 0)
		goto out;
	mem_free(*out);
	if ((*out = mem_text(path.at, path.len)) == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	rc = 0;
out:
	bytes_free(&name);
	bytes_free(&path);
	return rc;
}

int
path_canonical(char **out, const char *text, struct fault *f)
{
	const struct tree y = { .name = "PATH" };
	char *copy = mem_text(text, strlen(text));
	const struct node n = { .line = 1, .column = 1, .text = copy };
	int rc;

	if (copy == NULL)
		return fault_memory(f);
	rc = parse_path(&y, &n, out, NULL, f);
	mem_free(copy);
	return rc;
}
