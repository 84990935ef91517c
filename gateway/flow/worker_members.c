/*
 * Finds in the names of JSON members: what the policy itself calls a member is
 * no data of anybody's, whatever it looks like.
 *
 * A name that only a wildcard lets go may be data, and its finds remain.
 */

#include <string.h>

#include "gateway/flow/sheet_internal.h"

/* Where the string ends whose first character is at i: at its quote. */
static size_t
string_end(const struct slice *s, size_t i)
{
	while (i < s->len && s->at[i] != '"')
		i += s->at[i] == '\\' ? 2 : 1;
	return i < s->len ? i : s->len;
}

/* Does a colon follow, so that it was a name? */
static bool
is_name(const struct slice *s, size_t i)
{
	while (i < s->len && memchr(" \t\r\n", s->at[i], 4) != NULL)
		i++;
	return i < s->len && s->at[i] == ':';
}

static bool
named(const struct names *members, const uint8_t *name, size_t len)
{
	for (size_t i = 0; i < members->n; i++)
		if (strlen(members->at[i]) == len &&
		    memcmp(members->at[i], name, len) == 0)
			return true;
	return false;
}

size_t
sheet_drop_members(struct sheet_find *at, size_t n, const struct slice *text,
    const struct names *members)
{
	size_t kept = 0, next = 0;

	for (size_t i = 0, end; i < text->len && next < n; i = end + 1) {
		const uint8_t *quote = memchr(text->at + i, '"', text->len - i);
		size_t from;
		bool ours;

		if (quote == NULL)
			break;
		from = (size_t)(quote - text->at);
		end = string_end(text, from + 1);
		while (next < n && at[next].from < from)
			at[kept++] = at[next++];
		if (next == n || at[next].to > end + 1)
			continue;
		ours = is_name(text, end + 1) &&
		       named(members, text->at + from + 1, end - from - 1);
		for (; next < n && at[next].to <= end + 1; next++)
			if (!ours)
				at[kept++] = at[next];
	}
	while (next < n)
		at[kept++] = at[next++];
	return kept;
}
