#ifndef POLICY_RULES_WARNINGS_INTERNAL_H
#define POLICY_RULES_WARNINGS_INTERNAL_H

#include "policy/rules/rules_internal.h"

/* One policy_warnings(). */
struct telling {
	const struct policy *policy;
	void (*tell)(void *to, const char *text);
	void *to;
	uint64_t *steps; /* left for comparing patterns */
};

/* Tell of a line of the policy, or with line 0 of all of it. */
void warn(const struct telling *t, uint32_t line, const char *fmt, ...)
    PRINTF(3, 4);

/* As glob_covers(); false when that would take too long.  And either way. */
NEED bool warn_covers(
    const struct telling *t, const char *glob, const char *other);
NEED bool warn_overlaps(const struct telling *t, const char *a, const char *b);

/* warnings_choice.c, warnings_tied.c, warnings_dicom.c */
void warn_choices(const struct telling *t);
void warn_tied(const struct telling *t);
void warn_dicom(const struct telling *t);

#endif
