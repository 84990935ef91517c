#ifndef POLICY_NAMES_NAMES_H
#define POLICY_NAMES_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "keys/base/fault.h"

/*
 * What the name of a column or path says about its values.
 *
 * A name is evidence and no proof: it is held against the values by whoever
 * has them (policy/propose), and used for warnings where nobody has.  Words of
 * ten languages are known; upper case, accents and what stands between words
 * do not matter.
 */
enum name_meaning {
	NAME_UNKNOWN,
	/* who somebody is */
	NAME_PERSON_KEY, /* the number of a customer, patient, user ... */
	NAME_KEY,	 /* the number of anything else */
	NAME_PERSON,	 /* a name, or part of one */
	NAME_EMAIL,
	NAME_PHONE,
	NAME_STREET,
	NAME_NATIONAL, /* social security, tax, passport ... */
	NAME_RECORD,   /* medical record, health plan */
	NAME_ACCOUNT,  /* bank account */
	NAME_CARD,     /* payment card */
	NAME_LICENCE,  /* licence, certificate */
	NAME_VEHICLE,
	NAME_DEVICE,
	NAME_URL,
	NAME_IP,
	NAME_USER, /* what somebody calls himself */
	NAME_BIOMETRIC,
	NAME_SECRET, /* passwords, tokens, keys */
	/* what tells people apart when put together */
	NAME_BIRTH,
	NAME_AGE,
	NAME_DATE,
	NAME_POSTCODE,
	NAME_CITY,
	NAME_REGION,
	NAME_COUNTRY,
	NAME_LATITUDE,
	NAME_LONGITUDE,
	NAME_SEX,
	NAME_MARITAL,
	NAME_NATIONALITY,
	NAME_JOB,
	NAME_EMPLOYER,
	NAME_EDUCATION,
	NAME_INCOME,
	/* Art. 9 and 10 GDPR */
	NAME_HEALTH,
	NAME_ETHNICITY,
	NAME_BELIEF,
	NAME_POLITICS,
	NAME_UNION,
	NAME_SEX_LIFE,
	NAME_GENETIC,
	NAME_CRIME,
	/* the rest */
	NAME_TEXT,   /* what somebody wrote */
	NAME_MEDIA,  /* the name of another file */
	NAME_NEUTRAL /* status, type, amount ...: says nothing of a person */
};
#define NAME_MEANINGS ((size_t)NAME_NEUTRAL + 1)

/* What a column or canonical path is called after: of a path, its last name.
 * Never fails; a name too long to be words is NAME_UNKNOWN. */
NEED enum name_meaning name_says(const char *field);

/* The meaning in English, with its article: "an e-mail address". */
const char *name_meaning_text(enum name_meaning m);

/* Does it name a person by itself, or lead straight to one? */
NEED bool name_identifies(enum name_meaning m);

/* Is it of a special category (Art. 9 GDPR), or about crimes (Art. 10)? */
NEED bool name_is_special(enum name_meaning m);

/* Are there so few values of what it names that each is known by how often it
 * comes? */
NEED bool name_has_few_values(const char *field);

#endif
