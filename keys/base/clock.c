/*
 * Times as RFC 3339 and back.  The calendar arithmetic counts days from
 * 0000-03-01, so that the leap day is the last of its year.
 */

#include "keys/base/clock.h"

#include <string.h>
#include <time.h>

#include "keys/base/text.h"

#define DAY 86400
#define FIRST (-62135596800) /* 0001-01-01T00:00:00Z */
#define LAST 253402300799    /* 9999-12-31T23:59:59Z */

int64_t
clock_now(void)
{
	struct timespec ts;

	must(clock_gettime(CLOCK_REALTIME, &ts) == 0);
	return ts.tv_sec;
}

double
clock_monotonic(void)
{
	struct timespec ts;

	must(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static int
month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool
clock_days(int64_t *out, int year, int month, int day)
{
	int64_t y, era, year_of_era, day_of_year;

	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
	    day > month_days(year, month))
		return false;
	y = month <= 2 ? year - 1 : year;
	era = y / 400;
	year_of_era = y - era * 400;
	day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	*out = era * 146097 + year_of_era * 365 + year_of_era / 4 -
	       year_of_era / 100 + day_of_year - 719468;
	return true;
}

/* The date of a day, clock_days() the other way round. */
static void
date_of(int64_t days, int *year, int *month, int *day)
{
	int64_t d = days + 719468; /* since 0000-03-01 */
	int64_t era = (d >= 0 ? d : d - 146096) / 146097;
	int64_t of_era = d - era * 146097;
	int64_t years =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * years + years / 4 - years / 100);
	int64_t m = (5 * of_year + 2) / 153; /* from March */

	*day = (int)(of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(years + era * 400 + (*month <= 2));
}

/* Not gmtime(): that opens /etc/localtime, which a confined process may not. */
void
clock_write(char out[CLOCK_CHARS + 1], int64_t at)
{
	int64_t t = at < FIRST ? FIRST : at > LAST ? LAST : at;
	int64_t days = t / DAY - (t % DAY < 0);
	int second = (int)(t - days * DAY);
	char text[80];
	int year, month, day;

	date_of(days, &year, &month, &day);
	(void)snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ",
	    year, month, day, second / 3600, second / 60 % 60, second % 60);
	memcpy(out, text, CLOCK_CHARS);
	out[CLOCK_CHARS] = '\0';
}

void
clock_write_date(char out[CLOCK_DATE_CHARS + 1], int64_t at)
{
	char text[CLOCK_CHARS + 1];

	clock_write(text, at);
	memcpy(out, text, CLOCK_DATE_CHARS);
	out[CLOCK_DATE_CHARS] = '\0';
}

static bool
two_digits(int *out, const char *text)
{
	if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
		return false;
	*out = (text[0] - '0') * 10 + text[1] - '0';
	return true;
}

bool
clock_read_date(int64_t *out, const char *text, size_t chars)
{
	int century, year, month, day;
	int64_t days;

	if (chars != CLOCK_DATE_CHARS || text[4] != '-' || text[7] != '-' ||
	    !two_digits(&century, text) || !two_digits(&year, text + 2) ||
	    !two_digits(&month, text + 5) || !two_digits(&day, text + 8) ||
	    !clock_days(&days, century * 100 + year, month, day))
		return false;
	*out = days * DAY;
	return true;
}

bool
clock_read(int64_t *out, const char *text, size_t chars)
{
	int hour, minute, second;
	int64_t day;

	if (chars == CLOCK_DATE_CHARS)
		return clock_read_date(out, text, chars);
	if (chars != CLOCK_CHARS || text[10] != 'T' || text[13] != ':' ||
	    text[16] != ':' || text[19] != 'Z' ||
	    !clock_read_date(&day, text, CLOCK_DATE_CHARS) ||
	    !two_digits(&hour, text + 11) || !two_digits(&minute, text + 14) ||
	    !two_digits(&second, text + 17) || hour > 23 || minute > 59 ||
	    second > 59)
		return false;
	*out = day + hour * 3600 + minute * 60 + second;
	return true;
}

bool
clock_read_span(int64_t *out, const char *text, size_t chars)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', DAY },
		{ 'w', 7 * DAY }, { 'y', 365 * (int64_t)DAY } };
	uint64_t n;

	if (chars < 2 || !u64_read(&n, text, chars - 1, 1000000000))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].unit == text[chars - 1]) {
			*out = (int64_t)n * units[i].seconds;
			return true;
		}
	return false;
}
