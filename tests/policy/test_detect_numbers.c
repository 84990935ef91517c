/*
 * The check digits that validators are made of, against the examples of their
 * standards; and the rows of all tables: their form, and a published number
 * of each with its neighbours.
 */

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "policy/detect/check_internal.h"
#include "policy/detect/recogniser_internal.h"
#include "tests/support/test.h"

/* Whether all digits but one leave the check wrong, at every place. */
static void
assert_one_right(bool (*check)(const char *, size_t), const char *good)
{
	char text[40];
	size_t n = strlen(good);

	for (size_t i = 0; i < n; i++) {
		size_t right = 0;

		if (!isdigit((unsigned char)good[i]))
			continue;
		for (char c = '0'; c <= '9'; c++) {
			memcpy(text, good, n + 1);
			text[i] = c;
			right += check(text, n);
		}
		assert_int_equal(right, 1);
	}
}

static void
a_luhn_digit_finds_every_single_mistake(void **state)
{
	(void)state;
	assert_true(check_luhn("49927398716", 11));
	assert_one_right(check_luhn, "49927398716");
	assert_one_right(check_luhn, "4111111111111111");
}

static void
a_verhoeff_digit_finds_single_mistakes_and_swaps(void **state)
{
	static const char good[] = "2363";
	static const char longer[] = "84736430954837284567892";
	char text[sizeof(longer)];

	(void)state;
	assert_one_right(check_verhoeff, good);
	assert_one_right(check_verhoeff, longer);
	for (size_t i = 0; i + 2 < sizeof(longer); i++) {
		memcpy(text, longer, sizeof(longer));
		text[i] = longer[i + 1];
		text[i + 1] = longer[i];
		assert_int_equal(check_verhoeff(text, sizeof(longer) - 1),
		    text[i] == text[i + 1]);
	}
}

static void
a_damm_digit_finds_single_mistakes_and_swaps(void **state)
{
	(void)state;
	assert_true(check_damm("5724", 4));
	assert_false(check_damm("5742", 4));
	assert_one_right(check_damm, "5724");
}

static void
iso_7064_systems_agree_with_their_standard(void **state)
{
	(void)state;
	assert_true(check_mod11_10("07945", 5));
	assert_one_right(check_mod11_10, "07945");
	assert_true(check_mod37_36("A12425GABC1234002M", 18));
	assert_false(check_mod37_36("A12425GABC1234002N", 18));
	assert_true(check_mod11_2("079X", 4));
	assert_false(check_mod11_2("0790", 4));
	assert_true(check_mod11_2("0000000121032683", 16));
	assert_true(check_mod11_2("000000012150090X", 16));
	assert_false(check_mod11_2("00000001X1032683", 16));
	assert_int_equal(
	    remainder_of("3214282912345698765432161182", 28, 97), 1);
}

static void
days_that_do_not_exist_are_none(void **state)
{
	(void)state;
	assert_true(date_exists(2000, 2, 29));
	assert_false(date_exists(1900, 2, 29));
	assert_false(date_exists(2001, 2, 29));
	assert_false(date_exists(2001, 4, 31));
	assert_false(date_exists(2001, 0, 1));
	assert_false(date_exists(2001, 13, 1));
	assert_false(date_exists(2001, 1, 0));
	assert_true(date_ddmmyy("311299"));
	assert_false(date_ddmmyy("310999"));
	assert_true(date_yymmdd("000229"));
}

static void
separators_and_case_are_no_part_of_a_number(void **state)
{
	struct number n;

	(void)state;
	assert_true(number_read(&n, "de 136-695.976", 14));
	assert_string_equal(n.at, "DE136695976");
	assert_false(number_read(&n, "000-000", 7));
	assert_false(number_read(&n, "", 0));
	assert_false(
	    number_read(&n, "1234567890123456789012345678901234567890123", 43));
	assert_false(digits_read(&n, "12a", 3, 3));
	assert_false(digits_read(&n, "123", 3, 4));
	assert_true(prefixed_read(&n, "LU 15027442", 11, "LU", 8));
	assert_string_equal(n.at, "15027442");
	assert_false(prefixed_read(&n, "15027442", 8, "LU", 8));
}

/* Row number i of all tables, or NULL after the last. */
static const struct recogniser *
row(size_t i)
{
	for (size_t t = 0; t < recogniser_tables_count; t++) {
		if (i < *recogniser_tables[t].count)
			return &recogniser_tables[t].rows[i];
		i -= *recogniser_tables[t].count;
	}
	return NULL;
}

