#ifndef POLICY_TRANSFORM_TRANSFORM_H
#define POLICY_TRANSFORM_TRANSFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/bytes.h"
#include "keys/base/fault.h"
#include "keys/base/secret.h"
#include "keys/base/wire.h"

/*
 * One value in, one value out.  No file, no key store, no policy text: a
 * transform is what a policy decided for one column or path, made once and
 * applied to every value there.  It travels to worker processes by
 * transform_put() and transform_take().
 *
 * For all actions: a value is a run of bytes (a CSV field unquoted, a JSON
 * string unescaped, another JSON scalar as written).  The empty value stays
 * empty, except under `constant`.  What a transform cannot read it refuses;
 * it never passes a value on unchanged because it did not understand it, and
 * no message holds a value.  docs/POLICY.md, "Actions", is the exact
 * definition for people.
 */
enum transform_action {
	TRANSFORM_REFUSE = 0, /* stops the export; what a zeroed struct does */
	TRANSFORM_KEEP,
	TRANSFORM_DROP, /* the reader leaves the field out; applied: nothing */
	TRANSFORM_TOKEN,
	TRANSFORM_MASK,
	TRANSFORM_TRUNCATE,
	TRANSFORM_DATE,	 /* generalise: a date to its year or month */
	TRANSFORM_BINS,	 /* generalise: a number to one of listed bins */
	TRANSFORM_WIDTH, /* generalise: a number to a bin of equal width */
	TRANSFORM_CONSTANT,
	TRANSFORM_REVERSIBLE, /* AES-SIV, which the owner can undo */
	TRANSFORM_FPE,	      /* FF1: as many characters, out of an alphabet */
	TRANSFORM_RANDOM,     /* a token that no other value has */
	TRANSFORM_AGE,	      /* generalise: a birth date to a band of ages */
	TRANSFORM_ROUND,      /* generalise: a number to a multiple */
	TRANSFORM_ENDS,	      /* generalise: only what is far out */
	TRANSFORM_POSTCODE,   /* generalise: its first characters */
	TRANSFORM_GRID,	      /* generalise: a coordinate to its cell's edge */
	TRANSFORM_IP,	      /* generalise: an address to its network */
	TRANSFORM_EMAIL,      /* generalise: an address to its domain */
	TRANSFORM_SHIFT,      /* a date by the days of its person */
	TRANSFORM_NOISE,      /* a number by a bounded random amount */
	TRANSFORM_LEVEL,      /* generalise: to the label of a hierarchy */
	TRANSFORM_DETECT,   /* personal data in free text, found and replaced */
	TRANSFORM_ITEM_REF, /* another file's name as it is delivered */
	TRANSFORM_UID	    /* a DICOM UID, by another that is its own */
};

/* How an item_ref names a file of the dataset (transform.first). */
enum transform_by {
	BY_PATH,      /* its path from the top of the dataset */
	BY_BASENAME,  /* the last element of that */
	BY_IDENTIFIER /* the same without its last ".extension" */
};

enum transform_grain { GRAIN_YEAR = 0, GRAIN_MONTH, GRAIN_QUARTER };

/* How dates such as 03/04/1980 are to be read. */
enum transform_order { ORDER_EITHER = 0, ORDER_DMY, ORDER_MDY };

/* Where equal values have equal tokens. */
enum transform_scope {
	SCOPE_PROJECT = 0, /* everywhere in the pseudonymisation domain */
	SCOPE_DOCUMENT,	   /* in one file of one batch */
	SCOPE_RECORD	   /* in one record of one batch */
};

/* What stands in place of personal data that was found. */
enum redact_style {
	REDACT_TAG = 0,	    /* <EMAIL_ADDRESS> */
	REDACT_NUMBER,	    /* <PERSON_2>: the second of its text */
	REDACT_SURROGATE,   /* <PERSON_k5xw4mzq2a>: the same in all texts */
	REDACT_MASK,	    /* *** */
	REDACT_SAME_LENGTH, /* a star for each character */
	REDACT_DROP	    /* nothing */
};

/* What is done with what was found, but with less than the least score. */
enum redact_doubt { DOUBT_REDACT = 0, DOUBT_KEEP, DOUBT_REFUSE };

/* As the policy spells them, ended by NULL. */
extern const char *const redact_styles[];
extern const char *const redact_doubts[];

/* A decimal number, exact: whole + parts / 10^18, parts in [0, 10^18).
 * -0.5 is { -1, 5 * 10^17 }.  The number lies in (-10^18, 10^18). */
struct decimal {
	int64_t whole;
	uint64_t parts;
};

