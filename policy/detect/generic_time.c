/*
 * Dates in numbers and words, birth dates and ages.
 *
 * Months, weekdays and the words between are those of English, Spanish,
 * German, French, Italian, Portuguese, Dutch, Polish, Swedish, Danish,
 * Norwegian, Finnish and Turkish.
 */

#include <string.h>

#include "policy/detect/generic_internal.h"

#define MONTH                                                                  \
	"(?:jan(?:uary|uar|uari|ner|vier|uar)?|ene(?:ro)?|gennaio|gen|"        \
	"janeiro|stycznia|stycze[nń]|ocak|tammikuuta|"                        \
	"feb(?:ruary|ruar|ruari|rero|braio)?|f[eé]vr(?:ier)?|fevereiro|fev|"  \
	"lutego|luty|[sş]ubat|helmikuuta|"                                    \
	"mar(?:ch|s|zo|ço|ca|zec|t)?|m[aä]rz|maart|maaliskuuta|"             \
	"apr(?:il|ile)?|abr(?:il)?|avr(?:il)?|kwietnia|kwiecie[nń]|nisan|"    \
	"huhtikuuta|may(?:o|[ıi]s)?|mai|maggio|mag|maio|mei|maja|maj|"        \
	"toukokuuta|jun(?:e|i|io|ho)?|juin|giugno|giu|czerwca|czerwiec|"       \
	"haziran|kes[aä]kuuta|jul(?:y|i|io|ho)?|juil(?:let)?|luglio|lug|"     \
	"lipca|lipiec|temmuz|hein[aä]kuuta|aug(?:ust|usti|ustus)?|"           \
	"ago(?:sto)?|ao[uû]t|sierpnia|sierpie[nń]|a[gğ]ustos|elokuuta|"     \
	"sep(?:t|tember|tiembre|tembre|tiembre)?|set(?:tembre|embro|iembre)?|" \
	"wrze[sś]nia|wrzesie[nń]|eyl[uü]l|syyskuuta|"                       \
	"o[ck]t(?:ober|obre|ubre)?|ottobre|ott|outubro|out|"                   \
	"pa[zź]dziernika|pa[zź]dziernik|ekim|lokakuuta|"                     \
	"nov(?:ember|iembre|embre|embro)?|listopada|listopad|kas[ıi]m|"       \
	"marraskuuta|de[cszk](?:ember|embre|embro)?|dic(?:iembre|embre)?|"     \
	"d[eé]c(?:embre)?|grudnia|grudzie[nń]|aral[ıi]k|joulukuuta)"
#define DAY "(?:0?[1-9]|[12]\\d|3[01])"
#define NTH "(?:st|nd|rd|th|er|[ºª°.])?"
#define YEAR "(?:1[89]|20)\\d{2}"
#define OF "(?:of |de |del |do |d')?"

/* ---- Validators ---- */

/* Numbers of the text, in order; how many. */
static size_t
numbers_of(const char *text, size_t len, unsigned n[3], size_t digits[3])
{
	size_t count = 0;

	for (size_t i = 0; i < len && count < 3; i++) {
		if (text[i] < '0' || text[i] > '9')
			continue;
		n[count] = 0;
		digits[count] = 0;
		for (; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
			n[count] = n[count] * 10 + (unsigned)(text[i] - '0');
			digits[count]++;
		}
		count++;
	}
	return count;
}

static bool
is_day(unsigned day, unsigned month)
{
	static const uint8_t last[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };

	return month >= 1 && month <= 12 && day >= 1 && day <= last[month - 1];
}

/* Three numbers, the year first or last, the signs between them alike. */
static bool
valid_numbers(const char *text, size_t len)
{
	unsigned n[3];
	size_t digits[3], first;

	if (numbers_of(text, len, n, digits) < 3)
		return false;
	first = digits[0];
	if (text[first] != text[first + 1 + digits[1]])
		return false;
	if (digits[0] == 4)
		return n[0] >= 1800 && n[0] < 2200 && is_day(n[2], n[1]);
	if (digits[2] == 4 && (n[2] < 1800 || n[2] >= 2200))
		return false;
	return is_day(n[0], n[1]) || is_day(n[1], n[0]);
}

