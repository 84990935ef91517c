#ifndef POLICY_RULES_PROSE_INTERNAL_H
#define POLICY_RULES_PROSE_INTERNAL_H

#include "policy/rules/rules_internal.h"

/*
 * Prose: for each key of the language who says it in English.  A key that is
 * said together with another names that one (with) and no function.  The tables
 * end with a NULL key; tests/policy/test_prose.c holds them against those of
 * the parser, so that no key is forgotten.
 */
struct prose_row {
	const char *key;
	int (*say)(struct bytes *out, const struct policy *p, struct fault *f);
	const char *with;
};
extern const struct prose_row prose_rows[];

struct prose_rule_row {
	const char *key;
	int (*say)(
	    struct bytes *out, const struct file_rule *r, struct fault *f);
	const char *with;
};
extern const struct prose_rule_row prose_rule_rows[];
extern const struct prose_row prose_label_rows[];

/* Names as "a", "a and b", "a, b and c". */
NEED int prose_list(struct bytes *out, const struct names *n, struct fault *f);

/* prose_dicom.c: profile: and options:; pixels: and burned_in: of DICOM. */
NEED int prose_profile(
    struct bytes *out, const struct file_rule *r, struct fault *f);
NEED int prose_burned_in(
    struct bytes *out, const struct file_rule *r, struct fault *f);

/* risk: and exposure:; prose_risk.c. */
NEED int prose_risk(struct bytes *out, const struct policy *p, struct fault *f);

/* What an action does with a value, as the end of a sentence: "is left out". */
NEED int prose_detection(
    struct bytes *out, const struct policy *p, struct fault *f);
NEED int prose_action(
    struct bytes *out, const struct transform *t, struct fault *f);

/* prose_legal.c: what legal: says, or that it is not there. */
NEED int prose_legal(
    struct bytes *out, const struct policy *p, struct fault *f);

#endif
