#ifndef TESTS_POLICY_SLIPS_H
#define TESTS_POLICY_SLIPS_H

/* The good policy with one slip, and what is said of it. */

#include <stdio.h>
#include <string.h>

#include "policy/rules/rules.h"
#include "tests/policy/good_policy.h"
#include "tests/support/test.h"

static struct fault f;

/* Read len bytes; true when accepted.  A refusal says where. */
static inline bool
accepted(const char *text, size_t len)
{
	struct policy *p = NULL;
	unsigned line, column;
	int used = 0;

	f = (struct fault){ 0 };
	if (policy_read(&p, "policy.yaml", text, len, &f) == 0) {
		policy_free(p);
		return true;
	}
	assert_null(p);
	assert_int_equal(f.kind, FAULT_INPUT);
	if (sscanf(f.text, "policy.yaml:%u:%u: %n", &line, &column, &used) !=
		2 ||
	    used == 0 || f.text[used] == '\0' || line == 0 || column == 0)
		fail_msg("no place in: %s", f.text);
	return false;
}

/* The good policy with the first from replaced by to. */
static inline void
edit(char *out, size_t room, const char *from, const char *to)
{
	const char *at = strstr(good_policy, from);

	assert_non_null(at);
	(void)snprintf(out, room, "%.*s%s%s", (int)(at - good_policy),
	    good_policy, to, at + strlen(from));
}

struct slip {
	const char *from;
	const char *to;
	const char *text; /* behind "policy.yaml:"; when it ends in ": ", the
			     words are the library's */
	const char *hint; /* part of it, or NULL */
};

static inline void
assert_slips(const struct slip *slips, size_t n)
{
	char text[8192], want[600];

	for (size_t i = 0; i < n; i++) {
		const struct slip *s = &slips[i];
		size_t len;

		edit(text, sizeof(text), s->from, s->to);
		if (accepted(text, strlen(text)))
			fail_msg("accepted: %s", s->to);
		(void)snprintf(want, sizeof(want), "policy.yaml:%s", s->text);
		len = strlen(want);
		if (want[len - 1] != ' ')
			len++;
		if (strncmp(f.text, want, len) != 0)
			fail_msg(
			    "%s\n gives %s\n not   %s", s->to, f.text, want);
		if (s->hint != NULL && strstr(f.hint, s->hint) == NULL)
			fail_msg("%s\n hints \"%s\"\n not   %s", s->to, f.hint,
			    s->hint);
	}
}
#define ASSERT_SLIPS(s) assert_slips(s, sizeof(s) / sizeof((s)[0]))

#endif
