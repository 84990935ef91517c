/*
 * Korea, Japan, China, Taiwan, Hong Kong, Vietnam.
 */

#include <string.h>

#include "policy/detect/rows_internal.h"

/*
 * Date of birth and sex with century; first is that of the century 1900.
 * Numbers of nationals have 1 to 4 there, of foreigners 5 to 8.
 */
static bool
kr_form(struct number *n, const char *text, size_t len, char first)
{
	return digits_read(n, text, len, 13) && n->at[6] >= first &&
	       n->at[6] < first + 4 &&
	       date_exists((n->at[6] < first + 2 ? 1900u : 2000u) +
			       digits_value(n->at, 2),
		   digits_value(n->at + 2, 2), digits_value(n->at + 4, 2)) &&
	       digits_value(n->at + 7, 2) <= 96;
}

static int32_t
kr_sum(const struct number *n)
{
	return weigh(n->at, W(2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), 12) % 11;
}

static bool
kr_resident_form(const char *text, size_t len)
{
	struct number n;

	return kr_form(&n, text, len, '1');
}

/* Since October 2020 new numbers have no check digit. */
static bool
kr_resident(const char *text, size_t len)
{
	struct number n;

	return kr_form(&n, text, len, '1') &&
	       (11 - kr_sum(&n)) % 10 == n.at[12] - '0';
}

static bool
kr_foreigner_form(const char *text, size_t len)
{
	struct number n;

	return kr_form(&n, text, len, '5');
}

static bool
kr_foreigner(const char *text, size_t len)
{
	struct number n;

	return kr_form(&n, text, len, '5') &&
	       (13 - kr_sum(&n)) % 10 == n.at[12] - '0';
}

/* Tax office, kind, serial; tens of five times the ninth digit count too. */
static bool
kr_business(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 10) && n.at[0] != '0' &&
	       modulo(-(weigh(n.at, W(1, 3, 7, 1, 3, 7, 1, 3, 5), 9) +
			  (n.at[8] - '0') * 5 / 10),
		   10) == n.at[9] - '0';
}

/* The office that issued it: 11 to 26 and 28. */
static bool
kr_driver(const char *text, size_t len)
{
	struct number n;
	uint32_t office;

	if (!digits_read(&n, text, len, 12))
		return false;
	office = digits_value(n.at, 2);
	return office >= 11 && office <= 28 && office != 27;
}

static bool
jp_individual(const char *text, size_t len)
{
	struct number n;
	int32_t r;

	if (!digits_read(&n, text, len, 12))
		return false;
	r = weigh(n.at, W(6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 11) % 11;
	return (r <= 1 ? 0 : 11 - r) == n.at[11] - '0';
}

/* The check digit comes first. */
static bool
jp_corporate(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 13) && n.at[0] != '0' &&
	       9 - weigh(n.at + 1, W(2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1), 12) %
			   9 ==
		   n.at[0] - '0';
}

/* Division, date of birth, serial; X stands for 10. */
static bool
cn_resident(const char *text, size_t len)
{
	struct number n;

	return number_read(&n, text, len) && n.len == 18 &&
	       number_digits(&n, 0, 17) && n.at[0] != '0' && n.at[0] != '9' &&
	       date_exists(digits_value(n.at + 6, 4),
		   digits_value(n.at + 10, 2), digits_value(n.at + 12, 2)) &&
	       check_mod11_2(n.at, 18);
}

/* Thirty-one characters without I, O, S, V, Z; weights are powers of 3. */
static bool
cn_credit_code(const char *text, size_t len)
{
	static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
	struct number n;
	int32_t sum = 0, weight = 1;

	if (!number_read(&n, text, len) || n.len != 18 ||
	    !number_digits(&n, 2, 8))
		return false;
	for (size_t i = 0; i < 17; i++) {
		const char *at = strchr(alphabet, n.at[i]);

		if (at == NULL)
			return false;
		sum += (int32_t)(at - alphabet) * weight;
		weight = weight * 3 % 31;
	}
	return alphabet[modulo(-sum, 31)] == n.at[17];
}

