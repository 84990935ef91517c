/*
 * Belgium, the Netherlands, Luxembourg.
 */

#include <string.h>

#include "policy/detect/rows_internal.h"

/*
 * Born before 2000 the nine digits are checked as they are, later with a 2 in
 * front.  Who has no number of the register has a month 20 or 40 higher; an
 * unknown day or month is nought.  Years from 40 are the last century's.
 */
static bool
be_national_number(const char *text, size_t len)
{
	struct number n;
	uint32_t month, day, check, body;

	if (!digits_read(&n, text, len, 11))
		return false;
	month = digits_value(n.at + 2, 2);
	month = month >= 40 ? month - 40 : month >= 20 ? month - 20 : month;
	day = digits_value(n.at + 4, 2);
	if (month > 12 || day > 31 || digits_value(n.at + 6, 3) == 0)
		return false;
	if (month != 0 && day != 0 &&
	    !date_exists(2000 + digits_value(n.at, 2), month, day))
		return false;
	check = digits_value(n.at + 9, 2);
	body = digits_value(n.at, 9);
	return check == 97 - body % 97 ||
	       (digits_value(n.at, 2) < 40 &&
		   check == 97 - (body % 97 + 2000000000 % 97) % 97);
}

static bool
be_vat(const char *text, size_t len)
{
	struct number n;

	return prefixed_read(&n, text, len, "BE", 10) && n.at[0] <= '1' &&
	       97 - digits_value(n.at, 8) % 97 == digits_value(n.at + 8, 2);
}

static bool
be_enterprise(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 10) && n.at[0] <= '1' &&
	       97 - digits_value(n.at, 8) % 97 == digits_value(n.at + 8, 2);
}

static bool
be_id_card(const char *text, size_t len)
{
	struct number n;
	uint32_t r;

	if (!digits_read(&n, text, len, 12))
		return false;
	r = remainder_of(n.at, 10, 97);
	return (r == 0 ? 97 : r) == digits_value(n.at + 10, 2);
}

static bool
eleven_test(const char *digits)
{
	return weigh(digits, W(9, 8, 7, 6, 5, 4, 3, 2, -1), 9) % 11 == 0;
}

static bool
nl_bsn(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 9) && eleven_test(n.at);
}

/*
 * The number of a company holds its RSIN or the owner's BSN; that of a sole
 * trader since 2020 holds neither, and all of it is checked.
 */
static bool
nl_vat(const char *text, size_t len)
{
	struct number n;

	return number_read(&n, text, len) && n.len == 14 &&
	       memcmp(n.at, "NL", 2) == 0 && number_digits(&n, 2, 11) &&
	       n.at[11] == 'B' && number_digits(&n, 12, 14) &&
	       memcmp(n.at + 12, "00", 2) != 0 &&
	       (eleven_test(n.at + 2) || remainder_of(n.at, 14, 97) == 1);
}

/* SA, SD and SS are not given. */
static bool
nl_postcode(const char *text, size_t len)
{
	struct number n;

	return text_upper(text, len) && number_read(&n, text, len) &&
	       n.len == 6 && !word_in("SA SD SS", n.at + 4, 2);
}

/* Date of birth, serial, then both kinds of check digit over the eleven. */
static bool
lu_matricule(const char *text, size_t len)
{
	struct number n;
	char digits[12];

	if (!digits_read(&n, text, len, 13) ||
	    !date_exists(digits_value(n.at, 4), digits_value(n.at + 4, 2),
		digits_value(n.at + 6, 2)) ||
	    !check_luhn(n.at, 12))
		return false;
	memcpy(digits, n.at, 11);
	digits[11] = n.at[12];
	return check_verhoeff(digits, 12);
}

static bool
lu_vat(const char *text, size_t len)
{
	struct number n;

	return prefixed_read(&n, text, len, "LU", 8) &&
	       digits_value(n.at, 6) % 89 == digits_value(n.at + 6, 2);
}

#define BE_NUMBER "[01]" D(3) SEP D(3) SEP D(3)

