/*
 * The United States and Canada.
 */

#include <string.h>

#include "policy/detect/rows_internal.h"

/* Areas 000, 666 and from 900, group 00 and serial 0000 are not given. */
static bool
us_ssn(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 9) && !number_same(&n) &&
	       n.at[0] != '9' && !word_in("000 666", n.at, 3) &&
	       memcmp(n.at + 3, "00", 2) != 0 &&
	       memcmp(n.at + 5, "0000", 4) != 0 &&
	       !word_in("078051120 219099999 123456789 987654321", n.at, 9);
}

/* Groups 50-65, 70-88, 90-92, 94-99 of area 9xx. */
static bool
us_itin(const char *text, size_t len)
{
	struct number n;
	uint32_t group;

	if (!digits_read(&n, text, len, 9) || n.at[0] != '9')
		return false;
	group = digits_value(n.at + 3, 2);
	return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
	       (group >= 90 && group <= 92) || group >= 94;
}

/* Prefixes of the campuses and of the internet, as the IRS lists them. */
static bool
us_ein(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 9) &&
	       !word_in("00 07 08 09 17 18 19 28 29 49 69 70 78 79 89 96 97",
		   n.at, 2);
}

/* A credit card's digit after the prefix of American health, 80840. */
static bool
us_npi(const char *text, size_t len)
{
	struct number n;
	char card[15] = "80840";

	if (!digits_read(&n, text, len, 10) ||
	    strspn(n.at, (char[]){ n.at[0], 0 }) >= 9)
		return false; /* one digit nine times fills a form */
	memcpy(card + 5, n.at, 10);
	return check_luhn(card, 15);
}

/* Weights 3, 7, 1; the first two digits are a Federal Reserve district. */
static bool
us_routing(const char *text, size_t len)
{
	struct number n;
	uint32_t district;

	if (!digits_read(&n, text, len, 9))
		return false;
	district = digits_value(n.at, 2);
	return (district <= 12 || (district >= 21 && district <= 32) ||
		   (district >= 61 && district <= 72) || district == 80) &&
	       weigh(n.at, W(3, 7, 1, 3, 7, 1, 3, 7, 1), 9) % 10 == 0;
}

/* Registrations with the DEA: odd places and twice the even ones. */
static bool
us_dea(const char *text, size_t len)
{
	struct number n;

	return number_read(&n, text, len) && n.len == 9 &&
	       number_digits(&n, 2, 9) &&
	       weigh(n.at + 2, W(1, 2, 1, 2, 1, 2), 6) % 10 == n.at[8] - '0';
}

static bool
us_account(const char *text, size_t len)
{
	struct number n;

	return number_read(&n, text, len) && number_digits(&n, 0, n.len);
}

/* First digits 0 and 8 are not given to people. */
static bool
ca_sin(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 9) && n.at[0] != '0' &&
	       n.at[0] != '8' && check_luhn(n.at, 9);
}

static bool
ca_business(const char *text, size_t len)
{
	struct number n;

	return number_read(&n, text, len) && n.len == 15 &&
	       number_digits(&n, 0, 9) && check_luhn(n.at, 9);
}

static bool
ca_ontario_health(const char *text, size_t len)
{
	struct number n;

	return number_read(&n, text, len) && n.len >= 10 &&
	       number_digits(&n, 0, 10) && n.at[0] != '0' &&
	       check_luhn(n.at, 10);
}

/* Quebec's: surname and name, date of birth (women 50 higher), serial. */
static bool
ca_quebec_health(const char *text, size_t len)
{
	struct number n;
	uint32_t month;

	if (!text_upper(text, len) || !number_read(&n, text, len) ||
	    n.len != 12 || !number_digits(&n, 4, 12))
		return false;
	month = digits_value(n.at + 6, 2);
	return date_exists(2000 + digits_value(n.at + 4, 2),
	    month > 50 ? month - 50 : month, digits_value(n.at + 8, 2));
}

#define MBI_LETTER "[AC-HJKMNP-RT-Y]"
#define MBI_EITHER "[AC-HJKMNP-RT-Y\\d]"
#define MBI(sep)                                                      \
	"[1-9]" MBI_LETTER MBI_EITHER "\\d" sep MBI_LETTER MBI_EITHER \
	"\\d" sep MBI_LETTER "{2}\\d{2}"
