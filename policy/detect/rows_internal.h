#ifndef POLICY_DETECT_ROWS_INTERNAL_H
#define POLICY_DETECT_ROWS_INTERNAL_H

#include "policy/detect/check_internal.h"
#include "policy/detect/recogniser_internal.h"

/*
 * What rows are written with: patterns and context words as LIST("a", "b"),
 * D(3) for three digits, SEP for what may part groups of digits.  CAPITALS in
 * front of a pattern whose letters are capitals: of words in small letters, of
 * which texts are made, none goes far.  CODE_8, CODE_9: letters and digits, of
 * which one is a digit, or every word with so many letters is one.
 */
#define LIST(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define D(n) "\\d{" #n "}"
#define SEP "[ .\u00a0-]?"
#define CAPITALS "(?-i)"
#define CODE_8                                                          \
	"(?:\\d[A-Z\\d]{7}|[A-Z]\\d[A-Z\\d]{6}|[A-Z]{2}\\d[A-Z\\d]{5}|" \
	"[A-Z]{3}\\d[A-Z\\d]{4}|[A-Z]{4}\\d[A-Z\\d]{3}|"                \
	"[A-Z]{5}\\d[A-Z\\d]{2}|[A-Z]{6}\\d[A-Z\\d]|[A-Z]{7}\\d)"
#define CODE_9 "(?:[A-Z]" CODE_8 "|\\d[A-Z\\d]{8})"

#endif
