/*
 * The United Kingdom and Ireland.
 */

#include <string.h>

#include "policy/detect/rows_internal.h"

/* 11 less the remainder; 11 is 0, and a number that makes 10 is not given. */
static bool
nhs_digits(const char *digits)
{
	return weigh(digits, W(10, 9, 8, 7, 6, 5, 4, 3, 2, 1), 10) % 11 == 0;
}

static bool
uk_nhs(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 10) && nhs_digits(n.at);
}

/* Scotland's: date of birth, serial, the NHS number's digit. */
static bool
uk_chi(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 10) && date_ddmmyy(n.at) &&
	       nhs_digits(n.at);
}

/* Prefixes without D F I Q U V, no O second, and some never given. */
static bool
uk_nino(const char *text, size_t len)
{
	struct number n;

	return number_read(&n, text, len) && strcspn(n.at, "DFIQUV") >= 2 &&
	       n.at[1] != 'O' && !word_in("BG GB KN NK NT TN ZZ OO", n.at, 2);
}

static bool
uk_utr(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 10) &&
	       "21987654321"[weigh(n.at + 1, W(6, 7, 8, 9, 10, 5, 4, 3, 2), 9) %
			     11] == n.at[0];
}

/* Seven digits and two that make 97, or 97 less 55 since 2010. */
static bool
uk_vat(const char *text, size_t len)
{
	struct number n;
	int32_t r;

	if (!prefixed_read(&n, text, len, "GB", 9) &&
	    !prefixed_read(&n, text, len, "XI", 9) &&
	    !prefixed_read(&n, text, len, "GB", 12))
		return false;
	r = weigh(n.at, W(8, 7, 6, 5, 4, 3, 2, 10, 1), 9) % 97;
	return r == 0 || (r == 42 && digits_value(n.at, 3) >= 100);
}

/*
 * Surname padded with nines, decade, month (50 higher for women), day, year,
 * initials (9 for none), then what the agency adds.
 */
static bool
uk_driving_licence(const char *text, size_t len)
{
	struct number n;
	uint32_t month, day;
	size_t letters;

	if (!number_read(&n, text, len) || n.len < 16 ||
	    !number_digits(&n, 5, 11))
		return false;
	letters = strcspn(n.at, "0123456789");
	month = digits_value(n.at + 6, 2);
	day = digits_value(n.at + 8, 2);
	return letters > 0 &&
	       (letters >= 5 || strspn(n.at + letters, "9") >= 5 - letters) &&
	       date_exists(2000, month > 50 ? month - 50 : month, day);
}

/* Age identifiers 02-29 for March, 51-79 for September; I and Q unused. */
static bool
uk_plate(const char *text, size_t len)
{
	struct number n;
	uint32_t age;

	if (!number_read(&n, text, len) || n.len != 7)
		return false;
	age = digits_value(n.at + 2, 2);
	return strcspn(n.at, "IQ") == 7 && n.at[0] != 'Z' && n.at[1] != 'Z' &&
	       ((age >= 2 && age <= 29) || (age >= 51 && age <= 79));
}

static bool
uk_plate_written(const char *text, size_t len)
{
	return text_upper(text, len) && uk_plate(text, len);
}

/* The check letter of seven digits and, if there is one, a second letter. */
static bool
ie_check(const struct number *n, size_t len)
{
	int32_t sum;

	if (len < 8 || !number_digits(n, 0, 7))
		return false;
	sum = weigh(n->at, W(8, 7, 6, 5, 4, 3, 2), 7);
	if (len == 9 && n->at[8] < 'A')
		return false;
	if (len == 9 && n->at[8] != 'W')
		sum += (n->at[8] - 'A' + 1) * 9;
	return "WABCDEFGHIJKLMNOPQRSTUV"[sum % 23] == n->at[7];
}

static bool
ie_ppsn(const char *text, size_t len)
{
	struct number n;

	return text_upper(text, len) && number_read(&n, text, len) &&
	       (n.len == 8 || n.len == 9) && ie_check(&n, n.len);
}

static bool
ie_vat(const char *text, size_t len)
{
	struct number n;

	if (!number_read(&n, text, len) || n.len < 10 || n.len > 11 ||
	    memcmp(n.at, "IE", 2) != 0)
		return false;
	memmove(n.at, n.at + 2, n.len - 1);
	n.len -= 2;
	return ie_check(&n, n.len);
}

#define INWARD "\\d[ABD-HJLNP-UW-Z]{2}"
#define OUTWARD                                             \
	"([A-PR-UWYZ]\\d{1,2}|[A-PR-UWYZ][A-HK-Y]\\d{1,2}|" \
	"[A-PR-UWYZ]\\d[A-HJKPSTUW]|[A-PR-UWYZ][A-HK-Y]\\d[ABEHMNPRVWXY]|GIR)"
#define EIR "[AC-FHKNPRTV-Y\\d]"
#define NINO "[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]"
#define PASSPORT LIST("passport", "passport number", "passport no", "travel")

