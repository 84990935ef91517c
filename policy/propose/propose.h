#ifndef POLICY_PROPOSE_PROPOSE_H
#define POLICY_PROPOSE_PROPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/bytes.h"
#include "keys/base/fault.h"
#include "keys/base/wire.h"
#include "policy/names/names.h"
#include "policy/rules/rules.h"

/*
 * A first policy, from what is in the data.
 *
 *     values --> survey (in a worker) --> evidence --> proposal --> YAML text
 *
 * Each value is put to simple exact tests (is it an e-mail address, an IBAN
 * whose check digits are right, a date that the transforms can read ...), and
 * what is counted is held against what the column's name says.  Where both
 * agree a safe action is proposed; where they do not, or nothing is known, the
 * proposal is `refuse`, and says what to choose from.  No text made here holds
 * a value of the data: counts and lengths alone.
 */

/* What a value can be seen to be; one may be several. */
enum value_kind {
	KIND_EMAIL,
	KIND_URL,
	KIND_UUID,
	KIND_IP,
	KIND_IBAN,	 /* ISO 13616, check digits mod 97 */
	KIND_CARD,	 /* 13 to 19 digits whose check digit is right (Luhn) */
	KIND_PHONE,	 /* +, or separators, and 7 to 15 digits (E.164) */
	KIND_DATE,	 /* its year can be read (policy/transform) */
	KIND_MONTH,	 /* its month can, too */
	KIND_DMY,	 /* its month can, if the day comes first */
	KIND_MDY,	 /* its month can, if the month comes first */
	KIND_POSTCODE,	 /* of one of many countries */
	KIND_ZIP,	 /* 5 digits, or 5 and 4 */
	KIND_ZIP_SMALL,	 /* a ZIP code of an area that HIPAA's rule names */
	KIND_NUMBER,	 /* as the transforms read numbers */
	KIND_INTEGER,	 /* digits alone, with a sign */
	KIND_AGE,	 /* a whole number from 0 to 125 */
	KIND_COORDINATE, /* -180 to 180 with two decimals or more */
	KIND_TEXT,	 /* five words or more */
	KIND_REF_PATH,	 /* the path of a file of the dataset */
	KIND_REF_BASENAME,   /* the last element of one */
	KIND_REF_IDENTIFIER, /* that, without its extension */
	KINDS
};

/* The kinds of a value, as bits; those of files are not looked for. */
NEED uint32_t value_kinds(const void *p, size_t len);

/* What was counted of one column or path. */
struct evidence {
	uint64_t values; /* not empty, not null */
	uint64_t empty;
	uint64_t distinct; /* of the values, or, with more, at least so many */
	bool more;
	uint64_t shortest, longest; /* in bytes */
	uint64_t kinds[KINDS];
	uint32_t digits; /* before the point of the largest number */
};

/* -- Survey: values are counted ------------------------------------------ */

struct survey;

/* The caller survey_free()s *out. */
NEED int survey_new(struct survey **out, struct fault *f);
void survey_free(struct survey *s);

/* A file of the dataset that values may name, by its path or, where no other
 * file has the same, the last element or that without its extension. */
NEED int survey_file(struct survey *s, const char *path, struct fault *f);

/* Count a value of field number field.  Distinct values are told apart by keyed
 * hashes of 64 bits (SipHash), up to SURVEY_ROOM of them over all fields. */
#define SURVEY_ROOM ((size_t)16 << 20)
#define SURVEY_FIELDS_MAX (4u * SHAPE_FIELDS_MAX)
NEED int survey_see(struct survey *s, uint32_t field, const void *value,
    size_t len, struct fault *f);

/* A text of which it is asked whether it is a value of some field, in the
 * order of the calls; and how many of n of them, from the first on, are values
 * of a field.  0 where not all distinct values could be kept. */
NEED int survey_ask(
    struct survey *s, const void *text, size_t len, struct fault *f);
uint32_t survey_known(
    const struct survey *s, uint32_t field, uint32_t first, uint32_t n);

/* What was counted of a field; zeros for one that was never seen. */
struct evidence survey_evidence(const struct survey *s, uint32_t field);
NEED int evidence_put(
    struct bytes *b, const struct evidence *e, struct fault *f);
NEED int evidence_take(struct reader *r, struct evidence *e, struct fault *f);

/* -- Proposals ----------------------------------------------------------- */

enum profile {
	PROFILE_NONE,
	PROFILE_GDPR_HEALTH, /* health data (Art. 9 GDPR) are the purpose */
	PROFILE_HIPAA,	     /* safe harbor, 45 CFR 164.514(b)(2) */
	PROFILE_FACES,	     /* pictures of people */
	PROFILE_CHAT	     /* conversations */
};
#define PROFILES 5u

/* "gdpr-health" ...; false for a word that is none. */
NEED bool profile_read(enum profile *out, const char *word);
extern const char *const profile_words[]; /* ended by NULL */

