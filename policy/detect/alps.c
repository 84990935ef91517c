/*
 * Austria, Switzerland, Liechtenstein.
 */

#include <string.h>

#include "policy/detect/rows_internal.h"

/*
 * Serial, check digit, date of birth.  Months above 12 are given when a day's
 * serials are used up.
 */
static bool
at_social_security(const char *text, size_t len)
{
	struct number n;
	uint32_t month, day;

	if (!digits_read(&n, text, len, 10) || n.at[0] == '0')
		return false;
	day = digits_value(n.at + 4, 2);
	month = digits_value(n.at + 6, 2);
	return day >= 1 && day <= 31 && month >= 1 && month <= 15 &&
	       weigh(n.at, W(3, 7, 9, 0, 5, 8, 4, 2, 1, 6), 10) % 11 ==
		   n.at[3] - '0';
}

/* Office and number; the digit as of a credit card. */
static bool
at_tax_number(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 9) && check_luhn(n.at, 9);
}

static bool
at_vat(const char *text, size_t len)
{
	struct number n;

	return prefixed_read(&n, text, len, "ATU", 8) &&
	       modulo(6 - weigh_across(n.at, W(1, 2, 1, 2, 1, 2, 1), 7), 10) ==
		   n.at[7] - '0';
}

/* Firmenbuch: up to six digits and a letter that checks them. */
static bool
at_company(const char *text, size_t len)
{
	static const char letters[] = "ABDFGHIKMPSTVWXYZ";
	struct number n;
	char digits[6] = { '0', '0', '0', '0', '0', '0' };
	size_t count;

	if (!number_read(&n, text, len) || strncmp(n.at, "FN", 2) != 0)
		return false;
	count = n.len - 3;
	if (n.len < 4 || count > 6 || !number_digits(&n, 2, n.len - 1))
		return false;
	memcpy(digits + 6 - count, n.at + 2, count);
	return letters[weigh(digits, W(6, 4, 14, 15, 10, 1), 6) % 17] ==
	       n.at[n.len - 1];
}

/* An article number (EAN-13) of the country code 756. */
static bool
ch_ahv(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 13) && memcmp(n.at, "756", 3) == 0 &&
	       weigh(n.at, W(1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1), 13) % 10 ==
		   0;
}

static bool
ch_enterprise(const char *text, size_t len)
{
	struct number n;
	int32_t check;

	if (!number_read(&n, text, len) || n.len < 12 ||
	    memcmp(n.at, "CHE", 3) != 0 || !number_digits(&n, 3, 12))
		return false;
	check = modulo(-weigh(n.at + 3, W(5, 4, 3, 2, 7, 6, 5, 4), 8), 11);
	return check == n.at[11] - '0';
}

#define CHE "CHE[ -]?\\d{3}[ .]?\\d{3}[ .]?\\d{3}"

const struct recogniser recognisers_alps[] = {
	{ "AT_SSN", "AT", LIST("[1-9]\\d{3}[ /-]?\\d{6}"), at_social_security,
	    LIST("svnr", "sv-nummer", "sozialversicherungsnummer", "e-card",
		"versicherungsnummer", "sv-nr"),
	    5, 65, false, "ASVG § 31 Abs. 4 Z 1; Dachverband der SV-Traeger" },
	{ "AT_TAX_NUMBER", "AT", LIST("\\d{2}[ -]?\\d{3}[ /]?\\d{4}"),
	    at_tax_number,
	    LIST("steuernummer", "abgabenkontonummer", "finanzamt", "st.nr"), 5,
	    35, true, "BMF, Pruefung der Abgabenkontonummer" },
	{ "AT_VAT_ID", "AT", LIST("ATU ?\\d{8}", "AT U\\d{8}"), at_vat,
	    LIST("uid", "uid-nummer", "umsatzsteuer", "ust-id", "vat"), 40, 95,
	    false, "UStG 1994 Art. 28; BMF_UID_Konstruktionsregeln, AT" },
	{ "AT_COMPANY_NUMBER", "AT", LIST("FN ?\\d{1,6} ?[A-Z]"), at_company,
	    LIST("firmenbuch", "firmenbuchnummer", "landesgericht"), 40, 90,
	    false, "FBG § 15; BMJ, check letter of the Firmenbuchnummer" },
	{ "AT_PASSPORT", "AT", LIST("[A-Z] ?\\d{7}"), text_upper,
	    LIST("reisepass", "passnummer", "pass", "passport"), 10, 10, true,
	    "Passgesetz 1992 § 4; Passgesetz-Durchfuehrungsverordnung" },
	{ "AT_DRIVER_LICENSE", "AT", LIST("\\d{8}"), NULL,
	    LIST("führerschein", "führerscheinnummer", "driving licence"), 5, 5,
	    true, "FSG § 13; FSG-DV Anlage 1" },
	{ "CH_AHV", "CH", LIST("756[ .]?\\d{4}[ .]?\\d{4}[ .]?\\d{2}"), ch_ahv,
	    LIST("ahv", "avs", "ahv-nummer", "numéro avs", "numero avs",
		"sozialversicherungsnummer", "versichertennummer"),
	    40, 95, false, "AHVV Art. 133 (SR 831.101); GS1 EAN-13" },
	{ "CH_UID", "CH", LIST(CHE), ch_enterprise,
	    LIST("uid", "ide", "idi", "handelsregister", "unternehmen"), 40, 95,
	    false, "UIDG (SR 431.03); BFS, eCH-0108" },
	{ "CH_VAT", "CH", LIST(CHE " ?(MWST|TVA|IVA|TPV)"), ch_enterprise,
	    LIST("mwst", "tva", "iva", "mwst-nummer", "vat"), 60, 98, false,
	    "MWSTG Art. 66; MWSTV; eCH-0108" },
	{ "CH_PASSPORT", "CH", LIST("[A-Z]\\d{7}", "[A-Z]\\d[A-Z\\d]{6}"),
	    text_upper,
	    LIST("reisepass", "passeport", "passaporto", "passport", "pass"),
	    10, 10, true, "AwG (SR 143.1); ICAO Doc 9303-4" },
	{ "LI_PEID", "LI", LIST("\\d{4,12}"), NULL,
	    LIST("peid", "pe-nummer", "personenidentifikationsnummer"), 3, 3,
	    true, "OECD, TIN of Liechtenstein; PIV" },
	{ "LI_PASSPORT", "LI", LIST("[A-Z]\\d{5,6}"), NULL,
	    LIST("reisepass", "passnummer", "passport", "liechtenstein"), 5, 5,
	    true, "Heimatschriftengesetz (LR 143.1)" },
};
const size_t recognisers_alps_count =
    sizeof(recognisers_alps) / sizeof(recognisers_alps[0]);
