/*
 * Spain, Portugal, Andorra.
 */

#include <string.h>

#include "policy/detect/rows_internal.h"

static bool
es_letter_right(uint32_t value, char letter)
{
	return "TRWAGMYFPDXBNJZSQVHLCKE"[value % 23] == letter;
}

/* Eight digits and a letter, or K, L, M, seven digits and a letter. */
static bool
es_dni(const struct number *n)
{
	size_t from = strchr("KLM", n->at[0]) != NULL ? 1 : 0;

	return n->len == 9 && number_digits(n, from, 8) &&
	       es_letter_right(digits_value(n->at + from, 8 - from), n->at[8]);
}

static bool
es_foreigner(const struct number *n)
{
	return n->len == 9 && n->at[0] >= 'X' && n->at[0] <= 'Z' &&
	       number_digits(n, 1, 8) &&
	       es_letter_right((uint32_t)(n->at[0] - 'X') * 10000000 +
				   digits_value(n->at + 1, 7),
		   n->at[8]);
}

/*
 * A company: kind, province and number, control.  Some kinds have a digit
 * there, some a letter, the others either.
 */
static bool
es_company(const struct number *n)
{
	int32_t check;
	bool letter, digit;

	if (n->len != 9 || strchr("ABCDEFGHJNPQRSUVW", n->at[0]) == NULL ||
	    !number_digits(n, 1, 8))
		return false;
	check = modulo(-weigh_across(n->at + 1, W(2, 1, 2, 1, 2, 1, 2), 7), 10);
	letter = n->at[8] == "JABCDEFGHI"[check];
	digit = n->at[8] == '0' + check;
	if (strchr("PQRSNW", n->at[0]) != NULL)
		return letter;
	return strchr("ABEH", n->at[0]) != NULL ? digit : letter || digit;
}

static bool
es_nif(const char *text, size_t len)
{
	struct number n;

	return number_read(&n, text, len) && es_dni(&n);
}

static bool
es_nie(const char *text, size_t len)
{
	struct number n;

	return number_read(&n, text, len) && es_foreigner(&n);
}

static bool
es_cif(const char *text, size_t len)
{
	struct number n;

	return number_read(&n, text, len) && es_company(&n);
}

static bool
es_vat(const char *text, size_t len)
{
	struct number n;

	if (!number_read(&n, text, len) || n.len != 11 ||
	    memcmp(n.at, "ES", 2) != 0)
		return false;
	memmove(n.at, n.at + 2, 10);
	n.len = 9;
	return es_dni(&n) || es_foreigner(&n) || es_company(&n);
}

/* Province, number, and both of them by 97. */
static bool
es_social_security(const char *text, size_t len)
{
	struct number n;
	uint64_t province, value;

	if (!digits_read(&n, text, len, 12))
		return false;
	province = digits_value(n.at, 2);
	value = digits_value(n.at + 2, 8);
	value += value < 10000000 ? province * 10000000 : province * 100000000;
	return province >= 1 && province <= 66 &&
	       value % 97 == digits_value(n.at + 10, 2);
}

static bool
es_plate(const char *text, size_t len)
{
	return text_upper(text, len);
}

static bool
pt_check(const char *digits)
{
	int32_t check = 11 - weigh(digits, W(9, 8, 7, 6, 5, 4, 3, 2), 8) % 11;

	return (check > 9 ? 0 : check) == digits[8] - '0';
}

/* The first digits say who: 1-3 a person, 45 abroad, 5 a company ... */
static bool
pt_nif(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 9) &&
	       (strchr("1235689", n.at[0]) != NULL ||
		   word_in("45 70 71 72 74 75 77 78 79", n.at, 2)) &&
	       pt_check(n.at);
}

static bool
pt_vat(const char *text, size_t len)
{
	struct number n;

	return prefixed_read(&n, text, len, "PT", 9) && n.at[0] != '0' &&
	       pt_check(n.at);
}

/* Twelve characters, letters count from A = 10, every other one doubled. */
static bool
pt_citizen_card(const char *text, size_t len)
{
	struct number n;
	int32_t sum = 0;

	if (!number_read(&n, text, len) || n.len != 12 ||
	    !number_digits(&n, 0, 9) || !number_digits(&n, 11, 12))
		return false;
	for (size_t i = 0; i < 12; i++) {
		int32_t v = n.at[i] <= '9' ? n.at[i] - '0' : n.at[i] - 'A' + 10;

		if (i % 2 == 0)
			v = v * 2 > 9 ? v * 2 - 9 : v * 2;
		sum += v;
	}
	return sum % 10 == 0;
}

static bool
pt_social_security(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 11) &&
	       9 - weigh(n.at, W(29, 23, 19, 17, 13, 11, 7, 5, 3, 2), 10) %
			   10 ==
		   n.at[10] - '0';
}

