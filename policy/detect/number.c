/*
 * A number as written to a number as meant: separators go, letters become
 * upper case.  And what is the same about days everywhere.
 */

#include <string.h>

#include "policy/detect/check_internal.h"

bool
number_read(struct number *n, const char *text, size_t len)
{
	bool some = false;

	n->len = 0;
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if ((c < '0' || c > '9') && (c < 'A' || c > 'Z'))
			continue;
		if (n->len == NUMBER_MAX)
			return false;
		some = some || (c >= '1' && c <= '9');
		n->at[n->len++] = c;
	}
	n->at[n->len] = '\0';
	return some;
}

bool
number_digits(const struct number *n, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (n->at[i] < '0' || n->at[i] > '9')
			return false;
	return to <= n->len;
}

bool
digits_read(struct number *n, const char *text, size_t len, size_t count)
{
	return number_read(n, text, len) && n->len == count &&
	       number_digits(n, 0, count);
}

bool
prefixed_read(struct number *n, const char *text, size_t len,
    const char *prefix, size_t count)
{
	size_t skip = strlen(prefix);

	if (!number_read(n, text, len) || n->len != skip + count ||
	    strncmp(n->at, prefix, skip) != 0)
		return false;
	memmove(n->at, n->at + skip, count + 1);
	n->len = count;
	return number_digits(n, 0, count);
}

bool
text_upper(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] >= 'a' && text[i] <= 'z')
			return false;
	return true;
}

bool
number_same(const struct number *n)
{
	return n->len > 0 && strspn(n->at, (char[]){ n->at[0], 0 }) == n->len;
}

uint32_t
digits_value(const char *digits, size_t len)
{
	uint32_t v = 0;

	for (size_t i = 0; i < len; i++)
		v = v * 10 + (uint32_t)(digits[i] - '0');
	return v;
}

bool
date_exists(uint32_t year, uint32_t month, uint32_t day)
{
	static const uint8_t days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };

	if (month < 1 || month > 12 || day < 1 || day > days[month - 1])
		return false;
	if (month != 2 || day < 29)
		return true;
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool
date_ddmmyy(const char *digits)
{
	return date_exists(2000 + digits_value(digits + 4, 2),
	    digits_value(digits + 2, 2), digits_value(digits, 2));
}

bool
date_yymmdd(const char *digits)
{
	return date_exists(2000 + digits_value(digits, 2),
	    digits_value(digits + 2, 2), digits_value(digits + 4, 2));
}

bool
word_in(const char *words, const char *word, size_t len)
{
	for (const char *at = words; *at != '\0';) {
		size_t n = strcspn(at, " ");

		if (n == len && memcmp(at, word, len) == 0)
			return true;
		at += n + (at[n] == ' ');
	}
	return false;
}