/* Ceilings, each on what a policy may ask of us for one field. */
#define TRANSFORM_NAME_MAX 64u	   /* a token domain: one spoken name */
#define TRANSFORM_TEXT_MAX 1024u   /* a constant: a sentence or two */
#define TRANSFORM_CHARS_MAX 10000u /* characters kept: far over any id */
#define TRANSFORM_FILL_MAX 64u	   /* fill characters of fixed number */
#define TRANSFORM_EDGES_MAX 256u   /* bins that a person reads */
#define TRANSFORM_KEPT_MAX 64u	   /* fpe: kept at either end */
#define TRANSFORM_LETTERS_MAX TRANSFORM_TEXT_MAX /* fpe: an alphabet */
#define TRANSFORM_BETWEEN_MAX 64u		 /* fpe: bytes of separators */
#define TRANSFORM_LEVELS_BYTES (1u << 20)	 /* ICD-10 has 600 KB */
#define TRANSFORM_LEVELS_ROWS 65536u
#define TRANSFORM_LEVELS_DEEP 16u /* nobody writes more columns by hand */
#define TRANSFORM_DAYS_MAX 3660u  /* shift: ten years, the longest study */
#define TRANSFORM_YEARS_MAX 150u  /* ages */
#define TRANSFORM_STEPS_MAX 1000000000u /* noise: its finest */

/* Are values below, or from an edge on, told apart no more? */
#define ENDS_BOTTOM 1u
#define ENDS_TOP 2u

struct levels;	       /* levels.c */
struct redact_rules;   /* redact_rules.c */
struct detect_options; /* policy/detect */

/* detect: what a policy may add to what is looked for; a person wrote it. */
#define REDACT_CUSTOM_MAX 256u
#define REDACT_TEXT_MAX 4096u /* one text of a list, one pattern */
#define REDACT_NAME_MAX 64u   /* an entity */
#define REDACT_OPTIONS_MAX ((size_t)4 << 20)
/* Scores under this say nothing; doubtful is what lies between it and the
 * least score that the policy asks for. */
#define REDACT_DOUBT_SCORE 25u

struct transform {
	enum transform_action action;
	uint32_t line;	/* of the rule, in the policy; for messages */
	uint32_t first; /* kept at the start (mask, fpe), of all (truncate,
			   postcode); years of a band (age); most days (shift);
			   bits of an IPv4 network; a level, from 1; an
			   enum transform_by (item_ref) */
	uint32_t last;	/* kept at the end (mask, fpe); the last age that is
			   told; bits of an IPv6 network */
	uint32_t fill;	/* mask: the character written instead */
	uint32_t fills; /* mask: how many of it; 0: one per character */
	enum transform_grain grain;
	enum transform_order order;
	enum transform_scope scope; /* token */
	bool luhn;     /* fpe: values have, and keep, a check digit */
	uint8_t ends;  /* width, round, ends: ENDS_ */
	int64_t at;    /* age: the day, in days since 1970-01-01 */
	char *domain;  /* token, reversible, fpe: the domain's name; owned */
	char *text;    /* constant; fpe: the alphabet; owned */
	char *between; /* fpe: what may stand between, maybe ""; owned */
	/* bins: rising; width, round, grid: one; noise: how far, in steps of
	 * what; then, as ends says, bottom and top; owned */
	struct decimal *edges;
	size_t nedges;
	uint8_t sha256[32];	    /* level: of the file */
	struct levels *levels;	    /* level: read from it, or NULL; shared */
	enum redact_style style;    /* detect */
	enum redact_doubt doubtful; /* detect; first is the least score, and
				     * text the entities, divided by ',' */
	struct redact_rules *rules; /* detect: compiled, or NULL; shared */
};

/*
 * A key as transforms use it.  Which one a transform needs has a name, "token:"
 * and the field's domain for instance (keys/pseudonym, key_name_read()); plans
 * list those names, and workers get these keys and no others.
 */
struct transform_key;
#define TRANSFORM_KEY_CHARS (TRANSFORM_NAME_MAX + 16u)

/* The name of the key that t needs; false when it needs none. */
NEED bool transform_needs_key(const struct transform *t);
NEED bool transform_key_name(
    const struct transform *t, char out[TRANSFORM_KEY_CHARS + 1]);

/* From the 32 bytes that key_derive() made for that name.  FAULT_INPUT for a
 * name that no transform needs, FAULT_SYSTEM.  One thread at a time uses it;
 * transform_key_free() wipes, and accepts NULL. */
NEED int transform_key_new(struct transform_key **out, const char *name,
    const struct secret *key, struct fault *f);