static bool
proved(const char *entity, const char *text, size_t len)
{
	const struct recogniser *r;

	for (size_t i = 0; (r = row(i)) != NULL; i++)
		if (strcmp(r->entity, entity) == 0 && r->valid != NULL &&
		    r->valid_score > r->score && r->valid(text, len))
			return true;
	return false;
}

/* Specimens and examples that authorities and companies published. */
static const struct sample {
	const char *entity, *number;
} samples[] = {
	{ "DE_TAX_ID", "86095742719" },
	{ "DE_VAT_ID", "DE136695976" },
	{ "DE_SOCIAL_SECURITY", "15070649C103" },
	{ "DE_HEALTH_INSURANCE", "A123456780" },
	{ "DE_ID_CARD", "L01X00T44" },
	{ "DE_PASSPORT", "C01X00T41" },
	{ "DE_LANR", "123456601" },
	{ "AT_SSN", "1237 010180" },
	{ "AT_VAT_ID", "ATU13585627" },
	{ "AT_COMPANY_NUMBER", "FN 93363z" },
	{ "AT_COMPANY_NUMBER", "FN122119m" },
	{ "CH_AHV", "756.9217.0769.85" },
	{ "CH_UID", "CHE-100.155.212" },
	{ "BE_NATIONAL_NUMBER", "85.07.30-033.28" },
	{ "BE_VAT", "BE0428759497" },
	{ "NL_BSN", "111222333" },
	{ "NL_VAT", "NL004495445B01" },
	{ "NL_VAT", "NL002455799B11" },
	{ "LU_MATRICULE", "1893120105732" },
	{ "LU_VAT", "LU15027442" },
	{ "FR_NIR", "2 95 10 99 126 111 93" },
	{ "FR_TAX_ID", "3023217600053" },
	{ "FR_SIREN", "552008443" },
	{ "FR_SIRET", "73282932000074" },
	{ "FR_SIRET", "35600000049837" },
	{ "FR_VAT", "FR40303265045" },
	{ "ES_NIF", "12345678Z" },
	{ "ES_NIE", "X2482300W" },
	{ "ES_CIF", "A58818501" },
	{ "ES_SSN", "281234567840" },
	{ "PT_NIF", "501964843" },
	{ "PT_CC", "00000000 0 ZZ4" },
	{ "IT_FISCAL_CODE", "RSSMRA85T10A562S" },
	{ "IT_FISCAL_CODE", "Rss Mra 85t10 A562s" },
	{ "IT_FISCAL_CODE", "rss mra 85t10 a562s" },
	{ "IT_VAT_CODE", "01333550323" },
	{ "MT_VAT", "MT11679112" },
	{ "UK_NHS", "943 476 5919" },
	{ "UK_UTR", "1955839661" },
	{ "UK_VAT", "GB980780684" },
	{ "IE_PPSN", "1234567T" },
	{ "IE_PPSN", "1234567FA" },
	{ "IE_VAT", "IE6433435F" },
	{ "SE_PERSONNUMMER", "811218-9876" },
	{ "SE_ORGANISATIONSNUMMER", "556703-7485" },
	{ "NO_FODSELSNUMMER", "15108695088" },
	{ "NO_ORGNR", "923609016" },
	{ "DK_CPR", "211062-5629" },
	{ "DK_CVR", "13585628" },
	{ "FI_PERSONAL_IDENTITY_CODE", "131052-308T" },
	{ "FI_BUSINESS_ID", "2077474-0" },
	{ "IS_KENNITALA", "120174-3399" },
	{ "EE_ISIKUKOOD", "36805280109" },
	{ "EE_VAT", "EE100931558" },
	{ "LV_PERSONAS_KODS", "161175-19997" },
	{ "LV_VAT", "LV40003521600" },
	{ "LT_ASMENS_KODAS", "33309240064" },
	{ "LT_VAT", "LT119511515" },
	{ "PL_PESEL", "44051401458" },
	{ "PL_NIP", "8567346215" },
	{ "PL_REGON", "192598184" },
	{ "PL_ID_CARD", "ABA300000" },
	{ "PL_PASSPORT", "ZS0000177" },
	{ "CZ_BIRTH_NUMBER", "710319/2745" },
	{ "CZ_ICO", "25123891" },
	{ "CZ_VAT", "CZ25123891" },
	{ "SK_VAT", "SK2022749619" },
	{ "HU_TAX_ID", "8071592153" },
	{ "HU_TAJ", "111 111 110" },
	{ "HU_VAT", "HU12892312" },
	{ "SI_EMSO", "0101006500006" },
	{ "SI_VAT", "SI50223054" },
	{ "HR_OIB", "33392005961" },
	{ "RO_CNP", "1630615123457" },
	{ "RO_CUI", "18547290" },
	{ "BG_EGN", "7523169263" },
	{ "BG_LNCH", "7111042925" },
	{ "BG_VAT", "BG175074752" },
	{ "GR_AFM", "094259216" },
	{ "GR_AMKA", "01013099997" },
	{ "CY_VAT", "CY10259033P" },
	{ "TR_NATIONAL_ID", "10000000146" },
	{ "TR_TAX_NUMBER", "4540536920" },
	{ "IL_ID_NUMBER", "039337423" },
	{ "UA_RNTRC", "1759013776" },
	{ "UA_EDRPOU", "32855961" },
	{ "RU_INN", "7707083893" },
	{ "RU_INN", "500100732259" },
	{ "RU_SNILS", "112-233-445 95" },
	{ "ABA_ROUTING_NUMBER", "121042882" },
	{ "US_NPI", "1234567893" },
	{ "MEDICAL_LICENSE", "GL0285191" },
	{ "CA_SIN", "130 692 544" },
	{ "CA_BUSINESS_NUMBER", "123026635RC0001" },
	{ "BR_CPF", "390.533.447-05" },
	{ "BR_CNPJ", "16.727.230/0001-97" },
	{ "BR_CNPJ", "12.ABC.345/01DE-35" },
	{ "BR_VOTER_ID", "004356870906" },
	{ "MX_CURP", "BOXW310820HNERXN09" },
	{ "MX_RFC", "GODE561231GR8" },
	{ "MX_CLABE", "032180000118359719" },
	{ "AR_CUIT", "20-05536168-2" },
	{ "CL_RUT", "12531909-2" },
	{ "CO_NIT", "213123432-1" },
	{ "PE_RUC", "20512333797" },
	{ "IN_AADHAAR", "2341 2341 2346" },
	{ "IN_VOTER", "WKH1186253" },
	{ "SG_NRIC_FIN", "S1234567D" },
	{ "SG_NRIC_FIN", "T1234567J" },
	{ "SG_NRIC_FIN", "F1234567N" },
	{ "SG_NRIC_FIN", "G1234567X" },
	{ "SG_UEN", "00192200M" },
	{ "SG_UEN", "197401143C" },
	{ "SG_UEN", "S16FC0121D" },
	{ "TH_TNIN", "1234567890121" },
	{ "KR_RRN", "960121-1021413" },
	{ "KR_FRN", "9111245678906" },
	{ "KR_BRN", "116-82-00276" },
	{ "JP_MY_NUMBER", "123456789018" },
	{ "JP_CORPORATE_NUMBER", "5835678256246" },
	{ "CN_RESIDENT_ID", "11010519491231002X" },
	{ "CN_USCC", "91110000600037341L" },
	{ "TW_NATIONAL_ID", "A123456789" },
	{ "HK_ID_CARD", "A123456(3)" },
	{ "HK_ID_CARD", "AB987654(3)" },
	{ "AU_ABN", "83 914 571 673" },
	{ "AU_ACN", "004 085 616" },
	{ "AU_TFN", "123 456 782" },
	{ "AU_MEDICARE", "2123 45670 1" },
	{ "AU_IHI", "8003608833357361" },
	{ "NZ_IRD", "49-091-850" },
	{ "NZ_NHI", "ZAC5361" },
	{ "NZ_NHI", "ALU18KZ" },
	{ "ZA_ID_NUMBER", "8001015009087" },
	{ "ZA_TAX_NUMBER", "0001339050" },
	{ "NG_NIN", "12345678902" },
};

