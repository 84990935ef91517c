#ifndef POLICY_DETECT_RECOGNISER_INTERNAL_H
#define POLICY_DETECT_RECOGNISER_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What is looked for: one row a recogniser, in tables of constants.  The
 * engine compiles all patterns into one database, hands every match to its
 * row's valid(), looks for the row's context words around what is left and
 * gives it a score.
 *
 * An entity may have several rows, each with a score of its own: a form that
 * gives itself away ("911-70-1234") and one that any number has
 * ("911701234").  Where rows of one entity overlap the best score stands.
 */
struct recogniser {
	/* The field's common name, "DE_TAX_ID". */
	const char *entity;

	/* ISO 3166-1 alpha-2, "DE"; "" where no one country made the rule. */
	const char *country;

	/*
	 * NULL-ended, in a part of PCRE: literals, classes, \d \w \s, groups,
	 * |, ?, {m,n}; ASCII letters match in any case.  No anchors, no
	 * look-around, no back references; every length is bounded and no
	 * quantifier stands in another's, so that a match costs its length.
	 * The engine begins and ends no match inside a word, so that a number
	 * in a longer one is not found; an underscore parts words (file names
	 * have them), and so does a change from Latin to Hangul or Thai.
	 */
	const char *const *patterns;

	/*
	 * Whether the matched text, never empty, separators and all, can be
	 * what the row is about; NULL where the pattern says everything.  False
	 * drops the match. Pure, linear in len, reads nothing but text[0..len).
	 */
	bool (*valid)(const char *text, size_t len);

	/*
	 * Words that go with it, in the languages of its country; NULL-ended,
	 * lower case with accents as written.  May hold spaces.
	 */
	const char *const *context;

	/* Percent, 1..100: the pattern alone, without validator or context. */
	uint8_t score;

	/*
	 * Percent once valid() said yes.  Above score: there was a check digit
	 * or as good a proof.  Equal to score: valid() only ruled out what
	 * cannot be, such as a month of 13.
	 */
	uint8_t valid_score;

	/*
	 * Too common a shape to be said without a context word nearby.  Whoever
	 * asks for the entity by name hears of it with its low score anyway.
	 */
	bool needs_context;

	/* The document of the rule, with its section where there is one. */
	const char *source;
};

/*
 * One table a file, recognisers_NAME with its number of rows; tables.c lists
 * them all.  Rows are constant and shared by all threads.
 */
struct recogniser_table {
	const struct recogniser *rows;
	const size_t *count;
};
extern const struct recogniser_table recogniser_tables[];
extern const size_t recogniser_tables_count;

#endif
