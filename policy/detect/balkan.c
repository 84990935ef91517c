/*
 * Slovenia, Croatia, Serbia, Romania, Bulgaria, Greece, Cyprus.
 */

#include <string.h>

#include "policy/detect/rows_internal.h"

/* Yugoslavia's: date of birth with three digits of the year, region, serial. */
static bool
jmbg(const char *text, size_t len)
{
	struct number n;
	uint32_t year;

	if (!digits_read(&n, text, len, 13))
		return false;
	year = digits_value(n.at + 4, 3);
	year += year < 800 ? 2000 : 1000;
	return date_exists(
		   year, digits_value(n.at + 2, 2), digits_value(n.at, 2)) &&
	       modulo(-weigh(n.at, W(7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 12),
		   11) %
		       10 ==
		   n.at[12] - '0';
}

/* Regions 50 to 59 are Slovenia's, 30 to 39 Croatia's, 70 to 89 Serbia's. */
static bool
si_emso(const char *text, size_t len)
{
	struct number n;

	return jmbg(text, len) && number_read(&n, text, len) && n.at[7] == '5';
}

static bool
hr_jmbg(const char *text, size_t len)
{
	struct number n;

	return jmbg(text, len) && number_read(&n, text, len) && n.at[7] == '3';
}

static bool
si_tax(const char *text, size_t len)
{
	struct number n;
	int32_t check;

	if ((!digits_read(&n, text, len, 8) &&
		!prefixed_read(&n, text, len, "SI", 8)) ||
	    n.at[0] == '0')
		return false;
	check = 11 - weigh(n.at, W(8, 7, 6, 5, 4, 3, 2), 7) % 11;
	return check != 11 && check % 10 == n.at[7] - '0';
}

static bool
hr_oib(const char *text, size_t len)
{
	struct number n;

	return (digits_read(&n, text, len, 11) ||
		   prefixed_read(&n, text, len, "HR", 11)) &&
	       check_mod11_10(n.at, 11);
}

static bool
rs_pib(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 9) && check_mod11_10(n.at, 9);
}

/* Sex and century, date of birth, county, serial, check. */
static bool
ro_cnp(const char *text, size_t len)
{
	struct number n;
	uint32_t century, county;
	int32_t check;

	if (!digits_read(&n, text, len, 13) || n.at[0] == '0')
		return false;
	century = strchr("56", n.at[0]) != NULL	  ? 2000
		  : strchr("34", n.at[0]) != NULL ? 1800
						  : 1900;
	county = digits_value(n.at + 7, 2);
	check = weigh(n.at, W(2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9), 12) % 11;
	return date_exists(century + digits_value(n.at + 1, 2),
		   digits_value(n.at + 3, 2), digits_value(n.at + 5, 2)) &&
	       ((county >= 1 && county <= 48) || county == 51 || county == 52 ||
		   county == 70 || (county >= 80 && county <= 83)) &&
	       (check == 10 ? 1 : check) == n.at[12] - '0';
}

/* Two to ten digits, the last of which checks the others. */
static bool
ro_fiscal(const char *text, size_t len)
{
	struct number n;
	char ten[10];
	size_t skip = 0;

	if (!number_read(&n, text, len))
		return false;
	if (memcmp(n.at, "RO", 2) == 0)
		skip = 2;
	if (n.len < skip + 2 || n.len > skip + 10 ||
	    !number_digits(&n, skip, n.len) || n.at[skip] == '0')
		return false;
	memset(ten, '0', sizeof(ten));
	memcpy(ten + 10 - (n.len - skip), n.at + skip, n.len - skip);
	return 10 * weigh(ten, W(7, 5, 3, 2, 1, 7, 5, 3, 2), 9) % 11 % 10 ==
	       ten[9] - '0';
}

/* The month tells the century: 20 higher 1800, 40 higher 2000. */
static bool
bg_egn(const char *text, size_t len)
{
	struct number n;
	uint32_t month, century = 1900;

	if (!digits_read(&n, text, len, 10))
		return false;
	month = digits_value(n.at + 2, 2);
	if (month > 40) {
		month -= 40;
		century = 2000;
	} else if (month > 20) {
		month -= 20;
		century = 1800;
	}
	return date_exists(century + digits_value(n.at, 2), month,
		   digits_value(n.at + 4, 2)) &&
	       weigh(n.at, W(2, 4, 8, 5, 10, 9, 7, 3, 6), 9) % 11 % 10 ==
		   n.at[9] - '0';
}

static bool
bg_foreigner(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 10) &&
	       weigh(n.at, W(21, 19, 17, 13, 11, 9, 7, 3, 1), 9) % 10 ==
		   n.at[9] - '0';
}

/* A second row of weights where the first makes 10. */
static bool
bg_company_digits(const char *digits)
{
	int32_t check = weigh(digits, W(1, 2, 3, 4, 5, 6, 7, 8), 8) % 11;

	if (check == 10)
		check = weigh(digits, W(3, 4, 5, 6, 7, 8, 9, 10), 8) % 11 % 10;
	return check == digits[8] - '0';
}

