/*
 * Brazil, Mexico, Argentina, Chile, Colombia, Peru.
 */

#include <string.h>

#include "policy/detect/rows_internal.h"

/*
 * A digit by 11 whose weights count up from 2 at the right and begin anew
 * after last; letters count from A = 17, as their codes do.
 */
static int32_t
br_digit(const char *text, size_t n, int32_t last)
{
	int32_t sum = 0, weight = 2;

	for (size_t i = n; i > 0; i--) {
		sum += (text[i - 1] - '0') * weight;
		weight = weight == last ? 2 : weight + 1;
	}
	return sum % 11 < 2 ? 0 : 11 - sum % 11;
}

static bool
br_two_digits(const char *text, size_t n, int32_t last)
{
	return br_digit(text, n, last) == text[n] - '0' &&
	       br_digit(text, n + 1, last) == text[n + 1] - '0';
}

static bool
br_cpf(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 11) && !number_same(&n) &&
	       br_two_digits(n.at, 9, 99);
}

/* With letters in the first twelve places since July 2026. */
static bool
br_cnpj(const char *text, size_t len)
{
	struct number n;

	return number_read(&n, text, len) && n.len == 14 &&
	       number_digits(&n, 12, 14) && !number_same(&n) &&
	       br_two_digits(n.at, 12, 9);
}

static bool
br_pis(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 11) && !number_same(&n) &&
	       br_digit(n.at, 10, 9) == n.at[10] - '0';
}

/* Those of people who have a PIS hold it; others begin with 7, 8 or 9. */
static bool
br_health_card(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 15) &&
	       strchr("12789", n.at[0]) != NULL &&
	       weigh(n.at, W(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1),
		   15) %
		       11 ==
		   0;
}

/* Serial, state, a digit over each; Sao Paulo and Minas write 1 for 0. */
static bool
br_voter(const char *text, size_t len)
{
	struct number n;
	int32_t first, second;
	uint32_t state;
	bool early;

	if (!digits_read(&n, text, len, 12))
		return false;
	state = digits_value(n.at + 8, 2);
	early = state == 1 || state == 2;
	first = weigh(n.at, W(2, 3, 4, 5, 6, 7, 8, 9), 8) % 11;
	first = first == 10 ? 0 : first == 0 && early ? 1 : first;
	second = weigh(n.at + 8, W(7, 8), 2) + first * 9;
	second = second % 11;
	second = second == 10 ? 0 : second == 0 && early ? 1 : second;
	return state >= 1 && state <= 28 && first == n.at[10] - '0' &&
	       second == n.at[11] - '0';
}

/* Driving licence: falling, then rising weights. */
static bool
br_cnh(const char *text, size_t len)
{
	struct number n;
	int32_t first, second, less = 0;

	if (!digits_read(&n, text, len, 11) || number_same(&n))
		return false;
	first = weigh(n.at, W(9, 8, 7, 6, 5, 4, 3, 2, 1), 9) % 11;
	if (first >= 10) {
		first = 0;
		less = 2;
	}
	second = weigh(n.at, W(1, 2, 3, 4, 5, 6, 7, 8, 9), 9) % 11;
	second = second >= 10 ? 0 : second - less;
	second = second < 0 ? second + 11 : second;
	return first == n.at[9] - '0' && second % 10 == n.at[10] - '0';
}

/*
 * Letters of the name, date of birth, sex, state, consonants, a character
 * against doubles, and a digit over 37 characters with Ñ after N.
 */
static bool
mx_curp(const char *text, size_t len)
{
	static const char states[] =
	    "AS BC BS CC CH CL CM CS DF DG GR GT HG JC MC MN MS NE NL NT OC "
	    "PL QR QT SL SP SR TC TL TS VZ YN ZS";
	struct number n;
	int32_t sum = 0;

	if (!number_read(&n, text, len) || n.len != 18 ||
	    !number_digits(&n, 4, 10) || !number_digits(&n, 17, 18) ||
	    !date_yymmdd(n.at + 4) || !word_in(states, n.at + 11, 2))
		return false;
	for (int32_t i = 0; i < 17; i++) {
		int32_t v = n.at[i] - '0';

		if (v > 9)
			v = n.at[i] - 'A' + 10 + (n.at[i] > 'N');
		sum += v * (18 - i);
	}
	return modulo(-sum, 10) == n.at[17] - '0';
}

/* Names may have an ampersand or an Ñ, which stands as a tilde here. */
static size_t
rfc_read(char out[14], const char *text, size_t len)
{
	size_t count = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (c == '\xc3' && i + 1 < len) {
			c = '~';
			i++;
		}
		if (c == '-' || c == ' ')
			continue;
		if (count == 13)
			return 0;
		out[count++] = c;
	}
	out[count] = '\0';
	return count;
}

