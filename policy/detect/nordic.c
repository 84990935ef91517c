/*
 * Sweden, Norway, Denmark, Finland, Iceland.
 */

#include <string.h>

#include "policy/detect/rows_internal.h"

/*
 * Date of birth, serial, digit of a credit card over the last ten.  A day 60
 * higher is a coordination number.
 */
static bool
se_person(const char *text, size_t len)
{
	struct number n;
	const char *ten;
	uint32_t year = 2000, day;

	if (!number_read(&n, text, len) || (n.len != 10 && n.len != 12) ||
	    !number_digits(&n, 0, n.len))
		return false;
	ten = n.at + n.len - 10;
	if (n.len == 12)
		year = digits_value(n.at, 2) * 100;
	day = digits_value(ten + 4, 2);
	return date_exists(year + digits_value(ten, 2),
		   digits_value(ten + 2, 2), day > 60 ? day - 60 : day) &&
	       check_luhn(ten, 10);
}

/* The middle pair is 20 or more, so that it is nobody's month of birth. */
static bool
se_organisation(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 10) && n.at[0] != '0' &&
	       n.at[0] != '4' && n.at[2] >= '2' && check_luhn(n.at, 10);
}

static bool
se_vat(const char *text, size_t len)
{
	struct number n;

	return prefixed_read(&n, text, len, "SE", 12) && n.at[10] == '0' &&
	       n.at[11] >= '1' && check_luhn(n.at, 10);
}

/* Two digits by 11, the second over the first as well. */
static bool
no_checks(const char *digits)
{
	return weigh(digits, W(3, 7, 6, 1, 8, 9, 4, 5, 2, 1), 10) % 11 == 0 &&
	       weigh(digits, W(5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), 11) % 11 == 0;
}

/*
 * Serials tell the century: 000-499 1900, 500-749 1800 (years from 54) or
 * 2000, 750-899 2000 (both until 39), 900-999 as 2000 or 1900 from year 40.
 */
static bool
no_century(uint32_t year, uint32_t serial)
{
	if (serial < 500)
		return true;
	if (serial < 750)
		return year >= 54 || year < 40;
	return serial >= 900 || year < 40;
}

/*
 * Date of birth (day 40 higher: D number, month 40 higher: help number, 80
 * higher: made up for tests), serial, two check digits.
 */
static bool
no_birth_number(const char *text, size_t len)
{
	struct number n;
	uint32_t day, month;

	if (!digits_read(&n, text, len, 11))
		return false;
	day = digits_value(n.at, 2);
	month = digits_value(n.at + 2, 2);
	month = month > 80 ? month - 80 : month > 40 ? month - 40 : month;
	return date_exists(2000 + digits_value(n.at + 4, 2), month,
		   day > 40 ? day - 40 : day) &&
	       no_century(
		   digits_value(n.at + 4, 2), digits_value(n.at + 6, 3)) &&
	       no_checks(n.at);
}

static bool
no_organisation_digits(const char *digits)
{
	return (digits[0] == '8' || digits[0] == '9') &&
	       weigh(digits, W(3, 2, 7, 6, 5, 4, 3, 2, 1), 9) % 11 == 0;
}

static bool
no_organisation(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 9) && no_organisation_digits(n.at);
}

static bool
no_vat(const char *text, size_t len)
{
	struct number n;

	if (!number_read(&n, text, len))
		return false;
	if (n.len > 2 && memcmp(n.at, "NO", 2) == 0) {
		memmove(n.at, n.at + 2, n.len - 1);
		n.len -= 2;
	}
	return n.len == 12 && memcmp(n.at + 9, "MVA", 3) == 0 &&
	       number_digits(&n, 0, 9) && no_organisation_digits(n.at);
}

static bool
dk_date(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 10) && date_ddmmyy(n.at);
}

/* The check digit that numbers given out before October 2007 have. */
static bool
dk_checked(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 10) && date_ddmmyy(n.at) &&
	       weigh(n.at, W(4, 3, 2, 7, 6, 5, 4, 3, 2, 1), 10) % 11 == 0;
}

static bool
dk_company(const char *text, size_t len)
{
	struct number n;

	return (digits_read(&n, text, len, 8) ||
		   prefixed_read(&n, text, len, "DK", 8)) &&
	       n.at[0] != '0' &&
	       weigh(n.at, W(2, 7, 6, 5, 4, 3, 2, 1), 8) % 11 == 0;
}

