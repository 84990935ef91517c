#ifndef POLICY_DETECT_DETECT_INTERNAL_H
#define POLICY_DETECT_DETECT_INTERNAL_H

#include "policy/detect/detect.h"
#include "policy/detect/fold_internal.h"
#include "policy/detect/pattern_internal.h"
#include "policy/detect/recogniser_internal.h"

/* ---- Characters (letters.c) ---- */

/* Does a word neither begin nor end between p[at-1] and p[at]?  Letters and
 * digits of scripts that write words with spaces between them are joined;
 * those that do not (Han, Hangul, Thai) stick to nobody. */
NEED bool letters_cut(const uint8_t *p, size_t at, size_t len);

/* Which bytes are letters and digits of ASCII. */
extern const bool letters_ascii[256];

/* The same of the character at p[at], which may be any. */
NEED bool letters_beyond(const uint8_t *p, size_t at, size_t len);

/* Is a letter or digit there, behind at? */
static inline bool
letters_word(const uint8_t *p, size_t at, size_t len)
{
	return p[at] < 0x80 ? letters_ascii[p[at]] : letters_beyond(p, at, len);
}

/* The bytes of the letters and digits that p[0..len) begins with, of which n
 * are known: of a word. */
NEED size_t letters_run(const uint8_t *p, size_t n, size_t len);

/* Are the letters of this word joined, so that letters_cut() is false between
 * any two? */
NEED bool letters_joined(const uint8_t *p, size_t len);

/* Lower case, without accents, into out[room]; the bytes written, cut at a
 * character.  ASCII, Latin, Greek, Cyrillic; the rest as it is. */
NEED size_t letters_fold(char *out, size_t room, const void *p, size_t len);

/* A letter in its other case; what has none, as it is. */
NEED uint32_t letters_other(uint32_t c);

/* What may not be beside an entity's matches; NULL: nothing (beside.c). */
bool (*beside_of(const char *entity))(
    const uint8_t *p, size_t at, size_t end, size_t len);

/* ---- Words that mean something (words.c) ---- */

/* Folded words and a number each; read-only once made. */
struct words {
	struct words_slot {
		const char *at; /* NULL: free */
		uint32_t value;
		uint16_t len, tag;
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
	uint32_t next;	/* + 1; with the same first word */
	uint64_t rules; /* bits of the rules from here on (cue_bit()) */
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
	bool matched; /* by a pattern, and not by words */
};

/* ---- The words around a match (context.c) ---- */

/* A word of the text that is a cue, the first word of one, or not asked yet
 * what it is. */
struct heard {
	size_t start, end;
	uint32_t chains[2]; /* as it is; as a part of it */
};
#define UNASKED UINT32_MAX /* of chains[0] */

struct around {
	struct heard *heard;
	size_t nheard, heard_room;
	size_t at; /* the first that is near a match */
};

/* What a pattern matched. */
struct match {
	size_t start, end;
	uint32_t pattern;
	uint8_t score; /* percent, without the words around it */
	bool proven;
};

/* Hear the word m at text[at], which may be a cue: it has chains. */
struct detect_scan;
struct met;
NEED int context_hear(
    struct detect_scan *s, const struct met *m, size_t at, struct fault *f);

/* Judge a match by the words around it: its score, and the word that raised it,
 * or NULL.  Matches come in order of their start. */
NEED unsigned context_judge(
    struct detect_scan *s, const struct match *m, const char **word);

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

/* ---- Words met before (met.c) ---- */

#define MET_WORDS 32768u /* a power of two */
#define MET_BYTES 32u	 /* a longer word is looked at each time */

enum met_is {
	MET_JOINED = 1u << 0,	/* a match begins and ends in it nowhere */
	MET_COMPOUND = 1u << 1, /* ends in a street's word */
	MET_SOUGHT = 1u << 2,	/* the dictionary was asked for it ... */
	MET_KNOWN = 1u << 3,	/* ... and has a word that it may be */
	MET_AHEAD = 1u << 4,	/* before it may be a street, a company */
	MET_FIRST = 1u << 5,	/* something may begin with it */
	MET_SMALL = 1u << 6	/* the same, where all is in small letters */
};

struct met {
	uint64_t bytes[MET_BYTES / 8]; /* its own, zeros behind them */
	uint32_t len, means;	       /* enum word_class */
	uint32_t chains[2];	       /* of cues: 1 + index, 0; UNASKED */
	uint32_t state;	 /* of the automaton behind it, if it is joined */
	uint32_t blank;	 /* and behind a blank more */
	uint32_t over;	 /* small letters behind that: met_over() */
	uint8_t shape;	 /* enum shape */
	uint8_t letters; /* code points, at most 255 */
	uint8_t is;	 /* enum met_is */
	int8_t tongue;	 /* 1: of English; -1: of another language */
};

_Static_assert(sizeof(struct met) == 64, "a line of the cache");

/* Is c, a small letter or one of the six signs of ASCII beside them, known to
 * lead no pattern on that began with m and a blank? */
static inline bool
met_over(const struct met *m, uint8_t c)
{
	return (c & 0xe0) == 0x60 && (m->over >> (c & 0x1f) & 1) != 0;
}

/* The word text[at..at+len).  Until the next is asked for. */
NEED struct met *met_word(struct detect_scan *s, size_t at, size_t len);

/* The same of the word that begins there; *len is how long it is. */
NEED struct met *met_next(struct detect_scan *s, size_t at, size_t *len);

/* ---- One scan (scan.c) ---- */

struct detect_scan {
	const struct detector *d;
	struct automaton *automaton;
	const bool *begins;  /* which bytes a match may begin with */
	struct met *met;     /* MET_WORDS */
	void *mets;	     /* where it was allocated */
	struct met unmet;    /* one that is not kept there */
	const uint8_t *text; /* being scanned; the caller's */
	size_t len;
	uint64_t before;   /* bytes of the texts before it, as covered counts */
	uint64_t *covered; /* each rule: where its last match ended */
	uint32_t *tried;   /* each rule: the walk that settled it */
	uint32_t walk;
	struct match *matches; /* what the words around will judge */
	size_t nmatches, matches_room;
	struct found *found; /* what was found */
	size_t nfound, found_room;
	struct around around;
	struct word_scan *words;
	struct known_scan *known; /* NULL: no dictionary */
	struct known_named *named;
	struct fold fold; /* what text points to, if it was folded */
};

/* What begins at text[at], as s->begins says that a match may, or with the word
 * m. */
NEED int scan_sign(struct detect_scan *s, size_t at, struct fault *f);
NEED int scan_word(
    struct detect_scan *s, struct met *m, size_t at, struct fault *f);

/* Add what was found, by a pattern or by words; FAULT_SYSTEM without memory. */
NEED int scan_found(struct detect_scan *s, const struct detect_span *span,
    bool matched, struct fault *f);

/* ---- Which of those that overlap (spans.c) ---- */

/* Sort, drop what is covered by better, count code points, into out. */
NEED int spans_settle(struct detect_scan *s, const uint8_t *p, size_t len,
    struct detect_spans *out, struct fault *f);

#endif
