#ifndef GATEWAY_CLI_ANSWER_INTERNAL_H
#define GATEWAY_CLI_ANSWER_INTERNAL_H

#include <jansson.h>

#include "gateway/cli/cli.h"
#include "gateway/cli/print_internal.h"
#include "keys/ring/ring.h"

/* What commands print of an answer, and what they ask a person. */

/* ---- answer.c ---- */

/* A table out of a list of objects: one line each, columns as wide as they
 * need; a missing or null member is "-".  An empty list prints none. */
enum column_form {
	COLUMN_TEXT,	 /* text, number, yes or no */
	COLUMN_DAY,	 /* the day of a time */
	COLUMN_LAST_DAY, /* the last day before a time */
	COLUMN_END,	 /* the same, or the time where it is within a day */
	COLUMN_BYTES	 /* 12.3 MiB */
};
struct column {
	const char *title;
	const char *member;
	enum column_form form;
};
NEED int answer_table(const json_t *list, const struct column *columns,
    size_t ncolumns, const char *none, struct fault *f);

/* The text of a value in a form, without control characters, into out. */
#define CELL_CHARS 400u
void answer_cell(
    const json_t *value, enum column_form form, char out[CELL_CHARS]);

/* Of an object's member, in a buffer that the eighth call from now reuses;
 * answer_count() says "3 shards". */
const char *answer_count(const json_t *o, const char *member, const char *one);
const char *answer_text(const json_t *o, const char *member);
const char *answer_form(
    const json_t *o, const char *member, enum column_form form);

/* ---- person.c ---- */

/* Is there somebody to ask? */
NEED bool person_there(void);

/* Who sits here: --as, or the login name. */
NEED int person_name(const struct cli *c, char out[256], struct fault *f);

/* A line from standard input, without its end; prompt goes to standard error.
 * FAULT_USAGE when there is none. */
NEED int person_line(
    const char *prompt, char *out, size_t room, struct fault *f);

/*
 * What a person says to a fingerprint: the option --fingerprint; else, at a
 * terminal, whether the first and last word that its sender reads out are
 * those shown; else nothing.  *typed is what to hand to the keeper, NULL when
 * nothing was compared.  FAULT_USAGE for what is no fingerprint, FAULT_FORGED
 * for that of another card than the one in file.
 */
NEED int person_fingerprint(const struct cli *c, const char *whose,
    const char *file, const struct fingerprint *print, const char **typed,
    struct fault *f);

/* The option alone, NULL without it; where the card is not at hand. */
NEED int person_typed(const struct cli *c, const char **typed, struct fault *f);

/* At a terminal the name must be typed to go on; elsewhere --yes is needed. */
NEED int person_agrees(const struct cli *c, const char *name, struct fault *f);

#endif
