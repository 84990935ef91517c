/*
 * Germany.
 */

#include <string.h>

#include "policy/detect/rows_internal.h"

/*
 * Among the first ten digits exactly one comes twice or thrice; specimens with
 * ten different ones are about as well.
 */
static bool
tax_id(const char *text, size_t len)
{
	struct number n;
	uint8_t seen[10] = { 0 };
	size_t repeated = 0;

	if (!digits_read(&n, text, len, 11) || n.at[0] == '0')
		return false;
	for (size_t i = 0; i < 10; i++)
		seen[n.at[i] - '0']++;
	for (size_t i = 0; i < 10; i++) {
		if (seen[i] > 3)
			return false;
		repeated += seen[i] > 1;
	}
	return repeated <= 1 && check_mod11_10(n.at, 11);
}

/*
 * The thirteen digits of the electronic return: the tax office with the
 * number of its Land, a nought, the number at that office.
 */
static bool
tax_number_13(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 13) && n.at[4] == '0' &&
	       (n.at[0] == '5' || n.at[0] == '9' ||
		   word_in(
		       "10 11 21 22 23 24 26 27 28 30 31 32 40 41", n.at, 2));
}

static bool
tax_number_land(const char *text, size_t len)
{
	struct number n;
	uint32_t land;

	if (!digits_read(&n, text, len, 13))
		return false;
	land = digits_value(n.at, 2);
	return land >= 1 && land <= 16;
}

/* n.at[at] is a letter: put its number in the alphabet there, two digits. */
static bool
letter_spelt(struct number *n, size_t at)
{
	uint32_t v;

	if (n->at[at] < 'A' || n->len == NUMBER_MAX)
		return false;
	v = (uint32_t)(n->at[at] - 'A' + 1);
	memmove(n->at + at + 2, n->at + at + 1, n->len - at);
	n->at[at] = (char)('0' + v / 10);
	n->at[at + 1] = (char)('0' + v % 10);
	n->len++;
	return number_digits(n, 0, n->len);
}

/*
 * Pension insurance: area, date of birth (a day 50 higher where serials ran
 * out), initial, serial, check digit.
 */
static bool
social_security(const char *text, size_t len)
{
	struct number n;
	uint32_t day;

	if (!number_read(&n, text, len) || n.len != 12 || !letter_spelt(&n, 8))
		return false;
	day = digits_value(n.at + 2, 2);
	return date_exists(2000 + digits_value(n.at + 6, 2),
		   digits_value(n.at + 4, 2), day > 50 ? day - 50 : day) &&
	       weigh_across(n.at, W(2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), 12) %
		       10 ==
		   n.at[12] - '0';
}

/* The part of the health card's number that stays for life. */
static bool
health_insurance(const char *text, size_t len)
{
	struct number n;

	return number_read(&n, text, len) && n.len == 10 &&
	       letter_spelt(&n, 0) &&
	       weigh_across(n.at, W(1, 2, 1, 2, 1, 2, 1, 2, 1, 2), 10) % 10 ==
		   n.at[10] - '0';
}

/*
 * Serial numbers of passports and identity cards: letters without vowels and
 * without what looks like a digit, the check digit of ICAO 9303.
 */
static bool
document(const char *text, size_t len)
{
	static const char letters[] = "CFGHJKLMNPRTVWXYZ";
	struct number n;
	int32_t sum = 0;

	if (!number_read(&n, text, len) || n.len != 9 ||
	    !number_digits(&n, 8, 9) || strchr(letters, n.at[0]) == NULL)
		return false;
	for (size_t i = 0; i < 8; i++) {
		bool digit = number_digits(&n, i, i + 1);

		if (!digit && strchr(letters, n.at[i]) == NULL)
			return false;
		sum += (digit ? n.at[i] - '0' : n.at[i] - 'A' + 10) *
		       ("731"[i % 3] - '0');
	}
	return sum % 10 == n.at[8] - '0';
}

static bool
vat(const char *text, size_t len)
{
	struct number n;

	return prefixed_read(&n, text, len, "DE", 9) && n.at[0] != '0' &&
	       check_mod11_10(n.at, 9);
}

