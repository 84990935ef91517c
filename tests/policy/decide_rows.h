#ifndef TESTS_POLICY_DECIDE_ROWS_H
#define TESTS_POLICY_DECIDE_ROWS_H

/* Shapes decided under a rule's fields, as rows of text. */

#include <stdio.h>
#include <string.h>

#include "keys/base/mem.h"
#include "policy/rules/rules.h"
#include "tests/support/test.h"

static struct fault f;

static const char head[] = "handoff: 1\nproject: p\npurpose: q\n"
			   "recipients: [a]\nretention: 1d\nagreements: []\n";

/*
 * Decide a shape under fields (YAML flow map) and write what comes out as
 * text: "NAME=ACTION" with ! for whole, ~ for hollow, ^ for inside, a space
 * between; or the refusals' names, each behind "?".
 */
struct result {
	char text[2000];
};

static inline void
add(struct result *r, const char *name, const char *sign, const char *action)
{
	size_t n = strlen(r->text);

	(void)snprintf(r->text + n, sizeof(r->text) - n, "%s%s%s%s",
	    n > 0 ? " " : "", sign, name, action);
}

static inline void
add_field(struct result *r, const struct plan_field *p)
{
	static const char *const actions[] = { "=refuse", "=keep", "=drop",
		"=token", "=mask", "=truncate", "=date", "=bins", "=width",
		"=constant" };

	add(r, p->name,
	    p->whole	? "!"
	    : p->hollow ? "~"
	    : p->inside ? "^"
			: "",
	    actions[p->how.action]);
}

static inline void
read_policy(struct policy **p, const char *rest, const char *fields)
{
	char text[4000];

	(void)snprintf(text, sizeof(text),
	    "%sfiles:\n  - match: a.jsonl\n    type: jsonl\n%s    fields: %s\n",
	    head, rest, fields);
	if (policy_read(p, "policy.yaml", text, strlen(text), &f) != 0)
		fail_msg("%s: %s", fields, f.text);
}

/* Names with a sign behind: ~ null, {} empty, none a value; ';' between. */
static inline void
read_shape(struct shape *s, const char *names)
{
	shape_init(s, TYPE_JSONL);
	while (*names != '\0') {
		size_t len = strcspn(names, ";"), n = len;
		uint8_t holds = HOLDS_VALUE;

		if (names[len - 1] == '~') {
			holds = HOLDS_NULL;
			n--;
		} else if (len > 2 && strncmp(names + len - 2, "{}", 2) == 0) {
			holds = HOLDS_EMPTY;
			n -= 2;
		}
		assert_ok(shape_add(s, names, n, holds, &f));
		names += len + (names[len] == ';');
	}
}

static inline void
decide(
    struct result *r, const char *rest, const char *fields, const char *names)
{
	struct refusals more;
	struct file_plan plan;
	struct policy *p;
	struct shape s;

	r->text[0] = '\0';
	f = (struct fault){ 0 };
	read_policy(&p, rest, fields);
	read_shape(&s, names);
	assert_ok(refusals_init(&more, 20, &f));
	if (policy_decide(p, "a.jsonl", &s, &plan, &more, &f) == 0) {
		for (size_t i = 0; i < plan.nfields; i++)
			add_field(r, &plan.fields[i]);
		file_plan_free(&plan);
	} else {
		assert_int_equal(f.kind, FAULT_POLICY);
		for (size_t i = 0; i < more.n; i++) {
			char *end, *name = strchr(more.at[i].text, '"');
			const char *why;

			assert_non_null(name);
			end = strrchr(name, '"');
			assert_non_null(end);
			why = strstr(end, "no rule") != NULL   ? "?"
			      : strstr(end, "refuses") != NULL ? "!"
							       : "-";
			*end = '\0';
			add(r, name + 1, why, "");
		}
	}
	refusals_free(&more);
	shape_free(&s);
	policy_free(p);
}

struct row {
	const char *fields;
	const char *shape;
	const char *want;
};

static inline void
assert_rows(const char *rest, const struct row *rows, size_t n)
{
	struct result r;

	for (size_t i = 0; i < n; i++) {
		decide(&r, rest, rows[i].fields, rows[i].shape);
		if (strcmp(r.text, rows[i].want) != 0)
			fail_msg("%s on %s\n gives %s\n not   %s",
			    rows[i].fields, rows[i].shape, r.text,
			    rows[i].want);
	}
}
#define ASSERT_ROWS(rest, rows) \
	assert_rows(rest, rows, sizeof(rows) / sizeof((rows)[0]))

#endif
