/*
 * Dates read, and to their year, quarter or month.
 *
 * Read are forms that name one day, or whose readings agree on the answer:
 *
 *     1980-03-04  1980/03/04  1980.03.04  19800304  1980-03  1980
 *     04.03.1980                     (points: the day comes first)
 *     4 Mar 1980  4-March-1980  Mar 4, 1980
 *     04/03/1980  04-03-1980         (order: says which comes first)
 *
 * with, behind a form that has a day, "T" or a space and a time of day, and
 * its zone, which is checked and not applied: the date is as written.  Years
 * have four digits.  Anything else is refused.
 */

#include <string.h>

#include "keys/base/clock.h"
#include "policy/transform/transform_internal.h"

/* What is left of the value. */
struct text {
	const uint8_t *at;
	const uint8_t *end;
};

static size_t
left(const struct text *s)
{
	return (size_t)(s->end - s->at);
}

static bool
take(struct text *s, char c)
{
	if (s->at == s->end || *s->at != (uint8_t)c)
		return false;
	s->at++;
	return true;
}

/* min to max digits, and no further digit behind them. */
static bool
number(struct text *s, int min, int max, int *out)
{
	int n = 0;

	*out = 0;
	while (s->at < s->end && *s->at >= '0' && *s->at <= '9') {
		if (++n > max)
			return false;
		*out = *out * 10 + (*s->at++ - '0');
	}
	return n >= min;
}

/* An English month, whole or its first three letters, in any case. */
static bool
month_name(struct text *s, int *out)
{
	static const char *const names[] = { "january", "february", "march",
		"april", "may", "june", "july", "august", "september",
		"october", "november", "december" };
	char word[10] = { 0 };
	size_t n = 0;

	while (n < sizeof(word) - 1 && s->at + n < s->end &&
	       ((s->at[n] | 0x20) >= 'a' && (s->at[n] | 0x20) <= 'z')) {
		word[n] = (char)(s->at[n] | 0x20);
		n++;
	}
	for (int i = 0; i < 12; i++)
		if (n >= 3 && strncmp(word, names[i], n) == 0 &&
		    (n == 3 || names[i][n] == '\0')) {
			s->at += n;
			*out = i + 1;
			return true;
		}
	return false;
}

static bool
is_day(int year, int month, int day)
{
	int64_t days;

	return clock_days(&days, year, month, day);
}

/* "+hh", "+hh:mm", "+hhmm" or "Z", or nothing. */
static bool
zone(struct text *s)
{
	int hour, minute;

	if (left(s) == 0)
		return true;
	if (take(s, 'Z') || take(s, 'z'))
		return left(s) == 0;
	if (!take(s, '+') && !take(s, '-'))
		return false;
	if (left(s) == 4) {
		struct text hh = { s->at, s->at + 2 };

		s->at += 2;
		return number(&hh, 2, 2, &hour) && number(s, 2, 2, &minute) &&
		       hour <= 23 && minute <= 59;
	}
	if (!number(s, 2, 2, &hour) || hour > 23)
		return false;
	if (left(s) == 0)
		return true;
	return take(s, ':') && number(s, 2, 2, &minute) && minute <= 59 &&
	       left(s) == 0;
}

/* What may follow a day: nothing, or a time of day and a zone. */
static bool
clock_time(struct text *s)
{
	int hour, minute, second, fraction = 0;

	if (left(s) == 0)
		return true;
	if (!take(s, 'T') && !take(s, 't') && !take(s, ' '))
		return false;
	if (left(s) >= 6 && memchr(s->at, ':', 3) == NULL) {
		/* hhmmss, without colons */
		int hhmmss;

		if (!number(s, 6, 6, &hhmmss))
			return false;
		hour = hhmmss / 10000;
		minute = hhmmss / 100 % 100;
		second = hhmmss % 100;
	} else {
		second = 0;
		if (!number(s, 2, 2, &hour) || !take(s, ':') ||
		    !number(s, 2, 2, &minute))
			return false;
		if (take(s, ':') && !number(s, 2, 2, &second))
			return false;
	}
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	if (take(s, '.') || take(s, ',')) {
		while (left(s) > 0 && *s->at >= '0' && *s->at <= '9') {
			s->at++;
			fraction++;
		}
		if (fraction == 0)
			return false;
	}
	(void)take(s, ' '); /* as in "12:00:00 +0100" */
	return zone(s);
}

/* The same, and where it begins. */
static bool
time_of_day(struct text *s, struct date *out)
{
	out->at = s->at;
	out->end = s->end;
	return clock_time(s);
}

