/*
 * Australia, New Zealand, South Africa, Nigeria, Kenya, Egypt.
 */

#include <string.h>

#include "policy/detect/rows_internal.h"

/* Two check digits in front, from 11: one is taken off the first; by 89. */
static bool
au_business(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 11) && digits_value(n.at, 2) >= 11 &&
	       (weigh(n.at, W(10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19), 11) -
		   10) %
		       89 ==
		   0;
}

static bool
au_company(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 9) &&
	       modulo(-weigh(n.at, W(8, 7, 6, 5, 4, 3, 2, 1), 8), 10) ==
		   n.at[8] - '0';
}

static bool
au_tax_file(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 9) &&
	       weigh(n.at, W(1, 4, 3, 7, 5, 8, 6, 9, 10), 9) % 11 == 0;
}

/* Card number with its digit, then issue and the person's line. */
static bool
au_medicare(const char *text, size_t len)
{
	struct number n;

	return number_read(&n, text, len) && (n.len == 10 || n.len == 11) &&
	       number_digits(&n, 0, n.len) && n.at[0] >= '2' &&
	       n.at[0] <= '6' && n.at[9] != '0' &&
	       weigh(n.at, W(1, 3, 7, 9, 1, 3, 7, 9), 8) % 10 == n.at[8] - '0';
}

/* Health identifiers: 80036 and who has it (0 person, 1, 2). */
static bool
au_health(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 16) && check_luhn(n.at, 16);
}

/* From 10 to 150 million; other weights where the first make 10. */
static bool
nz_revenue(const char *text, size_t len)
{
	struct number n;
	char nine[9];
	uint32_t v;
	int32_t check;

	if (!number_read(&n, text, len) || n.len < 8 || n.len > 9 ||
	    !number_digits(&n, 0, n.len))
		return false;
	v = digits_value(n.at, n.len);
	if (v < 10000000 || v > 150000000)
		return false;
	nine[0] = '0';
	memcpy(nine + 9 - n.len, n.at, n.len);
	check = modulo(-weigh(nine, W(3, 2, 7, 6, 5, 4, 3, 2), 8), 11);
	if (check == 10)
		check = modulo(-weigh(nine, W(7, 4, 3, 2, 5, 2, 7, 6), 8), 11);
	return check == nine[8] - '0';
}

/* Letters without I and O count from 1; new numbers end in a letter by 24. */
static bool
nz_health(const char *text, size_t len)
{
	static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ";
	struct number n;
	int32_t sum = 0, check;

	if (!number_read(&n, text, len) || n.len != 7)
		return false;
	for (size_t i = 0; i < 6; i++) {
		const char *at = strchr(letters, n.at[i]);
		bool digit = number_digits(&n, i, i + 1);

		if (!digit && at == NULL)
			return false;
		sum += (digit ? n.at[i] - '0' : (int32_t)(at - letters) + 1) *
		       (7 - (int32_t)i);
	}
	if (n.at[5] > '9')
		return letters[23 - sum % 24] == n.at[6];
	check = 11 - sum % 11;
	return check != 11 && check % 10 == n.at[6] - '0';
}

/* The global location number of an organisation, EAN-13 from 9429. */
static bool
nz_business(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 13) &&
	       weigh(n.at, W(1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1), 13) % 10 ==
		   0;
}

/*
 * Date of birth, sex and serial, citizen (0, 1) or refugee (2), an 8 or 9,
 * and a credit card's digit.  The century is not told: 29 February of 1900
 * was none, of 2000 was one.
 */
static bool
za_identity(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 13) && date_yymmdd(n.at) &&
	       n.at[10] <= '2' && (n.at[11] == '8' || n.at[11] == '9') &&
	       check_luhn(n.at, 13);
}

static bool
za_tax(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 10) &&
	       strchr("01239", n.at[0]) != NULL && check_luhn(n.at, 10);
}

static bool
ng_identity(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 11) && check_verhoeff(n.at, 11);
}

/* Century, date of birth, governorate, serial. */
static bool
eg_identity(const char *text, size_t len)
{
	struct number n;
	uint32_t place;

	if (!digits_read(&n, text, len, 14) ||
	    (n.at[0] != '2' && n.at[0] != '3'))
		return false;
	place = digits_value(n.at + 7, 2);
	return date_exists(
		   (n.at[0] == '2' ? 1900u : 2000u) + digits_value(n.at + 1, 2),
		   digits_value(n.at + 3, 2), digits_value(n.at + 5, 2)) &&
	       ((place >= 1 && place <= 4) || (place >= 11 && place <= 35) ||
		   place == 88);
}

#define PASSPORT LIST("passport", "passport number", "travel document")

