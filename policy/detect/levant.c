/*
 * Turkey, Israel, Ukraine, Russia, Saudi Arabia, the Emirates.
 */

#include <string.h>

#include "policy/detect/rows_internal.h"

/* Two digits: seven times the odd places less the even ones; the sum of all. */
static bool
tr_identity(const char *text, size_t len)
{
	struct number n;
	int32_t odd, even;

	if (!digits_read(&n, text, len, 11) || n.at[0] == '0')
		return false;
	odd = weigh(n.at, W(1, 0, 1, 0, 1, 0, 1, 0, 1), 9);
	even = weigh(n.at, W(0, 1, 0, 1, 0, 1, 0, 1, 0), 9);
	return modulo(odd * 7 - even, 10) == n.at[9] - '0' &&
	       (odd + even + n.at[9] - '0') % 10 == n.at[10] - '0';
}

/* Each digit plus its place, times a power of two, by nine. */
static bool
tr_tax(const char *text, size_t len)
{
	struct number n;
	int32_t sum = 0;

	if (!digits_read(&n, text, len, 10))
		return false;
	for (int32_t i = 0; i < 9; i++) {
		int32_t v = (n.at[i] - '0' + 9 - i) % 10;

		if (v != 0) {
			v = (v << (9 - i)) % 9;
			sum += v == 0 ? 9 : v;
		}
	}
	return modulo(-sum, 10) == n.at[9] - '0';
}

/* Province, one to three letters of the alphabet without Q W X, number. */
static bool
tr_plate_form(const char *text, size_t len)
{
	struct number n;
	size_t letters;

	if (!number_read(&n, text, len) || n.len < 5)
		return false;
	letters = strspn(n.at + 2, "ABCDEFGHIJKLMNOPRSTUVYZ");
	return letters >= 1 && letters <= 3 &&
	       number_digits(&n, 2 + letters, n.len);
}

/* In capitals, as many digits as are given with so many letters. */
static bool
tr_plate(const char *text, size_t len)
{
	struct number n;
	size_t letters, digits;

	if (!text_upper(text, len) || !tr_plate_form(text, len) ||
	    !number_read(&n, text, len))
		return false;
	letters = strspn(n.at + 2, "ABCDEFGHIJKLMNOPRSTUVYZ");
	digits = n.len - 2 - letters;
	return digits + letters == 5 || digits + letters == 6;
}

/* As a credit card's; shorter numbers are written with noughts. */
static bool
il_identity(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 9) && check_luhn(n.at, 9);
}

static bool
ua_taxpayer(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 10) &&
	       modulo(weigh(n.at, W(-1, 5, 7, 9, 4, 6, 10, 5, 7), 9), 11) %
		       10 ==
		   n.at[9] - '0';
}

/* Numbers from 30 to 60 million turn their weights by one. */
static bool
ua_company(const char *text, size_t len)
{
	static const int8_t plain[] = { 1, 2, 3, 4, 5, 6, 7 };
	static const int8_t turned[] = { 7, 1, 2, 3, 4, 5, 6 };
	struct number n;
	const int8_t *w;
	int8_t more[7];
	int32_t check;

	if (!digits_read(&n, text, len, 8))
		return false;
	w = n.at[0] >= '3' && n.at[0] <= '5' ? turned : plain;
	check = weigh(n.at, w, 7) % 11;
	if (check == 10) {
		for (size_t i = 0; i < 7; i++)
			more[i] = (int8_t)(w[i] + 2);
		check = weigh(n.at, more, 7) % 11 % 10;
	}
	return check == n.at[7] - '0';
}

/* The register of people: date of birth, serial. */
static bool
ua_register(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 13) &&
	       date_exists(digits_value(n.at, 4), digits_value(n.at + 4, 2),
		   digits_value(n.at + 6, 2));
}

static bool
ru_inn(const char *text, size_t len)
{
	struct number n;

	if (digits_read(&n, text, len, 10))
		return weigh(n.at, W(2, 4, 10, 3, 5, 9, 4, 6, 8), 9) % 11 %
			   10 ==
		       n.at[9] - '0';
	return digits_read(&n, text, len, 12) &&
	       weigh(n.at, W(7, 2, 4, 10, 3, 5, 9, 4, 6, 8), 10) % 11 % 10 ==
		   n.at[10] - '0' &&
	       weigh(n.at, W(3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8), 11) % 11 % 10 ==
		   n.at[11] - '0';
}

/* Pension insurance: nine digits and their sum by 101. */
static bool
ru_snils(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 11) &&
	       weigh(n.at, W(9, 8, 7, 6, 5, 4, 3, 2, 1), 9) % 101 % 100 ==
		   (int32_t)digits_value(n.at + 9, 2);
}

/* Citizens begin with 1, residents with 2. */
static bool
sa_identity(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 10) && check_luhn(n.at, 10);
}

static bool
ae_identity(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 15) && check_luhn(n.at, 15);
}

#define TR_PROVINCE "(0[1-9]|[1-7]\\d|8[01])"
#define TR_PLATE TR_PROVINCE "[ -]?[A-PR-VYZ]{1,3}[ -]?\\d{2,5}"
#define TR_PLATE_WORDS                                                \
	LIST("plaka", "plakası", "plakalı", "araç", "plaka numarası", \
	    "license plate")