#define SSN_WORDS                                     \
	LIST("ssn", "social security", "ssns", "ss#", \
	    "social security number", "soc sec")
#define ITIN_WORDS \
	LIST("itin", "taxpayer", "individual taxpayer", "tax id", "tin")
#define LICENSE_WORDS                                                      \
	LIST("driver license", "driver's license", "drivers license",      \
	    "driving licence", "driving license", "license number", "dmv", \
	    "driver lic", "dl number", "learner permit")
#define PASSPORT \
	LIST("passport", "travel document", "passport number", "us passport")
#define CA_LETTER "[ABCEGHJ-NPR-TV-Z]"

const struct recogniser recognisers_america[] = {
	{ "US_SSN", "US",
	    LIST("\\d{3}-\\d{2}-\\d{4}", "\\d{3} \\d{2} \\d{4}",
		"\\d{3}[.]\\d{2}[.]\\d{4}"),
	    us_ssn, SSN_WORDS, 60, 60, false,
	    "20 CFR 422.103; SSA POMS RM 10201.025" },
	{ "US_SSN", "US", LIST(D(9), "\\d{5}-\\d{4}", "\\d{3}-\\d{6}"), us_ssn,
	    SSN_WORDS, 10, 10, true, "20 CFR 422.103; SSA POMS RM 10201.025" },
	{ "US_ITIN", "US", LIST("9\\d{2}[ -]\\d{2}[ -]\\d{4}"), us_itin,
	    ITIN_WORDS, 50, 50, false,
	    "26 CFR 301.6109-1(d)(3); IRS Pub. 1915" },
	{ "US_ITIN", "US", LIST("9\\d{8}", "9\\d{2}-\\d{6}", "9\\d{4}-\\d{4}"),
	    us_itin, ITIN_WORDS, 20, 20, true,
	    "26 CFR 301.6109-1(d)(3); IRS Pub. 1915" },
	{ "US_EIN", "US", LIST("\\d{2}-\\d{7}"), us_ein,
	    LIST("ein", "employer identification", "fein", "tax id", "irs"), 30,
	    30, true, "26 CFR 301.6109-1(a)(1)(ii)(C); IRS, EIN prefixes" },
	{ "US_PTIN", "US", LIST("P\\d{8}"), NULL,
	    LIST("ptin", "preparer", "tax preparer"), 10, 10, true,
	    "26 CFR 1.6109-2" },
	{ "US_PASSPORT", "US", LIST("[A-Z]\\d{8}"), NULL, PASSPORT, 10, 10,
	    true, "22 CFR 51; next generation passports since 2021" },
	{ "US_PASSPORT", "US", LIST(D(9)), NULL, PASSPORT, 5, 5, true,
	    "22 CFR 51; ICAO Doc 9303-4" },
	{ "US_DRIVER_LICENSE", "US",
	    LIST("[A-Z]\\d{3,14}", "[A-Z]\\d{18}", "[A-Z]{2}\\d{2,7}",
		"[A-Z]{3}\\d{6}", "\\d{2}[A-Z]{3}\\d{5,6}", "\\d{7,9}[A-Z]",
		"[A-Z]\\d{3}-?\\d{3}-?\\d{2}-?\\d{3}-?\\d", "\\d{8}[A-Z]{2}",
		"[A-Z]{1,2}\\d{5,6}[A-Z]", "\\d{3}[A-Z]{2}\\d{4}",
		"[A-Z]\\d[A-Z]\\d[A-Z]", "[A-Z]\\d{2}[A-Z]\\d{6}",
		"[A-Z][A-Z*]{6}\\d{2}[A-Z\\d]{3}", "WDL[A-Z\\d]{9}"),
	    NULL, LICENSE_WORDS, 25, 25, true,
	    "AAMVA DL/ID Card Design Standard, customer ID number" },
	{ "US_DRIVER_LICENSE", "US", LIST("\\d{6,14}"), NULL, LICENSE_WORDS, 1,
	    1, true, "AAMVA DL/ID Card Design Standard, customer ID number" },
	{ "US_BANK_NUMBER", "US", LIST("\\d{8,17}"), us_account,
	    LIST("account", "bank", "account number", "acct", "checking",
		"savings", "acct no"),
	    5, 5, true, "NACHA Operating Rules, DFI Account Number" },
	{ "ABA_ROUTING_NUMBER", "US", LIST("\\d{4}-?\\d{4}-?\\d"), us_routing,
	    LIST("aba", "routing", "routing number", "abarouting",
		"bankrouting", "rtn"),
	    5, 40, false, "ABA Key to Routing Numbers; Fed. Reserve, MICR" },
	{ "US_NPI", "US", LIST("[12]\\d{9}", "[12]\\d{3}[ -]\\d{3}[ -]\\d{3}"),
	    us_npi, LIST("npi", "national provider", "provider", "provider id"),
	    10, 45, false, "45 CFR 162.406; CMS, NPI check digit" },
	{ "US_MBI", "US", LIST(MBI("-?")), NULL,
	    LIST("mbi", "medicare", "beneficiary", "cms", "medicare id"), 50,
	    50, false,
	    "CMS, Understanding the Medicare Beneficiary Identifier" },
	{ "MEDICAL_LICENSE", "US", LIST("[ABCDEFGHJKLMPRSTUX][A-Z9]\\d{7}"),
	    us_dea, LIST("dea", "medical", "certificate", "prescriber"), 10, 70,
	    false, "21 CFR 1301.11; DEA registration number" },
	{ "CA_SIN", "CA", LIST("\\d{3}[ -]?\\d{3}[ -]?\\d{3}"), ca_sin,
	    LIST("sin", "nas", "social insurance", "assurance sociale",
		"numéro d'assurance sociale"),
	    5, 50, false, "Employment Insurance Act s. 138; ESDC, SIN Code" },
	{ "CA_BUSINESS_NUMBER", "CA", LIST("\\d{9} ?R[CDGMPRTZ] ?\\d{4}"),
	    ca_business,
	    LIST("business number", "gst", "hst", "numéro d'entreprise", "tps",
		"bn"),
	    50, 95, false, "CRA, Business Number (RC2)" },
	{ "CA_OHIP", "CA", LIST("\\d{4}[ -]?\\d{3}[ -]?\\d{3}([ -]?[A-Z]{2})?"),
	    ca_ontario_health,
	    LIST("ohip", "health card", "health number", "carte santé"), 5, 35,
	    true, "Health Insurance Act, R.R.O. 1990, Reg. 552" },
	{ "CA_RAMQ", "CA", LIST("[A-Z]{4}[ -]?\\d{4}[ -]?\\d{4}"),
	    ca_quebec_health,
	    LIST("ramq", "assurance maladie", "carte soleil", "nam"), 55, 55,
	    false, "Loi sur l'assurance maladie, RLRQ c A-29; RAMQ" },
	{ "CA_PASSPORT", "CA", LIST("[A-Z]{2}\\d{6}", "[A-Z]\\d{6}[A-Z]{2}"),
	    NULL, LIST("passport", "passeport"), 10, 10, true,
	    "Canadian Passport Order (SI/81-86)" },
	{ "CA_DRIVER_LICENSE", "CA",
	    LIST("[A-Z]\\d{4}-?\\d{5}-?\\d{5}", "[A-Z]\\d{4}-?\\d{6}-?\\d{2}"),
	    NULL,
	    LIST("driver's licence", "drivers licence", "permis de conduire",
		"driver licence", "dl"),
	    30, 30, true, "O. Reg. 340/94; SAAQ, numero de permis" },
	{ "CA_POSTAL_CODE", "CA",
	    LIST("[ABCEGHJ-NPRSTVXY]\\d" CA_LETTER "[ -]\\d" CA_LETTER "\\d"),
	    text_upper,
	    LIST("postal code", "code postal", "address", "adresse"), 40, 40,
	    false, "Canada Post, Postal Standards" },
	{ "CA_POSTAL_CODE", "CA",
	    LIST("[ABCEGHJ-NPRSTVXY]\\d" CA_LETTER "[ -]?\\d" CA_LETTER "\\d"),
	    NULL, LIST("postal code", "code postal", "address", "adresse"), 15,
	    15, true, "Canada Post, Postal Standards" },
};
const size_t recognisers_america_count =
    sizeof(recognisers_america) / sizeof(recognisers_america[0]);
