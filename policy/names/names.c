/*
 * Names into words, and words into meanings.
 *
 *     customer_eMail-Adress  -->  customer e mail adress  -->  the longest run
 *     of words that a row has, the last of those as long
 *
 * The last, since what a name is about stands at its end ("contact phone").
 */

#include <string.h>

#include "keys/base/text.h"
#include "policy/names/names_internal.h"

/* A name's words, one after the other, and where each begins. */
#define TEXT_MAX 120u
#define WORDS_MAX 16u
struct words {
	char text[TEXT_MAX + 1];
	size_t at[WORDS_MAX + 1]; /* the last: the end */
	size_t n;
};

/* A letter of Latin script without its accent; "" for what separates. */
static const char *
plain(int32_t c, char out[2])
{
	static const struct {
		const char *from, *to;
	} folds[] = { { "àáâãäåāăą", "a" }, { "çćč", "c" }, { "ďđ", "d" },
		{ "èéêëēęě", "e" }, { "ğ", "g" }, { "ìíîïī", "i" },
		{ "ł", "l" }, { "ñńň", "n" }, { "òóôõöøō", "o" }, { "řŕ", "r" },
		{ "śşš", "s" }, { "ťţ", "t" }, { "ùúûüūů", "u" }, { "ýÿ", "y" },
		{ "źżž", "z" }, { "ß", "ss" }, { "æ", "ae" }, { "œ", "oe" } };
	size_t used;

	out[1] = '\0';
	if (c >= 'A' && c <= 'Z')
		c |= 0x20;
	else if (c >= 0xc0 && c <= 0xde && c != 0xd7)
		c += 0x20;
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
		out[0] = (char)c;
		return out;
	}
	for (size_t i = 0; i < sizeof(folds) / sizeof(folds[0]); i++)
		for (const char *p = folds[i].from; *p != '\0'; p += used)
			if (utf8_next(p, strlen(p), &used) == c)
				return folds[i].to;
	return "";
}

/* Where the last n names of a path begin. */
static const char *
last_names(const char *field, unsigned n)
{
	for (const char *p = field + strlen(field); p > field; p--)
		if ((*p == '.' || (*p == '[' && p[1] != '*')) && p[1] != '\0' &&
		    --n == 0)
			return p + 1;
	return field;
}

static bool
begins_word(char before, char c)
{
	return (c >= 'A' && c <= 'Z') && (before >= 'a' && before <= 'z');
}

/* False when it is too long to be made of words. */
static bool
split(struct words *w, const char *p)
{
	bool open = false;
	char own[2], before = '\0';
	size_t used, len = 0;

	w->n = 0;
	for (; *p != '\0'; p += used) {
		const char *add = plain(utf8_next(p, strlen(p), &used), own);
		size_t n = strlen(add);

		if (n == 0 || begins_word(before, *p))
			open = false;
		before = *p;
		if (n == 0)
			continue;
		if (!open && w->n == WORDS_MAX)
			return false;
		if (len + n > TEXT_MAX)
			return false;
		if (!open)
			w->at[w->n++] = len;
		open = true;
		memcpy(w->text + len, add, n);
		len += n;
	}
	w->text[len] = '\0';
	w->at[w->n] = len;
	return true;
}

/* Is text[len] among the alternatives? */
static bool
among(const char *bars, const char *text, size_t len)
{
	for (const char *p = bars; p != NULL; p = strchr(p, '|')) {
		p += *p == '|';
		if (strncmp(p, text, len) == 0 &&
		    (p[len] == '|' || p[len] == '\0'))
			return true;
	}
	return false;
}

static enum name_meaning
find(const char *text, size_t len)
{
	for (size_t i = 0; i < name_rows_count; i++)
		if (among(name_rows[i].words, text, len))
			return name_rows[i].meaning;
	return NAME_UNKNOWN;
}

/* "customer_id", "kundennummer", "id": whose number it is. */
static enum name_meaning
says_number(const struct words *w)
{
	const char *text = w->text;
	size_t len = w->at[w->n];

	for (size_t i = 0; i < w->n; i++) {
		size_t n = w->at[i + 1] - w->at[i];

		if (!among(name_numbers, text + w->at[i], n))
			continue;
		for (size_t k = 0; k < w->n; k++)
			if (k != i && among(name_people, text + w->at[k],
					  w->at[k + 1] - w->at[k]))
				return NAME_PERSON_KEY;
		return NAME_KEY;
	}
	for (size_t n = 2; n + 1 < len; n++)
		if (among(name_numbers, text + n, len - n) &&
		    among(name_people, text, n))
			return NAME_PERSON_KEY;
	return NAME_UNKNOWN;
}

/* The last run of n words that has a meaning; one that says something of a
 * person before one that does not ("salary class"). */
