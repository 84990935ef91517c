#ifndef POLICY_DETECT_ROWS_INTERNAL_H
#define POLICY_DETECT_ROWS_INTERNAL_H

#include "policy/detect/check_internal.h"
#include "policy/detect/recogniser_internal.h"

/*
 * What rows are written with: patterns and context words as LIST("a", "b"),
 * D(3) for three digits, SEP for what may part groups of digits.
 */
#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define D(n) "\\d{" #n "}"
#define SEP "[ .\u00a0-]?"

#endif
