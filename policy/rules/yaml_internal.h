#ifndef POLICY_RULES_YAML_INTERNAL_H
#define POLICY_RULES_YAML_INTERNAL_H

#include "policy/rules/rules_internal.h"

/*
 * YAML as our schema sees it: scalars that are text until a key says what they
 * are, lists, and maps, each with its place.  No anchors, aliases, tags or
 * second documents.
 */
enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind kind;
	bool plain; /* a scalar without quotes */
	uint32_t line;
	uint32_t column;
	char *text;	    /* of a scalar, with a NUL behind and none inside */
	struct node *child; /* list: the elements; map: key, value, key ... */
	struct node *next;
	struct node *made_before; /* for yaml_free */
};

struct yaml {
	const char *name; /* of the file, for messages; borrowed */
	struct node *root;
	struct node *made_last;
	size_t made;
};

/* Read one document.  FAULT_INPUT with its place for whatever is not YAML,
 * not in the subset above, repeats a key, or passes a ceiling of rules.h.
 * The caller yaml_free()s y, also after a failure. */
NEED int yaml_read(struct yaml *y, const char *name, const void *p, size_t len,
    struct fault *f);
void yaml_free(struct yaml *y);

/* FAULT_INPUT "NAME:LINE:COLUMN: ..." at a node.  Always returns -1. */
int yaml_fault(const struct yaml *y, const struct node *n, struct fault *f,
    const char *fmt, ...) PRINTF(4, 5);

/* One key that a map may have, and who reads its value into to. */
struct yaml_key {
	const char *name;
	bool required;
	int (*read)(const struct yaml *y, const struct node *n, void *to,
	    struct fault *f);
};

/* Read a map by its table, which ends with a NULL name.  what names the map
 * in messages ("a file rule"). */
NEED int yaml_map(const struct yaml *y, const struct node *n,
    const struct yaml_key *keys, const char *what, void *to, struct fault *f);

/* The scalar that must be here; what says it in words ("a name"). */
NEED int yaml_text(const struct yaml *y, const struct node *n, const char *what,
    const char **out, struct fault *f);

/* A whole number, without quotes, from min to max. */
NEED int yaml_number(const struct yaml *y, const struct node *n, uint32_t min,
    uint32_t max, uint32_t *out, struct fault *f);

/* One of the words; *out gets its index.  The hint has the nearest, or all. */
NEED int yaml_word(const struct yaml *y, const struct node *n,
    const char *const *words, size_t *out, struct fault *f);

/* A NULL-ended list of words as "a, b or c" into out. */
void yaml_choices(char *out, size_t room, const char *const *words);

#endif