/* The letter of the place of registration stands for two digits. */
static bool
tw_identity(const char *text, size_t len)
{
	static const uint8_t place[] = { 10, 11, 12, 13, 14, 15, 16, 17, 34, 18,
		19, 20, 21, 22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31,
		33 };
	struct number n;
	int32_t v;

	if (!number_read(&n, text, len) || n.len != 10 || n.at[0] < 'A' ||
	    !number_digits(&n, 1, 10))
		return false;
	v = place[n.at[0] - 'A'];
	return (v / 10 + v % 10 * 9 +
		   weigh(n.at + 1, W(8, 7, 6, 5, 4, 3, 2, 1, 1), 9)) %
		   10 ==
	       0;
}

/* A multiple of five since 2023; a seventh digit 7 may count one more. */
static bool
tw_business(const char *text, size_t len)
{
	struct number n;
	int32_t sum;

	if (!digits_read(&n, text, len, 8))
		return false;
	sum = weigh_across(n.at, W(1, 2, 1, 2, 1, 2, 4, 1), 8);
	return sum % 5 == 0 || (n.at[6] == '7' && (sum + 1) % 5 == 0);
}

/* One letter has a space in front, which counts 36; A is the digit 10. */
static bool
hk_identity(const char *text, size_t len)
{
	struct number n;
	int32_t sum = 0;
	size_t letters;

	if (!text_upper(text, len) || !number_read(&n, text, len) || n.len < 8)
		return false;
	letters = n.len - 7;
	if (letters > 2 || !number_digits(&n, letters, letters + 6) ||
	    n.at[0] < 'A' || n.at[letters - 1] < 'A' ||
	    (n.at[n.len - 1] > '9' && n.at[n.len - 1] != 'A'))
		return false;
	sum = letters == 1 ? 36 * 9 : (n.at[0] - 'A' + 10) * 9;
	sum += (n.at[letters - 1] - 'A' + 10) * 8;
	sum += weigh(n.at + letters, W(7, 6, 5, 4, 3, 2), 6);
	sum += n.at[n.len - 1] == 'A' ? 10 : n.at[n.len - 1] - '0';
	return sum % 11 == 0;
}

/* Province of birth, century and sex, year, serial. */
static bool
vn_citizen(const char *text, size_t len)
{
	struct number n;
	uint32_t province;

	if (!digits_read(&n, text, len, 12) || n.at[0] != '0')
		return false;
	province = digits_value(n.at, 3);
	return province <= 96 && n.at[3] <= '3';
}

#define RRN "\\d{2}[01]\\d[0-3]\\d[ -]?"
#define RRN_WORDS                                                        \
	LIST("주민등록번호", "주민번호", "resident registration", "rrn", \
	    "주민등록")
#define FRN_WORDS                                                             \
	LIST("외국인등록번호", "외국인번호", "foreigner registration", "frn", \
	    "alien registration", "외국인")
#define KR_PASSPORT_WORDS \
	LIST("여권", "여권번호", "passport", "korean passport")

