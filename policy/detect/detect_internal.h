#ifndef POLICY_DETECT_DETECT_INTERNAL_H
#define POLICY_DETECT_DETECT_INTERNAL_H

#include "policy/detect/detect.h"
#include "policy/detect/pattern_internal.h"
#include "policy/detect/recogniser_internal.h"

/* ---- Characters (letters.c) ---- */

/* Does a word neither begin nor end between p[at-1] and p[at]?  Letters and
 * digits of scripts that write words with spaces between them are joined;
 * those that do not (Han, Hangul, Thai) stick to nobody. */
NEED bool letters_cut(const uint8_t *p, size_t at, size_t len);

/* Is a letter or digit there, behind at? */
NEED bool letters_word(const uint8_t *p, size_t at, size_t len);

/* Lower case, without accents, into out[room]; the bytes written, cut at a
 * character.  ASCII, Latin, Greek, Cyrillic; the rest as it is. */
NEED size_t letters_fold(char *out, size_t room, const void *p, size_t len);

/* What may not be beside an entity's matches; NULL: nothing (beside.c). */
bool (*beside_of(const char *entity))(
    const uint8_t *p, size_t at, size_t end, size_t len);

/* ---- Words that mean something (words.c) ---- */

/* Folded words and a number each; read-only once made. */
struct words {
	struct words_slot {
		const char *at; /* NULL: free */
		uint32_t len, value;
	} * slots;
	size_t n, room; /* room is a power of two */
};

/* Find a word's number, to read or change; NULL when it is not there. */
NEED uint32_t *words_find(const struct words *w, const char *at, size_t len);

/* The same, there with value 0 if it was not; at is borrowed for good. */
NEED uint32_t *words_put(
    struct words *w, const char *at, size_t len, struct fault *f);
void words_free(struct words *w);

/* ---- The rule set (detector.c) ---- */

struct rule {
	const struct recogniser *row;

	/* May a match p[at..end) stand between what it stands between?  NULL:
	 * it may (beside.c). */
	bool (*beside)(const uint8_t *p, size_t at, size_t end, size_t len);
};

/* One word or phrase of one rule's context. */
struct cue {
	const char *phrase; /* folded */
	uint32_t len, rule;
	uint32_t next; /* + 1; with the same first word */
};

struct detector {
	struct rule *rules;
	size_t nrules;
	struct {
		uint32_t rule;
		const char *text;
	} * patterns; /* by their number in the net */
	size_t npatterns;
	struct net net;
	struct words cue_words; /* first word -> 1 + index in cues */
	struct cue *cues;
	size_t ncues, cues_room;
	char **folded; /* the phrases of cues */
	size_t nfolded, folded_room;
	struct words allow;
	struct words lexicon, labels;
	bool word_rules[8]; /* which of them are asked for (word_internal.h) */
	bool any_words;
	const struct dictionary *dictionary; /* the caller's, or NULL */
	bool known[8];			     /* entities (known_internal.h) */
	struct own *own; /* copies of what the caller gave */
	unsigned min_score;
	bool overlaps;
	uint8_t digest[32];
};

struct found {
	struct detect_span span;
	uint32_t rule; /* NO_RULE: its score is as it will be */
};
#define NO_RULE UINT32_MAX

/* ---- The words around a match (context.c) ---- */

#define AROUND_BYTES 72u  /* looked at before a match; a third of it behind */
#define MEMO_WORDS 16384u /* a power of two */
#define MEMO_CHARS 27u

/* A word met before, and the chains of cues that it begins. */
struct memo {
	uint32_t chains[2]; /* 1 + index in cues, or 0 */
	uint8_t len;	    /* 0: free */
	char text[MEMO_CHARS];
};

/* A word of the text that is a cue, or the first word of one. */
struct heard {
	size_t start, end;
	uint32_t chains[2]; /* as it is; as a part of it */
};

struct around {
	struct memo *memo; /* MEMO_WORDS */
	struct heard *heard;
	size_t nheard, heard_room;
};

/* Hear all cues of a text. */
NEED int context_listen(const struct detector *d, struct around *a,
    const uint8_t *p, size_t len, struct fault *f);

/* Judge a match by the words around it: its score, and the word that raised
 * it. */
void context_judge(const struct detector *d, const struct around *a,
    const uint8_t *p, size_t len, struct found *found);

/* Add the words (NULL-ended, or NULL) of a rule's context. */
NEED int context_add(struct detector *d, uint32_t rule,
    const char *const *words, struct fault *f);

/* ---- What the owner adds (own.c) ---- */

/* Rows for o's own recognisers and denied texts.  own_free() *out, failed or
 * not. */
struct own;
NEED int own_new(
    struct own **out, const struct detect_options *o, struct fault *f);
void own_free(struct own *own);
NEED size_t own_rows(const struct own *own);
const struct recogniser *own_row(const struct own *own, size_t i);

/* A folded copy that lives as long as own. */
NEED int own_fold(struct own *own, const char *text, const char **out,
    size_t *len, struct fault *f);

/* ---- One scan (scan.c) ---- */

struct detect_scan {
	const struct detector *d;
	struct automaton *automaton;
	const uint8_t *text; /* being scanned; the caller's */
	size_t len;
	size_t *covered; /* each rule: where its last match ended */
	uint32_t *tried; /* each rule: the walk that settled it */
	uint32_t walk;
	struct found *found; /* what is not judged yet */
	size_t nfound, found_room;
	struct around around;
	struct word_scan *words;
	struct known_scan *known; /* NULL: no dictionary */
};

/* Add what was found; FAULT_SYSTEM without memory. */
NEED int scan_found(struct detect_scan *s, const struct detect_span *span,
    uint32_t rule, struct fault *f);

/* ---- Which of those that overlap (spans.c) ---- */

/* Sort, drop what is covered by better, count code points, into out. */
NEED int spans_settle(struct detect_scan *s, const uint8_t *p, size_t len,
    struct detect_spans *out, struct fault *f);

#endif
