#ifndef GATEWAY_FLOW_POLICY_TEST_INTERNAL_H
#define GATEWAY_FLOW_POLICY_TEST_INTERNAL_H

#include "gateway/flow/flow.h"
#include "gateway/flow/worker_internal.h"

struct testing {
	struct policy *policy;
	struct policy_tests *tests;
	struct pool *pool; /* of one worker */
	bool **used;	   /* by rule: itself at 0, then its lines */
	struct legal_countries countries;
	/* the tests' files that leave as items, for item_ref; borrowed */
	const char **leaving;
	size_t nleaving;
	int names; /* the persons of the tests (policy_names.c), or -1 */
};

/* Why a case failed; "" when it did not. */
struct case_why {
	char text[600];
	const char *stays; /* why the item stays behind, or NULL */
};

void policy_case_say(struct case_why *why, const char *fmt, ...) PRINTF(2, 3);

/* Read a worker's answer to CASE, and say where it differs from what the case
 * expects. */
NEED int policy_case_compare(const struct policy_case *c, enum file_type type,
    struct reader *r, struct case_why *why, struct fault *f);

/* policy_case_law.c: what speaks against the vendor, before any data. */
NEED int policy_case_vendor(
    const struct testing *t, const struct policy_case *c, struct fault *got);

/* Run one case.  -1 only when nothing more can be run. */
NEED int policy_case_run(struct testing *t, const struct policy_case *c,
    struct case_why *why, struct fault *f);

/* The persons of the tests as a dictionary: t->names. */
NEED int policy_test_names(struct testing *t, struct fault *f);

/* Does a value meet what is expected: the same text, <token>, <any>, or a
 * regular expression (POSIX, extended) between slashes? */
NEED bool policy_case_meets(const char *want, const char *got);

/* Why an expression is not to be compiled; NULL for one that is, and for what
 * is none. */
NEED const char *policy_case_pattern(const char *want);

#endif
