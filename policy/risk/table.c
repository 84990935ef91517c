/*
 * Rows, held by column: a code of four bytes for each value, the row's number,
 * and who it is about.
 *
 * A row is there whole or not at all: codes are written behind the end of each
 * column, and the end moves when the last one is written.  (A dictionary may
 * keep a value of a row that failed; it then counts in no figure but the
 * number of values of a quasi-identifier without a hierarchy.)
 */

#include <string.h>

#include "keys/base/mem.h"
#include "policy/risk/risk_internal.h"

static int
add_columns(struct risk_table *t, const struct risk_column *columns, size_t n,
    struct fault *f)
{
	if ((t->columns = mem_array(n, sizeof(*t->columns))) == NULL)
		return fault_memory(f);
	for (size_t i = 0; i < n; i++) {
		struct risk_coded *c = &t->columns[i];

		t->ncolumns = i + 1;
		risk_dict_init(&c->dict, &t->budget);
		c->distance = columns[i].distance;
		c->name = mem_text(columns[i].name, strlen(columns[i].name));
		if (c->name == NULL)
			return fault_memory(f);
		if (columns[i].role == RISK_QUASI) {
			if (t->nquasi == RISK_QUASI_MAX)
				return fault_set(f, FAULT_USAGE,
				    "more than %u quasi-identifiers",
				    RISK_QUASI_MAX);
			t->quasi[t->nquasi++] = i;
		} else {
			if (t->nsensitive == RISK_SENSITIVE_MAX)
				return fault_set(f, FAULT_USAGE,
				    "more than %u sensitive columns",
				    RISK_SENSITIVE_MAX);
			t->sensitive[t->nsensitive++] = i;
		}
	}
	if (t->nquasi == 0)
		return fault_set(f, FAULT_USAGE, "no quasi-identifier");
	return 0;
}

int
risk_table_new(struct risk_table **out, const struct risk_column *columns,
    size_t n, bool subjects, size_t memory_max, struct fault *f)
{
	struct risk_table *t;
	int rc = -1;

	*out = NULL;
	if ((t = mem_new(sizeof(*t))) == NULL)
		return fault_memory(f);
	t->budget.max = memory_max > 0 ? memory_max : RISK_MEMORY_DEFAULT;
	t->subjects = subjects;
	risk_dict_init(&t->people, &t->budget);
	if (add_columns(t, columns, n, f) != 0)
		goto out;
	*out = t;
	t = NULL; /* the caller's from here */
	rc = 0;
out:
	risk_table_free(t);
	return rc;
}

void
risk_table_free(struct risk_table *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->ncolumns; i++) {
		mem_free(t->columns[i].name);
		risk_dict_free(&t->columns[i].dict);
		mem_free(t->columns[i].rows);
		mem_free(t->columns[i].population);
	}
	mem_free(t->columns);
	mem_free(t->numbers);
	risk_dict_free(&t->people);
	mem_free(t->person);
	mem_free(t->counts);
	mem_free(t);
}

/* Who the row is about, behind the last. */
static int
add_person(struct risk_table *t, const struct slice *subject, struct fault *f)
{
	static const struct slice nobody = { (const uint8_t *)"", 0 };

	if (!t->subjects)
		return 0;
	if (subject == NULL)
		subject = &nobody;
	if (risk_grow(&t->budget, &t->person, &t->person_room, t->n + 1,
		sizeof(*t->person), f) != 0 ||
	    risk_dict_add(&t->people, subject->at, subject->len,
		&t->person[t->n], f) != 0)
		return fault_at(f, "subject");
	return 0;
}

int
risk_table_add(struct risk_table *t, uint64_t row, const struct slice *subject,
    const struct slice *values, struct fault *f)
{
	must(!t->sealed);
	if (t->n == RISK_ROWS_MAX)
		return fault_set(
		    f, FAULT_INPUT, "more than %u rows", RISK_ROWS_MAX);
	if (risk_grow(&t->budget, &t->numbers, &t->numbers_room, t->n + 1,
		sizeof(*t->numbers), f) != 0 ||
	    add_person(t, subject, f) != 0)
		return -1;
	for (size_t i = 0; i < t->ncolumns; i++) {
		struct risk_coded *c = &t->columns[i];

		if (risk_grow(&t->budget, &c->rows, &c->room, t->n + 1,
			sizeof(*c->rows), f) != 0 ||
		    risk_dict_add(&c->dict, values[i].at, values[i].len,
			&c->rows[t->n], f) != 0)
			return fault_at(f, "column \"%s\"", c->name);
	}
	t->numbers[t->n++] = row;
	return 0;
}

int
risk_table_add_population(struct risk_table *t, uint64_t count,
    const struct slice *values, struct fault *f)
{
	size_t at = t->npopulation;

	must(!t->sealed);
	if (at == RISK_ROWS_MAX)
		return fault_set(f, FAULT_INPUT,
		    "more than %u lines of population", RISK_ROWS_MAX);
	if (risk_grow(&t->budget, &t->counts, &t->counts_room, at + 1,
		sizeof(*t->counts), f) != 0)
		return -1;
	for (size_t i = 0; i < t->nquasi; i++) {
		struct risk_coded *c = &t->columns[t->quasi[i]];

		if (risk_grow(&t->budget, &c->population, &c->population_room,
			at + 1, sizeof(*c->population), f) != 0 ||
		    risk_dict_add(&c->dict, values[i].at, values[i].len,
			&c->population[at], f) != 0)
			return fault_at(f, "column \"%s\"", c->name);
	}
	t->counts[at] = count;
	t->npopulation++;
	return 0;
}

size_t
risk_table_rows(const struct risk_table *t)
{
	return t->n;
}

size_t
risk_table_values(const struct risk_table *t, size_t column)
{
	must(column < t->ncolumns);
	return t->columns[column].dict.count;
}

struct slice
risk_table_value(const struct risk_table *t, size_t column, size_t value)
{
	must(column < t->ncolumns && value < t->columns[column].dict.count);
	return risk_dict_at(&t->columns[column].dict, (uint32_t)value);
}

size_t
risk_table_bytes(const struct risk_table *t)
{
	return t->budget.used;
}
