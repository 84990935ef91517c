#ifndef KEYS_BASE_CLOCK_H
#define KEYS_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/fault.h"

/* Times are seconds since 1970-01-01T00:00:00Z, written as RFC 3339 in UTC
 * ("2026-11-23T20:15:00Z"); dates are "2026-11-23" and mean their first
 * second.  Years 1 to 9999. */
#define CLOCK_CHARS 20u
#define CLOCK_DATE_CHARS 10u

NEED int64_t clock_now(void);

/* Seconds since an arbitrary moment, for measuring; never goes back. */
NEED double clock_monotonic(void);

/* What lies outside those years (now and a span of a million years, say) is
 * written as the first or the last moment in them. */
void clock_write(char out[CLOCK_CHARS + 1], int64_t at);
void clock_write_date(char out[CLOCK_DATE_CHARS + 1], int64_t at);

/* A time in exactly the written form, or a date. */
NEED bool clock_read(int64_t *out, const char *text, size_t chars);
NEED bool clock_read_date(int64_t *out, const char *text, size_t chars);

/* A duration: digits and one of s m h d w y (365 days), in seconds. */
NEED bool clock_read_span(int64_t *out, const char *text, size_t chars);

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar;
 * false when there is no such day. */
NEED bool clock_days(int64_t *out, int year, int month, int day);

#endif
