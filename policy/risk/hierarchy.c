/*
 * Generalisation hierarchies, as lines of CSV: a value, and what it becomes at
 * each level.
 *
 *     47677;4767*;476**;*
 *     47602;4760*;476**;*
 *
 * Level l + 1 must follow from level l, for classes at a level must be unions
 * of classes at the one below: every proof in search.c rests on it.  So one
 * label per label is kept, and a line that says otherwise is refused.
 *
 * Not here: making hierarchies out of numbers or dates; that is
 * policy/transform.
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/risk/risk_internal.h"

struct lines {
	const uint8_t *at;
	const uint8_t *end;
	char delimiter;
	struct bytes field;
};

enum after { AFTER_FIELD, AFTER_LINE };

/* A quoted field behind its first quote, up to and with its last. */
static int
take_quoted(struct lines *in, struct fault *f)
{
	for (;;) {
		const uint8_t *q =
		    in->at < in->end
			? memchr(in->at, '"', (size_t)(in->end - in->at))
			: NULL;

		if (q == NULL)
			return fault_set(
			    f, FAULT_INPUT, "a quote is not closed");
		if (bytes_add(&in->field, in->at, (size_t)(q - in->at), f) != 0)
			return -1;
		in->at = q + 1;
		if (in->at == in->end || *in->at != '"')
			return 0;
		in->at++;
		if (bytes_add(&in->field, "\"", 1, f) != 0)
			return -1;
	}
}

/* A field into in->field, and what ended it. */
static int
take_field(struct lines *in, enum after *after, struct fault *f)
{
	bytes_reset(&in->field);
	if (in->at < in->end && *in->at == '"') {
		in->at++;
		if (take_quoted(in, f) != 0)
			return -1;
	} else {
		const uint8_t *from = in->at;

		while (in->at < in->end && *in->at != '"' && *in->at != '\r' &&
		       *in->at != '\n' && *in->at != (uint8_t)in->delimiter)
			in->at++;
		if (bytes_add(&in->field, from, (size_t)(in->at - from), f) !=
		    0)
			return -1;
	}
	*after = AFTER_LINE;
	if (in->at == in->end)
		return 0;
	if (*in->at == (uint8_t)in->delimiter) {
		in->at++;
		*after = AFTER_FIELD;
		return 0;
	}
	if (*in->at == '\r' && in->at + 1 < in->end && in->at[1] == '\n')
		in->at++;
	if (*in->at++ == '\n')
		return 0;
	return fault_set(
	    f, FAULT_INPUT, "a quote or a carriage return inside a field");
}

/* The label of value at the level above what is read so far. */
static int
add_label(struct risk_hierarchy *h, uint32_t value, unsigned level,
    const struct bytes *label, struct fault *f)
{
	struct risk_step *s = &h->steps[level - 1];
	uint32_t code;

	if (risk_dict_add(&s->labels, label->at, label->len, &code, f) != 0 ||
	    risk_grow(&h->budget, &s->label, &s->room, (size_t)value + 1,
		sizeof(*s->label), f) != 0)
		return fault_at(f, "level %u", level);
	s->label[value] = code;
	return 0;
}

/* The first line says how many levels there are. */
static int
another_level(struct risk_hierarchy *h, struct fault *f)
{
	if (h->nsteps == RISK_LEVELS_MAX - 1)
		return fault_set(
		    f, FAULT_INPUT, "more than %u levels", RISK_LEVELS_MAX - 1);
	risk_dict_init(&h->steps[h->nsteps++].labels, &h->budget);
	return 0;
}

static int
take_line(struct risk_hierarchy *h, struct lines *in, struct fault *f)
{
	uint32_t value;
	enum after after;
	unsigned level = 0;

	if (take_field(in, &after, f) != 0)
		return -1;
	if (h->values.count == RISK_LINES_MAX)
		return fault_set(
		    f, FAULT_INPUT, "more than %u records", RISK_LINES_MAX);
	if (risk_dict_find(&h->values, in->field.at, in->field.len) !=
	    RISK_NONE)
		return fault_set(f, FAULT_INPUT, "a value that came before");
	if (risk_dict_add(&h->values, in->field.at, in->field.len, &value, f) !=
	    0)
		return -1;
	while (after == AFTER_FIELD) {
		if (take_field(in, &after, f) != 0)
			return -1;
		if (++level > h->nsteps && value == 0 &&
		    another_level(h, f) != 0)
			return -1;
		if (level > h->nsteps)
			break;
		if (add_label(h, value, level, &in->field, f) != 0)
			return -1;
	}
	if (level == 0)
		return fault_set(f, FAULT_INPUT, "no level behind the value");
	if (level != h->nsteps)
		return fault_set(f, FAULT_INPUT,
		    "not the %u levels of the first record", h->nsteps);
	return 0;
}

