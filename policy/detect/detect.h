#ifndef POLICY_DETECT_DETECT_H
#define POLICY_DETECT_DETECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/fault.h"

/*
 * Personal data in text: one buffer in, spans out.  No I/O.
 *
 *     text --+--> patterns: one automaton for all, each match judged by its
 *            |    row's checksum and the words around it
 *            +--> words: names, places, addresses, organisations
 *            '--> overlaps resolved, offsets counted
 *
 * The time is linear in the text's length whatever is in it: a pattern is
 * bounded, and so is what is looked at around a match.  A text may hold NULs
 * and malformed UTF-8; a byte that is part of no character counts as one.
 *
 * Blanks, hyphens, digits and letters are found in whichever form Unicode has
 * them, and what shows nothing hides nothing (docs/DETECT.md, Characters).  So
 * are what is allowed and denied, the patterns of others and the names of a
 * dictionary.
 */

/* ---- The dataset's own names ---- */

/*
 * Values of columns that identify: the patient named in a table is found in
 * every note, inflected, in part or misspelt.
 *
 *     values --> builder --> one block, sealed --> opened by every worker
 *
 * The block holds offsets and no pointers: one process writes it into a
 * descriptor, others map it for reading.
 */
enum dictionary_kind {
	DICTIONARY_NAME,  /* all the names of one person in one value */
	DICTIONARY_PLACE, /* an address, or a town */
	DICTIONARY_PHONE,
	DICTIONARY_ID
};

#define DICTIONARY_SUBJECT_BYTES 16u
#define DICTIONARY_VALUE_MAX 512u /* bytes; longer is no name */
#define DICTIONARY_BYTES_MAX \
	(1u << 29) /* of a block: some five million names */

struct dictionary_builder;
NEED int dictionary_new(struct dictionary_builder **out, struct fault *f);

/*
 * Add value[0..len), UTF-8; subject is whose it is, or NULL.  What has neither
 * letters nor digits is left out.  FAULT_INPUT for a value or a dictionary that
 * is too large; b can then only be freed.
 */
NEED int dictionary_add(struct dictionary_builder *b, enum dictionary_kind kind,
    const char *value, size_t len,
    const uint8_t subject[DICTIONARY_SUBJECT_BYTES], struct fault *f);

/* All that was added as one block, the caller's to mem_free().  The same values
 * in the same order make the same block.  b can then only be freed. */
NEED int dictionary_seal(struct dictionary_builder *b, uint8_t **block,
    size_t *len, struct fault *f);
void dictionary_builder_free(struct dictionary_builder *b);

/*
 * Look into block[0..len), aligned to 8 bytes, which stays the caller's and
 * outlives *out.  Every offset in it is checked first: FAULT_INPUT when one is
 * wrong, and nothing that a block can hold makes a later look-up read outside.
 */
struct dictionary;
NEED int dictionary_open(
    struct dictionary **out, const void *block, size_t len, struct fault *f);
void dictionary_free(struct dictionary *d);

/* How many different words, telephone numbers and ids it knows. */
NEED size_t dictionary_words(const struct dictionary *d);

/* ---- What is looked for ---- */

/* A recogniser of the owner's own. */
struct detect_custom {
	const char *entity;    /* [A-Z][A-Z0-9_]*, at most 64 */
	const char *pattern;   /* docs/DETECT.md, "Patterns" */
	const char *validator; /* an entity of ours, luhn ...; NULL: none */
	const char *const *context; /* NULL-ended, or NULL */
	unsigned score;		    /* percent, 1 to 100 */
};

struct detect_options {
	const char *const *entities; /* NULL-ended; NULL: all */
	unsigned min_score; /* percent; 0: 40, or 1 where entities are named */
	const char *const *allow; /* NULL-ended: texts that are never a find */
	const char *const *deny;  /* NULL-ended: texts that always are */
	const struct detect_custom *custom;
	size_t ncustom;
	const struct dictionary
	    *dictionary; /* or NULL; outlives the detector */
	bool overlaps;	 /* report also what another span covers */
};

#define DETECT_MIN_SCORE 40u

/* Have the libraries read what they read of the machine.  Once, before a
 * sandbox is entered in which detector_new() is to work. */
NEED int detect_start(struct fault *f);

/* A rule set, made once, read-only and shared between threads. */
struct detector;

/*
 * Everything in o is copied.  FAULT_INPUT for a pattern that is not of the
 * language, FAULT_USAGE for an entity or validator that is not known (with a
 * hint of what was probably meant).
 */
