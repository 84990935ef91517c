/*
 * Poland, Czechia, Slovakia, Hungary.
 */

#include <string.h>

#include "policy/detect/rows_internal.h"

/* The month tells the century: 80 for 1800, 0, 20, 40, 60 for 2200. */
static bool
pl_pesel(const char *text, size_t len)
{
	struct number n;
	uint32_t month, century;

	if (!digits_read(&n, text, len, 11) || len != 11)
		return false;
	month = digits_value(n.at + 2, 2);
	century = month > 80 ? 1800 : 1900 + 100 * (month / 20);
	return date_exists(century + digits_value(n.at, 2), month % 20,
		   digits_value(n.at + 4, 2)) &&
	       weigh(n.at, W(1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 11) % 10 == 0;
}

static bool
pl_nip(const char *text, size_t len)
{
	struct number n;

	return (digits_read(&n, text, len, 10) ||
		   prefixed_read(&n, text, len, "PL", 10)) &&
	       weigh(n.at, W(6, 5, 7, 2, 3, 4, 5, 6, 7), 9) % 11 ==
		   n.at[9] - '0';
}

static bool
regon_nine(const char *digits)
{
	return weigh(digits, W(8, 9, 2, 3, 4, 5, 6, 7), 8) % 11 % 10 ==
	       digits[8] - '0';
}

static bool
pl_regon(const char *text, size_t len)
{
	struct number n;

	if (digits_read(&n, text, len, 9))
		return regon_nine(n.at);
	return digits_read(&n, text, len, 14) && regon_nine(n.at) &&
	       weigh(n.at, W(2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8), 13) % 11 %
		       10 ==
		   n.at[13] - '0';
}

/*
 * Series letters (A = 10) and digits with weights that make a multiple of
 * ten; the check digit follows the letters and weighs 9.
 */
static bool
pl_series(const char *text, size_t len, const char *weights, size_t letters)
{
	struct number n;
	int32_t sum = 0;

	if (!text_upper(text, len) || !number_read(&n, text, len) ||
	    n.len != 9 || !number_digits(&n, letters, 9))
		return false;
	for (size_t i = 0; i < 9; i++) {
		int32_t v = n.at[i] <= '9' ? n.at[i] - '0' : n.at[i] - 'A' + 10;

		sum += v * (weights[i] - '0');
	}
	return sum % 10 == 0;
}

static bool
pl_id_card(const char *text, size_t len)
{
	return pl_series(text, len, "731973173", 3);
}

static bool
pl_passport(const char *text, size_t len)
{
	return pl_series(text, len, "739173173", 2);
}

/*
 * Born before 1954: nine digits, nothing to check.  Women have a month 50
 * higher; 20 higher when a day's serials were used up.  Until 1985 a
 * remainder of 10 was written 0.
 */
static bool
birth_number(const char *text, size_t len)
{
	struct number n;
	uint32_t year, month, body;

	if (!digits_read(&n, text, len, 10))
		return false;
	year = digits_value(n.at, 2);
	year += year < 54 ? 2000 : 1900;
	month = digits_value(n.at + 2, 2);
	month = month > 50 ? month - 50 : month;
	month = month > 20 && year > 2003 ? month - 20 : month;
	body = digits_value(n.at, 9) % 11;
	return date_exists(year, month, digits_value(n.at + 4, 2)) &&
	       ((body < 10 && body == (uint32_t)(n.at[9] - '0')) ||
		   (body == 10 && n.at[9] == '0' && year < 1986));
}

static bool
birth_number_old(const char *text, size_t len)
{
	struct number n;
	uint32_t month;

	if (!digits_read(&n, text, len, 9) || digits_value(n.at, 2) > 53 ||
	    memcmp(n.at + 6, "000", 3) == 0)
		return false;
	month = digits_value(n.at + 2, 2);
	return date_exists(1900 + digits_value(n.at, 2),
	    month > 50 ? month - 50 : month, digits_value(n.at + 4, 2));
}

static bool
ico_digits(const char *digits)
{
	int32_t r = weigh(digits, W(8, 7, 6, 5, 4, 3, 2), 7) % 11;

	return (11 - r) % 10 == digits[7] - '0';
}

static bool
ico(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 8) && ico_digits(n.at);
}

/* A company's number, a person's birth number, or one of nine given out. */
static bool
cz_vat(const char *text, size_t len)
{
	struct number n;

	if (prefixed_read(&n, text, len, "CZ", 8))
		return n.at[0] != '9' && ico_digits(n.at);
	if (prefixed_read(&n, text, len, "CZ", 10))
		return birth_number(n.at, 10);
	if (!prefixed_read(&n, text, len, "CZ", 9))
		return false;
	if (n.at[0] == '6') {
		int32_t r = weigh(n.at + 1, W(8, 7, 6, 5, 4, 3, 2), 7) % 11;

		return (8 - (10 - r + 11) % 11 + 10) % 10 == n.at[8] - '0';
	}
	return birth_number_old(n.at, 9);
}