/* The place of a character in the tax office's alphabet. */
static int32_t
rfc_worth(char c)
{
	if (c == '&')
		return 24;
	if (c == '~')
		return 38;
	return c <= '9' ? c - '0' : c - 'A' + 10 + (c > 'N');
}

/* Three letters of a company, four of a person, and a date. */
static bool
mx_rfc_form(const char *text, size_t len)
{
	char rfc[14];
	size_t count = rfc_read(rfc, text, len), letters;

	if (count < 12)
		return false;
	letters = count - 9;
	return strspn(rfc + letters, "0123456789") >= 6 &&
	       date_yymmdd(rfc + letters);
}

/* Two characters against doubles and a check by 11. */
static bool
mx_rfc(const char *text, size_t len)
{
	char rfc[14];
	size_t count = rfc_read(rfc, text, len);
	int32_t sum, check;

	if (!mx_rfc_form(text, len))
		return false;
	sum = count == 12 ? 37 * 13 : 0; /* a space in front counts 37 */
	for (size_t i = 0; i < count - 1; i++)
		sum += rfc_worth(rfc[i]) * (int32_t)(count - i);
	check = 11 - sum % 11;
	return rfc[count - 1] == (check == 11	   ? '0'
				     : check == 10 ? 'A'
						   : (char)('0' + check));
}

static bool
mx_nss(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 11) && check_luhn(n.at, 11);
}

static bool
mx_clabe(const char *text, size_t len)
{
	struct number n;
	int32_t sum = 0;

	if (!digits_read(&n, text, len, 18))
		return false;
	for (size_t i = 0; i < 17; i++)
		sum += (n.at[i] - '0') * ("371"[i % 3] - '0') % 10;
	return modulo(-sum, 10) == n.at[17] - '0';
}

