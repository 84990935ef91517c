/* What opens doors: keys, tokens, passwords; and papers and places that are
 * one person's: machine-readable zones, vehicles, coordinates. */

#include <stdlib.h>
#include <string.h>

#include "policy/detect/generic_internal.h"

/* ---- Machine-readable zones (ICAO Doc 9303-3, 4.9) ---- */

static unsigned
mrz_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	if (c >= 'A' && c <= 'Z')
		return (unsigned)(c - 'A' + 10);
	return 0; /* < */
}

/* Is text[at..at+n) followed by its check digit? */
static bool
mrz_checks(const char *text, size_t at, size_t n)
{
	static const unsigned weights[] = { 7, 3, 1 };
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += mrz_value(text[at + i]) * weights[i % 3];
	return text[at + n] == (char)('0' + sum % 10);
}

/* The second line of a passport (44) or of a card of the second size (36). */
static bool
valid_mrz_passport(const char *text, size_t len)
{
	return (len == 44 || len == 36) && mrz_checks(text, 0, 9) &&
	       mrz_checks(text, 13, 6) && mrz_checks(text, 21, 6);
}

/* The second line of a card of the first size. */
static bool
valid_mrz_card(const char *text, size_t len)
{
	return len == 30 && mrz_checks(text, 0, 6) && mrz_checks(text, 8, 6);
}

static bool
valid_mrz_names(const char *text, size_t len)
{
	size_t fill = 0;

	for (size_t i = 0; i < len; i++)
		fill += text[i] == '<';
	return fill >= 4 && (len == 44 || len == 36 || len == 30);
}

/* ---- Vehicles (ISO 3779; the check digit of 49 CFR 565.15) ---- */

static bool
valid_vin(const char *text, size_t len)
{
	static const char letters[] = "0123456789.ABCDEFGH..JKLMN.P.R.."
				      "STUVWXYZ";
	static const unsigned weights[] = { 8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7,
		6, 5, 4, 3, 2 };
	unsigned sum = 0;

	if (len != sizeof(weights) / sizeof(weights[0]))
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 32
								 : text[i]);
		const char *at = strchr(letters, c);
		unsigned v;

		if (at == NULL || c == '.')
			return false;
		v = (unsigned)(at - letters);
		v = c <= '9'   ? v
		    : c <= 'H' ? (unsigned)(c - 'A' + 1)
		    : c <= 'R' ? (unsigned)(c - 'J' + 1)
			       : (unsigned)(c - 'S' + 2);
		sum += v * weights[i];
	}
	sum %= 11;
	return text[8] == (sum == 10 ? 'X' : (char)('0' + sum));
}

/* Letters and digits, both. */
static bool
valid_mixed(const char *text, size_t len)
{
	size_t digits = 0;

	for (size_t i = 0; i < len; i++)
		digits += text[i] >= '0' && text[i] <= '9';
	return digits >= 3 && digits < len;
}

/* ---- Coordinates ---- */

static bool
valid_coordinates(const char *text, size_t len)
{
	char copy[64], *end;
	double lat, lon;

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	lat = strtod(copy, &end);
	while (*end == ' ' || *end == ',' || *end == ';')
		end++;
	lon = strtod(end, NULL);
	return lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180;
}

/* ---- Secrets ---- */

/* What was typed as a password, and not the word for none. */
static bool
valid_password(const char *text, size_t len)
{
	const char *at = text + len;

	while (at > text && at[-1] != ' ' && at[-1] != ':' && at[-1] != '=')
		at--;
	return (size_t)(text + len - at) >= 4 && at > text;
}