static bool
sk_vat(const char *text, size_t len)
{
	struct number n;

	return prefixed_read(&n, text, len, "SK", 10) &&
	       ((n.at[0] != '0' && strchr("234789", n.at[2]) != NULL &&
		    remainder_of(n.at, 10, 11) == 0) ||
		   birth_number(n.at, 10));
}

static bool
hu_tax_id(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 10) && n.at[0] == '8' &&
	       weigh(n.at, W(1, 2, 3, 4, 5, 6, 7, 8, 9), 9) % 11 ==
		   n.at[9] - '0';
}

static bool
hu_taj(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 9) &&
	       weigh(n.at, W(3, 7, 3, 7, 3, 7, 3, 7), 8) % 10 == n.at[8] - '0';
}

/* Weights rise for those born until 1996 and fall for later ones. */
static bool
hu_personal_id(const char *text, size_t len)
{
	struct number n;
	uint32_t century;
	int32_t sum;

	if (!digits_read(&n, text, len, 11) || n.at[0] < '1' || n.at[0] > '8')
		return false;
	century = n.at[0] == '3' || n.at[0] == '4' ? 2000 : 1900;
	if (n.at[0] == '7' || n.at[0] == '8')
		century = 1800;
	if (!date_exists(century + digits_value(n.at + 1, 2),
		digits_value(n.at + 3, 2), digits_value(n.at + 5, 2)))
		return false;
	if (century == 2000 || digits_value(n.at + 1, 2) >= 97)
		sum = weigh(n.at, W(10, 9, 8, 7, 6, 5, 4, 3, 2, 1), 10);
	else
		sum = weigh(n.at, W(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 10);
	return sum % 11 == n.at[10] - '0';
}

static bool
hu_tax_digits(const char *digits)
{
	return weigh(digits, W(9, 7, 3, 1, 9, 7, 3, 1), 8) % 10 == 0;
}

static bool
hu_vat(const char *text, size_t len)
{
	struct number n;

	return prefixed_read(&n, text, len, "HU", 8) && hu_tax_digits(n.at);
}

/* The same with the kind of taxation (1-5) and the county. */
static bool
hu_company(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 11) && hu_tax_digits(n.at) &&
	       n.at[8] >= '1' && n.at[8] <= '5';
}

#define NIP "\\d{3}[ -]?\\d{3}[ -]?\\d{2}[ -]?\\d{2}"