/* Day and month, or month and year. */
static bool
valid_pair(const char *text, size_t len)
{
	unsigned n[3];
	size_t digits[3];

	if (numbers_of(text, len, n, digits) != 2)
		return false;
	if (digits[1] == 4)
		return n[0] >= 1 && n[0] <= 12 && n[1] >= 1800 && n[1] < 2200;
	return is_day(n[0], n[1]) || is_day(n[1], n[0]);
}

/* "may", "march" and the like in small letters and without a year are words of
 * another kind. */
static bool
valid_worded(const char *text, size_t len)
{
	static const char *const words[] = { "may", "march", "mar", "mars",
		"set", "dec", "ago", "out", "sept", "gen", "ott", "mag", "mai",
		"des", "dek", "lug", NULL };
	size_t at = 0, n = 0;
	unsigned year[3];
	size_t digits[3];

	for (size_t i = numbers_of(text, len, year, digits); i-- > 0;)
		if (digits[i] == 4)
			return true;
	while (at < len && !(text[at] >= 'a' && text[at] <= 'z') &&
	       !(text[at] >= 'A' && text[at] <= 'Z'))
		at++;
	/* behind an ordinal: 1st may, 3 de mayo */
	for (size_t i = 0; words[i] != NULL; i++) {
		n = strlen(words[i]);
		for (size_t k = at; k + n <= len; k++)
			if (memcmp(text + k, words[i], n) == 0 &&
			    (k + n == len || text[k + n] == ' ') &&
			    (k == 0 || text[k - 1] == ' '))
				return false;
	}
	return true;
}

static bool
valid_capital(const char *text, size_t len)
{
	return len > 2 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a';
}

static bool
valid_clock(const char *text, size_t len)
{
	unsigned n[3];
	size_t digits[3], got = numbers_of(text, len, n, digits);

	return got >= 2 && n[0] < 25 && n[1] < 60 && (got < 3 || n[2] < 61);
}

static bool
valid_age(const char *text, size_t len)
{
	unsigned n[3] = { 0 };
	size_t digits[3];

	return numbers_of(text, len, n, digits) == 0 || n[0] <= 125;
}

/* ---- Patterns ---- */

#define CLOCK                                               \
	"(?:[T ]\\d{2}:\\d{2}(?::\\d{2}(?:[.,]\\d{1,9})?)?" \
	"(?: ?Z|[+\\-]\\d{2}:?\\d{2})?)?"

static const char *const number_patterns[] = {
	"\\d{4}[\\-/.]\\d{1,2}[\\-/.]\\d{1,2}" CLOCK,
	"\\d{1,2}[\\-/.]\\d{1,2}[\\-/.](?:\\d{4}|\\d{2})" CLOCK,
	"\\d{1,2}\\. \\d{1,2}\\. \\d{4}", NULL
};
static const char *const worded_patterns[] = { DAY NTH
	"[ \\-]" OF MONTH "\\.?(?:,?[ \\-]" OF "'?(?:\\d{4}|\\d{2}))?",
	MONTH "\\.?[ \\-]" DAY NTH "(?:,? " OF YEAR ")?",
	MONTH "\\.?(?: |-|, )" OF YEAR,
	"(?:year|a[nñ]o|jahr|ann[eé]e|anno|ano|jaar) (?:de )?" YEAR, NULL };
static const char *const pair_patterns[] = { "\\d{1,2}/\\d{1,2}", NULL };
static const char *const month_year_patterns[] = { "\\d{1,2}[/\\-]" YEAR,
	NULL };
static const char *const year_patterns[] = { YEAR, NULL };
static const char *const month_patterns[] = { MONTH, NULL };
static const char *const weekday_patterns[] = {
	"(?:mon|tues|wednes|thurs|fri|satur|sun)day", NULL
};
static const char *const other_weekday_patterns[] = {
	"(?:lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo)",
	"(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)",
	"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)", NULL
};
static const char *const clock_patterns[] = {
	"\\d{1,2}:\\d{2}(?::\\d{2})?(?: ?[ap]\\.?m\\.?)?", NULL
};
static const char *const date_context[] = { "date", "fecha", "datum", "data",
	"tarih", "dato", "paiva", "admitted", "discharged", "ingreso", "alta",
	"since", "until", "year", "desde", "hasta", "seit", "depuis", NULL };
