#ifndef POLICY_DETECT_DICTIONARY_INTERNAL_H
#define POLICY_DETECT_DICTIONARY_INTERNAL_H

#include "policy/detect/detect.h"

/*
 * The dictionary as a block:
 *
 *     header | sections, each aligned to 8 bytes
 *
 * A word, a telephone number and an id are each a key; keys are numbered in
 * the order of their bytes, so that those with one initial stand together.
 */

#define DICT_KEY_MAX 47u /* bytes; of a longer word the beginning */
#define DICT_NONE UINT32_MAX
#define DICT_KEYS_MAX (1u << 24)
#define DICT_PROBES_MAX 256u /* the builder takes a seed that needs no more */
#define DICT_BUCKET_MAX 64u  /* looked at of one bucket of deletions */
#define DICT_NEAR_LETTERS 4u /* of a shorter word no misspelling is known */
#define DICT_NEAR_LETTERS_MAX 24u
#define DICT_VERSION 1u

enum dict_kind {
	D_NAME = 1u << 0,
	D_PLACE = 1u << 1,
	D_PHONE = 1u << 2,
	D_ID = 1u << 3,
	D_TOWN = 1u << 4 /* alone a value of a place */
};
#define D_WORD (D_NAME | D_PLACE)
#define D_NUMBER (D_PHONE | D_ID)

struct dict_key {
	uint32_t at; /* in DICT_TEXT */
	uint8_t len, letters;
	uint8_t kinds; /* enum dict_kind */
	uint8_t spare;
};

enum dict_section {
	DICT_TEXT,
	DICT_KEYS,	 /* struct dict_key */
	DICT_SLOTS,	 /* key + 1, or 0; a power of two, open addressing */
	DICT_NAMES_FROM, /* of each key, where its partners begin; keys + 1 */
	DICT_NAMES_TO,	 /* keys beside it in a value, ascending */
	DICT_PLACES_FROM,
	DICT_PLACES_TO,	 /* keys right behind it in a value, ascending */
	DICT_BUCKETS,	 /* of each hash, where its deletions begin; 2^n + 1 */
	DICT_DELETIONS,	 /* tag << 24 | key */
	DICT_SUBJECTS,	 /* 16 bytes each, ascending */
	DICT_OWNED_FROM, /* of each subject, where its keys begin; n + 1 */
	DICT_OWNED,	 /* key << 4 | kinds of the value, in its order */
	DICT_SECTIONS
};

struct dict_header {
	char magic[8];
	uint32_t version, seed;
	uint32_t dense_ids;    /* bit n: too many of n digits to tell */
	uint32_t dense_phones; /* the same */
	struct {
		uint64_t at, len;
	} sections[DICT_SECTIONS];
};
#define DICT_MAGIC "handdict"

enum dict_pairs { PAIRS_NAME, PAIRS_PLACE };

struct dictionary {
	const struct dict_key *keys;
	const char *text;
	const uint32_t *slots, *buckets, *deletions, *owned_from, *owned;
	const uint32_t *from[2], *to[2]; /* enum dict_pairs */
	const uint8_t *subjects;
	uint32_t nkeys, nsubjects, slot_mask, bucket_mask, seed;
	uint32_t dense_ids, dense_phones;
	bool has_phones, has_ids;
};

/* ---- Keys (dictionary_key.c) ---- */

/* A word as a key into out[DICT_KEY_MAX]: folded, and ae, oe, ue as the one
 * vowel that they write out.  A word of a place also has its street short. */
NEED size_t dict_word_key(
    char *out, const void *word, size_t len, enum dictionary_kind kind);

/* A telephone number: its digits, the last nine at most; 0 when it is none.
 * An id: letters and digits; 0 when that is over DICT_KEY_MAX. */
NEED size_t dict_phone_key(char *out, const void *p, size_t len);
NEED size_t dict_id_key(char *out, const void *p, size_t len);

NEED uint64_t dict_hash(uint32_t seed, const char *key, size_t len);

/* Bytes of the character at key[at]. */
NEED size_t dict_char(const char *key, size_t at, size_t len);
NEED size_t dict_letters(const char *key, size_t len);

/* Is one the other but for a letter put in, left out or changed, or two that
 * changed places (Damerau 1964)? */
NEED bool dict_is_near(const char *a, size_t alen, const char *b, size_t blen);

/* ---- Looking up (dictionary_open.c) ---- */

NEED uint32_t dict_find(const struct dictionary *d, const char *key, size_t n);

/* Are a and b words of one value; of a place, b right behind a? */
NEED bool dict_pair(
    const struct dictionary *d, enum dict_pairs which, uint32_t a, uint32_t b);

/* Does a name with the word a have another that begins with initial[0..n)? */
NEED bool dict_initial(
    const struct dictionary *d, uint32_t a, const char *initial, size_t n);

/* The keys of words one mistake away from key, at most max. */
NEED size_t dict_near(const struct dictionary *d, const char *key, size_t n,
    uint32_t *out, size_t max);

/* What is known of a subject: entries of DICT_OWNED; NULL: nothing. */
NEED const uint32_t *dict_owned(
    const struct dictionary *d, const uint8_t *subject, size_t *n);

/* ---- Endings (ending.c) ---- */

/* The keys of names that key[0..n) may be a case of, at most max. */
NEED size_t ending_find(const struct dictionary *d, const char *key, size_t n,
    uint32_t *out, size_t max);

/* May key[0..n) be a case of the name[0..len)? */
NEED bool ending_is(const char *key, size_t n, const char *name, size_t len);

#endif
