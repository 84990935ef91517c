#ifndef POLICY_RULES_PARSE_FILES_INTERNAL_H
#define POLICY_RULES_PARSE_FILES_INTERNAL_H

#include "policy/rules/parse_internal.h"

/* A rule while it is read: which keys it has, with their places. */
struct draft_rule {
	struct file_rule rule;
	const struct node *type;
	const struct node *columns;
	const struct node *paths;
	const struct node *header;
	const struct node *delimiter;
	const struct node *missing;
	const struct node *metadata;
	const struct node *pixels;
	const struct node *text;
	const struct node *item;
	const struct node *unit;
	const struct node *profile;
	const struct node *options;
	const struct node *tags;
	const struct node *burned_in;
};

/* What must hold of the rule at n as a whole; columns, paths and tags are read
 * here. */
NEED int finish_rule(const struct tree *y, const struct node *n,
    struct draft_rule *d, struct fault *f);

#endif
