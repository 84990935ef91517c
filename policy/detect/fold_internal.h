#ifndef POLICY_DETECT_FOLD_INTERNAL_H
#define POLICY_DETECT_FOLD_INTERNAL_H

#include "policy/detect/detect.h"

/*
 * A text as it is searched: blanks of every kind are ' ', hyphens and dashes
 * '-', digits and letters of other widths and alphabets of mathematics ASCII,
 * and what shows nothing is not there.
 *
 *     text --> fold_text() --> what rules see --> spans --> fold_back() --> the
 *              same spans, in the text as it was
 */

/* ---- The table (fold_table.c) ---- */

enum fold_how {
	FOLD_SKIP,   /* it shows nothing */
	FOLD_MARK,   /* it is a mark on the one before */
	FOLD_ONE,    /* to */
	FOLD_SHIFT,  /* to and those behind it, as the range goes on */
	FOLD_DIGIT,  /* 0 to 9, again and again */
	FOLD_LETTER, /* A to Z, a to z, again and again */
	FOLD_LIGATURE
};

/* In order of first; of U+0080 and over. */
extern const struct fold_range {
	uint32_t first, last;
	uint8_t how; /* enum fold_how */
	char to;
} fold_ranges[];
extern const size_t fold_ranges_count;

/* ---- Characters (fold.c) ---- */

#define FOLD_CHARS_MAX 3u
#define FOLD_AS_IT_IS SIZE_MAX

/* What a character is read as, into out: how many ASCII characters, 0 for
 * none; FOLD_AS_IT_IS for one that is read as itself. */
NEED size_t fold_one(int32_t c, char out[FOLD_CHARS_MAX]);

/* ---- Texts (fold.c) ---- */

/* Room for a folded text; zeroed at first. */
struct fold {
	uint8_t *at;
	size_t room;
};
void fold_free(struct fold *o);

/* The text p[0..len) as it is searched: p itself where nothing has to be
 * folded, else a copy that is o's until the next.  Never longer than p. */
NEED int fold_text(struct fold *o, const uint8_t *p, size_t len,
    const uint8_t **out, size_t *n, struct fault *f);

/* The same into out[room], cut at a character; the bytes written. */
NEED size_t fold_into(char *out, size_t room, const void *p, size_t len);

/* Spans of the folded text, in order of start, as those of text p[0..len): from
 * the first to the last character that is seen, with the marks on it and what
 * is unseen between them. */
void fold_back(const uint8_t *p, size_t len, struct detect_spans *spans);

#endif