static bool
bg_company(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 9) && bg_company_digits(n.at);
}

/* Nine digits of a company; ten of a person, a foreigner or another. */
static bool
bg_vat(const char *text, size_t len)
{
	struct number n;

	if (prefixed_read(&n, text, len, "BG", 9))
		return bg_company_digits(n.at);
	return prefixed_read(&n, text, len, "BG", 10) &&
	       (bg_egn(n.at, 10) || bg_foreigner(n.at, 10) ||
		   modulo(-weigh(n.at, W(4, 3, 2, 7, 6, 5, 4, 3, 2), 9), 11) ==
		       n.at[9] - '0');
}

static bool
gr_afm_digits(const char *digits)
{
	int32_t sum = 0;

	for (size_t i = 0; i < 8; i++)
		sum = (sum + digits[i] - '0') * 2;
	return sum % 11 % 10 == digits[8] - '0';
}

static bool
gr_afm(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 9) && gr_afm_digits(n.at);
}

static bool
gr_vat(const char *text, size_t len)
{
	struct number n;

	return (prefixed_read(&n, text, len, "EL", 9) ||
		   prefixed_read(&n, text, len, "GR", 9)) &&
	       gr_afm_digits(n.at);
}

static bool
gr_amka(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 11) && date_ddmmyy(n.at) &&
	       check_luhn(n.at, 11);
}

/* Digits in odd places count as in Italy's code; a letter by 26. */
static bool
cy_tax(const char *text, size_t len)
{
	static const int8_t worth[] = { 1, 0, 5, 7, 9, 13, 15, 17, 19, 21 };
	struct number n;
	int32_t sum = 0;
	size_t skip = 0;

	if (!number_read(&n, text, len))
		return false;
	if (memcmp(n.at, "CY", 2) == 0)
		skip = 2;
	if (n.len != skip + 9 || !number_digits(&n, skip, skip + 8) ||
	    memcmp(n.at + skip, "12", 2) == 0)
		return false;
	for (size_t i = 0; i < 8; i++) {
		int32_t v = n.at[skip + i] - '0';

		sum += i % 2 == 0 ? worth[v] : v;
	}
	return n.at[skip + 8] == 'A' + sum % 26;
}

#define GR_LETTER "[ABEZHIKMNOPTYXΑΒΕΖΗΙΚΜΝΟΡΤΥΧ]"

