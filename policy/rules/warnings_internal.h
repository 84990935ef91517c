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

/* warnings_dicom.c */
void warn_dicom(const struct telling *t);

#endif