/* 1980, 1980-03, 1980-03-04, 1980/03/04, 1980.03.04, 19800304 ... */
static bool
year_first(struct text s, struct date *out)
{
	struct text year = { s.at, s.at + 4 };
	char mark;

	if (left(&s) < 4 || !number(&year, 4, 4, &out->year))
		return false;
	s.at += 4;
	out->month = out->day = 0;
	if (left(&s) == 0)
		return out->year > 0;
	mark = (char)*s.at;
	if (mark >= '0' && mark <= '9') {
		int month_day;

		if (!number(&s, 4, 4, &month_day))
			return false;
		out->month = month_day / 100;
		out->day = month_day % 100;
		return is_day(out->year, out->month, out->day) &&
		       time_of_day(&s, out);
	}
	if (mark != '-' && mark != '/' && mark != '.')
		return false;
	s.at++;
	if (!number(&s, mark == '-' ? 2 : 1, 2, &out->month))
		return false;
	if (left(&s) == 0)
		return mark == '-' && is_day(out->year, out->month, 1);
	return take(&s, mark) &&
	       number(&s, mark == '-' ? 2 : 1, 2, &out->day) &&
	       is_day(out->year, out->month, out->day) && time_of_day(&s, out);
}

/* 4 Mar 1980, 4-Mar-1980, 4. March 1980, Mar 4, 1980, March 4 1980. */
static bool
named_month(struct text s, struct date *out)
{
	if (month_name(&s, &out->month)) {
		(void)take(&s, '.');
		if (!take(&s, ' ') || !number(&s, 1, 2, &out->day))
			return false;
		(void)take(&s, ',');
		if (!take(&s, ' '))
			return false;
	} else {
		bool dash;

		if (!number(&s, 1, 2, &out->day))
			return false;
		(void)take(&s, '.');
		dash = take(&s, '-');
		if ((!dash && !take(&s, ' ')) || !month_name(&s, &out->month))
			return false;
		(void)take(&s, '.');
		if (!take(&s, dash ? '-' : ' '))
			return false;
	}
	return number(&s, 4, 4, &out->year) &&
	       is_day(out->year, out->month, out->day) && time_of_day(&s, out);
}

/* 04.03.1980, and 04/03/1980 or 04-03-1980, whose order is not in it.
 * 1: one answer; 0: none; -1: two that differ. */
static int
year_last(struct text s, const struct transform *t, struct date *out)
{
	int one, two;
	bool dmy, mdy;
	char mark;

	if (!number(&s, 1, 2, &one) || left(&s) == 0)
		return 0;
	mark = (char)*s.at;
	if ((mark != '.' && mark != '/' && mark != '-') || !take(&s, mark) ||
	    !number(&s, 1, 2, &two) || !take(&s, mark) ||
	    !number(&s, 4, 4, &out->year) || !time_of_day(&s, out))
		return 0;
	dmy = is_day(out->year, two, one) &&
	      (mark == '.' || t->order != ORDER_MDY);
	mdy =
	    is_day(out->year, one, two) && mark != '.' && t->order != ORDER_DMY;
	if (!dmy && !mdy)
		return 0;
	if (dmy && mdy && one != two &&
	    (t->action != TRANSFORM_DATE || t->grain != GRAIN_YEAR))
		return -1;
	out->month = dmy ? two : one;
	out->day = dmy ? one : two;
	return 1;
}

int
date_read(struct date *out, const struct transform *t, const uint8_t *value,
    size_t len, struct fault *f)
{
	struct text s = { value, value + len };
	int known;

	while (left(&s) > 0 && (*s.at == ' ' || *s.at == '\t'))
		s.at++;
	while (left(&s) > 0 && (s.end[-1] == ' ' || s.end[-1] == '\t'))
		s.end--;
	*out = (struct date){ .at = s.end, .end = s.end };
	known = year_first(s, out) || named_month(s, out)
		    ? 1
		    : year_last(s, t, out);
	if (known < 0) {
		(void)fault_set(f, FAULT_INPUT,
		    "a date whose day and month can be exchanged");
		return fault_hint(f,
		    "say which comes first: {generalise: {date: month, order: "
		    "dmy}}, or mdy");
	}
	if (known == 0) {
		(void)fault_set(
		    f, FAULT_INPUT, "not a date that generalise reads");
		return fault_hint(f,
		    "dates are 1980-03-04, 04.03.1980, 4 Mar 1980 ... (see "
		    "docs/POLICY.md, Dates); drop the field, or correct it");
	}
	return 0;
}

int
generalise_date(const struct transform *t, const uint8_t *value, size_t len,
    struct bytes *out, struct fault *f)
{
	struct date d;

	if (date_read(&d, t, value, len, f) != 0)
		return -1;
	if (t->grain == GRAIN_YEAR)
		return bytes_addf(out, f, "%04d", d.year);
	if (d.month == 0)
		return fault_set(f, FAULT_INPUT, "a date without a month");
	if (t->grain == GRAIN_QUARTER)
		return bytes_addf(
		    out, f, "%04d-Q%d", d.year, (d.month + 2) / 3);
	return bytes_addf(out, f, "%04d-%02d", d.year, d.month);
}
