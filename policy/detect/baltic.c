/*
 * Estonia, Latvia, Lithuania.
 */

#include <string.h>

#include "policy/detect/rows_internal.h"

/*
 * By 11 with one row of weights, where that makes 10 with a second, where
 * that makes 10 too it is 0.
 */
static int32_t
two_rows(
    const char *digits, const int8_t *first, const int8_t *second, size_t n)
{
	int32_t check = weigh(digits, first, n) % 11;

	if (check == 10)
		check = weigh(digits, second, n) % 11;
	return check % 10;
}

/* Century and sex, date of birth, serial, check: Estonia and Lithuania. */
static bool
personal_code(const char *text, size_t len)
{
	struct number n;
	uint32_t century;

	if (!digits_read(&n, text, len, 11) || n.at[0] < '1' || n.at[0] > '8')
		return false;
	century = 1800 + 100 * ((uint32_t)(n.at[0] - '1') / 2);
	return date_exists(century + digits_value(n.at + 1, 2),
		   digits_value(n.at + 3, 2), digits_value(n.at + 5, 2)) &&
	       two_rows(n.at, W(1, 2, 3, 4, 5, 6, 7, 8, 9, 1),
		   W(3, 4, 5, 6, 7, 8, 9, 1, 2, 3), 10) == n.at[10] - '0';
}

static bool
ee_company(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 8) &&
	       strchr("1789", n.at[0]) != NULL &&
	       two_rows(n.at, W(1, 2, 3, 4, 5, 6, 7), W(3, 4, 5, 6, 7, 8, 9),
		   7) == n.at[7] - '0';
}

static bool
ee_vat(const char *text, size_t len)
{
	struct number n;

	return prefixed_read(&n, text, len, "EE", 9) &&
	       weigh(n.at, W(3, 7, 1, 3, 7, 1, 3, 7, 1), 9) % 10 == 0;
}

/* Date of birth, century, serial, check. */
static bool
lv_person(const char *text, size_t len)
{
	struct number n;
	int32_t sum;

	if (!digits_read(&n, text, len, 11) || n.at[6] > '2' ||
	    !date_ddmmyy(n.at))
		return false;
	sum = weigh(n.at, W(10, 5, 8, 4, 2, 1, 6, 3, 7, 9), 10);
	return (1 + sum) % 11 % 10 == n.at[10] - '0';
}

/* Since July 2017 it begins with 32 and tells and checks nothing. */
static bool
lv_person_written(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 11) &&
	       (memcmp(n.at, "32", 2) == 0 || date_ddmmyy(n.at));
}

/* Companies begin with 4 to 9; people have their personal code. */
static bool
lv_vat(const char *text, size_t len)
{
	struct number n;

	if (!prefixed_read(&n, text, len, "LV", 11))
		return false;
	if (n.at[0] > '3')
		return weigh(n.at, W(9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1), 11) %
			   11 ==
		       3;
	return memcmp(n.at, "32", 2) == 0 || lv_person(n.at, n.len);
}

static bool
lt_cyclic(const char *digits, size_t n)
{
	int8_t first[12], second[12];

	for (size_t i = 0; i < n - 1; i++) {
		first[i] = (int8_t)(1 + i % 9);
		second[i] = (int8_t)(1 + (i + 2) % 9);
	}
	return two_rows(digits, first, second, n - 1) == digits[n - 1] - '0';
}

/* Nine digits of a company, twelve of others; last but one is a 1. */
static bool
lt_vat(const char *text, size_t len)
{
	struct number n;

	if (prefixed_read(&n, text, len, "LT", 9))
		return n.at[7] == '1' && lt_cyclic(n.at, 9);
	return prefixed_read(&n, text, len, "LT", 12) && n.at[10] == '1' &&
	       lt_cyclic(n.at, 12);
}

static bool
lt_company(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 9) && lt_cyclic(n.at, 9);
}

const struct recogniser recognisers_baltic[] = {
	{ "EE_ISIKUKOOD", "EE", LIST("[1-8]\\d{10}"), personal_code,
	    LIST("isikukood", "isikukoodi", "personal code", "ik"), 5, 85,
	    false, "Rahvastikuregistri seadus § 39; EVS 585:2007" },
	{ "EE_REGISTRIKOOD", "EE", LIST(D(8)), ee_company,
	    LIST("registrikood", "äriregister", "rg-kood", "registry code"), 5,
	    30, true, "Ariregistri seadus; EVS 585" },
	{ "EE_VAT", "EE", LIST("EE ?\\d{9}"), ee_vat,
	    LIST("kmkr", "käibemaks", "kmkr nr", "vat"), 40, 95, false,
	    "Kaibemaksuseadus; EMTA, KMKR number" },
	{ "EE_PASSPORT", "EE", LIST("K[A-Z]?\\d{7}", "[A-Z]{2}\\d{7}"),
	    text_upper, LIST("pass", "passi number", "passport", "id-kaart"), 5,
	    5, true, "Isikut toendavate dokumentide seadus" },
	{ "LV_PERSONAS_KODS", "LV", LIST("\\d{6}[ -]?\\d{5}"), lv_person,
	    LIST("personas kods", "pk", "personas kodu", "personal code"), 5,
	    60, false, "Fizisko personu registra likums 7. pants" },
	{ "LV_PERSONAS_KODS", "LV", LIST("\\d{6}-\\d{5}"), lv_person_written,
	    LIST("personas kods", "pk", "personas kodu", "personal code"), 40,
	    40, false, "Fizisko personu registra likums 7. pants" },
	{ "LV_VAT", "LV", LIST("LV ?\\d{11}"), lv_vat,
	    LIST("pvn", "pvn numurs", "vat", "pievienotās vērtības nodoklis"),
	    40, 95, false, "PVN likums; VID, PVN maksataja numurs" },
	{ "LV_PASSPORT", "LV", LIST("[A-Z]{2}\\d{7}"), text_upper,
	    LIST("pase", "pases numurs", "passport", "eid karte"), 5, 5, true,
	    "Personu apliecinosu dokumentu likums" },
	{ "LT_ASMENS_KODAS", "LT", LIST("[1-8]\\d{10}"), personal_code,
	    LIST("asmens kodas", "asmens kodą", "a.k", "personal code"), 5, 85,
	    false, "Gyventoju registro istatymas 8 str." },
	{ "LT_VAT", "LT", LIST("LT ?\\d{9}", "LT ?\\d{12}"), lt_vat,
	    LIST("pvm", "pvm kodas", "pvm mokėtojo kodas", "vat"), 40, 95,
	    false, "PVM istatymas; VMI, PVM moketojo kodas" },
	{ "LT_COMPANY_CODE", "LT", LIST(D(9)), lt_company,
	    LIST("įmonės kodas", "juridinio asmens kodas", "kodas"), 5, 30,
	    true, "Juridiniu asmenu registro istatymas" },
	{ "LT_PASSPORT", "LT", LIST("\\d{8}", "[A-Z]{2}\\d{6}"), text_upper,
	    LIST("pasas", "paso numeris", "asmens tapatybės kortelė",
		"passport"),
	    3, 3, true, "Asmens tapatybes korteles ir paso istatymas" },
};
const size_t recognisers_baltic_count =
    sizeof(recognisers_baltic) / sizeof(recognisers_baltic[0]);