const struct recogniser recognisers_oceania[] = {
	{ "AU_ABN", "AU", LIST("\\d{2}[ -]?\\d{3}[ -]?\\d{3}[ -]?\\d{3}"),
	    au_business,
	    LIST("abn", "australian business number", "business number"), 10,
	    75, false, "A New Tax System (ABN) Act 1999 s. 10; ABR" },
	{ "AU_ACN", "AU", LIST("\\d{3}[ -]?\\d{3}[ -]?\\d{3}"), au_company,
	    LIST("acn", "australian company number", "company number"), 5, 40,
	    false, "Corporations Act 2001 s. 118; ASIC, ACN check digit" },
	{ "AU_TFN", "AU", LIST("\\d{3}[ -]?\\d{3}[ -]?\\d{3}"), au_tax_file,
	    LIST("tfn", "tax file number", "tax file"), 5, 45, false,
	    "Income Tax Assessment Act 1936 part VA; ATO" },
	{ "AU_MEDICARE", "AU",
	    LIST("[2-6]\\d{9,10}", "[2-6]\\d{3}[ -]\\d{5}[ -]\\d([ /-]\\d)?",
		"[2-6]\\d{9}[/-]\\d"),
	    au_medicare, LIST("medicare", "medicare number", "medicare card"),
	    5, 50, false, "Health Insurance Act 1973; METeOR 270101" },
	{ "AU_IHI", "AU",
	    LIST("80036[0-2]\\d{10}", "8003 6[0-2]\\d{2} \\d{4} \\d{4}"),
	    au_health,
	    LIST("ihi", "individual healthcare identifier", "hpi-i", "hpi-o"),
	    40, 95, false, "Healthcare Identifiers Act 2010; AS 5017" },
	{ "AU_PASSPORT", "AU", LIST("[A-Z]{1,2}\\d{7}"), NULL, PASSPORT, 10, 10,
	    true, "Australian Passports Act 2005" },
	{ "AU_DRIVER_LICENSE", "AU", LIST("\\d{6,10}", "[A-Z]\\d{5}"), NULL,
	    LIST("driver licence", "drivers licence", "licence number",
		"driver's licence"),
	    2, 2, true, "Austroads, driver licence standards" },
	{ "NZ_IRD", "NZ", LIST("\\d{2,3}[ -]\\d{3}[ -]\\d{3}"), nz_revenue,
	    LIST("ird", "ird number", "inland revenue", "tax number"), 5, 45,
	    false, "Tax Administration Act 1994; RWT/NRWT Specification" },
	{ "NZ_IRD", "NZ", LIST("\\d{8,9}"), nz_revenue,
	    LIST("ird", "ird number", "inland revenue", "tax number"), 5, 30,
	    true, "Tax Administration Act 1994; RWT/NRWT Specification" },
	{ "NZ_NHI", "NZ",
	    LIST("[A-HJ-NP-Z]{3}\\d{4}", "[A-HJ-NP-Z]{3}\\d{2}[A-HJ-NP-Z]{2}"),
	    nz_health,
	    LIST("nhi", "nhi number", "national health index", "hospital"), 15,
	    35, true, "HISO 10046, Consumer Health Identity Standard" },
	{ "NZ_NZBN", "NZ", LIST("9429\\d{9}"), nz_business,
	    LIST("nzbn", "new zealand business number"), 30, 80, false,
	    "New Zealand Business Number Act 2016; GS1 EAN-13" },
	{ "NZ_PASSPORT", "NZ", LIST("[A-Z]{2}\\d{6}"), NULL, PASSPORT, 10, 10,
	    true, "Passports Act 1992" },
	{ "NZ_DRIVER_LICENCE", "NZ", LIST("[A-Z]{2}\\d{6}"), NULL,
	    LIST("driver licence", "licence number", "driver's licence"), 9, 9,
	    true, "Land Transport (Driver Licensing) Rule 1999" },
	{ "ZA_ID_NUMBER", "ZA", LIST(D(13), "\\d{6} \\d{4} \\d{3}"),
	    za_identity,
	    LIST("id number", "rsa id", "identity number", "sa id", "id-nommer",
		"identiteitsnommer"),
	    10, 85, false, "Identification Act 68 of 1997 s. 7" },
	{ "ZA_TAX_NUMBER", "ZA", LIST("[01239]\\d{9}"), za_tax,
	    LIST("tax number", "sars", "tax reference", "income tax"), 5, 35,
	    true, "Tax Administration Act 28 of 2011; SARS" },
	{ "ZA_PASSPORT", "ZA", LIST("[A-Z]\\d{8}"), NULL, PASSPORT, 10, 10,
	    true,
	    "South African Passports and Travel Documents Act 4 of 1994" },
	{ "NG_NIN", "NG", LIST(D(11)), ng_identity,
	    LIST("nin", "national identification number", "nimc"), 5, 50, false,
	    "NIMC Act 2007; NIMC, tokenisation, check digit of Verhoeff" },
	{ "NG_BVN", "NG", LIST("22\\d{9}"), NULL,
	    LIST("bvn", "bank verification number"), 10, 10, true,
	    "CBN, Regulatory Framework for BVN Operations" },
	{ "NG_TIN", "NG", LIST("\\d{8}-\\d{4}"), NULL,
	    LIST("tin", "firs", "tax identification number"), 30, 30, true,
	    "FIRS, Joint Tax Board" },
	{ "NG_VEHICLE_REGISTRATION", "NG",
	    LIST("[A-Z]{3}[ -]?\\d{3}-?[A-Z]{2}"), text_upper,
	    LIST("plate", "vehicle", "registration", "number plate", "frsc"),
	    45, 45, false, "National Road Traffic Regulations 2012, FRSC" },
	{ "NG_VEHICLE_REGISTRATION", "NG",
	    LIST("[A-Z]{3}[ -]?\\d{3}[ -]?[A-Z]{2}"), NULL,
	    LIST("plate", "vehicle", "registration", "number plate", "frsc"),
	    15, 15, true, "National Road Traffic Regulations 2012, FRSC" },
	{ "NG_PASSPORT", "NG", LIST("[AB]\\d{8}"), NULL, PASSPORT, 10, 10, true,
	    "Immigration Act 2015" },
	{ "KE_PIN", "KE", LIST("[AP]\\d{9}[A-Z]"), NULL,
	    LIST("kra", "kra pin", "pin"), 45, 45, false,
	    "Tax Procedures Act 2015 s. 12" },
	{ "EG_NATIONAL_ID", "EG", LIST("[23]\\d{13}"), eg_identity,
	    LIST("الرقم القومي", "national id", "بطاقة"), 45, 45, false,
	    "Law 143 of 1994, civil status" },
};
const size_t recognisers_oceania_count =
    sizeof(recognisers_oceania) / sizeof(recognisers_oceania[0]);
