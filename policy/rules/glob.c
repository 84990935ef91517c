/*
 * Globs over relative paths: * and ? within one segment, ** for any number of
 * whole segments, everything else for itself.  Both matchers below go back to
 * their last star only, which is enough, because an earlier star could not do
 * better; so the time is at most the product of the two lengths.
 *
 * The same code answers whether one glob covers another: the other's stars
 * are then characters that only a star can match.
 */

#include <string.h>

#include "keys/base/text.h"
#include "policy/rules/rules_internal.h"

/* A segment: up to the next '/' or the end. */
struct segment {
	const char *at;
	size_t len;
};

static struct segment
segment_at(const char *p)
{
	return (struct segment){ p, strcspn(p, "/") };
}

/* The segment behind s, or NULL at the end. */
static const char *
next_segment(struct segment s)
{
	return s.at[s.len] == '/' ? s.at + s.len + 1 : NULL;
}

static bool
is_any_segments(struct segment s)
{
	return s.len == 2 && s.at[0] == '*' && s.at[1] == '*';
}

/* Bytes of the character at p; a byte that is no character counts as one. */
static size_t
char_bytes(const char *p, size_t len)
{
	size_t used;

	return utf8_next(p, len, &used) < 0 ? 1 : used;
}

/* Does pattern match text?  When text is itself a pattern (covering), a '?'
 * of pattern does not match a '*' of text, nor a letter anything but itself. */
static bool
match_segment(struct segment pattern, struct segment text, bool covering)
{
	size_t p = 0, t = 0, star = SIZE_MAX, resume = 0;

	while (t < text.len) {
		size_t step = char_bytes(text.at + t, text.len - t);

		if (p < pattern.len && pattern.at[p] == '*') {
			star = p++;
			resume = t;
		} else if (p < pattern.len && pattern.at[p] == '?' &&
			   !(covering && text.at[t] == '*')) {
			p++;
			t += step;
		} else if (p < pattern.len && pattern.at[p] == text.at[t] &&
			   !(covering && strchr("*?", text.at[t]) != NULL)) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			resume +=
			    char_bytes(text.at + resume, text.len - resume);
			t = resume;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.at[p] == '*')
		p++;
	return p == pattern.len;
}

/* The same of what ends at end, which need not be the text's. */
static struct segment
segment_to(const char *p, const char *end)
{
	size_t left = (size_t)(end - p);
	const char *slash = left == 0 ? NULL : memchr(p, '/', left);

	return (
	    struct segment){ p, slash == NULL ? left : (size_t)(slash - p) };
}

static const char *
next_to(struct segment s, const char *end)
{
	return s.at + s.len < end ? s.at + s.len + 1 : NULL;
}

static bool
match(const char *glob, const char *glob_end, const char *path, const char *end,
    bool covering)
{
	const char *star = NULL, *resume = NULL;

	while (path != NULL) {
		struct segment text = segment_to(path, end),
			       pattern = { "", 0 };

		if (glob != NULL)
			pattern = segment_to(glob, glob_end);
		if (glob != NULL && is_any_segments(pattern)) {
			glob = next_to(pattern, glob_end);
			star = glob;
			resume = path;
			/* nothing behind it: all the rest, of one at least */
			if (glob == NULL)
				return true;
			continue;
		}
		if (glob != NULL && !(covering && is_any_segments(text)) &&
		    match_segment(pattern, text, covering)) {
			glob = next_to(pattern, glob_end);
			path = next_to(text, end);
			continue;
		}
		if (star == NULL)
			return false;
		resume = next_to(segment_to(resume, end), end);
		glob = star;
		path = resume;
	}
	return glob == NULL;
}

bool
glob_matches(const char *glob, const char *path)
{
	return match(
	    glob, glob + strlen(glob), path, path + strlen(path), false);
}

bool
glob_key(const char *pattern, const char *sign, size_t sign_len,
    const char *path, struct slice *key)
{
	const char *behind = sign + sign_len,
		   *behind_end = behind + strlen(behind);
	const char *end = path + strlen(path);
	size_t used;

	for (const char *from = path; from < end; from += used) {
		(void)!utf8_next(from, (size_t)(end - from), &used);
		if (!match(pattern, sign, path, from, false))
			continue;
		for (const char *to = from; to < end && *to != '/';) {
			size_t step = char_bytes(to, (size_t)(end - to));

			to += step;
			if (!match(behind, behind_end, to, end, false))
				continue;
			*key = (struct slice){ (const uint8_t *)from,
				(size_t)(to - from) };
			return true;
		}
	}
	return false;
}

/* The segments of the glob that can stand at a segment of the path, as bits:
 * those of more than 64 are not told apart from the last. */
static uint64_t
reached(const char *glob, uint64_t from, struct segment text)
{
	uint64_t to = 0;
	unsigned i = 0;

	for (const char *g = glob; g != NULL && i < 63;
	     g = next_segment(segment_at(g)), i++) {
		struct segment pattern = segment_at(g);
		bool any = is_any_segments(pattern);

		if ((from >> i & 1) == 0)
			continue;
		if (any) {
			to |= (uint64_t)1 << i;
			from |= (uint64_t)2 << i;
			if (next_segment(pattern) == NULL)
				to |= (uint64_t)2 << i;
		} else if (match_segment(pattern, text, false)) {
			to |= (uint64_t)2 << i;
		}
	}
	return to;
}

void
glob_parts(const char *glob, const char *path, size_t *glob_at, size_t *path_at)
{
	uint64_t now = 1;
	unsigned furthest = 0;
	const char *g = glob;

	*path_at = 0;
	for (const char *p = path; p != NULL; p = next_segment(segment_at(p))) {
		uint64_t next = reached(glob, now, segment_at(p));

		if (next == 0)
			break;
		now = next;
		*path_at = (size_t)(p - path) + segment_at(p).len;
	}
	while (now >> furthest > 1)
		furthest++;
	for (unsigned i = 0; i < furthest && g != NULL; i++)
		g = next_segment(segment_at(g));
	/* what stands behind ** may stand here, too */
	while (g != NULL && is_any_segments(segment_at(g)) &&
	       next_segment(segment_at(g)) != NULL)
		g = next_segment(segment_at(g));
	*glob_at = g == NULL ? strlen(glob) : (size_t)(g - glob);
}

bool
glob_covers(const char *glob, const char *other)
{
	return match(
	    glob, glob + strlen(glob), other, other + strlen(other), true);
}

const char *
glob_problem(const char *glob)
{
	if (glob[0] == '\0')
		return "an empty pattern";
	if (strlen(glob) > POLICY_GLOB_MAX)
		return "a pattern of more than 1,024 bytes";
	if (glob[0] == '/')
		return "patterns are relative to the dataset, without / in "
		       "front";
	for (const char *p = glob; p != NULL;) {
		struct segment s = segment_at(p);

		if (s.len == 0)
			return "an empty part between slashes";
		if ((s.len == 1 && s.at[0] == '.') ||
		    (s.len == 2 && s.at[0] == '.' && s.at[1] == '.'))
			return "no path has . or .. in it";
		for (size_t i = 1; i < s.len; i++)
			if (s.len != 2 && s.at[i] == '*' && s.at[i - 1] == '*')
				return "** stands between slashes, alone";
		p = next_segment(s);
	}
	return NULL;
}