const struct recogniser recognisers_benelux[] = {
	{ "BE_NATIONAL_NUMBER", "BE",
	    LIST(D(11), "\\d{2}[.]\\d{2}[.]\\d{2}[ -]\\d{3}[. -]\\d{2}",
		"\\d{6}[ -]\\d{3}[. -]?\\d{2}"),
	    be_national_number,
	    LIST("rijksregisternummer", "rijksregister", "insz", "niss",
		"registre national", "numéro national", "nationaal nummer"),
	    5, 85, false, "KB 3 april 1984, rijksregister, art. 1-3" },
	{ "BE_VAT", "BE", LIST("BE ?" BE_NUMBER), be_vat,
	    LIST("btw", "tva", "btw-nummer", "numéro de tva", "vat"), 40, 95,
	    false, "WBTW art. 50; KBO, check by 97" },
	{ "BE_ENTERPRISE_NUMBER", "BE", LIST(BE_NUMBER), be_enterprise,
	    LIST("ondernemingsnummer", "kbo", "bce", "numéro d'entreprise",
		"rpr", "rpm"),
	    5, 60, false, "WER art. III.17; KB 24 juni 2003" },
	{ "BE_ID_CARD", "BE",
	    LIST("\\d{3}-\\d{7}-\\d{2}", "\\d{3} \\d{7} \\d{2}", D(12)),
	    be_id_card,
	    LIST("identiteitskaart", "carte d'identité", "eid", "kaartnummer",
		"numéro de carte"),
	    5, 60, false, "KB 25 maart 2003, identiteitskaarten" },
	{ "BE_PASSPORT", "BE", LIST("[A-Z]{2} ?\\d{6}"), NULL,
	    LIST("paspoort", "passeport", "paspoortnummer", "reisepass",
		"passport"),
	    10, 10, true, "Consulair Wetboek art. 51" },
	{ "BE_DRIVER_LICENSE", "BE", LIST(D(10)), NULL,
	    LIST("rijbewijs", "permis de conduire", "rijbewijsnummer"), 5, 5,
	    true, "KB 23 maart 1998, rijbewijs" },
	{ "NL_BSN", "NL",
	    LIST("\\d{9}", "\\d{4}[. ]\\d{2}[. ]\\d{3}",
		"\\d{3}[. ]\\d{3}[. ]\\d{3}"),
	    nl_bsn,
	    LIST("bsn", "burgerservicenummer", "sofinummer", "sofi-nummer",
		"sofi", "rsin"),
	    5, 40, false, "Wet algemene bepalingen BSN; elfproef" },
	{ "NL_VAT", "NL",
	    LIST("NL ?\\d{9}B\\d{2}", "NL ?\\d{4}[. ]\\d{2}[. ]\\d{3}[. ]?B[. "
				      "]?\\d{2}"),
	    nl_vat,
	    LIST("btw", "btw-id", "btw-nummer", "omzetbelasting", "vat"), 50,
	    98, false, "Wet OB 1968 art. 2a; Belastingdienst, btw-id" },
	{ "NL_PASSPORT", "NL", LIST("[A-NP-Z]{2}[A-NP-Z\\d]{6}\\d"), NULL,
	    LIST("paspoort", "paspoortnummer", "identiteitskaart",
		"documentnummer", "id-kaart", "passport"),
	    5, 5, true, "Paspoortuitvoeringsregeling Nederland" },
	{ "NL_DRIVER_LICENSE", "NL", LIST(D(10)), NULL,
	    LIST("rijbewijs", "rijbewijsnummer"), 5, 5, true,
	    "Reglement rijbewijzen; RDW" },
	{ "NL_KVK", "NL", LIST(D(8)), NULL,
	    LIST(
		"kvk", "kvk-nummer", "kamer van koophandel", "handelsregister"),
	    5, 5, true, "Handelsregisterwet 2007 art. 9" },
	{ "NL_POSTCODE", "NL", LIST("[1-9]\\d{3} ?[A-Z]{2}"), nl_postcode,
	    LIST("postcode", "adres", "woonplaats"), 25, 25, false,
	    "PostNL, Postcodes; NEN 5825" },
	{ "LU_MATRICULE", "LU",
	    LIST(D(13), "\\d{4} \\d{2} \\d{2} \\d{3} \\d{2}",
		"\\d{8}[ -]\\d{5}"),
	    lu_matricule,
	    LIST("matricule", "numéro d'identification", "cns",
		"sozialversicherungsnummer", "sécurité sociale"),
	    10, 98, false, "Loi du 19 juin 2013, art. 1-3" },
	{ "LU_VAT", "LU", LIST("LU ?\\d{8}", "LU ?\\d{3} \\d{3} \\d{2}"),
	    lu_vat, LIST("tva", "numéro de tva", "vat", "mwst"), 40, 95, false,
	    "Loi TVA du 12 février 1979; check by 89" },
	{ "LU_PASSPORT", "LU", LIST(CODE_8), NULL,
	    LIST("passeport", "reisepass", "passport"), 2, 2, true,
	    "Loi du 14 avril 1934, passeports" },
};
const size_t recognisers_benelux_count =
    sizeof(recognisers_benelux) / sizeof(recognisers_benelux[0]);