void transform_key_free(struct transform_key *k);

/*
 * The files of a dataset, for item_ref: append what the file is delivered as
 * that value names.  FAULT_POLICY when it names none that leaves as an item,
 * or more than one.
 */
struct transform_refs {
	int (*find)(void *arg, enum transform_by by, const struct slice *value,
	    struct bytes *out, struct fault *f);
	void *arg;
};

/*
 * The dataset's own names (policy/detect), for TRANSFORM_DETECT: a block as
 * dictionary_seal() made it, which stays the caller's and outlives *out.  Its
 * offsets are checked: FAULT_INPUT.  Threads may share it; what rules with it
 * compile to is made when it is first needed, and kept.
 */
struct transform_dictionary;
NEED int transform_dictionary_open(struct transform_dictionary **out,
    const void *block, size_t len, struct fault *f);
void transform_dictionary_free(struct transform_dictionary *d);

/* HMAC-SHA-256 under k, of a "token:...". */
#define TRANSFORM_DICTIONARY_DIGEST 32u
void transform_keyed_digest(const struct transform_key *k, const void *p,
    size_t len, uint8_t digest[TRANSFORM_DICTIONARY_DIGEST]);

/* A digest of it that only those who have k (of a "token:...") can compare, or
 * hold a guess against: HMAC-SHA-256 over the block. */
void transform_dictionary_digest(const struct transform_dictionary *d,
    const struct transform_key *k, uint8_t digest[TRANSFORM_DICTIONARY_DIGEST]);

/*
 * Who owns a value in a dictionary: the person whose key is given, or without
 * one (empty) the record of that file.  Whoever makes a dictionary and whoever
 * masks a record agree by this; it never leaves the machine.
 */
#define TRANSFORM_OWNER_BYTES 16u
void transform_owner(uint8_t out[TRANSFORM_OWNER_BYTES],
    const struct slice *subject, const char *path, uint64_t record);

/* Where a value stands, for what must not come twice, or is one person's. */
struct transform_site {
	const struct transform_key *key; /* t's, if it needs one */
	const char *path;		 /* of the file, in its dataset */
	const char *field;		 /* a column or canonical path */
	uint64_t record;		 /* its number, 0 without */
	uint64_t nth;	      /* of the record's values of one field */
	struct slice subject; /* the person's key, or empty */
	const struct transform_refs *refs; /* NULL: no dataset is at hand */
	/* what detect knows beside its rules; NULL: nothing.  Borrowed; its
	 * insides change, behind locks. */
	struct transform_dictionary *dictionary;
};

/*
 * Append what stands for value to out.  site may be NULL where t needs no key.
 * FAULT_INPUT when the value cannot be read as t needs it (malformed UTF-8, no
 * date, no number, too short to be encrypted) or out is full; FAULT_POLICY for
 * TRANSFORM_REFUSE; FAULT_SYSTEM for memory.  A failed call leaves out as it
 * was.  The fault names no place: the caller adds row and column.
 */
NEED int transform_apply(const struct transform *t,
    const struct transform_site *site, const void *value, size_t len,
    struct bytes *out, struct fault *f);

/*
 * Tokens of a record or a few, made together at their end: side by side they
 * take half the time.  A caller begins with n = 0; on true a token of the value
 * under key is what t makes, and transform_now() writes it at offset at of the
 * caller's bytes; or it is known, and written to token at once.  stays: the
 * value stays where it is until then, and need not be copied.  False: it is not
 * for later, transform_apply() has it.
 */
#define TRANSFORM_TOKEN_CHARS 26u
#define TRANSFORM_LATER_MAX 64u
#define TRANSFORM_LATER_BYTES 55u /* longer values gain nothing */
struct memo;
struct transform_later {
	size_t n;
	struct transform_waiting {
		const struct token_key *mac;
		struct memo *memo; /* that keeps it, or NULL */
		const uint8_t *value;
		size_t len, at;
	} at[TRANSFORM_LATER_MAX];
	uint8_t copies[TRANSFORM_LATER_MAX][TRANSFORM_LATER_BYTES];
};
NEED bool transform_later(struct transform_later *l, const struct transform *t,
    const struct transform_key *key, const struct slice *value, bool stays,
    size_t at, char token[TRANSFORM_TOKEN_CHARS]);
/* Likewise a token of an id, of which no two are alike; never known. */
NEED bool transform_later_id(struct transform_later *l,
    const struct token_key *key, const struct slice *id, size_t at);
void transform_now(struct transform_later *l, uint8_t *out);

