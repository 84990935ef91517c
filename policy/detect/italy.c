/*
 * Italy, San Marino, Malta.
 */

#include <string.h>

#include "policy/detect/rows_internal.h"

/* What a character in an odd place counts: 0-9 and A-J alike. */
static int32_t
odd_worth(char c)
{
	static const int8_t worth[] = { 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4,
		18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23 };

	return worth[c <= '9' ? c - '0' : c - 'A'];
}

/* Digits may be letters, where two people would have the same code. */
static int32_t
omocodia(char c)
{
	static const char letters[] = "LMNPQRSTUV";
	const char *at;

	if (c <= '9')
		return c - '0';
	at = strchr(letters, c);
	return at != NULL ? (int32_t)(at - letters) : 100;
}

/* Year, letter of the month, day of birth, which is 40 higher for women. */
static bool
it_fiscal_form(const struct number *n)
{
	static const char months[] = "ABCDEHLMPRST";
	const char *month;
	int32_t year, day;

	if (n->len != 16 || (month = strchr(months, n->at[8])) == NULL)
		return false;
	year = omocodia(n->at[6]) * 10 + omocodia(n->at[7]);
	day = omocodia(n->at[9]) * 10 + omocodia(n->at[10]);
	day = day > 40 ? day - 40 : day;
	return year < 100 && day > 0 &&
	       date_exists(2000 + (uint32_t)year,
		   (uint32_t)(month - months) + 1, (uint32_t)day);
}

static bool
it_fiscal_plausible(const char *text, size_t len)
{
	struct number n;

	return number_read(&n, text, len) && n.len == 16;
}

static bool
it_fiscal_code(const char *text, size_t len)
{
	struct number n;
	int32_t sum = 0;

	if (!number_read(&n, text, len) || !it_fiscal_form(&n))
		return false;
	for (size_t i = 0; i < 15; i++) {
		char c = n.at[i];

		if (i % 2 == 0)
			sum += odd_worth(c);
		else
			sum += c <= '9' ? c - '0' : c - 'A';
	}
	return n.at[15] == 'A' + sum % 26;
}

/* Number, the office of the province, the digit of a credit card. */
static bool
it_vat_digits(const char *digits)
{
	uint32_t office = digits_value(digits + 7, 3);

	return ((office >= 1 && office <= 100) || office == 120 ||
		   office == 121 || office == 888 || office == 999) &&
	       check_luhn(digits, 11);
}

static bool
it_vat(const char *text, size_t len)
{
	struct number n;

	return (digits_read(&n, text, len, 11) ||
		   prefixed_read(&n, text, len, "IT", 11)) &&
	       it_vat_digits(n.at);
}

/* Weights 3 to 9 and the two digits are a multiple of 37. */
static bool
mt_vat(const char *text, size_t len)
{
	struct number n;

	return prefixed_read(&n, text, len, "MT", 8) && n.at[0] != '0' &&
	       weigh(n.at, W(3, 4, 6, 7, 8, 9, 10, 1), 8) % 37 == 0;
}

static bool
mt_id_card(const char *text, size_t len)
{
	struct number n;

	return number_read(&n, text, len);
}

#define DIGIT "[\\dLMNPQRSTUV]"
#define FISCAL \
	"[A-Z]{6}" DIGIT "{2}[ABCDEHLMPRST]" DIGIT "{2}[A-Z]" DIGIT "{3}[A-Z]"
#define FISCAL_REST DIGIT "{2}[ABCDEHLMPRST]" DIGIT "{2} [A-Z]" DIGIT "{3}[A-Z]"
#define FISCAL_SPACED "[A-Z]{3} [A-Z]{3} " FISCAL_REST
/* In small letters, of which texts are made, only what can be of a name (DM
 * 23 dicembre 1976, art. 2 and 3): consonants stand before vowels, and X is put
 * where there are too few letters. */