static void
published_numbers_are_right(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const struct sample *s = &samples[i];

		if (proved(s->entity, s->number, strlen(s->number)))
			continue;
		print_error("%s %s\n", s->entity, s->number);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* The last but one of what is checked is where no issue number follows. */
static void
a_digit_less_or_noughts_alone_are_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const struct sample *s = &samples[i];
		char text[40];
		size_t len = strlen(s->number);

		memcpy(text, s->number, len + 1);
		if (strcmp(s->entity, "RO_CUI") != 0 &&
		    strcmp(s->entity, "NZ_IRD") != 0 &&
		    strcmp(s->entity, "AU_MEDICARE") != 0)
			assert_false(proved(
			    s->entity, text, len - 1 - (text[len - 1] == ')')));
		for (size_t j = 0; j < len; j++)
			if (isdigit((unsigned char)text[j]))
				text[j] = '0';
		if (proved(s->entity, text, len))
			fail_msg("%s %s", s->entity, text);
	}
}

/* Most single mistakes must be found; by 11 and 10 some are not. */
static void
most_mistaken_digits_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const struct sample *s = &samples[i];
		char text[40];
		size_t len = strlen(s->number), tried = 0, found = 0;

		for (size_t j = 0; j < len; j++) {
			if (!isdigit((unsigned char)s->number[j]))
				continue;
			for (char c = '0'; c <= '9'; c++) {
				memcpy(text, s->number, len + 1);
				text[j] = c;
				if (c == s->number[j])
					continue;
				tried++;
				found += !proved(s->entity, text, len);
			}
		}
		if (found * 10 < tried * 6)
			fail_msg("%s: %zu of %zu", s->entity, found, tried);
	}
}