static enum name_meaning
find_run(const struct words *w, size_t n)
{
	enum name_meaning m, neutral = NAME_UNKNOWN;

	for (size_t i = w->n - n + 1; i-- > 0;) {
		m = find(w->text + w->at[i], w->at[i + n] - w->at[i]);
		if (m == NAME_NEUTRAL)
			neutral = m;
		else if (m != NAME_UNKNOWN)
			return m;
	}
	return neutral;
}

static enum name_meaning
words_say(const char *text)
{
	enum name_meaning m, number;
	struct words w;

	if (!split(&w, text) || w.n == 0)
		return NAME_UNKNOWN;
	for (size_t n = w.n; n > 0; n--) {
		/* a number of its own wins over the single words of its name,
		 * unless they say what kind of number it is */
		number = n == 1 && w.n > 1 ? says_number(&w) : NAME_UNKNOWN;
		if (number == NAME_PERSON_KEY ||
		    (number == NAME_KEY && w.n == 2))
			return number;
		m = find_run(&w, n);
		if (m != NAME_UNKNOWN)
			return number == NAME_UNKNOWN || name_identifies(m)
				   ? m
				   : number;
	}
	return says_number(&w);
}

/* Whose "id" it is stands in front of it. */
enum name_meaning
name_says(const char *field)
{
	enum name_meaning last = words_say(last_names(field, 1));
	enum name_meaning both;

	if (last != NAME_UNKNOWN && last != NAME_KEY)
		return last;
	both = words_say(last_names(field, 2));
	return both != NAME_UNKNOWN ? both : last;
}

static const char *const meanings[] = {
	[NAME_UNKNOWN] = "nothing known",
	[NAME_PERSON_KEY] = "the number of a person",
	[NAME_KEY] = "a number or code",
	[NAME_PERSON] = "a person's name",
	[NAME_EMAIL] = "an e-mail address",
	[NAME_PHONE] = "a telephone number",
	[NAME_STREET] = "a street address",
	[NAME_NATIONAL] = "a number given by a state",
	[NAME_RECORD] = "the number of a record or an insured person",
	[NAME_ACCOUNT] = "a bank account",
	[NAME_CARD] = "a payment card",
	[NAME_LICENCE] = "a licence or certificate",
	[NAME_VEHICLE] = "a vehicle",
	[NAME_DEVICE] = "a device or session",
	[NAME_URL] = "a web address",
	[NAME_IP] = "an IP address",
	[NAME_USER] = "what a user is called",
	[NAME_BIOMETRIC] = "a biometric template",
	[NAME_SECRET] = "a secret",
	[NAME_BIRTH] = "a birth date",
	[NAME_AGE] = "an age",
	[NAME_DATE] = "a date or time",
	[NAME_POSTCODE] = "a postcode",
	[NAME_CITY] = "a place",
	[NAME_REGION] = "a state or region",
	[NAME_COUNTRY] = "a country",
	[NAME_LATITUDE] = "a latitude",
	[NAME_LONGITUDE] = "a longitude",
	[NAME_SEX] = "sex or form of address",
	[NAME_MARITAL] = "a family's circumstances",
	[NAME_NATIONALITY] = "a nationality",
	[NAME_JOB] = "an occupation",
	[NAME_EMPLOYER] = "an employer or organisation",
	[NAME_EDUCATION] = "education",
	[NAME_INCOME] = "income or wealth",
	[NAME_HEALTH] = "health",
	[NAME_ETHNICITY] = "racial or ethnic origin",
	[NAME_BELIEF] = "religious belief",
	[NAME_POLITICS] = "political opinion",
	[NAME_UNION] = "trade union membership",
	[NAME_SEX_LIFE] = "sex life or sexual orientation",
	[NAME_GENETIC] = "genetic data",
	[NAME_CRIME] = "criminal convictions",
	[NAME_TEXT] = "free text",
	[NAME_MEDIA] = "the name of a file",
	[NAME_NEUTRAL] = "nothing about a person",
};
_Static_assert(sizeof(meanings) / sizeof(meanings[0]) == NAME_MEANINGS, "all");

const char *
name_meaning_text(enum name_meaning m)
{
	return meanings[m];
}

bool
name_identifies(enum name_meaning m)
{
	return m >= NAME_PERSON_KEY && m <= NAME_SECRET && m != NAME_KEY;
}

bool
name_is_special(enum name_meaning m)
{
	return m >= NAME_HEALTH && m <= NAME_CRIME;
}

bool
name_has_few_values(const char *field)
{
	enum name_meaning m = name_says(field);
	struct words w;

	if (m == NAME_SEX || m == NAME_MARITAL || m == NAME_COUNTRY ||
	    m == NAME_REGION || m == NAME_AGE || m == NAME_NATIONALITY ||
	    (name_is_special(m) && m != NAME_HEALTH && m != NAME_GENETIC))
		return true;
	return split(&w, last_names(field, 1)) && w.n > 0 &&
	       among(name_few, w.text, w.at[w.n]);
}
