#ifndef POLICY_RULES_DECIDE_INTERNAL_H
#define POLICY_RULES_DECIDE_INTERNAL_H

#include "policy/rules/rules_internal.h"

/* Token domains of one file; a plan_field numbers them in 16 bits. */
#define DOMAINS_MAX 65535u

/* A rule's fields in the order of their names, to be found by name. */
struct field_index {
	const struct field_rule **at;
	size_t n;
};

/* One policy_decide(). */
struct deciding {
	const struct policy *policy;
	const struct file_rule *rule;
	const char *path;
	const struct shape *shape;
	const struct subject_rule *subject; /* of this file, or NULL */
	unsigned guesses; /* of names that were probably meant */
	struct file_plan *plan;
	size_t room; /* of plan->fields */
	struct field_index index;
	bool *used;    /* per field of the rule: something had its name */
	bool item_met; /* the keys are in the shape */
	bool subject_met;
	struct fault first; /* the first refusal */
	struct refusals *more;
};

/* strcmp() for qsort() over texts. */
NEED int compare_texts(const void *a, const void *b);

NEED int index_make(struct deciding *d, struct fault *f);

/* The first of the rule's fields named name[len], or NULL. */
const struct field_rule *const *index_find(
    const struct field_index *x, const char *name, size_t len);

/* Note a refusal and go on. */
void refuse(struct deciding *d, const struct fault *why);

/* A name as a YAML key. */
void hint_key(char *out, size_t room, const char *name);

/* "columns", "tags" or "fields"; "column", "attribute" or "path". */
NEED const char *list_name(const struct deciding *d);
NEED const char *field_word(const struct deciding *d);

/* decide_keys.c: the keys, once all fields are decided; a field's hierarchy
 * must have been read. */
void decide_keys(struct deciding *d);
void need_hierarchy(struct deciding *d, const struct plan_field *p);

/* Append to the plan; token domains are numbered. */
NEED int plan_add(struct deciding *d, const char *name,
    const struct transform *how, struct plan_field **out, struct fault *f);

/* A shape's field that no rule names, with the line that would. */
void refuse_unnamed(struct deciding *d, const char *name);

/* The rule says `refuse`. */
void refuse_refused(
    struct deciding *d, const char *name, const struct transform *how);

/* An earlier line decides a part of what a later one takes whole. */
void refuse_torn(struct deciding *d, const char *name,
    const struct field_rule *part, const struct field_rule *taker);

/* A place of two lines, one for values and one for objects. */
void refuse_both(struct deciding *d, const char *name,
    const struct transform *value, const struct transform *object);

/* What a rule names and the file has not; word says what it is. */
void refuse_absent(
    struct deciding *d, const char *word, const char *name, uint32_t line);

/* A CSV file whose delimiter was guessed can be read in one way alone, or is
 * refused; -1 only for memory. */
NEED int decide_delimiter(struct deciding *d, struct fault *f);

/* The attributes of DICOM; -1 only for memory. */
NEED int decide_tags(struct deciding *d, struct fault *f);

/* The fields of JSON; -1 only for memory. */
NEED int decide_paths(struct deciding *d, struct fault *f);

#endif