static const char *const key_patterns[] = {
	"(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}", "gh[pousr]_[a-z0-9]{36,80}",
	"github_pat_[a-z0-9_]{40,90}", "glpat-[a-z0-9_\\-]{20,40}",
	"[sr]k_(?:live|test)_[a-z0-9]{16,99}",
	"xox[abeoprs]-[a-z0-9\\-]{10,100}", "AIza[a-z0-9_\\-]{35}",
	"SG\\.[a-z0-9_\\-]{22}\\.[a-z0-9_\\-]{43}", "npm_[a-z0-9]{36}",
	"sk-(?:[a-z]{2,8}-)?[a-z0-9_\\-]{32,120}",
	"eyJ[a-z0-9_\\-]{10,400}\\.eyJ[a-z0-9_\\-]{10,700}\\.[a-z0-9_\\-]{10,"
	"400}",
	NULL
};
static const char *const private_key_patterns[] = {
	"-----BEGIN [A-Z ]{0,24}PRIVATE KEY-----[A-Za-z0-9+/=\\s]{0,1000}"
	"[A-Za-z0-9+/=\\s]{0,1000}"
	"(?:-----END [A-Z ]{0,24}PRIVATE KEY-----)?",
	"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}", NULL
};
static const char *const password_patterns[] = {
	"(?:password|passwd|pwd|passphrase|contrase[nñ]a|passwort|kennwort|"
	"mot de passe|wachtwoord|senha|has[lł]o|lozinka|parola|salasana)"
	" ?(?:is|es|ist|:|=) ?[^\\s,;<>]{4,64}",
	NULL
};
static const char *const mrz_passport_patterns[] = {
	"[A-Z0-9<]{9}\\d[A-Z<]{3}\\d{6}\\d[MFX<]\\d{6}\\d[A-Z0-9<]{7,15}\\d",
	NULL
};
static const char *const mrz_card_patterns[] = {
	"\\d{7}[MFX<]\\d{7}[A-Z<]{3}[A-Z0-9<]{11}\\d", NULL
};
static const char *const mrz_names_patterns[] = {
	"[PVIAC][A-Z<][A-Z<]{3}[A-Z]{1,30}<[A-Z<]{24,38}",
	"[IAC][A-Z<][A-Z<]{3}[A-Z0-9<]{9}\\d[A-Z0-9<]{15}",
	"[A-Z]{1,24}<{1,2}[A-Z<]{5,28}", NULL
};
static const char *const vin_patterns[] = { "[A-HJ-NPR-Z0-9]{17}", NULL };
static const char *const vin_context[] = { "vin", "chassis", "vehicle", "car",
	"fahrgestellnummer", "fin", "bastidor", "chasis", "telaio", NULL };
static const char *const plate_patterns[] = {
	"\\d{4}[ \\-]?[BCDFGHJKLMNPRSTVWXYZ]{3}",
	"[A-Z]{2}[ \\-]\\d{3}[ \\-][A-Z]{2}", "[A-Z]{2} ?\\d{3} ?[A-Z]{2}",
	"[A-Z]{1,3}[ \\-]?\\d{1,4}[ \\-]?[A-Z]{0,3}",
	"\\d{1,3}[ \\-][A-Z]{1,3}[ \\-]\\d{1,3}", NULL
};
static const char *const plate_context[] = { "plate", "license plate",
	"licence plate", "registration", "number plate", "matricula", "placa",
	"immatriculation", "plaque", "targa", "kenteken", "kennzeichen",
	"nummernschild", "rejestracyjny", "plaka", NULL };
static const char *const coordinate_patterns[] = {
	"-?\\d{1,2}\\.\\d{3,12}[,;]? ?-?\\d{1,3}\\.\\d{3,12}", NULL
};
static const char *const degree_patterns[] = {
	"\\d{1,2}° ?(?:\\d{1,2}['′] ?(?:\\d{1,2}(?:\\.\\d{1,6})?[\"″] ?)?)?[NS]"
	"[, ]{1,3}\\d{1,3}° ?(?:\\d{1,2}['′] ?(?:\\d{1,2}(?:\\.\\d{1,6})?"
	"[\"″] ?)?)?[EWO]",
	NULL
};
static const char *const coordinate_context[] = { "gps", "lat", "latitude",
	"longitude", "coordinates", "location", "coordenadas", "koordinaten",
	"position", NULL };

#define MRZ "ICAO Doc 9303-3 4.9"

const struct recogniser recognisers_secret[] = {
	{ "API_KEY", "", key_patterns, NULL, NULL, 90, 90, false,
	    "the issuers' documented prefixes; RFC 7519" },
	{ "PRIVATE_KEY", "", private_key_patterns, NULL, NULL, 100, 100, false,
	    "RFC 7468; C2SP age" },
	{ "PASSWORD", "", password_patterns, valid_password, NULL, 60, 60,
	    false, "" },
	{ "MRZ", "", mrz_passport_patterns, valid_mrz_passport, NULL, 50, 100,
	    false, MRZ },
	{ "MRZ", "", mrz_card_patterns, valid_mrz_card, NULL, 50, 100, false,
	    MRZ },
	{ "MRZ", "", mrz_names_patterns, valid_mrz_names, NULL, 50, 70, false,
	    MRZ },
	{ "VIN", "", vin_patterns, valid_vin, vin_context, 20, 80, false,
	    "ISO 3779; 49 CFR 565.15" },
	{ "VIN", "", vin_patterns, valid_mixed, vin_context, 20, 20, true,
	    "ISO 3779" },
	{ "LICENSE_PLATE", "", plate_patterns, valid_mixed, plate_context, 15,
	    15, true, "the countries' registration rules" },
	{ "COORDINATES", "", coordinate_patterns, valid_coordinates,
	    coordinate_context, 45, 45, false, "ISO 6709" },
	{ "COORDINATES", "", degree_patterns, NULL, coordinate_context, 80, 80,
	    false, "ISO 6709 annex D" },
};
const size_t recognisers_secret_count =
    sizeof(recognisers_secret) / sizeof(recognisers_secret[0]);
