#ifndef POLICY_DETECT_WORD_INTERNAL_H
#define POLICY_DETECT_WORD_INTERNAL_H

#include "policy/detect/detect_internal.h"

/*
 * Names, places, addresses and organisations: rules over words.
 *
 *     text --> tokens.c: words and numbers with what they mean (lexicon.c)
 *          --> fields.c, address.c, organisation.c, person.c, place.c: each
 *              says how many tokens from here on are one of its kind
 */

/* ---- What a word means (lexicon.c) ---- */

enum word_class {
	W_GIVEN = 1u << 0,
	W_SURNAME = 1u << 1,
	W_PLACE = 1u << 2,
	W_COUNTRY = 1u << 3,
	W_COMMON = 1u << 4,	 /* an English word of no name */
	W_AMBIGUOUS = 1u << 5,	 /* a name, and an everyday word */
	W_TITLE = 1u << 6,	 /* Dr, Mrs, Herr */
	W_ROLE = 1u << 7,	 /* patient, paciente: a name may follow */
	W_PARTICLE = 1u << 8,	 /* van, de la, bin */
	W_STREET = 1u << 9,	 /* calle, rue, via: the name follows */
	W_STREET_END = 1u << 10, /* street, road: the name is before */
	W_UNIT = 1u << 11,	 /* apt, suite, piso */
	W_ORG_END = 1u << 12,	 /* Ltd, GmbH */
	W_ORG = 1u << 13,	 /* hospital, university */
	W_TIME = 1u << 14,	 /* months, days: not a name */
	W_PEOPLE = 1u << 15,	 /* Dutch, English: not a name */
	W_AT = 1u << 16,	 /* in, from, nach: a place may follow */
	W_SAY = 1u << 17,	 /* is, called: a name may follow "name" */
	W_ENGLISH = 1u << 18,	 /* the, and: the language */
	W_SPANISH = 1u << 19,
	W_GERMAN = 1u << 20,
	W_OTHER = 1u << 21, /* French, Italian, Portuguese, Dutch */
	W_NAME = 1u << 22,  /* name, nombre: "my name is" */
	W_ARMY = 1u << 23,  /* DPO, FPO, APO */
	W_AND = 1u << 24
};

NEED int lexicon_make(struct words *out, struct fault *f);

/* The labels of forms, each with its enum word_rule (fields.c). */
NEED int fields_labels(struct words *out, struct fault *f);

/* The lists' bytes into a digest. */
void lexicon_each(void (*add)(void *arg, const void *p, size_t n), void *arg);

/* ---- Tokens (tokens.c) ---- */

/* What is between a token and the one before. */
enum gap {
	G_BLANK = 1u << 0,
	G_LINE = 1u << 1,
	G_LINES = 1u << 2, /* an empty line */
	G_STOP = 1u << 3,  /* . ! ? */
	G_COMMA = 1u << 4,
	G_COLON = 1u << 5,
	G_HYPHEN = 1u << 6,
	G_QUOTE = 1u << 7, /* an apostrophe alone */
	G_SLASH = 1u << 8,
	G_OTHER = 1u << 9, /* brackets, quotes, signs */
	G_START = 1u << 10 /* of the text */
};

enum shape { S_LOWER, S_CAPITAL, S_CAPITALS, S_NUMBER, S_MIXED };

struct token {
	size_t start;
	uint32_t len, means; /* enum word_class */
	uint8_t shape;
	uint8_t letters; /* code points, at most 255 */
	uint8_t is;	 /* enum met_is */
	int8_t tongue;	 /* 1: of English; -1: of another language */
	uint16_t gap;	 /* enum gap, before it */
};

#define TOKENS 2048u	 /* looked at at a time */
#define TOKENS_AHEAD 64u /* no rule looks farther */

/* Whether one of the tokens from one on ends a street or is a company's is
 * known by the block: of the block of its number and the next, beyond which no
 * rule looks. */
#define AHEAD_TOKENS 16u

struct word_scan {
	struct token t[TOKENS];
	uint8_t ahead[TOKENS / AHEAD_TOKENS + 2]; /* MET_AHEAD of all */
	size_t n;
	const struct words *labels;
	bool end;   /* of the text is behind the last */
	bool lower; /* hardly a capital: names may be small */
	bool english;
};

/* The rows of recognisers_words. */
enum word_rule {
	R_PERSON,
	R_LOCATION,
	R_ADDRESS,
	R_ORGANIZATION,
	R_ID,
	R_GENDER,
	R_AGE,
	WORD_RULES
};

/* What a finder found: tokens [from, to), where 0 tokens are nothing. */
struct find {
	size_t from, to;
	enum word_rule rule;
	uint8_t score;
	const char *list;
};

/* Fill the tokens from *at on, and see which patterns begin at them and between
 * them; *at moves behind what was read. */
NEED int tokens_fill(struct detect_scan *s, size_t *at, struct fault *f);

/* Does the folded word of a token end with that? */
NEED bool token_ends(const uint8_t *p, const struct token *t, const char *with);

/* May token i begin what ends in a word of streets or companies? */
static inline bool
token_leads(const struct word_scan *w, size_t i)
{
	const uint8_t *ahead = &w->ahead[i / AHEAD_TOKENS];

	return ((ahead[0] | ahead[1]) & MET_AHEAD) != 0;
}

/* A capital where no sentence begins, or not a common word. */
NEED bool token_starts_sentence(const struct word_scan *w, size_t i);
NEED bool token_is_name(const struct word_scan *w, size_t i);

/* ---- Finders: is one of theirs at token i? ---- */

NEED bool find_field(
    const struct word_scan *w, const uint8_t *p, size_t i, struct find *out);
NEED bool find_address(
    const struct word_scan *w, const uint8_t *p, size_t i, struct find *out);
NEED bool find_organisation(
    const struct word_scan *w, const uint8_t *p, size_t i, struct find *out);
NEED bool find_person(
    const struct word_scan *w, const uint8_t *p, size_t i, struct find *out);
NEED bool find_place(
    const struct word_scan *w, const uint8_t *p, size_t i, struct find *out);

/* All of them over the scan's text (words_scan.c). */
NEED int words_scan(struct detect_scan *s, struct fault *f);

#endif
