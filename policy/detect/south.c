/*
 * India, Pakistan, Singapore, Malaysia, Thailand, Indonesia, the Philippines.
 */

#include <string.h>

#include "policy/detect/rows_internal.h"

/* No first digit 0 or 1, and no number that reads the same backwards. */
static bool
in_aadhaar(const char *text, size_t len)
{
	struct number n;
	bool mirror = true;

	if (!digits_read(&n, text, len, 12) || n.at[0] < '2')
		return false;
	for (size_t i = 0; i < 6; i++)
		mirror = mirror && n.at[i] == n.at[11 - i];
	return !mirror && check_verhoeff(n.at, 12);
}

/*
 * A digit by 36 over the state, the PAN, the registration's number and Z.
 * Weights 1 and 2 from the left; what a product has over 36 is added.
 */
static bool
gstin_checked(const struct number *n)
{
	int32_t sum = 0, check;

	for (size_t i = 0; i < 14; i++) {
		int32_t v =
		    n->at[i] <= '9' ? n->at[i] - '0' : n->at[i] - 'A' + 10;

		v *= i % 2 == 0 ? 1 : 2;
		sum += v / 36 + v % 36;
	}
	check = modulo(-sum, 36);
	return n->at[14] == (check < 10 ? '0' + check : 'A' + check - 10);
}

/*
 * States 01 to 37 and the PAN of the taxpayer.  Codes after them (Ladakh,
 * other territory) are told from mistakes by the check digit alone.
 */
static bool
in_gstin(const char *text, size_t len)
{
	struct number n;
	uint32_t state;

	if (!number_read(&n, text, len) || n.len != 15 || n.at[13] != 'Z' ||
	    !number_digits(&n, 0, 2) || !number_digits(&n, 7, 11))
		return false;
	for (size_t i = 2; i < 7; i++)
		if (n.at[i] <= '9')
			return false;
	state = digits_value(n.at, 2);
	if (state == 38 || state == 97 || state == 99)
		return n.at[11] > '9' && gstin_checked(&n);
	return state >= 1 && state <= 37 && n.at[11] > '9' && n.at[12] != '0';
}

/* Three letters of the constituency, serial with a credit card's digit. */
static bool
in_voter(const char *text, size_t len)
{
	struct number n;

	return number_read(&n, text, len) && n.len == 10 &&
	       number_digits(&n, 3, 10) && check_luhn(n.at + 3, 7);
}

static const char in_states[] =
    "AN AP AR AS BR CG CH DD DL DN GA GJ HP HR JH JK KA KL LA LD MH ML MN MP "
    "MZ NL OD OR PB PY RJ SK TN TR TS TG UA UK UP WB";

/* State, office, series, number. */
static bool
in_vehicle(const char *text, size_t len)
{
	struct number n;

	return text_upper(text, len) && number_read(&n, text, len) &&
	       n.len > 5 && word_in(in_states, n.at, 2) &&
	       memcmp(n.at + n.len - 4, "0000", 4) != 0;
}

static bool
in_driving(const char *text, size_t len)
{
	struct number n;

	return number_read(&n, text, len) && word_in(in_states, n.at, 2);
}

/* The province of the family, 1 to 7; the last digit tells the sex. */
static bool
pk_cnic(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 13) && n.at[0] >= '1' &&
	       n.at[0] <= '7' && n.at[12] != '0';
}

static bool
sg_nric(const char *text, size_t len)
{
	struct number n;
	const char *letters = "JZIHGFEDCBA";
	int32_t sum;

	if (!number_read(&n, text, len) || n.len != 9 ||
	    !number_digits(&n, 1, 8) || strchr("STFGM", n.at[0]) == NULL)
		return false;
	sum = weigh(n.at + 1, W(2, 7, 6, 5, 4, 3, 2), 7);
	if (n.at[0] == 'T' || n.at[0] == 'G')
		sum += 4;
	if (n.at[0] == 'F' || n.at[0] == 'G')
		letters = "XWUTRQPNMLK";
	if (n.at[0] == 'M') {
		sum += 3;
		letters = "XWUTRQPNJLK";
	}
	return letters[sum % 11] == n.at[8];
}