static const char *const birth_context[] = { "born", "birth", "birthday", "dob",
	"date of birth", "nacimiento", "nacido", "nacida", "geboren",
	"geburtsdatum", "geb", "geburtstag", "naissance", "nascita", "nato",
	"nata", "nascimento", "geboortedatum", "urodzenia", "urodzony",
	"fodelsedatum", "fodselsdato", "syntymaaika", "dogum tarihi", "né le",
	"née le", NULL };

static const char *const age_patterns[] = {
	"\\d{1,3}(?: |-)?(?:years?|yrs?|months?|weeks?|days?)[ \\-]old",
	"\\d{1,3} ?(?:y/o|yo|y\\.o\\.)",
	"\\d{1,3} a[nñ]os(?: de (?:edad|vida))?",
	"\\d{1,3} (?:meses|d[ií]as|semanas) de (?:edad|vida)",
	"(?:un|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|"
	"trece|catorce|quince|diecis[eé]is|diecisiete|dieciocho|diecinueve|"
	"veinte|treinta|cuarenta|"
	"cincuenta|sesenta|setenta|ochenta|noventa)(?: y [a-z]{3,6})? a[nñ]os",
	"\\d{1,3}[ \\-](?:j[aä]hrig(?:e[rnsm]?)?|jahre(?: alt)?)",
	"\\d{1,3}[ \\-]?j[aä]hrige[rnsm]?",
	"\\d{1,3} (?:ans|anni|anos|lat|jaar|[aå]r|vuotias|ya[sş][ıi]nda)",
	"aged \\d{1,3}", NULL
};
static const char *const age_context[] = { "age", "aged", "old", "edad",
	"paciente", "patient", "alter", "age", "eta", "idade", "man", "woman",
	"boy", "girl", "male", "female", "varon", "mujer", "hombre", "nino",
	"nina", "mann", "frau", "homme", "femme", NULL };

#define BIRTH "ISO 8601; birth dates: HIPAA 45 CFR 164.514(b)(2)(i)(C)"

const struct recogniser recognisers_time[] = {
	{ "DATE_TIME", "", number_patterns, valid_numbers, date_context, 60, 60,
	    false, "ISO 8601; national forms" },
	{ "DATE_TIME", "", worded_patterns, valid_worded, date_context, 60, 60,
	    false, "CLDR, month names" },
	{ "DATE_TIME", "", month_year_patterns, valid_pair, date_context, 20,
	    20, false, "national forms" },
	{ "DATE_TIME", "", pair_patterns, valid_pair, date_context, 10, 10,
	    true, "national forms" },
	{ "DATE_TIME", "", year_patterns, NULL, date_context, 15, 15, true,
	    "Gregorian years" },
	{ "DATE_TIME", "", month_patterns, valid_capital, NULL, 15, 15, true,
	    "CLDR, month names" },
	{ "DATE_TIME", "", weekday_patterns, valid_capital, date_context, 40,
	    40, false, "CLDR, day names" },
	{ "DATE_TIME", "", other_weekday_patterns, NULL, date_context, 30, 30,
	    false, "CLDR, day names" },
	{ "DATE_TIME", "", clock_patterns, valid_clock, date_context, 15, 15,
	    true, "ISO 8601" },
	{ "DATE_OF_BIRTH", "", number_patterns, valid_numbers, birth_context,
	    62, 62, true, BIRTH },
	{ "DATE_OF_BIRTH", "", worded_patterns, valid_worded, birth_context, 62,
	    62, true, BIRTH },
	{ "AGE", "", age_patterns, valid_age, age_context, 50, 50, false,
	    "HIPAA 45 CFR 164.514(b)(2)(i)(C)" },
};
const size_t recognisers_time_count =
    sizeof(recognisers_time) / sizeof(recognisers_time[0]);