#define ES_PLATE "\\d{4}[ -]?[BCDFGHJKLMNPRSTVWXYZ]{3}"

const struct recogniser recognisers_iberia[] = {
	{ "ES_NIF", "ES",
	    LIST("\\d{8}[ -]?[A-Z]", "[KLM]\\d{7}[A-Z]",
		"\\d{2}[.]\\d{3}[.]\\d{3}[ -]?[A-Z]"),
	    es_nif,
	    LIST("dni", "nif", "documento nacional de identidad",
		"número de identificación fiscal", "identificación"),
	    10, 85, false, "RD 1553/2005 art. 11; RD 1065/2007 art. 19" },
	{ "ES_NIE", "ES", LIST("[XYZ]" SEP "\\d{7}[ -]?[A-Z]"), es_nie,
	    LIST("nie", "número de identificación de extranjero", "extranjero",
		"tarjeta de residencia"),
	    20, 90, false, "RD 557/2011 art. 206; Orden INT/2058/2008" },
	{ "ES_CIF", "ES", LIST("[A-HJNP-SUVW][ -]?\\d{7}[ -]?[A-J\\d]"), es_cif,
	    LIST("cif", "nif", "código de identificación fiscal", "empresa",
		"sociedad"),
	    10, 75, false, "RD 1065/2007 art. 22; Orden EHA/451/2008" },
	{ "ES_VAT", "ES", LIST("ES[ -]?[A-Z\\d]\\d{7}[A-Z\\d]"), es_vat,
	    LIST("iva", "nif-iva", "vat", "intracomunitario"), 30, 95, false,
	    "RD 1065/2007 art. 25" },
	{ "ES_SSN", "ES", LIST("\\d{2}[ /-]?\\d{8}[ /-]?\\d{2}"),
	    es_social_security,
	    LIST("seguridad social", "nuss", "naf", "número de afiliación",
		"número de la seguridad social", "afiliación"),
	    5, 80, false, "RD 84/1996 art. 21; TGSS" },
	{ "ES_PASSPORT", "ES", LIST("[A-Z]{3}\\d{6}", "[A-Z]{2}\\d{7}"), NULL,
	    LIST("pasaporte", "número de pasaporte", "passport"), 5, 5, true,
	    "RD 896/2003, pasaporte ordinario" },
	{ "ES_VEHICLE_REGISTRATION", "ES", LIST(ES_PLATE), es_plate,
	    LIST("matrícula", "vehículo", "coche", "placa"), 45, 45, false,
	    "RD 2822/1998, anexo XVIII" },
	{ "PT_NIF", "PT", LIST("[1-9]\\d{2}" SEP D(3) SEP D(3)), pt_nif,
	    LIST("nif", "contribuinte", "número de contribuinte",
		"identificação fiscal", "nipc"),
	    5, 40, false, "Decreto-Lei 14/2013 art. 4; Portaria 377/2003" },
	{ "PT_VAT", "PT",
	    LIST("PT ?[1-9]\\d{8}", "PT ?[1-9]\\d{2} \\d{3} \\d{3}"), pt_vat,
	    LIST("iva", "nif", "vat"), 40, 95, false,
	    "CIVA; Decreto-Lei 14/2013" },
	{ "PT_CC", "PT", LIST("\\d{8} ?\\d ?[A-Z\\d]{2}\\d"), pt_citizen_card,
	    LIST("cartão de cidadão", "cartão do cidadão",
		"bilhete de identidade", "cc", "número de documento"),
	    5, 80, false, "Lei 7/2007 art. 7; AMA, numero de documento do CC" },
	{ "PT_NISS", "PT",
	    LIST("[12]\\d{10}", "[12]\\d{2} \\d{3} \\d{3} \\d{2}"),
	    pt_social_security,
	    LIST("niss", "segurança social", "beneficiário"), 5, 45, false,
	    "Portaria 108/2010; Instituto da Seguranca Social" },
	{ "PT_SNS", "PT", LIST(D(9), "\\d{3} \\d{3} \\d{3}"), NULL,
	    LIST("sns", "utente", "número de utente", "cartão de utente"), 3, 3,
	    true, "Decreto-Lei 198/95, cartao do utente" },
	{ "PT_PASSPORT", "PT", LIST("[A-Z]{1,2}\\d{6}"), NULL,
	    LIST("passaporte", "número de passaporte", "passport"), 5, 5, true,
	    "Decreto-Lei 83/2000, passaportes" },
	{ "AD_NRT", "AD", LIST("[ACDEFGLOPU]-?\\d{6}-?[A-Z]"), NULL,
	    LIST("nrt", "número de registre tributari", "andorra"), 20, 20,
	    true, "Decret del NRT; OECD, TIN of Andorra" },
};
const size_t recognisers_iberia_count =
    sizeof(recognisers_iberia) / sizeof(recognisers_iberia[0]);