const struct recogniser recognisers_isles[] = {
	{ "UK_NHS", "GB", LIST("\\d{3}[ -]?\\d{3}[ -]?\\d{4}"), uk_nhs,
	    LIST("nhs", "nhs number", "national health service", "patient"), 5,
	    50, false, "NHS Data Dictionary, NHS NUMBER; ISB 0149" },
	{ "UK_CHI", "GB", LIST(D(10), "\\d{6}[ -]\\d{4}"), uk_chi,
	    LIST("chi", "chi number", "community health index"), 5, 60, false,
	    "NHS Scotland, Community Health Index; ISB 0149" },
	{ "UK_NINO", "GB",
	    LIST(NINO " ?\\d{2} ?\\d{2} ?\\d{2} ?[A-D]",
		NINO "-\\d{2}-\\d{2}-\\d{2}-[A-D]"),
	    uk_nino,
	    LIST("national insurance", "ni number", "nino", "ni no", "nin"), 60,
	    60, false, "HMRC, National Insurance Manual NIM39110" },
	{ "UK_UTR", "GB", LIST("\\d{5} ?\\d{5}"), uk_utr,
	    LIST("utr", "unique taxpayer reference", "self assessment",
		"tax reference", "hmrc"),
	    5, 35, true, "HMRC, UTR; check by 11" },
	{ "UK_VAT", "GB",
	    LIST("(GB|XI) ?\\d{9}", "(GB|XI) ?\\d{3} \\d{4} \\d{2}",
		"GB ?\\d{12}", "GB ?\\d{3} \\d{4} \\d{2} \\d{3}"),
	    uk_vat, LIST("vat", "vat number", "vat reg"), 40, 95, false,
	    "VAT Notice 700/21; HMRC, check by 97 and 9755" },
	{ "UK_PASSPORT", "GB", LIST("[A-Z]{2}\\d{7}"), NULL, PASSPORT, 10, 10,
	    true, "HM Passport Office, passport numbers; ICAO Doc 9303-4" },
	{ "UK_PASSPORT", "GB", LIST(D(9)), NULL, PASSPORT, 3, 3, true,
	    "HM Passport Office, passport numbers before 2015" },
	{ "UK_DRIVING_LICENCE", "GB",
	    LIST("[A-Z9]{5}\\d{6}[A-Z9]{2}[A-Z\\d][A-Z]{2}(\\d{2})?",
		"[A-Z9]{5} \\d{6} [A-Z9]{2}[A-Z\\d][A-Z]{2}( \\d{2})?"),
	    uk_driving_licence,
	    LIST("driving licence", "driver number", "dvla", "licence"), 45, 70,
	    false, "DVLA, driver number; INF45" },
	{ "UK_POSTCODE", "GB", LIST(OUTWARD " " INWARD), text_upper,
	    LIST("postcode", "post code", "address", "postal code"), 45, 45,
	    false, "Royal Mail, Programmers' Guide to PAF; BS 7666" },
	{ "UK_POSTCODE", "GB", LIST(OUTWARD " ?" INWARD), NULL,
	    LIST("postcode", "post code", "address", "postal code"), 20, 20,
	    true, "Royal Mail, Programmers' Guide to PAF; BS 7666" },
	{ "UK_VEHICLE_REGISTRATION", "GB", LIST("[A-Z]{2}\\d{2}[ -]?[A-Z]{3}"),
	    uk_plate_written,
	    LIST("registration", "vehicle", "number plate", "reg", "car",
		"licence plate", "vrm"),
	    50, 50, false, "DVLA, INF104; Road Vehicles Regulations 2001" },
	{ "UK_VEHICLE_REGISTRATION", "GB", LIST("[A-Z]{2}\\d{2}[ -]?[A-Z]{3}"),
	    uk_plate,
	    LIST("registration", "vehicle", "number plate", "reg", "car",
		"licence plate", "vrm"),
	    20, 20, true, "DVLA, INF104; Road Vehicles Regulations 2001" },
	{ "UK_VEHICLE_REGISTRATION", "GB",
	    LIST("[A-HJ-NPR-TV-Y]\\d{1,3}[ -]?[A-HJ-PR-Y]{3}",
		"[A-HJ-PR-Y]{3}[ -]?\\d{1,3}[A-HJ-NPR-TV-Y]"),
	    text_upper,
	    LIST("registration", "vehicle", "number plate", "reg", "car",
		"licence plate", "vrm"),
	    25, 25, true, "DVLA, INF104; plates of 1963 to 2001" },
	{ "UK_COMPANY_NUMBER", "GB",
	    LIST("(SC|NI|OC|SO|NC|FC|IP|LP|SL|R0)\\d{6}", "0\\d{7}", D(8)),
	    NULL,
	    LIST("company number", "companies house", "registered number",
		"company no", "registered in england"),
	    5, 5, true, "Companies Act 2006 s. 1066; Companies House" },
	{ "IE_PPSN", "IE", LIST("\\d{7} ?[A-W][A-IW]?"), ie_ppsn,
	    LIST("pps", "ppsn", "pps number", "personal public service",
		"uimhir psp", "upsp"),
	    20, 85, false, "Social Welfare Consolidation Act 2005 s. 262" },
	{ "IE_VAT", "IE", LIST("IE ?\\d{7}[A-W][A-IW]?"), ie_vat,
	    LIST("vat", "cbl", "vat number"), 40, 95, false,
	    "VAT Consolidation Act 2010; Revenue, VAT numbers" },
	{ "IE_EIRCODE", "IE",
	    LIST("([AC-FHKNPRTV-Y]\\d{2}|D6W) " EIR "{4}",
		"([AC-FHKNPRTV-Y]\\d{2}|D6W)" EIR "{4}"),
	    text_upper,
	    LIST("eircode", "address", "postcode", "seoladh", "éirchód"), 35,
	    35, false, "Communications Regulation Act 2015; Eircode PAF" },
	{ "IE_PASSPORT", "IE", LIST("[A-Z]{1,2}\\d{7}"), NULL,
	    LIST("passport", "pas", "passport number"), 5, 5, true,
	    "Passports Act 2008" },
	{ "IE_DRIVER_LICENSE", "IE", LIST("\\d{3} ?\\d{3} ?\\d{3}"), NULL,
	    LIST("driving licence", "ceadúnas tiomána", "driver number"), 3, 3,
	    true, "Road Traffic (Licensing of Drivers) Regulations 2006" },
};
const size_t recognisers_isles_count =
    sizeof(recognisers_isles) / sizeof(recognisers_isles[0]);