/* Does it read the subject of the row? */
NEED bool transform_needs_subject(const struct transform *t);

/*
 * The way back, for the owner: append the value that TRANSFORM_REVERSIBLE or
 * TRANSFORM_FPE made into what stands at value.  FAULT_POLICY for any other
 * action, FAULT_FORGED for what AES-SIV did not make under this key,
 * FAULT_INPUT for what is no result of t.  FF1 has no tag: any text of the
 * right form becomes something.
 */
NEED int transform_reveal(const struct transform *t,
    const struct transform_site *site, const void *value, size_t len,
    struct bytes *out, struct fault *f);

/*
 * Compile what TRANSFORM_DETECT looks for.  FAULT_USAGE or FAULT_INPUT for what
 * detector_new() does not know, with its hint.
 */
NEED int transform_rules(
    struct transform *t, const struct detect_options *o, struct fault *f);

/* The digest of what is looked for; false where nothing is. */
NEED bool transform_rules_digest(const struct transform *t, uint8_t digest[32]);

/* Once in a process, before it enters a sandbox in which it detects. */
NEED int transform_start(struct fault *f);

/* A find in a text, and what is put in its place. */
struct redact_cut {
	size_t at, bytes;      /* in the text */
	size_t char_at, chars; /* the same in code points */
	struct slice put;
	const char *entity; /* what it is; lives as long as the rules */
	uint8_t score;	    /* percent */
};

/* Where a redacted text goes, piece by piece: what stays, and finds. */
struct redact_pieces {
	int (*keep)(void *arg, const void *p, size_t len, struct fault *f);
	int (*swap)(void *arg, const struct redact_cut *cut, struct fault *f);
	void *arg;
};

/* As transform_apply() of TRANSFORM_DETECT, for whom it matters what was cut
 * where. */
NEED int transform_redact(const struct transform *t,
    const struct transform_site *site, const void *text, size_t len,
    const struct redact_pieces *to, struct fault *f);

/* A deep copy; on failure (FAULT_SYSTEM) *to is zeroed. */
NEED int transform_copy(
    struct transform *to, const struct transform *from, struct fault *f);

/* Release what t owns and zero it: it then refuses.  NULL does nothing. */
void transform_free(struct transform *t);

/* As bytes of a message, and back; *t is the caller's, to transform_free().
 * FAULT_INPUT for anything that transform_put() would not write. */
NEED int transform_put(
    struct bytes *b, const struct transform *t, struct fault *f);
NEED int transform_take(struct reader *r, struct transform *t, struct fault *f);

/* Append t as the policy writes it, in canonical form: "drop",
 * "{mask: {keep_last: 4}}".  For plans, hints and the policy's own printing. */
NEED int transform_print(
    struct bytes *out, const struct transform *t, struct fault *f);

/* Append UTF-8 text as a double-quoted YAML scalar. */
NEED int transform_quote(struct bytes *out, const char *text, struct fault *f);

/*
 * Read the hierarchy of TRANSFORM_LEVEL from the bytes of its file, whose
 * digest the caller has compared: CSV without a header, comma or semicolon, a
 * value and then what it becomes at each level.  FAULT_INPUT "line N: what"
 * for what is no such file, has not the level, has a value twice, or passes a
 * ceiling; t is then as it was.
 */
NEED int transform_levels_read(
    struct transform *t, const void *p, size_t len, struct fault *f);

/* "path", "basename" ... by enum transform_by, ended by NULL. */
extern const char *const transform_bys[];

/* The names of alphabets, ended by NULL; the characters of one. */
extern const char *const transform_alphabets[];
const char *transform_alphabet(const char *name);

/* Can fpe use these letters, and these beside them? */
NEED bool transform_letters_fit(const char *letters, const char *between);

/* Do the numbers of a way to generalise, or of noise, fit each other? */
NEED bool transform_numbers_fit(const struct transform *t);

/* Read a whole decimal number: [+-] digits [. digits] [e [+-] digits], at
 * least one digit, spaces and tabs around allowed.  Digits past the 18th
 * behind the point round down (towards minus infinity), which leaves every
 * comparison with a number of at most 18 exact.  False for anything else and
 * for 10^18 and beyond; *exact (or NULL) says whether nothing was rounded. */
NEED bool decimal_read(
    struct decimal *out, const void *p, size_t len, bool *exact);

/* Below, same, above: -1, 0, 1. */
NEED int decimal_compare(const struct decimal *a, const struct decimal *b);

/* Append in the shortest form: "-0.5", "18". */
NEED int decimal_print(
    struct bytes *out, const struct decimal *d, struct fault *f);

#endif
