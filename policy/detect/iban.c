/*
 * IBAN (ISO 13616-1): the country's length and structure out of SWIFT's
 * registry, and the check digits (ISO 7064, MOD 97-10).
 */

#include <string.h>

#include "policy/detect/generic_internal.h"

/* Of the BBAN: how many of n digits, a letters, c either, in a row. */
static const struct {
	char country[3];
	char bban[12];
} registry[] = { { "AD", "8n12c" }, { "AE", "19n" }, { "AL", "8n16c" },
	{ "AT", "16n" }, { "AZ", "4a20c" }, { "BA", "16n" }, { "BE", "12n" },
	{ "BG", "4a6n8c" }, { "BH", "4a14c" }, { "BI", "23n" },
	{ "BR", "23n1a1c" }, { "BY", "4c4n16c" }, { "CH", "5n12c" },
	{ "CR", "18n" }, { "CY", "8n16c" }, { "CZ", "20n" }, { "DE", "18n" },
	{ "DJ", "23n" }, { "DK", "14n" }, { "DO", "4c20n" }, { "EE", "16n" },
	{ "EG", "25n" }, { "ES", "20n" }, { "FI", "14n" }, { "FK", "2a12n" },
	{ "FO", "14n" }, { "FR", "10n11c2n" }, { "GB", "4a14n" },
	{ "GE", "2a16n" }, { "GI", "4a15c" }, { "GL", "14n" },
	{ "GR", "7n16c" }, { "GT", "24c" }, { "HN", "4a20n" }, { "HR", "17n" },
	{ "HU", "24n" }, { "IE", "4a14n" }, { "IL", "19n" }, { "IQ", "4a15n" },
	{ "IS", "22n" }, { "IT", "1a10n12c" }, { "JO", "4a4n18c" },
	{ "KW", "4a22c" }, { "KZ", "3n13c" }, { "LB", "4n20c" },
	{ "LC", "4a24c" }, { "LI", "5n12c" }, { "LT", "16n" },
	{ "LU", "3n13c" }, { "LV", "4a13c" }, { "LY", "21n" },
	{ "MC", "10n11c2n" }, { "MD", "20c" }, { "ME", "18n" },
	{ "MK", "3n10c2n" }, { "MN", "16n" }, { "MR", "23n" },
	{ "MT", "4a5n18c" }, { "MU", "4a19n3a" }, { "NI", "4a20n" },
	{ "NL", "4a10n" }, { "NO", "11n" }, { "OM", "3n16c" },
	{ "PK", "4a16c" }, { "PL", "24n" }, { "PS", "4a21c" }, { "PT", "21n" },
	{ "QA", "4a21c" }, { "RO", "4a16c" }, { "RS", "18n" },
	{ "RU", "14n15c" }, { "SA", "2n18c" }, { "SC", "4a20n3a" },
	{ "SD", "14n" }, { "SE", "20n" }, { "SI", "15n" }, { "SK", "20n" },
	{ "SM", "1a10n12c" }, { "SO", "19n" }, { "ST", "21n" },
	{ "SV", "4a20n" }, { "TL", "19n" }, { "TN", "20n" }, { "TR", "6n16c" },
	{ "UA", "6n19c" }, { "VA", "18n" }, { "VG", "4a16n" }, { "XK", "16n" },
	{ "YE", "4a4n18c" } };

#define IBAN_MAX 34u

/* Capitals and digits without what divides them; 0 when there are too many. */
static size_t
squeeze(char out[IBAN_MAX], const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == ' ' || c == '-')
			continue;
		if (n == IBAN_MAX)
			return 0;
		out[n++] = (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
	}
	return n;
}

static bool
is_structured(const char *bban, size_t len, const char *as)
{
	size_t at = 0;

	while (*as != '\0') {
		size_t n = 0;

		for (; *as >= '0' && *as <= '9'; as++)
			n = n * 10 + (size_t)(*as - '0');
		for (; n > 0; n--, at++) {
			bool digit, letter;

			if (at == len)
				return false;
			digit = bban[at] >= '0' && bban[at] <= '9';
			letter = bban[at] >= 'A' && bban[at] <= 'Z';
			if (!(*as != 'a' && digit) && !(*as != 'n' && letter))
				return false;
		}
		as++;
	}
	return at == len;
}

static unsigned
mod97(unsigned sum, const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] >= 'A')
			sum = (sum * 100 + (unsigned)(p[i] - 'A' + 10)) % 97;
		else
			sum = (sum * 10 + (unsigned)(p[i] - '0')) % 97;
	}
	return sum;
}

bool
valid_iban(const char *text, size_t len)
{
	char c[IBAN_MAX];
	size_t n = squeeze(c, text, len);
	bool upper = false, small = false;

	for (size_t i = 0; i < len; i++) {
		upper = upper || (text[i] >= 'A' && text[i] <= 'Z');
		small = small || (text[i] >= 'a' && text[i] <= 'z');
	}
	if (upper && small)
		return false;
	if (n < 15 || mod97(mod97(0, c + 4, n - 4), c, 4) != 1)
		return false;
	for (size_t i = 0; i < sizeof(registry) / sizeof(registry[0]); i++)
		if (memcmp(registry[i].country, c, 2) == 0)
			return is_structured(c + 4, n - 4, registry[i].bban);
	return false;
}

/* BIC (ISO 9362): in capitals, its fifth and sixth letter a country's. */
bool
valid_bic(const char *text, size_t len)
{
	static const char codes[] = "|" COUNTRY_CODES;
	const char group[2] = { '|', len < 6 ? '|' : text[4] };
	const char *at = memmem(codes, sizeof(codes) - 1, group, 2);

	if (at == NULL)
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] >= 'a' && text[i] <= 'z')
			return false;
	for (at += 2; *at != '|' && *at != '\0'; at++)
		if (*at == text[5])
			return *at >= 'A' && *at <= 'Z';
	return false;
}
