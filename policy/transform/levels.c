/*
 * Values to the labels of a hierarchy's level, from lines of CSV: a value, and
 * what it becomes at level 1, 2 ...
 *
 *     K35,K35-K38,K00-K93
 *     "K36","K35-K38","K00-K93"
 *
 * Of a file only the level that is used is held, sorted by value, and shared
 * by all copies of a transform.  A value that is not in it is refused: whoever
 * wrote the hierarchy has not decided about it.
 */

#include <stdlib.h>
#include <string.h>

#include "keys/base/mem.h"
#include "keys/base/text.h"
#include "policy/transform/transform_internal.h"

struct level_row {
	uint32_t value, value_len; /* offsets into text */
	uint32_t label, label_len;
};

struct levels {
	size_t copies; /* transforms that hold it */
	struct level_row *rows;
	size_t n, room;
	struct bytes text;
};

static struct slice
part(const struct levels *l, uint32_t at, uint32_t len)
{
	return (struct slice){ l->text.at + at, len };
}

static int
compare(const struct slice *a, const struct slice *b)
{
	size_t least = a->len < b->len ? a->len : b->len;
	int c = least > 0 ? memcmp(a->at, b->at, least) : 0;

	return c != 0 ? c : a->len < b->len ? -1 : a->len > b->len;
}

static int
by_value(const void *x, const void *y, void *arg)
{
	const struct level_row *a = x, *b = y;
	const struct slice p = part(arg, a->value, a->value_len);
	const struct slice q = part(arg, b->value, b->value_len);

	return compare(&p, &q);
}

static struct levels *
levels_new(void)
{
	struct levels *l = mem_new(sizeof(*l));

	if (l != NULL) {
		l->copies = 1;
		bytes_init(&l->text, TRANSFORM_LEVELS_BYTES);
	}
	return l;
}

void
levels_drop(struct levels *l)
{
	if (l == NULL || --l->copies > 0)
		return;
	mem_free(l->rows);
	bytes_free(&l->text);
	mem_free(l);
}

struct levels *
levels_share(struct levels *l)
{
	if (l != NULL)
		l->copies++;
	return l;
}

/* A row; its texts are in l->text already. */
static int
add_row(struct levels *l, const struct level_row *row, struct fault *f)
{
	if (l->n == TRANSFORM_LEVELS_ROWS)
		return fault_set(f, FAULT_INPUT, "more than %u values",
		    TRANSFORM_LEVELS_ROWS);
	if (l->n == l->room) {
		size_t room = l->room == 0 ? 256 : 2 * l->room;
		void *grown = mem_resize(l->rows, room * sizeof(*l->rows));

		if (grown == NULL)
			return fault_memory(f);
		l->rows = grown;
		l->room = room;
	}
	l->rows[l->n++] = *row;
	return 0;
}

/* -- CSV ----------------------------------------------------------------- */

struct lines {
	const uint8_t *at, *end;
	char delimiter;
	size_t number;
};

/* One field, appended to out; *last when its line ends behind it. */
static int
take_field(struct lines *in, struct bytes *out, bool *last, struct fault *f)
{
	bool quoted = in->at < in->end && *in->at == '"';

	in->at += quoted;
	for (;; in->at++) {
		if (in->at == in->end) {
			if (quoted)
				return fault_set(
				    f, FAULT_INPUT, "a quote is not closed");
			break;
		}
		if (quoted && *in->at == '"') {
			if (++in->at == in->end || *in->at != '"')
				break;
		} else if (!quoted && (*in->at == (uint8_t)in->delimiter ||
					  *in->at == '\n' || *in->at == '\r'))
			break;
		else if (!quoted && *in->at == '"')
			return fault_set(f, FAULT_INPUT, "a quote in a field");
		if (bytes_add(out, in->at, 1, f) != 0)
			return -1;
	}
	*last = true;
	if (in->at == in->end)
		return 0;
	if (*in->at == (uint8_t)in->delimiter) {
		in->at++;
		*last = false;
		return 0;
	}
	if (*in->at == '\r' && in->at + 1 < in->end && in->at[1] == '\n')
		in->at++;
	if (*in->at != '\n')
		return fault_set(
		    f, FAULT_INPUT, "text behind a quoted field, or a CR");
	in->at++;
	return 0;
}

/* A line: its first field, and that of the level. */
static int
take_line(struct lines *in, uint32_t level, struct levels *l, struct fault *f)
{
	struct level_row row = { .value = (uint32_t)l->text.len };
	bool last = false;

	for (uint32_t i = 0; !last; i++) {
		size_t from = l->text.len;

		if (take_field(in, &l->text, &last, f) != 0)
			return -1;
		if (i == 0)
			row.value_len = (uint32_t)(l->text.len - from);
		else if (i == level) {
			row.label = (uint32_t)from;
			row.label_len = (uint32_t)(l->text.len - from);
		} else
			l->text.len = from;
		if (last && i < level)
			return fault_set(f, FAULT_INPUT,
			    "has %u levels, and level %u is asked", i, level);
	}
	if (row.value_len == 0)
		return fault_set(f, FAULT_INPUT, "an empty value");
	return add_row(l, &row, f);
}

