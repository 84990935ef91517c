/*
 * Canonical JSON paths: one spelling for one place, so that a reader's path
 * and a policy's are compared as bytes.  rules.h has the grammar.
 */

#include <string.h>

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

int
path_add_name(struct bytes *path, const void *name, size_t len, struct fault *f)
{
	size_t was = path->len;
	int rc;

	if (!utf8_valid(name, len))
		return fault_set(f, FAULT_INPUT, "a name that is not UTF-8");
	if (!all_plain(name, len))
		rc = add_quoted(path, name, len, f);
	else if (path->len > 0 && bytes_add(path, ".", 1, f) != 0)
		rc = -1;
	else
		rc = bytes_add(path, name, len, f);
	if (rc != 0)
		path->len = was;
	return rc;
}

int
path_add_any(struct bytes *path, struct fault *f)
{
	return bytes_add(path, "[*]", 3, f);
}

bool
path_below(const char *path, const char *top)
{
	size_t n = strlen(top);

	if (strcmp(top, "$") == 0)
		return strcmp(path, "$") != 0;
	return strncmp(path, top, n) == 0 && (path[n] == '.' || path[n] == '[');
}
