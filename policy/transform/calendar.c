/*
 * What is done with a whole day: the age of who was born then, and the same
 * number of days later or earlier for everything about one person.
 */

#include <string.h>

#include "keys/base/clock.h"
#include "policy/transform/transform_internal.h"

#define DAY 86400

/* A date that has a day. */
static int
read_day(struct date *d, int64_t *days, const struct transform *t,
    const struct slice *value, struct fault *f)
{
	if (date_read(d, t, value->at, value->len, f) != 0)
		return -1;
	if (d->day == 0)
		return fault_set(f, FAULT_INPUT, "a date without a day");
	must(clock_days(days, d->year, d->month, d->day));
	return 0;
}

/* Year, month and day of days since 1970-01-01. */
static struct date
date_of(int64_t days)
{
	char text[CLOCK_DATE_CHARS + 1];
	struct date d = { 0 };

	clock_write_date(text, days * DAY);
	d.year = atoi(text);
	d.month = atoi(text + 5);
	d.day = atoi(text + 8);
	return d;
}

/* Bands begin at multiples of the width; the last ends where ages are no
 * longer told. */
int
generalise_age(const struct transform *t, const uint8_t *value, size_t len,
    struct bytes *out, struct fault *f)
{
	const struct slice from = { value, len };
	struct date born, at = date_of(t->at);
	unsigned age, low, high;
	int64_t days;

	if (read_day(&born, &days, t, &from, f) != 0)
		return -1;
	if (days > t->at)
		return fault_set(f, FAULT_INPUT,
		    "a birth after the day for which ages are asked");
	age = (unsigned)(at.year - born.year);
	if (at.month < born.month ||
	    (at.month == born.month && at.day < born.day))
		age--;
	if (age > t->last)
		return bytes_addf(out, f, "%u+", t->last + 1);
	low = age / t->first * t->first;
	high = low + t->first;
	if (high > t->last + 1)
		high = t->last + 1;
	return bytes_addf(out, f, "[%u,%u)", low, high);
}

/* From -n to n without 0, each as likely up to 2^-50: an offset of none would
 * leave some persons' dates as they are. */
static int64_t
offset_of(const struct token_key *key, const struct slice *subject, uint32_t n)
{
	uint8_t mac[TOKEN_MAC_BYTES];
	uint64_t random;
	int64_t offset;

	token_mac(key, subject->at, subject->len, mac);
	memcpy(&random, mac, sizeof(random));
	offset = (int64_t)(random % (2 * (uint64_t)n)) - (int64_t)n;
	return offset < 0 ? offset : offset + 1;
}

int
shift_date(const struct transform *t, const struct transform_site *site,
    const struct slice *value, struct bytes *out, struct fault *f)
{
	char text[CLOCK_DATE_CHARS + 1];
	int64_t days, first, last;
	struct date d;

	must(site->key != NULL && site->key->use == KEY_SHIFT);
	must(clock_days(&first, 1, 1, 1) && clock_days(&last, 9999, 12, 31));
	if (site->subject.len == 0) {
		(void)fault_set(f, FAULT_INPUT,
		    "a date to be shifted, and the record names no subject");
		return fault_hint(f, "whose date it is, is read from the "
				     "column or path of subject:");
	}
	if (read_day(&d, &days, t, value, f) != 0)
		return -1;
	days += offset_of(site->key->mac, &site->subject, t->first);
	if (days < first || days > last)
		return fault_set(f, FAULT_INPUT,
		    "a date that shifting takes out of the years 1 to 9999");
	clock_write_date(text, days * DAY);
	if (bytes_add(out, text, CLOCK_DATE_CHARS, f) != 0)
		return -1;
	return bytes_add(out, d.at, (size_t)(d.end - d.at), f);
}