static int
take_lines(struct lines *in, uint32_t level, struct levels *l, struct fault *f)
{
	const uint8_t *p = in->at;

	while (p < in->end && *p != ',' && *p != ';' && *p != '\n')
		p++;
	in->delimiter = p < in->end && *p == ';' ? ';' : ',';
	while (in->at < in->end) {
		in->number++;
		if (take_line(in, level, l, f) != 0)
			return fault_at(f, "line %zu", in->number);
	}
	return 0;
}

int
transform_levels_read(
    struct transform *t, const void *p, size_t len, struct fault *f)
{
	struct lines in = { .at = p, .end = (const uint8_t *)p + len };
	struct levels *l;

	must(t->action == TRANSFORM_LEVEL && t->levels == NULL);
	if (len > TRANSFORM_LEVELS_BYTES)
		return fault_set(f, FAULT_INPUT, "more than %u bytes",
		    TRANSFORM_LEVELS_BYTES);
	if (!utf8_valid(p, len) || memchr(p, 0, len) != NULL)
		return fault_set(f, FAULT_INPUT, "not UTF-8 text");
	if ((l = levels_new()) == NULL)
		return fault_memory(f);
	if (take_lines(&in, t->first, l, f) != 0)
		goto out;
	if (l->n == 0) {
		(void)fault_set(f, FAULT_INPUT, "has no values");
		goto out;
	}
	qsort_r(l->rows, l->n, sizeof(*l->rows), by_value, l);
	for (size_t i = 1; i < l->n; i++)
		if (by_value(&l->rows[i - 1], &l->rows[i], l) == 0) {
			(void)fault_set(
			    f, FAULT_INPUT, "a value is there twice");
			goto out;
		}
	t->levels = l;
	return 0;
out:
	levels_drop(l);
	return -1;
}

/* -- Use, and travel ----------------------------------------------------- */

int
generalise_level(const struct transform *t, const uint8_t *value, size_t len,
    struct bytes *out, struct fault *f)
{
	const struct slice want = { value, len };
	const struct levels *l = t->levels;
	size_t low = 0, high = l == NULL ? 0 : l->n;

	if (l == NULL)
		return fault_set(
		    f, FAULT_POLICY, "its hierarchy has not been read");
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct level_row *r = &l->rows[middle];
		const struct slice have = part(l, r->value, r->value_len);
		int c = compare(&have, &want);

		if (c == 0)
			return bytes_add(
			    out, l->text.at + r->label, r->label_len, f);
		if (c < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return fault_set(
	    f, FAULT_INPUT, "a value that is not in the hierarchy");
}

int
levels_put(struct bytes *b, const struct levels *l, struct fault *f)
{
	if (put_u32(b, (uint32_t)l->n, f) != 0)
		return -1;
	for (size_t i = 0; i < l->n; i++) {
		const struct level_row *r = &l->rows[i];

		if (put_slice(b, l->text.at + r->value, r->value_len, f) != 0 ||
		    put_slice(b, l->text.at + r->label, r->label_len, f) != 0)
			return -1;
	}
	return 0;
}

static int
take_row(struct reader *r, struct levels *l, struct fault *f)
{
	struct level_row row = { .value = (uint32_t)l->text.len };
	struct slice value, label;

	if (take_slice(r, TRANSFORM_LEVELS_BYTES, &value, f) != 0 ||
	    take_slice(r, TRANSFORM_LEVELS_BYTES, &label, f) != 0)
		return -1;
	row.value_len = (uint32_t)value.len;
	row.label = row.value + row.value_len;
	row.label_len = (uint32_t)label.len;
	if (bytes_add(&l->text, value.at, value.len, f) != 0 ||
	    bytes_add(&l->text, label.at, label.len, f) != 0 ||
	    add_row(l, &row, f) != 0)
		return -1;
	if (value.len == 0 || (l->n > 1 && by_value(&l->rows[l->n - 2],
					       &l->rows[l->n - 1], l) >= 0))
		return fault_set(f, FAULT_INPUT, "plan has a broken hierarchy");
	return 0;
}

int
levels_take(struct reader *r, struct levels **out, struct fault *f)
{
	struct levels *l;
	uint32_t n;

	if (take_u32(r, &n, f) != 0)
		return -1;
	if (n == 0)
		return fault_set(f, FAULT_INPUT, "plan has a broken hierarchy");
	if ((l = levels_new()) == NULL)
		return fault_memory(f);
	for (uint32_t i = 0; i < n; i++)
		if (take_row(r, l, f) != 0) {
			levels_drop(l);
			return -1;
		}
	*out = l;
	return 0;
}