/* Does every level follow from the one below? */
static int
check_levels(const struct risk_hierarchy *h, struct fault *f)
{
	const struct risk_step *top = &h->steps[h->nsteps - 1];
	uint32_t *line;

	if (top->labels.count != 1)
		return fault_set(f, FAULT_INPUT,
		    "the last level has %zu labels, not one",
		    top->labels.count);
	if ((line = mem_array(h->values.count, sizeof(*line))) == NULL)
		return fault_memory(f);
	for (unsigned l = 1; l < h->nsteps; l++) {
		const struct risk_step *below = &h->steps[l - 1];
		const struct risk_step *above = &h->steps[l];

		/* the first value that has each label of the level below */
		for (uint32_t v = (uint32_t)h->values.count; v-- > 0;)
			line[below->label[v]] = v;
		for (uint32_t v = 0; v < h->values.count; v++) {
			uint32_t first = line[below->label[v]];

			if (above->label[v] == above->label[first])
				continue;
			mem_free(line);
			return fault_set(f, FAULT_INPUT,
			    "level %u parts what level %u puts together", l + 1,
			    l);
		}
	}
	mem_free(line);
	return 0;
}

static int
read_lines(struct risk_hierarchy *h, struct lines *in, struct fault *f)
{
	if (in->end - in->at >= 3 && memcmp(in->at, "\xef\xbb\xbf", 3) == 0)
		in->at += 3;
	if (in->at == in->end)
		return fault_set(f, FAULT_INPUT, "empty");
	for (size_t record = 1; in->at < in->end; record++)
		if (take_line(h, in, f) != 0)
			return fault_at(f, "record %zu", record);
	return check_levels(h, f);
}

int
risk_hierarchy_read(struct risk_hierarchy **out, const char *what,
    const struct slice *text, char delimiter, struct fault *f)
{
	struct lines in = { .at = text->at,
		.end = text->at + text->len,
		.delimiter = delimiter };
	struct risk_hierarchy *h;
	int rc = -1;

	*out = NULL;
	must(delimiter != '"' && delimiter != '\r' && delimiter != '\n');
	if ((h = mem_new(sizeof(*h))) == NULL)
		return fault_memory(f);
	bytes_init(&in.field, RISK_VALUE_MAX);
	h->budget.max = RISK_MEMORY_DEFAULT;
	risk_dict_init(&h->values, &h->budget);
	h->steps = mem_array(RISK_LEVELS_MAX, sizeof(*h->steps));
	if (h->steps == NULL) {
		(void)fault_memory(f);
		goto out;
	}
	if (read_lines(h, &in, f) != 0) {
		(void)fault_at(f, "%s", what);
		goto out;
	}
	*out = h;
	h = NULL; /* the caller's from here */
	rc = 0;
out:
	bytes_free(&in.field);
	risk_hierarchy_free(h);
	return rc;
}

void
risk_hierarchy_free(struct risk_hierarchy *h)
{
	if (h == NULL)
		return;
	for (unsigned i = 0; i < h->nsteps; i++) {
		risk_dict_free(&h->steps[i].labels);
		mem_free(h->steps[i].label);
	}
	mem_free(h->steps);
	risk_dict_free(&h->values);
	mem_free(h);
}

unsigned
risk_hierarchy_levels(const struct risk_hierarchy *h)
{
	return h->nsteps;
}

size_t
risk_hierarchy_values(const struct risk_hierarchy *h)
{
	return h->values.count;
}

bool
risk_hierarchy_at(const struct risk_hierarchy *h, const void *value, size_t len,
    unsigned level, struct slice *out)
{
	uint32_t v = risk_dict_find(&h->values, value, len);

	must(level <= h->nsteps);
	if (v == RISK_NONE)
		return false;
	if (level == 0)
		*out = risk_dict_at(&h->values, v);
	else
		*out = risk_dict_at(
		    &h->steps[level - 1].labels, h->steps[level - 1].label[v]);
	return true;
}
