#ifndef TESTS_POLICY_DICOM_RULE_H
#define TESTS_POLICY_DICOM_RULE_H

/* A policy with one rule, for DICOM files. */

#include "tests/support/test.h"

#include <stdio.h>
#include <string.h>

#include "policy/rules/rules.h"

static struct fault f;

/* Lines 1 to 9; the rule begins in line 8 and what comes here in line 10. */
static const char head[] = "handoff: 1\nproject: p\npurpose: q\n"
			   "recipients: [a]\nretention: 1d\nagreements: []\n"
			   "files:\n  - match: \"**/*.dcm\"\n    type: dicom\n";

static inline int
try_policy(struct policy **p, const char *rest)
{
	char text[8192];

	(void)snprintf(text, sizeof(text), "%s%s", head, rest);
	f = (struct fault){ 0 };
	return policy_read(p, "p", text, strlen(text), &f);
}

static inline struct policy *
read_rule(const char *rest)
{
	struct policy *p = NULL;

	if (try_policy(&p, rest) != 0)
		fail_msg("%s: %s", rest, f.text);
	return p;
}

#endif