/* Businesses, companies since their year, and other entities. */
static bool
sg_uen(const char *text, size_t len)
{
	static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWX0123456789";
	static const char kinds[] =
	    "LP LL FC PF RF MQ MM NB CC CS MB FM GS DP CP NR CM CD MD HS VH "
	    "CH MH CL XL CX RP TU TC FB FN PA PB SS MC SM GA GB";
	static const int8_t weights[] = { 4, 3, 5, 3, 10, 2, 2, 5, 7 };
	struct number n;
	int32_t sum = 0;

	if (!number_read(&n, text, len))
		return false;
	if (n.len == 9 && number_digits(&n, 0, 8))
		return "XMKECAWLJDB"[weigh(
					 n.at, W(10, 4, 9, 3, 8, 2, 7, 1), 8) %
				     11] == n.at[8];
	if (n.len != 10)
		return false;
	if (number_digits(&n, 0, 9))
		return "ZKCMDNERGWH"[weigh(n.at, W(10, 8, 6, 4, 9, 7, 5, 3, 1),
					 9) %
				     11] == n.at[9];
	if (strchr("RST", n.at[0]) == NULL || !number_digits(&n, 1, 3) ||
	    !number_digits(&n, 5, 9) || !word_in(kinds, n.at + 3, 2))
		return false;
	for (size_t i = 0; i < 9; i++) {
		const char *at = strchr(alphabet, n.at[i]);

		if (at == NULL)
			return false;
		sum += (int32_t)(at - alphabet) * weights[i];
	}
	return alphabet[modulo(sum - 5, 11)] == n.at[9];
}

/* Date of birth, place of birth, serial; no check digit. */
static bool
my_nric(const char *text, size_t len)
{
	struct number n;
	uint32_t place;

	if (!digits_read(&n, text, len, 12) || !date_yymmdd(n.at))
		return false;
	place = digits_value(n.at + 6, 2);
	return (place >= 1 && place <= 16) || (place >= 21 && place <= 68) ||
	       (place >= 71 && place <= 72) || (place >= 74 && place <= 79) ||
	       (place >= 82 && place <= 93) || place >= 98;
}

static bool
th_checked(const char *digits)
{
	return modulo(11 - weigh(digits,
			       W(13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2), 12) %
			       11,
		   10) == digits[12] - '0';
}

/* Kind of person 1 to 8, province and district of registration, check. */
static bool
th_identity(const char *text, size_t len)
{
	struct number n;
	uint32_t p;

	if (!digits_read(&n, text, len, 13) || n.at[0] < '1' || n.at[0] > '8')
		return false;
	p = digits_value(n.at + 1, 2);
	return ((p >= 10 && p <= 27) || (p >= 30 && p <= 58) ||
		   (p >= 60 && p <= 67) || (p >= 70 && p <= 77) ||
		   (p >= 80 && p <= 86) || (p >= 90 && p <= 96)) &&
	       th_checked(n.at);
}

/* Companies' begin with 0, the province follows. */
static bool
th_company(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 13) && n.at[0] == '0' &&
	       th_checked(n.at);
}

/* Region, date of birth (day 40 higher for women), serial. */
static bool
id_nik(const char *text, size_t len)
{
	struct number n;
	char date[6];

	if (!digits_read(&n, text, len, 16) || n.at[0] == '0')
		return false;
	memcpy(date, n.at + 6, 6);
	if (date[0] >= '4')
		date[0] = (char)(date[0] - 4);
	return date_ddmmyy(date) && memcmp(n.at + 12, "0000", 4) != 0;
}

/* Serial number nought is nobody's; the head office is branch 000. */
static bool
ph_tin(const char *text, size_t len)
{
	struct number n;

	return number_read(&n, text, len) && number_digits(&n, 0, n.len) &&
	       (n.len == 9 || n.len == 12 || n.len == 14) &&
	       memcmp(n.at + 1, "00000000", 8) != 0;
}

#define PAN_WORDS \
	LIST("pan", "permanent account number", "income tax", "pan card")
#define RTO_WORDS                                                              \
	LIST("vehicle", "registration", "rto", "number plate", "car", "plate", \
	    "rc")
#define TIN_WORDS LIST("tin", "bir", "tax id", "taxpayer", "tax identification")
#define PASSPORT LIST("passport", "passport number", "travel document")