#define CYRILLIC "[АВЕІКМНОРСТУХЯЮЄЇБГДЖЗЛПФЦЧШЩЬ]"

const struct recogniser recognisers_levant[] = {
	{ "TR_NATIONAL_ID", "TR", LIST("[1-9]\\d{10}"), tr_identity,
	    LIST("tc kimlik", "kimlik", "t.c. kimlik no", "tckn", "kimlik no",
		"tc no", "kimlik numarası", "vatandaşlık"),
	    10, 85, false, "5490 s. Nufus Hizmetleri Kanunu md. 46; NVI" },
	{ "TR_TAX_NUMBER", "TR", LIST(D(10)), tr_tax,
	    LIST("vergi", "vkn", "vergi no", "vergi kimlik", "vergi numarası"),
	    5, 35, true, "213 s. Vergi Usul Kanunu md. 8; GIB, VKN" },
	{ "TR_PASSPORT", "TR", LIST("[A-Z]\\d{8}"), NULL,
	    LIST("pasaport", "pasaport no", "passport"), 5, 5, true,
	    "5682 s. Pasaport Kanunu" },
	{ "TR_LICENSE_PLATE", "TR", LIST(TR_PLATE), tr_plate, TR_PLATE_WORDS,
	    50, 50, false, "Karayollari Trafik Yonetmeligi md. 53-55" },
	{ "TR_LICENSE_PLATE", "TR", LIST(TR_PLATE), tr_plate_form,
	    TR_PLATE_WORDS, 15, 15, true,
	    "Karayollari Trafik Yonetmeligi md. 53-55" },
	{ "IL_ID_NUMBER", "IL", LIST("\\d{8}-?\\d"), il_identity,
	    LIST("תעודת זהות", "ת.ז", "מספר זהות", "teudat zehut", "ת\"ז",
		"id number"),
	    5, 35, true, "Population Registry Law 5725-1965" },
	{ "IL_PASSPORT", "IL", LIST("\\d{7,8}"), NULL,
	    LIST("דרכון", "מספר דרכון", "passport"), 3, 3, true,
	    "Passports Law 5712-1952" },
	{ "UA_RNTRC", "UA", LIST(D(10)), ua_taxpayer,
	    LIST("рнокпп", "іпн", "ідентифікаційний номер", "інн", "inn",
		"rnokpp"),
	    5, 40, false, "Податковий кодекс, ст. 70; наказ МФУ 822" },
	{ "UA_EDRPOU", "UA", LIST(D(8)), ua_company,
	    LIST("єдрпоу", "едрпоу", "edrpou", "код"), 5, 30, true,
	    "Закон 755-IV; постанова КМУ 118 (1996)" },
	{ "UA_UNZR", "UA", LIST("(19|20)\\d{6}-\\d{5}"), ua_register,
	    LIST("унзр", "запис", "unzr", "реєстр"), 50, 50, false,
	    "Закон 5492-VI, ст. 10" },
	{ "UA_PASSPORT", "UA", LIST(CYRILLIC "{2} ?\\d{6}", "[A-Z]{2} ?\\d{6}"),
	    NULL, LIST("паспорт", "серія", "passport", "паспорта"), 10, 10,
	    true, "Постанова ВРУ 2503-XII; Закон 5492-VI" },
	{ "RU_INN", "RU", LIST(D(10), D(12)), ru_inn,
	    LIST("инн", "inn", "идентификационный номер налогоплательщика"), 5,
	    45, false, "НК РФ ст. 84; приказ ФНС ММВ-7-6/435@" },
	{ "RU_SNILS", "RU", LIST(D(11), "\\d{3}-\\d{3}-\\d{3}[ -]\\d{2}"),
	    ru_snils, LIST("снилс", "snils", "страховой номер", "пфр"), 5, 70,
	    false, "ФЗ 27-ФЗ ст. 6; ПФР, контрольное число" },
	{ "RU_PASSPORT", "RU", LIST("\\d{2} ?\\d{2} ?№? ?\\d{6}"), NULL,
	    LIST("паспорт", "серия", "паспорта", "pasport"), 5, 5, true,
	    "Постановление Правительства РФ 828 (1997)" },
	{ "SA_NATIONAL_ID", "SA", LIST("[12]\\d{9}"), sa_identity,
	    LIST("رقم الهوية", "الهوية الوطنية", "iqama", "الإقامة",
		"national id"),
	    5, 35, true, "Absher; ISO/IEC 7812-1" },
	{ "AE_EMIRATES_ID", "AE", LIST("784-?(19|20)\\d{2}-?\\d{7}-?\\d"),
	    ae_identity,
	    LIST("emirates id", "الهوية الإماراتية", "eid", "رقم الهوية"), 30,
	    90, false, "Federal Decree-Law 9 of 2006; ISO/IEC 7812-1" },
};
const size_t recognisers_levant_count =
    sizeof(recognisers_levant) / sizeof(recognisers_levant[0]);
