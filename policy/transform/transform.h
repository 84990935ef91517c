#ifndef POLICY_TRANSFORM_TRANSFORM_H
#define POLICY_TRANSFORM_TRANSFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/base/bytes.h"
#include "keys/base/fault.h"
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
	TRANSFORM_CONSTANT
};

enum transform_grain { GRAIN_YEAR = 0, GRAIN_MONTH };

/* How dates such as 03/04/1980 are to be read. */
enum transform_order { ORDER_EITHER = 0, ORDER_DMY, ORDER_MDY };

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

struct transform {
	enum transform_action action;
	uint32_t line;	/* of the rule, in the policy; for messages */
	uint32_t first; /* mask: kept at the start; truncate: kept */
	uint32_t last;	/* mask: kept at the end */
	uint32_t fill;	/* mask: the character written instead */
	uint32_t fills; /* mask: how many of it; 0: one per character */
	enum transform_grain grain;
	enum transform_order order;
	char *domain;	       /* token: the field domain's name; owned */
	char *text;	       /* constant; owned */
	struct decimal *edges; /* bins: rising; width: one; owned */
	size_t nedges;
};

struct token_key;

/*
 * Append what stands for value to out.  key is the field key of t->domain for
 * a token and may be NULL for any other action.
 * FAULT_INPUT when the value cannot be read as t needs it (malformed UTF-8, no
 * date, no number) or out is full; FAULT_POLICY for TRANSFORM_REFUSE;
 * FAULT_SYSTEM for memory.  A failed call leaves out as it was.  The fault
 * names no place: the caller adds row and column.
 */
NEED int transform_apply(const struct transform *t, const struct token_key *key,
    const void *value, size_t len, struct bytes *out, struct fault *f);

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
