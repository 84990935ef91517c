#ifndef POLICY_DETECT_KNOWN_INTERNAL_H
#define POLICY_DETECT_KNOWN_INTERNAL_H

#include "policy/detect/dictionary_internal.h"
#include "policy/detect/word_internal.h"

/*
 * What the dictionary and the record know, in a text:
 *
 *     token --> known: the words that it may be, remembered (known_word.c)
 *           --> links between tokens, and evidence for one alone (known.c)
 *           --> telephone numbers and ids (known_number.c)
 */

/* How a token is a word; the sum over two is how good a pair is. */
enum how { EXACT, INFLECTED, NEAR };

#define KNOWN_KEYS 6u

struct candidates {
	uint32_t id[KNOWN_KEYS]; /* keys of the dictionary */
	uint8_t how[KNOWN_KEYS]; /* enum how */
	uint8_t n;
	bool tried;    /* as a misspelling */
	bool ordinary; /* an everyday word that the lexicon lacks */
	uint8_t nkey;
	char key[DICT_KEY_MAX];

	/* With ae, oe and ue as they stand: of a misspelling they may be two
	 * letters after all.  0: none in it. */
	uint8_t nplain;
	char plain[DICT_KEY_MAX];
};

/* A word of the record, or one of its numbers. */
struct own_key {
	char key[DICT_KEY_MAX];
	uint8_t n, letters, kind; /* enum dict_kind, one of them */
};

/* What most words are told by that no word of the record is (record.c). */
struct own_sieve {
	uint64_t firsts[2];		  /* bits of the first byte, of ASCII */
	uint64_t begins[4];		  /* and of the first three */
	uint32_t letters[DETECT_OWN_MAX]; /* of each: which of a to z */
	uint8_t near, near_small; /* letters that one must have, at least, to be
				   * misspelt, and in small letters */
};

/* A word met before. */
#define KNOWN_MEMO 16384u /* a power of two */
struct known_memo {
	char raw[DICT_KEY_MAX];
	uint8_t nraw; /* 0: free */
	struct candidates known;
};

/* A name that waits for the text to say it again in a better place. */
struct known_pending {
	size_t found;
	uint32_t id;
};

/* ---- Whom a text names in full (known_named.c) ---- */

/* The keys of a name's words, ascending, and where the text says them. */
struct known_name {
	const uint32_t *ids;
	size_t n, start, len;
};

struct known_named {
	struct known_slot {
		uint32_t id, name; /* a word's key; where its name is in pool */
		uint32_t text;	   /* of an earlier one it is free */
	} * slots;		   /* a power of two */
	uint32_t text;
	size_t n, room;
	uint32_t *pool; /* names, one behind the other */
	size_t pooled, pool_room;
};

/* Are all words of part in whole? */
NEED bool known_within(
    const struct known_name *part, const struct known_name *whole);

/* A name of two words or more is said.  FAULT_SYSTEM without memory. */
NEED int known_name_add(
    struct known_named *d, const struct known_name *name, struct fault *f);

/* The one name that part is of; false where that is none or no single one.
 * Until the next is added. */
NEED bool known_named(const struct known_named *d,
    const struct known_name *part, struct known_name *whole);

void known_named_reset(struct known_named *d);
void known_named_free(struct known_named *d);

/* ---- One scan (record.c) ---- */

struct known_scan {
	struct known_memo *memo;
	struct own_key own[DETECT_OWN_MAX];
	size_t nown;
	struct own_sieve sieve;
	struct {
		uint32_t id, text;
	} * seen; /* keys that this text is sure of; a power of two */
	size_t nseen, seen_room;
	uint32_t text; /* counts texts, so that seen need not be emptied */
	struct known_pending *pending;
	size_t npending, pending_room;
	size_t numbers_to; /* the last number found ends here */
	size_t at;	   /* the next token */
};

/* What a detector looks for with the dictionary. */
enum known_entity {
	KNOWN_PERSON,
	KNOWN_ADDRESS,
	KNOWN_LOCATION,
	KNOWN_PHONE,
	KNOWN_ID,
	KNOWN_ENTITIES
};
extern const char *const known_entities[KNOWN_ENTITIES];

/* A word of the record may be misspelt from so many letters on. */
#define OWN_NEAR_LETTERS 4u  /* written as a name */
#define OWN_SMALL_LETTERS 7u /* in small letters */

/* May token t, at p, be a word of the record, which has some, inflected or
 * misspelt?  Of nearly all that are none it is not said. */
NEED bool known_may_own(
    const struct known_scan *k, const struct token *t, const uint8_t *p);

NEED int known_new(struct known_scan **out, struct fault *f);
void known_free(struct known_scan *k);

/* Before a text, for its tokens up to until, and behind it. */
NEED int known_begin(struct detect_scan *s, struct fault *f);
NEED int known_tokens(struct detect_scan *s, const struct word_scan *w,
    size_t until, struct fault *f);
void known_end(struct detect_scan *s);

/* ---- Words (known_word.c) ---- */

/* What token t may be; misspelt (near) only if that is asked, since it takes
 * as many look-ups as the word has letters. */
void known_word(struct detect_scan *s, const struct token *t, bool near,
    struct candidates *out);

/* Whether the dictionary has a word that m, at text[at], may be. */
void known_meet(struct detect_scan *s, struct met *m, size_t at);

/* The word of the record that a token is, by its key, or NULL; as a name
 * written in capitals it may be misspelt. */
NEED const struct own_key *known_own(const struct known_scan *k,
    const struct candidates *word, bool capital, enum how *how);

/* An everyday word, or one of places, times, titles and so on. */
NEED bool known_common(const struct token *t, const struct candidates *word);

/* ---- Evidence (known.c) ---- */

/* A token, and all that is known of it. */
struct look {
	const struct token *t;
	struct candidates word;
	const struct own_key *own;
	enum how own_how;
	bool capital, common;
};

void known_look(
    struct detect_scan *s, const struct token *t, bool near, struct look *out);

/* From here on this text is sure of a key. */
NEED int known_see(struct known_scan *k, uint32_t id, struct fault *f);

struct known_report {
	enum known_entity entity;
	size_t start, end;
	uint8_t score;
	bool own;
	const char *why;
};
NEED int known_found(
    struct detect_scan *s, const struct known_report *r, struct fault *f);

/* ---- Words together (known_link.c) ---- */

/* One letter, a capital. */
NEED bool known_initial(const struct look *x);

/* A name, or an address, of several tokens from i on is reported; *used: how
 * many tokens, 0 for none. */
NEED int known_names(struct detect_scan *s, const struct word_scan *w, size_t i,
    struct look *first, size_t *used, struct fault *f);
NEED int known_places(struct detect_scan *s, const struct word_scan *w,
    size_t i, struct look *first, size_t *used, struct fault *f);

/* ---- Numbers (known_number.c) ---- */

/* One that begins with token i. */
NEED int known_number(struct detect_scan *s, const struct word_scan *w,
    size_t i, struct fault *f);

#endif
