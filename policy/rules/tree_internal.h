#ifndef POLICY_RULES_TREE_INTERNAL_H
#define POLICY_RULES_TREE_INTERNAL_H

#include "policy/rules/rules_internal.h"

/*
 * YAML as our schema sees it: scalars that are text until a key says what they
 * are, lists, and maps, each with its place.  No anchors, aliases, tags or
 * second documents.
 * (Names begin with tree_, since the library owns yaml_, yaml_free included.)
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
	struct node *made_before; /* for tree_free */
};

struct tree {
	const char *name; /* of the file, for messages; borrowed */
	struct node *root;
	struct node *made_last;
	size_t made;
};

/* Read one document.  FAULT_INPUT with its place for whatever is not YAML,
 * not in the subset above, repeats a key, or passes a ceiling of rules.h.
 * The caller tree_free()s y, also after a failure. */
NEED int tree_read(struct tree *y, const char *name, const void *p, size_t len,
    struct fault *f);
void tree_free(struct tree *y);

/* FAULT_INPUT "NAME:LINE:COLUMN: ..." at a node.  Always returns -1. */
int tree_fault(const struct tree *y, const struct node *n, struct fault *f,
    const char *fmt, ...) PRINTF(4, 5);

/* One key that a map may have, and who reads its value into to. */
struct tree_key {
	const char *name;
	bool required;
	int (*read)(const struct tree *y, const struct node *n, void *to,
	    struct fault *f);
};

/* Read a map by its table, which ends with a NULL name.  what names the map
 * in messages ("a file rule"). */
NEED int tree_map(const struct tree *y, const struct node *n,
    const struct tree_key *keys, const char *what, void *to, struct fault *f);

/* The scalar that must be here; what says it in words ("a name"). */
NEED int tree_text(const struct tree *y, const struct node *n, const char *what,
    const char **out, struct fault *f);

/* To a fault about a number: where text has a comma in it, or NULL, the hint
 * that a decimal has a point.  Always returns -1. */
int tree_point(const char *text, struct fault *f);

/* A whole number, without quotes, from min to max. */
NEED int tree_number(const struct tree *y, const struct node *n, uint32_t min,
    uint32_t max, uint32_t *out, struct fault *f);

/* One of the words; *out gets its index.  The hint has the nearest, or all. */
NEED int tree_word(const struct tree *y, const struct node *n,
    const char *const *words, size_t *out, struct fault *f);

/* A NULL-ended list of words as "a, b or c" into out. */
void tree_choices(char *out, size_t room, const char *const *words);

#endif