static bool
ar_cuit(const char *text, size_t len)
{
	struct number n;
	int32_t check;

	if (!digits_read(&n, text, len, 11) ||
	    !word_in("20 23 24 25 26 27 30 33 34 50 51 55", n.at, 2))
		return false;
	check = 11 - weigh(n.at, W(5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 10) % 11;
	return (check == 11 ? 0 : check == 10 ? 9 : check) == n.at[10] - '0';
}

static bool
cl_rut(const char *text, size_t len)
{
	struct number n;
	int32_t sum = 0;

	if (!number_read(&n, text, len) || n.len < 8 || n.len > 9 ||
	    !number_digits(&n, 0, n.len - 1))
		return false;
	for (size_t i = 0; i < n.len - 1; i++)
		sum += (n.at[n.len - 2 - i] - '0') * (int32_t)(2 + i % 6);
	return "0K987654321"[sum % 11] == n.at[n.len - 1];
}

static bool
co_nit(const char *text, size_t len)
{
	struct number n;
	int32_t r;

	if (!digits_read(&n, text, len, 10))
		return false;
	r = weigh(n.at, W(41, 37, 29, 23, 19, 17, 13, 7, 3), 9) % 11;
	return (r < 2 ? r : 11 - r) == n.at[9] - '0';
}

static bool
pe_ruc(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 11) &&
	       word_in("10 15 16 17 20", n.at, 2) &&
	       (11 - weigh(n.at, W(5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 10) % 11) %
		       10 ==
		   n.at[10] - '0';
}

#define CNPJ "[A-Z\\d]"
#define RFC_WORDS                                                          \
	LIST("rfc", "registro federal de contribuyentes", "contribuyente", \
	    "sat")

const struct recogniser recognisers_latin[] = {
	{ "BR_CPF", "BR", LIST(D(11), "\\d{3}\\.\\d{3}\\.\\d{3}[-/]\\d{2}"),
	    br_cpf, LIST("cpf", "cadastro de pessoas físicas", "cpf/mf"), 10,
	    85, false, "IN RFB 2172/2024; Receita Federal" },
	{ "BR_CNPJ", "BR",
	    LIST(D(14), "\\d{2}\\.\\d{3}\\.\\d{3}/\\d{4}-\\d{2}",
		CNPJ "{2}\\." CNPJ "{3}\\." CNPJ "{3}/" CNPJ "{4}-\\d{2}"),
	    br_cnpj, LIST("cnpj", "cadastro nacional da pessoa jurídica"), 10,
	    90, false, "IN RFB 2119/2022; IN RFB 2229/2024 (letters)" },
	{ "BR_PIS", "BR", LIST(D(11), "\\d{3}\\.\\d{5}\\.\\d{2}-\\d"), br_pis,
	    LIST("pis", "pasep", "nis", "nit", "pis/pasep"), 5, 45, false,
	    "Lei Complementar 7/1970; Caixa, cadastro NIS" },
	{ "BR_CNS", "BR",
	    LIST("[12789]\\d{14}", "[12789]\\d{2} \\d{4} \\d{4} \\d{4}"),
	    br_health_card,
	    LIST("cns", "cartão nacional de saúde", "cartão sus", "sus"), 5, 70,
	    false, "Portaria GM/MS 940/2011; DATASUS, CNS" },
	{ "BR_VOTER_ID", "BR", LIST(D(12), "\\d{4} \\d{4} \\d{4}"), br_voter,
	    LIST("título de eleitor", "título eleitoral", "titulo", "eleitor"),
	    5, 45, true, "Resolucao TSE 23.659/2021" },
	{ "BR_CNH", "BR", LIST(D(11)), br_cnh,
	    LIST("cnh", "carteira de habilitação", "habilitação",
		"carteira nacional de habilitação"),
	    5, 45, true, "Lei 9.503/1997 art. 159; CONTRAN 886/2021" },
	{ "BR_RG", "BR", LIST("\\d{1,2}\\.?\\d{3}\\.?\\d{3}-?[\\dX]"), NULL,
	    LIST(
		"rg", "registro geral", "identidade", "carteira de identidade"),
	    10, 10, true, "Lei 7.116/1983" },
	{ "BR_PASSPORT", "BR", LIST("[A-Z]{2}\\d{6}"), NULL,
	    LIST("passaporte", "passport"), 5, 5, true, "Decreto 5.978/2006" },
	{ "MX_CURP", "MX", LIST("[A-Z]{4}\\d{6}[HMX][A-Z]{5}[A-Z\\d]\\d"),
	    mx_curp, LIST("curp", "clave única de registro de población"), 50,
	    98, false, "DOF 18 VI 2018, Instructivo normativo CURP" },
	{ "MX_RFC", "MX", LIST("[A-ZÑ&]{3,4}-?\\d{6}-?[A-V1-9][A-Z\\d][\\dA]"),
	    mx_rfc, RFC_WORDS, 30, 90, false,
	    "Codigo Fiscal art. 27; SAT, RFC" },
	{ "MX_RFC", "MX", LIST("[A-ZÑ&]{3,4}-?\\d{6}-?[A-Z\\d]{3}"),
	    mx_rfc_form, RFC_WORDS, 40, 40, false,
	    "Codigo Fiscal art. 27; form alone" },
	{ "MX_NSS", "MX", LIST("\\d{11}", "\\d{2}-\\d{2}-\\d{2}-\\d{4}-\\d"),
	    mx_nss,
	    LIST("nss", "imss", "seguro social", "número de seguridad social"),
	    5, 40, true, "Ley del Seguro Social; IMSS, NSS" },
	{ "MX_CLABE", "MX", LIST(D(18)), mx_clabe,
	    LIST("clabe", "cuenta clabe", "clabe interbancaria"), 5, 50, false,
	    "Banco de Mexico, Circular 3/2012; CECOBAN" },
	{ "AR_CUIT", "AR", LIST("\\d{2}-?\\d{8}-?\\d"), ar_cuit,
	    LIST("cuit", "cuil", "cdi"), 5, 75, false,
	    "AFIP RG 10/1997; ANSES, CUIL" },
	{ "AR_DNI", "AR", LIST("\\d{2}\\.?\\d{3}\\.?\\d{3}"), NULL,
	    LIST("dni", "documento nacional de identidad", "documento"), 5, 5,
	    true, "Ley 17.671" },
	{ "CL_RUT", "CL",
	    LIST("\\d{7,8}-[\\dK]", "\\d{1,2}\\.\\d{3}\\.\\d{3}-[\\dK]"),
	    cl_rut,
	    LIST("rut", "run", "rol único tributario", "rol único nacional"),
	    20, 80, false, "DFL 3/1969; Ley 19.477" },
	{ "CO_NIT", "CO", LIST("\\d{9}-\\d", "\\d{3}\\.\\d{3}\\.\\d{3}-\\d"),
	    co_nit, LIST("nit", "rut", "identificación tributaria"), 10, 75,
	    false, "Decreto 2460/2013; DIAN, orden administrativa 4/1989" },
	{ "PE_RUC", "PE", LIST("[12]\\d{10}"), pe_ruc,
	    LIST("ruc", "registro único de contribuyentes", "sunat"), 5, 55,
	    false, "D. Leg. 943; SUNAT" },
};
const size_t recognisers_latin_count =
    sizeof(recognisers_latin) / sizeof(recognisers_latin[0]);