/* The seventh digit checks the six before; two of the speciality follow. */
static bool
physician(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 9) &&
	       modulo(-weigh(n.at, W(4, 9, 4, 9, 4, 9), 6), 10) ==
		   n.at[6] - '0';
}

static bool
practice(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 9);
}

/* 01001 would be the lowest, 99998 is the highest given. */
static bool
postcode(const char *text, size_t len)
{
	struct number n;
	uint32_t v;

	if (!digits_read(&n, text, len, 5))
		return false;
	v = digits_value(n.at, 5);
	return v > 1000 && v < 99999;
}

#define DOCUMENT "[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ\\d]{7}\\d"

const struct recogniser recognisers_germany[] = {
	{ "DE_TAX_ID", "DE",
	    LIST("[1-9]\\d{10}", "[1-9]\\d[ .]\\d{3}[ .]\\d{3}[ .]\\d{3}"),
	    tax_id,
	    LIST("steuer-id", "steueridentifikationsnummer", "idnr", "id-nr",
		"steuer-identifikationsnummer", "steuerliche", "steuerid",
		"identifikationsnummer", "tin", "tax id"),
	    5, 85, false,
	    "AO § 139b; BZSt, Steuerliche Identifikationsnummer" },
	{ "DE_TAX_NUMBER", "DE", LIST(D(13)), tax_number_13,
	    LIST("steuernummer", "st.-nr", "stnr", "steuernr", "finanzamt",
		"elster"),
	    35, 35, true, "ELSTER, Pruefung der Steuernummer, Bundesschema" },
	{ "DE_TAX_NUMBER", "DE", LIST(D(13)), tax_number_land,
	    LIST("steuernummer", "st.-nr", "stnr", "steuernr", "finanzamt"), 5,
	    5, true, "ELSTER; number of the Land as in the statistics' keys" },
	{ "DE_TAX_NUMBER", "DE",
	    LIST("\\d{2,3}/\\d{3,4}/\\d{4,5}", "0\\d{2} \\d{3} \\d{5}",
		"\\d{5}/\\d{5}"),
	    NULL,
	    LIST("steuernummer", "st.-nr", "stnr", "steuernr", "finanzamt"), 45,
	    45, false,
	    "ELSTER, Pruefung der Steuernummer, schemes of Laender" },
	{ "DE_SOCIAL_SECURITY", "DE",
	    LIST("\\d{8}[A-Z]\\d{3}", "\\d{2} ?\\d{6} ?[A-Z] ?\\d{2} ?\\d"),
	    social_security,
	    LIST("sozialversicherungsnummer", "rentenversicherungsnummer",
		"versicherungsnummer", "vsnr", "rvnr", "sv-nummer", "svnr",
		"rentenversicherung"),
	    20, 95, false, "SGB VI § 147; VKVV § 2" },
	{ "DE_HEALTH_INSURANCE", "DE", LIST("[A-Z]\\d{9}"), health_insurance,
	    LIST("krankenversichertennummer", "kvnr", "krankenkasse", "egk",
		"versichertennummer", "gesundheitskarte", "versicherte"),
	    10, 75, false, "SGB V § 290; GKV-Spitzenverband, Anlage 1" },
	{ "DE_ID_CARD", "DE", LIST(DOCUMENT), document,
	    LIST("personalausweis", "ausweisnummer", "ausweis",
		"personalausweisnummer", "id card", "identity card"),
	    5, 70, false, "PAuswG § 5; ICAO Doc 9303-3, 4.9" },
	{ "DE_ID_CARD", "DE", LIST("T\\d{8}"), NULL,
	    LIST("personalausweis", "ausweisnummer", "ausweis",
		"personalausweisnummer", "id card", "identity card"),
	    30, 30, true, "PAuswG § 5 of before November 2010" },
	{ "DE_PASSPORT", "DE", LIST(DOCUMENT), document,
	    LIST("reisepass", "pass", "passnummer", "pass-nr",
		"reisepassnummer", "passport"),
	    5, 70, false, "PassG § 4; ICAO Doc 9303-3, 4.9" },
	{ "DE_VAT_ID", "DE",
	    LIST("DE" SEP "[1-9]\\d{2}" SEP D(3) SEP D(3), "DE ?[1-9]\\d{8}"),
	    vat,
	    LIST("ust-idnr", "umsatzsteuer", "ust-id", "ustid", "vat",
		"umsatzsteuer-identifikationsnummer", "mehrwertsteuer"),
	    30, 95, false, "UStG § 27a; BZSt, check digit of ISO 7064" },
	{ "DE_VAT_ID", "DE",
	    LIST("DE" SEP "[1-9]\\d{2}" SEP D(3) SEP D(3), "DE ?[1-9]\\d{8}"),
	    NULL,
	    LIST("ust-idnr", "umsatzsteuer", "ust-id", "ustid", "vat",
		"umsatzsteuer-identifikationsnummer", "mehrwertsteuer"),
	    40, 40, false, "UStG § 27a; form alone, a digit may be mistyped" },
	{ "DE_LANR", "DE", LIST(D(9)), physician,
	    LIST("lanr", "arztnummer", "lebenslange arztnummer", "arzt",
		"vertragsarzt"),
	    5, 35, true,
	    "KBV, Richtlinie nach § 75 Abs. 7 SGB V, Arztnummern" },
	{ "DE_BSNR", "DE", LIST(D(9)), practice,
	    LIST("bsnr", "betriebsstättennummer", "betriebsstätte",
		"betriebsstaettennummer", "praxis"),
	    10, 10, true, "KBV, Richtlinie nach § 75 Abs. 7 SGB V, BSNR" },
	{ "DE_FUEHRERSCHEIN", "DE",
	    LIST("[A-Z]{2}\\d{8}[A-Z]", "[A-Z]\\d{3}[A-Z\\d]{5}[\\dX]\\d"),
	    NULL,
	    LIST("führerschein", "fahrerlaubnis", "führerscheinnummer",
		"fuehrerschein", "driving licence"),
	    35, 35, true, "FeV Anlage 8; KBA, Fuehrerscheinnummer" },
	{ "DE_HANDELSREGISTER", "DE", LIST("HR ?[AB] ?\\d{1,6}( [A-Z]{1,2})?"),
	    NULL,
	    LIST("handelsregister", "amtsgericht", "registergericht",
		"handelsregisternummer", "registernummer", "firma"),
	    60, 60, false, "HRV § 3" },
	{ "DE_KFZ", "DE",
	    LIST(CAPITALS "[A-Z]{1,3}-[A-Z]{1,2}[ -]\\d{1,4}[EH]?"), NULL,
	    LIST("kennzeichen", "kfz", "kfz-kennzeichen", "fahrzeug", "auto",
		"amtliches kennzeichen", "nummernschild"),
	    45, 45, false, "FZV § 9, Anlage 1" },
	{ "DE_KFZ", "DE", LIST("[A-Z]{1,3}[ -][A-Z]{1,2}[ -]?\\d{1,4}[EH]?"),
	    NULL,
	    LIST("kennzeichen", "kfz", "kfz-kennzeichen", "fahrzeug",
		"amtliches kennzeichen", "nummernschild"),
	    10, 10, true, "FZV § 9, Anlage 1" },
	{ "DE_PLZ", "DE", LIST(D(5)), postcode,
	    LIST("plz", "postleitzahl", "adresse", "anschrift", "wohnort"), 5,
	    5, true, "Deutsche Post, Postleitzahlen" },
	{ "DE_CREDITOR_ID", "DE", LIST("DE\\d{2}[A-Z\\d]{3}0\\d{10}"), NULL,
	    LIST("gläubiger-id", "gläubiger-identifikationsnummer"), 60, 60,
	    false, "EPC262-08, Creditor Identifier Overview" },
};
const size_t recognisers_germany_count =
    sizeof(recognisers_germany) / sizeof(recognisers_germany[0]);