const struct recogniser recognisers_balkan[] = {
	{ "SI_EMSO", "SI", LIST(D(13)), si_emso,
	    LIST("emšo", "emso", "enotna matična številka"), 5, 95, false,
	    "Zakon o centralnem registru prebivalstva; EMSO" },
	{ "SI_TAX_NUMBER", "SI", LIST("[1-9]\\d{7}"), si_tax,
	    LIST("davčna številka", "davčna", "davcna"), 5, 30, true,
	    "Zakon o davcni sluzbi; FURS, davcna stevilka" },
	{ "SI_VAT", "SI", LIST("SI ?[1-9]\\d{7}"), si_tax,
	    LIST("ddv", "id za ddv", "vat"), 40, 95, false,
	    "ZDDV-1; FURS, ID za DDV" },
	{ "SI_PASSPORT", "SI", LIST("P[A-Z]\\d{7}", "[A-Z]{2}\\d{7}"), NULL,
	    LIST("potni list", "številka potnega lista", "passport"), 5, 5,
	    true, "Zakon o potnih listinah" },
	{ "HR_OIB", "HR", LIST(D(11)), hr_oib,
	    LIST("oib", "osobni identifikacijski broj", "porezni broj"), 5, 50,
	    false, "Zakon o osobnom identifikacijskom broju (NN 60/08) cl. 3" },
	{ "HR_VAT", "HR", LIST("HR ?\\d{11}"), hr_oib,
	    LIST("pdv", "pdv id", "vat"), 40, 95, false,
	    "Zakon o PDV-u; NN 60/08" },
	{ "HR_JMBG", "HR", LIST(D(13)), hr_jmbg,
	    LIST("jmbg", "mbg", "matični broj"), 5, 94, false,
	    "Zakon o maticnom broju (NN 9/92)" },
	{ "HR_ID_CARD", "HR", LIST(D(9)), NULL,
	    LIST("osobna iskaznica", "osobne iskaznice"), 3, 3, true,
	    "Zakon o osobnoj iskaznici (NN 62/15)" },
	{ "RS_JMBG", "RS", LIST(D(13)), jmbg,
	    LIST("jmbg", "јмбг", "matični broj", "матични број"), 5, 93, false,
	    "Zakon o jedinstvenom maticnom broju gradana" },
	{ "RS_PIB", "RS", LIST("[1-9]\\d{8}"), rs_pib,
	    LIST("pib", "пиб", "poreski broj"), 5, 35, true,
	    "Zakon o poreskom postupku; ISO 7064" },
	{ "RO_CNP", "RO", LIST("[1-9]\\d{12}"), ro_cnp,
	    LIST("cnp", "cod numeric personal"), 5, 95, false,
	    "Legea 105/1996, OUG 97/2005 art. 6" },
	{ "RO_CUI", "RO", LIST("[1-9]\\d{5,9}"), ro_fiscal,
	    LIST("cui", "cif", "cod fiscal", "cod unic de înregistrare"), 5, 30,
	    true, "OG 92/2003; Legea 359/2004" },
	{ "RO_VAT", "RO", LIST("RO ?[1-9]\\d{1,9}"), ro_fiscal,
	    LIST("tva", "cif", "cod tva", "cui", "vat"), 30, 80, false,
	    "Codul fiscal (Legea 227/2015) art. 316" },
	{ "RO_ID_CARD", "RO", LIST("[A-Z]{2} ?\\d{6}"), NULL,
	    LIST("carte de identitate", "ci", "buletin", "seria"), 5, 5, true,
	    "OUG 97/2005; HG 295/2021" },
	{ "RO_PASSPORT", "RO", LIST("\\d{8,9}"), NULL,
	    LIST("pașaport", "pasaport", "passport"), 3, 3, true,
	    "Legea 248/2005" },
	{ "BG_EGN", "BG", LIST(D(10)), bg_egn,
	    LIST("егн", "egn", "единен граждански номер", "егн:"), 5, 75, false,
	    "Zakon za grazhdanskata registratsia chl. 11; GRAO" },
	{ "BG_LNCH", "BG", LIST(D(10)), bg_foreigner,
	    LIST("лнч", "lnch", "личен номер на чужденец"), 5, 35, true,
	    "Zakon za chuzhdentsite v RB" },
	{ "BG_EIK", "BG", LIST(D(9)), bg_company,
	    LIST("еик", "eik", "булстат", "bulstat"), 5, 35, true,
	    "Zakon za registar BULSTAT" },
	{ "BG_VAT", "BG", LIST("BG ?\\d{9,10}"), bg_vat,
	    LIST("ддс", "ин по ддс", "vat", "dds"), 40, 95, false,
	    "ZDDS chl. 94" },
	{ "BG_PASSPORT", "BG", LIST(D(9), "[A-Z]{2}\\d{7}"), NULL,
	    LIST("паспорт", "лична карта", "passport", "lichna karta"), 3, 3,
	    true, "Zakon za balgarskite lichni dokumenti" },
	{ "GR_AFM", "GR", LIST(D(9)), gr_afm,
	    LIST("αφμ", "α.φ.μ", "afm", "αριθμός φορολογικού μητρώου"), 5, 35,
	    true, "N. 4174/2013; AADE, AFM" },
	{ "GR_VAT", "GR", LIST("(EL|GR) ?\\d{9}"), gr_vat,
	    LIST("φπα", "αφμ", "vat", "fpa"), 40, 95, false,
	    "N. 2859/2000; AADE, prefix EL" },
	{ "GR_AMKA", "GR", LIST(D(11), "\\d{6} \\d{5}"), gr_amka,
	    LIST("αμκα", "α.μ.κ.α", "amka"), 5, 80, false,
	    "N. 3655/2008 art. 153; IDIKA, AMKA" },
	{ "GR_ID_CARD", "GR", LIST(GR_LETTER "{1,2}[ -]?\\d{6}"), NULL,
	    LIST("αδτ", "α.δ.τ", "δελτίο ταυτότητας", "ταυτότητα",
		"αριθμός ταυτότητας", "adt"),
	    10, 10, true, "N.D. 127/1969; KYA 3021/19/53" },
	{ "GR_PASSPORT", "GR", LIST("[A-Z]{2}\\d{7}"), NULL,
	    LIST("διαβατήριο", "αριθμός διαβατηρίου", "passport"), 5, 5, true,
	    "N. 3103/2003" },
	{ "CY_TAX_ID", "CY", LIST("\\d{8}[A-Z]"), cy_tax,
	    LIST("tic", "αφτ", "φορολογικής ταυτότητας", "tax identification"),
	    10, 65, false, "N. 4/1978; Tax Department, TIC" },
	{ "CY_VAT", "CY", LIST("CY ?\\d{8}[A-Z]"), cy_tax,
	    LIST("φπα", "vat", "fpa"), 40, 95, false, "N. 95(I)/2000" },
	{ "CY_ID_CARD", "CY", LIST("\\d{6,10}"), NULL,
	    LIST("ταυτότητα", "δελτίο ταυτότητας", "kimlik", "arc",
		"identity card"),
	    3, 3, true, "N. 141(I)/2002" },
	{ "CY_PASSPORT", "CY", LIST("[A-Z]\\d{6,8}"), NULL,
	    LIST("διαβατήριο", "pasaport", "passport"), 3, 3, true,
	    "N. 141(I)/2002" },
};
const size_t recognisers_balkan_count =
    sizeof(recognisers_balkan) / sizeof(recognisers_balkan[0]);
