#ifndef POLICY_RULES_RULES_INTERNAL_H
#define POLICY_RULES_RULES_INTERNAL_H

#include "policy/rules/rules.h"

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

/* Why no path could match, or NULL for a good pattern. */
const char *glob_problem(const char *glob);

/* Append a copy of len bytes to a list of at most max. */
NEED int names_add(
    struct names *n, const void *text, size_t len, size_t max, struct fault *f);
void names_free(struct names *n);

/* print.c, print_risk.c: "key: " and a quoted text, or a list of them, and a
 * newline; and the end of a policy. */
NEED int print_line(
    struct bytes *out, const char *key, const char *text, struct fault *f);
NEED int print_list(
    struct bytes *out, const char *key, const struct names *n, struct fault *f);
NEED int print_risk(struct bytes *out, const struct policy *p, struct fault *f);

#endif