/* Date of birth, sign of the century, serial from 002, character by 31. */
static bool
fi_identity_code(const char *text, size_t len)
{
	struct number n;
	char nine[9];
	uint32_t year;
	char sign;

	if (len != 11)
		return false;
	sign = text[6] >= 'a' ? (char)(text[6] - 'a' + 'A') : text[6];
	if (!number_read(&n, text, len) || !number_digits(&n, 0, 6) ||
	    n.len < 10 || !number_digits(&n, n.len - 4, n.len - 1))
		return false;
	memcpy(nine, n.at, 6);
	memcpy(nine + 6, n.at + n.len - 4, 3);
	year = (sign == '+'			? 1800
		   : sign >= 'A' && sign <= 'F' ? 2000
						: 1900) +
	       digits_value(nine + 4, 2);
	return date_exists(
		   year, digits_value(nine + 2, 2), digits_value(nine, 2)) &&
	       digits_value(nine + 6, 3) >= 2 &&
	       "0123456789ABCDEFHJKLMNPRSTUVWXY"[digits_value(nine, 9) % 31] ==
		   n.at[n.len - 1];
}

static bool
fi_company_digits(const char *digits)
{
	return weigh(digits, W(7, 9, 10, 5, 8, 4, 2, 1), 8) % 11 == 0;
}

static bool
fi_company(const char *text, size_t len)
{
	struct number n;

	return (digits_read(&n, text, len, 8) ||
		   prefixed_read(&n, text, len, "FI", 8)) &&
	       fi_company_digits(n.at);
}

/*
 * Date of birth, serial from 20, digit by 11, century; companies have a day
 * 40 higher.
 */
static bool
is_kennitala(const char *text, size_t len)
{
	struct number n;
	uint32_t day, century;

	if (!digits_read(&n, text, len, 10) || strchr("890", n.at[9]) == NULL)
		return false;
	day = digits_value(n.at, 2);
	century = n.at[9] == '8' ? 1800 : n.at[9] == '9' ? 1900 : 2000;
	return date_exists(century + digits_value(n.at + 4, 2),
		   digits_value(n.at + 2, 2), day > 40 ? day - 40 : day) &&
	       weigh(n.at, W(3, 2, 7, 6, 5, 4, 3, 2, 1), 9) % 11 == 0;
}

#define SE_YEAR "(18|19|20)\\d{2}[01]\\d[0-9]\\d"

