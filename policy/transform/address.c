/* Where somebody lives or can be reached, less exactly: postcodes, addresses of
 * networks, domains of mail. */

#include <arpa/inet.h>
#include <string.h>

#include "keys/base/text.h"
#include "policy/transform/transform_internal.h"

#define POSTCODE_CHARS_MAX 16u /* the longest has 10 */
#define MAIL_DOMAIN_MAX 255u   /* RFC 1035, section 2.3.4 */

static struct slice
without_blanks(const uint8_t *p, size_t len)
{
	while (len > 0 && (*p == ' ' || *p == '\t'))
		p++, len--;
	while (len > 0 && (p[len - 1] == ' ' || p[len - 1] == '\t'))
		len--;
	return (struct slice){ p, len };
}

static bool
is_letter(uint8_t c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	       (c >= '0' && c <= '9');
}

/*
 * Shapes of postcodes without what stands between, as the Universal Postal
 * Union lists them by country: A a letter, 9 a digit, N either.  Digits alone,
 * and digits behind the letters of a country or district, are any_digits().
 */
static const char *const shapes[] = {
	"9999AA",	/* Netherlands */
	"A9A9A9",	/* Canada, and its first part */
	"A9A", "A99AA", /* United Kingdom, and its first part */
	"A999AA", "AA99AA", "AA999AA", "A9A9AA", "AA9A9AA", "AAAA9AA", "AAA9AA",
	"A9", "A99", "AA9", "AA99", "AA9A", /* */
	"A99NNNN",			    /* Ireland */
	"A9ANNNN",			    /* */
	"A9999AAA",			    /* Argentina */
};

/* 3 to 10 digits, or 3 to 7 behind one to three letters (D-80331, LV-1010). */
static bool
any_digits(const char *code, size_t n)
{
	size_t letters = 0;

	while (letters < n && code[letters] > '9')
		letters++;
	for (size_t i = letters; i < n; i++)
		if (code[i] > '9')
			return false;
	return letters <= 3 && n - letters >= 3 &&
	       n - letters <= (letters == 0 ? 10 : 7);
}

static bool
is_postcode(const char *code, size_t n)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const char *s = shapes[i];
		size_t k = 0;

		if (strlen(s) != n)
			continue;
		while (
		    k < n && (s[k] == 'N' || (s[k] == '9') == (code[k] <= '9')))
			k++;
		if (k == n)
			return true;
	}
	return any_digits(code, n);
}

/* The compact form: capitals and digits, without what stands between. */
int
generalise_postcode(const struct transform *t, const uint8_t *value, size_t len,
    struct bytes *out, struct fault *f)
{
	char code[POSTCODE_CHARS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		uint8_t c = value[i];

		if (c == ' ' || c == '-' || c == '\t')
			continue;
		if (!is_letter(c) || n == sizeof(code))
			return fault_set(f, FAULT_INPUT,
			    "not a postcode (a few letters a-z, digits, blanks "
			    "and "
			    "-)");
		code[n++] = (char)(c >= 'a' ? c - 0x20 : c);
	}
	if (n > 0 && !is_postcode(code, n))
		return fault_set(f, FAULT_INPUT,
		    "letters and digits stand as in no country's postcodes");
	if (n <= t->first)
		return fault_set(f, FAULT_INPUT,
		    "a postcode of no more than the %u characters that are "
		    "kept",
		    t->first);
	return bytes_add(out, code, t->first, f);
}

/* Clear all bits behind the first. */
static void
cut_bits(uint8_t *p, size_t len, unsigned bits)
{
	for (size_t i = 0; i < len; i++, bits -= bits < 8 ? bits : 8)
		if (bits < 8)
			p[i] &= (uint8_t)(0xff00u >> bits);
}

int
generalise_ip(const struct transform *t, const uint8_t *value, size_t len,
    struct bytes *out, struct fault *f)
{
	struct slice s = without_blanks(value, len);
	char text[INET6_ADDRSTRLEN];
	uint8_t ip[16];
	unsigned bits;
	int family;

	if (s.len >= sizeof(text) || memchr(s.at, 0, s.len) != NULL)
		goto none;
	memcpy(text, s.at, s.len);
	text[s.len] = '\0';
	family = memchr(text, ':', s.len) != NULL ? AF_INET6 : AF_INET;
	if (inet_pton(family, text, ip) != 1)
		goto none;
	bits = family == AF_INET ? t->first : t->last;
	cut_bits(ip, family == AF_INET ? 4 : 16, bits);
	must(inet_ntop(family, ip, text, sizeof(text)) != NULL);
	return bytes_addf(out, f, "%s/%u", text, bits);
none:
	return fault_set(f, FAULT_INPUT,
	    "not an IP address (192.0.2.1, 2001:db8::1; no port, no network)");
}

/* What is behind the last @, in small letters. */
int
generalise_email(const struct transform *t, const uint8_t *value, size_t len,
    struct bytes *out, struct fault *f)
{
	struct slice s = without_blanks(value, len);
	const uint8_t *at = memrchr(s.at, '@', s.len);
	size_t n;

	(void)t;
	if (at == NULL || at == s.at)
		goto none;
	n = (size_t)(s.at + s.len - ++at);
	if (n == 0 || n > MAIL_DOMAIN_MAX || !utf8_valid(s.at, s.len))
		goto none;
	for (size_t i = 0; i < n; i++) {
		bool edge = i == 0 || i + 1 == n || at[i - 1] == '.';
		char c = (char)at[i];

		if (at[i] < 0x80 && !is_letter(at[i]) &&
		    (edge || (c != '.' && c != '-')))
			goto none;
		if (c >= 'A' && c <= 'Z')
			c = (char)(c + 0x20);
		if (bytes_add(out, &c, 1, f) != 0)
			return -1;
	}
	return 0;
none:
	return fault_set(
	    f, FAULT_INPUT, "not an e-mail address (name@example.org)");
}