NEED int detector_new(
    struct detector **out, const struct detect_options *o, struct fault *f);
void detector_free(struct detector *d);

/* SHA-256 over all that a find depends on: rows, lists, options, and the
 * version of the rules in code.  The same digest finds the same. */
void detector_digest(const struct detector *d, uint8_t digest[32]);

/* The i-th entity that there is, in order of the alphabet; NULL past the last.
 */
const char *detect_entity(size_t i);

/*
 * A row of the tables.  An entity may have several: a form that gives itself
 * away and one that any number has.
 */
struct detect_rule {
	const char *entity;
	const char *country;			      /* alpha-2, or "" */
	const char *const *patterns, *const *context; /* NULL-ended */
	unsigned score, valid_score; /* percent; the second once the validator
				      * agreed, and more if it is a proof */
	bool validator, needs_context;
	const char *source; /* the document of the rule */
};

/* The i-th row there is, in the order of the tables; false past the last. */
bool detect_rule(size_t i, struct detect_rule *out);

/* ---- Finding ---- */

struct detect_span {
	const char *entity;	     /* lives as long as the detector */
	size_t start, end;	     /* bytes: text[start..end) */
	size_t char_start, char_end; /* code points */
	uint8_t score;		     /* percent */
	bool proven;		     /* a check digit or as good says so */

	/* Why; each may be NULL.  Of the rules, never of the text. */
	const char *pattern; /* the pattern that matched */
	const char *context; /* the word nearby */
	const char *list;    /* the list of words, or rule over words */
	const char *country; /* alpha-2, or "" */
	const char *source;  /* the document of the rule */
};

struct detect_spans {
	struct detect_span *at;
	size_t n, room;
};
void detect_spans_init(struct detect_spans *s);
void detect_spans_free(struct detect_spans *s);

/* Code points in text[0..len); of malformed text each stray byte is one. */
NEED size_t detect_characters(const void *text, size_t len);

/* Lower case, without accents, as texts are searched, into out[room]: two texts
 * that fold to the same are the same name.  The bytes written, cut at a
 * character. */
NEED size_t detect_fold(char *out, size_t room, const void *text, size_t len);

/* What one thread needs to scan with; the detector outlives it. */
struct detect_scan;
NEED int detect_scan_new(
    struct detect_scan **out, const struct detector *d, struct fault *f);
void detect_scan_free(struct detect_scan *s);

/* A value of the record that the text belongs to. */
struct detect_value {
	enum dictionary_kind kind;
	const char *text; /* UTF-8; DICTIONARY_VALUE_MAX bytes are taken */
	size_t len;
};

struct detect_record {
	const uint8_t *subject; /* whose values the dictionary has; or NULL */
	const struct detect_value *values;
	size_t n;
};

/*
 * From here on texts are of this record: its values, and what the dictionary
 * knows of its subject, are found with certainty, short, common and misspelt
 * ones too.  Everything is copied; NULL: of no record.  Of more than
 * DETECT_OWN_MAX words the first are taken.  The detector has a dictionary, if
 * only an empty one: FAULT_USAGE otherwise.
 */
#define DETECT_OWN_MAX 64u
NEED int detect_scan_record(
    struct detect_scan *s, const struct detect_record *r, struct fault *f);

/*
 * All that is found in text[0..len), in order of start, none overlapping
 * (unless asked for).  What out held before is forgotten.  FAULT_SYSTEM
 * without memory.
 */
NEED int detect_text(struct detect_scan *s, const void *text, size_t len,
    struct detect_spans *out, struct fault *f);

/*
 * Hear whom the text that s scanned last names in full, so that detect_same()
 * knows whom a part of a name means that only one of them has.  spans are those
 * of text, as detect_text() gave them.  FAULT_SYSTEM without memory.
 */
NEED int detect_named(struct detect_scan *s, const struct detect_spans *spans,
    const void *text, struct fault *f);

/*
 * What two finds that name the same have in common, into out[room]; the bytes
 * written.  Of a person whom the dictionary or the record knows: the words of
 * his name as the dictionary has them, of the record's own person all of them
 * and of one of detect_named() as many as the text said, so that "Kowalskiej",
 * "KOWALSKA, Anna" and "Kowlaska" are one; a number's digits.  Of a person whom
 * they do not know, the name that one of detect_named() has, folded; of any
 * other find, as detect_fold().  span is of text, which s scanned last.
 */
NEED size_t detect_same(const struct detect_scan *s,
    const struct detect_span *span, const void *text, char *out, size_t room);

#endif