const struct recogniser recognisers_south[] = {
	{ "IN_AADHAAR", "IN", LIST("[2-9]\\d{3}[ :-]?\\d{4}[ :-]?\\d{4}"),
	    in_aadhaar,
	    LIST("aadhaar", "aadhar", "uidai", "आधार", "aadhaar number", "uid"),
	    10, 75, false, "Aadhaar Act 2016; UIDAI, numbering scheme" },
	{ "IN_PAN", "IN", LIST("[A-Z]{3}[ABCFGHJLPT][A-Z]\\d{4}[A-Z]"), NULL,
	    PAN_WORDS, 55, 55, false, "Income-tax Rules 1962, rule 114" },
	{ "IN_PAN", "IN", LIST("[A-Z]{5}\\d{4}[A-Z]"), NULL, PAN_WORDS, 15, 15,
	    true, "Income-tax Rules 1962, rule 114; holder unknown" },
	{ "IN_GSTIN", "IN", LIST("\\d{2}[A-Z]{5}\\d{4}[A-Z][A-Z\\d]Z[A-Z\\d]"),
	    in_gstin,
	    LIST("gstin", "gst", "gst number", "goods and services tax"), 40,
	    95, false, "CGST Rules 2017, rule 10" },
	{ "IN_VOTER", "IN", LIST("[A-Z]{3}\\d{7}"), in_voter,
	    LIST("voter", "epic", "elector photo identity card", "voter id"),
	    25, 60, false, "ECI, EPIC numbers; digit of ISO/IEC 7812-1" },
	{ "IN_VOTER", "IN", LIST("[A-Z]{3}\\d{7}"), NULL,
	    LIST("voter", "epic", "elector photo identity card", "voter id"),
	    25, 25, true, "Registration of Electors Rules 1960, rule 28" },
	{ "IN_PASSPORT", "IN", LIST("[A-Z][1-9]\\d ?\\d{4}[1-9]"), NULL,
	    PASSPORT, 10, 10, true, "Passports Act 1967; Passport Seva" },
	{ "IN_VEHICLE_REGISTRATION", "IN",
	    LIST("[A-Z]{2}[ -]?\\d{1,2}[ -]?[A-Z]{1,3}[ -]?\\d{4}",
		"[A-Z]{2}[ -]?\\d{2}[ -]?\\d{4}"),
	    in_vehicle, RTO_WORDS, 20, 75, false,
	    "Central Motor Vehicles Rules 1989, rules 48-50" },
	{ "IN_VEHICLE_REGISTRATION", "IN", LIST("\\d{2}BH\\d{4}[A-Z]{1,2}"),
	    NULL, RTO_WORDS, 60, 60, false,
	    "G.S.R. 594(E), 26 August 2021 (BH series)" },
	{ "IN_VEHICLE_REGISTRATION", "IN",
	    LIST("[A-Z]{2,3}\\d{4}", "[A-Z]\\d{4,5}", "\\d{1,3} ?CD ?\\d{1,4}"),
	    NULL,
	    LIST("vehicle", "vehicle registration", "rto", "number plate"), 1,
	    1, true,
	    "Motor Vehicles Act 1939, sixth schedule; CMV Rules, rule 51" },
	{ "IN_DRIVING_LICENSE", "IN",
	    LIST("[A-Z]{2}[ -]?\\d{2}[ -]?(19|20)\\d{2}[ -]?\\d{7}"),
	    in_driving,
	    LIST("driving licence", "driving license", "dl", "licence"), 45, 60,
	    false, "Central Motor Vehicles Rules 1989, form 7" },
	{ "PK_CNIC", "PK", LIST("\\d{5}-\\d{7}-\\d", D(13)), pk_cnic,
	    LIST("cnic", "nadra", "nicop", "شناختی کارڈ"), 30, 30, true,
	    "NADRA Ordinance 2000" },
	{ "SG_NRIC_FIN", "SG", LIST("[STFGM]\\d{7}[A-Z]"), sg_nric,
	    LIST(
		"nric", "fin", "identification card", "ic number", "singapore"),
	    20, 85, false, "National Registration Act 1965; ICA" },
	{ "SG_NRIC_FIN", "SG", LIST("[STFGM]\\d{7}[A-Z]"), NULL,
	    LIST(
		"nric", "fin", "identification card", "ic number", "singapore"),
	    35, 35, false, "ICA; form alone, a digit may be mistyped" },
	{ "SG_UEN", "SG",
	    LIST(
		"\\d{8}[A-Z]", "\\d{9}[A-Z]", "[RST]\\d{2}[A-Z]{2}\\d{4}[A-Z]"),
	    sg_uen,
	    LIST(
		"uen", "unique entity number", "business registration", "acra"),
	    10, 70, false, "ACRA, Unique Entity Number" },
	{ "SG_PASSPORT", "SG", LIST("[EK]\\d{7}[A-Z]"), NULL, PASSPORT, 15, 15,
	    true, "Passports Act 2007; ICA" },
	{ "MY_NRIC", "MY", LIST("\\d{6}-\\d{2}-\\d{4}", D(12)), my_nric,
	    LIST("nric", "mykad", "kad pengenalan", "no. kp", "ic no",
		"no kad pengenalan"),
	    40, 40, false, "National Registration Regulations 1990; JPN" },
	{ "MY_PASSPORT", "MY", LIST("[AHK]\\d{8}"), NULL,
	    LIST("passport", "pasport"), 10, 10, true, "Passports Act 1966" },
	{ "TH_TNIN", "TH",
	    LIST("[1-8]\\d{12}", "[1-8][ -]\\d{4}[ -]\\d{5}[ -]\\d{2}[ -]\\d"),
	    th_identity,
	    LIST("thai national id", "national id", "บัตรประชาชน",
		"เลขบัตรประชาชน", "เลขประจำตัวประชาชน", "tnin"),
	    10, 75, false, "Civil Registration Act B.E. 2534; DOPA" },
	{ "TH_COMPANY_TAX_ID", "TH", LIST("0\\d{12}"), th_company,
	    LIST("tax id", "เลขประจำตัวผู้เสียภาษี", "tin", "ทะเบียนนิติบุคคล"), 5, 50,
	    false, "Revenue Code; DBD, juristic person number" },
	{ "TH_PASSPORT", "TH", LIST("[A-Z]{2}\\d{7}", "[A-Z]\\d{6}"), NULL,
	    LIST("passport", "หนังสือเดินทาง"), 5, 5, true,
	    "Passport Regulations B.E. 2548" },
	{ "ID_NIK", "ID", LIST(D(16)), id_nik,
	    LIST("nik", "ktp", "nomor induk kependudukan", "e-ktp"), 20, 40,
	    false, "UU 23/2006 ps. 13; Permendagri 72/2022" },
	{ "PH_TIN", "PH",
	    LIST("\\d{3}-\\d{3}-\\d{3}(-\\d{3})?",
		"\\d{3}-\\d{3}-\\d{3}-\\d{5}"),
	    ph_tin, TIN_WORDS, 10, 10, true, "NIRC s. 236; BIR RR 7-2012" },
	{ "PH_TIN", "PH", LIST(D(9), D(12)), ph_tin, TIN_WORDS, 1, 1, true,
	    "NIRC s. 236; BIR RR 7-2012" },
	{ "PH_SSS", "PH", LIST("\\d{2}-\\d{7}-\\d"), NULL,
	    LIST("sss", "social security", "sss number"), 40, 40, false,
	    "Social Security Act of 2018 (RA 11199)" },
	{ "PH_PHILHEALTH", "PH", LIST("\\d{2}-\\d{9}-\\d"), NULL,
	    LIST("philhealth", "pin", "phic"), 40, 40, false,
	    "National Health Insurance Act (RA 7875)" },
	{ "PH_UMID", "PH", LIST("\\d{4}-\\d{7}-\\d"), NULL,
	    LIST("umid", "crn", "common reference number"), 40, 40, false,
	    "Executive Order 420 (2005), UMID" },
	{ "PH_PASSPORT", "PH", LIST("[A-Z]\\d{7}[A-Z]", "[A-Z]{2}\\d{7}"), NULL,
	    LIST("passport", "pasaporte"), 10, 10, true,
	    "Philippine Passport Act (RA 8239)" },
};
const size_t recognisers_south_count =
    sizeof(recognisers_south) / sizeof(recognisers_south[0]);
