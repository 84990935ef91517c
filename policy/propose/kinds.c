/*
 * What a value can be seen to be.  Each test is exact: it says yes to values of
 * one form and to no others, and check digits are computed.  No test remembers
 * anything.
 *
 * Sources: ISO 13616 (IBAN), ISO/IEC 7812 (Luhn), RFC 4122 (UUID), E.164
 * (lengths of numbers); addresses as RFC 5321 has them without quotes and
 * comments, web addresses as people write them.
 */

#include <arpa/inet.h>
#include <string.h>

#include "keys/base/text.h"
#include "policy/propose/propose.h"

/* More than the longest thing tested for. */
#define TESTED_MAX 320u

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t
count_digits(const char *p)
{
	size_t n = 0;

	for (; *p != '\0'; p++)
		n += is_digit(*p);
	return n;
}

/* Labels of letters, digits and -, a dot between, the last of letters. */
static bool
is_domain(const char *p)
{
	const char *last = p;
	size_t dots = 0, label = 0;

	for (; *p != '\0'; p++) {
		if (*p == '.') {
			if (label == 0)
				return false;
			dots++;
			label = 0;
			last = p + 1;
		} else if (is_letter(*p) || is_digit(*p) || *p == '-' ||
			   (uint8_t)*p > 0x7f) {
			label++;
		} else {
			return false;
		}
	}
	return dots > 0 && label > 1 && !is_digit(last[0]);
}

static bool
is_email(const char *p)
{
	const char *at = strrchr(p, '@');

	if (at == NULL || at == p || at - p > 64)
		return false;
	for (const char *c = p; c < at; c++)
		if (!is_letter(*c) && !is_digit(*c) && (uint8_t)*c < 0x80 &&
		    strchr(".!#$%&'*+/=?^_`{|}~-", *c) == NULL)
			return false;
	return is_domain(at + 1);
}

static bool
is_url(const char *p)
{
	static const char *const heads[] = { "http://", "https://", "ftp://",
		"www." };

	if (strpbrk(p, " \t\r\n") != NULL)
		return false;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (strncasecmp(p, heads[i], strlen(heads[i])) == 0)
			return strchr(p + strlen(heads[i]), '.') != NULL ||
			       strncmp(p + strlen(heads[i]), "localhost", 9) ==
				   0;
	return false;
}

static bool
is_uuid(const char *p)
{
	for (size_t i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? p[i] != '-'
			 : !is_digit(p[i]) &&
			       ((p[i] | 0x20) < 'a' || (p[i] | 0x20) > 'f'))
			return false;
	}
	return p[36] == '\0';
}

static bool
is_ip(const char *p)
{
	struct in6_addr a;

	return (strchr(p, '.') != NULL && inet_pton(AF_INET, p, &a) == 1) ||
	       (strchr(p, ':') != NULL && inet_pton(AF_INET6, p, &a) == 1);
}

/* Two letters, two digits, 11 to 30 more; the number made of it, with its head
 * at its end, is 1 modulo 97. */
static bool
is_iban(const char *p)
{
	char s[35];
	size_t n = 0;
	unsigned mod = 0;

	for (; *p != '\0'; p++) {
		if (*p == ' ')
			continue;
		if (n == sizeof(s) - 1 || (!is_letter(*p) && !is_digit(*p)))
			return false;
		s[n++] = (char)(is_letter(*p) ? *p & ~0x20 : *p);
	}
	if (n < 15 || !is_letter(s[0]) || !is_letter(s[1]) || !is_digit(s[2]) ||
	    !is_digit(s[3]))
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = s[(i + 4) % n];

		mod = is_digit(c) ? (mod * 10 + (unsigned)(c - '0')) % 97
				  : (mod * 100 + (unsigned)(c - 'A') + 10) % 97;
	}
	return mod == 1;
}

/* Digits alone, with single spaces or dashes between. */
static bool
is_card(const char *p)
{
	size_t digits = count_digits(p), left = digits;
	unsigned sum = 0;

	if (digits < 13 || digits > 19 || !is_digit(p[0]))
		return false;
	for (; *p != '\0'; p++) {
		unsigned d;

		if ((*p == ' ' || *p == '-') && is_digit(p[1]))
			continue;
		if (!is_digit(*p))
			return false;
		d = (unsigned)(*p - '0');
		if (left-- % 2 == 0)
			d = d > 4 ? 2 * d - 9 : 2 * d;
		sum += d;
	}
	return sum % 10 == 0;
}

static bool
is_phone(const char *p)
{
	size_t digits = count_digits(p);
	bool marked =
	    p[0] == '+' || p[0] == '(' || (p[0] == '0' && is_digit(p[1]));

	if (digits < 7 || digits > 15 || strncmp(p, "0.", 2) == 0)
		return false;
	for (const char *c = p; *c != '\0'; c++) {
		if (is_digit(*c) || (*c == '+' && c == p))
			continue;
		if (strchr(" ()-/.", *c) == NULL)
			return false;
		marked = marked || *c == ' ' || *c == '-' || *c == '(';
	}
	return marked;
}

/* Patterns: 9 a digit, A a letter; blanks and dashes as they stand. */
static bool
looks_like(const char *p, const char *pattern)
{
	for (; *pattern != '\0'; p++, pattern++)
		if (*pattern == '9'   ? !is_digit(*p)
		    : *pattern == 'A' ? !is_letter(*p)
				      : *p != *pattern)
			return false;
	return *p == '\0';
}

