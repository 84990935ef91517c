#ifndef POLICY_RULES_RULES_INTERNAL_H
#define POLICY_RULES_RULES_INTERNAL_H

#include "policy/rules/rules.h"

/* Append the canonical form of a path, without its .**. */
NEED int path_print(struct bytes *out, const struct path *p, struct fault *f);

/* Append that of its first n steps. */
NEED int path_print_head(
    struct bytes *out, const struct path *p, size_t n, struct fault *f);

/* Does p lead to exactly the place that path is? */
NEED bool path_leads(const struct path *p, const struct path *path);

/* Does p name every place that other names (.** aside)?  No is said also where
 * that is true but not plain. */
NEED bool path_covers(const struct path *p, const struct path *other);

/* Does every place that p names lie strictly below one that top names?  No
 * as above. */
NEED bool path_lies_below(const struct path *p, const struct path *top);

/* May a place that p names, or one at or below it with p_below, be one that
 * other names or lies below?  Yes is said also where that is not so but not
 * plain. */
NEED bool path_touches(
    const struct path *p, bool p_below, const struct path *other);

/* Add each head of p that ends in an index, unless it is there. */
NEED int apart_add(struct names *apart, const struct path *p, struct fault *f);

NEED int names_copy(
    struct names *to, const struct names *from, struct fault *f);

/* A text of a message (see put_text) as memory of our own; NULL text travels
 * as an absent one in the _maybe forms. */
NEED int take_owned(struct reader *r, size_t max, char **out, struct fault *f);
NEED int put_maybe(struct bytes *b, const char *text, struct fault *f);
NEED int take_maybe(struct reader *r, size_t max, char **out, struct fault *f);

/* Does glob match every path that other matches?  No is said also where that
 * is true but not plain. */
NEED bool glob_covers(const char *glob, const char *other);

/*
 * Do n globs together match every path that glob matches?  Exact, unless that
 * takes more than *budget (which is used up by so much), memory, or ceilings of
 * cover.c: then no is said.
 */
#define COVER_BUDGET ((uint64_t)4 << 20) /* a second at the very most */
NEED bool globs_cover(
    const char *const *globs, size_t n, const char *glob, uint64_t *budget);

/*
 * Where glob and path part, if it does not match: *path_at is how many bytes of
 * the path's whole leading segments some way of reading the glob agrees with,
 * and *glob_at the furthest segment of the glob that was tried behind them.
 */
void glob_parts(
    const char *glob, const char *path, size_t *glob_at, size_t *path_at);

/*
 * What stands in path where the pattern has a sign of so many bytes, which
 * takes one character or more within an element.  Every sign, from the left,
 * takes as little as lets the rest match.  False when path does not match.
 */
NEED bool glob_key(const char *pattern, const char *sign, size_t sign_len,
    const char *path, struct slice *key);

/* Why no path could match, or NULL for a good pattern. */
const char *glob_problem(const char *glob);

/* Append a copy of len bytes to a list of at most max. */
NEED int names_add(
    struct names *n, const void *text, size_t len, size_t max, struct fault *f);

/*
 * decide_dicom.c: what a rule for DICOM files does with an attribute that no
 * line of it names; the texts of the transform are borrowed.  And why, in a few
 * words.  Does a line under tags: show more than that would?
 */
struct transform profile_transform(
    const struct file_rule *rule, const char *name);
#define PROFILE_WHY_CHARS 100u
void profile_why(
    char *out, size_t room, const struct file_rule *rule, const char *name);
NEED bool tag_is_weaker(
    const struct file_rule *rule, const struct field_rule *line);

/* print.c, print_risk.c: "key: " and a quoted text, or a list of them, and a
 * newline; and the end of a policy. */
NEED int print_line(
    struct bytes *out, const char *key, const char *text, struct fault *f);
NEED int print_list(
    struct bytes *out, const char *key, const struct names *n, struct fault *f);
NEED int print_risk(struct bytes *out, const struct policy *p, struct fault *f);
NEED int print_detection(
    struct bytes *out, const struct policy *p, struct fault *f);

#endif