/*
 * No quantifier in a repeated group (but ?, which adds no length), and in the
 * rows of countries nothing without an end.
 */
static void
assert_pattern(const char *p, bool bounded)
{
	bool in_class = false;

	assert_null(strstr(p, ")+"));
	assert_null(strstr(p, ")*"));
	if (!bounded)
		return;
	assert_null(strstr(p, "){"));
	assert_null(strstr(p, ",}"));
	for (; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (in_class || *p == '[')
			in_class = *p != ']';
		else
			assert_true(*p != '*' && *p != '+');
	}
}

static void
assert_row(const struct recogniser *r)
{
	bool national = *r->country != '\0';
	size_t n = strlen(r->entity);

	assert_true(
	    n >= 3 &&
	    strspn(r->entity, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == n);
	assert_true(!national || (strlen(r->country) == 2 &&
				     isupper((unsigned char)*r->country)));
	/* what is found by rules over words has none */
	assert_true(r->patterns[0] != NULL || !national);
	assert_true(r->score >= 1 && r->valid_score >= r->score &&
		    r->valid_score <= 100);
	assert_true(r->valid != NULL || r->valid_score == r->score);
	assert_true(!national || strlen(r->source) > 5);
	for (size_t i = 0; r->context != NULL && r->context[i] != NULL; i++)
		for (const char *c = r->context[i]; *c != '\0'; c++)
			assert_false(isupper((unsigned char)*c));
	for (size_t i = 0; r->patterns[i] != NULL; i++)
		assert_pattern(r->patterns[i], national);
}

static void
every_row_is_complete_and_its_patterns_have_an_end(void **state)
{
	const struct recogniser *r;
	size_t i;

	(void)state;
	for (i = 0; (r = row(i)) != NULL; i++)
		assert_row(r);
	assert_true(i > 250);
}

/* Whatever a validator is handed, it reads only that. */
static void
validators_read_what_they_are_handed(void **state)
{
	static const char chars[] = "0123456789ABCKXYZ -./(\xc3\x91~";
	const struct recogniser *r;
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; (r = row(i)) != NULL; i++) {
		if (r->valid == NULL)
			continue;
		for (size_t len = 1; len < 48; len++) {
			char *text = malloc(len + 1);

			for (size_t j = 0; j < len; j++) {
				seed = seed * 1664525 + 1013904223;
				text[j] =
				    chars[(seed >> 16) % (sizeof(chars) - 1)];
			}
			(void)r->valid(text, len);
			free(text);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_luhn_digit_finds_every_single_mistake),
		cmocka_unit_test(
		    a_verhoeff_digit_finds_single_mistakes_and_swaps),
		cmocka_unit_test(a_damm_digit_finds_single_mistakes_and_swaps),
		cmocka_unit_test(iso_7064_systems_agree_with_their_standard),
		cmocka_unit_test(days_that_do_not_exist_are_none),
		cmocka_unit_test(separators_and_case_are_no_part_of_a_number),
		cmocka_unit_test(published_numbers_are_right),
		cmocka_unit_test(a_digit_less_or_noughts_alone_are_wrong),
		cmocka_unit_test(most_mistaken_digits_are_found),
		cmocka_unit_test(
		    every_row_is_complete_and_its_patterns_have_an_end),
		cmocka_unit_test(validators_read_what_they_are_handed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