static bool
is_zip(const char *p)
{
	return looks_like(p, "99999") || looks_like(p, "99999-9999");
}

static bool
is_postcode(const char *p)
{
	static const char *const forms[] = { "9999", "99999", "999999",
		"99999-9999", "9999 AA", "9999AA", "99-999", "999 99", "A9 9AA",
		"A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA",
		"A9A 9A9", "A9A9A9", "9999-999", "99999-999", "AA-9999",
		"A-9999", "A-99999", "999-9999" };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (looks_like(p, forms[i]))
			return true;
	return false;
}

/* The three-digit areas of 20,000 people or fewer, by the census of 2000: HHS,
 * "Guidance Regarding Methods for De-identification", 2012, section 2.6. */
static bool
is_small_area(const char *p)
{
	static const char *const areas[] = { "036", "059", "063", "102", "203",
		"556", "692", "790", "821", "823", "830", "831", "878", "879",
		"884", "890", "893" };

	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++)
		if (strncmp(p, areas[i], 3) == 0)
			return true;
	return false;
}

/* Does the transform read it?  The same code as at export. */
static bool
reads_date(const char *p, size_t len, enum transform_grain grain,
    enum transform_order order)
{
	const struct transform t = {
		.action = TRANSFORM_DATE, .grain = grain, .order = order
	};
	struct fault none = { 0 };
	struct bytes out;
	bool read;

	bytes_init(&out, 64);
	read = transform_apply(&t, NULL, p, len, &out, &none) == 0;
	bytes_free(&out);
	return read;
}

static uint32_t
date_kinds(const char *p, size_t len)
{
	uint32_t kinds = 0;

	if (len < 4 || len > 40 || count_digits(p) < 4)
		return 0;
	/* most numbers are no dates: years begin with 1 or 2 */
	if (strspn(p, "0123456789") == len &&
	    ((len != 4 && len != 8) || (p[0] != '1' && p[0] != '2')))
		return 0;
	if (!reads_date(p, len, GRAIN_YEAR, ORDER_EITHER))
		return 0;
	kinds |= 1u << KIND_DATE;
	if (reads_date(p, len, GRAIN_MONTH, ORDER_EITHER))
		kinds |= 1u << KIND_MONTH;
	if (reads_date(p, len, GRAIN_MONTH, ORDER_DMY))
		kinds |= 1u << KIND_DMY;
	if (reads_date(p, len, GRAIN_MONTH, ORDER_MDY))
		kinds |= 1u << KIND_MDY;
	return kinds;
}

static uint32_t
number_kinds(const char *p, size_t len)
{
	struct decimal d;
	uint32_t kinds = 1u << KIND_NUMBER;
	const char *point = strchr(p, '.');
	size_t sign = p[0] == '-' || p[0] == '+';

	if (!decimal_read(&d, p, len, NULL))
		return 0;
	if (strspn(p + sign, "0123456789") == len - sign)
		kinds |= 1u << KIND_INTEGER;
	if (d.parts == 0 && d.whole >= 0 && d.whole <= 125)
		kinds |= 1u << KIND_AGE;
	if (point != NULL && strlen(point) > 2 && d.whole >= -180 &&
	    d.whole < 180)
		kinds |= 1u << KIND_COORDINATE;
	return kinds;
}

static bool
is_prose(const uint8_t *p, size_t len)
{
	size_t words = 0;
	bool in = false;

	for (size_t i = 0; i < len && words < 5; i++) {
		bool blank =
		    p[i] == ' ' || p[i] == '\n' || p[i] == '\t' || p[i] == '\r';

		words += !blank && !in;
		in = !blank;
	}
	return words >= 5;
}

uint32_t
value_kinds(const void *p, size_t len)
{
	static const struct {
		enum value_kind kind;
		bool (*test)(const char *p);
	} tests[] = { { KIND_EMAIL, is_email }, { KIND_URL, is_url },
		{ KIND_UUID, is_uuid }, { KIND_IP, is_ip },
		{ KIND_IBAN, is_iban }, { KIND_CARD, is_card },
		{ KIND_PHONE, is_phone }, { KIND_POSTCODE, is_postcode },
		{ KIND_ZIP, is_zip } };
	char text[TESTED_MAX + 1];
	const uint8_t *b = p;
	uint32_t kinds = 0;

	if (is_prose(p, len))
		kinds |= 1u << KIND_TEXT;
	while (len > 0 && b[0] == ' ') {
		b++;
		len--;
	}
	while (len > 0 && b[len - 1] == ' ')
		len--;
	if (len == 0 || len > TESTED_MAX || memchr(b, 0, len) != NULL)
		return kinds;
	memcpy(text, b, len);
	text[len] = '\0';
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
		if (tests[i].test(text))
			kinds |= 1u << tests[i].kind;
	if ((kinds & 1u << KIND_ZIP) != 0 && is_small_area(text))
		kinds |= 1u << KIND_ZIP_SMALL;
	kinds |= date_kinds(text, len) | number_kinds(text, len);
	/* 1980-03-04 and 12345-6789 have the form of both */
	if ((kinds & (1u << KIND_DATE | 1u << KIND_ZIP)) != 0)
		kinds &= ~(1u << KIND_PHONE);
	return kinds;
}
