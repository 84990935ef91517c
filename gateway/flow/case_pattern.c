/*
 * Patterns that a case of `policy test` expects, /.../.
 *
 * They are the C library's extended regular expressions, since ^, $ and the
 * case of letters matter here as they do not where personal data is looked for
 * (policy/detect).  The library copies what is repeated, and repeats within
 * repeats multiply; so a pattern is measured before it is compiled, and a long
 * text is not searched: a file of tests may come from anybody.
 */

#include <regex.h>
#include <string.h>

#include "gateway/flow/policy_test_internal.h"
#include "keys/base/mem.h"

#define PATTERN_SIZE_MAX 2000u	/* characters, once repeats are copied */
#define PATTERN_NESTED_MAX 32u	/* brackets */
#define PATTERN_TEXT_MAX 16384u /* bytes; each may cost a state */

struct sizing {
	const char *p, *end;
	size_t all[PATTERN_NESTED_MAX + 1], last[PATTERN_NESTED_MAX + 1];
	size_t depth;
};

/* Behind a bracket expression that begins at p. */
static const char *
behind_class(const char *p, const char *end)
{
	p++;
	if (p < end && *p == '^')
		p++;
	if (p < end && *p == ']')
		p++;
	for (; p < end && *p != ']'; p++) {
		const char *close;

		if (p + 1 >= end || *p != '[' || strchr(":.=", p[1]) == NULL)
			continue;
		for (close = p + 2; close + 1 < end; close++)
			if (close[0] == p[1] && close[1] == ']')
				break;
		p = close + 1 < end ? close + 1 : end - 1;
	}
	return p < end ? p + 1 : end;
}

/* How often {m,n}, + at s->p makes what stands before it be there. */
static size_t
copies(struct sizing *s)
{
	size_t most = 0;

	if (*s->p++ == '+')
		return 2;
	while (s->p < s->end && *s->p != '}') {
		size_t n = 0;

		for (; s->p < s->end && *s->p >= '0' && *s->p <= '9'; s->p++)
			if (n <= PATTERN_SIZE_MAX)
				n = n * 10 + (size_t)(*s->p - '0');
		most = n > most ? n : most;
		if (s->p < s->end && *s->p != '}')
			s->p++;
	}
	if (s->p < s->end)
		s->p++;
	return most + 1;
}

static const char *
next(struct sizing *s)
{
	size_t d = s->depth, n;
	char c = *s->p;

	switch (c) {
	case '(':
		if (d == PATTERN_NESTED_MAX)
			return "brackets are nested too deep";
		s->depth++;
		s->all[d + 1] = s->last[d + 1] = 0;
		break;
	case ')':
		if (d == 0)
			break;
		s->depth--;
		s->last[d - 1] = s->all[d] + 1;
		s->all[d - 1] += s->last[d - 1];
		break;
	case '{':
	case '+':
		n = copies(s);
		s->all[d] += s->last[d] * (n - 1);
		s->last[d] *= n;
		return NULL;
	case '\\':
		if (s->p + 1 < s->end && s->p[1] >= '1' && s->p[1] <= '9')
			return "\\1 and the like are not read";
		s->p += s->p + 1 < s->end;
		/* fallthrough */
	default:
		s->last[d] = 1;
		s->all[d]++;
	}
	s->p = c == '[' ? behind_class(s->p, s->end) : s->p + 1;
	return NULL;
}

const char *
policy_case_pattern(const char *want)
{
	size_t len = strlen(want);
	struct sizing s = { .p = want + 1, .end = want + len - 1 };

	if (len < 3 || want[0] != '/' || want[len - 1] != '/')
		return NULL;
	while (s.p < s.end) {
		const char *problem = next(&s);

		if (problem != NULL)
			return problem;
		for (size_t i = 0; i <= s.depth; i++)
			if (s.all[i] > PATTERN_SIZE_MAX)
				return "repeats make it over 2,000 characters";
	}
	return NULL;
}

bool
policy_case_meets(const char *want, const char *got)
{
	size_t len = strlen(want);
	regex_t re;
	char *text;
	bool meets;

	if (strcmp(want, got) == 0 || strcmp(want, "<any>") == 0)
		return true;
	if (strcmp(want, "<token>") == 0)
		return strlen(got) == 26 &&
		       strspn(got, "abcdefghijklmnopqrstuvwxyz234567") == 26;
	if (len < 3 || want[0] != '/' || want[len - 1] != '/' ||
	    policy_case_pattern(want) != NULL || strlen(got) > PATTERN_TEXT_MAX)
		return false;
	if ((text = mem_text(want + 1, len - 2)) == NULL)
		return false;
	meets = regcomp(&re, text, REG_EXTENDED | REG_NOSUB) == 0;
	if (meets) {
		meets = regexec(&re, got, 0, NULL, 0) == 0;
		regfree(&re);
	}
	mem_free(text);
	return meets;
}