const struct recogniser recognisers_nordic[] = {
	{ "SE_PERSONNUMMER", "SE",
	    LIST(SE_YEAR "[+-]?\\d{4}", "\\d{2}[01]\\d[0-9]\\d[+-]?\\d{4}",
		SE_YEAR " \\d{4}"),
	    se_person,
	    LIST("personnummer", "pnr", "samordningsnummer", "person nr",
		"personnr"),
	    20, 85, false, "Folkbokforingslagen (1991:481) 18 §; SKV 704" },
	{ "SE_ORGANISATIONSNUMMER", "SE", LIST("\\d{6}-?\\d{4}"),
	    se_organisation,
	    LIST("organisationsnummer", "orgnr", "org.nr", "org nr", "bolag",
		"företag"),
	    5, 50, false, "Lag (1974:174) om identitetsbeteckning; SKV 709" },
	{ "SE_VAT", "SE", LIST("SE ?\\d{12}", "SE ?\\d{6}-\\d{4}-?\\d{2}"),
	    se_vat, LIST("moms", "momsnummer", "vat", "momsreg"), 40, 95, false,
	    "Mervardesskattelagen; SKV 709" },
	{ "SE_PASSPORT", "SE", LIST("[A-Z]{2}\\d{6}", "\\d{8}"), text_upper,
	    LIST("pass", "passnummer", "passport"), 3, 3, true,
	    "Passlagen (1978:302)" },
	{ "NO_FODSELSNUMMER", "NO",
	    LIST(D(11), "\\d{6}[ -]\\d{5}",
		"\\d{2}\\.\\d{2}\\.\\d{2}[ -]\\d{5}"),
	    no_birth_number,
	    LIST("fødselsnummer", "fnr", "personnummer", "fødselsnr",
		"d-nummer", "fodselsnummer"),
	    5, 90, false, "Folkeregisterforskriften § 2-2-1; Skatteetaten" },
	{ "NO_ORGNR", "NO", LIST("[89]\\d{2} ?\\d{3} ?\\d{3}"), no_organisation,
	    LIST(
		"organisasjonsnummer", "orgnr", "org.nr", "foretaksregisteret"),
	    5, 45, false, "Enhetsregisterloven; Bronnoysundregistrene" },
	{ "NO_VAT", "NO", LIST("(NO ?)?[89]\\d{2} ?\\d{3} ?\\d{3} ?MVA"),
	    no_vat, LIST("mva", "merverdiavgift", "vat"), 60, 95, false,
	    "Merverdiavgiftsforskriften § 15-10-1" },
	{ "NO_PASSPORT", "NO", LIST("[A-Z]{3}\\d{5}", "\\d{8}"), text_upper,
	    LIST("pass", "passnummer", "passport"), 3, 3, true,
	    "Passloven (LOV-1997-06-19-82)" },
	{ "DK_CPR", "DK", LIST("\\d{6}-\\d{4}"), dk_date,
	    LIST("cpr", "cpr-nummer", "cpr-nr", "personnummer", "cprnr"), 50,
	    50, false, "CPR-loven § 3; CPR-kontoret, Personnummeret i CPR" },
	{ "DK_CPR", "DK", LIST("\\d{6}[ -]?\\d{4}"), dk_checked,
	    LIST("cpr", "cpr-nummer", "cpr-nr", "personnummer", "cprnr"), 5, 65,
	    false, "CPR-kontoret, Personnummeret i CPR, section 2" },
	{ "DK_CVR", "DK", LIST("\\d{2} ?\\d{2} ?\\d{2} ?\\d{2}"), dk_company,
	    LIST("cvr", "cvr-nr", "cvr-nummer", "se-nr"), 5, 30, true,
	    "CVR-loven; Erhvervsstyrelsen" },
	{ "DK_VAT", "DK", LIST("DK ?\\d{2} ?\\d{2} ?\\d{2} ?\\d{2}"),
	    dk_company, LIST("moms", "vat", "momsnummer"), 40, 95, false,
	    "Momsloven § 52; CVR-loven" },
	{ "DK_PASSPORT", "DK", LIST(D(9)), NULL,
	    LIST("pas", "pasnummer", "passport"), 3, 3, true,
	    "Pasbekendtgorelsen" },
	{ "FI_PERSONAL_IDENTITY_CODE", "FI",
	    LIST("[0-3]\\d[01]\\d{3}[+A-FU-Y-]\\d{3}[\\dA-FHJ-NPR-Y]"),
	    fi_identity_code,
	    LIST("henkilötunnus", "hetu", "personbeteckning", "sotu",
		"personal identity code", "henkilötunnusta"),
	    30, 97, false, "Laki vaestotietojarjestelmasta 661/2009 11 §" },
	{ "FI_BUSINESS_ID", "FI", LIST("\\d{7}-\\d"), fi_company,
	    LIST("y-tunnus", "fo-nummer", "business id", "ytunnus"), 20, 75,
	    false, "Yritys- ja yhteisotietolaki 244/2001 9 §" },
	{ "FI_VAT", "FI", LIST("FI ?\\d{8}"), fi_company,
	    LIST("alv", "alv-numero", "vat", "moms"), 40, 95, false,
	    "Arvonlisaverolaki; Verohallinto" },
	{ "FI_PASSPORT", "FI", LIST("[A-Z]{2}\\d{7}"), text_upper,
	    LIST("passi", "passin numero", "pass", "passport"), 5, 5, true,
	    "Passilaki 671/2006" },
	{ "IS_KENNITALA", "IS", LIST("\\d{6}[ -]?\\d{4}"), is_kennitala,
	    LIST("kennitala", "kt", "kennitölu"), 5, 75, false,
	    "Log um skraningu einstaklinga 140/2019; Thjodskra" },
	{ "IS_VSK", "IS", LIST("(IS ?)?\\d{5,6}"), NULL,
	    LIST("vsk", "vsk-númer", "virðisaukaskattsnúmer", "vat"), 3, 3,
	    true, "Log um virdisaukaskatt 50/1988" },
	{ "IS_PASSPORT", "IS", LIST("[A-Z]\\d{7}"), text_upper,
	    LIST("vegabréf", "vegabréfsnúmer", "passport"), 5, 5, true,
	    "Log um vegabref 136/1998" },
};
const size_t recognisers_nordic_count =
    sizeof(recognisers_nordic) / sizeof(recognisers_nordic[0]);