#define FISCAL_NAME "(?:[B-DF-HJ-NP-TV-Z]{2}[A-Z]|[A-Z][AEIOU][AEIOUX])"
#define FISCAL_SMALL FISCAL_NAME " " FISCAL_NAME " " FISCAL_REST

const struct recogniser recognisers_italy[] = {
	{ "IT_FISCAL_CODE", "IT",
	    LIST(FISCAL, CAPITALS FISCAL_SPACED, FISCAL_SMALL), it_fiscal_code,
	    LIST("codice fiscale", "cf", "c.f", "tessera sanitaria", "fiscale"),
	    45, 98, false, "DM 23 dicembre 1976, n. 13813" },
	{ "IT_FISCAL_CODE", "IT", LIST(FISCAL), it_fiscal_plausible,
	    LIST("codice fiscale", "cf", "c.f", "tessera sanitaria", "fiscale"),
	    45, 45, false, "DM 23 dicembre 1976, n. 13813; last letter wrong" },
	{ "IT_VAT_CODE", "IT",
	    LIST("(IT[ _-]?)?\\d{11}", "(IT[ _-]?)?\\d{8}[ _.-]\\d{3}",
		"(IT[ _-]?)?\\d{3}[ _.-]\\d{4}[ _.-]\\d{4}"),
	    it_vat,
	    LIST("partita iva", "p.iva", "piva", "p. iva", "iva", "vat"), 5, 70,
	    false, "DPR 633/1972 art. 35; DM 23 dicembre 1976, n. 13814" },
	{ "IT_DRIVER_LICENSE", "IT",
	    LIST("[A-Z]{2}\\d{7}[A-Z]", "U1[BCDFGHJKLMNPRSTVWXYZ\\d]{7}[A-Z]"),
	    NULL,
	    LIST("patente", "patente di guida", "numero patente", "licenza"),
	    25, 25, false,
	    "Codice della strada art. 116; MIT, decreto dirigenziale" },
	{ "IT_IDENTITY_CARD", "IT",
	    LIST("[A-Z]{2} ?\\d{7}", "\\d{7}[A-Z]{2}",
		"[A-Z]{2} ?\\d{5}[A-Z]{2}"),
	    NULL,
	    LIST("carta d'identità", "carta identità", "carta di identità",
		"identità", "cie", "documento"),
	    5, 5, true, "DM 8 novembre 2007; DM 23 dicembre 2015 (CIE)" },
	{ "IT_PASSPORT", "IT", LIST("[A-Z]{2}\\d{7}"), NULL,
	    LIST("passaporto", "numero passaporto", "passport"), 5, 5, true,
	    "Legge 1185/1967; DM 23 marzo 2010" },
	{ "IT_HEALTH_CARD", "IT", LIST("80380\\d{15}"), NULL,
	    LIST("tessera sanitaria", "team", "tessera"), 60, 60, false,
	    "DM 11 marzo 2004; EHIC, EN 1867" },
	{ "SM_COE", "SM", LIST("SM ?\\d{5}"), NULL,
	    LIST("coe", "codice operatore economico", "san marino"), 35, 35,
	    true, "Decreto Delegato 101/2022; COE of San Marino" },
	{ "MT_ID_CARD", "MT", LIST("\\d{3,7}[MGAPLHBZ]"), mt_id_card,
	    LIST("id card", "identity card", "karta tal-identità", "id number",
		"karta tal-identita"),
	    5, 5, true, "Identity Card and other Identity Documents Act, 258" },
	{ "MT_VAT", "MT", LIST("MT ?\\d{8}", "MT ?\\d{4}[ -]\\d{4}"), mt_vat,
	    LIST("vat", "taxxa", "vat number"), 40, 95, false,
	    "Value Added Tax Act, cap. 406; check by 37" },
	{ "MT_PASSPORT", "MT", LIST("\\d{7}"), NULL,
	    LIST("passport", "passaport", "passport number"), 3, 3, true,
	    "Passports Ordinance, cap. 61" },
};
const size_t recognisers_italy_count =
    sizeof(recognisers_italy) / sizeof(recognisers_italy[0]);
