/*
 * France.
 */

#include <string.h>

#include "policy/detect/rows_internal.h"

/*
 * Sex, year and month of birth, department, commune, serial and the key: what
 * is missing to a multiple of 97.  Corsica's 2A and 2B count as 19 and 18.
 * Months over 12 stand for certificates without one.
 */
static bool
nir(const char *text, size_t len)
{
	struct number n;
	uint32_t month;

	if (!number_read(&n, text, len) || n.len != 15)
		return false;
	if (n.at[5] == '2' && (n.at[6] == 'A' || n.at[6] == 'B')) {
		n.at[5] = '1';
		n.at[6] = n.at[6] == 'A' ? '9' : '8';
	}
	if (!number_digits(&n, 0, 15) || strchr("123478", n.at[0]) == NULL)
		return false;
	month = digits_value(n.at + 3, 2);
	if (month < 1 || (month > 12 && month < 20) ||
	    (month > 42 && month < 50))
		return false;
	return 97 - remainder_of(n.at, 13, 97) == digits_value(n.at + 13, 2);
}

static bool
tax_number(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 13) && n.at[0] <= '3' &&
	       remainder_of(n.at, 10, 511) == digits_value(n.at + 10, 3);
}

static bool
siren(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 9) && check_luhn(n.at, 9);
}

/* La Poste has more sites than its SIREN leaves right: there digits add up. */
static bool
siret(const char *text, size_t len)
{
	struct number n;
	int32_t sum = 0;

	if (!digits_read(&n, text, len, 14) || !check_luhn(n.at, 9))
		return false;
	if (check_luhn(n.at, 14))
		return true;
	for (size_t i = 0; i < 14; i++)
		sum += n.at[i] - '0';
	return memcmp(n.at, "356000000", 9) == 0 && sum % 5 == 0;
}

/*
 * A key of two digits is proved by the SIREN; one with a letter is not.
 * Monaco's begin with 000 and are no SIREN.
 */
static bool
vat(const char *text, size_t len)
{
	struct number n;

	if (!number_read(&n, text, len) || n.len != 13 ||
	    memcmp(n.at, "FR", 2) != 0 || !number_digits(&n, 4, 13))
		return false;
	if (!check_luhn(n.at + 4, 9) && memcmp(n.at + 4, "000", 3) != 0)
		return false;
	if (!number_digits(&n, 2, 4))
		return true;
	return (12 + 3 * (digits_value(n.at + 4, 9) % 97)) % 97 ==
	       digits_value(n.at + 2, 2);
}

static bool
rpps(const char *text, size_t len)
{
	struct number n;

	return digits_read(&n, text, len, 11) && check_luhn(n.at, 11);
}

/* No I, O or U; SS is not given. */
static bool
plate(const char *text, size_t len)
{
	struct number n;

	return text_upper(text, len) && number_read(&n, text, len) &&
	       n.len == 7 && strcspn(n.at, "IOU") == 7 &&
	       memcmp(n.at, "SS", 2) != 0 && memcmp(n.at + 5, "SS", 2) != 0;
}

#define PASSPORT LIST("passeport", "numéro de passeport", "passport")

const struct recogniser recognisers_france[] = {
	{ "FR_NIR", "FR",
	    LIST("[1-478]\\d{5}[\\dAB]\\d{8}",
		"[1-478][ .-]\\d{2}[ .-]\\d{2}[ .-]\\d[\\dAB][ .-]\\d{3}[ .-]\\"
		"d{3}[ .-]?\\d{2}"),
	    nir,
	    LIST("nir", "sécurité sociale", "numéro de sécurité sociale",
		"insee", "carte vitale", "nss", "assuré", "ins"),
	    20, 97, false,
	    "Code de la securite sociale R115-1; Decret 82-103" },
	{ "FR_TAX_ID", "FR",
	    LIST("[0-3]\\d{12}", "[0-3]\\d \\d{2} \\d{3} \\d{3} \\d{3}"),
	    tax_number,
	    LIST("numéro fiscal", "spi", "impôts", "nif", "identifiant fiscal",
		"référence fiscale"),
	    5, 75, false, "DGFiP, numero SPI; OECD, TIN of France" },
	{ "FR_SIREN", "FR", LIST("\\d{3}[ .]?\\d{3}[ .]?\\d{3}"), siren,
	    LIST("siren", "rcs", "numéro siren", "registre du commerce"), 5, 35,
	    true, "Code de commerce R123-220; ISO/IEC 7812-1" },
	{ "FR_SIRET", "FR", LIST("\\d{3}[ .]?\\d{3}[ .]?\\d{3}[ .]?\\d{5}"),
	    siret, LIST("siret", "numéro siret", "établissement"), 5, 70, false,
	    "Code de commerce R123-221; ISO/IEC 7812-1" },
	{ "FR_VAT", "FR",
	    LIST("FR ?[A-HJ-NP-Z\\d]{2} ?\\d{3}[ .]?\\d{3}[ .]?\\d{3}"), vat,
	    LIST("tva", "tva intracommunautaire", "numéro de tva", "vat"), 40,
	    95, false, "CGI art. 286 ter; annexe II" },
	{ "FR_RPPS", "FR", LIST("[18]\\d{10}"), rpps,
	    LIST("rpps", "médecin", "praticien", "numéro rpps"), 5, 35, true,
	    "Arrete du 6 fevrier 2009 (RPPS); ISO/IEC 7812-1" },
	{ "FR_PASSPORT", "FR", LIST("\\d{2} ?[A-Z]{2} ?\\d{5}"), NULL, PASSPORT,
	    15, 15, true, "Decret 2005-1726, passeports" },
	{ "FR_ID_CARD", "FR", LIST(D(12), CODE_9), NULL,
	    LIST("carte d'identité", "cni", "carte nationale d'identité",
		"pièce d'identité"),
	    3, 3, true, "Decret 55-1397; CNIe of 2021, ICAO Doc 9303-5" },
	{ "FR_DRIVER_LICENSE", "FR", LIST(D(12), "\\d{2}[A-Z]{2}\\d{5}"), NULL,
	    LIST("permis de conduire", "permis", "neph", "numéro de permis"), 5,
	    5, true, "Code de la route R221-1; NEPH" },
	{ "FR_VEHICLE_REGISTRATION", "FR",
	    LIST("[A-HJ-NP-TV-Z]{2}-\\d{3}-[A-HJ-NP-TV-Z]{2}",
		"[A-HJ-NP-TV-Z]{2} \\d{3} [A-HJ-NP-TV-Z]{2}"),
	    plate, LIST("immatriculation", "plaque", "véhicule", "carte grise"),
	    50, 50, false, "Arrete du 9 fevrier 2009, immatriculation, SIV" },
};
const size_t recognisers_france_count =
    sizeof(recognisers_france) / sizeof(recognisers_france[0]);