const struct recogniser recognisers_central[] = {
	{ "PL_PESEL", "PL", LIST(D(11)), pl_pesel,
	    LIST("pesel", "numer pesel", "nr pesel"), 10, 85, false,
	    "Ustawa o ewidencji ludnosci, Dz.U. 2010 nr 217 poz. 1427, art. "
	    "15" },
	{ "PL_NIP", "PL", LIST(NIP, "\\d{3}-\\d{2}-\\d{2}-\\d{3}"), pl_nip,
	    LIST("nip", "numer identyfikacji podatkowej", "podatnik"), 5, 45,
	    false, "Ustawa o zasadach ewidencji podatnikow art. 2" },
	{ "PL_VAT", "PL", LIST("PL ?" NIP), pl_nip,
	    LIST("nip", "vat", "nip ue"), 40, 95, false,
	    "Ustawa o podatku od towarow i uslug art. 97" },
	{ "PL_REGON", "PL", LIST(D(9), D(14)), pl_regon,
	    LIST("regon", "numer regon"), 5, 35, true,
	    "Rozporzadzenie RM z 30 XI 2015 w sprawie rejestru REGON" },
	{ "PL_ID_CARD", "PL", LIST("[A-Z]{3} ?\\d{6}"), pl_id_card,
	    LIST("dowód osobisty", "dowód", "dowodu", "nr dowodu",
		"seria i numer"),
	    10, 65, false,
	    "Ustawa o dowodach osobistych; ICAO Doc 9303 weights" },
	{ "PL_PASSPORT", "PL", LIST("[A-Z]{2} ?\\d{7}"), pl_passport,
	    LIST("paszport", "numer paszportu", "passport"), 10, 55, false,
	    "Ustawa o dokumentach paszportowych" },
	{ "PL_DRIVER_LICENSE", "PL", LIST("\\d{5}/\\d{2}/\\d{4}"), NULL,
	    LIST("prawo jazdy", "prawa jazdy"), 40, 40, false,
	    "Rozporzadzenie w sprawie dokumentow kierujacych" },
	{ "CZ_BIRTH_NUMBER", "CZ", LIST("\\d{6}/?\\d{4}"), birth_number,
	    LIST("rodné číslo", "r.č", "rč", "rodného čísla"), 10, 85, false,
	    "Zakon c. 133/2000 Sb. § 13" },
	{ "CZ_BIRTH_NUMBER", "CZ", LIST("\\d{6}/\\d{3}"), birth_number_old,
	    LIST("rodné číslo", "r.č", "rč", "rodného čísla"), 45, 45, false,
	    "Zakon c. 133/2000 Sb. § 13; born before 1954" },
	{ "CZ_ICO", "CZ", LIST(D(8)), ico,
	    LIST("ičo", "ič", "identifikační číslo"), 5, 30, true,
	    "Zakon c. 111/2009 Sb. § 24" },
	{ "CZ_VAT", "CZ", LIST("CZ ?\\d{8,10}"), cz_vat,
	    LIST("dič", "dph", "vat"), 40, 95, false,
	    "Zakon c. 280/2009 Sb. § 130" },
	{ "CZ_ID_CARD", "CZ", LIST(D(9)), NULL,
	    LIST("občanský průkaz", "op", "číslo občanského průkazu", "čop"), 3,
	    3, true, "Zakon c. 269/2021 Sb., obcanske prukazy" },
	{ "CZ_PASSPORT", "CZ", LIST(D(8)), NULL,
	    LIST("cestovní pas", "pas", "číslo pasu", "passport"), 3, 3, true,
	    "Zakon c. 329/1999 Sb., cestovni doklady" },
	{ "SK_BIRTH_NUMBER", "SK", LIST("\\d{6}/?\\d{4}"), birth_number,
	    LIST("rodné číslo", "r.č", "rč", "rodného čísla"), 10, 84, false,
	    "Zakon c. 301/1995 Z. z. § 2" },
	{ "SK_ICO", "SK", LIST(D(8), "\\d{2} \\d{3} \\d{3}"), ico,
	    LIST("ičo", "identifikačné číslo"), 5, 30, true,
	    "Zakon c. 272/2015 Z. z., register pravnickych osob" },
	{ "SK_VAT", "SK", LIST("SK ?\\d{10}"), sk_vat,
	    LIST("ič dph", "dič", "dph", "vat"), 40, 95, false,
	    "Zakon c. 222/2004 Z. z. § 4; check by 11" },
	{ "SK_ID_CARD", "SK", LIST("[A-Z]{2} ?\\d{6}"), NULL,
	    LIST("občiansky preukaz", "op", "číslo op"), 5, 5, true,
	    "Zakon c. 395/2019 Z. z., obcianske preukazy" },
	{ "SK_PASSPORT", "SK", LIST("[A-Z]{2}\\d{7}"), NULL,
	    LIST("cestovný pas", "pas", "číslo pasu", "passport"), 5, 5, true,
	    "Zakon c. 647/2007 Z. z., cestovne doklady" },
	{ "HU_TAX_ID", "HU", LIST("8\\d{9}"), hu_tax_id,
	    LIST("adóazonosító", "adóazonosító jel", "adószám"), 5, 55, false,
	    "2017. evi CL. torveny (Art.) 1. melleklet" },
	{ "HU_TAJ", "HU", LIST("\\d{3}[ -]?\\d{3}[ -]?\\d{3}"), hu_taj,
	    LIST("taj", "taj szám", "taj-szám", "társadalombiztosítási"), 5, 40,
	    false, "1996. evi XX. torveny, melleklet" },
	{ "HU_PERSONAL_ID", "HU", LIST("[1-8][ -]?\\d{6}[ -]?\\d{4}"),
	    hu_personal_id,
	    LIST("személyi szám", "személyi azonosító", "személyi"), 5, 80,
	    false, "1996. evi XX. torveny, melleklet" },
	{ "HU_VAT", "HU", LIST("HU ?\\d{8}"), hu_vat,
	    LIST("adószám", "közösségi adószám", "áfa", "vat"), 40, 95, false,
	    "2017. evi CL. torveny (Art.) 1. melleklet" },
	{ "HU_COMPANY_TAX_NUMBER", "HU", LIST("\\d{8}-\\d-\\d{2}"), hu_company,
	    LIST("adószám", "áfa"), 30, 85, false,
	    "2017. evi CL. torveny (Art.) 1. melleklet" },
	{ "HU_ID_CARD", "HU", LIST("\\d{6} ?[A-Z]{2}"), NULL,
	    LIST("személyi igazolvány", "személyazonosító igazolvány",
		"okmányazonosító"),
	    10, 10, true, "414/2015. (XII. 23.) Korm. rendelet" },
	{ "HU_PASSPORT", "HU", LIST("[A-Z]{2}\\d{6,7}"), NULL,
	    LIST("útlevél", "útlevélszám", "passport"), 5, 5, true,
	    "1998. evi XII. torveny, kulfoldre utazas" },
};
const size_t recognisers_central_count =
    sizeof(recognisers_central) / sizeof(recognisers_central[0]);