/* What is proposed for one column or path. */
#define PROPOSAL_TEXT 400u
struct proposal {
	const char *seems; /* "identifier", "quasi-identifier" ... */
	enum name_meaning meaning;
	bool refuse;
	bool person;		    /* it belongs to a person */
	char action[PROPOSAL_TEXT]; /* as the policy writes it */
	char why[PROPOSAL_TEXT];    /* one line, the evidence */
	char choose[PROPOSAL_TEXT]; /* one line, or "" */
};

/* today is the day of ages: seconds since 1970. */
void propose(struct proposal *out, const char *name, const struct evidence *e,
    enum profile profile, int64_t today);

/* -- Files into groups --------------------------------------------------- */

/* What one file is: files of one look under one folder become one rule. */
#define LOOK_BYTES 32u
struct look {
	const char *path;
	bool known; /* type and the rest count */
	enum file_type type;
	bool header;
	char delimiter;
	uint8_t names[LOOK_BYTES]; /* csv: a digest of the columns */
	uint8_t paths[LOOK_BYTES]; /* json, jsonl: of the paths, which files
				      of one look need not share */
	char *why;		   /* not known: why it stays behind */
	uint32_t group;		   /* set by looks_group() */
};

/* One pattern; several can be of one group. */
struct look_rule {
	char *glob;
	uint32_t group;
	uint32_t files; /* that it is the first to match */
};
struct look_rules {
	struct look_rule *at;
	uint32_t n, room;
	uint32_t groups;
};

/*
 * Sort files into groups of one look, and find patterns so that every file is
 * matched first by one of its own group.  *out, the caller's to
 * look_rules_free() also after a failure, is in the order that a policy needs.
 * FAULT_INPUT where there would be more rules than LOOK_RULES_MAX.
 */
#define LOOK_RULES_MAX 4000u
NEED int looks_group(
    struct look *files, uint32_t n, struct look_rules *out, struct fault *f);
void look_rules_free(struct look_rules *r);

/* -- Whose a whole file is ------------------------------------------------ */

/*
 * Where a file's path may say whom it is about: a part of it that is perhaps a
 * value of a subject's column, or all of it, which a row with a subject
 * perhaps names.  Of each rule whose files are items there are several guesses,
 * each with a text for so many of its files.
 */
struct guess {
	uint32_t rule;	       /* of look_rules */
	enum transform_by by;  /* where pattern is NULL */
	char *pattern;	       /* with SUBJECT_SIGN, or NULL: rows name it */
	uint32_t n;	       /* files that were looked at */
	uint32_t first, asked; /* texts; not all have the pattern's form */
};
struct guesses {
	struct guess *at;
	uint32_t n, room;
	struct bytes texts; /* put_slice() each */
	uint32_t ntexts;
};

/* *out is the caller's to guesses_free() also after a failure.  At most
 * GUESS_FILES files of a rule are looked at, evenly spread, and none any more
 * past GUESS_BYTES of texts. */
#define GUESS_FILES 1000u
#define GUESS_BYTES ((size_t)4 << 20)
NEED int guesses_make(struct guesses *out, const struct look *files, uint32_t n,
    const struct look_rules *rules, struct fault *f);
void guesses_free(struct guesses *g);

/* -- The text ------------------------------------------------------------ */

/* A group's column or path. */
struct draft_field {
	char *name;
	struct evidence e;
	uint8_t holds; /* HOLDS_ */
	struct proposal p;
	uint32_t *known; /* of each guess, texts that are values; or NULL */
	/* draft_decide()'s: */
	size_t top;	/* index of the field whose line decides it, too */
	bool inside;	/* another path lies below it */
	uint64_t crowd; /* not 0: so many names are at place */
	char *place;
};

struct draft_group {
	bool known;
	enum file_type type;
	bool header, varies; /* its files have not all the same names */
	char delimiter;
	const char *why; /* not known: why it stays behind */
	char *convert;	 /* and what makes it one that is, or NULL; owned */
	uint64_t files, records;
	struct draft_field *fields;
	size_t nfields;
	size_t item;	/* index into fields, or SIZE_MAX */
	size_t subject; /* likewise */
};

struct policy_draft {
	const char *dataset; /* as it was named, for a comment */
	const char *vendor;  /* or NULL */
	enum profile profile;
	int64_t today;
	const struct look_rules *rules;
	struct draft_group *groups;
	const struct guesses *guesses; /* or NULL */
};

/* Find proposals, item ids and subjects; the evidence is there. */
NEED int draft_decide(struct policy_draft *d, struct fault *f);

/* Of a group that the caller filled: its fields, with their names and places,
 * are memory of mem.h. */
void draft_group_free(struct draft_group *g);

/* Append the policy that was decided, with the evidence in comments. */
struct draft_told {
	uint64_t rules, fields;
	uint64_t dropped, refused; /* of the fields */
	uint64_t excluded;	   /* of the rules */
	uint64_t left, texts;	   /* files that these leave behind, and those
				    * of them that `text: detect` would mask */
};
NEED int draft_write(struct bytes *out, const struct policy_draft *d,
    struct draft_told *told, struct fault *f);

#endif