const struct recogniser recognisers_east[] = {
	{ "KR_RRN", "KR", LIST(RRN "[1-4]\\d{6}"), kr_resident, RRN_WORDS, 20,
	    90, false, "주민등록법 제7조의2; 시행규칙 제2조" },
	{ "KR_RRN", "KR", LIST(RRN "[1-4]\\d{6}"), kr_resident_form, RRN_WORDS,
	    50, 50, false,
	    "주민등록법 시행규칙 제2조; given since October 2020" },
	{ "KR_FRN", "KR", LIST(RRN "[5-8]\\d{6}"), kr_foreigner, FRN_WORDS, 20,
	    90, false, "출입국관리법 제31조" },
	{ "KR_FRN", "KR", LIST(RRN "[5-8]\\d{6}"), kr_foreigner_form, FRN_WORDS,
	    50, 50, false, "출입국관리법 제31조; given since October 2020" },
	{ "KR_BRN", "KR", LIST("\\d{3}-\\d{2}-\\d{5}", D(10)), kr_business,
	    LIST(
		"사업자등록번호", "사업자번호", "business registration", "brn"),
	    5, 50, false, "부가가치세법 제8조; 국세청" },
	{ "KR_DRIVER_LICENSE", "KR",
	    LIST("\\d{2}[ -]?\\d{2}[ -]?\\d{6}[ -]?\\d{2}"), kr_driver,
	    LIST("운전면허", "면허번호", "운전면허번호", "driver license",
		"license"),
	    35, 35, false, "도로교통법 제85조; 도로교통공단" },
	{ "KR_PASSPORT", "KR", LIST("[MSRODG]\\d{3}[A-Z]\\d{4}"), NULL,
	    KR_PASSPORT_WORDS, 10, 10, true,
	    "여권법 시행령; since December 2021" },
	{ "KR_PASSPORT", "KR", LIST("[MSRODG]\\d{8}"), NULL, KR_PASSPORT_WORDS,
	    5, 5, true, "여권법 시행령; before December 2021" },
	{ "JP_MY_NUMBER", "JP", LIST(D(12), "\\d{4}[ -]\\d{4}[ -]\\d{4}"),
	    jp_individual,
	    LIST("マイナンバー", "個人番号", "my number", "マイナンバ"), 5, 45,
	    false, "番号法; 平成26年総務省令第85号 第5条" },
	{ "JP_CORPORATE_NUMBER", "JP",
	    LIST("[1-9]\\d{12}", "[1-9]-\\d{4}-\\d{4}-\\d{4}"), jp_corporate,
	    LIST("法人番号", "corporate number"), 5, 40, true,
	    "法人番号の指定等に関する省令 第2条" },
	{ "JP_PASSPORT", "JP", LIST("[A-Z]{2}\\d{7}"), NULL,
	    LIST("旅券", "パスポート", "旅券番号", "passport"), 5, 5, true,
	    "旅券法; ICAO Doc 9303-4" },
	{ "JP_DRIVER_LICENSE", "JP", LIST(D(12)), NULL,
	    LIST("運転免許", "免許証", "免許証番号", "driver license"), 3, 3,
	    true, "道路交通法 第93条" },
	{ "CN_RESIDENT_ID", "CN", LIST("[1-8]\\d{16}[\\dX]"), cn_resident,
	    LIST("身份证", "身份证号", "公民身份号码", "resident id"), 20, 98,
	    false, "GB 11643-1999" },
	{ "CN_USCC", "CN",
	    LIST("[1-9A-HJ-NP-RTUWXY][1-9]\\d{6}[\\dA-HJ-NP-RTUWXY]{10}"),
	    cn_credit_code, LIST("统一社会信用代码", "社会信用代码", "uscc"),
	    10, 85, false, "GB 32100-2015" },
	{ "CN_PASSPORT", "CN",
	    LIST("[EG]\\d{8}", "E[A-Z]\\d{7}", "[DSP]E?\\d{7}"), NULL,
	    LIST("护照", "护照号", "passport"), 10, 10, true,
	    "护照法; ICAO 9303" },
	{ "TW_NATIONAL_ID", "TW", LIST("[A-Z][1289]\\d{8}"), tw_identity,
	    LIST("身分證", "身分證字號", "統一證號", "居留證"), 20, 80, false,
	    "戶籍法; 內政部, 國民身分證統一編號" },
	{ "TW_UBN", "TW", LIST(D(8)), tw_business,
	    LIST("統一編號", "統編", "ubn"), 3, 30, true,
	    "財政部, 營利事業統一編號檢查碼 (2023)" },
	{ "HK_ID_CARD", "HK",
	    LIST("[A-Z]{1,2}\\d{6}\\([\\dA]\\)", "[A-Z]{1,2}\\d{6} ?[\\dA]"),
	    hk_identity,
	    LIST("hkid", "香港身份證", "身份證", "identity card", "身份證號碼"),
	    10, 65, false, "Registration of Persons Ordinance, cap. 177" },
	{ "VN_CITIZEN_ID", "VN", LIST("0\\d{11}"), vn_citizen,
	    LIST("cccd", "căn cước", "căn cước công dân", "định danh"), 20, 20,
	    true, "Nghị định 137/2015/NĐ-CP, Điều 13" },
};
const size_t recognisers_east_count =
    sizeof(recognisers_east) / sizeof(recognisers_east[0]);
